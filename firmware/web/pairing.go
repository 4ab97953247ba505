package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/directory"
	"jeudi/firmware/intake"
	"jeudi/firmware/session"
	"jeudi/firmware/web/cert"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

// Staff is how paired screens reach the box.
type Staff struct {
	// Address is what the QR code gives, with the port if it is not the usual one:
	// "10.3.141.1".
	Address     string
	Name        string // a host name besides, "" for none
	Fingerprint cert.Fingerprint
	Clock       func() time.Time // time.Now when nil
}

// afterClose is how long pairings outlive a closing: its report is read, and printed
// again if the paper was out.
const afterClose = 2 * time.Minute

// The sockets that one paired screen may hold, and all of them.
const desksEach, desksAll = 6, 120

// openStaff makes the staff's listener, where the box has one.
func (s *Server) openStaff() {
	s.staff = http.NotFoundHandler()
	if s.cfg.Staff == nil {
		return
	}
	s.print = s.cfg.Staff.Fingerprint
	s.door = s.newDoor(s.cfg.Staff)
	lan := guard.Config{Pace: guard.UsualPace()}
	if s.cfg.Staff.Name != "" {
		lan.Names = []string{s.cfg.Staff.Name}
	}
	s.staff = s.guarded(lan, s.routesOfStaff())
}

// Staff serves paired screens; it is for a listener with TLS. Nothing is there where
// nobody pairs.
func (s *Server) Staff() http.Handler { return s.staff }

// routesOfStaff are those of paired screens. Pages and words are the same for
// everybody and hold nothing of anybody; whatever does is behind the door.
func (s *Server) routesOfStaff() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", s.page("pair/index.html"))
	mux.Handle("GET /desk", s.page("desk/index.html"))
	mux.Handle("GET /guide", http.RedirectHandler("/guide/", http.StatusFound)) // its links are relative
	mux.Handle("GET /guide/{$}", s.page("guide/index.html"))
	for _, dir := range []string{"pair", "desk", "guide", "lib", "phone"} {
		mux.Handle("GET /"+dir+"/", http.HandlerFunc(s.file))
	}
	mux.HandleFunc("GET /words/{surface}", s.words)
	mux.HandleFunc("GET /api/roles", s.getRoles)
	mux.HandleFunc("POST /api/pair", s.door.PostPair)
	mux.HandleFunc("POST /api/escrow/lost", s.postLost)
	s.routeDesk(mux, s.door.Staff)
	return mux
}

// gate admits whoever has a capability.
type gate func(pair.Capability, http.Handler) http.Handler

// routeDesk are the desk's routes, on this machine and on the staff's listener. What
// all roles have in common is UnpairAll: orders and views look at the role themselves.
func (s *Server) routeDesk(mux *http.ServeMux, may gate) {
	for pattern, route := range map[string]struct {
		needs pair.Capability
		serve http.HandlerFunc
	}{
		"GET /ws/desk":              {pair.UnpairAll, s.pooled(s.desks, paired, s.watchDesk)},
		"POST /api/desk":            {pair.UnpairAll, s.postDesk},
		"GET /api/me":               {pair.UnpairAll, s.getMe},
		"POST /api/connected":       {pair.UnpairAll, s.postConnected},
		"POST /api/escrow":          {pair.Escrow, s.postEscrow},
		"GET /api/selftest":         {pair.Devices, s.getSelfTest},
		"GET /api/selftest/reports": {pair.Devices, s.getSelfTests},
	} {
		mux.Handle(pattern, may(route.needs, route.serve))
	}
	s.routePlaces(mux, may)
	s.routeWork(mux, may)
	s.routeFrame(mux, may)
	s.routeStatistics(mux, may)
	s.routeAgenda(mux, may)
	s.routeUpdate(mux, may)
	s.routeCare(mux, may)
}

// guarded is a listener's guards, with words for who is refused.
func (s *Server) guarded(c guard.Config, next http.Handler) http.Handler {
	c.MaxBody, c.Refuse = maxForm, s.refuseMsg
	c.Large = map[string]int64{"/api/places/import": directory.MaxFile + 1, "/api/agenda/import": maxCalendar, updateFile: MaxUpdate}
	return guard.Wrap(c, next)
}

