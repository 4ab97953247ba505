package directory_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/directory"
	"jeudi/firmware/directory/hours"
)

// noon is a Wednesday without a public holiday near.
func noon() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

func names(hits []directory.Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Place.ID)
	}
	return strings.Join(out, " ")
}

// town is a small directory: one degree of latitude is 111 km.
func town() *directory.Directory {
	at := func(km float64) *directory.Point { return &directory.Point{Lat: 45 + km/111.195, Lon: 5} }
	return directory.New([]directory.Place{
		{ID: "library", Name: "Médiathèque de l’Étang", Town: "Bois-Clair", Postcode: "01240", Address: "2 rue du Moulin", Point: at(1), Services: []string{"access", "everyday"}, Fees: []string{"free"}, Hours: "Tu-Sa 10:00-18:00"},
		{ID: "office", Name: "Maison de la Solidarité", Town: "Valbrume", Postcode: "01230", Point: at(3), Services: []string{"procedures"}, Fees: []string{"free"}, Hours: "Mo-Fr 14:00-17:00", Care: []string{"deaf"}, Languages: []string{"ar"}},
		{ID: "young", Name: "Point jeunes", Town: "Valbrume", Postcode: "01230", Point: at(2), Services: []string{"work", "procedures"}, Publics: []string{"young"}, Hours: "lundi"},
		{ID: "women", Name: "Espace Femmes", Town: "Bois-Clair", Postcode: "01240", Point: at(2.5), Services: []string{"procedures"}, Publics: []string{"women"}, Fees: []string{"free"}, Hours: "24/7"},
		{ID: "shop", Name: "Atelier du Réemploi", Town: "Sablonnette", Services: []string{"equipment"}, Fees: []string{"paying"}, Entitles: "Un ordinateur à moitié prix", Hours: "We 09:00-11:00"},
		{ID: "back", Name: "Bureau sans accueil", Town: "Valbrume", Point: at(0.1), Services: []string{"procedures", "equipment"}, Fees: []string{"free"}, Access: []string{"no-public"}, Hours: "24/7"},
		{ID: "far", Name: "Cœur de ville", Town: "Montfleuret", Point: at(80), Services: []string{"procedures"}, Care: []string{"languages", "english"}, Hours: "24/7"},
	}, directory.Origin{Name: "essai.csv", At: noon()})
}

func TestSearch(t *testing.T) {
	d, here := town(), &directory.Point{Lat: 45, Lon: 5}
	for _, c := range []struct {
		what string
		q    directory.Query
		want string
	}{
		{"everything is by name", directory.Query{}, "shop back far women office library young"},
		{"a word without its accents", directory.Query{Words: "mediatheque"}, "library"},
		{"the beginning of a word, in capitals", directory.Query{Words: "MÉDIA"}, "library"},
		{"small words do not count", directory.Query{Words: "maison des solidarites"}, ""},
		{"small words do not count", directory.Query{Words: "maison de solidarite"}, "office"},
		{"an apostrophe parts words", directory.Query{Words: "l'etang"}, "library"},
		{"a ligature", directory.Query{Words: "coeur"}, "far"},
		{"all words, in any field", directory.Query{Words: "femmes bois clair"}, "women"},
		{"a name weighs more than a service", directory.Query{Words: "reemploi"}, "shop"},
		{"a word of a service", directory.Query{Words: "démarches"}, "back far women office young"},
		{"what it entitles to", directory.Query{Words: "ordinateur"}, "shop"},
		{"a postcode", directory.Query{Words: "01240 moulin"}, "library"},
		{"a town", directory.Query{Words: "valbrume"}, "back office young"},
		{"nothing", directory.Query{Words: "xyz"}, ""},
		{"small words alone", directory.Query{Words: "de la"}, "shop back far women office library young"},
		{"one of the services", directory.Query{Services: []string{"access", "equipment"}}, "shop back library"},
		{"a service nobody knows", directory.Query{Services: []string{"cooking"}}, ""},
		{"young, and for everybody", directory.Query{Publics: []string{"young"}, Services: []string{"procedures"}}, "back far office young"},
		{"care", directory.Query{Care: []string{"deaf"}}, "office"},
		{"fees", directory.Query{Fees: []string{"paying"}}, "shop"},
		{"a language somebody speaks", directory.Query{Language: "ar"}, "far office"},
		{"English", directory.Query{Language: "en"}, "far"},
		{"French is spoken everywhere", directory.Query{Language: "fr", Words: "valbrume"}, "back office young"},
		{"near", directory.Query{Near: here}, "back library young women office far shop"},
		{"near enough", directory.Query{Near: here, Within: 2600}, "back library young women"},
		{"open now, then unknown", directory.Query{At: noon(), OpenNow: true, Near: here}, "back library women far young"},
		{"open in two hours", directory.Query{At: noon(), OpenWithin: 2 * time.Hour, Near: here}, "back library women office far young"},
		{"in an hour and 59 minutes", directory.Query{At: noon(), OpenWithin: 119 * time.Minute, Near: here}, "back library women far young"},
		{"in a week", directory.Query{At: noon(), OpenWithin: 7 * 24 * time.Hour, Services: []string{"equipment"}}, "shop back"},
		{"no time, no hours", directory.Query{OpenNow: true, Services: []string{"equipment"}}, "shop back"},
		{"the first two", directory.Query{Near: here, Limit: 2}, "back library"},
	} {
		hits := d.Search(c.q)
		if got := names(hits); got != c.want {
			t.Errorf("%s: Search(%+v) = %s; want %s", c.what, c.q, got, c.want)
		}
		if c.q.Limit == 0 {
			if n := d.Count(c.q); n != len(hits) {
				t.Errorf("%s: Count = %d; want %d", c.what, n, len(hits))
			}
		}
	}
}

