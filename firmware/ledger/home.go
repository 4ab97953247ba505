package ledger

import (
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// HomeNeed is how many people of a month could not come, and sent somebody: what a
// service that goes to people's homes would be for. It is a number and a month, so
// that nothing leads from it to a ticket, a day or a reason.
type HomeNeed struct {
	Month  string // "2026-11"; "" when the clock was not trusted
	People int
}

var homeNeeds = []byte("home_needs")

// NeedHome counts one person who could not come. Of the time only the month is
// kept; give the zero time when the clock is not trusted.
func (l *Ledger) NeedHome(at time.Time) error {
	err := l.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(homeNeeds)
		if err != nil {
			return err
		}
		return addPeople(b, monthKey(at), 1)
	})
	if err != nil {
		return fmt.Errorf("ledger: home need: %w", err)
	}
	return nil
}

// HomeNeeds are the counts, by month; those of no known month come first.
func (l *Ledger) HomeNeeds() ([]HomeNeed, error) {
	var list []HomeNeed
	err := l.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(homeNeeds)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			list = append(list, HomeNeed{string(k[1:]), people(v)})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: home needs: %w", err)
	}
	return list, nil
}

// monthKey is a month behind one letter: a key of bbolt is never empty.
func monthKey(at time.Time) []byte { return []byte("m" + monthOf(at)) }

func addPeople(b *bbolt.Bucket, key []byte, n int) error {
	var v [8]byte
	binary.BigEndian.PutUint64(v[:], uint64(people(b.Get(key))+n))
	return b.Put(key, v[:])
}

// people is a count as it is kept; one that is damaged begins anew.
func people(v []byte) int {
	if len(v) != 8 {
		return 0
	}
	return int(binary.BigEndian.Uint64(v))
}
