package proof

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/hil"
)

// browser lists Chromium's processes in the guest.
const browser = `browser() { for p in $(cat /sys/fs/cgroup/system.slice/kiosk.service/cgroup.procs); do case $(cat /proc/$p/comm 2>/dev/null) in chrom*) echo $p ;; esac; done; }
`

// TestHungBrowser stops all of Chromium's processes where they are, as a browser that hangs:
// they are alive for systemd, and nobody at the kiosk sees anything new. The box must notice,
// end them, and have the page again.
func TestHungBrowser(t *testing.T) {
	lengthy(t, "a browser's start takes minutes")
	b := on(t, theCard(t, theSite(false), 64<<20), Power{})
	b.healthy()
	b.painted("hang-before", page)
	b.until("the page says that it is painted", `journalctl -b --no-pager -o cat | grep -q "kiosk painted"`)
	b.order("open")

	picture := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(b.shot(name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	// lives reports whether a button still changes what is seen.
	lives := func(name string, within time.Duration) bool {
		t.Helper()
		before := picture(name + "-before")
		for end := time.Now().Add(within); time.Now().Before(end); {
			b.press(hil.OK)
			if !bytes.Equal(before, picture(name+"-after")) {
				return true
			}
		}
		return false
	}
	if !lives("hang-works", patience) {
		t.Fatal("a button changes nothing on the screen before anything hangs")
	}
	old := strings.Fields(b.must(browser + "for p in $(browser); do kill -STOP $p; done; browser"))
	if len(old) < 2 {
		t.Fatalf("Chromium has the processes %v; want some", old)
	}
	begun := time.Now()
	time.Sleep(2 * time.Second) // what was on its way to the screen is there
	if lives("hang-hangs", 5*time.Second) {
		t.Error("a browser whose processes are stopped still draws: this test is blind")
	}
	b.until("the box notices", `journalctl -b --no-pager -o cat | grep -q "kiosk stands still; its browser begins anew"`)
	noticed := time.Since(begun)
	b.until("the old browser is gone", "! ls -d /proc/"+strings.Join(old, " /proc/")+" 2>/dev/null | grep -q .")
	b.until("another browser", browser+`[ "$(browser | wc -l)" -ge 2 ]`)
	b.painted("hang-again", page)
	if !lives("hang-lives", patience) {
		t.Error("after the browser began anew a button changes nothing on the screen")
	}
	back := time.Since(begun)
	if n := strings.TrimSpace(b.must(`journalctl -b --no-pager -o cat | grep -c "its browser begins anew"`)); n != "1" {
		t.Errorf("the browser was ended %s times; want once", n)
	}
	t.Logf("report: %d processes of Chromium stopped: the box ended them after %.0f s, and the page was there and moved after %.0f s (emulated)", len(old), noticed.Seconds(), back.Seconds())
}
