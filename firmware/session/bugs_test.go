package session

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// The tests of this file are named after bugs that other queue systems had, in
// the order of the list that the project keeps of them.

// An ordering by arrival that was descending called the last person first.
func TestBug01LIFOOrder(t *testing.T) {
	b := given(t, open())
	for n := range 20 {
		b.play(take(n+1), time.Duration(n)*time.Second) // the first two in the same instant
	}
	for n := range Number(20) {
		b.calls("a", n+1)
		b.play(served("a"))
	}
}

// A display kept only the first call of a refresh.
func TestBug02LostCallTwoInOneRefresh(t *testing.T) {
	b := open3(t, next("a"), next("c"))
	if len(b.s.Board) != 2 || b.s.Board[0].Number != 2 || b.s.Board[0].Desk != "c" || b.s.Board[1].Number != 1 || b.s.Board[1].Desk != "a" {
		t.Errorf("Board = %+v; want 2 → c and 1 → a", b.s.Board)
	}
	if got := announced(b.effects); !slices.Equal(got, []Number{1, 2}) {
		t.Errorf("announced %v; want 1 and 2", got)
	}
}

// A panel showed one number and spoke another when two calls overlapped: here
// number, desk and call go together in one value.
func TestBug03WrongPersonSpoken(t *testing.T) {
	b := open3(t, next("c"), next("a"), RecallGap, Recall{"c"})
	for _, effect := range b.effects {
		a, ok := effect.(Announce)
		if !ok {
			continue
		}
		if want := map[Number]string{1: "Bureau 3", 2: "Accueil"}[a.Number]; a.Desk != want {
			t.Errorf("announced %+v; want desk %s", a, want)
		}
	}
	if got := b.s.Board[0]; got.Number != 1 || got.Desk != "c" {
		t.Errorf("Board[0] = %+v; want what was announced last, 1 → c", got)
	}
}

// The chime needed something on the board already.
func TestBug05FirstCallOnEmptyBoard(t *testing.T) {
	b := open3(t)
	if len(b.s.Board) != 0 {
		t.Fatalf("Board = %+v; want it empty", b.s.Board)
	}
	b.play(next("a"))
	if got := announced(b.effects); !slices.Equal(got, []Number{1}) {
		t.Errorf("announced %v; want 1", got)
	}
	if len(b.s.Board) != 1 || b.s.Board[0].Number != 1 {
		t.Errorf("Board = %+v; want number 1", b.s.Board)
	}
}

// A recall changed nothing that the display could notice.
func TestBug06RecallSilent(t *testing.T) {
	b := open3(t, next("a"))
	first := b.s.Board[0]
	b.play(RecallGap, Recall{"a"})
	if got := announced(b.effects); !slices.Equal(got, []Number{1, 1}) {
		t.Errorf("announced %v; want 1 twice", got)
	}
	if again := b.s.Board[0]; again.ID == first.ID || again.Times != 2 || len(b.s.Board) != 1 {
		t.Errorf("Board = %+v; want number 1 once, a second time, under an id other than %d", b.s.Board, first.ID)
	}
}

// A finger that bounced got two tickets: once as the same command again, once as
// another command for the same visit.
func TestBug07DoubleTap(t *testing.T) {
	b := given(t)
	tap := Command{id('t', 1), take(1)}
	b.send(tap)
	if events, err := b.send(tap); err != nil || len(events) > 0 {
		t.Errorf("the same tap = %d events, %v; want none", len(events), err)
	}
	if answer, ok := b.s.Answered(tap.ID); !ok || answer.Number != 1 {
		t.Errorf("the same tap got %+v; want number 1 again", answer)
	}
	b.refuses(take(1), ErrTwice)
	if b.s.Totals.Issued != 1 || len(b.effects) != 1 {
		t.Errorf("%d tickets issued, effects %+v; want one printed once", b.s.Totals.Issued, b.effects)
	}
}

