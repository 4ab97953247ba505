package powercut

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Sector is what a card writes whole or not at all, unless it turns to garbage.
const Sector = 512

// A Card is a folder as a process sees it, and what a cut may leave of it. The zero
// Card is an empty folder.
type Card struct {
	// Unsafe is how many of the last writes may be lost although they were synced: a
	// card that lies. 0 is one that keeps its promises.
	Unsafe int
	// Coarse leaves out garbage, and tears long writes at sixteen places: for files that
	// are written by a library alone, with checksums of its own.
	Coarse bool
	// Only is how the names begin that are looked at; "" is all of the folder.
	Only string

	names  map[string]*node
	fds    map[int]*open
	kept   map[string]*node // names that are durable
	later  []change         // renames and so on that are not
	all    []*node          // every file there ever was
	states map[[32]byte]bool
}

// node is a file on the card.
type node struct {
	disk    []byte // what is durable
	pending []Step // writes and sizes that are not
	named   bool   // a durable name led to it, now or before
}

type open struct {
	*node
	at     int64
	folder bool
}

// change is a step that changes names; a creation has its node.
type change struct {
	Step
	made *node
}

// State is one that a cut can leave.
type State struct {
	Files map[string][]byte // by name; the bytes are shared and not to be changed
	New   bool              // not seen before, with the same bytes
	Key   [32]byte          // equal for states with equal bytes
}

// Freed is what a cut may leave in blocks that no name leads to.
type Freed struct {
	Data  []byte
	Named bool // a durable name once led to them: somebody could have zeroed them
}

// Put lays a durable file into the folder, before the first step.
func (c *Card) Put(name string, data []byte) {
	c.begin()
	n := &node{disk: data, named: true}
	c.names[name], c.kept[name], c.all = n, n, append(c.all, n)
}

func (c *Card) begin() {
	if c.names == nil {
		c.names, c.fds, c.kept, c.states = map[string]*node{}, map[int]*open{}, map[string]*node{}, map[[32]byte]bool{}
	}
}

// Do does a step, and reports whether it changed what a cut may leave.
func (c *Card) Do(s Step) bool {
	c.begin()
	f := c.fds[s.FD]
	switch s.Call {
	case "openat":
		delete(c.fds, s.FD)
		if s.Path == "/" {
			c.fds[s.FD] = &open{folder: true}
		}
		if s.Path == "/" || !c.looksAt(s.Path) {
			return false
		}
		n, there := c.names[s.Path]
		if !there && s.New {
			n = &node{}
			c.names[s.Path], c.all = n, append(c.all, n)
			c.later = append(c.later, change{Step{Call: "create", Path: s.Path}, n})
		}
		if n != nil {
			c.fds[s.FD] = &open{node: n}
			if there && s.Cut {
				n.pending = append(n.pending, Step{Call: "ftruncate"})
			}
		}
		return !there || s.Cut
	case "close":
		delete(c.fds, s.FD)
		return false
	case "rename", "unlink":
		if !c.looksAt(s.Path) {
			return false
		}
		c.later = append(c.later, change{s, nil})
		rename(c.names, s)
		return true
	}
	if f == nil {
		return false
	}
	switch s.Call {
	case "write":
		s.At = f.at
		f.at += int64(len(s.Data))
		f.pending = append(f.pending, s)
	case "pwrite64", "ftruncate":
		f.pending = append(f.pending, s)
	case "fsync", "fdatasync":
		switch {
		case f.folder:
			for k := range c.later {
				for _, n := range c.until(k) { // a file may have had a name for a moment
					n.named = true
				}
			}
			c.kept, c.later = maps.Clone(c.names), nil
			for _, n := range c.kept {
				n.named = true
			}
		case c.Unsafe == 0:
			f.settle(0)
		}
		return true
	}
	if c.Unsafe > 0 {
		f.settle(c.Unsafe)
	}
	return true
}

func (c *Card) looksAt(name string) bool { return name != "" && strings.HasPrefix(name, c.Only) }

// rename does what a step does to names.
func rename(names map[string]*node, s Step) {
	switch {
	case s.Call == "unlink":
		delete(names, s.Path)
	case s.Swap:
		names[s.Path], names[s.To] = names[s.To], names[s.Path]
	default:
		names[s.To] = names[s.Path]
		delete(names, s.Path)
	}
}

// settle makes all but the last few writes durable.
func (n *node) settle(but int) {
	for len(n.pending) > but {
		n.disk = apply(n.disk, n.pending[0])
		n.pending = n.pending[1:]
	}
}

// apply does a write, or a change of size, to the bytes of a file.
func apply(b []byte, s Step) []byte {
	end := s.At + int64(len(s.Data))
	out := make([]byte, max(int64(len(b)), end))
	copy(out, b)
	copy(out[s.At:], s.Data)
	if s.Call == "ftruncate" {
		return out[:s.At]
	}
	return out
}

// Bounds of the enumeration: up to so many unsynced writes every subset of them is
// a state, and every two of them garbage; a write of up to so many sectors is torn at
// each, and garbage in each.
const (
	subsets = 4
	tears   = 64
	garbled = 8
)

