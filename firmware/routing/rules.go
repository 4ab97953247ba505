package routing

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Rules is a file of rules that was read and checked. It is a value that
// nothing changes. The zero Rules has none.
type Rules struct {
	levels map[string]int
	freins map[string]frein
	absent map[session.Role][]session.Role
	motifs map[string]motif
	rules  []rule
}

type frein struct {
	longer    int
	reassure  bool
	materials []Material
}

type motif struct {
	kind      string
	need      session.Role
	class     session.Class
	materials []Material
	services  []string
}

// rule is one line of the table: the first whose conditions all hold applies.
type rule struct {
	id   string
	when jsonWhen

	sets  bool // need is set, to any role or to Anyone
	need  session.Role
	with  session.Role
	first First
}

// Motifs of the file that no site has: no motif, and one the file does not name.
const (
	noMotif    = "none"
	otherMotif = "other"
)

// unknownLevel is the level of whoever did not tell.
const unknownLevel = "unknown"

// anyone is how a file writes session.Anyone.
const anyone = "any"

// kinds are what a motif may be.
func kinds() []string {
	return []string{"procedure", "technical", "equipment", "small_job", "unknown"}
}

func (r Rules) motif(key string) motif {
	if key == "" {
		return r.motifs[noMotif]
	}
	if m, ok := r.motifs[key]; ok && key != noMotif && key != otherMotif {
		return m
	}
	return r.motifs[otherMotif]
}

// first is the rule that applies. The last applies always.
func (r Rules) first(c Case, m motif) rule {
	for _, l := range r.rules {
		if l.applies(c, m) {
			return l
		}
	}
	return rule{}
}

func (l rule) applies(c Case, m motif) bool {
	w := l.when
	among := func(list []string, key string) bool { return len(list) == 0 || slices.Contains(list, key) }
	return among(w.Motifs, c.Motif) && among(w.Kinds, m.kind) && among(w.Needs, roleKey(m.need)) && among(w.Levels, levelKey(c)) &&
		(!w.ForOther || c.ForOther) &&
		(len(w.Freins) == 0 || slices.ContainsFunc(w.Freins, func(f string) bool { return slices.Contains(c.Freins, f) })) &&
		!slices.ContainsFunc(w.Has, func(s string) bool { return !c.offers(s) }) &&
		!slices.ContainsFunc(w.Lacks, c.offers)
}

func roleKey(r session.Role) string {
	if r == session.Anyone {
		return anyone
	}
	return string(r)
}

//go:embed rules.json
var embedded []byte

// Embedded returns the rules that come with the program, as a file: what a site
// starts from when it writes its own.
func Embedded() []byte { return bytes.Clone(embedded) }

// Default returns the rules that come with the program.
func Default() Rules {
	r, err := Parse(embedded)
	if err != nil {
		panic(err) // a test reads the same bytes
	}
	return r
}

// The file.
type (
	jsonFile struct {
		Version int                  `json:"version"`
		Levels  map[string]int       `json:"levels"`
		Freins  map[string]jsonFrein `json:"freins"`
		Absent  map[string][]string  `json:"absent"`
		Motifs  map[string]jsonMotif `json:"motifs"`
		Rules   []jsonRule           `json:"rules"`
	}
	jsonFrein struct {
		Longer    int        `json:"longer"`
		Reassure  bool       `json:"reassure"`
		Materials []Material `json:"materials"`
	}
	jsonMotif struct {
		Kind      string     `json:"kind"`
		Need      string     `json:"need"`
		Class     string     `json:"class"`
		Materials []Material `json:"materials"`
		Services  []string   `json:"services"`
	}
	jsonRule struct {
		ID    string   `json:"id"`
		About string   `json:"about"` // for whoever reads the file
		When  jsonWhen `json:"when"`
		Then  jsonThen `json:"then"`
	}
	// jsonWhen is conditions that must all hold; a list holds with any of its
	// entries, but for Has and Lacks, of which all must.
	jsonWhen struct {
		Motifs   []string `json:"motifs"`
		Kinds    []string `json:"kinds"`
		Needs    []string `json:"needs"` // of the motif
		Levels   []string `json:"levels"`
		Freins   []string `json:"freins"`
		ForOther bool     `json:"for_other"`
		Has      []string `json:"has"`   // a material, home or workshop
		Lacks    []string `json:"lacks"` // the same
	}
	jsonThen struct {
		Need  string `json:"need"` // a role or any; "" is that of the motif
		With  string `json:"with"`
		First First  `json:"first"`
	}
)

