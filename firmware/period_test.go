package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/counters"
	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/provisioning/site"
)

// quarter is a box of the sample site with real stores, at the plain level: nobody has
// to give a key back.
type quarter struct {
	t       *testing.T
	dir     string
	stores  *stores
	periods *appliance.Periods
	ids     byte
}

func newQuarter(t *testing.T) *quarter {
	q := &quarter{t: t, dir: t.TempDir()}
	q.open()
	t.Cleanup(func() { q.stores.close() })
	return q
}

// open starts the box, as after a power cut where it ran before.
func (q *quarter) open() {
	q.t.Helper()
	if q.stores != nil {
		q.stores.close()
	}
	place := site.Sample()
	var err error
	if q.stores, err = openStores(q.dir, schemasOf(place), counters.Options{Batch: counters.MinBatch}, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		q.t.Fatal(err)
	}
	q.periods = periodsOf(place, q.stores)
}

// sheets keeps so many sheets of people who are all content, and counts whole batches.
func (q *quarter) sheets(kind sheet.Kind, n int) {
	q.t.Helper()
	sh := map[sheet.Kind]sheet.Sheet{
		sheet.KindExit:    sheet.New(sheet.KindExit).Set(sheet.Satisfied, sheet.Good).Set(sheet.Useful, sheet.Yes),
		sheet.KindVisitor: sheet.New(sheet.KindVisitor).Set(sheet.FirstVisit, sheet.Yes),
	}[kind]
	for range n {
		q.ids++
		if err := q.stores.sheets.Submit([16]byte{q.ids, 1}, sh); err != nil {
			q.t.Fatal(err)
		}
		if _, err := q.stores.sheets.Merge(); err != nil {
			q.t.Fatal(err)
		}
	}
}

// morning enters a closed permanence of a day.
func (q *quarter) morning(day string, tickets int) {
	q.t.Helper()
	at := on(q.t, day)
	q.ids++
	totals := session.Totals{Issued: tickets, Served: tickets}
	if err := q.stores.ledger.Enter(ledger.Entry{ID: session.ID{q.ids}, From: at, Totals: totals,
		Report: report.Report{Opened: at, Totals: totals}}); err != nil {
		q.t.Fatal(err)
	}
}

