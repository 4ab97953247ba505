package hotspot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"time"

	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
)

// A System is the machine as a Keeper needs it. Joined and a Step that runs something
// start a program, which costs a small machine a second of its time; all else is cheap
// enough for every look.
type System interface {
	// Manager says whether NetworkManager is there.
	Manager() Manager
	// Ports are the interfaces of the box, with Network left open.
	Ports() ([]Port, error)
	// Joined are the ports that are on the Wi-Fi of the place.
	Joined(context.Context) ([]string, error)
	// Left are profiles of ours that NetworkManager still has, of an earlier start.
	Left() []string
	// Do does a step.
	Do(context.Context, Step) error
	// Now is the time since the machine started.
	Now() Moment
	// Load and Keep are the one small file that outlives a cut. Load is nil where there
	// is none.
	Load() ([]byte, error)
	Keep([]byte) error
}

// Manager is whether NetworkManager is there.
type Manager int

// What there is of it.
const (
	NoManager   Manager = iota // it is not installed: the machine is none of ours, as a laptop
	ManagerLate                // it has not started yet
	ManagerUp                  // it has
)

// Site is what a Keeper needs of the site, as it is now.
type Site struct {
	Wifi  site.Wifi
	Fixed []netip.Addr // addresses of the box that the site names, see Want
	Setup bool         // there is no valid site
}

// SetupName is what the box's own Wi-Fi is called while the box has no site.
const SetupName = "Jeudi-installation"

// SiteOf is what a Keeper needs of a site; nil for none that is valid.
func SiteOf(s *site.Site) Site {
	if s == nil {
		return Site{Wifi: site.Wifi{Hotspot: site.HotspotAlways, Name: SetupName, Country: site.WifiCountry, Channel: site.WifiChannel}, Setup: true}
	}
	k := Site{Wifi: s.Wifi}
	for _, at := range []netip.AddrPort{s.Network.Staff, s.Network.Public} {
		a := at.Addr()
		if at.IsValid() && !a.IsUnspecified() && !a.IsLoopback() && !Own.Masked().Contains(a) && !slices.Contains(k.Fixed, a) {
			k.Fixed = append(k.Fixed, a)
		}
	}
	return k
}

// Keeper keeps the box on a network. Run is its only goroutine and owns all that it
// knows; Handle asks it.
type Keeper struct {
	sys    System
	source func() Site
	random io.Reader
	log    *slog.Logger
	asks   chan ask

	site  Site // as it was at the last look
	bare  bool // without NetworkManager
	begun bool // what was kept is read
	state State
	plan  Plan // that was done; zero when it is not known
	kept  kept
	asked bool   // somebody has named the permanence since the start
	tries int    // that did not succeed, one after the other
	again Moment // before which nothing is tried
	late  Moment // since when NetworkManager is waited for; 0 when it is not
	down  Moment // since when the box's own network is asked for and not up; 0 when it is
	wired Moment // since when NetworkManager has the ports for cables switched on; 0 when it has not
	said  string // the last error in the log: a radio that is not there is said once
	air   air
}

// air is what NetworkManager last said of radios.
type air struct {
	radios []Port   // that it was asked about, as they were
	joined []string // those of them that were on the Wi-Fi of the place
	next   Moment   // when it is asked again
	soon   Moment   // before which it is not, whatever happens
	pause  Moment   // between the last two times
}

// kept is what outlives a cut: phones that were let in stay let in until the permanence
// is over.
type kept struct {
	Passphrase string `json:"passphrase"`
	For        string `json:"for,omitempty"` // the permanence that it was shown in
}

type ask struct {
	args   *Args // nil: nothing changes
	answer chan<- Status
}

// New is a Keeper for a machine. The site is asked for with each look: the wizard writes
// one while phones are on the network of the setup.
func New(sys System, source func() Site, random io.Reader, log *slog.Logger) *Keeper {
	return &Keeper{sys: sys, source: source, random: random, log: log, asks: make(chan ask)}
}

// Args are what the verb network takes.
type Args struct {
	// For names the permanence under way, "" for none. A passphrase that was shown in one
	// is not shown in another, unless that follows at once: a new one is drawn when a
	// permanence is over, and the network of the place is looked for again.
	For string `json:"for"`
}

// Status is the answer, out of what is known: to ask looks at nothing. It is the zero
// Status on a machine without NetworkManager, which a Keeper leaves alone.
type Status struct {
	Mode    Mode       `json:"mode"`
	Name    string     `json:"name,omitempty"` // of the Wi-Fi, the box's own or the place's
	Address netip.Addr `json:"address"`        // of the box on it, invalid while it has none
	// Passphrase is that of the box's own Wi-Fi, for its QR code; "" otherwise.
	Passphrase string `json:"passphrase,omitempty"`
	// Fault says that the last try did not succeed; it is tried again.
	Fault bool `json:"fault,omitempty"`
}

