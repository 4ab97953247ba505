package drivertest

import (
	"context"
	"testing"

	"jeudi/drivers"
)

// Blocked is a printer that never gets anything done: each call lasts until its
// context ends. It keeps the contract.
type Blocked struct{}

var _ drivers.Printer = Blocked{}

// Print blocks until ctx ends.
func (Blocked) Print(ctx context.Context, _ drivers.Document) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// Status blocks until ctx ends.
func (Blocked) Status(ctx context.Context) drivers.Status {
	<-ctx.Done()
	return drivers.Mute
}

// Deaf is a printer that breaks the contract: its calls last until the test
// ends, whatever becomes of their context. Nothing may depend on them.
type Deaf struct{ over <-chan struct{} }

var _ drivers.Printer = Deaf{}

// NewDeaf returns a printer whose calls return when t ends.
func NewDeaf(t testing.TB) Deaf {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return Deaf{over: over}
}

// Print blocks until the test is over.
func (d Deaf) Print(context.Context, drivers.Document) (int, error) {
	<-d.over
	return 0, drivers.ErrUnplugged
}

// Status blocks until the test is over.
func (d Deaf) Status(context.Context) drivers.Status {
	<-d.over
	return drivers.Mute
}
