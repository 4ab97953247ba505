package report

import (
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/session"
)

// paris is fixed, so that the tests need no time zone database.
var paris = time.FixedZone("CET", 3600)

// nine is a Thursday at nine.
var nine = time.Date(2026, 11, 26, 9, 0, 0, 0, paris)

func id(kind byte, n int) session.ID {
	i := session.ID{kind}
	binary.BigEndian.PutUint64(i[8:], uint64(n))
	return i
}

func plan() session.Plan {
	return session.Plan{
		ID: id('p', 1), Place: "Centre social Les Tilleuls", From: nine, Until: nine.Add(3 * time.Hour),
		TicketsBefore: 15 * time.Minute, Slot: 30 * time.Minute,
		Desks:  []session.Desk{{Key: "a", Roles: []session.Role{session.Reception}}, {Key: "b", Roles: []session.Role{session.Mediator}}},
		Motifs: []session.Motif{{Key: "caf"}, {Key: "sante"}},
	}
}

func take(n int) session.Take {
	return session.Take{Plan: plan(), Visit: id('v', n), Lang: "fr"}
}

func open() session.StartPermanence { return session.StartPermanence{Plan: plan(), Desk: "a"} }

func end(o session.Outcome) session.End { return session.End{Desk: "a", Outcome: o} }

// cut is a step: the plug is pulled for so long.
type cut time.Duration

// box is a session with a clock in the hand of the test, at ten to nine.
type box struct {
	s     session.State
	now   session.Moment
	sent  int
	boots int
}

func newBox() *box {
	return &box{boots: 1, now: session.Moment{Wall: nine.Add(-10 * time.Minute), Boot: id('b', 1), Trust: session.Trusted}}
}

func (b *box) do(o session.Order) error {
	b.sent++
	events, err := session.Decide(b.s, session.Command{ID: id('c', b.sent), Order: o}, b.now)
	for _, e := range events {
		b.s = session.Evolve(b.s, e)
	}
	return err
}

// after is a box on which the steps happened: an Order, a time.Duration that
// passes, or a cut.
func after(t testing.TB, steps ...any) *box {
	t.Helper()
	b := newBox()
	for i, step := range steps {
		switch step := step.(type) {
		case time.Duration:
			b.now = b.now.Add(step)
		case cut:
			b.boots++
			b.now = session.Moment{Wall: b.now.Wall.Add(time.Duration(step)), Boot: id('b', b.boots), Trust: session.Trusted}
			if err := b.do(session.Interrupt{}); err != nil {
				t.Fatalf("step %d: Interrupt = %v; want no refusal", i, err)
			}
		case session.Order:
			if err := b.do(step); err != nil {
				t.Fatalf("step %d: %T = %v; want no refusal", i, step, err)
			}
		default:
			t.Fatalf("step %d: %T is no step", i, step)
		}
	}
	return b
}

// morning has one visit of each outcome, and one of everything else that is counted.
func morning() []any {
	next := session.CallNext{Desk: "a"}
	return []any{
		take(1), time.Minute, take(2), 11 * time.Minute, open(), // two tickets before the doors open
		next, session.Start{Desk: "a"}, take(3), take(4), take(5), 5 * time.Minute, end(session.Served), // waited 12 min
		next, time.Minute, end(session.NoShow), // 16 min
		next, end(session.Left), // 6 min
		next, 20 * time.Minute, session.End{Desk: "a", Outcome: session.Cancelled, Reason: "other"}, // 6 min
		next, end(session.Misrouted), // 26 min
		take(6), 45 * time.Minute, next, end(session.Oriented), // 45 min
		session.Take{Visit: id('v', 7), Lang: "ar", ForOther: true}, time.Minute, cut(4 * time.Minute),
		session.Resume{Desk: "a"}, next, session.Start{Desk: "a"}, time.Minute, end(session.Served), // nobody knows
		session.TurnAway{Desk: "a", Reason: "no_room"}, session.TurnAway{Desk: "b", Reason: "no_room"},
		session.TurnAway{Desk: "a", Reason: "sent_elsewhere"},
		take(8), session.Close{Desk: "a", Rest: session.Unresolved},
	}
}

