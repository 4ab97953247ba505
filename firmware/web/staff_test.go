package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/gorilla/websocket"

	"jeudi/drivers/escpos"
	"jeudi/firmware/appliance"
	"jeudi/firmware/directory"
	"jeudi/firmware/web/cert"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
	kioskui "jeudi/kiosk-ui"
)

// office is a box with a staff's listener on a real socket over TLS, with the guards,
// the door and the limits that it has in service.
type office struct {
	*world
	addr  string
	roots *x509.CertPool
	later atomic.Int64 // how far the door's clock is ahead
}

func inOffice(t *testing.T, cfg Config, change ...func(*appliance.Config)) *office {
	t.Helper()
	c, _, err := cert.Open(t.TempDir(), cert.Names{IPs: []netip.Addr{netip.MustParseAddr(wifi)}}, cert.Clock{Now: time.Now(), Trusted: true})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{roots: x509.NewCertPool()}
	o.roots.AddCert(c.Leaf())
	cfg.Staff = &Staff{Address: wifi, Fingerprint: c.Fingerprint(), Clock: func() time.Time { return time.Now().Add(time.Duration(o.later.Load())) }}
	cfg.Alone = true
	o.world = start(t, cfg, change...)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := guard.Server(o.server.Staff(), slog.New(slog.DiscardHandler))
	var served sync.WaitGroup
	served.Go(func() { srv.Serve(tls.NewListener(guard.Limit(disguise{ln}, 32, 512), c.TLS())) })
	t.Cleanup(func() { o.server.Close(); srv.Close(); served.Wait() })
	inside := onLoopback(t, o.world)
	o.addr, o.base, o.client, o.dialer = ln.Addr().String(), inside.base, inside.client, inside.dialer
	return o
}

// member is a phone of the staff, 10.3.141.n, with the cookie that it was given.
type member struct {
	o      *office
	n      byte
	cookie string
}

func (m *member) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, m.n)}}).DialContext(ctx, "tcp", m.o.addr)
}

func (m *member) tls() *tls.Config { return &tls.Config{RootCAs: m.o.roots, ServerName: wifi} }

// answer is what came back: status, headers and body, decoded where it is JSON.
type answer struct {
	*http.Response
	body string
	m    fields
}

// ask sends a request as the phone's page does, unless change makes it another.
func (m *member) ask(method, path, body string, change func(*http.Request)) answer {
	m.o.t.Helper()
	r, err := http.NewRequestWithContext(m.o.t.Context(), method, "https://"+wifi+path, strings.NewReader(body))
	if err != nil {
		m.o.t.Fatal(err)
	}
	if method == "POST" {
		r.Header.Set("Origin", "https://"+wifi)
		r.Header.Set("Content-Type", "application/json")
	}
	if m.cookie != "" {
		r.AddCookie(&http.Cookie{Name: guard.Cookie, Value: m.cookie})
	}
	if change != nil {
		change(r)
	}
	transport := &http.Transport{TLSClientConfig: m.tls(), DialContext: m.dial, DisableKeepAlives: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		m.o.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		m.o.t.Fatal(err)
	}
	a := answer{Response: resp, body: string(data)}
	json.Unmarshal(data, &a.m)
	return a
}

// watch opens a socket, and gives the first view; nil and the status when refused.
func (m *member) watch(path string, change func(http.Header)) (*websocket.Conn, []byte, int) {
	m.o.t.Helper()
	h := http.Header{"Origin": {"https://" + wifi}}
	if m.cookie != "" {
		h.Set("Cookie", guard.Cookie+"="+m.cookie)
	}
	if change != nil {
		change(h)
	}
	d := websocket.Dialer{NetDialContext: m.dial, TLSClientConfig: m.tls()}
	conn, resp, err := d.DialContext(m.o.t.Context(), "wss://"+wifi+path, h)
	if resp == nil {
		m.o.t.Fatalf("dial %s: %v", path, err)
	}
	if conn == nil {
		return nil, nil, resp.StatusCode
	}
	m.o.t.Cleanup(func() { conn.Close() })
	return conn, next(m.o.t, conn), resp.StatusCode
}

// next is the next message of a socket, nil at its end.
func next(t *testing.T, conn *websocket.Conn) []byte {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, data, err := conn.ReadMessage()
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		t.Fatal("the socket says nothing, and does not end")
	}
	return data
}

// exchange sends bytes over TLS and reads one answer, nil when the box hangs up.
func (m *member) exchange(text string) *http.Response {
	m.o.t.Helper()
	conn, err := m.dial(m.o.t.Context(), "", "")
	if err != nil {
		m.o.t.Fatal(err)
	}
	defer conn.Close()
	return exchange(m.o.t, tls.Client(conn, m.tls()), text)
}

// raw is the status of what exchange reads, 0 when the box hangs up.
func (m *member) raw(text string) int {
	if got := m.exchange(text); got != nil {
		return got.StatusCode
	}
	return 0
}

