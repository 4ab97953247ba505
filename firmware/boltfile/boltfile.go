// Package boltfile opens bbolt files on a box whose plug is pulled and whose card
// may be damaged. It promises that a missing or unreadable file never keeps the
// box from starting, that nothing is ever deleted because it could not be read,
// and that a file which is replaced leaves no readable block behind.
//
// The traps behind it, each seen in bbolt v1.5.0: a cut while a file is created
// under its final name leaves one that never opens; a file shorter than its pages
// kills the process with SIGBUS, which cannot be recovered; Open panics on some
// damages and keeps its lock.
package boltfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"
)

// ErrInUse is returned when another process has the file open.
var ErrInUse = errors.New("in use by another jeudi: stop it, or give another -data folder")

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
	if err := Discard(path + ".new"); err != nil {
		return nil, "", err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		db, err = create(path, fill)
		return db, "", err
	}
	db, err = open(path, read)
	if err == nil || errors.Is(err, ErrInUse) {
		return db, "", err
	}
	aside, moved := setAside(path)
	if moved != nil {
		return nil, "", errors.Join(err, moved)
	}
	db, created := create(path, fill)
	if created != nil {
		return nil, aside, errors.Join(err, created)
	}
	return db, aside, nil
}

// Replace puts a fresh file with what fill puts there in the place of a closed
// one, in one step, and overwrites the old one before its blocks are freed.
func Replace(path string, fill func(*bbolt.Tx) error) (*bbolt.DB, error) {
	fresh := path + ".new"
	if err := write(fresh, fill); err != nil {
		return nil, err
	}
	// Exchanged, the old file keeps a name until it is overwritten: without one, a
	// cut would free its blocks unread by anybody but a thief.
	if err := unix.Renameat2(unix.AT_FDCWD, fresh, unix.AT_FDCWD, path, unix.RENAME_EXCHANGE); err != nil {
		return nil, fmt.Errorf("boltfile: exchange %s: %w", filepath.Base(path), err)
	}
	if err := syncDir(path); err != nil {
		return nil, err
	}
	if err := Discard(fresh); err != nil {
		return nil, err
	}
	return open(path, func(*bbolt.Tx) error { return nil })
}

// Discard overwrites a file with zeros where it lies, then removes it. A file
// that is not there is no error.
func Discard(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
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

// create writes the file under another name first.
func create(path string, fill func(*bbolt.Tx) error) (*bbolt.DB, error) {
	if err := write(path+".new", fill); err != nil {
		return nil, err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, fmt.Errorf("boltfile: create: %w", err)
	}
	if err := syncDir(path); err != nil {
		return nil, err
	}
	return open(path, func(*bbolt.Tx) error { return nil })
}

func write(path string, fill func(*bbolt.Tx) error) error {
	db, err := bbolt.Open(path, 0o600, options())
	if err != nil {
		return fmt.Errorf("boltfile: create %s: %w", filepath.Base(path), err)
	}
	err = db.Update(fill)
	return errors.Join(err, db.Sync(), db.Close())
}

// open opens an existing file and reads it through once; whatever a damaged page
// makes bbolt do becomes an error.
func open(path string, read func(*bbolt.Tx) error) (db *bbolt.DB, err error) {
	if err := whole(path); err != nil {
		return nil, fmt.Errorf("boltfile: %s: %w", filepath.Base(path), err)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			// The lock stays with the damaged file, which gets another name.
			db, err = nil, fmt.Errorf("boltfile: %s is damaged: %v", filepath.Base(path), p)
		}
	}()
	db, err = bbolt.Open(path, 0o600, options())
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("boltfile: %s: %w", filepath.Base(path), ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("boltfile: open %s: %w", filepath.Base(path), err)
	}
	if err := db.View(read); err != nil {
		db.Close()
		return nil, fmt.Errorf("boltfile: read %s: %w", filepath.Base(path), err)
	}
	return db, nil
}

// whole reports whether the file is as long as its own header says.
func whole(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var head [2 * pageSize]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return errors.New("shorter than its header")
	}
	var newest, pages uint64
	for i := range 2 {
		m := head[i*pageSize+16:][:64]
		le := binary.LittleEndian
		h := fnv.New64a()
		h.Write(m[:56])
		if le.Uint32(m) != 0xED0CDAED || le.Uint32(m[8:]) != pageSize || le.Uint64(m[56:]) != h.Sum64() {
			continue
		}
		if tx := le.Uint64(m[48:]); pages == 0 || tx >= newest {
			newest, pages = tx, le.Uint64(m[40:])
		}
	}
	if pages == 0 {
		return errors.New("no valid header")
	}
	if uint64(info.Size()) < pages*pageSize {
		return fmt.Errorf("%d bytes long instead of %d", info.Size(), pages*pageSize)
	}
	return nil
}

func setAside(path string) (string, error) {
	for i := 1; ; i++ {
		aside := fmt.Sprintf("%s.unreadable-%d", path, i)
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		if err := os.Rename(path, aside); err != nil {
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
