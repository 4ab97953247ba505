package report

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Refusals of Add.
var (
	ErrNoRelease = errors.New("report: no closed period: close one first, or choose one")
	ErrTwice     = errors.New("report: a period is there twice: leave one of its files out")
	ErrOverlap   = errors.New("report: two periods of one box overlap: leave one of them out")
	ErrVersion   = errors.New("report: a period was written by a newer version: update this one")
	ErrDates     = errors.New("report: a period has no valid dates")
)

// Add adds closed periods: of one box, of several, or of several years. Margins add up,
// as every question of a kind has its total. What one period has and another lacks is
// counted as not answered there; what one grouped stays grouped, and the answers of the
// others are then a least number. The sum has no identity, as it is no release.
//
// The same release twice, and two periods of one box that overlap, are refused.
func Add(releases []Release) (Release, error) {
	if len(releases) == 0 {
		return Release{}, ErrNoRelease
	}
	if err := apart(releases); err != nil {
		return Release{}, err
	}
	s := newSum()
	for _, r := range releases {
		s.add(r)
	}
	return s.release(), nil
}

// apart reports whether no period is there twice.
func apart(releases []Release) error {
	ids := make(map[string]bool, len(releases))
	byBox := map[string][]Release{}
	for _, r := range releases {
		if r.Version > ReleaseVersion || r.Version < 1 {
			return fmt.Errorf("%w (version %d)", ErrVersion, r.Version)
		}
		if _, _, err := r.days(); err != nil {
			return err
		}
		if ids[r.ID] && r.ID != "" {
			return fmt.Errorf("%w (%s, %s)", ErrTwice, r.Place, r.From)
		}
		ids[r.ID] = true
		byBox[r.Box] = append(byBox[r.Box], r)
	}
	for box, list := range byBox {
		if box == "" {
			continue
		}
		slices.SortFunc(list, func(a, b Release) int { return strings.Compare(a.From+a.Until, b.From+b.Until) })
		for i := 1; i < len(list); i++ {
			if list[i].From < list[i-1].Until {
				return fmt.Errorf("%w (%s, %s)", ErrOverlap, list[i].Place, list[i].From)
			}
		}
	}
	return nil
}

// days are the first day of a release, and the first that is not of it any more.
func (r Release) days() (from, until time.Time, err error) {
	from, err = time.Parse(time.DateOnly, r.From)
	if err == nil {
		until, err = time.Parse(time.DateOnly, r.Until)
	}
	if err != nil || !from.Before(until) {
		return from, until, fmt.Errorf("%w (%q to %q)", ErrDates, r.From, r.Until)
	}
	return from, until, nil
}

// sum is what was added so far.
type sum struct {
	r       Release
	places  map[string]bool
	last    map[string]Release // newest period of each box
	waiting map[string]int
	tables  map[string]*tableSum
	kinds   []string // in the order met
}

func newSum() *sum {
	return &sum{r: Release{Version: ReleaseVersion}, places: map[string]bool{}, last: map[string]Release{}, tables: map[string]*tableSum{}}
}

func (s *sum) add(r Release) {
	if s.r.From == "" || r.From < s.r.From {
		s.r.From = r.From
	}
	s.r.Until = max(s.r.Until, r.Until)
	s.places[r.Place] = true
	for _, t := range r.Tables {
		if s.tables[t.Kind] == nil {
			s.tables[t.Kind] = &tableSum{kind: t.Kind, questions: map[string]*questionSum{}}
			s.kinds = append(s.kinds, t.Kind)
		}
		s.tables[t.Kind].add(t)
	}
	// What one period of a box left waiting is in the next one.
	if last := s.last[r.Box]; r.Box == "" || last.Until == "" {
		plus(&s.waiting, r.Unmerged, 1)
		s.last[r.Box] = r
	} else if r.Until > last.Until {
		plus(&s.waiting, last.Unmerged, -1)
		plus(&s.waiting, r.Unmerged, 1)
		s.last[r.Box] = r
	}
	plus(&s.r.Unreadable, r.Unreadable, 1)
	s.r.Home += r.Home
	s.r.Slips.Given += r.Slips.Given
	s.r.Slips.Came += r.Slips.Came
	s.r.Blocked = addTallies(s.r.Blocked, r.Blocked)
	s.r.Attendance.plus(r.Attendance)
}

