package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
)

// Updates are what the box does about its version. Refusals are *session.Refusal.
type Updates interface {
	// Status is how it stands; false on a box that nobody can update.
	Status() (UpdateStatus, bool)
	// Sticks are the updates on the USB sticks that are plugged in.
	Sticks(context.Context) ([]UpdateFile, error)
	// FromStick and Receive write one beside the version that runs. They return when that is
	// under way, Receive once all of it is here.
	FromStick(stick, name string) error
	Receive(in io.Reader, size int64) error
	// Try and Back start the machine anew: with the version that was written, or with the
	// one before.
	Try(context.Context) error
	Back(context.Context) error
}

// UpdateStatus is how a box stands with its versions.
type UpdateStatus struct {
	Version string
	Trial   bool
	Missing []session.Msg // what it still lacks, on trial
	Ready   string        // the version that waits to be tried, "" for none
	Failed  int           // how often that one was tried in vain
	Before  string        // the version that can be gone back to, "" for none
	Last    *UpdateEnd
	Work    *UpdateWork
	Problem session.Msg // why the last order was not carried out
	Leaving bool        // the machine is about to start anew
	Broken  bool        // the card cannot be updated
}

// UpdateEnd is how the last update ended.
type UpdateEnd struct {
	Kept   bool
	Wanted string      // the version that somebody sent back, "" for none
	Says   session.Msg // what became of it
	Why    session.Msg // the reason of one that was not kept; "" for none
}

// UpdateWork is what goes on, and how far it is: bytes, 0 when it is not measured.
type UpdateWork struct {
	Step     session.Msg
	Done, Of int64
}

