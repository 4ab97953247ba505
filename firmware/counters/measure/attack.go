package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"jeudi/firmware/counters"
	"jeudi/firmware/sheet"
)

// guessed is how much an attacker gets right of one sheet.
type guessed struct {
	answers float64 // share of the nine
	sheet   float64 // chance of all nine
}

// prior is guessing the most frequent answers, without any release.
func prior() guessed {
	g := guessed{sheet: 1}
	for _, q := range design() {
		p := float64(slices.Max(q.n)) / visits
		g.answers += p / float64(len(design()))
		g.sheet *= p
	}
	return g
}

// person draws one sheet at the margins of the design case, as indexes of answers.
func person(r *rand.Rand) (answers []int) {
	for _, q := range design() {
		answers = append(answers, pick(r, q.n, visits))
	}
	return answers
}

// differencing guesses the sheet of one visitor from two releases: before and with them,
// or, when they are not alike, of two periods that have nobody in common, the second
// with the visitor.
func differencing(m method, runs int, alike bool) (g guessed) {
	r := rand.New(rand.NewPCG(10, 59))
	questions := design()
	for range runs {
		first, second := empty(), empty()
		for range visits {
			p := person(r)
			first = add(first, p)
			if !alike {
				p = person(r)
			}
			second = add(second, p)
		}
		target := person(r)
		second = add(second, target)
		a, b := m.release(totals(first), r), m.release(totals(second), r)
		right := 0
		for i, q := range questions {
			if guess(q, a[i], b[i]) == target[i] {
				right++
			}
		}
		g.answers += float64(right) / float64(len(questions)*runs)
		if right == len(questions) {
			g.sheet += 1 / float64(runs)
		}
	}
	return g
}

func empty() []question {
	all := design()
	for i := range all {
		clear(all[i].n)
	}
	return all
}

func add(all []question, person []int) []question {
	for i, a := range person {
		all[i].n[a]++
	}
	return all
}

// guess is the answer whose count grew most between two releases. Of several answers
// that are counted together, and where none grew, it is the most frequent.
func guess(q question, before, after sheet.Released) int {
	best, most := -1, 0
	for i, a := range q.answers {
		had, ok := countOf(before, a)
		has, still := countOf(after, a)
		grown := 0
		switch {
		case ok && still:
			grown = has - had
		case still: // it was left out before, and is told now
			grown = 1
		}
		if grown > most || grown == most && grown > 0 && q.n[i] > q.n[best] {
			best, most = i, grown
		}
	}
	if best >= 0 {
		return best
	}
	return slices.Index(q.n, slices.Max(q.n))
}

// countOf is the count in which an answer is.
func countOf(q sheet.Released, answer string) (n int, ok bool) {
	for _, c := range q.Answers {
		if slices.Contains(members(c), answer) {
			return c.N, true
		}
	}
	return 0, false
}

// learned is what an insider guesses with exact counts, and with the box's releases.
type learned struct{ exact, released guessed }

// insider attacks each question by itself with Bayes' rule, as well as can be: by what
// each possible set of newcomers gives, and how likely the rules then tell what was
// told. The whole sheet is the product. That all questions share one offset is left out.
func insider(newcomers, trials int) learned {
	r := rand.New(rand.NewPCG(uint64(newcomers), 3))
	var l learned
	l.exact.sheet, l.released.sheet = 1, 1
	questions := design()
	for _, q := range questions {
		exact, released := insiderOf(q, newcomers, trials, r)
		l.exact.answers += exact / float64(len(questions))
		l.released.answers += released / float64(len(questions))
		l.exact.sheet *= exact
		l.released.sheet *= released
	}
	return l
}

// worlds is how many sets of newcomers the insider thinks of, and bases with how many
// counts of the others the trials are made.
const worlds, bases = 1500, 10

// world is a set of newcomers, and what would be told of it before rounding.
type world struct {
	added []int
	form  string   // which answers are told, and together with which
	cells []int    // exact, by the form
	parts []string // of the cells: those of one part are rounded one after the other
}

func insiderOf(q question, newcomers, trials int, r *rand.Rand) (exact, released float64) {
	for range bases {
		known := make([]int, len(q.n))
		for range visits - newcomers {
			known[pick(r, q.n, visits)]++
		}
		possible := make([]world, worlds)
		for i := range possible {
			possible[i] = newWorld(q, known, newcomers, r)
		}
		for range max(1, trials/bases) {
			is := newWorld(q, known, newcomers, r)
			exact += float64(slices.Max(is.added)) / float64(newcomers)
			seen := rounded(q, known, is, r)
			weight, answers := 0.0, make([]float64, len(q.answers))
			for _, w := range append(possible, is) {
				p := 0.0
				if w.form == is.form {
					p = chance(w, seen)
				}
				weight += p
				for a, n := range w.added {
					answers[a] += p * float64(n)
				}
			}
			released += slices.Max(answers) / weight / float64(newcomers)
		}
	}
	n := float64(bases * max(1, trials/bases))
	return exact / n, released / n
}

