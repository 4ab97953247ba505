package proof

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
)

// tape is a write log as QEMU would have written it.
type tape struct{ bytes.Buffer }

func newTape() *tape {
	var t tape
	head := make([]byte, Sector)
	binary.LittleEndian.PutUint64(head[0:], logMagic)
	binary.LittleEndian.PutUint64(head[8:], logVersion)
	binary.LittleEndian.PutUint32(head[24:], Sector)
	t.Write(head)
	return &t
}

func (t *tape) entry(sector, sectors int, flags uint64, data string) *tape {
	head := make([]byte, Sector)
	for i, v := range []uint64{uint64(sector), uint64(sectors), flags, uint64(len(data))} {
		binary.LittleEndian.PutUint64(head[8*i:], v)
	}
	t.WriteString(string(head) + data)
	return t
}

// put is a write of whole sectors, each filled with a letter.
func (t *tape) put(sector int, letters string) *tape { return t.fua(sector, letters, 0) }
func (t *tape) fua(sector int, letters string, flags uint64) *tape {
	return t.entry(sector, len(letters), flags, sectors(letters))
}
func (t *tape) flush() *tape { return t.entry(0, 0, flagFlush, "") }

func (t *tape) open(tt *testing.T) *WriteLog {
	tt.Helper()
	l, err := OpenLog(bytes.NewReader(t.Bytes()))
	if err != nil {
		tt.Fatal(err)
	}
	return l
}

func sectors(letters string) string {
	var b strings.Builder
	for _, l := range letters {
		b.WriteString(strings.Repeat(string(l), Sector))
	}
	return b.String()
}

// memory is a disk of eight sectors.
type memory []byte

func (m memory) ReadAt(b []byte, at int64) (int, error)  { return bytes.NewReader(m).ReadAt(b, at) }
func (m memory) WriteAt(b []byte, at int64) (int, error) { return copy(m[at:], b), nil }

// shown is the first letter of each sector; of one that is not all the same, '?'.
func shown(t *testing.T, d io.ReaderAt) string {
	t.Helper()
	var letters strings.Builder
	for at := int64(0); at < 8*Sector; at += Sector {
		b := make([]byte, Sector)
		if err := readFull(d, b, at); err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(b), string(b[:1])) != Sector {
			b[0] = '?'
		}
		letters.WriteByte(b[0])
	}
	return letters.String()
}

func TestReplay(t *testing.T) {
	log := newTape().
		put(0, "ab").flush(). // durable from 2 on
		put(2, "c").put(0, "AB").fua(7, "z", flagFUA).
		flush().                                         // durable from 6 on
		entry(0, 4, flagDiscard, "").put(3, "d").open(t) // a discard promises nothing about what is read then
	if got := len(log.Entries); got != 8 {
		t.Fatalf("%d entries; want 8", got)
	}
	for _, tt := range []struct {
		at   int
		want string
	}{{0, "........"}, {1, "ab......"}, {2, "ab......"}, {3, "abc....."}, {4, "ABc....."}, {5, "ABc....z"}, {6, "ABc....z"}, {7, "ABc....z"}, {8, "ABcd...z"}} {
		d := memory(sectors("........"))
		left, err := NewReplay(log, d).Cut(Cut{At: tt.at})
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(t, left); got != tt.want {
			t.Errorf("all that was written until %d leaves %s; want %s", tt.at, got, tt.want)
		}
	}
	// What may be left of a cut between the flushes, and what never.
	for _, tt := range []struct {
		mode   int
		at     int
		may    []string
		forced bool // every one of may was seen
	}{
		{mode: Dropped, at: 4, may: []string{"ab......", "abc.....", "AB......", "ABc....."}, forced: true},
		{mode: Dropped, at: 5, may: []string{"ab.....z", "abc....z", "AB.....z", "ABc....z"}, forced: true},
		{mode: Dropped, at: 6, may: []string{"ABc....z"}, forced: true},
		{mode: Torn, at: 4, may: []string{"ab......", "abc.....", "Ab......", "Abc.....", "AB......", "ABc.....",
			"ab.....z", "abc....z", "Ab.....z", "Abc....z", "AB.....z", "ABc....z"}, forced: true},
		{mode: Torn, at: 1, may: []string{"........", "a.......", "ab......"}, forced: true},
		{mode: Torn, at: 7, may: []string{"ABc....z", "ABcd...z"}, forced: true},
	} {
		seen := map[string]bool{}
		for seed := range uint64(200) {
			left, err := NewReplay(log, memory(sectors("........"))).Cut(Cut{tt.at, tt.mode, seed})
			if err != nil {
				t.Fatal(err)
			}
			got := shown(t, left)
			if seen[got] = true; !slices.Contains(tt.may, got) {
				t.Fatalf("%v leaves %s; may be %v", Cut{tt.at, tt.mode, seed}, got, tt.may)
			}
		}
		if tt.forced && len(seen) != len(tt.may) {
			t.Errorf("mode %d at %d left %v; want all of %v once", tt.mode, tt.at, seen, tt.may)
		}
	}
}

