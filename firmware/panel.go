package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"jeudi/drivers"
	"jeudi/drivers/gpiopanel"
	"jeudi/provisioning/site"
)

// panelConfig is the wiring of a panel: the visitor's, or the one of a desk. It is
// empty for a desk without buttons.
func panelConfig(s *site.Site, desk string) gpiopanel.Config {
	c := gpiopanel.Config{Settle: s.Panel.Settle, DimAfter: s.Panel.Dim}
	if desk == "" && s.Panel.Loop != site.None {
		c.Loop = s.Panel.Loop
	}
	for _, b := range s.Buttons {
		if act, ok := drivers.ParseAction(b.Action); ok && b.Desk == desk {
			c.Buttons = append(c.Buttons, gpiopanel.Button{Action: act, Line: b.Line, Lamp: b.Lamp,
				ActiveHigh: s.Panel.ActiveHigh, LampLow: s.Panel.LampsLow})
		}
	}
	if desk == "" && s.Panel.Exit {
		c.Buttons = append(c.Buttons, layout("exit", s).Buttons...)
	}
	visitor := func(b gpiopanel.Button) bool { return b.Action < drivers.VisitorActions }
	if desk != "" || slices.ContainsFunc(c.Buttons, visitor) {
		return c
	}
	name := s.Panel.Layout
	if name == "" {
		name = site.Layouts()[0]
	}
	l := layout(name, s)
	c.Buttons = append(l.Buttons, c.Buttons...) // and the exit panel, and the lamp for staff
	if s.Panel.Loop == "" {
		c.Loop = l.Loop
	}
	return c
}

// layout is a layout by its name, with the levels of the site; none by that name
// has no buttons.
func layout(name string, s *site.Site) gpiopanel.Config {
	for _, l := range gpiopanel.Layouts() {
		if l.Name == name {
			c := l.Config()
			for i := range c.Buttons {
				c.Buttons[i].ActiveHigh, c.Buttons[i].LampLow = s.Panel.ActiveHigh, s.Panel.LampsLow
			}
			return c
		}
	}
	return gpiopanel.Config{}
}

// wiring is every panel of a site: the visitor's under "", those of desks under
// their keys. Its errors need no machine to be found.
func wiring(s *site.Site) (map[string]gpiopanel.Config, error) {
	panels := make(map[string]gpiopanel.Config)
	if c := panelConfig(s, ""); len(c.Buttons) > 0 {
		panels[""] = c
	}
	for _, desk := range s.Desks {
		if c := panelConfig(s, desk.Key); len(c.Buttons) > 0 {
			panels[desk.Key] = c
		}
	}
	used := make(map[string]string) // line → the panel that has it
	for _, desk := range slices.Sorted(maps.Keys(panels)) {
		c, name := panels[desk], "the visitor's panel"
		if desk != "" {
			name = "the panel of desk " + desk
		}
		if err := c.Check(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		lines := []string{c.Loop}
		for _, b := range c.Buttons {
			lines = append(lines, b.Line, b.Lamp)
		}
		for _, line := range lines {
			if line == "" {
				continue
			}
			if other, taken := used[line]; taken && other != name {
				return nil, fmt.Errorf("%s and %s both use %s; give each line one use", other, name, line)
			}
			used[line] = name
		}
	}
	return panels, nil
}

// wired is a panel on GPIO lines that need not be there: whoever watches it opens
// it, and tries again as long as a line is missing or in use. A kiosk without its
// buttons still has its screen.
type wired struct {
	open func() (*gpiopanel.Panel, error)

	// The lamps are set by one goroutine and the buttons watched by another.
	mu     sync.Mutex
	now    *gpiopanel.Panel // nil while it is not open
	lights [drivers.Actions]drivers.Light
	closed bool
}

var _ drivers.Panel = (*wired)(nil)

func newWired(c gpiopanel.Config) *wired {
	return &wired{open: func() (*gpiopanel.Panel, error) { return gpiopanel.Open(c) }}
}

// Watch opens the panel if need be. See drivers.Panel.
func (w *wired) Watch(ctx context.Context, signal func(drivers.Signal)) error {
	p, err := w.panel()
	if err != nil {
		return err
	}
	err = p.Watch(ctx, signal)
	if ctx.Err() == nil {
		w.forget(p)
	}
	return err
}

func (w *wired) panel() (*gpiopanel.Panel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, drivers.ErrUnplugged
	}
	if w.now == nil {
		p, err := w.open()
		if err != nil {
			return nil, err
		}
		w.now = p
		if err := p.Light(w.lights); err != nil {
			return nil, err
		}
	}
	return w.now, nil
}

// forget gives the lines of a panel back that is gone.
func (w *wired) forget(gone *gpiopanel.Panel) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now == gone {
		w.now = nil
		gone.Close()
	}
}

// Light sets all lamps, now or when the panel is there.
func (w *wired) Light(lights [drivers.Actions]drivers.Light) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lights = lights
	if w.now == nil {
		return nil
	}
	return w.now.Light(lights)
}

// Close turns the lamps off and gives the lines back.
func (w *wired) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.now == nil {
		return nil
	}
	p := w.now
	w.now = nil
	return p.Close()
}
