// Package appliance is the running box: one goroutine owns the queue, the
// visitor's intake and the intakes that staff fill for somebody, and one
// goroutine per device does what follows from them.
//
// The owner decides and evolves a private draft for all commands that wait,
// commits their events once, then publishes, answers and acts, in that order: so
// nobody sees or holds what a power cut could take back, and a failed commit
// leaves the state as it was. Readers take immutable snapshots. A device that
// hangs, fails or vanishes never delays the queue; what became of its work comes
// back as a command.
package appliance

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/coop"
	"jeudi/firmware/directory"
	"jeudi/firmware/intake"
	"jeudi/firmware/ledger"
	"jeudi/firmware/paper"
	"jeudi/firmware/report"
	"jeudi/firmware/rights"
	"jeudi/firmware/routing"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/voice"
	"jeudi/firmware/wait"
	"jeudi/firmware/words"
)

// ErrNotKept is returned for a command whose events could not be written. It did
// not happen, and may be sent again.
var ErrNotKept = errors.New("appliance: not kept: the disk refused")

// ErrStopping is returned to whoever asks a box that is going down.
var ErrStopping = errors.New("appliance: stopping")

// Log is the log of one box. A replicated log can stand in for it.
type Log interface {
	Append(events []session.Event) error
	Replay(yield func(session.Event))
}

// Sheets keeps anonymous sheets; Submit returns when the sheet is on disk.
type Sheets interface {
	Submit(id [16]byte, s sheet.Sheet) error
	Merge() (int, error)
}

// Place is what the site says of the permanence, in the house's own types.
type Place struct {
	Name, Address, Phone string
	Zone                 *time.Location
	Desks                []session.Desk
	Motifs               []session.Motif
	Documents            func(motif, lang string) []string // the site's own, or nil
	Languages            []string
	Rules                func(lang string) string
	NextDates            func(after time.Time) []time.Time
	Upcoming             func(now time.Time) (from, until time.Time, ok bool)
	Morning              func(day time.Time) (theme string, guests []string) // may be nil
	TicketsBefore, Slot  time.Duration
	Slots                int // choices on one screen
	Buttons              map[intake.Action]bool
	Elsewhere            []intake.Place             // each with a key
	Mute                 map[string]bool            // languages without a voice
	Charter              func(lang string) []string // the place's own promises, or nil
	Routing              routing.Rules
	Thresholds           sheet.Thresholds
	Rights               rights.Rules
	RightsAtKiosk        bool // nobody looks over the shoulder there
	Home, Workshop       bool // somebody goes to people's homes; there are courses
	// Equipment is what the place has or lends; nil when nobody said.
	Equipment []routing.Material
	// Serves are the motifs that a place of Elsewhere is for alone, by its key; one that
	// is not here is for all.
	Serves map[string][]string
	// Directory is the places to send people to; nil, or one that gives nil, is none.
	Directory            func() *directory.Directory
	Here                 *directory.Point // where the place is
	Postcode             string           // the same for places of which no point is known; "" when not known
	IdleAfter, Countdown time.Duration
	Schema               sheet.Schema
	RollLength           int  // of a new roll of paper in mm; 0 when not known
	ShortTicket          bool // one part: no promises, no room for a pen
	DrawerTicket         bool // the keys of the sheets are printed too, for the staff's drawer
	Coop                 coop.Site
	// Stops are where an itinerant box goes; none: it stays at this place. Each is said
	// when a permanence is opened.
	Stops []Stop
	// VisitorPage is the address of the page of a ticket, without its capability, as
	// visitors' phones reach it now; "" where they do not, and nil where they never do.
	VisitorPage func() string
	// Network is how staff reach the desk from their own devices, for the slip of an
	// opening; false where there is nothing to say. nil is never.
	Network func() (paper.NetworkData, bool)

	words     *words.Catalogue
	proposals *proposals
	staff     sheet.Schema // of what is counted of received visits
}

// ErrWhichStop asks where an itinerant box is today.
var ErrWhichStop = &session.Refusal{Msg: session.M("refuse.which_stop")}

// Stop is one of the places of an itinerant box: what it changes of Place.
type Stop struct {
	Key                            string
	Name, Address, Phone, Postcode string
	Here                           *directory.Point
}

// at is the place where a permanence is held: this one, or one of its stops. A stop that
// the site file has no more keeps the name that it had.
func (p *Place) at(plan session.Plan) *Place {
	if plan.Stop == "" {
		return p
	}
	there := *p
	there.Name, there.Address, there.Phone, there.Postcode, there.Here = plan.Place, "", "", "", nil
	for _, s := range p.Stops {
		if s.Key == plan.Stop {
			there.Address, there.Phone, there.Postcode, there.Here = s.Address, cmp.Or(s.Phone, p.Phone), s.Postcode, s.Here
		}
	}
	there.Coop.Place = coop.Place{Name: there.Name, Address: there.Address, Postcode: there.Postcode}
	return &there
}

