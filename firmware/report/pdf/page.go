package pdf

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"

	ot "github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/math/fixed"

	"jeudi/drivers/typeset"
)

// Page is a page that is being drawn.
type Page struct {
	Size
	doc     *Doc
	content bytes.Buffer
	owners  []*node // of its marked content, by number
	used    map[int]bool
}

// Rect is from its upper left corner.
type Rect struct{ X, Y, W, H float64 }

// marked draws content of the element that is open, or decoration.
func (p *Page) marked(draw func()) {
	if n := p.doc.open; n != p.doc.root {
		id := len(p.owners)
		p.owners = append(p.owners, n)
		n.kids = append(n.kids, kid{page: p, id: id})
		p.op("/%s <</MCID %d>> BDC", n.Tag, id)
	} else {
		p.op("/Artifact BMC")
	}
	draw()
	p.op("EMC")
}

func (p *Page) op(format string, args ...any) {
	for i, a := range args {
		if f, ok := a.(float64); ok {
			args[i] = decimal(f)
		}
	}
	fmt.Fprintf(&p.content, format+"\n", args...)
}

// decimal is how a file writes one: never with an exponent.
func decimal(f float64) string {
	s := strconv.FormatFloat(f, 'f', 3, 64)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	if s == "-0" {
		return "0"
	}
	return s
}

func (p *Page) ink(i Ink) {
	if i.R == i.G && i.G == i.B {
		p.op("%s g %s G", i.R, i.R)
		return
	}
	p.op("%s %s %s rg %s %s %s RG", i.R, i.G, i.B, i.R, i.G, i.B)
}

// Text draws lines from y down, within width from x, and returns where they end.
func (p *Page) Text(b Block, x, y, width float64) float64 {
	p.marked(func() {
		p.ink(b.style.Ink)
		for i, l := range b.lines {
			left := x
			room := width - b.lineWidth(l)
			switch align := b.style.Align; {
			case align == Center:
				left += room / 2
			case (align == End) != l.rtl:
				left += room
			}
			base := y + float64(i)*b.Pitch() + (b.Pitch()-b.style.Size)/2 + 0.8*b.style.Size
			p.line(b.style, l, left, p.H-base)
		}
	})
	return y + b.Height()
}

// line draws a line whose left end is at x, y of the file. Stretches are written in
// the order in which they are read, each in its place.
func (p *Page) line(s Style, l blockLine, x, y float64) {
	glyphs := l.line.Glyphs
	var stretches [][]typeset.Glyph
	for i, g := range glyphs {
		if i > 0 && glyphs[i-1].Face == g.Face && glyphs[i-1].RTL == g.RTL {
			stretches[len(stretches)-1] = append(stretches[len(stretches)-1], g)
			continue
		}
		stretches = append(stretches, []typeset.Glyph{g})
	}
	first := func(s []typeset.Glyph) int {
		return slices.MinFunc(s, func(a, b typeset.Glyph) int { return a.Start - b.Start }).Start
	}
	slices.SortStableFunc(stretches, func(a, b []typeset.Glyph) int { return first(a) - first(b) })
	for i, stretch := range stretches {
		p.stretch(s, l, stretch, x, y, l.more && i == len(stretches)-1)
	}
}

// stretch draws glyphs of one font, in the order in which their text is read; with space,
// the blank at which the line ends parts its last word from the first of the next.
//
// What a glyph stands for is told once for the whole document where it is always the
// same, and beside the glyph where it is not: of letters that melt into each other.
func (p *Page) stretch(s Style, l blockLine, glyphs []typeset.Glyph, x, y float64, space bool) {
	face := glyphs[0].Face
	f := p.doc.font(face)
	if p.used == nil {
		p.used = map[int]bool{}
	}
	p.used[face] = true
	at := func(v fixed.Int26_6) float64 { return float64(v) / 64 / em * s.Size }
	size := s.Size * float64(glyphs[0].Em) / em
	if f.outlines {
		for _, g := range glyphs {
			p.outline(g, x+at(g.X), y+at(g.Y), size)
		}
	}
	clusters := slices.Clone(glyphs)
	slices.SortStableFunc(clusters, func(a, b typeset.Glyph) int { return a.Start - b.Start })

	p.op("BT /F%d %s Tf", face, size)
	switch {
	case f.outlines:
		p.op("3 Tr") // the shapes are there: this is what is read
		defer p.op("0 Tr")
	case s.Bold && !typeset.BoldFont(face):
		p.op("2 Tr %s w", size*0.035)
		defer p.op("0 Tr")
	}
	var row bytes.Buffer // of a TJ
	flush := func() {
		if row.Len() > 0 {
			p.op("[%s] TJ", row.String())
			row.Reset()
		}
	}
	moved := true // the pen is elsewhere
	for i := 0; i < len(clusters); {
		end := i + 1
		for end < len(clusters) && clusters[end].Start == clusters[i].Start {
			end++
		}
		g := clusters[i]
		text := string(l.text[g.Start:g.End])
		if text == "\u00a0" { // one glyph with the blank, and read as one
			text = " "
		}
		spelt := end > i+1 || !f.use(g.ID, text)
		if spelt {
			flush()
			p.op("/Span <</ActualText %s>> BDC", textString(text))
		}
		for _, g := range clusters[i:end] {
			if spelt {
				f.use(g.ID, "")
			}
			off := g.X != g.Pen || g.Y != 0
			if off || moved || g.RTL {
				flush()
				p.op("1 0 0 1 %s %s Tm", x+at(g.X), y+at(g.Y))
			}
			fmt.Fprintf(&row, "<%04x>", g.ID)
			// How much the font's own advance is too long, in thousandths.
			excess := f.advance(g.ID) - float64(g.Advance)/64*1000/float64(g.Em)
			if moved = off; !moved && (excess > 0.5 || excess < -0.5) {
				row.WriteString(decimal(excess))
			}
		}
		if spelt {
			flush()
			p.op("EMC")
		}
		i = end
	}
	if last := clusters[len(clusters)-1]; space {
		if id, ok := p.doc.setter.Face(face).NominalGlyph(' '); ok && f.use(id, " ") {
			if last.RTL {
				flush()
				p.op("1 0 0 1 %s %s Tm", x+at(last.Pen)-f.advance(id)*size/1000, y)
			}
			fmt.Fprintf(&row, "<%04x>", id)
		}
	}
	flush()
	p.op("ET")
}

