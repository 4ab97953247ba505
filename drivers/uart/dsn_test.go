package uart_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	pu "periph.io/x/conn/v3/uart"

	"jeudi/drivers/uart"
)

func ExampleParseDSN() {
	path, c, err := uart.ParseDSN("/dev/ttyAMA0?baud=9600&flow=rtscts")
	fmt.Println(path, c, err)
	_, _, err = uart.ParseDSN("/dev/ttyAMA0?speed=9600")
	fmt.Println(err)
	// Output:
	// /dev/ttyAMA0 baud=9600&data=8&parity=n&stop=1&flow=rtscts <nil>
	// uart: "/dev/ttyAMA0?speed=9600": unknown key "speed"; the keys are baud, data, parity, stop and flow
}

func TestParseDSN(t *testing.T) {
	usual := uart.Config{Baud: 19200, Data: 8, Parity: pu.NoParity, Stop: pu.One, Flow: pu.NoFlow}
	with := func(f func(*uart.Config)) uart.Config { c := usual; f(&c); return c }
	for _, c := range []struct {
		given string
		path  string
		want  uart.Config
		err   string
	}{
		{given: "/dev/ttyAMA0", path: "/dev/ttyAMA0", want: usual},
		{given: "/dev/ttyAMA0?baud=19200&parity=n&stop=1&flow=none&data=8", path: "/dev/ttyAMA0", want: usual},
		{given: "/dev/ttyUSB0?baud=460800", path: "/dev/ttyUSB0", want: with(func(c *uart.Config) { c.Baud = 460800 })},
		{given: "/dev/x?parity=e&data=7&stop=2", path: "/dev/x",
			want: with(func(c *uart.Config) { c.Parity, c.Data, c.Stop = pu.Even, 7, pu.Two })},
		{given: "/dev/x?flow=rtscts&parity=o", path: "/dev/x", want: with(func(c *uart.Config) { c.Flow, c.Parity = pu.RTSCTS, pu.Odd })},
		{given: "/dev/x?flow=xonxoff", path: "/dev/x", want: with(func(c *uart.Config) { c.Flow = pu.MakeXOnXOffFlow(0x11, 0x13) })},
		{given: "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0", path: "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0", want: usual},

		{given: "", err: "write a path such as /dev/ttyAMA0"},
		{given: "?baud=9600", err: "write a path such as /dev/ttyAMA0"},
		{given: "ttyAMA0", err: "must be a whole path"},
		{given: "/dev/tty\x00", err: "control character"},
		{given: "/dev/x?", err: "not key=value"},
		{given: "/dev/x?baud", err: "not key=value"},
		{given: "/dev/x?baud=", err: "want a number"},
		{given: "/dev/x?baud=fast", err: "want a number"},
		{given: "/dev/x?baud=+9600", err: "want a number"},
		{given: "/dev/x?baud=09600", err: "want a number"},
		{given: "/dev/x?baud=9600&baud=9600", err: "twice; keep one"},
		{given: "/dev/x?baud=14400", err: "14400 baud is not supported; use one of 1200 2400 4800 9600 19200"},
		{given: "/dev/x?baud=99999999999999999999", err: "want a number"},
		{given: "/dev/x?parity=mark", err: "use n (none), e (even) or o (odd)"},
		{given: "/dev/x?stop=3", err: "use 1 or 2"},
		{given: "/dev/x?stop=300", err: "use 1 or 2"},
		{given: "/dev/x?data=9", err: "use 8, or 5 to 7"},
		{given: "/dev/x?flow=yes", err: "use none, rtscts or xonxoff"},
		{given: "/dev/x?speed=9600", err: "the keys are baud, data, parity, stop and flow"},
	} {
		path, got, err := uart.ParseDSN(c.given)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), fmt.Sprintf("%q", c.given)) {
				t.Errorf("ParseDSN(%q) = %v; want an error that says %q and names it", c.given, err, c.err)
			}
			continue
		}
		if err != nil || path != c.path || got != c.want {
			t.Errorf("ParseDSN(%q) = %q, %v, %v; want %q, %v", c.given, path, got, err, c.path, c.want)
		}
	}
}

func FuzzParseDSN(f *testing.F) {
	f.Add("/dev/ttyAMA0?baud=19200&parity=n&stop=1&flow=rtscts")
	f.Add("/dev/ttyUSB0?flow=xonxoff&data=7")
	f.Add("/dev/x?=&?&baud=1=2")
	f.Fuzz(func(t *testing.T, s string) {
		path, c, err := uart.ParseDSN(s)
		if err != nil {
			if path != "" || c != (uart.Config{}) {
				t.Errorf("ParseDSN(%q) = %q, %v beside its error", s, path, c)
			}
			return
		}
		if !strings.HasPrefix(s, path) || !strings.HasPrefix(path, "/") {
			t.Errorf("ParseDSN(%q): path %q", s, path)
		}
		if !slices.Contains(uart.Bauds(), c.Baud) {
			t.Errorf("ParseDSN(%q): %d baud", s, c.Baud)
		}
		again := path + "?" + c.String()
		if p, d, err := uart.ParseDSN(again); err != nil || p != path || d != c {
			t.Errorf("ParseDSN(%q) = %q, %v, %v; want %q, %v", again, p, d, err, path, c)
		}
	})
}
