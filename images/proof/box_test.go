package proof

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRestart(t *testing.T) {
	for _, tt := range []struct {
		said    string
		try, ok bool
	}{
		{"[ 12.0] reboot: Restarting system\n", false, true},
		{"[ 12.0] reboot: Restarting system with command '0 tryboot'\n", true, true},
		{"reboot: Restarting system with command '0 tryboot'\nreboot: Restarting system\n", false, true},
		{"[ 12.0] reboot: Power down\n", false, false},
		{"Kernel panic\n", false, false},
	} {
		try, err := restart(tt.said)
		if try != tt.try || (err == nil) != tt.ok {
			t.Errorf("restart(%q) = %v, %v; want %v, ok %v", tt.said, try, err, tt.try, tt.ok)
		}
	}
}

// TestArchive: what is put behind the first files is an archive for others too.
func TestArchive(t *testing.T) {
	if _, err := exec.LookPath("cpio"); err != nil {
		t.Skip("NOT RUN: no cpio here; make test installs it")
	}
	for _, content := range []string{"", "a", "ab", "abc", "abcd", (Power{NoKiosk: true}).late()} {
		cmd := exec.Command("cpio", "--quiet", "-i", "--to-stdout", "late")
		cmd.Stdin = bytes.NewReader(archive("late", content))
		if got, err := cmd.Output(); err != nil || string(got) != content {
			t.Errorf("of %q cpio reads %q, %v", content, got, err)
		}
	}
	file := filepath.Join(t.TempDir(), "initrd")
	if err := os.WriteFile(file, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := appendTo(file, []byte("late")); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != "first\x00\x00\x00late" {
		t.Errorf("behind the first files: %q", got)
	}
}

// TestShell speaks to a shell of this machine.
func TestShell(t *testing.T) {
	ours, theirs := net.Pipe()
	sh := exec.Command("sh")
	sh.Env = append(os.Environ(), "PROOF="+t.TempDir())
	sh.Stdin, sh.Stdout = theirs, theirs
	sh.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what it leaves running ends with it
	if err := sh.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close(); theirs.Close(); syscall.Kill(-sh.Process.Pid, syscall.SIGKILL); sh.Wait() })
	s := newShell(ours)
	for _, tt := range []struct{ script, out, fails string }{
		{script: "echo hello; echo world", out: "hello\nworld\n"},
		{script: "printf 'no line end'", out: "no line end"},
		{script: "cat; echo done", out: "done\n"}, // it has no input
		{script: "echo so far; false", out: "so far\n", fails: "exit 1: so far"},
	} {
		out, err := s.Run(t.Context(), tt.script)
		if out != tt.out || (err == nil) != (tt.fails == "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("Run(%q) = %q, %v; want %q, %q", tt.script, out, err, tt.out, tt.fails)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Run(ctx, "sleep 60"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run() of what takes too long = %v; want deadline exceeded", err)
	}
}

func TestCopyCard(t *testing.T) {
	dir := t.TempDir()
	from := filepath.Join(dir, "from")
	f, err := os.Create(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const size = 64 << 20
	for _, at := range []int64{0, 5 << 20, size - 3} {
		if _, err := f.WriteAt([]byte("abc"), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := CopyCard(from, filepath.Join(dir, "new", "card"), 2*size); err != nil {
		t.Fatal(err)
	}
	g, err := os.Open(filepath.Join(dir, "new", "card"))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, at := range []int64{0, 5 << 20, size - 3} {
		b := make([]byte, 3)
		if err := readFull(g, b, at); err != nil || string(b) != "abc" {
			t.Errorf("at %d: %q, %v; want abc", at, b, err)
		}
	}
	if info, _ := g.Stat(); info.Size() != 2*size {
		t.Errorf("the copy has %d bytes; want %d", info.Size(), 2*size)
	}
	// Its middle alone, without the holes.
	if err := cutOut(filepath.Join(dir, "cut"), g, 5<<20+1, 3<<20); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "cut"))
	if err != nil || len(b) != 3<<20 || string(b[:2]) != "bc" || strings.Trim(string(b[2:]), "\x00") != "" {
		t.Errorf("cutOut: %d bytes, %v; want bc and zeros", len(b), err)
	}
}
