package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/session"
	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
)

// steps is a presence that follows snapshots of a test, and what its steward was asked.
type steps struct {
	t         *testing.T
	presence  *presence
	snapshots chan *appliance.Snapshot
	log       *bytes.Buffer

	mu      sync.Mutex
	asked   []string
	answer  hotspot.Status
	err     error
	changed int
}

func newSteps(t *testing.T) *steps {
	s := &steps{t: t, snapshots: make(chan *appliance.Snapshot, 1), log: &bytes.Buffer{}, answer: hotspot.Status{Mode: hotspot.OwnWifi, Name: "Jeudi", Passphrase: "abcd", Address: hotspot.Own.Addr()}}
	s.presence = &presence{log: slog.New(slog.NewTextHandler(s.log, nil)), asked: func(_ context.Context, a hotspot.Args) (hotspot.Status, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, a.For)
		return s.answer, s.err
	}}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		s.presence.follow(ctx, s.snapshots, func() { s.mu.Lock(); defer s.mu.Unlock(); s.changed++ })
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	return s
}

func (s *steps) is(status session.Status, id byte) {
	b := &appliance.Snapshot{}
	b.Session.Status = status
	b.Session.Plan.ID[0] = id
	s.snapshots <- b
	synctest.Wait()
}

// since are the marks that were asked for since the last look.
func (s *steps) since() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.asked
	s.asked = nil
	return list
}

func mark(id byte) string {
	var s session.State
	s.Status, s.Plan.ID[0] = session.Open, id
	return permanenceMark(&s)
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSteps(t)
		time.Sleep(time.Minute)
		if got := s.since(); len(got) != 0 {
			t.Errorf("asked %q before it is known what goes on; the network would begin anew", got)
		}
		s.is(session.Open, 1)
		if got := s.since(); !slices.Equal(got, []string{mark(1)}) {
			t.Errorf("at the opening asked %q; want once, with its mark", got)
		}
		if s.presence.now() != s.answer || s.changed != 1 {
			t.Errorf("now() = %+v, %d changes; want the answer and one", s.presence.now(), s.changed)
		}
		s.is(session.Paused, 1)
		time.Sleep(25 * time.Second)
		synctest.Wait()
		if got := s.since(); !slices.Equal(got, []string{mark(1), mark(1)}) {
			t.Errorf("in 25 s asked %q; want every 10 s", got)
		}
		if s.changed != 1 {
			t.Errorf("%d changes; want one: nothing is new", s.changed)
		}

		// Closed: the network stays a while, for phones that read the report.
		s.is(session.Closed, 1)
		s.is(session.Closed, 1)
		time.Sleep(keepNetwork - time.Second)
		synctest.Wait()
		if got := s.since(); slices.Contains(got, "") || len(got) == 0 {
			t.Errorf("after the closing asked %q; want the same network for %v", got, keepNetwork)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := s.since(); !slices.Contains(got, "") {
			t.Errorf("later asked %q; want its end", got)
		}

		// The next one opens while the network of the one before still stays.
		s.is(session.Open, 2)
		s.is(session.Closed, 2)
		time.Sleep(time.Minute)
		s.is(session.Open, 3)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := s.since(); slices.Contains(got, "") || got[len(got)-1] != mark(3) {
			t.Errorf("one after the other asked %q; want no end between", got)
		}
	})
}

func TestPresenceWithoutASteward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSteps(t)
		s.err = steward.ErrNone
		s.is(session.Open, 1)
		time.Sleep(time.Minute)
		if s.log.Len() > 0 || s.presence.now() != (hotspot.Status{}) {
			t.Errorf("on a laptop %+v, the log %s; want nothing", s.presence.now(), s.log)
		}
		s.mu.Lock()
		s.err = errors.New("busy")
		s.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := strings.Count(s.log.String(), "the network is not known"); n != 1 {
			t.Errorf("the log says it %d times; want once: %s", n, s.log)
		}
		s.mu.Lock()
		s.err = nil
		s.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if s.presence.now() != s.answer || strings.Contains(s.log.String(), "abcd") {
			t.Errorf("now() = %+v, log %s; want the answer, and no passphrase", s.presence.now(), s.log)
		}
	})
}

