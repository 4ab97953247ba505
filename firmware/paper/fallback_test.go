package paper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/drivers"
)

func TestFallback(t *testing.T) {
	w := catalogue(t)
	full := FallbackData{Place: "Centre social Les Tilleuls", Day: at(11, 26, 9, 0), Motifs: []string{"caf", "sante"}}
	undated := full
	undated.Day = FallbackData{}.Day
	for name, doc := range map[string]drivers.Document{"fallback": Fallback(w, full), "fallback.undated": Fallback(w, undated)} {
		file := filepath.Join("testdata", name+".txt")
		got := render(doc)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("%s =\n%s\nwant\n%s, %v", name, got, want, err)
		}
		if strings.Contains(got, "⟦") {
			t.Errorf("%s lacks a text:\n%s", name, got)
		}
		// Each number is twice on the paper: on the sheet, and to take along.
		if n := strings.Count(got, FallbackNumber(FallbackRows)); n != 2 {
			t.Errorf("%s has the last number %d times; want 2", name, n)
		}
	}
}
