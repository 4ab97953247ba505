package gpiopanel_test

import (
	"fmt"

	"jeudi/drivers/gpiopanel"
)

func ExampleLayouts() {
	for _, l := range gpiopanel.Layouts() {
		if l.Name != "visitor4" {
			continue
		}
		for _, b := range l.Buttons {
			fmt.Printf("%v: %s (pin %d) to ground, lamp %s (pin %d)\n", b.Action, b.Line, gpiopanel.HeaderPin(b.Line), b.Lamp, gpiopanel.HeaderPin(b.Lamp))
		}
		fmt.Printf("loop: %s (pin %d) to ground\n", l.Loop, gpiopanel.HeaderPin(l.Loop))
	}
	// Output:
	// previous: GPIO6 (pin 31) to ground, lamp GPIO22 (pin 15)
	// next: GPIO13 (pin 33) to ground, lamp GPIO23 (pin 16)
	// ok: GPIO12 (pin 32) to ground, lamp GPIO24 (pin 18)
	// repeat: GPIO5 (pin 29) to ground, lamp GPIO25 (pin 22)
	// loop: GPIO27 (pin 13) to ground
}
