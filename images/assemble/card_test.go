package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jeudi/provisioning/card"
)

// parts writes small partitions into a folder: file systems of some blocks, of which one
// is untouched and one of zeros.
func parts(t *testing.T) (dir string, args []string) {
	t.Helper()
	dir = t.TempDir()
	block := func(b byte) []byte { return bytes.Repeat([]byte{b}, blockBytes) }
	boot := bytes.Join([][]byte{block('b'), untouched, block(0), untouched}, nil)
	copy(boot[100:], "jeudi.slot=@ quiet\n")
	for name, content := range map[string][]byte{
		"start": bytes.Join([][]byte{block('s'), untouched}, nil),
		"boot":  boot,
		"other": block('o'),
		"root":  append(block('r'), "short end"...),
		"data":  bytes.Join([][]byte{untouched, block('d')}, nil),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"card.img", "start", "boot", "other", "root", "data"} {
		args = append(args, filepath.Join(dir, name))
	}
	return dir, args
}

func TestCard(t *testing.T) {
	dir, args := parts(t)
	if err := cardCommand(args); err != nil {
		t.Fatal(err)
	}
	img, err := os.Open(filepath.Join(dir, "card.img"))
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	table, err := card.Read(img)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(table, card.Layout()) {
		t.Errorf("the card's table is %v; want %v", table, card.Layout())
	}
	at := func(number int, offset, n int64) string {
		p, _ := card.Part(table, number)
		b := make([]byte, n)
		if _, err := img.ReadAt(b, p.Offset()+offset); err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range []struct {
		part   int
		offset int64
		want   string
	}{
		{card.PartStart, 0, "ssss"},
		{card.PartStart, blockBytes, "\x00\x00"}, // untouched blocks are zeros of the file
		{card.PartBootA, 100, "jeudi.slot=A quiet"},
		{card.PartBootB, 0, "oooo"},
		{card.PartRootA, blockBytes, "short end\x00"},
		{card.PartRootB, 0, "\x00\x00"},
		{card.PartData, 0, "\x00\x00"},
		{card.PartData, blockBytes, "dddd"},
	} {
		if got := at(c.part, c.offset, int64(len(c.want))); got != c.want {
			t.Errorf("partition %d has %q at %d; want %q", c.part, got, c.offset, c.want)
		}
	}
	if info, _ := img.Stat(); info.Size() != card.ImageBytes() {
		t.Errorf("the card is %d bytes; want %d", info.Size(), card.ImageBytes())
	}

	// A writer that follows the block map over an old card gets what the image has wherever a
	// file system looks.
	bmap, err := os.ReadFile(filepath.Join(dir, "card.img.bmap"))
	if err != nil {
		t.Fatal(err)
	}
	got := mapped(t, bmap, img)
	first := func(number int) int64 {
		p, _ := card.Part(table, number)
		return p.Offset() / blockBytes
	}
	var want []int64
	for _, number := range []int{5, 6, 7} { // their tables
		var gap int64
		if number == 5 {
			gap = first(4)
		} else {
			p, _ := card.Part(table, number-1)
			gap = (p.Offset() + p.Bytes()) / blockBytes
		}
		want = append(want, gap)
	}
	want = append(want, 0, first(1), first(2), first(2)+2, first(3), first(5), first(5)+1, first(7)+1)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the block map has %v; want %v", got, want)
	}

	// The same parts give the same bytes: the map has the sums of all that is not zeros.
	_, again := parts(t)
	if err := cardCommand(again); err != nil {
		t.Fatal(err)
	}
	if other, err := os.ReadFile(again[0] + ".bmap"); err != nil || !bytes.Equal(bmap, other) {
		t.Errorf("the card differs from one build to the next (%v)", err)
	}
}

// mapped lists the blocks of a block map, whose sums it checks.
func mapped(t *testing.T, bmap []byte, img io.ReaderAt) []int64 {
	t.Helper()
	var m struct {
		ImageSize, BlockSize, BlocksCount, MappedBlocksCount string
		BmapFileChecksum                                     string
		BlockMap                                             struct {
			Range []struct {
				Sum    string `xml:"chksum,attr"`
				Blocks string `xml:",chardata"`
			}
		}
	}
	if err := xml.Unmarshal(bmap, &m); err != nil {
		t.Fatal(err)
	}
	own := strings.TrimSpace(m.BmapFileChecksum)
	empty := bytes.Replace(bmap, []byte(own), bytes.Repeat([]byte("0"), len(own)), 1)
	if sum := sha256.Sum256(empty); hex.EncodeToString(sum[:]) != own {
		t.Error("the block map's own sum is wrong")
	}
	var blocks []int64
	for _, r := range m.BlockMap.Range {
		var first, last int64
		text := strings.TrimSpace(r.Blocks)
		if n, _ := fmt.Sscanf(text, "%d-%d", &first, &last); n == 1 {
			last = first
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, io.NewSectionReader(img, first*blockBytes, (last-first+1)*blockBytes)); err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(sum.Sum(nil)) != r.Sum {
			t.Errorf("the sum of blocks %s is wrong", text)
		}
		for b := first; b <= last; b++ {
			blocks = append(blocks, b)
		}
	}
	if got := strings.TrimSpace(m.MappedBlocksCount); got != fmt.Sprint(len(blocks)) {
		t.Errorf("the block map says %s blocks and has %d", got, len(blocks))
	}
	return blocks
}

func TestCardRefuses(t *testing.T) {
	for _, c := range []struct {
		name, part, content, want string
	}{
		{"a boot set without its slot", "boot", "nothing", "0 times"},
		{"a boot set with two", "boot", "jeudi.slot=@ jeudi.slot=@", "2 times"},
		{"a partition that is too large", "start", strings.Repeat("x", card.StartMiB<<20+1), "in a partition of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, args := parts(t)
			if err := os.WriteFile(filepath.Join(dir, c.part), []byte(c.content), 0o644); err != nil {
				t.Fatal(err)
			}
			err := cardCommand(args)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("cardCommand = %v; want %q", err, c.want)
			}
			if _, err := os.Stat(args[0]); err == nil {
				t.Error("a card was left although it is not whole")
			}
		})
	}
}

func TestClear(t *testing.T) {
	dir, args := parts(t)
	to := filepath.Join(dir, "boot.fat")
	if err := clearCommand(args[2], to); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(to)
	// The last touched block is the third: one of zeros that must be there.
	if len(got) != 3*blockBytes || !bytes.Equal(got[blockBytes:], make([]byte, 2*blockBytes)) {
		t.Errorf("the cleared file has %d bytes; want %d, zeros from %d on", len(got), 3*blockBytes, blockBytes)
	}
}
