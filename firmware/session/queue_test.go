package session

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"
)

// states are the intervals of a visit as state and length; the open one lasts until now.
func (b *box) states(n int) []any {
	var list []any
	for _, k := range b.visit(n).Intervals {
		to := k.To
		if to == (Moment{}) {
			to = b.now
		}
		d, _ := to.Sub(k.From)
		list = append(list, k.State, d)
	}
	return list
}

func (b *box) history(n int, want ...any) {
	b.t.Helper()
	if got := b.states(n); !reflect.DeepEqual(got, want) {
		b.t.Errorf("visit %d was %v; want %v", n, got, want)
	}
}

func TestIntervals(t *testing.T) {
	b := given(t, open(), take(1), 7*time.Minute, next("a"), time.Minute, Start{"a"}, 12*time.Minute,
		Hold{"a", "sms_code"}, 3*time.Minute, Return{"a", visit(1)}, 2*time.Minute, next("a"), 30*time.Second,
		Start{"a"}, 5*time.Minute, served("a"), time.Hour)
	b.history(1, Waiting, 7*time.Minute, Called, time.Minute, Serving, 12*time.Minute, Held, 3*time.Minute,
		Waiting, 2*time.Minute, Called, 30*time.Second, Serving, 5*time.Minute)
	v := b.visit(1)
	for state, want := range map[VisitState]time.Duration{Waiting: 9 * time.Minute, Called: 90 * time.Second, Serving: 17 * time.Minute, Held: 3 * time.Minute} {
		if got, accurate := v.Spent(state, b.now); got != want || !accurate {
			t.Errorf("Spent(%s) = %v, accurate %t; want %v, accurate", state, got, accurate, want)
		}
	}
	if d, _ := b.now.Sub(v.Since()); d != time.Hour {
		t.Errorf("done since %v; want an hour", d)
	}
	if b.s.Totals.Inaccurate != 0 {
		t.Errorf("Totals.Inaccurate = %d; want 0, every time was seen", b.s.Totals.Inaccurate)
	}
}

// With the simple view nobody says when a person arrives: the service counts
// from the call, and its length is not to be relied on; the visit's other times are.
func TestImpliedStart(t *testing.T) {
	b := given(t, open(), take(1), 4*time.Minute, next("b"), 9*time.Minute, served("b"))
	b.history(1, Waiting, 4*time.Minute, Called, time.Duration(0), Serving, 9*time.Minute)
	v := b.visit(1)
	if _, accurate := v.Spent(Serving, b.now); accurate || v.Inaccurate() || b.s.Totals.Inaccurate != 0 {
		t.Errorf("an implied service is accurate = %t, visit inaccurate = %t, total %d; want false, false, 0", accurate, v.Inaccurate(), b.s.Totals.Inaccurate)
	}
	if _, accurate := v.Spent(Waiting, b.now); !accurate {
		t.Error("the wait before an implied service is inaccurate; it was seen")
	}
	if got := v.last().Roles; !slices.Equal(got, []Role{SocialWorker}) {
		t.Errorf("received by %v; want the first profession of the desk", got)
	}
}

func TestOutcomes(t *testing.T) {
	b := open3(t, take(4), take(5), take(6), take(7),
		next("a"), served("a"),
		next("a"), End{Desk: "a", Outcome: NoShow},
		End{"a", visit(3), Left, ""},
		End{"a", visit(4), Cancelled, "twice"},
		next("b"), End{Desk: "b", Outcome: Misrouted},
		End{"c", visit(6), Oriented, ""},
		Close{Desk: "a", Rest: Unresolved})
	want := Totals{Issued: 7, Served: 1, NoShow: 1, Left: 1, Cancelled: 1, Misrouted: 1, Oriented: 1, Unresolved: 1}
	if !reflect.DeepEqual(b.s.Totals, want) {
		t.Errorf("Totals = %+v; want %+v", b.s.Totals, want)
	}
	sum := 0
	for _, o := range Outcomes() {
		sum += b.s.Totals.Of(o)
	}
	if sum != 7 || b.s.Totals.Ended() != 7 || b.s.Totals.Of("cured") != 0 {
		t.Errorf("outcomes add up to %d, Ended() = %d, of an unknown one %d; want 7, 7, 0", sum, b.s.Totals.Ended(), b.s.Totals.Of("cured"))
	}
	if got := b.visit(4).Why; got != "twice" {
		t.Errorf("cancelled because %q; want twice", got)
	}
}

func TestLastEnded(t *testing.T) {
	b := given(t, open())
	for n := range lastEnded + 2 {
		b.play(take(n+1), next("a"), served("a"))
	}
	if got := numbers(b.s.LastEnded()); len(got) != lastEnded || got[0] != lastEnded+2 || got[lastEnded-1] != 3 {
		t.Errorf("LastEnded() = %v; want %d down to 3", got, lastEnded+2)
	}
	// Taken back and ended again, a visit is there once, as the newest.
	b = given(t, open(), take(1), next("a"), End{Desk: "a", Outcome: NoShow}, take(2), next("a"), served("a"), TakeBack{"a", visit(1)})
	if got := numbers(b.s.LastEnded()); !slices.Equal(got, []Number{2}) {
		t.Errorf("LastEnded() = %v; want 2 while 1 is back", got)
	}
	b.play(End{"a", visit(1), Left, ""}, End{"a", visit(1), Oriented, ""})
	if got := numbers(b.s.LastEnded()); !slices.Equal(got, []Number{1, 2}) || b.s.Totals.Oriented != 1 || b.s.Totals.Left != 0 {
		t.Errorf("LastEnded() = %v, totals %+v; want 1, 2 and the last outcome of 1", got, b.s.Totals)
	}
}

