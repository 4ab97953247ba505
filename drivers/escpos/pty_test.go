package escpos_test

import (
	"fmt"
	"io"
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"jeudi/drivers"
	"jeudi/drivers/drivertest"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
)

// openPty returns both ends of a raw pseudo-terminal, the nearest thing to a
// serial port that every Linux has. Its kernel buffers, short reads and errors
// are real.
func openPty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	sd, err := unix.Open(fmt.Sprintf("/dev/pts/%d", n), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	tio, err := unix.IoctlGetTermios(sd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	// What cfmakeraw does, with neither XON/XOFF nor an echo.
	tio.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON | unix.IXOFF
	tio.Oflag &^= unix.OPOST
	tio.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	tio.Cflag = tio.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	tio.Cc[unix.VMIN], tio.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(sd, unix.TCSETS, tio); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "master"), os.NewFile(uintptr(sd), "slave")
}

func TestContractOverPty(t *testing.T) {
	drivertest.Printer(t, func(t *testing.T, use func(*testing.T, drivertest.PrinterBench)) {
		t.Parallel() // their waits are real
		master, slave := openPty(t)
		w := sim.NewWire(escpos.Generic80(), 0, sim.Quirks{})
		p := escpos.NewHasty(slave, escpos.Generic80())
		var pumps sync.WaitGroup
		pumps.Go(func() { io.Copy(w, master) })
		pumps.Go(func() { io.Copy(master, w) })
		t.Cleanup(func() {
			p.Close()
			w.Close()
			master.Close()
			pumps.Wait()
		})
		use(t, drivertest.PrinterBench{
			Printer: p,
			Set: func(s drivers.Status, on bool) {
				w.Set(s, on)
				if s == drivers.Unplugged && on {
					master.Close()
				}
			},
			FailAfter: w.FailAfter,
			Garble: func(on bool) {
				if on {
					w.Garble(7)
				} else {
					w.Garble(0)
				}
			},
			Gone: true,
			Sheets: func() []string {
				var out []string
				for _, s := range w.Sheets() {
					if !s.Blank() {
						out = append(out, s.Text())
					}
				}
				return out
			},
		})
	})
}
