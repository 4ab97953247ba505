package intake

// The screen before the ticket when those who are here may need all the time that is
// left. It says so before anybody waits, and refuses nobody: staff decide.

func crowdedView(_ State, c Context, v *Screen) {
	v.Title, v.Text = msg("motif.crowded_title"), msg("motif.crowded_text")
	if !c.Next.IsZero() {
		v.Notice = msg("closed.next", "when", c.Next)
	}
}

func crowdedChoices(_ State, c Context) []Choice {
	list := []Choice{choice(keyTicket, "motif.workshop_ticket", "ticket")}
	if len(c.Places) > 0 {
		list = append(list, choice(keyPlaces, "closed.places", "places"))
	}
	return list
}

func crowdedPress(s State, p Choice, _ Context) (State, []Want) {
	if s.taking {
		return s, nil
	}
	switch p.Key {
	case keyTicket:
		return s.takeTicket()
	case keyPlaces:
		return s.goTo(Places), nil
	}
	return s.show(Thanks), nil
}
