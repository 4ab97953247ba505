package main

import (
	"testing"

	"jeudi/drivers/escpos"
	"jeudi/provisioning/site"
)

// The driver learns how fast its wire is, for how long it waits depends on it.
func TestThePrinterKnowsItsWire(t *testing.T) {
	for address, want := range map[string]int{
		"serial:/dev/ttyAMA0":                       19200, // as uart opens it
		"serial:/dev/ttyAMA0?baud=9600":             9600,
		"serial:/dev/ttyUSB0?flow=rtscts&baud=1200": 1200,
		"/dev/ttyUSB0":                              9600,
		"/dev/serial/by-id/usb":                     9600,
		"/dev/usb/lp0":                              0,
		"tcp:192.168.1.50:9100":                     0,
		"tcp:[::1]:9100":                            0,
	} {
		p, err := newPlugged(address, escpos.Generic80())
		if err != nil {
			t.Errorf("newPlugged(%s) = %v; want nil", address, err)
		} else if got := p.profile.Baud; got != want {
			t.Errorf("newPlugged(%s): Baud = %d; want %d", address, got, want)
		}
	}
}

func TestNoSuchPrinter(t *testing.T) {
	for _, address := range []string{"tcp:192.168.1.50", "tcp:::1:9100", "tcp::9100", "tcp:[::1]", "serial:ttyAMA0", "serial:/dev/ttyAMA0?baud=9601"} {
		if _, err := newPlugged(address, escpos.Generic80()); err == nil {
			t.Errorf("newPlugged(%s) = nil; want an error", address)
		}
	}
}

// What a site says of its printer is what the driver goes by.
func TestProfileOf(t *testing.T) {
	p, err := profileOf(site.Printer{Profile: "csn-a2", Speed: 80, Answers: "nothing"})
	if err != nil || p.Speed != 80 || p.Answers != escpos.AnswersNothing {
		t.Errorf("profileOf() = speed %d, answers %q, %v; want 80, nothing", p.Speed, p.Answers, err)
	}
	if p, err := profileOf(site.Printer{Profile: "csn-a2"}); err != nil || p.Answers != escpos.AnswersUnknown {
		t.Errorf("profileOf(csn-a2) = answers %q, %v; want it asked: it may be wired in both directions", p.Answers, err)
	}
}
