// Package lacoop says what released periods count in the field names of La Coop's own
// statistics, those that its API answers at /api/v1/statistiques: so that whoever adds
// up a département reads a kiosk as one more of its places.
//
// It promises that nothing is in it that a release has not: its counts are rounded as
// they left the box, and each list has the counts of La Coop's choices alone. What La
// Coop asks and the kiosk does not (gender), and what a release grouped or nobody
// answered, is « Non communiqué » where the list has that choice, and left out where
// it has not; days and months are empty, for no release tells them.
//
// The names are those of La Coop on 2026-06-30: the answer of its route and of the
// queries behind it, not its OpenAPI file, which lags behind them.
package lacoop

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"jeudi/firmware/coop"
	"jeudi/firmware/report"
	"jeudi/firmware/sheet"
)

// Answer is the whole answer of /api/v1/statistiques.
type Answer struct {
	Data  Resource `json:"data"`
	Links struct{} `json:"links"`
	Meta  Meta     `json:"meta"`
}

// Resource is what an answer of theirs holds.
type Resource struct {
	Type       string     `json:"type"` // "statistiques"
	ID         string     `json:"id"`   // "statistiques"
	Attributes Attributes `json:"attributes"`
}

// Meta says whose statistics they are, and how they were protected. It is ours: La Coop
// leaves it empty.
type Meta struct {
	Source string           `json:"source"` // "jeudi"
	Place  string           `json:"lieu"`
	From   string           `json:"du"`    // first day
	Until  string           `json:"avant"` // first day that is not of it any more
	How    sheet.Protection `json:"protection"`
}

// Attributes are the statistics.
type Attributes struct {
	ByDay         []struct{}    `json:"accompagnements_par_jour"` // empty
	ByMonth       []struct{}    `json:"accompagnements_par_mois"` // empty
	Beneficiaries Beneficiaries `json:"beneficiaires"`
	Activities    Activities    `json:"activites"`
	Totals        Totals        `json:"totaux"`
}

// Share is a choice of one of their lists.
type Share struct {
	Value      string  `json:"value,omitempty"`
	Label      string  `json:"label"`
	Count      int     `json:"count"`
	Proportion float64 `json:"proportion"` // per cent of the list, to three decimals
}

// Beneficiaries are the visitors' sheets.
type Beneficiaries struct {
	Total    int     `json:"total"`
	Genders  []Share `json:"genres"`
	Ages     []Share `json:"tranche_ages"`
	Statuses []Share `json:"statuts_social"`
}

// Activities are the staff's sheets: one for each visit that was received.
type Activities struct {
	Total      int     `json:"total"`
	Kinds      []Share `json:"type_activites"`
	Durations  []Share `json:"durees"`
	Venues     []Share `json:"type_lieu"`
	Themes     []Share `json:"thematiques"`
	Procedures []Share `json:"thematiques_demarches"`
	Materials  []Share `json:"materiels"`
	Tags       []Share `json:"tags"`
}

// Totals are the counts at the head of their page.
type Totals struct {
	Activities    Split `json:"activites"`
	Accompanied   Split `json:"accompagnements"`
	Beneficiaries Known `json:"beneficiaires"`
}

// Split is how many were of one person, and how many were workshops.
type Split struct {
	Total       int  `json:"total"`
	Individuals Part `json:"individuels"`
	Workshops   Part `json:"collectifs"`
}

// Part is one side of a Split.
type Part struct {
	Total      int     `json:"total"`
	Proportion float64 `json:"proportion"`
	// Participants is of activities' workshops alone.
	Participants *int `json:"participants,omitempty"`
}

// Known is whom La Coop knows: of a kiosk, nobody.
type Known struct {
	Total     int `json:"total"`
	New       int `json:"nouveaux"`
	Followed  int `json:"suivis"`
	Anonymous int `json:"anonymes"`
}

// Statistics is the answer for a release, or for a sum of them, as JSON.
func Statistics(r report.Release) ([]byte, error) {
	data, err := json.MarshalIndent(answer(r), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("lacoop: %w", err)
	}
	return append(data, '\n'), nil
}

func answer(r report.Release) Answer {
	visitors, work := table(r, sheet.KindVisitor), table(r, sheet.KindStaff)
	none := 0
	a := Attributes{
		ByDay: []struct{}{}, ByMonth: []struct{}{},
		Beneficiaries: Beneficiaries{
			Total:    visitors.Total,
			Genders:  listed(coop.Genders(), visitors.Total, map[coop.Gender]int{}),
			Ages:     listed(coop.Ages(), visitors.Total, unions(visitors, sheet.Age, ages())),
			Statuses: listed(coop.Statuses(), visitors.Total, unions(visitors, sheet.Situation, statuses())),
		},
		Activities: Activities{
			Total:      work.Total,
			Kinds:      shares(coop.Kinds(), map[coop.Kind]int{coop.Individual: work.Total}),
			Durations:  shares(durations(), counts[string](work, sheet.Duration)),
			Venues:     shares(coop.Venues(), counts[coop.Venue](work, sheet.Venue)),
			Themes:     shares(coop.Themes(), several[coop.Theme](work, sheet.Themes)),
			Procedures: shares(coop.Procedures(), several[coop.Theme](work, sheet.Themes)),
			Materials:  shares(coop.Materials(), several[coop.Material](work, sheet.Materials)),
			Tags:       tags(counts[coop.Manner](work, sheet.Manner)),
		},
		Totals: Totals{
			Activities:  Split{work.Total, Part{work.Total, percent(work.Total, work.Total), nil}, Part{Participants: &none}},
			Accompanied: Split{work.Total, Part{work.Total, percent(work.Total, work.Total), nil}, Part{}},
			Beneficiaries: Known{Total: visitors.Total, New: counts[string](visitors, sheet.FirstVisit)[sheet.Yes],
				Anonymous: visitors.Total},
		},
	}
	how := visitors.How
	if how == (sheet.Protection{}) {
		how = work.How
	}
	return Answer{
		Data: Resource{Type: "statistiques", ID: "statistiques", Attributes: a},
		Meta: Meta{Source: "jeudi", Place: r.Place, From: r.From, Until: r.Until, How: how},
	}
}

