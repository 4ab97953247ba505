// Package drivertest holds the promises of the hardware contract as tests. Every
// driver, real or simulated, passes them, so that whoever uses one can use any.
//
// A test runs each promise on a fresh bench, which its caller builds and hands to
// use. The caller decides what surrounds it: a synctest bubble, where waits cost
// nothing, or real time for hardware and ptys.
//
//	drivertest.Printer(t, func(t *testing.T, use func(*testing.T, drivertest.PrinterBench)) {
//		synctest.Test(t, func(t *testing.T) {
//			printer, wire := sim.NewPrinter(escpos.Generic80(), 1)
//			t.Cleanup(func() { printer.Close() })
//			use(t, drivertest.PrinterBench{Printer: printer, Set: …, Sheets: …})
//		})
//	})
package drivertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/drivers"
)

// soon is how quickly a call must return once its context has ended.
const soon = 300 * time.Millisecond

// within runs f and fails the test if it takes longer than d.
func within(t *testing.T, d time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(d):
		t.Fatalf("%s did not return within %v", what, d)
	}
}

// A PrinterBench is a printer with hands on it.
type PrinterBench struct {
	Printer drivers.Printer
	// Set puts the printer into a state, or out of it.
	Set func(s drivers.Status, on bool)
	// FailAfter puts it into a state in the midst of printing, after some lines.
	// Nil if that cannot be done.
	FailAfter func(lines int, s drivers.Status)
	// Garble makes the printer answer noise, or ends it. Nil if that cannot be done.
	Garble func(on bool)
	// Sheets returns the text on each sheet cut so far; blank ones are left out.
	Sheets func() []string
	// Gone says that an unplugged printer does not come back: its owner opens a
	// new one.
	Gone bool
}

// doc is a ticket on which every line speaks of its name.
func doc(name string) drivers.Document {
	return drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: name + " début", Size: 2, Bold: true},
		drivers.Rule{},
		drivers.Columns{Cells: []string{name, name}},
		drivers.QR{Data: "https://example.org/" + name},
		drivers.Text{Text: name + " fin"},
	}}
}

// whole reports whether a sheet is doc(name) from its start to its end.
func whole(sheet, name string) bool {
	return strings.HasPrefix(sheet, "42\n") && strings.Count(sheet, "42\n") == 1 &&
		strings.Contains(sheet, name+" début") && strings.HasSuffix(strings.TrimRight(sheet, "\n"), name+" fin")
}

