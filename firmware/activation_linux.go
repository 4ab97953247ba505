package main

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// dupListener is a listener on a copy of a socket, which stays open as it is.
func dupListener(fd uintptr) (net.Listener, error) {
	own, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(own), "socket of systemd")
	defer f.Close() // FileListener has taken another
	return net.FileListener(f)
}
