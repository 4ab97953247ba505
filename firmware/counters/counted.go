package counters

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// counted are the sheets of a batch that was counted, so that one of them that is
// handed in again is not counted again: a permanence that is closed twice, because a cut
// hid the first time, hands in what it handed in before. It holds a few bytes of a
// digest of each identifier, which nothing else on the card has any more, in
// ascending order, filled up with random ones: neither the identifiers, nor how many
// there were.
//
// The area has room for two, beside its headers. The lower one is overwritten, before
// the batch is counted; so until then the one before is still there. It is valid once
// a later batch is open.
type counted struct {
	batch  uint64
	digest [SlotCount]digest
}

type digest [7]byte

func digestOf(id [16]byte) digest {
	sum := sha256.Sum256(append([]byte("jeudi counted\x00"), id[:]...))
	return digest(sum[:])
}

var countedMagic = [8]byte{'J', 'E', 'U', 'D', 'I', 'I', 'D', '1'}

func countedOffset(slot int) int64 { return headerOffset(slot) + sector }

func newCounted(batch uint64, ids [][16]byte, random io.Reader) (counted, error) {
	c := counted{batch: batch}
	for i := range c.digest {
		if i < len(ids) {
			c.digest[i] = digestOf(ids[i])
		} else if _, err := io.ReadFull(random, c.digest[i][:]); err != nil {
			return counted{}, fmt.Errorf("drawing random bytes: %w", err)
		}
	}
	slices.SortFunc(c.digest[:], func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
	return c, nil
}

func (c counted) has(id [16]byte) bool {
	d := digestOf(id)
	return slices.Contains(c.digest[:], d)
}

func (c counted) encode() (b [sector]byte) {
	copy(b[:], countedMagic[:])
	binary.BigEndian.PutUint64(b[8:], c.batch)
	at := 16
	for _, d := range c.digest {
		at += copy(b[at:], d[:])
	}
	seal(&b)
	return b
}

// decodeCounted returns what encode wrote; anything else, as in the area of a version
// that did not remember, is of batch 0.
func decodeCounted(b []byte) (c counted) {
	if !bytes.HasPrefix(b, countedMagic[:]) || !sealed(b) {
		return counted{}
	}
	c.batch = binary.BigEndian.Uint64(b[8:])
	for i := range c.digest {
		c.digest[i] = digest(b[16+i*len(digest{}):])
	}
	return c
}

func (s *Store) readCounted() error {
	b := make([]byte, sector)
	for i := range s.past {
		if _, err := s.area.ReadAt(b, countedOffset(i)); err != nil {
			return fmt.Errorf("reading %s: %w", pendingName, err)
		}
		s.past[i] = decodeCounted(b)
	}
	return nil
}

// wasCounted reports whether a sheet is of one of the last two batches.
func (s *Store) wasCounted(id [16]byte) bool {
	for _, c := range s.past {
		// One of the open batch was written for a merge that did not come about.
		if c.batch > 0 && c.batch < s.head.batch && c.has(id) {
			return true
		}
	}
	return false
}

// remember writes which sheets are about to be counted.
func (s *Store) remember(ids [][16]byte) error {
	i := 0
	switch batch := s.head.batch; {
	case s.past[1].batch == batch: // of an earlier attempt
		i = 1
	case s.past[0].batch != batch && s.past[1].batch < s.past[0].batch:
		i = 1
	}
	c, err := newCounted(s.head.batch, ids, s.rand)
	if err != nil {
		return err
	}
	b := c.encode()
	s.past[i] = c
	return s.steps(
		func() error { return s.writeArea(b[:], countedOffset(i)) },
		s.syncArea,
	)
}
