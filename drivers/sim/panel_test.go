package sim

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
)

func TestPanelContract(t *testing.T) {
	drivertest.Panel(t, func(t *testing.T, use func(*testing.T, drivertest.PanelBench)) {
		synctest.Test(t, func(t *testing.T) {
			p := NewPanel()
			use(t, drivertest.PanelBench{Panel: p, Hold: p.Hold, Stick: p.Stick, Break: p.Break, Unplug: func() { p.Unplug(true) }})
		})
	})
}

func TestPanelFaults(t *testing.T) {
	const ok = drivers.OK
	for _, c := range []struct {
		name  string
		do    func(*Panel)
		want  []string
		stuck bool
		lost  bool
	}{
		{"a finger frees what stuck", func(p *Panel) { p.Stick(ok, true); p.Hold(ok, false) }, []string{"pressed", "stuck", "freed"}, false, false},
		{"what is held may stick", func(p *Panel) { p.Hold(ok, true); p.Stick(ok, true) }, []string{"pressed", "stuck"}, true, false},
		{"stuck twice is stuck once", func(p *Panel) { p.Stick(ok, true); p.Stick(ok, true) }, []string{"pressed", "stuck"}, true, false},
		{"a broken wire frees it, as far as one sees", func(p *Panel) { p.Stick(ok, true); p.Break(ok, true) }, []string{"pressed", "stuck", "freed", "lost"}, false, true},
		{"a broken wire says nothing", func(p *Panel) { p.Break(ok, true); p.Press(ok); p.Stick(ok, true) }, []string{"lost"}, false, true},
		{"broken twice is broken once", func(p *Panel) { p.Break(ok, true); p.Break(ok, true); p.Break(ok, false); p.Break(ok, false) }, []string{"lost", "found"}, false, false},
		{"held while it is mended is no press", func(p *Panel) { p.Break(ok, true); p.Hold(ok, true); p.Break(ok, false); p.Hold(ok, false) }, []string{"lost", "found"}, false, false},
		{"what is no button does nothing", func(p *Panel) {
			p.Hold(drivers.Actions, true)
			p.Stick(drivers.Actions, true)
			p.Break(drivers.Actions, true)
		}, nil, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := NewPanel()
				var got []string
				go p.Watch(t.Context(), func(s drivers.Signal) { got = append(got, fmt.Sprint(s.Kind)) })
				synctest.Wait()
				c.do(p)
				synctest.Wait()
				if !slices.Equal(got, c.want) {
					t.Errorf("signals = %v; want %v", got, c.want)
				}
				if stuck, lost := p.Faults(); stuck[ok] != c.stuck || lost[ok] != c.lost {
					t.Errorf("Faults() = stuck %v, lost %v; want %v, %v", stuck[ok], lost[ok], c.stuck, c.lost)
				}
			})
		})
	}
}
