package pdf

import (
	"fmt"
	"slices"
	"strings"

	"jeudi/firmware/report"
)

// The page of the bilan, in points.
const (
	sideMargin = 62
	topMargin  = 60
	lowMargin  = 66
	bodySize   = 10.5
	smallSize  = 8.5
	afterText  = 5  // between two paragraphs
	afterPart  = 18 // between chapters
)

var (
	ink  = Ink{0.08, 0.13, 0.24} // the site's blue, which prints nearly black
	soft = Grey(0.35)            // 7:1 on white
)

// Bilan is the bilan on A4: a first page with what matters and a table of contents, a
// heading for each chapter, tables whose head is repeated where they go on. A chart, its
// caption and its description stay on one page, and no heading stands alone at its foot.
func Bilan(b report.Bilan) []byte {
	// Where chapters are is known once all is set, and the contents come first: set twice.
	f := layBilan(b, map[string]int{})
	return layBilan(b, f.chapters).doc.Bytes()
}

const methodTitle = "Note de méthode"

// flow is a document whose pages fill up from top to bottom.
type flow struct {
	doc      *Doc
	page     *Page
	y        float64
	chapters map[string]int // page of each
}

func (f *flow) width() float64  { return f.page.W - 2*sideMargin }
func (f *flow) bottom() float64 { return f.page.H - lowMargin }

func (f *flow) next() {
	f.page, f.y = f.doc.AddPage(A4), topMargin
}

// room begins a page if less is left on this one.
func (f *flow) room(height float64) {
	if f.y+height > f.bottom() && f.y > topMargin {
		f.next()
	}
}

func (f *flow) set(text string, s Style) Block { return f.doc.Set(text, s, f.width()) }

var (
	body    = Style{Size: bodySize, Leading: 1.42}
	small   = Style{Size: smallSize, Leading: 1.4, Ink: soft}
	caption = Style{Size: 11, Bold: true, Ink: ink}
)

// text sets a paragraph; one that goes on leaves two lines on either page.
func (f *flow) text(tag, text string, s Style) {
	f.doc.In(Element{Tag: tag}, func() { f.lines(f.set(text, s)) })
	f.y += afterText
}

func (f *flow) lines(b Block) {
	n := b.Lines()
	fit := int((f.bottom() - f.y) / b.Pitch())
	if fit >= n {
		f.y = f.page.Text(b, sideMargin, f.y, f.width())
		return
	}
	if fit = min(fit, n-2); fit >= 2 {
		f.page.Text(b.Slice(0, fit), sideMargin, f.y, f.width())
		b = b.Slice(fit, n)
	}
	f.next()
	f.y = f.page.Text(b, sideMargin, f.y, f.width())
}

func layBilan(b report.Bilan, chapters map[string]int) *flow {
	f := &flow{chapters: map[string]int{}, doc: New(Meta{
		Title: b.Title + " – " + b.Place + ", " + b.Span, Author: b.Place, Subject: b.Span, Lang: "fr",
	})}
	f.next()
	f.first(b, chapters)
	for _, p := range b.Parts {
		f.part(p)
	}
	f.heading(methodTitle, "method", 3*bodySize)
	for _, p := range b.Method {
		f.text("P", p, body)
	}
	pages := f.doc.Pages()
	for i, p := range pages {
		y := p.H - lowMargin + 24
		p.Line(Grey(0.6), 0.5, sideMargin, y-6, p.W-sideMargin, y-6)
		number := f.set(fmt.Sprintf("Page %d sur %d", i+1, len(pages)), Style{Size: smallSize, Ink: soft, Align: End})
		p.Text(number, sideMargin, y, f.width())
		// A long name of a place ends before the number.
		name := f.doc.Set(b.Title+" – "+b.Place, Style{Size: smallSize, Ink: soft}, f.width()-number.Width()-20)
		p.Text(name.Slice(0, 1), sideMargin, y, f.width())
	}
	return f
}