// leftovers are the contents that a cut may leave of a file.
func (n *node) leftovers(coarse bool) [][]byte {
	all := len(n.pending)
	with := func(keep func(i int) bool, torn int, piece *Step) []byte {
		b := n.disk
		for i, s := range n.pending {
			if i == torn && piece != nil {
				b = apply(b, *piece)
			} else if keep(i) {
				b = apply(b, s)
			}
		}
		return b
	}
	every := func(int) bool { return true }
	var out [][]byte
	if all <= subsets {
		for set := range 1 << all {
			out = append(out, with(func(i int) bool { return set>>i&1 == 1 }, -1, nil))
		}
	} else {
		for k := range all + 1 {
			out = append(out, with(func(i int) bool { return i < k }, -1, nil), with(func(i int) bool { return i != k }, -1, nil))
		}
	}
	if all <= subsets && !coarse { // two writes in one barrier may both be damaged
		for i := range all {
			for j := range i {
				b := n.disk
				for k, s := range n.pending {
					if (k == i || k == j) && s.Call != "ftruncate" {
						s.Data = slices.Clone(s.Data)
						garble(s.Data)
					}
					b = apply(b, s)
				}
				out = append(out, b)
			}
		}
	}
	for torn, s := range n.pending {
		before := func(i int) bool { return i < torn }
		stride, tears := Sector, tears
		if coarse {
			tears = 16
		}
		if len(s.Data) > tears*Sector {
			stride = len(s.Data) / tears / Sector * Sector
		}
		for at := stride; at < len(s.Data); at += stride {
			head, tail := s, s
			head.Data = s.Data[:at]
			tail.Data, tail.At = s.Data[at:], s.At+int64(at)
			for _, piece := range []*Step{&head, &tail} {
				out = append(out, with(every, torn, piece), with(before, torn, piece))
			}
		}
		if coarse || len(s.Data) > garbled*Sector || s.Call == "ftruncate" {
			continue
		}
		for at := 0; at < len(s.Data); at += Sector {
			bad := s
			bad.Data = slices.Clone(s.Data)
			garble(bad.Data[at:min(at+Sector, len(bad.Data))])
			out = append(out, with(every, torn, &bad), with(before, torn, &bad))
			if len(s.Data) == Sector { // the beginning of it alone, as a weak supply may leave it
				half := s
				half.Data = s.Data[:Sector/8]
				out = append(out, with(before, torn, &half))
			}
		}
	}
	return out
}

// garble makes bytes into others that are the same in every run.
func garble(b []byte) {
	h := sha256.Sum256(b)
	for i := range b {
		b[i] = h[i%len(h)] ^ byte(i/len(h))
	}
}

// until are the names as they are when a cut keeps the first k of the waiting changes.
func (c *Card) until(k int) map[string]*node {
	names := maps.Clone(c.kept)
	for _, ch := range c.later[:k] {
		if ch.made != nil {
			names[ch.Path] = ch.made
		} else {
			rename(names, ch.Step)
		}
	}
	return names
}

// Cut tells every state that a power cut may leave now, and what may be left in
// blocks without a name. Of the latter each distinct content is told once a cut.
func (c *Card) Cut(state func(State), freed func(Freed)) {
	told := map[[32]byte]bool{}
	for k := range len(c.later) + 1 {
		names := c.until(k)
		c.combine(names, state)
		here := map[*node]bool{}
		for _, n := range names {
			here[n] = true
		}
		for _, n := range c.all {
			if here[n] {
				continue
			}
			for _, b := range n.leftovers(c.Coarse) {
				if key := sha256.Sum256(b); !told[key] {
					told[key] = true
					freed(Freed{b, n.named})
				}
			}
		}
	}
}

// combine tells the states of one set of names.
func (c *Card) combine(names map[string]*node, state func(State)) {
	folders := []map[string][]byte{{}}
	for name, n := range names {
		if n == nil {
			continue
		}
		var more []map[string][]byte
		for _, b := range n.leftovers(c.Coarse) {
			for _, f := range folders {
				g := maps.Clone(f)
				g[name] = b
				more = append(more, g)
			}
		}
		folders = more
	}
	for _, f := range folders {
		h := sha256.New()
		for _, name := range slices.Sorted(maps.Keys(f)) {
			fmt.Fprintf(h, "%s %d\n", name, len(f[name]))
			h.Write(f[name])
		}
		key := [32]byte(h.Sum(nil))
		state(State{Files: f, Key: key, New: !c.states[key]})
		c.states[key] = true
	}
}

// Blocks returns what is at last in every block that was ever in a file, as the process
// left it: the folder's files, and those it removed.
func (c *Card) Blocks() []byte {
	var all []byte
	for _, n := range c.all {
		b := n.disk
		for _, s := range n.pending {
			if s.Call == "ftruncate" && s.At < int64(len(b)) {
				all = append(all, b[s.At:]...) // cut off, and still on the card
			}
			b = apply(b, s)
		}
		all = append(all, b...)
	}
	return all
}
