// Package uart is a serial port: any terminal of Linux, opened by its path, raw,
// at a given speed.
//
// A Port is an io.ReadWriteCloser with deadlines. It carries every byte as it is,
// is ours alone while it is open, and its Close ends a Read or Write that waits.
// When its cable is gone, calls return an error for which Gone is true: never
// silence, never an endless stream of nothing. A Port also fulfils periph's
// uart.PortCloser, and Register makes it known in periph's uartreg, so that
// drivers written for periph can use it; periph's own serial driver opens
// only /dev/ttyS*, and never sets the speed.
//
// It promises to set what it was told or to say that it could not: what the
// kernel made of the settings is read back and compared. Settings are made with
// termios from golang.org/x/sys/unix, the library that Go's own authors keep for
// system calls; there is no cgo.
package uart

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/uart"
	"periph.io/x/conn/v3/uart/uartreg"
)

// Gone reports whether err says that the port itself is not there any more: its
// adapter was pulled, or the line was hung up.
func Gone(err error) bool {
	return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.ENXIO)
}

// Port is an open serial port. Its methods may be called from several goroutines.
type Port struct {
	file      *os.File
	limit     atomic.Int64 // baud; what Connect must not exceed
	connected atomic.Bool
}

var (
	_ io.ReadWriteCloser = (*Port)(nil)
	_ uart.PortCloser    = (*Port)(nil)
)

// Open opens the terminal at path and sets it up. An error says what to do.
func Open(path string, c Config) (*Port, error) {
	c, err := c.whole()
	if err != nil {
		return nil, fmt.Errorf("uart: %s: %w", path, err)
	}
	// O_NONBLOCK does two things: open does not wait for a modem's carrier, and Go's
	// poller takes the file, which gives deadlines and a Close that wakes readers.
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("uart: open %s: %w%s", path, err, advice(err))
	}
	p := &Port{file: os.NewFile(uintptr(fd), path)}
	p.limit.Store(int64(c.Baud))
	if err := p.seize(c); err != nil {
		p.file.Close()
		return nil, fmt.Errorf("uart: open %s: %w", path, err)
	}
	return p, nil
}

// advice is what a technician does about an error of open.
func advice(err error) string {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return "; is the cable plugged in, and the serial port switched on? `ls /dev/tty*` lists the ports"
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return "; add this program's user to the group dialout, then start it again"
	case errors.Is(err, unix.EBUSY):
		return "; another program has the port: stop it (a login console on it is switched off with raspi-config)"
	case errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOTDIR):
		return "; write the path of a port such as /dev/ttyAMA0"
	}
	return ""
}

