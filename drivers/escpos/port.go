package escpos

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"time"
)

// PortStatus reads the three status pins of a printer at /dev/usb/lp0 or
// /dev/lp0. A wire with a method PortStatus that calls it lets a mute printer say
// that it is out of paper.
func PortStatus(f syscall.Conn) (byte, error) {
	c, err := f.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("escpos: port status: %w", err)
	}
	var status int
	var failed error
	if err := c.Control(func(fd uintptr) { status, failed = pins(fd) }); err != nil {
		return 0, fmt.Errorf("escpos: port status: %w", err)
	}
	if failed != nil {
		return 0, fmt.Errorf("escpos: port status: %w", failed)
	}
	return byte(status), nil
}

// The patience with a printer on a network.
const (
	dialing = 3 * time.Second
	unheard = 5 * time.Second
)

// Dial opens a printer on a network, as "192.168.1.40:9100". Such a printer lets
// in one client at a time. Without TCP_USER_TIMEOUT a connection to one that lost
// its power would take bytes for a quarter of an hour.
func Dial(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{
		Timeout: dialing,
		Control: func(_, _ string, c syscall.RawConn) error {
			var failed error
			err := c.Control(func(fd uintptr) {
				failed = userTimeout(fd, unheard)
			})
			if err != nil {
				return err
			}
			return failed
		},
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: unheard, Count: 3},
	}
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("escpos: dialling %s: %w", address, err)
	}
	return c, nil
}
