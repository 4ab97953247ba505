package sim

import (
	"io"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"jeudi/drivers"
)

// Power turns a printer off at a cable that does not tell, as a serial one, or on
// again. Off, it forgets all that it had not printed, answers nothing, and what
// is sent is lost, or waits at a wire that is Held.
func (w *Wire) Power(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.power(on)
}

func (w *Wire) power(on bool) {
	if w.off = !on; w.off {
		w.blackout()
	}
	w.changed.Broadcast()
	w.bell.ring()
}

// Roll puts in a roll of so many millimetres. When it has run out there is no
// paper, to the nearest line: a printer stops between lines.
func (w *Wire) Roll(mm int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roll = 8 * mm
	w.set(drivers.NoPaper, mm <= 0)
}

// Delay makes each answer late by d; 0 ends it.
func (w *Wire) Delay(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delay = d
}

// Garble makes each answer a few bytes of noise, always the same for a seed; 0
// ends it.
func (w *Wire) Garble(seed uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.garble(seed)
}

func (w *Wire) garble(seed uint64) {
	w.noise = nil
	if seed != 0 {
		w.noise = rand.New(rand.NewPCG(seed, 0))
	}
}

// Cable is one connection to a printer that has power of its own: cutting or
// closing it leaves the printer as it is, with all that it has received.
type Cable struct {
	w   *Wire
	err error // once it is cut, guarded by the wire
}

var _ io.ReadWriteCloser = (*Cable)(nil)

// Cable plugs in a cable. What the last one was not told is lost.
func (w *Wire) Cable() *Cable {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers, w.late = nil, nil
	return &Cable{w: w}
}

func (c *Cable) gone() error {
	if c.err != nil {
		return c.err
	}
	return c.w.gone()
}

// Write is the Wire's.
func (c *Cable) Write(b []byte) (int, error) { return c.w.write(b, c.gone) }

// Read is the Wire's, and ends with the cable.
func (c *Cable) Read(b []byte) (int, error) { return c.w.reads(b, c.gone) }

// Cut cuts the cable, as when it is pulled: reads and writes end with ENODEV.
func (c *Cable) Cut() { c.end(syscall.ENODEV) }

// Close lets the cable go.
func (c *Cable) Close() error { c.end(os.ErrClosed); return nil }

func (c *Cable) end(err error) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.cut(err)
}

func (c *Cable) cut(err error) {
	if c.err == nil {
		c.err = err
	}
	c.w.changed.Broadcast()
}
