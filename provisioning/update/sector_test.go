package update

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"jeudi/provisioning/card"
)

// tinyFAT is the smallest partition with an autoboot.txt: one FAT, one sector of folder,
// one of data.
func tinyFAT(text []byte) []byte {
	disk := make([]byte, 4*card.SectorBytes)
	binary.LittleEndian.PutUint16(disk[11:], card.SectorBytes)
	disk[13], disk[16] = 1, 1                    // sectors of a cluster, FATs
	binary.LittleEndian.PutUint16(disk[14:], 1)  // reserved sectors
	binary.LittleEndian.PutUint16(disk[17:], 16) // entries of the folder
	binary.LittleEndian.PutUint16(disk[22:], 1)  // sectors of a FAT
	disk[510], disk[511] = 0x55, 0xaa            // signature
	entry := disk[2*card.SectorBytes:]           // of the folder
	copy(entry, "AUTOBOOTTXT\x20")               // a file
	binary.LittleEndian.PutUint16(entry[26:], 2) // its cluster
	binary.LittleEndian.PutUint32(entry[28:], uint32(len(text)))
	copy(disk[3*card.SectorBytes:], text)
	return disk
}

// memFile is a partition without a world.
type memFile struct {
	*bytes.Reader
	disk    []byte
	flushed int
	drops   bool // it says it has written, and has not
	writes  []int64
}

func newFile(disk []byte) *memFile { return &memFile{Reader: bytes.NewReader(disk), disk: disk} }

func (m *memFile) WriteAt(p []byte, at int64) (int, error) {
	m.writes = append(m.writes, at, int64(len(p)))
	if m.drops {
		return len(p), nil
	}
	return copy(m.disk[at:], p), nil
}
func (m *memFile) Flush() error { m.flushed++; return nil }
func (m *memFile) Close() error { return nil }

// TestSectorOnRealFAT: on start partitions as mtools and mkfs.vfat make them, with long
// names before it, autoboot.txt is found, and the commit changes two bytes of one sector.
func TestSectorOnRealFAT(t *testing.T) {
	for _, name := range []string{"start16", "start32"} {
		t.Run(name, func(t *testing.T) {
			before := startPartition(t, name)
			f := newFile(bytes.Clone(before))
			if slot, err := keptSlot(f); err != nil || slot != card.SlotA {
				t.Fatalf("keptSlot = %v, %v; want A", slot, err)
			}
			if err := keep(f, card.SlotB); err != nil {
				t.Fatal(err)
			}
			if slot, err := keptSlot(f); err != nil || slot != card.SlotB {
				t.Errorf("after the commit keptSlot = %v, %v; want B", slot, err)
			}
			if len(f.writes) != 2 || f.writes[0]%card.SectorBytes != 0 || f.writes[1] != card.SectorBytes || f.flushed != 1 {
				t.Errorf("the commit wrote %v and flushed %d times; want one sector, once", f.writes, f.flushed)
			}
			changed := 0
			for i := range before {
				if before[i] != f.disk[i] {
					changed++
				}
			}
			if changed != 2 {
				t.Errorf("the commit changed %d bytes; want 2", changed)
			}
			if err := keep(f, card.SlotB); err != nil || len(f.writes) != 2 {
				t.Errorf("a commit of what is kept: %v, and writes %v; want none", err, f.writes)
			}
		})
	}
}

// TestTornCommit: of a commit torn at any byte, from either end, both readings of the
// firmware start a slot, and the plain one is the old or the new.
func TestTornCommit(t *testing.T) {
	a, b := card.AutoBootText(card.SlotA), card.AutoBootText(card.SlotB)
	if len(a) != len(b) || len(a) > card.SectorBytes {
		t.Fatalf("texts of %d and %d bytes; want the same, in a sector", len(a), len(b))
	}
	for at := range a {
		for _, torn := range [][]byte{append(bytes.Clone(a[:at]), b[at:]...), append(bytes.Clone(b[:at]), a[at:]...)} {
			plain, trial := card.ParseAutoBoot(torn)
			if card.SlotOf(plain) == 0 || card.SlotOf(trial) == 0 {
				t.Errorf("torn at %d: %q starts %d, and %d as a trial", at, torn, plain, trial)
			}
		}
	}
}

// TestSectorNotThere: a start partition that is not as the card was made is named, and
// never written.
func TestSectorNotThere(t *testing.T) {
	text := card.AutoBootText(card.SlotA)
	tests := map[string]func(disk []byte){
		"no FAT":            func(d []byte) { d[510] = 0 },
		"another sector":    func(d []byte) { binary.LittleEndian.PutUint16(d[11:], 4096) },
		"no clusters":       func(d []byte) { d[13] = 0 },
		"no such file":      func(d []byte) { d[2*card.SectorBytes] = 'B' },
		"erased":            func(d []byte) { d[2*card.SectorBytes] = 0xe5 },
		"a folder":          func(d []byte) { d[2*card.SectorBytes+11] = 0x10 },
		"another length":    func(d []byte) { d[2*card.SectorBytes+28]++ },
		"no cluster":        func(d []byte) { d[2*card.SectorBytes+26] = 0 },
		"another partition": func(d []byte) { copy(d[3*card.SectorBytes:], bytes.Replace(text, []byte("=2"), []byte("=1"), 1)) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFile(tinyFAT(text))
			change(f.disk)
			slot, err := keptSlot(f)
			if !errors.Is(err, errStart) {
				t.Errorf("keptSlot = %v, %v; want %v", slot, err, errStart)
			}
		})
	}
	t.Run("outside", func(t *testing.T) {
		f := newFile(tinyFAT(text))
		f.disk[2*card.SectorBytes+27] = 0xff
		if _, err := keptSlot(f); err == nil {
			t.Error("a file outside of its partition is read")
		}
	})
	t.Run("a ring of clusters", func(t *testing.T) {
		d := startPartition(t, "start32")
		reserved := int64(binary.LittleEndian.Uint16(d[14:])) * card.SectorBytes
		binary.LittleEndian.PutUint32(d[reserved+8:], 2) // the root's cluster is followed by itself
		root := reserved + 2*int64(binary.LittleEndian.Uint32(d[36:]))*card.SectorBytes
		for e := root; e < root+int64(d[13])*card.SectorBytes; e += 32 {
			d[e] = 0xe5
		}
		if _, err := keptSlot(newFile(d)); !errors.Is(err, errStart) {
			t.Errorf("%v; want %v", err, errStart)
		}
	})
	t.Run("a card that keeps nothing", func(t *testing.T) {
		f := newFile(tinyFAT(text))
		f.drops = true
		if err := keep(f, card.SlotB); err == nil {
			t.Error("a commit that the card forgot is taken for one")
		}
	})
}

func FuzzAutoBootSector(f *testing.F) {
	f.Add(tinyFAT(card.AutoBootText(card.SlotA)))
	f.Fuzz(func(t *testing.T, disk []byte) {
		keptSlot(newFile(disk))
	})
}
