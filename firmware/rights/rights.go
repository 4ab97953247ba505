// Package rights says which benefits a household may be missing. It is pure.
// Rules are data: a dated file that staff can read and change, with the source
// of every rule and the day by which somebody must read it again.
//
// What it promises: never an amount and never « vous avez droit »; a hint is a
// thing to check with the social worker, no more. An answer that is not given
// never hides a hint that some answer would give, and less money never takes a
// hint away. Every set of answers has a result. Nothing is kept: Answers are a
// value in the hands of the caller.
//
// The shape of the rules follows the general conditions of aides-jeunes, the
// public list of benefits; the wording and the rules are our own. The file
// covers metropolitan France.
package rights

import (
	_ "embed"
	"slices"
	"time"
)

//go:embed rules.json
var defaultText []byte

//go:embed schema.json
var schemaText []byte

// DefaultText is the file of rules that a site begins from.
func DefaultText() []byte { return slices.Clone(defaultText) }

// SchemaText is the JSON Schema (2020-12) of a file of rules, for editors. Parse
// asks for more than it can say.
func SchemaText() []byte { return slices.Clone(schemaText) }

// Default is the rules of DefaultText.
func Default() (Rules, error) { return Parse(defaultText) }

// Rules are the rules of one file, as Parse read them. The zero Rules gives no
// hint. They do not change: many may read them.
type Rules struct {
	Version   string    // the day of the file's values, "2026-04-01"
	Territory string    // "metropole"
	Review    time.Time // the day by which the whole file must be read again, in UTC
	List      []Rule

	questions []Question // all of them, in the order asked

	limits  []int  // euros a month and consumption unit, rising: below the first is band A
	blurred []fact // facts that make what comes in say nothing of the income
	bodies  map[string]map[string]string
}

// Rule is one benefit and when it is worth checking.
type Rule struct {
	ID        string
	Active    bool
	Version   string
	Effective time.Time // from when the values hold, in UTC
	Review    time.Time // by when somebody must read the rule again, in UTC
	Source    string    // what the values were taken from, in French
	Sheet     string    // the sheet of service-public.fr, "F10027", or ""
	Verify    []string  // whom to ask: codes of bodies
	Name      map[string]string

	when cond
}

// Hint is a benefit to check with the social worker.
type Hint struct {
	ID     string   // names the text rights.rule.ID, where Names has none
	Verify []string // whom to ask; each names the text rights.who.CODE, where Bodies has none
	Sheet  string   // of service-public.fr, for staff; "" when there is none
	// Open says that an answer that was not given could still rule it out.
	Open   bool
	Names  map[string]string            // a site's own name of the rule, by language
	Bodies map[string]map[string]string // a site's own names of whom to ask, by code and language
}

// Name is the site's own name of the benefit in a language, or in French; ok is
// false when the catalogue names it.
func (h Hint) Name(lang string) (name string, ok bool) { return inLanguage(h.Names, lang) }

// Body is the site's own name of whom to ask, as Name is.
func (h Hint) Body(code, lang string) (name string, ok bool) {
	return inLanguage(h.Bodies[code], lang)
}

func inLanguage(names map[string]string, lang string) (string, bool) {
	if n, ok := names[lang]; ok {
		return n, true
	}
	n, ok := names["fr"]
	return n, ok
}

// Hints are the active rules that the answers do not rule out, in file order.
func (r Rules) Hints(a Answers) []Hint {
	a = r.clean(a)
	var list []Hint
	for _, rule := range r.List {
		if !rule.Active {
			continue
		}
		is := r.eval(rule.when, a)
		if is == no {
			continue
		}
		h := Hint{ID: rule.ID, Verify: slices.Clone(rule.Verify), Sheet: rule.Sheet, Names: rule.Name}
		if is == maybe {
			r.needs(rule.when, no, a, -1, func(string) { h.Open = true })
		}
		for _, code := range rule.Verify {
			if names, ok := r.bodies[code]; ok {
				if h.Bodies == nil {
					h.Bodies = map[string]map[string]string{}
				}
				h.Bodies[code] = names
			}
		}
		list = append(list, h)
	}
	return list
}

// Next is the question to ask after the question of that key, "" before the
// first; ok is false when the rest would change nothing. Only answers up to it
// count: who goes back and on again passes the same screens. A question is left
// out when it can no longer rule anything out.
func (r Rules) Next(a Answers, after string) (q Question, ok bool) {
	at := place(after)
	known := Answers{}
	for key, answer := range r.clean(a) {
		if place(key) <= at {
			known[key] = answer
		}
	}
	wanted := map[string]bool{}
	for _, rule := range r.List {
		if rule.Active {
			r.needs(rule.when, no, known, at, func(q string) { wanted[q] = true })
		}
	}
	for i, q := range r.questions {
		if i > at && wanted[q.Key] {
			q.Answers = slices.Clone(q.Answers)
			return q, true
		}
	}
	return Question{}, false
}

// Band is one answer to Income for a household: from From up to, not with, Below
// euros a month. Below 0 means without end.
type Band struct {
	Key         string
	From, Below int
}

// Bands are the answers to Income in the euros of this household: the limits of
// the file times its consumption units (1, 0.5 for each other person of 14 or
// more, 0.3 for each younger child), rounded up to 50 euros, since rounding down
// could hide a hint. Nil while the household is not known.
func (r Rules) Bands(a Answers) []Band {
	tenths, ok := r.clean(a).units()
	if !ok || len(r.limits) == 0 {
		return nil
	}
	var list []Band
	from := 0
	for i, key := range r.bandKeys() {
		b := Band{Key: key, From: from}
		if i < len(r.limits) {
			b.Below = (r.limits[i]*tenths + 499) / 500 * 50
		}
		from = b.Below
		list = append(list, b)
	}
	return list
}

func (r Rules) bandKeys() []string {
	keys := make([]string, 0, len(r.limits)+1)
	for i := range len(r.limits) + 1 {
		keys = append(keys, string(rune('A'+i)))
	}
	return keys
}

// Due are the rules whose review day has come at a time, seen on the calendar of
// its location, in file order; those that are off are left out.
func (r Rules) Due(at time.Time) []Rule {
	var list []Rule
	for _, rule := range r.List {
		if rule.Active && rule.DueAt(at) {
			list = append(list, rule)
		}
	}
	return list
}

// DueAt reports whether the rule's review day has come.
func (r Rule) DueAt(at time.Time) bool {
	y, m, d := at.Date()
	return !time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Before(r.Review)
}

// Without is the rules with these switched off, and the ids that no rule has.
func (r Rules) Without(ids ...string) (off Rules, unknown []string) {
	r.List = slices.Clone(r.List)
	for _, id := range ids {
		i := slices.IndexFunc(r.List, func(rule Rule) bool { return rule.ID == id })
		if i < 0 {
			unknown = append(unknown, id)
			continue
		}
		r.List[i].Active = false
	}
	return r, unknown
}

// clean is the answers without those that are none.
func (r Rules) clean(a Answers) Answers {
	known := Answers{}
	for _, q := range r.questions {
		if slices.Contains(q.Answers, a[q.Key]) {
			known[q.Key] = a[q.Key]
		}
	}
	return known
}
