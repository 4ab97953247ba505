package report_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"jeudi/firmware/report"
	"jeudi/firmware/report/reporttest"
)

var update = flag.Bool("update", false, "write the golden files")

// readable is all the text of a bilan, as a reader meets it.
func readable(b report.Bilan) string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s\n%s\n%s\n\n", b.Title, b.Place, b.Span)
	for _, s := range b.Lead {
		fmt.Fprintln(&t, s)
	}
	for _, p := range b.Parts {
		fmt.Fprintf(&t, "\n# %s (%s)\n", p.Title, p.Key)
		for _, s := range p.Sentences {
			fmt.Fprintln(&t, s)
		}
		for _, d := range p.Tables {
			fmt.Fprintf(&t, "  [%s] %s\n", d.Key, d.Caption)
			for _, row := range d.Rows {
				var cells []string
				for _, c := range row {
					cells = append(cells, c.Text)
				}
				fmt.Fprintf(&t, "    %s\n", strings.Join(cells, " | "))
			}
			fmt.Fprintf(&t, "    %s\n", d.How)
		}
		for _, c := range p.Charts {
			fmt.Fprintf(&t, "  <%s> %s\n", c.Key, c.Description)
		}
	}
	fmt.Fprintf(&t, "\n# Méthode\n%s\n", strings.Join(b.Method, "\n"))
	return t.String()
}

func TestGoldenBilan(t *testing.T) {
	got := readable(reporttest.Bilan())
	const file = "testdata/bilan.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the bilan of the synthetic half-year is not %s: read the difference, then go test -update\ngot:\n%s", file, got)
	}
}