// refuseMsg answers with the words of a message.
func (s *Server) refuseMsg(w http.ResponseWriter, status int, m session.Msg) {
	reply(w, status, map[string]string{"error": s.msg("fr", m), "key": m.Key})
}

// newDoor is the door of the staff's listener.
func (s *Server) newDoor(staff *Staff) *guard.Door {
	return guard.NewDoor(guard.DoorConfig{
		Busy: s.receiving, Refuse: s.refuseMsg, Changed: s.doorChanged,
		Fingerprint: staff.Fingerprint.Head(), Clock: staff.Clock,
	})
}

// receiving reports whether somebody is called to a desk or received there. It reads
// a snapshot: the door asks it under its lock.
func (s *Server) receiving(desk string) bool {
	b := s.cfg.Box.Snapshot()
	if b == nil {
		return false
	}
	_, busy := b.Session.AtDesk(desk)
	return busy
}

// doorChanged has screens drawn again, now and when what the kiosk shows is over.
func (s *Server) doorChanged() {
	s.cfg.Box.Refresh()
	if end := s.door.Shown().Ends(); !end.IsZero() {
		time.AfterFunc(end.Sub(s.doorNow())+50*time.Millisecond, s.cfg.Box.Refresh)
	}
}

// doorNow is the time as the door has it, which is not that of a permanence on a
// clock that hurries.
func (s *Server) doorNow() time.Time {
	if s.cfg.Staff.Clock != nil {
		return s.cfg.Staff.Clock()
	}
	return time.Now()
}

// Run locks screens and ends pairings in time, and all of them after a closing. It
// returns when its context ends, at once where nobody pairs.
func (s *Server) Run(ctx context.Context) {
	if s.door == nil {
		return
	}
	closing := make(chan struct{})
	go func() { defer close(closing); s.endAtClose(ctx) }()
	s.door.Run(ctx)
	<-closing
}

// endAtClose ends every pairing some time after a permanence was closed, unless it
// was opened again meanwhile.
func (s *Server) endAtClose(ctx context.Context) {
	var due <-chan time.Time
	open := false
	for snapshots := s.cfg.Box.Watch(ctx); ; {
		select {
		case <-ctx.Done():
			return
		case <-due:
			due = nil
			s.door.EndAll()
		case b := <-snapshots:
			switch b.Session.Status {
			case session.Open, session.Paused:
				open, due = true, nil
			default:
				if open {
					open, due = false, time.After(afterClose)
				}
			}
		}
	}
}

// Renew is for a certificate that was made anew.
func (s *Server) Renew(f cert.Fingerprint) {
	s.entry.Lock()
	s.print = f
	s.entry.Unlock()
	s.door.Renew(f.Head())
}

func (s *Server) fingerprint() cert.Fingerprint {
	s.entry.Lock()
	defer s.entry.Unlock()
	return s.print
}

// Offer has the kiosk show the code for a phone of the staff, where they pair.
func (s *Server) Offer() {
	if s.door != nil {
		s.door.Offer()
	}
}

// postPairing is what the kiosk does about pairing.
func (s *Server) postPairing(w http.ResponseWriter, r *http.Request) {
	if s.door == nil {
		s.refuseMsg(w, http.StatusConflict, errNoStaff.Msg)
		return
	}
	s.door.PostKiosk(w, r)
}

var errNoStaff = &session.Refusal{Msg: session.M("refuse.pair_off")}

// KioskPairing is what the kiosk shows while a phone is connected: for staff, in
// French, and never spoken.
type KioskPairing struct {
	Stage   string       `json:"stage"` // offer, confirm or pin
	Title   string       `json:"title"`
	Text    string       `json:"text"`
	QR      *QRView      `json:"qr,omitempty"`
	Address string       `json:"address,omitempty"`
	Print   string       `json:"print,omitempty"`
	Number  int          `json:"number,omitempty"`
	LeftMS  int64        `json:"left_ms"`
	Erase   string       `json:"erase,omitempty"` // the key that takes a digit back
	Buttons []PairButton `json:"buttons"`
}

