package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/words"
	kioskui "jeudi/kiosk-ui"
	"jeudi/provisioning/site"
)

// fakeBench is a box with a printer and a panel.
type fakeBench struct {
	mu      sync.Mutex
	printed []string
	err     error
	pressed chan func(string)
	ended   chan bool
}

func (b *fakeBench) Found() Found {
	return Found{Printers: []Printer{{Device: "escpos:/dev/usb/lp0", Kind: kindUSB}}, Panel: true, Sound: true}
}
func (b *fakeBench) Print(_ context.Context, device, profile string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.printed = append(b.printed, device+" "+profile)
	return b.err
}
func (b *fakeBench) Panel(ctx context.Context, layout string, pressed func(string)) error {
	if layout == "visitor4" {
		return drivers.ErrUnplugged
	}
	b.pressed <- pressed
	<-ctx.Done()
	b.ended <- true
	return ctx.Err()
}
func (b *fakeBench) Wanted(string) []string              { return []string{"previous", "next", "ok"} }
func (b *fakeBench) Sound(context.Context, string) error { return b.err }

// world is a wizard behind two real listeners.
type world struct {
	t             *testing.T
	server        *Server
	bench         *fakeBench
	kiosk, public *httptest.Server
	phone         *http.Client
	log           bytes.Buffer
	kept          []byte
	written       []string
	refuse        error // of the card
	ahead         atomic.Int64
}

// later has time pass.
func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

// loaded is the catalogue, read once.
var loaded = sync.OnceValues(words.Load)

func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	w := newWizard(t, change)
	w.kiosk, w.public = httptest.NewServer(w.server.Kiosk()), httptest.NewServer(w.server.Phone())
	w.phone = &http.Client{Jar: jar{}}
	t.Cleanup(func() { w.kiosk.Close(); w.public.Close() })
	return w
}

// newWizard is one without listeners.
func newWizard(t *testing.T, change func(*Config)) *world {
	t.Helper()
	c, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, bench: &fakeBench{pressed: make(chan func(string), 1), ended: make(chan bool, 1)}}
	cfg := Config{Files: kioskui.Files, Words: c, Bench: w.bench, Version: "1.2.3",
		Access: func() Access {
			return Access{SSID: `Jeudi;"x"`, Passphrase: "kavu:pilo", Scan: "WIFI:T:WPA;S:x;P:y;;", Host: "10.41.0.1"}
		},
		Clock: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) },
		Log:   slog.New(slog.NewTextHandler(&w.log, nil)),
		Load:  func() []byte { return w.kept },
		Keep:  func(data []byte) error { w.kept = slices.Clone(data); return w.refuse },
		Write: func(text string) error {
			if w.refuse == nil {
				w.written = append(w.written, text)
			}
			return w.refuse
		}}
	if change != nil {
		change(&cfg)
	}
	w.server = New(cfg)
	t.Cleanup(w.server.Close)
	return w
}

// jar keeps the cookies of the one box there is.
type jar map[string]*http.Cookie

func (j jar) SetCookies(_ *url.URL, list []*http.Cookie) {
	for _, c := range list {
		j[c.Name] = c
	}
}

func (j jar) Cookies(*url.URL) (list []*http.Cookie) {
	for _, c := range j {
		list = append(list, c)
	}
	return list
}

