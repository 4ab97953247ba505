// Command guest is the test's hands inside the virtual machine, where busybox has
// none.
//
//	guest serve     lets the test in: port 8080 is the box, whose own port is for this
//	                machine alone; port 8081 is the printer's end of the USB cable: what is
//	                printed comes from it, what is sent to it is the printer's answer; each
//	                byte sent to port 8082 becomes the printer's port status; port 8083
//	                plays what the box plays on the subdevice of the sound card that the
//	                first byte says; port 8084 is a socket for headphones, in which a byte
//	                puts a plug (1) or from which it pulls it (0)
//	guest lp HEX    writes bytes to /dev/usb/lp0 and prints the port's status and what
//	                is answered within two seconds
//
// The printer itself is emulated outside, so that one emulator stands behind the
// USB cable and behind the serial one.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
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
	var dev atomic.Pointer[os.File] // nil while nobody is at the printer's end
	ended := make(chan error)
	for _, port := range []struct {
		address string
		handle  func(*net.TCPConn)
	}{
		// Only this address, so that the box can have the same port of the loopback.
		{"10.0.2.15:8080", box},
		{":8081", func(conn *net.TCPConn) { printer(conn, &dev) }},
		{":8082", func(conn *net.TCPConn) { setStatus(conn, &dev) }},
		{":8083", ear},
		{":8084", jack}, // the last: init waits for it
	} {
		l, err := net.Listen("tcp", port.address)
		if err != nil {
			return err
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					ended <- err
					return
				}
				go func() {
					defer conn.Close()
					port.handle(conn.(*net.TCPConn))
				}()
			}
		}()
	}
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
			// f_printer hands its buffers to the controller when it is read, and wakes
			// nobody when the cable is back: so it is read again, bytes or none.
			dev.SetReadDeadline(time.Now().Add(retry))
			n, err := dev.Read(b)
			if n > 0 {
				conn.Write(b[:n])
			}
			if errors.Is(err, os.ErrClosed) {
				return
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				continue
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

// ear sends what is played on a subdevice of the loopback card, until the other
// end has heard enough.
func ear(conn *net.TCPConn) {
	var b [1]byte
	if _, err := io.ReadFull(conn, b[:]); err != nil {
		return
	}
	conn.Write(b[:])
	// It writes as it hears: a period is 10 ms. The buffer bridges what stops it.
	arecord := exec.Command("arecord", "-q", "-D", fmt.Sprintf("plughw:Loopback,1,%d", b[0]), "-t", "raw",
		"-f", "S16_LE", "-r", "48000", "-c", "1", "--period-time=10000", "--buffer-time=2000000")
	arecord.Stdout, arecord.Stderr = conn, os.Stderr
	if err := arecord.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "guest: listening:", err)
		return
	}
	go func() {
		io.Copy(io.Discard, conn)
		arecord.Process.Kill()
	}()
	arecord.Wait() // it says on the console what is wrong
}

// From linux/uinput.h and linux/input-event-codes.h.
const (
	setEventBit  = 0x40045564
	setSwitchBit = 0x4004556d
	createDevice = 0x5501

	switchEvent     = 5
	headphoneInsert = 2
)

// jack is an input device with a headphone switch, as sound cards have one, while
// the connection lasts. Each byte sets the switch and comes back when it is set.
func jack(conn *net.TCPConn) {
	if err := plugs(conn); err != nil {
		fmt.Fprintln(os.Stderr, "guest: jack:", err)
	}
}

func plugs(conn *net.TCPConn) error {
	f, err := os.OpenFile("/dev/uinput", os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := errors.Join(ioctl(f, setEventBit, switchEvent), ioctl(f, setSwitchBit, headphoneInsert)); err != nil {
		return err
	}
	if _, err := f.Write(inputDevice("Headphone Jack")); err != nil {
		return err
	}
	if err := ioctl(f, createDevice, 0); err != nil {
		return err
	}
	var b [1]byte
	for {
		if _, err := io.ReadFull(conn, b[:]); err != nil {
			return nil // pulled out of the machine
		}
		if _, err := f.Write(plugged(b[0] != 0)); err != nil {
			return err
		}
		conn.Write(b[:])
	}
}

// inputDevice is a struct uinput_user_dev: a name of 80 bytes, and nothing that a
// switch needs.
func inputDevice(name string) []byte {
	b := make([]byte, 80+8+4+4*64*4)
	copy(b[:79], name)
	return b
}

// plugged is two struct input_event of a machine with 64 bits: the switch, and the
// end of the report.
func plugged(in bool) []byte {
	const size, kind = 24, 16 // the time comes first
	b := make([]byte, 2*size)
	binary.NativeEndian.PutUint16(b[kind:], switchEvent)
	binary.NativeEndian.PutUint16(b[kind+2:], headphoneInsert)
	if in {
		binary.NativeEndian.PutUint32(b[kind+4:], 1)
	}
	return b
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
