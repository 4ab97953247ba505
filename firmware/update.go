package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/appliance"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
	"jeudi/firmware/web"
	"jeudi/provisioning/steward"
	"jeudi/provisioning/stick"
	"jeudi/provisioning/update"
)

// bundleGiven is where a bundle lies that somebody has given to the box over the network,
// in its data folder, until it is written into the other slot.
const bundleGiven = "incoming.update"

const (
	// askTrial is how often a version on trial says how it is.
	askTrial = 2 * time.Second
	// askUpdates is how often the steward is asked for while there is none yet.
	askUpdates = 5 * time.Second
	// ownerPatience is how long the owner's loop may take to answer and still be alive.
	ownerPatience = 5 * time.Second
)

// updates are what the box knows of its versions and does about them: what people want of
// it, and, while a version is on trial, whether it works. All that is done to the card the
// steward does.
type updates struct {
	client  *steward.Client
	machine updatedBox
	painted func() time.Time // when the kiosk's page was last on the screen
	intact  bool             // every store was read whole at the start
	site    bool             // there is one, although no box runs: its answers are changed
	data    string           // the data folder
	log     *slog.Logger
	wake    chan struct{}

	// The mutex is for the pages: they ask from their own goroutines, and a bundle may take
	// minutes to be written.
	mu       sync.Mutex
	known    bool // there is a steward that can update
	standing update.Standing
	work     *web.UpdateWork
	problem  session.Msg // what became of the last order, "" for good
	leaving  bool        // the machine is about to start anew
}

// updatedBox is what updates need of the box.
type updatedBox interface {
	Snapshot() *appliance.Snapshot
	Day(context.Context) (time.Time, error)
	Refresh()
	PrintUpdate(context.Context, paper.UpdateData) error
}

var _ web.Updates = (*updates)(nil)

func newUpdates(socket, data string, intact bool, log *slog.Logger) *updates {
	os.Remove(filepath.Join(data, bundleGiven)) // half of one, from before a cut
	return &updates{client: &steward.Client{Socket: socket}, data: data, intact: intact, log: log, wake: make(chan struct{}, 1)}
}

// intactStores reports whether nothing had to be set aside at the start.
func intactStores(notices []session.Msg) bool {
	for _, n := range notices {
		if strings.HasSuffix(n.Key, "_set_aside") {
			return false
		}
	}
	return true
}

// Hold is why no permanence may begin now, nil when it may.
func (u *updates) Hold() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.standing.OnTrial || u.leaving {
		return &session.Refusal{Msg: session.M("update.hold")}
	}
	return nil
}

// look has how things stand asked anew at once.
func (u *updates) look() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// follow hears how updates stand, and has a version on trial judged, until the context ends.
func (u *updates) follow(ctx context.Context) {
	for {
		wait := u.ask(ctx)
		var again <-chan time.Time
		if wait > 0 {
			again = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-u.wake:
		}
	}
}

// ask asks once; it returns when to ask again, 0 for not before something is done.
func (u *updates) ask(ctx context.Context) time.Duration {
	var status struct {
		Update *update.Standing `json:"update"`
	}
	err := u.client.Do(ctx, steward.VerbStatus, nil, &status, nil)
	if err != nil || status.Update == nil {
		return askUpdates // a laptop, or a steward that is not up yet
	}
	u.stands(*status.Update)
	if !status.Update.OnTrial {
		return u.tell(ctx, *status.Update)
	}
	alive, done := context.WithTimeout(ctx, ownerPatience)
	_, err = u.machine.Day(alive)
	done()
	if err != nil {
		return askTrial // the owner is not up, or stands still: nobody vouches for this version
	}
	var after update.Standing
	if err := u.client.Do(ctx, steward.VerbCommit, update.Judgement{Health: u.health()}, &after, nil); err != nil {
		return askTrial // it does something else now
	}
	u.stands(after)
	if after.OnTrial {
		return askTrial
	}
	return u.tell(ctx, after)
}

// tell prints once how the last update ended.
func (u *updates) tell(ctx context.Context, s update.Standing) time.Duration {
	last := s.Last
	if last == nil || last.Told || last.Result == update.CutOff {
		return 0
	}
	says, why := ended(*last)
	if err := u.machine.PrintUpdate(ctx, paper.UpdateData{Kept: last.Result == update.Kept, Says: says, Why: why}); err != nil {
		return askUpdates
	}
	if err := u.client.Do(ctx, steward.VerbCommit, update.Judgement{Health: u.health(), Told: true}, nil, nil); err != nil {
		return 0 // it is told once more after the next start
	}
	return 0
}

// ended is how an update ended, for the desk and on paper; why is "" where that says it.
func ended(o update.Outcome) (says, why session.Msg) {
	switch {
	case o.Result == update.CutOff:
		return session.M("update.cut_off", "version", o.Version), session.Msg{}
	case o.Result == update.Kept:
		return session.M("update.kept", "version", o.Runs), session.Msg{}
	case o.Why == update.WhyWanted:
		return session.M("update.back_wanted", "version", o.Version, "runs", o.Runs), session.Msg{}
	}
	return session.M("update.back", "version", o.Version, "runs", o.Runs), session.M(o.Why)
}

func (u *updates) stands(s update.Standing) {
	u.mu.Lock()
	changed := !u.known || !reflect.DeepEqual(u.standing, s)
	u.known, u.standing = true, s
	u.mu.Unlock()
	if changed {
		u.machine.Refresh()
	}
}