func text(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// pairs goes all the way by code, as a person would.
func (o *office) pairs(n byte, role pair.Role) *member {
	o.t.Helper()
	m := &member{o: o, n: n}
	status, shown := o.request("POST", "/api/pairing", fields{"do": "offer"})
	fragment, _ := shown["fragment"].(string)
	token, _, ok := strings.Cut(strings.TrimPrefix(fragment, "#p="), "&fp=")
	if status != 200 || !ok {
		o.t.Fatalf("offer = %d %v; want a token", status, shown)
	}
	claim := m.ask("POST", "/api/pair", text(fields{"do": "claim", "token": token, "role": role}), nil)
	if status, shown = o.request("POST", "/api/pairing", fields{"do": "confirm", "number": claim.m["number"]}); status != 200 {
		o.t.Fatalf("confirm = %d %v; want a yes", status, shown)
	}
	if shown["vouching"] == true {
		if status, got := o.post("/api/connected", fields{"do": "vouch", "number": shown["number"]}); status != 200 {
			o.t.Fatalf("vouch = %d %v; want a yes", status, got)
		}
	}
	got := m.ask("POST", "/api/pair", text(fields{"do": "collect", "claim": claim.m["claim"]}), nil)
	if list := got.Cookies(); got.StatusCode == 200 && len(list) == 1 {
		m.cookie = list[0].Value
		return m
	}
	o.t.Fatalf("collect = %d %s; want a cookie", got.StatusCode, got.body)
	return nil
}

func (m *member) desk(do string, f fields) answer {
	m.o.t.Helper()
	m.o.next++
	body := fields{"id": id(50000 + m.o.next), "desk": "1", "do": do}
	for k, v := range f {
		body[k] = v
	}
	return m.ask("POST", "/api/desk", text(body), nil)
}

// fieldsOf are the names of a type's fields in JSON, those of what it embeds too.
func fieldsOf(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			names = append(names, fieldsOf(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// TestRolesHaveTheseFields fails when a role's view is given another field, so that
// somebody asks whether that role is to see it.
func TestRolesHaveTheseFields(t *testing.T) {
	file := filepath.Join("testdata", "roles.golden")
	var got bytes.Buffer
	for _, view := range []any{DeskView{}, ReceptionView{}, CoordinatorView{}, SoloView{}, GuestView{}, TechnicianView{}, Row{}, Received{}, SiteView{}, connectedDevice{}} {
		names := fieldsOf(reflect.TypeOf(view))
		slices.Sort(names)
		got.WriteString(reflect.TypeOf(view).Name() + ": " + strings.Join(names, " ") + "\n")
	}
	if *update {
		os.MkdirAll("testdata", 0o755)
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("fields of the roles' views =\n%s\nwant\n%s", got.String(), want)
	}
	// What the table above may be updated to, this may not.
	for _, tt := range []struct {
		view  any
		never []string
	}{
		{TechnicianView{}, []string{"waiting", "waiting_total", "mine", "held", "ended", "desks", "counts", "call_next", "note", "report", "banners"}},
		{GuestView{}, []string{"waiting", "resting", "away", "ended", "counts", "note", "report", "unprinted", "site", "devices"}},
		{ReceptionView{}, []string{"note", "site"}}, {CoordinatorView{}, []string{"note"}}, {DeskView{}, []string{"site"}}, {Row{}, []string{"note"}},
	} {
		for _, name := range tt.never {
			if slices.Contains(fieldsOf(reflect.TypeOf(tt.view)), name) {
				t.Errorf("%T has %s; want it never", tt.view, name)
			}
		}
	}
}

// TestRolesSeeTheirOwn compares what each role is really sent with its type.
func TestRolesSeeTheirOwn(t *testing.T) {
	o := inOffice(t, Config{})
	o.ticket(fields{"motif": "justice", "lang": "fr"})
	o.ticket(fields{"motif": "sante", "lang": "fr"})
	o.desk("open", nil)
	o.desk("next", nil)
	types := map[pair.Role]reflect.Type{
		pair.Reception: reflect.TypeFor[ReceptionView](), pair.Coordinator: reflect.TypeFor[CoordinatorView](),
		pair.Guest: reflect.TypeFor[GuestView](), pair.Technician: reflect.TypeFor[TechnicianView](),
	}
	for i, role := range pair.Roles() {
		m := o.pairs(byte(20+i), role)
		_, view, status := m.watch("/ws/desk?desk=1", nil)
		if status != 101 {
			t.Fatalf("%s: socket = %d; want 101", role, status)
		}
		kind := types[role]
		if kind == nil {
			kind = reflect.TypeFor[DeskView]()
		}
		var sent map[string]json.RawMessage
		if err := json.Unmarshal(view, &sent); err != nil {
			t.Fatal(err)
		}
		want := fieldsOf(kind)
		for name := range sent {
			if !slices.Contains(want, name) {
				t.Errorf("%s is sent %s; want only what is in %s", role, name, kind.Name())
			}
		}
		for word, to := range map[string][]pair.Role{
			`"note"`:        {pair.SocialWorker, pair.Mediator, pair.Volunteer, pair.Writer},
			o.visits[2]:     slices.DeleteFunc(pair.Roles(), func(r pair.Role) bool { return r == pair.Guest || r == pair.Technician }),
			o.visits[1]:     slices.DeleteFunc(pair.Roles(), func(r pair.Role) bool { return r == pair.Technician }),
			`"fingerprint"`: {pair.Coordinator},
		} {
			if got := bytes.Contains(view, []byte(word)); word == o.visits[2] && role == pair.Guest {
				// The number that « Suivant » calls is theirs to know, the person is not yet.
				if bytes.Contains(view, []byte("Justice")) && !bytes.Contains(sent["mine"], []byte("motifs")) {
					t.Errorf("%s is sent a motif outside of the person at the desk", role)
				}
			} else if got != slices.Contains(to, role) {
				t.Errorf("%s is sent %s: %v; want %v", role, word, got, slices.Contains(to, role))
			}
		}
	}
}

// TestEveryOrderNeedsACapability reads the code: what the desk's orders are named.
func TestEveryOrderNeedsACapability(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			s, ok := n.(*ast.SwitchStmt)
			if !ok {
				return true
			}
			tag, ok := s.Tag.(*ast.SelectorExpr)
			if !ok || tag.Sel.Name != "Do" || tag.X.(*ast.Ident).Name != "o" {
				return true
			}
			for _, c := range s.Body.List {
				for _, e := range c.(*ast.CaseClause).List {
					name, _ := strconv.Unquote(e.(*ast.BasicLit).Value)
					named[name] = true
				}
			}
			return true
		})
	}
	for name := range named {
		if orders()[name] == "" {
			t.Errorf("the order %s needs no capability; want one, or nobody may give it", name)
		}
	}
	for name := range orders() {
		if !named[name] {
			t.Errorf("the order %s is nobody's; want it gone from orders()", name)
		}
	}
}

func TestRolesMayOrder(t *testing.T) {
	o := inOffice(t, Config{})
	o.ticket(nil)
	o.desk("open", nil)
	phones := map[pair.Role]*member{}
	for i, role := range pair.Roles() {
		phones[role] = o.pairs(byte(20+i), role)
	}
	for do, needs := range map[string]pair.Capability{
		"pause": pair.OpenClose, "recall": pair.Call, "end": pair.End, "see_level": pair.SeeLevel, "take": pair.OnBehalf, "help_done": pair.SeeQueue, "new_roll": pair.Devices,
	} {
		for role, m := range phones {
			got := m.desk(do, fields{"level": "remote"})
			if refused := got.StatusCode == 403; refused == role.May(needs) || refused && (got.m["key"] != "refuse.pair_role" || !sentence(got.m["error"])) {
				t.Errorf("%s of %s = %d %s; want it %v", do, role, got.StatusCode, got.body, role.May(needs))
			}
		}
	}
	for path, needs := range map[string]pair.Capability{"/api/places/terms": pair.Orient, "/api/selftest": pair.Devices, "/api/me": pair.UnpairAll} {
		for role, m := range phones {
			if got := m.ask("GET", path, "", nil); (got.StatusCode == 403) == role.May(needs) {
				t.Errorf("GET %s of %s = %d %s; want it %v", path, role, got.StatusCode, got.body, role.May(needs))
			}
		}
	}
}

// TestConnected: every desk is told who is connected, and may end any of them.
func TestConnected(t *testing.T) {
	o := inOffice(t, Config{})
	first := o.pairs(20, pair.Mediator)
	socket, _, _ := first.watch("/ws/desk?desk=2", nil)
	second := o.pairs(21, pair.Guest)
	var v ReceptionView
	for len(v.Connected.deviceIDs()) < 2 {
		if err := json.Unmarshal(next(t, socket), &v); err != nil {
			t.Fatal(err)
		}
	}
	d := v.Connected.Devices
	if d[0].ID != v.Connected.Me || d[0].Desk != "Bureau 2" || d[0].Role != "Médiateur numérique" || d[1].Role != "Partenaire invité" {
		t.Errorf("connected = %+v; want the mediator at desk 2, then the guest", d)
	}
	if got := first.ask("POST", "/api/connected", text(fields{"id": id(1), "do": "end", "who": d[1].ID}), nil); got.StatusCode != 200 {
		t.Fatalf("end = %d %s; want 200", got.StatusCode, got.body)
	}
	if got := second.ask("GET", "/api/me", "", nil); got.StatusCode != 401 {
		t.Errorf("me, ended by a colleague = %d; want 401", got.StatusCode)
	}
	if got := first.ask("GET", "/api/me", "", nil); got.StatusCode != 200 {
		t.Errorf("me of who ended it = %d; want 200", got.StatusCode)
	}
	if got := first.ask("POST", "/api/connected", text(fields{"id": id(2), "do": "end_all"}), nil); got.StatusCode != 200 {
		t.Errorf("end_all = %d %s; want its answer", got.StatusCode, got.body)
	}
	for next(t, socket) != nil { // it ends
	}
}

func (v *connectedView) deviceIDs() (ids []pair.ID) {
	if v != nil {
		for _, d := range v.Devices {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// TestKioskPairing: what the kiosk shows at each step, and that nothing of it is said.
func TestKioskPairing(t *testing.T) {
	o := inOffice(t, Config{})
	view := func() KioskView {
		b := o.box.Snapshot()
		return o.server.withPairing(o.server.kioskView(b, b.Kiosk))
	}
	if v := view(); v.Team != "" || v.Pairing != nil {
		t.Errorf("at first = %+v, %q; want nothing of it", v.Pairing, v.Team)
	}
	o.press("fr")
	o.press("settings")
	if v := view(); v.Team == "" || strings.Contains(v.Say, v.Team) {
		t.Errorf("under the settings = %q, said %q; want a button that nobody hears", v.Team, v.Say)
	}
	_, shown := o.request("POST", "/api/pairing", fields{"do": "offer"})
	v := view()
	if p := v.Pairing; p == nil || p.Stage != "offer" || p.QR == nil || p.LeftMS < 50_000 || p.LeftMS > 60_000 ||
		!strings.Contains(p.Print, o.server.fingerprint().Short()) || strings.Contains(v.Say, p.Title) {
		t.Fatalf("after offer = %+v; want a code and the fingerprint for a minute", p)
	}
	if same := qrView("https://" + wifi + "/" + shown["fragment"].(string)); same.Path != v.Pairing.QR.Path {
		t.Error("the code is not of the address and the token")
	}
	if got, want := v.Pairing.Address, "https://"+wifi; got != want {
		t.Errorf("address beside the code = %q; want %q", got, want)
	}
	token, _, _ := strings.Cut(strings.TrimPrefix(shown["fragment"].(string), "#p="), "&fp=")
	m := &member{o: o, n: 20}
	claim := m.ask("POST", "/api/pair", text(fields{"do": "claim", "token": token, "role": "volontaire"}), nil)
	if p := view().Pairing; p == nil || p.Stage != "confirm" || float64(p.Number) != claim.m["number"] || !strings.Contains(p.Text, "Bénévole") || p.QR != nil {
		t.Errorf("after a claim = %+v; want its number and role", p)
	}
	o.request("POST", "/api/pairing", fields{"do": "refuse", "number": claim.m["number"]})
	if p := view().Pairing; p != nil {
		t.Errorf("after a no = %+v; want nothing", p)
	}
	o.request("POST", "/api/pairing", fields{"do": "pin"})
	asked := m.ask("POST", "/api/pair", text(fields{"do": "ask", "role": "volontaire"}), nil)
	p := view().Pairing
	if p == nil || p.Stage != "pin" || strings.Contains(text(p), asked.m["pin"].(string)) {
		t.Errorf("after pin = %+v; want digits to type, and not which", p)
	}
	if status, got := o.request("POST", "/api/pairing", fields{"do": "type", "pin": asked.m["pin"]}); status != 200 {
		t.Errorf("type = %d %v; want 200", status, got)
	}
	if got := m.ask("POST", "/api/pair", text(fields{"do": "collect", "claim": asked.m["claim"]}), nil); got.StatusCode != 200 {
		t.Errorf("collect = %d %s; want 200", got.StatusCode, got.body)
	}
	o.later.Add(int64(3 * time.Minute))
	if p := view().Pairing; p != nil {
		t.Errorf("when all is over = %+v; want nothing", p)
	}
}

// TestNobodyPairs: a box without a staff's listener shows nothing of it and says so.
func TestNobodyPairs(t *testing.T) {
	w := onSockets(t, Config{})
	if got := ask(w.server, "POST", "/api/pairing", `{"do":"offer"}`, nil); got.Code != 409 || !strings.Contains(got.Body.String(), "Le réseau n’est pas réglé") {
		t.Errorf("offer = %d %s; want 409, a sentence", got.Code, got.Body)
	}
	if got := ask(w.server.Staff(), "GET", "/", "", nil); got.Code != 404 {
		t.Errorf("the staff's listener = %d; want nothing", got.Code)
	}
	if v := w.shown("1"); v.Connected != nil {
		t.Errorf("connected = %+v; want nothing", v.Connected)
	}
}

// TestTechnicianHere: where staff pair their screens, this machine tests devices only.
func TestTechnicianHere(t *testing.T) {
	o := inOffice(t, Config{})
	o.server.cfg.Alone = false
	s := New(o.server.cfg)
	defer s.Close()
	for body, want := range map[string]int{`"open"`: 403, `"next"`: 403, `"new_roll"`: 200, `"dance"`: 400} {
		if got := ask(s, "POST", "/api/desk", `{"id":"`+id(7)+`","desk":"1","do":`+body+`}`, nil); got.Code != want {
			t.Errorf("%s on this machine = %d %s; want %d", body, got.Code, got.Body, want)
		}
	}
	for _, do := range []string{"vouch", "doubt"} { // a colleague's, not of whoever stands at the box
		if got := ask(s, "POST", "/api/connected", `{"id":"`+id(8)+`","do":"`+do+`","number":42}`, nil); got.Code != 403 {
			t.Errorf("%s on this machine = %d %s; want 403", do, got.Code, got.Body)
		}
	}
	if got := ask(s, "GET", "/api/selftest", "", nil); got.Code != 200 {
		t.Errorf("the self test on this machine = %d; want 200", got.Code)
	}
}

// ---- the attacks on the network, on the staff's listener itself: see ATTACKS.md ----

// changers are posts that would change something for a paired screen.
func changers() map[string]string {
	return map[string]string{
		"/api/desk": `{"id":"` + id(901) + `","desk":"1","do":"open"}`, "/api/connected": `{"id":"` + id(902) + `","do":"end_all"}`,
		"/api/pair": `{"do":"leave"}`, "/api/places": `{"do":"usb"}`, "/api/slip": `{}`,
	}
}

// unchanged runs an attack, and fails when anything was done.
func (o *office) unchanged(name string, attack func()) {
	o.t.Helper()
	before, sessions := o.log.len(), len(o.server.door.Sessions())
	attack()
	if o.log.len() != before || len(o.server.door.Sessions()) != sessions {
		o.t.Errorf("%s changed something; want nothing", name)
	}
}

func TestCase23(t *testing.T) {
	o := inOffice(t, Config{})
	m := o.pairs(20, pair.Mediator)
	for _, host := range []string{"evil.example", "evil.example:443", wifi + ".evil.example", "jeudi.evil.example"} {
		foreign := func(r *http.Request) { r.Host = host; r.Header.Set("Origin", "https://"+host) }
		o.unchanged(host, func() {
			for path, body := range changers() {
				if got := m.ask("POST", path, body, foreign); got.StatusCode != 421 {
					t.Errorf("POST %s, Host %s = %d; want 421", path, host, got.StatusCode)
				}
			}
			for _, path := range []string{"/", "/desk", "/api/me", "/words/desk.json"} {
				if got := m.ask("GET", path, "", foreign); got.StatusCode != 421 || !sentence(got.m["error"]) {
					t.Errorf("GET %s, Host %s = %d %s; want 421, a sentence", path, host, got.StatusCode, got.body)
				}
			}
		})
	}
}

func TestCase24(t *testing.T) {
	o := inOffice(t, Config{})
	m := o.pairs(20, pair.Mediator)
	for _, lines := range []string{"", "Host:\r\n", "Host: " + wifi + "\r\nHost: evil.example\r\n", "Host: " + wifi + ".\r\n", "Host: [::1]\r\n", "Host: 167939329\r\n",
		"Host: 10.3.141.2\r\n", "Host: user@" + wifi + "\r\n", "Host: " + wifi + ":x\r\n"} {
		if got := m.raw("GET /api/me HTTP/1.1\r\n" + lines + "Cookie: " + guard.Cookie + "=" + m.cookie + "\r\nConnection: close\r\n\r\n"); got != 400 && got != 421 {
			t.Errorf("%q = %d; want 400 or 421", lines, got)
		}
	}
}

func TestCase25(t *testing.T) {
	o := inOffice(t, Config{})
	m := o.pairs(20, pair.Mediator)
	for _, origin := range [][]string{nil, {""}, {"null"}, {"https://evil.example"}, {"http://" + wifi}, {"https://" + wifi + ":8443"}, {"https://localhost"}, {"https://" + wifi, "https://evil.example"}} {
		o.unchanged(strings.Join(origin, " "), func() {
			for path, body := range changers() {
				if got := m.ask("POST", path, body, func(r *http.Request) { r.Header["Origin"] = origin }); got.StatusCode != 403 {
					t.Errorf("POST %s, Origin %q = %d; want 403", path, origin, got.StatusCode)
				}
			}
			if _, _, status := m.watch("/ws/desk?desk=1", func(h http.Header) { h["Origin"] = origin }); status != 403 {
				t.Errorf("socket, Origin %q = %d; want 403", origin, status)
			}
		})
	}
}

func TestCase26(t *testing.T) {
	o := inOffice(t, Config{})
	m := o.pairs(20, pair.Mediator)
	for _, kind := range []string{"text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"} {
		o.unchanged(kind, func() {
			for path, body := range changers() {
				got := m.ask("POST", path, body, func(r *http.Request) {
					r.Header.Set("Content-Type", kind)
					r.Header.Set("Origin", "https://evil.example")
					r.Header.Set("Sec-Fetch-Site", "cross-site")
				})
				if got.StatusCode != 403 {
					t.Errorf("POST %s as %s of another page = %d; want 403", path, kind, got.StatusCode)
				}
			}
		})
	}
}

func TestCase27(t *testing.T) {
	o := inOffice(t, Config{})
	m := o.pairs(20, pair.Mediator)
	if _, _, status := m.watch("/ws/desk?desk=1", func(h http.Header) { h.Set("Origin", "https://evil.example") }); status != 403 {
		t.Errorf("socket of another page = %d; want 403", status)
	}
	if got := m.ask("GET", "/api/me", "", func(r *http.Request) { r.Header.Set("Upgrade", "h2c"); r.Header.Set("Connection", "Upgrade") }); got.StatusCode != 403 {
		t.Errorf("another protocol = %d; want 403", got.StatusCode)
	}
}

func TestCase28(t *testing.T) {
	o := inOffice(t, Config{})
	m := o.pairs(20, pair.Coordinator)
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} {
		o.unchanged(method, func() {
			for path, body := range changers() {
				got := m.ask(method, path+"?do=open&desk=1", body, func(r *http.Request) {
					r.Header.Set("Origin", "https://"+wifi)
					r.Header.Set("X-HTTP-Method-Override", "POST")
				})
				if got.StatusCode != 405 && !(path == "/api/places" && (method == "GET" || method == "HEAD")) {
					t.Errorf("%s %s = %d; want 405", method, path, got.StatusCode)
				}
			}
		})
	}
}

func TestCase29(t *testing.T) {
	o := inOffice(t, Config{})
	_, shown := o.request("POST", "/api/pairing", fields{"do": "offer"})
	token, _, _ := strings.Cut(strings.TrimPrefix(shown["fragment"].(string), "#p="), "&fp=")
	claim := text(fields{"do": "claim", "token": token, "role": pair.Volunteer})
	var won atomic.Int64
	var racers sync.WaitGroup
	for n := range 20 {
		racers.Go(func() {
			if m := (&member{o: o, n: byte(30 + n)}); m.ask("POST", "/api/pair", claim, nil).StatusCode == 200 {
				won.Add(1)
			}
		})
	}
	racers.Wait()
	if won.Load() != 1 {
		t.Errorf("%d phones were let in by one code; want 1", won.Load())
	}
	_, shown = o.request("POST", "/api/pairing", fields{"do": "offer"})
	late, _, _ := strings.Cut(strings.TrimPrefix(shown["fragment"].(string), "#p="), "&fp=")
	o.later.Add(int64(61 * time.Second))
	m := &member{o: o, n: 60}
	if got := m.ask("POST", "/api/pair", text(fields{"do": "claim", "token": late, "role": pair.Volunteer}), nil); got.StatusCode != 409 || got.m["key"] != "refuse.pair_token" {
		t.Errorf("a code after 61 s = %d %s; want refused", got.StatusCode, got.body)
	}
}

func TestCase30(t *testing.T) {
	o := inOffice(t, Config{})
	guesser, delayed := &member{o: o, n: 40}, false
	for i := range 40 {
		got := guesser.ask("POST", "/api/pair", text(fields{"do": "claim", "token": "AAAAAAAAAAAAAAAAAAAA" + strconv.Itoa(10+i), "role": pair.Guest}), nil)
		if delayed = delayed || got.StatusCode == 429; got.StatusCode == 429 && (got.Header.Get("Retry-After") == "" || !sentence(got.m["error"])) {
			t.Fatalf("a guess too many = %v %s; want until when, in a sentence", got.Header, got.body)
		}
	}
	if !delayed {
		t.Error("forty guesses were not delayed")
	}
	if m := o.pairs(40, pair.Guest); m.ask("GET", "/api/me", "", nil).StatusCode != 200 {
		t.Error("who guessed was shut out; want the right code let in")
	}
}

func TestCase31(t *testing.T) {
	o := inOffice(t, Config{})
	nobody := &member{o: o, n: 50}
	for _, cookie := range []string{"", "AAAAAAAAAAAAAAAAAAAAAA", "x"} {
		nobody.cookie = cookie
		if got := nobody.ask("GET", "/api/me", "", nil); got.StatusCode != 401 {
			t.Errorf("the planted cookie %q = %d; want 401", cookie, got.StatusCode)
		}
	}
	ends := map[string]func(m *member){
		"leaving":       func(m *member) { m.ask("POST", "/api/pair", `{"do":"leave"}`, nil) },
		"dissocier":     func(m *member) { o.server.door.EndAll() },
		"twelve hours":  func(m *member) { o.later.Add(int64(pair.Longest)); m.ask("GET", "/api/me", "", nil) },
		"half an hour":  func(m *member) { o.later.Add(int64(pair.IdleLock)); m.ask("GET", "/api/me", "", nil) },
		"another start": func(m *member) { o.server.door.EndAll() },
	}
	for name, end := range ends {
		m := o.pairs(51, pair.Reception)
		socket, _, _ := m.watch("/ws/desk?desk=1", nil)
		end(m)
		if got := m.ask("GET", "/api/me", "", nil); got.StatusCode != 401 {
			t.Errorf("after %s = %d; want 401", name, got.StatusCode)
		}
		if got := m.desk("open", nil); got.StatusCode != 401 {
			t.Errorf("an order after %s = %d; want 401", name, got.StatusCode)
		}
		for next(t, socket) != nil { // it ends
		}
		o.server.door.EndAll()
	}
	m := o.pairs(52, pair.Reception)
	two := m.ask("GET", "/api/me", "", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: guard.Cookie, Value: "AAAAAAAAAAAAAAAAAAAAAA"}) })
	if two.StatusCode != 401 {
		t.Errorf("two cookies = %d; want 401", two.StatusCode)
	}
}

