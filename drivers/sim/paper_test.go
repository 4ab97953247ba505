package sim

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

// read gives bytes to a printer and returns what it printed, how often it cut, and
// how many commands it did not know.
func read(p escpos.Profile, in []byte) (lines []Line, cuts, strange int) {
	k := newPaper(p)
	for _, b := range in {
		o := k.push(b)
		for _, r := range o.rows {
			if !r.blank {
				lines = append(lines, r.line)
			}
		}
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
		{name: "another page", given: "\x1b@\x1c.\x1bt\x02\x82\n", want: []Line{with(plain, "é")}},
		{name: "a page that nobody has", given: "\x1b@\x1c.\x1bt\x63\xe9\n", want: []Line{with(plain, "\ufffd")}},
		{name: "size, weight, place", given: start + "\x1d!\x21\x1bE\x01\x1ba\x0142\n", want: []Line{{Text: "42", W: 3, H: 2, Bold: true, Align: 1}}},
		{name: "places as digits", given: start + "\x1ba2x\n", want: []Line{{Text: "x", W: 1, H: 1, Align: 2}}},
		{name: "blank paper", given: start + "\n\x1bd\x02", want: []Line{plain, plain, plain}},
		{name: "a line too wide goes on below", given: start + strings.Repeat("x", 50) + "\n", want: []Line{with(plain, strings.Repeat("x", 48)), with(plain, "xx")}},
		{name: "a wide one sooner", given: start + "\x1d!\x771234567\n", want: []Line{{Text: "123456", W: 8, H: 8}, {Text: "7", W: 8, H: 8}}},
		{name: "a QR code", given: start + "\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1\x1d(k\x05\x001P0hi\x1d(k\x03\x001Q0", want: []Line{{W: 1, H: 1, QR: "hi", Module: 6, Modules: 21}}},
		{name: "a QR code without data", given: start + "\x1d(k\x03\x001Q0", strange: 1},
		{name: "the cuts", given: start + "\x1dVB\x00\x1dV\x00\x1bi", cuts: 3},
		{name: "a picture", given: start + "\x1dv0\x00\x02\x00\x03\x00abcdefX\n", want: []Line{{W: 1, H: 1, Wide: 16, High: 3, Ink: 21}, with(plain, "X")}},
		{name: "one of twice the size", given: start + "\x1ba1\x1dv0\x03\x01\x00\x01\x00\x81", want: []Line{{W: 1, H: 1, Align: 1, Wide: 16, High: 2, Ink: 2}}},
		{name: "one in columns, in a line", given: start + "\x1b*\x21\x02\x00abcdefX\n", want: []Line{{Text: "X", W: 1, H: 1, Wide: 2, High: 24, Ink: 21}}},
		{name: "one that is kept, then printed", given: start + "\x1d(L\x0c\x000p0\x01\x011\x08\x00\x02\x00\xff\x01\x1d(L\x02\x0002", want: []Line{{W: 1, H: 1, Wide: 8, High: 2, Ink: 9}}},
		{name: "one that is long and kept", given: start + "\x1d8L\x0c\x00\x00\x000p0\x01\x011\x08\x00\x02\x00\xff\x01\x1d8L\x02\x00\x00\x0002", want: []Line{{W: 1, H: 1, Wide: 8, High: 2, Ink: 9}}},
		{name: "one whose size is a lie", given: start + "\x1d8L\x0c\x00\x00\x000p0\x01\x011\x18\x00\x02\x00\xff\x01x\n", want: []Line{with(plain, "x")}, strange: 1},
		{name: "a picture beyond the edge", given: start + "\x1dv0\x00\x50\x00\x01\x00" + strings.Repeat("\xff", 80), want: []Line{{W: 1, H: 1, Wide: 576, High: 1, Ink: 576}}},
		{name: "a place on the line", given: start + "a\x1b$\x78\x00b\n", want: []Line{with(plain, "a         b")}},
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
	p := escpos.Generic80()
	p.NativeQR = true
	doc := drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: "Où est l’œuvre\u202f? À 12\u00a0€.", Align: drivers.Center, Bold: true},
		drivers.Columns{Cells: []string{"Reçus", "12"}},
		drivers.QR{Data: "https://example.org/é"},
		drivers.Text{Text: "à droite", RTL: true, Size: 2},
	}}
	lines, cuts, strange := read(p, escpos.Encode(doc, p))
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
// to whatever was under way it prints again. What it does never depends on the
// chunks in which the bytes come.
func FuzzPaper(f *testing.F) {
	f.Add([]byte(start+"Bonjour\n\x1dVB\x00"), uint8(3))
	f.Add([]byte("\x1dv0\x00\x02\x00\x03\x00abcdef"), uint8(1))
	f.Add([]byte("\x1d(k\xff\xff1P0"), uint8(2))
	f.Add([]byte("\x1dv0\x00\xff\xff\xff\xff\x10\x04\x01"), uint8(4))
	f.Add([]byte("\x1d8L\xff\xff\xff\x7f0p0\x01\x011\xff\xff\xff\xffdots"), uint8(5))
	f.Add([]byte("\x1b*\x21\xff\xff"+discard+"\x10\x04\x04\x1dr\x01"), uint8(7))
	f.Add([]byte("\x10\x10\x04\x01\x10\x05\x02\x1d(H\x06\x0000abcd\x1da\xff"), uint8(2))
	f.Add([]byte("\x1dV\x42\x00\x1b$\xff\x01\x1bM\x01\x1d!\x77x\x1bJ\xff\n"), uint8(1))
	f.Fuzz(func(t *testing.T, in []byte, chunk uint8) {
		p := escpos.Generic80()
		k := newPaper(p)
		for _, b := range in {
			k.push(b)
			held := len(k.cmd)
			for _, r := range k.line {
				held += len(r.text) + len(r.bits.Bits)
			}
			if k.pic != nil {
				held += len(k.pic.bits)
			}
			if held > len(in)+8 || k.x > 2*p.Dots {
				t.Fatalf("after %d bytes it holds %d, on a line of %d dots", len(in), held, k.x)
			}
		}
		k.discard()
		var last []row
		for _, b := range []byte(start + "fin\n") {
			last = k.push(b).rows
		}
		if len(last) != 1 || last[0].line.Text != "fin" {
			t.Fatalf("after % x it prints %+v", in, last)
		}

		whole, pieces := told(t, in, len(in)), told(t, in, int(chunk%16)+1)
		if !reflect.DeepEqual(whole, pieces) {
			t.Fatalf("% x at once and in chunks of %d:\n%+v\n%+v", in, chunk%16+1, whole, pieces)
		}
	})
}

