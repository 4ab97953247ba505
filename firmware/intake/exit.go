package intake

import (
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Exit is the panel at the way out: three buttons, two questions, no screen. The
// first press says how satisfied one is. Then the panel asks aloud whether it was
// useful; a second press answers, and silence is no answer. The zero Exit waits
// for somebody. Nothing ties an opinion to a ticket.
type Exit struct {
	Lang   string // of what is said; French when empty
	Volume int    // per cent; the kiosk's usual one when 0

	satisfied string
	pressed   session.Moment
	done      bool // pressed twice: what follows at once is the same finger
}

const (
	// exitWaits is how long the second press may take.
	exitWaits = 20 * time.Second
	// exitGuard is how soon a press is the last one again: people hit these buttons.
	exitGuard = time.Second
)

// Next is when an opinion goes without its second answer; ok is false when none
// waits.
func (e Exit) Next() (at session.Moment, ok bool) {
	if e.satisfied == "" {
		return session.Moment{}, false
	}
	return e.pressed.Add(exitWaits), true
}

// Step is what a Button or the time that Passed does. It wants SubmitOpinion and
// Speak, and nothing else; any other input changes nothing.
func (e Exit) Step(in Input, now session.Moment) (Exit, []Want) {
	switch in := in.(type) {
	case Passed:
		if at, ok := e.Next(); ok && now.Reached(at) {
			return e.submit("", now)
		}
	case Button:
		satisfied, useful := exitAnswer(in.Action)
		if satisfied == "" || (e.satisfied != "" || e.done) && !now.Reached(e.pressed.Add(exitGuard)) {
			return e, nil
		}
		if at, ok := e.Next(); ok && !now.Reached(at) {
			e, wants := e.submit(useful, now)
			return e, append(wants, e.say("opinion.thanks"))
		} else if ok { // the one before never came to its second press
			next, wants := e.submit("", now)
			next.done = false
			next, more := next.Step(in, now)
			return next, append(wants, more...)
		}
		e.satisfied, e.pressed, e.done = satisfied, now, false
		return e, []Want{e.say("opinion.useful_title", "opinion.useful_how")}
	}
	return e, nil
}

// exitAnswer is what a button means as the first and as the second answer.
func exitAnswer(a Action) (satisfied, useful string) {
	switch a {
	case ActGood:
		return sheet.Good, sheet.Yes
	case ActFair:
		return sheet.Fair, sheet.Partly
	case ActBad:
		return sheet.Bad, sheet.No
	}
	return "", ""
}

func (e Exit) submit(useful string, now session.Moment) (Exit, []Want) {
	sent := opinionSheet(e.satisfied, useful)
	e.satisfied, e.pressed, e.done = "", now, true
	return e, []Want{SubmitOpinion{sent}}
}

func (e Exit) say(keys ...string) Speak {
	sp := Speak{Lang: e.Lang, Volume: e.Volume, Rate: usual().Rate}
	if sp.Lang == "" {
		sp.Lang = french
	}
	if sp.Volume == 0 {
		sp.Volume = usual().Volume
	}
	for _, k := range keys {
		sp.Say = append(sp.Say, msg(k))
	}
	return sp
}
