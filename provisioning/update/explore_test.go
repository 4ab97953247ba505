package update

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"aead.dev/minisign"

	"jeudi/provisioning/card"
)

// The world of these tests: a card of a few kilobytes, a firmware that reads autoboot.txt,
// systems of which some do not work, a technician who wants the new one, and a power cut
// after any operation, in any of a few ways.

// cut and restart end what a system is doing.
type cut struct{}
type restart struct{ arg string }

type world struct {
	t       testing.TB
	parts   map[int]*memDev
	data    memData
	state   []byte // nil: no file
	armed   bool   // the firmware's flag
	deaf    bool   // a firmware, or a kernel, that does not know the flag
	ops     int    // done since the beginning
	names   []string
	cutAt   int // -1: never
	again   int // cut once more so many operations after the first
	variant int
	rng     *rand.Rand
	builds  map[string]*build // by the content of both partitions, with the slot
	log     []string
	starts  int
}

// data are the box's folder and its copy: what a version wrote, "" for no folder.
type memData struct{ box, copy string }

// A build is a system.
type build struct {
	version string
	format  int
	health  Health
	silent  bool // the box never asks to be kept
	dead    bool // its kernel does not start
	boot    []byte
	root    []byte
}

// step counts an operation; do is what it does, half what a cut may leave in the middle.
func (w *world) step(name string, do, half func()) {
	w.ops++
	w.names = append(w.names, name)
	if w.ops != w.cutAt {
		do()
		return
	}
	switch w.variant % 3 {
	case 1:
		do()
	case 2:
		half()
	}
	w.note("cut at %s", name)
	w.cutAt = -1
	if w.again > 0 {
		w.cutAt, w.again = w.ops+w.again, 0
	}
	for _, n := range []int{1, 2, 3, 5, 6} {
		w.parts[n].lose(w)
	}
	panic(cut{})
}

func (w *world) note(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	panic(fmt.Sprintf(format, args...) + "\n" + strings.Join(w.log, "\n"))
}

// memDev is a partition: what is on the card, and what is on its way there. Its mutex is
// the kernel's part: Watch reads while a commit writes.
type memDev struct {
	mu      sync.Mutex
	w       *world
	name    string
	disk    []byte
	now     []byte
	pending []int // sectors
}

