package intake

import (
	"slices"

	"jeudi/firmware/routing"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// keyDone ends a question with several answers.
const keyDone = "done"

// ShareLevel gives the team the self-assessment and what follows from it. The
// visitor said yes to that; it is kept in memory until the visit ends, and never
// written.
type ShareLevel struct {
	Visit      session.ID
	Assessment sheet.Assessment
	Advice     routing.Advice
}

// Withdraw takes back what ShareLevel gave: the visitor changed their mind. The
// AdjustNeed beside it gives the queue what the calendar says again.
type Withdraw struct{ Visit session.ID }

func (ShareLevel) want() {}
func (Withdraw) want()   {}

// assessed is how many of a visitor's questions are the self-assessment; they
// come first.
func assessed() int { return len(sheet.Instrument()) }

func questionView(s State, c Context, v *Screen) {
	q := c.Schema.Questions[s.asked]
	private := msg("question.text")
	if s.Visit.IsZero() {
		private = msg("question.text_alone")
	}
	v.Title, v.Text = msg("question."+q.Key), private
	if s.asked < assessed() {
		v.Text = msg("question." + q.Key + ".example")
		if s.asked == 0 { // said once: eight times would be in the way
			v.Notice = private
		}
	}
	v.Progress, v.Picto = &Progress{s.asked + 1, s.last}, "ask_"+q.Key
}

func questionChoices(s State, c Context) []Choice {
	q := c.Schema.Questions[s.asked]
	given := s.answers.Answers(q)
	list := make([]Choice, len(q.Answers))
	for i, a := range q.Answers {
		list[i] = Choice{Key: a, Label: answerMsg(q.Key, a), Picto: answerPicto(q.Key, a), Selected: slices.Contains(given, a)}
	}
	last := choice(keyPass, "question.pass", "dont_know")
	if !q.Multi {
		return slotted(append(list, last), s.page, c.Slots)
	}
	if len(given) > 0 {
		last = choice(keyDone, "question.done", "yes")
	}
	return several(list, last, s.page, c.Slots)
}

// several cuts answers of which many may be chosen into pages of slots, with the
// way to go on as the last of each page: whoever has chosen need not see them all.
func several(list []Choice, last Choice, page, slots int) []Choice {
	if len(list) < slots {
		return append(list, last)
	}
	for n := slots - 2; page > 0 && len(list) > slots-1; page-- {
		list = list[n:]
	}
	if len(list) < slots {
		return append(slices.Clone(list), last)
	}
	return append(slices.Clone(list[:slots-2]), choice(keyMore, "kiosk.more", "more"), last)
}

// questionPress notes an answer, or none, and goes on.
func questionPress(s State, p Choice, c Context) (State, []Want) {
	q := c.Schema.Questions[s.asked]
	switch {
	case p.Key == keySkip:
		return s.end(c)
	case p.Key == keyPass:
		s.answers = s.answers.Set(q.Key, "") // whoever comes back to pass takes the answer back
	case q.Multi && p.Key != keyDone:
		s.answers = s.answers.Toggle(q, p.Key)
		if !s.mayHear() {
			return s, s.tell(msg("kiosk.private"))
		}
		sp := say(s, p.Label, chosen(slices.Contains(s.answers.Answers(q), p.Key)))
		sp.Private = !s.Aloud
		return s, s.named(sp)
	case !q.Multi:
		s.answers = s.answers.Set(q.Key, p.Key)
	}
	next := s.asked + 1
	if q.Key == sheet.Internet && p.Key == sheet.No {
		next = assessed() - 1 // what one does online is no question then; what is hard is
	}
	if next == s.last {
		return s.end(c)
	}
	if next == assessed() && !s.answers.Empty() {
		return s.goTo(Result), nil
	}
	s = s.goTo(Question)
	s.asked = next
	return s, nil
}

// end is the end of the questions: what was said is shown once more before it
// leaves, and nothing is sent when nothing was said. Whoever took every answer
// back took back what the team was told, too.
func (s State) end(c Context) (State, []Want) {
	switch {
	case s.Visit.IsZero():
		return s.goTo(Result), nil
	case s.answers.Empty():
		s, wants := s.withdraw(c)
		return s.show(Thanks), wants
	}
	return s.goTo(Recap), nil
}

// withdraw takes back the yes to share, if there was one.
func (s State) withdraw(c Context) (State, []Want) {
	if !s.shared {
		return s, nil
	}
	s.shared = false
	return s, []Want{Withdraw{s.Visit}, AdjustNeed{Visit: s.Visit, Need: c.Needs[s.motif], Class: c.Classes[s.motif]}}
}

// assess is what the answers so far say, and what follows from it here and now.
func assess(s State, c Context) (sheet.Assessment, routing.Advice) {
	a := sheet.Score(s.answers, c.Thresholds)
	return a, routing.Decide(c.Rules, routing.Case{
		Motif: s.motif, Plan: session.Motif{Key: s.motif, Need: c.Needs[s.motif], Class: c.Classes[s.motif]},
		ForOther: s.forOther, Present: c.Helpers, Home: c.Home, Workshop: c.Workshop, Equipment: c.Equipment,
	}.Assessed(a, s.answers))
}

// maxKind is how many kind words stand under a result.
const maxKind = 3

// resultView tells what can be done, never a level: the word would stick.
func resultView(s State, c Context, v *Screen) {
	a, advice := assess(s, c)
	key := "result." + a.Level.String()
	if a.Incomplete {
		key = "result.incomplete"
	}
	v.Title, v.Text = msg("result.title"), msg(key)
	freins := s.answers.Freins()
	kind := func(key string, yes bool) {
		if yes && len(v.Lines) < maxKind {
			v.Lines = append(v.Lines, msg(key))
		}
	}
	kind("result.reassure", a.Reassure)
	for _, f := range freins {
		switch f {
		case sheet.Rassure:
		case sheet.Materiel: // a promise only where it holds
			kind("result.frein.materiel", slices.Contains(c.Equipment, routing.Computer))
		default:
			kind("result.frein."+f, true)
		}
	}
	kind("result.workshop", advice.First == routing.Workshop)
}

func resultChoices(s State, c Context) []Choice {
	first := choice(keyFinish, "kiosk.finish", "yes")
	if !s.Visit.IsZero() {
		first = choice(keyGoOn, "help.go_on", "yes")
	}
	list := []Choice{first}
	if len(c.Places) > 0 {
		list = append(list, choice(keyPlaces, "closed.places", "places"))
	}
	return append(list, s.seatsOffer(c)...)
}

// resultSkip is the way to say no to what follows, when something does.
func resultSkip(s State, c Context) *Choice {
	if s.Visit.IsZero() {
		return nil
	}
	return noThanks()(s, c)
}

func resultPress(s State, p Choice, c Context) (State, []Want) {
	switch p.Key {
	case keyPlaces:
		return s.goTo(Places), nil
	case keySeats:
		return s.seekSeat(), nil
	case keyGoOn:
		return s.goTo(Share), nil
	case keySkip:
		return s.end(c) // « non merci » ends the questions wherever it stands
	}
	return s.show(Thanks), nil
}

// sharePress tells the queue and the team what the visitor said yes to, and
// nothing without that yes. Whoever came back to say no takes the yes back.
func sharePress(s State, p Choice, c Context) (State, []Want) {
	var wants []Want
	if p.Key == keyYes {
		a, advice := assess(s, c)
		s.shared = true
		wants = []Want{
			AdjustNeed{Visit: s.Visit, Need: advice.Need, Class: advice.Class},
			ShareLevel{Visit: s.Visit, Assessment: a, Advice: advice},
		}
	} else {
		s, wants = s.withdraw(c)
	}
	if p.Key == keySkip {
		s, _ = s.end(c) // nothing is left to take back
		return s, wants
	}
	s = s.goTo(Question)
	s.asked = assessed()
	return s, wants
}

func recapView(s State, c Context, v *Screen) {
	v.Title, v.Text = msg("recap.title"), msg("recap.text")
	for _, q := range c.Schema.Questions {
		for _, a := range s.answers.Answers(q) {
			v.Lines = append(v.Lines, msg("recap.line", "question", msg("recap."+q.Key), "answer", answerMsg(q.Key, a)))
		}
	}
}

// recapPress sends the sheet, or erases what was said: here, and at the team.
func recapPress(s State, p Choice, c Context) (State, []Want) {
	if p.Key == keySend {
		sent := s.answers
		s.answers, s.keeping, s.sent, s.trail = blank(), true, true, nil
		return s.show(Thanks), []Want{SubmitSheet{sent}}
	}
	s, wants := s.withdraw(c)
	s.answers, s.trail = blank(), nil
	return s.show(Thanks), wants
}

// answerMsg is the wording of an answer. Neighbourhoods are the site's own words.
func answerMsg(question, answer string) session.Msg {
	return msg("answer." + question + "." + answer)
}

// answerPicto is the picture of an answer: a name of the sprite of the kiosk.
func answerPicto(question, answer string) string {
	switch question {
	case sheet.Age:
		return "age_" + answer
	case sheet.Neighbourhood:
		return "neighbourhood"
	case sheet.Freins:
		return freinPicto(answer)
	}
	switch answer {
	case sheet.Yes, sheet.Alone, sheet.Helped:
		return answer
	case sheet.No:
		if slices.ContainsFunc(sheet.Instrument(), func(i sheet.Item) bool { return i.Key == question && i.Domain != sheet.Gate }) {
			return "cannot"
		}
		return answer
	case "salarie":
		return "emploi"
	case "independant":
		return "self_employed"
	case "demandeur_emploi":
		return "job_search"
	case "retraite":
		return "retraite"
	case "au_foyer":
		return "at_home"
	case "invalidite":
		return "disability"
	case "etudiant":
		return "student"
	case "seul":
		return "household_alone"
	case "mono_mineurs":
		return "household_parent"
	case "couple_mineurs":
		return "household_family"
	case "couple_sans_enfant":
		return "household_couple"
	case "enfants_majeurs":
		return "household_others"
	}
	return "other"
}

// freinPicto is the picture of what is hard.
func freinPicto(answer string) string {
	switch answer {
	case sheet.Peur:
		return "sorry"
	case sheet.Mots:
		return "questions"
	case sheet.Materiel:
		return "ordinateur"
	case sheet.Francais:
		return "language"
	case sheet.Lire:
		return "ecole"
	case sheet.Rassure:
		return "helped"
	}
	return "no"
}

// Answered is what the visitor has answered so far, for a slip that they want to
// carry it, and for the team where they said yes. It is never written.
func (s State) Answered() sheet.Sheet { return s.answers }
