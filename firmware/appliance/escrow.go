package appliance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/counters"
	"jeudi/firmware/paper"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Escrow is what the counters let be done with the keys of the sheets that wait. As
// Sheets it belongs to one goroutine of the box, and no other calls it.
type Escrow interface {
	States() []counters.State
	Secrets() []counters.Secret
	Unlock(counters.Secret) error
	Abandon(sheet.Kind) (int, error)
}

// The refusals of keys, with words for staff.
var (
	// ErrKeyText is a text in which no key is.
	ErrKeyText = &session.Refusal{Msg: session.M("refuse.key_text")}
	// ErrKeyOld is the key of a batch that is over.
	ErrKeyOld = &session.Refusal{Msg: session.M("refuse.key_old")}
	// ErrKeyWrong is a key that does not open what waits.
	ErrKeyWrong = &session.Refusal{Msg: session.M("refuse.key_wrong")}
	// ErrNoKey is a key to be printed that the box does not have.
	ErrNoKey = &session.Refusal{Msg: session.M("refuse.key_none")}
	// ErrNotLocked is a batch to be given up whose key is there, or that is over.
	ErrNotLocked = &session.Refusal{Msg: session.M("refuse.key_not_locked")}
)

// KeyID names a key without being one.
type KeyID struct {
	Kind  sheet.Kind
	Batch uint64
}

// Key is the key of a batch as staff's phones and the drawer ticket have it. Text says
// all of it, for a machine to read; Code is what of it is typed.
type Key struct {
	KeyID
	Text, Code string
}

// Batch is a sealed batch of sheets.
type Batch struct {
	KeyID
	Locked  bool // the box has not the key
	Some    bool // a sheet waits
	Waiting int  // sheets, of a locked batch; 0 of another: nobody is to see how it grows
	Full    bool // a locked batch has no room: the next sheet is refused
}

// Keeping is who keeps the keys. It holds none.
type Keeping struct {
	Batches []Batch
	// Paper is what became of the newest drawer ticket, NoPaper when one of the keys
	// of now is on none.
	Paper   session.Paper
	holders map[string]map[KeyID]bool // by the device's own name
	onPaper map[KeyID]bool
}

// Locked are the batches that wait for their key.
func (k Keeping) Locked() []Batch {
	return slices.DeleteFunc(slices.Clone(k.Batches), func(b Batch) bool { return !b.Locked })
}

// Holders is how many devices have said that they keep every key.
func (k Keeping) Holders() (n int) {
	for _, has := range k.holders {
		if !slices.ContainsFunc(k.Batches, func(b Batch) bool { return !has[b.KeyID] }) {
			n++
		}
	}
	return n
}

// OnPaper reports whether every key is on a drawer ticket that was printed since the box
// started.
func (k Keeping) OnPaper() bool {
	return len(k.Batches) > 0 && !slices.ContainsFunc(k.Batches, func(b Batch) bool { return !k.onPaper[b.KeyID] })
}

// Spare reports whether something waits of which the box alone has the key: a power cut
// would lose it.
func (k Keeping) Spare() bool {
	for _, b := range k.Batches {
		kept := b.Locked || !b.Some || k.onPaper[b.KeyID]
		for _, has := range k.holders {
			kept = kept || has[b.KeyID]
		}
		if !kept {
			return true
		}
	}
	return false
}

// Box is the box's name for itself.
func (s *Snapshot) Box() string { return s.box }

// batches are the sealed ones.
func batches(e Escrow) (list []Batch) {
	for _, st := range e.States() {
		if !st.Sealed {
			continue
		}
		b := Batch{KeyID: KeyID{st.Kind, st.Batch}, Locked: st.Locked, Some: st.Pending > 0}
		if st.Locked {
			b.Waiting, b.Full = st.Pending, st.Pending >= counters.SlotCount
		}
		list = append(list, b)
	}
	return list
}

// keys are those that the box has.
func keys(e Escrow) (list []Key) {
	for _, s := range e.Secrets() {
		list = append(list, Key{KeyID{s.Kind, s.Batch}, s.String(), s.Code()})
	}
	return list
}

// unlock reads all that a text may hold: the keys of a QR code, each with its kind and
// batch, or a code that somebody typed, which is tried on whatever waits. One that is
// right is enough: the others of a ticket may have been used before.
func unlock(e Escrow, text string) error {
	var list []counters.Secret
	var typed []string
	for _, word := range strings.Fields(text) {
		if s, err := counters.ParseSecret(word); err == nil {
			list = append(list, s)
		} else {
			typed = append(typed, word)
		}
	}
	for _, st := range e.States() {
		if s, err := counters.ParseCode(st.Kind, st.Batch, strings.Join(typed, "")); err == nil && st.Sealed {
			list = append(list, s)
		}
	}
	right, old := false, false
	for _, s := range list {
		switch err := e.Unlock(s); {
		case err == nil:
			right = true
		case errors.Is(err, counters.ErrOtherBatch):
			old = true
		case !errors.Is(err, counters.ErrWrongKey):
			return err // of the disk
		}
	}
	switch {
	case right:
		return nil
	case old:
		return ErrKeyOld
	case len(list) == 0:
		return ErrKeyText
	}
	return ErrKeyWrong
}

