package site

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// reader collects what is wrong while the tree is read.
type reader struct {
	file string
	errs Errors
	own  bool // the site has texts of its own, perhaps in other languages
}

// speaks reports whether a language is one of the product, or may be one of the
// site.
func (r *reader) speaks(lang string) bool {
	if slices.Contains(KnownLanguages(), lang) {
		return true
	}
	return r.own && len(lang) >= 2 && len(lang) <= 3 && strings.Trim(lang, "abcdefghijklmnopqrstuvwxyz") == ""
}

func (r *reader) fail(line int, key, format string, args ...any) {
	r.errs = append(r.errs, Error{File: r.file, Line: line, Key: key, Msg: fmt.Sprintf(format, args...), french: inFrench(format, args), form: inForm(format, args)})
}

// table reads one table of the file, which may be absent. It remembers which keys
// were asked for: those are the known ones, and done reports all others.
type table struct {
	*reader
	path  string // "" for the whole file
	line  int    // of its header, 0 when it is absent
	n     *node  // nil when it is absent
	asked []string
	old   []string // keys of earlier versions, which are known and not told
}

// field is a value found valid, and its line. The line is 0 when there is none.
type field struct {
	text string
	line int
}

func (f field) ok() bool { return f.line > 0 }

func (t *table) key(name string) string {
	if t.path == "" {
		return name
	}
	return t.path + "." + name
}

// get is the value of a key, nil when it is absent.
func (t *table) get(name string) *node {
	t.asked = append(t.asked, name)
	if t.n == nil {
		return nil
	}
	return t.n.keys[name]
}

// has reports whether the key is in the file, valid or not.
func (t *table) has(name string) bool { return t.n != nil && t.n.keys[name] != nil }

// require reports a key that is absent; like is the line to add.
func (t *table) require(name, like string) {
	if !t.has(name) {
		t.fail(max(t.line, 1), t.key(name), "missing; add %s", like)
	}
}

// gone reads a switch of an earlier version, which may stay when it is false: what is
// there instead is said of one that is true. Nobody is told that the key exists.
func (t *table) gone(name, instead string) {
	asked := len(t.asked)
	if t.truth(name) {
		t.fail(t.n.keys[name].line, t.key(name), "%s", instead)
	}
	t.asked, t.old = t.asked[:asked], append(t.old, name)
}

// done reports the keys that nobody asked for.
func (t *table) done() {
	if t.n == nil {
		return
	}
	for _, name := range t.n.order {
		if slices.Contains(t.asked, name) || slices.Contains(t.old, name) {
			continue
		}
		where := "in [" + t.path + "]"
		if t.path == "" {
			where = "at the top of the file or as a section"
		}
		if i := slices.IndexFunc(t.asked, func(known string) bool { return strings.EqualFold(known, name) }); i >= 0 {
			t.fail(t.n.keys[name].line, t.key(name), "unknown key %q; write it %s, in small letters", name, t.asked[i])
			continue
		}
		t.fail(t.n.keys[name].line, t.key(name), "unknown key %q; known keys %s are %s", name, where, strings.Join(t.asked, ", "))
	}
}

// kindName says what a value is, for people who do not know TOML.
func kindName(k unstable.Kind) string {
	switch k {
	case unstable.String:
		return "text between quotes"
	case unstable.Integer:
		return "a whole number"
	case unstable.Float:
		return "a number with a point"
	case unstable.Bool:
		return "true or false"
	case unstable.Array:
		return "a list between brackets"
	case unstable.Table:
		return "a section or braces"
	case unstable.ArrayTable:
		return "a section in double brackets"
	default:
		return "a date or a time"
	}
}

func (t *table) wrong(n *node, key, want, like string) {
	t.fail(n.line, key, "this is %s, but it must be %s; write it like %s", kindName(n.kind), want, like)
}

// text is one line of text, of 1 to most characters.
func (t *table) text(name string, most int) field {
	n := t.get(name)
	if n == nil {
		return field{}
	}
	return t.textOf(n, t.key(name), name+` = "…"`, most)
}

