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
)

// The area: a header, the slots, the header again. The headers are in pages of
// their own, so that no write of a sheet, torn or not, reaches them, and no
// write of one reaches the other. The sector after a header tells which sheets were
// counted before, see counted. What is none of these is random.
const (
	sector   = 512
	page     = 4096
	areaSize = page + SlotCount*sector + page
)

// The area of a plain batch is what versions wrote that could not seal. That of a
// sealed one has another magic: those versions set it aside and say so, rather than
// lay plain sheets beside it.
var (
	plainMagic  = [8]byte{'J', 'E', 'U', 'D', 'I', 'P', 'N', '1'}
	sealedMagic = [8]byte{'J', 'E', 'U', 'D', 'I', 'P', 'N', '2'}
)

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

// header is which batch waits in the area: magic, number, public key, zeros, CRC.
type header struct {
	batch  uint64
	public [32]byte // what its sheets are sealed to; zeros, which is no key: a plain batch
}

func (h header) sealed() bool { return h.public != [32]byte{} }

func encodeHeader(h header) (b [sector]byte) {
	copy(b[:], plainMagic[:])
	if h.sealed() {
		copy(b[:], sealedMagic[:])
	}
	binary.BigEndian.PutUint64(b[8:], h.batch)
	copy(b[16:], h.public[:])
	seal(&b)
	return b
}

// decodeHeader returns a header, and whether it is one.
func decodeHeader(b []byte) (header, bool) {
	h := header{batch: binary.BigEndian.Uint64(b[8:]), public: [32]byte(b[16:])}
	want := encodeHeader(h)
	if h.batch == 0 || !bytes.Equal(b, want[:]) {
		return header{}, false
	}
	return h, true
}

// The types of records: the body is an encoded sheet, or one in its box. A record
// of any other type, of a later version, is kept until the merge.
const (
	plainRecord  = 1
	sealedRecord = 2
)

// record is a sheet in its slot: type, 3 zeros, length, batch, id, body,
// random padding, CRC. No time, no number, no order. Every record fills its slot, and
// all of one level have bodies of one length.
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

// readHeader returns the header of the higher batch of the two, as the first is
// written before the second; and whether both agree.
func readHeader(path string) (h header, agree bool, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return header{}, false, err
	}
	if !st.Mode().IsRegular() || st.Size() != areaSize {
		return header{}, false, fmt.Errorf("%w: %d bytes; want %d", ErrUnreadable, st.Size(), areaSize)
	}
	f, err := os.Open(path)
	if err != nil {
		return header{}, false, err
	}
	defer f.Close()
	var twins [2]header
	b := make([]byte, sector)
	for twin := range 2 {
		if _, err := f.ReadAt(b, headerOffset(twin)); err != nil {
			return header{}, false, err
		}
		twins[twin], _ = decodeHeader(b)
	}
	if h = twins[0]; twins[1].batch > h.batch {
		h = twins[1]
	}
	if h.batch == 0 {
		return header{}, false, fmt.Errorf("%w: no valid header", ErrUnreadable)
	}
	return h, twins[0] == twins[1], nil
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
			if ok && r.batch == s.head.batch && !yield(slot, r) {
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
	if err := syncData(s.area); err != nil {
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
func (s *Store) writeHeaders(h header) error {
	b := encodeHeader(h)
	return s.steps(
		func() error { return s.writeArea(b[:], headerOffset(0)) },
		s.syncArea,
		func() error { return s.writeArea(b[:], headerOffset(1)) },
		s.syncArea,
	)
}

// createArea makes an area without sheets under a temporary name.
func (s *Store) createArea(batch uint64) error {
	b := make([]byte, areaSize)
	if _, err := io.ReadFull(s.rand, b); err != nil {
		return fmt.Errorf("drawing random bytes: %w", err)
	}
	head, err := s.drawHeader(batch)
	if err != nil {
		return err
	}
	h := encodeHeader(head)
	for twin := range 2 {
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
