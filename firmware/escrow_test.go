package main

import (
	"log/slog"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"jeudi/firmware/counters"
	"jeudi/firmware/ledger"
	"jeudi/provisioning/site"
)

// The box has one name for itself, whatever it is asked, and no other box has it.
func TestTheBoxHasAName(t *testing.T) {
	b := &box{log: slog.New(slog.DiscardHandler)}
	names := map[string]bool{}
	for range 2 {
		dir := t.TempDir()
		for range 2 {
			l, _, err := ledger.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			name := b.named(l)
			if l.Close(); len(name) != 16 || strings.ContainsAny(name, ".") {
				t.Errorf("name = %q; want 16 digits, and no point, which parts the names of keys on phones", name)
			}
			names[name] = true
		}
	}
	if len(names) != 2 {
		t.Errorf("%d names of two boxes that were started twice; want 2", len(names))
	}
}

// No core of the program is ever written: keys of sheets pass through its memory.
func TestNoCores(t *testing.T) {
	place := site.Sample()
	var said strings.Builder
	s, _, err := openSheets(t.TempDir(), schemasOf(place), counters.Options{}, nil, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	var got unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &got); err != nil || got.Cur != 0 || got.Max != 0 || said.Len() > 0 {
		t.Errorf("limit of cores = %+v, %v, said %q; want 0", got, err, said.String())
	}
}
