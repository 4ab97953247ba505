package wait

import (
	"encoding/binary"
	"testing"
	"time"

	"jeudi/firmware/session"
)

// paris is fixed, so that the tests need no time zone database.
var paris = time.FixedZone("CET", 3600)

// opening is a Thursday at nine.
var opening = time.Date(2026, 3, 5, 9, 0, 0, 0, paris)

func id(kind byte, n int) session.ID {
	i := session.ID{kind}
	binary.BigEndian.PutUint64(i[8:], uint64(n))
	return i
}

// visit is the identity of the n-th ticket.
func visit(n int) session.ID { return id('v', n) }

// testPlan is a morning with two desks for everybody and one that two professions share.
func testPlan() session.Plan {
	return session.Plan{
		ID: id('p', 1), Place: "Centre social", From: opening, Until: opening.Add(3 * time.Hour),
		TicketsBefore: 15 * time.Minute, Slot: 30 * time.Minute,
		Desks: []session.Desk{
			{Key: "a", Label: "Accueil", Roles: []session.Role{session.Reception}},
			{Key: "b", Label: "Bureau 2", Roles: []session.Role{session.SocialWorker, session.Mediator}},
			{Key: "c", Label: "Bureau 3", Roles: []session.Role{session.Reception}},
		},
		Motifs: []session.Motif{
			{Key: "papers"},
			{Key: "rights", Need: session.SocialWorker, Class: session.Long},
			{Key: "phone", Need: session.Mediator, Class: session.Short},
		},
	}
}

// oneDesk is a morning with a single desk.
func oneDesk() session.Plan {
	p := testPlan()
	p.Desks = p.Desks[:1]
	p.Motifs = []session.Motif{{Key: "papers"}, {Key: "phone", Class: session.Short}, {Key: "rights", Class: session.Long}}
	return p
}

// box is a session with a clock in the hand of the test.
type box struct {
	t    testing.TB
	plan session.Plan
	s    session.State
	now  session.Moment
	sent int
	next int // ticket
}

// given is a box at nine on which the steps happened: an Order that must not be
// refused, a time.Duration that passes, or the motif of somebody who takes a ticket.
func given(t testing.TB, plan session.Plan, steps ...any) *box {
	t.Helper()
	b := &box{t: t, plan: plan, now: session.Moment{Wall: opening, Mono: time.Hour, Boot: id('b', 1), Trust: session.Trusted}}
	return b.play(steps...)
}

func (b *box) play(steps ...any) *box {
	b.t.Helper()
	for i, step := range steps {
		switch step := step.(type) {
		case time.Duration:
			b.now = b.now.Add(step)
		case string:
			b.next++
			if err := b.give(session.Take{Plan: b.plan, Visit: visit(b.next), Motif: step, Lang: "fr"}); err != nil {
				b.t.Fatalf("step %d: a ticket for %q = %v; want no refusal", i, step, err)
			}
		case session.Order:
			if err := b.give(step); err != nil {
				b.t.Fatalf("step %d: Decide(%+v) = %v; want no refusal", i, step, err)
			}
		default:
			b.t.Fatalf("step %d: %T is no step", i, step)
		}
	}
	return b
}

func (b *box) give(o session.Order) error {
	b.sent++
	events, err := session.Decide(b.s, session.Command{ID: id('c', b.sent), Order: o}, b.now)
	for _, e := range events {
		b.s = session.Evolve(b.s, e)
	}
	return err
}

// model knows nothing of the place.
func (b *box) model() *Model { return NewModel(Learned{}, b.plan.Slot, b.plan.Motifs) }

func (b *box) queue() *Queue { return FromState(b.s, b.now, b.model(), Room{}) }

func (b *box) forecast() Forecast { return b.queue().Forecast() }

func open(plan session.Plan) session.StartPermanence {
	return session.StartPermanence{Plan: plan, Desk: "a"}
}

func call(desk string) session.CallNext { return session.CallNext{Desk: desk} }
func start(desk string) session.Start   { return session.Start{Desk: desk} }
func served(desk string) session.End {
	return session.End{Desk: desk, Outcome: session.Served}
}
