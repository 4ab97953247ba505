package appliance

import (
	"context"
	"errors"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/counters"
	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/voice"
)

// job is something to print. A ticket's is in the journal by reference and is
// rendered again for a reprint; every other paper lives in memory alone.
type job struct {
	draw  func() drivers.Document // by the printer's goroutine, which has the time
	visit session.ID              // zero for a report
	at    time.Time
}

type sheetJob struct {
	desk  string
	sheet sheet.Sheet
	test  bool
}

// stale is how old a ticket may be when the printer gets to it: an older one is
// printed only when somebody asks, for its owner is gone or has been told.
const stale = 60 * time.Second

// callVolume is that of calls, in per cent.
const callVolume = 90

// act does what follows from a published draft. It never waits for a device.
func (a *Appliance) act(d *draft) {
	for _, e := range d.effects {
		switch e := e.(type) {
		case session.PrintTicket:
			v, ok := d.Session.Visit(e.Visit)
			if !ok {
				continue
			}
			s, again := a.current.Load(), e.Copy
			a.enqueue(job{func() drivers.Document { return a.ticket(s, v, again) }, v.ID, time.Now()})
		case session.PrintZero:
			r := report.Opening(d.Session, d.at).In(a.cfg.Place.Zone)
			a.enqueue(job{draw: func() drivers.Document { return paper.Opening(a.cfg.Words, r) }, at: time.Now()})
		case session.PrintClosing:
			if d.Report != nil {
				r := d.Report.In(a.cfg.Place.Zone)
				a.enqueue(job{draw: func() drivers.Document { return paper.Closing(a.cfg.Words, r) }, at: time.Now()})
			}
		case session.Announce:
			a.arbiter.Announce(voice.Call{ID: e.Call, Number: int(e.Number), Desk: e.Desk, Volume: callVolume})
		case session.Settle:
			a.settle(d, e)
		case spoken:
			switch w := e.want.(type) {
			case intake.Speak:
				p := voice.Prompt{Lang: w.Lang, Volume: w.Volume}
				for _, m := range w.Say {
					p.Say = append(p.Say, voice.Message(m))
				}
				a.arbiter.Prompt(p)
			case intake.Hush:
				a.arbiter.Hush()
			}
		case sheetJob:
			select {
			case a.sheets <- e:
			default:
				a.kept(context.Background(), e.desk, false)
			}
		}
	}
	a.showLamps(d)
}

func (a *Appliance) ticket(s *Snapshot, v *session.Visit, again bool) drivers.Document {
	p := &a.cfg.Place
	t := paper.TicketData{
		Place: p.Name, Address: p.Address, Phone: p.Phone, Number: v.Number, Lang: v.Lang,
		Ahead: s.AheadMsg(v), Copy: again, Test: s.Session.Test, At: s.Now.Wall.In(p.Zone),
		Rules: p.Rules("fr"), RulesLang: p.Rules(v.Lang), NextDates: p.NextDates(s.Until),
	}
	if len(v.Motifs) > 0 {
		m := v.Motifs[0]
		t.Motif, t.Documents, t.DocumentsLang = m, p.Documents(m, "fr"), p.Documents(m, v.Lang)
	}
	return paper.Ticket(a.cfg.Words, t)
}

// enqueue hands a job to the printer's goroutine, or gives it up at once when more
// wait than anybody would wait for.
func (a *Appliance) enqueue(j job) {
	select {
	case a.jobs <- j:
	default:
		go a.report(context.Background(), j, drivers.ErrUnknown, session.Unprinted)
	}
}

// settle keeps the totals and begins a fresh log. It runs in the owner, which
// must not accept an event for a log that is being replaced.
func (a *Appliance) settle(d *draft, e session.Settle) {
	if !e.Test {
		a.owed = append(a.owed, entry(d.Session))
	}
	if !a.enter() {
		return
	}
	if err := a.cfg.Begin(); err != nil {
		a.cfg.Logger.Error("journal not replaced; tried again at the next start", "err", err)
		return
	}
	a.cfg.Logger.Info("permanence closed", "issued", e.Totals.Issued, "test", e.Test)
	select {
	case a.sheets <- sheetJob{}: // time to merge
	default:
	}
}

// entry is a closed permanence as the ledger keeps it.
func entry(s session.State) ledger.Entry {
	return ledger.Entry{ID: s.Plan.ID, Place: s.Plan.Place, From: s.Plan.From, Until: s.Plan.Until,
		Closed: s.Ended.Wall, Totals: s.Totals, Next: s.Next + 1, Report: report.Closing(s, s.Ended)}
}

// enter keeps the totals that are owed. Until it reports true, the log that holds
// them may not be replaced.
func (a *Appliance) enter() bool {
	for len(a.owed) > 0 {
		if err := a.cfg.Enter(a.owed[0]); err != nil {
			a.cfg.Logger.Error("totals not entered; tried again at the next close or start", "err", err)
			return false
		}
		a.owed = a.owed[1:]
	}
	return true
}

// poll is how often an idle printer is asked how it is.
const poll = 5 * time.Second

// hung is how long a print may take before the printer counts as hung. The
// drivers' own time-outs are shorter.
const hung = 30 * time.Second

