package appliance

import (
	"context"
	"errors"
	"slices"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
)

// Roll keeps how much paper was used of the roll in the printer.
type Roll interface {
	Roll() (ledger.Roll, error)
	UsePaper(mm int, ticket bool) (ledger.Roll, error)
	NewRoll(at time.Time) (ledger.Roll, error)
}

// poll is how often an idle printer is asked how it is, and hasty how often while
// a ticket waits for it to be mended.
const (
	poll  = 5 * time.Second
	hasty = time.Second
)

// hung is how long a print may take before the printer counts as hung. The
// drivers' own time-outs are shorter, even for a long ticket on a slow line.
const hung = 2 * time.Minute

// fewTickets is when the roll counts as nearly finished, for printers without a
// sensor of their own.
const fewTickets = 20

// printing is the printer's goroutine.
type printing struct {
	*Appliance
	ctx  context.Context
	tick *time.Ticker
	busy chan error     // of a call that hangs; until it returns every job is given up at once
	last drivers.Status // as it was told
	out  bool           // of paper, since it last could print

	silent bool // as it was told

	// faulted are tickets that a fault kept from being printed. They are printed
	// when it is mended within a minute, by when their owners are still there.
	faulted []job

	// begun are the visits of whose ticket something may be on paper: whatever comes
	// after is a copy, however it was asked for. A fault between an order for a
	// reprint and its turn must not make two of a kind.
	begun map[session.ID]bool
}

func (a *Appliance) print(ctx context.Context) {
	p := &printing{Appliance: a, ctx: ctx, last: 255, tick: time.NewTicker(poll), begun: make(map[session.ID]bool)}
	defer p.tick.Stop()
	if a.cfg.Roll != nil {
		p.roll(a.cfg.Roll.Roll())
	}
	p.status()
	for {
		pages := a.pages
		if len(a.jobs) > 0 {
			pages = nil // tickets first
		}
		select {
		case <-ctx.Done():
			return
		case j := <-pages:
			p.job(j)
		case <-p.tick.C:
			p.listen()
			if p.status() {
				p.mended()
			}
			p.giveUp()
		case j := <-a.jobs:
			// Who asks for a ticket again gets it once.
			p.faulted = slices.DeleteFunc(p.faulted, func(old job) bool { return old.visit == j.visit && !j.visit.IsZero() })
			p.job(j)
		case <-a.renewed:
			p.newRoll()
		}
	}
}

// call makes a call of the printer, which may hang.
func (p *printing) call(do func(context.Context) error, patience time.Duration) error {
	if p.busy != nil {
		select {
		case <-p.busy:
			p.busy = nil
		default:
			return drivers.ErrUnplugged
		}
	}
	c, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(c) }()
	select {
	case err := <-done:
		return err
	case <-c.Done():
	}
	select { // it may just have noticed
	case err := <-done:
		return err
	case <-time.After(time.Second):
		p.busy = done
		return drivers.ErrUnknown
	}
}

// status asks the printer how it is and tells what changed. It reports whether
// the printer prints.
func (p *printing) status() bool {
	// A call that is left behind answers to nobody: the channel is its own.
	answer := make(chan drivers.Status, 1)
	st := drivers.Unplugged
	if p.call(func(c context.Context) error { answer <- p.cfg.Printer.Status(c); return nil }, 2*time.Second) == nil {
		st = <-answer
	}
	if st != p.last {
		p.last = st
		p.tell(p.ctx, func(d *draft) error { d.Printer = st; return nil })
	}
	switch st {
	case drivers.NoPaper:
		p.out = true
	case drivers.Ready, drivers.PaperLow, drivers.Mute:
		if p.out {
			p.newRoll()
		}
	}
	return st.Err() == nil
}

// listen tells when the loudspeaker's card went or came.
func (p *printing) listen() {
	if p.cfg.Silent == nil {
		return
	}
	if silent := p.cfg.Silent(); silent != p.silent {
		p.silent = silent
		p.tell(p.ctx, func(d *draft) error { d.Silent = silent; return nil })
	}
}

// newRoll begins a roll, and prints a line on it: a roll put in the wrong way
// round stays white, since only one side of the paper turns black.
func (p *printing) newRoll() {
	p.out = false
	if p.cfg.Roll == nil {
		return
	}
	p.roll(p.cfg.Roll.NewRoll(p.clock.now().Wall))
	p.send(job{draw: func() drivers.Document { return paper.NewRoll(p.cfg.Words) }, at: time.Now()})
}

// roll tells the owner of the roll.
func (p *printing) roll(r ledger.Roll, err error) {
	if err != nil {
		p.cfg.Logger.Error("paper not counted", "err", err)
		return
	}
	p.tell(p.ctx, func(d *draft) error { d.Roll = r; return nil })
}

