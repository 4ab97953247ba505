package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// TestHallHasTheseFields fails when the hall is given another field, so that
// somebody asks whether everybody in the room may see it.
func TestHallHasTheseFields(t *testing.T) {
	tests := []struct {
		view any
		want []string
	}{
		{HallView{}, []string{"seq", "now_ms", "speed", "place", "status", "test", "test_label", "calls", "waiting", "message", "speak"}},
		{HallCall{}, []string{"call", "number", "desk", "at_ms", "times", "current"}},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(tt.view)) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			got = append(got, name)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("fields of %T = %q; want %q", tt.view, got, tt.want)
		}
	}
}

// morning plays a morning in which everything that staff may know of a person
// happens, and one person gives answers at the kiosk. It returns the screens that
// looked on all along.
func morning(t *testing.T, w *world) (hall, kiosk, desk *screen) {
	t.Helper()
	hall, kiosk, desk = w.watch("/ws/hall"), w.watch("/ws/kiosk"), w.watch("/ws/desk?desk=1")
	w.settle()
	w.ticket(fields{"motif": "justice", "lang": "ar"})
	w.ticket(fields{"motif": "caf", "lang": "en", "for_other": true})
	w.ticket(fields{"motif": "impots"})
	w.ticket(nil)
	w.pass(time.Minute)
	w.desk("open", nil)
	w.desk("next", nil)
	w.desk("next", fields{"desk": "2"})
	w.desk("start", nil)
	w.settle()
	w.desk("hold", fields{"reason": "sms_code"})
	w.desk("prioritise", fields{"visit": w.visits[4], "on": true})
	w.desk("add_motif", fields{"visit": w.visits[2], "motif": "sante"})
	w.desk("cancel", fields{"visit": w.visits[4], "reason": "twice"})
	w.settle()
	return hall, kiosk, desk
}

// visitor takes a ticket at the kiosk, answers, and leaves. It returns what
// they said of themselves, as keys.
func visitor(t *testing.T, w *world) []string {
	t.Helper()
	for _, key := range []string{"en", "for_other", "sante", "questions"} {
		w.press(key)
		w.settle()
	}
	answers := []string{"yes", "helped", "alone", "no", "helped", "no", "alone", "materiel", "done", "go_on", "no",
		"60-61", "invalidite", "mono_mineurs", "zz-moulin", "no"}
	for i, key := range answers {
		for range 3 {
			if w.offers(key) {
				break
			}
			w.press("more")
			w.settle()
		}
		if !w.offers(key) {
			t.Fatalf("screen %q, answer %d: %q is not offered", w.box.Snapshot().Kiosk.Screen, i, key)
		}
		w.press(key)
		w.settle()
	}
	if got := w.box.Snapshot().Kiosk.Screen; got != "recap" {
		t.Fatalf("screen after the last answer = %q; want recap", got)
	}
	w.press("send")
	w.settle()
	w.press("finish")
	w.settle()
	if got := w.bench.sheets.Load(); got != 1 {
		t.Fatalf("sheets kept = %d; want 1", got)
	}
	return answers[11:]
}

// TestHallNeverLearnsWhy reads every byte that the hall was sent.
func TestHallNeverLearnsWhy(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall, _, desk := morning(t, w)
		visitor(t, w)
		w.desk("end", fields{"desk": "2", "outcome": "misrouted"})
		w.settle()

		all := string(bytes.Join(hall.messages(), []byte("\n")))
		for _, want := range []string{`"number":1,"desk":"Bureau 1"`, `"number":3,"desk":"Bureau 2"`} { // 2 needs a social worker
			if !strings.Contains(all, want) {
				t.Fatalf("hall was sent %s; want %s in it", all, want)
			}
		}
		for what, secret := range secrets(t, w) {
			if strings.Contains(all, secret) {
				t.Errorf("hall was sent %s: %q", what, secret)
			}
		}
		// The same search finds them where staff need them.
		staff := string(bytes.Join(desk.messages(), []byte("\n")))
		for _, known := range []string{"Plainte, justice", "العربية", "Travailleur social", w.visits[1], "attend un code SMS"} {
			if !strings.Contains(staff, known) {
				t.Errorf("desk was not sent %q", known)
			}
		}
	})
}

