package firstboot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
)

// sweepStart leaves on the start partition mounted at dir what the image of a card has
// there, and the ask for a reset. All else is of a place: its site file with the passphrase
// of its Wi-Fi, what the file names, what editors and file managers have kept of them, the
// form of Raspberry Pi Imager. What was removed there before is overwritten with it.
func sweepStart(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	stays := append(slices.Clone(card.StartFiles), card.ResetFile, card.ResetFile+".txt")
	for _, e := range entries {
		is := func(name string) bool { return strings.EqualFold(name, e.Name()) }
		if e.Type().IsRegular() && slices.ContainsFunc(stays, is) {
			continue
		}
		if err := root.RemoveAll(e.Name()); err != nil {
			return err
		}
	}
	at, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer at.Close()
	if err := unix.Syncfs(int(at.Fd())); err != nil { // until then what was freed is not given again
		return err
	}
	const filler = "zeros"
	f, err := root.Create(filler)
	if err != nil {
		return err
	}
	defer f.Close()
	// A write ends at a whole page before it finds no room, and the file that was removed just
	// now may be what is given last: what is left over is asked for a cluster at a time.
	for _, piece := range []int{1 << 20, 512} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, piece))
		}
		if !errors.Is(err, unix.ENOSPC) {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return card.RemoveFile(filepath.Join(dir, filler))
}

// wipe overwrites all files below a folder, and removes what is in it. What one could not
// be done with is left out, and said.
func wipe(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, e := range entries {
		at := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			errs = append(errs, wipe(at))
		case e.Type().IsRegular():
			if err := card.Blank(at); err != nil {
				errs = append(errs, err)
				continue
			}
		}
		errs = append(errs, os.Remove(at))
	}
	return errors.Join(errs...)
}

// A stretch of a partition, in bytes.
type stretch struct{ at, n int64 }

// stretchesOf are where the files below a folder lie on their partition.
func stretchesOf(dir string) (all []stretch) {
	filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if d != nil && d.IsDir() && name != dir {
				return fs.SkipDir // what does not read
			}
			return nil
		}
		if d.Type().IsRegular() {
			if f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW, 0); err == nil {
				all = append(all, stretchesOfFile(f)...)
				f.Close()
			}
		}
		return nil
	})
	return all
}

// What asks where a file lies, as of linux/fiemap.h.
const (
	fiemapRequest = 0xc020660b // FS_IOC_FIEMAP
	fiemapUnknown = 0x2        // FIEMAP_EXTENT_UNKNOWN: not on the disk yet
	fiemapLast    = 0x1        // FIEMAP_EXTENT_LAST
)

// stretchesOfFile are where a file lies on its partition, as far as its file system says.
func stretchesOfFile(f *os.File) (all []stretch) {
	type extent struct {
		logical, physical, length uint64
		_                         [2]uint64
		flags                     uint32
		_                         [3]uint32
	}
	var q struct {
		start, length uint64
		flags, mapped uint32
		count         uint32
		_             uint32
		extents       [64]extent
	}
	for from := uint64(0); ; {
		q.start, q.length, q.flags, q.mapped, q.count = from, ^uint64(0)-from, 0, 0, uint32(len(q.extents))
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), fiemapRequest, uintptr(unsafe.Pointer(&q)))
		if errno != 0 || q.mapped == 0 {
			return all
		}
		for _, e := range q.extents[:min(int(q.mapped), len(q.extents))] {
			if e.flags&fiemapUnknown == 0 && int64(e.physical) >= 0 && int64(e.length) > 0 {
				all = append(all, stretch{int64(e.physical), int64(e.length)})
			}
			if e.flags&fiemapLast != 0 || e.logical+e.length <= from {
				return all
			}
			from = e.logical + e.length
		}
	}
}

// overwrite writes zeros over what of some stretches lies before size.
func overwrite(d Disk, all []stretch, size int64) error {
	zeros := make([]byte, pass)
	for _, s := range all {
		for at, end := s.at, min(s.at+s.n, size); at < end; at += pass {
			if _, err := d.WriteAt(zeros[:min(pass, end-at)], at); err != nil {
				return fmt.Errorf("overwrite: %w", err)
			}
		}
	}
	return d.Sync()
}

// trim asks the card to forget what a mounted file system does not use. Not every card
// can, and none has to.
func trim(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	const fitrim = 0xc0185879 // FITRIM of linux/fs.h
	all := [3]uint64{0, ^uint64(0), 0}
	unix.Syscall(unix.SYS_IOCTL, d.Fd(), fitrim, uintptr(unsafe.Pointer(&all)))
}
