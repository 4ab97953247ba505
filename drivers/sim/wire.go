package sim

import (
	"bytes"
	"cmp"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

// room is the receive buffer, 4 KB as in Epson's printers, where Quirks name no
// other. When it is full the wire holds its writer back, as flow control does.
const room = 4096

// keptSheets bounds the paper that is remembered.
const keptSheets = 200

// usualSpeed is how fast paper comes out, in mm/s, where Quirks name no other.
const usualSpeed = 250

// Quirks are what a printer is like and the ways in which real ones fall short.
// The zero value is a good printer at a USB cable.
type Quirks struct {
	NoRealtime bool // DLE EOT is not answered: many panel mechanisms
	NoMarker   bool // GS r is not answered
	NoFinished bool // GS ( H is not answered: all but Epson's own
	NoStatus   bool // GS a is not obeyed
	NoDiscard  bool // DLE DC4 8 is not obeyed
	NoRecover  bool // DLE ENQ 2 is not obeyed
	Full       bool // DLE EOT 20 is answered: Custom's kiosk printers
	Drops      bool // a full buffer loses what comes, for want of flow control
	Held       bool // without power it holds the sender back, as a wire for busy does; else bytes are lost

	Ahead  int     // lines that it reads beyond the one it prints
	Baud   int     // of a serial line; 0 is a wire as fast as anybody
	Buffer int     // bytes; 0 is 4 KB
	Speed  float64 // mm/s; 0 is 250
}

// Wire is a printer at the other end of a cable: what is written to it gets
// printed, what it answers can be read. It is safe for use by several
// goroutines.
//
// It obeys real-time commands the moment they come, even among the dots of a
// picture, stops reading its buffer while it cannot print, and goes on by itself
// when it can again.
type Wire struct {
	profile escpos.Profile
	speed   float64
	quirks  Quirks
	bell    bell
	closing chan struct{}
	done    chan struct{}

	mu       sync.Mutex
	changed  *sync.Cond
	closed   bool
	state    [drivers.Unplugged + 1]bool
	off      bool   // without power, at a cable that does not tell
	lives    int    // how often it got power
	rt       []byte // of a real-time command under way
	buf      []byte // received, not read by the printer yet
	queue    []item // read, not printed yet
	answers  []byte // to be read
	late     []late // answers on their way
	delay    time.Duration
	noise    *rand.Rand // answers garbage
	asb      byte
	tellOff  byte
	lineFree time.Time // when the serial line has carried all so far
	paper    *paper
	roll     int // dots left, negative is for ever
	sheets   []Sheet
	hanging  Sheet // out of the slot, not cut yet
	next     int   // the next sheet's ID
	strange  int
	failIn   int // lines until failing, 0 is never
	failAs   drivers.Status
	swap     func(escpos.Profile) // tells the driver of another profile

	received, read int // bytes so far
	trip           trip
}

// item is what the printer has read and is about to do.
type item struct {
	row     row
	cut     bool
	toBlade int
	id      []byte // to be answered once all before it is printed
}

// trip does something once, at a byte: when it comes in, or when it is read.
type trip struct {
	received, read int // that many bytes; 0 is never
	do             func()
}

func (t *trip) spring() {
	do := t.do
	*t = trip{}
	do()
}

var _ io.ReadWriteCloser = (*Wire)(nil)

// NewWire is a cable with a printer that has power and paper. All that takes time
// is divided by speed; with 0 nothing takes any. Close it after use.
func NewWire(p escpos.Profile, speed float64, q Quirks) *Wire {
	w := &Wire{
		profile: p, speed: speed, quirks: q,
		closing: make(chan struct{}), done: make(chan struct{}),
		paper: newPaper(p), next: 1, roll: -1,
	}
	w.changed = sync.NewCond(&w.mu)
	go func() { defer close(w.done); w.run() }()
	return w
}

// NewPrinter is the escpos driver on an emulated wire, to a good printer that also
// knows DLE EOT 20 if its profile says so. Closing the printer closes the wire.
func NewPrinter(p escpos.Profile, speed float64) (*escpos.Printer, *Wire) {
	w := NewWire(p, speed, Quirks{Full: p.FullStatus})
	pr := escpos.New(w, p)
	w.swap = pr.Use
	return pr, w
}

// Use puts another printer at the same cable: one of profile p, at rest. The driver
// that NewPrinter made follows, after the document that it is printing.
func (w *Wire) Use(p escpos.Profile) {
	if w.swap != nil {
		w.swap(p)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.profile = p
	w.paper = newPaper(p)
	w.blackout()
	w.hanging = Sheet{}
	w.bell.ring()
}

// Profile is what printer this is.
func (w *Wire) Profile() escpos.Profile {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.profile
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

// Write receives bytes, as fast as the line carries them. It blocks while the
// buffer is full and returns ENODEV while the cable is out.
func (w *Wire) Write(b []byte) (int, error) { return w.write(b, w.gone) }

func (w *Wire) write(b []byte, gone func() error) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := 0; n < len(b); {
		if err := gone(); err != nil {
			return n, err
		}
		if w.off && w.quirks.Held {
			w.changed.Wait()
			continue
		}
		if many := w.plain(b[n:]); many > 1 { // the same as below, for many at once
			w.buf = append(w.buf, b[n:n+many]...)
			w.received += many
			n += many
			w.changed.Broadcast()
			continue
		}
		w.carry()
		if w.received++; w.received == w.trip.received {
			w.trip.spring()
			if err := gone(); err != nil {
				return n, err
			}
		}
		c := b[n]
		n++
		if w.off || w.realtime(c) {
			continue
		}
		for len(w.buf) >= w.room() && !w.quirks.Drops && !w.off {
			if err := gone(); err != nil {
				return n - 1, err
			}
			w.changed.Wait()
		}
		if len(w.buf) < w.room() && !w.off {
			w.buf = append(w.buf, c)
			w.changed.Broadcast()
		}
	}
	return len(b), gone()
}

// plain is how many bytes can be taken at once: none of them is or may belong to
// a real-time command, there is room, and nothing waits for one of them.
func (w *Wire) plain(b []byte) int {
	if w.off || len(w.rt) > 0 || w.quirks.Baud > 0 || w.trip.received > w.received {
		return 0
	}
	b = b[:min(len(b), max(0, w.room()-len(w.buf)))]
	if i := bytes.IndexByte(b, 0x10); i >= 0 {
		return i
	}
	return len(b)
}

func (w *Wire) room() int { return cmp.Or(w.quirks.Buffer, room) }

// carry lets the time pass that a byte takes on a serial line, in steps of a
// millisecond.
func (w *Wire) carry() {
	if w.quirks.Baud == 0 || w.speed <= 0 {
		return
	}
	now := time.Now()
	if w.lineFree.Before(now) {
		w.lineFree = now
	}
	w.lineFree = w.lineFree.Add(scaled(10*time.Second/time.Duration(w.quirks.Baud), w.speed))
	if ahead := w.lineFree.Sub(now); ahead >= time.Millisecond {
		w.pause(ahead)
	}
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
	return w.reads(b, func() error {
		if w.closed {
			return io.EOF
		}
		return nil
	})
}

func (w *Wire) reads(b []byte, gone func() error) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.answers) == 0 && gone() == nil {
		w.changed.Wait()
	}
	if err := gone(); err != nil {
		return 0, err
	}
	n := copy(b, w.answers)
	w.answers = w.answers[n:]
	return n, nil
}

