package uart

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"periph.io/x/conn/v3/uart"
)

// Config is how a line speaks. A zero field is its default.
type Config struct {
	// Baud is one of Bauds; the default is 19200, the speed of most small receipt
	// printers. Both ends must agree, or all that arrives is nonsense.
	Baud int
	// Data is the bits of a character, 5 to 8; the default is 8.
	Data int
	// Parity is uart.NoParity (the default), uart.Even or uart.Odd.
	Parity uart.Parity
	// Stop is uart.One (the default) or uart.Two.
	Stop uart.Stop
	// Flow is uart.NoFlow (the default), uart.RTSCTS, uart.XOnXOff or what
	// uart.MakeXOnXOffFlow returns. With XON/XOFF those two bytes never reach the
	// reader: fit for a printer, which never sends them as data.
	Flow uart.Flow
}

// The bits of a uart.Flow that say which it is; below them are XON and XOFF.
const flowKind = uart.NoFlow | uart.XOnXOff | uart.RTSCTS

// The bytes of XON/XOFF unless a Flow names others: DC1 and DC3 of ASCII.
const xon, xoff = 0x11, 0x13

// Bauds returns the speeds that Config.Baud may have, slowest first.
func Bauds() []int {
	return []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800}
}

// whole is c with its defaults filled in, or the first thing that is wrong with it.
func (c Config) whole() (Config, error) {
	if c.Baud == 0 {
		c.Baud = 19200
	}
	if c.Data == 0 {
		c.Data = 8
	}
	if c.Parity == 0 {
		c.Parity = uart.NoParity
	}
	if c.Stop == 0 {
		c.Stop = uart.One
	}
	if c.Flow == 0 {
		c.Flow = uart.NoFlow
	}
	if c.Flow == uart.XOnXOff {
		c.Flow = uart.MakeXOnXOffFlow(xon, xoff)
	}
	if !slices.Contains(Bauds(), c.Baud) {
		return c, fmt.Errorf("a speed of %d baud is not supported; use one of %s", c.Baud, strings.Trim(fmt.Sprint(Bauds()), "[]"))
	}
	if c.Data < 5 || c.Data > 8 {
		return c, fmt.Errorf("%d data bits are not supported; use 8, or 5 to 7", c.Data)
	}
	if c.Parity != uart.NoParity && c.Parity != uart.Even && c.Parity != uart.Odd {
		return c, fmt.Errorf("parity %q is not supported; use n (none), e (even) or o (odd)", rune(c.Parity))
	}
	if c.Stop != uart.One && c.Stop != uart.Two {
		return c, fmt.Errorf("stop bits %d are not supported; use 1 or 2", c.Stop)
	}
	if k := c.Flow & flowKind; k != uart.NoFlow && k != uart.RTSCTS && k != uart.XOnXOff {
		return c, fmt.Errorf("flow control %v is not supported; use none, rtscts or xonxoff", c.Flow)
	}
	return c, nil
}

// String is c as ParseDSN reads it, defaults included.
func (c Config) String() string {
	c, err := c.whole()
	if err != nil {
		return err.Error()
	}
	flow := "none"
	switch c.Flow & flowKind {
	case uart.RTSCTS:
		flow = "rtscts"
	case uart.XOnXOff:
		flow = "xonxoff"
	}
	return fmt.Sprintf("baud=%d&data=%d&parity=%s&stop=%d&flow=%s", c.Baud, c.Data, strings.ToLower(string(rune(c.Parity))), c.Stop, flow)
}

// ParseDSN reads a port as a site's configuration writes it: the path of a
// terminal, then "?" and settings joined by "&", each at most once:
//
//	/dev/ttyAMA0?baud=19200&data=8&parity=n&stop=1&flow=rtscts
//
// parity is n, e or o, flow is none, rtscts or xonxoff. The values above, with
// flow=none, are the defaults. An error says what to write instead.
func ParseDSN(s string) (path string, c Config, err error) {
	path, settings, some := strings.Cut(s, "?")
	wrong := func(format string, args ...any) (string, Config, error) {
		return "", Config{}, fmt.Errorf("uart: %q: "+format, append([]any{s}, args...)...)
	}
	switch {
	case path == "":
		return wrong("no port; write a path such as /dev/ttyAMA0")
	case !strings.HasPrefix(path, "/"):
		return wrong("the port must be a whole path such as /dev/ttyAMA0")
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return wrong("the path holds a control character")
	}
	seen := make(map[string]bool)
	for setting := range strings.SplitSeq(settings, "&") {
		if !some {
			break
		}
		key, value, ok := strings.Cut(setting, "=")
		if !ok {
			return wrong("%q is not key=value, as in baud=19200", setting)
		}
		if seen[key] {
			return wrong("%s is there twice; keep one", key)
		}
		seen[key] = true
		switch key {
		case "baud":
			c.Baud, err = number(value)
		case "data":
			c.Data, err = number(value)
		case "stop":
			var n int
			n, err = number(value)
			c.Stop = uart.Stop(min(n, 100)) // as whole() will say: 1 or 2
		case "parity":
			switch value {
			case "n", "e", "o":
				c.Parity = uart.Parity(strings.ToUpper(value)[0])
			default:
				return wrong("parity=%s; use n (none), e (even) or o (odd)", value)
			}
		case "flow":
			switch value {
			case "none":
				c.Flow = uart.NoFlow
			case "rtscts":
				c.Flow = uart.RTSCTS
			case "xonxoff":
				c.Flow = uart.MakeXOnXOffFlow(xon, xoff)
			default:
				return wrong("flow=%s; use none, rtscts or xonxoff", value)
			}
		default:
			return wrong("unknown key %q; the keys are baud, data, parity, stop and flow", key)
		}
		if err != nil {
			return wrong("%s=%s: %w", key, value, err)
		}
	}
	if c, err = c.whole(); err != nil {
		return wrong("%w", err)
	}
	return path, c, nil
}

// number reads a positive number of at most seven digits and nothing else.
func number(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 || len(s) > 7 || s[0] == '+' || s[0] == '0' {
		return 0, fmt.Errorf("want a number such as 19200")
	}
	return n, nil
}
