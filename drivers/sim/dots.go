package sim

import (
	"image"
	"image/color"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"jeudi/drivers"
)

// longest bounds a picture of a sheet: 4 m of paper.
const longest = 4000 * 8

// Image is the sheet as its dots, black on white, one pixel a dot: 576 or 384
// across, 8 to the millimetre. The characters are Go Mono's, squeezed into the
// printer's cells of 12 × 24 dots and enlarged as printers do, dot by dot.
func (s Sheet) Image() *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, max(s.width, 1), min(max(s.dots, 1), longest)),
		color.Palette{color.Gray{Y: 255}, color.Gray{Y: 0}})
	p := pen{img: img}
	y := 0
	for _, r := range s.rows {
		p.row(r, y)
		y += r.feed
	}
	return img
}

// pen draws on an image of dots.
type pen struct {
	img    *image.Paletted
	faces  [2]font.Face // font A and B
	glyphs map[glyph]drivers.Bitmap
}

type glyph struct {
	r     rune
	small bool
}

func (p *pen) dot(x, y int) {
	if image.Pt(x, y).In(p.img.Rect) {
		p.img.Pix[p.img.PixOffset(x, y)] = 1
	}
}

func (p *pen) row(r row, y int) {
	wide, high := 0, 0
	for _, s := range r.runs {
		wide, high = wide+s.width(), max(high, s.height())
	}
	x := 0
	if room := p.img.Rect.Dx() - wide; room > 0 {
		x = room * r.line.Align / 2
	}
	for _, s := range r.runs {
		top := y + high - s.height() // characters of all sizes stand on one line
		if s.text == nil {
			p.picture(s.bits, x, top, s.times[0], s.times[1])
		}
		for i, c := range s.text {
			p.character(c, s.style, x+i*s.wide, top)
		}
		x += s.width()
	}
}

func (p *pen) picture(b drivers.Bitmap, x, y, across, down int) {
	for v := range b.Height * down {
		for u := range b.Width * across {
			if b.Black(u/across, v/down) {
				p.dot(x+u, y+v)
			}
		}
	}
}

// character draws one. Bold is printed twice, a dot apart, as printers do.
func (p *pen) character(c rune, s style, x, y int) {
	w, h := s.cell()
	g := p.glyph(c, s.small)
	for v := range h {
		for u := range w {
			i, j := u/s.w, v/s.h
			black := g.Black(i, j) || s.bold && g.Black(i-1, j) || s.underline && j >= h/s.h-2
			if black != s.inverse {
				p.dot(x+u, y+v)
			}
		}
	}
}

// glyph is a character's dots, drawn once.
func (p *pen) glyph(c rune, small bool) drivers.Bitmap {
	key := glyph{c, small}
	if g, ok := p.glyphs[key]; ok {
		return g
	}
	if p.glyphs == nil {
		p.glyphs = make(map[glyph]drivers.Bitmap)
		p.faces = faces()
	}
	face, baseline := p.faces[0], 18
	w, h := style{w: 1, h: 1, small: small}.cell()
	if small {
		face, baseline = p.faces[1], 13
	}
	g := drivers.Bitmap{Width: w, Height: h, Bits: make([]byte, (w+7)/8*h)}
	if at, mask, from, _, ok := face.Glyph(fixed.P(0, baseline), c); ok {
		for y := at.Min.Y; y < at.Max.Y; y++ {
			for x := at.Min.X; x < at.Max.X; x++ {
				_, _, _, a := mask.At(from.X+x-at.Min.X, from.Y+y-at.Min.Y).RGBA()
				if a >= 0x7000 && x >= 0 && y >= 0 && x < w && y < h {
					g.Bits[y*((w+7)/8)+x/8] |= 0x80 >> (x % 8)
				}
			}
		}
	}
	p.glyphs[key] = g
	return g
}

// faces are Go Mono for font A and B: its characters are 0.6 em wide.
func faces() (out [2]font.Face) {
	f, err := opentype.Parse(gomono.TTF)
	if err != nil {
		panic(err) // it is part of the library
	}
	for i, size := range []float64{20, 15} {
		if out[i], err = opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull}); err != nil {
			panic(err)
		}
	}
	return out
}
