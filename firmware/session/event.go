package session

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is something that happened, with the command that made it happen.
type Event struct {
	Seq     uint64
	Command ID
	At      Moment
	Body    Body
}

// Body is one of the types of this file: what happened, in the past tense.
type Body interface{ body() }

// Act says who did what to whom: every body that concerns a visit or a desk has one.
type Act struct {
	Visit ID     `json:"visit,omitzero"`
	Desk  string `json:"desk,omitempty"`
}

func (a Act) act() Act { return a }

// Act says who did what to whom; it is zero where nobody did anything to anybody.
func (e Event) Act() Act {
	if b, ok := e.Body.(interface{ act() Act }); ok {
		return b.act()
	}
	return Act{}
}

// The events.
type (
	// PermanencePlanned begins a permanence, with the rules that hold to its end.
	PermanencePlanned struct {
		Plan Plan `json:"plan"`
	}
	// PermanenceOpened lets desks call.
	PermanenceOpened struct {
		Act
		Test bool `json:"test,omitempty"`
		// Where it is held, of an itinerant box: tickets may have been taken before
		// anybody said so.
		Stop  string `json:"stop,omitempty"`
		Place string `json:"place,omitempty"`
	}
	// PermanencePaused stops calling.
	PermanencePaused struct{ Act }
	// PermanenceResumed goes on.
	PermanenceResumed struct{ Act }
	// PermanenceMoved is the end of it in this box: its copy goes on in another one.
	PermanenceMoved struct{}
	// Interrupted is a restart of the box in the middle of a permanence.
	Interrupted struct{}
	// TicketTaken is a new visit.
	TicketTaken struct {
		Act
		Number   Number `json:"n"`
		Motif    string `json:"motif,omitempty"`
		Need     Role   `json:"need,omitempty"`
		Class    Class  `json:"class,omitempty"`
		Lang     string `json:"lang,omitempty"`
		ForOther bool   `json:"for_other,omitempty"`
	}
	// NeedAdjusted is the visitor's yes to being received otherwise.
	NeedAdjusted struct {
		Act
		Need  Role  `json:"need,omitempty"`
		Class Class `json:"class,omitempty"`
	}
	// TicketCalled is a call to a desk.
	TicketCalled struct{ Act }
	// TicketRecalled is another call to the same desk.
	TicketRecalled struct{ Act }
	// ServiceStarted is the person's arrival at the desk. Implied means that
	// nobody said so: the service is taken to have begun with the call.
	ServiceStarted struct {
		Act
		Roles   []Role `json:"roles"`
		Implied bool   `json:"implied,omitempty"`
	}
	// TeamChanged is another profession, or all of them, at the same desk.
	TeamChanged struct {
		Act
		Roles []Role `json:"roles"`
	}
	// VisitHeld is a person asked to wait aside.
	VisitHeld struct {
		Act
		Reason Reason `json:"reason"`
	}
	// SteppedOut is a person who keeps their turn for a while.
	SteppedOut struct {
		Act
		For time.Duration `json:"for"`
	}
	// Returned is a person back in the line after a hold or a while outside.
	Returned struct{ Act }
	// HandedOver is a person sent to another profession.
	HandedOver struct {
		Act
		To Role `json:"to"`
	}
	// MarkedAbsent is a called person who did not come for now.
	MarkedAbsent struct{ Act }
	// CameBack is an absent person who is there again.
	CameBack struct{ Act }
	// VisitEnded is the end of a visit.
	VisitEnded struct {
		Act
		Outcome Outcome `json:"outcome"`
		Reason  Reason  `json:"reason,omitempty"`
	}
	// PriorityGiven is staff's decision; no reason is kept.
	PriorityGiven struct {
		Act
		On bool `json:"on"`
	}
	// MotifAdded is another reason for the same visit.
	MotifAdded struct {
		Act
		Motif string `json:"motif"`
	}
	// PersonTurnedAway is somebody without ticket who could not be received.
	PersonTurnedAway struct {
		Act
		Reason Reason `json:"reason"`
	}
	// ActionUndone takes back what the command did.
	ActionUndone struct {
		Act
		Undone ID `json:"undone"`
	}
	// ReprintAsked is a request to print the ticket again.
	ReprintAsked struct {
		Act
		Copy bool `json:"copy,omitempty"` // the ticket is, or may be, on paper already
	}
	// PaperReported is what became of the ticket on paper.
	PaperReported struct {
		Act
		Paper Paper `json:"paper"`
		Begun bool  `json:"begun,omitempty"` // some of it may be on paper
	}
	// PermanenceClosed is the end, with the totals as they stood.
	PermanenceClosed struct {
		Act
		Totals Totals `json:"totals"`
		Tells  []Tell `json:"tells,omitempty"` // for the next permanence
	}
)

