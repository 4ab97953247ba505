package hotspot

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
)

// fake is a machine in memory. Its lock is for the test that changes what is there.
type fake struct {
	mu      sync.Mutex
	ports   []Port
	err     error
	fail    string // a program that does not succeed
	steps   []Step
	disk    []byte
	noDisk  error
	started time.Time
	left    []string
	deaf    bool           // the radio does not come up
	without func() Manager // instead of ManagerUp
	counted int            // steps that programs has counted
	asked   int            // times that Joined was asked
	mute    error          // what Joined answers
}

func (f *fake) set(change func()) { f.mu.Lock(); defer f.mu.Unlock(); change() }

func (f *fake) Ports() ([]Port, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ports := slices.Clone(f.ports)
	for i := range ports {
		ports[i].Network = "" // Joined says it
	}
	return ports, f.err
}
func (f *fake) Joined(context.Context) (names []string, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	for _, p := range f.ports {
		if p.Network == joined.Network {
			names = append(names, p.Name)
		}
	}
	return names, f.mute
}

func (f *fake) Manager() Manager {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.without != nil {
		return f.without()
	}
	return ManagerUp
}

// programs are how many were started since the last time.
func (f *fake) programs() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, f.asked = f.asked, 0
	for _, s := range f.steps[f.counted:] {
		if s.Run != nil {
			n++
		}
	}
	f.counted = len(f.steps)
	return n
}
func (f *fake) Left() []string         { return f.left }
func (f *fake) Now() Moment            { return Moment(time.Since(f.started)) + 5*s }
func (f *fake) Load() ([]byte, error)  { return f.disk, f.noDisk }
func (f *fake) Keep(data []byte) error { f.disk = bytes.Clone(data); return f.noDisk }
func (f *fake) Do(_ context.Context, s Step) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.steps = append(f.steps, s)
	if !f.deaf && len(s.Run) > 4 && s.Run[3] == "connection" && s.Run[4] == "up" {
		f.ports = slices.Clone(f.ports)
		for i := range f.ports {
			if f.ports[i].Radio {
				f.ports[i].Carrier, f.ports[i].Network, f.ports[i].Address = true, "", Own.Addr()
			}
		}
	}
	if s.Run != nil && f.fail != "" && s.Run[0] == f.fail {
		return errors.New(f.fail + " did not succeed")
	}
	return nil
}

func (f *fake) ran(prefix string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.steps {
		if strings.HasPrefix(strings.Join(s.Run, " "), prefix) {
			n++
		}
	}
	return n
}

// lines are a log that is read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(b) }
func (l *lines) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// start runs a Keeper until the test ends.
func start(t *testing.T, f *fake, s Site) (k *Keeper, log *lines) {
	t.Helper()
	log = &lines{}
	f.started = time.Now()
	k = New(f, func() Site { return s }, rand.Reader, slog.New(slog.NewTextHandler(log, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); k.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
	return k, log
}

func ask1(t *testing.T, k *Keeper, id string) Status {
	t.Helper()
	raw, err := json.Marshal(Args{For: id})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := k.Handle(t.Context(), raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer.(Status)
}

func TestKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{ports: []Port{unplugged, radio}}
		k, log := start(t, f, Site{Wifi: usual()})
		time.Sleep(10 * time.Second) // no cable comes
		got := ask1(t, k, "")
		if got.Mode != OwnWifi || got.Name != "Jeudi" || got.Address != Own.Addr() || !drawn(got.Passphrase) || got.Fault {
			t.Fatalf("status = %+v; want the box's own Wi-Fi", got)
		}
		done := len(f.steps)
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(f.steps) != done {
			t.Errorf("steps of a minute in which nothing happened: %v", f.steps[done:])
		}

		// Opening: phones that joined before keep their network.
		opened := ask1(t, k, "p1")
		if opened.Passphrase != got.Passphrase || len(f.steps) != done {
			t.Errorf("at the opening %+v, steps %v; want nothing changed", opened, f.steps[done:])
		}
		seen, err := k.Status(t.Context())
		if got := seen.(Status); err != nil || got.Mode != OwnWifi || got.Passphrase != "" || len(f.steps) != done {
			t.Errorf("Status() = %+v, %v; want the same without the passphrase, and nothing done", got, err)
		}
		if again := ask1(t, k, "p1"); again != opened {
			t.Errorf("asked again: %+v; want %+v", again, opened)
		}
		// Closing: nobody of this permanence gets into the next with what they photographed.
		closed := ask1(t, k, "")
		if closed.Passphrase == got.Passphrase || !drawn(closed.Passphrase) || f.ran("nmcli --wait 0 connection up") != 2 {
			t.Errorf("after the closing %+v, steps %v; want another passphrase, raised", closed, f.steps[done:])
		}
		// The true permanence right after the practice: its phones are there already.
		ask1(t, k, "p2")
		if third := ask1(t, k, "p3"); third.Passphrase != closed.Passphrase {
			t.Errorf("one right after the other: %+v; want %+v", third, closed)
		}
		if over := ask1(t, k, ""); over.Passphrase == closed.Passphrase {
			t.Errorf("after both %+v; want another passphrase", over)
		}
		for _, p := range []string{got.Passphrase, closed.Passphrase} {
			if strings.Contains(log.String(), p) {
				t.Errorf("the log has a passphrase: %s", log)
			}
		}
	})
}