func TestHit(t *testing.T) {
	hits := town().Search(directory.Query{Words: "solidarite", Near: &directory.Point{Lat: 45, Lon: 5}, At: noon()})
	if len(hits) != 1 {
		t.Fatalf("Search = %d hits; want 1", len(hits))
	}
	h := hits[0]
	opens := noon().Add(2 * time.Hour)
	if math.Abs(h.Distance-3000) > 1 || h.State != hours.Closed || !h.Until.Equal(opens) || !h.Opens.Equal(opens) || !h.Hours.Known() {
		t.Errorf("hit = %.1f m, %v until %v, opens %v; want 3000 m, closed until %v", h.Distance, h.State, h.Until, h.Opens, opens)
	}
	h = town().Search(directory.Query{Words: "reemploi", Near: &directory.Point{Lat: 45, Lon: 5}})[0]
	if h.Distance != -1 || h.State != hours.Unknown || !h.Opens.IsZero() {
		t.Errorf("hit without a point and a time = %v m, %v, %v; want -1 m, unknown", h.Distance, h.State, h.Opens)
	}
}

// Distances against those of geodesists on the sphere.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b directory.Point
		want float64
	}{
		{directory.Point{Lat: 45.764, Lon: 4.8357}, directory.Point{Lat: 45.7695, Lon: 4.957}, 9430},    // Lyon, Décines
		{directory.Point{Lat: 48.8566, Lon: 2.3522}, directory.Point{Lat: 45.764, Lon: 4.8357}, 391500}, // Paris, Lyon
		{directory.Point{Lat: -16.8, Lon: 179.9}, directory.Point{Lat: -16.8, Lon: -179.9}, 21290},      // across the date line
		{directory.Point{Lat: 45, Lon: 5}, directory.Point{Lat: 45, Lon: 5}, 0},
	} {
		if got := c.a.Distance(c.b); math.Abs(got-c.want) > c.want*0.01 {
			t.Errorf("Distance(%v, %v) = %.0f; want %.0f", c.a, c.b, got, c.want)
		}
	}
}

func TestPropose(t *testing.T) {
	d, here := town(), &directory.Point{Lat: 45, Lon: 5}
	for _, c := range []struct {
		what string
		wish directory.Wish
		at   time.Time
		from *directory.Point
		want string
	}{
		{"never one that receives nobody, is for others, or is far", directory.Wish{Services: []string{"procedures"}}, noon(), here, "office young"},
		{"for a woman", directory.Wish{Services: []string{"procedures"}, Publics: []string{"women"}}, noon(), here, "women office"},
		{"for somebody young", directory.Wish{Services: []string{"procedures"}, Publics: []string{"young"}}, noon(), here, "office young"},
		{"both services before one", directory.Wish{Services: []string{"procedures", "work"}, Publics: []string{"young"}}, time.Date(2026, 11, 27, 17, 30, 0, 0, time.UTC), here, "young office"},
		{"without knowing where", directory.Wish{Services: []string{"procedures"}, Publics: []string{"women"}}, noon(), nil, "women office far"},
		{"what it entitles to counts as free", directory.Wish{Services: []string{"equipment"}}, noon(), here, "shop"},
		{"paying is no way", directory.Wish{Services: []string{"equipment"}, Free: true}, noon(), here, ""},
		{"a language", directory.Wish{Language: "ar"}, noon(), here, "office library young"},
		{"no service known", directory.Wish{}, noon(), here, "library office young"},
		{"not here", directory.Wish{Except: []string{"library", "young"}}, noon(), here, "office shop"},
	} {
		got := names(d.Propose(c.wish, c.at, c.from, 3))
		if got != c.want {
			t.Errorf("%s: Propose(%+v, %v) = %s; want %s", c.what, c.wish, c.at, got, c.want)
		}
		if again := names(d.Propose(c.wish, c.at, c.from, 3)); again != got {
			t.Errorf("%s: Propose = %s, then %s; want the same", c.what, got, again)
		}
		if one := names(d.Propose(c.wish, c.at, c.from, 1)); one != strings.SplitN(got+" ", " ", 2)[0] {
			t.Errorf("%s: the one best = %s; want the first of %s", c.what, one, got)
		}
	}
	if hits := d.Propose(directory.Wish{}, noon(), here, 0); hits != nil {
		t.Errorf("Propose of none = %v; want none", hits)
	}
}

