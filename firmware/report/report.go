// Package report is what is said of a permanence once it is over, and before it
// begins, as values: the closing report and the zero report of the opening; and what is
// said of whole closed periods, the bilan for a council. It is pure; the desk's screen
// and the paper show the very rows that are here, so that they never differ.
//
// What it promises: a report tells counts and the times of the permanence, and
// nothing of any single visit: no number, no reason to come, no language, no
// minute at which somebody came. Its identity is shown whether it holds or not. A bilan
// says nothing that its releases do not carry: each share stands beside its counts, what
// nobody answered is said, and a change only where rounding cannot have made it.
package report

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/wait"
)

// Report is a permanence in numbers. It is a value: it holds nothing of the
// state that it was made from.
type Report struct {
	Zero        bool // the report of an opening
	Place       string
	From, Until time.Time // as planned

	// Each report has two times, that of the transition and that of the print:
	// the practice of VotingWorks, so that a copy is never taken for another report.
	Opened  time.Time // zero when it was never opened
	Closed  time.Time // zero while it is not closed
	Printed time.Time

	Tells []session.Tell // what the next permanence should know

	Totals session.Totals
	Here   int // still here: waiting, called, received or held
	Waits  []Band
	// Services are how long people were received, Roles and Classes what their tickets
	// needed, in the order of the lists. Reports of before this was counted have none.
	Services []Band
	Roles    []Tally
	Classes  []Tally
	// Minutes. Capacity is of the desks that called somebody, each from the opening to
	// the planned end, or for as long as somebody is received. Busy is of the services
	// there, so never more. Down is for how long the box was off meanwhile, at most.
	Capacity, Busy, Down int

	// Announced is how well the waits held that visitors were told, and AnnouncedPoor
	// that those of the last permanences, with this one, hold too rarely.
	Announced     wait.Calibration
	AnnouncedPoor bool

	// Rights is how many lists of rights to verify were printed, at least: a restart
	// forgets those of before it.
	Rights int `json:",omitempty"`

	Test        bool // staff practised: nothing of this counts
	ClockUnsure bool // nobody vouches for one of the times above
}

// Band is how many people waited for their first call, or were received, from Min up
// to, and not including, Max. The last band has no end: its Max is 0.
type Band struct {
	Min, Max time.Duration
	Visits   int
}

// bands are the waits that are told apart. They are wide, so that among the few
// people of a morning a band points at nobody.
func bands() []Band {
	return []Band{
		{Min: 0, Max: 10 * time.Minute},
		{Min: 10 * time.Minute, Max: 20 * time.Minute},
		{Min: 20 * time.Minute, Max: 40 * time.Minute},
		{Min: 40 * time.Minute},
	}
}

// Closing is the report of a permanence that has ended, printed at at.
func Closing(s session.State, at session.Moment) Report {
	r := made(s, at)
	r.Closed, r.Tells = s.Ended.Wall, slices.Clone(s.Tells)
	r.ClockUnsure = r.ClockUnsure || unsure(s.Ended)
	return r
}

// Opening is the zero report of a permanence that begins, printed at at: every
// count is 0 but for the tickets that were already taken.
func Opening(s session.State, at session.Moment) Report {
	r := made(s, at)
	r.Zero = true
	return r
}

func made(s session.State, at session.Moment) Report {
	r := Report{
		Place: s.Plan.Place, From: s.Plan.From, Until: s.Plan.Until,
		Opened: s.Opened.Wall, Printed: at.Wall,
		Totals: s.Totals, Here: s.Here(), Waits: bands(),
		Test: s.Test, ClockUnsure: unsure(s.Opened) || unsure(at),
	}
	r.Totals.TurnedAway = maps.Clone(s.Totals.TurnedAway)
	for v := range s.Visits() {
		if waited, ok := wait.Waited(v); ok {
			into(r.Waits, waited)
		}
	}
	r.table(s, at)
	if s.Earlier != nil { // of those who came before the closing, and are gone
		again(r.Waits, s.Earlier.Waits)
	}
	return r
}

// into counts one more in the band of a duration.
func into(bands []Band, d time.Duration) {
	for i, b := range bands {
		if d >= b.Min && (d < b.Max || b.Max == 0) {
			bands[i].Visits++
		}
	}
}

// again adds what was counted before, band by band. Nothing was, or by other bands:
// then it is left out.
func again(bands []Band, before []int) {
	if len(before) != len(bands) {
		return
	}
	for i, n := range before {
		bands[i].Visits += n
	}
}

func unsure(m session.Moment) bool { return m != (session.Moment{}) && m.Trust != session.Trusted }

// In is the report with its times in the zone of the place.
func (r Report) In(zone *time.Location) Report {
	for _, t := range []*time.Time{&r.From, &r.Until, &r.Opened, &r.Closed, &r.Printed} {
		if !t.IsZero() {
			*t = t.In(zone)
		}
	}
	return r
}

// Title says which report this is.
func (r Report) Title() session.Msg {
	if r.Zero {
		return session.M("report.title.opening")
	}
	return session.M("report.title.closing")
}

