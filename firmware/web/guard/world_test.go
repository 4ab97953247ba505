package guard_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/session"
	"jeudi/firmware/web/cert"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

const (
	box    = "10.3.141.1" // where the staff's listener says it is
	origin = "https://" + box
)

// disguise is a listener on the loopback that looks like one of the hotspot: it is
// reached at box, and a client on 127.0.0.n is 10.3.141.n.
type disguise struct{ net.Listener }

func (d disguise) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return disguised{conn}, nil
}

type disguised struct{ net.Conn }

func (disguised) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(box), Port: 443} }

func (d disguised) RemoteAddr() net.Addr {
	a := d.Conn.RemoteAddr().(*net.TCPAddr)
	ip := a.IP.To4()
	return &net.TCPAddr{IP: net.IPv4(10, 3, 141, ip[3]), Port: a.Port}
}

// world is a staff listener and a kiosk listener on real sockets, with the guards,
// the door and the certificate of the box, and handlers that only count.
type world struct {
	t       *testing.T
	door    *guard.Door
	public  *guard.Sockets
	cert    *cert.Cert
	staff   string // address to dial
	plain   string // of the same pages without TLS, as for the hall's display
	kiosk   string
	done    atomic.Int64 // what changed something
	open    atomic.Int64 // sockets
	later   atomic.Int64 // how far the door's clock is ahead
	busy    atomic.Bool
	changes atomic.Int64
}

func refuse(w http.ResponseWriter, status int, m session.Msg) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(m)
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, public: guard.NewSockets(4, 50)}
	c, _, err := cert.Open(t.TempDir(), cert.Names{IPs: []netip.Addr{netip.MustParseAddr(box)}, Name: "jeudi.local"}, cert.Clock{Now: time.Now(), Trusted: true})
	if err != nil {
		t.Fatal(err)
	}
	w.cert = c
	w.door = w.newDoor()
	log := slog.New(slog.DiscardHandler)
	serve := func(h http.Handler, dress func(net.Listener) net.Listener) string {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		srv := guard.Server(h, log)
		var served sync.WaitGroup
		served.Go(func() { srv.Serve(dress(ln)) })
		t.Cleanup(func() { srv.Close(); served.Wait() })
		return ln.Addr().String()
	}
	outside := guard.Wrap(guard.Config{Names: []string{"jeudi.local"}, MaxBody: 4 << 10, Pace: guard.UsualPace(), Refuse: refuse}, w.routes())
	limit := func(ln net.Listener) net.Listener { return guard.Limit(disguise{ln}, 16, 200) }
	w.staff = serve(outside, func(ln net.Listener) net.Listener { return tls.NewListener(limit(ln), c.TLS()) })
	w.plain = serve(outside, limit)
	local := http.NewServeMux()
	local.HandleFunc("POST /api/pairing", func(rw http.ResponseWriter, r *http.Request) { w.door.PostKiosk(rw, r) })
	w.kiosk = serve(guard.Wrap(guard.Config{Programs: true, MaxBody: 4 << 10, Refuse: refuse}, local), func(ln net.Listener) net.Listener { return ln })
	return w
}

func (w *world) newDoor() *guard.Door {
	return guard.NewDoor(guard.DoorConfig{
		Busy: func(string) bool { return w.busy.Load() }, Refuse: refuse, Changed: func() { w.changes.Add(1) },
		Fingerprint: w.cert.Fingerprint().Head(),
		Clock:       func() time.Time { return time.Now().Add(time.Duration(w.later.Load())) },
	})
}

func (w *world) pass(d time.Duration) { w.later.Add(int64(d)) }

