package intake

import (
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Bare is the state without what the next visitor may share with the last one.
func Bare(s State) State {
	s.Visitor, s.Turn, s.rounds, s.Headphones, s.pressed = 0, 0, 0, false, ""
	s.active, s.scanned, s.struck = session.Moment{}, session.Moment{}, session.Moment{}
	return s
}

// Answers are what the visitor said so far.
func Answers(s State) sheet.Sheet { return s.answers }

// RightsLeft is how much of the questions on rights the state still holds: answers,
// and lists that were printed.
func RightsLeft(s State) int { return len(s.rights) + len(s.lists) }
