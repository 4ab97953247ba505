// Package web is the box seen from browsers: pages, whole views pushed over a
// WebSocket, and small commands that come back as POSTs.
//
// Each surface has a view type of its own, and that type is all it can see: the
// hall has no field for a motif, the kiosk none for anybody but the person in
// front of it, and each role of the staff its own. A GET never changes anything.
//
// There are three listeners. This machine's has the kiosk and what takes tickets,
// and a desk. The staff's, over TLS, has the desk of paired screens, each route
// behind the door and a capability. The public one has what hangs in the room and
// what visitors read on their phones. All of them stand behind the same guards (see
// web/guard).
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
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jeudi/firmware/agenda"
	"jeudi/firmware/appliance"
	"jeudi/firmware/coop"
	"jeudi/firmware/directory"
	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/report"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/web/cert"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/words"
)

// Box is what the surfaces need of the appliance.
type Box interface {
	Do(context.Context, session.Command) (session.Answer, error)
	Kiosk(context.Context, session.ID, intake.Input) error
	Refresh()
	OpenIntake(ctx context.Context, desk string, takeOver bool) error
	OpenIntakeOf(ctx context.Context, desk string, visit session.ID) error
	DeskIntake(ctx context.Context, desk string, id session.ID, in intake.Input) error
	CloseIntake(ctx context.Context, desk string) error
	HelpComing(context.Context) error
	HelpDone(context.Context) error
	ReprintReport(context.Context) error
	PrintReport(ctx context.Context, id session.ID, copies int) error
	PrintFallback(context.Context) error
	ConfirmTime(ctx context.Context, wall time.Time) error
	Reopen(ctx context.Context, id session.ID, desk string, coordinator bool) error
	Past() ([]ledger.Entry, error)
	Moment() session.Moment
	StartSelfTest(ctx context.Context, sure bool) error
	AnswerSelfTest(ctx context.Context, turn int, in selftest.Input) error
	PrintSelfTest(context.Context) error
	SelfTests() ([]selftest.Report, error)
	NewRoll(context.Context) error
	ExchangeKeys(context.Context, appliance.Exchange) (appliance.Exchanged, error)
	TypeKey(ctx context.Context, text string) error
	AbandonSheets(context.Context, appliance.KeyID) error
	LoseDevices(ctx context.Context, devices ...string) error
	PrintDrawer(context.Context) error
	SeeLevel(ctx context.Context, desk string, visit session.ID, level sheet.Level) error
	ReadCharter(ctx context.Context, desk string, visit session.ID, read bool) error
	PrintOrientation(context.Context, appliance.Orientation) error
	PrintToday(ctx context.Context, t paper.TodayData, next string) error
	PrintRights(ctx context.Context, lang string, ids []string, large bool) error
	PrintPartner(ctx context.Context, place string) error
	Vouchers() appliance.Vouchers
	Needs() appliance.Needs
	Attend(desk string) (leave func())
	TellWork(ctx context.Context, desk string, visit session.ID, r coop.Record, toward string) error
	KnowLost(context.Context) error
	Blocked() appliance.Blocked
	OpenPeriod(context.Context) (o appliance.OpenPeriod, ok bool, err error)
	ClosePeriod(context.Context) (report.Release, error)
	Releases() ([]report.Release, error)
	AskDesks(ctx context.Context, desk string) error
	ComeToDesk(ctx context.Context, desk string, call uint64) error
	EndDeskHelp(ctx context.Context, call uint64) error
	Agenda() appliance.Agenda
	Day(context.Context) (time.Time, error)
	ReserveSeat(ctx context.Context, event session.ID, lang string, large bool) (code string, err error)
	PrintSeat(ctx context.Context, code, lang string, large bool) error
	EndEvent(ctx context.Context, event session.ID, more int) (agenda.Past, error)
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
	Box   Box
	Words *words.Catalogue
	Files fs.FS        // the interface: screen, desk, hall, guide, lib
	Dock  http.Handler // the simulated devices, or nil
	Panel Panel
	Alone bool   // whoever is at this machine may do everything there, unpaired
	Staff *Staff // nil: nobody pairs
	// Network is how the box is on a network now; nil: at the address of Staff, always.
	Network func() Network
	// Bilan makes the files of a bilan of closed periods, by name, compared with others
	// or with none; nil where there is none.
	Bilan func(now, before []report.Release) (map[string][]byte, error)
	// HallSpeaks lets the hall's display chime and speak besides the box.
	HallSpeaks bool
	Version    string
	Languages  []string // of the site
	// Mute reports a language that no voice speaks well enough; nil: none is.
	Mute func(lang string) bool
	// Clip speaks a text of the catalogue: WAV. May be nil.
	Clip   func(ctx context.Context, lang, key string, args map[string]any) ([]byte, error)
	Rights []byte // the rules of rights to be checked, as JSON; nil without any
	// Places is the directory; nil on a box without one. Here is where the place is,
	// Sticks the folders under which USB sticks are found.
	Places *directory.Store
	Here   *directory.Point
	Sticks []string
	// Plugged are the sticks of a machine whose steward alone reaches them. May be nil.
	Plugged Plugged
	// Problems are what of the log is for who helps from afar: warnings and errors. nil:
	// the log is kept nowhere.
	Problems func() ([]byte, error)
	Updates  Updates // nil: nobody can update this box
	// Painted is called when the kiosk's page is on the screen for the first time. May be nil.
	Painted func()
	// Screen is what staff are told of the kiosk's own screen, false for nothing. May be nil.
	Screen func() (session.Msg, bool)
	Care   Care // nil: nobody looks after this box
	Logger *slog.Logger
}

