// Command measure says what the release rules keep and what they give away, and writes
// it into RELEASE.md. It runs the box's own rules, counters.Release, on the design case
// (74 visits of half a year), and attacks what comes out.
//
// The visits are synthetic: drawn at the margins of the design case, the answers of one
// sheet independently of each other. Each run of the program gives the same figures.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"jeudi/firmware/counters"
	"jeudi/firmware/sheet"
)

func main() {
	write := flag.String("o", "", "`file` whose figures are written anew, between its two marks; else they are printed")
	flag.Parse()
	var figures bytes.Buffer
	measured(&figures, 4000, 400)
	if *write == "" {
		os.Stdout.Write(figures.Bytes())
		return
	}
	if err := rewrite(*write, figures.Bytes()); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// Between these the figures stand.
const begin, end = "<!-- measured -->\n", "<!-- end -->\n"

func rewrite(file string, figures []byte) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(text, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return fmt.Errorf("%s has not both of %q and %q", file, begin, end)
	}
	return os.WriteFile(file, slices.Concat(before, []byte(begin+"\n"), figures, []byte("\n"+end), after), 0o644)
}

// measured writes all tables: so many runs of the first two, and so many trials of the
// insider for each cell of the third.
func measured(w io.Writer, runs, trials int) {
	fmt.Fprintf(w, "### What is kept\n\n%d runs. Error: in points of a share of 100, of all answers. « Kept »: the nearest simple fraction is the same.\n\n", runs)
	fmt.Fprintln(w, "| Release | mean error | worst error | statements kept | all 13 kept | same total everywhere |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, m := range methods() {
		u := utility(m, runs)
		fmt.Fprintf(w, "| %s | %.1f | %.1f | %.2f %% | %d of %d | %d of %d |\n", m.name, u.mean, u.worst, 100*u.kept, u.all, runs, u.sameTotal, runs)
	}
	fmt.Fprintf(w, "\n### What the difference of two releases gives away\n\n%d pairs, one visitor apart. The attacker guesses the answer that grew most, and where none did the most frequent one.\n\n", runs)
	fmt.Fprintln(w, "| Release | answers guessed | whole sheet of nine |")
	fmt.Fprintln(w, "|---|---|---|")
	for _, m := range methods() {
		d := differencing(m, runs, true)
		fmt.Fprintf(w, "| %s | %s | %s |\n", m.name, percent(d.answers), percent(d.sheet))
	}
	d := differencing(methods()[len(methods())-1], runs, false)
	fmt.Fprintf(w, "| **as the box does: two periods, nobody in both** | %s | %s |\n", percent(d.answers), percent(d.sheet))
	p := prior()
	fmt.Fprintf(w, "| without any release: the most frequent answers | %s | %s |\n", percent(p.answers), percent(p.sheet))

	newcomers := []int{1, 2, 3, 5, 10, 20, 30}
	fmt.Fprintf(w, "\n### What an insider learns\n\nThe insider knows the exact counts of all others, and that the target is among the newcomers. %d trials of each.\nAnswers guessed / whole sheet of nine, in per cent.\n\n", trials)
	fmt.Fprint(w, "| newcomers |")
	for _, m := range newcomers {
		fmt.Fprintf(w, " %d |", m)
	}
	fmt.Fprintf(w, " none known |\n|---%s|---|\n", strings.Repeat("|---", len(newcomers)))
	exact, released := "| exact counts |", "| **released as the box does** |"
	for _, m := range newcomers {
		i := insider(m, trials)
		exact += fmt.Sprintf(" %.0f / %.3g |", 100*i.exact.answers, 100*i.exact.sheet)
		released += fmt.Sprintf(" %.0f / %.2g |", 100*i.released.answers, 100*i.released.sheet)
	}
	both := fmt.Sprintf(" %.0f / %.2g |", 100*p.answers, 100*p.sheet)
	fmt.Fprintln(w, exact+both)
	fmt.Fprintln(w, released+both)

	ofOneMind(w)
}

