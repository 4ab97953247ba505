package proof

import (
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/hil"
)

// hold presses buttons and keeps them down, or lets them go.
func (b *bench) hold(down bool, lines ...int) {
	b.t.Helper()
	for _, line := range lines {
		if _, err := b.Set(line, !down); err != nil {
			b.t.Fatal(err)
		}
	}
}

// lamp waits until the lamp of OK, the only one of the two buttons that erase, is lit or dark.
func (b *bench) lamp(lit bool, since time.Time) time.Time {
	b.t.Helper()
	e, err := b.WaitEdge(b.within(), hil.LampOK, lit, since)
	if err != nil {
		b.t.Fatal(err)
	}
	return e.At
}

// The two buttons that erase everything, and the two that bring the version before back.
var (
	erasing   = []int{hil.OK, hil.Repeat}
	goingBack = []int{hil.Previous, hil.Next}
)

// heldOnce holds the two buttons that erase from the power on for as long as the box wants it
// the first time, and says how long that was; blinks is how the lamp goes on after it.
func (b *bench) heldOnce() (long time.Duration, blinks bool) {
	b.t.Helper()
	b.hold(true, erasing...)
	lit := b.lamp(true, b.begun)
	// It stays lit until the time is over, and the first flash of a rhythm begins lit.
	dark := b.lamp(false, lit)
	again := b.lamp(true, dark)
	return dark.Sub(lit), again.Sub(dark) < time.Second
}

// eraseByButtons erases the card as the guide says, until the box restarts.
func (b *bench) eraseByButtons() {
	b.t.Helper()
	long, blinks := b.heldOnce()
	if !blinks || long < 10*time.Second || long > 15*time.Second {
		b.t.Fatalf("the lamp is lit for %v, and blinks %v; want about ten seconds, and that it blinks", long, blinks)
	}
	b.hold(false, erasing...)
	time.Sleep(time.Second)
	pressed := time.Now()
	b.hold(true, erasing...)
	try, err := b.Restarted(b.within())
	took := time.Since(pressed)
	if err != nil || try || took < 10*time.Second {
		b.t.Fatalf("held again for %v: restarted as a trial %v, %v; want a plain restart after ten seconds", took, try, err)
	}
	b.t.Logf("report: everything is erased by two buttons: the lamps are lit for %.1f s, and the box is down %.1f s after the second hold began", long.Seconds(), took.Seconds())
}

// refusesButtons holds the two buttons at the start of a box whose permanence is open: the
// lamps do not ask for a second time, and the box starts.
func (b *bench) refusesButtons() {
	b.t.Helper()
	_, blinks := b.heldOnce()
	b.hold(false, erasing...)
	if blinks {
		b.t.Error("with an open permanence the lamps ask for the second time; want it refused")
	}
}

// TestHeldLines: the lines of the guest are those of theSite's panel, whose only lamp of the
// two that erase is that of OK.
func TestHeldLines(t *testing.T) {
	names := hil.LineNames()
	for _, want := range []struct {
		lines []int
		names string
	}{{erasing, "BTN_OK BTN_REPEAT"}, {goingBack, "BTN_PREVIOUS BTN_NEXT"}, {[]int{hil.LampOK}, "LED_OK"}} {
		var got []string
		for _, line := range want.lines {
			got = append(got, names[line])
			if !strings.Contains(theSite(false), `"`+names[line]+`"`) {
				t.Errorf("theSite has no line %s", names[line])
			}
		}
		if !slices.Equal(got, strings.Fields(want.names)) {
			t.Errorf("lines %v are %v; want %s", want.lines, got, want.names)
		}
	}
}
