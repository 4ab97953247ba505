// Package wait says how long people will wait, as a range that is kept eight
// times in ten, and what the room can still promise before it closes.
//
//	Learned      what services took at this place, by declared motif: counts, no person
//	NewModel     those counts, and a prior while they are few
//	FromState    the queue as it stands: who is received, called, waiting, aside
//	Forecast     400 mornings drawn from there, to the last person
//	Slot         how long the person at a desk may have, given who waits
//	Calibration  what was announced against what came true, for the bilan
//
// It is pure: it reads no clock, and its draws come from a generator whose seed
// is the permanence and the number of its last event. Whoever asks about the same
// state at the same moment gets the same answer.
//
// What it promises: where nobody receives, while the permanence is paused, before
// it opens and once it is closed, a wait is Unknown and never zero. A range is
// rounded outward. Between desks that receive the same people, one person more in
// front never makes a wait shorter. What it keeps is counts: no time of day, no
// order, nothing of one visit.
//
// What it does not know: who will come later with priority, whom staff will
// choose out of turn, who will go home. Nor is it always longer to have one person
// more in front where desks receive different people: that person may keep a desk
// for two busy while it would else have taken somebody long.
package wait

import "time"

// Range is how long somebody waits for their first call, in whole steps: of five
// minutes up to thirty, of ten beyond. The wait ends before Low one time in ten,
// after High one time in ten. High is at least five minutes, for a call is a
// walk; it is at most twelve hours.
type Range struct {
	Low, High time.Duration
	Unknown   bool // nobody can say; Low and High are 0

	low, high time.Duration // to the minute
}

// Clock is the range as times of the clock for somebody who is told it at at,
// rounded outward to five minutes there rather than twice. It is the zero time
// where the range is Unknown.
func (r Range) Clock(at time.Time) (from, until time.Time) {
	if r.Unknown {
		return from, until
	}
	low, high := r.low, r.high
	if high == 0 { // a range that was not forecast
		low, high = r.Low, r.High
	}
	return at.Add(low).Truncate(fine), at.Add(high + fine - 1).Truncate(fine)
}

const (
	fine      = 5 * time.Minute
	coarse    = 10 * time.Minute
	fineUntil = 30 * time.Minute
)

// outward is the smallest range of whole steps that holds both ends.
func outward(low, high time.Duration) Range {
	high = max(fine, high)
	step := fine
	if low >= fineUntil {
		step = coarse
	}
	r := Range{Low: low.Truncate(step), low: low, high: high}
	step = fine
	if high > fineUntil {
		step = coarse
	}
	r.High = (high + step - 1).Truncate(step)
	return r
}
