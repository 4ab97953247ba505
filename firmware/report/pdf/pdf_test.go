package pdf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"jeudi/drivers/typeset"
)

// poppler runs one of the programs of poppler-utils on a document, and fails on
// whatever it complains of.
func poppler(t *testing.T, file []byte, program string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if testing.Short() {
			t.Skip("poppler-utils is not installed: the whole of the tests installs it")
		}
		t.Fatalf("%v: install poppler-utils", err)
	}
	path := filepath.Join(t.TempDir(), "given.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, args...)
	for i, a := range cmd.Args {
		if a == "FILE" {
			cmd.Args[i] = path
		}
	}
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v: %s", program, err, complaints.String())
	}
	return out.String()
}

// example is a document with all that the layer draws.
func example() *Doc {
	d := New(Meta{Title: "Affiche & <essai> é", Author: "Lieu", Subject: "Essai", Lang: "fr"})
	p := d.AddPage(A5)
	d.Bookmark(1, "Premier", p, 40)
	d.In(Element{Tag: "H1"}, func() { p.Text(d.Set("Œuvre déjà vue", Style{Size: 24, Bold: true}, 300), 40, 40, 300) })
	d.In(Element{Tag: "Figure", Alt: "Une barre", Box: Rect{40, 100, 100, 20}}, func() {
		p.Fill(Black, Rect{40, 100, 100, 10})
		p.Hatch(Black, 0.5, 3, Rect{40, 110, 100, 10})
		p.Frame(Ink{1, 0, 0}, 1, Rect{40, 110, 100, 10})
		p.Line(Grey(0.5), 1, 40, 120, 140, 120)
	})
	d.Bookmark(3, "Deuxième", p, 140) // deeper than there is
	d.In(Element{Tag: "P"}, func() { p.Text(d.Set("Ligne deux", Style{Size: 10, Align: Center}, 300), 40, 140, 300) })
	p.Text(d.Set("à ne pas dire", Style{Size: 10, Align: End}, 300), 40, 160, 300)
	d.AddPage(A5)
	d.Bookmark(1, "Dernier", d.Pages()[1], 0)
	return d
}

// Every object is where the table of the file says, and every one that is meant exists.
func TestTheFileHoldsTogether(t *testing.T) {
	file := example().Bytes()
	start, err := strconv.Atoi(string(regexp.MustCompile(`startxref\n(\d+)\n%%EOF`).FindSubmatch(file)[1]))
	if err != nil || !bytes.HasPrefix(file[start:], []byte("xref\n")) {
		t.Fatalf("startxref %d, %v, does not point at the table", start, err)
	}
	offsets := regexp.MustCompile(`(?m)^(\d{10}) 00000 n $`).FindAllSubmatch(file[start:], -1)
	for i, o := range offsets {
		at, _ := strconv.Atoi(string(o[1]))
		if want := fmt.Sprintf("%d 0 obj\n", i+1); !bytes.HasPrefix(file[at:], []byte(want)) {
			t.Errorf("object %d begins with %q; want %q", i+1, file[at:at+12], want)
		}
	}
	streams := regexp.MustCompile(`(?s)stream\n.*?\nendstream`)
	for _, r := range regexp.MustCompile(`(\d+) 0 R`).FindAllSubmatch(streams.ReplaceAll(file, nil), -1) {
		if n, _ := strconv.Atoi(string(r[1])); n < 1 || n > len(offsets) {
			t.Errorf("object %d is meant and is not there", n)
		}
	}
	if !bytes.Equal(file, example().Bytes()) {
		t.Error("the same document is other bytes")
	}
}

