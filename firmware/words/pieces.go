package words

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
)

// A PieceKind says what a piece of a message is.
type PieceKind uint8

// The kinds of pieces.
const (
	Fixed    PieceKind = iota // words of the catalogue, the same each time: one clip
	Number                    // a whole number, 0 or more
	Verbatim                  // words of the site or of its staff, which no catalogue knows
	Unsaid                    // a hole that nothing fills, a key that is nowhere: nothing to say
)

// Piece is a part of a message as a voice says it.
type Piece struct {
	Kind PieceKind
	// Lang is the language of the piece: that in which the text was found. What a
	// site writes is taken for French.
	Lang string
	Key  string // of the message that the piece belongs to
	Text string // the part of the message's text
	// Clip names the clip of a Fixed piece: the key, "~" and the plural form where
	// there are several, "~" and its place where the text has holes. The small
	// numbers of a text in several forms have a clip each, "ticket.ahead~1": no
	// joined number agrees with its noun as « une personne » does.
	Clip string
	// Say is what a Fixed piece is rendered from: Text as a synthesiser reads it
	// best, "" where there is nothing to say but a pause.
	Say string
	N   int // of a Number
}

// whole is the first number that a text in several forms is joined for; those
// below it are said in one breath with their text.
const whole = 10

// Pieces is the message as a voice says it, in pieces that were spoken once and
// are joined. Their texts make Text, without the marks that isolate directions, or
// where an entry is spoken as it is not written, what it says instead.
func (c *Catalogue) Pieces(lang, key string, args map[string]any) []Piece {
	return c.pieces(lang, key, args, 0)
}

func (c *Catalogue) pieces(lang, key string, args map[string]any, depth int) []Piece {
	e, lang, ok := c.find(lang, key)
	if !ok {
		return []Piece{{Kind: Unsaid, Lang: French, Key: key, Text: "⟦" + key + "⟧"}}
	}
	f := e.spoken()
	form := f.form(lang, args)
	segments, holes := split(f[form])
	if n, err := strconv.Atoi(plain(args["n"])); err == nil && f.breath(form, n) {
		return []Piece{f.one(lang, key, n)}
	}
	var list []Piece
	for i, text := range segments {
		if text != "" {
			list = append(list, f.segment(lang, key, form, i, segments))
		}
		if i < len(holes) {
			list = append(list, c.filled(lang, key, holes[i], args, depth)...)
		}
	}
	return list
}

// hole is a hole of a text.
type hole struct{ name, format string }

func (h hole) String() string {
	if h.format != "" {
		return "{" + h.name + ":" + h.format + "}"
	}
	return "{" + h.name + "}"
}

// split is the text between the holes, one more than there are of these.
func split(pattern string) (segments []string, holes []hole) {
	text := fill(pattern, func(name, format string) (string, bool) {
		holes = append(holes, hole{name, format})
		return "\x00", true
	})
	return strings.Split(text, "\x00"), holes
}

// spelled is a value that is in pieces already.
type spelled []Piece

// filled is what fills a hole, as text does it.
func (c *Catalogue) filled(lang, key string, h hole, args map[string]any, depth int) []Piece {
	v, ok := args[h.name]
	if !ok || v == nil {
		return []Piece{{Kind: Unsaid, Lang: lang, Key: key, Text: h.String()}}
	}
	switch v := v.(type) {
	case Message:
		inner, more := v.Message()
		if depth == maxDepth {
			return []Piece{{Kind: Unsaid, Lang: lang, Key: inner, Text: "⟦" + inner + "⟧"}}
		}
		return c.pieces(lang, inner, more, depth+1)
	case time.Time:
		format := h.format
		if format == "" && h.name == "time" {
			format = "clock"
		}
		return c.timePieces(lang, format, v)
	case spelled:
		return v
	}
	s := plain(v)
	// A number of more digits, or one that begins with 0, is a telephone's, or a code.
	if n, err := strconv.Atoi(s); err == nil && strconv.Itoa(n) == s && n >= 0 && len(s) <= 6 {
		return []Piece{{Kind: Number, Lang: lang, Key: key, Text: s, N: n}}
	}
	return []Piece{{Kind: Verbatim, Lang: French, Key: key, Text: s}}
}

