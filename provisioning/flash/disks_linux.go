package flash

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Disks lists the disks of this computer.
func Disks(ctx context.Context) ([]Disk, error) {
	out, err := tool(ctx, "lsblk", "-J", "-b", "-o", lsblkColumns)
	if err != nil {
		return nil, err
	}
	return parseLsblk(out, func(name string) string {
		kind, err := os.ReadFile(filepath.Join("/sys/block", name, "device/type"))
		if err != nil {
			return "" // not a card that we know of: refused as one that stays in
		}
		return strings.TrimSpace(string(kind))
	})
}

// Open takes a disk for ourselves: what the desktop has mounted of it is unmounted, and
// O_EXCL is refused by the kernel for a disk that anything of this computer still uses.
func Open(ctx context.Context, d Disk) (*device, error) {
	for _, at := range d.Mounted {
		if err := unix.Unmount(at, 0); errors.Is(err, unix.EPERM) {
			return nil, refuse("flash.rights_sudo", nil)
		} else if err != nil && !errors.Is(err, unix.EINVAL) { // EINVAL: not mounted any more
			return nil, refuse("flash.busy", map[string]any{"at": at})
		}
	}
	f, err := os.OpenFile(d.Path, os.O_RDWR|unix.O_EXCL, 0)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, refuse("flash.rights_sudo", nil)
	case errors.Is(err, unix.EBUSY):
		return nil, refuse("flash.busy", map[string]any{"at": d.Path})
	case err != nil:
		return nil, fmt.Errorf("flash: %w", err)
	}
	return &device{f}, nil
}

// Forget empties the kernel's memory of the disk. Without it everything that was written
// would be read back from there, whatever the card did with it.
func (d *device) Forget() error {
	info, err := d.Stat()
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() {
		return unix.Fadvise(int(d.Fd()), 0, 0, unix.FADV_DONTNEED)
	}
	if err := unix.IoctlSetInt(int(d.Fd()), unix.BLKFLSBUF, 0); err != nil {
		return fmt.Errorf("flash: forgetting what was read of the card: %w", err)
	}
	return nil
}

// Eject lets a closed disk go, so that it can be pulled out. An error means that people
// have to do it: nothing is lost by it.
func Eject(ctx context.Context, d Disk) error {
	if _, err := tool(ctx, "udisksctl", "power-off", "-b", d.Path); err == nil {
		return nil
	}
	_, err := tool(ctx, "eject", d.Path)
	return err
}
