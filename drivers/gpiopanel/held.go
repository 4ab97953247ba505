package gpiopanel

import "jeudi/drivers"

// Down is which buttons are down now, in the order of the wiring, also those that were down
// before the panel was opened, which is no press. A button whose wire is broken is not down.
// known is whether every button has been read for long enough to be known, which takes the
// settle time from Open; once the panel is closed nothing is down.
func (p *Panel) Down() (down []drivers.Action, known bool) {
	known = true
	p.do(func() {
		for _, k := range p.keys.key {
			if k.down && !k.lost && !k.dead {
				down = append(down, k.action)
			}
			known = known && (k.known || k.dead)
		}
	})
	return down, known
}
