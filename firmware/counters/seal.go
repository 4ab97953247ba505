package counters

import (
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/binary"
	"fmt"
	"io"

	"jeudi/firmware/sheet"
)

// The suite: DHKEM(X25519), HKDF-SHA256, ChaCha20-Poly1305, which needs no special
// instructions of the processor. A box is 32 bytes of key, the sheet, 16 of tag.
const sealedBody = 32 + sheet.Size + 16

func kem() hpke.KEM   { return hpke.DHKEM(ecdh.X25519()) }
func kdf() hpke.KDF   { return hpke.HKDFSHA256() }
func aead() hpke.AEAD { return hpke.ChaCha20Poly1305() }

// derive makes the key of a batch. Its kind and number are part of it: the same seed
// opens no other batch.
func (s Secret) derive() (hpke.PrivateKey, error) {
	return kem().DeriveKeyPair(label("jeudi batch", s.Kind, s.Batch, s.Seed[:]))
}

// label is what a key or a box is bound to. Its parts have fixed lengths.
func label(what string, kind sheet.Kind, batch uint64, id []byte) []byte {
	b := append([]byte(what), 0, byte(kind))
	return append(binary.BigEndian.AppendUint64(b, batch), id...)
}

// sealTo seals an encoded sheet to the batch's public key, bound to its place: a box
// that is copied under another id or into another batch does not open.
func (s *Store) sealTo(id [16]byte, body []byte) ([]byte, error) {
	pub, err := kem().NewPublicKey(s.head.public[:])
	if err != nil {
		return nil, err
	}
	return hpke.Seal(pub, kdf(), aead(), label("jeudi sheet", s.schema.Kind, s.head.batch, id[:]), body)
}

func (s *Store) unseal(key hpke.PrivateKey, r record) ([]byte, error) {
	return hpke.Open(key, kdf(), aead(), label("jeudi sheet", s.schema.Kind, r.batch, r.id[:]), r.body)
}

// publicOf is the public key that belongs to a secret.
func publicOf(sec Secret) (public [32]byte, err error) {
	key, err := sec.derive()
	if err != nil {
		return public, err
	}
	copy(public[:], key.PublicKey().Bytes())
	return public, nil
}

// seedPage is a page of memory that is never written to a swap or into a core dump, and
// holds one seed or none. Keys are derived from it for the moment of a merge, and
// Secret hands copies out: those are in memory that Go manages and nobody can lock. So
// the box writes no core dumps, and is to have no swap.
type seedPage struct {
	page []byte // of SeedSize bytes and more; nil once closed
	full bool
}

// newSeedPage returns a page, and with it ErrSwap if the system does not lock it.
func newSeedPage() (*seedPage, error) {
	page, err := mapPage()
	if err != nil {
		return nil, fmt.Errorf("memory for a key: %w", err)
	}
	v := &seedPage{page: page}
	if err := lockPage(page); err != nil {
		return v, fmt.Errorf("%w: %w", ErrSwap, err)
	}
	return v, nil
}

func (v *seedPage) draw(random io.Reader) error {
	v.wipe()
	if _, err := io.ReadFull(random, v.page[:SeedSize]); err != nil {
		return fmt.Errorf("drawing a key: %w", err)
	}
	v.full = true
	return nil
}

func (v *seedPage) put(seed [SeedSize]byte) {
	copy(v.page, seed[:])
	v.full = true
}

func (v *seedPage) wipe() {
	clear(v.page)
	v.full = false
}

func (v *seedPage) close() error {
	if v == nil || v.page == nil {
		return nil
	}
	v.wipe()
	page := v.page
	v.page = nil
	return unmapPage(page)
}