func (t *table) textOf(n *node, key, like string, most int) field {
	if n.kind != unstable.String {
		t.wrong(n, key, kindName(unstable.String), like)
		return field{}
	}
	text := strings.TrimSpace(n.text)
	switch {
	case text == "":
		t.fail(n.line, key, "this is empty; write something between the quotes, or remove it")
	case utf8.RuneCountInString(text) > most:
		t.fail(n.line, key, "this is %d characters long; keep to %d", utf8.RuneCountInString(text), most)
	case strings.ContainsFunc(text, unicode.IsControl):
		// A printer would obey some of them.
		t.fail(n.line, key, "this holds a line break or a control character; write plain text on one line")
	default:
		return field{text, n.line}
	}
	return field{}
}

// word is one of a closed set.
func (t *table) word(name, what string, known []string) field {
	f := t.text(name, 80)
	if f.ok() && !slices.Contains(known, f.text) {
		t.unknown(f, t.key(name), what, known)
		return field{}
	}
	return f
}

func (t *table) unknown(f field, key, what string, known []string) {
	t.fail(f.line, key, "unknown %s %q; use one of %s", what, f.text, strings.Join(known, ", "))
}

// ident is a short stable key of a–z, 0–9 and the extra characters.
func (t *table) ident(name, extra string) field {
	f := t.text(name, 24)
	strange := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune(extra, r))
	}
	if f.ok() && strings.ContainsFunc(f.text, strange) {
		t.fail(f.line, t.key(name), "%q is not a key; use only a to z without accents, 0 to 9 and %s", f.text, strings.Join(strings.Split(extra, ""), " or "))
		return field{}
	}
	return f
}

// texts is a list of lines of text.
func (t *table) texts(name string, most int) []field {
	n := t.get(name)
	if n == nil {
		return nil
	}
	return t.textsOf(n, t.key(name), name, most)
}

func (t *table) textsOf(n *node, key, name string, most int) []field {
	if n.kind != unstable.Array {
		t.wrong(n, key, kindName(unstable.Array), name+` = ["…", "…"]`)
		return nil
	}
	var all []field
	for _, element := range n.list {
		if f := t.textOf(element, key, `"…"`, most); f.ok() {
			all = append(all, f)
		}
	}
	return all
}

// number is a whole number within bounds.
func (t *table) number(name string, usual, least, most int) int {
	n := t.get(name)
	if n == nil {
		return usual
	}
	if n.kind != unstable.Integer {
		t.wrong(n, t.key(name), kindName(unstable.Integer), fmt.Sprintf("%s = %d", name, max(usual, least)))
		return usual
	}
	i, err := strconv.ParseInt(n.text, 0, 64)
	if err != nil || i < int64(least) || i > int64(most) {
		t.fail(n.line, t.key(name), "%s is out of range; write a number from %d to %d", n.text, least, most)
		return usual
	}
	return int(i)
}

// decimal is a number within bounds, with a point or without.
func (t *table) decimal(name string, least, most float64) (float64, bool) {
	n := t.get(name)
	if n == nil {
		return 0, false
	}
	if n.kind != unstable.Float && n.kind != unstable.Integer {
		t.wrong(n, t.key(name), kindName(unstable.Float), name+" = 45.7665")
		return 0, false
	}
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil || !(f >= least && f <= most) { // NaN is neither
		t.fail(n.line, t.key(name), "%s is out of range; write a number from %g to %g", n.text, least, most)
		return 0, false
	}
	return f, true
}

// truth is true or false, false when absent.
func (t *table) truth(name string) bool {
	n := t.get(name)
	if n == nil {
		return false
	}
	if n.kind != unstable.Bool {
		t.wrong(n, t.key(name), kindName(unstable.Bool), name+" = true")
		return false
	}
	return n.text == "true"
}

// clock is a time of day.
func (t *table) clock(name string) (Clock, bool) {
	n := t.get(name)
	if n == nil {
		return 0, false
	}
	if n.kind != unstable.String && n.kind != unstable.LocalTime {
		t.wrong(n, t.key(name), "a time between quotes", name+` = "9:00"`)
		return 0, false
	}
	text := strings.TrimSpace(n.text)
	if strings.Count(text, ":") == 2 {
		text = strings.TrimSuffix(text, ":00") // TOML's own times have seconds
	}
	at, err := time.Parse("15:04", text)
	if err != nil {
		t.fail(n.line, t.key(name), "%q is not a time of day; write it like \"9:00\" or \"14:30\"", n.text)
		return 0, false
	}
	return Clock(at.Hour()*60 + at.Minute()), true
}

