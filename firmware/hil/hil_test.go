package hil

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
)

var guestDir = flag.String("guest", "", "run on the guest that images/guest/build made in this `folder`")

// limit bounds each step: an emulated processor on a busy machine is slow, and a
// step that hangs must not take the whole test's time.
const limit = 60 * time.Second

// rig is a guest with hands on it.
type rig struct {
	*Machine
	usb, serial *sim.Wire // the printers behind the cables
	plugged     bool      // the printer is at its end of the USB cable
}

// TestBox is one morning of a box with real devices; the machine boots once, and
// the steps build on each other.
func TestBox(t *testing.T) {
	if *guestDir == "" {
		t.Skip("no guest: make hil builds one and runs this")
	}
	for _, name := range []string{"kernel", "initrd"} {
		if _, err := os.Stat(*guestDir + "/" + name); err != nil {
			t.Fatalf("%v; images/guest/build makes it", err)
		}
	}
	begun := time.Now()
	r := &rig{}
	m, err := Start(t.Context(), *guestDir, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	r.Machine = m
	t.Logf("report: the guest is up after %.1f s", time.Since(begun).Seconds())
	r.usb = sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})
	defer r.usb.Close()
	r.serial = sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})
	defer r.serial.Close()
	go Join(m.Serial, r.serial)

	r.steps(t,
		step{"the lines go both ways", testLines},
		step{"real drivers keep their contract", testContract},
		step{"the port's status is the printer's", testPortStatus},
		step{"a panel", testPanel},
		step{"a USB printer", testUSB},
		step{"no screen", testNoScreen},
		step{"a serial printer, and the watchdog", testSerial}, // the last: it ends the machine
	)
}

// step is a part of the morning; those after one that fails are not tried.
type step struct {
	name string
	run  func(*testing.T, *rig)
}

func (r *rig) steps(t *testing.T, steps ...step) {
	for _, s := range steps {
		if !t.Run(s.name, func(t *testing.T) { s.run(t, r) }) {
			return
		}
	}
}

// within is a context for one step.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

func (r *rig) must(t *testing.T, script string) string {
	t.Helper()
	out, err := r.Run(within(t), script)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// until waits for something that tells nobody when it happens.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for ctx := within(t); !ok(); {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %v", what, limit)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// The box ------------------------------------------------------------------

// fourAndExit is the panel of four and the one at the way out, without lamps: the
// chip has eight lines. The last three have the names of lamps.
const fourAndExit = `
[[button]]
action = "previous"
line = "BTN_PREVIOUS"
[[button]]
action = "next"
line = "BTN_NEXT"
[[button]]
action = "ok"
line = "BTN_OK"
[[button]]
action = "repeat"
line = "BTN_REPEAT"
[[button]]
action = "good"
line = "9030000.pl061:5"
[[button]]
action = "fair"
line = "9030000.pl061:6"
[[button]]
action = "bad"
line = "9030000.pl061:7"
`

// sitePanel is the panel of four, three of its buttons with a lamp.
const sitePanel = `
[[button]]
action = "previous"
line = "BTN_PREVIOUS"
lamp = "LED_PREVIOUS"
[[button]]
action = "next"
line = "BTN_NEXT"
lamp = "LED_NEXT"
[[button]]
action = "ok"
line = "BTN_OK"
lamp = "LED_OK"
[[button]]
action = "repeat"
line = "BTN_REPEAT"
`

// siteFile is a site with that printer, and what else it has.
func siteFile(printer, more string) string {
	var b strings.Builder
	b.WriteString(`time_zone = "Europe/Paris"
[place]
name = "Centre social"
[[desk]]
key = "1"
label = "Bureau 1"
roles = ["travailleur_social"]
[[motif]]
key = "caf"
[[motif]]
key = "impots"
[texts]
rules.fr = "Prenez un ticket."
[devices]
panel = "gpio:"
speaker = "sound:hw:Loopback,0,0"
`)
	fmt.Fprintf(&b, "printer = %q\n", printer)
	for _, day := range []string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"} {
		fmt.Fprintf(&b, "[[hours]]\nday = %q\nfrom = \"0:00\"\nuntil = \"23:59\"\n", day)
	}
	return b.String() + more
}

