package appliance_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/intake"
	"jeudi/firmware/session"
)

// While the disk takes its time, nobody sees, hears or holds what is on its way.
func TestNobodySeesWhatIsNotDurable(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Second) // the report of the opening comes out
		watch := b.Watch(t.Context())
		before := (<-watch).Seq
		papers, sounds := len(b.wire.Sheets()), len(b.speaker.Heard())

		let := b.log.hold()
		answered := b.later(b.someone())
		time.Sleep(3 * time.Second)
		synctest.Wait()
		select {
		case r := <-answered:
			t.Errorf("Do() = %+v before the disk answered", r)
		default:
		}
		select {
		case s := <-watch:
			t.Errorf("Watch() gave state %d before the disk answered; want nothing after %d", s.Seq, before)
		default:
		}
		if s := b.Snapshot(); s.Session.Totals.Issued != 0 || s.Seq != before {
			t.Errorf("Snapshot() = state %d with %d tickets before the disk answered", s.Seq, s.Session.Totals.Issued)
		}
		if p, h := len(b.wire.Sheets()), len(b.speaker.Heard()); p != papers || h != sounds {
			t.Errorf("%d papers and %d sounds came before the disk answered", p-papers, h-sounds)
		}

		let()
		if r := <-answered; r.err != nil || r.Number != 1 {
			t.Errorf("Do() = %+v; want number 1", r)
		}
		if s := <-watch; s.Session.Totals.Issued != 1 {
			t.Errorf("Watch() gave %d tickets; want 1", s.Session.Totals.Issued)
		}
		time.Sleep(10 * time.Second)
		if got := b.paper("Centre social", "1\n"); len(got) == 0 {
			t.Error("no ticket came out once the disk had answered")
		}
	})
}

// A disk that refuses costs the commands that wait, and nothing else.
func TestAFailedCommitChangesNothing(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("fr")
		b.settle()
		before := b.Snapshot()

		b.log.fail(errors.New("input/output error"))
		const n = 5
		commands := make([]session.Command, n)
		errs := make(chan error, 2*n)
		for i := range commands {
			commands[i] = session.Command{ID: b.id(), Order: session.Take{Visit: b.id(), Motif: "caf", Lang: "fr"}}
			go func() { _, err := b.Do(context.Background(), commands[i]); errs <- err }()
			go func() {
				turn := b.Snapshot().Kiosk.Turn
				errs <- b.Kiosk(context.Background(), session.ID{1, byte(i)}, intake.Press{Turn: turn, Key: "caf"})
			}()
		}
		refused := 0
		for range 2 * n {
			if err := <-errs; errors.Is(err, appliance.ErrNotKept) {
				refused++
			} else if err != nil {
				t.Errorf("Do() with a disk that refuses = %v; want ErrNotKept", err)
			}
		}
		if refused < n {
			t.Errorf("%d of %d were told ErrNotKept", refused, n)
		}
		synctest.Wait()
		if s := b.Snapshot(); s.Session.Totals.Issued != 0 || s.Session.Seq != before.Session.Seq || s.Kiosk.Screen != intake.Sorry {
			t.Errorf("after a refused commit: %d tickets, event %d, the kiosk on %s; want 0, %d, sorry", s.Session.Totals.Issued,
				s.Session.Seq, s.Kiosk.Screen, before.Session.Seq)
		}

		b.log.fail(nil)
		for i, c := range commands { // the same command, sent again
			if ans, err := b.Do(context.Background(), c); err != nil || ans.Number != session.Number(i+1) {
				t.Errorf("the same command again = %+v, %v; want number %d", ans, err, i+1)
			}
		}
		time.Sleep(20 * time.Second)
		if got := len(b.paper("Centre social", "01 23 45")); got != n {
			t.Errorf("%d tickets came out; want %d", got, n)
		}
	})
}

// Something that time alone does, and that the disk refuses, is tried again now and
// then, not all the time.
func TestADiskThatRefusesIsNotAskedAllTheTime(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		v := b.take()
		b.do(session.StepOut{Desk: "a", Visit: v.Visit, For: 10 * time.Minute})
		time.Sleep(9 * time.Minute)
		b.log.fail(errors.New("input/output error"))
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		if n := strings.Count(b.logged.String(), "commands dropped"); n < 3 || n > 600 {
			t.Errorf("in ten minutes the disk refused %d times; want at most once a second", n)
		}
		b.log.fail(nil)
		time.Sleep(5 * time.Second)
		if got := b.visit(1).State(); got != session.Waiting {
			t.Errorf("once the disk works: %s; want waiting", got)
		}
	})
}

// Those who wait for the disk together are served by one write.
func TestOneCommitServesAllWhoWait(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.settle()
		let := b.log.hold()
		b.later(b.someone()) // holds the owner
		synctest.Wait()
		const n = 8
		var answers []<-chan result
		for range n {
			answers = append(answers, b.later(b.someone()))
		}
		synctest.Wait()
		before := b.log.appends
		let()
		var got []session.Number
		for _, a := range answers {
			r := <-a
			if r.err != nil {
				t.Errorf("Do() = %v", r.err)
			}
			got = append(got, r.Number)
		}
		slices.Sort(got)
		if want := []session.Number{2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(got, want) {
			t.Errorf("numbers = %v; want %v", got, want)
		}
		if writes := b.log.appends - before; writes != 2 { // the one that was held, and theirs
			t.Errorf("%d writes for %d commands; want 1 and the one before", writes, n)
		}
	})
}

