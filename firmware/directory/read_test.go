package directory_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/directory"
)

// read reads one file.
func read(t testing.TB, name, text string) ([]directory.Place, directory.Report) {
	t.Helper()
	places, report, err := directory.Read(t.Context(), directory.Source{Name: name, Data: strings.NewReader(text)})
	if err != nil {
		t.Fatalf("Read(%s) = %v; want no error. Problems: %+v", name, err, report.Problems)
	}
	return places, report
}

// same compares places as they are written.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	a, errA := json.MarshalIndent(got, "", " ")
	b, errB := json.MarshalIndent(want, "", " ")
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("%s = %s; want %s", what, a, b)
	}
}

const header = `"id","pivot","nom","commune","code_postal","code_insee","adresse","complement_adresse","latitude","longitude","typologie","telephone","courriels","site_web","horaires","presentation_resume","presentation_detail","source","itinerance","structure_parente","date_maj","services","publics_specifiquement_adresses","prise_en_charge_specifique","frais_a_charge","dispositif_programmes_nationaux","formations_labels","autres_formations_labels","modalites_acces","modalites_accompagnement","fiche_acces_libre","prise_rdv"` + "\n"

// full is a place with something in every column, and how it stands in a file.
const fullLine = `"lieu-1|b","12345678900011","Maison Grand'Rue","Valbrume","01230","01999","3 BIS RUE DES TILLEULS","Au fond de la cour","45.9","5.35","TIERS_LIEUX|ASSO","+33400000001","contact@maison.invalid|aide@maison.invalid","https://maison.invalid/|https://reseau.invalid/maison","Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00","On y apprend, ＂sans se presser＂.","Une grande salle, trois ordinateurs.","Essai","Itinérant|Fixe","Réseau Valbrume","2026-03-14","Maîtrise des outils numériques du quotidien|Compréhension du monde numérique","Jeunes|Femmes","Surdité|Langues étrangères (anglais)","Gratuit sous condition|Payant","Aidants Connect|Point d'accès numérique CAF","Formé à « Mon Espace Santé »|Étapes numériques(La Poste)","Label local","Se présenter|Ce lieu n'accueille pas de public","Dans un atelier collectif|À distance","https://acces.invalid/fiche","https://rdv.invalid/"` + "\n"

func full() directory.Place {
	return directory.Place{
		ID: "lieu-1|b", Pivot: "12345678900011", Name: "Maison Grand'Rue", Town: "Valbrume", Postcode: "01230", Insee: "01999",
		Address: "3 BIS RUE DES TILLEULS", Extra: "Au fond de la cour", Point: &directory.Point{Lat: 45.9, Lon: 5.35},
		Types: []string{"TIERS_LIEUX", "ASSO"}, Phone: "+33400000001", Emails: []string{"contact@maison.invalid", "aide@maison.invalid"},
		Sites: []string{"https://maison.invalid/", "https://reseau.invalid/maison"}, Hours: "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00",
		Summary: "On y apprend, ＂sans se presser＂.", Detail: "Une grande salle, trois ordinateurs.", Source: "Essai", Roaming: []string{"roaming", "fixed"},
		Parent: "Réseau Valbrume", Updated: "2026-03-14", Services: []string{"everyday", "understanding"}, Publics: []string{"young", "women"},
		Care: []string{"deaf", "english"}, Fees: []string{"conditional", "paying"}, Programmes: []string{"aidants-connect", "caf"},
		Labels: []string{"mon-espace-sante", "etapes-numeriques"}, OtherLabels: []string{"Label local"}, Access: []string{"walk-in", "no-public"},
		Support: []string{"workshop", "remote"}, Accessibility: "https://acces.invalid/fiche", Booking: "https://rdv.invalid/",
	}
}

func TestReadSchema(t *testing.T) {
	places, report := read(t, "lieux.csv", header+fullLine)
	same(t, "a line with every column", places, []directory.Place{full()})
	if report.Places != 1 || len(report.Problems) != 0 {
		t.Errorf("report = %+v; want one place and no problem", report)
	}
}

