package ledger

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.etcd.io/bbolt"

	"jeudi/firmware/report"
	"jeudi/firmware/session"
)

// Period is a closed period: what was released of it, and what it took that from.
type Period struct {
	Release report.Release `json:"release"`
	// Counters are the numbers of the periods of the counters that it closes, by kind.
	// The kinds of which too few sheets came are not here: their counts go on.
	Counters map[string]uint64 `json:"counters,omitempty"`
	// Permanences are those whose attendance it has; no later period has them again.
	Permanences []session.ID `json:"permanences,omitempty"`
}

// Refusals of ClosePeriod.
var (
	// ErrFrozen is another release under the identity of one that was kept.
	ErrFrozen = errors.New("a release is frozen")
	// ErrCounted is a permanence, or counters of a period, of which a release was kept.
	ErrCounted = errors.New("released already")
)

// By its place in time, counted from 1: a clock may have been wrong.
var periods = []byte("periods")

// ClosePeriod keeps a closed period; it is on disk when ClosePeriod returns. It never
// changes again: the same one once more is nil, another of the same identity is
// ErrFrozen, and ErrCounted refuses counters or a permanence that an earlier one has.
func (l *Ledger) ClosePeriod(p Period) error {
	v, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("ledger: close a period: %w", err)
	}
	err = l.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(periods)
		if err != nil {
			return err
		}
		again := false
		if err := b.ForEach(func(_, old []byte) error {
			var q Period
			if err := json.Unmarshal(old, &q); err != nil {
				return err
			}
			if q.Release.ID == p.Release.ID {
				if again = bytes.Equal(old, v); !again {
					return ErrFrozen
				}
				return nil
			}
			for kind, n := range p.Counters {
				if q.Counters[kind] == n {
					return fmt.Errorf("%w: period %d of the %s sheets", ErrCounted, n, kind)
				}
			}
			for _, id := range p.Permanences {
				if slices.Contains(q.Permanences, id) {
					return fmt.Errorf("%w: a permanence", ErrCounted)
				}
			}
			return nil
		}); err != nil || again {
			return err
		}
		n, err := b.NextSequence()
		if err != nil {
			return err
		}
		return b.Put(binary.BigEndian.AppendUint64(nil, n), v)
	})
	if err != nil {
		return fmt.Errorf("ledger: close a period: %w", err)
	}
	return nil
}

// Periods are the closed periods, oldest first.
func (l *Ledger) Periods() ([]Period, error) {
	var list []Period
	err := l.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(periods)
		if b == nil { // begun by an older version
			return nil
		}
		return b.ForEach(func(_, v []byte) error {
			var p Period
			if err := json.Unmarshal(v, &p); err != nil {
				return err
			}
			list = append(list, p)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: periods: %w", err)
	}
	return list, nil
}

// Releases are what was released of the closed periods, oldest first: always the same.
func (l *Ledger) Releases() ([]report.Release, error) {
	list, err := l.Periods()
	var all []report.Release
	for _, p := range list {
		all = append(all, p.Release)
	}
	return all, err
}

var boxKey = []byte("name")

// Box is the box's name in what leaves it, drawn once: it says that two releases are of
// one box, and of which nobody can tell: 16 digits and letters, out of random.
func (l *Ledger) Box(random io.Reader) (string, error) {
	var name string
	err := l.db.Update(func(tx *bbolt.Tx) error {
		if err := readBox(tx, boxKey, &name); err != nil || name != "" {
			return err
		}
		var drawn [8]byte
		if _, err := io.ReadFull(random, drawn[:]); err != nil {
			return err
		}
		name = hex.EncodeToString(drawn[:])
		return writeBox(tx, boxKey, name)
	})
	if err != nil {
		return "", fmt.Errorf("ledger: name of the box: %w", err)
	}
	return name, nil
}
