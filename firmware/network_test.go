package main

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"jeudi/provisioning/site"
)

// TestThreeListeners: what is on each of them, and what is on none of the others.
func TestThreeListeners(t *testing.T) {
	data := t.TempDir()
	r := boxHere(t, data, "-staff", "127.0.0.1:0", "-public", "127.0.0.1:0")
	staff, public := r.said(`staff +(https://\S+)`), r.said(`public +(http://\S+)`)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // the phone asks its owner
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	get := func(base, path string) (int, string) {
		t.Helper()
		resp, err := client.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	for path, want := range map[string][3]int{ // here, staff, public
		"/kiosk": {200, 404, 404}, "/hall": {200, 404, 200}, "/desk": {200, 200, 404}, "/api/me": {200, 401, 404}, "/api/selftest": {200, 401, 404},
		"/api/places": {200, 401, 404}, "/dock/": {200, 404, 404}, "/pair/pair.js": {200, 200, 404}, "/phone/": {200, 404, 200}, "/guide/": {200, 200, 200}, "/ws/desk": {400, 401, 404},
	} {
		for i, base := range []string{r.base, staff, public} {
			if path == "/phone/" && i == 1 {
				continue // its files are there for the desk's own use
			}
			if got, body := get(base, path); got != want[i] {
				t.Errorf("GET %s on %s = %d %.80s; want %d", path, base, got, body, want[i])
			}
		}
	}
	conn, err := tls.Dial("tcp", strings.TrimPrefix(staff, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	first := conn.ConnectionState().PeerCertificates[0]
	conn.Close()
	if len(first.IPAddresses) != 1 || !first.IPAddresses[0].Equal(net.IPv4(127, 0, 0, 1)) {
		t.Errorf("the certificate is for %v; want the address", first.IPAddresses)
	}
	if code := r.stop(); code != exitOK {
		t.Errorf("stop = %d %s; want 0", code, r.errs)
	}
	again := boxHere(t, data, "-staff", "127.0.0.1:0")
	if strings.Contains(again.errs.String(), "certificate") {
		t.Errorf("a second start says %s; want the same certificate", again.errs)
	}
}

// TestNoNetwork: without addresses the box listens on this machine alone, and says so
// by saying nothing.
func TestNoNetwork(t *testing.T) {
	r := boxHere(t, t.TempDir())
	for _, word := range []string{"staff  ", "public "} {
		if strings.Contains(r.out.String(), word) {
			t.Errorf("greeting = %s; want no %q", r.out, word)
		}
	}
}

func TestLANAddress(t *testing.T) {
	of := netip.MustParseAddrPort("10.3.141.1:443")
	for given, want := range map[string]string{"": "10.3.141.1:443", "none": "invalid AddrPort", "192.168.1.5": "192.168.1.5:443", "192.168.1.5:8443": "192.168.1.5:8443"} {
		if got, err := lanAddress("staff", given, of, site.StaffPort); err != nil || got.String() != want {
			t.Errorf("lanAddress(%q) = %v, %v; want %s", given, got, err, want)
		}
	}
	for _, given := range []string{"0.0.0.0:443", "jeudi.local", ":443", "[::1]:443", "443"} {
		if got, err := lanAddress("staff", given, of, site.StaffPort); err == nil || !strings.Contains(err.Error(), "-staff") {
			t.Errorf("lanAddress(%q) = %v, %v; want an error that names the flag", given, got, err)
		}
	}
}

// TestAwaited: an address that the machine does not have yet is waited for, and the
// wait ends with the box.
func TestAwaited(t *testing.T) {
	a := &awaited{at: netip.MustParseAddrPort("192.0.2.1:443"), every: time.Millisecond, closed: make(chan struct{})} // of documentation: nobody has it
	done := make(chan error, 1)
	go func() { _, err := a.Accept(); done <- err }()
	a.Close()
	if err := <-done; err == nil {
		t.Error("Accept() of a closed listener = nil; want an error")
	}
	if a.Close() != nil {
		t.Error("Close() twice is an error; want nil")
	}
	b := &awaited{at: netip.MustParseAddrPort("127.0.0.1:0"), every: time.Millisecond, closed: make(chan struct{})}
	defer b.Close()
	ln, err := b.listener()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if conn, err := net.Dial("tcp", ln.Addr().String()); err == nil {
			conn.Close()
		}
	}()
	conn, err := b.Accept()
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}
