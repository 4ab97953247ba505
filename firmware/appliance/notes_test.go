package appliance_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/appliance"
	"jeudi/firmware/intake"
	"jeudi/firmware/journal"
	"jeudi/firmware/routing"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// of are the sheets of one kind that were kept.
func (s *sheets) of(kind sheet.Kind) (list []sheet.Sheet) {
	kept, _ := s.state()
	for _, sh := range kept {
		if sh.Kind() == kind {
			list = append(list, sh)
		}
	}
	return list
}

// receive takes the next person through desk a.
func (b *box) receive() {
	b.t.Helper()
	if _, ok := b.Snapshot().Session.AtDesk("a"); !ok {
		b.called()
	}
	b.do(session.Start{Desk: "a"})
	b.do(session.End{Desk: "a", Outcome: session.Served})
	b.settle()
}

// called calls the next person to desk a.
func (b *box) called() {
	b.t.Helper()
	b.do(session.CallNext{Desk: "a"})
}

// What a visitor shared is known until the visit ends, and then as a pair alone.
func TestANote(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		b.press("fr", "caf")
		visit := b.visit(1).ID
		if n, ok := b.Snapshot().Notes[visit]; ok {
			t.Fatalf("a note before anything was shared: %+v", n)
		}
		b.answerAndShare("yes")
		b.settle()
		n := b.Snapshot().Notes[visit]
		if n.Self == nil || n.Self.Level != sheet.Autonomous || !slices.Equal(n.Freins(), []string{sheet.Peur}) || n.Given {
			t.Fatalf("Notes[visit] = %+v; want autonomous, peur, nothing seen yet", n)
		}
		b.called()
		if err := errors.Join(b.SeeLevel(ctx, "a", visit, sheet.Remote), b.SeeLevel(ctx, "a", visit, sheet.Accompanied), b.ReadCharter(ctx, "a", visit, true)); err != nil {
			t.Fatal(err)
		}
		if got := b.sheets.of(sheet.KindStaff); len(got) != 0 {
			t.Errorf("%d staff sheets before the end of the visit; want none", len(got))
		}
		b.receive()
		if got := b.sheets.of(sheet.KindStaff); len(got) != 0 {
			t.Errorf("%d staff sheets before the close; want none", len(got))
		}
		if len(b.Snapshot().Notes) != 0 {
			t.Errorf("Notes = %+v after the end of the visit; want none", b.Snapshot().Notes)
		}
		if err := b.SeeLevel(ctx, "a", visit, sheet.Remote); !errors.Is(err, session.ErrNoVisit) {
			t.Errorf("SeeLevel() after the visit = %v; want ErrNoVisit", err)
		}

		// The end is taken back and comes again: nobody is counted twice.
		b.do(session.Undo{Desk: "a"})
		b.do(session.End{Desk: "a", Outcome: session.Oriented})
		b.settle()
		for _, e := range b.log.kept() {
			data, err := journal.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			for _, said := range []string{"autonom", "accompanied", "remote", "peur", "charter", "level"} {
				if strings.Contains(string(data), said) {
					t.Errorf("the journal says %q: %s", said, data)
				}
			}
		}
		if text := b.logged.String(); strings.Contains(text, "autonom") || strings.Contains(text, "peur") {
			t.Errorf("the log says %s; want nothing of a person", text)
		}
		b.do(session.Close{Desk: "a"})
		b.settle()
		got := b.sheets.of(sheet.KindStaff)
		if len(got) != 1 {
			t.Fatalf("%d staff sheets after the close; want one", len(got))
		}
		for key, want := range map[string]string{sheet.Agreement: sheet.Pair(sheet.Autonomous, sheet.Accompanied), sheet.Charter: sheet.Yes, sheet.Oriented: sheet.Yes, sheet.Motif: "caf"} {
			if a, _ := got[0].Answer(key); a != want {
				t.Errorf("counted: %s = %q; want %q", key, a, want)
			}
		}
	})
}

