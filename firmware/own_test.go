package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/rights"
	"jeudi/firmware/routing"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

// ownSite is the sample in a folder of its own, with files beside it and changed
// as told. Its keys are paths there, and what is written in them.
func ownSite(t *testing.T, change func(text string) string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sample := site.SampleText()
	text := change(sample)
	if text == sample {
		t.Fatal("the sample is as it was; this test looks for a line that is not there any more")
	}
	file := filepath.Join(dir, "site.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// with puts a line at the head of a section; of the file when the section is "".
func with(section, line string) func(string) string {
	return func(text string) string {
		if section == "" {
			return line + "\n" + text
		}
		return strings.Replace(text, "\n["+section+"]\n", "\n["+section+"]\n"+line+"\n", 1)
	}
}

// TestSitesOwnFiles: a wrong file beside a site is refused by the check, with a
// sentence that names it; a box starts without it, and tells the log and the desk.
func TestSitesOwnFiles(t *testing.T) {
	routes, err := json.Marshal(json.RawMessage(routingText(t)))
	if err != nil {
		t.Fatal(err)
	}
	none := map[string]string{}
	for _, tt := range []struct {
		name   string
		change func(string) string
		files  map[string]string
		want   []string // of the sentence; good when nil
		told   string   // what the desk sees of a box, a key; no box when empty
	}{
		{"own texts", with("texts", `folder = "textes"`), map[string]string{"textes/fr.json": `{"ticket.next": {"text": "C’est bientôt à vous."}}`}, nil, ""},
		{"other files in the folder", with("texts", `folder = "textes"`), map[string]string{"textes/.fr.json": "{", "textes/README.md": "x", "textes/fr.json": "{}"}, nil, ""},
		{"no folder of texts", with("texts", `folder = "textes"`), none, []string{"texts.folder", "textes", "is not there"}, "banner.own_texts"},
		{"a text that is no JSON", with("texts", `folder = "textes"`), map[string]string{"textes/fr.json": "{"}, []string{"texts.folder", "fr.json"}, ""},
		{"a key that nobody says", with("texts", `folder = "textes"`), map[string]string{"textes/fr.json": `{"ticket.dance": {"text": "x"}}`}, []string{"fr.json", "ticket.dance"}, ""},
		{"a text with another hole", with("texts", `folder = "textes"`), map[string]string{"textes/fr.json": `{"ticket.title": {"text": "Votre {name}"}}`}, []string{"fr.json", "ticket.title"}, ""},
		{"a file of texts that is no such thing", with("texts", `folder = "textes"`), map[string]string{"textes/fr.json": strings.Repeat(" ", maxOwn+1)}, []string{"fr.json", "1 MB"}, ""},
		{"one file of texts of two", with("texts", `folder = "textes"`), map[string]string{"textes/en.json": `{"kiosk.finish": {"text": "Leave"}}`, "textes/fr.json": `{"a": 1}`}, []string{"fr.json"}, "banner.own_texts"},
		{"two files of texts of two", with("texts", `folder = "textes"`), map[string]string{"textes/en.json": `{"b": 2}`, "textes/fr.json": `{"a": 1}`}, []string{"en.json", "fr.json"}, ""},
		{"a file of texts that is a folder, and another that is too large", with("texts", `folder = "textes"`), map[string]string{"textes/en.json/x": "", "textes/fr.json": strings.Repeat(" ", maxOwn+1)}, []string{"en.json", "fr.json", "1 MB"}, "banner.own_texts"},
		{"a language that is not in the folder", polish, map[string]string{"textes/fr.json": "{}"}, []string{"languages", "pl.json"}, "banner.own_texts"},
		{"a language of which the file is wrong", polish, map[string]string{"textes/pl.json": "{}"}, []string{"pl.json", "language.name"}, "banner.own_texts"},
		{"own voices", with("texts", `voices = "voix"`), map[string]string{"voix/README": ""}, nil, ""},
		{"no folder of voices", with("texts", `voices = "voix"`), none, []string{"texts.voices", "voix", "is not there"}, "banner.own_voices"},
		{"own routing", with("", `routing = "qui.json"`), map[string]string{"qui.json": string(routes)}, nil, ""},
		{"no routing", with("", `routing = "qui.json"`), none, []string{"routing", "qui.json", "is not there"}, ""},
		{"a routing that is no JSON", with("", `routing = "qui.json"`), map[string]string{"qui.json": "{"}, []string{"routing: qui.json"}, ""},
		{"a profession that is none", with("", `routing = "qui.json"`), map[string]string{"qui.json": strings.Replace(string(routes), `"need":"accueil"`, `"need":"pompier"`, 1)}, []string{"routing: qui.json", "pompier"}, "banner.own_routing"},
		{"own rights", with("rights", `file = "droits.json"`), map[string]string{"droits.json": string(rights.DefaultText())}, nil, ""},
		{"some rights off", with("rights", `off = ["rsa", "apa"]`), none, nil, ""},
		{"no rights", with("rights", `file = "droits.json"`), none, []string{"rights.file", "droits.json", "is not there"}, ""},
		{"rights that are no JSON", with("rights", `file = "droits.json"`), map[string]string{"droits.json": "{"}, []string{"rights.file", "droits.json"}, "banner.own_rights"},
		{"off what is not on", with("rights", `off = ["loterie"]`), none, []string{"rights.off", "loterie", "jeudi rights check"}, "banner.own_rights"},
		{"rights too large", with("rights", `file = "droits.json"`), map[string]string{"droits.json": strings.Repeat(" ", maxOwn+1)}, []string{"rights.file", "1 MB"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := ownSite(t, tt.change, tt.files)
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"site", "check", file}, &out, &errs)
			if tt.want == nil {
				if code != exitOK || errs.Len() != 0 || !strings.Contains(out.String(), " est juste\u00a0: Centre social Les Tilleuls, ") {
					t.Fatalf("site check = %d %q %q; want good", code, out.String(), errs.String())
				}
				return
			}
			if code != exitFail || out.Len() != 0 || !strings.Contains(errs.String(), filepath.Base(file)) {
				t.Fatalf("site check = %d %q %q; want 1, and the file named", code, out.String(), errs.String())
			}
			for _, want := range tt.want {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("site check says %q; want %q in it", errs.String(), want)
				}
			}
			if tt.told == "" {
				return
			}
			r := boxHere(t, t.TempDir(), "-site", file)
			w, err := words.Load()
			if err != nil {
				t.Fatal(err)
			}
			want := w.Text("fr", tt.told, nil)
			v := await(r.watch("/ws/desk?desk=1"), "a view", func(deskView) bool { return true })
			var alerts []string
			for _, b := range v.Banners {
				if b.Level == "alert" {
					alerts = append(alerts, b.Text)
				}
			}
			if !slices.Equal(alerts, []string{want}) {
				t.Errorf("the desk is alerted by %q; want %q alone", alerts, want)
			}
			for _, want := range tt.want {
				// What an error quotes, the log leaves out: the check says it.
				if !strings.Contains(r.errs.String(), want) && !quotes(errs.String(), want) {
					t.Errorf("the log says %q; want %q in it", r.errs.String(), want)
				}
			}
			// The visitor sees the kiosk as it comes.
			type kiosk struct{ ID, Title string }
			await(r.watch("/ws/kiosk"), "the first screen", func(v kiosk) bool { return v.ID == "language" && v.Title != "" })
			if status, body := r.get("/phone/rules"); (status == http.StatusOK) != (tt.told != "banner.own_rights") {
				t.Errorf("GET /phone/rules = %d %.60q; want rules unless the site's are wrong", status, body)
			}
		})
	}
}

