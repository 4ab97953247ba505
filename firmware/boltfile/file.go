package boltfile

import (
	"bytes"
	"slices"
	"sync"

	"go.etcd.io/bbolt"
)

// File is an open file that may be replaced under whoever reads it. bbolt itself lets
// one at a time change a file.
type File struct {
	mu   sync.RWMutex // held to write while db changes
	db   *bbolt.DB
	path string
}

// OpenFile is Open for such a file.
func OpenFile(path string, fill, read func(*bbolt.Tx) error) (f *File, aside string, err error) {
	db, aside, err := Open(path, fill, read)
	if err != nil {
		return nil, aside, err
	}
	return &File{db: db, path: path}, aside, nil
}

// View shows do the file.
func (f *File) View(do func(*bbolt.Tx) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.db.View(do)
}

// Update changes the file in one step, which is on disk when it returns nil.
func (f *File) Update(do func(*bbolt.Tx) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.db.Update(do)
}

// Close closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.db.Close()
}

// Rewrite puts a fresh file, filled from the old one, in its place, and zeroes the old:
// bbolt leaves what a value was before in pages that it freed. After an error the file is
// as it was, unless replaced says that only the old one is not overwritten yet.
func (f *File) Rewrite(fill func(to, from *bbolt.Tx) error) (replaced bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	db, err := Replace(f.db, f.path, func(to *bbolt.Tx) error {
		return f.db.View(func(from *bbolt.Tx) error { return fill(to, from) })
	})
	if db != nil {
		f.db = db
	}
	return db != nil, err
}

// Copy copies every bucket but some.
func Copy(to, from *bbolt.Tx, except ...[]byte) error {
	return from.ForEach(func(name []byte, b *bbolt.Bucket) error {
		if slices.ContainsFunc(except, func(e []byte) bool { return bytes.Equal(e, name) }) {
			return nil
		}
		own, err := to.CreateBucket(bytes.Clone(name))
		if err != nil {
			return err
		}
		return copyBucket(own, b)
	})
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
