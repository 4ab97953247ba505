package wait

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"jeudi/firmware/session"
)

// steps is a range as it is said, without the minutes behind it.
func steps(r Range) Range { return Range{Low: r.Low, High: r.High, Unknown: r.Unknown} }

func TestOutward(t *testing.T) {
	const m = time.Minute
	for _, tt := range []struct{ low, high, wantLow, wantHigh time.Duration }{
		{0, 0, 0, 5 * m},
		{0, m, 0, 5 * m},
		{4 * m, 5 * m, 0, 5 * m},
		{5 * m, 5*m + 1, 5 * m, 10 * m},
		{19 * m, 26 * m, 15 * m, 30 * m},
		{29 * m, 30 * m, 25 * m, 30 * m},
		{30 * m, 31 * m, 30 * m, 40 * m},
		{39 * m, 62 * m, 30 * m, 70 * m},
		{45 * m, 90 * m, 40 * m, 90 * m},
	} {
		if got, want := steps(outward(tt.low, tt.high)), (Range{Low: tt.wantLow, High: tt.wantHigh}); got != want {
			t.Errorf("outward(%v, %v) = %+v; want %+v", tt.low, tt.high, got, want)
		}
	}
}

// Times of the clock are rounded outward once.
func TestClock(t *testing.T) {
	const m = time.Minute
	at := opening.Add(3 * m)
	for _, tt := range []struct {
		r           Range
		from, until time.Time
	}{
		{outward(22*m, 41*m), opening.Add(25 * m), opening.Add(45 * m)},
		{outward(0, m), opening, opening.Add(10 * m)},
		{Range{Low: 20 * m, High: 50 * m}, opening.Add(20 * m), opening.Add(55 * m)},
		{Range{Unknown: true}, time.Time{}, time.Time{}},
	} {
		if from, until := tt.r.Clock(at); !from.Equal(tt.from) || !until.Equal(tt.until) {
			t.Errorf("%+v.Clock(9:03) = %v, %v; want %v, %v", tt.r, from, until, tt.from, tt.until)
		}
	}
}

// Where nobody can say, a wait is Unknown: never zero, for anybody.
func TestUnknown(t *testing.T) {
	plan := testPlan()
	nobody := Room{OnDuty: func(string) bool { return false }}
	reception := Room{OnDuty: func(desk string) bool { return desk != "b" }}
	tests := []struct {
		name  string
		steps []any
		room  Room
		known bool
		newly map[session.Role]bool // known for a newcomer, where anything is
	}{
		{name: "a fresh box"},
		{name: "planned", steps: []any{"papers"}},
		{name: "planned, and it is known who will receive", steps: []any{"papers"}, room: Room{BeforeOpening: true}, known: true,
			newly: map[session.Role]bool{session.Anyone: true, session.Reception: true, session.SocialWorker: true, session.Mediator: true}},
		{name: "planned, and nobody will receive", steps: []any{"papers"}, room: Room{BeforeOpening: true, OnDuty: nobody.OnDuty}},
		{name: "paused", steps: []any{"papers", open(plan), session.Pause{Desk: "a"}}},
		{name: "cut off", steps: []any{"papers", open(plan), session.Interrupt{}}},
		{name: "closed", steps: []any{"papers", open(plan), session.Close{Desk: "a", Rest: session.Left}}},
		{name: "left open", steps: []any{"papers", open(plan), 7 * time.Hour}},
		{name: "nobody on duty", steps: []any{"papers", open(plan)}, room: nobody},
		{name: "nobody on duty any more", steps: []any{"papers", open(plan), "papers", call("a"), start("a")}, room: nobody},
		{name: "open", steps: []any{"papers", open(plan)}, known: true,
			newly: map[session.Role]bool{session.Anyone: true, session.Reception: true, session.SocialWorker: true, session.Mediator: true}},
		{name: "the shared desk is empty", steps: []any{"papers", open(plan)}, room: reception, known: true,
			newly: map[session.Role]bool{session.Anyone: true, session.Reception: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := given(t, plan, tt.steps...)
			q := FromState(b.s, b.now, b.model(), tt.room)
			f := q.Forecast()
			if f.Known() != tt.known || f.Of(visit(1)).Unknown == tt.known {
				t.Errorf("Known() = %v, Of(1) = %+v; want known %v", f.Known(), f.Of(visit(1)), tt.known)
			}
			for _, need := range append([]session.Role{session.Anyone}, session.Roles()...) {
				if got := f.Newcomer(need); got.Unknown == tt.newly[need] || !got.Unknown && got.High < fine {
					t.Errorf("Newcomer(%q) = %+v; want known %v", need, got, tt.newly[need])
				}
			}
			if !tt.known && (f.End != 0 || f.Late()) {
				t.Errorf("End = %v, Late() = %v; want nothing said", f.End, f.Late())
			}
			for _, r := range []Range{f.Newcomer("plumber"), f.Of(visit(99))} {
				if !r.Unknown {
					t.Errorf("the wait of somebody unheard of = %+v; want Unknown", r)
				}
			}
		})
	}
}