// Config is everything a box is made of.
type Config struct {
	Place   Place
	Log     Log
	Begin   func() error             // replaces the log by a fresh one, at close
	Enter   func(ledger.Entry) error // keeps the totals of a closed permanence
	Sheets  Sheets
	Escrow  Escrow   // may be nil: no sheet is sealed
	Periods *Periods // may be nil: none is closed
	Box     string   // its name for itself, drawn at random: a phone may keep keys of several boxes
	Printer drivers.Printer
	Panel   drivers.Panel
	Desks   map[string]drivers.Panel // buttons at desks, by the desk's key; may be nil
	Speaker drivers.Speaker
	// CutShort is called before the first print when the box was stopped in the midst
	// of a permanence: what the printer was sent before is not known. May be nil.
	CutShort func()
	Silent   func() bool // the loudspeaker has no card; may be nil
	Roll     Roll        // may be nil: paper is not counted
	Vouchers Vouchers    // may be nil: slips have none
	Needs    Needs       // may be nil: nobody counts them
	Blocked  Blocked     // may be nil: nobody counts them
	Agenda   Agenda      // may be nil: there is none
	Waits    Waits       // may be nil: nothing is learned of waits
	Frame    Frame
	Words    *words.Catalogue
	Voices   *voice.Voices  // nil: a call is its chime alone
	Speed    float64        // of the clock; 1 but for demonstrations
	Last     *report.Report // of the last closing, when it is known
	Chord    func()         // staff's chord on the visitors' panel; waits for nothing, may be nil
	Notices  []session.Msg  // found at start, shown to staff until the next close
	// Hold is why no permanence may begin now, a *session.Refusal, or nil; it waits for
	// nothing. May be nil.
	Hold     func() error
	Logger   *slog.Logger
	SelfTest SelfTest
	Watchdog func() // called from the owner's loop while it is alive; may be nil
	// WatchdogEvery is how often Watchdog wants to be called.
	WatchdogEvery time.Duration
}

// Help is somebody at the kiosk who asked for it.
type Help struct {
	Since  session.Moment
	Coming bool

	visitor int // of the kiosk, who asked
}

// Snapshot is the whole box at one moment. It never changes.
type Snapshot struct {
	Seq     uint64
	Now     session.Moment
	Session session.State
	Kiosk   intake.State
	Intakes map[string]intake.State // that desks fill for somebody
	Notes   map[session.ID]Note     // of visits that have not ended
	Work    map[session.ID]Work     // what was done with whom, until the close
	Slips   map[session.ID]*Slip    // the same, for their phones
	Exit    intake.Exit             // the panel at the way out
	Help    *Help
	Printer drivers.Status
	Roll    ledger.Roll
	Silent  bool    // nothing can be heard
	Keys    Keeping // of the sheets that wait
	Faults  []Fault // of buttons
	Notices []session.Msg
	Report  *report.Report // of the last closing
	tells   *report.Report // the same, until the next one
	Lost    bool           // a report did not come out of the printer
	From    time.Time      // of the permanence in progress or to come
	Until   time.Time
	onHold  bool // no permanence may begin now, see Config.Hold

	Workshops []coop.Record // that ended since the last close
	WorkLost  bool          // a restart lost what was told of ended visits
	Rights    int           // lists of rights printed since the last close, or start
	DeskHelps []DeskHelp    // oldest first

	helpCalls uint64
	team      spell
	courses   []intake.Course // as the agenda was read last

	trial    // self tests
	promises // of waits
	place    *Place
	speed    float64
	box      string
}

// Appliance is the box.
type Appliance struct {
	cfg       Config
	clock     clock
	requests  chan request
	lazy      chan request // may wait for the next commit
	jobs      chan job
	pages     chan job // of a self test: they wait for the tickets
	reports   chan selftest.Report
	sheets    chan sheetJob
	vault     chan func()   // for the goroutine that keeps the sheets
	shut      chan struct{} // closed when it has ended
	seats     chan seatJob
	agenda    chan struct{} // it was changed
	lamps     chan [drivers.Actions]drivers.Light
	arbiter   *voice.Arbiter
	current   atomic.Pointer[Snapshot]
	renewed   chan struct{} // a new roll is in the printer
	ready     chan struct{}
	stopped   chan struct{}
	shown     lampState         // the owner's
	releasing map[*closing]bool // the owner's: periods that are being closed
	deskLamps map[string]*deskLamps
	base      time.Time      // of the machine's clock, where the monotonic one is 0; the owner's
	owed      []ledger.Entry // closed and not entered yet; the owner's
	model     *wait.Model    // of services, as of the last close; the owner's
	recent    wait.Calibration
	returned  []KeyID // keys that were given back; of the goroutine that keeps the sheets

	// The watchers are the one thing that two goroutines touch besides channels:
	// screens come and go while the owner publishes.
	mu       sync.Mutex
	watchers map[chan *Snapshot]struct{}
}

// draft is the box as it would be after the commands that wait.
type draft struct {
	Snapshot
	a       *Appliance
	at      session.Moment
	events  []session.Event
	effects []any // session.Effect and intake.Want with their place
	closed  time.Time
	closing session.ID // the command that closed
	counted []counted  // of its visits
}

// spoken is a want of the intake of the kiosk.
type spoken struct{ want intake.Want }

// aside is what the panel at the way out says: the kiosk's visitor is somebody else.
type aside struct{ want intake.Speak }

type request struct {
	do    func(*draft) error
	kiosk bool       // from the visitor, who is told when the disk refuses
	reply chan error // nil when nobody waits for it
}

