package report

import (
	"cmp"
	"slices"
	"time"
)

// Within are the periods that lie whole between two days, oldest first: from is the
// first day, until the first that is not of it any more, both as Release has them, and
// "" is without end.
func Within(all []Release, from, until string) []Release {
	return chosen(all, func(r Release) bool {
		return (from == "" || r.From >= from) && (until == "" || r.Until <= until)
	})
}

// Previous are the periods to compare some with: those that lie whole in as long a time
// right before them, oldest first; none where that time is not covered from its first
// day on, for a quarter is not compared with a half-year.
func Previous(all, now []Release) []Release {
	var begin, end time.Time
	for _, r := range now {
		from, until, err := r.days()
		if err != nil {
			return nil
		}
		if begin.IsZero() || from.Before(begin) {
			begin = from
		}
		if until.After(end) {
			end = until
		}
	}
	if begin.IsZero() {
		return nil
	}
	// In months where the periods are, so that a quarter of 90 days is before one of 91.
	first := begin.Add(begin.Sub(end))
	if begin.Day() == end.Day() {
		first = begin.AddDate(0, -monthsOf(begin, end), 0)
	}
	before := Within(all, first.Format(time.DateOnly), begin.Format(time.DateOnly))
	if len(before) == 0 || before[0].From != first.Format(time.DateOnly) {
		return nil
	}
	return before
}

// monthsOf is how many months are between two days of the same number.
func monthsOf(from, until time.Time) int {
	return 12*(until.Year()-from.Year()) + int(until.Month()-from.Month())
}

func chosen(all []Release, is func(Release) bool) []Release {
	var list []Release
	for _, r := range all {
		if is(r) {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b Release) int { return cmp.Compare(a.From, b.From) })
	return list
}
