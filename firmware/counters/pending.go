package counters

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"math/big"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// The area: a header, the slots, the header again. The headers are in pages of
// their own, so that no write of a sheet, torn or not, reaches them, and no
// write of one reaches the other. What is not a header or a record is random.
const (
	sector   = 512
	page     = 4096
	areaSize = page + SlotCount*sector + page
)

var areaMagic = [8]byte{'J', 'E', 'U', 'D', 'I', 'P', 'N', '1'}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func slotOffset(slot int) int64 { return page + int64(slot)*sector }

func headerOffset(twin int) int64 {
	if twin == 0 {
		return 0
	}
	return areaSize - page
}

// seal writes the checksum of a sector in its last four bytes.
func seal(b *[sector]byte) {
	binary.BigEndian.PutUint32(b[sector-4:], crc32.Checksum(b[:sector-4], castagnoli))
}

func sealed(b []byte) bool {
	return binary.BigEndian.Uint32(b[sector-4:]) == crc32.Checksum(b[:sector-4], castagnoli)
}

func encodeHeader(batch uint64) (b [sector]byte) {
	copy(b[:], areaMagic[:])
	binary.BigEndian.PutUint64(b[8:], batch)
	seal(&b)
	return b
}

// decodeHeader returns the batch of a header, and whether it is one.
func decodeHeader(b []byte) (uint64, bool) {
	batch := binary.BigEndian.Uint64(b[8:])
	want := encodeHeader(batch)
	if batch == 0 || !bytes.Equal(b, want[:]) {
		return 0, false
	}
	return batch, true
}

// plainRecord is a record whose body is an encoded sheet. A sealed one will
// have a type of its own; this version keeps a record of any type.
const plainRecord = 1

// record is a sheet in its slot: type, 3 zeros, length, batch, id, body,
// random padding, CRC. No time, no number, no order.
type record struct {
	kind  byte
	batch uint64
	id    [16]byte
	body  []byte
}

const (
	recordHead = 32
	maxBody    = sector - recordHead - 4
)

func encodeRecord(r record, random io.Reader) ([sector]byte, error) {
	var b [sector]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return b, fmt.Errorf("drawing padding: %w", err)
	}
	if r.kind == 0 || len(r.body) > maxBody {
		return b, fmt.Errorf("record of type %d with %d bytes; want at most %d", r.kind, len(r.body), maxBody)
	}
	copy(b[:], []byte{r.kind, 0, 0, 0})
	binary.BigEndian.PutUint32(b[4:], uint32(len(r.body)))
	binary.BigEndian.PutUint64(b[8:], r.batch)
	copy(b[16:], r.id[:])
	copy(b[recordHead:], r.body)
	seal(&b)
	return b, nil
}

// decodeRecord reports whether a sector is a record. A free slot and a torn
// one are not: both hold bytes of no meaning, and nothing torn was accepted.
func decodeRecord(b []byte) (record, bool) {
	n := binary.BigEndian.Uint32(b[4:])
	if b[0] == 0 || b[1] != 0 || b[2] != 0 || b[3] != 0 || n > maxBody || !sealed(b) {
		return record{}, false
	}
	return record{
		kind:  b[0],
		batch: binary.BigEndian.Uint64(b[8:]),
		id:    [16]byte(b[16:]),
		body:  b[recordHead : recordHead+n],
	}, true
}

// readBatch returns the batch of the waiting sheets, the higher of the two
// headers, as the first is written before the second; and whether both agree.
func readBatch(path string) (batch uint64, agree bool, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return 0, false, err
	}
	if !st.Mode().IsRegular() || st.Size() != areaSize {
		return 0, false, fmt.Errorf("%w: %d bytes; want %d", ErrUnreadable, st.Size(), areaSize)
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	var twins [2]uint64
	b := make([]byte, sector)
	for twin := range 2 {
		if _, err := f.ReadAt(b, headerOffset(twin)); err != nil {
			return 0, false, err
		}
		twins[twin], _ = decodeHeader(b)
	}
	if batch = max(twins[0], twins[1]); batch == 0 {
		return 0, false, fmt.Errorf("%w: no valid header", ErrUnreadable)
	}
	return batch, twins[0] == twins[1], nil
}

// records yields the records of the current batch with their slots. Those of
// an older batch are counted already.
func (s *Store) records() (iter.Seq2[int, record], error) {
	b := make([]byte, SlotCount*sector)
	if _, err := s.area.ReadAt(b, slotOffset(0)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", pendingName, err)
	}
	return func(yield func(int, record) bool) {
		for slot := range SlotCount {
			r, ok := decodeRecord(b[slot*sector:][:sector])
			if ok && r.batch == s.batch && !yield(slot, r) {
				return
			}
		}
	}, nil
}

// freeSlot draws one of the free slots, each as likely: the place of a sheet
// says nothing of when it came.
func (s *Store) freeSlot() (int, error) {
	var free []int
	for slot, used := range s.used {
		if !used {
			free = append(free, slot)
		}
	}
	if len(free) == 0 {
		return 0, ErrFull
	}
	n, err := rand.Int(s.rand, big.NewInt(int64(len(free))))
	if err != nil {
		return 0, fmt.Errorf("counters: drawing a slot: %w", err)
	}
	return free[n.Int64()], nil
}

// writeArea writes, then sets the times of the file back to a constant: they
// would tell when the last sheet came. (The inode's change time cannot be set.)
func (s *Store) writeArea(b []byte, off int64) error {
	if _, err := s.area.WriteAt(b, off); err != nil {
		return fmt.Errorf("writing %s: %w", pendingName, err)
	}
	return timeless(s.file(pendingName))
}

func timeless(path string) error { return os.Chtimes(path, time.Unix(0, 0), time.Unix(0, 0)) }

func (s *Store) syncArea() error {
	if err := unix.Fdatasync(int(s.area.Fd())); err != nil {
		return fmt.Errorf("syncing %s: %w", pendingName, err)
	}
	return nil
}

// scrubArea overwrites every slot, used or not, so that the write says nothing.
func (s *Store) scrubArea() error {
	b := make([]byte, SlotCount*sector)
	if _, err := io.ReadFull(s.rand, b); err != nil {
		return fmt.Errorf("drawing random bytes: %w", err)
	}
	return s.writeArea(b, slotOffset(0))
}

// writeHeaders writes the header and its twin, with a barrier between: in one, a
// cut could damage both.
func (s *Store) writeHeaders(batch uint64) error {
	return s.steps(
		func() error { return s.writeHeader(0, batch) },
		s.syncArea,
		func() error { return s.writeHeader(1, batch) },
		s.syncArea,
	)
}

func (s *Store) writeHeader(twin int, batch uint64) error {
	b := encodeHeader(batch)
	return s.writeArea(b[:], headerOffset(twin))
}

// createArea makes an area without sheets under a temporary name.
func (s *Store) createArea(batch uint64) error {
	b := make([]byte, areaSize)
	if _, err := io.ReadFull(s.rand, b); err != nil {
		return fmt.Errorf("drawing random bytes: %w", err)
	}
	for twin := range 2 {
		h := encodeHeader(batch)
		copy(b[headerOffset(twin):], h[:])
	}
	temp := s.file(pendingTemp)
	return s.steps(
		func() error { return writeFile(temp, b) },
		func() error { return os.Rename(temp, s.file(pendingName)) },
		s.dir.Sync,
	)
}

func writeFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		return err
	}
	if err := timeless(path); err != nil {
		return err
	}
	return f.Sync()
}
