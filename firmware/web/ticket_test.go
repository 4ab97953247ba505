package web

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/session"
	"jeudi/firmware/web/guard"
)

// capability is what the ticket of a number has in its QR code.
func (w *world) capability(n int) string {
	w.t.Helper()
	b := w.box.Snapshot()
	v, ok := b.Session.Numbered(session.Number(n))
	if !ok {
		w.t.Fatalf("no ticket %d", n)
	}
	return b.Capability(v)
}

// phone opens the page of a capability.
func (w *world) phone(capability string) *screen {
	w.t.Helper()
	s := w.watch("/ws/ticket")
	if err := s.conn.WriteJSON(hello{capability}); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// TestPhoneTicketFields: all that a ticket's page can be told, by name. A field that
// is new here is one more thing that a lost ticket gives away.
func TestPhoneTicketFields(t *testing.T) {
	for _, tt := range []struct {
		of   any
		want string
	}{
		{PhoneTicket{}, "seq lang tag dir place test state number desk call text wait slip"},
		{PhoneLine{}, "kind text tag dir"},
	} {
		var got []string
		typ := reflect.TypeOf(tt.of)
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			got = append(got, name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("fields of %s = %s; want %s", typ, strings.Join(got, " "), tt.want)
		}
	}
}

// TestPhoneTicket follows a visit from the ticket to the closing.
func TestPhoneTicket(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.ticket(fields{"motif": "caf", "lang": "en"})
		w.ticket(fields{"motif": "caf", "lang": "en"})
		w.settle()
		phone := w.phone(w.capability(2))
		w.settle()
		mine := fields{"visit": w.visits[2]}
		first := uint64(0)
		for _, step := range []struct {
			what      string
			do        func()
			state     string
			text      string // part of it
			desk      string
			wait      bool
			rings     bool // a call that is new
			afterward time.Duration
		}{
			{what: "a ticket before the opening", state: "waiting", text: "1 person", wait: true},
			{what: "the opening", do: func() { w.desk("open", nil) }, state: "waiting", text: "1 person", wait: true},
			{what: "a pause, told later", do: func() { w.desk("pause", nil) }, afterward: calm, state: "paused", text: "ticket"},
			{what: "the end of the pause", do: func() { w.desk("resume", nil) }, afterward: calm, state: "waiting", text: "1 person", wait: true},
			{what: "the call", do: func() { w.desk("call", mine) }, state: "called", text: "Bureau 1", desk: "Bureau 1", rings: true},
			{what: "a recall", do: func() { w.pass(time.Minute); w.desk("recall", nil) }, state: "called", text: "Bureau 1", desk: "Bureau 1", rings: true},
			{what: "nobody came", do: func() { w.desk("absent", nil) }, state: "missed", text: " "},
			{what: "called again, and served", do: func() { w.desk("call", mine); w.desk("start", nil) }, state: "serving", text: "Bureau 1", desk: "Bureau 1"},
			{what: "a hold", do: func() { w.desk("hold", fields{"reason": "sms_code"}) }, state: "held", text: " "},
			{what: "back in the line", do: func() { w.desk("return", mine) }, state: "waiting", wait: true},
			{what: "received again", do: func() { w.desk("call", mine); w.desk("start", nil) }, state: "serving", desk: "Bureau 1"},
			{what: "the end", do: func() { w.desk("end", fields{"visit": w.visits[2], "outcome": "served"}) }, state: "done", text: " "},
			{what: "the closing", do: func() { w.desk("close", fields{"rest": "left"}) }, state: "gone"},
		} {
			if step.do != nil {
				step.do()
			}
			w.settle()
			w.pass(step.afterward)
			v := newest[PhoneTicket](phone)
			if v.State != step.state || !strings.Contains(v.Text, step.text) || v.Desk != step.desk || (len(v.Wait) > 0) != step.wait {
				t.Errorf("%s: %+v; want %s %q at %q, wait %v", step.what, v, step.state, step.text, step.desk, step.wait)
			}
			if rings := v.Call != 0 && v.Call != first; rings != step.rings {
				t.Errorf("%s: call %d after %d; want a new one: %v", step.what, v.Call, first, step.rings)
			}
			first = v.Call
			if step.state != "gone" && (v.Number != 2 || v.Tag != "en" || v.Place != "Maison du Pont") {
				t.Errorf("%s: %+v; want number 2 of Maison du Pont, in English", step.what, v)
			}
			if step.state == "gone" && (v.Number != 0 || v.Text != "") {
				t.Errorf("%s: %+v; want nothing", step.what, v)
			}
		}
	})
}

