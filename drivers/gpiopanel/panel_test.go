package gpiopanel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
)

// fakePin is a line as gpioioctl makes it: edges queue up to 16 and say nothing of
// their kind, a line that is gone reads Low, does not wait, and only In says so.
type fakePin struct {
	name  string
	edges chan struct{}

	mu      sync.Mutex
	contact gpio.Level // what the outside drives, if connected
	driven  bool
	pull    gpio.Pull
	broken  bool
	dead    chan struct{} // closed when broken
	fails   error         // of In and Out
	outs    []out
	halted  int
	closed  int
	bad     string // a use that the real one would not forgive
}

type out struct {
	at    time.Time
	level gpio.Level
}

var _ gpio.PinIO = (*fakePin)(nil)

func newPin(name string) *fakePin {
	return &fakePin{name: name, edges: make(chan struct{}, 16), dead: make(chan struct{})}
}

func (p *fakePin) level() gpio.Level {
	switch {
	case p.broken:
		return gpio.Low
	case p.driven:
		return p.contact
	}
	return gpio.Level(p.pull == gpio.PullUp)
}

// drive connects the line to a level; let go, it is what the pull makes of it.
func (p *fakePin) drive(l gpio.Level, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.level()
	p.driven, p.contact = on, l
	if p.level() != before {
		select {
		case p.edges <- struct{}{}:
		default: // the kernel's queue is full
		}
	}
}

// ground closes a contact to ground, or opens it.
func (p *fakePin) ground(on bool) { p.drive(gpio.Low, on) }

// bounce closes or opens a contact the way contacts do.
func (p *fakePin) bounce(on bool) {
	for range 12 {
		p.ground(on)
		time.Sleep(150 * time.Microsecond)
		p.ground(!on)
		time.Sleep(100 * time.Microsecond)
	}
	p.ground(on)
}

// vanish takes the chip away.
func (p *fakePin) vanish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.broken {
		p.broken, p.fails = true, errors.New("no such device")
		close(p.dead)
	}
}

func (p *fakePin) In(pull gpio.Pull, edge gpio.Edge) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if edge != gpio.BothEdges {
		p.bad = fmt.Sprint("In with ", edge)
	}
	if p.fails == nil {
		p.pull = pull
	}
	return p.fails
}

func (p *fakePin) Read() gpio.Level {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.level()
}

func (p *fakePin) WaitForEdge(timeout time.Duration) bool {
	if timeout <= 0 || timeout > time.Second {
		p.mu.Lock()
		p.bad = fmt.Sprintf("WaitForEdge(%v)", timeout)
		p.mu.Unlock()
	}
	select {
	case <-p.dead:
		return false
	case <-p.edges:
		return true
	default:
	}
	select {
	case <-p.dead:
		return false
	case <-p.edges:
		return true
	case <-time.After(timeout):
		return false
	}
}

func (p *fakePin) Out(l gpio.Level) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails == nil {
		p.outs = append(p.outs, out{time.Now(), l})
	}
	return p.fails
}

// switched is how often something was put out.
func (p *fakePin) switched() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.outs)
}

// shown is the last level put out, and when.
func (p *fakePin) shown(t *testing.T) out {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.outs) == 0 {
		t.Fatalf("%s: nothing was ever put out", p.name)
	}
	return p.outs[len(p.outs)-1]
}

func (p *fakePin) Halt() error                           { p.mu.Lock(); defer p.mu.Unlock(); p.halted++; return nil }
func (p *fakePin) Close()                                { p.mu.Lock(); defer p.mu.Unlock(); p.closed++ }
func (p *fakePin) Name() string                          { return p.name }
func (p *fakePin) String() string                        { return p.name }
func (p *fakePin) Number() int                           { return -1 }
func (p *fakePin) Function() string                      { return "" }
func (p *fakePin) Pull() gpio.Pull                       { return p.pull }
func (p *fakePin) DefaultPull() gpio.Pull                { return gpio.PullNoChange }
func (p *fakePin) PWM(gpio.Duty, physic.Frequency) error { return errors.New("no PWM") }

// board is a set of fake lines, made as they are asked for.
type board map[string]*fakePin

func (b board) find(line string) (gpio.PinIO, error) {
	if strings.HasPrefix(line, "no") {
		return nil, ErrNoLine
	}
	if b[line] == nil {
		b[line] = newPin(line)
	}
	return b[line], nil
}

