package counters

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"jeudi/firmware/sheet"
)

// What a released table is made with. The base is fixed: the figures of RELEASE.md
// are those of 3.
const (
	Base       = 3
	MinRelease = 30
	MinGroup   = 5
	// surely is how many must have answered before "nearly all" is said: of fewer,
	// nine tenths and more could only be all.
	surely = 20
	// aloneFrom: an answer of this part of the sheets or more is rounded apart from the
	// smaller ones, as those are the shares that a bilan tells.
	aloneFrom = 6
)

// Rules are a place's own thresholds. One below the least that is safe, such as zero,
// is that least.
type Rules struct {
	Least   int // sheets that a table needs; MinRelease or more
	GroupAt int // an answer of fewer sheets is not told alone; MinGroup or more
	// Parts are the parts of the answers to a question that a bilan tells apart, by
	// question and answer: small answers are grouped with others of their part. Answers
	// that are not here are a part together.
	Parts map[string]map[string]string
}

func (r Rules) safe() Rules {
	r.Least, r.GroupAt = max(r.Least, MinRelease), max(r.GroupAt, MinGroup)
	return r
}

// ErrTooFew is the refusal of a release of too few sheets.
type ErrTooFew struct{ Have, Need int }

func (e ErrTooFew) Error() string {
	return fmt.Sprintf("counters: %d sheets; a release needs %d", e.Have, e.Need)
}

// Release is the table of a period as it may leave the box. It reads nothing but its
// arguments: the same totals, rules and secret give the same table, so that asking
// again takes nothing away from the rounding.
//
// In this order, for each question:
//   - an answer that all gave who answered, or all but fewer than Rules.GroupAt, stands
//     for all of them, with Count.Top (« presque tous »), and the others are left out;
//   - answers of fewer than Rules.GroupAt sheets are left out and counted together as
//     sheet.Grouped, those nobody gave with them. They are never one answer alone: the
//     next smallest would join it. Age bands and pairs of levels, which have an order,
//     join their neighbours instead, so that « 62 ans et plus » can still be said.
//     Answers of zero stay as they are where no other is small: nobody is in them;
//   - what is left is rounded to multiples of Base, up or down with the chance that
//     makes it right on the average. One offset, drawn for the table, decides of all
//     questions together, so that each of them has the same rounded total.
//
// sheet.Unset is rounded and nothing else: it stays an answer of its own, the last.
//
// RELEASE.md says what this keeps and what it gives away, as measured.
//
// secret keys the draw. Whoever has it, and guesses the counts, can confirm them: it
// is drawn for one release and kept nowhere. Fewer than Rules.Least sheets are
// refused with ErrTooFew.
func Release(t Totals, schema sheet.Schema, rules Rules, secret []byte) (sheet.Table, error) {
	rules = rules.safe()
	if t.Sheets < rules.Least {
		return sheet.Table{}, ErrTooFew{Have: t.Sheets, Need: rules.Least}
	}
	draw := drawn(t, schema.Kind, secret)
	offset := draw.IntN(Base)
	table := sheet.Table{
		Kind: schema.Kind.String(), Total: t.Sheets - t.Sheets%Base + (t.Sheets%Base+offset)/Base*Base,
		How: sheet.Protection{Base: Base, Least: rules.Least, GroupAt: rules.GroupAt},
	}
	for _, q := range t.Questions {
		answers := grouped(q.Key, q.Answers, rules)
		round(answers, partOf(q.Key, rules), offset, draw)
		table.Questions = append(table.Questions, sheet.Released{Key: q.Key, Answers: answers})
	}
	return table, nil
}

// drawn is the chance of one release, made of the exact counts: others draw anew.
func drawn(t Totals, kind sheet.Kind, secret []byte) *rand.Rand {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "jeudi release 1\n%s %d\n", kind, t.Sheets)
	for _, q := range t.Questions {
		for _, a := range q.Answers {
			fmt.Fprintf(mac, "%s/%s %d\n", q.Key, a.Key, a.N)
		}
	}
	return rand.New(rand.NewChaCha8([32]byte(mac.Sum(nil))))
}

// grouped is the answers that are told of a question, sheet.Unset last.
func grouped(question string, exact []AnswerTotal, rules Rules) []sheet.Count {
	var said []sheet.Count
	unset, answered := sheet.Count{Key: sheet.Unset}, 0
	for _, a := range exact {
		if a.Key == sheet.Unset {
			unset.N += a.N
			continue
		}
		said = append(said, sheet.Count{Key: a.Key, N: a.N})
		answered += a.N
	}
	if answered == 0 {
		return append(said, unset)
	}
	most := slices.MaxFunc(said, bySheets)
	nearly := answered-most.N < rules.GroupAt && 10*most.N >= 9*answered
	switch {
	case nearly && answered >= surely:
		return []sheet.Count{{Key: most.Key, N: answered, Top: true}, unset}
	case nearly, answered < rules.GroupAt: // nothing can be said but how many answered
		all := sheet.Count{Key: sheet.Grouped, N: answered}
		for _, c := range said {
			all.Of = append(all.Of, c.Key)
		}
		return []sheet.Count{all, unset}
	}
	part := partOf(question, rules)
	if ranges(question) != nil {
		var joined []sheet.Count
		for _, cells := range split(said, part) {
			joined = append(joined, neighbours(cells, rules.GroupAt)...)
		}
		return append(joined, unset)
	}
	return append(apart(said, part, rules.GroupAt), unset)
}

