package sim

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
)

// tickets is how many a run prints: one before, one in and one after the fault,
// wherever it is.
const tickets = 3

// ticket is a document of which every part speaks of its number: text, columns, a
// picture and a QR code drawn by the printer.
func ticket(number int, again bool) drivers.Document {
	name := fmt.Sprintf("n%d", number)
	pic := drivers.Bitmap{Width: 96, Height: 8, Bits: make([]byte, 12*8)}
	for i := range pic.Bits {
		pic.Bits[i] = byte(i*number) | 1
	}
	d := drivers.Document{Blocks: []drivers.Block{drivers.Number{Text: name}}}
	if again {
		d.Blocks = append(d.Blocks, drivers.Text{Text: "copie"})
	}
	d.Blocks = append(d.Blocks,
		drivers.Columns{Cells: []string{"Démarche " + name, "œuvre"}},
		drivers.QR{Data: "https://example.org/" + name})
	if number == 2 {
		d.Blocks = append(d.Blocks, drivers.Image{Dots: pic})
	}
	d.Blocks = append(d.Blocks, drivers.Text{Text: name + " fin", Bold: true})
	return d
}

// A machine is a printer to go through faults with.
type machine struct {
	name   string
	quirks Quirks
	cutter bool
	told   escpos.Answers // what its site says of it
}

func (m machine) profile() escpos.Profile {
	p := escpos.Generic80()
	p.NativeQR = true
	p.Cutter, p.Baud, p.Answers = m.cutter, m.quirks.Baud, m.told
	return p
}

var machines = []machine{
	{"says when it has printed", Quirks{}, true, ""},
	{"says when it has read", Quirks{NoFinished: true, Ahead: 3}, true, ""},
	{"says when it has read, cannot forget", Quirks{NoFinished: true, NoDiscard: true, NoRecover: true}, true, ""},
	{"has no cutter and reads ahead", Quirks{NoFinished: true, NoStatus: true, Ahead: 4}, false, ""},
	{"only answers questions", Quirks{NoFinished: true, NoMarker: true, NoStatus: true}, true, ""},
	{"only answers questions, cannot forget", Quirks{NoFinished: true, NoMarker: true, NoStatus: true, NoDiscard: true, NoRecover: true}, true, ""},
	{"answers markers alone", Quirks{NoFinished: true, NoRealtime: true, NoStatus: true}, true, ""},
	{"says nothing", Quirks{NoFinished: true, NoMarker: true, NoStatus: true, NoRealtime: true, NoDiscard: true}, true, ""},
	{"says nothing, and is not asked", Quirks{NoFinished: true, NoMarker: true, NoStatus: true, NoRealtime: true, NoDiscard: true}, true, escpos.AnswersNothing},
	{"says all, and is not asked", Quirks{}, true, escpos.AnswersNothing},
	{"says all, and is asked how it is alone", Quirks{}, true, escpos.AnswersRealtime},
	{"says all, and is not asked when it has printed", Quirks{}, true, escpos.AnswersMarker},
	{"says all, on a slow line", Quirks{Baud: 9600}, true, ""},
}

// A mishap is what goes wrong at a byte, and what mends it later.
type mishap struct {
	name   string
	read   bool // at a byte that the printer reads; else at one that it gets
	held   bool // its wire tells when it is busy
	happen func(b *bout)
	after  time.Duration
	mend   func(b *bout)
	always bool // at every byte of the first machine
}

func state(s drivers.Status) (happen, mend func(*bout)) {
	return func(b *bout) { b.w.set(s, true) }, func(b *bout) { b.w.Set(s, false) }
}

func mishaps() []mishap {
	var all []mishap
	for _, after := range []time.Duration{3 * time.Second, 40 * time.Second} {
		for _, s := range []drivers.Status{drivers.NoPaper, drivers.CoverOpen} {
			happen, mend := state(s)
			all = append(all, mishap{fmt.Sprintf("%v for %v", s, after), true, false, happen, after, mend, s == drivers.NoPaper && after < 10*time.Second})
		}
	}
	dark := func(b *bout) { b.w.power(false) }
	light := func(b *bout) { b.w.Power(true) }
	return append(all,
		mishap{"power lost on USB", false, false,
			func(b *bout) { b.w.power(false); b.cable.cut(syscall.ENODEV) }, 3 * time.Second, light, true},
		mishap{"power lost on a serial line", false, false, dark, 3 * time.Second, light, true},
		mishap{"power lost on a serial line that waits", false, true, dark, 6 * time.Second, light, false},
		mishap{"power lost while it prints", true, false, dark, 3 * time.Second, light, false},
		mishap{"cable pulled", false, false,
			func(b *bout) { b.cable.cut(syscall.ENODEV) }, 3 * time.Second, func(*bout) {}, true},
		mishap{"answers 700 ms late", false, false,
			func(b *bout) { b.w.delay = 700 * time.Millisecond }, time.Minute, func(b *bout) { b.w.Delay(0) }, false},
		mishap{"answers 4 s late", false, false,
			func(b *bout) { b.w.delay = 4 * time.Second }, time.Minute, func(b *bout) { b.w.Delay(0) }, false},
		mishap{"answers garbage", false, false,
			func(b *bout) { b.w.garble(uint64(b.at)) }, time.Minute, func(b *bout) { b.w.Garble(0) }, false},
		mishap{"falls silent", false, false,
			func(b *bout) { b.w.set(drivers.Mute, true) }, time.Minute, func(b *bout) { b.w.Set(drivers.Mute, false) }, false},
	)
}

