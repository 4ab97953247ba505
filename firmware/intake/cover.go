package intake

import "slices"

// cover shows a screen over the current one, which uncover brings back as it was.
// Help and the question about time come back to nothing: one replaces the other,
// so that below them is always a place to go on.
func (s State) cover(id ScreenID) State {
	if at := slices.IndexFunc(s.under, func(f frame) bool { return f.screen == id }); at >= 0 {
		s.under = s.under[:at+1] // it lies there already: nothing piles up
		return s.uncover()
	}
	if s.Screen != id && s.Screen != Help && s.Screen != MoreTime {
		s.under = append(slices.Clip(s.under), frame{s.Screen, s.page, s.asked})
	}
	return s.show(id)
}

func (s State) uncover() State {
	var f frame
	f, s.under = pop(s.under)
	return s.at(f)
}

// restart begins again before the ticket, and after it leaves the kiosk to whoever
// waits behind. What would be lost is asked about first.
func restart(s State) (State, []Want) {
	if s.Visit.IsZero() && s.answers.Empty() && !s.forOther && s.opinion == "" {
		return s.again(), nil
	}
	s.restarts = s.Visit.IsZero()
	return s.cover(Confirm), nil
}

// again is the first screen as anybody finds it: the language and the settings are the
// usual ones. What stays is what would shut somebody out: that they listen, and how
// switches go on. What was printed is printed, a ticket that is on its way still comes,
// and there is no second seat.
func (s State) again() State {
	n := New()
	n.Turn, n.Visitor, n.Scan, n.Pace = s.Turn, s.Visitor, s.Scan, s.Pace
	n.Listening, n.Headphones, n.taking, n.slipped = s.Listening, s.Headphones, s.taking, s.slipped
	n.seat, n.seating = s.seat, s.seating
	return n
}

// first is the first screen for the same visitor: back never loses an answer, so all
// that they gave and set stays but the language, which they came to choose again.
func (s State) first() State {
	n := s.again()
	n.Tuning, n.motif, n.forOther, n.advised = s.Tuning, s.motif, s.forOther, s.advised
	n.answers, n.opinion, n.pressed, n.struck = s.answers, s.opinion, s.pressed, s.struck
	return n
}

// untouched reports whether to begin again would change nothing.
func (s State) untouched() bool { return !s.given() && s.again().Tuning == s.Tuning }

func confirmView(s State, _ Context, v *Screen) {
	v.Title, v.Text = msg("confirm.finish"), msg("confirm.finish_text")
	if s.restarts {
		v.Title, v.Text = msg("confirm.restart"), msg("confirm.restart_text")
	}
}

func confirmPress(s State, p Choice, c Context) (State, []Want) {
	switch {
	case p.Key != keyYes:
		return s.goBack(), nil
	case s.restarts && s.Visit.IsZero():
		return s.again(), nil
	}
	return forgotten(s, p, c)
}

func moreTimeView(s State, c Context, v *Screen) {
	v.Title, v.Text = msg("more_time.title"), msg("more_time.text")
	v.Deadline = s.active.Add(countdown(c))
}

func moreTimePress(s State, p Choice, _ Context) (State, []Want) {
	if p.Key == keyYes {
		return s.uncover(), nil
	}
	return forget(s), nil
}

func sorryChoices(s State, _ Context) []Choice {
	if s.Visit.IsZero() {
		return []Choice{choice(keyAgain, "sorry.again", "restart")}
	}
	return []Choice{choice(keyFinish, "kiosk.finish", "yes")}
}

func sorryPress(s State, p Choice, _ Context) (State, []Want) {
	if p.Key == keyAgain && s.Visit.IsZero() {
		return s.show(Motif), nil
	}
	return forget(s), nil
}
