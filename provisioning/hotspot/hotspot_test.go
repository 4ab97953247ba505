package hotspot

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"jeudi/provisioning/site"
)

func at(s string) netip.Addr { return netip.MustParseAddr(s) }

// The ports of a Pi, in a few situations.
var (
	radio     = Port{Name: "wlan0", Radio: true}
	unplugged = Port{Name: "eth0"}
	plugged   = Port{Name: "eth0", Carrier: true}
	lan       = Port{Name: "eth0", Carrier: true, Address: at("192.168.1.20")}
	selfmade  = Port{Name: "eth0", Carrier: true, Address: at("169.254.7.7")}
	joined    = Port{Name: "wlan0", Radio: true, Carrier: true, Network: "Box", Address: at("192.168.43.7")}
	foreign   = Port{Name: "wlan0", Radio: true, Carrier: true, Network: "Voisin", Address: at("192.168.0.7")}
	raised    = Port{Name: "wlan0", Radio: true, Carrier: true, Address: Own.Addr()}
	second    = Port{Name: "wlan1", Radio: true}
)

const s = Moment(time.Second)

func TestDecide(t *testing.T) {
	auto := site.Wifi{Hotspot: site.HotspotAuto}
	box := site.Wifi{Hotspot: site.HotspotAuto, SSID: "Box"}
	always := site.Wifi{Hotspot: site.HotspotAlways, SSID: "Box"}
	never := site.Wifi{Hotspot: site.HotspotNever, SSID: "Box"}
	wired := site.Wifi{Hotspot: site.HotspotAlways, Interface: "eth0"}
	own := State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 5 * s}
	for _, tt := range []struct {
		name  string
		wifi  site.Wifi
		ports []Port
		setup bool
		on    Moment // since when the ports for cables are; 0 for the start of the machine
		was   State
		now   Moment
		want  State
	}{
		{name: "nothing to hope for: the box's own at once", wifi: auto, ports: []Port{unplugged, radio}, now: 9 * s, want: State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 9 * s}},
		{name: "the port is not switched on yet: a cable may be in it", wifi: auto, ports: []Port{unplugged, radio}, on: 5 * s, now: 5 * s, want: State{Mode: Searching, Since: 5 * s}},
		{name: "a cable is not seen for 8 s", wifi: auto, ports: []Port{unplugged, radio}, on: 5 * s, was: State{Mode: Searching, Since: 5 * s}, now: 13*s - 1, want: State{Mode: Searching, Since: 5 * s}},
		{name: "there is none", wifi: auto, ports: []Port{unplugged, radio}, on: 5 * s, was: State{Mode: Searching, Since: 5 * s}, now: 13 * s,
			want: State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 13 * s}},
		{name: "there is one", wifi: auto, ports: []Port{plugged, radio}, on: 5 * s, was: State{Mode: Searching, Since: 5 * s}, now: 13 * s, want: State{Mode: Searching, Since: 5 * s}},
		{name: "NetworkManager does not switch them on", wifi: auto, ports: []Port{unplugged, radio}, on: 35 * s, was: State{Mode: Searching, Since: 5 * s}, now: 35 * s,
			want: State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 35 * s}},
		{name: "always waits for no cable", wifi: always, ports: []Port{unplugged, radio}, on: 5 * s, now: 5 * s, want: own},
		{name: "nor does a box without a port for one", wifi: auto, ports: []Port{radio}, on: 5 * s, now: 5 * s, want: own},
		{name: "nor one whose port is for its own network", wifi: site.Wifi{Hotspot: site.HotspotAuto, Interface: "eth0"}, ports: []Port{unplugged, radio}, on: 5 * s, now: 5 * s,
			want: State{Mode: OwnWifi, Port: "eth0", At: Own.Addr(), Since: 5 * s}},
		{name: "a cable is in: DHCP is waited for", wifi: auto, ports: []Port{plugged, radio}, now: 5 * s, want: State{Mode: Searching, Since: 5 * s}},
		{name: "a cable with an address", wifi: auto, ports: []Port{lan, radio}, was: State{Mode: Searching, Since: 5 * s}, now: 9 * s,
			want: State{Mode: Cable, Port: "eth0", At: at("192.168.1.20"), Since: 9 * s}},
		{name: "an address that the box gave itself is none", wifi: auto, ports: []Port{selfmade, radio}, was: State{Mode: Searching, Since: 5 * s}, now: 9 * s,
			want: State{Mode: Searching, Since: 5 * s}},
		{name: "nobody answers on the cable", wifi: auto, ports: []Port{selfmade, radio}, was: State{Mode: Searching, Since: 5 * s}, now: 35 * s,
			want: State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 35 * s}},
		{name: "the Wi-Fi of the place is looked for", wifi: box, ports: []Port{unplugged, radio}, now: 5 * s, want: State{Mode: Searching, Since: 5 * s}},
		{name: "it is there", wifi: box, ports: []Port{unplugged, joined}, was: State{Mode: Searching, Since: 5 * s}, now: 15 * s,
			want: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 15 * s}},
		{name: "another Wi-Fi is not the place's", wifi: box, ports: []Port{unplugged, foreign}, was: State{Mode: Searching, Since: 5 * s}, now: 15 * s,
			want: State{Mode: Searching, Since: 5 * s}},
		{name: "a Wi-Fi that nobody named is not the place's", wifi: auto, ports: []Port{unplugged, foreign}, was: State{Mode: Searching, Since: 5 * s}, now: 9 * s,
			want: State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 9 * s}},
		{name: "it does not come", wifi: box, ports: []Port{unplugged, radio}, was: State{Mode: Searching, Since: 5 * s}, now: 36 * s,
			want: State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 36 * s}},
		{name: "the cable before the Wi-Fi", wifi: box, ports: []Port{lan, joined}, was: State{Mode: Searching, Since: 5 * s}, now: 15 * s,
			want: State{Mode: Cable, Port: "eth0", At: at("192.168.1.20"), Since: 15 * s}},
		{name: "a cable that is plugged in later does not throw phones out", wifi: box, ports: []Port{lan, raised}, was: own, now: 999 * s, want: own},
		{name: "another address of the same network", wifi: box, ports: []Port{unplugged, joined}, was: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.1"), Since: 15 * s}, now: 99 * s,
			want: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 15 * s}},
		{name: "the network is gone", wifi: box, ports: []Port{unplugged, radio}, was: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 15 * s}, now: 100 * s,
			want: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 15 * s, Lost: 100 * s}},
		{name: "it is back", wifi: box, ports: []Port{unplugged, joined}, was: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 15 * s, Lost: 100 * s}, now: 140 * s,
			want: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 15 * s}},
		{name: "it stays away", wifi: box, ports: []Port{unplugged, radio}, was: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 15 * s, Lost: 100 * s}, now: 190 * s,
			want: State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 190 * s}},
		{name: "the cable is pulled and the Wi-Fi is there", wifi: box, ports: []Port{unplugged, joined}, was: State{Mode: Cable, Port: "eth0", Since: 15 * s}, now: 60 * s,
			want: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 60 * s}},
		{name: "no radio, no cable", wifi: auto, ports: []Port{unplugged}, now: 9 * s, want: State{Mode: None, Since: 9 * s}},
		{name: "a cable after all", wifi: auto, ports: []Port{lan}, was: State{Mode: None, Since: 5 * s}, now: 50 * s,
			want: State{Mode: Cable, Port: "eth0", At: at("192.168.1.20"), Since: 50 * s}},
		{name: "a radio that comes late", wifi: auto, ports: []Port{unplugged, radio}, was: State{Mode: None, Since: 5 * s}, now: 50 * s,
			want: State{Mode: OwnWifi, Port: "wlan0", At: Own.Addr(), Since: 50 * s}},

		{name: "always", wifi: always, ports: []Port{lan, joined}, now: 5 * s, want: own},
		{name: "always, on its port", wifi: wired, ports: []Port{unplugged, radio}, now: 5 * s,
			want: State{Mode: OwnWifi, Port: "eth0", At: Own.Addr(), Since: 5 * s}},
		{name: "always, on a port that is not there", wifi: wired, ports: []Port{radio}, now: 5 * s, want: State{Mode: None, Since: 5 * s}},
		{name: "a cable in the box's own port is no network of the place", wifi: site.Wifi{Hotspot: site.HotspotAuto, Interface: "eth0"}, ports: []Port{lan}, now: 5 * s,
			want: State{Mode: OwnWifi, Port: "eth0", At: Own.Addr(), Since: 5 * s}},
		{name: "never, and nothing", wifi: never, ports: []Port{unplugged, radio}, was: State{Mode: Searching, Since: 5 * s}, now: 40 * s, want: State{Mode: None, Since: 40 * s}},
		{name: "never, and lost", wifi: never, ports: []Port{unplugged, radio}, was: State{Mode: Joined, Port: "wlan0", Since: 5 * s, Lost: 10 * s}, now: 140 * s, want: State{Mode: None, Since: 140 * s}},
		{name: "never, and back after long", wifi: never, ports: []Port{unplugged, joined}, was: State{Mode: None, Since: 140 * s}, now: 900 * s,
			want: State{Mode: Joined, Port: "wlan0", At: at("192.168.43.7"), Since: 900 * s}},
		{name: "never, after it was its own", wifi: never, ports: []Port{unplugged, radio}, was: own, now: 40 * s, want: State{Mode: Searching, Since: 40 * s}},
		{name: "setup", wifi: never, ports: []Port{lan, radio}, setup: true, now: 5 * s, want: own},
	} {
		if got := Decide(tt.wifi, Facts{Ports: tt.ports, Setup: tt.setup, Cables: tt.now - tt.on}, tt.was, tt.now); got != tt.want {
			t.Errorf("%s: Decide() = %+v; want %+v", tt.name, got, tt.want)
		}
	}
}

