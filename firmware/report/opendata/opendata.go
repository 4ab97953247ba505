// Package opendata is the bilan for machines: a CSV file for each table, with the Table
// Schema that it fits, one JSON document with its JSON Schema, and the description of all
// of it for a catalogue of open data (DCAT).
//
// It promises stable names: a table's key is its file's name, a column's key is the
// column's; numbers are written for machines, with a point; what a number's text says
// beyond the number is in the last column of its row, « note ». The same bilan is the same
// bytes.
package opendata

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"jeudi/firmware/report"
)

// File is one of the files of a bilan.
type File struct {
	Name string
	Type string // media type
	Data []byte
}

// Names of files that are written by others and stand in the description beside ours.
const (
	PDFName  = "bilan.pdf"
	HTMLName = "bilan.html"
	XLSXName = "bilan.xlsx"
)

// Names of ours. Tables are KEY.csv.
const (
	JSONName    = "bilan.json"
	SchemaName  = "bilan.schema.json"
	PackageName = "datapackage.json"
	DCATName    = "dcat.jsonld"
)

// Types of files, by the ends of their names.
const (
	csvType  = "text/csv"
	jsonType = "application/json"
	dcatType = "application/ld+json"
	pdfType  = "application/pdf"
	htmlType = "text/html"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// licence is the State's for public data: one of the two that a public body may choose
// without asking (article D. 323-2-1 of the code of relations between public and
// administration).
const (
	licence     = "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf"
	licenceName = "etalab-2.0"
)

//go:embed bilan.schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of JSON.
func Schema() []byte { return bytes.Clone(schema) }

// Files are all files of a bilan but those that people read: a CSV for each table, what
// describes them, the whole as JSON, its schema, and the entry of a catalogue.
func Files(b report.Bilan) ([]File, error) {
	document, err := JSON(b)
	if err != nil {
		return nil, err
	}
	tables, err := tablesOf(b)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, t := range tables {
		files = append(files, File{t.file, csvType, t.csv})
	}
	pack, err := dataPackage(b, tables)
	if err != nil {
		return nil, err
	}
	catalogue, err := dcat(b, tables)
	if err != nil {
		return nil, err
	}
	return append(files,
		File{PackageName, jsonType, pack},
		File{JSONName, jsonType, document},
		File{SchemaName, jsonType, Schema()},
		File{DCATName, dcatType, catalogue},
	), nil
}

// table is a table and its file.
type table struct {
	report.DataTable
	file string
	csv  []byte
}

const note = "note"

func tablesOf(b report.Bilan) ([]table, error) {
	var all []table
	seen := map[string]bool{}
	for _, p := range b.Parts {
		for _, t := range p.Tables {
			name := t.Key + ".csv"
			if t.Key == "" || strings.ContainsFunc(t.Key, notOfAName) || seen[name] {
				return nil, fmt.Errorf("opendata: table %q: its key must be its own, of letters a to z, digits and _", t.Key)
			}
			seen[name] = true
			data, err := csvOf(t)
			if err != nil {
				return nil, fmt.Errorf("opendata: table %q: %w", t.Key, err)
			}
			all = append(all, table{t, name, data})
		}
	}
	return all, nil
}

func notOfAName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_')
}