func on(t *testing.T, day string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15", day+" 09", site.Sample().Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (q *quarter) totals(kind sheet.Kind) counters.Totals { return q.stores.sheets.Totals()[kind] }

// stuck are sheets whose counters do not begin anew, as when a card is full.
type stuck struct{ sheets }

var errStuck = errors.New("stuck")

func (stuck) EndPeriod(sheet.Kind, uint64) error { return errStuck }

func TestAPeriodIsClosedOnce(t *testing.T) {
	q := newQuarter(t)
	q.morning("2026-07-02", 20)
	q.morning("2026-07-09", 21)
	q.sheets(sheet.KindExit, 44)
	q.sheets(sheet.KindVisitor, 29)
	for range 3 {
		if err := q.stores.ledger.NeedHome(on(t, "2026-07-02")); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.stores.ledger.AddBlocked(on(t, "2026-07-09"), []report.Tally{{Key: "caf", N: 2}}); err != nil {
		t.Fatal(err)
	}

	first, err := q.periods.Close(on(t, "2026-10-01"))
	if err != nil {
		t.Fatal(err)
	}
	if first.From != "2026-07-01" || first.Until != "2026-10-01" || first.Attendance.Held != 2 || first.Attendance.Totals.Issued != 41 ||
		first.Attendance.Missing == 0 || first.Home != 3 || !reflect.DeepEqual(first.Blocked, []report.Tally{{Key: "caf", N: 2}}) {
		t.Errorf("Close() = %+v; want both mornings of the quarter, and those that were missed", first)
	}
	if len(first.Tables) != 1 || first.Tables[0].Kind != "exit" || !reflect.DeepEqual(first.Unmerged, map[string]int{"exit": 4, "visitor": 9}) {
		t.Errorf("Close() = tables %+v, unmerged %v; want the exit sheets alone, 4 and 9 unmerged", first.Tables, first.Unmerged)
	}
	// Of the kind that was released the counts begin at zero; the others go on.
	for kind, want := range map[sheet.Kind]counters.Totals{sheet.KindExit: {Period: 2, Pending: 4}, sheet.KindVisitor: {Period: 1, Sheets: 20, Pending: 9}} {
		if got := q.totals(kind); got.Period != want.Period || got.Sheets != want.Sheets || got.Pending != want.Pending {
			t.Errorf("%v after the closing: period %d, %d sheets, %d pending; want %+v", kind, got.Period, got.Sheets, got.Pending, want)
		}
	}

	// Nothing new, nine new sheets, nine and a morning: each is refused.
	for _, more := range []int{0, 9, 0} {
		q.sheets(sheet.KindExit, more)
		var few appliance.ErrFew
		if r, err := q.periods.Close(on(t, "2026-10-02")); !errors.As(err, &few) || few.Need != counters.MinRelease {
			t.Errorf("Close() after %d more sheets = %+v, %v; want ErrFew", more, r, err)
		}
		q.morning("2026-10-01", 4)
	}

	q.sheets(sheet.KindExit, 30)
	q.sheets(sheet.KindVisitor, 21)
	second, err := q.periods.Close(on(t, "2027-01-04"))
	if err != nil {
		t.Fatal(err)
	}
	if second.From != first.Until || second.Until != "2027-01-01" || second.Attendance.Held != 3 || second.Attendance.Totals.Issued != 12 || second.Home != 0 || second.Blocked != nil {
		t.Errorf("second Close() = %+v; want what the first has not", second)
	}
	if len(second.Tables) != 2 || second.ID == first.ID || second.Box != first.Box {
		t.Errorf("second Close() = %+v; want two tables, an identity of its own, the same box", second)
	}
	// No sheet is in two releases: all that was ever given is released or still there.
	for kind, given := range map[sheet.Kind]int{sheet.KindExit: 83, sheet.KindVisitor: 50} {
		there := q.totals(kind).Sheets + q.totals(kind).Pending
		for _, r := range []report.Release{first, second} {
			for _, table := range r.Tables {
				if table.Kind == kind.String() {
					there += table.Total
				}
			}
		}
		if there < given-4 || there > given+4 { // two totals, each rounded
			t.Errorf("%v: %d sheets are released or there; want about the %d given", kind, there, given)
		}
	}
	q.open()
	if got, err := q.stores.ledger.Releases(); err != nil || !reflect.DeepEqual(got, []report.Release{first, second}) {
		t.Errorf("Releases() after a restart = %+v, %v; want the two as they were", got, err)
	}
}

// A box that came late into its first quarter says of no permanence before that it was
// not held.
func TestTheFirstPeriodMissesNothingBeforeTheBox(t *testing.T) {
	q := newQuarter(t)
	q.morning("2026-09-17", 40)
	r, err := q.periods.Close(on(t, "2026-10-01"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Attendance.Held != 1 || r.Attendance.Missing != 1 { // 24 September
		t.Errorf("held %d, missing %d; want the one that was held, and one after it", r.Attendance.Held, r.Attendance.Missing)
	}
}

// A cut between the release and the counters: the next start goes on, and nothing is
// counted twice or lost.
func TestAPeriodCutInTheMidst(t *testing.T) {
	q := newQuarter(t)
	q.morning("2026-07-02", 20)
	q.sheets(sheet.KindExit, 40)
	sound := q.periods.Sheets
	q.periods.Sheets = stuck{q.stores.sheets}
	r, err := q.periods.Close(on(t, "2026-10-01"))
	if r.ID == "" || !errors.Is(err, errStuck) {
		t.Fatalf("Close() = %+v, %v; want the frozen release and the fault", r, err)
	}
	if again, err := q.periods.Close(on(t, "2026-10-01")); again.ID != "" || !errors.Is(err, errStuck) {
		t.Errorf("Close() again = %+v, %v; want the fault alone: its people were released", again, err)
	}
	if n := q.totals(sheet.KindExit).Sheets; n != 40 {
		t.Fatalf("%d sheets; want the 40 before the recovery", n)
	}
	q.periods.Sheets = sound
	q.open()
	for range 2 {
		if err := q.periods.Recover(); err != nil {
			t.Fatal(err)
		}
		if got := q.totals(sheet.KindExit); got.Sheets != 0 || got.Period != 2 {
			t.Errorf("after Recover(): period %d, %d sheets; want 2 and none", got.Period, got.Sheets)
		}
	}
	q.sheets(sheet.KindExit, 10)
	if err := q.periods.Recover(); err != nil || q.totals(sheet.KindExit).Sheets != 10 {
		t.Errorf("Recover() with sheets of the next period = %v, %d left; want them all", err, q.totals(sheet.KindExit).Sheets)
	}
	if list, err := q.stores.ledger.Releases(); err != nil || len(list) != 1 {
		t.Errorf("%d releases, %v; want one", len(list), err)
	}
}

func TestJeudiPeriod(t *testing.T) {
	q := newQuarter(t)
	q.morning("2026-07-02", 31)
	q.stores.close()
	run := func(args ...string) (code int, text string) {
		var out, errs bytes.Buffer
		code = runPeriod(args, on(t, "2026-10-01"), &out, &errs)
		return code, out.String() + errs.String()
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"show", "-data", q.dir}, exitOK, "en cours : depuis le 2026-07-01, permanences 1, tickets 31, à clore"},
		{[]string{"close", "-data", q.dir}, exitOK, "close : du 2026-07-01 au 2026-10-01 (exclu), permanences 1, tickets 31, sans tableau"},
		{[]string{"close", "-data", q.dir}, exitFail, "a release needs 30"},
		{[]string{"show", "-data", q.dir + "/none"}, exitUsage, "-data"},
		{[]string{"open"}, exitUsage, "usage: jeudi period"},
		{[]string{"show", "x", "-data", q.dir}, exitUsage, `unexpected "x"`},
		{[]string{"--help"}, exitOK, "usage: jeudi period show"},
	} {
		if code, text := run(c.args...); code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("jeudi period %v = %d, %s; want %d, %q", c.args, code, text, c.code, c.want)
		}
	}
	q.stores = nil
	q.open()
	at := session.Moment{Wall: on(t, "2026-10-01"), Trust: session.Trusted}
	if err := q.stores.journal.Append([]session.Event{{Seq: 1, At: at, Body: session.PermanencePlanned{Plan: session.Plan{ID: session.ID{9}}}}, {Seq: 2, At: at, Body: session.PermanenceOpened{}}}); err != nil {
		t.Fatal(err)
	}
	q.stores.close()
	if code, text := run("close", "-data", q.dir); code != exitFail || !strings.Contains(text, "close it at the desk") {
		t.Errorf("jeudi period close in the midst of a permanence = %d, %s; want a refusal", code, text)
	}
	q.stores = nil
	q.open()
}
