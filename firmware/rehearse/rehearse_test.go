package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// fake is a box as small as a rehearsal can be held against: one desk, one kiosk
// with three screens, no rules but the line. It lives on pipes, so that time in
// it is that of the test's bubble.
type fake struct {
	conns chan net.Conn

	mu       sync.Mutex
	status   string
	practice bool // what is open does not count
	turn     int
	screen   string
	focus    string
	issued   int
	line     []int
	mine     int
	state    string
	ended    map[string]int
	seen     map[string]string // command id → its answer
	changed  chan struct{}
	open     map[net.Conn]bool
	repeated int // commands that came again

	// What is wrong with it.
	deaf     int  // so many commands are carried out, and the line is lost before the answer
	fails    bool // every ticket is 500
	forgets  int  // this number vanishes
	miscount bool
	restarts int  // at so many commands every connection is lost
	tears    bool // the first button pressed on the screen of a place ends the paper
	torn     bool
	commands int
}

func newFake() *fake {
	return &fake{conns: make(chan net.Conn), status: "none", screen: "language", ended: map[string]int{},
		seen: map[string]string{}, changed: make(chan struct{}), open: map[net.Conn]bool{}}
}

func (f *fake) Accept() (net.Conn, error) {
	if c, ok := <-f.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (f *fake) Close() error   { return nil }
func (f *fake) Addr() net.Addr { return &net.TCPAddr{} }

func (f *fake) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case f.conns <- theirs:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f.mu.Lock()
	f.open[theirs] = true
	f.mu.Unlock()
	return ours, nil
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/ws/"):
		f.watch(w, r)
	case r.URL.Path == "/dock/state", r.URL.Path == "/healthz":
		w.WriteHeader(http.StatusOK)
	case r.URL.Path == "/dock/press":
		f.mu.Lock()
		f.pressed(r.FormValue("action"))
		f.publish()
		f.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPost:
		f.post(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) publish() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fake) watch(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	for {
		f.mu.Lock()
		view, changed := f.desk(r.URL.Query().Get("desk")), f.changed
		if r.URL.Path == "/ws/kiosk" {
			view = f.kiosk()
		}
		f.mu.Unlock()
		if conn.WriteMessage(websocket.TextMessage, []byte(view)) != nil {
			return
		}
		select {
		case <-changed:
		case <-gone:
			return
		case <-time.After(10 * time.Second):
			if conn.WriteMessage(websocket.TextMessage, []byte(`{"alive":true}`)) != nil {
				return
			}
		}
	}
}

// keys are what each screen has; the first two are choices, the last is a control.
var keys = map[string][]string{
	"language":       {"fr", "en", "opinion"},
	"motif":          {"caf", "skip", "restart"},
	"ticket":         {"questions", "skip", "restart"},
	"confirm":        {"yes", "no", "help"},
	"question":       {"yes", "skip", "restart"},
	"result":         {"go_on", "places", "restart"},
	"places":         {"place_1", "place_2", "skip"},
	"place":          {"finish", "print", "restart"},
	"slip":           {"yes", "no", "restart"},
	"recap":          {"send", "erase", "restart"},
	"thanks":         {"finish", "ticket", "restart"},
	"opinion":        {"good", "bad", "restart"},
	"opinion_useful": {"yes", "no", "skip"},
}

// leads is where a key of a screen goes; other keys of it go where "" says.
var leads = map[string]map[string]string{
	"language":       {"opinion": "opinion", "": "motif"},
	"motif":          {"restart": "language", "": "ticket"},
	"ticket":         {"questions": "question", "restart": "confirm", "": "thanks"},
	"confirm":        {"yes": "language", "": "ticket"},
	"question":       {"skip": "recap", "restart": "confirm", "": "result"},
	"result":         {"places": "places", "restart": "confirm", "": "recap"},
	"places":         {"skip": "result", "": "place"},
	"place":          {"print": "slip", "restart": "confirm", "": "places"},
	"slip":           {"": "place"},
	"recap":          {"": "thanks"},
	"thanks":         {"ticket": "ticket", "": "language"},
	"opinion":        {"restart": "language", "": "opinion_useful"},
	"opinion_useful": {"": "thanks"},
}

// keys are what the screen has now.
func (f *fake) keys() []string {
	if f.torn && f.screen == "place" {
		return []string{"finish", "restart"}
	}
	return keys[f.screen]
}

func (f *fake) kiosk() string {
	k, v := f.keys(), kioskView{Turn: f.turn, ID: f.screen, Title: "un deux", Say: "un deux trois", Focus: f.focus}
	v.Choices, v.Controls = press(k[:len(k)-1]...), press(k[len(k)-1])
	data, _ := json.Marshal(v)
	if f.screen == "ticket" {
		return strings.Replace(string(data), `"ticket":null`, fmt.Sprintf(`"ticket":{"number":%d}`, f.issued), 1)
	}
	return string(data)
}

