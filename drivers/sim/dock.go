package sim

import (
	"embed"
	"encoding/json"
	"fmt"
	"image/png"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

//go:embed dock
var page embed.FS

// The dock is redrawn at most this often, and says that it is alive this often.
const (
	dockPause = 40 * time.Millisecond
	dockAlive = 15 * time.Second
)

// DockState is what the dock shows, as JSON at "state".
type DockState struct {
	Printer DockPrinter `json:"printer"`
	Panel   []DockLamp  `json:"panel"` // the visitor's eight from back on, then staff
	Speaker DockSpeaker `json:"speaker"`
}

// DockPrinter is the printer as a person sees it.
type DockPrinter struct {
	Profile string          `json:"profile"`
	Known   []string        `json:"known"` // the profiles to choose from
	Columns int             `json:"columns"`
	Dots    int             `json:"dots"`
	Cutter  bool            `json:"cutter"`
	States  map[string]bool `json:"states"` // by the names of drivers.Status; ready is all well
	// Sheets are the last 20, the newest last; some were taken.
	Sheets  []Sheet `json:"sheets"`
	Hanging Sheet   `json:"hanging"` // being printed, or not cut
	Printed int     `json:"printed"` // how many sheets so far, blank ones too
}

// DockLamp is a button of the visitor's panel and what its lamp shows, or the lamp
// for staff, which is no button. Desks and the exit have no lamps.
type DockLamp struct {
	Action string `json:"action"`
	Light  string `json:"light"` // a drivers.Light by name
}

// DockSpeaker is what was heard.
type DockSpeaker struct {
	Headphones bool    `json:"headphones"` // plugged
	Heard      []Heard `json:"heard"`      // the last 50, the newest last
}

// Dock is a page to look at the simulated devices and to use them, for mounting
// at any path under http.StripPrefix: its addresses are relative.
//
//	GET  (the page)      GET state (JSON)      GET events (the same, pushed)
//	GET  sheet.png?id=3  (the dots on a sheet; 0 is the one that hangs out)
//	POST press?action=ok          POST hold?action=ok&on=1
//	POST printer?state=no_paper&on=1   (on=0 mends; state=ready&on=1 mends all)
//	POST tear                     POST jack?on=1
//	POST profile?name=generic-58  (another printer at the same cable)
//	POST roll?mm=300              (a new roll of that length)
//
// A GET changes nothing, and pages of other origins cannot POST. A command that
// makes no sense is 400 with a sentence; one that was obeyed is 204.
func Dock(printer *Wire, panel *Panel, speaker *Speaker) http.Handler {
	d := dock{printer, panel, speaker}
	files, err := fs.Sub(page, "dock")
	if err != nil {
		panic(err) // the folder is embedded: it is there
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /state", d.serveState)
	mux.HandleFunc("GET /events", d.serveEvents)
	mux.HandleFunc("GET /sheet.png", d.serveSheet)
	mux.HandleFunc("POST /press", d.command(d.press))
	mux.HandleFunc("POST /hold", d.command(d.hold))
	mux.HandleFunc("POST /printer", d.command(d.setPrinter))
	mux.HandleFunc("POST /tear", d.command(func(*http.Request) error { d.printer.Tear(); return nil }))
	mux.HandleFunc("POST /jack", d.command(d.jack))
	mux.HandleFunc("POST /profile", d.command(d.profile))
	mux.HandleFunc("POST /roll", d.command(d.roll))
	safe := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if !strings.HasPrefix(r.URL.Path, "/") { // StripPrefix("/dock/", …) takes the slash too
			u := *r.URL
			u.Path, u.RawPath = "/"+u.Path, ""
			r = r.Clone(r.Context())
			r.URL = &u
		}
		safe.ServeHTTP(w, r)
	})
}

type dock struct {
	printer *Wire
	panel   *Panel
	speaker *Speaker
}

func (d dock) state() DockState {
	p := d.printer.Profile()
	s := DockState{
		Printer: DockPrinter{
			Profile: p.Name, Columns: p.Columns, Dots: p.Dots, Cutter: p.Cutter, Known: escpos.Profiles(),
			States: make(map[string]bool), Sheets: d.printer.Sheets(), Hanging: d.printer.Hanging(),
		},
		Speaker: DockSpeaker{Headphones: d.speaker.Plugged(), Heard: d.speaker.Heard()},
	}
	if n := len(s.Printer.Sheets); n > 0 {
		s.Printer.Printed = s.Printer.Sheets[n-1].ID
		s.Printer.Sheets = s.Printer.Sheets[max(0, n-20):]
	}
	for st := drivers.Mute; st <= drivers.Unplugged; st++ {
		s.Printer.States[st.String()] = d.printer.Is(st)
	}
	// A list, however empty.
	if s.Speaker.Heard == nil {
		s.Speaker.Heard = []Heard{}
	}
	if s.Printer.Sheets == nil {
		s.Printer.Sheets = []Sheet{}
	}
	for i, l := range d.panel.Lamps() {
		if a := drivers.Action(i); a < drivers.VisitorActions || a == drivers.Staff {
			s.Panel = append(s.Panel, DockLamp{Action: a.String(), Light: l.String()})
		}
	}
	return s
}