// secrets are the texts that belong to somebody, under what they are.
func secrets(t *testing.T, w *world) map[string]string {
	t.Helper()
	list := make(map[string]string)
	for n, v := range w.visits {
		list[fmt.Sprintf("the identity of %d", n)] = v
	}
	for v := range w.box.Snapshot().Session.Visits() {
		list[fmt.Sprintf("the identity of %d", v.Number)] = v.ID.String()
	}
	for _, key := range w.server.cfg.Words.Keys() {
		area, name, _ := strings.Cut(key, ".")
		switch area {
		case "motif", "role", "reason", "outcome", "answer":
		default:
			continue
		}
		for _, lang := range []string{"fr", "en", "ar"} {
			if text := w.server.cfg.Words.Text(lang, key, nil); len([]rune(text)) > 4 { // « Oui » is in other words too
				list[lang+" "+key] = text
			}
		}
		if name != "none" { // a box without a permanence says that too
			list[key] = `"` + name + `"`
		}
	}
	for _, lang := range []string{"en", "ar"} {
		list["the language "+lang] = `"` + lang + `"`
		list["the name of "+lang] = w.server.cfg.Words.Text(lang, "language.name", nil)
	}
	list["CAF"] = "CAF"
	list["a motif"] = "caf"
	list["for somebody else"] = "for_other"
	list["an answer"] = "zz-moulin"
	list["a neighbourhood"] = "Zébu"
	return list
}

// TestKioskSeesItsOwnVisitorOnly reads every byte that the kiosk was sent: while
// nobody stands before it the screen never changes, whatever happens to others,
// and nothing is left of whoever has gone.
func TestKioskSeesItsOwnVisitorOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		_, kiosk, _ := morning(t, w)
		before := len(kiosk.views())
		if before < 5 {
			t.Fatalf("kiosk was sent %d views during the morning; want more", before)
		}
		visitor(t, w)
		w.desk("return", fields{"visit": w.visits[1]})
		w.desk("next", nil)
		w.settle()

		idle := func(m []byte) string {
			var v KioskView
			if err := json.Unmarshal(m, &v); err != nil {
				t.Fatal(err)
			}
			v.Seq, v.NowMS, v.Turn = 0, 0, 0
			return string(encode(v))
		}
		want := idle(kiosk.views()[0])
		if strings.Contains(want, `"selected":true`) {
			t.Errorf("idle kiosk = %s; want nothing selected", want)
		}
		for i, m := range kiosk.views() {
			var v KioskView
			if err := json.Unmarshal(m, &v); err != nil {
				t.Fatal(err)
			}
			if got := idle(m); v.ID == "language" && got != want {
				t.Errorf("idle kiosk, view %d = %s; want %s as before anybody came", i, got, want)
			}
			if v.Ticket != nil && v.Ticket.Number != 5 {
				t.Errorf("kiosk shows ticket %d; want 5, its own", v.Ticket.Number)
			}
			for n, visit := range w.visits {
				if bytes.Contains(m, []byte(visit)) {
					t.Errorf("kiosk was sent the identity of %d: %s", n, m)
				}
			}
			for _, others := range []string{"Bureau 2", "SMS", "Travailleur social", "outcome", "Plainte"} {
				if v.ID != "motif" && bytes.Contains(m, []byte(others)) {
					t.Errorf("kiosk, screen %s, was sent %q of others: %s", v.ID, others, m)
				}
			}
		}
		last := kiosk.views()[len(kiosk.views())-1]
		if got := idle(last); got != want {
			t.Errorf("kiosk after the visitor left = %s; want %s", got, want)
		}
	})
}

