package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"jeudi/firmware/agenda"
	"jeudi/firmware/appliance"
	"jeudi/firmware/coop"
	"jeudi/firmware/counters"
	"jeudi/firmware/directory"
	"jeudi/firmware/intake"
	"jeudi/firmware/journal"
	"jeudi/firmware/ledger"
	"jeudi/firmware/logbook"
	"jeudi/firmware/paper"
	"jeudi/firmware/report"
	"jeudi/firmware/rights"
	"jeudi/firmware/routing"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/voice"
	"jeudi/firmware/web"
	"jeudi/firmware/web/guard"
	"jeudi/firmware/words"
	kioskui "jeudi/kiosk-ui"
	"jeudi/provisioning/card"
	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
)

const runUsage = `usage: jeudi run [flags]

Starts the box and prints its addresses. Without flags: a sample site, its data in
./data, on 127.0.0.1:8080, with simulated printer, buttons and loudspeaker.

A site file that is missing or wrong stops it; with -setup it then serves a wizard: six
questions on a phone write the file, and the box goes on with it. A file that the site
names beside its own (texts, voices, routing, rights) and that is wrong is left out: the
log and the desk say so, and jeudi site check says why.

`

func runBox(ctx context.Context, args []string, out, errs io.Writer) int {
	fset := flag.NewFlagSet("run", flag.ContinueOnError)
	fset.SetOutput(errs)
	var (
		siteFile = fset.String("site", "", "site `file` (TOML); without it the sample site")
		data     = fset.String("data", "data", "`folder` of what must survive a power cut")
		listen   = fset.String("listen", "127.0.0.1:8080", "`address` to serve on; port 0 takes a free one")
		staff    = fset.String("staff", "", "`address` of the staff's pages over TLS, as 10.3.141.1:443, or none; instead of the site's")
		public   = fset.String("public", "", "`address` of the hall's display and visitors' phones, as 10.3.141.1:80, or none; instead of the site's")
		devices  = fset.String("devices", "sim", "sim: simulated devices and their dock; site: those of the site file")
		clock    = fset.String("clock", "1x", "speed of the clock, as 60x; simulated devices only")
		dog      = fset.String("watchdog", "", "watchdog `device` of the kernel to feed while the box is alive, as /dev/watchdog0")
		setup    = fset.Bool("setup", false, "while the site file is missing or wrong, serve the wizard that makes one")
		helper   = fset.String("steward", card.StewardSoc, "`socket` of the steward of the card, who does what only root can")
		ui       = fset.String("ui", "", "`folder` to serve the interface from instead of the built-in one, to edit it")
	)
	fset.Usage = func() { fmt.Fprint(errs, runUsage); fset.PrintDefaults() }
	if err := fset.Parse(args); err != nil {
		return usageCode(err)
	}
	speed, err := parseSpeed(*clock)
	switch {
	case fset.NArg() > 0:
		err = fmt.Errorf("unexpected %q; all settings of jeudi run are flags", fset.Arg(0))
	case *devices != "sim" && *devices != "site":
		err = fmt.Errorf("-devices is sim or site, not %q", *devices)
	case err == nil && speed != 1 && *devices != "sim":
		err = errors.New("-clock is for simulated devices only: real ones cannot hurry")
	case err == nil && *devices == "site" && *siteFile == "":
		err = errors.New("-devices site needs a site file that names them: add -site FILE (jeudi site sample prints one to begin with)")
	}
	if err == nil && *setup && *siteFile == "" {
		err = errors.New("-setup needs the name of the site file to make: add -site FILE")
	}
	if err != nil {
		fmt.Fprintln(errs, "jeudi run:", err)
		return exitUsage
	}
	var files fs.FS = kioskui.Files
	if *ui != "" {
		files = os.DirFS(*ui)
	}
	logger := slog.New(logbook.New(slog.NewTextHandler(errs, nil)))
	found := append(takeOver(*data, *siteFile, logger), startNotices(filepath.Dir(*helper))...)
	var place *site.Site
	if *setup {
		var at netip.AddrPort
		if at, err = lanAddress("public", *public, at, site.PublicPort); err == nil {
			u := &setUp{siteFile: *siteFile, listen: *listen, public: at, simulated: *devices == "sim", data: *data, steward: *helper, runDir: filepath.Dir(*helper), files: files, out: out, log: logger}
			place, err = u.siteOr(ctx)
			found = append(found, u.taken...)
		}
		if ctx.Err() != nil {
			return exitOK // stopped before there was a site
		}
	} else {
		place, err = siteFrom(*siteFile)
	}
	if err != nil {
		fmt.Fprintln(errs, inFrench(err))
		return exitFail
	}
	lan := place.Network
	if lan.Staff, err = lanAddress("staff", *staff, lan.Staff, site.StaffPort); err == nil {
		lan.Public, err = lanAddress("public", *public, lan.Public, site.PublicPort)
	}
	if err != nil {
		fmt.Fprintln(errs, "jeudi run:", err)
		return exitUsage
	}
	b := &box{
		site: place, siteFile: *siteFile, data: *data, listen: *listen, lan: lan, speed: speed, files: files,
		simulated: *devices == "sim", watchdog: *dog, steward: *helper, spared: found, out: out, log: logger, errs: errs,
	}
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(errs, "jeudi run:", err)
		return exitFail
	}
	return exitOK
}

