package ledger

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"jeudi/firmware/selftest"
)

var selfTests = []byte("selftests")

// KeptTests is how many reports of self tests are kept: a few months of Thursdays.
const KeptTests = 20

// KeepTest writes the report of a self test and lets go of the oldest; it is on
// disk when KeepTest returns. They are kept in the order of their keeping, whatever
// the clock said.
func (l *Ledger) KeepTest(r selftest.Report) error {
	v, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	err = l.db.Update(func(tx *bbolt.Tx) error {
		// A ledger that is older than self tests has no bucket for them.
		b, err := tx.CreateBucketIfNotExists(selfTests)
		if err != nil {
			return err
		}
		n, err := b.NextSequence()
		if err != nil {
			return err
		}
		var k [8]byte
		binary.BigEndian.PutUint64(k[:], n)
		if err := b.Put(k[:], v); err != nil {
			return err
		}
		var keys [][]byte
		if err := b.ForEach(func(k, _ []byte) error { keys = append(keys, slices.Clone(k)); return nil }); err != nil {
			return err
		}
		for _, k := range keys[:max(0, len(keys)-KeptTests)] {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ledger: keep a self test: %w", err)
	}
	return nil
}

// SelfTests are the kept reports, oldest first. One that cannot be read is left
// out: the next test says more than it would.
func (l *Ledger) SelfTests() ([]selftest.Report, error) {
	var list []selftest.Report
	err := l.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(selfTests)
		if b == nil {
			return nil
		}
		return b.ForEach(func(_, v []byte) error {
			var r selftest.Report
			if json.Unmarshal(v, &r) == nil {
				list = append(list, r)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return list, nil
}
