package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/firmware/care"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/provisioning/card"
	health "jeudi/provisioning/machine"
	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
)

// fakeSteward has a stick in memory, and does as told.
type fakeSteward struct {
	mu      sync.Mutex // handlers run beside the test
	stick   map[string][]byte
	second  map[string][]byte // another stick; nil for none
	changed map[string]time.Time
	refused string // why the stick is none
	locked  bool
	torn    bool // what is written does not come back
	asked   []string
	socket  string
}

type stewardArgs struct {
	Stick   string `json:"stick"`
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

func newSteward(t *testing.T) *fakeSteward {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "care") // a socket's name is short
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeSteward{stick: map[string][]byte{}, socket: filepath.Join(dir, "s")}
	ln, err := steward.Listen(f.socket, os.Getgid())
	if err != nil {
		t.Fatal(err)
	}
	refused := &steward.Refusal{Key: "stick.unwritable"}
	do := func(verb string, h func(stewardArgs) (any, error)) (string, steward.Handler) {
		return verb, func(_ context.Context, raw json.RawMessage, _ func(steward.Progress)) (any, error) {
			var args stewardArgs
			json.Unmarshal(raw, &args)
			f.mu.Lock()
			defer f.mu.Unlock()
			f.asked = append(f.asked, verb)
			return h(args)
		}
	}
	handlers := map[string]steward.Handler{}
	add := func(verb string, h steward.Handler) { handlers[verb] = h }
	add(do(steward.VerbStatus, func(stewardArgs) (any, error) {
		facts := health.Facts{Model: "Raspberry Pi 4", Celsius: 81, Power: "good", Watchdog: true, DataBytes: 1 << 30, DataFree: 1 << 29}
		return map[string]any{"machine": machineStatus{facts, health.Find(facts)}}, nil
	}))
	add(do(steward.VerbSticks, func(stewardArgs) (any, error) {
		list := []stick.Stick{{ID: "sda1", Model: "Stick of 16 GB", Refused: f.refused}}
		if f.second != nil {
			list = append(list, stick.Stick{ID: "sdb1", Model: "Stick of 32 GB"})
		}
		for i, files := range []map[string][]byte{f.stick, f.second}[:len(list)] {
			for name, content := range files {
				kind := ""
				switch {
				case strings.HasSuffix(name, ".jeudi"):
					kind = stick.KindBackup
				case stick.IsSite(name):
					kind = stick.KindSite
				}
				list[i].Files = append(list[i].Files, stick.File{Name: name, Bytes: int64(len(content)), Kind: kind, Changed: f.changed[name]})
			}
		}
		return list, nil
	}))
	add(do(steward.VerbExport, func(a stewardArgs) (any, error) {
		if f.locked {
			return nil, refused
		}
		f.stick[a.Name] = a.Content
		if f.torn {
			f.stick[a.Name] = a.Content[:len(a.Content)-1]
		}
		return map[string]string{"name": a.Name}, nil
	}))
	add(do(steward.VerbImport, func(a stewardArgs) (any, error) {
		from := f.stick
		if a.Stick == "sdb1" {
			from = f.second
		}
		content, ok := from[a.Name]
		if !ok {
			return nil, &steward.Refusal{Key: "stick.no_file"}
		}
		return map[string][]byte{"content": content}, nil
	}))
	for _, verb := range []string{steward.VerbPowerOff, steward.VerbReboot, steward.VerbReset} {
		add(do(verb, func(stewardArgs) (any, error) { return struct{}{}, nil }))
	}
	s, err := steward.NewServer(handlers, func(uint32) bool { return true }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		<-done
		os.RemoveAll(dir)
	})
	return f
}

// file is the only file of the stick with an ending.
func (f *fakeSteward) file(t *testing.T, begins string) (name string, content []byte) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for n, c := range f.stick {
		if strings.HasPrefix(n, begins) {
			return n, c
		}
	}
	t.Fatalf("no %s… on the stick", begins)
	return "", nil
}

func (f *fakeSteward) wasAsked(verb string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.asked, verb)
}

