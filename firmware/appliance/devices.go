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
	again func() drivers.Document // the same, marked as a copy; nil for a report
	visit session.ID              // zero for a report
	at    time.Time
	slip  bool                                        // for whoever stands there now, and of no ticket
	after func(session.Paper)                         // what became of a slip that was drawn, for the printer's goroutine; or nil
	told  func(*draft, session.Paper, drivers.Status) // what became of a page of the self test, or nil
}

type sheetJob struct {
	desk  string
	sheet sheet.Sheet
	test  bool
	quiet bool // no screen waits for it

	home    bool           // no sheet: somebody could not come
	blocked []report.Tally // no sheet: procedures, by the organism that blocked them
	at      time.Time      // then; zero when not known
}

// stale is how old a ticket may be when the printer gets to it: an older one is
// printed only when somebody asks, for its owner is gone or has been told.
const stale = 60 * time.Second

// The volume of calls, and of an alarm for staff, which may not frighten whoever
// has asked for help; in per cent.
const (
	callVolume  = 90
	alarmVolume = 60
)

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
			a.enqueue(job{
				draw:  func() drivers.Document { return a.ticket(s, v, ticketForm{copy: again}) },
				again: func() drivers.Document { return a.ticket(s, v, ticketForm{copy: true}) },
				visit: v.ID, at: time.Now(),
			})
		case session.PrintZero:
			r := report.Opening(d.Session, d.at).In(a.cfg.Place.Zone)
			a.enqueue(job{draw: func() drivers.Document { return paper.Opening(a.cfg.Words, r) }, at: time.Now()})
			if a.cfg.Place.Network != nil {
				if data, ok := a.cfg.Place.Network(); ok {
					a.enqueue(job{draw: func() drivers.Document { return paper.Network(a.cfg.Words, data) }, at: time.Now()})
				}
			}
			if a.cfg.Escrow != nil && a.cfg.Place.DrawerTicket && !d.Session.Test {
				select {
				case a.vault <- a.printDrawer:
				default: // the disk hangs: staff print it by hand
				}
			}
		case session.PrintClosing:
			if d.Report != nil {
				a.printClosing(*d.Report)
			}
		case drawn:
			a.printKeys(e.keys, len(d.Keys.Locked()) > 0)
		case printReport:
			a.printClosing(e.report)
		case redated:
			a.enterAgain(e)
		case session.Announce:
			a.arbiter.Announce(voice.Call{ID: e.Call, Number: int(e.Number), Desk: e.Desk, Volume: callVolume})
		case session.Settle:
			a.settle(d, e)
		case spoken:
			switch w := e.want.(type) {
			case intake.Speak:
				a.arbiter.Prompt(prompt(w))
			case intake.Hush:
				a.arbiter.Hush()
			}
		case aside:
			a.arbiter.Aside(prompt(e.want))
		case printed:
			a.enqueue(job{draw: e.draw, at: time.Now(), slip: true, after: e.after})
		case voice.Alarm:
			a.arbiter.Alarm(e)
		case testWant:
			a.actTest(d, e)
		case printResult:
			a.printTested(d)
		case seatJob:
			select {
			case a.seats <- e:
			default: // the disk hangs
				go a.tell(context.Background(), func(d *draft) error { d.seated(e, intake.Refused{}); return nil })
			}
		case sheetJob:
			select {
			case a.sheets <- e:
			default:
				a.cfg.Logger.Error("sheet not kept: too many at once", "kind", e.sheet.Kind())
				a.kept(context.Background(), e, false)
			}
		}
	}
	a.showLamps(d)
	a.showDesks(d)
}

// prompt is what an intake says, as the voice takes it.
func prompt(w intake.Speak) voice.Prompt {
	p := voice.Prompt{Lang: w.Lang, Volume: w.Volume, Rate: w.Rate, Private: w.Private}
	for _, m := range w.Say {
		p.Say = append(p.Say, voice.Message(m))
	}
	if p.Private {
		p.Instead = []voice.Message{{Key: "kiosk.private"}}
	}
	for _, then := range w.Then {
		p.Then = append(p.Then, prompt(then))
	}
	return p
}

// ticketForm is how a ticket is printed.
type ticketForm struct {
	copy  bool // it was printed before
	large bool
}

