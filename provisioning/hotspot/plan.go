package hotspot

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"jeudi/provisioning/site"
)

// Where the files of a plan lie. All is in memory and gone with the power: what must last
// is the passphrase alone.
const (
	Profiles = "/run/NetworkManager/system-connections"
	Dir      = "/run/jeudi/hotspot"
	DnsFile  = Dir + "/dnsmasq.conf"
	Leases   = Dir + "/leases"
	Firewall = Dir + "/firewall.nft"
)

// The names of our profiles at NetworkManager. Others are none of our business.
const (
	profile      = "jeudi-"
	OwnProfile   = profile + "own"
	PlaceProfile = profile + "place"
)

// Plan is what a state needs: profiles of NetworkManager by name, the configuration of
// dnsmasq ("" when the box hands out no addresses), and the firewall.
type Plan struct {
	Profiles map[string]string
	Dns      string
	Firewall string
	Country  string
}

// Want is what a plan is made of.
type Want struct {
	Wifi       site.Wifi
	Name       string       // of the box's own Wi-Fi
	Passphrase site.Secret  // of the box's own Wi-Fi
	Fixed      []netip.Addr // addresses that the site gives the box on the network of the place
}

// Make is the plan of a state.
func Make(s State, f Facts, want Want) Plan {
	p := Plan{Profiles: map[string]string{}, Country: want.Wifi.Country}
	own := ""
	if s.Mode == OwnWifi {
		own = s.Port
		p.Profiles[OwnProfile] = ownProfile(f, own, want)
		p.Dns = dnsConfig(own)
	}
	var uplinks []string
	for _, port := range f.Ports {
		if !port.Radio && port.Name != own && port.Name != want.Wifi.Interface {
			p.Profiles[profile+port.Name] = cableProfile(port.Name, want)
			uplinks = append(uplinks, port.Name)
		}
	}
	if radio := JoinPort(want.Wifi, f, s.Mode); radio != "" {
		p.Profiles[PlaceProfile] = placeProfile(radio, want)
		uplinks = append(uplinks, radio)
	}
	p.Firewall = FirewallRules(own, uplinks)
	return p
}

// uuid is a name that stays: NetworkManager keeps what it knows of a profile by it (RFC
// 9562, version 8). Whoever may ask NetworkManager reads it, so that no passphrase that
// somebody thought of is in its hash; one of 100 random bits may be.
func uuid(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// section is a part of a keyfile.
func section(b *strings.Builder, name string, pairs ...string) {
	fmt.Fprintf(b, "[%s]\n", name)
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(b, "%s=%s\n", pairs[i], pairs[i+1])
	}
	b.WriteByte('\n')
}

// bytesOf is a text as the list of its bytes, the form of a keyfile that needs no escape.
func bytesOf(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.WriteString(strconv.Itoa(int(c)))
		b.WriteByte(';')
	}
	return b.String()
}

