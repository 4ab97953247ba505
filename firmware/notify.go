package main

import (
	"net"
	"os"
	"strconv"
	"time"
)

// notice tells systemd how the box is, when systemd asks for it: see sd_notify(3).
type notice struct {
	socket string
	every  time.Duration // half of what systemd waits; 0 when it does not watch
}

func notifier() notice {
	n := notice{socket: os.Getenv("NOTIFY_SOCKET")}
	if us, err := strconv.Atoi(os.Getenv("WATCHDOG_USEC")); err == nil && us > 0 && n.socket != "" {
		n.every = time.Duration(us) * time.Microsecond / 2
	}
	return n
}

// send sends one state. Systemd missing the message is systemd's matter.
func (n notice) send(state string) {
	if n.socket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	conn.Write([]byte(state))
}

// watchdog is the ping of the owner's loop, or nil when nobody watches.
func (n notice) watchdog() func() {
	if n.every == 0 {
		return nil
	}
	return func() { n.send("WATCHDOG=1") }
}
