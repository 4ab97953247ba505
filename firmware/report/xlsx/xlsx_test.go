package xlsx

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"jeudi/firmware/report"
	"jeudi/firmware/report/reporttest"
)

func open(t *testing.T, b report.Bilan) *excelize.File {
	t.Helper()
	data, err := Bilan(b)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Every table is a sheet of its key, whose columns have their keys and whose numbers are
// numbers.
func TestBilan(t *testing.T) {
	b := reporttest.Bilan()
	f := open(t, b)
	sheets := 1
	for _, p := range b.Parts {
		for _, table := range p.Tables {
			sheets++
			rows, err := f.GetRows(table.Key, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatalf("sheet %s: %v", table.Key, err)
			}
			var keys []string
			for _, c := range table.Columns {
				keys = append(keys, c.Key)
			}
			if got := strings.Join(rows[keyRow-1], " "); got != strings.Join(keys, " ") {
				t.Errorf("%s: keys %q; want %q", table.Key, got, strings.Join(keys, " "))
			}
			if got, want := len(rows), headRow+len(table.Rows); got != want {
				t.Errorf("%s: %d rows; want %d", table.Key, got, want)
			}
		}
	}
	if got := len(f.GetSheetList()); got != sheets {
		t.Errorf("%d sheets; want %d", got, sheets)
	}
	rows, err := f.GetRows(summary)
	if err != nil || len(rows) < 40 || rows[0][0] != b.Title {
		t.Errorf("the first sheet has %d rows, %v; want the sentences", len(rows), err)
	}
}

func TestCells(t *testing.T) {
	cell := func(text string, n float64) report.Cell { return report.Cell{Text: text, N: n} }
	for _, c := range []struct {
		name       string
		given      report.Cell
		raw, shown string
	}{
		{"a count", cell("24", 24), "24", "24"},
		{"a large count", cell("1 200", 1200), "1200", "1,200"}, // the reader's own mark between thousands
		{"a share", cell("33 %", 0.333), "0.333", "33%"},
		{"at least", cell("au moins 6", 6), "6", "au moins 6"},
		{"minutes", cell("90 minutes", 90), "90", "90 minutes"},
		{"a mean", cell("3,4", 3.4), "3.4", "3.4"},
		{"almost all", cell("presque toutes", 60), "presque toutes", "presque toutes"},
		{"nothing to say", report.Cell{Text: "–", None: true}, "–", "–"},
		{"zero", cell("0", 0), "0", "0"},
	} {
		f := open(t, report.Bilan{Parts: []report.Part{{Tables: []report.DataTable{{
			Key: "x", Columns: []report.Column{{Key: "n", Head: "N", Number: true}}, Rows: [][]report.Cell{{c.given}},
		}}}}})
		raw, err := f.GetCellValue("x", "A5", excelize.Options{RawCellValue: true})
		shown, err2 := f.GetCellValue("x", "A5")
		if err != nil || err2 != nil || raw != c.raw || shown != c.shown {
			t.Errorf("%s: %q shown %q, %v, %v; want %q shown %q", c.name, raw, shown, err, err2, c.raw, c.shown)
		}
	}
}

// A text that looks like a formula stays a text.
func TestNothingIsAFormula(t *testing.T) {
	f := open(t, report.Bilan{Title: "=1+1", Parts: []report.Part{{Tables: []report.DataTable{{
		Key: "x", Columns: []report.Column{{Key: "a", Head: "A"}}, Rows: [][]report.Cell{{{Text: "=SUM(1)"}}},
	}}}}})
	for sheet, at := range map[string]string{"x": "A5", summary: "A1"} {
		formula, err := f.GetCellFormula(sheet, at)
		if kind, _ := f.GetCellType(sheet, at); err != nil || formula != "" || kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString {
			t.Errorf("%s of %s: formula %q, type %v, %v; want a text", at, sheet, formula, kind, err)
		}
	}
}

func TestSheetName(t *testing.T) {
	seen := map[string]bool{"bilan": true}
	long := strings.Repeat("é", 40)
	for _, c := range []struct{ key, want string }{
		{"age", "age"}, {"Age", "Age_2"}, {"bilan", "bilan_2"},
		{long, strings.Repeat("é", 31)}, {long, strings.Repeat("é", 29) + "_2"},
	} {
		if got := sheetName(c.key, seen); got != c.want {
			t.Errorf("sheetName(%q) = %q; want %q", c.key, got, c.want)
		}
	}
}

func TestTheSameBilanIsTheSameBytes(t *testing.T) {
	one, err := Bilan(reporttest.Bilan())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if two, err := Bilan(reporttest.Bilan()); err != nil || !bytes.Equal(one, two) {
			t.Fatalf("other bytes (%d, %d), %v; want the same", len(one), len(two), err)
		}
	}
}
