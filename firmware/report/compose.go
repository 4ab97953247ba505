package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Reference is a published share that the bilan sets beside its own.
type reference struct{ remote, accompanied, autonomous float64 }

// Morbihan is the survey of digital uses in Morbihan (1,250 people): 13 % never use the
// Internet, 31 % lack the skills for online procedures alone, 56 % are autonomous.
func morbihan() reference { return reference{0.13, 0.31, 0.56} }

const morbihanSource = "Enquête dans le Morbihan, 1" + nbsp + "250 personnes interrogées"

// Compose writes the bilan of closed periods, in French, from their figures alone.
// before is the periods that they are compared with, or none. An error is one of Add.
//
// Every share is said with the counts it was made from; what was not answered is said
// with what was; and a change is not spoken of where rounding may have made it.
func Compose(now, before []Release, site Site) (Bilan, error) {
	r, err := Add(now)
	if err != nil {
		return Bilan{}, err
	}
	w := writer{r: r, releases: now, site: site, boxes: boxes(now), covered: covered(now)}
	if len(before) > 0 {
		b, err := Add(before)
		if err != nil {
			return Bilan{}, fmt.Errorf("before: %w", err)
		}
		w.before, w.daysBefore = &b, daysOf(covered(before))
	}
	place := cmp.Or(r.Place, site.Place)
	bilan := Bilan{Title: "Bilan de la permanence numérique", Place: place, Span: w.span(), Releases: slices.Clone(now)}
	slices.SortStableFunc(bilan.Releases, func(a, b Release) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Place, b.Place)) })
	if len(w.boxes) > 1 {
		bilan.Title = "Bilan des permanences numériques"
	}
	for _, chapter := range []func() Part{w.attendance, w.waits, w.origin, w.people, w.motifs, w.autonomy, w.obstacles, w.help, w.opinion,
		w.blocked, w.home, w.box, w.priority, w.seniors, w.costs} {
		if p := chapter(); len(p.Sentences) > 0 {
			bilan.Parts = append(bilan.Parts, p)
		}
	}
	bilan.Lead = w.lead()
	bilan.Method = w.method()
	return bilan, nil
}

func boxes(list []Release) map[string]bool {
	all := map[string]bool{}
	for _, r := range list {
		all[r.Box] = true
	}
	return all
}

// writer has the figures that sentences are made from.
type writer struct {
	r          Release   // the sum
	releases   []Release // of these
	before     *Release  // nil: nothing to compare with
	daysBefore int       // that it covers
	covered    []stretch
	site       Site
	boxes      map[string]bool
}

// stretch is days that follow each other: the first, and the first that is not of it.
type stretch struct{ from, until time.Time }

// covered are the days of some periods, oldest first; periods that are chosen may have
// others between them, of which the bilan says nothing.
func covered(list []Release) (all []stretch) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Release) int { return cmp.Compare(a.From, b.From) })
	for _, r := range list {
		from, until, err := r.days()
		switch n := len(all); {
		case err != nil: // refused by Add
		case n > 0 && !from.After(all[n-1].until):
			if until.After(all[n-1].until) {
				all[n-1].until = until
			}
		default:
			all = append(all, stretch{from, until})
		}
	}
	return all
}

func daysOf(all []stretch) (n int) {
	for _, d := range all {
		n += int(d.until.Sub(d.from) / (24 * time.Hour))
	}
	return n
}

// span is the days of the bilan. Of very many, as of many boxes, it is the first and the
// last, and the note on the method says that some between them are missing.
func (w *writer) span() string {
	if len(w.covered) > mostSpans {
		return span(w.covered[0].from, w.covered[len(w.covered)-1].until)
	}
	var all []string
	for _, d := range w.covered {
		all = append(all, span(d.from, d.until))
	}
	return list(all, "et")
}

const mostSpans = 3

// received is how many people somebody sat down with, or sent to the right place.
func received(t session.Totals) int { return t.Served + t.Oriented }

// comparable reports whether the period before was about as long: two weeks more or
// less, so that a half-year may be set beside the one before.
func (w *writer) comparable() bool {
	if w.before == nil {
		return false
	}
	longer := w.daysBefore - daysOf(w.covered)
	const twoWeeks = 14
	return -twoWeeks <= longer && longer <= twoWeeks
}

// spanBefore is « du 1er juillet au 31 décembre 2025 ».
func (w *writer) spanBefore() string {
	from, until, err := w.before.days()
	if err != nil {
		return ""
	}
	return span(from, until)
}

// ask is a question of a table of released margins, ready to be said.
type ask struct {
	key   string
	total int
	unset int
	q     sheet.Released
	how   sheet.Protection
}