// quotes reports whether a sentence holds a word between quotation marks alone.
func quotes(sentence, word string) bool {
	return strings.Contains(sentence, strconv.Quote(word)) || strings.Contains(sentence, "“"+word+"”") || strings.Contains(sentence, "« "+word+" »")
}

// TestSiteTexts: of several files of texts, each that is right serves.
func TestSiteTexts(t *testing.T) {
	ours, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	const leave, partir = `{"kiosk.finish": {"text": "Leave"}}`, `{"kiosk.finish": {"text": "Partir"}}`
	large := strings.Repeat(" ", maxOwn+1)
	for _, tt := range []struct {
		name   string
		files  map[string]string
		wrong  []string // of the error, each once
		en, fr string   // what kiosk.finish says; ours when ""
	}{
		{"all right", map[string]string{"en.json": leave, "fr.json": partir}, nil, "Leave", "Partir"},
		{"the first too large", map[string]string{"ar.json": large, "en.json": leave, "fr.json": partir}, []string{"ar.json"}, "Leave", "Partir"},
		{"the last too large", map[string]string{"en.json": leave, "fr.json": large}, []string{"fr.json"}, "Leave", ""},
		{"one is a folder, one no JSON", map[string]string{"ar.json/x": "", "en.json": "{", "fr.json": partir}, []string{"ar.json", "en.json"}, "", "Partir"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{}
			for name, text := range tt.files {
				files["textes/"+name] = text
			}
			file := ownSite(t, with("texts", `folder = "textes"`), files)
			s, err := site.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := siteTexts(ours, s, file)
			if (err != nil) != (tt.wrong != nil) {
				t.Fatalf("siteTexts() = %v; want %v named", err, tt.wrong)
			}
			for _, name := range tt.wrong {
				if n := strings.Count(err.Error(), name); n != 1 {
					t.Errorf("siteTexts() = %v; want %s named once", err, name)
				}
			}
			for lang, want := range map[string]string{"en": tt.en, "fr": tt.fr} {
				if got := c.Text(lang, "kiosk.finish", nil); got != cmp.Or(want, ours.Text(lang, "kiosk.finish", nil)) {
					t.Errorf("kiosk.finish in %s = %q; want %q, or ours", lang, got, want)
				}
			}
		})
	}
}

