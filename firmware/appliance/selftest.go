package appliance

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/intake"
	"jeudi/firmware/paper"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
	"jeudi/firmware/voice"
)

// Why a self test does not begin, or cannot be printed.
var (
	ErrTesting   = &session.Refusal{Msg: session.M("refuse.selftest_running")} // one at a time
	ErrKioskBusy = &session.Refusal{Msg: session.M("refuse.selftest_busy")}    // somebody is at the kiosk
	ErrReception = &session.Refusal{Msg: session.M("refuse.selftest_open")}    // the permanence is open, and nobody was asked
	ErrNoTest    = &session.Refusal{Msg: session.M("refuse.selftest_none")}    // nothing to print
)

// SelfTest is what the box is made of, for the test of itself.
type SelfTest struct {
	// Facts asks the machine. It is never called by the owner, and may take its time.
	Facts func() selftest.Facts
	// Devices of the site; nil is a printer, a loudspeaker, a touchscreen, and the
	// buttons of the place with a lamp each.
	Devices *selftest.Devices
	// Keep writes a report away, Kept reads them, oldest first; both may be nil.
	Keep func(selftest.Report) error
	Kept func() ([]selftest.Report, error)
	Last *selftest.Report // when it is known
}

// trial is all that a snapshot knows of self tests.
type trial struct {
	Test   *selftest.State  // under way, or nil
	Tested *selftest.Report // the last one that is over, or nil
	// TestPaper is what became of its print.
	TestPaper session.Paper
	Closed    time.Time // of the last permanence that was no rehearsal
	Owed      bool      // its totals are not in the ledger yet

	own *selftest.Devices // what the site says of its devices, or nil
}

// beginTrial is what is known of tests at the start.
func (d *draft) beginTrial() {
	cfg := d.a.cfg
	d.Tested, d.own = cfg.SelfTest.Last, cfg.SelfTest.Devices
	if cfg.Last != nil {
		d.Closed = cfg.Last.Closed
	}
}

// testWant is something that the self test asks of the world.
type testWant struct {
	want selftest.Want
	turn int // of the test that wants it
}

// measuring is how long the machine may take to say how it is.
const measuring = 3 * time.Second

// facts asks the machine, and gives up on one that hangs.
func (a *Appliance) facts(ctx context.Context) selftest.Facts {
	if a.cfg.SelfTest.Facts == nil {
		return selftest.Facts{}
	}
	ctx, cancel := context.WithTimeout(ctx, measuring)
	defer cancel()
	answer := make(chan selftest.Facts, 1)
	go func() { answer <- a.cfg.SelfTest.Facts() }()
	select {
	case f := <-answer:
		return f
	case <-ctx.Done():
		return selftest.Facts{}
	}
}

// StartSelfTest begins a test of the box. While a permanence is open it wants to
// be sure; while somebody is at the kiosk it refuses.
func (a *Appliance) StartSelfTest(ctx context.Context, sure bool) error {
	facts := a.facts(ctx)
	var chance [3]byte
	rand.Read(chance[:]) // never fails; see its documentation
	return a.ask(ctx, func(d *draft) error {
		switch st := d.Session.Status; {
		case d.Test != nil:
			return ErrTesting
		case !d.Kiosk.Idle():
			return ErrKioskBusy
		case (st == session.Open || st == session.Paused) && !sure:
			return ErrReception
		}
		s, wants := selftest.Begin(selftest.Setup{
			At: d.at, Limit: time.Duration(float64(selftest.Limit) * a.cfg.Speed), Devices: d.devices(), Facts: facts,
			Trusted: d.at.Trust == session.Trusted, Chance: chance,
		})
		d.Test = &s
		d.testWants(wants)
		return nil
	})
}

// AnswerSelfTest gives what a person says to the test. An answer to another
// question than the one that is asked now changes nothing.
func (a *Appliance) AnswerSelfTest(ctx context.Context, turn int, in selftest.Input) error {
	return a.ask(ctx, func(d *draft) error {
		if _, stop := in.(selftest.Stop); d.Test != nil && (stop || d.Test.Turn == turn) {
			d.test(in)
		}
		return nil
	})
}

// PrintSelfTest prints the result of the last test again.
func (a *Appliance) PrintSelfTest(ctx context.Context) error {
	return a.ask(ctx, func(d *draft) error {
		if d.Tested == nil {
			return ErrNoTest
		}
		d.printTest()
		return nil
	})
}

