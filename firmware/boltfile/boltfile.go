// Package boltfile opens bbolt files on a box whose plug is pulled and whose card
// may be damaged. It promises that a missing or unreadable file never keeps the
// box from starting, that nothing is ever deleted because it could not be read,
// that two boxes never have one file open, and that a file which is replaced
// leaves no readable block behind.
//
// The traps behind it, each seen in bbolt v1.5.0: a cut while a file is created
// under its final name leaves one that never opens; a file shorter than its pages
// kills the process with SIGBUS, which cannot be recovered; Open looks for free
// pages in a goroutine of its own, so that a damaged page ends the process.
// Hence check.go: bbolt never sees a file that was not read through before.
//
// A room that keeps one file open has Open and Replace. One that opens it for a
// moment has With, and the steps that those two are made of: Make, Exchange,
// Discard, SetAside. Linux only, for the atomic exchange of two names.
package boltfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrInUse is returned when another process has the file open.
var ErrInUse = errors.New("in use by another jeudi: stop it, or give another -data folder")

// ErrDamaged is returned when a file is not what bbolt takes for granted. What
// the disk itself refuses is another error.
var ErrDamaged = errors.New("damaged")

// pageSize is stated, because the kernel's own differs between models and a
// file's bytes would differ with it.
const pageSize = 4096

// Options of every file: the free list is found again at opening, which saves a
// page for each commit.
func options() *bbolt.Options {
	return &bbolt.Options{Timeout: time.Second, NoFreelistSync: true, PageSize: pageSize, NoStatistics: true}
}

// Open opens the file, or creates it with what fill puts there. read is shown all
// of an existing file once; its error, like any damage, has the file set aside
// under the returned name and a fresh one created in its place.
func Open(path string, fill, read func(*bbolt.Tx) error) (db *bbolt.DB, aside string, err error) {
	f, err := lock(path)
	if errors.Is(err, fs.ErrNotExist) {
		db, err = create(path, fill)
		return db, "", err
	}
	if errors.Is(err, ErrInUse) {
		return nil, "", fmt.Errorf("boltfile: %s: %w", filepath.Base(path), err)
	}
	if err == nil {
		// What a cut left beside the file is nobody's now that the file is ours.
		if err := outOfTheWay(path); err != nil {
			f.Close()
			return nil, "", err
		}
		if db, err = open(f, path, func(db *bbolt.DB) error { return db.View(read) }); err == nil {
			return db, "", nil
		}
	}
	aside, moved := SetAside(path)
	if moved != nil {
		return nil, "", errors.Join(err, moved)
	}
	db, created := create(path, fill)
	if created != nil {
		return nil, aside, errors.Join(err, created)
	}
	return db, aside, nil
}

// With opens an existing file for the time of do, which must not keep the
// database. The error is fs.ErrNotExist, ErrInUse, ErrDamaged, the disk's, or
// that of do, wrapped.
func With(path string, do func(*bbolt.DB) error) error {
	f, err := lock(path)
	if err != nil {
		return fmt.Errorf("boltfile: %w", err)
	}
	db, err := open(f, path, do)
	if err != nil {
		return err
	}
	return db.Close()
}

// Replace puts a fresh file with what fill puts there in the place of an open one,
// in one step, then closes the old one and overwrites it before its blocks are
// freed.
//
// Without a database the error left everything as it was, and the old one open.
// A database and an error mean that it was replaced and not overwritten yet: the
// next Open does that.
func Replace(old *bbolt.DB, path string, fill func(*bbolt.Tx) error) (*bbolt.DB, error) {
	fresh := temporary(path)
	if err := outOfTheWay(path); err != nil { // what an earlier attempt left
		return nil, err
	}
	db, err := Make(fresh, func(db *bbolt.DB) error { return db.Update(fill) })
	if err != nil {
		return nil, errors.Join(err, Discard(fresh))
	}
	// Exchanged, the old file keeps a name until it is overwritten: without one, a
	// cut would free its blocks unread by anybody but a thief.
	if err := Exchange(fresh, path); err != nil {
		return nil, errors.Join(err, db.Close(), Discard(fresh))
	}
	if err := old.Close(); err != nil {
		return db, fmt.Errorf("boltfile: close the old %s: %w", filepath.Base(path), err)
	}
	return db, Discard(fresh)
}

// temporary is the name of a file while it is created, or while it is overwritten.
func temporary(path string) string { return path + ".new" }

// Exchange gives two files of one folder each other's name, in one step. An
// error leaves each with its own.
func Exchange(a, b string) error {
	err := swapNames(a, b)
	if err == nil {
		if err = syncDir(a); err != nil { // which of the two names a cut leaves is open
			err = errors.Join(err, swapNames(a, b))
		}
	}
	if err != nil {
		return fmt.Errorf("boltfile: exchange %s: %w", filepath.Base(b), err)
	}
	return nil
}

