package intake

import (
	"slices"
	"time"

	"jeudi/firmware/session"
)

// leastPace is the shortest time the focus rests on a choice.
const leastPace = 1500 * time.Millisecond

// mostRounds is how often the focus goes through a screen without a press. It
// stands still then, and goes on with any press.
const mostRounds = 3

// nextMove is when the focus moves by itself; ok is false when it does not.
func (s State) nextMove() (at session.Moment, ok bool) {
	if s.Scan != ScanOne || s.rounds >= mostRounds {
		return session.Moment{}, false
	}
	return s.scanned.Add(max(s.Pace, leastPace)), true
}

// passed moves the focus when it is time. It is no turn and no sign of life.
func (s State) passed(c Context) (State, []Want) {
	at, ok := s.nextMove()
	if !ok || !c.Now.Reached(at) {
		return s, nil
	}
	s.scanned = c.Now
	list := walkable(s, c)
	if s.inPiece() {
		list = around(s, c)
		if s.Focus == "" {
			if s.unheard++; s.unheard > mostThings { // the page is gone: nobody will say that it went past
				s.rounds = mostRounds
				return s, nil
			}
			return s.nudge(ActNext), nil
		}
	}
	next := slices.IndexFunc(list, func(p Choice) bool { return p.Key == s.Focus }) + 1
	if next == len(list) {
		next = 0
		if s.rounds++; s.rounds == mostRounds {
			s.Focus = ""
			return s, nil
		}
		if s.inPiece() {
			return s.nudge(ActNext), nil
		}
	}
	s.Focus = list[next].Key
	return s, s.named(name(s, list, next, c))
}