func (f *fake) rows() (waiting []string, mine string) {
	mine = "null"
	for _, n := range f.line {
		waiting = append(waiting, fmt.Sprintf(`{"id":"v%d","number":%d,"state":"waiting"}`, n, n))
	}
	if f.mine != 0 {
		mine = fmt.Sprintf(`{"id":"v%d","number":%d,"state":%q,"calls":3,"recall_ms":%d,"propose_no_show":true}`, f.mine, f.mine, f.state, time.Now().UnixMilli())
	}
	return waiting, mine
}

func (f *fake) desk(string) string {
	waiting, mine := f.rows()
	here := len(f.line)
	if f.mine != 0 {
		here++
	}
	if f.miscount {
		here++
	}
	counts := []string{fmt.Sprintf(`"issued":%d,"here":%d`, f.issued, here)}
	for o, n := range f.ended {
		counts = append(counts, fmt.Sprintf("%q:%d", o, n))
	}
	return fmt.Sprintf(`{"now_ms":%d,"speed":60,"permanence":{"status":%q,"test":%t},"desks":[{"key":"1","row":%s}],"mine":%[4]s,"waiting":[%s],"waiting_total":%d,
		"counts":{%s},"choices":{"motifs":[{"key":"caf"}],"roles":[{"key":"accueil"}],"turned_away":[{"key":"no_room"}],"cancel":[{"key":"twice"}],"hold":[]}}`,
		time.Now().UnixMilli(), f.status, f.practice, mine, strings.Join(waiting, ","), len(waiting), strings.Join(counts, ","))
}

func (f *fake) take() string {
	f.issued++
	if f.issued != f.forgets {
		f.line = append(f.line, f.issued)
	}
	return fmt.Sprintf(`{"ok":true,"number":%d,"visit":"v%[1]d"}`, f.issued)
}

func (f *fake) pressed(button string) {
	if button == "ok" {
		f.touched(f.focus)
		return
	}
	f.turn++
	f.torn = f.torn || f.tears && f.screen == "place"
	k := f.keys()
	f.focus = k[(slices.Index(k, f.focus)+1)%len(k)]
}

func (f *fake) touched(key string) {
	f.turn++
	f.focus = ""
	next, ok := leads[f.screen][key]
	if !ok {
		next = leads[f.screen][""]
	}
	if f.screen == "motif" && next == "ticket" {
		f.take()
	}
	f.screen = next
}

