// Package pdf makes documents: the bilan, and the pages of a poster.
//
// Below the bilan is a small layer of pages and text, for whoever makes another
// document:
//
//	d := pdf.New(pdf.Meta{Title: "Affiche", Lang: "fr"})
//	p := d.AddPage(pdf.A3)
//	b := d.Set("Permanence numérique", pdf.Style{Size: 48, Bold: true}, 700)
//	d.In(pdf.Element{Tag: "H1"}, func() { p.Text(b, 71, 71, 700) })
//	p.Fill(pdf.Black, pdf.Rect{X: 71, Y: 71 + b.Height(), W: 700, H: 2})
//	file := d.Bytes()
//
// Lengths are points, 72 to the inch, from the upper left corner of a page; y grows
// downwards. Set shapes a text of any language of the box and breaks it into lines; it
// begins on the right where its first letter does. What is drawn within In is content
// of that element, in the order in which it is said; what is drawn outside of it is
// decoration, which nobody is read aloud. Images with a meaning are in an element
// "Figure" with Alt.
//
// It promises: tagged documents whose text is found, copied and read in the order of
// its elements, with language, title and bookmarks; every font embedded, with the
// glyphs that are used alone; and the same bytes for the same document.
//
// # Why this is ours
//
// Of the libraries for Go that could be had, github.com/signintech/gopdf and
// github.com/go-pdf/fpdf neither tag a document nor name its language, and set text
// without shaping, which takes Arabic away; github.com/pdfcpu/pdfcpu edits files and
// lays out forms. The hard half, letters, is done by drivers/typeset, with HarfBuzz's
// port, which printed tickets need anyway; what is left is some objects in a file.
package pdf

import (
	"cmp"
	"slices"
	"strings"

	"jeudi/drivers/typeset"
)

// Meta is what a document says of itself.
type Meta struct {
	Title, Author, Subject string
	Lang                   string // BCP 47, of all that has no other
}

// Size is that of a page.
type Size struct{ W, H float64 }

// Sizes of ISO 216, upright.
var (
	A3 = Size{841.89, 1190.55}
	A4 = Size{595.28, 841.89}
	A5 = Size{419.53, 595.28}
)

// Ink is a colour, each part from 0 to 1. The zero Ink is black.
type Ink struct{ R, G, B float64 }

// Black and White, and the greys between, print on any printer.
var (
	Black = Ink{}
	White = Grey(1)
)

// Grey is from 0, black, to 1, white.
func Grey(v float64) Ink { return Ink{v, v, v} }

// Align is where lines stand within the width that they are given.
type Align int

// Start is the side on which a text begins: left for French, right for Arabic.
const (
	Start Align = iota
	Center
	End
)

// Style is how a text is set.
type Style struct {
	Size    float64 // of type
	Leading float64 // between lines, in sizes; 1.35 when 0
	Bold    bool
	Align   Align
	Ink     Ink
	Lang    string // BCP 47; the document's when empty
	RTL     bool   // runs to the left, even if its first letter does not
}

// Element is a part of the structure of a document: what it is, not how it looks.
type Element struct {
	Tag  string // of PDF: "H1", "P", "Table", "TR", "TH", "TD", "Figure", "Caption", "L", "LI", "LBody"
	Alt  string // in the place of what cannot be read: a picture
	Lang string // when it is not that around it
	// Of a TH: "Column" or "Row".
	Scope string
	// Of a Figure: where it is on its page.
	Box Rect
}

// Doc is a document that is being made. It is not safe for concurrent use.
type Doc struct {
	meta    Meta
	setter  typeset.Setter
	pages   []*Page
	fonts   map[int]*fontUse
	root    *node
	open    *node
	outline []bookmark
}

// node is an Element in its place.
type node struct {
	Element
	parent *node
	kids   []kid
	object int // its number in the file
}

// kid is a node, or content of a page.
type kid struct {
	node *node
	page *Page
	id   int
}

type bookmark struct {
	title string
	level int
	page  *Page
	y     float64
}

// New begins a document.
func New(m Meta) *Doc {
	root := &node{Element: Element{Tag: "Document", Lang: m.Lang}}
	return &Doc{meta: m, fonts: map[int]*fontUse{}, root: root, open: root}
}

// AddPage adds a page at the end.
func (d *Doc) AddPage(s Size) *Page {
	p := &Page{doc: d, Size: s}
	d.pages = append(d.pages, p)
	return p
}

// Pages are those that were added, for what is written on each at the end: its number.
func (d *Doc) Pages() []*Page { return d.pages }

// In makes what draw draws the content of an element, which may hold others. Elements
// are read in the order in which they were begun, on whatever page they stand.
func (d *Doc) In(e Element, draw func()) {
	n := &node{Element: e, parent: d.open}
	d.open.kids = append(d.open.kids, kid{node: n})
	d.open = n
	draw()
	d.open = n.parent
}

// Bookmark adds a heading to the list beside the pages. The first level is 1; a level
// that is deeper by more than one is taken for the next.
func (d *Doc) Bookmark(level int, title string, p *Page, y float64) {
	deepest := 1
	if n := len(d.outline); n > 0 {
		deepest = d.outline[n-1].level + 1
	}
	d.outline = append(d.outline, bookmark{title, min(max(level, 1), deepest), p, y})
}

// Block is a text that is set: lines below each other.
type Block struct {
	style Style
	lines []blockLine
}

type blockLine struct {
	text []rune
	line typeset.Line
	rtl  bool
	more bool // the paragraph goes on
}

// em is the size at which text is set, whatever that at which it is drawn.
const em = 1000

// Set breaks a text into lines of at most width. A line feed ends a paragraph.
func (d *Doc) Set(text string, s Style, width float64) Block {
	s.Leading = cmp.Or(s.Leading, 1.35)
	b := Block{style: s}
	for paragraph := range strings.SplitSeq(text, "\n") {
		runes := []rune(paragraph)
		rtl := s.RTL || typeset.RightToLeft(runes)
		lines := d.setter.Lines(runes, typeset.Setting{
			Em: em, Bold: s.Bold, RTL: rtl, Lang: cmp.Or(s.Lang, d.meta.Lang),
		}, int(width/s.Size*em))
		for i, l := range lines {
			b.lines = append(b.lines, blockLine{runes, l, rtl, i < len(lines)-1})
		}
	}
	return b
}

// Lines is how many lines it has.
func (b Block) Lines() int { return len(b.lines) }

// Pitch is from one line to the next.
func (b Block) Pitch() float64 { return b.style.Size * b.style.Leading }

// Height is of all lines.
func (b Block) Height() float64 { return float64(len(b.lines)) * b.Pitch() }

// Width is that of the widest line.
func (b Block) Width() float64 {
	widest := 0.0
	for _, l := range b.lines {
		widest = max(widest, b.lineWidth(l))
	}
	return widest
}

func (b Block) lineWidth(l blockLine) float64 { return float64(l.line.Width) / 64 / em * b.style.Size }

// Slice is the lines from i up to j, for a text that goes on elsewhere.
func (b Block) Slice(i, j int) Block {
	b.lines = slices.Clone(b.lines[i:j])
	return b
}
