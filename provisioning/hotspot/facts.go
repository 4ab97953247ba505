package hotspot

import (
	"io/fs"
	"net/netip"
	"slices"
	"strings"
)

// PortsOf reads the interfaces out of /sys/class/net, and their addresses. Interfaces
// without a device behind them, as the loopback, are none of the box's. Cables come first,
// then radios, each by name. The Wi-Fi that a radio is on is left open, see JoinedOf.
func PortsOf(sys fs.FS, addresses func(name string) []netip.Addr) ([]Port, error) {
	entries, err := fs.ReadDir(sys, ".")
	if err != nil {
		return nil, err
	}
	is := func(path string) bool { _, err := fs.Stat(sys, path); return err == nil }
	var ports []Port
	for _, e := range entries {
		name := e.Name()
		if !is(name + "/device") {
			continue
		}
		kind, err := fs.ReadFile(sys, name+"/type")
		if err != nil || strings.TrimSpace(string(kind)) != "1" { // ARPHRD_ETHER
			continue
		}
		p := Port{Name: name, Radio: is(name+"/wireless") || is(name+"/phy80211")}
		// An interface that is down cannot be asked for its carrier.
		carrier, err := fs.ReadFile(sys, name+"/carrier")
		p.Carrier = err == nil && strings.TrimSpace(string(carrier)) == "1"
		if list := addresses(name); len(list) > 0 {
			p.Address = list[0]
			// The one that DHCP gave says where the box is; one of the site's is beside it.
			if i := slices.IndexFunc(list, usable); i >= 0 {
				p.Address = list[i]
			}
		}
		ports = append(ports, p)
	}
	slices.SortStableFunc(ports, func(a, b Port) int {
		switch {
		case a.Radio == b.Radio:
			return strings.Compare(a.Name, b.Name)
		case a.Radio:
			return 1
		}
		return -1
	})
	return ports, nil
}

// JoinedOf are the ports that are on the Wi-Fi of the place, as NetworkManager says: lines
// of DEVICE:STATE:CONNECTION, as nmcli --terse writes them.
func JoinedOf(devices string) []string {
	var joined []string
	for line := range strings.Lines(devices) {
		if f := terse(strings.TrimSpace(line)); len(f) == 3 && strings.HasPrefix(f[1], "connected") && f[2] == PlaceProfile {
			joined = append(joined, f[0])
		}
	}
	return joined
}

// terse are the fields of a line of nmcli --terse, where a backslash stands before a
// colon that is part of a field.
func terse(line string) []string {
	fields := []string{""}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			i++
			fields[len(fields)-1] += string(line[i])
		case c == ':':
			fields = append(fields, "")
		default:
			fields[len(fields)-1] += string(c)
		}
	}
	return fields
}
