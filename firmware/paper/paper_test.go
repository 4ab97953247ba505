package paper

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// loaded reads the catalogue once: nothing changes it.
var loaded = sync.OnceValues(words.Load)

func catalogue(t testing.TB) *words.Catalogue {
	t.Helper()
	w, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// spoken is the catalogue with texts of the tests' own over it, so that every script
// is printed, whatever is translated.
func spoken(t testing.TB) *words.Catalogue {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "words.json"))
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	w := catalogue(t)
	for lang, own := range texts {
		w = w.With(lang, own)
	}
	return w
}

// scripts are the languages that the tests have texts for, and the two French ones.
func scripts() []string {
	return []string{"fr", words.Easy, words.Images, "en", "ar", "pt", "tr", "es", "ru", "uk", "fa", "ro"}
}

func ticket() TicketData {
	return TicketData{
		Place: "Centre social Les Tilleuls", Address: "4 rue des Tilleuls, Villeneuve-sur-Brève", Phone: "01 99 00 00 00",
		Number: 12, Lang: "fr", Ahead: session.M("ticket.ahead", "n", 3), Motif: "sante",
		Wait: Wait{From: at(11, 26, 10, 20), Until: at(11, 26, 10, 50)}, Who: []session.Role{session.Mediator}, Desk: "Bureau 2",
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
	r := report.Report{
		Place: "Centre social Les Tilleuls", From: at(11, 26, 9, 0), Until: at(11, 26, 12, 0),
		Opened: at(11, 26, 9, 2), Closed: at(11, 26, 12, 10), Printed: at(11, 26, 12, 11),
		Totals: session.Totals{Issued: 23, Served: 17, NoShow: 1, Left: 2, Cancelled: 1, Oriented: 1, Unresolved: 1,
			TurnedAway: map[session.Reason]int{"no_room": 4, "will_come_back": 1}, ForOther: 2, Inaccurate: 1, Outages: 1},
		Waits: []report.Band{{Min: 0, Max: 10 * time.Minute, Visits: 6}, {Min: 10 * time.Minute, Max: 20 * time.Minute, Visits: 7},
			{Min: 20 * time.Minute, Max: 40 * time.Minute, Visits: 5}, {Min: 40 * time.Minute, Visits: 1}},
		Services: []report.Band{{Max: 15 * time.Minute, Visits: 4}, {Min: 15 * time.Minute, Max: 30 * time.Minute, Visits: 8}, {Min: 30 * time.Minute, Max: time.Hour, Visits: 5},
			{Min: time.Hour, Max: 2 * time.Hour, Visits: 1}, {Min: 2 * time.Hour}},
		Roles:    []report.Tally{{Key: "accueil", N: 2}, {Key: "travailleur_social", N: 9}, {Key: "mediateur_numerique", N: 8}, {Key: "volontaire"}, {Key: "any", N: 4}},
		Classes:  []report.Tally{{Key: "short", N: 6}, {Key: "normal", N: 12}, {Key: "long", N: 5}},
		Capacity: 376, Busy: 241, Down: 4,
	}
	// Of 18 waits, 14 ended as announced, 1 sooner and 3 later.
	if err := json.Unmarshal([]byte(`{"v":1,"counts":[0,0,0,0,1,14,2,1,0,0,0]}`), &r.Announced); err != nil {
		panic(err) // it is written above
	}
	return r
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
		case drivers.QR:
			look, lines = "qr", []string{b.Data}
		case drivers.Image:
			look, lines = "image", []string{fmt.Sprintf("%d × %d dots", b.Dots.Width, b.Dots.Height)}
		case drivers.Cut:
			look = "cut"
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
	w := spoken(t)
	practice := closing()
	practice.Test = true
	tests := map[string]drivers.Document{
		"ticket.copy.test.en": Ticket(w, with(english(), func(t *TicketData) { t.Copy, t.Test = true, true })),
		"ticket.bare.fr":      Ticket(w, TicketData{Place: "Mairie", Number: 1, Ahead: session.M("ticket.nobody"), At: at(12, 1, 9, 0)}),
		"ticket.large.fr":     Ticket(w, with(ticket(), func(t *TicketData) { t.Large = true })),
		"ticket.large.ar":     Ticket(w, with(ticket(), func(t *TicketData) { t.Lang, t.Large = "ar", true })),
		"ticket.unknown.fr":   Ticket(w, with(ticket(), func(t *TicketData) { t.Wait, t.Short = Wait{Unknown: true}, true })),
		"ticket.phone.fr":     Ticket(w, with(ticket(), func(t *TicketData) { t.Link, t.Short = "http://10.3.141.1:8080/t#AbCdEfGhIjKlMnOpQrSt-_", true })),
		"opening.fr":          Opening(w, opening()),
		"closing.fr":          Closing(w, closing()),
		"closing.test.fr":     Closing(w, practice),
		"partner.fr":          Partner(w, partner()),
	}
	for _, lang := range scripts() {
		tests["ticket."+lang] = Ticket(w, with(ticket(), func(t *TicketData) { t.Lang = lang }))
	}
	for _, lang := range []string{"fr", "ar"} {
		tests["orientation."+lang] = Orientation(w, orientation(lang))
		tests["today."+lang] = Today(w, today(lang))
		tests["rights."+lang] = Rights(w, rights(lang))
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
			want := drivers.Block(drivers.Number{Text: strconv.Itoa(int(number))})
			if got := Ticket(w, data).Blocks[0]; got != want {
				t.Errorf("Ticket(%q, %d) begins with %#v; want %#v", lang, number, got, want)
			}
		}
	}
}

