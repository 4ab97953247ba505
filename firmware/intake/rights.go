package intake

import (
	"slices"
	"strings"

	"jeudi/firmware/rights"
	"jeudi/firmware/session"
)

const keyRights = "rights"

// PrintRights prints the list of what to check with the social worker, by the ids
// of its rules. Nothing else of what was answered goes on paper.
type PrintRights struct{ IDs []string }

func (PrintRights) want() {}

// rightsAtOnce is how many lines of the list stand on one screen: each is a benefit
// and whom to ask, so a small panel has room for two.
func rightsAtOnce(c Context) int {
	if c.Slots < 6 {
		return 2
	}
	return 5
}

// offersRights: never before the ticket, and only where the site says that the
// place is private.
func (s State) offersRights(c Context) bool {
	if !c.Private || s.Visit.IsZero() {
		return false
	}
	_, any := c.Rights.Next(nil, "")
	return any
}

func rightsOffer() Choice { return choice(keyRights, "rights.offer", "questions") }

// mostLists are printed for one visitor, each once.
const mostLists = 2

// list is the ids of the hints, and as one text.
func (s State) list(c Context) (ids []string, text string) {
	for _, h := range c.Rights.Hints(s.rights) {
		ids = append(ids, h.ID)
	}
	return ids, strings.Join(ids, " ")
}

// listed reports whether the list on the screen was asked for on paper.
func (s State) listed(c Context) bool {
	_, text := s.list(c)
	return slices.Contains(s.lists, text)
}

// startRights asks from the beginning: what was said before is forgotten.
func (s State) startRights(c Context) State {
	s.rights = nil
	return s.nextRight(c, "")
}

// nextRight goes to the question after another, or to the list.
func (s State) nextRight(c Context, after string) State {
	q, ok := c.Rights.Next(s.rights, after)
	if !ok {
		return s.goTo(RightsResult)
	}
	s = s.goTo(Rights)
	s.asked = slices.IndexFunc(c.Rights.Questions(), func(o rights.Question) bool { return o.Key == q.Key })
	return s
}

// leaveRights forgets the answers and goes back to where the visitor came from.
func (s State) leaveRights() State {
	at := Ticket
	for i, f := range slices.Backward(s.trail) {
		if f.screen == Ticket || f.screen == Thanks {
			at, s.trail = f.screen, slices.Clip(s.trail[:i])
			break
		}
	}
	s.rights = nil
	return s.show(at)
}

// right is the question on the screen.
func (s State) right(c Context) rights.Question {
	list := c.Rights.Questions()
	if s.asked < 0 || s.asked >= len(list) {
		return rights.Question{}
	}
	return list[s.asked]
}

// rightsView says once that nothing is kept and that every question may be passed.
func rightsView(s State, c Context, v *Screen) {
	v.Title = msg("rights.question." + s.right(c).Wording(s.rights))
	if len(s.trail) > 0 && s.trail[len(s.trail)-1].screen != Rights {
		v.Text = msg("rights.private_here")
		v.Notice = msg("rights.may_pass")
	}
}

func rightsChoices(s State, c Context) []Choice {
	q := s.right(c)
	var list []Choice
	add := func(answer string, label session.Msg) {
		list = append(list, Choice{Key: answer, Label: label, Picto: rightPicto(q.Key, answer), Selected: s.rights[q.Key] == answer})
	}
	if q.Key == rights.Income {
		for _, b := range c.Rights.Bands(s.rights) {
			add(b.Key, bandMsg(b))
		}
	} else {
		for _, a := range q.Answers {
			add(a, msg("rights.answer."+q.Wording(s.rights)+"."+a))
		}
	}
	return slotted(append(list, choice(keyPass, "rights.pass", "dont_know")), s.page, c.Slots)
}

// bandMsg is a band of money in the euros of the household: part of a question,
// and never of a result.
func bandMsg(b rights.Band) session.Msg {
	switch {
	case b.From == 0:
		return msg("rights.band.below", "below", b.Below)
	case b.Below == 0:
		return msg("rights.band.above", "from", b.From)
	}
	return msg("rights.band.between", "from", b.From, "below", b.Below)
}

