package session

import "time"

// Command is an order with the identifier that its sender gave it. The same
// identifier again changes nothing and gets the same answer.
type Command struct {
	ID    ID
	Order Order
}

// Order is one of the types of this file.
type Order interface{ order() }

// Take gives somebody a ticket. Plan is the permanence that begins with it when
// none is under way; the rest of a permanence never looks at it again.
type Take struct {
	Plan     Plan
	Visit    ID
	Motif    string // a key of the plan, or "" for « je ne sais pas »
	Lang     string
	ForOther bool
	Desk     string // made by staff
}

// Adjust changes who is needed and how long it should take, with the visitor's yes.
type Adjust struct {
	Visit ID
	Need  Role
	Class Class
}

// Move ends the permanence in this box, once another one can go on with it.
type Move struct{}

// StartPermanence opens; a Test permanence is stamped and never counted.
type StartPermanence struct {
	Plan Plan
	Desk string
	Test bool
	Stop string // key of the place where an itinerant box is; the box puts it into Plan
}

// Pause stops calling; tickets are still taken.
type Pause struct{ Desk string }

// Resume goes on after a pause or a power cut.
type Resume struct{ Desk string }

// Interrupt is given by the box itself when it starts in the middle of a permanence.
type Interrupt struct{}

// CallNext calls whoever is next for the desk.
type CallNext struct{ Desk string }

// CallChosen calls this very person.
type CallChosen struct {
	Desk  string
	Visit ID
}

// Recall calls the person again whom the desk called.
type Recall struct{ Desk string }

// Start says that the called person has arrived at the desk.
type Start struct{ Desk string }

// Together says that everybody at the desk receives this person, « à deux ».
type Together struct{ Desk string }

// Hold asks the person at the desk to wait aside, and frees the desk.
type Hold struct {
	Desk   string
	Reason Reason
}

// Return puts a person who was held, or stepped out, back into the line.
type Return struct {
	Desk  string
	Visit ID
}

// StepOut lets somebody who waits leave for a while and keep their turn.
type StepOut struct {
	Desk  string // "" when the visitor says so at the kiosk
	Visit ID
	For   time.Duration
}

// HandOver passes a person to another profession with the same number: at the
// same desk when it is there, else through the line, in front.
type HandOver struct {
	Desk  string
	Visit ID
	To    Role
}

// SetAside says that the called person did not come, for now.
type SetAside struct{ Desk string }

// TakeBack says that somebody who was absent, even counted as no-show, is there again.
type TakeBack struct {
	Desk  string
	Visit ID
}

// End ends a visit: of the person at the desk when Visit is zero. Reason goes
// with Cancelled only.
type End struct {
	Desk    string
	Visit   ID
	Outcome Outcome
	Reason  Reason
}

// Prioritise is given by staff alone, and no reason is kept.
type Prioritise struct {
	Desk  string
	Visit ID
	On    bool
}

// AddMotif adds a reason found on the way.
type AddMotif struct {
	Desk  string
	Visit ID
	Motif string
}

// TurnAway counts a person without ticket who could not be received.
type TurnAway struct {
	Desk   string
	Reason Reason
}

// Undo takes the last action of the desk back.
type Undo struct{ Desk string }

// Reprint prints a ticket again, with the same number.
type Reprint struct {
	Desk  string
	Visit ID
}

// ReportPaper says what became of a ticket on paper.
type ReportPaper struct {
	Visit ID
	Paper Paper
	Begun bool // some of it may be on paper
}

// Close ends the permanence. Rest is what becomes of those still here; it may be
// "" when nobody is, else Left or Unresolved.
type Close struct {
	Desk  string
	Rest  Outcome
	Tells []Tell // what the next permanence should know
}

// Tick lets time alone act: people who stepped out come back into the line.
type Tick struct{}

func (Take) order()            {}
func (Adjust) order()          {}
func (Move) order()            {}
func (StartPermanence) order() {}
func (Pause) order()           {}
func (Resume) order()          {}
func (Interrupt) order()       {}
func (CallNext) order()        {}
func (CallChosen) order()      {}
func (Recall) order()          {}
func (Start) order()           {}
func (Together) order()        {}
func (Hold) order()            {}
func (Return) order()          {}
func (StepOut) order()         {}
func (HandOver) order()        {}
func (SetAside) order()        {}
func (TakeBack) order()        {}
func (End) order()             {}
func (Prioritise) order()      {}
func (AddMotif) order()        {}
func (TurnAway) order()        {}
func (Undo) order()            {}
func (Reprint) order()         {}
func (ReportPaper) order()     {}
func (Close) order()           {}
func (Tick) order()            {}
