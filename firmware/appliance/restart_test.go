package appliance_test

import (
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// After a power cut the box is paused where it was, and neither prints nor speaks.
func TestARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, nil)
		b.open()
		for range 3 {
			b.take()
		}
		b.do(session.CallNext{Desk: "a"})
		time.Sleep(time.Minute)
		cut := time.Now()
		b.take() // the fourth: it may be on paper, or half of it
		b.stop()

		time.Sleep(10 * time.Minute)
		again := start(t, log, entered, nil)
		time.Sleep(time.Minute)
		s := again.Snapshot()
		if s.Session.Status != session.Paused || s.Session.Totals.Issued != 4 || s.Session.Totals.Outages != 1 {
			t.Errorf("after a cut: %s, %d tickets, %d outages; want paused, 4, 1", s.Session.Status, s.Session.Totals.Issued, s.Session.Totals.Outages)
		}
		if c := s.Session.Cut; c == nil || c.From.Wall.Sub(cut).Abs() > time.Second || c.To.Wall.Sub(cut.Add(10*time.Minute)).Abs() > time.Second {
			t.Errorf("the banner says %+v; want from the cut to the start", c)
		}
		if n := len(again.wire.Sheets()); n != 0 {
			t.Errorf("%d papers came out by themselves; want none", n)
		}
		if n := len(again.speaker.Heard()); n != 0 {
			t.Errorf("%d sounds were played by themselves; want none", n)
		}
		if got := again.visit(4).Paper; got != session.Unknown {
			t.Errorf("the ticket that was on its way to paper is %q; want unknown", got)
		}
		if got := again.visit(1).Paper; got != session.Printed {
			t.Errorf("a ticket printed before is %q; want printed", got)
		}
		for v := range s.Session.Present() {
			if !v.Inaccurate() {
				t.Errorf("visit %d counts its time through the cut as accurate", v.Number)
			}
		}
		again.refused(session.CallNext{Desk: "b"}, session.ErrPaused)
		again.do(session.Resume{Desk: "b"})
		if got := again.do(session.CallNext{Desk: "b"}); got.Number != 2 {
			t.Errorf("next after the cut = %d; want 2", got.Number)
		}
		if again.Snapshot().Session.Cut != nil {
			t.Error("the banner stays after somebody went on")
		}
		if got := again.take(); got.Number != 5 {
			t.Errorf("ticket after the cut = %d; want 5", got.Number)
		}
		identity(t, again.Snapshot().Session)
	})
}

// A power cut loses the level that a visitor shared, which is in memory alone, and
// nothing else of the visit: not what follows from it for the queue either.
func TestACutLosesTheNoteAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, nil)
		ctx := t.Context()
		b.open()
		b.press("ar", "for_other", "logement")
		b.answerAndShare("yes")
		time.Sleep(10 * time.Second)
		b.called()
		b.do(session.Start{Desk: "a"})
		id := b.visit(1).ID
		if err := errors.Join(b.SeeLevel(ctx, "a", id, sheet.Accompanied), b.ReadCharter(ctx, "a", id, true)); err != nil {
			t.Fatal(err)
		}
		b.settle()
		if n := b.Snapshot().Notes[id]; n.Self == nil || !n.Given || !n.Charter {
			t.Fatalf("Notes[visit] = %+v before the cut; want what both sides said", n)
		}
		before, sent := *b.visit(1), b.sheets.of(sheet.KindVisitor)
		b.stop()

		time.Sleep(10 * time.Minute)
		again := start(t, log, entered, nil)
		again.do(session.Resume{Desk: "a"})
		if n := again.Snapshot().Notes; len(n) != 0 {
			t.Errorf("Notes = %+v after a cut; want none: it is written nowhere", n)
		}
		after := *again.visit(1)
		if !after.Inaccurate() || before.Inaccurate() {
			t.Errorf("times through the cut: inaccurate %v, before it %v; want true, false", after.Inaccurate(), before.Inaccurate())
		}
		if after.State() != session.Serving || after.Desk() != "a" || after.Since().Wall != before.Since().Wall {
			t.Errorf("after the cut it is %s at %q since %v; want as before: %s at %q since %v", after.State(), after.Desk(), after.Since().Wall, before.State(), before.Desk(), before.Since().Wall)
		}
		before.Intervals, after.Intervals = nil, nil
		if !reflect.DeepEqual(after, before) {
			t.Errorf("the visit after the cut = %+v; want %+v", after, before)
		}
		if len(sent) != 1 {
			t.Errorf("%d sheets were kept before the cut; want the one that was sent", len(sent))
		}

		// The visit goes on: what the mediator sees can be said again, and it ends.
		if err := again.SeeLevel(ctx, "a", id, sheet.Accompanied); err != nil {
			t.Errorf("SeeLevel() after the cut = %v; want nil", err)
		}
		again.do(session.End{Desk: "a", Outcome: session.Served})
		again.settle()
		if got := again.sheets.of(sheet.KindStaff); len(got) != 0 {
			t.Errorf("%d pairs of levels; want none without the visitor's half", len(got))
		}
		if got := again.Snapshot().Session.Totals.Served; got != 1 {
			t.Errorf("%d served; want 1", got)
		}
		identity(t, again.Snapshot().Session)
	})
}

