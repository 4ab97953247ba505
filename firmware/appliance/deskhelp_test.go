package appliance_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/sim"
	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
)

// A desk asks once, the first who comes is named, and an answer that comes too late
// changes nothing. The loudspeaker is silent.
func TestHelpBetweenDesks(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		time.Sleep(10 * time.Second)
		sounds := b.sounds()
		type call struct {
			call   uint64
			desk   string
			coming string
		}
		for _, step := range []struct {
			name string
			do   func() error
			err  error
			want []call
		}{
			{"asked", func() error { return b.AskDesks(ctx, "a") }, nil, []call{{1, "a", ""}}},
			{"asked again", func() error { return b.AskDesks(ctx, "a") }, nil, []call{{1, "a", ""}}},
			{"its own answer", func() error { return b.ComeToDesk(ctx, "a", 1) }, nil, []call{{1, "a", ""}}},
			{"an answer to another call", func() error { return b.ComeToDesk(ctx, "b", 7) }, nil, []call{{1, "a", ""}}},
			{"no desk answers", func() error { return b.ComeToDesk(ctx, "z", 1) }, session.ErrNoDesk, []call{{1, "a", ""}}},
			{"no desk asks", func() error { return b.AskDesks(ctx, "z") }, session.ErrNoDesk, []call{{1, "a", ""}}},
			{"somebody comes", func() error { return b.ComeToDesk(ctx, "b", 1) }, nil, []call{{1, "a", "b"}}},
			{"the other asks too", func() error { return b.AskDesks(ctx, "b") }, nil, []call{{1, "a", "b"}, {2, "b", ""}}},
			{"the first is over", func() error { return b.EndDeskHelp(ctx, 1) }, nil, []call{{2, "b", ""}}},
			{"over twice", func() error { return b.EndDeskHelp(ctx, 1) }, nil, []call{{2, "b", ""}}},
			{"a new call", func() error { return b.AskDesks(ctx, "a") }, nil, []call{{2, "b", ""}, {3, "a", ""}}},
			{"a stale answer", func() error { return b.ComeToDesk(ctx, "b", 1) }, nil, []call{{2, "b", ""}, {3, "a", ""}}},
			{"a stale end", func() error { return b.EndDeskHelp(ctx, 1) }, nil, []call{{2, "b", ""}, {3, "a", ""}}},
		} {
			if err := step.do(); !errors.Is(err, step.err) {
				t.Errorf("%s = %v; want %v", step.name, err, step.err)
			}
			var got []call
			for _, h := range b.Snapshot().DeskHelps {
				got = append(got, call{h.Call, h.Desk, h.Coming})
			}
			if !slices.Equal(got, step.want) {
				t.Errorf("%s: calls %+v; want %+v", step.name, got, step.want)
			}
		}
		if got := b.sounds(); got != sounds {
			t.Errorf("%d sounds came from the loudspeaker; want none: who sits there must not hear", got-sounds)
		}
		b.do(session.Close{Desk: "a"})
		if got := b.Snapshot().DeskHelps; len(got) != 0 {
			t.Errorf("after the close %+v; want no call", got)
		}
	})
}

// The meaning of a button at a desk follows who is there.
func TestMeaningsOfAButton(t *testing.T) {
	desk := sim.NewPanel()
	bubble(t, func(b *box) { b.cfg.Desks = map[string]drivers.Panel{"a": desk} }, func(t *testing.T, b *box) {
		b.open()
		b.take()
		b.take()
		for _, step := range []struct {
			name  string
			press drivers.Action
			after time.Duration
			n     session.Number
			state session.VisitState
			calls int
		}{
			{"« Suivant » calls", drivers.CallNext, 0, 1, session.Called, 1},
			{"again at once is one call", drivers.CallNext, time.Second, 1, session.Called, 1},
			{"again is a recall", drivers.CallNext, time.Minute, 1, session.Called, 2},
			{"« Absent » of the called puts aside", drivers.NoShow, 0, 1, session.Waiting, 2},
			{"« Suivant » calls the next", drivers.CallNext, 0, 2, session.Called, 1},
		} {
			time.Sleep(step.after)
			desk.Press(step.press)
			b.settle()
			if v := b.visit(step.n); v.State() != step.state || v.Calls != step.calls {
				t.Errorf("%s: %s with %d calls; want %s, %d", step.name, v.State(), v.Calls, step.state, step.calls)
			}
		}
		b.do(session.Start{Desk: "a"})
		desk.Press(drivers.CallNext) // somebody sits there
		b.settle()
		if v := b.visit(2); v.State() != session.Serving {
			t.Errorf("« Suivant » with somebody there: %s; want serving still", v.State())
		}
		desk.Press(drivers.NoShow)
		b.settle()
		if v := b.visit(2); v.State() != session.Done || v.Outcome != session.Served {
			t.Errorf("« Terminé »: %s, %s; want done, served", v.State(), v.Outcome)
		}
		b.do(session.Undo{Desk: "a"}) // one press takes nothing away
		if v := b.visit(2); v.State() != session.Serving {
			t.Errorf("taken back: %s; want serving", v.State())
		}
		for _, step := range []struct {
			name  string
			after time.Duration
			state session.VisitState
			lamp  drivers.Light
		}{
			{"« Attente » puts aside", 0, session.Held, drivers.Breathe},
			{"again at once is one press", time.Second, session.Held, drivers.Breathe},
			{"later, whoever waits there comes back", time.Minute, session.Waiting, drivers.Off},
			{"and nobody is left to come", time.Minute, session.Waiting, drivers.Off},
		} {
			time.Sleep(step.after)
			desk.Press(drivers.Hold)
			b.settle()
			if v, lamp := b.visit(2), desk.Lamps()[drivers.Hold]; v.State() != step.state || lamp != step.lamp {
				t.Errorf("%s: %s, its lamp %v; want %s, %v", step.name, v.State(), lamp, step.state, step.lamp)
			}
		}
		if in := b.visit(2).Intervals; in[len(in)-2].Reason != session.OtherReason {
			t.Errorf("put aside for %q; want %q: a button has no list", in[len(in)-2].Reason, session.OtherReason)
		}
		b.do(session.CallNext{Desk: "a"})
		if v := b.visit(2); v.State() != session.Called || desk.Lamps()[drivers.Hold] != drivers.On {
			t.Errorf("after « Attente » the next is %s; want 2 called", v.State())
		}
		b.do(session.StepOut{Visit: b.take().Visit, For: 15 * time.Minute})
		b.do(session.End{Desk: "a", Outcome: session.Served})
		desk.Press(drivers.Hold)
		b.settle()
		if v := b.visit(3); v.State() != session.Held {
			t.Errorf("« Attente » with somebody who stepped out: %s; want held still", v.State())
		}
		desk.Press(drivers.Help)
		b.settle()
		want := appliance.DeskHelp{Call: 1, Desk: "a"}
		if got := b.Snapshot().DeskHelps; len(got) != 1 || got[0].Call != want.Call || got[0].Desk != want.Desk || b.Snapshot().Help != nil {
			t.Errorf("« Aide » at a desk: %+v; want %+v, and no help at the kiosk", got, want)
		}
	})
}
