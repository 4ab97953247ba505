package stick

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
	"jeudi/provisioning/steward"
)

// plugged is a stick behind a loop device. It has ext4: the kernel of a test machine may
// know no FAT; what holds for its mount holds for that one.
func plugged(t *testing.T, fill func(dir string)) (s *Sticks, id, image string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: mounting a stick needs root; .ci/run has it")
	}
	dir := t.TempDir()
	image = filepath.Join(dir, "stick.img")
	from := filepath.Join(dir, "from")
	if err := os.Mkdir(from, 0o755); err != nil {
		t.Fatal(err)
	}
	fill(from)
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	if out, err := exec.Command("mke2fs", "-q", "-F", "-t", "ext4", "-d", from, image, "8M").CombinedOutput(); err != nil {
		t.Fatalf("mke2fs: %v: %s", err, out)
	}
	out, err := exec.Command("losetup", "-f", "--show", image).CombinedOutput()
	if err != nil {
		t.Skipf("NOT RUN: no loop device on this machine: %v: %s", err, out)
	}
	loop := strings.TrimSpace(string(out))
	t.Cleanup(func() {
		unix.Unmount(filepath.Join(dir, "at"), unix.MNT_DETACH)
		if out, err := exec.Command("losetup", "-d", loop).CombinedOutput(); err != nil {
			t.Errorf("losetup -d: %v: %s", err, out)
		}
	})
	id = filepath.Base(loop)
	sys := sysfs(t, map[string]string{id: "platform/soc/usb1/1-1/host0"})
	return &Sticks{Sys: sys, Dev: "/dev", Dir: filepath.Join(dir, "at"), Types: []string{"ext4"}}, id, image
}

func refusedAs(err error) string {
	refusal, ok := errors.AsType[*steward.Refusal](err)
	if !ok {
		return ""
	}
	return refusal.Key
}

func TestCase49(t *testing.T) {
	s, id, _ := plugged(t, func(dir string) {
		os.WriteFile(filepath.Join(dir, "jeudi.toml"), []byte("good"), 0o644)
		os.WriteFile(filepath.Join(dir, "run.toml"), []byte("#!/bin/sh\n"), 0o4777)
		os.Symlink("/etc/shadow", filepath.Join(dir, "shadow.toml"))
	})
	got := s.List()
	if len(got) != 1 || got[0].ID != id || got[0].Refused != "" || len(got[0].Files) != 2 {
		t.Fatalf("List() = %+v; want the stick with two files", got)
	}
	if content, err := s.Read("", "jeudi.toml", ByValue); err != nil || string(content) != "good" {
		t.Errorf("Read() = %q, %v", content, err)
	}
	for _, tt := range []struct{ id, name, want string }{
		{"", "shadow.toml", "stick.no_file"}, {"", "../at/jeudi.toml", "stick.no_file"}, {"", "none.toml", "stick.no_file"},
		{"sdz1", "jeudi.toml", "stick.gone"}, {"../../etc", "jeudi.toml", "stick.gone"},
	} {
		if _, err := s.Read(tt.id, tt.name, ByValue); refusedAs(err) != tt.want {
			t.Errorf("Read(%q, %q) = %v; want %s", tt.id, tt.name, err, tt.want)
		}
	}
	if _, err := s.Read(id, "jeudi.toml", 3); refusedAs(err) != "stick.too_large" {
		t.Errorf("Read of at most 3 bytes = %v", err)
	}

	// While it is open for reading it is mounted as a stranger's disk is.
	f, err := s.Open("", "run.toml")
	if err != nil {
		t.Fatal(err)
	}
	var st unix.Statfs_t
	if err := unix.Statfs(s.Dir, &st); err != nil {
		t.Fatal(err)
	}
	if want := int64(unix.ST_RDONLY | unix.ST_NOSUID | unix.ST_NODEV | unix.ST_NOEXEC | unix.MS_NOSYMFOLLOW<<5); st.Flags&want != want {
		t.Errorf("the stick is mounted with %#x; want read-only, nosuid, nodev, noexec, nosymfollow (%#x)", st.Flags, want)
	}
	if err := exec.Command(filepath.Join(s.Dir, "run.toml")).Run(); err == nil {
		t.Error("a program of a stick ran")
	}
	if content, err := io.ReadAll(f); err != nil || string(content) != "#!/bin/sh\n" {
		t.Errorf("run.toml = %q, %v", content, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Join(s.Dir, "run.toml")); err == nil {
		t.Error("the stick is still mounted")
	}
	if _, err := s.Open("", "none.toml"); refusedAs(err) != "stick.no_file" {
		t.Errorf("Open(none) = %v", err)
	}
}

// What is written is on the stick when the call returns: the image is read without it.
func TestCase49Export(t *testing.T) {
	s, id, image := plugged(t, func(string) {})
	for _, want := range []string{"jeudi-rapport.txt", "jeudi-rapport-02.txt"} {
		as, err := s.Write("", "jeudi-rapport.txt", []byte("all is well in "+want))
		if err != nil || as != want {
			t.Errorf("Write() = %q, %v; want %s", as, err, want)
		}
		raw, err := os.ReadFile(image)
		if err != nil || !bytes.Contains(raw, []byte("all is well in "+want)) {
			t.Errorf("%s is not on the stick: %v", want, err)
		}
		if out, err := exec.Command("debugfs", "-R", "cat /"+want, image).Output(); err != nil || string(out) != "all is well in "+want {
			t.Errorf("%s = %q, %v", want, out, err)
		}
	}
	if _, err := s.Write("", "../x", nil); err == nil {
		t.Error("a name that leads out was written")
	}
	if _, err := s.Write("", "large.bin", make([]byte, 32<<20)); refusedAs(err) != "stick.unwritable" {
		t.Errorf("more than fits = %v", err)
	}
	if got := s.List(); len(got) != 1 || got[0].Refused != "" {
		t.Errorf("List() after a full stick = %+v", got)
	}

	// A stick whose file system is damaged is refused, and so is one of another kind, and
	// the card of a box.
	f, err := os.OpenFile("/dev/"+id, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	put := func(at int64, b []byte) {
		if _, err := f.WriteAt(b, at); err != nil {
			t.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	put(2048, bytes.Repeat([]byte{0xa5}, 2048)) // the table of the groups
	if got := s.List(); len(got) != 1 || got[0].Refused != "stick.unreadable" {
		t.Errorf("a damaged stick = %+v", got)
	}
	if _, err := s.Write("", "x.txt", []byte("x")); err == nil {
		t.Error("a damaged stick was written")
	}
	put(1024, make([]byte, 1024))
	if got := s.List(); len(got) != 1 || got[0].Refused != "stick.kind" {
		t.Errorf("a stick of no kind = %+v", got)
	}
	table, err := card.Table(card.Layout())
	if err != nil {
		t.Fatal(err)
	}
	// The image is shorter than a card: what is beyond its end is the chain.
	mbr := table[0]
	for i := 446 + 3*16; i < 446+4*16; i++ {
		mbr[i] = 0
	}
	put(0, mbr[:])
	if got := s.List(); len(got) != 1 || got[0].Refused != "stick.card" {
		t.Errorf("the card of a box = %+v", got)
	}
	if _, err := s.Write("", "x.txt", []byte("x")); refusedAs(err) != "stick.none" {
		t.Errorf("Write() beside a card alone = %v", err)
	}
}