func TestClosing(t *testing.T) {
	b := after(t, morning()...)
	closed := b.now.Wall
	got := Closing(b.s, b.now.Add(time.Minute))
	want := Report{
		Place: "Centre social Les Tilleuls", From: nine, Until: nine.Add(3 * time.Hour),
		Opened: nine.Add(2 * time.Minute), Closed: closed, Printed: closed.Add(time.Minute),
		Totals: session.Totals{Issued: 8, Served: 2, NoShow: 1, Left: 1, Cancelled: 1, Misrouted: 1, Oriented: 1, Unresolved: 1,
			TurnedAway: map[session.Reason]int{"no_room": 2, "sent_elsewhere": 1}, ForOther: 1, Inaccurate: 1, Outages: 1},
		Waits: []Band{
			{0, 10 * time.Minute, 2}, {10 * time.Minute, 20 * time.Minute, 2},
			{20 * time.Minute, 40 * time.Minute, 1}, {40 * time.Minute, 0, 1},
		},
		Services: []Band{{0, 15 * time.Minute, 2}, {15 * time.Minute, 30 * time.Minute, 0}, {30 * time.Minute, time.Hour, 0}, {time.Hour, 2 * time.Hour, 0}, {2 * time.Hour, 0, 0}},
		Roles:    []Tally{{"accueil", 0}, {"travailleur_social", 0}, {"mediateur_numerique", 0}, {"volontaire", 0}, {"any", 8}},
		Classes:  []Tally{{"short", 0}, {"normal", 8}, {"long", 0}},
		Capacity: 77, Busy: 6, Down: 5, // one desk, from two minutes past nine; nothing happened for a minute before the cut
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Closing(morning) =\n%+v; want\n%+v", got, want)
	}
	if terms, ok := got.Identity(); terms != "8 = 2 + 1 + 1 + 1 + 1 + 1 + 1 + 0" || !ok {
		t.Errorf("Identity() = %q, %v; want a sum that is true", terms, ok)
	}
}

func TestClosingOfStrangePermanences(t *testing.T) {
	tests := []struct {
		name  string
		given []any
		check func(Report) bool
	}{
		{"a fresh box", nil, func(r Report) bool { return r.Totals.Issued == 0 && r.Opened.IsZero() && r.Closed.IsZero() }},
		{"never opened", []any{take(1), session.Close{Desk: "a", Rest: session.Left}},
			func(r Report) bool { return r.Totals.Left == 1 && r.Opened.IsZero() && !r.Closed.IsZero() }},
		{"not yet closed", []any{take(1), open()}, func(r Report) bool { return r.Here == 1 && r.Closed.IsZero() && !r.Zero }},
		{"practice", []any{session.StartPermanence{Plan: plan(), Desk: "a", Test: true}, session.Close{Desk: "a"}},
			func(r Report) bool { return r.Test }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := after(t, test.given...)
			r := Closing(b.s, b.now)
			if !test.check(r) {
				t.Errorf("Closing(%s) = %+v; want what the name says", test.name, r)
			}
			if terms, ok := r.Identity(); !ok {
				t.Errorf("Identity() = %q, false; want true", terms)
			}
		})
	}
}

func TestOpening(t *testing.T) {
	b := after(t, take(1), take(2), 10*time.Minute, open())
	r := Opening(b.s, b.now.Add(time.Second))
	if !r.Zero || !r.Closed.IsZero() || !r.Opened.Equal(nine) || !r.Printed.Equal(nine.Add(time.Second)) {
		t.Errorf("Opening() = %+v; want the zero report of nine o'clock", r)
	}
	for _, s := range r.Sections() {
		for _, row := range s.Rows {
			want := 0
			if k := row.Label.Key; k == "report.total.issued" || k == "report.total.here" {
				want = 2
			}
			if row.Value != want {
				t.Errorf("Opening(): %s = %d; want %d", row.Label.Key, row.Value, want)
			}
		}
	}
	last := r.Head()[len(r.Head())-1]
	if want := session.M("report.taken_before", "n", 2); !reflect.DeepEqual(last, want) {
		t.Errorf("Head() ends with %v; want %v", last, want)
	}
}

