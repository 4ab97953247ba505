package counters

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/sheet"
)

// margin is the counts of a question as "a 12, b 3, unset 5".
func margin(t *testing.T, key, text string) QuestionTotals {
	t.Helper()
	q := QuestionTotals{Key: key}
	for part := range strings.SplitSeq(text, ", ") {
		var a AnswerTotal
		if _, err := fmt.Sscanf(part, "%s %d", &a.Key, &a.N); err != nil {
			t.Fatal(err)
		}
		q.Answers = append(q.Answers, a)
	}
	return q
}

// told writes counts the same way; « presque tous » has a star.
func told(counts []sheet.Count) string {
	var parts []string
	for _, c := range counts {
		p := fmt.Sprintf("%s %d", c.Key, c.N)
		if c.Top {
			p += "*"
		}
		if len(c.Of) > 0 && c.Key == sheet.Grouped {
			p += " (" + strings.Join(c.Of, " ") + ")"
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, ", ")
}

func TestSmallAnswersAreGrouped(t *testing.T) {
	for _, c := range []struct{ name, question, given, want string }{
		{"large ones stand", "q", "a 12, b 9, unset 3", "a 12, b 9, unset 3"},
		{"small ones go together", "q", "a 40, b 4, c 2, d 28, unset 0", "a 40, d 28, grouped 6 (b c), unset 0"},
		{"nobody's answer hides with a small one", "q", "a 40, b 4, c 0, d 28, unset 0", "a 40, d 28, grouped 4 (b c), unset 0"},
		{"nobody's answers alone stay", "q", "a 40, b 0, c 0, d 28, unset 2", "a 40, b 0, c 0, d 28, unset 2"},
		{"one small answer takes the next smallest along", "q", "a 40, b 4, c 28, d 9, unset 0", "a 40, c 28, grouped 13 (b d), unset 0"},
		{"of yes and no nothing is left", "q", "yes 4, no 26, unset 50", "grouped 30 (yes no), unset 50"},
		{"unset is never grouped", "q", "a 40, b 30, unset 2", "a 40, b 30, unset 2"},
		{"all", "q", "good 74, bad 0, unset 0", "good 74*, unset 0"},
		{"nearly all", "q", "good 70, fair 3, bad 1, unset 6", "good 74*, unset 6"},
		{"not nearly all", "q", "good 30, fair 3, bad 1, unset 6", "good 30, grouped 4 (fair bad), unset 6"},
		{"five others are told", "q", "good 195, bad 5, unset 0", "good 195, bad 5, unset 0"},
		{"all of so few that it could only be all", "q", "good 19, bad 0, unset 60", "grouped 19 (good bad), unset 60"},
		{"hardly anybody answered", "q", "good 4, bad 0, unset 60", "grouped 4 (good bad), unset 60"},
		{"nobody answered", "q", "good 0, bad 0, unset 60", "good 0, bad 0, unset 60"},
		{"age bands join the smaller neighbour", sheet.Age, "25-39 20, 40-59 27, 60-61 2, 62-64 8, 65-69 3, 70+ 14, unset 0", "25-39 20, 40-59+60-61 29, 62-64+65-69 11, 70+ 14, unset 0"},
		{"and never over the limits of 25 and 62", sheet.Age, "0-11 0, 12-17 0, 18-24 1, 25-39 1, 40-59 2, 60-61 1, 62-64 1, 65-69 1, 70+ 60, unset 0",
			"0-11+12-17+18-24 1, 25-39+40-59+60-61 4, 62-64+65-69+70+ 62, unset 0"},
		{"even where a whole range is small", sheet.Age, "0-11 0, 12-17 0, 18-24 1, 25-39 30, 40-59 20, 60-61 5, 62-64 1, 65-69 1, 70+ 1, unset 0",
			"0-11+12-17+18-24 1, 25-39 30, 40-59 20, 60-61 5, 62-64+65-69+70+ 3, unset 0"},
		{"neighbourhoods join those of their part", sheet.Neighbourhood, "pré 20, moulin 3, centre 30, gare 2, elsewhere 4, unset 0", "pré+moulin 23, centre 30, gare+elsewhere 6, unset 0"},
		{"unless one would be alone there", sheet.Neighbourhood, "pré 3, centre 30, gare 2, elsewhere 14, unset 0", "centre 30, elsewhere 14, grouped 5 (pré gare), unset 0"},
		{"pairs join those of the same own level", sheet.Agreement, "remote-remote 9, remote-accompanied 2, remote-autonomous 0, accompanied-remote 3, accompanied-accompanied 12, accompanied-autonomous 6, unset 1",
			"remote-remote+remote-accompanied+remote-autonomous 11, accompanied-remote+accompanied-accompanied 15, accompanied-autonomous 6, unset 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := told(grouped(c.question, margin(t, c.question, c.given).Answers, Rules{Parts: map[string]map[string]string{sheet.Neighbourhood: {"pré": "qpv", "moulin": "qpv"}}}.safe()))
			if got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.given, got, c.want)
			}
		})
	}
}

