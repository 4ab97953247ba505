package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
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
		{"its own Wi-Fi", own, setup.Access{SSID: hotspot.SetupName, Passphrase: "kavu-pilo", Host: "10.41.0.1"}},
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
			n := &setupNetwork{client: &steward.Client{Socket: socket}, log: slog.New(slog.DiscardHandler)}
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
			if there := n.at.Load() != nil; there != (tt.want.Host != "") {
				t.Errorf("the phone's page is served: %t; want it where there is a network", there)
			}
		})
	}
}
