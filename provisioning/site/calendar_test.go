package site

import (
	"slices"
	"testing"
	"time"
)

// open is a site with some hours in a zone.
func open(t *testing.T, zone string, hours ...Hours) *Site {
	t.Helper()
	where, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return &Site{Zone: where, Hours: hours}
}

func parse(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestNext(t *testing.T) {
	const paris = "Europe/Paris"
	thursday := []Hours{{time.Thursday, 540, 720}}
	twice := []Hours{{time.Thursday, 540, 720}, {time.Thursday, 810, 960}}
	touching := []Hours{{time.Sunday, 90, 150}, {time.Sunday, 150, 240}}
	tests := []struct {
		name   string
		zone   string
		hours  []Hours
		closed []Date
		now    string
		want   string // from, until; "" when there is none
	}{
		{"days before", paris, thursday, nil, "2026-11-22T10:00:00Z", "2026-11-26T09:00:00+01:00 2026-11-26T12:00:00+01:00"},
		{"the same morning", paris, thursday, nil, "2026-11-26T08:59:59+01:00", "2026-11-26T09:00:00+01:00 2026-11-26T12:00:00+01:00"},
		{"its first instant", paris, thursday, nil, "2026-11-26T09:00:00+01:00", "2026-11-26T09:00:00+01:00 2026-11-26T12:00:00+01:00"},
		{"its last second", paris, thursday, nil, "2026-11-26T11:59:59+01:00", "2026-11-26T09:00:00+01:00 2026-11-26T12:00:00+01:00"},
		{"its last instant", paris, thursday, nil, "2026-11-26T12:00:00+01:00", "2026-12-03T09:00:00+01:00 2026-12-03T12:00:00+01:00"},
		{"the afternoon", paris, twice, nil, "2026-11-26T12:00:00+01:00", "2026-11-26T13:30:00+01:00 2026-11-26T16:00:00+01:00"},
		{"two closed weeks", paris, thursday, []Date{{2026, 12, 24}, {2026, 12, 31}}, "2026-12-17T12:00:00+01:00", "2027-01-07T09:00:00+01:00 2027-01-07T12:00:00+01:00"},
		{"another zone says which day it is", "Indian/Reunion", thursday, nil, "2026-11-25T21:30:00Z", "2026-11-26T09:00:00+04:00 2026-11-26T12:00:00+04:00"},
		{"across the new year", paris, []Hours{{time.Friday, 540, 720}}, nil, "2026-12-31T20:00:00+01:00", "2027-01-01T09:00:00+01:00 2027-01-01T12:00:00+01:00"},
		{"no hours", paris, nil, nil, "2026-11-26T12:00:00+01:00", ""},

		// Summer time begins on 28 March 2027 at 2:00, which is 3:00.
		{"over the spring night", paris, []Hours{{time.Sunday, 540, 720}}, nil, "2027-03-27T20:00:00+01:00", "2027-03-28T09:00:00+02:00 2027-03-28T12:00:00+02:00"},
		{"hours around the spring jump", paris, []Hours{{time.Sunday, 90, 210}}, nil, "2027-03-27T20:00:00+01:00", "2027-03-28T01:30:00+01:00 2027-03-28T03:30:00+02:00"},
		{"opening in the skipped hour", paris, []Hours{{time.Sunday, 150, 240}}, nil, "2027-03-27T20:00:00+01:00", "2027-03-28T03:00:00+02:00 2027-03-28T04:00:00+02:00"},
		{"closing in the skipped hour", paris, []Hours{{time.Sunday, 60, 150}}, nil, "2027-03-27T20:00:00+01:00", "2027-03-28T01:00:00+01:00 2027-03-28T03:00:00+02:00"},
		{"hours whole in the skipped hour", paris, []Hours{{time.Sunday, 130, 170}}, nil, "2027-03-27T20:00:00+01:00", "2027-04-04T02:10:00+02:00 2027-04-04T02:50:00+02:00"},

		// It ends on 31 October 2027 at 3:00, which is 2:00.
		{"over the autumn night", paris, []Hours{{time.Sunday, 540, 720}}, nil, "2027-10-30T20:00:00+02:00", "2027-10-31T09:00:00+01:00 2027-10-31T12:00:00+01:00"},
		{"hours around the autumn jump", paris, []Hours{{time.Sunday, 90, 210}}, nil, "2027-10-30T20:00:00+02:00", "2027-10-31T01:30:00+02:00 2027-10-31T03:30:00+01:00"},
		{"hours whole in the doubled hour", paris, []Hours{{time.Sunday, 130, 170}}, nil, "2027-10-30T20:00:00+02:00", "2027-10-31T02:10:00+02:00 2027-10-31T02:50:00+02:00"},
		{"they are not held twice", paris, []Hours{{time.Sunday, 130, 170}}, nil, "2027-10-31T02:20:00+01:00", "2027-11-07T02:10:00+01:00 2027-11-07T02:50:00+01:00"},
		{"touching hours, first pass", paris, touching, nil, "2027-10-31T02:29:59+02:00", "2027-10-31T01:30:00+02:00 2027-10-31T02:30:00+02:00"},
		{"touching hours, second pass", paris, touching, nil, "2027-10-31T02:15:00+01:00", "2027-10-31T02:30:00+02:00 2027-10-31T04:00:00+01:00"},
		{"a jump of half an hour", "Australia/Lord_Howe", []Hours{{time.Sunday, 105, 180}}, nil, "2027-04-03T10:00:00Z", "2027-04-04T01:45:00+11:00 2027-04-04T03:00:00+10:30"},
		{"midnight that is skipped", "America/Santiago", []Hours{{time.Sunday, 0, 120}}, nil, "2027-09-04T12:00:00Z", "2027-09-05T01:00:00-03:00 2027-09-05T02:00:00-03:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, test.zone, test.hours...)
			s.Closed = test.closed
			got := ""
			if from, until, ok := s.Next(parse(t, test.now)); ok {
				got = from.Format(time.RFC3339) + " " + until.Format(time.RFC3339)
			}
			if got != test.want {
				t.Errorf("Next(%s) = %q; want %q", test.now, got, test.want)
			}
		})
	}
}

