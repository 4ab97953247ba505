package appliance_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/appliance"
	"jeudi/firmware/intake"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
)

// keeper keeps reports in memory.
type keeper struct {
	mu   sync.Mutex
	kept []selftest.Report
	err  error
}

func (k *keeper) keep(r selftest.Report) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, r)
	return k.err
}

func (k *keeper) all() ([]selftest.Report, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.kept), nil
}

// tested is a box of two buttons whose machine is well.
func tested(k *keeper) func(*box) {
	return func(b *box) {
		b.cfg.SelfTest = appliance.SelfTest{
			Facts: func() selftest.Facts {
				return selftest.Facts{Version: "1.2.3", DiskFree: 9e9, DiskTotal: 9e10, Undervoltage: selftest.No}
			},
			Keep: k.keep, Kept: k.all,
			Devices: &selftest.Devices{Printer: true, Sound: true, Touch: true, Buttons: []selftest.Button{
				{Action: "next", Lamp: true}, {Action: "help", Lamp: true}}},
		}
	}
}

func (b *box) startTest() {
	b.t.Helper()
	if err := b.StartSelfTest(context.Background(), false); err != nil {
		b.t.Fatalf("StartSelfTest() = %v; want nil", err)
	}
	b.settle()
}

// say gives answers to a test, each to the question that is asked then.
func (b *box) say(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		in, ok := selftest.Answer(key)
		s := b.Snapshot()
		if !ok || s.Test == nil {
			b.t.Fatalf("the answer %q is none, or nobody asks", key)
		}
		if err := b.AnswerSelfTest(context.Background(), s.Test.Turn, in); err != nil {
			b.t.Fatalf("AnswerSelfTest(%q) = %v; want nil", key, err)
		}
		b.settle()
	}
}

// item is what is tested now, "" when nothing is.
func (b *box) item() selftest.Item {
	s := b.Snapshot()
	if s.Test == nil {
		return ""
	}
	return selftest.View(*s.Test, s.Now.Wall).Item
}

// number is that of the newest test ticket.
func (b *box) number() string {
	b.t.Helper()
	time.Sleep(5 * time.Second)
	list := b.paper("Test de la borne", "grand nombre")
	if len(list) == 0 {
		b.t.Fatal("no test ticket came out")
	}
	for line := range strings.Lines(list[len(list)-1]) {
		if n, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
			return strconv.Itoa(n)
		}
	}
	b.t.Fatalf("no number on the test ticket:\n%s", list[len(list)-1])
	return ""
}

func (b *box) blinking() (list []string) {
	for i, l := range b.panel.Lamps() {
		if l == drivers.Blink {
			list = append(list, drivers.Action(i).String())
		}
	}
	return list
}

func (b *box) push(a drivers.Action) {
	b.panel.Press(a)
	b.settle()
}

// A whole test, by somebody beside the box: every device does its part, the result
// is printed and kept, and the visitor's kiosk is as it was.
func TestSelfTest(t *testing.T) {
	k := &keeper{}
	bubble(t, tested(k), func(t *testing.T, b *box) {
		kiosk := b.Snapshot().Kiosk
		b.startTest()
		b.say("code." + b.number())
		heard := b.speaker.Heard()
		if len(heard) != 1 || !heard[0].Chime || !strings.Contains(heard[0].Text, "bureau A") || heard[0].Output != "loudspeaker" {
			t.Errorf("heard %+v; want a chime and a call, by the loudspeaker", heard)
		}
		b.say("yes")
		for _, want := range []drivers.Action{drivers.Next, drivers.Help} {
			if got := b.blinking(); !slices.Equal(got, []string{want.String()}) {
				t.Errorf("lamps that blink = %q; want %s alone", got, want)
			}
			b.push(want)
		}
		for n, key := range []string{"corner.1", "corner.2", "corner.4", "corner.3"} {
			if touched, corners, shown := b.Snapshot().AtKiosk(); !corners || !shown || n != count(touched) {
				t.Errorf("the kiosk shows %v, %v, %v; want corners with %d touched", touched, corners, shown, n)
			}
			b.press(key)
			b.settle()
		}
		b.say("yes")
		time.Sleep(10 * time.Second)
		s := b.Snapshot()
		if s.Test != nil || s.Tested == nil || s.Tested.Verdict() != selftest.Watch || s.TestPaper != session.Printed { // no clock of a bubble is believed
			t.Fatalf("afterwards %+v, paper %q; want a printed result that is ready", s.Tested, s.TestPaper)
		}
		if got := b.paper("La borne est prête", "Imprimante", "Version 1.2.3"); len(got) != 1 {
			t.Errorf("%d results came out; want 1", len(got))
		}
		if kept, _ := b.SelfTests(); len(kept) != 1 || kept[0].Verdict() != s.Tested.Verdict() {
			t.Errorf("kept = %+v; want the result", kept)
		}
		if s.Kiosk.Turn != kiosk.Turn || !s.Kiosk.Idle() || s.Help != nil || len(b.blinking()) != 0 {
			t.Errorf("the kiosk afterwards: turn %d, idle %v, help %v; want it untouched", s.Kiosk.Turn, s.Kiosk.Idle(), s.Help)
		}
		if err := b.PrintSelfTest(t.Context()); err != nil {
			t.Errorf("PrintSelfTest() = %v; want nil", err)
		}
		time.Sleep(10 * time.Second)
		if got := b.paper("La borne est prête"); len(got) != 2 {
			t.Errorf("%d results came out; want 2", len(got))
		}
	})
}