// What counts of a note: a pair needs both views, and a rehearsal counts nobody. The
// motif counts in any case.
func TestWhatCountsOfANote(t *testing.T) {
	seen := func(ctx context.Context, b *box, v session.ID) error { return b.SeeLevel(ctx, "a", v, sheet.Remote) }
	for _, tt := range []struct {
		name    string
		test    bool
		share   string
		staff   func(context.Context, *box, session.ID) error
		pair    string
		charter string
	}{
		{name: "nothing", share: "no"},
		{name: "shared and not seen", share: "yes"},
		{name: "seen and not shared", share: "no", staff: seen},
		{name: "both", share: "yes", staff: seen, pair: "autonomous-remote"},
		{name: "the charter alone", share: "no", staff: func(ctx context.Context, b *box, v session.ID) error { return b.ReadCharter(ctx, "a", v, true) }, charter: sheet.Yes},
		{name: "the charter taken back", share: "no", staff: func(ctx context.Context, b *box, v session.ID) error {
			return errors.Join(b.ReadCharter(ctx, "a", v, true), b.ReadCharter(ctx, "a", v, false))
		}},
		{name: "a rehearsal", test: true, share: "yes", staff: seen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *box) {
				b.do(session.StartPermanence{Desk: "a", Test: tt.test})
				b.press("fr", "caf")
				b.answerAndShare(tt.share)
				b.called()
				if tt.staff != nil {
					if err := tt.staff(t.Context(), b, b.visit(1).ID); err != nil {
						t.Fatal(err)
					}
				}
				b.receive()
				b.do(session.Close{Desk: "a"})
				b.settle()
				got := b.sheets.of(sheet.KindStaff)
				if tt.test || len(got) != 1 {
					if len(got) != 0 || !tt.test {
						t.Errorf("%d staff sheets; want one, and none of a rehearsal", len(got))
					}
					return
				}
				pair, _ := got[0].Answer(sheet.Agreement)
				charter, _ := got[0].Answer(sheet.Charter)
				if motif, _ := got[0].Answer(sheet.Motif); pair != tt.pair || charter != tt.charter || motif != "caf" {
					t.Errorf("counted: %q, charter %q, motif %q; want %q, %q, caf", pair, charter, motif, tt.pair, tt.charter)
				}
			})
		})
	}
}

// What a person shared is for the desk that they sit at: another one neither prints
// it nor says a word about it.
func TestANoteIsOfItsDesk(t *testing.T) {
	bubble(t, withSlips(t, nil), func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		b.press("fr", "caf")
		b.answerAndShare("yes")
		b.settle()
		b.take()
		shared, other := b.visit(1).ID, b.visit(2).ID
		told := b.said("fr", "slip.result")
		prints := func(desk string, visit session.ID) error {
			return b.PrintOrientation(ctx, appliance.Orientation{Places: []string{"media"}, Shared: visit, Desk: desk})
		}
		ask := func(desk string, visit session.ID, want error) {
			t.Helper()
			for name, err := range map[string]error{"PrintOrientation": prints(desk, visit),
				"SeeLevel": b.SeeLevel(ctx, desk, visit, sheet.Remote), "ReadCharter": b.ReadCharter(ctx, desk, visit, true)} {
				if !errors.Is(err, want) {
					t.Errorf("%s(desk %q, %v) = %v; want %v", name, desk, visit, err, want)
				}
			}
		}
		ask("a", shared, session.ErrNotCalled) // it waits still
		b.called()
		ask("a", shared, nil)
		if text := b.slip(); !strings.Contains(text, told) {
			t.Errorf("the slip at the person's own desk = %s; want %q on it", text, told)
		}
		before := len(b.wire.Sheets())
		for _, desk := range []string{"b", "", "nowhere"} {
			ask(desk, shared, session.ErrWrongDesk)
		}
		ask("a", other, session.ErrNotCalled)
		ask("a", session.ID{9}, session.ErrNoVisit)
		b.slip()
		if got := len(b.wire.Sheets()); got != before {
			t.Errorf("%d slips came out of what was refused; want none", got-before)
		}

		// The visit ends between preparing and printing: the slip leads there all the
		// same, without the result, which is nobody's any more.
		b.receive()
		for name, err := range map[string]error{"SeeLevel": b.SeeLevel(ctx, "a", shared, sheet.Remote), "ReadCharter": b.ReadCharter(ctx, "a", shared, true)} {
			if !errors.Is(err, session.ErrNoVisit) {
				t.Errorf("%s() after the visit = %v; want ErrNoVisit", name, err)
			}
		}
		if err := prints("a", shared); err != nil {
			t.Fatalf("PrintOrientation() after the visit = %v; want a slip", err)
		}
		if text := b.slip(); !strings.Contains(text, "Médiathèque du Pont") || strings.Contains(text, told) {
			t.Errorf("the slip after the visit = %s; want the place, without %q", text, told)
		}
		if got := len(b.wire.Sheets()); got != before+1 {
			t.Errorf("%d slips after the visit; want one", got-before)
		}
	})
}

