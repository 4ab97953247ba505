package appliance

import (
	"context"
	"slices"

	"jeudi/drivers"
	"jeudi/firmware/session"
)

// DeskHelp is a desk that asks the others for help. No loudspeaker says so: who sits
// there must not hear that help was called.
type DeskHelp struct {
	Call   uint64 // new with each; an answer that names another comes too late
	Desk   string
	Since  session.Moment
	Coming string // the desk that comes, "" for none yet
}

// AskDesks asks the other desks for help. Asked again meanwhile, it changes nothing.
func (a *Appliance) AskDesks(ctx context.Context, desk string) error {
	return a.ask(ctx, func(d *draft) error { return d.askDesks(desk) })
}

// ComeToDesk says « j'arrive » to a call of another desk. Who comes first is named; an
// answer to a call that is over, or to one's own, changes nothing.
func (a *Appliance) ComeToDesk(ctx context.Context, desk string, call uint64) error {
	return a.ask(ctx, func(d *draft) error {
		if _, ok := a.desk(desk); !ok {
			return session.ErrNoDesk
		}
		d.DeskHelps = slices.Clone(d.DeskHelps)
		for i, h := range d.DeskHelps {
			if h.Call == call && h.Desk != desk && h.Coming == "" {
				d.DeskHelps[i].Coming = desk
			}
		}
		return nil
	})
}

// EndDeskHelp ends a call, whoever says so; one that is over already stays over.
func (a *Appliance) EndDeskHelp(ctx context.Context, call uint64) error {
	return a.ask(ctx, func(d *draft) error {
		d.DeskHelps = slices.DeleteFunc(slices.Clone(d.DeskHelps), func(h DeskHelp) bool { return h.Call == call })
		return nil
	})
}

func (d *draft) askDesks(desk string) error {
	if _, ok := d.a.desk(desk); !ok {
		return session.ErrNoDesk
	}
	if slices.ContainsFunc(d.DeskHelps, func(h DeskHelp) bool { return h.Desk == desk }) {
		return nil
	}
	d.helpCalls++
	d.DeskHelps = append(slices.Clone(d.DeskHelps), DeskHelp{Call: d.helpCalls, Desk: desk, Since: d.at})
	return nil
}

// pressed is what a button at a desk means now: « Suivant » again calls the called
// person again, « Absent » ends the visit of somebody who sits there, « Attente » puts
// the person aside and, once the desk is free, has whoever waits there come back, and
// « Aide » asks the other desks, silently. Nothing that cannot be taken back is one
// press away.
func (d *draft) pressed(desk string, act drivers.Action) error {
	var o session.Order
	v, busy := d.Session.AtDesk(desk)
	switch {
	case act == drivers.Help:
		return d.askDesks(desk)
	case act == drivers.CallNext && busy && v.State() == session.Called, act == drivers.Recall:
		o = session.Recall{Desk: desk}
	case act == drivers.CallNext:
		o = session.CallNext{Desk: desk}
	case act == drivers.Hold && busy:
		o = session.Hold{Desk: desk, Reason: session.OtherReason}
	case act == drivers.Hold:
		aside, ok := d.asideOf(desk)
		if !ok {
			return nil
		}
		if gap, exact := d.at.Sub(aside.Since()); exact && gap < session.RecallGap { // a finger that trembles
			return nil
		}
		o = session.Return{Desk: desk, Visit: aside.ID}
	case act == drivers.NoShow && busy && v.State() == session.Serving:
		o = session.End{Desk: desk, Outcome: session.Served}
	case act == drivers.NoShow:
		o = session.SetAside{Desk: desk}
	default:
		return nil
	}
	_, err := d.order(session.Command{ID: newID(), Order: o})
	return err
}

// asideOf is whom a desk put aside last, of those who have not come back.
func (s *Snapshot) asideOf(desk string) (last *session.Visit, ok bool) {
	for v := range s.Session.Aside() {
		if in := v.Intervals[len(v.Intervals)-1]; in.Reason == session.BackLater || deskOf(v) != desk {
			continue
		}
		if !ok || last.Since().Wall.Before(v.Since().Wall) {
			last, ok = v, true
		}
	}
	return last, ok
}