// One desk, nobody there: whoever comes is received. Then each waits longer than
// the one before, and a newcomer longest.
func TestOneAfterTheOther(t *testing.T) {
	b := given(t, oneDesk(), open(oneDesk()))
	if got, want := steps(b.forecast().Newcomer("")), (Range{High: fine}); got != want {
		t.Errorf("Newcomer() at a free desk = %+v; want %+v", got, want)
	}
	if f := b.forecast(); f.End > time.Minute || f.Late() {
		t.Errorf("End of no work = %v, Late() = %v; want nothing", f.End, f.Late())
	}
	b.play("papers", call("a"), start("a"), 5*time.Minute, "papers", "papers", "papers")
	f := b.forecast()
	var last Range
	for n := 2; n <= 4; n++ {
		got := f.Of(visit(n))
		if got.Unknown || got.Low < last.Low || got.High <= last.High {
			t.Errorf("Of(%d) = %+v after %+v; want it longer", n, got, last)
		}
		last = got
	}
	if got := f.Newcomer(""); got.High <= last.High {
		t.Errorf("Newcomer() = %+v; want longer than %+v", got, last)
	}
	if !f.Of(visit(1)).Unknown {
		t.Errorf("Of(somebody in service) = %+v; want Unknown", f.Of(visit(1)))
	}
	if r := f.Of(visit(2)); r.Low > 15*time.Minute || r.High < 30*time.Minute || r.High > 80*time.Minute {
		t.Errorf("behind one service of about 30 min: %+v", r)
	}
	if f.End < f.Of(visit(4)).Low+20*time.Minute {
		t.Errorf("End = %v; want after the last, who waits %+v", f.End, f.Of(visit(4)))
	}
	if !f.Few {
		t.Error("Few = false; want true while nothing is learned")
	}
}

// The order is that of the session: priority, those who come back, absent people.
func TestOrderOfTheSession(t *testing.T) {
	const m = time.Minute
	first := func(f Forecast, n int) bool { return f.Of(visit(n)).Low == 0 && f.Of(visit(n)).High == fine }
	tests := []struct {
		name  string
		steps []any
		next  int // who is called at once by the one desk that is free
	}{
		{"in turn", []any{"papers", "papers"}, 1},
		{"priority", []any{"papers", m, "papers", session.Prioritise{Desk: "a", Visit: visit(2), On: true}}, 2},
		{"sent on by a colleague", []any{"papers", "papers", call("a"), start("a"), m, session.Hold{Desk: "a", Reason: "sms_code"},
			m, session.Return{Desk: "a", Visit: visit(1)}}, 1},
		{"absent just now", []any{"papers", "papers", call("a"), session.SetAside{Desk: "a"}}, 2},
		{"absent a while ago", []any{"papers", "papers", call("a"), session.SetAside{Desk: "a"}, session.AbsentRest}, 1},
		{"there again", []any{"papers", "papers", call("a"), session.SetAside{Desk: "a"}, session.TakeBack{Desk: "a", Visit: visit(1)}}, 2},
		{"stepped out", []any{"papers", "papers", session.StepOut{Visit: visit(1), For: 30 * m}}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := given(t, oneDesk(), open(oneDesk())).play(tt.steps...)
			if v, ok := b.s.NextFor("a", b.now); !ok || v.ID != visit(tt.next) {
				t.Fatalf("NextFor() = %+v; the test wants number %d", v, tt.next)
			}
			f := b.forecast()
			other := 3 - tt.next
			if !first(f, tt.next) || first(f, other) {
				t.Errorf("waits: %d: %+v, %d: %+v; want %d first", tt.next, f.Of(visit(tt.next)), other, f.Of(visit(other)), tt.next)
			}
		})
	}
}

