package uart_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/physic"
	pu "periph.io/x/conn/v3/uart"
	"periph.io/x/conn/v3/uart/uartreg"

	"jeudi/drivers/uart"
)

// pty is a real pseudo-terminal: its far end, which the test holds, and the path
// of the near one. Its kernel buffers, errors and hang-ups are those of a port;
// speed means nothing to it, but is kept.
func pty(t *testing.T) (far *os.File, path string) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatalf("no pseudo-terminals here: %v", err)
	}
	far = os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { far.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	return far, fmt.Sprintf("/dev/pts/%d", n)
}

func open(t *testing.T, path string, c uart.Config) *uart.Port {
	t.Helper()
	p, err := uart.Open(path, c)
	if err != nil {
		t.Fatalf("Open(%s, %v) = %v", path, c, err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// termios are the settings of a pty's near end, asked at its far one.
func termios(t *testing.T, far *os.File) *unix.Termios {
	t.Helper()
	raw, err := far.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var tio *unix.Termios
	if e := raw.Control(func(fd uintptr) { tio, err = unix.IoctlGetTermios(int(fd), unix.TCGETS) }); e != nil || err != nil {
		t.Fatal(e, err)
	}
	return tio
}

func TestOpenSetsTheLine(t *testing.T) {
	speeds := []uint32{unix.B1200, unix.B2400, unix.B4800, unix.B9600, unix.B19200, unix.B38400, unix.B57600, unix.B115200, unix.B230400, unix.B460800}
	for i, baud := range uart.Bauds() {
		far, path := pty(t)
		open(t, path, uart.Config{Baud: baud})
		if got := termios(t, far).Cflag & unix.CBAUD; got != speeds[i] {
			t.Errorf("at %d baud: speed %#o; want %#o", baud, got, speeds[i])
		}
	}
	for _, c := range []struct {
		name             string
		given            uart.Config
		cflag, notCflag  uint32
		iflag, notIflag  uint32
		start, stop, min uint8
	}{
		{name: "the defaults", cflag: unix.B19200 | unix.CS8 | unix.CREAD | unix.CLOCAL, min: 1,
			notCflag: unix.CRTSCTS | unix.CSTOPB | unix.HUPCL, notIflag: unix.IXON | unix.IXOFF | unix.ICRNL | unix.ISTRIP, start: 0x11, stop: 0x13},
		{name: "RTS/CTS, two stop bits", given: uart.Config{Flow: pu.RTSCTS, Stop: pu.Two}, cflag: unix.CRTSCTS | unix.CSTOPB,
			notIflag: unix.IXON | unix.IXOFF, start: 0x11, stop: 0x13, min: 1},
		{name: "XON/XOFF", given: uart.Config{Flow: pu.XOnXOff}, iflag: unix.IXON | unix.IXOFF, notCflag: unix.CRTSCTS,
			notIflag: unix.IXANY, start: 0x11, stop: 0x13, min: 1},
		{name: "other XON/XOFF", given: uart.Config{Flow: pu.MakeXOnXOffFlow('a', 'b')}, iflag: unix.IXON | unix.IXOFF, start: 'a', stop: 'b', min: 1},
	} {
		far, path := pty(t)
		open(t, path, c.given)
		tio := termios(t, far)
		if tio.Cflag&c.cflag != c.cflag || tio.Cflag&c.notCflag != 0 || tio.Iflag&c.iflag != c.iflag || tio.Iflag&c.notIflag != 0 {
			t.Errorf("%s: cflag %#o, iflag %#o; want %#o but not %#o, %#o but not %#o", c.name, tio.Cflag, tio.Iflag, c.cflag, c.notCflag, c.iflag, c.notIflag)
		}
		if tio.Lflag&(unix.ECHO|unix.ICANON|unix.ISIG|unix.IEXTEN) != 0 || tio.Oflag&unix.OPOST != 0 {
			t.Errorf("%s: lflag %#o, oflag %#o; want it raw", c.name, tio.Lflag, tio.Oflag)
		}
		if tio.Cc[unix.VSTART] != c.start || tio.Cc[unix.VSTOP] != c.stop || tio.Cc[unix.VMIN] != c.min {
			t.Errorf("%s: XON %#x, XOFF %#x, least %d; want %#x, %#x, %d", c.name, tio.Cc[unix.VSTART], tio.Cc[unix.VSTOP], tio.Cc[unix.VMIN], c.start, c.stop, c.min)
		}
	}
}

// A pty drops parity and character size without a word, as many drivers do.
func TestOpenSaysWhatThePortCannotDo(t *testing.T) {
	for _, c := range []struct {
		given uart.Config
		want  string
	}{
		{uart.Config{Parity: pu.Even}, "cannot do parity E"},
		{uart.Config{Data: 7}, "cannot do 7 data bits"},
	} {
		_, path := pty(t)
		if p, err := uart.Open(path, c.given); p != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open(%v) = %v, %v; want %q", c.given, p, err, c.want)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		conf uart.Config
		want []string
	}{
		{path: "/dev/ttyNONE7", want: []string{"uart: open /dev/ttyNONE7: no such file", "is the cable plugged in"}},
		{path: file, want: []string{"not a serial port"}},
		{path: "/dev/null", want: []string{"not a serial port"}},
		{path: "/dev", want: []string{"write the path of a port"}},
		{path: "/dev/ptmx", conf: uart.Config{Baud: 14400}, want: []string{"14400 baud is not supported; use one of 1200"}},
		{path: "/dev/ptmx", conf: uart.Config{Parity: pu.Mark}, want: []string{"parity 'M' is not supported"}},
		{path: "/dev/ptmx", conf: uart.Config{Stop: pu.OneHalf}, want: []string{"use 1 or 2"}},
		{path: "/dev/ptmx", conf: uart.Config{Flow: 0x30000}, want: []string{"use none, rtscts or xonxoff"}},
	} {
		p, err := uart.Open(c.path, c.conf)
		if p != nil || err == nil {
			t.Errorf("Open(%s) = %v, %v; want an error", c.path, p, err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("Open(%s) = %v; want %q in it", c.path, err, w)
			}
		}
	}
}

// Whoever is root may open everything, so the sentences are tested by themselves.
func TestAdvice(t *testing.T) {
	for err, want := range map[error]string{
		unix.EACCES: "group dialout", unix.EBUSY: "another program", unix.ENOENT: "cable", unix.ENXIO: "cable", unix.EISDIR: "/dev/ttyAMA0", unix.EMFILE: "",
	} {
		if got := uart.Advice(fmt.Errorf("open: %w", err)); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("advice(%v) = %q; want %q in it", err, got, want)
		}
	}
}

func TestExclusive(t *testing.T) {
	_, path := pty(t)
	open(t, path, uart.Config{})
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil { // not root: refused
		if !errors.Is(err, unix.EBUSY) {
			t.Errorf("a second open = %v; want %v", err, unix.EBUSY)
		}
		return
	}
	defer unix.Close(fd)
	if excl, err := unix.IoctlGetInt(fd, unix.TIOCGEXCL); err != nil || excl != 1 {
		t.Errorf("exclusive = %d, %v; want 1", excl, err)
	}
}

// every byte there is, the ones that a terminal would act upon among them.
func every() []byte {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func TestBytesPassAsTheyAre(t *testing.T) {
	far, path := pty(t)
	p := open(t, path, uart.Config{Baud: 115200, Flow: pu.RTSCTS})
	for _, w := range []struct {
		name string
		from io.Writer
		to   io.Reader
	}{{"out", p, far}, {"in", far, p}} {
		want := bytes.Repeat(every(), 40) // more than the kernel's buffer of 4096
		errc := make(chan error, 1)
		go func() { _, err := w.from.Write(want); errc <- err }()
		got := make([]byte, len(want))
		if _, err := io.ReadFull(w.to, got); err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		if err := <-errc; err != nil {
			t.Errorf("%s: Write = %v", w.name, err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the bytes changed on their way", w.name)
		}
	}
	if err := p.Drain(t.Context()); err != nil {
		t.Errorf("Drain() = %v", err)
	}
}

func TestDeadlines(t *testing.T) {
	_, path := pty(t)
	p := open(t, path, uart.Config{})
	start := time.Now()
	if err := p.SetReadDeadline(start.Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Read(make([]byte, 8)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) < 20*time.Millisecond {
		t.Errorf("Read() = %d, %v after %v; want a deadline exceeded after 20 ms", n, err, time.Since(start))
	}
	if err := p.SetWriteDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	// Nobody reads: the kernel's buffer fills, then Write waits.
	n, err := p.Write(make([]byte, 1<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == 1<<20 {
		t.Errorf("Write(1 MiB) = %d, %v; want a part and a deadline exceeded", n, err)
	}
}

func TestCloseWakesWhoWaits(t *testing.T) {
	_, path := pty(t)
	p := open(t, path, uart.Config{})
	errs := make(chan error, 2)
	go func() { _, err := p.Read(make([]byte, 8)); errs <- err }()
	go func() { _, err := p.Write(make([]byte, 1<<20)); errs <- err }()
	// Whether they wait already or not, both must end.
	if err := p.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	for range 2 {
		select {
		case err := <-errs:
			if !errors.Is(err, os.ErrClosed) {
				t.Errorf("a call that waited = %v; want %v", err, os.ErrClosed)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("Close did not wake a call that waited")
		}
	}
	if err := p.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a second Close() = %v; want %v", err, os.ErrClosed)
	}
	if uart.Gone(os.ErrClosed) {
		t.Error("Gone(closed) = true; want false: that was us")
	}
}

func TestAPulledCableIsAnError(t *testing.T) {
	far, path := pty(t)
	p := open(t, path, uart.Config{})
	errs := make(chan error, 1)
	go func() { _, err := p.Read(make([]byte, 8)); errs <- err }()
	far.Close()
	select {
	case err := <-errs:
		if !uart.Gone(err) {
			t.Errorf("Read() = %v; want one for which Gone is true", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Read did not notice")
	}
	if n, err := p.Read(make([]byte, 8)); n != 0 || !uart.Gone(err) {
		t.Errorf("Read() = %d, %v; want gone", n, err)
	}
	if n, err := p.Write([]byte("x")); n != 0 || !uart.Gone(err) {
		t.Errorf("Write() = %d, %v; want gone", n, err)
	}
}

func TestDrainEndsWithItsContext(t *testing.T) {
	_, path := pty(t)
	p := open(t, path, uart.Config{})
	p.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Drain(ctx); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Drain() of a closed port = %v; want %v", err, os.ErrClosed)
	}
}

func TestConnectAsPeriphDoes(t *testing.T) {
	far, path := pty(t)
	name := "test-" + filepath.Base(path)
	if err := uart.Register(name, path, uart.Config{Baud: 115200}); err != nil {
		t.Fatalf("Register() = %v", err)
	}
	t.Cleanup(func() { uartreg.Unregister(name) })
	port, err := uartreg.Open(name)
	if err != nil {
		t.Fatalf("uartreg.Open(%s) = %v", name, err)
	}
	defer port.Close()
	if got := port.String(); got != path {
		t.Errorf("String() = %q; want %q", got, path)
	}
	if _, err := port.Connect(300*physic.Hertz, pu.One, pu.NoParity, pu.NoFlow, 8); err == nil || !strings.Contains(err.Error(), "too slow") {
		t.Errorf("Connect(300 baud) = %v; want too slow", err)
	}
	if _, err := port.Connect(9600*physic.Hertz, pu.One, pu.Mark, pu.NoFlow, 8); err == nil {
		t.Error("Connect(mark parity) = nil; want an error")
	}
	if err := port.LimitSpeed(0); err == nil {
		t.Error("LimitSpeed(0) = nil; want an error")
	}
	if err := port.LimitSpeed(50 * physic.KiloHertz); err != nil {
		t.Errorf("LimitSpeed(50 kHz) = %v", err)
	}
	c, err := port.Connect(115200*physic.Hertz, pu.Two, pu.NoParity, pu.RTSCTS, 8)
	if err != nil {
		t.Fatalf("Connect() = %v", err)
	}
	if tio := termios(t, far); tio.Cflag&unix.CBAUD != unix.B38400 || tio.Cflag&(unix.CSTOPB|unix.CRTSCTS) != unix.CSTOPB|unix.CRTSCTS {
		t.Errorf("cflag %#o; want 38400 baud (the fastest below 50000), two stop bits, RTS/CTS", tio.Cflag)
	}
	if _, err := port.Connect(9600*physic.Hertz, pu.One, pu.NoParity, pu.NoFlow, 8); err == nil {
		t.Error("a second Connect = nil; want an error")
	}
	if got := c.Duplex(); got != conn.Full {
		t.Errorf("Duplex() = %v; want full", got)
	}

	go func() { // the device: an answer of three bytes, in two parts
		b := make([]byte, 3)
		if _, err := io.ReadFull(far, b); err == nil {
			far.Write(b[:1])
			far.Write(b[1:])
		}
	}()
	got := make([]byte, 3)
	if err := c.Tx([]byte{0x10, 0x04, 0x01}, got); err != nil || !bytes.Equal(got, []byte{0x10, 0x04, 0x01}) {
		t.Errorf("Tx() = %v, % x; want 10 04 01", err, got)
	}
}

func TestRegisterRefuses(t *testing.T) {
	if err := uart.Register("usb:1", "/dev/x", uart.Config{}); err == nil {
		t.Error("Register with a colon = nil; want an error")
	}
	if err := uart.Register("slow", "/dev/x", uart.Config{Baud: 7}); err == nil {
		t.Error("Register at 7 baud = nil; want an error")
	}
	if err := uart.Register("nobody", "/dev/ttyNONE7", uart.Config{}); err != nil {
		t.Fatalf("Register() = %v; want nil: nothing is opened yet", err)
	}
	defer uartreg.Unregister("nobody")
	if p, err := uartreg.Open("nobody"); p != nil || err == nil {
		t.Errorf("Open() = %v, %v; want an error and no port", p, err)
	}
}
