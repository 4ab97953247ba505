package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/firmware/routing"
	"jeudi/provisioning/site"
)

// TestMain lets this very binary be jeudi, for the tests that need a process to
// send signals to.
func TestMain(m *testing.M) {
	if os.Getenv("JEUDI_TEST_IS_JEUDI") != "" {
		main()
	}
	os.Exit(m.Run())
}

// page is something that is written while it is read, and says when it grew.
type page struct {
	mu   sync.Mutex
	b    bytes.Buffer
	grew chan struct{}
}

func newPage() *page { return &page{grew: make(chan struct{}, 1)} }

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.grew <- struct{}{}:
	default:
	}
	return p.b.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// running is jeudi run in this process.
type running struct {
	t         *testing.T
	data      string
	base      string
	out, errs *page
	cancel    context.CancelFunc
	code      chan int
	ended     bool
}

var greeted = regexp.MustCompile(`desk +(http://\S+)/desk`)

// boxHere runs jeudi on a free port, and returns once it has said where.
func boxHere(t *testing.T, data string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t: t, data: data, out: newPage(), errs: newPage(), cancel: cancel, code: make(chan int, 1)}
	args = append([]string{"run", "-data", data, "-listen", "127.0.0.1:0"}, args...)
	go func() { r.code <- run(ctx, args, r.out, r.errs) }()
	t.Cleanup(func() { r.stop() })
	for {
		if m := greeted.FindStringSubmatch(r.out.String()); m != nil {
			r.base = m[1]
			return r
		}
		select {
		case <-r.out.grew:
		case code := <-r.code:
			r.ended = true
			t.Fatalf("run(%q) = %d: %s", args, code, r.errs)
		case <-t.Context().Done():
			t.Fatal("the box never said where it is")
		}
	}
}

// said waits until the greeting matches a pattern, and returns its first group.
func (r *running) said(pattern string) string {
	r.t.Helper()
	for re := regexp.MustCompile(pattern); ; {
		if m := re.FindStringSubmatch(r.out.String()); m != nil {
			return m[1]
		}
		select {
		case <-r.out.grew:
		case <-time.After(10 * time.Second):
			r.t.Fatalf("greeting = %s; want %s", r.out, pattern)
		}
	}
}

// stop ends the box and returns its exit code.
func (r *running) stop() int {
	r.t.Helper()
	if r.ended {
		return exitOK
	}
	r.ended = true
	r.cancel()
	select {
	case code := <-r.code:
		return code
	case <-time.After(10 * time.Second):
		r.t.Error("the box does not stop")
		return -1
	}
}

