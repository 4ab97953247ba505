package images

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// udev is as much of udev's rules as ours need: comparisons, assignments, GOTO and LABEL.
// What it does not know stops the test.
type udev struct {
	t     *testing.T
	lines [][]token
}

type token struct{ key, arg, op, value string }

var tokenPattern = regexp.MustCompile(`^\s*([A-Z_]+)(?:\{([^}]*(?:\][^}]*)?)\})?\s*(==|!=|\+=|:=|=)\s*"([^"]*)"\s*,?`)

func parseRules(t *testing.T, text string) udev {
	t.Helper()
	r := udev{t: t}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		var tokens []token
		for line != "" {
			m := tokenPattern.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("line %d: cannot read %q", i+1, line)
			}
			tokens = append(tokens, token{m[1], m[2], m[3], m[4]})
			line = line[len(m[0]):]
		}
		r.lines = append(r.lines, tokens)
	}
	return r
}

// A device is what the rules see of one: its properties and those of what it hangs on.
type device struct {
	action, subsystem, kernel string
	env, attr, parents        map[string]string
}

// apply runs the rules and returns what is written to the device's attributes. files are
// those that exist.
func (r udev) apply(d device, files ...string) map[string]string {
	r.t.Helper()
	attr := map[string]string{}
	maps.Copy(attr, d.attr)
	env := map[string]string{}
	maps.Copy(env, d.env)
	written := map[string]string{}
	match := func(value, pattern string) bool {
		for _, one := range strings.Split(pattern, "|") {
			if ok, err := path.Match(one, value); err != nil || ok {
				return err == nil
			}
		}
		return false
	}
	for i := 0; i < len(r.lines); i++ {
		applies, jump := true, ""
		for _, k := range r.lines[i] {
			if !applies {
				break
			}
			if k.op == "==" || k.op == "!=" {
				var is bool
				switch k.key {
				case "ACTION":
					is = match(d.action, k.value)
				case "SUBSYSTEM":
					is = match(d.subsystem, k.value)
				case "KERNEL":
					is = match(d.kernel, k.value)
				case "ENV":
					is = match(env[k.arg], k.value)
				case "ATTR":
					v, there := attr[k.arg]
					is = there && match(v, k.value)
				case "ATTRS":
					v, there := attr[k.arg]
					if !there {
						v, there = d.parents[k.arg]
					}
					is = there && match(v, k.value)
				case "TEST":
					for _, f := range files {
						is = is || f == k.value
					}
				default:
					r.t.Fatalf("the rules compare %s, which this test does not know", k.key)
				}
				applies = is == (k.op == "==")
				continue
			}
			switch k.key {
			case "IMPORT": // without its parent's property the line does not apply
				if k.arg != "parent" {
					r.t.Fatalf("the rules import from %s, which this test does not know", k.arg)
				}
				if applies = d.parents[k.value] != ""; applies {
					env[k.value] = d.parents[k.value]
				}
			case "GOTO":
				jump = k.value
			case "LABEL":
			case "RUN":
				written["RUN"] += k.value
			case "ATTR":
				attr[k.arg], written[k.arg] = k.value, k.value
			case "GROUP", "MODE":
				written[k.key] = k.value
			default:
				r.t.Fatalf("the rules set %s, which this test does not know", k.key)
			}
		}
		if !applies || jump == "" {
			continue
		}
		for i++; i < len(r.lines); i++ {
			if l := r.lines[i][0]; l.key == "LABEL" && l.value == jump {
				break
			}
		}
		if i == len(r.lines) {
			r.t.Fatalf("GOTO %s goes nowhere", jump)
		}
	}
	return written
}

// data is the second part of a device whose parts are these, as udev lists them.
func data(parts string) device {
	d := usb("0a", "00", "00", "0416", "5011")
	d.parents["ID_USB_INTERFACES"] = parts
	return d
}

