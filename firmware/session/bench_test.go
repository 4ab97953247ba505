package session

import (
	"fmt"
	"testing"
	"time"
)

// run decides, evolves and reacts, as the box does for every command.
func run(b *testing.B, s State, c Command, at Moment) State {
	events, err := Decide(s, c, at)
	if err != nil {
		b.Fatalf("Decide(%+v) = %v", c.Order, err)
	}
	for _, e := range events {
		s = Evolve(s, e)
		React(s, e)
	}
	return s
}

// BenchmarkMorning300 takes three hundred people through ticket, call, start and end.
func BenchmarkMorning300(b *testing.B) {
	b.ReportAllocs()
	start := Moment{Wall: opening, Boot: id('b', 1), Trust: Trusted}
	plan := testPlan()
	var s State
	for b.Loop() {
		s = State{}
		at, sent := start, 0
		give := func(o Order) {
			sent++
			at = at.Add(7 * time.Second)
			s = run(b, s, Command{id('c', sent), o}, at)
		}
		give(StartPermanence{Plan: plan, Desk: "a"})
		for n := range 300 {
			give(Take{Plan: plan, Visit: visit(n), Motif: "papers", Lang: "fr"})
			if n < 20 {
				continue // twenty wait at any time
			}
			give(CallNext{"a"})
			give(Start{"a"})
			give(End{Desk: "a", Outcome: Served})
		}
		for range 20 {
			give(CallNext{"c"})
			give(Start{"c"})
			give(End{Desk: "c", Outcome: Served})
		}
		give(Close{Desk: "a"})
	}
	if s.Totals.Served != 300 {
		b.Fatalf("Totals = %+v; want 300 served", s.Totals)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1202, "ns/command")
}

// BenchmarkTake gives one ticket more to so many who wait: it must not cost more
// on a busy day than on a quiet one.
func BenchmarkTake(b *testing.B) {
	for _, size := range []int{10, 300, 3000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			at := Moment{Wall: opening, Boot: id('b', 1), Trust: Trusted}
			plan := testPlan()
			s := run(b, State{}, Command{id('o', 1), StartPermanence{Plan: plan, Desk: "a"}}, at)
			for n := range size {
				at = at.Add(time.Second)
				s = run(b, s, Command{id('c', n), Take{Plan: plan, Visit: visit(n)}}, at)
			}
			c := Command{id('c', size), Take{Plan: plan, Visit: visit(size)}}
			for b.Loop() {
				run(b, s, c, at)
			}
		})
	}
}
