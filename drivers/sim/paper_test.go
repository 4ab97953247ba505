package sim

import (
	"slices"
	"strings"
	"testing"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

// read gives bytes to a printer and returns what it printed, how often it cut, and
// how many commands it did not know.
func read(p escpos.Profile, in []byte) (lines []Line, cuts, strange int) {
	k := newPaper(p)
	for _, b := range in {
		o := k.push(b)
		lines = append(lines, o.lines...)
		if o.cut {
			cuts++
		}
		if o.strange {
			strange++
		}
	}
	return lines, cuts, strange
}

const start = "\x1b@\x1c.\x1bt\x10"

func TestPaper(t *testing.T) {
	plain := Line{W: 1, H: 1}
	with := func(l Line, text string) Line { l.Text = text; return l }
	for _, c := range []struct {
		name    string
		given   string
		want    []Line
		cuts    int
		strange int
	}{
		{name: "a line", given: start + "Bonjour\n", want: []Line{with(plain, "Bonjour")}},
		{name: "accents", given: start + "d\xe9j\xe0 c\x9cur 12 \x80\n", want: []Line{with(plain, "déjà cœur 12 €")}},
		{name: "without FS . accents are eaten", given: "\x1b@\x1bt\x10\xe9t\xe9\n", want: []Line{with(plain, "漢t漢")}},
		{name: "another page", given: "\x1b@\x1c.\x1bt\x02\xe9\n", want: []Line{with(plain, "\ufffd")}},
		{name: "size, weight, place", given: start + "\x1d!\x21\x1bE\x01\x1ba\x0142\n", want: []Line{{Text: "42", W: 3, H: 2, Bold: true, Align: 1}}},
		{name: "places as digits", given: start + "\x1ba2x\n", want: []Line{{Text: "x", W: 1, H: 1, Align: 2}}},
		{name: "blank paper", given: start + "\n\x1bd\x02", want: []Line{plain, plain, plain}},
		{name: "a line too wide goes on below", given: start + strings.Repeat("x", 50) + "\n", want: []Line{with(plain, strings.Repeat("x", 48)), with(plain, "xx")}},
		{name: "a wide one sooner", given: start + "\x1d!\x771234567\n", want: []Line{{Text: "123456", W: 8, H: 8}, {Text: "7", W: 8, H: 8}}},
		{name: "a QR code", given: start + "\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1\x1d(k\x05\x001P0hi\x1d(k\x03\x001Q0", want: []Line{{W: 1, H: 1, QR: "hi", Module: 6, Modules: 21}}},
		{name: "a QR code without data", given: start + "\x1d(k\x03\x001Q0", strange: 1},
		{name: "the cuts", given: start + "\x1dVB\x00\x1dV\x00\x1bi", cuts: 3},
		{name: "an image is read over", given: start + "\x1dv0\x00\x02\x00\x03\x00abcdefX\n", want: []Line{with(plain, "X")}},
		{name: "an image in columns too", given: start + "\x1b*\x21\x02\x00abcdefX\n", want: []Line{with(plain, "X")}},
		{name: "bar codes of both kinds", given: start + "\x1dkI\x03abc\x1dk\x04abc\x00X\n", want: []Line{with(plain, "X")}},
		{name: "real-time commands are read over", given: start + "a\x10\x04\x01\x10\x14\x01\x00\x05b\n", want: []Line{with(plain, "ab")}},
		{name: "NUL and CR print nothing", given: start + "\x00\x00a\x00\rb\n", want: []Line{with(plain, "ab")}},
		{name: "what nobody knows", given: start + "\x1bZa\n", want: []Line{with(plain, "a")}, strange: 1},
		{name: "ESC @ forgets the line", given: start + "\x1bE\x01half\x1b@\x1c.x\n", want: []Line{with(plain, "x")}},
	} {
		lines, cuts, strange := read(escpos.Generic80(), []byte(c.given))
		if !slices.Equal(lines, c.want) || cuts != c.cuts || strange != c.strange {
			t.Errorf("%s:\n got %+v, %d cuts, %d strange;\nwant %+v, %d, %d", c.name, lines, cuts, strange, c.want, c.cuts, c.strange)
		}
	}
}

// What escpos writes is what the emulator reads: the encoder and the printer
// agree about every block.
func TestEncodedDocumentsReadBack(t *testing.T) {
	doc := drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: "Où est l’œuvre\u202f? À 12\u00a0€.", Align: drivers.Center, Bold: true},
		drivers.Columns{Cells: []string{"Reçus", "12"}},
		drivers.QR{Data: "https://example.org/é"},
		drivers.Text{Text: "à droite", RTL: true, Size: 2},
	}}
	lines, cuts, strange := read(escpos.Generic80(), escpos.Encode(doc, escpos.Generic80()))
	want := []Line{
		{Text: "42", W: 8, H: 8, Bold: true, Align: 1},
		{Text: "Où est l’œuvre ? À 12 €.", W: 1, H: 1, Bold: true, Align: 1},
		{Text: "Reçus" + strings.Repeat(" ", 41) + "12", W: 1, H: 1},
		{W: 1, H: 1, Align: 1},
		{W: 1, H: 1, Align: 1, QR: "https://example.org/é", Module: 6, Modules: 25},
		{W: 1, H: 1, Align: 1},
		{Text: "à droite", W: 2, H: 2, Align: 2},
	}
	if !slices.Equal(lines, want) || cuts != 1 || strange != 0 {
		t.Errorf("read %+v, %d cuts, %d strange;\nwant %+v, 1, 0", lines, cuts, strange, want)
	}
}