// first is the first page: what a council reads if it reads one page.
func (f *flow) first(b report.Bilan, chapters map[string]int) {
	f.doc.Bookmark(1, b.Title, f.page, 0)
	f.text("H1", b.Title, Style{Size: 25, Bold: true, Ink: ink, Leading: 1.15})
	f.text("P", b.Place, Style{Size: 14, Bold: true})
	f.text("P", strings.ToUpper(b.Span[:min(1, len(b.Span))])+b.Span[min(1, len(b.Span)):], Style{Size: 12})
	f.page.Fill(ink, Rect{sideMargin, f.y + 4, f.width(), 2})
	f.y += 20
	f.doc.In(Element{Tag: "H2"}, func() {
		f.y = f.page.Text(f.set("L’essentiel", Style{Size: 15, Bold: true, Ink: ink}), sideMargin, f.y, f.width())
	})
	f.y += 6
	f.list(b.Lead, Style{Size: 11.5, Leading: 1.42})
	f.y += 12
	f.contents(b, chapters)
	f.next()
}

// list is sentences one below the other, with a mark before each.
func (f *flow) list(sentences []string, s Style) {
	const indent = 14
	f.doc.In(Element{Tag: "L"}, func() {
		for _, text := range sentences {
			block := f.doc.Set(text, s, f.width()-indent)
			f.room(block.Height())
			f.doc.In(Element{Tag: "LI"}, func() {
				f.page.Decoration(func() {
					f.page.Fill(ink, Rect{sideMargin + 1, f.y + block.Pitch()/2 - 2, 4, 4})
				})
				f.doc.In(Element{Tag: "LBody"}, func() {
					f.y = f.page.Text(block, sideMargin+indent, f.y, f.width()-indent)
				})
			})
			f.y += afterText
		}
	})
}

// contents is the chapters with their pages, in two columns; on a page of its own if
// the first one is full.
func (f *flow) contents(b report.Bilan, chapters map[string]int) {
	type entry struct {
		title, number Block
	}
	const gap = 28
	var (
		column  = (f.width() - gap) / 2
		entries []entry
		heights [2]float64
		style   = Style{Size: 9.5, Leading: 1.3}
	)
	add := func(key, title string) {
		right := style
		right.Align = End
		entries = append(entries, entry{f.doc.Set(title, style, column-24), f.set(fmt.Sprint(chapters[key]), right)})
	}
	for _, p := range b.Parts {
		add(p.Key, p.Title)
	}
	add("method", methodTitle)
	half := (len(entries) + 1) / 2
	for i, e := range entries {
		heights[i/half] += e.title.Height() + 5
	}
	head := f.set("Sommaire", Style{Size: 15, Bold: true, Ink: ink})
	f.room(head.Height() + 6 + max(heights[0], heights[1]))
	f.doc.In(Element{Tag: "H2"}, func() { f.y = f.page.Text(head, sideMargin, f.y, f.width()) })
	f.y += 6
	f.doc.In(Element{Tag: "TOC"}, func() {
		x, y := float64(sideMargin), f.y
		for i, e := range entries {
			if i == half {
				x, y = x+column+gap, f.y
			}
			f.doc.In(Element{Tag: "TOCI"}, func() {
				end := f.page.Text(e.title, x, y, column-24)
				f.page.Text(e.number, x, end-e.number.Height(), column)
				f.page.Decoration(func() { f.page.Line(Grey(0.75), 0.5, x, end+1.5, x+column, end+1.5) })
				y = end + 5
			})
		}
	})
	f.y += max(heights[0], heights[1])
}