// usb is an interface of a USB device as the kernel shows it once the policy stands: not
// driven yet.
func usb(class, subclass, protocol, vendor, product string) device {
	return device{action: "add", subsystem: "usb", kernel: "1-1:1.0", env: map[string]string{"DEVTYPE": "usb_interface"},
		attr:    map[string]string{"bInterfaceClass": class, "bInterfaceSubClass": subclass, "bInterfaceProtocol": protocol, "authorized": "0"},
		parents: map[string]string{"idVendor": vendor, "idProduct": product}}
}

// TestCase47 is about what is plugged into a box that stands among people.
func TestCase47(t *testing.T) { testUSB(t, false) }

// TestCase48 is about what would carry its traffic away.
func TestCase48(t *testing.T) { testUSB(t, true) }

func testUSB(t *testing.T, networks bool) {
	rules := parseRules(t, read(t, "root/usr/lib/udev/rules.d/70-jeudi-usb.rules"))
	const keyboard, mouse, network = "/run/jeudi/allow/keyboard", "/run/jeudi/allow/mouse", "/run/jeudi/allow/network"
	const soldered = "../of_node" // beside the interface, where the device tree knows its device
	for _, tt := range []struct {
		what    string
		device  device
		allowed []string
		driven  bool
	}{
		{what: "a receipt printer", device: usb("07", "01", "02", "04b8", "0e15"), driven: true},
		{what: "a stick", device: usb("08", "06", "50", "0781", "5567"), driven: true},
		{what: "a loudspeaker", device: usb("01", "02", "00", "0d8c", "0014"), driven: true},
		{what: "a hub", device: usb("09", "00", "00", "05e3", "0608"), driven: true},
		{what: "a touch screen", device: usb("03", "00", "00", "0eef", "0001"), driven: true},
		{what: "a serial converter", device: usb("ff", "ff", "ff", "0403", "6001"), driven: true},
		{what: "a printer as a serial line", device: usb("02", "02", "01", "0416", "5011"), driven: true},
		{what: "that line's data", device: data(":020201:0a0000:"), driven: true},
		{what: "the Ethernet of a Pi 3", device: usb("ff", "00", "ff", "0424", "ec00"), allowed: []string{soldered}, driven: true},
		{what: "the Ethernet of a Pi 3 B+", device: usb("ff", "00", "ff", "0424", "7800"), allowed: []string{soldered}, driven: true},

		{what: "a keyboard", device: usb("03", "01", "01", "046d", "c31c")},
		{what: "a keyboard that the site wants", device: usb("03", "01", "01", "046d", "c31c"), allowed: []string{keyboard}, driven: true},
		{what: "a mouse", device: usb("03", "01", "02", "046d", "c077")},
		{what: "a mouse that the site wants", device: usb("03", "01", "02", "046d", "c077"), allowed: []string{mouse}, driven: true},
		{what: "a mouse where the site wants a keyboard", device: usb("03", "01", "02", "046d", "c077"), allowed: []string{keyboard}},
		{what: "a camera", device: usb("0e", "01", "00", "046d", "0825"), allowed: []string{keyboard, network}},
		{what: "a wireless radio for Bluetooth", device: usb("e0", "01", "01", "0a12", "0001")},
		{what: "a smart card reader", device: usb("0b", "00", "00", "076b", "3031")},

		{what: "48: Ethernet of a class (ECM)", device: usb("02", "06", "00", "0525", "a4a1")},
		{what: "48: its data", device: data(":020600:0a0000:")},
		{what: "48: its data, with a serial line beside it", device: data(":020201:020600:0a0000:")},
		{what: "48: data of nobody knows what", device: usb("0a", "00", "00", "0525", "a4a2")},
		{what: "48: data of RNDIS", device: data(":0202ff:0a0000:")},
		{what: "48: RNDIS as a modem", device: usb("02", "02", "ff", "0525", "a4a2")},
		{what: "48: its data, with a serial line beside it, as RNDIS", device: data(":020201:0202ff:0a0000:")},
		{what: "48: NCM", device: usb("02", "0d", "00", "0525", "a4a1")},
		{what: "48: MBIM modem", device: usb("02", "0e", "00", "12d1", "14db")},
		{what: "48: a phone that shares (RNDIS)", device: usb("e0", "01", "03", "18d1", "4ee3")},
		{what: "48: RNDIS in its other dress", device: usb("ef", "04", "01", "18d1", "4ee3")},
		{what: "48: an adapter with the number of a Pi 3's own", device: usb("ff", "00", "ff", "0424", "ec00")},
		{what: "48: an adapter with the number of a Pi 3 B+'s own", device: usb("ff", "00", "ff", "0424", "7800")},
		{what: "48: another adapter at a port of the device tree", device: usb("ff", "ff", "00", "0bda", "8153"), allowed: []string{soldered}},
		{what: "48: a maker's own chip", device: usb("ff", "ff", "00", "0bda", "8153")},
		{what: "48: a keyboard maker's chip that the site did not ask for", device: usb("ff", "ff", "00", "0b95", "772b"), allowed: []string{keyboard}},
		{what: "48: the place's own way to the Internet", device: usb("ff", "ff", "00", "0bda", "8153"), allowed: []string{network}, driven: true},
	} {
		what, isNetwork := strings.CutPrefix(tt.what, "48: ")
		if isNetwork != networks {
			continue
		}
		t.Run(what, func(t *testing.T) {
			written := rules.apply(tt.device, tt.allowed...)
			want := "0"
			if tt.driven {
				want = "1"
			}
			if written["authorized"] != want {
				t.Errorf("written: %v; want authorized %s", written, want)
			}
			if probed := written["[subsystem/usb]drivers_probe"] != ""; probed != tt.driven {
				t.Errorf("a driver is looked for: %t; want %t", probed, tt.driven)
			}
			// One that was driven before the policy stood is told the same.
			tt.device.attr["authorized"] = "1"
			if written := rules.apply(tt.device, tt.allowed...); !tt.driven && written["authorized"] != "0" || tt.driven && written["authorized"] == "0" {
				t.Errorf("already driven: written %v; want driven %t", written, tt.driven)
			}
		})
	}
	if written := rules.apply(device{action: "add", subsystem: "usb", kernel: "usb1", env: map[string]string{"DEVTYPE": "usb_device"}}); written["interface_authorized_default"] != "0" {
		t.Errorf("a bus: written %v; want that nothing new is driven unasked", written)
	}
}

