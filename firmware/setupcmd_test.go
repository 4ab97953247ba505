package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/firmware/words"
	kioskui "jeudi/kiosk-ui"
	"jeudi/provisioning/firstboot"
	"jeudi/provisioning/site"
)

// setUpHere is a wizard on this machine, and its address.
func setUpHere(t *testing.T, file string) (u *setUp, base string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := ln.Addr().String()
	ln.Close()
	return &setUp{siteFile: file, listen: at, simulated: true, runDir: t.TempDir(), files: kioskui.Files, out: io.Discard, log: slog.New(slog.DiscardHandler)}, "http://" + at
}

// TestSetUp: six answers become the site that the box goes on with; the file that was
// wrong is kept, and the answers that waited are not.
func TestSetUp(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "jeudi.toml")
	const wrong = "time_zone = \"Europe/Pari\"\n"
	if err := os.WriteFile(file, []byte(wrong), 0o644); err != nil {
		t.Fatal(err)
	}
	u, base := setUpHere(t, file)
	type result struct {
		s   *site.Site
		err error
	}
	done := make(chan result, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { s, err := u.siteOr(ctx); done <- result{s, err} }()
	post := func(in any) map[string]any {
		t.Helper()
		body, _ := json.Marshal(in)
		for {
			answer, err := http.Post(base+"/api/setup", "application/json", bytes.NewReader(body))
			if err != nil { // it does not listen yet
				if ctx.Err() != nil || len(done) > 0 {
					t.Fatal(err)
				}
				continue
			}
			defer answer.Body.Close()
			var out map[string]any
			if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || answer.StatusCode != http.StatusOK {
				t.Fatalf("%s = %d %v %v", body, answer.StatusCode, out, err)
			}
			return out
		}
	}
	given := site.Answers{Name: "Mairie", Hours: []site.AnswerHours{{Day: "jeudi", From: "9h", Until: "12h"}}, Desks: []site.AnswerDesk{{Label: "Accueil", Roles: []string{"accueil"}}},
		Printer: "sim:", Panel: "sim:", Speaker: "sim:", Wifi: site.AnswerWifi{Use: site.WifiPlace, SSID: "Box", Passphrase: "correct horse"}}
	for q := 1; q <= site.Questions; q++ {
		out := post(map[string]any{"do": "answer", "question": q, "answers": given})
		if problems, ok := out["problems"].([]any); !ok || !strings.Contains(problems[0].(string), "Europe/Pari") {
			t.Fatalf("the wizard says %v of the file that is there", out["problems"])
		}
	}
	if info, err := os.Stat(filepath.Join(dir, wizardFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the answers that wait: %v, %v; want them for their owner alone", info, err)
	}
	post(map[string]any{"do": "finish"})
	got := <-done
	if got.err != nil || got.s.Place.Name != "Mairie" || got.s.Wifi.Passphrase.Reveal() != "correct horse" {
		t.Fatalf("siteOr = %+v, %v", got.s, got.err)
	}
	if before, err := os.ReadFile(filepath.Join(dir, "jeudi.previous.toml")); err != nil || string(before) != wrong {
		t.Errorf("the file before is %q, %v; want it kept", before, err)
	}
	if _, err := os.Stat(filepath.Join(dir, wizardFile)); err == nil {
		t.Error("the answers still wait")
	}
	// With its site the box asks nothing any more.
	if s, err := u.siteOr(t.Context()); err != nil || s.Place.Name != "Mairie" {
		t.Errorf("siteOr again = %+v, %v", s, err)
	}
}

// TestWhatTheCardSays: what firstboot found wrong on a card is on the screen.
func TestWhatTheCardSays(t *testing.T) {
	u, _ := setUpHere(t, filepath.Join(t.TempDir(), "jeudi.toml"))
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	if got := u.ofTheCard(c); got != nil {
		t.Errorf("on a laptop the card says %q", got)
	}
	out, _ := json.Marshal(firstboot.Outcome{Wrong: []string{"jeudi.toml, ligne 3, place.name : c’est vide"},
		Notes: []firstboot.Note{{Key: firstboot.NoteSiteWrong}, {Key: firstboot.NoteLeftover, Args: map[string]any{"file": "firstrun.sh"}}}})
	if err := os.WriteFile(filepath.Join(u.runDir, firstboot.OutcomeFile), out, 0o600); err != nil {
		t.Fatal(err)
	}
	got := u.ofTheCard(c)
	if len(got) != 2 || !strings.HasPrefix(got[0], "jeudi.toml, ligne 3") || !strings.Contains(got[1], "firstrun.sh") {
		t.Errorf("the card says %q; want the line, and the file of Imager", got)
	}
}

// TestSetUpIsStopped: a plug that is pulled before the end leaves no half of a site file.
func TestSetUpIsStopped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lieu", "jeudi.toml")
	u, _ := setUpHere(t, file)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := u.siteOr(ctx); err == nil {
		t.Errorf("siteOr = %+v; want that it was stopped", s)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("there is a site file that nobody made")
	}
	taken, err := net.Listen("tcp", u.listen)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := u.siteOr(t.Context()); err == nil || !strings.Contains(err.Error(), "-listen") {
		t.Errorf("siteOr on a port in use = %v; want what to do", err)
	}
}
