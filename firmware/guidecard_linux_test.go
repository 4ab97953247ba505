package main

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

// What the card's guide says of an update is what the card does: how long a trial lasts,
// and which buttons are held for how long to go back.
func TestGuideCardUpdate(t *testing.T) {
	page := readGuide(t, cards)
	for id, want := range map[string]string{
		"essai": strconv.Itoa(int(trialLimit / time.Minute)),
		"tenir": strconv.Itoa(int(heldFor / time.Second)),
	} {
		if got := only(t, page, "id", id).text(); got != want {
			t.Errorf("%s is %s; want %s", id, got, want)
		}
	}
	var held, want []string
	for _, e := range page.all("data-held") {
		held = append(held, e.attr["data-held"])
	}
	for _, b := range backButtons() {
		want = append(want, b.String())
	}
	if !slices.Equal(held, want) {
		t.Errorf("the guide has %q held; want %q", held, want)
	}
}
