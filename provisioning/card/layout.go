package card

import (
	"encoding/binary"
	"fmt"
)

// SectorBytes is the unit of the MBR.
const SectorBytes = 512

// alignSectors is what each partition begins at a multiple of: 4 MiB, the allocation unit
// of the SD cards that are sold today, so that no write of one partition makes the card
// copy a piece of its neighbour.
const alignSectors = 4 << 20 / SectorBytes

// Types of partitions, as in the MBR.
const (
	TypeFAT32    = 0x0c // with LBA; what the Pi's boot ROM looks for
	TypeExtended = 0x0f // with LBA
	TypeLinux    = 0x83
)

// A Partition is a stretch of the card, in sectors.
type Partition struct {
	Number  int // as the kernel counts: 5 and up are logical
	Type    byte
	First   uint32
	Sectors uint32
}

// Offset is where the partition begins, in bytes.
func (p Partition) Offset() int64 { return int64(p.First) * SectorBytes }

// Bytes is how long the partition is.
func (p Partition) Bytes() int64 { return int64(p.Sectors) * SectorBytes }

// Layout is the card as it is made, before the first start lets the data grow: by number,
// ascending, with the extended partition that holds those after it.
func Layout() []Partition {
	const mib = 1 << 20 / SectorBytes
	parts := []Partition{{PartStart, TypeFAT32, alignSectors, StartMiB * mib}}
	next := func(number int, kind byte, gap, size uint32) {
		before := parts[len(parts)-1]
		parts = append(parts, Partition{number, kind, before.First + before.Sectors + gap, size})
	}
	next(PartBootA, TypeFAT32, 0, BootMiB*mib)
	next(PartBootB, TypeFAT32, 0, BootMiB*mib)
	extended := parts[len(parts)-1].First + parts[len(parts)-1].Sectors
	// Each logical partition has its own table right before it, which takes a whole unit.
	next(PartRootA, TypeLinux, alignSectors, RootMiB*mib)
	next(PartRootB, TypeLinux, alignSectors, RootMiB*mib)
	next(PartData, TypeLinux, alignSectors, DataMiB*mib)
	last := parts[len(parts)-1]
	const partExtended = 4
	logical := append([]Partition(nil), parts[3:]...)
	parts = append(parts[:3:3], Partition{partExtended, TypeExtended, extended, last.First + last.Sectors - extended})
	return append(parts, logical...)
}

// ImageBytes is how long a card image is.
func ImageBytes() int64 {
	parts := Layout()
	last := parts[len(parts)-1]
	return last.Offset() + last.Bytes()
}

// Table makes the sectors of the partition table, by their number: the MBR (sector 0), and
// one before each logical partition. Where a sector of parts does not fit the scheme (a
// logical one outside the extended one, no place for its table) the error says which.
func Table(parts []Partition) (map[uint32][SectorBytes]byte, error) {
	var extended Partition
	var logical []Partition
	table := map[uint32][SectorBytes]byte{}
	var mbr [SectorBytes]byte
	binary.LittleEndian.PutUint32(mbr[440:], Signature)
	var end uint32
	for _, p := range parts {
		switch {
		case p.Number < 1 || p.Sectors == 0:
			return nil, fmt.Errorf("card: partition %d of %d sectors", p.Number, p.Sectors)
		case p.Number > 4:
			logical = append(logical, p)
			continue
		case p.First < end || p.First == 0:
			return nil, fmt.Errorf("card: partition %d begins at %d, inside what is before it", p.Number, p.First)
		case p.Type == TypeExtended:
			extended = p
		}
		end = p.First + p.Sectors
		entry(mbr[:], p.Number-1, p.Type, p.First, p.Sectors)
	}
	mbr[510], mbr[511] = 0x55, 0xaa
	table[0] = mbr
	at := extended.First
	for i, p := range logical {
		if p.Number != 5+i || p.First <= at || p.First+p.Sectors > extended.First+extended.Sectors {
			return nil, fmt.Errorf("card: partition %d does not fit in the extended partition", p.Number)
		}
		var ebr [SectorBytes]byte
		entry(ebr[:], 0, p.Type, p.First-at, p.Sectors)
		after := p.First + p.Sectors
		if i+1 < len(logical) {
			// The next table's place is told from the start of the extended partition, and its
			// length covers table and partition.
			follows := logical[i+1]
			entry(ebr[:], 1, 0x05, after-extended.First, follows.First+follows.Sectors-after)
		}
		ebr[510], ebr[511] = 0x55, 0xaa
		table[at] = ebr
		at = after
	}
	return table, nil
}

// entry writes one of the four entries of a table. Its cylinders and heads are the largest
// that can be said, which every reader of today takes as "see the sectors".
func entry(sector []byte, slot int, kind byte, first, sectors uint32) {
	e := sector[446+16*slot : 446+16*slot+16]
	copy(e[1:4], "\xfe\xff\xff")
	e[4] = kind
	copy(e[5:8], "\xfe\xff\xff")
	binary.LittleEndian.PutUint32(e[8:], first)
	binary.LittleEndian.PutUint32(e[12:], sectors)
}
