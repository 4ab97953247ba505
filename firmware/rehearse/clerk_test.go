package rehearse

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

const ms = int64(time.Minute / time.Millisecond)

// scene is a room with one guest, number 5, and a view of an open permanence.
func scene(p person) (*room, *guest, deskView) {
	r := newRoom(morning{People: []person{p}, Pause: time.Hour, PauseFor: time.Minute}, 60, map[string]int{})
	g := r.guests[0]
	r.ticket(g, 5, "v5", time.Second)
	v := deskView{NowMS: 1000 * ms, Speed: 60}
	v.Permanence.Status = "open"
	choices := `{"hold":[{"key":"sms_code"}],"roles":[{"key":"accueil"}],"motifs":[{"key":"caf"}],"cancel":[{"key":"twice"}],"turned_away":[{"key":"no_room"}],"outcomes":[{"key":"served","label":"reçu"}]}`
	if err := json.Unmarshal([]byte(choices), &v.Choices); err != nil {
		panic(err)
	}
	return r, g, v
}

func waiting(v deskView) deskView {
	v.Waiting, v.WaitingTotal = []row{{ID: "v5", Number: 5, State: "waiting"}}, 1
	return v
}

func mine(v deskView, state string, calls int) deskView {
	v.Mine = &row{ID: "v5", Number: 5, State: state, Calls: calls, RecallMS: v.NowMS + 20000, ProposeNoShow: calls >= maxCalls}
	return v
}

