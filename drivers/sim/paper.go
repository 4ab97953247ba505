package sim

import (
	"math/bits"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
	"rsc.io/qr"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

// Sheet is a piece of paper between two cuts.
type Sheet struct {
	ID    int       `json:"id"`    // 1 is the first
	Began time.Time `json:"began"` // when its first dot was printed
	At    time.Time `json:"at"`    // when it was cut
	Lines []Line    `json:"lines"`
	MM    int       `json:"mm"`    // its length
	Bytes int       `json:"bytes"` // that the printer read for it
	Taken bool      `json:"taken"` // somebody tore it off

	width int   // dots across the paper
	dots  int   // its length
	rows  []row // what Image draws
}

// Text is the sheet's lines, as a reader would copy them down; pictures are left out.
func (s Sheet) Text() string {
	var out []byte
	for _, l := range s.Lines {
		if l.High == 0 {
			out = append(append(out, l.Text...), '\n')
		}
	}
	return string(out)
}

// Blank reports whether nothing is printed on it.
func (s Sheet) Blank() bool {
	for _, l := range s.Lines {
		if l.Text != "" || l.QR != "" || l.Ink > 0 {
			return false
		}
	}
	return true
}

// Line is a line of text, a QR code that the printer drew, or a picture. Its
// style is that of its first character.
type Line struct {
	Text  string `json:"text,omitempty"`
	W     int    `json:"w"` // 1 to 8, times 12 dots a character
	H     int    `json:"h"` // 1 to 8, times 24 dots
	Bold  bool   `json:"bold,omitempty"`
	Align int    `json:"align"` // 0 left, 1 centre, 2 right

	QR      string `json:"qr,omitempty"`      // what the code says
	Module  int    `json:"module,omitempty"`  // dots of one of its modules
	Modules int    `json:"modules,omitempty"` // on each of its sides

	Wide int `json:"wide,omitempty"` // of a picture, in dots
	High int `json:"high,omitempty"`
	Ink  int `json:"ink,omitempty"` // its black dots
}

// row is a line with all that it takes to draw it.
type row struct {
	line  Line
	blank bool  // paper that is fed and is no line
	feed  int   // dots
	runs  []run // from left to right
}

// run is a stretch of a row: characters of one style, a picture or a gap.
type run struct {
	wide  int // dots, of one character or of all else
	text  []rune
	style style
	bits  drivers.Bitmap
	times [2]int // how often each of its dots is printed, across and down
}

// style is how characters look.
type style struct {
	w, h                     int
	bold, underline, inverse bool
	small                    bool // font B, 9 × 17
}

// cell is the size of a character.
func (s style) cell() (w, h int) {
	if s.small {
		return 9 * s.w, 17 * s.h
	}
	return 12 * s.w, 24 * s.h
}

func (r run) width() int {
	if r.text != nil {
		return r.wide * len(r.text)
	}
	return r.wide
}

func (r run) height() int {
	if r.text != nil {
		_, h := r.style.cell()
		return h
	}
	return r.bits.Height * r.times[1]
}

// outcome is what a byte made the printer do.
type outcome struct {
	rows     []row // printed
	cut      bool
	toBlade  int // dots fed before the cut
	answer   answer
	id       []byte // of answer
	asb      byte   // GS a n: what to report unasked
	setASB   bool
	reset    bool // ESC @
	tellOff  byte // GS ( H fn 49
	setTell  bool
	strange  bool // a command that it does not know
	happened bool // any of these
}

// answer is what the host asked for.
type answer uint8

const (
	none answer = iota
	marker
	drawer
	typeID
	name
	finished
)

// spacing is ESC 2: the line height that the paper moves by at least.
const spacing = 30

// blade is the way from the head to the cutter or to the tear bar.
const blade = 15 * 8

// paper reads ESC/POS as a printer does: one byte at a time, whatever the chunks
// they come in. It starts like a Chinese clone, in a mode where accents are
// eaten until FS . is sent, since such printers exist.
//
// It knows the commands whose length must be known to stay in step, and draws
// text, pictures and QR codes. Bar codes are read over and not drawn.
type paper struct {
	profile escpos.Profile

	cmd  []byte // of a command under way
	skip int    // bytes of a picture still to come
	pic  *picture

	line    []run
	x       int              // dots of the line so far
	first   Line             // the style at the line's start
	page    *charmap.Charmap // nil is one that nobody should print with
	hanzi   bool
	style   style
	align   int
	spacing int

	module int
	level  qr.Level
	store  []byte // data of the next QR code
	stored *run   // GS ( L fn 112
}

func newPaper(p escpos.Profile) *paper {
	k := &paper{profile: p}
	k.reset()
	return k
}

// reset is ESC @: the line under way is lost, as are all settings.
func (k *paper) reset() {
	*k = paper{profile: k.profile, hanzi: true, style: style{w: 1, h: 1}, spacing: spacing,
		page: charmap.CodePage437, module: 3, level: qr.M, store: k.store, stored: k.stored}
}

// discard forgets what was read and is not printed.
func (k *paper) discard() {
	k.cmd, k.skip, k.pic, k.line, k.x = k.cmd[:0], 0, nil, nil, 0
}

func (k *paper) push(b byte) outcome {
	if k.skip > 0 {
		k.skip--
		if k.pic != nil {
			k.pic.push(b)
		}
		if k.skip == 0 {
			return k.drawn()
		}
		return outcome{}
	}
	if len(k.cmd) > 0 {
		k.cmd = append(k.cmd, b)
		return k.command()
	}
	switch {
	case b == 0x10, b == 0x1b, b == 0x1c, b == 0x1d:
		k.cmd = append(k.cmd[:0], b)
	case b == '\n':
		return printed(k.flush(true))
	case b == '\t':
		var out []row
		cell, _ := k.style.cell()
		for range 8 - k.x/cell%8 {
			out = append(out, k.put(' ')...)
		}
		return printed(out)
	case b >= 0x20:
		return printed(k.put(k.decode(b)))
	}
	return outcome{} // NUL, CR and other controls print nothing
}

func printed(rows []row) outcome { return outcome{rows: rows, happened: len(rows) > 0} }

func (k *paper) decode(b byte) rune {
	if b < 0x80 {
		return rune(b)
	}
	if k.hanzi {
		return '漢'
	}
	if k.page != nil {
		return k.page.DecodeByte(b)
	}
	return '\ufffd'
}

// codePage is what a printer of this profile has in a slot, or nil. The emulator
// reads with the library's tables by their names, so that it does not trust the
// encoder's.
func codePage(p escpos.Profile, slot byte) *charmap.Charmap {
	for _, c := range p.CodePages {
		if c.Slot != slot {
			continue
		}
		name := strings.NewReplacer("cp858", "Windows Code Page 858", "cp125", "Windows 125", "cp", "IBM Code Page ", "iso", "ISO ").Replace(c.Name)
		for _, e := range charmap.All {
			if page, ok := e.(*charmap.Charmap); ok && page.String() == name {
				return page
			}
		}
	}
	return nil
}

// put adds a character; one that does not fit goes to the next line.
func (k *paper) put(r rune) []row {
	cell, _ := k.style.cell()
	out := k.wrap(cell)
	if n := len(k.line); n > 0 && k.line[n-1].text != nil && k.line[n-1].style == k.style {
		k.line[n-1].text = append(k.line[n-1].text, r)
	} else {
		k.line = append(k.line, run{wide: cell, text: []rune{r}, style: k.style})
	}
	k.x += cell
	return out
}

// wrap begins a new line when so many dots do not fit.
func (k *paper) wrap(dots int) (out []row) {
	if len(k.line) > 0 && k.x+dots > k.profile.Dots {
		out = k.flush(true)
	}
	if len(k.line) == 0 {
		k.first = Line{W: k.style.w, H: k.style.h, Bold: k.style.bold, Align: k.align}
	}
	return out
}

// flush prints the line under way; an empty one is blank paper, if it may be.
func (k *paper) flush(blank bool) []row {
	if len(k.line) == 0 {
		if !blank {
			return nil
		}
		_, h := k.style.cell()
		return []row{{line: Line{W: k.style.w, H: k.style.h, Bold: k.style.bold, Align: k.align}, feed: max(k.spacing, h)}}
	}
	r := row{line: k.first, runs: k.line, feed: k.spacing}
	for _, s := range k.line {
		r.feed = max(r.feed, s.height())
		switch {
		case s.text != nil:
			r.line.Text += string(s.text)
		case s.bits.Width == 0: // a gap
			for range (s.wide + 6) / 12 {
				r.line.Text += " "
			}
		default:
			r.line.Wide, r.line.High = r.line.Wide+s.wide, max(r.line.High, s.height())
			r.line.Ink += ink(s.bits)
		}
	}
	k.line, k.x = nil, 0
	return []row{r}
}

// command looks at the command so far and does it once it is complete.
func (k *paper) command() outcome {
	c := k.cmd
	n, known := length(c)
	if n == 0 || len(c) < n {
		return outcome{}
	}
	k.cmd = k.cmd[:0]
	if !known {
		return outcome{strange: true, happened: true}
	}
	o := k.do(c)
	o.happened = true
	return o
}

// length is how long a command is, 0 while that cannot be told yet. Of pictures
// it is the header: their dots are read over one by one.
func length(c []byte) (n int, known bool) {
	if len(c) < 2 {
		return 0, true
	}
	// size is the length of a command whose header of n bytes must be there first.
	size := func(header int, rest func() int) (int, bool) {
		if len(c) < header {
			return 0, true
		}
		return header + rest(), true
	}
	text := func(from, most int) (int, bool) { // up to a NUL
		for i := from; i < len(c); i++ {
			if c[i] == 0 || i >= most {
				return i + 1, true
			}
		}
		return 0, true
	}
	switch c[0] {
	case 0x10:
		switch c[1] {
		case 4, 5:
			return 3, true
		case 0x14:
			return size(3, func() int {
				if c[2] == 8 {
					return 7
				}
				return 2
			})
		}
	case 0x1b:
		switch c[1] {
		case '@', '2', '0', 'i', 'm', 'v', 'L', 'S', 0x0c:
			return 2, true
		case ' ', '!', '%', '-', '3', '=', 'E', 'G', 'J', 'K', 'M', 'R', 'T', 'V', 'a', 'd', 'e', 'r', 't', 'u', '{':
			return 3, true
		case '$', '\\', 'c':
			return 4, true
		case 'p', '*':
			return 5, true
		case 'D':
			return text(2, 34)
		}
	case 0x1c:
		switch c[1] {
		case '.', '&':
			return 2, true
		case '!', '-', 'C', 'W':
			return 3, true
		case 'S', 'p':
			return 4, true
		}
	case 0x1d:
		switch c[1] {
		case '!', 'B', 'H', 'I', 'a', 'b', 'f', 'h', 'r', 'w', '/':
			return 3, true
		case 'L', 'P', 'W', '$', '\\':
			return 4, true
		case 'V':
			return size(3, func() int {
				if c[2] >= 65 {
					return 1
				}
				return 0
			})
		case '(':
			return size(5, func() int { return word(c[3:]) })
		case 'v':
			return 8, true
		case '8':
			return size(7, func() int { return min(word(c[3:])|word(c[5:])<<16, graphics) })
		case 'e':
			return size(3, func() int {
				if c[2] == 3 || c[2] == 8 { // the ejector: so many steps, or a time
					return 1
				}
				return 0
			})
		case 'k':
			if len(c) < 3 {
				return 0, true
			}
			if c[2] < 65 {
				return text(3, 260)
			}
			return size(4, func() int { return int(c[3]) })
		}
	}
	return 2, false
}

// graphics is the length of the parameters before the dots of GS 8 L fn 112.
const graphics = 10

func word(b []byte) int { return int(b[0]) | int(b[1])<<8 }

// do does a complete command.
func (k *paper) do(c []byte) outcome {
	switch {
	case c[0] == 0x1b:
		switch c[1] {
		case '@':
			k.reset()
			return outcome{reset: true}
		case 't':
			k.page = codePage(k.profile, c[2])
		case 'a':
			k.align = int(c[2]) % 48 % 3
		case 'E', 'G':
			k.style.bold = c[2]&1 == 1
		case '-':
			k.style.underline = c[2]%48 != 0
		case 'M':
			k.style.small = c[2]%48 == 1
		case '2':
			k.spacing = spacing
		case '3':
			k.spacing = int(c[2])
		case '!':
			k.style = style{w: 1 + int(c[2]>>5&1), h: 1 + int(c[2]>>4&1), bold: c[2]&8 != 0,
				small: c[2]&1 != 0, underline: c[2]&0x80 != 0, inverse: k.style.inverse}
		case '$':
			if gap := word(c[2:]) - k.x; gap > 0 && k.x+gap < k.profile.Dots {
				k.wrap(gap)
				k.line = append(k.line, run{wide: gap})
				k.x += gap
			}
		case 'd':
			out := k.flush(false)
			for range c[2] {
				out = append(out, row{line: Line{W: 1, H: 1}, feed: k.spacing})
			}
			return printed(out)
		case 'J':
			return printed(append(k.flush(false), row{blank: true, feed: int(c[2])}))
		case '*':
			p := &picture{columns: true, wide: word(c[3:]), deep: 1, dots: k.profile.Dots, times: [2]int{1, 1}}
			if c[2] >= 32 {
				p.deep = 3
			} else {
				p.times[1] = 3
			}
			if c[2]&1 == 0 {
				p.times[0] = 2
			}
			return k.begin(p, p.wide*p.deep)
		case 'i', 'm':
			return outcome{rows: k.flush(false), cut: true}
		}
	case c[0] == 0x1c:
		switch c[1] {
		case '.':
			k.hanzi = false
		case '&':
			k.hanzi = true
		}
	case c[0] == 0x1d:
		switch c[1] {
		case '!':
			k.style.w, k.style.h = 1+int(c[2]>>4&7), 1+int(c[2]&7)
		case 'B':
			k.style.inverse = c[2]&1 == 1
		case 'V':
			o := outcome{rows: k.flush(false), cut: true}
			if len(c) == 4 {
				o.toBlade = blade + int(c[3])
			}
			return o
		case 'a':
			return outcome{asb: c[2], setASB: true}
		case 'r':
			if c[2]%48 == 2 {
				return outcome{answer: drawer}
			}
			return outcome{answer: marker}
		case 'I':
			if c[2] >= 65 {
				return outcome{answer: name}
			}
			return outcome{answer: typeID}
		case 'v':
			p := &picture{wide: word(c[4:]), high: word(c[6:]), dots: k.profile.Dots, times: scales(c[3])}
			return k.begin(p, p.wide*p.high)
		case '8':
			if c[2] != 'L' {
				k.skip = max(0, word(c[3:])|word(c[5:])<<16-graphics)
				return outcome{}
			}
			return k.graphics(c[7:], word(c[3:])|word(c[5:])<<16)
		case '(':
			return k.extended(c[2], c[5:])
		}
	}
	return outcome{}
}

// scales is the m of GS v 0: wide in its lowest bit, high in the next.
func scales(m byte) [2]int { return [2]int{1 + int(m&1), 1 + int(m>>1&1)} }

// twice is the bx or by of GS ( L: 1 or 2.
func twice(b byte) int {
	if b == 2 {
		return 2
	}
	return 1
}

// begin makes ready for the dots of a picture.
func (k *paper) begin(p *picture, bytes int) outcome {
	if bytes == 0 {
		return outcome{}
	}
	k.pic, k.skip = p, bytes
	return outcome{}
}

// drawn prints or keeps a picture whose dots are all there.
func (k *paper) drawn() outcome {
	p := k.pic
	k.pic = nil
	if p == nil {
		return outcome{}
	}
	bits := p.bitmap()
	r := run{wide: bits.Width * p.times[0], bits: bits, times: p.times}
	switch {
	case p.columns: // ESC * goes into the line, as characters do
		out := k.wrap(r.wide)
		k.line = append(k.line, r)
		k.x += r.wide
		return printed(out)
	case p.store:
		k.stored = &r
		return outcome{}
	}
	return printed(append(k.flush(false), k.picture(r)))
}

// picture is a row with nothing but a picture.
func (k *paper) picture(r run) row {
	return row{feed: r.height(), runs: []run{r}, line: Line{W: 1, H: 1, Align: k.align, Wide: r.wide, High: r.height(), Ink: ink(r.bits)}}
}

// graphics is GS ( L and GS 8 L with their parameters: fn 112 stores a picture of
// n bytes in all, of which some may be here already; fn 50 prints it.
func (k *paper) graphics(data []byte, n int) outcome {
	if len(data) < 2 {
		return outcome{}
	}
	switch {
	case data[1] == 'p' && len(data) >= graphics:
		p := &picture{store: true, wide: (word(data[6:]) + 7) / 8, high: word(data[8:]), dots: k.profile.Dots,
			times: [2]int{twice(data[3]), twice(data[4])}}
		if n-graphics < p.wide*p.high || p.wide*p.high == 0 {
			k.skip = n - len(data)
			return outcome{strange: true}
		}
		for _, b := range data[graphics:] {
			p.push(b)
		}
		if k.pic, k.skip = p, n-len(data); k.skip == 0 {
			return k.drawn()
		}
	case data[1] == 2 || data[1] == '2':
		if k.stored == nil {
			return outcome{strange: true}
		}
		r := *k.stored
		k.stored = nil
		return printed(append(k.flush(false), k.picture(r)))
	default:
		k.skip = max(0, n-len(data))
	}
	return outcome{}
}

// extended is GS ( with its data: QR codes, pictures and the acknowledgement of
// GS ( H.
func (k *paper) extended(letter byte, data []byte) outcome {
	switch {
	case letter == 'L':
		return k.graphics(data, len(data))
	case letter == 'H' && len(data) == 6 && data[0] == '0':
		return outcome{answer: finished, id: append([]byte(nil), data[2:]...)}
	case letter == 'H' && len(data) == 3 && data[0] == '1':
		return outcome{tellOff: data[2] % 48, setTell: true}
	case letter != 'k' || len(data) < 2 || data[0] != '1':
		return outcome{}
	}
	switch data[1] {
	case 'C':
		if len(data) > 2 && data[2] >= 1 && data[2] <= 16 {
			k.module = int(data[2])
		}
	case 'E':
		if len(data) > 2 && data[2] >= '0' && data[2] <= '3' {
			k.level = qr.Level(data[2] - '0')
		}
	case 'P':
		if len(data) > 3 {
			k.store = append([]byte(nil), data[3:]...)
		}
	case 'Q':
		code, err := qr.Encode(string(k.store), k.level)
		if len(k.store) == 0 || err != nil {
			return outcome{strange: true}
		}
		bits := drivers.Bitmap{Width: code.Size, Height: code.Size, Bits: make([]byte, (code.Size+7)/8*code.Size)}
		for y := range code.Size {
			for x := range code.Size {
				if code.Black(x, y) {
					bits.Bits[y*((code.Size+7)/8)+x/8] |= 0x80 >> (x % 8)
				}
			}
		}
		r := run{wide: code.Size * k.module, bits: bits, times: [2]int{k.module, k.module}}
		return printed(append(k.flush(false), row{feed: r.height(), runs: []run{r}, line: Line{
			W: 1, H: 1, Align: k.align,
			QR: string(k.store), Module: k.module, Modules: code.Size,
		}}))
	}
	return outcome{}
}

// picture collects the dots of one that is under way. What lies beyond the
// paper's edge is dropped at once, so that no header makes it grow without end.
type picture struct {
	wide, high int  // in bytes and rows; of columns, in columns
	columns    bool // ESC *: deep bytes for each column
	deep       int
	store      bool
	dots       int // across the paper
	times      [2]int

	at   int // bytes so far
	bits []byte
}

// keeps is how many bytes of a row, or columns, lie on the paper.
func (p *picture) keeps() int {
	if p.columns {
		return min(p.wide, p.dots/p.times[0])
	}
	return min(p.wide, (p.dots+8*p.times[0]-1)/(8*p.times[0]))
}

func (p *picture) push(b byte) {
	column := p.at % max(1, p.wide)
	if p.columns {
		column = p.at / p.deep
	}
	p.at++
	if column < p.keeps() && (p.columns || p.at <= p.wide*p.high) {
		p.bits = append(p.bits, b)
	}
}

func (p *picture) bitmap() drivers.Bitmap {
	if !p.columns {
		w := p.keeps()
		return drivers.Bitmap{Width: min(8*w, p.dots/p.times[0]), Height: p.high, Bits: p.bits}
	}
	b := drivers.Bitmap{Width: p.keeps(), Height: 8 * p.deep}
	pitch := (b.Width + 7) / 8
	b.Bits = make([]byte, pitch*b.Height)
	for x := range b.Width {
		for y := range b.Height {
			if p.bits[x*p.deep+y/8]&(0x80>>(y%8)) != 0 {
				b.Bits[y*pitch+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return b
}

// ink counts the black dots.
func ink(b drivers.Bitmap) (n int) {
	for _, dots := range b.Bits {
		n += bits.OnesCount8(dots)
	}
	return n
}
