// Package ledger keeps what concerns no person, in bbolt: the attendance totals
// of closed permanences, their closing reports, the number that their next ticket
// would have had, the last reports of the box's self test, the codes of
// orientation slips, how many people could not come, and how long services took.
//
// A permanence is entered once: entering it again after a cut changes nothing. A
// code is counted once when it comes back, and leads to nobody: see NewVoucher. After a
// permanence no earlier value of a count is left in the file, nor in the blocks that it
// gave back. How long services took is learned by batches of sheets, never by mornings.
package ledger

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/wait"
)

// Entry is a closed permanence.
type Entry struct {
	ID     session.ID     `json:"id"`
	Place  string         `json:"place"`
	Stop   string         `json:"stop,omitempty"` // key of a place of an itinerant box
	From   time.Time      `json:"from"`
	Until  time.Time      `json:"until"`
	Closed time.Time      `json:"closed"`
	Totals session.Totals `json:"totals"`
	Next   session.Number `json:"next"` // number of the next ticket, should it be reopened
	Report report.Report  `json:"report"`

	// Taught is how many missed their turn. It is added to Learned, and not kept beside it.
	Taught wait.Learned `json:"-"`
}

var bucket = []byte("permanences")

// Ledger is open on one file.
type Ledger struct{ db *boltfile.File }

// Open opens the ledger of a folder, or begins one. A file that could not be read
// has been set aside under the returned path.
func Open(dir string) (l *Ledger, aside string, err error) {
	begin := func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(bucket)
		return err
	}
	read := func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		if b == nil {
			return fmt.Errorf("no permanences in it")
		}
		return b.ForEach(func(_, v []byte) error { return json.Unmarshal(v, new(Entry)) })
	}
	db, aside, err := boltfile.OpenFile(filepath.Join(dir, "ledger.db"), begin, read)
	if err != nil {
		return nil, aside, fmt.Errorf("ledger: %w", err)
	}
	l = &Ledger{db}
	old := false
	l.db.View(func(tx *bbolt.Tx) error { old = tx.Bucket(works) != nil; return nil })
	if old {
		_ = l.rewrite() // a disk that refuses is asked again at the next opening
	}
	return l, aside, nil
}

// Enter writes a closed permanence; it is on disk when Enter returns. Then the file holds
// what it holds once: beside what was learned before, what is learned of a morning of one
// visitor would be their motif, and how long they stayed.
func (l *Ledger) Enter(e Entry) error {
	v, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	var k [24]byte // by day, then by identity
	binary.BigEndian.PutUint64(k[:], uint64(e.From.Unix()))
	copy(k[8:], e.ID[:])
	if err := l.db.Update(func(tx *bbolt.Tx) error {
		var before Entry
		known := tx.Bucket(bucket).Get(k[:])
		if old := moved(tx.Bucket(bucket), e.ID, k[:]); old != nil {
			known = slices.Clone(tx.Bucket(bucket).Get(old))
			if err := tx.Bucket(bucket).Delete(old); err != nil {
				return err
			}
		}
		if known != nil {
			if err := json.Unmarshal(known, &before); err != nil {
				return err
			}
		}
		// Entered again after a cut it teaches nothing new; reopened it does.
		if known == nil || before.Totals.Reopened < e.Totals.Reopened {
			if err := learn(tx, e.Taught); err != nil {
				return err
			}
		}
		return tx.Bucket(bucket).Put(k[:], v)
	}); err != nil {
		return fmt.Errorf("ledger: enter: %w", err)
	}
	// The entry is kept, whatever becomes of the copy; the next one tries again.
	_ = l.rewrite()
	return nil
}

// Entries are the closed permanences, oldest first.
func (l *Ledger) Entries() ([]Entry, error) {
	var list []Entry
	err := l.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(_, v []byte) error {
			var e Entry
			if err := json.Unmarshal(v, &e); err != nil {
				return err
			}
			list = append(list, e)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return list, nil
}

// rewrite leaves of every count its last value alone, and nothing of the works of a
// version before but what organisms owe.
func (l *Ledger) rewrite() error {
	_, err := l.db.Rewrite(func(to, from *bbolt.Tx) error {
		if err := boltfile.Copy(to, from, works); err != nil {
			return err
		}
		return blockedOfBefore(to, from)
	})
	return err
}

// Close closes the file.
func (l *Ledger) Close() error { return l.db.Close() }
