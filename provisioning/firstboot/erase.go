package firstboot

import (
	"bytes"
	"fmt"
	"io"
)

// A Disk is a partition to erase or to put a rescue on.
type Disk interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// erasing is what the first sector of the data holds while they are erased: the first
// 1024 bytes of an ext4 are nobody's. A cut leaves it there, so that the next start
// erases on and saves nothing of what is left.
const erasing = "JEUDI-ERASING-1\n"

// pass is how much is read at once, in bytes; the time of an erasure is that of the card.
const pass = 4 << 20

// EraseDisk leaves no byte of what lies on a partition of size bytes. What reads as zeros
// is not written again, or as ones, which is how many cards read once they are told that
// they may forget: a card is erased once, and its second erasure only reads.
//
// It reaches what a program can reach. A card keeps copies of its own of what was
// rewritten; see jeudi data erase.
func EraseDisk(d Disk, size int64, say func(done, of int64)) error {
	if _, err := d.WriteAt([]byte(erasing), 0); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	if err := d.Sync(); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	buf, zeros := make([]byte, pass), make([]byte, pass)
	const mark = 4096 // the mark's own block goes last
	for at := int64(mark); at < size; {
		n := min(int64(pass), size-at)
		got, err := d.ReadAt(buf[:n], at)
		// What cannot be read may be readable to others: it is written over.
		if (err != nil && err != io.EOF) || int64(got) < n || !even(buf[:n]) {
			if _, err := d.WriteAt(zeros[:n], at); err != nil {
				return fmt.Errorf("erase: at %d of %d bytes: %w", at, size, err)
			}
		}
		at += n
		say(at, size)
	}
	if err := d.Sync(); err != nil { // before the mark goes
		return fmt.Errorf("erase: %w", err)
	}
	if _, err := d.WriteAt(zeros[:min(mark, size)], 0); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	if err := d.Sync(); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}

// even reports whether b is all zeros or all ones.
func even(b []byte) bool {
	if len(b) == 0 || b[0] != 0 && b[0] != 0xff {
		return len(b) == 0
	}
	return len(b) == 1 || bytes.Equal(b[:len(b)-1], b[1:])
}

// begun reports whether an erasure of a partition was begun and not ended.
func begun(d io.ReaderAt) bool {
	head := make([]byte, len(erasing))
	_, err := d.ReadAt(head, 0)
	return err == nil && string(head) == erasing
}

// Where an ext4 says that it is one: its superblock, and the first copies of it for
// blocks of 4096 and of 1024 bytes.
const (
	superblock = 1024
	magicAt    = 0x38
)

func superblocks() []int64 { return []int64{superblock, 32768 * 4096, 8193 * 1024} }

// blank reports whether a partition of size bytes holds no file system and nothing that
// could be saved of one: where the tables of an ext4 begin there are zeros.
func blank(d io.ReaderAt, size int64) bool {
	for _, at := range append(superblocks(), 0) {
		b := make([]byte, 4096)
		if at+int64(len(b)) > size {
			continue
		}
		if _, err := d.ReadAt(b, at); err != nil || !even(b) {
			return false
		}
	}
	return true
}

// ext4Size is how long the file system on a partition is, in bytes, as its superblock
// says; 0 when there is none.
func ext4Size(d io.ReaderAt) int64 {
	b := make([]byte, 1024)
	if _, err := d.ReadAt(b, superblock); err != nil || b[magicAt] != 0x53 || b[magicAt+1] != 0xef {
		return 0
	}
	le := func(at int) int64 {
		return int64(b[at]) | int64(b[at+1])<<8 | int64(b[at+2])<<16 | int64(b[at+3])<<24
	}
	blocks, shift := le(4), le(0x18)
	if le(0x60)&0x80 != 0 { // 64bit
		blocks |= le(0x150) << 32
	}
	if shift > 6 {
		return 0
	}
	return blocks << (10 + shift)
}
