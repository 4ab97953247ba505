package web

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/selftest"
)

// test is what the desk sees of the test.
func (w *world) test() SelfTestView {
	w.t.Helper()
	var v SelfTestView
	if err := json.Unmarshal(encode(w.server.selfTestView(w.box.Snapshot())), &v); err != nil {
		w.t.Fatal(err)
	}
	return v
}

// say answers the question that is asked now.
func (w *world) say(keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		now := w.test().Now
		if now == nil {
			w.t.Fatalf("nobody asks for %q", key)
		}
		w.desk("selftest_answer", fields{"turn": now.Turn, "key": key})
		w.settle()
	}
}

// TestSelfTestFromTheDesk walks through a test by the desk's own addresses.
func TestSelfTestFromTheDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		kiosk := w.watch("/ws/kiosk")
		if v := w.test(); v.Now != nil || v.Last != nil || v.Stands.Ready || !strings.HasPrefix(v.Stands.Text, "Pas encore prêt pour jeudi 26 novembre") {
			t.Errorf("before any test: %+v; want not ready", v)
		}
		w.desk("selftest_start", nil)
		w.settle()
		if v := w.test(); v.Now.Of != 12 || len(v.Now.Choices) != 6 || !v.Now.Choices[0].Main || v.Ask {
			t.Errorf("the first step = %+v; want twelve, with three numbers and three other answers", v.Now)
		}
		w.say("skip", "skip", "skip", "skip", "skip", "skip", "skip", "skip", "skip", "skip")
		if now := w.test().Now; now.Item != "touch" {
			t.Fatalf("the test is at %q; want touch", now.Item)
		}
		for n := 1; n <= 4; n++ {
			w.press("corner." + string(rune('0'+n)))
			w.settle()
		}
		if now := w.test().Now; now.Item != "clock" || !strings.Contains(now.Text, "jeudi 26 novembre 2026") {
			t.Fatalf("the test is at %q, %q; want clock, with the date", now.Item, now.Text)
		}
		// The time that is asked about goes on.
		before := w.test().Now.Text
		w.pass(time.Minute)
		if after := w.test().Now.Text; after == before {
			t.Errorf("a minute later it still asks %q", after)
		}
		w.say("yes")
		v := w.test()
		if v.Now != nil || v.Last == nil || v.Last.Verdict != "incomplete" || v.Last.OK || !slices.Contains(v.Stands.Lines, "Imprimante\u00a0: à vérifier") {
			t.Errorf("afterwards %+v, %q; want incomplete, the printer to be checked", v.Last, v.Stands.Lines)
		}

		var shown []string
		for _, m := range kiosk.views() {
			var k KioskView
			if err := json.Unmarshal(m, &k); err != nil {
				t.Fatal(err)
			}
			switch {
			case k.ID != "language":
				t.Errorf("the kiosk was at %q; want it where visitors begin", k.ID)
			case k.SelfTest == nil:
				shown = append(shown, "none")
			case k.SelfTest.Corners == nil:
				shown = append(shown, "buttons")
			default:
				shown = append(shown, "corners")
			}
			if k.SelfTest != nil && (len(k.SelfTest.Choices) != 3 || k.SelfTest.Choices[2].Dir != "rtl") {
				t.Errorf("languages on the test = %+v; want three, Arabic from the right", k.SelfTest.Choices)
			}
		}
		if got := slices.Compact(shown); !slices.Equal(got, []string{"none", "buttons", "corners", "none"}) {
			t.Errorf("the kiosk showed %q; want buttons, then corners", got)
		}
	})
}

// TestSelfTestRefusals has each answered by its sentence.
func TestSelfTestRefusals(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		expect := func(f fields, status int, want string) {
			t.Helper()
			f["desk"] = "1"
			got, body := w.post("/api/desk", f)
			if text, _ := body["error"].(string); got != status || !strings.Contains(text, want) {
				t.Errorf("POST %v = %d %q; want %d with %q", f, got, text, status, want)
			}
		}
		expect(fields{"do": "selftest_print"}, http.StatusConflict, "pas encore testée")
		expect(fields{"do": "selftest_answer", "key": "perhaps"}, http.StatusConflict, "Ce choix n’existe pas")
		expect(fields{"do": "selftest_nothing"}, http.StatusBadRequest, "do is unknown")
		w.press("fr")
		w.settle()
		expect(fields{"do": "selftest_start"}, http.StatusConflict, "Quelqu’un est à la borne")
		w.pass(5 * time.Minute)
		w.desk("open", nil)
		expect(fields{"do": "selftest_start"}, http.StatusConflict, "La permanence est ouverte")
		expect(fields{"do": "selftest_start", "on": true}, http.StatusOK, "")
		expect(fields{"do": "selftest_start", "on": true}, http.StatusConflict, "déjà en cours")
	})
}

// TestSelfTestExport reads the reports as whoever looks after several boxes does.
func TestSelfTestExport(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		get := func(path string, into any) *http.Response {
			t.Helper()
			resp, err := w.client.Get(w.base + path)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("GET %s = %d, %v", path, resp.StatusCode, err)
			}
			return resp
		}
		var export struct {
			Place   string
			Reports []selftest.Report
		}
		if get("/api/selftest/reports", &export); export.Reports == nil || len(export.Reports) != 0 {
			t.Errorf("reports before any test = %v; want an empty list", export.Reports)
		}
		w.bench.status.Store(uint32(drivers.NoPaper))
		w.desk("selftest_start", nil)
		w.pass(10 * time.Second)
		w.say("no", "stop")
		resp := get("/api/selftest/reports", &export)
		if len(export.Reports) != 1 || export.Place != "Maison du Pont" || export.Reports[0].Outcomes[0].Notes[0].Key != "device.printer.no_paper" ||
			!strings.Contains(resp.Header.Get("Content-Disposition"), "jeudi-tests.json") {
			t.Errorf("reports = %+v; want one, of a printer without paper, as a file", export)
		}
		var v SelfTestView
		if get("/api/selftest", &v); v.Last == nil || v.Last.Verdict != "not_ready" {
			t.Errorf("GET /api/selftest = %+v; want the same, not ready", v.Last)
		}
	})
}

// TestSelfTestHasTheseFields fails when the kiosk's part is given another field, so
// that somebody asks whether every visitor may see it.
func TestSelfTestHasTheseFields(t *testing.T) {
	var got []string
	for f := range reflect.TypeFor[KioskTest]().Fields() {
		got = append(got, f.Name)
	}
	if want := []string{"Title", "Text", "Corner", "Corners", "Choices"}; !slices.Equal(got, want) {
		t.Errorf("fields = %q; want %q", got, want)
	}
}
