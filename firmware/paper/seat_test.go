package paper

import (
	"strings"
	"testing"

	"jeudi/drivers"
	"jeudi/firmware/words"
)

func seat(lang string) SeatData {
	return SeatData{From: "Centre social Les Tilleuls", Phone: "+33199000009", Lang: lang, Kind: "atelier", Title: "Mes premiers mails",
		At: at(11, 26, 14, 0), Until: at(11, 26, 16, 0), Room: "Salle 2", Code: "K7M2QF"}
}

// The slip of a seat says what, when, where, under which code and whom to call.
func TestSeat(t *testing.T) {
	w := catalogue(t)
	for _, tt := range []struct {
		name   string
		change func(*SeatData)
		want   []string
		not    []string
	}{
		{"a workshop", func(*SeatData) {}, []string{"Votre atelier", "Mes premiers mails", "26 novembre", "14 h", "16 h", "Salle 2", "K7M", "2QF", "Pour annuler", "01 99 00 00 09"}, nil},
		{"an appointment", func(d *SeatData) { d.Kind, d.Title = "rendez_vous", "" }, []string{"Votre rendez-vous", "Salle 2"}, []string{"mails"}},
		{"a visit at home", func(d *SeatData) { d.Kind, d.Title, d.Room = "visite", "", "" }, []string{"Votre visite à domicile"}, []string{"Salle"}},
		{"without a telephone", func(d *SeatData) { d.Phone = "" }, []string{"K7M"}, []string{"Téléphone"}},
		{"a rehearsal", func(d *SeatData) { d.Test = true }, []string{w.Text("fr", "hall.test", nil)}, nil},
	} {
		d := seat("fr")
		tt.change(&d)
		var lines []string
		for _, b := range Seat(w, d).Blocks {
			if text, ok := b.(drivers.Text); ok {
				lines = append(lines, text.Text)
			}
		}
		got := strings.ReplaceAll(strings.Join(lines, "\n"), "\u00a0", " ")
		for _, text := range tt.want {
			if !strings.Contains(strings.ToLower(got), strings.ToLower(text)) {
				t.Errorf("%s lacks %q:\n%s", tt.name, text, got)
			}
		}
		for _, text := range tt.not {
			if strings.Contains(got, text) {
				t.Errorf("%s has %q:\n%s", tt.name, text, got)
			}
		}
		if strings.ContainsAny(got, "⟦⟧{}") {
			t.Errorf("%s: a text is missing in\n%s", tt.name, got)
		}
	}
}

// The title is in the visitor's language and in French, once when they are one; the code
// is there once, and large.
func TestASeatsCode(t *testing.T) {
	w := spoken(t)
	for _, lang := range []string{"", "fr", words.Easy, "ar"} {
		codes := 0
		for _, b := range Seat(w, seat(lang)).Blocks {
			if text, ok := b.(drivers.Text); ok && strings.Contains(text.Text, "2QF") {
				if codes++; text.Size != 3 {
					t.Errorf("in %q the code is in size %d; want 3", lang, text.Size)
				}
			}
		}
		if codes != 1 {
			t.Errorf("in %q the code is there %d times; want once", lang, codes)
		}
	}
}
