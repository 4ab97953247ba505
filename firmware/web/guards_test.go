package web

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
)

// ask sends a request straight into the handler, from and to the addresses given.
func ask(h http.Handler, method, path, body string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:50000"
	to := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(to)))
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// asIf is a request that reached the box at the address to.
func asIf(to string) func(*http.Request) {
	return func(r *http.Request) {
		addr := &net.TCPAddr{IP: net.ParseIP(to), Port: 8080}
		*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(addr)))
		r.Host = net.JoinHostPort(to, "8080")
	}
}

func TestHosts(t *testing.T) {
	w := onSockets(t, Config{})
	tests := []struct {
		host string
		to   string // the address reached; 127.0.0.1 when empty
		want int
	}{
		{host: "127.0.0.1:8080", want: 200},
		{host: "127.0.0.1", want: 200},
		{host: "localhost:8080", want: 200},
		{host: "localhost", want: 200},
		{host: "[::1]:8080", to: "::1", want: 200},
		{host: "192.168.1.20:8080", to: "192.168.1.20", want: 200},
		{host: "", want: 421},
		{host: "evil.example", want: 421},
		{host: "evil.example:8080", want: 421},
		{host: "127.0.0.1.evil.example", want: 421},
		{host: "127.0.0.1.evil.example:8080", want: 421},
		{host: "127.0.0.1.:8080", want: 421},
		{host: "localhost.:8080", want: 421},
		{host: "localhost.evil.example", want: 421},
		{host: "LOCALHOST.evil.example:8080", want: 421},
		{host: "2130706433", want: 421},
		{host: "2130706433:8080", want: 421},
		{host: "0x7f000001", want: 421},
		{host: "127.1", want: 421},
		{host: "127.0.0.2:8080", want: 421},
		{host: "192.168.1.20:8080", want: 421}, // not the address reached
		{host: "127.0.0.1:8080", to: "192.168.1.20", want: 421},
		{host: "user@127.0.0.1", want: 421},
		{host: "[fe80::1%25eth0]:8080", to: "fe80::1", want: 421},
	}
	for _, tt := range tests {
		for _, path := range []string{"/hall", "/healthz", "/words/hall.json", "/ws/hall", "/nothing"} {
			got := ask(w.server, "GET", path, "", func(r *http.Request) {
				if tt.to != "" {
					asIf(tt.to)(r)
				}
				r.Host = tt.host
			})
			want := tt.want
			switch {
			case want == 421:
			case path == "/ws/hall":
				want = 400 // not a handshake: it came through
			case path == "/nothing":
				want = 404
			}
			if got.Code != want {
				t.Errorf("GET %s, Host %q at %q = %d; want %d", path, tt.host, tt.to, got.Code, want)
			}
		}
	}
}

// TestUnknownAddressReached: without knowing which address was reached, only the
// name localhost is this box's.
func TestUnknownAddressReached(t *testing.T) {
	w := onSockets(t, Config{})
	for host, want := range map[string]int{"127.0.0.1:8080": 421, "localhost:8080": 200} {
		r := httptest.NewRequest("GET", "/hall", nil)
		r.Host = host
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("GET /hall, Host %s = %d; want %d", host, rec.Code, want)
		}
	}
}

func TestSocketOrigins(t *testing.T) {
	w := onSockets(t, Config{})
	host := strings.TrimPrefix(w.base, "http://")
	tests := []struct {
		name   string
		origin []string
		want   int
	}{
		{"its own page", []string{"http://" + host}, 101},
		{"none", nil, 403},
		{"empty", []string{""}, 403},
		{"null, as of a file or a sandbox", []string{"null"}, 403},
		{"foreign", []string{"http://evil.example"}, 403},
		{"foreign with its name", []string{"http://" + host + ".evil.example"}, 403},
		{"foreign with its name as user", []string{"http://" + host + "@evil.example"}, 403},
		{"another port", []string{"http://127.0.0.1:1"}, 403},
		{"another scheme", []string{"https://" + host}, 403},
		{"the same box by another name", []string{"http://localhost:" + host[strings.LastIndex(host, ":")+1:]}, 403},
		{"two, the foreign one first", []string{"http://evil.example", "http://" + host}, 403},
	}
	for _, tt := range tests {
		for _, path := range []string{"/ws/hall", "/ws/kiosk", "/ws/desk?desk=1"} {
			conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+host+path, http.Header{"Origin": tt.origin})
			if conn != nil {
				conn.Close()
			}
			if resp == nil || resp.StatusCode != tt.want {
				t.Errorf("dial %s, Origin %s = %v, %v; want %d", path, tt.name, resp, err, tt.want)
			}
		}
	}
}

