package report

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// attendance is the mornings that were held, and who came.
func (w *writer) attendance() Part {
	p := Part{Key: "attendance", Title: "Fréquentation et demande"}
	a := w.r.Attendance
	t := a.Totals
	p.say(w.held())
	p.say(w.received())
	if a.Held > 0 && received(t) > 0 {
		p.say(sprint("En moyenne%s: %s %s par permanence", nbsp, tenth(mean(t, a.Held)), agreeAbout(mean(t, a.Held), "personne accueillie", "personnes accueillies")))
	}
	p.say(w.notReceived())
	p.say(w.turnedAway() + w.turnedAwayBefore())
	if t.ForOther > 0 {
		p.say(sprint("%s %s pour quelqu’un d’autre", person.of(t.ForOther), agree(t.ForOther, "est venue", "sont venues")))
	}
	if t.OnPaper > 0 {
		p.say(sprint("%s %s sur papier, pendant un arrêt de la borne", person.of(t.OnPaper), agree(t.OnPaper, "a été comptée", "ont été comptées")))
	}
	p.say(w.attendanceBefore())

	table := DataTable{Key: "attendance", Caption: "Personnes venues, selon la suite donnée", Columns: answerColumns("Suite donnée"), How: exact}
	chart := Chart{Key: "attendance", Caption: table.Caption}
	for _, o := range []struct {
		label string
		n     int
	}{
		{"Reçues", t.Served}, {"Envoyées vers un autre lieu", t.Oriented}, {"Absentes à l’appel", t.NoShow}, {"Parties avant la fin", t.Left},
		{"Mauvais guichet", t.Misrouted}, {"Tickets annulés", t.Cancelled}, {"Suite inconnue", t.Unresolved},
	} {
		s := part{n: o.n, of: t.Issued}
		table.Rows = append(table.Rows, []Cell{text(o.label), count(o.n), shareCell(s)})
		if t.Issued > 0 && o.n > 0 {
			chart.Bars = append(chart.Bars, Bar{Label: o.label, Value: s.share(), Text: s.figures(), Ref: -1})
		}
	}
	table.Rows = append(table.Rows, []Cell{text("Tickets donnés"), count(t.Issued), dash()})
	chart.Description = describe(chart)
	p.show(table, chart)

	if len(t.TurnedAway) > 0 {
		away := DataTable{Key: "turned_away", Caption: "Personnes non reçues, sans ticket", How: exact,
			Columns: []Column{{Key: "reason", Head: "Raison"}, {Key: "count", Head: "Nombre", Number: true}}}
		for _, r := range slices.Sorted(maps.Keys(t.TurnedAway)) {
			away.Rows = append(away.Rows, []Cell{text(w.site.reason(r)), count(t.TurnedAway[r])})
		}
		p.Tables = append(p.Tables, away)
	}
	w.places(&p)
	w.tallies(&p, "role", "Tickets selon le métier demandé", "Métier", sheet.Role, a.Roles)
	w.tallies(&p, "class", "Tickets selon la durée prévue", "Durée prévue", sheet.Class, a.Classes)
	return p
}

func mean(t session.Totals, held int) float64 { return float64(received(t)) / float64(held) }

// held says how many permanences took place, of those that were planned.
func (w *writer) held() string {
	a := w.r.Attendance
	text := sprint("%s %s", permanence.of(a.Held), agree(a.Held, "a été tenue", "ont été tenues"))
	if a.Held == 0 {
		text = "Aucune permanence n’a été tenue."
	}
	switch {
	case a.Missing == 0:
		return text
	case a.Missing == 1:
		return text + " Une permanence prévue n’a pas eu lieu."
	}
	return text + " " + sprint("%s prévues n’ont pas eu lieu", permanence.of(a.Missing))
}

// received says how many people were received, and how.
func (w *writer) received() string {
	t := w.r.Attendance.Totals
	n := received(t)
	switch {
	case n == 0:
		return "Aucune personne n’a été accueillie."
	case t.Oriented == 0:
		return sprint("%s %s", person.of(n), agree(n, "a été accueillie", "ont été accueillies"))
	case t.Served == 0:
		return sprint("%s %s vers un autre lieu", person.of(n), agree(n, "a été envoyée", "ont été envoyées"))
	}
	return sprint("%s ont été accueillies%s: %s %s, %s %s vers un autre lieu", person.of(n), nbsp,
		number(t.Served), agree(t.Served, "a été reçue sur place", "ont été reçues sur place"),
		number(t.Oriented), agree(t.Oriented, "a été envoyée", "ont été envoyées"))
}

