// Package gpiopanel is a panel of buttons and lamps wired to GPIO lines.
//
// A button connects its line to ground (the chip's pull-up holds it up), a lamp
// is driven by its line through whatever resistor or transistor it needs. Lines
// come as periph's gpio pins. Open finds them by name or by number on any chip
// of the kernel, by periph's gpioioctl alone: the whole of periph's host is not
// imported, for some of its board drivers can panic, or refuse a board for
// reasons that have nothing to do with buttons. golang.org/x/sys/unix asks the
// kernel the one thing that periph does not tell afresh: who holds a line.
//
// It promises:
//   - A press is reported as soon as its contact has been closed for a third of
//     the settle time (5 ms unless configured), and its own lamp answers then,
//     whatever the rest of the box does: within 20 ms of the finger unless the
//     contact bounces for longer than 15 ms.
//   - However long it is held and however it bounces, it is one press.
//   - A button held for 30 s is Stuck; the others work on. It is Freed when it
//     opens. A button that is down when the panel starts was not pressed.
//   - Two buttons held together for three seconds are staff's chord: previous and
//     next. Presses are reported at once, so both were; previous and next are the
//     two that undo each other.
//   - With a loop, a wire that runs through the panel's connector from a line to
//     ground, a pulled connector is told from buttons that nobody presses: every
//     button is Lost, and Found when it is back. Without one an open wire cannot be
//     told from an open contact.
//   - When the chip itself goes away (an adapter was pulled), Watch and Light
//     return drivers.ErrUnplugged. Such a chip comes back only when the program is
//     started again: periph looks for chips once, which Open puts off until they have
//     every line that it wants.
//   - Close leaves lamps off and gives every line back, within half a second.
//
// One goroutine a line waits for edges and debounces; one goroutine owns all the
// rest. While a lamp breathes, or is dimmed, that one wakes 200 times a second to
// switch it: eight lamps then took 1.6 % of a core, and 0.3 % otherwise, on the
// x86-64 machine this was written on, with pipes and ioctls in the place of lines.
// A Pi's core is several times slower; it was not measured. The other lights are
// switched when they change.
package gpiopanel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"

	"jeudi/drivers"
)

// Config is how a panel is wired and behaves. Zero durations are the defaults.
//
// A line is its name as the kernel has it ("GPIO17"), or a chip's name, label or
// path, a colon, and the line's number or name on it ("gpiochip0:17",
// "9030000.pl061:4", "/dev/gpiochip0:GPIO17").
type Config struct {
	Buttons []Button
	// Loop is the line of the wire that runs through the panel's connector to ground;
	// "" if there is none.
	Loop string
	// Settle is how long a released contact must stay open before it may be pressed
	// again: 3 to 100 ms, 15 by default. A press is answered after a third of it.
	Settle time.Duration
	// StuckAfter is how long a button is held by nobody's finger: at least 5 s, 30 by
	// default.
	StuckAfter time.Duration
	// DimAfter is the time without a press after which lamps that are On are dimmed
	// to a quarter; 0 is never.
	DimAfter time.Duration
	// NoChord makes previous and next held together mean nothing.
	NoChord bool
}

// Button is a button, a lamp, or both.
type Button struct {
	Action drivers.Action
	Line   string // the button's; "" is a lamp alone
	Lamp   string // the lamp's; "" is a button without
	// ActiveHigh is a button that connects its line to 3.3 V; the chip pulls it down.
	ActiveHigh bool
	// LampLow is a lamp that is lit by a low level. While the box starts it may be lit.
	LampLow bool
}

const (
	settle     = 15 * time.Millisecond
	stuckAfter = 30 * time.Second
	chordAfter = 3 * time.Second
	// A connector counts as pulled after loopOpen and as put back after loopClosed, when
	// the contacts of its buttons have stopped scratching too.
	loopOpen   = 20 * time.Millisecond
	loopClosed = 200 * time.Millisecond
	// bound is the longest wait for an edge. It is how soon Close is noticed, and an
	// edge that the kernel lost. It also keeps clear of WaitForEdge(-1), for ever by
	// periph's contract, which gpioioctl (v3.8.5) turns into a deadline that has passed:
	// the loop would spin.
	bound = 250 * time.Millisecond
)

