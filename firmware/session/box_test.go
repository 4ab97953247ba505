package session

import (
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"
)

// paris is fixed, so that the tests need no time zone database.
var paris = time.FixedZone("CET", 3600)

// opening is a Thursday at nine.
var opening = time.Date(2026, 3, 5, 9, 0, 0, 0, paris)

// testPlan is a morning with a desk for everybody, one shared by two
// professions, and a second one of the first kind.
func testPlan() Plan {
	return Plan{
		ID: id('p', 1), Place: "Centre social", From: opening, Until: opening.Add(3 * time.Hour),
		TicketsBefore: 15 * time.Minute, Slot: 30 * time.Minute,
		Desks: []Desk{
			{Key: "a", Label: "Accueil", Roles: []Role{Reception}},
			{Key: "b", Label: "Bureau 2", Roles: []Role{SocialWorker, Mediator}},
			{Key: "c", Label: "Bureau 3", Roles: []Role{Reception}},
		},
		Motifs: []Motif{
			{Key: "papers"},
			{Key: "rights", Need: SocialWorker, Class: Long},
			{Key: "phone", Need: Mediator, Class: Short},
		},
	}
}

// id makes identifiers that tests can name.
func id(kind byte, n int) ID {
	i := ID{kind}
	binary.BigEndian.PutUint64(i[8:], uint64(n))
	return i
}

// visit is the identity of the visit that take(n) begins.
func visit(n int) ID { return id('v', n) }

func take(n int) Take                  { return Take{Plan: testPlan(), Visit: visit(n), Lang: "fr"} }
func takeFor(n int, motif string) Take { t := take(n); t.Motif = motif; return t }
func open() StartPermanence            { return StartPermanence{Plan: testPlan(), Desk: "a"} }
func next(desk string) CallNext        { return CallNext{Desk: desk} }
func served(desk string) End           { return End{Desk: desk, Outcome: Served} }

// outage is a step of a test: the plug is pulled for so long.
type outage time.Duration

// box is a session with a clock in the hand of the test. It checks the promises
// of the package after every event.
type box struct {
	t       testing.TB
	s       State
	now     Moment
	log     []Event
	effects []Effect // of everything so far
	sent    int
	boots   int
}

// given is a box at ten to nine on which the steps happened: an Order that must
// not be refused, a time.Duration that passes, or an outage.
func given(t testing.TB, steps ...any) *box {
	t.Helper()
	b := &box{t: t, boots: 1, now: Moment{Wall: opening.Add(-10 * time.Minute), Mono: time.Minute, Boot: id('b', 1), Trust: Trusted}}
	return b.play(steps...)
}

// open3 is an open permanence in which three people took tickets, a minute apart.
func open3(t testing.TB, steps ...any) *box {
	t.Helper()
	b := given(t, take(1), time.Minute, take(2), time.Minute, take(3), 10*time.Minute, open(), time.Minute)
	return b.play(steps...)
}

func (b *box) play(steps ...any) *box {
	b.t.Helper()
	for i, step := range steps {
		switch step := step.(type) {
		case time.Duration:
			b.now = b.now.Add(step)
		case outage:
			b.reboot(time.Duration(step))
			b.play(Interrupt{})
		case Order:
			if _, err := b.do(step); err != nil {
				b.t.Fatalf("step %d: Decide(%+v) = %v; want no refusal", i, step, err)
			}
		default:
			b.t.Fatalf("step %d: %T is no step", i, step)
		}
	}
	return b
}

func (b *box) reboot(off time.Duration) {
	b.boots++
	b.now = Moment{Wall: b.now.Wall.Add(off), Mono: time.Second, Boot: id('b', b.boots)}
}

// do gives an order under a new identifier.
func (b *box) do(o Order) ([]Event, error) {
	b.t.Helper()
	b.sent++
	return b.send(Command{ID: id('c', b.sent), Order: o})
}

func (b *box) send(c Command) ([]Event, error) {
	b.t.Helper()
	events, err := Decide(b.s, c, b.now)
	for _, e := range events {
		b.s = Evolve(b.s, e)
		b.log = append(b.log, e)
		b.effects = append(b.effects, React(b.s, e)...)
	}
	check(b.t, b.s)
	return events, err
}