func (f *fake) post(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID, Desk, Do, Visit, Outcome, Key string
		Turn                              int
		Test                              bool
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.ID) != 32 {
		http.Error(w, "bad", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails && r.URL.Path != "/api/desk" {
		http.Error(w, "the printer is on fire", http.StatusInternalServerError)
		return
	}
	ans, again := f.seen[in.ID]
	if again {
		f.repeated++
	} else {
		if in.Do == "open" {
			f.practice = in.Test
		}
		ans = f.carryOut(r.URL.Path, in.Do, in.Visit, in.Outcome, in.Key, in.Turn)
		f.seen[in.ID] = ans
		f.publish()
		if f.commands++; f.commands == f.restarts {
			for c := range f.open {
				c.Close()
			}
			return
		}
		if f.commands <= f.deaf {
			panic(http.ErrAbortHandler)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if strings.Contains(ans, `"key"`) {
		w.WriteHeader(http.StatusConflict)
	}
	fmt.Fprint(w, ans)
}

func (f *fake) carryOut(path, do, visit, outcome, key string, turn int) string {
	const ok, nobody = `{"ok":true}`, `{"error":"Personne","key":"refuse.nobody"}`
	end := func(o string) {
		if n := 0; visit != "" {
			fmt.Sscanf(visit, "v%d", &n)
			if f.line = slices.DeleteFunc(f.line, func(m int) bool { return m == n }); f.mine == n {
				f.mine = 0
			}
		}
		f.ended[o]++
	}
	switch {
	case path == "/api/kiosk":
		if turn == f.turn {
			f.touched(key)
		}
		return ok
	case path == "/api/tickets" || do == "take":
		return f.take()
	}
	switch do {
	case "open", "resume":
		f.status = "open"
	case "pause":
		f.status = "paused"
	case "next", "call":
		if len(f.line) == 0 || f.mine != 0 {
			return nobody
		}
		f.mine, f.state, f.line = f.line[0], "called", f.line[1:]
	case "start", "together":
		f.state = "serving"
	case "recall":
		return `{"error":"Attendez","key":"refuse.too_soon"}`
	case "no_show":
		end("no_show")
	case "end":
		end(outcome)
	case "cancel":
		end("cancelled")
	case "undo", "absent":
		return `{"error":"Trop tard","key":"refuse.` + map[string]string{"undo": "undo_gone", "absent": "not_called"}[do] + `"}`
	case "came_back":
		return `{"error":"Pas absent","key":"refuse.not_absent"}`
	case "close":
		f.ended["left"] += len(f.line)
		f.line, f.status = nil, "closed"
	}
	return ok
}

// rehearsal plays against a fake in a bubble, and returns what was printed.
func rehearsal(t *testing.T, f *fake, cfg Config) (out string, err error) {
	t.Helper()
	server := &http.Server{Handler: f}
	var wg sync.WaitGroup
	wg.Go(func() { server.Serve(f) })
	var b strings.Builder
	cfg.URL, cfg.Out, cfg.dial = "http://127.0.0.1:8080", &b, f.dial
	err = Run(t.Context(), cfg)
	close(f.conns)
	server.Close()
	f.mu.Lock()
	for c := range f.open {
		c.Close()
	}
	f.mu.Unlock()
	wg.Wait()
	synctest.Wait()
	return b.String(), err
}

func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func TestRun(t *testing.T) {
	tests := []struct {
		name string
		box  func(*fake)
		cfg  Config
		want string // of the last line, or of the error
		err  bool
	}{
		{name: "a morning, closed", cfg: Config{Visitors: 20, Close: true}, want: "identity ok: issued=20 "},
		{name: "until everybody has an outcome", cfg: Config{Visitors: 6, Seed: 2}, want: "here=0"},
		{name: "another speed than the box's", cfg: Config{Visitors: 4, Speed: 20, Close: true}, want: "identity ok: issued=4 "},
		{name: "found paused", box: func(f *fake) { f.status = "paused" }, cfg: Config{Visitors: 4, Close: true}, want: "identity ok: issued=4 "},
		{name: "answers get lost", box: func(f *fake) { f.deaf = 30 }, cfg: Config{Visitors: 12, Close: true}, want: "identity ok: issued=12 "},
		{name: "every connection is lost", box: func(f *fake) { f.restarts = 25 }, cfg: Config{Visitors: 12, Close: true}, want: "identity ok: "},
		{name: "somebody came before", box: func(f *fake) { f.status = "open"; f.take() }, cfg: Config{Visitors: 4, Close: true}, want: "identity ok: issued=5 "},
		{name: "no paper on the way to a slip", box: func(f *fake) { f.tears = true }, cfg: Config{Seed: 2, Visitors: 40, Close: true}, want: "identity ok: issued=40 "},
		{name: "a ticket vanishes", box: func(f *fake) { f.forgets = 2 }, cfg: Config{Visitors: 6, Close: true}, want: "identity BROKEN: ", err: true},
		{name: "the counts are wrong", box: func(f *fake) { f.miscount = true }, cfg: Config{Visitors: 4, Close: true}, want: "identity BROKEN: ", err: true},
		{name: "the box fails", box: func(f *fake) { f.fails = true }, cfg: Config{Visitors: 4}, want: "500 the printer is on fire", err: true},
		{name: "nobody comes", cfg: Config{}, want: "at least one visitor", err: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				if tt.box != nil {
					tt.box(f)
				}
				out, err := rehearsal(t, f, tt.cfg)
				got := lastLine(out)
				if err != nil && !errors.Is(err, ErrBroken) {
					got = err.Error()
				}
				if (err != nil) != tt.err || !strings.Contains(got, tt.want) {
					t.Errorf("Run = %q, %v; want %q\n%s", got, err, tt.want, out)
				}
				if tt.name == "a morning, closed" && !regexp.MustCompile(`at the kiosk: [1-9]\d* sheets sent, \d+ erased, \d+ changed the settings, [1-9]\d* slips, [1-9]\d* opinions`).MatchString(out) {
					t.Errorf("Run says %s; want sheets, slips and opinions among it", out)
				}
				if f.tears && !f.torn {
					t.Error("nobody walked to a slip by the buttons; this test looks at the wrong place")
				}
				if tt.name == "answers get lost" && f.repeated == 0 {
					t.Error("no command came again; want each that got no answer, with its id")
				}
			})
		})
	}
}

// TestRunStops: Ctrl-C ends it at once, and everything it started.
func TestRunStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		server := &http.Server{Handler: f}
		var wg sync.WaitGroup
		wg.Go(func() { server.Serve(f) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := Run(ctx, Config{URL: "http://127.0.0.1:8080", Visitors: 20, Out: new(strings.Builder), dial: f.dial})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run = %v; want the context's end", err)
		}
		close(f.conns)
		server.Close()
		f.mu.Lock()
		for c := range f.open {
			c.Close()
		}
		f.mu.Unlock()
		wg.Wait()
	})
}