// Handlers are the verbs of this package.
func (k *Keeper) Handlers() map[string]steward.Handler {
	return map[string]steward.Handler{steward.VerbNetwork: k.Handle}
}

// Handle answers the verb network.
func (k *Keeper) Handle(ctx context.Context, raw json.RawMessage, _ func(steward.Progress)) (any, error) {
	args, err := steward.Args[Args](raw)
	if err == nil && len(args.For) > 64 {
		err = &steward.Refusal{Key: steward.KeyBadArgs}
	}
	if err != nil {
		return nil, err
	}
	return k.ask(ctx, &args)
}

// Status is what the verb status says of the network: all but the passphrase, since it is
// for reports too.
func (k *Keeper) Status(ctx context.Context) (any, error) {
	s, err := k.ask(ctx, nil)
	s.Passphrase = ""
	return s, err
}

func (k *Keeper) ask(ctx context.Context, args *Args) (Status, error) {
	answer := make(chan Status, 1)
	select {
	case k.asks <- ask{args, answer}:
	case <-ctx.Done():
		return Status{}, ctx.Err()
	}
	select {
	case s := <-answer:
		return s, nil
	case <-ctx.Done():
		return Status{}, ctx.Err()
	}
}

// look is how often the ports are looked at, which starts no program.
const look = 2 * time.Second

// Run keeps the box on a network until the context ends. What fails is tried again: a
// radio may need its time, and a box without network still gives tickets.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	k.turn(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			k.turn(ctx)
		case a := <-k.asks:
			if a.args != nil && k.permanence(a.args.For) {
				k.turn(ctx)
			}
			a.answer <- k.status()
		}
	}
}

// begin reads what was kept, and draws a passphrase where there is none. It looks whether the
// network is on already.
func (k *Keeper) begin() {
	data, err := k.sys.Load()
	if err == nil && len(data) > 0 {
		err = json.Unmarshal(data, &k.kept)
		if err == nil && !drawn(k.kept.Passphrase) {
			err = errors.New("it holds no passphrase of the box")
		}
	}
	if err != nil {
		k.log.Warn("the kept passphrase of the hotspot cannot be read; another is drawn", "err", err)
	}
	if err != nil || len(data) == 0 {
		k.draw("")
	}
	if len(k.sys.Left()) > 0 {
		k.wired = -slow // by an earlier start of this program: phones do not wait for it again
	}
}

// permanence takes note of the permanence under way; it is true when the network begins
// anew.
func (k *Keeper) permanence(id string) bool {
	if k.bare {
		return false
	}
	first := !k.asked
	k.asked = true
	switch {
	case id == k.kept.For:
		return false
	case k.kept.For == "", id != "" && !first:
		// The first one that it is shown in; or one that follows another at once, as the
		// true one after the practice, whose phones are on the network already.
		k.kept.For = id
		k.keep()
		return false
	}
	k.draw(id)
	k.state, k.again = State{}, 0
	return true
}

func (k *Keeper) draw(id string) {
	p, err := Draw(k.random)
	if err != nil {
		k.log.Error("no passphrase drawn for the hotspot", "err", err)
		return
	}
	k.kept = kept{Passphrase: p.Reveal(), For: id}
	k.keep()
}

func (k *Keeper) keep() {
	data, err := json.Marshal(k.kept)
	if err == nil {
		err = k.sys.Keep(data)
	}
	if err != nil { // after a cut phones have to photograph the code again
		k.log.Error("the passphrase of the hotspot is not kept", "err", err)
	}
}

// turn looks, decides and does.
func (k *Keeper) turn(ctx context.Context) {
	if now := k.source(); !reflect.DeepEqual(now, k.site) {
		if k.site.Setup != now.Setup && k.plan.Firewall != "" {
			k.draw(k.kept.For) // what was shown at the setup is not shown to staff
		}
		k.site, k.state, k.again = now, State{}, 0
		k.air = air{soon: k.air.soon}
	}
	manager := k.sys.Manager()
	if k.bare = manager == NoManager; k.bare {
		k.state, k.plan = State{}, Plan{}
		return
	}
	if !k.begun {
		k.begun = true
		k.begin()
	}
	if k.sys.Now() < k.again {
		return
	}
	if manager == ManagerLate {
		k.await()
		return
	}
	if k.late != 0 {
		k.late, k.tries = 0, 0
	}
	ports, err := k.sys.Ports()
	if err != nil {
		k.fault(fmt.Errorf("ports: %w", err), k.rest())
		return
	}
	k.listen(ctx, ports)
	f := Facts{Ports: ports, Setup: k.site.Setup}
	if k.wired != 0 {
		f.Cables = k.sys.Now() - k.wired
	}
	was := k.state
	k.state = Decide(k.site.Wifi, f, was, k.sys.Now())
	if k.state.Mode != was.Mode {
		k.log.Info("network", "mode", string(k.state.Mode), "port", k.state.Port)
	}
	want := Make(k.state, f, Want{Wifi: k.site.Wifi, Name: k.site.Wifi.Name, Passphrase: site.Secret(k.kept.Passphrase), Fixed: k.site.Fixed})
	had := k.plan
	var left []string
	if had.Firewall == "" {
		left = k.sys.Left()
	}
	for _, step := range Steps(had, want, left) {
		if err := k.sys.Do(ctx, step); err != nil && !step.Spare {
			// Nothing is known of what is half done: all of it is done again next time.
			k.plan = Plan{}
			k.fault(err, k.rest())
			return
		}
	}
	k.plan = want
	if k.wired == 0 {
		k.wired = max(k.sys.Now(), 1)
	}
	if k.state.Mode == OwnWifi && down(ports, k.state.Port) {
		now := k.sys.Now()
		if k.down == 0 {
			k.down = max(now, 1)
		}
		if now-k.down >= raising {
			k.down, k.plan, k.tries = 0, Plan{}, max(k.tries, early)
			k.fault(errDown, rest)
		}
		return
	}
	k.down, k.tries, k.said = 0, 0, ""
}

