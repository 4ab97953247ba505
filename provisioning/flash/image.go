package flash

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	// Its zstd is the one that all of Go uses; the standard library has none.
	"github.com/klauspost/compress/zstd"
	// The only xz for Go that is kept up; the standard library has none.
	"github.com/ulikunitz/xz"

	"jeudi/provisioning/card"
)

// An Image is the file that is written to cards: as it is, or packed with xz, zstd or gzip.
type Image struct {
	Path  string
	Sums  []byte // the SHA256SUMS beside it, whole, for whoever checks its signature; nil without one that names the image
	Bytes int64  // unpacked; of a packed image, what its partition table and its bmap say

	fileBytes int64
	sum       string // of the file as it was published, "" when nothing beside it says so
	bmap      *bmap
}

// Sums are the names under which the hashes of published files lie beside them.
const Sums = "SHA256SUMS"

// OpenImage looks at an image file, and at what lies beside it: NAME.bmap, which parts have
// to be written, and SHA256SUMS, what it has to be. It reads the first sector alone; that
// the file is whole, Check knows where its hash is published, and Write when all is written.
func OpenImage(path string) (*Image, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("flash: %w", err)
	}
	if info.IsDir() {
		return nil, refuse("flash.image_folder", map[string]any{"file": path})
	}
	img := &Image{Path: path, fileBytes: info.Size()}
	r, err := img.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var first [card.SectorBytes]byte
	if _, err := io.ReadFull(r, first[:]); err != nil {
		return nil, refuse("flash.image_foreign", map[string]any{"file": filepath.Base(path)})
	}
	if img.Bytes, err = imageBytes(first); err != nil {
		return nil, refuse("flash.image_foreign", map[string]any{"file": filepath.Base(path)})
	}
	bare := path
	for _, ext := range []string{".xz", ".zst", ".gz"} {
		bare = strings.TrimSuffix(bare, ext)
	}
	switch raw, err := os.ReadFile(bare + ".bmap"); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("flash: %w", err)
	default:
		m, err := parseBmap(raw)
		if err != nil {
			return nil, err
		}
		if m.size < img.Bytes {
			return nil, refuse("flash.image_bmap", map[string]any{"file": filepath.Base(bare + ".bmap")})
		}
		img.bmap, img.Bytes = &m, m.size
	}
	switch raw, err := os.ReadFile(filepath.Join(filepath.Dir(path), Sums)); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("flash: %w", err)
	default:
		if img.sum = published(raw, filepath.Base(path)); img.sum != "" {
			img.Sums = raw
		}
	}
	return img, nil
}

// Published reports whether a SHA256SUMS beside the image says what it has to be.
func (img *Image) Published() bool { return img.sum != "" }

// Check reads the file once and says whether it is the one that was published: before a
// card is erased for nothing, and again while it is written. It is nil where nothing beside
// the image says what it has to be. say is called for each MiB.
func (img *Image) Check(ctx context.Context, say func(Progress)) error {
	if !img.Published() {
		return nil
	}
	f, err := os.Open(img.Path)
	if err != nil {
		return fmt.Errorf("flash: %w", err)
	}
	defer f.Close()
	sum, buf := sha256.New(), make([]byte, piece)
	for done := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := fill(f, buf)
		sum.Write(buf[:n])
		if done += int64(n); n > 0 {
			say(Progress{StepCheck, done, max(done, img.fileBytes)})
		}
		switch {
		case errors.Is(err, io.EOF) && hex.EncodeToString(sum.Sum(nil)) != img.sum:
			return refuse("flash.image_damaged", map[string]any{"file": filepath.Base(img.Path)})
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("flash: reading the image: %w", err)
		}
	}
}

// Mapped is how many bytes will be written: less than Bytes with a bmap.
func (img *Image) Mapped() int64 {
	if img.bmap == nil {
		return img.Bytes
	}
	return img.bmap.mapped()
}

// imageBytes is where the last partition of a first sector ends, for one that is ours.
func imageBytes(sector [card.SectorBytes]byte) (int64, error) {
	if sector[510] != 0x55 || sector[511] != 0xaa || binary.LittleEndian.Uint32(sector[440:]) != card.Signature {
		return 0, errors.New("flash: this is no card of Jeudi")
	}
	var end int64
	for i := range 4 {
		entry := sector[446+16*i:]
		first, count := binary.LittleEndian.Uint32(entry[8:]), binary.LittleEndian.Uint32(entry[12:])
		end = max(end, (int64(first)+int64(count))*card.SectorBytes)
	}
	return end, nil
}

// published finds the hash of a file in a SHA256SUMS, "" if it is not there.
func published(list []byte, name string) string {
	for line := range strings.Lines(string(list)) {
		sum, file, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && strings.TrimPrefix(strings.TrimLeft(file, " "), "*") == name && len(sum) == sha256.Size*2 {
			return strings.ToLower(sum)
		}
	}
	return ""
}

// reading is an image while it is read: unpacked, with the hash of the file itself.
type reading struct {
	io.Reader
	file  *os.File
	taken *counted
	close func()
}

// counted hashes and counts what is taken from a file.
type counted struct {
	r   io.Reader
	sum hash.Hash
	n   int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.sum.Write(b[:n])
	c.n += int64(n)
	return n, err
}

// open begins to read the image. How it is packed is seen in its first bytes, whatever its
// name says.
func (img *Image) open() (*reading, error) {
	f, err := os.Open(img.Path)
	if err != nil {
		return nil, fmt.Errorf("flash: %w", err)
	}
	taken := &counted{r: f, sum: sha256.New()}
	r := bufio.NewReaderSize(taken, 1<<20)
	out := &reading{Reader: r, file: f, taken: taken, close: func() {}}
	head, err := r.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return nil, fmt.Errorf("flash: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		out.Reader, err = xz.NewReader(r)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		var z *zstd.Decoder
		if z, err = zstd.NewReader(r); err == nil {
			out.Reader, out.close = z, z.Close
		}
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		out.Reader, err = gzip.NewReader(r)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		err = refuse("flash.image_zip", map[string]any{"file": filepath.Base(img.Path)})
	default:
		err = nil
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("flash: unpacking: %w", err)
	}
	return out, nil
}

// whole reads the file to its end and says whether it is the one that was published.
func (r *reading) whole(sum string) error {
	if _, err := io.Copy(io.Discard, r.taken); err != nil {
		return fmt.Errorf("flash: reading the image: %w", err)
	}
	if got := hex.EncodeToString(r.taken.sum.Sum(nil)); sum != "" && got != sum {
		return refuse("flash.image_changed", map[string]any{"file": filepath.Base(r.file.Name())})
	}
	return nil
}

func (r *reading) Close() error {
	r.close()
	return r.file.Close()
}
