package appliance_test

import (
	"testing"
	"time"

	"jeudi/firmware/session"
)

// The team's stretch without a pause begins with the first person, goes on over short
// gaps and over whoever receives, and ends with a pause.
func TestUnbroken(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *box) {
		began := time.Now()
		since := func() int { // minutes after the beginning, -1 for none
			if m := b.Snapshot().Unbroken(); m != (session.Moment{}) {
				return int(m.Wall.Sub(began).Round(time.Minute) / time.Minute)
			}
			return -1
		}
		wait := func(minutes int) { time.Sleep(time.Duration(minutes) * time.Minute) }
		for _, step := range []struct {
			name string
			do   func()
			want int
		}{
			{"open, nobody", func() { b.open() }, -1},
			{"the first person", func() { wait(5); b.take(); b.do(session.CallNext{Desk: "a"}) }, 5},
			{"another desk takes over", func() {
				wait(10)
				b.take()
				b.do(session.CallNext{Desk: "b"})
				b.do(session.End{Desk: "a", Outcome: session.Served})
				wait(10)
				b.do(session.End{Desk: "b", Outcome: session.Served})
			}, 5},
			{"a gap of five minutes", func() { wait(5); b.take(); b.do(session.CallNext{Desk: "a"}) }, 5},
			{"a gap of ten minutes", func() { b.do(session.End{Desk: "a", Outcome: session.Served}); wait(10); b.take() }, -1},
			{"then the next", func() { b.do(session.CallNext{Desk: "b"}) }, 40},
			{"a pause", func() { wait(5); b.do(session.Pause{Desk: "a"}) }, -1},
			{"and again", func() { wait(5); b.do(session.Resume{Desk: "a"}) }, 50},
		} {
			step.do()
			if got := since(); got != step.want {
				t.Errorf("%s: since minute %d; want %d", step.name, got, step.want)
			}
		}
	})
}
