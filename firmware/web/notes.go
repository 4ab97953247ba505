package web

import (
	"strings"

	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// noteView is what the person at the desk wanted the team to know, and what the
// team says of the visit. No other desk sees it.
type noteView struct {
	Self      *selfView `json:"self"`
	Freins    []string  `json:"freins"`
	Seen      string    `json:"seen"` // the level as the mediator saw it, or ""
	Charter   bool      `json:"charter"`
	Materials []string  `json:"materials"`
	Advice    string    `json:"advice"`
}

type selfView struct {
	Label      string `json:"label"`
	Incomplete bool   `json:"incomplete"`
	Reassure   bool   `json:"reassure"`
}

func (s *Server) note(b *appliance.Snapshot, visit session.ID) *noteView {
	n := b.Notes[visit]
	v := &noteView{Freins: []string{}, Materials: []string{}, Charter: n.Charter}
	if n.Self != nil {
		v.Self = &selfView{s.text("desk.level."+n.Self.Level.String(), nil), n.Self.Incomplete, n.Self.Reassure}
		var advice []string
		if n.Advice.Together {
			advice = append(advice, s.text("desk.advice.together", nil))
		}
		if n.Advice.Reassure || n.Self.Reassure {
			advice = append(advice, s.text("desk.advice.reassure", nil))
		}
		v.Advice = strings.Join(advice, " ")
	}
	for _, f := range n.Freins() {
		v.Freins = append(v.Freins, s.text("answer."+sheet.Freins+"."+f, nil))
	}
	for _, m := range n.Advice.Materials {
		v.Materials = append(v.Materials, s.text("desk.material."+string(m), nil))
	}
	if n.Given {
		v.Seen = n.Seen.String()
	}
	return v
}

func levelOf(name string) (sheet.Level, bool) {
	for _, l := range []sheet.Level{sheet.Remote, sheet.Accompanied, sheet.Autonomous} {
		if l.String() == name {
			return l, true
		}
	}
	return 0, false
}
