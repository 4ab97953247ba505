package wait_test

import (
	"fmt"
	"time"

	"jeudi/firmware/session"
	"jeudi/firmware/wait"
)

// A box makes a model when a permanence begins, forecasts after each event, and
// learns when it is over.
func Example() {
	nine := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	plan := session.Plan{
		ID: session.ID{1}, From: nine, Until: nine.Add(3 * time.Hour), Slot: 30 * time.Minute,
		Desks: []session.Desk{{Key: "1", Label: "Bureau 1", Roles: []session.Role{session.Mediator}}},
	}
	now := session.Moment{Wall: nine, Boot: session.ID{1}}
	var state session.State
	sent := byte(0)
	give := func(order session.Order) {
		sent++
		events, _ := session.Decide(state, session.Command{ID: session.ID{sent}, Order: order}, now)
		for _, e := range events {
			state = session.Evolve(state, e)
		}
	}

	var learned wait.Learned // read from the ledger
	model := wait.NewModel(learned, plan.Slot, plan.Motifs)
	ask := func() (wait.Forecast, *wait.Queue) {
		q := wait.FromState(state, now, model, wait.Room{})
		return q.Forecast(), q
	}

	give(session.Take{Plan: plan, Visit: session.ID{101}})
	f, _ := ask()
	fmt.Println("before it opens, unknown:", f.Newcomer(session.Anyone).Unknown)
	give(session.StartPermanence{Plan: plan, Desk: "1"})
	give(session.CallNext{Desk: "1"})
	give(session.Start{Desk: "1"})
	for n := range byte(7) {
		give(session.Take{Plan: plan, Visit: session.ID{102 + n}})
	}
	f, q := ask()
	second := f.Of(session.ID{102})
	fmt.Println("the second waits", second.Low, "to", second.High)
	may, _ := q.Slot("1")
	fmt.Println("the first may have", may, "- too many already:", f.Late())

	now = now.Add(25 * time.Minute)
	give(session.End{Desk: "1", Outcome: session.Served})
	give(session.CallNext{Desk: "1"})
	var calibration wait.Calibration
	called, _ := state.Visit(session.ID{102})
	waited, _ := wait.Waited(called)
	calibration.Add(second, waited)
	times, n := calibration.Tenths()
	fmt.Println("held", times, "times in ten, of", n)
	give(session.Close{Desk: "1", Rest: session.Left})
	learned.Learn(state)
	for v := range state.Visits() { // on the box: from a batch of sheets
		if bin, ok := wait.Took(v, state.Ended); ok {
			learned.AddBin(v.Declared, bin)
		}
	}
	fmt.Println("learned from", learned.All(), "service")
	// Output:
	// before it opens, unknown: true
	// the second waits 10m0s to 1h0m0s
	// the first may have 30m0s - too many already: true
	// held 10 times in ten, of 1
	// learned from 1 service
}
