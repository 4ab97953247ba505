package appliance

import (
	"cmp"
	"context"
	"io/fs"
	"path"
	"runtime"
	"strconv"
	"strings"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/report"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
)

// Frame is what a morning is framed by: what the time is, and the mornings before.
// Each may be missing.
type Frame struct {
	// Vouched reports whether somebody vouches for the machine's clock; see Vouched.
	// nil: a plausible clock is believed.
	Vouched func() bool
	// Boot is of the machine: what staff said of the time holds while it lasts.
	Boot string
	// Clock and KeepClock keep what staff said of the time.
	Clock     func() (ledger.Clock, error)
	KeepClock func(ledger.Clock) error
	// Past are the closed permanences, oldest first.
	Past func() ([]ledger.Entry, error)
}

// The refusals of the frame.
var (
	ErrImplausible = &session.Refusal{Msg: session.M("refuse.implausible_time")} // older than the project
	ErrNoReport    = &session.Refusal{Msg: session.M("refuse.no_report")}        // nothing was closed under this identity
	ErrCopies      = &session.Refusal{Msg: session.M("refuse.copies", "max", MostCopies)}
)

// MostCopies is how many copies of a report are printed at once.
const MostCopies = 5

// leap is by how much a clock may differ before anybody is bothered with it. It is
// much more than a message takes on its way, and less than a visitor notices.
const leap = 2 * time.Minute

// Vouched reports whether the machine's clock may be believed: a time server set it
// since the start, or it agrees with a battery clock that was set once. A clock that
// shows the hour of the last shutdown looks as good as a right one, and is a week
// behind.
func Vouched(root fs.FS, now time.Time) bool {
	m := machine{root}
	if m.synced() == selftest.Yes {
		return true
	}
	for _, name := range m.files("sys/class/rtc/rtc*/since_epoch") {
		if m.text(path.Dir(name)+"/hctosys") != "1" {
			continue // the kernel took its time from another one
		}
		since, err := strconv.ParseInt(m.text(name), 10, 64)
		if at := time.Unix(since, 0); err == nil && at.After(built) && at.Sub(now).Abs() < leap {
			return true
		}
	}
	return false
}

// remembered is the clock as staff confirmed it before jeudi was started again.
func (a *Appliance) remembered() {
	f := a.cfg.Frame
	if f.Clock == nil || f.Boot == "" || a.cfg.Speed != 1 || f.Vouched != nil && f.Vouched() {
		return
	}
	kept, err := f.Clock()
	if err != nil {
		a.cfg.Logger.Error("confirmed time not read", "err", err)
		return
	}
	if kept.Boot == f.Boot {
		a.clock.confirm(time.Now().Add(kept.Ahead))
	}
}

// ConfirmTime says that it is wall now: somebody has read it from a phone and said
// yes. What happened since the box started is dated anew.
func (a *Appliance) ConfirmTime(ctx context.Context, wall time.Time) error {
	if wall.Before(built) || wall.After(built.AddDate(50, 0, 0)) {
		return ErrImplausible
	}
	came := time.Now()
	err := a.ask(ctx, func(d *draft) error {
		before := d.at.Wall
		waited := time.Duration(float64(time.Since(came)) * a.cfg.Speed)
		a.clock.confirm(wall.Add(waited))
		d.at = a.clock.now()
		d.Now = d.at
		d.From, d.Until = time.Time{}, time.Time{} // of another day
		a.cfg.Logger.Info("time confirmed", "by", d.at.Wall.Sub(before).Round(time.Second))
		return d.date()
	})
	if f := a.cfg.Frame; err == nil && f.KeepClock != nil && f.Boot != "" && a.cfg.Speed == 1 {
		if err := f.KeepClock(ledger.Clock{Boot: f.Boot, Ahead: wall.Sub(came.Round(0))}); err != nil {
			a.cfg.Logger.Error("confirmed time not kept", "err", err)
		}
	}
	return err
}

// date dates what happened in this boot by the clock of now.
func (d *draft) date() error {
	begun := d.at.Wall.Add(-d.at.Mono)
	if d.Session.Status == session.Closed {
		d.dateClosed(begun)
		return nil
	}
	o := session.ConfirmTime{Start: begun}
	if at := d.Session.Begun(); at.Boot == d.at.Boot {
		o.Hours = d.hours(begun.Add(at.Mono))
	}
	_, err := d.order(session.Command{Order: o})
	return err
}

// vouchedFor dates a permanence that was begun before a time server was heard.
func (d *draft) vouchedFor() {
	if d.at.Trust == session.Trusted && d.Session.Unsure(d.at.Boot) && d.Session.Status != session.Closed {
		d.date()
	}
}

