package flash

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// A run is a stretch of the image that has to be written, in bytes, with its hash if the
// bmap has one.
type run struct {
	from, to int64 // to is not in it
	sum      string
}

// bmap is which parts of an image have to be written.
type bmap struct {
	size int64 // of the image
	runs []run
}

// mapped is how many bytes have to be written.
func (b bmap) mapped() (n int64) {
	for _, r := range b.runs {
		n += r.to - r.from
	}
	return n
}

// parseBmap reads a block map of bmaptool's format, version 2, and holds it to its own
// checksum (https://github.com/yoctoproject/bmaptool).
func parseBmap(raw []byte) (bmap, error) {
	var x struct {
		XMLName           xml.Name `xml:"bmap"`
		Version           string   `xml:"version,attr"`
		ImageSize         string
		BlockSize         string
		BlocksCount       string
		MappedBlocksCount string
		ChecksumType      string
		BmapFileChecksum  string
		BlockMap          struct {
			Range []struct {
				Chksum string `xml:"chksum,attr"`
				Blocks string `xml:",chardata"`
			}
		}
	}
	fail := func(format string, args ...any) (bmap, error) {
		return bmap{}, fmt.Errorf("flash: block map: "+format, args...)
	}
	if err := xml.Unmarshal(raw, &x); err != nil {
		return fail("%w", err)
	}
	if major, _, _ := strings.Cut(strings.TrimSpace(x.Version), "."); major != "2" {
		return fail("version %q is not one that this program reads", x.Version)
	}
	if kind := strings.TrimSpace(x.ChecksumType); kind != "sha256" {
		return fail("checksums of %q are not ones that this program reads", kind)
	}
	own := strings.TrimSpace(x.BmapFileChecksum)
	sum := sha256.Sum256([]byte(strings.Replace(string(raw), own, strings.Repeat("0", len(own)), 1)))
	if own != hex.EncodeToString(sum[:]) {
		return fail("its checksum is not its own: the file has changed")
	}
	var numbers [4]int64
	for i, text := range []string{x.ImageSize, x.BlockSize, x.BlocksCount, x.MappedBlocksCount} {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 0 {
			return fail("%q is no number", text)
		}
		numbers[i] = n
	}
	size, block, blocks, mapped := numbers[0], numbers[1], numbers[2], numbers[3]
	const mostBytes = 1 << 41 // beyond what an MBR can count
	if block < 512 || block > 1<<20 || size > mostBytes || blocks != (size+block-1)/block {
		return fail("%d blocks of %d bytes are not an image of %d bytes", blocks, block, size)
	}
	b := bmap{size: size}
	next, count := int64(0), int64(0)
	for _, r := range x.BlockMap.Range {
		text := strings.TrimSpace(r.Blocks)
		from, to, both := strings.Cut(text, "-")
		if !both {
			to = from
		}
		first, err1 := strconv.ParseInt(strings.TrimSpace(from), 10, 64)
		last, err2 := strconv.ParseInt(strings.TrimSpace(to), 10, 64)
		if err1 != nil || err2 != nil || first < next || last < first || last >= blocks {
			return fail("%q is no range after block %d", text, next)
		}
		next, count = last+1, count+last-first+1
		b.runs = append(b.runs, run{first * block, min((last+1)*block, size), strings.ToLower(r.Chksum)})
	}
	if count != mapped {
		return fail("%d blocks are mapped, and it says %d", count, mapped)
	}
	return b, nil
}
