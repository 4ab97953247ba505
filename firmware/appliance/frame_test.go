package appliance_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
)

// framed is a box with a ledger that it can read, in a machine of this boot.
func framed(boot string, kept *ledger.Clock) func(*box) {
	return func(b *box) {
		b.cfg.Frame = appliance.Frame{
			Boot:      boot,
			Vouched:   func() bool { return false },
			Clock:     func() (ledger.Clock, error) { return *kept, nil },
			KeepClock: func(c ledger.Clock) error { *kept = c; return nil },
			Past:      func() ([]ledger.Entry, error) { return b.book.last(), nil },
		}
	}
}

// last are the entries as a ledger holds them: each permanence once.
func (b *book) last() []ledger.Entry {
	var list []ledger.Entry
	for _, e := range b.all() {
		list = slices.DeleteFunc(list, func(old ledger.Entry) bool { return old.ID == e.ID })
		list = append(list, e)
	}
	return list
}

// thursday is at nine, when the box thinks that it is midnight of 1 January 2000.
var thursday = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

// confirm has staff say what time it is.
func (b *box) confirm(at time.Time) {
	b.t.Helper()
	if err := b.ConfirmTime(b.t.Context(), at); err != nil {
		b.t.Fatalf("ConfirmTime(%v) = %v", at, err)
	}
	synctest.Wait()
}

// A box without a battery starts in the past. Somebody says what time it is in the
// midst of the morning; its report and its ledger have the right hours.
func TestTheTimeIsConfirmed(t *testing.T) {
	bubble(t, framed("one", &ledger.Clock{}), func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Minute)
		b.take()
		if b.Snapshot().Sure() {
			t.Error("Sure() = true; want false before anybody vouches")
		}
		b.confirm(thursday.Add(10 * time.Minute))
		s := b.Snapshot()
		if !s.Sure() || !s.Now.Wall.Equal(thursday.Add(10*time.Minute)) {
			t.Errorf("it is %v, sure %t; want ten past nine, sure", s.Now.Wall, s.Sure())
		}
		if got := s.Session.Opened.Wall; !got.Equal(thursday) {
			t.Errorf("opened at %v; want %v", got, thursday)
		}
		if s.From.YearDay() != thursday.YearDay() || s.Session.LeftOpen(s.Now) {
			t.Errorf("hours from %v, left open %t; want today's", s.From, s.Session.LeftOpen(s.Now))
		}
		time.Sleep(20 * time.Minute)
		b.do(session.Close{Desk: "a", Rest: session.Left})
		e := b.book.last()[0]
		if !e.Closed.Equal(thursday.Add(30*time.Minute)) || !e.Report.Opened.Equal(thursday) || e.Report.ClockUnsure {
			t.Errorf("ledger: opened %v, closed %v, unsure %t; want nine, half past, sure", e.Report.Opened, e.Closed, e.Report.ClockUnsure)
		}
		if !strings.Contains(b.logged.String(), "time confirmed") {
			t.Error("nothing of it is in the log")
		}
	})
}

// Nobody said so before the closing: what was entered is entered anew, once.
func TestTheTimeIsConfirmedAfterTheClosing(t *testing.T) {
	bubble(t, framed("one", &ledger.Clock{}), func(t *testing.T, b *box) {
		b.open()
		b.take()
		time.Sleep(time.Hour)
		b.do(session.Close{Desk: "a", Rest: session.Left})
		if !b.book.last()[0].Report.ClockUnsure {
			t.Error("ClockUnsure = false; want true: nobody vouched")
		}
		time.Sleep(5 * time.Minute)
		b.confirm(thursday.Add(65 * time.Minute))
		list := b.book.last()
		if len(list) != 1 || !list[0].Closed.Equal(thursday.Add(time.Hour)) || list[0].Report.ClockUnsure || list[0].Totals.Issued != 1 {
			t.Errorf("ledger = %+v; want one permanence, closed at ten, sure", list)
		}
		if r := b.Snapshot().Report; !r.Opened.Equal(thursday) {
			t.Errorf("report: opened %v; want %v", r.Opened, thursday)
		}
	})
}

