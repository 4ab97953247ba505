package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/firmware/setup"
	"jeudi/provisioning/site"
)

// TestSiteNew: six questions on a terminal make a file that the box takes.
func TestSiteNew(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "lieu", "jeudi.toml")
	typed := strings.Join([]string{
		"", "", // no name: asked again at once
		"Mairie de l’Écluse", "1 quai du Port, 69150 Décines", "01 99 00 00 00", "5", // La Réunion
		"4", "9h", "8h", // closes before it opens: this one again
		"", "9h", "12h30", "peut-être", "oui", // Enter is the day that was chosen
		"jeudi", "12h", "14h", // two at the same time: this one again, the first stays
		"mardi", "14:00", "17:00", "n",
		"", "1 3", "o", "bureau 1", "4", // the name of another: this one again
		"Salle bleue", "9", "4", "non", // no role 9
		"1, 2 4",
		"2", "3", "", "2", // 7 inches, no printer, eight buttons, no sound
		"2", "", "Box", "court", // a short passphrase: asked again
		"2", "Box", "correct horse",
	}, "\n") + "\n"
	var out, errs bytes.Buffer
	found := setup.Found{Printers: []setup.Printer{{Device: "escpos:/dev/usb/lp0", Kind: "usb", Name: "EPSON TM-T20"}}}
	if code := siteNew(file, strings.NewReader(typed), found, &out, &errs); code != exitOK || errs.Len() > 0 {
		t.Fatalf("siteNew = %d %s\n%s", code, &errs, &out)
	}
	s, err := site.Load(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if s.Place.Name != "Mairie de l’Écluse" || s.Zone.String() != "Indian/Reunion" || len(s.Hours) != 2 || s.Hours[1].Until != 12*60+30 ||
		len(s.Desks) != 2 || s.Desks[1].Roles[0] != "volontaire" || strings.Join(s.Languages, " ") != "fr falc ar" ||
		s.Screen.Panel != "7" || s.Wifi.SSID != "Box" || s.Wifi.Passphrase.Reveal() != "correct horse" {
		t.Errorf("the file says %+v", s)
	}
	for _, want := range []string{"! Écrivez le nom du lieu.", "! jeudi, de 9h à 8h. La fermeture à 8:00 n’est pas après", "! jeudi, de 12h à 14h. ", "! bureau 1. ", "Écrivez oui ou non.", "Adresse, écrite sur les tickets (facultative) :", "Téléphone (facultatif) :", "! Écrivez le nom du Wi-Fi du lieu.", "Écrivez des nombres de 1 à 4", "! Une clé de Wi-Fi a 8 à 63 signes, et celle-ci 5", "1 sur 6. Le lieu", "EPSON TM-T20"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the terminal lacks %q:\n%s", want, &out)
		}
	}
	// What is right is asked once, whatever is wrong after it.
	for question, n := range map[string]int{"Adresse, ": 1, "Heure de": 1, "Jour de permanence": 4, "Nom du bureau": 3} {
		if got := strings.Count(out.String(), question); got != n {
			t.Errorf("%q is asked %d times; want %d:\n%s", question, got, n, &out)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v; want a file for its owner alone, for the passphrase", info.Mode(), err)
	}
	// What is there stays.
	if code := siteNew(file, strings.NewReader(typed), found, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "est déjà là") {
		t.Errorf("over a file that is there: %d %s", code, &errs)
	}
	// Answers that end in the middle write nothing.
	other := filepath.Join(dir, "other.toml")
	for _, part := range []string{"", "Mairie\n", "Mairie\n\n\n1\n4\n9:00\n12:00\n"} {
		errs.Reset()
		if code := siteNew(other, strings.NewReader(part), found, &out, &errs); code != exitFail || !strings.Contains(errs.String(), "rien n’est écrit") {
			t.Errorf("after %q: %d %s", part, code, &errs)
		}
		if _, err := os.Stat(other); err == nil {
			t.Fatalf("after %q there is a file", part)
		}
	}
}

// TestSiteCheckSpeaksFrench: a technician reads what to do, with the line.
func TestSiteCheckSpeaksFrench(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jeudi.toml")
	text := strings.Replace(site.SampleText(), `from = "9:00"`, `from = "neuf"`, 1)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"site", "check", file}, {"run", "-site", file}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, &out, &errs); code != exitFail || !strings.Contains(errs.String(), `hours.from : "neuf" n’est pas une heure ; écrivez-la comme "9:00"`) || !strings.Contains(errs.String(), ", ligne ") {
			t.Errorf("%q = %d %s", args[:2], code, &errs)
		}
	}
}
