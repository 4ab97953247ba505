package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// FuzzSession plays a morning in which each byte is one press of a key: who
// presses what, in which order and when, is up to the fuzzer.
func FuzzSession(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(20) {
		f.Add(randomKeys(seed))
	}
	f.Fuzz(func(t *testing.T, keys []byte) {
		press(t, keys[:min(len(keys), 400)])
	})
}

// TestRandomMornings is the fuzz test on keys of its own choice, in every run.
func TestRandomMornings(t *testing.T) {
	const mornings, workers = 1000, 4
	for w := range uint64(workers) {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			t.Parallel()
			for seed := w; seed < mornings && !t.Failed(); seed += workers {
				press(t, randomKeys(seed))
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			}
		})
	}
}

// randomKeys favour tickets and calls, so that there is something to disturb.
func randomKeys(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 13))
	keys := make([]byte, 10+r.IntN(30))
	for i := range keys {
		keys[i] = byte(r.Uint32())
		switch r.IntN(4) {
		case 0:
			keys[i] &^= 31 // take
		case 1:
			keys[i] = keys[i]&^31 | 4 // next
		}
	}
	if r.IntN(8) > 0 {
		keys[0] = 1 // open
	}
	return keys
}

// morning is a box whose keys are pressed blindly.
type morning struct {
	*box
	last    Command
	arrived map[Number]time.Duration // on the test's own count of time
	clock   time.Duration
}

func press(t testing.TB, keys []byte) {
	m := &morning{box: given(t), arrived: map[Number]time.Duration{}}
	type version struct {
		s    State
		want string
	}
	var kept []version
	for i, k := range keys {
		if i%4 == 0 {
			kept = append(kept, version{m.s, string(summary(m.s))})
		}
		m.key(k)
		m.fifo()
		if t.Failed() {
			t.Fatalf("after key %d (%d), command %T %+v", i, k, m.last.Order, m.last.Order)
		}
	}
	for _, v := range kept {
		if got := string(summary(v.s)); got != v.want {
			t.Fatalf("a state that somebody kept changed:\n%s", diff(v.want, got))
		}
	}
	m.replay(string(summary(m.s)))
	m.closing()
}

// key presses one key: the low five bits say which, the others whom or how long.
func (m *morning) key(k byte) {
	which, how := k&31, int(k>>5)
	desk := []string{"a", "b", "c", "a", "b", "c", "a", "z"}[how]
	who := m.somebody(how)
	plan := testPlan()
	switch which {
	case 0:
		motif := []string{"", "papers", "rights", "phone", "papers", "", "rights", "weather"}[how]
		m.give(Take{Plan: plan, Visit: visit(m.sent + 1), Motif: motif, Lang: "fr", ForOther: how == 4, Desk: []string{"", "a"}[how/5%2]})
	case 1:
		m.give(StartPermanence{Plan: plan, Desk: desk, Test: how == 3})
	case 2:
		m.give(Pause{desk})
	case 3:
		m.give(Resume{desk})
	case 4:
		m.give(CallNext{desk})
	case 5:
		m.give(CallChosen{desk, who})
	case 6:
		m.give(Recall{desk})
	case 7:
		m.give(Start{desk})
	case 8:
		m.give(Together{desk})
	case 9:
		m.give(Hold{desk, HoldReasons()[how%3]})
	case 10:
		m.give(Return{desk, who})
	case 11:
		m.give(StepOut{[]string{"", "a"}[how%2], who, time.Duration(how) * 4 * time.Minute})
	case 12:
		m.give(HandOver{Desk: desk, To: []Role{SocialWorker, Mediator, Reception}[how%3]})
	case 13:
		m.give(HandOver{Desk: "b", Visit: who, To: Mediator})
	case 14:
		m.give(SetAside{desk})
	case 15:
		m.give(TakeBack{"c", who})
	case 16:
		m.give(End{Desk: desk, Outcome: Served})
	case 17:
		m.give(End{Desk: desk, Outcome: Outcomes()[how%7], Reason: "twice"})
	case 18:
		m.give(End{Desk: "a", Visit: who, Outcome: Outcomes()[how%7], Reason: "other"})
	case 19:
		m.give(Prioritise{"a", who, how%3 != 0})
	case 20:
		m.give(AddMotif{"b", who, "phone"})
	case 21:
		m.give(TurnAway{desk, TurnedAwayReasons()[how%4]})
	case 22:
		m.give(Undo{desk})
	case 23:
		m.give(Reprint{desk, who})
	case 24:
		m.give(ReportPaper{who, []Paper{Printed, Unprinted, Unknown}[how%3], false})
	case 25:
		m.give(Adjust{who, []Role{Anyone, SocialWorker, Mediator, Reception}[how%4], []Class{Normal, Short, Long}[how%3]})
	case 26:
		if how == 7 {
			m.give(Close{Desk: "a", Rest: []Outcome{Left, Unresolved}[m.sent%2]})
		} else {
			m.give(Close{Desk: desk})
		}
	case 27:
		switch how {
		case 3:
			m.give(Move{})
		case 4:
			m.confirm(m.now.Wall.Add([]time.Duration{-time.Hour, 26 * time.Hour, 20 * time.Second}[m.sent%3]))
		case 5:
			m.give(CatchUp{desk, []string{"", "papers", "weather"}[m.sent%3], Outcomes()[m.sent%7], m.sent % 12})
		case 6:
			m.give(Reopen{Desk: "a", Coordinator: m.sent%4 > 0, Plan: plan, Opened: m.s.Opened,
				Closed: Earlier{Totals: m.s.Totals, Next: m.s.Next + 1}})
		default:
			m.wake()
		}
	case 28: // the same command again
		if m.last.Order != nil {
			m.send(m.last)
		}
	case 29, 30:
		m.pass([]time.Duration{1, 3, 9, 20, 60, 300, 1860, 3600}[how] * time.Second)
	case 31:
		if jump := []time.Duration{time.Hour, -time.Hour, 3 * time.Minute, -24 * time.Hour}; how < 4 {
			m.now.Wall = m.now.Wall.Add(jump[how]) // somebody set the clock
			break
		}
		off := []time.Duration{time.Minute, 20 * time.Minute, -time.Hour, 30 * 365 * 24 * time.Hour}[how-4]
		m.reboot(off)
		if m.s.At != (Moment{}) {
			m.clock = m.clockOfQueue()
		}
		m.give(Interrupt{})
	}
}

