package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Work is how often one choice of a closed list was made of what was done with people:
// a theme, a way to help, an organism that blocks. It knows no person, no agent and no
// day, and no two choices of one visit are kept together.
type Work struct {
	List, Choice string
	N            int
}

// WorkCount is Work in a month: "2026-11", or "" when the clock was not trusted.
type WorkCount struct {
	Month string
	Work
}

var works = []byte("works")

// AddWork adds the counts of a permanence to those of its month, in one step. Give the
// zero time when the clock is not trusted.
func (l *Ledger) AddWork(at time.Time, counts []Work) error {
	err := l.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(works)
		if err != nil {
			return err
		}
		for _, c := range counts {
			if c.N <= 0 {
				continue
			}
			key := []byte("m" + monthOf(at) + "\x00" + c.List + "\x00" + c.Choice)
			var v [8]byte
			binary.BigEndian.PutUint64(v[:], uint64(people(b.Get(key))+c.N))
			if err := b.Put(key, v[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ledger: work: %w", err)
	}
	return nil
}

// WorkCounts are the counts, by month, list and choice; those of no known month first.
func (l *Ledger) WorkCounts() ([]WorkCount, error) {
	var list []WorkCount
	err := l.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(works)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			if parts := bytes.Split(k[1:], []byte{0}); len(parts) == 3 {
				list = append(list, WorkCount{string(parts[0]), Work{string(parts[1]), string(parts[2]), people(v)}})
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: work: %w", err)
	}
	return list, nil
}
