package site

import (
	"reflect"
	"strings"
	"testing"
)

func TestReadPreseed(t *testing.T) {
	key := strings.Repeat("0a", 32)
	tests := []struct {
		name, text string
		want       Preseed
		bad        bool
	}{
		{name: "all of the form", text: `config_version = "1.1"
[system]
hostname = "jeudi"
[user]
name = "claire"
password = "changeme"
[ssh]
enabled = true
[wlan]
ssid = "Mairie"
password = "tilleuls2026"
password_encrypted = false
hidden = false
country = "FR"
[locale]
keymap = "fr"
timezone = "Indian/Reunion"
[runcmd]
early = ["rm -rf /"]
`, want: Preseed{Wifi: AnswerWifi{Use: WifiPlace, SSID: "Mairie", Passphrase: "tilleuls2026"}, Zone: "Indian/Reunion", Left: []string{"runcmd", "ssh", "system", "user"}}},
		{name: "an open network", text: "[wlan]\nssid = \"Ouvert\"", want: Preseed{Wifi: AnswerWifi{Use: WifiPlace, SSID: "Ouvert"}}},
		{name: "the key itself", text: "[wlan]\nssid = \"Mairie\"\npassword = \"" + key + "\"\npassword_encrypted = true", want: Preseed{Wifi: AnswerWifi{Use: WifiPlace, SSID: "Mairie", Passphrase: key}}},
		{name: "a password that can be none", text: "[wlan]\nssid = \"Mairie\"\npassword = \"short\"", want: Preseed{Wifi: AnswerWifi{Use: WifiPlace, SSID: "Mairie"}}},
		{name: "no network", text: "[wlan]\ncountry = \"FR\"\n[locale]\ntimezone = \"Europe/Nowhere\""},
		{name: "other types", text: "wlan = 3\n[locale]\ntimezone = 3\n[user]"},
		{name: "empty", text: ""},
		{name: "not TOML", text: "password = tilleuls2026", bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadPreseed([]byte(tt.text))
			if (err != nil) != tt.bad || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("ReadPreseed = %+v, %v; want %+v", got, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "tilleuls2026") {
				t.Errorf("%v shows the passphrase", err)
			}
		})
	}
}

func FuzzReadPreseed(f *testing.F) {
	f.Add([]byte("[wlan]\nssid = \"Mairie\"\npassword = \"tilleuls2026\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := ReadPreseed(data); err == nil && p.Wifi.Passphrase != "" && p.Wifi.SSID == "" {
			t.Errorf("%+v: a passphrase for no network", p)
		}
	})
}
