package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/drivers"
	"jeudi/firmware/agenda"
	"jeudi/firmware/appliance"
	"jeudi/firmware/coop"
	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/rights"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/web/pair"
	"jeudi/firmware/words"
	kioskui "jeudi/kiosk-ui"
)

var update = flag.Bool("update", false, "write the golden files")

// memory is a log without a disk, which can refuse.
type memory struct {
	mu     sync.Mutex
	events []session.Event
	broken atomic.Bool
}

func (m *memory) Append(events []session.Event) error {
	if m.broken.Load() {
		return errors.New("the card is gone")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, events...)
	return nil
}

func (m *memory) Replay(func(session.Event)) {}

func (m *memory) begin() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = nil
	return nil
}

func (m *memory) len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.events)
}

// since is what was appended after the first n events.
func (m *memory) since(n int) []session.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events[n:])
}

// bench is every device and store besides the log.
type bench struct {
	status atomic.Uint32 // drivers.Status of the printer
	prints atomic.Int32
	sheets atomic.Int32
	last   atomic.Pointer[drivers.Document] // printed
}

func (b *bench) Print(_ context.Context, doc drivers.Document) (int, error) {
	if err := drivers.Status(b.status.Load()).Err(); err != nil {
		return 0, err
	}
	b.prints.Add(1)
	b.last.Store(&doc)
	return 80, nil
}
func (b *bench) Status(context.Context) drivers.Status { return drivers.Status(b.status.Load()) }

func (b *bench) Watch(ctx context.Context, _ func(drivers.Signal)) error { <-ctx.Done(); return nil }
func (b *bench) Light([drivers.Actions]drivers.Light) error              { return nil }

func (b *bench) Play(context.Context, drivers.Output, drivers.Sound) error { return nil }
func (b *bench) Jack(ctx context.Context, _ func(bool)) error              { <-ctx.Done(); return nil }

func (b *bench) Submit([16]byte, sheet.Sheet) error { b.sheets.Add(1); return nil }
func (b *bench) Merge() (int, error)                { return 0, nil }

// world is a box, its server and a way to both.
type world struct {
	t      *testing.T
	log    memory
	bench  bench
	said   lockedBuffer // by the logger
	book   closedBook
	box    *appliance.Appliance
	server *Server
	client *http.Client
	dialer *websocket.Dialer
	base   string // http://host:port
	next   uint64 // of the ids of commands
	visits map[int]string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// opens is when the permanence of a bubble begins, a Thursday; the bubble itself
// begins ten minutes earlier, when tickets may be taken.
var opens = time.Date(2026, 11, 26, 9, 0, 0, 0, time.FixedZone("", 3600))

// inBubble runs a test on a box whose time passes when the test says so.
func inBubble(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(opens.Add(-10 * time.Minute)))
		w := start(t, Config{})
		ln := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		srv := &http.Server{Handler: w.server}
		done := make(chan struct{})
		go func() { defer close(done); srv.Serve(ln) }()
		w.base = "http://127.0.0.1:8080"
		transport := &http.Transport{DialContext: ln.dial}
		w.client = &http.Client{Transport: transport}
		w.dialer = &websocket.Dialer{NetDialContext: ln.dial}
		t.Cleanup(func() {
			w.server.Close()
			transport.CloseIdleConnections()
			srv.Close()
			<-done
		})
		w.settle()
		test(t, w)
	})
}

// onSockets is a box behind real sockets, in real time.
func onSockets(t *testing.T, cfg Config) *world {
	t.Helper()
	w := start(t, cfg)
	srv := httptest.NewServer(w.server)
	w.base, w.client, w.dialer = srv.URL, srv.Client(), &websocket.Dialer{}
	t.Cleanup(func() {
		w.server.Close()
		srv.Close()
	})
	return w
}

// loaded is the catalogue, read once for all boxes.
var loaded = sync.OnceValues(words.Load)