// "After the next one" is after the next one of the same desks.
func TestBackAfterTheNextOfTheSameDesks(t *testing.T) {
	plan := testPlan()
	plan.Desks[1].Roles = []Role{SocialWorker}
	plan.Desks[2].Roles = []Role{Mediator}
	b := given(t, StartPermanence{Plan: plan, Desk: "b"}, takeFor(1, "rights"), takeFor(2, "phone"), takeFor(3, "rights"), takeFor(4, "rights"),
		next("b"), SetAside{"b"}, TakeBack{"b", visit(1)}, next("b"))
	if v, _ := b.s.AtDesk("b"); v == nil || v.Number != 3 {
		t.Errorf("desk b calls %v; want 3, for 1 comes back after the next one", v)
	}
}

// A visitor's yes changes how long, and who only while staff have not decided.
func TestStaffDecideWho(t *testing.T) {
	b := given(t, open(), take(1), HandOver{"a", visit(1), SocialWorker}, Adjust{visit(1), Mediator, Long})
	if v := b.visit(1); v.Need != SocialWorker || v.Class != Long {
		t.Errorf("needs %q, %q; want the social worker as staff said, and a long time", v.Need, v.Class)
	}
}

// Somebody held is first in line when back, and those who are back come in the
// order in which they returned.
func TestHoldAndReturn(t *testing.T) {
	b := open3(t, next("a"), Start{"a"}, Hold{"a", "sms_code"}, next("c"), Start{"c"}, Hold{"c", "looking_for_paper"}, take(4))
	b.is(1, Held)
	b.line(3, 4)
	b.play(time.Minute, Return{"b", visit(2)}, time.Minute, Return{"a", visit(1)})
	b.line(2, 1, 3, 4)
	if got := b.visit(1).Calls; got != 0 {
		t.Errorf("Calls = %d after the return; want 0, it is another turn", got)
	}
	b.calls("a", 2)
	b.calls("c", 1)
}

func TestStepOutKeepsTheTurn(t *testing.T) {
	b := open3(t, StepOut{Visit: visit(1), For: 30 * time.Minute})
	b.is(1, Held)
	b.line(2, 3)
	if v := b.visit(1); v.last().Reason != BackLater {
		t.Errorf("held because %q; want %s", v.last().Reason, BackLater)
	}
	b.calls("a", 2)
	if d, _ := Next(b.s, b.now).Sub(b.now); d != 30*time.Minute {
		t.Errorf("Next() is in %v; want 30 minutes", d)
	}
	b.play(30*time.Minute, take(4))
	if got := Next(b.s, b.now); got != b.now {
		t.Errorf("Next() = %v; want now, somebody is due", got)
	}
	b.play(Tick{})
	b.line(1, 3, 4)
	if got := Next(b.s, b.now); got != (Moment{}) {
		t.Errorf("Next() = %v; want never", got)
	}
	// Who was third is third again.
	b.play(take(5), StepOut{Visit: visit(4), For: time.Minute}, time.Minute, Tick{})
	b.line(1, 3, 4, 5)
	// Back early: staff says so. The turn is the same, no better one.
	b.play(StepOut{"c", visit(3), time.Hour}, time.Minute, Return{"c", visit(3)}, 2*time.Hour, Tick{})
	b.line(1, 3, 4, 5)
}

func TestHandOverAtTheSameDesk(t *testing.T) {
	b := open3(t, next("b"), Start{"b"}, 5*time.Minute, HandOver{Desk: "b", To: Mediator}, 6*time.Minute, Together{"b"}, time.Minute, served("b"))
	b.history(1, Waiting, 13*time.Minute, Called, time.Duration(0), Serving, 5*time.Minute, Serving, 6*time.Minute, Serving, time.Minute)
	var roles [][]Role
	for _, k := range b.visit(1).Intervals[2:] {
		roles = append(roles, k.Roles)
	}
	if want := [][]Role{{SocialWorker}, {Mediator}, {SocialWorker, Mediator}}; !reflect.DeepEqual(roles, want) {
		t.Errorf("received by %v; want %v", roles, want)
	}
	if b.s.Totals.Issued != 3 || b.s.Totals.Served != 1 {
		t.Errorf("Totals = %+v; want one visit of three served", b.s.Totals)
	}
}

func TestHandOverThroughTheLine(t *testing.T) {
	b := open3(t, next("a"), Start{"a"}, HandOver{Desk: "a", To: SocialWorker})
	b.line(1, 2, 3) // in front, with the same number
	if _, busy := b.s.AtDesk("a"); busy {
		t.Error("the desk is still busy")
	}
	b.calls("a", 2) // who needs the social worker is not for this desk
	b.calls("b", 1)
	if got := b.visit(1).Calls; got != 1 {
		t.Errorf("Calls = %d; want 1, it is another turn", got)
	}
	// Somebody who waits keeps the place.
	b.play(HandOver{"a", visit(3), Mediator}, take(4))
	b.line(3, 4)
}

func TestSeveralMotifs(t *testing.T) {
	b := open3(t, takeFor(4, "papers"), AddMotif{"a", visit(4), "rights"}, AddMotif{"c", visit(4), "phone"}, AddMotif{"a", visit(4), "rights"})
	if got, want := b.visit(4).Motifs, []string{"papers", "rights", "phone"}; !slices.Equal(got, want) {
		t.Errorf("Motifs = %v; want %v", got, want)
	}
	if got := b.visit(4).Declared; got != "papers" {
		t.Errorf("Declared = %q; want papers", got)
	}
	b.play(takeFor(5, ""), AddMotif{"a", visit(5), "rights"})
	if v := b.visit(5); v.Declared != "" || !slices.Equal(v.Motifs, []string{"rights"}) {
		t.Errorf("Declared = %q, Motifs = %v of somebody who told none; want none, and rights", v.Declared, v.Motifs)
	}
	if v := b.visit(4); v.Need != Anyone || b.s.Totals.Issued != 5 {
		t.Errorf("a motif changed the need to %q or the tickets to %d", v.Need, b.s.Totals.Issued)
	}
}

