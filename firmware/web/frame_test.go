package web

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/ledger"
)

// closedBook is a ledger of closed permanences in memory.
type closedBook struct {
	mu      sync.Mutex
	entries []ledger.Entry
}

func (b *closedBook) enter(e ledger.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = slices.DeleteFunc(b.entries, func(old ledger.Entry) bool { return old.ID == e.ID })
	b.entries = append(b.entries, e)
	return nil
}

func (b *closedBook) past() ([]ledger.Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries), nil
}

// get reads an address into a value.
func (w *world) get(path string, into any) {
	w.t.Helper()
	resp, err := w.client.Get(w.base + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("GET %s = %d; want 200", path, resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		w.t.Fatalf("GET %s: %v", path, err)
	}
}

// ready is « Prêt ? » on a phone whose clock differs from the world's by so much.
func (w *world) ready(by time.Duration) (v readyView) {
	w.t.Helper()
	w.get("/api/ready?at_ms="+strconv.FormatInt(time.Now().Add(by).UnixMilli(), 10), &v)
	return v
}

// line is one of its lines.
func (v readyView) line(key string) readyLine {
	for _, l := range v.Lines {
		if l.Key == key {
			return l
		}
	}
	return readyLine{}
}

// A phone whose time is the box's is asked nothing; one that differs asks, and the
// yes of whoever holds it sets the box right.
func TestTheTimeOfAPhone(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		see := func(by time.Duration) (v timeView) {
			t.Helper()
			w.get("/api/time?at_ms="+strconv.FormatInt(time.Now().Add(by).UnixMilli(), 10), &v)
			return v
		}
		if v := see(30 * time.Second); v.Ask || !v.Sure {
			t.Errorf("half a minute off: %+v; want nothing asked", v)
		}
		v := see(time.Hour)
		if !v.Ask || v.Phone != "9\u00a0h\u00a050, jeudi 26 novembre 2026" || v.Box != "8\u00a0h\u00a050, jeudi 26 novembre 2026" {
			t.Errorf("an hour off: %+v; want it asked, with both times", v)
		}
		w.desk("confirm_time", fields{"at_ms": time.Now().Add(time.Hour).UnixMilli()})
		if v := see(time.Hour); v.Ask {
			t.Errorf("after the yes: %+v; want nothing asked any more", v)
		}
		if status, answer := w.tryDesk("confirm_time", fields{"at_ms": 1000}); status != http.StatusConflict || answer["key"] != "refuse.implausible_time" {
			t.Errorf("confirm_time(1970) = %d %v; want a refusal", status, answer)
		}
	})
}

// « Prêt ? » says what is missing, and what is there.
func TestReady(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		v := w.ready(time.Hour)
		if v.Ready || v.line("time").OK || v.line("box").OK || v.line("box").More == "" || !v.line("paper").OK || !v.line("zero").OK || len(v.Desks) != 2 {
			t.Errorf("before anything: %+v; want the time and the test missing, the printer and the counts well", v)
		}
		w.bench.status.Store(uint32(drivers.NoPaper))
		w.ticket(nil)
		time.Sleep(10 * time.Second)
		if v = w.ready(0); v.line("paper").OK || v.line("zero").Text != "1 ticket est déjà pris. Personne n’est encore reçu." {
			t.Errorf("without paper, one ticket: %+v", v.Lines)
		}
		if w.watch("/ws/desk?desk=1"); v.Desks[0].There {
			t.Errorf("desks = %+v; want nobody before a screen is open", v.Desks)
		}
		time.Sleep(time.Second)
		if v = w.ready(0); !v.Desks[0].There || v.Desks[1].There {
			t.Errorf("desks = %+v; want somebody at the first alone", v.Desks)
		}
	})
}