func usageCode(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	return exitUsage
}

// parseSpeed reads "60x".
func parseSpeed(s string) (float64, error) {
	f, err := strconv.ParseFloat(strings.TrimSuffix(s, "x"), 64)
	if err != nil || !(f >= 1 && f <= 3600) { // NaN is neither
		return 0, fmt.Errorf("-clock is between 1x and 3600x, not %q", s)
	}
	return f, nil
}

// box is jeudi run with its flags read.
type box struct {
	site      *site.Site
	siteFile  string // "" for the sample
	data      string
	listen    string
	lan       site.Network
	speed     float64
	simulated bool
	watchdog  string // device, "" for none
	steward   string // socket
	files     fs.FS
	out       io.Writer
	log       *slog.Logger
	spared    []session.Msg // what of the site is left out, for the desk
	errs      io.Writer
}

// shutdown is how long a graceful stop may take; whoever waits longer pulls the plug.
const shutdown = 1500 * time.Millisecond

// garbage is how much the heap may grow, in per cent, before it is collected. On
// two cores a collection is felt as a slow ticket; twice as much room halves their
// number and costs some 4 MiB.
const garbage = 200

func (b *box) run(ctx context.Context) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	// The address first: a second box on the same one is told so at once.
	ln, err := listenLocal(b.listen)
	if err != nil {
		return fmt.Errorf("cannot serve on %s: %w; choose another with -listen", b.listen, err)
	}
	defer ln.Close()
	if err := os.MkdirAll(b.data, 0o700); err != nil {
		return fmt.Errorf("cannot make the data folder: %w; choose another with -data", err)
	}
	problems, closeLog := b.keepLog()
	defer closeLog()
	here := presenceOf(&steward.Client{Socket: b.steward}, b.log)
	lan, err := openNetwork(b.lan, b.data, here, b.log)
	if err != nil {
		return err
	}
	defer lan.close()
	stores, err := openStores(b.data, schemasOf(b.site), optionsOf(b.site), b.log)
	if err != nil {
		return err
	}
	defer stores.close()
	periods := periodsOf(b.site, stores)
	if err := periods.Recover(); err != nil { // no sheet is merged before
		b.log.Error("counters of a closed period not begun anew", "err", err)
	}
	dev, err := openDevices(b.site, b.simulated, b.speed, b.log)
	if err != nil {
		return err
	}
	defer dev.close()
	catalogue, err := words.Load()
	if err != nil {
		return err
	}
	catalogue, err = siteTexts(catalogue, b.site, b.siteFile)
	b.spare("banner.own_texts", err)
	b.site = speaking(b.site, catalogue)
	place := b.place(stores)
	place.Network = func() (paper.NetworkData, bool) { return lan.forPaper(b.site.Place.Name) }
	place.VisitorPage = func() string { return lan.visitorPage(b.lan.Visitors) }
	recordings, err := siteVoices(b.site, b.siteFile)
	b.spare("banner.own_voices", err)
	voices, err := loadVoices(catalogue, recordings, b.log)
	if err != nil {
		b.log.Error("no voice: calls are their chime alone", "err", err)
	}
	place.Mute = mute(voices, b.site.Languages)
	notify := notifier()
	alive, every := notify.watchdog(), notify.every
	if b.watchdog != "" {
		dog, err := openWatchdog(b.watchdog)
		if err != nil {
			return err
		}
		defer dog.close()
		alive, every = both(alive, dog.feed), dog.every
		if notify.every > 0 {
			every = min(every, notify.every)
		}
	}
	versions := newUpdates(b.steward, b.data, intactStores(stores.notices), b.log)
	var server *web.Server
	sight := newScreenWatch(&steward.Client{Socket: b.steward}, place.Zone, b.log)
	keeper := b.caretaker(stores, problems, catalogue)
	b.spared = append(b.spared, handoverNotice(b.data, stores.journal)...)
	machine := appliance.New(appliance.Config{
		Chord: func() { server.Offer() },
		Place: place, Log: stores.journal, Begin: stores.journal.Begin, Enter: stores.ledger.Enter,
		Sheets: stores.sheets, Escrow: stores.sheets, Periods: periods, Box: b.named(stores.ledger), Printer: dev.printer, Panel: dev.panel, Desks: dev.desks, Speaker: dev.speaker, CutShort: dev.cutShort,
		Silent: dev.silent, Roll: stores.ledger, Vouchers: stores.ledger, Needs: stores.ledger, Blocked: stores.ledger, Agenda: stores.agenda, Frame: b.frame(stores.ledger), Waits: stores.ledger,
		Last: stores.lastReport(b.log), Words: catalogue, Voices: voices, Speed: b.speed, Notices: append(stores.notices, b.spared...), Logger: b.log,
		Watchdog: alive, WatchdogEvery: every, SelfTest: b.selfTest(stores.ledger), Hold: versions.Hold,
	})
	server = web.New(web.Config{
		Box: machine, Words: catalogue, Files: b.files, Dock: dev.dock, Panel: panelOf(b.site),
		// A box without an address for staff has its desk on its own machine, as a laptop.
		Alone: b.simulated || lan.staff == nil, Staff: lan.forWeb(), Network: lan.forPages, HallSpeaks: b.site.HallSpeaks, Version: fullVersion(), Logger: b.log,
		Languages: b.site.Languages, Mute: func(lang string) bool { return place.Mute[lang] }, Rights: served(place.Rights),
		Places: stores.places, Here: place.Here, Sticks: []string{"/media/*", "/media/*/*", "/run/media/*/*"}, Plugged: pluggedSticks{&steward.Client{Socket: b.steward}}, Problems: problems, Updates: versions, Painted: versions.look, Screen: sight.Says, Care: keeper.forWeb(),
		Bilan: func(now, before []report.Release) (map[string][]byte, error) {
			return bilanFiles(now, before, siteOfBilan(b.site, catalogue))
		},
		Clip: func(ctx context.Context, lang, key string, args map[string]any) ([]byte, error) {
			if voices == nil {
				return nil, voice.ErrNoClip
			}
			return voices.WAV(ctx, lang, key, args)
		},
	})
	versions.machine, versions.painted = machine, server.Painted
	sight.painted, sight.changed = server.Painted, machine.Refresh
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	keeper.box, keeper.hold, keeper.end = machine, versions.Hold, cancel
	httpServer := guard.Server(server, b.log)
	httpServer.WriteTimeout = 0 // streams, such as the dock's
	// They end with the box: Shutdown would wait for them.
	httpServer.BaseContext = func(net.Listener) context.Context { return ctx }
	var wg sync.WaitGroup
	stopLAN := lan.serve(ctx, server, &wg, func(err error) { cancel(err) })
	wg.Go(func() { server.Run(ctx) })
	wg.Go(func() { lan.renew(ctx, machine, server) })
	wg.Go(func() { versions.follow(ctx) })
	wg.Go(func() { sight.follow(ctx) })
	wg.Go(func() { here.follow(ctx, machine.Watch(ctx), machine.Refresh) })
	wg.Go(func() {
		if err := machine.Run(ctx); err != nil {
			cancel(err)
		}
	})
	wg.Go(func() {
		if err := httpServer.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			cancel(err)
		}
	})
	select {
	case <-machine.Ready():
		b.greet(ln.Addr().String(), lan, dev.dock != nil)
		notify.send("READY=1")
	case <-ctx.Done():
	}
	<-ctx.Done()
	notify.send("STOPPING=1")
	server.Close()
	grace, done := context.WithTimeout(context.Background(), shutdown)
	defer done()
	if httpServer.Shutdown(grace) != nil {
		httpServer.Close()
	}
	stopLAN(grace)
	wg.Wait()
	if err := context.Cause(ctx); errors.Is(err, errHandOver) {
		return keeper.write(stores.journal)
	} else if !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// greet says where everything is.