// do sends JSON as a page of the listener would, and decodes the answer.
func (w *world) do(client *http.Client, base, path string, in any) (status int, out map[string]any) {
	w.t.Helper()
	var body bytes.Buffer
	method := "GET"
	if in != nil {
		method = "POST"
		json.NewEncoder(&body).Encode(in)
	}
	r, err := http.NewRequest(method, base+path, &body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Origin", base)
	answer, err := client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	json.NewDecoder(answer.Body).Decode(&out) // a page is no JSON
	return answer.StatusCode, out
}

func (w *world) asPhone(path string, in any) (int, map[string]any) {
	return w.do(w.phone, w.public.URL, path, in)
}
func (w *world) asKiosk(path string, in any) (int, map[string]any) {
	return w.do(http.DefaultClient, w.kiosk.URL, path, in)
}

type body = map[string]any

// TestTheCodeLetsIn: on the network nothing of the questions is seen or changed without
// the kiosk's code, and who guesses has to wait.
func TestTheCodeLetsIn(t *testing.T) {
	w := newWorld(t, nil)
	for _, in := range []any{nil, body{"do": "finish"}, body{"do": "answer", "question": 1}, body{"do": "print"}} {
		if status, got := w.asPhone("/api/setup", in); status != http.StatusUnauthorized || got["answers"] != nil {
			t.Errorf("%v without the code = %d %v; want 401", in, status, got)
		}
	}
	for _, path := range []string{"/kiosk", "/api/setup/kiosk", "/healthz", "/screen/main.js", "/setup/", "/lib/../go.mod"} {
		if status, got := w.asPhone(path, nil); status != http.StatusNotFound && status != http.StatusBadRequest {
			t.Errorf("GET %s on the network = %d %v; want nothing there", path, status, got)
		}
	}
	_, shown := w.asKiosk("/api/setup/kiosk", body{})
	code := shown["code"].(string)
	if len(code) != 8 || strings.Trim(code, "0123456789") != "" {
		t.Fatalf("the kiosk shows the code %q; want eight digits", code)
	}
	// Whoever guesses waits, the more the longer, and the right code too; it stays the same.
	slow := 0
	for i := range 40 {
		status, got := w.asPhone("/api/setup/code", body{"code": fmt.Sprintf("%08d", i)})
		switch {
		case status == http.StatusTooManyRequests && strings.HasPrefix(got["error"].(string), "Attendez "):
			slow++
		case status != http.StatusForbidden || slow > 0:
			t.Fatalf("wrong code %d = %d %v; want 403, and at last to wait", i, status, got)
		}
	}
	if slow < 30 {
		t.Errorf("%d of 40 tries had to wait; want all but the first few", slow)
	}
	if status, _ := w.asPhone("/api/setup/code", body{"code": code}); status != http.StatusTooManyRequests {
		t.Errorf("the code, too early = %d; want 429", status)
	}
	if strings.Count(w.log.String(), "tried too often") != 1 {
		t.Errorf("the log is %s; want it said once", &w.log)
	}
	if _, shown := w.asKiosk("/api/setup/kiosk", body{}); shown["code"] != code {
		t.Error("the kiosk shows another code: anybody on the network could change it for ever")
	}
	// Who has scanned the kiosk's picture never waits: nobody keeps them out.
	scanned := &http.Client{Jar: jar{}}
	if status, _ := w.do(scanned, w.public.URL, "/api/setup/code", body{"code": w.server.scanned}); status != http.StatusOK {
		t.Errorf("the picture's code while others guess = %d; want 200", status)
	}
	if n := len(w.server.scanned); n != 22 {
		t.Errorf("the picture's code has %d letters; want 128 bits", n)
	}
	w.later(time.Minute)
	if status, _ := w.asPhone("/api/setup/code", body{"code": code[:4] + " " + code[4:]}); status != http.StatusOK {
		t.Errorf("the code with a space = %d; want 200", status)
	}
	if status, got := w.asPhone("/api/setup", nil); status != http.StatusOK || got["answers"] == nil {
		t.Errorf("with the code = %d %v; want the questions", status, got)
	}
	for _, c := range w.phone.Jar.(jar) {
		if c.Value == "" || strings.Contains(c.Value, code) {
			t.Errorf("the cookie is %v", c)
		}
	}
	// What a page elsewhere could send.
	r, _ := http.NewRequest("POST", w.public.URL+"/api/setup", strings.NewReader(`{"do":"finish"}`))
	r.Header.Set("Origin", "http://evil.example")
	if answer, err := w.phone.Do(r); err != nil || answer.StatusCode != http.StatusForbidden {
		t.Errorf("another origin: %v %v; want 403", answer, err)
	}
	if strings.Contains(w.log.String(), code) {
		t.Error("the code is in the log")
	}
}

// TestNowhere: whoever opens another address is told so in French.
func TestNowhere(t *testing.T) {
	w := newWorld(t, nil)
	for _, at := range []string{w.public.URL + "/desk", w.public.URL + "/setup/", w.public.URL + "/nulle/part", w.kiosk.URL + "/hall"} {
		answer, err := http.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusNotFound || string(text) != "Il n’y a rien à cette adresse. Ouvrez celle que l’écran de la borne montre.\n" {
			t.Errorf("GET %s = %d %q, %v; want a 404 in French", at, answer.StatusCode, text, err)
		}
	}
}

// TestOwnWifi: the page knows whether the phone loses the Wi-Fi at the end.
func TestOwnWifi(t *testing.T) {
	for _, ssid := range []string{"", "Jeudi-installation"} {
		w := newWorld(t, func(c *Config) { c.Access = func() Access { return Access{SSID: ssid, Host: "10.41.0.1"} } })
		w.enter()
		if _, got := w.asPhone("/api/setup", nil); (got["own_wifi"] == true) != (ssid != "") {
			t.Errorf("with the Wi-Fi %q the page is told %v", ssid, got["own_wifi"])
		}
	}
}

func (w *world) enter() {
	w.t.Helper()
	_, shown := w.asKiosk("/api/setup/kiosk", body{})
	if status, got := w.asPhone("/api/setup/code", body{"code": shown["code"]}); status != http.StatusOK {
		w.t.Fatalf("the code = %d %v", status, got)
	}
}

// TestFromAnswersToFile: six answers make the file, once; a passphrase is told to nobody.
func TestFromAnswersToFile(t *testing.T) {
	w := newWorld(t, nil)
	w.enter()
	given := answers()
	for q := 1; q <= site.Questions; q++ {
		if status, got := w.asPhone("/api/setup", body{"do": "finish"}); status != http.StatusConflict || got["question"] != float64(q) {
			t.Errorf("finish before question %d = %d %v; want it refused there", q, status, got)
		}
		if status, got := w.asPhone("/api/setup", body{"do": "answer", "question": q, "answers": given}); status != http.StatusOK || len(got["doubts"].([]any)) > 0 {
			t.Fatalf("question %d = %d %v", q, status, got)
		}
	}
	_, seen := w.asPhone("/api/setup", nil)
	if text := fmt.Sprint(seen); strings.Contains(text, given.Wifi.Passphrase) || seen["passphrase_kept"] != true {
		t.Errorf("the page is told %v; want that there is a passphrase, and no more", text)
	}
	if !bytes.Contains(w.kept, []byte(given.Wifi.Passphrase)) || strings.Contains(w.log.String(), given.Wifi.Passphrase) {
		t.Errorf("kept %s, logged %s; want the passphrase in what is kept alone", w.kept, &w.log)
	}
	// Another start goes on where this one was.
	again := newWorld(t, func(c *Config) { c.Load = func() []byte { return w.kept } })
	if _, shown := again.asKiosk("/api/setup/kiosk", body{}); fmt.Sprint(shown["answered"]) != "[true true true true true true]" {
		t.Errorf("after a cut %v; want every answer", shown["answered"])
	}
	w.refuse = errors.New("no space left")
	if status, got := w.asPhone("/api/setup", body{"do": "finish"}); status != http.StatusServiceUnavailable || !strings.Contains(fmt.Sprint(got["error"]), "carte") {
		t.Errorf("finish on a full card = %d %v; want what to do", status, got)
	}
	w.refuse = nil
	select {
	case <-w.server.Done():
		t.Fatal("it is done before the file is written")
	default:
	}
	for range 2 {
		if status, got := w.asPhone("/api/setup", body{"do": "finish"}); status != http.StatusOK || got["finished"] != true {
			t.Fatalf("finish = %d %v", status, got)
		}
	}
	<-w.server.Done()
	if len(w.written) != 1 {
		t.Fatalf("written %d times; want once", len(w.written))
	}
	if s, err := site.Parse("x", []byte(w.written[0])); err != nil || s.Place.Name != "Mairie" {
		t.Errorf("the file: %v, %+v", err, s)
	}
	if status, _ := w.asPhone("/api/setup", body{"do": "answer", "question": 1, "answers": given}); status != http.StatusConflict {
		t.Errorf("an answer after the end = %d; want 409", status)
	}
	if _, shown := w.asKiosk("/api/setup/kiosk", body{}); shown["finished"] != true {
		t.Errorf("the kiosk is told %v; want that it is done", shown)
	}
}

// TestKiosk: what the box's screen shows, its Wi-Fi's code among it.
func TestKiosk(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		_, err := site.Parse("jeudi.toml", []byte("langages = 3\n\n\ncouleur = 4\na = 1\nb = 2\nc = 3\n"))
		c.Problems = err.(site.Errors)
	})
	status, got := w.asKiosk("/api/setup/kiosk", body{"width": 800, "height": 480})
	if status != http.StatusOK || got["ssid"] != `Jeudi;"x"` || got["address"] != "10.41.0.1" || got["wifi_code"] == nil || got["page_code"] == nil || got["phone"] != false {
		t.Errorf("kiosk = %d %v", status, got)
	}
	problems, ok := got["problems"].([]any)
	if !ok || len(problems) != shownProblems || got["more"] == nil || !strings.HasPrefix(problems[0].(string), "Ligne 1\u00a0: ") {
		t.Errorf("problems = %v and %v more; want %d, and how many more", problems, got["more"], shownProblems)
	}
	if at := w.server.Painted(); !at.IsZero() {
		t.Errorf("the page is taken for painted at %v; want it to say so itself", at)
	}
	w.asKiosk("/api/setup/kiosk", body{"width": 800, "height": 480, "painted": true})
	if w.server.Painted().IsZero() {
		t.Error("the page is painted, and nobody knows")
	}
	if _, seen := w.asKiosk("/api/setup", nil); seen["screen"] != "7" {
		t.Errorf("the screen is %v; want what the kiosk measured", seen["screen"])
	}
	w.enter()
	w.asPhone("/api/setup", nil)
	if _, got := w.asKiosk("/api/setup/kiosk", body{}); got["phone"] != true {
		t.Errorf("phone = %v while one answers", got["phone"])
	}
	none := newWorld(t, func(c *Config) {
		c.Access = func() Access { return Access{} }
		c.Said = []string{"Le fichier ne peut pas être lu."}
	})
	if _, got := none.asKiosk("/api/setup/kiosk", body{}); got["code"] != nil || got["page_code"] != nil || fmt.Sprint(got["problems"]) != "[Le fichier ne peut pas être lu.]" {
		t.Errorf("without a network: %v; want no code to nowhere, and the fault", got)
	}
}

