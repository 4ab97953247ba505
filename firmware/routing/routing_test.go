package routing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

const (
	social    = session.SocialWorker
	mediator  = session.Mediator
	volunteer = session.Volunteer
	reception = session.Reception
	remote    = sheet.Remote
	accompany = sheet.Accompanied
	auto      = sheet.Autonomous
)

// show is an advice in one line.
func show(a Advice) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	add("%s: %s", a.Why, roleKey(a.Need))
	if a.Together {
		add("with %s", a.With)
	}
	if a.Instead != session.Anyone {
		add("for %s", a.Instead)
	}
	if a.Class != session.Normal {
		add("%s", a.Class)
	}
	if a.First != Straight {
		add("first %s", a.First)
	}
	if a.Reassure {
		add("reassure")
	}
	return strings.Join(out, ", ")
}

func TestDecide(t *testing.T) {
	all := []session.Role{reception, social, mediator, volunteer}
	level := func(l sheet.Level, c Case) Case {
		c.Level, c.Known = l, true
		return c
	}
	rules := Default()
	for _, tt := range []struct {
		name  string
		given Case
		want  string
	}{
		// Who, by the motif and the level.
		{"a social file", Case{Motif: "caf", Present: all}, "as_usual: travailleur_social"},
		{"a social file, autonomous", level(auto, Case{Motif: "caf", Present: all}), "as_usual: travailleur_social, short"},
		{"a social file, remote: both", level(remote, Case{Motif: "caf", Present: all}), "remote_with_both: travailleur_social, with mediateur_numerique, long"},
		{"remote, but the mediator is away", level(remote, Case{Motif: "caf", Present: []session.Role{social}}), "remote_with_both: travailleur_social, long"},
		{"remote, but the social worker is away", level(remote, Case{Motif: "caf", Present: []session.Role{mediator}}), "remote_with_both: mediateur_numerique, for travailleur_social, long"},
		{"an online form", level(accompany, Case{Motif: "titres", Present: all}), "as_usual: mediateur_numerique"},
		{"an online form, the words are hard: both", level(accompany, Case{Motif: "titres", Freins: []string{sheet.Mots}, Present: all}), "words_with_both: mediateur_numerique, with travailleur_social"},
		{"reading is hard: both, and longer", level(accompany, Case{Motif: "titres", Freins: []string{sheet.Lire}, Present: all}), "words_with_both: mediateur_numerique, with travailleur_social, long"},
		{"a motif of the site", Case{Motif: "carte_ville", Present: all}, "as_usual: any"},
		{"a motif of the site, remote", level(remote, Case{Motif: "carte_ville", Present: all}), "remote: mediateur_numerique, long"},
		{"a motif of the site, remote, nobody but the reception", level(remote, Case{Motif: "carte_ville", Present: []session.Role{reception}}), "remote: accueil, for mediateur_numerique, long"},
		{"a motif named like an entry of the file", Case{Motif: "none", Present: all}, "as_usual: any"},
		{"the calendar's need and class win", level(accompany, Case{Motif: "caf", Plan: session.Motif{Key: "caf", Need: mediator, Class: session.Long}, Present: all}), "as_usual: mediateur_numerique, long"},
		{"the calendar leaves the rest", level(auto, Case{Motif: "caf", Plan: session.Motif{Key: "caf"}, Present: all}), "as_usual: travailleur_social, short"},

		// Reassurance and difficulties.
		{"autonomous, would rather be reassured", level(auto, Case{Motif: "impots", Freins: []string{sheet.Rassure}, Present: all}), "as_usual: mediateur_numerique, short, reassure"},
		{"afraid of a mistake", Case{Motif: "impots", Freins: []string{sheet.Peur}, Present: all}, "as_usual: mediateur_numerique, reassure"},
		{"French is hard", Case{Motif: "caf", Freins: []string{sheet.Francais}, Present: all}, "as_usual: travailleur_social, long"},
		{"a difficulty unknown to the rules", Case{Motif: "caf", Freins: []string{"faim"}, Present: all}, "as_usual: travailleur_social"},

		// Nobody, and who stands in.
		{"nobody is there yet", Case{Motif: "caf"}, "as_usual: any, for travailleur_social"},
		{"the volunteer stands in for the mediator", Case{Motif: "impots", Present: []session.Role{social, volunteer}}, "as_usual: volontaire, for mediateur_numerique"},
		{"the social worker does when alone", Case{Motif: "impots", Present: []session.Role{social}}, "as_usual: travailleur_social, for mediateur_numerique"},

		// Does not know.
		{"does not know", Case{Present: all}, "no_reason: accueil, first accueil"},
		{"does not know, no reception", Case{Present: []session.Role{mediator}}, "no_reason: any, for accueil"},

		// Equipment and small jobs.
		{"a computer", Case{Motif: "materiel_reconditionne", Present: all}, "equipment: any, short, first place"},
		{"credit for a phone", Case{Motif: "recharge", Present: all}, "equipment: any, short, first place"},
		{"print here", level(auto, Case{Motif: "imprimer", Present: all, Equipment: []Material{Printer}}), "small_job: any, short"},
		{"print, remote", level(remote, Case{Motif: "imprimer", Present: all}), "small_job: any"},
		{"print elsewhere", Case{Motif: "imprimer", Present: all, Equipment: []Material{Scanner}}, "no_printer: any, short, first place"},
		{"scan elsewhere", Case{Motif: "scanner", Present: all, Equipment: []Material{}}, "no_scanner: any, short, first place"},
		{"scan here", Case{Motif: "scanner", Present: all}, "small_job: any, short"},

		// Technical needs.
		{"a phone, and there are workshops", Case{Motif: "telephone", Workshop: true, Present: all}, "technical_workshop: mediateur_numerique, first workshop"},
		{"a computer, and there are none", Case{Motif: "ordinateur", Present: all}, "technical_elsewhere: mediateur_numerique, first place"},
		{"mails, no mediator", Case{Motif: "mail", Workshop: true, Present: []session.Role{social}}, "technical_workshop: travailleur_social, for mediateur_numerique, first workshop"},

		// Somebody who cannot come.
		{"cannot come, and the site goes there", Case{Motif: "caf", ForOther: true, Home: true, Present: all}, "cannot_come: travailleur_social, first home"},
		{"cannot come, and nobody goes there", Case{Motif: "caf", ForOther: true, Present: all}, "as_usual: travailleur_social"},
		{"cannot come, reason unknown", Case{ForOther: true, Home: true, Present: all}, "cannot_come: accueil, first home"},
	} {
		if got := show(Decide(rules, tt.given)); got != tt.want {
			t.Errorf("%s: Decide() = %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestMaterialsAndServices(t *testing.T) {
	rules := Default()
	for _, tt := range []struct {
		name      string
		given     Case
		materials []Material
		service   string
	}{
		{"by the motif", Case{Motif: "titres"}, []Material{Computer, Printer, Scanner}, "Aide aux démarches administratives"},
		{"and by what is hard, each once", Case{Motif: "mail", Freins: []string{sheet.Materiel, sheet.Francais, sheet.Lire}}, []Material{Computer, Phone, Headphones, InterpreterSheet}, "Maîtrise des outils numériques du quotidien"},
		{"of those there are", Case{Motif: "titres", Freins: []string{sheet.Lire}, Equipment: []Material{Scanner, Headphones}}, []Material{Scanner, Headphones}, "Aide aux démarches administratives"},
		{"there is nothing", Case{Motif: "titres", Equipment: []Material{}}, nil, "Aide aux démarches administratives"},
		{"no motif", Case{}, nil, ""},
		{"a computer to buy", Case{Motif: "materiel_reconditionne"}, nil, "Acquisition de matériel informatique à prix solidaire"},
	} {
		got := Decide(rules, tt.given)
		service := ""
		if len(got.Services) > 0 {
			service = got.Services[0]
		}
		if !slices.Equal(got.Materials, tt.materials) || service != tt.service {
			t.Errorf("%s: Decide() = %v, %q; want %v, %q", tt.name, got.Materials, service, tt.materials, tt.service)
		}
	}
}

func TestAssessedTakesOverWhatTheSheetSays(t *testing.T) {
	freins := sheet.Visitor(nil).Questions[7]
	s := sheet.New(sheet.KindVisitor).Toggle(freins, sheet.Lire).Toggle(freins, sheet.Peur)
	for _, a := range []sheet.Assessment{{Level: sheet.Remote}, {Level: sheet.Accompanied, Incomplete: true}} {
		c := Case{Motif: "caf", Freins: []string{"before"}}.Assessed(a, s)
		if c.Level != a.Level || c.Known == a.Incomplete || !slices.Equal(c.Freins, []string{sheet.Peur, sheet.Lire}) || c.Motif != "caf" {
			t.Errorf("Assessed(%+v) = %+v; want its level, known unless incomplete, and peur, lire", a, c)
		}
	}
	if got := (Case{}).Assessed(sheet.Assessment{}, sheet.New(sheet.KindVisitor).Toggle(freins, sheet.Rien)).Freins; len(got) > 0 {
		t.Errorf("Assessed(rien) = %v; want no difficulty", got)
	}
}

// The zero Rules still lets a ticket through as the calendar has it.
func TestNoRules(t *testing.T) {
	got := Decide(Rules{}, Case{Motif: "caf", Plan: session.Motif{Key: "caf", Need: social, Class: session.Long}, Present: []session.Role{social}})
	if want := ": travailleur_social, long"; show(got) != want {
		t.Errorf("Decide(no rules) = %s; want %s", show(got), want)
	}
	if got := show(Decide(Rules{}, Case{})); got != ": any" {
		t.Errorf("Decide(no rules, no case) = %s; want any", got)
	}
}

// every yields all cases: motifs × levels × difficulties × who is present × who
// one comes for × what the site has.
func every(r Rules, yield func(Case)) {
	motifs := append(slices.Sorted(maps.Keys(r.motifs)), "", "not_in_the_file")
	freins := freinKeys()
	for _, m := range motifs {
		for set := range 1 << len(freins) {
			var named []string
			for i, f := range freins {
				if set>>i&1 == 1 {
					named = append(named, f)
				}
			}
			for who := range 1 << len(session.Roles()) {
				var present []session.Role
				for i, role := range session.Roles() {
					if who>>i&1 == 1 {
						present = append(present, role)
					}
				}
				c := Case{Motif: m, Freins: named, Present: present}
				switch (set + who) % 4 { // a sample of sites: the conditions on them are few
				case 1:
					c.Home, c.Workshop = true, true
				case 2:
					c.Equipment = []Material{Computer}
				case 3:
					c.ForOther, c.Home = true, set%2 == 0
				}
				yield(c)
			}
		}
	}
}

// check holds every case of a set of rules to what the package promises.
func check(t *testing.T, r Rules) {
	t.Helper()
	ids := map[string]bool{}
	for _, l := range r.rules {
		ids[l.id] = true
	}
	rank := func(c session.Class) int { return slices.Index(ladder(), c) }
	n := 0
	every(r, func(c Case) {
		before := -1 // of the class, from the most autonomous
		for _, l := range []sheet.Level{sheet.Autonomous, sheet.Accompanied, sheet.Remote, 9} {
			n++
			c.Level, c.Known = l, l != 9
			a := Decide(r, c)
			switch {
			case a.Need != session.Anyone && !slices.Contains(c.Present, a.Need):
				t.Fatalf("Decide(%+v) = %s; want a role that is present, or anyone", c, show(a))
			case a.Together != (a.With != session.Anyone) || a.Together && (a.With == a.Need || !slices.Contains(c.Present, a.With)):
				t.Fatalf("Decide(%+v) = %s; want two that are present, or one", c, show(a))
			case a.Instead != session.Anyone && slices.Contains(c.Present, a.Instead):
				t.Fatalf("Decide(%+v) = %s; want nobody replaced who is present", c, show(a))
			case !ids[a.Why]:
				t.Fatalf("Decide(%+v) = %s; want a rule", c, show(a))
			case a.First == Home && !c.Home, a.First == Workshop && !c.Workshop,
				a.First == Reception && !slices.Contains(c.Present, session.Reception):
				t.Fatalf("Decide(%+v) = %s; want an offer that exists", c, show(a))
			case rank(a.Class) < 0:
				t.Fatalf("Decide(%+v) = %s; want a class", c, show(a))
			case c.Known && rank(a.Class) < before:
				t.Fatalf("Decide(%+v) = %s; want no shorter than with more autonomy", c, show(a))
			}
			before = rank(a.Class)
			if len(c.Freins) > 0 { // one difficulty less is never longer
				less := c
				less.Freins = c.Freins[1:]
				if b := Decide(r, less); rank(b.Class) > rank(a.Class) {
					t.Fatalf("Decide(%+v) = %s; want at least the %q of one difficulty less", c, show(a), b.Class)
				}
			}
		}
	})
	if n < 40_000 {
		t.Errorf("%d cases tried; want all", n)
	}
}

func TestEveryCaseHasAnAdvice(t *testing.T) { check(t, Default()) }

// Every rule of the file applies to some case: none is hidden by those above it.
func TestEveryRuleApplies(t *testing.T) {
	r := Default()
	seen := map[string]bool{}
	every(r, func(c Case) {
		for _, l := range []sheet.Level{sheet.Remote, sheet.Accompanied} {
			c.Level, c.Known = l, true
			seen[Decide(r, c).Why] = true
		}
	})
	for _, l := range r.rules {
		if !seen[l.id] {
			t.Errorf("rule %q never applies", l.id)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	r := Default()
	c := Case{Motif: "caf", Known: true, Freins: []string{sheet.Lire, sheet.Peur}, Present: session.Roles()}
	for b.Loop() {
		Decide(r, c)
	}
}
