package card

import (
	"os"

	"golang.org/x/sys/unix"
)

// Blank writes zeros over a file where it lies, flushed. A hole stays one: of what a check of
// the file system has found again, the length may be anything.
func Blank(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	zeros := make([]byte, 64<<10)
	for at := int64(0); ; {
		from, err := unix.Seek(int(f.Fd()), at, unix.SEEK_DATA)
		if err == unix.ENXIO {
			return f.Sync()
		}
		if err != nil {
			return &os.PathError{Op: "seek", Path: path, Err: err}
		}
		if at, err = unix.Seek(int(f.Fd()), from, unix.SEEK_HOLE); err != nil {
			return &os.PathError{Op: "seek", Path: path, Err: err}
		}
		for ; from < at; from += int64(len(zeros)) {
			if _, err := f.WriteAt(zeros[:min(at-from, int64(len(zeros)))], from); err != nil {
				return err
			}
		}
	}
}
