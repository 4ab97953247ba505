package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/intake"
	"jeudi/firmware/session"
)

// sentence reports whether text is one that a person can be shown.
func sentence(text any) bool {
	s, _ := text.(string)
	return strings.Contains(s, " ") && strings.HasSuffix(s, ".") && !strings.Contains(s, "refuse.") && !strings.Contains(s, "{")
}

func TestTickets(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		status, first := w.request("POST", "/api/tickets", fields{"id": id(101), "motif": "caf", "lang": "ar", "for_other": true})
		if status != 200 || first["ok"] != true || first["number"] != 1.0 || len(first["visit"].(string)) != 32 {
			t.Fatalf("POST /api/tickets = %d %v; want ticket 1", status, first)
		}
		if first["visit"] == id(101) {
			t.Errorf("visit = %s; want another identity than the command's", first["visit"])
		}
		v, _ := w.box.Snapshot().Session.Numbered(1)
		if v.Motifs[0] != "caf" || v.Lang != "ar" || !v.ForOther || v.Need != session.SocialWorker {
			t.Errorf("visit = %+v; want caf, ar, for somebody else", v)
		}
		w.settle()
		before := w.log.len()
		status, again := w.request("POST", "/api/tickets", fields{"id": id(101), "motif": "caf", "lang": "ar", "for_other": true})
		if status != 200 || fmt.Sprint(again) != fmt.Sprint(first) || w.log.len() != before {
			t.Errorf("the same command again = %d %v; want %v and nothing new", status, again, first)
		}
		status, other := w.request("POST", "/api/tickets", fields{"id": id(102)})
		if status != 200 || other["number"] != 2.0 || other["visit"] == first["visit"] {
			t.Errorf("another command = %d %v; want ticket 2", status, other)
		}
		w.settle()
		if got := w.bench.prints.Load(); got != 2 {
			t.Errorf("tickets printed = %d; want 2", got)
		}

		// An unknown motif, then a time without a permanence.
		for _, f := range []fields{{"id": id(103), "motif": "dentist"}, {"id": id(104)}} {
			if f["motif"] == nil {
				w.desk("open", nil)
				w.desk("close", fields{"rest": "left"})
			}
			status, answer := w.request("POST", "/api/tickets", f)
			key, _ := answer["key"].(string)
			if status != http.StatusConflict || !sentence(answer["error"]) || !strings.HasPrefix(key, "refuse.") {
				t.Errorf("POST /api/tickets %v = %d %v; want 409 with a sentence and a key", f, status, answer)
			}
		}
	})
}

// TestTicketsOfManyAtOnce: every sender gets a number of its own.
func TestTicketsOfManyAtOnce(t *testing.T) {
	w := onSockets(t, Config{})
	var wg sync.WaitGroup
	numbers := make([]int, 64)
	for i := range numbers {
		wg.Go(func() {
			got := ask(w.server, "POST", "/api/tickets", fmt.Sprintf(`{"id":"%s"}`, id(uint64(1+i))), nil)
			fmt.Sscanf(got.Body.String(), `{"number":%d`, &numbers[i])
		})
	}
	wg.Wait()
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != i+1 {
			t.Fatalf("numbers = %v; want 1 to %d, each once", numbers, len(numbers))
		}
	}
}

// TestBug13TwoAgentsSameTicket: two desks press « Suivant » at once, many times.
func TestBug13TwoAgentsSameTicket(t *testing.T) {
	w := onSockets(t, Config{})
	for range 20 {
		w.ticket(nil)
	}
	w.desk("open", nil)
	seen := make(map[string]bool)
	for round := range 10 {
		var wg sync.WaitGroup
		var bodies [2]string
		for d := range bodies {
			wg.Go(func() {
				body := fmt.Sprintf(`{"id":"%s","desk":"%d","do":"next"}`, id(uint64(1000+2*round+d)), d+1)
				bodies[d] = ask(w.server, "POST", "/api/desk", body, nil).Body.String()
			})
		}
		wg.Wait()
		for d, body := range bodies {
			if !strings.Contains(body, `"ok":true`) || seen[body] {
				t.Fatalf("round %d, desk %d: %s; want somebody nobody else got", round, d+1, body)
			}
			seen[body] = true
			w.desk("end", fields{"desk": fmt.Sprint(d + 1), "outcome": "served"})
		}
	}
}