func (d *memDev) Size() int64  { return int64(len(d.disk)) }
func (d *memDev) Close() error { return nil }
func (d *memDev) ReadAt(p []byte, at int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := copy(p, d.now[min(at, int64(len(d.now))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (d *memDev) WriteAt(p []byte, at int64) (int, error) {
	d.w.step("write "+d.name, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		copy(d.now[at:], p)
		for s := at / card.SectorBytes; s*card.SectorBytes < at+int64(len(p)); s++ {
			d.pending = append(d.pending, int(s))
		}
	}, func() {
		copy(d.now[at:], p[:len(p)/2])
		d.pending = append(d.pending, int(at/card.SectorBytes))
	})
	return len(p), nil
}

func (d *memDev) Flush() error {
	d.w.step("flush "+d.name, d.settle, func() {})
	return nil
}

func (d *memDev) settle() {
	for _, s := range d.pending {
		at, end := s*card.SectorBytes, min((s+1)*card.SectorBytes, len(d.now))
		copy(d.disk[at:end], d.now[at:end])
	}
	d.pending = nil
}

// lose keeps some of the sectors that were on their way: none, all, or any of them, one of
// which may be torn.
func (d *memDev) lose(w *world) {
	for _, s := range d.pending {
		at, end := s*card.SectorBytes, min((s+1)*card.SectorBytes, len(d.now))
		switch w.variant / 3 % 3 {
		case 1:
		case 2:
			switch w.rng.IntN(4) {
			case 0:
				continue
			case 1:
				end = at + w.rng.IntN(end-at) // its beginning
			case 2:
				at += w.rng.IntN(end - at) // its end
			}
		default:
			continue
		}
		copy(d.disk[at:end], d.now[at:end])
	}
	if len(d.pending) > 0 {
		d.now, d.pending = bytes.Clone(d.disk), nil
	}
}

// The world is the data partition.

func (w *world) State() ([]byte, error) { return w.state, nil }
func (w *world) KeepState(s []byte) error {
	w.step("state "+strings.TrimSpace(string(s)), func() { w.state = bytes.Clone(s) }, func() {})
	return nil
}
func (w *world) Copied() (bool, error) { return w.data.copy != "", nil }
func (w *world) Copy(context.Context) error {
	w.step("copy", func() { w.data.copy = w.data.box }, func() {})
	return nil
}
func (w *world) Restore() error {
	if w.data.copy == "" {
		return fmt.Errorf("no copy")
	}
	w.step("put away", func() { w.data.box = "" }, func() {})
	w.step("put back", func() { w.data.box, w.data.copy = w.data.copy, "" }, func() {})
	return nil
}
func (w *world) Forget() error {
	if w.data.copy != "" {
		w.step("forget", func() { w.data.copy = "" }, func() {})
	}
	return nil
}

// restart is orderly: everything is written.
func (w *world) restart(arg string) error {
	w.step("restart "+arg, func() {}, func() {})
	for _, d := range w.parts {
		d.settle()
	}
	w.armed = strings.Contains(arg, "tryboot") && !w.deaf
	panic(restart{arg})
}

// live runs something until it ends, or the machine does.
func (w *world) live(do func()) (ended bool) {
	defer func() {
		switch end := recover().(type) {
		case nil:
		case cut, restart:
			ended = true
		default:
			panic(end)
		}
	}()
	do()
	return false
}

// start is what the firmware and the first stage do: the build that a plain start or a
// trial finds, and its slot. A plain start that finds none is a brick.
func (w *world) start() (*build, card.Slot) {
	w.starts++
	at, _, err := autoBootSector(w.parts[card.PartStart])
	if err != nil {
		w.fail("the start partition is gone: %v", err)
	}
	plain, trial := card.ParseAutoBoot(w.parts[card.PartStart].disk[at : at+card.SectorBytes])
	for _, try := range []bool{w.armed, false} {
		w.armed = false
		slot := card.SlotOf(plain)
		if try {
			slot = card.SlotOf(trial)
		}
		if slot == 0 {
			w.fail("autoboot.txt names partitions %d and %d", plain, trial)
		}
		b := w.builds[string(w.parts[slot.Boot()].disk)+string(w.parts[slot.Root()].disk)]
		if b != nil && !b.dead {
			w.note("slot %s starts: %s", slot, b.version)
			return b, slot
		}
		if !try {
			w.fail("slot %s is to start and does not", slot)
		}
		w.note("slot %s does not start", slot)
	}
	panic("unreachable")
}

func (w *world) box(b *build, slot card.Slot, key PublicKey) *Box {
	return &Box{Running: Running{Slot: slot, Version: b.version, DataFormat: b.format}, Key: key, unit: 1024,
		Open: func(n int) (Device, error) { return w.parts[n], nil }, Data: w, Restart: w.restart, Log: slog.New(slog.DiscardHandler)}
}

// morning is what the box itself does with its data: it must be able to read them, and
// then writes them in its own form.
func (w *world) morning(b *build) {
	var format int
	var rest string
	if _, err := fmt.Sscanf(w.data.box, "form %d of %s", &format, &rest); err != nil || format > b.format || rest != "tickets" {
		w.fail("%s finds the data %q", b.version, w.data.box)
	}
	w.step("data", func() { w.data.box = fmt.Sprintf("form %d of tickets", b.format) }, func() {})
}

// scene is what is wanted, and what must have become of it.
type scene struct {
	name   string
	from   build
	to     build
	small  bool // the bundle builds on from
	back   bool // once the new version is kept, the technician wants the old one
	deaf   bool
	ends   string // the version that runs at last
	result string // of the last outcome
	why    string
}

func scenes() []scene {
	old := build{version: "1.0.0", format: 1, health: well}
	version := func(change func(*build)) build {
		b := build{version: "1.1.0", format: 1, health: well}
		change(&b)
		return b
	}
	return []scene{
		{name: "it works", from: old, to: version(func(*build) {}), ends: "1.1.0", result: Kept},
		{name: "a small one", from: old, to: version(func(*build) {}), small: true, ends: "1.1.0", result: Kept},
		{name: "the data move on", from: old, to: version(func(b *build) { b.format = 2 }), ends: "1.1.0", result: Kept},
		{name: "it works, and back", from: old, to: version(func(*build) {}), back: true, ends: "1.0.0", result: Kept},
		{name: "its kernel does not start", from: old, to: version(func(b *build) { b.dead = true }), ends: "1.0.0", result: GoneBack, why: WhyNoStart},
		{name: "a kernel that knows no trial", from: old, to: version(func(*build) {}), deaf: true, ends: "1.0.0", result: GoneBack, why: WhyNoStart},
		{name: "the box is silent", from: old, to: version(func(b *build) { b.silent = true }), ends: "1.0.0", result: GoneBack, why: WhySilent},
		{name: "no page", from: old, to: version(func(b *build) { b.health.Page = false }), ends: "1.0.0", result: GoneBack, why: WhyPage},
		{name: "no page, and the data move on", from: old, to: version(func(b *build) { b.health.Page, b.format = false, 2 }), ends: "1.0.0", result: GoneBack, why: WhyPage},
		{name: "no journal", from: old, to: version(func(b *build) { b.health.Journal = false }), ends: "1.0.0", result: GoneBack, why: WhyJournal},
		{name: "it does not read the site", from: old, to: version(func(b *build) { b.health = Health{Journal: true, Page: true} }), ends: "1.0.0", result: GoneBack, why: WhySite},
		{name: "no printer", from: old, to: version(func(b *build) { b.health.Printer = false }), ends: "1.0.0", result: GoneBack, why: WhyPrinter},
		{name: "there never was a printer", from: version(func(b *build) { b.version = "1.0.0"; b.health.Printer = false }),
			to: version(func(b *build) { b.health.Printer = false }), ends: "1.1.0", result: Kept},
	}
}

// made are a scene's two systems as partitions and its bundle.
type made struct {
	key      PublicKey
	bundle   []byte
	old, new build
	start    []byte // a start partition
}

func prepare(t testing.TB, s scene) made {
	t.Helper()
	pub, key, err := minisign.GenerateKey(rand.NewChaCha8([32]byte{7}))
	if err != nil {
		t.Fatal(err)
	}
	m := made{key: pub, old: s.from, new: s.to, start: tinyFAT(card.AutoBootText(card.SlotA))}
	dir := t.TempDir()
	for i, b := range []*build{&m.old, &m.new} {
		b.boot, b.root = image(5000, uint64(i), true), image(9000, uint64(i)+10, false)
		copy(b.root[:6000], image(6000, 99, false)) // what both have
	}
	m.bundle = bundleOf(t, dir, key, "", m.old)
	base := ""
	if s.small {
		base = dir + "/" + m.old.version
	}
	m.bundle = bundleOf(t, dir, key, base, m.new)
	return m
}

// newWorld is a card with the old version in slot A.
func newWorld(t testing.TB, m made, deaf bool) *world {
	w := &world{t: t, parts: map[int]*memDev{}, builds: map[string]*build{}, cutAt: -1, deaf: deaf, data: memData{box: "form 1 of tickets"}}
	parts := map[int][]byte{card.PartStart: bytes.Clone(m.start), 2: make([]byte, len(m.old.boot)), 3: make([]byte, len(m.old.boot)),
		5: make([]byte, len(m.old.root)), 6: make([]byte, len(m.old.root))}
	copy(parts[2], lettered(m.old.boot, card.SlotA))
	copy(parts[5], m.old.root)
	for n, disk := range parts {
		w.parts[n] = &memDev{w: w, name: fmt.Sprintf("p%d", n), disk: disk, now: bytes.Clone(disk)}
	}
	for _, b := range []*build{&m.old, &m.new} {
		for _, slot := range []card.Slot{card.SlotA, card.SlotB} {
			w.builds[string(lettered(b.boot, slot))+string(b.root)] = b
		}
	}
	return w
}

func lettered(boot []byte, slot card.Slot) []byte {
	return bytes.Replace(boot, []byte(SlotWords), []byte("jeudi.slot="+slot.String()), 1)
}

// play plays a scene to its end and checks it.
func (w *world) play(s scene, m made) {
	pulled := 0
	for range 40 {
		b, slot := w.start()
		box := w.box(b, slot, m.key)
		over := false
		ended := w.live(func() {
			if err := box.Start(w.t.Context()); err != nil {
				w.fail("start: %v", err)
			}
			w.morning(b)
			v := box.Standing()
			if v.OnTrial {
				if !b.silent {
					got, err := box.Commit(b.health)
					if err != nil {
						w.fail("commit: %v", err)
					}
					if !got.OnTrial {
						return
					}
				}
				if err := box.Watch(w.t.Context(), 1, 1); err != nil {
					w.fail("watch: %v", err)
				}
				return
			}
			if w.data.copy != "" {
				w.fail("a copy of the data is left")
			}
			switch {
			case v.Last != nil && v.Last.Result == GoneBack && v.Last.Why != s.why && pulled < 3:
				pulled++ // somebody pulled the plug in the midst of the trial: once more
				if s.back && v.Version == m.new.version {
					must(w, box.Rollback(m.new.health))
				}
				must(w, box.Try(m.old.health))
			case v.Last != nil && v.Last.Result == GoneBack:
				over = true
			case v.Version == m.new.version && s.back:
				must(w, box.Rollback(m.new.health))
			case v.Version == m.new.version || v.Last != nil && v.Last.Back:
				over = true
			case v.Ready == m.new.version:
				must(w, box.Try(m.old.health))
			default:
				if _, err := box.Install(w.t.Context(), bytes.NewReader(m.bundle), func(string, int64, int64) {}); err != nil {
					w.fail("install: %v", err)
				}
				must(w, box.Try(m.old.health))
			}
		})
		if over && !ended {
			w.ended(s, b, box)
			return
		}
	}
	w.fail("it never ends")
}

func must(w *world, err error) {
	if err != nil {
		w.fail("%v", err)
	}
}

func (w *world) ended(s scene, b *build, box *Box) {
	v := box.Standing()
	if b.version != s.ends || v.Version != s.ends || v.OnTrial {
		w.fail("%s runs; want %s (%+v)", b.version, s.ends, v)
	}
	if v.Last == nil || v.Last.Result != s.result || v.Last.Runs != s.ends {
		w.fail("the outcome is %+v; want %s", v.Last, s.result)
	}
	if s.why != "" && v.Last.Why != s.why {
		w.fail("the reason is %s; want %s", v.Last.Why, s.why)
	}
	if want := fmt.Sprintf("form %d of tickets", b.format); w.data.box != want {
		w.fail("the data are %q; want %q", w.data.box, want)
	}
}

// TestEveryCut: whatever the new version is like, and wherever and however the power is
// cut, the card has a slot that starts, the data fit the version that runs, and in the end
// the version runs that should.
func TestEveryCut(t *testing.T) {
	cuts, starts := 0, 0
	for i, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			m := prepare(t, s)
			w := newWorld(t, m, s.deaf)
			w.play(s, m)
			all := w.ops
			if all < 20 {
				t.Fatalf("%d operations; there must be more to cut", all)
			}
			first := 1
			if i > 2 { // all are written alike: what differs comes after
				first = 1 + slices.IndexFunc(w.names, func(name string) bool { return strings.HasPrefix(name, "restart") })
			}
			for at := first; at <= all; at++ {
				// Not begun, done, or in the middle; and where sectors are on their way, none of
				// them lost, all, or some. Every third is cut a second time.
				for variant := range 9 {
					name := w.names[at-1]
					if variant >= 3 && !strings.HasPrefix(name, "write") && !strings.HasPrefix(name, "flush") {
						break
					}
					if variant >= 3 && (at+variant)%3 == 0 {
						continue
					}
					w := newWorld(t, m, s.deaf)
					w.cutAt, w.variant = at, variant
					if (at+variant)%3 == 0 {
						w.again = 1 + (at*7+variant)%23
					}
					w.rng = rand.New(rand.NewPCG(uint64(at), uint64(variant)))
					w.play(s, m)
					cuts++
					starts += w.starts
				}
			}
		})
	}
	t.Logf("%d scenes, %d cuts, %d starts", len(scenes()), cuts, starts)
	if cuts < 500 {
		t.Errorf("%d cuts; want more", cuts)
	}
}