// A cut in the middle of a permanence throws no phone out.
func TestKeeperAfterACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{ports: []Port{unplugged, radio}}
		k, _ := start(t, f, Site{Wifi: usual()})
		time.Sleep(10 * time.Second) // no cable comes
		before := ask1(t, k, "p1")

		g := &fake{ports: f.ports, disk: f.disk}
		k, _ = start(t, g, Site{Wifi: usual()})
		time.Sleep(10 * time.Second)
		if after := ask1(t, k, "p1"); after.Passphrase != before.Passphrase {
			t.Errorf("after the cut %+v; want %+v", after, before)
		}
		// The plug was pulled after the closing: the next start draws another, whether the
		// next permanence is named already or not.
		g = &fake{ports: f.ports, disk: f.disk}
		k, _ = start(t, g, Site{Wifi: usual()})
		time.Sleep(10 * time.Second)
		if after := ask1(t, k, "p2"); after.Passphrase == before.Passphrase {
			t.Errorf("in another permanence %+v; want another passphrase", after)
		}
		h := &fake{ports: f.ports, disk: f.disk}
		k, _ = start(t, h, Site{Wifi: usual()})
		time.Sleep(10 * time.Second)
		if after := ask1(t, k, ""); after.Passphrase == before.Passphrase {
			t.Errorf("without the permanence %+v; want another passphrase", after)
		}
	})
}

// A cable that the box sees only some seconds after its port is switched on wins against
// the box's own Wi-Fi, at the start alone.
func TestKeeperSlowCable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{ports: []Port{unplugged, radio}}
		k, _ := start(t, f, Site{Wifi: usual()})
		for _, next := range []Port{plugged, lan} {
			time.Sleep(3 * time.Second)
			f.set(func() { f.ports = []Port{next, radio} })
		}
		time.Sleep(3 * time.Second)
		if got := ask1(t, k, "p1"); got.Mode != Cable || f.ran("nmcli --wait 0 connection up") != 0 {
			t.Errorf("with a cable that takes 6 s %+v, steps %v; want the cable, and no Wi-Fi of its own before", got, f.steps)
		}
		// The closing begins anew: whether a cable is in is known by then.
		f.set(func() { f.ports = []Port{unplugged, radio} })
		if got := ask1(t, k, ""); got.Mode != OwnWifi {
			t.Errorf("after the closing, without the cable %+v; want the box's own at once", got)
		}
	})
	synctest.Test(t, func(t *testing.T) { // the program alone starts anew, while phones are on the box's own
		f := &fake{ports: []Port{unplugged, radio}, left: []string{OwnProfile, "jeudi-eth0"}}
		k, _ := start(t, f, Site{Wifi: usual()})
		if got := ask1(t, k, "p1"); got.Mode != OwnWifi {
			t.Errorf("after a start of the program alone %+v; want the box's own at once", got)
		}
	})
	synctest.Test(t, func(t *testing.T) { // NetworkManager has started, and answers 12 s later
		f := &fake{ports: []Port{unplugged, radio}, fail: "nmcli"}
		k, _ := start(t, f, Site{Wifi: usual()})
		time.Sleep(11 * time.Second)
		f.set(func() { f.fail = "" })
		time.Sleep(4 * time.Second)
		f.set(func() { f.ports = []Port{lan, radio} })
		time.Sleep(3 * time.Second)
		if got := ask1(t, k, "p1"); got.Mode != Cable {
			t.Errorf("behind a NetworkManager that is slow %+v; want the cable", got)
		}
	})
}

func TestKeeperFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{ports: []Port{unplugged, radio}, fail: "nmcli", left: []string{PlaceProfile}}
		k, log := start(t, f, Site{Wifi: usual()})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := ask1(t, k, ""); got.Fault || strings.Contains(log.String(), "ERROR") {
			t.Errorf("after 10 s %+v, log %s; want patience: NetworkManager starts late", got, log)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if got := ask1(t, k, ""); !got.Fault || got.Mode != OwnWifi {
			t.Errorf("status = %+v; want the fault", got)
		}
		if f.ran("nft -f") < 3 || f.ran("systemctl restart") != 0 {
			t.Errorf("steps %v; want tries, the firewall each time and no addresses handed out", f.steps)
		}
		if n := strings.Count(log.String(), "nmcli did not succeed"); n != 1 {
			t.Errorf("the log says it %d times; want once:\n%s", n, log)
		}
		f.set(func() { f.fail = "" })
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := ask1(t, k, ""); got.Fault || f.ran("systemctl restart") != 1 {
			t.Errorf("status = %+v; want it mended", got)
		}
	})
	synctest.Test(t, func(t *testing.T) { // a radio that is slow, and one that never comes
		f := &fake{ports: []Port{unplugged, radio}, deaf: true}
		k, log := start(t, f, Site{Wifi: usual()})
		time.Sleep(40 * time.Second)
		if got := ask1(t, k, ""); got.Fault || f.ran("nmcli --wait 0 connection up") != 1 {
			t.Errorf("after 40 s %+v; want patience, and nothing asked again", got)
		}
		time.Sleep(40 * time.Second)
		if got := ask1(t, k, ""); !got.Fault || f.ran("nmcli --wait 0 connection up") != 2 {
			t.Errorf("after 80 s %+v, %d tries; want the fault, and another try", got, f.ran("nmcli --wait 0 connection up"))
		}
		if n := strings.Count(log.String(), "does not come up"); n != 1 {
			t.Errorf("the log says it %d times; want once", n)
		}
		f.set(func() { f.deaf = false })
		time.Sleep(2 * time.Minute)
		if got := ask1(t, k, ""); got.Fault {
			t.Errorf("when it is up %+v; want no fault", got)
		}
	})
	synctest.Test(t, func(t *testing.T) { // a country that the radio does not take spoils nothing
		f := &fake{ports: []Port{unplugged, radio}, fail: "iw"}
		k, _ := start(t, f, Site{Wifi: usual()})
		if got := ask1(t, k, ""); got.Fault {
			t.Errorf("status = %+v; want none", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := &fake{err: errors.New("no /sys")}
		k, _ := start(t, f, Site{Wifi: usual()})
		time.Sleep(30 * time.Second)
		if got := ask1(t, k, ""); !got.Fault || got.Mode != Searching {
			t.Errorf("status = %+v; want a fault", got)
		}
	})
	for _, disk := range []string{"{", `{"passphrase":"12345678"}`, `{"passphrase":""}`} {
		synctest.Test(t, func(t *testing.T) { // a damaged file, and a short passphrase that somebody wrote
			f := &fake{ports: []Port{radio}, disk: []byte(disk)}
			k, _ := start(t, f, Site{Wifi: usual()})
			if got := ask1(t, k, ""); !drawn(got.Passphrase) {
				t.Errorf("%s: status = %+v; want another passphrase", disk, got)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) { // a disk that refuses
		f := &fake{ports: []Port{radio}, noDisk: errors.New("read-only")}
		k, _ := start(t, f, Site{Wifi: usual()})
		if got := ask1(t, k, ""); !drawn(got.Passphrase) {
			t.Errorf("status = %+v; want a passphrase all the same", got)
		}
	})
}

// The hotspot of the morning comes on after the box: the Wi-Fi is joined, lost with its
// phone's battery, and the box's own takes its place.
func TestKeeperMorning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := usual()
		w.SSID, w.Passphrase = "Box", "tournesol"
		f := &fake{ports: []Port{unplugged, radio}}
		k, log := start(t, f, Site{Wifi: w})
		if got := ask1(t, k, ""); got.Mode != Searching || got.Passphrase != "" || got.Address.IsValid() {
			t.Errorf("at the start %+v; want searching", got)
		}
		time.Sleep(12 * time.Second)
		f.set(func() { f.ports = []Port{unplugged, joined} })
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if got := ask1(t, k, "p1"); got.Mode != Joined || got.Name != "Box" || got.Address != joined.Address || got.Passphrase != "" {
			t.Errorf("joined: %+v", got)
		}
		f.set(func() { f.ports = []Port{unplugged, radio} })
		time.Sleep(60 * time.Second)
		if got := ask1(t, k, "p1"); got.Mode != Joined {
			t.Errorf("a minute without: %+v; want patience", got)
		}
		time.Sleep(60 * time.Second)
		if got := ask1(t, k, "p1"); got.Mode != OwnWifi {
			t.Errorf("two minutes without: %+v; want the box's own", got)
		}
		f.set(func() { f.ports = []Port{unplugged, joined} })
		time.Sleep(time.Minute)
		if got := ask1(t, k, "p1"); got.Mode != OwnWifi {
			t.Errorf("it is back: %+v; want phones kept", got)
		}
		if got := ask1(t, k, ""); got.Mode != Joined {
			t.Errorf("after the closing %+v; want the place's", got)
		}
		if strings.Contains(log.String(), "tournesol") {
			t.Errorf("the log has a passphrase: %s", log)
		}
	})
}

