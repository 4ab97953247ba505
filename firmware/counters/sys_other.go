//go:build !linux

package counters

import (
	"errors"
	"os"
)

// errElsewhere: no key is made and no sheet kept but on the box, whose memory can be
// locked; main refuses the commands that would.
var errElsewhere = errors.New("the box runs on Linux alone")

func tryLock(*os.File) (held bool, err error) { return false, errElsewhere }
func syncData(*os.File) error                 { return errElsewhere }
func mapPage() ([]byte, error)                { return nil, errElsewhere }
func lockPage([]byte) error                   { return errElsewhere }
func unmapPage([]byte) error                  { return nil }
