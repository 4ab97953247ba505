// Command guest is the test's hands inside the virtual machine, where busybox has
// none.
//
//	guest serve     lets the test in: port 8080 is the box, whose own port is for this
//	                machine alone; port 8081 is the printer's end of the USB cable: what is
//	                printed comes from it, what is sent to it is the printer's answer; each
//	                byte sent to port 8082 becomes the printer's port status
//	guest lp HEX    writes bytes to /dev/usb/lp0 and prints the port's status and what
//	                is answered within two seconds
//
// The printer itself is emulated outside, so that one emulator stands behind the
// USB cable and behind the serial one.
package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	gadget = "/dev/g_printer0"
	port   = "/dev/usb/lp0"

	// From linux/lp.h and linux/usb/g_printer.h.
	lpGetStatus     = 0x060b
	gadgetSetStatus = 0xc0016722
	retry           = 20 * time.Millisecond
	patience        = 2 * time.Second
)

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "serve":
		err = serve()
	case len(os.Args) == 3 && os.Args[1] == "lp":
		err = lp(os.Args[2])
	default:
		err = errors.New("usage: guest serve | guest lp HEX")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
		os.Exit(1)
	}
}

// serve never returns without an error.
func serve() error {
	ended := make(chan error)
	listen := func(address string, handle func(*net.TCPConn)) {
		l, err := net.Listen("tcp", address)
		if err != nil {
			ended <- err
			return
		}
		for {
			conn, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			go func() {
				defer conn.Close()
				handle(conn.(*net.TCPConn))
			}()
		}
	}
	var dev atomic.Pointer[os.File] // nil while nobody is at the printer's end
	// Only this address, so that the box can have the same port of the loopback.
	go listen("10.0.2.15:8080", box)
	go listen(":8081", func(conn *net.TCPConn) { printer(conn, &dev) })
	go listen(":8082", func(conn *net.TCPConn) { setStatus(conn, &dev) })
	return <-ended
}

// box joins a connection from outside to the box.
func box(conn *net.TCPConn) {
	to, err := net.Dial("tcp", "127.0.0.1:8080")
	if err != nil {
		return
	}
	defer to.Close()
	var wg sync.WaitGroup
	join := func(to, from *net.TCPConn) {
		io.Copy(to, from)
		to.CloseWrite()
	}
	wg.Go(func() { join(to.(*net.TCPConn), conn) })
	wg.Go(func() { join(conn, to.(*net.TCPConn)) })
	wg.Wait()
}

// printer joins a connection to the printer's end of the USB cable.
func printer(conn *net.TCPConn, at *atomic.Pointer[os.File]) {
	if at.Load() != nil {
		fmt.Fprintln(os.Stderr, "guest: the printer's end was taken before")
		return
	}
	// It must not block: a blocked read of this gadget holds its writes back, since
	// f_printer keeps its lock while it sleeps. It cannot be opened while the cable is
	// out, and once open it stays good however often the cable comes and goes.
	dev, err := os.OpenFile(gadget, os.O_RDWR|syscall.O_NONBLOCK, 0)
	for ; err != nil; dev, err = os.OpenFile(gadget, os.O_RDWR|syscall.O_NONBLOCK, 0) {
		time.Sleep(retry)
	}
	at.Store(dev)
	var wg sync.WaitGroup
	wg.Go(func() {
		b := make([]byte, 4096)
		for {
			n, err := dev.Read(b)
			if n > 0 {
				conn.Write(b[:n])
			}
			if errors.Is(err, os.ErrClosed) {
				return
			}
			if err != nil || n == 0 { // the cable is out
				time.Sleep(retry)
			}
		}
	})
	conn.Write([]byte{0}) // the other end waits for it
	b := make([]byte, 4096)
	for {
		n, err := conn.Read(b)
		if n > 0 {
			dev.Write(b[:n]) // lost while the cable is out
		}
		if err != nil {
			break
		}
	}
	// Not closed here but with the machine: f_printer (Linux 6.1) corrupts a list when
	// a file is closed that was open while the cable was out.
	wg.Wait()
}

// setStatus sets what is answered when the kernel asks the printer for its port's status.
func setStatus(conn *net.TCPConn, at *atomic.Pointer[os.File]) {
	var b [1]byte
	for {
		if _, err := io.ReadFull(conn, b[:]); err != nil {
			return
		}
		dev := at.Load()
		if dev == nil {
			fmt.Fprintln(os.Stderr, "guest: nobody is at the printer's end")
			return
		}
		if err := ioctl(dev, gadgetSetStatus, uintptr(b[0])); err != nil {
			fmt.Fprintln(os.Stderr, "guest: setting the port's status:", err)
			return
		}
		conn.Write(b[:]) // done
	}
}

// lp says what a printer driver would see of the printer.
func lp(text string) error {
	send, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(port, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var status int32
	if err := ioctl(f, lpGetStatus, uintptr(unsafe.Pointer(&status))); err != nil {
		return fmt.Errorf("LPGETSTATUS: %w", err)
	}
	if _, err := f.Write(send); err != nil {
		return err
	}
	f.SetReadDeadline(time.Now().Add(patience))
	b := make([]byte, 256)
	n, err := f.Read(b)
	fmt.Printf("status %02x answer %x\n", status, b[:n])
	return err
}

func ioctl(f *os.File, request, argument uintptr) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	if err := raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, argument)
	}); err != nil {
		return err
	}
	if errno != 0 {
		return errno
	}
	return nil
}
