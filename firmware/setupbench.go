package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"

	"jeudi/drivers"
	"jeudi/drivers/gpiopanel"
	"jeudi/drivers/sim"
	"jeudi/drivers/sound"
	"jeudi/firmware/paper"
	"jeudi/firmware/setup"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

type simulatedPrinter interface {
	drivers.Printer
	io.Closer
}

// bench tries the devices of a box that has no site yet. It opens each for its try alone,
// so that whatever is plugged in later is found by the next one. A mutex keeps two tries of
// one device apart: two phones may ask.
type bench struct {
	words *words.Catalogue
	log   *slog.Logger
	root  string // of the machine's files
	dock  http.Handler

	// simulated devices, nil for real ones
	printer simulatedPrinter
	panel   *sim.Panel
	speaker *sim.Speaker

	mu sync.Mutex
}

var _ setup.Bench = (*bench)(nil)

func newBench(simulated bool, catalogue *words.Catalogue, log *slog.Logger) *bench {
	b := &bench{words: catalogue, log: log, root: "/"}
	if simulated {
		profile, err := profileOf(site.Printer{})
		if err != nil {
			panic(err) // the generic profile is in the program
		}
		var wire *sim.Wire
		b.printer, wire = sim.NewPrinter(profile, 1)
		b.panel, b.speaker = new(sim.Panel), sim.NewSpeaker(1)
		b.dock = http.StripPrefix("/dock", sim.Dock(wire, b.panel, b.speaker))
	}
	return b
}

func (b *bench) close() {
	if b.printer != nil {
		b.printer.Close()
	}
}

// Found is what is plugged in. See setup.Bench.
func (b *bench) Found() setup.Found {
	if b.printer != nil {
		return setup.Simulated()
	}
	return setup.Find(os.DirFS(b.root))
}

// Print prints the slip of paper.TryPrinter.
func (b *bench) Print(ctx context.Context, device, profile string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	slip := paper.TryPrinter(b.words, device)
	if b.printer != nil {
		_, err := b.printer.Print(ctx, slip)
		return err
	}
	address, ok := strings.CutPrefix(device, "escpos:")
	if !ok {
		return fmt.Errorf("%w: no printer is chosen", drivers.ErrUnplugged)
	}
	p, err := profileOf(site.Printer{Profile: profile})
	if err != nil {
		return err
	}
	printer, err := newPlugged(address, p)
	if err != nil {
		return err
	}
	defer printer.Close()
	_, err = printer.Print(ctx, slip)
	return err
}

// Panel lights the lamps of a layout and says what is pressed, until ctx ends.
func (b *bench) Panel(ctx context.Context, name string, pressed func(action string)) error {
	panel := drivers.Panel(b.panel)
	if b.panel == nil {
		c := layout(name, &site.Site{})
		if err := c.Check(); err != nil {
			return err
		}
		p, err := gpiopanel.Open(c)
		if err != nil {
			return err
		}
		defer p.Close()
		panel = p
	}
	var lamps [drivers.Actions]drivers.Light
	for i := range lamps {
		lamps[i] = drivers.On
	}
	if err := panel.Light(lamps); err != nil {
		return err
	}
	defer panel.Light([drivers.Actions]drivers.Light{})
	return panel.Watch(ctx, func(s drivers.Signal) {
		if s.Kind == drivers.Pressed {
			pressed(s.Action.String())
		}
	})
}

// Wanted are the buttons of a layout, in its order.
func (b *bench) Wanted(name string) (actions []string) {
	if name == "sim:" {
		name = site.Layouts()[0]
	}
	for _, button := range layout(name, &site.Site{}).Buttons {
		actions = append(actions, button.Action.String())
	}
	return actions
}

// Sound plays the chime.
func (b *bench) Sound(ctx context.Context, device string) (err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	speaker := drivers.Speaker(b.speaker)
	if b.speaker == nil {
		card, ok := strings.CutPrefix(device, "sound:")
		if !ok {
			return fmt.Errorf("%w: no sound is chosen", drivers.ErrUnplugged)
		}
		opened, err := sound.Open(sound.Config{Loudspeaker: card, Ceiling: 100, Logger: b.log})
		if err != nil {
			return errors.Join(drivers.ErrUnplugged, err)
		}
		defer func() { err = errors.Join(err, opened.Close()) }()
		speaker = opened
	}
	return speaker.Play(ctx, drivers.Loudspeaker, drivers.Sound{Chime: true, Volume: 80})
}
