package main

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"jeudi/drivers"
)

// What the card's guide says of an update is what the card does: how long a trial lasts,
// and which buttons are held for how long to go back, or to erase everything.
func TestGuideCardUpdate(t *testing.T) {
	page := readGuide(t, cards)
	for id, want := range map[string]string{
		"essai": strconv.Itoa(int(trialLimit / time.Minute)),
		"tenir": strconv.Itoa(int(heldFor / time.Second)),

		"effacer-tenir":  strconv.Itoa(int(eraseFor / time.Second)),
		"effacer-encore": strconv.Itoa(int(eraseAgain / time.Second)),
	} {
		if got := only(t, page, "id", id).text(); got != want {
			t.Errorf("%s is %s; want %s", id, got, want)
		}
	}
	for attr, buttons := range map[string][]drivers.Action{"data-held": backButtons(), "data-erase": eraseButtons()} {
		var held, want []string
		for _, e := range page.all(attr) {
			held = append(held, e.attr[attr])
		}
		for _, b := range buttons {
			want = append(want, b.String())
		}
		if !slices.Equal(held, want) {
			t.Errorf("the guide has %q of %s; want %q", held, attr, want)
		}
	}
}