// TestDeskAndLogNeverLearnAnswers reads every byte that desk and log were given.
func TestDeskAndLogNeverLearnAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		_, _, desk := morning(t, w)
		answers := visitor(t, w)
		staff := string(bytes.Join(desk.messages(), []byte("\n")))
		for _, key := range append(answers[:4], "Zébu") {
			if strings.Contains(staff, key) || strings.Contains(w.said.String(), key) {
				t.Errorf("desk or log were given the answer %q", key)
			}
		}
		for _, key := range w.server.cfg.Words.Keys() {
			if text := w.server.cfg.Words.Text("fr", key, nil); strings.HasPrefix(key, "answer.") && len(text) > 8 && strings.Contains(staff, text) {
				t.Errorf("desk was sent the words of %s", key)
			}
		}
		for _, person := range []string{"justice", "sante", "caf", "lang", "العربية", w.visits[1]} {
			if strings.Contains(w.said.String(), person) {
				t.Errorf("the log says %q: %s", person, w.said.String())
			}
		}
	})
}

func TestKioskInArabic(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		kiosk := w.watch("/ws/kiosk")
		w.settle()
		first := newest[KioskView](kiosk)
		if first.Lang != "fr" || first.Dir != "ltr" {
			t.Errorf("first screen is %s %s; want fr ltr", first.Lang, first.Dir)
		}
		i := slices.IndexFunc(first.Choices, func(k KioskKey) bool { return k.Key == "ar" })
		if i < 0 || first.Choices[i].Lang != "ar" || first.Choices[i].Dir != "rtl" || first.Choices[i].Label != "العربية" {
			t.Errorf("choices = %+v; want العربية in its own direction", first.Choices)
		}
		w.press("ar")
		w.settle()
		v := newest[KioskView](kiosk)
		if v.ID != "motif" || v.Lang != "ar" || v.Dir != "rtl" || v.Title == first.Title || len(v.Choices) != 4 {
			t.Errorf("after العربية = %+v; want the motifs from right to left", v)
		}
		w.press("caf")
		w.settle()
		if v := newest[KioskView](kiosk); v.ID != "ticket" || v.Dir != "rtl" || v.Ticket == nil || v.Ticket.Number != 1 {
			t.Errorf("after a motif = %+v; want ticket 1, from right to left", v)
		}
	})
}

// TestKioskControlsKeepTheirPlace compares every screen of a visitor.
func TestKioskControlsKeepTheirPlace(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		kiosk := w.watch("/ws/kiosk")
		w.settle()
		visitor(t, w)
		want := []string{"back", "restart", "repeat", "softer", "louder", "bigger", "settings", "help"}
		for _, m := range kiosk.views() {
			var v KioskView
			if err := json.Unmarshal(m, &v); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range v.Controls {
				got = append(got, k.Key)
				if k.Label == "" || strings.HasPrefix(k.Label, "control.") {
					t.Errorf("screen %s: control %s has no words", v.ID, k.Key)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("screen %s: controls = %q; want %q", v.ID, got, want)
			}
		}
	})
}

func TestWords(t *testing.T) {
	w := onSockets(t, Config{})
	tests := []struct {
		path   string
		status int
		key    string
		text   string
	}{
		{"/words/desk.json", 200, "desk.next", "Suivant"},
		{"/words/hall.json", 200, "hall.test", "ESSAI"},
		{"/words/veil.json", 200, "veil.offline", "Hors ligne depuis {n} s"},
		{"/words/veil.json?lang=en", 200, "veil.offline", w.server.cfg.Words.Under("en", "veil.")["veil.offline"]},
		{"/words/veil.json?lang=ar", 200, "veil.offline", w.server.cfg.Words.Under("ar", "veil.")["veil.offline"]},
		{"/words/veil.json?lang=xx", 200, "veil.offline", "Hors ligne depuis {n} s"},
		{"/words/kiosk.json", 404, "", ""},
		{"/words/motif.json", 404, "", ""},
		{"/words/desk", 404, "", ""},
		{"/words/", 404, "", ""},
	}
	for _, tt := range tests {
		status, got := w.request("GET", tt.path, nil)
		if status != tt.status || tt.key != "" && got[tt.key] != tt.text {
			t.Errorf("GET %s = %d, %s=%q; want %d, %q", tt.path, status, tt.key, got[tt.key], tt.status, tt.text)
		}
		for key := range got {
			if area := strings.TrimPrefix(strings.TrimSuffix(tt.path, ".json"), "/words/"); status == 200 && !strings.HasPrefix(key, area[:4]) {
				t.Errorf("GET %s gives %s; want its own words only", tt.path, key)
			}
		}
	}
	if fr, ar := w.server.cfg.Words.Under("fr", "veil."), w.server.cfg.Words.Under("ar", "veil."); fr["veil.offline"] == ar["veil.offline"] {
		t.Errorf("the veil says %q in Arabic; want Arabic", ar["veil.offline"])
	}
}

