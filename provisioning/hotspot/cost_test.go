package hotspot

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A program costs a small machine up to a second of its one processor that pages need
// too, so that these bounds are part of what a Keeper promises: what it may start in an
// hour, by where the box is. It is asked for the network all the while, as a box does.
func TestKeeperStartsFewPrograms(t *testing.T) {
	place := usual()
	place.SSID, place.Passphrase = "Box", "tournesol"
	never := place
	never.Hotspot = "never"
	for _, tt := range []struct {
		name        string
		site        Site
		ports       []Port
		fail        string
		deaf        bool
		change      func(f *fake) // each second
		mode        Mode
		first, hour int // at most, in the first minute and in the hour after
	}{
		// The first minute: nft, iw, dnsmasq stopped, profiles read.
		{name: "on a cable", site: Site{Wifi: usual()}, ports: []Port{lan, radio}, mode: Cable, first: 4, hour: 0},
		{name: "on a cable, with a Wi-Fi named", site: Site{Wifi: place}, ports: []Port{lan, radio}, mode: Cable, first: 4, hour: 0},
		// The same while a slow cable is waited for; its own network raised, dnsmasq started.
		{name: "its own network", site: Site{Wifi: usual()}, ports: []Port{unplugged, radio}, mode: OwnWifi, first: 8, hour: 0},
		// Searching for 30 s asks nothing: the radio has no address.
		{name: "the place's Wi-Fi is not there", site: Site{Wifi: place}, ports: []Port{unplugged, radio}, mode: OwnWifi, first: 8, hour: 0},
		// NetworkManager is asked at 0, 4, 12, 28 and 60 s, and then once a minute.
		{name: "on the place's Wi-Fi", site: Site{Wifi: place}, ports: []Port{unplugged, joined}, mode: Joined, first: 9, hour: 60},
		{name: "nothing there", site: Site{Wifi: never}, ports: []Port{unplugged}, mode: None, first: 4, hour: 0},
		// It is somebody else's: asked as if it could still become the place's.
		{name: "on another Wi-Fi", site: Site{Wifi: never}, ports: []Port{unplugged, foreign}, mode: None, first: 9, hour: 60},
		// Four programs a try, at 0, 4, 8, 12, 20 and 36 s, and then once a minute.
		{name: "NetworkManager does not do it", site: Site{Wifi: usual()}, ports: []Port{lan, radio}, fail: "nmcli", mode: Cable, first: 24, hour: 4 * 60},
		// Five programs a try, every 64 s.
		{name: "the radio does not come up", site: Site{Wifi: usual()}, ports: []Port{unplugged, radio}, deaf: true, mode: OwnWifi, first: 8, hour: 5 * 57},
		// Another address at each look, or now and then none, which no router is quick enough
		// for: NetworkManager is asked every 4 s and no more.
		{name: "a Wi-Fi that comes and goes", site: Site{Wifi: place}, ports: []Port{unplugged, joined}, change: func(f *fake) {
			p := joined
			switch n := int(time.Since(f.started)/time.Second) % 20; n {
			case 18, 19:
				p = radio
			default:
				p.Address = netip.AddrFrom4([4]byte{192, 168, 43, byte(100 + n)})
			}
			f.ports = []Port{unplugged, p}
		}, mode: Joined, first: 4 + 15, hour: 15 * 60},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{ports: tt.ports, fail: tt.fail, deaf: tt.deaf}
				k, _ := start(t, f, tt.site)
				var got Status
				wait := func(d time.Duration) int {
					for range int(d / (10 * time.Second)) {
						for i := 0; i < 10 && tt.change != nil; i++ {
							f.set(func() { tt.change(f) })
							time.Sleep(time.Second)
						}
						if tt.change == nil {
							time.Sleep(10 * time.Second)
						}
						got = ask1(t, k, "p1")
					}
					return f.programs()
				}
				first, hour := wait(time.Minute), wait(time.Hour)
				if first > tt.first || hour > tt.hour {
					t.Errorf("%d programs in the first minute, %d in the hour after; want at most %d and %d", first, hour, tt.first, tt.hour)
				}
				if got.Mode != tt.mode || got.Fault != (tt.fail != "" || tt.deaf) {
					t.Errorf("status = %+v; want %s", got, tt.mode)
				}
				t.Logf("%d in the first minute, %d in the hour after", first, hour)
			})
		})
	}
}

