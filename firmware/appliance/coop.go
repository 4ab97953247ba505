package appliance

import (
	"context"
	"slices"
	"time"

	"jeudi/firmware/coop"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// Work is what was really done with a visitor, as the desk that received them says it.
// It is in memory alone, until the permanence closes: then it is counted and erased,
// and a restart loses it. It has no agent.
type Work struct {
	Record coop.Record // without its day; Minutes 0 is what was measured
	Toward string      // key of the place that the record names
	Told   bool        // staff said so; else only what was seen meanwhile
}

// Works counts what was done with people, by month.
type Works interface {
	AddWork(at time.Time, counts []ledger.Work) error
	WorkCounts() ([]ledger.WorkCount, error)
}

// Works are the counts of what was done, by month; nil when nobody counts.
func (a *Appliance) Works() Works { return a.cfg.Works }

// TellWork keeps what was done with a visit, in the place of what was said before. It
// is for the desk that received the person, while they sit there or once they left,
// until the permanence closes. toward is the key of the place that they were sent to,
// "" for none. What the record may not be is a session.Refusal.
func (a *Appliance) TellWork(ctx context.Context, desk string, visit session.ID, r coop.Record, toward string) error {
	return a.ask(ctx, func(d *draft) error {
		v, err := d.Worked(desk, visit)
		if err != nil {
			return err
		}
		if r.Toward = ""; toward != "" {
			p, ok := d.slipPlace(toward, words.French)
			if !ok {
				return session.ErrUnknownChoice
			}
			r.Toward = p.Name
		}
		r.Kind, r.Themes = coop.Individual, coop.TidyThemes(r.Themes)
		if problems := d.place.Coop.Check(d.dated(v, r)); len(problems) > 0 {
			return &session.Refusal{Msg: problems[0].Msg}
		}
		if level, ok := levelSeen(r.Autonomy); ok && v.State() != session.Done {
			d.note(visit, func(n *Note) { n.Seen, n.Given = level, true })
		}
		d.setWork(visit, Work{r, toward, true})
		return nil
	})
}

// KnowLost says that staff have read that a restart lost what was told.
func (a *Appliance) KnowLost(ctx context.Context) error {
	return a.ask(ctx, func(d *draft) error { d.WorkLost = false; return nil })
}

// Worked is a visit of which a desk may say what was done: the person sits there, or
// was received there last.
func (s *Snapshot) Worked(desk string, visit session.ID) (*session.Visit, error) {
	v, ok := s.Session.Visit(visit)
	if !ok || s.Session.Status == session.Closed || v.State() == session.Done && !received(v) {
		return nil, session.ErrNoVisit
	}
	if at, ok := s.Session.AtDesk(desk); ok && at.ID == visit {
		return v, nil
	}
	switch v.State() {
	case session.Done:
		if desk != "" && deskOf(v) == desk {
			return v, nil
		}
		fallthrough
	case session.Called, session.Serving:
		return nil, &session.Refusal{Msg: session.M(session.ErrWrongDesk.Msg.Key, "n", v.Number)}
	}
	return nil, session.ErrNotCalled
}

// received reports whether an ended visit is one of which there is something to say.
func received(v *session.Visit) bool {
	return (v.Outcome == session.Served || v.Outcome == session.Oriented) && deskOf(v) != ""
}

// deskOf is the desk that called or received a visit last, "" for none.
func deskOf(v *session.Visit) string {
	for _, in := range slices.Backward(v.Intervals) {
		if in.Desk != "" {
			return in.Desk
		}
	}
	return ""
}

// EndedAt are the visits that a desk received and that have ended, the latest first.
func (s *Snapshot) EndedAt(desk string) (list []*session.Visit) {
	if s.Session.Status == session.Closed {
		return nil
	}
	for v := range s.Session.Visits() {
		if v.State() == session.Done && received(v) && deskOf(v) == desk {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b *session.Visit) int { return b.Since().Wall.Compare(a.Since().Wall) })
	return list
}

// Record is what is known of the work with a visit, told or not, as La Coop counts it.
func (s *Snapshot) Record(v *session.Visit) coop.Record {
	w := s.Work[v.ID]
	if n, ok := s.Notes[v.ID]; ok && n.Given && !w.Told {
		w.Record.Autonomy = autonomyOf(n.Seen)
	}
	return s.dated(v, w.Record)
}

// dated is a record with its day, which is that of the permanence, and its minutes.
func (s *Snapshot) dated(v *session.Visit, r coop.Record) coop.Record {
	r.Kind, r.Day = coop.Individual, s.Session.Plan.From.In(s.place.Zone)
	if r.Minutes == 0 {
		spent, _ := v.Spent(session.Serving, s.Now)
		r.Minutes = coop.Quarter(spent)
	}
	return r
}

// Records are what was told of the permanence under way, and the workshops that ended
// since the last one closed. They are erased when it closes. While staff practise,
// workshops wait: they are real.
func (s *Snapshot) Records() []coop.Record {
	if s.Testing() {
		return s.visits()
	}
	return append(s.visits(), s.Workshops...)
}

func (s *Snapshot) visits() (list []coop.Record) {
	for v := range s.Session.Visits() {
		if w := s.Work[v.ID]; w.Told && v.State() == session.Done && received(v) {
			list = append(list, s.Record(v))
		}
	}
	return list
}

// WorkTold is how many visits have ended with something to say of them, and of how
// many of them it was said.
func (s *Snapshot) WorkTold() (ended, told int) {
	if s.Session.Status == session.Closed {
		return 0, 0
	}
	for v := range s.Session.Visits() {
		if v.State() != session.Done || !received(v) {
			continue
		}
		if ended++; s.Work[v.ID].Told {
			told++
		}
	}
	return ended, told
}

// Untold is the visit that a desk ended last, while nothing was said of it; false for
// none. Older ones stay in EndedAt.
func (s *Snapshot) Untold(desk string) (*session.Visit, bool) {
	if list := s.EndedAt(desk); len(list) > 0 && !s.Work[list[0].ID].Told {
		return list[0], true
	}
	return nil, false
}

// Coop is what the site says once for all its records.
func (s *Snapshot) Coop() coop.Site { return s.place.Coop }

func (d *draft) setWork(visit session.ID, w Work) {
	d.Work = with(d.Work, visit, w)
}

// keepSeen keeps how a person was seen at work, when their visit ends: the note goes
// with them, and the record is written afterwards.
func (d *draft) keepSeen(visit session.ID, n Note) {
	v, ok := d.Session.Visit(visit)
	if !n.Given || !ok || d.Session.Status == session.Closed || !received(v) {
		return
	}
	w := d.Work[visit]
	w.Record.Autonomy = autonomyOf(n.Seen)
	d.setWork(visit, w)
}

// eraseWork counts what was told, and erases it.
func (d *draft) eraseWork(s session.State) {
	if counts := counted(d.place.Coop.Count(d.visits())); len(counts) > 0 && !s.Test {
		at := s.Plan.From.In(d.place.Zone)
		if d.at.Trust != session.Trusted {
			at = time.Time{}
		}
		d.effects = append(d.effects, sheetJob{work: counts, at: at, quiet: true})
	}
	d.Work, d.WorkLost = nil, false
	if !s.Test {
		d.Workshops = nil
	}
}

// counted are totals as the ledger keeps them. Workshops are counted by the agenda.
func counted(t coop.Totals) (list []ledger.Work) {
	for _, c := range []ledger.Work{{List: "visits", N: t.Visits}, {List: "oriented", N: t.Oriented}, {List: "accompanied", N: t.Accompanied}, {List: "see_again", N: t.SeeAgain}} {
		if c.N > 0 {
			list = append(list, c)
		}
	}
	list = appendWork(list, "theme", t.Themes)
	list = appendWork(list, "manner", t.Manners)
	list = appendWork(list, "structure", t.Structures)
	return appendWork(list, "blocked", t.Blocked)
}

func appendWork[C ~string](list []ledger.Work, name string, counts []coop.Count[C]) []ledger.Work {
	for _, c := range counts {
		list = append(list, ledger.Work{List: name, Choice: string(c.Code), N: c.N})
	}
	return list
}

// autonomyOf is a level as the mediator saw it, in La Coop's words.
func autonomyOf(l sheet.Level) coop.Autonomy {
	switch l {
	case sheet.Remote:
		return "EntierementAccompagne"
	case sheet.Accompanied:
		return "PartiellementAutonome"
	}
	return "Autonome"
}

// levelSeen is the level of La Coop's words; ok is false when nothing was said.
func levelSeen(a coop.Autonomy) (sheet.Level, bool) {
	for l := sheet.Remote; l <= sheet.Autonomous; l++ {
		if autonomyOf(l) == a {
			return l, true
		}
	}
	return 0, false
}
