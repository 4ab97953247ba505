//go:build !linux

package uart

import (
	"errors"
	"fmt"
	"io"
)

// Port is an open serial port, on Linux.
type Port struct{ io.ReadWriteCloser }

// Open says that this is not Linux.
func Open(path string, _ Config) (*Port, error) {
	return nil, fmt.Errorf("uart: open %s: %w: real devices hang from a box with Linux", path, errors.ErrUnsupported)
}