func count(touched [4]bool) (n int) {
	for _, t := range touched {
		if t {
			n++
		}
	}
	return n
}

// Who stands at the kiosk goes first, and keeps their presses.
func TestASelfTestStealsNothing(t *testing.T) {
	bubble(t, tested(&keeper{}), func(t *testing.T, b *box) {
		b.press("fr")
		b.settle()
		if err := b.StartSelfTest(t.Context(), true); !errors.Is(err, appliance.ErrKioskBusy) {
			t.Errorf("StartSelfTest() with somebody there = %v; want ErrKioskBusy", err)
		}
		time.Sleep(5 * time.Minute) // they have gone
		b.startTest()
		b.say("skip", "skip")
		if got := b.item(); got != "button.next" {
			t.Fatalf("the test is at %q; want button.next", got)
		}
		b.press("en") // somebody comes
		b.settle()
		if s := b.Snapshot(); !s.TestWaits() || len(b.blinking()) != 0 {
			t.Errorf("with somebody there: waits %v, lamps %q; want it to wait in the dark", s.TestWaits(), b.blinking())
		}
		turn := b.Snapshot().Kiosk.Turn
		b.push(drivers.Next)
		if s := b.Snapshot(); b.item() != "button.next" || s.Kiosk.Turn == turn {
			t.Errorf("their press: the test at %q, the kiosk at turn %d; want it theirs", b.item(), s.Kiosk.Turn)
		}
		b.press("corner.1") // of a page that is older than they are
		if s := b.Snapshot(); s.Kiosk.Lang != "en" || b.item() != "button.next" {
			t.Errorf("an old corner moved something: %q, %q", s.Kiosk.Lang, b.item())
		}
		time.Sleep(3 * time.Minute) // they have gone
		synctest.Wait()
		if s := b.Snapshot(); s.Test != nil && !s.Kiosk.Idle() {
			t.Fatal("the kiosk is still theirs")
		}
		if b.item() == "button.next" {
			b.push(drivers.Next)
			if got := b.item(); got != "button.help" {
				t.Errorf("once they have gone the test is at %q; want button.help", got)
			}
		}
	})
}

// Whoever asks for help at the kiosk of an open permanence gets it, and the test
// waits as it does for any visitor.
func TestHelpDuringASelfTest(t *testing.T) {
	for _, c := range []struct {
		name  string
		begin session.Order // nil is a closed permanence
		pause bool
		lit   string // the button that the test waits for
		dark  bool   // and its lamp is out
		helps bool
	}{
		{"open", session.StartPermanence{Desk: "a"}, false, "button.next", false, true},
		{"open, and a break", session.StartPermanence{Desk: "a"}, true, "button.next", false, true},
		{"open, with the lamp out", session.StartPermanence{Desk: "a"}, false, "button.next", true, true},
		{"open, with help lit", session.StartPermanence{Desk: "a"}, false, "button.help", false, false},
		{"open, with help's lamp out", session.StartPermanence{Desk: "a"}, false, "button.help", true, false},
		{"a rehearsal", session.StartPermanence{Desk: "a", Test: true}, false, "button.next", false, false},
		{"closed", nil, false, "button.next", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, tested(&keeper{}), func(t *testing.T, b *box) {
				if c.begin != nil {
					b.do(c.begin)
				}
				if c.pause {
					b.do(session.Pause{Desk: "a"})
				}
				if err := b.StartSelfTest(t.Context(), true); err != nil {
					t.Fatal(err)
				}
				b.settle()
				for b.item() != selftest.Item(c.lit) {
					b.say("skip")
				}
				if c.dark {
					b.say("dark")
				}
				turn := b.Snapshot().Test.Turn
				b.push(drivers.Help)
				s := b.Snapshot()
				if helped := s.Help != nil; helped != c.helps || s.Kiosk.Idle() == c.helps || s.TestWaits() != c.helps {
					t.Errorf("after Help: help %v, kiosk idle %v, the test waits %v; want help %v", helped, s.Kiosk.Idle(), s.TestWaits(), c.helps)
				}
				if moved := s.Test.Turn != turn; moved == c.helps {
					t.Errorf("after Help the test moved: %v; want %v", moved, !c.helps)
				}
			})
		})
	}
}