// Printer tests the promises of drivers.Printer.
func Printer(t *testing.T, with func(t *testing.T, use func(*testing.T, PrinterBench))) {
	prints := func(t *testing.T, b PrinterBench, name string) {
		t.Helper()
		before := len(b.Sheets())
		if _, err := b.Printer.Print(t.Context(), doc(name)); err != nil {
			t.Fatalf("Print(%s) = %v; want nil", name, err)
		}
		sheets := b.Sheets()[before:]
		if len(sheets) == 0 || !whole(sheets[len(sheets)-1], name) {
			t.Fatalf("after Print(%s) the last sheet is not that document, whole:\n%q", name, sheets)
		}
	}

	for _, p := range []struct {
		name string
		test func(*testing.T, PrinterBench)
	}{
		{"it prints and confirms", func(t *testing.T, b PrinterBench) {
			prints(t, b, "un")
			prints(t, b, "deux")
			if got := len(b.Sheets()); got != 2 {
				t.Errorf("two documents made %d sheets; want 2: %q", got, b.Sheets())
			}
			if got := b.Printer.Status(t.Context()); got != drivers.Ready {
				t.Errorf("Status() = %v; want ready", got)
			}
		}},
		{"it tells the paper that it took", func(t *testing.T, b PrinterBench) {
			short, err := b.Printer.Print(t.Context(), doc("court"))
			if err != nil || short < 20 || short > 200 {
				t.Errorf("Print() = %d mm, %v; want the length of a ticket", short, err)
			}
			long := doc("long")
			long.Blocks = append(long.Blocks, drivers.Feed{Lines: 20})
			if mm, err := b.Printer.Print(t.Context(), long); err != nil || mm < short+40 {
				t.Errorf("Print() with 20 blank lines more = %d mm, %v; want more than %d", mm, err, short)
			}
			b.Set(drivers.CoverOpen, true)
			if mm, err := b.Printer.Print(t.Context(), doc("perdu")); mm != 0 || err == nil {
				t.Errorf("Print() with the cover open = %d mm, %v; want 0 and an error", mm, err)
			}
			b.Set(drivers.CoverOpen, false)
			if b.FailAfter == nil {
				return
			}
			b.FailAfter(2, drivers.NoPaper)
			if mm, err := b.Printer.Print(t.Context(), long); !errors.Is(err, drivers.ErrNoPaper) || mm <= 0 {
				t.Errorf("Print() when paper ends = %d mm, %v; want some, and no paper", mm, err)
			}
		}},
		{"it prints pictures and cuts between parts", func(t *testing.T, b PrinterBench) {
			pic := drivers.Bitmap{Width: 200, Height: 120, Bits: make([]byte, 25*120)}
			for i := range pic.Bits {
				// The bytes of commands that printers obey at once stand among the dots.
				pic.Bits[i] = []byte{0x10, 0x04, 0x01, 0x10, 0x14, 0x08, 0x1d, 0x56, 0x00}[i%9]
			}
			two := drivers.Document{Blocks: append(append(doc("avant").Blocks, drivers.Image{Dots: pic}, drivers.Cut{}), doc("reste").Blocks...)}
			if _, err := b.Printer.Print(t.Context(), two); err != nil {
				t.Errorf("Print() = %v; want nil", err)
			}
			if got := b.Sheets(); len(got) != 2 || !whole(got[0], "avant") || !whole(got[1], "reste") {
				t.Errorf("two parts made %q; want two sheets", got)
			}
			prints(t, b, "après")
		}},
		{"noise confirms nothing", func(t *testing.T, b PrinterBench) {
			if b.Garble == nil {
				t.Skip("this bench cannot")
			}
			b.Garble(true)
			for i := range 3 {
				name := fmt.Sprint("bruit-", i)
				before := len(b.Sheets())
				if _, err := b.Printer.Print(t.Context(), doc(name)); err != nil {
					continue
				}
				if !slices.ContainsFunc(b.Sheets()[before:], func(s string) bool { return whole(s, name) }) {
					t.Errorf("Print(%s) = nil; it is not on paper: %q", name, b.Sheets()[before:])
				}
			}
			b.Garble(false)
			time.Sleep(3 * time.Second) // until the last noise was heard
			prints(t, b, "après")
		}},
		{"it says what is wrong, prints nothing, then prints whole", func(t *testing.T, b PrinterBench) {
			for _, s := range []drivers.Status{drivers.NoPaper, drivers.CoverOpen, drivers.Overheated, drivers.CutterJammed} {
				before := len(b.Sheets())
				b.Set(s, true)
				if got := b.Printer.Status(t.Context()); got != s {
					t.Errorf("in %v: Status() = %v", s, got)
				}
				if _, err := b.Printer.Print(t.Context(), doc("perdu")); !errors.Is(err, s.Err()) {
					t.Errorf("in %v: Print() = %v; want %v", s, err, s.Err())
				}
				b.Set(s, false)
				prints(t, b, fmt.Sprint("après-", uint8(s)))
				if got := len(b.Sheets()) - before; got != 1 {
					t.Errorf("after %v: %d sheets; want only the new document: %q", s, got, b.Sheets()[before:])
				}
			}
		}},
		{"it prints while paper is low", func(t *testing.T, b PrinterBench) {
			b.Set(drivers.PaperLow, true)
			if got := b.Printer.Status(t.Context()); got != drivers.PaperLow {
				t.Errorf("Status() = %v; want paper_low", got)
			}
			prints(t, b, "bientôt")
		}},
		{"unplugged is unplugged", func(t *testing.T, b PrinterBench) {
			b.Set(drivers.Unplugged, true)
			if got := b.Printer.Status(t.Context()); got != drivers.Unplugged {
				t.Errorf("Status() = %v; want unplugged", got)
			}
			if _, err := b.Printer.Print(t.Context(), doc("perdu")); !errors.Is(err, drivers.ErrUnplugged) {
				t.Errorf("Print() = %v; want unplugged", err)
			}
			if b.Gone {
				return
			}
			b.Set(drivers.Unplugged, false)
			prints(t, b, "rebranché")
		}},
		{"silence is not a fault", func(t *testing.T, b PrinterBench) {
			b.Set(drivers.Mute, true)
			if got := b.Printer.Status(t.Context()); got != drivers.Mute {
				t.Errorf("Status() = %v; want mute", got)
			}
			for _, name := range []string{"un", "deux"} {
				if _, err := b.Printer.Print(t.Context(), doc(name)); !errors.Is(err, drivers.ErrUnknown) {
					t.Errorf("Print(%s) = %v; want %v", name, err, drivers.ErrUnknown)
				}
			}
			if got := b.Sheets(); len(got) != 2 || !whole(got[0], "un") || !whole(got[1], "deux") {
				t.Errorf("a mute printer made %q; want both documents", got)
			}
			b.Set(drivers.Mute, false)
			prints(t, b, "trois")
		}},
		{"an ended context prints nothing", func(t *testing.T, b PrinterBench) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if mm, err := b.Printer.Print(ctx, doc("perdu")); mm != 0 || !errors.Is(err, context.Canceled) {
				t.Errorf("Print() = %d mm, %v; want 0, canceled", mm, err)
			}
			prints(t, b, "un")
			if got := len(b.Sheets()); got != 1 {
				t.Errorf("%d sheets; want 1: %q", got, b.Sheets())
			}
		}},
		{"it returns soon after its context", func(t *testing.T, b PrinterBench) {
			b.Set(drivers.Mute, true) // it would wait long for a confirmation
			var none []string         // of which nothing is on paper, as it was said
			for _, wait := range []time.Duration{0, 10 * time.Millisecond, 700 * time.Millisecond} {
				ctx, cancel := context.WithTimeout(t.Context(), wait)
				name := fmt.Sprint("interrompu-", wait, ".")
				within(t, wait+soon, "Print", func() {
					mm, err := b.Printer.Print(ctx, doc(name))
					if err == nil || errors.Is(err, drivers.ErrUnknown) && mm == 0 {
						t.Errorf("Print() = %d mm, %v; want an error, since nothing was confirmed, and some paper if it was sent", mm, err)
					}
					if mm == 0 {
						none = append(none, name)
					}
				})
				within(t, soon, "Status", func() { b.Printer.Status(ctx) })
				cancel()
			}
			b.Set(drivers.Mute, false)
			prints(t, b, "après")
			for _, sheet := range b.Sheets() {
				for _, name := range none {
					if strings.Contains(sheet, name) {
						t.Errorf("Print(%s) = 0 mm; it is on paper: %q", name, sheet)
					}
				}
			}
		}},
		{"after a fault in the middle the next is whole", func(t *testing.T, b PrinterBench) {
			if b.FailAfter == nil {
				t.Skip("this bench cannot")
			}
			for lines := 1; lines <= 8; lines++ {
				s := drivers.NoPaper
				if lines%2 == 0 {
					s = drivers.CoverOpen
				}
				b.FailAfter(lines, s)
				// The last line may have been the document's last: then it counts.
				mm, err := b.Printer.Print(t.Context(), doc("coupé"))
				if err != nil && (!errors.Is(err, s.Err()) || mm == 0) {
					t.Errorf("%v after %d lines: Print() = %d mm, %v; want some paper, and what is wrong", s, lines, mm, err)
				} else if err == nil && lines < 7 {
					t.Errorf("%v after %d lines: Print() = nil", s, lines)
				}
				b.Set(s, false)
				prints(t, b, fmt.Sprint("après-", lines))
			}
			for _, sheet := range b.Sheets() {
				if strings.Contains(sheet, "coupé") && strings.Contains(sheet, "après") {
					t.Errorf("a leftover shares a sheet with the next document: %q", sheet)
				}
			}
		}},
		{"two at once do not mix", func(t *testing.T, b PrinterBench) {
			names := []string{"alpha", "bravo", "charlie", "delta"}
			var wg sync.WaitGroup
			for _, name := range names {
				wg.Go(func() {
					if _, err := b.Printer.Print(t.Context(), doc(name)); err != nil {
						t.Errorf("Print(%s) = %v; want nil", name, err)
					}
				})
			}
			wg.Wait()
			sheets := b.Sheets()
			for _, name := range names {
				if n := len(slices.DeleteFunc(slices.Clone(sheets), func(s string) bool { return !whole(s, name) })); n != 1 {
					t.Errorf("%s is on %d sheets; want 1: %q", name, n, sheets)
				}
			}
		}},
	} {
		t.Run(p.name, func(t *testing.T) {
			with(t, p.test)
		})
	}
}