// Head is the lines between the name of the place and the counts: the times, and
// what a reader must know before believing them.
func (r Report) Head() []session.Msg {
	var lines []session.Msg
	switch {
	case r.Test && r.Zero:
		lines = append(lines, session.M("report.test_opening"))
	case r.Test:
		lines = append(lines, session.M("report.test"))
	}
	if !r.From.IsZero() {
		lines = append(lines, session.M("report.planned", "from", r.From, "until", r.Until, "year", r.From.Year()))
	}
	if r.Opened.IsZero() {
		lines = append(lines, session.M("report.never_opened"))
	} else {
		lines = append(lines, dated("report.opened", r.Opened))
	}
	if !r.Closed.IsZero() {
		lines = append(lines, dated("report.closed", r.Closed))
	}
	lines = append(lines, dated("report.printed", r.Printed))
	if n := r.Totals.Reopened; n > 0 {
		lines = append(lines, session.M("report.reopened", "n", n))
	}
	if r.ClockUnsure {
		lines = append(lines, session.M("report.clock_unsure"))
	}
	if r.Zero {
		lines = append(lines, session.M("report.taken_before", "n", r.Totals.Issued))
	}
	return lines
}

// dated is a line with a time; a sheet that is filed away needs the year too.
func dated(key string, t time.Time) session.Msg {
	return session.M(key, "at", t, "year", t.Year())
}

// Row is a count and what it counts.
type Row struct {
	Label session.Msg
	Value int
}

// Section is some rows under a title.
type Section struct {
	Title session.Msg
	Rows  []Row
	// Remarks are sentences below the rows.
	Remarks []session.Msg
}

// Sections are all rows of the report, in the order of screen and paper. A count
// of 0 is shown too: nothing is left to guess.
func (r Report) Sections() []Section {
	totals := []Row{{session.M("report.total.issued"), r.Totals.Issued}}
	for _, o := range session.Outcomes() {
		totals = append(totals, Row{session.M("report.total." + string(o)), r.Totals.Of(o)})
	}
	totals = append(totals, Row{session.M("report.total.here"), r.Here})

	var away []Row
	for _, why := range session.TurnedAwayReasons() {
		away = append(away, Row{session.M("reason." + string(why)), r.Totals.TurnedAway[why]})
	}

	var waits []Row
	for _, b := range r.Waits {
		waits = append(waits, Row{b.label(), b.Visits})
	}

	list := []Section{
		{Title: session.M("report.totals"), Rows: totals},
		{Title: session.M("report.turned_away"), Rows: away},
		{Title: session.M("report.waits"), Rows: waits},
	}
	if !r.Zero {
		list = append(list, r.announced())
		list = append(list, r.worked()...)
	}
	return append(list, Section{Title: session.M("report.notes"), Rows: []Row{
		{session.M("report.note.for_other"), r.Totals.ForOther},
		{session.M("report.note.on_paper"), r.Totals.OnPaper},
		{session.M("report.note.inaccurate"), r.Totals.Inaccurate},
		{session.M("report.note.outages"), r.Totals.Outages},
	}})
}

func (b Band) label() session.Msg {
	lowest, highest := int(b.Min.Minutes()), int(b.Max.Minutes())
	switch {
	case b.Min == 0:
		return session.M("report.wait.under", "max", highest)
	case b.Max == 0:
		return session.M("report.wait.over", "min", lowest)
	}
	return session.M("report.wait.between", "min", lowest, "max", highest)
}

// Identity writes the counts of the first section as a sum, « 5 = 3 + 1 + 0 + 0 +
// 0 + 0 + 0 + 1 », in their order there:
//
//	issued = served + no-show + left + cancelled + misrouted + oriented + unresolved + still here
//
// ok reports whether it is true.
func (r Report) Identity() (terms string, ok bool) {
	var b strings.Builder
	b.WriteString(strconv.Itoa(r.Totals.Issued))
	sign, sum := " = ", 0
	term := func(n int) {
		b.WriteString(sign + strconv.Itoa(n))
		sign, sum = " + ", sum+n
	}
	for _, o := range session.Outcomes() {
		term(r.Totals.Of(o))
	}
	term(r.Here)
	return b.String(), sum == r.Totals.Issued
}

// IdentityMsg is the identity in words.
func (r Report) IdentityMsg() session.Msg {
	terms, ok := r.Identity()
	if !ok {
		return session.M("report.identity_broken", "terms", terms)
	}
	return session.M("report.identity_ok", "terms", terms)
}

// Told are what the next permanence should know, as lines.
func (r Report) Told() []session.Msg {
	var lines []session.Msg
	for _, tell := range r.Tells {
		lines = append(lines, session.M("report.tell."+string(tell)))
	}
	return lines
}

// Earlier is what a permanence of this report goes on from when it is reopened.
func (r Report) Earlier(next session.Number) session.Earlier {
	e := session.Earlier{Totals: r.Totals, Next: next, Capacity: r.Capacity, Busy: r.Busy, Down: r.Down}
	for _, b := range r.Waits {
		e.Waits = append(e.Waits, b.Visits)
	}
	for _, b := range r.Services {
		e.Services = append(e.Services, b.Visits)
	}
	for _, t := range r.Roles {
		e.Roles = append(e.Roles, t.N)
	}
	for _, t := range r.Classes {
		e.Classes = append(e.Classes, t.N)
	}
	return e
}

// Again is the report as it is printed at at: a copy has the time of its own print.
func (r Report) Again(at session.Moment) Report {
	r.Printed, r.ClockUnsure = at.Wall, r.ClockUnsure || unsure(at)
	return r
}