func (d dock) serveState(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(d.state()) // the reader went away: nothing to do
}

// serveEvents pushes the state whenever something changed, until the reader or
// the server goes away.
func (d dock) serveEvents(w http.ResponseWriter, r *http.Request) {
	changed := make(chan struct{}, 1)
	defer d.printer.bell.listen(changed)()
	defer d.panel.bell.listen(changed)()
	defer d.speaker.bell.listen(changed)()
	w.Header().Set("Content-Type", "text/event-stream")
	c := http.NewResponseController(w)
	alive := time.NewTicker(dockAlive)
	defer alive.Stop()
	for {
		b, err := json.Marshal(d.state())
		if err != nil {
			return
		}
		// A server's write time-out is for pages, not for a stream.
		_ = c.SetWriteDeadline(time.Now().Add(2 * dockAlive))
		if _, err := fmt.Fprintf(w, "data: %s\n\n", b); err != nil {
			return
		}
		if err := c.Flush(); err != nil {
			return
		}
		pause := time.NewTimer(dockPause)
		select {
		case <-r.Context().Done():
			pause.Stop()
			return
		case <-pause.C:
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		case <-alive.C:
		}
	}
}

// command answers a POST: 204, or 400 with what is wrong.
func (d dock) command(do func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 4096)
		if err := do(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func action(r *http.Request) (drivers.Action, error) {
	a, ok := drivers.ParseAction(r.FormValue("action"))
	if !ok {
		return 0, fmt.Errorf("dock: no action %q; one of back, previous, next, ok, repeat, help, louder, softer", r.FormValue("action"))
	}
	return a, nil
}

func on(r *http.Request) (bool, error) {
	switch v := r.FormValue("on"); v {
	case "1":
		return true, nil
	case "0":
		return false, nil
	default:
		return false, fmt.Errorf("dock: on=%q; want 1 or 0", v)
	}
}

func (d dock) press(r *http.Request) error {
	a, err := action(r)
	if err == nil {
		d.panel.Press(a)
	}
	return err
}

func (d dock) hold(r *http.Request) error {
	a, err := action(r)
	if err != nil {
		return err
	}
	down, err := on(r)
	if err == nil {
		d.panel.Hold(a, down)
	}
	return err
}

func (d dock) setPrinter(r *http.Request) error {
	s, ok := drivers.ParseStatus(r.FormValue("state"))
	if !ok {
		return fmt.Errorf("dock: no state %q of a printer; one of ready, paper_low, no_paper, cover_open, overheated, cutter_jammed, unplugged, mute", r.FormValue("state"))
	}
	yes, err := on(r)
	if err == nil {
		d.printer.Set(s, yes)
	}
	return err
}

func (d dock) jack(r *http.Request) error {
	in, err := on(r)
	if err == nil {
		d.speaker.Plug(in)
	}
	return err
}

func (d dock) profile(r *http.Request) error {
	p, ok := escpos.ProfileNamed(r.FormValue("name"))
	if !ok {
		return fmt.Errorf("dock: no profile %q; one of %s", r.FormValue("name"), strings.Join(escpos.Profiles(), ", "))
	}
	d.printer.Use(p)
	return nil
}

func (d dock) roll(r *http.Request) error {
	mm, err := strconv.Atoi(r.FormValue("mm"))
	if err != nil || mm < 0 || mm > 100_000 {
		return fmt.Errorf("dock: mm=%q; want 0 to 100000", r.FormValue("mm"))
	}
	d.printer.Roll(mm)
	return nil
}

// serveSheet draws a sheet as its dots, from the bytes that the printer read.
func (d dock) serveSheet(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.FormValue("id"))
	sheets := append(d.printer.Sheets(), d.printer.Hanging())
	i := slices.IndexFunc(sheets, func(s Sheet) bool { return s.ID == id })
	if err != nil || i < 0 {
		http.Error(w, "dock: this sheet is not here any more", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_ = png.Encode(w, sheets[i].Image()) // the reader went away: nothing to do
}