// Somebody who stepped out is called at their place, and not before they said.
func TestSteppedOut(t *testing.T) {
	b := given(t, oneDesk(), open(oneDesk()), "papers", session.StepOut{Visit: visit(1), For: 40 * time.Minute}, 10*time.Minute)
	if got, want := steps(b.forecast().Of(visit(1))), (Range{Low: 30 * time.Minute, High: 40 * time.Minute}); got != want {
		t.Errorf("Of(out for another 30 min) = %+v; want %+v", got, want)
	}
	if got := b.forecast().Newcomer(""); got.Low != 0 {
		t.Errorf("Newcomer() = %+v; want to be received before", got)
	}
	b.play("papers", "papers", call("a"))
	if f := b.forecast(); f.Of(visit(1)).Low < 30*time.Minute {
		t.Errorf("Of(out for another 30 min) = %+v; want not before", f.Of(visit(1)))
	}
}

// Somebody aside at a desk comes back before those who were not received yet.
func TestHeldComesBack(t *testing.T) {
	without := given(t, oneDesk(), open(oneDesk()), "papers", "papers", "papers", call("a"), start("a"), time.Minute, served("a"), call("a"))
	with := given(t, oneDesk(), open(oneDesk()), "papers", "papers", "papers", call("a"), start("a"), time.Minute,
		session.Hold{Desk: "a", Reason: "sms_code"}, call("a"))
	f, g := without.forecast(), with.forecast()
	if f.Of(visit(3)).High >= g.Of(visit(3)).High {
		t.Errorf("with somebody aside, number 3 waits %+v; without %+v; want longer", g.Of(visit(3)), f.Of(visit(3)))
	}
	if r := g.Of(visit(1)); r.Unknown || r.High > g.Of(visit(3)).High {
		t.Errorf("Of(aside) = %+v; want known, before %+v", r, g.Of(visit(3)))
	}
}

// Needs: who is received by a desk of their own does not wait for the others', and a
// desk that two professions share receives one person.
func TestNeeds(t *testing.T) {
	plan := testPlan()
	plan.Motifs = append(plan.Motifs, session.Motif{Key: "desk", Need: session.Reception})
	b := given(t, plan, open(plan), "desk", "desk", "desk", "desk", call("a"), call("c"))
	f := b.forecast()
	if got := steps(f.Newcomer(session.Mediator)); got != (Range{High: fine}) {
		t.Errorf("Newcomer(mediator) at a free shared desk = %+v; want at once", got)
	}
	if got := f.Newcomer(session.Reception); got.High <= 30*time.Minute {
		t.Errorf("Newcomer(reception) behind four = %+v", got)
	}
	if got := steps(f.Newcomer(session.Anyone)); got != (Range{High: fine}) {
		t.Errorf("Newcomer(anyone) = %+v; want the free desk", got)
	}
	b.play("rights", call("b"), start("b"))
	f = b.forecast()
	social, mediator := f.Newcomer(session.SocialWorker), f.Newcomer(session.Mediator)
	if social != mediator || social.High < 40*time.Minute {
		t.Errorf("Newcomer(social worker) = %+v, Newcomer(mediator) = %+v; want the same desk's long visit", social, mediator)
	}
	stranded := FromState(b.s, b.now, b.model(), Room{OnDuty: func(d string) bool { return d == "b" }}).Forecast()
	if stranded.Stranded != 2 || !stranded.Of(visit(3)).Unknown {
		t.Errorf("with the shared desk alone: %d stranded, Of(3) = %+v; want 2, Unknown", stranded.Stranded, stranded.Of(visit(3)))
	}
}

