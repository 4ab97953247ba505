package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/session"
)

// entry is the permanence of the n-th Thursday.
func entry(n int) Entry {
	from := time.Date(2026, 11, 5+7*n, 8, 0, 0, 0, time.UTC)
	return Entry{
		ID: session.ID{byte(0xff - n)}, Place: "Centre social", From: from, Until: from.Add(3 * time.Hour), Closed: from.Add(185 * time.Minute),
		Totals: session.Totals{Issued: 20 + n, Served: 18 + n, Left: 2, TurnedAway: map[session.Reason]int{"no_room": n + 1}},
		Next:   session.Number(21 + n),
	}
}

func mustOpen(t testing.TB, dir string) *Ledger {
	t.Helper()
	l, aside, err := Open(dir)
	if err != nil || aside != "" {
		t.Fatalf("Open() = aside %q, %v; want a ledger", aside, err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func enter(t testing.TB, l *Ledger, entries ...Entry) {
	t.Helper()
	for _, e := range entries {
		if err := l.Enter(e); err != nil {
			t.Fatal(err)
		}
	}
}

func expect(t testing.TB, l *Ledger, want ...Entry) {
	t.Helper()
	got, err := l.Entries()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Entries() =\n%+v, %v; want\n%+v", got, err, want)
	}
}

func TestEntriesAreKept(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	expect(t, l)
	enter(t, l, entry(0), entry(1))
	expect(t, l, entry(0), entry(1))
	l.Close()
	l = mustOpen(t, dir)
	enter(t, l, entry(2))
	expect(t, l, entry(0), entry(1), entry(2))
}

// The order is that of the permanences, not of the entering; two of one hour are
// both there.
func TestEntriesAreInTheOrderOfTheCalendar(t *testing.T) {
	twin := entry(1)
	twin.ID[1]++ // entry(0) has the next one
	l := mustOpen(t, t.TempDir())
	enter(t, l, entry(3), twin, entry(0), entry(1), entry(2))
	expect(t, l, entry(0), entry(1), twin, entry(2), entry(3))
}

// A cut between the entering and what follows it has the same permanence entered
// again at the next start.
func TestEnteringTwiceIsEnteringOnce(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	enter(t, l, entry(0), entry(1), entry(0))
	l.Close()
	l = mustOpen(t, dir)
	enter(t, l, entry(0))
	expect(t, l, entry(0), entry(1))
}

func TestAnUnreadableLedgerIsSetAside(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, path string){
		"garbage": func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("jeudi"), 9999), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"cut short": func(t *testing.T, path string) {
			if err := os.Truncate(path, 4096); err != nil {
				t.Fatal(err)
			}
		},
		"an entry that is none": func(t *testing.T, path string) {
			db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true, PageSize: 4096})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put([]byte("x"), []byte("{")) }); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "ledger.db")
			l := mustOpen(t, dir)
			enter(t, l, entry(0))
			l.Close()
			damage(t, path)
			bad, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			l, aside, err := Open(dir)
			if err != nil || aside != path+".unreadable-1" {
				t.Fatalf("Open() = aside %q, %v; want it set aside as -1", aside, err)
			}
			t.Cleanup(func() { l.Close() })
			if kept, err := os.ReadFile(aside); err != nil || !bytes.Equal(kept, bad) {
				t.Errorf("the ledger set aside is not what it was (%v)", err)
			}
			enter(t, l, entry(1))
			expect(t, l, entry(1))
		})
	}
}

// A ledger concerns no person: an entry has totals and times of the permanence,
// nothing else. A field added to it must be put here, and thought about.
func TestAnEntryConcernsNoPerson(t *testing.T) {
	var got []string
	for f := range reflect.TypeFor[Entry]().Fields() {
		got = append(got, f.Name)
	}
	if want := []string{"ID", "Place", "Stop", "From", "Until", "Closed", "Totals", "Next", "Report", "Taught"}; !slices.Equal(got, want) {
		t.Errorf("fields of an entry = %q; want %q", got, want)
	}
}