// escaped is a text as a value of a GKeyFile.
func escaped(text string) string {
	text = strings.ReplaceAll(text, `\`, `\\`)
	spaces := len(text) - len(strings.TrimLeft(text, " "))
	return strings.Repeat(`\s`, spaces) + text[spaces:]
}

// noIPv6 is what every profile says of IPv6: the box has no address of it, so that no
// phone is found by it and no rule is forgotten.
func noIPv6(b *strings.Builder) { section(b, "ipv6", "method", "disabled") }

// ownProfile is the box's own network: an access point, or a port with its address.
//
// WPA2 with CCMP alone. Protected management frames stay off and SAE is not offered:
// brcmfmac, the radio of every Pi, then lets no phone in (raspberrypi/linux #3619, #7358).
func ownProfile(f Facts, port string, want Want) string {
	var b strings.Builder
	radio := slices.ContainsFunc(f.Ports, func(p Port) bool { return p.Name == port && p.Radio })
	kind := "ethernet"
	if radio {
		kind = "wifi"
	}
	section(&b, "connection", "id", OwnProfile, "uuid", uuid(OwnProfile, port, want.Name, want.Passphrase.Reveal()),
		"type", kind, "interface-name", port, "autoconnect", "true", "autoconnect-priority", "10", "autoconnect-retries", "0")
	if radio {
		band := "bg"
		if want.Wifi.Channel > 14 {
			band = "a"
		}
		section(&b, "wifi", "mode", "ap", "ssid", bytesOf(want.Name), "band", band, "channel", strconv.Itoa(want.Wifi.Channel),
			"ap-isolation", "1", "powersave", "2")
		section(&b, "wifi-security", "key-mgmt", "wpa-psk", "proto", "rsn;", "pairwise", "ccmp;", "group", "ccmp;",
			"pmf", "1", "psk", escaped(want.Passphrase.Reveal()))
	}
	section(&b, "ipv4", "method", "manual", "address1", Own.String(), "never-default", "true", "dad-timeout", "0")
	noIPv6(&b)
	return b.String()
}

// ipv4 is the DHCP client's part. An address that the site gives is added beside what
// DHCP gives, alone in its network: the network's own size is DHCP's to say.
func ipv4(b *strings.Builder, want Want) {
	pairs := []string{"method", "auto", "may-fail", "true", "dhcp-send-hostname", "false", "link-local", "2"}
	for i, a := range want.Fixed {
		pairs = append(pairs, "address"+strconv.Itoa(i+1), a.String()+"/32")
	}
	section(b, "ipv4", pairs...)
	noIPv6(b)
}

// cableProfile takes what the place gives on a port.
func cableProfile(port string, want Want) string {
	var b strings.Builder
	section(&b, "connection", "id", profile+port, "uuid", uuid("cable", port), "type", "ethernet", "interface-name", port,
		"autoconnect", "true", "autoconnect-retries", "0")
	section(&b, "ethernet", "cloned-mac-address", "permanent")
	ipv4(&b, want)
	return b.String()
}

// placeProfile joins the Wi-Fi of the place. The radio keeps its own address: routers of
// town halls let in those that they know.
func placeProfile(port string, want Want) string {
	var b strings.Builder
	section(&b, "connection", "id", PlaceProfile, "uuid", uuid(PlaceProfile, port, want.Wifi.SSID),
		"type", "wifi", "interface-name", port, "autoconnect", "true", "autoconnect-retries", "0")
	section(&b, "wifi", "mode", "infrastructure", "ssid", bytesOf(want.Wifi.SSID), "cloned-mac-address", "permanent", "hidden", "true", "powersave", "2")
	if want.Wifi.Passphrase != "" {
		section(&b, "wifi-security", "key-mgmt", "wpa-psk", "pmf", "1", "psk", escaped(want.Wifi.Passphrase.Reveal()))
	}
	ipv4(&b, want)
	return b.String()
}

// dnsConfig has dnsmasq hand out addresses and answer every name with the box.
//
// No gateway is given (option 3 is empty): a phone then keeps its mobile data for the
// rest of the world, and a laptop its cable. Option 114 (RFC 8910) is not sent: with it
// phones ask an API over HTTPS that no box without Internet can have, and some give up
// (see the notes on captive portals). Nothing of a client is logged.
func dnsConfig(port string) string {
	box := Own.Addr().String()
	lines := []string{
		"# Written by jeudi.",
		"interface=" + port,
		"except-interface=lo",
		"bind-dynamic", // the address may come after
		"port=53",
		"no-resolv", "no-hosts", "no-poll",
		"address=/#/" + box,
		"local-ttl=0", // a phone that leaves asks again
		"filter-AAAA",
		"cache-size=0",
		"dhcp-authoritative",
		"no-ping", // a phone that waits 3 s more looks as if it did not work
		fmt.Sprintf("dhcp-range=%s,%s,%s,4h", first, last, "255.255.255.0"),
		"dhcp-option=option:router", // none
		"dhcp-option=option:dns-server," + box,
		"dhcp-leasefile=" + Leases,
		fmt.Sprintf("dhcp-lease-max=%d", int(last.As4()[3])-int(first.As4()[3])+1),
		"dhcp-ignore-names", // what a phone is called is nobody's business
		"dhcp-ignore-clid",  // phones change it
		"quiet-dhcp",
	}
	return strings.Join(lines, "\n") + "\n"
}

// FirewallRules are the rules of nftables, all of them: they take the place of those
// that were there in one step, so that there is no moment without. own is the port of
// the box's own network, "" for none; uplinks are those to the place's.
//
// What is not named is dropped, in and through. The box itself may ask out: DHCP, and
// what a site lets it fetch. On the place's network it answers 80 and 443 alone.
func FirewallRules(own string, uplinks []string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Written by jeudi.")
	line("table inet jeudi {}")
	line("delete table inet jeudi")
	line("table inet jeudi {")
	line("\tchain input {")
	line("\t\ttype filter hook input priority filter; policy drop;")
	line("\t\tiifname \"lo\" accept")
	line("\t\tct state invalid drop")
	line("\t\tct state established,related accept")
	if own != "" {
		line("\t\tiifname %q udp sport 68 udp dport 67 accept", own)
		line("\t\tiifname %q ip daddr %s ip saddr %s meta l4proto { tcp, udp } th dport 53 accept", own, Own.Addr(), Own.Masked())
		line("\t\tiifname %q ip daddr %s ip saddr %s tcp dport { 80, 443 } accept", own, Own.Addr(), Own.Masked())
	}
	for _, port := range uplinks {
		line("\t\tiifname %q udp sport 67 udp dport 68 accept", port)
		line("\t\tiifname %q tcp dport { 80, 443 } accept", port)
	}
	line("\t}")
	line("\tchain forward {")
	line("\t\ttype filter hook forward priority filter; policy drop;")
	line("\t}")
	line("}")
	return b.String()
}