// One thing at a time: the better of two places that differ in it comes first.
func TestProposePrefers(t *testing.T) {
	base := func(id string) directory.Place {
		return directory.Place{ID: id, Name: id, Town: "Valbrume", Point: &directory.Point{Lat: 45, Lon: 5.01}, Services: []string{"procedures"}, Fees: []string{"free"}, Hours: "Mo-Fr 09:00-18:00"}
	}
	wish := directory.Wish{Services: []string{"procedures", "access"}, Care: []string{"blind"}, Language: "tr"}
	for what, worse := range map[string]func(*directory.Place){
		"near":           func(p *directory.Place) { p.Point.Lon = 5.02 },
		"on the map":     func(p *directory.Place) { p.Point = nil },
		"open":           func(p *directory.Place) { p.Hours = "Mo-Fr 14:00-18:00" },
		"open this week": func(p *directory.Place) { p.Hours = "Mo 09:00-18:00" },
		"known hours":    func(p *directory.Place) { p.Hours = "" },
		"free":           func(p *directory.Place) { p.Fees = []string{"paying"} },
		"surely free":    func(p *directory.Place) { p.Fees = []string{"conditional"} },
		"known to be":    func(p *directory.Place) { p.Fees = nil },
		"for everybody":  func(p *directory.Place) { p.Publics = []string{"students"} },
		"easy to enter":  func(p *directory.Place) { p.Access = []string{"online"} },
	} {
		better, other := base("zz"), base("aa") // by name the other would come first
		worse(&other)
		got := names(directory.New([]directory.Place{better, other}, directory.Origin{}).Propose(wish, noon(), &directory.Point{Lat: 45, Lon: 5}, 2))
		if got != "zz aa" {
			t.Errorf("%s: Propose = %s; want zz aa", what, got)
		}
	}
	for what, improve := range map[string]func(*directory.Place){
		"both services": func(p *directory.Place) { p.Services = append(p.Services, "access") },
		"for the blind": func(p *directory.Place) { p.Care = []string{"blind"} },
		"the language":  func(p *directory.Place) { p.Languages = []string{"tr"} },
		"other tongues": func(p *directory.Place) { p.Care = []string{"languages"} },
	} {
		better, other := base("zz"), base("aa")
		improve(&better)
		got := names(directory.New([]directory.Place{other, better}, directory.Origin{}).Propose(wish, noon(), &directory.Point{Lat: 45, Lon: 5}, 2))
		if got != "zz aa" {
			t.Errorf("%s: Propose = %s; want zz aa", what, got)
		}
	}
}