// The people of the paper sheet count in the totals, with times that nobody knows.
func TestCatchUpFromTheDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		desk := w.watch("/ws/desk?desk=1")
		if status, answer := w.tryDesk("catch_up", fields{"outcome": "served", "people": 3}); status != http.StatusConflict || answer["key"] != "refuse.not_open" {
			t.Errorf("catch_up before the opening = %d %v; want refuse.not_open", status, answer)
		}
		w.desk("open", nil)
		w.desk("catch_up", fields{"motif": "caf", "outcome": "served", "people": 3})
		w.desk("catch_up", fields{"outcome": "left", "people": 1})
		w.settle()
		v := newest[DeskView](desk)
		if v.Counts["issued"] != 4 || v.Counts["served"] != 3 || v.Undo == nil || !strings.Contains(v.Undo.Label, "fiche") {
			t.Errorf("counts %v, undo %+v; want four, and an undo that says what", v.Counts, v.Undo)
		}
		var frame struct {
			OnPaper  int `json:"on_paper"`
			Outcomes []label
			Motifs   []label
		}
		if w.get("/api/frame", &frame); frame.OnPaper != 4 || len(frame.Motifs) != 5 || frame.Outcomes[0].Key != "served" {
			t.Errorf("/api/frame = %+v; want four on paper, four motifs and none", frame)
		}
		if status, answer := w.tryDesk("catch_up", fields{"outcome": "served", "people": 100}); status != http.StatusConflict || !sentence(answer["error"]) {
			t.Errorf("catch_up(100) = %d %v; want a sentence", status, answer)
		}
		w.desk("close", fields{"tells": []string{"on_paper", "technician"}})
		w.settle()
		if e, _ := w.book.past(); e[0].Totals.OnPaper != 4 || e[0].Totals.Inaccurate != 4 {
			t.Errorf("ledger = %+v; want four on paper, inaccurate", e[0].Totals)
		}
		if v := w.ready(0); !slices.Equal(v.Tells, []string{"La fiche de secours n’est pas encore saisie.", "Il faut appeler le technicien."}) {
			t.Errorf("tells = %q; want both sentences", v.Tells)
		}
		if status, _ := w.tryDesk("close", fields{"tells": []string{"Mme Dupont"}}); status != http.StatusConflict {
			t.Errorf("close with words of somebody = %d; want a refusal", status)
		}
	})
}

// The list of what was closed: each is printed again, the last goes on.
func TestReportsFromTheDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		var list struct{ Reports []pastView }
		if w.get("/api/reports", &list); len(list.Reports) != 0 {
			t.Errorf("reports of a fresh box = %+v; want none", list.Reports)
		}
		for range 2 {
			w.desk("open", nil)
			w.desk("close", nil)
			w.pass(4 * time.Hour)
		}
		w.get("/api/reports", &list)
		if len(list.Reports) != 2 || !list.Reports[0].Reopen || list.Reports[1].Reopen || list.Reports[1].Text != "Permanence du jeudi 26 novembre 2026" {
			t.Fatalf("reports = %+v; want two, and the newest may go on", list.Reports)
		}
		before := w.bench.prints.Load()
		w.desk("print_report", fields{"permanence": list.Reports[1].ID, "copies": 3})
		w.desk("print_fallback", nil)
		time.Sleep(time.Minute)
		if n := w.bench.prints.Load() - before; n != 4 {
			t.Errorf("%d papers; want three copies and the sheet", n)
		}
		w.desk("reopen", nil)
		w.settle()
		if w.get("/api/reports", &list); list.Reports[0].Reopen {
			t.Error("a permanence that goes on may be reopened; want not")
		}
		desk := w.watch("/ws/desk?desk=1")
		w.settle()
		if got := newest[DeskView](desk).Permanence.Status; got != "paused" {
			t.Errorf("reopened: %s; want paused", got)
		}
	})
}

// The problems go to the first stick that takes them, and nowhere else.
func TestExportLog(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		if status, answer := w.tryDesk("export_log", nil); status != http.StatusConflict || answer["key"] != "refuse.no_stick" {
			t.Errorf("export_log of a box without a log = %d %v; want refuse.no_stick", status, answer)
		}
		media := t.TempDir()
		w.server.cfg.Sticks = []string{filepath.Join(media, "*")}
		w.server.cfg.Problems = func() ([]byte, error) { return []byte("{}\n"), nil }
		if status, answer := w.tryDesk("export_log", nil); status != http.StatusConflict || answer["key"] != "refuse.no_stick" {
			t.Errorf("export_log without a stick = %d %v; want refuse.no_stick", status, answer)
		}
		if err := os.Mkdir(filepath.Join(media, "STICK"), 0o700); err != nil {
			t.Fatal(err)
		}
		w.desk("export_log", nil)
		synctest.Wait()
		found, _ := filepath.Glob(filepath.Join(media, "STICK", "jeudi-journal-2026-11-26-*.txt"))
		if len(found) != 1 {
			t.Fatalf("on the stick: %q; want one file of today", found)
		}
		if data, err := os.ReadFile(found[0]); err != nil || string(data) != "{}\n" {
			t.Errorf("the file holds %q, %v; want the problems", data, err)
		}
	})
}