// The papers of a test say so, each in its time.
func TestHeadOfATest(t *testing.T) {
	for _, tt := range []struct {
		name       string
		zero, test bool
		want       string
	}{
		{"opening of a test", true, true, "report.test_opening"},
		{"closing of a test", false, true, "report.test"},
		{"opening", true, false, "report.planned"},
		{"closing", false, false, "report.planned"},
	} {
		r := Report{Zero: tt.zero, Test: tt.test, From: nine, Until: nine.Add(3 * time.Hour)}
		if got := r.Head()[0].Key; got != tt.want {
			t.Errorf("%s: Head() begins with %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestFirstWait(t *testing.T) {
	away := session.StepOut{Visit: id('v', 1), For: 30 * time.Minute}
	next, aside := session.CallNext{Desk: "a"}, session.SetAside{Desk: "a"}
	tests := []struct {
		name  string
		given []any
		want  int // the band, or -1
	}{
		{"nobody called", []any{30 * time.Minute}, -1},
		{"at once", []any{next}, 0},
		{"just under ten minutes", []any{10*time.Minute - 1, next}, 0},
		{"ten minutes", []any{10 * time.Minute, next}, 1},
		{"twenty minutes", []any{20 * time.Minute, next}, 2},
		{"forty minutes", []any{40 * time.Minute, next}, 3},
		{"only the first counts", []any{next, aside, 30 * time.Minute, next}, 0},
		{"time outside does not count", []any{5 * time.Minute, away, 30 * time.Minute, session.Return{Desk: "a", Visit: id('v', 1)}, 6 * time.Minute, next}, 1},
		{"left while outside", []any{away, session.End{Desk: "a", Visit: id('v', 1), Outcome: session.Left}}, -1},
		{"left before the call", []any{session.End{Desk: "a", Visit: id('v', 1), Outcome: session.Left}}, -1},
		{"a cut while waiting", []any{cut(time.Minute), session.Resume{Desk: "a"}, next}, -1},
		{"a cut after the call", []any{next, cut(time.Minute)}, 0},
		{"received without a word", []any{12 * time.Minute, next, time.Minute, end(session.Served)}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := after(t, append([]any{open(), take(1)}, test.given...)...)
			want := bands()
			if test.want >= 0 {
				want[test.want].Visits = 1
			}
			if got := Closing(b.s, b.now).Waits; !slices.Equal(got, want) {
				t.Errorf("Waits = %v; want %v", got, want)
			}
		})
	}
}

func TestHead(t *testing.T) {
	b := after(t, morning()...)
	r := Closing(b.s, b.now)
	tests := []struct {
		name string
		when func(*Report)
		want string
	}{
		{"a morning", func(*Report) {}, "planned opened closed printed"},
		{"never opened", func(r *Report) { r.Opened = time.Time{} }, "planned never_opened closed printed"},
		{"an opening", func(r *Report) { r.Zero, r.Closed = true, time.Time{} }, "planned opened printed taken_before"},
		{"practice", func(r *Report) { r.Test = true }, "test planned opened closed printed"},
		{"a clock that nobody set", func(r *Report) { r.ClockUnsure = true }, "planned opened closed printed clock_unsure"},
		{"no plan", func(r *Report) { r.From = time.Time{} }, "opened closed printed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := r
			test.when(&r)
			var keys []string
			for _, m := range r.Head() {
				keys = append(keys, strings.TrimPrefix(m.Key, "report."))
			}
			if got := strings.Join(keys, " "); got != test.want {
				t.Errorf("Head() = %s; want %s", got, test.want)
			}
		})
	}
}

func TestClockUnsure(t *testing.T) {
	b := after(t, open(), session.Close{Desk: "a"})
	if Closing(b.s, b.now).ClockUnsure {
		t.Error("ClockUnsure of a box whose time is vouched for = true; want false")
	}
	doubt := func(m *session.Moment) { m.Trust = session.Untrusted }
	for name, when := range map[string]func(*session.State, *session.Moment){
		"opened":  func(s *session.State, _ *session.Moment) { doubt(&s.Opened) },
		"closed":  func(s *session.State, _ *session.Moment) { doubt(&s.Ended) },
		"printed": func(_ *session.State, at *session.Moment) { doubt(at) },
	} {
		s, at := b.s, b.now
		when(&s, &at)
		if !Closing(s, at).ClockUnsure {
			t.Errorf("ClockUnsure of a box that did not know when it was %s = false; want true", name)
		}
	}
}

func TestIdentityBroken(t *testing.T) {
	r := Report{Totals: session.Totals{Issued: 3, Served: 1}, Here: 1}
	if terms, ok := r.Identity(); ok || terms != "3 = 1 + 0 + 0 + 0 + 0 + 0 + 0 + 1" {
		t.Errorf("Identity() = %q, %v; want the terms, false", terms, ok)
	}
	if got := r.IdentityMsg().Key; got != "report.identity_broken" {
		t.Errorf("IdentityMsg() = %s; want report.identity_broken", got)
	}
	r.Here = 2
	if got := r.IdentityMsg().Key; got != "report.identity_ok" {
		t.Errorf("IdentityMsg() = %s; want report.identity_ok", got)
	}
}

func TestIn(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	b := after(t, open())
	r := Opening(b.s, b.now).In(tokyo)
	for name, got := range map[string]time.Time{"From": r.From, "Until": r.Until, "Opened": r.Opened, "Printed": r.Printed} {
		if got.Location() != tokyo {
			t.Errorf("In(tokyo).%s = %v; want a time of Tokyo", name, got)
		}
	}
	if !r.Closed.IsZero() || r.From.Hour() != 17 {
		t.Errorf("In(tokyo) = %+v; want the same times, and none where there was none", r)
	}
}

// A report of two mornings that differ only in who came is the same.
func TestNothingOfAPerson(t *testing.T) {
	report := func(first int, lang, motif string) Report {
		one := session.Take{Plan: plan(), Visit: id('v', first), Lang: lang, Motif: motif}
		b := after(t, open(), one, take(first+1), 3*time.Minute, session.CallNext{Desk: "a"}, end(session.Served),
			session.Close{Desk: "a", Rest: session.Left})
		return Closing(b.s, b.now)
	}
	a, b := report(1, "fr", "caf"), report(100, "ar", "sante")
	if !reflect.DeepEqual(a, b) {
		t.Errorf("two reports differ by who came:\n%+v\n%+v", a, b)
	}
}

func TestTheReportHoldsNothingOfTheState(t *testing.T) {
	b := after(t, morning()...)
	r := Closing(b.s, b.now)
	r.Totals.TurnedAway["no_room"] = 99
	if got := b.s.Totals.TurnedAway["no_room"]; got != 2 {
		t.Errorf("the state's count = %d after the report was altered; want 2", got)
	}
}

// FuzzIdentity plays one order for each byte and reads the report after each.
func FuzzIdentity(f *testing.F) {
	f.Add([]byte("otttnsrnlmnabqc"))
	f.Add([]byte("tton!tnxppzzc"))
	f.Fuzz(func(t *testing.T, keys []byte) {
		b := newBox()
		for n, key := range keys[:min(len(keys), 300)] {
			b.now = b.now.Add(time.Duration(key) * time.Second)
			desk := []string{"a", "b"}[key&1]
			var o session.Order
			switch key % 13 {
			case 0, 1, 2:
				o = take(n + 1)
			case 3:
				o = session.StartPermanence{Plan: plan(), Desk: desk}
			case 4, 5:
				o = session.CallNext{Desk: desk}
			case 6:
				o = session.Start{Desk: desk}
			case 7:
				o = session.End{Desk: desk, Outcome: session.Outcomes()[int(key)%len(session.Outcomes())], Reason: "other"}
			case 8:
				o = session.End{Desk: desk, Outcome: session.Served}
			case 9:
				o = session.SetAside{Desk: desk}
			case 10:
				o = session.TurnAway{Desk: desk, Reason: session.TurnedAwayReasons()[int(key)%4]}
			case 11:
				o = session.Undo{Desk: desk}
			case 12:
				if key < 128 {
					b.boots++
					b.now.Boot, b.now.Mono = id('b', b.boots), 0
					o = session.Interrupt{}
				} else {
					o = session.Close{Desk: desk, Rest: session.Left}
				}
			}
			_ = b.do(o) // a refusal changes nothing
			check(t, b)
		}
	})
}

// check compares a report with the visits themselves.
func check(t *testing.T, b *box) {
	t.Helper()
	r := Closing(b.s, b.now)
	if terms, ok := r.Identity(); !ok {
		t.Fatalf("Identity() = %q, false; want true", terms)
	}
	visits, called := 0, 0
	for v := range b.s.Visits() {
		visits++
		if slices.ContainsFunc(v.Intervals, func(i session.Interval) bool { return i.State == session.Called }) {
			called++
		}
	}
	waits := 0
	for _, w := range r.Waits {
		waits += w.Visits
	}
	services, needs, expected := 0, 0, 0
	for _, b := range r.Services {
		services += b.Visits
	}
	for _, t := range r.Roles {
		needs += t.N
	}
	for _, t := range r.Classes {
		expected += t.N
	}
	if services > called || needs != visits || expected != visits || r.Busy < 0 || r.Busy > r.Capacity || r.Down < 0 {
		t.Fatalf("%d services, %d roles, %d classes, %d of %d minutes busy; want at most %d, then %d twice, and no more than there are",
			services, needs, expected, r.Busy, r.Capacity, called, visits)
	}
	if r.Totals.Issued != visits || waits > called {
		t.Fatalf("issued %d, %d waits; want %d visits, of which %d were called", r.Totals.Issued, waits, visits, called)
	}
}
