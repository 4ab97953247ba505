package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
)

// A socket is where a printer that has power of its own hangs at a cable that is
// pulled and plugged.
type socket interface {
	plug()
	pull()
	// pullAt pulls the cable once so many more bytes have gone through; 0 takes that
	// back.
	pullAt(bytes int)
	printer() *sim.Wire
}

// simSocket is one in a synctest bubble.
type simSocket struct {
	wire *sim.Wire

	// each is the time that stands for a byte at pullAt; 0 is the byte itself.
	each time.Duration

	mu    sync.Mutex
	cable *sim.Cable  // nil while it is out
	left  int         // bytes until it is pulled; 0 is never
	later *time.Timer // pulls it
}

func (s *simSocket) printer() *sim.Wire { return s.wire }
func (s *simSocket) plug()              { s.mu.Lock(); s.cable = s.wire.Cable(); s.mu.Unlock() }

func (s *simSocket) pull() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cable != nil {
		s.cable.Cut()
		s.cable = nil
	}
}

func (s *simSocket) pullAt(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.later != nil {
		s.later.Stop()
	}
	if s.each > 0 && bytes > 0 {
		s.later = time.AfterFunc(time.Duration(bytes)*s.each, s.pull)
		return
	}
	s.left = bytes
}

// through is how many of so many bytes still go through, and whether the cable is
// pulled behind them.
func (s *simSocket) through(n int) (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 || n < s.left {
		s.left = max(0, s.left-n)
		return n, false
	}
	n, s.left = s.left, 0
	return n, true
}

// open is what plugged opens: the end of the cable that is in the box.
func (s *simSocket) open() (io.ReadWriteCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cable == nil || s.wire.Is(drivers.Unplugged) {
		return nil, syscall.ENOENT
	}
	return &simEnd{s.cable, s}, nil
}

type simEnd struct {
	*sim.Cable
	socket *simSocket
}

func (e *simEnd) Write(b []byte) (int, error) {
	n, last := e.socket.through(len(b))
	n, err := e.Cable.Write(b[:n])
	if last {
		e.socket.pull()
		return n, syscall.ENODEV
	}
	return n, err
}

// ptySocket is a device file or a serial port: the printer is behind a
// pseudo-terminal.
type ptySocket struct {
	t     *testing.T
	path  string
	tasks sync.WaitGroup
	simSocket

	ends          sync.Mutex
	master, slave *os.File
}

func (s *ptySocket) plug() {
	s.t.Helper()
	s.simSocket.plug()
	s.ends.Lock()
	defer s.ends.Unlock()
	s.master, s.slave = openPty(s.t)
	if err := os.Symlink(s.slave.Name(), s.path); err != nil {
		s.t.Fatal(err)
	}
	cable, master := s.cable, s.master
	s.tasks.Go(func() { io.Copy(master, cable) })
	s.tasks.Go(func() { s.carry(cable, master, s.pull) })
}

// carry hands on what the box writes, as far as the cable is in.
func (s *simSocket) carry(to io.Writer, from io.Reader, pull func()) {
	buf := make([]byte, 512)
	for {
		n, err := from.Read(buf)
		n, last := s.through(n)
		to.Write(buf[:n]) // an error comes back at the next Read
		if last {
			pull()
		}
		if last || err != nil {
			return
		}
	}
}

func (s *ptySocket) pull() {
	s.ends.Lock()
	defer s.ends.Unlock()
	if s.master == nil {
		return
	}
	os.Remove(s.path)
	s.master.Close()
	s.slave.Close()
	s.master, s.slave = nil, nil
	s.simSocket.pull()
}

func (s *ptySocket) end() {
	s.pull()
	s.wire.Close()
	s.tasks.Wait()
}

// netSocket is a printer on a network, which lets in one client at a time. With its
// cable out its address refuses, as that of one that has just got power back.
type netSocket struct {
	t       *testing.T
	address string
	tasks   sync.WaitGroup
	simSocket

	ends     sync.Mutex
	listener net.Listener
	client   net.Conn
}

func newNetSocket(t *testing.T) *netSocket {
	s := &netSocket{t: t, address: "127.0.0.1:0"}
	s.wire = sim.NewWire(escpos.Generic80(), 0, sim.Quirks{})
	s.plug()
	s.address = s.listener.Addr().String()
	s.pull()
	return s
}

func (s *netSocket) plug() {
	s.t.Helper()
	l, err := net.Listen("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.ends.Lock()
	defer s.ends.Unlock()
	s.listener = l
	s.tasks.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(l, c)
		}
	})
}

