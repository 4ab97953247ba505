package appliance

import (
	"slices"
	"strings"
	"sync"
	"time"

	"jeudi/firmware/intake"
	"jeudi/firmware/paper"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/wait"
)

// Waits is what the permanences before taught of waits.
type Waits interface {
	Learned() (wait.Learned, error)
	// Announced is how well the waits held that were announced last, at least so many
	// of them where there are.
	Announced(least int) (wait.Calibration, error)
}

// promises is what the box knows of waits besides the queue: who receives, and what
// visitors were told. It is in memory alone, and forgotten when the permanence is closed.
type promises struct {
	model   *wait.Model
	ahead   *outlook            // of what is published
	screens map[string]int      // of desks, that somebody has before them
	acted   map[string]bool     // desks that did something since the opening
	told    map[session.ID]told // by their tickets, while they were known
	before  wait.Calibration    // of this permanence, before it was closed and reopened
}

// told is what a ticket says: hours of the clock, as at the moment of the ticket.
type told struct {
	at   session.Moment
	wait paper.Wait
}

// after is what an event changes of it.
func (p promises) after(s session.State, e session.Event) promises {
	switch e.Body.(type) {
	case session.PermanencePlanned, session.PermanenceReopened:
		p.told, p.acted, p.before = nil, nil, wait.Calibration{}
	case session.PermanenceOpened:
		p.acted = nil
	case session.PermanenceClosed:
		p.told, p.acted, p.before = nil, nil, wait.Calibration{}
		return p
	}
	begun := s.Status == session.Open || s.Status == session.Paused
	if desk := e.Act().Desk; desk != "" && begun && !p.acted[desk] {
		p.acted = with(p.acted, desk, true)
	}
	return p
}

// Attend counts a screen of a desk, before which somebody sits, until leave is called.
func (a *Appliance) Attend(desk string) (leave func()) {
	count := func(by int) {
		r := request{do: func(d *draft) error {
			if d.screens = with(d.screens, desk, d.screens[desk]+by); d.screens[desk] <= 0 {
				delete(d.screens, desk)
			}
			return nil
		}}
		select {
		case a.lazy <- r:
		case <-a.stopped:
		}
	}
	if _, ok := a.desk(desk); !ok {
		return func() {}
	}
	count(+1)
	return sync.OnceFunc(func() { count(-1) })
}

// onDuty reports whether somebody receives at a desk: it did something since the
// opening, or has a screen that somebody looks at, or somebody sits there. Until the
// opening every desk of the plan counts: people are on their way.
func (s *Snapshot) onDuty(desk string) bool {
	if s.Session.Status == session.Planned || s.acted[desk] || s.screens[desk] > 0 {
		return true
	}
	_, busy := s.Session.AtDesk(desk)
	return busy
}

// outlook is what a state of the queue leads to, the same for every surface. It is
// worked out when somebody asks, once, and again each minute.
type outlook struct {
	outlookKey
	at       session.Moment
	forecast func() wait.Forecast
	slots    func() map[string]time.Duration // of the desks that receive somebody
}

// outlookKey is what an outlook follows from. With another seed it is another one.
type outlookKey struct {
	plan   session.ID
	seq    uint64
	status session.Status
	duty   string // keys of the desks
	model  *wait.Model
	minute time.Duration
}

// outlook is that of this snapshot. That of a published one was made with it.
func (s *Snapshot) outlook() *outlook {
	var duty []string
	for _, d := range s.Session.Plan.Desks {
		if s.onDuty(d.Key) {
			duty = append(duty, d.Key)
		}
	}
	key := outlookKey{s.Session.Plan.ID, s.Session.Seq, s.Session.Status, strings.Join(duty, "\x00"), s.model, 0}
	if s.forecasts() {
		key.minute = s.Now.Mono.Truncate(time.Minute)
	}
	if s.ahead != nil && s.ahead.outlookKey == key {
		return s.ahead
	}
	state, now, model := s.Session, s.Now, s.model
	room := wait.Room{OnDuty: func(desk string) bool { return slices.Contains(duty, desk) }, BeforeOpening: true}
	queue := sync.OnceValue(func() *wait.Queue { return wait.FromState(state, now, model, room) })
	o := &outlook{outlookKey: key, at: now, forecast: sync.OnceValue(func() wait.Forecast { return queue().Forecast() })}
	if s.ahead != nil && s.ahead.same(key) {
		o.slots = s.ahead.slots // nothing happened: what was said to a desk stays
		return o
	}
	o.slots = sync.OnceValue(func() map[string]time.Duration {
		slots := make(map[string]time.Duration)
		for _, d := range state.Plan.Desks {
			if may, ok := queue().Slot(d.Key); ok {
				slots[d.Key] = may
			}
		}
		return slots
	})
	return o
}