func TestCrossSitePosts(t *testing.T) {
	w := onSockets(t, Config{})
	bodies := map[string]string{
		"/api/tickets": `{"id":"` + id(1) + `","motif":"caf"}`,
		"/api/desk":    `{"id":"` + id(2) + `","desk":"1","do":"open"}`,
		"/api/kiosk":   `{"id":"` + id(3) + `","turn":0,"key":"fr"}`,
	}
	tests := []struct {
		name    string
		headers map[string]string
		want    int
	}{
		{"from elsewhere", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}, 403},
		{"from another port", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"}, 403},
		{"an old browser from elsewhere", map[string]string{"Origin": "http://evil.example"}, 403},
		{"a sandbox", map[string]string{"Origin": "null"}, 403},
		{"a form from elsewhere", map[string]string{"Origin": "http://evil.example", "Content-Type": "text/plain"}, 403},
		{"its own page", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8080"}, 200},
		{"a program", nil, 200},
	}
	for _, tt := range tests {
		for path, body := range bodies {
			before := w.log.len()
			turn := w.box.Snapshot().Kiosk.Turn
			got := ask(w.server, "POST", path, body, func(r *http.Request) {
				for k, v := range tt.headers {
					r.Header.Set(k, v)
				}
			})
			if got.Code != tt.want {
				t.Errorf("POST %s, %s = %d %s; want %d", path, tt.name, got.Code, got.Body, tt.want)
			}
			if tt.want == 403 && (w.log.len() != before || w.box.Snapshot().Kiosk.Turn != turn) {
				t.Errorf("POST %s, %s changed something; want nothing", path, tt.name)
			}
		}
	}
}

// TestReadingChangesNothing sends every other method to what changes something.
func TestReadingChangesNothing(t *testing.T) {
	dock := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	w := onSockets(t, Config{Dock: dock})
	w.ticket(nil)
	before, turn := w.log.len(), w.box.Snapshot().Kiosk.Turn
	for _, path := range []string{"/api/tickets", "/api/desk", "/api/kiosk", "/api/slip"} {
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH"} {
			body := `{"id":"` + id(9) + `","desk":"1","do":"open","key":"fr"}`
			if got := ask(w.server, method, path+"?do=open&desk=1&id="+id(9), body, nil); got.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s = %d; want 405", method, path, got.Code)
			}
		}
	}
	for _, path := range []string{"/", "/kiosk", "/desk", "/hall", "/healthz", "/words/desk.json", "/dock/", "/screen/main.js",
		"/phone/", "/phone/words", "/phone/languages", "/phone/clip", "/phone/rules", "/api/places/terms", "/api/places/export", "/api/slip/choices"} {
		if got := ask(w.server, "POST", path, "{}", nil); path != "/dock/" && got.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s = %d; want 405", path, got.Code)
		}
		ask(w.server, "GET", path, "", nil)
	}
	// The ticket's paper is reported when it likes; nothing else may have happened.
	for _, e := range w.log.since(before) {
		if _, paper := e.Body.(session.PaperReported); !paper {
			t.Errorf("event %+v; want none", e)
		}
	}
	if got := w.box.Snapshot().Kiosk.Turn; got != turn {
		t.Errorf("turn = %d; want %d still", got, turn)
	}
}

