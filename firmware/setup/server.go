package setup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/session"
	"jeudi/firmware/web"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

// Bench tries devices that no site file names yet.
type Bench interface {
	// Found is what is plugged in now.
	Found() Found
	// Print prints a slip that says what it was sent to. Its errors are those of
	// drivers.Printer.
	Print(ctx context.Context, device, profile string) error
	// Panel lights every lamp of a layout, and says which buttons are pressed, until ctx
	// ends.
	Panel(ctx context.Context, layout string, pressed func(action string)) error
	// Wanted are the buttons of a layout.
	Wanted(layout string) []string
	// Sound plays the chime.
	Sound(ctx context.Context, speaker string) error
}

// Access is how a phone reaches the wizard.
type Access struct {
	SSID, Passphrase string // of the Wi-Fi of the box; "" for none
	Scan             string // what a phone joins that one by, as a code; "" for none
	Host             string // address and port in the form of an address to type; "" for nowhere
}

// Config is what a wizard needs.
type Config struct {
	Files    fs.FS // of the interface
	Words    *words.Catalogue
	Bench    Bench
	Version  string
	Problems []site.Error // of the site file that is there
	Said     []string     // what else is wrong with it, or with the card, in French sentences
	Laptop   bool         // the screen and the questions are on the same machine
	Again    bool         // there is a good site, whose answers are changed
	Access   func() Access
	Log      *slog.Logger
	// Load is what Keep kept, nil for nothing; Write writes the site file, and ends what
	// was kept.
	Load  func() []byte
	Keep  func([]byte) error
	Write func(text string) error
	// Clock is time.Now when nil.
	Clock func() time.Time
	// Spare takes over what another box has left on a stick; nil where nobody reaches sticks.
	Spare Spare
	// Sites finds a site file on a stick; nil in a box that has something already.
	Sites Sites
}

// Server is the wizard: its owner, and its pages. It has a mutex because every request has its own
// goroutine.
type Server struct {
	cfg      Config
	done     chan struct{}
	finished sync.Once

	mu       sync.Mutex
	state    State
	code     string // that the kiosk shows, to be typed
	scanned  string // that the kiosk shows as a picture
	typed    pair.Delays
	slowed   bool // and said in the log
	phones   map[[32]byte]bool
	lastSeen time.Time // a phone asked
	painted  time.Time // the kiosk's page said that it is on the screen
	trial    *trial
	taking   bool // a backup or the site of a stick is being taken over

	offer                Offer     // what the sticks said last
	taken                string    // the place whose site was taken from one; "" for none
	kioskSeen            time.Time // its page asked
	kioskTold, phoneTold bool      // which pages have said what is taken
}

// trial is the try of a panel that goes on.
type trial struct {
	layout  string
	pressed []string
	err     error
	cancel  context.CancelFunc
}

const (
	maxBody   = 32 << 10
	maxPhones = 8                // that hold the code at once
	patience  = 20 * time.Second // for a slip
	panelTime = 3 * time.Minute  // for a try of the buttons
	cookie    = "jeudi-setup"
)

// New is a wizard with the answers that were kept.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, done: make(chan struct{}), state: start(), code: newCode(), scanned: newSecret(), phones: make(map[[32]byte]bool)}
	if s.cfg.Clock == nil {
		s.cfg.Clock = time.Now
	}
	if kept := cfg.Load(); kept != nil {
		before := start()
		if err := json.Unmarshal(kept, &before); err == nil {
			s.state = before
		} else {
			cfg.Log.Warn("the answers of the set-up could not be read; it begins anew")
		}
	}
	s.state.Problems = cfg.Problems
	return s
}

// newCode is eight digits: what somebody types who cannot read the code by camera.
func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		panic(err) // crypto/rand ends the program before
	}
	return fmt.Sprintf("%08d", n)
}

// newSecret is 128 bits: what nobody types, and nobody guesses.
func newSecret() string {
	secret := make([]byte, 16)
	rand.Read(secret)                                   // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(secret) // short: it is a picture on the kiosk
}

// Done is closed when the site file is written.
func (s *Server) Done() <-chan struct{} { return s.done }

// Alive reports whether the wizard still answers, for a watchdog.
func (s *Server) Alive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return true
}

// Painted is when the kiosk's page was last known to be on the screen; zero for not since
// the start.
func (s *Server) Painted() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.painted
}

