// Package journal keeps the events of the open permanence on disk, in bbolt.
//
// What Append took is on the card when it returns; after a cut the file holds
// every acknowledged event and at most the ones in flight besides. Closing a
// permanence replaces the file and leaves nothing of it behind. A file that
// cannot be read is set aside, never deleted, and a fresh one takes its place.
package journal

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"path/filepath"

	"go.etcd.io/bbolt"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/session"
)

// version of the envelope. Older ones stay readable; a newer one is refused.
const version = 1

// envelope is an event on disk.
type envelope struct {
	Version int             `json:"v"`
	Seq     uint64          `json:"seq"`
	Command session.ID      `json:"cmd"`
	At      session.Moment  `json:"at"`
	Type    string          `json:"type"`
	Body    json.RawMessage `json:"body"`
}

var bucket = []byte("events")

// Journal is the log of one box.
type Journal struct {
	db   *bbolt.DB
	path string
	past []session.Event // read at opening, until Replay hands them over

	last uint64 // the number of the last event that is kept, 0 for none
	// doubt means that the disk refused an Append. What bbolt wrote of it may be in the file,
	// and what the kernel says of the file is no longer what the card has: a page that could
	// not be written counts as written from then on (fsync(2), "EIO").
	doubt bool
	// unsure means that a process before this one may have been refused, and only it knew.
	unsure bool
}

// Open opens the journal of a folder, or begins one. A file that could not be
// read has been set aside under the returned path.
func Open(dir string) (j *Journal, aside string, err error) {
	j = &Journal{path: filepath.Join(dir, "journal.db")}
	j.db, aside, err = boltfile.Open(j.path, begin, j.read)
	if err != nil {
		return nil, aside, fmt.Errorf("journal: %w", err)
	}
	if aside != "" {
		j.past = nil
	}
	if n := len(j.past); n > 0 {
		j.last, j.unsure = j.past[n-1].Seq, true
	}
	return j, aside, nil
}

func begin(tx *bbolt.Tx) error {
	_, err := tx.CreateBucket(bucket)
	return err
}

func (j *Journal) read(tx *bbolt.Tx) error {
	b := tx.Bucket(bucket)
	if b == nil {
		return fmt.Errorf("no events in it")
	}
	return b.ForEach(func(k, v []byte) error {
		e, err := Decode(v)
		if err != nil {
			return err
		}
		if len(k) != 8 || binary.BigEndian.Uint64(k) != e.Seq {
			return fmt.Errorf("event %d under another number", e.Seq)
		}
		if n := len(j.past); n > 0 && j.past[n-1].Seq+1 != e.Seq {
			return fmt.Errorf("no event between %d and %d", j.past[n-1].Seq, e.Seq)
		}
		j.past = append(j.past, e)
		return nil
	})
}

// Replay yields the events that were on disk when the journal was opened, in
// order, once.
func (j *Journal) Replay(yield func(session.Event)) {
	for _, e := range j.past {
		yield(e)
	}
	j.past = nil
}

// All is every event that is on disk now, in order: the permanence as another box can go
// on with it.
func (j *Journal) All() ([]session.Event, error) {
	var all []session.Event
	err := j.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(_, v []byte) error {
			e, err := Decode(v)
			if e.Seq <= j.last { // not what was refused
				all = append(all, e)
			}
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("journal: read: %w", err)
	}
	return all, nil
}

// Append makes events durable, all or none. When it fails none of them happened; the next one
// that does not is the first of a file that is written anew.
func (j *Journal) Append(events []session.Event) error {
	if j.doubt || j.unsure {
		// A file that could not be written anew is good enough for one that nobody refused.
		if err := j.renew(); err != nil && j.doubt {
			return fmt.Errorf("journal: write anew: %w", err)
		}
		j.unsure = false
	}
	if err := j.db.Update(put(events)); err != nil {
		j.doubt = true
		return fmt.Errorf("journal: append: %w", err)
	}
	if n := len(events); n > 0 {
		j.last = events[n-1].Seq
	}
	return nil
}

func put(events []session.Event) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		b.FillPercent = 1 // only ever appended to
		for _, e := range events {
			v, err := Encode(e)
			if err != nil {
				return err
			}
			var k [8]byte
			binary.BigEndian.PutUint64(k[:], e.Seq)
			if err := b.Put(k[:], v); err != nil {
				return err
			}
		}
		return nil
	}
}

// renew writes every event that is kept into a fresh file.
func (j *Journal) renew() error {
	kept, err := j.All()
	if err != nil {
		return err
	}
	return j.replace(func(tx *bbolt.Tx) error {
		if err := begin(tx); err != nil {
			return err
		}
		return put(kept)(tx)
	})
}

// replace puts a fresh file in the place of this one. With an error the journal is usable,
// whichever of the two it is then; in doubt it stays where the old one is.
func (j *Journal) replace(fill func(*bbolt.Tx) error) error {
	db, err := boltfile.Replace(j.db, j.path, fill)
	if db != nil {
		j.db, j.doubt, j.unsure = db, false, false
	}
	return err
}

// Begin replaces the journal by an empty one and overwrites the old file. The
// journal stays usable when it fails, whichever of the two it is then.
func (j *Journal) Begin() error {
	before := j.db
	err := j.replace(begin)
	if j.db != before {
		j.last = 0
	}
	if err != nil {
		return fmt.Errorf("journal: begin: %w", err)
	}
	return nil
}

// Close closes the file.
func (j *Journal) Close() error { return j.db.Close() }

// Encode is an event as it is on disk.
func Encode(e session.Event) ([]byte, error) {
	body, err := json.Marshal(e.Body)
	if err != nil {
		return nil, fmt.Errorf("journal: encode: %w", err)
	}
	return json.Marshal(envelope{version, e.Seq, e.Command, e.At, session.TypeOf(e.Body), body})
}

// Decode reads what Encode of this version, or of an earlier one, wrote.
func Decode(data []byte) (session.Event, error) {
	var v envelope
	if err := json.Unmarshal(data, &v); err != nil {
		return session.Event{}, fmt.Errorf("journal: decode: %w", err)
	}
	if v.Version != version {
		return session.Event{}, fmt.Errorf("journal: event of version %d; this jeudi reads version %d", v.Version, version)
	}
	body, err := session.DecodeBody(v.Type, v.Body)
	if err != nil {
		return session.Event{}, fmt.Errorf("journal: %w", err)
	}
	return session.Event{Seq: v.Seq, Command: v.Command, At: v.At, Body: body}, nil
}