const discard = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

// realtime watches for DLE EOT n, DLE ENQ n and DLE DC4 8, wherever they stand,
// even among the dots of a picture. It reports whether c is used up: otherwise it
// goes to the buffer too, where the printer reads over it.
func (w *Wire) realtime(c byte) bool {
	if c != 0x10 && len(w.rt) == 0 {
		return false
	}
	w.rt = append(w.rt, c)
	switch n := len(w.rt); {
	case n == 1:
	case n == 2 && (c == 4 || c == 5):
	case n == 3 && w.rt[1] == 4:
		w.rt = w.rt[:0]
		switch {
		case c >= 1 && c <= 4 && !w.quirks.NoRealtime:
			w.answer(w.dleEOT(c))
		case c == 20 && w.quirks.Full:
			w.answer(w.full()...)
		}
	case n == 3 && w.rt[1] == 5:
		w.rt = w.rt[:0]
		// It clears only after an error that a person can mend.
		if c == 2 && !w.quirks.NoRecover && (w.state[drivers.CutterJammed] || w.state[drivers.CoverOpen]) {
			w.forget()
			return true
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
	w.buf, w.queue = nil, nil
	w.paper.discard()
	w.changed.Broadcast()
}

// late is an answer on its way.
type late struct {
	due   time.Time
	bytes []byte
}

func (w *Wire) answer(b ...byte) {
	if w.state[drivers.Mute] || w.state[drivers.Unplugged] || w.off || len(b) == 0 {
		return
	}
	if w.noise != nil {
		b = make([]byte, 1+w.noise.IntN(4))
		for i := range b {
			b[i] = byte(w.noise.Uint32())
		}
	}
	if w.delay == 0 && len(w.late) == 0 {
		w.answers = append(w.answers, b...)
		w.changed.Broadcast()
		return
	}
	w.late = append(w.late, late{time.Now().Add(w.delay), b})
	time.AfterFunc(w.delay, w.arrive)
}

// arrive hands on the answers that are due.
func (w *Wire) arrive() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.late) > 0 && !time.Now().Before(w.late[0].due) {
		w.answers = append(w.answers, w.late[0].bytes...)
		w.late = w.late[1:]
	}
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

// full is the answer to DLE EOT 20 of a Custom KPM: paper, user, recoverable and
// unrecoverable faults.
func (w *Wire) full() []byte {
	s := &w.state
	return []byte{0x10, 0x0f,
		when(s[drivers.NoPaper], 0x01) | when(s[drivers.PaperLow] || s[drivers.NoPaper], 0x04),
		when(s[drivers.CoverOpen], 0x02),
		when(s[drivers.Overheated], 0x01),
		when(s[drivers.CutterJammed], 0x01)}
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

// blackout is what happens without power: all that the printer knew is gone.
func (w *Wire) blackout() {
	w.lives++
	w.forget()
	w.paper.reset()
	w.answers, w.late, w.rt, w.asb, w.tellOff = nil, nil, nil, 0, 0
}

// run is the printer: it reads its buffer while it can print.
func (w *Wire) run() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for !w.closed && (len(w.buf) == 0 && len(w.queue) == 0 || w.offline() || w.off || w.state[drivers.Unplugged]) {
			w.changed.Wait()
		}
		switch n := len(w.queue); {
		case w.closed:
			return
		case n > 0 && (n > w.quirks.Ahead || len(w.buf) == 0 || w.queue[n-1].cut || w.queue[n-1].id != nil):
			// It prints before it reads on: a cut and GS ( H come after all dots.
			i := w.queue[0]
			w.queue = w.queue[1:]
			w.do(i)
		default:
			w.step()
		}
	}
}