// heading begins a chapter; with is the height of what must stand below it.
func (f *flow) heading(title, key string, with float64) {
	if f.y > topMargin {
		f.y += afterPart
	}
	block := f.set(title, Style{Size: 16, Bold: true, Ink: ink, Leading: 1.2})
	f.room(block.Height() + 12 + with)
	f.doc.Bookmark(2, title, f.page, f.y)
	f.chapters[key] = len(f.doc.Pages())
	f.doc.In(Element{Tag: "H2"}, func() { f.y = f.page.Text(block, sideMargin, f.y, f.width()) })
	f.page.Fill(ink, Rect{sideMargin, f.y + 2, 40, 2})
	f.y += 12
}

func (f *flow) part(p report.Part) {
	with := 3.0 * bodySize
	if len(p.Sentences) > 0 {
		with = f.set(p.Sentences[0], body).Height()
	} else if len(p.Charts) > 0 {
		with = f.newChart(p.Charts[0]).height
	}
	f.heading(p.Title, p.Key, with)
	for _, s := range p.Sentences {
		f.text("P", s, body)
	}
	f.y += 4
	shown := map[string]bool{}
	for _, c := range p.Charts {
		f.chart(c)
		// A table goes with the chart of its key.
		for _, t := range p.Tables {
			if t.Key == c.Key {
				f.table(t)
				shown[t.Key] = true
			}
		}
	}
	for _, t := range p.Tables {
		if !shown[t.Key] {
			f.table(t)
		}
	}
}

// chart is a chart that is set, with the height that it needs.
type chart struct {
	caption, description, here, there Block
	rows                              []chartRow
	labels                            float64 // width of their column
	texts                             float64
	height                            float64
	compared                          bool
}

type chartRow struct {
	label, text Block
	height      float64
}

const (
	barHeight = 11
	refHeight = 5
	barGap    = 7
)

func (f *flow) newChart(c report.Chart) chart {
	k := chart{caption: f.set(c.Caption, caption)}
	k.compared = slices.ContainsFunc(c.Bars, func(b report.Bar) bool { return b.Ref >= 0 })
	style := Style{Size: 9.5, Leading: 1.25}
	for _, b := range c.Bars {
		k.labels = max(k.labels, f.set(b.Label, style).Width())
		k.texts = max(k.texts, f.set(b.Text, style).Width())
	}
	k.labels, k.texts = min(k.labels+1, 170), min(k.texts+1, 150)
	k.height = k.caption.Height() + 6
	for _, b := range c.Bars {
		row := chartRow{label: f.doc.Set(b.Label, style, k.labels), text: f.doc.Set(b.Text, style, k.texts)}
		row.height = max(row.label.Height(), row.text.Height(), barHeight)
		if b.Ref >= 0 {
			row.height = max(row.height, barHeight+1+refHeight)
		}
		k.rows = append(k.rows, row)
		k.height += row.height + barGap
	}
	if k.compared {
		k.here, k.there = f.set("Cette permanence", small), f.set("Repère publié", small)
		k.height += k.here.Height() + 2
	}
	if c.Description != "" {
		k.description = f.set(c.Description, small)
		k.height += k.description.Height()
	}
	return k
}

