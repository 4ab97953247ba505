package rehearse

import (
	"strings"
	"testing"
	"time"
)

func TestIdentity(t *testing.T) {
	full := func(issued, served, noShow, here int) map[string]int {
		return map[string]int{"issued": issued, "served": served, "no_show": noShow, "here": here}
	}
	tests := []struct {
		name   string
		base   map[string]int
		ours   map[int]string // number → outcome
		counts map[string]int
		want   string // of the line; BROKEN in it when broken
	}{
		{name: "all is well", ours: map[int]string{1: "served", 2: "no_show"}, counts: full(2, 1, 1, 0),
			want: "identity ok: issued=2 served=1 no_show=1 left=0 cancelled=0 misrouted=0 oriented=0 unresolved=0 here=0"},
		{name: "others came too", ours: map[int]string{2: "served"}, counts: full(3, 2, 0, 1), want: "identity ok: issued=3 served=2 "},
		{name: "others were there before", base: full(4, 3, 0, 1), ours: map[int]string{5: "served"}, counts: full(5, 5, 0, 0), want: "identity ok"},
		{name: "the box does not add up", ours: map[int]string{1: "served"}, counts: full(2, 1, 0, 0), want: "BROKEN: issued=2 served=1 no_show=0 left=0 cancelled=0 misrouted=0 oriented=0 unresolved=0 here=0: the outcomes add up to 1"},
		{name: "a number beyond the issued", ours: map[int]string{7: "served"}, counts: full(1, 1, 0, 0), want: "number 7 was acknowledged and is not among the issued"},
		{name: "a ticket without outcome", ours: map[int]string{1: ""}, counts: full(1, 0, 0, 1), want: "number 1 has no outcome"},
		{name: "acknowledged and not counted", ours: map[int]string{1: "served", 2: "served"}, counts: full(1, 1, 0, 0), want: "BROKEN"},
		{name: "another outcome than acknowledged", ours: map[int]string{1: "served"}, counts: full(1, 0, 1, 0), want: "served is 0, and 1 were acknowledged"},
		{name: "an outcome nobody gave", ours: map[int]string{1: "served", 2: "served"}, counts: full(2, 1, 1, 0), want: "BROKEN"},
		{name: "somebody else ended ours", ours: map[int]string{1: elsewhere}, counts: full(1, 0, 1, 0), want: "identity ok"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(morning{People: make([]person, len(tt.ours)+1)}, 1, tt.base)
			i := 0
			for n, o := range tt.ours {
				r.ticket(r.guests[i], n, "", 0)
				r.guests[i].outcome = o
				i++
			}
			line, ok := r.identity(tt.counts)
			if !strings.Contains(line, tt.want) || ok != strings.HasPrefix(line, "identity ok: ") || ok == strings.Contains(line, "BROKEN") {
				t.Errorf("identity = %q, %t; want %q", line, ok, tt.want)
			}
		})
	}
}

func TestTicketTwice(t *testing.T) {
	r := newRoom(morning{People: make([]person, 2)}, 1, nil)
	r.ticket(r.guests[0], 1, "", 0)
	r.ticket(r.guests[0], 1, "", 0) // the same answer again is nothing
	if len(r.problems) != 0 {
		t.Fatalf("problems = %q; want none", r.problems)
	}
	r.ticket(r.guests[1], 1, "", 0)
	r.ticket(r.guests[0], 2, "", 0)
	if len(r.problems) != 2 {
		t.Errorf("problems = %q; want a number given twice, and one that changed", r.problems)
	}
	if line, ok := r.identity(map[string]int{"issued": 1, "here": 1}); ok {
		t.Errorf("identity = %q; want BROKEN", line)
	}
}

// TestObserveMissing: a ticket that no list has was ended by somebody else, or it is lost.
func TestObserveMissing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ended int
		want  string
	}{{"lost", 0, "lost"}, {"ended by somebody else", 1, elsewhere}} {
		t.Run(tt.name, func(t *testing.T) {
			r, g, v := scene(person{})
			v.Counts = map[string]int{"issued": 1, "left": tt.ended}
			for at := time.Minute; at < time.Hour; at += time.Minute {
				v.at = at
				r.observe(v)
			}
			if g.outcome != tt.want || (len(r.problems) > 0) != (tt.want == "lost") {
				t.Errorf("outcome = %q, problems %q; want %q", g.outcome, r.problems, tt.want)
			}
		})
	}
}

func TestObserveEnded(t *testing.T) {
	r, g, v := scene(person{})
	v.Ended = []row{{ID: "v5", Number: 5, Outcome: "reçu"}}
	v.at = time.Second
	if r.observe(v); g.outcome != "" {
		t.Errorf("outcome from a view of the same moment = %q; want none yet", g.outcome)
	}
	v.at = time.Hour
	if r.observe(v); g.outcome != "served" {
		t.Errorf("outcome = %q; want served", g.outcome)
	}
}

func TestPresent(t *testing.T) {
	at := func(minutes int) time.Duration { return time.Duration(minutes) * time.Minute }
	tests := []struct {
		name string
		g    guest
		want bool // at minute 10
	}{
		{"comes", guest{}, true},
		{"has left", guest{gone: true}, false},
		{"late", guest{person: person{Coming: late, Returns: at(3)}, calledAt: at(8)}, false},
		{"late and back", guest{person: person{Coming: late, Returns: at(3)}, calledAt: at(7)}, true},
		{"never", guest{person: person{Coming: never}, calledAt: at(1)}, false},
		{"much later", guest{person: person{Coming: muchLater, Returns: at(3)}, calledAt: at(1)}, false},
		{"much later and back", guest{person: person{Coming: muchLater, Returns: at(3)}, calledAt: at(1), goneAt: at(2)}, true},
	}
	for _, tt := range tests {
		if got := tt.g.present(at(10)); got != tt.want {
			t.Errorf("%s: present = %t; want %t", tt.name, got, tt.want)
		}
	}
}
