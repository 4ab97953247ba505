package escpos

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"

	"jeudi/drivers/typeset"
)

// nbsp glues two words together. It is a blank like any other only once the line
// is wrapped: some printers draw something in its place.
const nbsp = '\u00a0'

// page is a code page of the printer.
type page struct {
	slot  byte
	table *charmap.Charmap
}

// encode is the page's byte for a printable character.
func (p *page) encode(r rune) (byte, bool) {
	if r < 0x80 {
		return byte(r), r >= 0x20 && r != 0x7f
	}
	if r == nbsp {
		return ' ', true
	}
	return p.table.EncodeRune(r)
}

// has reports whether the page has all of a text. What cannot be seen needs no
// place in it.
func (p *page) has(text []rune) bool {
	for _, r := range text {
		if _, ok := p.encode(r); !ok && !typeset.Invisible(r) {
			return false
		}
	}
	return true
}

// bytes is a text in the page. What it lacks is a ?, counted before.
func (p *page) bytes(text []rune) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if b, ok := p.encode(r); ok {
			out = append(out, b)
		} else if !typeset.Invisible(r) {
			out = append(out, '?')
		}
	}
	return out
}

// clean is a text composed and without what could act as a command: controls
// disappear, but for the line feed; a tabulation is a blank. Marks of direction
// and joiners stay; so do isolates, but not the older embeddings.
func clean(text string) []rune {
	if !norm.NFC.IsNormalString(text) {
		text = norm.NFC.String(text)
	}
	out := make([]rune, 0, len(text))
	for _, r := range text {
		switch {
		case r >= 0x20 && r < 0x7f, r == '\n':
		case r == '\t':
			r = ' '
		case r == '\u2028', r == '\u2029':
			r = '\n'
		case r < 0xa0, r == 0xad, r == '\ufeff', r >= '\u202a' && r <= '\u202e', r >= 0xfe00 && r <= 0xfe0f:
			continue
		}
		out = append(out, r)
	}
	return out
}

// rightward reports whether a text has no character that runs to the left.
func rightward(text []rune) bool {
	for _, r := range text {
		if r < 0x590 {
			continue
		}
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.R, bidi.AL, bidi.AN:
			return false
		}
	}
	return true
}

// plain reports whether the characters of a text stand on paper in the order in
// which they are written, in a paragraph of the given direction.
func plain(text []rune, rtl bool) bool {
	if !rtl {
		return rightward(text)
	}
	for i, l := range typeset.Levels(text, true) {
		if l&1 == 1 && text[i] != ' ' && !typeset.Invisible(text[i]) {
			return false
		}
	}
	return true
}

// typographic is the same sign in plainer dress, for pages that lack it: no word
// is spelt otherwise for it.
func typographic(r rune) string {
	switch r {
	case '\u2007', '\u2009', '\u200a', '\u202f':
		return "\u00a0" // thin and narrow blanks, before ; : ! ? in French
	case '\u2000', '\u2001', '\u2002', '\u2003', '\u2004', '\u2005', '\u2006', '\u2008', '\u205f', '\u3000':
		return " "
	case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2015', '\u2212', '\u2043':
		return "-"
	case '‘', '’', '\u02bc', '\u02b9', '\u2032', '‹', '›':
		return "'"
	case '“', '”', '„', '\u2033', '\u02ba':
		return "\""
	case '‚':
		return ","
	case '…':
		return "..."
	case '•', '●', '■', '▪', '◦':
		return "-"
	case '→', '➔', '➜', '➡':
		return "->"
	case '←':
		return "<-"
	case '⁄', '∕':
		return "/"
	}
	return ""
}

// likeness is what to print for a character that neither a page nor a font has
// and that Unicode does not decompose into something that they have.
func likeness(r rune) string {
	switch r {
	case '≤':
		return "<="
	case '≥':
		return ">="
	case '≠':
		return "<>"
	case '✓', '✔', '☑', '☒':
		return "x"
	case '☐', '□':
		return "[ ]"
	case 'œ':
		return "oe"
	case 'Œ':
		return "OE"
	case '€':
		return "EUR"
	case 'ł':
		return "l"
	case 'Ł':
		return "L"
	case 'đ':
		return "d"
	case 'Đ':
		return "D"
	case 'ħ':
		return "h"
	case 'Ħ':
		return "H"
	case 'ı':
		return "i"
	case 'ŋ':
		return "ng"
	case 'Ŋ':
		return "NG"
	case 'ŧ':
		return "t"
	case 'ə':
		return "e"
	case 'Ə':
		return "E"
	case 'ẞ':
		return "SS"
	}
	// The digits of Arabic and Persian: a number must come through.
	if r >= '٠' && r <= '٩' {
		return string('0' + r - '٠')
	}
	if r >= '۰' && r <= '۹' {
		return string('0' + r - '۰')
	}
	return typographic(r)
}

// strip is the likeness of a character in a page, or nothing.
func (p *page) strip(r rune) []rune {
	if r == utf8.RuneError {
		return nil
	}
	text := likeness(r)
	if text == "" {
		text = norm.NFKD.String(string(r))
	}
	var out []rune
	for _, d := range text {
		if unicode.Is(unicode.Mn, d) {
			continue
		}
		if _, ok := p.encode(d); ok {
			out = append(out, d)
			continue
		}
		s := likeness(d)
		for _, e := range s {
			if _, ok := p.encode(e); !ok {
				return nil
			}
			out = append(out, e)
		}
		if s == "" {
			return nil
		}
	}
	return out
}

// wrap cuts a text into lines of at most width characters, between words where
// it can. It never returns a wider line.
func wrap(text []rune, width int) [][]rune {
	width = max(width, 1)
	var (
		lines [][]rune
		line  []rune
	)
	for len(text) > 0 {
		if text[0] == ' ' {
			text = text[1:]
			continue
		}
		n := 0
		for n < len(text) && text[n] != ' ' {
			n++
		}
		word := text[:n]
		text = text[n:]
		if len(line) > 0 {
			if len(line)+1+len(word) <= width {
				line = append(append(line, ' '), word...)
				continue
			}
			lines = append(lines, line)
		}
		for len(word) > width {
			lines = append(lines, word[:width:width])
			word = word[width:]
		}
		line = append(make([]rune, 0, width), word...)
	}
	return append(lines, line)
}