// start runs a box with a permanence that begins in ten minutes. What cfg leaves
// open is given.
func start(t *testing.T, cfg Config, change ...func(*appliance.Config)) *world {
	t.Helper()
	w := &world{t: t, visits: make(map[int]string)}
	w.bench.status.Store(uint32(drivers.Ready))
	catalogue, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	catalogue = catalogue.With("fr", map[string]string{"answer.neighbourhood.zz-moulin": "Le Zébu Moulin"})
	logger := slog.New(slog.NewTextHandler(&w.said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	from := time.Now().In(opens.Location()).Add(10 * time.Minute)
	at := place(from)
	var vouchers appliance.Vouchers
	var needs appliance.Needs
	var blocked appliance.Blocked
	var events appliance.Agenda
	if cfg.Places != nil { // a box that sends people elsewhere
		at.Directory, at.Here = cfg.Places.Current, cfg.Here
		book, _, err := ledger.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { book.Close() })
		vouchers, needs, blocked = book, book, book
		calendar, _, err := agenda.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { calendar.Close() })
		events = calendar
		at.Coop = coop.Site{Prefill: true, Place: coop.Place{Name: at.Name}}
		if at.Rights, err = rights.Default(); err != nil {
			t.Fatal(err)
		}
	}
	made := appliance.Config{
		Vouchers: vouchers, Needs: needs, Blocked: blocked, Agenda: events,
		Place: at, Log: &w.log, Begin: w.log.begin, Enter: w.book.enter, Frame: appliance.Frame{Past: w.book.past},
		Sheets: &w.bench, Printer: &w.bench, Panel: &w.bench, Speaker: &w.bench, Words: catalogue, Logger: logger,
	}
	for _, c := range change {
		c(&made)
	}
	w.box = appliance.New(made)
	cfg.Box, cfg.Words, cfg.Logger, cfg.Version = w.box, catalogue, logger, "test"
	cfg.Panel = Panel{1280, 800, 5.9, 5.88, 6}
	cfg.Alone = cfg.Alone || cfg.Staff == nil
	if cfg.Files == nil {
		cfg.Files = kioskui.Files
	}
	w.server = New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.box.Run(ctx) }()
	<-w.box.Ready()
	t.Cleanup(func() {
		w.server.Close()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run() = %v; want nil", err)
		}
	})
	return w
}

func place(from time.Time) appliance.Place {
	p := appliance.Place{
		Name: "Maison du Pont", Address: "1 rue du Pont", Phone: "01 99 00 00 00", Zone: from.Location(),
		Desks: []session.Desk{
			{Key: "1", Label: "Bureau 1", Roles: []session.Role{session.SocialWorker, session.Mediator}},
			{Key: "2", Label: "Bureau 2", Roles: []session.Role{session.Mediator}},
		},
		Motifs: []session.Motif{
			{Key: "caf", Need: session.SocialWorker}, {Key: "impots", Need: session.Mediator},
			{Key: "justice"}, {Key: "sante"},
		},
		Documents: func(string, string) []string { return nil }, Languages: []string{"fr", "en", "ar"},
		Rules: func(string) string { return "" }, NextDates: func(time.Time) []time.Time { return nil },
		Upcoming: func(now time.Time) (time.Time, time.Time, bool) {
			for !now.Before(from.Add(3 * time.Hour)) {
				from = from.AddDate(0, 0, 7)
			}
			return from, from.Add(3 * time.Hour), true
		},
		TicketsBefore: 15 * time.Minute, Slot: 30 * time.Minute, Slots: 6, Buttons: make(map[intake.Action]bool),
		Elsewhere: []intake.Place{{Key: "site-0", Name: "Médiathèque", Address: "2 quai du Pont", Phone: "+33199000009", Hours: "mardi, 9 h à 12 h"}},
		IdleAfter: 75 * time.Second, Countdown: 30 * time.Second, Schema: sheet.Visitor([]string{"zz-moulin"}),
		VisitorPage: func() string { return "http://10.3.141.1:8080/t" },
	}
	for _, a := range []intake.Action{intake.ActBack, intake.ActPrevious, intake.ActNext, intake.ActOK,
		intake.ActRepeat, intake.ActHelp, intake.ActLouder, intake.ActSofter} {
		p.Buttons[a] = true
	}
	return p
}

// pipes is a network within a bubble, on this machine.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

type pipe struct{ net.Conn }

func (pipe) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }
func (pipe) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 50000} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- pipe{there}:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return pipe{}.LocalAddr() }

// settle lets everything happen that follows without waiting for people.
func (w *world) settle() {
	time.Sleep(500 * time.Millisecond)
	synctest.Wait()
}

// pass lets time go by in a bubble.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// fields are the fields of a body besides its id.
type fields map[string]any

// id is the n-th identifier of the test.
func id(n uint64) string { return fmt.Sprintf("%032x", n) }

// post sends a command with a new id and returns what came back.
func (w *world) post(path string, f fields) (int, fields) {
	w.t.Helper()
	body := fields{}
	if _, given := f["id"]; !given {
		w.next++
		body["id"] = id(w.next)
	}
	for k, v := range f {
		body[k] = v
	}
	return w.request("POST", path, body)
}