// SelfTests are the reports that were kept, oldest first.
func (a *Appliance) SelfTests() ([]selftest.Report, error) {
	if a.cfg.SelfTest.Kept == nil {
		return nil, nil
	}
	return a.cfg.SelfTest.Kept()
}

// devices are those of the site, with what the panel has reported of its buttons.
func (d *draft) devices() selftest.Devices {
	p := &d.a.cfg.Place
	list := selftest.Devices{Printer: true, Sound: true, Touch: true}
	if own := d.a.cfg.SelfTest.Devices; own != nil {
		list = *own
	} else {
		for i := range drivers.Actions {
			if name := drivers.Action(i).String(); p.Buttons[intake.Action(name)] {
				list.Buttons = append(list.Buttons, selftest.Button{Action: name, Lamp: true})
			}
		}
	}
	buttons := make([]selftest.Button, len(list.Buttons))
	for i, b := range list.Buttons {
		for _, f := range d.Faults {
			switch {
			case f.Desk != "" || f.Action != b.Action && f.Action != "":
			case f.Stuck:
				b.Fault = drivers.Stuck.String()
			default: // its wire, or that of the whole panel
				b.Fault = drivers.Lost.String()
			}
		}
		buttons[i] = b
	}
	list.Buttons = buttons
	state, _ := d.PrinterState()
	list.PaperLow = state == drivers.PaperLow.String()
	return list
}

// test gives an input to the test under way, if there is one.
func (d *draft) test(in selftest.Input) {
	if d.Test == nil {
		return
	}
	next, wants := selftest.Step(*d.Test, in, d.at)
	d.Test = &next
	d.testWants(wants)
}

func (d *draft) testWants(wants []selftest.Want) {
	turn := d.Test.Turn
	for _, w := range wants {
		if f, over := w.(selftest.Finished); over {
			if d.Test = nil; f.Report.Empty() {
				continue
			}
			d.Tested, d.TestPaper = &f.Report, session.NoPaper
			if !f.Report.Abandoned {
				d.printTest()
			}
		}
		d.effects = append(d.effects, testWant{w, turn})
	}
}

// printResult prints the report of the last test.
type printResult struct{}

func (d *draft) printTest() {
	if !d.devices().Printer {
		return
	}
	d.TestPaper = session.Queued
	d.effects = append(d.effects, printResult{})
}

// testPress reports whether a press is the test's: it is while the test waits for
// one and nobody is at the kiosk. While visitors are received a press of Help is
// theirs, unless it is the one that the test waits for.
func (d *draft) testPress(act drivers.Action) (taken bool) {
	if d.Test == nil || !d.Test.Listens() || !d.Kiosk.Idle() {
		return false
	}
	if act == drivers.Help && d.receives() && selftest.View(*d.Test, d.at.Wall).Item != selftest.OfButton(drivers.Help.String()) {
		return false
	}
	d.test(selftest.Pressed{Action: act.String()})
	return true
}

// receives reports whether visitors may be here: the permanence is open, or has a
// break, and is no rehearsal.
func (d *draft) receives() bool {
	st := d.Session.Status
	return !d.Session.Test && (st == session.Open || st == session.Paused)
}

// corner is how the kiosk names a touched corner.
const corner = "corner."

// testKiosk reports whether an input of the kiosk is the test's, which needs
// nobody else there.
func (d *draft) testKiosk(in intake.Input) (taken bool) {
	press, ok := in.(intake.Press)
	if !ok || !strings.HasPrefix(press.Key, corner) {
		return false
	}
	if n, err := strconv.Atoi(press.Key[len(corner):]); err == nil && d.Kiosk.Idle() {
		d.test(selftest.Corner{N: n})
	}
	return true
}

// testLamp is the button whose lamp the test has lit; ok is false when the lamps
// are the visitor's.
func (d *draft) testLamp() (act drivers.Action, ok bool) {
	if d.Test == nil || !d.Kiosk.Idle() || d.Test.Lamp() == "" {
		return 0, false
	}
	return drivers.ParseAction(d.Test.Lamp())
}

