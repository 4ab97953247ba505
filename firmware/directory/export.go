package directory

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Export writes the directory as the CSV of schema v1.0.2, as the national
// directory writes it: commas, every filled cell quoted and every empty one bare,
// LF, no BOM; inner quotes taken out of names and addresses, and turned into ＂ in
// texts. A place without a point has empty cells (the national file has 0); one
// without a SIRET has fourteen zeros, because the schema requires a value. A phone
// number that is not one of the schema is left out, and so is what only staff
// write: it is theirs.
func (d *Directory) Export(w io.Writer) error {
	out := bufio.NewWriter(w)
	cols := columns()
	labels := map[string]map[string]string{}
	drop, widen := strings.NewReplacer(`"`, "", "\n", "", "\r", ""), strings.NewReplacer(`"`, "＂", "\n", "", "\r", "")
	for i, c := range cols {
		if c.terms != nil {
			labels[c.name] = map[string]string{}
			for _, t := range c.terms {
				labels[c.name][t.Key] = t.Label
			}
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + c.name + `"`)
	}
	out.WriteByte('\n')
	for i := range d.places {
		p := &d.places[i]
		for n := range cols {
			c := &cols[n]
			if n > 0 {
				out.WriteByte(',')
			}
			v := c.export(p, labels[c.name])
			if v == "" {
				continue
			}
			quotes := widen
			if c.dropQuotes {
				quotes = drop
			}
			out.WriteByte('"')
			quotes.WriteString(out, v)
			out.WriteByte('"')
		}
		out.WriteByte('\n')
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("directory: export: %w", err)
	}
	return nil
}

// export returns the value of a cell.
func (c *column) export(p *Place, labels map[string]string) string {
	switch {
	case c.name == "latitude" && p.Point != nil:
		return strconv.FormatFloat(p.Point.Lat, 'f', -1, 64)
	case c.name == "longitude" && p.Point != nil:
		return strconv.FormatFloat(p.Point.Lon, 'f', -1, 64)
	case c.name == "pivot" && p.Pivot == "":
		return strings.Repeat("0", 14)
	case c.name == "telephone" && !standardPhone(p.Phone):
		return ""
	case c.text != nil:
		return *c.text(p)
	case c.list == nil:
		return ""
	}
	values := slices.Clone(*c.list(p))
	if labels != nil {
		for i, key := range values {
			values[i] = labels[key]
		}
	}
	return strings.Join(values, "|")
}