func TestCase32(t *testing.T) {
	o := inOffice(t, Config{})
	m := o.pairs(20, pair.Mediator)
	for name, tt := range map[string]struct {
		body string
		want int
	}{
		"10 MiB":    {`{"id":"` + strings.Repeat("a", 10<<20) + `"}`, 413},
		"deep JSON": {strings.Repeat(`{"do":`, 20000), 400},
		"300 KiB":   {strings.Repeat(" ", 300<<10), 413},
	} {
		got := m.raw("POST /api/desk HTTP/1.1\r\nHost: " + wifi + "\r\nOrigin: https://" + wifi + "\r\nCookie: " + guard.Cookie + "=" + m.cookie +
			"\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + strconv.Itoa(len(tt.body)) + "\r\n\r\n" + tt.body)
		if got != tt.want {
			t.Errorf("%s = %d; want %d", name, got, tt.want)
		}
	}
	if got := m.raw("GET / HTTP/1.1\r\nHost: " + wifi + "\r\nX: " + strings.Repeat("a", 1<<20) + "\r\n\r\n"); got != 431 && got != 0 {
		t.Errorf("headers of 1 MiB = %d; want 431", got)
	}
	// Sockets of one screen: the oldest gives way, and the box goes on.
	var first *websocket.Conn
	for i := range desksEach + 1 {
		conn, _, status := m.watch("/ws/desk?desk=1", nil)
		if status != 101 {
			t.Fatalf("socket %d = %d; want 101", i, status)
		}
		if first == nil {
			first = conn
		}
	}
	for next(t, first) != nil { // it ends
	}
	if status, _ := o.request("GET", "/healthz", nil); status != 200 {
		t.Errorf("the kiosk's listener = %d; want 200", status)
	}
}

// withPlacesInOffice is an office whose box has a directory and an agenda, in a folder
// of its own under root.
func withPlacesInOffice(t *testing.T) (o *office, root string) {
	t.Helper()
	root = t.TempDir()
	data := filepath.Join(root, "box", "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	store, err := directory.Open(data, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return inOffice(t, Config{Places: store, Here: &directory.Point{Lat: 45.76, Lon: 4.83}, Languages: []string{"fr", "en"}}), root
}

// TestCase33: a path leads to a file that is served, under its plain name, or to
// nothing, on the staff's listener and on this machine's.
func TestCase33(t *testing.T) {
	o, root := withPlacesInOffice(t)
	m := o.pairs(20, pair.Mediator)
	staff := func(path string) *http.Response {
		return m.exchange("GET " + path + " HTTP/1.1\r\nHost: " + wifi + "\r\nCookie: " + guard.Cookie + "=" + m.cookie + "\r\nConnection: close\r\n\r\n")
	}
	host := strings.TrimPrefix(o.base, "http://")
	kiosk := func(path string) *http.Response {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return exchange(t, conn, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
	}
	everywhere := []string{"/lib/", "/pair/", "/desk/", "/lib/fonts", "/lib/fonts/", "/lib/../embed.go", "/lib/%2e%2e/embed.go", "/lib/..%2fembed.go", "/lib/%2e%2e%2f%2e%2e%2fgo.mod",
		"/lib/..%5c..%5cetc%5cpasswd", "/lib//etc/passwd", "//etc/passwd", "//evil.example/lib/base.css", "/lib/%00", "/lib/base.css%00", "/lib/base.css%00.js", "/lib/base.css/", "/lib/./../embed.go",
		"/.git/config", "/embed.go", "/test/package.json", "/pair/../../go.mod", "/api/places/..%2f..%2fetc%2fpasswd", "/api/places/%00", "/words/..%2f..%2ffr.json", "/words/%00.json", "/words/fr.json",
		"/desk/%c0%ae%c0%ae/embed.go", "/%2e%2e/%2e%2e/etc/passwd"}
	for name, tt := range map[string]struct {
		get   func(string) *http.Response
		paths []string
	}{
		"the staff's": {staff, append([]string{"/screen/main.js", "/hall", "/hall/hall.js", "/kiosk", "/dock/", "/api/kiosk", "/api/tickets", "/api/pairing", "/ws/kiosk", "/ws/hall", "/healthz"}, everywhere...)},
		"this one's":  {kiosk, append([]string{"/dock/", "/dock/state"}, everywhere...)},
	} {
		for _, path := range tt.paths {
			got := tt.get(path)
			if got != nil && (got.StatusCode == 301 || got.StatusCode == 307) { // to the plain path, once
				to := got.Header.Get("Location")
				if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "..") {
					t.Errorf("GET %s on %s listener leads to %q; want a plain path of this box", path, name, to)
				}
				got = tt.get(to)
			}
			if got == nil || got.StatusCode != 400 && got.StatusCode != 404 {
				t.Errorf("GET %s on %s listener = %v; want 400 or 404", path, name, got)
			}
		}
	}
	// The name of a file that is sent is a name, wherever it seems to lead.
	for _, name := range []string{"../../../../etc/lieux.csv", "..%5c..%5clieux.csv", "%00.csv", "a%00b.csv", "/etc/lieux.csv", "../escaped.csv", "lieux.csv/", "."} {
		if got := m.ask("POST", "/api/places/import?name="+name, threePlaces, nil); got.StatusCode != 200 && got.StatusCode != 409 {
			t.Errorf("an import named %q = %d %s; want it read, or refused in a sentence", name, got.StatusCode, got.body)
		}
	}
	for dir, want := range map[string]string{root: "box", filepath.Join(root, "box"): "data"} {
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 1 || files[0].Name() != want {
			t.Errorf("beside the box's data lie %v, %v; want nothing", files, err)
		}
	}
}

// exchange sends bytes and reads one answer without its body; nil when the box hangs up.
func exchange(t *testing.T, conn net.Conn, text string) *http.Response {
	t.Helper()
	go io.WriteString(conn, text) // ends with the connection
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil
	}
	resp.Body.Close()
	return resp
}

// What attackers write into forms: markup of a page, and commands of a printer and of
// a terminal, each of which the box itself never sends. The last turns a line around.
const (
	markup34 = `<img src=x onerror=alert(1)>"'</script><script>alert(1)</script>`
	kick     = "\x1bp\x00\x19\xfa"                        // opens a drawer
	memory34 = "\x1d(A\x02\x00\x00\x03"                   // prints the printer's own settings
	clear34  = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08" // drops what waits
	bytes34  = kick + memory34 + clear34 + "\x1b]0;x\x07" + "\u202e"
)

// TestCase34: what somebody types is text wherever it is shown, and no command where
// it is printed.
func TestCase34(t *testing.T) {
	o, _ := withPlacesInOffice(t)
	m := o.pairs(20, pair.Mediator)
	o.desk("open", nil)

	const hostile = markup34 + bytes34
	put := m.ask("POST", "/api/places", text(fields{"do": "put", "place": fields{"nom": "Abri " + hostile, "commune": "Lyon " + hostile, "code_postal": "69001", "adresse": hostile,
		"complement_adresse": hostile, "telephone": hostile, "courriels": []string{hostile, "a@b.fr"}, "site_web": []string{"javascript:alert(1)", "https://x.fr/\"><script>"}, "horaires": hostile,
		"presentation_resume": hostile, "presentation_detail": hostile, "structure_parente": hostile, "entitles": hostile, "way": hostile, "bring": hostile, "note": hostile}}), nil)
	place, _ := put.m["id"].(string)
	if put.StatusCode != 200 || place == "" {
		t.Fatalf("a place with hostile texts = %d %s; want it kept, cleaned", put.StatusCode, put.body)
	}
	table := "nom,commune,adresse,presentation_resume\n\"Import " + strings.ReplaceAll(hostile, `"`, `""`) + "\",Lyon,\"" + strings.ReplaceAll(hostile, `"`, `""`) + "\",x\n"
	if got := m.ask("POST", "/api/places/import?name=lieux.csv", table, nil); got.StatusCode != 200 && got.StatusCode != 409 {
		t.Errorf("a table with hostile texts = %d %s; want it read or refused", got.StatusCode, got.body)
	}
	date := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	event := func(title, room string) answer {
		o.next++
		return m.ask("POST", "/api/agenda", text(fields{"id": id(60000 + o.next), "do": "put", "form": fields{"kind": "atelier", "title": title, "date": date, "from": "14:00", "until": "16:00",
			"room": room, "themes": []string{"Email"}, "seats": 2}}), nil)
	}
	for _, c := range []string{kick, memory34, clear34, "\u202e", "a\nb"} {
		if got := event("Atelier "+c, "Salle"); got.StatusCode != 409 || !sentence(got.m["error"]) {
			t.Errorf("a workshop named with %q = %d %s; want it refused", c, got.StatusCode, got.body)
		}
		if got := event("Atelier", "Salle "+c); got.StatusCode != 409 {
			t.Errorf("a workshop in a room named with %q = %d %s; want it refused", c, got.StatusCode, got.body)
		}
	}
	made := event("Atelier "+markup34, markup34)
	workshop, _ := made.m["event"].(string)
	if made.StatusCode != 200 || workshop == "" {
		t.Fatalf("a workshop named with markup = %d %s; want it kept as text", made.StatusCode, made.body)
	}
	calendar := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:" + strings.ReplaceAll(date, "-", "") + "T090000Z\r\nDTEND:" +
		strings.ReplaceAll(date, "-", "") + "T100000Z\r\nSUMMARY:Import " + markup34 + kick + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	if got := m.ask("POST", "/api/agenda/import?kind=atelier&name=a.ics", calendar, nil); got.StatusCode != 200 && got.StatusCode != 409 {
		t.Errorf("a calendar with hostile texts = %d %s; want it read or refused", got.StatusCode, got.body)
	}

	// Shown: data or a file, never a page, and nothing in it that rules a device.
	for _, path := range []string{"/api/places?q=Abri", "/api/places/" + place, "/api/places?q=Import", "/api/places/export", "/api/places/map", "/api/agenda", "/api/agenda/event?id=" + workshop,
		"/api/agenda/export", "/api/me", "/api/places/" + url.PathEscape(markup34), "/words/" + url.PathEscape(markup34) + ".json", "/" + url.PathEscape(markup34)} {
		shown := m.ask("GET", path, "", nil)
		kind := shown.Header.Get("Content-Type")
		if strings.Contains(kind, "html") || shown.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s is %q; want no page", path, kind)
		}
		if strings.Contains(kind, "json") && strings.Contains(shown.body, "<img") {
			t.Errorf("GET %s has markup: %.300s", path, shown.body)
		}
		if r := strings.IndexFunc(textsOf(shown), rules); r >= 0 {
			t.Errorf("GET %s has %q; want no character that rules a device", path, textsOf(shown)[r:min(r+8, len(textsOf(shown)))])
		}
	}
	// What is refused is said as data too.
	for _, body := range []string{text(fields{"id": id(1), "desk": "1", "do": markup34}), text(fields{"id": id(1), markup34: 1}), markup34} {
		if got := m.ask("POST", "/api/desk", body, nil); got.StatusCode != 400 || !strings.Contains(got.Header.Get("Content-Type"), "json") || strings.Contains(got.body, "<img") {
			t.Errorf("POST /api/desk %.60s = %d %q %s; want it refused as data", body, got.StatusCode, got.Header.Get("Content-Type"), got.body)
		}
	}

	// Printed: the paper of each has the words, and its bytes none of these commands.
	for name, post := range map[string][2]string{
		"a slip":           {"/api/slip", `"do":"orientation","places":["` + place + `"],"lang":"fr"`},
		"what is to do":    {"/api/slip", `"do":"today","lang":"fr","done":["call"],"next":"` + place + `"`},
		"the partner's":    {"/api/slip", `"do":"partner","next":"` + place + `"`},
		"a seat's voucher": {"/api/agenda", `"do":"reserve","event":"` + workshop + `","lang":"fr"`},
	} {
		o.next++
		before := o.bench.prints.Load()
		if got := m.ask("POST", post[0], `{"id":"`+id(60000+o.next)+`",`+post[1]+`}`, nil); got.StatusCode != 200 && got.StatusCode != 204 {
			t.Errorf("%s = %d %s; want it printed", name, got.StatusCode, got.body)
			continue
		}
		for deadline := time.Now().Add(5 * time.Second); o.bench.prints.Load() == before && time.Now().Before(deadline); {
			o.desk("help_done", nil) // the printer has a goroutine of its own
		}
		doc := o.bench.last.Load()
		for _, profile := range []escpos.Profile{escpos.Generic80(), escpos.Generic58()} {
			wire := escpos.Encode(*doc, profile)
			if !bytes.Contains(wire, []byte("script")) {
				t.Errorf("%s on %s is without what was written; want it on paper as text", name, profile.Name)
			}
			for _, command := range []string{kick, memory34, clear34, "\x1b]0"} {
				if bytes.Contains(wire, []byte(command)) {
					t.Errorf("%s on %s has the command %q; want text alone", name, profile.Name, command)
				}
			}
		}
	}

	// No page makes markup of a text, nor a program, nor a link that is one.
	fs.WalkDir(kioskui.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".js") && !strings.HasSuffix(name, ".html") {
			return err
		}
		source, err := fs.ReadFile(kioskui.Files, name)
		for _, way := range []string{"innerHTML = ", "innerHTML +=", "outerHTML = ", "insertAdjacentHTML", "document.write", "createContextualFragment", "DOMParser", "srcdoc", "eval(", "new Function", "javascript:"} {
			if bytes.Contains(source, []byte(way)) {
				t.Errorf("%s uses %s; want text to stay text", name, way)
			}
		}
		return err
	})
}