// maxHolders bounds the devices that are counted.
const maxHolders = 64

// inVault has the goroutine that keeps the sheets do something, and waits for it.
func inVault[T any](ctx context.Context, a *Appliance, do func() T) (T, error) {
	done := make(chan T, 1) // of its own: whoever does not wait any more shares nothing
	var none T
	select {
	case a.vault <- func() { done <- do() }:
	case <-ctx.Done():
		return none, ctx.Err()
	case <-a.stopped:
		return none, ErrStopping
	}
	select {
	case got := <-done:
		return got, nil
	case <-ctx.Done():
		return none, ctx.Err()
	case <-a.stopped:
		return none, ErrStopping
	}
}

// Exchange is what a paired device and the box tell each other of keys.
type Exchange struct {
	Device string   // its name for itself, drawn at random: only to count devices
	Has    []KeyID  // what it keeps of this box
	Back   []string // keys that the box asked for
}

// Exchanged is the box's answer.
type Exchanged struct {
	Keys   []Key   // to be kept
	Wanted []KeyID // to be given back
	Forget []KeyID // they open nothing any more
}

// ExchangeKeys gives a paired device the keys, takes back those that the box has lost,
// and says what is to be forgotten. Only what the device says that it has counts as
// kept.
func (a *Appliance) ExchangeKeys(ctx context.Context, e Exchange) (Exchanged, error) {
	if a.cfg.Escrow == nil {
		return Exchanged{}, nil
	}
	got, err := inVault(ctx, a, func() Exchanged {
		for _, text := range e.Back {
			a.unlock(text) // a key that opens nothing changes nothing
		}
		x := Exchanged{Keys: keys(a.cfg.Escrow)}
		open := make(map[KeyID]bool)
		for _, b := range batches(a.cfg.Escrow) {
			if open[b.KeyID] = true; b.Locked {
				x.Wanted = append(x.Wanted, b.KeyID)
			}
		}
		for _, id := range e.Has {
			if !open[id] && !newer(id, open) {
				x.Forget = append(x.Forget, id)
			}
		}
		return x
	})
	if err != nil {
		return Exchanged{}, err
	}
	has := make(map[KeyID]bool)
	for _, id := range e.Has {
		has[id] = true
	}
	// Screens are not drawn again for what they know.
	if known := a.current.Load().Keys.holders; maps.Equal(known[e.Device], has) || known[e.Device] == nil && len(known) >= maxHolders {
		return got, nil
	}
	return got, a.ask(ctx, func(d *draft) error {
		d.Keys.holders = with(d.Keys.holders, e.Device, has)
		return nil
	})
}

// newer reports whether a key is of a batch after the open one of its kind, as when an
// older copy of the counters was put back: nobody is told to forget that.
func newer(id KeyID, open map[KeyID]bool) bool {
	for o := range open {
		if o.Kind == id.Kind && o.Batch < id.Batch {
			return true
		}
	}
	return false
}

// unlock gives keys back. Between two permanences what has waited is counted at once.
// Only the goroutine that keeps the sheets calls it.
func (a *Appliance) unlock(text string) error {
	before := Keeping{Batches: batches(a.cfg.Escrow)}.Locked()
	err := unlock(a.cfg.Escrow, text)
	after := batches(a.cfg.Escrow)
	n := len(a.returned)
	for _, b := range before {
		if !slices.Contains(after, b) {
			a.returned = append(a.returned, b.KeyID)
		}
	}
	if len(a.returned) == n {
		return err
	}
	switch a.current.Load().Session.Status {
	case session.None, session.Closed:
		a.merge()
	}
	return err
}

// TypeKey gives a key back that was typed or scanned from the drawer ticket.
func (a *Appliance) TypeKey(ctx context.Context, text string) error {
	if a.cfg.Escrow == nil {
		return ErrKeyText
	}
	got, err := inVault(ctx, a, func() error { return a.unlock(text) })
	if err != nil {
		return err
	}
	return got
}

