package appliance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"jeudi/firmware/counters"
	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Periods closes periods, and finishes what a power cut left of that. It writes to the
// counters, so it belongs to whichever goroutine keeps the sheets.
//
// Closing promises: what leaves the box is frozen in the ledger before anybody sees it,
// and before the counters begin anew; a sheet is in one release or none; and a kind of
// which too few sheets came is not released, but goes on in the next period.
type Periods struct {
	Ledger *ledger.Ledger
	Sheets interface {
		Merge() (int, error) // nil for a kind that waits for its key
		Totals() map[sheet.Kind]counters.Totals
		EndPeriod(kind sheet.Kind, period uint64) error
	}
	Schemas []sheet.Schema
	Rules   counters.Rules
	Length  string // of a period, as report.PeriodOf has it
	Place   string
	Zone    *time.Location
	// Planned are the days of permanences from a day until another; nil when not known.
	Planned func(from, until time.Time) []time.Time
	Random  io.Reader
}

// ErrFew is the refusal to close a period of so few people that nothing may be said.
type ErrFew struct{ Have, Need int }

func (e ErrFew) Error() string {
	return fmt.Sprintf("period: %d people; a release needs %d", e.Have, e.Need)
}

// The refusals of closing a period, with words for staff.
var (
	// ErrPeriodOpen: the permanence goes on; its people would be torn apart.
	ErrPeriodOpen = &session.Refusal{Msg: session.M("refuse.period_open")}
	// ErrPeriodClosed: a permanence to be gone on with whose attendance was released.
	ErrPeriodClosed = &session.Refusal{Msg: session.M("refuse.period_closed")}
	// ErrPeriodClock: nobody vouches for the date that would be on the bilan.
	ErrPeriodClock = &session.Refusal{Msg: session.M("refuse.period_clock")}
)

// refusal is the refusal in words for staff.
func (e ErrFew) refusal() *session.Refusal {
	return &session.Refusal{Msg: session.M("refuse.period_few", "have", e.Have, "need", e.Need)}
}

// Close closes the period that is open on a day, and returns what leaves the box of it.
// The sheets that wait are counted first if there are enough, and else pass to the next
// period, as Release.Unmerged says. ErrFew refuses a period in which fewer people than
// Rules.Least took a ticket and no kind has as many sheets: it goes on.
//
// After another error the release may be frozen already; then the next call of Recover
// finishes what was begun.
func (p Periods) Close(today time.Time) (report.Release, error) {
	if err := p.Recover(); err != nil {
		return report.Release{}, err
	}
	// Sheets that wait for their key are no fault, and pass on. With any other nobody
	// knows whether they are in the counters, which would be released without them.
	if _, err := p.Sheets.Merge(); err != nil {
		return report.Release{}, fmt.Errorf("period: %w", err)
	}
	closed, fresh, err := p.read()
	if err != nil {
		return report.Release{}, fmt.Errorf("period: %w", err)
	}
	next, err := p.release(closed, fresh, today)
	if err != nil {
		return report.Release{}, fmt.Errorf("period: %w", err)
	}
	if err := p.Ledger.ClosePeriod(next); err != nil {
		return report.Release{}, fmt.Errorf("period: %w", err)
	}
	return next.Release, p.Recover()
}

// Recover begins the counters anew of every kind that was released. It runs at the
// start, and before sheets are merged: what is added to counters that were released
// would be lost with them.
func (p Periods) Recover() error {
	closed, err := p.Ledger.Periods()
	if err != nil {
		return fmt.Errorf("period: %w", err)
	}
	last := map[string]uint64{}
	for _, c := range closed {
		for kind, n := range c.Counters {
			last[kind] = max(last[kind], n)
		}
	}
	var errs []error
	for kind, t := range p.Sheets.Totals() {
		// Counters that were lost, and begun at 1, catch up.
		for n := t.Period; n <= last[kind.String()]; n++ {
			if err := p.Sheets.EndPeriod(kind, n); err != nil {
				errs = append(errs, fmt.Errorf("period: %w", err))
				break
			}
		}
	}
	return errors.Join(errs...)
}

// read is the closed periods, and the permanences that are in none.
func (p Periods) read() (closed []ledger.Period, fresh []ledger.Entry, err error) {
	if closed, err = p.Ledger.Periods(); err != nil {
		return nil, nil, err
	}
	entries, err := p.Ledger.Entries()
	counted := map[session.ID]bool{}
	for _, c := range closed {
		for _, id := range c.Permanences {
			counted[id] = true
		}
	}
	for _, e := range entries {
		if !counted[e.ID] {
			fresh = append(fresh, e)
		}
	}
	return closed, fresh, err
}

// released reports whether a closed period has a permanence.
func (p Periods) released(id session.ID) (bool, error) {
	closed, err := p.Ledger.Periods()
	return slices.ContainsFunc(closed, func(c ledger.Period) bool { return slices.Contains(c.Permanences, id) }), err
}

// days are those of permanences whose date somebody vouches for.
func (p Periods) days(entries []ledger.Entry) (days []time.Time) {
	for _, e := range entries {
		if at := cmp.Or(e.Report.Opened, e.From); !e.Report.ClockUnsure && !at.IsZero() {
			days = append(days, at.In(p.Zone))
		}
	}
	return days
}