// Server serves every surface.
type Server struct {
	cfg      Config
	handler  http.Handler // of this machine
	staff    http.Handler
	door     *guard.Door      // nil: nobody pairs
	print    cert.Fingerprint // under entry
	views    cache
	ctx      context.Context // ends with the sockets
	cancel   context.CancelFunc
	entry    sync.Mutex // orders the last socket that enters before Close
	sockets  sync.WaitGroup
	etags    map[string]string
	repeats  repeats
	clips    chan struct{}  // one for each clip that is made for a phone
	halls    *guard.Sockets // of the public listener
	phones   *guard.Sockets
	desks    *guard.Sockets // of the staff's listener
	phonesOf staffDevices
	painted  atomic.Int64 // when the kiosk's page last was, in ns since 1970; 0: not yet
}

// maxBody bounds what a browser may send; commands have a few hundred bytes.
const maxBody = 4 << 10

// New is a server for a box.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, etags: etags(cfg.Files), clips: make(chan struct{}, 2),
		halls: guard.NewSockets(hallsEach, hallsAll), phones: guard.NewSockets(ticketsEach, ticketsAll),
		desks: guard.NewSockets(desksEach, desksAll)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk", http.StatusFound) })
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("GET /kiosk", s.local(s.page("screen/index.html")))
	mux.Handle("GET /desk", s.local(s.page("desk/index.html")))
	mux.Handle("GET /hall", s.page("hall/index.html"))
	mux.Handle("GET /guide", http.RedirectHandler("/guide/", http.StatusFound)) // its links are relative
	mux.Handle("GET /guide/{$}", s.page("guide/index.html"))
	for _, dir := range folders() {
		mux.Handle("GET /"+dir+"/", http.HandlerFunc(s.file))
	}
	s.routePhone(mux)
	mux.HandleFunc("GET /words/{surface}", s.words)
	mux.Handle("GET /ws/kiosk", s.local(http.HandlerFunc(s.watchKiosk)))
	mux.HandleFunc("GET /ws/hall", s.watchHall)
	mux.Handle("POST /api/kiosk", s.local(http.HandlerFunc(s.postKiosk)))
	mux.Handle("POST /api/tickets", s.local(http.HandlerFunc(s.postTicket)))
	mux.Handle("POST /api/pairing", s.local(http.HandlerFunc(s.postPairing)))
	s.routeDesk(mux, s.here)
	if cfg.Dock != nil {
		mux.Handle("GET /dock", http.RedirectHandler("/dock/", http.StatusFound))
		mux.Handle("/dock/", s.local(http.StripPrefix("/dock", cfg.Dock)))
	}
	s.handler = s.guarded(guard.Config{Programs: true}, mux)
	s.openStaff()
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