// TestPhoneTicketIsCalm: what others do reaches a phone now and then, its own call at
// once, and what changes nothing for it never.
func TestPhoneTicketIsCalm(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.desk("open", nil)
		for range 4 {
			w.ticket(fields{"motif": "caf"})
		}
		w.settle()
		phone := w.phone(w.capability(4))
		w.settle()
		w.pass(calm)
		before := len(phone.views())
		for range 2 {
			w.desk("next", nil)
			w.desk("end", fields{"outcome": "served"})
			w.settle()
		}
		if n := len(phone.views()) - before; n > 1 {
			t.Errorf("views within %v of others' calls = %d; want at most one", calm, n)
		}
		w.pass(2 * calm)
		if v := newest[PhoneTicket](phone); !strings.Contains(v.Text, "1 personne") {
			t.Errorf("after a while = %+v; want one person before", v)
		}
		before = len(phone.views())
		w.ticket(nil) // somebody behind
		w.settle()
		w.pass(2 * calm)
		if n := len(phone.views()) - before; n != 0 {
			t.Errorf("views after somebody came behind = %d; want 0", n)
		}
		w.desk("call", fields{"visit": w.visits[4]})
		w.settle()
		if v := newest[PhoneTicket](phone); v.State != "called" {
			t.Errorf("half a second after the call = %+v; want it", v)
		}
	})
}

// TestTicketLanguages: the page is in the language of the ticket; of pictures alone
// there is none.
func TestTicketLanguages(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for _, tt := range []struct{ lang, want, dir string }{
			{"", "fr", "ltr"}, {"fr", "fr", "ltr"}, {"ar", "ar", "rtl"}, {"images", "falc", "ltr"},
		} {
			n := w.ticket(fields{"lang": tt.lang})
			w.settle()
			v := w.server.phoneTicket(w.box.Snapshot(), w.visitID(n))
			if v.Lang != tt.want || v.Dir != tt.dir || v.Text == "" {
				t.Errorf("page of a ticket in %q = %+v; want %s %s, with a text", tt.lang, v, tt.want, tt.dir)
			}
		}
	})
}

func (w *world) visitID(n int) session.ID {
	w.t.Helper()
	v, _ := w.box.Snapshot().Session.Numbered(session.Number(n))
	return v.ID
}

// TestSlipOnThePhone: the slip that was printed for the person at the desk, without
// its code, until they leave.
func TestSlipOnThePhone(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.desk("open", nil)
		w.ticket(fields{"lang": "ar"})
		w.ticket(nil)
		w.desk("next", nil)
		w.settle()
		phone, other := w.phone(w.capability(1)), w.phone(w.capability(2))
		slip := func(f fields) {
			t.Helper()
			body := fields{"do": "orientation", "places": []string{"site-0"}, "lang": "ar", "visit": w.visits[1], "desk": "1"}
			for k, v := range f {
				body[k] = v
			}
			if status, answer := w.post("/api/slip", body); status != http.StatusNoContent {
				t.Fatalf("slip %v = %d %v; want 204", f, status, answer)
			}
			w.settle()
		}
		slip(fields{"desk": "2"}) // printed, and nobody's: the person is not there
		if v := newest[PhoneTicket](phone); len(v.Slip) != 0 {
			t.Errorf("slip that another desk printed = %v; want none", v.Slip)
		}
		slip(nil)
		v := newest[PhoneTicket](phone)
		var got []string
		for _, l := range v.Slip {
			got = append(got, l.Kind+" "+l.Tag+" "+l.Dir+": "+l.Text)
		}
		catalogue := w.server.cfg.Words
		want := []string{
			"title ar rtl: " + catalogue.Text("ar", "slip.orientation", nil), "place fr ltr: Médiathèque", "text fr ltr: 2 quai du Pont",
			"label ar rtl: " + catalogue.Text("ar", "slip.phone", nil), "text fr ltr: +33199000009",
			"label ar rtl: " + catalogue.Text("ar", "slip.hours", nil), "text fr ltr: mardi, 9 h à 12 h",
		}
		if !slices.Equal(got, want) {
			t.Errorf("slip = %q; want %q", got, want)
		}
		if v := newest[PhoneTicket](other); len(v.Slip) != 0 {
			t.Errorf("slip of somebody else = %v; want none", v.Slip)
		}
		w.desk("end", fields{"visit": w.visits[1], "outcome": "served"})
		w.settle()
		if b := w.box.Snapshot(); len(b.Slips) != 0 {
			t.Errorf("slips kept after the visit = %v; want none", b.Slips)
		}
		if v := newest[PhoneTicket](phone); v.State != "done" || len(v.Slip) != 0 {
			t.Errorf("page after the visit = %+v; want no slip", v)
		}
	})
}

