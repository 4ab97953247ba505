package appliance_test

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/sim"
	"jeudi/firmware/intake"
	"jeudi/firmware/routing"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Three presses to a ticket, which comes out with its number and the people ahead.
func TestAVisitorTakesATicket(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		time.Sleep(10 * time.Second)
		b.take()
		time.Sleep(10 * time.Second)
		b.shows(intake.Language)
		b.press("en")
		b.shows(intake.Motif)
		b.press("logement")
		b.shows(intake.Ticket)
		if s := b.screen(); s.Number != 2 || s.Paper != session.Queued {
			t.Errorf("the screen shows number %d, paper %q; want 2, queued", s.Number, s.Paper)
		}
		time.Sleep(10 * time.Second)
		if s := b.screen(); s.Paper != session.Printed {
			t.Errorf("the screen says that the paper is %q; want printed", s.Paper)
		}
		got := b.wire.Sheets()
		text := strings.Join(strings.Fields(got[len(got)-1].Text()), " ")
		if !strings.HasPrefix(text, "2 ") {
			t.Errorf("the ticket does not begin with its number:\n%s", text)
		}
		ahead := map[string]any{"n": 1}
		for _, want := range []string{"Centre social des Tilleuls", "1 rue des Écoles",
			b.cfg.Words.Text("fr", "ticket.ahead", ahead), b.cfg.Words.Text("en", "ticket.ahead", ahead)} {
			if !strings.Contains(text, want) {
				t.Errorf("the ticket does not say %q:\n%s", want, text)
			}
		}
		v := b.visit(2)
		if v.Lang != "en" || v.Need != session.SocialWorker || v.ByStaff || !slices.Equal(v.Motifs, []string{"logement"}) {
			t.Errorf("visit = %+v; want English, a social worker, logement, not by staff", v)
		}
	})
}

// A finger that presses twice takes one ticket.
func TestBug07DoubleTap(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.press("fr")
		let := b.log.hold()
		turn := b.Snapshot().Kiosk.Turn
		done := make(chan error, 3)
		for i := range 3 {
			go func() { done <- b.Kiosk(t.Context(), session.ID{7, byte(i)}, intake.Press{Turn: turn, Key: "caf"}) }()
		}
		synctest.Wait()
		let()
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if n := b.Snapshot().Session.Totals.Issued; n != 1 {
			t.Errorf("%d tickets for three taps; want 1", n)
		}
	})
}

func TestThePanelWalksThroughTheScreens(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		press := func(actions ...drivers.Action) {
			for _, a := range actions {
				b.panel.Press(a)
				synctest.Wait()
			}
		}
		press(drivers.Next, drivers.OK)
		b.shows(intake.Motif)
		if lamps := b.panel.Lamps(); lamps[drivers.Back] != drivers.On || lamps[drivers.OK] != drivers.On {
			t.Errorf("lamps = %v; want back and OK lit", lamps)
		}
		press(drivers.Next, drivers.OK)
		b.shows(intake.Ticket)
		b.panel.Unplug(true)
		time.Sleep(5 * time.Second)
		b.panel.Unplug(false)
		time.Sleep(5 * time.Second)
		press(drivers.Help)
		b.shows(intake.Help) // the panel is watched again
		if b.Snapshot().Help == nil || b.panel.Lamps()[drivers.Help] != drivers.Blink {
			t.Errorf("help = %v, lamp %v; want asked for, blinking", b.Snapshot().Help, b.panel.Lamps()[drivers.Help])
		}
	})
}

func TestHelp(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("fr")
		if b.Snapshot().Help != nil {
			t.Fatal("help is asked for by nobody")
		}
		b.press("help")
		b.shows(intake.Help)
		since := b.Snapshot().Help
		if since == nil || since.Coming {
			t.Fatalf("Help = %+v; want asked for, nobody coming", since)
		}
		time.Sleep(5 * time.Second)
		b.press("help") // again: the same call
		if h := b.Snapshot().Help; h == nil || h.Since != since.Since {
			t.Errorf("Help = %+v after another press; want the call of before", h)
		}
		if err := b.HelpComing(t.Context()); err != nil || !b.Snapshot().Help.Coming {
			t.Errorf("HelpComing() = %v; want somebody coming", err)
		}
		if since.Coming {
			t.Error("HelpComing() changed an old snapshot")
		}
		b.press("go_on")
		b.shows(intake.Motif)
		if err := b.HelpDone(t.Context()); err != nil || b.Snapshot().Help != nil {
			t.Errorf("HelpDone() = %v; want no call", err)
		}
	})
}

