package appliance

import (
	"context"
	"slices"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/intake"
)

// Fault is a button that does not work.
type Fault struct {
	Action string // of the button
	Desk   string // "" on the visitor's panel
	Stuck  bool   // else its wire is broken
}

// watchPanel turns presses into inputs of the kiosk's intake.
func (a *Appliance) watchPanel(ctx context.Context) {
	a.watch(ctx, a.cfg.Panel, "", func(act drivers.Action) {
		press := request{kiosk: true, do: func(d *draft) error {
			if act == drivers.Staff {
				// Whatever hangs there: the kiosk is as if nobody had been at it.
				d.kioskLeft()
				return nil
			}
			press := intake.Button{Action: intake.Action(act.String())}
			switch {
			case d.testPress(act):
			case act == drivers.Good || act == drivers.Fair || act == drivers.Bad:
				d.leaving(press)
			default:
				d.kiosk(newID(), press)
			}
			return nil
		}}
		if act == drivers.Staff && a.cfg.Chord != nil {
			a.cfg.Chord()
		}
		select {
		case a.requests <- press:
		case <-ctx.Done():
		}
	})
}

// watchDesk turns presses at a desk into its orders. What a desk may not order is
// refused as on its screen; the screen says why.
func (a *Appliance) watchDesk(ctx context.Context, desk string, panel drivers.Panel) {
	a.watch(ctx, panel, desk, func(act drivers.Action) {
		if err := a.ask(ctx, func(d *draft) error { return d.pressed(desk, act) }); err != nil && ctx.Err() == nil {
			a.cfg.Logger.Info("button at a desk refused", "desk", desk, "button", act, "err", err)
		}
	})
}

// there is how long a panel is watched until it counts as found: one that is not
// there refuses at once, and one that is there tells its faults first.
const there = 500 * time.Millisecond

// watch calls pressed for each press, keeps the faults of the buttons, and begins
// again when the panel was lost.
func (a *Appliance) watch(ctx context.Context, panel drivers.Panel, desk string, pressed func(drivers.Action)) {
	lost := false // as it was told
	for ctx.Err() == nil {
		var found *time.Timer
		if lost {
			found = time.AfterFunc(there, func() {
				a.tell(ctx, func(d *draft) error { d.lose(desk, false); return nil })
			})
		}
		err := panel.Watch(ctx, func(sig drivers.Signal) {
			switch sig.Kind {
			case drivers.Pressed:
				pressed(sig.Action)
			default:
				a.cfg.Logger.Warn("button", "desk", desk, "button", sig.Action, "signal", sig.Kind)
				a.tell(ctx, func(d *draft) error { d.fault(desk, sig); return nil })
			}
		})
		if found != nil && !found.Stop() {
			lost = false // it was there for a while
		}
		if err != nil && ctx.Err() == nil {
			if !lost {
				a.cfg.Logger.Warn("panel lost; trying again", "desk", desk, "err", err)
			}
			lost = true
			a.tell(ctx, func(d *draft) error { d.lose(desk, true); return nil })
		}
		pause(ctx, retry)
	}
}

// fault keeps what a panel said of a button. The list is never changed in place:
// snapshots share it.
func (d *draft) fault(desk string, sig drivers.Signal) {
	f := Fault{Action: sig.Action.String(), Desk: desk, Stuck: sig.Kind == drivers.Stuck}
	d.Faults = slices.DeleteFunc(slices.Clone(d.Faults), func(o Fault) bool { return o.Action == f.Action && o.Desk == desk })
	if sig.Kind == drivers.Stuck || sig.Kind == drivers.Lost {
		d.Faults = append(d.Faults, f)
	}
}

// lose keeps whether a whole panel is gone: a fault without a button. Of its
// buttons nothing is known then; once it is back, it tells.
func (d *draft) lose(desk string, gone bool) {
	d.Faults = slices.DeleteFunc(slices.Clone(d.Faults), func(o Fault) bool {
		return o.Desk == desk && (gone || o.Action == "")
	})
	if gone {
		d.Faults = append(d.Faults, Fault{Desk: desk})
	}
}

// lampState is all that the lamps follow.
type lampState struct {
	turn    int // of the kiosk; it begins at 0, and shown at -1
	help    bool
	exit    bool // somebody has answered the first of the two questions there
	printer string
	test    string // the lamp that the self test has lit
}

// showLamps hands the newest lamps over; older ones that were not shown are dropped.
func (a *Appliance) showLamps(d *draft) {
	printer, _ := d.PrinterState()
	tested, testing := d.testLamp()
	shown := lampState{turn: d.Kiosk.Turn, help: d.Help != nil, printer: printer}
	_, shown.exit = d.Exit.Next()
	if testing {
		shown.test = tested.String()
	}
	if shown == a.shown {
		return
	}
	a.shown = shown
	var l [drivers.Actions]drivers.Light
	screen := intake.View(d.Kiosk, d.Context(d.Kiosk))
	for i := range drivers.Actions {
		if screen.Lamps[intake.Action(drivers.Action(i).String())] {
			if l[i] = drivers.On; screen.Alert {
				l[i] = drivers.Blink
			}
		}
	}
	for _, act := range []drivers.Action{drivers.Good, drivers.Fair, drivers.Bad} {
		if l[act] = drivers.On; shown.exit {
			l[act] = drivers.Breathe // the second question waits
		}
	}
	if d.Help != nil {
		l[drivers.Help] = drivers.Blink
	}
	if testing {
		l = [drivers.Actions]drivers.Light{}
		l[tested] = drivers.Blink
	}
	l[drivers.Staff] = printerLight(printer)
	select {
	case <-a.lamps:
	default:
	}
	a.lamps <- l
}

// printerLight is what the lamp for staff shows of a printer's state. The
// patterns differ in rhythm: nothing to do is dark or slow, and what keeps
// tickets from being printed moves.
func printerLight(state string) drivers.Light {
	st, _ := drivers.ParseStatus(state)
	switch st {
	case drivers.Ready:
		return drivers.Off
	case drivers.Mute:
		return drivers.Wink
	case drivers.PaperLow, drivers.Overheated:
		return drivers.Breathe
	case drivers.NoPaper:
		return drivers.Blink
	case drivers.Unplugged:
		return drivers.On
	}
	return drivers.Double // somebody must open it: cover, cutter
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