// confirm has staff say what time it is: the box's clock is right from now on, and
// its command comes on that clock.
func (m *morning) confirm(at time.Time) {
	m.now.Wall, m.now.Trust = at, Trusted
	m.give(ConfirmTime{Start: at.Add(-m.now.Mono), Hours: Hours{opening.AddDate(0, 0, 1), opening.AddDate(0, 0, 1).Add(3 * time.Hour)}})
}

// clockOfQueue is the test's own count of the queue's time at now.
func (m *morning) clockOfQueue() time.Duration {
	if m.now.Boot == m.s.At.Boot {
		return m.clock
	}
	off := m.now.Wall.Sub(m.s.At.Wall)
	return m.s.queue + min(max(0, off), 24*time.Hour)
}

func (m *morning) pass(d time.Duration) {
	m.now = m.now.Add(d)
	m.clock += d
}

// wake waits until time alone matters, and lets it.
func (m *morning) wake() {
	if at := Next(m.s, m.now); at != (Moment{}) {
		d, exact := at.Sub(m.now)
		if !exact || d > maxStepOut {
			m.t.Errorf("Next() = %v; want within a morning of %v", at, m.now)
		}
		m.pass(d)
		m.give(Tick{})
		if at := Next(m.s, m.now); at == m.now {
			m.t.Errorf("Next() = now just after Tick; want later")
		}
	}
}

func (m *morning) somebody(how int) ID {
	if m.s.Next == 0 {
		return visit(1)
	}
	v, _ := m.s.Numbered(1 + Number(how*5+m.sent)%m.s.Next)
	return v.ID
}

// give gives an order and checks what any order must respect.
func (m *morning) give(o Order) {
	m.sent++
	before, logged, heard := m.s, len(m.log), len(m.effects)
	m.last = Command{id('c', m.sent), o}
	events, err := m.send(m.last)
	if _, ok := errors.AsType[*Refusal](err); err != nil && !ok {
		m.t.Errorf("Decide(%+v) = %v; want a refusal or nothing", o, err)
	}
	if err != nil && len(events) > 0 {
		m.t.Errorf("Decide(%+v) refused with %v and gave events", o, err)
	}
	if len(events) == 0 {
		return
	}
	calls := 0
	for _, e := range m.log[logged:] {
		switch b := e.Body.(type) {
		case PermanencePlanned, PermanenceReopened:
			m.clock = 0
			clear(m.arrived)
		case TicketTaken:
			m.arrived[b.Number] = m.clock
		case TicketCalled, TicketRecalled:
			calls++
		case PermanenceClosed:
			if b.Totals.Issued != m.s.Totals.Issued || b.Totals.Ended() != m.s.Totals.Ended() || b.Totals.Inaccurate != m.s.Totals.Inaccurate {
				m.t.Errorf("closed with %+v; want %+v", b.Totals, m.s.Totals)
			}
		}
	}
	announced := announced(m.effects[heard:])
	if len(announced) != calls || calls > 0 && m.s.Board[0].Number != announced[0] {
		m.t.Errorf("announced %v for %d calls, board %+v", announced, calls, m.s.Board)
	}
	if again, err := Decide(m.s, m.last, m.now); again != nil || err != nil {
		m.t.Errorf("Decide(%+v) again = %d events, %v; want nothing", o, len(again), err)
	}
	m.next(before, o)
	m.undo(before, o)
}