// polish is a site that speaks Polish too, from its folder of texts.
func polish(text string) string {
	return strings.Replace(with("texts", `folder = "textes"`)(text), "\nlanguages = [\"fr\", ", "\nlanguages = [\"fr\", \"pl\", ", 1)
}

// TestSiteCheckTellsRulesToReadAgain: as many as the desk tells, without those that the
// site turned off; the site is good all the same.
func TestSiteCheckTellsRulesToReadAgain(t *testing.T) {
	spring := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	autumn := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	own := map[string]string{"droits.json": string(rights.DefaultText())}
	for _, tt := range []struct {
		name   string
		change func(string) string
		now    time.Time
		want   string // after the day of the file, up to the last line; FOLDER is the site's
	}{
		{"in time", with("rights", ""), spring, ""},
		{"ours", with("rights", ""), autumn, "4 règles sont à relire dès maintenant FROM jeudi rights check\nPour les corriger\u00a0: jeudi rights sample > droits.json, puis file = \"droits.json\" sous [rights].\n"},
		{"one of them off", with("rights", `off = ["c2s"]`), autumn, "3 règles sont à relire dès maintenant FROM jeudi rights check\nPour les corriger\u00a0: jeudi rights sample > droits.json, puis file = \"droits.json\" sous [rights].\n"},
		{"its own", with("rights", `file = "droits.json"`), autumn, "4 règles sont à relire dès maintenant FROM jeudi rights check FOLDER/droits.json\nCorrigez-les dans droits.json, et changez revue_avant.\n"},
	} {
		var out, errs bytes.Buffer
		file := ownSite(t, tt.change, own)
		code := runSite([]string{"check", file}, tt.now, &out, &errs)
		want := ", à relire avant le 01/04/2027.\n" + strings.NewReplacer("FOLDER", filepath.Dir(file), " FROM",
			"\u00a0: leurs chiffres ont pu changer. Leurs noms et leurs sources\u00a0:").Replace(tt.want) + file
		if code != exitOK || !strings.Contains(out.String(), want) || !strings.Contains(out.String(), " est juste\u00a0: Centre social Les Tilleuls, ") {
			t.Errorf("%s: site check = %d %s%s; want %q, and good", tt.name, code, &out, &errs, want)
		}
	}
}

