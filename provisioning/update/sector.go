package update

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"jeudi/provisioning/card"
)

// errStart is that the start partition is not as the card was made.
var errStart = errors.New("update: autoboot.txt of the start partition is not as it must be")

// autoBootSector finds the sector of autoboot.txt in the start partition, and reads it.
//
// The file has one sector and the commit writes that sector, in place, past the file
// system: no table of the FAT, no entry of a folder changes, so that none of them can be
// lost or half written. A rename on FAT touches three or four sectors in an order that
// nobody promises, one of which holds the names of all files. What is written are two
// digits; of a sector torn at any byte both readings start a slot that works.
func autoBootSector(start io.ReaderAt) (at int64, sector []byte, err error) {
	boot := make([]byte, card.SectorBytes)
	if _, err := start.ReadAt(boot, 0); err != nil {
		return 0, nil, fmt.Errorf("update: read the start partition: %w", err)
	}
	u16 := func(at int) int64 { return int64(binary.LittleEndian.Uint16(boot[at:])) }
	u32 := func(at int) int64 { return int64(binary.LittleEndian.Uint32(boot[at:])) }
	perCluster, fats := int64(boot[13]), int64(boot[16])
	reserved, rootEntries := u16(14), u16(17)
	perFAT := u16(22)
	if perFAT == 0 {
		perFAT = u32(36)
	}
	if boot[510] != 0x55 || boot[511] != 0xaa || u16(11) != card.SectorBytes || perCluster == 0 || fats == 0 || reserved == 0 || perFAT == 0 {
		return 0, nil, fmt.Errorf("%w: no FAT of %d-byte sectors", errStart, card.SectorBytes)
	}
	fat := reserved
	root := reserved + fats*perFAT
	data := root + (rootEntries*32+card.SectorBytes-1)/card.SectorBytes
	cluster := int64(0)
	sectors := data - root
	if rootEntries == 0 { // FAT32: the root is a chain of clusters
		cluster = u32(44)
		root, sectors = data+(cluster-2)*perCluster, perCluster
	}
	buf := make([]byte, card.SectorBytes)
	const mostSectors = 4096 // of a folder, against a chain that is a ring
	for seen := int64(0); seen < mostSectors; {
		for i := range sectors {
			if _, err := start.ReadAt(buf, (root+i)*card.SectorBytes); err != nil {
				return 0, nil, fmt.Errorf("update: read the start partition: %w", err)
			}
			for e := buf; len(e) >= 32; e = e[32:] {
				if e[0] == 0 {
					return 0, nil, fmt.Errorf("%w: it is missing", errStart)
				}
				// A name of 8.3; a part of a long one has the attributes 0x0f.
				if e[11]&0x18 != 0 || !bytes.EqualFold(e[:11], []byte("AUTOBOOTTXT")) {
					continue
				}
				first := int64(binary.LittleEndian.Uint16(e[26:]))
				if rootEntries == 0 {
					first |= int64(binary.LittleEndian.Uint16(e[20:])) << 16
				}
				size := binary.LittleEndian.Uint32(e[28:])
				if first < 2 || int(size) != len(card.AutoBootText(card.SlotA)) {
					return 0, nil, fmt.Errorf("%w: %d bytes", errStart, size)
				}
				at = (data + (first-2)*perCluster) * card.SectorBytes
				sector = make([]byte, card.SectorBytes)
				if _, err := start.ReadAt(sector, at); err != nil {
					return 0, nil, fmt.Errorf("update: read autoboot.txt: %w", err)
				}
				return at, sector, nil
			}
		}
		if rootEntries != 0 {
			break
		}
		seen += sectors
		var entry [4]byte
		if _, err := start.ReadAt(entry[:], fat*card.SectorBytes+4*cluster); err != nil {
			return 0, nil, fmt.Errorf("update: read the start partition: %w", err)
		}
		cluster = int64(binary.LittleEndian.Uint32(entry[:]) & 0x0fffffff)
		if cluster < 2 || cluster >= 0x0ffffff8 {
			break
		}
		root = data + (cluster-2)*perCluster
	}
	return 0, nil, fmt.Errorf("%w: it is missing", errStart)
}

// keptSlot is the slot that autoboot.txt names.
func keptSlot(start io.ReaderAt) (card.Slot, error) {
	_, sector, err := autoBootSector(start)
	if err != nil {
		return 0, err
	}
	plain, _ := card.ParseAutoBoot(sector[:len(card.AutoBootText(card.SlotA))])
	if slot := card.SlotOf(plain); slot != 0 {
		return slot, nil
	}
	return 0, fmt.Errorf("%w: it starts partition %d", errStart, plain)
}

// keep makes a slot the kept one: the commit. It is done, or nothing is changed, or the
// error leaves open which.
func keep(start Device, slot card.Slot) error {
	at, sector, err := autoBootSector(start)
	if err != nil {
		return err
	}
	want := bytes.Clone(sector)
	copy(want, card.AutoBootText(slot))
	if bytes.Equal(want, sector) {
		return nil
	}
	if _, err := start.WriteAt(want, at); err != nil {
		return fmt.Errorf("update: write autoboot.txt: %w", err)
	}
	if err := start.Flush(); err != nil {
		return fmt.Errorf("update: write autoboot.txt: %w", err)
	}
	if _, err := start.ReadAt(sector, at); err != nil {
		return fmt.Errorf("update: read autoboot.txt again: %w", err)
	}
	if !bytes.Equal(want, sector) {
		return errors.New("update: the card does not give back what was written into autoboot.txt")
	}
	return nil
}
