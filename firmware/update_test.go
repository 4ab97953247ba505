package main

import (
	"testing"

	"jeudi/firmware/words"
	"jeudi/provisioning/update"
)

// TestHowAnUpdateEnded: the desk and the slip say it in one sentence, and the reason where
// that does not say it.
func TestHowAnUpdateEnded(t *testing.T) {
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		give      update.Outcome
		says, why string
	}{
		{"kept", update.Outcome{Result: update.Kept, Version: "2", Runs: "2"}, "La version 2 est installée.", ""},
		{"cut", update.Outcome{Result: update.CutOff, Version: "2", Runs: "1"}, "La mise à jour 2 a été coupée. Rien n’a changé. Recommencez.", ""},
		{"it failed", update.Outcome{Result: update.GoneBack, Version: "2", Runs: "1", Why: update.WhySite},
			"La version 2 n’a pas marché. La borne est revenue à la version 1.", "La nouvelle version n’accepte pas la fiche du lieu."},
		{"somebody wanted it so", update.Outcome{Result: update.GoneBack, Version: "2", Runs: "1", Why: update.WhyWanted},
			"Quelqu’un a demandé l’ancienne version. La borne est revenue de la version 2 à la version 1.", ""},
	} {
		says, why := ended(tt.give)
		got := catalogue.Text(words.French, says.Key, says.Args)
		if got != tt.says {
			t.Errorf("%s: says %q; want %q", tt.name, got, tt.says)
		}
		got = ""
		if why.Key != "" {
			got = catalogue.Text(words.French, why.Key, why.Args)
		}
		if got != tt.why {
			t.Errorf("%s: why %q; want %q", tt.name, got, tt.why)
		}
	}
}