// step reads one byte of the buffer.
func (w *Wire) step() {
	if w.read+1 == w.trip.read {
		w.trip.spring()
		if w.offline() || w.off || w.state[drivers.Unplugged] || len(w.buf) == 0 {
			return
		}
	}
	w.read++
	b := w.buf[0]
	w.buf = w.buf[1:]
	if len(w.buf) == w.room()-1 || len(w.buf) == 0 {
		w.changed.Broadcast()
	}
	w.hanging.Bytes++
	o := w.paper.push(b)
	if !o.happened {
		return
	}
	if o.strange {
		w.strange++
	}
	for _, r := range o.rows {
		w.queue = append(w.queue, item{row: r})
	}
	if o.cut {
		w.queue = append(w.queue, item{cut: true, toBlade: o.toBlade})
	}
	if o.reset {
		w.asb = 0
	}
	if o.setTell {
		w.tellOff = o.tellOff
	}
	if o.setASB && !w.quirks.NoStatus {
		w.asb = o.asb
		w.report()
	}
	switch o.answer {
	case marker:
		if !w.quirks.NoMarker {
			w.answer(when(w.state[drivers.PaperLow], 0x03))
		}
	case drawer:
		w.answer(0)
	case typeID:
		w.answer(2)
	case name:
		w.answer(append([]byte("_Jeudi"), 0)...)
	case finished:
		if !w.quirks.NoFinished {
			w.queue = append(w.queue, item{id: o.id})
		}
	}
}

// do prints, cuts or answers.
func (w *Wire) do(i item) {
	switch {
	case i.id != nil:
		w.answer(append(append([]byte{0x37, 0x22}, i.id...), 0)...)
	case i.cut:
		if life := w.lives; w.feed(i.toBlade) && life == w.lives {
			w.cut()
		}
		w.bell.ring()
	default:
		if len(w.hanging.rows) == 0 {
			w.hanging.Began = time.Now()
		}
		if life := w.lives; !w.feed(i.row.feed) || life != w.lives {
			return // the power went, and the line with it
		}
		w.hanging.rows = append(w.hanging.rows, i.row)
		if !i.row.blank {
			w.hanging.Lines = append(w.hanging.Lines, i.row.line)
		}
		if w.failIn > 0 {
			if w.failIn--; w.failIn == 0 {
				w.set(w.failAs, true)
			}
		}
		w.bell.ring()
	}
}

// feed moves the paper. It is false once the wire is closed.
func (w *Wire) feed(dots int) bool {
	speed := w.quirks.Speed
	if speed == 0 {
		speed = usualSpeed
	}
	w.pause(scaled(time.Duration(float64(dots)*float64(time.Second)/(8*speed)), w.speed))
	w.hanging.dots += dots
	w.hanging.MM = (w.hanging.dots + 7) / 8
	if w.roll >= 0 {
		if w.roll = max(0, w.roll-dots); w.roll == 0 && dots > 0 {
			w.set(drivers.NoPaper, true)
		}
	}
	return !w.closed
}

// pause lets time pass, unless the wire is closed.
func (w *Wire) pause(d time.Duration) {
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
	s.ID, s.At, s.width = w.next, time.Now(), w.profile.Dots
	if s.Began.IsZero() {
		s.Began = s.At
	}
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
		w.blackout()
	}
	w.report()
	if w.tellOff != 0 && w.offline() {
		w.answer(0x37, 0x23, 0x40, 0)
	}
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
	s.Lines, s.rows, s.width = slices.Clone(s.Lines), slices.Clone(s.rows), w.profile.Dots
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
