package site

import (
	"strings"
	"testing"
)

func TestBilan(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       Bilan
		wrong      string // part of the error, "" for none
	}{
		{"not given", "", Bilan{}, ""},
		{"all", "year_euros = 9600\nstaff = 0.2\nvolunteers = 0.1\n", Bilan{9600, 0.2, 0.1}, ""},
		{"whole numbers", "staff = 1\n", Bilan{Staff: 1}, ""},
		{"negative", "year_euros = -1\n", Bilan{}, "bilan.year_euros"},
		{"too much", "staff = 101.0\n", Bilan{}, "bilan.staff"},
		{"text", "staff = \"deux\"\n", Bilan{}, "bilan.staff"},
		{"unknown", "cost = 1\n", Bilan{}, "cost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse("site.toml", []byte(strings.Replace(SampleText(), "\n[bilan]\n", "\n[bilan]\n"+tt.text, 1)))
			switch {
			case tt.wrong == "" && err != nil:
				t.Errorf("Parse() = %v; want nil", err)
			case tt.wrong == "" && s.Bilan != tt.want:
				t.Errorf("Bilan = %+v; want %+v", s.Bilan, tt.want)
			case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
				t.Errorf("Parse() = %v; want an error about %s", err, tt.wrong)
			}
		})
	}
}
