package proof

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestCase53 pulls the screen's cable in the middle of a morning, puts it into the other port,
// and puts a recorder into the port that is free. The page is on one screen alone, whole, and
// it is the one that was connected last: a recorder takes the picture away from the kiosk,
// where everybody sees it, and gives it back when it is pulled.
func TestCase53(t *testing.T) {
	lengthy(t, "a browser's start takes minutes")
	b := on(t, theCard(t, theSite(false), 64<<20), Power{TwoPorts: true})
	cable := func(port int, in bool) {
		t.Helper()
		is, width, height := "disconnected", uint16(0), uint16(0)
		if in {
			is, width, height = "connected", 1280-256*uint16(port), 800-32*uint16(port)
		}
		if err := b.ScreenCable(port, width, height); err != nil {
			t.Fatal(err)
		}
		b.until(fmt.Sprintf("the kernel knows that port %d is %s", port, is),
			fmt.Sprintf(`read -r is </sys/class/drm/card0-Virtual-%d/status && [ "$is" = %s ]`, port+1, is))
	}
	alone := func(port int, name string) {
		t.Helper()
		b.paintedOn(port, name, page)
		time.Sleep(2 * time.Second) // what was on its way to the other one is there
		file := b.shotOf(1-port, name+"-other")
		if share, _, err := light(file); err != nil || share > 0.1 {
			t.Errorf("%s: the page is on port %d, and of the other screen %.2f is light, %v; want nothing there: see %s", name, port, share, err, file)
		}
	}
	lives := func(port int, name string) {
		t.Helper()
		if !b.lives(port, name, patience) {
			t.Errorf("%s: nothing moves on the screen in port %d, whatever is pressed", name, port)
		}
	}

	cable(0, true) // as QEMU begins: what it is told first may not be news
	b.healthy()
	b.painted("cable-before", page)
	b.until("the page says that it is painted", `journalctl -b --no-pager -o cat | grep -q "kiosk painted"`)
	b.order("open")
	alone(0, "cable-one")
	lives(0, "cable-one-lives")

	cable(1, true)
	alone(1, "cable-recorder")
	cable(1, false)
	alone(0, "cable-recorder-gone")
	lives(0, "cable-recorder-gone-lives")

	// Nobody looks, longer than a page may be silent: that is no fault of the browser.
	cable(0, false)
	held := 0
	b.take(1, func(n int) { held = n })
	time.Sleep(2 * time.Minute)
	cable(1, true)
	alone(1, "cable-other-port")
	lives(1, "cable-other-port-lives")
	cable(1, false)
	cable(0, true)
	alone(0, "cable-back")
	lives(0, "cable-back-lives")

	b.take(1, func(n int) {
		if n <= held {
			t.Errorf("with the screen back the next ticket is %d; people hold %d", n, held)
		}
	})
	anew := strings.TrimSpace(b.must(`journalctl -b --no-pager -o cat | grep -c "its browser begins anew" || true; systemctl show -P NRestarts kiosk`))
	if anew != "0\n0" {
		t.Errorf("the browser was ended, and started again, %q times; want 0, 0", anew)
	}
	t.Log("report: the screen pulled for two minutes, put into the other port and back, and a recorder put in: one browser, the page whole on the last one alone")
}
