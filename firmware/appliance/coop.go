package appliance

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"time"

	"jeudi/firmware/coop"
	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/wait"
	"jeudi/firmware/words"
)

// Work is what was really done with a visitor, as the desk that received them says it.
// It is in memory alone, until the permanence closes: then it is counted and erased,
// and a restart loses it. It has no agent.
type Work struct {
	Record coop.Record // without its day; Minutes 0 is what was measured
	Toward string      // key of the place that the record names
	Told   bool        // staff said so; else only what was seen meanwhile

	agreement string // the level by both views, "" when one is missing
	charter   bool   // the promises of both sides were read together
}

// Blocked counts the procedures that organisms blocked, by month.
type Blocked interface {
	AddBlocked(at time.Time, counts []report.Tally) error
	BlockedCounts() ([]ledger.Blocked, error)
}

// Blocked are the counts of blocked procedures; nil when nobody counts.
func (a *Appliance) Blocked() Blocked { return a.cfg.Blocked }

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
		w := d.Work[visit]
		w.Record, w.Toward, w.Told = r, toward, true
		d.setWork(visit, w)
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

// keepNote keeps how a person was seen at work, when their visit ends: the note goes
// with them, the record is written afterwards, and all of it is counted at the close.
func (d *draft) keepNote(visit session.ID, n Note) {
	w := d.Work[visit]
	if n.Given {
		w.Record.Autonomy = autonomyOf(n.Seen)
		if n.Self != nil && !n.Self.Incomplete {
			w.agreement = sheet.Pair(n.Self.Level, n.Seen)
		}
	}
	w.charter = w.charter || n.Charter
	d.setWork(visit, w)
}

// counted is what is counted of the visits that were received, under names that lead
// to nothing once the journal is gone: the same when a close is settled again.
type counted struct {
	id    session.ID
	sheet sheet.Sheet
}

// eraseWork counts what was told, and erases it. A visit of which nothing was told has
// its motif, and whom and how long it needed; so has somebody who was noted on paper.
func (d *draft) eraseWork(s session.State) {
	at := s.Plan.From.In(d.place.Zone)
	if d.at.Trust != session.Trusted {
		at = time.Time{}
	}
	if s.Counts() {
		for v := range s.Visits() {
			if v.State() == session.Done && received(v) {
				w := d.Work[v.ID]
				sh := coop.Sheet(d.place.staff, v, d.Record(v))
				if w.agreement != "" {
					sh = sh.Set(sheet.Agreement, w.agreement)
				}
				if w.charter {
					sh = sh.Set(sheet.Charter, sheet.Yes)
				}
				if bin, ok := wait.Took(v, s.Ended); ok {
					sh = sh.Set(sheet.Took, strconv.Itoa(bin))
				}
				d.count(v.ID[:], sh)
			}
		}
		for i, p := range s.Papers {
			if p.Outcome != session.Served && p.Outcome != session.Oriented {
				continue
			}
			m, _ := s.Plan.Motif(p.Motif)
			v := session.Visit{Declared: p.Motif, Outcome: p.Outcome, Need: m.Need, Class: m.Class}
			for n := range p.People {
				d.count(fmt.Appendf(nil, "paper %d %d", i, n), coop.Sheet(d.place.staff, &v, coop.Record{}))
			}
		}
		var blocked []report.Tally
		for _, b := range d.place.Coop.Blocked(d.visits()) {
			blocked = append(blocked, report.Tally{Key: string(b.By), N: b.N})
		}
		if len(blocked) > 0 {
			d.effects = append(d.effects, sheetJob{blocked: blocked, at: at, quiet: true})
		}
		d.Workshops = nil
	}
	d.Work, d.WorkLost = nil, false
}

// count counts a sheet under a name made of the order to close, which the journal alone
// knows, and of what is counted.
func (d *draft) count(what []byte, s sheet.Sheet) {
	if s.Empty() {
		return
	}
	sum := sha256.Sum256(slices.Concat([]byte("received\x00"), d.closing[:], what))
	d.counted = append(d.counted, counted{session.ID(sum[:16]), s})
}

// countVisits puts the sheets of received visits on disk, and reports whether the log
// that they came from may go: not while the box is stopping. A sheet that the disk
// refuses is lost, and its visit is in the totals all the same.
func (a *Appliance) countVisits(list []counted) bool {
	if len(list) == 0 {
		return true
	}
	done := make(chan struct{})
	keep := func() {
		defer close(done)
		for _, c := range list {
			if err := a.submit(c.id, c.sheet); err != nil {
				a.cfg.Logger.Error("sheet not kept", "err", err)
			}
		}
	}
	select {
	case a.vault <- keep:
	case <-a.shut:
		return false
	}
	select {
	case <-done:
		return true
	case <-a.shut:
		return false
	}
}

// A sheet's bins are those of the forecast; the two rooms do not know each other.
var (
	_ [sheet.TookBins - wait.Bins]struct{}
	_ [wait.Bins - sheet.TookBins]struct{}
)

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