// A driver takes all parts of a device or none, and they are asked one by one: when all have
// been, those without a driver are offered again. A part alone, or another event, does not.
func TestPartsOfOneDevice(t *testing.T) {
	rules := parseRules(t, read(t, "root/usr/lib/udev/rules.d/70-jeudi-usb.rules"))
	for _, tt := range []struct {
		action, kind string
		again        bool
	}{
		{"bind", "usb_device", true},
		{"add", "usb_device", false},
		{"bind", "usb_interface", false},
		{"remove", "usb_device", false},
	} {
		d := device{action: tt.action, subsystem: "usb", kernel: "1-1", env: map[string]string{"DEVTYPE": tt.kind}}
		written := rules.apply(d)
		if again := strings.Contains(written["RUN"], "drivers_probe"); again != tt.again || tt.action != "add" && written["authorized"] != "" {
			t.Errorf("%s of a %s: written %v; want its parts offered again: %t", tt.action, tt.kind, written, tt.again)
		}
	}
}

// A device that hides what it is shows it when it sends its first key.
func TestHiddenKeyboards(t *testing.T) {
	rules := parseRules(t, read(t, "root/usr/lib/udev/rules.d/70-jeudi-usb.rules"))
	for _, tt := range []struct {
		what    string
		kernel  string
		env     map[string]string
		allowed string
		silent  bool
	}{
		{what: "a keyboard behind a plain HID interface", kernel: "input3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_KEY": "1", "ID_INPUT_KEYBOARD": "1"}, silent: true},
		{what: "the same where the site wants one", kernel: "input3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_KEY": "1", "ID_INPUT_KEYBOARD": "1"}, allowed: "/run/jeudi/allow/keyboard"},
		{what: "a remote control", kernel: "input3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_KEY": "1"}, silent: true},
		{what: "a mouse", kernel: "input3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_MOUSE": "1"}, silent: true},
		{what: "a touch screen", kernel: "input3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_TOUCHSCREEN": "1"}},
		{what: "a touch screen that points like a mouse", kernel: "input3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_TOUCHSCREEN": "1", "ID_INPUT_MOUSE": "1"}},
		{what: "a keyboard that says that it is a touch screen too", kernel: "input3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_TOUCHSCREEN": "1", "ID_INPUT_KEY": "1", "ID_INPUT_KEYBOARD": "1"}, silent: true},
		{what: "a few keys on what says that it is a touch screen", kernel: "input3", env: map[string]string{"ID_BUS": "bluetooth", "ID_INPUT_TOUCHSCREEN": "1", "ID_INPUT_KEY": "1"}, silent: true},
		{what: "both, where the site wants a keyboard", kernel: "input3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_TOUCHSCREEN": "1", "ID_INPUT_KEY": "1", "ID_INPUT_KEYBOARD": "1"}, allowed: "/run/jeudi/allow/keyboard"},
		{what: "the panel of a Pi's own touch screen", kernel: "input3", env: map[string]string{"ID_BUS": "i2c", "ID_INPUT_TOUCHSCREEN": "1"}},
		{what: "the event device below it", kernel: "event3", env: map[string]string{"ID_BUS": "usb", "ID_INPUT_KEYBOARD": "1"}},
	} {
		written := rules.apply(device{action: "add", subsystem: "input", kernel: tt.kernel, env: tt.env}, tt.allowed)
		if got := written["inhibited"] == "1"; got != tt.silent {
			t.Errorf("%s: written %v; want silent %t", tt.what, written, tt.silent)
		}
	}
}

