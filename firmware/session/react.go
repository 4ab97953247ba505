package session

// Effect is an order to the world that follows from an event. Its result comes
// back as a command.
type Effect interface{ effect() }

type (
	// PrintTicket prints the ticket of a visit. Copy marks a reprint.
	PrintTicket struct {
		Visit ID
		Copy  bool
	}
	// PrintZero prints the report of the opening.
	PrintZero struct{}
	// PrintClosing prints the report of the closing.
	PrintClosing struct{}
	// Announce makes a call heard. Call is new with each call and recall.
	Announce struct {
		Call   uint64
		Number Number
		Desk   string
	}
	// Settle writes the totals away and begins a fresh journal.
	Settle struct {
		Plan      Plan
		Totals    Totals
		Uncounted bool // see State.Counts
	}
)

func (PrintTicket) effect()  {}
func (PrintZero) effect()    {}
func (PrintClosing) effect() {}
func (Announce) effect()     {}
func (Settle) effect()       {}

// React is what the world should do about an event, given the state after it. It
// is never asked on replay: a restart neither prints nor calls again.
func React(s State, e Event) []Effect {
	switch b := e.Body.(type) {
	case TicketTaken:
		return []Effect{PrintTicket{Visit: b.Visit}}
	case ReprintAsked:
		return []Effect{PrintTicket{Visit: b.Visit, Copy: b.Copy}}
	case TicketCalled, TicketRecalled:
		if len(s.Board) > 0 && s.Board[0].ID == e.Seq {
			c := s.Board[0]
			d, _ := s.Plan.Desk(c.Desk)
			return []Effect{Announce{Call: c.ID, Number: c.Number, Desk: d.Label}}
		}
	case PermanenceOpened:
		return []Effect{PrintZero{}}
	case PermanenceClosed:
		settle := Settle{s.Plan, s.Totals, !s.Counts()}
		if s.Moved { // the report is the other box's
			return []Effect{settle}
		}
		return []Effect{PrintClosing{}, settle}
	}
	return nil
}