func (s *sum) release() Release {
	r := s.r
	r.Place = strings.Join(slices.Sorted(maps.Keys(s.places)), ", ")
	if n := len(s.places); n > 3 {
		r.Place = number(n) + " lieux"
	}
	slices.SortStableFunc(s.kinds, func(a, b string) int { return kindRank(a) - kindRank(b) })
	for k, n := range s.waiting {
		if n > 0 {
			plus(&r.Unmerged, map[string]int{k: n}, 1)
		}
	}
	for _, k := range s.kinds {
		r.Tables = append(r.Tables, s.tables[k].table())
	}
	return r
}

func kindRank(kind string) int {
	return slices.IndexFunc(sheet.Kinds(), func(k sheet.Kind) bool { return k.String() == kind })
}

func plus(to *map[string]int, more map[string]int, times int) {
	for k, n := range more {
		if *to == nil {
			*to = map[string]int{}
		}
		(*to)[k] += times * n
	}
}

// plus adds the permanences of b.
func (a *Attendance) plus(b Attendance) {
	a.Held += b.Held
	a.Missing += b.Missing
	a.Totals = addTotals(a.Totals, b.Totals)
	a.Waits = addBands(a.Waits, b.Waits)
	a.Services = addBands(a.Services, b.Services)
	a.Roles = addTallies(a.Roles, b.Roles)
	a.Classes = addTallies(a.Classes, b.Classes)
	a.Announced.Merge(b.Announced)
	a.Capacity += b.Capacity
	a.Busy += b.Busy
	a.Down += b.Down
	a.Rights += b.Rights
	a.Places = addPlaces(a.Places, b.Places)
}

// addTallies adds tallies in the order met.
func addTallies(a, b []Tally) []Tally {
	a = slices.Clone(a)
	for _, t := range b {
		i := slices.IndexFunc(a, func(o Tally) bool { return o.Key == t.Key })
		if i < 0 {
			a = append(a, t)
			continue
		}
		a[i].N += t.N
	}
	return a
}

func addTotals(a, b session.Totals) session.Totals {
	a.Issued += b.Issued
	a.Served += b.Served
	a.NoShow += b.NoShow
	a.Left += b.Left
	a.Cancelled += b.Cancelled
	a.Misrouted += b.Misrouted
	a.Oriented += b.Oriented
	a.Unresolved += b.Unresolved
	a.ForOther += b.ForOther
	a.Inaccurate += b.Inaccurate
	a.Outages += b.Outages
	a.OnPaper += b.OnPaper
	a.Reopened += b.Reopened
	away := maps.Clone(a.TurnedAway)
	for reason, n := range b.TurnedAway {
		if away == nil {
			away = map[session.Reason]int{}
		}
		away[reason] += n
	}
	a.TurnedAway = away
	return a
}

// addBands adds bands that are the same; one that only one side has is kept.
func addBands(a, b []Band) []Band {
	a = slices.Clone(a)
	for _, band := range b {
		i := slices.IndexFunc(a, func(o Band) bool { return o.Min == band.Min && o.Max == band.Max })
		if i < 0 {
			a = append(a, band)
			continue
		}
		a[i].Visits += band.Visits
	}
	slices.SortStableFunc(a, func(x, y Band) int { return int(x.Min/time.Second) - int(y.Min/time.Second) })
	return a
}

// tableSum adds tables of one kind.
type tableSum struct {
	kind      string
	total     int
	how       sheet.Protection
	order     []string // of the questions, as met
	questions map[string]*questionSum
}

// questionSum adds the answers to one question.
type questionSum struct {
	order  []string // of the counts, as met
	counts map[string]*sheet.Count
	unset  int
	// What small answers were counted together as, and of which, where each table says.
	grouped   int
	groupedOf map[string]bool
	// Tables that do not say what they left out, and in how many of these an answer stands.
	vague int
	stood map[string]int
}

