package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/boltfile"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
	"jeudi/firmware/setup"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/words"
	"jeudi/provisioning/card"
	"jeudi/provisioning/firstboot"
	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
)

// setUp is `jeudi run -setup` while the box has no valid site: it serves the wizard, and
// ends when there is a site.
type setUp struct {
	siteFile  string
	listen    string
	public    netip.AddrPort // where the phone's page is served; zero for where the steward says
	simulated bool
	data      string
	steward   string // socket
	runDir    string // where firstboot has left how this start went
	files     fs.FS
	out       io.Writer
	log       *slog.Logger
	taken     []session.Msg // what came of a backup that was chosen, for the desk
	brought   bool          // the site came on a stick: written before the wizard ends
}

// wizardFile is where the answers wait until the site file is written, beside it.
const wizardFile = "wizard.json"

// againFile has the answers of a good site that somebody wants to change, beside it. It is
// read once: a plug that is pulled brings the box back as it was.
const againFile = "again.json"

// previousFile is the site file before, beside it.
const previousFile = "jeudi.previous.toml"

// siteOr is the site of the file, after the wizard if there is none that is valid.
func (u *setUp) siteOr(ctx context.Context) (*site.Site, error) {
	for {
		s, err := site.Load(u.siteFile)
		again := u.again()
		if err == nil {
			u.discard(wizardFile) // it would only be read by another wizard
			if again == nil {
				return s, nil
			}
		}
		if text, e := os.ReadFile(u.siteFile); e == nil && strings.TrimSpace(string(text)) == "" {
			err = fs.ErrNotExist // nothing was written into it yet
		}
		if err := u.run(ctx, err, again); err != nil || ctx.Err() != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		if u.taken = takeOver(u.data, u.siteFile, u.log); len(u.taken) == 0 {
			if u.brought {
				u.discard(wizardFile)
				u.taken = []session.Msg{session.M("boot.site_stick")}
			}
			return site.Load(u.siteFile) // written by the answers, or brought
		}
		// What could not be taken over leaves no site: the wizard says why, and goes on.
	}
}

// again are the answers that somebody wants to change, nil for none.
func (u *setUp) again() []byte {
	data, err := os.ReadFile(u.beside(againFile))
	if err == nil {
		err = boltfile.Discard(u.beside(againFile))
	}
	if err != nil {
		return nil // or the box would come to the questions at every start
	}
	return data
}

