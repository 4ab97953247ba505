package proof

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// usbSays prints the devices of QEMU's at the USB socket, a line for each part of one: what it
// is called, whether it may be driven, and by which driver it is. udev is waited for.
const usbSays = `udevadm settle; for part in /sys/bus/usb/devices/*:*; do
	name=$(cat "${part%:*}/product" 2>/dev/null) || continue
	driver=$(readlink "$part/driver") || driver=/none
	echo "$name: $(cat "$part/authorized") ${driver##*/}"
done
`

// plugged plugs a device into a socket, "1", or "3.2" of the hub there, and waits until the
// guest's kernel has so many of its kind.
func (b *bench) plugged(driver, port, name string, many int, properties map[string]any) {
	b.t.Helper()
	all := map[string]any{"bus": "xhci.0", "port": port}
	for k, v := range properties {
		all[k] = v
	}
	if err := b.PlugUSB(driver, "usb"+port, all); err != nil {
		b.t.Fatal(err)
	}
	if many > 0 {
		b.until(name+" is there", `n=0; for f in /sys/bus/usb/devices/*/product; do [ "$(cat $f 2>/dev/null)" != "`+name+`" ] || n=$((n+1)); done; [ $n -ge `+strconv.Itoa(many)+" ]")
	}
}

// acmPrinter plugs a receipt printer in whose cable is a serial line by USB's own class, as
// many are.
const acmPrinter = `mkdir -p /run/gadgets && mount -t configfs none /run/gadgets
cd /run/gadgets/usb_gadget && mkdir p && cd p
echo 0x0416 >idVendor; echo 0x5011 >idProduct
mkdir strings/0x409 configs/c.1 functions/acm.0
echo Printer >strings/0x409/product
ln -s functions/acm.0 configs/c.1/
echo dummy_udc.0 >UDC
`

// acmAgain switches that printer off and on.
const acmAgain = `good=0
for n in {1..20}; do
	echo >/run/gadgets/usb_gadget/p/UDC
	for i in {1..40}; do [ ! -e /dev/ttyACM0 ] && break; sleep 0.2; done
	echo dummy_udc.0 >/run/gadgets/usb_gadget/p/UDC
	for i in {1..40}; do [ -e /dev/ttyACM0 ] && break; sleep 0.2; done
	[ -e /dev/ttyACM0 ] && good=$((good+1))
done
echo $good of 20
`

