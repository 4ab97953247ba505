package update

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/provisioning/card"
	"jeudi/provisioning/steward"
)

var well = Health{Journal: true, Page: true, Printer: true, Panel: true, Site: true}

// shelf is a world in which nothing is ever cut, a box that runs, and bundles for it.
func shelf(t *testing.T) (*world, made, *Box) {
	t.Helper()
	m := prepare(t, scenes()[0])
	w := newWorld(t, m, false)
	b, slot := w.start()
	return w, m, w.box(b, slot, m.key)
}

func install(b *Box, bundle []byte) (Held, error) {
	return b.Install(context.Background(), bytes.NewReader(bundle), func(string, int64, int64) {})
}

// TestInstallRefuses: what may not be written is refused before a byte of the other slot
// has changed, and what could not be written leaves a slot that is nothing.
func TestInstallRefuses(t *testing.T) {
	bundleWith := func(t *testing.T, m made, base string, change func(*build)) []byte {
		b := m.new
		change(&b)
		_, key := keys(t, 7)
		dir := t.TempDir()
		if base != "" {
			old := m.old
			old.version, old.root = "0.9.0", image(9000, 77, false)
			bundleOf(t, dir, key, "", old)
			base = filepath.Join(dir, "0.9.0")
		}
		return bundleOf(t, dir, key, base, b)
	}
	tests := []struct {
		name   string
		bundle func(*testing.T, *world, made, *Box) []byte
		err    error
	}{
		{"older", func(t *testing.T, _ *world, m made, _ *Box) []byte {
			return bundleWith(t, m, "", func(b *build) { b.version = "0.9.9" })
		}, ErrOlder},
		{"data of before", func(t *testing.T, _ *world, m made, b *Box) []byte {
			b.Running.DataFormat = 2
			return m.bundle
		}, ErrOldData},
		{"another base", func(t *testing.T, _ *world, m made, _ *Box) []byte {
			return bundleWith(t, m, "yes", func(*build) {})
		}, ErrBase},
		{"not signed", func(_ *testing.T, _ *world, m made, b *Box) []byte {
			b.Key, _ = keys(t, 9)
			return m.bundle
		}, ErrSignature},
		{"on trial", func(_ *testing.T, w *world, m made, b *Box) []byte {
			b.Running.Slot = card.SlotB
			return m.bundle
		}, ErrOnTrial},
		{"no start partition", func(_ *testing.T, w *world, m made, _ *Box) []byte {
			clear(w.parts[card.PartStart].now)
			return m.bundle
		}, errStart},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, m, b := shelf(t)
			bundle := tt.bundle(t, w, m, b)
			ops := w.ops
			if _, err := install(b, bundle); !errors.Is(err, tt.err) {
				t.Errorf("Install = %v; want %v", err, tt.err)
			}
			if w.ops != ops {
				t.Errorf("%d things were done all the same: %q", w.ops-ops, w.names[ops:])
			}
		})
	}
	t.Run("what runs", func(t *testing.T) {
		w, m, b := shelf(t)
		must(w, b.Start(t.Context()))
		s, _ := ParseState(w.state)
		held, err := install(b, m.bundle)
		must(w, err)
		w.state = s.with(card.SlotA, &held).encode()
		if _, err := install(b, m.bundle); !errors.Is(err, ErrSame) {
			t.Errorf("Install = %v; want %v", err, ErrSame)
		}
	})
	t.Run("damaged in the midst", func(t *testing.T) {
		w, m, b := shelf(t)
		must(w, b.Start(t.Context()))
		_, err := install(b, m.bundle)
		must(w, err)
		bad := bytes.Clone(m.bundle)
		bad[len(bad)-100] ^= 1
		if _, err := install(b, bad); !errors.Is(err, ErrDamaged) {
			t.Errorf("Install = %v; want %v", err, ErrDamaged)
		}
		if v := b.Standing(); v.Ready != "" || v.Last != nil {
			t.Errorf("Standing = %+v; want nothing to try: half of another lies there", v)
		}
		if err := b.Try(well); !errors.Is(err, ErrNothing) {
			t.Errorf("Try = %v; want %v", err, ErrNothing)
		}
	})
	t.Run("a card that forgets", func(t *testing.T) {
		w, m, b := shelf(t)
		open := b.Open
		b.Open = func(n int) (Device, error) {
			d, err := open(n)
			if n == card.PartRootB {
				d = forgetful{d}
			}
			return d, err
		}
		if _, err := install(b, m.bundle); !errors.Is(err, ErrNotTaken) {
			t.Errorf("Install = %v; want %v", err, ErrNotTaken)
		}
		if v := b.Standing(); v.Ready != "" {
			t.Errorf("Standing = %+v; want nothing to try", v)
		}
		_ = w
	})
	t.Run("given up", func(t *testing.T) {
		_, m, b := shelf(t)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := b.Install(ctx, bytes.NewReader(m.bundle), func(string, int64, int64) { cancel() })
		if !errors.Is(err, context.Canceled) || b.Standing().Ready != "" {
			t.Errorf("Install = %v, Standing %+v; want it given up", err, b.Standing())
		}
	})
}

