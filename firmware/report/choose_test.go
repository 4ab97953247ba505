package report

import (
	"slices"
	"testing"
)

func periods(days ...string) (list []Release) {
	for i := 0; i+1 < len(days); i += 2 {
		list = append(list, Release{Version: 1, From: days[i], Until: days[i+1]})
	}
	return list
}

func TestChoosingPeriods(t *testing.T) {
	quarters := periods("2026-07-01", "2026-10-01", "2025-10-01", "2026-01-01", "2026-01-01", "2026-04-01", "2026-04-01", "2026-07-01")
	from := func(list []Release) (days []string) {
		for _, r := range list {
			days = append(days, r.From)
		}
		return days
	}
	for _, tt := range []struct {
		name        string
		from, until string
		want        []string
		before      []string
	}{
		{"all of them", "", "", []string{"2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01"}, nil},
		{"a half-year, the one before incomplete", "2026-01-01", "2026-07-01", []string{"2026-01-01", "2026-04-01"}, nil},
		{"a half-year with a whole one before", "2026-04-01", "2026-10-01", []string{"2026-04-01", "2026-07-01"}, []string{"2025-10-01", "2026-01-01"}},
		{"a quarter of 91 days after one of 90", "2026-04-01", "2026-07-01", []string{"2026-04-01"}, []string{"2026-01-01"}},
		{"a day too few has no whole one", "2026-01-02", "2026-04-01", nil, nil},
		{"until alone", "", "2026-01-01", []string{"2025-10-01"}, nil},
	} {
		now := Within(quarters, tt.from, tt.until)
		if got := from(now); !slices.Equal(got, tt.want) {
			t.Errorf("%s: Within() = %v; want %v", tt.name, got, tt.want)
		}
		if got := from(Previous(quarters, now)); !slices.Equal(got, tt.before) {
			t.Errorf("%s: Previous() = %v; want %v", tt.name, got, tt.before)
		}
	}
	// Periods that end as the clock of a desk had it, not on the first of a month.
	odd := periods("2026-01-05", "2026-02-11", "2026-02-11", "2026-03-20")
	if got := from(Previous(odd, odd[1:])); !slices.Equal(got, []string{"2026-01-05"}) {
		t.Errorf("Previous() of a period of 37 days = %v; want the 37 days before", got)
	}
	if got := Previous(quarters, nil); got != nil {
		t.Errorf("Previous() of nothing = %v; want nothing", got)
	}
}