// notReceived says what became of the other tickets.
func (w *writer) notReceived() string {
	t := w.r.Attendance.Totals
	if t.Issued == 0 {
		return ""
	}
	var rest []string
	add := func(n int, one, many string) {
		if n > 0 {
			rest = append(rest, number(n)+nbsp+agree(n, one, many))
		}
	}
	add(t.NoShow, "personne absente à l’appel", "personnes absentes à l’appel")
	add(t.Left, "personne partie avant la fin", "personnes parties avant la fin")
	add(t.Misrouted, "personne au mauvais guichet", "personnes au mauvais guichet")
	add(t.Cancelled, "ticket annulé", "tickets annulés")
	add(t.Unresolved, "suite inconnue", "suites inconnues")
	text := ticket.of(t.Issued) + " " + agree(t.Issued, "a été donné", "ont été donnés")
	if len(rest) == 0 {
		return sentence(text)
	}
	return sentence(text) + " Parmi eux" + nbsp + ": " + list(rest, "et") + "."
}

// turnedAway says who was not received at all: the demand that nobody met.
func (w *writer) turnedAway() string {
	t := w.r.Attendance.Totals
	n := t.AllTurnedAway()
	if n == 0 {
		return "Aucune personne non reçue sans ticket n’a été notée."
	}
	var why []string
	for _, r := range slices.Sorted(maps.Keys(t.TurnedAway)) {
		if k := t.TurnedAway[r]; k > 0 {
			why = append(why, w.site.reason(r)+", "+number(k))
		}
	}
	text := person.of(n) + " " + agree(n, "est venue sans être reçue ni prendre de ticket", "sont venues sans être reçues ni prendre de ticket")
	return sentence(text, " (", join(why), ")")
}

// turnedAwayBefore is the exact count of a period that is about as long.
func (w *writer) turnedAwayBefore() string {
	if !w.comparable() {
		return ""
	}
	return " À la période précédente" + nbsp + ": " + person.of(w.before.Attendance.Totals.AllTurnedAway()) + "."
}

// reason is why somebody was turned away, in words.
func (s Site) reason(r session.Reason) string {
	return cmp.Or(s.Labels["reason."+string(r)], "autre raison")
}

// attendanceBefore compares exact counts, of periods that are about as long.
func (w *writer) attendanceBefore() string {
	if w.before == nil {
		return ""
	}
	b, n := w.before.Attendance, received(w.r.Attendance.Totals)
	was := received(b.Totals)
	text := sprint("Période précédente, %s%s: %s %s en %s", w.spanBefore(), nbsp, person.of(was),
		agree(was, "accueillie", "accueillies"), permanence.of(b.Held))
	switch {
	case !w.comparable():
		return text + " Elle n’a pas la même durée" + nbsp + ": les nombres ne se comparent pas."
	case n == was:
		return text + " Le nombre est le même."
	case n > was:
		return text + " " + sprint("C’est %s de plus cette fois", person.of(n-was))
	}
	return text + " " + sprint("C’est %s de moins cette fois", person.of(was-n))
}

// tallies is a table of exact counts of a closed list.
func (w *writer) tallies(p *Part, key, caption, what, question string, list []Tally) {
	if len(list) == 0 {
		return
	}
	t := DataTable{Key: key, Caption: caption, How: exact, Columns: []Column{{Key: "answer", Head: what}, {Key: "count", Head: "Nombre", Number: true}}}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Tally) int { return w.site.rank(question, a.Key) - w.site.rank(question, b.Key) })
	for _, c := range list {
		t.Rows = append(t.Rows, []Cell{text(w.site.label(question, c.Key)), count(c.N)})
	}
	p.Tables = append(p.Tables, t)
}

