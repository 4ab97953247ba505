package hotspot

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/site"
)

// These tests are about what the rules and the configuration do, in network namespaces of
// the kernel, with the real nft, dnsmasq, and busybox's DHCP client. A virtual cable is
// the air: a bridge stands for the access point, and its isolated ports for the clients
// that it keeps apart. What only a radio can show they do not.

// world is a box, the phones on its own network, and the place beside it:
//
//	phone1, phone2, laptop ── air (bridge) ── own0 box up0 ── up0 place net0 ── net0 internet
//	                          laptop lan0 ── lan0 place
type world struct {
	t     *testing.T
	dir   string
	names map[string]string
}

// need says what is missing for these tests, "" for nothing.
func need() string {
	if os.Getuid() != 0 {
		return "network namespaces need root"
	}
	for _, program := range []string{"ip", "nft", "dnsmasq", "busybox"} {
		if _, err := exec.LookPath(program); err != nil {
			return "there is no " + program + "; make test installs it"
		}
	}
	if out, err := exec.Command("ip", "netns", "add", "jeudi-try").CombinedOutput(); err != nil && !strings.Contains(string(out), "exists") {
		return "the kernel makes no network namespace: " + string(out)
	}
	exec.Command("ip", "netns", "del", "jeudi-try").Run()
	return ""
}

func newWorld(t *testing.T) *world {
	t.Helper()
	os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	if why := need(); why != "" {
		t.Skip("NOT RUN: " + why)
	}
	w := &world{t: t, dir: t.TempDir(), names: map[string]string{}}
	if err := os.Chmod(w.dir, 0o755); err != nil { // dnsmasq leaves root behind
		t.Fatal(err)
	}
	for _, name := range []string{"box", "air", "phone1", "phone2", "laptop", "place", "internet"} {
		w.names[name] = fmt.Sprintf("jeudi-%d-%s", os.Getpid(), name)
		w.must("ip", "netns", "add", w.names[name])
		t.Cleanup(func() { exec.Command("ip", "netns", "del", w.names[name]).Run() })
		w.in(name, "ip", "link", "set", "lo", "up")
	}
	w.in("air", "ip", "link", "add", "air0", "type", "bridge", "mcast_snooping", "0")
	w.in("air", "ip", "link", "set", "air0", "up")
	for _, name := range []string{"box", "phone1", "phone2", "laptop"} {
		w.cable(name, "own0", "air", name)
		w.in("air", "ip", "link", "set", name, "master", "air0")
	}
	w.cable("box", "up0", "place", "box")
	w.cable("laptop", "lan0", "place", "laptop")
	w.cable("place", "net0", "internet", "net0")
	return w
}