// TestSiteCheckLines: the check says what the files beside a site make of ours.
func TestSiteCheckLines(t *testing.T) {
	tests := []struct {
		name   string
		change func(string) string
		files  map[string]string
		want   []string // lines, in part
	}{
		{"nothing beside it", func(text string) string { return strings.Replace(text, "slot_minutes = 30", "slot_minutes = 35", 1) }, nil,
			[]string{"Textes\u00a0: ceux de Jeudi.\n", "Voix\u00a0: 0 enregistrement du lieu.\n", "Sans voix, et leur bouton le dit\u00a0: fa. À enregistrer\u00a0: jeudi voices check -missing ", "Orientation\u00a0: celle de Jeudi.\n", "Droits\u00a0: ceux de Jeudi, 14 règles, à relire avant le "}},
		{"a text changed", with("texts", `folder = "textes"`), map[string]string{"textes/fr.json": `{"kiosk.finish": {"text": "Partir"}, "kiosk.no_thanks": {"text": "Encore"}}`, "textes/en.json": "{}"},
			[]string{"Textes\u00a0: fr, 2 textes changés.\n"}},
		{"a text as it was", with("texts", `folder = "textes"`), map[string]string{"textes/en.json": "{}"}, []string{"Textes\u00a0: le dossier textes ne change rien.\n"}},
		{"a language added, and hardly translated", polish, map[string]string{"textes/pl.json": `{"language.name": {"text": "Polski"}, "language.hello": {"text": "Dzień dobry"}}`},
			[]string{"Textes\u00a0: pl, ajoutée, ", " textes manquent et sont dits en français (answer.age.0-11, answer.age.12-17, answer.age.18-24, …).\n", "Sans voix, et leur bouton le dit\u00a0: ", "pl"}},
		{"a language added that is not offered", with("texts", `folder = "textes"`), map[string]string{"textes/pl.json": `{"language.name": {"text": "Polski"}, "language.hello": {"text": "Dzień dobry"}}`},
			[]string{"pl, ajoutée", ", mais elle n’est pas dans les langues du lieu.\n"}},
		{"voices", with("texts", `voices = "voix"`), map[string]string{"voix/fr/ticket.title.wav": "no sound", "voix/fr/dance.wav": "x"}, []string{"2 fichiers ne peuvent pas servir. Lesquels\u00a0? jeudi voices check "}},
		{"routing", with("", `routing = "qui.json"`), map[string]string{"qui.json": string(routingText(t))}, []string{"Orientation\u00a0: qui.json.\n"}},
		{"rights", func(text string) string {
			return with("rights", `off = ["rsa", "apa"]`)(with("rights", `file = "droits.json"`)(text))
		}, map[string]string{"droits.json": string(rights.DefaultText())}, []string{"Droits\u00a0: droits.json, 14 règles, dont 2 arrêtées, à relire avant le "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(t.Context(), []string{"site", "check", ownSite(t, tt.change, tt.files)}, &out, &errs); code != exitOK || errs.Len() > 0 {
				t.Fatalf("site check = %d %q; want good", code, errs.String())
			}
			for _, first := range []string{"Textes", "Voix", "Orientation", "Droits"} {
				if n := strings.Count("\n"+out.String(), "\n"+first+"\u00a0: "); n != 1 {
					t.Errorf("site check has %d lines of %s; want one:\n%s", n, first, &out)
				}
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("site check prints %q; want %q in it", out.String(), want)
				}
			}
		})
	}
}

// TestALanguageWithoutAVoice: a language that a site adds and that nothing speaks is
// said to be so, at the check and on its button, and is there all the same.
func TestALanguageWithoutAVoice(t *testing.T) {
	var sample, errs bytes.Buffer
	if code := run(t.Context(), []string{"words", "pl"}, &sample, &errs); code != exitOK {
		t.Fatalf("words pl = %d %s; want a file", code, &errs)
	}
	file := ownSite(t, func(text string) string {
		return regexp.MustCompile(`(?m)^languages = .*$`).ReplaceAllString(polish(text), `languages = ["fr", "pl"]`)
	}, map[string]string{"textes/pl.json": sample.String()})
	var out bytes.Buffer
	if code := run(t.Context(), []string{"site", "check", file}, &out, &errs); code != exitOK || !strings.Contains(out.String(), "pl, ajoutée, complète") {
		t.Errorf("site check = %d %q %q; want Polish complete", code, out.String(), errs.String())
	}
	out.Reset()
	if code := run(t.Context(), []string{"voices", "check", file}, &out, &errs); code != exitOK || !regexp.MustCompile(`(?m)^pl +no_engine +0 +0 +0 +[1-9][0-9]{2}`).MatchString(out.String()) {
		t.Errorf("voices check = %d %q; want Polish without an engine", code, out.String())
	}
	type choice struct {
		Key, Sub string
		Mute     bool
	}
	type kiosk struct {
		ID      string
		Choices []choice
	}
	w, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := boxHere(t, t.TempDir(), "-site", file)
	v := await(r.watch("/ws/kiosk"), "the languages", func(v kiosk) bool { return v.ID == "language" })
	want := choice{"pl", w.Text("fr", "language.no_voice", nil), true} // French: nobody translated the sample
	if len(v.Choices) != 2 || v.Choices[1] != want {
		t.Errorf("the buttons are %+v; want French, and %+v", v.Choices, want)
	}
}

