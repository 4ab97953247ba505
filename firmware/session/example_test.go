package session_test

import (
	"errors"
	"fmt"
	"time"

	"jeudi/firmware/session"
)

// A box keeps a State, decides each command against it, and evolves it with the
// events. It acts on what React says only once the events are on the disk.
func Example() {
	nine := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	plan := session.Plan{
		From: nine, Until: nine.Add(3 * time.Hour), TicketsBefore: 15 * time.Minute,
		Desks: []session.Desk{{Key: "1", Label: "Bureau 1", Roles: []session.Role{session.Reception}}},
	}
	now := session.Moment{Wall: nine, Boot: session.ID{1}}
	var state session.State
	give := func(id byte, order session.Order) {
		events, err := session.Decide(state, session.Command{ID: session.ID{id}, Order: order}, now)
		if refusal, ok := errors.AsType[*session.Refusal](err); ok {
			fmt.Println("refused:", refusal.Msg.Key)
			return
		}
		for _, e := range events {
			state = session.Evolve(state, e)
			fmt.Println(session.TypeOf(e.Body))
			for _, effect := range session.React(state, e) {
				if call, ok := effect.(session.Announce); ok {
					fmt.Printf("→ number %d, %s\n", call.Number, call.Desk)
				}
			}
		}
	}

	give(1, session.Take{Plan: plan, Visit: session.ID{100}, Lang: "fr"})
	give(2, session.CallNext{Desk: "1"})
	give(3, session.StartPermanence{Plan: plan, Desk: "1"})
	give(4, session.CallNext{Desk: "1"})
	give(4, session.CallNext{Desk: "1"}) // the same command again changes nothing
	give(5, session.End{Desk: "1", Outcome: session.Served})
	fmt.Printf("issued %d, served %d, here %d\n", state.Totals.Issued, state.Totals.Served, state.Here())
	// Output:
	// planned
	// taken
	// refused: refuse.not_open
	// opened
	// called
	// → number 1, Bureau 1
	// started
	// ended
	// issued 1, served 1, here 0
}