// A desk calls nobody once nobody is on duty there; whom it receives still counts.
func TestOffDuty(t *testing.T) {
	plan := testPlan()
	b := given(t, plan, open(plan), "papers", "papers", "papers", "papers", "papers", call("a"), call("c"), start("c"))
	ask := func(desks ...string) Forecast {
		return FromState(b.s, b.now, b.model(), Room{OnDuty: func(d string) bool { return slices.Contains(desks, d) }}).Forecast()
	}
	both, one := ask("a", "c"), ask("a")
	if both.Newcomer("").High >= one.Newcomer("").High {
		t.Errorf("Newcomer() at two desks = %+v, at one %+v; want less", both.Newcomer(""), one.Newcomer(""))
	}
	b = given(t, plan, open(plan), "papers", call("c"), start("c"))
	if end := ask("a").End; end < 20*time.Minute {
		t.Errorf("End with a service at a desk off duty = %v; want it to count", end)
	}
}

// Before the doors open, people count from the beginning of the hours.
func TestBeforeOpening(t *testing.T) {
	b := given(t, oneDesk())
	b.now = b.now.Add(-10 * time.Minute)
	b.play("papers", "papers")
	f := FromState(b.s, b.now, b.model(), Room{BeforeOpening: true}).Forecast()
	if got, want := steps(f.Of(visit(1))), (Range{Low: 10 * time.Minute, High: 15 * time.Minute}); got != want {
		t.Errorf("Of(first at the door) = %+v; want %+v", got, want)
	}
	if got := f.Of(visit(2)); got.Low < 10*time.Minute {
		t.Errorf("Of(second at the door) = %+v", got)
	}
}

func TestLate(t *testing.T) {
	b := given(t, oneDesk(), open(oneDesk()))
	late := -1
	for n := range 12 {
		if f := b.forecast(); f.Late() {
			late = n
			break
		}
		b.play("papers")
	}
	if late < 4 || late > 6 {
		t.Errorf("Late() with %d waiting for one desk, 30 minutes each and 3 hours; want from about five on", late)
	}
	b.play(170 * time.Minute)
	if !b.forecast().Late() {
		t.Error("Late() = false ten minutes before the end; want true")
	}

	// Past the hours, who is here makes it late, not the clock.
	b = given(t, oneDesk(), open(oneDesk()), 3*time.Hour+10*time.Minute)
	if f := b.forecast(); f.Late() || f.End != 0 {
		t.Errorf("Late() with nobody here, past the hours = %v, End %v; want false, 0", f.Late(), f.End)
	}
	if b.play("papers"); !b.forecast().Late() {
		t.Error("Late() with somebody who waits, past the hours = false; want true")
	}
	if b.play(call("a"), start("a")); !b.forecast().Late() {
		t.Error("Late() with somebody who is received, past the hours = false; want true")
	}
}

