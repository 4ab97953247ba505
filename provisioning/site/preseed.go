package site

import (
	"fmt"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// PreseedFile is what Raspberry Pi Imager 2 writes on the first partition of a card whose
// manifest says rpi-preseed, when its form was filled in.
const PreseedFile = "rpi-preseed.toml"

// Preseed is what the box reads of it: proposals for the wizard. It is not a site.
type Preseed struct {
	Wifi AnswerWifi
	Zone string   // of the tz database, "" for none that is known
	Left []string // sections that were filled in and mean nothing here, sorted: "ssh", "user"
}

// ReadPreseed reads a file of Imager's form, as rpi-preseed(5) of raspberrypi/rpi-preseed
// describes it. The Wi-Fi and the time zone are taken. A name, a password, SSH, packages
// and commands are not: a box has no accounts, and runs nothing that lies on a card. An
// error says that the file is none; it shows nothing of what is in it.
func ReadPreseed(data []byte) (Preseed, error) {
	var all map[string]any
	if err := toml.Unmarshal(data, &all); err != nil {
		return Preseed{}, fmt.Errorf("%s: not in TOML", PreseedFile) // the parser's own words quote the file
	}
	section := func(name string) map[string]any { s, _ := all[name].(map[string]any); return s }
	text := func(in map[string]any, key string) string { s, _ := in[key].(string); return s }
	var p Preseed
	wlan := section("wlan")
	ssid, pass := text(wlan, "ssid"), text(wlan, "password")
	switch {
	case ssid == "":
	case pass != "" && (len(pass) < 8 || len(pass) > 64):
		// Imager may give the hash of something else; the wizard asks again.
		p.Wifi = AnswerWifi{Use: WifiPlace, SSID: ssid}
	default:
		p.Wifi = AnswerWifi{Use: WifiPlace, SSID: ssid, Passphrase: pass}
	}
	if zone := text(section("locale"), "timezone"); zone != "" && zone != "Local" {
		if _, err := time.LoadLocation(zone); err == nil {
			p.Zone = zone
		}
	}
	for name, value := range all {
		filled, is := value.(map[string]any)
		if is && len(filled) > 0 && name != "wlan" && name != "locale" {
			p.Left = append(p.Left, name)
		}
	}
	slices.Sort(p.Left)
	return p, nil
}
