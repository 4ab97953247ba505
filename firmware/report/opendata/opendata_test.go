package opendata

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"jeudi/firmware/report"
	"jeudi/firmware/report/reporttest"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaName, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(SchemaName)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJSONFitsItsSchema(t *testing.T) {
	s := compiled(t)
	for _, c := range []struct {
		name  string
		bilan report.Bilan
	}{
		{"a half-year", reporttest.Bilan()},
		{"nothing at all", report.Bilan{Title: "Bilan", Releases: []report.Release{{Version: 1, ID: "a", Box: "b", From: "2026-01-01", Until: "2026-04-01"}}}},
	} {
		data, err := JSON(c.bilan)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A schema that took anything would prove nothing.
func TestTheSchemaRefuses(t *testing.T) {
	s := compiled(t)
	for _, c := range []struct{ name, old, new string }{
		{"a count below zero", `"held": `, `"held": -`},
		{"a day that is none", `"from": "2026`, `"from": "26`},
		{"a share above one", `"value": 0.`, `"value": 7.`},
		{"another kind of sheet", `"kind": "staff"`, `"kind": "nobody"`},
		{"a number as text", `"n": `, `"n": "x", "o": `},
		{"no method", `"method":`, `"methods":`},
	} {
		data, err := JSON(reporttest.Bilan())
		if err != nil {
			t.Fatal(err)
		}
		bad := strings.Replace(string(data), c.old, c.new, 1)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil || bad == string(data) {
			t.Fatalf("%s: not a document that differs: %v", c.name, err)
		}
		if err := s.Validate(v); err == nil {
			t.Errorf("%s: accepted; want an error", c.name)
		}
	}
}

// tableSchema is what of a data package this test reads.
type dataPack struct {
	Resources []struct {
		Name, Path string
		Schema     tableSchema
	}
}

type tableSchema struct {
	Fields []struct {
		Name, Type  string
		Constraints struct {
			Required         bool
			Minimum, Maximum *float64
		}
	}
	MissingValues []string
}

// valid holds a CSV file to a Table Schema, after the specification's rules for names,
// types, missing values and constraints.
func valid(schema tableSchema, data []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll() // which refuses ragged rows
	if err != nil {
		return err
	}
	var names []string
	for _, f := range schema.Fields {
		names = append(names, f.Name)
	}
	if !slices.Equal(rows[0], names) {
		return fmt.Errorf("columns %q; want %q", rows[0], names)
	}
	for i, row := range rows[1:] {
		for j, v := range row {
			f := schema.Fields[j]
			if slices.Contains(schema.MissingValues, v) {
				if f.Constraints.Required {
					return fmt.Errorf("row %d: %s is required", i, f.Name)
				}
				continue
			}
			if f.Type == "string" {
				continue
			}
			n, err := strconv.ParseFloat(v, 64)
			if err != nil || f.Type != "number" {
				return fmt.Errorf("row %d: %s is %q; want a %s", i, f.Name, v, f.Type)
			}
			if m := f.Constraints.Minimum; m != nil && n < *m {
				return fmt.Errorf("row %d: %s is %v; want at least %v", i, f.Name, n, *m)
			}
			if m := f.Constraints.Maximum; m != nil && n > *m {
				return fmt.Errorf("row %d: %s is %v; want at most %v", i, f.Name, n, *m)
			}
		}
	}
	return nil
}

func TestCSVFitsItsTableSchema(t *testing.T) {
	b := reporttest.Bilan()
	files, err := Files(b)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string][]byte{}
	for _, f := range files {
		if byName[f.Name] != nil {
			t.Errorf("%s is there twice", f.Name)
		}
		byName[f.Name] = f.Data
	}
	var pack dataPack
	if err := json.Unmarshal(byName[PackageName], &pack); err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, p := range b.Parts {
		tables += len(p.Tables)
	}
	if len(pack.Resources) != tables || tables == 0 {
		t.Errorf("%d resources; want the %d tables", len(pack.Resources), tables)
	}
	for _, r := range pack.Resources {
		if err := valid(r.Schema, byName[r.Path]); err != nil {
			t.Errorf("%s: %v", r.Path, err)
		}
		delete(byName, r.Path)
	}
	if len(byName) != 4 {
		t.Errorf("%d files beside the tables; want 4", len(byName))
	}
	for _, c := range []struct{ name, csv string }{
		{"a column's name", "answer,number,share,note\r\nOui,3,0.5,\r\n"},
		{"a text for a number", "answer,count,share,note\r\nOui,trois,0.5,\r\n"},
		{"no answer", "answer,count,share,note\r\n,3,0.5,\r\n"},
		{"a share of percents", "answer,count,share,note\r\nOui,3,50,\r\n"},
		{"a ragged row", "answer,count,share,note\r\nOui,3\r\n"},
	} {
		for _, r := range pack.Resources {
			if r.Name == "age" && valid(r.Schema, []byte(c.csv)) == nil {
				t.Errorf("%s: accepted; want an error", c.name)
			}
		}
	}
}

func TestCSV(t *testing.T) {
	table := report.DataTable{Key: "age", Columns: []report.Column{{Key: "answer", Head: "Âge"}, {Key: "count", Head: "Nombre", Number: true}, {Key: "share", Head: "Part", Number: true}},
		Rows: [][]report.Cell{
			{{Text: "Moins de 25 ans"}, {Text: "1 200", N: 1200}, {Text: "12 %", N: 0.12}},
			{{Text: `Dit « "oui", ici »`}, {Text: "au moins 6", N: 6}, {Text: "–", None: true}},
			{{Text: "70 ans"}, {Text: "regroupé", None: true}, {Text: "–", None: true}},
		}}
	got, err := csvOf(table)
	want := "answer,count,share,note\r\nMoins de 25 ans,1200,0.12,\r\n\"Dit « \"\"oui\"\", ici »\",6,,au moins 6\r\n70 ans,,,regroupé\r\n"
	if err != nil || string(got) != want {
		t.Errorf("csvOf() = %q, %v; want %q", got, err, want)
	}
}

func TestWhatIsRefused(t *testing.T) {
	part := func(tables ...report.DataTable) report.Bilan {
		return report.Bilan{Parts: []report.Part{{Tables: tables}}}
	}
	for _, c := range []struct {
		name  string
		given report.Bilan
	}{
		{"a key of a path", part(report.DataTable{Key: "../age"})},
		{"no key", part(report.DataTable{})},
		{"a key twice", part(report.DataTable{Key: "age"}, report.DataTable{Key: "age"})},
		{"a row too long", part(report.DataTable{Key: "age", Rows: [][]report.Cell{{{Text: "x"}}}})},
	} {
		if _, err := Files(c.given); err == nil {
			t.Errorf("%s: Files() = nil; want an error", c.name)
		}
	}
}

// The catalogue's entry names every file that there is, and no other.
func TestDCAT(t *testing.T) {
	files, err := Files(reporttest.Bilan())
	if err != nil {
		t.Fatal(err)
	}
	var entry struct {
		Type         string         `json:"@type"`
		Temporal     map[string]any `json:"dct:temporal"`
		Distribution []struct {
			ID string `json:"@id"`
		} `json:"dcat:distribution"`
	}
	want := []string{PDFName, HTMLName, XLSXName, JSONName}
	for _, f := range files {
		if f.Type == csvType {
			want = append(want, f.Name)
		}
		if f.Name == DCATName {
			if err := json.Unmarshal(f.Data, &entry); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []string
	for _, d := range entry.Distribution {
		got = append(got, strings.TrimPrefix(d.ID, "#"))
	}
	if !slices.Equal(got, want) || entry.Type != "dcat:Dataset" {
		t.Errorf("%s with %q; want dcat:Dataset with %q", entry.Type, got, want)
	}
	if end := fmt.Sprint(entry.Temporal["dcat:endDate"]); !strings.Contains(end, "2026-06-30") {
		t.Errorf("ends %s; want the last day, 2026-06-30", end)
	}
}