// Staff answer the questions for somebody who has a ticket: the sheet is counted, what
// the person says yes to is known beside the visit, and no other ticket is made.
func TestADeskAnswersForATicket(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		b.press("ar", "for_other", "caf")
		b.take()
		visit := b.visit(1).ID
		press := func(keys ...string) {
			t.Helper()
			for _, key := range keys {
				if err := b.DeskIntake(ctx, "a", b.id(), intake.Press{Turn: b.Snapshot().Intakes["a"].Turn, Key: key}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := b.OpenIntakeOf(ctx, "a", visit); err != nil {
			t.Fatal(err)
		}
		in := b.Snapshot().Intakes["a"]
		if motif, other := in.Chosen(); in.Screen != intake.Ticket || in.Number != 1 || in.Lang != "ar" || motif != "caf" || !other {
			t.Errorf("OpenIntakeOf(1) = %s of %d in %q for %q, for another %v; want its ticket, as it was taken", in.Screen, in.Number, in.Lang, motif, other)
		}
		press("questions", "yes", "alone", "alone", "alone", "alone", "alone", "alone", "pass", "go_on", "yes", "skip", "send")
		b.settle()
		if n := b.Snapshot().Notes[visit]; n.Self == nil || n.Self.Level != sheet.Autonomous {
			t.Errorf("shared at the desk: %+v; want what the person said yes to", n.Self)
		}
		if kept, _ := b.sheets.state(); len(kept) != 1 || b.Snapshot().Session.Totals.Issued != 2 {
			t.Errorf("%d sheets, %d tickets; want 1 sheet more, and no ticket", len(kept), b.Snapshot().Session.Totals.Issued)
		}
		press("finish")
		if _, open := b.Snapshot().Intakes["a"]; open {
			t.Error("the intake is still there; want it finished")
		}

		b.do(session.CallChosen{Desk: "a", Visit: visit})
		b.do(session.CallNext{Desk: "b"})
		for _, tt := range []struct {
			name, desk string
			visit      session.ID
			err        error
		}{
			{"who sits there", "a", visit, nil},
			{"who sits elsewhere", "b", visit, session.ErrWrongDesk},
			{"no such visit", "a", session.ID{9}, session.ErrNoVisit},
			{"no such desk", "z", visit, session.ErrNoDesk},
		} {
			if err := b.OpenIntakeOf(ctx, tt.desk, tt.visit); !errors.Is(err, tt.err) {
				t.Errorf("OpenIntakeOf(%s) = %v; want %v", tt.name, err, tt.err)
			}
		}
		b.do(session.End{Desk: "a", Outcome: session.Served})
		if err := b.OpenIntakeOf(ctx, "a", visit); !errors.Is(err, session.ErrNoVisit) {
			t.Errorf("OpenIntakeOf(who left) = %v; want %v", err, session.ErrNoVisit)
		}
	})
}

// Staff finish at the desk what somebody began at the kiosk, which serves the next.
func TestADeskTakesAnIntakeOver(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		b.press("ar", "help")
		if err := b.OpenIntake(ctx, "nowhere", false); !errors.Is(err, session.ErrNoDesk) {
			t.Errorf("OpenIntake(nowhere) = %v; want ErrNoDesk", err)
		}
		turn := b.Snapshot().Kiosk.Turn
		if err := b.OpenIntake(ctx, "b", true); err != nil {
			t.Fatal(err)
		}
		s := b.Snapshot()
		if in := s.Intakes["b"]; in.Lang != "ar" || in.Screen != intake.Motif {
			t.Errorf("the desk has %s in %q; want the motifs in ar", in.Screen, in.Lang)
		}
		if s.Help != nil || !s.Kiosk.Idle() || s.Kiosk.Turn == turn {
			t.Errorf("the kiosk has help %v, idle %v, turn %d; want none, true, another turn", s.Help, s.Kiosk.Idle(), s.Kiosk.Turn)
		}
		desk := func(key string) {
			t.Helper()
			if err := b.DeskIntake(ctx, "b", b.id(), intake.Press{Turn: b.Snapshot().Intakes["b"].Turn, Key: key}); err != nil {
				t.Fatal(err)
			}
		}
		desk("go_on")
		desk("caf")
		if v := b.visit(1); !v.ByStaff || v.Lang != "ar" {
			t.Errorf("the ticket made at the desk: by staff %v, lang %q; want true, ar", v.ByStaff, v.Lang)
		}
		b.press("fr", "caf") // the next person, meanwhile
		if b.Snapshot().Kiosk.Number != 2 || b.Snapshot().Intakes["b"].Number != 1 {
			t.Errorf("kiosk %d, desk %d; want 2 and 1", b.Snapshot().Kiosk.Number, b.Snapshot().Intakes["b"].Number)
		}
		if err := b.CloseIntake(ctx, "b"); err != nil {
			t.Fatal(err)
		}
		if _, ok := b.Snapshot().Intakes["b"]; ok {
			t.Error("the desk's intake is still there")
		}
		if err := b.DeskIntake(ctx, "b", b.id(), intake.Passed{}); err == nil {
			t.Error("DeskIntake() of none = nil; want a refusal")
		}

		if err := b.OpenIntake(ctx, "a", false); err != nil || b.Snapshot().Intakes["a"].Lang != "fr" {
			t.Errorf("OpenIntake(a) = %v, in %q; want one in French", err, b.Snapshot().Intakes["a"].Lang)
		}
		desk = func(key string) {
			t.Helper()
			if err := b.DeskIntake(ctx, "a", b.id(), intake.Press{Turn: b.Snapshot().Intakes["a"].Turn, Key: key}); err != nil {
				t.Fatal(err)
			}
		}
		desk("en")
		desk("back")
		if s, ok := b.Snapshot().Intakes["a"]; !ok || s.Screen != intake.Language || s.Lang != "fr" {
			t.Errorf("back at the desk = %s in %q, there %v; want the languages, in French", s.Screen, s.Lang, ok)
		}
		b.do(session.Close{Desk: "a", Rest: session.Left})
		if n := len(b.Snapshot().Intakes); n != 0 {
			t.Errorf("%d intakes after the close; want none", n)
		}
	})
}

