package report

import (
	"math"
	"slices"

	"jeudi/firmware/sheet"
)

// missing says why there are no margins of a kind of sheets.
func (w *writer) missing(kind sheet.Kind, what string) string {
	if slices.ContainsFunc(w.r.Tables, func(t sheet.Table) bool { return t.Kind == kind.String() }) {
		return what + nbsp + ": non renseigné."
	}
	return what + nbsp + ": non renseigné. Les fiches sont trop peu nombreuses pour être publiées."
}

// origin is where people live.
func (w *writer) origin() Part {
	p := Part{Key: "origin", Title: "D’où viennent les personnes"}
	a, ok := w.r.question(sheet.KindVisitor, sheet.Neighbourhood)
	if !ok {
		if len(w.site.Neighbourhoods) > 0 {
			p.say(w.missing(sheet.KindVisitor, "Quartier"))
		}
		return p
	}
	if keys := w.qpv(); len(keys) > 0 {
		share := a.part(keys...)
		p.say(w.shareOf("Habitants d’un quartier prioritaire", share, form) + w.than(share, sheet.KindVisitor, sheet.Neighbourhood, keys...))
	}
	away := a.part(sheet.Elsewhere)
	if away.n > 0 {
		p.say(w.shareOf("Habitants d’ailleurs", away, form))
	}
	p.say(a.unsaid(form))
	t, c := w.tableOf(a, sheet.Neighbourhood, "origin", "Quartier d’habitation", "Quartier", nil)
	p.show(t, c)
	return p
}

func (w *writer) qpv() []string {
	var keys []string
	for _, n := range w.site.Neighbourhoods {
		if n.QPV {
			keys = append(keys, n.Key)
		}
	}
	return keys
}

// shareOf is « Retraités : environ un tiers des fiches renseignées (24 sur 72, 33 %). »
func (w *writer) shareOf(who string, p part, of noun) string {
	informed := of.many + " renseigné" + map[bool]string{true: "es", false: "s"}[of.feminine]
	if p.untold() {
		return sprint("%s%s: trop peu pour le dire, avec d’autres réponses regroupées", who, nbsp)
	}
	if p.of < fractionFrom {
		if few(float64(p.of)) {
			informed = of.one + " renseigné" + map[bool]string{true: "e"}[of.feminine]
		}
		return sprint("%s%s: %s %s", who, nbsp, p.figures(), informed)
	}
	return sprint("%s%s: %s des %s (%s)", who, nbsp, p.words(), informed, p.figures())
}

// people is age, household, situation and first visits.
func (w *writer) people() Part {
	p := Part{Key: "people", Title: "Qui sont les personnes"}
	if a, ok := w.r.question(sheet.KindVisitor, sheet.Age); ok {
		adult, old := ageParts()[0], ageParts()[1]
		p.say(w.shareOf("62 ans ou plus", a.part(old...), form) + w.than(a.part(old...), sheet.KindVisitor, sheet.Age, old...))
		p.say(w.shareOf("De 25 à 61 ans", a.part(adult...), form))
		p.say(ofWhat("Âge", a.unsaid(form)))
		t, c := w.tableOf(a, sheet.Age, "age", "Âge", "Âge", nil)
		p.show(t, c)
	} else {
		p.say(w.missing(sheet.KindVisitor, "Âge"))
	}
	for _, q := range []struct{ key, name string }{
		{sheet.Household, "Foyer"}, {sheet.Situation, "Situation"},
	} {
		a, ok := w.r.question(sheet.KindVisitor, q.key)
		if !ok {
			p.say(w.missing(sheet.KindVisitor, q.name))
			continue
		}
		p.say(w.most(a, q.key, q.name))
		p.say(ofWhat(q.name, a.unsaid(form)))
		t, c := w.tableOf(a, q.key, q.key, q.name, q.name, nil)
		p.show(t, c)
	}
	if a, ok := w.r.question(sheet.KindVisitor, sheet.FirstVisit); ok {
		share := a.part(sheet.Yes)
		p.say(w.shareOf("Première visite", share, form) + w.than(share, sheet.KindVisitor, sheet.FirstVisit, sheet.Yes))
		p.say(ofWhat("Première visite", a.unsaid(form)))
		t, c := w.tableOf(a, sheet.FirstVisit, "first_visit", "Première visite", "Visite", nil)
		p.show(t, c)
	} else {
		p.say(w.missing(sheet.KindVisitor, "Première visite"))
	}
	return p
}