// The wizard writes a site while the box has the network of the setup.
func TestKeeperNewSite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{ports: []Port{unplugged, radio}, started: time.Now()}
		var now atomic.Pointer[Site]
		setup, done := SiteOf(nil), Site{Wifi: usual()}
		now.Store(&setup)
		k := New(f, func() Site { return *now.Load() }, rand.Reader, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { k.Run(ctx) })
		defer running.Wait()
		defer cancel()
		time.Sleep(time.Minute) // somebody answers the questions
		before := ask1(t, k, "")
		if before.Mode != OwnWifi || before.Name != SetupName {
			t.Fatalf("at the setup %+v", before)
		}
		now.Store(&done)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		after := ask1(t, k, "")
		if after.Mode != OwnWifi || after.Name != "Jeudi" || after.Passphrase == before.Passphrase || f.ran("nmcli --wait") != 2 {
			t.Errorf("with a site %+v; want its own Wi-Fi, with another passphrase", after)
		}
	})
}

func TestSiteOf(t *testing.T) {
	if got := SiteOf(nil); !got.Setup || got.Wifi.Name != SetupName || got.Wifi.Hotspot != site.HotspotAlways {
		t.Errorf("SiteOf(nil) = %+v; want the network of the setup", got)
	}
	s := &site.Site{Wifi: usual(), Network: site.Network{Staff: netip.MustParseAddrPort("192.168.1.5:443"), Public: netip.MustParseAddrPort("192.168.1.5:80")}}
	if got := SiteOf(s); len(got.Fixed) != 1 || got.Fixed[0] != at("192.168.1.5") || got.Setup {
		t.Errorf("SiteOf() = %+v; want the address once", got)
	}
	for _, own := range []string{"0.0.0.0:443", "10.41.0.1:443", "127.0.0.1:443"} {
		s.Network = site.Network{Staff: netip.MustParseAddrPort(own)}
		if got := SiteOf(s); len(got.Fixed) != 0 {
			t.Errorf("SiteOf(%s) = %+v; want no address for the place's network", own, got)
		}
	}
}

func TestHandleRefuses(t *testing.T) {
	k := New(&fake{}, func() Site { return Site{} }, rand.Reader, slog.New(slog.DiscardHandler))
	for _, raw := range []string{`{`, `[]`, `{"for":1}`, `{"four":"p1"}`, `{"for":"` + strings.Repeat("x", 65) + `"}`} {
		_, err := k.Handle(t.Context(), json.RawMessage(raw), nil)
		if r, ok := errors.AsType[*steward.Refusal](err); !ok || r.Key != steward.KeyBadArgs {
			t.Errorf("Handle(%s) = %v; want refused", raw, err)
		}
	}
}
