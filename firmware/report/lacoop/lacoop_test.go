package lacoop

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"jeudi/firmware/report"
	"jeudi/firmware/sheet"
)

var update = flag.Bool("update", false, "write the golden files")

// q is a question of a table: answers and counts in turn.
func q(key string, pairs ...any) sheet.Released {
	r := sheet.Released{Key: key}
	for i := 0; i < len(pairs); i += 2 {
		r.Answers = append(r.Answers, sheet.Count{Key: pairs[i].(string), N: pairs[i+1].(int)})
	}
	return r
}

func halfYear() report.Release {
	how := sheet.Protection{Base: 3, Least: 30, GroupAt: 5}
	return report.Release{
		Version: 1, ID: "r1", Box: "b1", Place: "Centre social Les Tilleuls", From: "2026-01-01", Until: "2026-07-01",
		Tables: []sheet.Table{
			{Kind: "visitor", Total: 75, How: how, Questions: []sheet.Released{
				q(sheet.Age, "25-39", 12, "40-59", 21, "60-61", 6, "62-64", 9, "65-69", 6, "70+", 9, sheet.Grouped, 6, sheet.Unset, 6),
				q(sheet.Situation, "salarie", 9, "independant", 6, "retraite", 24, "demandeur_emploi", 15, "au_foyer", 6, "autre", 6, sheet.Grouped, 3, sheet.Unset, 6),
				q(sheet.FirstVisit, sheet.Yes, 54, sheet.No, 15, sheet.Unset, 6),
			}},
			{Kind: "staff", Total: 66, How: how, Questions: []sheet.Released{
				q(sheet.Themes+".Email", sheet.Yes, 9, sheet.No, 39, sheet.Unset, 18),
				q(sheet.Themes+".SocialSante", sheet.Yes, 24, sheet.No, 24, sheet.Unset, 18),
				q(sheet.Themes+".AideAuxDemarchesAdministratives", sheet.Yes, 30, sheet.No, 18, sheet.Unset, 18),
				q(sheet.Materials+".Ordinateur", sheet.Yes, 33, sheet.No, 15, sheet.Unset, 18),
				q(sheet.Venue, "LieuActivite", 48, sheet.Unset, 18),
				q(sheet.Duration, "30", 15, "60", 27, "120", 6, sheet.Unset, 18),
				q(sheet.Manner, "avec", 30, "a_la_place", 12, sheet.Unset, 24),
			}},
		},
	}
}

func TestStatistics(t *testing.T) {
	for name, r := range map[string]report.Release{"half-year": halfYear(), "nothing": {Place: "Ailleurs", From: "2026-01-01", Until: "2026-04-01"}} {
		got, err := Statistics(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("Statistics(%s) = %s; want %s (%v)", name, got, path, err)
		}
	}
}

// The names are La Coop's: those that its route writes, in the order of its types.
func TestFieldNames(t *testing.T) {
	data, err := Statistics(halfYear())
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data struct {
			Attributes map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		t.Fatal(err)
	}
	names := func(data json.RawMessage) (keys []string) {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		return keys
	}
	a := answer.Data.Attributes
	whole, _ := json.Marshal(a)
	var totals map[string]json.RawMessage
	if err := json.Unmarshal(a["totaux"], &totals); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		at   string
		data json.RawMessage
		want []string
	}{
		{"attributes", whole, []string{"accompagnements_par_jour", "accompagnements_par_mois", "activites", "beneficiaires", "totaux"}},
		{"beneficiaires", a["beneficiaires"], []string{"genres", "statuts_social", "total", "tranche_ages"}},
		{"activites", a["activites"], []string{"durees", "materiels", "tags", "thematiques", "thematiques_demarches", "total", "type_activites", "type_lieu"}},
		{"totaux", a["totaux"], []string{"accompagnements", "activites", "beneficiaires"}},
		{"totaux.beneficiaires", totals["beneficiaires"], []string{"anonymes", "nouveaux", "suivis", "total"}},
		{"totaux.activites", totals["activites"], []string{"collectifs", "individuels", "total"}},
	} {
		if got := names(tt.data); !slices.Equal(got, tt.want) {
			t.Errorf("%s has %v; want %v", tt.at, got, tt.want)
		}
	}
}

// Every answer of the kiosk is in one class of La Coop's, or says nothing; and each list
// that ends with « Non communiqué » has the total of the sheets.
func TestEveryAnswerHasItsClass(t *testing.T) {
	for _, question := range sheet.Visitor(nil).Questions {
		for _, answer := range question.Answers {
			switch question.Key {
			case sheet.Age:
				if ages()[answer] == "" {
					t.Errorf("age %s is in no band of La Coop; want one", answer)
				}
			case sheet.Situation:
				if statuses()[answer] == "" && answer != "autre" {
					t.Errorf("situation %s is in no status of La Coop; want one", answer)
				}
			}
		}
	}
	if want := sheet.Durations(); len(durations()) != len(want) {
		t.Errorf("%d ranges of duration; want %d", len(durations()), len(want))
	}
	b := answer(halfYear()).Data.Attributes.Beneficiaries
	for name, list := range map[string][]Share{"genres": b.Genders, "tranche_ages": b.Ages, "statuts_social": b.Statuses} {
		sum := 0
		for _, s := range list {
			sum += s.Count
		}
		if sum != b.Total {
			t.Errorf("%s add up to %d; want the total, %d", name, sum, b.Total)
		}
	}
}