func csvOf(t report.DataTable) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true // RFC 4180
	var head []string
	for _, c := range t.Columns {
		head = append(head, c.Key)
	}
	if err := w.Write(append(head, note)); err != nil {
		return nil, err
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return nil, fmt.Errorf("row %d has %d cells, and there are %d columns", i, len(row), len(t.Columns))
		}
		var cells, notes []string
		for j, c := range row {
			switch {
			case !t.Columns[j].Number:
				cells = append(cells, c.Text)
				continue
			case c.None:
				cells = append(cells, "")
			default:
				cells = append(cells, decimal(c.N))
			}
			if n := c.Note(); n != "" && !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
		if err := w.Write(append(cells, strings.Join(notes, " ; "))); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// The document as JSON.
type (
	document struct {
		Schema   string           `json:"$schema"`
		Version  int              `json:"version"`
		Language string           `json:"language"`
		Title    string           `json:"title"`
		Place    string           `json:"place"`
		Span     string           `json:"span"`
		From     string           `json:"from"`
		Until    string           `json:"until"`
		Lead     []string         `json:"lead"`
		Parts    []part           `json:"parts"`
		Method   []string         `json:"method"`
		Releases []report.Release `json:"releases"`
	}
	part struct {
		Key       string      `json:"key"`
		Title     string      `json:"title"`
		Sentences []string    `json:"sentences"`
		Tables    []jsonTable `json:"tables"`
		Charts    []chart     `json:"charts"`
	}
	jsonTable struct {
		Key     string   `json:"key"`
		Caption string   `json:"caption"`
		How     string   `json:"how"`
		Columns []column `json:"columns"`
		Rows    [][]cell `json:"rows"`
	}
	column struct {
		Key    string `json:"key"`
		Head   string `json:"head"`
		Number bool   `json:"number"`
	}
	cell struct {
		Text string   `json:"text"`
		N    *float64 `json:"n,omitempty"` // of a column of numbers, and none where nothing is known
	}
	chart struct {
		Key         string `json:"key"`
		Caption     string `json:"caption"`
		Description string `json:"description"`
		Bars        []bar  `json:"bars"`
	}
	bar struct {
		Label string   `json:"label"`
		Value float64  `json:"value"`
		Text  string   `json:"text"`
		Ref   *float64 `json:"reference,omitempty"`
	}
)

// JSON is the bilan as one document, with what it was made from.
func JSON(b report.Bilan) ([]byte, error) {
	from, until := days(b)
	d := document{
		Schema: SchemaName, Version: 1, Language: "fr", Title: b.Title, Place: b.Place, Span: b.Span, From: from, Until: until,
		Lead: some(b.Lead), Method: some(b.Method), Parts: []part{}, Releases: some(b.Releases),
	}
	for _, p := range b.Parts {
		q := part{Key: p.Key, Title: p.Title, Sentences: some(p.Sentences), Tables: []jsonTable{}, Charts: []chart{}}
		for _, t := range p.Tables {
			j := jsonTable{Key: t.Key, Caption: t.Caption, How: t.How, Rows: [][]cell{}}
			for _, c := range t.Columns {
				j.Columns = append(j.Columns, column(c))
			}
			for _, row := range t.Rows {
				var cells []cell
				for i, c := range row {
					v := cell{Text: c.Text}
					if i < len(t.Columns) && t.Columns[i].Number && !c.None {
						v.N = &c.N
					}
					cells = append(cells, v)
				}
				j.Rows = append(j.Rows, cells)
			}
			q.Tables = append(q.Tables, j)
		}
		for _, c := range p.Charts {
			j := chart{Key: c.Key, Caption: c.Caption, Description: c.Description, Bars: []bar{}}
			for _, x := range c.Bars {
				v := bar{Label: x.Label, Value: x.Value, Text: x.Text}
				if x.Ref >= 0 {
					v.Ref = &x.Ref
				}
				j.Bars = append(j.Bars, v)
			}
			q.Charts = append(q.Charts, j)
		}
		d.Parts = append(d.Parts, q)
	}
	return indented(d)
}

// some is a list that is [] in JSON, and never null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func indented(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("opendata: write JSON: %w", err)
	}
	return out.Bytes(), nil
}

// days are the first day of a bilan and the first that is not of it any more.
func days(b report.Bilan) (from, until string) {
	for _, r := range b.Releases {
		if from == "" || r.From < from {
			from = r.From
		}
		until = max(until, r.Until)
	}
	return from, until
}