// TestTheWorldSeesABrick: an updater that commits before it has tried, and one that writes
// the slot that runs, are caught by the world of TestEveryCut.
func TestTheWorldSeesABrick(t *testing.T) {
	s := scenes()[slices.IndexFunc(scenes(), func(s scene) bool { return s.to.dead })]
	m := prepare(t, s)
	for name, wrong := range map[string]func(*world, *Box){
		"commits before the trial": func(w *world, b *Box) {
			_, err := b.Install(t.Context(), bytes.NewReader(m.bundle), func(string, int64, int64) {})
			must(w, err)
			must(w, keep(w.parts[card.PartStart], card.SlotB))
			b.Restart("")
		},
		"writes the slot that runs": func(w *world, b *Box) {
			b.Running.Slot = card.SlotB // it takes itself for the other
			must(w, keep(w.parts[card.PartStart], card.SlotB))
			_, err := b.Install(t.Context(), bytes.NewReader(m.bundle), func(string, int64, int64) {})
			must(w, err)
			must(w, keep(w.parts[card.PartStart], card.SlotA))
			b.Restart("")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, m, false)
			defer func() {
				if what := fmt.Sprint(recover()); !strings.Contains(what, "is to start and does not") {
					t.Errorf("the world says %q; want a brick", what)
				}
			}()
			b, slot := w.start()
			w.live(func() { wrong(w, w.box(b, slot, m.key)) })
			w.start()
		})
	}
}