// someTotals are margins as any period may leave them: skewed, with answers that
// nobody gave, questions nobody answered, and one that is unanimous.
func someTotals(r *rand.Rand) Totals {
	t := Totals{Sheets: MinRelease + r.IntN(120)}
	for q := range 1 + r.IntN(9) {
		key := fmt.Sprintf("q%d", q)
		var answers []string
		for a := range 1 + r.IntN(9) {
			answers = append(answers, fmt.Sprintf("a%d", a))
		}
		if q == 0 {
			key, answers = sheet.Age, sheet.Visitor(nil).Questions[slices.IndexFunc(sheet.Visitor(nil).Questions, func(q sheet.Question) bool { return q.Key == sheet.Age })].Answers
		}
		qt := QuestionTotals{Key: key}
		left := t.Sheets
		for _, a := range answers {
			n := 0
			switch r.IntN(4) {
			case 0:
			case 1:
				n = min(left, r.IntN(MinGroup+2))
			case 2:
				n = r.IntN(left + 1)
			case 3:
				n = left - min(left, r.IntN(3))
			}
			left -= n
			qt.Answers = append(qt.Answers, AnswerTotal{a, n})
		}
		qt.Answers = append(qt.Answers, AnswerTotal{sheet.Unset, left})
		t.Questions = append(t.Questions, qt)
	}
	return t
}

// TestReleaseKeepsItsPromises holds a thousand tables to what Release promises.
func TestReleaseKeepsItsPromises(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tops, groups := 0, 0
	for i := range 1000 {
		totals := someTotals(r)
		rules := Rules{GroupAt: MinGroup + r.IntN(7)}
		secret := []byte{byte(i), byte(i >> 8)}
		table, err := Release(totals, sheet.Exit(), rules, secret)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := Release(totals, sheet.Exit(), rules, secret); !reflect.DeepEqual(again, table) {
			t.Fatalf("Release twice = %+v; want %+v", again, table)
		}
		if d := table.Total - totals.Sheets; d <= -Base || d >= Base || table.Total%Base != 0 {
			t.Fatalf("total of %d sheets = %d; want the multiple of %d below or above", totals.Sheets, table.Total, Base)
		}
		for j, q := range table.Questions {
			exact := grouped(q.Key, totals.Questions[j].Answers, rules)
			sum, off := 0, map[string]int{}
			for k, c := range q.Answers {
				sum += c.N
				if !c.Top && c.Key != sheet.Grouped && c.Key != sheet.Unset {
					off[partOf(q.Key, rules)(members(c)[0])] += c.N - exact[k].N
				}
				if d := c.N - exact[k].N; d <= -Base || d >= Base || c.N%Base != 0 || c.N < 0 {
					t.Fatalf("%s of %s: %d rounded to %d", c.Key, q.Key, exact[k].N, c.N)
				}
				if c.Top {
					tops++
				}
				if len(c.Of) > 1 {
					groups++
				}
				if len(c.Of) == 0 && c.Key != sheet.Unset && len(totals.Questions[j].Answers) > 2 && 0 < exact[k].N && exact[k].N < rules.GroupAt {
					t.Fatalf("%s of %s: %d sheets told alone", c.Key, q.Key, exact[k].N)
				}
			}
			for part, d := range off {
				if part != "" && (d <= -Base || d >= Base) {
					t.Fatalf("%s: the part %s is off by %d:\n%s", q.Key, part, d, told(q.Answers))
				}
			}
			if sum != table.Total {
				t.Fatalf("%s adds up to %d; want %d as every question:\n%s", q.Key, sum, table.Total, told(q.Answers))
			}
			if q.Answers[len(q.Answers)-1].Key != sheet.Unset {
				t.Fatalf("%s ends with %q; want %q", q.Key, q.Answers[len(q.Answers)-1].Key, sheet.Unset)
			}
		}
	}
	if tops < 50 || groups < 500 {
		t.Errorf("%d tops and %d groups came up; the test would show nothing", tops, groups)
	}
}

