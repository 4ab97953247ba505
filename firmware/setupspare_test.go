package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/firmware/care"
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