func (s *netSocket) serve(l net.Listener, c net.Conn) {
	s.ends.Lock()
	if s.listener != l { // pulled in between
		s.ends.Unlock()
		c.Close()
		return
	}
	s.simSocket.plug()
	s.client = c
	cable := s.cable
	s.ends.Unlock()
	var answers sync.WaitGroup
	answers.Go(func() { io.Copy(c, cable); c.Close() })
	s.carry(cable, c, s.pull)
	cable.Close()
	answers.Wait()
}

func (s *netSocket) pull() {
	s.ends.Lock()
	defer s.ends.Unlock()
	if s.listener == nil {
		return
	}
	s.listener.Close()
	if s.client != nil {
		s.client.Close()
	}
	s.listener, s.client = nil, nil
	s.simSocket.pull()
}

func (s *netSocket) end() {
	s.pull()
	s.wire.Close()
	s.tasks.Wait()
}

// ticketOf is a document on which every part speaks of its name: text, dots, a QR
// code.
func ticketOf(name string) drivers.Document {
	return drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: name + " début", Size: 2, Bold: true},
		drivers.Columns{Cells: []string{name, "12,50 €"}},
		drivers.Text{Text: "انتظر هنا " + name, Lang: "ar", RTL: true},
		drivers.QR{Data: "https://example.org/" + name},
		drivers.Text{Text: name + " fin"},
	}}
}

// A reference prints what ought to come out, on a printer of its own.
type reference struct {
	t       *testing.T
	printer *escpos.Printer
	wire    *sim.Wire
}

func newReference(t *testing.T) reference {
	printer, wire := sim.NewPrinter(escpos.Generic80(), 0)
	return reference{t, printer, wire}
}

// lines are those of a document on paper.
func (r reference) lines(doc drivers.Document) []sim.Line {
	r.t.Helper()
	if _, err := r.printer.Print(r.t.Context(), doc); err != nil {
		r.t.Fatal(err)
	}
	sheets := r.wire.Sheets()
	return sheets[len(sheets)-1].Lines
}

// counter tells whole tickets on paper from parts of one. The wire remembers 200
// sheets, so it looks often.
type counter struct {
	t     *testing.T
	wire  *sim.Wire
	seen  int
	lines map[string][]sim.Line // of each ticket asked for
	whole map[string]int        // sheets on which it is
}

// look reads the new sheets.
func (c *counter) look() {
	c.t.Helper()
	for _, s := range c.wire.Sheets() {
		if s.ID <= c.seen {
			continue
		}
		c.seen = s.ID
		names := make(map[string]bool)
		for name, lines := range c.lines {
			if slices.Equal(s.Lines, lines) {
				c.whole[name]++
			}
			if strings.Contains(s.Text(), name+" ") {
				names[name] = true
			}
		}
		if len(names) > 1 {
			c.t.Errorf("a leftover shares a sheet with another ticket: %q", s.Text())
		}
	}
}

const (
	plugs = 100
	few   = 4
)

// hotPlug pulls and plugs the cable a hundred times, idle, unseen and in the midst of
// tickets, and holds the printer to its promises: a ticket called printed is on
// paper whole and once; one that is not called printed is there once at most, until
// it is asked for again; nothing shares a sheet with what came before; and on a
// cable plugged in anew the next ticket is whole.
func hotPlug(t *testing.T, p *plugged, s socket, r *rand.Rand) (cut int) {
	t.Helper()
	ref := newReference(t)
	defer ref.printer.Close()
	papers := &counter{t: t, wire: s.printer(), lines: make(map[string][]sim.Line), whole: make(map[string]int)}
	papers.lines["perdu"] = ref.lines(ticketOf("perdu"))
	print := func(name string) error {
		papers.lines[name] = ref.lines(ticketOf(name))
		_, err := p.Print(t.Context(), ticketOf(name))
		papers.look()
		switch n := papers.whole[name]; {
		case err == nil && n != 1:
			t.Errorf("Print(%s) = nil; it is on %d sheets", name, n)
		case err != nil && !errors.Is(err, drivers.ErrUnplugged):
			t.Errorf("Print(%s) = %v; want nil or unplugged", name, err)
		}
		return err
	}
	// first prints on a cable just plugged in. If nobody called while it was out, that
	// may cost a ticket, of which nothing is on paper; never a second one.
	first := func(name string, noticed bool) {
		err := print(name)
		if err != nil && (noticed || papers.whole[name] != 0) {
			t.Errorf("Print(%s) = %v with a cable just plugged in, on %d sheets; want nil", name, err, papers.whole[name])
		}
		if err != nil {
			if err := print(name + "-again"); err != nil {
				t.Errorf("Print(%s) = %v, the second on its cable; want nil", name, err)
			}
		}
	}
	length := len(escpos.Encode(ticketOf("n00-a"), escpos.Generic80()))
	noticed := true
	for i := range plugs {
		s.plug()
		first(fmt.Sprintf("n%02d-a", i), noticed)
		noticed = false
		switch r.IntN(4) {
		case 0: // pulled while nothing is printed, and seen by whoever asks
			s.pull()
			if got := p.Status(t.Context()); got != drivers.Unplugged {
				t.Errorf("Status() with the cable out = %v; want unplugged", got)
			}
			noticed = true
		case 1: // pulled while nothing is printed, and unseen
			s.pull()
		default: // pulled in the midst of a ticket, or of a question before it
			s.pullAt(1 + r.IntN(length+20))
			if print(fmt.Sprintf("n%02d-b", i)) != nil {
				cut++
				noticed = true
			}
			s.pullAt(0)
			s.pull()
		}
		if r.IntN(2) == 0 {
			if _, err := p.Print(t.Context(), ticketOf("perdu")); !errors.Is(err, drivers.ErrUnplugged) {
				t.Errorf("Print() with cable %d out = %v; want unplugged", i+1, err)
			}
			noticed = true
		}
		if t.Failed() {
			t.Fatalf("at cable %d", i+1)
		}
	}
	s.plug()
	first("dernier", noticed)
	for name, n := range papers.whole {
		if n > 1 {
			t.Errorf("%s came out %d times; it was asked for once", name, n)
		}
	}
	if n := papers.whole["perdu"]; n != 0 {
		t.Errorf("a ticket printed while the cable was out came out later, %d times", n)
	}
	// Of a command that lost its end another may come.
	if n := s.printer().Strange(); n > cut {
		t.Errorf("the printer met %d commands that it does not know, and %d that were cut", n, cut)
	}
	return cut
}

