package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
	"jeudi/provisioning/site"
)

// devices is the hardware of a box, real or simulated.
type devices struct {
	printer drivers.Printer
	panel   drivers.Panel
	speaker drivers.Speaker
	dock    http.Handler // nil without simulated devices
	closers []io.Closer
}

func (d *devices) close() {
	for _, c := range d.closers {
		c.Close()
	}
}

// openDevices opens what the site's strings name; simulated replaces them all.
func openDevices(s *site.Site, simulated bool, speed float64) (*devices, error) {
	names := s.Devices
	if simulated {
		names = site.Devices{Printer: "sim:", Panel: "sim:", Speaker: "sim:"}
	}
	d := &devices{}
	simPrinter, wire := sim.NewPrinter(escpos.Generic80(), speed)
	simPanel, simSpeaker := new(sim.Panel), sim.NewSpeaker(speed)
	if names.Printer == "sim:" || names.Panel == "sim:" || names.Speaker == "sim:" {
		d.dock = sim.Dock(wire, simPanel, simSpeaker)
		d.closers = append(d.closers, simPrinter)
	} else {
		simPrinter.Close()
	}

	scheme, rest, _ := strings.Cut(names.Printer, ":")
	switch scheme {
	case "sim":
		d.printer = simPrinter
	case "none":
		d.printer = noPrinter{}
	case "escpos":
		port, err := os.OpenFile(rest, os.O_RDWR, 0)
		if err != nil {
			d.close()
			return nil, fmt.Errorf("printer %q: %w; plug it in, or write printer = \"none:\" in the site file", names.Printer, err)
		}
		p := escpos.New(port, escpos.Generic80())
		d.printer, d.closers = p, append(d.closers, p)
	default:
		d.close()
		return nil, fmt.Errorf("printer %q: unknown; use sim:, none: or escpos:/dev/usb/lp0", names.Printer)
	}
	switch names.Panel {
	case "sim:":
		d.panel = simPanel
	case "none:":
		d.panel = noPanel{}
	default:
		d.close()
		return nil, fmt.Errorf("panel %q: unknown; the known ones are sim: and none: today", names.Panel)
	}
	switch names.Speaker {
	case "sim:":
		d.speaker = simSpeaker
	case "none:":
		d.speaker = noSpeaker{}
	default:
		d.close()
		return nil, fmt.Errorf("speaker %q: unknown; the known ones are sim: and none: today", names.Speaker)
	}
	return d, nil
}

// The devices of a box that has none: they take everything and do nothing.
type (
	noPrinter struct{}
	noPanel   struct{}
	noSpeaker struct{}
)

func (noPrinter) Print(context.Context, drivers.Document) error {
	return errors.Join(drivers.ErrUnplugged, errors.New("this site has no printer"))
}
func (noPrinter) Status(context.Context) drivers.Status { return drivers.Unplugged }

func (noPanel) Watch(ctx context.Context, _ func(drivers.Action)) error {
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
