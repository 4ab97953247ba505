package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"jeudi/firmware/session"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/web/pair"
)

// Care is the box's machine for whoever looks after it: reports, backups, a spare box. It
// is done elsewhere, by who may; nil on a machine that nobody looks after, as a laptop.
type Care interface {
	View(context.Context) (CareView, error)
	Report(context.Context) (name string, err error)    // writes it on the stick
	Backup(context.Context) (session.Msg, error)        // the same, and says what is on it
	HandOver(context.Context) (code string, err error)  // draws the code of a handover
	HandOverNow(ctx context.Context, code string) error // the box ends, and writes its permanence
	Restore(ctx context.Context, stick, name, code string) (session.Msg, error)
	Order(ctx context.Context, what string) error // one of CareOrders
}

// CareSetup asks the six questions again, and keeps the site until they are answered.
const CareSetup = "setup"

// CareOrders are those that need no more than their name.
func CareOrders() []string { return []string{"reboot", "poweroff", "reset", CareSetup} }

// CareView is how the machine is.
type CareView struct {
	Version string
	Busy    bool          // a permanence goes on
	Faults  []session.Msg // most urgent first
	Facts   []session.Msg
	Sticks  []CareStick
}

// CareStick is a USB stick that is plugged in.
type CareStick struct {
	ID, Name string
	Refused  *session.Msg
	Files    []CareFile // backups
}

// CareFile is a backup on it.
type CareFile struct{ Name string }

// careView is what the page gets.
type careView struct {
	Version string          `json:"version"`
	Busy    bool            `json:"busy"`
	Hands   bool            `json:"hands"` // whoever asks may hand the permanence over
	Well    string          `json:"well"`  // the sentence when nothing is wrong, "" otherwise
	Faults  []string        `json:"faults"`
	Facts   []string        `json:"facts"`
	Sticks  []careStickView `json:"sticks"`
}

type careStickView struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Refused string   `json:"refused"`
	Files   []string `json:"files"`
}

// « Boîtier »: for a technician, and whoever answers for the place.
func (s *Server) routeCare(mux *http.ServeMux, may gate) {
	mux.Handle("GET /api/care", may(pair.Care, http.HandlerFunc(s.getCare)))
	mux.Handle("POST /api/care", may(pair.Care, http.HandlerFunc(s.postCare)))
}

func (s *Server) getCare(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Care == nil {
		http.NotFound(w, r)
		return
	}
	v, err := s.cfg.Care.View(r.Context())
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	who, _ := guard.Who(r.Context())
	out := careView{Version: v.Version, Busy: v.Busy, Hands: who.Role.May(pair.OpenClose), Faults: []string{}, Facts: []string{}, Sticks: []careStickView{}}
	for _, m := range v.Faults {
		out.Faults = append(out.Faults, s.msg("fr", m))
	}
	if len(v.Faults) == 0 {
		out.Well = s.text("care.well", nil)
	}
	for _, m := range v.Facts {
		out.Facts = append(out.Facts, s.msg("fr", m))
	}
	for _, stick := range v.Sticks {
		one := careStickView{ID: stick.ID, Name: stick.Name, Files: []string{}}
		if one.Name == "" {
			one.Name = s.text("care.stick", nil)
		}
		if stick.Refused != nil {
			one.Refused = s.msg("fr", *stick.Refused)
		}
		for _, f := range stick.Files {
			one.Files = append(one.Files, f.Name)
		}
		out.Sticks = append(out.Sticks, one)
	}
	reply(w, http.StatusOK, out)
}

func (s *Server) postCare(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Care == nil {
		http.NotFound(w, r)
		return
	}
	var in struct {
		Do    string `json:"do"`
		Stick string `json:"stick"`
		Name  string `json:"name"`
		Code  string `json:"code"`
		Sure  string `json:"sure"` // the word that is typed before everything is erased
	}
	if !readForm(w, r, &in) {
		return
	}
	done := struct {
		Text string `json:"text"`
		Code string `json:"code,omitempty"`
	}{}
	var err error
	who, _ := guard.Who(r.Context())
	if (in.Do == "handover" || in.Do == "handover_go") && !who.Role.May(pair.OpenClose) {
		// The stick holds who waits, and the code is on this screen: a technician needs to
		// know of nobody.
		s.refuseMsg(w, http.StatusForbidden, session.M("care.handover_who"))
		return
	}
	switch care, ctx := s.cfg.Care, r.Context(); {
	case in.Do == "report":
		var name string
		name, err = care.Report(ctx)
		done.Text = s.text("care.report_done", map[string]any{"file": name})
	case in.Do == "backup":
		var m session.Msg
		m, err = care.Backup(ctx)
		done.Text = s.msg("fr", m)
	case in.Do == "handover":
		done.Code, err = care.HandOver(ctx)
		done.Text = s.text("care.handover_done", nil)
	case in.Do == "handover_go":
		err = care.HandOverNow(ctx, in.Code)
		done.Text = s.text("care.handover_going", nil)
	case in.Do == "restore":
		var m session.Msg
		m, err = care.Restore(ctx, in.Stick, in.Name, in.Code)
		done.Text = s.msg("fr", m)
	case in.Do == "reset" && in.Sure != s.text("care.reset_word", nil):
		err = &session.Refusal{Msg: session.M("care.reset_unsure")}
	case slices.Contains(CareOrders(), in.Do):
		err = care.Order(ctx, in.Do)
		done.Text = s.text(map[string]string{"reboot": "care.reboot_done", "poweroff": "care.poweroff_done", "reset": "care.reset_done", CareSetup: "care.setup_done"}[in.Do], nil)
	default:
		fail(w, http.StatusBadRequest, "do is report, backup, handover, handover_go, restore, "+strings.Join(CareOrders(), ", "))
		return
	}
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	reply(w, http.StatusOK, done)
}