// same reports whether only time went by.
func (k outlookKey) same(o outlookKey) bool {
	k.minute = o.minute
	return k == o
}

// forecasts reports whether waits change while nothing happens.
func (s *Snapshot) forecasts() bool {
	switch s.Session.Status {
	case session.Planned, session.Open:
		return !s.Session.LeftOpen(s.Now)
	}
	return false
}

// ticks reports whether waits are shown that move with the clock: then it is told each
// minute.
func (a *Appliance) ticks(s *Snapshot) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.watchers) > 0 && s.Session.Here() > 0 && s.forecasts()
}

// clockOf is a range as hours of the clock. Where nobody vouches for the clock, none
// are said: people believe what is on paper.
func (s *Snapshot) clockOf(r wait.Range, at session.Moment) paper.Wait {
	switch {
	case r.Unknown:
		return paper.Wait{Unknown: true}
	case at.Trust != session.Trusted:
		return paper.Wait{}
	}
	from, until := r.Clock(at.Wall)
	return paper.Wait{From: from.In(s.place.Zone), Until: until.In(s.place.Zone)}
}

// expected is when a visit will be called, as things stand; it says nothing of one
// that is called, or over.
func (s *Snapshot) expected(v *session.Visit) paper.Wait {
	switch v.State() {
	case session.Waiting, session.Held:
		o := s.outlook()
		return s.clockOf(o.forecast().Of(v.ID), o.at)
	}
	return paper.Wait{}
}

// Told is what the ticket of somebody said of their wait; ok is false where it said no
// hours.
func (s *Snapshot) Told(v *session.Visit) (m session.Msg, ok bool) {
	t, ok := s.told[v.ID]
	return t.wait.Msg(t.at.Wall), ok
}

// Delayed reports whether a ticket promised somebody who waits a turn that came to
// nothing, or will.
func (s *Snapshot) Delayed(v *session.Visit) bool {
	t, ok := s.told[v.ID]
	if !ok || v.State() != session.Waiting || v.Calls > 0 {
		return false
	}
	return s.Now.Wall.After(t.wait.Until) || s.expected(v).From.After(t.wait.Until)
}

// TicketWait is what screen and paper say of a visit: what its ticket said, as long as
// that can be. An hour once told does not move by itself.
func (s *Snapshot) TicketWait(v *session.Visit) paper.Wait {
	if t, ok := s.promised(v); ok {
		return t.wait
	}
	return s.expected(v)
}

// promised is what the ticket of somebody says who waits, while it can be true.
func (s *Snapshot) promised(v *session.Visit) (t told, ok bool) {
	t, ok = s.told[v.ID]
	return t, ok && v.State() == session.Waiting && !s.Now.Wall.After(t.wait.Until)
}

// Newcomer is when somebody would be called who took a ticket now, whom every desk
// receives.
func (s *Snapshot) Newcomer() paper.Wait {
	o := s.outlook()
	return s.clockOf(o.forecast().Newcomer(session.Anyone), o.at)
}

// Learning reports whether waits are said before the place has taught enough of them.
func (s *Snapshot) Learning() bool {
	f := s.outlook().forecast()
	return f.Known() && f.Few
}

// Stranded is how many wait for somebody who is not at any desk.
func (s *Snapshot) Stranded() int { return s.outlook().forecast().Stranded }

// Late reports whether the work of those who are here may well pass the end of the
// hours, and until when it will keep the team. It needs a clock that is believed.
func (s *Snapshot) Late() (until time.Time, late bool) {
	if s.Now.Trust != session.Trusted {
		return until, false
	}
	o := s.outlook()
	f := o.forecast()
	const step = 5 * time.Minute
	return o.at.Wall.Add(f.End + step - 1).Truncate(step).In(s.place.Zone), f.Late()
}