// A kiosk printed the ticket before it stored it. Here paper follows from an
// event alone, and an event read again prints nothing.
func TestBug08PrintBeforeStore(t *testing.T) {
	b := given(t)
	events, err := Decide(b.s, Command{id('c', 1), take(1)}, b.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, there := b.s.Visit(visit(1)); there {
		t.Error("deciding changed the state")
	}
	var s State
	for _, e := range events {
		s = Evolve(s, e) // a restart stops here: Evolve has no way to print
	}
	v, ok := s.Visit(visit(1))
	if !ok || v.Paper != Queued {
		t.Fatalf("after replay the ticket is %+v; want it queued", v)
	}
	effects := React(s, events[len(events)-1])
	if len(effects) != 1 || effects[0] != (PrintTicket{Visit: visit(1)}) {
		t.Errorf("React(taken) = %+v; want one ticket, of a visit that the state knows", effects)
	}
	// Nobody knows whether it came out before the cut: it is not printed twice.
	b.play(take(1), outage(time.Minute))
	if got := b.visit(1).Paper; got != Unknown || len(b.effects) != 1 {
		t.Errorf("after a cut the ticket is %s, effects %+v; want unknown and nothing more printed", got, b.effects)
	}
}

// A print failed, and the person counted without anybody knowing.
func TestBug09CountedNotPrinted(t *testing.T) {
	b := open3(t, ReportPaper{visit(2), Unprinted, false})
	if got := b.visit(2); got.Paper != Unprinted || got.Number != 2 || got.State() != Waiting {
		t.Errorf("ticket %d is %s and %s; want 2, unprinted, waiting", got.Number, got.Paper, got.State())
	}
	events, _ := b.do(Reprint{"a", visit(2)})
	if effects := React(b.s, events[0]); len(effects) != 1 || effects[0] != (PrintTicket{Visit: visit(2)}) {
		t.Errorf("React(reprint) = %+v; want the ticket, which is no copy: it never came out", effects)
	}
	b.play(ReportPaper{visit(2), Printed, false})
	if got := b.visit(2); got.Paper != Printed || got.Number != 2 || b.s.Totals.Issued != 3 {
		t.Errorf("ticket %d is %s, %d issued; want 2, printed, 3", got.Number, got.Paper, b.s.Totals.Issued)
	}
	b.line(1, 2, 3)
}

// A number counted from a local midnight was wrong in the evening, and one
// counted by the clock repeated itself when the clocks went back.
func TestBug11NumberDerivedFromTheTimeZone(t *testing.T) {
	pst, cest := time.FixedZone("PST", -8*3600), time.FixedZone("CEST", 7200)
	for _, from := range []time.Time{
		time.Date(2026, 3, 5, 16, 0, 0, 0, pst),    // another day already in UTC
		time.Date(2026, 3, 5, 23, 30, 0, 0, paris), // over midnight
		time.Date(2026, 3, 29, 1, 0, 0, 0, paris),  // an hour is missing
		time.Date(2026, 10, 25, 1, 30, 0, 0, cest), // an hour comes twice
		time.Unix(0, 0), // the clock was never set
	} {
		plan := testPlan()
		plan.From, plan.Until = from, from.Add(3*time.Hour)
		b := given(t)
		for n, wall := range []time.Time{from, from.Add(59 * time.Minute), from.Add(time.Hour).UTC(), from.Add(2 * time.Hour).In(paris), from.Add(time.Hour).In(cest)} {
			b.now.Wall = wall // the last one is set back by an hour
			b.play(Take{Plan: plan, Visit: visit(n + 1)}, time.Second)
			if got := b.visit(n + 1).Number; got != Number(n+1) {
				t.Errorf("ticket %d, at %v, has number %d", n+1, wall, got)
			}
		}
		b.line(1, 2, 3, 4, 5)
	}
}

// The next number was the highest one plus one: of two at once both got it, and
// after a deletion it was given again.
func TestBug12MaxPlusOneRace(t *testing.T) {
	b := open3(t)
	one, _ := Decide(b.s, Command{id('k', 1), take(10)}, b.now)
	b.s = Evolve(b.s, one[0])
	two, _ := Decide(b.s, Command{id('k', 2), take(11)}, b.now) // same instant, decided on the draft of the first
	b.s = Evolve(b.s, two[0])
	if x, y := one[0].Body.(TicketTaken).Number, two[0].Body.(TicketTaken).Number; x != 4 || y != 5 {
		t.Errorf("two tickets at once are %d and %d; want 4 and 5", x, y)
	}
	byStaff := take(12)
	byStaff.Desk = "a"
	b.play(End{"a", visit(11), Cancelled, "by_mistake"}, byStaff, Undo{"a"}, take(13))
	if got := b.visit(13).Number; got != 7 {
		t.Errorf("the number after two cancelled ones is %d; want 7", got)
	}
}

// Two agents pressed next and got the same person.
func TestBug13TwoAgentsSameTicket(t *testing.T) {
	b := open3(t)
	b.calls("a", 1)
	b.calls("c", 2) // in the same instant
	b.refuses(CallChosen{"b", visit(1)}, ErrNotWaiting)
	b.calls("b", 3)

	b = given(t, open(), take(1))
	b.calls("a", 1)
	if _, err := b.do(next("c")); !errors.Is(err, ErrNobody) {
		t.Errorf("CallNext with nobody left = %v; want %v", err, ErrNobody)
	}
}

func announced(effects []Effect) []Number {
	var list []Number
	for _, e := range effects {
		if a, ok := e.(Announce); ok {
			list = append(list, a.Number)
		}
	}
	return list
}
