package directory_test

import (
	"fmt"
	"math/rand/v2"

	"jeudi/firmware/directory"
)

// invented returns n places of a country that does not exist, the same each time:
// twelve hundred towns, nine hundred different opening hours, names that share
// their words as real ones do.
func invented(n int) []directory.Place {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	keys := func(terms []directory.Term, most int) (out []string) {
		for _, i := range r.Perm(len(terms))[:r.IntN(most+1)] {
			out = append(out, terms[i].Key)
		}
		return out
	}
	places := make([]directory.Place, n)
	for i := range places {
		town := r.IntN(1200)
		p := directory.Place{
			ID:       fmt.Sprintf("lieu-%05d|x", i),
			Pivot:    fmt.Sprintf("%014d", 10000000000000+i),
			Name:     fmt.Sprintf("%s %s n°%d", pick("Médiathèque", "Maison des services de", "Espace numérique", "Centre social", "Point d’accueil de", "Mairie de"), pick("l’Étang", "Valbrume", "la Tuilerie", "Bois-Clair", "l’Orée", "Sablonnette"), i%997),
			Town:     fmt.Sprintf("%s-%s", pick("Saint-Ormin", "Valbrume", "Montfleuret", "Rocheperle", "Bourg-l’Anneau"), fmt.Sprint("T", town)),
			Postcode: fmt.Sprintf("%05d", 10000+town*7),
			Address:  fmt.Sprintf("%d %s des %s", 1+r.IntN(120), pick("rue", "avenue", "place", "chemin"), pick("Tilleuls", "Écoles", "Peupliers", "Quatre Vents")),
			Point:    &directory.Point{Lat: 43 + float64(town%40)*0.15 + r.Float64()*0.05, Lon: -1 + float64(town/40)*0.2 + r.Float64()*0.05},
			Types:    []string{pick("ASSO", "MUNI", "BIB", "RFS", "CS")},
			Phone:    fmt.Sprintf("+334%08d", r.IntN(1e8)),
			Emails:   []string{fmt.Sprintf("accueil%d@exemple.invalid", i)},
			Sites:    []string{fmt.Sprintf("https://lieu%d.exemple.invalid/", i)},
			Summary:  pick("Accueil de tous les publics, avec ou sans rendez-vous.", "Ateliers pour apprendre l’ordinateur et la tablette.", "Prêt d’ordinateurs et accès à internet."),
			Detail:   "Un lieu inventé pour les essais. Il a une grande salle, trois ordinateurs, une imprimante, et une personne qui prend le temps.",
			Source:   "essai",
			Updated:  "2026-03-14",
			Services: append(keys(directory.Services(), 4), "procedures"),
			Fees:     []string{pick("free", "free", "conditional", "paying")},
			Care:     keys(directory.Care(), 2),
			Support:  []string{"individual"},
			Access:   []string{"walk-in", "phone"},
		}
		if r.IntN(6) == 0 {
			p.Publics = keys(directory.Publics(), 2)
		}
		if n := r.IntN(1500); n < 900 {
			p.Hours = fmt.Sprintf("%s %02d:%02d-12:00,14:00-%02d:00; %s", pick("Mo-Fr", "Tu-Sa", "Mo,We,Th"), 8+n%3, n%60, 17+n%3, pick("PH off", "We off; PH off", "Sa 09:00-12:00"))
		}
		p.Services = unique(p.Services)
		places[i] = p
	}
	return places
}

func unique(list []string) (out []string) {
	seen := map[string]bool{}
	for _, v := range list {
		if !seen[v] {
			out = append(out, v)
		}
		seen[v] = true
	}
	return out
}
