package site

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// withheld stands where a secret was.
const withheld = "(un mot de passe était ici)"

// Shown is a site file for whoever may know its settings and none of its secrets: written
// anew from what was parsed, so that no spelling of a key hides one, and without comments,
// in which people note passwords. The error of a file that is not valid is of type Errors.
func Shown(text []byte) ([]byte, error) {
	if _, err := Parse("", text); err != nil {
		return nil, err // what it holds under which name is not known
	}
	all, err := values(text)
	if err != nil {
		return nil, err
	}
	if wifi, ok := all["wifi"].(map[string]any); ok && wifi["passphrase"] != nil {
		wifi["passphrase"] = withheld
	}
	return toml.Marshal(all)
}

func values(text []byte) (all map[string]any, err error) {
	err = toml.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &all)
	return all, err
}

// ofPasswords are words of a comment beside which people note one.
var ofPasswords = regexp.MustCompile(`(?i)mots?.?de.?passe|pass.?(phrase|word|wd)|\bmdp\b|\bpsk\b|\bwpa|cl[ée]f?s? (du )?(wi.?fi|r[ée]seau)|code (du )?wi.?fi`)

// WithoutWifi is a valid site file without the Wi-Fi of the place where that one has a
// passphrase, and whether it had one. Its name goes with it: a name alone would be a
// network that anybody can open. A comment says what is to be written again; what else the
// file says stays, and its other comments, where that can be told apart.
func WithoutWifi(text []byte) (out []byte, had bool, err error) {
	s, err := Parse("", text)
	if err != nil {
		return nil, false, err
	}
	if s.Wifi.Passphrase == "" {
		return text, false, nil
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	secret := s.Wifi.Passphrase.Reveal()
	want := *s
	want.Wifi.SSID, want.Wifi.Passphrase = "", ""
	// Whatever was left out by its lines is judged by what it says then.
	good := func(out []byte) bool {
		got, err := Parse("", out)
		return err == nil && reflect.DeepEqual(*got, want) && !bytes.Contains(out, []byte(secret))
	}
	head := fmt.Sprintf("# Sauvegarde : le Wi-Fi du lieu et son mot de passe n’y sont pas.\n# Écrivez-les de nouveau sous [wifi] : ssid = %q, puis passphrase.\n", s.Wifi.SSID)
	if strings.Contains(head, secret) { // a network whose name has its passphrase
		head = "# Sauvegarde : le Wi-Fi du lieu n’y est pas. Écrivez-le de nouveau sous [wifi].\n"
	}
	if out = append([]byte(head), withoutLines(text)...); good(out) {
		return out, true, nil
	}
	all, err := values(text)
	if err != nil {
		return nil, true, err
	}
	if wifi, ok := all["wifi"].(map[string]any); ok {
		delete(wifi, "ssid")
		delete(wifi, "passphrase")
	}
	anew, err := toml.Marshal(all)
	if err != nil {
		return nil, true, err
	}
	if out = append([]byte(head), anew...); !good(out) {
		return nil, true, errors.New("site: the file cannot be written without its Wi-Fi")
	}
	return out, true, nil
}

// withoutLines leaves out the lines of the place's Wi-Fi, and comments that speak of
// passwords.
func withoutLines(text []byte) []byte {
	t := &tree{}
	for i, b := range text {
		if b == '\n' {
			t.breaks = append(t.breaks, i)
		}
	}
	drop := map[int]bool{} // by line, from 1
	table := ""
	t.parser.Reset(text)
	for t.parser.NextExpression() {
		e := t.parser.Expression()
		var names []string
		line := 0
		for it := e.Key(); it.Next(); {
			names = append(names, string(it.Node().Data))
			line = t.lineOf(it.Node())
		}
		path := strings.Join(names, ".")
		switch {
		case e.Kind == unstable.Table || e.Kind == unstable.ArrayTable:
			table = path + "."
		case e.Kind == unstable.KeyValue && (table+path == "wifi.ssid" || table+path == "wifi.passphrase"):
			raw := e.Value().Raw
			for ; line <= t.line(int(raw.Offset+raw.Length)); line++ {
				drop[line] = true
			}
		}
	}
	var out bytes.Buffer
	line := 0
	for l := range bytes.Lines(text) {
		if line++; drop[line] {
			continue
		}
		if at := bytes.IndexByte(l, '#'); at >= 0 && ofPasswords.Match(l[at:]) {
			if l = bytes.TrimRight(l[:at], " \t"); len(l) == 0 {
				continue
			}
			l = append(bytes.Clone(l), '\n')
		}
		out.Write(l)
	}
	return out.Bytes()
}
