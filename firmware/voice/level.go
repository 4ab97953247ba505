package voice

import "math"

// What is rendered or recorded is brought to one loudness, so that a clip fits the
// next and a person's recording neither whispers nor shouts.
const (
	loudness = -20 // dBFS, the RMS of a clip where it sounds
	ceiling  = -6  // dBFS, its peak: the codec adds some, and 3 dB stay free
)

// trim cuts the edges where there is nothing but breath, and rounds them off.
func trim(pcm []int16, rate int) []int16 {
	window := rate / 200
	quiet := max(top(pcm)*0.012, 40)
	first, last := 0, len(pcm)
	for first+window <= last && top(pcm[first:first+window]) < quiet {
		first += window
	}
	for last-window > first && top(pcm[last-window:last]) < quiet {
		last -= window
	}
	first, last = max(0, first-2*window), min(len(pcm), last+4*window)
	out := append([]int16(nil), pcm[first:last]...)
	soften(out, rate)
	return out
}

// soften rounds the edges of a clip off, in place: whatever the codec smeared over
// them, nothing clicks.
func soften(pcm []int16, rate int) {
	up, down := min(rate*5/1000, len(pcm)), min(rate*15/1000, len(pcm))
	for i := range up {
		pcm[i] = int16(float64(pcm[i]) * hann(1-float64(i)/float64(up)))
	}
	for i := range down {
		j := len(pcm) - 1 - i
		pcm[j] = int16(float64(pcm[j]) * hann(1-float64(i)/float64(down)))
	}
}

// level brings a clip to the loudness of all, in place.
func level(pcm []int16, rate int) {
	window := rate / 50
	peak := top(pcm)
	var sum float64
	var n int
	for at := 0; at < len(pcm); at += window {
		part := pcm[at:min(at+window, len(pcm))]
		if top(part) < peak/30 { // a pause
			continue
		}
		for _, s := range part {
			sum += float64(s) * float64(s)
		}
		n += len(part)
	}
	if n == 0 || sum == 0 {
		return
	}
	gain := 32768 * math.Pow(10, loudness/20.0) / math.Sqrt(sum/float64(n))
	gain = min(gain, 32768*math.Pow(10, ceiling/20.0)/peak)
	for i, s := range pcm {
		pcm[i] = int16(math.Round(float64(s) * gain))
	}
}

// top is the largest sample, without its sign.
func top(pcm []int16) float64 {
	var most float64
	for _, s := range pcm {
		most = max(most, math.Abs(float64(s)))
	}
	return most
}
