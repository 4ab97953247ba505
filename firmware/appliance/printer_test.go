package appliance_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
	"jeudi/firmware/appliance"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
)

// faulty is a printer whose every job ends with the same error.
type faulty struct{ err error }

func (f faulty) Print(context.Context, drivers.Document) (int, error) { return 0, f.err }
func (f faulty) Status(context.Context) drivers.Status                { return drivers.StatusOf(f.err) }

// slow is a printer that keeps its jobs until it is let go, and then prints.
type slow struct {
	mu      sync.Mutex
	let     chan struct{}
	printed []drivers.Document
}

func (s *slow) Print(ctx context.Context, d drivers.Document) (int, error) {
	select {
	case <-s.let:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printed = append(s.printed, d)
	return 80, nil
}

func (s *slow) Status(context.Context) drivers.Status { return drivers.Ready }

func (s *slow) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.printed)
}

func withPrinter(p drivers.Printer) func(*box) { return func(b *box) { b.cfg.Printer = p } }

// No printer, however bad, delays anybody: the ticket is taken and called in no
// time, and what became of the paper is known in the end.
func TestABadPrinterDelaysNobody(t *testing.T) {
	for _, c := range []struct {
		name    string
		printer func(*testing.T) drivers.Printer
		status  drivers.Status
		want    []session.Paper // of the first ticket and of one taken much later
	}{
		{"blocks until it is given up", func(*testing.T) drivers.Printer { return drivertest.Blocked{} },
			drivers.Mute, []session.Paper{session.Unprinted, session.Unprinted}},
		{"blocks for ever, whatever it is told", func(t *testing.T) drivers.Printer { return drivertest.NewDeaf(t) },
			drivers.Unplugged, []session.Paper{session.Unprinted, session.Unprinted}},
		{"has no paper", func(*testing.T) drivers.Printer { return faulty{drivers.ErrNoPaper} },
			drivers.NoPaper, []session.Paper{session.Unprinted, session.Unprinted}},
		{"is not there", func(*testing.T) drivers.Printer { return faulty{drivers.ErrUnplugged} },
			drivers.Unplugged, []session.Paper{session.Unprinted, session.Unprinted}},
		{"says nothing of what it printed", func(*testing.T) drivers.Printer { return faulty{drivers.ErrUnknown} },
			drivers.Mute, []session.Paper{session.Unknown, session.Unknown}},
		{"fails in a way nobody thought of", func(*testing.T) drivers.Printer { return faulty{errors.New("magic smoke")} },
			drivers.Mute, []session.Paper{session.Unprinted, session.Unprinted}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := start(t, &memory{}, &book{}, withPrinter(c.printer(t)))
				began := time.Now()
				b.open()
				for range 100 { // more than wait for a printer
					b.take()
				}
				b.do(session.CallNext{Desk: "a"})
				b.do(session.Start{Desk: "a"})
				b.do(session.End{Desk: "a", Outcome: session.Served})
				if took := time.Since(began); took != 0 {
					t.Errorf("a hundred tickets and a visit took %v; want no time at all", took)
				}
				time.Sleep(5 * time.Minute)
				b.take()
				time.Sleep(3 * time.Minute)
				for i, n := range []session.Number{1, 101} {
					if got := b.visit(n).Paper; got != c.want[i] {
						t.Errorf("ticket %d is %q; want %q", n, got, c.want[i])
					}
				}
				for v := range b.Snapshot().Session.Visits() {
					if v.Paper == session.Queued {
						t.Fatalf("ticket %d still waits for the printer after minutes", v.Number)
					}
				}
				if got := b.Snapshot().Printer; got != c.status {
					t.Errorf("the printer is %v; want %v", got, c.status)
				}
			})
		})
	}
}

// A job that hung, of which nobody knows whether it came out, is not printed twice.
func TestAJobThatHangsIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := over(t)
		b := start(t, &memory{}, &book{}, withPrinter(hangs{hang}))
		b.open() // the report of the opening is what hangs
		time.Sleep(time.Minute)
		b.take()
		time.Sleep(2 * time.Minute)
		if got := b.visit(1).Paper; got != session.Unprinted {
			t.Errorf("a ticket behind a job that hangs is %q; want unprinted", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		hang := over(t)
		b := start(t, &memory{}, &book{}, withPrinter(hangs{hang}))
		b.take() // before the opening: it is the first job
		time.Sleep(3 * time.Minute)
		if got := b.visit(1).Paper; got != session.Unknown {
			t.Errorf("a ticket whose print hangs is %q; want unknown", got)
		}
	})
}

