package directory_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"jeudi/firmware/directory"
)

// Whatever this package can tell has words in the catalogue.
func TestWords(t *testing.T) {
	data, err := os.ReadFile("../words/fr.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue map[string]any
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, c := range directory.Codes() {
		keys = append(keys, "desk.place_problem."+string(c))
	}
	for d := directory.Kept; d <= directory.PlaceLeft; d++ {
		keys = append(keys, "desk.place_done."+d.String())
	}
	for _, r := range directory.Refusals() {
		keys = append(keys, string(r))
	}
	slices.Sort(keys)
	for _, key := range keys {
		if catalogue[key] == nil {
			t.Errorf("the catalogue lacks %q", key)
		}
	}
}