// Close ends what is being tried.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endTrial()
}

// Kiosk serves this machine: the kiosk's page, and the questions for whoever sits at it,
// who needs no code.
func (s *Server) Kiosk() http.Handler {
	mux := s.pages()
	mux.Handle("GET /{$}", http.RedirectHandler("/kiosk", http.StatusFound))
	mux.Handle("GET /kiosk", s.page("setup/kiosk.html"))
	mux.Handle("GET /setup", s.page("setup/index.html"))
	mux.Handle("GET /desk", http.RedirectHandler("/setup", http.StatusFound)) // there is none yet
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "setup "+s.cfg.Version+"\n")
	})
	mux.HandleFunc("POST /api/setup/kiosk", s.kiosk)
	mux.HandleFunc("GET /api/setup", s.get)
	mux.HandleFunc("POST /api/setup", s.post)
	return guard.Wrap(guard.Config{Programs: true, MaxBody: maxBody, Refuse: s.refuse}, mux)
}

// Phone serves the network: the same questions, for whoever has the code of the kiosk.
func (s *Server) Phone() http.Handler {
	mux := s.pages()
	mux.Handle("GET /{$}", s.page("setup/index.html"))
	mux.Handle("GET /setup", s.page("setup/index.html"))
	mux.HandleFunc("POST /api/setup/code", s.enter)
	mux.Handle("GET /api/setup", s.admitted(s.get))
	mux.Handle("POST /api/setup", s.admitted(s.post))
	return guard.Wrap(guard.Config{Probes: true, MaxBody: maxBody, Pace: guard.UsualPace(), Refuse: s.refuse}, mux)
}

func (s *Server) pages() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", s.nowhere)
	for _, dir := range []string{"setup", "lib"} {
		mux.HandleFunc("GET /"+dir+"/", func(w http.ResponseWriter, r *http.Request) {
			s.file(w, r, strings.TrimPrefix(r.URL.Path, "/"))
		})
	}
	mux.HandleFunc("GET /words/setup.json", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.cfg.Words.Under(words.French, "setup."))
	})
	return mux
}

func (s *Server) page(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.file(w, r, name) })
}

func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) {
	if info, err := fs.Stat(s.cfg.Files, path.Clean(name)); err != nil || info.IsDir() || path.Clean(name) != name {
		s.nowhere(w, r)
		return
	}
	http.ServeFileFS(w, r, s.cfg.Files, name)
}

// nowhere answers whoever has typed another address: often that of a page of a box that
// has its site.
func (s *Server) nowhere(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, s.text("setup.nowhere", nil), http.StatusNotFound)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (s *Server) text(key string, args map[string]any) string {
	return s.cfg.Words.Text(words.French, key, args)
}

func (s *Server) refuse(w http.ResponseWriter, status int, m session.Msg) {
	reply(w, status, map[string]string{"error": s.text(m.Key, m.Args)})
}

func (s *Server) fail(w http.ResponseWriter, status int, key string) {
	reply(w, status, map[string]string{"error": s.text(key, nil), "key": key})
}

// ---- who is let in ----

// enter admits whoever has the code of the kiosk. Whoever tries codes out waits longer and
// longer, and so do all together; the code stays, or anybody on the network could change it
// for ever. Who has it by camera has more of it than can be guessed, and never waits.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Code string `json:"code"`
	}
	if !read(w, r, &in) {
		return
	}
	given := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, in.Code)
	s.mu.Lock()
	defer s.mu.Unlock()
	if subtle.ConstantTimeCompare([]byte(in.Code), []byte(s.scanned)) != 1 {
		now, client := s.cfg.Clock(), guard.Client(r.RemoteAddr)
		if d := s.typed.Wait(now, client); d > 0 {
			if !s.slowed {
				s.slowed = true
				s.cfg.Log.Warn("the code of the set-up was tried too often; whoever tries has to wait")
			}
			s.refuse(w, http.StatusTooManyRequests, pair.Later(d).Msg)
			return
		}
		if subtle.ConstantTimeCompare([]byte(given), []byte(s.code)) != 1 {
			s.typed.Miss(now, client)
			s.fail(w, http.StatusForbidden, "setup.code.wrong")
			return
		}
	}
	if len(s.phones) >= maxPhones {
		clear(s.phones)
	}
	value := newSecret()
	s.phones[sha256.Sum256([]byte(value))] = true
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}

