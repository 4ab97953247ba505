package session

import (
	"cmp"
	"slices"
	"time"
)

// Evolve is the state after an event. It never fails and never refuses: events
// are facts. An event about a visit that the state does not know changes nothing
// but the clock.
func Evolve(s State, e Event) State {
	before := s
	s.queue = s.clock(e.At)
	s.At, s.Seq = e.At, e.Seq
	a := e.Act()
	v, known := s.Visit(a.Visit)

	switch b := e.Body.(type) {
	case PermanencePlanned:
		s = State{Plan: b.Plan, Status: Planned, Seq: e.Seq, At: e.At, planned: e.At}
	case PermanenceOpened:
		s.Status, s.Test, s.Opened, s.Cut, s.Moved, s.turned = Open, b.Test, e.At, nil, false, e.Seq
		if b.Stop != "" {
			s.Plan.Stop, s.Plan.Place = b.Stop, b.Place
		}
	case PermanencePaused:
		s.Status, s.turned = Paused, e.Seq
	case PermanenceResumed:
		s.Status, s.Cut, s.Moved, s.turned = Open, nil, false, e.Seq
	case PermanenceMoved:
		s.Moved, s.turned = true, e.Seq
		if s.Status == Open {
			s.Status = Paused
		}
		s.actions = tree[deskKey, *Action]{}
	case Interrupted:
		s = s.interrupted(before.At)
	case PermanenceClosed:
		s.Status, s.Ended, s.Tells = Closed, e.At, b.Tells
		s.actions = tree[deskKey, *Action]{}
	case PersonTurnedAway:
		s = s.turnedAway(b.Reason, +1)
	case TimeConfirmed:
		s = s.Dated(b)
	case PeopleCaughtUp:
		s = s.caught(b, +1)
	case PermanenceReopened:
		s = reopened(b, e)
	case ActionUndone:
		s = s.undo(a.Desk, e)
	case TicketTaken:
		s.Next = b.Number
		nv := &Visit{ID: a.Visit, Number: b.Number, Declared: b.Motif, Need: b.Need, Class: b.Class, Lang: b.Lang,
			ForOther: b.ForOther, ByStaff: a.Desk != "", Paper: Queued,
			Intervals: []Interval{{State: Waiting, From: e.At}},
			line:      lineKey{class: 1, at: s.queue, seq: e.Seq}, rev: e.Seq}
		if b.Motif != "" {
			nv.Motifs = []string{b.Motif}
		}
		s.Totals.Issued++
		if b.ForOther {
			s.Totals.ForOther++
		}
		s.ids = put(s.ids, nv.ID, nv.Number)
		s = s.set(nil, nv)
	default:
		if known {
			s = s.evolveVisit(*v, e)
		}
	}

	s.seen = remember(s.seen, e, a, s)
	if a.Desk != "" {
		s = s.note(before, e, a)
	}
	return s
}

func remember(seen tree[ID, Answer], e Event, a Act, s State) tree[ID, Answer] {
	if e.Command.IsZero() {
		return seen
	}
	ans, had := get(seen, e.Command)
	if !a.Visit.IsZero() {
		ans.Visit = a.Visit
		if v, ok := s.Visit(a.Visit); ok {
			ans.Number = v.Number
		}
	} else if had {
		return seen
	}
	return put(seen, e.Command, ans)
}

