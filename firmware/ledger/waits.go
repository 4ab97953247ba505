package ledger

import (
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"jeudi/firmware/wait"
)

var learnedKey = []byte("learned")

// Learned is what services took at this place, of all permanences that were entered;
// it knows nothing before the first.
func (l *Ledger) Learned() (wait.Learned, error) {
	var w wait.Learned
	err := l.db.View(func(tx *bbolt.Tx) error { return readBox(tx, learnedKey, &w) })
	if err != nil {
		return wait.Learned{}, fmt.Errorf("ledger: learned: %w", err)
	}
	return w, nil
}

// Learn adds what the services of a batch took. Give it batches of ten and more: two
// copies of the ledger differ by them.
func (l *Ledger) Learn(taught wait.Learned) error {
	err := l.db.Update(func(tx *bbolt.Tx) error { return learn(tx, taught) })
	if err == nil {
		err = l.rewrite()
	}
	if err != nil {
		return fmt.Errorf("ledger: learn: %w", err)
	}
	return nil
}

// learn adds what a permanence taught. What cannot be read begins anew: durations
// are learned again in a few mornings.
func learn(tx *bbolt.Tx, taught wait.Learned) error {
	var w wait.Learned
	if err := readBox(tx, learnedKey, &w); err != nil {
		w = wait.Learned{}
	}
	w.Merge(taught)
	return writeBox(tx, learnedKey, w)
}

// Announced is how well the waits held that were announced last: of the newest
// permanences, until there are as many waits as least, or of all.
func (l *Ledger) Announced(least int) (wait.Calibration, error) {
	var c wait.Calibration
	err := l.db.View(func(tx *bbolt.Tx) error {
		at := tx.Bucket(bucket).Cursor()
		for k, v := at.Last(); k != nil && c.N() < least; k, v = at.Prev() {
			var e Entry
			if err := json.Unmarshal(v, &e); err != nil {
				return err
			}
			c.Merge(e.Report.Announced)
		}
		return nil
	})
	if err != nil {
		return wait.Calibration{}, fmt.Errorf("ledger: announced waits: %w", err)
	}
	return c, nil
}
