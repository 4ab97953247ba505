package directory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Source is a file to be read.
type Source struct {
	Name string // told in the report
	Data io.Reader
}

// Read reads places from files: the CSV of the national directory, in its present
// form or in that of schema v0.1.1; the same as a JSON array; structures and
// services of data·inclusion as JSON, in one file or in two. Several files are
// one directory, in which structures and services of different files are joined.
//
// The error is ErrTooBig, ErrFormat, ErrNoPlace, that of ctx, or that of reading,
// wrapped. The report says all that was wrong, with an error too.
func Read(ctx context.Context, sources ...Source) ([]Place, Report, error) {
	var report Report
	in := &reader{ctx: ctx, seen: map[string]bool{}, services: map[string][]record{}}
	in.tell = func(p Problem) {
		if len(sources) == 1 {
			p.File = ""
		}
		report.add(p)
	}
	in.clean = newCleaner(in.tell)
	in.known = known(in.clean.columns)

	known := false
	var wrong error
	for _, src := range sources {
		data, err := io.ReadAll(io.LimitReader(interruptible{ctx, src.Data}, MaxFile+1))
		if err != nil {
			return nil, report, fmt.Errorf("directory: reading %s: %w", src.Name, err)
		}
		if len(data) > MaxFile {
			return nil, report, fmt.Errorf("directory: reading %s: %w", src.Name, ErrTooBig)
		}
		in.file = src.Name
		data = in.decode(data)
		if text := bytes.TrimLeft(data, " \t\r\n"); len(text) > 0 && (text[0] == '[' || text[0] == '{') {
			err = in.json(data)
		} else {
			err = in.csv(data)
		}
		if ctx.Err() != nil {
			return nil, report, fmt.Errorf("directory: reading %s: %w", src.Name, ctx.Err())
		}
		if err != nil {
			wrong = fmt.Errorf("directory: reading %s: %w", src.Name, err)
			continue
		}
		known = true
	}
	in.join()
	report.Places = len(in.places)
	for _, p := range in.places {
		if p.Point == nil {
			report.NoPoint++
		}
	}
	switch {
	case wrong != nil && !known:
		return nil, report, wrong
	case len(in.places) == 0:
		return nil, report, fmt.Errorf("directory: reading: %w", ErrNoPlace)
	}
	return in.places, report, nil
}

// interruptible ends with its context, between two reads.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// record is a line of a CSV or an element of a JSON, by column.
type record struct {
	file  string
	line  int
	cells map[string]cell
}

// cell is a value as it stands there: one text, or a list already.
type cell struct {
	text   string
	values []string
}

func (c cell) String() string {
	if c.values != nil {
		return strings.Join(c.values, "|")
	}
	return c.text
}

// reader reads files into places.
type reader struct {
	ctx      context.Context
	file     string
	tell     func(Problem)
	clean    *cleaner
	known    map[string]string // names of columns, present and former, to present ones
	places   []Place
	seen     map[string]bool
	full     bool
	services map[string][]record // of data·inclusion, by structure
	order    []string            // its structures in the order in which services name them
	structs  []record
}

// known maps every name that a column has, or had in schema v0.1.1.
func known(columns []column) map[string]string {
	m := map[string]string{
		"courriel":           "courriels",
		"conditions_acces":   "frais_a_charge",
		"publics_accueillis": "publics_specifiquement_adresses",
		"labels_nationaux":   "dispositif_programmes_nationaux",
		"labels_autres":      "autres_formations_labels",
		"accessibilite":      "fiche_acces_libre",
		"cle_ban":            "", // no use here
	}
	for _, c := range columns {
		m[c.name] = c.name
	}
	return m
}

func (in *reader) problem(line int, column, value string, code Code, done Done) {
	in.tell(Problem{File: in.file, Line: line, Column: column, Value: value, Code: code, Done: done})
}

// place makes a place of a record, and keeps it if it can be used.
func (in *reader) place(rec record, themes []string) {
	if len(in.places) == MaxPlaces {
		if !in.full {
			in.problem(rec.line, "", "", TooMany, PlaceLeft)
		}
		in.full = true
		return
	}
	p := Place{Themes: themes}
	for _, col := range in.clean.columns {
		c, ok := rec.cells[col.name]
		switch {
		case !ok:
		case col.text != nil:
			*col.text(&p) = c.String()
		case col.list != nil && c.values != nil:
			for _, v := range c.values {
				*col.list(&p) = append(*col.list(&p), split(col.name, v)...)
			}
		case col.list != nil:
			*col.list(&p) = split(col.name, c.text)
		}
	}
	if !in.clean.clean(&p, strings.TrimSpace(rec.cells["latitude"].String()), strings.TrimSpace(rec.cells["longitude"].String()), rec.line, rec.file) {
		return
	}
	if in.seen[p.ID] {
		in.tell(Problem{File: rec.file, Line: rec.line, Column: "id", Value: p.ID, Code: Duplicate, Done: PlaceLeft})
		return
	}
	in.seen[p.ID] = true
	in.places = append(in.places, p)
}

// split takes a list apart. Both separators stand in files of both schemas, and
// an address of the web may hold one of them.
func split(column, text string) []string {
	switch column {
	case "site_web":
		text = strings.NewReplacer(";http", "|http", ",http", "|http", " http", "|http").Replace(text)
		return strings.Split(text, "|")
	case "courriels":
		return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("|;, ", r) })
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == '|' || r == ';' })
}

// decode makes UTF-8 of a file.
func (in *reader) decode(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if utf8.Valid(data) {
		return data
	}
	in.problem(0, "", "", Encoding, Mended)
	// Spreadsheets of Windows write their own code, in which hardly any text is
	// UTF-8 by chance; a damaged file still has letters that are.
	if rest := data; slices.ContainsFunc(data, func(b byte) bool { return b >= 0x80 }) {
		good, bad := 0, 0
		for len(rest) > 0 {
			r, n := utf8.DecodeRune(rest)
			if r == utf8.RuneError && n == 1 {
				bad++
			} else if n > 1 {
				good++
			}
			rest = rest[n:]
		}
		if good > bad {
			return bytes.ToValidUTF8(data, []byte("\ufffd"))
		}
	}
	// Windows-1252, as the Encoding Standard has it: https://encoding.spec.whatwg.org/#index-windows-1252
	high := []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")
	out := make([]byte, 0, len(data)+len(data)/8)
	for _, b := range data {
		r := rune(b)
		if b >= 0x80 && b < 0xa0 {
			r = high[b-0x80]
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}
