package update

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"jeudi/provisioning/card"
)

// A Device is a partition of the card.
type Device interface {
	io.ReaderAt
	io.WriterAt
	// Flush returns once everything that was written is on the card, and makes sure that
	// what is read from then on comes from there.
	Flush() error
	Close() error
	Size() int64 // bytes
}

// Data is the data partition. Each of its operations is durable when it returns.
type Data interface {
	// State reads the file of the state: nil and no error when there is none.
	State() ([]byte, error)
	// KeepState replaces it: a cut leaves the old one or the new one.
	KeepState([]byte) error
	// Copy copies the box's folder; a cut leaves no copy. Copied reports whether there is one.
	Copy(context.Context) error
	Copied() (bool, error)
	// Restore puts the copy where the box's folder is; after a cut it is to be asked again.
	Restore() error
	// Forget erases the copy, as data are erased. None is no error.
	Forget() error
}

// A Box is what an update works on. Its methods may be called from several goroutines.
type Box struct {
	Running Running // its Kept is read from the card by each method
	Key     PublicKey
	Open    func(partition int) (Device, error)
	Data    Data
	// Restart starts the machine anew, with the argument that the firmware gets, "" for
	// none. It returns once that is under way.
	Restart func(arg string) error
	// Settled is called when a version on trial is kept: whatever else watches over the trial
	// may stop. May be nil.
	Settled func()
	Log     *slog.Logger

	mu      sync.Mutex // the state on the data partition is read, changed and written under it
	missing []string   // what a version on trial lacked when it was last asked
	unit    int        // instead of piece, for tests
}

// TryArg is the argument of the restart that starts the other slot once.
const TryArg = "0 tryboot"

// Refusals, each a sentence for staff.
var (
	ErrOnTrial  = errors.New("update: a version is on trial")
	ErrOlder    = errors.New("update: the bundle is older than what runs")
	ErrSame     = errors.New("update: this is what runs")
	ErrOldData  = errors.New("update: that version cannot read the data of this one")
	ErrNothing  = errors.New("update: the other slot holds nothing that can be started")
	ErrNotTaken = errors.New("update: the card does not give back what was written")
)

// running is what runs, with the kept slot as the card has it now.
func (b *Box) running() (Running, error) {
	r := b.Running
	start, err := b.Open(card.PartStart)
	if err != nil {
		return r, err
	}
	defer start.Close()
	r.Kept, err = keptSlot(start)
	return r, err
}

// state reads the state. One that cannot be read is as none: what is not known is not
// started on purpose.
func (b *Box) state() State {
	text, err := b.Data.State()
	if err == nil && text == nil {
		return State{}
	}
	var s State
	if err == nil {
		s, err = ParseState(text)
	}
	if err != nil {
		b.Log.Error("state of updates not read", "err", err)
	}
	return s
}

// Start does what has to be done before the box may see its data, at every start.
func (b *Box) Start(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.running()
	if err != nil {
		// No update can be written, tried or kept; the box itself works.
		b.Log.Error("kept slot not known: no updates", "err", err)
	}
	if err == nil && !r.OnTrial() {
		// A sector torn in the commit starts the right slot and names no other one.
		if err := b.keepSlot(r.Slot); err != nil {
			b.Log.Error("autoboot.txt not mended", "err", err)
		}
	}
	before := b.state()
	work, s := AtStart(before, r)
	switch work {
	case Keep:
		copied, err := b.Data.Copied()
		if err == nil && !copied {
			err = b.Data.Copy(ctx)
		}
		if err != nil {
			// Without a copy there would be no way back: the trial ends before it begins.
			b.Log.Error("data not copied", "err", err)
			return b.back(before, WhyData)
		}
	case Restore:
		copied, err := b.Data.Copied()
		if err == nil && copied {
			b.Log.Warn("data of before the update put back")
			err = b.Data.Restore()
		}
		if err != nil {
			return fmt.Errorf("update: put the data back: %w", err)
		}
	case Forget:
		if err := b.Data.Forget(); err != nil {
			b.Log.Error("copy of the data not erased", "err", err)
		}
	}
	if r.Kept == r.Slot && s.Held[r.Slot.String()].Version != r.Version {
		s = s.with(r.Slot, &Held{Version: r.Version, DataFormat: r.DataFormat})
	}
	return b.keepState(before, s)
}

// keepSlot makes a slot the kept one. It is a commit, or mends a torn one.
func (b *Box) keepSlot(slot card.Slot) error {
	start, err := b.Open(card.PartStart)
	if err != nil {
		return err
	}
	defer start.Close()
	return keep(start, slot)
}

