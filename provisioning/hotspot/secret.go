package hotspot

import (
	"io"
	"strings"

	"jeudi/provisioning/site"
)

// letters are those of a passphrase: small letters and digits that are not taken for each
// other on paper, 32 of them, so that each of a drawn byte's values falls on one.
const letters = "abcdefghjkmnopqrstuvwxyz23456789"

// A passphrase has five groups of four letters: 100 bits, and 24 signs to type from paper.
const groups, group = 5, 4

// Draw is a new passphrase, of a source of randomness.
func Draw(random io.Reader) (site.Secret, error) {
	raw := make([]byte, groups*group)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	var b strings.Builder
	for i, c := range raw {
		if i > 0 && i%group == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[c%32])
	}
	return site.Secret(b.String()), nil
}

// drawn reports whether a text is a passphrase that Draw made.
func drawn(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) != groups {
		return false
	}
	for _, p := range parts {
		if len(p) != group || strings.Trim(p, letters) != "" {
			return false
		}
	}
	return true
}

// Scan is what a phone joins a Wi-Fi by when it photographs it, the form that Android
// and iOS read (ZXing's; Wi-Fi Alliance, WPA3 specification 7.1).
func Scan(name string, passphrase site.Secret) string {
	escape := strings.NewReplacer(`\`, `\\`, `;`, `\;`, `,`, `\,`, `:`, `\:`, `"`, `\"`)
	kind := "WPA"
	if passphrase == "" {
		kind = "nopass"
	}
	return "WIFI:T:" + kind + ";S:" + escape.Replace(name) + ";P:" + escape.Replace(passphrase.Reveal()) + ";;"
}
