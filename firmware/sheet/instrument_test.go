package sheet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestInstrument(t *testing.T) {
	var got []string
	domains := map[Domain]bool{}
	for _, i := range Instrument() {
		got = append(got, fmt.Sprintf("%s:%d", i.Key, len(i.Answers)))
		if i.Source == "" || i.Domain == "" || domains[i.Domain] {
			t.Errorf("%s: source %q, domain %q; want both, and the domain once", i.Key, i.Source, i.Domain)
		}
		domains[i.Domain] = true
		if i.Multi != (i.Key == Freins) || i.Multi && i.Sole != Rien {
			t.Errorf("%s: Multi = %v, Sole = %q; want several answers to freins alone, and rien to exclude", i.Key, i.Multi, i.Sole)
		}
	}
	want := "internet:2 information:3 mail:3 photo:3 fake:3 trouble:3 procedure:3 freins:7"
	if strings.Join(got, " ") != want {
		t.Errorf("Instrument() = %s; want %s", got, want)
	}
	items := Instrument()
	items[1].Answers[0] = "changed"
	if a, b := items[2].Answers[0], Instrument()[1].Answers[0]; a != Alone || b != Alone {
		t.Errorf("Instrument() shares its answers: %q, %q; want %q", a, b, Alone)
	}
}

func TestTheVisitorIsAskedTheInstrumentFirst(t *testing.T) {
	keys := []string{"centre", "port"}
	s := Visitor(keys)
	var got []string
	for _, q := range s.Questions {
		got = append(got, fmt.Sprintf("%s:%d", q.Key, len(q.Answers)))
	}
	want := "internet:2 information:3 mail:3 photo:3 fake:3 trouble:3 procedure:3 freins:7 " +
		"age:9 situation:8 household:6 neighbourhood:3 first_visit:2"
	if strings.Join(got, " ") != want {
		t.Errorf("Visitor(2 neighbourhoods) = %s; want %s", got, want)
	}
	keys[0] = "changed"
	if n := s.Questions[11]; !slices.Equal(n.Answers, []string{"centre", "port", Elsewhere}) {
		t.Errorf("neighbourhoods = %v; want a copy with elsewhere", n.Answers)
	}
}

func TestEveryKindCanBeUsed(t *testing.T) {
	var themes []string
	for i := range 30 {
		themes = append(themes, fmt.Sprint("theme", i))
	}
	some := []string{"a", "b", "c", "d", "e"}
	full := Lists{Motifs: some, Roles: some, Classes: some, Themes: themes, Materials: some, Venues: some, Manners: some, Autonomies: some, Places: some}
	for _, tt := range []struct {
		schema  Schema
		kind    Kind
		key     string
		counted int
	}{
		{Visitor(nil), KindVisitor, "visitor", 19},
		{Staff(Lists{}), KindStaff, "staff", 1 + 4 + 7 + 1},
		{Staff(full), KindStaff, "staff", 1 + 1 + 1 + 30 + 5 + 1 + 4 + 1 + 1 + 1 + 7 + 1 + 1},
		{Exit(), KindExit, "exit", 2},
	} {
		if err := tt.schema.Check(); err != nil {
			t.Errorf("%s: Check() = %v; want nil", tt.key, err)
		}
		if tt.schema.Kind != tt.kind || tt.kind.String() != tt.key || len(tt.schema.Counted()) != tt.counted {
			t.Errorf("%v: %d counted questions; want %s, %d", tt.schema.Kind, len(tt.schema.Counted()), tt.key, tt.counted)
		}
	}
	if got := Kind(9).String(); got != "kind9" {
		t.Errorf("Kind(9) = %q; want kind9", got)
	}
}

func TestAnAgreementIsOneOfNinePairs(t *testing.T) {
	questions := Staff(Lists{}).Questions
	q := questions[slices.IndexFunc(questions, func(q Question) bool { return q.Key == Agreement })]
	seen := map[string]bool{}
	for self := Remote; self <= Autonomous; self++ {
		for mediator := Remote; mediator <= Autonomous; mediator++ {
			p := Pair(self, mediator)
			if seen[p] || !slices.Contains(q.Answers, p) {
				t.Errorf("Pair(%v, %v) = %q; want one of %v, each once", self, mediator, p, q.Answers)
			}
			seen[p] = true
		}
	}
	if len(seen) != 9 || len(q.Answers) != 9 || Pair(Remote, Autonomous) != "remote-autonomous" {
		t.Errorf("%d pairs of %d answers; want 9 of 9, the person's view first", len(seen), len(q.Answers))
	}
}
