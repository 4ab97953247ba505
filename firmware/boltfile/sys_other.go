//go:build !linux

package boltfile

import (
	"errors"
	"os"
)

// errElsewhere: only the commands that need no box work on another system; main refuses
// the rest before they come here.
var errElsewhere = errors.New("the box runs on Linux alone")

func swapNames(_, _ string) error             { return errElsewhere }
func tryLock(*os.File) (held bool, err error) { return false, errElsewhere }
func unlock(*os.File)                         {}