// evolveVisit changes one visit; v is a copy that may be altered.
func (s State) evolveVisit(v Visit, e Event) State {
	old, _ := get(s.visits, v.Number)
	v.rev = e.Seq
	switch b := e.Body.(type) {
	case NeedAdjusted:
		v.Need, v.Class = b.Need, b.Class
	case TicketCalled:
		v.enter(Interval{State: Called, From: e.At, Desk: b.Desk})
		v.Calls++
		v.Call, v.LastCall, v.quiet = e.Seq, e.At, 0
		s = s.show(&v, e)
	case TicketRecalled:
		v.Calls++
		v.Call, v.LastCall = e.Seq, e.At
		s = s.show(&v, e)
	case ServiceStarted:
		if b.Implied {
			called := v.last()
			v.Intervals = slices.Clone(v.Intervals)
			v.Intervals[len(v.Intervals)-1].To = called.From
			v.Intervals = append(v.Intervals, Interval{State: Serving, From: called.From, Desk: b.Desk, Roles: b.Roles, Implied: true})
		} else {
			v.enter(Interval{State: Serving, From: e.At, Desk: b.Desk, Roles: b.Roles})
		}
	case TeamChanged:
		if len(b.Roles) == 1 {
			v.Need, v.routed = b.Roles[0], true
		}
		v.enter(Interval{State: Serving, From: e.At, Desk: b.Desk, Roles: b.Roles})
	case VisitHeld:
		v.enter(Interval{State: Held, From: e.At, Reason: b.Reason})
		v.line = lineKey{seq: e.Seq}
	case SteppedOut:
		v.enter(Interval{State: Held, From: e.At, Reason: BackLater})
		v.quiet = s.queue + b.For
	case Returned:
		if v.last().Reason != BackLater {
			v.comeFirst(s.queue, e.Seq)
		}
		v.Calls, v.quiet = 0, 0
		v.enter(Interval{State: Waiting, From: e.At})
	case HandedOver:
		v.Need, v.routed = b.To, true
		if st := v.State(); st == Called || st == Serving {
			v.comeFirst(s.queue, e.Seq)
			v.Calls = 0
			v.enter(Interval{State: Waiting, From: e.At})
		}
	case MarkedAbsent:
		v.quiet = s.queue + AbsentRest
		v.enter(Interval{State: Waiting, From: e.At})
	case CameBack:
		v.quiet = 0
		if v.State() == Done {
			v.Calls = 0
		}
		if h, ok := s.head(e.At, s.rivals(v.Need)); ok && h.Number != v.Number {
			v.line, v.ahead = h.line, 0 // right behind the next one, priority or not
			v.line.after = e.Seq
		}
		v.reopen(e.At)
	case VisitEnded:
		if v.Outcome == "" { // else another outcome of a visit that is over
			v.Intervals = slices.Clone(v.Intervals)
			v.Intervals[len(v.Intervals)-1].To = e.At
		}
		v.Outcome, v.Why, v.quiet = b.Outcome, b.Reason, 0
		s.ended = newest(s.ended, v.Number)
	case PriorityGiven:
		if v.Priority != b.On {
			v.Priority = b.On
			v.prefer()
		}
	case MotifAdded:
		v.Motifs = append(slices.Clone(v.Motifs), b.Motif)
	case ReprintAsked:
		v.Paper, v.rev = Queued, old.rev
	case PaperReported:
		v.Paper, v.rev = b.Paper, old.rev
		v.Begun = v.Begun || b.Begun
	}
	return s.set(old, &v)
}

// newest puts a number in front of those that ended last, where it may be
// already: a visit can end twice.
func newest(ended [lastEnded]Number, n Number) [lastEnded]Number {
	at := slices.Index(ended[:], n)
	if at < 0 {
		at = len(ended) - 1
	}
	copy(ended[1:at+1], ended[:at])
	ended[0] = n
	return ended
}

// comeFirst puts a visit in front of those who were not received yet.
func (v *Visit) comeFirst(at time.Duration, seq uint64) {
	v.line, v.ahead = lineKey{class: 0, at: at, seq: seq}, 0
	v.prefer()
}

// prefer makes the place in the line agree with the priority.
func (v *Visit) prefer() {
	v.line.at += v.ahead
	v.ahead = 0
	if v.Priority {
		v.ahead = Boost
		v.line.at -= v.ahead
	}
}

// enter closes the open interval and opens another.
func (v *Visit) enter(next Interval) {
	v.Intervals = slices.Clone(v.Intervals)
	v.Intervals[len(v.Intervals)-1].To = next.From
	v.Intervals = append(v.Intervals, next)
}

// reopen puts a visit that was over back into the line; the time between counts
// as held, so that the intervals still add up to the whole stay.
func (v *Visit) reopen(at Moment) {
	if v.State() != Done {
		return
	}
	v.Outcome, v.Why = "", ""
	v.Intervals = append(slices.Clone(v.Intervals),
		Interval{State: Held, From: v.last().To, To: at, Reason: wasAbsent},
		Interval{State: Waiting, From: at})
}

// set replaces a visit and keeps every index and count true. It alone does.
func (s State) set(old, v *Visit) State {
	if old != nil {
		switch old.State() {
		case Waiting:
			s.line = del(s.line, old.line)
			i := needIndex(old.Need)
			s.needing[i] = del(s.needing[i], old.line)
		case Called, Serving:
			s.busy = del(s.busy, deskKey(old.Desk()))
		case Done:
			*s.Totals.outcome(old.Outcome)--
			if old.Inaccurate() {
				s.Totals.Inaccurate--
			}
		}
		if old.quiet != 0 {
			s.alarms = del(s.alarms, alarmKey{old.quiet, old.Number})
		}
	}
	s.visits = put(s.visits, v.Number, v)
	switch v.State() {
	case Waiting:
		s.line = put(s.line, v.line, v.Number)
		i := needIndex(v.Need)
		s.needing[i] = put(s.needing[i], v.line, v.Number)
	case Called, Serving:
		s.busy = put(s.busy, deskKey(v.Desk()), v.Number)
	case Done:
		*s.Totals.outcome(v.Outcome)++
		if v.Inaccurate() {
			s.Totals.Inaccurate++
		}
	}
	if v.quiet != 0 {
		s.alarms = put(s.alarms, alarmKey{v.quiet, v.Number}, v.Number)
	}
	if v.State() == Done {
		s.here = del(s.here, v.Number)
	} else {
		s.here = put(s.here, v.Number, struct{}{})
	}
	return s
}

