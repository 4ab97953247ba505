package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/directory"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
)

// threePlaces is a table as a partner sends it: one place without a town, one with
// a telephone that is none.
const threePlaces = `id,nom,commune,code_postal,adresse,latitude,longitude,telephone,services,frais_a_charge
un,Espace Un,Lyon,69001,3 rue du Pont,45.761,4.83,04 72 00 00 00,Aide aux démarches administratives,Gratuit
deux,Médiathèque Deux,Lyon,69002,4 rue du Pont,45.765,4.83,demandez Paul,,
trois,Espace Trois,,,,,,,,
`

// withPlaces is a box with a directory, at the first place, and a folder in which
// USB sticks are found.
func withPlaces(t *testing.T) (w *world, sticks string) {
	t.Helper()
	store, err := directory.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	sticks = t.TempDir()
	return onSockets(t, Config{Places: store, Here: &directory.Point{Lat: 45.76, Lon: 4.83}, Languages: []string{"fr", "en"},
		Sticks: []string{filepath.Join(sticks, "*")}}), sticks
}

// get asks and decodes; the answer must be 200.
func get[V any](t *testing.T, w *world, path string) (v V) {
	t.Helper()
	got := ask(w.server, "GET", path, "", nil)
	if got.Code != 200 {
		t.Fatalf("GET %s = %d %s; want 200", path, got.Code, got.Body)
	}
	if err := json.Unmarshal(got.Body.Bytes(), &v); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	return v
}

// send posts a body and returns the status and the answer.
func send(t *testing.T, w *world, path, body string) (int, fields) {
	t.Helper()
	got := ask(w.server, "POST", path, body, nil)
	answer := fields{}
	if got.Code == http.StatusNoContent && got.Body.Len() == 0 {
		return got.Code, answer
	}
	if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
		t.Fatalf("POST %s = %d %s: %v", path, got.Code, got.Body, err)
	}
	return got.Code, answer
}

func (w *world) importPlaces(t *testing.T) fields {
	t.Helper()
	status, answer := send(t, w, "/api/places/import?name="+url.QueryEscape("../lieux.csv"), threePlaces)
	if status != 200 {
		t.Fatalf("import = %d %v; want 200", status, answer)
	}
	return answer
}

type found struct {
	Places []placeView
	Total  int
	Origin struct{ Name string }
}

