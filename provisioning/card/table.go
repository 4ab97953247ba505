package card

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// ErrNotOurs is that a disk does not begin with our table.
var ErrNotOurs = errors.New("card: not a card of Jeudi")

// logicalMost bounds the chain of logical partitions, which a damaged card could close
// into a ring.
const logicalMost = 8

// Read reads the partition table of a disk: by number, as Layout has it. A disk without our
// signature is ErrNotOurs.
func Read(disk io.ReaderAt) ([]Partition, error) {
	var sector [SectorBytes]byte
	if _, err := disk.ReadAt(sector[:], 0); err != nil {
		return nil, fmt.Errorf("card: read the partition table: %w", err)
	}
	if sector[510] != 0x55 || sector[511] != 0xaa || binary.LittleEndian.Uint32(sector[440:]) != Signature {
		return nil, ErrNotOurs
	}
	var parts []Partition
	var extended Partition
	for i := range 4 {
		p := readEntry(sector[:], i)
		p.Number = i + 1
		if p.Sectors == 0 {
			continue
		}
		if p.Type == TypeExtended {
			extended = p
		}
		parts = append(parts, p)
	}
	for at := extended.First; at != 0; {
		if len(parts) >= 4+logicalMost {
			return nil, errors.New("card: the chain of logical partitions has no end")
		}
		if _, err := disk.ReadAt(sector[:], int64(at)*SectorBytes); err != nil {
			return nil, fmt.Errorf("card: read the partition table: %w", err)
		}
		if sector[510] != 0x55 || sector[511] != 0xaa {
			return nil, fmt.Errorf("card: no table of a logical partition at sector %d", at)
		}
		p, next := readEntry(sector[:], 0), readEntry(sector[:], 1)
		if p.Sectors > 0 {
			p.First += at
			p.Number = 5
			if last := parts[len(parts)-1]; last.Number >= 5 {
				p.Number = last.Number + 1
			}
			parts = append(parts, p)
		}
		at = 0
		if next.Sectors > 0 {
			at = extended.First + next.First
		}
	}
	return parts, nil
}

func readEntry(sector []byte, slot int) Partition {
	e := sector[446+16*slot : 446+16*slot+16]
	return Partition{Type: e[4], First: binary.LittleEndian.Uint32(e[8:]), Sectors: binary.LittleEndian.Uint32(e[12:])}
}

// Part is one partition of a table; false when it has none of that number.
func Part(parts []Partition, number int) (Partition, bool) {
	i := slices.IndexFunc(parts, func(p Partition) bool { return p.Number == number })
	if i < 0 {
		return Partition{}, false
	}
	return parts[i], true
}

// Grown is the table of a disk of so many bytes: its last partition, the data, and the
// extended one around it end where the disk does, at a whole allocation unit. A table that
// cannot grow comes back as it is. An MBR counts no further than 2 TiB.
func Grown(parts []Partition, diskBytes int64) []Partition {
	grown := slices.Clone(parts)
	end := min(diskBytes/SectorBytes, math.MaxUint32) / alignSectors * alignSectors
	data := slices.IndexFunc(grown, func(p Partition) bool { return p.Number == PartData })
	extended := slices.IndexFunc(grown, func(p Partition) bool { return p.Type == TypeExtended })
	if data < 0 || extended < 0 || data != len(grown)-1 || end <= int64(grown[data].First)+int64(grown[data].Sectors) {
		return grown
	}
	grown[data].Sectors = uint32(end) - grown[data].First
	grown[extended].Sectors = uint32(end) - grown[extended].First
	return grown
}

// A Sector is one write of a table.
type Sector struct {
	Number uint32
	Bytes  [SectorBytes]byte
}

// Changes are the sectors to write so that a disk has the table of parts, in an order in
// which each state between is a table as good as the first: the extended partition grows
// before what is in it. A disk whose table we would not have written as it is (somebody
// has partitioned it anew) is ErrNotOurs, and is to be left as it is.
func Changes(disk io.ReaderAt, parts []Partition) ([]Sector, error) {
	now, err := Read(disk)
	if err != nil {
		return nil, err
	}
	ours, err := Table(now)
	if err != nil {
		return nil, errors.Join(ErrNotOurs, err)
	}
	want, err := Table(parts)
	if err != nil {
		return nil, err
	}
	var changes []Sector
	for _, n := range slices.Sorted(maps.Keys(want)) {
		var is [SectorBytes]byte
		if _, err := disk.ReadAt(is[:], int64(n)*SectorBytes); err != nil {
			return nil, fmt.Errorf("card: read the partition table: %w", err)
		}
		// One that a cut growth has written already is ours too.
		if known, ok := ours[n]; is != want[n] && (!ok || known != is) {
			return nil, fmt.Errorf("%w: the table at sector %d is another's", ErrNotOurs, n)
		}
		if is != want[n] {
			changes = append(changes, Sector{n, want[n]})
		}
	}
	return changes, nil
}
