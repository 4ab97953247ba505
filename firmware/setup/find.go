package setup

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Found is what is plugged into the machine, as the kernel lists it.
type Found struct {
	Printers []Printer `json:"printers"`
	Panel    bool      `json:"panel"` // there are GPIO lines for the buttons
	Sound    bool      `json:"sound"` // there is a sound card
}

// Printer is a wire on which a receipt printer may hang.
type Printer struct {
	Device  string `json:"device"`            // as in [devices]; of a serial port without its speed
	Kind    string `json:"kind"`              // "usb", "serial" or "sim"
	Name    string `json:"name,omitempty"`    // as the printer calls itself
	Profile string `json:"profile,omitempty"` // of a printer that is known by its name
}

// Kinds of wires.
const (
	kindUSB    = "usb"
	kindSerial = "serial"
	kindSim    = "sim"
)

// Find looks at a machine's files, its root given without the slash. What cannot be read
// is not there. Printers that say who they are come first, then other USB printers, then
// serial ports, on which nobody can tell whether something hangs.
//
// A USB printer is a file /dev/usb/lp* of the kernel's usblp, which keeps its IEEE 1284
// name in sysfs. A serial port is one with a driver: ttyAMA0 or ttyS0 on the header of a
// Pi, ttyUSB* and ttyACM* on an adapter, and never the kernel's console.
func Find(root fs.FS) Found {
	var f Found
	for _, file := range glob(root, "dev/usb/lp*") {
		p := Printer{Device: "escpos:/" + file, Kind: kindUSB}
		p.Name, p.Profile = identity(text(root, path.Join("sys/class/usbmisc", path.Base(file), "device/ieee1284_id")))
		f.Printers = append(f.Printers, p)
	}
	slices.SortStableFunc(f.Printers, func(a, b Printer) int { return known(b) - known(a) })
	console := consoles(root)
	for _, file := range slices.Concat(glob(root, "dev/ttyUSB*"), glob(root, "dev/ttyACM*"), glob(root, "dev/ttyAMA*"), glob(root, "dev/ttyS*")) {
		name := path.Base(file)
		if slices.Contains(console, name) || !drives(root, name) {
			continue
		}
		p := Printer{Device: "escpos:serial:/" + file, Kind: kindSerial}
		if strings.HasPrefix(name, "ttyUSB") || strings.HasPrefix(name, "ttyACM") {
			p.Name = text(root, path.Join("sys/class/tty", name, "device/../../interface"))
		}
		f.Printers = append(f.Printers, p)
	}
	f.Panel = len(headers(root)) > 0
	f.Sound = len(glob(root, "sys/class/sound/card*")) > 0
	return f
}

func known(p Printer) int {
	switch {
	case p.Profile != "":
		return 2
	case p.Name != "":
		return 1
	}
	return 0
}

func glob(root fs.FS, pattern string) []string {
	list, _ := fs.Glob(root, pattern) // the patterns are ours
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b) // lp2 before lp10
		}
		return strings.Compare(a, b)
	})
	return list
}

func text(root fs.FS, name string) string {
	data, err := fs.ReadFile(root, path.Clean(name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.Trim(string(data), "\x00"))
}

// consoles are the terminals that the kernel was told to talk to.
func consoles(root fs.FS) []string {
	return strings.Fields(text(root, "sys/class/tty/console/active"))
}

// drives reports whether a terminal has hardware behind it. A PC lists 32 ports ttyS*
// that it does not have; their type is 0 (PORT_UNKNOWN of linux/serial_core.h).
func drives(root fs.FS, name string) bool {
	kind := text(root, path.Join("sys/class/tty", name, "type"))
	return kind != "0"
}

// headers are the GPIO chips that have the header of a Pi: by the names of their lines,
// which the device tree gives, or by their label where it gives none.
func headers(root fs.FS) (chips []string) {
	for _, dir := range slices.Concat(glob(root, "sys/bus/gpio/devices/gpiochip*"), glob(root, "sys/class/gpio/gpiochip*")) {
		names := strings.Split(text(root, path.Join(dir, "of_node/gpio-line-names")), "\x00")
		label := text(root, path.Join(dir, "label"))
		if slices.Contains(names, "GPIO17") || slices.Contains(headerLabels(), label) {
			chips = append(chips, path.Base(dir))
		}
	}
	return chips
}

// headerLabels are the chips of the headers of Pi 3 (BCM2835), 4 (BCM2711) and 5 (RP1).
func headerLabels() []string { return []string{"pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"} }

// identity reads an IEEE 1284 device ID, "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;":
// the name that people know the printer by, and the profile of one that is known.
func identity(id string) (name, profile string) {
	fields := make(map[string]string)
	for part := range strings.SplitSeq(id, ";") {
		key, value, _ := strings.Cut(part, ":")
		switch key = strings.ToUpper(strings.TrimSpace(key)); key {
		case "MANUFACTURER":
			key = "MFG"
		case "MODEL":
			key = "MDL"
		}
		fields[key] = strings.TrimSpace(value)
	}
	maker, model := plain(fields["MFG"]), plain(fields["MDL"])
	name = strings.TrimSpace(maker + " " + strings.TrimSpace(strings.TrimPrefix(model, maker)))
	for start, p := range models() {
		if strings.HasPrefix(strings.ToUpper(model), start) {
			profile = p
		}
	}
	return name, profile
}

// plain keeps what may be shown: the name comes from whatever is plugged in.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
	return text[:min(len(text), 40)]
}

// models are the beginnings of the models that have a profile of their own.
func models() map[string]string {
	return map[string]string{
		"TM-T20": "epson-tm-t20", "TM-T88": "epson-tm-t20", "TM-M30": "epson-tm-t20",
		"CSN-A2": "csn-a2",
		"VKP80":  "custom-presenter",
	}
}

// Simulated is what a laptop with simulated devices has.
func Simulated() Found {
	return Found{Printers: []Printer{{Device: "sim:", Kind: kindSim}}, Panel: true, Sound: true}
}
