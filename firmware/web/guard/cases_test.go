package guard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

// The tests of this file are the attacks of ATTACKS.md, by number, against real
// listeners, or against a real http.Server in time that the test rules.

func TestCase23(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	p.pairs(pair.Coordinator)
	for _, host := range []string{"evil.example", "evil.example:443"} {
		for _, path := range []string{"/hall", "/desk", "/nothing"} {
			a := p.send("GET", path, "", func(r *http.Request) { r.Host = host })
			if a.StatusCode != 421 || a.key() != "refuse.guard_host" {
				t.Errorf("GET %s, Host %s = %d %s; want 421", path, host, a.StatusCode, a.body)
			}
		}
		// A name that was made to point here: Host and Origin agree, and the cookie is there.
		a := p.send("POST", "/api/desk", "{}", func(r *http.Request) { r.Host = host; r.Header.Set("Origin", "https://"+host) })
		if a.StatusCode != 421 || w.done.Load() != 0 {
			t.Errorf("POST, Host %s = %d, %d done; want 421 and none", host, a.StatusCode, w.done.Load())
		}
		for _, path := range []string{"/ws/hall", "/ws/desk"} {
			if _, status := p.watch(path, func(h http.Header) { h.Set("Host", host); h.Set("Origin", "https://"+host) }); status != 421 {
				t.Errorf("dial %s, Host %s = %d; want 421", path, host, status)
			}
		}
	}
}

func TestCase24(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	tests := []struct {
		name string
		head string // after "GET /hall "
		want int
	}{
		{"the address", "HTTP/1.1\r\nHost: 10.3.141.1", 200},
		{"with its port", "HTTP/1.1\r\nHost: 10.3.141.1:443", 200},
		{"its name", "HTTP/1.1\r\nHost: jeudi.local", 200},
		{"absent", "HTTP/1.1", 400},
		{"absent, of an old program", "HTTP/1.0", 421},
		{"empty", "HTTP/1.1\r\nHost:", 421},
		{"twice", "HTTP/1.1\r\nHost: 10.3.141.1\r\nHost: evil.example", 400},
		{"twice the same", "HTTP/1.1\r\nHost: 10.3.141.1\r\nHost: 10.3.141.1", 400},
		{"two in one", "HTTP/1.1\r\nHost: 10.3.141.1, evil.example", 0},
		{"with a name after it", "HTTP/1.1\r\nHost: 10.3.141.1.evil.example", 421},
		{"with a name before it", "HTTP/1.1\r\nHost: evil.example.10.3.141.1", 421},
		{"with a dot after it", "HTTP/1.1\r\nHost: 10.3.141.1.", 421},
		{"a name with a dot after it", "HTTP/1.1\r\nHost: jeudi.local.", 421},
		{"a name with another after it", "HTTP/1.1\r\nHost: jeudi.local.evil.example", 421},
		{"IPv6, the loopback", "HTTP/1.1\r\nHost: [::1]", 421},
		{"IPv6, with the address in it", "HTTP/1.1\r\nHost: [::ffff:10.3.141.1]", 421},
		{"IPv6, of a link", "HTTP/1.1\r\nHost: [fe80::1]:443", 421},
		{"decimal", "HTTP/1.1\r\nHost: 167996673", 421},
		{"hexadecimal", "HTTP/1.1\r\nHost: 0x0a038d01", 421},
		{"octal", "HTTP/1.1\r\nHost: 012.3.141.1", 421},
		{"short", "HTTP/1.1\r\nHost: 10.3.36097", 421},
		{"another address", "HTTP/1.1\r\nHost: 10.3.141.2", 421},
		{"the loopback's", "HTTP/1.1\r\nHost: 127.0.0.1", 421},
		{"a port that is none", "HTTP/1.1\r\nHost: 10.3.141.1:evil", 0},
		{"no port after the colon", "HTTP/1.1\r\nHost: 10.3.141.1:", 0},
		{"a user before it", "HTTP/1.1\r\nHost: 10.3.141.1@evil.example", 0},
		{"another one before the path", "", 421},
	}
	for _, tt := range tests {
		request := "GET /hall " + tt.head + "\r\n\r\n"
		if tt.head == "" {
			request = "GET https://evil.example/hall HTTP/1.1\r\nHost: 10.3.141.1\r\n\r\n"
		}
		got := p.raw(request).StatusCode
		if got != tt.want && (tt.want != 0 || got != 400 && got != 421) {
			t.Errorf("Host %s = %d; want %d (0: 400 or 421)", tt.name, got, tt.want)
		}
	}
}

