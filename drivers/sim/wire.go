package sim

import (
	"io"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

// room is the receive buffer, 4 KB as in Epson's printers. When it is full the
// wire holds its writer back, as flow control does.
const room = 4096

// keptSheets bounds the paper that is remembered.
const keptSheets = 200

// Quirks are the ways in which real printers fall short.
type Quirks struct {
	NoMarker  bool // GS r is not answered
	NoDiscard bool // DLE DC4 8 is not obeyed
}

// Wire is a printer at the other end of a cable: what is written to it gets
// printed, what it answers can be read. It is safe for use by several
// goroutines.
//
// It obeys real-time commands the moment they come, stops reading its buffer
// while it cannot print, and goes on by itself when it can again.
type Wire struct {
	profile escpos.Profile
	speed   float64
	quirks  Quirks
	bell    bell
	closing chan struct{}
	done    chan struct{}

	mu      sync.Mutex
	changed *sync.Cond
	closed  bool
	state   [drivers.Unplugged + 1]bool
	rt      []byte // of a real-time command under way
	buf     []byte // received, not read by the printer yet
	answers []byte // to be read
	asb     byte
	paper   *paper
	sheets  []Sheet
	hanging Sheet // out of the slot, not cut yet
	next    int   // the next sheet's ID
	strange int
	failIn  int // lines until failing, 0 is never
	failAs  drivers.Status
}

var _ io.ReadWriteCloser = (*Wire)(nil)

// NewWire is a cable with a printer that has power and paper. Paper comes out at
// 250 mm/s times speed; 0 is at once. Close it after use.
func NewWire(p escpos.Profile, speed float64, q Quirks) *Wire {
	w := &Wire{
		profile: p, speed: speed, quirks: q,
		closing: make(chan struct{}), done: make(chan struct{}),
		paper: newPaper(p), next: 1,
	}
	w.changed = sync.NewCond(&w.mu)
	go func() { defer close(w.done); w.run() }()
	return w
}

// NewPrinter is the escpos driver on an emulated wire. Closing the printer closes
// the wire.
func NewPrinter(p escpos.Profile, speed float64) (*escpos.Printer, *Wire) {
	w := NewWire(p, speed, Quirks{})
	return escpos.New(w, p), w
}

// Close pulls the plug for good and waits for the printer to stop.
func (w *Wire) Close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.closing)
		w.changed.Broadcast()
	}
	w.mu.Unlock()
	<-w.done
	return nil
}

// Write receives bytes. It blocks while the buffer is full and returns ENODEV
// while the cable is out.
func (w *Wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, c := range b {
		if w.gone() == nil && w.realtime(c) {
			continue
		}
		for len(w.buf) >= room && w.gone() == nil {
			w.changed.Wait()
		}
		if err := w.gone(); err != nil {
			return i, err
		}
		w.buf = append(w.buf, c)
		w.changed.Broadcast()
	}
	return len(b), w.gone()
}

func (w *Wire) gone() error {
	switch {
	case w.closed:
		return os.ErrClosed
	case w.state[drivers.Unplugged]:
		return syscall.ENODEV
	}
	return nil
}

// Read returns what the printer answers. It blocks until there is something, and
// returns io.EOF once the wire is closed. A cable that is out says nothing.
func (w *Wire) Read(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.answers) == 0 && !w.closed {
		w.changed.Wait()
	}
	if w.closed {
		return 0, io.EOF
	}
	n := copy(b, w.answers)
	w.answers = w.answers[n:]
	return n, nil
}

const discard = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

// realtime watches for DLE EOT n and DLE DC4 8, wherever they stand, even among
// an image's bytes. It reports whether c is used up: otherwise it goes to the
// buffer too, where the printer reads over it.
func (w *Wire) realtime(c byte) bool {
	w.rt = append(w.rt, c)
	switch n := len(w.rt); {
	case w.rt[0] != 0x10:
		w.rt = w.rt[:0]
	case n == 1:
	case n == 2 && c == 4:
	case n == 3 && w.rt[1] == 4:
		w.rt = w.rt[:0]
		if c >= 1 && c <= 4 {
			w.answer(w.dleEOT(c))
		}
	case n <= len(discard) && string(w.rt) == discard[:n]:
		if n == len(discard) {
			w.rt = w.rt[:0]
			if w.quirks.NoDiscard {
				return false
			}
			w.forget()
			w.answer(0x37, 0x25, 0)
			return true
		}
	default:
		w.rt = w.rt[:0]
		if c == 0x10 {
			w.rt = append(w.rt, c)
		}
	}
	return false
}

// forget empties the buffers; what is on paper stays there.
func (w *Wire) forget() {
	w.buf = nil
	w.paper.cmd, w.paper.skip, w.paper.line = nil, 0, nil
	w.changed.Broadcast()
}

func (w *Wire) answer(b ...byte) {
	if w.state[drivers.Mute] || w.state[drivers.Unplugged] {
		return
	}
	w.answers = append(w.answers, b...)
	w.changed.Broadcast()
}

func (w *Wire) offline() bool {
	return w.state[drivers.NoPaper] || w.state[drivers.CoverOpen] ||
		w.state[drivers.Overheated] || w.state[drivers.CutterJammed]
}

func when(b bool, bits byte) byte {
	if b {
		return bits
	}
	return 0
}

