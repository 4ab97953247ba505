package report

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/wait"
)

// half is a release of n people and as many of everything else as is given.
func half(n int) Release {
	r := Release{Version: 1, ID: fmt.Sprint("id", n), Box: "box", Place: "Ici", From: "2026-01-01", Until: "2026-07-01", Home: n,
		Slips: Slips{Given: n, Came: n / 2},
		Attendance: Attendance{
			Held: n, Missing: n, Capacity: 180 * n, Busy: 90 * n, Down: n,
			Totals: session.Totals{Issued: 7 * n, Served: n, Oriented: n, NoShow: n, Left: n, Cancelled: n, Misrouted: n, Unresolved: n, ForOther: n,
				Inaccurate: n, Outages: n, OnPaper: n},
			Waits: []Band{{Max: 10 * time.Minute, Visits: n}, {Min: 10 * time.Minute}}, Services: []Band{{Max: 30 * time.Minute, Visits: n}},
		},
	}
	if n > 0 {
		r.Attendance.Totals.TurnedAway = map[session.Reason]int{"no_room": n}
		r.Blocked = []Tally{{"caf", n}}
		r.Unreadable = map[string]int{"visitor": n}
		r.Unmerged = map[string]int{"exit": n}
		said := wait.Range{Low: time.Minute, High: 2 * time.Minute}
		for range n {
			r.Attendance.Announced.Add(said, time.Hour)
		}
	}
	return r
}

// everything is all that is written in a bilan.
func everything(b Bilan) []string {
	all := append([]string{b.Title, b.Place, b.Span}, b.Lead...)
	for _, p := range b.Parts {
		all = append(append(all, p.Title), p.Sentences...)
		for _, t := range p.Tables {
			all = append(all, t.Caption, t.How)
			for _, c := range t.Columns {
				all = append(all, c.Head)
			}
			for _, r := range t.Rows {
				for _, c := range r {
					all = append(all, c.Text)
				}
			}
		}
		for _, c := range p.Charts {
			all = append(all, c.Caption, c.Description)
			for _, b := range c.Bars {
				all = append(all, b.Label, b.Text)
			}
		}
	}
	return append(all, b.Method...)
}

func find(t *testing.T, b Bilan, part string) string {
	t.Helper()
	for _, p := range b.Parts {
		if p.Key == part {
			return strings.ReplaceAll(strings.Join(p.Sentences, "\n"), nbsp, " ")
		}
	}
	t.Fatalf("no part %q; want it", part)
	return ""
}

func TestAgreement(t *testing.T) {
	tests := []struct {
		n    int
		part string
		want []string
	}{
		{0, "attendance", []string{"Aucune permanence n’a été tenue.", "Aucune personne n’a été accueillie.", "Aucune personne non reçue sans ticket n’a été notée."}},
		{0, "home", []string{"Aucune personne qui ne peut pas venir n’a été signalée."}},
		{0, "blocked", []string{"Aucune démarche bloquée n’a été notée."}},
		{1, "attendance", []string{"1 permanence a été tenue. Une permanence prévue n’a pas eu lieu.",
			"2 personnes ont été accueillies : 1 a été reçue sur place, 1 a été envoyée vers un autre lieu.", "1 personne absente à l’appel", "1 ticket annulé",
			"1 personne est venue sans être reçue ni prendre de ticket (plus de place, 1).", "1 personne est venue pour quelqu’un d’autre.",
			"1 personne a été comptée sur papier", "7 tickets ont été donnés."}},
		{1, "home", []string{"1 personne qui ne peut pas venir a été signalée."}},
		{1, "blocked", []string{"1 démarche bloquée a été notée, chez 1 organisme."}},
		{1, "box", []string{"1 visite sur 7 a une heure inexacte", "1 fois pendant une permanence, 1 minute en tout."}},
		{1, "waits", []string{"1 personne a attendu plus longtemps qu’annoncé."}},
		{1, "help", []string{"1 fiche d’orientation a été remise. Aucune n’a été signalée comme utilisée."}},
		{2, "attendance", []string{"2 permanences ont été tenues. 2 permanences prévues n’ont pas eu lieu.",
			"4 personnes ont été accueillies : 2 ont été reçues sur place, 2 ont été envoyées vers un autre lieu.", "2 personnes absentes à l’appel",
			"2 tickets annulés", "2 personnes sont venues sans être reçues ni prendre de ticket", "2 personnes ont été comptées sur papier"}},
		{2, "home", []string{"2 personnes qui ne peuvent pas venir ont été signalées."}},
		{2, "help", []string{"2 fiches d’orientation ont été remises. Le lieu d’accueil a confirmé la venue pour 1 sur 2."}},
		{74, "blocked", []string{"74 démarches bloquées ont été notées, chez 1 organisme."}},
	}
	for _, tt := range tests {
		b, err := Compose([]Release{half(tt.n)}, nil, Site{Labels: map[string]string{"reason.no_room": "plus de place"}})
		if err != nil {
			t.Fatal(err)
		}
		got := find(t, b, tt.part)
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%d, %s:\n%s\nwant %q in it", tt.n, tt.part, got, want)
			}
		}
	}
}

