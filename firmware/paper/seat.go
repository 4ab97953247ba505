package paper

import (
	"time"

	"jeudi/drivers"
	"jeudi/firmware/words"
)

// SeatData is what the slip of a seat is made of. It has a code, and nobody's name.
type SeatData struct {
	From, Phone string // the name and the telephone of the permanence
	Lang        string // the visitor's; "" is French
	Kind        string // "atelier", "rendez_vous" or "visite"
	Title       string // of a workshop
	At, Until   time.Time
	Room        string
	Code        string
	Large       bool // what is for the visitor is printed twice as wide and high
	Test        bool
}

// Seat is the slip that somebody shows when they come, and reads out to cancel.
func Seat(w *words.Catalogue, d SeatData) drivers.Document {
	s := newSlip(w, d.Lang, d.Large, d.Test, "slip.seat."+d.Kind, d.From)
	s.page.add(drivers.Rule{})
	staff := s.staff()
	if d.Title != "" {
		staff.block(drivers.Text{Text: d.Title, Size: 2, Bold: true})
	}
	for i, who := range s.said {
		if !d.At.IsZero() {
			who.block(drivers.Text{Text: who.date(d.At), Size: 2 - min(i, 1), Bold: true})
			who.block(drivers.Text{Text: who.say("places.hours_span", map[string]any{"from": d.At, "until": d.Until})})
		}
	}
	if d.Room != "" {
		staff.block(drivers.Text{Text: d.Room})
	}
	s.title("slip.code")
	staff.block(drivers.Text{Text: spaced(d.Code), Size: 3, Bold: true, Align: drivers.Center})
	s.lines("slip.seat_text")
	if d.Phone != "" {
		s.title("slip.phone")
		staff.block(drivers.Text{Text: Phone(d.Phone), Bold: true})
	}
	return s.page.doc
}
