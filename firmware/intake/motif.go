package intake

import "jeudi/firmware/routing"

func motifView(_ State, _ Context, v *Screen) {
	v.Title, v.Text = msg("motif.title"), msg("motif.text")
}

func motifChoices(s State, c Context) []Choice {
	list := make([]Choice, len(c.Motifs))
	for i, m := range c.Motifs {
		list[i] = Choice{Key: m, Label: msg("motif." + m), Sub: msg("motif." + m + ".sub"), Picto: m, Selected: m == s.motif}
	}
	return slotted(list, s.page, c.Slots)
}

// motifToggle says who one comes for.
func motifToggle(s State, _ Context) *Choice {
	c := choice(keyForOther, "motif.for_other", "for_other")
	c.Selected = s.forOther
	return &c
}

func motifPress(s State, p Choice, c Context) (State, []Want) {
	if p.Key == keyForOther {
		s.forOther = !s.forOther
		return s, s.tell(p.Label, chosen(s.forOther))
	}
	if s.taking {
		return s, nil // a second tap before the answer to the first
	}
	s.motif = p.Key
	if p.Key == keySkip {
		s.motif = ""
	}
	if _, advice := assess(s, c); advice.First == routing.Workshop {
		s.advised = true
		return s.goTo(Workshop), nil
	}
	if c.Late {
		s.advised = true
		return s.goTo(Crowded), nil
	}
	return s.takeTicket()
}

func (s State) takeTicket() (State, []Want) {
	s.taking = true
	return s, []Want{TakeTicket{Motif: s.motif, Lang: s.Lang, ForOther: s.forOther}}
}

func workshopView(_ State, c Context, v *Screen) {
	v.Title, v.Text = msg("motif.workshop_title"), msg("motif.workshop_text")
	if c.Late {
		v.Notice = msg("motif.crowded_title") // on a screen of its own it would be one press more
	}
}

func workshopChoices(s State, c Context) []Choice {
	list := s.seatsOffer(c)
	if len(c.Places) > 0 {
		list = append(list, choice(keyPlaces, "motif.workshop_places", "places"))
	}
	if nobodyWaits(c) {
		list = append(list, choice(keyPractice, "practice.offer", "practice"))
	}
	return append(list, choice(keyTicket, "motif.workshop_ticket", "ticket"))
}

func workshopPress(s State, p Choice, _ Context) (State, []Want) {
	if s.taking {
		return s, nil
	}
	switch p.Key {
	case keySeats:
		return s.seekSeat(), nil
	case keyPlaces:
		return s.goTo(Places), nil
	case keyPractice:
		return s.goTo(Practice), nil
	case keyTicket:
		return s.takeTicket()
	}
	return s.show(Thanks), nil
}
