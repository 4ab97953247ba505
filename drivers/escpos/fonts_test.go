package escpos

import (
	"fmt"
	"slices"
	"testing"

	"github.com/go-text/typesetting/font"
)

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
