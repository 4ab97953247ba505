package web

import (
	"bytes"
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/agenda"
	"jeudi/firmware/appliance"
	"jeudi/firmware/coop"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
)

func (s *Server) routeAgenda(mux *http.ServeMux, may gate) {
	for pattern, serve := range map[string]http.HandlerFunc{
		"GET /api/agenda":         s.getAgenda,
		"GET /api/agenda/event":   s.getEvent,
		"GET /api/agenda/code":    s.getSeat,
		"GET /api/agenda/export":  s.exportAgenda,
		"POST /api/agenda":        s.postAgenda,
		"POST /api/agenda/import": s.importAgenda,
	} {
		mux.Handle(pattern, may(pair.Agenda, serve))
	}
}

// ahead is how far a calendar is looked at.
const ahead = 366 * 24 * time.Hour

// agenda is what is to come, with the time that can be trusted; nil, and an answer,
// when there is none.
func (s *Server) agenda(w http.ResponseWriter, r *http.Request) (a appliance.Agenda, now time.Time) {
	b := s.snapshot(w)
	if b == nil {
		return nil, now
	}
	if a = s.cfg.Box.Agenda(); a == nil {
		s.busy(w)
		return nil, now
	}
	now, err := s.cfg.Box.Day(r.Context())
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return nil, now
	}
	return a, now
}

// eventView is an event in the words and the zone of the place.
type eventView struct {
	ID     session.ID   `json:"id"`
	Kind   agenda.Kind  `json:"kind"`
	What   string       `json:"what"` // its title, or what it is
	Title  string       `json:"title"`
	Day    string       `json:"day"` // in words
	Hours  string       `json:"hours"`
	Date   string       `json:"date"` // as a form has them
	From   string       `json:"from"`
	Until  string       `json:"until"`
	Room   string       `json:"room"`
	Themes []coop.Theme `json:"themes"`
	Seats  int          `json:"seats"`
	Taken  int          `json:"taken"`
	Came   int          `json:"came"`
	Free   int          `json:"free"`
	Begun  bool         `json:"begun"` // it may be ended
	Over   bool         `json:"over"`
}

func (s *Server) eventView(o agenda.Offer, now time.Time) eventView {
	zone := s.cfg.Box.Snapshot().Zone()
	from, until := o.Event.From.In(zone), o.Event.Until.In(zone)
	v := eventView{ID: o.ID, Kind: o.Kind, Title: o.Title, What: o.Title, Room: o.Room, Themes: o.Themes, Seats: o.Seats, Taken: o.Taken, Came: o.Came, Free: o.Free(),
		Day:   s.text("desk.agenda_day", map[string]any{"at": from}),
		Hours: s.text("places.hours_span", map[string]any{"from": from, "until": until}),
		Date:  from.Format(time.DateOnly), From: from.Format("15:04"), Until: until.Format("15:04"),
		Begun: now.IsZero() || !from.After(now), Over: !now.IsZero() && !until.After(now)}
	if v.What == "" {
		v.What = s.text("desk.agenda_kind."+string(o.Kind), nil)
	}
	if v.Themes == nil {
		v.Themes = []coop.Theme{}
	}
	return v
}

// getAgenda lists what is to come, and what is over and waits to be ended.
func (s *Server) getAgenda(w http.ResponseWriter, r *http.Request) {
	a, now := s.agenda(w, r)
	if a == nil {
		return
	}
	var from time.Time
	if !now.IsZero() {
		from = now.Add(-agenda.Late)
	}
	list, err := a.Offers(from, time.Time{})
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	out := struct {
		Events []eventView `json:"events"`
		Kinds  []label     `json:"kinds"`
		Rooms  []string    `json:"rooms,omitempty"` // the places of an itinerant box, to choose from
		Themes []label     `json:"themes"`
	}{Events: []eventView{}, Kinds: []label{}, Themes: append(values(coop.Themes()), values(coop.Procedures())...)}
	for _, o := range list {
		out.Events = append(out.Events, s.eventView(o, now))
	}
	var stops []appliance.Stop
	if b := s.cfg.Box.Snapshot(); b != nil {
		stops = b.Stops()
	}
	for _, stop := range stops {
		room := stop.Name
		if stop.Address != "" {
			room += ", " + stop.Address
		}
		out.Rooms = append(out.Rooms, room)
	}
	for _, k := range agenda.Kinds() {
		out.Kinds = append(out.Kinds, label{string(k), s.text("desk.agenda_kind."+string(k), nil)})
	}
	reply(w, http.StatusOK, out)
}