// TestSaid: the call and the slip are spoken for their own ticket alone.
func TestSaid(t *testing.T) {
	w := onSockets(t, Config{HallSpeaks: true, Languages: []string{"fr", "ar"}, Clip: func(_ context.Context, lang, key string, args map[string]any) ([]byte, error) {
		if args["text"] == "2 quai du Pont" {
			return nil, errors.New("no voice")
		}
		return []byte(fmt.Sprint(lang, " ", key, " ", args["desk"], args["text"])), nil
	}})
	w.desk("open", nil)
	w.ticket(fields{"lang": "ar"})
	w.ticket(nil)
	mine, other := w.capability(1), w.capability(2)
	said := func(body string) (int, string) {
		got := ask(w.server, "POST", "/phone/said", body, nil)
		return got.Code, got.Body.String()
	}
	if code, _ := said(`{"ticket":"` + mine + `"}`); code != 404 {
		t.Errorf("call of somebody who waits = %d; want 404", code)
	}
	w.desk("next", nil)
	w.post("/api/slip", fields{"do": "orientation", "places": []string{"site-0"}, "lang": "ar", "visit": w.visits[1], "desk": "1"})
	for _, tt := range []struct {
		what, body string
		code       int
		want       string
	}{
		{"the call", `{"ticket":"` + mine + `"}`, 200, "ar ticket.called Bureau 1 <nil>"},
		{"the slip's title", `{"ticket":"` + mine + `","line":0}`, 200, "ar slip.orientation <nil><nil>"},
		{"a place", `{"ticket":"` + mine + `","line":1}`, 200, "fr text.verbatim <nil> Médiathèque"},
		{"what nothing says", `{"ticket":"` + mine + `","line":2}`, 204, ""},
		{"past its end", `{"ticket":"` + mine + `","line":99}`, 404, ""},
		{"before its beginning", `{"ticket":"` + mine + `","line":-1}`, 404, ""},
		{"somebody else's slip", `{"ticket":"` + other + `","line":0}`, 404, ""},
		{"no ticket", `{"ticket":""}`, 404, ""},
		{"another field", `{"ticket":"` + mine + `","number":2}`, 400, ""},
	} {
		code, got := said(tt.body)
		if code != tt.code || tt.want != "" && strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(tt.want, " ", "") {
			t.Errorf("%s = %d %q; want %d %q", tt.what, code, got, tt.code, tt.want)
		}
	}
	call := w.server.hallView(w.box.Snapshot()).Calls[0].Call
	for path, want := range map[string]int{
		"/hall/clip?call=" + call: 200, "/hall/clip?call=" + call + "A": 404, "/hall/clip": 404, "/hall/clip?call=1": 404,
	} {
		if got := ask(w.server, "GET", path, "", nil); got.Code != want {
			t.Errorf("GET %s = %d; want %d", path, got.Code, want)
		}
	}
}

// wifi is where the public listener of these tests says it is.
const wifi = "10.3.141.1"

// disguise is a listener on the loopback that looks like one of the hotspot: it is
// reached at wifi, and a client on 127.0.0.n is 10.3.141.n.
type disguise struct{ net.Listener }

