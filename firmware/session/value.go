package session

import (
	"encoding/hex"
	"fmt"
	"time"
)

// ID is a 128-bit identifier, drawn by whoever sends a command. The zero ID means none.
type ID [16]byte

// String is the ID in 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id is no identifier.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText writes the ID as 32 hexadecimal digits, or nothing for the zero ID.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return []byte(id.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (id *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	if len(text) != 2*len(id) {
		return fmt.Errorf("session: an id has 32 hexadecimal digits, not %d characters", len(text))
	}
	_, err := hex.Decode(id[:], text)
	if err != nil {
		return fmt.Errorf("session: id: %w", err)
	}
	return nil
}

// Number is what a visitor sees of a visit: 1, 2, 3… in one permanence.
type Number uint32

// Trust is how far the wall clock of a Moment may be believed. A box without a
// battery clock starts in the past.
type Trust uint8

// The degrees of trust.
const (
	Untrusted Trust = iota // nobody confirmed the time since the box started
	Trusted                // a network, a battery clock or a member of staff vouches for it
)

// Moment is when something happened: on the wall clock, and on the monotonic
// clock of one start of the box. Two moments of one boot are as far apart as
// their monotonic times, whatever happened to the wall clock.
type Moment struct {
	Wall  time.Time     `json:"w"`
	Mono  time.Duration `json:"m"` // since the boot began
	Boot  ID            `json:"b"`
	Trust Trust         `json:"t,omitempty"`
}

// Sub is the time from earlier to m, never negative. Between two boots it is
// taken from the wall clocks, and exact is false.
func (m Moment) Sub(earlier Moment) (d time.Duration, exact bool) {
	if m.Boot == earlier.Boot {
		return max(0, m.Mono-earlier.Mono), true
	}
	return max(0, m.Wall.Sub(earlier.Wall)), false
}

// Add is the moment d later, in the same boot.
func (m Moment) Add(d time.Duration) Moment {
	m.Wall, m.Mono = m.Wall.Add(d), m.Mono+d
	return m
}

// Reached reports whether m is at or after the deadline.
func (m Moment) Reached(deadline Moment) bool {
	if m.Boot == deadline.Boot {
		return m.Mono >= deadline.Mono
	}
	return !m.Wall.Before(deadline.Wall)
}

// Msg is something to tell a person: a key of the catalogue and its arguments.
// Words are chosen at the edge, per surface and language.
type Msg struct {
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}

// M makes a Msg from a key and pairs of argument name and value.
func M(key string, pairs ...any) Msg {
	m := Msg{Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		if m.Args == nil {
			m.Args = make(map[string]any, len(pairs)/2)
		}
		m.Args[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// Message is the key and the arguments, for a catalogue that knows no session.
func (m Msg) Message() (key string, args map[string]any) { return m.Key, m.Args }

// Role is a profession at a permanence, and what a visit may need.
type Role string

// The roles. Anyone is what a visit needs that each of them can receive.
const (
	Anyone       Role = ""
	Reception    Role = "accueil"
	SocialWorker Role = "travailleur_social"
	Mediator     Role = "mediateur_numerique"
	Volunteer    Role = "volontaire"
)

// Roles are all roles, in the order in which they are shown.
func Roles() []Role { return []Role{Reception, SocialWorker, Mediator, Volunteer} }

// Class is how long a visit is expected to take.
type Class string

// The classes of duration.
const (
	Normal Class = ""
	Short  Class = "short"
	Long   Class = "long"
)

// Desk is a place where people are received.
type Desk struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Roles []Role `json:"roles"`
}

// Takes reports whether the desk can receive somebody who needs the role.
func (d Desk) Takes(need Role) bool {
	if need == Anyone {
		return true
	}
	for _, r := range d.Roles {
		if r == need {
			return true
		}
	}
	return false
}

// Motif is a reason to come, and what it usually needs.
type Motif struct {
	Key   string `json:"key"`
	Need  Role   `json:"need,omitempty"`
	Class Class  `json:"class,omitempty"`
}

// Plan is one permanence as the site's calendar sees it. It is written with the
// first event, so that a replay never depends on a site file edited since.
type Plan struct {
	ID    ID        `json:"id"`
	Place string    `json:"place"`
	Stop  string    `json:"stop,omitempty"` // key of one of the places of an itinerant box
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// TicketsBefore is how long before From tickets may be taken.
	TicketsBefore time.Duration `json:"before"`
	Slot          time.Duration `json:"slot"` // guaranteed to each person
	Desks         []Desk        `json:"desks"`
	Motifs        []Motif       `json:"motifs"`
}

// Motif finds a motif by its key.
func (p Plan) Motif(key string) (Motif, bool) {
	for _, m := range p.Motifs {
		if m.Key == key {
			return m, true
		}
	}
	return Motif{}, false
}

// Desk finds a desk by its key.
func (p Plan) Desk(key string) (Desk, bool) {
	for _, d := range p.Desks {
		if d.Key == key {
			return d, true
		}
	}
	return Desk{}, false
}

// The rules of calling. Sources: five minutes before an absent person is proposed
// again and three calls before no-show are ZMS's practice; ten seconds to undo
// replace confirmation dialogs.
const (
	RecallGap    = 20 * time.Second // between two calls of one person
	MaxCalls     = 3                // then no-show is proposed
	AbsentRest   = 5 * time.Minute  // an absent person is not proposed again before
	UndoWindow   = 10 * time.Second // to take the last action of a desk back
	Boost        = 30 * time.Minute // how much earlier a priority person counts as arrived: ageing, nobody starves
	maxStepOut   = 4 * time.Hour    // nobody keeps a turn beyond a morning
	maxOff       = 24 * time.Hour   // counted at most between two starts: the wall clock may have been set by years
	LeftOpenPast = 3 * time.Hour    // after the end of its hours an open permanence counts as left open
)
