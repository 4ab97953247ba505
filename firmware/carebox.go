package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"jeudi/firmware/appliance"
	"jeudi/firmware/boltfile"
	"jeudi/firmware/care"
	"jeudi/firmware/journal"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/setup"
	"jeudi/firmware/web"
	"jeudi/firmware/words"
	"jeudi/provisioning/card"
	"jeudi/provisioning/firstboot"
	health "jeudi/provisioning/machine"
	"jeudi/provisioning/site"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
)

// Files of the data folder for the care of a box.
const (
	restoreFile  = "restore.zip" // what the next start takes over, see care
	handoverFile = "handover"    // the open permanence could not go to another box
)

// Why a box ends to begin anew.
var (
	errRestart  = errors.New("begin anew with what was restored")
	errAgain    = errors.New("begin anew with the questions of the set-up")
	errHandOver = errors.New("the permanence goes to another box")
)

// caretaker is the desk's « Boîtier »: what is asked of the steward, and what only the box
// itself knows.
type caretaker struct {
	client   *steward.Client
	data     string
	siteFile string
	site     *site.Site
	ledger   *ledger.Ledger
	problems func() ([]byte, error)
	sentence func(session.Msg) string
	log      *slog.Logger
	box      *appliance.Appliance
	hold     func() error // why no permanence may begin now, nil when it may
	end      func(error)  // ends the box

	mu    sync.Mutex // of both: pages ask, and the end of the box reads
	code  string     // of the handover that was asked for last
	going string     // the one that somebody has noted, and for which the box ends
}

func (b *box) caretaker(s *stores, problems func() ([]byte, error), texts *words.Catalogue) *caretaker {
	return &caretaker{client: &steward.Client{Socket: b.steward}, data: b.data, siteFile: b.siteFile, site: b.site, ledger: s.ledger,
		problems: problems, log: b.log,
		sentence: func(m session.Msg) string { return texts.Text(words.French, m.Key, m.Args) }}
}

// forWeb is nil where there is no steward: what only he can do is not offered.
func (c *caretaker) forWeb() web.Care {
	if !c.client.There() {
		return nil
	}
	return c
}

// busy reports whether a permanence goes on here, or tickets wait for one.
func (c *caretaker) busy() bool {
	b := c.box.Snapshot()
	return b == nil || taken(b.Session) && !b.Session.Moved
}

// holds reports whether there are tickets, be it those with which another box goes on:
// if it does not, they are nowhere else.
func (c *caretaker) holds() bool {
	b := c.box.Snapshot()
	return b == nil || taken(b.Session)
}

// taken reports whether somebody holds a ticket of a state, or a desk calls.
func taken(s session.State) bool {
	return s.UnderWay() && (s.Status != session.Planned || s.Totals.Issued > 0)
}

// after is the state that events leave.
func after(events []session.Event) (s session.State) {
	for _, e := range events {
		s = session.Evolve(s, e)
	}
	return s
}

// machineStatus is the part "machine" of what the steward says of itself.
type machineStatus struct {
	Facts health.Facts     `json:"facts"`
	Found []health.Finding `json:"found,omitempty"`
}

func refuse(key string) error { return &session.Refusal{Msg: session.M(key)} }

// View is what the page shows.
func (c *caretaker) View(ctx context.Context) (web.CareView, error) {
	v := web.CareView{Version: fullVersion(), Busy: c.busy()}
	var status struct {
		Machine machineStatus `json:"machine"`
	}
	if err := c.client.Do(ctx, steward.VerbStatus, nil, &status, nil); err != nil {
		return v, told(err)
	}
	for _, f := range status.Machine.Found {
		v.Faults = append(v.Faults, session.M(string(f)))
	}
	v.Facts = factsOf(status.Machine.Facts)
	sticks, err := c.sticks(ctx)
	if err != nil {
		return v, told(err)
	}
	for _, s := range sticks {
		shown := web.CareStick{ID: s.ID, Name: s.Model, Files: []web.CareFile{}}
		if s.Refused != "" {
			m := session.M(s.Refused)
			shown.Refused = &m
		}
		for _, f := range s.Files {
			if f.Kind == stick.KindBackup {
				shown.Files = append(shown.Files, web.CareFile{Name: f.Name})
			}
		}
		v.Sticks = append(v.Sticks, shown)
	}
	return v, nil
}

// factsOf are the facts of a machine that staff may want, as messages.
func factsOf(f health.Facts) (list []session.Msg) {
	say := func(known bool, key string, args map[string]any) {
		if known {
			list = append(list, session.Msg{Key: key, Args: args})
		}
	}
	say(f.Celsius > 0, "machine.celsius", map[string]any{"n": int(f.Celsius)})
	say(f.DataBytes > 0, "machine.room", map[string]any{"n": int(f.DataFree >> 20)})
	say(f.Power == "good", "machine.power_good", nil)
	return list
}

