package ledger

import (
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

func TestHomeNeedsAreCountedByMonth(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	expect := func(want ...HomeNeed) {
		t.Helper()
		if got, err := l.HomeNeeds(); err != nil || !slices.Equal(got, want) {
			t.Errorf("HomeNeeds() = %+v, %v; want %+v", got, err, want)
		}
	}
	expect()
	for _, at := range []time.Time{month(2026, 12), month(2026, 11), {}, month(2026, 11)} {
		if err := l.NeedHome(at); err != nil {
			t.Fatalf("NeedHome(%v) = %v", at, err)
		}
	}
	l.Close()
	l = mustOpen(t, dir)
	expect(HomeNeed{"", 1}, HomeNeed{"2026-11", 2}, HomeNeed{"2026-12", 1})

	// What nobody can read is not worth a fault.
	err := l.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(homeNeeds).Put(monthKey(month(2026, 11)), []byte("?")) })
	if err != nil {
		t.Fatal(err)
	}
	if err := l.NeedHome(month(2026, 11)); err != nil {
		t.Errorf("NeedHome() over a damaged count = %v; want nil", err)
	}
	expect(HomeNeed{"", 1}, HomeNeed{"2026-11", 1}, HomeNeed{"2026-12", 1})
}
