package intake

import "jeudi/firmware/sheet"

func opinionChoices(s State, _ Context) []Choice {
	list := []Choice{choice(sheet.Good, "opinion.good", "good"), choice(sheet.Fair, "opinion.fair", "fair"), choice(sheet.Bad, "opinion.bad", "bad")}
	for i := range list {
		list[i].Selected = list[i].Key == s.opinion
	}
	return list
}

func usefulChoices(State, Context) []Choice {
	return []Choice{choice(sheet.Yes, "opinion.yes", "useful_yes"), choice(sheet.Partly, "opinion.partly", "useful_partly"), choice(sheet.No, "opinion.no", "useful_no")}
}

func opinionPress(s State, p Choice, _ Context) (State, []Want) {
	if p.Key == keySkip {
		return s.goBack(), nil
	}
	s.opinion = p.Key
	return s.goTo(OpinionUseful), nil
}

// usefulPress hands both answers over, or the first alone.
func usefulPress(s State, p Choice, _ Context) (State, []Want) {
	useful := p.Key
	if useful == keySkip {
		useful = ""
	}
	sent := opinionSheet(s.opinion, useful)
	s.opinion, s.keeping, s.lost, s.trail = "", true, false, nil
	return s.show(Thanks), []Want{SubmitOpinion{sent}}
}

func opinionSheet(satisfied, useful string) sheet.Sheet {
	return sheet.New(sheet.KindExit).Set(sheet.Satisfied, satisfied).Set(sheet.Useful, useful)
}
