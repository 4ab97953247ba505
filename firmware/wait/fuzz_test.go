package wait

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"jeudi/firmware/session"
)

// FuzzFromState plays a morning in which each byte is one press of a key, as the
// session's own fuzz test does, and forecasts what becomes of it.
func FuzzFromState(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(10) {
		f.Add(randomKeys(seed))
	}
	f.Fuzz(func(t *testing.T, keys []byte) { press(t, keys[:min(len(keys), 200)]) })
}

// TestRandomMornings is the fuzz test on keys of its own choice, in every run.
func TestRandomMornings(t *testing.T) {
	for seed := range uint64(60) {
		if press(t, randomKeys(seed)); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// randomKeys favour tickets and calls, so that there is something to wait for.
func randomKeys(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 17))
	keys := make([]byte, 20+r.IntN(40))
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

func press(t testing.TB, keys []byte) {
	m := given(t, testPlan())
	for i, k := range keys {
		mornings(m, k)
		m.checkQueue(i%8 == 7)
		if t.Failed() {
			t.Fatalf("after key %d (%d)", i, k)
		}
	}
	m.checkQueue(true)
	var l, read Learned
	l.Learn(m.s)
	data, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &read); err != nil {
		t.Errorf("what was learned does not read: %v in %s", err, data)
	}
	if got := l.All(); got > m.s.Totals.Served {
		t.Errorf("learned from %d services of %d", got, m.s.Totals.Served)
	}
}

// mornings presses one key: the low five bits say which, the others whom or how long.
func mornings(m *box, k byte) {
	which, how := k&31, int(k>>5)
	desk := []string{"a", "b", "c", "a", "b", "c", "a", "z"}[how]
	who := visit(0)
	if m.s.Next > 0 {
		v, _ := m.s.Numbered(1 + session.Number(how*5+m.sent)%m.s.Next)
		who = v.ID
	}
	roles := []session.Role{session.SocialWorker, session.Mediator, session.Reception, session.Anyone}
	var o session.Order
	switch which {
	case 0:
		motif := []string{"", "papers", "rights", "phone", "papers", "", "rights", "phone"}[how]
		o = session.Take{Plan: m.plan, Visit: visit(m.sent + 1), Motif: motif, Lang: "fr"}
	case 1:
		o = session.StartPermanence{Plan: m.plan, Desk: desk, Test: how == 3}
	case 2:
		o = session.Pause{Desk: desk}
	case 3:
		o = session.Resume{Desk: desk}
	case 4:
		o = call(desk)
	case 5:
		o = session.CallChosen{Desk: desk, Visit: who}
	case 6:
		o = session.Recall{Desk: desk}
	case 7:
		o = start(desk)
	case 8:
		o = session.Together{Desk: desk}
	case 9:
		o = session.Hold{Desk: desk, Reason: session.HoldReasons()[how%3]}
	case 10:
		o = session.Return{Desk: desk, Visit: who}
	case 11:
		o = session.StepOut{Visit: who, For: time.Duration(how) * 4 * time.Minute}
	case 12:
		o = session.HandOver{Desk: desk, To: roles[how%3]}
	case 13:
		o = session.HandOver{Desk: "b", Visit: who, To: session.Mediator}
	case 14:
		o = session.SetAside{Desk: desk}
	case 15:
		o = session.TakeBack{Desk: "c", Visit: who}
	case 16:
		o = served(desk)
	case 17:
		o = session.End{Desk: desk, Outcome: session.Outcomes()[how%7], Reason: "twice"}
	case 18:
		o = session.End{Desk: "a", Visit: who, Outcome: session.Outcomes()[how%7], Reason: "other"}
	case 19:
		o = session.Prioritise{Desk: "a", Visit: who, On: how%3 != 0}
	case 20:
		o = session.AddMotif{Desk: "b", Visit: who, Motif: "phone"}
	case 21:
		o = session.Undo{Desk: desk}
	case 22:
		o = session.Adjust{Visit: who, Need: roles[how%4], Class: []session.Class{session.Normal, session.Short, session.Long}[how%3]}
	case 23:
		o = session.Close{Desk: desk, Rest: []session.Outcome{"", session.Left}[how/7]}
	case 24:
		o = session.Tick{}
	case 25, 26, 27, 28:
		m.now = m.now.Add([]time.Duration{1, 9, 20, 60, 300, 1200, 1860, 3600}[how] * time.Second)
		return
	case 29: // somebody set the clock
		m.now.Wall = m.now.Wall.Add([]time.Duration{time.Hour, -time.Hour, 3 * time.Minute, -24 * time.Hour,
			30 * 365 * 24 * time.Hour, -30 * 365 * 24 * time.Hour, time.Second, time.Millisecond}[how])
		return
	case 30, 31: // the plug
		m.now.Boot, m.now.Mono = id('b', m.sent+2), time.Second
		m.now.Wall = m.now.Wall.Add([]time.Duration{time.Minute, 20 * time.Minute, -time.Hour, 1, 1, 1, 1, 1}[how])
		o = session.Interrupt{}
	}
	_ = m.give(o) // or a refusal
}