func (c *caretaker) sticks(ctx context.Context) ([]stick.Stick, error) {
	return sticksOf(ctx, c.client)
}

// put writes a file on the only stick.
func (c *caretaker) put(ctx context.Context, name string, content []byte) (as string, err error) {
	return putOnStick(ctx, c.client, name, content)
}

// stamp is a day in the name of a file.
func stamp(now time.Time) string { return now.Format("2006-01-02-1504") }

// Report writes the report on the stick.
func (c *caretaker) Report(ctx context.Context) (name string, err error) {
	now := time.Now()
	r, err := c.reported(ctx, now)
	if err != nil {
		return "", err
	}
	return c.put(ctx, "jeudi-rapport-"+stamp(now)+".txt", r.Text())
}

// reported is the report of this box.
func (c *caretaker) reported(ctx context.Context, now time.Time) (care.Report, error) {
	r := care.Report{Made: now, Version: fullVersion(), Place: c.site.Place.Name}
	if err := ofMachine(ctx, c.client, &r, c.sentence); err != nil {
		return r, told(err)
	}
	var err error
	if r.Tests, err = testsOf(c.ledger); err != nil {
		return r, err
	}
	if c.problems != nil {
		if r.Log, err = c.problems(); err != nil {
			return r, err
		}
	}
	r.Kept = keptNow(c.data)
	r.Site, _ = os.ReadFile(c.siteFile) // the sample has none
	return r, nil
}

// ofMachine adds to a report what the steward says of the machine, and how its last start
// went.
func ofMachine(ctx context.Context, client *steward.Client, r *care.Report, sentence func(session.Msg) string) error {
	var status struct {
		Machine machineStatus `json:"machine"`
	}
	if err := client.Do(ctx, steward.VerbStatus, nil, &status, nil); err != nil {
		return err
	}
	r.Machine = status.Machine.Facts
	for _, f := range status.Machine.Found {
		r.Problems = append(r.Problems, sentence(session.M(string(f))))
	}
	if start, ok := firstboot.ReadOutcome(os.DirFS(filepath.Dir(client.Socket))); ok {
		r.Start = start.Steps
		for _, n := range start.Notes {
			r.Problems = append(r.Problems, sentence(session.Msg{Key: n.Key, Args: n.Args}))
		}
	}
	return nil
}

// testsOf are the self tests that were made, a line each.
func testsOf(l *ledger.Ledger) (lines []string, err error) {
	tests, err := l.SelfTests()
	for _, t := range tests {
		lines = append(lines, t.Started.Format("2006-01-02 15:04")+" : "+string(t.Verdict()))
	}
	return lines, err
}

// keptNow are the files of a data folder, and their sizes: no name of it is anybody's.
func keptNow(data string) (lines []string) {
	found, err := readData(data)
	if err != nil {
		return nil
	}
	for _, l := range found {
		if !l.folder && l.known {
			lines = append(lines, l.name+" : "+octets(l.size))
		}
	}
	return lines
}

// bundle is what goes to another box, without a permanence; whole is with the recordings of
// people, without which that one speaks too.
func (c *caretaker) bundle(now time.Time, whole bool) (care.Bundle, error) {
	b := care.Bundle{Made: now.UTC().Truncate(time.Second), Version: fullVersion(), Place: c.site.Place.Name,
		Site: map[string][]byte{}, Directory: map[string][]byte{}}
	if text, err := os.ReadFile(c.siteFile); err == nil {
		b.Site[card.SiteFile] = text
		dir := os.DirFS(filepath.Dir(c.siteFile))
		for _, name := range c.site.Beside() {
			if !whole && name == path.Clean(c.site.Texts.Voices) {
				continue
			}
			err := fs.WalkDir(dir, name, func(at string, d fs.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() {
					return nil // what the site names and lacks, it lacks there too
				}
				content, err := fs.ReadFile(dir, at)
				b.Site[at] = content
				return err
			})
			if err != nil {
				return b, err
			}
		}
	}
	for _, name := range []string{"places.json", "changes.json"} {
		if content, err := os.ReadFile(filepath.Join(c.data, "directory", name)); err == nil {
			b.Directory[name] = content
		}
	}
	var err error
	b.Releases, err = c.ledger.Releases()
	return b, err
}

