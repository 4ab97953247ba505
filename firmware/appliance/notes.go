package appliance

import (
	"context"
	"maps"
	"time"

	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/routing"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Note is what a visitor wanted the team to know of the self-assessment, and what
// the team says at the end of the visit. It is in memory alone, from the visitor's
// yes until the visit ends: a power cut loses it, and nothing else.
type Note struct {
	Self   *sheet.Assessment // what the visitor shared; nil when nothing
	Advice routing.Advice    // what follows from it: who, what to have at hand
	result *paper.Result     // the same with its answers
	// Seen is the level as the mediator saw it, when Given.
	Seen    sheet.Level
	Given   bool
	Charter bool // the promises of both sides were read together
}

// Freins is what the visitor said is difficult; nil when they shared nothing.
func (n Note) Freins() []string {
	if n.result == nil {
		return nil
	}
	return n.result.Freins
}

// SeeLevel keeps the level as the mediator saw it, beside the visitor's own view.
// The visit is the one at that desk.
func (a *Appliance) SeeLevel(ctx context.Context, desk string, visit session.ID, level sheet.Level) error {
	return a.noteAt(ctx, desk, visit, func(n *Note) { n.Seen, n.Given = level, true })
}

// ReadCharter keeps that the promises of both sides were read together, or takes
// it back. The visit is the one at that desk.
func (a *Appliance) ReadCharter(ctx context.Context, desk string, visit session.ID, read bool) error {
	return a.noteAt(ctx, desk, visit, func(n *Note) { n.Charter = read })
}

// noteAt changes what is known of the visit at a desk.
func (a *Appliance) noteAt(ctx context.Context, desk string, visit session.ID, change func(*Note)) error {
	return a.ask(ctx, func(d *draft) error {
		if err := d.atDesk(desk, visit); err != nil {
			return err
		}
		return d.note(visit, change)
	})
}

// atDesk refuses what only the desk that a visit is at may do: what a person
// wanted the team to know is for whom they sit with.
func (d *draft) atDesk(desk string, visit session.ID) error {
	v, ok := d.Session.Visit(visit)
	if !ok || v.State() == session.Done {
		return session.ErrNoVisit
	}
	if at, ok := d.Session.AtDesk(desk); ok && at.ID == visit {
		return nil
	}
	switch v.State() {
	case session.Called, session.Serving:
		return &session.Refusal{Msg: session.M(session.ErrWrongDesk.Msg.Key, "n", v.Number)}
	}
	return session.ErrNotCalled
}

// ended reports whether a visit of this permanence is over.
func (d *draft) ended(visit session.ID) bool {
	v, ok := d.Session.Visit(visit)
	return ok && v.State() == session.Done
}

// note changes what is known of a visit that has not ended.
func (d *draft) note(visit session.ID, change func(*Note)) error {
	v, ok := d.Session.Visit(visit)
	if !ok || v.State() == session.Done {
		return session.ErrNoVisit
	}
	n := d.Notes[visit]
	change(&n)
	d.Notes = with(d.Notes, visit, n)
	return nil
}

// forgetNotes forgets the notes of visits that have ended, and keeps of those that were
// received what is counted at the close.
func (d *draft) forgetNotes() {
	for visit, n := range d.Notes {
		v, ok := d.Session.Visit(visit)
		if ok && v.State() != session.Done && d.Session.Status != session.Closed {
			continue
		}
		d.Notes = maps.Clone(d.Notes)
		delete(d.Notes, visit)
		if ok && v.State() == session.Done && received(v) {
			d.keepNote(visit, n)
		}
	}
}

// Needs counts the people who could not come, and sent somebody. It is the need for
// help at home, whether or not there is any; nothing joins it to a visit.
type Needs interface {
	NeedHome(at time.Time) error
	HomeNeeds() ([]ledger.HomeNeed, error)
}

// Needs are the people who could not come, by month; nil when nobody counts them.
func (a *Appliance) Needs() Needs { return a.cfg.Needs }

// needHome counts one person who could not come; in a rehearsal, nobody.
func (d *draft) needHome(test bool) {
	d.effects = append(d.effects, sheetJob{home: true, at: d.day(), test: test, quiet: true})
}

// over counts the person that an intake was for who could not come, when staff or the
// end of the permanence end it.
func (d *draft) over(s intake.State, test bool) {
	if intake.Unmet(s, intake.New()) {
		d.needHome(test)
	}
}

// day is the time in the zone of the place, zero when nobody vouches for it: what has
// no known month is never forgotten, or misplaced, for a wrong clock's sake.
func (d *draft) day() time.Time {
	if d.at.Trust != session.Trusted {
		return time.Time{}
	}
	return d.at.Wall.In(d.place.Zone)
}
