package appliance

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/agenda"
	"jeudi/firmware/intake"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
)

// Agenda keeps what is to come, and who holds a seat. It is asked by whoever wants to
// know, never by the owner: a card may be slow.
type Agenda interface {
	Put(agenda.Event) error
	Remove(id session.ID, anyway bool) error
	Offers(from, until time.Time) ([]agenda.Offer, error)
	Reserve(id session.ID, now time.Time, random io.Reader) (code string, err error)
	Find(code string) (o agenda.Offer, came bool, err error)
	Cancel(code string) error
	Came(code string, came bool) error
	Seats(id session.ID) ([]agenda.Seat, error)
	End(id session.ID, more int, now time.Time) (agenda.Past, error)
	Sweep(now time.Time) ([]agenda.Past, error)
	Merge(source string, from, until time.Time, list []agenda.Event) (agenda.Merged, error)
}

// Agenda is what is to come; nil when this box keeps none. The kiosk hears of what is
// changed through it.
func (a *Appliance) Agenda() Agenda {
	if a.cfg.Agenda == nil {
		return nil
	}
	return watchedAgenda{a.cfg.Agenda, a.agendaChanged}
}

// watchedAgenda says when the seats that the kiosk offers may be others.
type watchedAgenda struct {
	Agenda
	changed func()
}

func (w watchedAgenda) Put(e agenda.Event) error {
	defer w.changed()
	return w.Agenda.Put(e)
}

func (w watchedAgenda) Remove(id session.ID, anyway bool) error {
	defer w.changed()
	return w.Agenda.Remove(id, anyway)
}

func (w watchedAgenda) Cancel(code string) error {
	defer w.changed()
	return w.Agenda.Cancel(code)
}

func (w watchedAgenda) Merge(source string, from, until time.Time, list []agenda.Event) (agenda.Merged, error) {
	defer w.changed()
	return w.Agenda.Merge(source, from, until, list)
}

// agendaChanged has the workshops read again. It waits for nothing.
func (a *Appliance) agendaChanged() {
	select {
	case a.agenda <- struct{}{}:
	default: // they will be read anyway
	}
}

// Day is the time in the zone of the place, zero when nobody vouches for it.
func (a *Appliance) Day(ctx context.Context) (at time.Time, err error) {
	err = a.ask(ctx, func(d *draft) error { at = d.day(); return nil })
	return at, err
}

// ReserveSeat gives a seat, and prints its slip: a code, and nobody's name. The seat is
// on disk when it returns; whether the slip came out, the printer shows. Nobody gets a
// seat while staff practise.
func (a *Appliance) ReserveSeat(ctx context.Context, event session.ID, lang string, large bool) (code string, err error) {
	if a.cfg.Agenda == nil {
		return "", agenda.ErrNoEvent
	}
	var at time.Time
	if err := a.ask(ctx, func(d *draft) error {
		if at = d.day(); d.Testing() {
			return &session.Refusal{Msg: session.M("refuse.agenda_test")}
		}
		return nil
	}); err != nil {
		return "", err
	}
	if code, err = a.cfg.Agenda.Reserve(event, at, rand.Reader); err != nil {
		return "", err
	}
	a.agendaChanged()
	// The seat is given, even to somebody whose line was cut: tried again it would be another.
	return code, a.PrintSeat(context.WithoutCancel(ctx), code, lang, large)
}

// PrintSeat prints the slip of a seat again.
func (a *Appliance) PrintSeat(ctx context.Context, code, lang string, large bool) error {
	if a.cfg.Agenda == nil {
		return agenda.ErrCodeUnknown
	}
	o, _, err := a.cfg.Agenda.Find(code)
	if err != nil {
		return err
	}
	return a.ask(ctx, func(d *draft) error { d.seatSlip(o, code, lang, large); return nil })
}

func (d *draft) seatSlip(o agenda.Offer, code, lang string, large bool) {
	zone, words := d.place.Zone, d.place.words
	// Of the organisation, wherever the box is today: where the event is, its room says.
	home := &d.a.cfg.Place
	data := paper.SeatData{From: home.Name, Phone: home.Phone, Lang: lang, Large: large, Test: d.Testing(), Kind: string(o.Kind), Title: o.Title,
		At: o.Event.From.In(zone), Until: o.Event.Until.In(zone), Room: o.Room, Code: code}
	d.print(func() drivers.Document { return paper.Seat(words, data) })
}

// seatJob is a seat that somebody wants at the kiosk, or in the intake that a desk fills
// for them.
type seatJob struct {
	desk    string
	visitor int // of that intake
	event   session.ID
	lang    string
	large   bool
	at      time.Time // zero when nobody vouches for the clock
}

