package ledger

import (
	"bytes"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/report"
)

// Blocked is how many procedures an organism blocked in a month: what the team owes it
// to know. It is of the organism alone: whatever else was noted of a visit is counted
// as a sheet.
type Blocked struct {
	Month    string // "2026-11"; "" when the clock was not trusted
	Organism string
	N        int
}

var (
	blocked = []byte("blocked")
	// works is where versions of before counted them, beside much else of the visits of a
	// month, which is not kept any more.
	works        = []byte("works")
	worksBlocked = []byte("blocked\x00")
)

// AddBlocked adds the counts of a permanence, by organism, to those of its month, in one
// step. Give the zero time when the clock is not trusted.
func (l *Ledger) AddBlocked(at time.Time, counts []report.Tally) error {
	err := l.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(blocked)
		if err != nil {
			return err
		}
		for _, c := range counts {
			if c.N <= 0 {
				continue
			}
			if err := addPeople(b, append(monthKey(at), "\x00"+c.Key...), c.N); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ledger: blocked procedures: %w", err)
	}
	return nil
}

// blockedOfBefore takes from the works of a version before what organisms owe.
func blockedOfBefore(to, from *bbolt.Tx) error {
	old := from.Bucket(works)
	if old == nil {
		return nil
	}
	b, err := to.CreateBucketIfNotExists(blocked)
	if err != nil {
		return err
	}
	return old.ForEach(func(k, v []byte) error {
		month, rest, _ := bytes.Cut(k, []byte{0})
		if organism, ok := bytes.CutPrefix(rest, worksBlocked); ok {
			return addPeople(b, bytes.Join([][]byte{month, organism}, []byte{0}), people(v))
		}
		return nil
	})
}

// BlockedCounts are the counts, by month and organism; those of no known month first.
func (l *Ledger) BlockedCounts() ([]Blocked, error) {
	var list []Blocked
	err := l.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(blocked)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			month, organism, _ := bytes.Cut(k[1:], []byte{0})
			list = append(list, Blocked{string(month), string(organism), people(v)})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: blocked procedures: %w", err)
	}
	return list, nil
}
