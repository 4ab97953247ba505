package gpiopanel

import (
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
)

// TestHeld: what is down is known although it was down before anybody looked; one of two is
// not both, and a panel that is closed holds nothing.
func TestHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{}
		for _, line := range []string{"previous", "next"} {
			b.find(line)
			b[line].ground(true)
		}
		p, err := New(Config{Buttons: []Button{{Action: drivers.Previous, Line: "previous"}, {Action: drivers.Next, Line: "next"}, {Action: drivers.OK, Line: "ok"}}}, b.find)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		check := func(when string, want bool, buttons ...drivers.Action) {
			t.Helper()
			if got := p.Held(buttons...); got != want {
				t.Errorf("%s: Held(%v) = %v; want %v", when, buttons, got, want)
			}
		}
		check("both down", true, drivers.Previous, drivers.Next)
		check("a third is up", false, drivers.Previous, drivers.Next, drivers.OK)
		check("one that is not there", false, drivers.Previous, drivers.Help)
		check("none asked for", false)
		b["next"].ground(false)
		time.Sleep(100 * time.Millisecond)
		check("one let go", false, drivers.Previous, drivers.Next)
		check("the other", true, drivers.Previous)
		p.Close()
		check("closed", false, drivers.Previous)
	})
}
