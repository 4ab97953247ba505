package hotspot

import (
	"io/fs"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"
)

func TestPortsOf(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	sys := fstest.MapFS{
		"lo/type":    file("772\n"),
		"wlan0/type": file("1\n"), "wlan0/device/uevent": file(""), "wlan0/wireless/x": file(""), "wlan0/carrier": file("1\n"),
		"wlan1/type": file("1\n"), "wlan1/device/uevent": file(""), "wlan1/phy80211/name": file("phy1"), // down: no carrier
		"eth0/type": file("1\n"), "eth0/device/uevent": file(""), "eth0/carrier": file("1\n"),
		"eth1/type": file("1\n"), "eth1/device/uevent": file(""), "eth1/carrier": file("0\n"),
		"docker0/type": file("1\n"), // no device behind it
		"can0/type":    file("280\n"), "can0/device/uevent": file(""),
	}
	addresses := func(name string) []netip.Addr {
		return map[string][]netip.Addr{"eth0": {at("169.254.1.1"), at("192.168.1.9")}, "wlan0": {at("192.168.43.2")}, "eth1": {at("169.254.1.1")}}[name]
	}
	got, err := PortsOf(sys, addresses)
	want := []Port{
		{Name: "eth0", Carrier: true, Address: at("192.168.1.9")},
		{Name: "eth1", Address: at("169.254.1.1")},
		{Name: "wlan0", Radio: true, Carrier: true, Address: at("192.168.43.2")},
		{Name: "wlan1", Radio: true},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("PortsOf() = %+v, %v; want %+v", got, err, want)
	}
}

func TestJoinedOf(t *testing.T) {
	for devices, want := range map[string][]string{
		"wlan0:connected:jeudi-place\neth0:connected:jeudi-eth0\nwlan1:disconnected:\nlo:connected (externally):lo\nodd\n": {"wlan0"},
		// A profile of somebody else is not the place's, and one that is half up is not yet.
		"wlan0:connected:Voisin\n":                                  nil,
		"wlan0:connecting (getting IP configuration):jeudi-place\n": nil,
		"": nil,
	} {
		if got := JoinedOf(devices); !slices.Equal(got, want) {
			t.Errorf("JoinedOf(%q) = %q; want %q", devices, got, want)
		}
	}
}

func TestManagerOf(t *testing.T) {
	file := &fstest.MapFile{}
	for _, tt := range []struct {
		root fstest.MapFS
		want Manager
	}{
		{fstest.MapFS{}, NoManager},
		{fstest.MapFS{"run/NetworkManager/devices/2": file}, NoManager},
		{fstest.MapFS{"usr/bin/nmcli": file}, ManagerLate},
		// The profiles of a steward that was before.
		{fstest.MapFS{"usr/bin/nmcli": file, "run/NetworkManager/system-connections/jeudi-own.nmconnection": file}, ManagerLate},
		{fstest.MapFS{"usr/bin/nmcli": file, "run/NetworkManager/devices": {Mode: fs.ModeDir | 0o755}}, ManagerUp},
	} {
		if got := managerOf(tt.root); got != tt.want {
			t.Errorf("managerOf(%v) = %v; want %v", tt.root, got, tt.want)
		}
	}
}

func FuzzTerse(f *testing.F) {
	f.Add(`wlan0:connected:a\:b\\`)
	f.Add(`\`)
	f.Fuzz(func(t *testing.T, line string) {
		if n := len(terse(line)); n < 1 {
			t.Errorf("terse(%q) has %d fields", line, n)
		}
	})
}

func TestTerse(t *testing.T) {
	if got := terse(`wlan0:connected:a\:b\\`); !reflect.DeepEqual(got, []string{"wlan0", "connected", `a:b\`}) {
		t.Errorf("terse() = %q", got)
	}
}
