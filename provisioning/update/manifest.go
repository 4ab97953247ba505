// Package update moves a box from one system to the next without a moment in which it
// could not start: one signed file, written beside the system that runs, tried once, kept
// when it does what visitors need, and left by itself when it does not.
//
// A card has two slots (see package card). The firmware starts the one that autoboot.txt
// names; the other can be started once by a trial, which any other restart ends: a power
// cut, a panic, the watchdog. So the slot that runs is never written, and what is written
// is never more than tried before it has shown that it works. The commit is one sector.
//
// # The file
//
// jeudi-VERSION.update is read from its beginning to its end, once:
//
//	"JEUDI-UPDATE 1\n"
//	length of the signature, length of the manifest   (big-endian uint32 each)
//	signature   (minisign, over the manifest)
//	manifest    (JSON: what it is for, and of each part its size and hash)
//	parts       (for each its new bytes, as one zstd stream)
//
// Nothing is looked at before the signature of the manifest holds, and nothing counts
// before the hash of the manifest holds for what the card gives back.
//
// A part is made of runs: bytes of the file, or bytes that the slot that runs already has.
// A file whose parts have runs of the second kind is small, and is for one version alone;
// one that has none is for all.
package update

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"jeudi/provisioning/card"
)

// Compatible is the kind of box that a bundle is for: the boards, and the card's layout. A
// layout that this code cannot write needs another name.
const Compatible = "jeudi-rpi-arm64-1"

// magic begins every bundle.
const magic = "JEUDI-UPDATE 1\n"

// Bounds of what is read before the signature has been checked, in bytes.
const (
	maxSignature = 4 << 10
	maxManifest  = 8 << 20
)

// A Manifest says what a bundle holds.
type Manifest struct {
	Compatible string `json:"compatible"`
	Version    string `json:"version"`
	// DataFormat is the form of the data folder that this version writes. It only grows: a
	// version reads every form up to its own.
	DataFormat int   `json:"dataFormat"`
	Base       *Base `json:"base,omitempty"` // nil: the bundle is for every version
	Boot       Part  `json:"boot"`           // the boot set of a slot, a FAT image
	Root       Part  `json:"root"`           // the root of a slot, a squashfs
}

// Base is the version that a small bundle builds on.
type Base struct {
	Version string `json:"version"`
	Boot    Image  `json:"boot"`
	Root    Image  `json:"root"`
}

// An Image is what one partition holds. Both slots hold the same but for one byte: the
// slot's letter in cmdline.txt. An image is hashed with an '@' in its place.
type Image struct {
	Size   int64 `json:"size"` // bytes; the rest of the partition counts for nothing
	SHA256 Hash  `json:"sha256"`
	// SlotByte is where the letter is, 0 for an image without one.
	SlotByte int64 `json:"slotByte,omitempty"`
}

// A Part is one image of a bundle, and how it is put together.
type Part struct {
	Image
	Runs   []Run `json:"runs"`
	Packed int64 `json:"packed"` // bytes of its zstd stream in the bundle
}

// A Run is a stretch of an image: Length bytes of the bundle, or, with From, of the base
// from From-1 on.
type Run struct {
	Length int64 `json:"n"`
	From   int64 `json:"from,omitempty"` // where in the base, plus one; 0: from the bundle
}

// slotMark stands in an image for the letter of the slot.
const slotMark = '@'

// Hash is a SHA-256, in JSON as hexadecimal digits.
type Hash [sha256.Size]byte

// String is the hash as hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText is for JSON.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is for JSON.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != 2*len(h) {
		return fmt.Errorf("a hash has %d digits, not %d", 2*len(h), len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

var versionForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})([-+][0-9A-Za-z.+-]{1,60})?$`)

// newness is what of a version says which of two is the newer: its three numbers.
func newness(version string) (n [3]int, ok bool) {
	m := versionForm.FindStringSubmatch(version)
	if m == nil {
		return n, false
	}
	for i := range n {
		fmt.Sscan(m[1+i], &n[i])
	}
	return n, true
}

// ParseManifest reads a manifest and checks that it can be carried out on a card of our
// layout: no size, offset or run that leads outside of an image or a partition. Its
// signature is another matter.
func ParseManifest(text []byte) (*Manifest, error) {
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return nil, fmt.Errorf("update: manifest: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("update: manifest: something follows it")
	}
	if m.Compatible != Compatible {
		// The rest may have another form.
		return &m, nil
	}
	if !versionForm.MatchString(m.Version) {
		return nil, fmt.Errorf("update: manifest: %q is no version", m.Version)
	}
	if m.DataFormat < 1 {
		return nil, fmt.Errorf("update: manifest: data format %d", m.DataFormat)
	}
	base := Base{}
	if m.Base != nil {
		base = *m.Base
		if !versionForm.MatchString(base.Version) {
			return nil, fmt.Errorf("update: manifest: %q is no version", base.Version)
		}
	}
	if err := m.Boot.check(base.Boot, card.BootMiB<<20); err != nil {
		return nil, fmt.Errorf("update: manifest: boot set: %w", err)
	}
	if m.Boot.SlotByte == 0 {
		return nil, errors.New("update: manifest: the boot set has no place for the slot's letter")
	}
	if err := m.Root.check(base.Root, card.RootMiB<<20); err != nil {
		return nil, fmt.Errorf("update: manifest: root: %w", err)
	}
	return &m, nil
}

func (i Image) check(room int64) error {
	switch {
	case i.Size < 1 || i.Size > room:
		return fmt.Errorf("%d bytes, and the partition has %d", i.Size, room)
	case i.SlotByte < 0 || i.SlotByte >= i.Size:
		return fmt.Errorf("the slot's letter is at %d of %d bytes", i.SlotByte, i.Size)
	}
	return nil
}

func (p Part) check(base Image, room int64) error {
	if err := p.Image.check(room); err != nil {
		return err
	}
	if base != (Image{}) {
		if err := base.check(room); err != nil {
			return fmt.Errorf("base: %w", err)
		}
	}
	if p.Packed < 0 || p.Packed > room+1<<20 { // what does not compress grows a little
		return fmt.Errorf("%d bytes packed", p.Packed)
	}
	var sum int64
	for _, r := range p.Runs {
		if r.Length < 1 || r.Length > p.Size-sum {
			return fmt.Errorf("a run of %d bytes at %d of %d", r.Length, sum, p.Size)
		}
		if from := r.From - 1; r.From != 0 && (from < 0 || from > base.Size-r.Length) {
			return fmt.Errorf("a run of %d bytes from %d of the %d of its base", r.Length, from, base.Size)
		}
		sum += r.Length
	}
	if sum != p.Size {
		return fmt.Errorf("its runs make %d bytes of %d", sum, p.Size)
	}
	return nil
}

// Bytes is how many bytes a bundle brings anew, and of how many.
func (m *Manifest) Bytes() (fresh, all int64) {
	for _, p := range []Part{m.Boot, m.Root} {
		all += p.Size
		for _, r := range p.Runs {
			if r.From == 0 {
				fresh += r.Length
			}
		}
	}
	return fresh, all
}
