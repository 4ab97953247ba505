package web

import (
	"encoding/json"
	"net/http"
	"strconv"

	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

// orders are what each order of POST /api/desk needs. One that is not here is
// nobody's, and the address does not know it.
func orders() map[string]pair.Capability {
	return map[string]pair.Capability{
		"open": pair.OpenClose, "pause": pair.OpenClose, "resume": pair.OpenClose, "close": pair.OpenClose,
		"reprint_all": pair.OpenClose, "reprint_report": pair.OpenClose,
		"confirm_time": pair.OpenClose, "catch_up": pair.OpenClose, "print_fallback": pair.OpenClose, "print_report": pair.OpenClose,
		"reopen": pair.Reopen, "export_log": pair.Devices,

		"next": pair.Call, "call": pair.Call, "recall": pair.Call, "start": pair.Call, "together": pair.Call,
		"hold": pair.Call, "return": pair.Call, "hand_over": pair.Call, "no_show": pair.Call, "absent": pair.Call,
		"came_back": pair.Call, "prioritise": pair.Call, "add_motif": pair.Call, "step_out": pair.Call, "undo": pair.Call,
		"reprint": pair.Call,

		"end": pair.End, "cancel": pair.End,
		"see_level": pair.SeeLevel, "charter": pair.SeeLevel,
		"turned_away": pair.OnBehalf, "take": pair.OnBehalf, "intake_take_over": pair.OnBehalf, "intake_new": pair.OnBehalf,
		"intake_press": pair.OnBehalf, "intake_close": pair.OnBehalf,
		"help_coming": pair.SeeQueue, "help_done": pair.SeeQueue,
		"desk_help": pair.SeeQueue, "desk_coming": pair.SeeQueue, "desk_help_done": pair.SeeQueue, "work_lost_read": pair.End,
		"key_type": pair.Escrow, "key_print": pair.Escrow, "key_abandon": pair.Abandon, "close_period": pair.Settings,
		"new_roll": pair.Devices, "selftest_start": pair.Devices, "selftest_answer": pair.Devices, "selftest_print": pair.Devices,
	}
}

// here admits this machine as the role of whoever sits at it.
func (s *Server) here(c pair.Capability, next http.Handler) http.Handler {
	role := pair.Technician // from the box's own terminal; staff pair their screens
	if s.cfg.Alone {
		role = pair.Solo
	}
	return s.local(guard.As(role, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !role.May(c) || c == pair.Care && !s.cares(pair.Session{Role: role}) {
			s.refused(w, pair.ErrRole)
			return
		}
		next.ServeHTTP(w, r)
	})))
}

// DeskView is what one desk sees of whoever receives people: the queue, and what the
// person at this desk wanted to share.
type DeskView struct {
	receivingOwn
	deskCommon
}

type receivingOwn struct {
	deskOwn
	Mine *Received `json:"mine"`
}

// Received is the person at one's own desk.
type Received struct {
	Row
	Note *noteView `json:"note,omitempty"`
}

// ReceptionView is what the reception sees: the queue, and of nobody what they
// shared of themselves.
type ReceptionView struct {
	receptionOwn
	deskCommon
}

type receptionOwn struct {
	deskOwn
	Mine *Row `json:"mine"`
}

// CoordinatorView is the reception's, and the site's settings.
type CoordinatorView struct {
	coordinatorOwn
	deskCommon
}

type coordinatorOwn struct {
	receptionOwn
	Site SiteView `json:"site"`
}

// SoloView is of whoever is alone with the box: everything.
type SoloView struct {
	soloOwn
	deskCommon
}

type soloOwn struct {
	receivingOwn
	Site SiteView `json:"site"`
}

// SiteView is what of the site's settings the box goes by.
type SiteView struct {
	Languages []string `json:"languages"`
	Version   string   `json:"version"`
	Staff     string   `json:"staff"`       // address of the staff's pages, "" where nobody pairs
	Print     string   `json:"fingerprint"` // of their certificate, whole
}

// GuestView is what a guest of another organisation sees: the person at their desk,
// those whom they put on hold themselves, and how many wait. Nobody else.
type GuestView struct {
	receptionOwn
	Place        string             `json:"place"`
	Permanence   permanenceView     `json:"permanence"`
	Next         string             `json:"next"`
	Desks        []guestDesk        `json:"desks"`
	WaitingTotal int                `json:"waiting_total"`
	Held         []Row              `json:"held"`
	Choices      map[string][]label `json:"choices"`
}

// guestDesk is a desk without who is there.
type guestDesk struct {
	Key   string   `json:"key"`
	Label string   `json:"label"`
	Roles []string `json:"roles"`
}

