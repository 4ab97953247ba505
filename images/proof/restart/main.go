//go:build linux

// Command restart begins the machine anew with an argument, as systemd does after it has
// ended everything: the proofs run it in a guest that has got no further than its first
// files.
//
//	restart "0 tryboot"
package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: restart ARGUMENT")
		os.Exit(2)
	}
	argument, err := syscall.BytePtrFromString(os.Args[1])
	if err == nil {
		// reboot(2) with an argument has no wrapper.
		_, _, errno := unix.Syscall6(unix.SYS_REBOOT, unix.LINUX_REBOOT_MAGIC1, unix.LINUX_REBOOT_MAGIC2,
			unix.LINUX_REBOOT_CMD_RESTART2, uintptr(unsafe.Pointer(argument)), 0, 0)
		err = errno
	}
	fmt.Fprintln(os.Stderr, "restart:", err)
	os.Exit(1)
}