func (w *world) must(name string, args ...string) {
	w.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		w.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// in runs a program in a namespace.
func (w *world) in(name string, args ...string) {
	w.t.Helper()
	w.must("ip", append([]string{"netns", "exec", w.names[name]}, args...)...)
}

// cable connects two namespaces, both ends up.
func (w *world) cable(a, portA, b, portB string) {
	w.t.Helper()
	w.must("ip", "link", "add", portA, "netns", w.names[a], "type", "veth", "peer", "name", portB, "netns", w.names[b])
	w.in(a, "ip", "link", "set", portA, "up")
	w.in(b, "ip", "link", "set", portB, "up")
}

// isolate has the air keep its clients apart, as ap-isolation does.
func (w *world) isolate(how string) {
	for _, name := range []string{"phone1", "phone2", "laptop"} {
		w.in("air", "ip", "link", "set", name, "type", "bridge_slave", "isolated", how)
	}
}

// inside runs f on a thread in a namespace. Sockets that it opens stay there.
func (w *world) inside(name string, f func() error) {
	w.t.Helper()
	if err := within1(w.names[name], f); err != nil {
		w.t.Fatalf("in %s: %v", name, err)
	}
}

func within1(namespace string, f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine, and nobody else is moved
		fd, err := os.Open("/run/netns/" + namespace)
		if err == nil {
			defer fd.Close()
			err = unix.Setns(int(fd.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// daemon starts a program in a namespace until the test ends.
func (w *world) daemon(name string, args ...string) *exec.Cmd {
	w.t.Helper()
	cmd := exec.Command("ip", append([]string{"netns", "exec", w.names[name]}, args...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd
}

// lease is what DHCP gave.
type lease struct {
	IP, Subnet, Router, DNS string
	All                     string
}

// dhcp has busybox's client ask on a port, and configures it.
func (w *world) dhcp(name, port string) lease {
	w.t.Helper()
	script, out := filepath.Join(w.dir, "udhcpc.sh"), filepath.Join(w.dir, name+port)
	if err := os.WriteFile(script, []byte(`#!/bin/sh
[ "$1" = bound ] || exit 0
env > "$OUT"
ip addr add "$ip/$mask" dev "$interface"
[ -z "$router" ] || ip route add default via "$router" dev "$interface"
`), 0o755); err != nil {
		w.t.Fatal(err)
	}
	// All that a phone may ask for, option 114 with the rest.
	w.in(name, "env", "OUT="+out, "busybox", "udhcpc", "-f", "-q", "-n", "-t", "10", "-T", "1", "-i", port, "-s", script, "-O", "114", "-O", "160", "-O", "252", "-x", "hostname:telephone-de-marie")
	data, err := os.ReadFile(out)
	if err != nil {
		w.t.Fatal(err)
	}
	l := lease{All: string(data)}
	for line := range strings.Lines(l.All) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "ip":
			l.IP = value
		case "subnet":
			l.Subnet = value
		case "router":
			l.Router = value
		case "dns":
			l.DNS = value
		}
	}
	return l
}

// machine is a Machine in the namespace of the box: the real nft and dnsmasq, and `ip`
// where NetworkManager would be.
type machine struct {
	w     *world
	log   []string
	named *exec.Cmd
}

func (m *machine) Manager() Manager                         { return ManagerUp }
func (m *machine) Joined(context.Context) ([]string, error) { return nil, nil }
func (m *machine) Ports() ([]Port, error) {
	return []Port{{Name: "own0", Carrier: true}, {Name: "up0", Carrier: true, Address: at("192.168.77.5")}}, nil
}
func (m *machine) Left() []string        { return nil }
func (m *machine) Now() Moment           { return 5 * s }
func (m *machine) Load() ([]byte, error) { return nil, nil }
func (m *machine) Keep([]byte) error     { return nil }
func (m *machine) path(name string) string {
	return filepath.Join(m.w.dir, filepath.Base(name))
}

func (m *machine) Do(_ context.Context, s Step) error {
	switch {
	case s.Write != "":
		return os.WriteFile(m.path(s.Write), []byte(strings.ReplaceAll(s.Data, Leases, m.path(Leases))), 0o644)
	case s.Remove != "":
		os.Remove(m.path(s.Remove))
		return nil
	}
	m.log = append(m.log, strings.Join(s.Run, " "))
	switch s.Run[0] {
	case "nft":
		m.w.in("box", "nft", "-f", m.path(Firewall))
	case "nmcli":
		if s.Run[len(s.Run)-1] == OwnProfile {
			m.w.in("box", "ip", "addr", "replace", Own.String(), "dev", "own0")
		}
	case "systemctl":
		if s.Run[1] == "restart" {
			m.named = m.w.daemon("box", "dnsmasq", "--keep-in-foreground", "--conf-file="+m.path(DnsFile))
		}
	}
	return nil
}

// raise has a Keeper raise the box's own network on own0, while the place is on up0.
func (w *world) raise() *machine {
	m := &machine{w: w}
	here := Site{Wifi: site.Wifi{Hotspot: site.HotspotAlways, Name: "Jeudi", Country: "FR", Channel: 6, Interface: "own0"}}
	k := New(m, func() Site { return here }, rand.Reader, slog.New(slog.NewTextHandler(w.t.Output(), nil)))
	k.turn(w.t.Context())
	if got := k.status(); got.Mode != OwnWifi || got.Fault {
		w.t.Fatalf("status = %+v; want the box's own network", got)
	}
	return m
}

// place gives the place's network addresses, a router and an Internet with one page.
func (w *world) place() {
	w.in("place", "ip", "link", "add", "lan0", "type", "bridge")
	for _, port := range []string{"box", "laptop"} {
		w.in("place", "ip", "link", "set", port, "master", "lan0")
	}
	w.in("place", "ip", "link", "set", "lan0", "up")
	w.in("place", "ip", "addr", "add", "192.168.77.1/24", "dev", "lan0")
	w.in("place", "ip", "addr", "add", "203.0.113.1/24", "dev", "net0")
	w.in("place", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
	w.in("internet", "ip", "addr", "add", "203.0.113.10/24", "dev", "net0")
	w.in("internet", "ip", "route", "add", "default", "via", "203.0.113.1")
	w.daemon("place", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--interface=lan0", "--bind-dynamic", "--no-resolv", "--no-hosts", "--no-ping",
		"--address=/caf.example/203.0.113.10", "--dhcp-range=192.168.77.50,192.168.77.90,255.255.255.0,1h", "--dhcp-leasefile="+filepath.Join(w.dir, "place.leases"))
	w.serve("internet", "203.0.113.10:80", "the Internet")
}

// serve answers every connection with a line, until the test ends.
func (w *world) serve(name, addr, line string) {
	w.t.Helper()
	var ln net.Listener
	w.inside(name, func() (err error) { ln, err = net.Listen("tcp4", addr); return err })
	w.t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			fmt.Fprintln(c, line)
			c.Close()
		}
	}()
}

// read is what an address answers.
func (w *world) read(name, addr string) string { return w.answer(name, addr, 10*time.Second) }

// blocked is the same where no answer is expected: what is dropped is dropped at once, and
// waiting for it would show no more.
func (w *world) blocked(name, addr string) string { return w.answer(name, addr, 200*time.Millisecond) }

// answer is what an address answers, "" when it does not let a connection in.
func (w *world) answer(name, addr string, patience time.Duration) string {
	var line []byte
	err := within1(w.names[name], func() error {
		c, err := net.DialTimeout("tcp4", addr, patience)
		if err != nil {
			return err
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(5 * time.Second))
		line = make([]byte, 64)
		n, err := c.Read(line)
		line = line[:n]
		return err
	})
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(line))
}

// resolver asks the DNS server of a lease, from a namespace, with Go's own client.
func (w *world) resolver(name, server string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(_ context.Context, network, _ string) (c net.Conn, err error) {
		err = within1(w.names[name], func() (err error) { c, err = net.Dial(network, server+":53"); return err })
		return c, err
	}}
}

// checksum is that of RFC 1071.
func checksum(data []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(data); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(data[i:]))
	}
	if len(data)%2 == 1 {
		sum += uint32(data[len(data)-1]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// segment is a SYN of TCP or a datagram of UDP with four bytes.
func segment(proto byte, src, dst netip.Addr, from, to uint16) []byte {
	var body []byte
	if proto == syscall.IPPROTO_TCP {
		body = make([]byte, 20)
		binary.BigEndian.PutUint32(body[4:], 1)
		body[12], body[13] = 5<<4, 0x02 // no options; SYN
		binary.BigEndian.PutUint16(body[14:], 1024)
	} else {
		body = append(make([]byte, 8), "scan"...)
		binary.BigEndian.PutUint16(body[4:], uint16(len(body)))
	}
	binary.BigEndian.PutUint16(body[0:], from)
	binary.BigEndian.PutUint16(body[2:], to)
	s, d := src.As4(), dst.As4()
	pseudo := append(append(append([]byte{}, s[:]...), d[:]...), 0, proto, byte(len(body)>>8), byte(len(body)))
	sum := 16
	if proto == syscall.IPPROTO_UDP {
		sum = 6
	}
	binary.BigEndian.PutUint16(body[sum:], checksum(append(pseudo, body...)))
	return body
}

// scan sends to every port of the box from one of a client, and returns those that the
// box's firewall let through: a raw socket of the box gets what its services would.
// The last one is sent until it is seen, to a port that is open.
func (w *world) scan(name string, proto byte, src, dst netip.Addr, from, last uint16) (open []uint16) {
	w.t.Helper()
	var ear, mouth int
	raw := func(fd *int) func() error {
		return func() (err error) {
			*fd, err = unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(proto))
			return err
		}
	}
	w.inside("box", raw(&ear))
	defer unix.Close(ear)
	w.inside(name, raw(&mouth))
	defer unix.Close(mouth)
	unix.SetsockoptInt(ear, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20)
	if err := unix.SetsockoptTimeval(ear, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 50_000}); err != nil {
		w.t.Fatal(err)
	}
	to := &unix.SockaddrInet4{Addr: dst.As4()}
	for port := 1; port <= 65535; port++ {
		if err := unix.Sendto(mouth, segment(proto, src, dst, from, uint16(port)), 0, to); err != nil {
			w.t.Fatalf("send to %d: %v", port, err)
		}
	}
	const sentinel = 61234 // the source port of the last
	seen := map[uint16]bool{}
	buf := make([]byte, 2048)
	for tries := 0; tries < 200; {
		n, _, err := unix.Recvfrom(ear, buf, 0)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			tries++
			source, port := uint16(sentinel), last
			if proto == syscall.IPPROTO_UDP && last == 67 {
				source = 68
			}
			unix.Sendto(mouth, segment(proto, src, dst, source, port), 0, to)
			continue
		}
		if err != nil {
			w.t.Fatal(err)
		}
		head := int(buf[0]&0x0f) * 4
		if n < head+4 || netip.AddrFrom4([4]byte(buf[12:16])) != src {
			continue
		}
		source, port := binary.BigEndian.Uint16(buf[head:]), binary.BigEndian.Uint16(buf[head+2:])
		switch {
		case tries > 0 && port == last && (source == sentinel || source == 68):
			for port := range 65536 {
				if seen[uint16(port)] {
					open = append(open, uint16(port))
				}
			}
			return open
		case source == from:
			seen[port] = true
		}
	}
	w.t.Fatalf("scan from %s: the open port %d was never reached", name, last)
	return nil
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
