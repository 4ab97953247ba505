package voice

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// sine is a tone at a part of full scale.
func sine(pitch, part float64, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(math.Round(part * 32767 * math.Sin(2*math.Pi*pitch*float64(i)/rate)))
	}
	return out
}

// pitchOf is the pitch of a tone: its passages upwards through nothing, away from
// the edges.
func pitchOf(pcm []int16) float64 {
	first, last, n := -1, 0, -1
	for i := len(pcm)/10 + 1; i < len(pcm)*9/10; i++ {
		if pcm[i-1] < 0 && pcm[i] >= 0 {
			if first < 0 {
				first = i
			}
			last = i
			n++
		}
	}
	return float64(n) * rate / float64(last-first)
}

func TestStretchKeepsThePitch(t *testing.T) {
	for percent := slowest; percent <= fastest; percent += 25 {
		for _, pitch := range []float64{85, 123, 210, 440, 997, 3100} {
			got := stretch(sine(pitch, 1, 2*rate), percent)
			if want := 2 * rate * 100 / percent; len(got) < want*95/100 || len(got) > want*105/100 {
				t.Errorf("2 s at %d %% have %d samples; want %d", percent, len(got), want)
			}
			if p := pitchOf(got); math.Abs(p-pitch) > pitch*0.02 {
				t.Errorf("%.0f Hz at %d %% is %.1f Hz", pitch, percent, p)
			}
			// As loud as before, and no step that a tone has not.
			if r := rms(got[rate/10 : len(got)-rate/10]); math.Abs(r+3) > 1.5 {
				t.Errorf("%.0f Hz at %d %% has an RMS of %.1f dBFS; want -3", pitch, percent, r)
			}
		}
	}
}

func TestStretch(t *testing.T) {
	speech := sine(180, 0.3, rate)
	if got := stretch(speech, 100); &got[0] != &speech[0] {
		t.Error("at 100 % the sound is made anew; want it as it is")
	}
	for percent, want := range map[int]int{0: 2 * rate, -5: 2 * rate, 49: 2 * rate, 201: rate / 2, 1 << 30: rate / 2} {
		if got := len(stretch(speech, percent)); got != want {
			t.Errorf("1 s at %d %% has %d samples; want %d", percent, got, want)
		}
	}
	for _, n := range []int{0, 1, hop, 4*hop - 1} {
		if got := len(stretch(make([]int16, n), 200)); got != n {
			t.Errorf("%d samples become %d; want so few left as they are", n, got)
		}
	}
	for _, percent := range []int{50, 75, 150, 200} {
		if i := slices.IndexFunc(stretch(make([]int16, rate), percent), func(s int16) bool { return s != 0 }); i >= 0 {
			t.Errorf("silence at %d %% sounds at sample %d", percent, i)
		}
		// A word between two silences stays in its place.
		word := slices.Concat(make([]int16, rate/2), sine(200, 0.5, rate/2), make([]int16, rate/2))
		got := stretch(word, percent)
		for i, s := range got {
			at := i * percent / 100
			if s != 0 && (at < rate/2-rate/20 || at > rate+rate/20) {
				t.Errorf("at %d %% the word is heard at sample %d of the original; want it between %d and %d", percent, at, rate/2, rate)
				break
			}
		}
	}
}

// Real speech: every clip's loudness survives.
func TestStretchOfSpeech(t *testing.T) {
	c := french(t)
	for i, name := range inOrder(c) {
		if i%60 != 0 {
			continue
		}
		pcm, err := c.pcm(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, percent := range []int{50, 75, 125, 150, 200} {
			got := stretch(pcm, percent)
			if want := len(pcm) * 100 / percent; len(got) != want {
				t.Errorf("clip %q at %d %% has %d samples; want %d", name, percent, len(got), want)
			}
			if top(got) > top(pcm) {
				t.Errorf("clip %q at %d %% has its peak at %.0f; want at most %.0f", name, percent, top(got), top(pcm))
			}
			if d := rms(got) - rms(pcm); math.Abs(d) > 2 {
				t.Errorf("clip %q at %d %% is %.1f dB louder", name, percent, d)
			}
		}
	}
}

func FuzzStretch(f *testing.F) {
	f.Add([]byte{0xff, 0x7f, 0x80}, 20000, 50)
	f.Add([]byte{1, 2, 3}, 6000, 150)
	f.Fuzz(func(t *testing.T, seed []byte, n, percent int) {
		pcm := make([]int16, min(max(n, 0), 20000))
		for i := range pcm {
			if len(seed) > 0 {
				pcm[i] = int16(int(seed[i%len(seed)])<<8 | i&0xff)
			}
		}
		got := stretch(pcm, percent)
		if len(pcm) >= 4*hop && len(got) != len(pcm)*100/min(max(percent, slowest), fastest) {
			t.Errorf("%d samples at %d %% become %d", len(pcm), percent, len(got))
		}
		if top(got) > top(pcm) {
			t.Errorf("a peak of %.0f becomes %.0f", top(pcm), top(got))
		}
	})
}

// What a prompt of ten seconds costs at another speed.
func BenchmarkStretch(b *testing.B) {
	pcm, err := load(b, catalogue(b), Options{}).named(b.Context(), "fr", []string{"11", "97", " ", "78", "45", "99", "300", "88", "66", "55"})
	if err != nil {
		b.Fatal(err)
	}
	pcm = slices.Concat(pcm, pcm)[:10*rate]
	for _, percent := range []int{50, 80, 150, 200} {
		b.Run(fmt.Sprint(percent), func(b *testing.B) {
			began := time.Now()
			for b.Loop() {
				stretch(pcm, percent)
			}
			b.ReportMetric(float64(time.Since(began).Milliseconds())/float64(b.N)/10, "ms/s-of-speech")
		})
	}
}
