package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"jeudi/firmware/setup"
	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/steward"
)

// TestTheWizardsNetwork: what the steward says of the box's Wi-Fi is what the kiosk shows;
// of a cable no Wi-Fi is shown, and of no network nothing.
func TestTheWizardsNetwork(t *testing.T) {
	own := hotspot.Status{Mode: hotspot.OwnWifi, Name: hotspot.SetupName, Passphrase: "kavu-pilo", Address: netip.MustParseAddr("10.41.0.1")}
	tests := []struct {
		name   string
		status hotspot.Status
		want   setup.Access
	}{
		{"its own Wi-Fi", own, setup.Access{SSID: hotspot.SetupName, Passphrase: "kavu-pilo", Scan: "WIFI:T:WPA;S:Jeudi-installation;P:kavu-pilo;;", Host: "10.41.0.1"}},
		{"a cable of the place", hotspot.Status{Mode: hotspot.Cable, Address: netip.MustParseAddr("192.168.1.9")}, setup.Access{Host: "192.168.1.9"}},
		{"not yet", hotspot.Status{Mode: hotspot.Searching}, setup.Access{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "s")
			var asked atomic.Int32
			server, err := steward.NewServer(map[string]steward.Handler{steward.VerbNetwork: func(context.Context, json.RawMessage, func(steward.Progress)) (any, error) {
				asked.Add(1)
				return tt.status, nil
			}}, func(uint32) bool { return true }, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			ln, err := steward.Listen(socket, os.Getgid())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			served := make(chan error, 1)
			go func() { served <- server.Serve(ctx, ln) }()
			n := &setupNetwork{here: presenceOf(&steward.Client{Socket: socket}, slog.New(slog.DiscardHandler)), log: slog.New(slog.DiscardHandler)}
			followed := make(chan bool)
			go func() { n.follow(ctx); close(followed) }()
			for asked.Load() == 0 || tt.want.Host != "" && n.access().Host == "" {
				runtime.Gosched()
			}
			cancel()
			<-followed
			<-served
			if got := n.access(); got != tt.want {
				t.Errorf("access = %+v; want %+v", got, tt.want)
			}
			// On that address alone, and not on what else is plugged in.
			want := ""
			if tt.want.Host != "" {
				want = tt.want.Host + ":80"
			}
			got := ""
			if at := n.at.Load(); at != nil {
				got = at.String()
			}
			if got != want {
				t.Errorf("the phone's page is served at %q; want %q", got, want)
			}
		})
	}
}

// TestTheWizardFollowsItsNetwork: the page is where the box's network is, there alone, and
// goes with it.
func TestTheWizardFollowsItsNetwork(t *testing.T) {
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := uint16(free.Addr().(*net.TCPAddr).Port)
	free.Close()
	one, other := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), port), netip.AddrPortFrom(netip.MustParseAddr("127.0.0.3"), port)
	n := &setupNetwork{log: slog.New(slog.DiscardHandler)}
	srv := &http.Server{Handler: http.NotFoundHandler()}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { n.serve(ctx, srv, func(err error) { t.Errorf("it fails: %v", err) }) })
	reach := func(at netip.AddrPort) bool {
		conn, err := net.Dial("tcp4", at.String())
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
	for _, now := range [][2]netip.AddrPort{{one, other}, {other, one}, {one, other}} {
		n.at.Store(&now[0])
		for !reach(now[0]) {
			runtime.Gosched()
		}
		if reach(now[1]) {
			t.Errorf("it is reached on %s, and its network is %s", now[1], now[0])
		}
	}
	cancel()
	wg.Wait()
	if reach(one) {
		t.Error("it is served after its end")
	}
}
