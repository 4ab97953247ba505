package care

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
)

// sealMark begins a sealed bundle.
const sealMark = "JEUDI-SCELLE-1\n"

// ErrCode is a code that does not open a bundle: another one, mistyped, or of another
// stick.
var ErrCode = errors.New("care: not the code of this stick")

// codeLetters have no two that are mistaken for one another when read aloud or by hand:
// five bits each.
const codeLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// codeLength is in letters: 80 bits, which nobody tries out. So no slow derivation is
// needed, as it would be for a word that people choose.
const codeLength = 16

// NewCode draws the code of a handover, as it is shown: "4F7K-…", out of random.
func NewCode(random io.Reader) (string, error) {
	drawn := make([]byte, codeLength)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return "", fmt.Errorf("care: draw a code: %w", err)
	}
	var code strings.Builder
	for i, b := range drawn {
		if i > 0 && i%4 == 0 {
			code.WriteByte('-')
		}
		code.WriteByte(codeLetters[b%32])
	}
	return code.String(), nil
}

// tidy is a code as it was meant: small letters, spaces, and the four that are not used
// because they look like others.
func tidy(code string) string {
	return strings.NewReplacer("-", "", " ", "", "\u00a0", "").Replace(strings.ToUpper(strings.TrimSpace(code)))
}

// key is drawn from a code. A code of another length is none.
func key(code string) (cipher.AEAD, error) {
	code = tidy(code)
	if len(code) != codeLength || strings.Trim(code, codeLetters) != "" {
		return nil, ErrCode
	}
	k, err := hkdf.Key(sha256.New, []byte(code), nil, sealMark, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal closes a packed bundle with a code.
func Seal(packed []byte, code string) ([]byte, error) {
	k, err := key(code)
	if err != nil {
		return nil, err
	}
	return k.Seal([]byte(sealMark), nil, packed, []byte(sealMark)), nil
}

// Sealed reports whether a file needs a code.
func Sealed(raw []byte) bool { return bytes.HasPrefix(raw, []byte(sealMark)) }

// Unseal opens what Seal closed. What was changed on its way is as a wrong code.
func Unseal(raw []byte, code string) ([]byte, error) {
	k, err := key(code)
	if err != nil {
		return nil, err
	}
	if !Sealed(raw) {
		return nil, ErrDamaged
	}
	packed, err := k.Open(nil, nil, raw[len(sealMark):], []byte(sealMark))
	if err != nil {
		return nil, ErrCode
	}
	return packed, nil
}
