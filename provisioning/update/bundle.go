package update

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	// The signature is minisign's: whoever has a bundle, an image and the public key can
	// check both with the tool of that name. This is its form in Go, kept by its author
	// since 2021, over golang.org/x/crypto.
	"aead.dev/minisign"
	// zstd in Go alone: a streaming decoder with bounded memory, and the encoder that goes
	// with it, used by most of what Go programs compress.
	"github.com/klauspost/compress/zstd"
)

// Errors of Open and of reading a bundle's parts; each is another sentence for staff.
var (
	ErrNoBundle  = errors.New("update: this is no bundle of jeudi")
	ErrSignature = errors.New("update: the signature is not of this box's key")
	ErrOtherBox  = errors.New("update: the bundle is for another kind of box")
	ErrDamaged   = errors.New("update: the bundle is damaged or not whole")
	ErrBase      = errors.New("update: this small bundle builds on another version")
)

// window is how far back the parts' compression looks, in bytes: the most that reading
// them costs in memory, but for a few MiB.
const window = 4 << 20

// PublicKey and PrivateKey are minisign's.
type (
	PublicKey  = minisign.PublicKey
	PrivateKey = minisign.PrivateKey
)

// A Bundle is an update that is being read.
type Bundle struct {
	Manifest
	// ID is the same for the same bundle, and for no other.
	ID Hash

	in io.Reader
}

// Open reads the beginning of a bundle, up to its parts. No key, no bundle: what is not
// signed by it is ErrSignature, whatever else is wrong with it.
func Open(in io.Reader, key PublicKey) (*Bundle, error) {
	var head [len(magic) + 8]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, ErrNoBundle
		}
		return nil, fmt.Errorf("update: read bundle: %w", err)
	}
	if string(head[:len(magic)]) != magic {
		return nil, ErrNoBundle
	}
	signatureLen := binary.BigEndian.Uint32(head[len(magic):])
	manifestLen := binary.BigEndian.Uint32(head[len(magic)+4:])
	if signatureLen > maxSignature || manifestLen > maxManifest {
		return nil, ErrDamaged
	}
	signature, err := readAll(in, signatureLen)
	if err != nil {
		return nil, err
	}
	text, err := readAll(in, manifestLen)
	if err != nil {
		return nil, err
	}
	if !minisign.Verify(key, text, signature) {
		return nil, ErrSignature
	}
	m, err := ParseManifest(text)
	if err != nil {
		return nil, err
	}
	if m.Compatible != Compatible {
		return nil, ErrOtherBox
	}
	return &Bundle{Manifest: *m, ID: sum(text), in: in}, nil
}

// readAll reads n bytes, and takes no more memory than arrives.
func readAll(in io.Reader, n uint32) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(in, int64(n)))
	if err != nil {
		return nil, fmt.Errorf("update: read bundle: %w", err)
	}
	if len(text) < int(n) {
		return nil, ErrDamaged
	}
	return text, nil
}

// Parts gives the images of a bundle to a function, one after the other: the boot set, then
// the root. Their letter is still '@'. bases are what the slot that runs holds, nil for a
// bundle that needs none. What each yields has the size of its part and nothing is said
// about its hash, which is the caller's to compare with what it has kept of it.
func (b *Bundle) Parts(bootBase, rootBase io.ReaderAt, each func(name string, p Part, image io.Reader) error) error {
	for _, part := range []struct {
		name string
		Part
		base io.ReaderAt
	}{{"boot", b.Boot, bootBase}, {"root", b.Root, rootBase}} {
		packed := &io.LimitedReader{R: b.in, N: part.Packed}
		unpacked, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(2*window), zstd.WithDecoderMaxMemory(4*window))
		if err != nil {
			return fmt.Errorf("update: %s: %w", part.name, err)
		}
		image := &assembled{runs: part.Runs, fresh: unpacked, base: part.base}
		err = each(part.name, part.Part, image)
		if err == nil {
			err = image.end(packed)
		}
		unpacked.Close()
		if err != nil {
			return fmt.Errorf("update: %s: %w", part.name, err)
		}
	}
	var rest [1]byte
	if n, err := b.in.Read(rest[:]); n != 0 || !errors.Is(err, io.EOF) {
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("update: read bundle: %w", err)
		}
		return ErrDamaged
	}
	return nil
}

// assembled is an image as its runs put it together.
type assembled struct {
	runs  []Run
	fresh io.Reader
	base  io.ReaderAt
	done  int64 // of the first run
}

func (a *assembled) Read(p []byte) (int, error) {
	if len(a.runs) == 0 {
		return 0, io.EOF
	}
	r := a.runs[0]
	p = p[:min(int64(len(p)), r.Length-a.done)]
	var n int
	var err error
	if r.From == 0 {
		n, err = a.fresh.Read(p)
		if err != nil && n == 0 {
			// Too short, not zstd, or a stick that was pulled out: the reader below says which.
			return 0, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	} else {
		if a.base == nil {
			return 0, ErrBase
		}
		n, err = a.base.ReadAt(p, r.From-1+a.done)
		if n == 0 && len(p) > 0 {
			return 0, fmt.Errorf("read the slot that runs: %w", err)
		}
	}
	if a.done += int64(n); a.done == r.Length {
		a.runs, a.done = a.runs[1:], 0
	}
	return n, nil
}

// end checks that a part has been read whole and that nothing of its stream is left.
func (a *assembled) end(packed *io.LimitedReader) error {
	if len(a.runs) > 0 {
		return errors.New("not read to its end")
	}
	var rest [1]byte
	if n, err := a.fresh.Read(rest[:]); n != 0 || !errors.Is(err, io.EOF) || packed.N != 0 {
		return ErrDamaged
	}
	return nil
}
