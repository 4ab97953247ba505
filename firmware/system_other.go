//go:build !linux

package main

import (
	"errors"
	"os"

	"jeudi/firmware/appliance"
)

// On macOS and Windows the program is a technician's: it writes cards, checks site files,
// makes posters. What needs a box is refused by main, with onlyOnABox.

func watchdogSeconds(*os.File) (int, error) { return 0, errors.ErrUnsupported }
func noCoreDumps() error                    { return errors.ErrUnsupported }
func lockWhole(*os.File) error              { return errors.ErrUnsupported }
func diskOf(string) appliance.Disk          { return appliance.Disk{} }

const openWithoutWaiting = os.O_RDWR

// onlyOnABox are the commands that need Linux.
func onlyOnABox() []string {
	return []string{"run", "selftest", "period", "data", "firstboot", "steward"}
}
