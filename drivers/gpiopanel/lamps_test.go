package gpiopanel

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"jeudi/drivers"
)

// film walks through the frames of lamp 0 as the panel would, from each to the
// next, and returns the share of the time that it was lit and its changes.
func film(l *lamps, from, to time.Time) (share float64, changes, frames int) {
	var lit time.Duration
	var last bool
	for now := from; now.Before(to); frames++ {
		on, next := l.frame(now)
		if next.IsZero() || next.After(to) {
			next = to
		}
		if on[0] {
			lit += next.Sub(now)
		}
		if frames > 0 && on[0] != last {
			changes++
		}
		last, now = on[0], next
	}
	return float64(lit) / float64(to.Sub(from)), changes, frames
}

func TestLights(t *testing.T) {
	for _, c := range []struct {
		light   drivers.Light
		share   float64
		changes int
	}{
		{drivers.Off, 0, 0},
		{drivers.On, 1, 0},
		{drivers.Blink, 0.6, 23}, // in twelve seconds
		{drivers.Wink, 0.0667, 7},
		{drivers.Double, 0.25, 23},
		{drivers.Breathe, 0.4375, -1},
	} {
		start := time.Unix(1000, 0)
		l := newLamps(1, 0, start)
		l.set(0, c.light, start)
		share, changes, frames := film(&l, start, start.Add(12*time.Second))
		if math.Abs(share-c.share) > 0.005 || c.changes >= 0 && changes != c.changes {
			t.Errorf("%v: lit for %.3f of the time, %d changes; want %.3f, %d", c.light, share, changes, c.share, c.changes)
		}
		if c.light == drivers.Breathe && frames > 12*200+1 {
			t.Errorf("%v: %d frames in 12 s; want 200 a second at most", c.light, frames)
		}
	}
}

func TestBreathIsSlowAndNeverDark(t *testing.T) {
	start := time.Unix(1000, 0)
	l := newLamps(1, 0, start)
	least, most, last := 1.0, 0.0, l.breath(start)
	for at := time.Duration(0); at < breathePeriod; at += pwmPeriod {
		b := l.breath(start.Add(at))
		least, most = min(least, b), max(most, b)
		if math.Abs(b-last) > 0.02 {
			t.Errorf("breath(%v) jumps from %.3f to %.3f", at, last, b)
		}
		last = b
	}
	if least != faint || most < 0.999 {
		t.Errorf("breath is %.3f to %.3f; want %v to 1", least, most, faint)
	}
}

func TestBlinkStartsLitAndKeepsItsRhythm(t *testing.T) {
	start := time.Unix(1000, 0)
	l := newLamps(2, 0, start)
	at := start.Add(777 * ms)
	l.set(0, drivers.Blink, at)
	if on, next := l.frame(at); !on[0] || !next.Equal(at.Add(600*ms)) {
		t.Errorf("frame() = %v until %v; want lit for 600 ms", on[0], next.Sub(at))
	}
	// Being told the same again, or another lamp joining in, does not restart it.
	later := at.Add(700 * ms)
	l.set(0, drivers.Blink, later)
	l.set(1, drivers.Blink, later)
	if on, next := l.frame(later); on[0] || on[1] || !next.Equal(at.Add(time.Second)) {
		t.Errorf("frame() = %v until %v; want both dark until the period ends", on, next.Sub(at))
	}
}