// care asks for something of « Boîtier », and returns status and answer.
func (r *running) care(f fields) (int, fields) {
	r.t.Helper()
	body, _ := json.Marshal(f)
	resp, err := http.Post(r.base+"/api/care", "application/json", bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer fields
	json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, answer
}

// ends waits for the box to end by itself.
func (r *running) ends() int {
	r.t.Helper()
	select {
	case code := <-r.code:
		r.ended = true
		return code
	case <-time.After(20 * time.Second):
		r.t.Fatal("the box does not end")
		return -1
	}
}

// careSite is a site file with a secret, and what a box with it is started with.
func careSite(t *testing.T, name string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "jeudi.toml")
	text := siteWith(t, "Centre social Les Tilleuls", name)
	text = strings.Replace(text, "[wifi]\n", "[wifi]\nssid = \"Salle\"\npassphrase = \"correct horse battery\"\n", 1)
	if _, err := site.Parse(file, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A spare box: the permanence goes on there, where it was, in two orders; its sheets stay
// behind, and what is on the stick reads with the code alone.
func TestSpareBox(t *testing.T) {
	s := newSteward(t)
	first := boxHere(t, t.TempDir(), "-steward", s.socket, "-site", careSite(t, "Les Tilleuls"))
	first.desk("open", nil)
	visit := first.post("/api/tickets", fields{"motif": "caf", "lang": "ar"})
	first.post("/api/tickets", fields{"motif": "impots"})
	first.desk("next", nil)
	if err := os.WriteFile(filepath.Join(first.data, "pending"), []byte("sheets, sealed"), 0o600); err != nil {
		t.Fatal(err)
	}

	// An open permanence is not erased, nor replaced.
	for _, do := range []fields{{"do": "reset", "sure": "EFFACER"}, {"do": "restore", "stick": "sda1", "name": "x.jeudi"}} {
		if code, answer := first.care(do); code != http.StatusConflict || answer["key"] != "care.busy" {
			t.Errorf("%v during a permanence = %d %v", do, code, answer)
		}
	}
	code, answer := first.care(fields{"do": "handover"})
	if code != http.StatusOK || len(answer["code"].(string)) != 19 {
		t.Fatalf("handover = %d %v; want a code", code, answer)
	}
	secret := answer["code"].(string)
	// Another screen asks too: what was noted first would open nothing.
	_, answer = first.care(fields{"do": "handover"})
	for _, old := range []string{secret, "", answer["code"].(string) + "2"} {
		if code, answer := first.care(fields{"do": "handover_go", "code": old}); code != http.StatusConflict || answer["key"] != "care.code_old" {
			t.Errorf("handover_go with the code %q = %d %v; want care.code_old", old, code, answer)
		}
	}
	secret = answer["code"].(string)
	if code, answer := first.care(fields{"do": "handover_go", "code": secret}); code != http.StatusOK {
		t.Fatalf("handover_go = %d %v", code, answer)
	}
	if got := first.ends(); got != exitOK || !s.wasAsked(steward.VerbPowerOff) {
		t.Fatalf("the box ended with %d %s; want it switched off", got, first.errs)
	}
	name, sealed := s.file(t, "jeudi-matinee-")
	if bytes.Contains(sealed, []byte("impots")) || bytes.Contains(sealed, []byte("Tilleuls")) {
		t.Error("the stick reads without its code")
	}
	packed, err := care.Unseal(sealed, secret)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := care.Unpack(packed); err != nil || len(b.Events) == 0 || !bytes.Contains(b.Site["jeudi.toml"], []byte("correct horse")) {
		t.Fatalf("the bundle = %+v, %v; want the permanence, and the site whole", b, err)
	}
	if bytes.Contains(packed, []byte("pending")) || bytes.Contains(packed, []byte("sheets, sealed")) {
		t.Error("the sheets left their card")
	}
	if strings.Contains(first.errs.String()+first.out.String(), secret) {
		t.Error("the code is in the log")
	}

	// The spare one, with a site of its own and nobody's tickets.
	siteFile := careSite(t, "La Réserve")
	spare := boxHere(t, t.TempDir(), "-steward", s.socket, "-site", siteFile)
	status, page := spare.get("/api/care")
	if status != http.StatusOK || !strings.Contains(page, name) || !strings.Contains(page, "trop chaud") {
		t.Errorf("GET /api/care = %d %s; want the file, and the heat", status, page)
	}
	for typed, want := range map[string]string{"": "care.needs_code", "ABCD-EFGH-JKLM-NPQR": "care.code"} {
		if code, answer := spare.care(fields{"do": "restore", "stick": "sda1", "name": name, "code": typed}); code != http.StatusConflict || answer["key"] != want {
			t.Errorf("restore with %q = %d %v; want %s", typed, code, answer, want)
		}
	}
	if code, answer := spare.care(fields{"do": "restore", "stick": "sda1", "name": name, "code": strings.ToLower(secret)}); code != http.StatusOK {
		t.Fatalf("restore = %d %v", code, answer)
	}
	if got := spare.ends(); got != exitFail { // systemd starts it again
		t.Errorf("the box ended with %d; want to be started anew", got)
	}
	again := boxHere(t, spare.data, "-steward", s.socket, "-site", siteFile)
	v := await(again.watch("/ws/desk?desk=1"), "the permanence", func(v deskView) bool { return v.Counts["issued"] == 2 })
	if v.Mine == nil || v.Mine.ID != visit["visit"] || len(v.Waiting) != 1 || v.Waiting[0].Number != 2 {
		t.Errorf("the spare box has %+v; want visit %v at desk 1, and number 2 waiting", v, visit["visit"])
	}
	again.desk("resume", nil)
	if next := again.post("/api/tickets", fields{}); next["number"] != 3.0 {
		t.Errorf("the next ticket = %v; want number 3", next)
	}
	if !strings.Contains(again.out.String(), "Les Tilleuls") {
		t.Errorf("the spare box is %s; want the place of the other", again.out)
	}
	if _, err := os.Stat(filepath.Join(again.data, restoreFile)); err == nil {
		t.Error("what was restored is still there")
	}

	// The first one, switched on again by mistake, says what happened; nothing happens there.
	back := boxHere(t, first.data, "-steward", s.socket)
	await(back.watch("/ws/desk?desk=1"), "what happened", left)
	await(back.watch("/ws/hall"), "whom to ask", func(v struct {
		Status, Message string
		Waiting         int
	}) bool {
		return v.Status == "closed" && v.Waiting == 0 && strings.HasPrefix(v.Message, "Demandez")
	})
	for path, order := range map[string]fields{
		"/api/tickets": {"id": newID(), "motif": "caf"}, "/api/desk": {"id": newID(), "do": "next", "desk": "1"}, "/api/care": {"do": "handover"},
	} {
		if status, answer := back.order(path, order); status != http.StatusConflict || answer["key"] != "refuse.moved" {
			t.Errorf("%v in a box that the morning has left = %d %v; want refuse.moved", order, status, answer)
		}
	}
	if status, answer := back.care(fields{"do": "reset", "sure": "EFFACER"}); status != http.StatusConflict || answer["key"] != "care.busy" {
		t.Errorf("reset of what another box may not have = %d %v; want care.busy", status, answer)
	}

	// And back: the first one goes on with it, the spare one is closed and counts nothing.
	_, answer = again.care(fields{"do": "handover"})
	secret = answer["code"].(string)
	s.mu.Lock()
	delete(s.stick, name)
	s.mu.Unlock()
	again.care(fields{"do": "handover_go", "code": secret})
	again.ends()
	name, _ = s.file(t, "jeudi-matinee-")
	if status, answer := back.care(fields{"do": "restore", "stick": "sda1", "name": name, "code": secret}); status != http.StatusOK {
		t.Fatalf("restore in the first box = %d %v", status, answer)
	}
	back.ends()
	back = boxHere(t, first.data, "-steward", s.socket)
	v = await(back.watch("/ws/desk?desk=1"), "the permanence", func(v deskView) bool { return v.Counts["issued"] == 3 })
	if left(v) || v.Mine == nil || v.Mine.ID != visit["visit"] {
		t.Errorf("the first box has %+v; want the morning back", v)
	}
	spare = boxHere(t, spare.data, "-steward", s.socket, "-site", siteFile)
	spare.desk("close", nil) // nobody asks what became of three people who are somewhere else
	back.desk("close", fields{"rest": "left"})
	for data, want := range map[string]int{spare.data: 0, back.data: 1} {
		map[string]*running{spare.data: spare, back.data: back}[data].stop()
		l, _, err := ledger.Open(data)
		if err != nil {
			t.Fatal(err)
		}
		if entries, err := l.Entries(); err != nil || len(entries) != want {
			t.Errorf("%s counts %d permanences, %v; want %d", data, len(entries), err, want)
		}
		l.Close()
	}
}

// A morning that nobody took over comes back from its stick; that of a third box does not
// take its place.
func TestMorningComesBack(t *testing.T) {
	s := newSteward(t)
	leaves := func(tickets int) (r *running, name, secret string, content []byte) {
		r = boxHere(t, t.TempDir(), "-steward", s.socket)
		r.desk("open", nil)
		for range tickets {
			r.post("/api/tickets", fields{"motif": "caf"})
		}
		_, answer := r.care(fields{"do": "handover"})
		secret = answer["code"].(string)
		r.care(fields{"do": "handover_go", "code": secret})
		r.ends()
		name, content = s.file(t, "jeudi-matinee-")
		return r, name, secret, content
	}
	stick := func(name string, content []byte) {
		s.mu.Lock()
		defer s.mu.Unlock()
		clear(s.stick)
		if name != "" {
			s.stick[name] = content
		}
	}
	first, name, secret, content := leaves(1)
	stick("", nil)
	_, another, itsSecret, _ := leaves(2)
	take := func(name, secret string) (deskView, *running) {
		t.Helper()
		r := boxHere(t, first.data, "-steward", s.socket)
		if status, answer := r.care(fields{"do": "restore", "stick": "sda1", "name": name, "code": secret}); status != http.StatusOK {
			t.Fatalf("restore = %d %v", status, answer)
		}
		r.ends()
		r = boxHere(t, first.data, "-steward", s.socket)
		v := await(r.watch("/ws/desk?desk=1"), "its ticket", func(v deskView) bool { return v.Counts["issued"] > 0 })
		return v, r
	}
	v, r := take(another, itsSecret)
	if v.Counts["issued"] != 1 || !left(v) || !slices.ContainsFunc(v.Banners, func(b struct{ Key, Level, Text string }) bool { return strings.Contains(b.Text, "déjà des tickets") }) {
		t.Errorf("with the morning of a third box it has %+v; want its own, and why", v)
	}
	r.stop()
	stick(name, content)
	if v, _ = take(name, secret); v.Counts["issued"] != 1 || left(v) {
		t.Errorf("with its own morning it has %+v; want it to go on", v)
	}
}

// The power goes when the stick has been written and the journal does not know: it goes on
// here, and staff are told that a stick may say otherwise.
func TestHandoverCutShort(t *testing.T) {
	s := newSteward(t)
	r := boxHere(t, t.TempDir(), "-steward", s.socket)
	r.desk("open", nil)
	r.post("/api/tickets", fields{"motif": "caf"})
	r.stop()
	if err := os.WriteFile(filepath.Join(r.data, handoverFile), []byte("failed\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r = boxHere(t, r.data, "-steward", s.socket)
	await(r.watch("/ws/desk?desk=1"), "what to do", func(v deskView) bool {
		return !left(v) && slices.ContainsFunc(v.Banners, func(b struct{ Key, Level, Text string }) bool { return strings.Contains(b.Text, "Effacez la clé") })
	})
}

// left is what the desk of a box says from which the morning has gone.
func left(v deskView) bool {
	return slices.ContainsFunc(v.Banners, func(b struct{ Key, Level, Text string }) bool { return strings.Contains(b.Text, "partie sur une clé") })
}

// A stick that takes nothing, or does not give back what it took: the permanence goes on
// where it was.
func TestHandoverThatFails(t *testing.T) {
	for name, fails := range map[string]func(*fakeSteward){
		"takes nothing":      func(s *fakeSteward) { s.locked = true },
		"gives back another": func(s *fakeSteward) { s.torn = true },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSteward(t)
			fails(s)
			r := boxHere(t, t.TempDir(), "-steward", s.socket)
			r.desk("open", nil)
			r.post("/api/tickets", fields{"motif": "caf"})
			if code, answer := r.care(fields{"do": "handover_go"}); code != http.StatusConflict {
				t.Errorf("without a code that was noted = %d %v", code, answer)
			}
			code, answer := r.care(fields{"do": "handover"})
			if code != http.StatusOK {
				t.Fatalf("handover = %d %v", code, answer)
			}
			if code, answer := r.care(fields{"do": "handover_go", "code": answer["code"]}); code != http.StatusOK {
				t.Fatalf("handover_go = %d %v", code, answer)
			}
			if got := r.ends(); got != exitFail || s.wasAsked(steward.VerbPowerOff) {
				t.Fatalf("the box ended with %d; want to be started anew", got)
			}
			again := boxHere(t, r.data, "-steward", s.socket)
			v := await(again.watch("/ws/desk?desk=1"), "what happened", func(v deskView) bool {
				return slices.ContainsFunc(v.Banners, func(b struct{ Key, Level, Text string }) bool {
					return strings.Contains(b.Text, "continue ici")
				})
			})
			if v.Counts["issued"] != 1 {
				t.Errorf("after it the box has %+v", v)
			}
		})
	}
}

// What no box could read back is not written: without the recordings of people it fits. What
// is too large all the same is refused before anything is written, and before the box ends.
func TestTooLargeForAStick(t *testing.T) {
	s := newSteward(t)
	file := careSite(t, "Les Tilleuls")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("\n[texts]\n"), []byte("\n[texts]\nfolder = \"texts\"\nvoices = \"voix\"\n"), 1)
	if err := errors.Join(os.WriteFile(file, text, 0o600), os.Mkdir(filepath.Join(filepath.Dir(file), "voix"), 0o700), os.Mkdir(filepath.Join(filepath.Dir(file), "texts"), 0o700)); err != nil {
		t.Fatal(err)
	}
	r := boxHere(t, t.TempDir(), "-steward", s.socket, "-site", file)
	r.desk("open", nil)
	r.post("/api/tickets", fields{"motif": "caf"})
	noise := make([]byte, stick.ByValue)
	rand.Read(noise)
	put := func(name string, size int) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), noise[:size], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asks := func(do string, size, want int) (code string) {
		t.Helper()
		put("texts/x.json", size)
		status, answer := r.care(fields{"do": do})
		if status != want || want == http.StatusConflict && answer["key"] != "care.too_large" {
			t.Errorf("%s of %d bytes = %d %v; want %d", do, size, status, answer, want)
		}
		code, _ = answer["code"].(string)
		return code
	}
	asks("backup", stick.ByValue, http.StatusConflict)
	asks("handover", stick.ByValue, http.StatusConflict)
	if s.wasAsked(steward.VerbExport) {
		t.Error("something was written")
	}
	asks("backup", stick.ByValue-1<<20, http.StatusOK)
	_, content := s.file(t, "jeudi-sauvegarde-")
	if got, err := care.Unpack(content); err != nil || len(got.Site) != 2 {
		t.Errorf("the backup = %d files, %v", len(got.Site), err)
	}
	// What fits without the tickets of the morning does not with them.
	asks("handover", stick.ByValue-(len(content)-(stick.ByValue-1<<20))-4096, http.StatusConflict)
	code := asks("handover", stick.ByValue-1<<20, http.StatusOK)
	// It grew since the code was noted.
	put("texts/y.json", 1<<20)
	if status, answer := r.care(fields{"do": "handover_go", "code": code}); status != http.StatusConflict || answer["key"] != "care.too_large" {
		t.Errorf("handover_go = %d %v; want care.too_large", status, answer)
	}
	if next := r.post("/api/tickets", fields{"motif": "caf"}); next["number"] != 2.0 {
		t.Errorf("the next ticket = %v; want the box to go on", next)
	}
	put("texts/x.json", 0)
	put("voix/x.wav", stick.ByValue)
	s.mu.Lock()
	clear(s.stick) // the one before may be of another minute, and have another name
	s.mu.Unlock()
	_, answer := r.care(fields{"do": "backup"})
	_, content = s.file(t, "jeudi-sauvegarde-")
	if b, err := care.Unpack(content); err != nil || len(b.Site) != 3 || !strings.Contains(answer["text"].(string), "Les voix enregistrées du lieu n’y sont pas") {
		t.Errorf("the backup = %d files, %v, and the desk says %v; want it without recordings, and said", len(b.Site), err, answer)
	}
	if code, answer := r.care(fields{"do": "handover"}); code != http.StatusOK {
		t.Errorf("handover = %d %v; want those who wait to go on without recordings", code, answer)
	}
}