func (b *box) greet(addr string, lan *network, dock bool) {
	if host, port, err := net.SplitHostPort(addr); err == nil && net.ParseIP(host).IsUnspecified() {
		addr = net.JoinHostPort("localhost", port) // it listens everywhere, and that is no address to type
	}
	base := "http://" + addr
	fmt.Fprintf(b.out, "Jeudi %s, %s\n\n", fullVersion(), b.site.Place.Name)
	fmt.Fprintf(b.out, "  kiosk  %s/kiosk   what visitors touch\n", base)
	fmt.Fprintf(b.out, "  desk   %s/desk    where staff open the permanence and call\n", base)
	fmt.Fprintf(b.out, "  hall   %s/hall    the display of the waiting room\n", base)
	const waiting = "(the network gives an address)"
	if lan.staff != nil {
		fmt.Fprintf(b.out, "  staff  https://%s   for paired phones: at the kiosk, « Réglages », then « Équipe »\n", cmp.Or(lan.address(lan.staff, site.StaffPort), waiting))
	}
	if lan.public != nil {
		fmt.Fprintf(b.out, "  public http://%s   the hall's display and visitors' phones, on the network\n", cmp.Or(lan.address(lan.public, site.PublicPort), waiting))
	}
	if dock {
		fmt.Fprintf(b.out, "  dock   %s/dock    the simulated printer, buttons and loudspeaker\n", base)
		fmt.Fprintf(b.out, "\nOpen the permanence at the desk. To watch a whole morning go by in three minutes:\n")
		if b.speed == 1 {
			fmt.Fprintf(b.out, "  bin/jeudi run -clock 60x    instead of this, then\n")
		}
		fmt.Fprintf(b.out, "  bin/jeudi rehearse -url %s -close\n", base)
	}
	fmt.Fprintf(b.out, "\nCtrl-C stops; so does pulling the plug.\n")
}

