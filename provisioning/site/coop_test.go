package site

import (
	"reflect"
	"strings"
	"testing"
)

func TestCoop(t *testing.T) {
	for _, tt := range []struct {
		section string
		want    Coop
		wrong   string
	}{
		{"", Coop{}, ""},
		{"[coop]\nprefill = true\ntown = \"Vénissieux\"\ninsee = \"69259\"\n", Coop{Prefill: true, Town: "Vénissieux", Insee: "69259"}, ""},
		{"[coop]\ninsee = \"2A004\"\n", Coop{Insee: "2A004"}, ""},
		{"[[organism]]\nkey = \"caf\"\nlabel = \"CAF\"\n", Coop{Organisms: []Organism{{"caf", "CAF"}}}, ""},
		{"[coop]\ninsee = \"6925\"\n", Coop{}, "coop.insee: \"6925\" is not the code"},
		{"[coop]\nprefil = true\n", Coop{}, "coop.prefil: unknown key"},
		{"[[organism]]\nkey = \"caf\"\nlabel = \"CAF\"\n[[organism]]\nkey = \"caf\"\nlabel = \"Caf\"\n", Coop{}, "organism.key: \"caf\" is already on line"},
		{"[[organism]]\nkey = \"caf\"\n", Coop{}, "organism.label: missing"},
		{"[[organism]]\nkey = \"caf\"\nlabel = \"CAF\"\n[[organism]]\nkey = \"caf_69\"\nlabel = \" CAF\"\n", Coop{}, "organism.label: \"CAF\" is already on line"},
		{"[Coop]\nprefill = true\n", Coop{}, "Coop: unknown key \"Coop\"; write it coop, in small letters"},
		{"[coop]\nInsee = \"69259\"\n", Coop{}, "coop.Insee: unknown key \"Insee\"; write it insee, in small letters"},
	} {
		s, err := Parse("site.toml", []byte(least+"\n"+tt.section))
		switch {
		case tt.wrong == "" && (err != nil || !reflect.DeepEqual(s.Coop, tt.want)):
			t.Errorf("Parse(%q) = %+v, %v; want %+v", tt.section, s, err, tt.want)
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("Parse(%q) = %v; want %s", tt.section, err, tt.wrong)
		}
	}
}

// A desk may have a button that asks the other desks for help; the visitor's panel keeps
// its own.
func TestHelpAtADesk(t *testing.T) {
	desk := "[[button]]\naction = \"help\"\nline = \"GPIO23\"\ndesk = \"1\"\n"
	s, err := Parse("site.toml", []byte(least+"\n"+desk+"[[button]]\naction = \"call_next\"\nline = \"GPIO24\"\ndesk = \"1\"\n"))
	if err != nil || len(s.Buttons) != 2 || s.Buttons[0] != (Button{"help", "GPIO23", "", "1"}) {
		t.Fatalf("Parse() = %+v, %v; want help at desk 1", s, err)
	}
	for _, tt := range []struct{ add, wrong string }{
		{desk + strings.Replace(desk, "GPIO23", "GPIO24", 1), "button.action"},
		{strings.Replace(desk, `"1"`, `"9"`, 1), "there is no desk"},
		{strings.Replace(desk, "help", "ok", 1), "is on the visitor's panel"},
	} {
		if _, err := Parse("site.toml", []byte(least+"\n"+tt.add)); err == nil || !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("Parse(%q) = %v; want %s", tt.add, err, tt.wrong)
		}
	}
}