// hangs is a printer that is well until it prints.
type hangs struct{ over <-chan struct{} }

func (h hangs) Print(context.Context, drivers.Document) (int, error) { <-h.over; return 0, nil }
func (h hangs) Status(context.Context) drivers.Status                { return drivers.Ready }

// A ticket that waited for more than a minute is not printed: its owner was told
// the number on the screen, and is gone.
func TestAStaleTicketIsNotPrinted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &slow{let: make(chan struct{})}
		b := start(t, &memory{}, &book{}, withPrinter(p))
		for range 4 {
			b.take()
		}
		// The first takes more than a minute: the others get their turn too late.
		time.Sleep(61 * time.Second)
		close(p.let)
		time.Sleep(time.Minute)
		for n, want := range map[session.Number]session.Paper{1: session.Printed, 2: session.Unprinted, 4: session.Unprinted} {
			if got := b.visit(n).Paper; got != want {
				t.Errorf("ticket %d is %q; want %q", n, got, want)
			}
		}
		if got := p.count(); got > 1 {
			t.Errorf("%d tickets came out after a minute; want at most the one under way", got)
		}
		b.do(session.Reprint{Desk: "a", Visit: b.visit(4).ID})
		b.settle()
		if got := b.visit(4).Paper; got != session.Printed {
			t.Errorf("ticket 4 printed again on demand is %q; want printed", got)
		}
	})
}

func TestPaperStates(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Second)
		first := b.take()
		b.settle()
		if got := b.visit(1).Paper; got != session.Queued && got != session.Printed {
			t.Errorf("a ticket just taken is %q; want queued", got)
		}
		time.Sleep(10 * time.Second)
		if got := b.visit(1).Paper; got != session.Printed {
			t.Errorf("the ticket is %q; want printed", got)
		}

		b.wire.Set(drivers.NoPaper, true)
		b.take()
		time.Sleep(10 * time.Second)
		if got := b.visit(2).Paper; got != session.Unprinted {
			t.Errorf("a ticket without paper is %q; want unprinted", got)
		}
		if got := b.Snapshot().Printer; got != drivers.NoPaper {
			t.Errorf("the printer is %v; want no_paper", got)
		}

		b.wire.Set(drivers.NoPaper, false)
		time.Sleep(10 * time.Second)
		if got := b.Snapshot().Printer; got != drivers.Ready {
			t.Errorf("the printer is %v once there is paper; want ready", got)
		}
		if got := len(b.paper("01 23 45")); got != 2 {
			t.Errorf("%d tickets came out; want 2: there is paper again within a minute", got)
		}
		copies := len(b.paper("01 23 45", "Duplicata"))
		b.do(session.Reprint{Desk: "a", Visit: first.Visit})
		b.do(session.Reprint{Desk: "a", Visit: b.visit(2).ID})
		time.Sleep(20 * time.Second)
		if got := len(b.paper("01 23 45")); got != 4 {
			t.Errorf("%d tickets after two reprints; want 4 (%d are marked)", got, copies)
		}
		for n := range session.Number(2) {
			if got := b.visit(n + 1).Paper; got != session.Printed {
				t.Errorf("ticket %d is %q after its reprint; want printed", n+1, got)
			}
		}
	})
}