// chart draws bars: full ones, and hatched ones for what they are compared with, which
// no printer takes for each other.
func (f *flow) chart(c report.Chart) {
	k := f.newChart(c)
	f.room(k.height)
	f.doc.In(Element{Tag: "Caption"}, func() { f.y = f.page.Text(k.caption, sideMargin, f.y, f.width()) + 6 })
	if k.compared {
		f.doc.In(Element{Tag: "P"}, func() {
			x := float64(sideMargin)
			f.page.Decoration(func() { f.page.Fill(ink, Rect{x, f.y + 2, 14, 8}) })
			f.page.Text(k.here, x+19, f.y, k.here.Width()+2)
			x += 19 + k.here.Width() + 18
			f.page.Decoration(func() { f.hatched(Rect{x, f.y + 3, 14, 6}) })
			f.page.Text(k.there, x+19, f.y, k.there.Width()+2)
		})
		f.y += k.here.Height() + 2
	}
	rows := 0.0
	for _, r := range k.rows {
		rows += r.height + barGap
	}
	// The description is written below: it is read once, there.
	alt := "Graphique : " + c.Caption + "."
	if c.Description == "" {
		for _, b := range c.Bars {
			alt += " " + b.Label + " : " + b.Text + "."
		}
	}
	f.doc.In(Element{Tag: "Figure", Alt: alt, Box: Rect{sideMargin, f.y, f.width(), rows - barGap}}, func() {
		left := sideMargin + k.labels + 8
		full := f.width() - k.labels - k.texts - 16
		axis := f.y - 3
		for i, b := range c.Bars {
			r := k.rows[i]
			mid := func(h float64) float64 { return f.y + (r.height-h)/2 }
			f.page.Text(r.label, sideMargin, mid(r.label.Height()), k.labels)
			bars := float64(barHeight)
			if b.Ref >= 0 {
				bars += 1 + refHeight
			}
			top := mid(bars)
			if b.Value > 0 {
				f.page.Fill(ink, Rect{left, top, full * min(b.Value, 1), barHeight})
			}
			if b.Ref > 0 {
				f.hatched(Rect{left, top + barHeight + 1, full * min(b.Ref, 1), refHeight})
			}
			f.page.Text(r.text, left+full*min(max(b.Value, 0), 1)+6, top+(barHeight-r.text.Height())/2, k.texts)
			f.y += r.height + barGap
		}
		f.page.Line(soft, 0.75, left, axis, left, f.y-barGap+3)
	})
	if c.Description != "" {
		f.doc.In(Element{Tag: "P"}, func() { f.y = f.page.Text(k.description, sideMargin, f.y, f.width()) })
	}
	f.y += 12
}

func (f *flow) hatched(r Rect) {
	f.page.Hatch(Black, 0.6, 2.6, r)
	f.page.Frame(Black, 0.6, r)
}

// Padding of a cell.
const (
	cellSide = 5
	cellTop  = 2.5
)

// grid is a table that is set.
type grid struct {
	widths []float64
	head   []Block
	rows   [][]Block
}

func (g grid) row(i int) float64 { return rowHeight(g.rows[i]) }

func rowHeight(cells []Block) float64 {
	h := 0.0
	for _, c := range cells {
		h = max(h, c.Height())
	}
	return h + 2*cellTop
}

// newGrid gives each column what it needs and the first of text what is left, or less
// to the widest where all do not fit.
func (f *flow) newGrid(t report.DataTable) grid {
	g := grid{widths: make([]float64, len(t.Columns))}
	plain, bold := Style{Size: 9.5, Leading: 1.3}, Style{Size: 9.5, Leading: 1.3, Bold: true}
	total := 0.0
	for i, c := range t.Columns {
		g.widths[i] = f.set(c.Head, bold).Width()
		if c.Number { // its head may take two lines
			for word := range strings.FieldsSeq(c.Head) {
				g.widths[i] = min(g.widths[i], max(70, f.set(word, bold).Width()))
			}
		}
		for _, r := range t.Rows {
			g.widths[i] = max(g.widths[i], f.set(r[i].Text, plain).Width())
		}
		g.widths[i] += 2*cellSide + 1
		total += g.widths[i]
	}
	for total > f.width() {
		widest := 0
		for i, w := range g.widths {
			if w > g.widths[widest] {
				widest = i
			}
		}
		cut := min(total-f.width(), max(g.widths[widest]/4, 1))
		g.widths[widest] -= cut
		total -= cut
	}
	if len(t.Columns) > 0 {
		first := max(slices.IndexFunc(t.Columns, func(c report.Column) bool { return !c.Number }), 0)
		g.widths[first] += f.width() - total
	}
	style := func(s Style, i int) Style {
		if t.Columns[i].Number {
			s.Align = End
		}
		return s
	}
	for i, c := range t.Columns {
		g.head = append(g.head, f.doc.Set(c.Head, style(bold, i), g.widths[i]-2*cellSide))
	}
	for _, r := range t.Rows {
		var cells []Block
		for i, c := range r {
			cells = append(cells, f.doc.Set(c.Text, style(plain, i), g.widths[i]-2*cellSide))
		}
		g.rows = append(g.rows, cells)
	}
	return g
}