// A command whose answer was lost in a cut is not carried out twice.
func TestACommandRepeatedAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, nil)
		c := session.Command{ID: b.id(), Order: session.Take{Visit: b.id(), Lang: "fr"}}
		first, err := b.Do(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		b.stop()
		time.Sleep(time.Minute)
		again := start(t, log, entered, nil)
		if ans, err := again.Do(t.Context(), c); err != nil || ans != first {
			t.Errorf("Do() after a restart = %+v, %v; want %+v", ans, err, first)
		}
		if n := again.Snapshot().Session.Totals.Issued; n != 1 {
			t.Errorf("%d tickets; want 1", n)
		}
	})
}

// The plug was pulled at the end of the morning and the box starts a week later.
func TestAPermanenceThatWasLeftOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, nil)
		b.open()
		b.take()
		b.take()
		b.stop()
		time.Sleep(7 * 24 * time.Hour)
		again := start(t, log, entered, nil)
		if s := again.Snapshot(); !s.Session.LeftOpen(s.Now) || s.Taking() {
			t.Errorf("a week later: left open %v, taking %v; want true, false", s.Session.LeftOpen(s.Now), s.Taking())
		}
		again.refused(session.Take{Visit: again.id(), Lang: "fr"}, session.ErrNoTickets)
		again.do(session.Close{Desk: "a", Rest: session.Unresolved})
		if e := entered.all(); len(e) != 1 || e[0].Totals.Unresolved != 2 || e[0].Totals.Outages != 1 {
			t.Errorf("ledger = %+v; want two unresolved and an outage", e)
		}
		if n := len(log.kept()); n != 0 {
			t.Errorf("the log keeps %d events of a closed permanence; want none", n)
		}
		if !again.Snapshot().Taking() {
			t.Error("once it is closed, today's permanence takes no ticket")
		}
		if got := again.take(); got.Number != 1 {
			t.Errorf("first ticket of today = %d; want 1", got.Number)
		}
	})
}

