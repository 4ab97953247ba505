package gpiopanel

import (
	"slices"
	"strconv"
	"strings"

	"jeudi/drivers"
)

// Layout is a panel that is known to make sense, with lines on the header of a
// Raspberry Pi. A site may use any others.
type Layout struct {
	Name    string // in site files and guides
	About   string // a sentence, for technicians
	Buttons []Button
	Loop    string
}

// Config is the layout as Open takes it.
func (l Layout) Config() Config {
	return Config{Buttons: slices.Clone(l.Buttons), Loop: l.Loop}
}

// Layouts returns the layouts there are. They use lines that have the name GPIOn
// on every Pi (5, 6, 12, 13, 16 to 27; the others are called by their function on
// some kernels), never those of the serial port (14, 15), and leave those of an
// I2S sound card (18 to 21) free where twelve are enough. visitor4 goes together
// with exit, and with desk.
func Layouts() []Layout {
	b := func(a drivers.Action, line, lamp string) Button { return Button{Action: a, Line: line, Lamp: lamp} }
	return []Layout{
		{
			Name:  "visitor8",
			About: "Everything that a screen can do, lamps on the four that matter most; where no I2S sound card is, GPIO18 to GPIO21 may light the other four, or one of them may be the loop.",
			Buttons: []Button{
				b(drivers.Back, "GPIO5", ""), b(drivers.Previous, "GPIO6", "GPIO22"), b(drivers.Next, "GPIO13", "GPIO23"), b(drivers.OK, "GPIO12", "GPIO24"),
				b(drivers.Repeat, "GPIO16", ""), b(drivers.Help, "GPIO26", "GPIO25"), b(drivers.Louder, "GPIO17", ""), b(drivers.Softer, "GPIO27", ""),
			},
		},
		{
			Name:  "visitor4",
			About: "The four that are enough to walk through every screen, each with its lamp, and a loop.",
			Buttons: []Button{
				b(drivers.Previous, "GPIO6", "GPIO22"), b(drivers.Next, "GPIO13", "GPIO23"), b(drivers.OK, "GPIO12", "GPIO24"), b(drivers.Repeat, "GPIO5", "GPIO25"),
			},
			Loop: "GPIO27",
		},
		{
			Name:  "exit",
			About: "Opinions near the door, out of staff's sight: the same three buttons answer both questions in turn. The lamps use lines of I2S: leave them out where such a sound card is.",
			Buttons: []Button{
				b(drivers.Good, "GPIO16", "GPIO18"), b(drivers.Fair, "GPIO17", "GPIO19"), b(drivers.Bad, "GPIO26", "GPIO20"),
			},
		},
		{
			Name:  "desk",
			About: "A desk without a screen calls and calls again, asks to wait aside, ends or marks an absence, and asks the other desks for help. It shares lines with exit and visitor8: a box that has both needs other lines. Help uses a line of I2S: leave it out where such a sound card is.",
			Buttons: []Button{
				b(drivers.CallNext, "GPIO16", ""), b(drivers.Hold, "GPIO17", ""), b(drivers.NoShow, "GPIO26", ""), b(drivers.Help, "GPIO18", ""),
			},
		},
	}
}

// HeaderPin is the pin of a Pi's 40-pin header on which a line such as "GPIO17"
// is, or 0. Ground is on 6, 9, 14, 20, 25, 30, 34 and 39.
func HeaderPin(line string) int {
	pins := [...]int{27, 28, 3, 5, 7, 29, 31, 26, 24, 21, 19, 23, 32, 33, 8, 10, 36, 11, 12, 35, 38, 40, 15, 16, 18, 22, 37, 13}
	digits, named := strings.CutPrefix(line, "GPIO")
	n, err := strconv.Atoi(digits)
	if !named || err != nil || n < 0 || n >= len(pins) {
		return 0
	}
	return pins[n]
}