// TestReleaseIsUnbiased: over many draws a count is right on the average, and the total.
func TestReleaseIsUnbiased(t *testing.T) {
	totals := Totals{Sheets: 74, Questions: []QuestionTotals{
		margin(t, "thirds", "a 25, b 24, c 25, unset 0"),
		margin(t, "many", "a 5, b 6, c 7, d 8, e 9, f 10, g 11, unset 18"),
		margin(t, "small", "a 40, b 2, c 2, unset 30"),
	}}
	const runs = 3000
	sums := map[string]float64{}
	want := map[string]float64{"total": 74}
	for i := range runs {
		table, err := Release(totals, sheet.Exit(), Rules{}, fmt.Append(nil, i))
		if err != nil {
			t.Fatal(err)
		}
		sums["total"] += float64(table.Total)
		for j, q := range table.Questions {
			exact := grouped(q.Key, totals.Questions[j].Answers, Rules{}.safe())
			for k, c := range q.Answers {
				sums[q.Key+"/"+c.Key] += float64(c.N)
				want[q.Key+"/"+c.Key] = float64(exact[k].N)
			}
		}
	}
	for k, w := range want {
		// The error of one draw has a standard deviation below 1.5: five of the mean's.
		if got := sums[k] / runs; math.Abs(got-w) > 5*1.5/math.Sqrt(runs) {
			t.Errorf("mean of %s = %.3f; want %.3f", k, got, w)
		}
	}
}

// TestReleaseDrawsAnewForOtherCounts: what one table shows of its draw says nothing of
// the next one's.
func TestReleaseDrawsAnewForOtherCounts(t *testing.T) {
	up := map[bool]int{}
	for i := range 300 {
		secret := fmt.Append(nil, i)
		a, _ := Release(Totals{Sheets: 74, Questions: []QuestionTotals{margin(t, "q", "a 37, b 37, unset 0")}}, sheet.Exit(), Rules{}, secret)
		b, _ := Release(Totals{Sheets: 74, Questions: []QuestionTotals{margin(t, "q", "a 40, b 34, unset 0")}}, sheet.Exit(), Rules{}, secret)
		up[a.Total == b.Total]++
	}
	if up[true] < 100 || up[false] < 60 {
		t.Errorf("the totals of two tables agree in %d draws and differ in %d; want both often", up[true], up[false])
	}
}

// TestCase10 is the release gate: too few sheets, few new ones, asking a thousand times.
func TestCase10(t *testing.T) {
	at := func(sheets int) Totals {
		return Totals{Sheets: sheets, Questions: []QuestionTotals{margin(t, sheet.Satisfied, fmt.Sprintf("good %d, fair 10, bad 0, unset 0", sheets-10))}}
	}
	secret := []byte("drawn once")
	for _, c := range []struct {
		sheets int
		rules  Rules
		need   int // 0: released
	}{
		{0, Rules{}, 30}, {29, Rules{}, 30}, {30, Rules{}, 0},
		{29, Rules{Least: 5}, 30}, // no site goes below
		{30, Rules{Least: 60}, 60}, {60, Rules{Least: 60}, 0},
	} {
		_, err := Release(at(c.sheets), sheet.Exit(), c.rules, secret)
		var few ErrTooFew
		if got := errors.As(err, &few); got != (c.need > 0) || few.Need != c.need || got && few.Have != c.sheets {
			t.Errorf("Release of %d sheets with %+v: %v; want need of %d", c.sheets, c.rules, err, c.need)
		}
	}

	first, err := Release(at(41), sheet.Exit(), Rules{}, secret)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if again, _ := Release(at(41), sheet.Exit(), Rules{}, secret); !reflect.DeepEqual(again, first) {
			t.Fatalf("asked again: %+v; want %+v: else the mean of many would tell the counts", again, first)
		}
	}
}

