package paper

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"jeudi/drivers"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// paris is fixed, so that the tests need no time zone database.
var paris = time.FixedZone("CET", 3600)

func at(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2026, month, day, hour, minute, 0, 0, paris)
}

func catalogue(t testing.TB) *words.Catalogue {
	t.Helper()
	w, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func ticket() TicketData {
	return TicketData{
		Place: "Centre social Les Tilleuls", Address: "4 rue des Tilleuls, Villeneuve-sur-Brève", Phone: "01 99 00 00 00",
		Number: 12, Lang: "fr", Ahead: session.M("ticket.ahead", "n", 3), Motif: "sante",
		At: at(11, 26, 10, 5), NextDates: []time.Time{at(12, 3, 9, 0), at(12, 10, 9, 30)},
		Rules: "Prenez un ticket. L’aide est gratuite.",
	}
}

func english() TicketData {
	t := ticket()
	t.Lang, t.RulesLang = "en", "Take a ticket. Help is free."
	return t
}

func closing() report.Report {
	return report.Report{
		Place: "Centre social Les Tilleuls", From: at(11, 26, 9, 0), Until: at(11, 26, 12, 0),
		Opened: at(11, 26, 9, 2), Closed: at(11, 26, 12, 10), Printed: at(11, 26, 12, 11),
		Totals: session.Totals{Issued: 23, Served: 17, NoShow: 1, Left: 2, Cancelled: 1, Oriented: 1, Unresolved: 1,
			TurnedAway: map[session.Reason]int{"no_room": 4, "will_come_back": 1}, ForOther: 2, Inaccurate: 1, Outages: 1},
		Waits: []report.Band{{Min: 0, Max: 10 * time.Minute, Visits: 6}, {Min: 10 * time.Minute, Max: 20 * time.Minute, Visits: 7},
			{Min: 20 * time.Minute, Max: 40 * time.Minute, Visits: 5}, {Min: 40 * time.Minute, Visits: 1}},
	}
}

func opening() report.Report {
	r := closing()
	r.Zero, r.Closed, r.Printed, r.Here = true, time.Time{}, at(11, 26, 9, 2), 3
	r.Totals = session.Totals{Issued: 3}
	r.Waits = slices.Clone(r.Waits)
	for i := range r.Waits {
		r.Waits[i].Visits = 0
	}
	return r
}

// columns are those of the narrowest paper.
const columns = 32

// render draws a document as text: how each block looks at the left of the bar,
// what it says at the right, wrapped as the narrowest paper does.
func render(doc drivers.Document) string {
	var out strings.Builder
	for _, block := range doc.Blocks {
		look, lines := "", []string{""}
		switch b := block.(type) {
		case drivers.Text:
			look = b.Lang
			if b.RTL {
				look += " rtl"
			}
			if b.Size > 1 {
				look += fmt.Sprintf(" ×%d", b.Size)
			}
			if b.Bold {
				look += " bold"
			}
			look += [...]string{"", " centre", " end"}[b.Align]
			lines = wrap(b.Text, columns/max(b.Size, 1))
		case drivers.Number:
			look, lines = "number", []string{b.Text}
		case drivers.Columns:
			look = "columns"
			gap := columns - utf8.RuneCountInString(strings.Join(b.Cells, ""))
			lines = []string{strings.Join(b.Cells, strings.Repeat(".", max(gap, 1)))}
		case drivers.Rule:
			look, lines = "rule", []string{strings.Repeat("-", columns)}
		case drivers.Feed:
			look, lines = "feed", make([]string, b.Lines)
		default:
			look = fmt.Sprintf("%T", b)
		}
		for _, line := range lines {
			out.WriteString(strings.TrimRight(fmt.Sprintf("%-18s| %s", look, line), " ") + "\n")
			look = ""
		}
	}
	return out.String()
}

func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for word := range strings.SplitSeq(paragraph, " ") {
			if line != "" && utf8.RuneCountInString(line+" "+word) > width {
				lines, line = append(lines, line), word
			} else {
				line = strings.TrimPrefix(line+" "+word, " ")
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func with(t TicketData, change func(*TicketData)) TicketData { change(&t); return t }

func TestGolden(t *testing.T) {
	w := catalogue(t)
	practice := closing()
	practice.Test = true
	tests := map[string]drivers.Document{
		"ticket.fr":           Ticket(w, ticket()),
		"ticket.en":           Ticket(w, english()),
		"ticket.ar":           Ticket(w, with(ticket(), func(t *TicketData) { t.Lang = "ar" })),
		"ticket.copy.test.en": Ticket(w, with(english(), func(t *TicketData) { t.Copy, t.Test = true, true })),
		"ticket.bare.fr":      Ticket(w, TicketData{Place: "Mairie", Number: 1, Ahead: session.M("ticket.nobody"), At: at(12, 1, 9, 0)}),
		"opening.fr":          Opening(w, opening()),
		"closing.fr":          Closing(w, closing()),
		"closing.test.fr":     Closing(w, practice),
	}
	for name, doc := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".txt")
			got := render(doc)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s =\n%s\nwant\n%s", name, got, want)
			}
		})
	}
}