// A PanelBench is a panel with fingers on it.
type PanelBench struct {
	Panel drivers.Panel
	// Actions are the buttons that it has, at least three. Nil is all there are.
	Actions []drivers.Action
	// Hold pushes a button down, or lets it go, as a finger does: a driver that
	// debounces is given the time to.
	Hold func(a drivers.Action, down bool)
	// Stick holds a button down for longer than anybody presses, or lets it go. Nil
	// if that cannot be done.
	Stick func(a drivers.Action, on bool)
	// Break breaks a button's wire, with or without those of others, or mends it.
	// Nil if that cannot be done.
	Break func(a drivers.Action, on bool)
	// Unplug pulls the cable. Nil if that cannot be done.
	Unplug func()
}

// Panel tests the promises of drivers.Panel.
func Panel(t *testing.T, with func(t *testing.T, use func(*testing.T, PanelBench))) {
	buttons := func(b PanelBench) []drivers.Action {
		if b.Actions != nil {
			return b.Actions
		}
		var all []drivers.Action
		for a := range drivers.Action(drivers.Actions) {
			all = append(all, a)
		}
		return all
	}
	press := func(b PanelBench, a drivers.Action) {
		b.Hold(a, true)
		b.Hold(a, false)
	}
	pressed := func(as ...drivers.Action) []drivers.Signal {
		var out []drivers.Signal
		for _, a := range as {
			out = append(out, drivers.Signal{Kind: drivers.Pressed, Action: a})
		}
		return out
	}
	// watch starts a Watch and returns its signals and what it returned.
	watch := func(t *testing.T, b PanelBench) (signals chan drivers.Signal, ended chan error, stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		signals, ended = make(chan drivers.Signal, 64), make(chan error, 1)
		go func() { ended <- b.Panel.Watch(ctx, func(s drivers.Signal) { signals <- s }) }()
		time.Sleep(50 * time.Millisecond) // a press that nobody watches is lost
		return signals, ended, cancel
	}
	expect := func(t *testing.T, signals chan drivers.Signal, want ...drivers.Signal) {
		t.Helper()
		for i, w := range want {
			select {
			case got := <-signals:
				if got != w {
					t.Errorf("signal %d = %v %v; want %v %v", i, got.Kind, got.Action, w.Kind, w.Action)
				}
			case <-time.After(time.Second):
				t.Fatalf("signal %d never came; want %v %v", i, w.Kind, w.Action)
			}
		}
		select {
		case got := <-signals:
			t.Errorf("a signal too many: %v %v", got.Kind, got.Action)
		case <-time.After(200 * time.Millisecond):
		}
	}
	// among takes all signals until there are no more; want is one of them, all are
	// of its kind, and no button is named twice.
	among := func(t *testing.T, signals chan drivers.Signal, want drivers.Signal) {
		t.Helper()
		seen := make(map[drivers.Signal]bool)
		for {
			select {
			case got := <-signals:
				if got.Kind != want.Kind || seen[got] {
					t.Errorf("signal %v %v; want each button %v once", got.Kind, got.Action, want.Kind)
				}
				seen[got] = true
				continue
			case <-time.After(time.Second):
			}
			break
		}
		if !seen[want] {
			t.Errorf("no %v %v among %d signals", want.Kind, want.Action, len(seen))
		}
	}

	for _, p := range []struct {
		name string
		test func(*testing.T, PanelBench)
	}{
		{"every button is heard, in order", func(t *testing.T, b PanelBench) {
			signals, _, stop := watch(t, b)
			defer stop()
			for _, a := range buttons(b) {
				press(b, a)
			}
			expect(t, signals, pressed(buttons(b)...)...)
		}},
		{"a held button is one press", func(t *testing.T, b PanelBench) {
			a := buttons(b)[0]
			signals, _, stop := watch(t, b)
			defer stop()
			b.Hold(a, true)
			time.Sleep(2 * time.Second)
			b.Hold(a, false)
			expect(t, signals, pressed(a)...)
			press(b, a)
			expect(t, signals, pressed(a)...)
		}},
		{"while one is held the others are heard", func(t *testing.T, b PanelBench) {
			held, other := buttons(b)[0], buttons(b)[2]
			signals, _, stop := watch(t, b)
			defer stop()
			b.Hold(held, true)
			press(b, other)
			press(b, other)
			b.Hold(held, false)
			expect(t, signals, pressed(held, other, other)...)
		}},
		{"it ends with its context", func(t *testing.T, b PanelBench) {
			signals, ended, stop := watch(t, b)
			stop()
			select {
			case err := <-ended:
				if !errors.Is(err, context.Canceled) {
					t.Errorf("Watch() = %v; want canceled", err)
				}
			case <-time.After(soon):
				t.Fatalf("Watch did not return within %v", soon)
			}
			press(b, buttons(b)[1])
			expect(t, signals)
		}},
		{"it can be watched again", func(t *testing.T, b PanelBench) {
			_, ended, stop := watch(t, b)
			stop()
			<-ended
			press(b, buttons(b)[1])
			signals, _, stop := watch(t, b)
			defer stop()
			expect(t, signals) // what nobody watched is lost
			press(b, buttons(b)[2])
			expect(t, signals, pressed(buttons(b)[2])...)
		}},
		{"its lamps can all be lit", func(t *testing.T, b PanelBench) {
			var lamps [drivers.Actions]drivers.Light
			for _, l := range []drivers.Light{drivers.On, drivers.Blink, drivers.Breathe, drivers.Wink, drivers.Double, drivers.Off} {
				for i := range lamps {
					lamps[i] = l
				}
				if err := b.Panel.Light(lamps); err != nil {
					t.Errorf("Light(%v) = %v; want nil", lamps, err)
				}
			}
		}},
		{"a stuck button is reported, and the rest works", func(t *testing.T, b PanelBench) {
			if b.Stick == nil {
				t.Skip("this bench cannot")
			}
			stuck, other := buttons(b)[0], buttons(b)[1]
			signals, ended, stop := watch(t, b)
			defer func() { stop() }()
			b.Stick(stuck, true)
			expect(t, signals, drivers.Signal{Kind: drivers.Pressed, Action: stuck}, drivers.Signal{Kind: drivers.Stuck, Action: stuck})
			press(b, other)
			expect(t, signals, pressed(other)...)
			stop()
			<-ended

			// It lasts: who watches next hears of it, and of nothing else.
			signals, _, stop = watch(t, b)
			expect(t, signals, drivers.Signal{Kind: drivers.Stuck, Action: stuck})
			press(b, other)
			expect(t, signals, pressed(other)...)
			b.Stick(stuck, false)
			expect(t, signals, drivers.Signal{Kind: drivers.Freed, Action: stuck})
			press(b, stuck)
			expect(t, signals, pressed(stuck)...)
		}},
		{"a broken wire is reported until it is mended", func(t *testing.T, b PanelBench) {
			if b.Break == nil {
				t.Skip("this bench cannot")
			}
			a := buttons(b)[1]
			lost, found := drivers.Signal{Kind: drivers.Lost, Action: a}, drivers.Signal{Kind: drivers.Found, Action: a}
			signals, ended, stop := watch(t, b)
			defer func() { stop() }()
			b.Break(a, true)
			among(t, signals, lost)
			press(b, a)
			expect(t, signals) // through a broken wire nothing comes
			stop()
			<-ended

			signals, _, stop = watch(t, b)
			among(t, signals, lost)
			b.Break(a, false)
			among(t, signals, found)
			press(b, a)
			expect(t, signals, pressed(a)...)
		}},
		{"unplugged is unplugged", func(t *testing.T, b PanelBench) {
			if b.Unplug == nil {
				t.Skip("this bench cannot")
			}
			_, ended, stop := watch(t, b)
			defer stop()
			b.Unplug()
			select {
			case err := <-ended:
				if !errors.Is(err, drivers.ErrUnplugged) {
					t.Errorf("Watch() = %v; want unplugged", err)
				}
			case <-time.After(time.Second):
				t.Fatal("Watch did not notice the cable")
			}
			if err := b.Panel.Light([drivers.Actions]drivers.Light{}); !errors.Is(err, drivers.ErrUnplugged) {
				t.Errorf("Light() = %v; want unplugged", err)
			}
			within(t, soon, "Watch", func() {
				if err := b.Panel.Watch(t.Context(), func(drivers.Signal) {}); !errors.Is(err, drivers.ErrUnplugged) {
					t.Errorf("Watch() = %v; want unplugged", err)
				}
			})
		}},
	} {
		t.Run(p.name, func(t *testing.T) { with(t, p.test) })
	}
}

