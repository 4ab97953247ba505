package site

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestStops(t *testing.T) {
	const moulin = "[[stop]]\nkey = \"moulin\"\nname = \"Salle du Moulin\"\naddress = \"2 chemin du Moulin, 69150 Décines\"\nlatitude = 45.7\nlongitude = 4.9\n"
	const home = "[[stop]]\nkey = \"domicile\"\nname = \"À domicile\"\npostcode = \"69330\"\n"
	var many strings.Builder
	for i := range mostStops + 2 {
		fmt.Fprintf(&many, "[[stop]]\nkey = \"s%d\"\nname = \"Lieu %d\"\n", i, i)
	}
	tests := []struct {
		name, text string
		want       []Stop
		err        string
	}{
		{name: "two, in the order of the file", text: moulin + home, want: []Stop{
			{"moulin", Place{Name: "Salle du Moulin", Address: "2 chemin du Moulin, 69150 Décines", Postcode: "69150", At: &Point{45.7, 4.9}}},
			{"domicile", Place{Name: "À domicile", Postcode: "69330"}}}},
		{name: "none"},
		{name: "the same key", text: moulin + strings.Replace(home, "domicile", "moulin", 1), err: `stop.key: "moulin" is already on line`},
		{name: "the same name", text: moulin + strings.Replace(home, "À domicile", "Salle du Moulin", 1), err: `stop.name: "Salle du Moulin" is already on line`},
		{name: "without a name", text: "[[stop]]\nkey = \"a\"\n", err: `stop.name: missing; add name = "Salle du Moulin"`},
		{name: "without a key", text: "[[stop]]\nname = \"A\"\n", err: `stop.key: missing; add key = "moulin"`},
		{name: "half a point", text: moulin + home + "latitude = 45.7\n", err: "stop: a point needs both"},
		{name: "a postcode that is none", text: strings.Replace(home, "69330", "6933", 1), err: `stop.postcode: "6933" is not a postcode`},
		{name: "one bracket", text: "[stop]\nkey = \"a\"\n", err: "stop: there may be several"},
		{name: "more than a page", text: many.String(), err: "stop: more than 30 places do not fit on one page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse("f.toml", []byte(SampleText()+tt.text))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("Parse = %v; want %q", err, tt.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(s.Stops, tt.want) {
				t.Errorf("Parse = %v, %+v; want %+v", err, s, tt.want)
			}
		})
	}
}
