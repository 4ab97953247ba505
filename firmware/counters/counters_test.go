package counters

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/sheet"
)

var visitor = sheet.Visitor([]string{"centre", "port"})

// sent is one person: the answers and the id they were sent with.
type sent struct {
	id [16]byte
	sh sheet.Sheet
}

// people returns n random sheets of visitors, the same for the same seed.
func people(seed uint64, n int) []sent { return peopleOf(visitor, seed, n) }

func peopleOf(schema sheet.Schema, seed uint64, n int) []sent {
	r := rand.New(rand.NewPCG(seed, 7))
	var all []sent
	for range n {
		p := sent{sh: sheet.New(schema.Kind)}
		binary.BigEndian.PutUint64(p.id[:], r.Uint64())
		binary.BigEndian.PutUint64(p.id[8:], r.Uint64())
		for _, q := range schema.Questions {
			if q.Multi {
				for range r.IntN(4) {
					p.sh = p.sh.Toggle(q, q.Answers[r.IntN(len(q.Answers))])
				}
				continue
			}
			if i := r.IntN(len(q.Answers) + 1); i < len(q.Answers) {
				p.sh = p.sh.Set(q.Key, q.Answers[i])
			}
		}
		all = append(all, p)
	}
	return all
}

func mustOpen(t testing.TB, dir string) *Store { return mustOpenOf(t, dir, visitor) }