// startBox starts jeudi in the guest with that printer and the panel of four, and
// opens the permanence.
func (r *rig) startBox(t *testing.T, printer string) *box {
	t.Helper()
	return r.startSite(t, siteFile(printer, sitePanel))
}

// startSite starts jeudi in the guest and opens the permanence. The test's end
// stops it, and shows its log if the test failed.
func (r *rig) startSite(t *testing.T, site string) *box {
	t.Helper()
	r.must(t, "cat >/run/site.toml <<'END'\n"+site+"END")
	begun := time.Now()
	r.usb.Tear() // this box's tickets begin at 1 again
	r.serial.Tear()
	r.must(t, `rm -rf /run/data
jeudi run -devices site -site /run/site.toml -data /run/data -listen 127.0.0.1:8080 -watchdog /dev/watchdog0 >/run/jeudi.log 2>&1 &
echo $! >/run/jeudi.pid`)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if _, err := r.Run(ctx, `kill $(cat /run/jeudi.pid); while kill -0 $(cat /run/jeudi.pid) 2>/dev/null; do sleep 0.05; done`); err != nil && !r.off() {
			t.Error(err)
		}
		if out, _ := r.Run(ctx, "cat /run/jeudi.log"); t.Failed() {
			t.Logf("the box said:\n%s", out)
		}
	})
	b := &box{base: "http://" + r.Addr(PortBox)}
	for {
		resp, err := http.Get(b.base + "/healthz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if _, err := r.Run(within(t), "kill -0 $(cat /run/jeudi.pid)"); err != nil || time.Since(begun) > limit {
			t.Fatalf("the box does not start: %v", err)
		}
	}
	t.Logf("the box answers after %.1f s", time.Since(begun).Seconds())
	b.order(t, "open")
	return b
}

// wired waits until the box has its panel: a press before is lost.
func (r *rig) wired(t *testing.T, b *box) *kiosk {
	t.Helper()
	r.must(t, `until grep -q 'BTN_REPEAT *|' /sys/kernel/debug/gpio; do sleep 0.05; done`)
	return b.kiosk(t)
}

func (r *rig) off() bool {
	select {
	case <-r.Exited():
		return true
	default:
		return false
	}
}

// box is jeudi as its clients see it.
type box struct {
	base string
	ids  int
}

// order sends what a desk orders.
func (b *box) order(t *testing.T, do string) {
	t.Helper()
	b.post(t, "/api/desk", map[string]any{"desk": "1", "do": do})
}

// take takes a ticket as another program on the box does, and returns its number.
func (b *box) take(t *testing.T) int {
	t.Helper()
	return b.post(t, "/api/tickets", map[string]any{"motif": "caf", "lang": "fr"})
}

func (b *box) post(t *testing.T, path string, body map[string]any) (number int) {
	t.Helper()
	b.ids++
	body["id"] = fmt.Sprintf("%032x", b.ids)
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(b.base+path, "application/json", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("POST %s %s = %d %s, %v; want 200", path, data, resp.StatusCode, said, err)
	}
	var answer struct{ Number int }
	if err := json.Unmarshal(said, &answer); err != nil {
		t.Fatalf("POST %s %s = %s: %v", path, data, said, err)
	}
	return answer.Number
}

// screen is what the kiosk shows, as far as these tests look.
type screen struct {
	ID        string
	Turn      int
	Focus     string
	Listening bool
	Say       string // what the voice says of it
	Ticket    *struct{ Number int }
}

