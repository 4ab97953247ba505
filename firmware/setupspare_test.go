package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/care"
	"jeudi/firmware/rights"
	"jeudi/firmware/setup"
	"jeudi/provisioning/card"
	"jeudi/provisioning/firstboot"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
)

// wizardHere is jeudi run -setup on a card without a site, and the address of its wizard.
func wizardHere(t *testing.T, data, siteFile, socket string) (r *running, base string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r = &running{t: t, data: data, out: newPage(), errs: newPage(), cancel: cancel, code: make(chan int, 1)}
	go func() {
		r.code <- run(ctx, []string{"run", "-setup", "-data", data, "-site", siteFile, "-steward", socket, "-listen", "127.0.0.1:0", "-public", "none"}, r.out, r.errs)
	}()
	t.Cleanup(func() { r.stop() })
	return r, r.said(`setup +(http://\S+)/setup`)
}

// asked posts an order to the wizard.
func asked(t *testing.T, base string, in fields) (int, fields) {
	t.Helper()
	body, _ := json.Marshal(in)
	resp, err := http.Post(base+"/api/setup", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer fields
	json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, answer
}

// A spare box out of its carton, without a site: the stick of the other one is enough. Its
// site, its places and its tables are taken over, and with the code the open permanence.
func TestSpareBoxWithoutSite(t *testing.T) {
	s := newSteward(t)
	first := boxHere(t, t.TempDir(), "-steward", s.socket, "-site", careSite(t, "Les Tilleuls"))
	s.mu.Lock()
	s.stick["lieux.csv"] = []byte(oneLieu)
	s.mu.Unlock()
	if status, answer := first.order("/api/places", fields{"do": "usb"}); status != http.StatusOK {
		t.Fatalf("usb = %d %v", status, answer)
	}
	first.desk("open", nil)
	visit := first.post("/api/tickets", fields{"motif": "caf", "lang": "ar"})
	first.post("/api/tickets", fields{"motif": "impots"})
	first.desk("next", nil)
	if code, answer := first.care(fields{"do": "backup"}); code != http.StatusOK {
		t.Fatalf("backup = %d %v", code, answer)
	}
	_, answer := first.care(fields{"do": "handover"})
	secret := answer["code"].(string)
	first.care(fields{"do": "handover_go", "code": secret})
	first.ends()
	name, _ := s.file(t, "jeudi-matinee-")

	dir := t.TempDir()
	siteFile := filepath.Join(dir, "site", "jeudi.toml")
	spare, base := wizardHere(t, filepath.Join(dir, "jeudi"), siteFile, s.socket)
	status, answer := asked(t, base, fields{"do": "sticks"})
	if list, _ := answer["backups"].([]any); status != http.StatusOK || len(list) != 2 {
		t.Fatalf("sticks = %d %v; want the backup and the handover", status, answer)
	}
	for typed, want := range map[string]string{"": "care.needs_code", "ABCD-EFGH-JKLM-NPQR": "care.code"} {
		if status, answer := asked(t, base, fields{"do": "restore", "stick": "sda1", "name": name, "code": typed}); status != http.StatusConflict || answer["key"] != want {
			t.Errorf("restore with %q = %d %v; want %s", typed, status, answer, want)
		}
	}
	if status, answer := asked(t, base, fields{"do": "restore", "stick": "sda1", "name": name, "code": strings.ToLower(secret)}); status != http.StatusOK || answer["finished"] != true {
		t.Fatalf("restore = %d %v; want the wizard at its end", status, answer)
	}
	spare.base = spare.said(`desk +(http://\S+)/desk`)
	v := await(spare.watch("/ws/desk?desk=1"), "the permanence", func(v deskView) bool { return v.Counts["issued"] == 2 })
	if v.Mine == nil || v.Mine.ID != visit["visit"] || len(v.Waiting) != 1 || v.Waiting[0].Number != 2 {
		t.Errorf("the spare box has %+v; want visit %v at desk 1, and number 2 waiting", v, visit["visit"])
	}
	spare.desk("resume", nil)
	if next := spare.post("/api/tickets", fields{}); next["number"] != 3.0 {
		t.Errorf("the next ticket = %v; want number 3", next)
	}
	if !strings.Contains(spare.out.String(), ", Les Tilleuls\n") {
		t.Errorf("the spare box is %s; want the place of the other", spare.out)
	}
	if _, page := spare.get("/api/places"); !strings.Contains(page, "Espace Un") {
		t.Errorf("the places of the spare box: %s", page)
	}
	if info, err := os.Stat(siteFile); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the site file: %v, %v; want it for its owner alone: it has a passphrase", info, err)
	}
	if _, err := os.Stat(filepath.Join(spare.data, restoreFile)); err == nil {
		t.Error("what was taken over is still there")
	}
	if strings.Contains(spare.errs.String()+spare.out.String(), secret) {
		t.Error("the code is in the log")
	}
}

