package sound

import (
	"math"
	"slices"
	"testing"
	"time"

	"jeudi/drivers"
)

// level is n samples of one value, which shows every change that a mixer makes.
func level(n int, v int16) []int16 { return slices.Repeat([]int16{v}, n) }

// pull takes n frames from a mixer, a period at a time, and returns one channel.
func pull(t *testing.T, m *mixer, n int) []int16 {
	t.Helper()
	var mono []int16
	for n > 0 {
		out := make([]int16, 2*min(n, period))
		m.fill(out)
		for i := 0; i < len(out); i += 2 {
			if out[i] != out[i+1] {
				t.Fatalf("frame %d: left %d, right %d; want the same", i/2, out[i], out[i+1])
			}
			mono = append(mono, out[i])
		}
		n -= len(out) / 2
	}
	return mono
}

func ended(tr *track) bool {
	select {
	case <-tr.done:
		return true
	default:
		return false
	}
}

// awake takes the steps out that keep a converter awake.
func awake(pcm []int16) []int16 {
	out := slices.Clone(pcm)
	for i, s := range out {
		if s == 1 {
			out[i] = 0
		}
	}
	return out
}

func TestMixer(t *testing.T) {
	t.Run("a sound is handed over sample for sample, then silence, then it has ended", func(t *testing.T) {
		var m mixer
		pcm := make([]int16, 1000)
		for i := range pcm {
			pcm[i] = int16(i*37%20000 - 10000)
		}
		tr := newTrack(1, pcm[:100], nil, pcm[100:])
		m.start(tr)
		if got := pull(t, &m, len(pcm)); !slices.Equal(got, pcm) {
			t.Errorf("what was handed over is not the sound")
		}
		if got := pull(t, &m, periods*period); slices.Max(got) > 1 || slices.Min(got) < 0 || ended(tr) {
			t.Errorf("while the device still holds the end: samples to %d, ended %v; want silence, false", slices.Max(got), ended(tr))
		}
		pull(t, &m, period)
		if !ended(tr) {
			t.Error("the sound never ended")
		}
	})
	t.Run("a device with long periods is given longer to end", func(t *testing.T) {
		var m mixer
		tr := newTrack(1, level(10, 500))
		m.start(tr)
		long := make([]int16, 2*4096)
		for range 3 {
			m.fill(long)
			if ended(tr) {
				t.Fatal("ended while the device holds the sound")
			}
		}
		if m.fill(long); !ended(tr) {
			t.Error("never ended")
		}
	})
	t.Run("a stopped sound fades within 5 ms and clicks nowhere", func(t *testing.T) {
		var m mixer
		tr := newTrack(1, level(rate, 20000))
		m.start(tr)
		pull(t, &m, period)
		m.stop(tr)
		got := awake(pull(t, &m, period))
		before := int16(20000)
		for i, s := range got {
			if step := int(before) - int(s); step < 0 || step > 20000/fade+1 {
				t.Fatalf("sample %d falls by %d; want a fade over %d", i, step, fade)
			}
			before = s
		}
		if got[fade] != 0 {
			t.Errorf("after %d samples: %d; want silence", fade, got[fade])
		}
		if ended(tr) {
			t.Error("a stopped sound has ended; want nobody to be told that it was played")
		}
	})
	t.Run("the next sound begins under the fade of the last", func(t *testing.T) {
		var m mixer
		m.start(newTrack(1, level(rate, 10000)))
		pull(t, &m, period)
		m.start(newTrack(1, level(rate, 1000)))
		got := pull(t, &m, period)
		if got[0] != 11000 || got[fade/2] != 6000 || got[fade] != 1000 {
			t.Errorf("samples 0, %d, %d = %d, %d, %d; want 11000, 6000, 1000", fade/2, fade, got[0], got[fade/2], got[fade])
		}
	})
	t.Run("a sum stays within 16 bits", func(t *testing.T) {
		var m mixer
		m.start(newTrack(1, level(rate, 32767)))
		pull(t, &m, period)
		m.start(newTrack(1, level(rate, 32767)))
		if got := pull(t, &m, 1); got[0] != 32767 {
			t.Errorf("sum = %d; want 32767", got[0])
		}
		m.start(newTrack(1, level(rate, -32768)))
		pull(t, &m, period)
		m.start(newTrack(1, level(rate, -32768)))
		if got := pull(t, &m, 1); got[0] != -32768 {
			t.Errorf("sum = %d; want -32768", got[0])
		}
	})
	t.Run("to stop what does not play changes nothing", func(t *testing.T) {
		var m mixer
		a, b := newTrack(1, level(rate, 100)), newTrack(1, level(rate, 200))
		m.start(a)
		m.start(b)
		pull(t, &m, period)
		m.stop(a)
		m.stop(nil)
		if got := pull(t, &m, 1); got[0] != 200 {
			t.Errorf("sample = %d; want 200", got[0])
		}
	})
	t.Run("silence has a step in each period", func(t *testing.T) {
		var m mixer
		if got := pull(t, &m, 3*period); slices.Index(got, 1) != 0 || got[period] != 1 || slices.Max(got) != 1 || slices.Min(got) != 0 {
			t.Errorf("silence is %d to %d; want one step a period", slices.Min(got), slices.Max(got))
		}
		m.fill(nil)
	})
}