// dataPackage describes the CSV files, each with its Table Schema (Frictionless Data,
// the standards that France's schema.data.gouv.fr is built on).
func dataPackage(b report.Bilan, tables []table) ([]byte, error) {
	type object = map[string]any
	resources := []object{}
	for _, t := range tables {
		fields := []object{}
		for _, c := range t.Columns {
			f := object{"name": c.Key, "title": c.Head, "type": "string", "constraints": object{"required": true}}
			if c.Number {
				limits := object{"minimum": 0}
				f["type"], f["constraints"] = "number", limits
				if c.Key == "share" {
					limits["maximum"] = 1
					f["description"] = "part, de 0 à 1"
				}
			}
			fields = append(fields, f)
		}
		fields = append(fields, object{"name": note, "title": "Note", "type": "string",
			"description": "ce que le texte du bilan dit de plus que les nombres de la ligne, comme « au moins »"})
		resources = append(resources, object{
			"name": t.Key, "path": t.file, "title": t.Caption, "description": t.How,
			"profile": "tabular-data-resource", "format": "csv", "mediatype": csvType, "encoding": "utf-8",
			"dialect": object{"delimiter": ",", "lineTerminator": "\r\n", "header": true},
			"schema":  object{"fields": fields, "missingValues": []string{""}},
		})
	}
	from, until := days(b)
	return indented(object{
		"profile": "tabular-data-package", "name": "bilan-permanence-numerique", "title": b.Title + " – " + b.Place + ", " + b.Span,
		"description": strings.Join(b.Method, "\n\n"), "temporal": object{"start": from, "end": report.LastDay(until)},
		"licenses":  []object{{"name": licenceName, "path": licence, "title": "Licence Ouverte 2.0"}},
		"resources": resources,
	})
}

// dcat is the entry of a catalogue of open data (DCAT 2, as the European and the French
// portals read it), with names of files in the place of addresses: who publishes them
// knows where.
func dcat(b report.Bilan, tables []table) ([]byte, error) {
	type object = map[string]any
	from, until := days(b)
	fr := func(text string) object { return object{"@language": "fr", "@value": text} }
	day := func(text string) object { return object{"@type": "xsd:date", "@value": text} }
	distributions := []object{}
	add := func(name, media, title, conforms string) {
		d := object{
			"@id": "#" + name, "@type": "dcat:Distribution", "dct:title": fr(title), "dcat:downloadURL": object{"@id": name},
			"dcat:mediaType": object{"@id": "https://www.iana.org/assignments/media-types/" + media},
			"dct:license":    object{"@id": licence}, "dct:language": object{"@id": french},
		}
		if conforms != "" {
			d["dct:conformsTo"] = object{"@id": conforms}
		}
		distributions = append(distributions, d)
	}
	add(PDFName, pdfType, "Le bilan, à lire et à imprimer", "")
	add(HTMLName, htmlType, "Le bilan, en page web", "")
	add(XLSXName, xlsxType, "Les tableaux, en classeur", "")
	add(JSONName, jsonType, "Le bilan entier et les tableaux publiés dont il vient", SchemaName)
	for _, t := range tables {
		add(t.file, csvType, t.Caption, PackageName)
	}
	return indented(object{
		"@context": object{
			"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
			"foaf": "http://xmlns.com/foaf/0.1/", "xsd": "http://www.w3.org/2001/XMLSchema#",
		},
		"@id": "#bilan", "@type": "dcat:Dataset",
		"dct:title":       fr(b.Title + " – " + b.Place + ", " + b.Span),
		"dct:description": fr(strings.Join(append(slices.Clone(b.Lead), b.Method...), "\n")),
		"dct:publisher":   object{"@type": "foaf:Agent", "foaf:name": b.Place},
		"dct:language":    object{"@id": french},
		"dct:temporal": object{
			"@type": "dct:PeriodOfTime", "dcat:startDate": day(from), "dcat:endDate": day(report.LastDay(until)),
		},
		"dct:license":       object{"@id": licence},
		"dct:accessRights":  object{"@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"},
		"dcat:theme":        object{"@id": "http://publications.europa.eu/resource/authority/data-theme/SOCI"},
		"dcat:keyword":      []object{fr("médiation numérique"), fr("permanence numérique"), fr("inclusion numérique"), fr("accès aux droits")},
		"dcat:distribution": distributions,
	})
}

const french = "http://publications.europa.eu/resource/authority/language/FRA"
