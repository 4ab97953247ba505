package main

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"jeudi/firmware/sheet"
)

// TestTheStatementsAreKept holds the rules to what RELEASE.md says of them.
func TestTheStatementsAreKept(t *testing.T) {
	const runs = 300
	all := methods()
	u := utility(all[len(all)-1], runs)
	if u.all < runs*99/100 || u.kept < 0.999 || u.sameTotal != runs || u.mean > 1 {
		t.Errorf("the box's rules keep all statements in %d of %d runs, %.4f of them, the total in %d, mean error %.2f; want 99 %%, 0.999, all, at most 1 point", u.all, runs, u.kept, u.sameTotal, u.mean)
	}
	if exact := utility(all[0], 50); exact.all != 50 || exact.mean != 0 {
		t.Errorf("exact counts keep %d of 50, mean error %v; want all and none: the measure itself is off", exact.all, exact.mean)
	}
}

// TestDifferencing: rounded, the difference of two releases tells little more than a guess.
func TestDifferencing(t *testing.T) {
	const runs = 200
	all := methods()
	exact, rules := differencing(all[0], runs, true), differencing(all[len(all)-1], runs, true)
	if exact.sheet < 0.999 || rules.sheet > 0.02 || rules.answers > prior().answers+0.1 {
		t.Errorf("differencing guesses %.2f of exact sheets, %.3f of released ones, %.2f of their answers; want all, hardly any, little over %.2f", exact.sheet, rules.sheet, rules.answers, prior().answers)
	}
	if apart := differencing(all[len(all)-1], runs, false); apart.answers > prior().answers+0.03 {
		t.Errorf("two periods without anybody in common give %.2f of the answers; want no more than %.2f", apart.answers, prior().answers)
	}
}

// TestChanceIsThatOfTheRules: the insider reckons with the very chances of the rules.
func TestChanceIsThatOfTheRules(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const runs = 1500
	for _, q := range design()[:5] {
		w := newWorld(q, q.n, 0, r)
		seen := map[string]int{}
		cells := map[string][]int{}
		for range runs {
			s := rounded(q, q.n, w, r)
			seen[fmt.Sprint(s)]++
			cells[fmt.Sprint(s)] = s
		}
		for key, n := range seen {
			p := chance(w, cells[key])
			if got := float64(n) / runs; math.Abs(got-p) > 5*math.Sqrt(max(p, 1.0/runs)/runs) {
				t.Errorf("%s: %s in %.4f of the runs; want %.4f", q.key, key, got, p)
			}
		}
	}
}

// TestInsider: at a batch of ten, the insider has little more than a guess.
func TestInsider(t *testing.T) {
	q := design()[5]
	r := rand.New(rand.NewPCG(1, 1))
	if q.key != sheet.FirstVisit {
		t.Fatalf("question %s; want %s", q.key, sheet.FirstVisit)
	}
	if exact, _ := insiderOf(q, 1, 10, r); exact != 1 {
		t.Errorf("exact counts give one newcomer away in %.2f; want always", exact)
	}
	exact, released := insiderOf(q, 10, 30, r)
	if p := 46.0 / visits; released > exact || released > p+0.12 {
		t.Errorf("of ten newcomers the insider guesses %.2f, and %.2f of exact counts; want less than that, and little over %.2f", released, exact, p)
	}
}

// TestReleaseNotes holds RELEASE.md to the program: it has the tables, and that of them
// which needs no runs with the figures of today.
func TestReleaseNotes(t *testing.T) {
	text, err := os.ReadFile("../RELEASE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), begin)
	figures, _, closed := strings.Cut(after, end)
	var reckoned bytes.Buffer
	ofOneMind(&reckoned)
	if !strings.Contains(figures, strings.TrimSpace(reckoned.String())) {
		t.Errorf("RELEASE.md does not have%s", reckoned.String())
	}
	if !ok || !closed || !strings.Contains(figures, "the box's rules") {
		t.Errorf("RELEASE.md has no figures between %q and %q; write them with go run ./firmware/counters/measure -o firmware/counters/RELEASE.md", begin, end)
	}
}
