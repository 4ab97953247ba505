package web

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/counters"
	"jeudi/firmware/ledger"
	"jeudi/firmware/report"
	"jeudi/firmware/sheet"
	"jeudi/firmware/web/pair"
)

// counted are counters in memory, of exit opinions alone.
type counted struct {
	mu     sync.Mutex
	period uint64
	n      int
}

func (c *counted) Merge() (int, error) { return 0, nil }

func (c *counted) Totals() map[sheet.Kind]counters.Totals {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := counters.Totals{Period: c.period, Sheets: c.n, Pending: 3}
	for _, q := range sheet.Exit().Counted() {
		of := counters.QuestionTotals{Key: q.Key}
		for i, a := range append(slices.Clone(q.Answers), sheet.Unset) {
			n := 0
			if i == 0 {
				n = c.n
			}
			of.Answers = append(of.Answers, counters.AnswerTotal{Key: a, N: n})
		}
		t.Questions = append(t.Questions, of)
	}
	return map[sheet.Kind]counters.Totals{sheet.KindExit: t}
}

func (c *counted) EndPeriod(_ sheet.Kind, period uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if period == c.period {
		c.period, c.n = period+1, 0
	}
	return nil
}

// withPeriods gives a box counters of n opinions, and a ledger that keeps periods.
func withPeriods(t *testing.T, n int) func(*appliance.Config) {
	t.Helper()
	book, _, err := ledger.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return func(c *appliance.Config) {
		c.Frame.Past, c.Enter = book.Entries, book.Enter
		c.Frame.Vouched = func() bool { return true }
		c.Periods = &appliance.Periods{
			Ledger: book, Sheets: &counted{period: 1, n: n}, Schemas: []sheet.Schema{sheet.Exit()},
			Rules: counters.Rules{Least: 30, GroupAt: 5}, Length: "quarter", Place: "Maison du Pont", Zone: time.UTC, Random: rand.Reader,
		}
	}
}

// paged is a bilan of two files.
func paged(now, before []report.Release) (map[string][]byte, error) {
	page := fmt.Sprintf("<!doctype html><style>p{color:black}</style><p>%d périodes, %d avant</p>", len(now), len(before))
	return map[string][]byte{"bilan.html": []byte(page), "bilan.pdf": []byte("%PDF-" + now[0].ID)}, nil
}

// atTheDesk gives a box's test the network of its own machine.
func atTheDesk(t *testing.T, w *world) *world {
	inside := onLoopback(t, w)
	w.base, w.client, w.dialer = inside.base, inside.client, inside.dialer
	return w
}

func figure(list []figureView, label string) int {
	for _, f := range list {
		if f.Label == label {
			return f.Value
		}
	}
	return -1
}

// The table of the permanence that goes on, with its motifs; then the same as a closed
// one, without them.
func TestStatisticsOfAMorning(t *testing.T) {
	w := atTheDesk(t, start(t, Config{Bilan: paged}, withPeriods(t, 0)))
	if got := get[statisticsView](t, w, "/api/statistics"); got.Now != nil || len(got.Past) != 0 || !got.Bilans || got.Period == nil || got.Period.Close != "" || len(got.Period.Kinds) != 0 {
		t.Errorf("before the first permanence = %+v; want nothing, and nothing to close", got)
	}
	w.desk("open", nil)
	w.served("caf")
	w.desk("take", fields{"motif": "caf"})
	w.desk("take", fields{"motif": ""})
	live := get[statisticsView](t, w, "/api/statistics").Now
	if live == nil || !live.Live || figure(live.Figures, "Tickets donnés") != 3 || figure(live.Figures, "Reçus") != 1 || figure(live.Figures, "Encore ici") != 2 {
		t.Fatalf("while it goes on = %+v; want three tickets, one received, two here", live)
	}
	if want := []figureView{{w.server.text("motif.caf", nil), 2}, {w.server.text("motif.none", nil), 1}}; !slices.Equal(live.Motifs, want) {
		t.Errorf("motifs = %v; want %v", live.Motifs, want)
	}
	w.desk("close", fields{"rest": "left"})
	if err := w.box.HelpDone(t.Context()); err != nil { // the box has entered it before it does anything else
		t.Fatal(err)
	}
	past := get[statisticsView](t, w, "/api/statistics")
	if past.Now == nil || past.Now.Live || past.Now.ID.IsZero() || figure(past.Now.Figures, "Tickets donnés") != 3 || len(past.Now.Motifs) != 0 {
		t.Fatalf("after the close = %+v; want its table without motifs", past.Now)
	}
	table := get[tableView](t, w, "/api/statistics/table?permanence="+past.Now.ID.String())
	if len(table.Sections) != len(past.Now.Sections) || table.Title != past.Now.Title || !strings.Contains(table.Identity, "3 = 1 + ") {
		t.Errorf("its table = %+v; want the same", table)
	}
	if got := ask(w.server, "GET", "/api/statistics/table?permanence="+id(99), "", nil).Code; got != http.StatusNotFound {
		t.Errorf("the table of no permanence = %d; want 404", got)
	}
	if past.Period.Close != "Clore le trimestre" {
		t.Errorf("the order to close = %q; want it of a quarter", past.Period.Close)
	}
	if early := strings.Contains(past.Period.Asked, w.server.text("desk.stats_close_early", nil)); past.Period.Due || !early {
		t.Errorf("asked before the quarter is over = %q; want it to say so", past.Period.Asked)
	}
	for _, text := range past.Period.Kinds {
		if strings.Contains(text, "3") && !strings.Contains(text, "30") {
			t.Errorf("the period says how many sheets wait: %q", text)
		}
	}
}

