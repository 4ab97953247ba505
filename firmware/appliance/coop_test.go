package appliance_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/coop"
	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// works counts what is blocked in memory.
type works struct {
	mu   sync.Mutex
	kept [][]report.Tally
}

func (w *works) AddBlocked(_ time.Time, counts []report.Tally) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept = append(w.kept, counts)
	return nil
}

func (w *works) BlockedCounts() ([]ledger.Blocked, error) { return nil, nil }

func (w *works) all() [][]report.Tally {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.kept)
}

// withWork gives a box somebody who counts, and a place to send people to.
func withWork(t *testing.T, w *works) func(*box) {
	t.Helper()
	slips := withSlips(t, nil)
	return func(b *box) {
		slips(b)
		b.cfg.Blocked = w
		b.cfg.Place.Coop = coop.Site{Prefill: true, Place: coop.Place{Name: "Les Tilleuls"}}
	}
}

// received are the staff sheets that were kept, as their questions and answers, without
// those that nobody answered.
func (b *box) received() (list [][]string) {
	b.t.Helper()
	var keys []string
	for _, m := range b.cfg.Place.Motifs {
		keys = append(keys, m.Key)
	}
	for _, s := range b.sheets.of(sheet.KindStaff) {
		var said []string
		for _, q := range coop.Schema(keys).Questions {
			if given := s.Answers(q); len(given) > 0 {
				said = append(said, q.Key+"="+strings.Join(given, " "))
			}
		}
		list = append(list, said)
	}
	return list
}

// served takes somebody through desk a in half an hour.
func (b *box) served() *session.Visit {
	b.t.Helper()
	n := b.take().Number
	b.do(session.CallNext{Desk: "a"})
	b.do(session.Start{Desk: "a"})
	time.Sleep(31 * time.Minute)
	b.do(session.End{Desk: "a", Outcome: session.Served})
	return b.visit(n)
}

// What was done is told once the desk is free, as often as one likes, by the desk that
// received the person; it is counted at close, and then it is nowhere.
func TestTellWork(t *testing.T) {
	w := &works{}
	bubble(t, withWork(t, w), func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		v := b.served()
		if _, busy := b.Snapshot().Session.AtDesk("a"); busy {
			t.Fatal("the desk is not free after « Terminé »")
		}
		if ended, told := b.Snapshot().WorkTold(); ended != 1 || told != 0 {
			t.Errorf("WorkTold() = %d, %d; want 1, 0", ended, told)
		}
		if got := b.Snapshot().Records(); len(got) != 0 {
			t.Errorf("Records() = %+v before anybody said anything; want none", got)
		}
		say := coop.Record{Themes: []coop.Theme{"SocialSante"}, Manner: "avec", Oriented: coop.Yes, Structure: "AideSociale", Accompanied: true,
			SeeAgain: true, Blocked: "caf", Autonomy: "Autonome", Age: "SoixanteDixPlus"}
		for _, tt := range []struct {
			name   string
			desk   string
			visit  session.ID
			say    coop.Record
			toward string
			want   error
		}{
			{"another desk", "b", v.ID, say, "", session.ErrWrongDesk},
			{"nobody", "a", b.id(), say, "", session.ErrNoVisit},
			{"no theme", "a", v.ID, coop.Record{Manner: "avec"}, "", &session.Refusal{Msg: session.M("refuse.coop_theme")}},
			{"a place that is not there", "a", v.ID, say, "nowhere", session.ErrUnknownChoice},
			{"an age that is none", "a", v.ID, coop.Record{Themes: []coop.Theme{"Email"}, Age: "vieux"}, "", session.ErrUnknownChoice},
			{"less", "a", v.ID, coop.Record{Themes: []coop.Theme{"Email"}}, "", nil},
			{"more", "a", v.ID, say, "media", nil},
		} {
			if err := b.TellWork(ctx, tt.desk, tt.visit, tt.say, tt.toward); !errors.Is(err, tt.want) {
				t.Errorf("%s: TellWork() = %v; want %v", tt.name, err, tt.want)
			}
		}
		got := b.Snapshot().Records()
		if len(got) != 1 {
			t.Fatalf("Records() = %d; want one, the last that was said", len(got))
		}
		if r := got[0]; r.Minutes != 30 || r.Toward != "Médiathèque du Pont" || r.Kind != coop.Individual || !slices.Equal(r.Themes, []coop.Theme{coop.Paperwork, "SocialSante"}) ||
			!r.Day.Equal(b.Snapshot().Session.Plan.From) {
			t.Errorf("the record = %+v; want 30 minutes on the day of the permanence, the place by name", r)
		}
		if _, err := b.Snapshot().Coop().Link(got[0]); err != nil {
			t.Errorf("Link() = %v", err)
		}
		if ended, told := b.Snapshot().WorkTold(); ended != 1 || told != 1 {
			t.Errorf("WorkTold() = %d, %d; want 1, 1", ended, told)
		}
		b.do(session.Close{Desk: "a"})
		b.settle()
		if got := slices.Concat(w.all()...); !slices.Equal(got, []report.Tally{{Key: "caf", N: 1}}) {
			t.Errorf("counted at close of organisms = %v; want one of caf", got)
		}
		want := []string{"motif=caf", "role=any", "class=normal", "themes=AideAuxDemarchesAdministratives SocialSante", "venue=LieuActivite", "duration=60",
			"manner=avec", "autonomy=Autonome", "oriented=yes", "structure=AideSociale", "accompanied=yes", "see_again=yes", "took=12"}
		if got := b.received(); len(got) != 1 || !slices.Equal(got[0], want) {
			t.Errorf("counted at close of the visit = %q; want one sheet, %q", got, want)
		}
		s := b.Snapshot()
		if len(s.Records()) != 0 || len(s.Work) != 0 {
			t.Errorf("after the close %d records and %d visits are known; want none", len(s.Records()), len(s.Work))
		}
		if err := b.TellWork(ctx, "a", v.ID, say, ""); !errors.Is(err, session.ErrNoVisit) {
			t.Errorf("TellWork() after the close = %v; want ErrNoVisit", err)
		}
		var report bytes.Buffer
		for _, line := range b.paper("") {
			report.WriteString(line)
		}
		for _, said := range []string{"SocialSante", "SoixanteDixPlus", "Médiathèque du Pont"} {
			if strings.Contains(b.logged.String(), said) || strings.Contains(report.String(), said) {
				t.Errorf("the log or the paper says %q", said)
			}
		}
	})
}

