package web

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/firmware/web/pair"
)

// « Statistiques »: of permanences their tables, exactly, for whoever opens and closes
// them; of periods, how far they are; and the bilans of those that are closed.
func (s *Server) routeStatistics(mux *http.ServeMux, may gate) {
	for pattern, route := range map[string]struct {
		needs pair.Capability
		serve http.HandlerFunc
	}{
		"GET /api/statistics":       {pair.OpenClose, s.getStatistics},
		"GET /api/statistics/table": {pair.OpenClose, s.getTable},
		"GET /api/bilan":            {pair.Figures, s.getBilans},
		"GET /api/bilan/{file}":     {pair.Figures, s.getBilan},
	} {
		mux.Handle(pattern, may(route.needs, route.serve))
	}
}

// tableView is the table of one permanence.
type tableView struct {
	ID       session.ID     `json:"id,omitzero"` // of a closed one
	Live     bool           `json:"live"`        // it goes on
	Title    string         `json:"title"`
	Test     bool           `json:"test"`
	Figures  []figureView   `json:"figures"` // those that are read first
	Motifs   []figureView   `json:"motifs"`  // of one that goes on: gone with its close
	Sections []tableSection `json:"sections"`
	Identity string         `json:"identity"`
}

type figureView struct {
	Label string `json:"label"`
	Value int    `json:"value"`
}

type tableSection struct {
	Title   string       `json:"title"`
	Rows    []figureView `json:"rows"`
	Remarks []string     `json:"remarks"`
}

func (s *Server) tableView(r report.Report) tableView {
	v := tableView{Test: r.Test, Figures: []figureView{}, Motifs: []figureView{}, Sections: []tableSection{}, Identity: s.msg("fr", r.IdentityMsg())}
	v.Title = s.text("desk.report_of", map[string]any{"when": r.From, "year": r.From.Year()})
	for _, section := range r.Sections() {
		t := tableSection{Title: s.msg("fr", section.Title), Rows: []figureView{}, Remarks: []string{}}
		for _, row := range section.Rows {
			t.Rows = append(t.Rows, figureView{s.msg("fr", row.Label), row.Value})
		}
		for _, m := range section.Remarks {
			t.Remarks = append(t.Remarks, s.msg("fr", m))
		}
		v.Sections = append(v.Sections, t)
	}
	add := func(key string, n int) { v.Figures = append(v.Figures, figureView{s.text(key, nil), n}) }
	add("report.total.issued", r.Totals.Issued)
	add("report.total.served", r.Totals.Served)
	if r.Here > 0 {
		add("report.total.here", r.Here)
	} else {
		add("report.total.oriented", r.Totals.Oriented)
	}
	add("report.turned_away", r.Totals.AllTurnedAway())
	return v
}

// pastTables bounds the list of the page: « Comptes rendus » has them all.
const pastTables = 8

// pastTable is a line of the permanences before.
type pastTable struct {
	ID     session.ID `json:"id"`
	Text   string     `json:"text"`
	Issued int        `json:"issued"`
	Served int        `json:"served"`
}

// periodView is the period that goes on. Of sheets it tells how many are counted, which
// changes by whole batches, and not how many wait.
type periodView struct {
	Text  string   `json:"text"`
	Kinds []string `json:"kinds"`
	Due   bool     `json:"due"`
	Close string   `json:"close"` // the order, in words; "" for whom it is not
	Asked string   `json:"asked"` // what it does, to say yes to
}

type statisticsView struct {
	Now    *tableView  `json:"now"` // the permanence that goes on, or the last; null before the first
	Past   []pastTable `json:"past"`
	Period *periodView `json:"period"`
	Bilans bool        `json:"bilans"`
}

func (s *Server) getStatistics(w http.ResponseWriter, r *http.Request) {
	b, entries := s.past(w)
	if b == nil {
		return
	}
	// In the order of the closings: two of one day may have begun in one minute.
	slices.SortStableFunc(entries, func(a, b ledger.Entry) int { return a.Closed.Compare(b.Closed) })
	v := statisticsView{Past: []pastTable{}, Bilans: may(r, pair.Figures) && s.cfg.Bilan != nil}
	if now, ok := b.SoFar(); ok {
		t := s.tableView(now.In(b.Zone()))
		t.Live = true
		for _, m := range b.MotifsSoFar() {
			label := s.text("motif.none", nil)
			if m.Key != "" {
				label = s.text("motif."+m.Key, nil)
			}
			t.Motifs = append(t.Motifs, figureView{label, m.N})
		}
		v.Now = &t
	} else if n := len(entries); n > 0 {
		t := s.tableView(entries[n-1].Report.In(b.Zone()))
		t.ID = entries[n-1].ID
		v.Now, entries = &t, entries[:n-1]
	}
	for _, e := range slices.Backward(entries[max(0, len(entries)-pastTables):]) {
		from := e.From.In(b.Zone())
		v.Past = append(v.Past, pastTable{e.ID, s.text("desk.report_of", map[string]any{"when": from, "year": from.Year()}), e.Totals.Issued, e.Totals.Served})
	}
	var err error
	if v.Period, err = s.periodView(r); err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	reply(w, http.StatusOK, v)
}