// New is a box that does nothing until Run.
func New(cfg Config) *Appliance {
	if cfg.Speed == 0 {
		cfg.Speed = 1
	}
	cfg.Place.words, cfg.Place.proposals = cfg.Words, &proposals{}
	var motifs []string
	for _, m := range cfg.Place.Motifs {
		motifs = append(motifs, m.Key)
	}
	cfg.Place.staff = coop.Schema(motifs)
	a := &Appliance{
		cfg: cfg, clock: newClock(cfg.Speed, cfg.Frame.Vouched),
		requests: make(chan request, 256), lazy: make(chan request, 256),
		releasing: map[*closing]bool{}, jobs: make(chan job, 64), pages: make(chan job, 8), reports: make(chan selftest.Report, 8), sheets: make(chan sheetJob, 256), vault: make(chan func(), 8), shut: make(chan struct{}), seats: make(chan seatJob, 8), agenda: make(chan struct{}, 1), lamps: make(chan [drivers.Actions]drivers.Light, 1), renewed: make(chan struct{}, 1),
		arbiter:   voice.New(cfg.Speaker, cfg.Words, cfg.Speed, cfg.Logger),
		shown:     lampState{turn: -1},
		deskLamps: newDeskLamps(cfg.Desks),
		ready:     make(chan struct{}), stopped: make(chan struct{}),
		watchers: make(map[chan *Snapshot]struct{}),
	}
	a.arbiter.Use(cfg.Voices)
	a.arbiter.OnJack(func(in bool) {
		a.tell(context.Background(), func(d *draft) error {
			d.kiosk(session.ID{}, intake.Headphones{In: in})
			return nil
		})
	})
	return a
}

// Ready is closed once the owner's loop answers.
func (a *Appliance) Ready() <-chan struct{} { return a.ready }

// Snapshot is the box now; nil before Ready.
func (a *Appliance) Snapshot() *Snapshot { return a.current.Load() }

// Watch gives the newest snapshot, and then each time the newest one again: who is
// slow skips some and never misses the last. It ends with ctx.
func (a *Appliance) Watch(ctx context.Context) <-chan *Snapshot {
	w := make(chan *Snapshot, 1)
	a.mu.Lock()
	a.watchers[w] = struct{}{}
	if s := a.current.Load(); s != nil {
		w <- s
	}
	a.mu.Unlock()
	context.AfterFunc(ctx, func() {
		a.mu.Lock()
		delete(a.watchers, w)
		a.mu.Unlock()
	})
	return w
}

// Do carries a command out and returns what it got: a session.Refusal, or
// ErrNotKept, when it changed nothing.
func (a *Appliance) Do(ctx context.Context, c session.Command) (session.Answer, error) {
	var ans session.Answer
	err := a.ask(ctx, func(d *draft) (err error) {
		ans, err = d.order(c)
		return err
	})
	return ans, err
}

// Kiosk gives an input to the intake of the kiosk.
func (a *Appliance) Kiosk(ctx context.Context, id session.ID, in intake.Input) error {
	return a.put(ctx, request{do: func(d *draft) error { d.kiosk(id, in); return nil }, kiosk: true})
}

// HelpComing and HelpDone answer a call for help from the kiosk.
func (a *Appliance) HelpComing(ctx context.Context) error {
	return a.ask(ctx, func(d *draft) error {
		if d.Help != nil {
			h := *d.Help
			h.Coming = true
			d.Help = &h
		}
		return nil
	})
}

// HelpDone says that nobody asks for help any more.
func (a *Appliance) HelpDone(ctx context.Context) error {
	return a.ask(ctx, func(d *draft) error { d.Help = nil; return nil })
}

// OpenIntake begins an intake that the desk fills for somebody. takeOver moves
// the one of the kiosk to the desk, and the kiosk serves the next person.
func (a *Appliance) OpenIntake(ctx context.Context, desk string, takeOver bool) error {
	return a.ask(ctx, func(d *draft) error {
		if _, ok := a.desk(desk); !ok {
			return session.ErrNoDesk
		}
		s := intake.New()
		s.Lang = d.a.cfg.Place.Languages[0]
		// Whoever asked for help may be gone, and somebody else be at the kiosk: their
		// answers are theirs.
		if takeOver && d.Help != nil && d.Help.visitor == d.Kiosk.Visitor {
			s = intake.Resumed(d.Kiosk)
			d.kioskLeft()
		}
		if takeOver {
			d.Help = nil
		}
		d.over(d.Intakes[desk], d.Testing())
		d.setIntake(desk, &s)
		return nil
	})
}

// OpenIntakeOf begins an intake that the desk fills for somebody who has a ticket:
// whoever waits, or sits at that very desk.
func (a *Appliance) OpenIntakeOf(ctx context.Context, desk string, visit session.ID) error {
	return a.ask(ctx, func(d *draft) error {
		if _, ok := a.desk(desk); !ok {
			return session.ErrNoDesk
		}
		v, ok := d.Session.Visit(visit)
		switch at, busy := d.Session.AtDesk(desk); {
		case !ok || v.State() == session.Done || d.Session.Status == session.Closed:
			return session.ErrNoVisit
		case (v.State() == session.Called || v.State() == session.Serving) && (!busy || at.ID != visit):
			return &session.Refusal{Msg: session.M(session.ErrWrongDesk.Msg.Key, "n", v.Number)}
		}
		s := intake.Holding(visit, v.Number, intake.TakeTicket{
			Motif: v.Declared, Lang: cmp.Or(v.Lang, a.cfg.Place.Languages[0]), ForOther: v.ForOther})
		d.over(d.Intakes[desk], d.Testing())
		d.setIntake(desk, &s)
		return nil
	})
}

