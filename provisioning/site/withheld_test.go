package site

import (
	"reflect"
	"strings"
	"testing"
)

// with is the sample with a section of its Wi-Fi instead of its own.
func sampleWith(t *testing.T, wifi string) string {
	t.Helper()
	text := SampleText()
	at := strings.Index(text, "\n[wifi]\n")
	if at < 0 {
		t.Fatal("the sample has no [wifi]")
	}
	end := len(text)
	if next := strings.Index(text[at+8:], "\n["); next >= 0 {
		end = at + 8 + next + 1
	}
	return wifi + text[:at+1] + text[end:]
}

// The ways of TOML to say the same, and of people to note it.
var wifis = map[string]string{
	"plain":            "[wifi]\nssid = \"Salle\"\npassphrase = \"Sesame-2024\"\nname = \"Borne\"\n",
	"an escaped key":   "[wifi]\nssid = \"Salle\"\n\"pass\\u0070hrase\" = \"Sesame-2024\"\nname = \"Borne\"\n",
	"an escaped table": "[\"w\\u0069fi\"]\nssid = \"Salle\"\n'passphrase' = 'Sesame-2024'\nname = \"Borne\"\n",
	"escaped values":   "[wifi]\nssid = \"Salle\"\npassphrase = \"Sesame\\u002d2024\"\nname = \"Borne\"\n",
	"several lines":    "[wifi]\nssid = \"Salle\"\npassphrase = \"\"\"\\\n  Sesame-\\\n  2024\"\"\" # of the hall\nname = \"Borne\"\n",
	"other quotes":     "[wifi]\nssid = '''Salle'''\npassphrase = '''\nSesame-2024'''\nname = \"Borne\"\n",
	"a comment":        "# mot de passe du Wi-Fi de la mairie : Tilleuls-2024\n[wifi]\nssid = \"Salle\" # mdp : Tilleuls-2024\npassphrase = \"Sesame-2024\"\nname = \"Borne\"\n# passphrase = \"Tilleuls-2024\"\n",
	"the same noted":   "[wifi]\nssid = \"Salle\"\npassphrase = \"Sesame-2024\"\nname = \"Borne\" # on dit Sesame-2024\n",
}

// inlined are those that stand before any table.
var inlined = map[string]string{
	"dotted": "wifi.ssid = \"Salle\"\nwifi.passphrase = \"Sesame-2024\"\nwifi.name = \"Borne\"\n",
	"inline": "wifi = { ssid = \"Salle\", passphrase = \"Sesame-2024\", name = \"Borne\" }\n",
}

func eachWifi(t *testing.T, do func(t *testing.T, text string)) {
	t.Helper()
	without := sampleWith(t, "")
	for name, wifi := range wifis {
		t.Run(name, func(t *testing.T) { do(t, without+"\n"+wifi) })
	}
	for name, wifi := range inlined {
		t.Run(name, func(t *testing.T) { do(t, "\ufeff"+wifi+without) })
	}
}

// TestShown: the settings without a secret, however it is written, and without comments.
func TestShown(t *testing.T) {
	eachWifi(t, func(t *testing.T, text string) {
		if _, err := Parse("", []byte(text)); err != nil {
			t.Fatal(err)
		}
		out, err := Shown([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got := string(out)
		for _, never := range []string{"2024", "Sesame", "#"} {
			if strings.Contains(got, never) {
				t.Errorf("it shows %q:\n%s", never, got)
			}
		}
		for _, want := range []string{"[wifi]", "Salle", "Borne", withheld, "Centre social Les Tilleuls", "[place]"} {
			if !strings.Contains(got, want) {
				t.Errorf("it lacks %q:\n%s", want, got)
			}
		}
	})
	if out, err := Shown([]byte("passphrase = \"Sesame-2024\"\n")); err == nil || out != nil || strings.Contains(err.Error(), "Sesame") {
		t.Errorf("Shown(a file that is not valid) = %q, %v; want the error alone", out, err)
	}
}

// TestWithoutWifi: what a backup holds of the site is all but the Wi-Fi of the place.
func TestWithoutWifi(t *testing.T) {
	eachWifi(t, func(t *testing.T, text string) {
		before, err := Parse("", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out, had, err := WithoutWifi([]byte(text))
		if err != nil || !had {
			t.Fatalf("WithoutWifi() = %t, %v", had, err)
		}
		for _, never := range []string{"Sesame", "Tilleuls-2024"} {
			if strings.Contains(string(out), never) {
				t.Errorf("it holds %q:\n%s", never, out)
			}
		}
		after, err := Parse("", out)
		if err != nil {
			t.Fatal(err)
		}
		before.Wifi.SSID, before.Wifi.Passphrase = "", ""
		if !reflect.DeepEqual(after, before) {
			t.Errorf("it says %+v; want %+v", after, before)
		}
		if !strings.HasPrefix(string(out), "# Sauvegarde") || !strings.Contains(string(out), `ssid = "Salle"`) {
			t.Errorf("it does not say what is to be written again:\n%.300s", out)
		}
	})
	plain := sampleWith(t, "") + "\n" + wifis["plain"]
	if out, _, _ := WithoutWifi([]byte(plain)); strings.Count(string(out), "\n") < strings.Count(plain, "\n")-20 {
		t.Errorf("of %d lines %d are left: the comments are gone", strings.Count(plain, "\n"), strings.Count(string(out), "\n"))
	}
	open := sampleWith(t, "") + "\n[wifi]\nssid = \"Salle\"\n"
	if out, had, err := WithoutWifi([]byte(open)); had || err != nil || string(out) != open {
		t.Errorf("an open network is changed: %t, %v", had, err)
	}
	named := sampleWith(t, "") + "\n[wifi]\nssid = \"Sesame-2024\"\npassphrase = \"Sesame-2024\"\n"
	if out, _, err := WithoutWifi([]byte(named)); err != nil || strings.Contains(string(out), "Sesame") {
		t.Errorf("a network that is called as its passphrase: %v", err)
	}
	if _, _, err := WithoutWifi([]byte("x = 1\n")); err == nil {
		t.Error("a file that is not valid is taken")
	}
}

// TestEverySecretIsWithheld fails for a setting that is secret and of which Shown and
// WithoutWifi know nothing.
func TestEverySecretIsWithheld(t *testing.T) {
	var found []string
	seen := map[reflect.Type]bool{}
	var walk func(path string, of reflect.Type)
	walk = func(path string, of reflect.Type) {
		if of == reflect.TypeFor[Secret]() {
			found = append(found, path)
			return
		}
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(path, of.Elem())
		case reflect.Struct:
			if seen[of] {
				return
			}
			seen[of] = true
			for f := range of.Fields() {
				walk(path+"."+f.Name, f.Type)
			}
		}
	}
	walk("", reflect.TypeFor[Site]())
	if want := []string{".Wifi.Passphrase"}; !reflect.DeepEqual(found, want) {
		t.Errorf("secrets of a site: %v; want %v, or their keys in withheld.go", found, want)
	}
}
