package appliance_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/wait"
)

// believed is a day on which the clock is believed; the hours begin at its midnight.
var believed = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)

// early is a change that starts the box ten minutes before the hours of that day.
func early(*box) { time.Sleep(time.Until(believed.Add(-10 * time.Minute))) }

// onThursday runs a test on a box that believes its clock.
func onThursday(t *testing.T, test func(*testing.T, *box)) {
	t.Helper()
	bubble(t, early, test)
}

// told is what the kiosk says that the ticket of a visit says of the wait.
func (b *box) told(n session.Number) string {
	b.t.Helper()
	s := b.Snapshot()
	in := intake.New()
	in.Lang, in.Visit, in.Number = "fr", b.visit(n).ID, n
	for _, m := range s.Context(in).Ticket {
		if strings.HasPrefix(m.Key, "paper.wait") {
			return plain(b.cfg.Words.Text("fr", m.Key, m.Args))
		}
	}
	return ""
}

// plain is a text with one ordinary blank between its words.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// row is what a desk says that it says.
func (b *box) row(n session.Number) string {
	b.t.Helper()
	m, ok := b.Snapshot().Told(b.visit(n))
	if !ok {
		return ""
	}
	return plain(b.cfg.Words.Text("fr", m.Key, m.Args))
}

// ticket is the text of the last ticket of a number, one blank between its words.
func (b *box) ticket(n session.Number) string {
	b.t.Helper()
	b.settle()
	time.Sleep(10 * time.Second) // the printer is slow
	for _, sheet := range slices.Backward(b.wire.Sheets()) {
		text := plain(sheet.Text())
		if first, _, _ := strings.Cut(text, " "); first == strconv.Itoa(int(n)) {
			return text
		}
	}
	b.t.Fatalf("no ticket of number %d came out", n)
	return ""
}

// The wait is one: on the screen, on the paper and beside the row of the desk, in the
// same hours; and it stays as it was told, whatever happens then.
func TestOneWaitEverywhere(t *testing.T) {
	onThursday(t, func(t *testing.T, b *box) {
		b.open()
		for range 4 {
			b.take()
		}
		b.do(session.CallNext{Desk: "a"})
		time.Sleep(7*time.Minute + 13*time.Second)
		n := b.take().Number
		said := b.told(n)
		if !strings.HasPrefix(said, "Votre tour : entre ") {
			t.Fatalf("the kiosk says %q; want a range of hours", said)
		}
		same := func(when string) {
			t.Helper()
			if got := b.told(n); got != said {
				t.Errorf("%s, the kiosk says %q; want %q", when, got, said)
			}
			if got := b.row(n); got != said {
				t.Errorf("%s, the desk says %q; want %q", when, got, said)
			}
		}
		same("at once")
		if text := b.ticket(n); !strings.Contains(text, said) {
			t.Errorf("the ticket does not say %q:\n%s", said, text)
		}
		b.do(session.End{Desk: "a", Outcome: session.Served})
		b.do(session.CallNext{Desk: "b"})
		b.do(session.CallNext{Desk: "a"})
		time.Sleep(3 * time.Minute)
		same("after others were called")
		b.do(session.Reprint{Desk: "a", Visit: b.visit(n).ID})
		if text := b.ticket(n); !strings.Contains(text, said) {
			t.Errorf("the copy does not say %q:\n%s", said, text)
		}
		b.do(session.Pause{Desk: "a"})
		same("in a pause")
	})
}

