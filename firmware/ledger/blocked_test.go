package ledger

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/firmware/report"
)

// The counts of several permanences add up by month, and are there after a restart.
func TestBlocked(t *testing.T) {
	dir := t.TempDir()
	l, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	november := time.Date(2026, time.November, 26, 12, 0, 0, 0, time.UTC)
	for _, add := range []struct {
		at     time.Time
		counts []report.Tally
	}{
		{november, []report.Tally{{Key: "caf", N: 2}, {Key: "cpam", N: 0}}},
		{november.AddDate(0, 0, 3), []report.Tally{{Key: "caf", N: 1}, {Key: "msa", N: 4}}},
		{november.AddDate(0, 1, 0), []report.Tally{{Key: "caf", N: 5}}},
		{time.Time{}, []report.Tally{{Key: "caf", N: 7}}},
		{november, nil},
	} {
		if err := l.AddBlocked(add.at, add.counts); err != nil {
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
	want := []Blocked{{"", "caf", 7}, {"2026-11", "caf", 3}, {"2026-11", "msa", 4}, {"2026-12", "caf", 5}}
	if got, err := l.BlockedCounts(); err != nil || !slices.Equal(got, want) {
		t.Errorf("BlockedCounts() = %+v, %v; want %+v", got, err, want)
	}
	empty, _, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	if got, err := empty.BlockedCounts(); err != nil || len(got) != 0 {
		t.Errorf("BlockedCounts() of a fresh ledger = %+v, %v; want none", got, err)
	}
}

// A ledger of the version before counted much of the visits of a month there. What the
// organisms owe stays, and so does all else; the rest is in no block of the file.
func TestBlockedOfBefore(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	enter(t, l, entry(0), entry(1))
	for _, id := range []string{"one", "two"} {
		if err := l.ClosePeriod(Period{Release: report.Release{ID: id}}); err != nil {
			t.Fatal(err)
		}
	}
	november := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
	if err := l.AddBlocked(november, []report.Tally{{Key: "caf", N: 4}}); err != nil {
		t.Fatal(err)
	}
	err := l.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("works"))
		for key, n := range map[string]uint64{"m2026-10\x00blocked\x00caf": 2, "m2026-11\x00blocked\x00caf": 1, "m2026-10\x00theme\x00Email": 9, "m\x00visits\x00": 3} {
			if err == nil {
				err = b.Put([]byte(key), binary.BigEndian.AppendUint64(nil, n))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l.Close()
		l = mustOpen(t, dir)
		if got, err := l.BlockedCounts(); err != nil || !slices.Equal(got, []Blocked{{"2026-10", "caf", 2}, {"2026-11", "caf", 5}}) {
			t.Errorf("BlockedCounts() = %+v, %v; want two and five of caf", got, err)
		}
		expect(t, l, entry(0), entry(1))
	}
	if err := l.ClosePeriod(Period{Release: report.Release{ID: "three"}}); err != nil {
		t.Fatal(err)
	}
	if list, err := l.Releases(); err != nil || len(list) != 3 || list[0].ID != "one" || list[2].ID != "three" {
		t.Errorf("Releases() = %+v, %v; want three in order", list, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files = %v, %v; want the ledger alone", files, err)
	}
	if b, err := os.ReadFile(files[0]); err != nil || bytes.Contains(b, []byte("theme")) || bytes.Contains(b, []byte("visits")) {
		t.Errorf("reading %s: %v; want no counts of visits by month in it", files[0], err)
	}
}