func (d disguise) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return disguised{conn}, nil
}

type disguised struct{ net.Conn }

func (disguised) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(wifi), Port: 80} }

func (d disguised) RemoteAddr() net.Addr {
	a := d.Conn.RemoteAddr().(*net.TCPAddr)
	return &net.TCPAddr{IP: net.IPv4(10, 3, 141, a.IP.To4()[3]), Port: a.Port}
}

// street is the public listener on a real socket, and phones that reach it.
type street struct {
	*world
	addr string
}

func onTheStreet(t *testing.T, cfg Config, prepare ...func(*Server)) *street {
	t.Helper()
	w := start(t, cfg)
	for _, do := range prepare {
		do(w.server)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := guard.Server(w.server.Public(), slog.New(slog.DiscardHandler))
	var served sync.WaitGroup
	served.Go(func() { srv.Serve(disguise{ln}) })
	t.Cleanup(func() { w.server.Close(); srv.Close(); served.Wait() })
	inside := onLoopback(t, w)
	w.base, w.client, w.dialer = inside.base, inside.client, inside.dialer
	return &street{w, ln.Addr().String()}
}

// onLoopback is the kiosk's listener of a box that has a public one.
func onLoopback(t *testing.T, w *world) *world {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: w.server}
	var served sync.WaitGroup
	served.Go(func() { srv.Serve(ln) })
	t.Cleanup(func() { w.server.Close(); srv.Close(); served.Wait() })
	return &world{base: "http://" + ln.Addr().String(), client: http.DefaultClient, dialer: &websocket.Dialer{}}
}

// from dials as the phone 10.3.141.n.
func (s *street) from(n byte) func(context.Context, string, string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, n)}}
	return func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "tcp", s.addr) }
}

