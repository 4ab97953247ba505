package escpos

import (
	"bytes"

	"jeudi/drivers"
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
	charHeight = 24 // of font A
	lineHeight = 30 // ESC 2, the default
)

// tearLines is what brings the last line past the tear bar of a printer without
// a cutter: about 15 mm lie between the head and the bar.
const tearLines = 4

// A Job is a document made ready for one printer.
type Job struct {
	Bytes []byte
	// Length is the paper it takes, in millimetres.
	Length int
	// Folded counts the characters printed as a likeness: ş as s, → as ->.
	Folded int
	// Lost counts the characters printed as ? for want of any likeness.
	Lost int
	// Skipped counts the blocks left out: a text of which more than half would
	// be ?, a text from right to left of which any letter would be, or a QR code
	// that is too large for the paper. A rule with nothing else below it is left
	// out with them, uncounted.
	Skipped int
}

// Encode returns the bytes that print doc: see Compose.
func Encode(doc drivers.Document, p Profile) []byte { return Compose(doc, p).Bytes }

// Compose makes the bytes that print doc on a printer, from ESC @ to the cut,
// and counts what it could not print as written.
//
// No byte of a text or of a QR code can act as a command: controls are removed.
// No line is wider than the paper, and nothing follows the cut.
//
// Text is sent in Windows-1252, which holds all of French. A script outside of
// it, Arabic or Cyrillic, cannot be printed as text: such blocks are left out
// and counted as skipped, so the caller gives the same line in French too.
func Compose(doc drivers.Document, p Profile) Job {
	c := composer{profile: p}
	// ESC @ forgets what came before. Then FS . leaves the Chinese mode in which
	// many printers start and which would eat the accents.
	c.raw(esc, '@', fs, '.', esc, 't', p.CodePage)
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
		case drivers.Rule:
			c.forget(above)
			above = heading{before: c}
			c.style(style{size: 1})
			c.line(bytes.Repeat([]byte{'-'}, p.Columns))
			above.end = len(c.out)
		case drivers.Feed:
			c.feed(b.Lines)
		}
	}
	c.forget(above)
	c.style(style{size: 1})
	if p.Cutter {
		c.raw(gs, 'V', 66, 0) // feed to the blade, then cut: GS V 0 alone cuts through the text
		c.dots += 15 * dotsPerMM
	} else {
		c.feed(tearLines)
	}
	c.job.Bytes = c.out
	c.job.Length = (c.dots + dotsPerMM - 1) / dotsPerMM
	return c.job
}

// style is how the next characters look.
type style struct {
	size  int
	bold  bool
	align byte // ESC a
}

type composer struct {
	profile Profile
	out     []byte
	now     style // what the printer was told; the zero size means 1
	dots    int
	job     Job
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

// line prints one line that fits.
func (c *composer) line(text []byte) {
	c.raw(text...)
	c.raw(lf)
	c.dots += max(lineHeight, charHeight*max(c.now.size, 1))
}

func (c *composer) feed(lines int) {
	c.style(style{size: 1})
	for range min(max(lines, 0), 50) {
		c.line(nil)
	}
}

// fold folds a text and counts what happened to it. It returns nil for a text
// that nobody could read.
//
// From right to left one lost letter is enough: a line of Arabic that is Latin
// for the most part comes out as bits without what joins them.
func (c *composer) fold(text string, rtl bool) []byte {
	b, f := fold(text)
	if f.unreadable() || rtl && f.letters > 0 {
		c.job.Skipped++
		return nil
	}
	c.job.Folded += f.folded
	c.job.Lost += f.lost
	return b
}

func (c *composer) text(t drivers.Text) {
	b := c.fold(t.Text, t.RTL)
	if b == nil {
		return
	}
	size := min(max(t.Size, 1), 8)
	c.style(style{size: size, bold: t.Bold, align: align(t.Align, t.RTL)})
	for _, l := range wrap(b, c.profile.Columns/size) {
		c.line(l)
	}
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
	b := c.fold(n.Text, false)
	if len(b) == 0 {
		return
	}
	size := min(max(c.profile.Columns/len(b), 1), 8)
	c.style(style{size: size, bold: true, align: 1})
	for _, l := range wrap(b, c.profile.Columns/size) {
		c.line(l)
	}
}

// columns spreads the cells over the line. Cells too long for one line are
// printed below each other, the last at the end: nothing is cut off.
func (c *composer) columns(cols drivers.Columns) {
	var (
		cells [][]byte
		width int
	)
	for _, text := range cols.Cells {
		b := bytes.ReplaceAll(c.fold(text, false), []byte{'\n'}, []byte{' '})
		lines := wrap(b, max(len(b), 1)) // one line, its blanks tidied
		cells = append(cells, lines[0])
		width += len(lines[0])
	}
	if len(cells) == 0 {
		return
	}
	gaps := len(cells) - 1
	room := c.profile.Columns - width
	if room >= gaps {
		c.style(style{size: 1, bold: cols.Bold})
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
			line = append(line, cell...)
		}
		c.line(line)
		return
	}
	for i, cell := range cells {
		s := style{size: 1, bold: cols.Bold}
		if i == gaps {
			s.align = 2
		}
		c.style(s)
		for _, l := range wrap(cell, c.profile.Columns) {
			c.line(l)
		}
	}
}

// qrBytes is how many bytes a QR code of version i+1 holds with correction M
// (ISO/IEC 18004, table 7). Version 17 at 4 dots a module is the largest that a
// phone reads from 58 mm paper.
var qrBytes = [...]int{14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504}

// qr prints a code drawn by the printer, centred, with a quiet zone of a line
// above and below.
func (c *composer) qr(q drivers.QR) {
	data := bytes.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1 // a DLE among data would be obeyed at once
		}
		return r
	}, []byte(q.Data))
	if len(data) == 0 {
		return
	}
	version := 0
	for version < len(qrBytes) && qrBytes[version] < len(data) {
		version++
	}
	modules := 4*(version+1) + 17
	dots := min(c.profile.Dots/(modules+8), 6)
	if version == len(qrBytes) || dots < 4 {
		c.job.Skipped++
		return
	}
	c.style(style{size: 1, align: 1})
	c.line(nil)
	c.raw(gs, '(', 'k', 4, 0, '1', 'A', '2', 0)     // model 2
	c.raw(gs, '(', 'k', 3, 0, '1', 'C', byte(dots)) // dots a module
	c.raw(gs, '(', 'k', 3, 0, '1', 'E', '1')        // correction M
	n := len(data) + 3
	c.raw(gs, '(', 'k', byte(n), byte(n>>8), '1', 'P', '0')
	c.raw(data...)
	c.raw(gs, '(', 'k', 3, 0, '1', 'Q', '0') // print it
	c.dots += modules * dots
	c.line(nil)
}
