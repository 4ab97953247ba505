package proof

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
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

	if !b.lives(0, "hang-works", patience) {
		t.Fatal("a button changes nothing on the screen before anything hangs")
	}
	old := strings.Fields(b.must(browser + "for p in $(browser); do kill -STOP $p; done; browser"))
	if len(old) < 2 {
		t.Fatalf("Chromium has the processes %v; want some", old)
	}
	begun := time.Now()
	time.Sleep(2 * time.Second) // what was on its way to the screen is there
	if b.lives(0, "hang-hangs", 5*time.Second) {
		t.Error("a browser whose processes are stopped still draws: this test is blind")
	}
	b.until("the box notices", `journalctl -b --no-pager -o cat | grep -q "kiosk stands still; its browser begins anew"`)
	noticed := time.Since(begun)
	b.until("the old browser is gone", "! ls -d /proc/"+strings.Join(old, " /proc/")+" 2>/dev/null | grep -q .")
	b.until("another browser", browser+`[ "$(browser | wc -l)" -ge 2 ]`)
	b.painted("hang-again", page)
	if !b.lives(0, "hang-lives", patience) {
		t.Error("after the browser began anew a button changes nothing on the screen")
	}
	back := time.Since(begun)
	if n := strings.TrimSpace(b.must(`journalctl -b --no-pager -o cat | grep -c "its browser begins anew"`)); n != "1" {
		t.Errorf("the browser was ended %s times; want once", n)
	}
	t.Logf("report: %d processes of Chromium stopped: the box ended them after %.0f s, and the page was there and moved after %.0f s (emulated)", len(old), noticed.Seconds(), back.Seconds())
}

// TestHungService stops the process of jeudi.service where it is: for the kernel it is alive.
// systemd, which its owner's loop feeds no more, must end it and start it again, in the same
// morning.
func TestHungService(t *testing.T) {
	lengthy(t, "it starts a card and waits for a watchdog")
	b := on(t, theCard(t, theSite(false), 64<<20), Power{NoKiosk: true})
	b.healthy()
	b.order("open")
	last := 0
	b.take(2, func(n int) { last = n })
	before := b.desk().Waiting
	if len(before) != 2 {
		t.Fatalf("%d people wait; want 2", len(before))
	}
	old := strings.TrimSpace(b.must(`p=$(systemctl show -P MainPID jeudi); kill -STOP $p; sleep 0.5; grep -q '^State:.T' /proc/$p/status && echo $p`))
	begun := time.Now()
	const hears = "read() { builtin read -t 3 \"$@\"; }\ncase $(ask GET /healthz '' 2>/dev/null) in *200*) echo yes ;; *) echo no ;; esac"
	if said := strings.TrimSpace(b.must(speak + hears)); said != "no" {
		t.Error("a stopped process answers: this test is blind")
	}
	b.until("systemd ends it and starts another", `case $(systemctl show -P MainPID jeudi) in 0 | `+old+`) false ;; *) [ "$(systemctl is-active jeudi)" = active ] ;; esac`)
	b.healthy()
	back := time.Since(begun)
	if n := strings.TrimSpace(b.must(`journalctl -b -u jeudi --no-pager -o cat | grep -c "Watchdog timeout"`)); n != "1" {
		t.Errorf("the watchdog has ended the service %s times; want once", n)
	}
	if after := b.desk(); !slices.Equal(after.Waiting, before) || after.Permanence.Status == "closed" {
		t.Errorf("after it there wait %v, the permanence is %q; want %v, in the same one", after.Waiting, after.Permanence.Status, before)
	}
	b.take(1, func(n int) {
		if n != last+1 {
			t.Errorf("after it the next ticket is %d; want %d", n, last+1)
		}
	})
	t.Logf("report: the process of jeudi.service stopped: ended by its watchdog of 20 s, and the box answers again after %.0f s, the same %d people wait, the next ticket is %d (emulated)", back.Seconds(), len(before), last+1)
}

// stopTheBrowser stops the first browser of a start as soon as it is there, and no other.
const stopTheBrowser = `cat >/newroot/etc/systemd/system/stop.service <<'END'
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/bash /etc/stop
END
cat >/newroot/etc/stop <<'END'
until [ -s /run/stopped ]; do
	while read -r p; do
		read -r name </proc/$p/comm
		case $name in chrom*) kill -STOP $p && echo $p >>/run/stopped ;; esac
	done </sys/fs/cgroup/system.slice/kiosk.service/cgroup.procs
	sleep 0.3
done 2>/dev/null
END
ln -s ../stop.service /newroot/etc/systemd/system/sysinit.target.wants/
`

// TestBrowserThatNeverPaints is a start whose browser stands still before anybody has seen
// anything of it. The box gives it three minutes, ends it, and the page comes.
func TestBrowserThatNeverPaints(t *testing.T) {
	lengthy(t, "the box itself waits three minutes")
	b := on(t, ready(t), Power{Late: stopTheBrowser})
	b.healthy()
	b.until("the browser is stopped", `[ -s /run/stopped ]`)
	old := strings.Fields(b.must("cat /run/stopped"))
	time.Sleep(5 * time.Second) // what was on its way to the screen is there
	for _, p := range old {
		if state := b.must("grep ^State: /proc/" + p + "/status"); !strings.Contains(state, "T") {
			t.Fatalf("the browser is not stopped: %s", state)
		}
	}
	file := b.shot("never-painted")
	if share, _, err := light(file); err != nil || share > 0.5 {
		t.Errorf("a browser that is stopped before it has painted, and %.2f of the screen is light, %v: this test is blind; see %s", share, err, file)
	}
	const anew = "kiosk stands still; its browser begins anew"
	b.until("the box notices", `journalctl -b --no-pager -o cat | grep -q "`+anew+`"`)
	if n := strings.TrimSpace(b.must(`journalctl -b --no-pager -o cat | grep -c "kiosk painted" || true`)); n != "0" {
		t.Errorf("the page has painted %s times before the box noticed: this test is blind", n)
	}
	var noticed, ready float64 // s since the kernel began
	said := b.must(`journalctl -b --no-pager -o short-monotonic | grep -m 1 "` + anew + `" | tr -d '[]' | { read -r at rest; echo $at; }; systemctl show -P ActiveEnterTimestampMonotonic jeudi`)
	if n, err := fmt.Sscan(said, &noticed, &ready); n != 2 {
		t.Fatalf("the log says that the box noticed, and was ready, at %q: %v", said, err)
	}
	ready /= 1e6
	if noticed-ready < 170 {
		t.Errorf("the browser was ended %.0f s after the box was ready; want three minutes, which a slow one may take", noticed-ready)
	}
	b.until("the old browser is gone", "! ls -d /proc/"+strings.Join(old, " /proc/")+" 2>/dev/null | grep -q .")
	b.painted("never-painted-again", page)
	b.until("the page says that it is painted", `journalctl -b --no-pager -o cat | grep -q "kiosk painted"`)
	if n := strings.TrimSpace(b.must(`journalctl -b --no-pager -o cat | grep -c "its browser begins anew"`)); n != "1" {
		t.Errorf("the browser was ended %s times; want once", n)
	}
	t.Logf("report: a browser stopped before its first picture: the box was ready after %.0f s and ended it after %.0f s, the page was there after %.0f s (emulated)", ready, noticed, b.since())
}