func TestPropertiesAndFonts(t *testing.T) {
	file := example().Bytes()
	info := poppler(t, file, "pdfinfo", "FILE")
	for _, want := range []string{"Affiche & <essai> é", "Tagged:          yes", "Pages:           2", "419.53 x 595.28 pts", "Lieu"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo lacks %q:\n%s", want, info)
		}
	}
	for line := range strings.Lines(poppler(t, file, "pdffonts", "FILE")) {
		if strings.Contains(line, "+NotoSans") && !regexp.MustCompile(`Identity-H +yes yes yes`).MatchString(line) {
			t.Errorf("a font that is not embedded, cut down or known by its letters: %s", line)
		}
	}
	if got := poppler(t, file, "pdfinfo", "-meta", "FILE"); !strings.Contains(got, "Affiche &amp; &lt;essai&gt; é") || !strings.Contains(got, "<rdf:li>fr</rdf:li>") {
		t.Errorf("metadata lack the title or the language:\n%s", got)
	}
}

// Structure is read in the order in which elements were begun; decoration is not read.
func TestStructure(t *testing.T) {
	got := poppler(t, example().Bytes(), "pdfinfo", "-struct-text", "FILE")
	want := []string{"Document", "H1", `"Œuvre déjà vue"`, "Figure", "P", `"Ligne deux"`}
	at := 0
	for _, w := range want {
		i := strings.Index(got[at:], w)
		if i < 0 {
			t.Fatalf("the structure lacks %s after %q:\n%s", w, got[:at], got)
		}
		at += i + len(w)
	}
	if strings.Contains(got, "à ne pas dire") {
		t.Errorf("decoration is in the structure:\n%s", got)
	}
	if text := poppler(t, example().Bytes(), "pdftotext", "FILE", "-"); !strings.Contains(text, "à ne pas dire") {
		t.Errorf("decoration is not on the page:\n%s", text)
	}
}

// What is drawn in any script is found and copied as it was written. All are on one
// page, a line each: starting a program for each would take longer than reading.
func TestTextOfEveryScript(t *testing.T) {
	texts := []struct{ lang, text string }{
		{"fr", "Cœur, œuvre : 1 250 € – l’été"},
		{"ar", "المواعيد القادمة"},
		{"ar", "من 14:00 إلى 17:00"},
		{"fa", "نمبر پہلے"},
		{"he", "שלום"},
		{"ta", "காத்திருக்கவும்"},
		{"hi", "कृपया प्रतीक्षा"},
		{"bn", "অনুগ্রহ করে"},
		{"ru", "Перед вами"},
		{"zh", "您的号码是"},
		{"ti", "እንቋዕ"},
		{"hy", "Բարեւ"},
		{"ka", "გამარჯობა"},
		{"zgh", "ⴰⵣⵓⵍ"},
	}
	for _, bold := range []bool{false, true} {
		d := New(Meta{Title: "x", Lang: "fr"})
		p := d.AddPage(A4)
		for i, c := range texts {
			d.In(Element{Tag: "P", Lang: c.lang}, func() {
				p.Text(d.Set(c.text, Style{Size: 14, Bold: bold, Lang: c.lang}, 400), 60, 60+40*float64(i), 400)
			})
		}
		// pdftotext goes by places and guesses the order of what runs to the left; what reads
		// the structure leaves out what is spelt beside its glyphs. Each is asked for its own.
		read := blank(poppler(t, d.Bytes(), "pdfinfo", "-struct-text", "FILE"))
		found := blank(poppler(t, d.Bytes(), "pdftotext", "FILE", "-"))
		for _, c := range texts {
			if rtl := typeset.RightToLeft([]rune(c.text)); rtl && !strings.Contains(read, blank(c.text)) || !rtl && !strings.Contains(found, blank(c.text)) {
				t.Errorf("%s, bold %v: no %q in %q nor %q", c.lang, bold, c.text, read, found)
			}
		}
	}
}

// blank is a text without blanks and without the marks of direction that poppler adds.
func blank(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r >= '\u202a' && r <= '\u202e', r == '\u200e', r == '\u200f':
			return -1
		}
		return r
	}, s)
}