// TestDirectionOfEveryLanguage holds the view's dir to the catalogue.
func TestDirectionOfEveryLanguage(t *testing.T) {
	for lang, want := range map[string]string{"fr": "ltr", "en": "ltr", "ar": "rtl"} {
		if got := words.Dir(lang); got != want {
			t.Errorf("Dir(%s) = %s; want %s", lang, got, want)
		}
	}
}

// TestBug17OutOfPaperNamed: each state of the printer has a sentence of its own.
func TestBug17OutOfPaperNamed(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		desk := w.watch("/ws/desk?desk=1")
		said := make(map[string]string)
		for st := drivers.Mute; st <= drivers.Unplugged; st++ {
			w.bench.status.Store(uint32(st))
			w.pass(6 * time.Second) // the box asks every five
			v := newest[DeskView](desk)
			if len(v.Devices) == 0 || v.Devices[0].Key != "printer" {
				t.Fatalf("devices = %+v; want the printer first", v.Devices)
			}
			d := v.Devices[0]
			if !strings.HasSuffix(d.Text, ".") || strings.HasPrefix(d.Text, "device.") {
				t.Errorf("printer %s: text = %q; want a sentence", st, d.Text)
			}
			if other, twice := said[d.Text]; twice {
				t.Errorf("printer %s says %q, as %s does", st, d.Text, other)
			}
			said[d.Text] = st.String()
			if want := st.Err() == nil; d.OK != want {
				t.Errorf("printer %s: ok = %v; want %v", st, d.OK, want)
			}
			if st == drivers.NoPaper && !strings.Contains(d.Text, "plus de papier") {
				t.Errorf("printer without paper says %q; want it to say so", d.Text)
			}
		}
	})
}

// TestBug22SilentNoEstimate: whatever the state of the queue, a visitor with a
// ticket reads something about the wait.
func TestBug22SilentNoEstimate(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		kiosk := w.watch("/ws/kiosk")
		check := func(when, want string) {
			t.Helper()
			w.settle()
			v := newest[KioskView](kiosk)
			if v.Ticket == nil || !strings.Contains(v.Ticket.Ahead, want) || v.Ticket.Ahead == "" || strings.HasPrefix(v.Ticket.Ahead, "ticket.") {
				t.Errorf("ticket, %s = %+v; want %q", when, v.Ticket, want)
			}
		}
		first, second := w.ticket(nil), w.ticket(fields{"motif": "caf"})
		w.press("fr")
		w.press("skip")
		check("before the opening, two ahead", "2 personnes")
		w.desk("open", nil)
		check("open, two ahead", "2 personnes")
		w.desk("call", fields{"visit": w.visits[first]})
		check("one ahead", "1 personne")
		w.desk("call", fields{"desk": "2", "visit": w.visits[second]})
		check("all desks busy, nobody ahead", "prochain")
		w.desk("pause", nil)
		check("paused", "prochain")
		w.desk("end", fields{"outcome": "served"})
		w.desk("resume", nil)
		check("a desk is free", "Personne n’attend")
		w.desk("next", nil)
		check("called", "Bureau 1")
		w.press("help")
		w.settle()
		if v := newest[KioskView](kiosk); !strings.Contains(v.Notice, "Bureau 1") {
			t.Errorf("another screen while called = %+v; want the call in its notice", v)
		}
	})
}

