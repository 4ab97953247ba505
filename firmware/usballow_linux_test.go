package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jeudi/provisioning/site"
)

// What the site allows is what lies in the folder, whatever lay there before; the devices
// are asked again when that changed, and only then.
func TestAllowUSB(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "allow")
	asked := 0
	for _, tt := range []struct {
		u     site.USB
		want  []string
		asked int
	}{
		{want: nil, asked: 0},
		{u: site.USB{Keyboard: true}, want: []string{"keyboard"}, asked: 1},
		{u: site.USB{Keyboard: true}, want: []string{"keyboard"}, asked: 1},
		{u: site.USB{Mouse: true, Network: true}, want: []string{"mouse", "network"}, asked: 2},
		{want: nil, asked: 3},
	} {
		if err := allowUSB(dir, tt.u, func() error { asked++; return nil }); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Name())
		}
		if !slices.Equal(got, tt.want) || asked != tt.asked {
			t.Errorf("%+v: %v, asked %d times; want %v, %d", tt.u, got, asked, tt.want, tt.asked)
		}
	}
	// The rules know the same names.
	rules, err := os.ReadFile("../images/root/usr/lib/udev/rules.d/70-jeudi-usb.rules")
	if err != nil {
		t.Fatal(err)
	}
	for name := range maps.Keys(usbAllowed(site.USB{})) {
		if want := `TEST=="` + filepath.Join(usbAllowDir, name) + `"`; !strings.Contains(string(rules), want) {
			t.Errorf("the rules never ask for %s", want)
		}
	}
}
