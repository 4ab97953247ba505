package escpos

import (
	"bytes"
	"slices"
	"unicode"

	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding/charmap"

	"jeudi/drivers"
	"jeudi/drivers/typeset"
)

// The control bytes of ESC/POS.
const (
	lf  = 0x0a
	dle = 0x10
	esc = 0x1b
	fs  = 0x1c
	gs  = 0x1d
)

// Dots are 1/203 inch on the printers of the profiles, 8 to the millimetre.
const (
	dotsPerMM  = 8
	charWidth  = 12 // of font A
	charHeight = 24
	lineHeight = 30 // ESC 2, the default
)

// mostBlank bounds what one block may feed: 50 lines, 19 cm.
const mostBlank = 50 * lineHeight

// A Job is a document made ready for one printer.
type Job struct {
	Bytes []byte
	// Length is the paper it takes, in millimetres.
	Length int
	// Rastered counts the lines of text that were sent as dots.
	Rastered int
	// Folded counts the characters printed as a likeness: a narrow blank as a
	// wide one, ☐ as [ ].
	Folded int
	// Lost counts the characters printed as ? for want of any likeness.
	Lost int
	// Skipped counts the blocks left out: a text of which more than half would
	// be ?, a text from right to left of which any letter would be, a QR code or
	// an image that is too large for the paper. A rule with nothing else below it
	// is left out with them, uncounted.
	Skipped int
}

// Encode returns the bytes that print doc: see Composer.Compose.
func Encode(doc drivers.Document, p Profile) []byte { return Compose(doc, p).Bytes }

// Compose makes one document ready. Whoever prints more than one keeps a
// Composer, which remembers fonts and glyphs.
func Compose(doc drivers.Document, p Profile) Job { return NewComposer(p).Compose(doc) }

// A Composer makes documents ready for printers of one profile. It is not safe
// for concurrent use: whoever has the turn to print uses it.
type Composer struct {
	profile Profile
	pages   []page
	set     typesetter
}

// NewComposer returns a composer for printers of profile p. It costs nothing;
// fonts are read when a document first needs one.
func NewComposer(p Profile) *Composer {
	c := &Composer{profile: p}
	for _, cp := range p.CodePages {
		if table := cp.charmap(); table != nil && len(c.pages) < 64 {
			c.pages = append(c.pages, page{cp.Slot, table})
		}
	}
	if len(c.pages) == 0 {
		c.pages = []page{{0, charmap.CodePage437}} // where every printer starts
	}
	return c
}

// Compose makes the bytes that print doc on a printer, from ESC @ to the cut,
// and counts what it could not print as written.
//
// Each line goes the cheapest way that is faithful. One code page, that which
// holds most of the document, serves for all that it holds, another page of the
// printer for a line that it holds; any other line is shaped and sent as dots,
// Arabic and Tamil as much as the œ that a page lacks. The number always goes as
// text when it can, so that the first dot comes at once.
//
// No byte of a text, a picture or a QR code can act as a command: controls are
// removed, and a dot is altered where the dots would read as one that printers
// obey at once. No line is wider than the paper, and nothing follows the last
// cut but the order to present the sheet.
func (cp *Composer) Compose(doc drivers.Document) Job {
	c := composer{profile: cp.profile, pages: cp.pages, setter: &cp.set}
	c.main = cp.mainPage(doc)
	c.drawnLangs = cp.drawnLangs(doc)
	c.page = c.main
	// ESC @ forgets what came before. Then FS . leaves the Chinese mode in which
	// many printers start and which would eat the accents.
	c.raw(esc, '@', fs, '.', esc, 't', c.main.slot)
	c.torn = len(c.out)
	var above heading
	for _, block := range doc.Blocks {
		switch b := block.(type) {
		case drivers.Text:
			c.text(b)
		case drivers.Number:
			c.number(b)
		case drivers.Columns:
			c.columns(b)
		case drivers.QR:
			c.qr(b)
		case drivers.Image:
			c.image(b.Dots)
		case drivers.Rule:
			c.forget(above)
			above = heading{before: c}
			c.style(style{size: 1})
			c.line(bytes.Repeat([]byte{'-'}, c.profile.Columns))
			above.end = len(c.out)
		case drivers.Feed:
			c.feed(b.Lines)
		case drivers.Cut:
			c.forget(above)
			above = heading{}
			if len(c.out) > c.torn {
				c.cut()
			}
		}
	}
	c.forget(above)
	if len(c.out) > c.torn || !c.cuts {
		c.cut()
	}
	c.job.Bytes = c.out
	c.job.Length = (c.dots + dotsPerMM - 1) / dotsPerMM
	return c.job
}