// TestTries: devices are tried as they were chosen, and each result says what to do.
func TestTries(t *testing.T) {
	w := newWorld(t, nil)
	for _, tt := range []struct {
		err  error
		ok   bool
		want string
	}{
		{nil, true, "L’essai est imprimé."}, {drivers.ErrUnknown, true, "L’essai est parti. Est-il sorti\u00a0?"}, {drivers.ErrNoPaper, false, "Il n’y a plus de papier. Mettez un rouleau."},
		{fmt.Errorf("open: %w", drivers.ErrUnplugged), false, "L’imprimante ne répond pas. Vérifiez son câble et allumez-la."}, {context.DeadlineExceeded, false, "Pas de réponse. Si rien ne sort, vérifiez le câble ou la vitesse."},
	} {
		w.bench.err = tt.err
		if status, got := w.asKiosk("/api/setup", body{"do": "print", "answers": body{"name": "", "printer": "escpos:/dev/usb/lp0", "profile": "generic-58"}}); status != 200 || got["ok"] != tt.ok || got["text"] != tt.want {
			t.Errorf("print with %v = %d %v; want %q", tt.err, status, got, tt.want)
		}
	}
	if want := "escpos:/dev/usb/lp0 generic-58"; w.bench.printed[0] != want {
		t.Errorf("printed on %q; want %q", w.bench.printed[0], want)
	}
	w.bench.err = drivers.ErrUnplugged
	if _, got := w.asKiosk("/api/setup", body{"do": "sound", "answers": body{"name": "", "speaker": "sound:"}}); got["ok"] != false || !strings.Contains(got["text"].(string), "haut-parleur") {
		t.Errorf("sound = %v", got)
	}
	for _, in := range []body{{"do": "dance"}, {"do": "panel", "answers": body{"name": "", "panel": "none"}}, {"do": "panel", "answers": body{"name": "", "panel": "x"}}, {"do": "answer", "question": 7}} {
		if status, _ := w.asKiosk("/api/setup", in); status != http.StatusBadRequest {
			t.Errorf("%v = %d; want 400", in, status)
		}
	}
	// The buttons: each press is seen, the next try ends this one.
	panel := func(layout string) body { return body{"do": "panel", "answers": body{"name": "", "panel": layout}} }
	w.asKiosk("/api/setup", panel("visitor8"))
	press := <-w.bench.pressed
	press("ok")
	press("ok")
	_, got := w.asKiosk("/api/setup", nil)
	if text := fmt.Sprint(got["panel"]); !strings.Contains(text, "map[label:OK pressed:true]") || strings.Count(text, "pressed:false") != 2 {
		t.Errorf("panel = %s; want « OK » pressed, and no other", text)
	}
	w.asKiosk("/api/setup", body{"do": "panel_end"})
	<-w.bench.ended
	if _, got := w.asKiosk("/api/setup", nil); got["panel"] != nil {
		t.Errorf("panel = %v after its end", got["panel"])
	}
	w.asKiosk("/api/setup", panel("visitor4"))
	for range 1000 { // its goroutine says so at once
		if _, got = w.asKiosk("/api/setup", nil); got["panel"].(map[string]any)["error"] != nil {
			break
		}
	}
	if got["panel"].(map[string]any)["error"] == nil {
		t.Errorf("panel = %v; want what to do about a panel that is not there", got["panel"])
	}
}

// TestKeptAnswersThatAreDamaged do not stop the wizard.
func TestKeptAnswersThatAreDamaged(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Load = func() []byte { return []byte(`{"answers": 3`) } })
	if _, got := w.asKiosk("/api/setup", nil); fmt.Sprint(got["answered"]) != "[false false false false false false]" {
		t.Errorf("answered = %v; want to begin anew", got["answered"])
	}
}
