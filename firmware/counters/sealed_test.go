package counters

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"go.etcd.io/bbolt"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/sheet"
)

var sealedLevel = Options{Sealed: true}

func mustOpenAt(t testing.TB, dir string, opts Options) *Store {
	t.Helper()
	s, warnings, err := Open(dir, visitor, opts)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("Open() = %v, %v; want no warning, no error", warnings, err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustSecret(t testing.TB, s *Store) Secret {
	t.Helper()
	sec, ok := s.Secret()
	if !ok || sec.Batch != s.State().Batch || sec.Kind != s.schema.Kind {
		t.Fatalf("Secret() = %#v, %v; want that of batch %d", sec, ok, s.State().Batch)
	}
	return sec
}

func mustUnlock(t testing.TB, s *Store, sec Secret) {
	t.Helper()
	if err := s.Unlock(sec); err != nil || s.Locked() {
		t.Fatalf("Unlock() = %v, locked: %v; want nil, false", err, s.Locked())
	}
}

// disk is everything that lies in a directory.
func disk(t testing.TB, dir string) string {
	t.Helper()
	var all strings.Builder
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		fmt.Fprintf(&all, "%s: %x\n", f.Name(), read(t, dir, f.Name()))
	}
	return all.String()
}

// Nothing of a sealed sheet but its id is on the card, and not the key.
func TestSealedSheets(t *testing.T) {
	dir := t.TempDir()
	s := mustOpenAt(t, dir, sealedLevel)
	all := people(100, 12)
	submit(t, s, all...)
	submit(t, s, all[3]) // a repeat
	if got, want := s.State(), (State{Kind: sheet.KindVisitor, Batch: 1, Sealed: true, Pending: 12}); got != want {
		t.Errorf("State() = %+v; want %+v", got, want)
	}
	sec := mustSecret(t, s)
	key, err := sec.derive()
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	area := read(t, dir, pendingName)
	hits := 0
	for _, p := range all {
		body, err := p.sh.Encode(visitor)
		if err != nil {
			t.Fatal(err)
		}
		for at := 2; at+4 <= len(body); at += 4 { // a single answer
			if code := body[at : at+4]; !bytes.Equal(code, []byte{0, 0, 0, 0}) && bytes.Contains(area, code) {
				hits++
			}
		}
	}
	if hits > 2 { // among 40,000 random bytes, one of 120 codes is found once in a thousand runs
		t.Errorf("the area holds the codes of %d answers", hits)
	}
	for name, b := range map[string][]byte{"seed": sec.Seed[:], "private key": private, "code": []byte(sec.Code())} {
		if bytes.Contains(area, b) || bytes.Contains(read(t, dir, countsName), b) {
			t.Errorf("the card holds the %s", name)
		}
	}
	lengths := map[uint32]bool{}
	for slot := range SlotCount {
		if r, ok := decodeRecord(area[slotOffset(slot):][:sector]); ok {
			lengths[binary.BigEndian.Uint32(area[slotOffset(slot)+4:])] = true
			if r.kind != sealedRecord || len(r.body) != sealedBody {
				t.Errorf("a record of type %d with %d bytes; want %d with %d", r.kind, len(r.body), sealedRecord, sealedBody)
			}
		}
	}
	if len(lengths) != 1 {
		t.Errorf("records of lengths %v; want one", lengths)
	}

	merge(t, s, 12)
	check(t, s, all, 0)
	if next := mustSecret(t, s); next.Batch != 2 || next.Seed == sec.Seed {
		t.Errorf("Secret() after a merge = %#v; want another of batch 2", next)
	}
	if err := s.Unlock(sec); !errors.Is(err, ErrOtherBatch) {
		t.Errorf("Unlock(key of the batch before) = %v; want ErrOtherBatch", err)
	}
}

// After a power cut the sheets wait for their key, and others come.
func TestARestartLocksTheBatch(t *testing.T) {
	dir := t.TempDir()
	all := people(101, 14)
	s := mustOpenAt(t, dir, sealedLevel)
	sec := mustSecret(t, s)
	submit(t, s, all[:7]...)
	s.Close()

	s = mustOpenAt(t, dir, sealedLevel)
	if got, want := s.State(), (State{Kind: sheet.KindVisitor, Batch: 1, Sealed: true, Locked: true, Pending: 7}); got != want {
		t.Errorf("State() = %+v; want %+v", got, want)
	}
	if sec, ok := s.Secret(); ok {
		t.Errorf("Secret() = %#v, true; want none", sec)
	}
	submit(t, s, all...)
	check(t, s, nil, 14)
	if n, err := s.Merge(); n != 0 || !errors.Is(err, ErrLocked) {
		t.Errorf("Merge() = %d, %v; want 0, ErrLocked", n, err)
	}
	check(t, s, nil, 14)

	mustUnlock(t, s, sec)
	mustUnlock(t, s, sec) // two devices at once
	if got := mustSecret(t, s); got != sec {
		t.Errorf("Secret() = %#v; want the one given back", got)
	}
	merge(t, s, 14)
	check(t, s, all, 0)
	if err := s.Unlock(sec); !errors.Is(err, ErrOtherBatch) { // a third one
		t.Errorf("Unlock() after the merge = %v; want ErrOtherBatch", err)
	}
	check(t, s, all, 0)
}

// A key that does not fit changes neither the disk nor what the box holds.
func TestWrongKeys(t *testing.T) {
	dir := t.TempDir()
	s := mustOpenAt(t, dir, sealedLevel)
	all := people(102, 22)
	older := mustSecret(t, s)
	submit(t, s, all[:10]...)
	merge(t, s, 10)
	sec := mustSecret(t, s)
	submit(t, s, all[10:]...)
	s.Close()
	s = mustOpenAt(t, dir, sealedLevel)
	with := func(change func(*Secret)) Secret {
		c := sec
		change(&c)
		return c
	}
	before := disk(t, dir)
	for _, held := range []bool{false, true} {
		if held {
			mustUnlock(t, s, sec)
		}
		for _, tt := range []struct {
			name string
			sec  Secret
			want error
		}{
			{"none", Secret{}, ErrWrongKey},
			{"older batch", older, ErrOtherBatch},
			{"its seed under this batch", with(func(c *Secret) { c.Seed = older.Seed }), ErrWrongKey},
			{"newer batch", with(func(c *Secret) { c.Batch++ }), ErrOtherBatch},
			{"cut short", with(func(c *Secret) { c.Seed[SeedSize-1] = 0; c.Seed[SeedSize-2] = 0 }), ErrWrongKey},
			{"one bit", with(func(c *Secret) { c.Seed[0] ^= 1 }), ErrWrongKey},
			{"another kind", with(func(c *Secret) { c.Kind = sheet.KindStaff }), ErrWrongKey},
		} {
			if err := s.Unlock(tt.sec); !errors.Is(err, tt.want) || s.Locked() == held {
				t.Errorf("%s: Unlock() = %v, locked: %v; want %v, %v", tt.name, err, s.Locked(), tt.want, !held)
			}
		}
	}
	if disk(t, dir) != before {
		t.Error("a key that was refused changed the disk")
	}
	merge(t, s, 12)
	check(t, s, all, 0)
}

// Where nothing waits, nobody is asked for a key: another batch begins.
func TestAStartWithoutSheetsBeginsABatch(t *testing.T) {
	dir := t.TempDir()
	all := people(103, 10)
	seeds := map[[SeedSize]byte]bool{}
	for batch := uint64(1); batch <= 4; batch++ {
		s := mustOpenAt(t, dir, sealedLevel)
		sec := mustSecret(t, s)
		if seeds[sec.Seed] || s.State().Batch != batch || s.Locked() {
			t.Errorf("batch %d, locked: %v, its key drawn before: %v; want %d, false, false", s.State().Batch, s.Locked(), seeds[sec.Seed], batch)
		}
		seeds[sec.Seed] = true
		check(t, s, nil, 0)
		s.Close()
	}
	s := mustOpenAt(t, dir, sealedLevel)
	submit(t, s, all...)
	merge(t, s, 10)
	check(t, s, all, 0)
}

func TestAbandon(t *testing.T) {
	dir := t.TempDir()
	s := mustOpenAt(t, dir, sealedLevel)
	all := people(104, 40)
	submit(t, s, all[:10]...)
	merge(t, s, 10)
	submit(t, s, all[10:23]...)
	if n, err := s.Abandon(); n != 0 || !errors.Is(err, ErrOpen) {
		t.Errorf("Abandon() with the key = %d, %v; want 0, ErrOpen", n, err)
	}
	lost := mustSecret(t, s)
	s.Close()
	s = mustOpenAt(t, dir, sealedLevel)
	if n, err := s.Abandon(); n != 13 || err != nil {
		t.Errorf("Abandon() = %d, %v; want 13, nil", n, err)
	}
	unreadable := func(want int) {
		t.Helper()
		if got := s.Totals().Unreadable; got != want {
			t.Errorf("unreadable = %d; want %d", got, want)
		}
	}
	check(t, s, all[:10], 0)
	unreadable(13)
	if n, err := s.Abandon(); n != 0 || !errors.Is(err, ErrOpen) {
		t.Errorf("Abandon() again = %d, %v; want 0, ErrOpen", n, err)
	}
	if err := s.Unlock(lost); !errors.Is(err, ErrOtherBatch) {
		t.Errorf("Unlock(the key that was found) = %v; want ErrOtherBatch", err)
	}
	// A sheet that is handed in again is not counted as well.
	submit(t, s, all[12])
	check(t, s, all[:10], 0)
	submit(t, s, all[23:33]...)
	merge(t, s, 10)
	check(t, s, append(all[:10:10], all[23:33]...), 0)
	unreadable(13)
	// They are of this period.
	submit(t, s, all[33:]...)
	if err := s.EndPeriod(1); err != nil {
		t.Fatal(err)
	}
	unreadable(0)
	check(t, s, nil, 7)
	s.Close()
	s = mustOpenAt(t, dir, Options{})
	if n, err := s.Abandon(); n != 7 || err != nil {
		t.Errorf("Abandon() = %d, %v; want 7, nil", n, err)
	}
	unreadable(7)
	if s.State().Sealed {
		t.Error("the next batch is sealed; want the site's level")
	}
	if n, err := s.Abandon(); !errors.Is(err, ErrOpen) {
		t.Errorf("Abandon() of a plain batch = %d, %v; want ErrOpen", n, err)
	}
}

func TestEndPeriod(t *testing.T) {
	for _, opts := range []Options{{}, sealedLevel} {
		dir := t.TempDir()
		s := mustOpenAt(t, dir, opts)
		all := people(105, 45)
		submit(t, s, all[:20]...)
		merge(t, s, 20)
		submit(t, s, all[20:25]...)
		var secret Secret
		if opts.Sealed {
			secret = mustSecret(t, s)
		}
		if err := s.EndPeriod(2); !errors.Is(err, ErrPeriod) {
			t.Errorf("EndPeriod(2) in period 1 = %v; want ErrPeriod", err)
		}
		check(t, s, all[:20], 5)
		for range 3 { // the same again changes nothing
			if err := s.EndPeriod(1); err != nil {
				t.Fatalf("EndPeriod(1) = %v", err)
			}
			if got := s.Totals().Period; got != 2 {
				t.Errorf("period = %d; want 2", got)
			}
			check(t, s, nil, 5)
		}
		if opts.Sealed && mustSecret(t, s) != secret {
			t.Error("the end of a period drew another key")
		}
		// What waited is of the next period.
		submit(t, s, all[25:36]...)
		merge(t, s, 16)
		check(t, s, all[20:36], 0)
		if err := s.EndPeriod(1); err != nil {
			t.Fatalf("EndPeriod(1) in period 2 = %v", err)
		}
		check(t, s, all[20:36], 0)
		s.Close()
		s = mustOpenAt(t, dir, opts)
		check(t, s, all[20:36], 0)
		if err := s.EndPeriod(2); err != nil || s.Totals().Period != 3 {
			t.Errorf("EndPeriod(2) = %v, period %d; want nil, 3", err, s.Totals().Period)
		}
		check(t, s, nil, 0)
	}
}

// The end of a period drops what the site removed, but not what may still wait.
func TestEndPeriodAfterTheSiteChanged(t *testing.T) {
	ids := people(106, 40)
	from := func(i int, place string) sent {
		return sent{ids[i].id, sheet.New(sheet.KindVisitor).Set(sheet.Neighbourhood, place)}
	}
	s := mustOpen(t, t.TempDir())
	for i := range 12 {
		submit(t, s, from(i, "port"))
	}
	merge(t, s, 12)
	submit(t, s, from(12, "port"))
	s = reopen(t, s, sheet.Visitor([]string{"centre"}))
	next := func(period uint64, want string) {
		t.Helper()
		if err := s.EndPeriod(period); err != nil {
			t.Fatal(err)
		}
		if got := show(s.Totals(), sheet.Neighbourhood); got != want {
			t.Errorf("neighbourhoods: %s; want %s", got, want)
		}
	}
	next(1, "centre=0 elsewhere=0 port=0 unset=0")
	for i := range 9 {
		submit(t, s, from(20+i, "centre"))
	}
	merge(t, s, 10)
	if got, want := show(s.Totals(), sheet.Neighbourhood), "centre=9 elsewhere=0 port=1 unset=0"; got != want {
		t.Errorf("neighbourhoods: %s; want %s", got, want)
	}
	next(2, "centre=0 elsewhere=0 port=0 unset=0")
	next(3, "centre=0 elsewhere=0 unset=0")
}

// Another level in the site's file is for the batch that begins next.
func TestTheSiteChangesTheLevel(t *testing.T) {
	for _, from := range []Options{{}, sealedLevel} {
		to := Options{Sealed: !from.Sealed}
		t.Run(fmt.Sprintf("sealed %v to %v", from.Sealed, to.Sealed), func(t *testing.T) {
			dir := t.TempDir()
			all := people(107, 40)
			s := mustOpenAt(t, dir, from)
			submit(t, s, all[:4]...)
			secret, _ := s.Secret()
			s.Close()
			s = mustOpenAt(t, dir, to)
			if s.State().Sealed != from.Sealed || s.Locked() != from.Sealed || s.State().Batch != 1 {
				t.Errorf("with sheets that wait: %+v; want the level that they have", s.State())
			}
			submit(t, s, all[4:11]...)
			if from.Sealed {
				mustUnlock(t, s, secret)
			}
			merge(t, s, 11)
			check(t, s, all[:11], 0)
			if s.State().Sealed != to.Sealed || s.State().Batch != 2 {
				t.Errorf("after the merge: %+v; want the site's level", s.State())
			}
			submit(t, s, all[11:30]...)
			merge(t, s, 19)
			check(t, s, all[:30], 0)
			s.Close()
			s = mustOpenAt(t, dir, from) // nothing waits: at once
			if s.State().Sealed != from.Sealed || s.Locked() {
				t.Errorf("without sheets: %+v; want the site's level", s.State())
			}
			submit(t, s, all[30:]...)
			merge(t, s, 10)
			check(t, s, all, 0)
		})
	}
}

// formerArea is the area of a version that knew no keys, with sheets that wait, as that
// version wrote it.
func formerArea(t testing.TB, batch uint64, all []sent) []byte {
	t.Helper()
	b := make([]byte, areaSize)
	seeded(17).Read(b)
	h := make([]byte, sector)
	copy(h, "JEUDIPN1")
	binary.BigEndian.PutUint64(h[8:], batch)
	seal((*[sector]byte)(h))
	copy(b, h)
	copy(b[areaSize-page:], h)
	for i, p := range all {
		r := testRecord(t, batch, p)
		copy(b[page+7*i*sector:], r[:])
	}
	return b
}

// An update with sheets that wait: whatever level the site has, each is counted, in the
// files that the former version left.
func TestTheFormerVersionsFiles(t *testing.T) {
	for _, opts := range []Options{{}, sealedLevel} {
		dir := t.TempDir()
		all := people(108, 30)
		s := mustOpen(t, dir)
		submit(t, s, all[:10]...)
		merge(t, s, 10)
		s.Close()
		if err := os.WriteFile(filepath.Join(dir, pendingName), formerArea(t, 2, all[10:19]), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := boltfile.With(filepath.Join(dir, countsName), func(db *bbolt.DB) error {
			return db.Update(func(tx *bbolt.Tx) error {
				b := tx.Bucket(bucketName)
				return errors.Join(b.Delete([]byte("period")), b.Delete([]byte("unreadable")))
			})
		}); err != nil {
			t.Fatal(err)
		}
		s = mustOpenAt(t, dir, opts)
		check(t, s, all[:10], 9)
		if got := s.Totals(); got.Period != 1 || got.Unreadable != 0 || s.State().Sealed {
			t.Errorf("period %d, unreadable %d, sealed %v; want 1, 0, false", got.Period, got.Unreadable, s.State().Sealed)
		}
		submit(t, s, all[19:25]...)
		s.Close()
		s = mustOpenAt(t, dir, opts)
		merge(t, s, 15)
		check(t, s, all[:25], 0)
		if s.State().Sealed != opts.Sealed {
			t.Errorf("sealed = %v after the merge; want %v", s.State().Sealed, opts.Sealed)
		}
		s.Close()
	}
}

// A header of a sealed batch is one, and nothing between the two kinds is.
func TestSealedHeaders(t *testing.T) {
	key := [32]byte{1, 31: 9}
	sealed, plain := encodeHeader(header{3, key}), encodeHeader(header{batch: 3})
	mixed, bare := sealed, plain
	copy(mixed[:], plainMagic[:])
	copy(bare[:], sealedMagic[:])
	seal(&mixed)
	seal(&bare)
	for _, tt := range []struct {
		name string
		b    [sector]byte
		want header
	}{
		{"sealed", sealed, header{3, key}},
		{"plain", plain, header{batch: 3}},
		{"plain with a key", mixed, header{}},
		{"sealed without a key", bare, header{}},
	} {
		if got, ok := decodeHeader(tt.b[:]); got != tt.want || ok != (tt.want.batch > 0) {
			t.Errorf("%s: decodeHeader() = %v, %v; want %v", tt.name, got, ok, tt.want)
		}
	}
}

// One header that goes bad does not cost the key either.
func TestOneSealedHeaderIsEnough(t *testing.T) {
	for twin := range 2 {
		dir := t.TempDir()
		s := mustOpenAt(t, dir, sealedLevel)
		all := people(113, 12)
		submit(t, s, all[:8]...)
		sec := mustSecret(t, s)
		s.Close()
		b := read(t, dir, pendingName)
		b[headerOffset(twin)+20] ^= 1 // in the key
		if err := os.WriteFile(filepath.Join(dir, pendingName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		s = mustOpenAt(t, dir, sealedLevel)
		submit(t, s, all[8:]...)
		mustUnlock(t, s, sec)
		merge(t, s, 12)
		check(t, s, all, 0)
	}
}

// A plain store writes what former versions read.
func TestAPlainAreaIsAsItWas(t *testing.T) {
	dir := t.TempDir()
	mustOpen(t, dir).Close()
	got, want := read(t, dir, pendingName), formerArea(t, 1, nil)
	for twin := range 2 {
		at := headerOffset(twin)
		if !bytes.Equal(got[at:at+sector], want[at:at+sector]) {
			t.Errorf("header %d = %x; want %x", twin, got[at:at+sector], want[at:at+sector])
		}
	}
}

func TestBatchOption(t *testing.T) {
	for _, n := range []int{-1, 1, MinBatch - 1, MaxBatch + 1, SlotCount} {
		if _, _, err := Open(t.TempDir(), visitor, Options{Batch: n}); err == nil {
			t.Errorf("Open(batch of %d) = nil; want an error", n)
		}
	}
	for _, opts := range []Options{{Batch: 13}, {Batch: MaxBatch, Sealed: true}} {
		s := mustOpenAt(t, t.TempDir(), opts)
		all := people(109, opts.Batch)
		submit(t, s, all[:opts.Batch-1]...)
		merge(t, s, 0)
		submit(t, s, all[opts.Batch-1])
		merge(t, s, opts.Batch)
		check(t, s, all, 0)
	}
}

// A box that belongs elsewhere does not open, and costs the others nothing.
func TestABoxThatDoesNotOpen(t *testing.T) {
	dir := t.TempDir()
	s := mustOpenAt(t, dir, sealedLevel)
	all := people(110, 12)
	submit(t, s, all[:11]...)
	sec := mustSecret(t, s)
	s.Close()
	// A box is copied to another id, and one is made of nothing.
	var first []byte
	area := read(t, dir, pendingName)
	for slot := range SlotCount {
		if r, ok := decodeRecord(area[slotOffset(slot):][:sector]); ok && first == nil {
			first = r.body
		}
	}
	copied := record{kind: sealedRecord, batch: 1, id: all[11].id, body: first}
	forged := record{kind: sealedRecord, batch: 1, id: [16]byte{1}, body: make([]byte, sealedBody)}
	free := 0
	for _, r := range []record{copied, forged} {
		for ; ; free++ {
			if _, ok := decodeRecord(area[slotOffset(free):][:sector]); !ok {
				break
			}
		}
		b, err := encodeRecord(r, seeded(3))
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, map[int][sector]byte{free: b})
		free++
	}
	s = mustOpenAt(t, dir, sealedLevel)
	mustUnlock(t, s, sec)
	merge(t, s, 13)
	empty := sheet.New(sheet.KindVisitor)
	check(t, s, append(all[:11:11], sent{sh: empty}, sent{sh: empty}), 0)
}

// The seed is in memory that is neither swapped out nor dumped, and leaves it.
func TestTheSeedsMemory(t *testing.T) {
	dir := t.TempDir()
	s := mustOpenAt(t, dir, sealedLevel)
	page := s.seed.page
	if flags := flagsOf(t, page); !strings.Contains(flags, " lo") || !strings.Contains(flags, " dd") {
		t.Errorf("memory of the key: %s; want lo, locked, and dd, not dumped", flags)
	}
	empty := func(when string) {
		t.Helper()
		if len(bytes.Trim(page, "\x00")) > 0 {
			t.Errorf("%s the page still holds a seed", when)
		}
	}
	submit(t, s, people(111, 10)...)
	first := mustSecret(t, s)
	merge(t, s, 10)
	if bytes.Contains(page, first.Seed[:]) || !bytes.Contains(page, s.seed.page[:SeedSize]) {
		t.Error("after the merge the page does not hold the new seed alone")
	}
	s.seed.wipe()
	empty("wiped,")
	s.Close()
	if s.seed.page != nil {
		t.Error("Close() kept the page")
	}
	if _, ok := s.Secret(); ok {
		t.Error("Secret() after Close() = true; want false")
	}
	s = mustOpenAt(t, dir, Options{})
	page = s.seed.page
	empty("in a plain batch")
}

// A key in memory that is not the batch's on disk is worse than none.
func TestAKeyThatIsNotTheBatchs(t *testing.T) {
	s := mustOpenAt(t, t.TempDir(), sealedLevel)
	all := people(112, 10)
	submit(t, s, all...)
	sec := mustSecret(t, s)
	s.seed.put(seedOf(1))
	s.settled = false // as after an error of the disk
	if n, err := s.Merge(); n != 0 || !errors.Is(err, ErrLocked) {
		t.Errorf("Merge() = %d, %v; want 0, ErrLocked", n, err)
	}
	mustUnlock(t, s, sec)
	merge(t, s, 10)
	check(t, s, all, 0)
}

// flagsOf are the kernel's flags of the memory at b.
func flagsOf(t *testing.T, b []byte) string {
	t.Helper()
	maps := read(t, "/proc/self/smaps")
	at := uint64(uintptr(unsafe.Pointer(&b[0])))
	within := false
	for line := range strings.Lines(string(maps)) {
		var from, until uint64
		if n, _ := fmt.Sscanf(line, "%x-%x ", &from, &until); n == 2 {
			within = from <= at && at < until
		}
		if within && strings.HasPrefix(line, "VmFlags:") {
			return line
		}
	}
	t.Fatal("no such memory in /proc/self/smaps")
	return ""
}
