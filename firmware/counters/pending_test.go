package counters

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func testRecord(t testing.TB, batch uint64, p sent) [sector]byte {
	t.Helper()
	body, err := p.sh.Encode(visitor)
	if err != nil {
		t.Fatal(err)
	}
	b, err := encodeRecord(record{kind: plainRecord, batch: batch, id: p.id, body: body[:]}, seeded(4))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecordRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 64, 112, maxBody} {
		want := record{kind: 7, batch: 1<<63 + 5, id: [16]byte{15: 9}, body: bytes.Repeat([]byte{3}, n)}
		b, err := encodeRecord(want, seeded(5))
		if err != nil {
			t.Fatal(err)
		}
		got, ok := decodeRecord(b[:])
		if !ok || got.kind != want.kind || got.batch != want.batch || got.id != want.id || !bytes.Equal(got.body, want.body) {
			t.Errorf("decodeRecord(encodeRecord(%d bytes)) = %v, %v; want %v", n, got, ok, want)
		}
	}
	for _, r := range []record{{}, {kind: 1, body: make([]byte, maxBody+1)}} {
		if _, err := encodeRecord(r, seeded(5)); err == nil {
			t.Errorf("encodeRecord(type %d, %d bytes) = nil; want an error", r.kind, len(r.body))
		}
	}
}

// A write torn at any byte, over random bytes or over the record before, is a
// free slot.
func TestATornRecordIsAFreeSlot(t *testing.T) {
	all := people(30, 2)
	whole, older := testRecord(t, 2, all[0]), testRecord(t, 1, all[1])
	var random [sector]byte
	seeded(6).Read(random[:])
	for _, under := range [][sector]byte{random, older} {
		for cut := 1; cut < sector; cut++ {
			for _, torn := range [][]byte{
				slices.Concat(whole[:cut], under[cut:]),
				slices.Concat(under[:cut], whole[cut:]),
			} {
				if bytes.Equal(torn, whole[:]) || bytes.Equal(torn, under[:]) {
					continue
				}
				if _, ok := decodeRecord(torn); ok {
					t.Errorf("decodeRecord(torn at %d) = true; want false", cut)
				}
			}
		}
	}
}