// A glyph that stands for two letters stands for them in the order in which they are
// read, as the format asks, whatever their direction.
func TestLettersThatMelt(t *testing.T) {
	d := New(Meta{Title: "x", Lang: "ar"})
	p := d.AddPage(A4)
	p.Text(d.Set("لا", Style{Size: 14}, 400), 60, 60, 400)
	f := d.font(1)
	var melted []string
	for _, text := range f.glyphs {
		melted = append(melted, text)
	}
	if len(melted) != 1 || melted[0] != "لا" {
		t.Errorf("glyphs stand for %q; want one for both", melted)
	}
	if got := string(f.unicode()); !strings.Contains(got, "<06440627>") {
		t.Errorf("the file does not say so:\n%s", got)
	}
}

// A paragraph on several lines is one text: words of two lines are not joined.
func TestWordsOfTwoLines(t *testing.T) {
	d := New(Meta{Title: "x", Lang: "fr"})
	p := d.AddPage(A4)
	b := d.Set("un deux trois quatre", Style{Size: 20}, 100)
	if b.Lines() < 3 || b.Width() > 100 || b.Height() != float64(b.Lines())*b.Pitch() {
		t.Errorf("%d lines, %v wide, %v high; want at least 3, within 100", b.Lines(), b.Width(), b.Height())
	}
	d.In(Element{Tag: "P"}, func() {
		y := p.Text(b.Slice(0, 1), 60, 60, 100)
		if p.Text(b.Slice(1, b.Lines()), 60, y, 100) != 60+b.Height() {
			t.Error("the end of a text is not its height below its beginning")
		}
	})
	if got := poppler(t, d.Bytes(), "pdfinfo", "-struct-text", "FILE"); strings.Contains(got, "deuxtrois") || !strings.Contains(strings.ReplaceAll(got, "\"\n      \"", ""), "deux ") {
		t.Errorf("words are joined:\n%s", got)
	}
}

// Text stands where it is asked for: within its width, at its side.
func TestAlign(t *testing.T) {
	for _, c := range []struct {
		name, text string
		align      Align
		rtl        bool
		left       bool // or right
	}{
		{"French begins on the left", "Bonjour", Start, false, true},
		{"and ends on the right", "Bonjour", End, false, false},
		{"Arabic begins on the right", "شخصان", Start, false, false},
		{"and ends on the left", "شخصان", End, false, true},
		{"a French name in an Arabic document", "Les Tilleuls", Start, true, false},
	} {
		d := New(Meta{Title: "x", Lang: "fr"})
		p := d.AddPage(A4)
		p.Text(d.Set(c.text, Style{Size: 20, Align: c.align, RTL: c.rtl}, 400), 100, 60, 400)
		words := boxes(t, poppler(t, d.Bytes(), "pdftotext", "-bbox", "FILE", "-"))
		if len(words) == 0 {
			t.Errorf("%s: no word", c.name)
			continue
		}
		left, right := words[0].X, 0.0
		for _, w := range words {
			left, right = min(left, w.X), max(right, w.X+w.W)
		}
		if c.left && (left < 99 || left > 103) || !c.left && (right > 501 || right < 497) {
			t.Errorf("%s: from %v to %v; want it at its side of 100 to 500", c.name, left, right)
		}
	}
}

var word = regexp.MustCompile(`<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">`)

// boxes are the words of pdftotext -bbox.
func boxes(t *testing.T, out string) []Rect {
	t.Helper()
	var all []Rect
	for _, m := range word.FindAllStringSubmatch(out, -1) {
		var v [4]float64
		for i := range v {
			var err error
			if v[i], err = strconv.ParseFloat(m[i+1], 64); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, Rect{v[0], v[1], v[2] - v[0], v[3] - v[1]})
	}
	return all
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		given float64
		want  string
	}{{0, "0"}, {1, "1"}, {-0.0001, "0"}, {0.5, "0.5"}, {1234567, "1234567"}, {1.23456, "1.235"}, {-2.5, "-2.5"}, {100, "100"}} {
		if got := decimal(c.given); got != c.want {
			t.Errorf("decimal(%v) = %q; want %q", c.given, got, c.want)
		}
	}
}