// A permanence that is open is asked about; its queue never waits, and its tickets
// come before pages of the test.
func TestASelfTestInAnOpenPermanence(t *testing.T) {
	var printer *slow // its channel belongs to the bubble
	bubble(t, func(b *box) {
		tested(&keeper{})(b)
		printer = &slow{let: make(chan struct{})}
		b.cfg.Printer = printer
	}, func(t *testing.T, b *box) {
		b.open()
		if err := b.StartSelfTest(t.Context(), false); !errors.Is(err, appliance.ErrReception) {
			t.Errorf("StartSelfTest() unasked = %v; want ErrReception", err)
		}
		if err := b.StartSelfTest(t.Context(), true); err != nil {
			t.Fatalf("StartSelfTest(sure) = %v; want nil", err)
		}
		if err := b.StartSelfTest(t.Context(), true); !errors.Is(err, appliance.ErrTesting) {
			t.Errorf("StartSelfTest() twice = %v; want ErrTesting", err)
		}
		began := time.Now()
		for range 3 {
			b.take()
		}
		b.do(session.CallNext{Desk: "a"})
		if took := time.Since(began); took != 0 {
			t.Errorf("three tickets and a call took %v during a test; want no time", took)
		}
		for range 5 {
			select {
			case printer.let <- struct{}{}:
			case <-time.After(40 * time.Second):
			}
			synctest.Wait()
		}
		var order []string
		for _, d := range printer.printed {
			order = append(order, kind(d))
		}
		if want := []string{"report", "ticket", "ticket", "ticket", "test"}; !slices.Equal(order, want) {
			t.Errorf("printed %q; want %q", order, want)
		}
	})
}

// kind tells papers apart by their first words.
func kind(d drivers.Document) string {
	all := ""
	number := false
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case drivers.Text:
			all += b.Text
		case drivers.Number:
			number = true
		}
	}
	switch {
	case strings.Contains(all, "Test de la borne"):
		return "test"
	case number:
		return "ticket"
	}
	return "report"
}

// A test that everybody left ends by itself; one at which nobody looked is forgotten.
func TestAnAbandonedSelfTest(t *testing.T) {
	k := &keeper{}
	bubble(t, tested(k), func(t *testing.T, b *box) {
		b.startTest()
		time.Sleep(selftest.Limit + time.Second)
		if s := b.Snapshot(); s.Test != nil || s.Tested != nil {
			t.Errorf("after the limit: %v, %v; want nothing", s.Test, s.Tested)
		}
		b.startTest()
		b.say("no")
		time.Sleep(selftest.Limit + time.Second)
		s := b.Snapshot()
		if s.Test != nil || s.Tested == nil || !s.Tested.Abandoned || s.Tested.Verdict() != selftest.NotReady {
			t.Errorf("after the limit: %+v; want an abandoned report of a printer that failed", s.Tested)
		}
		if kept, _ := k.all(); len(kept) != 1 || len(b.paper("La borne n’est pas prête")) != 0 {
			t.Errorf("%d reports kept; want 1, and none printed", len(kept))
		}
		if s.Standing().Ready {
			t.Error("the box is ready; want it not")
		}
	})
}

// A printer that cannot print is said on the screen, and the test goes on.
func TestASelfTestWithoutPaper(t *testing.T) {
	bubble(t, tested(&keeper{}), func(t *testing.T, b *box) {
		b.wire.Set(drivers.NoPaper, true)
		time.Sleep(10 * time.Second)
		b.startTest()
		time.Sleep(5 * time.Second)
		s := b.Snapshot()
		if v := selftest.View(*s.Test, s.Now.Wall); v.Notice.Key != "device.printer.no_paper" {
			t.Errorf("the screen says %v; want that there is no paper", v.Notice)
		}
		b.wire.Set(drivers.NoPaper, false)
		time.Sleep(10 * time.Second)
		b.say("again")
		b.say("code." + b.number())
		if got := b.item(); got != selftest.Sound {
			t.Errorf("with paper again the test is at %q; want sound", got)
		}
	})
}

