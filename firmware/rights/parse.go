package rights

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Fault is one thing that is wrong with a file of rules, in French: a technician
// or an agent of the CCAS reads it.
type Fault struct {
	Rule string // the id of the rule, "" for the file itself
	Text string // what is wrong, and what to do
}

// String is the fault on one line.
func (f Fault) String() string {
	if f.Rule == "" {
		return "fichier : " + f.Text
	}
	return "règle « " + f.Rule + " » : " + f.Text
}

// Faults are all that is wrong with a file, in file order.
type Faults []Fault

// Error is one fault a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// maxBytes and maxDepth bound what a file may be.
const (
	maxBytes = 1 << 20
	maxDepth = 24
)

// Parse reads a file of rules strictly: an unknown or repeated word, a missing
// date, a band or an organism that does not exist are faults. The error is a
// Faults with every one of them. Rules that Parse accepts are monotone in
// income: a condition on money under « non » is refused.
func Parse(data []byte) (Rules, error) {
	var c checker
	if len(data) > maxBytes {
		c.say("plus de 1 Mo. Gardez un fichier de règles plus court")
		return Rules{}, c.faults
	}
	if !utf8.Valid(data) {
		c.say("le texte n’est pas en UTF-8. Enregistrez le fichier en UTF-8")
		return Rules{}, c.faults
	}
	root, ok := c.read(bytes.TrimPrefix(data, []byte("\uFEFF")))
	if !ok {
		return Rules{}, c.faults
	}
	r := c.file(root)
	if len(c.faults) > 0 {
		return Rules{}, c.faults
	}
	return r, nil
}

// checker gathers faults while a file is read.
type checker struct {
	rule   string
	faults Faults
}

func (c *checker) say(format string, args ...any) {
	c.faults = append(c.faults, Fault{c.rule, fmt.Sprintf(format, args...)})
}

// object is a JSON object whose members keep their order, since a file is told
// what is wrong with it from top to bottom, and the second of two equal members
// does not win in silence.
type object struct {
	keys []string
	of   map[string]any
}

// read is the file as objects, lists, strings, float64 and bool.
func (c *checker) read(data []byte) (root object, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(data))
	v, err := c.value(dec, 0)
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			err = nil
		} else {
			err = fmt.Errorf("quelque chose suit la dernière accolade")
		}
	}
	if err != nil {
		at := min(int(dec.InputOffset()), len(data))
		c.say("ligne %d, ce n’est pas du JSON : %v. Souvent une virgule ou un guillemet manque juste avant", 1+bytes.Count(data[:at], []byte("\n")), err)
		return object{}, false
	}
	root, ok = v.(object)
	if !ok {
		c.say("il faut un objet : le fichier commence par { et finit par }")
	}
	return root, ok
}

func (c *checker) value(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("plus de %d niveaux de parenthèses", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := object{of: map[string]any{}}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			key := name.(string) // or the decoder fails
			v, err := c.value(dec, depth+1)
			if err != nil {
				return nil, err
			}
			if _, twice := o.of[key]; twice {
				c.say("« %s » est écrit deux fois au même endroit. Gardez-en un", key)
				continue
			}
			o.keys, o.of[key] = append(o.keys, key), v
		}
		_, err := dec.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := c.value(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	}
	return token, nil
}

// only refuses members that nothing reads.
func (c *checker) only(o object, where string, known ...string) {
	for _, key := range o.keys {
		if !slices.Contains(known, key) {
			c.say("« %s » n’existe pas dans %s. Les mots possibles : %s", key, where, strings.Join(known, ", "))
		}
	}
}

func (c *checker) text(o object, key string) string {
	s, ok := o.of[key].(string)
	if !ok || strings.TrimSpace(s) == "" {
		c.say("« %s » manque. Ajoutez \"%s\": \"…\"", key, key)
		return ""
	}
	return s
}