// origins are what pages that are not the box's say, and one that is.
func origins() []struct {
	name string
	list []string
	want int
} {
	return []struct {
		name string
		list []string
		want int
	}{
		{"its own", []string{origin}, 200},
		{"foreign", []string{"https://evil.example"}, 403},
		{"null, as of a file or a sandbox", []string{"null"}, 403},
		{"absent", nil, 403},
		{"empty", []string{""}, 403},
		{"another port", []string{origin + ":8443"}, 403},
		{"the plain port", []string{"http://" + box}, 403},
		{"another name of this box", []string{"https://jeudi.local"}, 403},
		{"a name that begins with it", []string{origin + ".evil.example"}, 403},
		{"it as a user", []string{origin + "@evil.example"}, 403},
		{"with a path", []string{origin + "/"}, 403},
		{"two, its own first", []string{origin, "https://evil.example"}, 403},
		{"two in one", []string{origin + " https://evil.example"}, 403},
	}
}

func TestCase25(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	p.pairs(pair.Mediator)
	for _, tt := range origins() {
		before := w.done.Load()
		a := p.send("POST", "/api/desk", "{}", func(r *http.Request) { r.Header["Origin"] = tt.list })
		if a.StatusCode != tt.want || (w.done.Load() != before) != (tt.want == 200) {
			t.Errorf("POST, Origin %s = %d %s; want %d", tt.name, a.StatusCode, a.body, tt.want)
		}
		if a := p.send("POST", "/api/pair", `{"do":"leave"}`, func(r *http.Request) { r.Header["Origin"] = tt.list }); tt.want == 403 && a.StatusCode != 403 {
			t.Errorf("POST leave, Origin %s = %d; want 403", tt.name, a.StatusCode)
		} else if tt.want == 200 {
			p.pairs(pair.Mediator)
		}
		want := tt.want
		if want == 200 {
			want = 101
		}
		for _, path := range []string{"/ws/hall", "/ws/desk"} {
			if _, status := p.watch(path, func(h http.Header) { h["Origin"] = tt.list }); status != want {
				t.Errorf("dial %s, Origin %s = %d; want %d", path, tt.name, status, want)
			}
		}
	}
	for _, site := range []string{"cross-site", "same-site"} {
		a := p.send("POST", "/api/desk", "{}", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", site) })
		if a.StatusCode != 403 {
			t.Errorf("POST, Sec-Fetch-Site %s = %d; want 403", site, a.StatusCode)
		}
	}
}

func TestCase26(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	p.pairs(pair.Mediator)
	for _, kind := range []string{"text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"} {
		for _, from := range []string{"https://evil.example", "null", ""} {
			a := p.send("POST", "/api/desk", `{"do":"close","x":"=`+"\r\n"+`"}`, func(r *http.Request) {
				r.Header.Set("Content-Type", kind)
				if r.Header.Set("Origin", from); from == "" {
					r.Header.Del("Origin")
				}
			})
			if a.StatusCode != 403 || a.key() != "refuse.guard_origin" {
				t.Errorf("POST %s from %q = %d %s; want 403", kind, from, a.StatusCode, a.body)
			}
		}
	}
	if n := w.done.Load(); n != 0 {
		t.Errorf("%d things done; want none", n)
	}
}

func TestCase27(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	p.pairs(pair.Mediator)
	if _, status := p.watch("/ws/desk", nil); status != 101 {
		t.Fatalf("dial with the cookie from its own page = %d; want 101", status)
	}
	// The browser sends the cookie along, as if SameSite were not there.
	for _, tt := range origins() {
		if tt.want == 200 {
			continue
		}
		if _, status := p.watch("/ws/desk", func(h http.Header) { h["Origin"] = tt.list }); status != 403 {
			t.Errorf("dial with the cookie, Origin %s = %d; want 403", tt.name, status)
		}
	}
	// Another protocol behind the same header is no way around.
	for _, upgrade := range []string{"h2c", "WEBSOCKET", "x, websocket", ""} {
		a := p.raw("GET /desk HTTP/1.1\r\nHost: " + box + "\r\nConnection: Upgrade\r\nUpgrade: " + upgrade + "\r\nOrigin: https://evil.example\r\nCookie: " + guard.Cookie + "=" + p.cookie + "\r\n\r\n")
		if a.StatusCode != 403 {
			t.Errorf("Upgrade %q from elsewhere = %d; want 403", upgrade, a.StatusCode)
		}
	}
}

func TestCase28(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	p.pairs(pair.Coordinator)
	before := w.changes.Load()
	for _, path := range []string{"/api/desk", "/api/settings", "/api/pair"} {
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"} {
			a := p.send(method, path+"?do=leave", "", nil)
			if a.StatusCode != 405 || a.Header.Get("Allow") == "" {
				t.Errorf("%s %s = %d, Allow %q; want 405", method, path, a.StatusCode, a.Header.Get("Allow"))
			}
			if a := p.send("GET", path, "", func(r *http.Request) { r.Header.Set("X-HTTP-Method-Override", "POST") }); a.StatusCode != 405 {
				t.Errorf("GET %s that says POST = %d; want 405", path, a.StatusCode)
			}
		}
	}
	if w.done.Load() != 0 || w.changes.Load() != before || len(w.door.Sessions()) != 1 {
		t.Errorf("%d done, %d changes, %d sessions; want 0, %d, 1", w.done.Load(), w.changes.Load(), len(w.door.Sessions()), before)
	}
}