// What cannot become a box leaves the wizard where it was, and says why; a wrong site file
// that was there is kept.
func TestSpareBoxRefuses(t *testing.T) {
	s := newSteward(t)
	pack := func(b care.Bundle) []byte {
		t.Helper()
		raw, err := b.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	good, err := os.ReadFile(careSite(t, "Les Tilleuls"))
	if err != nil {
		t.Fatal(err)
	}
	s.stick = map[string][]byte{
		"sample.jeudi":  pack(care.Bundle{Place: "A"}),
		"wrong.jeudi":   pack(care.Bundle{Place: "B", Site: map[string][]byte{"jeudi.toml": []byte("time_zone = 3\n")}}),
		"damaged.jeudi": []byte("none"),
		"good.jeudi":    pack(care.Bundle{Place: "C", Site: map[string][]byte{"jeudi.toml": good}}),
	}
	dir := t.TempDir()
	siteFile := filepath.Join(dir, "site", "jeudi.toml")
	const before = "time_zone = \"Europe/Pari\"\n"
	if err := writeSite(siteFile, []byte(before)); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "jeudi")
	spare, base := wizardHere(t, data, siteFile, s.socket)
	for name, want := range map[string]string{"sample.jeudi": "setup.restore.no_site", "wrong.jeudi": "care.site_wrong", "damaged.jeudi": "care.damaged", "none.jeudi": "stick.no_file"} {
		status, answer := asked(t, base, fields{"do": "restore", "stick": "sda1", "name": name})
		if said, _ := answer["error"].(string); status != http.StatusConflict || answer["key"] != want || said == "" || said == want {
			t.Errorf("%s = %d %v; want %s, and a sentence", name, status, answer, want)
		}
	}
	if _, err := os.Stat(filepath.Join(data, restoreFile)); err == nil {
		t.Error("what was refused is kept")
	}
	if raw, err := os.ReadFile(siteFile); err != nil || string(raw) != before {
		t.Errorf("the site file is %q, %v; want it as it was", raw, err)
	}
	if status, answer := asked(t, base, fields{"do": "restore", "stick": "sda1", "name": "good.jeudi"}); status != http.StatusOK {
		t.Fatalf("good.jeudi = %d %v", status, answer)
	}
	spare.base = spare.said(`desk +(http://\S+)/desk`)
	await(spare.watch("/ws/desk?desk=1"), "that it is taken over", func(v deskView) bool {
		for _, b := range v.Banners {
			if strings.Contains(b.Text, "sauvegarde est reprise") {
				return true
			}
		}
		return false
	})
	if raw, err := os.ReadFile(filepath.Join(filepath.Dir(siteFile), "jeudi.previous.toml")); err != nil || string(raw) != before {
		t.Errorf("the site file before is %q, %v; want it kept", raw, err)
	}
}

