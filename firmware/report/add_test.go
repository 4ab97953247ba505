package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"jeudi/firmware/sheet"
)

// month is a release of a box with one table of one question.
func month(box string, n int, answers ...sheet.Count) Release {
	total := 0
	for _, c := range answers {
		total += c.N
	}
	return Release{Version: 1, ID: fmt.Sprint(box, n), Box: box, Place: "Lieu " + box, From: fmt.Sprintf("2026-%02d-01", n), Until: fmt.Sprintf("2026-%02d-01", n+1),
		Tables: []sheet.Table{{Kind: "visitor", Total: total, How: sheet.Protection{Base: 3, Least: 30, GroupAt: 5},
			Questions: []sheet.Released{{Key: sheet.Age, Answers: answers}}}},
		Attendance: Attendance{Held: n}, Unmerged: map[string]int{"visitor": n}, Unreadable: map[string]int{"exit": n}}
}

func TestAddRefuses(t *testing.T) {
	a, b := month("a", 1), month("a", 2)
	newer, wrong, long := month("b", 3), month("b", 4), month("a", 1)
	newer.Version = ReleaseVersion + 1
	wrong.Until = wrong.From
	long.ID, long.Until = "other", "2026-04-01"
	for _, tt := range []struct {
		name  string
		given []Release
		want  error
	}{
		{"nothing", nil, ErrNoRelease},
		{"two months", []Release{a, b}, nil},
		{"the same twice", []Release{a, b, a}, ErrTwice},
		{"periods that overlap", []Release{b, long}, ErrOverlap},
		{"the same months of two boxes", []Release{a, month("b", 1)}, nil},
		{"a newer version", []Release{newer}, ErrVersion},
		{"no version", []Release{{}}, ErrVersion},
		{"no days", []Release{wrong}, ErrDates},
	} {
		if _, err := Add(tt.given); !errors.Is(err, tt.want) {
			t.Errorf("%s: Add() = %v; want %v", tt.name, err, tt.want)
		}
	}
}

func TestAddTables(t *testing.T) {
	joined := func(n int, of ...string) sheet.Count {
		return sheet.Count{Key: of[0] + "+" + of[1], N: n, Of: of}
	}
	grouped := func(n int, of ...string) sheet.Count { return sheet.Count{Key: sheet.Grouped, N: n, Of: of} }
	one := func(key string, n int) sheet.Count { return sheet.Count{Key: key, N: n} }
	least := func(c sheet.Count) sheet.Count { c.Least = true; return c }
	nearly := func(c sheet.Count, n int) sheet.Count { c.Nearly = n; return c }
	top := func(key string, n int) sheet.Count { return sheet.Count{Key: key, N: n, Top: true} }
	for _, tt := range []struct {
		name string
		a, b []sheet.Count
		want []sheet.Count
	}{
		{"alike", []sheet.Count{one("25-39", 9), one("40-59", 21), one(sheet.Unset, 3)}, []sheet.Count{one("25-39", 6), one("40-59", 24), one(sheet.Unset, 6)},
			[]sheet.Count{one("25-39", 15), one("40-59", 45), one(sheet.Unset, 9)}},
		{"an answer that the other did not have", []sheet.Count{one("25-39", 9), one(sheet.Unset, 0)}, []sheet.Count{one("40-59", 6), one(sheet.Unset, 3)},
			[]sheet.Count{one("25-39", 9), one("40-59", 6), one(sheet.Unset, 3)}},
		{"neighbours joined in one", []sheet.Count{joined(9, "62-64", "65-69"), one("70+", 6), one(sheet.Unset, 0)},
			[]sheet.Count{one("62-64", 6), one("65-69", 3), one("70+", 9), one(sheet.Unset, 3)},
			[]sheet.Count{joined(18, "62-64", "65-69"), one("70+", 15), one(sheet.Unset, 3)}},
		{"neighbours joined otherwise", []sheet.Count{joined(9, "62-64", "65-69"), one("70+", 6), one(sheet.Unset, 0)},
			[]sheet.Count{one("62-64", 6), joined(12, "65-69", "70+"), one(sheet.Unset, 3)},
			[]sheet.Count{{Key: "62-64+65-69+70+", N: 33, Of: []string{"62-64", "65-69", "70+"}}, one(sheet.Unset, 3)}},
		{"grouped in one", []sheet.Count{one("25-39", 27), grouped(6, "40-59", "70+"), one(sheet.Unset, 0)},
			[]sheet.Count{one("25-39", 24), one("40-59", 9), one(sheet.Unset, 0)},
			[]sheet.Count{one("25-39", 51), least(one("40-59", 9)), grouped(6, "40-59", "70+"), one(sheet.Unset, 0)}},
		{"grouped, and not said of what", []sheet.Count{one("25-39", 27), one(sheet.Grouped, 6), one(sheet.Unset, 0)},
			[]sheet.Count{one("25-39", 24), one("40-59", 9), one(sheet.Unset, 0)},
			[]sheet.Count{one("25-39", 51), least(one("40-59", 9)), one(sheet.Grouped, 6), one(sheet.Unset, 0)}},
		{"nearly all in both", []sheet.Count{top("25-39", 33), one(sheet.Unset, 0)}, []sheet.Count{top("25-39", 30), one(sheet.Unset, 3)},
			[]sheet.Count{top("25-39", 63), one(sheet.Unset, 3)}},
		{"nearly all in one", []sheet.Count{top("25-39", 33), one(sheet.Unset, 0)}, []sheet.Count{one("25-39", 21), one("40-59", 9), one(sheet.Unset, 3)},
			[]sheet.Count{nearly(one("25-39", 54), 33), least(one("40-59", 9)), one(sheet.Unset, 3)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sum, err := Add([]Release{month("a", 1, tt.a...), month("b", 1, tt.b...)})
			if err != nil {
				t.Fatal(err)
			}
			if got := sum.Tables[0].Questions[0].Answers; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("sum = %+v; want %+v", got, tt.want)
			}
			if got := sum.Tables[0].How.Tables; got != 2 {
				t.Errorf("How.Tables = %d; want 2", got)
			}
		})
	}
}

