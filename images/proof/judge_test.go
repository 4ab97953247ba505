package proof

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"jeudi/firmware/journal"
	"jeudi/firmware/session"
)

// folder is a data folder with those tickets.
func folder(t *testing.T, numbers ...session.Number) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "jeudi")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for i, n := range numbers {
		if err := j.Append([]session.Event{{Seq: uint64(i + 1), Body: session.TicketTaken{Number: n}}}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestJudge(t *testing.T) {
	acks := []Ack{{1, 10}, {2, 20}, {3, 30}}
	k, err := Open(folder(t, 1, 2, 4, 4))
	if err != nil || k.Events != 4 || len(k.Aside) != 0 {
		t.Fatalf("Open() = %+v, %v; want 4 events", k, err)
	}
	for _, tt := range []struct {
		at         int
		owed, lost []int
	}{{9, nil, nil}, {10, []int{1}, nil}, {29, []int{1, 2}, nil}, {30, []int{1, 2, 3}, []int{3}}} {
		o := owed(acks, Cut{At: tt.at})
		if l := k.Lost(o); !slices.Equal(o, tt.owed) || !slices.Equal(l, tt.lost) {
			t.Errorf("a cut at %d owes %v and lost %v; want %v and %v", tt.at, o, l, tt.owed, tt.lost)
		}
	}
	if got := k.Twice(); !slices.Equal(got, []int{4}) {
		t.Errorf("Twice() = %v; want 4", got)
	}
	if k, err := Open(filepath.Join(t.TempDir(), "none")); err != nil || k.Events != 0 {
		t.Errorf("Open() of a box that never ran = %+v, %v; want nothing", k, err)
	}
	bad := folder(t, 1)
	if err := os.WriteFile(filepath.Join(bad, "journal.db"), make([]byte, 9000), 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := Open(bad); err != nil || len(k.Aside) != 1 || len(k.Tickets) != 0 {
		t.Errorf("Open() of a journal of zeros = %+v, %v; want it set aside", k, err)
	}
}

func TestMounted(t *testing.T) {
	if err := CanMount(); err != nil {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "data.ext4")
	if out, err := exec.Command("mke2fs", "-q", "-t", "ext4", "-d", filepath.Dir(folder(t, 7)), file, "16m").CombinedOutput(); err != nil {
		t.Fatalf("mke2fs: %v %s", err, out)
	}
	var k Kept
	open := func(dir string) (err error) {
		k, err = Open(filepath.Join(dir, "jeudi"))
		return err
	}
	if err := Mounted(file, open); err != nil || !slices.Equal(k.Tickets, []int{7}) {
		t.Errorf("Mounted() = %v with tickets %v; want 7", err, k.Tickets)
	}
	unwell := errors.New("unwell")
	if err := Mounted(file, func(string) error { return unwell }); !errors.Is(err, unwell) {
		t.Errorf("Mounted() = %v; want what look said", err)
	}
	// Damage that the kernel mounts all the same is found.
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(make([]byte, 8), 1024+0x08); err != nil { // reserved and free blocks of the superblock
		t.Fatal(err)
	}
	if err := Mounted(file, open); err == nil {
		t.Error("Mounted() of a damaged file system = nil; want an error")
	}
	if err := Mounted(filepath.Join(t.TempDir(), "none"), open); err == nil {
		t.Error("Mounted() of no file = nil; want an error")
	}
}