// The box hears whether headphones are plugged in, and reads no device that has keys.
func TestHeadphoneSwitch(t *testing.T) {
	rules := parseRules(t, read(t, "root/usr/lib/udev/rules.d/60-jeudi.rules"))
	for _, tt := range []struct {
		what string
		env  map[string]string
		read bool
	}{
		{what: "a socket that signals its plug", env: map[string]string{"ID_INPUT": "1", "ID_INPUT_SWITCH": "1"}, read: true},
		{what: "a keyboard", env: map[string]string{"ID_INPUT": "1", "ID_INPUT_KEY": "1", "ID_INPUT_KEYBOARD": "1"}},
		{what: "a keyboard with a switch", env: map[string]string{"ID_INPUT": "1", "ID_INPUT_KEY": "1", "ID_INPUT_KEYBOARD": "1", "ID_INPUT_SWITCH": "1"}},
		{what: "a headset with buttons", env: map[string]string{"ID_INPUT": "1", "ID_INPUT_KEY": "1", "ID_INPUT_SWITCH": "1"}},
		{what: "a touch screen", env: map[string]string{"ID_INPUT": "1", "ID_INPUT_TOUCHSCREEN": "1"}},
		{what: "a touch screen with a switch", env: map[string]string{"ID_INPUT": "1", "ID_INPUT_TOUCHSCREEN": "1", "ID_INPUT_SWITCH": "1"}},
	} {
		written := rules.apply(device{action: "add", subsystem: "input", kernel: "event3", env: tt.env})
		if got := written["GROUP"] == "jeudi"; got != tt.read || got && written["MODE"] != "0640" {
			t.Errorf("%s: written %v; want it read by the box %t", tt.what, written, tt.read)
		}
	}
	if allowed := units(t)["jeudi.service"].settings["Service.DeviceAllow"]; !slices.Contains(allowed, "char-input r") {
		t.Errorf("jeudi.service may use %q; want char-input to read, which its groups narrow", allowed)
	}
	for _, line := range strings.Split(read(t, "root/usr/lib/sysusers.d/jeudi.conf"), "\n") {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "m" && f[2] == "input" {
			t.Errorf("%s is in the group that reads every key", f[1])
		}
	}
}
