package appliance

import (
	"time"

	"jeudi/firmware/session"
)

// clock is the box's time. Its speed is 1 but for demonstrations.
type clock struct {
	start  time.Time
	boot   session.ID
	speed  float64
	ahead  time.Duration // of a demonstration's wall clock, which never goes back
	doubts bool          // the wall clock shows less than what it showed before
}

func newClock(speed float64) clock { return clock{start: time.Now(), boot: newID(), speed: speed} }

// built is a time that no clock which was ever set can show: the project is younger.
var built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func (c clock) now() session.Moment {
	m := session.Moment{Wall: time.Now().Round(0), Mono: time.Since(c.start), Boot: c.boot}
	if c.speed != 1 {
		m.Mono = time.Duration(float64(m.Mono) * c.speed)
		m.Wall = c.start.Round(0).Add(m.Mono + c.ahead)
	}
	if m.Wall.After(built) && !c.doubts {
		m.Trust = session.Trusted
	}
	return m
}

// behind takes note that something happened at a time that this clock has not
// reached. A demonstration goes on from there; a real clock is not believed.
func (c *clock) behind(last time.Time) {
	if c.speed != 1 {
		c.ahead = last.Sub(c.now().Wall)
		return
	}
	c.doubts = true
}