// An answer to a question that is no longer asked changes nothing; stopping does.
func TestAnOldAnswer(t *testing.T) {
	bubble(t, tested(&keeper{}), func(t *testing.T, b *box) {
		b.startTest()
		old := b.Snapshot().Test.Turn
		b.say("skip")
		if err := b.AnswerSelfTest(t.Context(), old, selftest.Confirm{OK: true}); err != nil || b.item() != selftest.Sound {
			t.Errorf("an old yes = %v, at %q; want it ignored", err, b.item())
		}
		if err := b.AnswerSelfTest(t.Context(), old, selftest.Stop{}); err != nil || b.Snapshot().Test != nil {
			t.Errorf("stop = %v, %v; want the test over", err, b.Snapshot().Test)
		}
	})
}

// A machine that hangs when it is asked, and a card that refuses, keep nobody.
func TestASelfTestOnABadMachine(t *testing.T) {
	k := &keeper{err: errors.New("read-only file system")}
	bubble(t, func(b *box) {
		tested(k)(b)
		b.cfg.SelfTest.Devices = &selftest.Devices{}
		over := over(b.t)
		b.cfg.SelfTest.Facts = func() selftest.Facts { <-over; return selftest.Facts{} }
	}, func(t *testing.T, b *box) {
		b.startTest()
		b.say("yes")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if s := b.Snapshot(); s.Test != nil || s.Tested == nil || s.Tested.Outcomes[1].Result != selftest.Unknown {
			t.Errorf("after it hung: %+v; want a report that knows nothing of the disk", s.Tested)
		}
		if !strings.Contains(b.logged.String(), "self test not kept") {
			t.Error("nothing is logged of a report that is not kept")
		}
	})
}

// Ready is the closing of the last permanence and a good test since; whatever breaks
// later is said.
func TestStanding(t *testing.T) {
	bubble(t, func(b *box) {
		tested(&keeper{})(b)
		b.cfg.SelfTest.Devices = &selftest.Devices{Printer: true}
		last := selftest.Report{Ended: time.Now().Add(-time.Hour), Outcomes: []selftest.Outcome{{Item: selftest.Printer, Result: selftest.OK}}}
		b.cfg.SelfTest.Last = &last
	}, func(t *testing.T, b *box) {
		keys := func() (list []string) {
			for _, m := range b.Snapshot().Standing().Missing {
				key := strings.TrimPrefix(m.Key, "selftest.missing.")
				if label, ok := m.Args["item"].(session.Msg); ok {
					key = strings.TrimPrefix(label.Key, "selftest.item.")
				}
				list = append(list, key)
			}
			return list
		}
		if got := keys(); !slices.Equal(got, []string{"clock"}) { // of a bubble
			t.Errorf("missing %q; want the clock alone", got)
		}
		b.wire.Set(drivers.CoverOpen, true)
		time.Sleep(10 * time.Second)
		if got := keys(); !slices.Equal(got, []string{"printer", "clock"}) {
			t.Errorf("with the cover open missing %q; want the printer too", got)
		}
		b.wire.Set(drivers.CoverOpen, false)
		b.do(session.StartPermanence{Desk: "a", Test: true})
		b.do(session.Close{Desk: "a"})
		time.Sleep(10 * time.Second)
		if got := keys(); !slices.Equal(got, []string{"clock"}) || !b.Snapshot().Closed.IsZero() {
			t.Errorf("after a rehearsal missing %q; want the clock alone", got)
		}
		b.book.mu.Lock()
		b.book.refuse = errors.New("the card is full")
		b.book.mu.Unlock()
		b.open()
		b.do(session.Close{Desk: "a"})
		time.Sleep(10 * time.Second)
		if got := keys(); !slices.Equal(got, []string{"not_kept", "not_since", "clock"}) {
			t.Errorf("after a permanence whose totals are not on disk missing %q; want that, and a test since", got)
		}
	})
}

// The buttons that the panel has reported need nobody to press them.
func TestASelfTestKnowsWhatThePanelReported(t *testing.T) {
	bubble(t, tested(&keeper{}), func(t *testing.T, b *box) {
		b.panel.Unplug(true)
		time.Sleep(5 * time.Second)
		b.startTest()
		b.say("skip", "skip")
		if got := b.item(); got != selftest.Touch {
			t.Errorf("without a panel the test is at %q; want touch, both buttons known to be lost", got)
		}
		if err := b.Kiosk(t.Context(), b.id(), intake.Press{Key: "corner.x"}); err != nil || b.item() != selftest.Touch {
			t.Errorf("a corner that is none = %v, at %q", err, b.item())
		}
	})
}
