package report

import (
	"slices"
	"time"
)

// Attended adds the closing reports of permanences up to the attendance of a period.
// Rehearsals count nobody. Nothing of a single permanence is left in it but how many
// there were.
func Attended(reports []Report) Attendance {
	var sum Attendance
	for _, r := range reports {
		if r.Test || r.Zero {
			continue
		}
		sum.plus(Attendance{Held: 1, Totals: r.Totals, Waits: r.Waits, Services: r.Services, Roles: r.Roles, Classes: r.Classes,
			Announced: r.Announced, Capacity: r.Capacity, Busy: r.Busy, Down: r.Down, Rights: r.Rights})
	}
	return sum
}

// PeriodOf is the part of the calendar that a day is in: its first day, and the first
// that is not of it any more. length is "month", "quarter", "half" or "year"; another
// is a quarter.
func PeriodOf(day time.Time, length string) (from, until time.Time) {
	months := map[string]int{"month": 1, "half": 6, "year": 12}[length]
	if months == 0 {
		months = 3
	}
	first := (int(day.Month())-1)/months*months + 1
	from = time.Date(day.Year(), time.Month(first), 1, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, months, 0)
}

// Span is what days a period has that is closed today. held are the days of its
// permanences. It goes on from where the last one ended, or begins with the period of
// the calendar that its first permanence is in. It ends with a period of the calendar
// where all its permanences were before, and else with the last of them. So periods do
// not overlap: a permanence held after a closing of the same day counts in the next,
// which begins a day later. Only the days of the times are read.
func Span(last *Release, held []time.Time, length string, today time.Time) (from, until time.Time) {
	today = dateOf(today)
	var first, latest time.Time
	for _, d := range held {
		if d = dateOf(d); first.IsZero() || d.Before(first) {
			first = d
		}
		if d.After(latest) {
			latest = d
		}
	}
	if len(held) == 0 {
		first, latest = today, today
	}
	from, _ = PeriodOf(first, length)
	if last != nil {
		if _, end, err := last.days(); err == nil {
			from = end
		}
	}
	if until = latest.AddDate(0, 0, 1); !from.Before(until) {
		until = from.AddDate(0, 0, 1) // another permanence of the day of the closing
	}
	// The last whole period of the calendar that is over today.
	if over, _ := PeriodOf(today, length); !over.Before(until) && from.Before(over) {
		_, end := PeriodOf(latest, length)
		for end.Before(over) {
			_, end = PeriodOf(end, length)
		}
		until = end
	}
	return from, until
}

// Due reports whether a period that began on from can be closed as a whole: the part of
// the calendar that it began in is over.
func Due(from time.Time, length string, today time.Time) bool {
	_, until := PeriodOf(from, length)
	return !dateOf(today).Before(until)
}

// LastDay is the day before one, "2026-06-30" of "2026-07-01": readers, file names and
// vocabularies name the last day of a period. What is no day stays as it is.
func LastDay(until string) string {
	t, err := time.Parse(time.DateOnly, until)
	if err != nil {
		return until
	}
	return t.AddDate(0, 0, -1).Format(time.DateOnly)
}

// Missed are the days on which a permanence was planned and none was held.
func Missed(planned, held []time.Time) int {
	n := 0
	for _, p := range planned {
		if !slices.ContainsFunc(held, func(h time.Time) bool { return dateOf(h).Equal(dateOf(p)) }) {
			n++
		}
	}
	return n
}

// dateOf is a day as midnight in UTC, where all days are equally long.
func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