// outline draws a glyph of a font that is not embedded.
func (p *Page) outline(g typeset.Glyph, x, y, size float64) {
	face := p.doc.setter.Face(g.Face)
	outline, ok := face.GlyphDataOutline(g.ID)
	if !ok || len(outline.Segments) == 0 {
		return
	}
	scale := size / float64(face.Upem())
	var px, py float64
	at := func(s ot.SegmentPoint) (float64, float64) { return x + float64(s.X)*scale, y + float64(s.Y)*scale }
	for _, s := range outline.Segments {
		ax, ay := at(s.Args[0])
		bx, by := at(s.Args[1])
		cx, cy := at(s.Args[2])
		switch s.Op {
		case ot.SegmentOpMoveTo:
			p.op("%s %s m", ax, ay)
			px, py = ax, ay
		case ot.SegmentOpLineTo:
			p.op("%s %s l", ax, ay)
			px, py = ax, ay
		case ot.SegmentOpQuadTo:
			p.op("%s %s %s %s %s %s c", px+(ax-px)*2/3, py+(ay-py)*2/3, bx+(ax-bx)*2/3, by+(ay-by)*2/3, bx, by)
			px, py = bx, by
		case ot.SegmentOpCubeTo:
			p.op("%s %s %s %s %s %s c", ax, ay, bx, by, cx, cy)
			px, py = cx, cy
		}
	}
	p.op("f")
}

// Fill draws full rectangles, in one stroke of the element that is open.
func (p *Page) Fill(i Ink, rects ...Rect) {
	p.marked(func() {
		p.ink(i)
		for _, r := range rects {
			p.op("%s %s %s %s re", r.X, p.H-r.Y-r.H, r.W, r.H)
		}
		p.op("f")
	})
}

// Frame draws the edge of a rectangle, within it.
func (p *Page) Frame(i Ink, width float64, r Rect) {
	p.marked(func() {
		p.ink(i)
		p.op("%s w %s %s %s %s re S", width, r.X+width/2, p.H-r.Y-r.H+width/2, max(r.W-width, 0), max(r.H-width, 0))
	})
}

// Hatch fills a rectangle with slanted lines, which a printer without colours tells
// from a full one. step is between two lines.
func (p *Page) Hatch(i Ink, width, step float64, r Rect) {
	p.marked(func() {
		p.ink(i)
		low := p.H - r.Y - r.H
		p.op("q %s %s %s %s re W n %s w", r.X, low, r.W, r.H, width)
		for x := r.X - r.H; x < r.X+r.W; x += step {
			p.op("%s %s m %s %s l", x, low, x+r.H, low+r.H)
		}
		p.op("S Q")
	})
}

// Line draws a straight line.
func (p *Page) Line(i Ink, width, x1, y1, x2, y2 float64) {
	p.marked(func() {
		p.ink(i)
		p.op("%s w %s %s m %s %s l S", width, x1, p.H-y1, x2, p.H-y2)
	})
}

// Decoration draws what belongs to no element, wherever one is open.
func (p *Page) Decoration(draw func()) {
	open := p.doc.open
	p.doc.open = p.doc.root
	draw()
	p.doc.open = open
}

// textString is a text as a file writes it, in UTF-16.
func textString(s string) string {
	var b bytes.Buffer
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}