func newWorld(q question, known []int, newcomers int, r *rand.Rand) world {
	w := world{added: make([]int, len(known))}
	for range newcomers {
		w.added[pick(r, q.n, visits)]++
	}
	counts := sum(known, w.added)
	for _, c := range release(q, counts, 0) {
		w.form += fmt.Sprintf("%s %t ", c.Key, c.Top)
		cell := 0
		for i, a := range q.answers {
			if c.Top || slices.Contains(members(c), a) {
				cell += counts[i]
			}
		}
		w.cells = append(w.cells, cell)
		w.parts = append(w.parts, partOf(q.key, members(c)[0], cell))
	}
	return w
}

// partOf names the part of a cell as the rules have it.
func partOf(question, answer string, n int) string {
	switch {
	case question == sheet.Age && answer >= "62":
		return "62 and more"
	case question == sheet.Age && answer >= "25":
		return "25 to 61"
	case question == sheet.Age:
		return "under 25"
	case rules().Parts[question][answer] != "":
		return rules().Parts[question][answer]
	case 6*n >= visits:
		return "alone " + answer
	}
	return ""
}

// rounded is what is told of a world.
func rounded(q question, known []int, w world, r *rand.Rand) (seen []int) {
	for _, c := range release(q, sum(known, w.added), r.Uint64()) {
		seen = append(seen, c.N)
	}
	return seen
}

func sum(a, b []int) []int {
	s := slices.Clone(a)
	for i := range s {
		s[i] += b[i]
	}
	return s
}

// release is what the box tells of one question, without what is unset.
func release(q question, counts []int, secret uint64) []sheet.Count {
	table, err := counters.Release(totals([]question{{q.key, q.answers, counts}}), sheet.Schema{Kind: sheet.KindVisitor}, rules(), fmt.Append(nil, secret))
	if err != nil {
		panic(err) // of the program: 74 sheets are enough
	}
	answers := table.Questions[0].Answers
	return answers[:len(answers)-1]
}

// block is the cells of one part: by remainder how many there are, and went up.
type block struct{ k, up [counters.Base]int }

// chance is how likely the counts of a world are told as these: over all offsets, all
// orders of the parts, and all orders of the cells in them. Which cells with the same
// remainder of one part went up is equally likely.
func chance(w world, seen []int) float64 {
	var blocks []block
	at := map[string]int{}
	for i, n := range w.cells {
		if _, known := at[w.parts[i]]; !known {
			at[w.parts[i]] = len(blocks)
			blocks = append(blocks, block{})
		}
		b, rest := &blocks[at[w.parts[i]]], n%counters.Base
		switch seen[i] - (n - rest) {
		case 0:
		case counters.Base:
			if rest == 0 {
				return 0
			}
			b.up[rest]++
		default:
			return 0
		}
		b.k[rest]++
	}
	p := 0.0
	for offset := range counters.Base {
		p += inAnyOrder(blocks, offset) / counters.Base
	}
	for _, b := range blocks {
		p /= choose(b.k[1], b.up[1]) * choose(b.k[2], b.up[2])
	}
	return p
}

// inAnyOrder is the chance that all blocks go up as they did. It goes over their sets:
// where the sum stands after a set does not depend on its order.
func inAnyOrder(blocks []block, offset int) float64 {
	after := make([]float64, 1<<len(blocks)) // of the blocks that come after this set
	for set := len(after) - 1; set >= 0; set-- {
		acc, left := offset, 0
		for i, b := range blocks {
			if set&(1<<i) != 0 {
				acc += b.k[1] + 2*b.k[2]
			} else {
				left++
			}
		}
		if left == 0 {
			after[set] = 1
			continue
		}
		for i, b := range blocks {
			if set&(1<<i) == 0 {
				after[set] += walk(b.k[1], b.k[2], b.up[1], b.up[2], acc%counters.Base) * after[set|1<<i] / float64(left)
			}
		}
	}
	return after[0]
}

// walk is the chance that of so many cells left with remainders 1 and 2, taken in any
// order, so many go up.
func walk(ones, twos, upOnes, upTwos, acc int) float64 {
	if upOnes < 0 || upTwos < 0 || upOnes > ones || upTwos > twos {
		return 0
	}
	left := float64(ones + twos)
	if left == 0 {
		return 1
	}
	p := 0.0
	if ones > 0 {
		p += float64(ones) / left * walk(ones-1, twos, upOnes-(acc+1)/counters.Base, upTwos, (acc+1)%counters.Base)
	}
	if twos > 0 {
		p += float64(twos) / left * walk(ones, twos-1, upOnes, upTwos-(acc+2)/counters.Base, (acc+2)%counters.Base)
	}
	return p
}

func choose(n, k int) float64 {
	c := 1.0
	for i := range k {
		c *= float64(n-i) / float64(i+1)
	}
	return c
}
