package counters

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

var errCut = errors.New("power cut")

// vault gives every file that ever had a name in dir a second one elsewhere, so
// that its blocks can still be read after it was removed.
type vault struct {
	t     *testing.T
	dir   string
	kept  string
	known map[uint64]string
}

func newVault(t *testing.T, dir string) *vault {
	return &vault{t: t, dir: dir, kept: t.TempDir(), known: map[uint64]string{}}
}

func (v *vault) keep() {
	files, err := os.ReadDir(v.dir)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, f := range files {
		st, err := f.Info()
		if err != nil {
			v.t.Fatal(err)
		}
		ino := st.Sys().(*syscall.Stat_t).Ino
		if v.known[ino] == "" {
			v.known[ino] = filepath.Join(v.kept, fmt.Sprint(ino))
			if err := os.Link(filepath.Join(v.dir, f.Name()), v.known[ino]); err != nil {
				v.t.Fatal(err)
			}
		}
	}
}

// cutAt returns a hook that lets k steps happen, and cuts before the next.
func (v *vault) cutAt(k int) func() error {
	n := 0
	return func() error {
		v.keep()
		if n++; n > k {
			return errCut
		}
		return nil
	}
}

// checkRemains scans every block that ever belonged to the store: none of the
// sheets merged, no ids, and of counters only the live ones.
func (v *vault) checkRemains(merged []sent) {
	v.t.Helper()
	v.keep()
	live := read(v.t, v.dir, countsName)
	for _, path := range v.known {
		b := read(v.t, path)
		for _, p := range merged {
			body, err := p.sh.Encode(visitor)
			if err != nil {
				v.t.Fatal(err)
			}
			if bytes.Contains(b, p.id[:]) || bytes.Contains(b, body[:40]) {
				v.t.Fatalf("%s holds a sheet that was merged", path)
			}
		}
		if len(b) != areaSize && !bytes.Equal(b, live) && len(bytes.Trim(b, "\x00")) > 0 {
			v.t.Fatalf("a file that was removed still holds %d bytes that are not zero", len(bytes.Trim(b, "\x00")))
		}
	}
	if _, agree, err := readHeader(filepath.Join(v.dir, pendingName)); !agree || err != nil {
		v.t.Errorf("the two headers differ, or %v", err)
	}
	files, err := os.ReadDir(v.dir)
	if err != nil || len(files) != 2 {
		v.t.Fatalf("files = %v, %v; want counts.db and pending", files, err)
	}
}

// scene is a store with one merged batch and 12 sheets that wait.
func scene(t *testing.T) (dir string, all []sent, final []byte) {
	dir, all = t.TempDir(), people(20, 22)
	s := mustOpen(t, dir)
	submit(t, s, all[:10]...)
	merge(t, s, 10)
	submit(t, s, all[10:]...)
	s.Close()
	uncut := t.TempDir()
	if err := os.CopyFS(uncut, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, uncut)
	merge(t, s, 12)
	s.Close()
	return dir, all, read(t, uncut, countsName)
}

// cutDuring reports whether f was cut. Any other error is one of the test.
func cutDuring(t *testing.T, f func() error) bool {
	t.Helper()
	err := f()
	if err != nil && !errors.Is(err, errCut) {
		t.Fatalf("error = %v; want %v", err, errCut)
	}
	return err != nil
}

// The process ends at every step of a merge, then at every step of the
// recovery, then recovers: each sheet is counted once, nothing else is left,
// and the counters are the bytes of a merge nobody cut.
func TestACutAnywhereInAMerge(t *testing.T) {
	inMemory(t)
	from, all, final := scene(t)
	cuts, before, after := 0, 0, 0
	for k := 0; ; k++ {
		cut := true
		for j := 0; ; j++ {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			v := newVault(t, dir)
			s := mustOpen(t, dir)
			s.cut = v.cutAt(k)
			cut = cutDuring(t, func() error { _, err := s.Merge(); return err })
			s.Close()

			again := cut && cutDuring(t, func() error {
				s, _, err := open(dir, visitor, Options{}, seeded(2), v.cutAt(j))
				if err == nil {
					s.Close()
				}
				return err
			})

			s = mustOpen(t, dir)
			switch s.Totals().Sheets {
			case 10: // cut before the commit
				before++
				check(t, s, all[:10], 12)
				merge(t, s, 12)
			default:
				after++
			}
			check(t, s, all, 0)
			v.checkRemains(all)
			if !bytes.Equal(read(t, dir, countsName), final) {
				t.Errorf("cut at %d, then %d: counts.db differs from that of a merge nobody cut", k, j)
			}
			s.Close()
			if t.Failed() {
				t.Fatalf("cut at step %d of the merge, then %d of the recovery", k, j)
			}
			cuts++
			if !again {
				break
			}
		}
		if !cut {
			break
		}
	}
	if before == 0 || after == 0 || cuts < 50 {
		t.Errorf("%d cuts, %d before the commit, %d after; want all three", cuts, before, after)
	}
	t.Logf("%d pairs of cuts, %d before the commit", cuts, before)
}