// A place without a point is not taken for a near one: it comes behind every place
// of which the way is known, unless its postcode tells that it is near.
func TestProposeWithoutAPoint(t *testing.T) {
	place := func(id, postcode string, east float64) directory.Place {
		p := directory.Place{ID: id, Name: id, Town: "Valbrume", Postcode: postcode, Fees: []string{"free"}, Hours: "24/7"}
		if east > 0 {
			p.Point = &directory.Point{Lat: 45, Lon: 5 + east}
		}
		return p
	}
	here := &directory.Point{Lat: 45, Lon: 5}
	for _, c := range []struct {
		what, postcode string
		from           *directory.Point
		places         []directory.Place
		want           string
	}{
		{"nothing known of the site's postcode", "", here, []directory.Place{place("none", "01230", 0), place("km40", "", 0.5)}, "km40 none"},
		{"nor of the place's", "01230", here, []directory.Place{place("none", "", 0), place("km40", "", 0.5)}, "km40 none"},
		{"the same postcode", "01230", here, []directory.Place{place("km40", "", 0.5), place("km1", "", 0.013), place("town", "01230", 0)}, "km1 town km40"},
		{"the same area", "01230", here, []directory.Place{place("km50", "", 0.63), place("km16", "", 0.2), place("area", "01990", 0)}, "km16 area km50"},
		{"another area", "01230", here, []directory.Place{place("far", "67000", 0), place("km50", "", 0.63)}, "km50 far"},
		{"overseas", "97410", here, []directory.Place{place("guadeloupe", "97110", 0), place("km50", "", 0.63), place("reunion", "97400", 0)}, "reunion km50 guadeloupe"},
		{"no points at all", "01230", nil, []directory.Place{place("far", "67000", 0), place("area", "01990", 0), place("town", "01230", 0)}, "town area far"},
		{"closed and known", "", here, []directory.Place{place("none", "", 0), {ID: "shut", Name: "shut", Town: "Valbrume", Point: here, Fees: []string{"paying"}, Hours: "off"}}, "shut none"},
	} {
		got := names(directory.New(c.places, directory.Origin{}).Propose(directory.Wish{Postcode: c.postcode}, noon(), c.from, 3))
		if got != c.want {
			t.Errorf("%s: Propose(%q) = %s; want %s", c.what, c.postcode, got, c.want)
		}
	}
}

// The short way to the best is no other than the long one.
func TestSearchAndProposeAgreeWithAll(t *testing.T) {
	d := directory.New(invented(2000), directory.Origin{})
	from := &directory.Point{Lat: 45, Lon: 2}
	all := d.Search(directory.Query{Words: "mediatheque", Near: from, Limit: 1000})
	few := d.Search(directory.Query{Words: "mediatheque", Near: from, Limit: 7})
	if got, want := names(few), names(all[:7]); got != want {
		t.Errorf("Search of 7 = %s; want the first of all: %s", got, want)
	}
	for i := range all[1:] {
		if all[i].Distance > all[i+1].Distance {
			t.Fatalf("hits %d and %d are %v and %v m away; want them in order", i, i+1, all[i].Distance, all[i+1].Distance)
		}
	}
	wish := directory.Wish{Services: []string{"work"}}
	many := d.Propose(wish, noon(), from, 500)
	for n := 1; n <= 5; n++ {
		if got, want := names(d.Propose(wish, noon(), from, n)), names(many[:n]); got != want {
			t.Errorf("Propose of %d = %s; want %s", n, got, want)
		}
	}
}

func TestOutline(t *testing.T) {
	spots := town().Outline(directory.Point{Lat: 45, Lon: 4.99}, 2800)
	var got []string
	for _, s := range spots {
		got = append(got, fmt.Sprintf("%s %.0f %.0f", s.ID, s.X, s.Y))
	}
	want := []string{"back 786 100", "library 786 1000", "young 786 2000", "women 786 2500"}
	if !slices.Equal(got, want) {
		t.Errorf("Outline = %q; want %q", got, want)
	}
}

func TestDirectory(t *testing.T) {
	d := directory.New([]directory.Place{{ID: "b", Name: "Étang"}, {ID: "a", Name: "etang"}, {ID: "c", Name: "Bois"}, {ID: "b", Name: "Twice"}}, directory.Origin{Name: "x"})
	var got []string
	for p := range d.All() {
		got = append(got, p.ID)
	}
	if !slices.Equal(got, []string{"c", "a", "b"}) || d.Len() != 3 || d.Origin().Name != "x" {
		t.Errorf("All = %v, Len %d; want c a b", got, d.Len())
	}
	if p, ok := d.Place("b"); !ok || p.Name != "Étang" {
		t.Errorf("Place(b) = %+v, %v; want the first of them", p, ok)
	}
	if _, ok := d.Place("z"); ok {
		t.Error("Place(z) is there; want it not to be")
	}
	var none directory.Directory
	if none.Len() != 0 || len(none.Search(directory.Query{Words: "a", At: noon(), OpenNow: true})) != 0 || len(none.Propose(directory.Wish{}, noon(), nil, 3)) != 0 {
		t.Error("the zero Directory finds something; want nothing")
	}
}

