// Package paper is everything that is printed, as documents: a visitor's ticket,
// the zero report of an opening, the report of a closing. It is pure, and words
// nothing itself: every text comes from the catalogue that the screen and the
// voice speak from, or from the place.
//
// What it promises: a ticket begins with its number, as large as the paper
// allows, and never names the reason to come; a paper of a test says so in large
// letters; French is always there, whatever else is.
package paper

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// TicketData is what a ticket is made of. Texts that are empty are left out.
type TicketData struct {
	Place, Address, Phone string
	Number                session.Number
	Lang                  string      // the visitor's; "" is French
	Ahead                 session.Msg // what the screen says about the wait
	Motif                 string      // its key, only to know what to bring; "" when not told
	Copy                  bool        // printed before
	Test                  bool
	At                    time.Time // of the print, in the zone of the place
	NextDates             []time.Time

	// What the place has written in French. Documents replace those of the catalogue.
	Documents []string
	Rules     string
	// The same in Lang. What is empty, or the same as in French, is not printed twice.
	DocumentsLang []string
	RulesLang     string
}

// Ticket is a visitor's ticket: in French, then in the visitor's language when
// that is another one of the catalogue. A printer leaves out the blocks in a
// script that it cannot print.
func Ticket(w *words.Catalogue, t TicketData) drivers.Document {
	langs := []string{words.French}
	if t.Lang != words.French && slices.Contains(w.Languages(), t.Lang) {
		langs = append(langs, t.Lang)
	}

	var p page
	p.add(drivers.Number{Text: strconv.Itoa(int(t.Number))})
	for _, lang := range langs {
		s := p.in(w, lang)
		if t.Test {
			s.test()
		}
		if t.Copy {
			s.block(drivers.Text{Text: s.say("paper.copy", nil), Bold: true, Align: drivers.Center})
		}
	}
	place := p.in(w, words.French)
	place.block(drivers.Text{Text: t.Place, Bold: true, Align: drivers.Center})
	place.block(drivers.Text{Text: t.Address, Align: drivers.Center})
	place.block(drivers.Text{Text: t.Phone, Align: drivers.Center})

	for _, lang := range langs {
		p.add(drivers.Rule{})
		p.in(w, lang).ticket(t)
	}
	return p.doc
}

// NewRoll is the line printed on a new roll of paper: who can read it knows that
// the roll is the right way round.
func NewRoll(w *words.Catalogue) drivers.Document {
	var p page
	p.in(w, words.French).block(drivers.Text{Text: w.Text(words.French, "desk.new_roll_line", nil), Bold: true, Align: drivers.Center})
	return p.doc
}

// ticket is what one language says below the number and the place.
func (s speaker) ticket(t TicketData) {
	if t.Ahead.Key != "" {
		s.block(drivers.Text{Text: s.say(t.Ahead.Message()), Size: 2, Bold: true})
	}
	// The hour stands by the people ahead: that was true then.
	s.block(drivers.Text{Text: s.say("paper.at", map[string]any{"at": t.At})})

	s.list("paper.documents", s.documents(t))
	rules := t.Rules
	if s.lang != words.French {
		if rules = t.RulesLang; rules == t.Rules {
			rules = ""
		}
	}
	if rules != "" {
		s.title("paper.rules")
		s.block(drivers.Text{Text: rules})
	}

	var dates []string
	for _, d := range t.NextDates {
		key := "paper.next_time"
		if d.Hour() == 0 && d.Minute() == 0 {
			key = "paper.next_day" // of a date, no hour is known
		}
		dates = append(dates, s.say(key, map[string]any{"when": d}))
	}
	s.list("paper.next_dates", dates)
}

// documents are what to bring: those of the place, or those of the catalogue
// where the place says nothing.
func (s speaker) documents(t TicketData) []string {
	switch {
	case s.lang == words.French && len(t.Documents) > 0:
		return t.Documents
	case s.lang != words.French && len(t.DocumentsLang) > 0 && !slices.Equal(t.DocumentsLang, t.Documents):
		return t.DocumentsLang
	case len(t.Documents) > 0:
		return nil // the catalogue would say something else than the place does in French
	}
	key := "motif." + t.Motif + ".documents"
	if !s.words.Has(s.lang, key) {
		return nil
	}
	return strings.Split(s.say(key, nil), "\n")
}

// Opening is the zero report of an opening, for staff to sign.
func Opening(w *words.Catalogue, r report.Report) drivers.Document { return counts(w, r) }

// Closing is the report of a closing, for staff to sign.
func Closing(w *words.Catalogue, r report.Report) drivers.Document { return counts(w, r) }

// counts is a report in French, the language of the staff.
func counts(w *words.Catalogue, r report.Report) drivers.Document {
	var p page
	s := p.in(w, words.French)
	if r.Test {
		s.test()
	}
	s.block(drivers.Text{Text: s.say(r.Title().Message()), Size: 2, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: r.Place, Bold: true, Align: drivers.Center})
	for _, line := range r.Head() {
		s.block(drivers.Text{Text: s.say(line.Message())})
	}
	for _, section := range r.Sections() {
		p.add(drivers.Rule{})
		s.block(drivers.Text{Text: s.say(section.Title.Message()), Bold: true})
		for _, row := range section.Rows {
			p.add(drivers.Columns{Cells: []string{s.say(row.Label.Message()), strconv.Itoa(row.Value)}})
		}
	}
	p.add(drivers.Rule{})
	s.block(drivers.Text{Text: s.say(r.IdentityMsg().Message()), Bold: true})
	p.add(drivers.Feed{Lines: 1})
	s.block(drivers.Text{Text: s.say("paper.signature", nil)})
	p.add(drivers.Feed{Lines: 3})
	p.add(drivers.Rule{})
	return p.doc
}

// page is a document in the making.
type page struct{ doc drivers.Document }

func (p *page) add(b drivers.Block) { p.doc.Blocks = append(p.doc.Blocks, b) }

// in is somebody who writes on the page in a language.
func (p *page) in(w *words.Catalogue, lang string) speaker { return speaker{p, w, lang} }

type speaker struct {
	page  *page
	words *words.Catalogue
	lang  string
}

func (s speaker) say(key string, args map[string]any) string { return s.words.Text(s.lang, key, args) }

// block writes a text in the language and direction of the speaker, unless it is empty.
func (s speaker) block(t drivers.Text) {
	if t.Text == "" {
		return
	}
	t.Lang, t.RTL = s.lang, words.Dir(s.lang) == "rtl"
	s.page.add(t)
}

// test says that nothing of this paper counts, in letters four times as large.
func (s speaker) test() {
	s.block(drivers.Text{Text: s.say("paper.test", nil), Size: 4, Bold: true, Align: drivers.Center})
}

// title begins a part. The blank line above is of its own text, so that a printer
// that leaves out the words leaves out the line too.
func (s speaker) title(key string) {
	s.block(drivers.Text{Text: "\n" + s.say(key, nil), Bold: true})
}

// list is lines under a title, or nothing without any.
func (s speaker) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	s.title(title)
	for _, line := range lines {
		s.block(drivers.Text{Text: "- " + line})
	}
}