// keepState writes the state, unless it is as before.
func (b *Box) keepState(before, s State) error {
	text := s.encode()
	if bytes.Equal(before.encode(), text) {
		return nil
	}
	if err := b.Data.KeepState(text); err != nil {
		return fmt.Errorf("update: keep the state: %w", err)
	}
	return nil
}

// Standing is how updates stand, for staff.
type Standing struct {
	Slot    string   `json:"slot"`
	Version string   `json:"version"`
	OnTrial bool     `json:"trial"`
	Missing []string `json:"missing,omitempty"` // what the version on trial still lacks
	Before  string   `json:"before,omitempty"`  // the version that can be gone back to, or returns if a trial fails
	Ready   string   `json:"ready,omitempty"`   // the version that was written and waits for its trial
	Failed  int      `json:"failed,omitempty"`  // how often that one was tried in vain
	Last    *Outcome `json:"last,omitempty"`
	Broken  bool     `json:"broken,omitempty"` // the card's start partition is not as it must be: no updates
}

// Standing is how updates stand now. It waits for nobody: the state is one file that is
// replaced whole.
func (b *Box) Standing() Standing {
	r, err := b.running()
	s := b.state()
	v := Standing{Slot: r.Slot.String(), Version: r.Version, OnTrial: r.OnTrial(), Last: s.Last, Broken: err != nil}
	if h, ok := s.Held[r.Slot.Other().String()]; ok {
		if h.Fresh {
			v.Ready, v.Failed = h.Version, h.Failed
		} else if h.DataFormat >= r.DataFormat {
			v.Before = h.Version
		}
	}
	return v
}

// Told writes down that a slip of paper has said how the last update ended.
func (b *Box) Told() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.state()
	if before.Last == nil || before.Last.Told {
		return nil
	}
	s, last := before, *before.Last
	last.Told = true
	s.Last = &last
	return b.keepState(before, s)
}

// piece is how much is read, compared and written at a time, in bytes: the unit in which
// cards write without reading first, and little beside the memory of a Pi 3.
const piece = 4 << 20

// flushed is after how many pieces the card is waited for.
const flushed = 8

// Install reads a bundle and writes it into the slot that does not run; say hears how far
// it is, in bytes of both parts, first as they are written and then as they are read again.
// Nothing of the slot that runs, of autoboot.txt or of the data changes, and a cut leaves a
// slot that is not started.
func (b *Box) Install(ctx context.Context, in io.Reader, say func(step string, done, of int64)) (Held, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.running()
	if err != nil {
		return Held{}, err
	}
	before := b.state()
	if r.OnTrial() || before.Trial != nil {
		return Held{}, ErrOnTrial // the other slot is the way back
	}
	bundle, err := Open(in, b.Key)
	if err != nil {
		return Held{}, err
	}
	theirs, _ := newness(bundle.Version)
	if ours, ok := newness(r.Version); ok && slices.Compare(theirs[:], ours[:]) < 0 {
		return Held{}, ErrOlder
	}
	if bundle.DataFormat < r.DataFormat {
		return Held{}, ErrOldData
	}
	if before.Held[r.Slot.String()].ID == bundle.ID {
		return Held{}, ErrSame
	}
	other := r.Slot.Other()
	held := Held{Version: bundle.Version, DataFormat: bundle.DataFormat, ID: bundle.ID, Fresh: true}
	if h := before.Held[other.String()]; h.ID == bundle.ID {
		held.Failed = h.Failed
	}
	bases := map[string]io.ReaderAt{}
	if bundle.Base != nil {
		// What it builds on is compared first: a slot of another version would be found out
		// only after the other one has been written.
		for _, base := range []struct {
			name string
			part int
			Image
		}{{"boot", r.Slot.Boot(), bundle.Base.Boot}, {"root", r.Slot.Root(), bundle.Base.Root}} {
			dev, err := b.Open(base.part)
			if err != nil {
				return Held{}, err
			}
			defer dev.Close()
			image := io.ReaderAt(&slotted{dev: dev, Image: base.Image, slot: r.Slot})
			got, err := hash(ctx, image, base.Size, cmp.Or(b.unit, piece), func(n int64) { say("check", n, base.Size) })
			if err != nil {
				return Held{}, err
			}
			if got != base.SHA256 {
				return Held{}, ErrBase
			}
			bases[base.name] = image
		}
	}
	// From here on the other slot is nothing.
	s := before.with(other, nil)
	s.Last = &Outcome{Result: CutOff, Version: bundle.Version, Runs: r.Version}
	if err := b.keepState(before, s); err != nil {
		return Held{}, err
	}
	err = b.write(ctx, bundle, other, bases, say)
	if err != nil {
		clean := s
		clean.Last = before.Last
		return Held{}, errors.Join(err, b.keepState(s, clean))
	}
	whole := s.with(other, &held)
	whole.Last = before.Last
	if err := b.keepState(s, whole); err != nil {
		return Held{}, err
	}
	b.Log.Info("update written", "version", held.Version, "slot", other.String())
	return held, nil
}

