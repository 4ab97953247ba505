package appliance_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/counters"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// margin is counters of exit sheets, and how often a period of them was ended.
type margin struct {
	sheets
	counted  int
	ended    []uint64
	fault    error
	unmerged error
	slow     chan struct{} // a merge waits for it
}

func (s *margin) Totals() map[sheet.Kind]counters.Totals {
	return map[sheet.Kind]counters.Totals{sheet.KindExit: {Period: uint64(len(s.ended)) + 1, Sheets: s.counted, Questions: []counters.QuestionTotals{
		{Key: sheet.Useful, Answers: []counters.AnswerTotal{{Key: sheet.Yes, N: s.counted}, {Key: sheet.Unset}}}}}}
}

func (s *margin) EndPeriod(_ sheet.Kind, period uint64) error {
	if s.fault == nil {
		s.ended, s.counted = append(s.ended, period), 0
	}
	return s.fault
}

func (s *margin) Merge() (int, error) {
	if s.slow != nil {
		<-s.slow
	}
	n, _ := s.sheets.Merge()
	return n, s.unmerged
}

// closing gives a box periods to close.
func closing(t *testing.T, s *margin, l *ledger.Ledger) func(*box) {
	frame := framed("one", &ledger.Clock{})
	return func(b *box) {
		frame(b)
		b.cfg.Enter, b.cfg.Sheets, b.cfg.Frame.Past = l.Enter, s, l.Entries
		b.cfg.Periods = &appliance.Periods{Ledger: l, Sheets: s, Schemas: []sheet.Schema{sheet.Exit()}, Length: "month", Place: "Centre social des Tilleuls", Zone: time.UTC, Random: rand.Reader}
	}
}

func TestAPeriodIsClosedBetweenPermanences(t *testing.T) {
	l, s := openLedger(t), &margin{counted: 40}
	bubble(t, closing(t, s, l), func(t *testing.T, b *box) {
		if _, err := b.ClosePeriod(t.Context()); !errors.Is(err, appliance.ErrPeriodClock) {
			t.Errorf("ClosePeriod() by a clock that nobody set = %v; want ErrPeriodClock", err)
		}
		b.confirm(thursday)
		b.open()
		b.take()
		if _, err := b.ClosePeriod(t.Context()); !errors.Is(err, appliance.ErrPeriodOpen) {
			t.Errorf("ClosePeriod() while people wait = %v; want ErrPeriodOpen", err)
		}
		b.receive()
		b.do(session.Close{Desk: "a"})
		b.settle()
		r, err := b.ClosePeriod(t.Context())
		if err != nil || len(r.Tables) != 1 || r.Attendance.Totals.Served != 1 || len(s.ended) != 1 {
			t.Fatalf("ClosePeriod() = %+v, %v, ended %v; want a release with its permanence", r, err, s.ended)
		}
		if err := b.Reopen(t.Context(), b.id(), "a", true); !errors.Is(err, appliance.ErrPeriodClosed) {
			t.Errorf("Reopen() of a permanence of a closed period = %v; want ErrPeriodClosed", err)
		}
		var refusal *session.Refusal
		if _, err := b.ClosePeriod(t.Context()); !errors.As(err, &refusal) || refusal.Msg.Key != "refuse.period_few" {
			t.Errorf("ClosePeriod() again = %v; want refuse.period_few", err)
		}
		if list, err := b.Releases(); err != nil || len(list) != 1 || list[0].ID != r.ID {
			t.Errorf("Releases() = %+v, %v; want that one", list, err)
		}
		if o, ok, err := b.OpenPeriod(t.Context()); err != nil || !ok || o.Permanences != 0 || o.Kinds[0] != (appliance.OpenKind{Kind: sheet.KindExit}) {
			t.Errorf("OpenPeriod() = %+v, %v, %v; want an empty one", o, ok, err)
		}
	})
}

// While a period is being released nothing goes on that it releases: whoever came
// afterwards would be in no release.
func TestNothingIsReopenedWhileItIsReleased(t *testing.T) {
	l, s := openLedger(t), &margin{counted: 40}
	bubble(t, closing(t, s, l), func(t *testing.T, b *box) {
		b.confirm(thursday)
		b.open()
		b.do(session.Close{Desk: "a"})
		b.settle()
		s.slow = make(chan struct{})
		closed := make(chan error)
		go func() {
			_, err := b.ClosePeriod(t.Context())
			closed <- err
		}()
		synctest.Wait()
		if err := b.Reopen(t.Context(), b.id(), "a", true); !errors.Is(err, appliance.ErrPeriodClosed) {
			t.Errorf("Reopen() while the period is released = %v; want ErrPeriodClosed", err)
		}
		s.unmerged = errors.New("card is full")
		close(s.slow)
		if err := <-closed; !errors.Is(err, appliance.ErrNotKept) {
			t.Fatalf("ClosePeriod() = %v; want ErrNotKept", err)
		}
		time.Sleep(time.Second)
		if err := b.Reopen(t.Context(), b.id(), "a", true); err != nil {
			t.Errorf("Reopen() once nothing was released = %v; want it to go on", err)
		}
	})
}

