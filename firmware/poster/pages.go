package poster

import (
	"math"
	"slices"
	"strings"

	"jeudi/firmware/report/pdf"
	"jeudi/firmware/words"
)

// Lengths are points, 72 to the inch, as in package pdf.

// sheet is a page that fills up from top to bottom.
type sheet struct {
	Poster
	doc    *pdf.Doc
	page   *pdf.Page
	lang   string
	margin float64
	y      float64
}

func (s *sheet) width() float64 { return s.page.W - 2*s.margin }
func (s *sheet) rtl() bool      { return words.Dir(s.lang) == "rtl" }

// column is where the i-th of n columns begins, and how wide it is: the first is on the
// side where the language begins.
func (s *sheet) column(i, n int, gap float64) (x, width float64) {
	width = (s.width() - float64(n-1)*gap) / float64(n)
	if s.rtl() {
		i = n - 1 - i
	}
	return s.margin + float64(i)*(width+gap), width
}

// style of the page's language.
func (s *sheet) style(size float64, bold bool) pdf.Style {
	st := pdf.Style{Size: size, Bold: bold, Leading: 1.25, Lang: words.Tag(s.lang), RTL: s.rtl()}
	if s.rtl() { // its letters reach higher and lower
		st.Leading = 1.4
	}
	return st
}

// proper is the style of a name or an address, which are French in every language, and
// stand on the side where the language begins.
func (s *sheet) proper(size float64, bold bool) pdf.Style {
	st := s.style(size, bold)
	st.Lang, st.RTL = words.French, false
	if s.rtl() {
		st.Align = pdf.End
	}
	return st
}

// fit sets a text as large as it may be, on so many lines at most.
func (s *sheet) fit(text string, st pdf.Style, width float64, lines int) pdf.Block {
	for st.Size > 6 {
		if b := s.doc.Set(text, st, width); b.Lines() <= lines && b.Width() <= width {
			return b
		}
		st.Size = math.Floor(st.Size - 1)
	}
	return s.doc.Set(text, st, width)
}

// put draws an element and returns where it ends.
func (s *sheet) put(tag string, b pdf.Block, x, y, width float64) float64 {
	s.doc.In(pdf.Element{Tag: tag, Lang: words.Tag(s.lang)}, func() { y = s.page.Text(b, x, y, width) })
	return y
}

// banner is the title, white on black.
func (s *sheet) banner(size float64, lines int) {
	pad := size / 2
	st := s.style(size, true)
	st.Ink = pdf.White
	st.Leading -= 0.1
	b := s.fit(s.text(s.lang, "poster.title"), st, s.width()-2*pad, lines)
	s.page.Fill(pdf.Black, pdf.Rect{X: s.margin, Y: s.y, W: s.width(), H: b.Height() + 2*pad})
	s.y = s.put("H1", b, s.margin+pad, s.y+pad, s.width()-2*pad) + pad
}

// line sets a text over the whole width.
func (s *sheet) line(tag, text string, st pdf.Style, after float64) {
	if text == "" {
		return
	}
	s.y = s.put(tag, s.fit(text, st, s.width(), 2), s.margin, s.y, s.width()) + after
}

// stack sets texts one below the other in a column, and returns where they end.
func (s *sheet) stack(x, y, width float64, items ...item) float64 {
	for _, it := range items {
		if it.text != "" {
			y = s.put(it.tag, s.fit(it.text, it.style, width, it.lines), x, y, width) + it.after
		}
	}
	return y
}

type item struct {
	tag   string
	text  string
	style pdf.Style
	lines int
	after float64
}

// list sets short texts with a square before each, in n columns.
func (s *sheet) list(x, y, width float64, texts []string, size float64, n int) float64 {
	gap, mark := size, size*0.5
	each := (width - float64(n-1)*gap) / float64(n)
	rows := (len(texts) + n - 1) / n
	foot := y
	s.doc.In(pdf.Element{Tag: "L", Lang: words.Tag(s.lang)}, func() {
		for c := range n {
			at := y
			left := x + float64(c)*(each+gap)
			if s.rtl() {
				left = x + width - each - float64(c)*(each+gap)
			}
			for r := range rows {
				i := c*rows + r
				if i >= len(texts) {
					break
				}
				b := s.fit(texts[i], s.style(size, false), each-2*mark, 2)
				square := pdf.Rect{X: left, Y: at + size*0.42, W: mark, H: mark}
				text := left + 2*mark
				if s.rtl() {
					square.X, text = left+each-mark, left
				}
				s.page.Decoration(func() { s.page.Fill(pdf.Black, square) })
				s.doc.In(pdf.Element{Tag: "LI"}, func() {
					s.doc.In(pdf.Element{Tag: "LBody"}, func() { s.page.Text(b, text, at, each-2*mark) })
				})
				at += b.Height() + size*0.3
			}
			foot = max(foot, at)
		}
	})
	return foot
}