// forgetful is a partition whose last sector is never written.
type forgetful struct{ Device }

func (f forgetful) WriteAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) == f.Size() {
		return len(p), nil
	}
	return f.Device.WriteAt(p, at)
}

// TestInstallAgain: of a slot that holds nearly the same, only what differs is written.
func TestInstallAgain(t *testing.T) {
	w, m, b := shelf(t)
	must(w, b.Start(t.Context()))
	count := func() (n int) {
		from := len(w.names)
		_, err := install(b, m.bundle)
		must(w, err)
		for _, name := range w.names[from:] {
			if strings.HasPrefix(name, "write") {
				n++
			}
		}
		return n
	}
	if first, second := count(), count(); first < 10 || second != 0 {
		t.Errorf("%d pieces written, then %d; want all, then none", first, second)
	}
}

// TestProgress: both rounds are told from their beginning to their end.
func TestProgress(t *testing.T) {
	_, m, b := shelf(t)
	last := map[string]int64{}
	var steps []string
	_, err := b.Install(t.Context(), bytes.NewReader(m.bundle), func(step string, done, of int64) {
		if !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
		if done <= last[step] || done > of {
			t.Errorf("%s: %d of %d after %d", step, done, of, last[step])
		}
		last[step] = done
	})
	all := int64(len(m.new.boot) + len(m.new.root))
	if err != nil || !slices.Equal(steps, []string{"write", "verify"}) || last["write"] != all || last["verify"] != all {
		t.Errorf("%v: %v up to %v; want write and verify up to %d", err, steps, last, all)
	}
}

// TestStart: what a start makes of what it finds, when nobody has ever seen it so.
func TestStart(t *testing.T) {
	a := Running{Slot: card.SlotA, Kept: card.SlotA, Version: "1.0.0", DataFormat: 1}
	onTrial := Running{Slot: card.SlotB, Kept: card.SlotA, Version: "1.1.0", DataFormat: 1}
	trial := func(change func(*Trial)) State {
		tr := &Trial{Slot: "B", Version: "1.1.0", From: "1.0.0", Before: well}
		change(tr)
		return State{Trial: tr, Held: map[string]Held{"A": {Version: "1.0.0", DataFormat: 1}, "B": {Version: "1.1.0", DataFormat: 1, Fresh: true}}}
	}
	tests := []struct {
		name  string
		state State
		run   Running
		work  Work
		then  func(State) bool
	}{
		{"the first start of a card", State{}, a, Forget, func(s State) bool { return s.Trial == nil && s.Last == nil }},
		{"a trial begins", trial(func(*Trial) {}), onTrial, Keep, func(s State) bool { return s.Trial.Begun && s.Last == nil }},
		{"nobody asked for it", State{Held: map[string]Held{"A": {Version: "1.0.0"}}}, onTrial, Nothing,
			func(s State) bool { return s.Trial.Unasked && s.Trial.From == "1.0.0" }},
		{"the kept one starts after all", trial(func(tr *Trial) { tr.Unasked = true }), a, Forget, func(s State) bool { return s.Trial == nil && s.Last == nil }},
		{"it never started", trial(func(*Trial) {}), a, Restore,
			func(s State) bool {
				return s.Last.Why == WhyNoStart && s.Held["B"].Failed == 1 && s.Last.Result == GoneBack
			}},
		{"the plug was pulled", trial(func(tr *Trial) { tr.Begun = true }), a, Restore, func(s State) bool { return s.Last.Why == WhyCut }},
		{"the gate said no", trial(func(tr *Trial) { tr.Begun, tr.Why = true, WhyPage }), a, Restore, func(s State) bool { return s.Last.Why == WhyPage }},
		{"somebody wanted it so", trial(func(tr *Trial) { tr.Begun, tr.Why = true, WhyWanted }), a, Restore,
			func(s State) bool { return s.Last.Why == WhyWanted && s.Held["B"].Failed == 0 }},
		{"cut right after the commit", trial(func(tr *Trial) { tr.Begun = true }), Running{Slot: card.SlotB, Kept: card.SlotB, Version: "1.1.0", DataFormat: 1}, Forget,
			func(s State) bool {
				return s.Last.Result == Kept && !s.Held["B"].Fresh && s.Held["A"].Version == "1.0.0"
			}},
		{"the start partition is gone", trial(func(*Trial) {}), Running{Slot: card.SlotA, Version: "1.0.0"}, Forget, func(s State) bool { return s.Trial != nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := string(tt.state.encode())
			work, s := AtStart(tt.state, tt.run)
			if work != tt.work || !tt.then(s) {
				t.Errorf("AtStart = %v, %s", work, s.encode())
			}
			if again, s2 := AtStart(tt.state, tt.run); again != work || !bytes.Equal(s.encode(), s2.encode()) {
				t.Errorf("asked again, AtStart = %v, %s", again, s2.encode())
			}
			if string(tt.state.encode()) != before {
				t.Error("AtStart has changed the state that it was given")
			}
		})
	}
}

