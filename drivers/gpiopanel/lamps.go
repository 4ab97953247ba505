package gpiopanel

import (
	"math"
	"slices"
	"time"

	"jeudi/drivers"
)

// rhythm is how long a light is on, off, on, off, over and over; nil for those that
// have none. They differ without colour, and the quickest, two flashes in half a
// second each, stays under the three in any second of WCAG 2.2, 2.3.1.
func rhythm(l drivers.Light) []time.Duration {
	const ms = time.Millisecond
	switch l {
	case drivers.Blink:
		return []time.Duration{600 * ms, 400 * ms}
	case drivers.Wink:
		return []time.Duration{200 * ms, 2800 * ms}
	case drivers.Double:
		return []time.Duration{250 * ms, 250 * ms, 250 * ms, 1250 * ms}
	}
	return nil
}

const (
	breathePeriod = 4 * time.Second
	// echo is how long a lamp answers a press, by being what it was not.
	echo = 150 * time.Millisecond
	// A dimmed or breathing lamp is switched a hundred times a second: faster than an
	// eye sees, slow enough for a Pi. It is never darker than faint, for the less of
	// a period it is on, the more a late wake-up shows.
	pwmPeriod = 10 * time.Millisecond
	faint     = 0.1
	dimmed    = 0.25
)

// lamps says which lamps are lit at a time.
type lamps struct {
	lamp     []lamp
	began    time.Time                   // lamps that breathe do so together
	since    map[drivers.Light]time.Time // so do those of one rhythm, from when the first began
	pressed  time.Time                   // the last press
	dimAfter time.Duration
	on       []bool // what frame returned
}

type lamp struct {
	light drivers.Light
	until time.Time // it answers a press, by being lit or not
	lit   bool
}

func newLamps(n int, dimAfter time.Duration, now time.Time) lamps {
	return lamps{lamp: make([]lamp, n), on: make([]bool, n), began: now, since: make(map[drivers.Light]time.Time), pressed: now, dimAfter: dimAfter}
}

// set gives lamp i a light.
func (l *lamps) set(i int, light drivers.Light, now time.Time) {
	if rhythm(light) != nil && !slices.ContainsFunc(l.lamp, func(p lamp) bool { return p.light == light }) {
		l.since[light] = now
	}
	l.lamp[i].light = light
}

// press makes lamp i answer at once, and wakes those that were dimmed. A lamp is
// -1 if the button has none.
func (l *lamps) press(i int, now time.Time) {
	l.pressed = now
	if i < 0 {
		return
	}
	p := &l.lamp[i]
	if !now.Before(p.until) { // else it is answering already: do not flicker
		if p.light == drivers.Breathe {
			p.lit = l.breath(now) < 0.5
		} else {
			lit, _ := l.beat(p.light, now)
			p.lit = !lit
		}
	}
	p.until = now.Add(echo)
}

// frame is which lamps are lit at now, and when that changes if nothing happens;
// zero is never. The slice is good until the next call.
func (l *lamps) frame(now time.Time) (on []bool, next time.Time) {
	dark := l.dimAfter > 0 && !now.Before(l.pressed.Add(l.dimAfter))
	for i := range l.lamp {
		p, t := &l.lamp[i], time.Time{}
		switch {
		case now.Before(p.until):
			l.on[i], t = p.lit, p.until
		case p.light == drivers.Breathe:
			slot := now.Add(-(now.Sub(l.began) % pwmPeriod))
			l.on[i], t = pwm(now, slot, l.breath(slot))
		case p.light == drivers.On && dark:
			l.on[i], t = pwm(now, now.Add(-(now.Sub(l.began) % pwmPeriod)), dimmed)
		default:
			l.on[i], t = l.beat(p.light, now)
			if p.light == drivers.On && l.dimAfter > 0 {
				t = l.pressed.Add(l.dimAfter)
			}
		}
		next = sooner(next, t)
	}
	return l.on, next
}

// beat is whether a light that does not breathe is lit at now, and until when;
// zero is for ever.
func (l *lamps) beat(light drivers.Light, now time.Time) (lit bool, until time.Time) {
	r := rhythm(light)
	if r == nil {
		return light == drivers.On, time.Time{}
	}
	var period time.Duration
	for _, part := range r {
		period += part
	}
	at := now.Sub(l.since[light]) % period
	lit = true
	for _, part := range r {
		if at < part {
			return lit, now.Add(part - at)
		}
		at, lit = at-part, !lit
	}
	panic("gpiopanel: a rhythm shorter than itself")
}

// breath is how bright a breathing lamp is, from faint to 1. An eye sees the
// square root of a light, about: so a swell that looks even is squared.
func (l *lamps) breath(now time.Time) float64 {
	phase := float64(now.Sub(l.began)%breathePeriod) / float64(breathePeriod)
	swell := (1 - math.Cos(2*math.Pi*phase)) / 2
	return faint + (1-faint)*swell*swell
}

// pwm is lit for a share of the period that began at slot.
func pwm(now, slot time.Time, share float64) (lit bool, next time.Time) {
	off := slot.Add(time.Duration(share * float64(pwmPeriod)))
	if now.Before(off) {
		return true, off
	}
	return false, slot.Add(pwmPeriod)
}
