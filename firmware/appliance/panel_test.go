package appliance_test

import (
	"slices"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/sim"
	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
)

// A desk without a screen calls, calls again and marks an absence; what it may not
// order changes nothing.
func TestButtonsAtADesk(t *testing.T) {
	desk := sim.NewPanel()
	bubble(t, func(b *box) { b.cfg.Desks = map[string]drivers.Panel{"a": desk} }, func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Second)
		press := func(a drivers.Action) { desk.Press(a); b.settle() }
		press(drivers.CallNext) // nobody waits
		b.take()
		b.take()
		for _, step := range []struct {
			press drivers.Action
			after time.Duration
			state session.VisitState
			calls int
		}{
			{drivers.Recall, 0, session.Waiting, 0}, // nobody was called
			{drivers.CallNext, 0, session.Called, 1},
			{drivers.CallNext, 0, session.Called, 1}, // the desk has somebody
			{drivers.Recall, 0, session.Called, 1},   // too soon
			{drivers.Recall, time.Minute, session.Called, 2},
			{drivers.OK, 0, session.Called, 2}, // no button of a desk
		} {
			time.Sleep(step.after)
			press(step.press)
			if v := b.visit(1); v.State() != step.state || v.Calls != step.calls {
				t.Errorf("after %v, ticket 1 is %v with %d calls; want %v, %d", step.press, v.State(), v.Calls, step.state, step.calls)
			}
		}
		press(drivers.NoShow)
		if _, there := b.Snapshot().Session.AtDesk("a"); there {
			t.Error("after an absence, somebody is at the desk")
		}
		press(drivers.CallNext)
		if v := b.visit(2); v.State() != session.Called || v.Desk() != "a" {
			t.Errorf("ticket 2 is %v at %q; want called at a", v.State(), v.Desk())
		}
	})
}

// What a panel says of its buttons is known to staff until it is mended, and the
// rest of the panel works.
func TestFaultsOfButtons(t *testing.T) {
	desk := sim.NewPanel()
	bubble(t, func(b *box) { b.cfg.Desks = map[string]drivers.Panel{"b": desk} }, func(t *testing.T, b *box) {
		b.open()
		for _, step := range []struct {
			name string
			do   func()
			want []appliance.Fault
		}{
			{"nothing", func() {}, nil},
			{"a stuck button", func() { b.panel.Stick(drivers.Next, true) }, []appliance.Fault{{Action: "next", Stuck: true}}},
			{"and a wire at a desk", func() { desk.Break(drivers.Recall, true) },
				[]appliance.Fault{{Action: "next", Stuck: true}, {Action: "recall", Desk: "b"}}},
			{"it comes up again", func() { b.panel.Stick(drivers.Next, false) }, []appliance.Fault{{Action: "recall", Desk: "b"}}},
			{"the whole panel", func() { b.panel.Unplug(true) }, []appliance.Fault{{Action: "recall", Desk: "b"}, {}}},
			{"it is back", func() { b.panel.Unplug(false); b.panel.Press(drivers.OK) }, []appliance.Fault{{Action: "recall", Desk: "b"}}},
			{"all mended", func() { desk.Break(drivers.Recall, false) }, nil},
		} {
			step.do()
			time.Sleep(5 * time.Second)
			b.panel.Press(drivers.Help)
			b.settle()
			if got := b.Snapshot().Faults; !slices.Equal(got, step.want) {
				t.Errorf("%s: faults %+v; want %+v", step.name, got, step.want)
			}
		}
		if b.Snapshot().Help == nil {
			t.Error("help was asked for by a panel with faults, and nobody knows")
		}
	})
}

// The chord of staff leaves the kiosk as if nobody had been there.
func TestStaffChord(t *testing.T) {
	told := 0
	bubble(t, func(b *box) { b.cfg.Chord = func() { told++ } }, func(t *testing.T, b *box) {
		b.open()
		b.press("fr", "caf")
		b.settle()
		b.panel.Press(drivers.Staff)
		b.settle()
		if s := b.Snapshot(); !s.Kiosk.Idle() {
			t.Errorf("after the chord the kiosk is at %q; want nobody there", s.Kiosk.Screen)
		}
		if told != 1 {
			t.Errorf("the chord was told %d times; want once", told)
		}
	})
}

// Each state of the printer has its own rhythm on the lamp for staff, or none.
func TestLampForStaff(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		for _, c := range []struct {
			state drivers.Status
			want  drivers.Light
		}{
			{drivers.Ready, drivers.Off}, {drivers.PaperLow, drivers.Breathe}, {drivers.NoPaper, drivers.Blink},
			{drivers.CoverOpen, drivers.Double}, {drivers.CutterJammed, drivers.Double}, {drivers.Overheated, drivers.Breathe},
			{drivers.Unplugged, drivers.On}, {drivers.Mute, drivers.Wink},
		} {
			b.wire.Set(drivers.Ready, true)
			if c.state != drivers.Ready {
				b.wire.Set(c.state, true)
			}
			time.Sleep(20 * time.Second)
			if got := b.panel.Lamps()[drivers.Staff]; got != c.want {
				t.Errorf("printer %v: the lamp is %v; want %v", c.state, got, c.want)
			}
		}
	})
}