// health is what works now. A box in its set-up has no snapshot.
func (u *updates) health() update.Health {
	h := update.Health{Journal: u.intact, Page: !u.painted().IsZero(), Site: u.site}
	b := u.machine.Snapshot()
	if b == nil {
		return h
	}
	h.Site, h.Printer, h.Panel = true, b.Printer != drivers.Mute && b.Printer != drivers.Unplugged, true
	for _, f := range b.Faults {
		if f.Action == "" && f.Desk == "" {
			h.Panel = false
		}
	}
	return h
}

// Status is what pages show.
func (u *updates) Status() (web.UpdateStatus, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := u.standing
	v := web.UpdateStatus{Version: s.Version, Trial: s.OnTrial, Ready: s.Ready, Failed: s.Failed, Before: s.Before,
		Work: u.work, Problem: u.problem, Leaving: u.leaving, Broken: s.Broken}
	for _, key := range s.Missing {
		v.Missing = append(v.Missing, session.M(key))
	}
	if last := s.Last; last != nil {
		says, why := ended(*last)
		v.Last = &web.UpdateEnd{Kept: last.Result == update.Kept, Says: says, Why: why}
		if last.Why == update.WhyWanted {
			v.Last.Wanted = last.Version
		}
	}
	return v, u.known
}

// Sticks are the bundles on the sticks that are plugged in.
func (u *updates) Sticks(ctx context.Context) ([]web.UpdateFile, error) {
	var sticks []stick.Stick
	if err := u.client.Do(ctx, steward.VerbSticks, nil, &sticks, nil); err != nil {
		return nil, refusalOf(err)
	}
	var found []web.UpdateFile
	for _, s := range sticks {
		for _, f := range s.Files {
			if f.Kind == stick.KindUpdate {
				found = append(found, web.UpdateFile{Stick: s.ID, Model: s.Model, Name: f.Name, Bytes: f.Bytes})
			}
		}
	}
	return found, nil
}

// refusalOf turns what the steward refuses into what people are told.
func refusalOf(err error) error {
	if errors.Is(err, steward.ErrNone) {
		return refuse("update.refuse.none")
	}
	return told(err)
}

// begin claims the card for one piece of work.
func (u *updates) begin(step string) error {
	b := u.machine.Snapshot()
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case !u.known:
		return &session.Refusal{Msg: session.M("update.refuse.none")}
	case u.work != nil || u.leaving:
		return &session.Refusal{Msg: session.M(steward.KeyBusy)}
	case u.standing.OnTrial && step != "back":
		return &session.Refusal{Msg: session.M("update.refuse.on_trial")}
	case b != nil && b.Session.UnderWay():
		return &session.Refusal{Msg: session.M("update.refuse.open")}
	}
	u.work, u.problem = &web.UpdateWork{Step: session.M("update.step." + step)}, session.Msg{}
	return nil
}

// end gives the card back.
func (u *updates) end(err error) {
	u.mu.Lock()
	u.work = nil
	switch refusal, meant := errors.AsType[*session.Refusal](refusalOf(err)); {
	case err == nil:
	case meant:
		u.problem = refusal.Msg
	default:
		u.problem = session.M("update.refuse.failed")
	}
	u.mu.Unlock()
	if err != nil {
		u.log.Warn("update not done", "err", err)
	}
	u.look()
}

// FromStick has a bundle of a stick written into the other slot. It returns once that is
// under way.
func (u *updates) FromStick(id, name string) error {
	if err := u.begin("check"); err != nil {
		return err
	}
	go func() { u.end(u.install(update.Source{Stick: id, Name: name})) }()
	return nil
}

// install is not ended with whoever asked for it: they may have closed their phone.
func (u *updates) install(src update.Source) error {
	return u.client.Do(context.Background(), steward.VerbUpdate, src, nil, func(p steward.Progress) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.work = &web.UpdateWork{Step: session.M(p.Step), Done: p.Done, Of: p.Of}
	})
}

// Receive takes a bundle of so many bytes, and has it written into the other slot. It
// returns once the bundle is here.
func (u *updates) Receive(in io.Reader, size int64) error {
	if err := u.begin("receive"); err != nil {
		return err
	}
	name := filepath.Join(u.data, bundleGiven)
	err := u.receive(in, size, name)
	if err != nil {
		os.Remove(name)
		u.end(err)
		return refusalOf(err)
	}
	go func() {
		err := u.install(update.Source{})
		os.Remove(name)
		u.end(err)
	}()
	return nil
}

func (u *updates) receive(in io.Reader, size int64, name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	var done int64
	_, err = io.Copy(io.MultiWriter(f, writes(func(n int) {
		done += int64(n)
		u.mu.Lock()
		defer u.mu.Unlock()
		u.work = &web.UpdateWork{Step: session.M("update.step.receive"), Done: done, Of: size}
	})), in)
	if err != nil {
		// The other side is gone, or the card is full.
		return &session.Refusal{Msg: session.M("update.refuse.not_received")}
	}
	return f.Close()
}

// writes hears how much is written.
type writes func(n int)

func (w writes) Write(p []byte) (int, error) { w(len(p)); return len(p), nil }

// Try starts the machine anew with the version that waits.
func (u *updates) Try(ctx context.Context) error { return u.restart(ctx, "try", steward.VerbTry) }

// Back starts the machine anew with the version before.
func (u *updates) Back(ctx context.Context) error {
	return u.restart(ctx, "back", steward.VerbRollback)
}

func (u *updates) restart(ctx context.Context, step, verb string) error {
	if err := u.begin(step); err != nil {
		return err
	}
	u.mu.Lock()
	u.leaving = true
	u.mu.Unlock()
	err := u.client.Do(ctx, verb, u.health(), nil, nil)
	if err != nil {
		u.mu.Lock()
		u.leaving = false
		u.mu.Unlock()
	}
	u.end(err)
	u.machine.Refresh()
	return refusalOf(err)
}