// AtKiosk is what the kiosk shows of a test: corners while they are to be touched,
// with those that have been. It shows nothing while somebody is there.
func (s *Snapshot) AtKiosk() (touched [4]bool, corners, shown bool) {
	if s.Test == nil || !s.Kiosk.Idle() {
		return touched, false, false
	}
	touched, corners = s.Test.Corners()
	return touched, corners, corners || s.Test.Listens()
}

// TestWaits reports whether the test waits for whoever is at the kiosk to leave.
func (s *Snapshot) TestWaits() bool {
	if s.Test == nil || s.Kiosk.Idle() {
		return false
	}
	_, corners := s.Test.Corners()
	return corners || s.Test.Listens()
}

// Standing is how the box is between two permanences.
func (s *Snapshot) Standing() selftest.Standing {
	var ill []selftest.Item
	if s.Printer.Err() != nil && (s.own == nil || s.own.Printer) {
		ill = append(ill, selftest.Printer)
	}
	if s.Silent {
		ill = append(ill, selftest.Sound)
	}
	for _, f := range s.Faults {
		item := selftest.Panel
		if f.Action != "" {
			item = selftest.OfButton(f.Action)
		}
		if f.Desk == "" {
			ill = append(ill, item)
		}
	}
	if s.Now.Trust != session.Trusted {
		ill = append(ill, selftest.Clock)
	}
	return selftest.Stands(s.Tested, s.Closed, !s.Owed, ill, s.Now.Wall)
}

// testCall is the number that the test calls aloud: nobody has it.
const testCall = 0

// actTest does what the test wants of the world.
func (a *Appliance) actTest(d *draft, t testWant) {
	switch w := t.want.(type) {
	case selftest.PrintTicket:
		data := paper.TestTicketData{Place: a.cfg.Place.Name, Number: w.Number, At: d.at.Wall.In(a.cfg.Place.Zone),
			Languages: a.cfg.Place.Languages}
		a.page(job{draw: func() drivers.Document { return paper.TestTicket(a.cfg.Words, data) }, at: time.Now(),
			told: func(d *draft, result session.Paper, st drivers.Status) {
				switch {
				case d.Test == nil || d.Test.Turn != t.turn: // it has gone on
				case result == session.Unprinted && st.Err() == nil:
					d.test(selftest.Paper{Status: drivers.Mute.String()})
				case result == session.Unprinted:
					d.test(selftest.Paper{Status: st.String()})
				}
			}})
	case selftest.PlaySound:
		desk := ""
		if len(a.cfg.Place.Desks) > 0 {
			desk = a.cfg.Place.Desks[0].Label
		}
		a.arbiter.Announce(voice.Call{Number: testCall, Desk: desk, Volume: callVolume})
	case selftest.Measure:
		go func() {
			facts := a.facts(context.Background())
			a.tell(context.Background(), func(d *draft) error { d.test(selftest.Measured{Facts: facts}); return nil })
		}()
	case selftest.Finished:
		a.cfg.Logger.Info("self test over", "verdict", w.Report.Verdict())
		if a.cfg.SelfTest.Keep == nil {
			return
		}
		select {
		case a.reports <- w.Report:
		default: // as many wait as anybody would test in an hour: the card is gone
			a.cfg.Logger.Error("self test not kept")
		}
	}
}

// printTested prints the report of the last test.
func (a *Appliance) printTested(d *draft) {
	r, place := d.Tested.In(a.cfg.Place.Zone), a.cfg.Place.Name
	a.page(job{draw: func() drivers.Document { return paper.SelfTest(a.cfg.Words, place, r) }, at: time.Now(),
		told: func(d *draft, result session.Paper, _ drivers.Status) { d.TestPaper = result }})
}

// keepTests writes reports away until ctx ends, and then those that wait.
func (a *Appliance) keepTests(ctx context.Context) {
	for {
		select {
		case r := <-a.reports:
			a.keepTest(r)
		case <-ctx.Done():
			for len(a.reports) > 0 {
				a.keepTest(<-a.reports)
			}
			return
		}
	}
}

func (a *Appliance) keepTest(r selftest.Report) {
	if err := a.cfg.SelfTest.Keep(r); err != nil {
		a.cfg.Logger.Error("self test not kept", "err", err)
	}
}

// page hands a page of the test to the printer's goroutine, which prints it when
// no ticket waits.
func (a *Appliance) page(j job) {
	select {
	case a.pages <- j:
	default:
		go a.report(context.Background(), j, drivers.ErrUnknown, session.Unprinted, false)
	}
}
