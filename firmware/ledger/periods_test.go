package ledger

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

func TestAPeriodIsFrozen(t *testing.T) {
	dir := t.TempDir()
	l, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := l.Releases(); err != nil || len(list) != 0 {
		t.Fatalf("Releases() of a new ledger = %v, %v; want none", list, err)
	}
	one := Period{
		Release: report.Release{Version: 1, ID: "one", From: "2026-07-01", Until: "2026-10-01",
			Tables: []sheet.Table{{Kind: "exit", Total: 75, Questions: []sheet.Released{{Key: "useful", Answers: []sheet.Count{{Key: "yes", N: 75, Top: true}, {Key: "unset"}}}}}}},
		Counters: map[string]uint64{"exit": 1}, Permanences: []session.ID{{1}},
	}
	two := Period{
		Release:  report.Release{Version: 1, ID: "two", From: "2026-10-01", Until: "2027-01-01"},
		Counters: map[string]uint64{"exit": 2, "visitor": 1}, Permanences: []session.ID{{2}, {3}},
	}
	for _, p := range []Period{one, two, one, two} { // as after a cut
		if err := l.ClosePeriod(p); err != nil {
			t.Fatal(err)
		}
	}
	changed := one
	changed.Release.Home = 3
	for _, c := range []struct {
		name  string
		given Period
		want  error
	}{
		{"a release changed", changed, ErrFrozen},
		{"counters released twice", Period{Release: report.Release{ID: "x"}, Counters: map[string]uint64{"visitor": 1}}, ErrCounted},
		{"a permanence counted twice", Period{Release: report.Release{ID: "x"}, Permanences: []session.ID{{3}}}, ErrCounted},
	} {
		if err := l.ClosePeriod(c.given); !errors.Is(err, c.want) {
			t.Errorf("%s: ClosePeriod() = %v; want %v", c.name, err, c.want)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, _, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 1000 { // what is exported does not depend on how often
		if got, err := l.Periods(); err != nil || !reflect.DeepEqual(got, []Period{one, two}) {
			t.Fatalf("Periods() = %+v, %v; want the two as they were kept", got, err)
		}
	}
}

func TestTheBoxHasOneName(t *testing.T) {
	l, _, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if name, err := l.Box(strings.NewReader("0123")); err == nil {
		t.Errorf("Box() of too little chance = %q; want an error, and no name for ever", name)
	}
	random := strings.NewReader("01234567 another")
	for range 2 {
		if name, err := l.Box(random); err != nil || name != "3031323334353637" || random.Len() != 8 {
			t.Fatalf("Box() = %q, %v with %d bytes left; want a name drawn once", name, err, random.Len())
		}
	}
}
