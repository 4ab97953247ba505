package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/ledger"
	"jeudi/firmware/logbook"
)

// frame is what frames the box's mornings. A simulated box believes the laptop that
// it runs on; a real one only what somebody vouches for.
func (b *box) frame(l *ledger.Ledger) appliance.Frame {
	f := appliance.Frame{Boot: bootOf("/proc/sys/kernel/random/boot_id"), Clock: l.Clock, KeepClock: l.KeepClock, Past: l.Entries}
	if b.simulated {
		return f
	}
	var once atomic.Bool // a clock that was set stays set: it is asked with every event
	f.Vouched = func() bool {
		if !once.Load() && appliance.Vouched(os.DirFS("/"), time.Now()) {
			once.Store(true)
		}
		return once.Load()
	}
	return f
}

// keepLog has the log of this start kept in a file too, and returns what of all kept
// ones is for who helps from afar. A card that refuses it does not stop the box.
func (b *box) keepLog() (problems func() ([]byte, error), done func()) {
	book, err := logbook.Open(filepath.Join(b.data, "log"))
	if err != nil {
		b.log.Error("the log is kept in no file", "err", err)
		return nil, func() {}
	}
	b.log = slog.New(logbook.New(slog.NewTextHandler(b.errs, nil), book.Handler()))
	return book.Problems, func() { book.Close() }
}

// bootOf names the boot of the machine; "" where nothing does, and then no confirmed
// time outlives a restart.
func bootOf(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