// A rest is over with the next call: nothing brings back by itself who was
// called before its end and then held.
func TestRestEndsWithACall(t *testing.T) {
	b := open3(t, next("a"), SetAside{"a"}, CallChosen{"a", visit(1)}, Start{"a"}, Hold{"a", "sms_code"})
	if got := Next(b.s, b.now); got != (Moment{}) {
		t.Errorf("Next() = %v; want never", got)
	}
	b.play(AbsentRest, Tick{})
	b.is(1, Held)
}

// Two drafts of one state do not know of each other.
func TestDrafts(t *testing.T) {
	b := open3(t)
	for range 3 { // slices grow by leaps: room to spare is where drafts would meet
		b.play(AddMotif{"a", visit(1), "papers"}, AddMotif{"a", visit(1), "rights"}, AddMotif{"a", visit(1), "phone"},
			next("a"), Start{"a"}, Hold{"a", "sms_code"}, Return{"a", visit(1)}, End{"a", visit(2), Left, ""})
		for _, pair := range [][2]Body{
			{MotifAdded{act(1, "a"), "one"}, MotifAdded{act(1, "a"), "two"}},
			{SteppedOut{act(1, "a"), 1}, TicketCalled{act(1, "c")}},
			{VisitEnded{act(1, "a"), Left, ""}, TicketCalled{act(1, "c")}},
			{PersonTurnedAway{act(0, "a"), "no_room"}, PersonTurnedAway{act(0, "c"), "out_of_scope"}},
			{CameBack{act(2, "a")}, CameBack{act(2, "c")}},
			{TicketTaken{Act: act(8, "a"), Number: 4}, TicketTaken{Act: act(9, "c"), Number: 4}},
		} {
			one := Evolve(b.s, Event{b.s.Seq + 1, id('x', 1), b.now, pair[0]})
			want := string(summary(one))
			Evolve(b.s, Event{b.s.Seq + 1, id('x', 2), b.now.Add(time.Second), pair[1]})
			if got := string(summary(one)); got != want {
				t.Errorf("%T changed the draft with %T:\n%s", pair[1], pair[0], diff(want, got))
			}
		}
		b.play(TakeBack{"a", visit(2)})
	}
}

// A person with priority counts as having come half an hour earlier, so that
// somebody is overtaken only by those who came less than that later.
func TestPriorityAges(t *testing.T) {
	b := given(t, open(), take(1), 29*time.Minute, take(2), 2*time.Minute, take(3), Prioritise{"a", visit(2), true}, Prioritise{"a", visit(3), true})
	b.line(2, 1, 3)
	b.play(Prioritise{"a", visit(2), false})
	b.line(1, 3, 2)
	b.play(Prioritise{"a", visit(3), false})
	b.line(1, 2, 3)
}

// However many people with priority come, everybody is called in the end, and
// nobody is overtaken by who came half an hour later.
func TestNobodyStarves(t *testing.T) {
	b := given(t, open())
	arrived := map[Number]Moment{}
	for n := 1; n <= 150; n++ { // twice as many as are called
		b.play(take(n), time.Minute)
		arrived[Number(n)] = b.visit(n).Arrived()
		if n%3 != 0 {
			b.play(Prioritise{"a", visit(n), true})
		}
		if n%2 == 0 {
			b.play(next("a"), served("a"))
		}
	}
	var order []Number
	for b.s.Waiting() > 0 {
		b.play(next("a"))
		v, _ := b.s.AtDesk("a")
		order = append(order, v.Number)
		for waiting := range b.s.Line() {
			if d, _ := arrived[v.Number].Sub(arrived[waiting.Number]); d >= Boost {
				t.Errorf("%d was called before %d, who came %v earlier", v.Number, waiting.Number, d)
			}
		}
		b.play(served("a"))
	}
	if len(order) != 75 {
		t.Errorf("%d people were called; want all 75", len(order))
	}
}

// Priority is worth the same wherever it was given, and takes nothing away when
// it is taken back.
func TestPriorityAfterAReturn(t *testing.T) {
	hold := func(desk string) []any { return do(next(desk), Start{desk}, Hold{desk, "sms_code"}) }
	t.Run("taken back", func(t *testing.T) {
		b := open3(t, Prioritise{"a", visit(1), true}).play(hold("a")...).play(hold("c")...)
		b.play(Return{"a", visit(1)}, time.Minute, Return{"a", visit(2)})
		b.line(1, 2, 3)
		b.play(Prioritise{"a", visit(1), false})
		b.line(1, 2, 3)
	})
	t.Run("kept", func(t *testing.T) {
		b := open3(t).play(hold("a")...).play(Prioritise{"a", visit(2), true}).play(hold("c")...)
		b.play(Return{"a", visit(1)}, time.Minute, Return{"a", visit(2)})
		b.line(2, 1, 3)
		b.play(Prioritise{"a", visit(2), false})
		b.line(1, 2, 3)
	})
	t.Run("behind the next one", func(t *testing.T) {
		b := open3(t, Prioritise{"a", visit(3), true}, next("a"), SetAside{"a"}, TakeBack{"a", visit(3)})
		b.line(1, 3, 2)
		b.play(Prioritise{"a", visit(3), false})
		b.line(1, 3, 2)
	})
}

func TestAbsent(t *testing.T) {
	b := open3(t, next("a"), time.Minute, SetAside{"a"})
	b.line(1, 2, 3) // at their place
	if !b.s.Resting(b.visit(1), b.now) {
		t.Error("Resting() = false for somebody absent just now")
	}
	if d, _ := b.s.QuietUntil(b.visit(1)).Sub(b.now); d != AbsentRest {
		t.Errorf("QuietUntil() is in %v; want %v", d, AbsentRest)
	}
	if got := b.s.QuietUntil(b.visit(2)); got != (Moment{}) {
		t.Errorf("QuietUntil() = %v for somebody who is there; want never", got)
	}
	b.calls("a", 2)
	b.play(served("a"), AbsentRest-time.Second)
	b.calls("a", 3)
	b.play(served("a"))
	b.refuses(next("a"), ErrOnlyAbsent)
	if d, _ := Next(b.s, b.now).Sub(b.now); d != time.Second {
		t.Errorf("Next() is in %v; want a second", d)
	}
	b.play(time.Second)
	b.calls("a", 1)
	if got := b.visit(1).Calls; got != 2 {
		t.Errorf("Calls = %d; want 2, it is the same turn", got)
	}
}

