package hotspot

import (
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jeudi/provisioning/site"
)

var update = flag.Bool("update", false, "write the golden files")

func usual() site.Wifi {
	return site.Wifi{Hotspot: site.HotspotAuto, Name: "Jeudi", Country: "FR", Channel: 6}
}

func text(p Plan) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.Profiles)) {
		fmt.Fprintf(&b, "--- %s\n%s", name, p.Profiles[name])
	}
	fmt.Fprintf(&b, "--- dnsmasq\n%s--- nftables\n%s", p.Dns, p.Firewall)
	return b.String()
}

func TestMake(t *testing.T) {
	box := usual()
	box.SSID, box.Passphrase = "Box d’à côté", `a\b c;"`
	five := usual()
	five.Channel, five.Name, five.Country = 36, `Mairie "Sud";`, "RE"
	wired := usual()
	wired.Interface = "eth0"
	for _, tt := range []struct {
		name  string
		state State
		ports []Port
		want  Want
	}{
		{"own", State{Mode: OwnWifi, Port: "wlan0"}, []Port{unplugged, radio}, Want{Wifi: five, Name: five.Name, Passphrase: "abcd-efgh-jkmn-opqr-stuv"}},
		{"own-two-radios", State{Mode: OwnWifi, Port: "wlan0"}, []Port{radio, second}, Want{Wifi: box, Name: "Jeudi", Passphrase: "abcd-efgh-jkmn-opqr-stuv"}},
		{"own-wired", State{Mode: OwnWifi, Port: "eth0"}, []Port{plugged, {Name: "eth1"}}, Want{Wifi: wired, Name: "Jeudi", Passphrase: "abcd-efgh-jkmn-opqr-stuv"}},
		{"joined", State{Mode: Joined, Port: "wlan0"}, []Port{unplugged, joined}, Want{Wifi: box, Name: "Jeudi", Fixed: []netip.Addr{at("192.168.1.5")}}},
		{"none", State{Mode: None}, nil, Want{Wifi: usual(), Name: "Jeudi"}},
	} {
		got := text(Make(tt.state, Facts{Ports: tt.ports}, tt.want))
		golden := filepath.Join("testdata", tt.name+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("Make(%s) =\n%s\nwant\n%s", tt.name, got, want)
		}
	}
}

// Case 36, as far as a file can say it: phones on the box's Wi-Fi are kept apart by the
// access point, it is encrypted, and its passphrase cannot be guessed.
func TestCase36(t *testing.T) {
	p, err := Draw(strings.NewReader(strings.Repeat("\x00\x1f\xff\x80 ", 4)))
	if err != nil {
		t.Fatal(err)
	}
	profile := Make(State{Mode: OwnWifi, Port: "wlan0"}, Facts{Ports: []Port{radio}}, Want{Wifi: usual(), Name: "Jeudi", Passphrase: p}).Profiles[OwnProfile]
	for _, line := range []string{"mode=ap", "ap-isolation=1", "key-mgmt=wpa-psk", "proto=rsn;", "pairwise=ccmp;", "group=ccmp;", "psk=" + p.Reveal(), "method=manual"} {
		if !strings.Contains(profile, "\n"+line+"\n") {
			t.Errorf("the profile of the box's own Wi-Fi lacks %s:\n%s", line, profile)
		}
	}
	if strings.Contains(profile, "shared") {
		t.Errorf("the profile shares a connection, which forwards:\n%s", profile)
	}
	if len(p.Reveal()) < 20 {
		t.Errorf("Draw() = %q; want 20 characters and more", p.Reveal())
	}
}

// Case 41 in the rules themselves; what they do is in the network tests.
func TestFirewallRules(t *testing.T) {
	for _, tt := range []struct {
		own     string
		uplinks []string
	}{{"wlan0", []string{"eth0"}}, {"", []string{"eth0", "wlan0"}}, {"", nil}} {
		rules := FirewallRules(tt.own, tt.uplinks)
		if strings.Count(rules, "policy drop;") != 2 || strings.Contains(rules, "masquerade") || strings.Contains(rules, "5353") {
			t.Errorf("FirewallRules(%v) =\n%s\nwant both chains closed", tt, rules)
		}
		if forward := rules[strings.Index(rules, "chain forward"):]; strings.Contains(forward, "accept") {
			t.Errorf("FirewallRules(%v) forwards:\n%s", tt, rules)
		}
		for line := range strings.Lines(rules) {
			if strings.Contains(line, "accept") && !strings.Contains(line, "iifname") && !strings.Contains(line, "established,related") {
				t.Errorf("FirewallRules(%v) accepts on every port: %s", tt, line)
			}
		}
	}
}

func TestSteps(t *testing.T) {
	f := Facts{Ports: []Port{unplugged, radio}}
	plan := func(s State, p site.Secret) Plan {
		return Make(s, f, Want{Wifi: usual(), Name: "Jeudi", Passphrase: p})
	}
	own, other := plan(State{Mode: OwnWifi, Port: "wlan0"}, "abcd-efgh-jkmn-opqr-stuv"), plan(State{Mode: OwnWifi, Port: "wlan0"}, "bbcd-efgh-jkmn-opqr-stuv")
	none := plan(State{Mode: None}, "")
	show := func(had, want Plan, left ...string) string {
		var b strings.Builder
		for _, s := range Steps(had, want, left) {
			switch {
			case s.Write != "":
				fmt.Fprintln(&b, "write", filepath.Base(s.Write))
			case s.Remove != "":
				fmt.Fprintln(&b, "remove", filepath.Base(s.Remove))
			default:
				fmt.Fprintln(&b, strings.Join(s.Run, " "))
			}
			if strings.Contains(strings.Join(s.Run, " "), "efgh") {
				t.Errorf("a passphrase in the arguments of a program: %v", s.Run)
			}
		}
		return b.String()
	}
	for _, tt := range []struct {
		name      string
		got, want string
	}{
		{"the first time", show(Plan{}, own, "jeudi-place"), `write firewall.nft
nft -f /run/jeudi/hotspot/firewall.nft
iw reg set FR
remove jeudi-place.nmconnection
write jeudi-eth0.nmconnection
write jeudi-own.nmconnection
nmcli connection reload
nmcli --wait 0 connection up id jeudi-own
write dnsmasq.conf
systemctl restart jeudi-hotspot.service
`},
		{"again", show(own, own), ""},
		{"another passphrase", show(own, other), `write jeudi-own.nmconnection
nmcli connection reload
nmcli --wait 0 connection up id jeudi-own
`},
		{"given up", show(own, none), `write firewall.nft
nft -f /run/jeudi/hotspot/firewall.nft
systemctl stop jeudi-hotspot.service
remove dnsmasq.conf
remove leases
remove jeudi-own.nmconnection
nmcli connection reload
`},
		{"the first time, without its own", show(Plan{}, none, "jeudi-eth0"), `write firewall.nft
nft -f /run/jeudi/hotspot/firewall.nft
iw reg set FR
systemctl stop jeudi-hotspot.service
remove dnsmasq.conf
remove leases
write jeudi-eth0.nmconnection
nmcli connection reload
`},
	} {
		if tt.got != tt.want {
			t.Errorf("Steps(%s) =\n%s\nwant\n%s", tt.name, tt.got, tt.want)
		}
	}
}

func TestEscaped(t *testing.T) {
	for in, want := range map[string]string{`a b`: `a b`, ` a `: `\sa `, `\`: `\\`, `  x;#"=`: `\s\sx;#"=`} {
		if got := escaped(in); got != want {
			t.Errorf("escaped(%q) = %q; want %q", in, got, want)
		}
	}
}
