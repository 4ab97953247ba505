package web

import (
	"context"

	"jeudi/firmware/appliance"
)

// teamView is what the desks know of each other. Nothing in it is of one agent.
type teamView struct {
	Helps []deskHelpView `json:"helps"`
	// SinceMS is since when the team receives people without a pause, 0 when it does
	// not. It is of the whole team: to protect it, not to measure anybody.
	SinceMS int64    `json:"since_ms"`
	Work    workView `json:"work"`
}

// deskHelpView is a desk that asks for help. An answer names its Call.
type deskHelpView struct {
	Call    uint64 `json:"call"`
	Desk    string `json:"desk"`
	Label   string `json:"label"`
	SinceMS int64  `json:"since_ms"`
	Coming  string `json:"coming"` // the label of the desk that comes, "" for none
}

// workView is how much was said of what was done.
type workView struct {
	Ended     int  `json:"ended"`
	Told      int  `json:"told"`
	Workshops int  `json:"workshops"`
	Lost      bool `json:"lost"` // a restart lost what was said of some
}

func (s *Server) team(b *appliance.Snapshot) teamView {
	v := teamView{Helps: []deskHelpView{}, SinceMS: ms(b.Unbroken())}
	for _, h := range b.DeskHelps {
		v.Helps = append(v.Helps, deskHelpView{h.Call, h.Desk, deskLabel(b, h.Desk), ms(h.Since), deskLabel(b, h.Coming)})
	}
	v.Work.Ended, v.Work.Told = b.WorkTold()
	v.Work.Workshops, v.Work.Lost = len(b.Workshops), b.WorkLost
	return v
}

// together is what the desks may do for each other.
func (s *Server) together(ctx context.Context, o deskOrder) (run func() error, ok bool) {
	box := s.cfg.Box
	switch o.Do {
	case "desk_help":
		return func() error { return box.AskDesks(ctx, o.Desk) }, true
	case "desk_coming":
		return func() error { return box.ComeToDesk(ctx, o.Desk, o.Call) }, true
	case "desk_help_done":
		return func() error { return box.EndDeskHelp(ctx, o.Call) }, true
	case "work_lost_read":
		return func() error { return box.KnowLost(ctx) }, true
	}
	return nil, false
}
