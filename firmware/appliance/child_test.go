package appliance_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"jeudi/drivers"
	"jeudi/firmware/appliance"
	"jeudi/firmware/counters"
	"jeudi/firmware/intake"
	"jeudi/firmware/journal"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

// The crash tests run a box in a process of its own: the test binary, started
// again. It says what was acknowledged to it, line by line, on its standard
// output, which outlives it.
const (
	childEnv = "JEUDI_TEST_CHILD" // what to do
	dirEnv   = "JEUDI_TEST_DIR"
)

func TestMain(m *testing.M) {
	dir := os.Getenv(dirEnv)
	var err error
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "busy":
		err = busy(dir, false)
	case "closing":
		err = busy(dir, true)
	case "recorded":
		err = recorded(dir, false)
	case "recorded without sync":
		err = recorded(dir, true)
	default:
		err = errors.New("no such child")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// stores are the real ones, in a folder.
type stores struct {
	journal  *journal.Journal
	ledger   *ledger.Ledger
	counters *counters.Store
	aside    []string // what was set aside
}

func openStores(dir string) (s stores, err error) {
	note := func(what string) {
		if what != "" {
			s.aside = append(s.aside, what)
		}
	}
	var aside string
	if s.journal, aside, err = journal.Open(dir); err != nil {
		return s, err
	}
	note(aside)
	if s.ledger, aside, err = ledger.Open(dir); err != nil {
		return s, err
	}
	note(aside)
	var warnings []counters.Warning
	s.counters, warnings, err = counters.Open(dir, place().Schema, counters.Options{})
	for _, w := range warnings {
		note(w.Error())
	}
	return s, err
}

func (s stores) close() {
	s.counters.Close()
	s.ledger.Close()
	s.journal.Close()
}

// Devices of a box that has none.
type noDevices struct{}

func (noDevices) Print(context.Context, drivers.Document) (int, error) {
	return 0, drivers.ErrUnplugged
}
func (noDevices) Status(context.Context) drivers.Status { return drivers.Unplugged }
func (noDevices) Watch(ctx context.Context, _ func(drivers.Signal)) error {
	<-ctx.Done()
	return nil
}
func (noDevices) Light([drivers.Actions]drivers.Light) error                { return nil }
func (noDevices) Play(context.Context, drivers.Output, drivers.Sound) error { return nil }
func (noDevices) Jack(ctx context.Context, _ func(bool)) error              { <-ctx.Done(); return nil }

// running is a box on the real stores, in its hours whatever the time is.
func running(s stores, log appliance.Log, w *words.Catalogue) *appliance.Appliance {
	p := place()
	p.Upcoming = func(now time.Time) (from, until time.Time, ok bool) {
		from = now.Truncate(24 * time.Hour).Add(-24 * time.Hour)
		return from, from.Add(72 * time.Hour), true
	}
	return appliance.New(appliance.Config{
		Place: p, Log: log, Begin: s.journal.Begin, Enter: s.ledger.Enter, Sheets: s.counters,
		Printer: noDevices{}, Panel: noDevices{}, Speaker: noDevices{}, Words: w,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
}

// client sends commands to a box and says what it got.
type client struct {
	box *appliance.Appliance
	// Whoever closes keeps the others out, so that what is said before « closing »
	// belongs to the permanence that is closed.
	turn sync.RWMutex
}

// say writes one line at once: a pipe takes it whole or not at all.
func say(format string, args ...any) { os.Stdout.WriteString(fmt.Sprintf(format+"\n", args...)) }

func newID() (id session.ID) {
	for i := range id {
		id[i] = byte(rand.Uint32())
	}
	return id
}

func (c *client) do(o session.Order) (session.Answer, error) {
	return c.box.Do(context.Background(), session.Command{ID: newID(), Order: o})
}

// goOn opens the permanence, or resumes it after a cut.
func (c *client) goOn() error {
	var err error
	switch c.box.Snapshot().Session.Status {
	case session.Open:
	case session.Paused:
		_, err = c.do(session.Resume{Desk: "a"})
	default:
		_, err = c.do(session.StartPermanence{Desk: "a"})
	}
	return err
}

func (c *client) take() error {
	c.turn.RLock()
	defer c.turn.RUnlock()
	visit := newID()
	ans, err := c.do(session.Take{Visit: visit, Motif: "caf", Lang: "fr"})
	if err != nil {
		return err
	}
	say("ticket %v %d", visit, ans.Number)
	return nil
}

// receive takes the next person through a desk.
func (c *client) receive(desk string) error {
	c.turn.RLock()
	defer c.turn.RUnlock()
	if _, atDesk := c.box.Snapshot().Session.AtDesk(desk); !atDesk {
		switch _, err := c.do(session.CallNext{Desk: desk}); {
		case errors.Is(err, session.ErrNobody), errors.Is(err, session.ErrNobodyForDesk):
			return nil
		case err != nil:
			return err
		}
	}
	// Refused when a cut came after the start, and when it came after the end.
	if _, err := c.do(session.Start{Desk: desk}); err != nil && !errors.Is(err, session.ErrNotCalled) {
		return err
	}
	ans, err := c.do(session.End{Desk: desk, Outcome: session.Served})
	if err != nil {
		return err
	}
	say("end %v %d", ans.Visit, ans.Number)
	return nil
}

// fill has a desk fill an intake for somebody, ticket and sheet.
func (c *client) fill(desk string) error {
	c.turn.RLock()
	defer c.turn.RUnlock()
	ctx := context.Background()
	if err := c.box.OpenIntake(ctx, desk, false); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	watch := c.box.Watch(watching)
	for _, key := range []string{"fr", "caf", "questions", "yes", "skip", "send"} {
		in := c.box.Snapshot().Intakes[desk]
		if err := c.box.DeskIntake(ctx, desk, newID(), intake.Press{Turn: in.Turn, Key: key}); err != nil {
			return err
		}
	}
	for s := range watch {
		in, open := s.Intakes[desk]
		if !open {
			return errors.New("the intake has gone")
		}
		switch v := intake.View(in, s.Context(in)); v.Text.Key {
		case "thanks.keeping":
			continue
		case "thanks.ticket":
			say("sheet")
		default:
			return fmt.Errorf("after the sheet the screen says %q", v.Text.Key)
		}
		return c.box.CloseIntake(ctx, desk)
	}
	return nil
}

// close closes the permanence and opens another.
func (c *client) close() error {
	c.turn.Lock()
	defer c.turn.Unlock()
	say("closing %v", c.box.Snapshot().Session.Plan.ID)
	if _, err := c.do(session.Close{Desk: "a", Rest: session.Unresolved}); err != nil {
		return err
	}
	say("closed")
	return c.goOn()
}

// french is the catalogue of one language: a child that is killed at once has no
// time to read twelve.
func french() (*words.Catalogue, error) {
	data, err := os.ReadFile(filepath.Join("..", "words", "fr.json"))
	if err != nil {
		return nil, err
	}
	return words.Parse(map[string][]byte{words.French: data})
}

// busy is a box with everybody at it until it is killed. One that closes does so at
// once, for it has little time, and then again and again.
func busy(dir string, closes bool) error {
	s, err := openStores(dir)
	if err != nil {
		return err
	}
	w, err := french()
	if err != nil {
		return err
	}
	c := &client{box: running(s, s.journal, w)}
	errs := make(chan error, 1)
	go func() { errs <- c.box.Run(context.Background()) }()
	<-c.box.Ready()
	say("ready")
	if err := c.goOn(); err != nil {
		return fmt.Errorf("go on: %w", err)
	}
	repeat := func(what string, do func() error) {
		go func() {
			for {
				if err := do(); err != nil {
					errs <- fmt.Errorf("%s: %w", what, err)
					return
				}
			}
		}()
	}
	if closes {
		if err := c.close(); err != nil {
			return err
		}
	}
	repeat("take", c.take)
	repeat("take", c.take)
	repeat("receive", func() error { return c.receive("a") })
	repeat("fill", func() error { return c.fill("b") })
	if closes {
		repeat("close", c.close)
	}
	return <-errs
}

// recorded is a short day whose system calls are recorded: tickets, some of them
// at the same time, a close, and the next permanence.
func recorded(dir string, withoutSync bool) error {
	s, err := openStores(dir)
	if err != nil {
		return err
	}
	w, err := french()
	if err != nil {
		return err
	}
	var log appliance.Log = s.journal
	if withoutSync {
		if log, err = newUnsynced(dir); err != nil {
			return err
		}
	}
	c := &client{box: running(s, log, w)}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- c.box.Run(ctx) }()
	<-c.box.Ready()
	if err := c.goOn(); err != nil {
		return err
	}
	tickets := func(n int) error {
		errs := make(chan error)
		for range 3 {
			go func() {
				var err error
				for i := 0; i < n && err == nil; i++ {
					err = c.take()
				}
				errs <- err
			}()
		}
		return errors.Join(<-errs, <-errs, <-errs)
	}
	if withoutSync { // a few are enough to lose some
		if err := tickets(4); err != nil {
			return err
		}
		cancel()
		return <-ended
	}
	if err := errors.Join(tickets(16), c.close(), tickets(6)); err != nil {
		return err
	}
	cancel()
	if err := <-ended; err != nil {
		return err
	}
	s.close()
	return nil
}

// unsynced is a log as somebody in a hurry would write it: the same file, the same
// events, and no sync.
type unsynced struct{ db *bbolt.DB }

func newUnsynced(dir string) (unsynced, error) {
	db, err := bbolt.Open(filepath.Join(dir, "unsynced.db"), 0o600, &bbolt.Options{NoSync: true, NoFreelistSync: true, PageSize: 4096})
	if err != nil {
		return unsynced{}, err
	}
	if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("events")); return err }); err != nil {
		return unsynced{}, err
	}
	return unsynced{db}, db.Sync()
}

func (u unsynced) Replay(func(session.Event)) {}

func (u unsynced) Append(events []session.Event) error {
	return u.db.Update(func(tx *bbolt.Tx) error {
		for _, e := range events {
			v, err := journal.Encode(e)
			if err != nil {
				return err
			}
			k, err := hex.DecodeString(fmt.Sprintf("%016x", e.Seq))
			if err != nil {
				return err
			}
			if err := tx.Bucket([]byte("events")).Put(k, v); err != nil {
				return err
			}
		}
		return nil
	})
}