// next checks who was called: the first in line who is there and whom the desk takes.
func (m *morning) next(before State, o Order) {
	call, ok := o.(CallNext)
	if !ok {
		return
	}
	got, _ := m.s.AtDesk(call.Desk)
	d, _ := m.s.Plan.Desk(call.Desk)
	for v := range before.Line() {
		if d.Takes(v.Need) && !before.Resting(v, m.now) {
			if got.Number != v.Number {
				m.t.Errorf("%+v called %d; want %d", call, got.Number, v.Number)
			}
			return
		}
	}
	m.t.Errorf("%+v called %d; want nobody", call, got.Number)
}

// undo tries, on a copy, to take back what was just done, and compares with what was.
func (m *morning) undo(before State, o Order) {
	desk, _ := target(o)
	switch o := o.(type) {
	case Undo, Close, Reprint, Reopen:
		return
	case StepOut:
		desk = o.Desk
	case StartPermanence:
		desk = o.Desk
		if before.Status != Planned {
			return // the permanence stays planned
		}
	}
	if desk == "" {
		return
	}
	events, err := Decide(m.s, Command{id('u', m.sent), Undo{desk}}, m.now.Add(UndoWindow))
	if err != nil {
		m.t.Errorf("Undo of %+v = %v; want it to be possible", o, err)
		return
	}
	s := m.s
	for _, e := range events {
		s = Evolve(s, e)
	}
	check(m.t, s)
	if got, want := visible(s), visible(before); got != want {
		m.t.Errorf("%+v was undone:\n%s", o, diff(want, got))
	}
}

// fifo checks the line against what everybody can see: those who just wait come
// in the order of their numbers, and priority is worth half an hour.
func (m *morning) fifo() {
	var plain, preferred []*Visit
	for v := range m.s.Line() {
		if len(v.Intervals) > 1 {
			continue // called, received or away before
		}
		same, others := &plain, preferred
		if v.Priority {
			same, others = &preferred, plain
		}
		if n := len(*same); n > 0 && (*same)[n-1].Number > v.Number {
			m.t.Errorf("%d is before %d in line", (*same)[n-1].Number, v.Number)
		}
		for _, o := range others { // in front of v
			later := m.arrived[v.Number] - m.arrived[o.Number]
			if v.Priority && later < Boost {
				m.t.Errorf("%d is before %d, who has priority and came only %v later", o.Number, v.Number, later)
			}
			if o.Priority && -later >= Boost {
				m.t.Errorf("%d is before %d, who came %v earlier", o.Number, v.Number, -later)
			}
		}
		*same = append(*same, v)
	}
}

// replay reads every event back from its encoding, as after a restart.
func (m *morning) replay(want string) {
	var s State
	for _, e := range m.log {
		at, err := json.Marshal(e.At)
		if err != nil {
			m.t.Fatal(err)
		}
		body, err := json.Marshal(e.Body)
		if err != nil {
			m.t.Fatal(err)
		}
		read := Event{Seq: e.Seq, Command: e.Command}
		if err := json.Unmarshal(at, &read.At); err != nil {
			m.t.Fatal(err)
		}
		if read.Body, err = DecodeBody(TypeOf(e.Body), body); err != nil {
			m.t.Fatal(err)
		}
		s = Evolve(s, read)
	}
	if got := string(summary(s)); got != want {
		m.t.Errorf("after replay:\n%s", diff(want, got))
	}
	check(m.t, s)
}

// closing ends the morning: whatever happened, it can be closed, and everybody
// is accounted for.
func (m *morning) closing() {
	switch m.s.Status {
	case None, Closed:
		return
	}
	if _, err := m.do(Close{Desk: "b", Rest: Unresolved}); err != nil {
		m.t.Errorf("Close = %v", err)
	}
	if m.s.Here() != 0 || m.s.Totals.Issued != m.s.Totals.Ended() || Next(m.s, m.now) != (Moment{}) {
		m.t.Errorf("after closing: %d here, %+v, next %v", m.s.Here(), m.s.Totals, Next(m.s, m.now))
	}
}

// diff is the lines in which two summaries differ.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out strings.Builder
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			fmt.Fprintf(&out, "- %q\n+ %q\n", a, b)
		}
	}
	return out.String()
}