// PairButton is something to touch: Do is for POST /api/pairing.
type PairButton struct {
	Do    string `json:"do"`
	Label string `json:"label"`
	Main  bool   `json:"main"`
}

// withPairing lays pairing over the kiosk's screen, and its beginning under the
// settings.
func (s *Server) withPairing(v KioskView) KioskView {
	if s.door == nil {
		return v
	}
	if v.ID == string(intake.Settings) { // visitors look for nothing there
		v.Team = s.text("pair.team", nil)
		v.Wifi = s.kioskWifi()
	}
	shown := s.door.Shown()
	left := func(end time.Time) int64 { return max(0, end.Sub(s.doorNow()).Milliseconds()) }
	address := "https://" + s.staffAddress()
	shut := PairButton{"withdraw", s.text("pair.close", nil), false}
	switch {
	case shown.Number != 0 && !shown.Vouching:
		v.Pairing = &KioskPairing{Stage: "confirm", Title: s.text("pair.confirm_title", nil), Number: shown.Number, LeftMS: left(shown.AskUntil),
			Text:    s.text("pair.confirm_text", map[string]any{"role": s.text("role."+string(shown.Role), nil)}),
			Buttons: []PairButton{{"confirm", s.text("pair.yes", nil), true}, {"refuse", s.text("pair.no", nil), false}}}
	case shown.Fragment != "" && s.staffAddress() == "":
		// Nobody can reach the box yet: a code would lead nowhere.
		v.Pairing = &KioskPairing{Stage: "offer", Title: s.text("pair.no_network_title", nil), Text: s.text("pair.no_network", nil), LeftMS: left(shown.Until),
			Buttons: []PairButton{shut}}
	case shown.Fragment != "":
		v.Wifi = s.kioskWifi()
		v.Pairing = &KioskPairing{Stage: "offer", Title: s.text("pair.offer_title", nil), Text: s.text("pair.offer_text", nil), LeftMS: left(shown.Until),
			QR: qrView(address + "/" + shown.Fragment), Address: address,
			Print:   s.text("pair.print", map[string]any{"text": s.fingerprint().Short()}),
			Buttons: []PairButton{{"pin", s.text("pair.use_pin", nil), false}, shut}}
	case !shown.PINUntil.IsZero():
		v.Pairing = &KioskPairing{Stage: "pin", Title: s.text("pair.pin_title", nil), Text: s.text("pair.pin_text", nil), LeftMS: left(shown.PINUntil),
			Address: address, Print: s.text("pair.print", map[string]any{"text": s.fingerprint().Short()}),
			Erase: s.text("pair.erase", nil), Buttons: []PairButton{shut}}
	}
	return v
}

// connectedView is which screens are paired; every desk sees it.
type connectedView struct {
	Me      pair.ID           `json:"me"` // 0 on the box's own machine
	Devices []connectedDevice `json:"devices"`
	Ask     *askView          `json:"ask"` // who needs the yes of a paired screen
}

type connectedDevice struct {
	ID     pair.ID `json:"id"`
	Role   string  `json:"role"`
	Desk   string  `json:"desk"` // its label, "" before it chose
	At     string  `json:"at"`   // since when, as a clock shows it
	Locked bool    `json:"locked"`
}

type askView struct {
	Number int    `json:"number"`
	Role   string `json:"role"`
}

// connected is nil where nobody pairs.
func (s *Server) connected(b *appliance.Snapshot, me pair.Session) *connectedView {
	if s.door == nil {
		return nil
	}
	v := &connectedView{Me: me.ID, Devices: []connectedDevice{}}
	for _, p := range s.door.Sessions() {
		v.Devices = append(v.Devices, connectedDevice{p.ID, s.text("role."+string(p.Role), nil), deskLabel(b, p.Desk), timeOfDay(p.Paired.In(b.Zone())), p.Locked})
	}
	if shown := s.door.Shown(); shown.Vouching && me.Role.May(pair.Vouch) {
		v.Ask = &askView{shown.Number, s.text("role."+string(shown.Role), nil)}
	}
	return v
}

