package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/gpiopanel"
	"jeudi/provisioning/card"
	"jeudi/provisioning/site"
	"jeudi/provisioning/update"
)

const (
	// settled is how long a button needs to be known as down: what a start costs that
	// nobody wants anything of.
	settled = 100 * time.Millisecond
	// heldFor is how long previous and next are held while the box starts, so that the
	// version before comes back. It is the time of staff's chord.
	heldFor = 3 * time.Second
)

// backButtons are held together for that.
func backButtons() []drivers.Action { return []drivers.Action{drivers.Previous, drivers.Next} }

// heldLong reports whether what is down at first stays down for long enough.
func heldLong(down func() bool) bool {
	time.Sleep(settled)
	for from := time.Now(); time.Since(from) < heldFor; time.Sleep(settled / 2) {
		if !down() {
			return false
		}
	}
	return true
}

// backIfHeld goes back to the version before when somebody holds the visitor's previous and
// next buttons while the box starts: for a version that works for the box and not for people.
// It asks no program but this one, and a panel that cannot be read asks for nothing.
func backIfHeld(b *update.Box, log *slog.Logger) {
	text, err := os.ReadFile(filepath.Join(card.SiteDir, card.SiteFile))
	if err != nil {
		return // no site yet, and so no panel
	}
	s, err := site.Parse(card.SiteFile, text)
	if err != nil || s.Devices.Panel != "gpio:" {
		return
	}
	panel, err := gpiopanel.Open(panelConfig(s, ""))
	if err != nil {
		log.Warn("buttons not looked at", "err", err)
		return
	}
	held := heldLong(func() bool { return panel.Held(backButtons()...) })
	panel.Close() // before the box opens it
	if !held {
		return
	}
	if err := b.Rollback(update.Health{Site: true}); err != nil && !errors.Is(err, context.Canceled) {
		log.Warn("no version to go back to", "err", err)
	}
}