func TestCase29(t *testing.T) {
	w := newWorld(t)
	a, b := w.phone(20), w.phone(21)
	token := w.offered()
	if got := a.claim(token, pair.Mediator); got.StatusCode != 200 || got.Cookies() != nil && len(got.Cookies()) > 0 {
		t.Fatalf("claim = %d %s, cookies %v; want it pending, and no cookie yet", got.StatusCode, got.body, got.Cookies())
	}
	for _, p := range []*phone{a, b} {
		if got := p.claim(token, pair.Mediator); got.StatusCode != 409 || got.key() != "refuse.pair_token" {
			t.Errorf("the token again = %d %s; want it refused", got.StatusCode, got.body)
		}
	}
	late := w.offered()
	w.pass(pair.OfferFor)
	if got := a.claim(late, pair.Mediator); got.StatusCode != 409 || got.key() != "refuse.pair_token" {
		t.Errorf("the token after 60 s = %d %s; want it refused", got.StatusCode, got.body)
	}

	// Twenty phones photographed the same QR code.
	token = w.offered()
	var mu sync.Mutex
	var won []answer
	var all sync.WaitGroup
	phones := make([]*phone, 20)
	for i := range phones {
		phones[i] = w.phone(byte(30 + i))
	}
	for _, p := range phones {
		all.Go(func() {
			if got := p.claim(token, pair.Mediator); got.StatusCode == 200 {
				mu.Lock()
				defer mu.Unlock()
				won = append(won, got)
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%d of 20 claims were taken; want 1", len(won))
	}
	if shown := w.door.Shown(); float64(shown.Number) != won[0].m["number"] || shown.Fragment != "" {
		t.Errorf("the kiosk shows %+v; want the number %v, and no code any more", shown, won[0].m["number"])
	}
	if k := w.atKiosk(encode(map[string]any{"do": "refuse", "number": won[0].m["number"]})); k.StatusCode != 200 {
		t.Errorf("the kiosk's no = %d %s; want it taken", k.StatusCode, k.body)
	}
	if got := phones[0].ask("collect", won[0].m["claim"]); got.StatusCode != 409 || len(got.Cookies()) != 0 {
		t.Errorf("collect after a no = %d %s; want it refused", got.StatusCode, got.body)
	}
}

// TestCase30: nobody on the network can type a PIN, and whoever guesses tokens or
// asks for PINs waits. The kiosk does not.
func TestCase30(t *testing.T) {
	for _, clients := range []int{1, 20} {
		t.Run(fmt.Sprint(clients, " clients"), func(t *testing.T) {
			w := newWorld(t)
			phones := make([]*phone, clients)
			for i := range phones {
				phones[i] = w.phone(byte(100 + i))
			}
			if a := phones[0].send("POST", "/api/pairing", `{"do":"type","pin":"281934"}`, nil); a.StatusCode != 404 {
				t.Errorf("a PIN typed from the network = %d; want no such address", a.StatusCode)
			}
			w.atKiosk(`{"do":"pin"}`)
			// The rate of the network is another test's: here the door counts.
			const tries = 10_000
			counted, waited := 0, 0
			mux := http.HandlerFunc(w.door.PostPair)
			for i := range tries {
				w.pass(10 * time.Millisecond)
				remote := fmt.Sprintf("10.3.141.%d:5000", 100+i%clients)
				body := fmt.Sprintf(`{"do":"claim","role":"accueil","token":"%021dA"}`, i)
				if i%2 == 1 {
					body = `{"do":"ask","role":"accueil"}`
				}
				rec := handler(mux, "POST", "/api/pair", remote, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(body)) })
				switch rec.Code {
				case 429:
					if waited++; rec.Header().Get("Retry-After") == "" {
						t.Fatal("429 without Retry-After; want how long to wait")
					}
				case 200, 409:
					counted++
				default:
					t.Fatalf("try %d = %d %s", i, rec.Code, rec.Body)
				}
			}
			// 100 s at one try each 10 ms.
			if counted > 60 || counted+waited != tries {
				t.Errorf("%d tries counted, %d waited; want 60 at most", counted, waited)
			}
			if a := w.atKiosk(`{"do":"type","pin":"281934"}`); a.StatusCode != 409 || a.key() != "refuse.pair_wrong_pin" {
				t.Errorf("a PIN typed at the kiosk meanwhile = %d %s; want it compared at once", a.StatusCode, a.body)
			}
			p := w.phone(20)
			p.pairs(pair.Reception)
			if a := p.send("POST", "/api/desk", "{}", nil); a.StatusCode != 200 {
				t.Errorf("staff meanwhile = %d; want 200", a.StatusCode)
			}
		})
	}
	// Somebody at the kiosk guesses: five tries, another PIN, and a wait.
	w := newWorld(t)
	w.atKiosk(`{"do":"pin"}`)
	p := w.phone(20)
	a := p.send("POST", "/api/pair", `{"do":"ask","role":"volontaire"}`, nil)
	first := a.m["pin"]
	for i := range pair.Tries {
		w.atKiosk(fmt.Sprintf(`{"do":"type","pin":"00000%d"}`, i))
	}
	if k := w.atKiosk(encode(map[string]any{"do": "type", "pin": first})); k.StatusCode != 429 || k.Header.Get("Retry-After") != "1" {
		t.Errorf("a sixth PIN = %d %s; want a wait of 1 s", k.StatusCode, k.body)
	}
	w.pass(time.Second)
	if k := w.atKiosk(encode(map[string]any{"do": "type", "pin": first})); k.key() != "refuse.pair_wrong_pin" {
		t.Errorf("the first PIN after five tries = %d %s; want it refused", k.StatusCode, k.body)
	}
	w.pass(time.Minute)
	now := p.ask("standing", a.m["claim"])
	if k := w.atKiosk(encode(map[string]any{"do": "type", "pin": now.m["pin"]})); k.StatusCode != 200 {
		t.Errorf("the new PIN = %d %s; want it taken", k.StatusCode, k.body)
	}
	p.takes(p.ask("collect", a.m["claim"]))
}

func TestCase31(t *testing.T) {
	w := newWorld(t)
	p, thief := w.phone(20), w.phone(21)

	// Fixation: a cookie that somebody planted is never the one that counts.
	planted := strings.Repeat("A", 22)
	p.cookie, thief.cookie = planted, planted
	p.pairs(pair.Mediator)
	if p.cookie == planted {
		t.Fatal("the planted cookie was kept; want another")
	}
	if a := thief.send("GET", "/desk", "", nil); a.StatusCode != 401 || a.key() != "refuse.pair_none" {
		t.Errorf("GET with the planted cookie = %d %s; want 401", a.StatusCode, a.body)
	}
	both := p.send("GET", "/desk", "", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: guard.Cookie, Value: planted}) })
	if both.StatusCode != 401 {
		t.Errorf("GET with two cookies = %d; want 401", both.StatusCode)
	}

	ends := []struct {
		name  string
		after func()
		key   string
	}{
		{"it left", func() { p.send("POST", "/api/pair", `{"do":"leave"}`, nil) }, "refuse.pair_none"},
		{"the permanence closed", w.door.EndAll, "refuse.pair_none"},
		{"it was ended alone", func() { w.door.End(w.door.Sessions()[0].ID) }, "refuse.pair_none"},
		{"twelve hours", func() { w.busy.Store(true); w.pass(pair.Longest); w.busy.Store(false) }, "refuse.pair_none"},
		{"half an hour untouched", func() { w.pass(pair.IdleLock) }, "refuse.pair_locked"},
	}
	for _, tt := range ends {
		p.pairs(pair.Mediator)
		conn, status := p.watch("/ws/desk", nil)
		if a := p.send("POST", "/api/desk", "{}", nil); a.StatusCode != 200 || status != 101 {
			t.Fatalf("before %s: POST = %d, dial = %d; want 200 and 101", tt.name, a.StatusCode, status)
		}
		tt.after()
		if a := p.send("POST", "/api/desk", "{}", nil); a.StatusCode != 401 || a.key() != tt.key {
			t.Errorf("POST after %s = %d %s; want 401 %s", tt.name, a.StatusCode, a.body, tt.key)
		}
		if _, status := p.watch("/ws/desk", nil); status != 401 {
			t.Errorf("dial after %s = %d; want 401", tt.name, status)
		}
		if _, _, err := conn.ReadMessage(); err == nil || errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
			t.Errorf("the open socket after %s: %v; want it closed", tt.name, err)
		}
	}

	// The box starts again: nothing is known, not even to a door with the same name.
	p.pairs(pair.Mediator)
	w.door = w.newDoor()
	if a := p.send("GET", "/desk", "", nil); a.StatusCode != 401 || a.key() != "refuse.pair_none" {
		t.Errorf("GET with the cookie of an earlier start = %d %s; want 401", a.StatusCode, a.body)
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func TestCase32(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	p.pairs(pair.Mediator)
	t.Run("bodies", func(t *testing.T) {
		for name, tt := range map[string]struct {
			body   io.Reader
			length int64
			want   int
		}{
			"10 MiB, said so":     {zeros(10 << 20), 10 << 20, 413},
			"10 MiB, in pieces":   {zeros(10 << 20), -1, 400},
			"4 KiB and one more":  {zeros(4<<10 + 1), 4<<10 + 1, 413},
			"deep":                {strings.NewReader(strings.Repeat("[", 4<<10)), 4 << 10, 400},
			"deep and much of it": {strings.NewReader(strings.Repeat(`{"a":`, 1<<20)), -1, 400},
			"one that fits":       {strings.NewReader("{}"), 2, 200},
		} {
			r, err := http.NewRequestWithContext(t.Context(), "POST", origin+"/api/desk", tt.body)
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = tt.length
			r.Header.Set("Origin", origin)
			r.Header.Set("Cookie", guard.Cookie+"="+p.cookie)
			resp, err := p.client.Do(r)
			if err != nil { // the box stopped reading, which is an answer too
				if tt.want == 200 {
					t.Errorf("%s: %v; want 200", name, err)
				}
				continue
			}
			if got := read(t, resp); got.StatusCode != tt.want {
				t.Errorf("%s = %d %s; want %d", name, got.StatusCode, got.body, tt.want)
			}
		}
		if n := w.done.Load(); n != 1 {
			t.Errorf("%d things done; want 1", n)
		}
	})
	t.Run("headers", func(t *testing.T) {
		if a := p.raw("GET /hall HTTP/1.1\r\nHost: " + box + "\r\nX-Long: " + strings.Repeat("a", 1<<20) + "\r\n\r\n"); a.StatusCode != 431 {
			t.Errorf("a header of 1 MiB = %d; want 431", a.StatusCode)
		}
		if a := p.raw("GET /hall HTTP/1.1\r\nHost: " + box + "\r\n" + strings.Repeat("X-Many: a\r\n", 50_000) + "\r\n"); a.StatusCode != 431 {
			t.Errorf("50000 headers = %d; want 431", a.StatusCode)
		}
	})
	t.Run("idle sockets", func(t *testing.T) {
		// One phone opens a hundred: it keeps four, the newest.
		one := w.phone(30)
		var last *websocket.Conn
		for range 100 {
			last, _ = one.watchPlain("/ws/hall")
		}
		last.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, _, err := last.ReadMessage(); !isTimeout(err) {
			t.Errorf("the newest socket: %v; want it open", err)
		}
		// Two hundred and fifty phones open four each: a thousand, of which fifty stay.
		refused := 0
		for n := range 250 {
			q := w.phone(byte(2 + n%250))
			for range 4 {
				conn, status := q.watchPlain("/ws/hall")
				switch {
				case conn == nil && status == 503:
					refused++
				case conn == nil:
					t.Fatalf("dial = %d; want 101 or 503", status)
				}
			}
		}
		if refused < 900 || w.open.Load() > 60 {
			t.Errorf("%d of 1000 refused, %d open; want about fifty open", refused, w.open.Load())
		}
		if k := w.atKiosk(`{"do":"withdraw"}`); k.StatusCode != 200 {
			t.Errorf("the kiosk meanwhile = %d; want 200", k.StatusCode)
		}
	})
}

// zeros is so many bytes of white space, and then nothing.
func zeros(n int64) io.Reader { return io.LimitReader(blank{}, n) }

type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestCase32Slowly: connections that send a byte a second end with the time for
// headers, and one client holds its share and no more.
func TestCase32Slowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newWires()
		srv := guard.Server(guard.Wrap(guard.Config{MaxBody: 1 << 10, Pace: guard.UsualPace(), Refuse: refuse},
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hall") })), slog.New(slog.DiscardHandler))
		var all sync.WaitGroup
		all.Go(func() { srv.Serve(guard.Limit(ln, 16, 200)) })
		begun := time.Now()
		var mu sync.Mutex
		held, cut := 0, 0
		for i := range 1000 {
			all.Go(func() {
				conn := ln.dial(fmt.Sprintf("10.3.141.%d", 10+i%20))
				defer conn.Close()
				go io.Copy(io.Discard, conn) // a wire in memory has no buffer; this ends with it
				for _, b := range []byte("GET /hall HTTP/1.1\r\nHost: 10.3.141.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") {
					if _, err := conn.Write([]byte{b}); err != nil {
						mu.Lock()
						defer mu.Unlock()
						switch lasted := time.Since(begun); {
						case lasted == 0:
							cut++
						case lasted <= 6*time.Second:
							held++
						default:
							t.Errorf("a slow connection lasted %v; want 5 s", lasted)
						}
						return
					}
					time.Sleep(time.Second)
				}
			})
		}
		synctest.Wait()
		if held != 0 || cut != 800 {
			t.Errorf("%d of 1000 were cut at once, %d later; want 800 and none: 200 stay", cut, held)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if held != 200 {
			t.Errorf("%d slow connections ended with the time for headers; want 200", held)
		}
		quick := ln.dial("10.3.141.9")
		go io.WriteString(quick, "GET / HTTP/1.1\r\nHost: 10.3.141.1\r\nConnection: close\r\n\r\n")
		if got, _ := io.ReadAll(quick); !strings.HasPrefix(string(got), "HTTP/1.1 200") {
			t.Errorf("afterwards: %.40q; want 200", got)
		}
		srv.Close()
		all.Wait()
	})
}

// wires are connections in memory, so that a test rules their time.
type wires struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func newWires() *wires { return &wires{conns: make(chan net.Conn), ended: make(chan struct{})} }

func (l *wires) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}
func (l *wires) Close() error   { l.once.Do(func() { close(l.ended) }); return nil }
func (l *wires) Addr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(box), Port: 80} }

