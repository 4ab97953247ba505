package intake_test

import (
	"reflect"
	"testing"
	"time"

	. "jeudi/firmware/intake"
)

// TestCase52 is row 52 of ATTACKS.md: whoever leaves, on whatever screen, with whatever
// said and set, leaves nothing behind; time alone sees to it.
func TestCase52(t *testing.T) {
	for id, reach := range everyScreen() {
		k := reach(t)
		k.on(id)
		begun := k.c.Now
		for range 20 {
			at, ok := Next(k.s, k.c)
			if !ok {
				break
			}
			d, _ := at.Sub(k.c.Now)
			k.wait(max(d, time.Second))
		}
		if !k.s.Idle() || k.s.Screen != Language {
			t.Errorf("%s: somebody is still there: %+v", id, k.s)
		}
		if got, want := Bare(k.s), New(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: for the next visitor = %+v; want %+v", id, got, want)
		}
		// The longest is the thanks, which a slow reader may keep for a while.
		if took, _ := k.c.Now.Sub(begun); took > 10*time.Minute {
			t.Errorf("%s: erased after %v; want within 10 min", id, took)
		}
	}
}