// A repeated command gets the same answer and changes nothing, alone or in one
// commit with the first.
func TestARepeatedCommand(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		c := session.Command{ID: b.id(), Order: session.Take{Visit: b.id(), Motif: "caf", Lang: "fr"}}
		answers := make(chan session.Answer, 5)
		for range cap(answers) {
			go func() {
				ans, err := b.Do(context.Background(), c)
				if err != nil {
					t.Errorf("Do() = %v", err)
				}
				answers <- ans
			}()
		}
		first := <-answers
		for range cap(answers) - 1 {
			if ans := <-answers; ans != first || ans.Number != 1 {
				t.Errorf("Do() again = %+v; want %+v", ans, first)
			}
		}
		b.take()
		if ans, err := b.Do(context.Background(), c); err != nil || ans != first {
			t.Errorf("Do() later = %+v, %v; want %+v", ans, err, first)
		}
		if got := b.Snapshot().Session.Totals.Issued; got != 2 {
			t.Errorf("%d tickets; want 2", got)
		}
		time.Sleep(10 * time.Second)
		if got := len(b.paper("01 23 45")); got != 2 {
			t.Errorf("%d tickets on paper; want 2", got)
		}
	})
}

func TestTwoDesksPressNextAtOnce(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		for range 4 {
			b.take()
		}
		let := b.log.hold()
		b.later(b.someone())
		synctest.Wait()
		atA, atB := b.later(session.CallNext{Desk: "a"}), b.later(session.CallNext{Desk: "b"})
		synctest.Wait()
		let()
		if a, b := <-atA, <-atB; a.err != nil || b.err != nil || a.Number+b.Number != 3 || a.Number == b.Number {
			t.Errorf("two desks call %+v and %+v; want 1 and 2", a, b)
		}
		if board := b.Snapshot().Session.Board; len(board) != 2 {
			t.Errorf("the board shows %d calls; want both", len(board))
		}
	})
}

// What is said to a closed box goes into the log that the close begins, even when
// it came in the same instant: the old log is erased.
func TestATicketRightAfterTheClose(t *testing.T) {
	log, entered := &memory{}, &book{}
	synctest.Test(t, func(t *testing.T) {
		b := start(t, log, entered, nil)
		b.open()
		b.take()
		let := log.hold()
		b.later(b.someone())
		synctest.Wait()
		closing := b.later(session.Close{Desk: "a", Rest: session.Left})
		synctest.Wait()
		opening := b.later(session.StartPermanence{Desk: "a"})
		synctest.Wait()
		let()
		if c, o := <-closing, <-opening; c.err != nil || o.err != nil {
			t.Fatalf("close = %v, open = %v; want both done", c.err, o.err)
		}
		next := b.take()
		if next.Number != 1 {
			t.Errorf("first ticket of the next permanence = %d; want 1", next.Number)
		}
		if err := b.stop(); err != nil {
			t.Fatal(err)
		}
		again := start(t, log, entered, nil)
		s := again.Snapshot().Session
		if v, ok := s.Visit(next.Visit); !ok || v.Number != 1 || s.Totals.Issued != 1 {
			t.Errorf("after a restart: %d tickets, ours found: %v; want it alone", s.Totals.Issued, ok)
		}
		if e := entered.all(); len(e) != 1 || e[0].Totals.Issued != 2 || e[0].Next != 3 {
			t.Errorf("ledger = %+v; want one permanence of two tickets, next number 3", e)
		}
	})
}

// Whoever is slow skips states and gets the newest.
func TestASlowWatcherGetsTheNewest(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.settle()
		ctx, cancel := context.WithCancel(t.Context())
		slow := b.Watch(ctx)
		<-slow
		for range 20 {
			b.take()
		}
		if got := (<-slow).Session.Totals.Issued; got != 20 {
			t.Errorf("a slow watcher sees %d tickets; want the newest state, 20", got)
		}
		cancel()
		synctest.Wait()
		b.take()
		select {
		case s := <-slow:
			t.Errorf("a watcher that has gone is given state %d", s.Seq)
		default:
		}
	})
}

// Every snapshot stays as it was, whatever happens after.
func TestASnapshotNeverChanges(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.take()
		old := b.Snapshot()
		v, _ := old.Session.Numbered(1)
		b.do(session.CallNext{Desk: "a"})
		b.do(session.Start{Desk: "a"})
		b.do(session.End{Desk: "a", Outcome: session.Served})
		if old.Session.Waiting() != 1 || old.Session.Totals.Served != 0 || v.State() != session.Waiting {
			t.Errorf("an old snapshot has %d waiting, %d served, the visit %s; want 1, 0, waiting",
				old.Session.Waiting(), old.Session.Totals.Served, v.State())
		}
		identity(t, b.Snapshot().Session)
	})
}

func TestABoxThatIsGoingDown(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		if err := b.stop(); err != nil {
			t.Errorf("Run() = %v; want nil", err)
		}
		if _, err := b.Do(context.Background(), session.Command{Order: session.Take{}}); !errors.Is(err, appliance.ErrStopping) {
			t.Errorf("Do() = %v; want ErrStopping", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Kiosk(ctx, session.ID{}, intake.Passed{}); err == nil {
			t.Error("Kiosk() of a stopped box = nil; want an error")
		}
	})
}
