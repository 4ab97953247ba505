package appliance_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
)

// drawn is a printer that keeps the documents.
type drawn struct {
	drivers.Printer
	mu   sync.Mutex
	docs []drivers.Document
}

func (p *drawn) Print(ctx context.Context, d drivers.Document) (int, error) {
	p.mu.Lock()
	p.docs = append(p.docs, d)
	p.mu.Unlock()
	return p.Printer.Print(ctx, d)
}

// codes are the QR codes of what was printed.
func (p *drawn) codes() (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.docs {
		for _, b := range d.Blocks {
			if qr, ok := b.(drivers.QR); ok {
				list = append(list, qr.Data)
			}
		}
	}
	return list
}

const visitorPage = "http://10.3.141.1:8080/t"

// A ticket's capability is its own, the same after a power cut, and of no use after
// the closing.
func TestACapability(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		printer := &drawn{}
		phones := func(b *box) {
			b.cfg.Place.VisitorPage = func() string { return visitorPage }
			printer.Printer, b.cfg.Printer = b.cfg.Printer, printer
		}
		b := start(t, log, entered, phones)
		if s := b.Snapshot(); s.Capability(&session.Visit{}) != "" {
			t.Errorf("capability before any permanence = %q; want none", s.Capability(&session.Visit{}))
		}
		b.open()
		var of []string
		for n := range 5 {
			b.take()
			of = append(of, b.Snapshot().Capability(b.visit(session.Number(n+1))))
		}
		time.Sleep(time.Minute)
		var links []string
		for i, c := range of {
			links = append(links, visitorPage+"#"+c)
			if len(c) != 22 || slices.Index(of, c) != i {
				t.Errorf("capability of %d = %q; want 22 characters that no other has", i+1, c)
			}
		}
		if got := printer.codes(); !slices.Equal(got, links) {
			t.Errorf("codes on the tickets = %q; want %q", got, links)
		}
		b.do(session.CallNext{Desk: "a"})
		b.stop()

		time.Sleep(time.Minute)
		again := start(t, log, entered, phones)
		holds := func(s *appliance.Snapshot, c string) session.Number {
			v, ok := s.Holder(c)
			if !ok {
				return 0
			}
			return v.Number
		}
		for i, c := range of {
			if got := holds(again.Snapshot(), c); got != session.Number(i+1) {
				t.Errorf("holder of capability %d after a cut = %d; want the same", i+1, got)
			}
		}
		for _, wrong := range []string{"", "1", of[0][1:], of[0] + "A", strings.Repeat("A", 22), of[0] + "==", "*" + of[0][1:],
			again.visit(1).ID.String(), again.Snapshot().Session.Plan.ID.String()} {
			if got := holds(again.Snapshot(), wrong); got != 0 {
				t.Errorf("Holder(%q) = %d; want nobody", wrong, got)
			}
		}
		visit := again.visit(2).ID
		again.do(session.Resume{Desk: "a"})
		again.do(session.Close{Desk: "a", Rest: session.Left})
		if got := holds(again.Snapshot(), of[1]); got != 0 {
			t.Errorf("Holder after the closing = %d; want nobody", got)
		}
		if _, ok := again.Snapshot().Ticket(visit); ok {
			t.Error("Ticket after the closing = somebody; want nobody")
		}
		time.Sleep(time.Hour)
		// The next permanence knows none of them, and gives its own.
		again.do(session.StartPermanence{Desk: "a"})
		again.take()
		for _, c := range of {
			if got := holds(again.Snapshot(), c); got != 0 {
				t.Errorf("Holder at the next permanence = %d; want nobody", got)
			}
		}
		if c := again.Snapshot().Capability(again.visit(1)); c == of[0] || holds(again.Snapshot(), c) != 1 {
			t.Errorf("capability of the next number 1 = %q; want another, that is its own", c)
		}
	})
}

// Where visitors are not on the network, no ticket says that they are, and no slip is
// kept for phones.
func TestNoVisitorsOnTheNetwork(t *testing.T) {
	printer := &drawn{}
	bubble(t, func(b *box) {
		withSlips(t, nil)(b)
		printer.Printer, b.cfg.Printer = b.cfg.Printer, printer
	}, func(t *testing.T, b *box) {
		b.open()
		n := b.take().Number
		b.do(session.CallNext{Desk: "a"})
		o := appliance.Orientation{Places: []string{"media"}, Visit: b.visit(n).ID, Desk: "a"}
		if err := b.PrintOrientation(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := printer.codes(); len(got) != 0 {
			t.Errorf("codes on paper = %q; want none", got)
		}
		if got := b.Snapshot().Slips; len(got) != 0 {
			t.Errorf("slips for phones = %v; want none", got)
		}
	})
}

// The slip that was printed for somebody is for their phone until their visit ends:
// the newest, without its code, and only from the desk that they are at.
func TestASlipForThePhone(t *testing.T) {
	vouchers := openLedger(t)
	bubble(t, func(b *box) {
		withSlips(t, vouchers)(b)
		b.cfg.Place.VisitorPage = func() string { return visitorPage }
	}, func(t *testing.T, b *box) {
		b.open()
		n := b.take().Number
		b.take()
		visit := b.visit(n).ID
		o := appliance.Orientation{Places: []string{"media"}, Visit: visit, Desk: "a"}
		slip := func() *appliance.Slip {
			t.Helper()
			if err := b.PrintOrientation(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second) // the voucher is drawn as it is printed
			synctest.Wait()
			return b.Snapshot().Slips[visit]
		}
		if got := slip(); got != nil {
			t.Errorf("slip of somebody who still waits = %+v; want none", got)
		}
		b.do(session.CallNext{Desk: "a"})
		got := slip()
		if got == nil || len(got.Places) != 1 || got.Places[0].Name != "Médiathèque du Pont" || got.Places[0].Code != "" {
			t.Fatalf("slip = %+v; want its place, without the voucher's code", got)
		}
		if given(t, vouchers) != 2 {
			t.Errorf("vouchers given = %d; want one for each paper", given(t, vouchers))
		}
		if again := slip(); again == nil || again == got {
			t.Errorf("slip printed again = %p after %p; want a new one", again, got)
		}
		if n := len(b.Snapshot().Slips); n != 1 {
			t.Errorf("slips = %d; want that of one visit", n)
		}
		b.do(session.End{Desk: "a", Visit: visit, Outcome: session.Served})
		if got := b.Snapshot().Slips; len(got) != 0 {
			t.Errorf("slips after the visit = %v; want none", got)
		}
		if got := slip(); got != nil {
			t.Errorf("slip for somebody who has left = %+v; want none", got)
		}
	})
}