// down reports whether the box's own network is not up: a cable that is not in has nobody
// at its other end.
func down(ports []Port, name string) bool {
	i := slices.IndexFunc(ports, func(p Port) bool { return p.Name == name })
	return i >= 0 && (ports[i].Radio || ports[i].Carrier) && ports[i].Address != Own.Addr()
}

// raising is how long an access point may need; a radio is slow the first time.
const raising = 60 * Moment(time.Second)

var errDown = errors.New("hotspot: the box's own network does not come up")

// listen notes at the ports which radios are on the Wi-Fi of the place. NetworkManager is
// asked when a radio has come to an address or to another, and again after longer and
// longer while nothing changes: it may not have been through with it. A box on a cable or
// with its own network asks nothing.
func (k *Keeper) listen(ctx context.Context, ports []Port) {
	var radios []Port
	for _, p := range ports {
		if k.site.Wifi.SSID != "" && p.Radio && p.Carrier && usable(p.Address) {
			radios = append(radios, p)
		}
	}
	now := k.sys.Now()
	a := &k.air
	if !slices.Equal(radios, a.radios) {
		a.radios, a.joined, a.next, a.pause = radios, nil, now, 0
	}
	if len(radios) == 0 {
		return
	}
	if now >= max(a.next, a.soon) {
		joined, err := k.sys.Joined(ctx)
		if err == nil { // else what it said before may well be so
			a.joined = joined
		}
		a.pause = min(max(2*a.pause, rest), longest)
		a.next, a.soon = now+a.pause, now+rest
	}
	for i, p := range ports {
		if slices.Contains(radios, p) && slices.Contains(a.joined, p.Name) {
			ports[i].Network = k.site.Wifi.SSID
		}
	}
}

// await waits for NetworkManager, which comes up after the box: until it is there nothing
// that is asked of it would be done, a cable is not even switched on, and the ports are as
// closed as the start left them.
func (k *Keeper) await() {
	now := k.sys.Now()
	if k.late == 0 {
		k.late = max(now, 1)
	}
	if now-k.late >= longest {
		k.tries = early
		k.fault(errLate, 0)
	}
}

var errLate = errors.New("hotspot: NetworkManager has not started")

// How long it is until the next try. NetworkManager has started but may not answer yet
// when the first ones are made; each starts some five programs.
const (
	rest    = 4 * Moment(time.Second)  // between the first tries
	longest = 60 * Moment(time.Second) // between later ones
	early   = 3                        // tries that are no fault yet
)

// rest is how long it is until the next try: twice as long each time once it is a fault.
func (k *Keeper) rest() Moment {
	if k.tries < early {
		return rest
	}
	return min(rest<<min(k.tries-early+1, 8), longest)
}

// fault takes note of a try that did not succeed, and logs it once, as long as it is the
// same. The next one is made after the pause.
func (k *Keeper) fault(err error, pause Moment) {
	k.tries++
	k.again = k.sys.Now() + pause
	if k.tries > early && k.said != err.Error() {
		k.said = err.Error()
		k.log.Error("the network is not as it should be; it is tried again", "err", err)
	}
}

func (k *Keeper) status() Status {
	if k.bare {
		return Status{} // as on a machine without a steward: nothing of it is ours to say
	}
	s := Status{Mode: k.state.Mode, Address: k.state.At, Fault: k.tries > early}
	switch k.state.Mode {
	case OwnWifi:
		s.Name, s.Passphrase = k.site.Wifi.Name, k.kept.Passphrase
		if k.site.Wifi.Interface != "" {
			s.Name, s.Passphrase = "", "" // a cable asks for neither
		}
	case Joined:
		s.Name = k.site.Wifi.SSID
	}
	if s.Mode == "" {
		s.Mode = Searching
	}
	return s
}
