package appliance

import (
	"sync/atomic"
	"time"

	"jeudi/firmware/session"
)

// clock is the box's time. Its speed is 1 but for demonstrations. It never sets the
// machine's: once staff say what time it is, the box counts from there by its
// monotonic clock, and whatever becomes of the machine's own no longer matters.
type clock struct {
	start   time.Time
	boot    session.ID
	speed   float64
	ahead   time.Duration // of a demonstration's wall clock, which never goes back
	doubts  bool          // the wall clock shows less than what it showed before
	vouched func() bool   // somebody vouches for the machine's clock; nil: it is plausible

	// begun is when this boot began by the clock that staff confirmed, nil before. The
	// owner alone sets it; devices read the time too.
	begun *atomic.Pointer[time.Time]
}

func newClock(speed float64, vouched func() bool) clock {
	return clock{start: time.Now(), boot: newID(), speed: speed, vouched: vouched, begun: new(atomic.Pointer[time.Time])}
}

// built is a time that no clock which was ever set can show: the project is younger.
var built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func (c clock) now() session.Moment {
	m := session.Moment{Wall: time.Now().Round(0), Mono: time.Since(c.start), Boot: c.boot}
	if c.speed != 1 {
		m.Mono = time.Duration(float64(m.Mono) * c.speed)
		m.Wall = c.start.Round(0).Add(m.Mono + c.ahead)
	}
	if begun := c.begun.Load(); begun != nil {
		m.Wall, m.Trust = begun.Add(m.Mono), session.Trusted
		return m
	}
	if m.Wall.After(built) && !c.doubts && (c.vouched == nil || c.vouched()) {
		m.Trust = session.Trusted
	}
	return m
}

// behind takes note that something happened at a time that this clock has not
// reached. A demonstration goes on from there; a real clock is not believed, unless
// staff confirmed it since the machine was switched on.
func (c *clock) behind(last time.Time) {
	switch {
	case c.begun.Load() != nil:
	case c.speed != 1:
		c.ahead = last.Sub(c.now().Wall)
	default:
		c.doubts = true
	}
}

// confirm has the clock show wall now, and returns when the boot began by it.
func (c clock) confirm(wall time.Time) time.Time {
	begun := wall.Round(0).Add(-c.now().Mono)
	c.begun.Store(&begun)
	return begun
}
