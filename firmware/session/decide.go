package session

import (
	"slices"
	"time"
)

// Decide is what a command means now: events, or a Refusal. No events and no
// error mean that the command was carried out before, or that nothing is to do.
func Decide(s State, c Command, at Moment) ([]Event, error) {
	if _, done := s.Answered(c.ID); done {
		return nil, nil
	}
	bodies, err := decide(s, c.Order, at)
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(bodies))
	for i, b := range bodies {
		events[i] = Event{Seq: s.Seq + 1 + uint64(i), Command: c.ID, At: at, Body: b}
	}
	return events, nil
}

func decide(s State, o Order, at Moment) ([]Body, error) {
	switch o := o.(type) {
	case Take:
		return decideTake(s, o, at)
	case StartPermanence:
		return decideOpen(s, o, at)
	case Interrupt:
		if s.Status == Open || s.Status == Paused || s.Status == Planned && s.Totals.Issued > 0 {
			return []Body{Interrupted{}}, nil
		}
		return nil, nil
	case Tick:
		return decideTick(s, at), nil
	case Move:
		if s.UnderWay() && !s.Moved {
			return []Body{PermanenceMoved{}}, nil
		}
		return nil, nil
	case ConfirmTime:
		return decideConfirm(s, o, at), nil
	case Reopen:
		return decideReopen(s, o)
	case ReportPaper:
		if s.Status == Closed { // the log that follows a close names nobody
			return nil, nil
		}
		if v, ok := s.Visit(o.Visit); ok && (v.Paper != o.Paper || o.Begun && !v.Begun) {
			return []Body{PaperReported{Act{Visit: o.Visit}, o.Paper, o.Begun}}, nil
		}
		return nil, nil
	}

	// Everything else happens within a permanence.
	if !s.UnderWay() {
		return nil, ErrNotOpen
	}
	if s.Moved && !stays(o) {
		return nil, ErrMoved
	}
	switch o := o.(type) {
	case Adjust:
		return decideAdjust(s, o)
	case StepOut:
		return decideStepOut(s, o)
	}
	return decideStaff(s, o, at)
}

// stays reports whether an order is given to a permanence that goes on in another box: to
// go on here all the same, or to forget it here.
func stays(o Order) bool {
	switch o.(type) {
	case Resume, Close:
		return true
	}
	return false
}