// refuses checks that an order is refused and changes nothing.
func (b *box) refuses(o Order, want error) {
	b.t.Helper()
	before := string(summary(b.s))
	events, err := b.do(o)
	if !errors.Is(err, want) || events != nil {
		b.t.Errorf("Decide(%+v) = %d events, %v; want %v", o, len(events), err, want)
	}
	if string(summary(b.s)) != before {
		b.t.Errorf("Decide(%+v) was refused and changed the state", o)
	}
}

// visit finds the visit of take(n).
func (b *box) visit(n int) *Visit {
	b.t.Helper()
	v, ok := b.s.Visit(visit(n))
	if !ok {
		b.t.Fatalf("visit %d does not exist", n)
	}
	return v
}

// calls presses next and checks who comes.
func (b *box) calls(desk string, want Number) {
	b.t.Helper()
	b.play(next(desk))
	if v, ok := b.s.AtDesk(desk); !ok || v.Number != want {
		b.t.Fatalf("CallNext(%s) called %+v; want number %d", desk, v, want)
	}
}

// line checks who waits, in order.
func (b *box) line(want ...Number) {
	b.t.Helper()
	if got := numbers(b.s.Line()); !slices.Equal(got, want) {
		b.t.Errorf("Line() = %v; want %v", got, want)
	}
}

// is checks where the visit of take(n) stands.
func (b *box) is(n int, want VisitState) {
	b.t.Helper()
	if got := b.visit(n).State(); got != want {
		b.t.Errorf("visit %d is %s; want %s", n, got, want)
	}
}

func numbers(visits func(func(*Visit) bool)) []Number {
	var list []Number
	for v := range visits {
		list = append(list, v.Number)
	}
	return list
}

// bodies are what happened, without when.
func bodies(events []Event) []Body {
	var list []Body
	for _, e := range events {
		list = append(list, e.Body)
	}
	return list
}