// waits is how long people waited and stayed, and whether what they were told held.
func (w *writer) waits() Part {
	p := Part{Key: "waits", Title: "Attente et durée des visites"}
	a := w.r.Attendance
	w.bands(&p, "waits", "Attente avant le premier appel", a.Waits, "%s attendu moins de %s avant leur premier appel")
	w.bands(&p, "services", "Durée des entretiens", a.Services, "%s été reçues pendant moins de %s")
	if n := a.Announced.N(); n > 0 {
		kept, was := part{n: a.Announced.Within(), of: n}, ""
		if w.before != nil {
			b := w.before.Attendance.Announced
			was = changed(kept, part{n: b.Within(), of: b.N()})
		}
		if n < fractionFrom {
			p.say(sprint("Promesse d’attente tenue%s: %s %s", nbsp, kept.figures(), agree(n, "attente annoncée", "attentes annoncées")) + was)
		} else {
			p.say(sprint("Promesse d’attente tenue%s: %s des attentes annoncées (%s)", nbsp, kept.words(), kept.figures()) + was)
		}
		if later := a.Announced.Above(); later > 0 {
			p.say(sprint("%s %s attendu plus longtemps qu’annoncé", person.of(later), agree(later, "a", "ont")))
		}
	} else if a.Held > 0 {
		p.say("Promesse d’attente" + nbsp + ": non renseigné, aucune attente annoncée n’a été mesurée.")
	}
	if a.Capacity > 0 {
		busy := part{n: min(a.Busy, a.Capacity), of: a.Capacity}
		p.say(sprint("Les bureaux ouverts ont été occupés %s du temps (%s sur %s)", percent(busy.share()), hours(a.Busy), hours(a.Capacity)))
	} else if a.Held > 0 {
		p.say("Occupation des bureaux" + nbsp + ": non renseigné.")
	}
	if len(p.Tables) == 0 && a.Held == 0 {
		return Part{}
	}
	return p
}

// bands adds the table, the chart and the sentence of durations.
func (w *writer) bands(p *Part, key, caption string, list []Band, format string) {
	total := 0
	for _, b := range list {
		total += b.Visits
	}
	if total == 0 {
		if w.r.Attendance.Held > 0 {
			p.say(caption + nbsp + ": non renseigné.")
		}
		return
	}
	t := DataTable{Key: key, Caption: caption, Columns: answerColumns("Durée"), How: exact}
	c := Chart{Key: key, Caption: caption}
	sum, said := 0, false
	for _, b := range list {
		s := part{n: b.Visits, of: total}
		t.Rows = append(t.Rows, []Cell{text(b.words()), count(b.Visits), shareCell(s)})
		c.Bars = append(c.Bars, Bar{Label: b.words(), Value: s.share(), Text: s.figures(), Ref: -1})
		// The first duration under which half of them stayed is what a reader keeps.
		if sum += b.Visits; !said && 2*sum >= total && b.Max > 0 {
			half := part{n: sum, of: total}
			p.say(sprint(format, person.of(sum)+" sur "+number(total)+" "+agree(sum, "a", "ont"), hours(int(b.Max/time.Minute))))
			if few(float64(sum)) {
				p.Sentences[len(p.Sentences)-1] = sprint("%s%s: %s sous %s", caption, nbsp, half.figures(), hours(int(b.Max/time.Minute)))
			}
			said = true
		}
	}
	if !said {
		last := list[len(list)-1]
		p.say(sprint("%s%s: %s %s ou plus", caption, nbsp, part{n: last.Visits, of: total}.figures(), hours(int(last.Min/time.Minute))))
	}
	if known := w.r.Attendance.Totals.Served; key == "services" && known > total {
		p.say(sprint("Durée non renseignée%s: %s", nbsp, visit.of(known-total)))
	}
	t.Rows = append(t.Rows, []Cell{text("Total"), count(total), dash()})
	c.Description = describe(c)
	p.show(t, c)
}

// words is a band in words.
func (b Band) words() string {
	low, high := int(b.Min/time.Minute), int(b.Max/time.Minute)
	switch {
	case b.Max == 0:
		return number(low) + nbsp + "min et plus"
	case b.Min == 0:
		return "Moins de " + number(high) + nbsp + "min"
	}
	return number(low) + " à " + number(high) + nbsp + "min"
}

