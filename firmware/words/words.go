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
// time may be written {name:clock}, {name:date} or {name:moment}. Where a text is
// not spoken as it is written, "say" (or "say_one", "say_other", …) is what a
// voice reads: Arabic is written without its vowels and cannot be read without.
//
// Two languages are French for those who read with difficulty: falc, easy to read
// (« facile à lire et à comprendre »), and images, which shows no words at all and
// says those of falc. What they do not say themselves they say in plain French.
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

// The languages that are French with fewer words, or without any.
const (
	Easy   = "falc"
	Images = "images"
)

// languages are those of the box, in the order in which they are offered.
func languages() []string {
	return []string{French, Easy, Images, "ar", "en", "pt", "tr", "es", "ru", "uk", "fa", "ro"}
}

// ForStaff reports whether the text of a key is read by staff and professionals
// alone: by the first word of the key. It is in French, and never spoken.
func ForStaff(key string) bool {
	first, _, _ := strings.Cut(key, ".")
	return slices.Contains([]string{"desk", "dock", "report", "refuse", "banner", "device", "undo", "outcome", "reason",
		"pair", "role", "selftest", "voucher", "escrow", "drawer", "setup", "flash", "update", "boot", "machine", "stick", "steward", "care", "site"}, first)
}

// Fallbacks are the languages in which a text is looked for, the asked one first
// and French last.
func Fallbacks(lang string) []string {
	switch lang {
	case French:
		return []string{French}
	case Images:
		return []string{Images, Easy, French}
	}
	return []string{lang, French}
}

// Tag is the language tag (BCP 47) of a language of the catalogue, for pages and
// for what speaks them.
func Tag(lang string) string {
	if lang == Easy || lang == Images {
		return French
	}
	return lang
}

// Catalogue is the texts of every language. It does not change: many may read it.
type Catalogue struct {
	langs map[string]map[string]entry
	order []string // of the languages
}

// entry is one text: its plural forms, or Other alone.
type entry struct {
	text forms
	say  forms // how it is spoken, where that differs
}

type forms map[plural.Form]string

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

// Over is the catalogue with the files of a site over it: one per language, in the
// same form, with any of the texts, or with a language of the site's own. They are
// checked as Parse does, and a language of the site's own needs its name and its
// greeting. The catalogue it is asked of stays as it is.
func (c *Catalogue) Over(raw map[string][]byte) (*Catalogue, error) {
	over := &Catalogue{langs: maps.Clone(c.langs), order: slices.Clone(c.order)}
	for _, lang := range slices.Sorted(maps.Keys(raw)) {
		if tag, err := language.Parse(Tag(lang)); err != nil || !isName(lang) {
			return nil, fmt.Errorf("words: %s.json: no language is called %q; want its code, as in pl.json", lang, tag)
		}
		entries, err := parse(lang, raw[lang])
		if err == nil {
			err = c.agree(lang, entries)
		}
		if err != nil {
			return nil, fmt.Errorf("words: %s.json: %w", lang, err)
		}
		all := maps.Clone(c.langs[lang])
		if all == nil {
			all = map[string]entry{}
			over.order = append(over.order, lang)
		}
		maps.Copy(all, entries)
		for _, key := range []string{"language.name", "language.hello"} {
			if _, ok := all[key]; !ok {
				return nil, fmt.Errorf("words: %s.json: %q is missing: the first screen shows it", lang, key)
			}
		}
		over.langs[lang] = all
	}
	return over, nil
}

// agree reports a text that French has not, or whose holes differ from the French
// ones.
func (c *Catalogue) agree(lang string, entries map[string]entry) error {
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		fr, ok := c.langs[French][key]
		if !ok {
			return fmt.Errorf("%q is not in fr.json", key)
		}
		e := entries[key]
		if got, want := e.text.holes(), fr.text.holes(); !slices.Equal(got, want) {
			return fmt.Errorf("%q has the holes %v, and %v in French", key, got, want)
		}
		if got, want := e.say.holes(), e.text.holes(); len(e.say) > 0 && !slices.Equal(got, want) {
			return fmt.Errorf("%q is spoken with the holes %v, and written with %v", key, got, want)
		}
	}
	return nil
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
	if c.langs[French] == nil {
		return nil, fmt.Errorf("words: no catalogue in French")
	}
	for lang, entries := range c.langs {
		if err := c.agree(lang, entries); err != nil {
			return nil, fmt.Errorf("words: %s.json: %w", lang, err)
		}
	}
	for _, lang := range languages() {
		if c.langs[lang] != nil {
			c.order = append(c.order, lang)
		}
	}
	return c, nil
}

