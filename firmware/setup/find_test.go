package setup

import (
	"reflect"
	"testing"
	"testing/fstest"
)

func tree(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestFind(t *testing.T) {
	epson := "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;DES:EPSON TM-T20II;"
	tests := []struct {
		name  string
		files map[string]string
		want  Found
	}{
		{name: "an empty machine"},
		{name: "a printer that says who it is, before one that does not, before the port of the header",
			files: map[string]string{
				"dev/usb/lp0": "", "dev/usb/lp1": "", "sys/class/usbmisc/lp1/device/ieee1284_id": epson + "\n",
				"dev/ttyAMA0": "", "sys/class/tty/ttyAMA0/type": "32\n", "sys/class/tty/console/active": "tty0\n"},
			want: Found{Printers: []Printer{
				{Device: "escpos:/dev/usb/lp1", Kind: "usb", Name: "EPSON TM-T20II", Profile: "epson-tm-t20"},
				{Device: "escpos:/dev/usb/lp0", Kind: "usb"},
				{Device: "escpos:serial:/dev/ttyAMA0", Kind: "serial"}}}},
		{name: "ten printers are in the order of their numbers",
			files: map[string]string{"dev/usb/lp10": "", "dev/usb/lp2": ""},
			want:  Found{Printers: []Printer{{Device: "escpos:/dev/usb/lp2", Kind: "usb"}, {Device: "escpos:/dev/usb/lp10", Kind: "usb"}}}},
		{name: "the console and ports without hardware are no printers",
			files: map[string]string{
				"dev/ttyAMA0": "", "sys/class/tty/ttyAMA0/type": "32", "dev/ttyS0": "", "sys/class/tty/ttyS0/type": "4", "dev/ttyS1": "", "sys/class/tty/ttyS1/type": "0",
				"sys/class/tty/console/active": "tty0 ttyAMA0"},
			want: Found{Printers: []Printer{{Device: "escpos:serial:/dev/ttyS0", Kind: "serial"}}}},
		{name: "an adapter comes before the header",
			files: map[string]string{"dev/ttyUSB0": "", "dev/ttyAMA0": ""},
			want:  Found{Printers: []Printer{{Device: "escpos:serial:/dev/ttyUSB0", Kind: "serial"}, {Device: "escpos:serial:/dev/ttyAMA0", Kind: "serial"}}}},
		{name: "a Pi by the names of its lines",
			files: map[string]string{"sys/bus/gpio/devices/gpiochip0/of_node/gpio-line-names": "ID_SDA\x00ID_SCL\x00GPIO17\x00GPIO18\x00"},
			want:  Found{Panel: true}},
		{name: "a Pi by the label of its chip", files: map[string]string{"sys/class/gpio/gpiochip512/label": "pinctrl-bcm2711\n"}, want: Found{Panel: true}},
		{name: "a chip that is no header", files: map[string]string{
			"sys/bus/gpio/devices/gpiochip0/of_node/gpio-line-names": "BT_ON\x00WL_ON\x00", "sys/class/gpio/gpiochip0/label": "raspberrypi-exp-gpio"}},
		{name: "a sound card", files: map[string]string{"sys/class/sound/card0/id": "Headphones"}, want: Found{Sound: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Find(tree(tt.files)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Find = %+v\nwant   %+v", got, tt.want)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	tests := []struct{ id, name, profile string }{
		{"MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;", "EPSON TM-T20III", "epson-tm-t20"},
		{"MANUFACTURER:Custom Engineering;MODEL:VKP80II;", "Custom Engineering VKP80II", "custom-presenter"},
		{"mfg: POS ;mdl: POS-80C ;", "POS -80C", ""},
		{"MDL:Printer", "Printer", ""},
		{"", "", ""}, {";;;:::", "", ""},
		{"MFG:<b>\x1b[2J;MDL:\"x\"é", "<b>[2J \"x\"", ""}, // text, whatever it looks like; the page never reads it as more
	}
	for _, tt := range tests {
		if name, profile := identity(tt.id); name != tt.name || profile != tt.profile {
			t.Errorf("identity(%q) = %q, %q; want %q, %q", tt.id, name, profile, tt.name, tt.profile)
		}
	}
}

func FuzzIdentity(f *testing.F) {
	f.Add("MFG:EPSON;MDL:TM-T20II;")
	f.Fuzz(func(t *testing.T, id string) {
		name, _ := identity(id)
		if len(name) > 81 {
			t.Fatalf("identity(%q) is a name of %d bytes", id, len(name))
		}
		for _, r := range name {
			if r < ' ' || r > '~' {
				t.Fatalf("identity(%q) = %q, with %q in it", id, name, r)
			}
		}
	})
}
