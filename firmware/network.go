package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
	"jeudi/firmware/web"
	"jeudi/firmware/web/cert"
	"jeudi/firmware/web/guard"
	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/site"
)

// network is the box on the network of the place: the staff's listener over TLS, and
// the public one. Each may be missing.
type network struct {
	staff, public net.Listener
	names         cert.Names
	dir           string // of the certificate
	cert          atomic.Pointer[cert.Cert]
	here          *presence
	log           *slog.Logger
}

// Connections that a client on the network may hold open, and all of them.
const connsEach, connsAll = 32, 512

// lanAddress is where a listener is: of the flag, or else of the site. "none" is
// nowhere.
func lanAddress(flag, given string, of netip.AddrPort, port uint16) (netip.AddrPort, error) {
	switch given {
	case "":
		return of, nil
	case "none":
		return netip.AddrPort{}, nil
	}
	at, ok := site.ParseAddress(given, port)
	if !ok {
		return at, fmt.Errorf("-%s is an IPv4 address of this machine such as 10.3.141.1:%d, or none; not %q", flag, port, given)
	}
	return at, nil
}

// openNetwork listens, and reads the certificate or makes it. An address that the
// machine does not have yet is waited for: the Wi-Fi may come up after the box, and
// the kiosk works without.
func openNetwork(place site.Network, dir string, here *presence, log *slog.Logger) (_ *network, err error) {
	n := &network{dir: dir, here: here, log: log}
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	if n.staff, err = listenLAN(place.Staff, "staff", log); err != nil {
		return nil, err
	}
	if n.public, err = listenLAN(place.Public, "public", log); err != nil {
		return nil, err
	}
	if n.staff == nil {
		return n, nil
	}
	n.names = cert.Names{IPs: []netip.Addr{place.Staff.Addr()}, Name: place.Name}
	if place.Staff.Addr().IsUnspecified() {
		// One certificate wherever the box goes: phones warn of each that they do not know,
		// whatever addresses are in it, and this way its fingerprint stays what staff know.
		n.names.IPs = []netip.Addr{hotspot.Own.Addr()}
	}
	// Nobody vouches for the clock of a box that has just started.
	c, why, err := cert.Open(dir, n.names, cert.Clock{Now: time.Now()})
	if err != nil {
		return nil, err
	}
	n.keep(c, why)
	return n, nil
}

func (n *network) keep(c *cert.Cert, why cert.Why) {
	n.cert.Store(c)
	if why != cert.Kept {
		n.log.Info("a new certificate for the staff's pages: phones ask to accept it once", "why", string(why), "fingerprint", c.Fingerprint().String())
	}
}

func (n *network) close() {
	for _, ln := range []net.Listener{n.staff, n.public} {
		if ln != nil {
			ln.Close()
		}
	}
}

// forWeb is what the pages need to know of the staff's listener; nil without one.
func (n *network) forWeb() *web.Staff {
	if n.staff == nil {
		return nil
	}
	return &web.Staff{Address: n.address(n.staff, site.StaffPort), Name: n.names.Name, Fingerprint: n.cert.Load().Fingerprint()}
}

// visitorPage is the address of a ticket's page, "" where no phone reaches it: visitors'
// phones are on the Wi-Fi of the place, and not on the box's own, which is for staff.
func (n *network) visitorPage(visitors bool) string {
	if n.public == nil || !visitors || n.here.now().Mode == hotspot.OwnWifi {
		return ""
	}
	if at := n.address(n.public, site.PublicPort); at != "" {
		return "http://" + at + "/t"
	}
	return ""
}

// forPages is the network as screens say it.
func (n *network) forPages() web.Network {
	s := n.here.now()
	v := web.Network{Mode: string(s.Mode), Own: s.Mode == hotspot.OwnWifi, Wifi: s.Name, Passphrase: s.Passphrase, Fault: s.Fault}
	if v.Own && s.Name != "" {
		v.Scan = hotspot.Scan(s.Name, site.Secret(s.Passphrase))
	}
	if n.staff != nil {
		v.Staff = n.address(n.staff, site.StaffPort)
	}
	return v
}

// forPaper is the slip of an opening; false on a machine whose network nobody raises, and
// while nobody could reach the desk.
func (n *network) forPaper(place string) (paper.NetworkData, bool) {
	v := n.forPages()
	if v.Mode == "" || v.Staff == "" {
		return paper.NetworkData{}, false
	}
	return paper.NetworkData{Place: place, Wifi: v.Wifi, Passphrase: v.Passphrase, Scan: v.Scan,
		Address: "https://" + v.Staff, Print: n.cert.Load().Fingerprint().Short()}, true
}