// parse reads token by token: encoding/json alone would let the second of two
// equal keys win in silence.
func parse(lang string, data []byte) (map[string]entry, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	entries := map[string]entry{}
	var counted []plural.Form
	plurals := func() []plural.Form { // once a file
		if counted == nil {
			counted = formsOf(lang)
		}
		return counted
	}
	err := object(dec, func(key string) error {
		if _, twice := entries[key]; twice || key == "" {
			return fmt.Errorf("%q is empty or written twice", key)
		}
		e := entry{text: forms{}}
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
			if field == "note" {
				return nil
			}
			to, name := e.text, field
			if field == "say" || strings.HasPrefix(field, "say_") {
				if e.say == nil {
					e.say = forms{}
				}
				to, name = e.say, strings.TrimPrefix(field, "say_")
			}
			form := slices.Index(formNames[:], name)
			if name == "text" && field == name || field == "say" {
				form = int(plural.Other)
			}
			if form < 0 {
				return fmt.Errorf("%q is no plural form", field)
			}
			to[plural.Form(form)] = text
			return check(text)
		})
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		delete(fields, "note")
		if fields["text"] && len(fields) > 1+len(e.say) || !fields["text"] && !slices.Equal(e.text.list(), plurals()) {
			return fmt.Errorf("%q: want \"text\", or each of the plural forms %v", key, names(plurals()))
		}
		if len(e.say) > 0 && (fields["say"] != fields["text"] || !slices.Equal(e.say.list(), e.text.list())) {
			return fmt.Errorf("%q: want \"say\" beside \"text\", or \"say_\" and each of its plural forms", key)
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

// list is the forms there are, sorted.
func (f forms) list() []plural.Form { return slices.Sorted(maps.Keys(f)) }

// formsOf are the plural forms of a language, found by counting.
func formsOf(lang string) []plural.Form {
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
	tag, err := language.Parse(Tag(lang))
	if err != nil {
		return plural.Other
	}
	return plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)
}

// holes are the names of the holes of all forms, sorted.
func (f forms) holes() []string {
	seen := map[string]bool{}
	for _, text := range f {
		fill(text, func(name, _ string) (string, bool) { seen[name] = true; return "", false })
	}
	return slices.Sorted(maps.Keys(seen))
}

// Languages are the languages of the catalogue, French first, those of a site last.
func (c *Catalogue) Languages() []string { return slices.Clone(c.order) }

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

// Missing are the keys of the texts for visitors that a language itself has not, and
// says in French, sorted.
func (c *Catalogue) Missing(lang string) []string {
	return slices.DeleteFunc(c.Keys(), func(key string) bool { return ForStaff(key) || c.Has(lang, key) })
}

// Changed are the keys whose text in a language is another than in the catalogue
// from, or how it is spoken, sorted.
func (c *Catalogue) Changed(from *Catalogue, lang string) []string {
	same := func(a, b entry) bool { return maps.Equal(a.text, b.text) && maps.Equal(a.say, b.say) }
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.langs[lang])), func(key string) bool {
		old, ok := from.langs[lang][key]
		return ok && same(c.langs[lang][key], old)
	})
}

// Under is the unfilled texts of the keys that begin with prefix, for a page that
// fills them itself, in French where the language has none. A text with plural
// forms gives its general one.
func (c *Catalogue) Under(lang, prefix string) map[string]string {
	found := map[string]string{}
	for _, l := range slices.Backward(Fallbacks(lang)) {
		for key, e := range c.langs[l] {
			if strings.HasPrefix(key, prefix) {
				found[key] = e.text.general()
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
		entries[key] = entry{text: forms{plural.Other: text}}
	}
	langs[lang] = entries
	return &Catalogue{langs, c.order}
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

// find is the entry of a key, and the language that has it.
func (c *Catalogue) find(lang, key string) (e entry, in string, ok bool) {
	for _, in := range Fallbacks(lang) {
		if e, ok := c.langs[in][key]; ok {
			return e, in, true
		}
	}
	return entry{}, "", false
}

// pattern is the form that the argument n asks for.
func (f forms) pattern(lang string, args map[string]any) string {
	if n, err := strconv.Atoi(plain(args["n"])); err == nil {
		if text, ok := f[formOf(lang, n)]; ok {
			return text
		}
	}
	return f.general()
}

func generals() []plural.Form { return []plural.Form{plural.Other, plural.Many, plural.Few} }

// general is the form without a number. Some languages have none for whole numbers:
// then it is that of many.
func (f forms) general() string {
	for _, form := range generals() {
		if text, ok := f[form]; ok {
			return text
		}
	}
	return ""
}

func (c *Catalogue) text(lang, key string, args map[string]any, depth int) string {
	e, in, ok := c.find(lang, key)
	if !ok {
		return "⟦" + key + "⟧"
	}
	if Tag(lang) != in { // a sentence is of one language, whatever it holds
		lang = in
	}
	pattern := e.text.pattern(in, args)
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