// The report has nothing of a visitor and no secret; the backup, no ticket.
func TestReportAndBackup(t *testing.T) {
	s := newSteward(t)
	r := boxHere(t, t.TempDir(), "-steward", s.socket, "-site", careSite(t, "Les Tilleuls"))
	r.desk("open", nil)
	visit := r.post("/api/tickets", fields{"motif": "caf", "lang": "ar"})
	for _, do := range []string{"report", "backup"} {
		if code, answer := r.care(fields{"do": do}); code != http.StatusOK || !strings.Contains(answer["text"].(string), "jeudi-") {
			t.Fatalf("%s = %d %v", do, code, answer)
		}
	}
	_, text := s.file(t, "jeudi-rapport-")
	for _, want := range []string{"Les Tilleuls", fullVersion(), "81 °C", "trop chaud", "journal.db : ", "[place]"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	for _, never := range []string{"correct horse", visit["visit"].(string)} {
		if bytes.Contains(text, []byte(never)) {
			t.Errorf("the report has %q", never)
		}
	}
	_, packed := s.file(t, "jeudi-sauvegarde-")
	b, err := care.Unpack(packed)
	if err != nil || len(b.Events) > 0 || !b.NoWifi || bytes.Contains(b.Site["jeudi.toml"], []byte("correct horse")) || !bytes.Contains(b.Site["jeudi.toml"], []byte(`ssid = "Salle"`)) {
		t.Errorf("the backup = %d events, site %.200q, %v; want no ticket, no passphrase, and what to write again", len(b.Events), b.Site["jeudi.toml"], err)
	}
	if s, err := site.Parse("", b.Site["jeudi.toml"]); err != nil || s.Wifi.SSID != "" || s.Place.Name != "Les Tilleuls" {
		t.Errorf("its site = %+v, %v; want no network that looks open", s, err)
	}

	if code, answer := r.care(fields{"do": "reset", "sure": "effacer"}); code != http.StatusConflict || answer["key"] != "care.reset_unsure" {
		t.Errorf("reset without its word = %d %v", code, answer)
	}
	if code, _ := r.care(fields{"do": "dance"}); code != http.StatusBadRequest {
		t.Errorf("an unknown order = %d", code)
	}
	if code, _ := r.care(fields{"do": "reboot"}); code != http.StatusOK || !s.wasAsked(steward.VerbReboot) {
		t.Errorf("reboot = %d", code)
	}
}

// Without a steward there is nothing to offer.
func TestNoCareOnALaptop(t *testing.T) {
	r := boxHere(t, t.TempDir(), "-steward", filepath.Join(t.TempDir(), "none"))
	if status, _ := r.get("/api/care"); status != http.StatusNotFound {
		t.Errorf("GET /api/care = %d; want 404", status)
	}
	if _, me := r.get("/api/me"); strings.Contains(me, `"care"`) {
		t.Errorf("GET /api/me = %s; want no care", me)
	}
}

// What cannot be taken over is left out, and the box starts.
func TestTakeOver(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	good := care.Bundle{Place: "x", Site: map[string][]byte{"jeudi.toml": []byte(site.SampleText()), "textes/fr.json": []byte("{}")},
		Directory: map[string][]byte{"places.json": []byte("[]")},
		Events:    []session.Event{{Seq: 1, Body: session.PermanencePlanned{}}, {Seq: 2, Body: session.PermanencePaused{}}}}
	packed, err := good.Pack()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"nothing to take over", nil, ""},
		{"a whole one", packed, "care.restored"},
		{"half of one", packed[:len(packed)/2], "care.not_restored"},
	} {
		data, siteFile := t.TempDir(), filepath.Join(t.TempDir(), "jeudi.toml")
		if tt.raw != nil {
			if err := keepRestore(data, tt.raw); err != nil {
				t.Fatal(err)
			}
		}
		got := takeOver(data, siteFile, log)
		if (tt.want == "") != (len(got) == 0) || tt.want != "" && got[0].Key != tt.want {
			t.Errorf("%s: %+v; want %s", tt.name, got, tt.want)
		}
		text, err := os.ReadFile(siteFile)
		if (err == nil && string(text) == site.SampleText()) != (tt.want == "care.restored") {
			t.Errorf("%s: the site is %.30q, %v", tt.name, text, err)
		}
		if again := takeOver(data, siteFile, log); len(again) > 0 {
			t.Errorf("%s: taken over twice: %+v", tt.name, again)
		}
	}

	// Cut after any part of it, it is done again to the same end.
	data, siteFile := t.TempDir(), filepath.Join(t.TempDir(), "jeudi.toml")
	for range 3 {
		if err := keepRestore(data, packed); err != nil {
			t.Fatal(err)
		}
		if got := takeOver(data, siteFile, log); len(got) != 1 || got[0].Key != "care.restored" {
			t.Fatalf("again: %+v", got)
		}
	}

	// What a backup leaves out is said, with what came of it.
	good.NoWifi = true
	if packed, err = good.Pack(); err != nil {
		t.Fatal(err)
	}
	if err := keepRestore(data, packed); err != nil {
		t.Fatal(err)
	}
	if got := takeOver(data, siteFile, log); len(got) != 2 || got[1].Key != "care.wifi_again" {
		t.Errorf("without the Wi-Fi of the place: %+v; want it said", got)
	}

	// A name that leads out is refused before anything is written.
	if err := putFile(t.TempDir(), "../"+card.SiteFile, nil); err == nil {
		t.Error("a file was written beside its folder")
	}
	if err := told(errors.New("x")); err == nil || err.Error() != "x" {
		t.Errorf("told(another error) = %v", err)
	}
}
