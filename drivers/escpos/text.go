package escpos

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nbsp glues two words together. It is a blank of its own only until the line
// is wrapped: some printers draw something in its place.
const nbsp = 0xa0

// cp1252 is the upper half's first two rows of Windows-1252, where it differs
// from Latin-1. Five places are empty.
var cp1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// likeness is what to print for characters that Windows-1252 lacks and that
// Unicode does not decompose into something that it has.
func likeness(r rune) string {
	switch r {
	case '\u2007', '\u2009', '\u200a', '\u202f', '\u2060':
		return "\u00a0" // thin and narrow blanks, before ; : ! ? in French
	case '\u2000', '\u2001', '\u2002', '\u2003', '\u2004', '\u2005', '\u2006', '\u2008', '\u205f', '\u3000':
		return " "
	case '\u2010', '\u2011', '\u2012', '\u2212', '\u2043':
		return "-"
	case '\u2015':
		return "—"
	case '\u02bc', '\u02b9', '\u2032':
		return "'"
	case '\u2033', '\u02ba':
		return "\""
	case '→', '➔', '➜', '➡':
		return "->"
	case '←':
		return "<-"
	case '≤':
		return "<="
	case '≥':
		return ">="
	case '≠':
		return "<>"
	case '⁄', '∕':
		return "/"
	case '✓', '✔', '☑', '☒':
		return "x"
	case '☐', '□':
		return "[ ]"
	case '●', '■', '▪', '◦':
		return "•"
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
	return ""
}

// encodeRune is the byte of Windows-1252 for a printable character.
func encodeRune(r rune) (byte, bool) {
	switch {
	case r >= 0x20 && r <= 0x7e, r >= 0xa0 && r <= 0xff && r != 0xad:
		return byte(r), true
	case r < 0x100:
		return 0, false
	}
	for i, c := range cp1252 {
		if c == r {
			return byte(0x80 + i), true
		}
	}
	return 0, false
}

// folding says how a text came through.
type folding struct {
	kept    int // characters printed as they are, blanks apart
	folded  int // characters replaced by a likeness
	lost    int // characters without one, printed as ?
	letters int // letters among the lost
}

// unreadable reports whether more than half of the characters were lost.
func (f folding) unreadable() bool { return f.lost > f.kept+f.folded }

// fold turns a text into bytes of Windows-1252. A character outside it is
// replaced by a likeness, else by its letter without marks, else by a ? that is
// counted. Controls disappear, so that no text can hold a command; a line feed
// stays and a tabulation is a blank.
func fold(text string) ([]byte, folding) {
	var (
		out []byte
		f   folding
	)
	for _, r := range norm.NFC.String(text) {
		if b, ok := encodeRune(r); ok {
			out = append(out, b)
			if r != ' ' && r != nbsp {
				f.kept++
			}
			continue
		}
		switch {
		case r == '\n':
			out = append(out, '\n')
			continue
		case r == '\t':
			out = append(out, ' ')
			continue
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r), r == 0xad:
			continue // controls, joiners, direction marks, marks that found no letter
		}
		if s, ok := strip(r); ok {
			out = append(out, s...)
			f.folded++
			continue
		}
		out = append(out, '?')
		f.lost++
		if unicode.IsLetter(r) {
			f.letters++
		}
	}
	return out, f
}

// strip is the likeness of a character in bytes of Windows-1252.
func strip(r rune) ([]byte, bool) {
	if r == utf8.RuneError {
		return nil, false
	}
	text := likeness(r)
	if text == "" {
		text = norm.NFKD.String(string(r))
	}
	var out []byte
	for _, d := range text {
		if unicode.Is(unicode.Mn, d) {
			continue
		}
		if b, ok := encodeRune(d); ok {
			out = append(out, b)
			continue
		}
		s := likeness(d)
		if s == "" {
			return nil, false
		}
		for _, e := range s {
			b, ok := encodeRune(e)
			if !ok {
				return nil, false
			}
			out = append(out, b)
		}
	}
	return out, len(out) > 0
}

// wrap cuts folded text into lines of at most width characters, between words
// where it can. Line feeds cut too. It never returns a wider line.
func wrap(text []byte, width int) [][]byte {
	width = max(width, 1)
	var lines [][]byte
	for paragraph := range bytes.SplitSeq(text, []byte{'\n'}) {
		var line []byte
		for word := range bytes.SplitSeq(paragraph, []byte{' '}) {
			if len(word) == 0 {
				continue
			}
			if len(line) > 0 {
				if len(line)+1+len(word) <= width {
					line = append(append(line, ' '), word...)
					continue
				}
				lines = append(lines, line)
				line = nil
			}
			for len(word) > width {
				lines = append(lines, bytes.Clone(word[:width]))
				word = word[width:]
			}
			line = bytes.Clone(word)
		}
		lines = append(lines, line)
	}
	for _, line := range lines {
		for i, b := range line {
			if b == nbsp {
				line[i] = ' '
			}
		}
	}
	return lines
}