// table is that of a kind, an empty one where too few sheets were counted.
func table(r report.Release, kind sheet.Kind) sheet.Table {
	for _, t := range r.Tables {
		if t.Kind == kind.String() {
			return t
		}
	}
	return sheet.Table{}
}

// counts are the answers to a question.
func counts[C ~string](t sheet.Table, question string) map[C]int {
	m := map[C]int{}
	for _, q := range t.Questions {
		if q.Key != question {
			continue
		}
		for _, c := range q.Answers {
			if c.Key != sheet.Unset && c.Key != sheet.Grouped {
				m[C(c.Key)] += c.N
			}
		}
	}
	return m
}

// several are the answers to a question that may have more than one: each is a question
// of its own, KEY.ANSWER, with yes and no.
func several[C ~string](t sheet.Table, question string) map[C]int {
	m := map[C]int{}
	for _, q := range t.Questions {
		if len(q.Key) <= len(question) || q.Key[:len(question)+1] != question+"." {
			continue
		}
		for _, c := range q.Answers {
			if c.Key == sheet.Yes {
				m[C(q.Key[len(question)+1:])] = c.N
			}
		}
	}
	return m
}

// unions are the answers to a question in wider classes; an answer without a class is
// in none.
func unions[C ~string](t sheet.Table, question string, class map[string]C) map[C]int {
	m := map[C]int{}
	for answer, n := range counts[string](t, question) {
		if c, ok := class[answer]; ok {
			m[c] += n
		}
	}
	return m
}

// ages are La Coop's bands, all of which are unions of the kiosk's.
func ages() map[string]coop.Age {
	return map[string]coop.Age{
		"0-11": "MoinsDeDouze", "12-17": "DouzeDixHuit", "18-24": "DixHuitVingtQuatre", "25-39": "VingtCinqTrenteNeuf",
		"40-59": "QuaranteCinquanteNeuf", "60-61": "SoixanteSoixanteNeuf", "62-64": "SoixanteSoixanteNeuf",
		"65-69": "SoixanteSoixanteNeuf", "70+": "SoixanteDixPlus",
	}
}

// statuses are La Coop's. That an apprentice learns is our choice, not a rule of theirs;
// « autre » says nothing.
func statuses() map[string]coop.Status {
	return map[string]coop.Status{
		"salarie": "EnEmploi", "independant": "EnEmploi", "retraite": "Retraite", "etudiant": "Scolarise",
		"demandeur_emploi": "SansEmploi", "au_foyer": "SansEmploi", "invalidite": "SansEmploi",
	}
}

// durations are the ranges of their statistics, lower bound included.
func durations() []coop.Value[string] {
	return []coop.Value[string]{
		{Code: "30", Label: "Moins de 30 min"}, {Code: "60", Label: "30min à 1 h"},
		{Code: "120", Label: "1 h à 2 h"}, {Code: "more", Label: "2 h et plus"},
	}
}

// listed is a list that ends with « Non communiqué », which takes what is left of the
// total.
func listed[C ~string](list []coop.Value[C], total int, n map[C]int) []Share {
	for _, v := range list[:len(list)-1] {
		total -= n[v.Code]
	}
	n[list[len(list)-1].Code] = max(0, total)
	return shares(list, n)
}

func shares[C ~string](list []coop.Value[C], n map[C]int) []Share {
	all := 0
	for _, v := range list {
		all += n[v.Code]
	}
	found := make([]Share, 0, len(list))
	for _, v := range list {
		found = append(found, Share{string(v.Code), v.Label, n[v.Code], percent(n[v.Code], all)})
	}
	return found
}

// tags are what La Coop has no field for, by label alone, the most frequent first; none
// that nobody gave.
func tags(n map[coop.Manner]int) []Share {
	found := shares(coop.Manners(), n)
	found = slices.DeleteFunc(found, func(s Share) bool { return s.Count == 0 })
	for i := range found {
		found[i].Value = ""
	}
	slices.SortStableFunc(found, func(a, b Share) int { return b.Count - a.Count })
	return found
}

// percent is a share as La Coop has it, to three decimals.
func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return math.Round(100000*float64(n)/float64(of)) / 1000
}