// The same while the former counters are overwritten: half done, all done, and
// removed.
func TestACutWhileTheFormerCountersAreZeroed(t *testing.T) {
	inMemory(t)
	from, all, final := scene(t)
	former := read(t, from, countsName)
	half := append(make([]byte, len(former)/2), former[len(former)/2:]...)
	for name, left := range map[string][]byte{"none": former, "half": half, "all": make([]byte, len(former)), "removed": nil} {
		for k := 0; ; k++ {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{countsName: final, countsTemp: left} // the names are exchanged
			for file, b := range files {
				if b == nil {
					continue
				}
				if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			v := newVault(t, dir)
			v.keep()
			cut := cutDuring(t, func() error {
				s, _, err := open(dir, visitor, Options{}, seeded(4), v.cutAt(k))
				if err == nil {
					s.Close()
				}
				return err
			})
			s := mustOpen(t, dir)
			check(t, s, all, 0)
			v.checkRemains(all)
			if !bytes.Equal(read(t, dir, countsName), final) {
				t.Errorf("counts.db differs from that of a merge nobody cut")
			}
			s.Close()
			if t.Failed() {
				t.Fatalf("%s of it zeroed, then cut at step %d of the recovery", name, k)
			}
			if !cut {
				break
			}
		}
	}
}

// An error of the disk in a merge, without a restart: the next call finishes
// it before it accepts anything.
func TestAFailedMergeIsFinishedByTheNextCall(t *testing.T) {
	inMemory(t)
	from, all, final := scene(t)
	more := people(21, 1)
	for k := 0; ; k++ {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		v := newVault(t, dir)
		s := mustOpen(t, dir)
		s.cut = v.cutAt(k)
		cut := cutDuring(t, func() error { _, err := s.Merge(); return err })
		if cut && k > 0 { // the disk still refuses
			s.cut = v.cutAt(0)
			if err := s.Submit(more[0].id, more[0].sh); !errors.Is(err, errCut) {
				t.Errorf("Submit() on a failing disk = %v; want %v", err, errCut)
			}
		}
		s.cut = nil
		submit(t, s, more...)
		if s.Totals().Sheets == 10 {
			merge(t, s, 13)
			check(t, s, append(all[:22:22], more...), 0)
		} else {
			check(t, s, all, 1)
			if !bytes.Equal(read(t, dir, countsName), final) {
				t.Error("counts.db differs from that of a merge nobody failed")
			}
		}
		v.checkRemains(all)
		s.Close()
		if t.Failed() {
			t.Fatalf("failed at step %d", k)
		}
		if !cut {
			return
		}
	}
}

func TestACutAnywhereInTheFirstStart(t *testing.T) {
	inMemory(t)
	for k := 0; ; k++ {
		dir, n := filepath.Join(t.TempDir(), "new"), 0
		s, _, err := open(dir, visitor, Options{}, seeded(3), func() error {
			if n++; n > k {
				return errCut
			}
			return nil
		})
		if err != nil && !errors.Is(err, errCut) {
			t.Fatal(err)
		}
		cut := err != nil
		if !cut {
			s.Close()
		}
		s = mustOpen(t, dir) // no warning: nothing was lost
		check(t, s, nil, 0)
		all := people(22, 10)
		submit(t, s, all...)
		merge(t, s, 10)
		check(t, s, all, 0)
		newVault(t, dir).checkRemains(all)
		s.Close()
		if !cut {
			return
		}
	}
}

// A file that a cut left half written in the middle of compaction is zeroed,
// whatever it holds.
func TestALeftoverIsZeroedBeforeItIsRemoved(t *testing.T) {
	for name, b := range map[string][]byte{"garbage": []byte("half a file"), "empty": nil, "first start": make([]byte, 3*page)} {
		dir := t.TempDir()
		if name != "first start" {
			mustOpen(t, dir).Close()
		}
		if err := os.WriteFile(filepath.Join(dir, countsTemp), b, 0o600); err != nil {
			t.Fatal(err)
		}
		v := newVault(t, dir)
		v.keep()
		mustOpen(t, dir).Close()
		v.checkRemains(nil)
		if t.Failed() {
			t.Fatal(name)
		}
	}
}