// start opens a panel on fake lines and waits until every level is known.
func start(t *testing.T, c Config) (*Panel, board) {
	t.Helper()
	b := board{}
	p, err := New(c, b.find)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	t.Cleanup(func() {
		p.Close()
		for _, pin := range b {
			if pin.bad != "" {
				t.Errorf("%s: %s", pin.name, pin.bad)
			}
		}
	})
	time.Sleep(time.Second)
	return p, b
}

// listen writes down what a watcher hears, with the time since now.
func listen(t *testing.T, p *Panel) (heard func() []string) {
	t.Helper()
	var mu sync.Mutex
	var got []string
	began := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Watch(ctx, func(s drivers.Signal) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, fmt.Sprintf("%v %v %v", time.Since(began).Round(ms), s.Kind, s.Action))
		})
	}()
	t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
	return func() []string {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(got)
	}
}

func four() Config {
	l := Layouts()[1]
	return l.Config()
}

func TestContract(t *testing.T) {
	every := Config{Loop: "loop"}
	for a := range drivers.Action(drivers.Actions) {
		if a != drivers.Staff {
			every.Buttons = append(every.Buttons, Button{Action: a, Line: "b" + a.String(), Lamp: "l" + a.String(), ActiveHigh: a%2 == 1, LampLow: a%3 == 0})
		}
	}
	exit := Layouts()[2].Config()
	exit.Loop = "loop"
	for _, c := range []struct {
		name string
		conf Config
	}{{"every button there is", every}, {"the exit panel", exit}} {
		t.Run(c.name, func(t *testing.T) {
			drivertest.Panel(t, func(t *testing.T, use func(*testing.T, drivertest.PanelBench)) {
				synctest.Test(t, func(t *testing.T) {
					b := board{}
					b.find("loop")
					b["loop"].ground(true)
					p, err := New(c.conf, b.find)
					if err != nil {
						t.Fatal(err)
					}
					defer p.Close()
					time.Sleep(time.Second)
					bench := drivertest.PanelBench{Panel: p}
					line := make(map[drivers.Action]Button)
					for _, x := range c.conf.Buttons {
						bench.Actions = append(bench.Actions, x.Action)
						line[x.Action] = x
					}
					cut := false
					bench.Hold = func(a drivers.Action, down bool) {
						if !cut {
							b[line[a].Line].drive(gpio.Level(line[a].ActiveHigh), down)
						}
						time.Sleep(30 * ms)
					}
					bench.Stick = func(a drivers.Action, on bool) {
						bench.Hold(a, on)
						if on {
							time.Sleep(stuckAfter)
						}
					}
					bench.Break = func(_ drivers.Action, on bool) {
						cut = on
						b["loop"].ground(!on)
						time.Sleep(300 * ms)
					}
					bench.Unplug = func() {
						for _, pin := range b {
							pin.vanish()
						}
					}
					use(t, bench)
				})
			})
		})
	}
}

// A press with bounces, and what the finger sees and the watcher hears.
func TestPressToLamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := four()
		c.Loop = ""
		p, b := start(t, c)
		heard := listen(t, p)
		button, lamp := b["GPIO12"], b["GPIO24"]

		began := time.Now()
		button.bounce(true)
		settled := time.Since(began)
		time.Sleep(100 * ms)
		got := lamp.shown(t)
		if d := got.at.Sub(began); got.level != gpio.High || d > settled+5*ms+ms/2 || d > 20*ms {
			t.Errorf("the lamp was %v %v after a press that bounced for %v; want High within 20 ms", got.level, d, settled)
		}
		time.Sleep(100 * ms)
		if got := lamp.shown(t); got.level != gpio.Low || got.at.Sub(began) < echo {
			t.Errorf("the lamp was %v after %v; want Low after the echo", got.level, got.at.Sub(began))
		}
		button.bounce(false)
		time.Sleep(100 * ms)
		if got, want := heard(), []string{"8ms pressed ok"}; !slices.Equal(got, want) {
			t.Errorf("heard %q; want %q", got, want)
		}
	})
}

func TestWhatIsNoPress(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b board)
	}{
		{"a glitch", func(b board) { b["GPIO12"].ground(true); time.Sleep(3 * ms); b["GPIO12"].ground(false) }},
		{"a thousand glitches, more than the kernel keeps", func(b board) {
			for range 1000 {
				b["GPIO12"].ground(true)
				time.Sleep(10 * time.Microsecond)
				b["GPIO12"].ground(false)
				time.Sleep(10 * time.Microsecond)
			}
		}},
		{"the other lines", func(b board) { b["GPIO24"].ground(true) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, b := start(t, four())
				b["GPIO27"].ground(true) // its loop, closed late: found
				time.Sleep(time.Second)
				heard := listen(t, p)
				c.do(b)
				time.Sleep(time.Second)
				if got := heard(); len(got) != 0 {
					t.Errorf("heard %q; want nothing", got)
				}
			})
		})
	}
}

