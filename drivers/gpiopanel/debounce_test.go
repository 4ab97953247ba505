package gpiopanel

import (
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

// run samples every half millisecond for a while and returns when, in
// milliseconds, which change was reported. contact is the level at a time.
func run(settle time.Duration, length time.Duration, contact func(at time.Duration) bool) (at []float64, what []change) {
	d, start := newDebouncer(settle), time.Unix(0, 0)
	for now := time.Duration(0); now <= length; now += ms / 2 {
		if c := d.sample(contact(now), start.Add(now)); c != none {
			at, what = append(at, float64(now)/float64(ms)), append(what, c)
		}
	}
	return at, what
}

// closedAt is a contact that is closed in the given spans of milliseconds.
func closedAt(spans ...[2]float64) func(time.Duration) bool {
	return func(at time.Duration) bool {
		return slices.ContainsFunc(spans, func(s [2]float64) bool {
			return at >= time.Duration(s[0]*float64(ms)) && at < time.Duration(s[1]*float64(ms))
		})
	}
}

func TestDebouncer(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(time.Duration) bool
		at    []float64
		what  []change
	}{
		{"nobody presses", closedAt(), []float64{15}, []change{isUp}},
		{"a clean press is answered after 5 ms", closedAt([2]float64{50, 100}), []float64{15, 55, 115}, []change{isUp, pressed, released}},
		{"a glitch shorter than 5 ms is nothing", closedAt([2]float64{50, 54.5}), []float64{15}, []change{isUp}},
		{"a burst of glitches is nothing", closedAt([2]float64{50, 54}, [2]float64{55, 59}, [2]float64{60, 64}), []float64{15}, []change{isUp}},
		{"bounce on the way down", closedAt([2]float64{50, 51}, [2]float64{52, 55}, [2]float64{56, 200}), []float64{15, 61, 215}, []change{isUp, pressed, released}},
		{"bounce on the way up is not a second press", closedAt([2]float64{50, 100}, [2]float64{102, 108}, [2]float64{115, 122}),
			[]float64{15, 55, 137}, []change{isUp, pressed, released}},
		{"an opening shorter than the settle time is nothing", closedAt([2]float64{50, 100}, [2]float64{114, 200}), []float64{15, 55, 215}, []change{isUp, pressed, released}},
		{"two quick presses are two", closedAt([2]float64{50, 60}, [2]float64{80, 90}), []float64{15, 55, 75, 85, 105}, []change{isUp, pressed, released, pressed, released}},
		{"held for a second is one press", closedAt([2]float64{50, 1050}), []float64{15, 55, 1065}, []change{isUp, pressed, released}},
		{"down from the start is no press", closedAt([2]float64{0, 60}, [2]float64{90, 130}), []float64{15, 75, 95, 145}, []change{isDown, released, pressed, released}},
		{"down in the first moments is a press once up was known", closedAt([2]float64{0, 8}, [2]float64{30, 60}), []float64{23, 35, 75}, []change{isUp, pressed, released}},
	} {
		at, what := run(15*ms, 1200*ms, c.given)
		if !slices.Equal(at, c.at) || !slices.Equal(what, c.what) {
			t.Errorf("%s: %v at %v ms; want %v at %v", c.name, what, at, c.what, c.at)
		}
	}
}

func TestDebouncerWait(t *testing.T) {
	d, now := newDebouncer(15*ms), time.Unix(0, 0)
	if got := d.wait(now); got != 0 {
		t.Errorf("wait() of a new one = %v; want 0", got)
	}
	d.sample(false, now)
	if got := d.wait(now.Add(4 * ms)); got != 11*ms {
		t.Errorf("wait() while nothing is known = %v; want 11 ms", got)
	}
	if got := d.sample(false, now.Add(15*ms)); got != isUp {
		t.Errorf("sample(up) after the settle time = %v; want isUp", got)
	}
	d.sample(true, now.Add(20*ms))
	if got := d.wait(now.Add(22 * ms)); got != 3*ms {
		t.Errorf("wait() of a press = %v; want 3 ms", got)
	}
	if got := d.wait(now.Add(time.Second)); got != 0 {
		t.Errorf("wait() long after = %v; want 0", got)
	}
}

// FuzzDebouncer reads each byte as a sample: its low bit the level, the rest how
// many quarters of a millisecond after the last.
func FuzzDebouncer(f *testing.F) {
	f.Add(uint8(15), []byte{0, 120, 1, 41, 41, 0, 3, 8, 61, 200, 200})
	f.Add(uint8(3), []byte{1, 255, 254, 255, 0, 0, 255})
	f.Fuzz(func(t *testing.T, settleMS uint8, samples []byte) {
		settle := time.Duration(3+settleMS%98) * ms
		d, now := newDebouncer(settle), time.Unix(0, 0)
		var steadySince, lastPress, lastChange time.Time
		var steady, pressedNow, first bool
		first = true
		for i, b := range samples {
			down := b&1 == 1
			now = now.Add(time.Duration(b>>1) * ms / 4)
			if first || down != steady {
				steady, steadySince, first = down, now, false
			}
			if w := d.wait(now); w < 0 || w > settle {
				t.Fatalf("sample %d: wait() = %v; want 0 to %v", i, w, settle)
			}
			c := d.sample(down, now)
			switch c {
			case pressed:
				if pressedNow {
					t.Fatalf("sample %d: a second press while down", i)
				}
				if !lastPress.IsZero() && now.Sub(lastPress) < settle {
					t.Fatalf("sample %d: presses %v apart; want %v at least", i, now.Sub(lastPress), settle)
				}
				lastPress, pressedNow = now, true
			case released:
				pressedNow = false
			}
			if c != none {
				if c == pressed || c == isDown {
					if !down {
						t.Fatalf("sample %d: %v at a level that is up", i, c)
					}
				} else if down {
					t.Fatalf("sample %d: %v at a level that is down", i, c)
				}
				if !lastChange.IsZero() && now.Sub(lastChange) < settle/3 {
					t.Fatalf("sample %d: changes %v apart", i, now.Sub(lastChange))
				}
				lastChange = now
			}
			if now.Sub(steadySince) >= settle && (!d.known || d.down != down) {
				t.Fatalf("sample %d: %v for %v and not known", i, down, now.Sub(steadySince))
			}
		}
	})
}
