// Package web is the box seen from browsers: pages, whole views pushed over a
// WebSocket, and small commands that come back as POSTs.
//
// Each surface has a view type of its own, and that type is all it can see: the
// hall has no field for a motif, the kiosk none for anybody but the person in
// front of it. A GET never changes anything. Requests pass, in this order, a Host
// allow-list, cross-origin protection, and the rule of their surface: the kiosk
// and what takes tickets are for this machine alone, and so is the desk unless
// the site says otherwise.
//
// Views carry words; the box inside carries keys. This is where a key becomes a
// sentence, in the language of its reader.
package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/intake"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// Box is what the surfaces need of the appliance.
type Box interface {
	Do(context.Context, session.Command) (session.Answer, error)
	Kiosk(context.Context, session.ID, intake.Input) error
	OpenIntake(ctx context.Context, desk string, takeOver bool) error
	DeskIntake(ctx context.Context, desk string, id session.ID, in intake.Input) error
	CloseIntake(ctx context.Context, desk string) error
	HelpComing(context.Context) error
	HelpDone(context.Context) error
	ReprintReport(context.Context) error
	StartSelfTest(ctx context.Context, sure bool) error
	AnswerSelfTest(ctx context.Context, turn int, in selftest.Input) error
	PrintSelfTest(context.Context) error
	SelfTests() ([]selftest.Report, error)
	NewRoll(context.Context) error
	Snapshot() *appliance.Snapshot
	Watch(context.Context) <-chan *appliance.Snapshot
}

// Panel is the kiosk's screen, in millimetres.
type Panel struct {
	Width   int     `json:"width"`
	Height  int     `json:"height"`
	PxMMH   float64 `json:"pxmm_h"`
	PxMMV   float64 `json:"pxmm_v"`
	Choices int     `json:"choices"`
}

// Config is what a server is made of.
type Config struct {
	Box       Box
	Words     *words.Catalogue
	Files     fs.FS        // the interface: screen, desk, hall, guide, lib
	Dock      http.Handler // the simulated devices, or nil
	Panel     Panel
	DeskOnLAN bool
	// HallSpeaks lets the hall's display chime and speak besides the box.
	HallSpeaks bool
	Version    string
	Logger     *slog.Logger
}

// Server serves every surface.
type Server struct {
	cfg     Config
	handler http.Handler
	views   cache
	ctx     context.Context // ends with the sockets
	cancel  context.CancelFunc
	entry   sync.Mutex // orders the last socket that enters before Close
	sockets sync.WaitGroup
	etags   map[string]string
	repeats repeats
}

// maxBody bounds what a browser may send; commands have a few hundred bytes.
const maxBody = 4 << 10

// New is a server for a box.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, etags: etags(cfg.Files)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk", http.StatusFound) })
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("GET /kiosk", s.local(s.page("screen/index.html")))
	mux.Handle("GET /desk", s.desk(s.page("desk/index.html")))
	mux.Handle("GET /hall", s.page("hall/index.html"))
	mux.Handle("GET /guide", http.RedirectHandler("/guide/", http.StatusFound)) // its links are relative
	mux.Handle("GET /guide/{$}", s.page("guide/index.html"))
	for _, dir := range folders() {
		mux.Handle("GET /"+dir+"/", http.HandlerFunc(s.file))
	}
	mux.HandleFunc("GET /words/{surface}", s.words)
	mux.Handle("GET /ws/kiosk", s.local(http.HandlerFunc(s.watchKiosk)))
	mux.Handle("GET /ws/desk", s.desk(http.HandlerFunc(s.watchDesk)))
	mux.HandleFunc("GET /ws/hall", s.watchHall)
	mux.Handle("POST /api/kiosk", s.local(http.HandlerFunc(s.postKiosk)))
	mux.Handle("POST /api/tickets", s.local(http.HandlerFunc(s.postTicket)))
	mux.Handle("POST /api/desk", s.desk(http.HandlerFunc(s.postDesk)))
	mux.Handle("GET /api/selftest", s.desk(http.HandlerFunc(s.getSelfTest)))
	mux.Handle("GET /api/selftest/reports", s.desk(http.HandlerFunc(s.getSelfTests)))
	if cfg.Dock != nil {
		mux.Handle("GET /dock", http.RedirectHandler("/dock/", http.StatusFound))
		mux.Handle("/dock/", s.local(http.StripPrefix("/dock", cfg.Dock)))
	}
	s.handler = headers(known(http.NewCrossOriginProtection().Handler(mux)))
	return s
}