func TestWhoMay(t *testing.T) {
	dock := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	w := onSockets(t, Config{Dock: dock})
	const anywhere, here = "anywhere", "this machine"
	tests := []struct {
		method, path string
		who          string
		want         int // when allowed
	}{
		{"GET", "/hall", anywhere, 200},
		{"GET", "/healthz", anywhere, 200},
		{"GET", "/words/hall.json", anywhere, 200},
		{"GET", "/ws/hall", anywhere, 400},
		{"GET", "/lib/base.css", anywhere, 200},
		{"GET", "/kiosk", here, 200},
		{"GET", "/ws/kiosk", here, 400},
		{"POST", "/api/kiosk", here, 400},
		{"POST", "/api/tickets", here, 400},
		{"GET", "/dock/", here, 418},
		{"GET", "/dock/state", here, 418},
		{"POST", "/dock/press", here, 418},
		{"GET", "/desk", here, 200},
		{"GET", "/ws/desk", here, 400},
		{"POST", "/api/desk", here, 400},
		// The pages of visitors' own phones: texts and voices, and nothing of the box.
		{"GET", "/phone/", anywhere, 200},
		{"GET", "/phone/words", anywhere, 200},
		{"GET", "/phone/languages", anywhere, 200},
		{"GET", "/phone/clip?key=kiosk.more", anywhere, 404},
		{"GET", "/phone/rules", anywhere, 404},
		// This box has no directory and no vouchers: 503 is past the guard.
		{"GET", "/api/places", here, 503},
		{"GET", "/api/places/x", here, 503},
		{"GET", "/api/places/terms", here, 200},
		{"GET", "/api/places/export", here, 503},
		{"GET", "/api/places/map", here, 503},
		{"POST", "/api/places", here, 503},
		{"POST", "/api/places/import?name=lieux.csv", here, 503},
		{"GET", "/api/slip/choices", here, 200},
		{"POST", "/api/slip", here, 400},
		{"GET", "/api/vouchers", here, 503},
		{"GET", "/api/vouchers/list?place=x", here, 503},
		{"POST", "/api/vouchers", here, 503},
	}
	for _, tt := range tests {
		for remote, loopback := range map[string]bool{
			"127.0.0.1:50000": true, "[::1]:50000": true, "127.8.8.8:1": true,
			"192.168.1.30:50000": false, "[fe80::2]:1": false, "10.0.0.1:1": false,
			"": false, "127.0.0.1": false, "localhost:1": false, "[::ffff:192.168.1.30]:1": false,
		} {
			got := ask(w.server, tt.method, tt.path, "", func(r *http.Request) {
				r.RemoteAddr = remote
				r.Header.Set("X-Forwarded-For", "127.0.0.1") // says nothing
				r.Header.Set("X-Real-IP", "127.0.0.1")
				r.Header.Set("Forwarded", "for=127.0.0.1")
			})
			may := loopback || tt.who == anywhere
			want := http.StatusForbidden
			if may {
				want = tt.want
			}
			if got.Code != want {
				t.Errorf("%s %s from %q = %d; want %d", tt.method, tt.path, remote, got.Code, want)
			}
			if !may && !strings.Contains(got.Body.String(), "seulement sur le boîtier") {
				t.Errorf("%s %s from %q says %q; want a sentence", tt.method, tt.path, remote, got.Body)
			}
		}
	}
}

func TestNoDockWithoutSimulatedDevices(t *testing.T) {
	w := onSockets(t, Config{})
	for _, path := range []string{"/dock", "/dock/", "/dock/state"} {
		if got := ask(w.server, "GET", path, "", nil); got.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d; want 404", path, got.Code)
		}
	}
}