func (s *Server) admitted(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(cookie)
		s.mu.Lock()
		ok := err == nil && s.phones[sha256.Sum256([]byte(c.Value))]
		if ok {
			s.lastSeen = s.cfg.Clock()
		}
		s.mu.Unlock()
		if !ok {
			s.fail(w, http.StatusUnauthorized, "setup.code.ask")
			return
		}
		next(w, r)
	})
}

// ---- the kiosk ----

// KioskView is what the kiosk shows while the box is put into service.
type KioskView struct {
	SSID       string      `json:"ssid,omitempty"`
	Passphrase string      `json:"passphrase,omitempty"`
	WifiCode   *web.QRView `json:"wifi_code,omitempty"`
	Address    string      `json:"address,omitempty"` // to be typed
	PageCode   *web.QRView `json:"page_code,omitempty"`
	Code       string      `json:"code,omitempty"`
	Laptop     bool        `json:"laptop,omitempty"`
	Again      bool        `json:"again,omitempty"`
	Phone      bool        `json:"phone"`    // somebody answers
	Answered   []bool      `json:"answered"` // by question
	Finished   bool        `json:"finished"`
	Problems   []string    `json:"problems,omitempty"` // of the site file, the first of them
	More       int         `json:"more,omitempty"`     // other problems
	Sticks     bool        `json:"sticks,omitempty"`   // a stick with a site file will do
	Stick      []string    `json:"stick,omitempty"`    // why one that is in does not
	Taken      string      `json:"taken,omitempty"`    // the place whose site is taken from one
}

// shownProblems are as many as fit beside the codes.
const shownProblems = 3

func (s *Server) kiosk(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Width   int  `json:"width"` // of the window, CSS px
		Height  int  `json:"height"`
		Painted bool `json:"painted"` // something of the wizard is on the screen
	}
	if !read(w, r, &in) {
		return
	}
	at := s.cfg.Access()
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Width > 0 && in.Height > 0 {
		s.state = s.state.saw(in.Width, in.Height)
	}
	if in.Painted {
		s.painted = s.cfg.Clock()
	}
	v := KioskView{Laptop: s.cfg.Laptop, Again: s.cfg.Again, SSID: at.SSID, Passphrase: at.Passphrase, Address: at.Host, Phone: s.cfg.Clock().Sub(s.lastSeen) < 15*time.Second, Finished: s.over()}
	if at.Scan != "" {
		v.WifiCode = web.QR(at.Scan)
	}
	if at.Host != "" {
		v.Code, v.PageCode = s.code, web.QR("http://"+at.Host+"/#c="+s.scanned)
	}
	for q := range site.Questions {
		v.Answered = append(v.Answered, s.state.Answered[q+1])
	}
	v.Problems, v.More = s.problems()
	v.Sticks, v.Stick, v.Taken = s.offer.Read, s.ofSticks(), s.taken
	s.kioskSeen, s.kioskTold = s.cfg.Clock(), s.taken != ""
	reply(w, http.StatusOK, v)
}

func (s *Server) problems() (list []string, more int) {
	for _, p := range s.state.Problems {
		list = append(list, s.problem(p))
	}
	for _, sentence := range s.cfg.Said {
		list = append(list, unbroken(sentence))
	}
	if len(list) > shownProblems {
		return list[:shownProblems], len(list) - shownProblems
	}
	return list, 0
}

func (s *Server) problem(p site.Error) string {
	return s.text("setup.problem", map[string]any{"line": p.Line, "what": keyed(p)})
}

func keyed(p site.Error) string {
	if p.Key == "" {
		return unbroken(p.French())
	}
	return unbroken(p.Key + " : " + p.French())
}

// unbroken keeps a line from beginning with what belongs to the word before it.
func unbroken(text string) string {
	return strings.NewReplacer(" ;", "\u00a0;", " :", "\u00a0:", " ?", "\u00a0?", " !", "\u00a0!", " »", "\u00a0»", "« ", "«\u00a0").Replace(text)
}

func (s *Server) over() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// ---- the questions ----