func TestAbsentComesBackAfterTheNextOne(t *testing.T) {
	b := open3(t, next("a"), SetAside{"a"}, time.Minute, TakeBack{"a", visit(1)})
	b.line(2, 1, 3)
	if b.s.Resting(b.visit(1), b.now) {
		t.Error("Resting() = true for somebody who is back")
	}
	b.calls("a", 2)
	b.calls("c", 1)

	b = given(t, open(), take(1), next("a"), SetAside{"a"}, TakeBack{"a", visit(1)})
	b.calls("a", 1) // nobody else is next
}

func TestNoShowIsProposedAfterThreeCalls(t *testing.T) {
	b := open3(t, next("a"))
	for call := 1; call < MaxCalls; call++ {
		if b.visit(1).ProposeNoShow() {
			t.Fatalf("no-show is proposed after %d calls; want %d", call, MaxCalls)
		}
		b.play(RecallGap-time.Millisecond).refuses(Recall{"a"}, ErrTooSoon)
		b.play(time.Millisecond, Recall{"a"})
	}
	if !b.visit(1).ProposeNoShow() {
		t.Errorf("no-show is not proposed after %d calls", MaxCalls)
	}
	b.play(RecallGap, Recall{"a"}) // proposed, not imposed
	b.play(End{Desk: "a", Outcome: NoShow})
	if b.visit(1).ProposeNoShow() {
		t.Error("no-show is proposed again")
	}
}

func TestNoShowComesBack(t *testing.T) {
	b := open3(t, next("a"), time.Minute, End{Desk: "a", Outcome: NoShow}, 20*time.Minute, TakeBack{"a", visit(1)}, time.Minute)
	b.line(2, 1, 3)
	b.history(1, Waiting, 13*time.Minute, Called, time.Minute, Held, 20*time.Minute, Waiting, time.Minute)
	if got := b.s.Totals.NoShow; got != 0 {
		t.Errorf("Totals.NoShow = %d; want 0", got)
	}
	b.calls("a", 2)
	b.calls("c", 1)
	if got := b.visit(1).Calls; got != 1 {
		t.Errorf("Calls = %d; want 1, it is another turn", got)
	}
}

func TestTurnedAway(t *testing.T) {
	b := open3(t, TurnAway{"a", "no_room"}, TurnAway{"c", "no_room"}, TurnAway{"a", "sent_elsewhere"})
	if got, want := b.s.Totals.TurnedAway, (map[Reason]int{"no_room": 2, "sent_elsewhere": 1}); !reflect.DeepEqual(got, want) || b.s.Totals.AllTurnedAway() != 3 {
		t.Errorf("TurnedAway = %v, %d in all; want %v", got, b.s.Totals.AllTurnedAway(), want)
	}
	if b.s.Totals.Issued != 3 {
		t.Errorf("Issued = %d; want 3, nobody turned away has a ticket", b.s.Totals.Issued)
	}
	b.play(Undo{"a"})
	if got, want := b.s.Totals.TurnedAway, (map[Reason]int{"no_room": 2}); !reflect.DeepEqual(got, want) {
		t.Errorf("TurnedAway = %v after undo; want %v", got, want)
	}
}

func TestPause(t *testing.T) {
	b := open3(t, next("a"), Pause{"b"})
	b.refuses(next("c"), ErrPaused)
	b.refuses(CallChosen{"c", visit(2)}, ErrPaused)
	b.play(Start{"a"}, time.Minute, served("a"), take(4)) // who is there is received to the end
	b.line(2, 3, 4)
	b.play(Resume{"b"})
	b.calls("c", 2)
}

// After a power cut the permanence waits for somebody to go on, and nobody
// pretends to know what was not seen.
func TestPowerCut(t *testing.T) {
	b := open3(t, ReportPaper{visit(1), Printed, false}, ReportPaper{visit(2), Unprinted, false}, next("a"), Start{"a"}, time.Minute)
	from := b.s.At
	b.play(outage(3 * time.Minute))
	if b.s.Status != Paused || b.s.Cut == nil || b.s.Cut.From != from || b.s.Cut.To != b.now {
		t.Fatalf("%s, cut %+v; want paused, cut from the last event to now", b.s.Status, b.s.Cut)
	}
	for n, want := range map[int]Paper{1: Printed, 2: Unprinted, 3: Unknown} {
		if got := b.visit(n).Paper; got != want {
			t.Errorf("ticket %d is %s; want %s", n, got, want)
		}
		if !b.visit(n).Inaccurate() {
			t.Errorf("visit %d is accurate", n)
		}
	}
	b.refuses(next("c"), ErrPaused)

	// Cut again before anybody went on: one banner, from the first cut.
	b.play(time.Second, outage(time.Minute))
	if b.s.Cut.From != from || b.s.Cut.To != b.now || b.s.Totals.Outages != 2 {
		t.Errorf("cut %+v, %d outages; want it from the first on, and 2", b.s.Cut, b.s.Totals.Outages)
	}
	b.play(Resume{"a"}, take(4))
	if b.s.Cut != nil || b.s.Status != Open {
		t.Errorf("%s, cut %+v; want open and no banner", b.s.Status, b.s.Cut)
	}
	b.play(served("a"))
	b.calls("a", 2)
	if b.visit(4).Inaccurate() {
		t.Error("a visit that began after the cut is inaccurate")
	}
	if b.s.Totals.Inaccurate != 1 {
		t.Errorf("Totals.Inaccurate = %d; want 1", b.s.Totals.Inaccurate)
	}
	for _, e := range b.effects {
		if a, ok := e.(Announce); ok && a.Number == 1 && a.Call != b.visit(1).Call {
			t.Errorf("number 1 was announced twice")
		}
	}
}

