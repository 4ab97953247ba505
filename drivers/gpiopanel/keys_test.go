package gpiopanel

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"jeudi/drivers"
)

func TestKeys(t *testing.T) {
	const previous, next, ok = 0, 1, 2
	const nobody = -1
	// A step is what happens at a second; then all that time brings is taken.
	type step struct {
		at     float64
		key    int
		change change
		wire   string
	}
	down := func(at float64, k int) step { return step{at: at, key: k, change: pressed} }
	up := func(at float64, k int) step { return step{at: at, key: k, change: released} }
	wait := func(at float64) step { return step{at: at, key: nobody} }
	for _, c := range []struct {
		name    string
		given   []step
		want    []string
		faults  []string
		noChord bool
	}{
		{name: "presses", given: []step{down(1, ok), up(2, ok), down(3, next), up(4, next)}, want: []string{"1 pressed ok", "3 pressed next"}},
		{name: "held is one press", given: []step{down(1, ok), wait(20), up(29, ok), wait(99)}, want: []string{"1 pressed ok"}},
		{name: "stuck after 30 s, said once, freed when it opens", given: []step{down(1, ok), wait(30.9), wait(31), wait(60), up(70, ok), down(71, ok)},
			want: []string{"1 pressed ok", "31 stuck ok", "70 freed ok", "71 pressed ok"}},
		{name: "stuck lasts", given: []step{down(1, ok), wait(31)}, want: []string{"1 pressed ok", "31 stuck ok"}, faults: []string{"stuck ok"}},
		{name: "the rest works", given: []step{down(1, ok), wait(31), down(32, next), up(33, next)},
			want: []string{"1 pressed ok", "31 stuck ok", "32 pressed next"}, faults: []string{"stuck ok"}},
		{name: "down from the start is stuck, never pressed", given: []step{{at: 0, key: ok, change: isDown}, wait(30), up(40, ok)},
			want: []string{"30 stuck ok", "40 freed ok"}},
		{name: "up from the start is nothing", given: []step{{at: 0, key: ok, change: isUp}, wait(100)}},

		{name: "previous and next for 3 s are staff", given: []step{down(1, previous), down(2, next), wait(4.9), wait(5), wait(20), up(21, next)},
			want: []string{"1 pressed previous", "2 pressed next", "5 pressed staff"}},
		{name: "staff again only after letting go", given: []step{down(1, previous), down(1, next), wait(4), up(5, next), wait(6), down(7, next), wait(10)},
			want: []string{"1 pressed previous", "1 pressed next", "4 pressed staff", "7 pressed next", "10 pressed staff"}},
		{name: "not held for long enough", given: []step{down(1, previous), down(1, next), up(3.9, previous), wait(20)},
			want: []string{"1 pressed previous", "1 pressed next"}},
		{name: "one of them with another is nothing", given: []step{down(1, previous), down(1, ok), wait(20)}, want: []string{"1 pressed previous", "1 pressed ok"}},
		{name: "a stuck one is no half of a chord", given: []step{down(1, previous), wait(31), down(40, next), wait(50)},
			want: []string{"1 pressed previous", "31 stuck previous", "40 pressed next"}, faults: []string{"stuck previous"}},
		{name: "nor is one down from the start", given: []step{{at: 0, key: previous, change: isDown}, down(1, next), wait(9)}, want: []string{"1 pressed next"}},
		{name: "no chord where none is wanted", noChord: true, given: []step{down(1, previous), down(1, next), wait(20)},
			want: []string{"1 pressed previous", "1 pressed next"}},

		{name: "lost and found", given: []step{{at: 1, key: ok, wire: "cut"}, down(2, ok), up(3, ok), {at: 4, key: ok, wire: "whole"}, down(5, ok)},
			want: []string{"1 lost ok", "4 found ok", "5 pressed ok"}},
		{name: "lost twice is lost once", given: []step{{at: 1, key: ok, wire: "cut"}, {at: 2, key: ok, wire: "cut"}}, want: []string{"1 lost ok"}, faults: []string{"lost ok"}},
		{name: "never lost is not found", given: []step{{at: 1, key: ok, wire: "whole"}}},
		{name: "stuck and lost", given: []step{down(1, ok), wait(31), {at: 40, key: ok, wire: "cut"}, wait(99)},
			want: []string{"1 pressed ok", "31 stuck ok", "40 freed ok", "40 lost ok"}, faults: []string{"lost ok"}},
		{name: "a lost one does not stick; found down, it may", given: []step{{at: 1, key: ok, wire: "cut"}, down(2, ok), wait(60), {at: 70, key: ok, wire: "whole"}, wait(99.9), wait(100), up(101, ok)},
			want: []string{"1 lost ok", "70 found ok", "100 stuck ok", "101 freed ok"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := keys{key: []key{{action: drivers.Previous}, {action: drivers.Next}, {action: drivers.OK}}, stuckAfter: 30 * time.Second, chordAfter: 3 * time.Second}
			if !c.noChord {
				k.chord = []int{previous, next}
			}
			var got []string
			start := time.Unix(0, 0)
			for _, s := range c.given {
				now := start.Add(time.Duration(s.at * float64(time.Second)))
				due := k.next()
				var signals []drivers.Signal
				switch {
				case s.wire != "":
					signals = k.wire(s.key, s.wire == "whole", now)
				case s.key != nobody:
					signals = k.change(s.key, s.change, now)
				}
				timed := k.due(now)
				if s.key == nobody && (len(timed) > 0) != (!due.IsZero() && !due.After(now)) {
					t.Errorf("at %v s next() = %v, and due() = %v", s.at, due.Sub(start), timed)
				}
				for _, x := range append(signals, timed...) {
					got = append(got, fmt.Sprintf("%v %v %v", s.at, x.Kind, x.Action))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("signals\n %q; want\n %q", got, c.want)
			}
			var faults []string
			for _, x := range k.faults() {
				faults = append(faults, fmt.Sprintf("%v %v", x.Kind, x.Action))
			}
			if !slices.Equal(faults, c.faults) {
				t.Errorf("faults() = %q; want %q", faults, c.faults)
			}
		})
	}
}
