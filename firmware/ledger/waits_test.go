package ledger

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/wait"
)

// taught is a permanence whose services were as many, a quarter of an hour each.
func taught(n, services int) Entry {
	e := entry(n)
	for range services {
		e.Taught.Add("caf", 15*time.Minute)
	}
	return e
}

// kept is a permanence whose announced waits held so many times, and were too short as often.
func kept(n, within, above int) Entry {
	e := entry(n)
	said := wait.Range{Low: 10 * time.Minute, High: 20 * time.Minute}
	for range within {
		e.Report.Announced.Add(said, 15*time.Minute)
	}
	for range above {
		e.Report.Announced.Add(said, time.Hour)
	}
	return e
}

func services(t *testing.T, l *Ledger) int {
	t.Helper()
	w, err := l.Learned()
	if err != nil {
		t.Fatalf("Learned() = %v", err)
	}
	return w.Services("caf")
}

// What a permanence took is learned once, however often it is entered; what came
// after it was reopened is learned too.
func TestLearnedOnce(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	if n := services(t, l); n != 0 {
		t.Errorf("a new ledger has learned from %d services; want none", n)
	}
	enter(t, l, taught(0, 3), taught(0, 3), taught(1, 2))
	l.Close()
	l = mustOpen(t, dir)
	enter(t, l, taught(1, 2))
	if n := services(t, l); n != 5 {
		t.Errorf("learned from %d services; want 5", n)
	}
	again := taught(1, 4)
	again.Totals.Reopened = 1
	enter(t, l, again, again)
	if n := services(t, l); n != 9 {
		t.Errorf("learned from %d services once it was reopened; want 9", n)
	}
}

// No more of a permanence is on disk than what its entry shows.
func TestTaughtIsNotKeptBesideIt(t *testing.T) {
	with, err := json.Marshal(taught(0, 3))
	if err != nil {
		t.Fatal(err)
	}
	without, err := json.Marshal(entry(0))
	if err != nil {
		t.Fatal(err)
	}
	if string(with) != string(without) {
		t.Errorf("an entry that taught is written as %s; want %s", with, without)
	}
}

// What cannot be read is said, and begins anew; the totals stay.
func TestDamagedLearningBeginsAnew(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	enter(t, l, taught(0, 3))
	err := l.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(boxBucket).Put(learnedKey, []byte(`{"v":1,"motifs":{"caf":[-1]}}`))
	})
	if err != nil {
		t.Fatal(err)
	}
	if w, err := l.Learned(); err == nil || w.All() != 0 {
		t.Errorf("Learned() of a damaged card = %d services, %v; want none and an error", w.All(), err)
	}
	enter(t, l, taught(1, 2))
	if n := services(t, l); n != 2 {
		t.Errorf("learned from %d services after the damage; want 2", n)
	}
	if list, err := l.Entries(); err != nil || len(list) != 2 {
		t.Errorf("Entries() = %d, %v; want 2", len(list), err)
	}
}

// The newest announced waits count, as many as are asked for and the rest of that
// permanence.
func TestAnnouncedIsOfTheNewest(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	if c, err := l.Announced(50); err != nil || c.N() != 0 {
		t.Errorf("Announced() of a new ledger = %d, %v; want 0, nil", c.N(), err)
	}
	enter(t, l, kept(0, 40, 0), kept(1, 20, 0), kept(2, 5, 30))
	for _, tt := range []struct{ least, n, within int }{{1, 35, 5}, {35, 35, 5}, {50, 55, 25}, {1000, 95, 65}} {
		c, err := l.Announced(tt.least)
		if err != nil || c.N() != tt.n || c.Within() != tt.within {
			t.Errorf("Announced(%d) = %d of %d, %v; want %d of %d", tt.least, c.Within(), c.N(), err, tt.within, tt.n)
		}
	}
}

// One card tells of no morning what it taught: neither its file nor another holds the
// counts of before.
func TestWhatWasLearnedIsThereOnce(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	for n := range 6 {
		e := entry(n)
		e.Taught.Add([]string{"caf", "sante", "impots"}[n%3], time.Duration(5+7*n)*time.Minute)
		enter(t, l, e)
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("files = %v, %v; want the ledger alone", files, err)
		}
		b, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Count(b, []byte(`"motifs":{`)); got != 1 {
			t.Errorf("after %d permanences what was learned is there %d times; want once", n+1, got)
		}
	}
	if w, err := l.Learned(); err != nil || w.All() != 6 {
		t.Errorf("Learned() = %d services, %v; want 6", w.All(), err)
	}
	if list, err := l.Entries(); err != nil || len(list) != 6 {
		t.Errorf("%d entries, %v; want 6", len(list), err)
	}
}