func TestWhatATicketSaysOfTheWait(t *testing.T) {
	tests := []struct {
		name  string
		early bool // and the clock is believed
		given func(*box)
		want  string // beginning
	}{
		{name: "before the opening the hours count", early: true, given: func(b *box) {}, want: "Votre tour : "},
		{name: "next, at an open desk", early: true, given: func(b *box) { b.open() }, want: "Votre tour : avant "},
		{name: "in a pause nobody can say", early: true, given: func(b *box) { b.open(); b.do(session.Pause{Desk: "a"}) }, want: "Attente inconnue."},
		{name: "no hours by a clock that nobody believes", given: func(b *box) { b.open() }, want: ""},
		{name: "nor a promise in a pause", given: func(b *box) { b.open(); b.do(session.Pause{Desk: "a"}) }, want: "Attente inconnue."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var change func(*box)
			if tt.early {
				change = early
			}
			bubble(t, change, func(t *testing.T, b *box) {
				tt.given(b)
				n := b.take().Number
				if got := b.told(n); !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
					t.Errorf("the ticket says %q; want %q", got, tt.want)
				}
				if got, promised := b.row(n), strings.HasPrefix(tt.want, "Votre tour"); (got != "") != promised {
					t.Errorf("the desk says %q; want a promise: %v", got, promised)
				}
			})
		})
	}
}

// Desks count where somebody is: all of them until the opening, then those that did
// something, that somebody watches, or at which somebody sits.
func TestWhoIsOnDuty(t *testing.T) {
	onThursday(t, func(t *testing.T, b *box) {
		high := func() time.Time {
			t.Helper()
			synctest.Wait()
			b.settle()
			return b.Snapshot().Newcomer().Until
		}
		for range 6 {
			b.take()
		}
		before := high()
		b.open()
		alone := high()
		if !alone.After(before) {
			t.Errorf("with one of two desks, by %v; want later than %v, with both", alone, before)
		}
		leave := b.Attend("b")
		two := high()
		if !two.Before(alone) {
			t.Errorf("once somebody watches the other, by %v; want sooner than %v", two, alone)
		}
		leave()
		leave()
		if got := high(); !got.After(two.Add(time.Hour)) {
			t.Errorf("once they have gone, by %v; want about %v", got, alone)
		}
		b.Attend("nowhere")()
		b.do(session.CallNext{Desk: "b"})
		b.do(session.End{Desk: "b", Outcome: session.Served})
		acted := high()
		if !acted.Before(alone) {
			t.Errorf("after a call from there, by %v; want sooner than %v", acted, alone)
		}
	})
}

// After a restart those who did something still count; what tickets said is not known
// any more, and nothing is made up.
func TestDutyOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		early(nil)
		log, entered := &memory{}, &book{}
		b := start(t, log, entered, nil)
		for range 6 {
			b.take()
		}
		b.open()
		b.do(session.CallNext{Desk: "b"})
		b.do(session.End{Desk: "b", Outcome: session.Served})
		with := b.Snapshot().Newcomer()
		b.stop()
		b = start(t, log, entered, nil)
		if got := b.row(3); got != "" {
			t.Errorf("the desk says that the ticket said %q; want nothing", got)
		}
		b.do(session.Resume{Desk: "a"})
		if got := b.Snapshot().Newcomer(); got.Until.Sub(with.Until).Abs() > 10*time.Minute {
			t.Errorf("after a restart by %v; want about %v, with both desks", got.Until, with.Until)
		}
	})
}

// Who comes when there may be no time left hears so before they wait, and gets a
// ticket all the same.
func TestManyPeople(t *testing.T) {
	crowd := func(b *box) {
		b.open()
		for range 12 {
			b.take()
		}
	}
	onThursday(t, func(t *testing.T, b *box) {
		b.open()
		b.take()
		if _, late := b.Snapshot().Late(); late {
			t.Error("one person makes it late; want not")
		}
		b.press("fr", "caf")
		b.shows(intake.Ticket)
		b.press("skip", "finish")
		for range 12 {
			b.take()
		}
		until, late := b.Snapshot().Late()
		if !late || !until.After(believed.Add(hours)) || until.Minute()%5 != 0 {
			t.Errorf("Late() = %v, %v; want past %v, in steps of five minutes", until, late, believed.Add(hours))
		}
		b.press("fr", "caf")
		b.shows(intake.Crowded)
		if m := b.screen().Notice; m.Key != "closed.next" || m.Args["when"] != believed.AddDate(0, 0, 1) {
			t.Errorf("the screen says %+v; want the next day's permanence", m)
		}
		b.press("ticket")
		b.shows(intake.Ticket)

		// Staff know: whoever they fill it in for goes the usual way.
		if err := b.OpenIntake(t.Context(), "a", false); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"fr", "caf"} {
			s := b.Snapshot().Intakes["a"]
			if err := b.DeskIntake(t.Context(), "a", b.id(), intake.Press{Turn: s.Turn, Key: key}); err != nil {
				t.Fatal(err)
			}
		}
		if s := b.Snapshot().Intakes["a"]; s.Screen != intake.Ticket {
			t.Errorf("the desk's intake shows %s; want the ticket", s.Screen)
		}
	})
	t.Run("by a clock that nobody believes, nothing is said", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, b *box) {
			crowd(b)
			b.press("fr", "caf")
			b.shows(intake.Ticket)
		})
	})
}

