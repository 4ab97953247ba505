package appliance_test

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/agenda"
	"jeudi/firmware/appliance"
	"jeudi/firmware/coop"
	"jeudi/firmware/intake"
	"jeudi/firmware/session"
)

var _ appliance.Agenda = (*agenda.Agenda)(nil)

// withAgenda gives a box an agenda with one workshop of two seats.
func withAgenda(t *testing.T) (change func(*box), event session.ID) {
	t.Helper()
	a, _, err := agenda.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	event = session.ID{7}
	from := time.Date(2026, time.November, 26, 14, 0, 0, 0, time.UTC)
	if err := a.Put(agenda.Event{ID: event, Kind: agenda.Workshop, Title: "Mes premiers mails", From: from, Until: from.Add(2 * time.Hour),
		Room: "Salle 2", Themes: []coop.Theme{"Email"}, Seats: 2}); err != nil {
		t.Fatal(err)
	}
	return func(b *box) { b.cfg.Agenda = a }, event
}

// A seat is given under a code, which is on the paper and in no log; the last one is
// given once, and a workshop that ends is among the records.
func TestSeats(t *testing.T) {
	change, event := withAgenda(t)
	bubble(t, change, func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		b.settle()
		code, err := b.ReserveSeat(ctx, event, "en", false)
		if err != nil || code == "" {
			t.Fatalf("ReserveSeat() = %q, %v", code, err)
		}
		time.Sleep(10 * time.Second)
		if got := b.paper("Mes premiers mails", "Salle 2", code[:3], code[3:], b.said("fr", "slip.seat.atelier")); len(got) != 1 {
			t.Errorf("%d slips with the code %s among %q; want one", len(got), code, b.slip())
		}
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() { _, err := b.ReserveSeat(ctx, event, "fr", false); errs <- err }()
		}
		got := 0
		for range cap(errs) {
			switch err := <-errs; {
			case err == nil:
				got++
			case !errors.Is(err, agenda.ErrFull):
				t.Errorf("ReserveSeat() of a full workshop = %v; want ErrFull", err)
			}
		}
		if got != 1 {
			t.Errorf("%d people got the last seat; want 1", got)
		}
		if strings.Contains(b.logged.String(), code) {
			t.Error("the log has a code")
		}
		if err := errors.Join(b.Agenda().Came(code, true), b.PrintSeat(ctx, code, "fr", true)); err != nil {
			t.Fatal(err)
		}
		past, err := b.EndEvent(ctx, event, 3)
		if err != nil || past.Participants != 4 {
			t.Fatalf("EndEvent() = %+v, %v; want 4 participants", past, err)
		}
		r := b.Snapshot().Records()
		if len(r) != 1 || r[0].Kind != coop.Workshop || r[0].Participants != 4 || r[0].Title != "Mes premiers mails" || r[0].Minutes != 120 {
			t.Errorf("Records() = %+v; want the workshop", r)
		}
		if _, err := b.EndEvent(ctx, event, 0); !errors.Is(err, agenda.ErrNoEvent) {
			t.Errorf("EndEvent() again = %v; want ErrNoEvent", err)
		}
		b.do(session.Close{Desk: "a"})
		if r := b.Snapshot().Records(); len(r) != 0 {
			t.Errorf("Records() after the close = %+v; want none", r)
		}
	})
}

// hasty is an agenda whose caller leaves while the card writes.
type hasty struct {
	appliance.Agenda
	leave func()
}

func (h hasty) Reserve(id session.ID, now time.Time, random io.Reader) (string, error) {
	defer h.leave()
	return h.Agenda.Reserve(id, now, random)
}

func (h hasty) End(id session.ID, more int, now time.Time) (agenda.Past, error) {
	defer h.leave()
	return h.Agenda.End(id, more, now)
}

// A line that is cut while the card writes loses neither the slip of a seat nor a
// workshop that was counted.
func TestSeatsOfACutLine(t *testing.T) {
	for range 8 { // of a wait that two things end, Go takes either
		change, event := withAgenda(t)
		var leave func()
		cut := func(b *box) { change(b); b.cfg.Agenda = hasty{b.cfg.Agenda, func() { leave() }} }
		bubble(t, cut, func(t *testing.T, b *box) {
			b.open()
			ctx, cancel := context.WithCancel(t.Context())
			leave = cancel
			if code, err := b.ReserveSeat(ctx, event, "fr", false); err != nil || code == "" {
				t.Errorf("ReserveSeat() = %q, %v; want a seat", code, err)
			}
			ctx, leave = context.WithCancel(t.Context())
			if _, err := b.EndEvent(ctx, event, 3); err != nil || len(b.Snapshot().Workshops) != 1 {
				t.Errorf("EndEvent() = %v, %d workshops; want one", err, len(b.Snapshot().Workshops))
			}
		})
	}
}

