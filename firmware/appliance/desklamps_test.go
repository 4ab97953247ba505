package appliance_test

import (
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/sim"
	"jeudi/firmware/session"
)

// The lamps of a desk say what its buttons would do now.
func TestLampsAtADesk(t *testing.T) {
	desk, other := sim.NewPanel(), sim.NewPanel()
	bubble(t, func(b *box) { b.cfg.Desks = map[string]drivers.Panel{"a": desk, "b": other} }, func(t *testing.T, b *box) {
		ctx := t.Context()
		b.open()
		for _, step := range []struct {
			name         string
			do           func() error
			next, absent drivers.Light
			help         drivers.Light
		}{
			{"nobody waits", func() error { return nil }, drivers.Off, drivers.Off, drivers.Off},
			{"somebody waits", func() error { b.take(); return nil }, drivers.Blink, drivers.Off, drivers.Off},
			{"called", func() error { b.do(session.CallNext{Desk: "a"}); return nil }, drivers.On, drivers.On, drivers.Off},
			{"received", func() error { b.do(session.Start{Desk: "a"}); b.take(); return nil }, drivers.Off, drivers.On, drivers.Off},
			{"help asked", func() error { return b.AskDesks(ctx, "a") }, drivers.Off, drivers.On, drivers.Blink},
			{"somebody comes", func() error { return b.ComeToDesk(ctx, "b", 1) }, drivers.Off, drivers.On, drivers.On},
			{"help is over", func() error { return b.EndDeskHelp(ctx, 1) }, drivers.Off, drivers.On, drivers.Off},
			{"free, and somebody waits", func() error { b.do(session.End{Desk: "a", Outcome: session.Served}); return nil }, drivers.Blink, drivers.Off, drivers.Off},
			{"a pause", func() error { b.do(session.Pause{Desk: "a"}); return nil }, drivers.Off, drivers.Off, drivers.Off},
		} {
			if err := step.do(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			b.settle()
			l := desk.Lamps()
			if l[drivers.CallNext] != step.next || l[drivers.NoShow] != step.absent || l[drivers.Help] != step.help {
				t.Errorf("%s: « Suivant » %v, « Absent » %v, « Aide » %v; want %v, %v, %v", step.name, l[drivers.CallNext], l[drivers.NoShow], l[drivers.Help], step.next, step.absent, step.help)
			}
		}
		if l := other.Lamps(); l[drivers.Help] != drivers.Off {
			t.Errorf("« Aide » at the other desk is %v; want off", l[drivers.Help])
		}
	})
}