// ofWhat names the question whose sheets are not filled in: a chapter has several.
func ofWhat(what, unsaid string) string {
	const begins = "Non renseigné"
	return what + ", non renseigné" + unsaid[len(begins):]
}

// most says the three most frequent answers, in words, and those as frequent as the third.
func (w *writer) most(a ask, question, name string) string {
	type said struct {
		label string
		p     part
	}
	var all []said
	for _, c := range a.q.Answers {
		if c.Key != sheet.Unset && c.Key != sheet.Grouped && c.N > 0 {
			all = append(all, said{w.site.labelOf(question, c), a.part(keysOf(c)...)})
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.SortStableFunc(all, func(x, y said) int { return y.p.n - x.p.n })
	var parts []string
	first := min(3, len(all))
	for first < min(5, len(all)) && all[first].p.n == all[first-1].p.n {
		first++ // a tie is said whole
	}
	for _, s := range all[:first] {
		label := s.label
		if question != sheet.Motif { // the site's own words, which may be a name
			label = lower(label)
		}
		parts = append(parts, label+", "+s.p.said())
	}
	lead := "réponses les plus fréquentes"
	if len(parts) == 1 {
		lead = "réponse la plus fréquente"
	}
	return sentence(name, ", ", lead, nbsp, ": ", join(parts))
}

// motifs is why people came.
func (w *writer) motifs() Part {
	p := Part{Key: "motifs", Title: "Pourquoi les personnes viennent"}
	a, ok := w.r.question(sheet.KindStaff, sheet.Motif)
	if !ok {
		p.say(w.missing(sheet.KindStaff, "Motif"))
		return p
	}
	p.say(w.most(a, sheet.Motif, "Motifs"))
	p.say(w.motifChanges(a)...)
	p.say(a.unsaid(visit))
	t, c := w.tableOf(a, sheet.Motif, "motifs", "Motif déclaré des visites reçues", "Motif", nil)
	p.show(t, c)
	if t, ok := w.several(sheet.KindStaff, sheet.Themes, "themes", "Ce qui a été fait, par thème", "Thème"); ok {
		p.Tables = append(p.Tables, t)
	}
	return p
}

// motifChanges says which motifs became more or less frequent, beyond the rounding.
func (w *writer) motifChanges(a ask) []string {
	if w.before == nil {
		return nil
	}
	b, ok := w.before.question(sheet.KindStaff, sheet.Motif)
	if !ok {
		return []string{"Motifs de la période précédente" + nbsp + ": non renseigné."}
	}
	var more, less []string
	for _, c := range a.q.Answers {
		if c.Key == sheet.Unset || c.Key == sheet.Grouped {
			continue
		}
		x, y := a.part(keysOf(c)...), b.part(keysOf(c)...)
		change := x.share() - y.share()
		if x.lower || y.lower || x.top || y.top || x.scarce || y.scarce || min(x.of, y.of) < compareFrom || math.Abs(change) <= x.margin+y.margin {
			continue
		}
		text := w.site.labelOf(sheet.Motif, c) + ", " + x.figures() + " (avant" + nbsp + ": " + y.figures() + ")"
		if change > 0 {
			more = append(more, text)
		} else {
			less = append(less, text)
		}
	}
	var said []string
	if len(more) > 0 {
		said = append(said, sentence(agree(len(more), "Motif plus fréquent", "Motifs plus fréquents"), " qu’à la période précédente", nbsp, ": ", join(more)))
	}
	if len(less) > 0 {
		said = append(said, sentence(agree(len(less), "Motif moins fréquent", "Motifs moins fréquents"), " qu’à la période précédente", nbsp, ": ", join(less)))
	}
	if len(said) == 0 {
		said = append(said, "Aucun motif n’a changé depuis la période précédente au-delà de ce que l’arrondi peut produire.")
	}
	return said
}

// several is the table of a question with several answers: how many sheets gave each.
func (w *writer) several(kind sheet.Kind, question, key, caption, what string) (DataTable, bool) {
	t := DataTable{Key: key, Caption: caption, Columns: answerColumns(what)}
	type row struct {
		label string
		p     part
		rank  int
		said  string // instead of a count
	}
	var rows []row
	unset, total := 0, 0
	for _, table := range w.r.Tables {
		if table.Kind != kind.String() {
			continue
		}
		for _, q := range table.Questions {
			if len(q.Key) <= len(question)+1 || q.Key[:len(question)+1] != question+"." {
				continue
			}
			a, ok := w.r.question(kind, q.Key)
			if !ok {
				continue
			}
			answer := q.Key[len(question)+1:]
			rows = append(rows, row{w.site.label(question, answer), a.part(sheet.Yes), w.site.rank(question, answer), a.instead()})
			unset, total = a.unset, a.total
			t.How = protected(a.how)
		}
	}
	slices.SortStableFunc(rows, func(x, y row) int {
		if d := x.rank - y.rank; d != 0 {
			return d
		}
		return y.p.n - x.p.n
	})
	for _, r := range rows {
		if (r.p.n == 0 || r.said != "") && question == sheet.Themes {
			continue // thirty themes, of which a place meets ten
		}
		n, share := leastCount(r.p.n, r.p.lower), shareCell(r.p)
		if r.said != "" {
			n, share = Cell{Text: r.said, None: true}, dash()
		}
		t.Rows = append(t.Rows, []Cell{text(r.label), n, share})
	}
	if len(t.Rows) == 0 {
		return t, false
	}
	t.Rows = append(t.Rows, footRows(unset, total)...)
	t.Caption += " (plusieurs réponses possibles)"
	return t, true
}

// instead is what is said in the place of how many said yes, where that was not released
// as a count.
func (a ask) instead() string {
	for _, c := range a.q.Answers {
		switch {
		case c.Key == sheet.Yes && c.Top:
			return "presque toutes"
		case c.Key == sheet.Yes:
			return ""
		case c.Key == sheet.No && c.Top:
			return "presque aucune"
		}
	}
	return "trop peu pour le dire"
}

// autonomy is the three levels, beside the published ones.
func (w *writer) autonomy() Part {
	p := Part{Key: "autonomy", Title: "Autonomie avec le numérique"}
	kind, key, of := sheet.KindVisitor, sheet.LevelReached, form
	remote, accompanied, autonomous := sheet.Remote.String(), sheet.Accompanied.String(), sheet.Autonomous.String()
	a, ok := w.r.question(kind, key)
	if ok {
		p.say("Les personnes se sont évaluées elles-mêmes" + nbsp + ": c’est un repérage, pas un diagnostic.")
	} else {
		kind, key, of = sheet.KindStaff, sheet.Autonomy, visit
		remote, accompanied, autonomous = "EntierementAccompagne", "PartiellementAutonome", "Autonome"
		if a, ok = w.r.question(kind, key); !ok {
			p.say(w.missing(sheet.KindVisitor, "Autonomie"))
			return p
		}
		p.say("Autonomie vue par les agents pendant la visite.")
	}
	m := morbihan()
	for _, l := range []struct {
		who string
		key string
		ref float64
	}{{"Autonomes", autonomous, m.autonomous}, {"À accompagner", accompanied, m.accompanied}, {"Éloignées du numérique", remote, m.remote}} {
		share := a.part(l.key)
		line := w.shareOf(l.who, share, of) + beside(share, l.ref)
		if l.key == autonomous {
			line += w.than(share, kind, key, autonomous)
		}
		p.say(line)
	}
	p.say("Repère" + nbsp + ": " + morbihanSource + nbsp + ": 56" + nbsp + "% autonomes, 31" + nbsp + "% à accompagner, 13" + nbsp + "% éloignées. " +
		"Les personnes qui viennent à une permanence ne sont pas un échantillon de la population" + nbsp + ": ces écarts ne disent rien du territoire.")
	p.say(a.unsaid(of))
	t, c := w.tableOf(a, key, "autonomy", "Niveaux d’autonomie", "Niveau", map[string]float64{remote: m.remote, accompanied: m.accompanied, autonomous: m.autonomous})
	p.show(t, c)
	if pairs, ok := w.r.question(sheet.KindStaff, sheet.Agreement); ok {
		t, same := w.agreement(pairs)
		p.Tables = append(p.Tables, t)
		p.say(same, ofWhat("Comparaison des deux niveaux", pairs.unsaid(visit)))
	}
	return p
}

// beside says on which side of a reference a share is, where the counts can tell.
func beside(p part, ref float64) string {
	if p.of == 0 || p.lower || p.top {
		return ""
	}
	switch far := p.share() - ref; {
	case math.Abs(far) <= max(p.margin, 0.02):
		return " C’est à peu près le repère (" + percent(ref) + ")."
	case far > 0:
		return " C’est plus que le repère (" + percent(ref) + ")."
	}
	return " C’est moins que le repère (" + percent(ref) + ")."
}

// agreement is how often the mediator saw the level that the person gave.
func (w *writer) agreement(a ask) (DataTable, string) {
	t := DataTable{Key: "agreement", Caption: "Niveau donné par la personne et niveau vu par l’agent", Columns: answerColumns("Personne – agent"), How: protected(a.how)}
	var same []string
	for l := sheet.Remote; l <= sheet.Autonomous; l++ {
		same = append(same, sheet.Pair(l, l))
	}
	for _, c := range a.q.Answers {
		if c.N > 0 && c.Key != sheet.Grouped && c.Key != sheet.Unset {
			t.Rows = append(t.Rows, []Cell{text(pairWords(c)), leastCount(c.N, c.Least), shareCell(a.part(keysOf(c)...))})
		}
	}
	for _, c := range a.q.Answers {
		if c.Key == sheet.Grouped && c.N > 0 || c.Key == sheet.Unset {
			t.Rows = append(t.Rows, []Cell{text(w.site.label("", c.Key)), count(c.N), dash()})
		}
	}
	t.Rows = append(t.Rows, []Cell{text("Total"), count(a.total), dash()})
	p := a.part(same...)
	if p.of < percentFrom {
		return t, sprint("L’agent et la personne voient le même niveau%s: %s%s visites où les deux sont connus", nbsp, map[bool]string{true: "au moins "}[p.lower], p.figures())
	}
	return t, sprint("L’agent et la personne voient le même niveau dans %s des visites où les deux sont connus (%s)", p.words(), p.figures())
}

// pairWords is one pair of levels, or several with the same level of the person's own.
func pairWords(c sheet.Count) string {
	var own string
	var seen []string
	for self := sheet.Remote; self <= sheet.Autonomous; self++ {
		for mediator := sheet.Remote; mediator <= sheet.Autonomous; mediator++ {
			if slices.Contains(keysOf(c), sheet.Pair(self, mediator)) {
				own = levelWord(self)
				seen = append(seen, levelWord(mediator))
			}
		}
	}
	if len(seen) == 0 {
		return c.Key
	}
	return own + " – " + list(seen, "ou")
}

func levelWord(l sheet.Level) string {
	switch l {
	case sheet.Remote:
		return "éloignée"
	case sheet.Accompanied:
		return "à accompagner"
	}
	return "autonome"
}

// obstacles is what is hard, as people say and as staff see.
func (w *writer) obstacles() Part {
	p := Part{Key: "obstacles", Title: "Freins"}
	for _, s := range []struct {
		kind         sheet.Kind
		key, caption string
		who          string
		of           noun
	}{
		{sheet.KindVisitor, "obstacles", "Freins dits par les personnes", "Freins les plus cités par les personnes", form},
		{sheet.KindStaff, "obstacles_seen", "Freins vus par les agents", "Freins les plus notés par les agents", visit},
	} {
		t, ok := w.several(s.kind, sheet.Freins, s.key, s.caption, "Frein")
		if !ok {
			p.say(w.missing(s.kind, s.caption))
			continue
		}
		type said struct {
			label string
			p     part
		}
		var all []said
		var any ask
		for _, f := range answersOf(sheet.Freins) {
			if a, ok := w.r.question(s.kind, sheet.Freins+"."+f.key); ok && f.key != sheet.Rien {
				any = a
				if x := a.part(sheet.Yes); x.n > 0 && !x.lower {
					all = append(all, said{f.label, x})
				}
			}
		}
		slices.SortStableFunc(all, func(x, y said) int { return y.p.n - x.p.n })
		var parts []string
		for _, x := range all[:min(3, len(all))] {
			parts = append(parts, lower(x.label)+", "+x.p.said())
		}
		if len(parts) > 0 {
			p.say(sentence(s.who, nbsp, ": ", join(parts)))
		} else {
			p.say(s.caption + nbsp + ": aucun n’est assez fréquent pour être publié.")
		}
		if any.total > 0 {
			p.say(ofWhat(map[bool]string{true: "Freins des personnes", false: "Freins vus"}[s.kind == sheet.KindVisitor], any.unsaid(s.of)))
		}
		c := Chart{Key: s.key, Caption: s.caption}
		for _, x := range all {
			c.Bars = append(c.Bars, Bar{Label: x.label, Value: x.p.share(), Text: x.p.figures(), Ref: -1})
		}
		c.Description = describe(c)
		p.show(t, c)
	}
	return p
}

// help is what staff did: with whom people were put in touch, who held the mouse, what
// was agreed.
func (w *writer) help() Part {
	p := Part{Key: "help", Title: "L’aide apportée"}
	if a, ok := w.r.question(sheet.KindStaff, sheet.Oriented); ok {
		share := a.part(sheet.Yes)
		p.say(w.shareOf("Personnes orientées vers un autre lieu", share, visit) + w.than(share, sheet.KindStaff, sheet.Oriented, sheet.Yes))
		p.say(ofWhat("Orientation", a.unsaid(visit)))
		t, c := w.tableOf(a, sheet.Oriented, "oriented", "Orientation vers un autre lieu", "Orientation", nil)
		p.show(t, c)
	} else {
		p.say(w.missing(sheet.KindStaff, "Orientation"))
	}
	if a, ok := w.r.question(sheet.KindStaff, sheet.Structure); ok {
		p.say(w.most(a, sheet.Structure, "Lieux d’orientation"))
		t, c := w.tableOf(a, sheet.Structure, "structures", "Orientations selon le lieu", "Lieu", nil)
		p.show(t, c)
	}
	if share, a, ok := w.r.accompanied(); ok {
		line := w.shareOf("Orientations accompagnées (quelqu’un a appelé ou y est allé avec la personne)", share, visit)
		if w.before != nil {
			if was, _, ok := w.before.accompanied(); ok {
				line += changed(share, was)
			}
		}
		p.say(line)
		t, c := w.tableOf(a, sheet.WentAlong, "accompanied", "Orientations accompagnées", "Accompagnée", nil)
		p.show(t, c)
	}
	if n := w.r.Slips.Given; n > 0 {
		noun := noun{"fiche d’orientation", "fiches d’orientation", true}
		came := part{n: min(w.r.Slips.Came, n), of: n}
		p.say(sprint("%s %s. %s", noun.of(n), agree(n, "a été remise", "ont été remises"), map[bool]string{
			true:  sprint("Aucune n’a été signalée comme utilisée"),
			false: sprint("Le lieu d’accueil a confirmé la venue pour %s", came.figures())}[came.n == 0]))
	}
	if a, ok := w.r.question(sheet.KindStaff, sheet.Manner); ok {
		with := a.part("avec")
		p.say(w.shareOf("«"+nbsp+"Fait avec"+nbsp+"» la personne, et non à sa place", with, visit) + w.than(with, sheet.KindStaff, sheet.Manner, "avec"))
		p.say(ofWhat("Manière d’aider", a.unsaid(visit)))
		t, c := w.tableOf(a, sheet.Manner, "manner", "Manière d’aider", "Manière", nil)
		p.show(t, c)
	} else {
		p.say(w.missing(sheet.KindStaff, "Manière d’aider"))
	}
	if a, ok := w.r.question(sheet.KindStaff, sheet.Charter); ok {
		p.say(w.shareOf("Engagements lus ensemble", a.part(sheet.Yes), visit))
		p.say(ofWhat("Engagements", a.unsaid(visit)))
	}
	if a, ok := w.r.question(sheet.KindStaff, sheet.SeeAgain); ok {
		p.say(w.shareOf("Personnes à revoir", a.part(sheet.Yes), visit))
		p.say(ofWhat("Personnes à revoir", a.unsaid(visit)))
	}
	switch n := w.r.Attendance.Rights; {
	case n == 0 && w.r.Attendance.Held == 0:
	case n == 0:
		p.say("Droits à vérifier" + nbsp + ": aucune liste n’a été imprimée sur la borne. Ce qui est lu sur un téléphone n’est pas compté.")
	default:
		p.say(sprint("%s de droits à vérifier avec un travailleur social %s. Ce qui est lu sur un téléphone n’est pas compté", noun{"liste", "listes", true}.of(n), agree(n, "a été imprimée", "ont été imprimées")))
	}
	return p
}

// accompanied is the share of visits where somebody went along or called, among those
// of which staff said whether there was an orientation at all.
func (r Release) accompanied() (part, ask, bool) {
	a, ok := r.question(sheet.KindStaff, sheet.WentAlong)
	o, known := r.question(sheet.KindStaff, sheet.Oriented)
	if !ok || !known {
		return part{}, a, false
	}
	p := a.part(sheet.Yes)
	if p.margin > 0 {
		p.margin *= float64(p.of) / float64(o.informed())
	}
	p.of = max(p.n, o.informed())
	if p.top { // nearly all of those who were oriented
		p.top, p.margin = false, min(1, p.margin+0.1*p.share())
	}
	return p, a, true
}

// opinion is what people said as they left.
func (w *writer) opinion() Part {
	p := Part{Key: "opinion", Title: "Avis des personnes à la sortie"}
	satisfied, ok := w.r.question(sheet.KindExit, sheet.Satisfied)
	if !ok {
		p.say(w.missing(sheet.KindExit, "Satisfaction et utilité"))
		return p
	}
	p.say(w.shareOf("Personnes contentes", satisfied.part(sheet.Good), opinion) + w.than(satisfied.part(sheet.Good), sheet.KindExit, sheet.Satisfied, sheet.Good))
	p.say(ofWhat("Satisfaction", satisfied.unsaid(opinion)))
	t, c := w.tableOf(satisfied, sheet.Satisfied, "satisfied", "Satisfaction", "Avis", nil)
	p.show(t, c)
	if useful, ok := w.r.question(sheet.KindExit, sheet.Useful); ok {
		p.say(w.shareOf("Visite utile", useful.part(sheet.Yes), opinion))
		p.say(ofWhat("Utilité", useful.unsaid(opinion)))
		t, c := w.tableOf(useful, sheet.Useful, "useful", "Utilité de la visite", "Utile", nil)
		p.show(t, c)
	}
	if n := received(w.r.Attendance.Totals); n > 0 {
		p.say(sprint("Ces avis sont ceux des personnes qui ont voulu répondre%s: environ %s, pour %s", nbsp, opinion.of(satisfied.informed()), person.of(n)+" "+agree(n, "accueillie", "accueillies")))
	}
	return p
}

// priority is the page for the funders of priority neighbourhoods.
func (w *writer) priority() Part {
	p := Part{Key: "priority", Title: "Page pour les financeurs" + nbsp + ": quartiers prioritaires"}
	keys := w.qpv()
	if len(keys) == 0 {
		return Part{}
	}
	a, ok := w.r.question(sheet.KindVisitor, sheet.Neighbourhood)
	if !ok {
		p.say(w.missing(sheet.KindVisitor, "Quartier"))
		return p
	}
	p.say(w.shareOf("Habitants d’un quartier prioritaire de la politique de la ville", a.part(keys...), form))
	t := DataTable{Key: "priority", Caption: "Habitants des quartiers prioritaires", Columns: answerColumns("Quartier"), How: protected(a.how)}
	var names []string
	for _, n := range w.site.Neighbourhoods {
		if !n.QPV {
			continue
		}
		names = append(names, n.Label)
		for _, c := range a.q.Answers {
			if c.Key == n.Key {
				t.Rows = append(t.Rows, []Cell{text(n.Label), leastCount(c.N, c.Least), shareCell(a.part(c.Key))})
			} else if slices.Contains(c.Of, n.Key) {
				t.Rows = append(t.Rows, []Cell{text(n.Label), {Text: "regroupé", None: true}, dash()})
			}
		}
	}
	t.Rows = append(t.Rows, footRows(a.unset, a.total)...)
	p.say(sprint("%s%s: %s", agree(len(names), "Quartier prioritaire du lieu", "Quartiers prioritaires du lieu"), nbsp, list(names, "et")))
	p.say(w.held(), w.received())
	p.say(ofWhat("Quartier", a.unsaid(form)))
	p.say(notCrossed)
	p.Tables = append(p.Tables, t)
	return p
}

// notCrossed says what margins cannot.
const notCrossed = "La borne ne garde aucun croisement entre deux réponses" + nbsp + ": cette page ne dit ni le motif ni le niveau de ces personnes à part."

// seniors is the page for the funders of the prevention of loss of autonomy.
func (w *writer) seniors() Part {
	p := Part{Key: "seniors", Title: "Page pour les financeurs" + nbsp + ": seniors"}
	a, ok := w.r.question(sheet.KindVisitor, sheet.Age)
	if !ok {
		p.say(w.missing(sheet.KindVisitor, "Âge"))
		return p
	}
	t := DataTable{Key: "seniors", Caption: "Personnes de 60 ans et plus", Columns: answerColumns("Âge"), How: protected(a.how)}
	for _, s := range []struct {
		who  string
		keys []string
	}{
		{"60 ans ou plus", []string{"60-61", "62-64", "65-69", "70+"}},
		{"65 ans ou plus", []string{"65-69", "70+"}},
		{"70 ans ou plus", []string{"70+"}},
	} {
		share := a.part(s.keys...)
		n := leastCount(share.n, share.lower)
		if share.untold() {
			n = Cell{Text: a.instead(), None: true}
		}
		t.Rows = append(t.Rows, []Cell{text(s.who), n, shareCell(share)})
		p.say(w.shareOf(s.who, share, form))
	}
	t.Rows = append(t.Rows, footRows(a.unset, a.total)...)
	p.say(ofWhat("Âge", a.unsaid(form)))
	p.say(notCrossed)
	p.Tables = append(p.Tables, t)
	return p
}
