package update

import "aead.dev/minisign"

// Signed reports whether a text has a signature of the key, as Sign and minisign(1) make
// them: of a list of published files, say.
func Signed(text, signature []byte, key PublicKey) bool {
	return minisign.Verify(key, text, signature)
}
