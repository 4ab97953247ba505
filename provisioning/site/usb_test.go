package site_test

import (
	"strings"
	"testing"

	"jeudi/provisioning/site"
)

func TestUSB(t *testing.T) {
	for _, tt := range []struct {
		section string
		want    site.USB
		wrong   string
	}{
		{section: ""},
		{section: "[usb]\n"},
		{section: "[usb]\nkeyboard = true\n", want: site.USB{Keyboard: true}},
		{section: "[usb]\nkeyboard = false\nmouse = true\nnetwork = true\n", want: site.USB{Mouse: true, Network: true}},
		{section: "[usb]\nkeyboard = \"yes\"\n", wrong: "keyboard"},
		{section: "[usb]\ncamera = true\n", wrong: "camera"},
	} {
		text := strings.Replace(site.SampleText(), "[usb]\n", "", 1) + "\n" + tt.section
		s, err := site.Parse("test.toml", []byte(text))
		switch {
		case tt.wrong != "":
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%q: %v; want an error about %s", tt.section, err, tt.wrong)
			}
		case err != nil:
			t.Errorf("%q: %v", tt.section, err)
		case s.USB != tt.want:
			t.Errorf("%q: %+v; want %+v", tt.section, s.USB, tt.want)
		}
	}
}