func TestOwnAddress(t *testing.T) {
	prefix := func(s string) net.Addr { ip, n, _ := net.ParseCIDR(s); n.IP = ip; return n }
	for _, tt := range []struct {
		list []net.Addr
		want netip.Addr
	}{
		{nil, netip.Addr{}},
		{[]net.Addr{prefix("127.0.0.1/8"), prefix("::1/128"), prefix("fe80::1/64"), prefix("169.254.3.4/16"), prefix("192.168.1.7/24")}, netip.MustParseAddr("192.168.1.7")},
		{[]net.Addr{prefix("127.0.0.1/8")}, netip.Addr{}},
	} {
		if got := ownAddress(tt.list); got != tt.want {
			t.Errorf("ownAddress(%v) = %v; want %v", tt.list, got, tt.want)
		}
	}
}

// TestAuto: a box that takes the address of its network says that one, and none before
// it has it; on its own Wi-Fi no visitor's ticket leads anywhere.
func TestAuto(t *testing.T) {
	here := &presence{}
	set := func(s hotspot.Status) { here.last.Store(&s) }
	set(hotspot.Status{Mode: hotspot.Searching})
	log := slog.New(slog.DiscardHandler)
	auto := netip.MustParseAddrPort("0.0.0.0:0")
	n, err := openNetwork(site.Network{Staff: auto, Public: auto, Name: "jeudi.local"}, t.TempDir(), here, log)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if got := n.address(n.staff, site.StaffPort); got != "" {
		t.Errorf("address without a network = %q; want none", got)
	}
	if _, ok := n.forPaper("Mairie"); ok || n.visitorPage(true) != "" {
		t.Error("there is a slip and a page without a network")
	}
	_, port, _ := net.SplitHostPort(n.staff.Addr().String())
	set(hotspot.Status{Mode: hotspot.Joined, Name: "Box", Address: netip.MustParseAddr("192.168.43.7")})
	if got := n.address(n.staff, site.StaffPort); got != "192.168.43.7:"+port {
		t.Errorf("address = %q", got)
	}
	if got := n.visitorPage(true); !strings.HasPrefix(got, "http://192.168.43.7:") || n.visitorPage(false) != "" {
		t.Errorf("visitorPage() = %q", got)
	}
	if v := n.forPages(); v.Own || v.Scan != "" || v.Wifi != "Box" || v.Staff != "192.168.43.7:"+port {
		t.Errorf("forPages() = %+v", v)
	}
	if d, ok := n.forPaper("Mairie"); !ok || d.Wifi != "Box" || d.Passphrase != "" || d.Address != "https://192.168.43.7:"+port || d.Print == "" {
		t.Errorf("forPaper() = %+v, %t", d, ok)
	}
	first := n.cert.Load().Fingerprint()
	set(hotspot.Status{Mode: hotspot.OwnWifi, Name: "Jeudi", Passphrase: "abcd", Address: hotspot.Own.Addr()})
	if v := n.forPages(); !v.Own || v.Scan != "WIFI:T:WPA;S:Jeudi;P:abcd;;" || v.Staff != "10.41.0.1:"+port {
		t.Errorf("forPages() on its own Wi-Fi = %+v", v)
	}
	if got := n.visitorPage(true); got != "" {
		t.Errorf("visitorPage() on its own Wi-Fi = %q; want none", got)
	}
	if n.cert.Load().Fingerprint() != first {
		t.Error("another network has another certificate; want the one that staff know")
	}
	if got := short("192.168.1.7:443", 443); got != "192.168.1.7" {
		t.Errorf("short() = %q", got)
	}
}
