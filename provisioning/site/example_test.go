package site_test

import (
	"fmt"
	"time"

	"jeudi/provisioning/site"
)

func Example() {
	s := site.Sample()
	now := time.Date(2026, 12, 18, 10, 0, 0, 0, s.Zone)
	if from, until, ok := s.Next(now); ok {
		fmt.Println(s.Place.Name, from.Format("2006-01-02 15:04"), until.Format("15:04"))
	}
	// Output: Centre social Les Tilleuls 2027-01-07 09:00 12:00
}

func ExampleParse() {
	_, err := site.Parse("site.toml", []byte(`
time_zone = "Europe/Paris"
slot_minutes = "trente"

[place]
name = "Mairie"

[[hours]]
day = "jeudi"
from = "9:00"
until = "12:00"

[[desk]]
key = "1"
label = "Bureau 1"
roles = ["mediator"]

[[motif]]
key = "caf"
`))
	fmt.Println(err)
	// Output:
	// site.toml:3: slot_minutes: this is text between quotes, but it must be a whole number; write it like slot_minutes = 30
	// site.toml:16: desk.roles: unknown role "mediator"; use one of accueil, travailleur_social, mediateur_numerique, volontaire
}