func (c *checker) day(o object, key string) time.Time {
	s := c.text(o, key)
	if s == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		c.say("« %s » : « %s » n’est pas une date. Écrivez année-mois-jour, par exemple 2027-04-01", key, s)
	}
	return at
}

// whole is a number without a fraction, from lo to hi.
func (c *checker) whole(v any, what string, lo, hi int) (int, bool) {
	n, ok := v.(float64)
	if !ok || n != math.Trunc(n) || n < float64(lo) || n > float64(hi) {
		c.say("%s : il faut un nombre entier de %d à %d, sans guillemets", what, lo, hi)
		return 0, false
	}
	return int(n), true
}

func (c *checker) file(root object) Rules {
	c.only(root, "le fichier", "$schema", "version", "territoire", "revue_avant", "bandes_uc", "revenu_inconnu_si", "organismes", "regles")
	version := c.day(root, "version")
	r := Rules{Version: format(version), Territory: c.text(root, "territoire"), Review: c.day(root, "revue_avant")}
	if r.Territory != "" && r.Territory != "metropole" {
		c.say("« territoire » : seul « metropole » est connu. Outre-mer, les règles sont différentes")
	}
	c.after(version, r.Review, "version")
	r.limits = c.limits(root.of["bandes_uc"])
	r.questions = r.allQuestions()
	r.blurred = c.blurs(root.of["revenu_inconnu_si"])
	r.bodies = c.bodies(root.of["organismes"])
	list, ok := root.of["regles"].([]any)
	if !ok || len(list) == 0 {
		c.say("« regles » manque ou est vide. Ajoutez au moins une règle")
	}
	for i, v := range list {
		c.rule = fmt.Sprintf("n° %d", i+1)
		o, ok := v.(object)
		if !ok {
			c.say("il faut un objet entre { et }")
			continue
		}
		rule := c.oneRule(o, r)
		if slices.ContainsFunc(r.List, func(other Rule) bool { return other.ID == rule.ID }) {
			c.say("l’identifiant existe déjà plus haut. Donnez-en un autre")
		}
		r.List = append(r.List, rule)
	}
	c.rule = ""
	return r
}

func (c *checker) after(from, until time.Time, name string) {
	if !from.IsZero() && !until.IsZero() && !until.After(from) {
		c.say("« revue_avant » (%s) doit venir après « %s » (%s)", format(until), name, format(from))
	}
}

func format(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}

// limits reads {"A": 800, "B": 1200, …}.
func (c *checker) limits(v any) []int {
	o, ok := v.(object)
	if !ok || len(o.keys) == 0 || len(o.keys) > 8 {
		c.say("« bandes_uc » manque. Donnez de 1 à 8 bandes, par exemple {\"A\": 800, \"B\": 1200}")
		return nil
	}
	var limits []int
	for i, key := range o.keys {
		if want := string(rune('A' + i)); key != want {
			c.say("« bandes_uc » : « %s » à la place de « %s ». Les bandes se suivent : A, B, C…", key, want)
			return nil
		}
		n, ok := c.whole(o.of[key], "« bandes_uc », bande « "+key+" »", 1, 20_000)
		if !ok {
			return nil
		}
		if i > 0 && n <= limits[i-1] {
			c.say("« bandes_uc » : la bande « %s » doit être plus haute que celle d’avant", key)
		}
		limits = append(limits, n)
	}
	return limits
}

// canBlur are the facts that are asked before the money.
func canBlur() []string { return []string{"a_son_compte", "revenus_arretes"} }

func (c *checker) blurs(v any) []fact {
	list, ok := v.([]any)
	if !ok {
		c.say("« revenu_inconnu_si » manque. Mettez [\"a_son_compte\", \"revenus_arretes\"]")
		return nil
	}
	found := []fact{}
	for _, v := range list {
		s, _ := v.(string)
		f, _ := factNamed(s)
		if !slices.Contains(canBlur(), s) || slices.Contains(found, f) {
			c.say("« revenu_inconnu_si » : « %v » est inconnu ou répété. Possibles : %s", v, strings.Join(canBlur(), ", "))
			continue
		}
		found = append(found, f)
	}
	return found
}

