package escpos

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"image"
	"image/draw"
	"io"
	"math"
	"strings"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	ot "github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Letters are shaped by github.com/go-text/typesetting, a port of HarfBuzz, since
// Arabic or Tamil without shaping is not writing; golang.org/x/image/vector fills
// their outlines. Both are plain Go.

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
}

const (
	latin = 0 // the first typeface
	faces = 11
)

// glyph is a drawn glyph: how black each dot is, from its own corner.
type glyph struct {
	left, top     int // of the corner, from the pen on the baseline; up is negative
	width, height int
	black         []uint8
}

type glyphKey struct {
	face, part uint8 // part is the quarter of a dot at which it is drawn
	size       uint16
	id         font.GID
}

// mostGlyphs bounds the cache. A ticket of each language is some 600 glyphs, of
// about a kilobyte each.
const mostGlyphs = 4096

// typesetter shapes and draws text. Parsed fonts, the shaper and the drawn
// glyphs are kept, which makes the second ticket of a language fast. It is not
// safe for concurrent use: neither are the shaper and the faces of the library.
type typesetter struct {
	faces  [faces]*font.Face
	shaper shaping.HarfbuzzShaper
	breaks segmenter.Segmenter
	pen    vector.Rasterizer
	glyphs map[glyphKey]*glyph
	black  []uint8 // of a line, while it is drawn
}

// face returns a font, parsed when it is first asked for. The fonts are part of
// the program: one that does not parse is a fault of the program.
func (t *typesetter) face(i int) *font.Face {
	if t.faces[i] == nil {
		name := typefaces[i].file
		data, err := fontFiles.ReadFile("fonts/" + name)
		if err == nil && strings.HasSuffix(name, ".gz") {
			var z *gzip.Reader
			if z, err = gzip.NewReader(bytes.NewReader(data)); err == nil {
				data, err = io.ReadAll(z)
			}
		}
		if err == nil {
			t.faces[i], err = font.ParseTTF(bytes.NewReader(data))
		}
		if err != nil {
			panic(fmt.Sprintf("escpos: embedded font %s: %v", name, err))
		}
	}
	return t.faces[i]
}

// faceOf returns the typeface for a character that stands behind others of the
// typeface before, -1 at the start; ok is false when none has it.
func (t *typesetter) faceOf(r rune, before int) (face int, ok bool) {
	if invisible(r) {
		return max(before, latin), true
	}
	if s := language.LookupScript(r); before >= 0 && (s == language.Common || s == language.Inherited) {
		if _, ok := t.face(before).NominalGlyph(r); ok {
			return before, true
		}
	}
	for i, f := range typefaces {
		for _, b := range f.blocks {
			if r < b[0] || r > b[1] {
				continue
			}
			if _, ok := t.face(i).NominalGlyph(r); ok {
				return i, true
			}
		}
	}
	return max(before, latin), false
}

// has reports whether a character can be drawn.
func (t *typesetter) has(r rune) bool {
	_, ok := t.faceOf(r, -1)
	return ok
}

// setting is how a text is set.
type setting struct {
	size int // 1 to 8
	bold bool
	rtl  bool
	lang string // BCP 47
}

// em is the size of type, in dots: the capitals of Latin are then about as high
// as those of a printer's font A.
func (s setting) em() int { return 25 * s.size }

// run is a stretch of text in one direction, script and font.
type run struct {
	start, end int // of the text
	face       int
	level      uint8
	script     language.Script
	glyphs     []shaping.Glyph // from left to right
}

// placed is a glyph on a line.
type placed struct {
	key glyphKey
	x   fixed.Int26_6 // of the pen, from the line's left end
	y   int           // below the baseline
}

// setLine is a line that is set.
type setLine struct {
	glyphs []placed
	width  fixed.Int26_6
}

// set shapes a paragraph and breaks it into lines of at most width dots. The
// text has no line feed.
func (t *typesetter) set(text []rune, s setting, width int) []setLine {
	var lines []setLine
	runs := t.shape(text, s)
	t.lines(text, runs, width, func(start, end int) { lines = append(lines, place(runs, start, end, s)) })
	return lines
}

// shape cuts a text into runs and finds their glyphs.
func (t *typesetter) shape(text []rune, s setting) []run {
	runs := t.runs(text, s)
	for i := range runs {
		r := &runs[i]
		direction := di.DirectionLTR
		if r.level&1 == 1 {
			direction = di.DirectionRTL
		}
		r.glyphs = t.shaper.ShapeNoExtents(shaping.Input{
			Text: text, RunStart: r.start, RunEnd: r.end,
			Direction: direction,
			Face:      t.face(r.face),
			Size:      fixed.I(s.em() * typefaces[r.face].scale / 100),
			Script:    r.script,
			Language:  language.NewLanguage(s.lang),
		}).Glyphs
	}
	return runs
}

