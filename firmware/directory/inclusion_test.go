package directory_test

import (
	"strings"
	"testing"

	"jeudi/firmware/directory"
)

const structures = `[
 {"id":"carto--1","source":"carto","nom":"Maison des services de Valbrume","siret":"12345678900011","date_maj":"2026-02-14","commune":"Valbrume","code_postal":"01230","code_insee":"01999",
  "adresse":"3 rue des Tilleuls","complement_adresse":null,"latitude":45.9,"longitude":5.35,"telephone":"+33400000001","courriel":"contact@maison.invalid","site_web":"https://maison.invalid/",
  "horaires_accueil":"Mo-Fr 08:30-12:30; PH off","accessibilite_lieu":"https://acces.invalid/1","description":"Toutes les démarches au même endroit.","reseaux_porteurs":["france-service","communes"],"lien_source":null},
 {"id":"carto--2","source":"carto","nom":"Épicerie solidaire","date_maj":"2026-02-14","commune":"Bois-Clair","code_postal":"01240","description":"Produits à petit prix."}
]`

const servicesOf = `[
 {"id":"s1","source":"carto","structure_id":"carto--1","nom":"Aide aux démarches","description":"Avec une personne.","date_maj":"2026-02-14","type":"accompagnement","frais":"gratuit","publics":["tous-publics"],
  "thematiques":["numerique--acceder-a-des-services-en-ligne","famille--soutien-a-la-parentalite-et-a-leducation"],"modes_accueil":["en-presentiel"],"modes_mobilisation":["se-presenter","telephoner"],"mobilisable_par":["usagers","professionnels"]},
 {"id":"s2","source":"carto","structure_id":"carto--1","nom":"Atelier","description":"Premiers pas.","date_maj":"2026-02-14","type":"atelier","frais":"payant","frais_precisions":"2 € par atelier","publics":["seniors"],
  "thematiques":["numerique--maitriser-les-fondamentaux-du-numerique"],"modes_accueil":["a-distance"],"modes_mobilisation":["utiliser-lien-mobilisation"],"lien_mobilisation":"https://rdv.invalid/","horaires_accueil":"Tu 14:00-16:00"},
 {"id":"s3","source":"carto","structure_id":"carto--2","nom":"Colis alimentaire","description":"Sur orientation.","date_maj":"2026-02-14","type":"aide-materielle","publics":["familles","jeunes"],
  "thematiques":["equipement-et-alimentation--alimentation","famille--soutien-a-la-parentalite-et-a-leducation"],"modes_mobilisation":["envoyer-un-courriel"],"mobilisable_par":["professionnels"],"horaires_accueil":"Sa 10:00-12:00"},
 {"id":"s4","source":"carto","structure_id":"elsewhere--9","nom":"Cours du soir","description":"Lire et écrire.","date_maj":"2026-02-14","commune":"Sablonnette","code_postal":"01250","adresse":"1 place du Puits",
  "latitude":46,"longitude":5.4,"thematiques":["lecture-ecriture-calcul--maitriser-le-francais"],"publics":["tous-publics"],"frais":"gratuit","contact_nom_prenom":"Quelqu'un"}
]`