// Backup writes a backup on the stick, and says so.
func (c *caretaker) Backup(ctx context.Context) (session.Msg, error) {
	now := time.Now()
	packed, whole, err := fitting(stick.ByValue, func(whole bool) ([]byte, error) {
		b, err := c.bundle(now, whole)
		if err != nil {
			return nil, err
		}
		if err := withoutWifi(&b); err != nil {
			return nil, err
		}
		return b.Pack()
	})
	if err != nil {
		return session.Msg{}, careRefusal(err)
	}
	name, err := c.put(ctx, "jeudi-sauvegarde-"+stamp(now)+".jeudi", packed)
	key := "care.backup_done"
	if !whole {
		key = "care.backup_done_no_voices"
	}
	return session.M(key, "file", name), err
}

// fitting is what is packed of a box in at most so many bytes, beyond which no box could read
// it back: whole, or without the recordings of people.
func fitting(most int64, pack func(whole bool) ([]byte, error)) (packed []byte, whole bool, err error) {
	for _, whole := range []bool{true, false} {
		packed, err = pack(whole)
		if err == nil && int64(len(packed)) > most {
			packed, err = nil, care.ErrLarge
		}
		if !errors.Is(err, care.ErrLarge) {
			return packed, whole, err
		}
	}
	return nil, false, err
}

// withoutWifi leaves the Wi-Fi of the place out of what lies open on a stick.
func withoutWifi(b *care.Bundle) error {
	text := b.Site[card.SiteFile]
	if text == nil {
		return nil
	}
	text, had, err := site.WithoutWifi(text)
	if _, wrong := errors.AsType[site.Errors](err); wrong {
		return refuse("care.site_wrong") // changed by hand since the box began
	}
	if err != nil {
		return err
	}
	b.Site[card.SiteFile], b.NoWifi = text, had
	return nil
}

// sealed is what goes to another box with a permanence, and leaves room for so many bytes.
func (c *caretaker) sealed(events []session.Event, code string, room int64) ([]byte, error) {
	sealed, _, err := fitting(stick.ByValue-room, func(whole bool) ([]byte, error) {
		b, err := c.bundle(time.Now(), whole)
		if err != nil {
			return nil, err
		}
		b.Events = events
		packed, err := b.Pack()
		if err != nil {
			return nil, err
		}
		return care.Seal(packed, code)
	})
	return sealed, err
}

// fits refuses a handover that the other box could not read, while this one still goes on.
// Events are only read once nobody adds any: here they count as their file, which is larger
// than they are when packed.
func (c *caretaker) fits(code string) error {
	info, err := os.Stat(filepath.Join(c.data, "journal.db"))
	if err != nil {
		return err
	}
	_, err = c.sealed(nil, code, info.Size())
	return careRefusal(err)
}

// HandOver gives the code of a handover, to be noted before anything is done: with the
// box, the page that shows it goes dark.
func (c *caretaker) HandOver(ctx context.Context) (code string, err error) {
	switch b := c.box.Snapshot(); {
	case b == nil:
		return "", refuse("care.busy")
	case b.Session.AtAnotherBox():
		return "", session.ErrMoved
	case b.Session.UnderWay() && b.Session.Earlier != nil:
		return "", refuse("care.reopened") // this box has counted those who came before
	}
	sticks, err := c.sticks(ctx)
	if err != nil {
		return "", told(err)
	}
	usable := 0
	for _, s := range sticks {
		if s.Refused == "" {
			usable++
		}
	}
	switch usable {
	case 0:
		return "", refuse("stick.none")
	case 1:
	default:
		return "", refuse("stick.many")
	}
	if code, err = care.NewCode(rand.Reader); err != nil {
		return "", err
	}
	if err := c.fits(code); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.going != "" {
		return "", refuse("care.code_old") // the box ends for another one
	}
	c.code = code
	return code, nil
}

// HandOverNow has the box end, to write its permanence then: nobody changes it any more. The
// code is the one that was noted: another screen may have asked for another since.
func (c *caretaker) HandOverNow(_ context.Context, code string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == "" || code != c.code {
		return refuse("care.code_old")
	}
	if c.going != "" {
		return nil // sent again
	}
	if err := c.fits(code); err != nil {
		return err
	}
	c.going = code
	c.endSoon(errHandOver)
	return nil
}

// endSoon ends the box once its answer has reached the page.
func (c *caretaker) endSoon(why error) { time.AfterFunc(time.Second/2, func() { c.end(why) }) }

