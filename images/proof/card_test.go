package proof

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
	"jeudi/firmware/hil"
	"jeudi/provisioning/card"
)

var (
	cardFile = flag.String("card", "", "prove the card `image` that images/build made")
	shots    = flag.String("shots", "", "`folder` for what the screen showed")
	everyCut = flag.Bool("all", false, "all cuts, and what takes long: make image-test")
)

// patience bounds a step that waits: the processor is emulated, and others use this
// machine too.
const patience = 6 * time.Minute

// roomFor fails a test that would fill the disk: a card that cannot be written looks like one
// that forgets. The log of every write of 80 updates is the most that one test keeps.
func roomFor(t *testing.T, dir string) {
	t.Helper()
	need := uint64(4_000_000_000)
	if *everyCut {
		need = 10_000_000_000
	}
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	if free := st.Bavail * uint64(st.Bsize); free < need {
		t.Fatalf("there are %d MB free where %s is, and the proof needs %d; make room there, or name another folder with TMPDIR", free/1_000_000, dir, need/1_000_000)
	}
}

// theCard is a copy of the card for one test, a little larger than it was made, with that
// site on it.
func theCard(t *testing.T, site string, more int64) string {
	t.Helper()
	if *cardFile == "" {
		t.Skip("no card: make image builds one, and make image-test proves it")
	}
	image := filepath.Join(t.TempDir(), "card.img")
	roomFor(t, filepath.Dir(image))
	if err := CopyCard(*cardFile, image, card.ImageBytes()+more); err != nil {
		t.Fatal(err)
	}
	if site != "" {
		if err := WriteFAT(t.Context(), image, card.SiteFile, []byte(site)); err != nil {
			t.Fatal(err)
		}
	}
	return image
}

// lengthy skips what make image-test alone runs.
func lengthy(t *testing.T, why string) {
	t.Helper()
	if !*everyCut {
		t.Skipf("NOT RUN here: %s; make image-test runs it", why)
	}
}

// theSite is that of a permanence with a printer on the serial port and four buttons. With a
// desk on the network its orders come from paired screens alone; without, from the box.
func theSite(network bool) string {
	var b strings.Builder
	b.WriteString(`time_zone = "Europe/Paris"
[place]
name = "Centre social Les Tilleuls"
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
printer = "escpos:serial:/dev/ttyS0?baud=19200"
panel = "gpio:"
speaker = "none:"
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
`)
	if network {
		fmt.Fprintf(&b, "[network]\nstaff = %q\npublic = %[1]q\n", lanAddress)
	}
	for _, day := range []string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"} {
		fmt.Fprintf(&b, "[[hours]]\nday = %q\nfrom = \"0:00\"\nuntil = \"23:59\"\n", day)
	}
	return b.String()
}

// bench is a box with its printer, on somebody's table.
type bench struct {
	*Box
	t      *testing.T
	begun  time.Time
	paper  *sim.Wire
	ids    int
	prefix int64
}

// clocked writes the console with the seconds since the power came.
type clocked struct {
	begun time.Time
	to    io.Writer
	mu    sync.Mutex // the console and the test write
}

func (c *clocked) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.to, "%6.1f %s", time.Since(c.begun).Seconds(), b)
	return len(b), nil
}

