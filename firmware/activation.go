package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
)

// listenLocal listens where the kiosk looks. On the box systemd has listened there since
// the first second (jeudi.socket) and hands its socket over, so that a browser that is
// there first waits instead of being told that nobody is there; so it does while the box
// is started again. See sd_listen_fds(3).
func listenLocal(address string) (net.Listener, error) {
	if ln, err := inherited(address, os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS"), 3); ln != nil || err != nil {
		return ln, err
	}
	return net.Listen("tcp", address)
}

// inherited is the socket of an address among those that were handed over, of which first
// has the lowest number; nil when it is not among them. Closing it leaves systemd's open,
// and it can be had again.
func inherited(address, pid, count string, first uintptr) (net.Listener, error) {
	if pid != strconv.Itoa(os.Getpid()) {
		return nil, nil // another's
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > 16 {
		return nil, fmt.Errorf("LISTEN_FDS is %q, which is no number of sockets", count)
	}
	for fd := first; fd < first+uintptr(n); fd++ {
		dup, err := dupListener(fd)
		if err != nil {
			continue // not a socket of ours
		}
		if dup.Addr().String() == address {
			return dup, nil
		}
		dup.Close()
	}
	return nil, nil
}