// decideStaff decides what a desk orders.
func decideStaff(s State, o Order, at Moment) ([]Body, error) {
	desk, visit := target(o)
	d, ok := s.Plan.Desk(desk)
	if !ok {
		return nil, ErrNoDesk.with("desk", desk)
	}
	mine, atDesk := s.AtDesk(desk)
	v, found := s.Visit(visit)
	if !visit.IsZero() && !found {
		return nil, ErrNoVisit
	}
	act := Act{Visit: visit, Desk: desk}
	here := Act{Desk: desk}
	if atDesk {
		here.Visit = mine.ID
	}

	switch o := o.(type) {
	case Pause:
		if s.Status != Open {
			return nil, ErrNotOpen
		}
		return []Body{PermanencePaused{here.deskOnly()}}, nil
	case Resume:
		if s.Status != Paused {
			return nil, ErrNotPaused
		}
		if s.LeftOpen(at) {
			return nil, ErrLeftOpen
		}
		return []Body{PermanenceResumed{here.deskOnly()}}, nil
	case TurnAway:
		if !slices.Contains(TurnedAwayReasons(), o.Reason) {
			return nil, ErrUnknownChoice
		}
		return []Body{PersonTurnedAway{here.deskOnly(), o.Reason}}, nil
	case Undo:
		a, ok := s.Undoable(desk, at)
		if !ok {
			return nil, ErrUndoGone
		}
		return []Body{ActionUndone{here.deskOnly(), a.Command}}, nil
	case Close:
		return decideClose(s, o)
	case CatchUp:
		return decideCatchUp(s, o)

	case CallNext:
		if err := mayCall(s, at, atDesk, mine); err != nil {
			return nil, err
		}
		next, ok := s.head(at, d.Takes)
		if !ok {
			return nil, whyNobody(s, d)
		}
		act.Visit = next.ID
		return []Body{TicketCalled{act}}, nil
	case CallChosen:
		if err := mayCall(s, at, atDesk, mine); err != nil {
			return nil, err
		}
		switch {
		case found && v.State() == Held: // back sooner than thought
			return []Body{Returned{act}, TicketCalled{act}}, nil
		case !found || v.State() != Waiting:
			return nil, notWaiting(s, v)
		}
		return []Body{TicketCalled{act}}, nil

	case Recall:
		if !atDesk || mine.State() != Called {
			return nil, ErrNotCalled
		}
		if s.Status == Paused {
			return nil, ErrPaused
		}
		if gap, exact := at.Sub(mine.LastCall); exact && gap < RecallGap { // after a restart nobody knows it
			return nil, ErrTooSoon.with("seconds", int((RecallGap-gap+time.Second-1)/time.Second))
		}
		return []Body{TicketRecalled{here}}, nil
	case Start:
		if !atDesk || mine.State() != Called {
			return nil, ErrNotCalled
		}
		return []Body{ServiceStarted{Act: here, Roles: rolesFor(d, mine.Need)}}, nil
	case Together:
		if !atDesk {
			return nil, ErrDeskFree
		}
		if mine.State() == Called {
			return []Body{ServiceStarted{Act: here, Roles: d.Roles}}, nil
		}
		return []Body{TeamChanged{here, d.Roles}}, nil
	case Hold:
		if !atDesk {
			return nil, ErrNotServing
		}
		if !slices.Contains(HoldReasons(), o.Reason) {
			return nil, ErrUnknownChoice
		}
		var bodies []Body
		if mine.State() == Called { // the simple view never says that somebody arrived
			bodies = append(bodies, ServiceStarted{Act: here, Roles: rolesFor(d, mine.Need), Implied: true})
		}
		return append(bodies, VisitHeld{here, o.Reason}), nil
	case SetAside:
		if !atDesk || mine.State() != Called {
			return nil, ErrNotCalled
		}
		return []Body{MarkedAbsent{here}}, nil

	case Return:
		if !found || v.State() != Held {
			return nil, ErrNotHeld
		}
		return []Body{Returned{act}}, nil
	case HandOver:
		return decideHandOver(s, o, d, mine, atDesk)
	case TakeBack:
		if !found {
			return nil, ErrNoVisit
		}
		absent := v.State() == Waiting && s.Resting(v, at)
		gone := v.State() == Done && (v.Outcome == NoShow || v.Outcome == Left)
		if !absent && !gone {
			return nil, ErrNotAbsent.with("n", v.Number)
		}
		return []Body{CameBack{act}}, nil
	case End:
		return decideEnd(s, o, d, mine, atDesk)
	case Prioritise:
		if !found || v.State() == Done {
			return nil, ErrOver
		}
		if v.Priority == o.On {
			return nil, nil
		}
		return []Body{PriorityGiven{act, o.On}}, nil
	case AddMotif: // details may follow the end, until closing
		if !found {
			return nil, ErrNoVisit
		}
		if _, ok := s.Plan.Motif(o.Motif); !ok {
			return nil, ErrUnknownChoice
		}
		if slices.Contains(v.Motifs, o.Motif) {
			return nil, nil
		}
		return []Body{MotifAdded{act, o.Motif}}, nil
	case Reprint:
		if !found {
			return nil, ErrNoVisit
		}
		return []Body{ReprintAsked{act, v.Begun || v.Paper != Unprinted}}, nil
	}
	return nil, ErrUnknownChoice
}

func (a Act) deskOnly() Act { return Act{Desk: a.Desk} }

// target is the desk that gives an order and the visit that it names.
func target(o Order) (desk string, visit ID) {
	switch o := o.(type) {
	case Pause:
		return o.Desk, ID{}
	case Resume:
		return o.Desk, ID{}
	case TurnAway:
		return o.Desk, ID{}
	case Undo:
		return o.Desk, ID{}
	case Close:
		return o.Desk, ID{}
	case CatchUp:
		return o.Desk, ID{}
	case CallNext:
		return o.Desk, ID{}
	case CallChosen:
		return o.Desk, o.Visit
	case Recall:
		return o.Desk, ID{}
	case Start:
		return o.Desk, ID{}
	case Together:
		return o.Desk, ID{}
	case Hold:
		return o.Desk, ID{}
	case SetAside:
		return o.Desk, ID{}
	case Return:
		return o.Desk, o.Visit
	case HandOver:
		return o.Desk, o.Visit
	case TakeBack:
		return o.Desk, o.Visit
	case End:
		return o.Desk, o.Visit
	case Prioritise:
		return o.Desk, o.Visit
	case AddMotif:
		return o.Desk, o.Visit
	case Reprint:
		return o.Desk, o.Visit
	}
	return "", ID{}
}