// What nobody answered, or too few to publish, is said to be so.
func TestUnsaid(t *testing.T) {
	b, err := Compose([]Release{half(3)}, nil, Site{Neighbourhoods: []Neighbourhood{{"a", "A", true}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"origin", "people", "motifs", "autonomy", "obstacles", "help", "opinion", "priority", "seniors", "costs"} {
		if got := find(t, b, part); !strings.Contains(got, "non renseigné") {
			t.Errorf("part %s without any sheet: %q; want « non renseigné »", part, got)
		}
	}
}

var (
	twoSpaces = regexp.MustCompile("[ \u00a0]{2}|^[ \u00a0]|[ \u00a0]$")
	spacing   = regexp.MustCompile(`[^ \x{a0}][:;%€»?!]|«[^\x{a0}]| [.,)]`)
	broken    = regexp.MustCompile(`%!|NaN|Inf|\(\)|\bde [aeiouéèêh][a-z]*ièmes?\b|\ble un\b|'|\.\.[^.]|\b0 [a-zé]+s\b`)
	singular  = regexp.MustCompile(`\b1\x{a0}(personnes|tickets|permanences|fiches|visites|minutes|démarches|organismes)\b`)
)

// checkSentences holds all that is written, but for what was seen, to what French typography wants, and to what
// a program gets wrong.
func checkSentences(t *testing.T, b Bilan, seen map[string]bool) {
	t.Helper()
	for _, s := range everything(b) {
		if seen[s] {
			continue
		}
		seen[s] = true
		switch {
		case s == "":
			t.Errorf("an empty text; want none")
		case twoSpaces.MatchString(s):
			t.Errorf("%q has spaces too many", s)
		case spacing.MatchString(s):
			t.Errorf("%q: %q wants a space that does not break, or none", s, spacing.FindString(s))
		case broken.MatchString(s):
			t.Errorf("%q: %q", s, broken.FindString(s))
		case singular.MatchString(s):
			t.Errorf("%q: one is singular", s)
		case strings.ContainsAny(s, "\n\t"):
			t.Errorf("%q has a line break", s)
		}
	}
	for _, s := range slices.Concat(b.Lead, b.Method) {
		if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ".)") {
			t.Errorf("%q does not end", s)
		}
	}
	for _, p := range b.Parts {
		for _, s := range p.Sentences {
			if !strings.HasSuffix(s, ".") {
				t.Errorf("%q does not end", s)
			}
		}
		for _, table := range p.Tables {
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) {
					t.Errorf("table %s: a row of %d cells; want %d", table.Key, len(row), len(table.Columns))
				}
			}
		}
		for _, c := range p.Charts {
			for _, bar := range c.Bars {
				if bar.Value < 0 || bar.Value > 1 {
					t.Errorf("chart %s: a bar of %v; want 0 to 1", c.Key, bar.Value)
				}
			}
		}
	}
}

