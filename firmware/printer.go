package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/uart"
	"jeudi/provisioning/site"
)

// profileOf is the printer's profile with what the site says otherwise.
func profileOf(own site.Printer) (escpos.Profile, error) {
	p := escpos.Generic80()
	if own.Profile != "" {
		var ok bool
		if p, ok = escpos.ProfileNamed(own.Profile); !ok {
			return p, fmt.Errorf("printer.profile: there is no %q; use one of %s", own.Profile, strings.Join(escpos.Profiles(), ", "))
		}
	}
	number := func(field *int, v int) {
		if v != 0 {
			*field = v
		}
	}
	truth := func(field *bool, v *bool) {
		if v != nil {
			*field = *v
		}
	}
	number(&p.Columns, own.Columns)
	number(&p.Dots, own.Dots)
	number(&p.PresentSteps, own.PresentSteps)
	number(&p.BandRows, own.BandRows)
	number(&p.Speed, own.Speed)
	truth(&p.Cutter, own.Cutter)
	truth(&p.FullCut, own.FullCut)
	truth(&p.Presenter, own.Presenter)
	truth(&p.NativeQR, own.QR)
	truth(&p.Raster, own.Raster)
	truth(&p.FullStatus, own.FullStatus)
	if own.Blade != nil {
		p.Blade = *own.Blade
	}
	if own.Answers != "" {
		p.Answers = escpos.Answers(own.Answers)
	}
	if len(own.CodePages) > 0 {
		p.CodePages = nil
		for _, c := range own.CodePages {
			p.CodePages = append(p.CodePages, escpos.CodePage{Name: c.Name, Slot: byte(c.Slot)})
		}
	}
	if err := p.Validate(); err != nil {
		return p, fmt.Errorf("[printer]: %w", err)
	}
	return p, nil
}

// baudOf is the speed of the serial line at an address, in bits a second, or 0 for
// other wires. A terminal that is given as a plain file has the speed that Linux
// gives it while nobody sets another.
func baudOf(address string) (int, error) {
	if port, ok := strings.CutPrefix(address, "serial:"); ok {
		_, config, err := uart.ParseDSN(port)
		return config.Baud, err
	}
	if strings.HasPrefix(address, "/dev/tty") || strings.HasPrefix(address, "/dev/serial") {
		return 9600, nil
	}
	return 0, nil
}

// opener opens the wire to the printer at an address: a device file,
// serial:FILE?settings or tcp:HOST:PORT.
func opener(address string) (func() (io.ReadWriteCloser, error), error) {
	kind, rest, _ := strings.Cut(address, ":")
	switch kind {
	case "serial":
		path, config, err := uart.ParseDSN(rest)
		if err != nil {
			return nil, err
		}
		return func() (io.ReadWriteCloser, error) { return uart.Open(path, config) }, nil
	case "tcp":
		if host, port, err := net.SplitHostPort(rest); err != nil || host == "" || port == "" {
			return nil, fmt.Errorf("%q is not a network printer; write it like tcp:192.168.1.50:9100 or tcp:[fe80::1]:9100", address)
		}
		return func() (io.ReadWriteCloser, error) { return escpos.Dial(context.Background(), rest) }, nil
	}
	return func() (io.ReadWriteCloser, error) { return openPort(address) }, nil
}

// plugged is a printer whose cable comes and goes. It opens the wire when
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

	// cutShort says that the box was stopped while it printed: what the printer was
	// sent before is not known.
	cutShort bool
}

var _ drivers.Printer = (*plugged)(nil)

func newPlugged(address string, profile escpos.Profile) (*plugged, error) {
	open, err := opener(address)
	if err != nil {
		return nil, err
	}
	if profile.Baud, err = baudOf(address); err != nil {
		return nil, err
	}
	return &plugged{path: address, profile: profile, slot: make(chan struct{}, 1), open: open}, nil
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
		if p.cutShort {
			p.now.Distrust()
		}
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
	file   *os.File
	there  func() bool // whether the file at its path is still this one
	closed chan struct{}
	once   sync.Once
}

// openPort opens a device's file.
func openPort(path string) (*port, error) {
	f, err := os.OpenFile(path, openWithoutWaiting, 0)
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
	return &port{ReadWriteCloser: f, file: f, closed: make(chan struct{}), there: func() bool {
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

// PortStatus asks the printer's three status pins, which some printers answer that
// are mute otherwise.
func (p *port) PortStatus() (byte, error) { return escpos.PortStatus(p.file) }

// Close closes the file and ends a Read.
func (p *port) Close() error {
	p.once.Do(func() { close(p.closed) })
	return p.ReadWriteCloser.Close()
}
