package session

import (
	"slices"
	"time"
)

// What frames a morning: the time of day that staff vouch for, people who were
// counted on paper while the box was off, and a closed permanence that goes on.

// ConfirmTime says when the boot of the box began on a clock that somebody vouches
// for. The events of that boot are dated anew: nobody moves what happened, only
// the hour that it is told with. Hours are those of the calendar at that time, for
// a permanence that was begun under a wrong date.
type ConfirmTime struct {
	Start time.Time // of the boot that the command is decided in
	Hours Hours
}

// Hours are from when until when a permanence is planned.
type Hours struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// CatchUp counts people who were received on paper, while the box was off. Motif is
// a key of the plan, or "". Nobody knows their times.
type CatchUp struct {
	Desk    string
	Motif   string
	Outcome Outcome // one of PaperOutcomes
	People  int     // 1 to MostOnPaper
}

// Reopen goes on with a permanence that was closed, from its totals and the number
// of its next ticket; its visits are gone. It is for a coordinator alone.
type Reopen struct {
	Desk        string
	Coordinator bool
	Plan        Plan
	Closed      Earlier
	Opened      Moment
}

func (ConfirmTime) order() {}
func (CatchUp) order()     {}
func (Reopen) order()      {}

// MostOnPaper is how many people one catch-up counts at most: more is a slip of
// the finger.
const MostOnPaper = 99

// PaperOutcomes are what may have become of somebody who is counted on paper. A
// ticket that never was cannot be cancelled.
func PaperOutcomes() []Outcome {
	return []Outcome{Served, NoShow, Left, Misrouted, Oriented, Unresolved}
}

// Tell is something that the next permanence should know: a key of a closed list,
// so that nobody writes about a person.
type Tell string

// Tells are what a closing may leave for the next permanence, in the order in which
// they are shown.
func Tells() []Tell {
	return []Tell{"paper_low", "no_spare_roll", "printer", "sound", "buttons", "screen", "phones", "on_paper", "technician"}
}

// Earlier is a permanence as it stood when it was closed, and goes on from. What is
// not of Totals is of its report, row by row: its visits are gone.
type Earlier struct {
	Totals   Totals `json:"totals"`
	Next     Number `json:"next"` // number of the next ticket
	Waits    []int  `json:"waits,omitempty"`
	Services []int  `json:"services,omitempty"`
	Roles    []int  `json:"roles,omitempty"`
	Classes  []int  `json:"classes,omitempty"`
	Capacity int    `json:"capacity,omitempty"` // minutes
	Busy     int    `json:"busy,omitempty"`     // minutes
	Down     int    `json:"down,omitempty"`     // minutes
}

// The events of the frame.
type (
	// TimeConfirmed dates the events of a boot anew.
	TimeConfirmed struct {
		Boot  ID        `json:"boot"`
		Start time.Time `json:"start"`
		Hours Hours     `json:"hours,omitzero"` // the permanence's own were of another day
	}
	// PeopleCaughtUp are people received on paper.
	PeopleCaughtUp struct {
		Act
		Motif   string  `json:"motif,omitempty"`
		Outcome Outcome `json:"outcome"`
		People  int     `json:"people"`
	}
	// PermanenceReopened is a closed permanence that goes on, paused.
	PermanenceReopened struct {
		Act
		Plan   Plan    `json:"plan"`
		Closed Earlier `json:"closed"`
		Opened Moment  `json:"opened,omitzero"`
	}
)

func (TimeConfirmed) body()      {}
func (PeopleCaughtUp) body()     {}
func (PermanenceReopened) body() {}

// The refusals of the frame.
var (
	ErrCoordinatorOnly = refusal("refuse.coordinator_only") // reopening is theirs
	ErrNothingClosed   = refusal("refuse.nothing_closed")   // no closed permanence to go on with
	ErrPeople          = refusal("refuse.people")           // 1 to MostOnPaper at once
)

// Day reports whether a permanence that was begun at a time is of these hours:
// staff may open two hours early, and tickets are taken until the end.
func (h Hours) Day(at time.Time) bool {
	return !at.Before(h.From.Add(-planEarly)) && at.Before(h.Until)
}

// planEarly is how long before its hours a permanence may be opened.
const planEarly = 2 * time.Hour

