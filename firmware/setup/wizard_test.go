package setup

import (
	"reflect"
	"slices"
	"testing"

	"jeudi/provisioning/site"
)

func answers() site.Answers {
	return site.Answers{Name: " Mairie ", Hours: []site.AnswerHours{{Day: "jeudi", From: "9h", Until: "12 h 30"}, {Day: "lundi"}},
		Desks: []site.AnswerDesk{{Label: " Bureau 1 ", Roles: []string{"accueil"}}, {}}, Languages: []string{"ar", "fr"}, Panel: site.None,
		Wifi: site.AnswerWifi{Use: site.WifiPlace, SSID: "Box", Passphrase: "12345678"}}
}

// TestAnswers: each question takes its own fields and no other, and stays open while its
// answer is wrong.
func TestAnswers(t *testing.T) {
	s := start()
	if got := s.open(); len(got) != site.Questions {
		t.Fatalf("open = %v at the start; want all", got)
	}
	given := answers()
	for q := site.AskPlace; q <= site.AskWifi; q++ {
		before := s
		var doubts []site.Doubt
		if s, doubts = s.answer(q, given, false); len(doubts) > 0 {
			t.Fatalf("answer(%d) = %+v; want nothing wrong", q, doubts)
		}
		if slices.Contains(s.open(), q) || before.Answered[int(q)] {
			t.Errorf("question %d: open %v, and before %v", q, s.open(), before.Answered)
		}
	}
	if len(s.open()) > 0 {
		t.Errorf("open = %v at the end; want none", s.open())
	}
	want := site.Answers{Name: "Mairie", Hours: []site.AnswerHours{{Day: "jeudi", From: "9:00", Until: "12:30"}},
		Desks: []site.AnswerDesk{{Label: "Bureau 1", Roles: []string{"accueil"}}}, Languages: []string{"fr", "ar"}, Panel: site.None, Wifi: given.Wifi}
	if !reflect.DeepEqual(s.Answers, want) {
		t.Errorf("answers = %+v\nwant      %+v", s.Answers, want)
	}
	wrong := given
	wrong.Name = ""
	s, doubts := s.answer(site.AskPlace, wrong, false)
	if len(doubts) != 1 || !slices.Equal(s.open(), []site.Question{site.AskPlace}) {
		t.Errorf("an empty name: %+v, open %v; want it open again", doubts, s.open())
	}
	if got, doubts := s.answer(7, wrong, false); doubts != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("answer(7) changes %+v; want nothing", got)
	}
}

// TestEmptyRows: a row that was left empty goes, but not the last of all: it is told what
// it lacks.
func TestEmptyRows(t *testing.T) {
	s, doubts := start().answer(site.AskDesks, site.Answers{Desks: []site.AnswerDesk{{Label: " "}, {}}}, false)
	if len(s.Answers.Desks) != 1 || len(doubts) != 2 || doubts[0].Item != 0 || doubts[0].Key != "desk.label" || doubts[1].Key != "desk.roles" {
		t.Errorf("desks %+v, doubts %+v; want one row, with what it lacks", s.Answers.Desks, doubts)
	}
	s, doubts = start().answer(site.AskHours, site.Answers{Hours: []site.AnswerHours{{Day: "lundi"}}}, false)
	if len(s.Answers.Hours) != 1 || len(doubts) != 2 || doubts[0].Text != "Écrivez l’heure d’ouverture." || doubts[1].Text != "Écrivez l’heure de fermeture." {
		t.Errorf("hours %+v, doubts %+v; want one row, with what it lacks", s.Answers.Hours, doubts)
	}
	if s, doubts = start().answer(site.AskDesks, site.Answers{}, false); len(s.Answers.Desks) != 0 || len(doubts) != 1 {
		t.Errorf("no desk: %+v, %+v", s.Answers.Desks, doubts)
	}
}