// Somebody comes for a person who cannot, and leaves for want of time: the need is
// counted as it is where a lesson is enough.
func TestManyPeopleAndANeedForHelpAtHome(t *testing.T) {
	needs := openLedger(t)
	bubble(t, func(b *box) { early(b); b.cfg.Needs = needs }, func(t *testing.T, b *box) {
		b.open()
		for range 12 {
			b.take()
		}
		b.press("fr", "for_other", "caf")
		b.shows(intake.Crowded)
		b.press("skip", "finish")
		b.settle()
		if list, err := needs.HomeNeeds(); err != nil || len(list) != 1 || list[0].People != 1 {
			t.Errorf("HomeNeeds() = %+v, %v; want one person", list, err)
		}
	})
}

// The advice is made when something happens, and stays while only time goes by.
func TestSlot(t *testing.T) {
	onThursday(t, func(t *testing.T, b *box) {
		b.open()
		if _, _, ok := b.Snapshot().Slot("a"); ok {
			t.Error("a free desk has a slot; want none")
		}
		b.take()
		b.do(session.CallNext{Desk: "a"})
		alone, spent, ok := b.Snapshot().Slot("a")
		if !ok || spent != 0 || alone <= 30*time.Minute {
			t.Errorf("Slot() with nobody behind = %v, %v, %v; want more than 30 min, 0, true", alone, spent, ok)
		}
		for range 8 {
			b.take()
		}
		may, _, _ := b.Snapshot().Slot("a")
		if may < 30*time.Minute || may >= alone {
			t.Errorf("Slot() with eight behind = %v; want at least the 30 min that are guaranteed, and less than %v", may, alone)
		}
		ctx := t.Context()
		watch := b.Watch(ctx) // so that the clock is told
		for range 50 {
			time.Sleep(time.Minute)
			<-watch
		}
		if got, spent, ok := b.Snapshot().Slot("a"); got != may || spent < 49*time.Minute || !ok {
			t.Errorf("Slot() after 50 min in which nothing happened = %v, %v, %v; want %v, 50 min, true", got, spent, ok, may)
		}
	})
}

// While somebody waits and somebody looks on, the clock is told each minute; a promise
// that is not kept shows.
func TestWaitsMoveWithTheClock(t *testing.T) {
	onThursday(t, func(t *testing.T, b *box) {
		b.open()
		b.take()
		if n := b.Snapshot().Session.Here(); n != 1 {
			t.Fatalf("%d are here; want 1", n)
		}
		watch := b.Watch(t.Context())
		<-watch
		b.settle()
		before := b.Snapshot().Seq
		time.Sleep(30 * time.Minute)
		if n := b.Snapshot().Seq - before; n < 28 || n > 35 {
			t.Errorf("%d states in half an hour; want about one a minute", n)
		}
		if !b.Snapshot().Delayed(b.visit(1)) {
			t.Errorf("somebody who waits half an hour at a free desk is not delayed; the ticket said %q", b.row(1))
		}
		b.do(session.CallNext{Desk: "a"})
		if b.Snapshot().Delayed(b.visit(1)) {
			t.Error("somebody who is called is delayed; want not")
		}
		b.do(session.End{Desk: "a", Outcome: session.Served})
		b.settle()
		before = b.Snapshot().Seq
		time.Sleep(30 * time.Minute)
		if n := b.Snapshot().Seq - before; n > 4 {
			t.Errorf("%d states in half an hour with nobody there; want next to none", n)
		}
	})
}