// ofOneMind writes the last table, which is reckoned and not drawn.
func ofOneMind(w io.Writer) {
	batches := []int{3, 5, 10, 20}
	fmt.Fprint(w, "\n### How often a batch is of one mind\n\nThe chance that all sheets of a batch have the same answer: then the batch tells it of each of them.\n\n| Question |")
	for _, m := range batches {
		fmt.Fprintf(w, " %d sheets |", m)
	}
	fmt.Fprintf(w, "\n|---%s|\n", strings.Repeat("|---", len(batches)))
	for _, q := range design() {
		if slices.Max(q.n) == visits {
			continue // of one mind altogether: told as « presque tous »
		}
		fmt.Fprintf(w, "| %s |", q.key)
		for _, m := range batches {
			p := 0.0
			for _, n := range q.n {
				p += math.Pow(float64(n)/visits, float64(m))
			}
			if p < 1e-5 {
				fmt.Fprint(w, " below 0.001 % |")
			} else {
				fmt.Fprintf(w, " %.2g %% |", 100*p)
			}
		}
		fmt.Fprintln(w)
	}
}

func percent(share float64) string {
	switch p := 100 * share; {
	case p == 0 || p == 100:
		return fmt.Sprintf("%.0f %%", p)
	case p < 1:
		return fmt.Sprintf("%.2f %%", p)
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

// question is one of the nine of the design case, with its margins over 74 visits.
type question struct {
	key     string
	answers []string
	n       []int
}

// visits are those of the design case.
const visits = 74

// design is the design case: the statements of its bilan, and what is under them as far
// as the box asks more finely than it tells. In the box these are of three kinds of
// sheets, whose batches hold different people; here one sheet has them all, which is
// the worst case.
func design() []question {
	return []question{
		{sheet.Age, []string{"0-11", "12-17", "18-24", "25-39", "40-59", "60-61", "62-64", "65-69", "70+"}, []int{0, 0, 0, 19, 26, 4, 6, 8, 11}},
		{sheet.Situation, []string{"salarie", "independant", "demandeur_emploi", "retraite", "au_foyer", "invalidite", "etudiant", "autre"}, []int{15, 2, 15, 25, 9, 5, 0, 3}},
		{sheet.Household, []string{"seul", "mono_mineurs", "couple_mineurs", "couple_sans_enfant", "enfants_majeurs", "autre"}, []int{19, 19, 18, 18, 0, 0}},
		{sheet.Neighbourhood, []string{"tilleuls", "moulin", "centre", "gare", sheet.Elsewhere}, []int{22, 15, 17, 8, 12}},
		{sheet.Motif, []string{"caf", "impots", "retraite", "titres", "sante", "emploi", "logement", "mail", "smartphone", "sejour", "ordinateur", "justice", "banque", "msa"}, []int{15, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2, 1, 1, 0}},
		{sheet.FirstVisit, []string{sheet.Yes, sheet.No}, []int{46, 28}},
		{sheet.WentAlong, []string{sheet.Yes, sheet.No}, []int{30, 44}},
		{sheet.Satisfied, []string{sheet.Good, sheet.Fair, sheet.Bad}, []int{74, 0, 0}},
		{sheet.Useful, []string{sheet.Yes, sheet.Partly, sheet.No}, []int{74, 0, 0}},
	}
}

// statement is a share that the bilan of the design case tells.
type statement struct {
	question string
	answers  []string
}

func statements() []statement {
	return []statement{
		{sheet.Neighbourhood, []string{"tilleuls", "moulin"}}, // half of them from the quartiers prioritaires
		{sheet.Age, []string{"62-64", "65-69", "70+"}}, {sheet.Age, []string{"25-39", "40-59", "60-61"}},
		{sheet.Household, []string{"seul"}}, {sheet.Household, []string{"mono_mineurs"}}, {sheet.Household, []string{"couple_mineurs"}}, {sheet.Household, []string{"couple_sans_enfant"}},
		{sheet.Situation, []string{"retraite"}}, {sheet.Situation, []string{"demandeur_emploi"}}, {sheet.Situation, []string{"salarie"}},
		{sheet.WentAlong, []string{sheet.Yes}},
		{sheet.Satisfied, []string{sheet.Good}}, {sheet.Useful, []string{sheet.Yes}},
	}
}

// groups are the answers whose sum the design case states: what is under them is drawn
// anew in each run.
func groups(q question) [][]int {
	switch q.key {
	case sheet.Age:
		return [][]int{{3, 4, 5}, {6, 7, 8}}
	case sheet.Neighbourhood:
		return [][]int{{0, 1}, {2, 3, 4}}
	case sheet.Situation:
		return [][]int{{1, 4, 5, 6, 7}}
	case sheet.Motif:
		return [][]int{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}}
	}
	return nil
}

// drawn is the design case once more, what is under its statements drawn anew.
func drawn(r *rand.Rand) []question {
	all := design()
	for i, q := range all {
		for _, g := range groups(q) {
			sum, weights := 0, make([]int, len(g))
			for j, a := range g {
				weights[j] = q.n[a]
				sum += q.n[a]
				all[i].n[a] = 0
			}
			for range sum {
				all[i].n[g[pick(r, weights, sum)]]++
			}
		}
	}
	return all
}

// pick draws an index by its weight.
func pick(r *rand.Rand, weights []int, sum int) int {
	at := r.IntN(sum)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	panic("weights do not add up")
}

func totals(all []question) counters.Totals {
	t := counters.Totals{}
	for i, q := range all {
		qt := counters.QuestionTotals{Key: q.key}
		sum := 0
		for j, a := range q.answers {
			qt.Answers = append(qt.Answers, counters.AnswerTotal{Key: a, N: q.n[j]})
			sum += q.n[j]
		}
		qt.Answers = append(qt.Answers, counters.AnswerTotal{Key: sheet.Unset})
		t.Questions = append(t.Questions, qt)
		if i == 0 {
			t.Sheets = sum
		}
	}
	return t
}

// rules are those of the box with its least thresholds.
func rules() counters.Rules {
	return counters.Rules{Parts: map[string]map[string]string{sheet.Neighbourhood: {"tilleuls": "qpv", "moulin": "qpv"}}}
}

// method is a way to release counts, as a table of what is told.
type method struct {
	name    string
	release func(t counters.Totals, r *rand.Rand) []sheet.Released
}

func methods() []method {
	plain := func(change func(n []int, r *rand.Rand) []int) func(t counters.Totals, r *rand.Rand) []sheet.Released {
		return func(t counters.Totals, r *rand.Rand) (all []sheet.Released) {
			for _, q := range t.Questions {
				var n []int
				for _, a := range q.Answers {
					n = append(n, a.N)
				}
				told := sheet.Released{Key: q.Key}
				for i, m := range change(n, r) {
					if m >= 0 { // else suppressed
						told.Answers = append(told.Answers, sheet.Count{Key: q.Answers[i].Key, N: m})
					}
				}
				all = append(all, told)
			}
			return all
		}
	}
	return []method{
		{"exact counts", plain(func(n []int, _ *rand.Rand) []int { return n })},
		{"answers under 5 left out, and one more", plain(suppressed(5))},
		{"answers under 11 left out, and one more", plain(suppressed(11))},
		{"each count rounded by itself, base 3", plain(func(n []int, r *rand.Rand) []int {
			for i := range n {
				if rest := n[i] % counters.Base; r.IntN(counters.Base) < rest {
					n[i] += counters.Base - rest
				} else {
					n[i] -= rest
				}
			}
			return n
		})},
		{"**the box's rules**", func(t counters.Totals, r *rand.Rand) []sheet.Released {
			table, err := counters.Release(t, sheet.Schema{Kind: sheet.KindVisitor}, rules(), fmt.Append(nil, r.Uint64()))
			if err != nil {
				panic(err) // of the program: the design case has enough sheets
			}
			return table.Questions
		}},
	}
}

// suppressed leaves small answers out, and the next smallest where one would be alone
// and could be computed.
func suppressed(least int) func(n []int, _ *rand.Rand) []int {
	return func(n []int, _ *rand.Rand) []int {
		small := 0
		for _, m := range n {
			if 0 < m && m < least {
				small++
			}
		}
		next := -1
		for i, m := range n {
			if m >= least && (next < 0 || m < n[next]) {
				next = i
			}
		}
		for i, m := range n {
			if 0 < m && m < least || small == 1 && i == next {
				n[i] = -1
			}
		}
		return n
	}
}

// told is how many sheets a release tells to have given one of some answers, and out of
// how many that answered.
func told(q sheet.Released, answers []string) (n, of int) {
	for _, c := range q.Answers {
		if c.Key == sheet.Unset {
			continue
		}
		of += c.N
		if within(c, answers) {
			n += c.N
		}
	}
	return n, of
}

func within(c sheet.Count, answers []string) bool {
	for _, a := range members(c) {
		if !slices.Contains(answers, a) {
			return false
		}
	}
	return true
}

func members(c sheet.Count) []string {
	if len(c.Of) > 0 {
		return c.Of
	}
	return []string{c.Key}
}

// fractions are those in which a bilan speaks.
func fractions() []float64 {
	return []float64{0.05, 0.1, 0.2, 0.25, 1.0 / 3, 0.4, 0.5, 0.6, 2.0 / 3, 0.75, 0.8, 0.9, 0.95, 1}
}

func nearest(share float64) float64 {
	return slices.MinFunc(fractions(), func(a, b float64) int {
		return int(math.Copysign(1, math.Abs(a-share)-math.Abs(b-share)))
	})
}

// kept is what a method leaves of the design case's bilan.
type kept struct {
	mean, worst    float64 // in points
	kept           float64 // share of the statements
	all, sameTotal int     // runs
}

func utility(m method, runs int) (u kept) {
	r := rand.New(rand.NewPCG(74, 22))
	errors, statementsKept := 0, 0
	for range runs {
		all := drawn(r)
		t := totals(all)
		released := m.release(t, r)
		good, same := 0, true
		for i, q := range released {
			n, of := 0, 0
			for _, c := range q.Answers {
				n += c.N
			}
			if first := released[0]; i > 0 {
				for _, c := range first.Answers {
					of += c.N
				}
				same = same && n == of
			}
			for _, c := range q.Answers {
				exact := 0
				for j, a := range all[i].answers {
					if slices.Contains(members(c), a) || c.Top {
						exact += all[i].n[j]
					}
				}
				got, of := told(q, members(c))
				if c.Key == sheet.Unset || of == 0 {
					continue
				}
				e := 100 * math.Abs(float64(got)/float64(of)-float64(exact)/visits)
				u.mean += e
				u.worst = max(u.worst, e)
				errors++
			}
		}
		for _, s := range statements() {
			i := slices.IndexFunc(all, func(q question) bool { return q.key == s.question })
			exact := 0
			for j, a := range all[i].answers {
				if slices.Contains(s.answers, a) {
					exact += all[i].n[j]
				}
			}
			if n, of := told(released[i], s.answers); of > 0 && nearest(float64(n)/float64(of)) == nearest(float64(exact)/visits) {
				good++
			}
		}
		statementsKept += good
		if good == len(statements()) {
			u.all++
		}
		if same {
			u.sameTotal++
		}
	}
	u.mean /= float64(errors)
	u.kept = float64(statementsKept) / float64(runs*len(statements()))
	return u
}