func rightsPress(s State, p Choice, c Context) (State, []Want) {
	if p.Key == keySkip {
		return s.leaveRights(), nil
	}
	q, answer := s.right(c), p.Key
	if answer == keyPass {
		answer = "" // whoever comes back to pass takes the answer back
	}
	s.rights = s.rights.With(q.Key, answer)
	return s.nextRight(c, q.Key), nil
}

func rightsResultView(s State, c Context, v *Screen) {
	hints := c.Rights.Hints(s.rights)
	if len(hints) == 0 {
		v.Title, v.Text = msg("rights.result.none"), msg("rights.result.none_text")
		return
	}
	v.Title, v.Text = msg("rights.result.title"), msg("rights.result.text")
	if slices.ContainsFunc(hints, func(h rights.Hint) bool { return h.Open }) {
		v.Notice = msg("rights.result.longer")
	}
	if s.listed(c) {
		v.Notice = msg("rights.result.printing")
	}
	from := min(s.page*rightsAtOnce(c), len(hints))
	for _, h := range hints[from:min(from+rightsAtOnce(c), len(hints))] {
		v.Lines = append(v.Lines, HintLine(h, s.Lang))
	}
}

// HintLine is a hint on one line: the benefit, and whom to ask. A site's own
// names are in lang, or in French.
func HintLine(h rights.Hint, lang string) session.Msg {
	aid := msg("rights.rule." + h.ID)
	if name, own := h.Name(lang); own {
		aid = verbatim(name)
	}
	var whom session.Msg
	for _, code := range slices.Backward(h.Verify[:min(len(h.Verify), 3)]) { // more would nest deeper than a text may
		one := msg("rights.who." + code)
		if name, own := h.Body(code, lang); own {
			one = verbatim(name)
		}
		if whom.Key == "" {
			whom = one
		} else {
			whom = msg("rights.result.or", "one", one, "other", whom)
		}
	}
	return msg("rights.result.line", "aid", aid, "who", whom)
}

func rightsResultChoices(s State, c Context) []Choice {
	n := len(c.Rights.Hints(s.rights))
	list := []Choice{choice(keyFinish, "rights.result.end", "erased")}
	if n > (s.page+1)*rightsAtOnce(c) {
		list = append(list, choice(keyMore, "kiosk.more", "more"))
	}
	if n > 0 && len(s.lists) < mostLists && !s.listed(c) && !c.NoPaper {
		list = append(list, choice(keyPrint, "rights.result.print", "printer"))
	}
	return list
}

func rightsResultPress(s State, p Choice, c Context) (State, []Want) {
	if p.Key != keyPrint {
		return s.leaveRights(), nil
	}
	ids, text := s.list(c)
	s.lists, s.Focus = append(slices.Clip(s.lists), text), ""
	return s, append(s.tell(msg("rights.result.printing")), PrintRights{ids})
}

// rightPicto is the picture of an answer; where there is none that says it, one
// that says what is asked.
func rightPicto(question, answer string) string {
	switch question {
	case rights.Household:
		if answer == rights.Couple {
			return "household_couple"
		}
		return "household_alone"
	case rights.Age, rights.PartnerAge:
		switch answer {
		case "18-19", "20-24":
			return "age_young"
		case "25-59":
			return "age_adult"
		case "65+":
			return "age_elder"
		}
		return "age_senior"
	case rights.Under3, rights.From3:
		return "age_baby"
	case rights.From6:
		return "age_child"
	case rights.From14, rights.From19:
		return "age_teen"
	case rights.Income:
		return "banque"
	}
	switch answer {
	case rights.Yes, rights.No:
		return answer
	case rights.Employee, rights.Both:
		return "emploi"
	case rights.Self:
		return "self_employed"
	case rights.Tenant:
		return "logement"
	case rights.Owner:
		return "at_home"
	case rights.Hosted:
		return "neighbourhood"
	}
	return "other"
}