// What was done before the cut cannot be taken back after it.
func TestPowerCutForgetsUndo(t *testing.T) {
	open3(t, next("a"), outage(time.Second)).refuses(Undo{"a"}, ErrUndoGone)
}

// Rests end although the wall clock of the new start knows nothing.
func TestPowerCutWithoutAClock(t *testing.T) {
	b := open3(t, next("a"), SetAside{"a"}, time.Minute)
	b.boots++
	b.now = Moment{Wall: time.Date(1970, 1, 1, 0, 0, 9, 0, time.UTC), Mono: 9 * time.Second, Boot: id('b', b.boots)}
	b.play(Interrupt{}, Resume{"a"}, take(4))
	b.line(1, 2, 3, 4)
	b.calls("a", 2)
	b.play(AbsentRest)
	b.calls("c", 1)
}

// A clock that is set in between two starts is no reason to count in years.
func TestClockJumpsBetweenTwoStarts(t *testing.T) {
	b := open3(t, next("a"), SetAside{"a"})
	for range 9 { // time.Duration holds 292 years
		for _, wall := range []time.Time{{}, opening} {
			b.boots++
			b.now = Moment{Wall: wall, Boot: id('b', b.boots)}
			b.play(Interrupt{})
		}
	}
	if got := b.s.queue; got < 0 || got > 11*maxOff {
		t.Errorf("the queue's time is %v after nine outages; want at most a day for each", got)
	}
	b.play(Resume{"a"}, take(4))
	b.line(1, 2, 3, 4)
}

func TestLeftOpen(t *testing.T) {
	b := open3(t, next("a"), outage(3*24*time.Hour))
	if !b.s.LeftOpen(b.now) {
		t.Fatal("LeftOpen() = false three days later")
	}
	b.refuses(take(4), ErrNoTickets)
	b.play(Close{Desk: "a", Rest: Unresolved})
	if want := (Totals{Issued: 3, Unresolved: 3, Inaccurate: 3, Outages: 1}); !reflect.DeepEqual(b.s.Totals, want) {
		t.Errorf("Totals = %+v; want %+v", b.s.Totals, want)
	}
	if b.s.LeftOpen(b.now) {
		t.Error("LeftOpen() = true after the closing")
	}
	b = open3(t)
	for _, test := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {LeftOpenPast, false}, {LeftOpenPast + time.Second, true}} {
		at := b.now
		at.Wall = b.s.Plan.Until.Add(test.after)
		if got := b.s.LeftOpen(at); got != test.want {
			t.Errorf("LeftOpen(%v after the end) = %t; want %t", test.after, got, test.want)
		}
	}
}

func TestPractice(t *testing.T) {
	b := given(t, StartPermanence{Plan: testPlan(), Desk: "a", Test: true}, take(1), next("a"), served("a"), Close{Desk: "a"})
	last, ok := b.effects[len(b.effects)-1].(Settle)
	if !ok || !last.Uncounted || last.Totals.Served != 1 {
		t.Errorf("the closing settles %+v; want a test with one served", last)
	}
	b.play(open())
	if b.s.Test || b.s.Totals.Issued != 0 || b.s.Next != 0 {
		t.Errorf("after practice: test %t, %+v; want a fresh permanence", b.s.Test, b.s.Totals)
	}
}

func TestTicketsBeforeTheOpening(t *testing.T) {
	b := given(t)
	tests := []struct {
		wall time.Time
		desk string
		want error
	}{
		{opening.Add(-15*time.Minute - time.Second), "", ErrNoTickets},
		{opening.Add(-15 * time.Minute), "", nil},
		{opening.Add(-2 * time.Hour), "a", nil}, // staff may
		{opening.Add(3*time.Hour - time.Second), "", nil},
		{opening.Add(3 * time.Hour), "", ErrNoTickets},
		{opening.Add(3 * time.Hour), "a", ErrNoTickets},
	}
	for _, test := range tests {
		at := b.now
		at.Wall = test.wall
		o := take(1)
		o.Desk = test.desk
		if _, err := Decide(State{}, Command{id('c', 1), o}, at); err != test.want {
			t.Errorf("Decide(Take) at %v from %q = %v; want %v", test.wall, test.desk, err, test.want)
		}
	}
	b.play(take(1), take(2))
	if b.s.Status != Planned || b.s.Plan.ID != testPlan().ID {
		t.Errorf("%s, plan %s; want planned, with the plan of the ticket", b.s.Status, b.s.Plan.ID)
	}
	b.refuses(next("a"), ErrNotOpen)
	b.play(10*time.Minute, open())
	b.calls("a", 1)
}

// A permanence goes by the rules with which it began.
func TestPlanHoldsToTheEnd(t *testing.T) {
	other := testPlan()
	other.ID, other.Motifs, other.Desks = id('p', 2), nil, nil
	b := given(t, take(1), StartPermanence{Plan: other, Desk: "a"}, Take{Plan: other, Visit: visit(2), Motif: "rights"})
	if !reflect.DeepEqual(b.s.Plan, testPlan()) {
		t.Errorf("Plan = %+v; want that of the first ticket", b.s.Plan)
	}
}