func TestClerkDecides(t *testing.T) {
	did := func(what ...string) func(*room, *guest) {
		return func(_ *room, g *guest) {
			for _, w := range what {
				g.did[w] = true
			}
		}
	}
	tests := []struct {
		name  string
		given person
		room  func(*room, *guest)
		when  func(deskView) deskView
		after time.Duration // since the clerk saw the view first
		want  string        // do and its fields, "" to wait
	}{
		{name: "calls the next", when: waiting, after: turnover, want: "next"},
		{name: "catches its breath first", when: waiting, after: turnover - 1, want: ""},
		{name: "nobody waits, and staff try", after: tryAgain, want: "next"},
		{name: "a chosen number", given: person{Chosen: true}, when: waiting, after: turnover, want: "call visit=v5"},
		{name: "receives nobody else when closing", room: func(r *room, _ *guest) { r.closing = true }, when: waiting, after: time.Hour / 2, want: ""},
		{name: "the guest walks", when: func(v deskView) deskView { return mine(v, "called", 1) }, after: walk - 1, want: ""},
		{name: "the guest is there", when: func(v deskView) deskView { return mine(v, "called", 1) }, after: walk, want: "start"},
		{name: "both receive", given: person{Together: true}, when: func(v deskView) deskView { return mine(v, "called", 1) }, after: walk, want: "together"},
		{name: "a slip is taken back", given: person{Undo: true}, when: func(v deskView) deskView { return mine(v, "called", 1) }, after: slip, want: "undo"},
		{name: "one tap from called to done", given: person{Quick: true, Service: time.Minute, Outcome: "served"}, when: func(v deskView) deskView { return mine(v, "called", 1) }, after: walk + time.Minute, want: "end outcome=served visit=v5"},
		{name: "is late", given: person{Coming: late, Returns: time.Hour}, when: func(v deskView) deskView { return mine(v, "called", 1) }, after: give, want: "absent"},
		{name: "tries to recall too early", given: person{Coming: never}, when: func(v deskView) deskView { return mine(v, "called", 1) }, after: slip, want: "recall"},
		{name: "waits for the gap", given: person{Coming: never}, room: did("recall too early"), when: func(v deskView) deskView { return mine(v, "called", 1) }, after: 20 * time.Second, want: ""},
		{name: "recalls", given: person{Coming: never}, room: did("recall too early"), when: func(v deskView) deskView { return mine(v, "called", 2) }, after: 21 * time.Second, want: "recall"},
		{name: "nobody is recalled in a pause", given: person{Coming: never}, when: func(v deskView) deskView {
			v.Permanence.Status = "paused"
			return mine(v, "called", 2)
		}, after: time.Hour / 2, want: ""},
		{name: "three calls", given: person{Coming: never}, room: did("recall too early"), when: func(v deskView) deskView { return mine(v, "called", 3) }, after: 21 * time.Second, want: "no_show visit=v5"},
		{name: "serves", given: person{Service: 8 * time.Minute}, when: func(v deskView) deskView { return mine(v, "serving", 0) }, after: 8*time.Minute - 1, want: ""},
		{name: "has served", given: person{Service: 8 * time.Minute, Outcome: "oriented"}, when: func(v deskView) deskView { return mine(v, "serving", 0) }, after: 8 * time.Minute, want: "end outcome=oriented visit=v5"},
		{name: "a stranger", given: person{Service: time.Hour}, room: func(r *room, g *guest) { delete(r.byNumber, 5); g.number = 0 }, when: func(v deskView) deskView { return mine(v, "serving", 0) }, after: stranger, want: "end outcome=served visit=v5"},
		{name: "waits for a code", given: person{Service: 9 * time.Minute, Hold: time.Minute}, when: func(v deskView) deskView { return mine(v, "serving", 0) }, after: 3 * time.Minute, want: "hold reason=sms_code"},
		{name: "has the code", given: person{Hold: time.Minute}, room: func(_ *room, g *guest) { g.heldAt = 1 }, when: func(v deskView) deskView { v.Held = []row{{ID: "v5", Number: 5}}; return v }, after: time.Minute + 1, want: "return visit=v5"},
		{name: "the other profession", given: person{Service: 9 * time.Minute, HandsOver: true}, when: func(v deskView) deskView { return mine(v, "serving", 0) }, after: 3 * time.Minute, want: "hand_over role=accueil visit=v5"},
		{name: "priority", given: person{Priority: true}, when: waiting, want: "prioritise on=true visit=v5"},
		{name: "tells that it takes too long", given: person{Patience: time.Minute, TellsUs: true}, when: waiting, after: 2 * time.Minute, want: "end outcome=left visit=v5"},
		{name: "a mistake at the kiosk", given: person{Outcome: "cancelled"}, when: waiting, after: 3 * time.Minute, want: "cancel reason=twice visit=v5"},
		{name: "is back before five minutes", given: person{Coming: late, TellsUs: true, Returns: time.Minute}, room: func(_ *room, g *guest) { g.calledAt = 1 }, when: func(v deskView) deskView { v.Resting = []row{{ID: "v5", Number: 5}}; return v }, after: time.Minute + 1, want: "came_back visit=v5"},
		{name: "a no-show stands there", given: person{Coming: muchLater, Returns: time.Minute}, room: func(_ *room, g *guest) { g.calledAt, g.goneAt, g.outcome = 1, 1, "no_show" }, after: time.Minute + 1, want: "came_back visit=v5"},
		{name: "asks at the desk", given: person{Way: byDesk, Motif: "caf"}, room: func(r *room, g *guest) { delete(r.byNumber, 5); g.number = 0 }, after: time.Second, want: "take for_other=false motif=caf"},
		{name: "somebody is turned away", room: func(r *room, _ *guest) { r.TurnedAway = []time.Duration{0} }, want: "turned_away reason=no_room"},
		{name: "the pause", room: func(r *room, _ *guest) { r.Pause = 0 }, want: "pause"},
		{name: "the pause is over", room: func(r *room, _ *guest) { r.didPause, r.paused = true, true }, when: func(v deskView) deskView { v.Permanence.Status = "paused"; return v }, want: "resume"},
		{name: "somebody else's pause", when: func(v deskView) deskView { v.Permanence.Status = "paused"; return v }, after: time.Hour / 2, want: ""},
		{name: "after a power cut", when: func(v deskView) deskView {
			v.Permanence.Status = "paused"
			json.Unmarshal([]byte(`[{"key":"power_cut","actions":[{"do":"resume","label":"Reprendre"}]}]`), &v.Banners)
			return v
		}, want: "resume"},
		{name: "help at the kiosk", when: func(v deskView) deskView { json.Unmarshal([]byte(`{"coming":false}`), &v.Help); return v }, want: "help_coming"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, g, v := scene(tt.given)
			if tt.room != nil {
				tt.room(r, g)
			}
			if tt.when != nil {
				v = tt.when(v)
			}
			c := &clerk{desk: "1", first: true}
			c.key, c.waiting = atDesk(v), len(v.Waiting)
			c.nextAt = turnover
			if c.waiting == 0 {
				c.nextAt = tryAgain
			}
			if got := describe(c.decide(r, v, tt.after)); got != tt.want {
				t.Errorf("decide = %q; want %q", got, tt.want)
			}
			if len(r.problems) > 0 {
				t.Errorf("problems = %q; want none", r.problems)
			}
		})
	}
}

func describe(s step) string {
	if s.do == "" {
		return ""
	}
	var fields []string
	for k, v := range s.body {
		if k != "do" {
			data, _ := json.Marshal(v)
			fields = append(fields, k+"="+strings.Trim(string(data), `"`))
		}
	}
	slices.Sort(fields)
	return strings.Join(append([]string{s.do}, fields...), " ")
}

