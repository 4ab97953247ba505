package counters

import (
	"bytes"
	"encoding/binary"
	"slices"

	"jeudi/firmware/sheet"
)

// The tools of somebody who holds the bytes.

// counterKey is the key of a counter of visitors in the file.
func counterKey(question, answer string) string {
	return visitor.Kind.String() + "/" + question + "/" + answer
}

// tally is what the counters hold after some of the cast were counted, the plain way, by
// key in the file.
func tally(counted []int) map[string]uint64 {
	n := map[string]uint64{}
	for _, q := range visitor.Counted() {
		for _, a := range append(slices.Clone(q.Answers), sheet.Unset) {
			n[counterKey(q.Key, a)] = 0
		}
		for _, i := range counted {
			a, ok := cast[i].sh.Answer(q.Key)
			if !ok {
				a = sheet.Unset
			}
			n[counterKey(q.Key, a)]++
		}
	}
	return n
}

// tooMany is a number that no counter reaches: what reads as more is no counter.
const tooMany = 1 << 32

// counterValues reads bytes with no regard for their format: wherever a counter's key
// stands, in whatever page, freed, beyond the end of a list or in no page at all, the
// eight bytes after it are a value. It returns every value found of every key.
//
// A branch page of bbolt lists keys without values; only there is a key followed by
// something else, and only a page that says so itself is taken for one.
func counterValues(b []byte) map[string][]uint64 {
	seen := map[string][]uint64{}
	prefix := []byte(visitor.Kind.String() + "/")
	for at := 0; ; at += len(prefix) {
		i := bytes.Index(b[at:], prefix)
		if i < 0 {
			return seen
		}
		at += i
		key := keyAt(b[at:])
		if key == "" || at+len(key)+8 > len(b) || branch(b, at) {
			continue
		}
		if n := binary.BigEndian.Uint64(b[at+len(key):]); n < tooMany && !slices.Contains(seen[key], n) {
			seen[key] = append(seen[key], n)
		}
	}
}

// keys are those of all counters of visitors, and lengths theirs, the longest first.
var (
	keys    = tally(nil)
	lengths = func() (list []int) {
		for k := range keys {
			if !slices.Contains(list, len(k)) {
				list = append(list, len(k))
			}
		}
		slices.Sort(list)
		slices.Reverse(list)
		return list
	}()
)

// keyAt is the longest key of a counter that bytes begin with.
func keyAt(b []byte) string {
	for _, n := range lengths {
		if n > len(b) {
			continue
		}
		if _, ok := keys[string(b[:n])]; ok {
			return string(b[:n])
		}
	}
	return ""
}

// branch reports whether an offset is in a page that says it is a branch.
func branch(b []byte, at int) bool {
	start := at / page * page
	if start+16 > len(b) {
		return false
	}
	le := binary.LittleEndian
	return le.Uint64(b[start:]) == uint64(start/page) && le.Uint16(b[start+8:]) == 1
}

// within reports whether every value that was seen is the one that is wanted.
func within(seen map[string][]uint64, want map[string]uint64) bool {
	for key, values := range seen {
		n, ok := want[key]
		if !ok || len(values) != 1 || values[0] != n {
			return false
		}
	}
	return true
}

// encoded are the cast's sheets as they lie in an area that is not sealed, without the
// zeros at the end.
var encoded = func() map[[16]byte][]byte {
	m := map[[16]byte][]byte{}
	for _, p := range cast {
		body, err := p.sh.Encode(visitor)
		if err != nil {
			panic(err)
		}
		m[p.id] = bytes.TrimRight(body[:], "\x00")
	}
	return m
}()

// holdsSheet reports whether bytes hold the answers or the id of one of the cast.
func holdsSheet(b []byte, p sent) bool {
	return bytes.Contains(b, p.id[:]) || bytes.Contains(b, encoded[p.id])
}
