package update

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"jeudi/provisioning/card"
)

// lying are the files below a folder, with what is in them.
func lying(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		text := "/"
		if d.Type().IsRegular() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text = ": " + string(data)
		}
		list = append(list, rel+text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// dataPartition is a folder with a box's data.
func dataPartition(t *testing.T) Folder {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"journal.db": "tickets", "log/jeudi.log": "facts", "staff/counts.db": "counts"} {
		name = filepath.Join(dir, filepath.Base(card.BoxDir), name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return Folder(dir)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestFolder: the copy is whole, with its rights; putting it back gives what was; nothing
// of a copy or of a trial is left.
func TestFolder(t *testing.T) {
	f := dataPartition(t)
	was := lying(t, f.box())
	if text, err := f.State(); err != nil || text != nil {
		t.Fatalf("State of a fresh card = %q, %v", text, err)
	}
	ok(t, f.KeepState([]byte("one")))
	ok(t, f.KeepState([]byte("two")))
	if text, err := f.State(); err != nil || string(text) != "two" {
		t.Fatalf("State = %q, %v", text, err)
	}
	ok(t, os.Symlink("/etc/passwd", filepath.Join(f.box(), "link")))
	ok(t, f.Copy(t.Context()))
	ok(t, os.Remove(filepath.Join(f.box(), "link")))
	if got := lying(t, f.at(copyName)); !slices.Equal(got, was) {
		t.Errorf("the copy is %q; want %q", got, was)
	}
	if info, err := os.Stat(f.at(copyName + "/journal.db")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("a copied file has %v, %v", info, err)
	}
	ok(t, os.WriteFile(filepath.Join(f.box(), "journal.db"), []byte("another form"), 0o600))
	ok(t, os.WriteFile(filepath.Join(f.box(), "new.db"), []byte("new"), 0o600))
	ok(t, f.Restore())
	if got := lying(t, f.box()); !slices.Equal(got, was) {
		t.Errorf("put back are %q; want %q", got, was)
	}
	if got := lying(t, f.at("")); !slices.Equal(got, []string{"./", "state.json: two"}) {
		t.Errorf("beside the state lie %q", got)
	}
	ok(t, f.Copy(t.Context()))
	ok(t, f.Forget())
	ok(t, f.Forget())
	if got := lying(t, f.at("")); !slices.Equal(got, []string{"./", "state.json: two"}) {
		t.Errorf("beside the state lie %q", got)
	}
}

// TestFolderAfterACut: whatever a cut leaves between two steps of a copy, of putting it back
// or of forgetting it, asking again comes to the same end, and half a copy is never one.
func TestFolderAfterACut(t *testing.T) {
	put := func(t *testing.T, name, text string) {
		t.Helper()
		ok(t, os.MkdirAll(name, 0o700))
		ok(t, os.WriteFile(filepath.Join(name, "journal.db"), []byte(text), 0o600))
	}
	t.Run("in the copy", func(t *testing.T) {
		f := dataPartition(t)
		put(t, f.at(halfName), "tick")
		if copied, err := f.Copied(); copied || err != nil {
			t.Errorf("Copied = %v, %v of half a copy", copied, err)
		}
		ok(t, f.Copy(t.Context()))
		if got, want := lying(t, f.at(copyName)), lying(t, f.box()); !slices.Equal(got, want) {
			t.Errorf("the copy is %q; want %q", got, want)
		}
	})
	for name, left := range map[string]func(*testing.T, Folder){
		"before putting back": func(t *testing.T, f Folder) { put(t, f.box(), "tried"); put(t, f.at(copyName), "tickets") },
		"with an older trial's": func(t *testing.T, f Folder) {
			put(t, f.box(), "tried")
			put(t, f.at(triedName), "older")
			put(t, f.at(copyName), "tickets")
		},
		"between the names": func(t *testing.T, f Folder) { put(t, f.at(triedName), "tried"); put(t, f.at(copyName), "tickets") },
	} {
		t.Run(name, func(t *testing.T) {
			f := Folder(t.TempDir())
			left(t, f)
			ok(t, f.Restore())
			if got := lying(t, f.box()); !slices.Equal(got, []string{"./", "journal.db: tickets"}) {
				t.Errorf("the data are %q", got)
			}
			if got := lying(t, f.at("")); !slices.Equal(got, []string{"./"}) {
				t.Errorf("left are %q", got)
			}
		})
	}
	t.Run("after putting back", func(t *testing.T) {
		f := Folder(t.TempDir())
		put(t, f.box(), "tickets")
		put(t, f.at(triedName), "tried")
		ok(t, f.Forget())
		if got := lying(t, f.at("")); !slices.Equal(got, []string{"./"}) {
			t.Errorf("left are %q", got)
		}
	})
}

// TestDevice: partitions are opened by their number, and give back what was written.
func TestDevice(t *testing.T) {
	dir := t.TempDir()
	for _, disk := range []string{"sda", "mmcblk0"} {
		name := map[string]string{"sda": "sda5", "mmcblk0": "mmcblk0p5"}[disk]
		ok(t, os.WriteFile(filepath.Join(dir, name), make([]byte, 8192), 0o600))
		d, err := Partitions(filepath.Join(dir, disk))(card.PartRootA)
		ok(t, err)
		if d.Size() != 8192 {
			t.Errorf("%s has %d bytes", name, d.Size())
		}
		_, err = d.WriteAt([]byte("jeudi"), 4000)
		ok(t, err)
		ok(t, d.Flush())
		got := make([]byte, 5)
		_, err = d.ReadAt(got, 4000)
		ok(t, err)
		if !bytes.Equal(got, []byte("jeudi")) {
			t.Errorf("%s gives back %q", name, got)
		}
		ok(t, d.Close())
	}
	if _, err := Partitions(filepath.Join(dir, "sdb"))(5); err == nil {
		t.Error("a partition that is not there is opened")
	}
}