// postConnected is what any desk may do about the others.
func (s *Server) postConnected(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID     session.ID `json:"id"`
		Do     string     `json:"do"`
		Who    pair.ID    `json:"who"`
		Number int        `json:"number"`
		Lost   bool       `json:"lost"` // with an end: the device may be in other hands
	}
	if !read(w, r, &in) {
		return
	}
	if s.door == nil {
		s.refuseMsg(w, http.StatusConflict, errNoStaff.Msg)
		return
	}
	// The second yes is a colleague's: whoever stands at the box said the first one there,
	// and a guest is none.
	if who, _ := guard.Who(r.Context()); (in.Do == "vouch" || in.Do == "doubt") && (who.ID == 0 && !s.cfg.Alone || !who.Role.May(pair.Vouch)) {
		s.refused(w, pair.ErrRole)
		return
	}
	var err error
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	switch in.Do {
	case "end":
		if in.Lost && in.Who != 0 {
			err = s.lose(ctx, in.Who)
		}
		s.door.End(in.Who)
	case "end_all":
		if in.Lost {
			err = s.lose(ctx, 0)
		}
		s.door.EndAll()
	case "vouch":
		err = s.door.Vouch(in.Number)
	case "doubt":
		err = s.door.Doubt(in.Number)
	default:
		unknown(w, in.Do)
		return
	}
	s.answer(w, session.Answer{}, err)
}

// getMe answers a page as whom it is here, and what it may do: a page asks it when
// its line is cut, since a socket does not say why.
func (s *Server) getMe(w http.ResponseWriter, r *http.Request) {
	who, _ := guard.Who(r.Context())
	out := struct {
		Role   pair.Role         `json:"role"`
		Label  string            `json:"label"`
		May    []pair.Capability `json:"may"`
		Orders []string          `json:"orders"`
	}{who.Role, s.text("role."+string(who.Role), nil), []pair.Capability{}, []string{}}
	for _, c := range pair.Capabilities() {
		if who.Role.May(c) && (c != pair.Care || s.helped() && s.cares(who)) {
			out.May = append(out.May, c)
		}
	}
	for do, c := range orders() {
		if who.Role.May(c) {
			out.Orders = append(out.Orders, do)
		}
	}
	slices.Sort(out.Orders)
	reply(w, http.StatusOK, out)
}

// cares reports whether whoever asks may look after the machine. Where staff pair their
// screens, nobody at the box itself may: its own browser is in the hands of visitors, and
// so is a keyboard that is plugged in.
func (s *Server) cares(who pair.Session) bool {
	return who.Role.May(pair.Care) && (who.ID != 0 || s.cfg.Alone)
}

// helped reports whether anybody does for the box what only root can: not on a laptop. The
// steward may come up after the box, and then updates find him.
func (s *Server) helped() bool {
	if s.cfg.Care != nil || s.cfg.Updates == nil {
		return s.cfg.Care != nil
	}
	_, known := s.cfg.Updates.Status()
	return known
}

// getRoles are the roles that a phone may come in as.
func (s *Server) getRoles(w http.ResponseWriter, r *http.Request) {
	list := []label{}
	for _, role := range pair.Roles() {
		list = append(list, label{string(role), s.text("role."+string(role), nil)})
	}
	reply(w, http.StatusOK, list)
}

// paired is the paired screen that a request comes from, false for this machine.
func paired(r *http.Request) (holder string, ok bool) {
	who, _ := guard.Who(r.Context())
	return strconv.FormatUint(uint64(who.ID), 10), who.ID != 0
}

// allow has a role's refusal for what a desk orders, nil when it may.
func allow(ctx context.Context, do string) error {
	c, known := orders()[do]
	if !known {
		return nil // nobody may: the order is unknown further on
	}
	who, _ := guard.Who(ctx)
	if !who.Role.May(c) {
		return pair.ErrRole
	}
	return nil
}

// refused answers whom a role keeps from something.
func (s *Server) refused(w http.ResponseWriter, err error) bool {
	var refusal *session.Refusal
	if !errors.As(err, &refusal) {
		return false
	}
	s.refuseMsg(w, http.StatusForbidden, refusal.Msg)
	return true
}