// write writes the parts of a bundle into a slot and compares what the card gives back.
func (b *Box) write(ctx context.Context, bundle *Bundle, slot card.Slot, bases map[string]io.ReaderAt, say func(string, int64, int64)) error {
	all := bundle.Boot.Size + bundle.Root.Size
	var done int64
	numbers := map[string]int{"boot": slot.Boot(), "root": slot.Root()}
	err := bundle.Parts(bases["boot"], bases["root"], func(name string, p Part, image io.Reader) error {
		dev, err := b.Open(numbers[name])
		if err != nil {
			return err
		}
		defer dev.Close()
		if dev.Size() < p.Size {
			return fmt.Errorf("partition %d has %d bytes of %d", numbers[name], dev.Size(), p.Size)
		}
		sum := sha256.New()
		err = fill(ctx, &slotted{dev: dev, Image: p.Image, slot: slot}, io.TeeReader(image, sum), p.Size, cmp.Or(b.unit, piece), func(n int64) { say("write", done+n, all) })
		if err != nil {
			return err
		}
		if Hash(sum.Sum(nil)) != p.SHA256 {
			return ErrDamaged
		}
		done += p.Size
		return dev.Flush()
	})
	if err != nil {
		return err
	}
	done = 0
	for _, part := range []struct {
		name string
		Part
	}{{"boot", bundle.Boot}, {"root", bundle.Root}} {
		dev, err := b.Open(numbers[part.name])
		if err != nil {
			return err
		}
		got, err := hash(ctx, &slotted{dev: dev, Image: part.Image, slot: slot}, part.Size, cmp.Or(b.unit, piece), func(n int64) { say("verify", done+n, all) })
		dev.Close()
		if err != nil {
			return err
		}
		if got != part.SHA256 {
			return ErrNotTaken
		}
		done += part.Size
	}
	return nil
}

// fill writes an image, and of it only what the partition does not hold already: most of a
// boot set stays as it is from one version to the next but one, and a card wears with what
// is written.
func fill(ctx context.Context, to *slotted, image io.Reader, size int64, unit int, say func(int64)) error {
	fresh, old := make([]byte, unit), make([]byte, unit)
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := int(min(int64(unit), size-at))
		if _, err := io.ReadFull(image, fresh[:n]); err != nil {
			return err
		}
		// What cannot be read is to be written: some cards give an error for what was torn.
		if _, err := to.ReadAt(old[:n], at); err != nil || !bytes.Equal(fresh[:n], old[:n]) {
			if _, err := to.WriteAt(fresh[:n], at); err != nil {
				return err
			}
		}
		at += int64(n)
		if at%int64(flushed*unit) == 0 { // or the last tenth would take most of the time
			if err := to.dev.Flush(); err != nil {
				return err
			}
		}
		say(at)
	}
	return nil
}

func hash(ctx context.Context, from io.ReaderAt, size int64, unit int, say func(int64)) (h Hash, err error) {
	sum := sha256.New()
	buf := make([]byte, unit)
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return h, err
		}
		n, err := from.ReadAt(buf[:min(int64(unit), size-at)], at)
		if n == 0 && err != nil {
			return h, err
		}
		sum.Write(buf[:n])
		at += int64(n)
		say(at)
	}
	return Hash(sum.Sum(nil)), nil
}

// slotted is a partition seen as its image: the letter of the slot is '@' there.
type slotted struct {
	dev Device
	Image
	slot card.Slot
}

func (s *slotted) ReadAt(p []byte, at int64) (int, error) {
	n, err := s.dev.ReadAt(p, at)
	if i := s.SlotByte - at; s.SlotByte != 0 && i >= 0 && i < int64(n) && p[i] == byte(s.slot) {
		p[i] = slotMark
	}
	return n, err
}