// whole is c with its defaults, or all that is wrong with it whatever the machine.
func (c Config) whole() (Config, error) {
	var errs []error
	wrong := func(part, line, format string, args ...any) {
		errs = append(errs, &WiringError{Part: part, Line: line, Why: fmt.Errorf(format, args...)})
	}
	between := func(name string, d *time.Duration, usual, least, most time.Duration) {
		if *d == 0 {
			*d = usual
		}
		if *d < least || *d > most {
			wrong(name, "", "%v is not between %v and %v", *d, least, most)
		}
	}
	between("settle time", &c.Settle, settle, 3*time.Millisecond, 100*time.Millisecond)
	between("time until stuck", &c.StuckAfter, stuckAfter, 5*time.Second, time.Hour)
	if c.DimAfter < 0 {
		wrong("time until dimmed", "", "%v is negative; 0 is never", c.DimAfter)
	}
	if len(c.Buttons) == 0 {
		wrong("panel", "", "it has no button; name at least one, with its line")
	}
	actions, lines := make(map[drivers.Action]bool), make(map[string]string)
	for _, b := range c.Buttons {
		name := "button " + b.Action.String()
		switch {
		case b.Action >= drivers.Actions:
			wrong(name, b.Line, "there is no such action")
		case actions[b.Action]:
			wrong(name, b.Line, "%w; give each action one button", ErrTwice)
		case b.Line == "" && b.Lamp == "":
			wrong(name, "", "it has neither a line nor a lamp; name its line")
		}
		actions[b.Action] = true
	}
	for part, line := range c.wires() {
		if other, ok := lines[line]; ok {
			wrong(part, line, "%w: the line is also that of %s; give each its own", ErrTwice, other)
		}
		lines[line] = part
	}
	return c, errors.Join(errs...)
}

// wires calls yield with the name and line of each wire.
func (c Config) wires() func(yield func(part, line string) bool) {
	return func(yield func(part, line string) bool) {
		for _, b := range c.Buttons {
			if b.Line != "" && !yield("button "+b.Action.String(), b.Line) ||
				b.Lamp != "" && !yield("lamp of "+b.Action.String(), b.Lamp) {
				return
			}
		}
		if c.Loop != "" {
			yield("loop", c.Loop)
		}
	}
}

// Check reports all that is wrong with a configuration that can be known without
// the machine it is for: each a *WiringError, joined.
func (c Config) Check() error {
	_, err := c.whole()
	return err
}

// Panel is an open panel.
type Panel struct {
	ins  []input
	outs []output
	of   [drivers.Actions]int // the lamp of an action, or -1

	changes chan changed
	ops     chan func()   // run by the owner
	stop    chan struct{} // closed by Close
	gone    chan struct{} // closed by the owner when it ends; err says why
	err     error
	workers sync.WaitGroup
	closing sync.Once

	// What follows is the owner's.
	keys    keys
	lamps   lamps
	shown   []bool
	dead    int   // buttons whose line is gone
	lampErr error // the last of a lamp
	ears    map[*ear]bool
}

type input struct {
	gpio.PinIn
	key    int        // whose, or -1: the loop's
	down   gpio.Level // what the line is when its contact is closed
	bounce debouncer
}

type output struct {
	gpio.PinOut
	lit gpio.Level
}

// changed is what a line's goroutine tells the owner.
type changed struct {
	in   int
	what change
	gone bool
}

// ear is one Watch with the signals it has not heard of yet. Its mutex lets the
// owner go on whatever a watcher does.
type ear struct {
	mu    sync.Mutex
	queue []drivers.Signal
	more  chan struct{} // has room for one
}

func (e *ear) tell(s []drivers.Signal) {
	if len(s) == 0 {
		return
	}
	e.mu.Lock()
	e.queue = append(e.queue, s...)
	e.mu.Unlock()
	select {
	case e.more <- struct{}{}:
	default:
	}
}

var _ drivers.Panel = (*Panel)(nil)

// Open opens the panel on the lines of this machine. An error says all that is
// wrong with the wiring, one sentence each: errors.As finds a *WiringError in it.
func Open(c Config) (*Panel, error) {
	m, err := openMachine(c)
	if err != nil {
		return nil, err
	}
	return build(c, m)
}

// New makes a panel of pins that find returns for the lines of c. Two lines may be
// the same pin only if they are the same value. The panel halts the pins when it
// is closed, and closes those that have a Close method.
func New(c Config, find func(line string) (gpio.PinIO, error)) (*Panel, error) {
	return build(c, finder(find))
}

// machine is where lines are.
type machine interface {
	pin(line string) (gpio.PinIO, error)
	// holder is who has the line now, or "".
	holder(line string) string
}

type finder func(string) (gpio.PinIO, error)

func (f finder) pin(line string) (gpio.PinIO, error) { return f(line) }
func (f finder) holder(string) string                { return "" }

