package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
)

// cabled is a box in a network namespace whose own network is a virtual cable, with a
// phone at its other end: the real Keeper behind the real steward, the real nft and
// dnsmasq, the real jeudi run. Only NetworkManager is played, by `ip`.
type cabled struct {
	t          *testing.T
	dir        string
	box, phone string // namespaces
}

func (c *cabled) ip(args ...string) {
	c.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		c.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

func newCabled(t *testing.T) *cabled {
	t.Helper()
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: network namespaces need root")
	}
	for _, program := range []string{"ip", "nft", "dnsmasq", "busybox"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT RUN: there is no %s; make test installs it", program)
		}
	}
	c := &cabled{t: t, dir: t.TempDir(), box: fmt.Sprintf("jeudi-%d-box", os.Getpid()), phone: fmt.Sprintf("jeudi-%d-phone", os.Getpid())}
	if err := os.Chmod(c.dir, 0o755); err != nil { // dnsmasq leaves root behind
		t.Fatal(err)
	}
	if out, err := exec.Command("ip", "netns", "add", c.box).CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: the kernel makes no network namespace: %s", out)
	}
	c.ip("netns", "add", c.phone)
	t.Cleanup(func() { c.ip("netns", "del", c.box); c.ip("netns", "del", c.phone) })
	c.ip("link", "add", "own0", "netns", c.box, "type", "veth", "peer", "name", "wifi0", "netns", c.phone)
	for ns, port := range map[string]string{c.box: "own0", c.phone: "wifi0"} {
		c.ip("-n", ns, "link", "set", "lo", "up")
		c.ip("-n", ns, "link", "set", port, "up")
	}
	return c
}