// routes asks for the door anew each time: a test restarts the box by another one.
func (w *world) routes() http.Handler {
	staff := func(c pair.Capability, h http.HandlerFunc) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) { w.door.Staff(c, h).ServeHTTP(rw, r) }
	}
	act := func(rw http.ResponseWriter, r *http.Request) {
		var v any
		if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
			refuse(rw, http.StatusBadRequest, session.ErrUnknownChoice.Msg)
			return
		}
		w.done.Add(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hall", func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "hall") })
	mux.HandleFunc("GET /ws/hall", w.socket)
	mux.HandleFunc("GET /ws/desk", staff(pair.SeeQueue, w.socket))
	mux.HandleFunc("GET /desk", staff(pair.SeeQueue, func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "queue") }))
	mux.HandleFunc("POST /api/desk", staff(pair.Call, act))
	mux.HandleFunc("POST /api/settings", staff(pair.Settings, act))
	mux.HandleFunc("POST /api/pair", func(rw http.ResponseWriter, r *http.Request) { w.door.PostPair(rw, r) })
	return mux
}

func (w *world) socket(rw http.ResponseWriter, r *http.Request) {
	ctx, leave, ok := w.public.Enter(r.Context(), guard.Client(r.RemoteAddr))
	if !ok {
		refuse(rw, http.StatusServiceUnavailable, guard.ErrBusy.Msg)
		return
	}
	defer leave()
	up := websocket.Upgrader{CheckOrigin: guard.SameOrigin}
	conn, err := up.Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	w.open.Add(1)
	defer w.open.Add(-1)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	conn.WriteMessage(websocket.TextMessage, []byte("hello"))
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

// phone is a browser on 10.3.141.n. It accepted the box's certificate.
type phone struct {
	w      *world
	from   net.Addr
	client *http.Client
	tls    *tls.Config
	cookie string
	origin string
}

func (w *world) phone(n byte) *phone {
	pool := x509.NewCertPool()
	pool.AddCert(w.cert.Leaf())
	p := &phone{w: w, from: &net.TCPAddr{IP: net.IPv4(127, 0, 0, n)}, tls: &tls.Config{RootCAs: pool, ServerName: box}, origin: origin}
	tr := &http.Transport{TLSClientConfig: p.tls, DialContext: p.dial}
	p.client = &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	w.t.Cleanup(tr.CloseIdleConnections)
	return p
}

func (p *phone) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return (&net.Dialer{LocalAddr: p.from}).DialContext(ctx, "tcp", p.w.staff)
}

type answer struct {
	*http.Response
	body string
	m    map[string]any
}

// send is a request of a page of the box, unless change makes it another.
func (p *phone) send(method, path, body string, change func(*http.Request)) answer {
	p.w.t.Helper()
	r, err := http.NewRequestWithContext(p.w.t.Context(), method, origin+path, strings.NewReader(body))
	if err != nil {
		p.w.t.Fatal(err)
	}
	if method != "GET" && method != "HEAD" {
		r.Header.Set("Origin", p.origin)
		r.Header.Set("Content-Type", "application/json")
	}
	if p.cookie != "" {
		r.AddCookie(&http.Cookie{Name: guard.Cookie, Value: p.cookie})
	}
	if change != nil {
		change(r)
	}
	resp, err := p.client.Do(r)
	if err != nil {
		p.w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return read(p.w.t, resp)
}

func read(t *testing.T, resp *http.Response) answer {
	t.Helper()
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Response: resp, body: string(data)}
	json.Unmarshal(data, &a.m)
	return a
}

// watch opens a socket; the status is that of the handshake.
func (p *phone) watch(path string, change func(http.Header)) (*websocket.Conn, int) {
	p.w.t.Helper()
	d := websocket.Dialer{NetDialContext: p.dial, TLSClientConfig: p.tls}
	return p.dialWith(d, "wss://"+box+path, p.origin, change)
}

// watchPlain opens a socket without TLS.
func (p *phone) watchPlain(path string) (*websocket.Conn, int) {
	p.w.t.Helper()
	d := websocket.Dialer{NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{LocalAddr: p.from}).DialContext(ctx, "tcp", p.w.plain)
	}}
	return p.dialWith(d, "ws://"+box+path, "http://"+box, nil)
}