// Whatever comes and goes in whatever order, the box is on a network or says why not
// within the time that people were told, never leaves its own, and never hands out
// addresses where the site forbids it.
func TestDecideAnyOrder(t *testing.T) {
	ports := [][]Port{{unplugged, radio}, {plugged, radio}, {lan, radio}, {unplugged, joined}, {lan, joined}, {unplugged, raised}, {lan, raised}, {unplugged}, {selfmade, joined}}
	wifis := []site.Wifi{{Hotspot: site.HotspotAuto}, {Hotspot: site.HotspotAuto, SSID: "Box"}, {Hotspot: site.HotspotAlways}, {Hotspot: site.HotspotNever, SSID: "Box"}}
	states := 0
	for _, w := range wifis {
		seen := map[string]bool{}
		type turn struct {
			state State
			now   Moment
		}
		todo := []turn{{State{}, 5 * s}}
		for depth := 0; depth < 5; depth++ {
			var next []turn
			for _, from := range todo {
				for _, p := range ports {
					now := from.now + 31*s
					got := Decide(w, Facts{Ports: p}, from.state, now)
					states++
					if again := Decide(w, Facts{Ports: p}, got, now); again != got {
						t.Fatalf("Decide twice = %+v, then %+v; want the same", got, again)
					}
					if w.Hotspot == site.HotspotNever && got.Mode == OwnWifi {
						t.Fatalf("Decide(never, %v) = %+v", p, got)
					}
					if from.state.Mode == OwnWifi && w.Hotspot != site.HotspotNever && OwnPort(w, Facts{Ports: p}) != "" && got.Mode != OwnWifi {
						t.Fatalf("Decide(%+v, %v) = %+v; want phones kept", from.state, p, got)
					}
					if got.Mode == Searching && now-got.Since >= patience {
						t.Fatalf("Decide(%+v, %v) = %+v; want an end of the search", from.state, p, got)
					}
					if key := fmt.Sprint(got.Mode, got.Port, got.Lost != 0, now-got.Lost >= loss, now-got.Since >= patience); !seen[key] {
						seen[key] = true
						next = append(next, turn{got, now})
					}
				}
			}
			todo = next
		}
	}
	if states < 100 {
		t.Errorf("%d states; want a real walk", states)
	}
}
