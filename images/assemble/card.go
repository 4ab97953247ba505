package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"jeudi/provisioning/card"
	"jeudi/provisioning/update"
)

// cardCommand makes a card image. Slot A is there; slot B is an empty file system, so that
// no computer asks to format it, until the first update fills it.
func cardCommand(args []string) (err error) {
	out, start, boot, other, root, data := args[0], args[1], args[2], args[3], args[4], args[5]
	img, err := os.Create(out + ".new")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, img.Close()) }()
	used, err := assembleCard(img, map[int]string{
		card.PartStart: start, card.PartBootA: boot, card.PartBootB: other, card.PartRootA: root, card.PartData: data,
	})
	if err != nil {
		return err
	}
	if err := img.Sync(); err != nil {
		return err
	}
	bmap, err := writeBmap(img, card.ImageBytes(), used)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out+".bmap", bmap, 0o644); err != nil {
		return err
	}
	return os.Rename(out+".new", out)
}

// assembleCard writes the table and the partitions, and says which blocks it wrote.
func assembleCard(img *os.File, files map[int]string) ([]span, error) {
	parts := card.Layout()
	table, err := card.Table(parts)
	if err != nil {
		return nil, err
	}
	if err := img.Truncate(card.ImageBytes()); err != nil {
		return nil, err
	}
	var used spans
	for _, at := range slices.Sorted(maps.Keys(table)) {
		sector := table[at]
		if _, err := img.WriteAt(sector[:], int64(at)*card.SectorBytes); err != nil {
			return nil, err
		}
		used.add(int64(at) * card.SectorBytes / blockBytes)
	}
	for _, p := range parts {
		name, ok := files[p.Number]
		if !ok {
			continue
		}
		if err := copyPart(img, p, name, &used); err != nil {
			return nil, fmt.Errorf("partition %d, %s: %w", p.Number, name, err)
		}
	}
	boot, err := os.Open(files[card.PartBootA])
	if err != nil {
		return nil, err
	}
	defer boot.Close()
	at, err := update.FindSlotByte(boot)
	if err != nil {
		return nil, err
	}
	a, _ := card.Part(parts, card.PartBootA)
	_, err = img.WriteAt([]byte{byte(card.SlotA)}, a.Offset()+at)
	return used.sorted(), err
}

// copyPart writes a file at the place of a partition, but for its untouched blocks.
func copyPart(img io.WriterAt, p card.Partition, name string, used *spans) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > p.Bytes() {
		return fmt.Errorf("%d bytes in a partition of %d", info.Size(), p.Bytes())
	}
	return touchedBlocks(f, func(at int64, block []byte) error {
		used.add((p.Offset() + at) / blockBytes)
		_, err := img.WriteAt(block, p.Offset()+at)
		return err
	})
}