// hours are those of the calendar for a permanence that was begun at a time.
func (d *draft) hours(at time.Time) session.Hours {
	from, until, _ := d.place.Upcoming(at)
	return d.begunAt(at, session.Hours{From: from, Until: until})
}

// redated is a closed permanence whose report has the right hours now.
type redated struct {
	id     session.ID
	report report.Report
}

// dateClosed dates a permanence that was closed before anybody said what time it was.
func (d *draft) dateClosed(begun time.Time) {
	s := d.Session
	if s.Moved || s.Ended.Boot != d.at.Boot || d.Report == nil || s.Ended.Wall.Equal(begun.Add(s.Ended.Mono)) {
		return
	}
	e := session.TimeConfirmed{Boot: d.at.Boot, Start: begun}
	if at := s.Begun(); at.Boot == e.Boot && s.Earlier == nil {
		if hours := (session.Hours{From: s.Plan.From, Until: s.Plan.Until}); !hours.Day(begun.Add(at.Mono)) {
			e.Hours = d.hours(begun.Add(at.Mono))
		}
	}
	d.Session = s.Dated(e)
	r := timed(*d.Report, report.Closing(d.Session, d.Session.Ended))
	d.Report = &r
	if !s.Test {
		d.Closed = r.Closed
		d.effects = append(d.effects, redated{s.Plan.ID, r})
	}
}

// enterAgain enters a permanence under its right day.
func (a *Appliance) enterAgain(e redated) {
	for i, owed := range a.owed {
		if owed.ID == e.id {
			a.owed[i] = ofDay(owed, e.report)
			return
		}
	}
	old, ok := a.past(e.id)
	if !ok {
		return
	}
	if err := a.cfg.Enter(ofDay(old, e.report)); err != nil {
		a.cfg.Logger.Error("totals not entered; tried again at the next close or start", "err", err)
	}
}

func ofDay(e ledger.Entry, r report.Report) ledger.Entry {
	e.From, e.Until, e.Closed = r.From, r.Until, r.Closed
	e.Report = timed(e.Report, r)
	return e
}

// timed is a report with the hours of another.
func timed(r, right report.Report) report.Report {
	r.From, r.Until, r.Opened, r.Closed, r.ClockUnsure = right.From, right.Until, right.Opened, right.Closed, right.ClockUnsure
	return r
}

// past finds a closed permanence; the zero ID is the last one.
func (a *Appliance) past(id session.ID) (ledger.Entry, bool) {
	if a.cfg.Frame.Past == nil {
		return ledger.Entry{}, false
	}
	list, err := a.cfg.Frame.Past()
	if err != nil {
		a.cfg.Logger.Error("ledger not read", "err", err)
	}
	for i := len(list) - 1; i >= 0; i-- {
		if id.IsZero() || list[i].ID == id {
			return list[i], true
		}
	}
	return ledger.Entry{}, false
}

// Past are the closed permanences, oldest first.
func (a *Appliance) Past() ([]ledger.Entry, error) {
	if a.cfg.Frame.Past == nil {
		return nil, nil
	}
	return a.cfg.Frame.Past()
}

// Reopen goes on with the permanence that was closed last. It is for a coordinator
// alone; coordinator says that whoever asks is one.
func (a *Appliance) Reopen(ctx context.Context, id session.ID, desk string, coordinator bool) error {
	last, _ := a.past(session.ID{})
	return a.ask(ctx, func(d *draft) error {
		if a.cfg.Periods != nil {
			if in, err := a.cfg.Periods.released(last.ID); err != nil || in || len(a.releasing) > 0 {
				return cmp.Or(err, error(ErrPeriodClosed)) // what it would add is in no release
			}
		}
		if d.Owed { // the one before is in the ledger, and the last is not
			return session.ErrNothingClosed
		}
		o := session.Reopen{Desk: desk, Coordinator: coordinator, Closed: last.Report.Earlier(last.Next)}
		o.Closed.Totals = last.Totals
		o.Plan = d.plan(o)
		o.Plan.ID, o.Plan.Place, o.Plan.Stop, o.Plan.From, o.Plan.Until = last.ID, last.Place, last.Stop, last.From, last.Until
		o.Opened = session.Moment{Wall: last.Report.Opened, Trust: session.Trusted}
		if last.Report.ClockUnsure {
			o.Opened.Trust = session.Untrusted
		}
		if last.Report.Opened.IsZero() {
			o.Opened = session.Moment{}
		}
		_, err := d.order(session.Command{ID: id, Order: o})
		if err == nil {
			d.Report, d.Lost = nil, false
			d.before = last.Report.Announced // the visits are gone, what they were told counts
		}
		return err
	})
}

