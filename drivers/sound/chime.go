package sound

import (
	"math"
	"time"
)

// The chime before a call: two soft tones that fall, like a door bell.
const (
	ChimeFirst  = 784.0 // Hz, G5
	ChimeSecond = 659.3 // Hz, E5, a minor third below
	// ChimeStep is when the second begins.
	ChimeStep = 400 * time.Millisecond
	// ChimeLength is that of drivers.Sound.Length.
	ChimeLength = 1200 * time.Millisecond

	chimePeak = 8000 // of 32767 for each tone: -12 dBFS, an RMS like that of speech
)

// frames is how many frames a time has.
func frames(d time.Duration) int { return int(d * rate / time.Second) }

// chime is the sound of the chime, at full volume.
func chime() []int16 {
	out := make([]int16, frames(ChimeLength))
	add := func(from int, pitch float64) {
		length := len(out) - from
		for i := range length {
			t := float64(i) / rate
			// A quick rise, a decay like that of a struck bar, and the end at silence.
			shape := min(1, t/0.006, float64(length-1-i)/rate/0.02) * math.Exp(-t/0.28)
			wave := math.Sin(2*math.Pi*pitch*t) + 0.12*math.Sin(4*math.Pi*pitch*t)
			out[from+i] += int16(chimePeak * shape * wave)
		}
	}
	add(0, ChimeFirst)
	add(frames(ChimeStep), ChimeSecond)
	return out
}
