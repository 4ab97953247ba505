package ledger

import (
	"slices"
	"testing"
	"time"
)

// The counts of several permanences add up by month, and are there after a restart.
func TestWork(t *testing.T) {
	dir := t.TempDir()
	l, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	november := time.Date(2026, time.November, 26, 12, 0, 0, 0, time.UTC)
	for _, add := range []struct {
		at     time.Time
		counts []Work
	}{
		{november, []Work{{"theme", "Email", 2}, {"blocked", "caf", 1}}},
		{november.AddDate(0, 0, 3), []Work{{"theme", "Email", 1}, {"theme", "Sante", 0}, {"visits", "", 4}}},
		{november.AddDate(0, 1, 0), []Work{{"theme", "Email", 5}}},
		{time.Time{}, []Work{{"theme", "Email", 7}}},
		{november, nil},
	} {
		if err := l.AddWork(add.at, add.counts); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, _, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	want := []WorkCount{{"", Work{"theme", "Email", 7}}, {"2026-11", Work{"blocked", "caf", 1}}, {"2026-11", Work{"theme", "Email", 3}},
		{"2026-11", Work{"visits", "", 4}}, {"2026-12", Work{"theme", "Email", 5}}}
	if got, err := l.WorkCounts(); err != nil || !slices.Equal(got, want) {
		t.Errorf("WorkCounts() = %+v, %v; want %+v", got, err, want)
	}
	empty, _, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	if got, err := empty.WorkCounts(); err != nil || len(got) != 0 {
		t.Errorf("WorkCounts() of a fresh ledger = %+v, %v; want none", got, err)
	}
}