// Bodies are the codes of whom to ask that the catalogue names: rights.who.CODE.
func Bodies() []string {
	return []string{"caf", "msa", "ccas", "cpam", "carsat", "mdph", "departement", "mission_locale", "cheque_energie"}
}

// Named are the ids of rules that the catalogue names: rights.rule.ID.
func Named() []string {
	return []string{"rsa", "mission_locale_cej", "prime_activite", "c2s", "aide_logement", "aspa", "aah", "apa", "ajpa", "cheque_energie", "ars", "af", "cf", "asf"}
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

func (c *checker) bodies(v any) map[string]map[string]string {
	if v == nil {
		return nil
	}
	o, ok := v.(object)
	if !ok {
		c.say("« organismes » : il faut {\"code\": {\"fr\": \"nom\"}}")
		return nil
	}
	found := map[string]map[string]string{}
	for _, code := range o.keys {
		if !identifier.MatchString(code) {
			c.say("« organismes » : le code « %s » doit être en minuscules, chiffres et _", code)
		}
		found[code] = c.names(o.of[code], "organisme « "+code+" »")
	}
	return found
}

var langCode = regexp.MustCompile(`^[a-z]{2,8}$`)

// names reads {"fr": "…", "ar": "…"}.
func (c *checker) names(v any, what string) map[string]string {
	o, ok := v.(object)
	if !ok || o.of["fr"] == nil {
		c.say("%s : il faut au moins le français, {\"fr\": \"…\"}", what)
		return nil
	}
	found := map[string]string{}
	for _, lang := range o.keys {
		s, ok := o.of[lang].(string)
		switch {
		case !langCode.MatchString(lang):
			c.say("%s : « %s » n’est pas un code de langue, comme fr ou ar", what, lang)
		case !ok || strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > 80:
			c.say("%s, langue %s : il faut un texte de 1 à 80 lettres", what, lang)
		default:
			if why := Promise(s); why != "" {
				c.say("%s, langue %s : %s", what, lang, why)
			}
			found[lang] = s
		}
	}
	return found
}

var (
	amount  = regexp.MustCompile(`(?i)\d[\d\s\x{00a0}\x{202f}.,]*(€|euros?\b)|€\s*\d`)
	promise = regexp.MustCompile(`(?i)droits?[\s\x{00a0}]+(à|a|au|aux)\b|droits?[\s\x{00a0}]+à|avez[\s\x{00a0}]+(le[\s\x{00a0}]+)?droit`)
)

// Promise says what a text promises that no hint may: an amount of money, or a
// right. It is "" for a text that may be shown. The words are French.
func Promise(text string) string {
	switch {
	case amount.MatchString(text):
		return "jamais de montant en euros. Enlevez-le"
	case promise.MatchString(text):
		return "jamais « droit à » ni « vous avez droit ». Écrivez le nom de l’aide seul"
	}
	return ""
}

var sheetCode = regexp.MustCompile(`^[A-Z][0-9]{1,6}$`)

func (c *checker) oneRule(o object, file Rules) Rule {
	var r Rule
	if r.ID, _ = o.of["id"].(string); !identifier.MatchString(r.ID) {
		c.say("« id » manque ou n’est pas en minuscules, chiffres et _. Par exemple \"id\": \"aide_mairie\"")
	} else {
		c.rule = r.ID
	}
	c.only(o, "une règle", "id", "actif", "nom", "verifier", "fiche", "version", "en_vigueur", "revue_avant", "source", "tous")
	active, ok := o.of["actif"].(bool)
	if !ok {
		c.say("« actif » doit être là. Écrivez true (la règle sert) ou false (elle ne sert pas), sans guillemets")
	}
	r.Active = active
	version := c.day(o, "version")
	r.Version, r.Effective, r.Review, r.Source = format(version), c.day(o, "en_vigueur"), c.day(o, "revue_avant"), c.text(o, "source")
	c.after(version, r.Review, "version")
	c.after(r.Effective, r.Review, "en_vigueur")
	if v, there := o.of["fiche"]; there {
		if r.Sheet, _ = v.(string); !sheetCode.MatchString(r.Sheet) {
			c.say("« fiche » : une lettre et des chiffres, comme F10027, ou enlevez la ligne")
		}
	}
	if v, there := o.of["nom"]; there {
		r.Name = c.names(v, "« nom »")
	} else if r.ID != "" && !slices.Contains(Named(), r.ID) {
		c.say("« nom » manque : une règle à vous doit dire son nom. Ajoutez \"nom\": {\"fr\": \"…\"}")
	}
	list, _ := o.of["verifier"].([]any)
	if len(list) == 0 {
		c.say("« verifier » manque : à qui demander ? Par exemple [\"caf\", \"msa\"]")
	}
	for _, v := range list {
		code, _ := v.(string)
		_, own := file.bodies[code]
		switch {
		case !own && !slices.Contains(Bodies(), code):
			c.say("« verifier » : « %v » est inconnu. Possibles : %s, ou un code de « organismes »", v, strings.Join(slices.Concat(Bodies(), slices.Sorted(maps.Keys(file.bodies))), ", "))
		case slices.Contains(r.Verify, code):
			c.say("« verifier » : « %s » est écrit deux fois", code)
		default:
			r.Verify = append(r.Verify, code)
		}
	}
	if _, there := o.of["tous"]; !there {
		c.say("« tous » manque : la liste des conditions")
		return r
	}
	r.when = cond{all: c.conds(o.of["tous"], "tous", file, false)}
	return r
}

func (c *checker) conds(v any, what string, file Rules, negated bool) []cond {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		c.say("« %s » : il faut une liste entre [ et ], avec au moins une condition", what)
		return []cond{}
	}
	conds := make([]cond, 0, len(list))
	for _, v := range list {
		conds = append(conds, c.cond(v, file, negated))
	}
	return conds
}