func (s *tableSum) add(t sheet.Table) {
	seen := make(map[string]bool, len(t.Questions))
	for _, q := range t.Questions {
		if seen[q.Key] {
			continue
		}
		seen[q.Key] = true
		sum := s.questions[q.Key]
		if sum == nil {
			sum = &questionSum{counts: map[string]*sheet.Count{}, groupedOf: map[string]bool{}, stood: map[string]int{}}
			sum.unset = s.total // of before it was asked
			s.questions[q.Key] = sum
			s.order = append(s.order, q.Key)
		}
		sum.add(q.Answers)
	}
	for _, key := range s.order {
		if !seen[key] {
			s.questions[key].unset += t.Total
		}
	}
	s.total += t.Total
	s.how.Base = max(s.how.Base, t.How.Base)
	s.how.GroupAt = max(s.how.GroupAt, t.How.GroupAt)
	if s.how.Least == 0 || t.How.Least < s.how.Least {
		s.how.Least = t.How.Least
	}
	s.how.Tables += max(1, t.How.Tables)
}

func (s *questionSum) add(answers []sheet.Count) {
	vague := false
	for _, c := range answers {
		vague = vague || c.Top || c.Key == sheet.Grouped && c.N > 0 && len(c.Of) == 0
	}
	if vague {
		s.vague++
	}
	for _, c := range answers {
		switch c.Key {
		case sheet.Unset:
			s.unset += c.N
			continue
		case sheet.Grouped:
			s.grouped += c.N
			for _, k := range c.Of {
				s.groupedOf[k] = true
			}
			continue
		}
		have := s.counts[c.Key]
		if have == nil {
			have = &sheet.Count{Key: c.Key, Of: c.Of, Top: c.Top}
			s.counts[c.Key] = have
			s.order = append(s.order, c.Key)
		}
		have.N += c.N
		have.Top = have.Top && c.Top
		have.Least = have.Least || c.Least
		if have.Nearly += c.Nearly; c.Top && c.Nearly == 0 {
			have.Nearly += c.N
		}
		if vague {
			for _, k := range keysOf(c) {
				s.stood[k]++
			}
		}
	}
}

// table has Grouped and Unset last, as a released one.
func (s *tableSum) table() sheet.Table {
	t := sheet.Table{Kind: s.kind, Total: s.total, How: s.how}
	for _, key := range s.order {
		t.Questions = append(t.Questions, sheet.Released{Key: key, Answers: s.questions[key].answers(key)})
	}
	return t
}

func (s *questionSum) answers(question string) []sheet.Count {
	list := joined(question, s.order, s.counts)
	for i := range list {
		for _, k := range keysOf(list[i]) {
			list[i].Least = list[i].Least || s.groupedOf[k] || s.stood[k] < s.vague
		}
		if list[i].Top {
			list[i].Nearly = 0 // it says so itself
		}
	}
	if s.grouped > 0 {
		g := sheet.Count{Key: sheet.Grouped, N: s.grouped}
		if s.vague == 0 {
			g.Of = slices.Sorted(maps.Keys(s.groupedOf))
		}
		list = append(list, g)
	}
	return append(list, sheet.Count{Key: sheet.Unset, N: s.unset})
}

// joined puts together the counts that one table joined and another told apart: of
// ages 62 to 69 in one and 65 to 69 in the other, only 62 to 69 can be added.
func joined(question string, order []string, counts map[string]*sheet.Count) []sheet.Count {
	var list []sheet.Count
	for _, k := range order {
		c, at := *counts[k], -1
		for i := 0; i < len(list); {
			if !slices.ContainsFunc(keysOf(list[i]), func(k string) bool { return slices.Contains(keysOf(c), k) }) {
				i++
				continue
			}
			o := list[i]
			list = slices.Delete(list, i, i+1)
			if at < 0 {
				at = i
			}
			c.N, c.Nearly = c.N+o.N, c.Nearly+o.Nearly
			c.Top, c.Least = c.Top && o.Top, c.Least || o.Least
			of := slices.Clone(keysOf(o))
			for _, k := range keysOf(c) {
				if !slices.Contains(of, k) {
					of = append(of, k)
				}
			}
			known := answersOf(question)
			slices.SortStableFunc(of, func(a, b string) int {
				at := func(key string) int { return slices.IndexFunc(known, func(x answer) bool { return x.key == key }) }
				return at(a) - at(b)
			})
			c.Of = of
			c.Key = strings.Join(of, "+")
		}
		if at < 0 {
			at = len(list)
		}
		list = slices.Insert(list, at, c)
	}
	return list
}
