package ledger

import (
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/session"
)

// Clock is what staff have said of the time: how far the machine's own clock is
// behind, for as long as the machine stays on. A restart of jeudi alone need not
// ask again.
type Clock struct {
	Boot  string        `json:"boot"`  // of the machine, not of the box's own
	Ahead time.Duration `json:"ahead"` // of the confirmed time, on the machine's clock
}

var clockKey = []byte("clock")

// Clock is what was kept last; the zero Clock is nothing.
func (l *Ledger) Clock() (Clock, error) {
	var c Clock
	err := l.db.View(func(tx *bbolt.Tx) error { return readBox(tx, clockKey, &c) })
	if err != nil {
		return Clock{}, fmt.Errorf("ledger: clock: %w", err)
	}
	return c, nil
}

// KeepClock writes what staff have said of the time.
func (l *Ledger) KeepClock(c Clock) error {
	if err := l.db.Update(func(tx *bbolt.Tx) error { return writeBox(tx, clockKey, c) }); err != nil {
		return fmt.Errorf("ledger: clock: %w", err)
	}
	return nil
}

// moved finds a permanence that was entered under another day, before anybody said
// what day it was; nil when there is none.
func moved(b *bbolt.Bucket, id session.ID, key []byte) (old []byte) {
	b.ForEach(func(k, _ []byte) error { // its errors are those of this function
		if len(k) == len(key) && session.ID(k[8:]) == id && !slices.Equal(k, key) {
			old = slices.Clone(k)
		}
		return nil
	})
	return old
}