// TestDesk plays a permanence in which a desk does everything that it can do.
func TestDesk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		desk := w.watch("/ws/desk?desk=1")
		for _, motif := range []string{"caf", "impots", "justice", "", "caf"} {
			w.ticket(fields{"motif": motif})
			w.settle()
		}
		visit := func(n int) string { return w.visits[n] }
		numbers := func(rows []Row) string {
			var list []session.Number
			for _, r := range rows {
				list = append(list, r.Number)
			}
			return spaced(list)
		}
		mine := func(v DeskView) string {
			if v.Mine == nil {
				return "nobody"
			}
			return fmt.Sprintf("%d %s ×%d %v", v.Mine.Number, v.Mine.State, v.Mine.Calls, v.Mine.Roles)
		}
		steps := []struct {
			do     string
			f      fields
			before func()
			refuse string // the key of a refusal; done when empty
			see    func(DeskView) string
			want   string
		}{
			{do: "next", refuse: "refuse.not_open"},
			{do: "open", see: func(v DeskView) string { return v.Permanence.Status + " " + v.Undo.Label }, want: "open Ouverture"},
			{do: "open", refuse: "refuse.already_open"},
			{do: "recall", refuse: "refuse.not_called"},
			{do: "end", f: fields{"outcome": "served"}, refuse: "refuse.desk_free"},
			{do: "next", see: mine, want: "1 called ×1 []"},
			{do: "next", refuse: "refuse.desk_busy"},
			{do: "recall", refuse: "refuse.too_soon"},
			{do: "recall", before: func() { w.pass(session.RecallGap) }, see: mine, want: "1 called ×2 []"},
			{do: "start", see: mine, want: "1 serving ×2 [Travailleur social]"},
			{do: "together", see: mine, want: "1 serving ×2 [Travailleur social Médiateur numérique]"},
			{do: "hold", f: fields{"reason": "bored"}, refuse: "refuse.unknown_choice"},
			{do: "hold", f: fields{"reason": "sms_code"}, see: func(v DeskView) string { return mine(v) + numbers(v.Held) + v.Held[0].Reason },
				want: "nobody[1]" + "attend un code SMS"},
			{do: "return", f: fields{"visit": visit(2)}, refuse: "refuse.not_held"},
			{do: "return", f: fields{"visit": visit(1)}, see: func(v DeskView) string { return numbers(v.Waiting) }, want: "[1 2 3 4 5]"},
			{do: "prioritise", f: fields{"visit": visit(4), "on": true}, see: func(v DeskView) string { return numbers(v.Waiting) }, want: "[1 4 2 3 5]"},
			{do: "next", see: mine, want: "1 called ×1 []"},
			{do: "end", f: fields{"outcome": "served"}, see: func(v DeskView) string { return mine(v) + numbers(v.Ended) + v.Ended[0].Outcome }, want: "nobody[1]Reçu"},
			{do: "end", f: fields{"visit": visit(1), "outcome": "oriented"}, see: func(v DeskView) string { return v.Ended[0].Outcome }, want: "Envoyé ailleurs"},
			{do: "call", f: fields{"visit": visit(3)}, see: mine, want: "3 called ×1 []"},
			{do: "call", f: fields{"visit": visit(4), "desk": "9"}, refuse: "refuse.no_desk"},
			{do: "end", f: fields{"visit": visit(3), "desk": "2", "outcome": "served"}, refuse: "refuse.wrong_desk"},
			{do: "absent", see: func(v DeskView) string { return mine(v) + numbers(v.Resting) }, want: "nobody[3]"},
			{do: "came_back", f: fields{"visit": visit(2)}, refuse: "refuse.not_absent"},
			{do: "came_back", f: fields{"visit": visit(3)}, see: func(v DeskView) string { return numbers(v.Resting) + numbers(v.Waiting) }, want: "[][4 3 2 5]"},
			{do: "next", see: mine, want: "4 called ×1 []"},
			{do: "no_show", see: func(v DeskView) string { return spaced(v.Counts["no_show"], v.Ended[0].CanReturn) }, want: "1 true"},
			{do: "came_back", f: fields{"visit": visit(4)}, see: func(v DeskView) string { return spaced(v.Counts["no_show"], v.WaitingTotal) }, want: "0 4"},
			{do: "add_motif", f: fields{"visit": visit(2), "motif": "sante"}, see: func(v DeskView) string { return spaced(row(v, 2).Motifs) }, want: "[Impôts Santé]"},
			{do: "step_out", f: fields{"visit": visit(2), "minutes": 15},
				see: func(v DeskView) string {
					return numbers(v.Away) + spaced((v.Away[0].UntilMS-v.Away[0].SinceMS)/60_000, "min")
				}, want: "[2]15 min"},
			{do: "step_out", f: fields{"visit": visit(2), "minutes": 15}, refuse: "refuse.not_waiting"},
			{do: "return", f: fields{"visit": visit(2)}, see: func(v DeskView) string { return numbers(v.Away) }, want: "[]"},
			{do: "cancel", f: fields{"visit": visit(5), "reason": "by_mistake"}, see: func(v DeskView) string { return spaced(v.Counts["cancelled"]) }, want: "1"},
			{do: "cancel", f: fields{"visit": visit(4), "reason": "smell"}, refuse: "refuse.unknown_choice"},
			{do: "call", f: fields{"visit": visit(3)}, see: mine, want: "3 called ×2 []"},
			{do: "hand_over", f: fields{"role": "volontaire"}, refuse: "refuse.nobody_else"},
			{do: "hand_over", f: fields{"role": "mediateur_numerique"}, see: mine, want: "3 serving ×2 [Médiateur numérique]"},
			{do: "end", f: fields{"outcome": "misrouted"}, see: func(v DeskView) string { return spaced(v.Counts["misrouted"]) }, want: "1"},
			{do: "turned_away", f: fields{"reason": "no_room"}, see: func(v DeskView) string { return spaced(v.Counts["turned_away"], v.Undo.Label) }, want: "1 Personne non reçue"},
			{do: "undo", see: func(v DeskView) string { return spaced(v.Counts["turned_away"], v.Undo == nil) }, want: "0 true"},
			{do: "undo", refuse: "refuse.undo_gone"},
			{do: "take", f: fields{"motif": "caf", "for_other": true}, see: func(v DeskView) string { return spaced(v.WaitingTotal, row(v, 6).ForOther, row(v, 6).Paper) }, want: "3 true printed"},
			{do: "take", before: func() { w.bench.status.Store(uint32(drivers.NoPaper)) }, f: fields{"motif": "caf"},
				see: func(v DeskView) string { return spaced(len(v.Unprinted), v.Unprinted[0].Number, v.Devices[0].OK) }, want: "1 7 false"},
			{do: "reprint", f: fields{"visit": visit(4)}, see: func(v DeskView) string { return spaced(len(v.Unprinted)) }, want: "2"},
			{do: "reprint", f: fields{"visit": id(999)}, refuse: "refuse.no_visit"},
			{do: "reprint_all", before: func() { w.bench.status.Store(uint32(drivers.Ready)) }, see: func(v DeskView) string { return spaced(len(v.Unprinted)) }, want: "0"},
			{do: "help_done", before: func() { w.press("fr"); w.press("help"); w.settle() },
				see: func(v DeskView) string { return spaced(v.Help) }, want: "<nil>"},
			{do: "help_coming", before: func() { w.press("help") }, see: func(v DeskView) string { return spaced(v.Help.Coming, sentence(v.Help.Text)) }, want: "true true"},
			{do: "intake_take_over", see: func(v DeskView) string {
				return spaced(v.Help, v.Intake.ID, w.box.Snapshot().Kiosk.Screen)
			}, want: "<nil> motif language"},
			{do: "intake_press", f: fields{"key": "go_on"}, see: func(v DeskView) string { return v.Intake.ID }, want: "motif"},
			{do: "intake_press", f: fields{"key": "sante"}, see: func(v DeskView) string { return spaced(v.Intake.ID, v.Intake.Ticket.Number) }, want: "ticket 8"},
			{do: "intake_close", see: func(v DeskView) string { return spaced(v.Intake) }, want: "<nil>"},
			{do: "intake_new", see: func(v DeskView) string { return v.Intake.ID }, want: "language"},
			{do: "intake_close", see: func(v DeskView) string { return spaced(v.Intake) }, want: "<nil>"},
			{do: "intake_new", f: fields{"visit": visit(4)}, see: func(v DeskView) string { return spaced(v.Intake.ID, v.Intake.Ticket.Number, v.Counts["issued"]) }, want: "ticket 4 8"},
			{do: "intake_close", see: func(v DeskView) string { return spaced(v.Intake) }, want: "<nil>"},
			{do: "intake_new", f: fields{"visit": id(999)}, refuse: "refuse.no_visit"},
			{do: "intake_press", f: fields{"key": "fr"}, refuse: "refuse.unknown_choice"},
			{do: "resume", refuse: "refuse.not_paused"},
			{do: "pause", see: func(v DeskView) string { return v.Permanence.Status }, want: "paused"},
			{do: "next", refuse: "refuse.paused"},
			{do: "resume", see: func(v DeskView) string { return v.Permanence.Status }, want: "open"},
			{do: "close", refuse: "refuse.still_here"},
			{do: "close", f: fields{"rest": "served"}, refuse: "refuse.still_here"},
			{do: "close", f: fields{"rest": "left"}, see: func(v DeskView) string {
				return spaced(v.Permanence.Status, v.Report.Lines[0], len(v.Report.Lines) > 5, v.Counts["left"], v.Counts["here"])
			}, want: "closed [Visiteurs ] true 5 0"},
			{do: "new_roll", see: func(DeskView) string { return "" }, want: ""},
			{do: "reprint_report", see: func(DeskView) string { return spaced(w.bench.prints.Load()) }, want: ""},
			{do: "close", f: fields{"rest": "left"}, refuse: "refuse.not_open"},
		}
		done := make(map[string]bool)
		for i, s := range steps {
			name := fmt.Sprintf("step %d, %s %v", i, s.do, s.f)
			if s.before != nil {
				s.before()
				w.settle()
			}
			f := fields{}
			for k, v := range s.f {
				f[k] = v
			}
			if s.do == "intake_press" {
				if in, open := w.box.Snapshot().Intakes["1"]; open {
					f["turn"] = in.Turn
				}
			}
			prints := w.bench.prints.Load()
			status, answer := w.tryDesk(s.do, f)
			w.settle()
			if s.refuse != "" {
				if status != http.StatusConflict || answer["key"] != s.refuse || !sentence(answer["error"]) {
					t.Fatalf("%s = %d %v; want 409 %s with a sentence", name, status, answer, s.refuse)
				}
				continue
			}
			if status != http.StatusOK || answer["ok"] != true {
				t.Fatalf("%s = %d %v; want 200", name, status, answer)
			}
			done[s.do] = true
			if s.do == "reprint_report" {
				s.want = spaced(prints + 1)
			}
			if got := s.see(newest[DeskView](desk)); got != s.want {
				t.Fatalf("%s: desk sees %q; want %q", name, got, s.want)
			}
		}
		for _, do := range strings.Fields(`open pause resume close next call recall start together hold return hand_over end absent
			no_show cancel came_back prioritise add_motif step_out turned_away undo take reprint reprint_all reprint_report new_roll
			help_coming help_done intake_take_over intake_new intake_press intake_close`) {
			if !done[do] {
				t.Errorf("no step does %q", do)
			}
		}
		v := newest[DeskView](desk)
		if c := v.Counts; c["issued"] != c["served"]+c["no_show"]+c["left"]+c["cancelled"]+c["misrouted"]+c["oriented"]+c["unresolved"]+c["here"] {
			t.Errorf("counts = %v; want the identity to hold", c)
		}
		if !strings.Contains(v.Report.Identity, "8") {
			t.Errorf("identity = %q; want the 8 tickets in it", v.Report.Identity)
		}
	})
}