// AbandonSheets ends a locked batch whose keys are all lost. It names the batch, so that
// a screen that is late gives up nothing else.
func (a *Appliance) AbandonSheets(ctx context.Context, id KeyID) error {
	if a.cfg.Escrow == nil {
		return ErrNotLocked
	}
	got, err := inVault(ctx, a, func() error {
		if !slices.ContainsFunc(batches(a.cfg.Escrow), func(b Batch) bool { return b.KeyID == id && b.Locked }) {
			return ErrNotLocked
		}
		if err := a.finishPeriod(); err != nil { // or they would be in the count of no period
			return fmt.Errorf("%w: %w", ErrNotKept, err)
		}
		n, err := a.cfg.Escrow.Abandon(id.Kind)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotKept, err)
		}
		a.cfg.Logger.Warn("sheets given up: all keys are lost", "kind", id.Kind, "sheets", n)
		return nil
	})
	if err != nil {
		return err
	}
	return got
}

// LoseDevices says that a device with keys is lost: what waits is counted at once if it
// may be, for the key then opens nothing, and no device counts as keeping one until it
// says so again. Devices that are named are those; none is all.
func (a *Appliance) LoseDevices(ctx context.Context, devices ...string) error {
	if a.cfg.Escrow == nil {
		return nil
	}
	if _, err := inVault(ctx, a, func() bool { a.merge(); return true }); err != nil {
		return err
	}
	return a.ask(ctx, func(d *draft) error {
		d.Keys.holders = maps.Clone(d.Keys.holders)
		maps.DeleteFunc(d.Keys.holders, func(name string, _ map[KeyID]bool) bool {
			return len(devices) == 0 || slices.Contains(devices, name)
		})
		return nil
	})
}

// PrintDrawer prints the drawer ticket, with the keys that the box has.
func (a *Appliance) PrintDrawer(ctx context.Context) error {
	if a.cfg.Escrow == nil {
		return ErrNoKey
	}
	list, err := inVault(ctx, a, func() []Key { return keys(a.cfg.Escrow) })
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return ErrNoKey
	}
	return a.ask(ctx, func(d *draft) error { d.drawer(list); return nil })
}

// printDrawer prints the drawer ticket at an opening, if a key is on none: staff are
// there then. A key that was given back was printed when its batch began. Only the
// goroutine that keeps the sheets calls it.
func (a *Appliance) printDrawer() {
	list := keys(a.cfg.Escrow)
	returned := slices.Clone(a.returned)
	go a.tell(context.Background(), func(d *draft) error {
		if slices.ContainsFunc(list, func(k Key) bool { return !d.Keys.onPaper[k.KeyID] && !slices.Contains(returned, k.KeyID) }) {
			d.drawer(list)
		}
		return nil
	})
}

// drawn is a drawer ticket to be printed.
type drawn struct{ keys []Key }

func (d *draft) drawer(keys []Key) {
	d.Keys.Paper = session.Queued
	d.effects = append(d.effects, drawn{keys})
}

func (a *Appliance) printKeys(keys []Key, older bool) {
	data := paper.DrawerData{Place: a.cfg.Place.Name, Older: older}
	var ids []KeyID
	for _, k := range keys {
		data.Keys = append(data.Keys, paper.DrawerKey{Kind: k.Kind, Batch: k.Batch, Scan: k.Text, Code: k.Code})
		ids = append(ids, k.KeyID)
	}
	a.enqueue(job{draw: func() drivers.Document { return paper.Drawer(a.cfg.Words, data) }, at: time.Now(),
		told: func(d *draft, result session.Paper, _ drivers.Status) {
			if d.Keys.Paper = result; result == session.Printed {
				d.onPaper(ids)
			}
		}})
}

func (d *draft) onPaper(ids []KeyID) {
	for _, id := range ids {
		d.Keys.onPaper = with(d.Keys.onPaper, id, true)
	}
}

// tellKeys tells the owner what has become of the batches, and returns what it was told.
// Only the goroutine that keeps the sheets calls it. It waits for nothing, as the owner
// may wait for that goroutine: what is not told now is told next time.
func (a *Appliance) tellKeys(told []Batch) []Batch {
	if a.cfg.Escrow == nil {
		return nil
	}
	now := batches(a.cfg.Escrow)
	if slices.Equal(now, told) {
		return told
	}
	news := request{do: func(d *draft) error {
		d.Keys.Batches = now
		d.Keys.onPaper = maps.Clone(d.Keys.onPaper)
		maps.DeleteFunc(d.Keys.onPaper, func(id KeyID, _ bool) bool {
			return !slices.ContainsFunc(now, func(b Batch) bool { return b.KeyID == id })
		})
		if d.Keys.Paper == session.Printed && !d.Keys.OnPaper() {
			d.Keys.Paper = session.NoPaper
		}
		return nil
	}}
	select {
	case a.lazy <- news:
		return now
	default:
		return told
	}
}

// merge counts the sheets of which enough wait.
func (a *Appliance) merge() {
	if _, err := a.mergeSheets(); err != nil {
		a.cfg.Logger.Error("sheets not merged", "err", err)
	}
}
