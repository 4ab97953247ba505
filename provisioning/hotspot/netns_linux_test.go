package hotspot

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const tcp, udp = syscall.IPPROTO_TCP, syscall.IPPROTO_UDP

// A phone on the box's own network gets an address without a gateway, and finds the box
// under every name.
func TestOwnNetwork(t *testing.T) {
	w := newWorld(t)
	w.raise()
	w.isolate("on")
	w.serve("box", Own.Addr().String()+":80", "the box")
	a, b := w.dhcp("phone1", "own0"), w.dhcp("phone2", "own0")
	for _, l := range []lease{a, b} {
		ip, err := netip.ParseAddr(l.IP)
		if err != nil || ip.Less(first) || last.Less(ip) || l.Subnet != "255.255.255.0" || l.DNS != "10.41.0.1" {
			t.Errorf("lease %+v; want one of 10.41.0.10 to 250, and the box for names", l)
		}
		if l.Router != "" {
			t.Errorf("router %q; want none: a phone would send the whole world there", l.Router)
		}
		for _, option := range []string{"opt114", "opt160", "opt252", "domain="} {
			if strings.Contains(l.All, option) {
				t.Errorf("the lease has %s:\n%s", option, l.All)
			}
		}
	}
	if a.IP == b.IP {
		t.Errorf("two phones have %s", a.IP)
	}
	r := w.resolver("phone1", a.DNS)
	for _, name := range []string{"captive.apple.com", "connectivitycheck.gstatic.com", "www.msftconnecttest.com", "detectportal.firefox.com", "www.caf.fr", "jeudi", "a.b.c.d.example"} {
		got, err := r.LookupNetIP(t.Context(), "ip4", name)
		if err != nil || !slices.Equal(got, []netip.Addr{Own.Addr()}) {
			t.Errorf("%s = %v, %v; want the box", name, got, err)
		}
		var missing *net.DNSError
		if got, err := r.LookupNetIP(t.Context(), "ip6", name); !errors.As(err, &missing) {
			t.Errorf("%s = %v, %v; want no address of IPv6", name, got, err)
		}
	}
	if got := w.read("phone1", "10.41.0.1:80"); got != "the box" {
		t.Errorf("the box's page = %q", got)
	}
}

// What phones are called and what they are is kept nowhere.
func TestOwnNetworkForgets(t *testing.T) {
	w := newWorld(t)
	m := w.raise()
	w.isolate("on")
	w.dhcp("phone1", "own0")
	for _, name := range []string{DnsFile, Leases} {
		data := mustRead(t, m.path(name))
		if bytes.Contains(data, []byte("marie")) {
			t.Errorf("%s has the name of a phone:\n%s", name, data)
		}
	}
}

// Case 39: what is open is 80, 443, 53 and 67 and nothing else, of all ports, whatever
// port a client sends from. Without the rules the same scan sees every port.
func TestCase39(t *testing.T) {
	w := newWorld(t)
	w.raise()
	w.isolate("on")
	w.place()
	me := at(w.dhcp("phone1", "own0").IP)
	w.in("laptop", "ip", "addr", "add", "192.168.77.9/24", "dev", "lan0")
	w.in("box", "ip", "addr", "add", "192.168.77.5/24", "dev", "up0")
	neighbour, lan := at("192.168.77.9"), at("192.168.77.5")
	for _, tt := range []struct {
		what     string
		from     string
		proto    byte
		src, dst netip.Addr
		port     uint16 // that is sent from
		last     uint16
		want     []uint16
	}{
		{"own network, TCP", "phone1", tcp, me, Own.Addr(), 50000, 443, []uint16{53, 80, 443}},
		{"own network, TCP as an answer of DNS", "phone1", tcp, me, Own.Addr(), 53, 443, []uint16{53, 80, 443}},
		{"own network, UDP", "phone1", udp, me, Own.Addr(), 50000, 53, []uint16{53}},
		{"own network, UDP as a DHCP client", "phone1", udp, me, Own.Addr(), 68, 53, []uint16{53, 67}},
		{"own network, UDP as a DHCP server", "phone1", udp, me, Own.Addr(), 67, 53, []uint16{53}},
		{"own network, UDP as mDNS", "phone1", udp, me, Own.Addr(), 5353, 53, []uint16{53}},
		{"own network, at the address of the other side", "phone1", udp, me, lan, 68, 67, []uint16{67}},
		{"the place, TCP", "laptop", tcp, neighbour, lan, 50000, 443, []uint16{80, 443}},
		{"the place, TCP, at the box's own address", "laptop", tcp, neighbour, Own.Addr(), 50000, 443, []uint16{80, 443}},
	} {
		if tt.dst == lan && tt.from == "phone1" || tt.dst == Own.Addr() && tt.from == "laptop" { // it has no other way
			w.in(tt.from, "ip", "route", "replace", tt.dst.String()+"/32", "dev", map[string]string{"phone1": "own0", "laptop": "lan0"}[tt.from])
		}
		if got := w.scan(tt.from, tt.proto, tt.src, tt.dst, tt.port, tt.last); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v are let through; want %v", tt.what, got, tt.want)
		}
	}
	w.in("box", "nft", "flush", "ruleset")
	if got := w.scan("phone1", tcp, me, Own.Addr(), 50000, 443); len(got) != 65535 {
		t.Errorf("without the rules %d ports are let through; want all, or the scan sees nothing", len(got))
	}
}

