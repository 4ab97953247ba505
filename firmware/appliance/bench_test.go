package appliance_test

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
	"jeudi/firmware/appliance"
	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// memory is a Log that keeps its events in memory, and can hang or refuse.
type memory struct {
	mu      sync.Mutex
	events  []session.Event
	appends int
	refuse  error
	gate    chan struct{} // Append waits for one value of it; nil is no wait
}

func (m *memory) Append(events []session.Event) error {
	m.mu.Lock()
	gate := m.gate
	m.mu.Unlock()
	if gate != nil {
		<-gate
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuse != nil {
		return m.refuse
	}
	m.appends++
	m.events = append(m.events, events...)
	return nil
}

func (m *memory) Replay(yield func(session.Event)) {
	for _, e := range m.kept() {
		yield(e)
	}
}

func (m *memory) begin() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = nil
	return nil
}

func (m *memory) kept() []session.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events)
}

// hold makes Append wait until let is called for it.
func (m *memory) hold() (let func()) {
	gate := make(chan struct{})
	m.mu.Lock()
	m.gate = gate
	m.mu.Unlock()
	return func() {
		m.mu.Lock()
		m.gate = nil
		m.mu.Unlock()
		close(gate)
	}
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = err
}

// box is an appliance on a workbench: simulated devices, stores in memory.
type box struct {
	*appliance.Appliance
	t       *testing.T
	cfg     appliance.Config
	log     *memory
	book    *book
	sheets  *sheets
	wire    *sim.Wire
	panel   *sim.Panel
	speaker *sim.Speaker
	logged  *strings.Builder // locked by slog's handler
	stop    func() error     // ends Run and returns what it returned
	born    time.Time
	next    uint32 // identifier
}

// book is a ledger in memory.
type book struct {
	mu      sync.Mutex
	entries []ledger.Entry
	refuse  error
}

func (b *book) enter(e ledger.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse == nil {
		b.entries = append(b.entries, e)
	}
	return b.refuse
}

func (b *book) all() []ledger.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries)
}

// sheets are counters in memory.
type sheets struct {
	mu     sync.Mutex
	kept   []sheet.Sheet
	ids    [][16]byte // of kept
	merges int
	refuse error
}

func (s *sheets) Submit(id [16]byte, sh sheet.Sheet) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse == nil && !slices.Contains(s.ids, id) {
		s.kept, s.ids = append(s.kept, sh), append(s.ids, id)
	}
	return s.refuse
}

func (s *sheets) Merge() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.merges++
	return 0, nil
}

func (s *sheets) state() (kept []sheet.Sheet, merges int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.kept), s.merges
}

// hours are 0:00 to 3:00 of every day: the bubble of synctest begins at midnight.
const hours = 3 * time.Hour

func place() appliance.Place {
	return appliance.Place{
		Name: "Centre social des Tilleuls", Address: "1 rue des Écoles", Phone: "01 23 45 67 89", Zone: time.UTC,
		Desks: []session.Desk{
			{Key: "a", Label: "bureau A", Roles: []session.Role{session.SocialWorker, session.Mediator}},
			{Key: "b", Label: "bureau B", Roles: []session.Role{session.Reception, session.SocialWorker}},
		},
		Motifs:    []session.Motif{{Key: "caf"}, {Key: "logement", Need: session.SocialWorker}},
		Documents: func(motif, lang string) []string { return nil },
		Languages: []string{"fr", "en", "ar"},
		Rules:     func(lang string) string { return "" },
		NextDates: func(after time.Time) []time.Time { return nil },
		Upcoming: func(now time.Time) (from, until time.Time, ok bool) {
			from = now.UTC().Truncate(24 * time.Hour)
			if !now.Before(from.Add(hours)) {
				from = from.Add(24 * time.Hour)
			}
			return from, from.Add(hours), true
		},
		TicketsBefore: 15 * time.Minute, Slot: 30 * time.Minute, Slots: 6,
		Buttons:   map[intake.Action]bool{intake.ActBack: true, intake.ActNext: true, intake.ActPrevious: true, intake.ActOK: true, intake.ActHelp: true, intake.ActRepeat: true},
		IdleAfter: 60 * time.Second, Countdown: 30 * time.Second,
		Schema: sheet.Visitor([]string{"centre"}),
	}
}

// loaded is the catalogue, read once: some tests start a box hundreds of times.
var loaded = sync.OnceValues(words.Load)

func catalogue(t testing.TB) *words.Catalogue {
	t.Helper()
	w, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// bubble runs a test on a box whose time is synctest's. change may alter what the
// box is made of before it starts.
func bubble(t *testing.T, change func(*box), test func(*testing.T, *box)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, start(t, &memory{}, &book{}, change)) })
}