// One place in the forms it comes in.
func TestReadForms(t *testing.T) {
	want := []directory.Place{{
		ID: "a1", Name: "Espace l’Étang", Town: "Bois-Clair", Postcode: "01234", Address: "1 place de l'Église", Updated: "2022-06-02",
		Hours: "Mo 09:00-12:00; Tu off", Services: []string{"procedures", "access"}, Fees: []string{"free"},
	}}
	const (
		v1   = "id,nom,commune,code_postal,adresse,latitude,longitude,date_maj,horaires,services,frais_a_charge,pivot\n"
		line = "a1,Espace l’Étang,Bois-Clair,01234,1 place de l'Église,0,0,2022-06-02,Mo 09:00-12:00; Tu off,"
	)
	for name, text := range map[string]string{
		"bare":               v1 + line + "Aide aux démarches administratives|Accès internet et matériel informatique,Gratuit,00000000000000\n",
		"without a line end": v1 + line + "Aide aux démarches administratives|Accès internet et matériel informatique,Gratuit,",
		"BOM and CRLF":       "\ufeff" + strings.ReplaceAll(v1+line+"Aide aux démarches administratives|Accès internet et matériel informatique,Gratuit,\n", "\n", "\r\n"),
		"semicolons between columns": strings.ReplaceAll(v1, ",", ";") +
			"a1;Espace l’Étang;Bois-Clair;01234;1 place de l'Église;;;2022-06-02;\"Mo 09:00-12:00; Tu off\";Aide aux démarches administratives|Accès internet et matériel informatique;Gratuit;\n",
		"v0.1.1": "id,nom,commune,code_postal,adresse,latitude,longitude,cle_ban,date_maj,horaires,services,conditions_acces,pivot\n" +
			"a1,Espace l’Étang,Bois-Clair,01234,1 place de l'Église,,,x,2022-06-02,Mo 09:00-12:00; Tu off," +
			"Devenir autonome dans les démarches administratives;Réaliser des démarches administratives avec un accompagnement;Accéder à du matériel," +
			"Gratuit : Je peux accéder gratuitement au lieu et à ses services,00000000000000\n",
		"JSON": `[{"id":"a1","nom":"Espace l’Étang","commune":"Bois-Clair","code_postal":"01234","adresse":"1 place de l'Église","latitude":0,"longitude":0,
			"date_maj":"2022-06-02","horaires":"Mo 09:00-12:00; Tu off","services":["Aide aux démarches administratives","Accéder à du matériel"],"frais_a_charge":"Gratuit","autre":{"a":1},"pivot":null}]`,
		"JSON with a name for its array": `{"date":"2026-01-01","lieux":[{"id":"a1","nom":"Espace l’Étang","commune":"Bois-Clair","code_postal":"01234","adresse":"1 place de l'Église",
			"date_maj":"2022-06-02","horaires":"Mo 09:00-12:00; Tu off","services":"aide aux demarches administratives|acces internet et materiel informatique","conditions_acces":"Gratuit"}],"pages":{"n":1}}`,
	} {
		places, _ := read(t, name, text)
		same(t, name, places, want)
	}
}