// The first phone was a day fast. The box goes back with the second, its calendar
// too.
func TestTheTimeIsConfirmedTwice(t *testing.T) {
	bubble(t, framed("one", &ledger.Clock{}), func(t *testing.T, b *box) {
		b.confirm(thursday.AddDate(0, 0, 1))
		b.open()
		time.Sleep(time.Minute)
		b.confirm(thursday.Add(time.Minute))
		if s := b.Snapshot(); s.From.Day() != 26 || !s.Session.Opened.Wall.Equal(thursday) {
			t.Errorf("from %v, opened %v; want the 26th", s.From, s.Session.Opened.Wall)
		}
		for name, at := range map[string]time.Time{"before the project": time.Unix(0, 0), "in a lifetime": thursday.AddDate(60, 0, 0)} {
			if err := b.ConfirmTime(t.Context(), at); !errors.Is(err, appliance.ErrImplausible) {
				t.Errorf("ConfirmTime(%s) = %v; want %v", name, err, appliance.ErrImplausible)
			}
		}
	})
}

// What staff said holds while the machine is on, and not a day longer.
func TestTheConfirmedTimeIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered, kept := &memory{}, &book{}, ledger.Clock{}
		b := start(t, log, entered, framed("one", &kept))
		b.confirm(thursday)
		b.open()
		b.stop()
		time.Sleep(time.Minute)
		again := start(t, log, entered, framed("one", &kept))
		if s := again.Snapshot(); !s.Sure() || s.Now.Wall.Sub(thursday.Add(time.Minute)).Abs() > time.Second {
			t.Errorf("after a restart of jeudi it is %v, sure %t; want a minute past nine, sure", s.Now.Wall, s.Sure())
		}
		again.stop()
		cut := start(t, log, entered, framed("two", &kept))
		if s := cut.Snapshot(); s.Sure() {
			t.Errorf("after a power cut it is %v, and the box is sure; want not", s.Now.Wall)
		}
		cut.confirm(thursday.Add(10 * time.Minute))
		if c := cut.Snapshot().Session.Cut; c == nil || c.To.Wall.Before(thursday) {
			t.Errorf("Cut = %+v; want an end on the confirmed clock", c)
		}
	})
}

// The machine's clock is set while the box runs. Once it is confirmed that is
// nothing to the box.
func TestVouched(t *testing.T) {
	now := thursday
	epoch := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) + "\n" }
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  bool
	}{
		{"a Raspberry Pi without a battery", nil, false},
		{"a time server was heard", map[string]string{"run/systemd/timesync/synchronized": ""}, true},
		{"a battery clock", map[string]string{"sys/class/rtc/rtc0/since_epoch": epoch(time.Second), "sys/class/rtc/rtc0/hctosys": "1\n"}, true},
		{"one whose battery is missing", map[string]string{"sys/class/rtc/rtc0/since_epoch": "421\n", "sys/class/rtc/rtc0/hctosys": "1\n"}, false},
		{"one that disagrees", map[string]string{"sys/class/rtc/rtc0/since_epoch": epoch(time.Hour), "sys/class/rtc/rtc0/hctosys": "1\n"}, false},
		{"one that the kernel did not ask", map[string]string{"sys/class/rtc/rtc0/since_epoch": epoch(0), "sys/class/rtc/rtc0/hctosys": "0\n"}, false},
		{"one that says nothing", map[string]string{"sys/class/rtc/rtc0/since_epoch": "\n", "sys/class/rtc/rtc0/hctosys": "1\n"}, false},
	} {
		if got := appliance.Vouched(root(tt.files), now); got != tt.want {
			t.Errorf("%s: Vouched() = %t; want %t", tt.name, got, tt.want)
		}
	}
}

func TestDiffers(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		s := b.Snapshot()
		for by, want := range map[time.Duration]bool{0: false, time.Minute: false, -3 * time.Minute: true, time.Hour: true} {
			if got := s.Differs(s.Now.Wall.Add(by), s.Now.Wall); got != want {
				t.Errorf("Differs(by %v) = %t; want %t", by, got, want)
			}
		}
	})
}