// date is a day of the calendar, with or without quotes.
func (t *table) date(name string) (Date, int, bool) {
	n := t.get(name)
	if n == nil {
		return Date{}, 0, false
	}
	d, ok := t.dateOf(n, t.key(name))
	return d, n.line, ok
}

func (t *table) dateOf(n *node, key string) (Date, bool) {
	if n.kind != unstable.String && n.kind != unstable.LocalDate {
		t.wrong(n, key, "a date between quotes", `"2027-01-14"`)
		return Date{}, false
	}
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(n.text))
	if err != nil || day.Year() < 2000 {
		t.fail(n.line, key, "%q is not a date; write the year, the month and the day like \"2027-01-14\"", n.text)
		return Date{}, false
	}
	return DateOf(day), true
}

// dates is a list of days, sorted, each once.
func (t *table) dates(name string) []Date {
	n := t.get(name)
	if n == nil {
		return nil
	}
	if n.kind != unstable.Array {
		t.wrong(n, t.key(name), kindName(unstable.Array), name+` = ["2027-01-14", "2027-01-21"]`)
		return nil
	}
	var all []Date
	for _, element := range n.list {
		if d, ok := t.dateOf(element, t.key(name)); ok {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, Date.Compare)
	return slices.Compact(all)
}

// section is the one table of a name: [name].
func (t *table) section(name string) *table {
	sub := &table{reader: t.reader, path: t.key(name), line: t.line}
	n := t.get(name)
	switch {
	case n == nil:
	case n.kind == unstable.Table:
		sub.n, sub.line = n, n.line
	case n.kind == unstable.ArrayTable:
		t.fail(n.line, sub.path, "there is only one; write [%s] with single brackets, once", sub.path)
	default:
		t.wrong(n, sub.path, "a section", "["+sub.path+"] with its keys on the lines below")
	}
	return sub
}

// sections are the tables of a name: [[name]], each.
func (t *table) sections(name string) []*table {
	n := t.get(name)
	if n == nil {
		return nil
	}
	key := t.key(name)
	switch n.kind {
	case unstable.ArrayTable, unstable.Array:
	case unstable.Table:
		t.fail(n.line, key, "there may be several; write [[%s]] with double brackets", key)
		return nil
	default:
		t.wrong(n, key, "a section in double brackets", "[["+key+"]] with its keys on the lines below")
		return nil
	}
	var all []*table
	for _, element := range n.list {
		if element.kind != unstable.Table {
			t.wrong(element, key, "a section in double brackets", "[["+key+"]] with its keys on the lines below")
			continue
		}
		all = append(all, &table{reader: t.reader, path: key, line: element.line, n: element})
	}
	return all
}

// languages is a table by language: label = { fr = "…", en = "…" }. The value of
// each language is read by each.
func (t *table) languages(name, like string, each func(lang string, n *node, key string)) {
	n := t.get(name)
	if n == nil {
		return
	}
	key := t.key(name)
	if n.kind != unstable.Table {
		t.wrong(n, key, "given by language", fmt.Sprintf("%s = { fr = %s }", name, like))
		return
	}
	for _, lang := range n.order {
		value := n.keys[lang]
		if !t.speaks(lang) {
			t.unknown(field{lang, value.line}, key, "language", KnownLanguages())
			continue
		}
		each(lang, value, key+"."+lang)
	}
}

// textByLang is one text for each language given. Breaks is whether it may
// run over several lines, which become one.
func (t *table) textByLang(name string, most int, breaks bool) map[string]string {
	var all map[string]string
	t.languages(name, `"…"`, func(lang string, n *node, key string) {
		if breaks && n.kind == unstable.String {
			joined := *n
			joined.text = strings.Join(strings.FieldsFunc(n.text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == '\t' }), " ")
			n = &joined
		}
		if f := t.textOf(n, key, lang+` = "…"`, most); f.ok() {
			if all == nil {
				all = map[string]string{}
			}
			all[lang] = f.text
		}
	})
	return all
}

// textsByLang is a list of texts for each language given.
func (t *table) textsByLang(name string, most int) map[string][]string {
	var all map[string][]string
	t.languages(name, `["…"]`, func(lang string, n *node, key string) {
		for _, f := range t.textsOf(n, key, lang, most) {
			if all == nil {
				all = map[string][]string{}
			}
			all[lang] = append(all[lang], f.text)
		}
	})
	return all
}