func (s State) show(v *Visit, e Event) State {
	board := make([]Shown, 1, boardSize)
	board[0] = Shown{ID: e.Seq, Visit: v.ID, Number: v.Number, Desk: v.Desk(), At: e.At, Times: v.Calls}
	for _, c := range s.Board {
		if c.Visit != v.ID && len(board) < boardSize {
			board = append(board, c)
		}
	}
	s.Board = board
	return s
}

func (s State) turnedAway(r Reason, by int) State {
	m := make(map[Reason]int, len(s.Totals.TurnedAway)+1)
	for k, n := range s.Totals.TurnedAway {
		m[k] = n
	}
	if m[r] += by; m[r] == 0 {
		delete(m, r)
	}
	s.Totals.TurnedAway = m
	return s
}

// interrupted pauses, marks every open interval, and forgets what cannot be
// known: which tickets were on their way to paper, and what could be undone.
func (s State) interrupted(from Moment) State {
	off, _ := s.At.Sub(from)
	s.Down += min(off, maxOff)
	if s.Cut != nil {
		from = s.Cut.From // cut again before anybody went on
	}
	if s.Status == Open {
		s.Status = Paused
	}
	s.Cut = &Outage{From: from, To: s.At}
	s.Totals.Outages++
	s.actions = tree[deskKey, *Action]{}
	for old := range s.Present() {
		v := *old
		v.Intervals = slices.Clone(v.Intervals)
		v.Intervals[len(v.Intervals)-1].Inaccurate = true
		if v.Paper == Queued {
			v.Paper = Unknown
		}
		s = s.set(old, &v)
	}
	return s
}

// note remembers what a desk did last, so that it can be taken back.
func (s State) note(before State, e Event, a Act) State {
	switch e.Body.(type) {
	case ActionUndone, PermanenceClosed, PermanenceReopened, ReprintAsked:
		return s
	}
	act := Action{Command: e.Command, At: e.At, board: before.Board, status: before.Status, cut: before.Cut, moved: before.Moved}
	if last, ok := get(s.actions, deskKey(a.Desk)); ok && last.Command == e.Command && !e.Command.IsZero() {
		act = *last
		act.before = slices.Clone(last.before)
	}
	act.Kind, act.end = TypeOf(e.Body), e.Seq
	if t, ok := e.Body.(TicketTaken); ok {
		act.created = append(slices.Clone(act.created), t.Number)
		act.Number = t.Number
	} else if old, ok := before.Visit(a.Visit); ok {
		act.Number = old.Number
		if !slices.ContainsFunc(act.before, func(v *Visit) bool { return v.Number == old.Number }) {
			act.before = append(act.before, old)
		}
	}
	if t, ok := e.Body.(PersonTurnedAway); ok {
		act.away = t.Reason
	}
	if c, ok := e.Body.(PeopleCaughtUp); ok {
		act.caught = &c
	}
	s.actions = put(s.actions, deskKey(a.Desk), &act)
	return s
}

// undo puts back what the last action of the desk changed, and nothing else.
func (s State) undo(desk string, e Event) State {
	a, ok := get(s.actions, deskKey(desk))
	if !ok {
		return s
	}
	s.actions = del(s.actions, deskKey(desk))
	for _, old := range a.before {
		now, _ := get(s.visits, old.Number)
		v := *old
		v.Paper, v.rev = now.Paper, e.Seq
		s = s.set(now, &v)
		s.Board = boardAsBefore(s.Board, a.board, v.ID)
	}
	for _, n := range a.created {
		now, _ := get(s.visits, n)
		v := *now
		v.Intervals = slices.Clone(v.Intervals)
		v.Intervals[len(v.Intervals)-1].To = e.At
		v.Outcome, v.Why, v.rev = Cancelled, undoReason, e.Seq
		s = s.set(now, &v)
	}
	if a.away != "" {
		s = s.turnedAway(a.away, -1)
	}
	if a.caught != nil {
		s = s.caught(*a.caught, -1)
	}
	if a.turns() {
		s.Status, s.Cut, s.Moved = a.status, a.cut, a.moved
	}
	if a.opens() {
		s.Test, s.Opened = false, Moment{}
	}
	return s
}

// boardAsBefore shows one visit again as it was shown before, and the others as now.
func boardAsBefore(now, before []Shown, visit ID) []Shown {
	other := func(c Shown) bool { return c.Visit != visit }
	board := slices.DeleteFunc(slices.Clone(now), func(c Shown) bool { return !other(c) })
	board = append(board, slices.DeleteFunc(slices.Clone(before), other)...)
	slices.SortFunc(board, func(a, b Shown) int { return cmp.Compare(b.ID, a.ID) })
	return board[:min(len(board), boardSize)]
}

// Next is when, at or after now, time alone will matter: somebody who was absent
// or stepped out may be proposed again. The zero Moment means never.
func Next(s State, now Moment) Moment {
	q := s.clock(now)
	for k, n := range s.alarms.all {
		if k.at > q {
			return now.Add(k.at - q)
		}
		if v, _ := get(s.visits, n); v.State() == Held {
			return now // overdue: Tick brings them back
		}
	}
	return Moment{}
}