// A coordinator goes on with a permanence that was closed too soon: its visits are
// gone, its counts are not, and the ledger holds it once.
func TestReopen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered, kept := &memory{}, &book{}, ledger.Clock{}
		b := start(t, log, entered, framed("one", &kept))
		if err := b.Reopen(t.Context(), b.id(), "a", true); !errors.Is(err, session.ErrNothingClosed) {
			t.Errorf("Reopen() of nothing = %v; want %v", err, session.ErrNothingClosed)
		}
		b.open()
		b.take()
		b.take()
		time.Sleep(15 * time.Minute)
		b.do(session.CallNext{Desk: "a"})
		b.do(session.End{Desk: "a", Outcome: session.Served})
		b.do(session.Close{Desk: "a", Rest: session.Left})
		b.stop()
		again := start(t, log, entered, framed("one", &kept))
		if err := again.Reopen(t.Context(), again.id(), "a", false); !errors.Is(err, session.ErrCoordinatorOnly) {
			t.Errorf("Reopen() by somebody = %v; want %v", err, session.ErrCoordinatorOnly)
		}
		id := again.id()
		for range 2 { // the second is the same command, sent again
			if err := again.Reopen(t.Context(), id, "a", true); err != nil {
				t.Fatalf("Reopen() = %v", err)
			}
		}
		if s := again.Snapshot(); s.Session.Status != session.Paused || s.Session.Totals.Issued != 2 || s.Report != nil {
			t.Errorf("reopened: %s, %+v; want paused, 2 issued", s.Session.Status, s.Session.Totals)
		}
		again.stop() // and it outlives a cut
		after := start(t, log, entered, framed("two", &kept))
		after.do(session.Resume{Desk: "a"})
		if got := after.take(); got.Number != 3 {
			t.Errorf("the next ticket = %d; want 3", got.Number)
		}
		after.do(session.Close{Desk: "a", Rest: session.Unresolved})
		list := entered.last()
		if len(list) != 1 || list[0].Totals.Issued != 3 || list[0].Totals.Reopened != 1 || list[0].Next != 4 {
			t.Errorf("ledger = %+v; want one permanence of 3, reopened once", list)
		}
		waits := 0
		for _, band := range list[0].Report.Waits {
			waits += band.Visits
		}
		if waits != 1 {
			t.Errorf("%d waits in the report; want the one of before the closing", waits)
		}
		if !strings.Contains(again.logged.String(), "permanence reopened") {
			t.Error("the reopening is not in the log")
		}
	})
}

// A permanence that was gone on with after its hours, and closed again, stays in the
// ledger on its own day once somebody says what time it is.
func TestReopenedStaysOnItsDay(t *testing.T) {
	bubble(t, framed("one", &ledger.Clock{}), func(t *testing.T, b *box) {
		b.confirm(thursday)
		b.open()
		b.do(session.Close{Desk: "a"})
		from := b.book.last()[0].From
		time.Sleep(26 * time.Hour)
		if err := b.Reopen(t.Context(), b.id(), "a", true); err != nil {
			t.Fatal(err)
		}
		b.do(session.Close{Desk: "a"})
		b.confirm(b.Snapshot().Now.Wall.Add(10 * time.Minute))
		if list := b.book.last(); len(list) != 1 || !list[0].From.Equal(from) {
			t.Errorf("ledger = %+v; want one permanence, from %v", list, from)
		}
	})
}

// Copies of any closed permanence, each with the time of its own print.
func TestPrintReport(t *testing.T) {
	bubble(t, framed("one", &ledger.Clock{}), func(t *testing.T, b *box) {
		if err := b.PrintReport(t.Context(), session.ID{}, 1); !errors.Is(err, appliance.ErrNoReport) {
			t.Errorf("PrintReport() before any = %v; want %v", err, appliance.ErrNoReport)
		}
		b.confirm(thursday)
		b.open()
		b.do(session.Close{Desk: "a", Tells: []session.Tell{"paper_low"}})
		first := b.book.last()[0].ID
		time.Sleep(time.Hour)
		b.open()
		b.take()
		b.do(session.Close{Desk: "a", Rest: session.Left})
		time.Sleep(time.Minute)
		before := len(b.wire.Sheets())
		if err := b.PrintReport(t.Context(), first, 2); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		sheets := b.wire.Sheets()[before:]
		if len(sheets) != 2 || !strings.Contains(sheets[1].Text(), "10 h 01") || !strings.Contains(sheets[1].Text(), "peu de papier") {
			t.Errorf("%d papers came out; want two, printed at one past ten, of the first permanence: %v", len(sheets), sheets)
		}
		for n, want := range map[int]error{0: appliance.ErrCopies, appliance.MostCopies + 1: appliance.ErrCopies} {
			if err := b.PrintReport(t.Context(), first, n); !errors.Is(err, want) {
				t.Errorf("PrintReport(%d copies) = %v; want %v", n, err, want)
			}
		}
		if err := b.PrintReport(t.Context(), b.id(), 1); !errors.Is(err, appliance.ErrNoReport) {
			t.Errorf("PrintReport(of nothing) = %v; want %v", err, appliance.ErrNoReport)
		}
	})
}

