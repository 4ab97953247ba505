package directory

import (
	"bytes"
	"slices"
	"strings"
)

// csv reads lines with a header. It is ours because encoding/csv cannot go on
// behind a quote that nobody closes, and one such line must not cost the others.
func (in *reader) csv(data []byte) error {
	if bytes.IndexByte(data, 0) >= 0 {
		return ErrFormat // UTF-16, a spreadsheet, a picture
	}
	var (
		header []string
		comma  byte
	)
	line := 1
	for len(data) > 0 && in.ctx.Err() == nil {
		if header == nil {
			first, rest := cutLine(data)
			if comma = separator(first); len(bytes.TrimSpace(first)) > 0 {
				fields, _ := fieldsOf(first, comma)
				if header = in.header(line, fields); header == nil {
					return ErrFormat
				}
			}
			data = rest
			line++
			continue
		}

		at := line
		n, fields, ok := next(data, comma)
		// A quote that is not closed swallows the lines after it: the wrong number of
		// fields tells, or a line among them that is whole by itself. The line then
		// stands for itself.
		first, rest := cutLine(data)
		if alone := len(data) - len(rest); !ok || n > alone && (len(trim(fields, len(header))) != len(header) || whole(data[alone:n], comma, len(header))) {
			n = alone
			if fields, ok = fieldsOf(first, comma); !ok {
				in.problem(at, "", string(first), Quotes, PlaceLeft)
				fields = nil
			}
		}
		line += bytes.Count(data[:n], []byte("\n"))
		data = data[n:]
		if len(fields) == 0 || len(fields) == 1 && strings.TrimSpace(fields[0]) == "" {
			continue
		}
		in.row(at, header, fields)
	}
	return nil
}

// whole tells whether one of some lines is a record by itself.
func whole(lines []byte, comma byte, columns int) bool {
	for line := range bytes.Lines(lines) {
		if fields, ok := fieldsOf(bytes.TrimRight(line, "\r\n"), comma); ok && len(trim(fields, columns)) == columns {
			return true
		}
	}
	return false
}

// row is one line of a CSV.
func (in *reader) row(line int, header, fields []string) {
	rec := record{in.file, line, make(map[string]cell, len(header))}
	fields = trim(fields, len(header))
	for i, v := range fields {
		if i < len(header) && header[i] != "" && strings.TrimSpace(v) != "" {
			rec.cells[header[i]] = cell{text: v}
		}
	}
	if len(fields) != len(header) {
		// Some spreadsheets do not write the empty end of a line. If something is
		// missing in its middle, the columns do not fit.
		code := strings.TrimSpace(rec.cells["code_postal"].text)
		if len(fields) > len(header) || code != "" && !digits(code, 5) && !digits(code, 4) {
			in.problem(line, "", strings.Join(fields, ","), Fields, PlaceLeft)
			return
		}
		in.problem(line, "", strings.Join(fields, ","), Fields, Kept)
	}
	in.place(rec, nil)
}

// header returns the names of the columns, "" for one that is passed over; nil if
// this is no header of a directory.
func (in *reader) header(line int, fields []string) []string {
	names := make([]string, len(fields))
	var unknown []string
	for i, f := range fields {
		f = strings.Join(strings.Fields(fold(f)), "_")
		name, ok := in.known[f]
		switch {
		case !ok && f != "":
			unknown = append(unknown, fields[i])
		case name != "" && !slices.Contains(names, name):
			names[i] = name
		}
	}
	if !slices.Contains(names, "nom") || !slices.Contains(names, "commune") && !slices.Contains(names, "code_postal") && !slices.Contains(names, "latitude") {
		return nil
	}
	for _, f := range unknown {
		in.problem(line, strings.TrimSpace(f), "", UnknownColumn, ValueLeft)
	}
	for _, required := range [...]string{"id", "pivot", "nom", "commune", "code_postal", "adresse", "date_maj"} {
		if !slices.Contains(names, required) {
			in.problem(line, required, "", NoColumn, Kept)
		}
	}
	return names
}

// separator finds what stands between the columns of a header.
func separator(line []byte) byte {
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if bytes.Count(line, []byte{c}) > bytes.Count(line, []byte{best}) {
			best = c
		}
	}
	return best
}

// cutLine cuts data after its first line, which is returned without its end.
func cutLine(data []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(data, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// fieldsOf reads a line that stands for itself.
func fieldsOf(line []byte, comma byte) ([]string, bool) {
	_, fields, ok := next(line, comma)
	return fields, ok
}

// maxLines is how many lines a record may have. Without it, a file of nothing but
// open quotes would be read again for each of its lines.
const maxLines = 20

// next reads one record as RFC 4180 has it, with two liberties: a quote inside an
// unquoted field is a quote, and so is one inside a quoted field that no
// separator follows. n is its length with its line end. Not ok means that a quote
// is not closed before the end, within MaxRecord or within maxLines.
func next(data []byte, comma byte) (n int, fields []string, ok bool) {
	limit, lines := min(len(data), MaxRecord), 0
	for {
		var field []byte
		for n < limit && (data[n] == ' ' || data[n] == '\t' && comma != '\t') {
			n++
		}
		if n < limit && data[n] == '"' {
			n++
			closed := false
			for n < limit && !closed {
				if data[n] != '"' {
					if data[n] == '\n' {
						if lines++; lines == maxLines {
							return n, fields, false
						}
					}
					field = append(field, data[n])
					n++
					continue
				}
				end := n + 1
				if end < limit && data[end] == '"' {
					field = append(field, '"')
					n += 2
					continue
				}
				for end < limit && (data[end] == ' ' || data[end] == '\r') {
					end++
				}
				if end == len(data) || end < limit && (data[end] == comma || data[end] == '\n') {
					n, closed = end, true
				} else {
					field = append(field, '"')
					n++
				}
			}
			if !closed {
				return n, fields, false
			}
		} else {
			start := n
			for n < limit && data[n] != comma && data[n] != '\n' {
				n++
			}
			field = bytes.TrimRight(data[start:n], " \r")
		}
		fields = append(fields, string(field))
		switch {
		case n == len(data):
			return n, fields, true
		case n >= limit:
			return n, fields, false
		case data[n] == '\n':
			return n + 1, fields, true
		}
		n++ // the separator
	}
}

// trim takes empty fields off the end that the header has no column for.
func trim(fields []string, columns int) []string {
	for len(fields) > columns && strings.TrimSpace(fields[len(fields)-1]) == "" {
		fields = fields[:len(fields)-1]
	}
	return fields
}
