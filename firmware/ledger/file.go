package ledger

import (
	"bytes"
	"sync"

	"go.etcd.io/bbolt"

	"jeudi/firmware/boltfile"
)

// file is the ledger's file. It may be rewritten under whoever reads.
type file struct {
	mu   sync.RWMutex // held to write while db changes
	db   *bbolt.DB
	path string
}

func (f *file) View(do func(*bbolt.Tx) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.db.View(do)
}

func (f *file) Update(do func(*bbolt.Tx) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.db.Update(do)
}

func (f *file) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.db.Close()
}

// rewrite puts a fresh copy in the place of the file and zeroes the old one: bbolt
// leaves what a value was before in pages that it freed. After an error the ledger is as
// it was, or its copy, and goes on.
func (f *file) rewrite() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	db, err := boltfile.Replace(f.db, f.path, func(to *bbolt.Tx) error {
		return f.db.View(func(from *bbolt.Tx) error { return copyAll(to, from) })
	})
	if db != nil {
		f.db = db
	}
	return err
}

// copyAll copies a ledger, but for the works of a version before.
func copyAll(to, from *bbolt.Tx) error {
	err := from.ForEach(func(name []byte, b *bbolt.Bucket) error {
		if bytes.Equal(name, works) {
			return nil
		}
		own, err := to.CreateBucket(bytes.Clone(name))
		if err != nil {
			return err
		}
		return copyBucket(own, b)
	})
	if err != nil {
		return err
	}
	return blockedOfBefore(to, from)
}

// copyBucket clones values too: they outlive the transaction that they are read in.
func copyBucket(to, from *bbolt.Bucket) error {
	if err := to.SetSequence(from.Sequence()); err != nil {
		return err
	}
	return from.ForEach(func(k, v []byte) error {
		if v != nil {
			return to.Put(bytes.Clone(k), bytes.Clone(v))
		}
		own, err := to.CreateBucket(bytes.Clone(k))
		if err != nil {
			return err
		}
		return copyBucket(own, from.Bucket(k))
	})
}