// UpdateFile is an update on a stick.
type UpdateFile struct {
	Stick string `json:"stick"`
	Model string `json:"model"`
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// UpdateView is the same for the page of whoever looks after the box, in words.
type UpdateView struct {
	Version string      `json:"version"`
	Text    string      `json:"text"`    // how it stands, "" when there is nothing to say
	Good    bool        `json:"good"`    // the text is good news
	Missing []string    `json:"missing"` // on trial
	Ready   string      `json:"ready"`
	Failed  bool        `json:"failed"` // that one was tried before
	Before  string      `json:"before"`
	Work    *updateWork `json:"work"`
	Problem string      `json:"problem"`
	Busy    bool        `json:"busy"` // nothing can be asked for now
	Open    bool        `json:"open"` // a permanence is under way: later
}

type updateWork struct {
	Text string `json:"text"`
	Done int64  `json:"done"`
	Of   int64  `json:"of"`
}

// MaxUpdate bounds an update that is sent, in bytes: both parts of a slot, uncompressed.
const MaxUpdate = 1 << 30

// receiving is how long the sending of an update may take, over a weak Wi-Fi.
const receiving = 30 * time.Minute

func (s *Server) routeUpdate(mux *http.ServeMux, may gate) {
	if s.cfg.Updates == nil {
		return
	}
	for pattern, serve := range map[string]http.HandlerFunc{
		"GET /api/update":        s.getUpdate,
		"GET /api/update/sticks": s.getUpdateSticks,
		"POST /api/update":       s.postUpdate,
		"POST " + updateFile:     s.postUpdateFile,
	} {
		mux.Handle(pattern, may(pair.Care, serve))
	}
}

// updateFile is where an update is sent to.
const updateFile = "/api/update/file"

func (s *Server) getUpdate(w http.ResponseWriter, _ *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	u, ok := s.cfg.Updates.Status()
	if !ok {
		s.answer(w, session.Answer{}, &session.Refusal{Msg: session.M("update.refuse.none")})
		return
	}
	reply(w, http.StatusOK, s.updateView(u, b.Session.UnderWay()))
}

func (s *Server) updateView(u UpdateStatus, open bool) UpdateView {
	v := UpdateView{Version: u.Version, Missing: []string{}, Ready: u.Ready, Failed: u.Failed > 0, Before: u.Before,
		Problem: s.msg("fr", u.Problem), Busy: u.Trial || u.Leaving || u.Work != nil || u.Broken, Open: open}
	for _, m := range u.Missing {
		v.Missing = append(v.Missing, s.msg("fr", m))
	}
	if u.Work != nil {
		v.Work = &updateWork{s.msg("fr", u.Work.Step), u.Work.Done, u.Work.Of}
	}
	v.Text, v.Good = s.updateText(u)
	return v
}

// updateSays is the one sentence about updates, for this page and for the desk.
func updateSays(u UpdateStatus) (m session.Msg, good bool) {
	switch last := u.Last; {
	case u.Broken:
		return session.M("update.refuse.start"), false
	case u.Leaving:
		return session.M("update.leaving"), true
	case u.Trial:
		return session.M("update.trial"), true
	case u.Ready != "" && u.Failed == 0 && (last == nil || last.Wanted != u.Ready):
		return session.M("update.ready", "version", u.Ready), true
	case last == nil:
		return session.Msg{}, true
	default:
		return last.Says, last.Kept || last.Wanted != ""
	}
}

// updateText is updateSays in words, with the reason of one that was not kept.
func (s *Server) updateText(u UpdateStatus) (text string, good bool) {
	m, good := updateSays(u)
	text = s.msg("fr", m)
	if last := u.Last; last != nil && m.Key == last.Says.Key && last.Why.Key != "" {
		text += " " + s.msg("fr", last.Why)
	}
	return text, good
}

// updatable reports whether this box can be updated.
func (s *Server) updatable() bool {
	if s.cfg.Updates == nil {
		return false
	}
	_, ok := s.cfg.Updates.Status()
	return ok
}

// withUpdate is the devices with what the banner says, for whoever sees no banners.
func (s *Server) withUpdate(devices []device) []device {
	if u, ok := s.updateBanner(); ok {
		devices = append(devices, device{Key: "update", OK: u.Level != "warn", Text: u.Text})
	}
	return devices
}

// updateBanner is what every desk is told of updates: what keeps a permanence from being
// opened, and that the last one was not kept.
func (s *Server) updateBanner() (banner, bool) {
	if s.cfg.Updates == nil {
		return banner{}, false
	}
	u, ok := s.cfg.Updates.Status()
	back := u.Last != nil && !u.Last.Kept && (u.Ready == "" || u.Ready == u.Last.Wanted)
	told := u.Trial || u.Leaving || back || u.Failed > 0
	if !ok || !told {
		return banner{}, false
	}
	text, good := s.updateText(u)
	level := "info"
	if !good {
		level = "warn"
	}
	return banner{"update", level, text, []map[string]any{}}, true
}

func (s *Server) getUpdateSticks(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	found, err := s.cfg.Updates.Sticks(ctx)
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	if found == nil {
		found = []UpdateFile{}
	}
	reply(w, http.StatusOK, map[string]any{"files": found})
}

func (s *Server) postUpdate(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Do    string `json:"do"`
		Stick string `json:"stick"`
		Name  string `json:"name"`
	}
	if !read(w, r, &in) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	var err error
	switch in.Do {
	case "stick":
		err = s.cfg.Updates.FromStick(in.Stick, in.Name)
	case "try":
		err = s.cfg.Updates.Try(ctx)
	case "back":
		err = s.cfg.Updates.Back(ctx)
	default:
		unknown(w, in.Do)
		return
	}
	s.answer(w, session.Answer{}, err)
}

func (s *Server) postUpdateFile(w http.ResponseWriter, r *http.Request) {
	line := http.NewResponseController(w)
	line.SetReadDeadline(time.Now().Add(receiving))
	line.SetWriteDeadline(time.Now().Add(receiving + writeWait))
	s.answer(w, session.Answer{}, s.cfg.Updates.Receive(http.MaxBytesReader(w, r.Body, MaxUpdate), r.ContentLength))
}
