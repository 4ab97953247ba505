// Package sim is the hardware of a laptop: a printer's wire, a panel and a
// loudspeaker that exist only in memory, and the dock, a web page to look at
// them and to play tricks on them.
//
// It promises what drivers promises, for it passes the same contract tests. The
// printer is the real escpos driver: only its wire is emulated, so that what the
// dock shows was read back from the very bytes that a printer would get.
//
// All that takes time is divided by a speed: 1 is like life, 60 is sixty times
// as fast, and 0 means that nothing takes any time.
//
// Three libraries beside the standard one. rsc.io/qr draws QR codes as printers
// do: small, finished, without dependencies, and it gives the modules themselves
// instead of a picture. golang.org/x/text/encoding/charmap reads code pages back,
// so that the emulator does not trust the encoder's own tables.
// golang.org/x/image has an outline font with a width of its own for every
// character, Go Mono, and draws its dots.
package sim

import (
	"sync"
	"time"
)

// bell tells listeners that something changed, not what: they look for
// themselves, and a slow one misses steps but never the last state.
type bell struct {
	mu   sync.Mutex
	ears map[chan<- struct{}]bool
}

// listen rings c, which has room for one, at each change until stop is called.
func (b *bell) listen(c chan<- struct{}) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ears == nil {
		b.ears = make(map[chan<- struct{}]bool)
	}
	b.ears[c] = true
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.ears, c)
	}
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.ears {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// scaled is how long d takes at a speed.
func scaled(d time.Duration, speed float64) time.Duration {
	if speed <= 0 {
		return 0
	}
	return time.Duration(float64(d) / speed)
}
