package session

import (
	"cmp"
	"iter"
	"time"
)

// Status is where a permanence stands: planned → open ⇄ paused → closed.
type Status string

// The states of a permanence. None is a box on which nothing was planned yet.
const (
	None    Status = ""
	Planned Status = "planned" // tickets are taken, nobody is called yet
	Open    Status = "open"
	Paused  Status = "paused"
	Closed  Status = "closed"
)

// VisitState is where a visit stands.
type VisitState string

// The states of a visit: waiting → called → serving → done, aside into held.
const (
	Waiting VisitState = "waiting"
	Called  VisitState = "called"
	Serving VisitState = "serving"
	Held    VisitState = "held"
	Done    VisitState = "done"
)

// Outcome is what became of a visit.
type Outcome string

// The outcomes. Each counts in the identity.
const (
	Served     Outcome = "served"
	NoShow     Outcome = "no_show"
	Left       Outcome = "left"
	Cancelled  Outcome = "cancelled"
	Misrouted  Outcome = "misrouted"
	Oriented   Outcome = "oriented" // received nowhere here, sent elsewhere
	Unresolved Outcome = "unresolved"
)

// Outcomes are all outcomes in the order of the identity.
func Outcomes() []Outcome {
	return []Outcome{Served, NoShow, Left, Cancelled, Misrouted, Oriented, Unresolved}
}

// Reason is why a visit is held or cancelled, or a person was turned away: keys
// of closed lists, so that nobody writes about a person.
type Reason string

// OtherReason is the hold reason of whoever gives none: a button has no list to
// choose from, and a list without it would make people choose a wrong one.
const OtherReason Reason = "other"

// HoldReasons are why somebody in service is asked to wait.
func HoldReasons() []Reason {
	return []Reason{"sms_code", "looking_for_paper", "working_alone", OtherReason}
}

// BackLater is the hold reason of somebody who stepped out and keeps their turn.
const BackLater Reason = "back_later"

// wasAbsent is the hold reason of the time between a no-show and the return.
const wasAbsent Reason = "was_absent"

// CancelReasons are why staff cancel a ticket.
func CancelReasons() []Reason { return []Reason{"by_mistake", "twice", "other"} }

const undoReason Reason = "undone" // a ticket made by staff and taken back

// TurnedAwayReasons are why a person without ticket could not be received.
func TurnedAwayReasons() []Reason {
	return []Reason{"no_room", "out_of_scope", "will_come_back", "sent_elsewhere"}
}

// Paper is what became of a visit's ticket on paper.
type Paper string

// The states of a ticket on paper.
const (
	NoPaper   Paper = ""
	Queued    Paper = "queued"
	Printed   Paper = "printed"
	Unprinted Paper = "unprinted"
	Unknown   Paper = "unknown" // sent, and the printer did not say
)

// Interval is a stretch of a visit in one state.
type Interval struct {
	State  VisitState
	From   Moment
	To     Moment // zero while the interval is open
	Desk   string // called, serving
	Roles  []Role // serving: who receives
	Reason Reason // held
	// Inaccurate marks a time that nobody can know: the power was cut.
	Inaccurate bool
	// Implied marks a service whose beginning nobody said: it is that of the call.
	Implied bool
}

// Visit is one person, or one household, at one permanence.
type Visit struct {
	ID       ID
	Number   Number
	Declared string   // the motif that the visitor gave, "" for none; whatever is added, it stays
	Motifs   []string // declared first, if any; staff may add more
	Need     Role
	Class    Class
	Lang     string
	ForOther bool // comes for somebody who cannot
	ByStaff  bool // the ticket was made at a desk
	Priority bool

	Intervals []Interval // the last is open unless the visit is done
	Outcome   Outcome
	Why       Reason // cancelled

	Calls    int // of the current turn
	Call     uint64
	LastCall Moment
	Paper    Paper
	Begun    bool // some of the ticket is, or may be, on paper: what comes next is a copy

	line   lineKey       // place in the line, kept while away
	ahead  time.Duration // how much of line.at is due to priority
	quiet  time.Duration // on the queue's time: not proposed before; 0 none
	routed bool          // staff decided who is needed
	rev    uint64        // last event that changed it, but for paper
}