type fields map[string]any

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// post sends a command with an id of its own; it must be carried out.
func (r *running) post(path string, f fields) fields {
	r.t.Helper()
	if f["id"] == nil {
		f["id"] = newID()
	}
	body, err := json.Marshal(f)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.Post(r.base+path, "application/json", bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer fields
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK {
		r.t.Fatalf("POST %s %v = %d %v, %v; want 200", path, f, resp.StatusCode, answer, err)
	}
	return answer
}

func (r *running) desk(do string, f fields) fields {
	r.t.Helper()
	body := fields{"do": do, "desk": "1"}
	for k, v := range f {
		body[k] = v
	}
	return r.post("/api/desk", body)
}

func (r *running) get(path string) (int, string) {
	r.t.Helper()
	resp, err := http.Get(r.base + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// sight is a surface's socket.
type sight struct {
	t    *testing.T
	conn *websocket.Conn
}

func (r *running) watch(path string) *sight {
	r.t.Helper()
	conn, _, err := websocket.DefaultDialer.DialContext(r.t.Context(), "ws"+strings.TrimPrefix(r.base, "http")+path, http.Header{"Origin": {r.base}})
	if err != nil {
		r.t.Fatalf("dial %s: %v", path, err)
	}
	r.t.Cleanup(func() { conn.Close() })
	return &sight{r.t, conn}
}

// await reads views until one is as wanted, and decodes it.
func await[V any](s *sight, what string, wanted func(V) bool) V {
	s.t.Helper()
	s.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	var last []byte
	for {
		_, data, err := s.conn.ReadMessage()
		if err != nil {
			s.t.Fatalf("no view with %s: %v; the last was %s", what, err, last)
		}
		var v V
		if err := json.Unmarshal(data, &v); err != nil {
			s.t.Fatalf("%s: %v", data, err)
		}
		if last = data; wanted(v) {
			return v
		}
	}
}

// deskView is what these tests look at of a desk's view.
// settled waits until the box has kept and counted what a closing left to do.
func (r *running) settled() {
	r.t.Helper()
	r.desk("help_done", nil) // the owner answers this once it has settled the permanence
	for range 24 {           // the keeper of the sheets answers between two jobs, whichever chance picks
		if status, body := r.get("/api/statistics"); status != 200 {
			r.t.Fatalf("GET /api/statistics = %d %s; want 200", status, body)
		}
	}
}

// dock does something to the simulated devices.
func (r *running) dock(what string) {
	r.t.Helper()
	resp, err := http.Post(r.base+"/dock/"+what, "", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		r.t.Fatalf("POST /dock/%s = %d; want 204", what, resp.StatusCode)
	}
}

type deskView struct {
	Seq        uint64
	Permanence struct{ Status string }
	Banners    []struct{ Key, Level, Text string }
	Counts     map[string]int
	Mine       *struct{ ID, Paper string }
	Waiting    []struct {
		ID, Paper string
		Number    int
	}
	Devices []struct {
		Key string
		OK  bool
	}
}

func TestHealthAndPages(t *testing.T) {
	r := boxHere(t, t.TempDir())
	for path, want := range map[string]string{
		"/healthz": "ok " + version, "/kiosk": "<html", "/desk": "<html", "/hall": "<html", "/dock/": "<html", "/words/desk.json": "Suivant",
	} {
		if status, body := r.get(path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("GET %s = %d %.80s; want 200 with %q", path, status, body, want)
		}
	}
	for _, want := range []string{r.base + "/kiosk", r.base + "/hall", r.base + "/dock", "Centre social Les Tilleuls", "bin/jeudi rehearse -url " + r.base} {
		r.said("(" + regexp.QuoteMeta(want) + ")")
	}
	if code := r.stop(); code != exitOK {
		t.Errorf("stop = %d %s; want 0", code, r.errs)
	}
}

// TestListensEverywhere: the greeting never gives an address that nobody can type.
func TestListensEverywhere(t *testing.T) {
	r := boxHere(t, t.TempDir(), "-listen", "0.0.0.0:0")
	if !strings.HasPrefix(r.base, "http://localhost:") {
		t.Errorf("greeting gives %s; want localhost", r.base)
	}
	if status, body := r.get("/healthz"); status != 200 {
		t.Errorf("GET %s/healthz = %d %s; want 200", r.base, status, body)
	}
}

// TestBug21ShutdownHang: a box with screens, a stream and a slow reader stops
// within two seconds.
func TestBug21ShutdownHang(t *testing.T) {
	r := boxHere(t, t.TempDir())
	r.desk("open", nil)
	for _, path := range []string{"/ws/hall", "/ws/kiosk", "/ws/desk?desk=1", "/ws/desk"} {
		await(r.watch(path), "anything", func(fields) bool { return true }) // and never reads again
	}
	events, err := http.Get(r.base + "/dock/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	if _, err := io.ReadFull(events.Body, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	half, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://")) // a request that never ends
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	io.WriteString(half, "POST /api/desk HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{")
	for range 5 {
		r.post("/api/tickets", fields{"motif": "caf"})
	}
	began := time.Now()
	if code := r.stop(); code != exitOK || time.Since(began) > 2*time.Second {
		t.Errorf("stop = %d after %v: %s; want 0 within 2 s", code, time.Since(began), r.errs)
	}
}

// TestRestartInTheMiddle: after a stop the permanence is paused, its times are
// told, nothing is printed again and nobody is called again.
func TestRestartInTheMiddle(t *testing.T) {
	data := t.TempDir()
	r := boxHere(t, data)
	r.desk("open", nil)
	first := r.post("/api/tickets", fields{"motif": "caf", "lang": "ar"})
	r.post("/api/tickets", fields{"motif": "impots"})
	r.desk("next", nil)
	// Acknowledged or not, what was sent to the printer before the cut is not sent again.
	await(r.watch("/ws/desk?desk=1"), "both tickets printed", func(v deskView) bool {
		return v.Mine != nil && v.Mine.Paper == "printed" && len(v.Waiting) == 1 && v.Waiting[0].Paper == "printed"
	})
	if code := r.stop(); code != exitOK {
		t.Fatalf("stop = %d %s; want 0", code, r.errs)
	}

	again := boxHere(t, data)
	v := await(again.watch("/ws/desk?desk=1"), "the banner", func(v deskView) bool { return len(v.Banners) > 0 })
	if v.Permanence.Status != "paused" || v.Banners[0].Key != "power_cut" || v.Counts["issued"] != 2 || v.Counts["here"] != 2 {
		t.Errorf("after a restart the desk sees %+v; want paused, the banner, both tickets", v)
	}
	if v.Mine == nil || v.Mine.ID != first["visit"] {
		t.Errorf("after a restart desk 1 has %+v; want visit %v as before", v.Mine, first["visit"])
	}
	again.desk("resume", nil)
	next := again.post("/api/tickets", fields{})
	if next["number"] != 3.0 {
		t.Errorf("next ticket = %v; want number 3", next)
	}
	var dock struct {
		Printer struct{ Printed int }
		Speaker struct{ Heard []struct{ Text string } }
	}
	await(again.watch("/ws/desk?desk=1"), "ticket 3 printed", func(v deskView) bool {
		return len(v.Waiting) == 2 && v.Waiting[1].Paper == "printed" && v.Permanence.Status == "open"
	})
	_, state := again.get("/dock/state")
	if err := json.Unmarshal([]byte(state), &dock); err != nil {
		t.Fatal(err)
	}
	if dock.Printer.Printed != 1 || len(dock.Speaker.Heard) != 0 {
		t.Errorf("after a restart %d papers came out and %v was heard; want ticket 3 and silence", dock.Printer.Printed, dock.Speaker.Heard)
	}
}

// TestUnreadableJournal: the box starts all the same, keeps the file, and says so
// where staff look.
func TestUnreadableJournal(t *testing.T) {
	for _, file := range []string{"journal.db", "ledger.db", "counts.db"} {
		t.Run(file, func(t *testing.T) {
			data := t.TempDir()
			garbage := bytes.Repeat([]byte("not a database "), 1000)
			if err := os.WriteFile(filepath.Join(data, file), garbage, 0o600); err != nil {
				t.Fatal(err)
			}
			r := boxHere(t, data)
			v := await(r.watch("/ws/desk?desk=1"), "a view", func(deskView) bool { return true })
			for i, b := range v.Banners {
				if b.Key == "rights_due" { // a matter of the calendar
					v.Banners = append(v.Banners[:i:i], v.Banners[i+1:]...)
				}
			}
			if len(v.Banners) != 1 || v.Banners[0].Level != "alert" || !strings.Contains(v.Banners[0].Text, "illisible") {
				t.Errorf("desk sees %+v; want one alert that says so", v.Banners)
			}
			kept, err := filepath.Glob(filepath.Join(data, file+".unreadable-*"))
			if err != nil || len(kept) != 1 {
				t.Fatalf("set aside: %q, %v; want one file", kept, err)
			}
			if got, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(got, garbage) {
				t.Errorf("%s = %d bytes, %v; want what was there", kept[0], len(got), err)
			}
			r.desk("open", nil)
			if got := r.post("/api/tickets", fields{}); got["number"] != 1.0 {
				t.Errorf("first ticket = %v; want 1", got)
			}
		})
	}
}

func TestSecondBoxOnTheSameData(t *testing.T) {
	r := boxHere(t, t.TempDir())
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"run", "-data", r.data, "-listen", "127.0.0.1:0"}, &out, &errs)
	if code != exitFail || !oneSentence(errs.String(), "another jeudi", "-data") {
		t.Errorf("a second box = %d %q; want 1 and a sentence that says what to do", code, errs.String())
	}
	if status, _ := r.get("/healthz"); status != 200 {
		t.Errorf("the first box = %d; want it to go on", status)
	}
}