func TestLanguagesOfATicket(t *testing.T) {
	w := spoken(t)
	french := texts(Ticket(w, ticket()), "fr")
	for _, lang := range []string{"fr", "", "en", "ar", "fa", "uk", "xx"} {
		doc := Ticket(w, with(ticket(), func(t *TicketData) { t.Lang = lang }))
		if got := texts(doc, "fr"); !slices.Equal(got, french) {
			t.Errorf("in %q, the French is\n%q; want\n%q", lang, got, french)
		}
		known := slices.Contains(w.Languages(), lang)
		if got := texts(doc, lang); lang != "fr" && known != (len(got) > 0) {
			t.Errorf("Ticket(%q) says %q in that language; the catalogue has it: %v", lang, got, known)
		}
		for _, b := range doc.Blocks {
			if text, ok := b.(drivers.Text); ok && text.RTL != (text.Lang == "ar" || text.Lang == "fa") {
				t.Errorf("Ticket(%q): %#v; want right to left in Arabic and Persian only", lang, text)
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
			data.NextDates, data.Short = nil, true // the only other lists
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
	w := catalogue(t).With("fr", map[string]string{"motif.sante": "Un motif inavouable", "motif.sante.documents": ""}).
		With("en", map[string]string{"motif.sante": "Un inavouable reason"})
	if got := render(Ticket(w, english())); strings.Contains(got, "inavouable") || strings.Contains(got, "sante") {
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
	w := spoken(t)
	unsure := opening()
	unsure.ClockUnsure, unsure.Opened, unsure.Test = true, time.Time{}, true
	broken := closing()
	broken.Here = 9
	full := func(t *TicketData) { t.Copy, t.Test = true, true }
	docs := []drivers.Document{Opening(w, opening()), Opening(w, unsure), Closing(w, closing()), Closing(w, broken)}
	for _, lang := range scripts() {
		docs = append(docs, Ticket(w, with(with(english(), full), func(t *TicketData) { t.Lang = lang })),
			Orientation(w, orientation(lang)), Today(w, today(lang)), Rights(w, rights(lang)))
	}
	for _, wait := range []Wait{{}, {Unknown: true}, {Until: at(11, 26, 10, 50)}} {
		docs = append(docs, Ticket(w, with(ticket(), func(t *TicketData) { t.Wait, t.Who = wait, session.Roles() })))
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

func TestWait(t *testing.T) {
	w := catalogue(t)
	args := map[string]any{"from": at(11, 26, 10, 20), "until": at(11, 26, 10, 50)}
	before := map[string]any{"until": at(11, 26, 10, 50)}
	rangeOf, until, unknown := w.Text("fr", "paper.wait", args), w.Text("fr", "paper.wait_before", before), w.Text("fr", "paper.wait_unknown", nil)
	for _, c := range []struct {
		name string
		wait Wait
		want string
	}{
		{"nothing is said", Wait{}, ""},
		{"a range", Wait{From: at(11, 26, 10, 20), Until: at(11, 26, 10, 50)}, rangeOf},
		{"from now on", Wait{From: at(11, 26, 10, 5), Until: at(11, 26, 10, 50)}, until},
		{"from before now", Wait{From: at(11, 26, 9, 0), Until: at(11, 26, 10, 50)}, until},
		{"no beginning", Wait{Until: at(11, 26, 10, 50)}, until},
		{"one moment", Wait{From: at(11, 26, 10, 50), Until: at(11, 26, 10, 50)}, until},
		{"the wrong way round", Wait{From: at(11, 26, 11, 0), Until: at(11, 26, 10, 50)}, until},
		{"unknown", Wait{Unknown: true}, unknown},
		{"unknown, whatever else", Wait{From: at(11, 26, 10, 20), Until: at(11, 26, 10, 50), Unknown: true}, unknown},
	} {
		got := texts(Ticket(w, with(ticket(), func(t *TicketData) { t.Wait = c.wait })), "fr")
		for _, text := range []string{rangeOf, until, unknown} {
			if slices.Contains(got, text) != (text == c.want) {
				t.Errorf("%s: the ticket says %q; want %q of the wait", c.name, got, c.want)
			}
		}
	}
}

func TestWho(t *testing.T) {
	w := catalogue(t)
	got := texts(Ticket(w, with(ticket(), func(t *TicketData) {
		t.Who = []session.Role{session.Anyone, session.Mediator, "inconnu", session.SocialWorker}
	})), "fr")
	var who []string
	for _, role := range session.Roles() {
		if text := w.Text("fr", "paper.who."+string(role), nil); slices.Contains(got, text) {
			who = append(who, string(role))
		}
	}
	if want := []string{"travailleur_social", "mediateur_numerique"}; !slices.Equal(who, want) || strings.Contains(strings.Join(got, ""), "⟦") {
		t.Errorf("the ticket names %q: %q; want %q", who, got, want)
	}
}

// The second part has the charter, in five lines or in those of the place, and lines
// for a pen; it is a sheet of its own only where the printer cuts.
func TestTheSecondPart(t *testing.T) {
	w := spoken(t)
	title := w.Text("fr", "charter.title", nil)
	count := func(doc drivers.Document) (cuts, feeds int) {
		for _, b := range doc.Blocks {
			switch b.(type) {
			case drivers.Cut:
				cuts++
			case drivers.Feed:
				feeds++
			}
		}
		return cuts, feeds
	}
	for _, c := range []struct {
		name        string
		when        func(*TicketData)
		fr, en      []string
		cuts, lines int
	}{
		{"five lines", func(*TicketData) {}, CharterKeys(), CharterKeys(), 0, noteLines},
		{"a printer that cuts", func(t *TicketData) { t.CutParts = true }, CharterKeys(), CharterKeys(), 1, noteLines},
		{"the place's own", func(t *TicketData) { t.Charter, t.CharterLang = []string{"Bonjour."}, []string{"Hello."} }, []string{"Bonjour."}, []string{"Hello."}, 0, noteLines},
		{"the place's own, in French alone", func(t *TicketData) { t.Charter = []string{"Bonjour."} }, []string{"Bonjour."}, nil, 0, noteLines},
		{"short", func(t *TicketData) { t.Short = true }, nil, nil, 0, 0},
		{"large", func(t *TicketData) { t.Large = true }, nil, nil, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := Ticket(w, with(english(), c.when))
			for lang, want := range map[string][]string{"fr": c.fr, "en": c.en} {
				for _, line := range want {
					if w.Has("fr", line) {
						line = w.Text(lang, line, nil)
					}
					if got := texts(doc, lang); !slices.Contains(got, "- "+line) {
						t.Errorf("in %s: %q; want %q among it", lang, got, line)
					}
				}
				if title := w.Text(lang, "charter.title", nil); slices.Contains(texts(doc, lang), title) != (want != nil) {
					t.Errorf("in %s the title %q stands without its lines, or they without it", lang, title)
				}
			}
			if cuts, feeds := count(doc); cuts != c.cuts || feeds != c.lines {
				t.Errorf("%d cuts and %d lines for a pen; want %d and %d", cuts, feeds, c.cuts, c.lines)
			}
			if !slices.Contains(texts(doc, "fr"), w.Text("fr", "paper.next_dates", nil)) {
				t.Errorf("no next dates under %q", title)
			}
		})
	}
}

// Who does not read sees a picture of the wait; who does sees none.
func TestPictures(t *testing.T) {
	w := catalogue(t)
	count := func(t TicketData) (n int) {
		for _, b := range Ticket(w, t).Blocks {
			if i, ok := b.(drivers.Image); ok {
				if n++; i.Dots.Width > 384 || len(i.Dots.Bits) != i.Dots.Height*((i.Dots.Width+7)/8) {
					n = -99
				}
			}
		}
		return n
	}
	for _, c := range []struct {
		name string
		when func(*TicketData)
		want int
	}{
		{"when, where, what, next", func(t *TicketData) { t.Lang = words.Images }, 4},
		{"unknown", func(t *TicketData) { t.Lang, t.Wait, t.Motif, t.NextDates = words.Images, Wait{Unknown: true}, "", nil }, 2},
		{"who reads", func(t *TicketData) {}, 0},
		{"who reads easy French", func(t *TicketData) { t.Lang = words.Easy }, 0},
	} {
		if got := count(with(ticket(), c.when)); got != c.want {
			t.Errorf("%s: %d pictures; want %d", c.name, got, c.want)
		}
	}
	// The hands of the clock say the hour.
	if one, other := waiting(at(11, 26, 10, 20), true), waiting(at(11, 26, 10, 50), true); reflect.DeepEqual(one, other) {
		t.Error("a clock shows the same at 10:20 and at 10:50")
	}
}

// A word that is too long for letters twice as large is cut at its hyphens, or
// printed smaller where the paper is not to be in large.
func TestLongWords(t *testing.T) {
	for given, want := range map[string]string{
		"":                                "",
		"rendez-vous":                     "rendez-vous",
		"Villeneuve-sur-Brève":            "Villeneuve-sur-\nBrève",
		"à Villeneuve-sur-Brève le jeudi": "à Villeneuve-sur-\nBrève le jeudi",
		"anticonstitutionnellement":       "anticonstitutionnellement",
		"éééééééééééé-éé":                 "éééééééééééé-\néé",
		"-anticonstitutionnel-":           "-anticonstitutionnel-",
		"un\ndeux":                        "un\ndeux",
	} {
		if got := hyphenated(given); got != want {
			t.Errorf("hyphenated(%q) = %q; want %q", given, got, want)
		}
	}
	for text, want := range map[string]int{"Rândul dumneavoastră: 3": 1, "Votre tour": 2, "": 0} {
		var p page
		p.in(catalogue(t), "fr").block(drivers.Text{Text: text, Size: 2})
		got := 0
		for _, b := range p.doc.Blocks {
			got = b.(drivers.Text).Size
		}
		if got != want {
			t.Errorf("%q is printed in size %d; want %d", text, got, want)
		}
	}
}
