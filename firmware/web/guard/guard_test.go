package guard_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

// TestProgramsOfThisMachine: the kiosk's listener takes commands without an Origin,
// and still no page's that is not its own, and no socket without one.
func TestProgramsOfThisMachine(t *testing.T) {
	done := 0
	h := guard.Wrap(guard.Config{Programs: true, MaxBody: 100, Refuse: refuse}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { done++ }))
	tests := []struct {
		name    string
		headers map[string]string
		want    int
	}{
		{"a program", nil, 200},
		{"its own page", map[string]string{"Origin": "http://" + box}, 200},
		{"a page elsewhere", map[string]string{"Origin": "http://evil.example"}, 403},
		{"an empty origin", map[string]string{"Origin": ""}, 403},
		{"the same address with TLS", map[string]string{"Origin": "https://" + box}, 403},
		{"a socket without an origin", map[string]string{"Upgrade": "websocket", "Connection": "Upgrade"}, 403},
	}
	for _, tt := range tests {
		rec := handler(h, "POST", "/", "127.0.0.1:5000", func(r *http.Request) {
			for k, v := range tt.headers {
				r.Header.Set(k, v)
			}
		})
		if rec.Code != tt.want {
			t.Errorf("POST of %s = %d; want %d", tt.name, rec.Code, tt.want)
		}
	}
	if done != 2 {
		t.Errorf("%d came through; want 2", done)
	}
}

func TestLarge(t *testing.T) {
	h := guard.Wrap(guard.Config{Programs: true, MaxBody: 10, Large: map[string]int64{"/files": 100}, Refuse: refuse},
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, tt := range []struct {
		path   string
		length int64
		want   int
	}{
		{"/", 10, 200}, {"/", 11, 413}, {"/files", 100, 200}, {"/files", 101, 413}, {"/files/", 11, 413}, {"/", -1, 200},
	} {
		rec := handler(h, "POST", tt.path, "127.0.0.1:5000", func(r *http.Request) { r.ContentLength = tt.length })
		if rec.Code != tt.want {
			t.Errorf("POST %s of %d bytes = %d; want %d", tt.path, tt.length, rec.Code, tt.want)
		}
	}
}

// TestPace: who asks too much waits its turn, who asks far too much is told how
// long, and others and this machine notice nothing.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pace := guard.NewPace(guard.Rate{Every: 100 * time.Millisecond, Burst: 5, Patience: time.Second},
			guard.Rate{Every: 10 * time.Millisecond, Burst: 50, Patience: time.Second})
		h := guard.Wrap(guard.Config{Pace: pace, Refuse: refuse}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		begun := time.Now()
		var mu sync.Mutex
		var served []time.Duration
		refused := 0
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				rec := handler(h, "GET", "/", "10.3.141.20:5000", nil)
				mu.Lock()
				defer mu.Unlock()
				switch rec.Code {
				case 200:
					served = append(served, time.Since(begun))
				case 429:
					if refused++; rec.Header().Get("Retry-After") != "1" {
						t.Errorf("Retry-After = %q; want 1", rec.Header().Get("Retry-After"))
					}
				default:
					t.Errorf("GET = %d; want 200 or 429", rec.Code)
				}
			})
		}
		synctest.Wait()
		for _, remote := range []string{"10.3.141.21:5000", "127.0.0.1:5000", "[::1]:5000"} {
			if rec := handler(h, "GET", "/", remote, nil); rec.Code != 200 || time.Since(begun) != 0 {
				t.Errorf("GET from %s = %d after %v; want 200 at once", remote, rec.Code, time.Since(begun))
			}
		}
		all.Wait()
		slices.Sort(served)
		if len(served) != 15 || refused != 85 || served[4] != 0 || served[5] != 100*time.Millisecond || served[14] != time.Second {
			t.Errorf("served after %v, %d refused; want 5 at once, 10 within a second, 85 refused", served, refused)
		}
		// Insisting has cost nothing: no ban.
		if rec := handler(h, "GET", "/", "10.3.141.20:5000", nil); rec.Code != 200 || time.Since(begun) > 1100*time.Millisecond {
			t.Errorf("GET afterwards = %d after %v; want 200 within its turn", rec.Code, time.Since(begun))
		}
	})
}

// TestPaceOfMany: over all clients, and without remembering them for ever.
func TestPaceOfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pace := guard.NewPace(guard.Rate{Every: time.Second, Burst: 1, Patience: time.Second}, guard.Rate{Every: 10 * time.Millisecond, Burst: 10, Patience: time.Second})
		h := guard.Wrap(guard.Config{Pace: pace, Refuse: refuse}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		var mu sync.Mutex
		got := map[int]int{}
		var all sync.WaitGroup
		for i := range 1200 {
			all.Go(func() {
				rec := handler(h, "GET", "/", "10.3."+strconv.Itoa(i/200)+"."+strconv.Itoa(i%200)+":5000", nil)
				mu.Lock()
				defer mu.Unlock()
				got[rec.Code]++
			})
		}
		all.Wait()
		if got[200] != 110 || got[429] != 1090 {
			t.Errorf("1200 clients at once: %v; want 110 served within a second", got)
		}
		time.Sleep(time.Minute)
		if rec := handler(h, "GET", "/", "10.3.0.1:5000", nil); rec.Code != 200 {
			t.Errorf("GET a minute later = %d; want 200", rec.Code)
		}
		// A phone that leaves while it waits takes no answer with it.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		handler(h, "GET", "/", "10.3.0.1:5000", func(r *http.Request) { *r = *r.WithContext(ctx) })
	})
}

