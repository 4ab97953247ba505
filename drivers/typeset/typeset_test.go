package typeset

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-text/typesetting/font"
)

// What hb-shape 6.0.0 answers for the embedded fonts. The numbers are those of
// these files: subset.sh may give others.
func TestGlyphsAreThoseOfHarfBuzz(t *testing.T) {
	var set Setter
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
		for _, l := range set.Lines([]rune(c.given), Setting{Em: 25, RTL: c.rtl, Lang: c.lang}, 1000) {
			for _, g := range l.Glyphs {
				got = append(got, g.ID)
			}
		}
		if s := strings.Trim(fmt.Sprint(got), "[]"); s != c.want {
			t.Errorf("glyphs of %q are %s; want %s", c.given, s, c.want)
		}
	}
}

func TestEveryFontIsReadAndCoversItsBlocks(t *testing.T) {
	var set Setter
	for i, f := range typefaces {
		blocks := f.blocks
		if i == latinBold { // it stands in for all of Latin
			blocks = typefaces[latin].blocks
		}
		n := 0
		for _, b := range blocks {
			for r := b[0]; r <= b[1]; r++ {
				if _, ok := set.Face(i).NominalGlyph(r); ok {
					n++
				}
			}
		}
		if n < 50 {
			t.Errorf("%s has %d characters of its blocks; want more", f.file, n)
		}
	}
	for _, r := range "aéœŵŁẤжЄїґΩ€–ع،٤پۀקოԱத।আአⵓ中。！" {
		if !set.Has(r) {
			t.Errorf("Has(%q) = false; want true", r)
		}
	}
	for _, r := range "👍한ไ☐" {
		if set.Has(r) {
			t.Errorf("Has(%q) = true; want false", r)
		}
	}
}

// No line is wider than it may be, no character is lost between two lines, and
// blanks at the ends of lines are gone.
func TestLines(t *testing.T) {
	var set Setter
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
		for _, l := range set.Lines(text, Setting{Em: 25}, c.width) {
			got = append(got, string(text[l.Start:l.End]))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %q on %d dots is %q; want %q", c.name, c.given, c.width, s, c.want)
		}
	}
}

// Bold Latin has every character of Latin, so that a heading lacks none.
func TestBoldHasWhatLatinHas(t *testing.T) {
	var set Setter
	for _, b := range typefaces[latin].blocks {
		for r := b[0]; r <= b[1]; r++ {
			_, plain := set.Face(latin).NominalGlyph(r)
			if _, bold := set.Face(latinBold).NominalGlyph(r); plain != bold {
				t.Errorf("bold has %q: %v; want %v", r, bold, plain)
			}
		}
	}
	for _, g := range set.Lines([]rune("Bilan 1"), Setting{Em: 10, Bold: true}, 1000)[0].Glyphs {
		if g.Face != latinBold {
			t.Errorf("a glyph of a bold text is of face %d; want %d", g.Face, latinBold)
		}
	}
}