func TestBodies(t *testing.T) {
	w := onSockets(t, Config{})
	good := id(77)
	tests := []struct {
		name string
		path string
		body string
		want int
	}{
		{"nothing", "/api/tickets", "", 400},
		{"not JSON", "/api/tickets", "id=1", 400},
		{"a list", "/api/tickets", "[]", 400},
		{"no id", "/api/tickets", `{"motif":"caf"}`, 400},
		{"an empty id", "/api/tickets", `{"id":""}`, 400},
		{"the zero id", "/api/tickets", `{"id":"` + id(0) + `"}`, 400},
		{"a short id", "/api/tickets", `{"id":"abc"}`, 400},
		{"a long id", "/api/tickets", `{"id":"` + good + `00"}`, 400},
		{"an id that is not hexadecimal", "/api/tickets", `{"id":"` + strings.Repeat("zz", 16) + `"}`, 400},
		{"an id that is a number", "/api/tickets", `{"id":12}`, 400},
		{"an unknown field", "/api/tickets", `{"id":"` + good + `","name":"Dupont"}`, 400},
		{"a wrong type", "/api/tickets", `{"id":"` + good + `","for_other":"yes"}`, 400},
		{"two values", "/api/tickets", `{"id":"` + good + `"}{"id":"` + good + `"}`, 400},
		{"too much", "/api/tickets", `{"id":"` + good + `","motif":"` + strings.Repeat("a", maxBody) + `"}`, 400},
		{"too much white space", "/api/tickets", strings.Repeat(" ", maxBody) + `{"id":"` + good + `"}`, 400},
		{"an unknown motif", "/api/tickets", `{"id":"` + good + `","motif":"dentist"}`, 409},
		{"no id", "/api/desk", `{"desk":"1","do":"open"}`, 400},
		{"an unknown field", "/api/desk", `{"id":"` + good + `","desk":"1","do":"open","note":"Mme X"}`, 400},
		{"unknown do", "/api/desk", `{"id":"` + good + `","desk":"1","do":"dance"}`, 400},
		{"no do", "/api/desk", `{"id":"` + good + `","desk":"1"}`, 400},
		{"an unknown desk", "/api/desk", `{"id":"` + good + `","desk":"9","do":"open"}`, 409},
		{"no desk", "/api/desk", `{"id":"` + good + `","do":"open"}`, 409},
		{"an intake at an unknown desk", "/api/desk", `{"id":"` + good + `","desk":"9","do":"intake_new"}`, 409},
		{"a press without an intake", "/api/desk", `{"id":"` + good + `","desk":"1","do":"intake_press","key":"fr"}`, 409},
		{"a bad visit", "/api/desk", `{"id":"` + good + `","desk":"1","do":"call","visit":"41"}`, 400},
		{"no id", "/api/kiosk", `{"turn":0,"key":"fr"}`, 400},
		{"an unknown field", "/api/kiosk", `{"id":"` + good + `","visit":"` + good + `"}`, 400},
		{"a turn that is a word", "/api/kiosk", `{"id":"` + good + `","turn":"now"}`, 400},
		{"an unknown key", "/api/kiosk", `{"id":"` + good + `","turn":0,"key":"root"}`, 200},
		{"an old turn", "/api/kiosk", `{"id":"` + id(78) + `","turn":-1,"key":"fr"}`, 200},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.name, func(t *testing.T) {
			before, turn := w.log.len(), w.box.Snapshot().Kiosk.Turn
			got := ask(w.server, "POST", tt.path, tt.body, nil)
			if got.Code != tt.want {
				t.Errorf("POST %s %.80s = %d %s; want %d", tt.path, tt.body, got.Code, got.Body, tt.want)
			}
			if tt.want != 200 && !strings.Contains(got.Body.String(), `"error":"`) {
				t.Errorf("POST %s %.80s says %s; want an error", tt.path, tt.body, got.Body)
			}
			if w.log.len() != before || w.box.Snapshot().Kiosk.Turn != turn {
				t.Errorf("POST %s %.80s changed something; want nothing", tt.path, tt.body)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	w := onSockets(t, Config{})
	tests := []struct {
		path string
		want int
		kind string
	}{
		{"/kiosk", 200, "text/html; charset=utf-8"},
		{"/desk", 200, "text/html; charset=utf-8"},
		{"/hall", 200, "text/html; charset=utf-8"},
		{"/screen/main.js", 200, "text/javascript; charset=utf-8"},
		{"/lib/base.css", 200, "text/css; charset=utf-8"},
		{"/lib/pictos.svg", 200, "image/svg+xml"},
		{"/lib/fonts/atkinson-next-latin-400.woff2", 200, "font/woff2"},
		{"/", 302, ""},
		{"/screen/", 404, ""},
		{"/lib/", 404, ""},
		{"/lib/fonts/", 404, ""},
		{"/lib/fonts", 404, ""},
		{"/lib/nothing.js", 404, ""},
		{"/embed.go", 404, ""},
		{"/lib/../embed.go", 0, ""},
		{"/lib/%2e%2e/embed.go", 0, ""},
		{"/lib/..%2fembed.go", 0, ""},
		{"/lib/%2e%2e%2fscreen%2fmain.js", 0, ""},
		{"/lib/..%5c..%5cetc%5cpasswd", 404, ""},
		{"/lib//etc/passwd", 0, ""},
		{"/lib/%00", 404, ""},
		{"/lib/base.css/", 404, ""},
		{"/.git/config", 404, ""},
		{"/test/package.json", 404, ""},
		{"/etc/passwd", 404, ""},
		{"/nothing", 404, ""},
	}
	for _, tt := range tests {
		got := ask(w.server, "GET", tt.path, "", nil)
		if tt.want == 0 { // whichever way, never a file
			if got.Code == 200 {
				t.Errorf("GET %s = 200 %.40s; want no file", tt.path, got.Body)
			}
			continue
		}
		if got.Code != tt.want || tt.kind != "" && got.Header().Get("Content-Type") != tt.kind {
			t.Errorf("GET %s = %d %q; want %d %q", tt.path, got.Code, got.Header().Get("Content-Type"), tt.want, tt.kind)
		}
		if strings.Contains(got.Body.String(), "<pre>") {
			t.Errorf("GET %s lists a folder: %s", tt.path, got.Body)
		}
	}
}

func TestFolderOfEditedFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"hall/index.html": "first", "lib/x.js": "x", "lib/x.go": "package x", "secret.txt": "s", "test/node_modules/big.js": "big",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w := onSockets(t, Config{Files: os.DirFS(dir)})
	first := ask(w.server, "GET", "/hall", "", nil)
	if tag := first.Header().Get("ETag"); tag != "" {
		t.Errorf("an edited file has the tag %s; want its time alone", tag)
	}
	for path, want := range map[string]int{"/lib/x.js": 200, "/lib/x.go": 404, "/secret.txt": 404, "/lib/../secret.txt": 307} {
		if got := ask(w.server, "GET", path, "", nil); got.Code != want {
			t.Errorf("GET %s = %d; want %d", path, got.Code, want)
		}
	}
	edited := filepath.Join(dir, "hall/index.html")
	if err := os.WriteFile(edited, []byte("second"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(edited, time.Time{}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	again := ask(w.server, "GET", "/hall", "", func(r *http.Request) {
		r.Header.Set("If-None-Match", `"0"`)
		r.Header.Set("If-Modified-Since", first.Header().Get("Last-Modified"))
	})
	if again.Code != 200 || again.Body.String() != "second" {
		t.Errorf("GET /hall after an edit = %d %q; want the second text", again.Code, again.Body)
	}
}

func TestNotChangedSince(t *testing.T) {
	w := onSockets(t, Config{})
	for _, path := range []string{"/kiosk", "/desk", "/hall", "/lib/base.css", "/screen/main.js"} {
		first := ask(w.server, "GET", path, "", nil)
		tag := first.Header().Get("ETag")
		if tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("GET %s: ETag %q, Cache-Control %q; want a tag to ask with each time", path, tag, first.Header().Get("Cache-Control"))
		}
		again := ask(w.server, "GET", path, "", func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("GET %s with its tag = %d, %d bytes; want 304 and none", path, again.Code, again.Body.Len())
		}
		other := ask(w.server, "GET", path, "", func(r *http.Request) { r.Header.Set("If-None-Match", `"0123456789abcdef"`) })
		if other.Code != 200 {
			t.Errorf("GET %s with another tag = %d; want 200", path, other.Code)
		}
	}
	tags := etags(fstest.MapFS{"lib/a": {Data: []byte("a")}, "lib/b": {Data: []byte("b")}, "lib/c": {Data: []byte("a")}, "test/d": {}})
	if len(tags) != 3 || tags["lib/a"] == tags["lib/b"] || tags["lib/a"] != tags["lib/c"] {
		t.Errorf("etags() = %v; want one for each content of the interface", tags)
	}
}

// TestHeaders: what keeps a page to itself goes with every answer, errors too.
func TestHeaders(t *testing.T) {
	w := onSockets(t, Config{})
	for _, tt := range []struct {
		method, path, host string
	}{
		{"GET", "/hall", ""}, {"GET", "/kiosk", ""}, {"GET", "/desk", ""}, {"GET", "/lib/base.css", ""}, {"GET", "/healthz", ""},
		{"GET", "/words/hall.json", ""}, {"GET", "/nothing", ""}, {"GET", "/", ""}, {"GET", "/api/desk", ""},
		{"GET", "/phone/", ""}, {"GET", "/phone/words", ""}, {"GET", "/phone/rules", ""}, {"GET", "/api/places", ""},
		{"POST", "/api/desk", ""}, {"POST", "/api/tickets", ""}, {"GET", "/ws/hall", ""}, {"GET", "/hall", "evil.example"},
	} {
		got := ask(w.server, tt.method, tt.path, "", func(r *http.Request) {
			if tt.host != "" {
				r.Host = tt.host
			}
		})
		h := got.Header()
		if cookies := h.Values("Set-Cookie"); len(cookies) != 0 {
			t.Errorf("%s %s sets %q; want no cookie ever", tt.method, tt.path, cookies)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s %s: %s = %q; want %q", tt.method, tt.path, name, h.Get(name), want)
			}
		}
		policy := strings.Split(h.Get("Content-Security-Policy"), "; ")
		for _, want := range []string{"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !slices.Contains(policy, want) {
				t.Errorf("%s %s: policy %q lacks %q", tt.method, tt.path, policy, want)
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s: headers %v let others in", tt.method, tt.path, h)
		}
		if c := h.Get("Cache-Control"); c != "no-store" && c != "no-cache" {
			t.Errorf("%s %s: Cache-Control = %q; want no-store or no-cache", tt.method, tt.path, c)
		}
	}
}

// TestPagesNeedNothingElse: no page asks another place for anything, and none has
// a script or a style in its text, which its policy would refuse.
func TestPagesNeedNothingElse(t *testing.T) {
	w := onSockets(t, Config{})
	err := fs.WalkDir(w.server.cfg.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".html" {
			return err
		}
		data, err := fs.ReadFile(w.server.cfg.Files, name)
		for _, bad := range []string{"http://", "https://", "<style", " style=", " onclick=", "<script>"} {
			if strings.Contains(string(data), bad) {
				t.Errorf("%s has %q; want none", name, bad)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// notYet is a box that has not read its journal.
type notYet struct{ Box }

func (notYet) Snapshot() (none *appliance.Snapshot) { return nil }

func TestBeforeTheBoxIsReady(t *testing.T) {
	w := onSockets(t, Config{})
	cfg := w.server.cfg
	cfg.Box = notYet{w.box}
	s := New(cfg)
	defer s.Close()
	for path, want := range map[string]int{"/healthz": 503, "/ws/hall": 503, "/ws/kiosk": 503, "/ws/desk": 503, "/hall": 200, "/kiosk": 200} {
		if got := ask(s, "GET", path, "", nil); got.Code != want {
			t.Errorf("GET %s before the box is ready = %d; want %d", path, got.Code, want)
		}
	}
	if got := ask(s, "POST", "/api/desk", `{"id":"`+id(5)+`","desk":"1","do":"reprint_all"}`, nil); got.Code != 503 {
		t.Errorf("POST reprint_all before the box is ready = %d %s; want 503", got.Code, got.Body)
	}
	if got := ask(w.server, "GET", "/healthz", "", nil); got.Code != 200 || got.Body.String() != "ok test\n" {
		t.Errorf("GET /healthz = %d %q; want ok", got.Code, got.Body)
	}
}
