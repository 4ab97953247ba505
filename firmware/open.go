package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"jeudi/drivers"
	"jeudi/drivers/sim"
	"jeudi/drivers/sound"
	"jeudi/provisioning/site"
)

// devices is the hardware of a box, real or simulated.
type devices struct {
	printer drivers.Printer
	panel   drivers.Panel
	desks   map[string]drivers.Panel // buttons at desks
	speaker drivers.Speaker
	// cutShort tells the printer that the box was stopped while it printed; nil where
	// that leaves nothing behind.
	cutShort func()
	silent   func() bool  // no card for the loudspeaker; nil when that is never so
	dock     http.Handler // nil without simulated devices
	closers  []io.Closer
}

func (d *devices) close() {
	for _, c := range d.closers {
		c.Close()
	}
}

// openDevices opens what the site's strings name; simulated replaces them all.
func openDevices(s *site.Site, simulated bool, speed float64, log *slog.Logger) (_ *devices, err error) {
	names := s.Devices
	if simulated {
		names = site.Devices{Printer: "sim:", Panel: "sim:", Speaker: "sim:"}
	}
	profile, err := profileOf(s.Printer)
	if err != nil {
		return nil, err
	}
	d := &devices{}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	simPrinter, wire := sim.NewPrinter(profile, speed)
	simPanel, simSpeaker := new(sim.Panel), sim.NewSpeaker(speed)
	if names.Printer == "sim:" || names.Panel == "sim:" || names.Speaker == "sim:" {
		d.dock = sim.Dock(wire, simPanel, simSpeaker)
		d.closers = append(d.closers, simPrinter)
	} else {
		simPrinter.Close()
	}

	switch scheme, address, _ := strings.Cut(names.Printer, ":"); scheme {
	case "sim":
		d.printer = simPrinter
	case "none":
		d.printer = noPrinter{}
	case "escpos":
		p, err := newPlugged(address, profile)
		if err != nil {
			return nil, fmt.Errorf("printer %q: %w", names.Printer, err)
		}
		d.cutShort = func() { p.cutShort = true }
		d.printer, d.closers = p, append(d.closers, p)
	default:
		return nil, fmt.Errorf("printer %q: unknown; use sim:, none: or escpos:/dev/usb/lp0", names.Printer)
	}
	switch names.Panel {
	case "sim:":
		d.panel = simPanel
	case "none:":
		d.panel = noPanel{}
	case "gpio:":
		if err := d.wire(s); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("panel %q: unknown; gpio:, sim: and none: are known", names.Panel)
	}
	switch scheme, card, _ := strings.Cut(names.Speaker, ":"); scheme {
	case "sim":
		d.speaker = simSpeaker
	case "none":
		d.speaker = noSpeaker{}
	case "sound":
		speaker, err := sound.Open(sound.Config{Loudspeaker: card, Headphones: s.Sound.Headphones, Ceiling: s.Sound.Ceiling, Logger: log})
		if err != nil {
			return nil, fmt.Errorf("speaker %q: %w", names.Speaker, err)
		}
		d.speaker, d.closers = speaker, append(d.closers, speaker)
		d.silent = func() bool { return speaker.Err(drivers.Loudspeaker) != nil }
	default:
		return nil, fmt.Errorf("speaker %q: unknown; sound:, sim: and none: are known", names.Speaker)
	}
	return d, nil
}

// wire makes the panels of the visitor and of the desks. What is wrong with their
// wiring in itself is an error; what this machine lacks is looked for later, again
// and again.
func (d *devices) wire(s *site.Site) error {
	panels, err := wiring(s)
	if err != nil {
		return err
	}
	d.panel, d.desks = noPanel{}, make(map[string]drivers.Panel)
	for desk, c := range panels {
		p := newWired(c)
		d.closers = append(d.closers, p)
		if desk == "" {
			d.panel = p
		} else {
			d.desks[desk] = p
		}
	}
	return nil
}

// The devices of a box that has none: they take everything and do nothing.
type (
	noPrinter struct{}
	noPanel   struct{}
	noSpeaker struct{}
)

func (noPrinter) Print(context.Context, drivers.Document) (int, error) {
	return 0, errors.Join(drivers.ErrUnplugged, errors.New("this site has no printer"))
}
func (noPrinter) Status(context.Context) drivers.Status { return drivers.Unplugged }

func (noPanel) Watch(ctx context.Context, _ func(drivers.Signal)) error {
	<-ctx.Done()
	return nil
}
func (noPanel) Light([drivers.Actions]drivers.Light) error { return nil }

func (noSpeaker) Play(context.Context, drivers.Output, drivers.Sound) error { return nil }
func (noSpeaker) Jack(ctx context.Context, plugged func(bool)) error {
	plugged(false)
	<-ctx.Done()
	return nil
}