// What a closing leaves for the next one is there after a restart, and goes when
// the next one is closed.
func TestTellsAreForTheNextPermanence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, nil)
		b.open()
		b.do(session.Close{Desk: "a", Tells: []session.Tell{"sound", "technician"}})
		b.stop()
		again := start(t, log, entered, func(b *box) { r := entered.all()[0].Report; b.cfg.Last = &r })
		again.open()
		if got := again.Snapshot().Tells(); len(got) != 2 || got[0].Key != "report.tell.sound" {
			t.Errorf("Tells() = %v; want the sound and the technician", got)
		}
		again.do(session.Close{Desk: "a"})
		if got := again.Snapshot().Tells(); len(got) != 0 {
			t.Errorf("Tells() = %v; want none any more", got)
		}
	})
}

func TestFallbackPaper(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		if err := b.PrintFallback(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if n := len(b.paper("Fiche de secours", "P1", "P24")); n == 0 {
			t.Error("no sheet came out")
		}
	})
}

// Whoever practises leaves nothing behind: not in the log, the ledger, the sheets,
// on the screens, nor for the next permanence.
func TestPractisingErasesEverything(t *testing.T) {
	bubble(t, framed("one", &ledger.Clock{}), func(t *testing.T, b *box) {
		b.do(session.StartPermanence{Desk: "a", Test: true})
		b.press("fr", "logement", "questions")
		b.take()
		if err := b.OpenIntake(t.Context(), "a", false); err != nil {
			t.Fatal(err)
		}
		b.do(session.CallNext{Desk: "b"})
		b.do(session.CatchUp{Desk: "a", Motif: "caf", Outcome: session.Served, People: 3})
		b.do(session.TurnAway{Desk: "a", Reason: "no_room"})
		b.do(session.Close{Desk: "a", Rest: session.Left, Tells: []session.Tell{"printer"}})
		b.settle()
		s := b.Snapshot()
		kept, _ := b.sheets.state()
		if len(b.book.all()) != 0 || len(b.log.kept()) != 0 || len(kept) != 0 {
			t.Errorf("kept: ledger %v, %d events, %d sheets; want nothing", b.book.all(), len(b.log.kept()), len(kept))
		}
		if !s.Kiosk.Idle() || len(s.Intakes) != 0 || len(s.Notes) != 0 || s.Help != nil || len(s.Tells()) != 0 || !s.Closed.IsZero() {
			t.Errorf("left: kiosk %v, intakes %v, notes %v, help %v, tells %v, closed %v; want nothing",
				s.Kiosk.Screen, s.Intakes, s.Notes, s.Help, s.Tells(), s.Closed)
		}
		if err := b.Reopen(t.Context(), b.id(), "a", true); !errors.Is(err, session.ErrNothingClosed) {
			t.Errorf("Reopen() of what was practised = %v; want %v", err, session.ErrNothingClosed)
		}
		b.open()
		if got := b.take(); got.Number != 1 || b.Snapshot().Session.Totals.Issued != 1 {
			t.Errorf("the first real ticket = %d of %d; want 1 of 1", got.Number, b.Snapshot().Session.Totals.Issued)
		}
	})
}

// A time server is heard in the midst of the morning: nobody need say anything.
func TestATimeServerIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard atomic.Bool
		time.Sleep(time.Until(thursday)) // the machine's clock shows what it showed when it went off, a week ago
		b := start(t, &memory{}, &book{}, func(b *box) {
			framed("one", &ledger.Clock{})(b)
			b.cfg.Frame.Vouched = heard.Load
		})
		b.open()
		time.Sleep(10 * time.Minute)
		if b.Snapshot().Sure() {
			t.Error("Sure() = true; want false before it is heard")
		}
		heard.Store(true)
		b.do(session.Close{Desk: "a"})
		if r := b.Snapshot().Report; r.ClockUnsure || !r.Opened.Equal(thursday) {
			t.Errorf("report: opened %v, unsure %t; want nine, sure", r.Opened, r.ClockUnsure)
		}
	})
}
