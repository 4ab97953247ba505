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
		{"a clone that cannot discard", 1, Quirks{NoDiscard: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			drivertest.Printer(t, func(t *testing.T, use func(*testing.T, drivertest.PrinterBench)) {
				synctest.Test(t, func(t *testing.T) {
					w := NewWire(escpos.Generic80(), c.speed, c.quirks)
					p := escpos.New(w, escpos.Generic80())
					t.Cleanup(func() { p.Close() })
					use(t, drivertest.PrinterBench{
						Printer:   p,
						Set:       func(s drivers.Status, on bool) { w.Set(s, on) },
						FailAfter: w.FailAfter,
						Sheets:    func() []string { return texts(w) },
					})
					if n := w.Strange(); n > 0 {
						t.Errorf("the printer met %d commands that it does not know", n)
					}
				})
			})
		})
	}
}

func TestPanelContract(t *testing.T) {
	drivertest.Panel(t, func(t *testing.T, use func(*testing.T, drivertest.PanelBench)) {
		synctest.Test(t, func(t *testing.T) {
			p := NewPanel()
			use(t, drivertest.PanelBench{Panel: p, Hold: p.Hold, Unplug: func() { p.Unplug(true) }})
		})
	})
}

func TestSpeakerContract(t *testing.T) {
	drivertest.Speaker(t, func(t *testing.T, use func(*testing.T, drivertest.SpeakerBench)) {
		synctest.Test(t, func(t *testing.T) {
			s := NewSpeaker(1)
			use(t, drivertest.SpeakerBench{Speaker: s, Plug: s.Plug})
		})
	})
}