// mainPage is the page that holds most of the texts of a document; the first of
// them that do.
func (cp *Composer) mainPage(doc drivers.Document) *page {
	var held [64]int
	count := func(text string) {
		mask := ^uint64(0)
		for _, r := range text {
			if r < 0xa1 || typographic(r) == "\u00a0" {
				continue
			}
			for i := range cp.pages {
				if _, ok := cp.pages[i].encode(r); !ok {
					mask &^= 1 << i
				}
			}
			if mask == 0 {
				return
			}
		}
		for i := range cp.pages {
			held[i] += int(mask >> i & 1)
		}
	}
	for _, block := range doc.Blocks {
		switch b := block.(type) {
		case drivers.Text:
			count(b.Text)
		case drivers.Columns:
			for _, cell := range b.Cells {
				count(cell)
			}
		}
	}
	best := 0
	for i := range cp.pages {
		if held[i] > held[best] {
			best = i
		}
	}
	return &cp.pages[best]
}

// drawnLangs are the languages other than French with a letter in a document that
// no page has. All of such a language is drawn: lines of two kinds of letters, one
// below the other, are hard to read. French has its œ, which is rare, and must come
// out of the slowest printer soon.
func (cp *Composer) drawnLangs(doc drivers.Document) map[string]bool {
	var langs map[string]bool
	for _, block := range doc.Blocks {
		t, ok := block.(drivers.Text)
		if !ok || !cp.profile.Raster || t.Lang == "" || t.Lang == "fr" || langs[t.Lang] {
			continue
		}
		for _, r := range clean(t.Text) {
			if !unicode.IsLetter(r) || typographic(r) != "" || !cp.set.Has(r) ||
				slices.ContainsFunc(cp.pages, func(p page) bool { _, ok := p.encode(r); return ok }) {
				continue
			}
			if langs == nil {
				langs = map[string]bool{}
			}
			langs[t.Lang] = true
			break
		}
	}
	return langs
}

// style is how the next characters look.
type style struct {
	size  int
	bold  bool
	align byte // ESC a
}

// composer is a document under way.
type composer struct {
	profile Profile
	pages   []page
	setter  *typesetter
	main    *page // of the document

	drawnLangs map[string]bool // the languages of which every text is drawn

	out   []byte
	now   style // what the printer was told; the zero size means 1
	page  *page // what the printer was told; nil behind a picture, where some forget it
	drawn bool  // the last thing on paper is a picture
	dots  int
	torn  int  // where out was when the paper was last cut
	cuts  bool // it was
	job   Job
}

// heading is a rule, which stands above a part.
type heading struct {
	before composer // as it was before the rule
	end    int      // of the rule in out; 0 when there is none
}

// forget takes a rule back when all of its part was left out.
func (c *composer) forget(h heading) {
	if skipped := c.job.Skipped; len(c.out) == h.end && skipped > h.before.job.Skipped {
		*c = h.before
		c.job.Skipped = skipped
	}
}

func (c *composer) raw(b ...byte) { c.out = append(c.out, b...) }