// check counts everything again from the visits alone and compares: whatever
// was ordered, these hold.
func check(t testing.TB, s State) {
	t.Helper()
	var (
		want    Totals
		here    []Number
		line    []*Visit
		waiting [numNeeds]int
		busy    = map[string]Number{}
		alarms  = map[alarmKey]Number{}
		n       Number
	)
	if s.Earlier != nil { // who came before the closing is counted and gone
		want, n = s.Earlier.Totals, max(s.Earlier.Next, 1)-1
		want.Reopened++
	}
	for v := range s.Visits() {
		n++
		checkVisit(t, s, v, n)
		want.Issued++
		if v.ForOther {
			want.ForOther++
		}
		if v.quiet != 0 {
			alarms[alarmKey{v.quiet, n}] = n
			if v.State() != Waiting && v.last().Reason != BackLater {
				t.Errorf("number %d is %s and has an alarm", n, v.State())
			}
		}
		if v.State() == Done {
			want.count(v.Outcome, v.Inaccurate())
			continue
		}
		here = append(here, n)
		switch v.State() {
		case Waiting:
			line = append(line, v)
			waiting[needIndex(v.Need)]++
		case Called, Serving:
			if other, taken := busy[v.Desk()]; taken {
				t.Errorf("desk %s has two people: %d and %d", v.Desk(), other, n)
			}
			busy[v.Desk()] = n
			if s.Status == Planned {
				t.Errorf("number %d is %s before the opening", n, v.State())
			}
		}
	}
	if n != s.Next {
		t.Errorf("Next = %d; want %d, the number of visits", s.Next, n)
	}

	got := s.Totals
	if got.Issued != got.Ended()+s.Here() {
		t.Errorf("identity broken: issued %d; ended %d + here %d", got.Issued, got.Ended(), s.Here())
	}
	want.TurnedAway, want.Outages = got.TurnedAway, got.Outages
	paper := got.OnPaper - want.OnPaper // of whom no visit is left to count again
	want.Issued, want.Inaccurate, want.OnPaper = want.Issued+paper, want.Inaccurate+paper, got.OnPaper
	for _, o := range PaperOutcomes() {
		more := got.Of(o) - want.Of(o)
		*want.outcome(o) += more
		paper -= more
	}
	if paper != 0 {
		t.Errorf("%d people on paper have no outcome", paper)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Totals = %+v; want %+v", got, want)
	}
	if list := numbers(s.Present()); !slices.Equal(list, here) || s.Here() != len(here) {
		t.Errorf("Present() = %v, Here() = %d; want %v", list, s.Here(), here)
	}

	slices.SortFunc(line, func(a, b *Visit) int {
		return cmp.Or(cmp.Compare(a.line.class, b.line.class), cmp.Compare(a.line.at, b.line.at),
			cmp.Compare(a.line.seq, b.line.seq), cmp.Compare(a.line.after, b.line.after))
	})
	if list := numbers(s.Line()); !slices.Equal(list, numbers(slices.Values(line))) || s.Waiting() != len(line) {
		t.Errorf("Line() = %v, Waiting() = %d; want %v", list, s.Waiting(), numbers(slices.Values(line)))
	}
	for i, want := range waiting {
		if got := s.needing[i].len(); got != want {
			t.Errorf("%d people need %q; want %d", got, needs()[i], want)
		}
	}
	for i, v := range line {
		want := 0
		for _, w := range line[:i] {
			if slices.ContainsFunc(s.Plan.Desks, func(d Desk) bool { return d.Takes(v.Need) && d.Takes(w.Need) }) {
				want++
			}
		}
		if got := s.AheadOf(v); got != want {
			t.Errorf("AheadOf(%d) = %d; want %d", v.Number, got, want)
		}
	}
	if s.busy.len() != len(busy) {
		t.Errorf("%d desks are busy; want %d", s.busy.len(), len(busy))
	}
	for _, d := range s.Plan.Desks {
		v, ok := s.AtDesk(d.Key)
		if number, taken := busy[d.Key]; taken != ok || ok && v.Number != number {
			t.Errorf("AtDesk(%s) = %v, %t; want number %d, %t", d.Key, v, ok, number, taken)
		}
	}
	if list := maps.Collect(s.alarms.all); !maps.Equal(list, alarms) {
		t.Errorf("alarms = %v; want %v", list, alarms)
	}
	if len(s.Board) > boardSize {
		t.Errorf("the board shows %d calls; want at most %d", len(s.Board), boardSize)
	}
	shown := map[Number]bool{}
	for i, c := range s.Board {
		if shown[c.Number] || i > 0 && c.ID >= s.Board[i-1].ID {
			t.Errorf("Board = %+v; want each number once, newest first", s.Board)
		}
		shown[c.Number] = true
	}
	last := numbers(s.LastEnded())
	if slices.Sort(last); len(slices.Compact(last)) != len(numbers(s.LastEnded())) {
		t.Errorf("LastEnded() = %v; want each number once", numbers(s.LastEnded()))
	}
	if s.Status == Closed && s.Here() > 0 {
		t.Errorf("closed with %d people here", s.Here())
	}
}

