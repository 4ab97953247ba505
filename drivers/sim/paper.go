package sim

import (
	"time"

	"golang.org/x/text/encoding/charmap"
	"rsc.io/qr"

	"jeudi/drivers/escpos"
)

// Sheet is a piece of paper between two cuts.
type Sheet struct {
	ID    int       `json:"id"` // 1 is the first
	At    time.Time `json:"at"` // when it was cut
	Lines []Line    `json:"lines"`
	Bytes int       `json:"bytes"` // that the printer read for it
	Taken bool      `json:"taken"` // somebody tore it off
}

// Text is the sheet's lines, as a reader would copy them down.
func (s Sheet) Text() string {
	var out []byte
	for _, l := range s.Lines {
		out = append(append(out, l.Text...), '\n')
	}
	return string(out)
}

// Blank reports whether nothing is printed on it.
func (s Sheet) Blank() bool {
	for _, l := range s.Lines {
		if l.Text != "" || l.QR != "" {
			return false
		}
	}
	return true
}

// Line is a line of text or a QR code. Its style is that of its first character.
type Line struct {
	Text  string `json:"text,omitempty"`
	W     int    `json:"w"` // 1 to 8, times 12 dots a character
	H     int    `json:"h"` // 1 to 8, times 24 dots
	Bold  bool   `json:"bold,omitempty"`
	Align int    `json:"align"` // 0 left, 1 centre, 2 right

	QR      string `json:"qr,omitempty"`      // what the code says
	Module  int    `json:"module,omitempty"`  // dots of one of its modules
	Modules int    `json:"modules,omitempty"` // on each of its sides
}

// dots is the line's height.
func (l Line) dots() int {
	if l.QR != "" {
		return l.Modules * l.Module
	}
	return max(30, 24*l.H)
}

// outcome is what a byte made the printer do.
type outcome struct {
	lines   []Line // printed
	cut     bool
	answer  []byte
	asb     byte // GS a n: what to report unasked
	setASB  bool
	strange bool // a command that it does not know
}

// paper reads ESC/POS as a printer does: one byte at a time, whatever the chunks
// they come in. It starts like a Chinese clone, in a mode where accents are
// eaten until FS . is sent, since such printers exist.
//
// It knows the commands whose length must be known to stay in step, and draws
// text and QR codes. Images are read over and not drawn.
type paper struct {
	profile escpos.Profile

	cmd  []byte // of a command under way
	skip int    // bytes of an image to read over

	line  []rune
	first Line // the style at the line's start
	page  byte
	hanzi bool
	w, h  int
	bold  bool
	align int

	module int
	store  []byte // data of the next QR code
}

func newPaper(p escpos.Profile) *paper {
	k := &paper{profile: p}
	k.reset()
	return k
}

// reset is ESC @: the line under way is lost, as are all settings.
func (k *paper) reset() {
	*k = paper{profile: k.profile, hanzi: true, w: 1, h: 1, module: 3, store: k.store}
}

func (k *paper) push(b byte) outcome {
	if k.skip > 0 {
		k.skip--
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
		return outcome{lines: k.flush(true)}
	case b == '\t':
		var out []Line
		for range 8 - len(k.line)%8 {
			out = append(out, k.put(' ')...)
		}
		return outcome{lines: out}
	case b >= 0x20:
		return outcome{lines: k.put(k.decode(b))}
	}
	return outcome{} // NUL, CR and other controls print nothing
}

func (k *paper) decode(b byte) rune {
	switch {
	case b < 0x80:
		return rune(b)
	case k.hanzi:
		return '漢'
	case k.page == k.profile.CodePage:
		return charmap.Windows1252.DecodeByte(b)
	}
	return '\ufffd' // another page: nobody should print with it
}

// put adds a character; one that does not fit goes to the next line.
func (k *paper) put(r rune) []Line {
	var out []Line
	if len(k.line) > 0 && (len(k.line)+1)*k.first.W > k.profile.Columns {
		out = k.flush(true)
	}
	if len(k.line) == 0 {
		k.first = Line{W: k.w, H: k.h, Bold: k.bold, Align: k.align}
	}
	k.line = append(k.line, r)
	return out
}

// flush prints the line under way; an empty one is blank paper, if it may be.
func (k *paper) flush(blank bool) []Line {
	if len(k.line) == 0 {
		if !blank {
			return nil
		}
		return []Line{{W: k.w, H: k.h, Bold: k.bold, Align: k.align}}
	}
	l := k.first
	l.Text = string(k.line)
	k.line = k.line[:0]
	return []Line{l}
}