// TestCase10NineMore: after a release the counters begin at zero, so that nine more
// sheets, and ten, are no release, and the first cannot be asked for again.
func TestCase10NineMore(t *testing.T) {
	s, _, err := Open(t.TempDir(), sheet.Exit(), Options{Batch: MinBatch})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ids := byte(0)
	more := func(n int) {
		t.Helper()
		for range n {
			ids++
			if err := s.Submit([16]byte{ids}, sheet.New(sheet.KindExit).Set(sheet.Useful, sheet.Yes)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Merge(); err != nil {
				t.Fatal(err)
			}
		}
	}
	more(31)
	if table, err := Release(s.Totals(), sheet.Exit(), Rules{}, nil); err != nil || table.Total != 30 {
		t.Fatalf("Release of 30 sheets and one that waits = %+v, %v; want a total of 30", table, err)
	}
	if err := s.EndPeriod(1); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ more, have int }{{0, 0}, {8, 0}, {1, 10}, {9, 10}, {1, 20}} { // one has waited
		more(c.more)
		if _, err := Release(s.Totals(), sheet.Exit(), Rules{}, nil); !errors.Is(err, ErrTooFew{Have: c.have, Need: 30}) {
			t.Errorf("Release after %d more sheets: %v; want ErrTooFew of %d", c.more, err, c.have)
		}
	}
	more(10)
	if table, err := Release(s.Totals(), sheet.Exit(), Rules{}, nil); err != nil || table.Total != 30 {
		t.Errorf("Release of 30 other sheets = %+v, %v; want a total of 30", table, err)
	}
}

// TestCase11 is the answers that point at people by themselves.
func TestCase11(t *testing.T) {
	totals := Totals{Sheets: 76, Questions: []QuestionTotals{
		margin(t, "unanimous", "good 76, fair 0, bad 0, unset 0"),
		margin(t, "all_but_one", "good 75, fair 0, bad 1, unset 0"),
		margin(t, "empty_category", "a 40, b 0, c 36, unset 0"),
		margin(t, "nobody_said", "a 0, b 0, unset 76"),
		margin(t, "one_said", "a 1, b 0, unset 75"),
		margin(t, "one_and_two", "a 1, b 2, c 73, unset 0"),
	}}
	seen := map[string]bool{}
	for i := range 200 {
		table, err := Release(totals, sheet.Exit(), Rules{}, fmt.Append(nil, i))
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range table.Questions {
			sum := 0
			for _, c := range q.Answers {
				sum += c.N
				if c.N == 1 || c.N == 2 {
					t.Fatalf("%s: %s has %d", q.Key, c.Key, c.N)
				}
			}
			if sum != table.Total {
				t.Fatalf("%s adds up to %d; want %d", q.Key, sum, table.Total)
			}
			seen[q.Key+": "+told(q.Answers)] = true
		}
		if a, b := told(table.Questions[0].Answers), told(table.Questions[1].Answers); a != b {
			t.Fatalf("unanimous %s; all but one %s: the one is told apart", a, b)
		}
	}
	for _, want := range []string{
		"unanimous: good 75*, unset 0", "unanimous: good 78*, unset 0",
		"empty_category: a 39, b 0, c 36, unset 0",
		"nobody_said: a 0, b 0, unset 75", "nobody_said: a 0, b 0, unset 78",
		"one_said: grouped 0 (a b), unset 75", "one_said: grouped 3 (a b), unset 75",
	} {
		if !seen[want] {
			t.Errorf("never released %q, of %v", want, slices.Sorted(func(yield func(string) bool) {
				for k := range seen {
					if !yield(k) {
						return
					}
				}
			}))
		}
	}
}
