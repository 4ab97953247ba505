package site

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// good are answers as a place gives them.
func good() Answers {
	return Answers{
		Name: "Centre social « Le Moulin »", Address: `3 quai de l’Écluse, dit "le Port", 69150 Décines`, Phone: "01 99 00 00 00", Zone: "Indian/Reunion",
		Hours:     []AnswerHours{{"jeudi", "9:00", "12:00"}, {"mardi", "14:00", "17:30"}},
		Desks:     []AnswerDesk{{"Bureau 1", []string{"travailleur_social"}}, {"Salle bleue", []string{"volontaire", "accueil"}}},
		Languages: []string{"fr", "falc", "ar"},
		Screen:    "7", Printer: "escpos:serial:/dev/ttyAMA0?baud=19200", Profile: "generic-58", Panel: "visitor4", Speaker: "sound:",
		Wifi: AnswerWifi{Use: WifiPlace, SSID: "Box du Moulin", Passphrase: `a\b"c; d=é`[:9]},
	}
}

// TestComposeIsWhatWasAnswered: the file that is written says what people said, and
// everything else as the product's own defaults.
func TestComposeIsWhatWasAnswered(t *testing.T) {
	a := good()
	text := a.Compose()
	s, err := Parse("new.toml", []byte(text))
	if err != nil {
		t.Fatalf("Parse(Compose(good)):\n%v\n%s", err, text)
	}
	want := Place{Name: a.Name, Address: a.Address, Phone: a.Phone, Postcode: "69150"}
	if s.Place != want || s.Zone.String() != a.Zone || !slices.Equal(s.Languages, a.Languages) {
		t.Errorf("place %+v in %v speaks %v; want %+v in %s, %v", s.Place, s.Zone, s.Languages, want, a.Zone, a.Languages)
	}
	if got := s.Hours; len(got) != 2 || got[0].Day.String() != "Tuesday" || got[0].Until != 17*60+30 || got[1].From != 9*60 {
		t.Errorf("hours = %+v; want the two, by day", got)
	}
	if got := s.Desks; !reflect.DeepEqual(got, []Desk{{"1", "Bureau 1", []string{"travailleur_social"}}, {"2", "Salle bleue", []string{"volontaire", "accueil"}}}) {
		t.Errorf("desks = %+v", got)
	}
	if s.Screen.Panel != "7" || s.Devices != (Devices{a.Printer, "gpio:", "sound:"}) || s.Printer.Profile != a.Profile || s.Panel.Layout != "visitor4" {
		t.Errorf("screen %s, devices %+v, profile %s, layout %s", s.Screen.Panel, s.Devices, s.Printer.Profile, s.Panel.Layout)
	}
	if s.Wifi.SSID != a.Wifi.SSID || s.Wifi.Passphrase.Reveal() != a.Wifi.Passphrase || s.Wifi.Hotspot != HotspotAuto || !s.Network.Staff.IsValid() || !s.Network.Public.IsValid() {
		t.Errorf("wifi %+v, network %+v", s.Wifi, s.Network)
	}
	// A role that nobody has is not asked of a motif: nobody would be called for it.
	for _, m := range s.Motifs {
		if m.Need == "mediateur_numerique" {
			t.Errorf("motif %s needs %s, and no desk has it", m.Key, m.Need)
		}
	}
	if len(s.Motifs) != s.Screen.MaxMotifs {
		t.Errorf("%d motifs; want as many as the smallest screen takes, %d", len(s.Motifs), s.Screen.MaxMotifs)
	}
	if s.Closed != nil || s.Mornings != nil || s.Elsewhere != nil || s.Neighbourhoods != nil || s.Texts.Rules != nil {
		t.Errorf("the invented place of the sample is in it: %v %v %v %v", s.Closed, s.Mornings, s.Elsewhere, s.Neighbourhoods)
	}
}