// kiosk follows the kiosk's screen.
type kiosk struct {
	t *testing.T

	mu   sync.Mutex // one goroutine reads the socket, the test looks
	now  screen
	err  error
	more chan struct{} // closed with each screen
}

func (b *box) kiosk(t *testing.T) *kiosk {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.DialContext(within(t), "ws"+strings.TrimPrefix(b.base, "http")+"/ws/kiosk", http.Header{"Origin": {b.base}})
	if err != nil {
		t.Fatal(err)
	}
	k := &kiosk{t: t, more: make(chan struct{})}
	var reader sync.WaitGroup
	t.Cleanup(func() { conn.Close(); reader.Wait() })
	reader.Go(func() {
		for {
			var s screen
			err := conn.ReadJSON(&s)
			if err == nil && s.ID == "" {
				continue // it only says that it lives
			}
			k.mu.Lock()
			k.now, k.err = s, err
			close(k.more)
			k.more = make(chan struct{})
			k.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	k.await("the first screen", func(s screen) bool { return s.ID != "" })
	return k
}

// await returns the first screen that is as asked.
func (k *kiosk) await(what string, as func(screen) bool) screen {
	k.t.Helper()
	ctx := within(k.t)
	for {
		k.mu.Lock()
		s, err, more := k.now, k.err, k.more
		k.mu.Unlock()
		switch {
		case err != nil:
			k.t.Fatalf("waiting for %s: %v", what, err)
		case as(s):
			return s
		}
		select {
		case <-more:
		case <-ctx.Done():
			k.t.Fatalf("waiting for %s, the kiosk shows %+v", what, s)
		}
	}
}

// shows is the newest screen.
func (k *kiosk) shows() screen { return k.await("a screen", func(screen) bool { return true }) }

// after waits for a screen that is not that turn's.
func (k *kiosk) after(turn int) screen {
	k.t.Helper()
	return k.await("the screen after a press", func(s screen) bool { return s.Turn != turn })
}

// held is how long a finger stays on a button at least, and off it before the next
// press. On a busy host the guest may see nothing of a much shorter one.
const held = 120 * time.Millisecond

// calm is how long nobody presses the same button again: sooner it is a finger that
// trembles, and no press.
const calm = 600 * time.Millisecond

// press presses a button as a finger does, which stays until something happens:
// noticed waits for that. It returns when the button was down. A guest that a busy
// host stops for longer than held would otherwise see nothing.
func (r *rig) press(t *testing.T, line int, noticed func()) time.Time {
	t.Helper()
	at, err := r.Set(line, false)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(held)
	noticed()
	if _, err := r.Set(line, true); err != nil {
		t.Fatal(err)
	}
	time.Sleep(held)
	return at
}

// ticket presses OK, from the first screen on, until the kiosk shows a ticket, and
// returns its number.
func (r *rig) ticket(t *testing.T, k *kiosk) int {
	t.Helper()
	s := k.shows()
	for range 6 {
		r.press(t, OK, func() { s = k.after(s.Turn) })
		if s.Ticket != nil {
			return s.Ticket.Number
		}
		time.Sleep(calm)
	}
	t.Fatalf("six presses of OK lead to no ticket but to %+v", s)
	return 0
}

// printed waits for a ticket's sheet and returns what is on it.
func printed(t *testing.T, wire *sim.Wire, number int) string {
	t.Helper()
	until(t, fmt.Sprintf("ticket %d on paper", number), func() bool { return len(sheetsOf(wire, number)) > 0 })
	return sheetsOf(wire, number)[0]
}

// sheetsOf is what is on the sheets of a ticket, of those not taken yet.
func sheetsOf(wire *sim.Wire, number int) (sheets []string) {
	for _, s := range wire.Sheets() {
		var b strings.Builder
		ours := false
		for _, l := range s.Lines {
			ours = ours || l.Text == fmt.Sprint(number) && l.H >= 4 // the number is what is large
			fmt.Fprintln(&b, l.Text)
		}
		if ours && !s.Taken {
			sheets = append(sheets, b.String())
		}
	}
	return sheets
}

// The devices ----------------------------------------------------------------

func testLines(t *testing.T, r *rig) {
	base := strings.TrimSpace(r.must(t, "cat /sys/class/gpio/gpiochip*/base"))
	for _, line := range []int{Previous, Next, OK, Repeat} {
		in := fmt.Sprintf("cd /sys/class/gpio; n=$((%s+%d)); echo $n >export; cat $(ls -d gpio$n %s 2>/dev/null | head -1)/value; echo $n >unexport",
			base, line, LineNames()[line])
		for _, level := range []bool{false, true} {
			if _, err := r.Set(line, level); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(r.must(t, in)); (got == "1") != level {
				t.Errorf("line %d driven %v reads %q in the guest", line, level, got)
			}
		}
	}
	for _, line := range []int{LampPrevious, LampNext, LampOK} {
		begun := time.Now()
		r.must(t, fmt.Sprintf("cd /sys/class/gpio; n=$((%s+%d)); echo $n >export; cd $(ls -d gpio$n %s 2>/dev/null | head -1); echo low >direction; echo high >direction; echo low >direction; cd ..; echo $n >unexport",
			base, line, LineNames()[line]))
		for _, high := range []bool{true, false} {
			if _, err := r.WaitEdge(within(t), line, high, begun); err != nil {
				t.Error(err)
			}
		}
		if high, err := r.Level(line); err != nil || high {
			t.Errorf("Level(%d) = %v, %v; want low", line, high, err)
		}
	}
}

// testContract runs drivertest in the guest, on its devices.
func testContract(t *testing.T, r *rig) {
	for _, c := range []struct{ test, skip, why string }{
		{"USBPrinter", "unplugged|silence|noise|after_a_fault|the_paper_that",
			"four wait for minutes, which the emulated wire does in no time; testCable pulls the cable"},
		{"GPIOPanel", "unplugged", "the chip cannot be pulled"},
		{"LoopbackSpeaker", "the_jack", "the card has none"},
	} {
		t.Run(c.test, func(t *testing.T) {
			// At once: they spend their time waiting. But the printer's driver gives its
			// printer half a second, in which a busy guest may not get to answer.
			if c.test != "USBPrinter" {
				t.Parallel()
			}
			script := fmt.Sprintf("cd /run; guest.test -test.v -test.run '^Test%s$' -test.skip '/(%s)' -inside", c.test, c.skip)
			out, err := r.Run(within(t), script)
			if err != nil {
				// Promises of some hundred milliseconds cannot be kept by an emulated
				// processor that a busy host stops: once more.
				t.Logf("report: %s needed a second try:\n%s", c.test, out)
				out, err = r.Run(within(t), script)
			}
			passed := strings.Count(out, "    --- PASS: ")
			if err != nil || strings.Contains(out, "--- SKIP") || passed == 0 {
				t.Fatalf("in the guest: %v\n%s", err, out)
			}
			t.Logf("report: %d promises of drivertest kept in the guest; not run there: %s (%s)", passed, c.skip, c.why)
		})
	}
}

// plugUSB puts the emulated printer to its end of the USB cable, for the steps to come.
func (r *rig) plugUSB(t *testing.T) {
	t.Helper()
	if !r.plugged {
		usb, err := r.USB(within(t))
		if err != nil {
			t.Fatal(err)
		}
		r.plugged = true
		go Join(usb, r.usb) // until the machine ends: see the guest command
	}
}

func testPortStatus(t *testing.T, r *rig) {
	r.plugUSB(t)
	for _, want := range []byte{0x18, 0x38} { // all is well; no paper
		if err := r.SetPortStatus(within(t), want); err != nil {
			t.Fatal(err)
		}
		// DLE EOT 1: the answer comes back through the same port.
		if got := r.must(t, "guest lp 100401"); got != fmt.Sprintf("status %02x answer 16\n", want) {
			t.Errorf("with port status %02x: %q; want that status, and the answer 16", want, got)
		}
	}
	if err := r.SetPortStatus(within(t), 0x18); err != nil {
		t.Fatal(err)
	}
}

// testPanel is a box that lacks a line at first.
func testPanel(t *testing.T, r *rig) {
	base := strings.TrimSpace(r.must(t, "cat /sys/class/gpio/gpiochip*/base"))
	r.must(t, fmt.Sprintf("echo $((%s+%d)) >/sys/class/gpio/export", base, OK))
	b := r.startBox(t, "none:")
	r.steps(t,
		step{"a line held by another is named", func(t *testing.T, r *rig) {
			k := b.kiosk(t)
			r.must(t, `until grep -q 'BTN_OK.*in use by.*sysfs' /run/jeudi.log; do sleep 0.1; done`)
			// The box goes on without its panel, and has it once the line is free.
			r.must(t, fmt.Sprintf("echo $((%s+%d)) >/sys/class/gpio/unexport", base, OK))
			turn := k.shows().Turn
			until(t, "the panel works", func() bool {
				r.press(t, Next, func() {})
				return k.shows().Turn != turn
			})
			time.Sleep(calm)
		}},
		step{"a lamp answers a press", func(t *testing.T, r *rig) { testLamp(t, r, r.wired(t, b)) }},
		step{"a contact that bounces is one press", func(t *testing.T, r *rig) { testBounce(t, r, r.wired(t, b)) }},
		step{"a call is heard", func(t *testing.T, r *rig) { testCall(t, r, b) }},
	)
}

func testUSB(t *testing.T, r *rig) {
	r.plugUSB(t)
	r.must(t, "mv /dev/gpiochip0 /run/") // a box may start before udev has its chip
	b := r.startBox(t, "escpos:/dev/usb/lp0")
	r.steps(t,
		step{"a chip that comes late is found", func(t *testing.T, r *rig) {
			r.must(t, `until grep -q 'no GPIO chip' /run/jeudi.log; do sleep 0.1; done; mv /run/gpiochip0 /dev/`)
		}},
		step{"a press takes a ticket that is printed", func(t *testing.T, r *rig) {
			k := r.wired(t, b)
			begun := time.Now()
			n := r.ticket(t, k)
			sheet := printed(t, r.usb, n)
			t.Logf("report: first press to ticket %d cut from the USB printer: %.1f s", n, time.Since(begun).Seconds())
			if !strings.Contains(sheet, "Centre social") {
				t.Errorf("the ticket says\n%s\nwant the place's name on it", sheet)
			}
			if got := r.usb.Strange(); got != 0 {
				t.Errorf("the printer did not know %d commands; want 0", got)
			}
		}},
		step{"a cable that comes and goes", func(t *testing.T, r *rig) { testCable(t, r, b) }},
	)
}

func testLamp(t *testing.T, r *rig, k *kiosk) {
	const presses = 20
	var took []time.Duration
	for i := range presses {
		line, lamp := Next, LampNext
		if i%2 == 1 {
			line, lamp = Previous, LampPrevious
		}
		turn, before := k.shows().Turn, len(r.Edges())
		at := r.press(t, line, func() { k.after(turn) })
		edges := r.Edges()[before:]
		e := slices.IndexFunc(edges, func(e Edge) bool { return e.Line == lamp && e.At.After(at) })
		if e < 0 {
			t.Fatalf("press %d: its lamp did not change; the lamps did: %v", i, edges)
		}
		took = append(took, edges[e].At.Sub(at))
	}
	slices.Sort(took)
	quarter, median, worst := took[presses/4], took[presses/2], took[presses-1]
	t.Logf("report: press → lamp, %d presses: a quarter within %.1f ms, half within %.1f ms, all within %.1f ms", presses, ms(quarter), ms(median), ms(worst))
	// The quicker ones count: a busy host stops the emulated processor, which a box's
	// is not.
	if quarter > 20*time.Millisecond {
		t.Errorf("press → lamp = %.1f ms for the quicker quarter; want at most 20", ms(quarter))
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func testBounce(t *testing.T, r *rig, k *kiosk) {
	time.Sleep(calm)
	for i := range 5 {
		turn := k.shows().Turn
		// A contact that chatters for some milliseconds on its way down, and up.
		for _, down := range []bool{true, false} {
			for range 4 {
				for _, high := range []bool{!down, down} {
					if _, err := r.Set(Next, high); err != nil {
						t.Fatal(err)
					}
					time.Sleep(300 * time.Microsecond)
				}
			}
			if _, err := r.Set(Next, !down); err != nil {
				t.Fatal(err)
			}
			time.Sleep(held)
		}
		if got := k.after(turn).Turn; got != turn+1 {
			t.Errorf("burst %d: %d turns; want 1", i, got-turn)
		}
		time.Sleep(calm) // what comes sooner is no press, whoever makes it
	}
}

func testCable(t *testing.T, r *rig, b *box) {
	printed(t, r.usb, b.take(t))
	const replug = "unplug; plug; until [ -e /dev/usb/lp0 ]; do sleep 0.05; done"
	const tickets, flurry = 5, 10
	for range tickets {
		// The sheet is cut, but perhaps not confirmed yet.
		r.must(t, replug)
		printed(t, r.usb, b.take(t))
	}
	r.must(t, strings.Repeat(replug+"\n", flurry))
	n := b.take(t)
	printed(t, r.usb, n)
	for ticket := 1; ticket <= n; ticket++ {
		if got := len(sheetsOf(r.usb, ticket)); got != 1 {
			t.Errorf("ticket %d is on %d sheets; want 1", ticket, got)
		}
	}
	t.Logf("report: a USB printer pulled and plugged %d times, %d tickets: each on one sheet", tickets+flurry, n)
}

func testSerial(t *testing.T, r *rig) {
	b := r.startBox(t, "escpos:serial:/dev/ttyS0?baud=19200")
	r.steps(t,
		step{"a ticket", func(t *testing.T, r *rig) {
			sheet := printed(t, r.serial, r.ticket(t, r.wired(t, b)))
			if !strings.Contains(sheet, "Centre social") {
				t.Errorf("the ticket says\n%s\nwant the place's name on it", sheet)
			}
			if got := r.serial.Strange(); got != 0 {
				t.Errorf("the printer did not know %d commands; want 0", got)
			}
			if out := r.must(t, "stty -F /dev/ttyS0 2>/dev/null || true"); !strings.Contains(out, "19200") {
				t.Errorf("the port's speed is %q; want 19200", out)
			}
		}},
		step{"the watchdog bites a box that is frozen", testWatchdog},
	)
}

func testWatchdog(t *testing.T, r *rig) {
	timeout := strings.TrimSpace(r.must(t, "cat /sys/class/watchdog/watchdog0/timeout"))
	// That it is fed is shown by the steps before: testCable takes longer than its patience.
	t.Logf("report: memory of the guest, of the box: %s", strings.Join(strings.Fields(r.must(t,
		"grep -E '^(MemTotal|MemAvailable):' /proc/meminfo; grep -E '^(VmHWM|VmRSS):' /proc/$(cat /run/jeudi.pid)/status")), " "))
	r.must(t, "kill -STOP $(cat /run/jeudi.pid)")
	begun := time.Now()
	select {
	case <-r.Exited():
		t.Logf("report: the watchdog (%s s) bit %.1f s after the box was frozen", timeout, time.Since(begun).Seconds())
	case <-time.After(limit):
		t.Fatalf("the watchdog (%s s) did not bite within %v", timeout, limit)
	}
}