func (PermanencePlanned) body() {}
func (PermanenceOpened) body()  {}
func (PermanencePaused) body()  {}
func (PermanenceResumed) body() {}
func (PermanenceMoved) body()   {}
func (Interrupted) body()       {}
func (TicketTaken) body()       {}
func (NeedAdjusted) body()      {}
func (TicketCalled) body()      {}
func (TicketRecalled) body()    {}
func (ServiceStarted) body()    {}
func (TeamChanged) body()       {}
func (VisitHeld) body()         {}
func (SteppedOut) body()        {}
func (Returned) body()          {}
func (HandedOver) body()        {}
func (MarkedAbsent) body()      {}
func (CameBack) body()          {}
func (VisitEnded) body()        {}
func (PriorityGiven) body()     {}
func (MotifAdded) body()        {}
func (PersonTurnedAway) body()  {}
func (ActionUndone) body()      {}
func (ReprintAsked) body()      {}
func (PaperReported) body()     {}
func (PermanenceClosed) body()  {}

// TypeOf is the name of an event on disk and in the log. Names never change.
func TypeOf(b Body) string {
	switch b.(type) {
	case PermanencePlanned:
		return "planned"
	case PermanenceOpened:
		return "opened"
	case PermanencePaused:
		return "paused"
	case PermanenceResumed:
		return "resumed"
	case PermanenceMoved:
		return "moved"
	case Interrupted:
		return "interrupted"
	case TicketTaken:
		return "taken"
	case NeedAdjusted:
		return "adjusted"
	case TicketCalled:
		return "called"
	case TicketRecalled:
		return "recalled"
	case ServiceStarted:
		return "started"
	case TeamChanged:
		return "team"
	case VisitHeld:
		return "held"
	case SteppedOut:
		return "stepped_out"
	case Returned:
		return "returned"
	case HandedOver:
		return "handed_over"
	case MarkedAbsent:
		return "absent"
	case CameBack:
		return "came_back"
	case VisitEnded:
		return "ended"
	case PriorityGiven:
		return "priority"
	case MotifAdded:
		return "motif_added"
	case PersonTurnedAway:
		return "turned_away"
	case ActionUndone:
		return "undone"
	case ReprintAsked:
		return "reprint"
	case PaperReported:
		return "paper"
	case PermanenceClosed:
		return "closed"
	case TimeConfirmed:
		return "time"
	case PeopleCaughtUp:
		return "caught_up"
	case PermanenceReopened:
		return "reopened"
	}
	panic(fmt.Sprintf("session: event without a name: %T", b))
}

// DecodeBody reads the body of an event of the named type. A type that a later
// version wrote is an error: a box never guesses what happened.
func DecodeBody(name string, data []byte) (Body, error) {
	switch name {
	case "planned":
		return decode[PermanencePlanned](data)
	case "opened":
		return decode[PermanenceOpened](data)
	case "paused":
		return decode[PermanencePaused](data)
	case "resumed":
		return decode[PermanenceResumed](data)
	case "moved":
		return decode[PermanenceMoved](data)
	case "interrupted":
		return decode[Interrupted](data)
	case "taken":
		return decode[TicketTaken](data)
	case "adjusted":
		return decode[NeedAdjusted](data)
	case "called":
		return decode[TicketCalled](data)
	case "recalled":
		return decode[TicketRecalled](data)
	case "started":
		return decode[ServiceStarted](data)
	case "team":
		return decode[TeamChanged](data)
	case "held":
		return decode[VisitHeld](data)
	case "stepped_out":
		return decode[SteppedOut](data)
	case "returned":
		return decode[Returned](data)
	case "handed_over":
		return decode[HandedOver](data)
	case "absent":
		return decode[MarkedAbsent](data)
	case "came_back":
		return decode[CameBack](data)
	case "ended":
		return decode[VisitEnded](data)
	case "priority":
		return decode[PriorityGiven](data)
	case "motif_added":
		return decode[MotifAdded](data)
	case "turned_away":
		return decode[PersonTurnedAway](data)
	case "undone":
		return decode[ActionUndone](data)
	case "reprint":
		return decode[ReprintAsked](data)
	case "paper":
		return decode[PaperReported](data)
	case "closed":
		return decode[PermanenceClosed](data)
	case "time":
		return decode[TimeConfirmed](data)
	case "caught_up":
		return decode[PeopleCaughtUp](data)
	case "reopened":
		return decode[PermanenceReopened](data)
	}
	return nil, fmt.Errorf("session: unknown event type %q: written by a newer version?", name)
}

func decode[T Body](data []byte) (Body, error) {
	var b T
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("session: event %T: %w", b, err)
	}
	return b, nil
}