// Case 41: through the box nobody reaches anything, not even where the kernel was told to
// forward; and not the other clients either. Without the rules, and told to, it does.
func TestCase41(t *testing.T) {
	w := newWorld(t)
	w.raise()
	w.isolate("on")
	w.place()
	phone := w.dhcp("phone1", "own0")
	w.dhcp("phone2", "own0")
	w.in("box", "ip", "addr", "add", "192.168.77.5/24", "dev", "up0")
	w.in("box", "ip", "route", "add", "default", "via", "192.168.77.1")
	w.in("place", "ip", "route", "add", Own.Masked().String(), "via", "192.168.77.5") // so that an answer would come back
	w.in("phone1", "ip", "route", "add", "default", "via", "10.41.0.1")
	w.serve("place", "192.168.77.1:80", "the router")
	targets := map[string]string{"203.0.113.10:80": "the Internet", "192.168.77.1:80": "the router"}
	for _, forward := range []string{"0", "1"} {
		w.in("box", "sh", "-c", "echo "+forward+" > /proc/sys/net/ipv4/ip_forward")
		for addr := range targets {
			if got := w.blocked("phone1", addr); got != "" {
				t.Errorf("forward=%s: %s from %s = %q; want nothing", forward, addr, phone.IP, got)
			}
		}
	}
	w.in("box", "nft", "flush", "ruleset")
	for addr, want := range targets {
		if got := w.read("phone1", addr); got != want {
			t.Errorf("without the rules %s = %q; want %q, or the test sees nothing", addr, got, want)
		}
	}
}

// Case 36 on a bridge: an access point that keeps its clients apart, and a box that does
// not bring them together again. A false server of addresses is heard by nobody.
func TestCase36Isolation(t *testing.T) {
	w := newWorld(t)
	w.raise()
	w.isolate("on")
	w.dhcp("phone1", "own0")
	other := w.dhcp("phone2", "own0")
	w.serve("phone2", other.IP+":80", "another phone")
	if got := w.blocked("phone1", other.IP+":80"); got != "" {
		t.Errorf("the other phone = %q; want nothing", got)
	}
	// By way of the box, which is not asked to forward, and would not.
	w.in("phone1", "ip", "route", "add", other.IP+"/32", "via", "10.41.0.1")
	if got := w.blocked("phone1", other.IP+":80"); got != "" {
		t.Errorf("the other phone through the box = %q; want nothing", got)
	}
	w.in("phone1", "ip", "route", "del", other.IP+"/32")

	// Somebody answers names and addresses in the box's place.
	w.daemon("phone2", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--interface=own0", "--bind-dynamic", "--no-resolv", "--no-hosts", "--no-ping", "--dhcp-authoritative",
		"--address=/#/"+other.IP, "--dhcp-range=10.41.0.200,10.41.0.240,255.255.255.0,1h", "--dhcp-option=option:router,"+other.IP, "--dhcp-leasefile="+w.dir+"/false.leases")
	for range 3 {
		w.in("laptop", "ip", "addr", "flush", "dev", "own0")
		if got := w.dhcp("laptop", "own0"); got.DNS != "10.41.0.1" || got.Router != "" {
			t.Errorf("lease %+v; want the box's", got)
		}
	}
	w.isolate("off")
	if got := w.read("phone1", other.IP+":80"); got != "another phone" {
		t.Errorf("without isolation the other phone = %q; want it, or the test sees nothing", got)
	}
}

// A mediator's laptop has the desk and the Internet side by side: on the box's own network
// with a cable of the place beside it, and on the place's network, where the box is too.
func TestBesideTheInternet(t *testing.T) {
	w := newWorld(t)
	w.raise()
	w.isolate("on")
	w.place()
	w.serve("box", "0.0.0.0:443", "the desk")
	w.serve("box", "0.0.0.0:8080", "the kiosk")
	cable := w.dhcp("laptop", "lan0")
	if cable.Router != "192.168.77.1" {
		t.Fatalf("lease of the place %+v", cable)
	}
	w.dhcp("laptop", "own0") // the second: it takes nothing away
	if got := w.read("laptop", "10.41.0.1:443"); got != "the desk" {
		t.Errorf("the desk on the box's own network = %q", got)
	}
	site, err := w.resolver("laptop", cable.DNS).LookupNetIP(t.Context(), "ip4", "caf.example")
	if err != nil || len(site) != 1 {
		t.Fatalf("caf.example = %v, %v", site, err)
	}
	if got := w.read("laptop", site[0].String()+":80"); got != "the Internet" {
		t.Errorf("another site beside the desk = %q", got)
	}

	// The box joins the place by its cable: one network for both.
	box := w.dhcp("box", "up0")
	if got := w.read("laptop", box.IP+":443"); got != "the desk" {
		t.Errorf("the desk on the network of the place, at %s = %q", box.IP, got)
	}
	if got := w.read("laptop", "203.0.113.10:80"); got != "the Internet" {
		t.Errorf("another site beside the desk = %q", got)
	}
	for _, port := range []string{"53", "22", "8080"} { // of the box, on the network of the place
		if got := w.blocked("laptop", box.IP+":"+port); got != "" {
			t.Errorf("port %s of the box = %q; want nothing", port, got)
		}
	}
}