// teacher is what a ledger knows of waits.
type teacher struct {
	mu      sync.Mutex
	learned wait.Learned
	recent  wait.Calibration
	refuse  error
}

func (w *teacher) Learned() (wait.Learned, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.learned.Clone(), w.refuse
}

func (w *teacher) Announced(int) (wait.Calibration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.recent, w.refuse
}

// enter is a ledger's Enter that learns.
func (w *teacher) enter(entered func(ledger.Entry) error) func(ledger.Entry) error {
	return func(e ledger.Entry) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.learned.Merge(e.Taught)
		w.recent.Merge(e.Report.Announced)
		return entered(e)
	}
}

// batches are the sheets of a box whose every batch teaches what services took.
type batches struct {
	*sheets
	w    *teacher
	seen int
}

func (s *batches) Merge() (int, error) {
	s.sheets.Merge()
	kept, _ := s.state()
	batch := kept[s.seen:]
	s.seen = len(kept)
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	for _, sh := range batch {
		motif, _ := sh.Answer(sheet.Motif)
		if took, ok := sh.Answer(sheet.Took); ok {
			bin, _ := strconv.Atoi(took)
			s.w.learned.AddBin(motif, bin)
		}
	}
	return len(batch), nil
}

// morning has a permanence in which people are received for so long each, and closes it.
func (b *box) morning(people int, took time.Duration) {
	b.t.Helper()
	b.open()
	for range people {
		b.take()
	}
	for range people {
		b.do(session.CallNext{Desk: "a"})
		time.Sleep(took)
		b.do(session.End{Desk: "a", Outcome: session.Served})
	}
	b.do(session.Close{Desk: "a"})
	b.settle()
}

// A closing counts how well tickets held, and what services took; the next permanence
// goes by it.
func TestAMorningTeaches(t *testing.T) {
	w := &teacher{}
	bubble(t, func(b *box) {
		early(b)
		b.cfg.Waits, b.cfg.Enter, b.cfg.Sheets = w, w.enter(b.cfg.Enter), &batches{sheets: b.sheets, w: w}
	}, func(t *testing.T, b *box) {
		b.open()
		b.take()
		if !b.Snapshot().Learning() {
			t.Error("a box that has learned nothing does not say so")
		}
		first := b.Snapshot().Newcomer()
		b.do(session.End{Desk: "a", Visit: b.visit(1).ID, Outcome: session.Cancelled, Reason: "by_mistake"})
		b.do(session.Close{Desk: "a"})
		b.morning(6, 8*time.Minute)
		r := b.Snapshot().Report
		if n := r.Announced.N(); n != 6 {
			t.Errorf("%d announced waits; want 6", n)
		}
		if r.AnnouncedPoor {
			t.Error("six waits are warned of; want fifty at least")
		}
		if e := b.book.all(); len(e) != 2 || e[1].Report.Announced.N() != 6 || e[1].Taught.All() != 0 {
			t.Errorf("entered %+v; want two permanences, six waits in the second and no service", e)
		}
		if l, _ := w.Learned(); l.Services("caf") != 6 {
			t.Errorf("sheets taught %d services; want six", l.Services("caf"))
		}
		for range 3 {
			b.morning(6, 8*time.Minute)
		}
		b.open()
		b.take()
		if b.Snapshot().Learning() {
			t.Error("after 24 services it says that it still learns")
		}
		last := b.Snapshot().Newcomer()
		if got, was := last.Until.Sub(last.From), first.Until.Sub(first.From); got >= was {
			t.Errorf("the range is %v wide after 24 services alike; want less than %v", got, was)
		}
	})
}

// Practice teaches nothing, and counts for nothing.
func TestPracticeTeachesNothing(t *testing.T) {
	w := &teacher{}
	bubble(t, func(b *box) { early(b); b.cfg.Waits, b.cfg.Enter = w, w.enter(b.cfg.Enter) }, func(t *testing.T, b *box) {
		b.do(session.StartPermanence{Desk: "a", Test: true})
		b.take()
		b.do(session.CallNext{Desk: "a"})
		time.Sleep(time.Minute)
		b.do(session.End{Desk: "a", Outcome: session.Served})
		b.do(session.Close{Desk: "a"})
		b.settle()
		if l, _ := w.Learned(); l.All() != 0 || len(b.book.all()) != 0 {
			t.Errorf("practice taught %d services, %d entries; want none", l.All(), len(b.book.all()))
		}
	})
}

