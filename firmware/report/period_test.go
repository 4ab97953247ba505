package report

import (
	"reflect"
	"testing"
	"time"

	"jeudi/firmware/session"
)

func days(list ...string) (all []time.Time) {
	for _, s := range list {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			panic(err)
		}
		all = append(all, d.Add(9*time.Hour))
	}
	return all
}

func TestSpan(t *testing.T) {
	ended := func(day string) *Release { return &Release{From: "2026-01-01", Until: day} }
	for _, c := range []struct {
		name   string
		last   *Release
		held   []time.Time
		length string
		today  string
		want   string
	}{
		{"the first quarter, once it is over", nil, days("2026-07-02", "2026-09-24"), "quarter", "2026-10-01", "2026-07-01 2026-10-01"},
		{"closed before its end: up to the last permanence", nil, days("2026-07-02", "2026-09-03"), "quarter", "2026-09-10", "2026-07-01 2026-09-04"},
		{"closed late, after a permanence of the next", ended("2026-07-01"), days("2026-07-02", "2026-10-01"), "quarter", "2026-10-05", "2026-07-01 2026-10-02"},
		{"the one after goes on from there", ended("2026-10-02"), days("2026-10-08", "2026-12-17"), "quarter", "2027-01-04", "2026-10-02 2027-01-01"},
		{"two quarters as one, because too few came in the first", ended("2026-04-01"), days("2026-04-02", "2026-09-24"), "quarter", "2026-10-05", "2026-04-01 2026-10-01"},
		{"a pause at the end belongs to it", ended("2026-04-01"), days("2026-04-02"), "quarter", "2026-10-05", "2026-04-01 2026-10-01"},
		{"half a year", nil, days("2026-02-05", "2026-06-25"), "half", "2026-07-02", "2026-01-01 2026-07-01"},
		{"two permanences of one day, closed between them", ended("2026-10-02"), days("2026-10-01"), "quarter", "2026-10-02", "2026-10-02 2026-10-03"},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, until := Span(c.last, c.held, c.length, days(c.today)[0])
			if got := from.Format(time.DateOnly) + " " + until.Format(time.DateOnly); got != c.want {
				t.Errorf("Span() = %s; want %s", got, c.want)
			}
		})
	}
}

func TestDue(t *testing.T) {
	for _, c := range []struct {
		from, length, today string
		want                bool
	}{
		{"2026-07-01", "quarter", "2026-09-30", false},
		{"2026-07-01", "quarter", "2026-10-01", true},
		{"2026-10-02", "quarter", "2026-12-31", false},
		{"2026-07-01", "year", "2026-12-31", false},
		{"2026-07-01", "month", "2026-08-01", true},
	} {
		if got := Due(days(c.from)[0], c.length, days(c.today)[0]); got != c.want {
			t.Errorf("Due(%s, %s, %s) = %v; want %v", c.from, c.length, c.today, got, c.want)
		}
	}
}

func TestAttendedLeavesRehearsalsOut(t *testing.T) {
	morning := Report{Totals: session.Totals{Issued: 4, Served: 3, TurnedAway: map[session.Reason]int{"full": 1}},
		Waits: []Band{{Max: time.Minute, Visits: 3}}, Services: []Band{{Max: time.Hour, Visits: 2}}, Roles: []Tally{{"any", 4}}, Classes: []Tally{{"long", 4}}, Capacity: 100, Busy: 60, Down: 1}
	practised := morning
	practised.Test = true
	got := Attended([]Report{morning, practised, morning})
	want := Attendance{Held: 2, Totals: session.Totals{Issued: 8, Served: 6, TurnedAway: map[session.Reason]int{"full": 2}},
		Waits: []Band{{Max: time.Minute, Visits: 6}}, Services: []Band{{Max: time.Hour, Visits: 4}}, Roles: []Tally{{"any", 8}}, Classes: []Tally{{"long", 8}}, Capacity: 200, Busy: 120, Down: 2}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Attended() = %+v; want %+v", got, want)
	}
	if n := Missed(days("2026-07-02", "2026-07-09", "2026-07-16"), days("2026-07-02", "2026-07-03")); n != 2 {
		t.Errorf("Missed() = %d; want 2", n)
	}
}