// print is the printer's goroutine. A call that hangs is left behind, and until
// it returns every job is given up at once.
func (a *Appliance) print(ctx context.Context) {
	var busy chan error // of a call that hangs
	ask := func(do func(context.Context) error, patience time.Duration) error {
		if busy != nil {
			select {
			case <-busy:
				busy = nil
			default:
				return drivers.ErrUnplugged
			}
		}
		c, cancel := context.WithTimeout(ctx, patience)
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
			busy = done
			return drivers.ErrUnknown
		}
	}
	last := drivers.Status(255)
	status := func() {
		// A call that is left behind answers to nobody: the channel is its own.
		answer := make(chan drivers.Status, 1)
		st := drivers.Unplugged
		if ask(func(c context.Context) error { answer <- a.cfg.Printer.Status(c); return nil }, 2*time.Second) == nil {
			st = <-answer
		}
		if st != last {
			last = st
			a.tell(ctx, func(d *draft) error { d.Printer = st; return nil })
		}
	}
	status()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			status()
		case j := <-a.jobs:
			if j.visit != (session.ID{}) && time.Since(j.at) > stale {
				a.report(ctx, j, drivers.ErrUnknown, session.Unprinted)
				continue
			}
			err := ask(func(c context.Context) error { _, err := a.cfg.Printer.Print(c, j.draw()); return err }, hung)
			result := session.Unprinted
			switch {
			case err == nil:
				result = session.Printed
			case errors.Is(err, drivers.ErrUnknown):
				result = session.Unknown
			}
			if err != nil {
				a.cfg.Logger.Warn("not printed", "err", err, "result", result)
			}
			a.report(ctx, j, err, result)
			if err != nil {
				status()
			}
		}
	}
}

// report tells the owner what became of a job.
func (a *Appliance) report(ctx context.Context, j job, err error, result session.Paper) {
	a.tell(ctx, func(d *draft) error {
		if j.visit == (session.ID{}) {
			d.Lost = result == session.Unprinted
			return nil
		}
		_, err := d.order(session.Command{Order: session.ReportPaper{Visit: j.visit, Paper: result}})
		return err
	})
}

// retry is the pause before a device that failed is tried again.
const retry = 2 * time.Second

// watchPanel turns presses into inputs of the kiosk's intake.
func (a *Appliance) watchPanel(ctx context.Context) {
	for ctx.Err() == nil {
		err := a.cfg.Panel.Watch(ctx, func(sig drivers.Signal) {
			if sig.Kind != drivers.Pressed || sig.Action >= drivers.VisitorActions {
				return
			}
			press := request{kiosk: true, do: func(d *draft) error {
				d.kiosk(newID(), intake.Button{Action: intake.Action(sig.Action.String())})
				return nil
			}}
			select {
			case a.requests <- press:
			case <-ctx.Done():
			}
		})
		if err != nil && ctx.Err() == nil {
			a.cfg.Logger.Warn("panel lost; trying again", "err", err)
		}
		pause(ctx, retry)
	}
}

// lampState is all that the lamps follow.
type lampState struct {
	turn int // of the kiosk; it begins at 0, and shown at -1
	help bool
}

// showLamps hands the newest lamps over; older ones that were not shown are dropped.
func (a *Appliance) showLamps(d *draft) {
	if shown := (lampState{d.Kiosk.Turn, d.Help != nil}); shown == a.shown {
		return
	} else {
		a.shown = shown
	}
	var l [drivers.Actions]drivers.Light
	lit := intake.View(d.Kiosk, d.Context(d.Kiosk)).Lamps
	for i := range drivers.Actions {
		if lit[intake.Action(drivers.Action(i).String())] {
			l[i] = drivers.On
		}
	}
	if d.Help != nil {
		l[drivers.Help] = drivers.Blink
	}
	select {
	case <-a.lamps:
	default:
	}
	a.lamps <- l
}

func (a *Appliance) light(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-a.lamps:
			if err := a.cfg.Panel.Light(l); err != nil {
				a.cfg.Logger.Warn("lamps", "err", err)
			}
		}
	}
}

// keepSheets writes sheets away and merges them when a permanence is over.
func (a *Appliance) keepSheets(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-a.sheets:
			switch {
			case j.sheet.Empty():
				if _, err := a.cfg.Sheets.Merge(); err != nil {
					a.cfg.Logger.Error("sheets not merged", "err", err)
				}
			case j.test: // a rehearsal counts nobody
				a.kept(ctx, j.desk, true)
			default:
				err := a.submit(j.sheet)
				if err != nil {
					a.cfg.Logger.Error("sheet not kept", "err", err)
				}
				a.kept(ctx, j.desk, err == nil)
			}
		}
	}
}

// submit keeps a sheet under an identifier of its own; a full area is merged first.
func (a *Appliance) submit(s sheet.Sheet) error {
	id := newID()
	err := a.cfg.Sheets.Submit(id, s)
	if errors.Is(err, counters.ErrFull) {
		if _, err := a.cfg.Sheets.Merge(); err != nil {
			return err
		}
		err = a.cfg.Sheets.Submit(id, s)
	}
	return err
}

func (a *Appliance) kept(ctx context.Context, desk string, ok bool) {
	go a.tell(ctx, func(d *draft) error {
		if desk == "" {
			d.kiosk(session.ID{}, intake.Kept{OK: ok})
		} else if s, open := d.Intakes[desk]; open {
			s = d.step(desk, s, session.ID{}, intake.Kept{OK: ok})
			d.setIntake(desk, &s)
		}
		return nil
	})
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