// TestClerkKnowsTheRules: a box that breaks a rule of the queue is told so.
func TestClerkKnowsTheRules(t *testing.T) {
	t.Run("absent and called again too early", func(t *testing.T) {
		r, g, v := scene(person{Coming: late})
		v = mine(v, "called", 1)
		g.restUntil, v.Mine.SinceMS = v.NowMS+3000, v.NowMS
		(&clerk{}).decide(r, v, 0)
		if len(r.problems) != 1 || r.rests != 0 {
			t.Errorf("problems = %q, %d rests; want one and none", r.problems, r.rests)
		}
	})
	t.Run("came back, and a view from before comes late", func(t *testing.T) {
		r, g, v := scene(person{Coming: late})
		v.Resting = []row{{ID: "v5", Number: 5, UntilMS: v.NowMS + 3000}}
		r.observe(v)
		if err := r.done(step{do: "came_back", guest: g}, answer{}, time.Second); err != nil {
			t.Fatal(err)
		}
		r.observe(v)
		v.Resting = nil
		v = mine(v, "called", 1)
		v.Mine.SinceMS = v.NowMS
		(&clerk{}).decide(r, v, 0)
		if len(r.problems) != 0 || r.rests != 0 {
			t.Errorf("problems = %q, %d rests; want none", r.problems, r.rests)
		}
	})
	t.Run("absent and left in peace", func(t *testing.T) {
		r, g, v := scene(person{Coming: late})
		v = mine(v, "called", 1)
		g.restUntil, v.Mine.SinceMS = v.NowMS, v.NowMS
		(&clerk{}).decide(r, v, 0)
		if len(r.problems) != 0 || r.rests != 1 {
			t.Errorf("problems = %q, %d rests; want none and one", r.problems, r.rests)
		}
	})
	for _, tt := range []struct {
		name   string
		second int64 // of the second call
		want   int   // problems
	}{{"recalled at once", 1000, 1}, {"recalled after the gap", 20000, 0}} {
		t.Run(tt.name, func(t *testing.T) {
			r, _, v := scene(person{Coming: never})
			for i, at := range []int64{0, tt.second} {
				v = mine(v, "called", i+1)
				v.Mine.SinceMS, v.Mine.RecallMS = v.NowMS, v.NowMS+at+20000
				(&clerk{}).decide(r, v, 0)
			}
			if len(r.problems) != tt.want {
				t.Errorf("problems = %q; want %d", r.problems, tt.want)
			}
		})
	}
	t.Run("no-show not proposed", func(t *testing.T) {
		r, g, v := scene(person{Coming: never})
		g.did["recall too early"] = true
		v = mine(v, "called", maxCalls)
		v.Mine.ProposeNoShow = false
		(&clerk{}).decide(r, v, 0)
		if len(r.problems) != 1 {
			t.Errorf("problems = %q; want one", r.problems)
		}
	})
}

func TestDone(t *testing.T) {
	tests := []struct {
		name    string
		do      string
		ans     answer
		outcome string
		refused string
		fails   bool
	}{
		{name: "served", do: "end", outcome: "served"},
		{name: "cancelled", do: "cancel", outcome: "cancelled"},
		{name: "no-show", do: "no_show", outcome: "no_show"},
		{name: "part of the game", do: "next", ans: answer{Key: "refuse.nobody"}, refused: "nobody"},
		{name: "not part of the game", do: "next", ans: answer{Key: "refuse.no_desk", Error: "?"}, fails: true},
		{name: "unknown command", do: "dance", ans: answer{Key: "refuse.nobody"}, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, g, _ := scene(person{})
			err := r.done(order(tt.do, g, "outcome", "served"), tt.ans, 0)
			if (err != nil) != tt.fails || g.outcome != tt.outcome || tt.refused != "" && r.refused[tt.refused] != 1 {
				t.Errorf("done = %v, outcome %q, refused %v; want fails=%t %q %q", err, g.outcome, r.refused, tt.fails, tt.outcome, tt.refused)
			}
		})
	}
}

// FuzzDecide: whatever the desk shows, the clerk does something or waits.
func FuzzDecide(f *testing.F) {
	f.Add([]byte(`{"speed":1,"permanence":{"status":"open"},"mine":{"id":"v5","number":5,"state":"serving"}}`), uint64(1), int64(time.Hour))
	f.Add([]byte(`{"waiting":[{"number":5}],"banners":[{"key":"power_cut","actions":[{}]}]}`), uint64(2), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64, now int64) {
		var v deskView
		if json.Unmarshal(data, &v) != nil || v.Speed <= 0 {
			return
		}
		r, _, _ := scene(plan(seed, village(1)).People[0])
		r.observe(v)
		(&clerk{first: true}).decide(r, v, time.Duration(now))
		r.identity(v.Counts)
	})
}