// send has a document printed, and counts its paper.
func (p *printing) send(j job) error {
	used := make(chan int, 1)
	draw := j.draw
	if p.begun[j.visit] {
		draw = j.again
	}
	err := p.call(func(c context.Context) error {
		mm, err := p.cfg.Printer.Print(c, draw())
		used <- mm
		return err
	}, hung)
	mm := 0
	select {
	case mm = <-used:
	default: // it hangs, and nobody knows
	}
	if !j.visit.IsZero() && (mm > 0 || err == nil || errors.Is(err, drivers.ErrUnknown)) {
		p.begun[j.visit] = true
	}
	if mm > 0 && p.cfg.Roll != nil {
		p.roll(p.cfg.Roll.UsePaper(mm, err == nil && !j.visit.IsZero()))
	}
	return err
}

// job prints a job that has just come.
func (p *printing) job(j job) {
	if (!j.visit.IsZero() || j.told != nil || j.slip) && time.Since(j.at) > stale {
		p.report(p.ctx, j, drivers.ErrUnknown, session.Unprinted, p.begun[j.visit])
		return
	}
	p.done(j, p.send(j))
}

// done tells what became of a job. A ticket that a fault kept back waits for the
// fault to be mended; if anything of it may be on paper, it will be a copy.
func (p *printing) done(j job, err error) {
	result := session.Unprinted
	switch {
	case err == nil:
		result = session.Printed
	case errors.Is(err, drivers.ErrUnknown):
		result = session.Unknown
	}
	if j.after != nil {
		j.after(result)
	}
	p.report(p.ctx, j, err, result, p.begun[j.visit])
	if err == nil {
		return
	}
	p.cfg.Logger.Warn("not printed", "err", err, "result", result)
	p.out = p.out || errors.Is(err, drivers.ErrNoPaper)
	if result == session.Unprinted && !j.visit.IsZero() && drivers.StatusOf(err) != drivers.Mute {
		p.faulted = append(p.faulted, j)
		p.tick.Reset(hasty)
	}
	p.status()
}

// mended prints the tickets that waited for the printer.
func (p *printing) mended() {
	waiting := p.faulted
	p.faulted = nil
	for i, j := range waiting {
		if time.Since(j.at) > stale {
			continue // it was reported already; its owner was told the number
		}
		if err := p.send(j); err != nil {
			p.faulted = append(p.faulted, waiting[i+1:]...)
			p.done(j, err)
			return
		}
		p.done(j, nil)
	}
}

// giveUp forgets the tickets that nobody waits for any more.
func (p *printing) giveUp() {
	p.faulted = slices.DeleteFunc(p.faulted, func(j job) bool { return time.Since(j.at) > stale })
	if len(p.faulted) == 0 {
		p.tick.Reset(poll)
	}
}

// report tells the owner what became of a job; begun is whether some of it may be
// on paper.
func (a *Appliance) report(ctx context.Context, j job, err error, result session.Paper, begun bool) {
	a.tell(ctx, func(d *draft) error {
		if j.told != nil {
			j.told(d, result, drivers.StatusOf(err))
			return nil
		}
		if j.slip {
			return nil // whoever stands there sees it; the printer's fault is shown by itself
		}
		if j.visit.IsZero() {
			// The sheet of an opening is no loss: the printer's fault is shown by itself.
			d.Lost = result == session.Unprinted && d.Session.Status == session.Closed
			return nil
		}
		_, err := d.order(session.Command{Order: session.ReportPaper{Visit: j.visit, Paper: result, Begun: begun}})
		return err
	})
}

// NewRoll says that a new roll is in the printer; a line is printed on it.
func (a *Appliance) NewRoll(ctx context.Context) error {
	return a.ask(ctx, func(*draft) error {
		select {
		case a.renewed <- struct{}{}:
		default:
		}
		return nil
	})
}

// CountsPaper reports whether the length of a roll is known, so that tickets are
// counted down.
func (s *Snapshot) CountsPaper() bool { return s.place.RollLength > 0 }

// TicketsLeft is how many tickets the roll still holds, when that is known.
func (s *Snapshot) TicketsLeft() (n int, known bool) { return s.Roll.Left(s.place.RollLength) }

// PrinterState is the name of the printer's state, and whether it prints. A roll
// that is nearly finished by its count is as low as one that the printer reports.
func (s *Snapshot) PrinterState() (name string, ok bool) {
	st := s.Printer
	if n, known := s.TicketsLeft(); known && n <= fewTickets && st == drivers.Ready {
		st = drivers.PaperLow
	}
	return st.String(), st.Err() == nil
}