// spaced is its arguments with a space between each two.
func spaced(list ...any) string { return strings.TrimSuffix(fmt.Sprintln(list...), "\n") }

// row finds somebody wherever a desk shows them.
func row(v DeskView, n session.Number) Row {
	for _, list := range [][]Row{v.Waiting, v.Resting, v.Held, v.Away, v.Ended} {
		for _, r := range list {
			if r.Number == n {
				return r
			}
		}
	}
	return Row{}
}

// TestPractice: a permanence opened as « ESSAI » is stamped everywhere.
func TestPractice(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall, kiosk, desk := w.watch("/ws/hall"), w.watch("/ws/kiosk"), w.watch("/ws/desk")
		w.desk("open", fields{"test": true})
		w.settle()
		if h, k, d := newest[HallView](hall), newest[KioskView](kiosk), newest[DeskView](desk); !h.Test || h.TestLabel != "ESSAI" || !k.Test || !d.Permanence.Test {
			t.Errorf("test = %v %q, %v, %v; want it on every surface", h.Test, h.TestLabel, k.Test, d.Permanence.Test)
		} else if len(d.Banners) != 1 || d.Banners[0].Key != "test" {
			t.Errorf("banners = %+v; want the one that says so", d.Banners)
		}
		w.desk("close", nil)
		w.settle()
		if d := newest[DeskView](desk); d.Report == nil || !d.Report.Test {
			t.Errorf("the counts of a test = %+v; want them, called a test", d.Report)
		}
		var list struct{ Reports []pastView }
		if w.get("/api/reports", &list); len(list.Reports) != 0 {
			t.Errorf("reports after a test = %+v; want none", list.Reports)
		}
		w.desk("open", nil)
		w.desk("close", nil)
		w.settle()
		if d := newest[DeskView](desk); d.Report == nil || d.Report.Test {
			t.Errorf("the report of a real permanence = %+v; want it, not called a test", d.Report)
		}
	})
}