// question is the margins of one question; ok is false when nobody was asked, or nobody
// answered, or too few sheets came.
func (r Release) question(kind sheet.Kind, key string) (ask, bool) {
	for _, t := range r.Tables {
		if t.Kind != kind.String() {
			continue
		}
		for _, q := range t.Questions {
			if q.Key != key {
				continue
			}
			a := ask{key: key, total: t.Total, q: q, how: t.How}
			for _, c := range q.Answers {
				if c.Key == sheet.Unset {
					a.unset = min(c.N, t.Total)
				}
			}
			return a, a.total-a.unset > 0
		}
	}
	return ask{key: key}, false
}

// informed is how many sheets answer the question.
func (a ask) informed() int { return a.total - a.unset }

// part is the share of some answers among the sheets that answer.
func (a ask) part(keys ...string) part {
	p := part{of: a.informed()}
	cells, others, nearly := 0, 0, 0
	missing, another := len(keys), false
	for _, c := range a.q.Answers {
		if c.Key == sheet.Unset {
			continue
		}
		of := keysOf(c)
		in := 0
		for _, k := range of {
			if slices.Contains(keys, k) {
				in++
			}
		}
		switch {
		case in == len(of):
			cells++
			missing -= in
			p.n += c.N
			nearly += c.Nearly
			p.lower = p.lower || c.Least
			p.top = c.Top
		case c.N > 0:
			others++
			another = another || c.Top
			p.lower = p.lower || in > 0 || c.Key == sheet.Grouped && len(c.Of) == 0 && missing > 0
		}
	}
	p.top = p.top && cells == 1 && len(keys) == 1
	p.scarce = another && cells == 0
	if a.key == sheet.Age && slices.ContainsFunc(ageParts(), func(part []string) bool { return slices.Equal(part, keys) }) {
		cells = min(cells, 1) // a release keeps their sum as near as one count
	}
	p.n = min(p.n, p.of)
	if off := float64((a.how.Base - 1) * max(1, a.how.Tables)); off > 0 && p.of > 0 {
		// Each count is off by less than the base, a union by no more than what is not of
		// it, and what they are counted among by the total and what is unset together.
		p.margin = off * (float64(min(max(1, cells), max(1, others))) + 2*p.share()) / float64(p.of)
	}
	if p.of > 0 {
		p.margin = min(1, p.margin+0.1*float64(nearly)/float64(p.of))
	}
	return p
}

// ageParts are the ages that a bilan tells apart, and whose sums a release keeps.
func ageParts() [][]string {
	return [][]string{{"25-39", "40-59", "60-61"}, {"62-64", "65-69", "70+"}}
}

// unsaid says how many sheets leave the question out.
func (a ask) unsaid(of noun) string {
	n := a.unset
	switch {
	case n == 0 && a.how.Base > 1:
		return "Non renseigné" + nbsp + ": " + of.of(0) + ", ou presque."
	case n == 0:
		return "Non renseigné" + nbsp + ": " + of.of(0) + "."
	}
	text := "Non renseigné" + nbsp + ": " + of.of(n) + " sur " + number(a.total) + "."
	if 2*n > a.total {
		text += " C’est plus de la moitié" + nbsp + ": ces parts sont à lire avec prudence."
	}
	return text
}

// protected is the one line under a table of sheets.
func protected(h sheet.Protection) string {
	text := "Réponses anonymes."
	if h.Base > 1 {
		text += " Comptes arrondis à un multiple de " + number(h.Base) + "."
	}
	if h.GroupAt > 1 {
		text += " Réponses de moins de " + number(h.GroupAt) + " fiches regroupées."
	}
	if h.Least > 1 {
		text += " Rien n’est publié sous " + number(h.Least) + " fiches."
	}
	if h.Tables > 1 {
		text += " Somme de " + number(h.Tables) + " tableaux publiés."
	}
	return text
}

const exact = "Comptes exacts."

func text(s string) Cell { return Cell{Text: s} }

func count(n int) Cell { return Cell{Text: number(n), N: float64(n)} }

// leastCount is a count of which there may be more, where least says so.
func leastCount(n int, least bool) Cell {
	c := count(n)
	if least {
		c.Text = "au moins " + c.Text
	}
	return c
}

// dash is the cell of what has no number.
func dash() Cell { return Cell{Text: "–", None: true} }

// footRows end a table that does not show every answer.
func footRows(unset, total int) [][]Cell {
	return [][]Cell{{text("Non renseigné"), count(unset), dash()}, {text("Total des fiches"), count(total), dash()}}
}

// shareCell is a percentage with as many digits as its base carries: none, under
// percentFrom.
func shareCell(p part) Cell {
	if p.of < percentFrom {
		return dash()
	}
	return Cell{Text: percent(p.share()), N: math.Round(1000*p.share()) / 1000}
}

// answerColumns are those of every table of answers.
func answerColumns(what string) []Column {
	return []Column{{Key: "answer", Head: what}, {Key: "count", Head: "Nombre", Number: true}, {Key: "share", Head: "Part", Number: true}}
}