func (p *Port) seize(c Config) error {
	err := p.control(func(fd int) error {
		if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
			if errors.Is(err, unix.ENOTTY) {
				return errors.New("this is not a serial port; write a path such as /dev/ttyAMA0")
			}
			return fmt.Errorf("reading its settings: %w", err)
		}
		if err := unix.IoctlSetInt(fd, unix.TIOCEXCL, 0); err != nil {
			return fmt.Errorf("taking it for ourselves: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.set(c)
}

// control runs f on the descriptor. It keeps clear of File.Fd, which would take
// the file away from the poller.
func (p *Port) control(f func(fd int) error) error {
	raw, err := p.file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if raw.Control(func(fd uintptr) { inner = f(int(fd)) }) != nil {
		return os.ErrClosed // the only reason there is; its own error is not that one
	}
	return inner
}

// set makes the settings and checks that they were made: a driver drops what it
// cannot do without a word.
func (p *Port) set(c Config) error {
	return p.control(func(fd int) error {
		tio, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return fmt.Errorf("reading its settings: %w", err)
		}
		apply(tio, c)
		if err := unix.IoctlSetTermios(fd, unix.TCSETS, tio); err != nil {
			return fmt.Errorf("setting %v: %w", c, err)
		}
		got, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return fmt.Errorf("reading its settings back: %w", err)
		}
		for _, s := range []struct {
			mask uint32
			name string
		}{
			{unix.CBAUD | unix.CBAUDEX, fmt.Sprintf("a speed of %d baud", c.Baud)},
			{unix.CSIZE, fmt.Sprintf("%d data bits", c.Data)},
			{unix.PARENB | unix.PARODD, fmt.Sprintf("parity %c", c.Parity)},
			{unix.CSTOPB, fmt.Sprintf("%d stop bits", c.Stop)},
			{unix.CRTSCTS, "RTS/CTS"},
		} {
			if (got.Cflag^tio.Cflag)&s.mask != 0 {
				return fmt.Errorf("this port cannot do %s; set another in the printer and here", s.name)
			}
		}
		return nil
	})
}

// apply is cfmakeraw of termios(3), and c.
func apply(tio *unix.Termios, c Config) {
	tio.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.INPCK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL |
		unix.IXON | unix.IXOFF | unix.IXANY | unix.IUCLC | unix.IMAXBEL
	tio.Oflag &^= unix.OPOST
	tio.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	// Without HUPCL: closing would drop DTR, and many USB adapters would restart the
	// board behind them. CLOCAL: no modem, so no carrier to wait for.
	tio.Cflag &^= unix.CSIZE | unix.PARENB | unix.PARODD | unix.CMSPAR | unix.CSTOPB | unix.CRTSCTS | unix.HUPCL | unix.CBAUD | unix.CBAUDEX | unix.CIBAUD
	tio.Cflag |= unix.CREAD | unix.CLOCAL | speed(c.Baud)
	tio.Cflag |= [...]uint32{unix.CS5, unix.CS6, unix.CS7, unix.CS8}[c.Data-5]
	switch c.Parity {
	case uart.Even:
		tio.Cflag |= unix.PARENB
	case uart.Odd:
		tio.Cflag |= unix.PARENB | unix.PARODD
	}
	if c.Stop == uart.Two {
		tio.Cflag |= unix.CSTOPB
	}
	switch c.Flow & flowKind {
	case uart.RTSCTS:
		tio.Cflag |= unix.CRTSCTS
	case uart.XOnXOff:
		tio.Iflag |= unix.IXON | unix.IXOFF
		tio.Cc[unix.VSTART], tio.Cc[unix.VSTOP] = byte(c.Flow>>8), byte(c.Flow)
	}
	tio.Cc[unix.VMIN], tio.Cc[unix.VTIME] = 1, 0
}

// speed is a baud rate as termios writes it.
func speed(baud int) uint32 {
	return map[int]uint32{
		1200: unix.B1200, 2400: unix.B2400, 4800: unix.B4800, 9600: unix.B9600, 19200: unix.B19200, 38400: unix.B38400,
		57600: unix.B57600, 115200: unix.B115200, 230400: unix.B230400, 460800: unix.B460800,
	}[baud]
}

// String is the port's path.
func (p *Port) String() string { return p.file.Name() }

// Read waits for at least one byte, until the read deadline (os.ErrDeadlineExceeded),
// Close (os.ErrClosed) or the end of the port (Gone).
func (p *Port) Read(b []byte) (int, error) {
	n, err := p.file.Read(b)
	if err == io.EOF {
		// A terminal that was hung up reads nothing for ever. To a reader that would be
		// the good end of a file; it is a cable that is not there.
		err = &os.PathError{Op: "read", Path: p.file.Name(), Err: syscall.EIO}
	}
	return n, wrap(err)
}

// Write hands b to the port, waiting until its buffer has room for all of it, the
// write deadline, Close or the end of the port. That all was taken does not mean
// that it was sent: see Drain.
func (p *Port) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	return n, wrap(err)
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("uart: %w", err)
}