func TestClients(t *testing.T) {
	for remote, want := range map[string]string{
		"10.3.141.20:5000": "10.3.141.20", "[::ffff:10.3.141.20]:1": "10.3.141.20",
		"[fd00:1:2:3:4:5:6:7]:1": "fd00:1:2:3::/64", "[fe80::1%wlan0]:1": "fe80::/64",
		"": "", "10.3.141.20": "", "x:1": "",
	} {
		if got := guard.Client(remote); got != want {
			t.Errorf("Client(%q) = %q; want %q", remote, got, want)
		}
	}
	for remote, want := range map[string]bool{
		"127.0.0.1:1": true, "127.8.8.8:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true,
		"10.3.141.1:1": false, "": false, "localhost:1": false, "127.0.0.1": false,
	} {
		if got := guard.Local(remote); got != want {
			t.Errorf("Local(%q) = %v; want %v", remote, got, want)
		}
	}
}

func TestSockets(t *testing.T) {
	s := guard.NewSockets(2, 3)
	a1, leaveA1, _ := s.Enter(t.Context(), "a")
	a2, leaveA2, _ := s.Enter(t.Context(), "a")
	_, leaveB, ok := s.Enter(t.Context(), "b")
	if !ok {
		t.Fatal("the third of three was refused")
	}
	if _, _, ok := s.Enter(t.Context(), "c"); ok {
		t.Error("a fourth of three came in; want it refused")
	}
	a3, leaveA3, ok := s.Enter(t.Context(), "a")
	if !ok || a1.Err() == nil || a2.Err() != nil || a3.Err() != nil {
		t.Errorf("a third of two: %v, ended %v %v %v; want the oldest ended", ok, a1.Err(), a2.Err(), a3.Err())
	}
	leaveA1() // it was counted out already
	if _, _, ok := s.Enter(t.Context(), "c"); ok {
		t.Error("one that had lost its place gave back another")
	}
	leaveB()
	leaveB()
	_, leaveC, ok := s.Enter(t.Context(), "c")
	if !ok {
		t.Error("a place that was given back was not found")
	}
	for _, leave := range []func(){leaveA2, leaveA3, leaveC} {
		leave()
	}
	for range 3 {
		if _, _, ok := s.Enter(t.Context(), "d"); !ok {
			t.Error("the places were not given back")
		}
	}
}

func TestRoles(t *testing.T) {
	w := newWorld(t)
	guest, coordinator, technician := w.phone(20), w.phone(21), w.phone(22)
	guest.pairs(pair.Guest)
	coordinator.pairs(pair.Coordinator)
	technician.pairs(pair.Technician)
	tests := []struct {
		who          *phone
		method, path string
		want         int
	}{
		{guest, "GET", "/desk", 200}, {guest, "POST", "/api/desk", 200}, {guest, "POST", "/api/settings", 403},
		{coordinator, "POST", "/api/settings", 200},
		{technician, "GET", "/desk", 403}, {technician, "POST", "/api/desk", 403}, {technician, "POST", "/api/settings", 403},
	}
	for _, tt := range tests {
		a := tt.who.send(tt.method, tt.path, "{}", nil)
		if a.StatusCode != tt.want || tt.want == 403 && a.key() != "refuse.pair_role" {
			t.Errorf("%s %s = %d %s; want %d", tt.method, tt.path, a.StatusCode, a.body, tt.want)
		}
	}
	if _, status := technician.watch("/ws/desk", nil); status != 403 {
		t.Errorf("a technician's dial = %d; want 403", status)
	}
}

// TestCookie: what a browser is told about the cookie.
func TestCookie(t *testing.T) {
	w := newWorld(t)
	p := w.phone(20)
	a := p.claim(w.offered(), pair.Mediator)
	if early := p.ask("collect", a.m["claim"]); early.StatusCode != 409 || len(early.Cookies()) != 0 {
		t.Errorf("collect before the yes = %d, %v; want no cookie", early.StatusCode, early.Cookies())
	}
	w.atKiosk(encode(map[string]any{"do": "confirm", "number": a.m["number"]}))
	got := p.ask("collect", a.m["claim"]).Header.Get("Set-Cookie")
	for _, want := range []string{"__Host-jeudi=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200"} {
		if !strings.Contains(got, want) {
			t.Errorf("Set-Cookie = %q; want %q in it", got, want)
		}
	}
	if strings.Contains(got, "Domain") {
		t.Errorf("Set-Cookie = %q; want no domain", got)
	}
	// The cookie's answer was lost: the page asks again, and the screen is one screen.
	p.takes(p.ask("collect", a.m["claim"]))
	if n := len(w.door.Sessions()); n != 1 {
		t.Errorf("%d sessions; want 1", n)
	}
	w.door.Sit(w.door.Sessions()[0].ID, "2")
	if list := w.door.Sessions(); list[0].Desk != "2" {
		t.Errorf("Sessions() = %+v; want desk 2", list)
	}
	out := p.send("POST", "/api/pair", `{"do":"leave"}`, nil).Header.Get("Set-Cookie")
	if !strings.Contains(out, "Max-Age=0") || !strings.Contains(out, "__Host-jeudi=;") {
		t.Errorf("Set-Cookie when it leaves = %q; want it taken away", out)
	}
}