// boxes sets the next dates, each in a frame, in one row.
func (s *sheet) boxes(dates []string, size float64) {
	const most = 4
	if len(dates) == 0 {
		return
	}
	dates = dates[:min(len(dates), most)]
	s.line("H2", s.text(s.lang, "paper.next_dates"), s.style(size, true), size*0.3)
	tallest := 0.0
	blocks := make([]pdf.Block, len(dates))
	_, w := s.column(0, len(dates), size/2)
	room := w - size
	st := s.style(size, true)
	st.Align = pdf.Center
	if slices.ContainsFunc(dates, func(d string) bool { return s.doc.Set(d, st, room).Lines() > 1 }) {
		room *= 0.65 // then all are on two lines
	}
	for i, d := range dates {
		blocks[i] = s.fit(d, st, room, 2)
		tallest = max(tallest, blocks[i].Height())
	}
	s.doc.In(pdf.Element{Tag: "L", Lang: words.Tag(s.lang)}, func() {
		for i, b := range blocks {
			x, w := s.column(i, len(dates), size/2)
			s.page.Decoration(func() {
				s.page.Frame(pdf.Black, size/10, pdf.Rect{X: x, Y: s.y, W: w, H: tallest + size*0.8})
			})
			s.doc.In(pdf.Element{Tag: "LI"}, func() {
				s.doc.In(pdf.Element{Tag: "LBody"}, func() {
					s.page.Text(b, x+size/2, s.y+size*0.4+(tallest-b.Height())/2, w-size)
				})
			})
		}
	})
	s.y += tallest + size*0.8
}

// when are the hours: each on a line, or, in a narrow column, below their days.
func (s *sheet) when(size, width float64) (items []item) {
	items = append(items, item{"H2", s.text(s.lang, "poster.when"), s.style(size*0.8, true), 1, 0})
	st := s.style(size*1.15, true)
	for _, h := range s.hours(s.lang) {
		text := h.line
		if s.doc.Set(text, st, width).Lines() > 1 {
			text = h.broken
		}
		items = append(items, item{"P", text, st, 1 + strings.Count(text, "\n"), 0})
	}
	return items
}

// where are the name, the address and the number.
func (s *sheet) where(size, width float64) []item {
	address := s.place.Address
	if s.doc.Set(address, s.proper(size*0.8, false), width).Lines() > 1 {
		address = strings.ReplaceAll(address, ", ", ",\n") // rather than within a name
	}
	return []item{
		{"H2", s.text(s.lang, "poster.where"), s.style(size*0.8, true), 1, 0},
		{"P", s.place.Name, s.proper(size, true), 3, 0},
		{"P", address, s.proper(size*0.8, false), 3, 0},
		{"P", s.phone(s.lang), s.style(size*0.8, false), 1, 0},
	}
}

// How letters become smaller until a page holds all, and how small at most.
const step, least = 0.05, 0.5

// A3 is the poster: French large, and every other language with its title below. A place
// with many hours, motifs or languages has smaller letters.
func (p Poster) A3() []byte {
	for scale := 1.0; ; scale -= step {
		if doc, fits := p.a3(scale); fits || scale < least {
			return doc.Bytes()
		}
	}
}

