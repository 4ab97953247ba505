package sheet

import (
	"slices"
	"testing"
)

var skills = []string{Information, Mail, Photo, Fake, Trouble}

// scored are the questions that give the level, with their answers from worst
// to best.
var scored = func() []Question {
	list := []Question{{Key: Internet, Answers: []string{No, Yes}}}
	for _, q := range append(slices.Clone(skills), Procedure) {
		list = append(list, Question{Key: q, Answers: []string{No, Helped, Alone}})
	}
	return list
}()

// row is one pattern: for each scored question the rank of its answer, from the
// worst, or passed.
type row [7]int

const passed = -1

func (r row) sheet() Sheet {
	s := New(KindVisitor)
	for i, q := range scored {
		if r[i] != passed {
			s = s.Set(q.Key, q.Answers[r[i]])
		}
	}
	return s
}

// rows yields every pattern, with passes or without.
func rows(passes bool, yield func(row)) {
	var r row
	var fill func(int)
	fill = func(i int) {
		if i == len(scored) {
			yield(r)
			return
		}
		first := 0
		if passes {
			first = passed
		}
		for a := first; a < len(scored[i].Answers); a++ {
			r[i] = a
			fill(i + 1)
		}
	}
	fill(0)
}

// plainLevel is the rule of the level once more, on ranks.
func plainLevel(r row, missing, strong int) Level {
	zeros, twos := 0, 0
	for _, a := range r[1:6] {
		if a == 0 {
			zeros++
		}
		if a == 2 {
			twos++
		}
	}
	if r[0] == 0 || zeros >= missing {
		return Remote
	}
	if zeros == 0 && twos >= strong && r[6] == 2 {
		return Autonomous
	}
	return Accompanied
}

// levels are the levels of every pattern without passes, for one pair of limits.
func levels(t Thresholds) map[row]Level {
	m := map[row]Level{}
	rows(false, func(r row) { m[r] = Score(r.sheet(), t).Level })
	return m
}

func TestScoreOfEveryCompleteSheet(t *testing.T) {
	n, count := 0, map[Level]int{}
	rows(false, func(r row) {
		n++
		got, want := Score(r.sheet(), DefaultThresholds()), plainLevel(r, 4, 4)
		count[got.Level]++
		if got != (Assessment{Level: want}) {
			t.Errorf("Score(%v) = %+v; want %v", r, got, want)
		}
	})
	// Without the Internet: 729. With it, 4 or 5 skills missing: 11 of 243, by 3
	// answers to procedures. Autonomous: 4 or 5 skills strong and none missing, 6.
	if n != 1458 || count[Remote] != 729+33 || count[Autonomous] != 6 || count[Accompanied] != 690 {
		t.Errorf("%d sheets: %v; want 1458: 762 remote, 690 accompanied, 6 autonomous", n, count)
	}
}

func TestScoreAtItsLimits(t *testing.T) {
	const p = passed
	for _, tt := range []struct {
		name  string
		given row
		want  Assessment
	}{
		{"nothing answered", row{p, p, p, p, p, p, p}, Assessment{Accompanied, true, false}},
		{"no Internet, the rest passed", row{0, p, p, p, p, p, p}, Assessment{Level: Remote}},
		{"no Internet, all done alone", row{0, 2, 2, 2, 2, 2, 2}, Assessment{Level: Remote}},
		{"three skills missing", row{1, 0, 0, 0, 2, 2, 2}, Assessment{Level: Accompanied}},
		{"four skills missing", row{1, 0, 0, 0, 0, 2, 2}, Assessment{Level: Remote}},
		{"four strong, one helped", row{1, 2, 1, 2, 2, 2, 2}, Assessment{Level: Autonomous}},
		{"four strong, one missing", row{1, 2, 0, 2, 2, 2, 2}, Assessment{Level: Accompanied}},
		{"three strong", row{1, 2, 1, 1, 2, 2, 2}, Assessment{Level: Accompanied}},
		{"procedures with help", row{1, 2, 2, 2, 2, 2, 1}, Assessment{Level: Accompanied}},
		{"procedures passed", row{1, 2, 2, 2, 2, 2, p}, Assessment{Accompanied, true, false}},
		{"four strong, one passed", row{1, 2, 2, p, 2, 2, 2}, Assessment{Accompanied, true, false}},
		{"one helped, four passed", row{1, 1, p, p, p, p, p}, Assessment{Accompanied, true, false}},
		{"the gate passed, four missing", row{p, 0, 0, 0, 0, 1, 1}, Assessment{Level: Remote}},
		{"the gate passed, the rest alone", row{p, 2, 2, 2, 2, 2, 2}, Assessment{Accompanied, true, false}},
	} {
		if got := Score(tt.given.sheet(), DefaultThresholds()); got != tt.want {
			t.Errorf("%s: Score() = %+v; want %+v", tt.name, got, tt.want)
		}
		if got := Score(tt.given.sheet(), Thresholds{}); got != tt.want {
			t.Errorf("%s: Score() with zero thresholds = %+v; want %+v", tt.name, got, tt.want)
		}
	}
}