// style tells the printer what changed.
func (c *composer) style(s style) {
	s.size = min(max(s.size, 1), 8)
	if s.align != c.now.align {
		c.raw(esc, 'a', s.align)
	}
	if s.bold != c.now.bold {
		c.raw(esc, 'E', bit(s.bold))
	}
	if s.size != max(c.now.size, 1) {
		n := byte(s.size - 1)
		c.raw(gs, '!', n<<4|n)
	}
	c.now = s
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// line prints bytes of the page under way that fit on one line.
func (c *composer) line(text []byte) {
	height := max(lineHeight, charHeight*max(c.now.size, 1))
	if len(text) == 0 && c.drawn {
		c.skip(height)
		return
	}
	c.drawn = false
	c.raw(text...)
	c.raw(lf)
	c.dots += height
}

// skip is white paper behind a picture, where an LF may be swallowed.
func (c *composer) skip(rows int) {
	c.blank(rows)
	c.dots += rows
}

// in tells the printer which page comes.
func (c *composer) in(p *page) {
	if c.page != p {
		c.raw(esc, 't', p.slot)
		c.page = p
	}
}

func (c *composer) feed(lines int) {
	c.style(style{size: 1})
	for range min(max(lines, 0), mostBlank/lineHeight) {
		c.line(nil)
	}
}

// cut ends a sheet.
func (c *composer) cut() {
	c.style(style{size: 1})
	far := c.profile.Blade * dotsPerMM
	switch {
	case !c.profile.Cutter:
		c.feed((far + lineHeight - 1) / lineHeight)
	case c.profile.FullCut:
		c.raw(gs, 'V', 65, 0) // feed to the blade, then cut: GS V 0 alone cuts through the text
		c.dots += far
	default:
		c.raw(gs, 'V', 66, 0)
		c.dots += far
	}
	if c.profile.Presenter {
		// GS e, in the manuals of KPM, TPTCM and VKP alike: 3 pushes the sheet out
		// and holds it, 5 lets it go.
		if steps := c.profile.PresentSteps; steps > 0 {
			c.raw(gs, 'e', 3, byte(steps))
		} else {
			c.raw(gs, 'e', 5)
		}
	}
	c.torn, c.cuts = len(c.out), true
}

// ready makes a text printable: what neither a page nor a font has is replaced
// by a likeness, else by a ?, and counted. It returns nil for a text that nobody
// could read.
//
// From right to left one lost letter is enough: a line of Arabic without one of
// its letters comes out as bits without what joins them.
func (c *composer) ready(text string, rtl bool) []rune {
	var (
		in                          = clean(text)
		out                         = in[:0:0]
		kept, folded, lost, letters int
		changed                     bool
	)
	for i, r := range in {
		if r == '\n' || r == ' ' || r == nbsp || c.printable(r) {
			if r != '\n' && r != ' ' && r != nbsp && !typeset.Invisible(r) {
				kept++
			}
			if changed {
				out = append(out, r)
			}
			continue
		}
		if !changed {
			out, changed = append(make([]rune, 0, len(in)+8), in[:i]...), true
		}
		if s := c.main.strip(r); len(s) > 0 {
			out = append(out, s...)
			folded++
			continue
		}
		if unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) {
			continue // a mark that found no letter
		}
		out = append(out, '\ufffd')
		lost++
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if lost > kept+folded || rtl && letters > 0 {
		c.job.Skipped++
		return nil
	}
	c.job.Folded += folded
	c.job.Lost += lost
	if !changed {
		return in
	}
	return out
}

// inPage reports whether some page has a character.
func (c *composer) inPage(r rune) bool {
	for i := range c.pages {
		if _, ok := c.pages[i].encode(r); ok {
			return true
		}
	}
	return false
}

// printable reports whether a character can go on paper as it is, or as the same
// sign in plainer dress.
func (c *composer) printable(r rune) bool {
	return r < 0x7f || typeset.Invisible(r) || c.inPage(r) || typographic(r) != "" || c.profile.Raster && c.setter.Has(r)
}

// dress replaces what no page has by the same sign in plainer dress.
func (c *composer) dress(text []rune) []rune {
	i := slices.IndexFunc(text, func(r rune) bool { return r >= 0x7f && typographic(r) != "" && !c.inPage(r) })
	if i < 0 {
		return text
	}
	out := append(make([]rune, 0, len(text)+8), text[:i]...)
	for _, r := range text[i:] {
		if s := typographic(r); s != "" && !c.inPage(r) {
			out = append(out, []rune(s)...)
			c.job.Folded++
			continue
		}
		out = append(out, r)
	}
	return out
}

// pageFor is a page that has all of a text, the document's if it can be.
func (c *composer) pageFor(text []rune) *page {
	if c.main.has(text) {
		return c.main
	}
	for i := range c.pages {
		if c.pages[i].has(text) {
			return &c.pages[i]
		}
	}
	return nil
}

// asDots reports whether a whole paragraph is to be shaped: when it is not in the
// order in which a printer prints, or when a good part of its letters is in no
// page. Else its lines go each their own way.
func (c *composer) asDots(text []rune, rtl bool) bool {
	if !c.profile.Raster {
		return false
	}
	if !plain(text, rtl) {
		return true
	}
	letters, foreign := 0, 0
	for _, r := range text {
		if r < 0x80 && r != ' ' {
			letters++
			continue
		}
		if unicode.IsLetter(r) {
			letters++
			if !c.inPage(r) {
				foreign++
			}
		}
	}
	return foreign*4 > letters && c.pageFor(text) == nil
}

// text prints a paragraph, or several when it has line feeds.
func (c *composer) text(t drivers.Text) {
	text := c.ready(t.Text, t.RTL)
	if text == nil {
		return
	}
	s := setting{size: min(max(t.Size, 1), 8), bold: t.Bold, rtl: t.RTL, lang: t.Lang}
	a := align(t.Align, t.RTL)
	for {
		i := slices.Index(text, '\n')
		if i < 0 {
			c.paragraph(text, s, a)
			return
		}
		c.paragraph(text[:i], s, a)
		text = text[i+1:]
	}
}

// paragraph prints text without line feeds.
func (c *composer) paragraph(text []rune, s setting, align byte) {
	if c.drawnLangs[s.lang] || c.asDots(text, s.rtl) {
		c.shaped(text, s, align)
		return
	}
	look := style{size: s.size, bold: s.bold, align: align}
	for _, l := range wrap(c.dress(text), c.profile.Columns/s.size) {
		p := c.pageFor(l)
		if p == nil && c.profile.Raster && slices.ContainsFunc(l, func(r rune) bool { return !c.inPage(r) && c.setter.Has(r) }) {
			c.shaped(l, s, align)
			continue
		}
		if p == nil {
			p = c.main // it cannot be helped: what is lost was counted
		}
		c.style(look)
		if len(l) > 0 {
			c.in(p)
		}
		c.line(p.bytes(l))
	}
}

// margin keeps the ends of a shaped line off the edge: glyphs may lean out.
const margin = 2

// linesAtOnce bounds the picture that is drawn of a long text.
const linesAtOnce = 16

// drawable replaces what a page has and no font, such as the corners of boxes.
func (c *composer) drawable(text []rune) []rune {
	if !slices.ContainsFunc(text, func(r rune) bool { return !c.setter.Has(r) }) {
		return text
	}
	out := make([]rune, 0, len(text)+8)
	for _, r := range text {
		s := []rune(likeness(r))
		switch {
		case c.setter.Has(r):
			out = append(out, r)
		case r == '\ufffd': // counted before
			out = append(out, '?')
		case unicode.Is(unicode.M, r):
		case len(s) > 0:
			out = append(out, s...)
			c.job.Folded++
		default:
			out = append(out, '?')
			c.job.Lost++
		}
	}
	return out
}

// shaped prints text as dots.
func (c *composer) shaped(text []rune, s setting, align byte) {
	text = c.drawable(text)
	room := c.profile.Dots - 2*margin
	for lines := range slices.Chunk(c.setter.set(text, s, room), linesAtOnce) {
		left := make([]int, len(lines))
		for i, l := range lines {
			left[i] = margin + max(room-l.width.Ceil(), 0)*int(align)/2
			if align == 2 && l.width.Ceil() > room {
				left[i] = margin + room - l.width.Ceil()
			}
		}
		c.picture(lines, left, s)
	}
}

// picture draws set lines and prints them.
func (c *composer) picture(lines []setLine, left []int, s setting) {
	c.raster(c.setter.draw(lines, left, s, c.profile.Dots))
	c.job.Rastered += len(lines)
}

// align is ESC a's number: left, centre, right.
func align(a drivers.Align, rtl bool) byte {
	switch {
	case a == drivers.Center:
		return 1
	case (a == drivers.End) != rtl:
		return 2
	}
	return 0
}

// number prints as large as the paper allows: GS ! 77h is 8 × 8, which is 12 mm
// a digit and 24 mm high.
func (c *composer) number(n drivers.Number) {
	var text []rune
	dots := false
	for _, r := range clean(n.Text) {
		switch s := c.main.strip(r); {
		case r == '\n':
			text = append(text, ' ')
		case c.main.has([]rune{r}):
			text = append(text, r)
		case len(s) > 0: // the digits of Arabic are those of the screens in French
			text = append(text, s...)
			c.job.Folded++
		case c.profile.Raster && c.setter.Has(r):
			text, dots = append(text, r), true
		default:
			text = append(text, '\ufffd')
			c.job.Lost++
		}
	}
	if len(text) == 0 {
		return
	}
	size := min(max(c.profile.Columns/len(text), 1), 8)
	if dots {
		s := setting{size: size, bold: true}
		for s.size > 1 && len(c.setter.set(text, s, c.profile.Dots-2*margin)) > 1 {
			s.size--
		}
		c.shaped(text, s, 1)
		return
	}
	c.style(style{size: size, bold: true, align: 1})
	for _, l := range wrap(text, c.profile.Columns/size) {
		c.in(c.main)
		c.line(c.main.bytes(l))
	}
}

// columns spreads the cells over the line, the first at the side where its
// language begins. Cells too long for one line are printed below each other, the
// last at the end: nothing is cut off.
func (c *composer) columns(cols drivers.Columns) {
	var (
		cells [][]rune
		all   []rune
	)
	for _, text := range cols.Cells {
		cell := c.ready(text, false)
		for i, r := range cell {
			if r == '\n' {
				cell[i] = ' '
			}
		}
		cell = wrap(cell, max(len(cell), 1))[0] // one line, its blanks tidied
		cells = append(cells, cell)
		all = append(append(all, cell...), ' ')
	}
	if len(cells) == 0 {
		return
	}
	if c.asDots(all, false) || c.profile.Raster && c.pageFor(c.dressed(all)) == nil {
		c.shapedColumns(cells, cols.Bold, all)
		return
	}
	width := 0
	for i := range cells {
		cells[i] = c.dress(cells[i])
		width += len(cells[i])
	}
	p := c.pageFor(slices.Concat(cells...))
	if p == nil {
		p = c.main
	}
	gaps := len(cells) - 1
	room := c.profile.Columns - width
	if room >= gaps {
		c.style(style{size: 1, bold: cols.Bold})
		c.in(p)
		var line []byte
		for i, cell := range cells {
			if i > 0 {
				// The gaps share the room; the last gap takes what is left.
				gap := room / gaps
				if i == gaps {
					gap = c.profile.Columns - len(line) - len(cell)
				}
				line = append(line, bytes.Repeat([]byte{' '}, gap)...)
			}
			line = append(line, p.bytes(cell)...)
		}
		c.line(line)
		return
	}
	for i, cell := range cells {
		a := byte(0)
		if i == gaps {
			a = 2
		}
		c.paragraph(cell, setting{size: 1, bold: cols.Bold}, a)
	}
}

// dressed is dress without counting.
func (c *composer) dressed(text []rune) []rune {
	n := c.job.Folded
	text = c.dress(text)
	c.job.Folded = n
	return text
}

// shapedColumns is columns as dots.
func (c *composer) shapedColumns(cells [][]rune, bold bool, all []rune) {
	s := setting{size: 1, bold: bold, rtl: typeset.RightToLeft(all)}
	const wide = 1 << 20 // never wrapped
	var (
		set   []setLine
		room  = c.profile.Dots - 2*margin
		gaps  = len(cells) - 1
		width = 0
	)
	for i := range cells {
		cells[i] = c.drawable(cells[i])
		l := c.setter.set(cells[i], s, wide)[0]
		set = append(set, l)
		width += l.width.Ceil()
	}
	if room-width < gaps*charWidth {
		for i, cell := range cells {
			a := align(drivers.Start, s.rtl)
			if i == gaps {
				a = align(drivers.End, s.rtl)
			}
			c.shaped(cell, s, a)
		}
		return
	}
	var line setLine
	x := 0
	for i, l := range set {
		if i > 0 {
			x += (room - width) / gaps
			if i == gaps {
				x = room - l.width.Ceil()
			}
		}
		at := x
		if s.rtl {
			at = room - x - l.width.Ceil()
		}
		for _, g := range l.glyphs {
			g.x += fixed.I(at)
			line.glyphs = append(line.glyphs, g)
		}
		x += l.width.Ceil()
	}
	c.picture([]setLine{line}, []int{margin}, s)
}