// TestKiosk: what is wrong there gets words, and no GET does anything.
func TestKiosk(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]string{
		`{"do":"dance"}`:               "refuse.unknown_choice",
		`{"do":"confirm","number":42}`: "refuse.pair_nobody",
		`{"do":"refuse","number":42}`:  "refuse.pair_nobody",
		`{"do":"type","pin":"123456"}`: "refuse.pair_nobody",
		`{"do":"offer","role":"root"}`: "refuse.unknown_choice",
		`[]`:                           "refuse.unknown_choice",
	} {
		if a := w.atKiosk(body); a.StatusCode/100 != 4 || a.key() != want {
			t.Errorf("%s = %d %s; want %s", body, a.StatusCode, a.body, want)
		}
	}
	p := w.phone(20)
	for body, want := range map[string]string{
		`{"do":"dance"}`:                     "refuse.unknown_choice",
		`{"do":"ask","role":"volontaire"}`:   "refuse.pair_no_pin",
		`{"do":"claim","role":"root"}`:       "refuse.unknown_choice",
		`{"do":"standing","claim":"x"}`:      "refuse.pair_refused",
		`{"do":"collect"}`:                   "refuse.pair_refused",
		`{"do":"claim","role":"volontaire"}`: "refuse.pair_token",
	} {
		if a := p.send("POST", "/api/pair", body, nil); a.StatusCode != 409 || a.key() != want {
			t.Errorf("%s = %d %s; want 409 %s", body, a.StatusCode, a.body, want)
		}
	}
}

// TestRun: time alone locks and ends pairings, and closes their sockets.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes atomic.Int64
		d := guard.NewDoor(guard.DoorConfig{Refuse: refuse, Changed: func() { changes.Add(1) }})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { d.Run(ctx) })
		post := func(body string) map[string]any {
			rec := handler(http.HandlerFunc(d.PostPair), "POST", "/api/pair", "10.3.141.20:1", func(r *http.Request) { *r = *withBody(r, body) })
			return answer{m: decode(rec.Body.Bytes())}.m
		}
		d.OpenPIN()
		a := post(`{"do":"ask","role":"volontaire"}`)
		if err := d.TypePIN(a["pin"].(string)); err != nil {
			t.Fatal(err)
		}
		rec := handler(http.HandlerFunc(d.PostPair), "POST", "/api/pair", "10.3.141.20:1", func(r *http.Request) {
			*r = *withBody(r, encode(map[string]any{"do": "collect", "claim": a["claim"]}))
		})
		cookie := rec.Result().Cookies()[0]
		begun := time.Now()
		var ended time.Duration
		watching := d.Staff(pair.SeeQueue, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if s, ok := guard.Who(r.Context()); !ok || s.Role != pair.Volunteer {
				t.Errorf("Who() = %+v, %v; want the volunteer", s, ok)
			}
			<-r.Context().Done()
			ended = time.Since(begun)
		}))
		before := changes.Load()
		handler(watching, "GET", "/ws/desk", "10.3.141.20:1", func(r *http.Request) { r.AddCookie(cookie); r.Header.Set("Upgrade", "websocket") })
		synctest.Wait() // screens are told after the sockets have ended
		if told := changes.Load() - before; ended < pair.IdleLock || ended > pair.IdleLock+time.Minute || told != 1 {
			t.Errorf("the socket ended after %v, with %d changes; want about %v and one", ended, told, pair.IdleLock)
		}
		time.Sleep(pair.Longest)
		if list := d.Sessions(); len(list) != 0 {
			t.Errorf("Sessions() after %v = %v; want none", pair.Longest, list)
		}
		cancel()
		running.Wait()
	})
}

func TestAs(t *testing.T) {
	var got pair.Session
	h := guard.As(pair.Coordinator, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = guard.Who(r.Context()) }))
	handler(h, "GET", "/desk", "127.0.0.1:1", nil)
	if got.Role != pair.Coordinator || got.ID != 0 {
		t.Errorf("Who() behind As = %+v; want the coordinator, and no pairing", got)
	}
	if _, ok := guard.Who(t.Context()); ok {
		t.Error("Who() of nobody = true; want false")
	}
}
