package routing

import (
	"bytes"
	"strings"
	"testing"

	"jeudi/firmware/session"
)

// small is a file with one of each, for one change at a time.
const small = `{
  "version": 1,
  "levels": {"remote": 1, "accompanied": 0, "autonomous": -1, "unknown": 0},
  "freins": {"lire": {"longer": 1, "materials": ["headphones"]}},
  "absent": {"mediateur_numerique": ["volontaire"]},
  "motifs": {
    "none": {"kind": "unknown", "need": "any", "class": "normal"},
    "other": {"kind": "procedure", "need": "any", "class": "normal"},
    "caf": {"kind": "procedure", "need": "travailleur_social", "class": "long", "materials": ["computer"], "services": ["Aide"]}
  },
  "rules": [
    {"id": "one", "about": "", "when": {"motifs": ["caf"], "has": ["home", "printer"]}, "then": {"with": "mediateur_numerique", "first": "place"}},
    {"id": "two", "about": "", "when": {}, "then": {}}
  ]
}`

func TestParse(t *testing.T) {
	r, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	got := show(Decide(r, Case{Motif: "caf", Home: true, Freins: []string{"lire"}, Present: session.Roles()}))
	if want := "one: travailleur_social, with mediateur_numerique, long, first place"; got != want {
		t.Errorf("Decide() = %s; want %s", got, want)
	}
	check(t, r)
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		err            string // a part of it
	}{
		{"version", `"version": 1`, `"version": 2`, "version: 2"},
		{"unknown field", `"version": 1`, `"version": 1, "colour": 3`, "colour"},
		{"not JSON", `"version"`, `version`, "routing: "},
		{"a field twice", `"unknown": 0`, `"unknown": 0, "remote": 2`, `"remote" is written twice`},
		{"a motif twice", `"caf": {`, `"none": {`, `"none" is written twice`},
		{"a field twice in a rule", `"id": "one"`, `"id": "one", "id": "three"`, `"id" is written twice`},
		{"unknown level", `"unknown": 0`, `"unknown": 0, "expert": -2`, `unknown level "expert"`},
		{"missing level", `"remote": 1, `, ``, "level remote"},
		{"a level out of range", `"remote": 1`, `"remote": 3`, "level remote"},
		{"less autonomy, shorter", `"remote": 1`, `"remote": -2`, "level remote: -2 steps"},
		{"less autonomy, shorter, in the middle", `"accompanied": 0`, `"accompanied": -2`, "level accompanied"},
		{"unknown difficulty", `"lire"`, `"faim"`, `frein faim: unknown difficulty "faim"`},
		{"a difficulty that shortens", `"longer": 1`, `"longer": -1`, "frein lire: longer: -1"},
		{"unknown material", `["headphones"]`, `["megaphone"]`, "frein lire: material"},
		{"material twice", `["computer"]`, `["computer", "computer"]`, "motif caf: material"},
		{"unknown absent role", `"mediateur_numerique": [`, `"chef": [`, `absent chef: unknown role "chef"`},
		{"unknown stand-in", `["volontaire"]`, `["chef"]`, `absent mediateur_numerique: unknown role "chef"`},
		{"stands in for itself", `["volontaire"]`, `["mediateur_numerique"]`, "stands in for itself"},
		{"no motif none", `"none": {`, `"nobody": {`, "motif none: missing"},
		{"no motif other", `"other": {`, `"others": {`, "motif other: missing"},
		{"bad motif", `"caf": {`, `"La CAF": {`, "motif La CAF: bad key"},
		{"unknown kind", `"kind": "unknown"`, `"kind": "mystery"`, `motif none: unknown kind "mystery"`},
		{"unknown need", `"need": "travailleur_social"`, `"need": "chef"`, `motif caf: unknown role "chef"`},
		{"no need", `"need": "travailleur_social", `, ``, `motif caf: unknown role ""`},
		{"unknown class", `"class": "long"`, `"class": "endless"`, `motif caf: unknown class "endless"`},
		{"empty service", `["Aide"]`, `[""]`, "motif caf: bad service"},
		{"service of two lines", `["Aide"]`, `["Aide\nici"]`, "motif caf: bad service"},
		{"bad id", `"id": "one"`, `"id": "Rule 1"`, `rule 1 "Rule 1": bad id`},
		{"id twice", `"id": "two"`, `"id": "one"`, "rule one: its id is there twice"},
		{"unknown motif in a rule", `"motifs": ["caf"]`, `"motifs": ["cap"]`, `rule 1 "one": unknown motif "cap"`},
		{"motif twice in a rule", `"motifs": ["caf"]`, `"motifs": ["caf", "caf"]`, `rule 1 "one": when: motif "caf" is there twice`},
		{"unknown thing", `"printer"]`, `"piano"]`, `rule 1 "one": unknown thing "piano"`},
		{"unknown condition", `"has"`, `"had"`, "had"},
		{"unknown with", `"with": "mediateur_numerique"`, `"with": "chef"`, `rule 1 "one": unknown role "chef"`},
		{"with anyone", `"with": "mediateur_numerique"`, `"with": "mediateur_numerique", "need": "any"`, "want another role"},
		{"with the same", `"with": "mediateur_numerique"`, `"with": "mediateur_numerique", "need": "mediateur_numerique"`, "want another role"},
		{"unknown first", `"first": "place"`, `"first": "moon"`, `rule 1 "one": then: unknown first "moon"`},
		{"no rule for the rest", `"when": {}`, `"when": {"for_other": true}`, "rule two: the last rule has a condition"},
		{"a rule that hides the rest", `"when": {"motifs": ["caf"], "has": ["home", "printer"]}`, `"when": {"motifs": []}`, "rule one: it always applies"},
	} {
		text := strings.Replace(small, tt.old, tt.new, 1)
		if text == small {
			t.Fatalf("%s: %s is not in the file", tt.name, tt.old)
		}
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: Parse() = %v; want …%s…", tt.name, err, tt.err)
		}
	}
	for name, text := range map[string]string{
		"nothing":              "",
		"a list":               "[]",
		"null":                 "null",
		"half a file":          small[:len(small)/2],
		"something after":      small + "{}",
		"a bracket after":      small + "}",
		"no rule":              `{"version": 1}`,
		"a file without limit": small + strings.Repeat(" ", maxFile),
	} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: Parse() = nil; want an error", name)
		}
	}
}

// Whoever edits a file learns everything that is wrong with it at once.
func TestParseTellsEveryError(t *testing.T) {
	text := strings.NewReplacer(`"headphones"`, `"megaphone"`, `"first": "place"`, `"first": "moon"`, `"need": "travailleur_social"`, `"need": "chef"`).Replace(small)
	_, err := Parse([]byte(text))
	if err == nil {
		t.Fatal("Parse() = nil; want errors")
	}
	for _, part := range []string{"frein lire", "rule 1", "motif caf"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("Parse() = %v; want a line on %s too", err, part)
		}
	}
}

func TestEmbeddedIsACopy(t *testing.T) {
	b := Embedded()
	b[0] = 'x'
	if bytes.Equal(b, Embedded()) {
		t.Error("Embedded() shares its bytes")
	}
	Default()
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add(Embedded())
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Parse(b)
		if err != nil {
			return
		}
		for _, c := range []Case{{}, {Motif: "caf", Known: true, Present: session.Roles(), ForOther: true, Home: true}} {
			if a := Decide(r, c); a.Why == "" || a.Need != session.Anyone && len(c.Present) == 0 {
				t.Errorf("Decide() = %s; want a rule and somebody", show(a))
			}
		}
	})
}
