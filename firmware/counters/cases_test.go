package counters

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"jeudi/firmware/sheet"
)

// Attacks by their numbers, as firmware/ATTACKS.md lists them; others of the package are
// beside what they attack.

var levels = map[string]Options{"plain": {}, "sealed": sealedLevel}

// The same sheets in any order, in any level: one file of counters.
func TestCase06(t *testing.T) {
	inMemory(t)
	files, areas := map[string]bool{}, map[string]bool{}
	all := people(6, 20)
	r := rand.New(rand.NewPCG(6, 6))
	for order := range 200 {
		opts := Options{Sealed: order%20 == 0}
		dir := filepath.Join(t.TempDir(), fmt.Sprint(order))
		s := mustOpenAt(t, dir, opts)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		submit(t, s, all[:10]...)
		merge(t, s, 10)
		submit(t, s, all[10:]...)
		merge(t, s, 10)
		files[string(read(t, dir, countsName))] = true
		areas[string(read(t, dir, pendingName))] = true
		s.Close()
	}
	if len(files) != 1 || len(areas) != 200 {
		t.Errorf("200 orders gave %d files of counters and %d areas; want 1, and an area of random bytes each", len(files), len(areas))
	}
}

// Places on disk against the order of arrival: the sector that a sheet changes, in a
// real store. TestPlaceDoesNotTellOrder is the same for the drawing alone, 2000 times.
func TestCase07(t *testing.T) {
	inMemory(t)
	const runs, n = 1000, 5
	all := people(7, n)
	dir := t.TempDir()
	s, _, err := open(dir, visitor, Options{}, seeded(70), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	empty := read(t, dir, pendingName)
	var sum float64
	for range runs {
		if _, err := s.area.WriteAt(empty, 0); err != nil {
			t.Fatal(err)
		}
		s.settled = false // and reads again what is there
		before := empty
		slots := make([]int, 0, n)
		for _, p := range all {
			submit(t, s, p)
			after := read(t, dir, pendingName)
			for slot := range SlotCount {
				if at := slotOffset(slot); !bytes.Equal(before[at:at+sector], after[at:at+sector]) {
					slots = append(slots, slot)
				}
			}
			before = after
		}
		sorted := slices.Sorted(slices.Values(slots))
		if len(slices.Compact(sorted)) != n || len(slots) != n {
			t.Fatalf("%d sheets changed the places %v; want one each", n, slots)
		}
		d2 := 0
		for order, slot := range slots {
			rank, _ := slices.BinarySearch(sorted, slot)
			d2 += (rank - order) * (rank - order)
		}
		sum += 1 - 6*float64(d2)/(n*(n*n-1))
	}
	// Spearman's rank correlation of one run has a standard deviation of 1/√(n-1);
	// allow four of the mean's.
	if mean, limit := sum/runs, 4/math.Sqrt((n-1)*runs); math.Abs(mean) > limit {
		t.Errorf("mean rank correlation of place and arrival = %.4f; want within ±%.4f", mean, limit)
	}
}

// Ten are counted, nine never, whatever happens to the nine; and a release of the
// counters changes only with ten: see TestCase10 for what is released.
func TestCase10Batch(t *testing.T) {
	inMemory(t)
	for level, opts := range levels {
		t.Run(level, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpenAt(t, dir, opts)
			all := people(10, 19)
			submit(t, s, all[:10]...)
			merge(t, s, 10)
			counts := read(t, dir, countsName)
			for _, p := range all[10:] {
				submit(t, s, p)
				submit(t, s, p)      // twice
				submit(t, s, all[3]) // one that is counted already
				merge(t, s, 0)       // every close of every morning
				check(t, s, all[:10], s.Pending())
			}
			if opts.Sealed { // a restart, with the key given back
				sec := mustSecret(t, s)
				s.Close()
				s = mustOpenAt(t, dir, opts)
				mustUnlock(t, s, sec)
			} else {
				s = reopen(t, s, visitor)
			}
			merge(t, s, 0)
			if !bytes.Equal(counts, read(t, dir, countsName)) {
				t.Error("nine sheets changed the counters")
			}
			check(t, s, all[:10], 9)
		})
	}
}

