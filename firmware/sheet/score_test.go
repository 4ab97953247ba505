package sheet

import (
	"slices"
	"testing"
)

// Answers from worst to best; "" is no answer.
var ladder = map[string][]string{
	Internet:  {No, Yes},
	Mail:      {No, Helped, Alone},
	Procedure: {No, Helped, Alone},
}

func quick(internet, mail, procedure string) Sheet {
	return New(KindVisitor).Set(Internet, internet).Set(Mail, mail).Set(Procedure, procedure)
}

// all yields every combination, with and without missing answers.
func all(missing bool, yield func(internet, mail, procedure string)) {
	with := func(q string) []string {
		if missing {
			return append([]string{""}, ladder[q]...)
		}
		return ladder[q]
	}
	for _, i := range with(Internet) {
		for _, m := range with(Mail) {
			for _, p := range with(Procedure) {
				yield(i, m, p)
			}
		}
	}
}

func TestScoreOfEveryCompleteSheet(t *testing.T) {
	want := map[[3]string]Level{
		{Yes, Alone, Alone}: Autonomous,
		{Yes, No, No}:       Remote,
	}
	n, count := 0, map[Level]int{}
	all(false, func(i, m, p string) {
		n++
		l, known := want[[3]string{i, m, p}]
		if !known {
			l = Accompanied
			if i == No {
				l = Remote
			}
		}
		got, incomplete := Score(quick(i, m, p))
		count[got]++
		if got != l || incomplete {
			t.Errorf("Score(%s, %s, %s) = %v, %v; want %v, false", i, m, p, got, incomplete, l)
		}
	})
	if n != 18 || count[Remote] != 10 || count[Accompanied] != 7 || count[Autonomous] != 1 {
		t.Errorf("%d sheets: %v; want 18: 10 remote, 7 accompanied, 1 autonomous", n, count)
	}
}

func TestScoreOfMissingAnswers(t *testing.T) {
	for _, tt := range []struct {
		internet, mail, procedure string
		level                     Level
		incomplete                bool
	}{
		{"", "", "", Accompanied, true},
		{No, "", "", Remote, false},
		{"", No, No, Remote, false},
		{Yes, Helped, "", Accompanied, false},
		{Yes, "", Helped, Accompanied, false},
		{Yes, Alone, "", Accompanied, true},
		{Yes, No, "", Accompanied, true},
		{"", Alone, Alone, Accompanied, true},
		{"", Helped, Alone, Accompanied, true},
	} {
		l, incomplete := Score(quick(tt.internet, tt.mail, tt.procedure))
		if l != tt.level || incomplete != tt.incomplete {
			t.Errorf("Score(%q, %q, %q) = %v, %v; want %v, %v",
				tt.internet, tt.mail, tt.procedure, l, incomplete, tt.level, tt.incomplete)
		}
	}
}

// Whatever is missing, complete sheets agree with a level that is not marked
// incomplete, and disagree with one that is.
func TestIncompleteMeansUndecided(t *testing.T) {
	all(true, func(i, m, p string) {
		got, incomplete := Score(quick(i, m, p))
		levels := map[Level]bool{}
		all(false, func(ci, cm, cp string) {
			if (i == "" || i == ci) && (m == "" || m == cm) && (p == "" || p == cp) {
				l, _ := Score(quick(ci, cm, cp))
				levels[l] = true
			}
		})
		if incomplete != (len(levels) > 1) || !incomplete && !levels[got] || incomplete && got != Accompanied {
			t.Errorf("Score(%q, %q, %q) = %v, %v; completions give %v", i, m, p, got, incomplete, levels)
		}
	})
}

// A better answer never lowers the level, with other answers missing or not;
// and one answer about mail or procedures never jumps two levels.
func TestScoreIsMonotone(t *testing.T) {
	raises := 0
	all(true, func(i, m, p string) {
		s := quick(i, m, p)
		before, _ := Score(s)
		for q, steps := range ladder {
			a, ok := s.Answer(q)
			if !ok {
				continue
			}
			for _, better := range steps[slices.Index(steps, a)+1:] {
				raises++
				after, _ := Score(s.Set(q, better))
				if after < before {
					t.Errorf("Score(%q, %q, %q) = %v; with %s=%s: %v", i, m, p, before, q, better, after)
				}
				if q != Internet && after > before+1 {
					t.Errorf("Score(%q, %q, %q) jumps from %v to %v with %s=%s", i, m, p, before, after, q, better)
				}
			}
		}
	})
	if raises != 88 {
		t.Errorf("%d raises tried; want 88", raises)
	}
}

func TestLevelsHaveDistinctKeys(t *testing.T) {
	for l, want := range []string{"remote", "accompanied", "autonomous", "level3"} {
		if got := Level(l).String(); got != want {
			t.Errorf("Level(%d) = %q; want %q", l, got, want)
		}
	}
}