// TestPiece: the page of a practice piece says what is heard and how far it is; the
// box hands it what the buttons did.
func TestPiece(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		kiosk := w.watch("/ws/kiosk")
		w.settle()
		for _, key := range []string{"fr", "caf", "more", "practice", "practice_touch"} {
			w.pass(time.Second) // the same finger twice at once is one press
			w.press(key)
		}
		for _, body := range []fields{
			{"touched": true, "stage": 2},
			{"say": []string{"practice.touch.title"}, "at": 1, "of": 3},
			{"action": "next"},
		} {
			w.pass(time.Second)
			if status, answer := w.post("/api/kiosk", body); status != http.StatusOK {
				t.Fatalf("POST /api/kiosk %v = %d %v; want 200", body, status, answer)
			}
		}
		w.settle()
		v := newest[KioskView](kiosk)
		if v.Piece != "touch" || v.Stage != 2 || v.Nudges == nil || v.Nudges.Seq != 1 || !slices.Equal(v.Nudges.Last, []intake.Action{intake.ActNext}) {
			t.Fatalf("piece %q at %d, nudges %+v; want touch at 2, one for « next »", v.Piece, v.Stage, v.Nudges)
		}
		if status, _ := w.post("/api/kiosk", fields{"past": "next"}); status != http.StatusOK {
			t.Errorf("past = %d; want 200", status)
		}
		w.settle()
		if v := newest[KioskView](kiosk); v.Nudges == nil && v.Focus == "" {
			t.Errorf("after the end of the piece: no nudge and no focus; want either the controls or the piece again")
		}
	})
}

