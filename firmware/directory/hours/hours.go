// Package hours says when a place is open, from opening hours written in the
// syntax of OpenStreetMap, the one of the national directory of places:
// "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off".
//
// It promises never to guess. What is not understood is Unknown, and never
// Closed: nobody must be kept from a place that may be open. Nor is anybody sent
// to one that may be closed: on a public holiday of which the hours say nothing,
// they are Unknown too.
//
// The syntax: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification.
// Understood are days, their lists and ranges, their rank in the month ("Th[1]",
// "Sa[-1]"), PH, months and dates with or without a year, ISO weeks
// ("week 1-53/2"), times also past midnight, rules after ";" that override a day
// and rules after "," that add to it, "off", "closed", "open", "unknown",
// comments, and "24/7". Not understood are school holidays, Easter, sunrise, and
// "||". The Go packages there are know neither weeks nor rules that override nor
// holidays, so this one is ours.
//
// All times are in the location of the time that is asked about: the clock on
// the wall of the place.
package hours

import (
	"slices"
	"strconv"
	"time"
)

// State is what is known of a place at a moment. The zero State is Unknown.
type State uint8

// The three states.
const (
	Unknown State = iota
	Open
	Closed
)

// String returns "unknown", "open" or "closed".
func (s State) String() string {
	switch s {
	case Unknown:
		return "unknown"
	case Open:
		return "open"
	case Closed:
		return "closed"
	}
	return "state" + strconv.Itoa(int(s))
}

// Interval is a time during which a place is Open, or may be (Unknown). It ends
// after the day it begins on if the place is open past midnight.
type Interval struct {
	Start, End time.Time // Start is in it, End is not
	State      State
}

// Schedule is opening hours that were read. It does not change. The zero
// Schedule is that of hours nobody gave: always Unknown.
type Schedule struct {
	raw   string
	rules []rule // none: not understood
	// week is what rules give for each weekday that is no holiday, if they depend
	// on nothing else: most hours do, and thousands of them are asked about at once.
	week *[7][]span
}

// String returns the hours as they were written.
func (s Schedule) String() string { return s.raw }

// Known tells whether the hours were understood.
func (s Schedule) Known() bool { return len(s.rules) > 0 }

// minutes of a day.
const (
	day  = 24 * 60
	week = 7
)

// horizon is how far Opens looks, in days: a place that opens each summer is
// found, one that never opens again is not searched for without end.
const horizon = 372

// rule is one rule of the hours. An empty selector selects every day.
type rule struct {
	state State
	adds  bool // after a comma: on top of the rules before
	dates []dates
	weeks []weeks
	days  []days
	// holidays selects public holidays, besides days, or with those of days alone
	// if both is set.
	holidays, both bool
	always         bool // 24/7
	spans          []span
}

// dates is a range of days of the year. year 0 is every year; from > to is over
// New Year. Both are month*100 + day.
type dates struct {
	fromYear, toYear int
	from, to         int
	precise          bool // names days, and not whole months
}

// weeks is a range of ISO weeks.
type weeks struct{ from, to, step int }

// days is one weekday, or with nth the nth of its month; from the end if negative.
type days struct {
	on  time.Weekday
	nth int
}

// span is a time of a day in minutes since its midnight; end may be past 24 h.
type span struct {
	start, end int
	state      State
}

// date is a day, with what rules ask about it.
type date struct {
	year    int
	month   time.Month
	day     int
	weekday time.Weekday
	holiday bool
	loc     *time.Location
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d, t.Weekday(), Holiday(t), t.Location()}
}

// plus returns the date n days away. Noon is in every day of every clock.
func (d date) plus(n int) date {
	t := time.Date(d.year, d.month, d.day+n, 12, 0, 0, 0, d.loc)
	y, m, dd := t.Date()
	return date{y, m, dd, t.Weekday(), Holiday(t), d.loc}
}

// at returns the moment so many minutes after midnight, as the clock shows it.
func (d date) at(minutes int) time.Time {
	return time.Date(d.year, d.month, d.day, 0, minutes, 0, 0, d.loc)
}