func TestSlot(t *testing.T) {
	const m = time.Minute
	wait := func(n int) []any { return slices.Repeat([]any{"papers"}, n) }
	tests := []struct {
		name  string
		steps []any
		room  Room
		want  time.Duration
	}{
		{name: "nobody waits, all morning long", steps: nil, want: 120 * m},
		{name: "nobody waits, and an hour is left", steps: []any{2 * time.Hour}, want: 120 * m},
		{name: "nobody waits, an hour was left", steps: []any{served("a"), 2 * time.Hour, "papers", call("a")}, want: 60 * m},
		{name: "nobody waits, at the end", steps: []any{served("a"), 170 * m, "papers", call("a"), start("a")}, want: 30 * m},
		{name: "after the end", steps: []any{served("a"), 170 * m, "papers", call("a"), start("a"), 20 * m, "papers"}, want: 30 * m},
		{name: "one waits, and there is time", steps: wait(1), want: 60 * m},
		{name: "many wait", steps: wait(9), want: 30 * m},
		{name: "some wait", steps: wait(3), want: 50 * m},
		{name: "paused", steps: []any{session.Pause{Desk: "a"}}, want: 30 * m},
		{name: "nobody takes their place", steps: wait(3), room: Room{OnDuty: func(string) bool { return false }}, want: 120 * m},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := given(t, oneDesk(), open(oneDesk()), "papers", call("a")).play(tt.steps...)
			got, ok := FromState(b.s, b.now, b.model(), tt.room).Slot("a")
			if !ok || got != tt.want {
				t.Errorf("Slot() = %v, %v; want %v", got, ok, tt.want)
			}
		})
	}
	b := given(t, oneDesk(), open(oneDesk()))
	for _, desk := range []string{"a", "z"} {
		if got, ok := b.queue().Slot(desk); ok || got != 0 {
			t.Errorf("Slot(%s, where nobody is) = %v, %v; want nothing", desk, got, ok)
		}
	}
}

// A slot of 20 or 32 minutes is guaranteed as it stands, in whole steps.
func TestSlotOfThePlace(t *testing.T) {
	for slot, want := range map[time.Duration]time.Duration{20 * time.Minute: 20 * time.Minute, 32 * time.Minute: 35 * time.Minute, 0: 30 * time.Minute} {
		plan := oneDesk()
		plan.Slot = slot
		b := given(t, plan, open(plan), "papers", call("a")).play(slices.Repeat([]any{"papers"}, 15)...)
		if got, _ := b.queue().Slot("a"); got != want {
			t.Errorf("Slot() where %v is guaranteed and many wait = %v; want %v", slot, got, want)
		}
	}
}

// The same state, the same moment, the same answer; another event, other draws.
func TestDeterminism(t *testing.T) {
	b := given(t, testPlan(), open(testPlan()), "papers", "phone", "rights", "papers", "papers", call("a"), 4*time.Minute)
	f, g := b.forecast(), b.forecast()
	if !reflect.DeepEqual(f, g) {
		t.Errorf("Forecast() = %+v, then %+v; want the same", f, g)
	}
	q := b.queue()
	one := q.draw(nil, 0)
	q.seed[1]++
	if reflect.DeepEqual(one, q.draw(nil, 0)) {
		t.Error("the draws of the next event are the same; want others")
	}
}