// address is what somebody types to reach a listener; "" while the box has no address.
func (n *network) address(ln net.Listener, usual int) string {
	if at, err := netip.ParseAddrPort(ln.Addr().String()); err == nil && at.Addr().IsUnspecified() {
		ip := n.here.address()
		if !ip.IsValid() {
			return ""
		}
		return short(netip.AddrPortFrom(ip, at.Port()).String(), usual)
	}
	return shortAddress(ln, usual)
}

// shortAddress leaves the port out that browsers take by themselves.
func shortAddress(ln net.Listener, usual int) string { return short(ln.Addr().String(), usual) }

func short(addr string, usual int) string {
	if host, port, err := net.SplitHostPort(addr); err == nil && port == strconv.Itoa(usual) {
		return host
	}
	return addr
}

// serve serves both listeners until they are closed; failed is told what went wrong.
func (n *network) serve(ctx context.Context, server *web.Server, wg *sync.WaitGroup, failed func(error)) (stop func(context.Context)) {
	var servers []*http.Server
	start := func(ln net.Listener, h http.Handler) {
		srv := guard.Server(h, n.log)
		srv.BaseContext = func(net.Listener) context.Context { return ctx }
		servers = append(servers, srv)
		wg.Go(func() {
			if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				failed(err)
			}
		})
	}
	if n.staff != nil {
		config := n.cert.Load().TLS()
		config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return n.cert.Load().TLS(), nil }
		start(tls.NewListener(guard.Limit(n.staff, connsEach, connsAll), config), server.Staff())
	}
	if n.public != nil {
		start(guard.Limit(n.public, connsEach, connsAll), server.Public())
	}
	return func(grace context.Context) {
		for _, srv := range servers {
			if srv.Shutdown(grace) != nil {
				srv.Close()
			}
		}
	}
}

// renew looks at the certificate's dates once the clock is trusted and nobody is
// received: a new one asks every phone to accept it.
func (n *network) renew(ctx context.Context, box interface{ Snapshot() *appliance.Snapshot }, server *web.Server) {
	if n.staff == nil {
		return
	}
	look := time.NewTicker(time.Minute)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		b := box.Snapshot()
		if b == nil || b.Now.Trust != session.Trusted || b.Session.Status == session.Open || b.Session.Status == session.Paused {
			continue
		}
		clock := cert.Clock{Now: b.Now.Wall, Trusted: true}
		if n.cert.Load().Due(n.names, clock) == cert.Kept {
			continue
		}
		c, why, err := cert.Open(n.dir, n.names, clock)
		if err != nil {
			n.log.Error("the certificate is not renewed", "err", err)
			continue
		}
		n.keep(c, why)
		server.Renew(c.Fingerprint())
	}
}

// listenLAN listens at an address, nil for none.
func listenLAN(at netip.AddrPort, what string, log *slog.Logger) (net.Listener, error) {
	if !at.IsValid() {
		return nil, nil
	}
	ln, err := net.Listen("tcp4", at.String())
	switch {
	case err == nil:
		return ln, nil
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		log.Warn("this machine does not have the address yet; it is waited for", "listener", what, "address", at.String())
		return &awaited{at: at, closed: make(chan struct{}), every: 5 * time.Second}, nil
	}
	return nil, fmt.Errorf("cannot serve the %s pages on %s: %w; choose another with -%s, or none", what, at, err, what)
}

// awaited is a listener at an address that the machine will have later. It has a
// mutex because it is closed from another goroutine than the one that waits.
type awaited struct {
	at     netip.AddrPort
	every  time.Duration
	closed chan struct{}

	mu   sync.Mutex
	ln   net.Listener
	over bool
}

func (a *awaited) Accept() (net.Conn, error) {
	for {
		ln, err := a.listener()
		if err == nil {
			return ln.Accept()
		}
		if !errors.Is(err, syscall.EADDRNOTAVAIL) {
			return nil, err
		}
		again := time.NewTimer(a.every)
		select {
		case <-a.closed:
			again.Stop()
			return nil, net.ErrClosed
		case <-again.C:
		}
	}
}

func (a *awaited) listener() (net.Listener, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return nil, net.ErrClosed
	}
	if a.ln != nil {
		return a.ln, nil
	}
	ln, err := net.Listen("tcp4", a.at.String())
	if err == nil {
		a.ln = ln
	}
	return ln, err
}

func (a *awaited) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return nil
	}
	a.over = true
	close(a.closed)
	if a.ln != nil {
		return a.ln.Close()
	}
	return nil
}

func (a *awaited) Addr() net.Addr { return net.TCPAddrFromAddrPort(a.at) }