func mustOpenOf(t testing.TB, dir string, schema sheet.Schema) *Store {
	t.Helper()
	s, warnings, err := Open(dir, schema, Options{})
	if err != nil || len(warnings) > 0 {
		t.Fatalf("Open() = %v, %v; want no warning, no error", warnings, err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func submit(t testing.TB, s *Store, all ...sent) {
	t.Helper()
	for _, p := range all {
		if err := s.Submit(p.id, p.sh); err != nil {
			t.Fatalf("Submit() = %v", err)
		}
	}
}

func merge(t testing.TB, s *Store, want int) {
	t.Helper()
	if n, err := s.Merge(); n != want || err != nil {
		t.Fatalf("Merge() = %d, %v; want %d, nil", n, err, want)
	}
}

// check compares the totals with the truth, counted the plain way.
func check(t testing.TB, s *Store, merged []sent, pending int) {
	t.Helper()
	got := s.Totals()
	if got.Sheets != len(merged) || got.Pending != pending {
		t.Errorf("Totals() = %d sheets, %d pending; want %d, %d", got.Sheets, got.Pending, len(merged), pending)
	}
	counted := s.schema.Counted()
	if len(got.Questions) != len(counted) {
		t.Fatalf("Totals() = %d questions; want %d", len(got.Questions), len(counted))
	}
	for i, q := range counted {
		want := map[string]int{}
		for _, p := range merged {
			a, ok := p.sh.Answer(q.Key)
			if !ok {
				a = sheet.Unset
			}
			want[a]++
		}
		sum := 0
		for j, a := range append(slices.Clone(q.Answers), sheet.Unset) {
			g := got.Questions[i].Answers[j]
			sum += g.N
			if g.Key != a || g.N != want[a] {
				t.Errorf("%s: %s = %d; want %s = %d", q.Key, g.Key, g.N, a, want[a])
			}
		}
		if sum != got.Sheets {
			t.Errorf("%s: answers add up to %d; want %d", q.Key, sum, got.Sheets)
		}
	}
}

func read(t testing.TB, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNinePendingNeverMerge(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	before := read(t, dir, countsName)
	all := people(1, MinBatch)
	for i, p := range all[:MinBatch-1] {
		submit(t, s, p)
		merge(t, s, 0)
		check(t, s, nil, i+1)
	}
	if !bytes.Equal(before, read(t, dir, countsName)) {
		t.Error("counts.db changed before a batch was full")
	}
	submit(t, s, all[MinBatch-1])
	merge(t, s, MinBatch)
	check(t, s, all, 0)
	merge(t, s, 0)
	s.Close()
	check(t, mustOpen(t, dir), all, 0)
}

func TestWaitingSheetsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	all := people(2, 12)
	for _, p := range all {
		s := mustOpen(t, dir)
		submit(t, s, p)
		s.Close()
	}
	s := mustOpen(t, dir)
	check(t, s, nil, 12)
	merge(t, s, 12)
	check(t, s, all, 0)
}

func TestARepeatedIDIsAcceptedOnce(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	all := people(3, 10)
	submit(t, s, all...)
	submit(t, s, all...)
	other := all[0].sh.Set(sheet.Age, "0-11")
	if err := s.Submit(all[0].id, other); err != nil {
		t.Errorf("Submit(same id) = %v; want nil", err)
	}
	s.Close()
	s = mustOpen(t, dir)
	submit(t, s, all...)
	check(t, s, nil, 10)
	merge(t, s, 10)
	check(t, s, all, 0)
}

func TestAFullAreaRefusesAndKeepsEverySheet(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	all := people(4, SlotCount+1)
	submit(t, s, all[:SlotCount]...)
	if err := s.Submit(all[SlotCount].id, all[SlotCount].sh); !errors.Is(err, ErrFull) {
		t.Errorf("Submit(sheet %d) = %v; want ErrFull", SlotCount+1, err)
	}
	submit(t, s, all[0]) // a repeat needs no room
	merge(t, s, SlotCount)
	check(t, s, all[:SlotCount], 0)
	submit(t, s, all[SlotCount])
	check(t, s, all[:SlotCount], 1)
}

func TestSubmitRefusesAForeignSheet(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for name, sh := range map[string]sheet.Sheet{
		"no kind":        {},
		"unknown answer": sheet.New(sheet.KindVisitor).Set(sheet.Age, "old"),
	} {
		if err := s.Submit([16]byte{1}, sh); err == nil || s.Pending() != 0 {
			t.Errorf("%s: Submit() = %v, %d pending; want an error, 0", name, err, s.Pending())
		}
	}
}

func TestOneStorePerDirectory(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	if _, _, err := Open(dir, visitor, Options{}); !errors.Is(err, ErrInUse) {
		t.Errorf("second Open() = %v; want ErrInUse", err)
	}
	s.Close()
	if err := s.Submit([16]byte{1}, sheet.New(sheet.KindVisitor)); err == nil {
		t.Error("Submit() after Close = nil; want an error")
	}
	mustOpen(t, dir)
}

func TestOpenRefusesABadSchema(t *testing.T) {
	if _, _, err := Open(t.TempDir(), sheet.Visitor([]string{"a", "a"}), Options{}); err == nil {
		t.Error("Open() = nil; want an error")
	}
}

// A sync that failed is not an acceptance, and its retry is one, once.
func TestASubmitThatFailedCanBeRepeated(t *testing.T) {
	fail := errors.New("no sync")
	for step := range 2 {
		t.Run(fmt.Sprint("step ", step), func(t *testing.T) {
			all := people(5, 21)
			s := mustOpen(t, t.TempDir())
			submit(t, s, all[:10]...)
			n := 0
			s.cut = func() error {
				if n++; n > step {
					return fail
				}
				return nil
			}
			if err := s.Submit(all[10].id, all[10].sh); !errors.Is(err, fail) {
				t.Fatalf("Submit() = %v; want %v", err, fail)
			}
			s.cut = nil
			merge(t, s, 10) // what was never accepted is left out
			submit(t, s, all[10])
			submit(t, s, all[10:]...)
			check(t, s, all[:10], 11)
			merge(t, s, 11)
			check(t, s, all, 0)
		})
	}
}

// seeded is a reader of the same random bytes for the same seed.
func seeded(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func TestPlaceDoesNotTellOrder(t *testing.T) {
	const runs, n = 2000, 12
	s := &Store{rand: seeded(1)}
	var sum float64
	first := [SlotCount]int{}
	for range runs {
		s.used = [SlotCount]bool{}
		var slots []int
		for range n {
			slot, err := s.freeSlot()
			if err != nil || s.used[slot] {
				t.Fatalf("freeSlot() = %d, %v; want a free slot", slot, err)
			}
			s.used[slot] = true
			slots = append(slots, slot)
		}
		first[slots[0]]++
		// Spearman's rank correlation between order and place.
		sorted := slices.Sorted(slices.Values(slots))
		d2 := 0
		for order, slot := range slots {
			rank, _ := slices.BinarySearch(sorted, slot)
			d2 += (rank - order) * (rank - order)
		}
		sum += 1 - 6*float64(d2)/(n*(n*n-1))
	}
	// One run has a standard deviation of 1/√(n-1); allow four of the mean's.
	if mean, limit := sum/runs, 4/math.Sqrt((n-1)*runs); math.Abs(mean) > limit {
		t.Errorf("mean rank correlation = %.4f; want within ±%.4f", mean, limit)
	}
	chi2, want := 0.0, float64(runs)/SlotCount
	for _, got := range first {
		chi2 += (float64(got) - want) * (float64(got) - want) / want
	}
	if chi2 > 110 { // 63 degrees of freedom: p < 0.0003
		t.Errorf("places of the first sheet: chi² = %.0f; want at most 110", chi2)
	}
}

// Two images of the card around one visit differ by one sector, which looks
// random; sizes, names and times say nothing.
func TestOneSubmitChangesOneSector(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	for _, p := range people(7, 20) {
		pending, counts := read(t, dir, pendingName), read(t, dir, countsName)
		submit(t, s, p)
		after := read(t, dir, pendingName)
		changed := 0
		for off := 0; off < areaSize; off += sector {
			if !bytes.Equal(pending[off:off+sector], after[off:off+sector]) {
				changed++
			}
		}
		if changed != 1 || len(after) != areaSize || !bytes.Equal(counts, read(t, dir, countsName)) {
			t.Fatalf("Submit() changed %d sectors of %d bytes; want 1 of %d, and no counter", changed, len(after), areaSize)
		}
	}
	merge(t, s, 20)
	var names []string
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
		st, err := f.Info()
		if err != nil || st.ModTime().Unix() != 0 || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: time %v, mode %v, %v; want 1970, 0600", f.Name(), st.ModTime(), st.Mode(), err)
		}
	}
	if got := strings.Join(names, " "); got != "counts.db pending" {
		t.Errorf("files = %s; want counts.db pending", got)
	}
}

// reopen opens the store again after the site changed its questions.
func reopen(t *testing.T, s *Store, schema sheet.Schema) *Store {
	t.Helper()
	s.Close()
	next, warnings, err := Open(s.path, schema, Options{})
	if err != nil || len(warnings) > 0 {
		t.Fatalf("Open() = %v, %v", warnings, err)
	}
	t.Cleanup(func() { next.Close() })
	return next
}

func show(tt Totals, question string) string {
	for _, q := range tt.Questions {
		if q.Key == question {
			var out []string
			for _, a := range q.Answers {
				out = append(out, fmt.Sprintf("%s=%d", a.Key, a.N))
			}
			return strings.Join(out, " ")
		}
	}
	return "none"
}

func TestTheSiteChangesItsQuestions(t *testing.T) {
	ids := people(8, 64)
	from := func(place string) sheet.Sheet {
		return sheet.New(sheet.KindVisitor).Set(sheet.Neighbourhood, place)
	}
	s := mustOpen(t, t.TempDir())
	for i := range 12 {
		submit(t, s, sent{ids[i].id, from([]string{"centre", "port", sheet.Elsewhere}[i%3])})
	}
	// given sheets that wait, when "port" goes and "bourg" comes
	s = reopen(t, s, sheet.Visitor([]string{"bourg", "centre"}))
	submit(t, s, sent{ids[20].id, from("bourg")})
	want := func(w string) {
		t.Helper()
		if got := show(s.Totals(), sheet.Neighbourhood); got != w {
			t.Errorf("neighbourhoods: %s; want %s", got, w)
		}
	}
	want("bourg=0 centre=0 elsewhere=0 port=0 unset=0")
	merge(t, s, 13)
	want("bourg=1 centre=4 elsewhere=4 port=4 unset=0")

	// A question that is new has the total of the others.
	schema := sheet.Visitor([]string{"bourg"})
	schema.Questions = append(schema.Questions, sheet.Question{Key: "bus", Answers: []string{"yes", "no"}})
	s = reopen(t, s, schema)
	if got := show(s.Totals(), "bus"); got != "yes=0 no=0 unset=13" {
		t.Errorf("new question: %s; want yes=0 no=0 unset=13", got)
	}
	for i := 30; i < 40; i++ {
		submit(t, s, sent{ids[i].id, from("bourg").Set("bus", "yes")})
	}
	merge(t, s, 10)
	want("bourg=11 elsewhere=4 centre=4 port=4 unset=0")
	if got := show(s.Totals(), "bus"); got != "yes=10 no=0 unset=13" {
		t.Errorf("new question: %s; want yes=10 no=0 unset=13", got)
	}

	// One that is gone keeps its counts, and the same total.
	s = reopen(t, s, visitor)
	for i := 40; i < 50; i++ {
		submit(t, s, sent{ids[i].id, from("port")})
	}
	merge(t, s, 10)
	want("centre=4 port=14 elsewhere=4 bourg=11 unset=0")
	if got := show(s.Totals(), "bus"); got != "no=0 yes=10 unset=23" {
		t.Errorf("removed question: %s; want no=0 yes=10 unset=23", got)
	}
}

// An answer that came and went between two merges has no counter.
func TestAnAnswerRemovedBeforeItWasCountedIsUnset(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	s = reopen(t, s, sheet.Visitor([]string{"centre", "port", "fair"}))
	for _, p := range people(9, 10) {
		submit(t, s, sent{p.id, sheet.New(sheet.KindVisitor).Set(sheet.Neighbourhood, "fair").Set(sheet.Age, "70+")})
	}
	s = reopen(t, s, visitor)
	merge(t, s, 10)
	if got, want := show(s.Totals(), sheet.Neighbourhood), "centre=0 port=0 elsewhere=0 unset=10"; got != want {
		t.Errorf("neighbourhoods: %s; want %s", got, want)
	}
	if got, want := show(s.Totals(), sheet.Age), "70+=10 unset=0"; !strings.HasSuffix(got, want) {
		t.Errorf("ages: %s; want …%s", got, want)
	}
}

func TestUnreadableFilesAreSetAside(t *testing.T) {
	garbage := bytes.Repeat([]byte("?"), areaSize)
	for _, tt := range []struct {
		name, file string
		damage     func(b []byte) []byte
	}{
		{"empty counters", countsName, func([]byte) []byte { return nil }},
		{"short counters", countsName, func(b []byte) []byte { return b[:page*2] }},
		{"counters cut in a page", countsName, func(b []byte) []byte { return b[:page*3+100] }},
		{"garbage counters", countsName, func([]byte) []byte { return garbage }},
		{"empty area", pendingName, func([]byte) []byte { return nil }},
		{"short area", pendingName, func(b []byte) []byte { return b[:areaSize-1] }},
		{"garbage area", pendingName, func([]byte) []byte { return garbage }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			all := people(10, 24)
			s := mustOpen(t, dir)
			submit(t, s, all[:12]...)
			merge(t, s, 12)
			submit(t, s, all[12:23]...)
			for n := 1; n <= 2; n++ {
				s.Close()
				bad := tt.damage(read(t, dir, tt.file))
				if err := os.WriteFile(filepath.Join(dir, tt.file), bad, 0o600); err != nil {
					t.Fatal(err)
				}
				var warnings []Warning
				var err error
				s, warnings, err = Open(dir, visitor, Options{})
				if err != nil || len(warnings) != 1 || !errors.Is(warnings[0], ErrUnreadable) {
					t.Fatalf("Open() = %v, %v; want one ErrUnreadable", warnings, err)
				}
				kept := fmt.Sprintf("%s.unreadable-%d", tt.file, n)
				if w := warnings[0]; w.File != tt.file || w.KeptAs != kept || !strings.Contains(w.Error(), kept) {
					t.Errorf("warning = %v; want %s kept as %s", w, tt.file, kept)
				}
				if !bytes.Equal(read(t, dir, kept), bad) {
					t.Errorf("%s is not the file that was found", kept)
				}
			}
			defer s.Close()
			// The file that was sound still serves.
			if tt.file == countsName {
				check(t, s, nil, 11)
				merge(t, s, 11)
				check(t, s, all[12:23], 0)
			} else {
				check(t, s, all[:12], 0)
				submit(t, s, all[12:]...)
				merge(t, s, 12)
				check(t, s, all, 0)
			}
		})
	}
}

func TestMissingFilesAreTold(t *testing.T) {
	for _, name := range []string{countsName, pendingName} {
		dir := t.TempDir()
		s := mustOpen(t, dir)
		submit(t, s, people(11, 10)...)
		merge(t, s, 10)
		s.Close()
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		s, warnings, err := Open(dir, visitor, Options{})
		if err != nil || len(warnings) != 1 || !errors.Is(warnings[0], ErrMissing) || warnings[0].File != name {
			t.Fatalf("%s: Open() = %v, %v; want ErrMissing", name, warnings, err)
		}
		submit(t, s, people(12, 10)...)
		merge(t, s, 10)
		s.Close()
		mustOpen(t, dir)
	}
}

func TestAnOlderCopyOfTheCountersMergesNothing(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	backup := read(t, dir, countsName)
	all := people(13, 21)
	submit(t, s, all[:10]...)
	merge(t, s, 10)
	submit(t, s, all[10:20]...)
	s.Close()
	if err := os.WriteFile(filepath.Join(dir, countsName), backup, 0o600); err != nil {
		t.Fatal(err)
	}
	s, warnings, err := Open(dir, visitor, Options{})
	if err != nil || len(warnings) != 1 || !errors.Is(warnings[0], ErrOlderCopy) {
		t.Fatalf("Open() = %v, %v; want ErrOlderCopy", warnings, err)
	}
	defer s.Close()
	submit(t, s, all[20])
	if n, err := s.Merge(); n != 0 || !errors.Is(err, ErrOlderCopy) {
		t.Errorf("Merge() = %d, %v; want 0, ErrOlderCopy", n, err)
	}
	check(t, s, nil, 11)
	if !bytes.Equal(backup, read(t, dir, countsName)) {
		t.Error("Merge() changed the older copy")
	}
}

func BenchmarkSubmit(b *testing.B) {
	for level, opts := range levels {
		b.Run(level, func(b *testing.B) {
			s := mustOpenAt(b, b.TempDir(), opts)
			all := people(14, SlotCount)
			i := 0
			for b.Loop() {
				if i == len(all) {
					b.StopTimer()
					merge(b, s, SlotCount)
					for i = range all { // ids that were counted are not taken again
						rand.NewChaCha8([32]byte(append(all[i].id[:], all[i].id[:]...))).Read(all[i].id[:])
					}
					i = 0
					b.StartTimer()
				}
				submit(b, s, all[i])
				i++
			}
		})
	}
}

func BenchmarkMerge(b *testing.B) {
	for level, opts := range levels {
		b.Run(level, func(b *testing.B) {
			s := mustOpenAt(b, b.TempDir(), opts)
			for seed := uint64(15); b.Loop(); seed++ {
				b.StopTimer()
				submit(b, s, people(seed, MinBatch)...)
				b.StartTimer()
				merge(b, s, MinBatch)
			}
		})
	}
}

// A start at which nothing waits: a batch begins where it is sealed.
func BenchmarkOpen(b *testing.B) {
	for level, opts := range levels {
		b.Run(level, func(b *testing.B) {
			dir := b.TempDir()
			for b.Loop() {
				mustOpenAt(b, dir, opts).Close()
			}
		})
	}
}

// sheetV1 is an encoded sheet of the version before, 64 bytes, as a box that is
// updated may hold it: Internet yes, neighbourhood elsewhere.
func sheetV1() []byte {
	return append([]byte{1, byte(sheet.KindVisitor), 0x98, 0x4b, 0x7b, 0x3f, 0xf4, 0x18, 0x58, 0xfe}, make([]byte, 54)...)
}

// putV1 lays sheets of the version before into the area of a closed store.
func putV1(t *testing.T, dir string, all []sent) {
	t.Helper()
	records := map[int][sector]byte{}
	for i, p := range all {
		r, err := encodeRecord(record{kind: plainRecord, batch: 1, id: p.id, body: sheetV1()}, seeded(9))
		if err != nil {
			t.Fatal(err)
		}
		records[5*i] = r
	}
	put(t, dir, records)
}

// An update with sheets that wait: they are counted with their answers, beside
// new ones, and questions they did not know are unset.
func TestSheetsOfTheVersionBeforeAreCounted(t *testing.T) {
	dir := t.TempDir()
	mustOpen(t, dir).Close()
	all := people(60, 16)
	for i := range all[:6] {
		all[i].sh = sheet.New(sheet.KindVisitor).Set(sheet.Internet, sheet.Yes).Set(sheet.Neighbourhood, sheet.Elsewhere)
	}
	putV1(t, dir, all[:6])
	s := mustOpen(t, dir)
	check(t, s, nil, 6)
	submit(t, s, all[:6]...) // ids that wait, of whatever version
	check(t, s, nil, 6)
	submit(t, s, all[6:]...)
	merge(t, s, 16)
	check(t, s, all, 0)
}

// The same with the power cut anywhere in the first merge after the update.
func TestACutInTheFirstMergeAfterAnUpdate(t *testing.T) {
	from := t.TempDir()
	mustOpen(t, from).Close()
	all := people(61, 12)
	for i := range all {
		all[i].sh = sheet.New(sheet.KindVisitor).Set(sheet.Internet, sheet.Yes).Set(sheet.Neighbourhood, sheet.Elsewhere)
	}
	putV1(t, from, all)
	for k := 0; ; k++ {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		v := newVault(t, dir)
		s := mustOpen(t, dir)
		s.cut = v.cutAt(k)
		cut := cutDuring(t, func() error { _, err := s.Merge(); return err })
		s.Close()
		s = mustOpen(t, dir)
		if s.Pending() > 0 {
			merge(t, s, 12)
		}
		check(t, s, all, 0)
		v.checkRemains(all)
		s.Close()
		if t.Failed() {
			t.Fatalf("cut at step %d", k)
		}
		if !cut {
			return
		}
	}
}

// The counters of a box that asked fewer questions: those it did not ask are
// unset for the sheets it merged.
func TestCountersOfTheVersionBefore(t *testing.T) {
	older := sheet.Schema{Kind: sheet.KindVisitor}
	for _, q := range visitor.Questions {
		switch q.Key {
		case sheet.Information, sheet.Photo, sheet.Fake, sheet.Trouble, sheet.Freins:
		default:
			older.Questions = append(older.Questions, q)
		}
	}
	dir := t.TempDir()
	s := mustOpenOf(t, dir, older)
	all := peopleOf(older, 62, 11)
	submit(t, s, all...)
	merge(t, s, 11)
	s = reopen(t, s, visitor)
	check(t, s, all, 0)
	all = append(all, people(63, 10)...)
	submit(t, s, all[11:]...)
	merge(t, s, 10)
	check(t, s, all, 0)
}

// The three kinds, each in its directory: the rules hold for each, and one
// kind's sheets never make another's batch.
func TestEveryKindHasItsOwnCounters(t *testing.T) {
	dir := t.TempDir()
	schemas := []sheet.Schema{visitor, sheet.Staff(sheet.Lists{}), sheet.Exit()}
	var stores []*Store
	for _, schema := range schemas {
		stores = append(stores, mustOpenOf(t, filepath.Join(dir, schema.Kind.String()), schema))
	}
	for i, schema := range schemas {
		s, all := stores[i], peopleOf(schema, 70+uint64(i), 2*MinBatch)
		submit(t, s, all[:MinBatch-1]...)
		merge(t, s, 0)
		check(t, s, nil, MinBatch-1)
		for j, other := range stores {
			if j != i {
				if err := other.Submit([16]byte{9, byte(i)}, all[0].sh); err == nil {
					t.Errorf("counters %v accept a sheet %v; want an error", schemas[j].Kind, schema.Kind)
				}
			}
		}
		submit(t, s, all[MinBatch-1:]...)
		merge(t, s, 2*MinBatch)
		check(t, s, all, 0)
		s = reopen(t, s, schema)
		check(t, s, all, 0)
		s.Close()
		// Counters put into the directory of another kind are not taken for its own.
		other, warnings, err := Open(s.path, schemas[(i+1)%len(schemas)], Options{})
		if err == nil {
			other.Close()
		}
		if err != nil || len(warnings) != 1 || !errors.Is(warnings[0], ErrUnreadable) {
			t.Errorf("Open(%v as another kind) = %v, %v; want ErrUnreadable", schema.Kind, warnings, err)
		}
	}
}

// The 3×3 table of both views is the margin of one question.
func TestTheAgreementIsOneMargin(t *testing.T) {
	schema := sheet.Staff(sheet.Lists{})
	s := mustOpenOf(t, t.TempDir(), schema)
	ids := people(80, 12)
	for i := range 12 {
		sh := sheet.New(sheet.KindStaff).Set(sheet.Agreement, sheet.Pair(sheet.Remote, sheet.Level(i%3)))
		submit(t, s, sent{ids[i].id, sh})
	}
	merge(t, s, 12)
	want := "remote-remote=4 remote-accompanied=4 remote-autonomous=4 accompanied-remote=0 accompanied-accompanied=0 " +
		"accompanied-autonomous=0 autonomous-remote=0 autonomous-accompanied=0 autonomous-autonomous=0 unset=0"
	if got := show(s.Totals(), sheet.Agreement); got != want {
		t.Errorf("agreement: %s; want %s", got, want)
	}
	if got, want := show(s.Totals(), sheet.Charter), "yes=0 no=0 unset=12"; got != want {
		t.Errorf("charter: %s; want %s", got, want)
	}
}