// TestJudge: the gate looks at what visitors need, and at nothing that was broken before.
func TestJudge(t *testing.T) {
	tests := []struct {
		name        string
		before, now Health
		missing     []string
	}{
		{"all is well", well, well, nil},
		{"nothing works", well, Health{Site: true}, []string{WhyJournal, WhyPage, WhyPrinter, WhyPanel}},
		{"it does not read the site", well, Health{Journal: true, Page: true}, []string{WhySite, WhyPrinter, WhyPanel}},
		{"a box in its set-up", Health{Journal: true, Page: true}, Health{Journal: true, Page: true}, nil},
		{"a set-up that does not show", Health{Journal: true, Page: true}, Health{Journal: true}, []string{WhyPage}},
		{"nothing worked", Health{}, Health{}, []string{WhyJournal, WhyPage}},
		{"the printer was unplugged before", Health{Journal: true, Page: true, Panel: true}, Health{Journal: true, Page: true, Panel: true}, nil},
		{"the printer is unplugged now", well, Health{Journal: true, Page: true, Panel: true, Site: true}, []string{WhyPrinter}},
		{"no buttons", well, Health{Journal: true, Page: true, Printer: true, Site: true}, []string{WhyPanel}},
		{"the printer is found by the new one", Health{Journal: true, Page: true}, well, nil},
	}
	for _, tt := range tests {
		if got := Judge(tt.before, tt.now); !slices.Equal(got, tt.missing) {
			t.Errorf("%s: Judge = %v; want %v", tt.name, got, tt.missing)
		}
	}
}

// trying brings a world to where the new version runs on trial.
func trying(t *testing.T) (*world, made, *Box) {
	t.Helper()
	w, m, b := shelf(t)
	must(w, b.Start(t.Context()))
	_, err := install(b, m.bundle)
	must(w, err)
	if !w.live(func() { must(w, b.Try(well)) }) {
		t.Fatal("Try did not start the machine anew")
	}
	build, slot := w.start()
	b = w.box(build, slot, m.key)
	must(w, b.Start(t.Context()))
	if v := b.Standing(); !v.OnTrial || v.Version != "1.1.0" || v.Before != "1.0.0" {
		t.Fatalf("Standing = %+v; want 1.1.0 on trial", v)
	}
	return w, m, b
}