// PrintReport prints copies of the report of a closed permanence, of the last one for
// the zero ID. Each has the time of its own print.
func (a *Appliance) PrintReport(ctx context.Context, id session.ID, copies int) error {
	if copies < 1 || copies > MostCopies {
		return ErrCopies
	}
	var kept *report.Report
	if !id.IsZero() {
		e, ok := a.past(id)
		if !ok {
			return ErrNoReport
		}
		kept = &e.Report
	}
	return a.ask(ctx, func(d *draft) error {
		r := kept
		if r == nil {
			if r = d.Report; r == nil {
				return ErrNoReport
			}
			d.Lost = false
		}
		for range copies {
			d.effects = append(d.effects, printReport{r.Again(d.at)})
		}
		return nil
	})
}

// printReport prints a report of a closing.
type printReport struct{ report report.Report }

// PrintFallback prints the sheet on which people are received while the box is off.
func (a *Appliance) PrintFallback(ctx context.Context) error {
	return a.ask(ctx, func(d *draft) error {
		data := paper.FallbackData{Place: d.place.Name, Address: d.place.Address, Phone: d.place.Phone}
		if d.at.Trust == session.Trusted && !d.From.IsZero() {
			data.Day = d.From.In(d.place.Zone)
		}
		for _, m := range d.place.Motifs {
			data.Motifs = append(data.Motifs, m.Key)
		}
		w := d.place.words
		d.print(func() drivers.Document { return paper.Fallback(w, data) })
		return nil
	})
}

// Tells are what the last permanence left for the next one.
func (s *Snapshot) Tells() []session.Msg {
	if s.tells == nil {
		return nil
	}
	return s.tells.Told()
}

// Sure reports whether somebody vouches for the time.
func (s *Snapshot) Sure() bool { return s.Now.Trust == session.Trusted }

// Differs reports whether a phone's time is another than the box's, so that one of
// them is wrong. A demonstration's clock is its own.
func (s *Snapshot) Differs(phone time.Time, boxNow time.Time) bool {
	return s.speed == 1 && phone.Sub(boxNow).Abs() > leap
}

// logFrame writes down what frames a morning: which turn it took, and as whom. Of
// visits nothing is written.
func (a *Appliance) logFrame(d *draft) {
	roles := func(desk string) string {
		at, _ := d.Session.Plan.Desk(desk)
		list := make([]string, len(at.Roles))
		for i, r := range at.Roles {
			list[i] = string(r)
		}
		return strings.Join(list, "+")
	}
	log := a.cfg.Logger
	for _, e := range d.events {
		switch b := e.Body.(type) {
		case session.PermanenceOpened:
			log.Info("permanence opened", "roles", roles(b.Desk), "test", b.Test)
		case session.PermanencePaused:
			log.Info("permanence paused", "roles", roles(b.Desk))
		case session.PermanenceResumed:
			log.Info("permanence resumed", "roles", roles(b.Desk))
		case session.PermanenceReopened:
			log.Warn("permanence reopened", "roles", roles(b.Desk))
		case session.PeopleCaughtUp:
			log.Info("people on paper entered", "roles", roles(b.Desk))
		case session.PermanenceClosed:
			a.vitals()
		case session.Interrupted:
			log.Warn("the box was off during a permanence")
		}
	}
}

// vitals writes down what the program holds, at a moment at which nobody waits: one
// that leaks shows it from one morning to the next.
func (a *Appliance) vitals() {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	a.cfg.Logger.Info("how the program is", "goroutines", runtime.NumGoroutine(), "heap_kib", m.HeapAlloc>>10)
}

// watchClock takes note of a machine's clock that leaps: somebody set it, or a time
// server was heard. What happened keeps its order and its length.
func (a *Appliance) watchClock(at session.Moment) {
	base := at.Wall.Add(-at.Mono)
	if by := base.Sub(a.base); !a.base.IsZero() && by.Abs() > leap && a.clock.begun.Load() == nil {
		a.cfg.Logger.Warn("the clock leapt", "by", by.Round(time.Second))
	}
	a.base = base
}

// printClosing prints the report of a closing.
func (a *Appliance) printClosing(r report.Report) {
	r = r.In(a.cfg.Place.Zone)
	a.enqueue(job{draw: func() drivers.Document { return paper.Closing(a.cfg.Words, r) }, at: time.Now()})
}

// Screens is how many screens are open at a desk by somebody who may call there.
func (s *Snapshot) Screens(desk string) int { return s.screens[desk] }

// Moment is the box's time now.
func (a *Appliance) Moment() session.Moment { return a.clock.now() }