// refuse has every write from step k on refused by the disk.
func refuse(k int, why error) func() error {
	n := 0
	return func() error {
		if n++; n > k {
			return &fs.PathError{Op: "write", Path: "the card", Err: why}
		}
		return nil
	}
}

// fullDisk is what the three deeds do on a disk that is full from any step on: each is
// refused with what the disk said, nothing is half counted, and all of it works once
// there is room. In a sealed store the key survives it.
func fullDisk(t *testing.T, opts Options, do func(*Store, sent) error, why error) {
	t.Helper()
	all := people(17, 24)
	for k, refused := 0, true; refused; k++ {
		dir := t.TempDir()
		s := mustOpenAt(t, dir, opts)
		submit(t, s, all[:12]...)
		s.cut = refuse(k, why)
		err := do(s, all[12])
		if refused = err != nil; refused && !errors.Is(err, why) {
			t.Fatalf("step %d: %v; want %v", k, err, why)
		}
		before := s.Totals()
		if refused && (before.Pending > 12 || before.Sheets != 0 && before.Sheets != 12) {
			t.Errorf("step %d: %d counted, %d wait on a disk that refused", k, before.Sheets, before.Pending)
		}
		for _, p := range all[13:15] { // it goes on refusing what is new
			if refused && s.Submit(p.id, p.sh) == nil {
				t.Errorf("step %d: a sheet was accepted on a disk that refuses", k)
			}
		}
		s.cut = nil
		submit(t, s, all[12:]...)
		if s.Totals().Sheets == 0 {
			merge(t, s, 24)
		} else {
			merge(t, s, 12)
		}
		check(t, s, all, 0)
		if _, ok := s.Secret(); ok != opts.Sealed {
			t.Errorf("step %d: the key is there: %v; want %v", k, ok, opts.Sealed)
		}
		s.Close()
		if t.Failed() {
			t.FailNow()
		}
	}
}

var diskDeeds = map[string]func(*Store, sent) error{
	"append": func(s *Store, p sent) error { return s.Submit(p.id, p.sh) },
	"merge":  func(s *Store, _ sent) error { _, err := s.Merge(); return err },
}

// The disk is full.
func TestCase17(t *testing.T) {
	inMemory(t)
	for level, opts := range levels {
		for deed, do := range diskDeeds {
			t.Run(deed+" "+level, func(t *testing.T) { fullDisk(t, opts, do, syscall.ENOSPC) })
		}
	}
}

// A card that broke is mounted again so that nothing can be written.
func TestCase18(t *testing.T) {
	inMemory(t)
	for level, opts := range levels {
		for deed, do := range diskDeeds {
			t.Run(deed+" "+level, func(t *testing.T) { fullDisk(t, opts, do, syscall.EROFS) })
		}
		// The real call: the file is open, and does not take the write.
		t.Run("call "+level, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpenAt(t, dir, opts)
			all := people(18, 3)
			submit(t, s, all[0])
			readOnly, err := os.Open(filepath.Join(dir, pendingName))
			if err != nil {
				t.Fatal(err)
			}
			whole := s.area
			s.area = readOnly
			before := read(t, dir, pendingName)
			for range 2 {
				if err := s.Submit(all[1].id, all[1].sh); err == nil || s.Pending() != 1 {
					t.Errorf("Submit() = %v, %d wait; want an error, 1", err, s.Pending())
				}
			}
			if !bytes.Equal(before, read(t, dir, pendingName)) {
				t.Error("the area changed")
			}
			readOnly.Close()
			s.area = whole
			submit(t, s, all...)
			check(t, s, nil, 3)
		})
	}
}