// run serves the wizard until the file is written or the context ends; wrong is what is
// the matter with the site file, nil for one that is good and whose answers are changed.
func (u *setUp) run(ctx context.Context, wrong error, again []byte) error {
	ln, err := listenLocal(u.listen)
	if err != nil {
		return fmt.Errorf("cannot serve on %s: %w; choose another with -listen", u.listen, err)
	}
	defer ln.Close()
	catalogue, err := words.Load()
	if err != nil {
		return err
	}
	var problems site.Errors
	said := u.ofTheCard(catalogue)
	for _, m := range u.taken {
		said = append(said, catalogue.Text(words.French, m.Key, m.Args))
	}
	if wrong != nil && !errors.As(wrong, &problems) && !errors.Is(wrong, fs.ErrNotExist) {
		u.log.Error("the site file cannot be read", "err", wrong)
		said = append(said, catalogue.Text(words.French, "setup.unreadable", map[string]any{"file": filepath.Base(u.siteFile)}))
	}
	bench := newBench(u.simulated, catalogue, u.log)
	defer bench.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	defer wg.Wait()

	network := &setupNetwork{here: presenceOf(&steward.Client{Socket: u.steward}, u.log), fixed: u.public, log: u.log}
	wizard := setup.New(setup.Config{
		Files: u.files, Words: catalogue, Bench: bench, Version: fullVersion(), Problems: problems, Said: said, Laptop: u.simulated, Again: wrong == nil, Access: network.access, Log: u.log,
		Load: func() []byte {
			if wrong == nil {
				return again
			}
			if data, err := os.ReadFile(u.beside(wizardFile)); err == nil {
				return data
			}
			return preseeded(os.DirFS(card.StartDir), u.log)
		},
		Keep: func(data []byte) error { return writeSite(u.beside(wizardFile), data) },
		Write: func(text string) error {
			if err := u.setAside(); err != nil {
				return err
			}
			if err := writeSite(u.siteFile, []byte(text)); err != nil {
				return err
			}
			u.discard(wizardFile) // it would only be read by another wizard
			return nil
		},
		Spare: spareBox{u, &steward.Client{Socket: u.steward}, wrong != nil},
		Sites: u.sites(wrong),
	})
	defer wizard.Close()
	mux := http.NewServeMux()
	mux.Handle("/", wizard.Kiosk())
	if bench.dock != nil {
		mux.Handle("/dock/", bench.dock)
	}
	kiosk := guard.Server(mux, u.log)
	kiosk.BaseContext = func(net.Listener) context.Context { return ctx }
	kiosk.WriteTimeout = 0 // the dock's streams
	phone := guard.Server(wizard.Phone(), u.log)
	wg.Go(func() { serveUntil(kiosk, ln, cancel) })
	wg.Go(func() { network.follow(ctx) })
	// A version on trial is kept or left in the set-up too: nobody may answer for a day.
	versions := &updates{client: &steward.Client{Socket: u.steward}, machine: noBox{wizard}, painted: wizard.Painted, intact: true, site: wrong == nil, log: u.log}
	wg.Go(func() { versions.follow(ctx) })
	wg.Go(func() { network.serve(ctx, phone, cancel) })
	wg.Go(func() { wizard.FollowSticks(ctx) })
	why := "This box has no site yet: %s is made by answering six questions."
	if wrong == nil {
		why = "The answers of %s are changed."
	}
	fmt.Fprintf(u.out, "Jeudi %s\n\n"+why+"\n\n", fullVersion(), u.siteFile)
	fmt.Fprintf(u.out, "  kiosk  http://%s/kiosk   what the box's screen shows\n  setup  http://%s/setup   the questions, on this machine\n", ln.Addr(), ln.Addr())
	notify := notifier()
	notify.send("READY=1")
	if notify.every > 0 {
		wg.Go(func() { beat(ctx, notify, wizard) })
	}
	select {
	case <-wizard.Done():
	case <-ctx.Done():
	}
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), shutdown)
	defer done()
	for _, srv := range []*http.Server{kiosk, phone} {
		if srv.Shutdown(grace) != nil {
			srv.Close()
		}
	}
	err = context.Cause(ctx)
	cancel(nil)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// sites finds a site on a stick for a box that has nothing; nil for another, which keeps
// what it has.
func (u *setUp) sites(wrong error) setup.Sites {
	if wrong == nil || !u.blank() {
		return nil
	}
	return &stickSite{box: u, client: &steward.Client{Socket: u.steward}}
}

// ofTheCard is what firstboot found on the card that whoever wrote it should know: a site
// file that was refused, line by line, and files of Raspberry Pi Imager that say nothing
// to this box.
func (u *setUp) ofTheCard(catalogue *words.Catalogue) (said []string) {
	out, ok := firstboot.ReadOutcome(os.DirFS(u.runDir))
	if !ok {
		return nil // a laptop
	}
	said = out.Wrong
	for _, n := range out.Notes {
		// The box that has its settings says the others at the desk.
		if n.Key == firstboot.NoteLeftover || n.Key == firstboot.NoteNoCard {
			said = append(said, catalogue.Text(words.French, n.Key, n.Args))
		}
	}
	return said
}

// noBox is the box as updates see it while there is no site: an owner, who is the wizard's,
// and a page. No store is open, so that none is damaged.
type noBox struct{ wizard *setup.Server }

var _ updatedBox = noBox{}

func (n noBox) Snapshot() *appliance.Snapshot { return nil }
func (n noBox) Refresh()                      {}

// Day implements updatedBox: it answers when the owner does.
func (n noBox) Day(context.Context) (time.Time, error) {
	n.wizard.Alive()
	return time.Time{}, nil
}