func TestEcho(t *testing.T) {
	for _, c := range []struct {
		light drivers.Light
		at    time.Duration
		want  bool // while it answers
	}{
		{drivers.Off, 0, true},
		{drivers.On, 0, false},
		{drivers.Blink, 100 * ms, false},
		{drivers.Blink, 700 * ms, true},
		{drivers.Breathe, 0, true},
		{drivers.Breathe, 2 * time.Second, false},
	} {
		start := time.Unix(1000, 0)
		l := newLamps(1, 0, start)
		l.set(0, c.light, start)
		now := start.Add(c.at)
		l.press(0, now)
		for _, after := range []time.Duration{0, 1, echo - 1} {
			if on, next := l.frame(now.Add(after)); on[0] != c.want || !next.Equal(now.Add(echo)) {
				t.Errorf("%v, %v after a press: %v until %v; want %v until %v", c.light, after, on[0], next.Sub(now), c.want, echo)
			}
		}
		// A second press in the midst makes it longer, not a flicker.
		l.press(0, now.Add(echo/2))
		if on, next := l.frame(now.Add(echo)); on[0] != c.want || !next.Equal(now.Add(echo+echo/2)) {
			t.Errorf("%v, pressed again: %v until %v; want %v until %v", c.light, on[0], next.Sub(now), c.want, echo+echo/2)
		}
		if on, _ := l.frame(now.Add(2 * echo)); (c.light == drivers.On || c.light == drivers.Off) && on[0] != (c.light == drivers.On) {
			t.Errorf("%v: afterwards %v", c.light, on[0])
		}
	}
	l := newLamps(0, 0, time.Unix(0, 0))
	l.press(-1, time.Unix(1, 0)) // a button without a lamp
}

func TestDimmedWhenIdle(t *testing.T) {
	start := time.Unix(1000, 0)
	l := newLamps(2, time.Minute, start)
	l.set(0, drivers.On, start)
	share := func(from, to time.Duration) float64 {
		s, _, _ := film(&l, start.Add(from), start.Add(to))
		return s
	}
	if got := share(0, time.Minute); got != 1 {
		t.Errorf("lit for %.3f of the first minute; want 1", got)
	}
	if got := share(time.Minute, 2*time.Minute); math.Abs(got-dimmed) > 0.001 {
		t.Errorf("lit for %.3f of the second; want %v", got, dimmed)
	}
	l.press(1, start.Add(2*time.Minute)) // any button wakes all
	if got := share(2*time.Minute, 3*time.Minute); got != 1 {
		t.Errorf("lit for %.3f of the minute after a press; want 1", got)
	}
	l.set(0, drivers.Blink, start.Add(5*time.Minute)) // what calls for somebody is never dimmed
	if got := share(5*time.Minute, 6*time.Minute); math.Abs(got-0.6) > 0.001 {
		t.Errorf("blinking: lit for %.3f; want 0.6", got)
	}
}

// No light has three flashes in any second, nor one shorter than an eye takes to
// see it; and no two are alike.
func TestNothingFlashes(t *testing.T) {
	seen := make(map[string]drivers.Light)
	for l := drivers.Off; l.String() != "off" || l == drivers.Off; l++ {
		r := rhythm(l)
		if r == nil {
			continue
		}
		if len(r)%2 != 0 {
			t.Fatalf("%v: %v does not end dark", l, r)
		}
		if other, ok := seen[fmt.Sprint(r)]; ok {
			t.Errorf("%v and %v are alike", l, other)
		}
		seen[fmt.Sprint(r)] = l
		twice := append(slices.Clone(r), r...)
		for i := 0; i < len(r); i += 2 {
			if r[i] < 150*ms || r[i]+r[i+1] < 500*ms {
				t.Errorf("%v: %v on, %v off; want 150 ms at least, and 500 ms together", l, r[i], r[i+1])
			}
			if i+3 < len(twice) && twice[i]+twice[i+1]+twice[i+2]+twice[i+3] < time.Second {
				t.Errorf("%v: three flashes in a second", l)
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d lights have a rhythm; want 3", len(seen))
	}
	if breathePeriod < 2*time.Second || pwmPeriod > 10*ms {
		t.Errorf("breathing is too quick, or its PWM can be seen")
	}
}

func BenchmarkFrame(b *testing.B) {
	start := time.Unix(1000, 0)
	l := newLamps(8, 0, start)
	for i := range 8 {
		l.set(i, drivers.Breathe, start)
	}
	b.ReportAllocs()
	now := start
	for b.Loop() {
		_, now = l.frame(now)
	}
}