// A ticket that a fault kept back comes out when the fault is mended while its
// owner is still there, once; it is a copy if some of it may be on paper already.
func TestWhenThePrinterIsMended(t *testing.T) {
	const ticket, copied = "01 23 45", "Copie"
	for _, c := range []struct {
		name            string
		fault           func(*box)
		after           time.Duration // until it is mended
		asked           bool          // staff ask for it meanwhile
		tickets, copies int           // on paper in the end
		want            session.Paper
	}{
		{name: "no paper, soon mended", after: 20 * time.Second, tickets: 1, want: session.Printed,
			fault: func(b *box) { b.wire.Set(drivers.NoPaper, true) }},
		{name: "no paper, mended too late", after: 70 * time.Second, want: session.Unprinted,
			fault: func(b *box) { b.wire.Set(drivers.NoPaper, true) }},
		{name: "unplugged", after: 30 * time.Second, tickets: 1, want: session.Printed,
			fault: func(b *box) { b.wire.Set(drivers.Unplugged, true) }},
		{name: "in the middle of the ticket", after: 20 * time.Second, tickets: 1, copies: 1, want: session.Printed,
			fault: func(b *box) { b.wire.FailAfter(2, drivers.CoverOpen) }},
		{name: "asked for while it waits: once all the same", after: 20 * time.Second, asked: true, tickets: 1, want: session.Printed,
			fault: func(b *box) { b.wire.Set(drivers.CoverOpen, true) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *box) {
				b.open()
				time.Sleep(10 * time.Second)
				c.fault(b)
				b.take()
				time.Sleep(2 * time.Second)
				if c.asked {
					b.do(session.Reprint{Desk: "a", Visit: b.visit(1).ID})
				}
				time.Sleep(c.after - 2*time.Second)
				b.wire.Set(drivers.Ready, true)
				time.Sleep(20 * time.Second)
				if got := len(b.paper(ticket, "Imprimé le")); got != c.tickets {
					t.Errorf("%d whole tickets are on paper; want %d", got, c.tickets)
				}
				if got := len(b.paper(copied)); got != c.copies {
					t.Errorf("%d of them are marked as copies; want %d", got, c.copies)
				}
				if got := b.visit(1).Paper; got != c.want {
					t.Errorf("the ticket is %q; want %q", got, c.want)
				}
			})
		})
	}
}

// Every fault, at every line, mended sooner or later, with staff asking for the
// ticket before, while and after: in the end the ticket is on paper whole, and
// only one of it without the mark of a copy.
func TestNoUnmarkedDuplicate(t *testing.T) {
	mishaps := 0
	for _, fault := range []drivers.Status{drivers.NoPaper, drivers.CoverOpen, drivers.Unplugged} {
		for line := range 14 {
			for _, mended := range []time.Duration{3 * time.Second, 45 * time.Second, 90 * time.Second} {
				for _, asked := range []time.Duration{-1, 2 * time.Second, mended, mended + 300*time.Millisecond, mended + 20*time.Second} {
					mishaps++
					bubble(t, nil, func(t *testing.T, b *box) {
						b.open()
						time.Sleep(10 * time.Second)
						if line == 0 {
							b.wire.Set(fault, true)
						} else {
							b.wire.FailAfter(line, fault)
						}
						b.take()
						began := time.Now()
						ask := func(at time.Duration) {
							if asked == at {
								b.do(session.Reprint{Desk: "a", Visit: b.visit(1).ID})
							}
						}
						time.Sleep(2 * time.Second)
						ask(2 * time.Second)
						time.Sleep(mended - time.Since(began))
						b.wire.Set(drivers.Ready, true)
						b.wire.FailAfter(0, drivers.Ready)
						ask(mended)
						time.Sleep(300 * time.Millisecond)
						ask(mended + 300*time.Millisecond)
						time.Sleep(20*time.Second - 300*time.Millisecond)
						ask(mended + 20*time.Second)
						time.Sleep(40 * time.Second)
						if b.visit(1).Paper != session.Printed { // as staff would
							b.do(session.Reprint{Desk: "a", Visit: b.visit(1).ID})
							time.Sleep(40 * time.Second)
						}
						plain, whole := 0, 0
						for _, s := range b.paper("01 23 45", "Imprimé le") {
							if whole++; !strings.Contains(s, "Copie") {
								plain++
							}
						}
						if whole == 0 || plain > 1 || b.visit(1).Paper != session.Printed {
							t.Errorf("%v after %d lines, mended after %v, asked for at %v: %d whole, %d of them unmarked, %q; want one at least, one unmarked at most, printed",
								fault, line, mended, asked, whole, plain, b.visit(1).Paper)
						}
					})
				}
			}
		}
	}
	if t.Failed() {
		return
	}
	t.Logf("report: %d faults of a printer under the box, with staff asking again: 0 tickets lost, 0 unmarked duplicates", mishaps)
}