// TestHotPlug100 is a cable that is pulled and plugged a hundred times, at random
// moments, the same in each run.
func TestHotPlug100(t *testing.T) {
	// On the emulator's clock paper takes its time, as on a line of 115200 baud do the
	// bytes; and the box may ask how the printer is, while it prints too.
	for _, c := range []struct {
		name    string
		quirks  sim.Quirks
		each    time.Duration
		watched bool
	}{
		{"at a byte", sim.Quirks{Baud: 115200}, 0, false},
		{"at a time, watched", sim.Quirks{}, 35 * time.Microsecond, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &simSocket{wire: sim.NewWire(escpos.Generic80(), 1, c.quirks), each: c.each}
				defer s.wire.Close()
				p, err := newPlugged("/dev/usb/lp0", escpos.Generic80())
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				p.open = s.open
				ctx, cancel := context.WithCancel(t.Context())
				var watch sync.WaitGroup
				defer func() { cancel(); watch.Wait() }()
				if c.watched {
					watch.Go(func() {
						for ctx.Err() == nil {
							p.Status(ctx)
							select {
							case <-ctx.Done():
							case <-time.After(730 * time.Millisecond):
							}
						}
					})
				}
				cut := hotPlug(t, p, s, rand.New(rand.NewPCG(1, 100)))
				t.Logf("%d plugs, %d of them cut a ticket short", plugs, cut)
				// The bubble ends only when no goroutine is left in it.
			})
		})
	}

	// Over real files and real sockets, with the kernel's buffers and errors.
	pty := func(t *testing.T) *ptySocket {
		s := &ptySocket{t: t, path: filepath.Join(t.TempDir(), "lp0")}
		s.wire = sim.NewWire(escpos.Generic80(), 0, sim.Quirks{})
		return s
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T) (s socket, address string, end func())
	}{
		{"a device file", func(t *testing.T) (socket, string, func()) {
			s := pty(t)
			return s, s.path, s.end
		}},
		{"a serial line", func(t *testing.T) (socket, string, func()) {
			s := pty(t)
			return s, "serial:" + s.path + "?baud=115200", s.end
		}},
		{"a network", func(t *testing.T) (socket, string, func()) {
			s := newNetSocket(t)
			return s, "tcp:" + s.address, s.end
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, files := goroutines(), openFiles(t)
			s, address, end := c.make(t)
			p, err := newPlugged(address, escpos.Generic80())
			if err != nil {
				t.Fatal(err)
			}
			cut := hotPlug(t, p, s, rand.New(rand.NewPCG(7, 100)))
			p.Close()
			end()
			// What leaks at a plug leaks a hundred times; a few are the runtime's own.
			if got := goroutines(); len(got) > len(before)+few {
				t.Errorf("%d goroutines after %d plugs; %d before:\n%s", len(got), plugs, len(before), strings.Join(got, "\n\n"))
			}
			if got := openFiles(t); got > files+few {
				t.Errorf("%d open files after %d plugs; %d before", got, plugs, files)
			}
			t.Logf("%d plugs, %d of them cut a ticket short", plugs, cut)
		})
	}
}