// texts are the texts of a document in a language.
func texts(doc drivers.Document, lang string) []string {
	var list []string
	for _, b := range doc.Blocks {
		if t, ok := b.(drivers.Text); ok && t.Lang == lang {
			list = append(list, strings.TrimPrefix(t.Text, "\n"))
		}
	}
	return list
}

func TestTheNumberComesFirst(t *testing.T) {
	w := catalogue(t)
	for _, lang := range append(w.Languages(), "", "xx") {
		for _, number := range []session.Number{1, 12, 1234} {
			data := with(ticket(), func(t *TicketData) { t.Lang, t.Number, t.Copy, t.Test = lang, number, true, true })
			want := drivers.Number{Text: strconv.Itoa(int(number))}
			if got := Ticket(w, data).Blocks[0]; got != want {
				t.Errorf("Ticket(%q, %d) begins with %#v; want %#v", lang, number, got, want)
			}
		}
	}
}

func TestLanguagesOfATicket(t *testing.T) {
	w := catalogue(t)
	french := texts(Ticket(w, ticket()), "fr")
	for _, lang := range []string{"fr", "", "en", "ar", "xx"} {
		doc := Ticket(w, with(ticket(), func(t *TicketData) { t.Lang = lang }))
		if got := texts(doc, "fr"); !slices.Equal(got, french) {
			t.Errorf("in %q, the French is\n%q; want\n%q", lang, got, french)
		}
		known := slices.Contains(w.Languages(), lang)
		if got := texts(doc, lang); lang != "fr" && known != (len(got) > 0) {
			t.Errorf("Ticket(%q) says %q in that language; the catalogue has it: %v", lang, got, known)
		}
		for _, b := range doc.Blocks {
			if text, ok := b.(drivers.Text); ok && text.RTL != (text.Lang == "ar") {
				t.Errorf("Ticket(%q): %#v; want right to left in Arabic only", lang, text)
			}
		}
	}
}

// Screen and paper say the wait in the very same words.
func TestAheadIsTheScreensOwnMessage(t *testing.T) {
	w := catalogue(t)
	for _, m := range []session.Msg{session.M("ticket.ahead", "n", 1), session.M("ticket.ahead", "n", 4), session.M("ticket.next"), session.M("ticket.nobody")} {
		doc := Ticket(w, with(english(), func(t *TicketData) { t.Ahead = m }))
		for _, lang := range []string{"fr", "en"} {
			if want := w.Text(lang, m.Key, m.Args); !slices.Contains(texts(doc, lang), want) {
				t.Errorf("Ticket with %v says %q in %s; want %q among it", m, texts(doc, lang), lang, want)
			}
		}
	}
}