// TestLeftOpen: a permanence of another day is closed in one tap, its people
// unresolved.
func TestLeftOpen(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		desk := w.watch("/ws/desk?desk=1")
		w.ticket(nil)
		w.desk("open", nil)
		w.pass(3*time.Hour + session.LeftOpenPast + 11*time.Minute)
		v := newest[DeskView](desk)
		if !v.Permanence.Stale || len(v.Banners) != 1 || v.Banners[0].Key != "left_open" || len(v.Banners[0].Actions) != 1 {
			t.Fatalf("desk the evening after = %+v; want the banner of a permanence left open", v.Banners)
		}
		action := v.Banners[0].Actions[0]
		w.desk(action["do"].(string), fields{"rest": action["rest"]})
		w.settle()
		if v := newest[DeskView](desk); v.Permanence.Status != "closed" || v.Counts["unresolved"] != 1 || len(v.Banners) != 0 {
			t.Errorf("after its one tap: %s, %v, %+v; want closed, 1 unresolved, no banner", v.Permanence.Status, v.Counts, v.Banners)
		}
	})
}

// TestNotKept: when the disk refuses, whoever asked is told, and nobody sees what
// did not happen.
func TestNotKept(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		hall := w.watch("/ws/hall")
		w.ticket(nil)
		w.desk("open", nil)
		w.settle()
		w.log.broken.Store(true)
		for path, f := range map[string]fields{
			"/api/tickets": {"id": id(50)},
			"/api/desk":    {"id": id(51), "desk": "1", "do": "next"},
		} {
			if status, answer := w.request("POST", path, f); status != http.StatusServiceUnavailable || !sentence(answer["error"]) {
				t.Errorf("POST %s while the disk refuses = %d %v; want 503 with a sentence", path, status, answer)
			}
		}
		w.press("fr")
		if status, answer := w.request("POST", "/api/kiosk", fields{"id": id(52), "turn": w.box.Snapshot().Kiosk.Turn, "key": "caf"}); status != 503 || !sentence(answer["error"]) {
			t.Errorf("a ticket at the kiosk while the disk refuses = %d %v; want 503 with a sentence", status, answer)
		}
		w.settle()
		if v := newest[HallView](hall); v.Waiting != 1 || len(v.Calls) != 0 {
			t.Errorf("hall = %+v; want one who waits and no call", v)
		}
		if w.box.Snapshot().Kiosk.Screen != intake.Sorry || w.bench.prints.Load() != 2 {
			t.Errorf("kiosk shows %s and %d papers are out; want sorry, ticket and zero report", w.box.Snapshot().Kiosk.Screen, w.bench.prints.Load())
		}
		// Sent again once the disk works, the very same commands are carried out.
		w.log.broken.Store(false)
		if status, answer := w.request("POST", "/api/tickets", fields{"id": id(50)}); status != 200 || answer["number"] != 2.0 {
			t.Errorf("the ticket again = %d %v; want ticket 2", status, answer)
		}
		w.press("again")
		if status, answer := w.request("POST", "/api/kiosk", fields{"id": id(52), "turn": w.box.Snapshot().Kiosk.Turn, "key": "caf"}); status != 200 || w.box.Snapshot().Kiosk.Number != 3 {
			t.Errorf("the kiosk again = %d %v, ticket %d; want 3", status, answer, w.box.Snapshot().Kiosk.Number)
		}
	})
}