// TestPhoneThatNobodyDials: a telephone without digits is asked for again, but one that a
// file had stays.
func TestPhoneThatNobodyDials(t *testing.T) {
	given := answers()
	given.Phone = "abc"
	s, doubts := start().answer(site.AskPlace, given, false)
	if len(doubts) != 1 || doubts[0].Key != "place.phone" || s.Answered[int(site.AskPlace)] || s.Answers.Phone != "abc" {
		t.Errorf("abc: %+v, %+v; want it refused and kept on the page", doubts, s)
	}
	if _, doubts = s.answer(site.AskPlace, given, false); len(doubts) != 1 {
		t.Errorf("abc again: %+v; want it refused again", doubts)
	}
	had := State{Answers: given, Answered: map[int]bool{int(site.AskPlace): true}}
	changed := given
	changed.Name = "Mairie annexe"
	if _, doubts = had.answer(site.AskPlace, changed, false); len(doubts) != 0 {
		t.Errorf("what the file had: %+v; want it to stay", doubts)
	}
	changed.Phone = "xyz"
	if _, doubts = had.answer(site.AskPlace, changed, false); len(doubts) != 1 {
		t.Errorf("xyz instead: %+v; want it refused", doubts)
	}
}

// TestPassphraseStays: the page is not told the passphrase, so what it leaves empty stays
// as it was, for that network alone.
func TestPassphraseStays(t *testing.T) {
	s, _ := start().answer(site.AskWifi, answers(), false)
	tests := []struct {
		name string
		wifi site.AnswerWifi
		keep bool
		want string
	}{
		{"kept", site.AnswerWifi{Use: site.WifiPlace, SSID: "Box"}, true, "12345678"},
		{"taken away", site.AnswerWifi{Use: site.WifiPlace, SSID: "Box"}, false, ""},
		{"another network", site.AnswerWifi{Use: site.WifiPlace, SSID: "Autre"}, true, ""},
		{"its spaces count", site.AnswerWifi{Use: site.WifiPlace, SSID: " Box ", Passphrase: " 1234567 "}, false, " 1234567 "},
	}
	for _, tt := range tests {
		got, doubts := s.answer(site.AskWifi, site.Answers{Wifi: tt.wifi}, tt.keep)
		if got.Answers.Wifi.Passphrase != tt.want || got.Answers.Wifi.SSID != tt.wifi.SSID || len(doubts) > 0 {
			t.Errorf("%s: %+v, %+v; want %q", tt.name, got.Answers.Wifi, doubts, tt.want)
		}
	}
}

func TestClock(t *testing.T) {
	for typed, want := range map[string]string{"9:00": "9:00", "9h": "9:00", "9 h 30": "9:30", "14H": "14:00", "9.15": "9:15", "9": "9:00", "": "", "09:00": "9:00", "00:30": "0:30", "10:00": "10:00",
		"midi": "midi:00", "9:": "9:00"} {
		if got := clock(typed); got != want {
			t.Errorf("clock(%q) = %q; want %q", typed, got, want)
		}
	}
}

// TestProposals: what is found is proposed until somebody has chosen.
func TestProposals(t *testing.T) {
	usb := Found{Printers: []Printer{{Device: "escpos:/dev/usb/lp0", Kind: kindUSB, Profile: "epson-tm-t20"}}, Panel: true, Sound: true}
	s := start().found(usb)
	if a := s.Answers; a.Printer != "escpos:/dev/usb/lp0" || a.Profile != "epson-tm-t20" || a.Panel != "visitor8" || a.Speaker != "sound:" {
		t.Errorf("found = %+v; want all of it", a)
	}
	if a := start().found(Found{Printers: []Printer{{Device: "escpos:serial:/dev/ttyAMA0", Kind: kindSerial}}}).Answers; a.Printer != "" {
		t.Errorf("a serial port is chosen: %+v; want nobody's guess", a)
	}
	if a := start().found(Simulated()).Answers; a.Printer != "sim:" || a.Panel != "sim:" || a.Speaker != "sim:" {
		t.Errorf("on a laptop: %+v", a)
	}
	chosen, _ := start().answer(site.AskDevices, site.Answers{Printer: "none:", Panel: site.None, Speaker: "none:"}, false)
	if got := chosen.found(usb); !reflect.DeepEqual(got, chosen) {
		t.Errorf("found = %+v; want what was chosen", got)
	}
	for _, tt := range []struct {
		width, height int
		want          string
	}{{800, 480, "7"}, {1024, 600, "7"}, {1280, 800, "10.1"}, {1920, 1080, "10.1"}, {480, 800, "10.1"}} {
		if got := start().saw(tt.width, tt.height).Answers.Screen; got != tt.want {
			t.Errorf("saw(%d, %d) = %q; want %q", tt.width, tt.height, got, tt.want)
		}
		if got := chosen.saw(tt.width, tt.height).Answers.Screen; got != "" {
			t.Errorf("saw(%d, %d) = %q over what was chosen", tt.width, tt.height, got)
		}
	}
}
