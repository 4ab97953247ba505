// Package routing says what becomes of a need: who receives the person, for
// about how long, with what at hand, and what to offer before a ticket. It is
// pure: rules are data, in a file that a site may replace, and Decide applies
// them to one case.
//
// It promises: an advice for every case, whoever is present, and never a role
// that is absent; less autonomy never makes a visit shorter, nor does one more
// difficulty; and that every advice names its rule. An advice is an offer: it
// never stands between a person and a ticket.
package routing

import (
	"slices"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Case is what is known of one person and of the place at this moment.
type Case struct {
	// Motif is the key of why the person came; "" when they do not know.
	Motif string
	// Plan is what the site's calendar says of that motif, if anything: a need
	// other than Anyone and a class other than Normal replace those of the rules.
	Plan session.Motif
	// Level is how the person copes online, if Known.
	Level sheet.Level
	Known bool
	// Freins are the difficulties the person named, of sheet.Freins.
	Freins []string
	// ForOther: the person comes for somebody who cannot.
	ForOther bool
	// Present are the professions that receive at this moment.
	Present []session.Role
	// Home and Workshop: somebody of this site goes to people's homes; it holds
	// courses or workshops.
	Home, Workshop bool
	// Equipment is the materials that the site has. Nil means that nobody said:
	// then all are taken to be there.
	Equipment []Material
}

// Assessed puts what a sheet says into a case: the level, known unless it is
// incomplete, and the difficulties.
func (c Case) Assessed(a sheet.Assessment, s sheet.Sheet) Case {
	c.Level, c.Known, c.Freins = a.Level, !a.Incomplete, s.Freins()
	return c
}

// Material is something to have at hand.
type Material string

// The materials.
const (
	Computer         Material = "computer"
	Phone            Material = "phone"
	Tablet           Material = "tablet"
	Printer          Material = "printer"
	Scanner          Material = "scanner"
	Headphones       Material = "headphones"
	InterpreterSheet Material = "interpreter_sheet" // sentences to point at, in both languages
)

// Materials are all materials, in the order in which an Advice lists them.
func Materials() []Material {
	return []Material{Computer, Phone, Tablet, Printer, Scanner, Headphones, InterpreterSheet}
}

// First is what to offer before a ticket.
type First string

// What may be offered first. Straight is nothing: the ticket.
const (
	Straight  First = ""
	Workshop  First = "workshop"
	Home      First = "home"
	Reception First = "accueil"
	Place     First = "place" // another place, of the Services of the advice
)

// Advice is what to do for a case.
type Advice struct {
	// Need is who should receive the person: present, or session.Anyone.
	Need session.Role
	// Together: With should sit with them, and is present too.
	Together bool
	With     session.Role
	// Instead is the role that was wanted and is absent; Need stands in for it.
	Instead   session.Role
	Class     session.Class
	Materials []Material // to have at hand, each once
	First     First
	// Services are what another place should offer, the best first, as the
	// national directory of places (LaMednum, "services") names them.
	Services []string
	// Reassure: somebody nearby is enough, and wanted.
	Reassure bool
	Why      string // id of the rule
}

// Decide applies the rules. The zero Rules takes the calendar's need and class.
func Decide(r Rules, c Case) Advice {
	m := r.motif(c.Motif)
	if c.Plan.Need != session.Anyone {
		m.need = c.Plan.Need
	}
	if c.Plan.Class != session.Normal {
		m.class = c.Plan.Class
	}
	rule := r.first(c, m)

	a := Advice{First: rule.first, Services: slices.Clone(m.services), Why: rule.id}
	want := m.need
	if rule.sets {
		want = rule.need
	}
	a.Need, a.With, a.Instead = r.serve(want, rule.with, c.Present)
	a.Together = a.With != session.Anyone
	if a.First == Reception && !slices.Contains(c.Present, session.Reception) {
		a.First = Straight
	}

	steps := r.levels[levelKey(c)]
	at := slices.Clone(m.materials)
	for _, f := range c.Freins {
		frein := r.freins[f]
		steps += frein.longer
		a.Reassure = a.Reassure || frein.reassure
		at = append(at, frein.materials...)
	}
	a.Class = longer(m.class, steps)
	for _, thing := range Materials() {
		if slices.Contains(at, thing) && c.has(thing) {
			a.Materials = append(a.Materials, thing)
		}
	}
	return a
}

// serve is who receives when this role is wanted, joined by that one.
func (r Rules) serve(want, with session.Role, present []session.Role) (need, joined, instead session.Role) {
	here := func(role session.Role) bool { return slices.Contains(present, role) }
	if want == session.Anyone {
		return session.Anyone, session.Anyone, session.Anyone
	}
	if here(want) {
		if with != session.Anyone && with != want && here(with) {
			joined = with
		}
		return want, joined, session.Anyone
	}
	for _, role := range append([]session.Role{with}, r.absent[want]...) {
		if role != session.Anyone && here(role) {
			return role, session.Anyone, want
		}
	}
	return session.Anyone, session.Anyone, want
}

// ladder is the classes from the shortest.
func ladder() []session.Class { return []session.Class{session.Short, session.Normal, session.Long} }

// longer is the class so many steps up the ladder, or down; it ends at its ends.
func longer(c session.Class, steps int) session.Class {
	l := ladder()
	return l[min(max(slices.Index(l, c)+steps, 0), len(l)-1)]
}

func levelKey(c Case) string {
	if !c.Known {
		return unknownLevel
	}
	return c.Level.String()
}

func (c Case) has(m Material) bool { return c.Equipment == nil || slices.Contains(c.Equipment, m) }

// offers reports whether the site has what a rule asks for: a material, or
// "home" or "workshop".
func (c Case) offers(what string) bool {
	switch First(what) {
	case Home:
		return c.Home
	case Workshop:
		return c.Workshop
	}
	return c.has(Material(what))
}