// ServeHTTP serves one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends every socket and waits for them: http.Server.Shutdown knows nothing of them.
func (s *Server) Close() {
	s.entry.Lock()
	s.cancel()
	s.entry.Unlock()
	s.sockets.Wait()
}

// enter counts a socket in; it is false once the server closes.
func (s *Server) enter() bool {
	s.entry.Lock()
	defer s.entry.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.sockets.Add(1)
	return true
}

// headers go with every answer.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// known refuses names that are not this box's: a page elsewhere whose name was
// made to point here (DNS rebinding) is not one of its surfaces.
func known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if host != "localhost" && (ip == nil || !sameIP(ip, local)) {
			fail(w, http.StatusMisdirectedRequest, "unknown host name: use the address that the box shows")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func sameIP(ip net.IP, a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.Equal(ip)
}

// local admits this machine alone.
func (s *Server) local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			fail(w, http.StatusForbidden, s.text("refuse.this_machine_only", nil))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// desk admits this machine, and others where the site says so.
func (s *Server) desk(next http.Handler) http.Handler {
	if s.cfg.DeskOnLAN {
		return next
	}
	return s.local(next)
}

func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Box.Snapshot() == nil {
		fail(w, http.StatusServiceUnavailable, "starting")
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "ok "+s.cfg.Version+"\n")
}

func (s *Server) page(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, name) })
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, strings.TrimPrefix(r.URL.Path, "/"))
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, name string) {
	if info, err := fs.Stat(s.cfg.Files, name); err != nil || info.IsDir() || strings.HasSuffix(name, ".go") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if tag := s.etags[name]; tag != "" { // embedded files have no time of their own
		w.Header().Set("ETag", tag)
	}
	http.ServeFileFS(w, r, s.cfg.Files, name)
}

// folders are those of the interface.
func folders() []string { return []string{"screen", "desk", "hall", "guide", "lib"} }

// etags are the tags of the files without a time. One that has a time lies on a
// disk and may be edited while the box runs.
func etags(files fs.FS) map[string]string {
	tags := make(map[string]string)
	for _, dir := range folders() {
		fs.WalkDir(files, dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if info, err := d.Info(); err != nil || !info.ModTime().IsZero() {
				return err
			}
			data, err := fs.ReadFile(files, name)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(data)
			tags[name] = `"` + hex.EncodeToString(sum[:8]) + `"`
			return nil
		})
	}
	return tags
}

// words serves the fixed labels of a surface.
func (s *Server) words(w http.ResponseWriter, r *http.Request) {
	surface, ok := strings.CutSuffix(r.PathValue("surface"), ".json")
	if !ok || surface != "desk" && surface != "hall" && surface != "veil" {
		http.NotFound(w, r)
		return
	}
	lang := r.URL.Query().Get("lang")
	if lang == "" {
		lang = "fr"
	}
	reply(w, http.StatusOK, s.cfg.Words.Under(lang, surface+"."))
}

func (s *Server) text(key string, args map[string]any) string {
	return s.cfg.Words.Text("fr", key, args)
}

func (s *Server) msg(lang string, m session.Msg) string {
	if m.Key == "" {
		return ""
	}
	return s.cfg.Words.Text(lang, m.Key, m.Args)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, sentence string) {
	reply(w, status, map[string]string{"error": sentence})
}

// read decodes a small JSON body strictly.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil && dec.More() {
		err = errors.New("there is more than one value")
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "the body is not what this address expects: "+err.Error())
		return false
	}
	return true
}

// answer turns what a command got into an answer. People get a sentence; the log
// gets the error.
func (s *Server) answer(w http.ResponseWriter, ans session.Answer, err error) {
	var refusal *session.Refusal
	switch {
	case err == nil:
		body := map[string]any{"ok": true}
		if ans.Number != 0 {
			body["number"], body["visit"] = ans.Number, ans.Visit
		}
		reply(w, http.StatusOK, body)
	case errors.As(err, &refusal):
		reply(w, http.StatusConflict, map[string]string{"error": s.msg("fr", refusal.Msg), "key": refusal.Msg.Key})
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		fail(w, http.StatusServiceUnavailable, s.text("refuse.busy", nil))
	default:
		s.cfg.Logger.Error("command failed", "err", err)
		fail(w, http.StatusServiceUnavailable, s.text("refuse.not_kept", nil))
	}
}

