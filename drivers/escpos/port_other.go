//go:build !linux

package escpos

import (
	"errors"
	"time"
)

func pins(uintptr) (int, error) { return 0, errors.ErrUnsupported }

// userTimeout is Linux's; the keepalives of Dial, which every system has, take longer.
func userTimeout(uintptr, time.Duration) error { return nil }