// start starts a program in a namespace until the test ends.
func (c *cabled) start(namespace string, env []string, out io.Writer, program ...string) {
	c.t.Helper()
	cmd := exec.Command("ip", append([]string{"netns", "exec", namespace}, program...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

// dial opens a connection in a namespace.
func (c *cabled) dial(namespace, network, addr string, patience time.Duration) (conn net.Conn, err error) {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		f, err := os.Open("/run/netns/" + namespace)
		if err == nil {
			defer f.Close()
			err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			conn, err = net.DialTimeout(network, addr, patience)
		}
		done <- err
	}()
	err = <-done
	return conn, err
}

// browser is a client in the phone that asks the box for names, as its lease says.
func (c *cabled) browser() *http.Client {
	resolver := &net.Resolver{PreferGo: true, Dial: func(_ context.Context, network, _ string) (net.Conn, error) {
		return c.dial(c.phone, network, "10.41.0.1:53", 10*time.Second)
	}}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, port, _ := net.SplitHostPort(addr)
			ips, err := resolver.LookupNetIP(ctx, "ip4", host)
			if err != nil {
				return nil, err
			}
			return c.dial(c.phone, "tcp4", net.JoinHostPort(ips[0].String(), port), 10*time.Second)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the phone asks its owner
	}
	c.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (c *cabled) Manager() hotspot.Manager                 { return hotspot.ManagerUp }
func (c *cabled) Joined(context.Context) ([]string, error) { return nil, nil }
func (c *cabled) Ports() ([]hotspot.Port, error) {
	return []hotspot.Port{{Name: "own0", Carrier: true}}, nil
}
func (c *cabled) Left() []string        { return nil }
func (c *cabled) Now() hotspot.Moment   { return hotspot.Moment(time.Minute) }
func (c *cabled) Load() ([]byte, error) { return nil, nil }
func (c *cabled) Keep([]byte) error     { return nil }
func (c *cabled) path(name string) string {
	return filepath.Join(c.dir, filepath.Base(name))
}

// Do implements hotspot.System.
func (c *cabled) Do(_ context.Context, s hotspot.Step) error {
	switch {
	case s.Write != "":
		return os.WriteFile(c.path(s.Write), []byte(strings.ReplaceAll(s.Data, hotspot.Leases, c.path(hotspot.Leases))), 0o644)
	case s.Run == nil:
	case s.Run[0] == "nft":
		return exec.Command("ip", "netns", "exec", c.box, "nft", "-f", c.path(hotspot.Firewall)).Run()
	case s.Run[0] == "nmcli" && s.Run[len(s.Run)-1] == hotspot.OwnProfile:
		return exec.Command("ip", "-n", c.box, "addr", "replace", hotspot.Own.String(), "dev", "own0").Run()
	case s.Run[0] == "systemctl" && s.Run[1] == "restart":
		c.start(c.box, nil, os.Stderr, "dnsmasq", "--keep-in-foreground", "--conf-file="+c.path(hotspot.DnsFile))
	}
	return nil
}

// TestHotspot: a phone joins the box's own network, hears what it wants to of it, finds the
// pages under the box's address and nothing else of the box.
func TestHotspot(t *testing.T) {
	c := newCabled(t)
	wifi := site.Wifi{Hotspot: site.HotspotAlways, Name: "Jeudi", Country: "FR", Channel: 6, Interface: "own0"}
	keeper := hotspot.New(c, func() hotspot.Site { return hotspot.Site{Wifi: wifi} }, rand.Reader, slog.New(slog.NewTextHandler(t.Output(), nil)))
	server, err := steward.NewServer(keeper.Handlers(), func(uint32) bool { return true }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(c.dir, "steward.sock")
	ln, err := steward.Listen(socket, os.Getgid())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var parts sync.WaitGroup
	t.Cleanup(parts.Wait)
	t.Cleanup(cancel)
	parts.Go(func() { keeper.Run(ctx) })
	parts.Go(func() { server.Serve(ctx, ln) })

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := newPage()
	c.start(c.box, []string{"JEUDI_TEST_IS_JEUDI=1"}, out, self, "run", "-data", filepath.Join(c.dir, "data"), "-listen", "127.0.0.1:8080",
		"-staff", "auto", "-public", "auto", "-steward", socket)
	(&running{t: t, out: out, errs: out}).said(`dock +(http://\S+)`)

	script := filepath.Join(c.dir, "udhcpc.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n[ \"$1\" != bound ] || ip addr add \"$ip/$mask\" dev \"$interface\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.ip("netns", "exec", c.phone, "busybox", "udhcpc", "-f", "-q", "-n", "-t", "20", "-T", "1", "-i", "wifi0", "-s", script)

	phone := c.browser()
	get := func(url string) (int, string, http.Header) {
		t.Helper()
		answer, err := phone.Get(url)
		if err != nil {
			t.Fatalf("GET %s: %v", url, err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body), answer.Header
	}
	for _, tt := range []struct {
		url    string
		status int
		has    string
	}{
		{"http://captive.apple.com/hotspot-detect.html", 200, "<TITLE>Success</TITLE>"},
		{"http://connectivitycheck.gstatic.com/generate_204", 204, ""},
		{"http://www.msftconnecttest.com/connecttest.txt", 200, "Microsoft Connect Test"},
		{"http://detectportal.firefox.com/success.txt?ipv4", 200, "success"},
		{"http://10.41.0.1/", 302, ""},
		{"http://10.41.0.1/hall", 200, "<html"},
		{"http://10.41.0.1/phone/", 200, "<html"},
		{"http://10.41.0.1/desk", 404, ""},
		{"http://10.41.0.1/kiosk", 404, ""},
		{"http://www.caf.fr/hall", 421, ""}, // a name that leads here is not the box
		{"https://10.41.0.1/", 200, "<html"},
		{"https://10.41.0.1/api/me", 401, ""},
		{"https://10.41.0.1/kiosk", 404, ""},
	} {
		if status, body, _ := get(tt.url); status != tt.status || !strings.Contains(body, tt.has) {
			t.Errorf("GET %s = %d %.80q; want %d with %q", tt.url, status, body, tt.status, tt.has)
		}
	}
	if conn, err := c.dial(c.phone, "tcp4", "10.41.0.1:8080", 200*time.Millisecond); err == nil {
		conn.Close()
		t.Error("the kiosk's own port answers on the network")
	}
	conn, err := c.dial(c.phone, "tcp4", "10.41.0.1:443", 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	if err := secure.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ips := secure.ConnectionState().PeerCertificates[0].IPAddresses; len(ips) != 1 || !ips[0].Equal(net.IP(hotspot.Own.Addr().AsSlice())) {
		t.Errorf("the certificate is for %v; want the box's own address", ips)
	}

	// The desk on the box itself knows, and nothing that is logged is of the phone.
	local, err := c.dial(c.box, "tcp4", "127.0.0.1:8080", 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	fmt.Fprint(local, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n")
	if line, _ := bufio.NewReader(local).ReadString('\n'); !strings.Contains(line, "200") {
		t.Errorf("GET /healthz on the box itself = %q", line)
	}
	if log := out.String(); strings.Contains(log, "10.41.0.") && !onlyOwn(log) {
		t.Errorf("the log has an address of a phone:\n%s", log)
	}
}

// onlyOwn reports whether the only address of the box's network in a text is its own.
func onlyOwn(text string) bool {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789.", r) }) {
		if a, err := netip.ParseAddr(strings.Trim(word, ".")); err == nil && hotspot.Own.Contains(a) && a != hotspot.Own.Addr() {
			return false
		}
	}
	return true
}
