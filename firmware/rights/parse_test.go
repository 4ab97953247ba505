package rights

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// minimal is a good file with one rule; tests put things in the place of others.
const minimal = `{
 "version": "2026-04-01", "territoire": "metropole", "revue_avant": "2027-04-01",
 "bandes_uc": {"A": 800, "B": 1200}, "revenu_inconnu_si": ["revenus_arretes"],
 "organismes": {"mairie": {"fr": "La mairie", "ar": "البلدية"}},
 "regles": [
  {"id": "aide_mairie", "actif": true, "nom": {"fr": "L’aide de la mairie"}, "verifier": ["mairie"], "version": "2026-01-01",
   "en_vigueur": "2026-01-01", "revue_avant": "2027-01-01", "source": "Délibération du conseil", "tous": ["locataire", {"revenu_max": "B"}]}
 ]
}`

func TestParseOwn(t *testing.T) {
	r, err := Parse([]byte("\uFEFF" + minimal))
	if err != nil {
		t.Fatalf("Parse(minimal) = %v; want the rules", err)
	}
	hints := r.Hints(Answers{Household: Alone, Children: No, Stopped: No, Income: "B", Housing: Tenant})
	if len(hints) != 1 {
		t.Fatalf("Hints() = %v; want one", hints)
	}
	for _, tt := range []struct{ lang, name, body string }{
		{"fr", "L’aide de la mairie", "La mairie"}, {"ar", "L’aide de la mairie", "البلدية"}, {"ru", "L’aide de la mairie", "La mairie"}} {
		name, ok := hints[0].Name(tt.lang)
		body, also := hints[0].Body("mairie", tt.lang)
		if name != tt.name || body != tt.body || !ok || !also {
			t.Errorf("in %s: %q at %q; want %q at %q", tt.lang, name, body, tt.name, tt.body)
		}
	}
	if _, ok := hints[0].Body("caf", "fr"); ok {
		t.Errorf("Body(caf) is the site's own; want the catalogue's")
	}
	if got := r.Hints(Answers{Household: Alone, Children: No, Stopped: No, Income: "C", Housing: Tenant}); len(got) != 0 {
		t.Errorf("Hints(C) = %v; want none: bands are those of the file", got)
	}
}

