package report

import (
	"reflect"
	"testing"
	"time"

	"jeudi/firmware/session"
)

// visits are the counts of bands.
func visits(bands []Band) (list []int) {
	for _, b := range bands {
		list = append(list, b.Visits)
	}
	return list
}

func tallied(list []Tally) (n []int) {
	for _, t := range list {
		n = append(n, t.N)
	}
	return n
}

func TestTable(t *testing.T) {
	const m = time.Minute
	next, here := session.CallNext{Desk: "a"}, session.Start{Desk: "a"}
	whole := 3 * time.Hour
	closed := session.Close{Desk: "a", Rest: session.Left}
	tests := []struct {
		name                 string
		given                []any
		services             []int
		capacity, busy, down int
	}{
		{"nobody came", []any{open(), whole, closed}, []int{0, 0, 0, 0, 0}, 0, 0, 0},
		{"one person, an hour at one desk of two", []any{10 * m, open(), take(1), next, here, time.Hour, end(session.Served), 2 * time.Hour, closed},
			[]int{0, 0, 0, 1, 0}, 180, 60, 0},
		{"called and not come: the desk was there", []any{10 * m, open(), take(1), next, 3 * time.Hour, closed}, []int{0, 0, 0, 0, 0}, 180, 0, 0},
		{"two desks", []any{10 * m, open(), take(1), take(2), next, here, session.CallNext{Desk: "b"}, session.Start{Desk: "b"}, 30 * m, end(session.Served),
			session.End{Desk: "b", Outcome: session.Served}, 150 * m, closed}, []int{0, 0, 2, 0, 0}, 360, 60, 0},
		{"held in between: both stretches are one service", []any{10 * m, open(), take(1), next, here, 10 * m, session.Hold{Desk: "a", Reason: session.OtherReason}, 40 * m,
			session.Return{Desk: "a", Visit: id('v', 1)}, next, here, 10 * m, end(session.Served), 2 * time.Hour, closed}, []int{0, 1, 0, 0, 0}, 180, 20, 0},
		{"left open overnight", []any{10 * m, open(), take(1), next, here, 20 * m, end(session.Served), 20 * time.Hour, closed}, []int{0, 1, 0, 0, 0}, 180, 20, 0},
		{"received beyond the planned end", []any{10 * m, open(), take(1), 170 * m, next, here, 70 * m, end(session.Served), time.Hour, closed}, []int{0, 0, 0, 1, 0}, 240, 70, 0},
		{"a cut during a service: its length is not known", []any{10 * m, open(), take(1), next, here, 10 * m, cut(5 * m), session.Resume{Desk: "a"}, 5 * m, end(session.Served), whole, closed},
			[]int{0, 0, 0, 0, 0}, 180, 20, 15},
	}
	for _, tt := range tests {
		b := after(t, tt.given...)
		r := Closing(b.s, b.now)
		if got := visits(r.Services); !reflect.DeepEqual(got, tt.services) {
			t.Errorf("%s: services %v; want %v", tt.name, got, tt.services)
		}
		if r.Capacity != tt.capacity || r.Busy != tt.busy || r.Down != tt.down {
			t.Errorf("%s: %d minutes of desks, %d of services, %d off; want %d, %d, %d", tt.name, r.Capacity, r.Busy, r.Down, tt.capacity, tt.busy, tt.down)
		}
		if part, ok := r.Occupancy(); ok != (tt.capacity > 0) || ok && part != float64(tt.busy)/float64(tt.capacity) {
			t.Errorf("%s: Occupancy() = %v, %t; want %d of %d", tt.name, part, ok, tt.busy, tt.capacity)
		}
	}
}

func TestTableByNeed(t *testing.T) {
	p := plan()
	p.Motifs = []session.Motif{{Key: "caf", Need: session.SocialWorker, Class: session.Long}, {Key: "sante"}}
	first := session.Take{Plan: p, Visit: id('v', 1), Lang: "fr", Motif: "caf"}
	b := after(t, first, session.Take{Visit: id('v', 2), Lang: "fr", Motif: "sante"}, take(3))
	r := Closing(b.s, b.now)
	if got, want := tallied(r.Roles), []int{0, 1, 0, 0, 2}; !reflect.DeepEqual(got, want) {
		t.Errorf("roles = %v; want %v", got, want)
	}
	if got, want := tallied(r.Classes), []int{0, 2, 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("classes = %v; want %v", got, want)
	}
}

// A permanence that is reopened goes on from its table, row by row.
func TestTableOfAReopenedPermanence(t *testing.T) {
	b := after(t, morning()...)
	first := Closing(b.s, b.now)
	earlier := first.Earlier(b.s.Next + 1)
	again := after(t, time.Hour, session.Reopen{Desk: "a", Coordinator: true, Plan: plan(), Closed: earlier, Opened: b.s.Opened}, session.Resume{Desk: "a"},
		take(20), session.CallNext{Desk: "a"}, session.Start{Desk: "a"}, 20*time.Minute, end(session.Served), session.Close{Desk: "a"})
	r := Closing(again.s, again.now)
	if got, want := visits(r.Services), []int{2, 1, 0, 0, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("services = %v; want those of before and one more, %v", got, want)
	}
	if got, want := tallied(r.Roles)[4], 9; got != want {
		t.Errorf("tickets for anybody = %d; want %d", got, want)
	}
	if r.Capacity != first.Capacity+20 || r.Busy != first.Busy+20 || r.Down != first.Down {
		t.Errorf("%d, %d, %d minutes; want 20 more of desks and of services than %d, %d, and %d", r.Capacity, r.Busy, r.Down, first.Capacity, first.Busy, first.Down)
	}
	if got := (Report{}).worked(); got != nil {
		t.Errorf("the table of a report of before = %v; want none", got)
	}
}
