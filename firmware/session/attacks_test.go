package session

import (
	"testing"
	"time"
)

// TestCase21: the wall clock jumps while a permanence runs, within one start and between
// two: to 1970, a year ahead, an hour back in autumn, an hour ahead in spring. The order
// is that of the tickets, the rest of somebody who did not come ends after its minutes,
// and no wait is longer than what really passed.
func TestCase21(t *testing.T) {
	for name, wall := range map[string]func(time.Time) time.Time{
		"1970":         func(time.Time) time.Time { return time.Date(1970, 1, 1, 0, 0, 5, 0, time.UTC) },
		"a year ahead": func(w time.Time) time.Time { return w.AddDate(1, 0, 0) },
		"a year back":  func(w time.Time) time.Time { return w.AddDate(-1, 0, 0) },
		"autumn":       func(w time.Time) time.Time { return w.Add(-time.Hour) },
		"spring":       func(w time.Time) time.Time { return w.Add(time.Hour) },
		"no clock":     func(time.Time) time.Time { return time.Time{} },
	} {
		for _, restart := range []bool{false, true} {
			b := open3(t, next("a"), SetAside{"a"})
			since := b.now
			b.play(time.Minute)
			b.now.Wall = wall(b.now.Wall)
			if name == "a year ahead" {
				// Nobody can tell it from a box that was left for a year, which asks staff: see
				// TestLeftOpen. It is no year of waiting.
				b.boots++
				b.now.Boot = id('b', b.boots)
				b.play(Interrupt{}).refuses(Resume{"a"}, ErrLeftOpen)
				b.line(1, 2, 3)
				continue
			}
			if restart {
				b.boots++
				b.now.Mono, b.now.Boot = 7*time.Second, id('b', b.boots)
				b.play(Interrupt{}, Resume{"a"})
			}
			b.play(take(4))
			b.line(1, 2, 3, 4)
			if !restart { // one that is not known to have ended is still under way
				b.calls("b", 2)
				if passed, exact := b.now.Sub(since); !exact || passed > 2*time.Minute {
					t.Errorf("%s: %v passed (exact: %v); want the minute that did", name, passed, exact)
				}
			}
			b.play(AbsentRest)
			b.calls("c", 1)
			b.play(take(5))
			if got := b.visit(5).Number; got != 5 {
				t.Errorf("%s: the next number is %d; want 5", name, got)
			}
			if t.Failed() {
				t.Fatalf("%s, restart %v", name, restart)
			}
		}
	}
}
