package web

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

// What frames a morning: whether all is ready, what the time is, what was counted on
// paper, and the mornings before.
func (s *Server) routeFrame(mux *http.ServeMux, may gate) {
	for pattern, route := range map[string]struct {
		needs pair.Capability
		serve http.HandlerFunc
	}{
		"GET /api/time":    {pair.OpenClose, s.getTime},
		"GET /api/ready":   {pair.OpenClose, s.getReady},
		"GET /api/frame":   {pair.OpenClose, s.getFrame},
		"GET /api/reports": {pair.OpenClose, s.getReports},
	} {
		mux.Handle(pattern, may(route.needs, route.serve))
	}
}

// timeView is what a page asks whoever holds a phone about the time.
type timeView struct {
	Ask   bool   `json:"ask"`   // nobody vouches for the box's time, or the phone has another
	Sure  bool   `json:"sure"`  // somebody vouches for the box's
	Phone string `json:"phone"` // the sentence to say yes to
	Box   string `json:"box"`   // what the box would say
}

// timeView holds a phone's time, in milliseconds since 1970, against the box's.
func (s *Server) timeView(b *appliance.Snapshot, at int64) timeView {
	phone, now := time.UnixMilli(at), s.cfg.Box.Moment().Wall // the newest snapshot may be a quiet hour old
	v := timeView{Sure: b.Sure(), Ask: b.Differs(phone, now) || b.Speed() == 1 && !b.Sure()}
	v.Phone = s.text("desk.time_is", map[string]any{"when": phone.In(b.Zone()), "year": phone.In(b.Zone()).Year()})
	v.Box = s.text("desk.time_is", map[string]any{"when": now.In(b.Zone()), "year": now.In(b.Zone()).Year()})
	return v
}

// askedAt is the time of the phone that asks; ok is false when it says none.
func askedAt(w http.ResponseWriter, r *http.Request) (at int64, ok bool) {
	at, err := strconv.ParseInt(r.URL.Query().Get("at_ms"), 10, 64)
	if err != nil {
		fail(w, http.StatusBadRequest, "at_ms is missing: the time of who asks, in milliseconds since 1970")
	}
	return at, err == nil
}

func (s *Server) getTime(w http.ResponseWriter, r *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	if at, ok := askedAt(w, r); ok {
		reply(w, http.StatusOK, s.timeView(b, at))
	}
}