func (w jsonWhen) always() bool {
	return !w.ForOther && len(w.Motifs)+len(w.Kinds)+len(w.Needs)+len(w.Levels)+len(w.Freins)+len(w.Has)+len(w.Lacks) == 0
}

// Limits of a file.
const (
	maxFile  = 256 << 10
	maxRules = 200
)

var (
	goodID  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	goodKey = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)
)

// Parse reads a file of rules. It reports everything wrong at once, each error
// with the rule, the motif or the difficulty it is about. Beside what is
// unknown or missing it refuses: a level that would make a visit shorter than
// a more autonomous one, a difficulty that would shorten it, a rule after the
// one that always applies, or none that does.
func Parse(b []byte) (Rules, error) {
	if len(b) > maxFile {
		return Rules{}, fmt.Errorf("routing: file of %d bytes; want at most %d", len(b), maxFile)
	}
	if err := checkNames(b); err != nil {
		return Rules{}, fmt.Errorf("routing: %w", err)
	}
	var f jsonFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return Rules{}, fmt.Errorf("routing: %w", err)
	}
	p := parser{}
	r := p.file(f)
	if len(p.errs) > 0 {
		return Rules{}, errors.Join(p.errs...)
	}
	return r, nil
}

// checkNames refuses what encoding/json takes without a word: a name written
// twice in one object, and anything after the end.
func checkNames(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	var open []map[string]bool // names of each open object; nil for a list
	name := true
	for {
		t, err := d.Token()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case len(open) == 0 && t != json.Delim('{'):
			return errors.New("not one object")
		}
		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
				if len(open) == 0 && d.More() {
					return errors.New("something after the end")
				}
			}
			name = true
			continue
		case string:
			if in := open[len(open)-1]; in != nil && name {
				if in[t] {
					return fmt.Errorf("%q is written twice", t)
				}
				in[t], name = true, false
				continue
			}
		}
		name = true
	}
}

// parser gathers what is wrong with a file.
type parser struct{ errs []error }

func (p *parser) bad(where, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("routing: %s: %w", where, fmt.Errorf(format, args...)))
}

func (p *parser) file(f jsonFile) Rules {
	if f.Version != 1 {
		p.bad("version", "%d; want 1", f.Version)
	}
	r := Rules{levels: map[string]int{}, freins: map[string]frein{}, absent: map[session.Role][]session.Role{}, motifs: map[string]motif{}}
	p.levels(f.Levels)
	maps.Copy(r.levels, f.Levels)
	for _, key := range slices.Sorted(maps.Keys(f.Freins)) {
		j, where := f.Freins[key], "frein "+key
		p.known(where, "difficulty", key, freinKeys())
		if j.Longer < 0 || j.Longer > 2 {
			p.bad(where, "longer: %d; want 0 to 2", j.Longer)
		}
		p.materials(where, j.Materials)
		r.freins[key] = frein{j.Longer, j.Reassure, j.Materials}
	}
	for _, key := range slices.Sorted(maps.Keys(f.Absent)) {
		where := "absent " + key
		p.known(where, "role", key, roleKeys())
		for i, other := range f.Absent[key] {
			p.known(where, "role", other, roleKeys())
			if other == key || slices.Contains(f.Absent[key][:i], other) {
				p.bad(where, "%q stands in for itself, or is there twice", other)
			}
			r.absent[session.Role(key)] = append(r.absent[session.Role(key)], session.Role(other))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.Motifs)) {
		r.motifs[key] = p.motif("motif "+key, key, f.Motifs[key])
	}
	for _, key := range []string{noMotif, otherMotif} {
		if _, ok := f.Motifs[key]; !ok {
			p.bad("motif "+key, "missing")
		}
	}
	if n := len(f.Rules); n == 0 || n > maxRules {
		p.bad("rules", "%d; want 1 to %d", n, maxRules)
	}
	for i, j := range f.Rules {
		l := p.rule(fmt.Sprintf("rule %d %q", i+1, j.ID), j, f.Motifs)
		if slices.ContainsFunc(r.rules, func(o rule) bool { return o.id == l.id }) {
			p.bad("rule "+l.id, "its id is there twice")
		}
		switch last := i == len(f.Rules)-1; {
		case last && !j.When.always():
			p.bad("rule "+l.id, "the last rule has a condition: some cases would have no rule")
		case !last && j.When.always():
			p.bad("rule "+l.id, "it always applies: the rules after it never do")
		}
		r.rules = append(r.rules, l)
	}
	return r
}

