package voice

import "math"

// reach is how many samples of the source lie in the window on each side of a
// sample of the result.
const reach = 16

// resample brings sound from one rate to another that is not lower, by a windowed
// sinc: what the source holds below 0.45 of its rate stays within 0.1 dB, what a
// resampler adds above it lies 60 dB below.
func resample(in []float32, from, to int) []int16 {
	g := gcd(from, to)
	phases, step := to/g, from/g
	// kernel[p] weighs the samples around a point that lies p/phases after one of them.
	kernel := make([][2 * reach]float32, phases)
	for p := range kernel {
		var sum float64
		var w [2 * reach]float64
		for i := range w {
			x := float64(i-reach+1) - float64(p)/float64(phases)
			w[i] = sinc(x) * hann(x/reach)
			sum += w[i]
		}
		for i := range w {
			kernel[p][i] = float32(w[i] / sum)
		}
	}
	out := make([]int16, int64(len(in))*int64(to)/int64(from))
	for i := range out {
		at := i * step
		first, k := at/phases-reach+1, &kernel[at%phases]
		var sum float32
		for j := max(0, -first); j < len(k) && first+j < len(in); j++ {
			sum += in[first+j] * k[j]
		}
		out[i] = int16(min(max(math.Round(float64(sum)*32767), -32768), 32767))
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// hann is a raised cosine over -1 to 1.
func hann(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return 0.5 + 0.5*math.Cos(math.Pi*x)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// floats is sound between -1 and 1.
func floats(pcm []int16) []float32 {
	out := make([]float32, len(pcm))
	for i, s := range pcm {
		out[i] = float32(s) / 32768
	}
	return out
}

// lower is sound at 48 kHz brought to phoneRate, a third of it: what lies above
// half of that is taken out before, or it would come back as another pitch.
func lower(in []int16) []int16 {
	const (
		step = rate / phoneRate
		wide = 24 // samples on each side
		cut  = 0.29
	)
	var kernel [2*wide + 1]float32
	var sum float32
	for i := range kernel {
		x := float64(i - wide)
		kernel[i] = float32(sinc(x*cut) * hann(x/(wide+1)))
		sum += kernel[i]
	}
	out := make([]int16, len(in)/step)
	for i := range out {
		var acc float32
		for j := max(0, wide-i*step); j < len(kernel) && i*step+j-wide < len(in); j++ {
			acc += kernel[j] * float32(in[i*step+j-wide])
		}
		out[i] = int16(min(max(math.Round(float64(acc/sum)), -32768), 32767))
	}
	return out
}