func TestParseFaults(t *testing.T) {
	tests := []struct {
		name, old, new string
		want           []string // a part of each fault, in order
	}{
		{"not JSON", `"version": "2026-04-01", "territoire"`, `"version" "2026-04-01", "territoire"`, []string{"fichier : ligne 2"}},
		{"a tail", "\n ]\n}", "\n ]\n} x", []string{"ligne"}},
		{"a list", minimal, `[]`, []string{"il faut un objet"}},
		{"an unknown word", `"territoire"`, `"couleur": 1, "territoire"`, []string{"« couleur » n’existe pas"}},
		{"twice", `"territoire"`, `"version": "2026-04-01", "territoire"`, []string{"« version » est écrit deux fois"}},
		{"no version", `"version": "2026-04-01", "terr`, `"terr`, []string{"« version » manque"}},
		{"not a date", `"revue_avant": "2027-04-01"`, `"revue_avant": "1/4/2027"`, []string{"n’est pas une date"}},
		{"a date that is none", `"revue_avant": "2027-04-01"`, `"revue_avant": "2027-02-30"`, []string{"n’est pas une date"}},
		{"reviewed before it began", `"revue_avant": "2027-04-01"`, `"revue_avant": "2026-04-01"`, []string{"doit venir après"}},
		{"overseas", `metropole`, `guyane`, []string{"Outre-mer"}},
		{"bands out of order", `{"A": 800, "B": 1200}`, `{"A": 1200, "B": 800}`, []string{"plus haute"}},
		{"bands that skip", `{"A": 800, "B": 1200}`, `{"A": 800, "C": 1200}`, []string{"se suivent", "n’existe pas", "« B »"}[:1]},
		{"a band in words", `{"A": 800, "B": 1200}`, `{"A": "800", "B": 1200}`, []string{"nombre entier"}},
		{"a blur nobody knows", `["revenus_arretes"]`, `["handicap"]`, []string{"« handicap » est inconnu"}},
		{"no blurs", `"revenu_inconnu_si": ["revenus_arretes"],`, ``, []string{"« revenu_inconnu_si » manque"}},
		{"no rules", minimal[strings.Index(minimal, `"regles"`):], `"regles": []}`, []string{"« regles » manque"}},
		{"no id", `"id": "aide_mairie", `, ``, []string{"règle « n° 1 » : « id » manque"}},
		{"actif in quotes", `"actif": true`, `"actif": "oui"`, []string{"règle « aide_mairie » : « actif » doit être là"}},
		{"no own name", `"nom": {"fr": "L’aide de la mairie"}, `, ``, []string{"« nom » manque"}},
		{"no French name", `"nom": {"fr"`, `"nom": {"en"`, []string{"au moins le français"}},
		{"a promise", `"L’aide de la mairie"`, `"Vous avez droit à une aide"`, []string{"jamais « droit à »"}},
		{"an amount", `"L’aide de la mairie"`, `"Une aide de 50 €"`, []string{"jamais de montant"}},
		{"an unknown body", `["mairie"]`, `["prefecture"]`, []string{"« prefecture » est inconnu"}},
		{"nobody to ask", `["mairie"]`, `[]`, []string{"« verifier » manque"}},
		{"a sheet", `"source"`, `"fiche": "10027", "source"`, []string{"« fiche »"}},
		{"no source", `"source": "Délibération du conseil", `, ``, []string{"« source » manque"}},
		{"no conditions", `, "tous": ["locataire", {"revenu_max": "B"}]`, ``, []string{"« tous » manque"}},
		{"empty conditions", `["locataire", {"revenu_max": "B"}]`, `[]`, []string{"au moins une condition"}},
		{"an unknown condition", `"locataire"`, `"beau"`, []string{"« beau » est inconnue. Possibles : seul"}},
		{"an unknown object", `"locataire"`, `{"beau": 1}`, []string{"« beau » est inconnue. Possibles : tous"}},
		{"two words in one", `"locataire"`, `{"non": "seul", "un_de": ["seul"]}`, []string{"un seul mot"}},
		{"a band that is none", `{"revenu_max": "B"}`, `{"revenu_max": "C"}`, []string{"« C » n’existe pas. Possibles : A, B"}},
		{"money under non", `"locataire"`, `{"non": {"tous": [{"revenu_max": "A"}]}}`, []string{"ne va pas dans « non »"}},
		{"ages the wrong way round", `"locataire"`, `{"age_plus_age": {"de": 65, "a": 60}}`, []string{"plus grand"}},
		{"no ages", `"locataire"`, `{"age_plus_jeune": {}}`, []string{"en années"}},
		{"an age in words", `"locataire"`, `{"age_plus_jeune": {"de": "18"}}`, []string{"nombre entier"}},
		{"children without a number", `"locataire"`, `{"enfants": {"de": 3}}`, []string{"« nombre »"}},
		{"children past 20", `"locataire"`, `{"enfants": {"a": 21, "nombre": 1}}`, []string{"de 0 à 20"}},
		{"an unknown word of ages", `"locataire"`, `{"enfants": {"a": 20, "nombre": 1, "ville": "x"}}`, []string{"« ville » n’existe pas"}},
		{"several at once", `"actif": true, "nom": {"fr": "L’aide de la mairie"}, "verifier": ["mairie"]`, `"verifier": ["x"]`,
			[]string{"« actif » doit être là", "« nom » manque", "« x » est inconnu"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := strings.Replace(minimal, tt.old, tt.new, 1)
			if file == minimal {
				t.Fatalf("%q is not in the file", tt.old)
			}
			r, err := Parse([]byte(file))
			var faults Faults
			if !errors.As(err, &faults) || r.List != nil {
				t.Fatalf("Parse() = %v, %v; want no rules and Faults", r.List, err)
			}
			for i, want := range tt.want {
				if i >= len(faults) || !strings.Contains(faults[i].String(), want) {
					t.Errorf("Parse() = %v; want fault %d with %q", faults, i, want)
				}
			}
			if len(faults) > len(tt.want) {
				t.Errorf("Parse() = %d faults, %v; want %d", len(faults), faults, len(tt.want))
			}
		})
	}
}

func TestParseTwoRulesOfOneName(t *testing.T) {
	at := strings.Index(minimal, `  {"id"`)
	rule := minimal[at:strings.LastIndex(minimal, "\n ]")]
	_, err := Parse([]byte(strings.Replace(minimal, rule, rule+","+rule, 1)))
	if err == nil || !strings.Contains(err.Error(), "existe déjà") {
		t.Errorf("Parse(a rule twice) = %v; want it refused", err)
	}
}

func TestParseBounds(t *testing.T) {
	deep := strings.Replace(minimal, `"locataire"`, strings.Repeat(`{"tous":[`, 40)+`"seul"`+strings.Repeat(`]}`, 40), 1)
	for name, file := range map[string]string{"deep": deep, "long": minimal + strings.Repeat(" ", maxBytes), "latin": "\xe9", "empty": ""} {
		if _, err := Parse([]byte(file)); err == nil {
			t.Errorf("Parse(%s) = nil; want it refused", name)
		}
	}
}

