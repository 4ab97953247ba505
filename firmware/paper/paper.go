// Package paper is everything that is printed, as documents: a visitor's ticket,
// the slips that they take home, the zero report of an opening, the report of a
// closing. It is pure, and words nothing itself: every text comes from the
// catalogue that the screen and the voice speak from, or from the place.
//
// What it promises: a ticket begins with its number, as large as the paper
// allows, and never names the reason to come; a paper of a test says so in large
// letters; French is always there, whatever else is; nothing that a slip says of
// a person leads to their ticket.
package paper

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	Wait                  Wait
	Who                   []session.Role // who will receive the visitor; Anyone is left out
	Desk                  string         // where, as the site calls it
	Motif                 string         // its key, only to know what to bring; "" when not told
	Copy                  bool           // printed before
	Test                  bool
	At                    time.Time // of the print, in the zone of the place
	NextDates             []time.Time
	// Link is the address of the visitor's own page, for a QR code; "" for none.
	Link string

	// Large prints all that is for the visitor twice as wide and high, and less of
	// it: no rules, no second part, one next date.
	Large bool
	// Short leaves out the second part.
	Short bool
	// CutParts makes the second part a sheet of its own, for a printer that cuts.
	CutParts bool

	// What the place has written in French. Documents replace those of the
	// catalogue, Charter its five lines.
	Documents []string
	Rules     string
	Charter   []string
	// The same in Lang. What is empty, or the same as in French, is not printed twice.
	DocumentsLang []string
	RulesLang     string
	CharterLang   []string
}

// Wait is when a visitor will be called, as clock times in the zone of the place.
// The zero Wait says nothing.
type Wait struct {
	From, Until time.Time
	Unknown     bool // nobody can say
}

// known reports whether there is a range.
func (w Wait) known() bool { return !w.Unknown && !w.Until.IsZero() }

// Msg is what paper, screen and voice say of a wait at a moment; its Key is empty
// when there is nothing to say.
func (w Wait) Msg(at time.Time) session.Msg {
	switch {
	case w.Unknown:
		return session.M("paper.wait_unknown")
	case !w.known():
		return session.Msg{}
	case w.From.After(at) && w.From.Before(w.Until):
		return session.M("paper.wait", "from", w.From, "until", w.Until)
	}
	return session.M("paper.wait_before", "until", w.Until)
}

// langs are the languages of a visitor's paper, the visitor's first: theirs, if the
// catalogue has what paper says in it, and French for the staff. Easy French and
// pictures are French already.
func langs(w *words.Catalogue, lang string) []string {
	switch {
	case lang == words.Easy, lang == words.Images:
		return []string{lang}
	case lang == "", lang == words.French, !slices.Contains(w.Languages(), lang), !w.Has(lang, "paper.at"):
		return []string{words.French}
	}
	return []string{lang, words.French}
}

// Ticket is a visitor's ticket, in the visitor's language and in French. The first
// part says when, who and what to bring; the second holds the charter, blank lines
// for a pen and the next dates. A ticket of pictures shows the wait, who receives
// and what to bring before it says so in French. A printer leaves out the blocks
// in a script that it cannot print.
func Ticket(w *words.Catalogue, t TicketData) drivers.Document {
	var p page
	var said []speaker
	for i, lang := range langs(w, t.Lang) {
		s := p.in(w, lang)
		s.large = t.Large && i == 0
		said = append(said, s)
	}

	p.add(drivers.Number{Text: strconv.Itoa(int(t.Number))})
	for _, s := range said {
		if t.Test {
			s.test()
		}
		if t.Copy {
			s.block(drivers.Text{Text: s.say("paper.copy", nil), Bold: true, Align: drivers.Center})
		}
	}
	if t.Lang == words.Images {
		p.pictures(w, t)
	}
	place := p.in(w, words.French)
	place.large = t.Large
	place.block(drivers.Text{Text: t.Place, Bold: true, Align: drivers.Center})
	if !t.Large {
		place.block(drivers.Text{Text: t.Address, Align: drivers.Center})
	}
	place.block(drivers.Text{Text: t.Phone, Align: drivers.Center})

	for _, s := range said {
		p.add(drivers.Rule{})
		s.ticket(t)
		if t.Large && len(t.NextDates) > 0 {
			s.nextDates(t.NextDates[:1])
		} else if t.Short {
			s.nextDates(t.NextDates)
		}
	}
	p.link(said, t)
	if !t.Large && !t.Short {
		p.second(said, t)
	}
	return p.doc
}

// link leads a phone to the visitor's own page.
func (p *page) link(said []speaker, t TicketData) {
	if t.Link == "" {
		return
	}
	p.add(drivers.Rule{})
	for _, s := range said {
		s.heading("paper.phone", false)
	}
	p.add(drivers.QR{Data: t.Link})
	for _, s := range said {
		s.block(drivers.Text{Text: s.say("paper.phone_wifi", nil)})
	}
}