// A workshop that ended is not of the rehearsal that comes after it: it is not among
// its records, nor erased with them.
func TestAWorkshopOutlivesARehearsal(t *testing.T) {
	change, event := withAgenda(t)
	bubble(t, change, func(t *testing.T, b *box) {
		if _, err := b.EndEvent(t.Context(), event, 3); err != nil {
			t.Fatal(err)
		}
		b.do(session.StartPermanence{Desk: "a", Test: true})
		if got := b.Snapshot().Records(); len(got) != 0 {
			t.Errorf("Records() while staff practise = %+v; want none", got)
		}
		b.do(session.Close{Desk: "a"})
		b.settle()
		if got := b.Snapshot().Records(); len(got) != 1 {
			t.Errorf("Records() after it = %+v; want the workshop", got)
		}
	})
}

// Nobody gets a seat of a rehearsal, and a box without an agenda has no event.
func TestNoSeats(t *testing.T) {
	change, event := withAgenda(t)
	bubble(t, change, func(t *testing.T, b *box) {
		b.do(session.StartPermanence{Desk: "a", Test: true})
		if _, err := b.ReserveSeat(t.Context(), event, "fr", false); err == nil || err.Error() != "refuse.agenda_test" {
			t.Errorf("ReserveSeat() while staff practise = %v; want refuse.agenda_test", err)
		}
	})
	bubble(t, nil, func(t *testing.T, b *box) {
		_, end := b.EndEvent(t.Context(), event, 0)
		if _, err := b.ReserveSeat(t.Context(), event, "fr", false); !errors.Is(err, agenda.ErrNoEvent) || !errors.Is(end, agenda.ErrNoEvent) {
			t.Errorf("a box without an agenda: %v, %v; want ErrNoEvent", err, end)
		}
	})
}

// swept is an agenda that tells when it is asked to end what is over.
type swept struct {
	appliance.Agenda
	asked []time.Time
	over  []agenda.Past
}

func (s *swept) Offers(from, until time.Time) ([]agenda.Offer, error) { return nil, nil }

func (s *swept) Sweep(now time.Time) ([]agenda.Past, error) {
	s.asked = append(s.asked, now)
	over := s.over
	s.over = nil
	return over, errors.New("the card is slow")
}

// What nobody ended is looked for at the start and each hour, and with a clock that
// nobody vouches for the agenda is told no time.
func TestSweep(t *testing.T) {
	s := &swept{over: []agenda.Past{{Event: agenda.Event{ID: session.ID{1}, Kind: agenda.Workshop, Title: "Photos", From: time.Now(), Until: time.Now().Add(time.Hour), Themes: []coop.Theme{"Email"}, Seats: 3}, Participants: 2}}}
	bubble(t, func(b *box) { b.cfg.Agenda = s }, func(t *testing.T, b *box) {
		b.settle()
		if len(s.asked) != 1 || !s.asked[0].IsZero() {
			t.Errorf("at the start, Sweep(%v); want once, with the zero time", s.asked)
		}
		if r := b.Snapshot().Records(); len(r) != 1 || r[0].Participants != 2 {
			t.Errorf("Records() = %+v; want the workshop that was over", r)
		}
		time.Sleep(2*time.Hour + time.Minute)
		synctest.Wait()
		if len(s.asked) != 3 {
			t.Errorf("after two hours, Sweep() was asked %d times; want 3", len(s.asked))
		}
	})
}

// kioskSeat walks a kiosk from the first screen to the workshop of withAgenda.
func (b *box) kioskSeat(event session.ID) {
	b.t.Helper()
	b.press("fr")
	b.press("caf")
	b.shows(intake.Ticket)
	for range 3 {
		if slices.Contains(b.choices(), "seats") {
			break
		}
		b.press("more")
	}
	b.press("seats")
	b.shows(intake.Seats)
	b.press("course_" + hex.EncodeToString(event[:]))
	b.shows(intake.SeatOne)
}

func (b *box) choices() (keys []string) {
	for _, c := range b.screen().Choices {
		keys = append(keys, c.Key)
	}
	return keys
}