// TestWatch: a trial ends after so long from the machine's start, however late it is
// watched; one that was kept, or a slot that is kept, is left alone.
func TestWatch(t *testing.T) {
	const limit = 5 * time.Minute
	for name, tt := range map[string]struct {
		up, want time.Duration
	}{
		"from the start":         {10 * time.Second, limit - 10*time.Second},
		"a steward that fell":    {4 * time.Minute, time.Minute},
		"one that came too late": {6 * time.Minute, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, b := trying(t)
			synctest.Test(t, func(t *testing.T) {
				from := time.Now()
				if !w.live(func() { b.Watch(t.Context(), tt.up, limit) }) {
					t.Fatal("the machine goes on")
				}
				if took := time.Since(from); took != tt.want {
					t.Errorf("given up after %v; want %v", took, tt.want)
				}
			})
			if s, _ := ParseState(w.state); s.Trial.Why != WhySilent {
				t.Errorf("the reason is %q; want %q", s.Trial.Why, WhySilent)
			}
		})
	}
	t.Run("what it lacked at last is the reason", func(t *testing.T) {
		w, _, b := trying(t)
		b.Settled = func() { t.Error("a trial that is not over is said to be settled") }
		v, err := b.Commit(Health{Journal: true, Site: true})
		if err != nil || !slices.Equal(v.Missing, []string{WhyPage, WhyPrinter, WhyPanel}) {
			t.Fatalf("Commit = %+v, %v", v, err)
		}
		w.live(func() { b.Watch(t.Context(), limit, limit) })
		if s, _ := ParseState(w.state); s.Trial.Why != WhyPage {
			t.Errorf("the reason is %q; want %q", s.Trial.Why, WhyPage)
		}
	})
	t.Run("kept meanwhile", func(t *testing.T) {
		w, _, b := trying(t)
		synctest.Test(t, func(t *testing.T) {
			settled := 0
			b.Settled = func() { settled++ }
			defer func() {
				if settled != 1 {
					t.Errorf("settled %d times; want once", settled)
				}
			}()
			time.AfterFunc(time.Minute, func() { b.Commit(well) })
			if w.live(func() { must(w, b.Watch(t.Context(), 0, limit)) }) {
				t.Error("a version that was kept is given up")
			}
		})
	})
	t.Run("no trial", func(t *testing.T) {
		w, _, b := shelf(t)
		if w.live(func() { must(w, b.Watch(t.Context(), 0, limit)) }) {
			t.Error("the machine starts anew for nothing")
		}
	})
	t.Run("nothing to go back to", func(t *testing.T) {
		w, m, b := trying(t)
		w.state = nil // the data were erased, or the firmware chose this slot by itself
		must(w, b.Start(t.Context()))
		if w.live(func() { must(w, b.Watch(t.Context(), limit, limit)) }) {
			t.Error("a machine whose kept slot does not start starts anew again and again")
		}
		if v, err := b.Commit(Health{}); err != nil || !v.OnTrial {
			t.Errorf("Commit = %+v, %v; want it to stay on trial", v, err)
		}
		if v, err := b.Commit(well); err != nil || v.OnTrial || v.Last.Result != Kept {
			t.Errorf("Commit = %+v, %v; want it kept", v, err)
		}
		_ = m
	})
}

// TestRollback: the version before comes back when somebody wants it, in a trial and after
// the commit, and there is none on a fresh card.
func TestRollback(t *testing.T) {
	t.Run("a fresh card", func(t *testing.T) {
		_, _, b := shelf(t)
		if err := b.Rollback(well); !errors.Is(err, ErrNothing) {
			t.Errorf("Rollback = %v; want %v", err, ErrNothing)
		}
	})
	t.Run("what was never tried is not the version before", func(t *testing.T) {
		w, m, b := shelf(t)
		must(w, b.Start(t.Context()))
		_, err := install(b, m.bundle)
		must(w, err)
		if err := b.Rollback(well); !errors.Is(err, ErrNothing) {
			t.Errorf("Rollback = %v; want %v", err, ErrNothing)
		}
	})
	t.Run("in a trial", func(t *testing.T) {
		w, m, b := trying(t)
		if !w.live(func() { must(w, b.Rollback(well)) }) {
			t.Fatal("the machine goes on")
		}
		build, slot := w.start()
		b = w.box(build, slot, m.key)
		must(w, b.Start(t.Context()))
		if v := b.Standing(); v.Version != "1.0.0" || v.Last.Why != WhyWanted || v.Failed != 0 {
			t.Errorf("Standing = %+v, %+v; want 1.0.0, as somebody wanted", v, v.Last)
		}
	})
	t.Run("data that it cannot read", func(t *testing.T) {
		w, _, b := trying(t)
		_, err := b.Commit(well)
		must(w, err)
		b.Running.DataFormat = 2
		if v := b.Standing(); v.Before != "" {
			t.Errorf("Standing = %+v; want nothing to go back to", v)
		}
		if err := b.Rollback(well); !errors.Is(err, ErrOldData) {
			t.Errorf("Rollback = %v; want %v", err, ErrOldData)
		}
	})
}