func (s *Server) periodView(r *http.Request) (*periodView, error) {
	open, ok, err := s.cfg.Box.OpenPeriod(r.Context())
	if err != nil || !ok {
		return nil, err
	}
	v := &periodView{Kinds: []string{}, Due: open.Due}
	if open.Permanences == 0 {
		v.Text = s.text("desk.stats_period_empty", nil)
		return v, nil
	}
	v.Text = s.text("desk.stats_period", map[string]any{"from": report.Day(open.From), "n": open.Permanences, "tickets": open.Tickets})
	for _, k := range open.Kinds {
		key := "desk.stats_kind_few"
		if k.Enough {
			key = "desk.stats_kind_enough"
		}
		v.Kinds = append(v.Kinds, s.text(key, map[string]any{"kind": s.text("desk.stats_kind."+k.Kind.String(), nil), "n": k.Counted, "need": open.Need}))
	}
	if may(r, orders()["close_period"]) {
		v.Close = s.text("desk.stats_close."+open.Length, nil)
		v.Asked = s.text("desk.stats_close_text", map[string]any{"from": report.Day(open.From), "until": report.Day(open.Until.AddDate(0, 0, -1))})
		if !open.Due {
			v.Asked += " " + s.text("desk.stats_close_early", nil)
		}
	}
	return v, nil
}

func (s *Server) getTable(w http.ResponseWriter, r *http.Request) {
	b, entries := s.past(w)
	if b == nil {
		return
	}
	i := slices.IndexFunc(entries, func(e ledger.Entry) bool { return e.ID.String() == r.URL.Query().Get("permanence") })
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	v := s.tableView(entries[i].Report.In(b.Zone()))
	v.ID = entries[i].ID
	reply(w, http.StatusOK, v)
}

// bilanView are the closed periods, newest first, and what is made of them.
type bilanView struct {
	Periods []bilanPeriod `json:"periods"`
	Files   []bilanFile   `json:"files"`
}

type bilanPeriod struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Notes string `json:"notes"`
}

type bilanFile struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Hint  string `json:"hint"`
}

// bilanAll is every file of a bilan in one.
const bilanAll = "bilan.zip"

func (s *Server) getBilans(w http.ResponseWriter, r *http.Request) {
	releases, err := s.cfg.Box.Releases()
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	v := bilanView{Periods: []bilanPeriod{}, Files: []bilanFile{}}
	for _, rel := range slices.Backward(releases) {
		v.Periods = append(v.Periods, bilanPeriod{rel.ID, capital(rel.Days()), s.releasedOf(rel)})
	}
	for _, f := range []struct{ name, label, hint string }{
		{"bilan.pdf", "desk.bilan_pdf", "desk.bilan_pdf_hint"},
		{"bilan.xlsx", "desk.bilan_xlsx", "desk.bilan_xlsx_hint"},
		{bilanAll, "desk.bilan_zip", "desk.bilan_zip_hint"},
	} {
		v.Files = append(v.Files, bilanFile{f.name, s.text(f.label, nil), s.text(f.hint, nil)})
	}
	reply(w, http.StatusOK, v)
}

// releasedOf is in short what a period has: how many permanences, and what of sheets it
// lacks.
func (s *Server) releasedOf(rel report.Release) string {
	text := s.text("desk.bilan_has", map[string]any{"n": rel.Attendance.Held, "tickets": rel.Attendance.Totals.Issued})
	if len(rel.Tables) == 0 {
		return text + " " + s.text("desk.bilan_no_sheets", nil)
	}
	return text
}

// getBilan is one file of the bilan of the periods that are named.
func (s *Server) getBilan(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Bilan == nil {
		http.NotFound(w, r)
		return
	}
	all, err := s.cfg.Box.Releases()
	if err != nil {
		s.answer(w, session.Answer{}, err)
		return
	}
	wanted := r.URL.Query()["period"]
	var chosen []report.Release
	for _, rel := range all {
		if slices.Contains(wanted, rel.ID) {
			chosen = append(chosen, rel)
		}
	}
	if len(chosen) == 0 || len(chosen) != len(wanted) {
		fail(w, http.StatusNotFound, s.text("refuse.bilan_period", nil))
		return
	}
	files, err := s.cfg.Bilan(chosen, report.Previous(all, chosen))
	if err != nil {
		s.cfg.Logger.Error("bilan not made", "err", err)
		fail(w, http.StatusConflict, s.text("refuse.bilan_period", nil))
		return
	}
	name := r.PathValue("file")
	data, ok := files[name]
	if name == bilanAll {
		data, ok = zipped(files), true
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	if path.Ext(name) == ".html" {
		servePage(w, data)
		return
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	until := chosen[len(chosen)-1].Until
	w.Header().Set("Content-Disposition", `attachment; filename="bilan-`+chosen[0].From+"-"+report.LastDay(until)+path.Ext(name)+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data)
}

// capital is a text with its first letter large.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// zipped are files in one, the same bytes for the same files: no entry has a time.
func zipped(files map[string][]byte) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = f.Write(files[name])
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	z.Close()
	return out.Bytes()
}

// servePage shows a page that stands by itself: its own style is allowed by its digest,
// and nothing else of it runs.
func servePage(w http.ResponseWriter, page []byte) {
	policy := "default-src 'none'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src"
	for rest := page; ; {
		_, after, found := bytes.Cut(rest, []byte("<style"))
		_, after, open := bytes.Cut(after, []byte(">"))
		style, next, ends := bytes.Cut(after, []byte("</style>"))
		if !found || !open || !ends {
			break
		}
		sum := sha256.Sum256(style)
		policy += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		rest = next
	}
	if strings.HasSuffix(policy, "style-src") {
		policy += " 'none'"
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
}