// answer goes through the questions, keeps the result to itself and sends the sheet.
func (b *box) answer() {
	b.t.Helper()
	b.answerAndShare("no")
}

func (b *box) answerAndShare(share string) {
	b.t.Helper()
	b.press("questions")
	for range 40 {
		time.Sleep(time.Second) // the same press again at once is a trembling finger
		switch s := b.screen(); s.ID {
		case intake.Question:
			at := slices.IndexFunc(s.Choices, func(c intake.Choice) bool { return c.Key == "done" })
			b.press(s.Choices[max(at, 0)].Key) // several answers may be given: one is enough
		case intake.Result:
			b.press(s.Choices[0].Key)
		case intake.Share:
			b.press(share)
		case intake.Recap:
			b.press("send")
			return
		default:
			b.t.Fatalf("the questions lead to %q", s.ID)
		}
	}
	b.t.Fatalf("the questions have no end: %+v", b.screen())
}

func TestASheetIsKept(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("fr", "caf")
		b.answer()
		b.settle()
		kept, _ := b.sheets.state()
		if len(kept) != 1 || kept[0].Empty() {
			t.Fatalf("%d sheets were kept; want one", len(kept))
		}
		b.shows(intake.Thanks)
		if key := b.screen().Text.Key; key != "thanks.ticket" {
			t.Errorf("the screen says %q; want thanks", key)
		}
		for _, e := range b.log.kept() { // nothing in the queue's events speaks of it
			if session.TypeOf(e.Body) == "adjusted" {
				t.Error("the answers changed the queue without a yes")
			}
		}
	})
}

