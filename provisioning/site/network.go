package site

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// Network is who may reach the box over the network of the place.
type Network struct {
	// Staff is where the pages of the staff's own phones and computers are served, over
	// TLS; the zero address for nowhere: the desk is then on the box's machine alone. An
	// unspecified address, 0.0.0.0, is whichever the network gives, see Auto.
	Staff netip.AddrPort
	// Public is where the hall's display and visitors' phones are served, over plain
	// HTTP; the zero address for nowhere.
	Public netip.AddrPort
	// Name is a host name that the box answers to besides its address, "" for none.
	Name string
	// Visitors says that visitors' own phones reach the box, because the place lets
	// them on its Wi-Fi: tickets then have a QR code that opens their page.
	Visitors bool
}

// The ports of addresses that give none.
const (
	StaffPort  = 443
	PublicPort = 80
)

// Auto is the address, in the file, of a box that takes the one that its network gives
// it: on its own Wi-Fi 10.41.0.1, on the network of the place whatever it is there.
const Auto = "auto"

// hostName is one that a browser asks for in the same form.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// ParseAddress reads an address of the box, as "10.3.141.1", "10.3.141.1:8443" or "auto";
// port is that of an address without one. IPv4 alone: a QR code, a certificate and the
// person who types an address need one that stays, and hotspots give no other.
func ParseAddress(text string, port uint16) (netip.AddrPort, bool) {
	if rest, ok := strings.CutPrefix(text, Auto); ok && (rest == "" || rest[0] == ':') {
		if rest != "" {
			n, err := strconv.ParseUint(rest[1:], 10, 16)
			if err != nil {
				return netip.AddrPort{}, false
			}
			port = uint16(n)
		}
		return netip.AddrPortFrom(netip.IPv4Unspecified(), port), true
	}
	at, err := netip.ParseAddrPort(text)
	if err != nil {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return netip.AddrPort{}, false
		}
		at = netip.AddrPortFrom(ip, port)
	}
	return at, at.Addr().Is4() && !at.Addr().IsUnspecified() && !at.Addr().IsMulticast()
}

func (r *reader) network(root *table) Network {
	t := root.section("network")
	n := Network{Visitors: t.truth("visitors")}
	address := func(name string, port, other uint16) netip.AddrPort {
		f := t.text(name, shortText)
		if !f.ok() {
			return netip.AddrPort{}
		}
		at, ok := ParseAddress(f.text, port)
		switch {
		case at.Addr().Is6(), strings.HasPrefix(f.text, "["):
			r.fail(f.line, t.key(name), "%q is an IPv6 address, and the box needs an IPv4 one; write it like \"10.3.141.1\"", f.text)
		case !ok || at.Port() == 0:
			r.fail(f.line, t.key(name), "%q is not an address of the box; write \"auto\", or an address like \"10.3.141.1\", with a port like \"10.3.141.1:%d\" if it is not %d", f.text, other, port)
		default:
			return at
		}
		return netip.AddrPort{}
	}
	n.Staff, n.Public = address("staff", StaffPort, 8443), address("public", PublicPort, 8080)
	same := n.Staff.Addr() == n.Public.Addr() || n.Staff.Addr().IsUnspecified() || n.Public.Addr().IsUnspecified()
	if n.Staff.IsValid() && n.Public.IsValid() && same && n.Staff.Port() == n.Public.Port() {
		r.fail(t.line, "network", "staff and public are the same address; give each its own port")
	}
	if f := t.text("name", lineText); f.ok() {
		if n.Name = f.text; !hostName.MatchString(f.text) || strings.Trim(f.text, "0123456789.") == "" {
			r.fail(f.line, t.key("name"), "%q is not a host name; write it like \"jeudi.mairie.lan\"", f.text)
		}
	}
	if n.Visitors && !t.has("public") {
		r.fail(t.line, "network.visitors", "visitors' phones need an address; add public = \"auto\" to [network]")
	}
	t.done()
	return n
}
