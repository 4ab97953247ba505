package voice

// Speech is made faster or slower at its own pitch by waveform similarity
// overlap-add (W. Verhelst and M. Roelands, ICASSP 1993): pieces of 15 ms are laid
// closer together or further apart, each taken where the sound best goes on from
// the one before. The Go packages that do this (ports of Sonic, go-tsm) have not
// been kept for years; it is less code than their interface.

const (
	hop    = rate * 15 / 1000 // the pieces, in samples
	search = rate * 10 / 1000 // how far a piece may be moved: a period of the deepest voice, 50 Hz
	coarse = 8                // samples left out in the first search
)

// The range of the speech's speed, in per cent.
const (
	slowest = 50
	fastest = 200
)

// stretch is pcm at a speed of percent, 50 to 200, at the same pitch. At 100 it is
// pcm itself.
func stretch(pcm []int16, percent int) []int16 {
	percent = min(max(percent, slowest), fastest)
	if percent == 100 || len(pcm) < 4*hop {
		return pcm
	}
	// With silence around, every piece lies inside.
	in := make([]int16, len(pcm)+2*search+4*hop)
	copy(in[search:], pcm)
	out := make([]int16, len(pcm)*100/percent)
	next := 0 // where the piece before would go on
	for at := 0; at < len(out); at += hop {
		// The piece that belongs here begins at search in the sound without padding.
		here := search + min(at*percent/100, len(pcm))
		if at == 0 {
			next = here
		}
		here = alike(in, next, here)
		for i := range min(hop, len(out)-at) {
			// Between two samples lies no value beyond them: nothing clips.
			out[at+i] = int16((int(in[next+i])*(hop-i) + int(in[here+i])*i) / hop)
		}
		next = here + hop
	}
	return out
}

// alike is where, at most search from here, the sound is most like that at next.
func alike(in []int16, next, here int) int {
	best, least := here, differ(in, next, here, coarse, 1<<62)
	try := func(at, step int) {
		if d := differ(in, next, at, step, least); d < least {
			best, least = at, d
		}
	}
	for d := coarse; d <= search; d += coarse { // the nearest of equals wins: silence stays where it is
		try(here-d, coarse)
		try(here+d, coarse)
	}
	if best == here && least == 0 {
		return here
	}
	middle := best
	least = differ(in, next, best, 2, 1<<62)
	for d := 1; d < coarse; d++ {
		if middle-d >= here-search {
			try(middle-d, 2)
		}
		if middle+d <= here+search {
			try(middle+d, 2)
		}
	}
	return best
}

// differ is how much the sound at a and at b differ, each step samples; a sum
// beyond limit is not taken to its end.
func differ(in []int16, a, b, step, limit int) int {
	x, y, sum := in[a:a+hop], in[b:b+hop], 0
	for i := 0; i < hop; i += step {
		d := int(x[i]) - int(y[i])
		sum += max(d, -d)
		if sum >= limit {
			break
		}
	}
	return sum
}