// Discard overwrites a file with zeros where it lies, then removes it. A file
// that is not there is no error; one that another process has open is.
func Discard(path string) error {
	f, err := lock(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("boltfile: discard: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("boltfile: discard: %w", err)
	}
	zeros := make([]byte, 64<<10)
	for left := info.Size(); left > 0; left -= int64(len(zeros)) {
		if _, err := f.Write(zeros[:min(left, int64(len(zeros)))]); err != nil {
			return fmt.Errorf("boltfile: discard: %w", err)
		}
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("boltfile: discard: %w", err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("boltfile: discard: %w", err)
	}
	return syncDir(path)
}

// outOfTheWay overwrites what lies under the temporary name of a file. What the disk does not
// let be overwritten, a block that is worn or zeros for which there is no room, is set aside:
// it would keep the box from starting.
func outOfTheWay(path string) error {
	err := Discard(temporary(path))
	if err == nil || errors.Is(err, ErrInUse) {
		return err
	}
	if _, moved := setAside(temporary(path), path); moved != nil {
		return errors.Join(err, moved)
	}
	return nil
}

// create makes the file under another name first. It stays open, and locked,
// from before it has its own.
func create(path string, fill func(*bbolt.Tx) error) (*bbolt.DB, error) {
	if err := outOfTheWay(path); err != nil {
		return nil, err
	}
	db, err := Make(temporary(path), func(db *bbolt.DB) error { return db.Update(fill) })
	if err != nil {
		return nil, err
	}
	if err := os.Rename(temporary(path), path); err != nil {
		return nil, errors.Join(fmt.Errorf("boltfile: create: %w", err), db.Close())
	}
	if err := syncDir(path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Make creates a file under a name that is free and not its last one: a cut leaves
// there whatever it interrupts. After an error it is closed.
func Make(path string, fill func(*bbolt.DB) error) (_ *bbolt.DB, err error) {
	db, err := bbolt.Open(path, 0o600, options())
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("boltfile: create %s: %w", filepath.Base(path), ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("boltfile: create %s: %w", filepath.Base(path), err)
	}
	filled := false
	defer func() { // a panic too, which With recovers from: the file would stay locked
		if !filled {
			err = errors.Join(err, db.Close())
		}
	}()
	if err := errors.Join(fill(db), db.Sync()); err != nil {
		return nil, fmt.Errorf("boltfile: create %s: %w", filepath.Base(path), err)
	}
	filled = true
	return db, nil
}

// lock opens an existing file for this process alone. Its lock is the one of
// bbolt, so that either way of opening keeps the other out.
func lock(path string) (*os.File, error) {
	const pause = 20 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		held, err := tryLock(f)
		if err == nil && !held && named(f, path) {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		if waited >= options().Timeout {
			return nil, ErrInUse
		}
		time.Sleep(pause)
	}
}

// named reports whether the name still leads to the file: whoever had the lock
// before may have put another in its place.
func named(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}

// open opens a locked file for do, and leaves it open unless there is an error.
func open(f *os.File, path string, do func(*bbolt.DB) error) (db *bbolt.DB, err error) {
	name := filepath.Base(path)
	if err := check(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("boltfile: %s: %w", name, err)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			// What bbolt mapped stays mapped, and would keep the lock with it.
			unlock(f)
			db, err = nil, fmt.Errorf("boltfile: %s: %w: %v", name, ErrDamaged, p)
		}
	}()
	o := options()
	o.OpenFile = func(string, int, os.FileMode) (*os.File, error) { return f, nil }
	if db, err = bbolt.Open(path, 0o600, o); err != nil {
		return nil, fmt.Errorf("boltfile: open %s: %w", name, err)
	}
	if err := do(db); err != nil {
		return nil, fmt.Errorf("boltfile: %s: %w", name, errors.Join(err, db.Close()))
	}
	return db, nil
}

// SetAside gives a file, of any format, the name PATH.unreadable-N, never used
// before, and returns it.
func SetAside(path string) (aside string, err error) { return setAside(path, path) }

func setAside(from, path string) (aside string, err error) {
	for i := 1; ; i++ {
		aside = fmt.Sprintf("%s.unreadable-%d", path, i)
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		if err := os.Rename(from, aside); err != nil {
			return "", fmt.Errorf("boltfile: set aside: %w", err)
		}
		return aside, syncDir(path)
	}
}

func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("boltfile: sync folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("boltfile: sync folder: %w", err)
	}
	return nil
}