// TestStateDamaged: a state that cannot be read starts nothing on purpose, and the box works.
func TestStateDamaged(t *testing.T) {
	w, m, b := shelf(t)
	for _, text := range []string{"", "{", `{"form":99}`, "\x00\x00"} {
		w.state = []byte(text)
		must(w, b.Start(t.Context()))
		if v := b.Standing(); v.OnTrial || v.Ready != "" || v.Before != "" {
			t.Errorf("with the state %q Standing = %+v", text, v)
		}
		w.state = []byte(text)
		if err := b.Try(well); !errors.Is(err, ErrNothing) {
			t.Errorf("with the state %q Try = %v; want %v", text, err, ErrNothing)
		}
	}
	_, err := install(b, m.bundle)
	must(w, err)
}

func FuzzParseState(f *testing.F) {
	f.Add(State{Trial: &Trial{Slot: "B"}, Held: map[string]Held{"A": {Version: "1.0.0"}}}.encode())
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseState(text)
		if err != nil {
			return
		}
		for _, r := range []Running{{Slot: card.SlotA, Kept: card.SlotA}, {Slot: card.SlotB, Kept: card.SlotA}} {
			if _, then := AtStart(s, r); r.OnTrial() && then.Trial == nil {
				t.Fatal("a slot that is not kept runs, and is not on trial")
			}
		}
	})
}

// TestHandlers: the verbs of the steward, as the box asks for them over its socket.
func TestHandlers(t *testing.T) {
	w, m, b := shelf(t)
	must(w, b.Start(t.Context()))
	var source Source
	handlers := b.Handlers(func(_ context.Context, src Source) (io.ReadCloser, error) {
		source = src
		if src.Name == "none.update" {
			return nil, &steward.Refusal{Key: "stick.gone"}
		}
		return io.NopCloser(bytes.NewReader(m.bundle)), nil
	})
	do := func(verb string, args any) (any, error) {
		raw, err := json.Marshal(args)
		must(w, err)
		return handlers[verb](t.Context(), raw, func(steward.Progress) {})
	}
	refused := func(verb string, args any, key string) {
		t.Helper()
		_, err := do(verb, args)
		if r, ok := errors.AsType[*steward.Refusal](err); !ok || r.Key != key {
			t.Errorf("%s: %v; want %s", verb, err, key)
		}
	}
	refused(steward.VerbTry, well, "update.refuse.nothing")
	refused(steward.VerbUpdate, Source{Stick: "sda1", Name: "none.update"}, "stick.gone")
	held, err := do(steward.VerbUpdate, Source{Stick: "sda1", Name: "jeudi-1.1.0.update"})
	if err != nil || held.(Held).Version != "1.1.0" || source.Name != "jeudi-1.1.0.update" {
		t.Fatalf("update = %+v, %v from %+v", held, err, source)
	}
	if !w.live(func() { do(steward.VerbTry, well) }) || !w.armed {
		t.Fatal("try did not start the machine anew")
	}
	build, slot := w.start()
	b = w.box(build, slot, m.key)
	must(w, b.Start(t.Context()))
	handlers = b.Handlers(nil)
	if v, err := do(steward.VerbCommit, Judgement{Health: Health{Journal: true, Site: true}}); err != nil || !v.(Standing).OnTrial {
		t.Errorf("commit without a page = %+v, %v", v, err)
	}
	if v, err := do(steward.VerbCommit, Judgement{Health: well}); err != nil || v.(Standing).OnTrial || v.(Standing).Last.Told {
		t.Errorf("commit = %+v, %v", v, err)
	}
	if v, err := do(steward.VerbCommit, Judgement{Told: true}); err != nil || !v.(Standing).Last.Told {
		t.Errorf("told = %+v, %v", v, err)
	}
}

// TestRefused: each refusal has its sentence, and what is no refusal stays an error.
func TestRefused(t *testing.T) {
	if err := errors.New("a fault"); Refused(err) != err || Refused(nil) != nil {
		t.Error("an error is taken for a refusal")
	}
	err := Refused(fmt.Errorf("part: %w", ErrDamaged))
	if r, ok := errors.AsType[*steward.Refusal](err); !ok || r.Key != "update.refuse.damaged" {
		t.Errorf("Refused = %v", err)
	}
}