func TestATornSlotOnDisk(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	all := people(31, 12)
	submit(t, s, all...)
	at := slotOffset(s.waiting[all[3].id].slot)
	s.Close()
	b := read(t, dir, pendingName)
	b[at+40] ^= 1
	if err := os.WriteFile(filepath.Join(dir, pendingName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir)
	check(t, s, nil, 11)
	submit(t, s, all[3])
	merge(t, s, 12)
	check(t, s, all, 0)
}

// put writes records straight into the area of a closed store.
func put(t *testing.T, dir string, records map[int][sector]byte) {
	t.Helper()
	b := read(t, dir, pendingName)
	for slot, r := range records {
		copy(b[slotOffset(slot):], r[:])
	}
	if err := os.WriteFile(filepath.Join(dir, pendingName), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// An id found twice on disk, as after a retry on a disk that lied, counts once;
// records of another batch do not count.
func TestOnlyRecordsOfTheBatchCountAndOnce(t *testing.T) {
	dir := t.TempDir()
	mustOpen(t, dir).Close()
	all := people(32, 13)
	records := map[int][sector]byte{}
	for i, p := range all[:10] {
		records[3*i] = testRecord(t, 1, p)
	}
	records[40] = testRecord(t, 1, all[0])
	records[41] = testRecord(t, 7, all[10])
	put(t, dir, records)
	s := mustOpen(t, dir)
	check(t, s, nil, 10)
	merge(t, s, 10)
	check(t, s, all[:10], 0)
}

// A record that only a later version can read is kept, and at the merge is a
// sheet without answers.
func TestARecordOfALaterVersion(t *testing.T) {
	dir := t.TempDir()
	mustOpen(t, dir).Close()
	all := people(33, 10)
	r, err := encodeRecord(record{kind: 3, batch: 1, id: all[0].id, body: make([]byte, 112)}, seeded(7))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, map[int][sector]byte{5: r})
	s := mustOpen(t, dir)
	submit(t, s, all[1:]...)
	if got := read(t, dir, pendingName)[slotOffset(5):][:sector]; !bytes.Equal(got, r[:]) {
		t.Error("the record was overwritten before the merge")
	}
	merge(t, s, 10)
	all[0].sh = people(33, 1)[0].sh
	for _, q := range visitor.Questions {
		all[0].sh = all[0].sh.Set(q.Key, "")
	}
	check(t, s, all, 0)
}

func TestHeaders(t *testing.T) {
	one, two := encodeHeader(header{batch: 1}), encodeHeader(header{batch: 2})
	torn := two
	torn[sector-1] ^= 1
	var random [sector]byte
	seeded(8).Read(random[:])
	for _, tt := range []struct {
		name  string
		a, b  [sector]byte
		batch uint64
	}{
		{"both", two, two, 2},
		{"cut between the two", two, one, 2},
		{"first torn", torn, one, 1},
		{"second torn", two, torn, 2},
		{"first random", random, two, 2},
		{"none", torn, random, 0},
		{"batch zero", encodeHeader(header{batch: 0}), encodeHeader(header{batch: 0}), 0},
	} {
		path := filepath.Join(t.TempDir(), pendingName)
		b := make([]byte, areaSize)
		copy(b, tt.a[:])
		copy(b[headerOffset(1):], tt.b[:])
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, agree, err := readHeader(path); got.batch != tt.batch || agree != (tt.name == "both") || (err != nil) != (tt.batch == 0) {
			t.Errorf("%s: readHeader() = %d, %v, %v; want %d", tt.name, got, agree, err, tt.batch)
		}
	}
}

// One header that goes bad, in any batch and on any side, costs nothing.
func TestOneHeaderIsEnough(t *testing.T) {
	for twin := range 2 {
		dir := t.TempDir()
		s := mustOpen(t, dir)
		all := people(35, 21)
		submit(t, s, all[:10]...)
		merge(t, s, 10)
		submit(t, s, all[10:20]...)
		s.Close()
		b := read(t, dir, pendingName)
		b[headerOffset(twin)+9] ^= 1
		if err := os.WriteFile(filepath.Join(dir, pendingName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		s = mustOpen(t, dir)
		check(t, s, all[:10], 10)
		if _, agree, err := readHeader(s.file(pendingName)); !agree || err != nil {
			t.Errorf("header %d was not repaired: %v", twin, err)
		}
		merge(t, s, 10)
		check(t, s, all[:20], 0)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	r := testRecord(f, 3, people(34, 1)[0])
	f.Add(r[:], false)
	f.Add(r[:], true)
	f.Add(make([]byte, sector), true)
	f.Fuzz(func(t *testing.T, b []byte, sealIt bool) {
		in := [sector]byte{}
		copy(in[:], b)
		if sealIt { // otherwise the checksum hides the rest of the decoder
			seal(&in)
		}
		r, ok := decodeRecord(in[:])
		if !ok {
			return
		}
		again, err := encodeRecord(r, bytes.NewReader(in[:]))
		if err != nil || again != in {
			t.Errorf("encodeRecord(decodeRecord(%x)) = %x, %v; want the same bytes", in, again, err)
		}
	})
}

func FuzzDecodeHeader(f *testing.F) {
	h := encodeHeader(header{batch: 9})
	f.Add(h[:])
	h = encodeHeader(header{batch: 9, public: [32]byte{7}})
	f.Add(h[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		in := [sector]byte{}
		copy(in[:], b)
		if h, ok := decodeHeader(in[:]); ok && encodeHeader(h) != in {
			t.Errorf("decodeHeader(%x) = %d, true; want only what encodeHeader wrote", in, h)
		}
	})
}