// checkQueue checks what any state must give.
func (m *box) checkQueue(forecast bool) {
	before := m.s.Seq
	q := m.queue()
	if want := m.s.Status == session.Open && !m.s.LeftOpen(m.now); q.open != want {
		m.t.Errorf("%s: open = %v; want %v", m.s.Status, q.open, want)
	}
	var queued []session.Number
	held := 0
	for i := range q.people {
		p := &q.people[i]
		v, ok := m.s.Visit(p.id)
		if !ok || p.number != v.Number || p.need < 0 || p.took == nil || p.elapsed < 0 || p.rest < 0 {
			m.t.Fatalf("person %d = %+v; want number %d", i, p, v.Number)
		}
		switch v.State() {
		case session.Held:
			held++
		case session.Waiting:
			queued = append(queued, p.number)
			if p.aside || (p.rest > 0) != m.s.Resting(v, m.now) {
				m.t.Errorf("number %d rests for %d s, aside %v; Resting() = %v", p.number, p.rest, p.aside, m.s.Resting(v, m.now))
			}
		default:
			m.t.Errorf("number %d is %s and stands in the queue", p.number, v.State())
		}
	}
	var line []session.Number
	for v := range m.s.Line() {
		line = append(line, v.Number)
	}
	aside := 0
	for range m.s.Aside() {
		aside++
	}
	if !slices.Equal(queued, line) || held != aside {
		m.t.Errorf("the queue is %v with %d aside; want %v with %d", queued, held, line, aside)
	}
	for _, d := range q.desks {
		v, busy := m.s.AtDesk(d.key)
		if busy != (d.busy != nil) || busy && (d.busy.number != v.Number || d.busy.called != (v.State() == session.Called)) {
			m.t.Errorf("desk %s has %+v; want %+v", d.key, d.busy, v)
		}
		m.checkNext(q, &d)
		if !forecast {
			continue
		}
		slot, ok := q.Slot(d.key)
		if ok != busy || ok && (slot < m.plan.Slot || slot%fine != 0 || slot > longest) {
			m.t.Errorf("Slot(%s) = %v, %v; want it of a busy desk, from %v on", d.key, slot, ok, m.plan.Slot)
		}
	}
	if forecast {
		m.checkForecast(q)
	}
	if m.s.Seq != before {
		m.t.Error("FromState changed the session")
	}
}

// checkNext checks that the desk would call whom the session would call.
func (m *box) checkNext(q *Queue, d *desk) {
	want, ok := m.s.NextFor(d.key, m.now)
	i := slices.IndexFunc(q.people, func(p person) bool {
		v, _ := m.s.Numbered(p.number)
		return p.among(d.takes) && p.rest == 0 && v.State() == session.Waiting
	})
	if ok != (i >= 0) || ok && q.people[i].number != want.Number {
		m.t.Errorf("desk %s would call person %d of %+v; want %+v", d.key, i, q.people, want)
	}
}

func (m *box) checkForecast(q *Queue) {
	f := q.Forecast()
	if f.Known() != q.open {
		m.t.Errorf("Known() = %v; want %v", f.Known(), q.open)
	}
	check := func(r Range, need session.Role, what any) {
		taken := slices.ContainsFunc(m.s.Plan.Desks, func(d session.Desk) bool { return d.Takes(need) })
		if r.Unknown == (q.open && taken) || !r.Unknown && (r.Low < 0 || r.High < max(fine, r.Low) || r.High > maxElapsed+coarse || r.Low%fine != 0 || r.High%fine != 0) {
			m.t.Errorf("the wait of %v = %+v", what, r)
		}
	}
	for i := range q.people {
		check(f.Of(q.people[i].id), q.needs[q.people[i].need], q.people[i].number)
	}
	for _, need := range q.needs {
		check(f.Newcomer(need), need, need)
	}
	if f.End < 0 || f.Late() && !f.Known() {
		m.t.Errorf("End = %v, Late() = %v", f.End, f.Late())
	}
}