// A sheet handed in again, at any time: tapped twice, sent again because the answer was
// lost, after a restart, after the merge, after both, after the end of a period.
func TestCase20(t *testing.T) {
	inMemory(t)
	for level, opts := range levels {
		t.Run(level, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpenAt(t, dir, opts)
			all := people(20, 34)
			restart := func() {
				sec, ok := s.Secret()
				s.Close()
				s = mustOpenAt(t, dir, opts)
				if ok && s.Pending() > 0 {
					mustUnlock(t, s, sec)
				}
			}
			submit(t, s, all[:12]...)
			submit(t, s, all[:12]...)
			check(t, s, nil, 12)
			restart()
			submit(t, s, all[:12]...)
			check(t, s, nil, 12)
			merge(t, s, 12)
			submit(t, s, all[:12]...)
			check(t, s, all[:12], 0)
			restart()
			submit(t, s, all[:12]...)
			check(t, s, all[:12], 0)
			restart() // starts without sheets do not make the box forget
			restart()
			submit(t, s, all[:23]...)
			check(t, s, all[:12], 11)
			merge(t, s, 11)
			if err := s.EndPeriod(1); err != nil {
				t.Fatal(err)
			}
			restart()
			submit(t, s, all[:23]...) // two batches
			check(t, s, nil, 0)
			submit(t, s, all[23:]...)
			merge(t, s, 11)
			submit(t, s, all[12:]...)
			check(t, s, all[23:], 0)
			// Other answers under an identifier that was used are not taken either.
			other := all[30].sh.Set(sheet.Age, "0-11")
			if err := s.Submit(all[30].id, other); err != nil {
				t.Errorf("Submit() = %v; want nil", err)
			}
			check(t, s, all[23:], 0)
		})
	}
}

// A merge that failed had written down what it was about to count. That is not counted:
// a sheet that goes bad on the card after it is accepted again.
func TestWhatWasNotCountedIsAcceptedAgain(t *testing.T) {
	inMemory(t)
	all := people(21, 22)
	for k, refused := 0, true; refused; k++ {
		dir := t.TempDir()
		s := mustOpen(t, dir)
		submit(t, s, all[:11]...)
		at := slotOffset(s.waiting[all[5].id].slot)
		s.cut = refuse(k, errCut)
		_, err := s.Merge()
		refused = err != nil
		s.Close()
		s = mustOpen(t, dir)
		if s.Totals().Sheets == 0 {
			s.Close()
			b := read(t, dir, pendingName)
			b[at+40] ^= 1
			if err := os.WriteFile(filepath.Join(dir, pendingName), b, 0o600); err != nil {
				t.Fatal(err)
			}
			s = mustOpen(t, dir)
			check(t, s, nil, 10)
		}
		submit(t, s, all...)
		merge(t, s, 22-s.Totals().Sheets)
		check(t, s, all, 0)
		s.Close()
	}
}

// What is kept of the sheets that were counted does not say which, nor how many.
func TestCountedIsADigest(t *testing.T) {
	all := people(22, SlotCount)
	var ids [][16]byte
	for _, p := range all {
		ids = append(ids, p.id)
	}
	for _, n := range []int{0, 1, 10, SlotCount} {
		c, err := newCounted(7, ids[:n], seeded(1))
		if err != nil {
			t.Fatal(err)
		}
		b := c.encode()
		if got := decodeCounted(b[:]); got != c {
			t.Errorf("decodeCounted(encode(%d ids)) = %v; want %v", n, got, c)
		}
		for i, id := range ids {
			if c.has(id) != (i < n) {
				t.Errorf("%d ids: has(%d) = %v; want %v", n, i, !(i < n), i < n)
			}
			if bytes.Contains(b[:], id[:4]) {
				t.Errorf("%d ids: the sector holds a part of an id", n)
			}
		}
		if !slices.IsSortedFunc(c.digest[:], func(a, b digest) int { return bytes.Compare(a[:], b[:]) }) {
			t.Errorf("%d ids: digests out of order", n)
		}
		b[20] ^= 1
		if got := decodeCounted(b[:]); got != (counted{}) {
			t.Errorf("decodeCounted(damaged) = batch %d; want none", got.batch)
		}
	}
}
