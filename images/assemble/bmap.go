package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// blockBytes is the unit of a bmap.
const blockBytes = 4096

// A span is a run of blocks, both ends included, as a bmap counts.
type span struct{ first, last int64 }

// spans collects blocks.
type spans []span

func (s *spans) add(block int64) {
	if n := len(*s); n > 0 && (*s)[n-1].last == block-1 {
		(*s)[n-1].last = block
		return
	}
	*s = append(*s, span{block, block})
}

// sorted is the same, in the order of the card and joined.
func (s spans) sorted() []span {
	slices.SortFunc(s, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	var joined []span
	for _, next := range s {
		if n := len(joined); n > 0 && joined[n-1].last >= next.first-1 {
			joined[n-1].last = max(joined[n-1].last, next.last)
			continue
		}
		joined = append(joined, next)
	}
	return joined
}

// untouched fills a file before a file system is made in it. A block that still has it
// afterwards is one that the file system never reads, which a writer of cards may skip; a
// block of zeros may be one that must be zero, over what the card had there.
var untouched = bytes.Repeat([]byte("jeudi: untouched"), blockBytes/16)

// touchedBlocks calls do for each block of a file that is not untouched, in order. The last
// one may be short.
func touchedBlocks(r io.Reader, do func(at int64, block []byte) error) error {
	r = bufio.NewReaderSize(r, 1<<20)
	block := make([]byte, blockBytes)
	for at := int64(0); ; at += blockBytes {
		n, err := io.ReadFull(r, block)
		if n > 0 && !bytes.Equal(block[:n], untouched) {
			if err := do(at, block[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// blankCommand makes a file of untouched blocks.
func blankCommand(name, mib string) error {
	n, err := strconv.Atoi(mib)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is no number of MiB", mib)
	}
	return os.WriteFile(name, bytes.Repeat(untouched, n<<20/blockBytes), 0o644)
}

// clearCommand copies a file with zeros for its untouched blocks, up to the last one that
// was touched.
func clearCommand(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	err = touchedBlocks(in, func(at int64, block []byte) error {
		_, err := out.WriteAt(block, at)
		return err
	})
	return errors.Join(err, out.Close())
}

// writeBmap makes the block map of an image, in version 2.0 of bmaptool's format
// (https://github.com/yoctoproject/bmaptool): which blocks a writer has to write, with a
// SHA-256 for each run and one for the file itself.
func writeBmap(img io.ReaderAt, size int64, used []span) ([]byte, error) {
	var mapped int64
	for _, s := range used {
		mapped += s.last - s.first + 1
	}
	blocks := (size + blockBytes - 1) / blockBytes
	var b strings.Builder
	// The file's own sum is taken with zeros in its place.
	none := strings.Repeat("0", sha256.Size*2)
	fmt.Fprintf(&b, `<?xml version="1.0" ?>
<bmap version="2.0">
    <ImageSize> %d </ImageSize>
    <BlockSize> %d </BlockSize>
    <BlocksCount> %d </BlocksCount>
    <MappedBlocksCount> %d </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> %s </BmapFileChecksum>
    <BlockMap>
`, size, blockBytes, blocks, mapped, none)
	for _, s := range used {
		sum := sha256.New()
		end := min((s.last+1)*blockBytes, size)
		if _, err := io.Copy(sum, io.NewSectionReader(img, s.first*blockBytes, end-s.first*blockBytes)); err != nil {
			return nil, err
		}
		blocks := fmt.Sprintf("%d-%d", s.first, s.last)
		if s.first == s.last {
			blocks = fmt.Sprint(s.first)
		}
		fmt.Fprintf(&b, "        <Range chksum=\"%x\"> %s </Range>\n", sum.Sum(nil), blocks)
	}
	b.WriteString("    </BlockMap>\n</bmap>\n")
	own := sha256.Sum256([]byte(b.String()))
	return []byte(strings.Replace(b.String(), none, hex.EncodeToString(own[:]), 1)), nil
}
