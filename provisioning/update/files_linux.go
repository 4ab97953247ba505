package update

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
)

// Partitions opens the partitions of a disk, as /dev/mmcblk0.
func Partitions(disk string) func(partition int) (Device, error) {
	prefix := disk
	if last := disk[len(disk)-1]; last >= '0' && last <= '9' {
		prefix += "p"
	}
	return func(partition int) (Device, error) { return openDevice(prefix + strconv.Itoa(partition)) }
}

// openDevice opens a partition: a block device, or in tests a file.
//
// It goes through the kernel's pages, as the file system of a partition that is mounted
// does for its tables, so that the two never see different sectors.
func openDevice(name string) (Device, error) {
	f, err := os.OpenFile(name, os.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("update: %w", err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("update: size of %s: %w", name, err)
	}
	return &device{f, size}, nil
}

type device struct {
	*os.File
	size int64
}

func (d *device) Size() int64 { return d.size }

func (d *device) Flush() error {
	if err := d.Sync(); err != nil {
		return err
	}
	// What is read again should come from the card, not from the pages just written.
	return unix.Fadvise(int(d.Fd()), 0, 0, unix.FADV_DONTNEED)
}

// Folder is the data partition, mounted at a folder.
type Folder string

// Names below the data partition.
const (
	stateName = "state.json"
	copyName  = "before"      // a whole copy of the box's folder
	halfName  = "before.part" // one that is being made, or erased
	triedName = "tried"       // what a version on trial made of the data, to be erased
)

func (f Folder) box() string { return filepath.Join(string(f), filepath.Base(card.BoxDir)) }
func (f Folder) at(name string) string {
	return filepath.Join(string(f), filepath.Base(card.UpdateDir), name)
}

// State is Data's.
func (f Folder) State() ([]byte, error) {
	text, err := os.ReadFile(f.at(stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// KeepState is Data's.
func (f Folder) KeepState(text []byte) error {
	if err := os.MkdirAll(f.at(""), 0o700); err != nil {
		return err
	}
	return card.WriteFile(f.at(stateName), text, 0o644)
}

// Copied is Data's.
func (f Folder) Copied() (bool, error) { return there(f.at(copyName)) }

func there(name string) (bool, error) {
	_, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Copy is Data's.
func (f Folder) Copy(ctx context.Context) error {
	if err := erase(f.at(halfName)); err != nil {
		return err
	}
	if err := copyTree(ctx, f.box(), f.at(halfName)); err != nil {
		return errors.Join(err, erase(f.at(halfName)))
	}
	return rename(f.at(halfName), f.at(copyName))
}

// Restore is Data's.
func (f Folder) Restore() error {
	// After a cut between the two names there is a copy and no folder.
	was, err := there(f.box())
	if err != nil {
		return err
	}
	if was {
		if err := erase(f.at(triedName)); err != nil {
			return err
		}
		if err := rename(f.box(), f.at(triedName)); err != nil {
			return err
		}
	}
	if err := rename(f.at(copyName), f.box()); err != nil {
		return err
	}
	return erase(f.at(triedName))
}

// Forget is Data's.
func (f Folder) Forget() error {
	copied, err := f.Copied()
	if err != nil {
		return err
	}
	if copied { // first it is no copy any more
		if err := erase(f.at(halfName)); err != nil {
			return err
		}
		if err := rename(f.at(copyName), f.at(halfName)); err != nil {
			return err
		}
	}
	return errors.Join(erase(f.at(halfName)), erase(f.at(triedName)))
}

// rename is durable: both folders are flushed.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := card.SyncDir(filepath.Dir(to)); err != nil {
		return err
	}
	return card.SyncDir(filepath.Dir(from))
}

// copyTree copies files and folders with their owners, flushed. What is neither is no file
// of the box and is left out.
func copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			if err := os.Mkdir(target, 0o700); err != nil {
				return err
			}
		case info.Mode().IsRegular():
			if err := copyFile(name, target); err != nil {
				return err
			}
		default:
			return nil
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			if err := os.Lchown(target, int(st.Uid), int(st.Gid)); err != nil {
				return err
			}
		}
		if err := os.Chmod(target, info.Mode().Perm()); err != nil {
			return err
		}
		return card.SyncDir(filepath.Dir(target))
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return out.Close()
}

// erase overwrites what lies under a name with zeros, and removes it. None is no error.
func erase(root string) error {
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return card.Blank(name)
	})
	if err == nil {
		err = os.RemoveAll(root)
	}
	if err == nil {
		if ok, _ := there(filepath.Dir(root)); ok {
			err = card.SyncDir(filepath.Dir(root))
		}
	}
	return err
}