// What is merged into counters that were released already would be lost with them.
func TestNothingIsMergedBeforeAClosedPeriodIsFinished(t *testing.T) {
	l, s := openLedger(t), &margin{counted: 40, fault: errors.New("card is full")}
	bubble(t, closing(t, s, l), func(t *testing.T, b *box) {
		b.confirm(thursday)
		if r, err := b.ClosePeriod(t.Context()); err != nil || r.ID == "" {
			t.Fatalf("ClosePeriod() = %+v, %v; want the frozen release", r, err)
		}
		if !strings.Contains(b.logged.String(), "counters of a closed period not begun anew") {
			t.Errorf("log = %s; want the fault", b.logged)
		}
		_, before := s.state()
		b.open()
		b.do(session.Close{Desk: "a"})
		b.settle()
		if _, merges := s.state(); merges != before {
			t.Errorf("%d merges while the counters are still the released ones; want none", merges-before)
		}
		s.fault = nil
		time.Sleep(24 * time.Hour)
		b.open()
		b.do(session.Close{Desk: "a"})
		b.settle()
		if _, merges := s.state(); merges == before || len(s.ended) != 1 {
			t.Errorf("%d merges, ended %v; want both once the card has room", merges-before, s.ended)
		}
	})
}

// A merge that failed may have counted the sheets or not: a release of the counters as
// they were would end the period with sheets in it that nobody was told of.
func TestNothingIsReleasedAfterAMergeThatFailed(t *testing.T) {
	l, s := openLedger(t), &margin{counted: 40, unmerged: errors.New("card gone")}
	bubble(t, closing(t, s, l), func(t *testing.T, b *box) {
		b.confirm(thursday)
		if r, err := b.ClosePeriod(t.Context()); !errors.Is(err, appliance.ErrNotKept) || r.ID != "" {
			t.Errorf("ClosePeriod() = %+v, %v; want ErrNotKept", r, err)
		}
		if list, err := b.Releases(); err != nil || len(list) != 0 || len(s.ended) != 0 {
			t.Errorf("Releases() = %+v, %v, ended %v; want none", list, err, s.ended)
		}
		s.unmerged = nil
		if r, err := b.ClosePeriod(t.Context()); err != nil || r.ID == "" {
			t.Errorf("ClosePeriod() once the card is back = %+v, %v; want a release", r, err)
		}
	})
}

// lockedOut is a batch of exit sheets whose key everybody has lost.
type lockedOut struct {
	safe
	abandoned int
}

func (s *lockedOut) Abandon(sheet.Kind) (int, error) { s.abandoned++; return 3, nil }

// Sheets that are given up belong to the period that goes on: the counters of the one
// that was released go, and what is added to them with them.
func TestNothingIsGivenUpBeforeAClosedPeriodIsFinished(t *testing.T) {
	l, s := openLedger(t), &margin{counted: 40, fault: errors.New("card is full")}
	keys := &lockedOut{safe: safe{states: []counters.State{{Kind: sheet.KindExit, Batch: 7, Sealed: true, Locked: true, Pending: 3}}}}
	periods := closing(t, s, l)
	bubble(t, func(b *box) { periods(b); b.cfg.Escrow = keys }, func(t *testing.T, b *box) {
		b.confirm(thursday)
		if r, err := b.ClosePeriod(t.Context()); err != nil || r.ID == "" {
			t.Fatalf("ClosePeriod() = %+v, %v; want the frozen release", r, err)
		}
		id := appliance.KeyID{Kind: sheet.KindExit, Batch: 7}
		if err := b.AbandonSheets(t.Context(), id); !errors.Is(err, appliance.ErrNotKept) || keys.abandoned != 0 {
			t.Errorf("AbandonSheets() = %v, %d times; want ErrNotKept", err, keys.abandoned)
		}
		s.fault = nil
		if err := b.AbandonSheets(t.Context(), id); err != nil || keys.abandoned != 1 || len(s.ended) != 1 {
			t.Errorf("AbandonSheets() = %v, %d times, ended %v; want it after the period", err, keys.abandoned, s.ended)
		}
	})
}