// The values of schema v0.1.1, and of both schemas in one file.
func TestReadFormerValues(t *testing.T) {
	const before = "id,nom,commune,code_postal,adresse,date_maj,"
	const one = "a,B,C,01234,D,2022-01-01,"
	for _, c := range []struct {
		column, value string
		want          func(directory.Place) []string
		keys          string
	}{
		{"services", "Accompagner les démarches de santé;Prendre en main un ordinateur;Utiliser le numérique au quotidien;Approfondir ma culture numérique", services, "procedures everyday understanding"},
		{"services", "Favoriser mon insertion professionnelle;Créer et développer mon entreprise;Créer avec le numérique", services, "work leisure"},
		{"services", "Soutenir la parentalité et l’éducation avec le numérique;S’équiper en matériel informatique;Promouvoir la citoyenneté numérique", services, "parents equipment understanding"},
		{"services", "COMPREHENSION DU MONDE NUMERIQUE|Utilisation sécurisée du numérique", services, "understanding safety"},
		{"publics_accueillis", "Familles/enfants;Jeunes (16-26 ans);Seniors (+ 65 ans)", func(p directory.Place) []string { return p.Publics }, "families young seniors"},
		{"publics_accueillis", "Adultes;Familles/enfants;Jeunes (16-26 ans)", func(p directory.Place) []string { return p.Publics }, ""},
		{"publics_accueillis", "Surdité;Handicaps psychiques : troubles;Personnes en situation d'illettrisme;Public langues étrangères", func(p directory.Place) []string { return p.Care }, "deaf mental illiteracy languages"},
		{"conditions_acces", "Adhésion : L'accès au lieu et/ou à ses services nécessite d'y adhérer", func(p directory.Place) []string { return p.Fees }, "paying"},
		{"labels_nationaux", "CNFS;France Services;Point relais CAF", func(p directory.Place) []string { return p.Programmes }, "conseillers-numeriques france-services caf"},
		{"labels_nationaux", "Fabriques de Territoire", func(p directory.Place) []string { return p.Labels }, "fabriques-de-territoire"},
		{"labels_nationaux", "French Tech", func(p directory.Place) []string { return p.OtherLabels }, "French Tech"},
		{"formations_labels", "Étapes numériques (La Poste)", func(p directory.Place) []string { return p.Labels }, "etapes-numeriques"},
		{"modalites_accompagnement", "Seul : j'ai accès à du matériel et une connexion;Dans un atelier : j'apprends", func(p directory.Place) []string { return p.Support }, "alone workshop"},
		{"site_web", "https://a.invalid/x;y=1;http://b.invalid", func(p directory.Place) []string { return p.Sites }, "https://a.invalid/x;y=1 http://b.invalid"},
		{"courriel", "a@b.invalid; c@d.invalid", func(p directory.Place) []string { return p.Emails }, "a@b.invalid c@d.invalid"},
		{"typologie", "CC;CCAS", func(p directory.Place) []string { return p.Types }, "CC CCAS"},
	} {
		places, report := read(t, "x.csv", before+c.column+"\n"+one+`"`+c.value+`"`+"\n")
		if got := strings.Join(c.want(places[0]), " "); got != c.keys {
			t.Errorf("%s %q = %q; want %q", c.column, c.value, got, c.keys)
		}
		if report.Counts[directory.UnknownValue] > 0 {
			t.Errorf("%s %q has unknown values: %+v", c.column, c.value, report.Problems)
		}
	}
}

func services(p directory.Place) []string { return p.Services }