// Whatever the hour of the year, a permanence is found, has its length on the
// clock, and none comes back in time.
func TestNextNeverStepsBack(t *testing.T) {
	s := open(t, "Europe/Paris", Hours{time.Sunday, 60, 150}, Hours{time.Sunday, 150, 240}, Hours{time.Thursday, 540, 720})
	var last time.Time
	for now := parse(t, "2027-01-01T00:00:00Z"); now.Year() < 2028; now = now.Add(45 * time.Minute) {
		from, until, ok := s.Next(now)
		if !ok || !until.After(now) || !until.After(from) || from.Before(last) || from.Sub(now) > 14*24*time.Hour {
			t.Fatalf("Next(%v) = %v, %v, %v; want one in progress or to come, not before %v", now, from, until, ok, last)
		}
		last = from
	}
}

func TestNextGivesUp(t *testing.T) {
	s := open(t, "Europe/Paris", Hours{time.Thursday, 540, 720})
	for d := (Date{2026, 11, 26}); d.Year < 2029; d = d.add(7) {
		s.Closed = append(s.Closed, d)
	}
	if from, _, ok := s.Next(parse(t, "2026-11-26T00:00:00Z")); ok {
		t.Errorf("Next with two closed years = %v; want none", from)
	}
}

func TestNextDates(t *testing.T) {
	s := open(t, "Europe/Paris", Hours{time.Tuesday, 540, 720}, Hours{time.Thursday, 540, 720}, Hours{time.Thursday, 810, 960})
	s.Closed = []Date{{2026, 12, 24}}
	now := parse(t, "2026-12-17T10:00:00+01:00")
	tests := []struct {
		name  string
		given []Date
		n     int
		want  []Date
	}{
		{"of the hours, today and closed days left out", nil, 3, []Date{{2026, 12, 22}, {2026, 12, 29}, {2026, 12, 31}}},
		{"of the file", []Date{{2026, 12, 10}, {2026, 12, 17}, {2027, 1, 9}}, 3, []Date{{2027, 1, 9}}},
		{"of the file, no more than asked", []Date{{2027, 1, 9}, {2027, 1, 16}}, 1, []Date{{2027, 1, 9}}},
		{"of the file, all past", []Date{{2026, 12, 10}}, 1, []Date{{2026, 12, 22}}},
		{"none asked", nil, 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.Texts.NextDates = test.given
			if got := s.NextDates(now, test.n); !slices.Equal(got, test.want) {
				t.Errorf("NextDates(%v, %d) = %v; want %v", now, test.n, got, test.want)
			}
		})
	}
}

func TestMorning(t *testing.T) {
	s := Sample()
	tests := []struct {
		now  string
		want string
	}{
		{"2027-04-15T00:00:00+02:00", "Déclarer ses revenus"},
		{"2027-04-14T22:00:00Z", "Déclarer ses revenus"}, // midnight in Paris
		{"2027-04-14T21:59:59Z", ""},
		{"2027-04-15T22:00:00Z", ""},
	}
	for _, test := range tests {
		got, ok := s.Morning(parse(t, test.now))
		if got.Theme != test.want || ok != (test.want != "") {
			t.Errorf("Morning(%s) = %+v, %v; want %q", test.now, got, ok, test.want)
		}
	}
}

func TestDate(t *testing.T) {
	d := Date{2027, 1, 4}
	if d.String() != "2027-01-04" || d.Weekday() != time.Monday {
		t.Errorf("Date = %v, %v; want 2027-01-04, Monday", d, d.Weekday())
	}
	for _, c := range []struct {
		other Date
		want  int
	}{{Date{2027, 1, 4}, 0}, {Date{2027, 1, 5}, -1}, {Date{2026, 12, 31}, 1}, {Date{2027, 2, 1}, -1}} {
		if got := d.Compare(c.other); got != c.want {
			t.Errorf("%v.Compare(%v) = %d; want %d", d, c.other, got, c.want)
		}
	}
	if got := Clock(545).String(); got != "9:05" {
		t.Errorf("Clock(545) = %s; want 9:05", got)
	}
}