// State is where the visit stands.
func (v *Visit) State() VisitState {
	if v.Outcome != "" {
		return Done
	}
	return v.last().State
}

func (v *Visit) last() Interval { return v.Intervals[len(v.Intervals)-1] }

// Since is when the current state began.
func (v *Visit) Since() Moment {
	l := v.last()
	if v.Outcome != "" {
		return l.To
	}
	return l.From
}

// Arrived is when the ticket was taken.
func (v *Visit) Arrived() Moment { return v.Intervals[0].From }

// Desk is the key of the desk that calls or receives, or "".
func (v *Visit) Desk() string {
	if v.Outcome != "" {
		return ""
	}
	return v.last().Desk
}

// Inaccurate reports whether a time of the visit is not to be relied on.
func (v *Visit) Inaccurate() bool {
	for _, i := range v.Intervals {
		if i.Inaccurate {
			return true
		}
	}
	return false
}

// Spent is the total time in a state until at, and whether it is accurate.
func (v *Visit) Spent(state VisitState, at Moment) (total time.Duration, accurate bool) {
	accurate = true
	for _, i := range v.Intervals {
		if i.State != state {
			continue
		}
		to := i.To
		if to == (Moment{}) {
			to = at
		}
		d, exact := to.Sub(i.From)
		total += d
		accurate = accurate && exact && !i.Inaccurate && !i.Implied
	}
	return total, accurate
}

// ProposeNoShow reports whether the person was called as often as is reasonable.
func (v *Visit) ProposeNoShow() bool { return v.State() == Called && v.Calls >= MaxCalls }

// UnderWay reports whether a permanence is planned, open or paused.
func (s State) UnderWay() bool { return s.Status != None && s.Status != Closed }

// Totals are the attendance of a permanence. They concern no single person.
type Totals struct {
	Issued     int            `json:"issued"`
	Served     int            `json:"served"`
	NoShow     int            `json:"no_show"`
	Left       int            `json:"left"`
	Cancelled  int            `json:"cancelled"`
	Misrouted  int            `json:"misrouted"`
	Oriented   int            `json:"oriented"`
	Unresolved int            `json:"unresolved"`
	TurnedAway map[Reason]int `json:"turned_away,omitempty"`
	ForOther   int            `json:"for_other,omitempty"`
	Inaccurate int            `json:"inaccurate,omitempty"` // visits with a time not to be relied on
	Outages    int            `json:"outages,omitempty"`
	OnPaper    int            `json:"on_paper,omitempty"` // people counted on paper, and entered afterwards
	Reopened   int            `json:"reopened,omitempty"` // times that it went on after a closing
}

// Ended is how many visits have come to an end.
func (t Totals) Ended() int {
	return t.Served + t.NoShow + t.Left + t.Cancelled + t.Misrouted + t.Oriented + t.Unresolved
}

// Of is the count of one outcome.
func (t Totals) Of(o Outcome) int {
	if p := t.outcome(o); p != nil {
		return *p
	}
	return 0
}

func (t *Totals) outcome(o Outcome) *int {
	switch o {
	case Served:
		return &t.Served
	case NoShow:
		return &t.NoShow
	case Left:
		return &t.Left
	case Cancelled:
		return &t.Cancelled
	case Misrouted:
		return &t.Misrouted
	case Oriented:
		return &t.Oriented
	case Unresolved:
		return &t.Unresolved
	}
	return nil
}

// AllTurnedAway is the number of people turned away, for whatever reason.
func (t Totals) AllTurnedAway() int {
	n := 0
	for _, k := range t.TurnedAway {
		n += k
	}
	return n
}