// What is written in another order, or does not bear on the queue, changes nothing.
func TestInvariance(t *testing.T) {
	shuffled := testPlan()
	shuffled.Desks[0], shuffled.Desks[1] = shuffled.Desks[1], shuffled.Desks[0]
	slices.Reverse(shuffled.Motifs)
	shuffled.Place = "Mairie"
	for i := range shuffled.Desks {
		shuffled.Desks[i].Label = "x"
		slices.Reverse(shuffled.Desks[i].Roles)
	}
	for name, then := range map[string][]any{
		"desks are free": {time.Minute},
		"desks are busy": {call("a"), call("b"), 4 * time.Minute},
	} {
		motifs := []any{"papers", "rights", "phone", "papers", "", "papers"}
		want := given(t, testPlan(), open(testPlan())).play(motifs...).play(then...).queue().draw(nil, 0)
		if got := given(t, shuffled, open(shuffled)).play(motifs...).play(then...).queue().draw(nil, 0); !reflect.DeepEqual(got, want) {
			t.Errorf("%s, written down in another order: other draws; want the same", name)
		}
		b := given(t, testPlan(), open(testPlan()))
		for n, motif := range motifs {
			if err := b.give(session.Take{Plan: b.plan, Visit: visit(n + 1), Motif: motif.(string), Lang: "ar", ForOther: true}); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.play(then...).queue().draw(nil, 0); !reflect.DeepEqual(got, want) {
			t.Errorf("%s, in another language: other draws; want the same", name)
		}
	}
}

// randomQueue is what could be found at identical desks.
func randomQueue(r *rand.Rand) *Queue {
	var l Learned
	for range 40 {
		l.Add("papers", time.Duration(5+r.IntN(40))*time.Minute)
	}
	m := NewModel(l, 0, nil)
	q := &Queue{model: m, open: true, needs: []session.Role{session.Anyone}, closing: 3600, slot: DefaultSlot, seed: [2]uint64{r.Uint64(), r.Uint64()}}
	for k := range 1 + r.IntN(4) {
		d := desk{key: fmt.Sprint(k), takes: 1, duty: true}
		if r.IntN(3) > 0 {
			d.busy = &person{number: session.Number(100 + k), took: m.of("papers", ""), elapsed: int32(r.IntN(3000))}
		}
		q.desks = append(q.desks, d)
	}
	for n := range r.IntN(12) {
		q.people = append(q.people, person{id: visit(n + 1), number: session.Number(n + 1), took: m.of("papers", session.Class([]string{"", "short", "long"}[r.IntN(3)]))})
	}
	return q
}

// sooner reports whether some quantile of a is shorter than that of b by more than by.
func sooner(a, b *tally, by time.Duration) bool {
	for part := 1; part < 20; part++ {
		if a.quantile(part, 20) < b.quantile(part, 20)-by {
			return true
		}
	}
	return false
}

// One person more in front, wherever, never makes anybody's wait shorter.
func TestMoreAheadIsNeverShorter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		q := randomQueue(r)
		before := q.draw(nil, 0)
		at := r.IntN(len(q.people) + 1)
		more := *q
		more.people = slices.Insert(slices.Clone(q.people), at, person{id: visit(50), number: 50, took: q.model.of("papers", "")})
		after := more.draw(nil, 0)
		for i := range q.people {
			k := i
			if i >= at {
				k++
			}
			if sooner(&after.waits[k], &before.waits[i], 0) {
				t.Fatalf("%d desks: with one more at %d, number %d is called sooner", len(q.desks), at, i)
			}
		}
		if sooner(&after.comers[0], &before.comers[0], 0) || sooner(&after.ends, &before.ends, 0) {
			t.Fatalf("%d desks: with one more at %d, a newcomer is called, or the work done, sooner", len(q.desks), at)
		}
	}
}

// As long as nothing happens, nobody's call moves forward on the clock, and neither
// does it when somebody was received for longer.
func TestElapsedIsMonotone(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 40 {
		q := randomQueue(r)
		q.desks = slices.DeleteFunc(q.desks, func(d desk) bool { return d.busy == nil })
		if len(q.desks) == 0 {
			continue
		}
		before := q.draw(nil, 0)
		const passed = 7 * time.Minute
		later := *q
		later.desks = slices.Clone(q.desks)
		for i, d := range later.desks {
			p := *d.busy
			p.elapsed += seconds(passed)
			later.desks[i].busy = &p
		}
		after := later.draw(nil, 0)
		for i := range q.people {
			if sooner(&after.waits[i], &before.waits[i], passed) {
				t.Fatalf("number %d: called sooner on the clock once %v have passed", i, passed)
			}
		}
		if sooner(&after.comers[0], &before.comers[0], passed) || sooner(&after.ends, &before.ends, passed) {
			t.Fatalf("a newcomer is called, or the work done, sooner on the clock once %v have passed", passed)
		}
	}
}

// One desk more never makes anybody wait longer.
func TestMoreDesksAreNeverSlower(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 40 {
		q := randomQueue(r)
		before := q.draw(nil, 0)
		more := *q
		more.desks = append(slices.Clone(q.desks), desk{key: "z", takes: 1, duty: true})
		after := more.draw(nil, 0)
		for i := range q.people {
			if sooner(&before.waits[i], &after.waits[i], 0) {
				t.Fatalf("number %d waits longer at %d desks than at %d", i, len(more.desks), len(q.desks))
			}
		}
	}
}