// offer is an event and how many of its seats are given.
func offer(a appliance.Agenda, id session.ID) (agenda.Offer, error) {
	list, err := a.Offers(time.Time{}, time.Time{})
	if i := slices.IndexFunc(list, func(o agenda.Offer) bool { return o.ID == id }); err == nil && i >= 0 {
		return list[i], nil
	}
	if err == nil {
		err = agenda.ErrNoEvent
	}
	return agenda.Offer{}, err
}

func (s *Server) getEvent(w http.ResponseWriter, r *http.Request) {
	a, now := s.agenda(w, r)
	if a == nil {
		return
	}
	var id session.ID
	if err := id.UnmarshalText([]byte(r.URL.Query().Get("id"))); err != nil {
		s.answer(w, session.Answer{}, agenda.ErrNoEvent)
		return
	}
	o, err := offer(a, id)
	var seats []agenda.Seat
	if err == nil {
		seats, err = a.Seats(id)
	}
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	type seat struct {
		Code string `json:"code"`
		Came bool   `json:"came"`
	}
	out := struct {
		eventView
		Codes []seat `json:"codes"`
	}{s.eventView(o, now), []seat{}}
	for _, given := range seats {
		out.Codes = append(out.Codes, seat{given.Code, given.Came})
	}
	reply(w, http.StatusOK, out)
}

// getSeat is the event that a code is for.
func (s *Server) getSeat(w http.ResponseWriter, r *http.Request) {
	a, now := s.agenda(w, r)
	if a == nil {
		return
	}
	typed := r.URL.Query().Get("code")
	o, came, err := a.Find(typed)
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	code, _ := ledger.TidyCode(typed)
	reply(w, http.StatusOK, map[string]any{"code": code, "came": came, "event": s.eventView(o, now)})
}