func routingText(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("routing", "rules.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := routing.Parse(data); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestABoxWithItsOwnFiles: what stands beside a site is what its visitors read.
func TestABoxWithItsOwnFiles(t *testing.T) {
	file := ownSite(t, func(text string) string {
		return with("texts", `folder = "textes"`)(with("rights", `off = ["rsa"]`)(text))
	}, map[string]string{"textes/fr.json": `{"language.title": {"text": "Bienvenue chez nous"}, "rights.offer": {"text": "Vos droits, chez nous"}}`})
	r := boxHere(t, t.TempDir(), "-site", file)
	type kiosk struct{ ID, Title string }
	if v := await(r.watch("/ws/kiosk"), "the first screen", func(v kiosk) bool { return v.ID == "language" }); v.Title != "Bienvenue chez nous" {
		t.Errorf("the first screen says %q; want the site's own words", v.Title)
	}
	if status, body := r.get("/phone/words"); status != 200 || !strings.Contains(body, "Vos droits, chez nous") {
		t.Errorf("GET /phone/words = %d; want the site's own words in it", status)
	}
	status, body := r.get("/phone/rules")
	served, err := rights.Parse([]byte(body))
	if status != 200 || err != nil {
		t.Fatalf("GET /phone/rules = %d, %v; want rules", status, err)
	}
	for _, rule := range served.List {
		if rule.Active != (rule.ID != "rsa") {
			t.Errorf("rule %s: active %v; want the one off that the site turned off", rule.ID, rule.Active)
		}
	}
	if status, body := r.get("/api/slip/choices"); status != 200 || !strings.Contains(body, `"done"`) {
		t.Errorf("GET /api/slip/choices = %d %.80s; want the lists", status, body)
	}
}

// TestDirectoryThatCannotBeRead: the box starts, and staff are told.
func TestDirectoryThatCannotBeRead(t *testing.T) {
	table := "nom,commune\nEspace Un,Lyon\n"
	for _, tt := range []struct {
		name string
		harm func(folder string) error
		told string // a key
		kept bool   // a correction is
	}{
		{"damaged", func(folder string) error {
			return os.WriteFile(filepath.Join(folder, "places.json"), []byte("damaged"), 0o600)
		}, "banner.directory_set_aside", true},
		{"not given by the disk", func(folder string) error {
			return errors.Join(os.Remove(filepath.Join(folder, "places.json")), os.Mkdir(filepath.Join(folder, "places.json"), 0o700))
		}, "banner.directory_read_only", false},
		{"no folder", func(folder string) error {
			return errors.Join(os.RemoveAll(folder), os.WriteFile(folder, []byte("no folder"), 0o600))
		}, "banner.directory_read_only", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := t.TempDir()
			folder := filepath.Join(data, "directory")
			store := openDirectory(folder, slog.New(slog.DiscardHandler))
			if _, err := store.Replace(t.Context(), strings.NewReader(table), "lieux.csv", time.Now()); err != nil {
				t.Fatal(err)
			}
			store.Close()
			if err := tt.harm(folder); err != nil {
				t.Fatal(err)
			}
			r := boxHere(t, data)
			w, err := words.Load()
			if err != nil {
				t.Fatal(err)
			}
			v := await(r.watch("/ws/desk?desk=1"), "a view", func(deskView) bool { return true })
			var alerts []string
			for _, b := range v.Banners {
				if b.Level == "alert" {
					alerts = append(alerts, b.Text)
				}
			}
			if want := []string{w.Text("fr", tt.told, nil)}; !slices.Equal(alerts, want) {
				t.Errorf("the desk is alerted by %q; want %q", alerts, want)
			}
			if !strings.Contains(r.errs.String(), "level=ERROR") || !strings.Contains(r.errs.String(), "directory") {
				t.Errorf("the log says %q; want the directory named", r.errs)
			}
			if status, body := r.get("/api/places"); status != 200 || !strings.Contains(body, `"total":0`) {
				t.Errorf("GET /api/places = %d %.80s; want an empty directory", status, body)
			}
			resp, err := http.Post(r.base+"/api/places", "application/json", strings.NewReader(`{"do":"put","place":{"nom":"Espace Deux","commune":"Lyon"}}`))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if kept := resp.StatusCode == http.StatusOK; kept != tt.kept {
				t.Errorf("POST /api/places = %d; want it kept: %v", resp.StatusCode, tt.kept)
			}
			// The visitor sees the kiosk as ever, and takes a ticket.
			r.desk("open", nil)
			if got := r.post("/api/tickets", fields{}); got["number"] != 1.0 {
				t.Errorf("first ticket = %v; want 1", got)
			}
		})
	}
}