// A visitor gets a seat at the kiosk: its code is on the screen and on a slip. The screen
// follows what desks do to the agenda, and the last seat is given once.
func TestSeatAtTheKiosk(t *testing.T) {
	change, event := withAgenda(t)
	bubble(t, func(b *box) { change(b); b.cfg.Place.Workshop = true }, func(t *testing.T, b *box) {
		b.confirm(thursday)
		b.open()
		b.settle()
		b.kioskSeat(event)
		b.press("take")
		b.settle()
		v := b.screen()
		given, err := b.Agenda().Seats(event)
		if err != nil || len(given) != 1 || v.Title.Key != "seat.mine" {
			t.Fatalf("after « réserver », the screen is %s and %v, %v are given; want one seat", v.Title.Key, given, err)
		}
		code := given[0].Code
		if shown, _ := v.Lines[0].Args["code"].(string); strings.ReplaceAll(shown, "\u00a0", "") != code {
			t.Errorf("the screen shows %q; want the code %s", shown, code)
		}
		time.Sleep(10 * time.Second)
		if got := b.paper("Mes premiers mails", "Salle 2", code[:3], code[3:], b.said("fr", "slip.seat.atelier")); len(got) != 1 {
			t.Errorf("%d slips with the code %s; want one", len(got), code)
		}
		if strings.Contains(b.logged.String(), code) {
			t.Error("the log has a code")
		}
		if slices.Contains(b.choices(), "take") {
			t.Error("a second seat is offered to the same visitor")
		}
		b.press("finish")
		b.press("restart")
		b.press("yes")

		// The last seat: the next visitor and three desks press at once.
		b.kioskSeat(event)
		turn := b.Snapshot().Kiosk.Turn
		errs := make(chan error, 3)
		for range cap(errs) {
			go func() { _, err := b.ReserveSeat(t.Context(), event, "fr", false); errs <- err }()
		}
		if err := b.Kiosk(t.Context(), b.id(), intake.Press{Turn: turn, Key: "take"}); err != nil {
			t.Fatal(err)
		}
		desks := 0
		for range cap(errs) {
			switch err := <-errs; {
			case err == nil:
				desks++
			case !errors.Is(err, agenda.ErrFull):
				t.Errorf("ReserveSeat() = %v; want ErrFull", err)
			}
		}
		b.settle()
		mine := b.screen().Title.Key == "seat.mine"
		if given, err := b.Agenda().Seats(event); err != nil || len(given) != 2 || mine == (desks == 1) || !mine && b.screen().Notice.Key != "seat.full" {
			t.Errorf("%d seats are given, %d to desks, to the kiosk: %v (%s), %v; want one of them to get the last", len(given), desks, mine, b.screen().Notice.Key, err)
		}

		// Somebody gives a seat back at the desk: the kiosk offers it.
		b.press("restart")
		b.press("yes")
		if err := b.Agenda().Cancel(code); err != nil {
			t.Fatal(err)
		}
		b.settle()
		b.kioskSeat(event)
		if !slices.Contains(b.choices(), "take") {
			t.Errorf("after a seat was given back the choices are %v; want it offered", b.choices())
		}
	})
}

// A screen that asked for a seat and went is answered to nobody else.
func TestSeatOfSomebodyWhoLeft(t *testing.T) {
	change, event := withAgenda(t)
	bubble(t, func(b *box) { change(b); b.cfg.Place.Workshop = true }, func(t *testing.T, b *box) {
		b.confirm(thursday)
		b.open()
		b.settle()
		b.kioskSeat(event)
		let := b.log.hold()
		turn := b.Snapshot().Kiosk.Turn
		done := make(chan error, 1)
		go func() {
			done <- b.Kiosk(t.Context(), b.id(), intake.Press{Turn: turn, Key: "take"})
		}()
		b.panel.Press(drivers.Staff) // the kiosk is as if nobody had been at it
		let()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		b.settle()
		b.shows(intake.Language)
		if !b.Snapshot().Kiosk.Idle() {
			t.Error("the kiosk knows of somebody who left; want nobody")
		}
	})
}

// The kiosk offers no seat where there are no courses, while staff practise, while nobody
// vouches for the clock, and none of a workshop that has begun.
func TestNoSeatAtTheKiosk(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*box)
		given  func(*box)
		doubt  bool
		want   int
	}{
		{name: "one to come", want: 1},
		{name: "no courses", change: func(b *box) { b.cfg.Place.Workshop = false }},
		{name: "staff practise", given: func(b *box) { b.do(session.StartPermanence{Desk: "a", Test: true}) }},
		{name: "a clock that nobody vouches for", doubt: true},
		{name: "an appointment", given: func(b *box) {
			from := thursday.Add(48 * time.Hour)
			if err := b.Agenda().Put(agenda.Event{ID: session.ID{8}, Kind: agenda.Appointment, From: from, Until: from.Add(time.Hour), Seats: 1}); err != nil {
				b.t.Fatal(err)
			}
		}, want: 1},
		{name: "it was removed", given: func(b *box) {
			if err := b.Agenda().Remove(session.ID{7}, false); err != nil {
				b.t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			change, _ := withAgenda(t)
			bubble(t, func(b *box) {
				change(b)
				b.cfg.Place.Workshop = true
				if tt.change != nil {
					tt.change(b)
				}
			}, func(t *testing.T, b *box) {
				if !tt.doubt {
					b.confirm(thursday)
				}
				if tt.given != nil {
					tt.given(b)
				}
				b.settle()
				if got := b.Snapshot().Context(b.Snapshot().Kiosk).Courses; len(got) != tt.want {
					t.Errorf("the kiosk offers %+v; want %d", got, tt.want)
				}
			})
		})
	}
	change, _ := withAgenda(t)
	bubble(t, func(b *box) { change(b); b.cfg.Place.Workshop = true }, func(t *testing.T, b *box) {
		b.confirm(thursday)
		time.Sleep(5 * time.Hour)
		b.settle()
		if got := b.Snapshot().Context(b.Snapshot().Kiosk).Courses; len(got) != 0 {
			t.Errorf("once it has begun the kiosk offers %+v; want nothing", got)
		}
	})
}
