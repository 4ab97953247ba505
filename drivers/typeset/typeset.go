// Package typeset sets text in every language of the box: it finds the font and the
// glyphs of each character, the order in which they stand, and where lines end. Paper
// and documents are set by it alike.
//
// It is pure: glyphs and their places come out, and whoever asked draws them.
// It promises the glyphs of HarfBuzz and the order of the Unicode Bidirectional
// Algorithm; that no line is wider than it may be unless a single glyph is; and that no
// character but blanks at the ends of lines is lost.
package typeset

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"strings"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// Letters are shaped by github.com/go-text/typesetting, a port of HarfBuzz, since
// Arabic or Tamil without shaping is not writing. It is plain Go.

// Subsets of Noto under the Open Font License; see fonts/OFL.txt, and
// fonts/subset.sh for how they are made.
//
//go:embed fonts/*.ttf fonts/*.gz
var fontFiles embed.FS

// typeface is a font and the blocks of Unicode that it is asked for.
type typeface struct {
	file   string
	blocks [][2]rune
	// scale is its size against Latin, in per cent: the small letters of some
	// scripts are smaller, and 203 dots to the inch leave them few dots.
	scale int
}

// typefaces are tried in this order.
var typefaces = [faces]typeface{
	{"latin.ttf", [][2]rune{{0x20, 0x52f}, {0x1e00, 0x1eff}, {0x2000, 0x22ff}}, 100},
	{"arabic.ttf", [][2]rune{{0x600, 0x77f}, {0xfd00, 0xfdff}}, 116},
	{"hebrew.ttf", [][2]rune{{0x590, 0x5ff}}, 108},
	{"armenian.ttf", [][2]rune{{0x530, 0x58f}, {0xfb13, 0xfb17}}, 100},
	{"georgian.ttf", [][2]rune{{0x10a0, 0x10ff}, {0x1c90, 0x1cbf}}, 100},
	{"tamil.ttf", [][2]rune{{0xb80, 0xbff}}, 104},
	{"devanagari.ttf", [][2]rune{{0x900, 0x97f}}, 112},
	{"bengali.ttf", [][2]rune{{0x964, 0x965}, {0x980, 0x9ff}}, 112},
	{"ethiopic.ttf", [][2]rune{{0x1200, 0x137f}}, 104},
	{"tifinagh.ttf", [][2]rune{{0x2d30, 0x2d7f}}, 100},
	{"chinese.otf.gz", [][2]rune{{0x2010, 0x2026}, {0x3000, 0x303f}, {0x4e00, 0x9fff}, {0xff00, 0xffef}}, 100},
	{"latin-bold.ttf", nil, 100}, // in the place of the first
}

const (
	latin     = 0 // the first typeface
	latinBold = 11
	faces     = 12
)

// Setter sets text. Parsed fonts and the shaper are kept, which makes the second text
// of a language fast. The zero Setter is ready. It is not safe for concurrent use:
// neither are the shaper and the faces of the library.
type Setter struct {
	faces  [faces]*font.Face
	shaper shaping.HarfbuzzShaper
	breaks segmenter.Segmenter
}

// Face returns a font, parsed when it is first asked for. The fonts are part of
// the program: one that does not parse is a fault of the program.
func (t *Setter) Face(i int) *font.Face {
	if t.faces[i] == nil {
		name, data := File(i)
		face, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			panic(fmt.Sprintf("typeset: embedded font %s: %v", name, err))
		}
		t.faces[i] = face
	}
	return t.faces[i]
}

// File returns the file of a Glyph's Face, for documents that embed it.
func File(face int) (name string, data []byte) {
	name = typefaces[face].file
	data, err := fontFiles.ReadFile("fonts/" + name)
	if err == nil && strings.HasSuffix(name, ".gz") {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(data)); err == nil {
			data, err = io.ReadAll(z)
		}
	}
	if err != nil {
		panic(fmt.Sprintf("typeset: embedded font %s: %v", name, err))
	}
	return name, data
}

// BoldFont reports whether a face is bold by itself: to others, who draws adds what
// Setting.Bold asks for.
func BoldFont(face int) bool { return face == latinBold }

// faceOf returns the typeface for a character that stands behind others of the
// typeface before, -1 at the start; ok is false when none has it.
func (t *Setter) faceOf(r rune, before int) (face int, ok bool) {
	if Invisible(r) {
		return max(before, latin), true
	}
	if s := language.LookupScript(r); before >= 0 && (s == language.Common || s == language.Inherited) {
		if _, ok := t.Face(before).NominalGlyph(r); ok {
			return before, true
		}
	}
	for i, f := range typefaces {
		for _, b := range f.blocks {
			if r < b[0] || r > b[1] {
				continue
			}
			if _, ok := t.Face(i).NominalGlyph(r); ok {
				return i, true
			}
		}
	}
	return max(before, latin), false
}

// Has reports whether a character can be drawn.
func (t *Setter) Has(r rune) bool {
	_, ok := t.faceOf(r, -1)
	return ok
}

// Setting is how a text is set.
type Setting struct {
	Em   int    // the size of type, in the unit of all lengths of this package
	Bold bool   // with the bold font where there is one, which is for Latin
	RTL  bool   // the paragraph runs to the left
	Lang string // BCP 47
}

// Glyph is a glyph on a line.
type Glyph struct {
	Face int
	ID   font.GID
	Em   int // of this font: some are set larger than Latin
	// X and Y are where it is drawn, from the line's left end and above the baseline;
	// Pen is where the pen was, which it moves by Advance.
	X, Y, Pen, Advance fixed.Int26_6
	Start, End         int // the characters of the text that it is for, alone or with its neighbours
	RTL                bool
}