// Undo brings back what was, for every action of a desk but the closing.
func TestUndo(t *testing.T) {
	tests := []struct {
		given []any
		when  Order
	}{
		{nil, next("a")},
		{nil, CallChosen{"a", visit(2)}},
		{do(next("a"), RecallGap), Recall{"a"}},
		{do(next("a")), Start{"a"}},
		{do(next("a")), Together{"a"}},
		{do(next("a"), Start{"a"}), Hold{"a", "sms_code"}},
		{do(next("c"), Start{"c"}, Hold{"c", "sms_code"}), Return{"a", visit(1)}},
		{nil, StepOut{"a", visit(1), time.Hour}},
		{do(StepOut{Visit: visit(1), For: time.Hour}), Return{"a", visit(1)}},
		{do(next("a")), HandOver{Desk: "a", To: Mediator}},
		{do(next("a"), Start{"a"}), HandOver{Desk: "a", To: Mediator}},
		{nil, HandOver{"a", visit(2), Mediator}},
		{do(next("a")), SetAside{"a"}},
		{do(next("c"), SetAside{"c"}), TakeBack{"a", visit(1)}},
		{do(next("c"), End{Desk: "c", Outcome: NoShow}), TakeBack{"a", visit(1)}},
		{do(next("a")), served("a")},
		{do(next("a"), Start{"a"}), served("a")},
		{do(next("a")), End{Desk: "a", Outcome: NoShow}},
		{nil, End{"a", visit(3), Cancelled, "twice"}},
		{nil, Prioritise{"a", visit(3), true}},
		{do(Prioritise{"c", visit(3), true}), Prioritise{"a", visit(3), false}},
		{nil, AddMotif{"a", visit(2), "phone"}},
		{nil, TurnAway{"a", "no_room"}},
		{nil, Pause{"a"}},
		{do(Pause{"c"}), Resume{"a"}},
		{do(outage(time.Minute)), Resume{"a"}},
	}
	undone := map[string]bool{}
	for _, test := range tests {
		undone[reflect.TypeOf(test.when).Name()] = true
		b := open3(t, test.given...)
		before := visible(b.s)
		board := slices.Clone(b.s.Board)
		b.play(test.when, UndoWindow)
		if a, ok := b.s.Undoable("a", b.now); !ok || a.Command != id('c', b.sent) {
			t.Errorf("after %+v, Undoable() = %+v, %t; want it", test.when, a, ok)
			continue
		}
		b.play(Undo{"a"})
		if got := visible(b.s); got != before {
			t.Errorf("after %+v was undone, the state is\n%s; want\n%s", test.when, got, before)
		}
		if !slices.Equal(b.s.Board, board) {
			t.Errorf("after %+v was undone, Board = %+v; want %+v", test.when, b.s.Board, board)
		}
	}
	for _, name := range methodsNamed(t, "order.go", "order") {
		switch name {
		case "Take", "StartPermanence": // below
		case "Adjust", "Interrupt", "ReportPaper", "Tick": // no desk
		case "Move": // of a box that goes dark
		case "Close", "Undo", "Reprint": // cannot be taken back
		default:
			if !undone[name] {
				t.Errorf("no test undoes %s", name)
			}
		}
	}
}

// A ticket that staff made by mistake is cancelled; its number is not given again.
func TestUndoOfATicket(t *testing.T) {
	made := take(4)
	made.Desk = "c"
	b := open3(t, made, Undo{"c"})
	if v := b.visit(4); v.Outcome != Cancelled || v.Why != undoReason || b.s.Totals.Cancelled != 1 {
		t.Errorf("outcome %s because %s, %d cancelled; want cancelled, undone, 1", v.Outcome, v.Why, b.s.Totals.Cancelled)
	}
	b.play(take(5))
	if got := b.visit(5).Number; got != 5 {
		t.Errorf("the next number is %d; want 5", got)
	}
}

func TestUndoOfTheOpening(t *testing.T) {
	b := given(t, take(1), open(), Undo{"a"})
	if b.s.Status != Planned || b.s.Opened != (Moment{}) {
		t.Errorf("%s, opened %v; want planned, never", b.s.Status, b.s.Opened)
	}
	b.play(open(), next("c"))
	b.refuses(Undo{"a"}, ErrUndoGone) // somebody is called already

	practice := StartPermanence{Plan: testPlan(), Desk: "a", Test: true}
	b = given(t, practice, Undo{"a"})
	if b.s.Test {
		t.Error("a permanence that is not open is a test")
	}
	b = given(t, practice, take(1))
	b.refuses(Undo{"a"}, ErrUndoGone) // its ticket would become a real one
	b = given(t, practice, Pause{"c"})
	b.refuses(Undo{"a"}, ErrUndoGone)
}

func TestUndoIsRefusedWhenSomebodyActedSince(t *testing.T) {
	tests := []struct {
		name string
		play []any
	}{
		{"a colleague called the person back", do(next("a"), SetAside{"a"}, TakeBack{"c", visit(1)})},
		{"a colleague called the person, and took that back", do(Prioritise{"a", visit(2), true}, next("c"), Undo{"c"})},
		{"a colleague gave priority", do(next("a"), Prioritise{"c", visit(1), true})},
		{"the visitor adjusted", do(HandOver{"a", visit(2), SocialWorker}, Adjust{visit(2), Mediator, Long})},
		{"a colleague went on", do(Pause{"a"}, Resume{"c"})},
		{"a colleague paused again", do(Pause{"b"}, Resume{"a"}, Pause{"c"})},
		{"time brought the person back", do(StepOut{"a", visit(1), time.Second}, time.Second, Tick{})},
	}
	for _, test := range tests {
		b := open3(t, test.play...)
		if a, ok := b.s.Undoable("a", b.now); ok {
			t.Errorf("%s: Undoable() = %+v; want nothing", test.name, a)
		}
		b.refuses(Undo{"a"}, ErrUndoGone)
	}
}

// Paper comes out while people act: it neither prevents an undo nor is undone.
func TestUndoLeavesPaper(t *testing.T) {
	b := open3(t, next("a"), ReportPaper{visit(1), Unprinted, false}, Reprint{"c", visit(1)}, ReportPaper{visit(1), Printed, false}, Undo{"a"})
	b.is(1, Waiting)
	if got := b.visit(1).Paper; got != Printed {
		t.Errorf("the ticket is %s; want %s", got, Printed)
	}
}

// Two actions without identifier are two actions.
func TestUndoWithoutIdentifier(t *testing.T) {
	b := open3(t)
	for _, o := range []Order{Prioritise{"a", visit(2), true}, Prioritise{"a", visit(3), true}, Undo{"a"}} {
		if _, err := b.send(Command{Order: o}); err != nil {
			t.Fatal(err)
		}
	}
	if !b.visit(2).Priority || b.visit(3).Priority {
		t.Errorf("priority of 2 is %t, of 3 %t; want only the last one taken back", b.visit(2).Priority, b.visit(3).Priority)
	}
}