// A store that refuses is said to the visitor, who told something for nothing.
func TestASheetThatIsNotKept(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.sheets.refuse = errors.New("disk full")
		b.open()
		b.press("fr", "caf")
		b.answer()
		b.settle()
		if key := b.screen().Text.Key; key != "thanks.lost" {
			t.Errorf("the screen says %q; want that it is lost", key)
		}
		if text := b.logged.String(); !strings.Contains(text, "sheet not kept") || strings.Contains(text, "retraite") {
			t.Errorf("the log says %q; want that a sheet is lost, and nothing of it", text)
		}
	})
}

// A rehearsal counts nobody.
func TestASheetOfATestIsNotKept(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.do(session.StartPermanence{Desk: "a", Test: true})
		b.press("fr", "caf")
		b.answer()
		b.settle()
		if kept, _ := b.sheets.state(); len(kept) != 0 {
			t.Errorf("%d sheets of a test were kept; want none", len(kept))
		}
		if key := b.screen().Text.Key; key != "thanks.ticket" {
			t.Errorf("the screen says %q; want thanks", key)
		}
	})
}

// What a visitor who left had said is erased by time alone, and it says so.
func TestIdleIsErasedByTimeAlone(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("ar", "bigger", "contrast")
		time.Sleep(59 * time.Second)
		b.shows(intake.Motif)
		time.Sleep(2 * time.Second)
		b.shows(intake.MoreTime)
		time.Sleep(30 * time.Second)
		b.shows(intake.Erased)
		time.Sleep(31 * time.Second)
		b.shows(intake.Language)
		if s := b.Snapshot().Kiosk; !s.Idle() {
			t.Errorf("the kiosk is %+v; want as new", s)
		}
	})
}

// A visitor says « je reviens » at the kiosk, and the line keeps the turn.
func TestAVisitorStepsOut(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.press("fr", "caf", "back_at", "in_15")
		b.shows(intake.Thanks)
		if got := b.visit(1).State(); got != session.Held {
			t.Errorf("the visit is %s; want held", got)
		}
		time.Sleep(16 * time.Minute)
		if got := b.visit(1).State(); got != session.Waiting {
			t.Errorf("a quarter of an hour later: %s; want waiting", got)
		}
	})
}

// Outside its hours the kiosk gives no ticket, whatever was on the screen.
func TestTheHoursEndInFrontOfAVisitor(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		time.Sleep(hours - 10*time.Second)
		b.press("fr")
		b.shows(intake.Motif)
		time.Sleep(20 * time.Second)
		b.press("caf")
		b.shows(intake.Shut)
		if n := b.Snapshot().Session.Totals.Issued; n != 0 {
			t.Errorf("%d tickets; want none", n)
		}
	})
}

// While no permanence may begin, a visitor is not led through questions to a refusal, and
// is not told a time that has passed; whoever was on the way sees the same at the end.
func TestNoTicketsOnHold(t *testing.T) {
	var hold atomic.Bool
	hold.Store(true)
	refusal := &session.Refusal{Msg: session.M("update.hold")}
	bubble(t, func(b *box) {
		b.cfg.Hold = func() error {
			if hold.Load() {
				return refusal
			}
			return nil
		}
	}, func(t *testing.T, b *box) {
		b.press("fr")
		b.shows(intake.Shut)
		if at := b.Snapshot().Context(b.Snapshot().Kiosk).From; !at.IsZero() {
			t.Errorf("the next permanence is at %v; want that nobody knows", at)
		}
		b.refused(session.StartPermanence{Desk: "a"}, refusal)
		b.refused(session.Take{Visit: b.id(), Motif: "caf", Lang: "fr"}, refusal)

		hold.Store(false)
		b.Refresh()
		b.settle()
		time.Sleep(3 * time.Minute) // and the visitor is gone
		b.press("fr")
		b.shows(intake.Motif)
		hold.Store(true)
		b.Refresh()
		b.settle()
		b.press("caf")
		b.shows(intake.Shut)
		if n := b.Snapshot().Session.Totals.Issued; n != 0 {
			t.Errorf("%d tickets; want none", n)
		}
	})
}