func decideConfirm(s State, o ConfirmTime, at Moment) []Body {
	if !s.UnderWay() {
		return nil // nothing to date: the box's clock is enough
	}
	e := TimeConfirmed{Boot: at.Boot, Start: o.Start}
	// A reopened one keeps its hours, however late somebody goes on with it.
	if planned := s.planned.dated(e); s.Earlier == nil && planned.Boot == e.Boot && !o.Hours.From.IsZero() &&
		!(Hours{s.Plan.From, s.Plan.Until}).Day(planned.Wall) {
		e.Hours = o.Hours
	}
	return []Body{e}
}

func decideCatchUp(s State, o CatchUp) ([]Body, error) {
	if o.People < 1 || o.People > MostOnPaper {
		return nil, ErrPeople.with("max", MostOnPaper)
	}
	if _, ok := s.Plan.Motif(o.Motif); !ok && o.Motif != "" || !slices.Contains(PaperOutcomes(), o.Outcome) {
		return nil, ErrUnknownChoice
	}
	return []Body{PeopleCaughtUp{Act{Desk: o.Desk}, o.Motif, o.Outcome, o.People}}, nil
}

func decideReopen(s State, o Reopen) ([]Body, error) {
	switch {
	case !o.Coordinator:
		return nil, ErrCoordinatorOnly
	case s.UnderWay():
		return nil, ErrAlreadyOpen
	case o.Plan.ID.IsZero():
		return nil, ErrNothingClosed
	}
	if _, ok := o.Plan.Desk(o.Desk); !ok {
		return nil, ErrNoDesk.with("desk", o.Desk)
	}
	return []Body{PermanenceReopened{Act{Desk: o.Desk}, o.Plan, o.Closed, o.Opened}}, nil
}

// dated is the moment on the confirmed clock; one of another boot stays as it is.
func (m Moment) dated(e TimeConfirmed) Moment {
	if m == (Moment{}) || m.Boot != e.Boot {
		return m
	}
	m.Wall, m.Trust = e.Start.Add(m.Mono), Trusted
	return m
}

// Dated is the state with every moment of a boot on the confirmed clock, that of a
// closed permanence too; the event itself comes on that clock. What could be undone
// cannot any more: what was before is dated by the clock before.
func (s State) Dated(e TimeConfirmed) State {
	for _, m := range []*Moment{&s.Opened, &s.Ended, &s.planned} {
		*m = m.dated(e)
	}
	if !e.Hours.From.IsZero() {
		s.Plan.From, s.Plan.Until = e.Hours.From, e.Hours.Until
	}
	if s.Cut != nil {
		s.Cut = &Outage{From: s.Cut.From.dated(e), To: s.Cut.To.dated(e)}
	}
	s.Board = slices.Clone(s.Board)
	for i := range s.Board {
		s.Board[i].At = s.Board[i].At.dated(e)
	}
	for _, old := range s.visits.all {
		v := *old
		v.LastCall = v.LastCall.dated(e)
		v.Intervals = slices.Clone(v.Intervals)
		for i := range v.Intervals {
			v.Intervals[i].From, v.Intervals[i].To = v.Intervals[i].From.dated(e), v.Intervals[i].To.dated(e)
		}
		s.visits = put(s.visits, v.Number, &v)
	}
	s.actions = tree[deskKey, *Action]{}
	return s
}

// Unsure reports whether the permanence was begun in a boot whose clock nobody
// vouched for then.
func (s State) Unsure(boot ID) bool {
	return s.planned.Boot == boot && s.planned.Trust != Trusted
}

// caught counts people of a paper sheet in, or out again with by = -1.
func (s State) caught(b PeopleCaughtUp, by int) State {
	n := by * b.People
	s.Totals.Issued += n
	*s.Totals.outcome(b.Outcome) += n
	s.Totals.Inaccurate += n
	s.Totals.OnPaper += n
	s.Papers = slices.Clone(s.Papers)
	if i := slices.Index(s.Papers, b); by < 0 && i >= 0 {
		s.Papers = slices.Delete(s.Papers, i, i+1)
	} else if by > 0 {
		s.Papers = append(s.Papers, b)
	}
	return s
}

// reopened is the permanence that goes on, with nobody there.
func reopened(b PermanenceReopened, e Event) State {
	s := State{Plan: b.Plan, Status: Paused, Totals: b.Closed.Totals, Seq: e.Seq, At: e.At,
		Next: max(b.Closed.Next, 1) - 1, Opened: b.Opened, Earlier: &b.Closed, planned: e.At, turned: e.Seq}
	s.Totals.Reopened++
	return s
}

// Begun is when the permanence was begun, or gone on with: by its first ticket, or
// by its opening.
func (s State) Begun() Moment { return s.planned }
