package paper

import (
	"strconv"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// FallbackData is what the sheet knows on which people are received while the box is
// off.
type FallbackData struct {
	Place, Address, Phone string
	Day                   time.Time // of the permanence, in the zone of the place; zero when not known
	Motifs                []string  // keys, in the site's order
}

// FallbackRows are the lines of a sheet: a morning's people and some more. Who needs
// another prints another.
const FallbackRows = 24

// FallbackNumber is how a line of the sheet is called out. It begins with a letter, so
// that it is never taken for the number of a ticket.
func FallbackNumber(n int) string { return "P" + strconv.Itoa(n) }

// Fallback is the sheet for a morning without the box: a number to tear off for the
// person, a line to fill in by hand, and the letters that stand for a motif and for
// what became of them. It has no room for a name.
func Fallback(w *words.Catalogue, d FallbackData) drivers.Document {
	var p page
	s := p.in(w, words.French)
	s.block(drivers.Text{Text: s.say("report.fallback", nil), Size: 2, Bold: true, Align: drivers.Center})
	s.block(drivers.Text{Text: d.Place, Bold: true, Align: drivers.Center})
	day := s.say("report.fallback_day", nil)
	if !d.Day.IsZero() {
		day = s.say("report.fallback_date", map[string]any{"when": d.Day, "year": d.Day.Year()})
	}
	s.block(drivers.Text{Text: day})
	for _, key := range []string{"report.fallback_how", "report.fallback_names", "report.fallback_after"} {
		s.block(drivers.Text{Text: s.say(key, nil)})
	}

	p.add(drivers.Rule{})
	s.block(drivers.Text{Text: s.say("report.fallback_motifs", nil), Bold: true})
	for i, m := range d.Motifs {
		s.block(drivers.Text{Text: strconv.Itoa(i+1) + ". " + s.say("motif."+m, nil)})
	}
	s.block(drivers.Text{Text: s.say("report.fallback_outcomes", nil), Bold: true})
	for i, o := range session.PaperOutcomes() {
		s.block(drivers.Text{Text: letter(i) + ". " + s.say("outcome."+string(o), nil)})
	}

	p.add(drivers.Rule{})
	p.add(drivers.Columns{Cells: []string{s.say("report.fallback_number", nil), s.say("report.fallback_arrived", nil),
		s.say("report.fallback_motif", nil), s.say("report.fallback_end", nil)}})
	p.add(drivers.Rule{})
	for n := range FallbackRows {
		p.add(drivers.Columns{Cells: []string{FallbackNumber(n + 1), "..:..", "....", "...."}})
		p.add(drivers.Feed{Lines: 1})
	}

	// The other half: what the person takes along.
	p.add(drivers.Cut{})
	for n := range FallbackRows {
		s.block(drivers.Text{Text: FallbackNumber(n + 1), Size: 2, Bold: true, Align: drivers.Center})
		p.add(drivers.Rule{})
	}
	return p.doc
}

func letter(i int) string { return string(rune('A' + i)) }
