package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
	"jeudi/drivers/escpos"
	"jeudi/drivers/gpiopanel"
	"jeudi/drivers/sim"
	"jeudi/drivers/sound"
)

// inside is set by the test that runs these in the guest, where the devices are.
var inside = flag.Bool("inside", false, "this is the guest")

func needGuest(t *testing.T) {
	t.Helper()
	if !*inside {
		t.Skip("not in the guest: make hil runs this there")
	}
}

// TestUSBPrinter holds the driver to its contract on the kernel's own USB printer,
// with the emulated printer at the other end of the cable. The cable stays in: the
// kernel's f_printer (6.1) corrupts a list when its file is closed that was open
// while the cable was out. The whole box meets the cable.
func TestUSBPrinter(t *testing.T) {
	needGuest(t)
	drivertest.Printer(t, func(t *testing.T, use func(*testing.T, drivertest.PrinterBench)) {
		far, err := os.OpenFile(gadget, os.O_RDWR|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		near, err := os.OpenFile(port, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		wire := sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})
		go io.Copy(wire, far)
		go io.Copy(far, wire)
		p := escpos.New(near, escpos.Generic80())
		t.Cleanup(func() {
			p.Close()
			near.Close()
			wire.Close()
			far.Close()
		})
		use(t, drivertest.PrinterBench{
			Printer: p, FailAfter: wire.FailAfter,
			Set: func(s drivers.Status, on bool) { wire.Set(s, on) },
			Garble: func(on bool) {
				if on {
					wire.Garble(7)
				} else {
					wire.Garble(0)
				}
			},
			Sheets: func() (texts []string) {
				for _, s := range wire.Sheets() {
					if !s.Blank() {
						texts = append(texts, s.Text())
					}
				}
				return texts
			},
		})
	})
}

// TestGPIOPanel holds the panel to its contract on the kernel's PL061 chip. The
// fingers are the host's: it sets a line for each "LINE LEVEL" that comes over the
// second serial port, and answers when it has.
func TestGPIOPanel(t *testing.T) {
	needGuest(t)
	hands, err := os.OpenFile("/dev/ttyS1", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer hands.Close()
	set := func(line int, high bool) {
		level := 0
		if high {
			level = 1
		}
		if _, err := fmt.Fprintf(hands, "%d %d\n", line, level); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(hands, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	lines := map[drivers.Action]int{drivers.Previous: 0, drivers.Next: 1, drivers.OK: 2}
	const loop = 3
	set(loop, false) // whole: the wire goes to ground
	defer set(loop, true)
	drivertest.Panel(t, func(t *testing.T, use func(*testing.T, drivertest.PanelBench)) {
		p, err := gpiopanel.Open(gpiopanel.Config{
			Buttons: []gpiopanel.Button{
				{Action: drivers.Previous, Line: "BTN_PREVIOUS", Lamp: "LED_PREVIOUS"},
				{Action: drivers.Next, Line: "BTN_NEXT", Lamp: "LED_NEXT"},
				{Action: drivers.OK, Line: "BTN_OK", Lamp: "LED_OK"},
			},
			Loop: "9030000.pl061:3", StuckAfter: 5 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		time.Sleep(300 * time.Millisecond) // it looks at its wires
		hold := func(a drivers.Action, down bool) {
			set(lines[a], !down)
			time.Sleep(100 * time.Millisecond)
		}
		use(t, drivertest.PanelBench{
			Panel: p, Actions: []drivers.Action{drivers.Previous, drivers.Next, drivers.OK}, Hold: hold,
			Stick: func(a drivers.Action, on bool) {
				hold(a, on)
				if on {
					time.Sleep(5500 * time.Millisecond)
				}
			},
			// The loop tells that the connector is out, with all of its buttons.
			Break: func(_ drivers.Action, broken bool) {
				set(loop, broken)
				time.Sleep(400 * time.Millisecond)
			},
		})
	})
}

// TestLoopbackSpeaker holds the speaker to its contract on the kernel's loopback card.
func TestLoopbackSpeaker(t *testing.T) {
	needGuest(t)
	drivertest.Speaker(t, func(t *testing.T, use func(*testing.T, drivertest.SpeakerBench)) {
		s, err := sound.Open(sound.Config{Loudspeaker: "hw:Loopback,0,0"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		// The kernel has no jack to put a plug into: the promise is tested with a fake one.
		use(t, drivertest.SpeakerBench{Speaker: s})
	})
}

func TestUsage(t *testing.T) {
	if _, err := os.Stat("/dev/usb/lp0"); err == nil {
		return // there is one
	}
	if err := lp("zz"); err == nil || !strings.Contains(err.Error(), "hex") {
		t.Errorf("lp of what is no hexadecimal = %v; want hex's words", err)
	}
	if err := lp("00"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("lp without a printer = %v; want that it does not exist", err)
	}
}

// TestHeadphoneSwitch checks the bytes that the kernel takes, on a machine with 64
// bits and the low byte first.
func TestHeadphoneSwitch(t *testing.T) {
	if b := inputDevice(strings.Repeat("n", 100)); len(b) != 1116 || b[78] != 'n' || b[79] != 0 {
		t.Errorf("inputDevice() = %d bytes, the name ends with %v; want 1116, and n, 0", len(b), b[78:80])
	}
	for in, want := range map[bool]byte{true: 1, false: 0} {
		b := plugged(in)
		if len(b) != 48 || b[16] != 5 || b[18] != 2 || b[20] != want || b[40] != 0 {
			t.Errorf("plugged(%v) = %v; want EV_SW, SW_HEADPHONE_INSERT, %d, and EV_SYN", in, b, want)
		}
	}
}