// runs cuts a text where its level, its script or its font changes.
func (t *typesetter) runs(text []rune, s setting) []run {
	var (
		runs   []run
		level  = levels(text, s.rtl)
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
func (t *typesetter) lines(text []rune, runs []run, width int, add func(start, end int)) {
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

func blank(r rune) bool { return r == ' ' || r == '\u3000' }

// place puts the glyphs of a line side by side, in the order in which they stand
// on paper.
func place(runs []run, start, end int, s setting) setLine {
	var (
		l     setLine
		parts []run
		level []uint8
	)
	for _, r := range runs {
		if r.start < end && r.end > start {
			parts, level = append(parts, r), append(level, r.level)
		}
	}
	for _, i := range visual(level) {
		r := parts[i]
		size := s.em() * typefaces[r.face].scale / 100
		for _, g := range r.glyphs {
			if i := g.TextIndex(); i < start || i >= end {
				continue
			}
			x := l.width + g.XOffset
			l.glyphs = append(l.glyphs, placed{
				key: glyphKey{face: uint8(r.face), part: uint8(x>>4) & 3, size: uint16(size), id: g.GlyphID},
				x:   x,
				y:   -g.YOffset.Round(),
			})
			l.width += g.Advance
		}
	}
	return l
}

// glyph returns a drawn glyph, from the cache if it can.
func (t *typesetter) glyph(k glyphKey) *glyph {
	if g := t.glyphs[k]; g != nil {
		return g
	}
	if t.glyphs == nil || len(t.glyphs) >= mostGlyphs {
		t.glyphs = make(map[glyphKey]*glyph)
	}
	g := t.drawGlyph(k)
	t.glyphs[k] = g
	return g
}

func (t *typesetter) drawGlyph(k glyphKey) *glyph {
	face := t.face(int(k.face))
	outline, ok := face.GlyphDataOutline(k.id)
	if !ok || len(outline.Segments) == 0 {
		return &glyph{}
	}
	var (
		scale       = float32(k.size) / float32(face.Upem())
		shift       = float32(k.part) / 4
		left, right = float32(math.MaxFloat32), float32(-math.MaxFloat32)
		top, bottom = left, right
	)
	at := func(p ot.SegmentPoint) (x, y float32) { return p.X*scale + shift, -p.Y * scale }
	for _, s := range outline.Segments {
		for _, p := range s.ArgsSlice() {
			x, y := at(p)
			left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
		}
	}
	floor := func(f float32) int { return int(math.Floor(float64(f))) }
	g := &glyph{left: floor(left), top: floor(top)}
	g.width, g.height = floor(right)+1-g.left, floor(bottom)+1-g.top
	in := func(p ot.SegmentPoint) (x, y float32) {
		x, y = at(p)
		return x - float32(g.left), y - float32(g.top)
	}
	t.pen.Reset(g.width, g.height)
	t.pen.DrawOp = draw.Src
	for i, s := range outline.Segments {
		ax, ay := in(s.Args[0])
		switch s.Op {
		case ot.SegmentOpMoveTo:
			if i > 0 {
				t.pen.ClosePath()
			}
			t.pen.MoveTo(ax, ay)
		case ot.SegmentOpLineTo:
			t.pen.LineTo(ax, ay)
		case ot.SegmentOpQuadTo:
			bx, by := in(s.Args[1])
			t.pen.QuadTo(ax, ay, bx, by)
		case ot.SegmentOpCubeTo:
			bx, by := in(s.Args[1])
			cx, cy := in(s.Args[2])
			t.pen.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	t.pen.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, g.width, g.height))
	t.pen.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	g.black = mask.Pix
	return g
}

// draw draws set lines below each other, each with its left end at the given
// dot, on a picture as wide as the paper. It returns the pitch of the lines.
//
// A dot is black when half of it would be: at this size shades of grey would
// only fray the edges. The shares of two glyphs in a dot add up, so that joined
// letters have no gap between them.
func (t *typesetter) draw(lines []setLine, left []int, s setting, paper int) dots {
	up, down := 0, 0
	for _, l := range lines {
		for _, g := range l.glyphs {
			m := t.glyph(g.key)
			up, down = max(up, -m.top-g.y), max(down, m.top+m.height+g.y)
		}
	}
	pitch := max(up+down+3*s.size, lineHeight, charHeight*s.size)
	base := (pitch-up-down)/2 + up
	p := newDots(paper, pitch*len(lines))
	if cap(t.black) < paper*pitch {
		t.black = make([]uint8, paper*pitch)
	}
	for i, l := range lines {
		black := t.black[:paper*pitch]
		clear(black)
		for _, g := range l.glyphs {
			m := t.glyph(g.key)
			x0, y0 := left[i]+g.x.Floor()+m.left, base+g.y+m.top
			for y := range m.height {
				if y0+y < 0 || y0+y >= pitch {
					continue
				}
				from, to := max(0, -x0), min(m.width, paper-x0)
				if from >= to {
					continue
				}
				row := black[(y0+y)*paper+x0+from:]
				for x, b := range m.black[y*m.width+from : y*m.width+to] {
					row[x] = uint8(min(int(row[x])+int(b), 255))
				}
			}
		}
		for y := range pitch {
			row := p.row(i*pitch + y)
			for x, b := range black[y*paper : (y+1)*paper] {
				if b >= 128 {
					row[x/8] |= 0x80 >> (x % 8)
				}
			}
			if s.bold {
				embolden(row, s.size)
			}
		}
	}
	return p
}

// embolden makes each stroke wider by n dots to the right, as printers do.
func embolden(row []byte, n int) {
	for range n {
		carry := byte(0)
		for i, b := range row {
			row[i] = b | b>>1 | carry
			carry = b << 7
		}
	}
}
