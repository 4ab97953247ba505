package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

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
		p := newPlugged(rest, escpos.Generic80())
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

// plugged is a printer whose cable comes and goes. It opens the device file when
// it is first needed and keeps it open, since opening it resets many printers; only
// when the printer counts as unplugged is the file closed, to be opened anew by
// the next call. While it cannot be opened, the printer is unplugged.
type plugged struct {
	path    string
	profile escpos.Profile
	open    func() (io.ReadWriteCloser, error)

	// slot holds a token for whoever looks at what is below, opens or closes. A
	// call that hangs is left behind while the next one comes, and two that open
	// at once would fight for the device: most let in only one. It is a channel
	// since a wait for a hanging open must end with a context.
	slot   chan struct{}
	now    *escpos.Printer // nil while the file is not open
	before *escpos.Printer // the one closed last, which knows of a job cut short
	closed bool
}

var _ drivers.Printer = (*plugged)(nil)

func newPlugged(path string, profile escpos.Profile) *plugged {
	return &plugged{
		path: path, profile: profile, slot: make(chan struct{}, 1),
		open: func() (io.ReadWriteCloser, error) { return openPort(path) },
	}
}

func (p *plugged) take(ctx context.Context) error {
	select {
	case p.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// printer is the printer on the open file, which it opens if need be.
func (p *plugged) printer(ctx context.Context) (*escpos.Printer, error) {
	if err := p.take(ctx); err != nil {
		return nil, fmt.Errorf("printer %s: waiting: %w", p.path, err)
	}
	defer func() { <-p.slot }()
	switch {
	case p.closed:
		return nil, fmt.Errorf("printer %s: %w: closed", p.path, drivers.ErrUnplugged)
	case p.now != nil:
		return p.now, nil
	}
	port, err := p.open()
	if err != nil {
		return nil, fmt.Errorf("printer %s: %w: %w", p.path, drivers.ErrUnplugged, err)
	}
	if p.before != nil {
		p.now = p.before.Anew(port)
	} else {
		p.now = escpos.New(port, p.profile)
	}
	return p.now, nil
}

// forget closes a printer that is gone, unless another call was faster.
func (p *plugged) forget(ctx context.Context, gone *escpos.Printer) {
	if p.take(ctx) != nil {
		return // the next call meets the same error, and forgets
	}
	defer func() { <-p.slot }()
	if p.now == gone {
		gone.Close() // the file is of no use any more, whatever that says
		p.now, p.before = nil, gone
	}
}

// Print prints doc. See drivers.Printer.
func (p *plugged) Print(ctx context.Context, doc drivers.Document) (mm int, err error) {
	on, err := p.printer(ctx)
	if err != nil {
		return 0, err
	}
	if mm, err = on.Print(ctx, doc); err != nil {
		if errors.Is(err, drivers.ErrUnplugged) {
			p.forget(ctx, on)
		}
		return mm, fmt.Errorf("printer %s: %w", p.path, err)
	}
	return mm, nil
}

// Status asks the printer how it is. See drivers.Printer.
func (p *plugged) Status(ctx context.Context) drivers.Status {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	on, err := p.printer(ctx)
	if err != nil {
		return drivers.StatusOf(err)
	}
	s := on.Status(ctx)
	if s == drivers.Unplugged {
		p.forget(ctx, on)
	}
	return s
}

// Close closes the file for good, though it waits no longer than a second for an
// open that hangs.
func (p *plugged) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := p.take(ctx); err != nil {
		return fmt.Errorf("printer %s: closing: %w", p.path, err)
	}
	defer func() { <-p.slot }()
	p.closed = true
	if p.now == nil {
		return nil
	}
	gone := p.now
	p.now, p.before = nil, gone
	return gone.Close()
}

// port is the open file of a device.
type port struct {
	io.ReadWriteCloser
	there  func() bool // whether the file at its path is still this one
	closed chan struct{}
	once   sync.Once
}

// openPort opens a device's file, without waiting for a line or a modem, and
// without letting a serial line that hangs up take the process along.
func openPort(path string) (*port, error) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	opened, err := f.Stat()
	if err == nil && opened.Mode()&os.ModeCharDevice == 0 {
		// Left behind by whoever copied to a printer that was not there.
		err = errors.New("not a device file")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &port{ReadWriteCloser: f, closed: make(chan struct{}), there: func() bool {
		now, err := os.Stat(path)
		return err == nil && os.SameFile(opened, now)
	}}, nil
}

// lull is the pause after a read that brought nothing.
const lull = 20 * time.Millisecond

// Read waits for what the device says. Linux's usblp ends a read with nothing
// when the printer answers its poll with an empty packet, which says nothing of
// the cable; when that is pulled, the device's file disappears.
func (p *port) Read(b []byte) (int, error) {
	for {
		n, err := p.ReadWriteCloser.Read(b)
		if n > 0 || err != io.EOF || !p.there() {
			return n, err
		}
		select {
		case <-time.After(lull):
		case <-p.closed:
			return 0, os.ErrClosed
		}
	}
}

// Close closes the file and ends a Read.
func (p *port) Close() error {
	p.once.Do(func() { close(p.closed) })
	return p.ReadWriteCloser.Close()
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