// rules reports whether a character rules a terminal, a printer or the direction of a
// line, instead of being read.
func rules(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// textsOf is all that an answer says: the texts of JSON as a page reads them.
func textsOf(a answer) string {
	var v any
	if json.Unmarshal([]byte(a.body), &v) != nil {
		return a.body
	}
	var all strings.Builder
	var add func(any)
	add = func(v any) {
		switch v := v.(type) {
		case string:
			all.WriteString(v)
		case []any:
			for _, e := range v {
				add(e)
			}
		case map[string]any:
			for k, e := range v {
				all.WriteString(k)
				add(e)
			}
		}
	}
	add(v)
	return all.String()
}

func TestCase35(t *testing.T) {
	o := inOffice(t, Config{})
	m := o.pairs(20, pair.Mediator)
	for _, tt := range []struct{ method, path string }{
		{"GET", "/"}, {"GET", "/desk"}, {"GET", "/pair/pair.js"}, {"GET", "/api/me"}, {"GET", "/api/roles"}, {"GET", "/words/pair.json"}, {"GET", "/nothing"},
		{"POST", "/api/desk"}, {"POST", "/api/pair"}, {"PUT", "/"}, {"GET", "/guide/"}, {"GET", "/guide"},
	} {
		h := m.ask(tt.method, tt.path, "", nil).Header
		for name, want := range map[string]string{"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "no-referrer"} {
			if h.Get(name) != want {
				t.Errorf("%s %s: %s = %q; want %q", tt.method, tt.path, name, h.Get(name), want)
			}
		}
		if p := h.Get("Content-Security-Policy"); !strings.Contains(p, "frame-ancestors 'none'") || strings.Contains(p, "unsafe") {
			t.Errorf("%s %s: policy %q", tt.method, tt.path, p)
		}
	}
	for _, name := range []string{"pair/index.html", "desk/index.html", "screen/index.html"} {
		page, err := fs.ReadFile(kioskui.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(page, []byte("<script>")) || bytes.Contains(page, []byte("<style")) || bytes.Contains(page, []byte(" on")) && bytes.Contains(page, []byte("onclick")) {
			t.Errorf("%s has script or style in its text", name)
		}
	}
}

// TestPairingsEndAfterClose: a closing ends every pairing once its report was read,
// unless the permanence was opened again.
func TestPairingsEndAfterClose(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		cfg := w.server.cfg
		cfg.Staff = &Staff{Address: wifi}
		s := New(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-done; s.Close() })
		post := func(body fields) (m fields) {
			got := ask(s.Staff(), "POST", "/api/pair", text(body), func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:8080") })
			json.Unmarshal(got.Body.Bytes(), &m)
			return m
		}
		s.door.Offer()
		token, _, _ := strings.Cut(strings.TrimPrefix(s.door.Shown().Fragment, "#p="), "&fp=")
		claim := post(fields{"do": "claim", "token": token, "role": pair.Reception})
		if err := s.door.Confirm(s.door.Shown().Number); err != nil {
			t.Fatal(err)
		}
		post(fields{"do": "collect", "claim": claim["claim"]})
		paired := func(when string, want int) {
			t.Helper()
			if got := len(s.door.Sessions()); got != want {
				t.Errorf("paired %s = %d; want %d", when, got, want)
			}
		}
		w.pass(2 * afterClose)
		paired("before a permanence", 1)
		w.desk("open", nil)
		w.pass(2 * afterClose)
		paired("while it is open", 1)
		w.desk("close", nil)
		w.pass(afterClose / 2)
		paired("while the report is read", 1)
		w.pass(afterClose)
		paired("after that", 0)
	})
}