// A SpeakerBench is a speaker with hands on its jack.
type SpeakerBench struct {
	Speaker drivers.Speaker
	// Plug puts headphones in, or takes them out.
	Plug func(in bool)
}

// Speaker tests the promises of drivers.Speaker. The speaker runs at the speed of
// life.
func Speaker(t *testing.T, with func(t *testing.T, use func(*testing.T, SpeakerBench))) {
	sound := drivers.Sound{Text: "Numéro quarante-deux, bureau deux", PCM: make([]int16, 48000), Volume: 60}
	for _, p := range []struct {
		name string
		test func(*testing.T, SpeakerBench)
	}{
		{"a sound lasts as long as it is", func(t *testing.T, b SpeakerBench) {
			for _, out := range []drivers.Output{drivers.Loudspeaker, drivers.Headphones} {
				start := time.Now()
				if err := b.Speaker.Play(t.Context(), out, sound); err != nil {
					t.Errorf("Play(%v) = %v; want nil", out, err)
				}
				if d := time.Since(start); d < sound.Length() || d > sound.Length()+soon {
					t.Errorf("Play(%v) took %v; want %v", out, d, sound.Length())
				}
			}
		}},
		{"it stops at once", func(t *testing.T, b SpeakerBench) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			start := time.Now()
			if err := b.Speaker.Play(ctx, drivers.Loudspeaker, sound); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Play() = %v; want deadline exceeded", err)
			}
			if d := time.Since(start); d > 200*time.Millisecond {
				t.Errorf("Play() stopped after %v; want 100 ms", d)
			}
			if err := b.Speaker.Play(ctx, drivers.Loudspeaker, sound); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Play() with an ended context = %v; want deadline exceeded", err)
			}
		}},
		{"one sound at a time", func(t *testing.T, b SpeakerBench) {
			start := time.Now()
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					if err := b.Speaker.Play(t.Context(), drivers.Loudspeaker, sound); err != nil {
						t.Errorf("Play() = %v; want nil", err)
					}
				})
			}
			wg.Wait()
			if d := time.Since(start); d < 2*sound.Length() {
				t.Errorf("two sounds took %v; want %v", d, 2*sound.Length())
			}
		}},
		{"after a stop the next is heard at once", func(t *testing.T, b SpeakerBench) {
			short := sound
			short.PCM = short.PCM[:4800]
			for range 3 {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				b.Speaker.Play(ctx, drivers.Loudspeaker, sound)
				cancel()
				start := time.Now()
				if err := b.Speaker.Play(t.Context(), drivers.Loudspeaker, short); err != nil {
					t.Errorf("Play() = %v; want nil", err)
				}
				if d := time.Since(start); d < short.Length() || d > short.Length()+soon {
					t.Errorf("Play() after a stop took %v; want %v", d, short.Length())
				}
			}
		}},
		{"words without samples come to an end", func(t *testing.T, b SpeakerBench) {
			words := drivers.Sound{Text: "Merci", Volume: 60}
			within(t, words.Length()+soon, "Play", func() {
				if err := b.Speaker.Play(t.Context(), drivers.Headphones, words); err != nil {
					t.Errorf("Play() = %v; want nil", err)
				}
			})
		}},
		{"the jack tells", func(t *testing.T, b SpeakerBench) {
			ctx, cancel := context.WithCancel(t.Context())
			states, ended := make(chan bool, 8), make(chan error, 1)
			go func() { ended <- b.Speaker.Jack(ctx, func(in bool) { states <- in }) }()
			for i, want := range []bool{false, true, false} {
				if i > 0 {
					b.Plug(want)
				}
				select {
				case got := <-states:
					if got != want {
						t.Errorf("state %d = %v; want %v", i, got, want)
					}
				case <-time.After(time.Second):
					t.Fatalf("state %d never came; want %v", i, want)
				}
			}
			cancel()
			select {
			case err := <-ended:
				if !errors.Is(err, context.Canceled) {
					t.Errorf("Jack() = %v; want canceled", err)
				}
			case <-time.After(soon):
				t.Fatalf("Jack did not return within %v", soon)
			}
		}},
	} {
		t.Run(p.name, func(t *testing.T) { with(t, p.test) })
	}
}