// together puts small answers into one.
func together(said []sheet.Count, groupAt int) []sheet.Count {
	bySize := slices.SortedStableFunc(slices.Values(said), bySheets)
	small := slices.IndexFunc(bySize, func(c sheet.Count) bool { return c.N >= groupAt })
	if small == -1 {
		small = len(bySize)
	}
	if small == 0 || bySize[small-1].N == 0 {
		return said
	}
	if small == 1 { // an answer alone hides in no group
		small = min(2, len(bySize))
	}
	group := sheet.Count{Key: sheet.Grouped}
	var alone []sheet.Count
	for _, c := range said {
		if slices.ContainsFunc(bySize[:small], func(o sheet.Count) bool { return o.Key == c.Key }) {
			group.N += c.N
			group.Of = append(group.Of, c.Key)
		} else {
			alone = append(alone, c)
		}
	}
	return append(alone, group)
}

// members are the answers that are counted in one.
func members(c sheet.Count) []string {
	if len(c.Of) > 0 {
		return c.Of
	}
	return []string{c.Key}
}

func smallest(said []sheet.Count) (at int) {
	for i, c := range said {
		if c.N < said[at].N {
			at = i
		}
	}
	return at
}

func bySheets(a, b sheet.Count) int { return cmp.Compare(a.N, b.N) }

// neighbours joins a small answer with the smaller of those beside it, until none is
// small or all are one.
func neighbours(said []sheet.Count, groupAt int) []sheet.Count {
	if !slices.ContainsFunc(said, func(c sheet.Count) bool { return 0 < c.N && c.N < groupAt }) {
		return said
	}
	said = slices.Clone(said)
	for len(said) > 1 {
		i := smallest(said)
		if said[i].N >= groupAt {
			break
		}
		if i == len(said)-1 || i > 0 && said[i-1].N <= said[i+1].N {
			i--
		}
		both := slices.Concat(members(said[i]), members(said[i+1]))
		said[i] = sheet.Count{Key: strings.Join(both, "+"), N: said[i].N + said[i+1].N, Of: both}
		said = slices.Delete(said, i+1, i+2)
	}
	return said
}

// ranges tells the parts of an ordered question, whose answers join none of another
// part: of the age, up to 24 years, up to 61 and from 62 on, which a bilan tells apart;
// of the pairs of levels, those with the same level of the person's own. Nil when the
// question has no order.
func ranges(question string) func(answer string) string {
	switch question {
	case sheet.Age:
		return func(answer string) string {
			from, _, _ := strings.Cut(strings.TrimSuffix(answer, "+"), "-")
			switch years, err := strconv.Atoi(from); {
			case err != nil:
				return "?"
			case years < 25:
				return "young"
			case years < 62:
				return "adult"
			}
			return "senior"
		}
	case sheet.Agreement:
		return func(answer string) string {
			self, _, _ := strings.Cut(answer, "-")
			return self
		}
	}
	return nil
}

// split is answers by their part, in the order in which the parts come first.
func split(said []sheet.Count, part func(answer string) string) [][]sheet.Count {
	var all [][]sheet.Count
	at := map[string]int{}
	for _, c := range said {
		p := part(c.Key)
		if _, known := at[p]; !known {
			at[p] = len(all)
			all = append(all, nil)
		}
		all[at[p]] = append(all[at[p]], c)
	}
	return all
}

// partOf is the part of each answer to a question that a bilan tells apart; "" when it
// tells none.
func partOf(question string, rules Rules) func(answer string) string {
	if part := ranges(question); part != nil {
		return part
	}
	return func(answer string) string { return rules.Parts[question][answer] }
}

// apart puts small answers together with those of their part. Where one would be alone
// in its part they go together over the parts.
func apart(said []sheet.Count, part func(answer string) string, groupAt int) []sheet.Count {
	parts := split(said, part)
	if len(parts) == 1 || slices.ContainsFunc(parts, func(p []sheet.Count) bool { return len(p) == 1 && 0 < p[0].N && p[0].N < groupAt }) {
		return together(said, groupAt)
	}
	var told []sheet.Count
	for _, p := range parts {
		p = together(p, groupAt)
		if last := &p[len(p)-1]; last.Key == sheet.Grouped {
			last.Key = strings.Join(last.Of, "+")
		}
		told = append(told, p...)
	}
	return told
}

// round makes all counts multiples of Base, up or down. Their order decides nothing: each
// goes up with the chance of its remainder, and the sum of all goes where offset says.
//
// The order is drawn, but the answers of one part stay together in it, and so do the
// smaller ones of a question without parts: then the sum of a part (« 62 ans et plus »)
// is off by less than Base, as each count of it is, and a large count seldom goes one way
// while the total goes the other.
func round(answers []sheet.Count, part func(answer string) string, offset int, draw *rand.Rand) {
	names, of := []string{}, map[string][]int{}
	sum := 0
	for _, c := range answers {
		sum += c.N
	}
	for i, c := range answers {
		p := "of " + part(members(c)[0])
		if c.Key == sheet.Unset || p == "of " && aloneFrom*c.N >= sum {
			p = "alone " + c.Key
		}
		if of[p] == nil {
			names = append(names, p)
		}
		of[p] = append(of[p], i)
	}
	acc := offset
	for _, p := range draw.Perm(len(names)) {
		cells := of[names[p]]
		for _, i := range draw.Perm(len(cells)) {
			n := &answers[cells[i]].N
			rest := *n % Base
			*n += (acc+rest)/Base*Base - acc/Base*Base - rest
			acc += rest
		}
	}
}