// Paper is counted down, and a new roll begins with a line that shows its side.
func TestRoll(t *testing.T) {
	roll := &keptRoll{}
	bubble(t, func(b *box) { b.cfg.Roll, b.cfg.Place.RollLength = roll, 3000 }, func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Second)
		if _, known := b.Snapshot().TicketsLeft(); known {
			t.Error("before the first ticket, the number of those left is known")
		}
		b.take()
		time.Sleep(10 * time.Second)
		before, known := b.Snapshot().TicketsLeft()
		if !known || before < 1 {
			t.Fatalf("TicketsLeft() = %d, %v; want some", before, known)
		}
		if state, ok := b.Snapshot().PrinterState(); before <= 20 && (state != "paper_low" || !ok) {
			t.Errorf("with %d tickets left the printer is %s; want paper_low", before, state)
		}
		b.take()
		time.Sleep(10 * time.Second)
		if after, _ := b.Snapshot().TicketsLeft(); after >= before {
			t.Errorf("TicketsLeft() = %d after another ticket; want fewer than %d", after, before)
		}
		b.wire.Set(drivers.NoPaper, true)
		time.Sleep(10 * time.Second)
		b.wire.Set(drivers.NoPaper, false)
		time.Sleep(10 * time.Second)
		if got := len(b.paper("Rouleau neuf")); got != 1 {
			t.Errorf("%d lines on the new roll; want one", got)
		}
		if got := b.Snapshot().Roll; got.Used > 100 || got.Since.IsZero() {
			t.Errorf("the new roll is %+v; want next to nothing used, since now", got)
		}
		b.NewRoll(t.Context()) // changed before its end
		time.Sleep(10 * time.Second)
		if got := len(b.paper("Rouleau neuf")); got != 2 {
			t.Errorf("%d lines after staff said so; want another", got)
		}
	})
}

// keptRoll is a roll in memory.
type keptRoll struct{ r ledger.Roll }

func (k *keptRoll) Roll() (ledger.Roll, error) { return k.r, nil }
func (k *keptRoll) UsePaper(mm int, ticket bool) (ledger.Roll, error) {
	if k.r.Used += mm; ticket {
		k.r.Mean = mm
	}
	return k.r, nil
}
func (k *keptRoll) NewRoll(at time.Time) (ledger.Roll, error) {
	k.r = ledger.Roll{Mean: k.r.Mean, Since: at}
	return k.r, nil
}

// The queue outlives the cable of its printer.
func TestBug20SessionLostAtAPrinterBlip(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("fr", "caf")
		time.Sleep(10 * time.Second)
		for range 5 {
			b.wire.Set(drivers.Unplugged, true)
			b.take()
			time.Sleep(7 * time.Second)
			b.wire.Set(drivers.Unplugged, false)
			time.Sleep(7 * time.Second)
		}
		b.shows("more_time") // the visitor's path went on as if nothing had been
		b.take()
		time.Sleep(10 * time.Second)
		s := b.Snapshot()
		if s.Session.Status != session.Open || s.Session.Totals.Issued != 7 || s.Session.Cut != nil {
			t.Errorf("after five blips: %s, %d tickets, cut %v; want open, 7, none", s.Session.Status, s.Session.Totals.Issued, s.Session.Cut)
		}
		if got := b.visit(7).Paper; got != session.Printed {
			t.Errorf("the ticket after the blips is %q; want printed", got)
		}
		if s.Printer != drivers.Ready {
			t.Errorf("the printer is %v; want ready", s.Printer)
		}
	})
}

