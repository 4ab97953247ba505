package appliance

import (
	"context"

	"jeudi/drivers"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
)

// PrintUpdate prints how an update ended, for whoever comes in the morning.
func (a *Appliance) PrintUpdate(ctx context.Context, u paper.UpdateData) error {
	return a.ask(ctx, func(d *draft) error {
		u.Place = d.place.Name
		if d.at.Trust == session.Trusted {
			u.At = d.at.Wall.In(d.place.Zone)
		}
		d.print(func() drivers.Document { return paper.Update(d.place.words, u) })
		return nil
	})
}

// mayBegin is why an order may not begin a permanence now, nil for any other order. A visitor
// sees that there are no tickets, see Taking; the refusal is for one who was on the way.
func (d *draft) mayBegin(o session.Order) error {
	if d.a.cfg.Hold == nil || d.Session.UnderWay() {
		return nil
	}
	switch o.(type) {
	case session.StartPermanence, session.Reopen, session.Take:
		return d.a.cfg.Hold()
	}
	return nil
}