func (s *Server) exportAgenda(w http.ResponseWriter, r *http.Request) {
	a, now := s.agenda(w, r)
	if a == nil {
		return
	}
	list, err := a.Offers(now, time.Time{})
	var out bytes.Buffer
	if err == nil {
		var events []agenda.Event
		for _, o := range list {
			events = append(events, o.Event)
		}
		err = agenda.Write(&out, events, s.now(), func(e agenda.Event) string { return s.text("desk.agenda_kind."+string(e.Kind), nil) })
	}
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="agenda.ics"`)
	w.Write(out.Bytes())
}

// eventForm is an event as staff write it, in the zone of the place.
type eventForm struct {
	ID     session.ID   `json:"id"` // zero for a new one
	Kind   agenda.Kind  `json:"kind"`
	Title  string       `json:"title"`
	Date   string       `json:"date"`
	From   string       `json:"from"`
	Until  string       `json:"until"`
	Room   string       `json:"room"`
	Themes []coop.Theme `json:"themes"`
	Seats  int          `json:"seats"`
}

// event is the event of a form; what is not a time stays zero, which Check refuses.
func (f eventForm) event(zone *time.Location) agenda.Event {
	e := agenda.Event{ID: f.ID, Kind: f.Kind, Title: f.Title, Room: f.Room, Themes: f.Themes, Seats: f.Seats}
	at := func(clock string) time.Time {
		t, err := time.ParseInLocation(time.DateOnly+" 15:04", f.Date+" "+clock, zone)
		if err != nil {
			return time.Time{}
		}
		return t
	}
	e.From, e.Until = at(f.From), at(f.Until)
	return e
}

func (s *Server) postAgenda(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID     session.ID `json:"id"`
		Do     string     `json:"do"`
		Event  session.ID `json:"event"`
		Form   eventForm  `json:"form"`
		Code   string     `json:"code"`
		Came   bool       `json:"came"`
		More   int        `json:"more"`
		Anyway bool       `json:"anyway"`
		Lang   string     `json:"lang"`
		Large  bool       `json:"large"`
	}
	if !readForm(w, r, &in) || !identified(w, in.ID) {
		return
	}
	a := s.cfg.Box.Agenda()
	if b := s.snapshot(w); b == nil {
		return
	} else if a == nil {
		s.busy(w)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	out := map[string]any{"ok": true}
	var run func() error
	switch in.Do {
	case "put":
		if in.Form.ID.IsZero() {
			in.Form.ID = derived(in.ID)
		}
		event := in.Form.event(s.cfg.Box.Snapshot().Zone())
		if problems := event.Check(); len(problems) > 0 {
			s.wrongEvent(w, problems)
			return
		}
		out["event"] = event.ID
		run = func() error { return a.Put(event) }
	case "remove":
		run = func() error { return a.Remove(in.Event, in.Anyway) }
	case "reserve":
		run = func() error {
			code, err := s.cfg.Box.ReserveSeat(ctx, in.Event, in.Lang, in.Large)
			out["code"] = code
			return err
		}
	case "print":
		run = func() error { return s.cfg.Box.PrintSeat(ctx, in.Code, in.Lang, in.Large) }
	case "cancel":
		run = func() error { return a.Cancel(in.Code) }
	case "came":
		run = func() error { return a.Came(in.Code, in.Came) }
	case "end":
		run = func() error {
			past, err := s.cfg.Box.EndEvent(ctx, in.Event, max(0, in.More))
			out["participants"] = past.Participants
			return err
		}
	default:
		unknown(w, in.Do)
		return
	}
	if err := s.repeats.do(in.ID, run); err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	reply(w, http.StatusOK, out)
}

// wrongEvent says what of a form cannot stay, field by field.
func (s *Server) wrongEvent(w http.ResponseWriter, problems []coop.Problem) {
	type wrong struct {
		Column string `json:"column"`
		Text   string `json:"text"`
	}
	list := []wrong{}
	for _, p := range problems {
		list = append(list, wrong{p.Field, s.msg("fr", p.Msg)})
	}
	reply(w, http.StatusConflict, map[string]any{"error": list[0].Text, "key": problems[0].Msg.Key, "problems": list})
}

// importAgenda takes a calendar as it is. What its events are, the form says for those
// that do not say so themselves.
func (s *Server) importAgenda(w http.ResponseWriter, r *http.Request) {
	a, now := s.agenda(w, r)
	if a == nil {
		return
	}
	ask := r.URL.Query()
	kind := agenda.Kind(ask.Get("kind"))
	if !slices.Contains(agenda.Kinds(), kind) {
		s.answer(w, session.Answer{}, session.ErrUnknownChoice)
		return
	}
	b := s.cfg.Box.Snapshot()
	if now.IsZero() {
		s.answer(w, session.Answer{}, &session.Refusal{Msg: session.M("refuse.agenda_clock")})
		return
	}
	seats := 1
	if kind == agenda.Workshop {
		seats = usualSeats
	}
	line := http.NewResponseController(w)
	line.SetReadDeadline(time.Now().Add(importing))
	line.SetWriteDeadline(time.Now().Add(importing + writeWait))
	until := now.Add(ahead)
	calendar, err := agenda.Read(http.MaxBytesReader(w, r.Body, maxCalendar), agenda.Reading{Zone: b.Zone(), From: now, Until: until, Kind: kind, Seats: seats})
	var m agenda.Merged
	if err == nil {
		// Programs call every file they write the same: a calendar is known by what it is
		// called in it and what it is read as, too. What is missing is removed, unless some
		// of the calendar could not be read.
		source, from := strings.ToLower(strings.Join([]string{filepath.Base(ask.Get("name")), calendar.Name, string(kind)}, "/")), now
		if !calendar.Whole() {
			from = until
		}
		m, err = a.Merge(source, from, until, calendar.Events)
	}
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	out := struct {
		Added   int         `json:"added"`
		Changed int         `json:"changed"`
		Same    int         `json:"same"`
		Removed int         `json:"removed"`
		Notes   []string    `json:"notes"`
		Moved   []eventView `json:"moved"`
		Missing []eventView `json:"missing"`
	}{m.Added, m.Changed, m.Same, m.Removed, []string{}, []eventView{}, []eventView{}}
	for _, note := range calendar.Msgs() {
		out.Notes = append(out.Notes, s.msg("fr", note))
	}
	for _, o := range m.Moved {
		out.Moved = append(out.Moved, s.eventView(o, now))
	}
	for _, o := range m.Missing {
		out.Missing = append(out.Missing, s.eventView(o, now))
	}
	reply(w, http.StatusOK, out)
}

const (
	maxCalendar = 4<<20 + 1 // the room's own bound, and one more to be over it
	usualSeats  = 8         // of a workshop whose calendar does not say
)