// TechnicianView is what a technician sees: the devices and their test, nothing of
// the queue.
type TechnicianView struct {
	Seq       uint64         `json:"seq"`
	NowMS     int64          `json:"now_ms"`
	Speed     float64        `json:"speed"`
	Role      pair.Role      `json:"role"`
	Place     string         `json:"place"`
	Connected *connectedView `json:"connected"`
	Devices   []device       `json:"devices"`
	SelfTest  SelfTestView   `json:"selftest"`
	Updates   bool           `json:"updates"`
	Care      bool           `json:"care"`
}

// deskMessage is the view of a desk for the role of who looks on.
func (s *Server) deskMessage(b *appliance.Snapshot, who pair.Session, desk string) []byte {
	switch who.Role {
	case pair.Technician:
		return encode(TechnicianView{Seq: b.Seq, NowMS: ms(b.Now), Speed: b.Speed(), Role: who.Role, Place: b.Place(),
			Connected: s.connected(b, who), Devices: s.withUpdate(s.devices(b)), SelfTest: s.selfTestView(b), Updates: s.updatable() && s.cares(who), Care: s.cfg.Care != nil && s.cares(who)})
	case pair.Guest:
		return encode(s.guestView(b, who, desk))
	}
	common := s.views.get(desksShare, b.Seq, func() []byte { return encode(s.deskCommon(b)) })
	var own any
	switch mine := s.deskOwn(b, who, desk); who.Role {
	case pair.Solo:
		own = soloOwn{receivingOwn{mine, s.received(b, desk)}, s.siteView()}
	case pair.Coordinator:
		own = coordinatorOwn{receptionOwn{mine, s.rowAt(b, desk)}, s.siteView()}
	case pair.Reception:
		own = receptionOwn{mine, s.rowAt(b, desk)}
	case pair.SocialWorker, pair.Mediator, pair.Volunteer, pair.Writer:
		own = receivingOwn{mine, s.received(b, desk)}
	default:
		return encode(TechnicianView{Seq: b.Seq}) // nobody that is known sees nothing
	}
	return joined(encode(own), common)
}

// joined is two objects as one.
func joined(own, common json.RawMessage) []byte {
	out := make([]byte, 0, len(own)+len(common))
	out = append(out, own[:len(own)-1]...)
	out = append(out, ',')
	return append(out, common[1:]...)
}

// rowAt is the person at a desk, nil for nobody.
func (s *Server) rowAt(b *appliance.Snapshot, desk string) *Row {
	mine, ok := b.Session.AtDesk(desk)
	if !ok {
		return nil
	}
	r := s.row(b, mine)
	return &r
}

func (s *Server) received(b *appliance.Snapshot, desk string) *Received {
	r := s.rowAt(b, desk)
	if r == nil {
		return nil
	}
	return &Received{*r, s.note(b, r.ID)}
}

func (s *Server) siteView() SiteView {
	v := SiteView{Languages: some(s.cfg.Languages), Version: s.cfg.Version}
	if s.cfg.Staff != nil {
		if at := s.staffAddress(); at != "" {
			v.Staff = "https://" + at + "/"
		}
		v.Print = s.fingerprint().String()
	}
	return v
}

func (s *Server) guestView(b *appliance.Snapshot, who pair.Session, desk string) GuestView {
	common := s.deskCommon(b)
	v := GuestView{receptionOwn: receptionOwn{s.deskOwn(b, who, desk), s.rowAt(b, desk)}, Place: common.Place, Permanence: common.Permanence,
		Next: common.Next, Desks: []guestDesk{}, WaitingTotal: common.WaitingTotal, Held: []Row{}, Choices: common.Choices}
	v.Intake = nil // somebody else answers there
	for _, d := range common.Desks {
		v.Desks = append(v.Desks, guestDesk{d.Key, d.Label, d.Roles})
	}
	for h := range b.Session.Aside() {
		if receivedAt(h) == desk && desk != "" {
			v.Held = append(v.Held, s.row(b, h))
		}
	}
	return v
}

// receivedAt is the desk that received a visit last, "" for none.
func receivedAt(v *session.Visit) (desk string) {
	for _, i := range v.Intervals {
		if i.State == session.Serving {
			desk = i.Desk
		}
	}
	return desk
}

// surfaceOf names a view in the cache: two that are not alike never share a name.
func surfaceOf(who pair.Session, desk string) string {
	return "desk " + string(who.Role) + " " + strconv.FormatUint(uint64(who.ID), 10) + " " + desk
}