// drawn is a release of a box that anything may have happened to.
func drawn(r *rand.Rand, schema []sheet.Schema, i int) Release {
	n := func(most int) int {
		if r.IntN(3) == 0 {
			return r.IntN(3)
		}
		return r.IntN(most)
	}
	rel := half(n(40))
	rel.ID = fmt.Sprint(i)
	rel.From, rel.Until = fmt.Sprintf("20%02d-01-01", 20+i), fmt.Sprintf("20%02d-01-01", 21+i)
	for _, s := range schema {
		if r.IntN(4) == 0 {
			continue
		}
		total := 30 + 3*n(40)
		table := sheet.Table{Kind: s.Kind.String(), Total: total, How: sheet.Protection{Base: 3, Least: 30, GroupAt: 5}}
		for _, q := range s.Counted() {
			if r.IntN(10) == 0 {
				continue
			}
			rest := total
			released := sheet.Released{Key: q.Key}
			var group []string
			for _, a := range q.Answers {
				switch k := 3 * n(rest/3+1); {
				case r.IntN(4) == 0:
					group = append(group, a)
				case r.IntN(12) == 0 && len(released.Answers) == 0:
					released.Answers = append(released.Answers, sheet.Count{Key: a, N: min(k, rest), Top: true})
					rest -= min(k, rest)
				default:
					released.Answers = append(released.Answers, sheet.Count{Key: a, N: min(k, rest)})
					rest -= min(k, rest)
				}
			}
			if len(group) > 1 {
				k := min(rest, 3*r.IntN(3))
				c := sheet.Count{Key: sheet.Grouped, N: k, Of: group}
				if q.Key == sheet.Age {
					c.Key = strings.Join(group, "+")
				}
				released.Answers = append(released.Answers, c)
				rest -= k
			}
			released.Answers = append(released.Answers, sheet.Count{Key: sheet.Unset, N: rest})
			table.Questions = append(table.Questions, released)
		}
		rel.Tables = append(rel.Tables, table)
	}
	return rel
}

func schemas() []sheet.Schema {
	return []sheet.Schema{sheet.Visitor([]string{"a", "b"}).WithLevel(), sheet.Staff(sheet.Lists{Motifs: []string{"caf", "sante"}, Manners: []string{"avec", "a_la_place"},
		Places: []string{"Administration", "Autre"}, Themes: []string{"Email", "Sante"}}), sheet.Exit()}
}

func TestWhateverHappenedTheSentencesHold(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	seen := map[string]bool{}
	for i := range 20 {
		site := Site{Neighbourhoods: []Neighbourhood{{"a", "Les Tilleuls", true}, {"b", "Centre", false}}, Labels: map[string]string{"motif.caf": "CAF"},
			Costs: Costs{Euros: 9600, Staff: 0.25}}
		now := []Release{drawn(r, schemas(), 0), drawn(r, schemas(), 1)}[:1+i%2]
		var earlier []Release
		if i%3 > 0 {
			earlier = []Release{drawn(r, schemas(), 2)}
		}
		if i%5 == 0 { // another box of another place, and no site file
			now[len(now)-1].Box, now[len(now)-1].Place, site = "other", "Là-bas", Site{}
		}
		b, err := Compose(now, earlier, site)
		if err != nil {
			t.Fatalf("Compose() = %v; want nil", err)
		}
		checkSentences(t, b, seen)
		if t.Failed() {
			return
		}
	}
}