// stores is everything on disk.
type stores struct {
	journal *journal.Journal
	ledger  *ledger.Ledger
	sheets  sheets
	agenda  *agenda.Agenda
	places  *directory.Store
	notices []session.Msg
}

func openStores(dir string, schemas []sheet.Schema, opts counters.Options, log *slog.Logger) (_ *stores, err error) {
	s := &stores{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	aside := func(file string, key string) {
		if file != "" {
			log.Error("unreadable file set aside; a fresh one was begun", "file", file)
			s.notices = append(s.notices, session.M(key))
		}
	}
	j, file, err := journal.Open(dir)
	if err != nil {
		return nil, err
	}
	s.journal = j
	aside(file, "banner.journal_set_aside")
	l, file, err := ledger.Open(dir)
	if err != nil {
		return nil, err
	}
	s.ledger = l
	aside(file, "banner.ledger_set_aside")
	if s.agenda, file, err = agenda.Open(dir); err != nil {
		return nil, err
	}
	aside(file, "banner.agenda_set_aside")
	s.places = openDirectory(filepath.Join(dir, "directory"), log)
	if len(s.places.Damaged()) > 0 {
		s.notices = append(s.notices, session.M("banner.directory_set_aside"))
	}
	if s.places.ReadOnly() != nil {
		s.notices = append(s.notices, session.M("banner.directory_read_only"))
	}
	counted, lost, err := openSheets(dir, schemas, opts, l.Learn, log)
	if err != nil {
		return nil, err
	}
	if s.sheets = counted; lost {
		s.notices = append(s.notices, session.M("banner.counters_set_aside"))
	}
	return s, nil
}

// lastReport is the closing report of the last permanence, to be read and printed
// again after a restart.
func (s *stores) lastReport(log *slog.Logger) *report.Report {
	entries, err := s.ledger.Entries()
	if err != nil {
		log.Error("ledger not read", "err", err)
	}
	if len(entries) == 0 {
		return nil
	}
	return &entries[len(entries)-1].Report
}

func (s *stores) close() {
	s.sheets.close()
	if s.places != nil {
		s.places.Close()
	}
	if s.agenda != nil {
		s.agenda.Close()
	}
	if s.ledger != nil {
		s.ledger.Close()
	}
	if s.journal != nil {
		s.journal.Close()
	}
}

// motifs are the keys of the site's reasons to come.
func motifs(s *site.Site) (keys []string) {
	for _, m := range s.Motifs {
		keys = append(keys, m.Key)
	}
	return keys
}

func neighbourhoods(s *site.Site) []string {
	keys := make([]string, len(s.Neighbourhoods))
	for i, n := range s.Neighbourhoods {
		keys[i] = n.Key
	}
	return keys
}

// siteWords are the site's own labels over the built-in ones.
func siteWords(c *words.Catalogue, s *site.Site) *words.Catalogue {
	for _, lang := range c.Languages() {
		own := make(map[string]string)
		for _, m := range s.Motifs {
			key := "motif." + m.Key
			if l := m.Label[lang]; l != "" {
				own[key] = l
			}
			for _, more := range []string{key + ".sub", key + ".documents"} {
				if !c.Has(words.French, more) { // a motif of the site's own
					own[more] = ""
				}
			}
		}
		for _, n := range s.Neighbourhoods {
			own["answer.neighbourhood."+n.Key] = n.Label
		}
		c = c.With(lang, own)
	}
	return c
}

// placeOf is the site in the words of the appliance.
func placeOf(s *site.Site) appliance.Place {
	p := appliance.Place{
		Name: s.Place.Name, Address: s.Place.Address, Phone: s.Place.Phone, Zone: s.Zone,
		Languages: s.Languages, TicketsBefore: s.TicketsBefore, Slot: s.Slot, Slots: s.Screen.Choices,
		RollLength: s.Printer.Roll * 1000, Buttons: make(map[intake.Action]bool), IdleAfter: s.Idle.After, Countdown: s.Idle.Countdown,
		Schema: sheet.Visitor(neighbourhoods(s)), Upcoming: s.Next, Rules: s.Texts.RulesIn,
	}
	p.Morning = func(day time.Time) (string, []string) {
		m, _ := s.Morning(day)
		return m.Theme, m.Guests
	}
	for _, d := range s.Desks {
		desk := session.Desk{Key: d.Key, Label: d.Label}
		for _, r := range d.Roles {
			desk.Roles = append(desk.Roles, session.Role(r))
		}
		p.Desks = append(p.Desks, desk)
	}
	documents := make(map[string]site.Motif, len(s.Motifs))
	for _, m := range s.Motifs {
		motif := session.Motif{Key: m.Key, Need: session.Role(m.Need), Class: session.Class(m.Class)}
		if m.Need == site.Any {
			motif.Need = session.Anyone
		}
		if m.Class == "normal" {
			motif.Class = session.Normal
		}
		p.Motifs = append(p.Motifs, motif)
		documents[m.Key] = m
	}
	p.Documents = func(motif, lang string) []string { return documents[motif].DocumentsIn(lang) }
	p.NextDates = func(after time.Time) []time.Time {
		var dates []time.Time
		for _, d := range s.NextDates(after, 3) {
			dates = append(dates, time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, s.Zone))
		}
		return dates
	}
	for _, a := range s.Actions() {
		p.Buttons[intake.Action(a)] = true
	}
	p.Serves = make(map[string][]string, len(s.Elsewhere))
	for _, e := range s.Elsewhere {
		key := ownPlace(e.Name)
		p.Elsewhere = append(p.Elsewhere, intake.Place{Key: key, Name: e.Name, Address: e.Address, Hours: e.Hours, Phone: e.Phone})
		p.Serves[key] = e.Motifs
	}
	for _, stop := range s.Stops {
		there := appliance.Stop{Key: stop.Key, Name: stop.Place.Name, Address: stop.Place.Address, Phone: stop.Place.Phone, Postcode: stop.Place.Postcode}
		if at := stop.Place.At; at != nil {
			there.Here = &directory.Point{Lat: at.Latitude, Lon: at.Longitude}
		}
		p.Stops = append(p.Stops, there)
	}
	p.Charter, p.Coop = s.Texts.CharterIn, coopOf(s)
	p.Thresholds = sheet.Thresholds{Missing: s.Assess.Missing, Strong: s.Assess.Strong}
	p.Home, p.Workshop, p.RightsAtKiosk = s.HomeVisits, s.Workshops, s.Rights.AtKiosk
	if s.Equipment != nil {
		p.Equipment = []routing.Material{}
	}
	for _, thing := range s.Equipment {
		p.Equipment = append(p.Equipment, routing.Material(thing))
	}
	p.ShortTicket, p.Postcode, p.DrawerTicket = s.Printer.Short, s.Place.Postcode, s.Statistics.Sealed && s.Statistics.DrawerTicket
	if at := s.Place.At; at != nil {
		p.Here = &directory.Point{Lat: at.Latitude, Lon: at.Longitude}
	}
	return p
}