// span is the days of the period that goes on, as report.Span has them.
func (p Periods) span(closed []ledger.Period, held []time.Time, today time.Time) (from, until time.Time) {
	var last *report.Release
	if n := len(closed); n > 0 {
		last = &closed[n-1].Release
	}
	return report.Span(last, held, p.Length, today.In(p.Zone))
}

// need is how many sheets a kind needs to be released.
func (p Periods) need() int { return max(p.Rules.Least, counters.MinRelease) }

func (p Periods) release(closed []ledger.Period, fresh []ledger.Entry, today time.Time) (ledger.Period, error) {
	held := p.days(fresh)
	from, until := p.span(closed, held, today)
	next := ledger.Period{Counters: map[string]uint64{}, Release: report.Release{
		Version: report.ReleaseVersion, Place: p.Place,
		From: from.Format(time.DateOnly), Until: until.Format(time.DateOnly),
	}}
	r := &next.Release
	var reports []report.Report
	var places []report.AtPlace
	itinerant := false
	for _, e := range fresh {
		reports = append(reports, e.Report)
		places, itinerant = append(places, e.Report.Held(e.Place)), itinerant || e.Stop != ""
		next.Permanences = append(next.Permanences, e.ID)
	}
	r.Attendance = report.Attended(reports)
	if itinerant {
		r.Attendance.Places = report.ByPlace(places, max(p.Rules.GroupAt, counters.MinGroup))
	}
	if p.Planned != nil {
		since := from
		if len(closed) == 0 && len(held) > 0 { // before its first permanence nobody told the box of any
			since = slices.MinFunc(held, time.Time.Compare)
		}
		r.Attendance.Missing = report.Missed(p.Planned(since, until), held)
	}
	if err := p.tables(&next); err != nil {
		return ledger.Period{}, err
	}
	need := p.need()
	if have := r.Attendance.Totals.Issued; len(r.Tables) == 0 && have < need {
		return ledger.Period{}, ErrFew{Have: have, Need: need}
	}
	if err := p.others(r, closed); err != nil {
		return ledger.Period{}, err
	}
	var err error
	if r.ID, err = p.draw(); err != nil {
		return ledger.Period{}, err
	}
	r.Box, err = p.Ledger.Box(p.Random)
	return next, err
}

// tables releases each kind that has enough sheets. The secret that decides how they
// are rounded is drawn here and forgotten: whoever had it could try counts out.
func (p Periods) tables(next *ledger.Period) error {
	r := &next.Release
	totals := p.Sheets.Totals()
	for _, schema := range p.Schemas {
		t, kind := totals[schema.Kind], schema.Kind.String()
		if t.Pending > 0 {
			r.Unmerged = with(r.Unmerged, kind, t.Pending)
		}
		secret := make([]byte, 32)
		if _, err := io.ReadFull(p.Random, secret); err != nil {
			return err
		}
		table, err := counters.Release(t, schema, p.Rules, secret)
		clear(secret)
		var few counters.ErrTooFew
		switch {
		case errors.As(err, &few):
			continue
		case err != nil:
			return err
		}
		r.Tables = append(r.Tables, table)
		next.Counters[kind] = t.Period
		if t.Unreadable > 0 {
			r.Unreadable = with(r.Unreadable, kind, t.Unreadable)
		}
	}
	return nil
}

// others are the counts that the ledger adds up for ever, less what earlier periods had.
func (p Periods) others(r *report.Release, closed []ledger.Period) error {
	homes, err := p.Ledger.HomeNeeds()
	if err != nil {
		return err
	}
	slips, err := p.Ledger.VoucherCounts()
	if err != nil {
		return err
	}
	blocked, err := p.Ledger.BlockedCounts()
	if err != nil {
		return err
	}
	organisms := map[string]int{}
	for _, h := range homes {
		r.Home += h.People
	}
	for _, s := range slips {
		r.Slips.Given += s.Given
		r.Slips.Came += s.Arrived
	}
	for _, b := range blocked {
		organisms[b.Organism] += b.N
	}
	for _, c := range closed {
		r.Home -= c.Release.Home
		r.Slips.Given -= c.Release.Slips.Given
		r.Slips.Came -= c.Release.Slips.Came
		for _, b := range c.Release.Blocked {
			organisms[b.Key] -= b.N
		}
	}
	// A ledger that was set aside begins at nothing.
	r.Home, r.Slips.Given, r.Slips.Came = max(r.Home, 0), max(r.Slips.Given, 0), max(r.Slips.Came, 0)
	for _, organism := range slices.Sorted(maps.Keys(organisms)) {
		if n := organisms[organism]; n > 0 {
			r.Blocked = append(r.Blocked, report.Tally{Key: organism, N: n})
		}
	}
	return nil
}

func (p Periods) draw() (string, error) {
	var b [16]byte
	_, err := io.ReadFull(p.Random, b[:])
	return fmt.Sprintf("%x", b), err
}

