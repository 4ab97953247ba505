package selftest

import (
	"slices"
	"time"

	"jeudi/firmware/session"
)

// Report is a test that is over. It holds nothing of any person.
type Report struct {
	Started     time.Time `json:"started"`
	Ended       time.Time `json:"ended"`
	Version     string    `json:"version"`
	Abandoned   bool      `json:"abandoned,omitempty"`
	ClockUnsure bool      `json:"clock_unsure,omitempty"` // nobody vouches for the times above
	Outcomes    []Outcome `json:"outcomes"`
}

// Empty reports whether nobody looked at anything: such a test is not kept.
func (r Report) Empty() bool { return len(r.Outcomes) == 0 }

// Verdict is what a report amounts to.
type Verdict string

// The verdicts.
const (
	Ready      Verdict = "ready"
	Watch      Verdict = "watch"      // ready, and something wants care
	NotReady   Verdict = "not_ready"  // something failed
	Incomplete Verdict = "incomplete" // nothing failed, and not all was looked at
)

// Verdict is what the report amounts to.
func (r Report) Verdict() Verdict {
	has := func(result Result) bool {
		return slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return o.Result == result })
	}
	switch {
	case has(Failed):
		return NotReady
	case r.Abandoned || r.Empty() || has(Skipped):
		return Incomplete
	case has(Warning):
		return Watch
	}
	return Ready
}

// OK reports whether the box may receive people.
func (v Verdict) OK() bool { return v == Ready || v == Watch }

// Msg says the verdict.
func (v Verdict) Msg() session.Msg { return session.M("selftest.verdict." + string(v)) }

// Msg says the result in a word.
func (r Result) Msg() session.Msg { return session.M("selftest.result." + string(r)) }

// In is the report with its times in the zone of the place.
func (r Report) In(zone *time.Location) Report {
	r.Started, r.Ended = r.Started.In(zone), r.Ended.In(zone)
	return r
}

// Row is a line of a report, the same on screen and paper.
type Row struct {
	Label  session.Msg
	Result Result
	Notes  []session.Msg
}

// Rows are the lines of outcomes. Buttons that are all well share one.
func Rows(outcomes []Outcome) []Row {
	var rows []Row
	n, well := 0, true
	for _, o := range outcomes {
		if _, is := o.Item.action(); is {
			n++
			well = well && o.Result == OK
		}
	}
	shared := false
	for _, o := range outcomes {
		label := o.Item.Label()
		if _, is := o.Item.action(); is && well && n > 1 {
			if shared {
				continue
			}
			shared = true
			label = session.M("selftest.item.panel_all", "n", n)
		}
		rows = append(rows, Row{label, o.Result, o.Notes})
	}
	return rows
}

// Old is how long a test vouches for a box that nobody has used since.
const Old = 14 * 24 * time.Hour

// Standing is how a box is between two permanences.
type Standing struct {
	Ready   bool
	Missing []session.Msg // what is to be done first
	Tested  time.Time     // end of the last test; zero when there is none
	Closed  time.Time     // of the last permanence; zero when there is none
}

// Stands says whether a box is ready for its next permanence: its last permanence
// is closed, and it was tested since. kept reports whether the report of that
// closing is on disk; ill are the items that are not well at this moment.
func Stands(last *Report, closed time.Time, kept bool, ill []Item, now time.Time) Standing {
	s := Standing{Closed: closed}
	miss := func(key string, pairs ...any) { s.Missing = append(s.Missing, session.M(key, pairs...)) }
	if !kept {
		miss("selftest.missing.not_kept")
	}
	var bad []Item
	switch {
	case last == nil:
		miss("selftest.missing.never")
	default:
		s.Tested = last.Ended
		switch {
		case last.Ended.Before(closed):
			miss("selftest.missing.not_since")
		case now.Sub(last.Ended) > Old:
			miss("selftest.missing.old")
		case last.Abandoned:
			miss("selftest.missing.abandoned")
		}
		for _, o := range last.Outcomes {
			if o.Result == Failed || o.Result == Skipped && !last.Abandoned {
				bad = append(bad, o.Item)
			}
		}
	}
	for _, item := range ill {
		if !slices.Contains(bad, item) {
			bad = append(bad, item)
		}
	}
	for _, item := range bad {
		miss("selftest.missing.item", "item", item.Label())
	}
	s.Ready = len(s.Missing) == 0
	return s
}