func TestInclusion(t *testing.T) {
	want := []directory.Place{
		{
			ID: "carto--1", Pivot: "12345678900011", Name: "Maison des services de Valbrume", Town: "Valbrume", Postcode: "01230", Insee: "01999", Address: "3 rue des Tilleuls",
			Point: &directory.Point{Lat: 45.9, Lon: 5.35}, Types: []string{"RFS", "MUNI"}, Phone: "+33400000001", Emails: []string{"contact@maison.invalid"},
			Sites: []string{"https://maison.invalid/"}, Hours: "Mo-Fr 08:30-12:30; PH off", Source: "carto", Updated: "2026-02-14",
			Detail:   "Toutes les démarches au même endroit. — Aide aux démarches — Avec une personne. — Atelier — Premiers pas. — 2 € par atelier",
			Services: []string{"procedures", "parents", "everyday"}, Fees: []string{"free", "paying"}, Programmes: []string{"france-services"},
			Access: []string{"walk-in", "phone", "online"}, Support: []string{"individual", "workshop", "remote"}, Accessibility: "https://acces.invalid/1", Booking: "https://rdv.invalid/",
			Themes: []string{"numerique--acceder-a-des-services-en-ligne", "famille--soutien-a-la-parentalite-et-a-leducation", "numerique--maitriser-les-fondamentaux-du-numerique"},
		},
		{
			// No theme of it is digital, so it has no service of the national schema.
			ID: "carto--2", Name: "Épicerie solidaire", Town: "Bois-Clair", Postcode: "01240", Hours: "Sa 10:00-12:00", Source: "carto", Updated: "2026-02-14",
			Detail: "Produits à petit prix. — Colis alimentaire — Sur orientation.", Publics: []string{"families", "young"}, Access: []string{"prescription"},
			Themes: []string{"equipement-et-alimentation--alimentation", "famille--soutien-a-la-parentalite-et-a-leducation"},
		},
		{
			ID: "elsewhere--9", Name: "Cours du soir", Town: "Sablonnette", Postcode: "01250", Address: "1 place du Puits", Point: &directory.Point{Lat: 46, Lon: 5.4},
			Source: "carto", Updated: "2026-02-14", Detail: "Cours du soir — Lire et écrire.", Fees: []string{"free"}, Themes: []string{"lecture-ecriture-calcul--maitriser-le-francais"},
		},
	}
	source := func(name, text string) directory.Source {
		return directory.Source{Name: name, Data: strings.NewReader(text)}
	}
	for name, sources := range map[string][]directory.Source{
		"two files":              {source("structures.json", structures), source("services.json", servicesOf)},
		"the other way round":    {source("services.json", servicesOf), source("structures.json", structures)},
		"one file":               {source("all.json", `{"structures":`+structures+`,"services":`+servicesOf+`}`)},
		"one array for both":     {source("all.json", strings.TrimSuffix(structures, "]")+","+strings.TrimPrefix(servicesOf, "["))},
		"with a page around it":  {source("all.json", `{"items":`+structures+`,"total":2}`), source("services.json", `{"items":`+servicesOf+`,"total":4}`)},
		"beside one that is not": {source("x.json", "nothing"), source("structures.json", structures), source("services.json", servicesOf)},
	} {
		places, report, err := directory.Read(t.Context(), sources...)
		if err != nil {
			t.Errorf("%s: Read = %v; want no error", name, err)
			continue
		}
		same(t, name, places, want)
		if report.Counts[directory.NoStructure] != 1 {
			t.Errorf("%s: problems %+v; want the service without its structure", name, report.Problems)
		}
		if len(sources) > 1 && report.Problems[0].File == "" {
			t.Errorf("%s: problem %+v; want the name of its file", name, report.Problems[0])
		}
	}
}

// Structures alone are places without services; services alone are places under
// their structure's identifier.
func TestInclusionAlone(t *testing.T) {
	places, report := read(t, "structures.json", structures)
	if len(places) != 2 || places[0].Services != nil || places[1].Name != "Épicerie solidaire" {
		t.Errorf("structures alone = %+v; want two places without services", places)
	}
	if report.Counts[directory.NoStructure] != 0 {
		t.Errorf("problems = %+v; want none about structures", report.Problems)
	}
	places, report = read(t, "services.json", `[
	 {"id":"a","structure_id":"x","nom":"Un","commune":"C","thematiques":["numerique--acquerir-un-equipement"]},
	 {"id":"b","structure_id":"x","nom":"Deux","commune":"C","thematiques":["numerique--acceder-a-une-connexion-internet"]}]`)
	if len(places) != 1 || places[0].ID != "x" || places[0].Name != "Un" || strings.Join(places[0].Services, " ") != "equipment access" || report.Counts[directory.NoStructure] != 0 {
		t.Errorf("services alone = %+v, %v; want one place with both", places, report.Counts)
	}
}