// TestAnswersOfASite: what was answered is read out of the file that was made of it, and of
// no file that says more.
func TestAnswersOfASite(t *testing.T) {
	least := Answers{Name: "Mairie", Hours: []AnswerHours{{"lundi", "9:00", "12:00"}}, Desks: []AnswerDesk{{"Accueil", []string{"accueil"}}}}
	laptop, wired := least, least
	laptop.Printer, laptop.Panel, laptop.Speaker = "sim:", "sim:", "sim:"
	wired.Wifi = AnswerWifi{Use: WifiCable, Name: "Jeudi Mairie"}
	for i, a := range []Answers{good(), least, laptop, wired} {
		s, err := Parse("x", []byte(a.Compose()))
		if err != nil {
			t.Fatal(err)
		}
		got, ok := s.Answers()
		again, err := Parse("x", []byte(got.Compose()))
		if !ok || err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("%d: Answers() = %+v, %v; want what was answered: %+v", i, got, ok, a)
		}
		if i == 0 && !reflect.DeepEqual(got.Wifi.Passphrase, a.Wifi.Passphrase) {
			t.Errorf("Answers() = %+v; want the passphrase", got.Wifi)
		}
	}
	for _, change := range [][2]string{{"visitors = false", "visitors = true"}, {"[[hours]]", "[[motif]]\nkey = \"caf2\"\nlabel = { fr = \"La CAF\" }\n\n[[hours]]"}, {"key = \"1\"", "key = \"accueil\""}} {
		text := strings.Replace(least.Compose(), change[0], change[1], 1)
		s, err := Parse("x", []byte(text))
		if err != nil {
			t.Fatalf("%q: %v", change[1], err)
		}
		if got, ok := s.Answers(); ok {
			t.Errorf("with %q Answers() = %+v; want that it says more than them", change[1], got)
		}
	}
	s, err := Parse("x", []byte(SampleText()))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Answers(); ok {
		t.Errorf("Answers of the sample = %+v; want that it says more than them", got)
	}
}

// TestComposeExplains: every chapter of the sample is in the file with its comments, and
// nothing of the invented place counts.
func TestComposeExplains(t *testing.T) {
	text := good().Compose()
	for _, c := range chapters(sampleTOML)[1:] {
		if !strings.Contains(text, c[0]+"\n") {
			t.Errorf("the file lacks the chapter %q", c[0])
		}
		for _, line := range comments(c) {
			if line != "" && !strings.Contains(text, line+"\n") {
				t.Errorf("the file lacks the line %q", line)
			}
		}
	}
	for title := range good().writers() {
		if chapterOf(title) == nil {
			t.Errorf("the sample has no chapter %q; its title has changed", title)
		}
	}
	for _, title := range invented() {
		if chapterOf(title) == nil {
			t.Errorf("the sample has no chapter %q; its title has changed", title)
		}
	}
	for line := range strings.Lines(text) {
		if line[0] != '#' && (strings.Contains(line, "Tilleuls") || strings.Contains(line, "Brève") || strings.Contains(line, "01 99 00 00 01")) {
			t.Errorf("the invented place is in it: %s", line)
		}
	}
}

// TestDefaultAnswers: the fewest answers that a place can give.
func TestDefaultAnswers(t *testing.T) {
	a := Answers{Name: "Mairie", Hours: []AnswerHours{{"lundi", "9:00", "12:00"}}, Desks: []AnswerDesk{{"Accueil", []string{"accueil"}}}}
	if doubts := a.Check(); len(doubts) > 0 {
		t.Fatalf("Check = %+v; want nothing", doubts)
	}
	s, err := Parse("x", []byte(a.Compose()))
	if err != nil {
		t.Fatal(err)
	}
	if s.Zone.String() != "Europe/Paris" || s.Screen.Panel != "10.1" || s.Devices != (Devices{"none:", "none:", "none:"}) || s.Wifi.Hotspot != HotspotAlways || s.Actions() != nil {
		t.Errorf("zone %v, screen %s, devices %+v, wifi %+v, buttons %v", s.Zone, s.Screen.Panel, s.Devices, s.Wifi, s.Actions())
	}
	a.Printer, a.Panel, a.Speaker, a.Wifi.Use = "sim:", "sim:", "sim:", WifiCable
	if s, err = Parse("x", []byte(a.Compose())); err != nil || s.Network.Staff.IsValid() || s.Wifi.Hotspot != HotspotAuto || len(s.Actions()) != 8 {
		t.Errorf("on a laptop: %v, network %+v, wifi %+v", err, s.Network, s.Wifi)
	}
}

