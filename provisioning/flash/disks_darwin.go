package flash

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Disks lists the disks of this computer.
func Disks(ctx context.Context) ([]Disk, error) {
	list, err := tool(ctx, "diskutil", "list", "-plist", "physical")
	if err != nil {
		return nil, err
	}
	root, err := tool(ctx, "diskutil", "info", "-plist", "/")
	if err != nil {
		return nil, err
	}
	return parseDiskutil(list, func(disk string) ([]byte, error) {
		return tool(ctx, "diskutil", "info", "-plist", disk)
	}, root)
}

// Open takes a disk for ourselves: its volumes are unmounted, and its raw device, which has
// no cache between us and the card, is opened with a lock.
func Open(ctx context.Context, d Disk) (*device, error) {
	if _, err := tool(ctx, "diskutil", "unmountDisk", d.Path); err != nil {
		return nil, refuse("flash.busy", map[string]any{"at": strings.Join(append(d.Mounted, d.Path), ", ")})
	}
	f, err := os.OpenFile(strings.Replace(d.Path, "/dev/disk", "/dev/rdisk", 1), os.O_RDWR|unix.O_EXLOCK|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, refuse("flash.rights_sudo", nil)
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EAGAIN):
		return nil, refuse("flash.busy", map[string]any{"at": d.Path})
	case err != nil:
		return nil, fmt.Errorf("flash: %w", err)
	}
	return &device{f}, nil
}

// Sync waits for the card. A raw device takes no fsync: F_FULLFSYNC or nothing.
func (d *device) Sync() error {
	info, err := d.Stat()
	if err != nil || info.Mode().IsRegular() {
		return errors.Join(err, d.File.Sync())
	}
	const syncCache = 0x20006416 // DKIOCSYNCHRONIZECACHE of <sys/disk.h>: _IO('d', 22)
	if err := unix.IoctlSetInt(int(d.Fd()), syncCache, 0); err != nil && !errors.Is(err, unix.ENOTTY) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}

// Forget has nothing to do: a raw device is read from the card.
func (d *device) Forget() error { return nil }

// Eject lets a closed disk go, so that it can be pulled out. An error means that people
// have to do it: nothing is lost by it.
func Eject(ctx context.Context, d Disk) error {
	_, err := tool(ctx, "diskutil", "eject", d.Path)
	return err
}