func (p *parser) levels(m map[string]int) {
	want := []string{sheet.Autonomous.String(), sheet.Accompanied.String(), sheet.Remote.String()}
	all := append(slices.Clone(want), unknownLevel)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		p.known("levels", "level", key, all)
	}
	for _, key := range all {
		if n, ok := m[key]; !ok || n < -2 || n > 2 {
			p.bad("level "+key, "missing, or not from -2 to 2")
		}
	}
	for i, key := range want[1:] {
		if m[key] < m[want[i]] {
			p.bad("level "+key, "%d steps; want at least the %d of %s", m[key], m[want[i]], want[i])
		}
	}
}

func (p *parser) motif(where, key string, j jsonMotif) motif {
	if !goodKey.MatchString(key) {
		p.bad(where, "bad key")
	}
	p.known(where, "kind", j.Kind, kinds())
	p.known(where, "role", j.Need, append(roleKeys(), anyone))
	p.materials(where, j.Materials)
	for _, s := range j.Services {
		if strings.TrimSpace(s) != s || s == "" || len(s) > 120 || slices.ContainsFunc([]rune(s), func(c rune) bool { return c < ' ' }) {
			p.bad(where, "bad service %q", s)
		}
	}
	p.known(where, "class", j.Class, []string{"short", "normal", "long"})
	m := motif{kind: j.Kind, need: role(j.Need), class: session.Class(j.Class), materials: j.Materials, services: j.Services}
	if j.Class == "normal" {
		m.class = session.Normal
	}
	return m
}

func (p *parser) rule(where string, j jsonRule, motifs map[string]jsonMotif) rule {
	if !goodID.MatchString(j.ID) {
		p.bad(where, "bad id; want small letters, digits and _")
	}
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(motifs)), func(k string) bool { return k == noMotif || k == otherMotif })
	levels := []string{sheet.Remote.String(), sheet.Accompanied.String(), sheet.Autonomous.String(), unknownLevel}
	things := []string{string(Home), string(Workshop)}
	for _, m := range Materials() {
		things = append(things, string(m))
	}
	for _, c := range []struct {
		what        string
		list, known []string
	}{
		{"motif", j.When.Motifs, keys},
		{"kind", j.When.Kinds, kinds()},
		{"role", j.When.Needs, append(roleKeys(), anyone)},
		{"level", j.When.Levels, levels},
		{"difficulty", j.When.Freins, freinKeys()},
		{"thing", j.When.Has, things},
		{"thing", j.When.Lacks, things},
	} {
		for i, key := range c.list {
			p.known(where, c.what, key, c.known)
			if slices.Contains(c.list[:i], key) {
				p.bad(where, "when: %s %q is there twice", c.what, key)
			}
		}
	}
	if j.Then.Need != "" {
		p.known(where, "role", j.Then.Need, append(roleKeys(), anyone))
	}
	if j.Then.With != "" {
		p.known(where, "role", j.Then.With, roleKeys())
		if j.Then.With == j.Then.Need || j.Then.Need == anyone {
			p.bad(where, "then: with %q; want another role than need", j.Then.With)
		}
	}
	if !slices.Contains([]First{Straight, Workshop, Home, Reception, Place}, j.Then.First) {
		p.bad(where, "then: unknown first %q", j.Then.First)
	}
	return rule{id: j.ID, when: j.When, sets: j.Then.Need != "", need: role(j.Then.Need), with: session.Role(j.Then.With), first: j.Then.First}
}

func (p *parser) known(where, what, key string, known []string) {
	if !slices.Contains(known, key) {
		p.bad(where, "unknown %s %q; want one of %s", what, key, strings.Join(known, ", "))
	}
}

func (p *parser) materials(where string, list []Material) {
	for i, m := range list {
		if !slices.Contains(Materials(), m) || slices.Contains(list[:i], m) {
			p.bad(where, "material %q is unknown, or there twice", m)
		}
	}
}

func role(key string) session.Role {
	if key == anyone {
		return session.Anyone
	}
	return session.Role(key)
}

func roleKeys() []string {
	var keys []string
	for _, r := range session.Roles() {
		keys = append(keys, string(r))
	}
	return keys
}

func freinKeys() []string {
	for _, i := range sheet.Instrument() {
		if i.Key == sheet.Freins {
			return i.Answers
		}
	}
	return nil
}
