package flash

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"unsafe"

	"jeudi/provisioning/card"
)

// A Card is an open disk, or a regular file, that is ours alone. Reads and writes are of
// whole sectors, at whole sectors, from memory that begins at a whole page: what Windows
// and macOS ask of a disk.
type Card interface {
	io.ReaderAt
	io.WriterAt
	Sync() error   // all that was written is on the card
	Forget() error // what is read next comes from the card, not from this computer's memory
}

// piece is how much is read, written and compared at once, and what is kept back of the
// image until all the rest is proved: the partition table is in it.
const piece = 1 << 20

// sector is the unit of the cards' own addresses, and the end of what a probe writes.
const sector = 4096

// aligned is memory for disks without a cache.
func aligned(n int) []byte {
	b := make([]byte, n+sector)
	skip := (sector - int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))%sector)) % sector
	return b[skip : skip+n : skip+n]
}

// A File is one of the start partition, with slashes in its name: what the box takes over
// at its next start, see provisioning/firstboot.
type File struct {
	Name string
	Text []byte
}

// Options of Write.
type Options struct {
	Bytes int64          // of the disk; 0 asks for no probe of its size
	Site  []File         // the site file and those that it names, nil for none
	Say   func(Progress) // called for each MiB, by the goroutine that called Write; may be nil
}

// Write writes an image to a card, reads it back, puts the site file there, and writes the
// partition table last of all. A card whose writing was given up has none.
//
// The error is a *Refusal where a technician can do something: the card is smaller than it
// says, gives back other bytes than were written, or the image is not the published one.
func Write(ctx context.Context, img *Image, c Card, o Options) error {
	if o.Say == nil {
		o.Say = func(Progress) {}
	}
	var ends *probe
	if o.Bytes > img.Bytes {
		var err error
		if ends, err = newProbe(ctx, c, img.Bytes, o.Bytes, o.Say); err != nil {
			return err
		}
	}
	// No table: whoever pulls the card out now has one that starts nowhere, not half a box.
	if err := writeAt(c, aligned(piece), 0); err != nil {
		return err
	}
	if err := c.Sync(); err != nil {
		return fmt.Errorf("flash: writing: %w", err)
	}
	head, written, err := stream(ctx, img, c, o.Say)
	if err != nil {
		return err
	}
	if err := verify(ctx, c, written, o.Say); err != nil {
		return err
	}
	if ends != nil {
		if err := ends.check(ctx, c, func(Progress) {}); err != nil {
			return err
		}
	}
	if o.Site != nil {
		o.Say(Progress{Step: StepSite})
		if err := putSite(ctx, c, startPart(), o.Site); err != nil {
			return err
		}
	}
	o.Say(Progress{Step: StepFinish})
	if err := writeAt(c, head, 0); err != nil {
		return err
	}
	return verify(ctx, c, []proof{{0, piece, sha256.Sum256(head)}}, func(Progress) {})
}

// startPart is where the start partition lies on every card.
func startPart() card.Partition {
	p, _ := card.Part(card.Layout(), card.PartStart)
	return p
}

// PutSite writes the site file, and those that it names, to the start partition of a card that has a system already.
func PutSite(ctx context.Context, c Card, files []File) error {
	first := aligned(sector)
	if _, err := c.ReadAt(first, 0); err != nil {
		return fmt.Errorf("flash: reading the card: %w", err)
	}
	if _, err := imageBytes([card.SectorBytes]byte(first[:card.SectorBytes])); err != nil {
		return refuse("flash.card_foreign", nil)
	}
	return putSite(ctx, c, startPart(), files)
}

// A proof is what a stretch of the card must give back.
type proof struct {
	at  int64
	len int
	sum [sha256.Size]byte
}

// A block is a part of the image on its way to the card.
type block struct {
	at   int64
	data []byte // nil at the end
	err  error
}