// second is the second part of a ticket.
func (p *page) second(said []speaker, t TicketData) {
	if t.CutParts {
		p.add(drivers.Cut{})
	} else {
		p.add(drivers.Rule{})
	}
	for _, s := range said {
		s.list("charter.title", s.charter(t))
	}
	for _, s := range said {
		s.nextDates(t.NextDates)
	}
	for i, s := range said {
		s.heading("paper.note", i == 0)
	}
	for range noteLines {
		p.add(drivers.Feed{Lines: 2})
		p.add(drivers.Rule{})
	}
}

// noteLines is how many lines there are for a pen, and their pitch is 11 mm.
const noteLines = 3

// CharterKeys are the five lines of the mutual charter, as the screen shows, the
// voice says and paper prints them: three of the team, two of the visitor.
func CharterKeys() []string {
	return []string{"charter.team_1", "charter.password", "charter.secret", "charter.you_1", "charter.you_2"}
}

// charter is the lines of the place, or those of the catalogue where the place
// says nothing.
func (s speaker) charter(t TicketData) []string {
	if len(t.Charter) > 0 {
		return s.ofPlace(t.Charter, t.CharterLang)
	}
	return s.all(CharterKeys())
}

// ofPlace is what a place has written in French and in another language: in that
// one nothing, when it is the same.
func (s speaker) ofPlace(french, other []string) []string {
	switch {
	case s.french():
		return french
	case slices.Equal(french, other):
		return nil
	}
	return other
}

// pictures shows without a word when, where and what to bring.
func (p *page) pictures(w *words.Catalogue, t TicketData) {
	s := p.in(w, words.French)
	digits := func(at time.Time) string { return fmt.Sprintf("%d:%02d", at.Hour(), at.Minute()) }
	if t.Wait.known() {
		shown, said := t.Wait.Until, digits(t.Wait.Until)
		if t.Wait.From.After(t.At) && t.Wait.From.Before(t.Wait.Until) {
			// The clock shows the earlier time: who comes back by it loses nothing.
			shown, said = t.Wait.From, digits(t.Wait.From)+" - "+said
		}
		p.add(drivers.Image{Dots: waiting(shown, true)})
		s.block(drivers.Text{Text: said, Size: 2, Bold: true, Align: drivers.Center})
	} else {
		p.add(drivers.Image{Dots: waiting(time.Time{}, false)})
	}
	p.add(drivers.Feed{Lines: 1})
	p.add(drivers.Image{Dots: received()})
	s.block(drivers.Text{Text: t.Desk, Size: 2, Bold: true, Align: drivers.Center})
	p.add(drivers.Feed{Lines: 1})
	if len(s.documents(t)) > 0 {
		p.add(drivers.Image{Dots: papers()})
		p.add(drivers.Feed{Lines: 1})
	}
	if len(t.NextDates) > 0 {
		next := t.NextDates[0]
		p.add(drivers.Image{Dots: calendar()})
		said := fmt.Sprintf("%d/%d", next.Day(), next.Month())
		if !wholeDay(next) {
			said += "  " + digits(next)
		}
		s.block(drivers.Text{Text: said, Size: 2, Bold: true, Align: drivers.Center})
	}
	p.add(drivers.Rule{})
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
	size := 2
	if s.wait(t) {
		size = 1
	}
	if t.Ahead.Key != "" {
		s.block(drivers.Text{Text: s.say(t.Ahead.Message()), Size: size, Bold: true})
	}
	// The hour stands by the people ahead: that was true then.
	s.block(drivers.Text{Text: s.say("paper.at", map[string]any{"at": t.At})})

	for _, role := range t.Who {
		if key := "paper.who." + string(role); role != session.Anyone && s.has(key) {
			s.block(drivers.Text{Text: s.say(key, nil), Bold: true})
		}
	}
	if t.Desk != "" {
		s.block(drivers.Text{Text: s.say("paper.where", map[string]any{"desk": t.Desk}), Bold: true})
	}

	s.list("paper.documents", s.documents(t))
	if t.Large && !s.large {
		return // staff need no more
	}
	s.title("paper.tips")
	for i, tip := range s.all([]string{"paper.tip_1", "paper.tip_2", "paper.tip_3"}) {
		s.block(drivers.Text{Text: strconv.Itoa(i+1) + ". " + tip})
	}
	if rules := s.ofPlace([]string{t.Rules}, []string{t.RulesLang}); !t.Large && len(rules) > 0 && rules[0] != "" {
		s.title("paper.rules")
		s.block(drivers.Text{Text: rules[0]})
	}
}

// wait says when, and reports whether it said anything.
func (s speaker) wait(t TicketData) bool {
	m := t.Wait.Msg(t.At)
	if m.Key == "" {
		return false
	}
	s.block(drivers.Text{Text: s.say(m.Key, m.Args), Size: 2, Bold: true})
	if !t.Wait.Unknown {
		s.block(drivers.Text{Text: s.say("paper.wait_may_change", nil)})
	}
	return true
}