// View is what the phone shows.
type View struct {
	Answers    site.Answers `json:"answers"` // without the passphrase
	Passphrase bool         `json:"passphrase_kept"`
	Answered   []bool       `json:"answered"`
	Doubts     []Doubt      `json:"doubts"`             // of the question that was answered just now
	Problems   []string     `json:"problems,omitempty"` // of the site file that is there
	More       int          `json:"more,omitempty"`
	Stick      []string     `json:"stick,omitempty"` // why the site of a stick is not taken
	Taken      string       `json:"taken,omitempty"` // the place whose site is taken from one
	Found      Found        `json:"found"`
	Panel      *PanelTry    `json:"panel,omitempty"`
	Zones      [][2]string  `json:"zones"`
	Roles      []Choice     `json:"roles"`
	Languages  []Choice     `json:"languages"`
	Screen     string       `json:"screen,omitempty"` // as the kiosk measures it
	Finished   bool         `json:"finished"`
	Again      bool         `json:"again,omitempty"`    // the site that is there may stay
	OwnWifi    bool         `json:"own_wifi,omitempty"` // the box has a Wi-Fi for the set-up alone
}

// Choice is a key and its French words.
type Choice struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

// Doubt is what is wrong with an answer.
type Doubt struct {
	Question int    `json:"question"`
	Item     int    `json:"item"` // of the hours or the desks, from 0; -1 for the question
	Key      string `json:"key"`
	Text     string `json:"text"`
}

// PanelTry is a try of the buttons that goes on.
type PanelTry struct {
	Layout  string   `json:"layout"`
	Buttons []Button `json:"buttons"`
	Error   string   `json:"error,omitempty"`
}

// Button is a button that is tried.
type Button struct {
	Label   string `json:"label"`
	Pressed bool   `json:"pressed"`
}

func (s *Server) view(doubts []site.Doubt) View {
	found := s.cfg.Bench.Found()
	s.state = s.state.found(found)
	v := View{Answers: s.state.Answers, Passphrase: s.state.Answers.Wifi.Passphrase != "" && s.state.Answered[int(site.AskWifi)], Found: found, Zones: site.Zones(),
		Doubts: []Doubt{}, Screen: s.state.Screen, Finished: s.over(), Again: s.cfg.Again,
		OwnWifi: s.cfg.Access().SSID != ""}
	v.Answers.Wifi.Passphrase = ""
	v.Problems, v.More = s.problems()
	v.Stick, v.Taken = s.ofSticks(), s.taken
	for q := range site.Questions {
		v.Answered = append(v.Answered, s.state.Answered[q+1])
	}
	for _, d := range doubts {
		v.Doubts = append(v.Doubts, Doubt{int(d.Question), d.Item, d.Key, unbroken(d.Text)})
	}
	for _, role := range site.Roles() {
		v.Roles = append(v.Roles, Choice{role, s.text("role."+role, nil)})
	}
	for _, lang := range site.KnownLanguages() {
		v.Languages = append(v.Languages, Choice{lang, s.text("setup.language."+lang, nil)})
	}
	if t := s.trial; t != nil {
		v.Panel = &PanelTry{Layout: t.layout}
		for _, action := range s.cfg.Bench.Wanted(t.layout) {
			v.Panel.Buttons = append(v.Panel.Buttons, Button{s.text("setup.button."+action, nil), slices.Contains(t.pressed, action)})
		}
		if t.err != nil {
			v.Panel.Error = s.text("setup.panel.none", nil)
		}
	}
	return v
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phoneTold = s.taken != ""
	reply(w, http.StatusOK, s.view(nil))
}

// order is all that the page may send. Which fields count depends on Do.
type order struct {
	Do       string       `json:"do"`
	Question int          `json:"question"`
	Answers  site.Answers `json:"answers"`
	Keep     bool         `json:"keep_passphrase"`
	Stick    string       `json:"stick"`
	Name     string       `json:"name"`
	Code     string       `json:"code"`
}

func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	var in order
	if !read(w, r, &in) {
		return
	}
	switch in.Do {
	case "answer":
		s.answer(w, in)
	case "print":
		s.try(w, r, func(ctx context.Context) error { return s.cfg.Bench.Print(ctx, in.Answers.Printer, in.Answers.Profile) }, "setup.print.")
	case "sound":
		s.try(w, r, func(ctx context.Context) error { return s.cfg.Bench.Sound(ctx, in.Answers.Speaker) }, "setup.sound.")
	case "panel":
		s.tryPanel(w, in.Answers.Panel)
	case "panel_end":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.endTrial()
		reply(w, http.StatusOK, s.view(nil))
	case "finish":
		s.finish(w)
	case "leave":
		s.leave(w)
	case "sticks":
		s.sticks(w, r)
	case "restore":
		s.restore(w, r, in)
	default:
		s.fail(w, http.StatusBadRequest, "setup.unknown")
	}
}