func TestADiskThatLies(t *testing.T) {
	log := newTape().put(0, "a").flush().put(1, "b").fua(2, "c", flagFUA).flush().put(3, "d").open(t)
	log.Lie(2)
	seen := map[string]bool{}
	for seed := range uint64(200) {
		left, err := NewReplay(log, memory(sectors("........"))).Cut(Cut{6, Dropped, seed})
		if err != nil {
			t.Fatal(err)
		}
		seen[shown(t, left)] = true
	}
	if len(seen) != 8 || !seen["a......."] || !seen["abcd...."] {
		t.Errorf("without its last flush the disk shows %v; want a kept and any of b, c, d", seen)
	}
}

func TestReplayGoesOn(t *testing.T) {
	log := newTape().put(0, "a").flush().put(1, "b").put(0, "x").flush().put(2, "c").open(t)
	d := memory(sectors("........"))
	r := NewReplay(log, d)
	for _, step := range []struct {
		cut  Cut
		want string
	}{{Cut{At: 4}, "xb......"}, {Cut{At: 4}, "xb......"}, {Cut{At: 6}, "xbc....."}} {
		left, err := r.Cut(step.cut)
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(t, left); got != step.want {
			t.Errorf("%v leaves %s; want %s", step.cut, got, step.want)
		}
	}
	if got := shown(t, d); got != "xb......" {
		t.Errorf("what is durable at last is %s; want xb......", got)
	}
	if _, err := r.Cut(Cut{At: 2}); err == nil {
		t.Error("a cut before what is durable already = nil; want an error")
	}
	if _, err := r.Cut(Cut{At: 7}); err == nil {
		t.Error("a cut behind the log's end = nil; want an error")
	}
	// A read across the edge of a piece, at odd places.
	left, err := r.Cut(Cut{At: 6})
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 600)
	if _, err := left.ReadAt(b, 2*Sector-50); err != nil || string(b) != strings.Repeat("b", 50)+strings.Repeat("c", Sector)+strings.Repeat(".", 38) {
		t.Errorf("a read across three sectors = %q, %v", b, err)
	}
	if n, err := left.ReadAt(b, 8*Sector-10); n != 10 || err != io.EOF {
		t.Errorf("a read across the end = %d, %v; want 10, EOF", n, err)
	}
}

// TestALogThatGrows: it is read while the guest runs, up to the middle of an entry.
func TestALogThatGrows(t *testing.T) {
	whole := newTape().put(0, "ab").flush().put(5, "c")
	for cut := Sector; cut <= whole.Len(); cut += 100 {
		l, err := OpenLog(bytes.NewReader(whole.Bytes()[:cut]))
		if err != nil {
			t.Fatalf("the first %d bytes: %v", cut, err)
		}
		l.from = bytes.NewReader(append(whole.Bytes(), make([]byte, 4096)...)) // a file made longer beforehand
		if n, err := l.Len(); n != 3 || err != nil {
			t.Errorf("after the first %d bytes, all: %d entries, %v; want 3", cut, n, err)
		}
	}
	for _, bad := range []*tape{{}, {*bytes.NewBuffer(make([]byte, Sector))}, newTape().entry(1, 1, 1<<20, ""), newTape().entry(-5, 1, 0, "")} {
		if l, err := OpenLog(bytes.NewReader(bad.Bytes())); err == nil {
			t.Errorf("OpenLog(%d bytes that are no log) = %d entries; want an error", bad.Len(), len(l.Entries))
		}
	}
}

func TestCuts(t *testing.T) {
	cuts := Cuts(300, 10, 50, 1)
	if again := Cuts(300, 10, 50, 1); !slices.Equal(cuts, again) {
		t.Error("the same seed draws other cuts")
	}
	var of [modes]int
	moments := map[int]bool{}
	for i, c := range cuts {
		if c.At < 10 || c.At > 50 || i > 0 && c.At < cuts[i-1].At {
			t.Fatalf("cut %d is %v, after %v; want from 10 to 50, ascending", i, c, cuts[max(i, 1)-1])
		}
		of[c.Mode]++
		moments[c.At] = true
	}
	if of != [modes]int{100, 100, 100} || len(moments) < 38 {
		t.Errorf("modes %v at %d moments; want 100 of each, at nearly all 41", of, len(moments))
	}
}

func FuzzOpenLog(f *testing.F) {
	f.Add(newTape().put(0, "ab").flush().put(5, "c").Bytes())
	f.Add(newTape().entry(0, 4, flagDiscard, "").Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := OpenLog(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, e := range l.Entries {
			if e.Write() && e.at > int64(len(b)) {
				t.Errorf("entry %+v begins behind the log's %d bytes", e, len(b))
			}
		}
	})
}