// What is seen at work is kept for the record, told while the person sits there or by
// the buttons; a visit that is taken back is not counted.
func TestWorkAndTheWayItEnds(t *testing.T) {
	w := &works{}
	bubble(t, withWork(t, w), func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		b.take()
		b.called()
		v := b.visit(1)
		if err := b.TellWork(ctx, "a", v.ID, coop.Record{Themes: []coop.Theme{"Email"}, Autonomy: "PartiellementAutonome"}, ""); err != nil {
			t.Fatalf("TellWork() of who sits there = %v", err)
		}
		if n := b.Snapshot().Notes[v.ID]; !n.Given || n.Seen != sheet.Accompanied {
			t.Errorf("the note = %+v; want seen as accompanied", n)
		}
		if got := b.Snapshot().Records(); len(got) != 0 {
			t.Errorf("Records() = %d while the person is there; want none", len(got))
		}
		if err := b.SeeLevel(ctx, "a", v.ID, sheet.Remote); err != nil {
			t.Fatal(err)
		}
		b.receive()
		if got := b.Snapshot().Records(); len(got) != 1 || got[0].Autonomy != "EntierementAccompagne" || got[0].Minutes != 15 {
			t.Errorf("Records() = %+v; want one, as it was seen last, a quarter of an hour", got)
		}
		if got := b.Snapshot().EndedAt("a"); len(got) != 1 || got[0].ID != v.ID || len(b.Snapshot().EndedAt("b")) != 0 {
			t.Errorf("EndedAt(a) = %+v; want the visit, and none at b", got)
		}
		b.do(session.End{Desk: "a", Visit: v.ID, Outcome: session.Left}) // it was not so
		if got := b.Snapshot().Records(); len(got) != 0 {
			t.Errorf("Records() = %d of somebody who left; want none", len(got))
		}
		if err := b.TellWork(ctx, "a", v.ID, coop.Record{Themes: []coop.Theme{"Email"}}, ""); !errors.Is(err, session.ErrNoVisit) {
			t.Errorf("TellWork() of somebody who left = %v; want ErrNoVisit", err)
		}
		b.do(session.Close{Desk: "a"})
		b.settle()
		if got := b.received(); len(w.all()) != 0 || len(got) != 0 {
			t.Errorf("counted = %+v; want nothing", got)
		}
	})
}