// blocked is the alert page: procedures that an organism's own service did not let end.
func (w *writer) blocked() Part {
	p := Part{Key: "blocked", Title: "Alerte" + nbsp + ": démarches bloquées, par organisme"}
	list := slices.Clone(w.r.Blocked)
	list = slices.DeleteFunc(list, func(t Tally) bool { return t.N <= 0 })
	if len(list) == 0 {
		p.say("Aucune démarche bloquée n’a été notée.")
		return p
	}
	slices.SortStableFunc(list, func(a, b Tally) int { return cmp.Compare(b.N, a.N) })
	total := 0
	t := DataTable{Key: "blocked", Caption: "Démarches bloquées, par organisme", How: exact + " Aucune personne n’y est rattachée.",
		Columns: []Column{{Key: "organism", Head: "Organisme"}, {Key: "count", Head: "Démarches bloquées", Number: true}}}
	for _, b := range list {
		total += b.N
		t.Rows = append(t.Rows, []Cell{text(w.site.label("organism", b.Key)), count(b.N)})
	}
	c := Chart{Key: "blocked", Caption: t.Caption}
	for _, b := range list {
		c.Bars = append(c.Bars, Bar{Label: w.site.label("organism", b.Key), Value: float64(b.N) / float64(total), Text: number(b.N), Ref: -1})
	}
	c.Description = describe(c)
	blocked := noun{"démarche bloquée", "démarches bloquées", true}
	p.say(sprint("%s %s, chez %s", blocked.of(total), agree(total, "a été notée", "ont été notées"), noun{"organisme", "organismes", false}.of(len(list))))
	if first := list[0]; len(list) > 1 && first.N > list[1].N {
		p.say(sprint("Le plus souvent%s: %s, %s sur %s", nbsp, w.site.label("organism", first.Key), number(first.N), number(total)))
	}
	p.show(t, c)
	return p
}

// home is who could not come.
func (w *writer) home() Part {
	p := Part{Key: "home", Title: "Personnes qui ne peuvent pas venir"}
	if n := w.r.Home; n == 0 {
		p.say("Aucune personne qui ne peut pas venir n’a été signalée.")
	} else {
		p.say(sprint("%s qui ne %s pas venir %s", person.of(n), agree(n, "peut", "peuvent"), agree(n, "a été signalée", "ont été signalées")))
	}
	return p
}

// box is how far the figures may be relied upon.
func (w *writer) box() Part {
	p := Part{Key: "box", Title: "Fiabilité de la borne et des chiffres"}
	a := w.r.Attendance
	if a.Held == 0 {
		return Part{}
	}
	switch n := a.Totals.Outages; {
	case n == 0:
		p.say("La borne ne s’est pas arrêtée pendant une permanence.")
	case a.Down > 0:
		p.say(sprint("La borne s’est arrêtée %s fois pendant une permanence, %s en tout", number(n), hours(a.Down)))
	default:
		p.say(sprint("La borne s’est arrêtée %s fois pendant une permanence%s; durée%s: moins d’une minute ou non renseignée", number(n), nbsp, nbsp))
	}
	if t := a.Totals; t.Issued > 0 {
		if t.Inaccurate == 0 {
			p.say("Aucune visite n’a d’heure inexacte.")
		} else {
			p.say(sprint("%s sur %s %s une heure inexacte, à cause d’un arrêt de la borne ou d’une saisie sur papier", visit.of(t.Inaccurate), number(t.Issued), agree(t.Inaccurate, "a", "ont")))
		}
	}
	return p
}

// costs is what the place declared of a year, for the length of the period.
func (w *writer) costs() Part {
	p := Part{Key: "costs", Title: "Moyens"}
	c := w.site.Costs
	if len(w.boxes) > 1 {
		return Part{} // of one place alone
	}
	if c == (Costs{}) {
		p.say("Coût et temps de travail" + nbsp + ": non renseigné.")
		return p
	}
	days := daysOf(w.covered)
	p.say("Ces moyens sont ceux que le lieu a déclarés pour une année" + nbsp + "; la borne ne les mesure pas.")
	if c.Staff > 0 {
		p.say(sprint("Temps des agents%s: %s %s temps plein (ETP)", nbsp, hundredth(c.Staff), agreeAbout(c.Staff, "équivalent", "équivalents")))
	} else {
		p.say("Temps des agents" + nbsp + ": non renseigné.")
	}
	if c.Helped > 0 {
		p.say(sprint("Temps des bénévoles%s: %s %s temps plein (ETP)", nbsp, hundredth(c.Helped), agreeAbout(c.Helped, "équivalent", "équivalents")))
	}
	if c.Euros == 0 {
		p.say("Coût" + nbsp + ": non renseigné.")
		return p
	}
	cost := float64(c.Euros) * float64(days) / 365.25
	p.say(sprint("Coût déclaré%s: %s%s€ par an, soit environ %s%s€ pour cette période de %s jours", nbsp, number(c.Euros), nbsp, number(int(math.Round(cost/10))*10), nbsp, number(days)))
	if n := received(w.r.Attendance.Totals); n > 0 {
		p.say(sprint("Cela fait environ %s%s€ par personne accueillie", number(int(math.Round(cost/float64(n)))), nbsp))
	}
	return p
}
