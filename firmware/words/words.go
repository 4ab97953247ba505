// Package words is the catalogue: a key and its arguments become the text of a
// language, for the screen, the voice and the paper alike.
//
// What it promises: a text is never blank. What a language lacks is said in
// French, and what French lacks is shown as its key between ⟦ ⟧. Two languages
// have the same holes in the same text, numbers agree with their nouns by the
// rules of each language, and no key is written twice.
//
// A file of the catalogue is {"key": {"text": …}}, or one entry per plural form
// of the language: {"key": {"one": …, "other": …}}, chosen by the argument n. In
// French "note" says to translators what the text is for. A hole is {name}; a
// time may be written {name:clock}, {name:date} or {name:moment}.
//
// Plural forms come from golang.org/x/text/feature/plural, the Go project's own
// tables of the Unicode CLDR: Arabic has six forms, and the languages to come
// have rules that nobody should write from memory.
package words

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// French is the language that has every text.
const French = "fr"

// languages are those of the box, in the order in which they are offered.
func languages() []string { return []string{French, "en", "ar"} }

// Catalogue is the texts of every language. It does not change: many may read it.
type Catalogue struct {
	langs map[string]map[string]entry
}

// entry is one text: its plural forms, or Other alone.
type entry map[plural.Form]string

var formNames = [...]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

// Load reads the catalogues that lie in the program, and checks them: see Parse.
func Load() (*Catalogue, error) {
	raw := map[string][]byte{}
	for _, lang := range languages() {
		data, err := files.ReadFile(lang + ".json")
		if err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		raw[lang] = data
	}
	return Parse(raw)
}

// Parse reads one catalogue file per language, French among them. An error names
// the language and the key: a key written twice, a text that is blank, an
// unclosed hole, a plural form that the language has not or lacks, a text that
// French has not, or whose holes differ from the French ones.
func Parse(raw map[string][]byte) (*Catalogue, error) {
	c := &Catalogue{langs: map[string]map[string]entry{}}
	for lang, data := range raw {
		entries, err := parse(lang, data)
		if err != nil {
			return nil, fmt.Errorf("words: %s.json: %w", lang, err)
		}
		c.langs[lang] = entries
	}
	french := c.langs[French]
	if french == nil {
		return nil, fmt.Errorf("words: no catalogue in French")
	}
	for lang, entries := range c.langs {
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			fr, ok := french[key]
			if !ok {
				return nil, fmt.Errorf("words: %s.json: %q is not in fr.json", lang, key)
			}
			if got, want := entries[key].holes(), fr.holes(); !slices.Equal(got, want) {
				return nil, fmt.Errorf("words: %s.json: %q has the holes %v, and %v in French", lang, key, got, want)
			}
		}
	}
	return c, nil
}