// Shown is a call as the hall shows it. ID changes with every call and recall,
// so that a board or a voice that sees it twice acts once.
type Shown struct {
	ID     uint64
	Visit  ID
	Number Number
	Desk   string
	At     Moment
	Times  int
}

// Outage is a time during which the box was off with a permanence under way.
type Outage struct{ From, To Moment }

// Answer is what a command got: the visit that it concerned, if any.
type Answer struct {
	Visit  ID
	Number Number
}

// Action is the last thing a desk did, while it may be taken back.
type Action struct {
	Command ID
	At      Moment
	Kind    string // the event's type name, for words
	Number  Number // 0 when it concerned no visit

	before  []*Visit // as they were
	board   []Shown
	created []Number // tickets made
	status  Status
	cut     *Outage
	moved   bool
	away    Reason // person turned away
	caught  *PeopleCaughtUp
	end     uint64 // its last event
}

func (a *Action) opens() bool { return a.Kind == TypeOf(PermanenceOpened{}) }

// turns reports whether the action changed where the permanence stands.
func (a *Action) turns() bool {
	return a.opens() || a.Kind == TypeOf(PermanencePaused{}) || a.Kind == TypeOf(PermanenceResumed{})
}

const boardSize = 10

// State is everything about one permanence. The zero State is a fresh box.
type State struct {
	Plan   Plan
	Status Status
	Test   bool
	Totals Totals
	Seq    uint64 // of the last event
	Next   Number // the number the next ticket gets, less one
	At     Moment // of the last event
	Opened Moment
	Ended  Moment // closed
	Cut    *Outage
	Moved  bool    // it goes on in another box: nothing happens here, and nothing counts
	Board  []Shown // newest first
	Tells  []Tell  // for the next permanence; of a closed one
	// Earlier is what a reopened permanence goes on from; nil of any other.
	Earlier *Earlier
	// Down is for how long the box was off at most, with this permanence under way:
	// from the last thing that happened to the start, at most a day each time.
	Down time.Duration
	// Papers are the people who were counted on paper, in the order of the counts.
	Papers []PeopleCaughtUp

	planned Moment        // when it was begun
	turned  uint64        // last event that changed Status
	queue   time.Duration // the queue's own time: goes on over restarts, never back
	visits  tree[Number, *Visit]
	ids     tree[ID, Number]
	here    tree[Number, struct{}]
	line    tree[lineKey, Number]  // everybody who waits, in calling order
	alarms  tree[alarmKey, Number] // when an absent or away person is proposed again
	busy    tree[deskKey, Number]
	actions tree[deskKey, *Action]
	seen    tree[ID, Answer]
	needing [numNeeds]tree[lineKey, Number] // the line of each need
	ended   [lastEnded]Number               // newest first, 0 none
}

// lineKey orders those who wait: people who come back from a hold or another
// colleague first, then by arrival, in which priority counts as Boost earlier.
// after places somebody right behind another.
type lineKey struct {
	class uint8
	at    time.Duration
	seq   uint64
	after uint64
}

func (k lineKey) compare(o lineKey) int {
	return cmp.Or(cmp.Compare(k.class, o.class), cmp.Compare(k.at, o.at), cmp.Compare(k.seq, o.seq), cmp.Compare(k.after, o.after))
}

func (k lineKey) rank() uint64 { return mix(k.seq ^ mix(k.after) ^ uint64(k.at)) }

type alarmKey struct {
	at time.Duration
	n  Number
}

func (k alarmKey) compare(o alarmKey) int {
	return cmp.Or(cmp.Compare(k.at, o.at), cmp.Compare(k.n, o.n))
}

func (k alarmKey) rank() uint64 { return mix(uint64(k.at) ^ uint64(k.n)<<40) }

type deskKey string

func (k deskKey) compare(o deskKey) int { return cmp.Compare(k, o) }

