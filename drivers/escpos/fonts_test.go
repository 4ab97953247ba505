package escpos

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-text/typesetting/font"
)

// What hb-shape 6.0.0 answers for the embedded fonts. The numbers are those of
// these files: subset.sh may give others.
func TestGlyphsAreThoseOfHarfBuzz(t *testing.T) {
	var set typesetter
	for _, c := range []struct {
		given, lang string
		rtl         bool
		want        string
	}{
		{"شخصان", "ar", true, "465 28 576 384 642"},
		{"المواعيد القادمة", "ar", true, "683 440 106 28 525 391 27 1 107 766 8 27 748 441 391 27"},
		{"لا إله", "ar", true, "289 391 31 1 418"},
		{"طُبعت", "ar", true, "679 9 63 123 658"},
		{"نمبر پہلے", "fa", true, "815 392 306 512 1 536 63 441 467"},
		{"காத்திருக்கவும்", "ta", false, "16 39 82 23 164 138 75 16 154 86"},
		{"தயவுசெய்து", "ta", false, "23 28 154 44 18 87 120"},
		{"कृपया प्रतीक्षा", "hi", false, "23 69 44 49 64 1 271 38 66 176 64"},
		{"অনুগ্রহ করে", "bn", false, "6 37 55 203 49 1 18 59 44"},
		{"שלום", "he", true, "11 87 35 67"},
		{"ⵓⵟⵟⵓⵏ", "zgh", false, "102 114 114 102 98"},
		{"Перед вами", "ru", false, "438 460 471 460 459 1 457 455 467 463"},
		{"fi Vá", "fr", false, "1145 1 55 161"},
	} {
		var got []font.GID
		for _, l := range set.set([]rune(c.given), setting{size: 1, rtl: c.rtl, lang: c.lang}, 1000) {
			for _, g := range l.glyphs {
				got = append(got, g.key.id)
			}
		}
		if s := strings.Trim(fmt.Sprint(got), "[]"); s != c.want {
			t.Errorf("glyphs of %q are %s; want %s", c.given, s, c.want)
		}
	}
}

func TestEveryFontIsReadAndCoversItsBlocks(t *testing.T) {
	var set typesetter
	for i, f := range typefaces {
		n := 0
		for _, b := range f.blocks {
			for r := b[0]; r <= b[1]; r++ {
				if _, ok := set.face(i).NominalGlyph(r); ok {
					n++
				}
			}
		}
		if n < 50 {
			t.Errorf("%s has %d characters of its blocks; want more", f.file, n)
		}
	}
	for _, r := range "aéœŵŁẤжЄїґΩ€–ع،٤پۀקოԱத।আአⵓ中。！" {
		if !set.has(r) {
			t.Errorf("has(%q) = false; want true", r)
		}
	}
	for _, r := range "👍한ไ☐" {
		if set.has(r) {
			t.Errorf("has(%q) = true; want false", r)
		}
	}
}

// No line is wider than it may be, no character is lost between two lines, and
// blanks at the ends of lines are gone.
func TestLines(t *testing.T) {
	var set typesetter
	for _, c := range []struct {
		name  string
		given string
		width int
		want  string
	}{
		{"words", "un deux trois", 110, "un deux|trois"},
		{"blanks at the ends", "  un deux  trois ", 110, "un deux|trois"},
		{"glued", "à 12\u00a0€ net", 95, "à 12\u00a0€|net"},
		{"a long word", "anticonstitutionnel", 100, "anticons|titution|nel"},
		{"Chinese has no blanks", "您的号码是。请稍候", 130, "您的号码|是。请稍候"},
		{"one line", "un", 400, "un"},
		{"nothing but blanks", "   ", 400, ""},
		{"narrower than a letter", "mm", 3, "m|m"},
	} {
		text := []rune(c.given)
		var got []string
		set.lines(text, set.shape(text, setting{size: 1}), c.width, func(start, end int) { got = append(got, string(text[start:end])) })
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %q on %d dots is %q; want %q", c.name, c.given, c.width, s, c.want)
		}
	}
}

// Joined letters have no gap between them, at any size: the baseline of an Arabic
// word whose letters all join is one stroke.
func TestJoinedLettersTouch(t *testing.T) {
	var set typesetter
	for size := 1; size <= 8; size++ {
		s := setting{size: size, rtl: true, lang: "ar"}
		lines := set.set([]rune("ستستستس"), s, 1<<14)
		width := lines[0].width.Ceil()
		d := set.draw(lines, []int{0}, s, (width+7)&^7)
		var columns []bool
		for x := range width {
			black := false
			for y := range d.height {
				black = black || d.row(y)[x/8]&(0x80>>(x%8)) != 0
			}
			columns = append(columns, black)
		}
		first, last := slices.Index(columns, true), width-1
		for !columns[last] {
			last--
		}
		if i := slices.Index(columns[first:last], false); i >= 0 {
			t.Errorf("size %d: a gap at dot %d of %d", size, first+i, width)
		}
	}
}

func TestTheCacheOfGlyphsIsBounded(t *testing.T) {
	var set typesetter
	first := set.glyph(glyphKey{size: 8, id: 40})
	if set.glyph(glyphKey{size: 8, id: 40}) != first {
		t.Error("a glyph is drawn twice; want it kept")
	}
	for i := range mostGlyphs + 100 {
		set.glyph(glyphKey{size: 8 + uint16(i/1000), id: font.GID(i % 1000)})
		if len(set.glyphs) > mostGlyphs {
			t.Fatalf("%d glyphs kept; want at most %d", len(set.glyphs), mostGlyphs)
		}
	}
}

func TestBoldIsWider(t *testing.T) {
	for _, c := range []struct {
		given []byte
		n     int
		want  string
	}{
		{[]byte{0x80, 0}, 1, "c0 00"},
		{[]byte{0x01, 0}, 1, "01 80"},
		{[]byte{0x01, 0}, 2, "01 c0"},
		{[]byte{0x00, 1}, 3, "00 01"},
	} {
		row := slices.Clone(c.given)
		if embolden(row, c.n); fmt.Sprintf("% x", row) != c.want {
			t.Errorf("embolden(% x, %d) = % x; want %s", c.given, c.n, row, c.want)
		}
	}
}
