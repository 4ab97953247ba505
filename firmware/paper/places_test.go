package paper

import (
	"slices"
	"testing"
	"time"

	"jeudi/firmware/directory"
	"jeudi/firmware/directory/hours"
	"jeudi/firmware/words"
)

func TestPhone(t *testing.T) {
	for given, want := range map[string]string{"+33472000000": "04 72 00 00 00", "+3347200000": "+3347200000", "3949": "3949", "": "", "+41220000000": "+41220000000"} {
		if got := Phone(given); got != want {
			t.Errorf("Phone(%q) = %q; want %q", given, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	for want, p := range map[string]directory.Place{
		"":                               {},
		"69150 Ville":                    {Postcode: "69150", Town: "Ville"},
		"3 rue du Pont, 2e étage, Ville": {Address: "3 rue du Pont", Extra: "2e étage", Town: "Ville"},
		"3 rue du Pont, 69150":           {Address: "3 rue du Pont", Postcode: "69150"},
	} {
		if got := Address(p); got != want {
			t.Errorf("Address(%+v) = %q; want %q", p, got, want)
		}
	}
}

func TestOpenMsg(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		given directory.Hit
		want  string
	}{
		{directory.Hit{State: hours.Open, Until: at}, "places.open_until"},
		{directory.Hit{State: hours.Open}, "places.open"},
		{directory.Hit{State: hours.Closed, Opens: at}, "places.opens"},
		{directory.Hit{State: hours.Closed}, ""},
		{directory.Hit{State: hours.Unknown, Opens: at}, ""},
	} {
		if got := OpenMsg(tt.given).Key; got != tt.want {
			t.Errorf("OpenMsg(%v, until %v, opens %v) = %q; want %q", tt.given.State, tt.given.Until, tt.given.Opens, got, tt.want)
		}
	}
}

func TestWeek(t *testing.T) {
	w := catalogue(t)
	thursday := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	unsure := w.Text("fr", "places.hours_unsure", map[string]any{"hours": "le matin"})
	for raw, want := range map[string][]string{
		"":                                   nil,
		"le matin":                           {unsure},
		"Mo-Fr 09:00-12:00":                  {"jeudi, vendredi, lundi, mardi, mercredi\u00a0: 9\u00a0h – 12\u00a0h"},
		"Th 09:00-12:00,14:00-24:00; Fr off": {"jeudi\u00a0: 9\u00a0h – 12\u00a0h · 14\u00a0h – 24\u00a0h"},
		"Th-Fr 09:00-12:00; Sa 10:30-12:00":  {"jeudi, vendredi\u00a0: 9\u00a0h – 12\u00a0h", "samedi\u00a0: 10\u00a0h\u00a030 – 12\u00a0h"},
		"off":                                nil,
	} {
		s, _ := hours.Parse(raw) // what is not understood has no schedule
		if got := Week(w, words.French, s, raw, thursday); !slices.Equal(got, want) {
			t.Errorf("Week(%q) = %q; want %q", raw, got, want)
		}
	}
}