func (k deskKey) rank() uint64 {
	var h uint64 = 14695981039346656037
	for i := range len(k) {
		h = (h ^ uint64(k[i])) * 1099511628211
	}
	return mix(h)
}

const (
	numNeeds  = 5
	lastEnded = 40 // a morning's worth: details may follow until closing
)

// needs are what a visit may need, by their index.
func needs() [numNeeds]Role {
	return [numNeeds]Role{Anyone, Reception, SocialWorker, Mediator, Volunteer}
}

func needIndex(r Role) int {
	for i, k := range Roles() {
		if k == r {
			return i + 1
		}
	}
	return 0
}

// Here is the number of people still here: waiting, called, received or held.
func (s State) Here() int { return s.here.len() }

// Waiting is the number of people in the line, absent ones included.
func (s State) Waiting() int { return s.line.len() }

// Visit finds a visit by its identity.
func (s State) Visit(id ID) (*Visit, bool) {
	n, ok := get(s.ids, id)
	if !ok {
		return nil, false
	}
	return get(s.visits, n)
}

// Numbered finds a visit by its number.
func (s State) Numbered(n Number) (*Visit, bool) { return get(s.visits, n) }

// Visits yields every visit of the permanence by number.
func (s State) Visits() iter.Seq[*Visit] {
	return func(yield func(*Visit) bool) {
		for _, v := range s.visits.all {
			if !yield(v) {
				return
			}
		}
	}
}

// Present yields those still here by number.
func (s State) Present() iter.Seq[*Visit] {
	return func(yield func(*Visit) bool) {
		for n := range s.here.all {
			v, _ := get(s.visits, n)
			if !yield(v) {
				return
			}
		}
	}
}

// Aside yields those who are held or stepped out, by number.
func (s State) Aside() iter.Seq[*Visit] {
	return func(yield func(*Visit) bool) {
		for v := range s.Present() {
			if v.State() == Held && !yield(v) {
				return
			}
		}
	}
}

// Unprinted yields those still here whose ticket did not come out, by number.
func (s State) Unprinted() iter.Seq[*Visit] {
	return func(yield func(*Visit) bool) {
		for v := range s.Present() {
			if v.Paper == Unprinted && !yield(v) {
				return
			}
		}
	}
}

// Line yields those who wait, in the order in which they will be called,
// absent people at their place.
func (s State) Line() iter.Seq[*Visit] {
	return func(yield func(*Visit) bool) {
		for _, n := range s.line.all {
			v, _ := get(s.visits, n)
			if !yield(v) {
				return
			}
		}
	}
}

// LastEnded yields the visits that ended last, newest first, at most lastEnded.
func (s State) LastEnded() iter.Seq[*Visit] {
	return func(yield func(*Visit) bool) {
		for _, n := range s.ended {
			if v, ok := get(s.visits, n); ok && v.State() == Done && !yield(v) {
				return
			}
		}
	}
}

// AtDesk is the visit that a desk calls or receives.
func (s State) AtDesk(desk string) (*Visit, bool) {
	n, ok := get(s.busy, deskKey(desk))
	if !ok {
		return nil, false
	}
	return get(s.visits, n)
}

// Ahead is how many people wait whom a desk may call before somebody with this
// need who comes now: all whom the desks for this need also receive.
func (s State) Ahead(need Role) int {
	n, rival := 0, s.rivals(need)
	for i, other := range needs() {
		if rival(other) {
			n += s.needing[i].len()
		}
	}
	return n
}

// AheadOf is how many people a desk may call before this one who waits.
func (s State) AheadOf(v *Visit) int {
	if v.State() != Waiting {
		return 0
	}
	n, rival := 0, s.rivals(v.Need)
	for i, other := range needs() {
		if rival(other) {
			n += before(s.needing[i], v.line)
		}
	}
	return n
}

