package session

import (
	"testing"
	"time"
)

// confirm is the order that follows when staff say what time it is now, on a box
// whose clock is set right from then on.
func (b *box) confirm(at time.Time) ConfirmTime {
	b.now.Wall, b.now.Trust = at, Trusted
	return ConfirmTime{Start: at.Add(-b.now.Mono)}
}

// lost is a box that began at the end of the epoch, as one without a battery does.
func lost(t testing.TB, steps ...any) *box {
	t.Helper()
	b := &box{t: t, boots: 1, now: Moment{Wall: time.Unix(0, 0).UTC(), Mono: time.Minute, Boot: id('b', 1)}}
	return b.play(steps...)
}

// early is a plan made by a box that thought it was 1970.
func early() StartPermanence {
	o := open()
	o.Plan.From, o.Plan.Until = time.Unix(0, 0).UTC(), time.Unix(0, 0).UTC().Add(3*time.Hour)
	return o
}

// What happened before anybody said what time it was is told with the right hours,
// however often somebody says it, and lasts as long as before.
func TestTimeConfirmed(t *testing.T) {
	b := lost(t, early(), 5*time.Minute)
	tk := take(1)
	b.play(tk, 10*time.Minute, next("a"), 3*time.Minute)
	if !b.s.Unsure(b.now.Boot) {
		t.Error("Unsure() = false; want true before anybody vouches")
	}
	at := opening.Add(18 * time.Minute)
	o := b.confirm(at)
	o.Hours = Hours{opening, opening.Add(4 * time.Hour)}
	b.play(o)
	dates := func(what string, got Moment, want time.Time) {
		t.Helper()
		if !got.Wall.Equal(want) || got.Trust != Trusted {
			t.Errorf("%s = %v, trust %d; want %v, trusted", what, got.Wall, got.Trust, want)
		}
	}
	v := b.visit(1)
	dates("Opened", b.s.Opened, opening)
	dates("Arrived()", v.Arrived(), opening.Add(5*time.Minute))
	dates("LastCall", v.LastCall, opening.Add(15*time.Minute))
	dates("Board[0].At", b.s.Board[0].At, opening.Add(15*time.Minute))
	if b.s.Plan.From != opening || b.s.Plan.Until != opening.Add(4*time.Hour) {
		t.Errorf("plan is from %v to %v; want the hours of the confirmed day", b.s.Plan.From, b.s.Plan.Until)
	}
	if wait, ok := v.Spent(Waiting, b.now); wait != 10*time.Minute || !ok {
		t.Errorf("Spent(Waiting) = %v, %t; want 10 min, accurate", wait, ok)
	}
	if b.s.Unsure(b.now.Boot) || b.s.LeftOpen(b.now) {
		t.Errorf("Unsure, LeftOpen = %t, %t; want neither", b.s.Unsure(b.now.Boot), b.s.LeftOpen(b.now))
	}
	b.refuses(Undo{"a"}, ErrUndoGone)

	// The first phone was an hour slow. The hours of the day stay.
	b.play(b.confirm(at.Add(time.Hour)))
	dates("Opened, said again", b.s.Opened, opening.Add(time.Hour))
	if b.s.Plan.From != opening {
		t.Errorf("plan is from %v; want %v still", b.s.Plan.From, opening)
	}
}

// A boot that is over keeps its times: nobody knows what they were.
func TestTimeConfirmedAfterACut(t *testing.T) {
	b := open3(t, outage(-20*time.Hour)) // back in the past
	b.play(b.confirm(opening.Add(40 * time.Minute)))
	if got := b.visit(1).Arrived().Wall; !got.Equal(opening.Add(-10 * time.Minute)) {
		t.Errorf("Arrived() = %v; want what the clock before the cut said", got)
	}
	if c := b.s.Cut; c == nil || c.To.Wall.Sub(c.From.Wall) < 30*time.Minute || c.To.Trust != Trusted {
		t.Errorf("Cut = %+v; want an end on the confirmed clock", c)
	}
	if b.s.Plan.From != opening {
		t.Errorf("plan is from %v; want %v: it was made by a clock that was right", b.s.Plan.From, opening)
	}
}

