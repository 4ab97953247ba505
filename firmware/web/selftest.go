package web

import (
	"context"
	"net/http"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/intake"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// SelfTestView is the box's test of itself, as the desk and a terminal show it.
type SelfTestView struct {
	Now    *TestScreen  `json:"now"`    // the test under way
	Last   *TestResult  `json:"last"`   // the last one that is over
	Ask    bool         `json:"ask"`    // a permanence is open: staff are to be sure
	Stands StandingView `json:"stands"` // between two permanences
}

// TestScreen is one step of a test.
type TestScreen struct {
	Turn    int          `json:"turn"`
	Item    string       `json:"item"`
	Title   string       `json:"title"`
	Text    string       `json:"text"`
	Notice  string       `json:"notice"`
	Choices []TestChoice `json:"choices"`
	At      int          `json:"at"`
	Of      int          `json:"of"`
	Rows    []TestRow    `json:"rows"` // so far
}

// TestChoice is an answer; Main is what one answers when all is well.
type TestChoice struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Main  bool   `json:"main"`
}

// TestRow is an item and how it came out: ok, warning, failed, skipped or unknown,
// and the same in words.
type TestRow struct {
	Label  string   `json:"label"`
	Result string   `json:"result"`
	Word   string   `json:"word"`
	Notes  []string `json:"notes"`
}

// TestResult is a test that is over.
type TestResult struct {
	Verdict string    `json:"verdict"`
	OK      bool      `json:"ok"`
	Title   string    `json:"title"`
	When    string    `json:"when"`
	EndedMS int64     `json:"ended_ms"`
	Version string    `json:"version"`
	Notice  string    `json:"notice"` // its print did not come out
	Rows    []TestRow `json:"rows"`
}

// StandingView says whether the box is ready for its next permanence, and else why not.
type StandingView struct {
	Ready bool     `json:"ready"`
	Text  string   `json:"text"`
	Lines []string `json:"lines"`
}

func (s *Server) selfTestView(b *appliance.Snapshot) SelfTestView {
	v := SelfTestView{Stands: s.standing(b), Ask: b.Session.Status == session.Open || b.Session.Status == session.Paused}
	if b.Test != nil {
		sc := selftest.View(*b.Test, b.Now.Wall.In(b.Zone()))
		v.Now = &TestScreen{Turn: sc.Turn, Item: string(sc.Item), Title: s.msg("fr", sc.Title), Text: s.msg("fr", sc.Text),
			Notice: s.msg("fr", sc.Notice), Choices: []TestChoice{}, At: sc.At, Of: sc.Of, Rows: s.testRows(sc.Outcomes)}
		if b.TestWaits() {
			v.Now.Notice = s.text("selftest.waits", nil)
		}
		for _, c := range sc.Choices {
			v.Now.Choices = append(v.Now.Choices, TestChoice{c.Key, s.msg("fr", c.Label), c.Main})
		}
	}
	if b.Tested != nil {
		r := b.Tested.In(b.Zone())
		verdict := r.Verdict()
		v.Last = &TestResult{Verdict: string(verdict), OK: verdict.OK(), Title: s.msg("fr", verdict.Msg()), EndedMS: r.Ended.UnixMilli(),
			When:    s.text("selftest.done_at", map[string]any{"at": r.Ended, "year": r.Ended.Year()}),
			Version: s.text("selftest.version", map[string]any{"version": r.Version}), Rows: s.testRows(r.Outcomes)}
		if b.TestPaper == session.Unprinted {
			v.Last.Notice = s.text("selftest.unprinted", nil)
		}
	}
	return v
}