// An edge that the kernel lost is made good by the bounded wait.
func TestALostEdge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := four()
		c.Loop = ""
		p, b := start(t, c)
		heard := listen(t, p)
		pin := b["GPIO12"]
		pin.mu.Lock()
		pin.driven, pin.contact = true, gpio.Low // and no edge
		pin.mu.Unlock()
		time.Sleep(bound + 10*ms)
		if got := heard(); len(got) != 1 || !strings.HasSuffix(got[0], "pressed ok") {
			t.Errorf("heard %q; want the press, late", got)
		}
	})
}

func TestHeldFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{}
		b.find("ok")
		b["ok"].ground(true)
		p, err := New(Config{Buttons: []Button{{Action: drivers.OK, Line: "ok"}}}, b.find)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		heard := listen(t, p)
		time.Sleep(40 * time.Second)
		b["ok"].ground(false)
		time.Sleep(time.Second)
		if got, want := heard(), []string{"30.015s stuck ok", "40.015s freed ok"}; !slices.Equal(got, want) {
			t.Errorf("heard %q; want %q", got, want)
		}
	})
}

func TestTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Config{Buttons: []Button{{Action: drivers.OK, Line: "ok", Lamp: "lamp"}, {Action: drivers.Next, Line: "next"}}, Loop: "loop"}
		p, b := start(t, c) // the loop is open: the connector is not there
		heard := listen(t, p)
		time.Sleep(time.Second)
		if got, want := heard(), []string{"0s lost ok", "0s lost next"}; !slices.Equal(got, want) {
			t.Errorf("at the start heard %q; want %q", got, want)
		}
		b["loop"].bounce(true)
		b["ok"].ground(true) // somebody leans on it while putting it in
		time.Sleep(time.Second)
		b["ok"].ground(false)
		time.Sleep(time.Second)
		b["ok"].ground(true)
		time.Sleep(time.Second)
		want := []string{"0s lost ok", "0s lost next", "1.203s found ok", "1.203s found next", "3.008s pressed ok"}
		if got := heard(); !slices.Equal(got, want) {
			t.Errorf("then heard %q; want %q", got, want)
		}
	})
}

func TestTheChord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := four()
		c.Loop = ""
		p, b := start(t, c)
		heard := listen(t, p)
		b["GPIO6"].ground(true)
		time.Sleep(500 * ms)
		b["GPIO13"].ground(true)
		time.Sleep(10 * time.Second)
		if got, want := heard(), []string{"5ms pressed previous", "505ms pressed next", "3.505s pressed staff"}; !slices.Equal(got, want) {
			t.Errorf("heard %q; want %q", got, want)
		}
	})
}

// One chip of two goes away: its buttons are lost, the others work.
func TestOneLineGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Config{Buttons: []Button{{Action: drivers.OK, Line: "ok", Lamp: "lamp"}, {Action: drivers.Next, Line: "next"}}, Loop: "loop"}
		b := board{}
		b.find("loop")
		b["loop"].ground(true)
		p, err := New(c, b.find)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		time.Sleep(time.Second)
		heard := listen(t, p)
		b["ok"].vanish()
		b["lamp"].vanish()
		time.Sleep(time.Second)
		b["next"].ground(true)
		time.Sleep(time.Second)
		b["loop"].ground(false)
		time.Sleep(time.Second)
		b["loop"].ground(true)
		time.Sleep(time.Second)
		if got, want := heard(), []string{"10ms lost ok", "1.005s pressed next", "2.02s lost next", "3.2s found next"}; !slices.Equal(dropMS(got), dropMS(want)) {
			t.Errorf("heard %q; want %q", got, want)
		}
		if err := p.Light([drivers.Actions]drivers.Light{drivers.OK: drivers.On}); !errors.Is(err, drivers.ErrUnplugged) || !strings.Contains(err.Error(), "no such device") {
			t.Errorf("Light() = %v; want unplugged, and why", err)
		}
	})
}

func dropMS(s []string) (out []string) {
	for _, x := range s {
		_, rest, _ := strings.Cut(x, " ")
		out = append(out, rest)
	}
	return out
}

func TestLampsFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, b := start(t, Config{Buttons: []Button{{Action: drivers.OK, Lamp: "high"}, {Action: drivers.Help, Lamp: "low", LampLow: true}}})
		at := func(want, wantLow gpio.Level) {
			t.Helper()
			if h, l := b["high"].shown(t).level, b["low"].shown(t).level; h != want || l != wantLow {
				t.Errorf("lines %v and %v; want %v and %v", h, l, want, wantLow)
			}
		}
		at(gpio.Low, gpio.High) // dark from the start
		light := func(l drivers.Light) {
			if err := p.Light([drivers.Actions]drivers.Light{drivers.OK: l, drivers.Help: l}); err != nil {
				t.Errorf("Light(%v) = %v", l, err)
			}
		}
		light(drivers.On)
		at(gpio.High, gpio.Low) // before Light returned
		light(drivers.Blink)
		time.Sleep(700 * ms)
		at(gpio.Low, gpio.High)
		time.Sleep(400 * ms)
		at(gpio.High, gpio.Low)

		n := b["high"].switched()
		light(drivers.Breathe)
		time.Sleep(4 * time.Second)
		if got := b["high"].switched() - n; got < 700 || got > 801 {
			t.Errorf("a breath took %d switches; want two in each of 400 periods", got)
		}
		light(drivers.On)
		n = b["high"].switched()
		time.Sleep(time.Hour)
		if got := b["high"].switched() - n; got != 0 {
			t.Errorf("a steady lamp was switched %d times", got)
		}
		p.Close()
		at(gpio.Low, gpio.High)
	})
}

func TestCloseGivesEverythingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, b := start(t, four())
		p.Light([drivers.Actions]drivers.Light{drivers.OK: drivers.Breathe})
		ended := make(chan error, 1)
		go func() { ended <- p.Watch(t.Context(), func(drivers.Signal) {}) }()
		synctest.Wait()
		began := time.Now()
		if err := p.Close(); err != nil || time.Since(began) > 500*ms {
			t.Errorf("Close() = %v after %v; want nil within 500 ms", err, time.Since(began))
		}
		if err := <-ended; !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Watch() = %v; want unplugged", err)
		}
		for name, pin := range b {
			if pin.halted != 1 || pin.closed != 1 {
				t.Errorf("%s: halted %d times, closed %d; want once", name, pin.halted, pin.closed)
			}
		}
		if got := b["GPIO24"].shown(t); got.level != gpio.Low {
			t.Errorf("a lamp is left %v; want Low", got.level)
		}
		if err := p.Close(); err != nil {
			t.Errorf("a second Close() = %v", err)
		}
		if err := p.Light([drivers.Actions]drivers.Light{}); !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Light() of a closed panel = %v; want unplugged", err)
		}
	})
}

// A watcher that never returns from its call holds up nobody else.
func TestADeafWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := four()
		c.Loop = ""
		p, b := start(t, c)
		over := make(chan struct{})
		t.Cleanup(func() { close(over) })
		go p.Watch(t.Context(), func(drivers.Signal) { <-over })
		heard := listen(t, p)
		for range 5 {
			b["GPIO12"].ground(true)
			time.Sleep(100 * ms)
			b["GPIO12"].ground(false)
			time.Sleep(100 * ms)
		}
		if got := heard(); len(got) != 5 {
			t.Errorf("heard %q; want five presses", got)
		}
		if err := p.Light([drivers.Actions]drivers.Light{drivers.OK: drivers.On}); err != nil {
			t.Errorf("Light() = %v", err)
		}
	})
}

// A line that fails when it is taken gives the others back.
func TestNewFails(t *testing.T) {
	for _, line := range []string{"GPIO6", "GPIO22", "GPIO27"} {
		synctest.Test(t, func(t *testing.T) {
			b := board{}
			b.find(line)
			b[line].fails = errors.New("line_request ioctl: device or resource busy")
			p, err := New(four(), b.find)
			var w *WiringError
			if p != nil || !errors.As(err, &w) || w.Line != line || !strings.Contains(err.Error(), "busy") {
				t.Fatalf("New() = %v, %v; want a wiring error of %s", p, err, line)
			}
			for name, pin := range b {
				if taken := len(pin.outs) > 0 || pin.pull == gpio.PullUp; taken && pin.closed != 1 {
					t.Errorf("%s was taken and not given back", name)
				}
			}
		})
	}
}
