package site

// USB is what may be plugged into the box besides printers, sticks, sound, touch screens
// and serial converters. Everything else gets no driver: whoever stands in the hall could
// plug it in.
type USB struct {
	Keyboard bool // a keyboard or keypad
	Mouse    bool // a mouse, a trackball, a contact switch that says it is one
	Network  bool // the place's own way to the Internet: a key for the mobile network, Ethernet by USB
}

func (r *reader) usb(root *table) USB {
	t := root.section("usb")
	u := USB{Keyboard: t.truth("keyboard"), Mouse: t.truth("mouse"), Network: t.truth("network")}
	t.done()
	return u
}
