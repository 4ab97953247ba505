package sim

import (
	"context"
	"sync"

	"jeudi/drivers"
)

// Panel is a button with a lamp for every action: the visitor's panel, the desk's
// and the exit's in one.
type Panel struct {
	bell bell

	mu    sync.Mutex
	out   bool
	gone  chan struct{} // closed while unplugged
	down  [drivers.Actions]bool
	stuck [drivers.Actions]bool
	lost  [drivers.Actions]bool
	lamps [drivers.Actions]drivers.Light
	ears  map[*ear]bool
}

// ear is one Watch with the signals it has not heard of yet.
type ear struct {
	queue []drivers.Signal
	more  chan struct{} // has room for one
}

var _ drivers.Panel = (*Panel)(nil)

// NewPanel is a panel that is plugged in and dark. So is the zero value.
func NewPanel() *Panel { return &Panel{} }

// Watch calls signal for each press and fault until ctx ends or the panel is
// unplugged. It begins with the faults that there are.
func (p *Panel) Watch(ctx context.Context, signal func(drivers.Signal)) error {
	e := &ear{more: make(chan struct{}, 1)}
	p.mu.Lock()
	if p.out {
		p.mu.Unlock()
		return drivers.ErrUnplugged
	}
	if p.ears == nil {
		p.ears = make(map[*ear]bool)
	}
	if p.gone == nil {
		p.gone = make(chan struct{})
	}
	p.ears[e] = true
	gone := p.gone
	for a := range drivers.Action(drivers.Actions) {
		if p.stuck[a] {
			e.tell(drivers.Signal{Kind: drivers.Stuck, Action: a})
		}
		if p.lost[a] {
			e.tell(drivers.Signal{Kind: drivers.Lost, Action: a})
		}
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.ears, e)
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-gone:
			return drivers.ErrUnplugged
		case <-e.more:
		}
		p.mu.Lock()
		queue := e.queue
		e.queue = nil
		p.mu.Unlock()
		for _, s := range queue {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			signal(s)
		}
	}
}

func (e *ear) tell(s drivers.Signal) {
	e.queue = append(e.queue, s)
	select {
	case e.more <- struct{}{}:
	default:
	}
}

// tell gives a signal to all who watch. Its caller holds the mutex.
func (p *Panel) tell(k drivers.SignalKind, a drivers.Action) {
	if p.out {
		return
	}
	for e := range p.ears {
		e.tell(drivers.Signal{Kind: k, Action: a})
	}
}

// Light sets all lamps at once.
func (p *Panel) Light(lamps [drivers.Actions]drivers.Light) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out {
		return drivers.ErrUnplugged
	}
	if p.lamps != lamps {
		p.lamps = lamps
		p.bell.ring()
	}
	return nil
}

// Lamps returns what the lamps show.
func (p *Panel) Lamps() [drivers.Actions]drivers.Light {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lamps
}

// Press pushes a button and lets it go.
func (p *Panel) Press(a drivers.Action) {
	p.Hold(a, true)
	p.Hold(a, false)
}

// Hold pushes a button down, or lets it go. Only going down is a press, and not
// through a broken wire. However long it lasts, it is not stuck: see Stick. What
// is no action of the contract is ignored, here and below.
func (p *Panel) Hold(a drivers.Action, down bool) {
	if a >= drivers.Actions {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold(a, down)
}

func (p *Panel) hold(a drivers.Action, down bool) {
	was := p.down[a]
	p.down[a] = down
	if down && !was && !p.lost[a] {
		p.tell(drivers.Pressed, a)
	}
	if !down && p.stuck[a] {
		p.stuck[a] = false
		p.tell(drivers.Freed, a)
		p.bell.ring()
	}
}

// Stick holds a button down until the panel takes it for stuck, or lets it go.
func (p *Panel) Stick(a drivers.Action, on bool) {
	if a >= drivers.Actions {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold(a, on)
	if on && !p.stuck[a] && !p.lost[a] {
		p.stuck[a] = true
		p.tell(drivers.Stuck, a)
		p.bell.ring()
	}
}

// Break breaks a button's wire, or mends it. A stuck button is freed by it, as far
// as the panel can see.
func (p *Panel) Break(a drivers.Action, broken bool) {
	if a >= drivers.Actions {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost[a] == broken {
		return
	}
	kind := drivers.Found
	if broken {
		kind = drivers.Lost
		if p.stuck[a] {
			p.stuck[a] = false
			p.tell(drivers.Freed, a)
		}
	}
	p.lost[a] = broken
	p.tell(kind, a)
	p.bell.ring()
}

// Faults returns the buttons that are stuck and those that are lost.
func (p *Panel) Faults() (stuck, lost [drivers.Actions]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stuck, p.lost
}

// Unplug pulls the panel's cable, or puts it back; its lamps go out.
func (p *Panel) Unplug(out bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if out == p.out {
		return
	}
	p.out = out
	p.lamps = [drivers.Actions]drivers.Light{}
	if out && p.gone != nil {
		close(p.gone)
	}
	p.gone = nil
	p.bell.ring()
}
