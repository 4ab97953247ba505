package counters

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"jeudi/firmware/sheet"
)

// SeedSize is the length of a seed, in bytes.
const SeedSize = 16

// Secret opens the sheets of one batch of one kind, and nothing else: the keys of
// the batch are derived from all of it. Whoever holds one keeps it off the card of
// the box, and forgets it once the batch is merged.
//
// It is a value that Go may copy and that nobody can wipe: who takes one from a
// Store passes it on and lets go of it.
type Secret struct {
	Kind  sheet.Kind
	Batch uint64
	Seed  [SeedSize]byte
}

// ErrSecret is returned for a text that is not a secret: mistyped, cut short, or
// something else.
var ErrSecret = errors.New("not a key of a batch: check each character")

// digits are Crockford's base 32: no letter that is read as another. Case does not
// matter, and I, L and O are read as the digits they look like.
const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength is 26 characters of 5 bits for 128, and one that checks them.
const codeLength = 26 + 1

// Code is the seed as it is printed and typed: 27 characters of 0–9 and A–Z, in
// groups of three. The last one checks the others: one character mistyped, or any
// two exchanged, are always noticed.
func (s Secret) Code() string {
	v := make([]byte, 0, codeLength)
	acc, bits := 0, 0
	for _, b := range s.Seed {
		acc, bits = acc<<8|int(b), bits+8
		for bits >= 5 {
			bits -= 5
			v = append(v, byte(acc>>bits&31))
		}
		acc &= 1<<bits - 1
	}
	v = append(v, byte(acc<<(5-bits)&31))
	v = append(v, checksum(v))
	var out strings.Builder
	for i, d := range v {
		if i > 0 && i%3 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(digits[d])
	}
	return out.String()
}

// String is the secret for a QR code: "VISITOR.12.0AB-…", of characters that such a
// code holds two in 11 bits. It never belongs into a log: see LogValue.
func (s Secret) String() string {
	return fmt.Sprintf("%s.%d.%s", strings.ToUpper(s.Kind.String()), s.Batch, s.Code())
}

// GoString and LogValue name the batch alone, so that a secret that strays into a
// log or a failing test opens nothing.
func (s Secret) GoString() string { return fmt.Sprintf("counters.Secret{%v %d}", s.Kind, s.Batch) }

// LogValue is what a logger writes.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.GoString()) }

// ParseSecret reads what String wrote, as somebody types it: small letters, spaces
// and missing hyphens do not matter. What is not a secret is ErrSecret.
func ParseSecret(text string) (Secret, error) {
	part := strings.SplitN(strings.TrimSpace(text), ".", 3)
	if len(part) != 3 {
		return Secret{}, ErrSecret
	}
	for _, kind := range sheet.Kinds() {
		if !strings.EqualFold(strings.TrimSpace(part[0]), kind.String()) {
			continue
		}
		batch, err := strconv.ParseUint(strings.TrimSpace(part[1]), 10, 64)
		if err != nil || batch == 0 {
			return Secret{}, ErrSecret
		}
		return ParseCode(kind, batch, part[2])
	}
	return Secret{}, ErrSecret
}

// ParseCode reads what Code wrote, of a batch that is known from elsewhere.
func ParseCode(kind sheet.Kind, batch uint64, code string) (Secret, error) {
	v := make([]byte, 0, codeLength)
	for _, r := range strings.ToUpper(code) {
		switch r {
		case '-', ' ', '\t', '\u00a0', '\u202f':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		d := strings.IndexRune(digits, r)
		if d < 0 || len(v) == codeLength {
			return Secret{}, ErrSecret
		}
		v = append(v, byte(d))
	}
	if len(v) != codeLength || checksum(v[:codeLength-1]) != v[codeLength-1] {
		return Secret{}, ErrSecret
	}
	s := Secret{Kind: kind, Batch: batch}
	acc, bits, n := 0, 0, 0
	for _, d := range v[:codeLength-1] {
		acc, bits = acc<<5|int(d), bits+5
		if bits >= 8 {
			bits -= 8
			s.Seed[n] = byte(acc >> bits)
			n++
		}
		acc &= 1<<bits - 1
	}
	if acc != 0 { // 26 characters hold two bits more: one seed has one form
		return Secret{}, ErrSecret
	}
	return s, nil
}

// checksum is the sum of αⁱ⁺¹·vᵢ in the field of 32 elements, α a root of x⁵+x²+1,
// which has order 31. So up to 30 characters have weights that all differ and are not
// zero: a single error changes the sum, and so does any exchange of two characters.
// Crockford's own check, modulo 37, needs signs that no keyboard shows in one place.
func checksum(v []byte) byte {
	var sum byte
	for i := len(v) - 1; i >= 0; i-- { // Horner's rule
		sum = times(sum^v[i], 2)
	}
	return sum
}

// times multiplies in the field of 32 elements.
func times(a, b byte) byte {
	var p byte
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			p ^= a
		}
		if a <<= 1; a&32 != 0 {
			a ^= 0b100101
		}
	}
	return p
}