// write is the end of a handover: nobody changes the journal any more.
func (c *caretaker) write(j *journal.Journal) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c.mu.Lock()
	code := c.going
	c.mu.Unlock()
	// Until the journal says that it moved, it goes on here, and staff are told so.
	note := filepath.Join(c.data, handoverFile)
	if err := card.WriteFile(note, []byte("failed\n"), 0o644); err != nil {
		return err
	}
	events, err := j.All()
	if err != nil {
		return err
	}
	if err := c.export(ctx, events, code); err != nil {
		return err
	}
	s := after(events)
	moved, err := session.Decide(s, session.Command{Order: session.Move{}}, s.At)
	if err != nil {
		return err
	}
	if err := j.Append(moved); err != nil {
		return err
	}
	os.Remove(note)
	return c.client.Do(ctx, steward.VerbPowerOff, nil, nil, nil)
}

// export writes a permanence on the stick, and opens it there as another box would.
func (c *caretaker) export(ctx context.Context, events []session.Event, code string) error {
	sealed, err := c.sealed(events, code, 0)
	if err != nil {
		return err
	}
	name, err := c.put(ctx, "jeudi-matinee-"+stamp(time.Now())+".jeudi", sealed)
	if err != nil {
		return err
	}
	back, err := readStick(ctx, c.client, "", name)
	if err != nil {
		return err
	}
	packed, err := care.Unseal(back, code)
	if err != nil {
		return err
	}
	if b, err := care.Unpack(packed); err != nil || len(b.Events) != len(events) {
		return errors.Join(errors.New("the handover on the stick is not whole"), err)
	}
	return nil
}

// Restore takes a backup or a handover from a stick; the box begins anew with it.
func (c *caretaker) Restore(ctx context.Context, stick, name, code string) (session.Msg, error) {
	if c.busy() {
		return session.Msg{}, refuse("care.busy")
	}
	b, raw, err := fromStick(ctx, c.client, stick, name, code)
	if err != nil {
		return session.Msg{}, err
	}
	if err := keepRestore(c.data, raw); err != nil {
		return session.Msg{}, err
	}
	c.endSoon(errRestart)
	key := "care.restoring"
	if b.NoWifi {
		key = "care.restoring_no_wifi"
	}
	return session.Msg{Key: key, Args: map[string]any{"place": b.Place}}, nil
}

// fromStick is a backup or a handover of a stick, opened with its code: what it holds, and
// as it is to be kept. What cannot be taken over is a *session.Refusal.
func fromStick(ctx context.Context, client *steward.Client, stick, name, code string) (b care.Bundle, raw []byte, err error) {
	if raw, err = readStick(ctx, client, stick, name); err != nil {
		return b, nil, err
	}
	if care.Sealed(raw) {
		if strings.TrimSpace(code) == "" {
			return b, nil, refuse("care.needs_code")
		}
		if raw, err = care.Unseal(raw, code); err != nil {
			return b, nil, careRefusal(err)
		}
	}
	if b, err = care.Unpack(raw); err != nil {
		return b, nil, careRefusal(err)
	}
	if text := b.Site[card.SiteFile]; text != nil {
		if _, err := site.Parse(card.SiteFile, text); err != nil {
			return b, nil, refuse("care.site_wrong")
		}
	}
	return b, raw, nil
}

func careRefusal(err error) error {
	for _, r := range []struct {
		err error
		key string
	}{{care.ErrDamaged, "care.damaged"}, {care.ErrNewer, "care.newer"}, {care.ErrLarge, "care.too_large"}, {care.ErrCode, "care.code"}} {
		if errors.Is(err, r.err) {
			return refuse(r.key)
		}
	}
	return err
}

// setUp ends the box; it begins anew with the six questions, and the answers that its site
// was made of. The site stays until others are given.
func (c *caretaker) setUp() error {
	if err := c.hold(); err != nil {
		return err // only the box itself shows whether a version on trial works
	}
	answers, all := c.site.Answers()
	if !all || c.siteFile == "" {
		return refuse("care.setup_more")
	}
	if err := card.WriteFile(filepath.Join(filepath.Dir(c.siteFile), againFile), setup.Answered(answers), 0o600); err != nil {
		return err
	}
	c.endSoon(errAgain)
	return nil
}

// Order is one of the machine as a whole.
func (c *caretaker) Order(ctx context.Context, verb string) error {
	if c.holds() && (verb == steward.VerbReset || verb == web.CareSetup) {
		return refuse("care.busy")
	}
	if verb == web.CareSetup {
		return c.setUp()
	}
	return told(c.client.Do(ctx, verb, nil, nil, nil))
}

// keepRestore keeps what the next start takes over, whole or not at all; nobody else reads it.
func keepRestore(data string, packed []byte) error {
	return card.WriteFile(filepath.Join(data, restoreFile), packed, 0o600)
}

