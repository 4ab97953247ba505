package sim

import (
	"testing"
	"testing/synctest"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
	"jeudi/drivers/escpos"
)

// texts is what is on each sheet that is not blank.
func texts(w *Wire) []string {
	var out []string
	for _, s := range w.Sheets() {
		if !s.Blank() {
			out = append(out, s.Text())
		}
	}
	return out
}

func TestPrinterContract(t *testing.T) {
	for _, c := range []struct {
		name   string
		speed  float64
		quirks Quirks
	}{
		{"as in life", 1, Quirks{}},
		{"at once", 0, Quirks{}},
		{"sixty times as fast", 60, Quirks{}},
		{"a clone that cannot discard", 1, Quirks{NoDiscard: true, NoRecover: true}},
		{"a clone that says when it has read", 1, Quirks{NoFinished: true}},
		{"one that only answers questions", 1, Quirks{NoFinished: true, NoMarker: true, NoStatus: true}},
		{"a slow serial line", 1, Quirks{Baud: 19200, Speed: 60}},
	} {
		t.Run(c.name, func(t *testing.T) {
			drivertest.Printer(t, func(t *testing.T, use func(*testing.T, drivertest.PrinterBench)) {
				synctest.Test(t, func(t *testing.T) {
					profile := escpos.Generic80()
					// Without an automatic status nothing tells why a full buffer takes
					// no more: short documents fit.
					profile.NativeQR = c.quirks.NoStatus
					profile.Baud = c.quirks.Baud
					w := NewWire(profile, c.speed, c.quirks)
					p := escpos.New(w, profile)
					t.Cleanup(func() { p.Close() })
					use(t, drivertest.PrinterBench{
						Printer:   p,
						Set:       func(s drivers.Status, on bool) { w.Set(s, on) },
						FailAfter: w.FailAfter,
						Garble: func(on bool) {
							if on {
								w.Garble(7)
							} else {
								w.Garble(0)
							}
						},
						Sheets: func() []string { return texts(w) },
					})
					if n := w.Strange(); n > 0 {
						t.Errorf("the printer met %d commands that it does not know", n)
					}
				})
			})
		})
	}
}

func TestSpeakerContract(t *testing.T) {
	drivertest.Speaker(t, func(t *testing.T, use func(*testing.T, drivertest.SpeakerBench)) {
		synctest.Test(t, func(t *testing.T) {
			s := NewSpeaker(1)
			use(t, drivertest.SpeakerBench{Speaker: s, Plug: s.Plug})
		})
	})
}