// SetReadDeadline sets when a Read gives up; the zero time is never.
func (p *Port) SetReadDeadline(t time.Time) error { return wrap(p.file.SetReadDeadline(t)) }

// SetWriteDeadline sets when a Write gives up; the zero time is never.
func (p *Port) SetWriteDeadline(t time.Time) error { return wrap(p.file.SetWriteDeadline(t)) }

// Drain waits until all that was written has left the machine, or ctx ends. It
// asks the kernel every 5 ms: its own wait (tcdrain) cannot be cancelled.
func (p *Port) Drain(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		left := 0
		err := p.control(func(fd int) (err error) {
			left, err = unix.IoctlGetInt(fd, unix.TIOCOUTQ)
			return err
		})
		if err != nil || left == 0 {
			return wrap(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Close gives the port back at once and ends all calls that wait. What was not
// sent yet is dropped: the kernel would hold Close back for up to 30 s for it,
// and with a printer that keeps its CTS line down it always would.
func (p *Port) Close() error {
	// Errors here mean that the port is closed or gone already; Close below says so.
	_ = p.control(func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH) })
	return wrap(p.file.Close())
}

// LimitSpeed lowers, or raises again, the speed that Connect will not exceed; at
// first that is the speed the port was opened with. 1 Hz is 1 baud.
func (p *Port) LimitSpeed(f physic.Frequency) error {
	if f < physic.Hertz {
		return fmt.Errorf("uart: %s: a limit of %v is not a speed", p, f)
	}
	p.limit.Store(int64(f / physic.Hertz))
	return nil
}

// Connect sets the line up as a periph driver asks for it and returns the port as
// a connection. It may be called once. The speed is the highest of Bauds that
// neither f nor the port's limit is below.
func (p *Port) Connect(f physic.Frequency, stop uart.Stop, parity uart.Parity, flow uart.Flow, bits int) (conn.Conn, error) {
	most, baud := min(int64(f/physic.Hertz), p.limit.Load()), 0
	for _, b := range Bauds() {
		if int64(b) <= most {
			baud = b
		}
	}
	if baud == 0 {
		return nil, fmt.Errorf("uart: connect %s: %d baud is too slow; the least is %d", p, most, Bauds()[0])
	}
	c, err := Config{Baud: baud, Data: bits, Parity: parity, Stop: stop, Flow: flow}.whole()
	if err != nil {
		return nil, fmt.Errorf("uart: connect %s: %w", p, err)
	}
	if p.connected.Swap(true) {
		return nil, fmt.Errorf("uart: connect %s: it is connected already", p)
	}
	if err := p.set(c); err != nil {
		p.connected.Store(false)
		return nil, fmt.Errorf("uart: connect %s: %w", p, err)
	}
	return &wire{p}, nil
}

// wire is a connected port as periph's drivers see it. It is also an
// io.ReadWriter, for drivers of devices that speak when they like.
type wire struct{ *Port }

var _ conn.Conn = (*wire)(nil)

// Tx writes w, then waits until r is full. A device that answers less than that
// holds it up until the port's read deadline.
func (w *wire) Tx(out, in []byte) error {
	if _, err := w.Write(out); err != nil {
		return err
	}
	_, err := io.ReadFull(w, in)
	return err
}

// Duplex is full: either end may speak at any time.
func (w *wire) Duplex() conn.Duplex { return conn.Full }

// Register makes the terminal at path known to periph's uartreg under a name,
// without opening it. uartreg takes neither a name that holds ":" or is a number
// nor the same name twice. Call it from main: nothing is registered by itself.
func Register(name, path string, c Config) error {
	c, err := c.whole()
	if err != nil {
		return fmt.Errorf("uart: register %s: %w", name, err)
	}
	err = uartreg.Register(name, nil, -1, func() (uart.PortCloser, error) {
		p, err := Open(path, c)
		if err != nil {
			return nil, err // not a nil *Port in an interface
		}
		return p, nil
	})
	return wrap(err)
}
