package appliance

import (
	"fmt"
	"testing"
	"time"

	"jeudi/firmware/directory"
)

// TestProposalsAreRemembered: screens are drawn many times, and the directory is
// asked once for a wish, every five minutes, and again when it is another one.
func TestProposalsAreRemembered(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 1, 0, 0, time.UTC)
	d := directory.New([]directory.Place{{ID: "a", Name: "Espace Un", Town: "Lyon"}}, directory.Origin{})
	var p proposals
	ask := func(d *directory.Directory, lang string, at time.Time) *directory.Hit {
		t.Helper()
		hits := p.of(d, directory.Wish{Language: lang}, at, nil)
		if len(hits) != 1 {
			t.Fatalf("of(%s) = %+v; want the one place", lang, hits)
		}
		return &hits[0]
	}
	first := ask(d, "fr", at)
	if ask(d, "fr", at.Add(3*time.Minute)) != first {
		t.Error("the same wish three minutes later is asked again; want it remembered")
	}
	for name, other := range map[string]*directory.Hit{"five minutes later": ask(d, "fr", at.Add(5*time.Minute)), "another language": ask(d, "ar", at)} {
		if other == first {
			t.Errorf("%s: the first answer; want another", name)
		}
	}
	if ask(d, "fr", at) != first {
		t.Error("other wishes made this one forgotten; want it remembered")
	}
	for i := range 3 * remembered {
		ask(d, fmt.Sprint("x", i), at)
		if len(p.list) > remembered {
			t.Fatalf("%d wishes are remembered; want at most %d", len(p.list), remembered)
		}
	}
	again := ask(d, "fr", at)
	next := directory.New([]directory.Place{{ID: "b", Name: "Espace Deux", Town: "Lyon"}}, directory.Origin{})
	if got := ask(next, "fr", at); got == again || got.Place.ID != "b" {
		t.Errorf("of another directory = %s; want its own place", got.Place.ID)
	}
}

func TestRound(t *testing.T) {
	for metres, want := range map[float64]int{0: 10, 4: 10, 14: 10, 99.9: 90, 101: 100, 149: 100, 999: 950, 1000: 1000, 1234: 1200, 12345: 12300} {
		if got := round(metres); got != want {
			t.Errorf("round(%v) = %d; want %d", metres, got, want)
		}
	}
}