func TestPromise(t *testing.T) {
	for text, ok := range map[string]bool{
		"L’aide au logement": true, "Le RSA": true, "Le droit": true, "À vérifier": true, "3 enfants": true, "La carte à 100 % gratuite": true, "Le droit d’asile": true,
		"Vous avez droit au RSA": false, "vous avez le droit": false, "Droit à une aide": false, "Vos droits à la CAF": false,
		"50 €": false, "1\u00a0200,50\u00a0€": false, "€ 50": false, "50 euros": false, "12 Euro": false,
	} {
		if got := Promise(text); (got == "") != ok {
			t.Errorf("Promise(%q) = %q; want good %v", text, got, ok)
		}
	}
}

// TestTexts reads what visitors read: no text of the rights promises anything,
// and every question, answer, rule and body has its text.
func TestTexts(t *testing.T) {
	r := defaults(t)
	var keys []string
	for _, q := range r.Questions() {
		for _, wording := range q.Wordings() {
			keys = append(keys, "rights.question."+wording)
			for _, a := range q.Answers {
				if q.Key != Income { // bands are said with their euros
					keys = append(keys, "rights.answer."+wording+"."+a)
				}
			}
		}
	}
	for _, rule := range r.List {
		keys = append(keys, "rights.rule."+rule.ID)
		if !slices.Contains(Named(), rule.ID) {
			t.Errorf("rule %s is not in Named(); want it there", rule.ID)
		}
	}
	for _, code := range Bodies() {
		keys = append(keys, "rights.who."+code)
	}
	for _, lang := range []string{"fr", "ar"} {
		data, err := os.ReadFile("../words/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]map[string]string
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if texts[key]["text"] == "" {
				t.Errorf("%s.json: %s is missing", lang, key)
			}
		}
		for key, forms := range texts {
			if !strings.HasPrefix(key, "rights.") {
				continue
			}
			for form, text := range forms {
				if why := Promise(text); why != "" && form != "note" {
					t.Errorf("%s.json: %s: %q: %s", lang, key, text, why)
				}
			}
		}
	}
}

// TestSchema holds the schema to what Parse knows.
func TestSchema(t *testing.T) {
	var schema struct {
		Required   []string       `json:"required"`
		Properties map[string]any `json:"properties"`
		Defs       struct {
			Rule struct {
				Required   []string       `json:"required"`
				Properties map[string]any `json:"properties"`
			} `json:"regle"`
			Condition struct {
				OneOf []struct {
					Enum     []string `json:"enum"`
					Required []string `json:"required"`
				} `json:"oneOf"`
			} `json:"condition"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(SchemaText(), &schema); err != nil {
		t.Fatal(err)
	}
	var names, objects []string
	for _, alternative := range schema.Defs.Condition.OneOf {
		names = append(names, alternative.Enum...)
		objects = append(objects, alternative.Required...)
	}
	var want []string
	for _, f := range facts() {
		want = append(want, f.name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("schema's facts = %v; want %v", names, want)
	}
	if !slices.Equal(objects, conditionWords()) {
		t.Errorf("schema's conditions = %v; want %v", objects, conditionWords())
	}
	// What the schema requires is what Parse misses, and what it knows Parse reads.
	var file map[string]any
	if err := json.Unmarshal([]byte(minimal), &file); err != nil {
		t.Fatal(err)
	}
	rule := file["regles"].([]any)[0].(map[string]any)
	delete(rule, "nom")
	rule["id"] = "rsa"
	for _, part := range []struct {
		of       map[string]any
		required []string
		known    map[string]any
	}{{file, schema.Required, schema.Properties}, {rule, schema.Defs.Rule.Required, schema.Defs.Rule.Properties}} {
		for key := range part.known {
			old, there := part.of[key]
			delete(part.of, key)
			data, _ := json.Marshal(file)
			_, err := Parse(data)
			if key != "organismes" && (err != nil) != slices.Contains(part.required, key) {
				t.Errorf("without %s Parse() = %v; schema requires %v", key, err, part.required)
			}
			if there {
				part.of[key] = old
			}
			if err != nil && strings.Contains(err.Error(), "n’existe pas dans") {
				t.Errorf("Parse does not know %s", key)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add(DefaultText())
	f.Add([]byte(`{"regles":[{"tous":[{"enfants":{"de":1e99}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data)
		if err != nil {
			var faults Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("Parse() = %v; want faults", err)
			}
			return
		}
		again, err := Parse(r.JSON())
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("Parse(JSON()) = %v, %v; want the same rules %v", again, err, r)
		}
		rnd := rand.New(rand.NewPCG(1, uint64(len(data))))
		for range 3 {
			a := someAnswers(r, rnd)
			checkUnknown(t, r, a)
			checkMonotone(t, r, a)
			walk(r, func(q Question) string { return a[q.Key] })
		}
	})
}