func (w *world) request(method, path string, body fields) (int, fields) {
	w.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.base+path, bytes.NewReader(data))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	answer := fields{}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(raw, &answer); err != nil {
			w.t.Fatalf("%s %s = %q: %v", method, path, raw, err)
		}
	} else {
		answer["raw"] = string(raw)
	}
	return resp.StatusCode, answer
}

// desk has desk 1, or the one that f names, do something that must work.
func (w *world) desk(do string, f fields) fields {
	w.t.Helper()
	status, answer := w.tryDesk(do, f)
	if status != http.StatusOK {
		w.t.Fatalf("POST /api/desk %s %v = %d %v; want 200", do, f, status, answer)
	}
	return answer
}

func (w *world) tryDesk(do string, f fields) (int, fields) {
	w.t.Helper()
	body := fields{"do": do, "desk": "1"}
	for k, v := range f {
		body[k] = v
	}
	return w.post("/api/desk", body)
}

// ticket takes a ticket and returns its number.
func (w *world) ticket(f fields) int {
	w.t.Helper()
	status, answer := w.post("/api/tickets", f)
	n, ok := answer["number"].(float64)
	visit, _ := answer["visit"].(string)
	if status != http.StatusOK || !ok || len(visit) != 32 {
		w.t.Fatalf("POST /api/tickets %v = %d %v; want 200 with number and visit", f, status, answer)
	}
	w.visits[int(n)] = visit
	return int(n)
}

// press presses a key of the kiosk at the turn that it shows.
func (w *world) press(key string) {
	w.t.Helper()
	turn := w.box.Snapshot().Kiosk.Turn
	if status, answer := w.post("/api/kiosk", fields{"turn": turn, "key": key}); status != http.StatusOK {
		w.t.Fatalf("POST /api/kiosk %s = %d %v; want 200", key, status, answer)
	}
}

// offers reports whether the kiosk shows a choice.
func (w *world) offers(key string) bool {
	b := w.box.Snapshot()
	return slices.ContainsFunc(w.server.kioskView(b, b.Kiosk).Choices, func(k KioskKey) bool { return k.Key == key })
}

// screen is a surface that looks on.
type screen struct {
	t    *testing.T
	conn *websocket.Conn
	mu   sync.Mutex
	all  [][]byte
	err  error
	done chan struct{}
}

// dial connects a surface as its page would.
func (w *world) dial(path string) *websocket.Conn {
	w.t.Helper()
	conn, resp, err := w.dialer.DialContext(w.t.Context(), "ws"+strings.TrimPrefix(w.base, "http")+path, http.Header{"Origin": {w.base}})
	if err != nil {
		w.t.Fatalf("dial %s: %v (%v)", path, err, resp)
	}
	return conn
}

// watch connects a surface and keeps all that it is sent.
func (w *world) watch(path string) *screen {
	w.t.Helper()
	s := &screen{t: w.t, conn: w.dial(path), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for {
			_, data, err := s.conn.ReadMessage()
			s.mu.Lock()
			if err != nil {
				s.err = err
				s.mu.Unlock()
				return
			}
			s.all = append(s.all, data)
			s.mu.Unlock()
		}
	}()
	w.t.Cleanup(func() { s.conn.Close(); <-s.done })
	return s
}

func (s *screen) messages() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[:len(s.all):len(s.all)]
}

// views are the messages that hold a view, without the beats.
func (s *screen) views() [][]byte {
	var list [][]byte
	for _, m := range s.messages() {
		if !bytes.Equal(m, alive) {
			list = append(list, m)
		}
	}
	return list
}

// newest decodes the view that came last.
func newest[V any](s *screen) V {
	s.t.Helper()
	var v V
	list := s.views()
	if len(list) == 0 {
		s.t.Fatal("no view has come")
	}
	if err := json.Unmarshal(list[len(list)-1], &v); err != nil {
		s.t.Fatalf("%s: %v", list[len(list)-1], err)
	}
	return v
}

// shown is what a desk would be shown now.
func (w *world) shown(desk string) DeskView {
	w.t.Helper()
	b := w.box.Snapshot()
	var v DeskView
	if err := json.Unmarshal(w.server.deskMessage(b, pair.Session{Role: pair.Solo}, desk), &v); err != nil {
		w.t.Fatal(err)
	}
	return v
}