// start starts a box on stores that may have been used before.
func start(t *testing.T, log *memory, entered *book, change func(*box)) *box {
	t.Helper()
	printer, wire := sim.NewPrinter(escpos.Generic80(), 1)
	t.Cleanup(func() { printer.Close() })
	b := &box{t: t, born: time.Now(), log: log, book: entered, sheets: &sheets{}, wire: wire, panel: sim.NewPanel(), speaker: sim.NewSpeaker(1), logged: &strings.Builder{}}
	b.cfg = appliance.Config{
		Place: place(), Log: log, Begin: log.begin, Enter: entered.enter, Sheets: b.sheets,
		Printer: printer, Panel: b.panel, Speaker: b.speaker, Words: catalogue(t),
		Logger: slog.New(slog.NewTextHandler(b.logged, nil)),
	}
	if change != nil {
		change(b)
	}
	b.Appliance = appliance.New(b.cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	b.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { b.stop() })
	synctest.Wait()
	return b
}

// settle lets everything happen that takes no time, and what devices say travel.
func (b *box) settle() {
	time.Sleep(200 * time.Millisecond)
	synctest.Wait()
}

func (b *box) id() session.ID {
	b.next++
	var id session.ID
	binary.BigEndian.PutUint64(id[:], uint64(b.born.UnixNano())) // no two boxes of a test were started at once
	binary.BigEndian.PutUint32(id[12:], b.next)
	return id
}

// do gives an order that must not be refused, and lets what follows from it happen.
func (b *box) do(o session.Order) session.Answer {
	b.t.Helper()
	ans, err := b.Do(context.Background(), session.Command{ID: b.id(), Order: o})
	if err != nil {
		b.t.Fatalf("Do(%T) = %v", o, err)
	}
	synctest.Wait()
	return ans
}

// later gives an order and does not wait for what becomes of it.
func (b *box) later(o session.Order) <-chan result {
	c := session.Command{ID: b.id(), Order: o}
	r := make(chan result, 1)
	go func() {
		ans, err := b.Do(context.Background(), c)
		r <- result{ans, err}
	}()
	return r
}

type result struct {
	session.Answer
	err error
}

// someone is an order for a ticket.
func (b *box) someone() session.Order { return session.Take{Visit: b.id(), Motif: "caf", Lang: "fr"} }

// refused gives an order that must be refused for a reason.
func (b *box) refused(o session.Order, want error) {
	b.t.Helper()
	if _, err := b.Do(context.Background(), session.Command{ID: b.id(), Order: o}); !errors.Is(err, want) {
		b.t.Fatalf("Do(%T) = %v; want %v", o, err, want)
	}
}

func (b *box) open() { b.t.Helper(); b.do(session.StartPermanence{Desk: "a"}) }

// take gives somebody a ticket.
func (b *box) take() session.Answer {
	b.t.Helper()
	return b.do(b.someone())
}

// visit is the visit of a number, which must be there.
func (b *box) visit(n session.Number) *session.Visit {
	b.t.Helper()
	v, ok := b.Snapshot().Session.Numbered(n)
	if !ok {
		b.t.Fatalf("no visit has the number %d", n)
	}
	return v
}

// paper is the papers that came out with all of these words on them.
func (b *box) paper(words ...string) (found []string) {
	for _, s := range b.wire.Sheets() {
		if text := s.Text(); !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			found = append(found, text)
		}
	}
	return found
}

// press touches a key of the screen that the kiosk shows now.
func (b *box) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		if err := b.Kiosk(context.Background(), b.id(), intake.Press{Turn: b.Snapshot().Kiosk.Turn, Key: k}); err != nil {
			b.t.Fatalf("Kiosk(press %s) = %v", k, err)
		}
	}
}

// screen is what the kiosk shows.
func (b *box) screen() intake.Screen {
	s := b.Snapshot()
	return intake.View(s.Kiosk, s.Context(s.Kiosk))
}

func (b *box) shows(want intake.ScreenID) {
	b.t.Helper()
	if got := b.screen().ID; got != want {
		b.t.Fatalf("the kiosk shows %q; want %q", got, want)
	}
}

// identity checks what every table of the day must show.
func identity(t testing.TB, s session.State) {
	t.Helper()
	if got := s.Totals.Ended() + s.Here(); got != s.Totals.Issued {
		t.Errorf("identity: %d ended and %d here; want %d issued", s.Totals.Ended(), s.Here(), s.Totals.Issued)
	}
}

// Devices that break the contract until the test is over.

// deafPanel never returns.
type deafPanel struct{ over <-chan struct{} }

func (p deafPanel) Watch(context.Context, func(drivers.Signal)) error { <-p.over; return nil }
func (p deafPanel) Light([drivers.Actions]drivers.Light) error        { <-p.over; return nil }

// deafSpeaker plays for ever.
type deafSpeaker struct{ over <-chan struct{} }

func (s deafSpeaker) Play(context.Context, drivers.Output, drivers.Sound) error { <-s.over; return nil }
func (s deafSpeaker) Jack(context.Context, func(bool)) error                    { <-s.over; return nil }

func over(t *testing.T) <-chan struct{} {
	c := make(chan struct{})
	t.Cleanup(func() { close(c) })
	return c
}
