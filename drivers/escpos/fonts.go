package escpos

import (
	"image"
	"image/draw"
	"math"

	"github.com/go-text/typesetting/font"
	ot "github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"jeudi/drivers/typeset"
)

// Letters are set by typeset, and golang.org/x/image/vector, which is plain Go, fills
// their outlines.

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

// typesetter sets and draws text. The setter and the drawn glyphs are kept, which
// makes the second ticket of a language fast. It is not safe for concurrent use.
type typesetter struct {
	typeset.Setter
	pen    vector.Rasterizer
	glyphs map[glyphKey]*glyph
	black  []uint8 // of a line, while it is drawn
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
	for _, l := range t.Lines(text, typeset.Setting{Em: s.em(), RTL: s.rtl, Lang: s.lang}, width) {
		line := setLine{width: l.Width}
		for _, g := range l.Glyphs {
			line.glyphs = append(line.glyphs, placed{
				key: glyphKey{face: uint8(g.Face), part: uint8(g.X>>4) & 3, size: uint16(g.Em), id: g.ID},
				x:   g.X,
				y:   -g.Y.Round(),
			})
		}
		lines = append(lines, line)
	}
	return lines
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
	face := t.Face(int(k.face))
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