func on(t *testing.T, image string, p Power) *bench {
	t.Helper()
	if p.Firmware.Model == "" {
		p.Firmware.Model = "pi4"
	}
	b := &bench{t: t, begun: time.Now(), prefix: time.Now().UnixNano(), paper: sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})}
	// The test's own context ends before its clean-up, which may want to ask the box.
	box, err := On(context.WithoutCancel(t.Context()), image, p, &clocked{begun: b.begun, to: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	b.Box = box
	go hil.Join(box.Serial, b.paper)
	t.Cleanup(func() {
		if t.Failed() {
			b.tell()
		}
		box.Off()
		b.paper.Close()
	})
	return b
}

// tell shows what the box says of itself, when something went wrong.
func (b *bench) tell() {
	select {
	case <-b.Exited():
		said := b.Said()
		b.t.Logf("the box is off, %v; its last words: %q", b.Exit(), said[max(0, len(said)-500):])
		return
	case <-time.After(time.Second): // its sockets end before it does
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	b.shot("failed")
	if err := b.Shell.Interrupt(); err != nil { // it may be busy with what took too long
		b.t.Logf("the shell: %v", err)
	}
	out, err := b.Shell.Run(ctx, "systemctl --failed --no-pager --plain; systemctl list-jobs --no-pager --plain; systemctl status -n 6 --no-pager jeudi jeudi-firstboot jeudi-steward kiosk; journalctl -b --no-pager -p warning | tail -40; systemd-cgtop -b -n 1 --order=cpu | head -12; ls -l /dev/gpiochip*; df; ip -br addr; mount | grep -E 'data|card'")
	b.t.Logf("the box says, %v:\n%s", err, out)
}

// shot keeps what the screen shows.
func (b *bench) shot(name string) (file string) { return b.shotOf(0, name) }

// shotOf keeps what the screen in that port shows.
func (b *bench) shotOf(port int, name string) (file string) {
	dir := *shots
	if dir == "" {
		dir = b.t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Logf("no picture %s: %v", name, err)
		return ""
	}
	file = filepath.Join(dir, name+".png")
	if err := b.Screen(graphics, port, file); err != nil {
		b.t.Logf("no picture %s: %v", name, err)
		return ""
	}
	return file
}

func (b *bench) within() context.Context {
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	b.t.Cleanup(cancel)
	return ctx
}

func (b *bench) since() float64 { return time.Since(b.begun).Seconds() }

func (b *bench) must(script string) string {
	b.t.Helper()
	out, err := b.Shell.Run(b.within(), script)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// until asks the guest again and again.
func (b *bench) until(what, script string) string {
	b.t.Helper()
	out, err := b.Shell.Run(b.within(), speak+"for i in {1..1000}; do "+script+" && exit 0; sleep 0.5; done; exit 1")
	if err != nil {
		b.t.Fatalf("%s: not within %v: %v", what, patience, err)
	}
	return out
}

// speak is a function of bash that sends a request to the kiosk's own listener, which is on
// the loopback, and prints the status and the body: ask METHOD PATH BODY. It starts no
// other program, which takes an emulated processor a second.
const speak = `ask() {
	exec 3<>/dev/tcp/127.0.0.1/8080 || return 1
	printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >&3
	local line status
	IFS= read -t 60 -r status <&3 || { exec 3>&-; return 1; }
	while IFS= read -t 60 -r line <&3 && [ "$line" != $'\r' ]; do :; done
	IFS= read -t 60 -r line <&3
	exec 3>&-
	echo "${status%$'\r'} $line"
}
`

// healthy waits until the box serves.
func (b *bench) healthy() {
	b.t.Helper()
	b.until("the box answers", `case $(ask GET /healthz '' 2>/dev/null) in *" 200 "*) true ;; *) false ;; esac`)
}

// post sends orders one after the other and tells the number of each answer when it is there.
func (b *bench) post(path string, orders []map[string]any, each func(number int)) {
	b.t.Helper()
	script := speak
	for _, order := range orders {
		b.ids++
		order["id"] = fmt.Sprintf("%016x%016x", b.prefix, b.ids)
		body, err := json.Marshal(order)
		if err != nil {
			b.t.Fatal(err)
		}
		script += fmt.Sprintf("ask POST %s '%s'\n", path, body)
	}
	answers := 0
	said, err := b.Shell.Watch(b.within(), script, func(line string) {
		var answer struct{ Number int }
		if body, ok := strings.CutPrefix(line, "HTTP/1.1 200 OK "); ok && json.Unmarshal([]byte(body), &answer) == nil {
			answers++
			each(answer.Number)
		}
	})
	if err != nil || answers != len(orders) {
		b.t.Fatalf("POST %s: %d of %d orders taken, %v: %s", path, answers, len(orders), err, said)
	}
}

func (b *bench) order(do string) {
	b.t.Helper()
	b.post("/api/desk", []map[string]any{{"desk": "1", "do": do}}, func(int) {})
}

// take takes tickets as another program on the box does, and tells each number.
func (b *bench) take(tickets int, each func(number int)) {
	b.t.Helper()
	orders := make([]map[string]any, tickets)
	for i := range orders {
		orders[i] = map[string]any{"motif": "caf", "lang": "fr"}
	}
	b.post("/api/tickets", orders, each)
}

// sheet is the first sheet that says so, "" when there is none yet.
func (b *bench) sheet(words *regexp.Regexp) string {
	for _, s := range b.paper.Sheets() {
		var text strings.Builder
		for _, l := range s.Lines {
			fmt.Fprintln(&text, l.Text)
		}
		if words.MatchString(text.String()) {
			return text.String()
		}
	}
	return ""
}

// printed waits for a sheet that says so.
func (b *bench) printed(words *regexp.Regexp) string {
	b.t.Helper()
	for ctx := b.within(); ; {
		if text := b.sheet(words); text != "" {
			return text
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("no sheet says %v; there are %d", words, len(b.paper.Sheets()))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// press holds a button down for a moment.
func (b *bench) press(line int) {
	b.t.Helper()
	for _, high := range []bool{false, true} {
		if _, err := b.Set(line, high); err != nil {
			b.t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// local is a request to the kiosk's own listener, and its answer.
func (b *bench) local(path string, body map[string]any) (answer map[string]any) {
	b.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	said := b.must(speak + fmt.Sprintf("ask POST %s '%s'", path, text))
	if got, ok := strings.CutPrefix(said, "HTTP/1.1 200 OK "); !ok || json.Unmarshal([]byte(got), &answer) != nil {
		b.t.Fatalf("POST %s %s: %s", path, text, said)
	}
	return answer
}

// phone is a paired screen on the network.
type phone struct {
	b      *bench
	client *http.Client
}

// pair connects a phone as its owner would, with somebody's yes at the kiosk.
func (b *bench) pair() *phone {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	p := &phone{b, &http.Client{Timeout: 30 * time.Second, Jar: jar, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // its certificate is its own: phones are shown its fingerprint
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, b.Addr(portStaff))
		}}}}
	fragment, _ := b.local("/api/pairing", map[string]any{"do": "offer"})["fragment"].(string)
	token, _, _ := strings.Cut(strings.TrimPrefix(fragment, "#p="), "&fp=")
	claim := p.ask("/api/pair", map[string]any{"do": "claim", "token": token, "role": "travailleur_social"})
	b.local("/api/pairing", map[string]any{"do": "confirm", "number": claim["number"]})
	p.ask("/api/pair", map[string]any{"do": "collect", "claim": claim["claim"]})
	return p
}

// ask sends what a page of the desk would.
func (p *phone) ask(path string, body map[string]any) (answer map[string]any) {
	p.b.t.Helper()
	if path == "/api/desk" {
		p.b.ids++
		body["id"] = fmt.Sprintf("%016x%016x", p.b.prefix, p.b.ids)
	}
	text, err := json.Marshal(body)
	if err != nil {
		p.b.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(p.b.within(), http.MethodPost, "https://"+lanAddress+path, bytes.NewReader(text))
	if err != nil {
		p.b.t.Fatal(err)
	}
	req.Header.Set("Origin", "https://"+lanAddress)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		p.b.t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(said, &answer) != nil {
		p.b.t.Fatalf("POST %s %s = %s %s, %v", path, body["do"], resp.Status, said, err)
	}
	return answer
}

// light is how much of a picture is not dark: 0 to 1, and how many colours it has.
func light(file string) (share float64, colours int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		return 0, 0, err
	}
	seen := map[uint32]bool{}
	r := img.Bounds()
	lit, all := 0, 0
	for y := r.Min.Y; y < r.Max.Y; y += 4 {
		for x := r.Min.X; x < r.Max.X; x += 4 {
			red, green, blue, _ := img.At(x, y).RGBA()
			seen[red>>8<<16|green>>8<<8|blue>>8] = true
			if all++; red+green+blue > 3*0x8000 {
				lit++
			}
		}
	}
	return float64(lit) / float64(all), len(seen), nil
}

// Of how many colours a picture is: the first one of the kiosk's page is an hourglass, the
// page itself is full of pictograms and letters.
const (
	hourglass = 20
	page      = 200
)

// painted waits for a picture that fills the screen: it is light, as all of the kiosk's are,
// while that of the start is dark.
func (b *bench) painted(name string, of int) float64 {
	b.t.Helper()
	return b.paintedOn(0, name, of)
}

// paintedOn waits for such a picture on the screen in that port.
func (b *bench) paintedOn(port int, name string, of int) float64 {
	b.t.Helper()
	ctx := b.within()
	for {
		file := b.shotOf(port, name)
		if share, colours, err := light(file); err == nil && share > 0.5 && colours > of {
			return b.since()
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("no kiosk page within %v: see %s", patience, file)
		case <-time.After(time.Second):
		}
	}
}

// lives reports whether what the screen in that port shows changes while a button is pressed.
func (b *bench) lives(port int, name string, within time.Duration) bool {
	b.t.Helper()
	picture := func(when string) []byte {
		b.t.Helper()
		data, err := os.ReadFile(b.shotOf(port, name+when))
		if err != nil {
			b.t.Fatal(err)
		}
		return data
	}
	before := picture("-before")
	for end := time.Now().Add(within); time.Now().Before(end); {
		b.press(hil.OK)
		if !bytes.Equal(before, picture("-after")) {
			return true
		}
	}
	return false
}

// TestFirstStart is a blank card's first morning, without network and with a clock that
// knows no year.
func TestFirstStart(t *testing.T) {
	image := theCard(t, theSite(true), 1<<30)
	b := on(t, image, Power{Clock: "1970-01-01"})
	b.must("true")
	shell := b.since()
	b.healthy()
	serving := b.since()
	first, whole := b.painted("first-paint", hourglass), b.painted("first-page", page)
	t.Logf("report: first start, no network, 1970: shell %.0f s, the box serves %.0f s, first paint %.0f s, the kiosk's page %.0f s after the power (emulated)", shell, serving, first, whole)
	t.Logf("report: %s", b.breakdown())

	if out := b.must("findmnt -nbo SIZE /data"); !grown(out) {
		t.Errorf("the data partition has %s bytes; want it grown by about 1 GiB", strings.TrimSpace(out))
	}
	if out, _ := b.Shell.Run(b.within(), "systemctl --failed --plain --no-legend"); strings.TrimSpace(out) != "" {
		t.Errorf("units that failed:\n%s", out)
	}
	b.inOrder()
	// The desk over the second card: it opens the permanence.
	if err := b.Cable("eth1", true); err != nil {
		t.Fatal(err)
	}
	plugged := time.Now()
	staff, public := b.reach("https", portStaff), b.reach("http", portPublic)
	t.Logf("report: the desk answers %s, the public page %s, %.1f s after the cable came (DHCP)", staff, public, time.Since(plugged).Seconds())
	desk := b.pair()
	desk.ask("/api/desk", map[string]any{"desk": "1", "do": "open"})

	begun := time.Now()
	one := regexp.MustCompile(`(?m)^ *1 *$`)
	for range 10 {
		b.press(hil.OK)
		time.Sleep(time.Second)
		if b.sheet(one) != "" {
			break
		}
	}
	slip := b.printed(one)
	t.Logf("report: a ticket by buttons, printed on the serial port after %.1f s:\n%s", time.Since(begun).Seconds(), slip)
	b.shot("after-ticket")

	// The plug is pulled. The same morning goes on, for the clock knows no better again.
	b.Off()
	b = on(t, image, Power{Clock: "1970-01-01", NoKiosk: true})
	b.healthy()
	b.take(1, func(n int) {
		if n != 2 {
			t.Errorf("after the cut the next ticket is %d; want 2", n)
		}
	})
}

// breakdown is where the time of a start went.
func (b *bench) breakdown() string {
	b.t.Helper()
	return b.must("export SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0; (cd /run/start && grep . * | tr '\\n' ' '); systemd-analyze --no-pager; systemd-analyze --no-pager blame | head -12; systemd-analyze --no-pager critical-chain kiosk.service | tail -n +4")
}

// defaults makes of our card, in memory, one that starts as Debian's packages want to and
// as kiosk images are commonly made: nothing of Debian's is turned off, and the page waits
// for the network and for all that starts before it. The kernel, its first files and the
// programs are the same.
const defaults = `cd /newroot/etc/systemd
find system system-generators -type l | while read -r link; do
	[ "$(readlink "$link")" != /dev/null ] || rm "$link"
done
rm -f system/sockets.target.wants/jeudi.socket system/multi-user.target.wants/kiosk.service system/NetworkManager.service.d/jeudi.conf
ln -sf /usr/lib/systemd/system/graphical.target system/default.target
mkdir -p system/graphical.target.wants system/network-online.target.wants system/kiosk.service.d system/jeudi.service.d system/sysinit.target.wants
ln -s ../kiosk.service system/graphical.target.wants/
ln -s /usr/lib/systemd/system/NetworkManager-wait-online.service system/network-online.target.wants/
ln -s /usr/lib/systemd/system/systemd-udev-settle.service system/sysinit.target.wants/
printf '[Unit]\nWants=network-online.target\nAfter=network-online.target multi-user.target jeudi.service\n' >system/kiosk.service.d/debian.conf
printf '[Unit]\nWants=network-online.target\nAfter=network-online.target\n[Service]\nSockets=\n' >system/jeudi.service.d/debian.conf
cd /
`

// stages are where the time of a start goes, in seconds: what systemd measured since the
// kernel began, and what was seen from outside since the power.
type stages struct {
	kernel, userspace, service float64 // until systemd begins; from there until all is started; until jeudi.service is ready
	answers, paint, page       float64
}

func (s stages) String() string {
	return fmt.Sprintf("kernel and first files %.1f, systemd after it %.1f, jeudi.service ready at %.1f; from the power: the box answers %.0f, first paint %.0f, the kiosk's page %.0f",
		s.kernel, s.userspace, s.service, s.answers, s.paint, s.page)
}

// inOrder fails where units wait for each other in a circle. systemd then leaves one of them
// out, another one each time: such a start works on some days.
func (b *bench) inOrder() {
	b.t.Helper()
	if out := b.must("journalctl -b --no-pager -o cat | grep -F 'ordering cycle' || true"); out != "" {
		b.t.Errorf("units wait for each other:\n%s", out)
	}
}

// stages follows a start to its end.
func (b *bench) stages(name string) (s stages) {
	b.t.Helper()
	b.healthy()
	s.answers = b.since()
	s.paint, s.page = b.painted(name+"-paint", hourglass), b.painted(name+"-page", page)
	b.inOrder()
	b.until("systemd has started everything", `[ "$(systemctl show -P FinishTimestampMonotonic)" -gt 0 ]`)
	said := b.must("systemctl show -P UserspaceTimestampMonotonic; systemctl show -P FinishTimestampMonotonic; systemctl show -P ActiveEnterTimestampMonotonic jeudi")
	var begun, ended, ready float64 // µs
	if n, err := fmt.Sscan(said, &begun, &ended, &ready); n != 3 || ended <= begun || ready <= begun {
		b.t.Fatalf("systemd says that it began, had started all, and had jeudi ready at %q µs, %v", said, err)
	}
	s.kernel, s.userspace, s.service = begun/1e6, (ended-begun)/1e6, ready/1e6
	return s
}

// TestStartOrder measures what our order of the start is worth.
func TestStartOrder(t *testing.T) {
	lengthy(t, "it compares with another start")
	image := theCard(t, theSite(false), 64<<20)
	begin := func(name, late string) stages {
		b := on(t, image, Power{Clock: "1970-01-01", Late: late})
		s := b.stages(name)
		t.Logf("%s: %v\n%s", name, s, b.breakdown())
		b.Off() // not deferred: a box that failed is asked first
		return s
	}
	begin("first", "") // which makes the box's keys and grows its file system
	ours, theirs := begin("ours", ""), begin("debian", defaults)
	t.Logf("report: a start in our order, in s, emulated: %v", ours)
	t.Logf("report: the same card with what Debian turns on: %v", theirs)
	if theirs.page <= ours.page {
		t.Errorf("with Debian's defaults the page is there after %.0f s, and with our order after %.0f: is it worth having?", theirs.page, ours.page)
	}
}

// grown reports whether a size in bytes is that of a data partition that has grown.
func grown(size string) bool {
	var n int64
	fmt.Sscan(size, &n)
	return n > (card.DataMiB+900)<<20
}

// reach waits until a listener of the box answers from the network, and returns how.
func (b *bench) reach(scheme string, port int) string {
	b.t.Helper()
	client := &http.Client{Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // its certificate is its own: phones are shown its fingerprint
	ctx := b.within()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+b.Addr(port)+"/", nil)
		if err != nil {
			b.t.Fatal(err)
		}
		req.Host = lanAddress
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
			return resp.Status
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("%s on port %d: %v", scheme, port, err)
		case <-time.After(time.Second):
		}
	}
}