// beforeTicket reports whether a screen leads to a ticket.
func beforeTicket(screen intake.ScreenID) bool {
	switch screen {
	case intake.Motif, intake.Workshop, intake.Crowded:
		return true
	}
	return false
}

// crowded reports whether whoever comes now should hear, before they wait, that there
// may be no time for them, and when the next permanence is; zero when that is not known.
func (s *Snapshot) crowded() (late bool, next time.Time) {
	if _, late = s.Late(); !late {
		return false, next
	}
	if from, _, ok := s.place.Upcoming(s.Until); ok {
		next = from.In(s.place.Zone)
	}
	return true, next
}

// Slot is how long the person at a desk may be there in all, and has been; ok is false
// at a desk that receives nobody.
func (s *Snapshot) Slot(desk string) (may, spent time.Duration, ok bool) {
	v, busy := s.Session.AtDesk(desk)
	if !busy {
		return 0, 0, false
	}
	called, _ := v.Spent(session.Called, s.Now)
	serving, _ := v.Spent(session.Serving, s.Now)
	may, ok = s.outlook().slots()[desk]
	return may, called + serving, ok
}

// promise keeps what the tickets of these events say.
func (d *draft) promise(events []session.Event) {
	for _, e := range events {
		t, ok := e.Body.(session.TicketTaken)
		if !ok {
			continue
		}
		v, _ := d.Session.Visit(t.Visit)
		d.ahead = d.outlook()
		w := d.expected(v)
		if w.Until.IsZero() {
			continue // nobody can say, and nothing is promised
		}
		d.told = with(d.told, v.ID, told{d.at, w})
	}
}

// held is how well the promises of a permanence held that is over. Somebody who
// stepped out chose another time themselves.
func (p promises) held(s session.State) wait.Calibration {
	var c wait.Calibration
	for v := range s.Visits() {
		t, ok := p.told[v.ID]
		if !ok || steppedOut(v) {
			continue
		}
		if waited, ok := wait.Waited(v); ok {
			said := wait.Range{Low: max(0, t.wait.From.Sub(t.at.Wall)), High: t.wait.Until.Sub(t.at.Wall)}
			c.Add(said, waited)
		}
	}
	return c
}

// steppedOut reports whether somebody was away before their first call.
func steppedOut(v *session.Visit) bool {
	for _, i := range v.Intervals {
		switch i.State {
		case session.Held:
			return true
		case session.Called, session.Serving:
			return false
		}
	}
	return false
}

// announced writes into a closing report how well promises held.
func (d *draft) announced(r *report.Report) {
	held := d.held(d.Session)
	recent := d.a.recent
	recent.Merge(held)
	r.Announced = d.before
	r.Announced.Merge(held)
	r.AnnouncedPoor = !d.Session.Test && recent.Poor()
}

// study reads what was learned. What cannot be read begins anew.
func (a *Appliance) study() {
	var learned wait.Learned
	if w := a.cfg.Waits; w != nil {
		var err error
		if learned, err = w.Learned(); err != nil {
			a.cfg.Logger.Error("what services took is not known; it is learned anew", "err", err)
		}
		if a.recent, err = w.Announced(wait.WarnOver); err != nil {
			a.cfg.Logger.Error("how well announced waits held is not known", "err", err)
		}
	}
	a.model = wait.NewModel(learned, a.cfg.Place.Slot, a.cfg.Place.Motifs)
}

// ticketLines is what the paper of a visit says, to be heard.
func (s *Snapshot) ticketLines(v *session.Visit, lang string, ahead session.Msg) []session.Msg {
	lines := []session.Msg{ahead}
	at := s.Now.Wall
	if t, ok := s.promised(v); ok {
		at = t.at.Wall // in the words of the paper
	}
	if m := s.TicketWait(v).Msg(at); m.Key != "" {
		lines = append(lines, m)
	}
	if v.Need != session.Anyone {
		lines = append(lines, session.M("paper.who."+string(v.Need)))
	}
	for _, m := range v.Motifs {
		own := s.place.Documents(m, lang)
		if len(own) == 0 {
			own = strings.Split(s.place.words.Text(lang, "motif."+m+".documents", nil), "\n")
		}
		for _, thing := range own {
			if thing != "" {
				lines = append(lines, session.M("text.verbatim", "text", thing))
			}
		}
	}
	return lines
}