// A question that only one table has counts as not answered in the other.
func TestAddAQuestionMore(t *testing.T) {
	a, b := month("a", 1, sheet.Count{Key: "25-39", N: 30}, sheet.Count{Key: sheet.Unset, N: 3}), month("a", 2, sheet.Count{Key: "25-39", N: 36})
	b.Tables[0].Questions = append(b.Tables[0].Questions, sheet.Released{Key: sheet.FirstVisit, Answers: []sheet.Count{{Key: sheet.Yes, N: 36}}})
	for _, order := range [][]Release{{a, b}, {b, a}} {
		sum, err := Add(order)
		if err != nil {
			t.Fatal(err)
		}
		got := sum.Tables[0].Questions[1].Answers
		if want := []sheet.Count{{Key: sheet.Yes, N: 36}, {Key: sheet.Unset, N: 33}}; !reflect.DeepEqual(got, want) {
			t.Errorf("first visit, from %s: %+v; want %+v", order[0].From, got, want)
		}
	}
}

// What waits at the end of a period of a box is in its next one; sheets that nobody can
// read are lost for good.
func TestAddWhatWaits(t *testing.T) {
	for _, list := range [][]Release{
		{month("a", 2), month("a", 1), month("b", 5)},
		{month("a", 1), month("b", 5), month("a", 2)},
	} {
		sum, err := Add(list)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Unmerged["visitor"] != 2+5 || sum.Unreadable["exit"] != 1+2+5 {
			t.Errorf("Unmerged = %v, Unreadable = %v; want 7 of the newest periods, and 8 of all", sum.Unmerged, sum.Unreadable)
		}
		if sum.From != "2026-01-01" || sum.Until != "2026-06-01" || sum.ID != "" || sum.Place != "Lieu a, Lieu b" || sum.Attendance.Held != 8 {
			t.Errorf("sum = %+v; want all days, both places, 8 permanences and no identity", sum)
		}
	}
}

// Any releases in any order add up to the same counts, and each question has the total
// of its table.
func TestAddingKeepsTotals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 12 {
		list := []Release{drawn(r, schemas(), 0), drawn(r, schemas(), 1), drawn(r, schemas(), 2)}
		whole, err := Add(list)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range whole.Tables {
			for _, q := range table.Questions {
				n := 0
				for _, c := range q.Answers {
					n += c.N
				}
				if n != table.Total {
					t.Fatalf("%s, %s: %d answers; want %d", table.Kind, q.Key, n, table.Total)
				}
			}
		}
		slices.Reverse(list)
		again, err := Add(list)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := counts(whole), counts(again); !reflect.DeepEqual(a, b) {
			t.Fatalf("in another order: %v; want %v", b, a)
		}
		if !reflect.DeepEqual(whole.Attendance.Totals, again.Attendance.Totals) {
			t.Fatalf("in another order: %+v; want %+v", again.Attendance.Totals, whole.Attendance.Totals)
		}
	}
}

func counts(r Release) map[string]int {
	all := map[string]int{}
	for _, t := range r.Tables {
		for _, q := range t.Questions {
			for _, c := range q.Answers {
				all[t.Kind+"/"+q.Key+"/"+c.Key] = c.N
			}
		}
	}
	return all
}

// The exported form is read again as it was written.
func TestReleaseJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5 {
		want := drawn(r, schemas(), 0)
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Release
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(got)
		if err != nil || string(again) != string(data) {
			t.Fatalf("Marshal(Unmarshal(release)) = %s, %v; want %s", again, err, data)
		}
	}
}

// Nothing that a box asks is written as a key in a bilan.
func TestEveryAnswerHasItsWords(t *testing.T) {
	site := Site{Neighbourhoods: []Neighbourhood{{"a", "A", true}}}
	schema := sheet.Staff(sheet.Lists{Manners: []string{"avec", "a_la_place"}, Autonomies: []string{"EntierementAccompagne", "PartiellementAutonome", "Autonome"},
		Classes: []string{"short", "normal", "long"}, Roles: []string{"accueil", "travailleur_social", "mediateur_numerique", "volontaire"}})
	for _, s := range []sheet.Schema{sheet.Visitor([]string{"a"}).WithLevel(), schema, sheet.Exit()} {
		for _, q := range s.Questions {
			if slices.ContainsFunc(q.Answers, func(a string) bool { return a == sheet.Helped || a == sheet.Pair(0, 0) }) {
				continue // not in a table of this form
			}
			if q.Aside {
				continue // in no table
			}
			for _, a := range q.Answers {
				if got := site.label(q.Key, a); got == a {
					t.Errorf("%s %s is written %q; want words", q.Key, a, got)
				}
			}
		}
	}
}