// The report of a closing that did not come out is known as lost until it did.
func TestAReportThatDidNotComeOut(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Second)
		b.take()
		time.Sleep(10 * time.Second)
		b.wire.Set(drivers.CoverOpen, true)
		b.do(session.Close{Desk: "a", Rest: session.Unresolved})
		time.Sleep(10 * time.Second)
		if s := b.Snapshot(); !s.Lost || s.Report == nil || s.Report.Totals.Unresolved != 1 {
			t.Errorf("Lost = %v, Report = %+v; want a lost report with one unresolved", s.Lost, s.Report)
		}
		b.wire.Set(drivers.CoverOpen, false)
		papers := len(b.wire.Sheets())
		if err := b.ReprintReport(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if s := b.Snapshot(); s.Lost || len(b.wire.Sheets()) == papers {
			t.Errorf("after the reprint: Lost = %v, %d papers; want it on paper", s.Lost, len(b.wire.Sheets())-papers)
		}
	})
}

// A hanging shutdown makes people pull the plug.
func TestBug21ShutdownHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := over(t)
		b := start(t, &memory{}, &book{}, func(b *box) {
			b.cfg.Printer, b.cfg.Panel, b.cfg.Speaker = drivertest.NewDeaf(t), deafPanel{hang}, deafSpeaker{hang}
		})
		b.open()
		b.take()
		b.do(session.CallNext{Desk: "a"})
		time.Sleep(time.Minute)
		began := time.Now()
		if err := b.stop(); err != nil {
			t.Errorf("Run() = %v; want nil", err)
		}
		if took := time.Since(began); took >= 2*time.Second {
			t.Errorf("the box took %v to stop with devices that hang; want less than 2 s", took)
		}
	})
}

// A box at rest does next to nothing.
func TestBug19CPUByPolling(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.take()
		time.Sleep(5 * time.Minute)
		before := b.Snapshot().Seq
		time.Sleep(time.Hour)
		if n := b.Snapshot().Seq - before; n > 4 {
			t.Errorf("the owner published %d states in an hour in which nothing happened; want at most 4", n)
		}
	})
	// Nor with one who stepped out and a visitor who left in the middle.
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("fr", "caf")
		v := b.take()
		b.do(session.StepOut{Desk: "a", Visit: v.Visit, For: time.Hour})
		b.settle()
		before := b.Snapshot().Seq
		time.Sleep(time.Hour - time.Second)
		if n := b.Snapshot().Seq - before; n > 12 {
			t.Errorf("the owner published %d states in an hour of waiting; want at most 12", n)
		}
	})
}

// The watchdog hears from the owner's loop, and no longer once the disk hangs.
func TestTheWatchdogHearsFromTheOwner(t *testing.T) {
	var mu sync.Mutex
	pings := 0
	count := func() int { mu.Lock(); defer mu.Unlock(); return pings }
	bubble(t, func(b *box) {
		b.cfg.WatchdogEvery = 10 * time.Second
		b.cfg.Watchdog = func() { mu.Lock(); defer mu.Unlock(); pings++ }
	}, func(t *testing.T, b *box) {
		time.Sleep(time.Minute)
		if n := count(); n < 6 || n > 8 {
			t.Errorf("%d pings in a minute; want one each 10 s", n)
		}
		let := b.log.hold()
		go b.open()
		synctest.Wait()
		n := count()
		time.Sleep(time.Minute)
		if got := count(); got != n {
			t.Errorf("%d pings while the owner hangs; want none", got-n)
		}
		let()
	})
}

// What goes wrong is in the log without a word about a person.
func TestTheLogSpeaksOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, &memory{}, &book{}, withPrinter(faulty{drivers.ErrNoPaper}))
		b.open()
		b.press("ar", "logement")
		time.Sleep(time.Minute)
		b.log.fail(errors.New("input/output error"))
		_, err := b.Do(t.Context(), session.Command{ID: b.id(), Order: session.Take{Visit: b.id(), Motif: "logement", Lang: "ar"}})
		if !errors.Is(err, appliance.ErrNotKept) {
			t.Fatalf("Do() = %v; want ErrNotKept", err)
		}
		b.stop()
		text := b.logged.String()
		if !strings.Contains(text, "no paper") || !strings.Contains(text, "commands dropped") {
			t.Errorf("the log says %q; want what went wrong", text)
		}
		for _, word := range []string{"logement", "lang", "=ar", b.visit(1).ID.String()} {
			if strings.Contains(text, word) {
				t.Errorf("the log says %q of a person:\n%s", word, text)
			}
		}
	})
}