// words are the conditions that are objects.
func conditionWords() []string {
	return []string{"tous", "un_de", "non", "revenu_max", "age_plus_age", "age_plus_jeune", "enfants"}
}

func (c *checker) cond(v any, file Rules, negated bool) cond {
	if name, ok := v.(string); ok {
		f, ok := factNamed(name)
		if !ok {
			var names []string
			for _, f := range facts() {
				names = append(names, f.name)
			}
			c.say("la condition « %s » est inconnue. Possibles : %s", name, strings.Join(names, ", "))
		}
		return cond{fact: f}
	}
	o, ok := v.(object)
	if !ok || len(o.keys) != 1 {
		c.say("une condition est un mot entre guillemets, ou un objet avec un seul mot : %s", strings.Join(conditionWords(), ", "))
		return cond{}
	}
	key, inner := o.keys[0], o.of[o.keys[0]]
	switch key {
	case "tous":
		return cond{all: c.conds(inner, key, file, negated)}
	case "un_de":
		return cond{any: c.conds(inner, key, file, negated)}
	case "non":
		not := c.cond(inner, file, true)
		return cond{not: &not}
	case "revenu_max":
		band, _ := inner.(string)
		if negated {
			c.say("« revenu_max » ne va pas dans « non » : un revenu plus bas ne doit jamais cacher une aide")
		}
		if len(file.limits) > 0 && !slices.Contains(file.bandKeys()[:len(file.limits)], band) {
			c.say("« revenu_max » : la bande « %v » n’existe pas. Possibles : %s", inner, strings.Join(file.bandKeys()[:len(file.limits)], ", "))
		}
		return cond{income: band}
	case "age_plus_age":
		return cond{old: c.span(inner, key, 0, oldest)}
	case "age_plus_jeune":
		return cond{young: c.span(inner, key, 0, oldest)}
	case "enfants":
		ages := c.span(inner, key, 0, 20, "nombre")
		k := kids{ages: *ages}
		if kidsOf, ok := inner.(object); ok {
			k.least, _ = c.whole(kidsOf.of["nombre"], "« enfants », « nombre »", 1, 12)
		}
		return cond{kids: &k}
	}
	c.say("la condition « %s » est inconnue. Possibles : %s", key, strings.Join(conditionWords(), ", "))
	return cond{}
}

