package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestWifi(t *testing.T) {
	usual := Wifi{Hotspot: HotspotAuto, Name: "Jeudi", Country: "FR", Channel: 6}
	with := func(change func(*Wifi)) Wifi { w := usual; change(&w); return w }
	long := strings.Repeat("x", 63)
	for _, tt := range []struct {
		section string
		want    Wifi
		wrong   string
	}{
		{"", usual, ""},
		{"[wifi]\nssid = \"Box\"\npassphrase = \"azertyui\"", with(func(w *Wifi) { w.SSID, w.Passphrase = "Box", "azertyui" }), ""},
		{"[wifi]\nssid = \" Box \"", with(func(w *Wifi) { w.SSID = " Box " }), ""},
		{"[wifi]\nssid = \"Box\"\npassphrase = \" a b c d \"", with(func(w *Wifi) { w.SSID, w.Passphrase = "Box", " a b c d " }), ""},
		{"[wifi]\nssid = \"Box\"\npassphrase = \"" + long + "\"", with(func(w *Wifi) { w.SSID, w.Passphrase = "Box", Secret(long) }), ""},
		{"[wifi]\nssid = \"Box\"\npassphrase = \"" + strings.Repeat("0f", 32) + "\"", with(func(w *Wifi) { w.SSID, w.Passphrase = "Box", Secret(strings.Repeat("0f", 32)) }), ""},
		{"[wifi]\nhotspot = \"always\"\nname = \"Étoile\"\ncountry = \"RE\"\nchannel = 36\ninterface = \"eth0\"",
			Wifi{Hotspot: HotspotAlways, Name: "Étoile", Country: "RE", Channel: 36, Interface: "eth0"}, ""},

		{"[wifi]\npassphrase = \"azertyui\"", Wifi{}, "15: wifi.passphrase: there is no network for this passphrase; add ssid"},
		{"[wifi]\nssid = \"Box\"\npassphrase = \"secret7\"", Wifi{}, "16: wifi.passphrase: a passphrase of Wi-Fi has 8 to 63 characters, and this one has 7"},
		{"[wifi]\nssid = \"Box\"\npassphrase = \"" + long + "x\"", Wifi{}, "and this one has 64"},
		{"[wifi]\nssid = \"Box\"\npassphrase = \"secretsé\"", Wifi{}, "letters without accents"},
		{"[wifi]\nssid = \"Box\"\npassphrase = \"secret\\u001bs\"", Wifi{}, "letters without accents"},
		{"[wifi]\nssid = \"Box\"\npassphrase = 12345678", Wifi{}, "wifi.passphrase: this is a whole number"},
		{"[wifi]\nssid = \"\"", Wifi{}, "wifi.ssid: this is empty"},
		{"[wifi]\nssid = \"Bo\\nx\"", Wifi{}, "wifi.ssid: this holds a line break"},
		{"[wifi]\nssid = \"" + strings.Repeat("é", 17) + "\"", Wifi{}, "at most 32 bytes, and this one has 34"},
		{"[wifi]\nssid = \"Jeudi\"", Wifi{}, "have the same name"},
		{"[wifi]\nhotspot = true", Wifi{}, "wifi.hotspot: this is true or false"},
		{"[wifi]\nhotspot = \"oui\"", Wifi{}, "use one of auto, always, never"},
		{"[network]\nstaff = \"10.3.141.1\"\npublic = \"10.3.141.1\"\n[wifi]\nhotspot = \"always\"", Wifi{}, "18: wifi.hotspot: on its own Wi-Fi the box has the address 10.41.0.1, and [network] names 10.3.141.1; write staff = \"auto\""},
		{"[network]\nstaff = \"10.41.0.1\"\npublic = \"auto\"\n[wifi]\nhotspot = \"always\"", with(func(w *Wifi) { w.Hotspot = HotspotAlways }), ""},
		{"[network]\nstaff = \"192.168.1.5\"\n[wifi]\nssid = \"Box\"", with(func(w *Wifi) { w.SSID = "Box" }), ""},
		{"[wifi]\ncountry = \"France\"", Wifi{}, "\"France\" is not a country"},
		{"[wifi]\nchannel = 14", Wifi{}, "14 is not a channel"},
		{"[wifi]\nchannel = 52", Wifi{}, "wifi.channel: 52 is out of range"},
		{"[wifi]\ninterface = \"eth0; rm\"", Wifi{}, "is not a network port"},
		{"[wifi]\ninterface = \"lo\"", Wifi{}, "is not a network port"},
		{"[wifi]\nSsid = \"Box\"", Wifi{}, "write it ssid"},
	} {
		s, err := Parse("site.toml", []byte(least+tt.section+"\n"))
		switch {
		case tt.wrong == "" && (err != nil || s.Wifi != tt.want):
			t.Errorf("Parse(%q) = %#v, %v; want %#v", tt.section, s, err, tt.want)
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("Parse(%q) = %v; want %s", tt.section, err, tt.wrong)
		}
		if err != nil && strings.Contains(err.Error(), "secret") && strings.Contains(tt.section, "\"secret") {
			t.Errorf("Parse(%q) = %v; want an error without the passphrase", tt.section, err)
		}
	}
}

// What prints a site by accident prints no passphrase.
func TestSecret(t *testing.T) {
	s, err := Parse("site.toml", []byte(least+"[wifi]\nssid = \"Box\"\npassphrase = \"tournesol-12\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %s %q", s.Wifi, s.Wifi, s.Wifi, s.Wifi.Passphrase, s.Wifi.Passphrase)
	slog.New(slog.NewTextHandler(&out, nil)).Info("site", "wifi", s.Wifi, "key", s.Wifi.Passphrase)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("site", "wifi", s.Wifi, "key", s.Wifi.Passphrase)
	if err := json.NewEncoder(&out).Encode(s.Wifi); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "tournesol") {
		t.Errorf("the passphrase is in %s", &out)
	}
	if s.Wifi.Passphrase.Reveal() != "tournesol-12" || Secret("").String() != "" {
		t.Errorf("Reveal() = %q", s.Wifi.Passphrase.Reveal())
	}
}

// The sample names every key of the section.
func TestSampleShowsWifi(t *testing.T) {
	for _, key := range []string{"ssid =", "passphrase =", "hotspot =", "name =", "country =", "channel =", "interface ="} {
		if _, section, _ := strings.Cut(SampleText(), "[wifi]\n"); !strings.Contains(section, key) {
			t.Errorf("the sample does not show %s", key)
		}
	}
}