// takeOver takes over what was restored, at the start of a box before anything of it is
// open. Done again after a cut it comes to the same; what cannot be used is left out and
// said.
func takeOver(data, siteFile string, log *slog.Logger) (notices []session.Msg) {
	name := filepath.Join(data, restoreFile)
	raw, err := os.ReadFile(name)
	// A data folder that cannot be made is said by whoever makes it.
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	var b care.Bundle
	if err == nil {
		if b, err = care.Unpack(raw); err == nil {
			err = restoreInto(data, siteFile, b)
		}
	}
	key := "care.restored"
	if err != nil {
		log.Error("what was restored is not taken over", "err", err)
		if key = "care.not_restored"; errors.Is(err, errTickets) {
			key = "care.not_over_tickets"
		}
	}
	if e := boltfile.Discard(name); e != nil { // it may hold the tickets of a morning
		log.Error("what was restored is still on the card", "err", e)
	}
	notices = []session.Msg{session.M(key)}
	if err == nil && b.NoWifi {
		notices = append(notices, session.M("care.wifi_again"))
	}
	return notices
}

var errTickets = errors.New("this box has tickets of its own")

func restoreInto(data, siteFile string, b care.Bundle) error {
	// The permanence first: it alone can be refused, and then nothing is changed.
	if len(b.Events) > 0 {
		if err := goOnWith(data, b.Events); err != nil {
			return err
		}
	}
	if len(b.Releases) > 0 {
		l, _, err := ledger.Open(data)
		if err != nil {
			return err
		}
		defer l.Close()
		for _, r := range b.Releases {
			// One that is there already is not there twice, whatever else came with it.
			if err := l.ClosePeriod(ledger.Period{Release: r}); err != nil && !errors.Is(err, ledger.ErrFrozen) {
				return err
			}
		}
	}
	for name, content := range b.Directory {
		if err := putFile(filepath.Join(data, "directory"), name, content); err != nil {
			return err
		}
	}
	if siteFile == "" {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(b.Site)) {
		if name != card.SiteFile {
			if err := putFile(filepath.Dir(siteFile), name, b.Site[name]); err != nil {
				return err
			}
		}
	}
	if text := b.Site[card.SiteFile]; text != nil {
		return writeSite(siteFile, text) // last: it names the others
	}
	return nil
}

// putFile writes a file of a bundle below a folder, and never beside it.
func putFile(dir, name string, content []byte) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("a name that leads out of the folder: %q", path.Base(name))
	}
	at := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return err
	}
	return card.WriteFile(at, content, 0o644)
}

// goOnWith makes the events of another box this one's, unless it has tickets of its own.
func goOnWith(data string, events []session.Event) error {
	j, _, err := journal.Open(data)
	if err != nil {
		return err
	}
	defer j.Close()
	mine, err := j.All()
	if err != nil {
		return err
	}
	here := after(mine)
	if n := len(events); n > 0 && len(mine) >= n && sameEvent(mine[n-1], events[n-1]) && !(here.Moved && unused(mine[n:])) {
		return nil // a cut came after it was done
	}
	// What moved is only given back: with another morning in its place, it might be nowhere.
	if taken(here) && !(here.Moved && here.Plan.ID == after(events).Plan.ID) {
		return errTickets
	}
	if err := j.Begin(); err != nil {
		return err
	}
	return j.Append(events)
}

// unused reports whether nothing happened to anybody in these events.
func unused(events []session.Event) bool {
	return !slices.ContainsFunc(events, func(e session.Event) bool {
		switch e.Body.(type) {
		case session.PermanenceMoved, session.Interrupted, session.TimeConfirmed:
			return false
		}
		return true
	})
}

func sameEvent(a, b session.Event) bool {
	one, err := journal.Encode(a)
	other, err2 := journal.Encode(b)
	return err == nil && err2 == nil && string(one) == string(other)
}

// handoverNotice says at a start that the permanence of this card could not go to another box,
// though a stick may have it: the power went before the journal knew.
func handoverNotice(data string, j *journal.Journal) []session.Msg {
	if os.Remove(filepath.Join(data, handoverFile)) != nil {
		return nil
	}
	if events, err := j.All(); err == nil && after(events).AtAnotherBox() {
		return nil
	}
	return []session.Msg{session.M("care.not_handed_over")}
}

// startNotices are what the start of the card found, for staff.
func startNotices(run string) (notices []session.Msg) {
	out, ok := firstboot.ReadOutcome(os.DirFS(run))
	if !ok {
		return nil
	}
	for _, n := range out.Notes {
		notices = append(notices, session.Msg{Key: n.Key, Args: n.Args})
	}
	return notices
}
