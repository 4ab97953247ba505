package web

import (
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
)

// waitsView is what staff see of waits, besides what each ticket says.
type waitsView struct {
	Newcomer string `json:"newcomer"` // what a ticket would say that is taken now
	Learning string `json:"learning"` // that the place has not taught enough yet, or ""
}

// slotView is how long the person at one's own desk may stay. It is advice.
type slotView struct {
	Text    string `json:"text"`
	Over    string `json:"over"` // instead of it, from UntilMS on
	UntilMS int64  `json:"until_ms"`
}

func (s *Server) waitsView(b *appliance.Snapshot) waitsView {
	var v waitsView
	switch b.Session.Status {
	case session.Planned, session.Open, session.Paused:
	default:
		return v
	}
	switch m := b.Newcomer().Msg(b.Now.Wall); m.Key {
	case "paper.wait":
		v.Newcomer = s.text("desk.newcomer", m.Args)
	case "paper.wait_before":
		v.Newcomer = s.text("desk.newcomer_before", m.Args)
	case "paper.wait_unknown":
		v.Newcomer = s.text("desk.newcomer_unknown", nil)
	}
	if b.Learning() {
		v.Learning = s.text("desk.learning", nil)
	}
	return v
}

// told is what the ticket of somebody says who waits, in the words of staff, and whether
// it will not be kept.
func (s *Server) told(b *appliance.Snapshot, v *session.Visit) (text string, delayed bool) {
	m, ok := b.Told(v)
	if !ok || v.State() != session.Waiting || v.Calls > 0 {
		return "", false
	}
	if m.Key == "paper.wait_before" {
		return s.text("desk.told_before", m.Args), b.Delayed(v)
	}
	return s.text("desk.told", m.Args), b.Delayed(v)
}

func (s *Server) slotView(b *appliance.Snapshot, desk string) *slotView {
	may, spent, ok := b.Slot(desk)
	if !ok {
		return nil
	}
	n := map[string]any{"n": int(may / time.Minute)}
	return &slotView{s.text("desk.slot", n), s.text("desk.slot_over", n), ms(b.Now.Add(may - spent))}
}

// promises are the banners about what the room can still promise.
func (s *Server) promises(b *appliance.Snapshot, who pair.Session) []banner {
	var list []banner
	if until, late := b.Late(); late {
		tell := banner{"late", "info", s.text("banner.late", map[string]any{"until": until}), []map[string]any{}}
		if who.Role.May(pair.OnBehalf) {
			tell.Actions = append(tell.Actions, map[string]any{"do": "turned_away", "reason": "no_room", "label": s.text("banner.late_away", nil)})
		}
		list = append(list, tell)
	}
	if n := b.Stranded(); n > 0 {
		list = append(list, banner{"stranded", "warn", s.text("banner.stranded", map[string]any{"n": n}), []map[string]any{}})
	}
	return list
}