// The keys of the lists are stable: files of a box in use hold them.
func TestTerms(t *testing.T) {
	want := map[string]string{
		"services": "procedures everyday work safety parents leisure understanding access equipment",
		"publics":  "young students families seniors women",
		"care":     "deaf motor mental illiteracy english languages blind",
		"fees":     "free conditional paying",
		"programs": "aidants-connect libraries pix conseillers-numeriques emmaus-connect france-services grande-ecole-du-numerique croix-rouge caf promeneurs-du-net relais-numerique",
		"labels":   "mon-espace-sante duplex arnia reemploi-normandie etapes-numeriques fabriques-de-territoire eclaireurs mes-papiers ordi-3-0 sud-labs",
		"roaming":  "roaming fixed",
		"access":   "walk-in phone mail online no-public prescription",
		"support":  "alone individual workshop remote",
	}
	for name, terms := range map[string][]directory.Term{"services": directory.Services(), "publics": directory.Publics(), "care": directory.Care(), "fees": directory.Fees(),
		"programs": directory.Programmes(), "labels": directory.Labels(), "roaming": directory.Roaming(), "access": directory.Access(), "support": directory.Support()} {
		var keys []string
		for _, term := range terms {
			keys = append(keys, term.Key)
			// Every label is read as what it is.
			column := map[string]string{"services": "services", "publics": "publics_specifiquement_adresses", "care": "prise_en_charge_specifique", "fees": "frais_a_charge",
				"programs": "dispositif_programmes_nationaux", "labels": "formations_labels", "roaming": "itinerance", "access": "modalites_acces", "support": "modalites_accompagnement"}[name]
			label := strings.ReplaceAll(term.Label, "'", "’")
			places, report := read(t, "x.csv", "id,nom,commune,code_postal,adresse,date_maj,pivot,"+column+"\n1,N,C,01000,A,2026-01-01,,\""+label+"\"\n")
			if len(report.Problems) > 0 {
				t.Errorf("%s %q: %+v; want no problem", name, label, report.Problems)
			}
			if out := export(t, places); !strings.Contains(out, `"`+term.Label+`"`) {
				t.Errorf("%s %q is written as %s; want it again", name, term.Label, out)
			}
		}
		if got := strings.Join(keys, " "); got != want[name] {
			t.Errorf("%s = %s; want %s", name, got, want[name])
		}
	}
}

func TestExport(t *testing.T) {
	if got, want := export(t, []directory.Place{full()}), header+fullLine; got != want {
		t.Errorf("Export of a full place = %s; want %s", got, want)
	}
	got := export(t, []directory.Place{{
		ID: "2", Name: `Maison "Bleue"`, Town: "Valbrume", Postcode: "01230", Address: "A\nB", Phone: "3646", Summary: `Dit "oui"`, Updated: "2026-11-07",
		Entitles: "gratuit", Way: "à gauche", Bring: "une pièce", Note: "secret", Languages: []string{"ar"}, Themes: []string{"x"},
	}})
	want := header + `"2","00000000000000","Maison Bleue","Valbrume","01230",,"AB",,,,,,,,,"Dit ＂oui＂",,,,,"2026-11-07",,,,,,,,,,,` + "\n"
	if got != want {
		t.Errorf("Export = %s; want %s", got, want)
	}
	if got := export(t, nil); got != header {
		t.Errorf("Export of nothing = %s; want the header", got)
	}
	first := export(t, invented(500))
	back, report := read(t, "x.csv", first)
	if second := export(t, back); second != first || len(back) != 500 || len(report.Problems) != 0 {
		t.Errorf("500 places come back as %d, with %v; want them as they were", len(back), report.Counts)
	}
}

func BenchmarkNew(b *testing.B) {
	places := invented(20_000)
	for b.Loop() {
		directory.New(places, directory.Origin{})
	}
}

func BenchmarkSearch(b *testing.B) {
	d := directory.New(invented(20_000), directory.Origin{})
	here := &directory.Point{Lat: 45.7, Lon: 4.9}
	for name, q := range map[string]directory.Query{
		"everything": {},
		"words":      {Words: "médiathèque valbrume"},
		"letter":     {Words: "m"},
		"open":       {Near: here, At: noon(), OpenNow: true},
		"all":        {Words: "maison services", Services: []string{"procedures"}, Publics: []string{"seniors"}, Fees: []string{"free"}, Near: here, Within: 100_000, At: noon(), OpenWithin: 48 * time.Hour},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				d.Search(q)
			}
		})
	}
	b.Run("propose", func(b *testing.B) {
		for b.Loop() {
			d.Propose(directory.Wish{Services: []string{"procedures"}, Language: "ar"}, noon(), here, 3)
		}
	})
}