// rivals reports which needs the desks for a need receive too.
func (s State) rivals(need Role) func(Role) bool {
	return func(other Role) bool {
		for _, d := range s.Plan.Desks {
			if d.Takes(need) && d.Takes(other) {
				return true
			}
		}
		return false
	}
}

// DeskFree reports whether some desk that can receive the need is free.
func (s State) DeskFree(need Role) bool {
	for _, d := range s.Plan.Desks {
		if _, busy := get(s.busy, deskKey(d.Key)); !busy && d.Takes(need) {
			return true
		}
	}
	return false
}

// QuietUntil is until when a waiting or held person is not proposed, or the zero Moment.
func (s State) QuietUntil(v *Visit) Moment {
	if v.quiet == 0 {
		return Moment{}
	}
	return s.At.Add(v.quiet - s.queue)
}

// Resting reports whether a waiting person was absent just now and is not proposed at at.
func (s State) Resting(v *Visit, at Moment) bool {
	return v.quiet != 0 && v.State() == Waiting && s.clock(at) < v.quiet
}

// Undoable is the last action of a desk, if it may still be taken back at at.
func (s State) Undoable(desk string, at Moment) (*Action, bool) {
	a, ok := get(s.actions, deskKey(desk))
	if !ok {
		return nil, false
	}
	if d, exact := at.Sub(a.At); !exact || d > UndoWindow {
		return nil, false
	}
	if a.turns() && s.turned > a.end {
		return nil, false
	}
	if a.moved && a.turns() && s.Seq > a.end {
		return nil, false // it has gone on here, and the other box knows nothing of it
	}
	if a.opens() && (len(s.Board) > 0 && s.Board[0].ID > a.end || s.Test && s.Totals.Issued > 0) {
		return nil, false // somebody was called, or who was counted in practice would become real
	}
	for _, b := range a.before {
		if v, ok := get(s.visits, b.Number); !ok || v.rev > a.end {
			return nil, false
		}
	}
	for _, n := range a.created {
		if v, ok := get(s.visits, n); !ok || v.rev > a.end {
			return nil, false
		}
	}
	return a, true
}

// Counts reports whether what happened is counted by this box: not what staff practised,
// nor what another box goes on with, and counts.
func (s State) Counts() bool { return !s.Test && !s.Moved }

// AtAnotherBox reports whether another box goes on with it.
func (s State) AtAnotherBox() bool { return s.Moved && s.UnderWay() }

// LeftOpen reports whether the permanence should have been closed long ago. One that another
// box goes on with is not open here; whoever goes on with it here after all closes it then.
func (s State) LeftOpen(at Moment) bool {
	if s.Moved {
		return false
	}
	switch s.Status {
	case Open, Paused, Planned:
		return at.Wall.After(s.Plan.Until.Add(LeftOpenPast))
	}
	return false
}

// Answered is what a command that was carried out before got.
func (s State) Answered(command ID) (Answer, bool) { return get(s.seen, command) }

// clock is the queue's own time at at.
func (s State) clock(at Moment) time.Duration {
	if s.At == (Moment{}) {
		return 0
	}
	d, exact := at.Sub(s.At)
	if !exact {
		d = min(d, maxOff)
	}
	return s.queue + d
}

// NextFor is who « next » would call at a desk at at, if anybody.
func (s State) NextFor(desk string, at Moment) (*Visit, bool) {
	d, ok := s.Plan.Desk(desk)
	if !ok {
		return nil, false
	}
	return s.head(at, d.Takes)
}

// head is who would be called next by a desk that takes need, or by any desk.
func (s State) head(at Moment, takes func(Role) bool) (first *Visit, ok bool) {
	now := s.clock(at)
	for i, need := range needs() {
		if takes != nil && !takes(need) {
			continue
		}
		for k, n := range s.needing[i].all {
			if first != nil && first.line.compare(k) < 0 {
				break
			}
			if v, _ := get(s.visits, n); v.quiet <= now {
				first = v
				break
			}
		}
	}
	return first, first != nil
}