func build(c Config, m machine) (*Panel, error) {
	c, err := c.whole()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	p := &Panel{
		changes: make(chan changed), ops: make(chan func()), stop: make(chan struct{}), gone: make(chan struct{}),
		keys: keys{stuckAfter: c.StuckAfter, chordAfter: chordAfter}, ears: make(map[*ear]bool),
	}

	// Everything is looked at before anything is touched.
	var errs []error
	pins, parts := make(map[string]gpio.PinIO), make(map[gpio.PinIO]string)
	for part, line := range c.wires() {
		pin, err := m.pin(line)
		if err == nil {
			if other, ok := parts[pin]; ok {
				err = fmt.Errorf("%w: the line is also that of %s; give each its own", ErrTwice, other)
			} else if who := m.holder(line); who != "" {
				err = taken(who)
			}
		}
		if err != nil {
			errs = append(errs, &WiringError{Part: part, Line: line, Why: err})
			continue
		}
		pins[line], parts[pin] = pin, part
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}

	fail := func(part, line string, err error) (*Panel, error) {
		p.release()
		if who := m.holder(line); who != "" { // not us any more: somebody was faster
			err = taken(who)
		}
		return nil, &WiringError{Part: part, Line: line, Why: err}
	}
	for i := range p.of {
		p.of[i] = -1
	}
	for _, b := range c.Buttons {
		name := b.Action.String()
		if b.Lamp != "" {
			out := output{pins[b.Lamp], gpio.Level(!b.LampLow)}
			p.of[b.Action] = len(p.outs)
			p.outs = append(p.outs, out)
			if err := out.Out(!out.lit); err != nil {
				return fail("lamp of "+name, b.Lamp, err)
			}
		}
		if b.Line != "" {
			in := input{pins[b.Line], len(p.keys.key), gpio.Level(b.ActiveHigh), newDebouncer(c.Settle)}
			p.ins = append(p.ins, in)
			p.keys.key = append(p.keys.key, key{action: b.Action})
			if err := in.configure(); err != nil {
				return fail("button "+name, b.Line, err)
			}
		}
	}
	if c.Loop != "" {
		in := input{pins[c.Loop], -1, gpio.Low, debouncer{press: loopClosed, release: loopOpen}}
		p.ins = append(p.ins, in)
		if err := in.configure(); err != nil {
			return fail("loop", c.Loop, err)
		}
	}
	previous := slices.IndexFunc(p.keys.key, func(k key) bool { return k.action == drivers.Previous })
	next := slices.IndexFunc(p.keys.key, func(k key) bool { return k.action == drivers.Next })
	if previous >= 0 && next >= 0 && !c.NoChord {
		p.keys.chord = []int{previous, next}
	}
	p.lamps = newLamps(len(p.outs), c.DimAfter, now)
	p.shown = make([]bool, len(p.outs))

	for i := range p.ins {
		p.workers.Go(func() { p.listen(i) })
	}
	p.workers.Go(p.own)
	return p, nil
}

// configure makes the line an input that is up (or down) while nobody presses.
func (in *input) configure() error {
	pull := gpio.PullUp
	if in.down == gpio.High {
		pull = gpio.PullDown
	}
	return in.In(pull, gpio.BothEdges)
}

// listen debounces one line until the panel or the line ends.
func (p *Panel) listen(i int) {
	in := &p.ins[i]
	early := 0
	in.bounce.sample(in.Read() == in.down, time.Now()) // the first: nothing is known yet
	for {
		wait := bound
		if in.bounce.pending {
			// Never 0, which gpioioctl takes for "for ever".
			wait = max(100*time.Microsecond, in.bounce.wait(time.Now()))
		}
		asked := time.Now()
		edge := in.WaitForEdge(wait)
		select {
		case <-p.stop:
			return
		case <-p.gone:
			return
		default:
		}
		if !edge && time.Since(asked) < wait {
			// It neither waited nor saw an edge: the line is broken, and what Read would
			// say is Low, a press. Only the error of In tells for certain.
			if early++; early > 20 || in.configure() != nil {
				p.report(changed{in: i, gone: true})
				return
			}
			if !p.pause(10 * time.Millisecond) {
				return
			}
			continue
		}
		early = 0
		// Which edge it was does not matter: the level is read afterwards, for edges
		// queue up and may be lost.
		down := in.Read() == in.down
		if what := in.bounce.sample(down, time.Now()); what != none && !p.report(changed{in: i, what: what}) {
			return
		}
	}
}

// report tells the owner; false if there is none any more.
func (p *Panel) report(c changed) bool {
	select {
	case p.changes <- c:
		return true
	case <-p.gone:
	case <-p.stop:
	}
	return false
}

