package intake

import (
	"slices"
	"strconv"

	"jeudi/firmware/sheet"
)

// MostPlaces are offered at once, on screen and on paper: more would have to be
// compared.
const MostPlaces = 3

func shutView(_ State, c Context, v *Screen) {
	if c.Moved { // somebody is received, in another box's order
		v.Title = msg("sorry.text")
		return
	}
	v.Title = msg("closed.title")
	if v.Text = msg("closed.next_unknown"); !c.From.IsZero() {
		v.Text = msg("closed.next", "when", c.From)
	}
}

func shutChoices(s State, c Context) []Choice {
	list := []Choice{choice(keyAssess, "closed.assess", "questions")}
	if len(c.Places) > 0 {
		list = append(list, choice(keyPlaces, "closed.places", "places"))
	}
	list = append(list, choice(keyPractice, "practice.offer", "practice"), choice(keyOpinion, "opinion.give", "opinion"))
	return slotted(list, s.page, c.Slots)
}

func shutPress(s State, p Choice, _ Context) (State, []Want) {
	switch p.Key {
	case keyAssess:
		s.asked, s.last = 0, assessed()
		return s.goTo(Question), nil
	case keyPlaces:
		return s.goTo(Places), nil
	case keyPractice:
		return s.goTo(Practice), nil
	case keyOpinion:
		return s.goTo(Opinion), nil
	}
	return forget(s), nil
}

func shown(c Context) []Place { return c.Places[:min(len(c.Places), MostPlaces)] }

// key names a place; i is its rank.
func (p Place) key(i int) string {
	if p.Key != "" {
		return p.Key
	}
	return strconv.Itoa(i)
}

func placeKey(key string) string { return "place_" + key }

func placesChoices(s State, c Context) []Choice {
	var list []Choice
	for i, p := range shown(c) {
		k := Choice{Key: placeKey(p.key(i)), Label: verbatim(p.Name), Sub: verbatim(p.Address), Picto: "places"}
		if p.Open.Key != "" {
			k.Sub = p.Open
		}
		list = append(list, k)
	}
	if len(list) == 0 { // they went while somebody looked at them
		list = append(list, choice(keyFinish, "kiosk.finish", "yes"))
	}
	return slotted(list, s.page, c.Slots)
}

func placesPress(s State, p Choice, c Context) (State, []Want) {
	for i, at := range shown(c) {
		if p.Key == placeKey(at.key(i)) {
			s.place = at.key(i)
			return s.goTo(PlaceOne), nil
		}
	}
	return s.goBack(), nil
}

// here is the place on the screen; ok is false when it is there no more.
func (s State) here(c Context) (Place, bool) {
	for i, p := range shown(c) {
		if p.key(i) == s.place {
			return p, true
		}
	}
	return Place{}, false
}

func placeView(s State, c Context, v *Screen) {
	p, ok := s.here(c)
	if !ok {
		v.Title, v.Text = msg("places.title"), msg("places.gone")
		return
	}
	v.Title, v.Text = verbatim(p.Name), p.Open
	line := func(texts ...string) {
		for _, l := range texts {
			if l != "" {
				v.Lines = append(v.Lines, verbatim(l))
			}
		}
	}
	line(p.Address)
	if p.Metres > 0 {
		v.Lines = append(v.Lines, msg("places.metres", "n", p.Metres))
	}
	line(p.How, p.Hours, p.Phone, p.Entitles)
	line(p.Bring...)
	if slices.Contains(s.slipped, s.place) {
		v.Notice = msg("places.printing")
	}
}

func placeChoices(s State, c Context) []Choice {
	list := []Choice{choice(keyFinish, "kiosk.finish", "yes")}
	if _, ok := s.here(c); ok && !c.NoPaper && !slices.Contains(s.slipped, s.place) {
		list = append(list, choice(keyPrint, "places.print", "slip"))
	}
	return list
}

// placePress asks before the result goes on a paper that others will read; and only
// where there is one.
func placePress(s State, p Choice, c Context) (State, []Want) {
	if p.Key != keyPrint {
		return s.goBack(), nil
	}
	if _, ok := s.result(c); ok {
		return s.goTo(Slip), nil
	}
	return s.print(PrintSlip{})
}

func slipPress(s State, p Choice, c Context) (State, []Want) {
	s = s.goBack()
	var slip PrintSlip
	switch p.Key {
	case keySkip:
		return s, nil
	case keyYes:
		slip.Assessment, slip.WithResult = s.result(c)
	}
	return s.print(slip)
}

func (s State) print(slip PrintSlip) (State, []Want) {
	slip.Places = []string{s.place}
	s.slipped, s.Focus = append(slices.Clip(s.slipped), s.place), ""
	return s, append(s.tell(msg("places.printing")), slip)
}

// result is that of the questions answered so far; ok is false before.
func (s State) result(c Context) (a sheet.Assessment, ok bool) {
	if s.answers.Empty() {
		return a, false
	}
	return sheet.Score(s.answers, c.Thresholds), true
}