// Each desk has an undo of its own.
func TestUndoPerDesk(t *testing.T) {
	b := open3(t, next("a"), next("c"), Undo{"a"})
	b.is(1, Waiting)
	b.is(2, Called)
	b.play(Undo{"c"})
	b.line(1, 2, 3)
	if len(b.s.Board) != 0 {
		t.Errorf("Board = %+v; want nothing, both calls were taken back", b.s.Board)
	}
}

func TestUndoIsOverWithTheClosing(t *testing.T) {
	b := open3(t, TurnAway{"a", "no_room"}, Close{Desk: "c", Rest: Left})
	if a, ok := b.s.Undoable("a", b.now); ok {
		t.Errorf("Undoable() = %+v after the closing; want nothing", a)
	}
}

func TestUndoRestoresTheBoard(t *testing.T) {
	b := open3(t, next("a"), next("c"))
	before := slices.Clone(b.s.Board)
	b.play(RecallGap, Recall{"a"})
	if got := b.s.Board[0]; got.Number != 1 || got.Times != 2 || got.ID == before[1].ID {
		t.Errorf("Board[0] = %+v; want number 1, a second time, under another id", got)
	}
	b.play(Undo{"a"})
	if !slices.Equal(b.s.Board, before) {
		t.Errorf("Board = %+v after undo; want %+v", b.s.Board, before)
	}
}

// The board is full, and a call taken back must not make it longer.
func TestUndoOnAFullBoard(t *testing.T) {
	b := given(t, open())
	for n := range 2 * boardSize {
		b.play(take(n + 1))
	}
	b.play(next("a"), RecallGap, Recall{"a"})
	for range boardSize {
		b.play(next("c"), served("c"))
	}
	b.play(Undo{"a"})
	if len(b.s.Board) != boardSize || b.s.Board[0].Number != boardSize+1 {
		t.Errorf("Board = %+v; want the last %d calls", b.s.Board, boardSize)
	}
}

// The same command changes nothing the second time and gets the same answer.
func TestRepeatedCommand(t *testing.T) {
	b := open3(t)
	for _, o := range []Order{takeFor(4, "phone"), next("b"), Start{"b"}, HandOver{Desk: "b", To: Mediator}, served("b"), TurnAway{"a", "no_room"},
		next("a"), served("a"), Undo{"a"}, Pause{"a"}, Close{Desk: "a", Rest: Left}} {
		c := Command{id('r', b.sent), o}
		b.sent++
		if _, err := b.send(c); err != nil {
			t.Fatalf("Decide(%+v) = %v", o, err)
		}
		answer, ok := b.s.Answered(c.ID)
		if !ok {
			t.Errorf("Answered(%+v) = false", o)
		}
		before, effects := string(summary(b.s)), len(b.effects)
		b.now = b.now.Add(time.Second)
		if events, err := b.send(c); err != nil || len(events) > 0 {
			t.Errorf("Decide(%+v) again = %d events, %v; want none", o, len(events), err)
		}
		if again, _ := b.s.Answered(c.ID); again != answer || string(summary(b.s)) != before || len(b.effects) != effects {
			t.Errorf("%+v again got %+v and changed the state; want %+v and no change", o, again, answer)
		}
	}
	if _, ok := b.s.Answered(id('x', 1)); ok {
		t.Error("Answered() = true for a command that never came")
	}
	if v := b.visit(4); b.s.Totals.Issued != 4 || v.Number != 4 {
		t.Errorf("%d issued; want 4", b.s.Totals.Issued)
	}
}

func TestAnswers(t *testing.T) {
	b := open3(t, take(4))
	if got, _ := b.s.Answered(id('c', b.sent)); got != (Answer{visit(4), 4}) {
		t.Errorf("the answer to a ticket is %+v; want visit and number 4", got)
	}
	b.play(next("a"))
	if got, _ := b.s.Answered(id('c', b.sent)); got != (Answer{visit(1), 1}) {
		t.Errorf("the answer to a call is %+v; want visit and number 1", got)
	}
	b.play(Pause{"a"})
	if got, ok := b.s.Answered(id('c', b.sent)); !ok || got != (Answer{}) {
		t.Errorf("the answer to a pause is %+v, %t; want an empty one", got, ok)
	}
}

func TestNumbers(t *testing.T) {
	b := given(t)
	for n := 1; n <= 30; n++ {
		b.play(take(n), time.Minute)
		if v, ok := b.s.Numbered(Number(n)); !ok || v.ID != visit(n) {
			t.Fatalf("Numbered(%d) = %+v, %t; want the visit of the ticket", n, v, ok)
		}
	}
	if _, ok := b.s.Numbered(31); ok {
		t.Error("Numbered(31) exists")
	}
}

func TestAhead(t *testing.T) {
	b := given(t, open(), take(1), takeFor(2, "rights"), takeFor(3, "phone"), takeFor(4, "rights"))
	for need, want := range map[Role]int{Anyone: 4, Reception: 1, SocialWorker: 4, Mediator: 4, Volunteer: 0} {
		if got := b.s.Ahead(need); got != want {
			t.Errorf("Ahead(%q) = %d; want %d", need, got, want)
		}
	}
	b.play(next("a")) // 1
	if got := b.s.Ahead(SocialWorker); got != 3 {
		t.Errorf("Ahead(social worker) = %d after a call; want 3", got)
	}
	if b.s.DeskFree(Volunteer) || !b.s.DeskFree(Mediator) || !b.s.DeskFree(Reception) || !b.s.DeskFree(Anyone) {
		t.Error("DeskFree() is wrong with desk a busy")
	}
	b.play(next("b")) // 2
	if b.s.DeskFree(SocialWorker) || !b.s.DeskFree(Anyone) {
		t.Error("DeskFree() is wrong with desks a and b busy")
	}
}

