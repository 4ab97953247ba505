package escpos

import (
	"slices"
	"strings"
	"testing"
)

func TestProfiles(t *testing.T) {
	names := Profiles()
	for i, name := range names {
		p, ok := ProfileNamed(name)
		if !ok || p.Name != name || slices.Contains(names[:i], name) {
			t.Errorf("ProfileNamed(%q) = %q, %v; want that one, once", name, p.Name, ok)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v; want a valid profile", name, err)
		}
		// The same without a band height gets the one of the table.
		rows := p.BandRows
		if p.BandRows = 0; p.bandRows() != rows {
			t.Errorf("%s: bandRows() = %d without one; want %d", name, p.bandRows(), rows)
		}
		if bytes := rows * p.Dots / 8; bytes > bandBytes {
			t.Errorf("%s: a band is %d bytes; want at most %d", name, bytes, bandBytes)
		}
		for _, page := range []string{"cp437", "cp850", "cp858"} {
			if !slices.ContainsFunc(p.CodePages, func(c CodePage) bool { return c.Name == page }) {
				t.Errorf("%s: no %s", name, page)
			}
		}
	}
	if _, ok := ProfileNamed("nobody's"); ok {
		t.Error("a profile of any name")
	}
}

// A site may override any field; what is wrong is said with the field and what to give.
func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name string
		site func(*Profile)
		want string // "" is valid; else parts of the sentence, all of them
	}{
		{"as it is", func(*Profile) {}, ""},
		{"narrower", func(p *Profile) { p.Dots, p.Columns = 512, 42 }, ""},
		{"a blade far off", func(p *Profile) { p.Blade = 30 }, ""},
		{"no dots", func(p *Profile) { p.Dots = 0 }, "generic-80|dots is 0|96 to 1152"},
		{"dots between bytes", func(p *Profile) { p.Dots = 570 }, "dots|multiple of 8|568"},
		{"columns in dots", func(p *Profile) { p.Columns = 12 * 48 }, "columns is 576|8 to 64"},
		{"too many columns", func(p *Profile) { p.Dots, p.Columns = 384, 64 }, "columns is 64|384 dots|give 32"},
		{"a blade in dots", func(p *Profile) { p.Blade = 120 }, "blade is 120|0 to 60"},
		{"bands too high", func(p *Profile) { p.BandRows = 120 }, "band_rows|at most 113|8192"},
		{"bands of 48", func(p *Profile) { p.BandRows = 96 }, "band_rows|48|88"},
		{"bands of a byte's limit", func(p *Profile) { p.BandRows = 300 }, "band_rows is 300|0 to 255"},
		{"speed in dots", func(p *Profile) { p.Speed = 2000 }, "speed|0 to 500"},
		{"speed in dots a millisecond", func(p *Profile) { p.Speed = 2 }, "speed is 2|20 to 500"},
		{"a speed of the line below none", func(p *Profile) { p.Baud = -1 }, "baud is -1"},
		{"no page", func(p *Profile) { p.CodePages = nil }, "code_pages|cp437"},
		{"a page unknown", func(p *Profile) { p.CodePages = []CodePage{{"latin1", 3}} }, `"latin1"|cp1252`},
		{"a slot twice", func(p *Profile) { p.CodePages = []CodePage{{"cp437", 3}, {"cp850", 3}} }, "cp437|cp850|slot 3"},
		{"a full cut without a cutter", func(p *Profile) { p.Cutter, p.FullCut = false, true }, "full_cut|cutter"},
		{"a presenter without a cutter", func(p *Profile) { p.Cutter, p.Presenter = false, true }, "presenter|cutter"},
		{"steps for nobody", func(p *Profile) { p.PresentSteps = 3 }, "present_steps|presenter"},
		{"answers", func(p *Profile) { p.Answers = "yes" }, `"yes"|marker`},
		{"no name", func(p *Profile) { p.Name, p.Dots = "", 0 }, "printer: dots"},
	} {
		p := Generic80()
		c.site(&p)
		err := p.Validate()
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: Validate() = %v; want nil", c.name, err)
			}
			continue
		}
		for part := range strings.SplitSeq(c.want, "|") {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: Validate() = %v; want it to say %q", c.name, err, part)
			}
		}
	}
}