// WriteAt writes the letter in its place. p is as it was afterwards.
func (s *slotted) WriteAt(p []byte, at int64) (int, error) {
	if i := s.SlotByte - at; s.SlotByte != 0 && i >= 0 && i < int64(len(p)) && p[i] == slotMark {
		p[i] = byte(s.slot)
		defer func() { p[i] = slotMark }()
	}
	return s.dev.WriteAt(p, at)
}

// Try restarts into the version that was written, once. before is what works now.
func (b *Box) Try(before Health) error { return b.start(before, false) }

// Rollback restarts into the version before the last update, once; it is kept when it works.
func (b *Box) Rollback(before Health) error { return b.start(before, true) }

func (b *Box) start(health Health, back bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.running()
	if err != nil {
		return err
	}
	before := b.state()
	if r.OnTrial() {
		if !back {
			return ErrOnTrial
		}
		// Whoever wants the version before does not want this one to be kept.
		return b.back(before, WhyWanted)
	}
	other := r.Slot.Other()
	h, ok := before.Held[other.String()]
	if !ok || h.Fresh == back {
		return ErrNothing
	}
	if h.DataFormat < r.DataFormat {
		return ErrOldData
	}
	// A copy that was left of another trial would be taken for one of this.
	if err := b.Data.Forget(); err != nil {
		return fmt.Errorf("update: erase the copy of the data: %w", err)
	}
	s := before
	s.Trial = &Trial{Slot: other.String(), Version: h.Version, From: r.Version, Back: back, Before: health}
	s.Last = nil
	if err := b.keepState(before, s); err != nil {
		return err
	}
	b.Log.Info("version on trial", "version", h.Version, "slot", other.String())
	if err := b.Restart(TryArg); err != nil {
		return errors.Join(fmt.Errorf("update: restart: %w", err), b.keepState(s, before))
	}
	return nil
}

// Commit is asked by the box as long as it is on trial, with what works. It keeps the
// version that runs once it lacks nothing, and goes back at once when waiting cannot help.
func (b *Box) Commit(now Health) (Standing, error) {
	missing, err := b.commit(now)
	v := b.Standing()
	v.Missing = missing
	return v, err
}

func (b *Box) commit(now Health) (missing []string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.running()
	if err != nil || !r.OnTrial() {
		return nil, err
	}
	before := b.state()
	t := before.Trial
	if t == nil || t.Slot != r.Slot.String() {
		_, s := AtStart(before, r) // the data were erased meanwhile, or its file was lost
		t = s.Trial
		before.Trial = t
	}
	if missing := Judge(t.Before, now); len(missing) > 0 {
		b.missing = missing
		if hopeless(missing) && !t.Unasked {
			return missing, b.back(before, missing[0])
		}
		return missing, nil
	}
	if err := b.keepSlot(r.Slot); err != nil {
		return nil, err
	}
	b.Log.Info("version kept", "version", r.Version, "slot", r.Slot.String())
	if b.Settled != nil {
		b.Settled()
	}
	r.Kept = r.Slot
	s := before.kept(r)
	if err := b.keepState(before, s); err != nil {
		return nil, err // the next start finds that it was kept
	}
	return nil, b.Data.Forget()
}

// Watch ends a trial that takes too long: the machine starts anew, in the version before.
// up is how long the machine has been running and limit how long a trial may take from
// then on, so that it makes no difference how often Watch itself was started. It returns
// at once when nothing is on trial, and once the context ends.
func (b *Box) Watch(ctx context.Context, up, limit time.Duration) error {
	if r, err := b.running(); err != nil || !r.OnTrial() {
		return err
	}
	late := time.NewTimer(limit - up)
	defer late.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-late.C:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.running()
	if err != nil || !r.OnTrial() {
		return err
	}
	s := b.state()
	if s.Trial != nil && s.Trial.Unasked {
		// The kept slot does not start: a box that half works is better than one that starts
		// again and again.
		b.Log.Error("version on trial not kept, and none to go back to", "why", strings.Join(b.missing, " "))
		return nil
	}
	if len(b.missing) == 0 {
		return b.back(s, WhySilent)
	}
	return b.back(s, b.missing[0])
}

// back writes down why, and restarts. That the reason cannot be kept is no reason to stay.
func (b *Box) back(before State, why string) error {
	b.Log.Error("version not kept; back to the one before", "why", why)
	var err error
	if before.Trial != nil {
		s, t := before, *before.Trial
		t.Why, t.Begun = why, true
		s.Trial = &t
		err = b.keepState(before, s)
	}
	return errors.Join(err, b.Restart(""))
}
