package main

import (
	"crypto/rand"

	"jeudi/firmware/appliance"
	"jeudi/firmware/ledger"
)

var _ appliance.Escrow = sheets(nil)

// named is the box's name for itself, drawn at its first start.
func (b *box) named(l *ledger.Ledger) string {
	name, err := l.Box(rand.Reader)
	if err != nil {
		b.log.Error("ledger not read", "err", err)
	}
	return name
}