// span reads {"de": 18, "a": 24}; one of the two may be left out.
func (c *checker) span(v any, what string, lo, hi int, also ...string) *span {
	s := span{lo, hi}
	o, ok := v.(object)
	if !ok || o.of["de"] == nil && o.of["a"] == nil {
		c.say("« %s » : il faut {\"de\": 18, \"a\": 24}, en années, les deux comprises", what)
		return &s
	}
	c.only(o, "« "+what+" »", append([]string{"de", "a"}, also...)...)
	if v, there := o.of["de"]; there {
		s.lo, _ = c.whole(v, "« "+what+" », « de »", lo, hi)
	}
	if v, there := o.of["a"]; there {
		s.hi, _ = c.whole(v, "« "+what+" », « a »", lo, hi)
	}
	if s.lo > s.hi {
		c.say("« %s » : « de » (%d) est plus grand que « a » (%d)", what, s.lo, s.hi)
	}
	return &s
}

// JSON is the rules as a file that Parse reads back: what a page is served, with
// the rules that the site switched off.
func (r Rules) JSON() []byte {
	type out map[string]any
	list := []out{}
	for _, rule := range r.List {
		o := out{"id": rule.ID, "actif": rule.Active, "verifier": rule.Verify, "version": rule.Version,
			"en_vigueur": format(rule.Effective), "revue_avant": format(rule.Review), "source": rule.Source, "tous": rule.when.json().(map[string]any)["tous"]}
		if rule.Sheet != "" {
			o["fiche"] = rule.Sheet
		}
		if rule.Name != nil {
			o["nom"] = rule.Name
		}
		list = append(list, o)
	}
	limits := out{}
	for i, n := range r.limits {
		limits[r.bandKeys()[i]] = n
	}
	blurred := []string{}
	for _, f := range r.blurred {
		blurred = append(blurred, f.name)
	}
	file := out{"version": r.Version, "territoire": r.Territory, "revue_avant": format(r.Review), "bandes_uc": limits,
		"revenu_inconnu_si": blurred, "regles": list}
	if r.bodies != nil {
		file["organismes"] = r.bodies
	}
	data, err := json.Marshal(file)
	if err != nil { // strings, numbers and lists alone
		return nil
	}
	return data
}

func (c cond) json() any {
	all := func(list []cond) []any {
		parts := make([]any, 0, len(list))
		for _, part := range list {
			parts = append(parts, part.json())
		}
		return parts
	}
	years := func(s span) map[string]any { return map[string]any{"de": s.lo, "a": s.hi} }
	switch {
	case c.all != nil:
		return map[string]any{"tous": all(c.all)}
	case c.any != nil:
		return map[string]any{"un_de": all(c.any)}
	case c.not != nil:
		return map[string]any{"non": c.not.json()}
	case c.income != "":
		return map[string]any{"revenu_max": c.income}
	case c.old != nil:
		return map[string]any{"age_plus_age": years(*c.old)}
	case c.young != nil:
		return map[string]any{"age_plus_jeune": years(*c.young)}
	case c.kids != nil:
		k := years(c.kids.ages)
		k["nombre"] = c.kids.least
		return map[string]any{"enfants": k}
	}
	return c.fact.name
}