// readyLine is something that is to be well before a morning.
type readyLine struct {
	Key  string `json:"key"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	More string `json:"more"`
	// Do is what may be done about it: an order of the desk, or "selftest".
	Do    string `json:"do"`
	Label string `json:"label"`
}

// onDuty is a desk, and whether somebody is there.
type onDuty struct {
	Label string   `json:"label"`
	Roles []string `json:"roles"`
	There bool     `json:"there"`
	Text  string   `json:"text"`
}

// readyView is « Prêt ? » on one page.
type readyView struct {
	Ready bool        `json:"ready"`
	Title string      `json:"title"`
	Time  timeView    `json:"time"`
	Lines []readyLine `json:"lines"`
	Desks []onDuty    `json:"desks"`
	Tells []string    `json:"tells"` // of the last permanence
}

func (s *Server) getReady(w http.ResponseWriter, r *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	if at, ok := askedAt(w, r); ok {
		reply(w, http.StatusOK, s.readyView(b, at))
	}
}

func (s *Server) readyView(b *appliance.Snapshot, at int64) readyView {
	v := readyView{Ready: true, Time: s.timeView(b, at), Desks: []onDuty{}, Tells: []string{}}
	add := func(l readyLine) {
		v.Lines = append(v.Lines, l)
		v.Ready = v.Ready && l.OK
	}
	add(readyLine{Key: "time", OK: !v.Time.Ask, Text: v.Time.Box})
	if v.Time.Ask {
		v.Lines[0].Text = s.text("desk.ready_time", nil)
	}

	stands := b.Standing()
	box := readyLine{Key: "box", OK: stands.Ready, Text: s.text("desk.ready_box", nil), Do: "selftest", Label: s.text("desk.selftest", nil)}
	if !stands.Ready {
		box.Text = s.text("desk.ready_box_not", nil)
		for i, m := range stands.Missing {
			box.More += [2]string{"", " "}[min(i, 1)] + s.msg("fr", m)
		}
	}
	add(box)

	state, _ := b.PrinterState()
	p := s.printer(b)
	add(readyLine{Key: "paper", OK: p.OK && state != "paper_low", Text: p.Text, Do: p.Do, Label: p.Label})

	// The zero report: what is counted before the first visitor.
	zero, issued := readyLine{Key: "zero", OK: true, Text: s.text("desk.ready_zero", nil)}, b.Session.Totals.Issued
	switch st := b.Session; {
	case st.AtAnotherBox():
		zero.OK, zero.Text = false, s.text("banner.moved", nil)
	case st.LeftOpen(b.Now):
		zero.OK, zero.Text = false, s.text("desk.ready_left_open", map[string]any{"when": st.Plan.From.In(b.Zone())})
	case st.Status == session.Planned && issued > 0:
		zero.Text = s.text("desk.ready_taken", map[string]any{"n": issued})
	case st.Status == session.Open || st.Status == session.Paused:
		zero.Text = s.text("desk.ready_open", map[string]any{"n": issued})
	}
	add(zero)

	for _, d := range b.Desks() {
		duty := onDuty{Label: d.Label, Roles: []string{}, There: b.Screens(d.Key) > 0, Text: s.text("desk.duty_nobody", nil)}
		for _, role := range d.Roles {
			duty.Roles = append(duty.Roles, s.text("role."+string(role), nil))
		}
		if duty.There {
			duty.Text = s.text("desk.duty_there", nil)
		}
		v.Desks = append(v.Desks, duty)
	}
	for _, m := range b.Tells() {
		v.Tells = append(v.Tells, s.msg("fr", m))
	}
	v.Title = s.text("desk.ready_not", nil)
	if v.Ready {
		v.Title = s.text("desk.ready_yes", nil)
	}
	return v
}

// getFrame are the closed lists of the catch-up.
func (s *Server) getFrame(w http.ResponseWriter, r *http.Request) {
	b := s.snapshot(w)
	if b == nil {
		return
	}
	out := struct {
		Motifs   []label `json:"motifs"`
		Outcomes []label `json:"outcomes"`
		OnPaper  int     `json:"on_paper"` // entered so far
	}{Motifs: []label{}, OnPaper: b.Session.Totals.OnPaper}
	for _, m := range b.Motifs() {
		out.Motifs = append(out.Motifs, label{m.Key, s.text("motif."+m.Key, nil)})
	}
	out.Motifs = append(out.Motifs, label{"", s.text("motif.none", nil)})
	for _, o := range session.PaperOutcomes() {
		out.Outcomes = append(out.Outcomes, label{string(o), s.text("outcome."+string(o), nil)})
	}
	reply(w, http.StatusOK, out)
}

// pastShown bounds the list of closed permanences: a year of Thursdays.
const pastShown = 52

// pastView is a closed permanence, as a line.
type pastView struct {
	ID     session.ID `json:"id"`
	Text   string     `json:"text"`
	Issued int        `json:"issued"`
	// Reopen: it is the last one, none is under way, and whoever asks may.
	Reopen bool `json:"reopen"`
}

// past are the box and its closed permanences; nil is answered already.
func (s *Server) past(w http.ResponseWriter) (*appliance.Snapshot, []ledger.Entry) {
	b := s.snapshot(w)
	if b == nil {
		return nil, nil
	}
	entries, err := s.cfg.Box.Past()
	if err != nil {
		s.cfg.Logger.Error("ledger not read", "err", err)
		s.busy(w)
		return nil, nil
	}
	return b, entries
}

func (s *Server) getReports(w http.ResponseWriter, r *http.Request) {
	b, entries := s.past(w)
	if b == nil {
		return
	}
	resting := !b.Session.UnderWay()
	out := struct {
		Reports []pastView `json:"reports"`
	}{[]pastView{}}
	for i := len(entries) - 1; i >= max(0, len(entries)-pastShown); i-- {
		e := entries[i]
		from := e.From.In(b.Zone())
		out.Reports = append(out.Reports, pastView{ID: e.ID, Issued: e.Totals.Issued, Text: s.text("desk.report_of", map[string]any{"when": from, "year": from.Year()}),
			Reopen: i == len(entries)-1 && resting && !b.Owed && may(r, pair.Reopen)})
	}
	reply(w, http.StatusOK, out)
}

// framing is what a desk may order of the frame.
func (s *Server) framing(ctx context.Context, o deskOrder) (run func() error, ok bool) {
	box := s.cfg.Box
	switch o.Do {
	case "confirm_time":
		return func() error { return box.ConfirmTime(ctx, time.UnixMilli(o.AtMS)) }, true
	case "print_fallback":
		return func() error { return box.PrintFallback(ctx) }, true
	case "print_report":
		return func() error { return box.PrintReport(ctx, o.Permanence, max(o.Copies, 1)) }, true
	case "reopen":
		// Whoever may not has been refused: see orders.
		return func() error { return box.Reopen(ctx, o.ID, o.Desk, true) }, true
	case "export_log":
		return func() error { return s.exportLog(ctx) }, true
	}
	return nil, false
}

// errNoStick is returned when no stick is there, or none can be written to.
var errNoStick = &session.Refusal{Msg: session.M("refuse.no_stick")}

// exportLog writes what went wrong to the first USB stick that takes it. What lies
// outside the stick is not touched.
func (s *Server) exportLog(ctx context.Context) error {
	if s.cfg.Problems == nil {
		return errNoStick
	}
	lines, err := s.cfg.Problems()
	if err != nil {
		return err
	}
	name := "jeudi-journal-" + s.now().Format("2006-01-02-150405") + ".txt"
	if p := s.cfg.Plugged; p != nil && p.There() {
		if err := p.Put(ctx, name, lines); err != nil {
			return err
		}
		s.cfg.Logger.Info("problems exported")
		return nil
	}
	for _, pattern := range s.cfg.Sticks {
		found, _ := filepath.Glob(pattern)
		for _, dir := range found {
			if err := writeStick(dir, name, lines); err == nil {
				s.cfg.Logger.Info("problems exported")
				return nil
			}
		}
	}
	return errNoStick
}

// writeStick writes a file that is on the stick when it returns: sticks are pulled.
func writeStick(dir, name string, data []byte) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.Create(name)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if other := f.Close(); err == nil {
		err = other
	}
	if err != nil {
		root.Remove(name)
	}
	return err
}

// may reports whether whoever asks has a capability.
func may(r *http.Request, c pair.Capability) bool {
	who, _ := guard.Who(r.Context())
	return who.Role.May(c)
}