// Every pattern with passes against all its completions: a level that is not
// marked incomplete is the level of each of them, one that is marked is that of
// somebody to accompany and lies between the lowest and the highest.
func TestPassedAnswersAreBounded(t *testing.T) {
	complete := levels(DefaultThresholds())
	n := 0
	rows(true, func(r row) {
		n++
		low, high := Autonomous, Remote
		c := r
		var fill func(int)
		fill = func(i int) {
			if i == len(scored) {
				low, high = min(low, complete[c]), max(high, complete[c])
				return
			}
			if r[i] != passed {
				fill(i + 1)
				return
			}
			for a := range scored[i].Answers {
				c[i] = a
				fill(i + 1)
			}
		}
		fill(0)
		want := Assessment{Level: low}
		if low != high {
			want = Assessment{Level: Accompanied, Incomplete: true}
		}
		got := Score(r.sheet(), DefaultThresholds())
		if got != want || got.Level < low || got.Level > high {
			t.Errorf("Score(%v) = %+v; its completions go from %v to %v", r, got, low, high)
		}
		if got.Incomplete && got.Level == Autonomous {
			t.Errorf("Score(%v) = %+v; an incomplete sheet is never autonomous", r, got)
		}
	})
	if want := 3 * 4 * 4 * 4 * 4 * 4 * 4; n != want {
		t.Errorf("%d patterns with passes; want %d", n, want)
	}
}

// A better answer never lowers the level, with any limits, and among those who
// use the Internet no single answer is worth two levels.
func TestScoreIsMonotone(t *testing.T) {
	for missing := 2; missing <= 5; missing++ {
		for strong := 1; strong <= 5; strong++ {
			limits := Thresholds{missing, strong}
			if err := limits.Check(); err != nil {
				t.Fatal(err)
			}
			complete := levels(limits)
			raises := 0
			for r, before := range complete {
				for i, q := range scored {
					for a := r[i] + 1; a < len(q.Answers); a++ {
						better := r
						better[i] = a
						after := complete[better]
						if a == r[i]+1 {
							raises++
						}
						if after < before {
							t.Errorf("%+v: %v is %v; with %s at %d: %v", limits, r, before, q.Key, a, after)
						}
						if i > 0 && after > before+1 {
							t.Errorf("%+v: %v jumps from %v to %v with %s at %d", limits, r, before, after, q.Key, a)
						}
					}
				}
			}
			// One step of one answer: 729 from the gate, 2 × 6 × 486 from the others.
			if raises != 6561 {
				t.Errorf("%d single steps tried; want 6561", raises)
			}
		}
	}
}

// A better answer never lowers the level with passes elsewhere either.
func TestScoreIsMonotoneWithPasses(t *testing.T) {
	got := map[row]Level{}
	rows(true, func(r row) { got[r] = Score(r.sheet(), DefaultThresholds()).Level })
	for r, before := range got {
		for i, q := range scored {
			if r[i] == passed || r[i]+1 == len(q.Answers) {
				continue
			}
			better := r
			better[i]++
			if after := got[better]; after < before || i > 0 && after > before+1 {
				t.Errorf("%v is %v; with %s one better: %v", r, before, q.Key, after)
			}
		}
	}
}

// How much one or two missing answers still tell, among those who use the
// Internet, when every pattern is as likely.
func TestMissingAnswersStillDecide(t *testing.T) {
	share := map[int][2]int{}
	rows(true, func(r row) {
		passes := 0
		for _, a := range r[1:] {
			if a == passed {
				passes++
			}
		}
		if r[0] != 1 {
			return
		}
		n := share[passes]
		n[1]++
		if !Score(r.sheet(), DefaultThresholds()).Incomplete {
			n[0]++
		}
		share[passes] = n
	})
	for passes, want := range map[int]struct {
		of       int
		perMille int
	}{0: {729, 1000}, 1: {1458, 896}, 2: {1215, 741}} {
		got := share[passes]
		if rounded := (got[0]*1000 + got[1]/2) / got[1]; got[1] != want.of || rounded != want.perMille {
			t.Errorf("%d missing: %d of %d decided, %d ‰; want %d ‰ of %d", passes, got[0], got[1], rounded, want.perMille, want.of)
		}
	}
}

// What is hard never changes the level: every set of answers to Freins, with a
// sheet of each level and one that is incomplete.
func TestFreinsNeverChangeTheLevel(t *testing.T) {
	freins := place.Questions[7]
	for _, r := range []row{{0, 0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1, 1}, {1, 2, 2, 2, 2, 2, 2}, {1, 2, 2, passed, 2, 2, 2}} {
		want := Score(r.sheet(), DefaultThresholds())
		for set := range 1 << len(freins.Answers) {
			s := r.sheet()
			for i, a := range freins.Answers {
				if set>>i&1 == 1 {
					s = s.Toggle(freins, a)
				}
			}
			want.Reassure = slices.Contains(s.Answers(freins), Rassure)
			if got := Score(s, DefaultThresholds()); got != want {
				t.Errorf("Score(%v, %v) = %+v; want %+v", r, s.Answers(freins), got, want)
			}
		}
	}
}

func TestThresholdsHaveARange(t *testing.T) {
	for _, tt := range []struct {
		limits Thresholds
		ok     bool
	}{
		{Thresholds{}, true},
		{DefaultThresholds(), true},
		{Thresholds{2, 1}, true},
		{Thresholds{5, 5}, true},
		{Thresholds{1, 4}, false},
		{Thresholds{6, 4}, false},
		{Thresholds{0, 4}, false},
		{Thresholds{4, 0}, false},
		{Thresholds{4, 6}, false},
		{Thresholds{-4, -4}, false},
	} {
		if err := tt.limits.Check(); (err == nil) != tt.ok {
			t.Errorf("Check(%+v) = %v; want ok = %v", tt.limits, err, tt.ok)
		}
	}
}

func TestLevelsHaveDistinctKeys(t *testing.T) {
	for l, want := range []string{"remote", "accompanied", "autonomous", "level3"} {
		if got := Level(l).String(); got != want {
			t.Errorf("Level(%d) = %q; want %q", l, got, want)
		}
	}
}
