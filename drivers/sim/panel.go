package sim

import (
	"context"
	"sync"

	"jeudi/drivers"
)

// Panel is eight buttons with a lamp each.
type Panel struct {
	bell bell

	mu    sync.Mutex
	out   bool
	gone  chan struct{} // closed while unplugged
	down  [drivers.Actions]bool
	lamps [drivers.Actions]drivers.Light
	ears  map[*ear]bool
}

// ear is one Watch with the presses it has not heard of yet.
type ear struct {
	queue []drivers.Action
	more  chan struct{} // has room for one
}

var _ drivers.Panel = (*Panel)(nil)

// NewPanel is a panel that is plugged in and dark. So is the zero value.
func NewPanel() *Panel { return &Panel{} }

// Watch calls press for each press until ctx ends or the panel is unplugged.
func (p *Panel) Watch(ctx context.Context, press func(drivers.Action)) error {
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
		for _, a := range queue {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			press(a)
		}
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

// Hold pushes a button down, or lets it go. Only going down is a press.
func (p *Panel) Hold(a drivers.Action, down bool) {
	if a >= drivers.Actions {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.down[a]
	p.down[a] = down
	if was || !down || p.out {
		return
	}
	for e := range p.ears {
		e.queue = append(e.queue, a)
		select {
		case e.more <- struct{}{}:
		default:
		}
	}
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