// checkVisit checks one visit: exactly one open interval unless it is done, no
// gap and no overlap, and details where they belong.
func checkVisit(t testing.TB, s State, v *Visit, want Number) {
	t.Helper()
	if v.Number != want {
		t.Errorf("number %d; want %d", v.Number, want)
	}
	if found, ok := s.Visit(v.ID); !ok || found != v {
		t.Errorf("Visit(%s) = %p, %t; want number %d", v.ID, found, ok, v.Number)
	}
	var sum time.Duration
	exact := true
	for i, k := range v.Intervals {
		isLast := i == len(v.Intervals)-1
		if isOpen := k.To == (Moment{}); isOpen != (isLast && v.State() != Done) {
			t.Errorf("number %d is %s and its interval %d of %d has open = %t", v.Number, v.State(), i+1, len(v.Intervals), isOpen)
		} else if !isOpen {
			d, same := k.To.Sub(k.From)
			sum, exact = sum+d, exact && same
		}
		if !isLast && k.To != v.Intervals[i+1].From {
			t.Errorf("number %d: interval %d ends %v and the next begins %v", v.Number, i+1, k.To, v.Intervals[i+1].From)
		}
		atDesk := k.State == Called || k.State == Serving
		if atDesk != (k.Desk != "") || (k.State == Serving) != (len(k.Roles) > 0) || (k.State == Held) != (k.Reason != "") {
			t.Errorf("number %d: interval %+v has the details of another state", v.Number, k)
		}
	}
	if first := v.Intervals[0]; first.State != Waiting || first.From != v.Arrived() {
		t.Errorf("number %d begins with %+v; want a wait", v.Number, first)
	}
	if stay, same := v.last().From.Sub(v.Arrived()); v.State() == Done {
		stay, same = v.last().To.Sub(v.Arrived())
		if same && exact && sum != stay {
			t.Errorf("number %d: intervals add up to %v; want the whole stay, %v", v.Number, sum, stay)
		}
	} else if same && exact && sum != stay {
		t.Errorf("number %d: intervals add up to %v; want %v", v.Number, sum, stay)
	}
	if (v.State() == Done) != (v.Desk() == "" && v.Outcome != "") {
		t.Errorf("number %d is %s with outcome %q at desk %q", v.Number, v.State(), v.Outcome, v.Desk())
	}
}

// summary is everything in a state, followed down every pointer, so that two
// states are equal if and only if their summaries are.
func summary(s State) []byte {
	b := appendTotals(make([]byte, 0, 4096), s)
	b = appendInt(appendInt(appendInt(appendInt(b, int64(s.Seq)), int64(s.Next)), int64(s.queue)), int64(s.turned))
	b = append(append(append(b, "\nplan "...), s.Plan.Place...), s.Plan.ID[8:]...)
	b = appendInt(appendInt(appendInt(appendInt(b, s.Plan.From.Unix()), s.Plan.Until.Unix()), int64(s.Plan.Slot)), int64(s.Plan.TicketsBefore))
	for _, d := range s.Plan.Desks {
		b = append(append(append(append(b, ' '), d.Key...), ' '), d.Label...)
		for _, r := range d.Roles {
			b = append(append(b, ' '), r...)
		}
	}
	for _, m := range s.Plan.Motifs {
		b = append(append(append(append(b, ' '), m.Key...), m.Need...), m.Class...)
	}
	b = append(b, '\n')
	b = appendMoment(appendMoment(appendMoment(appendMoment(b, s.At), s.Opened), s.Ended), s.planned)
	if s.Earlier != nil {
		b = appendInt(appendInt(b, int64(s.Earlier.Next)), int64(s.Earlier.Totals.Issued))
	}
	for _, tell := range s.Tells {
		b = append(append(b, ' '), tell...)
	}
	b = appendCut(b, s.Cut)
	b = appendBoard(b, s.Board)
	for n, v := range s.visits.all {
		b = strconv.AppendUint(append(b, "\nvisit "...), uint64(n), 10)
		b = appendVisit(b, v, true)
	}
	b = append(b, "\nhere"...)
	for n := range s.here.all {
		b = strconv.AppendUint(append(b, ' '), uint64(n), 10)
	}
	b = append(b, "\nids"...)
	for k, n := range s.ids.all {
		b = strconv.AppendUint(append(append(b, ' '), k[8:]...), uint64(n), 10)
	}
	b = append(b, "\nline"...)
	for k, n := range s.line.all {
		b = strconv.AppendUint(appendLine(b, k), uint64(n), 10)
	}
	b = append(b, "\nalarms"...)
	for k, n := range s.alarms.all {
		b = strconv.AppendUint(appendInt(b, int64(k.at)), uint64(n), 10)
	}
	b = append(b, "\nbusy"...)
	for k, n := range s.busy.all {
		b = strconv.AppendUint(append(append(b, ' '), k...), uint64(n), 10)
	}
	for k, a := range s.actions.all {
		b = append(append(b, "\naction "...), k...)
		b = append(append(b, a.Kind...), a.Command[8:]...)
		b = append(append(append(b, a.status...), ' '), a.away...)
		b = appendInt(appendInt(b, int64(a.Number)), int64(a.end))
		b = appendCut(appendBoard(appendMoment(b, a.At), a.board), a.cut)
		for _, v := range a.before {
			b = appendVisit(b, v, true)
		}
		for _, n := range a.created {
			b = appendInt(b, int64(n))
		}
	}
	b = append(b, "\nseen"...)
	for k, a := range s.seen.all {
		b = append(append(append(b, ' '), k[8:]...), a.Visit[8:]...)
		b = appendInt(b, int64(a.Number))
	}
	for _, t := range s.needing {
		b = appendInt(b, int64(t.len()))
	}
	for _, n := range s.ended {
		b = appendInt(b, int64(n))
	}
	return b
}

