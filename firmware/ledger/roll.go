package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Roll is how much of the paper in the printer was used. Lengths are what the
// printer's driver estimates, in millimetres.
type Roll struct {
	Used  int       `json:"used"`  // since the roll was put in
	Mean  int       `json:"mean"`  // of the last tickets, a moving mean; 0 before the first
	Since time.Time `json:"since"` // zero before the first roll that was reported
}

// Left is how many more tickets fit on a roll of a length in millimetres. It is
// not known without a length, or before the first ticket.
func (r Roll) Left(length int) (tickets int, known bool) {
	if length <= 0 || r.Mean <= 0 {
		return 0, false
	}
	return max(length-r.Used, 0) / r.Mean, true
}

// with is the roll after a print.
func (r Roll) with(mm int, ticket bool) Roll {
	r.Used += mm
	switch {
	case !ticket:
	case r.Mean == 0:
		r.Mean = mm
	default:
		// An eighth of the news: one ticket in another script does not move it.
		r.Mean += (mm - r.Mean) / 8
	}
	return r
}

var (
	boxBucket = []byte("box")
	rollKey   = []byte("roll")
)

// Roll is the roll as it was last written.
func (l *Ledger) Roll() (Roll, error) {
	var r Roll
	err := l.db.View(func(tx *bbolt.Tx) (err error) {
		r, err = readRoll(tx)
		return err
	})
	if err != nil {
		return Roll{}, fmt.Errorf("ledger: roll: %w", err)
	}
	return r, nil
}

func readRoll(tx *bbolt.Tx) (r Roll, err error) {
	err = readBox(tx, rollKey, &r)
	return r, err
}

// readBox reads what the box keeps under a key; what it does not have stays as it is.
func readBox(tx *bbolt.Tx, key []byte, v any) error {
	// A ledger begun by an older version has no such bucket.
	if b := tx.Bucket(boxBucket); b != nil {
		if data := b.Get(key); data != nil {
			return json.Unmarshal(data, v)
		}
	}
	return nil
}

// writeBox keeps something of the box under a key.
func writeBox(tx *bbolt.Tx, key []byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b, err := tx.CreateBucketIfNotExists(boxBucket)
	if err != nil {
		return err
	}
	return b.Put(key, data)
}

// UsePaper adds the paper of a print, a ticket's or another's, and returns the roll.
func (l *Ledger) UsePaper(mm int, ticket bool) (Roll, error) {
	return l.changeRoll(func(r Roll) Roll { return r.with(mm, ticket) })
}

// NewRoll begins a roll; what tickets take is remembered.
func (l *Ledger) NewRoll(at time.Time) (Roll, error) {
	return l.changeRoll(func(r Roll) Roll { return Roll{Mean: r.Mean, Since: at} })
}

func (l *Ledger) changeRoll(change func(Roll) Roll) (Roll, error) {
	var r Roll
	err := l.db.Update(func(tx *bbolt.Tx) error {
		old, err := readRoll(tx)
		if err != nil {
			old = Roll{} // a count of paper is not worth a fault: it begins anew
		}
		r = change(old)
		return writeBox(tx, rollKey, r)
	})
	if err != nil {
		return Roll{}, fmt.Errorf("ledger: roll: %w", err)
	}
	return r, nil
}
