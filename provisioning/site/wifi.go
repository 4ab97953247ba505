package site

import (
	"log/slog"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Wifi is how the box comes to a network: the Wi-Fi of the place, its own, or both in turn.
type Wifi struct {
	SSID       string // of the place, as it is; "" for none
	Passphrase Secret // of the place; "" for an open network
	Hotspot    string // when the box has a Wi-Fi of its own: HotspotAuto, HotspotAlways or HotspotNever
	Name       string // of the box's own Wi-Fi, 1 to 32 bytes
	Country    string // two letters of ISO 3166-1: which channels and powers are lawful
	Channel    int    // of the box's own Wi-Fi, see Channels
	Interface  string // the port that carries the box's own network instead of its radio; "" for the radio
}

// When the box has a Wi-Fi of its own.
const (
	HotspotAuto   = "auto"   // when no network of the place is found at the start
	HotspotAlways = "always" // whatever the place has
	HotspotNever  = "never"
)

// What the box's own Wi-Fi is called where the file does not say.
const (
	WifiName    = "Jeudi"
	WifiCountry = "FR"
	WifiChannel = 6
)

// HotspotAddress is the box's on its own network.
const HotspotAddress = "10.41.0.1"

// Channels are those that every country of the list of the European Union allows indoors
// without listening for radars first, 2.4 GHz then 5 GHz (decision 2005/513/EC as amended;
// EN 300 328). The radio of a Pi 3 B knows the first thirteen alone.
func Channels() []int {
	return []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 36, 40, 44, 48}
}

// A Secret is a text that no log, report or error shows. Reveal is for the one file that
// needs it.
type Secret string

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String says whether there is one.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(secret)"
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue is String, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for whatever writes a site out.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

var (
	country = regexp.MustCompile(`^[A-Z]{2}$`)
	// port is a name that Linux gives an interface of Ethernet or of Wi-Fi.
	port = regexp.MustCompile(`^(eth|en|wl)[a-z0-9]{1,12}$`)
	// key256 is a passphrase that is the key itself (IEEE 802.11i, annex H).
	key256 = regexp.MustCompile(`^[0-9A-Fa-f]{64}$`)
)

func (r *reader) wifi(root *table, n Network) Wifi {
	t := root.section("wifi")
	w := Wifi{Hotspot: HotspotAuto, Name: WifiName, Country: WifiCountry, Channel: t.number("channel", WifiChannel, 1, 48)}
	w.SSID = t.network("ssid")
	w.Passphrase = t.passphrase("passphrase")
	if t.has("passphrase") && !t.has("ssid") {
		r.fail(t.n.keys["passphrase"].line, "wifi.passphrase", "there is no network for this passphrase; add ssid = \"…\", the name of the Wi-Fi of the place")
	}
	if f := t.word("hotspot", "choice", []string{HotspotAuto, HotspotAlways, HotspotNever}); f.ok() {
		w.Hotspot = f.text
		for _, at := range []netip.AddrPort{n.Staff, n.Public} {
			if w.Hotspot == HotspotAlways && at.IsValid() && !at.Addr().IsUnspecified() && at.Addr().String() != HotspotAddress {
				r.fail(f.line, "wifi.hotspot", "on its own Wi-Fi the box has the address %s, and [network] names %s; write staff = \"auto\" and public = \"auto\" there", HotspotAddress, at.Addr())
				break
			}
		}
	}
	if name := t.network("name"); name != "" {
		w.Name = name
	}
	if f := t.text("country", shortText); f.ok() {
		if w.Country = f.text; !country.MatchString(f.text) {
			r.fail(f.line, "wifi.country", "%q is not a country; write two capital letters like \"FR\", \"RE\" for La Réunion or \"GP\" for La Guadeloupe", f.text)
		}
	}
	if t.has("channel") && !slices.Contains(Channels(), w.Channel) {
		r.fail(t.n.keys["channel"].line, "wifi.channel", "%d is not a channel of the box; write 1 to 13, or 36, 40, 44 or 48", w.Channel)
	}
	if f := t.text("interface", shortText); f.ok() {
		if w.Interface = f.text; !port.MatchString(f.text) {
			r.fail(f.line, "wifi.interface", "%q is not a network port of the box; write it like \"eth0\", or remove this line: the box's own network is then its Wi-Fi", f.text)
		}
	}
	if w.SSID != "" && w.SSID == w.Name {
		r.fail(t.n.keys["ssid"].line, "wifi.ssid", "the Wi-Fi of the place and the box's own have the same name; phones would not know which to join: give the box another one with name = \"…\"")
	}
	t.done()
	return w
}

// network is the name of a Wi-Fi: any text of 1 to 32 bytes. Spaces around it are part of
// it, since the radio compares bytes.
func (t *table) network(name string) string {
	text, line := t.raw(name)
	switch {
	case line == 0:
		return ""
	case text == "" || strings.TrimSpace(text) == "":
		t.fail(line, t.key(name), "this is empty; write something between the quotes, or remove it")
	case len(text) > 32:
		t.fail(line, t.key(name), "the name of a Wi-Fi has at most 32 bytes, and this one has %d (an accented letter has two)", len(text))
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		t.fail(line, t.key(name), "this holds a line break or a control character; write plain text on one line")
	default:
		return text
	}
	return ""
}

// passphrase is 8 to 63 printable characters of ASCII, or a key of 64 hexadecimal digits
// (IEEE 802.11i). What is wrong with it is said without it.
func (t *table) passphrase(name string) Secret {
	text, line := t.raw(name)
	switch {
	case line == 0:
		return ""
	case key256.MatchString(text):
		return Secret(text)
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }):
		t.fail(line, t.key(name), "a passphrase of Wi-Fi has letters without accents, digits and common signs alone; copy it again from the label of the router")
	case utf8.RuneCountInString(text) < 8 || len(text) > 63:
		t.fail(line, t.key(name), "a passphrase of Wi-Fi has 8 to 63 characters, and this one has %d; copy it again from the label of the router", len(text))
	default:
		return Secret(text)
	}
	return ""
}

// raw is a text as it is between its quotes, and its line; 0 when there is none.
func (t *table) raw(name string) (string, int) {
	n := t.get(name)
	if n == nil {
		return "", 0
	}
	if n.kind != unstable.String {
		t.wrong(n, t.key(name), kindName(unstable.String), name+` = "…"`)
		return "", 0
	}
	return n.text, n.line
}
