package card

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// sparse is a disk of which only the written sectors exist.
type sparse struct {
	sectors map[uint32][SectorBytes]byte
	size    int64
}

func (s sparse) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > s.size {
		return 0, io.EOF
	}
	sector := s.sectors[uint32(at/SectorBytes)]
	return copy(b, sector[:]), nil
}

func written(t testing.TB, parts []Partition, size int64) sparse {
	t.Helper()
	table, err := Table(parts)
	if err != nil {
		t.Fatal(err)
	}
	return sparse{table, size}
}

func TestReadIsWhatTableWrote(t *testing.T) {
	disk := written(t, Layout(), ImageBytes())
	got, err := Read(disk)
	if err != nil || !slices.Equal(got, Layout()) {
		t.Errorf("Read() = %v, %v; want %v", got, err, Layout())
	}
	p, ok := Part(got, PartData)
	if !ok || p.Bytes() != DataMiB<<20 {
		t.Errorf("Part(data) = %+v, %v", p, ok)
	}
	if _, ok := Part(got, 9); ok {
		t.Error("a partition 9 was found")
	}
}

func TestGrown(t *testing.T) {
	const gib = 1 << 30
	for _, tt := range []struct {
		name string
		size int64
		want int64 // bytes of the data
	}{
		{"the image itself", ImageBytes(), DataMiB << 20},
		{"a little longer than the image", ImageBytes() + 1<<20, DataMiB << 20},
		{"a card of 8 GB", 8_000_000_000, 0},
		{"a card of 32 GiB", 32 * gib, 0},
		{"a disk of 4 TiB, of which an MBR knows half", 4096 * gib, 0},
		{"an image that was cut", ImageBytes() - 1<<20, DataMiB << 20},
	} {
		parts := Layout()
		grown := Grown(parts, tt.size)
		data, _ := Part(grown, PartData)
		if tt.want != 0 && data.Bytes() != tt.want {
			t.Errorf("%s: the data have %d bytes; want %d", tt.name, data.Bytes(), tt.want)
		}
		if end := data.Offset() + data.Bytes(); tt.want == 0 && (end > tt.size || min(tt.size, 2048*gib)-end > 8<<20) {
			t.Errorf("%s: the data end at %d", tt.name, end)
		}
		if !slices.Equal(Grown(grown, tt.size), grown) {
			t.Errorf("%s: it grows again", tt.name)
		}
		disk := written(t, parts, max(tt.size, ImageBytes()))
		changes, err := Changes(disk, grown)
		if err != nil || (len(changes) == 0) != (tt.want != 0) {
			t.Fatalf("%s: Changes() = %d sectors, %v", tt.name, len(changes), err)
		}
		// Cut after any of them, the card has the old data partition or the new one, and all
		// the others.
		for n := 0; n <= len(changes); n++ {
			cut := written(t, parts, max(tt.size, ImageBytes()))
			for _, s := range changes[:n] {
				cut.sectors[s.Number] = s.Bytes
			}
			got, err := Read(cut)
			if err != nil || len(got) != len(parts) || !slices.Equal(got[:3], parts[:3]) || !slices.Equal(got[4:6], parts[4:6]) {
				t.Fatalf("%s, cut after %d sectors: %v, %v", tt.name, n, got, err)
			}
			old, _ := Part(parts, PartData)
			if p := got[6]; p != old && p != data {
				t.Errorf("%s, cut after %d sectors: the data are %+v", tt.name, n, p)
			}
			// The next start goes on from there.
			if !slices.Equal(Grown(got, tt.size), grown) {
				t.Errorf("%s, cut after %d sectors: it would grow to %v", tt.name, n, Grown(got, tt.size))
			}
		}
	}
}

// A cut inside the growth leaves a table that is not written by us as a whole; the rest of
// the changes is still to be written.
func TestChangesAfterACut(t *testing.T) {
	parts := Layout()
	size := int64(8_000_000_000)
	grown := Grown(parts, size)
	disk := written(t, parts, size)
	changes, err := Changes(disk, grown)
	if err != nil {
		t.Fatal(err)
	}
	for n := range changes {
		cut := written(t, parts, size)
		for _, s := range changes[:n] {
			cut.sectors[s.Number] = s.Bytes
		}
		rest, err := Changes(cut, grown)
		if err != nil || len(rest) != len(changes)-n {
			t.Errorf("after %d of %d sectors: Changes() = %d, %v", n, len(changes), len(rest), err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	change := func(number uint32, do func(b *[SectorBytes]byte)) sparse {
		disk := written(t, Layout(), ImageBytes())
		b := disk.sectors[number]
		do(&b)
		disk.sectors[number] = b
		return disk
	}
	extended := Layout()[3].First
	for _, tt := range []struct {
		name string
		disk sparse
		ours bool // it has our number all the same
	}{
		{"an empty disk", sparse{nil, 1 << 30}, false},
		{"a disk of nothing", sparse{nil, 0}, true},
		{"another's number", change(0, func(b *[SectorBytes]byte) { b[440]++ }), false},
		{"no mark of a table", change(0, func(b *[SectorBytes]byte) { b[511] = 0 }), false},
		{"a chain that is cut", change(extended, func(b *[SectorBytes]byte) { *b = [SectorBytes]byte{} }), true},
		{"a chain that is a ring", change(extended, func(b *[SectorBytes]byte) {
			binary.LittleEndian.PutUint32(b[446+16+8:], 0) // its next is itself
		}), true},
	} {
		parts, err := Read(tt.disk)
		if err == nil || errors.Is(err, ErrNotOurs) == tt.ours {
			t.Errorf("%s: Read() = %v, %v", tt.name, parts, err)
		}
	}
	foreign := change(0, func(b *[SectorBytes]byte) { b[446] = 0x80 }) // somebody made it bootable
	if _, err := Changes(foreign, Grown(Layout(), 8e9)); !errors.Is(err, ErrNotOurs) {
		t.Errorf("Changes(another's table) = %v; want it left as it is", err)
	}
}

func FuzzRead(f *testing.F) {
	table, _ := Table(Layout())
	mbr, ebr := table[0], table[Layout()[3].First]
	f.Add(mbr[:], ebr[:])
	f.Fuzz(func(t *testing.T, a, b []byte) {
		disk := memoryDisk{a, b}
		parts, err := Read(disk)
		if err == nil {
			if len(parts) > 4+logicalMost {
				t.Errorf("%d partitions", len(parts))
			}
			Grown(parts, 8e9)
			Changes(disk, parts)
		}
	})
}

// memoryDisk has one sector at its beginning, and another everywhere else.
type memoryDisk struct{ first, rest []byte }

func (m memoryDisk) ReadAt(b []byte, at int64) (int, error) {
	clear(b)
	if at == 0 {
		return copy(b, m.first)*0 + len(b), nil
	}
	return copy(b, m.rest)*0 + len(b), nil
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "autoboot.txt")
	for _, text := range []string{"one", "another, longer", ""} {
		if err := WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, []byte(text)) {
			t.Errorf("after WriteFile(%q): %q, %v", text, got, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("WriteFile left %v", entries)
	}
	if err := WriteFile(filepath.Join(dir, "none", "x"), nil, 0o600); err == nil {
		t.Error("WriteFile into no folder = nil")
	}
	if err := errors.Join(RemoveFile(name), RemoveFile(name)); err != nil {
		t.Errorf("RemoveFile twice = %v", err)
	}
}