// TestBug10PublicNeverSentToLogin: what stands in the room never turns into a
// settings or login page, however the box is; it shows its own page and view.
func TestBug10PublicNeverSentToLogin(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		check := func(when string) {
			t.Helper()
			for _, path := range []string{"/kiosk", "/hall"} {
				resp, err := w.client.Get(w.base + path)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusOK || resp.Request.URL.Path != path {
					t.Errorf("%s, GET %s = %d at %s; want 200 there", when, path, resp.StatusCode, resp.Request.URL.Path)
				}
			}
			var v KioskView
			b := w.box.Snapshot()
			v = w.server.kioskView(b, b.Kiosk)
			if len(v.Choices) == 0 || v.Title == "" {
				t.Errorf("%s, kiosk = %+v; want a screen with choices", when, v)
			}
		}
		check("planned")
		w.desk("open", nil)
		check("open")
		w.log.broken.Store(true)
		w.press("fr")
		w.post("/api/kiosk", fields{"turn": w.box.Snapshot().Kiosk.Turn, "key": "caf"})
		w.settle()
		check("the disk refuses")
		w.log.broken.Store(false)
		w.bench.status.Store(uint32(drivers.Unplugged))
		w.pass(6 * time.Second)
		check("no printer")
		w.desk("close", nil)
		check("closed")
	})
}

// TestGolden writes the views as pages get them. The tests of the pages read the
// same files, so that the two sides cannot drift apart.
func TestGolden(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		kiosk := func(name string) {
			t.Helper()
			b := w.box.Snapshot()
			golden(t, "kiosk-"+name, w.server.kioskView(b, b.Kiosk))
		}
		do := func(what string, f fields) {
			t.Helper()
			w.desk(what, f)
			w.settle()
		}
		take := func(f fields) {
			t.Helper()
			w.ticket(f)
			w.settle()
		}

		do("help_done", nil) // changes nothing, at a known time
		kiosk("language")
		golden(t, "desk-planned", w.shown("1"))
		take(fields{"motif": "caf", "lang": "ar"})
		take(fields{"motif": "impots", "lang": "fr"})
		take(fields{"motif": "justice", "lang": "fr", "for_other": true})
		take(fields{"lang": "fr"})
		take(fields{"motif": "sante", "lang": "en"})
		take(fields{"motif": "caf", "lang": "fr"})
		w.press("ar")
		w.settle()
		kiosk("motif-ar")
		w.press("restart")
		w.press("fr")
		w.settle()
		kiosk("motif")
		w.pass(10 * time.Minute)
		w.press("restart")
		w.settle()
		do("open", nil)
		do("next", nil)
		do("start", nil)
		do("hold", fields{"reason": "sms_code"})
		do("next", nil)
		do("absent", nil)
		do("next", nil)
		do("next", fields{"desk": "2"})
		do("step_out", fields{"visit": w.visits[6], "minutes": 20})
		w.bench.status.Store(uint32(drivers.NoPaper))
		w.pass(6 * time.Second)
		do("take", fields{"motif": "impots", "for_other": true, "id": id(1000)})
		w.press("fr")
		w.press("help")
		w.settle()
		golden(t, "desk-open", w.shown("1"))
		golden(t, "hall-open", w.server.hallView(w.box.Snapshot()))
		w.press("go_on")
		w.pass(80 * time.Second)
		kiosk("more_time")
		w.press("yes")
		w.press("back")
		w.settle()
		do("end", fields{"outcome": "served"})
		do("intake_new", nil)
		golden(t, "desk-intake", w.shown("1"))
		do("intake_close", nil)
		do("turned_away", fields{"reason": "no_room"})
		do("close", fields{"rest": "left"})
		golden(t, "desk-closed", w.shown("1"))
		golden(t, "hall-closed", w.server.hallView(w.box.Snapshot()))
	})
}