// seat gives a seat, prints its slip and answers the screen that waits. Whoever left
// meanwhile finds the slip at the printer.
func (a *Appliance) seat(ctx context.Context, j seatJob) {
	code, err := a.cfg.Agenda.Reserve(j.event, j.at, rand.Reader)
	var o agenda.Offer
	if err == nil {
		o, _, err = a.cfg.Agenda.Find(code)
	}
	list, ok := a.readCourses()
	var answer intake.Input = intake.Seated{Code: code}
	if _, refused := errors.AsType[*session.Refusal](err); err != nil && !refused {
		a.cfg.Logger.Error("a seat was not given at the kiosk", "err", err)
		answer = intake.Refused{}
	}
	a.tell(ctx, func(d *draft) error {
		if ok {
			d.courses = list
		}
		if err == nil {
			d.seatSlip(o, code, j.lang, j.large)
		}
		d.seated(j, answer)
		return nil
	})
}

// seated answers the intake that wanted a seat, if it is still the same person's.
func (d *draft) seated(j seatJob, answer intake.Input) {
	if j.desk == "" {
		if d.Kiosk.Visitor == j.visitor {
			d.kiosk(session.ID{}, answer)
		}
		return
	}
	if s, open := d.Intakes[j.desk]; open && s.Visitor == j.visitor {
		s = d.step(j.desk, s, session.ID{}, answer)
		d.setIntake(j.desk, &s)
	}
}

// mostCourses are offered at the kiosk: the next ones. Staff know of all.
const mostCourses = 12

// readCourses are the workshops to come; ok is false when they could not be read.
func (a *Appliance) readCourses() (list []intake.Course, ok bool) {
	all, err := a.cfg.Agenda.Offers(time.Time{}, time.Time{})
	if err != nil {
		a.cfg.Logger.Error("agenda not read: the kiosk offers the seats it knew of", "err", err)
		return nil, false
	}
	zone := a.cfg.Place.Zone
	for _, o := range all {
		if o.Kind == agenda.Workshop {
			list = append(list, intake.Course{Event: o.ID, Title: o.Title, From: o.Event.From.In(zone), Until: o.Event.Until.In(zone), Room: o.Room, Free: o.Free()})
		}
	}
	return list, true
}

// upcoming are the workshops of which the kiosk gives seats: the next ones, where the
// site has courses. There are none while staff practise, or while nobody vouches for the
// clock: one that is over would be among them.
func (s *Snapshot) upcoming() []intake.Course {
	if !s.place.Workshop || s.Testing() || s.Now.Trust != session.Trusted {
		return nil
	}
	list := s.courses
	for len(list) > 0 && !list[0].From.After(s.Now.Wall) {
		list = list[1:]
	}
	return list[:min(len(list), mostCourses)]
}

// EndEvent ends an event with those who were ticked and more who had no code. A
// workshop is then among the records of La Coop, until the next close.
func (a *Appliance) EndEvent(ctx context.Context, event session.ID, more int) (agenda.Past, error) {
	if a.cfg.Agenda == nil {
		return agenda.Past{}, agenda.ErrNoEvent
	}
	at, err := a.Day(ctx)
	if err != nil {
		return agenda.Past{}, err
	}
	past, err := a.cfg.Agenda.End(event, more, at)
	if past.ID.IsZero() {
		return past, err
	}
	if err != nil { // it is done; the old file is overwritten at the next start
		a.cfg.Logger.Error("an event is over, and its codes are still on the card", "err", err)
	}
	return past, a.ask(context.WithoutCancel(ctx), func(d *draft) error { d.keepWorkshops(past); return nil })
}

func (d *draft) keepWorkshops(over ...agenda.Past) {
	d.Workshops = slices.Clone(d.Workshops)
	for _, p := range over {
		if r, ok := p.Record(d.place.Zone); ok {
			d.Workshops = append(d.Workshops, r)
		}
	}
}

// sweep is how often events are looked for that nobody ended.
const sweep = time.Hour

// keepAgenda ends the events that nobody ended, and does for the kiosk what asks the
// disk: it reads the workshops to come, and gives seats.
func (a *Appliance) keepAgenda(ctx context.Context) {
	if a.cfg.Agenda == nil {
		return
	}
	a.agendaChanged()
	due := time.NewTicker(sweep)
	defer due.Stop()
	a.sweepAgenda(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-due.C:
			a.sweepAgenda(ctx)
			a.agendaChanged()
		case j := <-a.seats:
			a.seat(ctx, j)
		case <-a.agenda:
			if list, ok := a.readCourses(); ok {
				a.tell(ctx, func(d *draft) error { d.courses = list; return nil })
			}
		}
	}
}

// sweepAgenda ends the events that nobody ended.
func (a *Appliance) sweepAgenda(ctx context.Context) {
	day := make(chan time.Time, 1)
	a.tell(ctx, func(d *draft) error { day <- d.day(); return nil })
	select {
	case <-ctx.Done():
		return
	case at := <-day:
		over, err := a.cfg.Agenda.Sweep(at)
		if err != nil {
			a.cfg.Logger.Error("events that are over not ended; tried again in an hour", "err", err)
		}
		if len(over) > 0 {
			a.tell(ctx, func(d *draft) error { d.keepWorkshops(over...); return nil })
		}
	}
}