// Nothing is to be dated on a box that has no permanence.
func TestTimeConfirmedBetweenPermanences(t *testing.T) {
	for name, steps := range map[string][]any{"a fresh box": nil, "closed": {open(), Close{Desk: "a"}}} {
		b := given(t, steps...)
		if events, err := b.do(b.confirm(opening.AddDate(0, 0, 7))); len(events) > 0 || err != nil {
			t.Errorf("%s: Decide(ConfirmTime) = %d events, %v; want nothing", name, len(events), err)
		}
	}
}

// In both nights in which the clocks change the intervals add up, and the hours are
// those of the wall.
func TestTheNightsTheClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name              string
		open              time.Time
		wantOpen, wantEnd string
	}{
		{"forward", time.Date(2026, 3, 29, 1, 30, 0, 0, zone), "01:30 CET", "03:30 CEST"},
		{"back", time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), "02:30 CEST", "02:30 CET"},
	} {
		o, tk := open(), take(1)
		o.Plan.From, o.Plan.Until = tt.open, tt.open.Add(3*time.Hour)
		tk.Plan = o.Plan
		b := lost(t, early(), tk, 30*time.Minute, next("a"), Start{"a"}, 30*time.Minute, served("a"))
		c := b.confirm(tt.open.Add(time.Hour))
		c.Hours = Hours{o.Plan.From, o.Plan.Until}
		b.play(c)
		v := b.visit(1)
		first, last := v.Arrived().Wall.In(zone).Format("15:04 MST"), v.Since().Wall.In(zone).Format("15:04 MST")
		if first != tt.wantOpen || last != tt.wantEnd {
			t.Errorf("%s: came %s, left %s; want %s, %s", tt.name, first, last, tt.wantOpen, tt.wantEnd)
		}
		wait, _ := v.Spent(Waiting, b.now)
		served, exact := v.Spent(Serving, b.now)
		if wait != 30*time.Minute || served != 30*time.Minute || !exact {
			t.Errorf("%s: waited %v, served %v, accurate %t; want half an hour each, accurate", tt.name, wait, served, exact)
		}
	}
}

func TestCatchUp(t *testing.T) {
	b := open3(t, CatchUp{"a", "rights", Served, 4}, CatchUp{"a", "", Left, 1})
	want := Totals{Issued: 8, Served: 4, Left: 1, Inaccurate: 5, OnPaper: 5}
	if got := b.s.Totals; got.Issued != want.Issued || got.Served != want.Served || got.Left != want.Left || got.Inaccurate != want.Inaccurate || got.OnPaper != want.OnPaper {
		t.Errorf("Totals = %+v; want %+v", got, want)
	}
	if b.s.Here() != 3 || b.s.Next != 3 {
		t.Errorf("here %d, next %d; want 3, 3: paper has numbers of its own", b.s.Here(), b.s.Next)
	}
	b.play(Undo{"a"})
	if got := b.s.Totals; got.OnPaper != 4 || got.Left != 0 || got.Issued != 7 {
		t.Errorf("Totals after Undo = %+v; want four on paper", got)
	}
	for _, tt := range []struct {
		o    CatchUp
		want error
	}{
		{CatchUp{"a", "rights", Served, 0}, ErrPeople},
		{CatchUp{"a", "rights", Served, MostOnPaper + 1}, ErrPeople},
		{CatchUp{"a", "weather", Served, 1}, ErrUnknownChoice},
		{CatchUp{"a", "", Cancelled, 1}, ErrUnknownChoice},
		{CatchUp{"a", "", "eaten", 1}, ErrUnknownChoice},
		{CatchUp{"z", "", Served, 1}, ErrNoDesk},
	} {
		b.refuses(tt.o, tt.want)
	}
	b.play(Close{Desk: "a", Rest: Left})
	b.refuses(CatchUp{"a", "", Served, 1}, ErrNotOpen)
	if got := b.s.Totals; got.Issued != got.Ended() || got.Inaccurate != 4 {
		t.Errorf("closed with %+v; want the identity, four inaccurate", got)
	}
}

// Who was counted on paper to practise never becomes real by an undone opening.
func TestCatchUpInPractice(t *testing.T) {
	b := given(t, StartPermanence{Plan: testPlan(), Desk: "a", Test: true}, CatchUp{"b", "", Served, 3})
	b.refuses(Undo{"a"}, ErrUndoGone)
	b.play(Undo{"b"}, Undo{"a"})
	if b.s.Status != Planned || b.s.Totals.Issued != 0 {
		t.Errorf("both taken back: %s, %d issued; want planned, none", b.s.Status, b.s.Totals.Issued)
	}
}

