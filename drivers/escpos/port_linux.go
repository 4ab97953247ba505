package escpos

import (
	"time"

	"golang.org/x/sys/unix"
)

// lpGetStatus is LPGETSTATUS of <linux/lp.h>. For usblp it is USB's
// GET_PORT_STATUS, which goes round whatever is queued for the printer.
const lpGetStatus = 0x060b

func pins(fd uintptr) (int, error) { return unix.IoctlGetInt(int(fd), lpGetStatus) }

// userTimeout has a connection end when nothing that was sent was heard for so long.
func userTimeout(fd uintptr, d time.Duration) error {
	return unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.Milliseconds()))
}