// TestCheckNamesTheQuestion: a fault is told at the question, and the row, where it was
// made, in words that speak of a form.
func TestCheckNamesTheQuestion(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Answers)
		want   []Doubt // Text is the beginning
	}{
		{"nothing at all", func(a *Answers) { *a = Answers{} }, []Doubt{
			{AskPlace, -1, "place.name", "Écrivez le nom du lieu."}, {AskHours, -1, "hours", "Ajoutez une permanence"}, {AskDesks, -1, "desk", "Ajoutez un bureau"}}},
		{"no name", func(a *Answers) { a.Name = "" }, []Doubt{{AskPlace, -1, "place.name", "Écrivez le nom du lieu."}}},
		{"a name of two lines", func(a *Answers) { a.Name = "a\nb" }, []Doubt{{AskPlace, -1, "place.name", "Nom du lieu : il y a un saut de ligne"}}},
		{"a long address", func(a *Answers) { a.Address = strings.Repeat("rue ", 21) + "x" }, []Doubt{{AskPlace, -1, "place.address", "Adresse : c’est long de 85 signes ; 80 au plus."}}},
		{"an empty hour", func(a *Answers) { a.Hours[0].From = "" }, []Doubt{{AskHours, 0, "hours.from", "Écrivez l’heure d’ouverture."}}},
		{"another empty hour", func(a *Answers) { a.Hours[1].Until = "" }, []Doubt{{AskHours, 1, "hours.until", "Écrivez l’heure de fermeture."}}},
		{"two desks with one name", func(a *Answers) { a.Desks[1].Label = "BUREAU  1" }, []Doubt{{AskDesks, 1, "desk.label", "Deux bureaux ont le même nom ; donnez-en un autre."}}},
		{"a role twice", func(a *Answers) { a.Desks[0].Roles = []string{"accueil", "accueil"} }, []Doubt{{AskDesks, 0, "desk.roles", "\"accueil\" est donné deux fois ; enlevez-en un."}}},
		{"a zone of nowhere", func(a *Answers) { a.Zone = "Lune/Mer" }, []Doubt{{AskPlace, -1, "time_zone", `Fuseau horaire inconnu : "Lune/Mer"`}}},
		{"the second permanence ends before it begins", func(a *Answers) { a.Hours[1].Until = "8:00" }, []Doubt{{AskHours, 1, "hours.until", "La fermeture à 8:00"}}},
		{"an hour that is none", func(a *Answers) { a.Hours[0].From = "neuf" }, []Doubt{{AskHours, 0, "hours.from", `"neuf" n’est pas une heure`}}},
		{"a permanence twice", func(a *Answers) { a.Hours[1] = a.Hours[0] }, []Doubt{{AskHours, 1, "hours", "9:00–12:00 chevauche 9:00–12:00 du même jour ; réunissez-les ou séparez-les."}}},
		{"a desk without a name", func(a *Answers) { a.Desks[1].Label = "" }, []Doubt{{AskDesks, 1, "desk.label", "Donnez un nom à ce bureau."}}},
		{"a desk where nobody receives", func(a *Answers) { a.Desks[0].Roles = nil }, []Doubt{{AskDesks, 0, "desk.roles", "Dites qui reçoit"}}},
		{"a role that is none", func(a *Answers) { a.Desks[0].Roles = []string{"maire"} }, []Doubt{{AskDesks, 0, "desk.roles", `Rôle inconnu : "maire"`}}},
		{"a language that is none", func(a *Answers) { a.Languages = []string{"fr", "xx"} }, []Doubt{{AskLanguages, -1, "languages", "Langue inconnue : \"xx\""}}},
		{"a printer that is none", func(a *Answers) { a.Printer = "laser:" }, []Doubt{{AskDevices, -1, "devices.printer", "Appareil inconnu"}}},
		{"a panel that is none", func(a *Answers) { a.Panel = "visitor9" }, []Doubt{{AskDevices, -1, "panel.layout", "Disposition inconnue : "}}},
		{"no name of the Wi-Fi", func(a *Answers) { a.Wifi.SSID = "" }, []Doubt{{AskWifi, -1, "wifi.ssid", "Écrivez le nom du Wi-Fi"}}},
		{"a short passphrase", func(a *Answers) { a.Wifi.Passphrase = "1234567" }, []Doubt{{AskWifi, -1, "wifi.passphrase", "Une clé de Wi-Fi a 8 à 63 signes, et celle-ci 7"}}},
		{"what would break the file", func(a *Answers) { a.Name = "\"\n[place]\nname = \"" }, []Doubt{{AskPlace, -1, "place.name", "Nom du lieu : il y a un saut de ligne"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := good()
			tt.change(&a)
			got := a.Check()
			ok := len(got) == len(tt.want)
			for i := range min(len(got), len(tt.want)) {
				g, w := got[i], tt.want[i]
				ok = ok && g.Question == w.Question && g.Item == w.Item && g.Key == w.Key && strings.HasPrefix(g.Text, w.Text)
			}
			if !ok {
				t.Errorf("Check = %+v; want %+v", got, tt.want)
			}
			for _, d := range got {
				if regexp.MustCompile(`\bligne \d`).MatchString(d.Text) {
					t.Errorf("%q names a line: who answers sees none", d.Text)
				}
				if a.Wifi.Passphrase != "" && strings.Contains(d.Text, a.Wifi.Passphrase) {
					t.Errorf("%q tells the passphrase", d.Text)
				}
			}
		})
	}
	if doubts := good().Check(); len(doubts) > 0 {
		t.Errorf("Check(good) = %+v; want nothing", doubts)
	}
	if len(Zones()) < 10 || Zones()[0][0] != "Europe/Paris" {
		t.Errorf("Zones = %v", Zones())
	}
	for _, z := range Zones() {
		a := good()
		if a.Zone = z[0]; len(a.Check()) > 0 {
			t.Errorf("the zone %s of the list is refused", z[0])
		}
	}
}

