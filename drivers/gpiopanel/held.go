package gpiopanel

import "jeudi/drivers"

// Held reports whether all of some buttons are down now, also when they were down before
// the panel was opened, which is no press. A button that the panel lacks, or whose wire is
// broken, is not down.
func (p *Panel) Held(buttons ...drivers.Action) bool {
	held := 0
	p.do(func() {
		for _, want := range buttons {
			for _, k := range p.keys.key {
				if k.action == want && k.down && !k.lost && !k.dead {
					held++
					break
				}
			}
		}
	})
	return len(buttons) > 0 && held == len(buttons)
}