// patience is how long a command may take, a slow card included.
const patience = 10 * time.Second

func (s *Server) postTicket(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID       session.ID `json:"id"`
		Motif    string     `json:"motif"`
		Lang     string     `json:"lang"`
		ForOther bool       `json:"for_other"`
	}
	if !read(w, r, &in) {
		return
	}
	if in.ID.IsZero() {
		fail(w, http.StatusBadRequest, "id is missing: 32 hexadecimal digits, new for each ticket, the same when it is sent again")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	// The visit's identity follows from the command's, so that a repetition asks
	// for the same visit even after the answer was forgotten.
	ans, err := s.cfg.Box.Do(ctx, session.Command{ID: in.ID, Order: session.Take{
		Visit: derived(in.ID), Motif: in.Motif, Lang: in.Lang, ForOther: in.ForOther}})
	s.answer(w, ans, err)
}

func derived(id session.ID) session.ID {
	sum := sha256.Sum256(append([]byte("visit "), id[:]...))
	return session.ID(sum[:16])
}

func (s *Server) postKiosk(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID     session.ID    `json:"id"`
		Turn   int           `json:"turn"`
		Key    string        `json:"key"`
		Action intake.Action `json:"action"`
	}
	if !read(w, r, &in) {
		return
	}
	if in.ID.IsZero() {
		fail(w, http.StatusBadRequest, "id is missing: 32 hexadecimal digits")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	s.answer(w, session.Answer{}, s.repeats.do(in.ID, func() error {
		return s.cfg.Box.Kiosk(ctx, in.ID, input(in.Turn, in.Key, in.Action))
	}))
}

func input(turn int, key string, action intake.Action) intake.Input {
	if action != "" {
		return intake.Button{Action: action}
	}
	return intake.Press{Turn: turn, Key: key}
}

// deskOrder is all that a desk may send. Which fields count depends on Do.
type deskOrder struct {
	ID       session.ID      `json:"id"`
	Desk     string          `json:"desk"`
	Do       string          `json:"do"`
	Visit    session.ID      `json:"visit"`
	Reason   session.Reason  `json:"reason"`
	Role     session.Role    `json:"role"`
	Motif    string          `json:"motif"`
	Outcome  session.Outcome `json:"outcome"`
	Rest     session.Outcome `json:"rest"`
	Minutes  int             `json:"minutes"`
	Test     bool            `json:"test"`
	On       bool            `json:"on"`
	ForOther bool            `json:"for_other"`
	Turn     int             `json:"turn"`
	Key      string          `json:"key"`
}

// order is the session's order for what a desk does; ok is false when it is not one.
func (o deskOrder) order() (session.Order, bool) {
	switch o.Do {
	case "open":
		return session.StartPermanence{Desk: o.Desk, Test: o.Test}, true
	case "pause":
		return session.Pause{Desk: o.Desk}, true
	case "resume":
		return session.Resume{Desk: o.Desk}, true
	case "close":
		return session.Close{Desk: o.Desk, Rest: o.Rest}, true
	case "next":
		return session.CallNext{Desk: o.Desk}, true
	case "call":
		return session.CallChosen{Desk: o.Desk, Visit: o.Visit}, true
	case "recall":
		return session.Recall{Desk: o.Desk}, true
	case "start":
		return session.Start{Desk: o.Desk}, true
	case "together":
		return session.Together{Desk: o.Desk}, true
	case "hold":
		return session.Hold{Desk: o.Desk, Reason: o.Reason}, true
	case "return":
		return session.Return{Desk: o.Desk, Visit: o.Visit}, true
	case "hand_over":
		return session.HandOver{Desk: o.Desk, Visit: o.Visit, To: o.Role}, true
	case "end":
		return session.End{Desk: o.Desk, Visit: o.Visit, Outcome: o.Outcome}, true
	case "no_show":
		return session.End{Desk: o.Desk, Visit: o.Visit, Outcome: session.NoShow}, true
	case "cancel":
		return session.End{Desk: o.Desk, Visit: o.Visit, Outcome: session.Cancelled, Reason: o.Reason}, true
	case "absent":
		return session.SetAside{Desk: o.Desk}, true
	case "came_back":
		return session.TakeBack{Desk: o.Desk, Visit: o.Visit}, true
	case "prioritise":
		return session.Prioritise{Desk: o.Desk, Visit: o.Visit, On: o.On}, true
	case "add_motif":
		return session.AddMotif{Desk: o.Desk, Visit: o.Visit, Motif: o.Motif}, true
	case "step_out":
		return session.StepOut{Desk: o.Desk, Visit: o.Visit, For: time.Duration(o.Minutes) * time.Minute}, true
	case "turned_away":
		return session.TurnAway{Desk: o.Desk, Reason: o.Reason}, true
	case "undo":
		return session.Undo{Desk: o.Desk}, true
	case "take":
		return session.Take{Desk: o.Desk, Visit: derived(o.ID), Motif: o.Motif, ForOther: o.ForOther}, true
	case "reprint":
		return session.Reprint{Desk: o.Desk, Visit: o.Visit}, true
	}
	return nil, false
}