func (l *wires) dial(from string) net.Conn {
	ours, theirs := net.Pipe()
	l.conns <- wire{theirs, &net.TCPAddr{IP: net.ParseIP(from), Port: 5000}}
	return ours
}

type wire struct {
	net.Conn
	from net.Addr
}

func (w wire) RemoteAddr() net.Addr { return w.from }
func (w wire) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.ParseIP(box), Port: 80} }

func TestCase35(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	p.pairs(pair.Volunteer)
	stranger := w.phone(21)
	answers := map[string]answer{
		"a page":             p.send("GET", "/hall", "", nil),
		"staff's":            p.send("GET", "/desk", "", nil),
		"done":               p.send("POST", "/api/desk", "{}", nil),
		"a role too low":     p.send("POST", "/api/settings", "{}", nil),
		"nobody's":           stranger.send("GET", "/desk", "", nil),
		"nothing there":      p.send("GET", "/nothing", "", nil),
		"another host":       p.send("GET", "/hall", "", func(r *http.Request) { r.Host = "evil.example" }),
		"another origin":     p.send("POST", "/api/desk", "{}", func(r *http.Request) { r.Header.Set("Origin", "null") }),
		"another site":       p.send("POST", "/api/desk", "{}", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }),
		"another method":     p.send("PUT", "/api/desk", "{}", nil),
		"the wrong one":      p.send("GET", "/api/desk", "", nil),
		"too large":          p.send("POST", "/api/desk", strings.Repeat(" ", 8<<10), nil),
		"no handshake":       p.send("GET", "/ws/hall", "", nil),
		"pairing":            p.claim("x", pair.Guest),
		"pairing, malformed": p.send("POST", "/api/pair", "[", nil),
	}
	for name, a := range answers {
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s (%d): %s = %q; want %q", name, a.StatusCode, header, got, want)
			}
		}
		csp := a.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s (%d): policy %q lacks %s", name, a.StatusCode, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || a.Header.Get("Access-Control-Allow-Origin") != "" || !strings.Contains(a.Header.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s (%d): %v lets others in", name, a.StatusCode, a.Header)
		}
	}
}