func (s *Server) answer(w http.ResponseWriter, in order) {
	if in.Question < 1 || in.Question > site.Questions {
		s.fail(w, http.StatusBadRequest, "setup.unknown")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over() {
		s.fail(w, http.StatusConflict, "setup.over")
		return
	}
	next, doubts := s.state.answer(site.Question(in.Question), in.Answers, in.Keep)
	s.state = next
	if kept, err := json.Marshal(next); err == nil {
		if err := s.cfg.Keep(kept); err != nil {
			// The wizard goes on: what a power cut would cost is answers, no ticket.
			s.cfg.Log.Error("the answers of the set-up are not kept", "err", err)
		}
	}
	reply(w, http.StatusOK, s.view(doubts))
}

// try runs a device, and says how it went by the status that drivers give.
func (s *Server) try(w http.ResponseWriter, r *http.Request, run func(context.Context) error, prefix string) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	err := run(ctx)
	status := drivers.StatusOf(err).String()
	switch {
	case err == nil:
	case errors.Is(err, drivers.ErrUnknown):
		status = "sent"
	case errors.Is(err, context.DeadlineExceeded):
		status = "mute"
	}
	if err != nil {
		s.cfg.Log.Warn("a device was tried, and did not work", "err", err)
	}
	reply(w, http.StatusOK, map[string]any{"ok": err == nil || status == "sent", "text": s.text(prefix+status, nil)})
}

func (s *Server) endTrial() {
	if s.trial != nil {
		s.trial.cancel()
		s.trial = nil
	}
}

func (s *Server) tryPanel(w http.ResponseWriter, layout string) {
	if !slices.Contains(site.Layouts(), layout) && layout != "sim:" || layout == site.None {
		s.fail(w, http.StatusBadRequest, "setup.unknown")
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), panelTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endTrial()
	t := &trial{layout: layout, cancel: cancel}
	s.trial = t
	go func() {
		defer cancel()
		err := s.cfg.Bench.Panel(ctx, layout, func(action string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if !slices.Contains(t.pressed, action) {
				t.pressed = append(t.pressed, action)
			}
		})
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			t.err = err
			s.cfg.Log.Warn("a device was tried, and did not work", "err", err)
		}
	}()
	reply(w, http.StatusOK, s.view(nil))
}

// leave ends the wizard with the site as it was, where there is one.
func (s *Server) leave(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.cfg.Again:
		s.fail(w, http.StatusBadRequest, "setup.unknown")
		return
	case s.taking:
		s.fail(w, http.StatusConflict, "setup.restore.going")
		return
	}
	s.endTrial()
	s.finished.Do(func() { close(s.done) })
	reply(w, http.StatusOK, s.view(nil))
}

// finish writes the site file, when every answer is good.
func (s *Server) finish(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over() {
		reply(w, http.StatusOK, s.view(nil))
		return
	}
	if s.taking {
		s.fail(w, http.StatusConflict, "setup.restore.going")
		return
	}
	if open := s.state.open(); len(open) > 0 {
		reply(w, http.StatusConflict, map[string]any{"error": s.text("setup.unanswered", nil), "question": int(open[0])})
		return
	}
	// What came later may contradict an earlier answer, which was good by itself.
	if doubts := s.state.Answers.Check(); len(doubts) > 0 {
		reply(w, http.StatusConflict, map[string]any{"error": unbroken(doubts[0].Text), "question": max(int(doubts[0].Question), 1)})
		return
	}
	s.endTrial()
	if err := s.cfg.Write(s.state.Answers.Compose()); err != nil {
		s.cfg.Log.Error("the site file is not written", "err", err)
		s.fail(w, http.StatusServiceUnavailable, "setup.not_written")
		return
	}
	s.finished.Do(func() { close(s.done) })
	reply(w, http.StatusOK, s.view(nil))
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
		reply(w, http.StatusBadRequest, map[string]string{"error": "the body is not what this address expects"})
		return false
	}
	return true
}