// table draws a table. It goes on only where a page cannot hold it, or after enough rows;
// its head is repeated, for the eye alone: who is read it has heard it.
func (f *flow) table(t report.DataTable) {
	g := f.newGrid(t)
	title := f.set(t.Caption, caption)
	var how Block
	if t.How != "" {
		how = f.set(t.How, small)
	}
	heads := rowHeight(g.head)
	all := title.Height() + 4 + heads + how.Height() + 3
	for i := range g.rows {
		all += g.row(i)
	}
	least := title.Height() + 4 + heads + how.Height() + 3
	for i := range min(6, len(g.rows)) {
		least += g.row(i)
	}
	if all <= f.bottom()-topMargin && all < 300 {
		least = all
	}
	f.room(least)
	f.doc.In(Element{Tag: "Table"}, func() {
		f.doc.In(Element{Tag: "Caption"}, func() { f.y = f.page.Text(title, sideMargin, f.y, f.width()) + 4 })
		f.row(t, g, g.head, -1)
		for i, cells := range g.rows {
			need := g.row(i)
			if i == len(g.rows)-2 { // the last row does not stand alone
				need += g.row(i + 1)
			}
			if i >= len(g.rows)-2 {
				need += how.Height() + 3
			}
			if f.y+need > f.bottom() {
				f.next()
				f.page.Decoration(func() {
					again := f.set(t.Caption+" (suite)", caption)
					f.y = f.page.Text(again, sideMargin, f.y, f.width()) + 4
					f.cells(g, g.head, true)
				})
			}
			f.row(t, g, cells, i)
		}
	})
	if t.How != "" {
		f.y += 3
		f.doc.In(Element{Tag: "P"}, func() { f.y = f.page.Text(how, sideMargin, f.y, f.width()) })
	}
	f.y += 14
}

// row draws a row and its elements; that at -1 is the head.
func (f *flow) row(t report.DataTable, g grid, cells []Block, at int) {
	f.doc.In(Element{Tag: "TR"}, func() {
		f.ground(g, cells, at < 0)
		x := float64(sideMargin)
		for i, c := range cells {
			e := Element{Tag: "TD"}
			switch {
			case at < 0:
				e = Element{Tag: "TH", Scope: "Column"}
			case i == 0 && !t.Columns[0].Number:
				e = Element{Tag: "TH", Scope: "Row"}
			}
			f.doc.In(e, func() { f.page.Text(c, x+cellSide, f.y+cellTop, g.widths[i]-2*cellSide) })
			x += g.widths[i]
		}
	})
	f.y += rowHeight(cells)
}

// cells draws a row without elements.
func (f *flow) cells(g grid, cells []Block, head bool) {
	f.ground(g, cells, head)
	x := float64(sideMargin)
	for i, c := range cells {
		f.page.Text(c, x+cellSide, f.y+cellTop, g.widths[i]-2*cellSide)
		x += g.widths[i]
	}
	f.y += rowHeight(cells)
}

func (f *flow) ground(g grid, cells []Block, head bool) {
	h := rowHeight(cells)
	f.page.Decoration(func() {
		if head {
			f.page.Fill(Grey(0.9), Rect{sideMargin, f.y, f.width(), h})
			f.page.Line(ink, 1, sideMargin, f.y+h, sideMargin+f.width(), f.y+h)
			return
		}
		f.page.Line(Grey(0.75), 0.5, sideMargin, f.y+h, sideMargin+f.width(), f.y+h)
	})
}
