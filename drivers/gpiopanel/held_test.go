package gpiopanel

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
)

// TestDown: what is down is known although it was down before anybody looked, nothing is
// known before the settle time, and a panel that is closed holds nothing.
func TestDown(t *testing.T) {
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
		check := func(when string, known bool, want ...drivers.Action) {
			t.Helper()
			if got, ok := p.Down(); !slices.Equal(got, want) || ok != known {
				t.Errorf("%s: Down() = %v, %v; want %v, %v", when, got, ok, want, known)
			}
		}
		check("at once", false)
		time.Sleep(settle + time.Millisecond)
		check("two down from the start", true, drivers.Previous, drivers.Next)
		b["next"].ground(false)
		time.Sleep(100 * time.Millisecond)
		check("one let go", true, drivers.Previous)
		b["ok"].ground(true)
		time.Sleep(100 * time.Millisecond)
		check("another pressed", true, drivers.Previous, drivers.OK)
		p.Close()
		check("closed", true)
	})
}