// A bout is three tickets and one mishap.
type bout struct {
	w       *Wire
	cable   *Cable // the one plugged in now
	printer drivers.Printer
	again   func(io.ReadWriter) drivers.Printer // the driver on a cable plugged in anew
	mended  atomic.Bool
	at      int

	lost, twice, halves, unknown int
	why                          []string
}

func (b *bout) say(format string, args ...any) { b.why = append(b.why, fmt.Sprintf(format, args...)) }

// morning does what the appliance does: it prints; after an error it waits until
// the printer is well again and prints the same number, as a copy if anything of it
// may be on paper; what is unknown
// it prints again, as a copy, only for a visitor who comes and asks.
func (b *bout) morning(ctx context.Context, whole func(Sheet) []printing) {
	// count is how often a ticket is on paper, and how often without being marked as
	// a copy.
	count := func(number int) (n, unmarked int) {
		for _, s := range append(b.w.Sheets(), b.w.Hanging()) {
			for _, p := range whole(s) {
				if p.number == number {
					if n++; !p.again {
						unmarked++
					}
				}
			}
		}
		return n, unmarked
	}
	// alone reports whether such a printing has a sheet to itself.
	alone := func(p printing) bool {
		for _, s := range append(b.w.Sheets(), b.w.Hanging()) {
			if slices.Contains(whole(s), p) && (!b.w.profile.Cutter || strings.Count(s.Text(), "\nDémarche") == 1) {
				return true
			}
		}
		return false
	}
	for number := 1; number <= tickets; number++ {
		again := false
		for tries := 0; ; tries++ {
			mm, err := b.printer.Print(ctx, ticket(number, again))
			b.say("ticket %d, copy %v: %d mm, %v", number, again, mm, err)
			if err == nil {
				if !alone(printing{number, again}) {
					time.Sleep(20 * time.Second) // garbage may have been a confirmation
				}
				if !alone(printing{number, again}) {
					b.halves++
					b.say("that was taken for whole")
				}
				break
			}
			if errors.Is(err, drivers.ErrUnplugged) {
				b.cable = b.w.Cable()
				b.printer = b.again(b.cable)
			}
			if errors.Is(err, drivers.ErrUnknown) {
				b.unknown++
				time.Sleep(30 * time.Second) // the visitor waits, then comes and asks
				if n, _ := count(number); n > 0 {
					break
				}
			}
			if tries == 5 {
				b.say("given up")
				break
			}
			for range 60 { // until somebody has mended it
				time.Sleep(10 * time.Second)
				if b.printer.Status(ctx).Err() == nil && b.mended.Load() {
					break
				}
			}
			// Without a word on paper the next is no copy.
			again = again || mm > 0
		}
	}
	time.Sleep(time.Minute)
	for number := 1; number <= tickets; number++ {
		n, unmarked := count(number)
		if n == 0 {
			b.lost++
		}
		if unmarked > 1 {
			b.twice++
		}
	}
	for _, s := range b.w.Sheets() {
		b.say("sheet %q", s.Text())
	}
}

// printing is a ticket on paper, whole.
type printing struct {
	number int
	again  bool // marked as a copy
}

// references finds whole tickets on paper: they have every line, in order.
func references(t *testing.T, m machine) func(Sheet) []printing {
	want := make(map[printing][]Line)
	for number := 1; number <= tickets; number++ {
		for _, again := range []bool{false, true} {
			lines, _, strange := read(m.profile(), escpos.Encode(ticket(number, again), m.profile()))
			if strange > 0 {
				t.Fatalf("ticket %d holds commands that no printer knows", number)
			}
			want[printing{number, again}] = lines
		}
	}
	return func(s Sheet) (found []printing) {
		for p, lines := range want {
			for i := range max(0, len(s.Lines)-len(lines)+1) {
				if slices.Equal(s.Lines[i:i+len(lines)], lines) {
					found = append(found, p)
				}
			}
		}
		return found
	}
}

type driver func(io.ReadWriter, escpos.Profile) (drivers.Printer, func(io.ReadWriter) drivers.Printer)

func careful(wire io.ReadWriter, p escpos.Profile) (drivers.Printer, func(io.ReadWriter) drivers.Printer) {
	pr := escpos.New(wire, p)
	return pr, func(wire io.ReadWriter) drivers.Printer { pr = pr.Anew(wire); return pr }
}