// A permanence that is closed in the midst of a visit forgets what was shared, and
// counts it; a rehearsal counts nobody.
func TestNotesEndWithThePermanence(t *testing.T) {
	for rehearsal, want := range map[bool]int{false: 1, true: 0} {
		bubble(t, nil, func(t *testing.T, b *box) {
			b.do(session.StartPermanence{Desk: "a", Test: rehearsal})
			b.press("fr", "caf")
			b.answerAndShare("yes")
			b.called()
			if err := b.SeeLevel(t.Context(), "a", b.visit(1).ID, sheet.Autonomous); err != nil {
				t.Fatal(err)
			}
			b.do(session.Start{Desk: "a"})
			b.do(session.End{Desk: "a", Outcome: session.Served})
			b.do(session.Close{Desk: "a", Rest: session.Left})
			b.settle()
			if n := b.Snapshot().Notes; len(n) != 0 {
				t.Errorf("rehearsal %v: Notes = %+v after the close; want none", rehearsal, n)
			}
			if got := b.sheets.of(sheet.KindStaff); len(got) != want {
				t.Errorf("rehearsal %v: %d staff sheets; want %d", rehearsal, len(got), want)
			}
		})
	}
}

// Two presses at the way out are an opinion, one and silence are half of one.
func TestThePanelAtTheWayOut(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("fr", "caf")
		time.Sleep(20 * time.Second) // what the kiosk says goes before what is asked at the way out
		turn := b.Snapshot().Kiosk.Turn
		press := func(a drivers.Action, then time.Duration) {
			b.panel.Press(a)
			time.Sleep(then)
			b.settle()
		}
		press(drivers.Good, time.Second)
		if got := b.panel.Lamps()[drivers.Bad]; got != drivers.Breathe {
			t.Errorf("lamp after the first press = %v; want breathing: a second question waits", got)
		}
		press(drivers.Good, 100*time.Millisecond) // yes, useful
		press(drivers.Good, 3*time.Second)        // the same finger again
		if got := b.panel.Lamps()[drivers.Bad]; got != drivers.On {
			t.Errorf("lamp after the second press = %v; want on", got)
		}
		press(drivers.Bad, 25*time.Second) // and goes
		exit := sheet.New(sheet.KindExit)
		want := []sheet.Sheet{exit.Set(sheet.Satisfied, sheet.Good).Set(sheet.Useful, sheet.Yes), exit.Set(sheet.Satisfied, sheet.Bad)}
		if got := b.sheets.of(sheet.KindExit); len(got) != 2 || !got[0].Equal(want[0]) || !got[1].Equal(want[1]) {
			t.Errorf("%d opinions; want good and useful, then bad alone", len(got))
		}
		if got := b.Snapshot().Kiosk.Turn; got != turn {
			t.Errorf("the kiosk's turn is %d; want %d: somebody else is there", got, turn)
		}
		heard := b.speaker.Heard()
		asked := b.cfg.Words.Text("fr", "opinion.useful_title", nil)
		if !slices.ContainsFunc(heard, func(h heardSound) bool { return strings.Contains(h.Text, asked) }) {
			t.Errorf("heard %+v; want the second question", heard)
		}
	})
}