// PrintUpdate implements updatedBox: the box says it once it has a printer.
func (n noBox) PrintUpdate(context.Context, paper.UpdateData) error {
	return errors.New("no site, and so no printer")
}

func serveUntil(srv *http.Server, ln net.Listener, failed context.CancelCauseFunc) {
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		failed(err)
	}
}

// beat tells systemd that the wizard answers.
func beat(ctx context.Context, notify notice, wizard *setup.Server) {
	tick := time.NewTicker(notify.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if wizard.Alive() {
				notify.send("WATCHDOG=1")
			}
		}
	}
}

func (u *setUp) beside(name string) string { return filepath.Join(filepath.Dir(u.siteFile), name) }

// discard overwrites a file beside the site's and removes it: answers hold a passphrase.
func (u *setUp) discard(name string) {
	if err := boltfile.Discard(u.beside(name)); err != nil {
		u.log.Error("answers of the set-up are not overwritten", "file", name, "err", err)
	}
}

// setAside keeps a file that is there, whatever is wrong with it: somebody wrote it. Of one
// that was good it keeps no passphrase, which is in the one that follows, or is no longer
// the box's to know.
func (u *setUp) setAside() error {
	before, err := os.ReadFile(u.siteFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if good, _, err := site.WithoutWifi(before); err == nil {
		before = good
	}
	return writeSite(u.beside(previousFile), before)
}

// setupNetwork is how phones reach the wizard: an address that was given, or the one that
// the steward has made a Wi-Fi for.
type setupNetwork struct {
	here  *presence
	fixed netip.AddrPort
	log   *slog.Logger

	host atomic.Pointer[string]         // of the address that was given, once it is served
	at   atomic.Pointer[netip.AddrPort] // where to listen
}

func (n *setupNetwork) access() setup.Access {
	if host := n.host.Load(); host != nil {
		return setup.Access{Host: *host}
	}
	s := n.here.now()
	if !s.Address.IsValid() {
		return setup.Access{}
	}
	a := setup.Access{Host: s.Address.String()}
	if s.Mode == hotspot.OwnWifi && s.Name != "" {
		a.SSID, a.Passphrase, a.Scan = s.Name, s.Passphrase, hotspot.Scan(s.Name, site.Secret(s.Passphrase))
	}
	return a
}

// follow asks for the network, again and again: a radio needs its time.
func (n *setupNetwork) follow(ctx context.Context) {
	if n.fixed.IsValid() {
		n.at.Store(&n.fixed)
		return
	}
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		n.here.ask(ctx, "", func() {})
		if n.here.now().Address.IsValid() {
			// There alone: a box that has its own Wi-Fi is not set up from what else is plugged
			// in. Where it has none, from a phone or a PC of the place.
			at := netip.AddrPortFrom(n.here.now().Address, site.PublicPort)
			n.at.Store(&at)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// serve serves the phone's page where the network is, until the context ends.
func (n *setupNetwork) serve(ctx context.Context, srv *http.Server, failed context.CancelCauseFunc) {
	var (
		served sync.WaitGroup
		ln     net.Listener
		is     netip.AddrPort // where that one listens
	)
	defer served.Wait()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if at := n.at.Load(); at != nil && *at != is {
			if ln != nil {
				ln.Close()
			}
			var err error
			is = *at
			if ln, err = listenLAN(is, "public", n.log); err != nil {
				// The kiosk goes on, and says that there is no address.
				n.log.Error("the page of the set-up is not served to phones", "err", err)
				ln = nil
			} else {
				if n.fixed.IsValid() {
					host := shortAddress(ln, site.PublicPort)
					n.host.Store(&host)
				}
				on := guard.Limit(ln, connsEach, connsAll)
				served.Go(func() { serveUntil(srv, on, failed) })
			}
		}
		select {
		case <-ctx.Done():
			if ln != nil {
				ln.Close()
			}
			return
		case <-tick.C:
		}
	}
}
