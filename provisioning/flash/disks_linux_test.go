package flash

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// loop is a disk of the kernel's own, over a file of so many bytes.
func loop(t *testing.T, size int64) string {
	t.Helper()
	back := filepath.Join(t.TempDir(), "disk")
	f, err := os.Create(back)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("losetup", "-f", "--show", back).CombinedOutput()
	if err != nil {
		t.Skipf("NOT RUN: a loop device needs root and the kernel's loop driver: %v: %s", err, out)
	}
	dev := strings.TrimSpace(string(out))
	t.Cleanup(func() {
		if out, err := exec.Command("losetup", "-d", dev).CombinedOutput(); err != nil {
			t.Errorf("losetup -d %s: %v: %s", dev, err, out)
		}
	})
	return dev
}

// TestLoop writes an image to a disk of the kernel's, with its cache to be forgotten and
// its exclusive opening.
func TestLoop(t *testing.T) {
	img := small()
	dev := loop(t, int64(len(img))+2<<20)
	held, err := os.OpenFile(dev, os.O_RDWR|unix.O_EXCL, 0)
	if err != nil {
		t.Fatal(err)
	}
	var refusal *Refusal
	if c, err := Open(t.Context(), Disk{Path: dev}); !errors.As(err, &refusal) || refusal.Key != "flash.busy" {
		t.Errorf("Open of a disk in use = %v, %v; want flash.busy", c, err)
	}
	held.Close()

	c, err := Open(t.Context(), Disk{Path: dev})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	open, err := OpenImage(file(t, "jeudi.img", img))
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), open, c, Options{Bytes: int64(len(img)) + 2<<20}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(img))
	if _, err := c.ReadAt(got, 0); err != nil || !bytes.Equal(got, img) {
		t.Errorf("the disk differs from the image: %v", err)
	}
}

// TestDisksHere: whatever machine this is, the disk that this test lies on is refused.
func TestDisksHere(t *testing.T) {
	disks, err := Disks(context.Background())
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("NOT RUN: there is no lsblk here")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range disks {
		if r := Judge(d, 0); d.System != "" && (r == nil || r.Key != "flash.refuse_system") {
			t.Errorf("%+v: %v; want flash.refuse_system", d, r)
		}
	}
}