// The box speaks to whoever listens, and a touch silences it.
func TestTheKioskSpeaks(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.panel.Press(drivers.Next)
		b.settle()
		heard := b.speaker.Heard()
		if len(heard) != 1 || heard[0].Text == "" || heard[0].Output != "loudspeaker" {
			t.Fatalf("heard %+v; want the first language's name", heard)
		}
		b.speaker.Plug(true)
		b.settle()
		b.panel.Press(drivers.Repeat)
		b.settle()
		heard = b.speaker.Heard()
		if last := heard[len(heard)-1]; last.Output != "headphones" {
			t.Errorf("with headphones the prompt goes to the %s", last.Output)
		}
	})
}

// A call is heard from the loudspeaker with number and desk, once.
func TestACallIsHeard(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.take()
		b.speaker.Plug(true)
		b.do(session.CallNext{Desk: "b"})
		time.Sleep(10 * time.Second)
		heard := b.speaker.Heard()
		// Headphones begin to be read to, and have nothing to do with calls.
		heard = slices.DeleteFunc(heard, func(h sim.Heard) bool { return h.Output == "headphones" })
		if len(heard) != 1 || !heard[0].Chime || heard[0].Output != "loudspeaker" ||
			!strings.Contains(heard[0].Text, "1") || !strings.Contains(heard[0].Text, "bureau B") {
			t.Errorf("heard %+v; want chime, number 1 and bureau B from the loudspeaker", heard)
		}
	})
}

// The disk refuses between two calls: what was said is not said again, and what
// was refused is not said at all.
func TestBug15ChimeAfterDatabaseError(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		b.open()
		b.take()
		b.take()
		b.do(session.CallNext{Desk: "a"})
		time.Sleep(10 * time.Second)
		b.log.fail(errors.New("database is locked"))
		if _, err := b.Do(t.Context(), session.Command{ID: b.id(), Order: session.CallNext{Desk: "b"}}); err == nil {
			t.Fatal("a call that the disk refused was accepted")
		}
		time.Sleep(30 * time.Second)
		b.log.fail(nil)
		time.Sleep(30 * time.Second)
		if n := len(b.speaker.Heard()); n != 1 {
			t.Errorf("%d sounds; want the first call alone", n)
		}
		b.do(session.CallNext{Desk: "b"})
		time.Sleep(10 * time.Second)
		if heard := b.speaker.Heard(); len(heard) != 2 || !strings.Contains(heard[1].Text, "2") {
			t.Errorf("heard %+v; want the second call, once", heard)
		}
	})
}

// A lesson is offered with the places for it on the very screen that comes after the
// press, and said with it: nobody has to press twice to hear of them.
func TestPlacesAreSaidWithTheScreenThatNamesThem(t *testing.T) {
	bubble(t, func(b *box) {
		withSlips(t, nil)(b)
		b.cfg.Place.Motifs = append(b.cfg.Place.Motifs, session.Motif{Key: "telephone"})
		b.cfg.Place.Routing, b.cfg.Place.Workshop = routing.Default(), true
	}, func(t *testing.T, b *box) {
		b.open()
		b.press("repeat", "fr", "telephone")
		said := func() {
			t.Helper()
			b.settle()
			var want []string
			for _, m := range b.screen().Say {
				want = append(want, b.cfg.Words.Text("fr", m.Key, m.Args))
			}
			heard := b.speaker.Heard()
			if got := heard[len(heard)-1].Text; got != strings.Join(want, "\n") {
				t.Errorf("heard %q; want %q, as the screen counts them", got, want)
			}
		}
		b.shows(intake.Workshop)
		said()
		b.press("places")
		b.shows(intake.Places)
		said()
		if got := b.screen().Choices; len(got) != 1 || got[0].Key != "place_media" {
			t.Errorf("Choices = %+v; want the place of the site", got)
		}
	})
}