func decideTake(s State, o Take, at Moment) ([]Body, error) {
	plan := s.Plan
	var bodies []Body
	if !s.UnderWay() {
		plan = o.Plan
		if o.Desk == "" && at.Wall.Before(plan.From.Add(-plan.TicketsBefore)) || !at.Wall.Before(plan.Until) {
			return nil, ErrNoTickets
		}
		bodies = append(bodies, PermanencePlanned{plan})
		s = State{}
	} else if s.LeftOpen(at) {
		return nil, ErrNoTickets
	} else if s.Moved {
		return nil, ErrMoved
	}
	if o.Desk != "" {
		if _, ok := plan.Desk(o.Desk); !ok {
			return nil, ErrNoDesk.with("desk", o.Desk)
		}
	}
	if o.Visit.IsZero() {
		return nil, ErrNoVisit
	}
	if _, twice := s.Visit(o.Visit); twice {
		return nil, ErrTwice
	}
	m, ok := plan.Motif(o.Motif)
	if !ok && o.Motif != "" {
		return nil, ErrUnknownChoice
	}
	return append(bodies, TicketTaken{
		Act: Act{Visit: o.Visit, Desk: o.Desk}, Number: s.Next + 1, Motif: m.Key,
		Need: m.Need, Class: m.Class, Lang: o.Lang, ForOther: o.ForOther,
	}), nil
}

func decideOpen(s State, o StartPermanence, at Moment) ([]Body, error) {
	var bodies []Body
	plan := s.Plan
	switch s.Status {
	case Open, Paused:
		return nil, ErrAlreadyOpen
	case Planned:
		if s.LeftOpen(at) {
			return nil, ErrLeftOpen
		}
		if o.Test && s.Totals.Issued > 0 {
			return nil, ErrTestTooLate
		}
	default:
		plan = o.Plan
		bodies = append(bodies, PermanencePlanned{plan})
	}
	if _, ok := plan.Desk(o.Desk); !ok {
		return nil, ErrNoDesk.with("desk", o.Desk)
	}
	opened := PermanenceOpened{Act: Act{Desk: o.Desk}, Test: o.Test}
	if o.Plan.Stop != "" {
		opened.Stop, opened.Place = o.Plan.Stop, o.Plan.Place
	}
	return append(bodies, opened), nil
}

func decideClose(s State, o Close) ([]Body, error) {
	for i, tell := range o.Tells {
		if !slices.Contains(Tells(), tell) || slices.Contains(o.Tells[:i], tell) {
			return nil, ErrUnknownChoice
		}
	}
	var bodies []Body
	if s.Moved {
		o.Rest = Unresolved // the other box knows what becomes of them
	}
	if n := s.Here(); n > 0 {
		if o.Rest != Left && o.Rest != Unresolved {
			return nil, ErrStillHere.with("n", n)
		}
		for v := range s.Present() {
			bodies = append(bodies, VisitEnded{Act: Act{Visit: v.ID}, Outcome: o.Rest})
			s.Totals.count(o.Rest, v.Inaccurate())
		}
	}
	return append(bodies, PermanenceClosed{Act{Desk: o.Desk}, s.Totals, o.Tells}), nil
}

func (t *Totals) count(o Outcome, inaccurate bool) {
	*t.outcome(o)++
	if inaccurate {
		t.Inaccurate++
	}
}

func decideTick(s State, at Moment) []Body {
	var bodies []Body
	now := s.clock(at)
	for k, n := range s.alarms.all {
		if k.at > now {
			break
		}
		if v, _ := get(s.visits, n); v.State() == Held {
			bodies = append(bodies, Returned{Act{Visit: v.ID}})
		}
	}
	return bodies
}

func decideAdjust(s State, o Adjust) ([]Body, error) {
	v, ok := s.Visit(o.Visit)
	switch {
	case !ok:
		return nil, ErrNoVisit
	case v.State() != Waiting:
		return nil, nil // too late to matter
	case v.routed && v.Need != o.Need:
		o.Need = v.Need // staff have decided who
		return decideAdjust(s, o)
	case v.Need == o.Need && v.Class == o.Class:
		return nil, nil
	case needIndex(o.Need) == 0 && o.Need != Anyone, !slices.Contains([]Class{Normal, Short, Long}, o.Class):
		return nil, ErrUnknownChoice
	}
	return []Body{NeedAdjusted{Act{Visit: v.ID}, o.Need, o.Class}}, nil
}