func TestClose(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Second)
		b.take()
		b.take()
		b.do(session.CallNext{Desk: "a"})
		b.do(session.End{Desk: "a", Outcome: session.Served})
		b.refused(session.Close{Desk: "a"}, session.ErrStillHere)
		b.do(session.TurnAway{Desk: "a", Reason: "no_room"})
		time.Sleep(10 * time.Second)
		papers := len(b.wire.Sheets())
		b.do(session.Close{Desk: "a", Rest: session.Left})
		closed := time.Now()
		time.Sleep(10 * time.Second)

		want := session.Totals{Issued: 2, Served: 1, Left: 1}
		if e := b.book.all(); len(e) != 1 || e[0].Totals.Issued != want.Issued || e[0].Totals.Served != want.Served || e[0].Totals.Left != want.Left ||
			e[0].Next != 3 || e[0].Place != "Centre social des Tilleuls" || !e[0].Closed.Equal(closed) || e[0].Until.Sub(e[0].From) != hours {
			t.Errorf("ledger = %+v; want one entry of 2 issued, 1 served, 1 left, next number 3", e)
		}
		if n := len(b.log.kept()); n != 0 {
			t.Errorf("the log keeps %d events of a closed permanence; want none", n)
		}
		if _, merges := b.sheets.state(); merges != 1 {
			t.Errorf("sheets merged %d times; want once", merges)
		}
		if n := len(b.wire.Sheets()) - papers; n != 1 {
			t.Errorf("%d papers came out at the close; want the report", n)
		}
		s := b.Snapshot()
		if s.Report == nil || s.Report.Totals.TurnedAway["no_room"] != 1 || s.Session.Status != session.Closed {
			t.Errorf("after the close: %s, report %+v; want closed, with one turned away", s.Session.Status, s.Report)
		}
		if s.Taking() || s.From.Sub(closed) < 20*time.Hour {
			t.Errorf("after the close: taking %v, next permanence %v; want false, tomorrow", s.Taking(), s.From)
		}
		b.refused(session.Take{Visit: b.id(), Lang: "fr"}, session.ErrNoTickets)
	})
}

// A rehearsal leaves no trace in what counts.
func TestATestPermanenceIsNotEntered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, nil)
		b.do(session.StartPermanence{Desk: "a", Test: true})
		b.take()
		time.Sleep(20 * time.Second)
		if n := len(b.paper("ESSAI")); n != 2 {
			t.Errorf("%d of the papers say ESSAI; want both", n)
		}
		b.do(session.Close{Desk: "a", Rest: session.Left})
		if e := entered.all(); len(e) != 0 || len(log.kept()) != 0 {
			t.Errorf("after a test: ledger %+v, %d events; want neither", e, len(log.kept()))
		}
	})
	// Nor when the plug is pulled between the close and what follows.
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, func(b *box) { b.cfg.Begin = func() error { return errors.New("cut") } })
		b.do(session.StartPermanence{Desk: "a", Test: true})
		b.do(session.Close{Desk: "a"})
		b.stop()
		start(t, log, entered, nil)
		if e := entered.all(); len(e) != 0 || len(log.kept()) != 0 {
			t.Errorf("after a test and a cut: ledger %+v, %d events; want neither", e, len(log.kept()))
		}
	})
}

// Closed, and then the plug was pulled, or the disk refused, before the totals were
// entered or the log replaced: the next start finishes it, once.
func TestAClosedPermanenceIsSettledAtTheNextStart(t *testing.T) {
	fails := errors.New("input/output error")
	for name, change := range map[string]func(*box){
		"before the ledger": func(b *box) { b.book.refuse = fails },
		"before the log":    func(b *box) { b.cfg.Begin = func() error { return fails } },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log, entered := &memory{}, &book{}
				b := start(t, log, entered, change)
				b.open()
				b.take()
				b.do(session.Close{Desk: "a", Rest: session.Left})
				if len(log.kept()) == 0 {
					t.Fatal("the log was replaced although the totals are not entered")
				}
				b.stop()
				entered.refuse = nil
				time.Sleep(time.Hour)
				again := start(t, log, entered, nil)
				time.Sleep(20 * time.Second)
				ids := make(map[session.ID]int)
				for _, e := range entered.all() {
					ids[e.ID]++
					if e.Totals.Left != 1 || e.Next != 2 {
						t.Errorf("ledger has %+v; want one left, next number 2", e)
					}
				}
				if len(ids) != 1 {
					t.Errorf("ledger has %d permanences; want 1", len(ids))
				}
				if n := len(log.kept()); n != 0 {
					t.Errorf("the log keeps %d events; want none", n)
				}
				if s := again.Snapshot(); s.Report == nil || s.Session.Status != session.Closed {
					t.Errorf("after the start: %s, report %v; want closed, with its report", s.Session.Status, s.Report)
				}
				if n := len(again.wire.Sheets()); n != 0 {
					t.Errorf("%d papers came out by themselves; want none", n)
				}
				again.open() // for whoever comes still
				if got := again.take(); got.Number != 1 {
					t.Errorf("first ticket of the next permanence = %d; want 1", got.Number)
				}
			})
		})
	}
}