// Line is a line that is set: the characters from Start to End, without the blanks
// around them.
type Line struct {
	Glyphs     []Glyph // from left to right
	Width      fixed.Int26_6
	Start, End int
}

// run is a stretch of text in one direction, script and font.
type run struct {
	start, end int // of the text
	face       int
	level      uint8
	script     language.Script
	glyphs     []shaping.Glyph // from left to right
}

// Lines shapes a paragraph and breaks it into lines of at most width. The text has no
// line feed; one without any character is an empty line.
func (t *Setter) Lines(text []rune, s Setting, width int) []Line {
	var lines []Line
	runs := t.shape(text, s)
	t.lines(text, runs, width, func(start, end int) { lines = append(lines, place(runs, start, end, s)) })
	return lines
}

// shape cuts a text into runs and finds their glyphs.
func (t *Setter) shape(text []rune, s Setting) []run {
	runs := t.runs(text, s)
	for i := range runs {
		r := &runs[i]
		if r.face == latin && s.Bold {
			r.face = latinBold
		}
		direction := di.DirectionLTR
		if r.level&1 == 1 {
			direction = di.DirectionRTL
		}
		r.glyphs = t.shaper.ShapeNoExtents(shaping.Input{
			Text: text, RunStart: r.start, RunEnd: r.end,
			Direction: direction,
			Face:      t.Face(r.face),
			Size:      fixed.I(s.Em * typefaces[r.face].scale / 100),
			Script:    r.script,
			Language:  language.NewLanguage(s.Lang),
		}).Glyphs
	}
	return runs
}

// runs cuts a text where its level, its script or its font changes.
func (t *Setter) runs(text []rune, s Setting) []run {
	var (
		runs   []run
		level  = Levels(text, s.RTL)
		script = language.Latin
		face   = -1
	)
	for _, r := range text { // what has no script yet gets the first one
		if s := language.LookupScript(r); s != language.Common && s != language.Inherited && s != language.Unknown {
			script = s
			break
		}
	}
	for i, r := range text {
		if s := language.LookupScript(r); s != language.Common && s != language.Inherited && s != language.Unknown {
			script = s
		}
		face, _ = t.faceOf(r, face)
		if n := len(runs); n > 0 && runs[n-1].face == face && runs[n-1].level == level[i] && runs[n-1].script == script {
			runs[n-1].end = i + 1
			continue
		}
		runs = append(runs, run{start: i, end: i + 1, face: face, level: level[i], script: script})
	}
	return runs
}

// lines breaks a shaped text where Unicode allows it (UAX #14), and within a
// word that is wider than the line. It gives the ends of each line, without the
// blanks around it, to add.
func (t *Setter) lines(text []rune, runs []run, width int, add func(start, end int)) {
	// What the text before each place advances, and whether a glyph begins there.
	before := make([]fixed.Int26_6, len(text)+1)
	begins := make([]bool, len(text)+1)
	begins[len(text)] = true
	for _, r := range runs {
		for _, g := range r.glyphs {
			before[g.TextIndex()+1] += g.Advance
			begins[g.TextIndex()] = true
		}
	}
	for i := range text {
		before[i+1] += before[i]
	}
	start := 0
	ends := func(to int) int { // without blanks
		for to > start && blank(text[to-1]) {
			to--
		}
		return to
	}
	fits := func(to int) bool { return before[ends(to)]-before[start] <= fixed.I(width) }
	end := func(to int) {
		add(start, ends(to))
		for start = to; start < len(text) && blank(text[start]); {
			start++
		}
	}
	for start < len(text) && blank(text[start]) {
		start++
	}
	t.breaks.Init(text)
	last := start // the last place to break at
	for i := t.breaks.LineIterator(); i.Next(); {
		to := i.Line().Offset + len(i.Line().Text)
		if to > start && !fits(to) && last > start {
			end(last)
		}
		for to > start && !fits(to) {
			cut := start + 1
			for !begins[cut] {
				cut++
			}
			for next := cut + 1; next < to && (!begins[next] || fits(next)); next++ {
				if begins[next] {
					cut = next
				}
			}
			if cut >= to {
				break // a single glyph wider than the paper is cut off at its edge
			}
			end(cut)
		}
		last = max(to, start)
	}
	end(len(text))
}

// Invisible reports whether a character only tells how others are set.
func Invisible(r rune) bool {
	return r == '\u061c' || r >= '\u200b' && r <= '\u200f' || r >= '\u2060' && r <= '\u206f'
}

func blank(r rune) bool { return r == ' ' || r == '\u3000' }

// place puts the glyphs of a line side by side, in the order in which they stand
// on paper.
func place(runs []run, start, end int, s Setting) Line {
	var (
		l     = Line{Start: start, End: end}
		parts []run
		level []uint8
	)
	for _, r := range runs {
		if r.start < end && r.end > start {
			parts, level = append(parts, r), append(level, r.level)
		}
	}
	for _, i := range Visual(level) {
		r := parts[i]
		for _, g := range r.glyphs {
			from := g.TextIndex()
			if from < start || from >= end {
				continue
			}
			l.Glyphs = append(l.Glyphs, Glyph{
				Face: r.face, ID: g.GlyphID, Em: s.Em * typefaces[r.face].scale / 100,
				X: l.Width + g.XOffset, Y: g.YOffset, Pen: l.Width, Advance: g.Advance,
				Start: from, End: min(from+g.RunesCount(), end), RTL: r.level&1 == 1,
			})
			l.Width += g.Advance
		}
	}
	return l
}
