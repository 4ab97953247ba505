package coop

import (
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

func TestSchema(t *testing.T) {
	s := Schema([]string{"caf", "sante"})
	if err := s.Check(); err != nil {
		t.Fatalf("Check() = %v; want a schema that can be used", err)
	}
	var got []string
	for _, q := range s.Questions {
		got = append(got, q.Key)
	}
	want := "motif role class themes materials venue duration manner autonomy oriented structure accompanied see_again freins agreement charter took"
	if strings.Join(got, " ") != want {
		t.Errorf("questions = %q; want %q", got, want)
	}
	for _, v := range Freins() {
		if q := s.Questions[slices.Index(got, sheet.Freins)]; !slices.Contains(q.Answers, string(v.Code)) || len(q.Answers) != len(Freins()) {
			t.Errorf("freins = %v; want those that staff may tick, with %s", q.Answers, v.Code)
		}
	}
}

func TestSheet(t *testing.T) {
	schema := Schema([]string{"caf", "sante"})
	told := Record{Minutes: 45, Themes: []Theme{"SocialSante"}}
	tests := []struct {
		name  string
		visit session.Visit
		say   Record
		want  string
	}{
		{"nothing was told", session.Visit{Declared: "caf", Need: session.Mediator, Class: session.Short, Outcome: session.Served}, Record{Minutes: 15},
			"motif=caf role=mediateur_numerique class=short duration=30"},
		{"« je ne sais pas », noted on paper", session.Visit{Outcome: session.Served}, Record{}, "motif=dont-know role=any class=normal"},
		{"a motif that the site has no more", session.Visit{Declared: "gone", Outcome: session.Served}, Record{}, "role=any class=normal"},
		{"sent elsewhere, and nothing told", session.Visit{Declared: "caf", Outcome: session.Oriented}, Record{Minutes: 130},
			"motif=caf role=any class=normal duration=more oriented=yes"},
		{"the least that is told", session.Visit{Declared: "caf", Outcome: session.Served}, told,
			"motif=caf role=any class=normal themes=AideAuxDemarchesAdministratives,SocialSante venue=LieuActivite duration=60 oriented=no see_again=no"},
		{"all of it", session.Visit{Declared: "sante", Outcome: session.Served}, full(),
			"motif=sante role=any class=normal themes=NavigationSurInternet,AideAuxDemarchesAdministratives,SocialSante materials=Ordinateur,Telephone venue=LieuActivite " +
				"duration=120 manner=avec autonomy=PartiellementAutonome oriented=yes structure=AideSociale accompanied=yes see_again=yes freins=peur,lire"},
	}
	for _, tt := range tests {
		s := Sheet(schema, &tt.visit, tt.say)
		var said []string
		for _, q := range schema.Questions {
			if given := s.Answers(q); len(given) > 0 {
				said = append(said, q.Key+"="+strings.Join(given, ","))
			}
		}
		if got := strings.Join(said, " "); got != tt.want {
			t.Errorf("%s: Sheet() =\n%s; want\n%s", tt.name, got, tt.want)
		}
		if _, err := s.Encode(schema); err != nil {
			t.Errorf("%s: Encode() = %v", tt.name, err)
		}
	}
	if s := Sheet(sheet.Schema{}, &session.Visit{Declared: "caf"}, full()); !s.Empty() {
		t.Error("Sheet() of no questions has answers")
	}
}