// tableOf is the table and the chart of one question.
func (w *writer) tableOf(a ask, question, key, caption, what string, ref map[string]float64) (DataTable, Chart) {
	t := DataTable{Key: key, Caption: caption, Columns: answerColumns(what), How: protected(a.how)}
	c := Chart{Key: key, Caption: caption}
	shown := false // whether an answer has a bar of its own
	answers := slices.Clone(a.q.Answers)
	slices.SortStableFunc(answers, func(x, y sheet.Count) int {
		if d := w.site.rank(question, firstOf(x)) - w.site.rank(question, firstOf(y)); d != 0 {
			return d
		}
		if question == sheet.Motif || question == sheet.Structure || question == sheet.Themes {
			return y.N - x.N
		}
		return 0
	})
	for _, x := range answers {
		if x.Key == sheet.Grouped && x.N == 0 {
			continue
		}
		label := w.site.labelOf(question, x)
		n := leastCount(x.N, x.Least)
		p := a.part(keysOf(x)...)
		if p.lower = p.lower && x.Least; x.Key == sheet.Grouped {
			p.n, p.lower = x.N, false // and not those of them that stand alone elsewhere
		}
		if x.Top {
			n = Cell{Text: "presque toutes", N: float64(x.N)}
		}
		if x.Key == sheet.Unset {
			if question == sheet.Structure || question == sheet.WentAlong {
				label += ", ou sans orientation"
			}
			t.Rows = append(t.Rows, []Cell{text(label), n, dash()})
			continue
		}
		t.Rows = append(t.Rows, []Cell{text(label), n, shareCell(p)})
		if _, compared := ref[x.Key]; x.N == 0 && !compared {
			continue
		}
		bar := Bar{Label: label, Value: p.share(), Text: p.figures(), Ref: -1}
		if x.Top {
			bar.Text = "presque toutes"
		} else if x.Least {
			bar.Text = "au moins " + bar.Text
		}
		if r, ok := ref[x.Key]; ok {
			bar.Ref = r
		}
		c.Bars = append(c.Bars, bar)
		shown = shown || x.Key != sheet.Grouped
	}
	t.Rows = append(t.Rows, []Cell{text("Total"), count(a.total), dash()})
	if !shown { // one bar, of everything, draws nothing
		c.Bars = nil
	}
	c.Description = describe(c)
	return t, c
}

// keysOf are the answers that are counted together.
func keysOf(c sheet.Count) []string {
	if len(c.Of) > 0 {
		return c.Of
	}
	return []string{c.Key}
}

// firstOf is the answer whose place a count takes: the group of small ones comes last.
func firstOf(c sheet.Count) string {
	if c.Key == sheet.Grouped {
		return c.Key
	}
	return keysOf(c)[0]
}

// describe is a chart in words, for who does not see its bars.
func describe(c Chart) string {
	if len(c.Bars) == 0 {
		return sprint("%s%s: aucune donnée", c.Caption, nbsp)
	}
	var parts []string
	for _, b := range c.Bars {
		text := b.Label + nbsp + ": " + b.Text
		if b.Ref >= 0 {
			text += " (repère" + nbsp + ": " + percent(b.Ref) + ")"
		}
		parts = append(parts, text)
	}
	return sentence(agree(len(c.Bars), "Barre horizontale", "Barres horizontales"), ". ", strings.Join(parts, nbsp+"; "))
}

// than sets a share beside that of the period before, and says of a change only what
// the counts carry. It follows the sentence of the share, with a space.
func (w *writer) than(p part, kind sheet.Kind, key string, keys ...string) string {
	if w.before == nil {
		return ""
	}
	a, ok := w.before.question(kind, key)
	if !ok {
		return ""
	}
	return changed(p, a.part(keys...))
}

// changed says what p has become since b.
func changed(p, b part) string {
	if p.untold() || b.untold() || b.of == 0 || p.of == 0 || p.top || b.top || p.scarce || b.scarce {
		return ""
	}
	was := " À la période précédente" + nbsp + ": " + b.figures() + "."
	switch change := p.share() - b.share(); {
	case min(p.of, b.of) < compareFrom:
		return was + " Les réponses sont trop peu nombreuses pour parler d’une évolution."
	case p.lower || b.lower:
		return was + " Des réponses ont été regroupées" + nbsp + ": les deux chiffres ne se comparent pas."
	case change == 0:
		return was + " La part est la même."
	case math.Abs(change) <= p.margin+b.margin:
		return was + " L’écart ne dépasse pas ce que l’arrondi peut produire."
	case change > 0:
		return was + " La part augmente."
	}
	return was + " La part diminue."
}

// add appends sentences that are not empty.
func (p *Part) say(sentences ...string) {
	for _, s := range sentences {
		if s != "" {
			p.Sentences = append(p.Sentences, s)
		}
	}
}

func (p *Part) show(t DataTable, c Chart) {
	p.Tables = append(p.Tables, t)
	if len(c.Bars) > 0 {
		p.Charts = append(p.Charts, c)
	}
}