// coopOf is what the site tells La Coop once for all.
func coopOf(s *site.Site) coop.Site {
	c := coop.Site{Prefill: s.Coop.Prefill, Place: coop.Place{Name: s.Place.Name, Address: s.Place.Address,
		Town: s.Coop.Town, Postcode: s.Place.Postcode, Insee: s.Coop.Insee}}
	for _, o := range s.Coop.Organisms {
		c.Organisms = append(c.Organisms, coop.Value[coop.Organism]{Code: coop.Organism(o.Key), Label: o.Label})
	}
	return c
}

// ownPlace is the key of a place of the site file: of its name, so that the counts of
// its vouchers stay its own when the file is put in another order.
func ownPlace(name string) string {
	return fmt.Sprintf("site-%08x", crc32.ChecksumIEEE([]byte(name)))
}

// spare tells the log and the desk that something the site names is wrong, and is left
// out.
func (b *box) spare(notice string, err error) {
	if err != nil {
		b.log.Error("something of the site is left out; jeudi site check says it too", "err", err)
		b.spared = append(b.spared, session.M(notice))
	}
}

// place is the site in the words of the appliance, with its rules and its directory.
func (b *box) place(s *stores) appliance.Place {
	p := placeOf(b.site)
	var err error
	p.Routing, err = siteRouting(b.site, b.siteFile)
	b.spare("banner.own_routing", err)
	p.Rights, err = siteRights(b.site, b.siteFile)
	b.spare("banner.own_rights", err)
	p.Directory = func() *directory.Directory {
		if d := s.places.Current(); d.Len() > 0 {
			return d
		}
		return nil
	}
	return p
}

