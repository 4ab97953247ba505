package update

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"io"
	"math/bits"
)

// Lengths of the pieces that an image is cut into to find it again in another, in bytes.
// Where a cut falls depends on the bytes before it alone, so that a file that grew inside a
// squashfs moves what follows and hides none of it.
const (
	chunkMin  = 2 << 10
	chunkMean = 8 << 10
	chunkMax  = 64 << 10
)

// chunks cuts what it reads into pieces, as FastCDC does with one mask ("gear" hashing).
// No library: the only well-kept one in Go is a part of a backup program, and what is
// needed here is this loop, at the time a bundle is made. The box never runs it.
func chunks(r io.Reader, each func(piece []byte) error) error {
	in := bufio.NewReaderSize(r, 1<<20)
	gear := gearTable()
	mask := uint64(chunkMean-1) << (64 - bits.Len(chunkMean-1))
	piece := make([]byte, 0, chunkMax)
	var h uint64
	for {
		b, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			if len(piece) == 0 {
				return nil
			}
			return each(piece)
		}
		if err != nil {
			return err
		}
		piece = append(piece, b)
		h = h<<1 + gear[b]
		if len(piece) >= chunkMin && h&mask == 0 || len(piece) == chunkMax {
			if err := each(piece); err != nil {
				return err
			}
			piece, h = piece[:0], 0
		}
	}
}

// gearTable is a random number for each byte: splitmix64 from a fixed seed, so that the
// same images always make the same bundle.
func gearTable() (table [256]uint64) {
	var seed uint64
	for i := range table {
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		table[i] = z ^ z>>31
	}
	return table
}

// runs is how an image is put together from a base: what is found there again, and what
// is not. Neighbours are joined.
func runs(image, base io.Reader) ([]Run, error) {
	known := map[Hash]int64{}
	if base != nil {
		var at int64
		err := chunks(base, func(piece []byte) error {
			h := Hash(sha256.Sum256(piece))
			if _, ok := known[h]; !ok {
				known[h] = at
			}
			at += int64(len(piece))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var list []Run
	err := chunks(image, func(piece []byte) error {
		r := Run{Length: int64(len(piece))}
		if at, ok := known[sha256.Sum256(piece)]; ok {
			r.From = at + 1
		}
		if n := len(list); n > 0 {
			last := &list[n-1]
			if r.From == 0 && last.From == 0 || last.From != 0 && r.From == last.From+last.Length {
				last.Length += r.Length
				return nil
			}
		}
		list = append(list, r)
		return nil
	})
	return list, err
}