func TestGain(t *testing.T) {
	for _, c := range []struct {
		volume int
		db     float64
	}{{100, 0}, {101, 0}, {90, -3}, {70, -9}, {50, -15}, {10, -27}, {1, -29.7}} {
		if got := 20 * math.Log10(float64(gain(c.volume))); math.Abs(got-c.db) > 0.01 {
			t.Errorf("gain(%d) = %.2f dB; want %.2f", c.volume, got, c.db)
		}
	}
	for _, v := range []int{0, -1} {
		if got := gain(v); got != 0 {
			t.Errorf("gain(%d) = %v; want silence", v, got)
		}
	}
}

// tone is how strong a pitch is in a sound, by Goertzel's filter: 1 for a sine at
// full scale.
func tone(pcm []int16, pitch float64) float64 {
	c := 2 * math.Cos(2*math.Pi*pitch/rate)
	var a, b float64
	for _, s := range pcm {
		a, b = float64(s)/32768+c*a-b, a
	}
	return 2 * math.Sqrt(a*a+b*b-c*a*b) / float64(len(pcm))
}

func TestChime(t *testing.T) {
	pcm := chime()
	if got, want := time.Duration(len(pcm))*time.Second/rate, (drivers.Sound{Chime: true}).Length(); got != want {
		t.Errorf("the chime lasts %v; want %v", got, want)
	}
	for _, c := range []struct {
		from, to    time.Duration
		high, other float64
	}{
		{20 * time.Millisecond, 380 * time.Millisecond, ChimeFirst, ChimeSecond},
		{900 * time.Millisecond, 1150 * time.Millisecond, ChimeSecond, 1000},
	} {
		part := pcm[frames(c.from):frames(c.to)]
		if high, other := tone(part, c.high), tone(part, c.other); high < 0.02 || high < 5*other {
			t.Errorf("%v to %v: %.0f Hz at %.3f, %.0f Hz at %.3f; want the first", c.from, c.to, c.high, high, c.other, other)
		}
	}
	var peak int16
	for _, s := range pcm {
		peak = max(peak, s, -s)
	}
	if peak > 23197 || peak < 6000 { // -3 dBFS, -15 dBFS
		t.Errorf("peak %d; want 6000 to 23197", peak)
	}
	if first, last := pcm[0], pcm[len(pcm)-1]; first != 0 || last != 0 {
		t.Errorf("it begins at %d and ends at %d; want 0", first, last)
	}
}
