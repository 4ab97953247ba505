package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jeudi/provisioning/steward"
)

// order posts what a desk orders, and returns status and answer.
func (r *running) order(path string, f fields) (int, fields) {
	r.t.Helper()
	body, _ := json.Marshal(f)
	resp, err := http.Post(r.base+path, "application/json", bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer fields
	json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, answer
}

const oneLieu = "id,nom,commune,code_postal,adresse,latitude,longitude,telephone,services,frais_a_charge\n" +
	"un,Espace Un,Lyon,69001,3 rue du Pont,45.761,4.83,04 72 00 00 00,Aide aux démarches administratives,Gratuit\n"

// On a card the desk's « Lire une clé USB » and the export of the log go through the
// steward: no stick is mounted where a laptop has it.
func TestDeskReachesSticks(t *testing.T) {
	s := newSteward(t)
	set := func(why string, files map[string][]byte) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refused, s.stick = why, files
	}
	r := boxHere(t, t.TempDir(), "-steward", s.socket)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	s.mu.Lock()
	s.changed = map[string]time.Time{"lieux-new.csv": now, "lieux-old.csv": now.AddDate(-1, 0, 0)}
	s.mu.Unlock()
	for _, tt := range []struct {
		name, refused string
		files         map[string][]byte
		status        int
		key           string
	}{
		{"a stick of a kind that is not read", "stick.kind", nil, http.StatusConflict, "stick.kind"},
		{"a stick without a list of places", "", map[string][]byte{"photos.csv": nil, "jeudi.toml": nil}, http.StatusConflict, "refuse.place_no_file"},
		{"the newest of two lists, whatever their names", "", map[string][]byte{"lieux-new.csv": []byte(oneLieu), "lieux-old.csv": []byte("nothing\n")}, http.StatusOK, ""},
	} {
		set(tt.refused, tt.files)
		status, answer := r.order("/api/places", fields{"do": "usb"})
		if key, _ := answer["key"].(string); status != tt.status || key != tt.key || tt.key != "" && answer["error"] == "" {
			t.Errorf("%s: usb = %d %v; want %d %s", tt.name, status, answer, tt.status, tt.key)
		} else if status == http.StatusOK && answer["places"] != 1.0 {
			t.Errorf("%s: usb = %v; want its one place", tt.name, answer)
		}
	}
	if !s.wasAsked(steward.VerbImport) {
		t.Error("the steward was not asked for the file")
	}

	set("", map[string][]byte{})
	r.desk("export_log", nil)
	if name, _ := s.file(t, "jeudi-journal-"); filepath.Ext(name) != ".txt" {
		t.Errorf("the log is on the stick as %q", name)
	}
	s.mu.Lock()
	s.locked = true
	s.mu.Unlock()
	if status, answer := r.order("/api/desk", fields{"id": "00000000000000000000000000000abc", "do": "export_log", "desk": "1"}); status != http.StatusConflict || answer["key"] != "stick.unwritable" {
		t.Errorf("a stick that takes nothing = %d %v; want stick.unwritable", status, answer)
	}
}

// A stick through the steward is a file system like another.
func TestStickFS(t *testing.T) {
	s := newSteward(t)
	s.stick = map[string][]byte{"lieux.csv": []byte(oneLieu), "structures.json": []byte("[]")}
	found, err := pluggedSticks{&steward.Client{Socket: s.socket}}.Open(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatalf("Open() = %v, %v; want one stick", found, err)
	}
	if got, err := fs.ReadFile(found[0], "lieux.csv"); err != nil || !strings.Contains(string(got), "Espace Un") {
		t.Errorf("lieux.csv = %q, %v", got, err)
	}
	for _, name := range []string{"none.csv", "../etc/passwd", "jeudi/lieux.csv"} {
		if _, err := found[0].Open(name); err == nil {
			t.Errorf("Open(%q) gave a file", name)
		}
	}
	if _, err := fs.ReadDir(found[0], "jeudi"); err == nil {
		t.Error("a folder of the stick was seen")
	}
	none := pluggedSticks{&steward.Client{Socket: filepath.Join(t.TempDir(), "none")}}
	if none.There() {
		t.Error("a steward is there; want none")
	}
}
