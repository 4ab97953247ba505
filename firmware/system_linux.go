package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"jeudi/firmware/appliance"
)

// watchdogSeconds is how long a watchdog waits before it resets the machine.
func watchdogSeconds(f *os.File) (int, error) {
	return unix.IoctlGetInt(int(f.Fd()), unix.WDIOC_GETTIMEOUT)
}

// noCoreDumps has the kernel write no core dump of this process or of its children.
func noCoreDumps() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }

// lockWhole locks a file if nobody else has.
func lockWhole(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// openWithoutWaiting opens a device without waiting for a line or a modem, and without
// letting a serial line that hangs up take the process along.
const openWithoutWaiting = os.O_RDWR | syscall.O_NOCTTY | syscall.O_NONBLOCK

// diskOf is the file system of a folder; what cannot be asked is unknown.
func diskOf(dir string) appliance.Disk {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return appliance.Disk{}
	}
	block := uint64(st.Bsize)
	return appliance.Disk{Free: st.Bavail * block, Total: st.Blocks * block}
}

// onlyOnABox are the commands that need Linux: none here.
func onlyOnABox() []string { return nil }