func (s *Server) postDesk(w http.ResponseWriter, r *http.Request) {
	var o deskOrder
	if !read(w, r, &o) {
		return
	}
	if o.ID.IsZero() {
		fail(w, http.StatusBadRequest, "id is missing: 32 hexadecimal digits, new for each action, the same when it is sent again")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	if order, ok := o.order(); ok {
		ans, err := s.cfg.Box.Do(ctx, session.Command{ID: o.ID, Order: order})
		s.answer(w, ans, err)
		return
	}
	run, ok := s.besides(ctx, o)
	if !ok {
		fail(w, http.StatusBadRequest, "do is unknown: "+o.Do)
		return
	}
	s.answer(w, session.Answer{}, s.repeats.do(o.ID, run))
}

// besides is what a desk may do that is no order of the queue.
func (s *Server) besides(ctx context.Context, o deskOrder) (run func() error, ok bool) {
	box := s.cfg.Box
	switch o.Do {
	case "reprint_all":
		return func() error { return s.reprintAll(ctx, o) }, true
	case "reprint_report":
		return func() error { return box.ReprintReport(ctx) }, true
	case "new_roll":
		return func() error { return box.NewRoll(ctx) }, true
	case "help_coming":
		return func() error { return box.HelpComing(ctx) }, true
	case "help_done":
		return func() error { return box.HelpDone(ctx) }, true
	case "intake_take_over":
		return func() error { return box.OpenIntake(ctx, o.Desk, true) }, true
	case "intake_new":
		return func() error { return box.OpenIntake(ctx, o.Desk, false) }, true
	case "intake_press":
		return func() error { return box.DeskIntake(ctx, o.Desk, o.ID, intake.Press{Turn: o.Turn, Key: o.Key}) }, true
	case "intake_close":
		return func() error { return box.CloseIntake(ctx, o.Desk) }, true
	}
	return s.selfTest(ctx, o)
}

// repeats has a command that is sent again get what it got the first time. The
// queue knows the identities of its own commands; this is for the others, which
// no log keeps. It has a mutex because every request has its own goroutine.
type repeats struct {
	mu    sync.Mutex
	known map[session.ID]*attempt
	order []session.ID // oldest first
}

type attempt struct {
	once sync.Once
	err  error
}

// remembered is how many commands are known again: more than browsers send while
// one of them still tries.
const remembered = 256

// do runs a command, or waits for the run of the same one. What failed may be
// tried again.
func (r *repeats) do(id session.ID, run func() error) error {
	r.mu.Lock()
	a := r.known[id]
	if a == nil {
		if r.known == nil {
			r.known = make(map[session.ID]*attempt)
		}
		if len(r.order) == remembered {
			delete(r.known, r.order[0])
			r.order = r.order[1:]
		}
		a = new(attempt)
		r.known[id], r.order = a, append(r.order, id)
	}
	r.mu.Unlock()
	a.once.Do(func() { a.err = run() })
	if a.err != nil {
		r.mu.Lock()
		if r.known[id] == a {
			delete(r.known, id)
			r.order = slices.DeleteFunc(r.order, func(k session.ID) bool { return k == id })
		}
		r.mu.Unlock()
	}
	return a.err
}

// reprintAll asks for every ticket that is not on paper, one command each.
func (s *Server) reprintAll(ctx context.Context, o deskOrder) error {
	b := s.cfg.Box.Snapshot()
	if b == nil {
		return context.DeadlineExceeded // not started yet
	}
	for v := range b.Session.Unprinted() {
		id := o.ID
		for i, b := range v.ID {
			id[i] ^= b
		}
		if _, err := s.cfg.Box.Do(ctx, session.Command{ID: id, Order: session.Reprint{Desk: o.Desk, Visit: v.ID}}); err != nil {
			return err
		}
	}
	return nil
}
