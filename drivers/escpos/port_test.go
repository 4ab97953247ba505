package escpos_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
)

// netBench is a printer on a network: it lets in one client at a time, the next
// waits until that one has left.
type netBench struct {
	t        *testing.T
	wire     *sim.Wire
	listener net.Listener
	tasks    sync.WaitGroup

	mu     sync.Mutex
	client *net.TCPConn // the one let in
	closed bool
}

func newNetBench(t *testing.T) *netBench {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &netBench{t: t, wire: sim.NewWire(escpos.Generic80(), 0, sim.Quirks{}), listener: l}
	n.tasks.Go(n.listen)
	t.Cleanup(func() {
		l.Close()
		n.mu.Lock()
		n.closed = true
		n.mu.Unlock()
		n.hangUp(false)
		n.wire.Close()
		n.tasks.Wait()
	})
	return n
}

func (n *netBench) address() string { return n.listener.Addr().String() }

func (n *netBench) listen() {
	for {
		c, err := n.listener.Accept()
		if err != nil {
			return
		}
		n.mu.Lock()
		n.client = c.(*net.TCPConn)
		if n.closed {
			c.Close()
		}
		n.mu.Unlock()
		n.serve(c)
	}
}

// serve joins a client to the printer until either goes.
func (n *netBench) serve(c net.Conn) {
	cable := n.wire.Cable()
	var pumps sync.WaitGroup
	pumps.Go(func() { io.Copy(cable, c); c.Close(); cable.Close() })
	pumps.Go(func() { io.Copy(c, cable); c.Close(); cable.Close() })
	pumps.Wait()
}

// hangUp ends the client's connection, with a reset or in good order.
func (n *netBench) hangUp(reset bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.client == nil {
		return
	}
	if reset {
		n.client.SetLinger(0)
	}
	n.client.Close()
}

func (n *netBench) dial() net.Conn {
	n.t.Helper()
	c, err := escpos.Dial(n.t.Context(), n.address())
	if err != nil {
		n.t.Fatal(err)
	}
	return c
}

func (n *netBench) sheets() (out []string) {
	for _, s := range n.wire.Sheets() {
		if !s.Blank() {
			out = append(out, strings.TrimSpace(s.Text()))
		}
	}
	return out
}

func TestContractOverNetwork(t *testing.T) {
	drivertest.Printer(t, func(t *testing.T, use func(*testing.T, drivertest.PrinterBench)) {
		t.Parallel() // their waits are real
		n := newNetBench(t)
		p := escpos.NewHasty(n.dial(), escpos.Generic80())
		t.Cleanup(func() { p.Close() })
		use(t, drivertest.PrinterBench{
			Printer: p,
			Set: func(s drivers.Status, on bool) {
				n.wire.Set(s, on)
				if s == drivers.Unplugged && on {
					n.hangUp(false)
				}
			},
			FailAfter: n.wire.FailAfter,
			Garble: func(on bool) {
				if on {
					n.wire.Garble(7)
				} else {
					n.wire.Garble(0)
				}
			},
			Gone:   true,
			Sheets: n.sheets,
		})
	})
}

// A printer that was off between two jobs never takes a job along without a word:
// whoever printed is told, and prints on a connection made anew.
func TestNetworkPowerCycle(t *testing.T) {
	for _, c := range []struct {
		name  string
		cycle func(n *netBench)
	}{
		{"it closed the connection", func(n *netBench) { n.hangUp(false) }},
		{"it reset the connection", func(n *netBench) { n.hangUp(true) }},
		{"it was off and on", func(n *netBench) { n.wire.Power(false); n.hangUp(true); n.wire.Power(true) }},
		{"it is off, and nobody says so", func(n *netBench) { n.wire.Power(false) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := newNetBench(t)
			p := escpos.NewHasty(n.dial(), escpos.Generic80())
			t.Cleanup(func() { p.Close() })
			if _, err := p.Print(t.Context(), sheetOf("un")); err != nil {
				t.Fatalf("Print() = %v; want nil", err)
			}
			c.cycle(n)
			if _, err := p.Print(t.Context(), sheetOf("deux")); err == nil {
				t.Errorf("Print() = nil once %s; want an error: %q", c.name, n.sheets())
			}
			n.wire.Power(true)
			p.Close() // a printer lets in one client at a time
			p = p.Anew(n.dial())
			t.Cleanup(func() { p.Close() })
			if _, err := p.Print(t.Context(), sheetOf("trois")); err != nil {
				t.Errorf("Print() = %v on a new connection; want nil", err)
			}
			if got := strings.Join(n.sheets(), ", "); got != "un, trois" {
				t.Errorf("sheets = %s; want un, trois", got)
			}
		})
	}
}

func sheetOf(text string) drivers.Document {
	return drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: text}}}
}

// A second client is not let in beside the first, and takes its place when it leaves.
func TestNetworkOneClientAtATime(t *testing.T) {
	n := newNetBench(t)
	first := escpos.NewHasty(n.dial(), escpos.Generic80())
	t.Cleanup(func() { first.Close() })
	if _, err := first.Print(t.Context(), sheetOf("un")); err != nil {
		t.Fatalf("Print() = %v; want nil", err)
	}
	second := escpos.NewHasty(n.dial(), escpos.Generic80())
	t.Cleanup(func() { second.Close() })
	if got := second.Status(t.Context()); got != drivers.Mute {
		t.Errorf("Status() beside another client = %v; want mute", got)
	}
	first.Close()
	// What it was asked before comes now, and is no answer to what it is asked next.
	for tries := 1; second.Status(t.Context()) != drivers.Ready; tries++ {
		if tries == 10 {
			t.Fatal("Status() once the other has left is never ready")
		}
	}
	if _, err := second.Print(t.Context(), sheetOf("deux")); err != nil {
		t.Errorf("Print() once the other has left = %v; want nil", err)
	}
	if got := strings.Join(n.sheets(), ", "); got != "un, deux" {
		t.Errorf("sheets = %s; want un, deux", got)
	}
}

// patience is how long Dial waits at most, and a little.
const patience = 3*time.Second + 500*time.Millisecond

func TestDialWhereNobodyIs(t *testing.T) {
	n := newNetBench(t)
	nobody := n.address()
	n.listener.Close()
	for _, c := range []struct{ name, address, want string }{
		{"a closed port", nobody, "refused"},
		{"no port", "127.0.0.1", "missing port"},
		{"no address", "", "missing address"},
		{"no such port", "127.0.0.1:99999", "invalid port"},
	} {
		began := time.Now()
		conn, err := escpos.Dial(t.Context(), c.address)
		if err == nil {
			conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "dialling "+c.address) {
			t.Errorf("%s: Dial(%q) = %v; want its address and %q", c.name, c.address, err, c.want)
		}
		if took := time.Since(began); took > patience {
			t.Errorf("%s: Dial(%q) took %v; want at most %v", c.name, c.address, took, patience)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := escpos.Dial(ctx, nobody); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial() with an ended context = %v; want canceled", err)
	}
}