// parse reads token by token: encoding/json alone would let the second of two
// equal keys win in silence.
func parse(lang string, data []byte) (map[string]entry, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	entries := map[string]entry{}
	err := object(dec, func(key string) error {
		if _, twice := entries[key]; twice || key == "" {
			return fmt.Errorf("%q is empty or written twice", key)
		}
		e := entry{}
		fields := map[string]bool{}
		err := object(dec, func(field string) error {
			token, err := dec.Token()
			if err != nil {
				return err
			}
			text, ok := token.(string)
			if !ok || fields[field] {
				return fmt.Errorf("%q is not a text, or written twice", field)
			}
			fields[field] = true
			form := slices.Index(formNames[:], field)
			switch {
			case field == "note":
				return nil
			case field == "text":
				form = int(plural.Other)
			case form < 0:
				return fmt.Errorf("%q is no plural form", field)
			}
			e[plural.Form(form)] = text
			return check(text)
		})
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		delete(fields, "note")
		if !fields["text"] || len(fields) > 1 {
			want := forms(lang)
			if got := slices.Sorted(maps.Keys(e)); !slices.Equal(got, want) || fields["text"] {
				return fmt.Errorf("%q: want \"text\", or each of the plural forms %v", key, names(want))
			}
		}
		entries[key] = e
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the catalogue")
	}
	return entries, nil
}

// object reads {"name": value, …}; member reads each value.
func object(dec *json.Decoder, member func(name string) error) error {
	if token, err := dec.Token(); err != nil {
		return err
	} else if token != json.Delim('{') {
		return fmt.Errorf("want an object, not %v", token)
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		if err := member(token.(string)); err != nil { // names are strings, or the decoder fails
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// check reports what is wrong with a text.
func check(text string) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("a blank text")
	}
	rest := fill(text, func(name, format string) (string, bool) {
		return "", format == "" || format == "clock" || format == "date" || format == "moment"
	})
	if strings.ContainsAny(rest, "{}") {
		return fmt.Errorf("a hole that is not {name} or {name:format} in %q", text)
	}
	return nil
}

// forms are the plural forms of a language, found by counting.
func forms(lang string) []plural.Form {
	seen := map[plural.Form]bool{}
	for n := range 200 {
		seen[formOf(lang, n)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func names(forms []plural.Form) []string {
	var list []string
	for _, f := range forms {
		list = append(list, formNames[f])
	}
	return list
}

func formOf(lang string, n int) plural.Form {
	n = max(n, -n)
	if n < 0 || n > 1_000_000 {
		n = 1_000_000 // the tables look no further
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return plural.Other
	}
	return plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)
}

// holes are the names of the holes of all forms, sorted.
func (e entry) holes() []string {
	seen := map[string]bool{}
	for _, text := range e {
		fill(text, func(name, _ string) (string, bool) { seen[name] = true; return "", false })
	}
	return slices.Sorted(maps.Keys(seen))
}

// Languages are the languages of the box, French first.
func (c *Catalogue) Languages() []string {
	var list []string
	for _, lang := range languages() {
		if c.langs[lang] != nil {
			list = append(list, lang)
		}
	}
	return list
}

// Dir is the direction of a language: "ltr" or "rtl".
func Dir(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	switch base {
	case "ar", "fa", "he", "ps", "ur":
		return "rtl"
	}
	return "ltr"
}

// Has reports whether the language itself has a text for the key.
func (c *Catalogue) Has(lang, key string) bool {
	_, ok := c.langs[lang][key]
	return ok
}

// Keys are all keys that French has, sorted.
func (c *Catalogue) Keys() []string { return slices.Sorted(maps.Keys(c.langs[French])) }

// Under is the unfilled texts of the keys that begin with prefix, for a page that
// fills them itself, in French where the language has none. A text with plural
// forms gives its general one.
func (c *Catalogue) Under(lang, prefix string) map[string]string {
	found := map[string]string{}
	for _, l := range []string{French, lang} {
		for key, e := range c.langs[l] {
			if strings.HasPrefix(key, prefix) {
				found[key] = e[plural.Other]
			}
		}
	}
	return found
}

// With is the catalogue with a site's own texts over the built-in ones. An empty
// text is one too: a motif of the site's own has no second line. The catalogue
// it is asked of stays as it is.
func (c *Catalogue) With(lang string, texts map[string]string) *Catalogue {
	langs := maps.Clone(c.langs)
	entries := maps.Clone(langs[lang])
	if entries == nil {
		entries = map[string]entry{}
	}
	for key, text := range texts {
		entries[key] = entry{plural.Other: text}
	}
	langs[lang] = entries
	return &Catalogue{langs}
}

// Message is a value that is itself a key and its arguments. It may stand in a
// hole, and is said in the language of the text around it.
type Message interface {
	Message() (key string, args map[string]any)
}

// maxDepth bounds messages within messages: one that holds itself ends.
const maxDepth = 4

// Text is the text of the key. A time.Time is written as a moment, or as the
// clock alone when its argument is named time; a time.Duration is its minutes,
// rounded. A hole without an argument stays as it is written. In a language
// written from right to left, strings are isolated (U+2068 … U+2069): a telephone
// number or a street keeps its order.
func (c *Catalogue) Text(lang, key string, args map[string]any) string {
	return c.text(lang, key, args, 0)
}

func (c *Catalogue) text(lang, key string, args map[string]any, depth int) string {
	e, ok := c.langs[lang][key]
	if !ok {
		if e, ok = c.langs[French][key]; !ok {
			return "⟦" + key + "⟧"
		}
		lang = French
	}
	pattern := e[plural.Other]
	if n, err := strconv.Atoi(plain(args["n"])); err == nil {
		if form, ok := e[formOf(lang, n)]; ok {
			pattern = form
		}
	}
	return fill(pattern, func(name, format string) (string, bool) {
		v, ok := args[name]
		if !ok || v == nil {
			return "", false
		}
		if format == "" && name == "time" {
			format = "clock"
		}
		switch v := v.(type) {
		case Message:
			key, inner := v.Message()
			if depth == maxDepth {
				return "⟦" + key + "⟧", true
			}
			return c.text(lang, key, inner, depth+1), true
		case time.Time:
			return c.time(lang, format, v), true
		case verbatim:
			return string(v), true
		}
		s := plain(v)
		if _, err := strconv.ParseFloat(s, 64); err != nil && Dir(lang) == "rtl" {
			s = "\u2068" + s + "\u2069"
		}
		return s, true
	})
}

// plain is a value without a language.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case time.Duration:
		return strconv.Itoa(int(v.Round(time.Minute).Minutes()))
	}
	return fmt.Sprint(v)
}

func (c *Catalogue) time(lang, format string, t time.Time) string {
	part := func(key string, args map[string]any) string { return c.text(lang, key, args, maxDepth) }
	date := func() string {
		day := strconv.Itoa(t.Day())
		if t.Day() == 1 {
			day = part("format.first_day", nil)
		}
		return part("format.date", map[string]any{"day": verbatim(day),
			"weekday": verbatim(part("format.weekday."+strconv.Itoa(int(t.Weekday())), nil)),
			"month":   verbatim(part("format.month."+strconv.Itoa(int(t.Month())), nil))})
	}
	clock := func() string {
		key := "format.clock"
		if t.Minute() == 0 {
			key = "format.clock_whole"
		}
		return part(key, map[string]any{"h": t.Hour(), "mm": verbatim(fmt.Sprintf("%02d", t.Minute()))})
	}
	switch format {
	case "clock":
		return clock()
	case "date":
		return date()
	}
	return part("format.moment", map[string]any{"date": verbatim(date()), "clock": verbatim(clock())})
}

// verbatim is a piece of the catalogue's own, which needs no isolation.
type verbatim string

// fill replaces the holes that hole has something for; the rest stays as it is.
func fill(pattern string, hole func(name, format string) (string, bool)) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, "}")
		name, format, _ := strings.Cut(inside, ":")
		if closed && isName(name) {
			if s, ok := hole(name, format); ok {
				b.WriteString(s)
				pattern = after
				continue
			}
		}
		b.WriteByte('{')
		pattern = rest
	}
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}
