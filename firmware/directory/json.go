package directory

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// json reads an array of places, or an object whose arrays hold them: {"structures":
// […], "services": […]}. What comes before a fault in the JSON is kept.
func (in *reader) json(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	line, counted := 1, 0
	lineAt := func(at int64) int {
		line += bytes.Count(data[counted:at], []byte("\n"))
		counted = int(at)
		return line
	}
	found := false
	array := func() error {
		for dec.More() && in.ctx.Err() == nil {
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				return err
			}
			start := dec.InputOffset() - int64(len(raw))
			if rec, ok := in.element(lineAt(start), raw); ok {
				found = true
				in.sort(rec)
			}
		}
		_, err := dec.Token()
		return err
	}

	first, err := dec.Token()
	if err == nil && first == json.Delim('[') {
		err = array()
	} else if err == nil {
		for err == nil && dec.More() {
			if _, err = dec.Token(); err != nil { // a key
				break
			}
			// Whatever is no array is passed over: a date, a number of pages.
			rest := bytes.TrimLeft(data[dec.InputOffset():], ": \t\r\n")
			if len(rest) > 0 && rest[0] == '[' {
				if _, err = dec.Token(); err == nil {
					err = array()
				}
			} else {
				err = dec.Decode(new(json.RawMessage))
			}
		}
	}
	if err != nil && in.ctx.Err() == nil {
		in.problem(lineAt(dec.InputOffset()), "", "", Broken, PlaceLeft)
	}
	if !found {
		return ErrFormat
	}
	return nil
}

// element reads one element of an array; not ok means that it is no record.
func (in *reader) element(line int, raw []byte) (record, bool) {
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if len(raw) > MaxRecord || dec.Decode(&fields) != nil || len(fields) == 0 {
		in.problem(line, "", string(raw[:min(len(raw), 400)]), NotARecord, PlaceLeft)
		return record{}, false
	}
	rec := record{in.file, line, make(map[string]cell, len(fields))}
	for name, v := range fields {
		if c, ok := value(v); ok {
			rec.cells[name] = c
		}
	}
	return rec, true
}

// value makes a cell of a JSON value. An object is none, and neither is null.
func value(v any) (cell, bool) {
	switch v := v.(type) {
	case string:
		return cell{text: v}, strings.TrimSpace(v) != ""
	case json.Number:
		return cell{text: v.String()}, true
	case bool:
		return cell{text: strconv.FormatBool(v)}, true
	case []any:
		c := cell{values: []string{}}
		for _, e := range v {
			if one, ok := value(e); ok && one.values == nil {
				c.values = append(c.values, one.text)
			}
		}
		return c, len(c.values) > 0
	}
	return cell{}, false
}

// sort tells what a record is: a place of the national directory, or a structure
// or a service of data·inclusion, which wait until all files are read.
func (in *reader) sort(rec record) {
	has := func(name string) bool { _, ok := rec.cells[name]; return ok }
	switch {
	case has("structure_id"):
		id := rec.cells["structure_id"].String()
		if in.services[id] == nil {
			in.order = append(in.order, id)
		}
		in.services[id] = append(in.services[id], rec)
	case !has("pivot") && !has("services") && slices.ContainsFunc([]string{"siret", "reseaux_porteurs", "horaires_accueil", "accessibilite_lieu", "lien_source", "description"}, has):
		in.structs = append(in.structs, rec)
	default:
		cells := make(map[string]cell, len(rec.cells))
		for name, c := range rec.cells {
			// A record may hold a column under its present and its former name.
			if now := in.known[strings.Join(strings.Fields(fold(name)), "_")]; now != "" && (cells[now].text == "" && cells[now].values == nil || now == name) {
				cells[now] = c
			}
		}
		rec.cells = cells
		in.place(rec, nil)
	}
}