// A rehearsal counts nobody.
func TestWorkOfARehearsal(t *testing.T) {
	w := &works{}
	bubble(t, withWork(t, w), func(t *testing.T, b *box) {
		b.do(session.StartPermanence{Desk: "a", Test: true})
		v := b.served()
		if err := b.TellWork(t.Context(), "a", v.ID, coop.Record{Themes: []coop.Theme{"Email"}}, ""); err != nil {
			t.Fatal(err)
		}
		b.do(session.Close{Desk: "a"})
		b.settle()
		if got := b.received(); len(w.all()) != 0 || len(got) != 0 {
			t.Errorf("counted = %+v; want nothing of a rehearsal", got)
		}
	})
}

// Whoever was received is counted once, by motif, role and class, told of or not; who left,
// and who was noted on paper and left, is not.
func TestReceivedVisitsAreCountedAtTheClose(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.take()
		b.receive()
		b.take()
		b.called()
		b.do(session.End{Desk: "a", Outcome: session.NoShow})
		b.do(session.Take{Visit: b.id(), Lang: "fr"})
		b.called()
		b.do(session.End{Desk: "a", Outcome: session.Oriented})
		b.do(session.CatchUp{Desk: "a", Motif: "caf", Outcome: session.Served, People: 2})
		b.do(session.CatchUp{Desk: "a", Motif: "caf", Outcome: session.Left, People: 3})
		b.do(session.CatchUp{Desk: "a", Outcome: session.Served, People: 4})
		b.do(session.Undo{Desk: "a"})
		b.settle()
		if got := b.received(); len(got) != 0 {
			t.Fatalf("%d staff sheets before the close; want none: an end may be taken back", len(got))
		}
		b.do(session.Close{Desk: "a"})
		b.settle()
		motif := place().Motifs[0]
		role, class := report.RoleKey(motif.Need), report.ClassKey(motif.Class)
		caf := []string{"motif=caf", "role=" + role, "class=" + class}
		want := [][]string{append(slices.Clone(caf), "duration=30"), {"motif=dont-know", "role=any", "class=normal", "duration=30", "oriented=yes"}, caf, caf}
		if got := b.received(); !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Errorf("counted at the close = %q; want %q", got, want)
		}
	})
}

// A close that is settled again, as its totals could not be entered or the plug was
// pulled, counts the same sheets under the same names.
func TestACloseIsCountedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{refuse: errors.New("no room")}
		b := start(t, log, entered, nil)
		b.open()
		b.served()
		b.served()
		b.do(session.Close{Desk: "a"})
		b.settle()
		first := slices.Clone(b.sheets.ids)
		if len(first) != 2 || first[0] == first[1] {
			t.Fatalf("%d sheets kept; want two, under two names", len(first))
		}
		if id := b.Snapshot().Session.Plan.ID; slices.Contains(first, [16]byte(id)) {
			t.Error("a sheet is named after the permanence")
		}
		b.stop()
		entered.refuse = nil
		again := start(t, log, entered, nil)
		again.settle()
		if got := again.sheets.ids; !slices.Equal(got, first) {
			t.Errorf("settled again, %d sheets of other names; want the same two names", len(got))
		}
		if got := entered.all(); len(got) != 1 {
			t.Errorf("%d permanences entered; want one", len(got))
		}
	})
}

// A cut loses what was told, says so until somebody has read it, and lets them say it
// again.
func TestACutLosesWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, withWork(t, &works{}))
		if b.Snapshot().WorkLost {
			t.Error("a fresh box lost something")
		}
		b.open()
		v := b.served()
		tell := func(b *box) error {
			return b.TellWork(t.Context(), "a", v.ID, coop.Record{Themes: []coop.Theme{"Email"}}, "")
		}
		if err := tell(b); err != nil {
			t.Fatal(err)
		}
		b.stop()
		again := start(t, log, entered, withWork(t, &works{}))
		if s := again.Snapshot(); !s.WorkLost || len(s.Records()) != 0 {
			t.Errorf("after a cut: lost %v, %d records; want it said, none", s.WorkLost, len(s.Records()))
		}
		again.do(session.Resume{Desk: "a"})
		if err := errors.Join(again.KnowLost(t.Context()), tell(again)); err != nil {
			t.Fatal(err)
		}
		if s := again.Snapshot(); s.WorkLost || len(s.Records()) != 1 {
			t.Errorf("said again: lost %v, %d records; want read, one", s.WorkLost, len(s.Records()))
		}
	})
}

var _ appliance.Blocked = (*ledger.Ledger)(nil)