// goroutines are the stacks of all that there are. runtime.NumGoroutine is off by
// dozens while the runtime moves those that have ended from list to list.
func goroutines() []string {
	stacks := make([]byte, 1<<20)
	return strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
}

func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// A printer whose cable comes and goes keeps the whole contract, and it does come back.
func TestPluggedContract(t *testing.T) {
	drivertest.Printer(t, func(t *testing.T, use func(*testing.T, drivertest.PrinterBench)) {
		synctest.Test(t, func(t *testing.T) {
			s := &simSocket{wire: sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})}
			s.plug()
			p, err := newPlugged("/dev/usb/lp0", escpos.Generic80())
			if err != nil {
				t.Fatal(err)
			}
			p.open = s.open
			t.Cleanup(func() { p.Close(); s.wire.Close() })
			use(t, drivertest.PrinterBench{
				Printer: p,
				Set: func(status drivers.Status, on bool) {
					s.wire.Set(status, on)
					if status == drivers.Unplugged {
						s.pull()
						if !on {
							s.plug()
						}
					}
				},
				FailAfter: s.wire.FailAfter,
				Garble: func(on bool) {
					if on {
						s.wire.Garble(7)
					} else {
						s.wire.Garble(0)
					}
				},
				Sheets: func() (out []string) {
					for _, sheet := range s.wire.Sheets() {
						if !sheet.Blank() {
							out = append(out, sheet.Text())
						}
					}
					return out
				},
			})
		})
	})
}

// TestSerialPrinter: a site's serial printer, through the serial port's own driver.
func TestSerialPrinter(t *testing.T) {
	s := &ptySocket{t: t, path: filepath.Join(t.TempDir(), "ttyUSB0")}
	s.wire = sim.NewWire(escpos.Generic80(), 0, sim.Quirks{NoFinished: true})
	t.Cleanup(s.end)
	p, err := newPlugged("serial:"+s.path+"?baud=19200&flow=xonxoff", escpos.Generic80())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	if _, err := p.Print(t.Context(), ticketOf("perdu")); !errors.Is(err, drivers.ErrUnplugged) || !strings.Contains(err.Error(), "is the cable plugged in") {
		t.Errorf("Print() without a port = %v; want unplugged and what to do", err)
	}
	ref := newReference(t)
	defer ref.printer.Close()
	for _, name := range []string{"un", "deux"} {
		s.plug()
		if got := p.Status(t.Context()); got != drivers.Ready {
			t.Errorf("Status() = %v; want ready", got)
		}
		want := ref.lines(ticketOf(name))
		if _, err := p.Print(t.Context(), ticketOf(name)); err != nil {
			t.Errorf("Print(%s) = %v; want nil", name, err)
		}
		sheets := s.wire.Sheets()
		if n := len(sheets); n == 0 || !slices.Equal(sheets[n-1].Lines, want) {
			t.Errorf("%d sheets, the last is not %s, whole", n, name)
		}
		s.pull()
		if _, err := p.Print(t.Context(), ticketOf("perdu")); !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Print() with the cable out = %v; want unplugged", err)
		}
		if got := p.Status(t.Context()); got != drivers.Unplugged {
			t.Errorf("Status() with the cable out = %v; want unplugged", got)
		}
	}
	if n := s.wire.Strange(); n > 0 {
		t.Errorf("the printer met %d commands that it does not know", n)
	}
}

// TestNetworkPrinterThatIsOff: where nobody listens the printer is unplugged, soon, and
// the error names its address.
func TestNetworkPrinterThatIsOff(t *testing.T) {
	s := newNetSocket(t)
	t.Cleanup(s.end)
	p, err := newPlugged("tcp:"+s.address, escpos.Generic80())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	began := time.Now()
	if _, err := p.Print(t.Context(), ticketOf("perdu")); !errors.Is(err, drivers.ErrUnplugged) || !strings.Contains(err.Error(), s.address) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Print() = %v; want unplugged, the address and why", err)
	}
	if got := p.Status(t.Context()); got != drivers.Unplugged {
		t.Errorf("Status() = %v; want unplugged", got)
	}
	if took := time.Since(began); took > 4*time.Second { // Dial is patient for 3 s
		t.Errorf("that took %v; want no more than Dial's patience", took)
	}
	s.plug()
	if _, err := p.Print(t.Context(), ticketOf("un")); err != nil {
		t.Errorf("Print() once it is on = %v; want nil", err)
	}
	if got := len(s.wire.Sheets()); got != 1 {
		t.Errorf("%d sheets; want 1", got)
	}
}