// local admits this machine alone.
func (s *Server) local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !guard.Local(r.RemoteAddr) {
			fail(w, http.StatusForbidden, s.text("refuse.this_machine_only", nil))
			return
		}
		next.ServeHTTP(w, r)
	})
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
func folders() []string { return []string{"screen", "desk", "hall", "guide", "lib", "phone", "pair"} }

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
	if !ok || surface != "desk" && surface != "hall" && surface != "veil" && surface != "pair" {
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

// identified refuses an order without an identity of its own: sent again, it would
// be done twice.
func identified(w http.ResponseWriter, id session.ID) bool {
	if id.IsZero() {
		fail(w, http.StatusBadRequest, "id is missing: 32 hexadecimal digits, new for each order, the same when it is sent again")
	}
	return !id.IsZero()
}

// unknown refuses an order that this address does not know.
func unknown(w http.ResponseWriter, do string) {
	fail(w, http.StatusBadRequest, "do is unknown: "+do)
}

// snapshot is the box now; nil, and an answer, while it starts.
func (s *Server) snapshot(w http.ResponseWriter) *appliance.Snapshot {
	b := s.cfg.Box.Snapshot()
	if b == nil {
		s.busy(w)
	}
	return b
}

// busy asks for patience: what was wanted is not there yet.
func (s *Server) busy(w http.ResponseWriter) {
	fail(w, http.StatusServiceUnavailable, s.text("refuse.busy", nil))
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
		s.busy(w)
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
	if !identified(w, in.ID) {
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
		// Say are texts of the piece of practice on the screen, to be heard: the name of
		// what has the focus, At of Of, where these are given. Touched says that somebody
		// is busy with it, at a Stage; Past that the focus left it.
		Say     []string      `json:"say"`
		At      int           `json:"at"`
		Of      int           `json:"of"`
		Touched bool          `json:"touched"`
		Stage   int           `json:"stage"`
		Past    intake.Action `json:"past"`
	}
	if !read(w, r, &in) {
		return
	}
	if !identified(w, in.ID) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	s.answer(w, session.Answer{}, s.repeats.do(in.ID, func() error {
		switch {
		case len(in.Say) > 0 || in.Of > 0:
			return s.cfg.Box.Kiosk(ctx, in.ID, intake.Hear{Keys: in.Say, At: in.At, Of: in.Of})
		case in.Touched:
			return s.cfg.Box.Kiosk(ctx, in.ID, intake.Touched{Stage: in.Stage})
		case in.Past != "":
			return s.cfg.Box.Kiosk(ctx, in.ID, intake.Past{Action: in.Past})
		}
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
	Level    string          `json:"level"`
	Read     bool            `json:"read"`
	Call     uint64          `json:"call"`

	AtMS       int64          `json:"at_ms"` // of the phone's clock
	People     int            `json:"people"`
	Tells      []session.Tell `json:"tells"`
	Permanence session.ID     `json:"permanence"`
	Stop       string         `json:"stop"`
	Copies     int            `json:"copies"`
}

// order is the session's order for what a desk does; ok is false when it is not one.
func (o deskOrder) order() (session.Order, bool) {
	switch o.Do {
	case "open":
		return session.StartPermanence{Desk: o.Desk, Test: o.Test, Stop: o.Stop}, true
	case "pause":
		return session.Pause{Desk: o.Desk}, true
	case "resume":
		return session.Resume{Desk: o.Desk}, true
	case "close":
		return session.Close{Desk: o.Desk, Rest: o.Rest, Tells: o.Tells}, true
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
	case "catch_up":
		return session.CatchUp{Desk: o.Desk, Motif: o.Motif, Outcome: o.Outcome, People: o.People}, true
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
	if !identified(w, o.ID) {
		return
	}
	if err := allow(r.Context(), o.Do); err != nil {
		s.refused(w, err)
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
		unknown(w, o.Do)
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
		if !o.Visit.IsZero() {
			return func() error { return box.OpenIntakeOf(ctx, o.Desk, o.Visit) }, true
		}
		return func() error { return box.OpenIntake(ctx, o.Desk, false) }, true
	case "intake_press":
		return func() error { return box.DeskIntake(ctx, o.Desk, o.ID, intake.Press{Turn: o.Turn, Key: o.Key}) }, true
	case "see_level":
		level, ok := levelOf(o.Level)
		if !ok {
			return func() error { return session.ErrUnknownChoice }, true
		}
		return func() error { return box.SeeLevel(ctx, o.Desk, o.Visit, level) }, true
	case "charter":
		return func() error { return box.ReadCharter(ctx, o.Desk, o.Visit, o.Read) }, true
	case "intake_close":
		return func() error { return box.CloseIntake(ctx, o.Desk) }, true
	case "close_period":
		return func() error { _, err := box.ClosePeriod(ctx); return err }, true
	}
	if run, ok := s.together(ctx, o); ok {
		return run, ok
	}
	if run, ok := s.framing(ctx, o); ok {
		return run, ok
	}
	if run, ok := s.sealed(ctx, o); ok {
		return run, ok
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
