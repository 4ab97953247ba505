package site

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Date is a day of the calendar, in the site's zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day on which t falls, in the location of t.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String is the date as the file writes it: "2027-01-14".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Compare is negative when d is before other, and positive when it is after.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// utc is the date's midnight in a zone where every day has 24 hours, so that
// days can be counted.
func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// add is the date some days later.
func (d Date) add(days int) Date { return DateOf(d.utc().AddDate(0, 0, days)) }

// horizon is how far ahead Next looks: past a year of closed days, a place has
// no next permanence worth showing.
const horizon = 400 // days

// Next is the permanence in progress at now, or else the next one that begins
// within 400 days, in s.Zone. Closed days are skipped. A permanence is in
// progress at its first instant and no longer at its last. ok is false when
// there is none.
func (s *Site) Next(now time.Time) (from, until time.Time, ok bool) {
	today := DateOf(now.In(s.Zone))
	for i := range horizon {
		for from, until := range s.on(today.add(i)) {
			if until.After(now) {
				return from, until, true
			}
		}
	}
	return time.Time{}, time.Time{}, false
}

// on yields the permanences of a day, in order.
func (s *Site) on(day Date) iter.Seq2[time.Time, time.Time] {
	return func(yield func(from, until time.Time) bool) {
		if slices.Contains(s.Closed, day) {
			return
		}
		for _, h := range s.Hours {
			if h.Day != day.Weekday() {
				continue
			}
			from, until := at(day, h.From, s.Zone), at(day, h.Until, s.Zone)
			// Hours that lie whole in the hour skipped in spring do not happen.
			if until.After(from) && !yield(from, until) {
				return
			}
		}
	}
}

// at is the instant when a clock on the wall shows c on that day. In spring, an
// hour that is skipped means the instant of the jump; in autumn, an hour that
// occurs twice means its first occurrence. time.Date promises neither.
func at(day Date, c Clock, zone *time.Location) time.Time {
	t := time.Date(day.Year, day.Month, day.Day, int(c)/60, int(c)%60, 0, 0, zone)
	start, end := t.ZoneBounds()
	if shown := Clock(t.Hour()*60 + t.Minute()); shown != c || DateOf(t) != day {
		if DateOf(t).Compare(day) > 0 || DateOf(t) == day && shown > c {
			return start
		}
		return end
	}
	if start.IsZero() {
		return t
	}
	_, now := t.Zone()
	_, before := start.Add(-1).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); before > now && first.Before(start) {
		return first
	}
	return t
}

// NextDates are up to n days with a permanence after the day of t: those that the
// file gives, as long as one of them is to come, and else those of the weekly hours.
func (s *Site) NextDates(t time.Time, n int) []Date {
	today := DateOf(t.In(s.Zone))
	var dates []Date
	for _, d := range s.Texts.NextDates {
		if d.Compare(today) > 0 && len(dates) < n {
			dates = append(dates, d)
		}
	}
	if len(dates) > 0 {
		return dates
	}
	for i := 1; i < horizon && len(dates) < n; i++ {
		day := today.add(i)
		held := false
		for range s.on(day) {
			held = true
		}
		if held {
			dates = append(dates, day)
		}
	}
	return dates
}

// Planned are the days with a permanence from a day until another, without that one, by
// the weekly hours and the closed days as they are now.
func (s *Site) Planned(from, until Date) iter.Seq[Date] {
	return func(yield func(Date) bool) {
		for day := from; day.Compare(until) < 0; day = day.add(1) {
			for range s.on(day) {
				if !yield(day) {
					return
				}
				break // two of a day are one day
			}
		}
	}
}

// Morning is the themed morning on the day of t, in s.Zone.
func (s *Site) Morning(t time.Time) (Morning, bool) {
	day := DateOf(t.In(s.Zone))
	i := slices.IndexFunc(s.Mornings, func(m Morning) bool { return m.Date == day })
	if i < 0 {
		return Morning{}, false
	}
	return s.Mornings[i], true
}
