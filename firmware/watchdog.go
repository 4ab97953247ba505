package main

import (
	"fmt"
	"os"
	"time"
)

// watchdog is a watchdog device of the kernel: it resets the machine when nobody
// has fed it for a while. Where systemd feeds the hardware itself and watches us
// by sd_notify, none is needed.
type watchdog struct {
	file  *os.File
	every time.Duration // half of what the device waits
}

// openWatchdog opens a watchdog, which begins to count at once.
func openWatchdog(path string) (*watchdog, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("watchdog: %w; choose the right one in /sys/class/watchdog, or leave -watchdog out", err)
	}
	w := &watchdog{file: f, every: 5 * time.Second}
	// Not every driver tells its time; 10 s is shorter than any that is usual.
	if s, err := watchdogSeconds(f); err == nil && s > 0 {
		w.every = min(time.Duration(s)*time.Second/2, 5*time.Second)
	}
	return w, nil
}

// feed tells the device that we are alive. A feed that does not succeed ends as it
// must: with a reset.
func (w *watchdog) feed() { w.file.Write([]byte{0}) }

// close disarms the device: a stop that was asked for is no fault. ('V' is the
// magic close of the kernel's watchdog API.)
func (w *watchdog) close() {
	w.file.Write([]byte{'V'})
	w.file.Close()
}

// both calls a, if there is one, then b.
func both(a, b func()) func() {
	if a == nil {
		return b
	}
	return func() { a(); b() }
}
