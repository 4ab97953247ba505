package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/report/opendata"
	"jeudi/firmware/report/reporttest"
	"jeudi/firmware/sheet"
)

func bilan(t testing.TB, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = runBilan(args, &o, &e)
	return code, o.String(), e.String()
}

// released writes a released period as the desk gives it, and returns its file.
func released(t testing.TB, dir, name string, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(dir, name)
	if err := os.WriteFile(at, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

// as is a period of another box, or of another time.
func as(r report.Release, id, box, from, until string) report.Release {
	r.ID, r.Box, r.From, r.Until = id, box, from, until
	return r
}

func TestBilanMerge(t *testing.T) {
	now, before, _ := reporttest.Synthetic()
	first, second, earlier := now[0], now[1], before[0]
	other := as(first, "other", "elsewhere", first.From, first.Until)
	var sum report.Release
	sum, err := report.Add(now)
	if err != nil {
		t.Fatal(err)
	}
	wrong := first
	wrong.Tables = slices.Clone(first.Tables)
	wrong.Tables[0].Total++

	tests := []struct {
		name  string
		given []any // one file each, a.json, b.json, …
		args  []string
		code  int
		said  []string
	}{
		{name: "two quarters", given: []any{first, second}, said: []string{`"held": 22`}},
		{name: "a file of both", given: []any{now}, said: []string{`"held": 22`}},
		{name: "two years and two boxes", given: []any{now, before, other}},
		{name: "a bilan of both", given: []any{map[string]any{"schema": "bilan.schema.json", "version": 1, "releases": now}}, said: []string{`"held": 22`}},
		{name: "a bilan of very many", given: []any{map[string]any{"version": 1, "releases": []any{}}}, code: exitFail, said: []string{"does not say which periods"}},
		{name: "the same file twice", given: []any{first, first}, code: exitFail, said: []string{"b.json: the same period as in ", "a.json", "leave one out"}},
		{name: "twice in one file", given: []any{[]report.Release{first, first}}, code: exitFail, said: []string{"the same period"}},
		{name: "one box, over each other", given: []any{earlier, first, as(second, "x", second.Box, "2026-03-31", "2026-07-01")}, code: exitFail,
			said: []string{"c.json: overlaps with ", "b.json of the same box", "until 2026-03-31"}},
		{name: "a long period over two others", given: []any{as(first, "y", first.Box, "2025-01-01", "2027-01-01"), first, second}, code: exitFail,
			said: []string{"b.json: overlaps with ", "c.json: overlaps with "}},
		{name: "two boxes, over each other", given: []any{first, other}},
		{name: "a sum", given: []any{sum, first}, code: exitFail, said: []string{"a.json: a sum"}},
		{name: "no period", given: []any{map[string]any{"name": "jeudi"}}, code: exitFail, said: []string{"a.json: no released period"}},
		{name: "no JSON", given: []any{json.RawMessage(`"half"`)}, code: exitFail, said: []string{"a.json: no released period; the desk gives them in bilan.json"}},
		{name: "a table that was changed", given: []any{second, wrong}, code: exitFail, said: []string{"b.json: visitor, question ", "the file was changed"}},
		{name: "every fault at once", given: []any{sum, wrong, first, first}, code: exitFail, said: []string{"a.json: ", "b.json: ", "d.json: "}},
		{name: "no file", code: exitUsage, said: []string{"no file to add"}},
		{name: "a file that is not there", args: []string{"/nowhere/x.json"}, code: exitFail, said: []string{"/nowhere/x.json"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			args := append([]string{"merge"}, tt.args...)
			for i, v := range tt.given {
				args = append(args, released(t, dir, string(rune('a'+i))+".json", v))
			}
			code, out, errs := bilan(t, args...)
			if code != tt.code {
				t.Fatalf("bilan merge = %d %s; want %d", code, errs, tt.code)
			}
			for _, want := range tt.said {
				if !strings.Contains(out+errs, want) {
					t.Errorf("bilan merge says %q; want %q in it", out+errs, want)
				}
			}
			if code != exitOK {
				return
			}
			// The same from the folder.
			if _, whole, _ := bilan(t, "merge", dir); whole != out {
				t.Errorf("bilan merge of the folder = %s; want that of its files", whole)
			}
		})
	}
}

// Margins add up: every count of the sum is that of its parts together.
func TestBilanMergeAddsUp(t *testing.T) {
	now, _, _ := reporttest.Synthetic()
	dir := t.TempDir()
	const boxes = 7
	for i := range boxes {
		released(t, dir, fmt.Sprint(i, ".json"), as(now[0], fmt.Sprint("id", i), fmt.Sprint("box", i), now[0].From, now[0].Until))
	}
	code, out, errs := bilan(t, "merge", dir)
	if code != exitOK {
		t.Fatalf("bilan merge = %d %s; want 0", code, errs)
	}
	var sum report.Release
	if err := json.Unmarshal([]byte(out), &sum); err != nil {
		t.Fatal(err)
	}
	if sum.Attendance.Totals.Issued != boxes*now[0].Attendance.Totals.Issued || sum.Home != boxes*now[0].Home {
		t.Errorf("issued %d, home %d; want %d times %d, %d", sum.Attendance.Totals.Issued, sum.Home, boxes, now[0].Attendance.Totals.Issued, now[0].Home)
	}
	counted := func(r report.Release) map[string]int {
		m := map[string]int{}
		for _, t := range r.Tables {
			for _, q := range t.Questions {
				for _, c := range q.Answers {
					m[t.Kind+" "+q.Key+" "+c.Key] = c.N
				}
			}
			m[t.Kind] = t.Total
		}
		return m
	}
	one, all := counted(now[0]), counted(sum)
	for key, n := range one {
		if all[key] != boxes*n {
			t.Errorf("%s = %d; want %d times %d", key, all[key], boxes, n)
		}
	}
	if len(one) != len(all) || one[sheet.KindVisitor.String()] == 0 {
		t.Errorf("the sum has %d counts; want %d, and visitors among them", len(all), len(one))
	}
}

// The bilan of a box's ledger, in every format; and merged from its files as from the zip
// of the desk, where its periods count once.
func TestBilanMake(t *testing.T) {
	now, before, _ := reporttest.Synthetic()
	data, to := t.TempDir(), filepath.Join(t.TempDir(), "bilan")
	l, _, err := ledger.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range slices.Concat(before, now) {
		if err := l.ClosePeriod(ledger.Period{Release: r}); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	if code, _, errs := bilan(t, "make", "-data", data, "-o", to, "-from", "2026-02-01", "-until", "2026-03-31"); code != exitFail || !strings.Contains(errs, "no closed period lies whole") {
		t.Errorf("bilan make of no whole period = %d %q; want it refused", code, errs)
	}
	code, out, errs := bilan(t, "make", "-data", data, "-o", to, "-from", now[0].From, "-until", "2026-06-30")
	if code != exitOK || !strings.Contains(out, "de 2 période(s), du 2026-01-01 au 2026-06-30") {
		t.Fatalf("bilan make = %d %s%s; want two periods", code, out, errs)
	}
	written := files(t, to)
	for _, name := range []string{"bilan.html", "bilan.pdf", "bilan.xlsx", "bilan.json", "bilan.schema.json", "datapackage.json", "dcat.jsonld", "lacoop.json", "attendance.csv"} {
		if !slices.Contains(written, name) {
			t.Errorf("bilan make writes %v; want %s too", written, name)
		}
	}
	page, err := os.ReadFile(filepath.Join(to, "bilan.html"))
	if err != nil || !bytes.Contains(page, []byte("Période précédente")) {
		t.Errorf("the page does not compare with the half-year before (%v)", err)
	}

	zipped := filepath.Join(t.TempDir(), "bilan-2026.zip")
	document, err := os.ReadFile(filepath.Join(to, "bilan.json"))
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	f, err := z.Create("bilan.json")
	if err == nil {
		_, err = f.Write(document)
	}
	if err = errors.Join(err, z.Close()); err == nil {
		err = os.WriteFile(zipped, archive.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, one, errs := bilan(t, "merge", to)
	_, two, errs2 := bilan(t, "merge", zipped)
	if one == "" || one != two {
		t.Errorf("bilan merge of the folder = %s, of the zip %s; want the same sum", errs, errs2)
	}
	if code, _, errs := bilan(t, "merge", to, zipped); code != exitFail || strings.Count(errs, "the same period as in") != 2 {
		t.Errorf("bilan merge of both = %d %s; want both periods refused", code, errs)
	}
}

func TestBilanUsage(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "usage: jeudi bilan make"},
		{[]string{"draw"}, exitUsage, "usage"},
		{[]string{"--help"}, exitOK, "\n  -until DAY"},
		{[]string{"make", "-data", dir}, exitUsage, "-o names the folder"},
		{[]string{"make", "-o", dir, "x"}, exitUsage, `unexpected "x"`},
		{[]string{"make", "-o", dir, "-from", "janvier"}, exitUsage, `-from is a day such as 2026-06-30, not "janvier"`},
		{[]string{"make", "-o", dir, "-until", "2026-06-31"}, exitUsage, "-until is a day"},
		{[]string{"make", "-o", dir, "-from", "2026-07-01", "-until", "2026-06-30"}, exitUsage, "before -from"},
		{[]string{"make", "-o", dir, "-data", dir}, exitFail, "choose another with -data"},
		{[]string{"merge", dir}, exitFail, "no .json and no .zip there"},
	} {
		if code, out, errs := bilan(t, tt.args...); code != tt.code || !strings.Contains(out+errs, tt.want) {
			t.Errorf("bilan %q = %d %s%s; want %d and %q", tt.args, code, out, errs, tt.code, tt.want)
		}
	}
	now, _, _ := reporttest.Synthetic()
	period := released(t, t.TempDir(), "a.json", now)
	if code, _, errs := bilan(t, "merge", "-o", dir, "-site", filepath.Join(dir, "none.toml"), period); code != exitFail || !strings.Contains(errs, "none.toml") {
		t.Errorf("bilan merge with a site that is not there = %d %s; want it named", code, errs)
	}
	if list, _ := os.ReadDir(dir); len(list) > 0 {
		t.Errorf("what was refused left %v; want nothing", list)
	}
}

// BenchmarkBilanMerge adds ten thousand boxes, each with a quarter of the design case:
// from files of the period alone, and from the bilan.json of each.
func BenchmarkBilanMerge(b *testing.B) {
	const boxes = 10_000
	now, _, _ := reporttest.Synthetic()
	one := as(now[0], "{id}", "{box}", now[0].From, now[0].Until)
	one.Place = "{place}"
	alone, err := json.Marshal(one)
	if err != nil {
		b.Fatal(err)
	}
	place, err := bilanSite("")
	if err != nil {
		b.Fatal(err)
	}
	whole, err := bilanFiles([]report.Release{one}, nil, place)
	if err != nil {
		b.Fatal(err)
	}
	for name, document := range map[string][]byte{"period": alone, "bilan.json": whole[opendata.JSONName]} {
		b.Run(name, func(b *testing.B) {
			dir, size := b.TempDir(), 0
			for i := range boxes {
				n := fmt.Sprint(i)
				data := strings.NewReplacer("{id}", "id"+n, "{box}", "box"+n, "{place}", "Lieu "+n).Replace(string(document))
				if err := os.WriteFile(filepath.Join(dir, n+".json"), []byte(data), 0o600); err != nil {
					b.Fatal(err)
				}
				size += len(data)
			}
			for b.Loop() {
				if code, out, errs := bilan(b, "merge", dir); code != exitOK || !strings.Contains(out, "10\u00a0000 lieux") {
					b.Fatalf("bilan merge = %d %s %.400s; want the sum", code, errs, out)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/10000-files")
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}
