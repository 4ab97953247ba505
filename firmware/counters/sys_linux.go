package counters

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock locks a folder; held says that the error is another one's lock.
func tryLock(dir *os.File) (held bool, err error) {
	err = unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	return errors.Is(err, unix.EWOULDBLOCK), err
}

// syncData waits until what was written is on the disk. The size never changes.
func syncData(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }

func mapPage() ([]byte, error) {
	return unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
}

// lockPage keeps a page out of swap and core dumps.
func lockPage(page []byte) error {
	return errors.Join(unix.Mlock(page), unix.Madvise(page, unix.MADV_DONTDUMP))
}

func unmapPage(page []byte) error { return unix.Munmap(page) }