// account is all that bytes brought about.
type account struct {
	sheets  []Sheet
	hanging Sheet
	answers string
	strange int
}

// told writes bytes in chunks to a printer and tells what it did.
func told(t *testing.T, in []byte, chunk int) (a account) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWire(escpos.Generic80(), 0, Quirks{})
		defer w.Close()
		for b := range slices.Chunk(in, max(chunk, 1)) {
			if _, err := w.Write(b); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		a = account{w.Sheets(), w.Hanging(), string(w.answers), w.strange}
	})
	return a
}

// The dots of everything that can be printed, to look at in review.
func TestDots(t *testing.T) {
	for _, p := range []escpos.Profile{escpos.Generic80(), escpos.Generic58()} {
		k := newPaper(p)
		s := Sheet{width: p.Dots}
		for _, b := range []byte(start +
			"\x1ba1\x1d!\x77\x1bE\x0142\n\x1bE\x00\x1d!\x00\x1ba0d\xe9j\xe0 c\x9cur 12 \x80\n" +
			"\x1bE\x01gras\x1bE\x00 \x1b-\x01soulign\xe9\x1b-\x00 \x1dB\x01 invers\xe9 \x1dB\x00 \x1bM\x01petit\x1bM\x00\n" +
			"\x1d!\x11grand\x1d!\x00 et petit\n\x1ba2\xe0 droite\n\x1ba1" +
			"\x1d(k\x03\x001C\x06\x1d(k\x16\x001P0https://example.org" + "\x1d(k\x03\x001Q0" +
			"\x1dv0\x03\x01\x00\x08\x00\x01\x02\x04\x08\x10\x20\x40\x80" +
			"\x1b*\x21\x08\x00" + strings.Repeat("\xff\x00\xf0", 8) + "\n") {
			for _, r := range k.push(b).rows {
				s.rows, s.dots = append(s.rows, r), s.dots+r.feed
			}
		}
		var got bytes.Buffer
		if err := png.Encode(&got, s.Image()); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", p.Name+".png")
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		file, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		want, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if img := s.Image(); !same(img, want) {
			t.Errorf("%s: the dots differ from %s; look at them, then go test -update", p.Name, golden)
		}
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

func same(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if color.GrayModel.Convert(a.At(x, y)) != color.GrayModel.Convert(b.At(x, y)) {
				return false
			}
		}
	}
	return true
}