func decideStepOut(s State, o StepOut) ([]Body, error) {
	if _, ok := s.Plan.Desk(o.Desk); !ok && o.Desk != "" {
		return nil, ErrNoDesk.with("desk", o.Desk)
	}
	v, ok := s.Visit(o.Visit)
	switch {
	case !ok:
		return nil, ErrNoVisit
	case v.State() != Waiting:
		return nil, notWaiting(s, v)
	case o.For <= 0 || o.For > maxStepOut:
		return nil, ErrUnknownChoice
	}
	return []Body{SteppedOut{Act{Visit: v.ID, Desk: o.Desk}, o.For}}, nil
}

func decideHandOver(s State, o HandOver, d Desk, mine *Visit, atDesk bool) ([]Body, error) {
	v := mine
	if !o.Visit.IsZero() {
		v, _ = s.Visit(o.Visit)
	} else if !atDesk {
		return nil, ErrDeskFree
	}
	act := Act{Visit: v.ID, Desk: o.Desk}
	if needIndex(o.To) == 0 {
		return nil, ErrUnknownChoice
	}
	if !slices.ContainsFunc(s.Plan.Desks, func(d Desk) bool { return d.Takes(o.To) }) {
		return nil, ErrNobodyElse
	}
	switch v.State() {
	case Waiting, Held:
		if v.Need == o.To {
			return nil, nil
		}
		return []Body{HandedOver{act, o.To}}, nil
	case Called, Serving:
		if v.Desk() != o.Desk {
			return nil, ErrWrongDesk.with("n", v.Number)
		}
		var bodies []Body
		if v.State() == Called {
			bodies = append(bodies, ServiceStarted{Act: act, Roles: rolesFor(d, v.Need), Implied: true})
		}
		if d.Takes(o.To) {
			return append(bodies, TeamChanged{act, []Role{o.To}}), nil
		}
		return append(bodies, HandedOver{act, o.To}), nil
	}
	return nil, ErrOver
}

func decideEnd(s State, o End, d Desk, mine *Visit, atDesk bool) ([]Body, error) {
	v := mine
	if !o.Visit.IsZero() {
		v, _ = s.Visit(o.Visit)
	} else if !atDesk {
		return nil, ErrDeskFree
	}
	act := Act{Visit: v.ID, Desk: o.Desk}
	state := v.State()
	if state == Done && v.Outcome == o.Outcome {
		return nil, nil
	}
	if (state == Called || state == Serving) && v.Desk() != o.Desk {
		return nil, ErrWrongDesk.with("n", v.Number)
	}
	var bodies []Body
	switch o.Outcome {
	case Served:
		if state == Called {
			bodies = append(bodies, ServiceStarted{Act: act, Roles: rolesFor(d, v.Need), Implied: true})
		} else if state == Waiting {
			return nil, ErrNotServing
		}
	case NoShow:
		if state == Serving {
			return nil, ErrNotCalled
		}
	case Cancelled:
		if !slices.Contains(CancelReasons(), o.Reason) {
			return nil, ErrUnknownChoice
		}
	case Left, Misrouted, Oriented:
	default:
		return nil, ErrUnknownChoice
	}
	if o.Outcome != Cancelled {
		o.Reason = ""
	}
	return append(bodies, VisitEnded{act, o.Outcome, o.Reason}), nil
}

func mayCall(s State, at Moment, atDesk bool, mine *Visit) error {
	switch {
	case s.LeftOpen(at):
		return ErrLeftOpen
	case s.Status == Paused:
		return ErrPaused
	case s.Status != Open:
		return ErrNotOpen
	case atDesk:
		return ErrDeskBusy.with("n", mine.Number)
	}
	return nil
}

func whyNobody(s State, d Desk) error {
	if s.line.len() == 0 {
		return ErrNobody
	}
	for i, need := range needs() {
		if d.Takes(need) && s.needing[i].len() > 0 {
			return ErrOnlyAbsent
		}
	}
	return ErrNobodyForDesk
}

func notWaiting(s State, v *Visit) error {
	if v == nil {
		return ErrNoVisit
	}
	d, _ := s.Plan.Desk(v.Desk())
	return ErrNotWaiting.with("n", v.Number, "desk", d.Label)
}

// rolesFor is who receives somebody at a desk: the profession needed, or the
// first of the desk.
func rolesFor(d Desk, need Role) []Role {
	if need != Anyone && d.Takes(need) {
		return []Role{need}
	}
	return d.Roles[:min(1, len(d.Roles))]
}