// dleEOT is the answer to DLE EOT n. 16h to n = 1 is an idle Epson's.
func (w *Wire) dleEOT(n byte) byte {
	s := &w.state
	switch n {
	case 1:
		return 0x16 | when(w.offline(), 0x08)
	case 2:
		return 0x12 | when(s[drivers.CoverOpen], 0x04) | when(s[drivers.NoPaper], 0x20) |
			when(s[drivers.CutterJammed] || s[drivers.Overheated], 0x40)
	case 3:
		return 0x12 | when(s[drivers.CutterJammed], 0x08) | when(s[drivers.Overheated], 0x40)
	}
	return 0x12 | when(s[drivers.PaperLow] || s[drivers.NoPaper], 0x0c) | when(s[drivers.NoPaper], 0x60)
}

// report is the automatic status, if the host wants it.
func (w *Wire) report() {
	if w.asb == 0 {
		return
	}
	s := &w.state
	w.answer(0x14|when(w.offline(), 0x08)|when(s[drivers.CoverOpen], 0x20),
		when(s[drivers.CutterJammed], 0x08)|when(s[drivers.Overheated], 0x40),
		when(s[drivers.PaperLow] || s[drivers.NoPaper], 0x03)|when(s[drivers.NoPaper], 0x0c),
		0)
}

// run is the printer: it reads its buffer while it can print.
func (w *Wire) run() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for !w.closed && (len(w.buf) == 0 || w.offline() || w.state[drivers.Unplugged]) {
			w.changed.Wait()
		}
		if w.closed {
			return
		}
		b := w.buf[0]
		w.buf = w.buf[1:]
		w.changed.Broadcast()
		w.hanging.Bytes++
		o := w.paper.push(b)
		if o.strange {
			w.strange++
		}
		for _, l := range o.lines {
			w.spend(time.Duration(l.dots()) * time.Second / (8 * 250))
			w.hanging.Lines = append(w.hanging.Lines, l)
			if w.failIn > 0 {
				if w.failIn--; w.failIn == 0 {
					w.set(w.failAs, true)
				}
			}
		}
		if o.cut {
			w.spend(60 * time.Millisecond)
			w.cut()
		}
		if o.setASB {
			w.asb = o.asb
			w.report()
		}
		if len(o.answer) == 3 && o.answer[0] == 0x1d {
			o.answer = []byte{when(w.state[drivers.PaperLow], 0x03)}
			if w.quirks.NoMarker {
				o.answer = nil
			}
		}
		w.answer(o.answer...)
		if len(o.lines) > 0 || o.cut {
			w.bell.ring()
		}
	}
}

// spend lets time pass, unless the wire is closed.
func (w *Wire) spend(d time.Duration) {
	d = scaled(d, w.speed)
	if d <= 0 {
		return
	}
	w.mu.Unlock()
	defer w.mu.Lock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-w.closing:
	}
}

func (w *Wire) cut() {
	s := w.hanging
	s.ID, s.At = w.next, time.Now()
	w.next++
	w.hanging = Sheet{}
	w.sheets = append(w.sheets, s)
	if len(w.sheets) > keptSheets {
		w.sheets = slices.Clone(w.sheets[1:])
	}
}

// Set puts the printer into a state, or out of it; states add up. Setting Ready
// mends everything. It is false for a state that does not exist.
func (w *Wire) Set(s drivers.Status, on bool) bool {
	if int(s) >= len(w.state) {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set(s, on)
	return true
}

func (w *Wire) set(s drivers.Status, on bool) {
	switch {
	case s == drivers.Ready && on:
		clear(w.state[:])
	case s != drivers.Ready:
		w.state[s] = on
	}
	if w.state[drivers.Unplugged] {
		// No power: all that it knew is gone.
		w.forget()
		w.paper.reset()
		w.answers, w.rt, w.asb = nil, nil, 0
	}
	w.report()
	w.changed.Broadcast()
	w.bell.ring()
}

// FailAfter puts the printer into state s once it has printed that many more
// lines.
func (w *Wire) FailAfter(lines int, s drivers.Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failIn, w.failAs = lines, s
}

// Is reports whether the printer is in state s; Ready is all well.
func (w *Wire) Is(s drivers.Status) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s == drivers.Ready {
		return !slices.Contains(w.state[:], true)
	}
	return int(s) < len(w.state) && w.state[s]
}

// Sheets returns the paper cut off so far, oldest first; the last 200.
func (w *Wire) Sheets() []Sheet {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sheets)
}

// Hanging returns the paper that is out and not cut: a ticket being printed, or,
// of a printer without a cutter, all since somebody tore it off.
func (w *Wire) Hanging() Sheet {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.hanging
	s.Lines = slices.Clone(s.Lines)
	return s
}

// Tear takes the paper out of the slot, as a visitor does. A printer without a
// cutter is torn at its bar.
func (w *Wire) Tear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.profile.Cutter && len(w.hanging.Lines) > 0 {
		w.cut()
	}
	w.sheets = slices.Clone(w.sheets) // readers hold the old ones
	for i := range w.sheets {
		w.sheets[i].Taken = true
	}
	w.bell.ring()
}

// Strange counts the commands that the printer did not know.
func (w *Wire) Strange() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.strange
}