// TestSentAgain: what never reaches the queue happens once as well, however often
// a browser with a bad line sends it.
func TestSentAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.press("fr")
		again := func(path string, f fields) {
			t.Helper()
			w.next++
			f["id"] = id(5000 + w.next)
			for range 3 {
				if status, answer := w.request("POST", path, f); status != 200 {
					t.Fatalf("POST %s %v = %d %v; want 200", path, f, status, answer)
				}
			}
			w.settle()
		}
		volume := w.box.Snapshot().Kiosk.Volume
		again("/api/kiosk", fields{"action": "louder"})
		if got := w.box.Snapshot().Kiosk.Volume; got != volume+10 {
			t.Errorf("volume after one press sent three times = %d; want %d", got, volume+10)
		}
		again("/api/kiosk", fields{"action": "next"})
		if got := w.box.Snapshot().Kiosk.Focus; got != "caf" {
			t.Errorf("focus after one press sent three times = %q; want caf, the first", got)
		}
		w.press("help")
		w.settle()
		again("/api/desk", fields{"desk": "1", "do": "intake_take_over"})
		if got := w.box.Snapshot().Intakes["1"]; got.Screen != intake.Motif || got.Lang != "fr" {
			t.Errorf("intake taken over once, sent three times = %+v; want that of the visitor", got)
		}
		w.press("help")
		w.settle()
		again("/api/desk", fields{"desk": "1", "do": "help_done"})
	})
}

func TestRepeats(t *testing.T) {
	var r repeats
	var runs atomic.Int32
	fails := errors.New("fails")
	key := func(n int) session.ID { return session.ID{byte(n), byte(n >> 8), 1} }
	run := func(err error) func() error { return func() error { runs.Add(1); return err } }

	if err := r.do(key(1), run(fails)); err != fails || len(r.order) != 0 {
		t.Errorf("do(fails) = %v, %d known; want its error and none", err, len(r.order))
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := r.do(key(1), run(nil)); err != nil {
				t.Errorf("do() = %v; want nil", err)
			}
		})
	}
	wg.Wait()
	if got := runs.Load(); got != 2 {
		t.Errorf("runs = %d; want 2, the one that failed and one", got)
	}
	for n := range 3 * remembered {
		r.do(key(n+2), run(nil))
	}
	if len(r.known) != remembered || len(r.order) != remembered {
		t.Errorf("known = %d, %d; want %d", len(r.known), len(r.order), remembered)
	}
	runs.Store(0)
	r.do(key(3*remembered+1), run(nil)) // the newest
	r.do(key(1), run(nil))              // forgotten
	if got := runs.Load(); got != 1 {
		t.Errorf("runs of a known and a forgotten one = %d; want 1", got)
	}
}

// busy is a box that is too slow for anybody's patience.
type busy struct{ Box }

func (busy) Do(ctx context.Context, _ session.Command) (session.Answer, error) {
	return session.Answer{}, context.DeadlineExceeded
}

func TestBusy(t *testing.T) {
	w := onSockets(t, Config{})
	cfg := w.server.cfg
	cfg.Box = busy{w.box}
	s := New(cfg)
	defer s.Close()
	got := ask(s, "POST", "/api/tickets", `{"id":"`+id(1)+`"}`, nil)
	if got.Code != 503 || !strings.Contains(got.Body.String(), "occupé") {
		t.Errorf("POST /api/tickets to a busy box = %d %s; want 503 that says so", got.Code, got.Body)
	}
}