// Who stepped out chose another time; a promise that a power cut lost is none.
func TestWhatIsNotCalibrated(t *testing.T) {
	onThursday(t, func(t *testing.T, b *box) {
		b.open()
		b.take()
		b.do(session.StepOut{Visit: b.visit(1).ID, For: 15 * time.Minute})
		b.take()
		time.Sleep(20 * time.Minute)
		for range 2 {
			b.do(session.CallNext{Desk: "a"})
			b.do(session.End{Desk: "a", Outcome: session.Served})
		}
		b.do(session.Close{Desk: "a"})
		if n := b.Snapshot().Report.Announced.N(); n != 1 {
			t.Errorf("%d announced waits; want that of the one who stayed", n)
		}
	})
}

// Ranges that hold too rarely are told to the place, with what came before.
func TestPoorRangesAreTold(t *testing.T) {
	w := &teacher{}
	said := wait.Range{Low: 10 * time.Minute, High: 20 * time.Minute}
	for range wait.WarnOver {
		w.recent.Add(said, time.Hour)
	}
	bubble(t, func(b *box) { early(b); b.cfg.Waits = w }, func(t *testing.T, b *box) {
		b.morning(1, 5*time.Minute)
		time.Sleep(20 * time.Second) // the printer is slow
		if !b.Snapshot().Report.AnnouncedPoor {
			t.Error("fifty waits that were wrong are not told")
		}
		want := plain(b.cfg.Words.Text("fr", "report.announced.poor", nil))
		if sheets := b.wire.Sheets(); !strings.Contains(plain(sheets[len(sheets)-1].Text()), want) {
			t.Errorf("the closing report on paper does not say %q:\n%s", want, sheets[len(sheets)-1].Text())
		}
	})
}

// A ledger that cannot be read is said in the log; the box begins anew.
func TestWaitsThatCannotBeRead(t *testing.T) {
	w := &teacher{refuse: errors.New("a bad card")}
	bubble(t, func(b *box) { early(b); b.cfg.Waits = w }, func(t *testing.T, b *box) {
		b.open()
		b.take()
		if b.Snapshot().Newcomer().Unknown || !b.Snapshot().Learning() {
			t.Error("a box that cannot read what it learned forecasts nothing; want it to begin anew")
		}
		if log := b.logged.String(); !strings.Contains(log, "a bad card") {
			t.Errorf("the log does not say why:\n%s", log)
		}
	})
}

// What was told before a closing counts once more when the permanence goes on, whatever
// was closed or cut in between.
func TestPromisesOverAReopening(t *testing.T) {
	for name, between := range map[string]struct{ practised, cut bool }{
		"at once": {}, "after a rehearsal": {practised: true}, "and a cut": {cut: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log, entered := &memory{}, &book{}
				kept := func(b *box) {
					early(b)
					b.cfg.Frame.Past = func() ([]ledger.Entry, error) { return b.book.last(), nil }
				}
				b := start(t, log, entered, kept)
				b.morning(2, 5*time.Minute)
				if between.practised {
					b.do(session.StartPermanence{Desk: "a", Test: true})
					b.do(session.Close{Desk: "a"})
					b.settle()
				}
				if err := b.Reopen(t.Context(), b.id(), "a", true); err != nil {
					t.Fatal(err)
				}
				if between.cut {
					b.stop()
					b = start(t, log, entered, kept)
				}
				b.do(session.Resume{Desk: "a"})
				b.take()
				b.do(session.CallNext{Desk: "a"})
				b.do(session.End{Desk: "a", Outcome: session.Served})
				b.do(session.Close{Desk: "a"})
				if n := b.Snapshot().Report.Announced.N(); n != 3 {
					t.Errorf("%d announced waits; want the two of before and the one of after", n)
				}
			})
		})
	}
}
