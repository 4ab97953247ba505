package ledger

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	if got, err := l.Clock(); got != (Clock{}) || err != nil {
		t.Errorf("Clock() of a fresh ledger = %+v, %v; want nothing", got, err)
	}
	want := Clock{Boot: "5a8b", Ahead: -7 * 24 * time.Hour}
	if _, err := l.NewRoll(time.Time{}); err != nil { // what is kept beside it
		t.Fatal(err)
	}
	if err := l.KeepClock(want); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if got, err := mustOpen(t, dir).Clock(); got != want || err != nil {
		t.Errorf("Clock() = %+v, %v; want %+v", got, err, want)
	}
}

// A permanence that was entered under a wrong day is entered under the right one,
// and no more under the other.
func TestAPermanenceMovesToItsDay(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	wrong, other := entry(0), entry(1)
	wrong.From = time.Unix(0, 0).UTC()
	enter(t, l, wrong, other)
	expect(t, l, wrong, other)
	right := entry(0)
	enter(t, l, right)
	expect(t, l, right, other)
}
