// Package poster makes what tells people of a place before they come: a poster on A3
// for halls, a flyer on A5 with a page for each language, and short texts for light
// panels, messages and newspapers.
//
// It promises that each says when and where, in words of the catalogue that the kiosk
// has too; that it is black and white, so that any copier keeps it; and that it says
// nothing that the site's file does not: no price, no promise.
package poster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"jeudi/firmware/words"
)

// Place is what a poster says of a place.
type Place struct {
	Name, Address, Phone string
	Hours                []Hours
	Dates                []time.Time // of the next permanences, in the place's zone
	Motifs               []string    // keys, in the order of the kiosk
	Languages            []string    // of the catalogue, French first
}

// Hours is one weekly permanence. Of From and Until the clock alone counts.
type Hours struct {
	Day         time.Weekday
	From, Until time.Time
}

// Poster is a place and the words to tell of it.
type Poster struct {
	place Place
	words *words.Catalogue
}

// New is a poster. Easy French and pictures are languages of the screen: whoever reads
// a wall reads French there.
func New(p Place, c *words.Catalogue) Poster {
	p.Languages = slices.DeleteFunc(slices.Clone(p.Languages), func(lang string) bool { return lang == words.Easy || lang == words.Images })
	return Poster{p, c}
}

func (p Poster) text(lang, key string) string { return p.words.Text(lang, key, nil) }

// weekly are days of the same hours: in one line, and in as many as there are spans and
// one more, for a narrow column.
type weekly struct{ line, broken string }

// hours are the weekly hours, days of the same hours together.
func (p Poster) hours(lang string) (lines []weekly) {
	var spans []string // each different one, in the order of the week
	days := map[string][]string{}
	for _, day := range week() {
		var of []string
		for _, h := range p.place.Hours {
			if h.Day == day {
				span := p.words.Text(lang, "places.hours_span", map[string]any{"from": h.From, "until": h.Until})
				of = append(of, strings.ReplaceAll(span, " ", "\u00a0")) // on one line
			}
		}
		if len(of) == 0 {
			continue
		}
		span := strings.Join(of, comma(lang))
		if days[span] == nil {
			spans = append(spans, span)
		}
		days[span] = append(days[span], p.text(lang, "format.weekday."+strconv.Itoa(int(day))))
	}
	for _, span := range spans {
		line := func(span string) string {
			return capital(p.words.Text(lang, "places.hours_line", map[string]any{"days": strings.Join(days[span], comma(lang)), "hours": span}))
		}
		w := weekly{line: line(span)}
		w.broken = w.line
		if words.Dir(lang) != "rtl" { // its marks must not be parted
			w.broken = strings.Replace(w.line, span, "\n"+strings.ReplaceAll(span, comma(lang), comma(lang)+"\n"), 1)
		}
		lines = append(lines, w)
	}
	return lines
}

// allHours are the weekly hours in one line.
func (p Poster) allHours(lang string) string {
	var lines []string
	for _, w := range p.hours(lang) {
		lines = append(lines, w.line)
	}
	return strings.Join(lines, comma(lang))
}

func week() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

// dates are the next days, in words.
func (p Poster) dates(lang string) (days []string) {
	for _, d := range p.place.Dates {
		days = append(days, capital(p.words.Text(lang, "paper.next_day", map[string]any{"when": d})))
	}
	return days
}

// motifs are the reasons to come, those that have words.
func (p Poster) motifs(lang string) (labels []string) {
	for _, m := range p.place.Motifs {
		if key := "motif." + m; p.words.Has(words.French, key) {
			labels = append(labels, p.text(lang, key))
		}
	}
	return labels
}

// phone is the line with the number, "" without one.
func (p Poster) phone(lang string) string {
	if p.place.Phone == "" {
		return ""
	}
	return p.words.Text(lang, "poster.phone", map[string]any{"phone": number(p.place.Phone)})
}

// number keeps the groups of a number in their order and on one line: in a text that
// runs to the left, blanks would turn them around.
func number(phone string) string { return strings.ReplaceAll(phone, " ", "\u00a0") }

func comma(lang string) string {
	if words.Dir(lang) == "rtl" {
		return "، "
	}
	return ", "
}

func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// Short are the short texts, in every language: three lines for a light panel, a
// message of a line, whose characters are counted, for panels and editors have limits,
// and the next days.
func (p Poster) Short() string {
	var b strings.Builder
	for i, lang := range p.place.Languages {
		if i > 0 {
			b.WriteString("\n")
		}
		hours := p.allHours(lang)
		where := isolated(lang, p.place.Name)
		if p.place.Address != "" {
			where += comma(lang) + isolated(lang, p.place.Address)
		}
		message := p.text(lang, "poster.short") + " " + hours + ". " + where + "."
		if p.place.Phone != "" {
			message += " " + p.phone(lang) + "."
		}
		fmt.Fprintf(&b, "## %s\n\n%s\n%s\n%s\n\n%s (%d)\n", p.words.Named(lang),
			p.text(lang, "poster.short"), hours, p.place.Name, message, shown(message))
		if days := p.dates(lang); len(days) > 0 {
			fmt.Fprintf(&b, "\n%s\n%s\n", p.text(lang, "paper.next_dates"), strings.Join(days, "\n"))
		}
	}
	return b.String()
}

// The marks of Unicode that keep a text of the other direction together.
const isolate, pop = "\u2068", "\u2069"

// isolated is a French name within a text that may run to the left.
func isolated(lang, text string) string {
	if words.Dir(lang) == "rtl" {
		return isolate + text + pop
	}
	return text
}

// shown is how many characters a text shows.
func shown(text string) int {
	return utf8.RuneCountInString(strings.NewReplacer(isolate, "", pop, "").Replace(text))
}