// stream writes all of an image but its first piece, which it returns.
func stream(ctx context.Context, img *Image, c Card, say func(Progress)) (head []byte, written []proof, err error) {
	// Unpacking and writing go on at the same time: either can be the slow one.
	const ahead = 4
	blocks, free := make(chan block, ahead), make(chan []byte, ahead+2)
	for range cap(free) {
		free <- aligned(piece)
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(blocks)
		unpack(ctx, img, blocks, free)
	}()
	defer func() { <-ended }()
	defer stop()

	var done int64
	total := img.Mapped()
	for b := range blocks {
		if b.err != nil {
			return nil, nil, b.err
		}
		for _, r := range img.wanted(b.at, int64(len(b.data))) {
			part := b.data[r.from-b.at : r.to-b.at]
			done += int64(len(part))
			if b.at == 0 {
				continue
			}
			if err := writeAt(c, part, r.from); err != nil {
				return nil, nil, err
			}
			written = append(written, proof{r.from, len(part), sha256.Sum256(part)})
		}
		say(Progress{StepWrite, min(done, total), total})
		if b.at == 0 {
			head = bytes.Clone(b.data)
		}
		free <- b.data[:piece]
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if len(head) != piece {
		return nil, nil, refuse("flash.image_short", nil)
	}
	if err := c.Sync(); err != nil {
		return nil, nil, fmt.Errorf("flash: writing: %w", err)
	}
	aside := aligned(piece)
	copy(aside, head)
	return aside, written, nil
}

// wanted are the stretches of a part of the image that have to be written, in whole sectors.
func (img *Image) wanted(at, n int64) []run {
	if img.bmap == nil {
		return []run{{from: at, to: at + n}}
	}
	var list []run
	runs := img.bmap.runs
	first, _ := slices.BinarySearchFunc(runs, at, func(r run, at int64) int {
		if r.to <= at {
			return -1
		}
		return 1
	})
	for _, r := range runs[first:] {
		if r.from >= at+n {
			break
		}
		from, to := max(r.from, at), min(r.to, at+n)
		list = append(list, run{from: from &^ (card.SectorBytes - 1), to: min((to+card.SectorBytes-1)&^(card.SectorBytes-1), at+n)})
	}
	return list
}

// unpack reads an image into blocks, and holds it to its bmap and to what was published.
func unpack(ctx context.Context, img *Image, blocks chan<- block, free <-chan []byte) {
	send := func(b block) bool {
		select {
		case blocks <- b:
			return b.err == nil
		case <-ctx.Done():
			return false
		}
	}
	r, err := img.open()
	if err != nil {
		send(block{err: err})
		return
	}
	defer r.Close()
	check := checker{runs: img.runs()}
	for at := int64(0); ; {
		var b []byte
		select {
		case b = <-free:
		case <-ctx.Done():
			return
		}
		n, err := fill(r, b)
		whole := n // in whole sectors
		for whole%card.SectorBytes != 0 {
			b[whole] = 0
			whole++
		}
		if n > 0 {
			if !check.add(b[:n]) {
				send(block{err: refuse("flash.image_changed", map[string]any{"file": r.file.Name()})})
				return
			}
			if !send(block{at: at, data: b[:whole]}) {
				return
			}
		}
		at += int64(n)
		if errors.Is(err, io.EOF) {
			if at < img.Bytes {
				err = refuse("flash.image_short", nil)
			} else {
				err = r.whole(img.sum)
			}
			if err != nil {
				send(block{err: err})
			}
			return
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = refuse("flash.image_short", nil)
		}
		if err != nil {
			send(block{err: fmt.Errorf("flash: unpacking: %w", err)})
			return
		}
	}
}

// fill reads until b is full. io.EOF is the good end of the image, which io.ReadFull would
// make the same as that of a packed file that is cut.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var k int
		k, err = r.Read(b[n:])
		n += k
	}
	if n == len(b) && errors.Is(err, io.EOF) {
		err = nil // the next call says so
	}
	return n, err
}

func (img *Image) runs() []run {
	if img.bmap == nil {
		return nil
	}
	return img.bmap.runs
}

// checker holds an image to the hashes of its bmap while it goes by.
type checker struct {
	runs []run
	at   int64
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
}

// add takes the next bytes of the image; false when a run is not what the bmap says.
func (c *checker) add(b []byte) bool {
	end := c.at + int64(len(b))
	for len(c.runs) > 0 && c.runs[0].from < end {
		r := c.runs[0]
		if c.sum == nil {
			c.sum = sha256.New()
		}
		from, to := max(r.from, c.at), min(r.to, end)
		c.sum.Write(b[from-c.at : to-c.at])
		if r.to > end {
			break
		}
		if r.sum != "" && hex.EncodeToString(c.sum.Sum(nil)) != r.sum {
			return false
		}
		c.runs, c.sum = c.runs[1:], nil
	}
	c.at = end
	return true
}

// verify reads back what was written.
func verify(ctx context.Context, c Card, written []proof, say func(Progress)) error {
	if err := c.Sync(); err != nil {
		return fmt.Errorf("flash: writing: %w", err)
	}
	if err := c.Forget(); err != nil {
		return fmt.Errorf("flash: reading back: %w", err)
	}
	var done, total int64
	for _, p := range written {
		total += int64(p.len)
	}
	buf := aligned(piece)
	for _, p := range written {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := c.ReadAt(buf[:p.len], p.at); err != nil {
			return fmt.Errorf("flash: reading back: %w", err)
		}
		if sha256.Sum256(buf[:p.len]) != p.sum {
			return refuse("flash.card_differs", map[string]any{"at": Size(p.at)})
		}
		done += int64(p.len)
		say(Progress{StepVerify, done, total})
	}
	return nil
}

func writeAt(c Card, b []byte, at int64) error {
	if _, err := c.WriteAt(b, at); err != nil {
		return fmt.Errorf("flash: writing at %d: %w", at, err)
	}
	return nil
}