// A cable that is pulled is seen as soon as ever, although nothing is started for it.
func TestKeeperSeesAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := usual()
		w.SSID, w.Passphrase = "Box", "tournesol"
		f := &fake{ports: []Port{lan, radio}}
		k, _ := start(t, f, Site{Wifi: w})
		time.Sleep(time.Hour)
		f.programs()
		f.set(func() { f.ports = []Port{unplugged, joined} })
		time.Sleep(3 * time.Second)
		if got := ask1(t, k, ""); got.Mode != Joined || got.Address != joined.Address {
			t.Errorf("3 s after the cable was pulled %+v; want the Wi-Fi", got)
		}
		if n := f.programs(); n != 1 {
			t.Errorf("%d programs started; want one question", n)
		}
		// NetworkManager does not answer for once: what it said before holds.
		f.set(func() { f.mute = errors.New("it does not answer") })
		time.Sleep(10 * time.Minute)
		if got := ask1(t, k, ""); got.Mode != Joined || got.Fault {
			t.Errorf("while NetworkManager is mute %+v; want the Wi-Fi still", got)
		}
		f.set(func() { f.mute = nil })
		// It joined another network behind the same address: seen within the minute.
		f.set(func() { f.ports = slices.Clone(f.ports); f.ports[1].Network = "Voisin" })
		time.Sleep(time.Minute + 2*time.Second + 100*time.Second)
		if got := ask1(t, k, ""); got.Mode != OwnWifi {
			t.Errorf("on another network %+v; want the box's own, after patience", got)
		}
	})
}

// lateUntil is a NetworkManager that starts then.
func lateUntil(up time.Time) func() Manager {
	return func() Manager {
		if time.Now().Before(up) {
			return ManagerLate
		}
		return ManagerUp
	}
}

// A laptop has its network already, and a firewall of its own.
func TestKeeperWithoutNetworkManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{ports: []Port{lan, radio}, without: func() Manager { return NoManager }}
		k, log := start(t, f, Site{Wifi: usual()})
		time.Sleep(time.Hour)
		if got := ask1(t, k, "p1"); got != (Status{}) {
			t.Errorf("status = %+v; want nothing said", got)
		}
		ask1(t, k, "")
		time.Sleep(time.Hour)
		if len(f.steps) != 0 || f.programs() != 0 || f.disk != nil || log.String() != "" {
			t.Errorf("steps %v, disk %s, log %s; want nothing done", f.steps, f.disk, log)
		}
	})
	synctest.Test(t, func(t *testing.T) { // one that starts after the box
		late := lateUntil(time.Now().Add(20 * time.Second))
		f := &fake{ports: []Port{{Name: "eth0"}, radio}, without: late}
		k, _ := start(t, f, Site{Wifi: usual()})
		time.Sleep(19 * time.Second)
		if got := ask1(t, k, ""); got.Mode != Searching || got.Fault || len(f.steps) != 0 {
			t.Errorf("before it %+v, steps %v; want nothing decided and nothing done", got, f.steps)
		}
		f.set(func() { f.ports = []Port{lan, radio} })
		time.Sleep(4 * time.Second)
		if got := ask1(t, k, ""); got.Mode != Cable || got.Fault || f.programs() == 0 {
			t.Errorf("with it %+v; want the cable", got)
		}
	})
	synctest.Test(t, func(t *testing.T) { // and one that does not
		late := lateUntil(time.Now().Add(time.Hour))
		g := &fake{ports: []Port{lan}, without: late}
		k, log := start(t, g, Site{Wifi: usual()})
		time.Sleep(30 * time.Minute)
		if got := ask1(t, k, ""); !got.Fault || g.programs() != 0 || strings.Count(log.String(), "has not started") != 1 {
			t.Errorf("without it %+v, log %s; want the fault said once and nothing started", got, log)
		}
		time.Sleep(31 * time.Minute)
		if got := ask1(t, k, ""); got.Fault || got.Mode != Cable {
			t.Errorf("when it comes %+v; want the cable", got)
		}
	})
}
