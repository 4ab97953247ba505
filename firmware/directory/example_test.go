package directory_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"jeudi/firmware/directory"
)

func Example() {
	dir, err := os.MkdirTemp("", "directory")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	store, err := directory.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()

	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	const file = `id,nom,commune,code_postal,adresse,latitude,longitude,date_maj,horaires,services
1,Médiathèque de l’Étang,Valbrume,01230,2 rue du Moulin,45.9,5.35,2026-03-14,Tu-Sa 10:00-18:00,Accès internet et matériel informatique
2,Mairie,Valbrume,1230,1 place du Puits,0,0,2026-03-14,Mo-Fr 14:00-17:00; PH off,Aide aux démarches administratives
3,,Valbrume,01230,,,,,,
`
	report, err := store.Replace(context.Background(), strings.NewReader(file), "lieux.csv", now)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Places, "places,", report.Left, "left out")
	for _, p := range report.Problems {
		fmt.Println("line", p.Line, p.Column, p.Code, p.Done)
	}
	here := directory.Point{Lat: 45.91, Lon: 5.35}
	for _, hit := range store.Current().Propose(directory.Wish{Services: []string{"access"}}, now, &here, 3) {
		fmt.Printf("%s, %.0f m, %v until %s\n", hit.Place.Name, hit.Distance, hit.State, hit.Until.Format("15:04"))
	}
	// Output:
	// 2 places, 1 left out
	// line 1 pivot no_column kept
	// line 3 code_postal postcode mended
	// line 4 nom no_name place_left
	// Médiathèque de l’Étang, 1112 m, open until 18:00
}