func (s *Server) testRows(outcomes []selftest.Outcome) []TestRow {
	rows := []TestRow{}
	for _, r := range selftest.Rows(outcomes) {
		row := TestRow{Label: s.msg("fr", r.Label), Result: string(r.Result), Word: s.msg("fr", r.Result.Msg()), Notes: []string{}}
		for _, n := range r.Notes {
			row.Notes = append(row.Notes, s.msg("fr", n))
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *Server) standing(b *appliance.Snapshot) StandingView {
	st := b.Standing()
	v := StandingView{Ready: st.Ready, Lines: []string{}}
	next := map[string]any{"when": b.From.In(b.Zone())}
	switch dated := !b.From.IsZero(); {
	case st.Ready && dated:
		v.Text = s.text("selftest.ready", next)
	case st.Ready:
		v.Text = s.text("selftest.ready_undated", nil)
	case dated:
		v.Text = s.text("selftest.not_ready", next)
	default:
		v.Text = s.text("selftest.not_ready_undated", nil)
	}
	for _, m := range st.Missing {
		v.Lines = append(v.Lines, s.msg("fr", m))
	}
	if st.Ready {
		v.Lines = append(v.Lines, s.text("selftest.tested_on", map[string]any{"at": st.Tested.In(b.Zone())}))
		if !st.Closed.IsZero() {
			v.Lines = append(v.Lines, s.text("selftest.closed_on", map[string]any{"at": st.Closed.In(b.Zone())}))
		}
	}
	return v
}

// KioskTest is what the kiosk shows while its screen or its buttons are tested:
// words for staff, and for a visitor who comes now, in each language, how to go on
// as if there was no test.
type KioskTest struct {
	Title   string        `json:"title"`
	Text    string        `json:"text"`
	Corner  string        `json:"corner"`            // the name of a corner, for who cannot see it
	Corners []bool        `json:"corners,omitempty"` // which of the four were touched; none while buttons are tested
	Choices []KioskInvite `json:"choices"`
}

// KioskInvite is a language that a visitor may touch.
type KioskInvite struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Text  string `json:"text"`
	Lang  string `json:"lang"`
	Dir   string `json:"dir"`
}

// withTest lays the test over the kiosk's screen. Its words for staff are those of
// the kiosk's language, as everything on it.
func (s *Server) withTest(v KioskView, b *appliance.Snapshot) KioskView {
	touched, corners, shown := b.AtKiosk()
	if !shown {
		return v
	}
	say := func(lang, key string) string { return s.cfg.Words.Text(lang, key, nil) }
	v.SelfTest = &KioskTest{Title: say(v.Lang, "kiosk.test_title"), Corner: say(v.Lang, "kiosk.corner"), Choices: []KioskInvite{}}
	if corners {
		v.SelfTest.Text, v.SelfTest.Corners = say(v.Lang, "kiosk.test_corners"), touched[:]
	}
	for _, c := range intake.View(b.Kiosk, b.Context(b.Kiosk)).Choices {
		if c.Lang != "" {
			v.SelfTest.Choices = append(v.SelfTest.Choices, KioskInvite{c.Key, s.msg(c.Lang, c.Label), say(c.Lang, "kiosk.test_language"),
				c.Lang, words.Dir(c.Lang)})
		}
	}
	return v
}

// selfTest is what a desk may do with the test; ok is false when it is nothing of it.
func (s *Server) selfTest(ctx context.Context, o deskOrder) (run func() error, ok bool) {
	box := s.cfg.Box
	switch o.Do {
	case "selftest_start":
		return func() error { return box.StartSelfTest(ctx, o.On) }, true
	case "selftest_answer":
		in, known := selftest.Answer(o.Key)
		return func() error {
			if !known {
				return session.ErrUnknownChoice
			}
			return box.AnswerSelfTest(ctx, o.Turn, in)
		}, true
	case "selftest_print":
		return func() error { return box.PrintSelfTest(ctx) }, true
	}
	return nil, false
}

// getSelfTest answers what a desk sees of the test, for a terminal.
func (s *Server) getSelfTest(w http.ResponseWriter, r *http.Request) {
	b := s.cfg.Box.Snapshot()
	if b == nil {
		fail(w, http.StatusServiceUnavailable, "starting")
		return
	}
	reply(w, http.StatusOK, s.selfTestView(b))
}

// selfTestExport is every kept report, for whoever looks after several boxes.
type selfTestExport struct {
	Place    string            `json:"place"`
	Version  string            `json:"version"`
	Exported time.Time         `json:"exported"`
	Reports  []selftest.Report `json:"reports"` // oldest first
}

func (s *Server) getSelfTests(w http.ResponseWriter, r *http.Request) {
	b := s.cfg.Box.Snapshot()
	if b == nil {
		fail(w, http.StatusServiceUnavailable, "starting")
		return
	}
	reports, err := s.cfg.Box.SelfTests()
	if err != nil {
		s.cfg.Logger.Error("self tests not read", "err", err)
		s.busy(w)
		return
	}
	// A report is written in the background: the newest may not be there yet.
	if n := len(reports); b.Tested != nil && (n == 0 || !reports[n-1].Ended.Equal(b.Tested.Ended)) {
		reports = append(reports, *b.Tested)
	}
	out := selfTestExport{Place: b.Place(), Version: s.cfg.Version, Exported: b.Now.Wall.In(b.Zone()), Reports: []selftest.Report{}}
	for _, r := range reports {
		out.Reports = append(out.Reports, r.In(b.Zone()))
	}
	w.Header().Set("Content-Disposition", `attachment; filename="jeudi-tests.json"`)
	reply(w, http.StatusOK, out)
}