// visible is what an undo must bring back: where everybody stands, the line, the
// board and the permanence, but no bookkeeping.
func visible(s State) string {
	b := appendCut(appendTotals(nil, s), s.Cut)
	for _, v := range s.visits.all {
		b = appendVisit(append(b, '\n'), v, false)
	}
	b = append(b, "\nline"...)
	for _, n := range s.line.all {
		b = appendInt(b, int64(n))
	}
	return string(b)
}

func appendTotals(b []byte, s State) []byte {
	b = strconv.AppendBool(append(append(b, s.Status...), ' '), s.Test)
	b = strconv.AppendBool(append(b, ' '), s.Moved)
	t := s.Totals
	for _, n := range []int{t.Issued, t.Served, t.NoShow, t.Left, t.Cancelled, t.Misrouted, t.Oriented, t.Unresolved, t.ForOther, t.Inaccurate, t.Outages, t.OnPaper, t.Reopened} {
		b = appendInt(b, int64(n))
	}
	for _, r := range TurnedAwayReasons() {
		b = appendInt(b, int64(t.TurnedAway[r]))
	}
	return appendInt(b, int64(len(t.TurnedAway)))
}

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(append(b, ' '), n, 10) }

func appendMoment(b []byte, m Moment) []byte {
	if m == (Moment{}) {
		return append(b, " never"...)
	}
	b = appendInt(appendInt(b, m.Wall.UnixNano()), int64(m.Mono))
	return appendInt(append(b, m.Boot[8:]...), int64(m.Trust))
}

func appendCut(b []byte, c *Outage) []byte {
	if c == nil {
		return append(b, " no cut"...)
	}
	return appendMoment(appendMoment(append(b, " cut"...), c.From), c.To)
}

func appendBoard(b []byte, board []Shown) []byte {
	for _, c := range board {
		b = appendInt(appendInt(append(b, " shown"...), int64(c.ID)), int64(c.Number))
		b = appendMoment(appendInt(append(append(b, c.Desk...), c.Visit[8:]...), int64(c.Times)), c.At)
	}
	return b
}

func appendLine(b []byte, k lineKey) []byte {
	b = appendInt(appendInt(b, int64(k.class)), int64(k.at))
	return append(appendInt(appendInt(b, int64(k.seq)), int64(k.after)), '/')
}

func appendVisit(b []byte, v *Visit, whole bool) []byte {
	b = append(append(append(b, v.ID[8:]...), v.Need...), v.Class...)
	b = append(append(append(append(b, v.Lang...), v.Outcome...), v.Why...), v.Paper...)
	b = strconv.AppendBool(strconv.AppendBool(strconv.AppendBool(b, v.ForOther), v.ByStaff), v.Priority)
	b = appendInt(appendInt(appendInt(appendInt(b, int64(v.Number)), int64(v.Calls)), int64(v.Call)), int64(v.quiet))
	b = appendInt(appendLine(appendMoment(b, v.LastCall), v.line), int64(v.ahead))
	for _, m := range v.Motifs {
		b = append(append(b, ' '), m...)
	}
	for _, i := range v.Intervals {
		b = append(append(append(append(append(b, '\n'), i.State...), i.Desk...), i.Reason...), ' ')
		for _, r := range i.Roles {
			b = append(b, r...)
		}
		b = strconv.AppendBool(appendMoment(appendMoment(b, i.From), i.To), i.Inaccurate)
	}
	if whole {
		b = appendInt(b, int64(v.rev))
	}
	return b
}