// A box that has tickets and lost its site does not lose them to a stick: the wizard says
// why, and goes on.
func TestSpareBoxKeepsItsTickets(t *testing.T) {
	s := newSteward(t)
	siteOf := careSite(t, "Les Tilleuls")
	first := boxHere(t, t.TempDir(), "-steward", s.socket, "-site", siteOf)
	first.desk("open", nil)
	first.post("/api/tickets", fields{"motif": "caf"})
	_, answer := first.care(fields{"do": "handover"})
	secret := answer["code"].(string)
	first.care(fields{"do": "handover_go", "code": secret})
	first.ends()
	name, _ := s.file(t, "jeudi-matinee-")

	dir := t.TempDir()
	other := boxHere(t, filepath.Join(dir, "jeudi"), "-steward", s.socket)
	other.desk("open", nil)
	mine := other.post("/api/tickets", fields{"motif": "impots"})
	other.stop()
	siteFile := filepath.Join(dir, "site", "jeudi.toml")
	spare, base := wizardHere(t, other.data, siteFile, s.socket)
	if status, answer := asked(t, base, fields{"do": "restore", "stick": "sda1", "name": name, "code": secret}); status != http.StatusOK {
		t.Fatalf("restore = %d %v", status, answer)
	}
	// The wizard serves again, at another address.
	for len(addresses(spare.out.String())) < 2 {
		select {
		case <-spare.out.grew:
		case <-t.Context().Done():
			t.Fatal("the wizard does not come back")
		}
	}
	base = addresses(spare.out.String())[1]
	resp, err := http.Get(base + "/api/setup")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var view struct{ Problems []string }
	if err := json.NewDecoder(resp.Body).Decode(&view); err != nil || !strings.Contains(strings.Join(view.Problems, " "), "a déjà des tickets") {
		t.Errorf("the wizard says %q, %v; want why nothing was taken over", view.Problems, err)
	}
	if _, err := os.Stat(siteFile); err == nil {
		t.Error("half of it was taken over: the site without the permanence")
	}
	spare.stop()
	again := boxHere(t, other.data, "-steward", s.socket)
	v := await(again.watch("/ws/desk?desk=1"), "its own permanence", func(v deskView) bool { return v.Counts["issued"] == 1 })
	if len(v.Waiting) != 1 || v.Waiting[0].ID != mine["visit"] {
		t.Errorf("after it the box has %+v; want its own ticket", v.Waiting)
	}
}

// addresses are those of the wizards that have said where they are.
func addresses(out string) (list []string) {
	for line := range strings.Lines(out) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "setup "); ok {
			at, _, _ := strings.Cut(strings.TrimSpace(rest), "/setup")
			list = append(list, at)
		}
	}
	return list
}