func TestImportPlaces(t *testing.T) {
	w, sticks := withPlaces(t)
	if got := get[found](t, w, "/api/places"); got.Total != 0 || got.Places == nil {
		t.Fatalf("an empty directory = %+v; want no place, in a list", got)
	}
	rep := w.importPlaces(t)
	if rep["places"] != 2.0 || rep["left"] != 1.0 || rep["no_point"] != 0.0 || rep["warning"] != "" {
		t.Errorf("report = %v; want two places on the map, one left out", rep)
	}
	if status, rep := send(t, w, "/api/places/import?name=x.csv", "id,nom,commune,code_postal\nun,Espace Un,Lyon,69001\ndeux,Espace Deux,Lyon,69002\n"); status != 200 ||
		rep["no_point"] != 2.0 || !sentence(rep["warning"]) || !strings.Contains(fmt.Sprint(rep["warning"]), "2") {
		t.Errorf("import without points = %d %v; want two of them, and a sentence", status, rep)
	}
	w.importPlaces(t)
	for _, p := range rep["problems"].([]any) {
		p := p.(map[string]any)
		if !sentence(p["text"]) || p["done"] == "" || strings.HasPrefix(fmt.Sprint(p["done"]), "desk.") {
			t.Errorf("problem = %v; want a sentence, and what was done", p)
		}
	}
	if got := get[found](t, w, "/api/places"); got.Total != 2 || strings.Contains(got.Origin.Name, "/") {
		t.Errorf("after the import = %d from %q; want two, without a folder in the name", got.Total, got.Origin.Name)
	}
	// What is no directory changes nothing.
	for body, key := range map[string]string{"": "refuse.place_file", "\x00\x01": "refuse.place_file", "id,nom\n": "refuse.place_file"} {
		status, answer := send(t, w, "/api/places/import?name=x.csv", body)
		if status != http.StatusConflict || !sentence(answer["error"]) || !strings.HasPrefix(fmt.Sprint(answer["key"]), key) {
			t.Errorf("import %q = %d %v; want 409, a sentence", body, status, answer)
		}
	}
	if got := get[found](t, w, "/api/places"); got.Total != 2 {
		t.Errorf("after what was refused = %d; want two still", got.Total)
	}

	// From a stick, and back.
	if status, answer := send(t, w, "/api/places", `{"do":"usb"}`); status != http.StatusConflict || answer["key"] != string(directory.ErrNoFile) || !sentence(answer["error"]) {
		t.Errorf("usb without a stick = %d %v; want 409, a sentence", status, answer)
	}
	stick := filepath.Join(sticks, "KEY")
	if err := os.Mkdir(stick, 0o755); err != nil {
		t.Fatal(err)
	}
	one := strings.Join(strings.SplitAfter(threePlaces, "\n")[:2], "")
	if err := os.WriteFile(filepath.Join(stick, "lieux-2026.csv"), []byte(one), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, answer := send(t, w, "/api/places", `{"do":"usb"}`); status != 200 || answer["places"] != 1.0 {
		t.Errorf("usb = %d %v; want its one place", status, answer)
	}
	if status, answer := send(t, w, "/api/places", `{"do":"restore"}`); status != 200 || answer["ok"] != true {
		t.Errorf("restore = %d %v; want 200", status, answer)
	}
	if got := get[found](t, w, "/api/places"); got.Total != 2 {
		t.Errorf("after restore = %d; want the two of before", got.Total)
	}
}

func TestSearchPlaces(t *testing.T) {
	w, _ := withPlaces(t)
	w.importPlaces(t)
	terms := get[map[string][]label](t, w, "/api/places/terms")
	for _, list := range []string{"services", "publics", "care", "fees", "access", "support"} {
		if len(terms[list]) == 0 {
			t.Errorf("terms lack %s", list)
		}
	}
	service := ""
	for _, s := range terms["services"] {
		if strings.Contains(s.Label, "démarches") {
			service = s.Key
		}
	}
	for _, tt := range []struct {
		ask  string
		want string
	}{
		{"", "Espace Un, Médiathèque Deux"},
		{"?q=mediath", "Médiathèque Deux"},
		{"?q=rue+un", "Espace Un"},
		{"?q=nulle+part", ""},
		{"?service=" + service, "Espace Un"},
		{"?service=nothing", ""},
		{"?limit=1", "Espace Un"},
	} {
		got := get[found](t, w, "/api/places"+tt.ask)
		var names []string
		for _, p := range got.Places {
			names = append(names, p.Name)
		}
		if strings.Join(names, ", ") != tt.want {
			t.Errorf("GET /api/places%s = %q; want %q, the nearest first", tt.ask, names, tt.want)
		}
	}
	one := get[found](t, w, "/api/places?q=un").Places[0]
	if one.Phone != "04 72 00 00 00" || one.Metres == nil || *one.Metres < 100 || *one.Metres > 120 || one.Staff != "imported" || len(one.Services) != 1 {
		t.Errorf("place = %+v; want it in words", one)
	}
	if same := get[placeView](t, w, "/api/places/"+url.PathEscape(one.ID)); same.Name != one.Name || *same.Metres != *one.Metres {
		t.Errorf("GET /api/places/{id} = %+v; want %+v", same, one)
	}
	if got := ask(w.server, "GET", "/api/places/none", "", nil); got.Code != 404 || !strings.Contains(got.Body.String(), `"error":"`) {
		t.Errorf("GET /api/places/none = %d %s; want 404, a sentence", got.Code, got.Body)
	}
	type spots struct {
		Here   bool
		Radius int
		Places []struct {
			Name string
			X, Y int
		}
	}
	if m := get[spots](t, w, "/api/places/map?radius=300"); !m.Here || m.Radius != 300 || len(m.Places) != 1 || m.Places[0].Y < 100 || m.Places[0].Y > 120 {
		t.Errorf("map = %+v; want the first place, 111 m north", m)
	}
	if m := get[spots](t, w, "/api/places/map?radius=-5"); m.Radius != 100 {
		t.Errorf("map of radius -5 = %+v; want the least", m)
	}
	csv := ask(w.server, "GET", "/api/places/export", "", nil)
	if csv.Code != 200 || !strings.HasPrefix(csv.Header().Get("Content-Type"), "text/csv") || !strings.Contains(csv.Header().Get("Content-Disposition"), "lieux.csv") ||
		!strings.Contains(csv.Body.String(), "Médiathèque Deux") {
		t.Errorf("export = %d %v %.80s; want the table as a file", csv.Code, csv.Header(), csv.Body)
	}
	if status, answer := send(t, w, "/api/places/import?name=lieux.csv", csv.Body.String()); status != 200 || answer["places"] != 2.0 {
		t.Errorf("the export imported again = %d %v; want the two places", status, answer)
	}
}

func TestStaffWritePlaces(t *testing.T) {
	w, _ := withPlaces(t)
	w.importPlaces(t)
	status, answer := send(t, w, "/api/places", `{"do":"put","place":{"nom":"Chez Nous","commune":"Lyon","way":"Sonnez.","entitles":"Un café."}}`)
	id, _ := answer["id"].(string)
	if status != 200 || id == "" {
		t.Fatalf("put = %d %v; want a new place", status, answer)
	}
	if p := get[placeView](t, w, "/api/places/"+id); p.Staff != "added" || p.Way != "Sonnez." || p.Entitles != "Un café." {
		t.Errorf("place = %+v; want what staff wrote", p)
	}
	for _, tt := range []struct {
		name, body, key string
		want            int
	}{
		{"no name", `{"do":"put","place":{"commune":"Lyon"}}`, string(directory.ErrInvalid), 409},
		{"no such place", `{"do":"put","place":{"id":"x","nom":"Un","commune":"Lyon"}}`, string(directory.ErrNotThere), 409},
		{"remove what is not there", `{"do":"remove","id":"x"}`, string(directory.ErrNotThere), 409},
		{"nothing to take back", `{"do":"reset","id":"` + id + `"}`, "refuse.place", 409},
		{"unknown do", `{"do":"dance"}`, "", 400},
		{"unknown field", `{"do":"put","place":{"nom":"Un","commune":"Lyon","owner":"x"}}`, "", 400},
		{"too long", `{"do":"put","place":{"nom":"` + strings.Repeat("a", maxForm) + `"}}`, "", 413},
	} {
		status, answer := send(t, w, "/api/places", tt.body)
		if status != tt.want || tt.key != "" && (!strings.HasPrefix(fmt.Sprint(answer["key"]), tt.key) || !sentence(answer["error"])) {
			t.Errorf("%s = %d %v; want %d %s", tt.name, status, answer, tt.want, tt.key)
		}
		if tt.name == "no name" {
			list, _ := answer["problems"].([]any)
			if len(list) == 0 || list[0].(map[string]any)["column"] != "nom" || !sentence(list[0].(map[string]any)["text"]) {
				t.Errorf("problems = %v; want the column and a sentence", list)
			}
		}
	}
	if status, answer := send(t, w, "/api/places", `{"do":"remove","id":"`+id+`"}`); status != 200 {
		t.Errorf("remove = %d %v; want 200", status, answer)
	}
	if got := ask(w.server, "GET", "/api/places/"+id, "", nil); got.Code != 404 {
		t.Errorf("GET of what was removed = %d; want 404", got.Code)
	}
}

// What staff took out of an import is there to be seen, and to be brought back.
func TestRemovedPlacesComeBack(t *testing.T) {
	w, _ := withPlaces(t)
	w.importPlaces(t)
	removed := func() []placeView {
		t.Helper()
		got := get[struct{ Places []placeView }](t, w, "/api/places/removed").Places
		if got == nil {
			t.Fatal("GET /api/places/removed has no list")
		}
		return got
	}
	if got := removed(); len(got) != 0 {
		t.Errorf("removed = %+v; want none yet", got)
	}
	one := get[found](t, w, "/api/places?q=un").Places[0]
	do := func(what, id string, want int) {
		t.Helper()
		if status, answer := send(t, w, "/api/places", `{"do":"`+what+`","id":"`+id+`"}`); status != want || want == 409 && !sentence(answer["error"]) {
			t.Errorf("%s %s = %d %v; want %d", what, id, status, answer, want)
		}
	}
	do("bring_back", one.ID, 409) // it is there
	do("remove", one.ID, 200)
	if got := removed(); len(got) != 1 || got[0].ID != one.ID || got[0].Name != "Espace Un" || got[0].Phone != one.Phone {
		t.Errorf("removed = %+v; want what was taken out, in words", got)
	}
	do("bring_back", "none", 409)
	do("bring_back", one.ID, 200)
	if got, there := removed(), get[found](t, w, "/api/places").Total; len(got) != 0 || there != 2 {
		t.Errorf("after it came back, removed = %+v, %d places; want none, two", got, there)
	}
}

func TestSlipsAndVouchers(t *testing.T) {
	w, _ := withPlaces(t)
	w.importPlaces(t)
	w.desk("open", nil)
	choices := get[map[string][]label](t, w, "/api/slip/choices")
	if len(choices["done"]) != len(paper.DoneKeys()) || len(choices["bring"]) != len(paper.BringKeys()) || len(choices["roles"]) == 0 || len(choices["langs"]) != 2 {
		t.Fatalf("choices = %+v; want the closed lists", choices)
	}
	for list, labels := range choices {
		for _, l := range labels {
			if l.Label == "" || l.Label == l.Key || strings.Contains(l.Label, "slip.") {
				t.Errorf("%s: %q is called %q; want words", list, l.Key, l.Label)
			}
		}
	}
	printed := func(want int32) {
		t.Helper()
		for deadline := time.Now().Add(5 * time.Second); w.bench.prints.Load() < want && time.Now().Before(deadline); {
			w.desk("help_done", nil) // the printer has a goroutine of its own
		}
		if got := w.bench.prints.Load(); got != want {
			t.Errorf("%d papers; want %d", got, want)
		}
	}
	printed(1) // the zero report
	place := get[found](t, w, "/api/places?q=un").Places[0].ID
	slips := []struct {
		name, body string
		want       int
	}{
		{"orientation", `"do":"orientation","places":["` + place + `"],"lang":"en","large":true`, 204},
		{"a place that is not there", `"do":"orientation","places":["x"]`, 409},
		{"no place", `"do":"orientation"`, 409},
		{"today", `"do":"today","lang":"en","done":["call"],"bring":["identity"],"deadline":"2026-12-01","next":"` + place + `","who":"travailleur_social"`, 204},
		{"an unknown key", `"do":"today","done":["dance"]`, 409},
		{"a day that is none", `"do":"today","deadline":"2026-13-45"`, 400},
		{"rights", `"do":"rights","lang":"fr","ids":["rsa"]`, 204},
		{"rights that are none", `"do":"rights","ids":["lottery"]`, 409},
		{"the partner's list", `"do":"partner","next":"` + place + `"`, 204},
		{"unknown do", `"do":"dance"`, 400},
		{"the result of nobody", `"do":"orientation","places":["` + place + `"],"with_result":true`, 409},
		{"a name", `"do":"today","name":"Mme X"`, 400},
	}
	for i, tt := range slips {
		body := fmt.Sprintf(`{"id":%q,%s}`, id(uint64(7000+i)), tt.body)
		for range 2 { // a browser that tries again prints once
			if status, answer := send(t, w, "/api/slip", body); status != tt.want || tt.want == 409 && !sentence(answer["error"]) {
				t.Errorf("%s = %d %v; want %d", tt.name, status, answer, tt.want)
			}
		}
	}
	if status, _ := send(t, w, "/api/slip", `{"do":"rights","ids":["rsa"]}`); status != 400 {
		t.Errorf("a slip without an id = %d; want 400", status)
	}
	printed(1 + 4)

	csv := ask(w.server, "GET", "/api/vouchers/list?place="+url.QueryEscape(place), "", nil)
	lines := strings.Split(strings.TrimSpace(csv.Body.String()), "\n")
	if csv.Code != 200 || len(lines) != 2 || !strings.Contains(csv.Header().Get("Content-Disposition"), "bons.csv") {
		t.Fatalf("list = %d %q; want a heading and one code", csv.Code, csv.Body)
	}
	list, err := w.box.Vouchers().Vouchers(place)
	if err != nil || len(list) != 1 {
		t.Fatalf("Vouchers() = %v, %v; want one", list, err)
	}
	code := list[0].Code
	other := "2"
	if code[0] == '2' {
		other = "3"
	}
	typo := other + code[1:] // one wrong character is always found
	body, err := json.Marshal(map[string]string{"codes": code + "\n" + code + "\n" + typo + "\n"})
	if err != nil {
		t.Fatal(err)
	}
	status, answer := send(t, w, "/api/vouchers", string(body))
	if status != 200 || answer["arrived"] != 1.0 || answer["again"] != 1.0 || len(answer["unknown"].([]any)) != 0 || len(answer["typo"].([]any)) != 1 {
		t.Errorf("codes = %d %v; want one arrived, one again, one that is none", status, answer)
	}
	counts := get[struct {
		Counts []struct {
			Place, Month   string
			Given, Arrived int
		}
	}](t, w, "/api/vouchers").Counts
	if len(counts) != 1 || counts[0].Place != "Espace Un" || counts[0].Given != 1 || counts[0].Arrived != 1 || len(counts[0].Month) != len("2026-11") {
		t.Errorf("counts = %+v; want one given and arrived at the place, in a month", counts)
	}
}

// How many people could not come is told by month, and no more.
func TestHomeNeeds(t *testing.T) {
	w, _ := withPlaces(t)
	type needs struct {
		Home []struct {
			Month  string
			People int
		}
	}
	if got := get[needs](t, w, "/api/needs"); got.Home == nil || len(got.Home) != 0 {
		t.Errorf("GET /api/needs = %+v; want an empty list", got)
	}
	for range 2 {
		if err := w.box.Needs().NeedHome(time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	if got := get[needs](t, w, "/api/needs"); len(got.Home) != 1 || got.Home[0].Month != "2026-11" || got.Home[0].People != 2 {
		t.Errorf("GET /api/needs = %+v; want two people of a month", got)
	}
}

// TestNotesOfTheOwnDesk: what a visitor shared stands beside their number at the
// desk that receives them, while it does, and nowhere else.
func TestNotesOfTheOwnDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall, kiosk, other := w.watch("/ws/hall"), w.watch("/ws/kiosk"), w.watch("/ws/desk?desk=2")
		all := w.watch("/ws/desk")
		for _, key := range strings.Fields("fr sante questions yes helped alone no helped no alone materiel done go_on yes skip send finish") {
			w.press(key)
			w.settle()
		}
		if n := len(w.box.Snapshot().Notes); n != 1 {
			t.Fatalf("%d notes; want the one that was shared", n)
		}
		w.desk("open", nil)
		w.settle()
		w.desk("next", nil)
		w.settle()
		mine := w.shown("1").Mine
		level := w.server.text("desk.level.accompanied", nil)
		if mine == nil || mine.Note == nil || mine.Note.Self == nil || mine.Note.Self.Label != level || mine.Note.Seen != "" || mine.Note.Charter ||
			len(mine.Note.Freins) != 1 || mine.Note.Freins[0] != w.server.text("answer.freins.materiel", nil) {
			t.Fatalf("mine = %+v; want the level and what is hard, in words", mine)
		}
		visit := mine.ID
		w.desk("see_level", fields{"visit": visit, "level": "remote"})
		w.desk("charter", fields{"visit": visit, "read": true})
		w.settle()
		if n := w.shown("1").Mine.Note; n.Seen != "remote" || !n.Charter {
			t.Errorf("note = %+v; want remote seen and the charter read", n)
		}
		for name, f := range map[string]fields{"a level that is none": {"visit": visit, "level": "genius"}, "nobody": {"visit": id(999), "level": "remote"}} {
			if status, answer := w.tryDesk("see_level", f); status != http.StatusConflict || !sentence(answer["error"]) {
				t.Errorf("see_level of %s = %d %v; want 409, a sentence", name, status, answer)
			}
		}
		for _, do := range []string{"see_level", "charter"} {
			if status, answer := w.tryDesk(do, fields{"desk": "2", "visit": visit, "level": "autonomous"}); status != http.StatusConflict ||
				answer["key"] != session.ErrWrongDesk.Msg.Key || !sentence(answer["error"]) {
				t.Errorf("%s from another desk = %d %v; want 409, a sentence", do, status, answer)
			}
		}
		w.desk("end", fields{"outcome": "served"})
		w.settle()
		if m := w.shown("1").Mine; m != nil || len(w.box.Snapshot().Notes) != 0 {
			t.Errorf("after the visit, mine = %+v; want nobody and no note", m)
		}
		if got := w.bench.sheets.Load(); got != 1 {
			t.Errorf("%d sheets; want the visitor’s: the pair is counted at the close", got)
		}
		for name, s := range map[string]*screen{"the hall": hall, "the kiosk": kiosk, "desk 2": other, "the view of no desk": all} {
			text := bytes.Join(s.messages(), nil)
			for _, secret := range []string{level, `"note"`, `"seen"`} {
				if bytes.Contains(text, []byte(secret)) {
					t.Errorf("%s was sent %s", name, secret)
				}
			}
		}
	})
}