// What is wrong with a value is told, and costs no more than that value.
func TestProblems(t *testing.T) {
	for _, c := range []struct {
		column, value string
		code          directory.Code
		done          directory.Done
		got           func(directory.Place) any
		want          any
	}{
		{"code_postal", "1234", directory.BadPostcode, directory.Mended, func(p directory.Place) any { return p.Postcode }, "01234"},
		{"code_postal", "69 150", directory.BadPostcode, directory.Mended, func(p directory.Place) any { return p.Postcode }, "69150"},
		{"code_postal", "Lyon", directory.BadPostcode, directory.ValueLeft, func(p directory.Place) any { return p.Postcode }, ""},
		{"code_insee", "1234", directory.BadInsee, directory.Mended, func(p directory.Place) any { return p.Insee }, "01234"},
		{"code_insee", "20123", directory.BadInsee, directory.ValueLeft, func(p directory.Place) any { return p.Insee }, ""},
		{"pivot", "123 456 789 00011", directory.BadPivot, directory.Mended, func(p directory.Place) any { return p.Pivot }, "12345678900011"},
		{"pivot", "12-34", directory.BadPivot, directory.ValueLeft, func(p directory.Place) any { return p.Pivot }, ""},
		{"telephone", "04 72 00 00 01", directory.BadPhone, directory.Mended, func(p directory.Place) any { return p.Phone }, "+33472000001"},
		{"telephone", "+33 (0)4.72.00.00.01", directory.BadPhone, directory.Mended, func(p directory.Place) any { return p.Phone }, "+33472000001"},
		{"telephone", "0033472000001 / 0472000002", directory.BadPhone, directory.Mended, func(p directory.Place) any { return p.Phone }, "+33472000001"},
		{"telephone", "3646", directory.BadPhone, directory.Kept, func(p directory.Place) any { return p.Phone }, "3646"},
		{"telephone", "sur demande", directory.BadPhone, directory.ValueLeft, func(p directory.Place) any { return p.Phone }, ""},
		{"courriels", "nobody", directory.BadEmail, directory.ValueLeft, func(p directory.Place) any { return len(p.Emails) }, 0},
		{"site_web", "www.maison.invalid/aide", directory.BadLink, directory.Mended, func(p directory.Place) any { return p.Sites[0] }, "https://www.maison.invalid/aide"},
		{"prise_rdv", "javascript:alert(1)", directory.BadLink, directory.ValueLeft, func(p directory.Place) any { return p.Booking }, ""},
		{"horaires", "lundi matin", directory.BadHours, directory.Kept, func(p directory.Place) any { return p.Hours }, "lundi matin"},
		{"date_maj", "14/03/2026", "", 0, func(p directory.Place) any { return p.Updated }, "2026-03-14"},
		{"date_maj", "2026-03-14T10:00:00Z", "", 0, func(p directory.Place) any { return p.Updated }, "2026-03-14"},
		{"date_maj", "hier", directory.BadDate, directory.ValueLeft, func(p directory.Place) any { return p.Updated }, ""},
		{"services", "Cuisine|Utilisation sécurisée du numérique", directory.UnknownValue, directory.ValueLeft, func(p directory.Place) any { return p.Services[0] }, "safety"},
		{"typologie", "Une mairie|MUNI", directory.BadType, directory.ValueLeft, func(p directory.Place) any { return p.Types[0] }, "MUNI"},
		{"adresse", "1 rue\u202e A\u0007", directory.Control, directory.Mended, func(p directory.Place) any { return p.Address }, "1 rue A"},
		{"nom", strings.Repeat("é", 301), directory.TooLong, directory.Mended, func(p directory.Place) any { return len([]rune(p.Name)) }, 300},
		{"presentation_resume", strings.Repeat("é", 281), directory.TooLong, directory.Mended, func(p directory.Place) any { return len([]rune(p.Summary)) + len([]rune(p.Detail)) }, 280 + 281},
		{"id", "", directory.MadeID, directory.Mended, func(p directory.Place) any { return strings.HasPrefix(p.ID, "place-") }, true},
		{"adresse", "", directory.Required, directory.Kept, func(p directory.Place) any { return p.Address }, ""},
	} {
		good := map[string]string{"id": "x", "nom": "N", "commune": "C", "code_postal": "01234", "adresse": "A", "date_maj": "2026-01-01"}
		good[c.column] = c.value
		data, err := json.Marshal([]map[string]string{good})
		if err != nil {
			t.Fatal(err)
		}
		places, report := read(t, "x.json", string(data))
		if got := c.got(places[0]); got != c.want {
			t.Errorf("%s %.40q = %v; want %v", c.column, c.value, got, c.want)
		}
		if c.code == "" {
			if len(report.Problems) > 0 {
				t.Errorf("%s %.40q has problems %+v; want none", c.column, c.value, report.Problems)
			}
			continue
		}
		if !slices.ContainsFunc(report.Problems, func(p directory.Problem) bool {
			return p.Code == c.code && p.Done == c.done && p.Column == c.column && p.Line == 1
		}) {
			t.Errorf("%s %.40q has problems %+v; want %s, %v", c.column, c.value, report.Problems, c.code, c.done)
		}
	}
}

func TestPoints(t *testing.T) {
	for _, c := range []struct {
		lat, lon string
		want     *directory.Point
		code     directory.Code
	}{
		{`45.5`, `4.9`, &directory.Point{Lat: 45.5, Lon: 4.9}, ""},
		{`"45,5"`, `"4,9"`, &directory.Point{Lat: 45.5, Lon: 4.9}, ""},
		{`0`, `0`, nil, ""},
		{`"0"`, `"0.0"`, nil, ""},
		{`""`, `""`, nil, ""},
		{`null`, `null`, nil, ""},
		{`48.5`, `0`, &directory.Point{Lat: 48.5}, ""}, // the meridian of Greenwich crosses France
		{`48.5`, `""`, nil, directory.BadPoint},
		{`0`, `4.9`, nil, directory.BadPoint},
		{`145.5`, `4.9`, nil, directory.BadPoint},
		{`"NaN"`, `"NaN"`, nil, directory.BadPoint},
		{`"Inf"`, `4`, nil, directory.BadPoint},
		{`"ici"`, `4.9`, nil, directory.BadPoint},
		{`4.9`, `45.5`, &directory.Point{Lat: 45.5, Lon: 4.9}, directory.Swapped},
		{`-21.1`, `55.5`, &directory.Point{Lat: -21.1, Lon: 55.5}, ""}, // La Réunion
		{`-12.8`, `45.2`, &directory.Point{Lat: -12.8, Lon: 45.2}, ""}, // Mayotte
	} {
		places, report := read(t, "x.json", fmt.Sprintf(`[{"id":"x","nom":"N","commune":"C","code_postal":"01234","adresse":"A","date_maj":"2026-01-01","latitude":%s,"longitude":%s}]`, c.lat, c.lon))
		if got := places[0].Point; (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s %s = %v; want %v", c.lat, c.lon, got, c.want)
		}
		var code directory.Code
		if len(report.Problems) > 0 {
			code = report.Problems[0].Code
		}
		if code != c.code {
			t.Errorf("%s %s has problems %+v; want %q", c.lat, c.lon, report.Problems, c.code)
		}
	}
}