// atDesk takes the kiosk's intake over at desk a, presses keys there and closes it.
func (b *box) atDesk(keys ...string) {
	b.t.Helper()
	ctx := b.t.Context()
	if err := b.OpenIntake(ctx, "a", true); err != nil {
		b.t.Fatal(err)
	}
	for _, key := range keys {
		if err := b.DeskIntake(ctx, "a", b.id(), intake.Press{Turn: b.Snapshot().Intakes["a"].Turn, Key: key}); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := b.CloseIntake(ctx, "a"); err != nil {
		b.t.Fatal(err)
	}
}

// Who comes for somebody who cannot is counted, by month, with or without a ticket;
// a rehearsal counts nobody.
func TestPeopleWhoCannotComeAreCounted(t *testing.T) {
	for _, tt := range []struct {
		name string
		test bool
		do   func(*box)
		want int
	}{
		{name: "for oneself", do: func(b *box) { b.press("fr", "caf") }},
		{name: "a ticket", do: func(b *box) { b.press("fr", "for_other", "caf") }, want: 1},
		{name: "a ticket from the desk", do: func(b *box) { b.do(session.Take{Visit: session.ID{7}, ForOther: true, Desk: "a"}) }, want: 1},
		{name: "the same command twice", do: func(b *box) {
			for range 2 {
				b.Do(b.t.Context(), session.Command{ID: session.ID{8}, Order: session.Take{Visit: session.ID{7}, ForOther: true}})
			}
		}, want: 1},
		{name: "a lesson, and no ticket", do: func(b *box) { b.press("fr", "for_other", "telephone", "skip", "finish") }, want: 1},
		{name: "a lesson, a slip, and away", do: func(b *box) {
			b.press("fr", "for_other", "telephone", "places", "place_media", "print")
			time.Sleep(5 * time.Minute)
		}, want: 1},
		{name: "a lesson, and « début »", do: func(b *box) { b.press("fr", "for_other", "telephone", "restart", "yes", "fr", "restart") }, want: 1},
		{name: "a lesson, and the permanence ends", do: func(b *box) {
			b.press("fr", "for_other", "telephone")
			b.do(session.Close{Desk: "a"})
			time.Sleep(5 * time.Minute)
		}, want: 1},
		{name: "a lesson, and the desk takes over and closes it", do: func(b *box) { b.press("fr", "for_other", "telephone", "help"); b.atDesk() }, want: 1},
		{name: "a lesson, and the desk takes over and gives a ticket", do: func(b *box) {
			b.press("fr", "for_other", "telephone", "help")
			b.atDesk("ticket")
		}, want: 1},
		{name: "at the desk, another intake over it", do: func(b *box) {
			b.press("fr", "for_other", "telephone", "help")
			if err := errors.Join(b.OpenIntake(b.t.Context(), "a", true), b.OpenIntake(b.t.Context(), "a", false), b.CloseIntake(b.t.Context(), "a")); err != nil {
				b.t.Fatal(err)
			}
		}, want: 1},
		{name: "at the desk when the permanence ends", do: func(b *box) {
			b.press("fr", "for_other", "telephone", "help")
			if err := b.OpenIntake(b.t.Context(), "a", true); err != nil {
				b.t.Fatal(err)
			}
			b.do(session.Close{Desk: "a"})
		}, want: 1},
		{name: "a rehearsal that ends", test: true, do: func(b *box) {
			b.press("fr", "for_other", "telephone")
			b.do(session.Close{Desk: "a"})
		}},
		{name: "a lesson, and a ticket", do: func(b *box) { b.press("fr", "for_other", "telephone", "ticket") }, want: 1},
		{name: "a lesson for oneself", do: func(b *box) { b.press("fr", "telephone", "skip", "finish") }},
		{name: "a rehearsal", test: true, do: func(b *box) { b.press("fr", "for_other", "caf") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			needs := openLedger(t)
			slips := withSlips(t, nil)
			bubble(t, func(b *box) {
				slips(b)
				b.cfg.Needs = needs
				b.cfg.Place.Motifs = append(b.cfg.Place.Motifs, session.Motif{Key: "telephone"})
				b.cfg.Place.Routing, b.cfg.Place.Workshop = routing.Default(), true
			}, func(t *testing.T, b *box) {
				b.do(session.StartPermanence{Desk: "a", Test: tt.test})
				tt.do(b)
				b.settle()
				people := 0
				list, err := needs.HomeNeeds()
				for _, n := range list {
					people += n.People
				}
				if err != nil || people != tt.want {
					t.Errorf("HomeNeeds() = %+v, %v; want %d", list, err, tt.want)
				}
			})
		})
	}
}