// TestGoldenTicket writes the screens of a visitor with a ticket; the desk's views
// would show the identity of this visit, which is drawn.
func TestGoldenTicket(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		kiosk := func(name string) {
			t.Helper()
			w.settle()
			b := w.box.Snapshot()
			golden(t, "kiosk-"+name, w.server.kioskView(b, b.Kiosk))
		}
		w.ticket(nil)
		w.ticket(nil)
		w.press("ar")
		w.press("impots")
		kiosk("ticket-ar")
		w.press("questions")
		w.press("yes")
		kiosk("question-ar")
		w.press("skip")
		kiosk("recap-ar")
	})
}

// golden compares a view with its file.
func golden(t *testing.T, name string, view any) {
	t.Helper()
	got, err := json.MarshalIndent(view, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	// How many states were published before is a matter of timing.
	got = append(steady(bytes.ReplaceAll(got, seq(view), []byte(`"seq": 1,`))), '\n')
	file := filepath.Join("..", "..", "kiosk-ui", "test", "fixtures", "go-"+name+".json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./firmware/web -update writes it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from %s: got\n%s", name, file, got)
	}
}

// seq is the number of a view as MarshalIndent writes it.
func seq(view any) []byte {
	return fmt.Appendf(nil, `"seq": %d,`, reflect.ValueOf(view).FieldByName("Seq").Uint())
}

// TestRowsInTheOrderOfCalls calls everybody and compares with what was shown.
func TestRowsInTheOrderOfCalls(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for range 6 {
			w.ticket(fields{"motif": "sante"})
			w.pass(time.Minute)
		}
		w.desk("open", nil)
		w.desk("next", nil)
		w.desk("start", nil)
		w.desk("hold", fields{"reason": "sms_code"})
		w.desk("return", fields{"visit": w.visits[1]})                 // back first
		w.desk("prioritise", fields{"visit": w.visits[5], "on": true}) // then 5
		w.settle()
		var want []session.Number
		for _, r := range w.shown("1").Waiting {
			want = append(want, r.Number)
		}
		if !slices.Equal(want[:2], []session.Number{1, 5}) {
			t.Errorf("waiting = %v; want 1, who is back, then 5, who goes first", want)
		}
		var got []session.Number
		for range want {
			got = append(got, session.Number(w.desk("next", nil)["number"].(float64)))
			w.desk("end", fields{"outcome": "served"})
		}
		if !slices.Equal(got, want) {
			t.Errorf("called = %v; want %v as the desk was shown", got, want)
		}
	})
}

func TestCanReturn(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for range 3 {
			w.ticket(nil)
		}
		w.desk("open", nil)
		can := func(n session.Number) bool {
			t.Helper()
			v := w.shown("1")
			for _, list := range [][]Row{v.Waiting, v.Resting, v.Ended} {
				for _, r := range list {
					if r.Number == n {
						return r.CanReturn
					}
				}
			}
			t.Fatalf("nobody is shown with number %d", n)
			return false
		}
		tests := []struct {
			name string
			do   func()
			want bool
		}{
			{"waiting", func() {}, false},
			{"absent just now", func() { w.desk("next", nil); w.desk("absent", nil) }, true},
			{"after the rest", func() { w.pass(session.AbsentRest + time.Second) }, false},
			{"no-show", func() { w.desk("no_show", fields{"visit": w.visits[1]}) }, true},
			{"came back", func() { w.desk("came_back", fields{"visit": w.visits[1]}) }, false},
			{"left", func() { w.desk("end", fields{"visit": w.visits[1], "outcome": "left"}) }, true},
			{"served", func() {
				w.desk("came_back", fields{"visit": w.visits[1]})
				w.desk("call", fields{"visit": w.visits[1]})
				w.desk("end", fields{"outcome": "served"})
			}, false},
		}
		for _, tt := range tests {
			tt.do()
			w.settle()
			if got := can(1); got != tt.want {
				t.Errorf("can_return, %s = %v; want %v", tt.name, got, tt.want)
			}
		}
	})
}