// The ledger refused, and the next permanence began in the same log: the totals of
// the first are still owed, over a restart too.
func TestTotalsAreOwedUntilTheyAreEntered(t *testing.T) {
	for name, restart := range map[string]bool{"the box goes on": false, "the box is started again": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log, entered := &memory{}, &book{refuse: errors.New("disk full")}
				b := start(t, log, entered, nil)
				b.open()
				b.take()
				b.do(session.Close{Desk: "a", Rest: session.Left})
				time.Sleep(24 * time.Hour)
				b.take()
				b.take()
				entered.mu.Lock()
				entered.refuse = nil
				entered.mu.Unlock()
				if restart {
					b.stop()
					b = start(t, log, entered, nil)
				}
				b.do(session.Close{Desk: "a", Rest: session.Unresolved})
				e := entered.all()
				if len(e) != 2 || e[0].Totals.Left != 1 || e[1].Totals.Unresolved != 2 {
					t.Errorf("ledger = %+v; want both permanences", e)
				}
				if n := len(log.kept()); n != 0 {
					t.Errorf("the log keeps %d events; want none", n)
				}
			})
		})
	}
}

// A log that cannot be written at the start is said at once, not at the first ticket.
func TestALogThatRefusesAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, nil)
		b.open()
		b.stop()
		log.fail(errors.New("read-only file system"))
		again := start(t, log, entered, nil)
		if err := again.stop(); err == nil {
			t.Error("Run() on a log that refuses = nil; want an error")
		}
		if again.Snapshot() != nil {
			t.Error("Snapshot() shows a state that is not durable")
		}
	})
}

// Somebody who stepped out comes back into the line by time alone.
func TestSteppedOutReturnsByTimeAlone(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		v := b.take()
		b.do(session.StepOut{Visit: v.Visit, For: 30 * time.Minute})
		b.refused(session.CallNext{Desk: "a"}, session.ErrNobody)
		time.Sleep(30*time.Minute - time.Second)
		if got := b.visit(1).State(); got != session.Held {
			t.Errorf("a second early: %s; want held", got)
		}
		watch := b.Watch(t.Context())
		<-watch
		time.Sleep(2 * time.Second)
		synctest.Wait()
		select {
		case s := <-watch:
			if v, _ := s.Session.Numbered(1); v.State() != session.Waiting {
				t.Errorf("the desk is shown %s; want waiting", v.State())
			}
		default:
			t.Error("nobody was shown that the person is back")
		}
		if got := b.do(session.CallNext{Desk: "a"}); got.Number != 1 {
			t.Errorf("next = %d; want 1", got.Number)
		}
	})
}

// The calendar moves by itself: in the evening the kiosk speaks of tomorrow, and
// at the hour it takes tickets, though nobody touched anything.
func TestTheCalendarMovesByItself(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		if s := b.Snapshot(); !s.Taking() {
			t.Error("in its hours the kiosk takes no ticket")
		}
		time.Sleep(hours + time.Minute)
		if s := b.Snapshot(); s.Taking() || time.Until(s.From) > 21*time.Hour {
			t.Errorf("after its hours: taking %v, next at %v; want false, tomorrow", s.Taking(), s.From)
		}
		b.press("fr")
		b.shows("closed")
		time.Sleep(21*time.Hour - 16*time.Minute)
		watch := b.Watch(t.Context())
		<-watch
		time.Sleep(2 * time.Minute)
		select {
		case s := <-watch:
			if !s.Taking() {
				t.Error("a quarter of an hour before, the kiosk takes no ticket")
			}
		default:
			t.Error("nobody was shown that tickets can be taken")
		}
	})
}