// TestNoBox: whoever forgot to start it is told so soon.
func TestNoBox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nowhere := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }
		begun := time.Now()
		err := Run(t.Context(), Config{URL: "http://127.0.0.1:8080", Visitors: 1, dial: nowhere})
		if err == nil || !strings.Contains(err.Error(), "start one with jeudi run") || time.Since(begun) > 2*starting {
			t.Errorf("Run = %v after %v; want what to do, soon", err, time.Since(begun))
		}
	})
}

func TestAddress(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:8080", "https://127.0.0.1", "http://127.0.0.1/desk", "http://"} {
		if _, err := newBox(bad, nil); err == nil || !strings.Contains(err.Error(), "http://HOST:PORT") {
			t.Errorf("newBox(%q) = %v; want what an address is", bad, err)
		}
	}
	if _, err := newBox("http://127.0.0.1:8080/", nil); err != nil {
		t.Errorf("newBox = %v; want none", err)
	}
}

// With a crowd the script calls nobody: whoever sits at the desks does. It still tells
// when a ticket is gone from the lists.
func TestCrowd(t *testing.T) {
	tests := []struct {
		name    string
		forgets int
		want    string
	}{
		{name: "received by others", want: "identity ok: issued=6 served=6 "},
		{name: "a ticket vanishes", forgets: 2, want: "number 2 is lost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.forgets = tt.forgets
				over := make(chan struct{})
				defer close(over)
				go func() {
					for { // somebody at the desk, who takes their time
						select {
						case <-over:
							return
						case <-time.After(2 * time.Second):
						}
						f.mu.Lock()
						if f.status == "open" && f.issued >= 6 && tt.forgets == 0 {
							f.line, f.status = nil, "closed"
							f.ended["served"] = f.issued
						}
						f.publish()
						f.mu.Unlock()
					}
				}()
				out, err := rehearsal(t, f, Config{Visitors: 6, Seed: 3, Crowd: true, Test: true})
				if (err != nil) != (tt.forgets > 0) || !strings.Contains(lastLine(out), tt.want) || !strings.Contains(out, "everybody has come") {
					t.Errorf("Run(crowd) = %v, %s; want everybody to come, and %s", err, out, tt.want)
				}
				if f.ended["left"]+f.ended["no_show"] != 0 || f.mine != 0 {
					t.Errorf("the script called somebody: %v; want nobody called", f.ended)
				}
			})
		})
	}
}

// A practice plays in a permanence that does not count, and in no other: what is open
// and counts is left as it was found.
func TestPractice(t *testing.T) {
	tests := []struct {
		name           string
		found          string
		practice, test bool
		played         bool
	}{
		{name: "none is open", found: "none", test: true, played: true},
		{name: "the last one is closed", found: "closed", test: true, played: true},
		{name: "a practice is open", found: "open", practice: true, test: true, played: true},
		{name: "a practice is paused", found: "paused", practice: true, test: true, played: true},
		{name: "one that counts is open", found: "open", test: true},
		{name: "one that counts is paused", found: "paused", test: true},
		{name: "one that counts, and no practice is asked for", found: "open", played: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.status, f.practice = tt.found, tt.practice
				// Where it is played the script sits at the desk: nobody else is here.
				out, err := rehearsal(t, f, Config{Visitors: 3, Seed: 2, Test: tt.test, Crowd: !tt.played})
				switch {
				case tt.played && (err != nil || f.issued == 0 || f.practice != tt.test):
					t.Errorf("Run(test %t) = %v, %d tickets, a practice %t; want it played\n%s", tt.test, err, f.issued, f.practice, out)
				case !tt.played && (!errors.Is(err, errCounts) || f.commands != 0 || f.status != tt.found):
					t.Errorf("Run(test) = %v, %d commands, %s; want %v, and nothing done", err, f.commands, f.status, errCounts)
				}
			})
		})
	}
}

// A clock that is set is one leap for all who look on; a view that comes late is none.
func TestLeaps(t *testing.T) {
	begun := time.Now()
	l := leaps{origin: begun}
	for _, tt := range []struct {
		name  string
		after time.Duration
		box   time.Duration // since the origin, at 60 times life
		want  int
	}{
		{"the first view", time.Second, time.Hour, 0},
		{"goes on", 11 * time.Second, time.Hour + 10*time.Minute, 0},
		{"half a second late", 12 * time.Second, time.Hour + 10*time.Minute + 30*time.Second, 0},
		{"set back", 13 * time.Second, time.Hour + 5*time.Minute, 1},
		{"goes on from there", 14 * time.Second, time.Hour + 6*time.Minute, 1},
		{"set ahead", 15 * time.Second, 2 * time.Hour, 2},
	} {
		if got := l.count(begun.Add(tt.after), tt.box.Milliseconds(), 60); got != tt.want {
			t.Errorf("%s: count = %d; want %d", tt.name, got, tt.want)
		}
	}
}