func TestNotify(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", "100000")
	r := boxHere(t, t.TempDir())
	next := func() string {
		t.Helper()
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		buf := make([]byte, 100)
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatalf("no word for systemd: %v", err)
		}
		return string(buf[:n])
	}
	seen := map[string]int{}
	for seen["READY=1"] == 0 || seen["WATCHDOG=1"] < 4 {
		seen[next()]++
	}
	stopped := make(chan int)
	go func() { stopped <- r.stop() }()
	for seen["STOPPING=1"] == 0 {
		seen[next()]++
	}
	if len(seen) != 3 || seen["READY=1"] != 1 {
		t.Errorf("systemd was told %v; want READY once, WATCHDOG, STOPPING", seen)
	}
	if code := <-stopped; code != exitOK {
		t.Errorf("stop = %d; want 0", code)
	}
}

func TestNotifierWithoutSystemd(t *testing.T) {
	tests := []struct {
		socket, usec string
		every        time.Duration
	}{
		{"", "", 0},
		{"", "1000000", 0},
		{"/nowhere", "", 0},
		{"/nowhere", "soon", 0},
		{"/nowhere", "-5", 0},
		{"/nowhere", "1000000", 500 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Setenv("NOTIFY_SOCKET", tt.socket)
		t.Setenv("WATCHDOG_USEC", tt.usec)
		n := notifier()
		if n.every != tt.every || (n.watchdog() != nil) != (tt.every != 0) {
			t.Errorf("notifier(%q, %q) = %+v; want every %v", tt.socket, tt.usec, n, tt.every)
		}
		n.send("READY=1") // to nobody: no matter
	}
}

// TestSignals: what systemd and Ctrl-C send ends the process well; SIGKILL is the
// plug, after which everything acknowledged is there.
func TestSignals(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			data := t.TempDir()
			out, errs := newPage(), newPage()
			cmd := exec.CommandContext(t.Context(), self, "run", "-data", data, "-listen", "127.0.0.1:0")
			cmd.Env = append(os.Environ(), "JEUDI_TEST_IS_JEUDI=1")
			cmd.Stdout, cmd.Stderr = out, errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for greeted.FindString(out.String()) == "" {
				select {
				case <-out.grew:
				case <-time.After(20 * time.Second):
					cmd.Process.Kill()
					cmd.Wait()
					t.Fatalf("the box never said where it is: %s", errs)
				}
			}
			r := &running{t: t, base: greeted.FindStringSubmatch(out.String())[1]}
			r.desk("open", nil)
			r.post("/api/tickets", fields{"motif": "caf"})
			began := time.Now()
			cmd.Process.Signal(sig)
			err := cmd.Wait()
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("%v ended the box after %v; want under 2 s", sig, took)
			}
			if sig != syscall.SIGKILL && err != nil {
				t.Errorf("%v: %v, %s; want exit code 0", sig, err, errs)
			}
			again := boxHere(t, data)
			v := await(again.watch("/ws/desk?desk=1"), "a view", func(deskView) bool { return true })
			if v.Permanence.Status != "paused" || v.Counts["issued"] != 1 {
				t.Errorf("after %v the desk sees %+v; want paused, one ticket", sig, v)
			}
		})
	}
}