// Adjusting changes who may call, and nobody's place.
func TestAdjust(t *testing.T) {
	b := open3(t, Adjust{visit(1), SocialWorker, Long}, Adjust{visit(2), Mediator, Short})
	b.line(1, 2, 3)
	b.calls("a", 3)
	b.calls("b", 1)
}

func TestReact(t *testing.T) {
	b := given(t, take(1), open(), next("b"), RecallGap, Recall{"b"}, Reprint{"a", visit(1)}, ReportPaper{visit(1), Printed, false}, served("b"),
		outage(time.Minute), TurnAway{"a", "no_room"}, Close{Desk: "a"})
	first, second := b.log[3].Seq, b.log[4].Seq
	want := []Effect{
		PrintTicket{Visit: visit(1)}, PrintZero{},
		Announce{Call: first, Number: 1, Desk: "Bureau 2"}, Announce{Call: second, Number: 1, Desk: "Bureau 2"},
		PrintTicket{Visit: visit(1), Copy: true},
		PrintClosing{}, Settle{Plan: b.s.Plan, Totals: b.s.Totals},
	}
	if !reflect.DeepEqual(b.effects, want) {
		t.Errorf("effects =\n%+v; want\n%+v", b.effects, want)
	}
	if got := b.visit(1).Call; got != second {
		t.Errorf("Call = %d; want that of the recall, %d", got, second)
	}
}

// A call of somebody whom the state does not know is not announced as another's.
func TestReactToACallOfNobody(t *testing.T) {
	b := open3(t, next("a"))
	e := Event{Seq: b.s.Seq + 1, Command: id('x', 1), At: b.now, Body: TicketCalled{act(9, "c")}}
	if got := React(Evolve(b.s, e), e); len(got) > 0 {
		t.Errorf("React() = %+v; want nothing", got)
	}
}

// An event about somebody unknown is a fact like any other.
func TestEvolveNeverFails(t *testing.T) {
	at := given(t).now
	for _, b := range samples() {
		s := Evolve(State{}, Event{Seq: 7, Command: id('c', 1), At: at, Body: b})
		if s.Seq != 7 || s.At != at {
			t.Errorf("Evolve(%T) on a fresh box: sequence number %d at %v; want 7 at %v", b, s.Seq, s.At, at)
		}
		React(s, Event{Seq: 7, Body: b})
	}
}

func TestMoment(t *testing.T) {
	at := Moment{Wall: opening, Mono: time.Hour, Boot: id('b', 1)}
	later := at.Add(time.Minute)
	jumped := later
	jumped.Wall = opening.Add(-48 * time.Hour)
	rebooted := Moment{Wall: opening.Add(2 * time.Minute), Mono: 0, Boot: id('b', 2)}
	past := Moment{Wall: opening.Add(-time.Hour), Mono: 99 * time.Hour, Boot: id('b', 3)}
	tests := []struct {
		name    string
		m       Moment
		want    time.Duration
		exact   bool
		reached bool // at plus a minute
	}{
		{"same", at, 0, true, false},
		{"later", later, time.Minute, true, true},
		{"the wall clock jumped", jumped, time.Minute, true, true},
		{"another start", rebooted, 2 * time.Minute, false, true},
		{"another start, clock in the past", past, 0, false, false},
	}
	for _, test := range tests {
		if d, exact := test.m.Sub(at); d != test.want || exact != test.exact {
			t.Errorf("%s: Sub = %v, %t; want %v, %t", test.name, d, exact, test.want, test.exact)
		}
		if got := test.m.Reached(later); got != test.reached {
			t.Errorf("%s: Reached = %t; want %t", test.name, got, test.reached)
		}
	}
	if d, _ := at.Sub(later); d != 0 {
		t.Errorf("Sub of something later = %v; want 0", d)
	}
}

func TestID(t *testing.T) {
	want := id('v', 258)
	if got := want.String(); got != "76000000000000000000000000000102" {
		t.Errorf("String() = %s", got)
	}
	for _, v := range []ID{{}, want} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var got ID
		if err := json.Unmarshal(text, &got); err != nil || got != v {
			t.Errorf("%s reads back as %v, %v; want %v", text, got, err, v)
		}
	}
	for _, text := range []string{"7", "76000000000000000000000000000", "x6000000000000000000000000000102", "7600000000000000000000000000010200"} {
		var got ID
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("UnmarshalText(%s) = %v; want an error", text, got)
		}
	}
}

func TestMessage(t *testing.T) {
	if got, want := M("k", "n", 3, "desk", "a"), (Msg{"k", map[string]any{"n": 3, "desk": "a"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("M() = %+v; want %+v", got, want)
	}
	if got := M("k"); got.Args != nil {
		t.Errorf("M(k) has arguments %v", got.Args)
	}
}

// What another box goes on with is neither printed nor counted here, unless it goes on here
// after all; and that is taken back like any other order.
func TestMoved(t *testing.T) {
	b := given(t, open(), take(1), next("a"), Move{})
	if b.s.Status != Paused || b.s.Counts() {
		t.Fatalf("moved: %s, counted %t; want it paused, and not counted", b.s.Status, b.s.Counts())
	}
	b.play(Interrupt{})
	b.refuses(Undo{"a"}, ErrMoved)
	b.play(Resume{"a"})
	if b.s.Moved || b.s.Status != Open {
		t.Errorf("resumed: moved %t, %s", b.s.Moved, b.s.Status)
	}
	b.play(Undo{"a"})
	if !b.s.Moved {
		t.Error("the resumption was taken back, and it goes on here")
	}
	b.play(Close{Desk: "a"})
	closed := Event{Seq: b.s.Seq, At: b.s.At, Body: PermanenceClosed{}}
	got := React(b.s, closed)
	if want := []Effect{Settle{Plan: b.s.Plan, Totals: b.s.Totals, Uncounted: true}}; !reflect.DeepEqual(got, want) {
		t.Errorf("React(closed) = %+v; want %+v", got, want)
	}
	if b.s.Here() > 0 {
		t.Errorf("%d people are still here", b.s.Here())
	}
}
