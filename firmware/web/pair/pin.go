package pair

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// PIN draws six digits from random bytes, each PIN that is not Weak as likely as
// any other.
func PIN(seed Secret) string {
	// The numbers below the largest multiple of a million that 64 bits hold: the rest
	// would make small PINs likelier.
	const n = 1_000_000
	const limit = ^uint64(0) - ^uint64(0)%n
	for h := sha256Of(seed); ; h = sha256Of(Secret(h)) {
		x := binary.BigEndian.Uint64(h[:])
		if x >= limit {
			continue
		}
		if pin := fmt.Sprintf("%06d", x%n); !Weak(pin) {
			return pin
		}
	}
}

// sha256Of is the first half of a secret's sum, made so that a chain of them never
// meets the sums that are kept.
func sha256Of(s Secret) [16]byte {
	h := sha256.Sum256(append([]byte("next "), s[:]...))
	return [16]byte(h[:16])
}

// Weak reports whether six digits are among those that somebody would try first:
// two digits or fewer, a run up or down, the same three twice, pairs, or a mirror.
func Weak(pin string) bool {
	if len(pin) != 6 {
		return true
	}
	up, down := true, true
	for i := 1; i < len(pin); i++ {
		step := (int(pin[i]) - int(pin[i-1]) + 10) % 10
		up, down = up && step == 1, down && step == 9
	}
	digits := 0
	for d := range 10 {
		if strings.IndexByte(pin, byte('0'+d)) >= 0 {
			digits++
		}
	}
	pairs := pin[0] == pin[1] && pin[2] == pin[3] && pin[4] == pin[5]
	mirror := pin[0] == pin[5] && pin[1] == pin[4] && pin[2] == pin[3]
	return digits < 3 || up || down || pin[:3] == pin[3:] || pairs || mirror
}
