package intake

func languageView(_ State, _ Context, v *Screen) { v.Title = msg("language.title") }

// languages are offered in the order of the site, each in its own words.
func languages(s State, c Context) []Choice {
	list := make([]Choice, len(c.Languages))
	for i, l := range c.Languages {
		list[i] = Choice{Key: l, Label: msg("language.name"), Sub: msg("language.hello"), Picto: "language", Lang: l, Selected: l == s.Lang}
		if c.Mute[l] {
			list[i].Mute, list[i].Sub = true, msg("language.no_voice")
		}
	}
	list = slotted(list, s.page, c.Slots)
	for i := range list {
		if list[i].Key == keyMore {
			list[i].Label = msg("language.more")
		}
	}
	return list
}

func languageChoices(s State, c Context) []Choice { return languages(s, c) }

func languagePress(s State, p Choice, c Context) (State, []Want) {
	if p.Key == keyOpinion {
		return s.goTo(Opinion), nil
	}
	s.Lang = p.Key
	if c.Taking {
		return s.goTo(Motif), nil
	}
	return s.goTo(Shut), nil
}

// sayLanguages says each language of the screen in itself, as a sample of its
// voice. One without a voice is left out: spoken badly, it would be no sample.
func sayLanguages(s State, c Context) Speak {
	var all []Speak
	for _, p := range languages(s, c) {
		if p.Lang != "" && !p.Mute {
			sp := say(s, msg("language.hello"), msg("language.name"))
			sp.Lang = p.Lang
			all = append(all, sp)
		}
	}
	all = append(all, say(s, howTo(s, c)...))
	first := all[0]
	first.Then = all[1:]
	return first
}