// served are the rules of rights as phones ask for them, nil for none.
func served(r rights.Rules) []byte {
	if len(r.List) == 0 {
		return nil
	}
	return r.JSON()
}

// loadVoices are the clips in the program, the site's recordings over them, and
// espeak-ng for the words that only this site has.
func loadVoices(w *words.Catalogue, recordings fs.FS, log *slog.Logger) (*voice.Voices, error) {
	return voice.Load(w, voice.Options{Live: voice.Espeak(), Human: recordings, Log: log})
}

// mute are the languages that no voice speaks well enough: all without any voices.
func mute(v *voice.Voices, languages []string) map[string]bool {
	m := map[string]bool{}
	for _, lang := range languages {
		if v != nil {
			if ok, _ := v.Usable(lang); ok {
				continue
			}
		}
		m[lang] = true
	}
	return m
}

func panelOf(s *site.Site) web.Panel {
	return web.Panel{Width: s.Screen.Width, Height: s.Screen.Height, PxMMH: s.Screen.PxPerMMH, PxMMV: s.Screen.PxPerMMV, Choices: s.Screen.Choices}
}

// fullVersion is the version with where the build stands in git, when it knows.
func fullVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = "+" + s.Value[:min(7, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "-modified"
		}
	}
	return version + revision + dirty
}