func (p Poster) a3(scale float64) (doc *pdf.Doc, fits bool) {
	doc = p.document()
	s := &sheet{Poster: p, doc: doc, page: doc.AddPage(pdf.A3), lang: words.French, margin: 48}
	s.y = s.margin
	s.banner(80*scale, 2)
	s.y += 16 * scale
	s.line("P", p.text(s.lang, "poster.come"), s.style(54*scale, true), 0)
	s.line("P", p.text(s.lang, "poster.help"), s.style(30*scale, false), 20*scale)

	top := s.y
	x, w := s.column(0, 2, 48)
	left := s.stack(x, top, w, s.when(36*scale, w)...)
	left = s.stack(x, left+16*scale, w, s.where(33*scale, w)...)
	x, w = s.column(1, 2, 48)
	right := s.stack(x, top, w, item{"H2", p.text(s.lang, "poster.for"), s.style(29*scale, true), 1, 6})
	right = s.list(x, right, w, p.motifs(s.lang), 26*scale, 1)
	s.page.Decoration(func() { s.page.Line(pdf.Black, 2, x-24, top, x-24, max(left, right)) })
	s.y = max(left, right) + 20*scale

	s.boxes(p.dates(s.lang), 25*scale)
	s.y += 14 * scale
	s.line("P", p.text(s.lang, "poster.bring"), s.style(28*scale, true), 16*scale)
	return doc, s.others(17)
}

// others are the other languages, in two columns down to the foot of the page, and
// whether they have the room for it.
func (s *sheet) others(size float64) (fit bool) {
	const columns = 40 // between the two
	others := s.place.Languages[min(1, len(s.place.Languages)):]
	foot := s.page.H - s.margin
	if len(others) == 0 {
		return s.y <= foot
	}
	s.page.Decoration(func() { s.page.Fill(pdf.Black, pdf.Rect{X: s.margin, Y: s.y, W: s.width(), H: 4}) })
	s.y += 14
	rows := (len(others) + 1) / 2
	row := size * 2.8 // two lines and what parts them from the next
	if each := (foot - s.y) / float64(rows); each >= row {
		row = min(each, row*1.3)
		fit = true
	}
	for _, lang := range others { // all in the size that fits the longest
		_, w := s.column(0, 2, columns)
		one := &sheet{Poster: s.Poster, doc: s.doc, page: s.page, lang: lang}
		for size > 9 && s.doc.Set(s.text(lang, "poster.title"), one.style(size, true), w).Lines() > 1 {
			size -= 0.5
		}
	}
	for i, lang := range others {
		x, w := s.column(i%2, 2, columns)
		one := &sheet{Poster: s.Poster, doc: s.doc, page: s.page, lang: lang}
		one.stack(x, s.y+float64(i/2)*row, w,
			item{"P", s.text(lang, "poster.title"), one.style(size, true), 1, 0}, item{"P", s.text(lang, "poster.come"), one.style(size, false), 1, 0})
	}
	return fit
}

// A5 is the flyer: a page for each language, French first. A place with much to say has
// smaller letters.
func (p Poster) A5() []byte {
	doc := p.document()
	for _, lang := range p.place.Languages {
		scale := 1.0
		for scale > least && !p.a5(p.document(), lang, scale) {
			scale -= step
		}
		p.a5(doc, lang, scale)
	}
	return doc.Bytes()
}

func (p Poster) a5(doc *pdf.Doc, lang string, scale float64) (fits bool) {
	s := &sheet{Poster: p, doc: doc, page: doc.AddPage(pdf.A5), lang: lang, margin: 30}
	doc.Bookmark(1, p.words.Named(lang), s.page, 0)
	s.y = s.margin
	s.banner(32*scale, 4)
	s.y += 10 * scale
	s.line("P", p.text(lang, "poster.come"), s.style(23*scale, true), 0)
	s.line("P", p.text(lang, "poster.help"), s.style(13*scale, false), 10*scale)
	s.y = s.stack(s.margin, s.y, s.width(), s.when(18*scale, s.width())...) + 8*scale
	s.y = s.stack(s.margin, s.y, s.width(), s.where(17*scale, s.width())...) + 8*scale
	s.y = s.stack(s.margin, s.y, s.width(), item{"H2", p.text(lang, "poster.for"), s.style(14.5*scale, true), 1, 2})
	s.y = s.list(s.margin, s.y, s.width(), p.motifs(lang), 11*scale, 2) + 6*scale
	s.boxes(p.dates(lang), 11*scale)
	s.y += 8 * scale
	s.line("P", p.text(lang, "poster.bring"), s.style(13*scale, true), 2)
	if lang != words.French {
		s.line("P", p.text(lang, "poster.speaks"), s.style(12*scale, false), 0)
	}
	return s.y <= s.page.H-s.margin
}

func (p Poster) document() *pdf.Doc {
	return pdf.New(pdf.Meta{Title: p.place.Name, Lang: words.French, Subject: p.text(words.French, "poster.title")})
}
