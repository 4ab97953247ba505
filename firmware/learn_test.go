package main

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strconv"
	"testing"

	"jeudi/firmware/sheet"
	"jeudi/provisioning/site"
)

// TestDurationsAreLearnedByBatches: what a service took is joined to its motif where ten
// sheets are counted together, and nowhere before: two copies of the card around a
// morning differ by nothing of it.
func TestDurationsAreLearnedByBatches(t *testing.T) {
	dir, place := t.TempDir(), site.Sample()
	s, err := openStores(dir, schemasOf(place), optionsOf(place), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	motifs := []string{"caf", "caf", "impots", sheet.Undecided, ""} // the last is one that the site has no more
	for i := range 10 {
		if n, err := s.sheets.Merge(); n != 0 || err != nil {
			t.Fatalf("Merge() of %d sheets = %d, %v; want none", i, n, err)
		}
		if l, err := s.ledger.Learned(); l.All() != 0 || err != nil {
			t.Fatalf("with %d sheets %d services are learned, %v; want none before a batch", i, l.All(), err)
		}
		sh := sheet.New(sheet.KindStaff).Set(sheet.Role, sheet.Whoever).Set(sheet.Took, strconv.Itoa(3+i))
		if m := motifs[i%len(motifs)]; m != "" {
			sh = sh.Set(sheet.Motif, m)
		}
		id := sha256.Sum256(fmt.Append(nil, i))
		if err := s.sheets.Submit([16]byte(id[:]), sh); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.sheets.Merge(); n != 10 || err != nil {
		t.Fatalf("Merge() = %d, %v; want ten", n, err)
	}
	l, err := s.ledger.Learned()
	if err != nil || l.Services("caf") != 4 || l.Services("impots") != 2 || l.Services("") != 2 || l.All() != 8 {
		t.Errorf("learned %d of caf, %d of impots, %d of none, %d in all, %v; want 4, 2, 2, 8", l.Services("caf"), l.Services("impots"), l.Services(""), l.All(), err)
	}
	for _, q := range s.sheets.Totals()[sheet.KindStaff].Questions {
		if q.Key == sheet.Took {
			t.Error("durations are counted as an answer; want them learned, and nothing else")
		}
	}
}
