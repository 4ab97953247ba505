package card

import (
	"fmt"
	"os"
	"path/filepath"
)

// WriteFile puts a file on a FAT partition so that a cut leaves either the old one or the
// new one: there, a rename alone is forgotten for half a minute, and a folder that is
// flushed alone can show the new name with nothing in it. The order is that of
// https://github.com/jphastings/gosd: write and flush the new file, rename it, flush it
// again through the handle that is still open, flush the folder. It is as good on ext4,
// where the file gets the mode perm.
func WriteFile(path string, content []byte, perm os.FileMode) (err error) {
	// One that a cut left half-written would keep its own mode.
	if err := os.Remove(path + ".new"); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("card: %w", err)
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return fmt.Errorf("card: %w", err)
	}
	defer f.Close()
	if _, err = f.Write(content); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = SyncDir(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path + ".new")
		return fmt.Errorf("card: write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// RemoveFile takes a file away for good; one that is not there is no error.
func RemoveFile(path string) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("card: %w", err)
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir flushes the names of a folder.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("card: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("card: flush %s: %w", dir, err)
	}
	return nil
}
