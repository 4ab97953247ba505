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
}

// wizardFile is where the answers wait until the site file is written, beside it.
const wizardFile = "wizard.json"

// siteOr is the site of the file, after the wizard if there is none that is valid.
func (u *setUp) siteOr(ctx context.Context) (*site.Site, error) {
	for {
		s, err := site.Load(u.siteFile)
		if err == nil {
			os.Remove(u.beside(wizardFile)) // it would only be read by another wizard
			return s, nil
		}
		if text, e := os.ReadFile(u.siteFile); e == nil && strings.TrimSpace(string(text)) == "" {
			err = fs.ErrNotExist // nothing was written into it yet
		}
		if err := u.run(ctx, err); err != nil || ctx.Err() != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		if u.taken = takeOver(u.data, u.siteFile, u.log); len(u.taken) == 0 {
			return site.Load(u.siteFile) // written by the answers
		}
		// What could not be taken over leaves no site: the wizard says why, and goes on.
	}
}

// run serves the wizard until the file is written or the context ends; wrong is what is
// the matter with the site file.
func (u *setUp) run(ctx context.Context, wrong error) error {
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
	if !errors.As(wrong, &problems) && !errors.Is(wrong, fs.ErrNotExist) {
		u.log.Error("the site file cannot be read", "err", wrong)
		said = append(said, catalogue.Text(words.French, "setup.unreadable", map[string]any{"file": filepath.Base(u.siteFile)}))
	}
	bench := newBench(u.simulated, u.log)
	defer bench.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	defer wg.Wait()

	network := &setupNetwork{client: &steward.Client{Socket: u.steward}, fixed: u.public, log: u.log}
	wizard := setup.New(setup.Config{
		Files: u.files, Words: catalogue, Bench: bench, Version: fullVersion(), Problems: problems, Said: said, Laptop: u.simulated, Access: network.access, Log: u.log,
		Load: func() []byte {
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
			os.Remove(u.beside(wizardFile)) // it would only be read by another wizard
			return nil
		},
		Spare: spareBox{u, &steward.Client{Socket: u.steward}},
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
	wg.Go(func() { network.serve(ctx, phone, cancel) })
	fmt.Fprintf(u.out, "Jeudi %s\n\nThis box has no site yet: %s is made by answering six questions.\n\n", fullVersion(), u.siteFile)
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

// setAside keeps a file that is there, whatever is wrong with it: somebody wrote it.
func (u *setUp) setAside() error {
	before, err := os.ReadFile(u.siteFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return writeSite(u.beside("jeudi.previous.toml"), before)
}

// setupNetwork is how phones reach the wizard: an address that was given, or the one that
// the steward has made a Wi-Fi for.
type setupNetwork struct {
	client *steward.Client
	fixed  netip.AddrPort
	log    *slog.Logger

	now atomic.Pointer[setup.Access]
	at  atomic.Pointer[netip.AddrPort] // where to listen
}

func (n *setupNetwork) access() setup.Access {
	if a := n.now.Load(); a != nil {
		return *a
	}
	return setup.Access{}
}

// follow asks the steward for the network, again and again: a radio needs its time.
func (n *setupNetwork) follow(ctx context.Context) {
	if n.fixed.IsValid() {
		n.at.Store(&n.fixed)
		return
	}
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		var s hotspot.Status
		err := n.client.Do(ctx, steward.VerbNetwork, hotspot.Args{}, &s, nil)
		switch {
		case errors.Is(err, steward.ErrNone): // a laptop, or not yet
		case err != nil && ctx.Err() == nil:
			n.log.Warn("the network of the set-up is not known", "err", err)
		case err == nil && s.Address.IsValid():
			// On every address, since a cable may change it; nothing is seen without the code.
			at := netip.AddrPortFrom(netip.IPv4Unspecified(), site.PublicPort)
			n.at.Store(&at)
			access := setup.Access{Host: s.Address.String()}
			if s.Mode == hotspot.OwnWifi {
				access.SSID, access.Passphrase = s.Name, s.Passphrase
			}
			n.now.Store(&access)
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
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for n.at.Load() == nil {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	ln, err := listenLAN(*n.at.Load(), "public", n.log)
	if err != nil {
		n.log.Error("the page of the set-up is not served to phones", "err", err)
		return // the kiosk goes on, and says that there is no address
	}
	if n.fixed.IsValid() {
		n.now.Store(&setup.Access{Host: shortAddress(ln, site.PublicPort)})
	}
	serveUntil(srv, guard.Limit(ln, connsEach, connsAll), failed)
}
