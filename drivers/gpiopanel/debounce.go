package gpiopanel

import "time"

// change is what a debouncer makes of a sample.
type change uint8

const (
	none change = iota
	pressed
	released
	isUp   // what it was when it was first known: no press, no release
	isDown // the same: somebody leaned on it, or its wire is shorted
)

// debouncer finds the presses in the levels of a bouncing contact. A level counts
// once it has been seen without a break for a while: a press for a third of the
// settle time, so that the answer comes soon, a release for all of it, so that a
// contact that bounces when it opens is not a second press. Nothing shorter than
// that is ever seen, and two presses are at least the settle time apart.
//
// The first level is only made known: a button that is down when the panel starts
// was not pressed.
type debouncer struct {
	press, release time.Duration

	known, down bool      // the level that counts
	pending     bool      // the other was seen, since when
	since       time.Time // set while pending
	seen        bool      // which; it matters while nothing is known
}

// newDebouncer answers a press after a third of the settle time.
func newDebouncer(settle time.Duration) debouncer {
	return debouncer{press: settle / 3, release: settle}
}

// sample takes a level, down or not, that was read at now.
func (d *debouncer) sample(down bool, now time.Time) change {
	if d.known && down == d.down {
		d.pending = false
		return none
	}
	if !d.pending || d.seen != down {
		d.pending, d.seen, d.since = true, down, now
		return none
	}
	if d.wait(now) > 0 {
		return none
	}
	first := !d.known
	d.known, d.down, d.pending = true, down, false
	switch {
	case first && down:
		return isDown
	case first:
		return isUp
	case down:
		return pressed
	}
	return released
}

// wait is how long the level that was seen last must yet stay to count; 0 when
// there is nothing to wait for.
func (d *debouncer) wait(now time.Time) time.Duration {
	if !d.pending {
		return 0
	}
	need := d.release
	if d.known && d.seen {
		need = d.press
	}
	return max(0, need-now.Sub(d.since))
}