// heard is what any of the box's input devices hands out while keys are pressed, in bytes.
func (b *bench) heard() int {
	b.t.Helper()
	b.must(`rm -f /run/heard.*; for d in /dev/input/event*; do [ -e "$d" ] || continue; timeout 6 cat "$d" >/run/heard.${d##*/} 2>/dev/null & done; sleep 1`)
	for range 3 {
		if err := b.Type("a"); err != nil {
			b.t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond) // a person's finger
	}
	said := b.must("sleep 3; cat /run/heard.* 2>/dev/null | wc -c")
	n, err := strconv.Atoi(strings.TrimSpace(said))
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// TestUSB plugs into a running box, and into one that starts, what somebody in the hall may
// have with them: cases 47 and 48 with a real kernel, and the site's own wish.
func TestUSB(t *testing.T) {
	lengthy(t, "it takes two minutes")
	const keyboard, mouse, tablet, network, printer = "QEMU USB Keyboard", "QEMU USB Mouse", "QEMU USB Tablet", "RNDIS/QEMU USB Network Device", "Printer"
	// QEMU has no printer that is a serial line; the guest's kernel plays one.
	files, load := emulated(t, "dummy_hcd", "usb_f_acm")
	disk := carried(t, files)
	for _, tt := range []struct {
		name, site string
		want       map[string]string // by device, what its parts are: a regular expression
		hears      bool
	}{
		{name: "a site without a word of it", want: map[string]string{
			keyboard: "^0 none$", mouse: "^0 none$", tablet: "^1 usbhid$", printer: "^1 cdc_acm$", network: "^0 none$"}},
		{name: "a site that wants a keyboard and its own way out", site: "[usb]\nkeyboard = true\nnetwork = true\n", hears: true, want: map[string]string{
			keyboard: "^1 usbhid$", mouse: "^0 none$", tablet: "^1 usbhid$", printer: "^1 cdc_acm$", network: "^1 (cdc_ether|rndis_host)$"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := on(t, theCard(t, theSite(false)+tt.site, 64<<20), Power{NoKiosk: true, Disks: []string{disk}})
			for _, id := range []string{"net2", "net3"} {
				if err := b.Net(id); err != nil {
					t.Fatal(err)
				}
			}
			// One keyboard and one adapter are in before the box has started.
			b.plugged("usb-kbd", "1", keyboard, 0, nil)
			b.plugged("usb-net", "2", network, 0, map[string]any{"netdev": "net2"})
			b.healthy()
			begun := time.Now()
			b.plugged("usb-hub", "3", "QEMU USB Hub", 1, nil)
			b.plugged("usb-mouse", "3.1", mouse, 1, nil)
			b.plugged("usb-tablet", "3.2", tablet, 1, nil)
			b.plugged("usb-net", "3.3", network, 2, map[string]any{"netdev": "net3"})
			b.plugged("usb-kbd", "3.4", keyboard, 2, nil)
			b.must(carry + load + acmPrinter)
			// What is allowed gets its driver by udev's rules, a moment later: what is not must not
			// have it then either.
			b.must("for i in {1..60}; do [ -e /dev/ttyACM0 ] && break; sleep 0.5; done; sleep 5")
			said := b.must(usbSays)
			seen := map[string]int{}
			for line := range strings.Lines(said) {
				name, is, _ := strings.Cut(strings.TrimSpace(line), ": ")
				want, ours := tt.want[name]
				if !ours {
					continue
				}
				seen[name]++
				if !regexp.MustCompile(want).MatchString(is) {
					t.Errorf("%s is %q; want %s", name, is, want)
				}
			}
			for name := range tt.want {
				if seen[name] == 0 {
					t.Errorf("there is no %s; the box says\n%s", name, said)
				}
			}
			// One that shows only when it speaks what it is has a driver, and nobody reads it.
			for line := range strings.Lines(b.must("for i in /sys/class/input/input*; do echo \"$(cat $i/name): $(cat $i/inhibited)\"; done 2>/dev/null")) {
				name, inhibited, _ := strings.Cut(strings.TrimSpace(line), ": ")
				if strings.Contains(name, tablet) && inhibited != "1" {
					t.Errorf("%s is not silenced: inhibited %s", name, inhibited)
				}
				if strings.Contains(name, keyboard) && inhibited != "0" {
					t.Errorf("%s, which the site wants, is silenced: inhibited %s", name, inhibited)
				}
			}
			// A printer is switched off and on, which the site has no say in: its two parts are one to
			// its driver.
			if !tt.hears {
				there := strings.TrimSpace(b.must(acmAgain))
				if there != "20 of 20" {
					t.Errorf("a printer is switched off and on: its line is there %s times", there)
				}
				t.Logf("report: a printer on a serial line is switched off and on: its line is there %s times", there)
			}
			got := b.heard()
			if (got > 0) != tt.hears {
				t.Errorf("of three keys the box hears %d bytes; want that it hears them: %t", got, tt.hears)
			}
			ports := strings.Fields(b.must("ls /sys/class/net"))
			if want := map[bool]int{false: 3, true: 5}[tt.hears]; len(ports) != want {
				t.Errorf("with two adapters at the USB sockets the box has the ports %v; want %d", ports, want)
			}
			t.Logf("report: %s (in at the start and plugged in later, %.0f s): %s; three keys are %d bytes", tt.name, time.Since(begun).Seconds(), strings.Join(strings.Split(strings.TrimSpace(said), "\n"), ", "), got)
		})
	}
}