// Whatever a document holds, every command is known, no line is wider than the
// paper and one sheet comes out.
func FuzzEncodedDocuments(f *testing.F) {
	f.Add("42", "Bonjour à tous", "https://example.org", 2)
	f.Add("\x1b@", "\x10\x04\x01\n\n", "\x1dV", 8)
	f.Fuzz(func(t *testing.T, number, text, data string, size int) {
		p := escpos.Generic80()
		lines, cuts, strange := read(p, escpos.Encode(drivers.Document{Blocks: []drivers.Block{
			drivers.Number{Text: number}, drivers.Text{Text: text, Size: size},
			drivers.Columns{Cells: []string{text, number}}, drivers.QR{Data: data},
		}}, p))
		if cuts != 1 || strange != 0 {
			t.Fatalf("%d cuts and %d unknown commands; want 1 and 0", cuts, strange)
		}
		for _, l := range lines {
			if n := len([]rune(l.Text)) * l.W; n > p.Columns {
				t.Fatalf("line %q takes %d columns of %d", l.Text, n, p.Columns)
			}
		}
	})
}

// No bytes upset a printer for good: it never grows without end, and after an end
// to whatever was under way it prints again.
func FuzzPaper(f *testing.F) {
	f.Add([]byte(start + "Bonjour\n\x1dVB\x00"))
	f.Add([]byte("\x1dv0\x00\x02\x00\x03\x00abcdef"))
	f.Add([]byte("\x1d(k\xff\xff1P0"))
	f.Fuzz(func(t *testing.T, in []byte) {
		k := newPaper(escpos.Generic80())
		for _, b := range in {
			k.push(b)
			if len(k.line) > k.profile.Columns || len(k.cmd) > 1<<16+8 {
				t.Fatalf("%d characters and %d bytes under way", len(k.line), len(k.cmd))
			}
		}
		k.cmd, k.skip, k.line = nil, 0, nil // DLE DC4 8
		var last []Line
		for _, b := range []byte(start + "fin\n") {
			last = k.push(b).lines
		}
		if len(last) != 1 || last[0].Text != "fin" {
			t.Fatalf("after % x it prints %+v", in, last)
		}
	})
}
