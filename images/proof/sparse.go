package proof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
)

// copySparse copies a file from its beginning, and leaves holes where it has some.
func copySparse(to, from *os.File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	if err := to.Truncate(info.Size()); err != nil {
		return err
	}
	for at := int64(0); ; {
		begin, err := unix.Seek(int(from.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) { // no more data
			return nil
		}
		if err != nil {
			return fmt.Errorf("seek: %w", err)
		}
		end, err := unix.Seek(int(from.Fd()), begin, unix.SEEK_HOLE)
		if err != nil {
			return fmt.Errorf("seek: %w", err)
		}
		if _, err := io.Copy(io.NewOffsetWriter(to, begin), io.NewSectionReader(from, begin, end-begin)); err != nil {
			return err
		}
		at = end
	}
}

// cutOut copies some bytes of a disk into a file of their own, and leaves holes for zeros.
func cutOut(to string, disk io.ReaderAt, at, n int64) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	err = f.Truncate(n)
	zero, b := make([]byte, 1<<20), make([]byte, 1<<20)
	for done := int64(0); err == nil && done < n; done += int64(len(b)) {
		b = b[:min(int64(len(b)), n-done)]
		if err = readFull(disk, b, at+done); err == nil && !bytes.Equal(b, zero[:len(b)]) {
			_, err = f.WriteAt(b, done)
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", to, err)
	}
	return nil
}

// startable copies what the firmware reads of a disk: the tables, and the partitions in front.
func startable(to string, disk io.ReaderAt) error {
	parts, err := card.Read(disk)
	if err != nil {
		return err
	}
	table, err := card.Table(parts)
	if err != nil {
		return err
	}
	last, _ := card.Part(parts, card.PartBootB)
	end := last.Offset() + last.Bytes()
	if err := cutOut(to, disk, 0, end); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	for n, sector := range table {
		if at := int64(n) * card.SectorBytes; err == nil && at >= end { // the logical partitions' tables
			_, err = f.WriteAt(sector[:], at)
		}
	}
	return errors.Join(err, f.Close())
}

// partition copies a partition of a disk into a file of its own.
func partition(to string, disk io.ReaderAt, number int) error {
	p, err := found(disk, number)
	if err != nil {
		return err
	}
	return cutOut(to, disk, p.Offset(), p.Bytes())
}

// found is a partition of a disk, where its table says.
func found(disk io.ReaderAt, number int) (card.Partition, error) {
	parts, err := card.Read(disk)
	if err != nil {
		return card.Partition{}, err
	}
	p, ok := card.Part(parts, number)
	if !ok {
		return card.Partition{}, fmt.Errorf("the card has no partition %d", number)
	}
	return p, nil
}