// siteText is a site file of a place, as a technician has put it on a stick.
func siteText(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(careSite(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// shownBy is what a wizard shows its phones, once that is as wanted.
func shownBy(t *testing.T, base, what string, wanted func(setup.View) bool) (v setup.View) {
	t.Helper()
	for {
		resp, err := http.Get(base + "/api/setup")
		if err != nil {
			t.Fatal(err)
		}
		v = setup.View{}
		err = json.NewDecoder(resp.Body).Decode(&v)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if wanted(v) {
			return v
		}
		if t.Context().Err() != nil {
			t.Fatalf("%s never comes: %+v", what, v)
		}
	}
}

// sawVerb reports whether something was asked of the steward.
func (f *fakeSteward) sawVerb(verb string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.asked, verb)
}

// The site comes from the start partition, else from a stick, else from the questions. What
// is wrong on the way is said with its line, and the next one is there.
func TestOrderOfSites(t *testing.T) {
	const wrong = "time_zone = \"Europe/Pari\"\n"
	const said = "jeudi.toml, ligne 9, place.name : à corriger"
	tests := []struct {
		name         string
		taken        string // from the start partition, by firstboot
		refused      bool   // what firstboot has found there
		stick, title string
		want         string // who made the site: "card", "stick", "phone"
	}{
		{name: "all three", taken: "Carte", stick: string(siteText(t, "Clef")), want: "card"},
		{name: "a stick", stick: string(siteText(t, "Clef")), want: "stick"},
		{name: "a stick, as an editor of a PC leaves it", stick: "\xef\xbb\xbf" + strings.ReplaceAll(string(siteText(t, "Clef")), "\n", "\r\n"), title: "JEUDI.toml.txt", want: "stick"},
		{name: "a stick, after a wrong card", refused: true, stick: string(siteText(t, "Clef")), want: "stick"},
		{name: "a wrong stick", stick: wrong, want: "phone"},
		{name: "a wrong stick after a wrong card", refused: true, stick: wrong, want: "phone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSteward(t)
			if tt.title == "" {
				tt.title = card.SiteFile
			}
			s.stick[tt.title] = []byte(tt.stick)
			dir := t.TempDir()
			siteFile := filepath.Join(dir, "site", card.SiteFile)
			if tt.taken != "" {
				if err := writeSite(siteFile, siteText(t, tt.taken)); err != nil {
					t.Fatal(err)
				}
			}
			if tt.refused {
				raw, err := json.Marshal(firstboot.Outcome{Data: true, Wrong: []string{said}, Notes: []firstboot.Note{{Key: firstboot.NoteSiteWrong}}})
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(filepath.Dir(s.socket), firstboot.OutcomeFile), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			box, base := (*running)(nil), ""
			switch tt.want {
			case "card":
				box = boxHere(t, filepath.Join(dir, "jeudi"), "-setup", "-steward", s.socket, "-site", siteFile)
			default:
				box, base = wizardHere(t, filepath.Join(dir, "jeudi"), siteFile, s.socket)
			}
			want := map[string]string{"card": "Carte", "stick": "Clef", "phone": "Mairie"}[tt.want]
			if tt.want == "phone" {
				v := shownBy(t, base, "what is wrong", func(v setup.View) bool { return len(v.Stick) > 0 })
				if line := strings.Join(v.Stick, "\n"); !strings.Contains(line, "Ligne 1\u00a0: ") || !strings.Contains(line, "Europe/Pari") || !strings.Contains(v.Stick[0], "clé USB") {
					t.Errorf("of the stick it says %q; want the line, in French", v.Stick)
				}
				if card := strings.Join(v.Problems, "\n"); tt.refused != strings.Contains(card, "ligne 9") {
					t.Errorf("of the card it says %q", card)
				}
				if _, err := os.Stat(siteFile); err == nil {
					t.Error("a wrong file was taken")
				}
				given := fields{"name": "Mairie", "hours": []fields{{"day": "jeudi", "from": "9:00", "until": "12:00"}}, "desks": []fields{{"label": "Accueil", "roles": []string{"accueil"}}},
					"printer": "sim:", "panel": "sim:", "speaker": "sim:", "wifi": fields{"use": "cable"}}
				for q := 1; q <= 6; q++ {
					asked(t, base, fields{"do": "answer", "question": q, "answers": given})
				}
				if status, answer := asked(t, base, fields{"do": "finish"}); status != http.StatusOK {
					t.Fatalf("finish = %d %v; want the wizard served as ever", status, answer)
				}
			}
			box.said(`desk +(http://\S+)/desk`)
			if !strings.Contains(box.out.String(), ", "+want+"\n") {
				t.Errorf("the box is %s; want %s", box.out, want)
			}
			info, err := os.Stat(siteFile)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the site file: %v, %v; want it for its owner alone: it has a passphrase", info, err)
			}
			if tt.want == "card" && s.sawVerb(steward.VerbImport) {
				t.Error("a box that has its site has read a stick")
			}
		})
	}
}

// What comes with the site of a stick: the files beside it that it names, and a sentence at
// the desk; the answers that waited go.
func TestSiteOfAStick(t *testing.T) {
	s := newSteward(t)
	text := strings.Replace(string(siteText(t, "Les Tilleuls")), "[rights]\n", "[rights]\nfile = \"droits.toml\"\n", 1)
	text = "routing = \"" + againFile + "\"\n" + text // a name that is the box's own
	s.stick[card.SiteFile], s.stick["droits.toml"], s.stick[againFile] = []byte(text), rights.DefaultText(), []byte("{}")
	dir := t.TempDir()
	siteFile := filepath.Join(dir, "site", card.SiteFile)
	if err := writeSite(filepath.Join(dir, "site", wizardFile), []byte(`{"answers": {"name": "Mairie"}, "answered": {"1": true}}`)); err != nil {
		t.Fatal(err)
	}
	box, _ := wizardHere(t, filepath.Join(dir, "jeudi"), siteFile, s.socket)
	box.base = box.said(`desk +(http://\S+)/desk`)
	await(box.watch("/ws/desk?desk=1"), "that it comes from the stick", func(v deskView) bool {
		return slices.ContainsFunc(v.Banners, func(b struct{ Key, Level, Text string }) bool {
			return strings.Contains(b.Text, "vient de la clé USB")
		})
	})
	for name, want := range map[string][]byte{card.SiteFile: []byte(text), "droits.toml": rights.DefaultText()} {
		if raw, err := os.ReadFile(filepath.Join(dir, "site", name)); err != nil || !bytes.Equal(raw, want) {
			t.Errorf("%s has %d bytes, %v; want what the stick has", name, len(raw), err)
		}
	}
	for _, name := range []string{wizardFile, againFile} {
		if _, err := os.Stat(filepath.Join(dir, "site", name)); err == nil {
			t.Errorf("%s is there: answers that waited, or that came from the stick", name)
		}
	}
	if log := box.errs.String(); !strings.Contains(log, "the site file of a stick is taken") || strings.Contains(log, "correct horse") {
		t.Errorf("the log is %s; want that it is taken, and no passphrase", log)
	}
}

// A stick alone changes nothing where something is: it is not even looked for. Who holds the
// kiosk's code may choose it, and what was there is kept.
func TestSticksWhereSomethingIs(t *testing.T) {
	const wrong = "time_zone = \"Europe/Pari\"\n"
	tests := []struct {
		name    string
		site    string // of the box
		data    string // a file of its data
		err     error  // as siteOr has it
		follows bool
	}{
		{"nothing", "", "", fs.ErrNotExist, true},
		{"an empty file", " \n", "", fs.ErrNotExist, true},
		{"a site file that is wrong", wrong, "", nil, false},
		{"it has served people, and lost its site", "", "journal.db", fs.ErrNotExist, false},
		{"its answers are changed", wrong, "", nil, false},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		u := &setUp{siteFile: filepath.Join(dir, card.SiteFile), data: dir}
		for name, text := range map[string]string{card.SiteFile: tt.site, tt.data: "x"} {
			if name != "" && text != "" {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := u.sites(tt.err) != nil; got != tt.follows {
			t.Errorf("%s: sticks are looked at: %v; want %v", tt.name, got, tt.follows)
		}
	}

	s := newSteward(t)
	s.stick[card.SiteFile] = siteText(t, "Les Tilleuls")
	s.stick["jeudi.toml.txt"] = []byte("rien")
	dir := t.TempDir()
	siteFile := filepath.Join(dir, "site", card.SiteFile)
	if err := writeSite(siteFile, []byte(wrong)); err != nil {
		t.Fatal(err)
	}
	box, base := wizardHere(t, filepath.Join(dir, "jeudi"), siteFile, s.socket)
	_, answer := asked(t, base, fields{"do": "sticks"})
	list, _ := answer["backups"].([]any)
	if want := map[string]any{"stick": "sda1", "name": card.SiteFile, "site": true}; len(list) != 1 || !reflect.DeepEqual(list[0], want) {
		t.Fatalf("sticks = %v; want the site file, to be chosen", answer)
	}
	if status, answer := asked(t, base, fields{"do": "restore", "stick": "sda1", "name": "jeudi.toml.txt"}); status != http.StatusConflict || !strings.Contains(answer["error"].(string), "ligne 1") {
		t.Errorf("a wrong one, chosen = %d %v; want its line", status, answer)
	}
	if status, answer := asked(t, base, fields{"do": "restore", "stick": "sda1", "name": card.SiteFile}); status != http.StatusOK || answer["finished"] != true {
		t.Fatalf("restore = %d %v; want the wizard at its end", status, answer)
	}
	box.said(`desk +(http://\S+)/desk`)
	if raw, err := os.ReadFile(filepath.Join(dir, "site", previousFile)); err != nil || string(raw) != wrong {
		t.Errorf("the site file before is %q, %v; want it kept", raw, err)
	}
}

// Of what is plugged in one site file alone is taken without a word: two of them, or a
// backup beside it, are for somebody to choose.
func TestWhichSiteOfSticks(t *testing.T) {
	has := func(id, refused string, names ...string) stick.Stick {
		s := stick.Stick{ID: id, Refused: refused}
		for _, n := range names {
			k := stick.KindBackup
			if stick.IsSite(n) || strings.HasSuffix(n, ".toml") {
				k = stick.KindSite
			}
			s.Files = append(s.Files, stick.File{Name: n, Kind: k})
		}
		return s
	}
	tests := []struct {
		name   string
		sticks []stick.Stick
		want   string // stick/file
		why    string
	}{
		{name: "none"},
		{name: "a stick with other files", sticks: []stick.Stick{has("sda1", "", "mairie.toml", "x.jeudi")}},
		{name: "the one", sticks: []stick.Stick{has("sda1", "", "autre.toml", "jeudi.toml")}, want: "sda1/jeudi.toml"},
		{name: "and an editor's copy", sticks: []stick.Stick{has("sda1", "", "jeudi.toml.TXT", "Jeudi.TOML")}, want: "sda1/Jeudi.TOML"},
		{name: "beside a stick without one", sticks: []stick.Stick{has("sda1", ""), has("sdb1", "", "jeudi.toml")}, want: "sdb1/jeudi.toml"},
		{name: "on two sticks", sticks: []stick.Stick{has("sda1", "", "jeudi.toml"), has("sdb1", "", "jeudi.toml")}, why: "setup.stick.many"},
		{name: "with a backup", sticks: []stick.Stick{has("sda1", "", "jeudi.toml", "x.jeudi")}, why: "setup.stick.choose"},
		{name: "with a backup on another one", sticks: []stick.Stick{has("sda1", "", "x.jeudi"), has("sdb1", "", "jeudi.toml")}, why: "setup.stick.choose"},
		{name: "on a stick that is not read", sticks: []stick.Stick{has("sda1", "stick.kind", "jeudi.toml")}, why: "stick.kind"},
		{name: "beside one that is not read", sticks: []stick.Stick{has("sda1", "stick.kind"), has("sdb1", "", "jeudi.toml")}, want: "sdb1/jeudi.toml"},
		{name: "the box's own card, on USB", sticks: []stick.Stick{has("sda1", "stick.card"), has("sda2", "stick.card")}},
	}
	for _, tt := range tests {
		from, file, why := offered(tt.sticks)
		got := strings.Trim(from.ID+"/"+file.Name, "/")
		if got != tt.want || why != tt.why {
			t.Errorf("%s: offered() = %q, %q; want %q, %q", tt.name, got, why, tt.want, tt.why)
		}
	}
}

// Two sticks, and a stick that is changed: what is said follows what is plugged in, and a
// file is read once.
func TestSticksThatChange(t *testing.T) {
	s := newSteward(t)
	one := siteText(t, "Les Tilleuls")
	dir := t.TempDir()
	u := &setUp{siteFile: filepath.Join(dir, "site", card.SiteFile), data: filepath.Join(dir, "jeudi")}
	sites := &stickSite{box: u, client: &steward.Client{Socket: s.socket}}
	look := func(change func()) setup.Offer {
		t.Helper()
		s.mu.Lock()
		change()
		s.mu.Unlock()
		o, err := sites.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	reads := func() (n int) {
		for _, verb := range s.asked {
			if verb == steward.VerbImport {
				n++
			}
		}
		return n
	}
	if o := look(func() {}); !o.Read || o.Place != "" || o.Why != nil || o.Wrong != nil {
		t.Errorf("an empty stick: %+v; want nothing to say", o)
	}
	if o := look(func() { s.stick[card.SiteFile] = []byte("slot = 3\n") }); len(o.Wrong) == 0 || o.Wrong[0].Line != 1 {
		t.Errorf("a wrong file: %+v; want its line", o)
	}
	if look(func() {}); reads() != 1 {
		t.Errorf("a file that stays is read %d times; want once", reads())
	}
	if o := look(func() { s.stick[card.SiteFile] = one }); o.Place != "Les Tilleuls" {
		t.Errorf("the file, mended: %+v; want its place", o)
	}
	if o := look(func() { s.second = map[string][]byte{card.SiteFile: one} }); o.Place != "" || o.Why == nil || o.Why.Key != "setup.stick.many" {
		t.Errorf("two sticks: %+v; want to be asked for one", o)
	}
	if o := look(func() { s.second = map[string][]byte{} }); o.Place != "Les Tilleuls" {
		t.Errorf("the second one without a file: %+v; want the first's", o)
	}
	// A card that is full: said, and not tried for ever.
	if err := os.WriteFile(filepath.Join(dir, "site"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sites.Take(t.Context()); err == nil {
		t.Fatal("it is taken where nothing can be written")
	}
	if o := look(func() {}); o.Place != "" || o.Why == nil || o.Why.Key != "setup.not_written" {
		t.Errorf("after that: %+v; want what to do", o)
	}
	os.Remove(filepath.Join(dir, "site"))
	if o := look(func() { s.second = nil; delete(s.stick, card.SiteFile) }); o.Why != nil {
		t.Errorf("without it: %+v; want nothing to say", o)
	}
	if o := look(func() { s.stick[card.SiteFile] = one }); o.Place != "Les Tilleuls" || sites.Take(t.Context()) != nil {
		t.Errorf("plugged in again: %+v; want it taken", o)
	}
	if raw, err := os.ReadFile(u.siteFile); err != nil || !bytes.Equal(raw, one) {
		t.Errorf("the site file has %d bytes, %v; want the stick's", len(raw), err)
	}
	nobody := &stickSite{box: u, client: &steward.Client{Socket: filepath.Join(dir, "none")}}
	if o, err := nobody.Look(t.Context()); err != nil || o.Read {
		t.Errorf("without a steward: %+v, %v; want nothing", o, err)
	}
}