func (p *phone) dialWith(d websocket.Dialer, address, origin string, change func(http.Header)) (*websocket.Conn, int) {
	p.w.t.Helper()
	h := http.Header{"Origin": {origin}}
	if p.cookie != "" {
		h.Set("Cookie", guard.Cookie+"="+p.cookie)
	}
	if change != nil {
		change(h)
	}
	conn, resp, err := d.DialContext(p.w.t.Context(), address, h)
	if resp == nil {
		p.w.t.Fatalf("dial %s: %v", address, err)
	}
	if conn != nil {
		p.w.t.Cleanup(func() { conn.Close() })
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, _, err := conn.ReadMessage(); err != nil {
			p.w.t.Fatalf("dial %s: no greeting: %v", address, err)
		}
	}
	return conn, resp.StatusCode
}

// raw sends bytes and reads one answer.
func (p *phone) raw(text string) answer {
	p.w.t.Helper()
	conn, err := p.dial(p.w.t.Context(), "", "")
	if err != nil {
		p.w.t.Fatal(err)
	}
	defer conn.Close()
	line := tls.Client(conn, p.tls)
	go line.Write([]byte(text)) // ends with the connection
	resp, err := http.ReadResponse(bufio.NewReader(line), nil)
	if err != nil {
		p.w.t.Fatalf("%.60q: %v", text, err)
	}
	return read(p.w.t, resp)
}

// atKiosk is somebody's finger at the kiosk.
func (w *world) atKiosk(body string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "POST", "http://"+w.kiosk+"/api/pairing", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return read(w.t, resp)
}

// offered is the token of a QR code that the kiosk shows now.
func (w *world) offered() string {
	w.t.Helper()
	a := w.atKiosk(`{"do":"offer"}`)
	fragment, _ := a.m["fragment"].(string)
	token, _, ok := strings.Cut(strings.TrimPrefix(fragment, "#p="), "&fp=")
	if a.StatusCode != 200 || !ok {
		w.t.Fatalf("offer = %d %s; want a token", a.StatusCode, a.body)
	}
	return token
}

func encode(v any) string {
	var b bytes.Buffer
	json.NewEncoder(&b).Encode(v)
	return b.String()
}

func (p *phone) claim(token string, role pair.Role) answer {
	p.w.t.Helper()
	return p.send("POST", "/api/pair", encode(map[string]any{"do": "claim", "token": token, "role": role}), nil)
}

func (p *phone) ask(do string, claim any) answer {
	p.w.t.Helper()
	return p.send("POST", "/api/pair", encode(map[string]any{"do": do, "claim": claim}), nil)
}

// pairs goes all the way, as a person would.
func (p *phone) pairs(role pair.Role) {
	p.w.t.Helper()
	a := p.claim(p.w.offered(), role)
	if k := p.w.atKiosk(encode(map[string]any{"do": "confirm", "number": a.m["number"]})); k.StatusCode != 200 {
		p.w.t.Fatalf("confirm = %d %s; want a yes", k.StatusCode, k.body)
	} else if k.m["vouching"] == true {
		if err := p.w.door.Vouch(int(k.m["number"].(float64))); err != nil {
			p.w.t.Fatal(err)
		}
	}
	p.takes(p.ask("collect", a.m["claim"]))
}

// takes keeps the cookie of an answer.
func (p *phone) takes(a answer) {
	p.w.t.Helper()
	if list := a.Cookies(); a.StatusCode == 200 && len(list) == 1 {
		p.cookie = list[0].Value
		return
	}
	p.w.t.Fatalf("collect = %d %s, cookies %v; want one", a.StatusCode, a.body, a.Cookies())
}

func (a answer) key() string { k, _ := a.m["key"].(string); return k }

// handler serves one request without a network.
func handler(h http.Handler, method, path, remote string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host, r.RemoteAddr = box, remote
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.ParseIP(box), Port: 80})))
	if change != nil {
		change(r)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func withBody(r *http.Request, body string) *http.Request {
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(strings.NewReader(body))
	return r
}

func decode(data []byte) (m map[string]any) {
	json.Unmarshal(data, &m)
	return m
}