// ask sends a request as the phone 10.3.141.n.
func (s *street) ask(n byte, method, path, body string, header http.Header) (*http.Response, string) {
	s.t.Helper()
	transport := &http.Transport{DialContext: s.from(n), DisableKeepAlives: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+wifi+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if header != nil {
		req.Header = header.Clone()
		if host := header.Get("Host"); host != "" {
			req.Host = host
		}
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(data)
}

// dial opens a socket as the phone 10.3.141.n; nil and the status when refused.
func (s *street) dial(n byte, path string, header http.Header) (*websocket.Conn, int) {
	s.t.Helper()
	d := websocket.Dialer{NetDialContext: s.from(n)}
	if header == nil {
		header = http.Header{"Origin": {"http://" + wifi}}
	}
	conn, resp, err := d.DialContext(s.t.Context(), "ws://"+wifi+path, header)
	if resp == nil {
		s.t.Fatal(err)
	}
	if err == nil {
		s.t.Cleanup(func() { conn.Close() })
	}
	return conn, resp.StatusCode
}

// heard is the first message that answers a hello, or "" when the box hangs up.
func (s *street) heard(n byte, first string) string {
	s.t.Helper()
	conn, status := s.dial(n, "/ws/ticket", nil)
	if conn == nil {
		s.t.Fatalf("socket = %d; want 101", status)
	}
	defer conn.Close()
	if conn.WriteMessage(websocket.TextMessage, []byte(first)) != nil {
		return "" // it hung up in the middle of too long a message
	}
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, data, err := conn.ReadMessage()
	if err != nil {
		return ""
	}
	return string(data)
}

// TestCase42: a visitor's phone reads its own ticket and what the hall shows, and
// nothing else of anybody, whatever it asks for.
func TestCase42(t *testing.T) {
	s := onTheStreet(t, Config{Languages: []string{"fr", "en", "ar"}})
	s.desk("open", nil)
	s.ticket(fields{"motif": "caf", "lang": "en"})
	s.ticket(fields{"motif": "justice", "lang": "ar", "for_other": true})
	s.ticket(fields{"motif": "sante"})
	s.desk("next", fields{"desk": "1"}) // number 1
	b := s.box.Snapshot()
	mine := s.capability(2)
	// What no phone may be told: of the others, and why its own visitor came.
	secret := []string{"caf", "justice", "sante", "CAF", "motif", "social_worker", "priority", `"number":1`, `"number":3`, `"desk":"Bureau`, "Bureau 1", s.capability(1), s.capability(3)}
	for _, visit := range s.visits {
		secret = append(secret, visit)
	}
	leaks := func(what, text string) {
		t.Helper()
		for _, word := range secret {
			if strings.Contains(text, word) {
				t.Errorf("%s: %s; want nothing of %q", what, text, word)
			}
		}
	}

	var own PhoneTicket
	text := s.heard(2, `{"ticket":"`+mine+`"}`)
	if err := json.Unmarshal([]byte(text), &own); err != nil || own.Number != 2 || own.State != "waiting" || own.Dir != "rtl" {
		t.Fatalf("its own page = %s, %v; want ticket 2, waiting, in Arabic", text, err)
	}
	leaks("its own page", text)

	// Neither another capability, near or far, nor what else there is to name a visit.
	plan, _ := hex.DecodeString(b.Session.Plan.ID.String())
	guesses := []string{"", "2", "1", s.visits[1], s.visits[2], fmt.Sprintf("%x", plan), mine + "A", mine[1:], mine + "=", strings.ToLower(mine), strings.ToUpper(mine),
		" " + mine, mine[:21] + "\x00", "AAAAAAAAAAAAAAAAAAAAAA", "*", "../" + mine, mine[:20]}
	for i := range mine {
		changed := []byte(mine)
		if changed[i] = 'A'; changed[i] == mine[i] {
			changed[i] = 'B'
		}
		guesses = append(guesses, string(changed))
	}
	for i, guess := range guesses {
		first, _ := json.Marshal(hello{guess})
		text := s.heard(byte(2+i%100), string(first))
		var v PhoneTicket
		if json.Unmarshal([]byte(text), &v); v.State != ticketGone || v.Number != 0 || v.Text != "" || v.Lang != "" || len(v.Slip)+len(v.Wait) != 0 {
			t.Errorf("page of %q = %s; want none", guess, text)
		}
		leaks("a guess", text)
		if resp, _ := s.ask(byte(2+i%100), "POST", "/phone/said", string(first), http.Header{"Origin": {"http://" + wifi}}); resp.StatusCode != 404 {
			t.Errorf("what is said of %q = %d; want 404", guess, resp.StatusCode)
		}
	}
	for _, first := range []string{"", "x", "[]", `{"ticket":2}`, `{"ticket":["` + mine + `"]}`, `{"ticket":"` + strings.Repeat("A", 5000) + `"}`} {
		text := s.heard(120, first)
		var v PhoneTicket
		if json.Unmarshal([]byte(text), &v); v.Number != 0 || text != "" && v.State != ticketGone {
			t.Errorf("page after %.40q = %s; want none", first, text)
		}
	}

	// Nothing of staff or of the kiosk is on this listener, whoever asks, and a
	// capability in an address or a cookie opens nothing.
	for _, path := range []string{"/desk", "/desk/", "/desk/desk.js", "/kiosk", "/screen/", "/screen/screen.js", "/dock", "/dock/", "/healthz", "/words/desk.json",
		"/ws/desk", "/ws/desk?desk=1", "/ws/kiosk", "/api/desk", "/api/kiosk", "/api/tickets", "/api/places", "/api/selftest", "/api/slip", "/api/pairing", "/pair",
		"/t/" + mine, "/ws/ticket/" + mine, "/phone/../desk/", "/hall/..%2fdesk/desk.js", "//desk", "/lib/", "/phone/ticket"} {
		for _, method := range []string{"GET", "POST"} {
			resp, body := s.ask(3, method, path, "{}", http.Header{"Origin": {"http://" + wifi}, "X-Forwarded-For": {"127.0.0.1"}, "Cookie": {"ticket=" + mine}})
			if resp.StatusCode < 300 {
				t.Errorf("%s %s = %d; want no such thing here", method, path, resp.StatusCode)
			}
			leaks(method+" "+path, body)
		}
	}
	if resp, body := s.ask(3, "GET", "/ws/ticket?ticket="+mine, "", nil); resp.StatusCode < 400 || strings.Contains(body, `"number"`) {
		t.Errorf("a capability in the address = %d %s; want no page", resp.StatusCode, body)
	}
	for _, h := range []http.Header{{"Origin": {"http://evil.example"}}, {}, {"Origin": {"null"}}, {"Origin": {"https://" + wifi}}, {"Origin": {"http://" + wifi + ":81"}}} {
		if _, status := s.dial(4, "/ws/ticket", h); status != http.StatusForbidden {
			t.Errorf("socket from %v = %d; want 403", h, status)
		}
		if resp, _ := s.ask(4, "POST", "/phone/said", `{"ticket":"`+mine+`"}`, h); resp.StatusCode != http.StatusForbidden {
			t.Errorf("post from %v = %d; want 403", h, resp.StatusCode)
		}
	}
	if resp, _ := s.ask(4, "GET", "/phone/ticket.html", "", http.Header{"Host": {"evil.example"}}); resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another name = %d; want 421", resp.StatusCode)
	}

	// The hall shows who is called, and no more.
	conn, _ := s.dial(5, "/ws/hall", nil)
	_, data, err := conn.ReadMessage()
	if err != nil || !bytes.Contains(data, []byte(`"number":1,"desk":"Bureau 1"`)) {
		t.Fatalf("hall = %s, %v; want the call of number 1", data, err)
	}
	for _, word := range []string{"caf", "justice", "motif", `"number":2`, `"number":3`, s.visits[1], mine} {
		if bytes.Contains(data, []byte(word)) {
			t.Errorf("hall = %s; want nothing of %q", data, word)
		}
	}
	for _, path := range []string{"/hall", "/hall/", "/phone/", "/guide/"} {
		if resp, _ := s.ask(5, "GET", path, "", nil); resp.StatusCode != 200 {
			t.Errorf("GET %s = %d; want 200, for anybody", path, resp.StatusCode)
		}
	}
	// The address is that of a page, the same for all.
	resp, _ := s.ask(2, "GET", "/t", "", nil)
	if resp.StatusCode != http.StatusFound || resp.Header.Get("Location") != "/phone/ticket.html" {
		t.Errorf("GET /t = %d to %q; want the page of a ticket", resp.StatusCode, resp.Header.Get("Location"))
	}
	if resp, _ := s.ask(2, "GET", "/phone/ticket.html", "", nil); resp.StatusCode != 200 || resp.Header.Get("X-Frame-Options") != "DENY" || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("page = %d %v; want it with the headers of the guards, and no cookie", resp.StatusCode, resp.Header)
	}
	for _, secret := range []string{mine, s.capability(1), s.visits[2]} {
		if strings.Contains(s.said.String(), secret) {
			t.Errorf("the log holds %s; want nothing of a ticket", secret)
		}
	}
	if got, want := len(s.visits), s.box.Snapshot().Session.Here(); got != want {
		t.Errorf("people here = %d; want %d, as before", want, got)
	}
}

// TestPhonesAreCounted: a phone that opens one socket too many loses its oldest, and
// no phone takes the hall's place.
func TestPhonesAreCounted(t *testing.T) {
	s := onTheStreet(t, Config{}, func(s *Server) { s.phones, s.halls = guard.NewSockets(2, 3), guard.NewSockets(1, 1) })
	s.ticket(nil)
	first := `{"ticket":"` + s.capability(1) + `"}`
	open := func(n byte) *websocket.Conn {
		t.Helper()
		conn, status := s.dial(n, "/ws/ticket", nil)
		if conn == nil {
			t.Fatalf("socket of phone %d = %d; want 101", n, status)
		}
		conn.WriteMessage(websocket.TextMessage, []byte(first))
		conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, _, err := conn.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	oldest := open(2)
	open(2)
	open(2)
	for err := error(nil); err == nil; _, _, err = oldest.ReadMessage() {
	}
	open(3)
	if _, status := s.dial(4, "/ws/ticket", nil); status != http.StatusServiceUnavailable {
		t.Errorf("one phone too many = %d; want 503", status)
	}
	if conn, status := s.dial(4, "/ws/hall", nil); conn == nil {
		t.Errorf("the hall = %d; want 101 whatever phones do", status)
	}
}
