// Package agenda keeps what is to come at a place: workshops, appointments, home
// visits, how many seats each has, and who holds one: an anonymous code on a slip.
//
// It promises that full means full (two people never get the last seat, whatever the
// desks, the kiosk and the plug do at once), that a seat which was given is on disk,
// and that nobody is named: an appointment has no title, a home visit no place, a
// code leads to nothing but its event, and the codes of an event that is over are
// overwritten where they lay. What stays of it is how many came, by theme.
//
// Calendars are exchanged as iCalendar (RFC 5545): see Read and Write.
package agenda

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"jeudi/firmware/coop"
	"jeudi/firmware/session"
)

// Kind is what an event is. The zero Kind is none.
type Kind string

// The kinds.
const (
	Workshop    Kind = "atelier"
	Appointment Kind = "rendez_vous"
	HomeVisit   Kind = "visite"
)

// Kinds are the kinds of events.
func Kinds() []Kind { return []Kind{Workshop, Appointment, HomeVisit} }

// Event is something to come.
type Event struct {
	ID     session.ID   `json:"id"`
	Kind   Kind         `json:"kind"`
	Title  string       `json:"title,omitempty"` // of a Workshop alone: elsewhere it would be somebody's name
	From   time.Time    `json:"from"`
	Until  time.Time    `json:"until"`          // when it is over, at most 24 h later
	Room   string       `json:"room,omitempty"` // not of a HomeVisit: it would be somebody's address
	Themes []coop.Theme `json:"themes,omitempty"`
	Seats  int          `json:"seats"` // from 1 to 500
}

// The bounds of an event.
const (
	mostSeats  = 500
	mostText   = 120 // runes, of a title and of a room
	mostLength = 24 * time.Hour
)

// Check is what is wrong with an event, for the form that it was written in; nothing
// when it can be kept.
func (e Event) Check() []coop.Problem {
	var found []coop.Problem
	wrong := func(is bool, field, key string) {
		if is {
			found = append(found, coop.Problem{Field: field, Msg: session.M(key)})
		}
	}
	wrong(e.ID.IsZero(), "id", "refuse.unknown_choice")
	wrong(!slices.Contains(Kinds(), e.Kind), "kind", "refuse.unknown_choice")
	wrong(!plain(e.Title), "title", "refuse.coop_text")
	wrong(!plain(e.Room), "room", "refuse.coop_text")
	wrong(e.Kind == Workshop && strings.TrimSpace(e.Title) == "", "title", "refuse.agenda_title")
	wrong(e.Kind != Workshop && e.Title != "", "title", "refuse.agenda_no_title")
	wrong(e.Kind == HomeVisit && e.Room != "", "room", "refuse.agenda_no_room")
	wrong(e.From.Year() < firstYear || e.From.Year() > lastYear, "from", "refuse.agenda_from")
	wrong(!e.Until.After(e.From) || e.Until.Sub(e.From) > mostLength, "until", "refuse.agenda_until")
	wrong(slices.ContainsFunc(e.Themes, func(t coop.Theme) bool { return !coop.KnownTheme(t) }), "themes", "refuse.unknown_choice")
	wrong(e.Seats < 1 || e.Seats > mostSeats, "seats", "refuse.agenda_seats")
	return found
}

// The years that a calendar may speak of. Times far beyond could not be written.
const (
	firstYear = 2000
	lastYear  = 2999
)

// plain reports whether a text is short and of one line, that reads in its own direction.
func plain(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= mostText && !strings.ContainsFunc(text, rules)
}

// rules reports whether a character rules a device or turns a line around, instead of
// being read.
func rules(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// tidy is the event as it is kept.
func (e Event) tidy() Event {
	e.Title, e.Room = strings.TrimSpace(e.Title), strings.TrimSpace(e.Room)
	e.Themes = coop.TidyThemes(e.Themes)
	e.From, e.Until = e.From.UTC().Truncate(time.Second), e.Until.UTC().Truncate(time.Second)
	return e
}

// compare orders events by their beginning; those of one hour stay as they are, reading
// after reading.
func (e Event) compare(o Event) int {
	return cmp.Or(e.From.Compare(o.From), e.Until.Compare(o.Until), bytes.Compare(e.ID[:], o.ID[:]))
}

// Offer is an event and how many of its seats are given.
type Offer struct {
	Event
	Taken int
	Came  int
}

// Free is how many seats are left, never negative.
func (o Offer) Free() int { return max(0, o.Seats-o.Taken) }

// Past is an event that is over. Its codes are erased when it is handed out.
type Past struct {
	Event
	Reserved     int // seats that were given and not cancelled
	Participants int // those who came, with a code or without
}

// Record is a workshop as La Coop counts it, in the zone of the place; ok is false
// for what is not one, or when nobody came.
func (p Past) Record(zone *time.Location) (r coop.Record, ok bool) {
	if p.Kind != Workshop || p.Participants < 1 || len(p.Themes) == 0 {
		return coop.Record{}, false
	}
	return coop.Record{
		Kind: coop.Workshop, Day: p.From.In(zone), Minutes: coop.Quarter(p.Until.Sub(p.From)),
		Themes: p.Themes, Title: p.Title, Participants: p.Participants,
	}, true
}