// goThrough has one bout; at 0 nothing goes wrong, and it tells how many bytes there are.
func goThrough(t *testing.T, m machine, h mishap, at int, with driver, whole func(Sheet) []printing) (b *bout, received, read int) {
	b = &bout{at: at}
	synctest.Test(t, func(t *testing.T) {
		q := m.quirks
		q.Held = h.held
		b.w = NewWire(m.profile(), 1, q)
		defer b.w.Close()
		b.cable = b.w.Cable()
		b.printer, b.again = with(b.cable, m.profile())
		defer func() {
			if c, ok := b.printer.(io.Closer); ok {
				c.Close()
			}
		}()
		if at > 0 {
			happen := trip{do: func() {
				h.happen(b)
				time.AfterFunc(h.after, func() { h.mend(b); b.mended.Store(true) })
			}}
			if h.read {
				happen.read = at
			} else {
				happen.received = at
			}
			b.w.mu.Lock()
			b.w.trip = happen
			b.w.mu.Unlock()
		} else {
			b.mended.Store(true)
		}
		b.morning(t.Context(), whole)
		b.w.mu.Lock()
		received, read = b.w.received, b.w.read
		b.w.mu.Unlock()
	})
	return b, received, read
}

// figures add up what bouts came to.
type figures struct {
	mu                                  sync.Mutex
	bouts, lost, twice, halves, unknown int
}

func (f *figures) add(b *bout) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bouts++
	f.lost += b.lost
	f.twice += b.twice
	f.halves += b.halves
	f.unknown += b.unknown
}

// Beyond the first machine, and beyond the end of the paper, of the power and of the
// cable, a bout at each byte would take minutes: these are sampled, at other
// bytes for each. With -every they are not.
var every = flag.Bool("every", false, "have each mishap at each byte of each machine")

const sampled = 41

// Whatever goes wrong, and at whichever byte of three tickets: none is lost, none
// comes out twice without saying so, and no half is taken for a whole.
func TestFaultsAtEveryByte(t *testing.T) {
	var all, samples figures
	t.Run("all", func(t *testing.T) {
		for i, m := range machines {
			for j, h := range mishaps() {
				t.Run(m.name+"/"+h.name, func(t *testing.T) {
					t.Parallel()
					step, sum := sampled, &samples
					if i == 0 && h.always || *every {
						step, sum = 1, &all
					}
					whole := references(t, m)
					clean, received, read := goThrough(t, m, h, 0, careful, whole)
					if clean.lost+clean.twice+clean.halves > 0 || clean.unknown > 0 && !(m.quirks.NoMarker && m.quirks.NoRealtime || m.told == escpos.AnswersNothing) {
						t.Fatalf("with nothing wrong: %v", clean.why)
					}
					bytes := received
					if h.read {
						bytes = read
					}
					for at := 1 + (5*i+3*j)%step; at <= bytes; at += step {
						b, _, _ := goThrough(t, m, h, at, careful, whole)
						sum.add(b)
						if b.lost+b.twice+b.halves > 0 {
							t.Fatalf("at byte %d of %d: %d lost, %d twice, %d halves\n%s", at, bytes, b.lost, b.twice, b.halves, strings.Join(b.why, "\n"))
						}
					}
				})
			}
		}
	})
	t.Logf("report: %d faults injected at every byte of three tickets, and %d at one byte in %d of %d other pairs of printer and fault: %d lost, %d unmarked duplicates, %d halves taken for whole; %d times the driver said that it did not know",
		all.bouts, samples.bouts, sampled, len(machines)*len(mishaps())-4, all.lost+samples.lost, all.twice+samples.twice, all.halves+samples.halves, all.unknown+samples.unknown)
}

// naive is what most libraries do: write, and hope.
type naive struct {
	wire    io.Writer
	profile escpos.Profile
}

func (n *naive) Print(_ context.Context, d drivers.Document) (int, error) {
	if _, err := n.wire.Write(escpos.Encode(d, n.profile)); err != nil {
		return 0, fmt.Errorf("%w: %w", drivers.ErrUnplugged, err)
	}
	time.Sleep(2 * time.Second)
	return 0, nil
}

func (n *naive) Status(context.Context) drivers.Status { return drivers.Mute }

// The same bouts find fault with a driver that neither asks nor clears: were it not
// so, they would prove nothing.
func TestFaultsFindANaiveDriver(t *testing.T) {
	var sum figures
	m := machines[0]
	whole := references(t, m)
	for _, h := range mishaps() {
		if !h.always {
			continue
		}
		_, received, _ := goThrough(t, m, mishap{}, 0, careful, whole)
		for at := 1; at <= received-100; at += 41 {
			b, _, _ := goThrough(t, m, h, at, func(wire io.ReadWriter, p escpos.Profile) (drivers.Printer, func(io.ReadWriter) drivers.Printer) {
				return &naive{wire, p}, func(wire io.ReadWriter) drivers.Printer { return &naive{wire, p} }
			}, whole)
			sum.add(b)
		}
	}
	if sum.lost == 0 || sum.halves == 0 {
		t.Errorf("a driver that hopes: %d lost, %d halves of %d bouts; want some of each", sum.lost, sum.halves, sum.bouts)
	}
	t.Logf("report: a driver that writes and hopes, through %d of these faults: %d tickets lost, %d halves taken for whole",
		sum.bouts, sum.lost, sum.halves)
}
