package update

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"

	"aead.dev/minisign"
)

// NewKey makes a pair of keys in the form of minisign's files. The secret one is encrypted
// when there is a password.
func NewKey(password string) (public, secret []byte, err error) {
	pub, key, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if password != "" {
		secret, err = minisign.EncryptKey(password, key)
	} else {
		secret, err = key.MarshalText()
	}
	if err != nil {
		return nil, nil, err
	}
	if public, err = pub.MarshalText(); err != nil {
		return nil, nil, err
	}
	return line(public), line(secret), nil
}

func line(text []byte) []byte { return append(bytes.TrimRight(text, "\n"), '\n') }

// ParsePublicKey reads a public key of minisign.
func ParsePublicKey(text []byte) (key PublicKey, err error) {
	if err := key.UnmarshalText(bytes.TrimSpace(text)); err != nil {
		return key, fmt.Errorf("update: no public key of minisign: %w", err)
	}
	return key, nil
}

// NeedsPassword reports whether a secret key is encrypted.
func NeedsPassword(secret []byte) bool { return minisign.IsEncrypted(secret) }

// ParseSecretKey reads a secret key of minisign; password counts for an encrypted one.
func ParseSecretKey(text []byte, password string) (key PrivateKey, err error) {
	text = bytes.TrimSpace(text)
	if minisign.IsEncrypted(text) {
		key, err = minisign.DecryptKey(password, text)
	} else {
		err = key.UnmarshalText(text)
	}
	if err != nil {
		return key, fmt.Errorf("update: no secret key of minisign, or another password: %w", err)
	}
	return key, nil
}

// Sign is the signature of a file, as minisign -S makes it. about is signed with it.
func Sign(file io.Reader, key PrivateKey, about string) ([]byte, error) {
	r := minisign.NewReader(file)
	if _, err := io.Copy(io.Discard, r); err != nil {
		return nil, err
	}
	return r.SignWithComments(key, about, "signature of jeudi"), nil
}