// TestCase42: a phone that nobody paired sees nothing of the queue, whatever it
// brings. What the visitor's own page may show is the whole server's test.
func TestCase42(t *testing.T) {
	w := newWorld(t)
	w.phone(20).pairs(pair.Mediator)
	stranger := w.phone(21)
	for _, cookie := range []string{"", "x", strings.Repeat("A", 22), strings.Repeat("A", 21) + "Q", "' OR 1=1", strings.Repeat("A", 4000)} {
		bring := func(r *http.Request) {
			if cookie != "" {
				r.Header.Set("Cookie", guard.Cookie+"="+cookie)
			}
			r.Header.Set("X-Forwarded-For", "127.0.0.1") // says nothing
			r.Header.Set("Authorization", "Bearer "+cookie)
		}
		for path, method := range map[string]string{"/desk": "GET", "/api/desk": "POST", "/api/settings": "POST"} {
			if a := stranger.send(method, path, "{}", bring); a.StatusCode != 401 || a.body == "queue" {
				t.Errorf("%s %s with cookie %.20q = %d %s; want 401", method, path, cookie, a.StatusCode, a.body)
			}
		}
	}
	if _, status := stranger.watch("/ws/desk", nil); status != 401 {
		t.Errorf("dial = %d; want 401", status)
	}
	if w.done.Load() != 0 {
		t.Errorf("%d things done; want none", w.done.Load())
	}
}