func (a *Appliance) ticket(s *Snapshot, v *session.Visit, form ticketForm) drivers.Document {
	p := s.place
	t := paper.TicketData{
		Place: p.Name, Address: p.Address, Phone: p.Phone, Number: v.Number, Lang: v.Lang,
		Ahead: s.AheadMsg(v), Wait: s.TicketWait(v), Copy: form.copy, Large: form.large, Short: p.ShortTicket, Test: s.Session.Test, At: s.Now.Wall.In(p.Zone),
		Rules: p.Rules("fr"), RulesLang: p.Rules(v.Lang), Charter: p.charter("fr"), CharterLang: p.charter(v.Lang),
		NextDates: p.NextDates(s.Until), Link: s.ticketLink(v),
	}
	if v.Need != session.Anyone {
		t.Who = []session.Role{v.Need}
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
		go a.report(context.Background(), j, drivers.ErrUnknown, session.Unprinted, false)
	}
}

// settle keeps the totals and begins a fresh log. It runs in the owner, which
// must not accept an event for a log that is being replaced.
func (a *Appliance) settle(d *draft, e session.Settle) {
	if !a.countVisits(d.counted) {
		return
	}
	if !e.Uncounted {
		closed := entry(d.Session)
		closed.Report.Announced, closed.Report.AnnouncedPoor = d.Report.Announced, d.Report.AnnouncedPoor
		closed.Report.Rights = d.Report.Rights
		a.owed = append(a.owed, closed)
	}
	if !a.enter() {
		return
	}
	if err := a.cfg.Begin(); err != nil {
		a.cfg.Logger.Error("journal not replaced; tried again at the next start", "err", err)
		return
	}
	a.cfg.Logger.Info("permanence closed", "issued", e.Totals.Issued, "test", d.Session.Test)
	select {
	case a.sheets <- sheetJob{}: // time to merge
	default:
	}
}

// entry is a closed permanence as the ledger keeps it.
func entry(s session.State) ledger.Entry {
	e := ledger.Entry{ID: s.Plan.ID, Place: s.Plan.Place, Stop: s.Plan.Stop, From: s.Plan.From, Until: s.Plan.Until,
		Closed: s.Ended.Wall, Totals: s.Totals, Next: s.Next + 1, Report: report.Closing(s, s.Ended)}
	e.Taught.Learn(s)
	return e
}

// enter keeps the totals that are owed. Until it reports true, the log that holds
// them may not be replaced.
func (a *Appliance) enter() bool {
	for len(a.owed) > 0 {
		if err := a.cfg.Enter(a.owed[0]); err != nil {
			a.cfg.Logger.Error("totals not entered; tried again at the next close or start", "err", err)
			return false
		}
		if a.owed = a.owed[1:]; len(a.owed) == 0 {
			a.study()
		}
	}
	return true
}

// retry is the pause before a device that failed is tried again.
const retry = 2 * time.Second

// keepSheets writes sheets away and merges them when a permanence is over.
func (a *Appliance) keepSheets(ctx context.Context) {
	var told []Batch
	for {
		told = a.tellKeys(told)
		select {
		case <-ctx.Done():
			return
		case do := <-a.vault:
			do()
		case j := <-a.sheets:
			switch {
			case j.home:
				if a.cfg.Needs == nil || j.test {
					continue
				}
				if err := a.cfg.Needs.NeedHome(j.at); err != nil {
					a.cfg.Logger.Error("a need for help at home is not counted", "err", err)
				}
			case j.blocked != nil:
				if a.cfg.Blocked == nil {
					continue
				}
				if err := a.cfg.Blocked.AddBlocked(j.at, j.blocked); err != nil {
					a.cfg.Logger.Error("what was done is not counted", "err", err)
				}
			case j.sheet.Empty():
				a.merge()
			case j.test: // a rehearsal counts nobody
				a.kept(ctx, j, true)
			default:
				err := a.submit(newID(), j.sheet)
				if err != nil {
					a.cfg.Logger.Error("sheet not kept", "err", err)
				}
				a.kept(ctx, j, err == nil)
			}
		}
	}
}

// submit keeps a sheet under an identifier of its own; a full area is merged first.
func (a *Appliance) submit(id session.ID, s sheet.Sheet) error {
	err := a.cfg.Sheets.Submit(id, s)
	if errors.Is(err, counters.ErrFull) {
		if _, err := a.mergeSheets(); err != nil {
			return err
		}
		err = a.cfg.Sheets.Submit(id, s)
	}
	return err
}

// kept tells the screen that waits for it what became of a sheet.
func (a *Appliance) kept(ctx context.Context, j sheetJob, ok bool) {
	if j.quiet {
		return
	}
	desk := j.desk
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