// DeskIntake gives an input to the intake that a desk fills.
func (a *Appliance) DeskIntake(ctx context.Context, desk string, id session.ID, in intake.Input) error {
	return a.ask(ctx, func(d *draft) error {
		s, ok := d.Intakes[desk]
		if !ok {
			return session.ErrUnknownChoice
		}
		who := s.Visitor
		s = d.step(desk, s, id, in)
		if s.Visitor != who { // finished
			d.setIntake(desk, nil)
			return nil
		}
		if s.Lang == "" { // back at the first screen: staff go on in the site's language
			s.Lang = a.cfg.Place.Languages[0]
		}
		d.setIntake(desk, &s)
		return nil
	})
}

// CloseIntake forgets the intake that a desk fills.
func (a *Appliance) CloseIntake(ctx context.Context, desk string) error {
	return a.ask(ctx, func(d *draft) error {
		d.over(d.Intakes[desk], d.Testing())
		d.setIntake(desk, nil)
		return nil
	})
}

// ReprintReport prints the last closing report again.
func (a *Appliance) ReprintReport(ctx context.Context) error {
	return a.PrintReport(ctx, session.ID{}, 1)
}

func (a *Appliance) desk(key string) (session.Desk, bool) {
	for _, d := range a.cfg.Place.Desks {
		if d.Key == key {
			return d, true
		}
	}
	return session.Desk{}, false
}

// ask has the owner do something, and waits until it is durable and published.
func (a *Appliance) ask(ctx context.Context, do func(*draft) error) error {
	return a.put(ctx, request{do: do})
}

func (a *Appliance) put(ctx context.Context, r request) error {
	r.reply = make(chan error, 1)
	select {
	case a.requests <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-a.stopped:
		return ErrStopping
	}
	select {
	case err := <-r.reply:
		return err
	case <-a.stopped:
		return ErrStopping
	}
}

// tell has the owner do something soon; it may ride along with the next commit.
// Devices use it: they never wait for the owner, nor the owner for them.
func (a *Appliance) tell(ctx context.Context, do func(*draft) error) {
	select {
	case a.lazy <- request{do: do}:
	case <-ctx.Done():
	case <-a.stopped:
	}
}

// patience is how long what a device says may wait for a commit to ride along with.
const patience = 50 * time.Millisecond

// Run is the box's life. It returns when ctx ends, after the devices have let go,
// or when the log cannot be trusted any more.
func (a *Appliance) Run(ctx context.Context) error {
	defer close(a.stopped)
	ctx, cancel := context.WithCancel(ctx)
	var devices, disk sync.WaitGroup
	defer disk.Wait()
	defer patiently(&devices, letGo)
	defer cancel()

	a.study()
	d := a.load()
	if err := a.commit(d); err != nil {
		return err
	}
	disk.Go(func() { // first: a close that the plug cut short is settled at once
		defer close(a.shut)
		a.keepSheets(ctx)
	})
	a.enter()
	a.act(d)
	devices.Go(func() { a.arbiter.Run(ctx) })
	devices.Go(func() { a.print(ctx) })
	devices.Go(func() { a.watchPanel(ctx) })
	for desk, panel := range a.cfg.Desks {
		devices.Go(func() { a.watchDesk(ctx, desk, panel) })
		devices.Go(func() { a.lightDesk(ctx, desk, panel) })
	}
	devices.Go(func() { a.light(ctx) })
	disk.Go(func() { a.keepAgenda(ctx) })
	disk.Go(func() { a.keepTests(ctx) })
	close(a.ready)

	var (
		later    []request
		hurry    <-chan time.Time // when what waits in later has waited enough
		timer    = time.NewTimer(0)
		watchdog <-chan time.Time
	)
	defer timer.Stop()
	if a.cfg.Watchdog != nil {
		t := time.NewTicker(a.cfg.WatchdogEvery)
		defer t.Stop()
		watchdog = t.C
		a.cfg.Watchdog()
	}
	for {
		var batch []request
		select {
		case <-ctx.Done():
			return nil
		case <-watchdog:
			a.cfg.Watchdog()
			continue
		case r := <-a.lazy:
			if later = append(later, r); hurry == nil {
				hurry = time.After(patience)
			}
			continue
		case r := <-a.requests:
			batch = append(batch, r)
		case <-hurry:
		case <-timer.C:
			batch = append(batch, request{do: (*draft).passed})
		}
		batch = a.waiting(append(later, batch...))
		later, hurry = nil, nil
		nap := time.Duration(0)
		for len(batch) > 0 {
			var kept bool
			if batch, kept = a.carryOut(batch); !kept {
				nap = retry // what is due now will be due again: a disk that refuses is not asked all the time
			}
		}
		timer.Reset(max(nap, a.sleep()))
	}
}

// letGo is how long a stop waits for the devices. One that hangs is left behind:
// the process ends soon.
const letGo = 1500 * time.Millisecond

func patiently(wg *sync.WaitGroup, patience time.Duration) {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
	}
}