// What the site has, and whom its neighbours serve, reaches the rules of who goes where.
func TestPlaceOfWhatThereIs(t *testing.T) {
	var all []string
	for _, m := range routing.Materials() {
		all = append(all, string(m))
	}
	if got := site.KnownEquipment(); !slices.Equal(got, all) {
		t.Errorf("KnownEquipment() = %q; want the materials of the rules: %q", got, all)
	}
	const rest = `[[motif]]
key = "recharge"
[[elsewhere]]
name = "Tabac"
phone = "1"
motifs = ["recharge"]
[printer]
short = true
`
	for text, want := range map[string][]routing.Material{"": nil, "equipment = []": {}, `equipment = ["scanner"]`: {routing.Scanner}} {
		s, err := site.Parse("f", []byte(strings.Replace(smallest, "[place]", text+"\n[place]\naddress = \"2 place Neuve, 69150 Ville\"", 1)+rest))
		if err != nil {
			t.Fatal(err)
		}
		p := placeOf(s)
		if !reflect.DeepEqual(p.Equipment, want) || !reflect.DeepEqual(p.Serves, map[string][]string{ownPlace("Tabac"): {"recharge"}}) || !p.ShortTicket || p.Postcode != "69150" {
			t.Errorf("placeOf(%q) = equipment %#v, serves %v, short %v, postcode %q; want %#v and what the file says", text, p.Equipment, p.Serves, p.ShortTicket, p.Postcode, want)
		}
	}
}