// Bad lines cost themselves alone, and are told with their number.
func TestBadLines(t *testing.T) {
	const text = "id,nom,commune,code_postal,adresse,date_maj,inconnue\n" +
		"1,Un,A,01000,x,2026-01-01,\n" +
		"2,\"Deux,A,01000,x,2026-01-01,\n" + // the quote is not closed
		"3,Trois,A,01000,x,2026-01-01,\n" +
		"4,Quatre, rue,A,01000,x,2026-01-01,y\n" + // a comma too many
		"\n" +
		"5,\"Cinq \"\"dit\"\" cinq\",A,01000,\"x\ny\",2026-01-01,\n" + // two lines
		"6,Six \"et demi\",A,01000\n" + // the end is missing
		"7,\"Sept \"vrai\" sept\",A,01000,x,2026-01-01,,,,\n" +
		"1,Encore un,A,01000,x,2026-01-01,\n" + // the same identifier
		"8,,A,01000,x,2026-01-01,\n" + // no name
		"9,Neuf,,,x,2026-01-01,\n" + // nowhere
		"10,Dix,A,01000,x,2026-01-01,\n"
	places, report := read(t, "x.csv", text)
	var got []string
	for _, p := range places {
		got = append(got, p.ID+" "+p.Name+" "+p.Address)
	}
	want := []string{"1 Un x", "3 Trois x", `5 Cinq "dit" cinq x y`, `6 Six "et demi" `, `7 Sept "vrai" sept x`, "10 Dix x"}
	if !slices.Equal(got, want) {
		t.Errorf("Read = %q; want %q", got, want)
	}
	type brief struct {
		line int
		code directory.Code
		done directory.Done
	}
	var problems []brief
	for _, p := range report.Problems {
		problems = append(problems, brief{p.Line, p.Code, p.Done})
	}
	wantProblems := []brief{
		{1, directory.UnknownColumn, directory.ValueLeft}, {1, directory.NoColumn, directory.Kept},
		{3, directory.Quotes, directory.PlaceLeft}, {5, directory.Fields, directory.PlaceLeft},
		{9, directory.Fields, directory.Kept}, {9, directory.Required, directory.Kept}, {9, directory.Required, directory.Kept},
		{11, directory.Duplicate, directory.PlaceLeft}, {12, directory.NoName, directory.PlaceLeft}, {13, directory.NoWhere, directory.PlaceLeft},
	}
	if !slices.Equal(problems, wantProblems) {
		t.Errorf("problems = %+v; want %+v", problems, wantProblems)
	}
	if report.Left != 5 || report.Places != 6 {
		t.Errorf("report = %d places, %d left; want 6, 5", report.Places, report.Left)
	}
	if codes := report.Codes(); len(codes) == 0 || codes[0] != directory.Fields && codes[0] != directory.Required {
		t.Errorf("Codes() = %v; want the most frequent first", codes)
	}
}

// A quote that nobody closes at the end of a file costs its line alone.
func TestQuoteAtTheEnd(t *testing.T) {
	places, report := read(t, "x.csv", "id,nom,commune\n1,Un,A\n2,\"Deux,A\n3,Trois,B\n4,\"Quatre,B")
	if len(places) != 2 || report.Counts[directory.Quotes] != 2 {
		t.Errorf("Read = %d places, %v; want 2, and 2 quotes", len(places), report.Counts)
	}
}