// waiting adds to a batch whatever else waits, so that one commit serves all.
func (a *Appliance) waiting(batch []request) []request {
	for len(batch) < cap(a.requests) {
		select {
		case r := <-a.requests:
			batch = append(batch, r)
		case r := <-a.lazy:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// carryOut carries requests out with one commit, and returns those that must wait
// for the next: what follows a close belongs in the log that the close begins.
func (a *Appliance) carryOut(batch []request) (rest []request, kept bool) {
	d := a.draft()
	var errs []error
	for _, r := range batch {
		try := *d
		err := r.do(&try)
		if err == nil {
			*d = try
		}
		if errs = append(errs, err); d.Session.Status == session.Closed && d.settles() {
			break
		}
	}
	batch, rest = batch[:len(errs)], batch[len(errs):]
	err := a.commit(d)
	if err != nil {
		a.cfg.Logger.Error("commands dropped", "err", err, "commands", len(batch))
		for i := range errs {
			errs[i] = ErrNotKept
		}
	}
	for i, r := range batch {
		if r.reply != nil {
			r.reply <- errs[i]
		}
	}
	if err != nil {
		if slices.ContainsFunc(batch, func(r request) bool { return r.kiosk }) {
			a.sorry()
		}
		return rest, false
	}
	a.act(d)
	a.logFrame(d)
	return rest, true
}

// sorry tells the visitor that the press was not kept.
func (a *Appliance) sorry() {
	d := a.draft()
	d.kiosk(session.ID{}, intake.Refused{})
	d.events = nil
	a.commit(d)
}

// settles reports whether the log is to be replaced once the draft is published.
func (d *draft) settles() bool {
	return slices.ContainsFunc(d.effects, func(e any) bool { _, ok := e.(session.Settle); return ok })
}

func (a *Appliance) draft() *draft {
	d := &draft{Snapshot: *a.current.Load(), a: a, at: a.clock.now()}
	d.Now, d.Owed, d.model = d.at, len(a.owed) > 0, a.model
	return d
}

// load is the box as the log left it. A permanence that was under way is paused;
// one that was closed and not yet settled is settled now.
func (a *Appliance) load() *draft {
	a.remembered()
	d := &draft{a: a, at: a.clock.now()}
	d.Kiosk, d.Notices, d.place, d.speed, d.box, d.model = intake.New(), a.cfg.Notices, &a.cfg.Place, a.cfg.Speed, a.cfg.Box, a.model
	a.cfg.Log.Replay(func(e session.Event) {
		if _, planned := e.Body.(session.PermanencePlanned); planned && d.Session.Status == session.Closed && d.Session.Counts() {
			a.owed = append(a.owed, entry(d.Session)) // the disk refused when it was closed
		}
		d.Session = session.Evolve(d.Session, e)
		if _, closed := e.Body.(session.PermanenceClosed); closed {
			d.closing = e.Command
		}
		d.promises = d.promises.after(d.Session, e)
	})
	if last := d.Session.At.Wall; last.After(d.at.Wall) {
		a.clock.behind(last) // nothing can have happened later than now
		d.at = a.clock.now()
	}
	d.Now = d.at
	if d.Session.Earlier != nil { // it was reopened
		if e, ok := a.past(d.Session.Plan.ID); ok {
			d.before = e.Report.Announced
		}
	}
	d.Report, d.tells = a.cfg.Last, a.cfg.Last
	d.place = d.here()
	d.beginTrial()
	d.WorkLost = d.Session.Status != session.Closed && d.Session.Totals.Served+d.Session.Totals.Oriented > 0
	if s := d.Session; s.Status == session.Closed {
		d.close(s)
		d.effects = append(d.effects, session.Settle{Plan: s.Plan, Totals: s.Totals, Uncounted: !s.Counts()})
	}
	switch d.Session.Status {
	case session.Planned, session.Open, session.Paused:
		if a.cfg.CutShort != nil {
			a.cfg.CutShort()
		}
	}
	d.order(session.Command{ID: newID(), Order: session.Interrupt{}})
	return d
}

// commit makes the draft durable, then everybody's.
func (a *Appliance) commit(d *draft) error {
	if len(d.events) > 0 {
		if err := a.cfg.Log.Append(d.events); err != nil {
			return fmt.Errorf("%w: %w", ErrNotKept, err)
		}
	}
	d.calendar()
	d.ahead = d.outlook()
	d.Seq++
	s := d.Snapshot
	a.mu.Lock()
	a.current.Store(&s)
	for w := range a.watchers {
		select {
		case <-w: // the one before was not taken: it is old now
		default:
		}
		w <- &s
	}
	a.mu.Unlock()
	return nil
}

// passed is what time alone does.
func (d *draft) passed() error {
	d.a.watchClock(d.at)
	d.vouchedFor()
	d.order(session.Command{Order: session.Tick{}})
	d.kiosk(session.ID{}, intake.Passed{})
	d.leaving(intake.Passed{})
	d.test(selftest.Passed{})
	return nil
}

// here is where the permanence is held, of which the screens speak.
func (d *draft) here() *Place {
	if d.place.Name == d.Session.Plan.Place && d.Session.Plan.Stop != "" && d.place != &d.a.cfg.Place {
		return d.place // it is made already
	}
	return d.a.cfg.Place.at(d.Session.Plan)
}

// order decides a command and evolves the draft.
func (d *draft) order(c session.Command) (session.Answer, error) {
	if err := d.mayBegin(c.Order); err != nil {
		return session.Answer{}, err
	}
	plan := func() session.Plan { return d.plan(c.Order) }
	switch o := c.Order.(type) {
	case session.Take:
		o.Plan = plan()
		c.Order = o
	case session.Close:
		d.vouchedFor()
	case session.StartPermanence:
		o.Plan = plan()
		// A practice is held nowhere: it is counted nowhere.
		if stops := d.a.cfg.Place.Stops; len(stops) > 0 && !o.Test {
			i := slices.IndexFunc(stops, func(s Stop) bool { return s.Key == o.Stop })
			if i < 0 {
				return session.Answer{}, ErrWhichStop
			}
			o.Plan.Stop, o.Plan.Place = stops[i].Key, stops[i].Name
		}
		c.Order = o
		if d.Session.Status == session.Closed {
			d.Report, d.Lost, d.Notices = nil, false, nil
		}
	}
	events, err := session.Decide(d.Session, c, d.at)
	if err != nil {
		return session.Answer{}, err
	}
	for _, e := range events {
		d.Session = session.Evolve(d.Session, e)
		d.events = append(d.events, e)
		switch b := e.Body.(type) {
		case session.PermanenceClosed:
			d.closing = e.Command
			d.close(d.Session)
		case session.TicketTaken:
			if b.ForOther {
				d.needHome(d.Testing())
			}
		}
		d.place = d.here()
		d.promises = d.promises.after(d.Session, e)
		for _, effect := range session.React(d.Session, e) {
			d.effects = append(d.effects, effect)
		}
	}
	d.promise(events)
	d.forgetNotes()
	d.team = d.team.after(d.Session, d.at)
	d.forgetSlips()
	ans, _ := d.Session.Answered(c.ID)
	return ans, nil
}

// close keeps the report of a permanence and forgets the people in front of the kiosk.
func (d *draft) close(s session.State) {
	d.closed = s.Plan.Until
	if s.Moved {
		d.Report, d.Lost = nil, false // the other box reports
	} else {
		r := report.Closing(s, d.at)
		r.Rights, d.Rights = d.Rights, 0
		d.announced(&r)
		d.Report = &r
		if !s.Test {
			d.Closed, d.tells = r.Closed, &r
		}
	}
	for _, in := range d.Intakes {
		d.over(in, s.Test)
	}
	d.over(d.Kiosk, s.Test)
	d.Intakes, d.Help, d.DeskHelps = nil, nil, nil
	d.forgetNotes()
	d.eraseWork(s)
	d.kioskLeft()
}

// plan is the permanence that an order would begin: the one of the calendar, or,
// when staff open on another day or hour, one of the usual length from now on.
func (d *draft) plan(o session.Order) session.Plan {
	p := d.a.cfg.Place
	h := session.Hours{From: d.From, Until: d.Until}
	if _, opening := o.(session.StartPermanence); opening {
		h = d.begunAt(d.at.Wall, h)
	}
	return session.Plan{ID: newID(), Place: p.Name, From: h.From, Until: h.Until, TicketsBefore: p.TicketsBefore,
		Slot: p.Slot, Desks: p.Desks, Motifs: p.Motifs}
}

// begunAt are the hours of a permanence that is begun at a time: those of the calendar,
// or, on another day or hour, as long from then on; h is zero when none is known.
func (d *draft) begunAt(at time.Time, h session.Hours) session.Hours {
	if h.Day(at) {
		return h
	}
	length := usual
	if !h.From.IsZero() {
		length = h.Until.Sub(h.From)
	}
	from := at.In(d.place.Zone).Truncate(time.Minute)
	return session.Hours{From: from, Until: from.Add(length)}
}

// usual is how long a permanence lasts of which the calendar knows nothing.
const usual = 3 * time.Hour

// calendar keeps From and Until true, of the permanence under way or of the next, and
// whether one may begin at all.
func (d *draft) calendar() {
	d.onHold = d.a.cfg.Hold != nil && !d.Session.UnderWay() && d.a.cfg.Hold() != nil
	switch d.Session.Status {
	case session.Planned, session.Open, session.Paused:
		d.From, d.Until = d.Session.Plan.From, d.Session.Plan.Until
		return
	}
	after := d.at.Wall
	if d.Session.Status == session.Closed && d.Session.Plan.Until.After(after) {
		after = d.Session.Plan.Until // closed early: this one is over
	}
	if d.Until.After(after) && d.Until != d.Session.Plan.Until {
		return
	}
	d.From, d.Until, _ = d.a.cfg.Place.Upcoming(after)
}

// sleep is how long nothing happens by itself.
func (a *Appliance) sleep() time.Duration {
	s, now := a.current.Load(), a.clock.now()
	wake := 24 * time.Hour
	sooner := func(d time.Duration) {
		if d < wake {
			wake = max(d, time.Millisecond)
		}
	}
	if next := session.Next(s.Session, now); next != (session.Moment{}) {
		sooner(next.Mono - now.Mono)
	}
	if at, ok := intake.Next(s.Kiosk, intake.Context{IdleAfter: a.cfg.Place.IdleAfter, Countdown: a.cfg.Place.Countdown}); ok {
		sooner(at.Mono - now.Mono)
	}
	if at, ok := s.Exit.Next(); ok {
		sooner(at.Mono - now.Mono)
	}
	if s.Test != nil {
		sooner(selftest.Next(*s.Test, now).Mono - now.Mono)
	}
	if a.ticks(s) {
		sooner(now.Mono.Truncate(time.Minute) + time.Minute - now.Mono)
	}
	p := &a.cfg.Place
	for _, t := range []time.Time{s.From.Add(-p.TicketsBefore), s.From, s.Until, s.Until.Add(session.LeftOpenPast)} {
		if d := t.Sub(now.Wall); d > 0 {
			sooner(d)
		}
	}
	return time.Duration(float64(wake)/a.cfg.Speed) + time.Millisecond
}

// Context is what an intake of this snapshot needs to know.
func (s *Snapshot) Context(in intake.State) intake.Context {
	p := s.place
	c := intake.Context{
		Now: s.Now, Languages: p.Languages, Slots: p.Slots, Buttons: p.Buttons, Schema: p.Schema,
		Taking: s.Taking(), Moved: s.Session.AtAnotherBox(), IdleAfter: p.IdleAfter, Countdown: p.Countdown, Test: s.Testing(),
		Mute: p.Mute, Rules: p.Routing, Thresholds: p.Thresholds, Home: p.Home, Workshop: p.Workshop, Equipment: p.Equipment,
		Private: p.RightsAtKiosk, Rights: p.Rights, Courses: s.upcoming(),
		Needs: make(map[string]session.Role, len(p.Motifs)), Classes: make(map[string]session.Class, len(p.Motifs)),
	}
	if namesPlaces(in.Screen) {
		c.Places = s.places(in)
	}
	if beforeTicket(in.Screen) {
		c.Late, c.Next = s.crowded()
	}
	_, prints := s.PrinterState()
	c.NoPaper = !prints
	for _, key := range paper.CharterKeys() {
		c.Charter = append(c.Charter, session.M(key))
	}
	if own := p.charter(in.Lang); own != nil {
		c.Charter = nil
		for _, line := range own {
			c.Charter = append(c.Charter, session.M("text.verbatim", "text", line))
		}
	}
	if !s.From.IsZero() && !s.onHold { // then it begins nobody knows when
		c.From = s.From.In(p.Zone)
	}
	c.Now.Wall = c.Now.Wall.In(p.Zone)
	for _, m := range p.Motifs {
		c.Motifs = append(c.Motifs, m.Key)
		c.Needs[m.Key], c.Classes[m.Key] = m.Need, m.Class
	}
	for _, d := range p.Desks {
		c.Helpers = append(c.Helpers, d.Roles...)
	}
	c.Ahead = s.Session.Ahead(session.Anyone)
	if v, ok := s.Session.Visit(in.Visit); ok {
		c.Paper, c.Printer = v.Paper, s.Printer.String()
		c.Ahead = s.Session.AheadOf(v)
		c.Free = s.Session.Status == session.Open && s.Session.DeskFree(v.Need)
		if v.State() == session.Called || v.State() == session.Serving {
			d, _ := s.Session.Plan.Desk(v.Desk())
			c.Called = d.Label
		}
		c.Ticket = s.ticketLines(v, in.Lang, intake.Ahead(c))
	}
	return c
}

// charter is the place's own promises, nil without any.
func (p *Place) charter(lang string) []string {
	if p.Charter == nil {
		return nil
	}
	return p.Charter(lang)
}

// Taking reports whether a visitor may take a ticket now.
func (s *Snapshot) Taking() bool {
	switch s.Session.Status {
	case session.Planned, session.Open, session.Paused:
		return !s.Session.LeftOpen(s.Now) && !s.Session.Moved
	}
	return !s.onHold && !s.From.IsZero() && !s.Now.Wall.Before(s.From.Add(-s.place.TicketsBefore)) && s.Now.Wall.Before(s.Until)
}

// Place is the name of the place.
func (s *Snapshot) Place() string { return s.place.Name }

// Stops are where an itinerant box goes; none for one that stays.
func (s *Snapshot) Stops() []Stop { return s.place.Stops }

// Desks are the desks of the permanence under way, or of the site.
func (s *Snapshot) Desks() []session.Desk {
	if s.Session.UnderWay() {
		return s.Session.Plan.Desks
	}
	return s.place.Desks
}

// HasDesk reports whether there is a desk of this key.
func (s *Snapshot) HasDesk(key string) bool {
	return slices.ContainsFunc(s.Desks(), func(d session.Desk) bool { return d.Key == key })
}

// Motifs are the site's motifs in its own order.
func (s *Snapshot) Motifs() []session.Motif { return s.place.Motifs }

// Morning is the theme and the guests of the permanence in progress or to come,
// or "".
func (s *Snapshot) Morning() (theme string, guests []string) {
	if s.place.Morning == nil || s.From.IsZero() {
		return "", nil
	}
	return s.place.Morning(s.From)
}

// Testing reports whether staff practise: nothing of this counts.
func (s *Snapshot) Testing() bool {
	return s.Session.Test && s.Session.Status != session.Closed
}

// Zone is the time zone of the place.
func (s *Snapshot) Zone() *time.Location { return s.place.Zone }

// Speed is the speed of the box's clock.
func (s *Snapshot) Speed() float64 { return s.speed }

// AheadMsg is what screen and paper say about the wait of a visit.
func (s *Snapshot) AheadMsg(v *session.Visit) session.Msg {
	return intake.Ahead(s.Context(intake.State{Visit: v.ID}))
}

// kiosk steps the intake of the kiosk.
func (d *draft) kiosk(id session.ID, in intake.Input) {
	if !d.testKiosk(in) {
		d.Kiosk = d.step("", d.Kiosk, id, in)
	}
}

// leaving steps the panel at the way out: nobody is at it but the one who presses.
func (d *draft) leaving(in intake.Input) {
	next, wants := d.Exit.Step(in, d.at)
	d.Exit = next
	for _, w := range wants {
		switch w := w.(type) {
		case intake.SubmitOpinion:
			d.effects = append(d.effects, sheetJob{sheet: w.Sheet, test: d.Testing(), quiet: true})
		case intake.Speak:
			d.effects = append(d.effects, aside{w})
		}
	}
}

// kioskLeft has the kiosk wait for the next person.
func (d *draft) kioskLeft() {
	d.Kiosk = intake.Leave(d.Kiosk)
	d.effects = append(d.effects, spoken{intake.Hush{}}) // nobody is told what was meant for another
}

// step steps an intake and does what it wants; desk is "" at the kiosk.
func (d *draft) step(desk string, s intake.State, id session.ID, in intake.Input) intake.State {
	who := s
	if t, ok := in.(intake.Taken); ok {
		who.Visit = t.Visit // what is said of the wait is said of this ticket
	}
	c := d.Context(who)
	if desk != "" {
		c.Tremor = -1  // staff press for somebody, and their hand is their own
		c.Late = false // and they know
	}
	next, wants := intake.Step(s, in, c)
	if c.Places == nil && namesPlaces(next.Screen) {
		// The screen that comes tells of them at once; a step is pure, and may be taken again.
		c.Places = d.places(next)
		next, wants = intake.Step(s, in, c)
	}
	if intake.Unmet(s, next) {
		d.needHome(d.Testing())
	}
	for _, w := range wants {
		switch w := w.(type) {
		case intake.TakeTicket:
			ans, err := d.order(session.Command{ID: id, Order: session.Take{
				Visit: newID(), Motif: w.Motif, Lang: w.Lang, ForOther: w.ForOther, Desk: desk}})
			if err != nil {
				next = d.step(desk, next, id, refused(err))
				continue
			}
			next = d.step(desk, next, id, intake.Taken{Visit: ans.Visit, Number: ans.Number})
		case intake.KeepTurn:
			if _, err := d.order(session.Command{ID: id, Order: session.StepOut{Visit: w.Visit, For: w.For, Desk: desk}}); err != nil {
				next = d.step(desk, next, id, refused(err))
			}
		case intake.AdjustNeed:
			// Whatever the answer, the visitor keeps the ticket and goes on.
			d.order(session.Command{ID: id, Order: session.Adjust{Visit: w.Visit, Need: w.Need, Class: w.Class}})
		case intake.SubmitSheet:
			d.effects = append(d.effects, sheetJob{desk: desk, sheet: sheet.WithLevel(w.Sheet, d.place.Thresholds), test: d.Testing()})
		case intake.SubmitOpinion:
			d.effects = append(d.effects, sheetJob{desk: desk, sheet: w.Sheet, test: d.Testing()})
		case intake.ShareLevel:
			// Whatever became of the visit meanwhile, the visitor goes on.
			d.note(w.Visit, func(n *Note) {
				n.Self, n.Advice, n.result = &w.Assessment, w.Advice, slipResult(w.Assessment, s.Answered())
			})
		case intake.Withdraw:
			d.note(w.Visit, func(n *Note) { n.Self, n.Advice, n.result = nil, routing.Advice{}, nil })
		case intake.PrintLarge:
			if v, ok := d.Session.Visit(w.Visit); ok {
				snapshot := d.Snapshot
				d.print(func() drivers.Document { return d.a.ticket(&snapshot, v, ticketForm{copy: true, large: true}) })
			}
		case intake.PrintSlip:
			o := Orientation{Places: w.Places, Lang: s.Lang, Large: largeLetters(s), Visit: s.Visit}
			if w.WithResult {
				o.result = slipResult(w.Assessment, s.Answered())
			}
			if err := d.orient(o); err != nil {
				d.a.cfg.Logger.Warn("orientation slip not printed", "err", err)
			}
		case intake.PrintRights:
			if err := d.rightsList(s.Lang, w.IDs, largeLetters(s)); err != nil {
				d.a.cfg.Logger.Warn("list of rights not printed", "err", err)
			}
		case intake.ReserveSeat:
			d.effects = append(d.effects, seatJob{desk: desk, visitor: s.Visitor, event: w.Event, lang: s.Lang, large: largeLetters(s), at: d.day()})
		case intake.CallHelp:
			if desk == "" && d.Help == nil {
				d.Help = &Help{Since: d.at, visitor: s.Visitor}
				d.effects = append(d.effects, voice.Alarm{Say: voice.Message{Key: "banner.help"}, Volume: alarmVolume})
			}
		case intake.Speak, intake.Hush:
			if desk == "" {
				d.effects = append(d.effects, spoken{w})
			}
		}
	}
	return next
}

func refused(err error) intake.Refused {
	var r *session.Refusal
	if errors.As(err, &r) {
		return intake.Refused{Why: r.Msg}
	}
	return intake.Refused{}
}

func (d *draft) setIntake(desk string, s *intake.State) {
	if s != nil {
		d.Intakes = with(d.Intakes, desk, *s)
		return
	}
	d.Intakes = maps.Clone(d.Intakes)
	delete(d.Intakes, desk)
}

// with is m with v at k: a copy, as the maps of published snapshots never change.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	if m = maps.Clone(m); m == nil {
		m = make(map[K]V)
	}
	m[k] = v
	return m
}

func newID() session.ID {
	var id session.ID
	rand.Read(id[:]) // never fails; see its documentation
	return id
}