func (p *Panel) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-p.gone:
	case <-p.stop:
	}
	return false
}

var (
	errClosed = fmt.Errorf("gpiopanel: closed: %w", drivers.ErrUnplugged)
	errGone   = fmt.Errorf("gpiopanel: the chip of its lines is gone: %w", drivers.ErrUnplugged)
)

// own runs the panel: its keys, its lamps, its watchers.
func (p *Panel) own() {
	defer close(p.gone)
	timer := time.NewTimer(bound)
	defer timer.Stop()
	for {
		now := time.Now()
		p.tell(p.keys.due(now))
		next := sooner(p.keys.next(), p.show(now))
		if next.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(next.Sub(now))
		}
		select {
		case <-p.stop:
			p.err = errClosed
			return
		case op := <-p.ops:
			op()
		case c := <-p.changes:
			p.change(c, time.Now())
			if len(p.keys.key) > 0 && p.dead == len(p.keys.key) {
				p.err = errGone
				return
			}
		case <-timer.C:
		}
	}
}

func (p *Panel) change(c changed, now time.Time) {
	k := p.ins[c.in].key
	switch {
	case k < 0: // the loop
		whole := !c.gone && (c.what == pressed || c.what == isDown)
		for i := range p.keys.key {
			p.tell(p.keys.wire(i, whole, now))
		}
	case c.gone:
		p.dead++
		p.tell(p.keys.wire(k, false, now))
		p.keys.key[k].dead = true
	default:
		signals := p.keys.change(k, c.what, now)
		if len(signals) > 0 && signals[0].Kind == drivers.Pressed {
			p.lamps.press(p.of[signals[0].Action], now)
			p.show(now) // before anything else
		}
		p.tell(signals)
	}
}

// show switches the lamps that must be, and returns when the next must.
func (p *Panel) show(now time.Time) time.Time {
	on, next := p.lamps.frame(now)
	for i, lit := range on {
		if lit == p.shown[i] {
			continue
		}
		p.shown[i] = lit
		out := p.outs[i]
		if err := out.Out(gpio.Level(lit) == out.lit); err != nil {
			p.lampErr = err
		}
	}
	return next
}

func (p *Panel) tell(s []drivers.Signal) {
	for e := range p.ears {
		e.tell(s)
	}
}

// do has the owner run f.
func (p *Panel) do(f func()) error {
	done := make(chan struct{})
	select {
	case p.ops <- func() { f(); close(done) }:
		<-done
		return nil
	case <-p.gone:
		return p.err
	}
}

// Watch calls signal for each press and fault until ctx ends or the panel is gone.
func (p *Panel) Watch(ctx context.Context, signal func(drivers.Signal)) error {
	e := &ear{more: make(chan struct{}, 1)}
	if err := p.do(func() { p.ears[e] = true; e.tell(p.keys.faults()) }); err != nil {
		return err
	}
	// If there is no owner any more, nobody will tell e anything.
	defer func() { _ = p.do(func() { delete(p.ears, e) }) }()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.gone:
			return p.err
		case <-e.more:
		}
		e.mu.Lock()
		queue := e.queue
		e.queue = nil
		e.mu.Unlock()
		for _, s := range queue {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			signal(s)
		}
	}
}

// Light sets all lamps at once. It returns the last error of a lamp's line, which
// says that the chip is gone.
func (p *Panel) Light(lights [drivers.Actions]drivers.Light) (err error) {
	if e := p.do(func() {
		now := time.Now()
		for a, i := range p.of {
			if i >= 0 {
				p.lamps.set(i, lights[a], now)
			}
		}
		p.show(now)
		err, p.lampErr = p.lampErr, nil
	}); e != nil {
		return e
	}
	if err != nil {
		return fmt.Errorf("gpiopanel: lamp: %w (%w)", drivers.ErrUnplugged, err)
	}
	return nil
}

// Close turns the lamps off and gives the lines back. It waits for what is under
// way, less than half a second.
func (p *Panel) Close() error {
	p.closing.Do(func() {
		close(p.stop)
		p.workers.Wait()
		p.release()
	})
	return nil
}

// release ends the use of all lines. Errors are of lines that are gone.
func (p *Panel) release() {
	for _, out := range p.outs {
		_ = out.Out(!out.lit)
		release(out.PinOut)
	}
	for _, in := range p.ins {
		release(in.PinIn)
	}
}

// release halts a pin, and closes it if it can be: gpioioctl keeps a line for as
// long as it is not closed.
func release(pin interface{ Halt() error }) {
	_ = pin.Halt()
	if c, ok := pin.(interface{ Close() }); ok {
		c.Close()
	}
}