// The site's own list comes with every search, and one of it is found by its key.
func TestSitePlaces(t *testing.T) {
	w, _ := withPlaces(t)
	for _, ask := range []string{"", "?q=nulle+part", "?open=now"} {
		got := get[struct{ Places, Elsewhere []placeView }](t, w, "/api/places"+ask)
		if len(got.Elsewhere) != 1 || got.Elsewhere[0].Name != "Médiathèque" || got.Elsewhere[0].Staff != "site" || got.Elsewhere[0].OpenState != "unknown" {
			t.Errorf("GET /api/places%s = %+v; want the site's place", ask, got.Elsewhere)
		}
	}
	one := get[placeView](t, w, "/api/places/site-0")
	if one.Address != "2 quai du Pont" || one.Phone != "01 99 00 00 09" || one.Hours != "mardi, 9 h à 12 h" || one.HoursLines == nil || one.Languages == nil {
		t.Errorf("the site's place = %+v; want what the site says, and lists that are lists", one)
	}
	if status, _ := send(t, w, "/api/places", `{"do":"remove","id":"site-0"}`); status == http.StatusOK {
		t.Error("the desk removed a place of the site file; want it refused")
	}
}

// Staff read the languages by their French names.
func TestNamesOfLanguages(t *testing.T) {
	w, _ := withPlaces(t)
	langs := get[map[string][]label](t, w, "/api/slip/choices")["langs"]
	if want := []label{{"fr", "Français"}, {"en", "English · anglais"}}; !slices.Equal(langs, want) {
		t.Errorf("langs = %v; want %v", langs, want)
	}
	status, answer := send(t, w, "/api/places", `{"do":"put","place":{"nom":"Atelier","commune":"Lyon","languages":["fr","ar","ps"]}}`)
	if status != http.StatusOK {
		t.Fatalf("put = %d %v; want it kept", status, answer)
	}
	p := get[placeView](t, w, "/api/places/"+fmt.Sprint(answer["id"]))
	if want := []string{"Français", "العربية · arabe", "pachto"}; !slices.Equal(p.Tongues, want) || len(p.Languages) != 3 {
		t.Errorf("tongues of %v = %v; want %v", p.Languages, p.Tongues, want)
	}
}