// timePieces is time in pieces.
func (c *Catalogue) timePieces(lang, format string, t time.Time) []Piece {
	part := func(key string, args map[string]any) spelled { return c.pieces(lang, key, args, maxDepth) }
	date := func() spelled {
		day := spelled{{Kind: Number, Lang: lang, Key: "format.date", Text: strconv.Itoa(t.Day()), N: t.Day()}}
		if t.Day() == 1 {
			day = part("format.first_day", nil)
		}
		return part("format.date", map[string]any{"day": day,
			"weekday": part("format.weekday."+strconv.Itoa(int(t.Weekday())), nil),
			"month":   part("format.month."+strconv.Itoa(int(t.Month())), nil)})
	}
	clock := func() spelled {
		key := "format.clock"
		if t.Minute() == 0 {
			key = "format.clock_whole"
		}
		minutes := spelled{{Kind: Number, Lang: lang, Key: key, Text: t.Format("04"), N: t.Minute()}}
		return part(key, map[string]any{"h": t.Hour(), "mm": minutes})
	}
	switch format {
	case "clock":
		return clock()
	case "date":
		return date()
	}
	return part("format.moment", map[string]any{"date": date(), "clock": clock()})
}

// Clips are the Fixed pieces of a language's own texts whose keys keep wants, in
// the order of their keys: what must be spoken once so that all messages can be.
// Pieces that are a pause alone are not among them.
func (c *Catalogue) Clips(lang string, keep func(key string) bool) []Piece {
	var list []Piece
	add := func(p Piece) {
		if p.Say != "" {
			list = append(list, p)
		}
	}
	for _, key := range c.Keys() {
		e, ok := c.langs[lang][key]
		if !ok || !keep(key) {
			continue
		}
		f := e.spoken()
		joined := map[plural.Form]bool{}
		if len(f) == 1 {
			joined[plural.Other] = true
		} else {
			for n := range 200 {
				switch form := formOf(lang, n); {
				case f.breath(form, n):
					add(f.one(lang, key, n))
				default:
					joined[form] = true
				}
			}
		}
		for _, form := range f.list() {
			if !joined[form] {
				continue
			}
			segments, _ := split(f[form])
			for i := range segments {
				add(f.segment(lang, key, form, i, segments))
			}
		}
	}
	return list
}

// spoken are the forms that a voice reads.
func (e entry) spoken() forms {
	if len(e.say) > 0 {
		return e.say
	}
	return e.text
}

// form is the form that the argument n asks for.
func (f forms) form(lang string, args map[string]any) plural.Form {
	if n, err := strconv.Atoi(plain(args["n"])); err == nil {
		if form := formOf(lang, n); f[form] != "" {
			return form
		}
	}
	for _, form := range generals() {
		if f[form] != "" {
			return form
		}
	}
	return plural.Other
}

// breath reports whether a form is spoken whole for the number n.
func (f forms) breath(form plural.Form, n int) bool {
	if len(f) == 1 || n < 0 || n >= whole {
		return false
	}
	_, holes := split(f[form])
	for _, h := range holes {
		if h.name != "n" {
			return false
		}
	}
	return len(holes) > 0
}

// one is a text in several forms with its number, in one breath.
func (f forms) one(lang, key string, n int) Piece {
	text := fill(f[formOf(lang, n)], func(string, string) (string, bool) { return strconv.Itoa(n), true })
	return Piece{Kind: Fixed, Lang: lang, Key: key, Text: text, Clip: key + "~" + strconv.Itoa(n), Say: speech(text, true)}
}

// segment is the text before the hole i, or after the last.
func (f forms) segment(lang, key string, form plural.Form, i int, segments []string) Piece {
	name := key
	if len(f) > 1 {
		name += "~" + formNames[form]
	}
	if len(segments) > 1 {
		name += "~" + strconv.Itoa(i)
	}
	return Piece{Kind: Fixed, Lang: lang, Key: key, Text: segments[i], Clip: name,
		Say: speech(segments[i], i == len(segments)-1)}
}

// speech is a text as a synthesiser reads it best: plain spaces and apostrophes, no
// quotes, nothing before the first word. A comma keeps the voice up where more
// follows; what it would say of punctuation alone is nothing.
func speech(text string, last bool) string {
	text = strings.Join(strings.Fields(spokenMarks.Replace(text)), " ")
	text = strings.TrimLeft(text, " ,;:.!?،؛؟-–—/)")
	if strings.Trim(text, " ,;:.!?،؛؟-–—/()") == "" {
		return ""
	}
	text = strings.ReplaceAll(text, " ,", ",")
	if !last && !strings.ContainsAny(text[len(text)-1:], ",;:.!?") {
		text = strings.TrimRight(text, " -–—/(") + ","
	}
	return text
}

// spokenMarks replaces what is for the eye. To build it costs more than to use it.
var spokenMarks = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2068", "", "\u2069", "", "\u200e", "", "\u200f", "",
	"’", "'", "‘", "'", "ʼ", "'", "«", "", "»", "", "“", "", "”", "", "„", "", "…", ".", "\n", ". ")
