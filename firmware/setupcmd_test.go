package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/firmware/session"
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
	// A second name shows what becomes of a file that has lost its own.
	names := []string{"seen-early", "seen-late"}
	see := func(name string) {
		if err := os.Link(filepath.Join(dir, wizardFile), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if raw, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Contains(raw, []byte("Mairie")) {
			t.Fatalf("the answers that wait are %q, %v: this test looks at the wrong place", raw, err)
		}
	}
	for q := 1; q <= site.Questions; q++ {
		if q == site.Questions {
			see(names[0])
		}
		out := post(map[string]any{"do": "answer", "question": q, "answers": given})
		if problems, ok := out["problems"].([]any); !ok || !strings.Contains(problems[0].(string), "Europe/Pari") {
			t.Fatalf("the wizard says %v of the file that is there", out["problems"])
		}
	}
	if info, err := os.Stat(filepath.Join(dir, wizardFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the answers that wait: %v, %v; want them for their owner alone", info, err)
	}
	see(names[1])
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
	for _, name := range names {
		if raw, err := os.ReadFile(filepath.Join(dir, name)); err != nil || len(bytes.Trim(raw, "\x00")) > 0 {
			t.Errorf("%s of the answers still reads %q, %v; want it overwritten", name, raw, err)
		}
	}
	// With its site the box asks nothing any more.
	if s, err := u.siteOr(t.Context()); err != nil || s.Place.Name != "Mairie" {
		t.Errorf("siteOr again = %+v, %v", s, err)
	}
}

// TestChangeTheAnswers: the questions of a box that has its site begin with what was
// answered; the site stays until others are given, and a pulled plug brings it back.
func TestChangeTheAnswers(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "jeudi.toml")
	given := site.Answers{Name: "Mairie", Hours: []site.AnswerHours{{Day: "jeudi", From: "9:00", Until: "12:00"}}, Desks: []site.AnswerDesk{{Label: "Accueil", Roles: []string{"accueil"}}},
		Wifi: site.AnswerWifi{Use: site.WifiPlace, SSID: "Box", Passphrase: "correct horse"}}
	before := given.Compose()
	if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, do string
		want     string
	}{{"nothing is changed", "leave", "Mairie"}, {"the plug is pulled", "", "Mairie"}, {"the name is another", "finish", "Annexe"}} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := site.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			free := func() error { return nil }
			keeper := &caretaker{site: s, siteFile: file, hold: free, end: func(why error) { ended <- why }}
			if err := keeper.setUp(); err != nil {
				t.Fatal(err)
			}
			if why := <-ended; !errors.Is(why, errAgain) {
				t.Errorf("the box ends with %v", why)
			}
			u, base := setUpHere(t, file)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			type result struct {
				s   *site.Site
				err error
			}
			done := make(chan result, 1)
			go func() { s, err := u.siteOr(ctx); done <- result{s, err} }()
			post := func(in map[string]any) (out map[string]any) {
				t.Helper()
				body, _ := json.Marshal(in)
				for {
					answer, err := http.Post(base+"/api/setup", "application/json", bytes.NewReader(body))
					if err != nil { // it does not listen yet
						if len(done) > 0 {
							t.Fatal(err)
						}
						continue
					}
					defer answer.Body.Close()
					if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || answer.StatusCode != http.StatusOK {
						t.Fatalf("%s = %d %v %v", body, answer.StatusCode, out, err)
					}
					return out
				}
			}
			answered := given
			answered.Name, answered.Wifi = "Annexe", site.AnswerWifi{Use: site.WifiPlace, SSID: "Box"}
			seen := post(map[string]any{"do": "answer", "question": 1, "answers": answered})
			if seen["again"] != true || fmt.Sprint(seen["answered"]) != "[true true true true true true]" || seen["passphrase_kept"] != true || strings.Contains(fmt.Sprint(seen), "correct horse") {
				t.Errorf("the phone sees %v; want what was answered, without the passphrase", seen)
			}
			if now, err := os.ReadFile(file); err != nil || string(now) != before {
				t.Errorf("the site has changed before its end: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, againFile)); err == nil {
				t.Error("the next start would ask again")
			}
			if tt.do == "" {
				cancel()
				<-done
				u, _ = setUpHere(t, file)
				s, err := u.siteOr(t.Context())
				done <- result{s, err}
			} else {
				post(map[string]any{"do": tt.do})
			}
			if got := <-done; got.err != nil || got.s.Place.Name != tt.want || got.s.Wifi.Passphrase.Reveal() != "correct horse" {
				t.Errorf("the site is %+v, %v; want %s", got.s, got.err, tt.want)
			}
		})
	}
	want, had, err := site.WithoutWifi([]byte(before))
	if err != nil || !had {
		t.Fatalf("the file before had no Wi-Fi: %v", err)
	}
	if kept, err := os.ReadFile(filepath.Join(dir, "jeudi.previous.toml")); err != nil || !bytes.Equal(kept, want) {
		t.Errorf("the file before is %.300q, %v; want it kept without its Wi-Fi", kept, err)
	}
	// A file that says more than the questions is not for them.
	s, err := site.Parse("x", []byte(site.SampleText()))
	if err != nil {
		t.Fatal(err)
	}
	for key, hold := range map[string]error{"care.setup_more": nil, "update.hold": refuse("update.hold")} {
		err := (&caretaker{site: s, siteFile: file, hold: func() error { return hold }}).setUp()
		if r, ok := errors.AsType[*session.Refusal](err); !ok || r.Msg.Key != key {
			t.Errorf("setUp = %v; want %s", err, key)
		}
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
