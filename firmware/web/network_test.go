package web

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
)

const ownKey = "abcd-efgh-jkmn-opqr-stuv"

func ownWifi() Network {
	return Network{Mode: "own", Staff: wifi, Own: true, Wifi: "Jeudi", Passphrase: ownKey, Scan: "WIFI:T:WPA;S:Jeudi;P:" + ownKey + ";;"}
}

// TestKioskWifi: where the box has a Wi-Fi of its own, the kiosk shows it to staff, and to
// them alone: under the settings and beside the code that connects a phone.
func TestKioskWifi(t *testing.T) {
	var now atomic.Pointer[Network]
	set := func(n Network) { now.Store(&n) }
	set(ownWifi())
	o := inOffice(t, Config{Network: func() Network { return *now.Load() }})
	view := func() KioskView {
		b := o.box.Snapshot()
		return o.server.withPairing(o.server.kioskView(b, b.Kiosk))
	}
	if v := view(); v.Wifi != nil {
		t.Errorf("at first %+v; want nothing of it", v.Wifi)
	}
	o.press("fr")
	o.press("settings")
	v := view()
	if w := v.Wifi; w == nil || w.QR.Path != qrView(ownWifi().Scan).Path || !strings.Contains(w.Name, "Jeudi") || !strings.Contains(w.Passphrase, ownKey) || w.Alone != "Sans Internet" || strings.Contains(v.Say, ownKey) {
		t.Fatalf("under the settings %+v, said %q; want the code, to read and to type, never spoken", v.Wifi, v.Say)
	}
	_, shown := o.request("POST", "/api/pairing", fields{"do": "offer"})
	if v := view(); v.Wifi == nil || v.Pairing == nil || v.Pairing.QR.Path != qrView("https://"+wifi+"/"+shown["fragment"].(string)).Path {
		t.Errorf("beside the code of pairing %+v, %+v; want both", v.Wifi, v.Pairing)
	}
	// On the place's network there is nothing to join, and its passphrase is nobody's.
	set(Network{Mode: "wifi", Staff: "192.168.43.7", Wifi: "Box"})
	if v := view(); v.Wifi != nil || v.Pairing.Address != "https://192.168.43.7" {
		t.Errorf("on the place's Wi-Fi %+v, %+v; want its address alone", v.Wifi, v.Pairing)
	}
	set(Network{Mode: "searching"})
	if v := view(); v.Wifi != nil || v.Pairing.QR != nil || v.Pairing.Address != "" || len(v.Pairing.Buttons) != 1 || !strings.Contains(v.Pairing.Title, "pas encore") {
		t.Errorf("without an address %+v; want no code that leads nowhere", v.Pairing)
	}
	set(Network{Mode: "own", Staff: wifi, Own: true}) // on a cable
	if v := view(); v.Wifi != nil {
		t.Errorf("on a cable %+v; want no Wi-Fi", v.Wifi)
	}
}

// TestNetworkDevice: the desk says how the box is on a network, and no view but the
// kiosk's, for staff, has the passphrase.
func TestNetworkDevice(t *testing.T) {
	var now atomic.Pointer[Network]
	set := func(n Network) { now.Store(&n) }
	set(Network{})
	o := inOffice(t, Config{Network: func() Network { return *now.Load() }})
	for _, tt := range []struct {
		n    Network
		ok   bool
		want string
	}{
		{ownWifi(), true, "Réseau : Wi-Fi « Jeudi » du boîtier, sans Internet"},
		{Network{Mode: "own", Own: true}, true, "Réseau : câble du boîtier, sans Internet"},
		{Network{Mode: "wifi", Wifi: "Box"}, true, "Réseau : Wi-Fi « Box »"},
		{Network{Mode: "cable"}, true, "Réseau : câble du lieu"},
		{Network{Mode: "searching"}, true, "Réseau : recherche en cours"},
		{Network{Mode: "none"}, false, "Réseau : aucun. Le bureau est sur la borne seule."},
		{Network{Mode: "own", Own: true, Wifi: "Jeudi", Fault: true}, false, "Réseau : il ne démarre pas. La borne essaie encore."},
	} {
		set(tt.n)
		found := false
		for _, d := range o.server.devices(o.box.Snapshot()) {
			if d.Key == "network" {
				found = d.Text == tt.want && d.OK == tt.ok
				if !found {
					t.Errorf("%+v = %+v; want %t %q", tt.n, d, tt.ok, tt.want)
				}
			}
		}
		if !found {
			t.Errorf("%+v: no network among the devices", tt.n)
		}
	}
	set(Network{})
	for _, d := range o.server.devices(o.box.Snapshot()) {
		if d.Key == "network" {
			t.Errorf("on a laptop %+v; want nothing", d)
		}
	}

	set(ownWifi())
	b := o.box.Snapshot()
	o.request("POST", "/api/pairing", fields{"do": "offer"})
	for name, v := range map[string]any{
		"hall": o.server.hallView(b), "devices": o.server.devices(b), "site": o.server.siteView(), "kiosk at rest": o.server.kioskView(b, b.Kiosk),
	} {
		if text, err := json.Marshal(v); err != nil || strings.Contains(string(text), ownKey) {
			t.Errorf("%s has the passphrase: %s, %v", name, text, err)
		}
	}
}