// A JSON that is cut in the middle gives what came before.
func TestBrokenJSON(t *testing.T) {
	const good = `{"id":"%d","nom":"N","commune":"C"}`
	text := "[\n" + fmt.Sprintf(good, 1) + ",\n" + fmt.Sprintf(good, 2) + ",\n7,\n" + fmt.Sprintf(good, 3) + ",\n{\"id\":\"4\",\"no"
	places, report := read(t, "x.json", text)
	if len(places) != 3 || report.Counts[directory.NotARecord] != 1 || report.Counts[directory.Broken] != 1 {
		t.Errorf("Read = %d places, %v; want 3, one that is no record, and broken", len(places), report.Counts)
	}
	for _, p := range report.Problems {
		if p.Code == directory.NotARecord && p.Line != 4 {
			t.Errorf("the element that is no record is in line %d; want 4", p.Line)
		}
	}
}

func TestEncodings(t *testing.T) {
	const text = "id,nom,commune\n1,Médiathèque « l’Étang » à 5 €,Valbrûme\n"
	latin := []byte(nil)
	for _, r := range text {
		switch r {
		case '€':
			latin = append(latin, 0x80)
		case '’':
			latin = append(latin, 0x92)
		default:
			latin = append(latin, byte(r))
		}
	}
	places, report := read(t, "x.csv", string(latin))
	if want := "Médiathèque « l’Étang » à 5 €"; places[0].Name != want || report.Counts[directory.Encoding] != 1 {
		t.Errorf("Windows-1252 = %q, %v; want %q, told once", places[0].Name, report.Counts, want)
	}
	places, report = read(t, "x.csv", text+"2,Mair\xffie é,Valbrûme\n")
	if places[0].Name != "Médiathèque « l’Étang » à 5 €" || places[1].Name != "Mair\ufffdie é" || report.Counts[directory.Encoding] != 1 {
		t.Errorf("a damaged byte = %q, %q, %v; want � for it, told once", places[0].Name, places[1].Name, report.Counts)
	}
}

func TestReadRefuses(t *testing.T) {
	broken := errors.New("the stick was pulled out")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		data io.Reader
		want error
	}{
		"empty":            {t.Context(), strings.NewReader(""), directory.ErrNoPlace},
		"a header alone":   {t.Context(), strings.NewReader(header), directory.ErrNoPlace},
		"no usable line":   {t.Context(), strings.NewReader("id,nom,commune\n1,,A\n"), directory.ErrNoPlace},
		"another table":    {t.Context(), strings.NewReader("Date,Montant\n1,2\n"), directory.ErrFormat},
		"a text":           {t.Context(), strings.NewReader("Bonjour."), directory.ErrFormat},
		"a picture":        {t.Context(), strings.NewReader("\x89PNG\r\n\x1a\n\x00\x00nom,commune"), directory.ErrFormat},
		"UTF-16":           {t.Context(), strings.NewReader("\xff\xfei\x00d\x00"), directory.ErrFormat},
		"an empty array":   {t.Context(), strings.NewReader("[]"), directory.ErrFormat},
		"an object":        {t.Context(), strings.NewReader(`{"a":1}`), directory.ErrFormat},
		"an open brace":    {t.Context(), strings.NewReader(`{`), directory.ErrFormat},
		"too big":          {t.Context(), io.LimitReader(endless{}, directory.MaxFile+1), directory.ErrTooBig},
		"a fault":          {t.Context(), io.MultiReader(strings.NewReader(header), fault{broken}), broken},
		"nobody waits":     {cancelled, strings.NewReader(header + fullLine), context.Canceled},
		"nameless columns": {t.Context(), strings.NewReader(",,,\n1,2,3\n"), directory.ErrFormat},
	} {
		places, _, err := directory.Read(c.ctx, directory.Source{Name: "x", Data: c.data})
		if !errors.Is(err, c.want) || places != nil {
			t.Errorf("Read of %s = %d places, %v; want none, %v", name, len(places), err, c.want)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

type fault struct{ err error }

func (f fault) Read([]byte) (int, error) { return 0, f.err }

// A line or an element that is too long costs itself alone, and the problems told
// have an end.
func TestLimits(t *testing.T) {
	long := strings.Repeat("x", directory.MaxRecord)
	places, report := read(t, "x.csv", "id,nom,commune\n1,Un,A\n2,\""+long+"\",A\n3,Trois,A\n")
	if len(places) != 2 || report.Counts[directory.Quotes] != 1 {
		t.Errorf("a long line: %d places, %v; want 2", len(places), report.Counts)
	}
	places, report = read(t, "x.json", `[{"id":"1","nom":"Un","commune":"A"},{"id":"2","nom":"`+long+`","commune":"A"},{"id":"3","nom":"Trois","commune":"A"}]`)
	if len(places) != 2 || report.Counts[directory.NotARecord] != 1 {
		t.Errorf("a long element: %d places, %v; want 2", len(places), report.Counts)
	}

	places, report = read(t, "x.csv", "id,nom,commune\n1,Un,A\n"+strings.Repeat("\"a\n", 200_000))
	if len(places) != 1 || report.Counts[directory.Quotes] != 200_000 {
		t.Errorf("a file of open quotes: %d places, %v; want 1, and each told", len(places), report.Counts)
	}

	var many strings.Builder
	many.WriteString("id,nom,commune\n")
	for i := range directory.MaxPlaces + 5 {
		fmt.Fprintf(&many, "%d,N,C\n", i)
	}
	places, report = read(t, "x.csv", many.String())
	if len(places) != directory.MaxPlaces || report.Counts[directory.TooMany] != 1 {
		t.Errorf("too many lines: %d places, %v; want %d", len(places), report.Counts[directory.TooMany], directory.MaxPlaces)
	}
	if len(report.Problems) != directory.MaxProblems || report.More == 0 {
		t.Errorf("%d problems told and %d more; want %d and some", len(report.Problems), report.More, directory.MaxProblems)
	}
	values := strings.TrimSuffix(strings.Repeat("AB|", 10)+strings.Join(numbered("T", 60), "|"), "|")
	places, _ = read(t, "x.csv", "id,nom,commune,typologie\n1,Un,A,"+values+"\n")
	if n := len(places[0].Types); n != directory.MaxValues {
		t.Errorf("a long list has %d values; want %d", n, directory.MaxValues)
	}
}

func numbered(s string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint(s, i))
	}
	return out
}