// Periods that are chosen may have others between them: the bilan says which days it
// is of, counts the costs of these alone, and compares with as many.
func TestComposeWithAGap(t *testing.T) {
	on := func(id, from, until string) Release {
		r := half(3)
		r.ID, r.From, r.Until = id, from, until
		return r
	}
	first, third := on("a", "2026-01-01", "2026-04-01"), on("c", "2026-07-01", "2026-10-01")
	before := []Release{on("z", "2025-04-01", "2026-01-01")}
	costs := Site{Costs: Costs{Euros: 36525, Staff: 2.5}}
	b, err := Compose([]Release{third, first}, before, costs)
	if err != nil {
		t.Fatal(err)
	}
	if want := "du 1er janvier au 31 mars 2026 et du 1er juillet au 30 septembre 2026"; strings.ReplaceAll(b.Span, nbsp, " ") != want {
		t.Errorf("span = %q; want %q", b.Span, want)
	}
	for part, want := range map[string]string{
		"costs":      "18 200 € pour cette période de 182 jours",
		"attendance": "Elle n’a pas la même durée",
	} {
		if got := find(t, b, part); !strings.Contains(got, want) {
			t.Errorf("%s = %q; want %q in it", part, got, want)
		}
	}
	if got := find(t, b, "costs"); !strings.Contains(got, "2,5 équivalents temps plein") {
		t.Errorf("costs = %q; want the plural of equivalents", got)
	}
	const gap = "Des périodes entre la première et la dernière ne sont pas dans ce bilan."
	if !slices.Contains(b.Method, gap) {
		t.Errorf("method = %q; want %q", b.Method, gap)
	}
	whole, err := Compose([]Release{first, on("b", "2026-04-01", "2026-07-01"), third}, before, costs)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(whole.Span, nbsp, " ") != "du 1er janvier au 30 septembre 2026" || slices.Contains(whole.Method, gap) {
		t.Errorf("span of three quarters = %q, method %q; want them whole", whole.Span, whole.Method)
	}
}

// What is grouped with other answers is not said to be nothing.
func TestGroupedIsNotNone(t *testing.T) {
	tests := []struct {
		name string
		rest []string // what « Autres réponses, regroupées » is made of
		want string
		row  string
	}{
		{"some of it may be there", []string{"60-61", "62-64", "65-69", "70+"}, "70 ans ou plus : trop peu pour le dire, avec d’autres réponses regroupées.", "trop peu pour le dire"},
		{"all that there may be, unsaid", nil, "70 ans ou plus : trop peu pour le dire, avec d’autres réponses regroupées.", "trop peu pour le dire"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := half(40)
			r.Tables = []sheet.Table{{Kind: sheet.KindVisitor.String(), Total: 45, How: sheet.Protection{Base: 3, Least: 30, GroupAt: 5}, Questions: []sheet.Released{
				{Key: sheet.Age, Answers: []sheet.Count{{Key: "25-39", N: 21}, {Key: sheet.Grouped, Of: tt.rest, N: 12}, {Key: sheet.Unset, N: 12}}},
			}}}
			b, err := Compose([]Release{r}, nil, Site{})
			if err != nil {
				t.Fatal(err)
			}
			if got := find(t, b, "seniors"); !strings.Contains(got, tt.want) {
				t.Errorf("sentences: %s; want « %s »", got, tt.want)
			}
			for _, p := range b.Parts {
				if p.Key != "seniors" {
					continue
				}
				if got := p.Tables[0].Rows[2][1]; got.Text != tt.row || !got.None {
					t.Errorf("cell of 70 and more: %+v; want %q, and no number", got, tt.row)
				}
			}
		})
	}
}

// A bar of everything draws nothing.
func TestGroupedAloneIsNoChart(t *testing.T) {
	r := half(40)
	r.Tables = []sheet.Table{{Kind: sheet.KindStaff.String(), Total: 75, How: sheet.Protection{Base: 3, Least: 30, GroupAt: 5}, Questions: []sheet.Released{
		{Key: sheet.Oriented, Answers: []sheet.Count{{Key: sheet.Grouped, N: 3}, {Key: sheet.Unset, N: 72}}},
	}}}
	b, err := Compose([]Release{r}, nil, Site{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range b.Parts {
		for _, c := range p.Charts {
			if c.Key == "oriented" {
				t.Errorf("a chart %q with the bars %+v; want none", c.Caption, c.Bars)
			}
		}
	}
}