func TestTells(t *testing.T) {
	b := open3(t)
	b.refuses(Close{Desk: "a", Rest: Left, Tells: []Tell{"the man at desk two"}}, ErrUnknownChoice)
	b.refuses(Close{Desk: "a", Rest: Left, Tells: []Tell{"printer", "printer"}}, ErrUnknownChoice)
	b.play(Close{Desk: "a", Rest: Left, Tells: []Tell{"paper_low", "technician"}})
	if got := b.s.Tells; len(got) != 2 || got[0] != "paper_low" {
		t.Errorf("Tells = %v; want paper_low, technician", got)
	}
}

// reopening is the order for the permanence that the box has just closed.
func (b *box) reopening() Reopen {
	return Reopen{Desk: "a", Coordinator: true, Plan: b.s.Plan, Opened: b.s.Opened,
		Closed: Earlier{Totals: b.s.Totals, Next: b.s.Next + 1, Waits: []int{1, 0, 0, 0}}}
}

// A permanence that was closed too soon goes on from its totals and the next
// number. Who came before is counted, and nobody.
func TestReopen(t *testing.T) {
	b := open3(t, next("a"), served("a"), Close{Desk: "a", Rest: Left})
	o := b.reopening()
	b.play(time.Minute, o)
	if b.s.Status != Paused || b.s.Here() != 0 || b.s.Totals.Issued != 3 || b.s.Totals.Reopened != 1 {
		t.Errorf("reopened: %s, %d here, %+v; want paused, nobody, three issued", b.s.Status, b.s.Here(), b.s.Totals)
	}
	if _, ok := b.s.Visit(visit(1)); ok {
		t.Error("a visit of before the closing is still known; want it gone")
	}
	if !b.s.Opened.Wall.Equal(o.Opened.Wall) || b.s.Earlier.Waits[0] != 1 {
		t.Errorf("opened %v, earlier %+v; want what was", b.s.Opened, b.s.Earlier)
	}
	b.play(Resume{"a"}, take(9))
	if v := b.visit(9); v.Number != 4 {
		t.Errorf("the first ticket after it = %d; want 4", v.Number)
	}
	b.play(next("a"), served("a"), CatchUp{"a", "", Served, 2}, Close{Desk: "a"})
	if got := b.s.Totals; got.Issued != 6 || got.Served != 4 || got.Left != 2 || got.Issued != got.Ended() {
		t.Errorf("closed again with %+v; want 6 = 4 served + 2 left", got)
	}
	b.play(b.reopening())
	if b.s.Totals.Reopened != 2 || b.s.Next != 4 {
		t.Errorf("reopened twice: %d times, next %d; want 2, 4", b.s.Totals.Reopened, b.s.Next)
	}
}

// Whoever goes on late with a permanence, and then says what time it is, moves none of
// its hours.
func TestReopenedKeepsItsHours(t *testing.T) {
	b := open3(t, Close{Desk: "a", Rest: Left})
	want := b.s.Plan
	b.play(48*time.Hour, b.reopening())
	o := b.confirm(b.now.Wall.Add(time.Hour))
	o.Hours = Hours{b.now.Wall, b.now.Wall.Add(3 * time.Hour)}
	b.play(o)
	if got := b.s.Plan; got.From != want.From || got.Until != want.Until {
		t.Errorf("hours from %v to %v; want %v to %v", got.From, got.Until, want.From, want.Until)
	}
}

func TestReopenIsRefused(t *testing.T) {
	b := open3(t, Close{Desk: "a", Rest: Left})
	good := b.reopening()
	for _, tt := range []struct {
		name   string
		change func(*Reopen)
		want   error
	}{
		{"not a coordinator", func(o *Reopen) { o.Coordinator = false }, ErrCoordinatorOnly},
		{"nothing was closed", func(o *Reopen) { o.Plan = Plan{} }, ErrNothingClosed},
		{"no such desk", func(o *Reopen) { o.Desk = "z" }, ErrNoDesk},
	} {
		o := good
		tt.change(&o)
		b.refuses(o, tt.want)
	}
	b.play(good)
	b.refuses(good, ErrAlreadyOpen)
}
