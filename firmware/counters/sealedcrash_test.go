package counters

import (
	"os"
	"testing"
)

// inMemory has the test's folders where a sync costs nothing: these tests cut between
// system calls, not within the disk.
func inMemory(t *testing.T) {
	if _, err := os.Stat("/dev/shm"); err == nil {
		t.Setenv("TMPDIR", "/dev/shm")
	}
}

// sealedScene is a sealed store with one merged batch and 12 sheets that wait, and the
// key that somebody keeps.
func sealedScene(t *testing.T) (dir string, all []sent, sec Secret) {
	dir, all = t.TempDir(), people(120, 40)
	s := mustOpenAt(t, dir, sealedLevel)
	submit(t, s, all[:10]...)
	merge(t, s, 10)
	submit(t, s, all[10:22]...)
	sec = mustSecret(t, s)
	s.Close()
	return dir, all, sec
}

func copyOf(t *testing.T, from string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// deeds are what may be cut in a sealed store, and what must be there afterwards,
// before or after its commit. Whatever waited is then counted, where anybody can.
func deeds(all []sent, sec Secret) []deedInASealedStore {
	counted := func(t *testing.T, s *Store) {
		t.Helper()
		if s.Pending() > 0 {
			check(t, s, all[:10], 12)
			mustUnlock(t, s, sec)
			merge(t, s, 12)
		}
		check(t, s, all[:22], 0)
	}
	return []deedInASealedStore{
		{
			name: "merge",
			do: func(s *Store) error {
				if err := s.Unlock(sec); err != nil {
					return err
				}
				_, err := s.Merge()
				return err
			},
			after: counted,
		},
		{
			name: "abandon",
			do:   func(s *Store) error { _, err := s.Abandon(); return err },
			after: func(t *testing.T, s *Store) {
				t.Helper()
				if s.Totals().Unreadable == 0 {
					counted(t, s)
					return
				}
				if got := s.Totals().Unreadable; got != 12 {
					t.Errorf("unreadable = %d; want 12", got)
				}
				check(t, s, all[:10], 0)
			},
		},
		{
			name: "end of period",
			do:   func(s *Store) error { return s.EndPeriod(1) },
			after: func(t *testing.T, s *Store) {
				t.Helper()
				if s.Totals().Period == 1 {
					check(t, s, all[:10], 12)
				}
				if err := s.EndPeriod(1); err != nil {
					t.Errorf("EndPeriod(1) = %v", err)
				}
				check(t, s, nil, 12)
				mustUnlock(t, s, sec)
				merge(t, s, 12)
				check(t, s, all[10:22], 0)
			},
		},
	}
}

type deedInASealedStore struct {
	name  string
	do    func(*Store) error
	after func(*testing.T, *Store)
}

// The power goes at every step of a deed, then at every fifth step of the recovery,
// others for each step of the deed; TestCase13 to TestCase16 go through all.
func TestACutAnywhereInASealedStore(t *testing.T) {
	inMemory(t)
	from, all, sec := sealedScene(t)
	for _, d := range deeds(all, sec) {
		cuts := 0
		for k, cut := 0, true; cut; k++ {
			for j, again := k%5, true; again; j += 5 {
				dir := copyOf(t, from)
				v := newVault(t, dir)
				s := mustOpenAt(t, dir, sealedLevel)
				s.cut = v.cutAt(k)
				cut = cutDuring(t, func() error { return d.do(s) })
				s.Close()
				again = cut && cutDuring(t, func() error {
					s, _, err := open(dir, visitor, sealedLevel, seeded(2), v.cutAt(j))
					if err == nil {
						s.Close()
					}
					return err
				})
				s = mustOpenAt(t, dir, sealedLevel)
				if s.Locked() != (s.Pending() > 0) {
					t.Errorf("locked: %v with %d sheets that wait", s.Locked(), s.Pending())
				}
				d.after(t, s)
				v.checkRemains(all[:22])
				if j < 5 && k%4 == 0 { // whatever happened, the key is the batch's
					submit(t, s, all[22:]...)
					mustSecret(t, s)
					merge(t, s, 18)
				}
				s.Close()
				cuts++
				if t.Failed() {
					t.Fatalf("%s cut at step %d, its recovery at step %d", d.name, k, j)
				}
			}
		}
		if cuts < 5 {
			t.Errorf("%s: %d cuts; want more", d.name, cuts)
		}
		t.Logf("%s: %d pairs of cuts", d.name, cuts)
	}
}

// An error of the disk without a restart: the box goes on, with the right key.
func TestASealedStoreAfterAnError(t *testing.T) {
	inMemory(t)
	from, all, sec := sealedScene(t)
	for _, d := range deeds(all, sec) {
		for k, cut := 0, true; cut; k++ {
			dir := copyOf(t, from)
			v := newVault(t, dir)
			s := mustOpenAt(t, dir, sealedLevel)
			s.cut = v.cutAt(k)
			cut = cutDuring(t, func() error { return d.do(s) })
			if cut && k > 0 { // the disk still refuses
				s.cut = v.cutAt(0)
				s.Merge()
			}
			s.cut = nil
			if err := s.Submit(all[10].id, all[10].sh); err != nil { // a repeat, whatever became of it
				t.Errorf("Submit() = %v", err)
			}
			d.after(t, s)
			submit(t, s, all[22:]...)
			mustSecret(t, s)
			merge(t, s, 18)
			v.checkRemains(all)
			s.Close()
			if t.Failed() {
				t.Fatalf("%s failed at step %d", d.name, k)
			}
		}
	}
}

// The first start, and one at which a batch begins because nothing waits.
func TestACutWhereASealedBatchBegins(t *testing.T) {
	inMemory(t)
	fresh, again := t.TempDir(), t.TempDir()
	mustOpenAt(t, again, sealedLevel).Close()
	for _, from := range []string{fresh, again} {
		for k, cut := 0, true; cut; k++ {
			dir := copyOf(t, from)
			v := newVault(t, dir)
			cut = cutDuring(t, func() error {
				s, _, err := open(dir, visitor, sealedLevel, seeded(3), v.cutAt(k))
				if err == nil {
					s.Close()
				}
				return err
			})
			s := mustOpenAt(t, dir, sealedLevel) // no warning: nothing was lost
			check(t, s, nil, 0)
			all := people(121, 10)
			submit(t, s, all...)
			mustSecret(t, s)
			merge(t, s, 10)
			check(t, s, all, 0)
			v.checkRemains(all)
			s.Close()
			if t.Failed() {
				t.Fatalf("cut at step %d", k)
			}
		}
	}
}
