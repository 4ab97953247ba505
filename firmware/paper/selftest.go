package paper

import (
	"slices"
	"strconv"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// TestTicketData is what the ticket of a self test is made of.
type TestTicketData struct {
	Place     string
	Number    int       // to be read and chosen
	At        time.Time // in the zone of the place
	Languages []string  // of the site: the ticket greets in each of them
}

// TestTicket is the ticket of a self test: all that a real one may need of the
// printer, so that who reads it sees what visitors will.
func TestTicket(w *words.Catalogue, t TestTicketData) drivers.Document {
	var p page
	p.add(drivers.Number{Text: strconv.Itoa(t.Number)})
	s := p.in(w, words.French)
	s.test()
	s.block(drivers.Text{Text: s.say("selftest.title", nil), Size: 2, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: t.Place, Bold: true, Align: drivers.Center})
	p.add(drivers.Rule{})
	s.block(drivers.Text{Text: s.say("paper.at", map[string]any{"at": t.At})})
	s.lettersAndEdges()
	for _, lang := range t.Languages {
		if slices.Contains(w.Languages(), lang) {
			other := p.in(w, lang)
			other.block(drivers.Text{Text: other.say("language.hello", nil), Align: drivers.Center})
		}
	}
	p.add(drivers.Rule{})
	s.block(drivers.Text{Text: s.say("selftest.paper.ask", nil), Bold: true})
	return p.doc
}

// lettersAndEdges show whether a printer has the letters and the width that it is said to have.
func (s speaker) lettersAndEdges() {
	s.block(drivers.Text{Text: s.say("selftest.paper.letters", nil)})
	s.page.add(drivers.Columns{Cells: []string{s.say("selftest.paper.edge_start", nil), s.say("selftest.paper.edge_end", nil)}})
}

// TryPrinter is the slip by which a printer is found while a box has no site: it says where
// it was sent, so that of two printers, or of two speeds of a serial line, people know which
// is the right one.
func TryPrinter(w *words.Catalogue, device string) drivers.Document {
	var p page
	s := p.in(w, words.French)
	s.block(drivers.Text{Text: s.say("selftest.paper.try", nil), Size: 2, Bold: true, Align: drivers.Center})
	p.add(drivers.Rule{})
	s.lettersAndEdges()
	s.block(drivers.Text{Text: device})
	return p.doc
}

// SelfTest is the result of a self test, for the folder of the place.
func SelfTest(w *words.Catalogue, place string, r selftest.Report) drivers.Document {
	var p page
	s := p.in(w, words.French)
	said := func(m session.Msg) string { return s.say(m.Message()) }
	s.block(drivers.Text{Text: s.say("selftest.title", nil), Size: 2, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: place, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: s.say("selftest.done_at", map[string]any{"at": r.Ended, "year": r.Ended.Year()})})
	if r.ClockUnsure {
		s.block(drivers.Text{Text: s.say("report.clock_unsure", nil)})
	}
	s.block(drivers.Text{Text: s.say("selftest.version", map[string]any{"version": r.Version})})
	p.add(drivers.Rule{})
	s.block(drivers.Text{Text: said(r.Verdict().Msg()), Size: 2, Bold: true})
	p.add(drivers.Rule{})
	for _, row := range selftest.Rows(r.Outcomes) {
		p.add(drivers.Columns{Cells: []string{said(row.Label), said(row.Result.Msg())}, Bold: row.Result == selftest.Failed})
		for _, note := range row.Notes {
			s.block(drivers.Text{Text: "- " + said(note)})
		}
	}
	return p.doc
}
