package intake

import (
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Bare is the state without what the next visitor may share with the last one.
func Bare(s State) State {
	s.Visitor, s.Turn, s.active = 0, 0, session.Moment{}
	return s
}

// Answers are what the visitor said so far.
func Answers(s State) sheet.Sheet { return s.answers }
