// Package hotspot brings the box to a network: the cable or the Wi-Fi of the place where
// there is one, so that mediators have the desk and the Internet side by side on one
// laptop; else, or as the site says, a Wi-Fi of its own.
//
// The box's own Wi-Fi leads nowhere. It hands out addresses without a gateway, so that
// phones keep their mobile data and laptops their other network; answers every name with
// the box; forwards nothing; asks phones to keep apart; and lets in what it must: 80 and
// 443 for pages, 53 for names, 67 for addresses. Its passphrase is drawn for each
// permanence and shown as a QR code.
//
// Decide is pure: what is there, what the site wants and what was decided before give
// what to do. Plan turns that into the files of those who do it, since each is better
// at its part than we could be: NetworkManager (Wi-Fi, DHCP client), dnsmasq (DHCP,
// DNS), nftables. The Keeper looks, decides, writes and starts, and is thin.
//
// It promises that the firewall is closed whatever goes wrong with the rest, that a
// network once given to phones stays until the permanence is over, and that doing
// everything again changes nothing.
package hotspot

import (
	"net/netip"
	"slices"
	"time"

	"jeudi/provisioning/site"
)

// The box's own network. The range is short of the box and of nine addresses for what a
// technician may place by hand.
var (
	Own   = netip.MustParsePrefix(site.HotspotAddress + "/24")
	first = netip.MustParseAddr("10.41.0.10")
	last  = netip.MustParseAddr("10.41.0.250")
)

// Mode is how the box is on a network.
type Mode string

// The modes.
const (
	Searching Mode = "searching" // a network of the place is still looked for
	Cable     Mode = "cable"     // the place's, by cable
	Joined    Mode = "wifi"      // the place's, by Wi-Fi
	OwnWifi   Mode = "own"       // the box's own
	None      Mode = "none"      // nothing is there, and the site wants no own one
)

// A Port is a network interface of the box.
type Port struct {
	Name    string
	Radio   bool
	Carrier bool       // a cable is in, or the radio is on a network
	Address netip.Addr // IPv4, of DHCP or by hand; invalid without one
	Network string     // the Wi-Fi that it is on, "" for none
}

// Facts are what is there.
type Facts struct {
	Ports []Port
	Setup bool // there is no valid site: the wizard needs the box's own Wi-Fi
	// Cables is how long the ports for cables have been switched on; 0 when they are not yet.
	Cables Moment
}

// State is what was decided, and since when. The zero State is the start.
type State struct {
	Mode  Mode
	Port  string     // that carries it, "" for none
	Since Moment     // when this began
	Lost  Moment     // since when the network is gone, 0 when it is there
	At    netip.Addr // the box's address on it, invalid while there is none
}

// Moment is time since the machine started: a box without a clock knows no other.
type Moment time.Duration

// How long is waited. A cable is seen 2 to 3 s after its port is switched on, behind a slow
// switch later. DHCP of a router takes 1 to 4 s and the link of a switch up to 30 s
// with spanning tree (IEEE 802.1D); the radio of a Pi needs some 10 s to scan and join.
const (
	slow     = 8 * Moment(time.Second)  // for a cable to be seen
	patience = 30 * Moment(time.Second) // for a network of the place that ought to come
	loss     = 90 * Moment(time.Second) // that a network may be gone: a router that restarts
)

// Decide is how the box is to be on a network. It never leaves the box's own network by
// itself: phones are on it. Whoever ends a permanence begins again with the zero State.
func Decide(w site.Wifi, f Facts, was State, now Moment) State {
	place, there := theirs(w, f)
	own := OwnPort(w, f)
	begin := func(m Mode, port string, at netip.Addr) State {
		if m == was.Mode && port == was.Port {
			return State{Mode: m, Port: port, At: at, Since: was.Since}
		}
		return State{Mode: m, Port: port, At: at, Since: now}
	}
	raise := func() State {
		if own == "" {
			return begin(None, "", netip.Addr{})
		}
		return begin(OwnWifi, own, Own.Addr())
	}
	alone := func() State { // without a network of the place, after all patience
		if w.Hotspot == site.HotspotNever {
			return begin(None, "", netip.Addr{})
		}
		return raise()
	}
	switch {
	case f.Setup, w.Hotspot == site.HotspotAlways:
		return raise()
	case was.Mode == OwnWifi && was.Port == own && w.Hotspot != site.HotspotNever:
		return was
	case there:
		mode := Cable
		if place.Radio {
			mode = Joined
		}
		return begin(mode, place.Name, place.Address)
	case was.Mode == Cable || was.Mode == Joined:
		if was.Lost == 0 {
			was.Lost = max(now, 1)
		}
		if now-was.Lost < loss {
			return was
		}
		return alone()
	case was.Mode == None:
		return alone()
	}
	s := begin(Searching, "", netip.Addr{})
	if now-s.Since >= patience || !hopeful(w, f) {
		return alone()
	}
	return s
}

// theirs is the network of the place that the box is on: a cable before Wi-Fi, since what
// is plugged in was meant.
func theirs(w site.Wifi, f Facts) (Port, bool) {
	for _, radio := range []bool{false, true} {
		for _, p := range f.Ports {
			good := p.Carrier && usable(p.Address) && p.Radio == radio && p.Name != w.Interface
			if good && (!radio || w.SSID != "" && p.Network == w.SSID) {
				return p, true
			}
		}
	}
	return Port{}, false
}

// usable leaves out addresses that a machine gave itself because nobody answered
// (RFC 3927), and the box's own.
func usable(a netip.Addr) bool {
	return a.Is4() && !a.IsLinkLocalUnicast() && !a.IsLoopback() && a != Own.Addr()
}

// hopeful is whether a network of the place may still come: a cable is in, or may be in and
// is not seen yet, or a Wi-Fi is named and there is a radio for it.
func hopeful(w site.Wifi, f Facts) bool {
	return slices.ContainsFunc(f.Ports, func(p Port) bool {
		if p.Radio {
			return p.Name != w.Interface && w.SSID != ""
		}
		return p.Name != w.Interface && (p.Carrier || f.Cables < slow)
	})
}

// OwnPort carries the box's own network: the port that the site names, or the first
// radio; "" when it is not there.
func OwnPort(w site.Wifi, f Facts) string {
	for _, p := range f.Ports {
		if w.Interface != "" && p.Name == w.Interface || w.Interface == "" && p.Radio {
			return p.Name
		}
	}
	return ""
}

// JoinPort is the radio that joins the Wi-Fi of the place, "" for none: not the one that
// carries the box's own, since a radio of a Pi does not do both dependably.
func JoinPort(w site.Wifi, f Facts, m Mode) string {
	if w.SSID == "" {
		return ""
	}
	own := ""
	if m == OwnWifi {
		own = OwnPort(w, f)
	}
	for _, p := range f.Ports {
		if p.Radio && p.Name != own && p.Name != w.Interface {
			return p.Name
		}
	}
	return ""
}