// command looks at the command so far and does it once it is complete.
func (k *paper) command() outcome {
	c := k.cmd
	n, known := length(c)
	if n == 0 || len(c) < n {
		if len(c) > 1<<16+8 { // cannot happen; never grow without end
			k.cmd = k.cmd[:0]
		}
		return outcome{strange: !known}
	}
	k.cmd = k.cmd[:0]
	if !known {
		return outcome{strange: true}
	}
	return k.do(c)
}

// length is how long a command is, 0 while that cannot be told yet.
func length(c []byte) (n int, known bool) {
	if len(c) < 2 {
		return 0, true
	}
	at := func(i int) int {
		if i < len(c) {
			return int(c[i])
		}
		return 0
	}
	// size is the length of a command whose header of n bytes must be there first.
	size := func(header, rest int) (int, bool) {
		if len(c) < header {
			return 0, true
		}
		return header + rest, true
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
			if len(c) < 3 {
				return 0, true
			}
			if c[2] == 8 {
				return 10, true
			}
			return 5, true
		}
	case 0x1b:
		switch c[1] {
		case '@', '2', '0', 'i', 'm', 'v', 'L', 'S', 0x0c:
			return 2, true
		case ' ', '!', '%', '-', '3', '=', 'E', 'G', 'J', 'K', 'M', 'R', 'T', 'V', 'a', 'd', 'e', 'r', 't', 'u', '{':
			return 3, true
		case '$', '\\', 'c':
			return 4, true
		case 'p':
			return 5, true
		case 'D':
			return text(2, 34)
		case '*':
			if len(c) < 5 {
				return 0, true
			}
			k := at(3) + at(4)<<8
			if at(2) >= 32 {
				k *= 3
			}
			return 5 + k, true
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
			if len(c) < 3 {
				return 0, true
			}
			if at(2) >= 65 {
				return 4, true
			}
			return 3, true
		case '(':
			return size(5, at(3)+at(4)<<8)
		case 'v':
			return 8, true // the image itself is read over
		case '8':
			return 7, true
		case 'k':
			if len(c) < 3 {
				return 0, true
			}
			if at(2) < 65 {
				return text(3, 260)
			}
			return size(4, at(3))
		}
	}
	return 2, false
}

// do does a complete command.
func (k *paper) do(c []byte) outcome {
	switch {
	case c[0] == 0x1b:
		switch c[1] {
		case '@':
			k.reset()
		case 't':
			k.page = c[2]
		case 'a':
			k.align = int(c[2]) % 48 % 3
		case 'E', 'G':
			k.bold = c[2]&1 == 1
		case '!':
			k.bold = c[2]&8 != 0
			k.h = 1 + int(c[2]>>4&1)
			k.w = 1 + int(c[2]>>5&1)
		case 'd':
			out := k.flush(false)
			for range c[2] {
				out = append(out, Line{W: 1, H: 1})
			}
			return outcome{lines: out}
		case 'J':
			return outcome{lines: k.flush(false)}
		case 'i', 'm':
			return outcome{lines: k.flush(false), cut: true}
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
			k.w, k.h = 1+int(c[2]>>4&7), 1+int(c[2]&7)
		case 'V':
			return outcome{lines: k.flush(false), cut: true}
		case 'a':
			return outcome{asb: c[2], setASB: true}
		case 'r':
			return outcome{answer: []byte{0x1d, 'r', c[2]}} // filled in by the wire
		case 'I':
			if c[2] >= 65 {
				return outcome{answer: append([]byte("_Jeudi"), 0)}
			}
			return outcome{answer: []byte{2}}
		case 'v':
			k.skip = (int(c[4]) | int(c[5])<<8) * (int(c[6]) | int(c[7])<<8)
		case '8':
			k.skip = int(c[3]) | int(c[4])<<8 | int(c[5])<<16 | int(c[6])<<24
		case '(':
			return k.extended(c[2], c[5:])
		}
	}
	return outcome{}
}

// extended is GS ( with its data: QR codes and the acknowledgement of GS ( H.
func (k *paper) extended(letter byte, data []byte) outcome {
	switch {
	case letter == 'H' && len(data) == 6 && data[0] == '0':
		return outcome{answer: append(append([]byte{0x37, 0x22}, data[2:]...), 0)}
	case letter != 'k' || len(data) < 2 || data[0] != '1':
		return outcome{}
	}
	switch data[1] {
	case 'C':
		if len(data) > 2 && data[2] >= 1 && data[2] <= 16 {
			k.module = int(data[2])
		}
	case 'P':
		if len(data) > 3 {
			k.store = append([]byte(nil), data[3:]...)
		}
	case 'Q':
		code, err := qr.Encode(string(k.store), qr.M)
		if len(k.store) == 0 || err != nil {
			return outcome{strange: true}
		}
		return outcome{lines: append(k.flush(false), Line{
			W: 1, H: 1, Align: k.align,
			QR: string(k.store), Module: k.module, Modules: code.Size,
		})}
	}
	return outcome{}
}