// TestUnlikely: a form asks about a telephone that nobody could dial; a file may have it.
func TestUnlikely(t *testing.T) {
	for phone, likely := range map[string]bool{"": true, "3949": true, "01 99 00 00 00": true, "01.99.00.00.00": true, "+33 1 99 00 00 00": true, "01\u00a099\u00a000": true,
		"abc": false, "394": false, "0199000000 ou mairie": false, "..": false, " ": false} {
		a := good()
		a.Phone = phone
		if got := a.Unlikely(); len(got) == 0 != likely || !likely && (got[0].Question != AskPlace || got[0].Key != "place.phone") {
			t.Errorf("Unlikely of %q = %+v; want it taken: %v", phone, got, likely)
		}
	}
	a := good()
	if a.Phone = "le 3949, puis 2"; len(a.Check()) > 0 {
		t.Errorf("Check = %+v; want that the file keeps it", a.Check())
	}
}

// TestFormsLoseTheLine: the sentences without a line are those of the errors, with the same
// holes but the last.
func TestFormsLoseTheLine(t *testing.T) {
	for format, said := range forms() {
		all, ok := french()[format]
		if !ok {
			t.Errorf("%q is no sentence of french", format)
		}
		if a, b := verb.FindAllString(all, -1), verb.FindAllString(said, -1); !slices.Equal(a[:len(a)-1], b) || a[len(a)-1] != "%d" {
			t.Errorf("%q has the holes %v; want those of %q without the line", said, b, all)
		}
	}
	for _, said := range french() {
		if strings.Contains(said, "ligne %d") && !slices.ContainsFunc(slices.Collect(maps.Keys(forms())), func(format string) bool { return french()[format] == said }) {
			t.Errorf("%q names a line and has no sentence without it", said)
		}
	}
}

// FuzzAnswers: whatever is typed, the file is one that Parse reads line by line, and what
// it takes is what was typed.
func FuzzAnswers(f *testing.F) {
	f.Add("Mairie", "1 rue", "9:00", "Bureau", "ssid", "passphrase")
	f.Add("\"", "\\", "é", "#", "'", "\u2028]]")
	f.Fuzz(func(t *testing.T, name, address, from, label, ssid, passphrase string) {
		for _, text := range []*string{&name, &address, &from, &label, &ssid, &passphrase} {
			*text = strings.ToValidUTF8(*text, "�") // as JSON and a terminal give it
		}
		a := good()
		a.Name, a.Address, a.Hours[0].From, a.Desks[0].Label, a.Wifi.SSID, a.Wifi.Passphrase = name, address, from, label, ssid, passphrase
		s, err := Parse("f", []byte(a.Compose()))
		if err != nil {
			for _, e := range err.(Errors) {
				if strings.Contains(e.Msg, "not TOML") || strings.Contains(e.Msg, "unknown key") || strings.Contains(e.Msg, "already given") {
					t.Fatalf("%v: what was typed has become a part of the file", e)
				}
			}
			if len(a.Check()) == 0 {
				t.Fatalf("Check has nothing to say of %v", err)
			}
			return
		}
		if s.Place.Name != strings.TrimSpace(name) || s.Wifi.SSID != ssid || s.Wifi.Passphrase.Reveal() != passphrase {
			t.Fatalf("typed %q, %q; the file says %q, %q", name, ssid, s.Place.Name, s.Wifi.SSID)
		}
	})
}
