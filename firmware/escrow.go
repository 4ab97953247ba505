package main

import (
	"crypto/rand"
	"encoding/hex"

	"golang.org/x/sys/unix"

	"jeudi/firmware/appliance"
	"jeudi/firmware/ledger"
)

var _ appliance.Escrow = sheets(nil)

// keepOffDisk has the system write no core of this program: keys of sheets pass through
// its memory on their way to phones and paper, and a core would lie on the card.
func (b *box) keepOffDisk() {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		b.log.Warn("the system may write this program's memory to disk when it fails", "err", err)
	}
}

// named is the box's name for itself, drawn at its first start.
func (b *box) named(l *ledger.Ledger) string {
	name, err := l.Box(func() string {
		var random [8]byte
		rand.Read(random[:]) // never fails; see its documentation
		return hex.EncodeToString(random[:])
	})
	if err != nil {
		b.log.Error("ledger not read", "err", err)
	}
	return name
}