// Today's pace moves the waits, by less than it differs, and is forgotten without data.
func TestPace(t *testing.T) {
	busy := func(took time.Duration, n int) Range {
		b := given(t, oneDesk(), open(oneDesk()))
		for range n {
			b.play("papers", call("a"), took, served("a"))
		}
		b.play("papers", call("a"), "papers", "papers", "papers")
		q := b.queue()
		return q.draw(nil, 0).comers[0].rounded()
	}
	none, quick, slow := busy(0, 0), busy(5*time.Minute, 4), busy(60*time.Minute, 2)
	if !(quick.High < none.High && none.High < slow.High) {
		t.Errorf("after a quick, no and a slow morning: %v, %v, %v; want them ascending", quick, none, slow)
	}
	if quick.High < none.High/4 {
		t.Errorf("four services of 5 minutes: %v; want them half believed against %v", quick, none)
	}
}

// Somebody who does not come when called keeps a desk for a minute.
func TestMissed(t *testing.T) {
	sure, unsure := Learned{}, Learned{}
	for range 100 {
		sure.Add("papers", 20*time.Minute)
		unsure.Add("papers", 20*time.Minute)
		unsure.Miss()
	}
	b := given(t, oneDesk(), open(oneDesk())).play(slices.Repeat([]any{"papers"}, 8)...)
	ask := func(l Learned) Range {
		return FromState(b.s, b.now, NewModel(l, 0, nil), Room{}).Forecast().Newcomer("")
	}
	if got, want := ask(unsure), ask(sure); got.High >= want.High || got.Unknown {
		t.Errorf("where half do not come: %+v; where all do: %+v; want it shorter", got, want)
	}
}

func busyMorning(tb testing.TB) (*box, *Model) {
	plan := testPlan()
	plan.Desks = plan.Desks[:2]
	b := given(tb, plan, open(plan), "papers", "phone", call("a"), call("b"), 4*time.Minute)
	for n := range 20 {
		b.play([]string{"papers", "rights", "phone", ""}[n%4])
	}
	r := rand.New(rand.NewPCG(1, 1))
	var l Learned
	for range 20 {
		l.Merge(randomLearned(r))
	}
	return b, NewModel(l, plan.Slot, plan.Motifs)
}

// BenchmarkForecast asks all that is asked after an event: 20 people wait for 2 desks.
func BenchmarkForecast(b *testing.B) {
	m, model := busyMorning(b)
	b.ReportAllocs()
	for b.Loop() {
		FromState(m.s, m.now, model, Room{}).Forecast()
	}
}

func BenchmarkFromState(b *testing.B) {
	m, model := busyMorning(b)
	b.ReportAllocs()
	for b.Loop() {
		FromState(m.s, m.now, model, Room{})
	}
}

func BenchmarkSlot(b *testing.B) {
	m, model := busyMorning(b)
	q := FromState(m.s, m.now, model, Room{})
	b.ReportAllocs()
	for b.Loop() {
		q.Slot("a")
	}
}

func BenchmarkNewModel(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var l Learned
	for range 20 {
		l.Merge(randomLearned(r))
	}
	b.ReportAllocs()
	for b.Loop() {
		NewModel(l, 0, testPlan().Motifs)
	}
}

// A line that no room holds is drawn less often, and its ranges are those of every draw
// within a tenth.
func TestLongLine(t *testing.T) {
	for people, want := range map[int]int{0: draws, 1: draws, 100: draws, 200: draws / 2, 3000: 40} {
		if got := rounds(people); got != want {
			t.Errorf("rounds(%d) = %d; want %d", people, got, want)
		}
	}
	steps := []any{open(testPlan())}
	for range 400 {
		steps = append(steps, "papers")
	}
	q := given(t, testPlan(), steps...).queue()
	few := q.draw(nil, 0)
	q.people = q.people[:100] // whoever comes after them changes nothing of their turns
	all := q.draw(nil, 0)
	for i := range q.people {
		got, want := few.waits[i].quantile(1, 2), all.waits[i].quantile(1, 2)
		if d := (got - want).Abs(); d > want/10+10*time.Minute {
			t.Errorf("median of place %d in a long line = %v; want about %v", i+1, got, want)
		}
	}
}