// wholeDay reports whether of a date no hour is known.
func wholeDay(d time.Time) bool { return d.Hour() == 0 && d.Minute() == 0 }

// date is a date, with its hour if that is known.
func (s speaker) date(d time.Time) string {
	key := "paper.next_time"
	if wholeDay(d) {
		key = "paper.next_day"
	}
	return s.say(key, map[string]any{"when": d})
}

func (s speaker) nextDates(list []time.Time) {
	var dates []string
	for _, d := range list {
		if text := s.date(d); text != "" {
			dates = append(dates, text)
		}
	}
	s.list("paper.next_dates", dates)
}

// documents are what to bring: those of the place, or those of the catalogue
// where the place says nothing.
func (s speaker) documents(t TicketData) []string {
	if len(t.Documents) > 0 {
		// In another language the catalogue would say something else than the place
		// does in French.
		return s.ofPlace(t.Documents, t.DocumentsLang)
	}
	key := "motif." + t.Motif + ".documents"
	if !s.has(key) {
		return nil
	}
	text := s.say(key, nil)
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
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
		for _, line := range section.Remarks {
			s.block(drivers.Text{Text: s.say(line.Message())})
		}
	}
	if told := r.Told(); len(told) > 0 {
		p.add(drivers.Rule{})
		s.block(drivers.Text{Text: s.say("report.tells", nil), Bold: true})
		for _, line := range told {
			s.block(drivers.Text{Text: "- " + s.say(line.Message())})
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
func (p *page) in(w *words.Catalogue, lang string) speaker {
	return speaker{page: p, words: w, lang: lang}
}

type speaker struct {
	page  *page
	words *words.Catalogue
	lang  string
	large bool
}

// say is a text in the speaker's language. What another language than French lacks
// is nothing: the French is on the same paper.
func (s speaker) say(key string, args map[string]any) string {
	if !s.french() && !s.words.Has(s.lang, key) {
		return ""
	}
	return s.words.Text(s.lang, key, args)
}

// all is several texts, without those that the language lacks.
func (s speaker) all(keys []string) []string {
	var lines []string
	for _, key := range keys {
		if text := s.say(key, nil); text != "" {
			lines = append(lines, text)
		}
	}
	return lines
}

// french reports whether who reads this speaker reads French.
func (s speaker) french() bool { return words.Tag(s.lang) == words.French }

// has reports whether there is a text that the speaker's reader understands.
func (s speaker) has(key string) bool {
	return s.words.Has(s.lang, key) || s.french() && s.words.Has(words.French, key)
}

// block writes a text in the language and direction of the speaker, unless it is empty.
func (s speaker) block(t drivers.Text) {
	if t.Text == "" {
		return
	}
	switch {
	case s.large:
		t.Size = max(t.Size, 2)
		t.Text = hyphenated(t.Text)
	case t.Size == 2 && longest(t.Text) > mostLarge:
		t.Size = 1 // a word cut in two is harder to read than a small one
	}
	t.Lang, t.RTL = words.Tag(s.lang), words.Dir(s.lang) == "rtl"
	s.page.add(t)
}

// mostLarge is how many letters of a word fit on the narrowest paper in letters
// twice as large, whatever the script.
const mostLarge = 13

func longest(text string) (n int) {
	for _, word := range strings.Fields(text) {
		n = max(n, utf8.RuneCountInString(word))
	}
	return n
}

// hyphenated begins a line behind a hyphen of a word that is too long for one: the
// names of towns are.
func hyphenated(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		words := strings.Split(line, " ")
		for j, word := range words {
			if utf8.RuneCountInString(word) <= mostLarge {
				continue
			}
			before := string([]rune(word)[:min(mostLarge+2, utf8.RuneCountInString(word))])
			if cut := strings.LastIndexByte(before, '-'); cut > 0 && cut < len(word)-1 {
				words[j] = word[:cut+1] + "\n" + word[cut+1:]
			}
		}
		lines[i] = strings.Join(words, " ")
	}
	return strings.Join(lines, "\n")
}

// test says that nothing of this paper counts, in letters four times as large.
func (s speaker) test() {
	s.block(drivers.Text{Text: s.say("paper.test", nil), Size: 4, Bold: true, Align: drivers.Center})
}

// title begins a part.
func (s speaker) title(key string) { s.heading(key, true) }

// heading is a title, with a blank line above it or not. The blank line is of its
// own text, so that a printer that leaves out the words leaves out the line too.
func (s speaker) heading(key string, blank bool) {
	text := s.say(key, nil)
	if blank && text != "" {
		text = "\n" + text
	}
	s.block(drivers.Text{Text: text, Bold: true})
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