// What is read is as it should be: reading what was written changes nothing, and
// neither does keeping it.
func FuzzRead(f *testing.F) {
	f.Add([]byte(header + fullLine))
	f.Add([]byte("id;nom;commune;courriel;latitude;longitude\r\n1;\"Un;A\r\n2;Deux;\"B\nC\";a@b.fr;45,1;4\r\n"))
	f.Add([]byte(`[{"id":1,"nom":"N","commune":["C","D"],"site_web":["a.fr"],"telephone":"04 72 00 00 00"},{"structure_id":"s","nom":"x"}]`))
	f.Add([]byte(`{"structures":[{"id":"s","nom":"N","siret":"1","commune":"C","description":"d"}],"services":[{"structure_id":"s","thematiques":["numerique--acquerir-un-equipement"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		places, report, err := directory.Read(t.Context(), directory.Source{Name: "x", Data: bytes.NewReader(data)})
		if err != nil {
			return
		}
		if report.Places != len(places) || len(places) == 0 {
			t.Fatalf("Read = %d places, reported %d; want as many, and some", len(places), report.Places)
		}
		ids := map[string]bool{}
		for _, p := range places {
			if p.ID == "" || p.Name == "" || ids[p.ID] {
				t.Fatalf("Read gives a place %q %q; want an identifier of its own and a name", p.ID, p.Name)
			}
			ids[p.ID] = true
			again, problems, err := directory.Check(p)
			if err != nil {
				t.Fatalf("Check(%+v) = %v, %v; want no error", p, problems, err)
			}
			same(t, "Check", again, p)
		}
		first, second := export(t, places), ""
		back, _, err := directory.Read(t.Context(), directory.Source{Name: "x.csv", Data: strings.NewReader(first)})
		if err == nil {
			second = export(t, back)
		}
		if first != second {
			t.Fatalf("written, read and written again = %v\n%s\nwant\n%s", err, second, first)
		}
	})
}

func export(t testing.TB, places []directory.Place) string {
	t.Helper()
	var b strings.Builder
	if err := directory.New(places, directory.Origin{}).Export(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