// A coordinator closes the period once, however often they press, and reads its bilan.
func TestClosingAPeriodAtTheDesk(t *testing.T) {
	w := atTheDesk(t, start(t, Config{Bilan: paged}, withPeriods(t, 40)))
	w.desk("open", nil)
	if status, got := w.tryDesk("close_period", nil); status != http.StatusConflict || !sentence(got["error"]) {
		t.Errorf("closing in the midst of a permanence = %d %v; want a sentence", status, got)
	}
	w.served("caf")
	w.desk("close", nil)
	for range 2 { // the second is the first once more, as its answer did not come
		w.desk("close_period", fields{"id": id(4000)})
	}
	got := get[bilanView](t, w, "/api/bilan")
	if len(got.Periods) != 1 || !strings.HasPrefix(got.Periods[0].Label, "Du ") || len(got.Files) != 3 {
		t.Fatalf("bilans = %+v; want one period and three files", got)
	}
	of := "?period=" + got.Periods[0].ID
	page := ask(w.server, "GET", "/api/bilan/bilan.html"+of, "", nil)
	if policy := page.Header().Get("Content-Security-Policy"); page.Code != 200 || !strings.Contains(page.Body.String(), "1 périodes, 0 avant") ||
		!strings.Contains(policy, "style-src 'sha256-") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the page = %d %q, %q; want the bilan, and its style alone", page.Code, page.Body, page.Header().Get("Content-Security-Policy"))
	}
	pdf := ask(w.server, "GET", "/api/bilan/bilan.pdf"+of, "", nil)
	if pdf.Header().Get("Content-Type") != "application/pdf" || !strings.Contains(pdf.Header().Get("Content-Disposition"), `filename="bilan-20`) || !strings.HasPrefix(pdf.Body.String(), "%PDF-") {
		t.Errorf("the PDF = %v %q", pdf.Header(), pdf.Body)
	}
	both := func() []byte { return ask(w.server, "GET", "/api/bilan/bilan.zip"+of, "", nil).Body.Bytes() }
	z, err := zip.NewReader(bytes.NewReader(both()), int64(len(both())))
	if err != nil || len(z.File) != 2 || !bytes.Equal(both(), both()) {
		t.Errorf("the archive = %v, %v; want both files, the same each time", z, err)
	}
	for path, want := range map[string]int{"/api/bilan/bilan.exe" + of: 404, "/api/bilan/bilan.pdf": 404, "/api/bilan/bilan.pdf?period=x": 404, "/api/bilan/bilan.pdf" + of + "&period=x": 404} {
		if got := ask(w.server, "GET", path, "", nil).Code; got != want {
			t.Errorf("GET %s = %d; want %d", path, got, want)
		}
	}
	if status, got := w.tryDesk("close_period", nil); status != http.StatusConflict || !sentence(got["error"]) {
		t.Errorf("closing a period of nobody = %d %v; want a sentence", status, got)
	}
}

// Whoever opens and closes sees the figures of permanences; the bilan is for those who
// have figures, and closing a period for the coordinator.
func TestStatisticsByRole(t *testing.T) {
	o := inOffice(t, Config{Bilan: paged})
	for i, role := range pair.Roles() {
		m := o.pairs(byte(40+i), role)
		for path, needs := range map[string]pair.Capability{"/api/statistics": pair.OpenClose, "/api/bilan": pair.Figures} {
			got := m.ask("GET", path, "", nil)
			if role.May(needs) != (got.StatusCode == 200) || !role.May(needs) && got.StatusCode != http.StatusForbidden {
				t.Errorf("%s: GET %s = %d; want it allowed %v", role, path, got.StatusCode, role.May(needs))
			}
		}
		if got := m.desk("close_period", nil).StatusCode; (got == http.StatusForbidden) != (role != pair.Coordinator) {
			t.Errorf("%s: closing a period = %d; want it for the coordinator alone", role, got)
		}
	}
}

func TestServePage(t *testing.T) {
	for page, want := range map[string]string{
		"<p>x":                               "style-src 'none'",
		"<style>a</style>":                   "style-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='",
		`<style media="print">a</style><p>x`: "style-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='",
		"<style>a</style><style>b</style>":   "style-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=' 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0='",
		"<style>never ends <p>":              "style-src 'none'",
	} {
		w := httptest.NewRecorder()
		servePage(w, []byte(page))
		if got := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(got, want) {
			t.Errorf("policy of %s = %s; want %s", page, got, want)
		}
	}
}

func TestZipped(t *testing.T) {
	given := map[string][]byte{"b.json": []byte("{}"), "a.csv": []byte("x\r\n")}
	one := zipped(given)
	if !bytes.Equal(one, zipped(given)) {
		t.Error("the same files give other bytes")
	}
	r, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"a.csv", "b.json"}
	if len(r.File) != len(names) {
		t.Fatalf("%d files; want %d", len(r.File), len(names))
	}
	for i, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil || f.Name != names[i] || !bytes.Equal(data, given[names[i]]) {
			t.Errorf("%s holds %q, %v; want %s with %q", f.Name, data, err, names[i], given[names[i]])
		}
	}
}