// OpenPeriod is the period that goes on.
type OpenPeriod struct {
	From   time.Time // first day
	Length string    // as report.PeriodOf has it
	// Until is the first day that would not be of it, were it closed today.
	Until       time.Time
	Due         bool // the part of the calendar that it began in is over
	Permanences int
	Tickets     int
	Need        int // sheets of a kind, to be released
	Kinds       []OpenKind
}

// OpenKind is the sheets of one kind. It tells how many, never what they say.
type OpenKind struct {
	Kind       sheet.Kind
	Counted    int
	Waiting    int
	Unreadable int
	Enough     bool
}

// Open is the period that goes on, on a day.
func (p Periods) Open(today time.Time) (OpenPeriod, error) {
	closed, fresh, err := p.read()
	if err != nil {
		return OpenPeriod{}, fmt.Errorf("period: %w", err)
	}
	o := OpenPeriod{Length: p.Length, Permanences: len(fresh), Need: p.need()}
	o.From, o.Until = p.span(closed, p.days(fresh), today)
	o.Due = len(fresh) > 0 && report.Due(o.From, p.Length, today.In(p.Zone))
	for _, e := range fresh {
		o.Tickets += e.Totals.Issued
	}
	totals := p.Sheets.Totals()
	for _, s := range p.Schemas {
		t := totals[s.Kind]
		o.Kinds = append(o.Kinds, OpenKind{Kind: s.Kind, Counted: t.Sheets, Waiting: t.Pending, Unreadable: t.Unreadable, Enough: t.Sheets >= o.Need})
	}
	return o, nil
}

// closing is what became of the closing of a period.
type closing struct {
	release report.Release
	err     error
}

// ClosePeriod closes the period that is open, between two permanences, and returns what
// was released of it: from then on it is in Releases, always the same.
func (a *Appliance) ClosePeriod(ctx context.Context) (report.Release, error) {
	if a.cfg.Periods == nil {
		return report.Release{}, ErrPeriodOpen
	}
	c := new(closing)
	defer func() {
		go a.tell(context.WithoutCancel(ctx), func(*draft) error { delete(a.releasing, c); return nil })
	}()
	today, err := a.betweenPermanences(ctx, c)
	if err != nil {
		return report.Release{}, err
	}
	// To its end, whoever waits: until then no permanence is reopened that it may release.
	got, err := inVault(context.WithoutCancel(ctx), a, func() closing {
		r, err := a.cfg.Periods.Close(today)
		return closing{r, err}
	})
	if err != nil {
		return report.Release{}, err
	}
	var few ErrFew
	switch {
	case errors.As(got.err, &few):
		return report.Release{}, few.refusal()
	case got.release.ID == "" && got.err != nil:
		a.cfg.Logger.Error("period not closed", "err", got.err)
		return report.Release{}, ErrNotKept
	case got.err != nil: // the next merge, or the next start, goes on
		a.cfg.Logger.Error("counters of a closed period not begun anew", "err", got.err)
	}
	a.cfg.Logger.Info("period closed", "tables", len(got.release.Tables))
	return got.release, nil
}

// betweenPermanences is today, when no permanence goes on and the date is known. From
// then on a period is being released.
func (a *Appliance) betweenPermanences(ctx context.Context, c *closing) (today time.Time, err error) {
	err = a.ask(ctx, func(d *draft) error {
		switch {
		case d.Session.UnderWay():
			return ErrPeriodOpen
		case d.at.Trust != session.Trusted:
			return ErrPeriodClock
		}
		today = d.at.Wall
		a.releasing[c] = true
		return nil
	})
	return today, err
}

// Releases are the closed periods, oldest first; nil when the box keeps none.
func (a *Appliance) Releases() ([]report.Release, error) {
	if a.cfg.Periods == nil {
		return nil, nil
	}
	return a.cfg.Periods.Ledger.Releases()
}

// OpenPeriod is the period that goes on; ok is false when the box keeps none.
func (a *Appliance) OpenPeriod(ctx context.Context) (o OpenPeriod, ok bool, err error) {
	if a.cfg.Periods == nil {
		return OpenPeriod{}, false, nil
	}
	today := a.current.Load().Now.Wall
	type opened struct {
		o   OpenPeriod
		err error
	}
	got, err := inVault(ctx, a, func() opened {
		o, err := a.cfg.Periods.Open(today)
		return opened{o, err}
	})
	if err != nil {
		return OpenPeriod{}, true, err
	}
	return got.o, true, got.err
}

// mergeSheets counts the sheets of which enough wait. Only the goroutine that keeps the
// sheets calls it.
func (a *Appliance) mergeSheets() (int, error) {
	if err := a.finishPeriod(); err != nil {
		return 0, err
	}
	n, err := a.cfg.Sheets.Merge()
	if n > 0 { // staff's sheets taught what services took
		go a.tell(context.Background(), func(d *draft) error {
			a.study()
			d.model = a.model
			return nil
		})
	}
	return n, err
}

// finishPeriod finishes what was begun of the closing of a period. Whatever is counted
// before is lost with the counters that were released.
func (a *Appliance) finishPeriod() error {
	if a.cfg.Periods == nil {
		return nil
	}
	return a.cfg.Periods.Recover()
}
