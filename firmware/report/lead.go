package report

import (
	"slices"
	"strings"

	"jeudi/firmware/sheet"
)

// lead is the first page: what a reader keeps who reads no further.
func (w *writer) lead() []string {
	p := Part{}
	p.say(w.held(), w.received())
	if w.r.Attendance.Totals.AllTurnedAway() > 0 {
		p.say(w.turnedAway())
	}
	if a, ok := w.r.question(sheet.KindVisitor, sheet.Neighbourhood); ok {
		if keys := w.qpv(); len(keys) > 0 {
			p.say(w.shareOf("Habitants d’un quartier prioritaire", a.part(keys...), form))
		}
	}
	if a, ok := w.r.question(sheet.KindStaff, sheet.Motif); ok {
		p.say(w.most(a, sheet.Motif, "Motifs"))
	}
	if a, ok := w.r.question(sheet.KindVisitor, sheet.LevelReached); ok {
		p.say(w.shareOf("Personnes autonomes avec le numérique", a.part(sheet.Autonomous.String()), form))
	}
	if share, _, ok := w.r.accompanied(); ok {
		p.say(w.shareOf("Orientations accompagnées", share, visit))
	}
	if a, ok := w.r.question(sheet.KindExit, sheet.Satisfied); ok {
		p.say(w.shareOf("Personnes contentes", a.part(sheet.Good), opinion))
	}
	if a, ok := w.r.question(sheet.KindExit, sheet.Useful); ok {
		p.say(w.shareOf("Visite jugée utile", a.part(sheet.Yes), opinion))
	}
	if slices.ContainsFunc(p.Sentences, func(s string) bool { return strings.Contains(s, " renseigné") }) {
		p.say("Ces parts se lisent sur les fiches renseignées. Chaque chapitre dit combien de fiches ne le sont pas.")
	}
	return p.Sentences
}

// method is the note on the method.
func (w *writer) method() []string {
	m := []string{
		"Ce bilan est écrit par la borne à partir de ses comptes. Personne n’y est nommé, et aucune réponse n’est gardée personne par personne.",
		"La fréquentation, les attentes et les durées viennent du registre des permanences" + nbsp + ": ces comptes sont exacts. " +
			"Les autres chiffres viennent de fiches anonymes, celles des personnes qui ont voulu répondre et celles des agents" + nbsp + ": les parts se lisent sur les fiches renseignées, et les fiches non renseignées sont toujours dites.",
	}
	how := sheet.Protection{}
	for _, t := range w.r.Tables {
		how.Base, how.GroupAt, how.Least = max(how.Base, t.How.Base), max(how.GroupAt, t.How.GroupAt), max(how.Least, t.How.Least)
	}
	if how.Base > 1 {
		m = append(m, sprint("Pour protéger les personnes, les comptes des fiches sont arrondis à un multiple de %s avant de sortir de la borne, les réponses de moins de %s fiches sont regroupées, "+
			"et rien n’est publié sous %s fiches. Le total des fiches peut donc différer un peu du nombre de personnes", number(how.Base), number(how.GroupAt), number(how.Least)))
	}
	m = append(m, "Une fraction est la plus proche du compte, écrit à côté. «"+nbsp+"Environ"+nbsp+"» veut dire que l’arrondi ne permet pas d’être plus précis. "+
		"Un pourcentage n’est donné qu’à partir de "+number(percentFrom)+" réponses.")
	m = append(m, "Une évolution n’est dite que si elle dépasse ce que l’arrondi peut produire.")
	m = append(m, w.unpublished()...)
	if slices.ContainsFunc(w.releases, func(r Release) bool { return len(r.Tables) < len(kindNames()) }) {
		m = append(m, "Des fiches trop peu nombreuses pour être publiées restent dans la borne, et passent dans la période suivante.")
	}
	var waiting []string
	for _, k := range kindNames() {
		if n := w.r.Unreadable[k.kind.String()]; n > 0 {
			m = append(m, sprint("%s (%s) non %s%s: %s perdue", form.of(n), k.name, agree(n, "dépouillée", "dépouillées"), nbsp, agree(n, "sa clé a été", "leur clé a été")))
		}
		if n := w.r.Unmerged[k.kind.String()]; n > 0 {
			waiting = append(waiting, number(n)+" ("+k.name+")")
		}
	}
	if len(waiting) > 0 {
		m = append(m, sprint("Fiches en attente à la clôture, qui passent dans la période suivante%s: %s", nbsp, list(waiting, "et")))
	}
	if len(w.covered) > 1 {
		m = append(m, "Des périodes entre la première et la dernière ne sont pas dans ce bilan.")
	}
	if len(w.boxes) > 1 {
		m = append(m, sprint("Ce bilan additionne %s", noun{"borne", "bornes", true}.of(len(w.boxes))))
	}
	return m
}

// unpublished says which kinds of sheets were too few in one of several periods.
func (w *writer) unpublished() []string {
	var said []string
	for _, k := range kindNames() {
		var spans []string
		for _, r := range w.releases {
			from, until, err := r.days()
			if err == nil && !slices.ContainsFunc(r.Tables, func(t sheet.Table) bool { return t.Kind == k.kind.String() }) {
				spans = append(spans, span(from, until))
			}
		}
		if n := len(spans); n > 0 && n < len(w.releases) && n <= 4 {
			said = append(said, sprint("Fiches %s trop peu nombreuses pour être publiées%s: %s", k.of, nbsp, join(spans)))
		}
	}
	return said
}

// kindName names a kind of sheets: « des visiteurs ».
type kindName struct {
	kind     sheet.Kind
	name, of string
}

func kindNames() []kindName {
	return []kindName{{sheet.KindVisitor, "visiteurs", "des visiteurs"}, {sheet.KindStaff, "agents", "des agents"}, {sheet.KindExit, "sortie", "de sortie"}}
}
