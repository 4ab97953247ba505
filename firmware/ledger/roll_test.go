package ledger_test

import (
	"testing"
	"time"

	"jeudi/firmware/ledger"
)

// The paper used outlives a restart, and a new roll begins at nothing.
func TestRoll(t *testing.T) {
	dir := t.TempDir()
	open := func() *ledger.Ledger {
		t.Helper()
		l, _, err := ledger.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open()
	if got, err := l.Roll(); err != nil || got != (ledger.Roll{}) {
		t.Errorf("Roll() of a fresh ledger = %+v, %v; want nothing used", got, err)
	}
	for range 10 {
		if _, err := l.UsePaper(80, true); err != nil {
			t.Fatal(err)
		}
	}
	l.UsePaper(200, false) // a report: it says nothing of tickets
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open()
	got, err := l.Roll()
	if err != nil || got.Used != 1000 || got.Mean != 80 {
		t.Errorf("Roll() = %+v, %v; want 1000 mm used, 80 mm a ticket", got, err)
	}
	if n, ok := got.Left(5000); !ok || n != 50 {
		t.Errorf("Left(5 m) = %d, %v; want 50", n, ok)
	}
	at := time.Date(2027, 1, 14, 9, 0, 0, 0, time.UTC)
	got, err = l.NewRoll(at)
	if err != nil || got != (ledger.Roll{Mean: 80, Since: at}) {
		t.Errorf("NewRoll() = %+v, %v; want nothing used since %v", got, err, at)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestLeft(t *testing.T) {
	for _, c := range []struct {
		name   string
		roll   ledger.Roll
		length int
		want   int
		known  bool
	}{
		{"no length", ledger.Roll{Used: 1, Mean: 80}, 0, 0, false},
		{"no ticket yet", ledger.Roll{}, 80_000, 0, false},
		{"a new roll", ledger.Roll{Mean: 80}, 80_000, 1000, true},
		{"nearly at its end", ledger.Roll{Used: 79_900, Mean: 80}, 80_000, 1, true},
		{"longer than thought", ledger.Roll{Used: 81_000, Mean: 80}, 80_000, 0, true},
	} {
		if got, known := c.roll.Left(c.length); got != c.want || known != c.known {
			t.Errorf("%s: Left(%d) = %d, %v; want %d, %v", c.name, c.length, got, known, c.want, c.known)
		}
	}
}