func TestDocumentsToBring(t *testing.T) {
	w := catalogue(t)
	built := func(lang string) []string { return strings.Split(w.Text(lang, "motif.sante.documents", nil), "\n") }
	tests := []struct {
		name   string
		when   func(*TicketData)
		fr, en []string
	}{
		{"those of the catalogue", func(*TicketData) {}, built("fr"), built("en")},
		{"no reason told", func(t *TicketData) { t.Motif = "" }, nil, nil},
		{"a reason of the place's own", func(t *TicketData) { t.Motif = "permis" }, nil, nil},
		{"those of the place", func(t *TicketData) { t.Documents, t.DocumentsLang = []string{"Un justificatif"}, []string{"A proof"} },
			[]string{"Un justificatif"}, []string{"A proof"}},
		{"those of the place, in French alone", func(t *TicketData) { t.Documents = []string{"Un justificatif"} }, []string{"Un justificatif"}, nil},
		{"French given for both", func(t *TicketData) {
			t.Documents, t.DocumentsLang = []string{"Un justificatif"}, []string{"Un justificatif"}
		},
			[]string{"Un justificatif"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data := with(english(), test.when)
			data.NextDates = nil // the only other list
			doc := Ticket(w, data)
			for lang, want := range map[string][]string{"fr": test.fr, "en": test.en} {
				var got []string
				for _, text := range texts(doc, lang) {
					if item, ok := strings.CutPrefix(text, "- "); ok {
						got = append(got, item)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("to bring, in %s: %q; want %q", lang, got, want)
				}
				if title := w.Text(lang, "paper.documents", nil); slices.Contains(texts(doc, lang), title) != (len(want) > 0) {
					t.Errorf("the title %q stands without a list, or a list without it", title)
				}
			}
		})
	}
}

// A ticket that somebody leaves behind does not say why its owner came.
func TestTheMotifIsNotNamed(t *testing.T) {
	w := catalogue(t).With("fr", map[string]string{"motif.sante": "Un motif secret", "motif.sante.documents": ""}).
		With("en", map[string]string{"motif.sante": "A secret reason"})
	if got := render(Ticket(w, english())); strings.Contains(got, "secret") || strings.Contains(got, "sante") {
		t.Errorf("Ticket() names the reason:\n%s", got)
	}
}

func TestRules(t *testing.T) {
	w := catalogue(t)
	tests := []struct {
		name, fr, lang string
		want           []string // the languages in which there are rules
	}{
		{"none", "", "", nil},
		{"in French alone", "Gratuit.", "", []string{"fr"}},
		{"in both", "Gratuit.", "Free.", []string{"fr", "en"}},
		{"French given for both", "Gratuit.", "Gratuit.", []string{"fr"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc := Ticket(w, with(english(), func(t *TicketData) { t.Rules, t.RulesLang = test.fr, test.lang }))
			var got []string
			for _, lang := range []string{"fr", "en"} {
				if slices.Contains(texts(doc, lang), w.Text(lang, "paper.rules", nil)) {
					got = append(got, lang)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("rules in %q; want %q", got, test.want)
			}
		})
	}
}

func TestNextDates(t *testing.T) {
	w := catalogue(t)
	doc := Ticket(w, with(ticket(), func(t *TicketData) { t.NextDates = []time.Time{at(12, 3, 9, 0), at(12, 10, 0, 0)} }))
	got := texts(doc, "fr")
	for _, want := range []string{
		"- " + w.Text("fr", "paper.next_time", map[string]any{"when": at(12, 3, 9, 0)}),
		"- " + w.Text("fr", "paper.next_day", map[string]any{"when": at(12, 10, 0, 0)}),
	} {
		if !slices.Contains(got, want) {
			t.Errorf("Ticket() says %q; want %q among it", got, want)
		}
	}
	if midnight := w.Text("fr", "paper.next_time", map[string]any{"when": at(12, 10, 0, 0)}); slices.Contains(got, "- "+midnight) {
		t.Errorf("Ticket() says %q; want no hour for a day without one", got)
	}
}

// The desk's screen shows report.Sections: paper shows these rows and no others.
func TestScreenAndPaperShowTheSameRows(t *testing.T) {
	w := catalogue(t)
	for name, r := range map[string]report.Report{"closing": closing(), "opening": opening()} {
		var want, got [][]string
		for _, s := range r.Sections() {
			for _, row := range s.Rows {
				want = append(want, []string{w.Text("fr", row.Label.Key, row.Label.Args), strconv.Itoa(row.Value)})
			}
		}
		for _, b := range Closing(w, r).Blocks {
			if c, ok := b.(drivers.Columns); ok {
				got = append(got, c.Cells)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: paper shows\n%q; want\n%q", name, got, want)
		}
	}
}

func TestTheIdentityIsPrintedWhetherItHoldsOrNot(t *testing.T) {
	w := catalogue(t)
	right, wrong := closing(), closing()
	wrong.Totals.Served--
	for _, r := range []report.Report{right, wrong} {
		m := r.IdentityMsg()
		if want := w.Text("fr", m.Key, m.Args); !slices.Contains(texts(Closing(w, r), "fr"), want) {
			t.Errorf("Closing() lacks %q", want)
		}
	}
	if a, b := right.IdentityMsg(), wrong.IdentityMsg(); a.Key == b.Key {
		t.Errorf("a true and a broken identity are both said with %s", a.Key)
	}
}

func TestPracticeIsStampedOnEveryPaper(t *testing.T) {
	w := catalogue(t)
	practice, real := closing(), closing()
	practice.Test = true
	for name, test := range map[string]struct {
		doc  drivers.Document
		want bool
	}{
		"ticket of a test":  {Ticket(w, with(ticket(), func(t *TicketData) { t.Test = true })), true},
		"opening of a test": {Opening(w, practice), true},
		"closing of a test": {Closing(w, practice), true},
		"ticket":            {Ticket(w, ticket()), false},
		"opening":           {Opening(w, real), false},
		"closing":           {Closing(w, real), false},
	} {
		stamp := drivers.Text{Text: w.Text("fr", "paper.test", nil), Size: 4, Bold: true, Align: drivers.Center, Lang: "fr"}
		if got := slices.Contains(test.doc.Blocks, drivers.Block(stamp)); got != test.want {
			t.Errorf("%s is stamped: %v; want %v", name, got, test.want)
		}
	}
}

// A key that the catalogue lacks shows as ⟦key⟧, and a hole without its argument as {name}.
func TestEveryTextIsInTheCatalogue(t *testing.T) {
	w := catalogue(t)
	unsure := opening()
	unsure.ClockUnsure, unsure.Opened, unsure.Test = true, time.Time{}, true
	broken := closing()
	broken.Here = 9
	full := func(t *TicketData) { t.Copy, t.Test = true, true }
	docs := []drivers.Document{Opening(w, opening()), Opening(w, unsure), Closing(w, closing()), Closing(w, broken)}
	for _, lang := range w.Languages() {
		for _, key := range []string{"paper.at", "paper.copy", "paper.documents", "paper.next_dates", "paper.next_day", "paper.next_time", "paper.rules", "paper.test"} {
			if !w.Has(lang, key) {
				t.Errorf("%s.json lacks %s", lang, key)
			}
		}
		docs = append(docs, Ticket(w, with(with(english(), full), func(t *TicketData) { t.Lang = lang })))
	}
	for _, doc := range docs {
		if got := render(doc); strings.ContainsAny(got, "⟦⟧{}") {
			t.Errorf("a text is missing in\n%s", got)
		}
	}
}

// A row that is too long for the narrowest paper would take two lines.
func TestRowsFitTheNarrowestPaper(t *testing.T) {
	r := closing()
	for _, b := range Closing(catalogue(t), r).Blocks {
		c, ok := b.(drivers.Columns)
		if !ok {
			continue
		}
		// Room for a blank and three digits.
		if n := utf8.RuneCountInString(c.Cells[0]); n > columns-4 {
			t.Errorf("%q has %d characters; want at most %d", c.Cells[0], n, columns-4)
		}
	}
}

func TestEmptyTextsTakeNoPaper(t *testing.T) {
	w := catalogue(t)
	for _, b := range Ticket(w, TicketData{Number: 1, At: at(12, 1, 9, 0)}).Blocks {
		if text, ok := b.(drivers.Text); ok && text.Text == "" {
			t.Errorf("Ticket() of nothing has an empty block %#v", text)
		}
	}
}
