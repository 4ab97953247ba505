package typeset

import (
	"slices"

	"golang.org/x/text/unicode/bidi"
)

// The Unicode Bidirectional Algorithm, UAX #9, for one paragraph. The two
// libraries at hand compute levels and keep them to themselves: what they return
// joins a number with the word behind it, since both run from left to right, and
// puts it on the wrong side of the Arabic before. So the rules are here, on the
// tables of golang.org/x/text/unicode/bidi.
//
// Isolates, which the catalogue puts around what comes from outside, are obeyed.
// The older embeddings and overrides are not: nobody writes them by hand, and
// they are taken out of a text before.

// Levels returns the level of each rune: even ones run to the right.
func Levels(text []rune, rtl bool) []uint8 {
	out := make([]uint8, len(text))
	all := make([]int, len(text))
	for i := range all {
		all[i] = i
	}
	base := uint8(0)
	if rtl {
		base = 1
	}
	resolve(text, all, base, out)
	return out
}

// maxLevel is UAX #9's max_depth. What is nested deeper keeps its level.
const maxLevel = 125

func classOf(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// resolve gives levels to the runes at the indices, which stand at the level
// between the two ends of an isolate.
func resolve(text []rune, at []int, level uint8, out []uint8) {
	// What is within an isolate counts as one neutral character out here.
	seq := make([]int, 0, len(at))
	class := make([]bidi.Class, 0, len(at))
	for i := 0; i < len(at); i++ {
		c := classOf(text[at[i]])
		out[at[i]] = level
		switch c {
		case bidi.BN, bidi.LRE, bidi.RLE, bidi.LRO, bidi.RLO, bidi.PDF:
			if len(seq) > 0 {
				out[at[i]] = 0xff // that of the rune before, below
			}
			continue
		case bidi.LRI, bidi.RLI, bidi.FSI:
			seq, class = append(seq, at[i]), append(class, bidi.ON)
			end, depth := i+1, 1
			for ; end < len(at); end++ {
				switch classOf(text[at[end]]) {
				case bidi.LRI, bidi.RLI, bidi.FSI:
					depth++
				case bidi.PDI:
					depth--
				}
				if depth == 0 {
					break
				}
			}
			inner := (level + 2) &^ 1 // the next even one
			if c == bidi.RLI || c == bidi.FSI && rightToLeft(text, at[i+1:end]) {
				inner = (level + 1) | 1 // the next odd one
			}
			if inner > maxLevel {
				inner = level
			}
			resolve(text, at[i+1:end], inner, out)
			i = end - 1
			continue
		case bidi.PDI:
			c = bidi.ON
		}
		seq, class = append(seq, at[i]), append(class, c)
	}

	e := bidi.L // the direction of this level
	if level&1 == 1 {
		e = bidi.R
	}
	weak(text, seq, class, e)
	brackets(text, seq, class, e)
	neutral(class, e)
	for i, c := range class {
		switch {
		case level&1 == 0 && c == bidi.R, level&1 == 1 && c != bidi.R:
			out[seq[i]]++
		case level&1 == 0 && c != bidi.L:
			out[seq[i]] += 2
		}
	}
	last := level
	for _, i := range at {
		if out[i] == 0xff {
			out[i] = last
		}
		if out[i] >= level {
			last = out[i]
		}
	}
}

// RightToLeft is the direction of a text that nobody tells: that of its first strong
// character, and to the right without one.
func RightToLeft(text []rune) bool {
	all := make([]int, len(text))
	for i := range all {
		all[i] = i
	}
	return rightToLeft(text, all)
}

// rightToLeft is rules P2 and P3: the direction of the first strong character
// outside of an isolate.
func rightToLeft(text []rune, at []int) bool {
	depth := 0
	for _, i := range at {
		switch classOf(text[i]) {
		case bidi.LRI, bidi.RLI, bidi.FSI:
			depth++
		case bidi.PDI:
			depth = max(depth-1, 0)
		case bidi.L:
			if depth == 0 {
				return false
			}
		case bidi.R, bidi.AL:
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// weak is the rules W1 to W7.
func weak(text []rune, seq []int, class []bidi.Class, e bidi.Class) {
	before, strong := e, e // classes of the rune before and of the last strong one
	for i, c := range class {
		if c == bidi.NSM {
			c = before
		}
		before = c
		switch c {
		case bidi.L, bidi.R, bidi.AL:
			strong = c
		case bidi.EN:
			if strong == bidi.AL {
				c = bidi.AN
			}
		}
		class[i] = c
	}
	for i, c := range class {
		if c == bidi.AL {
			class[i] = bidi.R
		}
	}
	for i := 1; i+1 < len(class); i++ {
		a, b := class[i-1], class[i+1]
		if a == b && (class[i] == bidi.ES && a == bidi.EN || class[i] == bidi.CS && (a == bidi.EN || a == bidi.AN)) {
			class[i] = a
		}
	}
	for i := 0; i < len(class); i++ {
		if class[i] != bidi.ET {
			continue
		}
		end := i
		for end < len(class) && class[end] == bidi.ET {
			end++
		}
		if i > 0 && class[i-1] == bidi.EN || end < len(class) && class[end] == bidi.EN {
			for j := i; j < end; j++ {
				class[j] = bidi.EN
			}
		}
		i = end - 1
	}
	strong = e
	for i, c := range class {
		switch c {
		case bidi.ET, bidi.ES, bidi.CS:
			class[i] = bidi.ON
		case bidi.L, bidi.R:
			strong = c
		case bidi.EN:
			if strong == bidi.L {
				class[i] = bidi.L
			}
		}
	}
}

// strongAs is how a class counts for the neutral ones beside it.
func strongAs(c bidi.Class) (bidi.Class, bool) {
	switch c {
	case bidi.L:
		return bidi.L, true
	case bidi.R, bidi.EN, bidi.AN:
		return bidi.R, true
	}
	return bidi.ON, false
}

// bracket returns the opening bracket of a bracket's pair.
func bracket(r rune) (opening rune, opens, ok bool) {
	p, _ := bidi.LookupRune(r)
	if !p.IsBracket() {
		return 0, false, false
	}
	opens = p.IsOpeningBracket()
	if !opens {
		r = []rune(bidi.ReverseString(string(r)))[0]
	}
	if r == '\u2329' {
		r = '\u3008' // canonically the same
	}
	return r, opens, true
}

// brackets is rule N0: both brackets of a pair get the same direction.
func brackets(text []rune, seq []int, class []bidi.Class, e bidi.Class) {
	type open struct {
		r rune
		i int
	}
	var (
		stack []open
		pairs [][2]int
	)
scan:
	for i := range class {
		if class[i] != bidi.ON {
			continue
		}
		r, opens, ok := bracket(text[seq[i]])
		switch {
		case !ok:
		case opens && len(stack) == 63:
			break scan
		case opens:
			stack = append(stack, open{r, i})
		default:
			for j := len(stack) - 1; j >= 0; j-- {
				if stack[j].r == r {
					pairs = append(pairs, [2]int{stack[j].i, i})
					stack = stack[:j]
					break
				}
			}
		}
	}
	slices.SortFunc(pairs, func(a, b [2]int) int { return a[0] - b[0] })
	for _, p := range pairs {
		var same, other bool
		for _, c := range class[p[0]+1 : p[1]] {
			if d, ok := strongAs(c); ok {
				same, other = same || d == e, other || d != e
			}
		}
		to := e
		switch {
		case same:
		case other:
			before := e
			for i := p[0] - 1; i >= 0; i-- {
				if d, ok := strongAs(class[i]); ok {
					before = d
					break
				}
			}
			to = before
		default:
			continue
		}
		for _, i := range p {
			class[i] = to
			for j := i + 1; j < len(class) && classOf(text[seq[j]]) == bidi.NSM; j++ {
				class[j] = to
			}
		}
	}
}

// neutral is the rules N1 and N2.
func neutral(class []bidi.Class, e bidi.Class) {
	before := e
	for i := 0; i < len(class); i++ {
		if d, ok := strongAs(class[i]); ok {
			before = d
			continue
		}
		end, after := i, e
		for ; end < len(class); end++ {
			if d, ok := strongAs(class[end]); ok {
				after = d
				break
			}
		}
		to := e
		if before == after {
			to = before
		}
		for ; i < end; i++ {
			class[i] = to
		}
		i = end - 1
	}
}

// Visual returns the order in which pieces of a line stand on paper, from left
// to right, given the level of each: rule L2.
func Visual(levels []uint8) []int {
	order := make([]int, len(levels))
	highest := uint8(0)
	for i, l := range levels {
		order[i] = i
		highest = max(highest, l)
	}
	for l := highest; l > 0; l-- {
		for i := 0; i < len(levels); i++ {
			end := i
			for end < len(levels) && levels[order[end]] >= l {
				end++
			}
			if end > i {
				slices.Reverse(order[i:end])
				i = end
			}
		}
	}
	return order
}