// Holiday tells whether the day is a public holiday in France: the eleven of
// article L3133-1 of the Code du travail. Good Friday and 26 December, which are
// holidays in Alsace and Moselle only, and those of overseas, are not.
func Holiday(day time.Time) bool {
	y, m, d := day.Date()
	switch int(m)*100 + d {
	case 101, 501, 508, 714, 815, 1101, 1111, 1225:
		return true
	}
	if m < time.March || m > time.June {
		return false
	}
	em, ed := easter(y)
	// Days since Easter Sunday: UTC has no day of 23 hours.
	since := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(y, em, ed, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
	return since == 1 || since == 39 || since == 50 // Easter Monday, Ascension, Whit Monday
}

// easter is the Sunday of the Gregorian Easter, by the algorithm of Meeus, Jones
// and Butcher (Astronomical Algorithms, chapter 8).
func easter(y int) (time.Month, int) {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Month(n / 31), n%31 + 1
}

func (r dates) has(d date) bool {
	md := int(d.month)*100 + d.day
	if r.fromYear > 0 {
		ymd := d.year*10000 + md
		return r.fromYear*10000+r.from <= ymd && ymd <= r.toYear*10000+r.to
	}
	if r.from <= r.to {
		return r.from <= md && md <= r.to
	}
	return md >= r.from || md <= r.to
}

func (r weeks) has(d date) bool {
	_, w := d.at(day / 2).ISOWeek()
	return r.from <= w && w <= r.to && (w-r.from)%r.step == 0
}

func (r days) has(d date) bool {
	if r.on != d.weekday {
		return false
	}
	last := time.Date(d.year, d.month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return r.nth == 0 || r.nth == (d.day+6)/7 || r.nth == -((last-d.day)/7+1)
}

// has tells whether the rule speaks of the day.
func (r *rule) has(d date) bool {
	if r.dates != nil && !slices.ContainsFunc(r.dates, func(s dates) bool { return s.has(d) }) {
		return false
	}
	if r.weeks != nil && !slices.ContainsFunc(r.weeks, func(s weeks) bool { return s.has(d) }) {
		return false
	}
	if r.days == nil {
		return !r.holidays || d.holiday
	}
	on := slices.ContainsFunc(r.days, func(s days) bool { return s.has(d) })
	switch {
	case r.both:
		return on && d.holiday
	case r.holidays:
		return on || d.holiday
	}
	return on
}

// onHolidays tells whether whoever wrote the rule thought of public holidays.
func (r *rule) onHolidays() bool {
	return r.always || r.holidays || slices.ContainsFunc(r.dates, func(d dates) bool { return d.precise })
}

// on returns the spans that begin on a day, in order and apart.
func (s Schedule) on(d date) []span {
	if s.week != nil && !d.holiday {
		return s.week[d.weekday]
	}
	return s.compute(d)
}

func (s Schedule) compute(d date) []span {
	var out []span
	for i := range s.rules {
		r := &s.rules[i]
		if !r.has(d) {
			continue
		}
		spans := r.spans
		if spans == nil {
			spans = []span{{0, day, r.state}}
		}
		if d.holiday && r.state == Open && !r.onHolidays() {
			spans = slices.Clone(spans)
			for i := range spans {
				spans[i].state = Unknown
			}
		}
		switch {
		case r.state == Closed && r.spans != nil: // a break in what is open
			for _, cut := range r.spans {
				out = without(out, cut)
			}
		case r.state == Closed:
			out = nil
		case r.adds:
			out = append(slices.Clone(out), spans...)
		default:
			out = spans
		}
	}
	return tidy(out)
}

// without takes a time out of spans.
func without(spans []span, cut span) []span {
	var out []span
	for _, s := range spans {
		if s.start < cut.start {
			out = append(out, span{s.start, min(s.end, cut.start), s.state})
		}
		if s.end > cut.end {
			out = append(out, span{max(s.start, cut.end), s.end, s.state})
		}
	}
	return slices.DeleteFunc(out, func(s span) bool { return s.start >= s.end })
}

// tidy puts spans in order, joins those that touch, and lets Open win over
// Unknown where they overlap.
func tidy(spans []span) []span {
	if len(spans) == 0 {
		return nil
	}
	open := slices.DeleteFunc(slices.Clone(spans), func(s span) bool { return s.state != Open })
	out := join(open)
	maybe := slices.DeleteFunc(slices.Clone(spans), func(s span) bool { return s.state == Open })
	for _, o := range out {
		maybe = without(maybe, o)
	}
	if len(maybe) > 0 {
		out = append(out, join(maybe)...)
		slices.SortFunc(out, func(a, b span) int { return a.start - b.start })
	}
	return out
}

func join(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.start <= out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// Day returns the times at which the place opens on the day of t, in order; none
// if it is closed, or if the hours are not understood: see Known.
func (s Schedule) Day(t time.Time) []Interval {
	d := dateOf(t)
	var out []Interval
	for _, sp := range s.on(d) {
		if start, end := d.at(sp.start), d.at(sp.end); start.Before(end) { // not swallowed by summer time
			out = append(out, Interval{start, end, sp.state})
		}
	}
	return out
}

// At returns the state at t and until when it lasts; the zero time if it does
// not change within a week (Open, Unknown) or a year (Closed), or ever.
func (s Schedule) At(t time.Time) (State, time.Time) {
	if !s.Known() {
		return Unknown, time.Time{}
	}
	d := dateOf(t)
	state, until := s.now(d, t)
	if state == Closed {
		next, _, _ := s.next(d, t, horizon, false)
		return Closed, next
	}
	// Midnight is no end if the next day begins as this one ends.
	for range week {
		after, end := s.now(dateOf(until), until)
		if after != state {
			return state, until
		}
		until = end
	}
	return state, time.Time{}
}

// StateAt is At without the time until which it lasts, which costs more to know.
func (s Schedule) StateAt(t time.Time) State {
	if !s.Known() {
		return Unknown
	}
	state, _ := s.now(dateOf(t), t)
	return state
}

// now returns the state at t, a time of day d, and the end of the interval that
// holds it, if it is not Closed. Open wins over Unknown where the night of the
// day before reaches into d.
func (s Schedule) now(d date, t time.Time) (State, time.Time) {
	state, until := Closed, time.Time{}
	look := func(d date, spans []span) {
		for _, sp := range spans {
			if t.Before(d.at(sp.start)) {
				return
			}
			if end := d.at(sp.end); t.Before(end) && (state == Closed || sp.state == Open && state != Open || sp.state == state && end.After(until)) {
				state, until = sp.state, end
			}
		}
	}
	look(d, s.on(d))
	// Only the last span of a day can reach into the next.
	if eve := s.eve(d); eve != nil {
		look(d.plus(-1), eve)
	}
	return state, until
}

// eve returns the spans of the day before that reach past midnight.
func (s Schedule) eve(d date) []span {
	if s.week != nil {
		// The weekday suffices to rule it out, which spares most hours a date.
		if spans := s.week[(d.weekday+6)%week]; len(spans) == 0 || spans[len(spans)-1].end <= day {
			return nil
		}
	}
	spans := s.on(d.plus(-1))
	return slices.DeleteFunc(slices.Clone(spans), func(sp span) bool { return sp.end <= day })
}

// Opens returns when the place opens next for sure, after t; at t if it is open.
// It looks a year ahead. Not ok means that it does not open, or that nobody knows.
func (s Schedule) Opens(t time.Time) (next time.Time, ok bool) {
	return s.opens(t, horizon)
}

// OpensWithin is Opens for the days up to that of t plus so many days, which is
// quicker when a far opening would be no use.
func (s Schedule) OpensWithin(t time.Time, days int) (next time.Time, ok bool) {
	return s.opens(t, min(max(days, 0), horizon))
}

func (s Schedule) opens(t time.Time, ahead int) (time.Time, bool) {
	if !s.Known() {
		return time.Time{}, false
	}
	d := dateOf(t)
	if state, _ := s.now(d, t); state == Open {
		return t, true
	}
	next, _, ok := s.next(d, t, ahead, true)
	return next, ok
}

// next returns the first span that begins after t, a time of day d.
func (s Schedule) next(d date, t time.Time, ahead int, sure bool) (time.Time, State, bool) {
	for n := range ahead + 1 {
		on := d
		if n > 0 {
			if s.week != nil && len(s.week[(int(d.weekday)+n)%week]) == 0 {
				continue // closed on that weekday, holiday or not
			}
			on = d.plus(n)
		}
		for _, sp := range s.on(on) {
			if sure && sp.state != Open {
				continue
			}
			start := on.at(sp.start)
			if start.Before(t) {
				// A time that was Unknown, of which the sure part began before.
				continue
			}
			if !start.Before(on.at(sp.end)) {
				continue
			}
			return start, sp.state, true
		}
		if n > 5*week && s.week != nil {
			break // no holidays follow each other on one weekday for so long
		}
	}
	return time.Time{}, Closed, false
}
