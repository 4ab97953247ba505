package appliance

import (
	"context"

	"jeudi/drivers"
	"jeudi/firmware/session"
)

// deskLamps are those of one desk with buttons.
type deskLamps struct {
	newest chan [drivers.Actions]drivers.Light // older ones that were not shown are dropped
	shown  [drivers.Actions]drivers.Light      // the owner's
	lit    bool                                // shown was handed over once
}

func newDeskLamps(desks map[string]drivers.Panel) map[string]*deskLamps {
	all := make(map[string]*deskLamps, len(desks))
	for desk := range desks {
		all[desk] = &deskLamps{newest: make(chan [drivers.Actions]drivers.Light, 1)}
	}
	return all
}

// lightsAt is what the lamps of a desk show: « Suivant » moves while somebody could be
// called there, and is steady while it would call the called person again; « Attente »
// is steady while it would put somebody aside, and breathes while somebody whom the desk
// put aside would come back; « Aide » moves until somebody comes.
func (s *Snapshot) lightsAt(desk string) (l [drivers.Actions]drivers.Light) {
	at, busy := s.Session.AtDesk(desk)
	switch _, waiting := s.Session.NextFor(desk, s.Now); {
	case busy && at.State() == session.Called:
		l[drivers.CallNext], l[drivers.NoShow] = drivers.On, drivers.On
	case busy:
		l[drivers.NoShow] = drivers.On // it ends the visit
	case waiting && s.Session.Status == session.Open:
		l[drivers.CallNext] = drivers.Blink
	}
	if _, aside := s.asideOf(desk); busy {
		l[drivers.Hold] = drivers.On
	} else if aside {
		l[drivers.Hold] = drivers.Breathe
	}
	for _, h := range s.DeskHelps {
		if h.Desk == desk {
			if l[drivers.Help] = drivers.Blink; h.Coming != "" {
				l[drivers.Help] = drivers.On
			}
		}
	}
	return l
}

// showDesks hands the newest lamps of the desks over.
func (a *Appliance) showDesks(d *draft) {
	for desk, lamps := range a.deskLamps {
		l := d.lightsAt(desk)
		if lamps.lit && l == lamps.shown {
			continue
		}
		lamps.shown, lamps.lit = l, true
		select {
		case <-lamps.newest:
		default:
		}
		lamps.newest <- l
	}
}

func (a *Appliance) lightDesk(ctx context.Context, desk string, panel drivers.Panel) {
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-a.deskLamps[desk].newest:
			if err := panel.Light(l); err != nil {
				a.cfg.Logger.Warn("lamps", "desk", desk, "err", err)
			}
		}
	}
}
