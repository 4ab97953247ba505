package update

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"aead.dev/minisign"
	"github.com/klauspost/compress/zstd"
)

// An Input is what a bundle is made of: two files, as the card's image has them.
type Input struct {
	Version    string
	DataFormat int
	Boot, Root string // files; cmdline.txt of the boot set has jeudi.slot=@
	// Base makes a small bundle, for boxes that run that version: the whole bundle it came
	// in, and the key that this one was signed with. "" makes a whole one.
	Base    string
	BaseKey PublicKey
	// Scratch is a folder for files of the images' size while the bundle is made.
	Scratch string
}

// SlotWords are in a boot set that was made for both slots, on the kernel's command line:
// whoever writes it into one puts the slot's letter in place of the last byte.
const SlotWords = "jeudi.slot=" + string(rune(slotMark))

// FindSlotByte is where the letter of the slot stands in the image of a boot set that was
// made for both. There is exactly one such place, or the error says how many.
func FindSlotByte(boot io.Reader) (int64, error) {
	at, found, places := int64(0), int64(0), 0
	buf := make([]byte, 0, 1<<20)
	for {
		n, err := io.ReadFull(boot, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		for i := 0; ; {
			j := bytes.Index(buf[i:], []byte(SlotWords))
			if j < 0 {
				break
			}
			i += j + len(SlotWords)
			found, places = at+int64(i)-1, places+1
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		// What may be the beginning of the words is looked at again with what follows.
		keep := min(len(buf), len(SlotWords)-1)
		at += int64(len(buf) - keep)
		buf = buf[:copy(buf, buf[len(buf)-keep:])]
	}
	if places != 1 {
		return 0, fmt.Errorf("update: %q is %d times in the boot set and must be there once", SlotWords, places)
	}
	return found, nil
}

// Make writes a signed bundle. The same input and key make the same bytes.
func Make(out io.Writer, in Input, key PrivateKey) (*Manifest, error) {
	m := &Manifest{Compatible: Compatible, Version: in.Version, DataFormat: in.DataFormat}
	scratch, err := os.MkdirTemp(in.Scratch, "update-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	var bootBase, rootBase string
	if in.Base != "" {
		bootBase, rootBase = filepath.Join(scratch, "boot"), filepath.Join(scratch, "root")
		base, err := unpack(in.Base, in.BaseKey, bootBase, rootBase)
		if err != nil {
			return nil, fmt.Errorf("update: base %s: %w", in.Base, err)
		}
		m.Base = &Base{Version: base.Version, Boot: base.Boot.Image, Root: base.Root.Image}
	}
	var streams []string
	for _, part := range []struct {
		name, file, base string
		slot             bool
		to               *Part
	}{{"boot set", in.Boot, bootBase, true, &m.Boot}, {"root", in.Root, rootBase, false, &m.Root}} {
		stream := filepath.Join(scratch, fmt.Sprintf("stream%d", len(streams)))
		if *part.to, err = makePart(part.file, part.base, stream, part.slot); err != nil {
			return nil, fmt.Errorf("update: %s: %w", part.name, err)
		}
		streams = append(streams, stream)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if _, err := ParseManifest(text); err != nil {
		return nil, err
	}
	if len(text) > maxManifest {
		return nil, fmt.Errorf("update: the manifest has %d bytes and may have %d: make a whole bundle", len(text), maxManifest)
	}
	// The comments say what the file is to whoever reads it, and no time: the same input
	// makes the same bytes.
	comment := "jeudi " + m.Version
	signature := minisign.SignWithComments(key, text, comment, comment)
	head := []byte(magic)
	head = binary.BigEndian.AppendUint32(head, uint32(len(signature)))
	head = binary.BigEndian.AppendUint32(head, uint32(len(text)))
	for _, b := range [][]byte{head, signature, text} {
		if _, err := out.Write(b); err != nil {
			return nil, err
		}
	}
	for _, name := range streams {
		if err := appendFile(out, name); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// makePart compares an image with its base, and packs what is new into a stream.
func makePart(file, base, stream string, slot bool) (p Part, err error) {
	image, err := os.Open(file)
	if err != nil {
		return p, err
	}
	defer image.Close()
	if slot {
		if p.SlotByte, err = FindSlotByte(image); err != nil {
			return p, err
		}
		if _, err := image.Seek(0, io.SeekStart); err != nil {
			return p, err
		}
	}
	hash := sha256.New()
	counted := &counter{w: hash}
	var of io.Reader
	if base != "" {
		f, err := os.Open(base)
		if err != nil {
			return p, err
		}
		defer f.Close()
		of = f
	}
	if p.Runs, err = runs(io.TeeReader(image, counted), of); err != nil {
		return p, err
	}
	p.Size = counted.n
	hash.Sum(p.SHA256[:0])

	out, err := os.Create(stream)
	if err != nil {
		return p, err
	}
	defer out.Close()
	packed := &counter{w: out}
	pack, err := zstd.NewWriter(packed, zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithWindowSize(window), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return p, err
	}
	var at, fresh int64
	for _, r := range p.Runs {
		if r.From == 0 {
			fresh += r.Length
		}
	}
	pack.ResetContentSize(packed, fresh) // whoever reads it needs no more memory than that
	for _, r := range p.Runs {
		if r.From == 0 {
			if _, err := io.Copy(pack, io.NewSectionReader(image, at, r.Length)); err != nil {
				return p, err
			}
		}
		at += r.Length
	}
	if err := pack.Close(); err != nil {
		return p, err
	}
	p.Packed = packed.n
	return p, out.Close()
}

// unpack writes the images of a whole bundle to files.
func unpack(name string, key PublicKey, boot, root string) (*Manifest, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := Open(in, key)
	if err != nil {
		return nil, err
	}
	if b.Base != nil {
		return nil, errors.New("it is a small bundle itself: only a whole one can be built on")
	}
	err = b.Parts(nil, nil, func(part string, p Part, image io.Reader) error {
		to := map[string]string{"boot": boot, "root": root}[part]
		hash := sha256.New()
		if to == "" {
			_, err = io.Copy(hash, image)
		} else {
			err = writeFile(to, io.TeeReader(image, hash))
		}
		if err == nil && Hash(hash.Sum(nil)) != p.SHA256 {
			err = ErrDamaged
		}
		return err
	})
	return &b.Manifest, err
}

// Check reads a bundle to its end and compares all that it can: of a small one, the
// signature and the form of its parts; the rest needs the version that it builds on.
func Check(name string, key PublicKey) (*Manifest, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := Open(in, key)
	if err != nil {
		return nil, err
	}
	if b.Base == nil {
		in.Close()
		return unpack(name, key, "", "")
	}
	return &b.Manifest, b.Parts(zeros{}, zeros{}, func(_ string, _ Part, image io.Reader) error {
		_, err := io.Copy(io.Discard, image)
		return err
	})
}

// zeros stands for a base that is not there.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { clear(p); return len(p), nil }

func writeFile(name string, from io.Reader) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	return f.Close()
}

func appendFile(out io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(out, f)
	return err
}

// counter counts what goes through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func sum(b []byte) Hash { return sha256.Sum256(b) }
