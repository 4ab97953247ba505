//go:build !linux

package steward

import (
	"errors"
	"net"
)

// Only a card has a steward, and a card runs Linux.
var errLinux = errors.New("steward: only on the card of a box")

func peer(*net.UnixConn) (uint32, error) { return 0, errLinux }

// Listen refuses: there is no steward here.
func Listen(string, int) (*net.UnixListener, error) { return nil, errLinux }
