package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/sim"
)

// usb is a printer with power of its own at a cable that is plugged and pulled:
// a pseudo-terminal behind a device file.
type usb struct {
	t     *testing.T
	path  string
	wire  *sim.Wire
	tasks sync.WaitGroup

	mu            sync.Mutex
	master, slave *os.File // nil while the cable is out
}

func newUSB(t *testing.T) *usb {
	t.Helper()
	u := &usb{t: t, path: filepath.Join(t.TempDir(), "lp0"), wire: sim.NewWire(escpos.Generic80(), 0, sim.Quirks{})}
	u.tasks.Go(u.answer)
	t.Cleanup(func() {
		u.pull()
		u.wire.Close()
		u.tasks.Wait()
	})
	return u
}

// answer hands on what the printer says; with the cable out nobody hears it.
func (u *usb) answer() {
	buf := make([]byte, 256)
	for {
		n, err := u.wire.Read(buf)
		if err != nil {
			return
		}
		u.mu.Lock()
		if u.master != nil {
			u.master.Write(buf[:n])
		}
		u.mu.Unlock()
	}
}

func (u *usb) plug() {
	u.t.Helper()
	master, slave := openPty(u.t)
	u.mu.Lock()
	u.master, u.slave = master, slave
	u.mu.Unlock()
	u.tasks.Go(func() { io.Copy(u.wire, master) })
	if err := os.Symlink(slave.Name(), u.path); err != nil {
		u.t.Fatal(err)
	}
}

func (u *usb) pull() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.master == nil {
		return
	}
	os.Remove(u.path)
	u.master.Close()
	u.slave.Close()
	u.master, u.slave = nil, nil
}

// sheets are the texts on paper, scraps without any left out.
func (u *usb) sheets() []string {
	var out []string
	for _, s := range u.wire.Sheets() {
		if !s.Blank() {
			out = append(out, strings.TrimSpace(s.Text()))
		}
	}
	return out
}

// openPty returns both ends of a raw pseudo-terminal; the slave is named after its
// file. The test keeps it open, so that the master does not see whoever closes it.
func openPty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC | unix.O_NONBLOCK
	fd, err := unix.Open("/dev/ptmx", flags, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	master = os.NewFile(uintptr(fd), "master")
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("/dev/pts/%d", n)
	sd, err := unix.Open(name, flags, 0)
	if err != nil {
		t.Fatal(err)
	}
	slave = os.NewFile(uintptr(sd), name)
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
	return master, slave
}

// counted is newPlugged with its opens counted, those that worked.
func counted(t *testing.T, path string) (*plugged, *atomic.Int32) {
	p, err := newPlugged(path, escpos.Generic80())
	if err != nil {
		t.Fatal(err)
	}
	opens := new(atomic.Int32)
	open := p.open
	p.open = func() (io.ReadWriteCloser, error) {
		f, err := open()
		if err == nil {
			opens.Add(1)
		}
		return f, err
	}
	t.Cleanup(func() { p.Close() })
	return p, opens
}

func sheetOf(text string) drivers.Document {
	return drivers.Document{Blocks: []drivers.Block{drivers.Text{Text: text}}}
}

// TestBug18PrinterResetsAtEachJob: opening the device resets many printers, so it
// happens once, whatever is printed and asked, and whatever befalls the paper.
func TestBug18PrinterResetsAtEachJob(t *testing.T) {
	u := newUSB(t)
	u.plug()
	p, opens := counted(t, u.path)
	var want []string
	for i := range 20 {
		text := fmt.Sprintf("Ticket %d", i+1)
		if i == 10 {
			u.wire.Set(drivers.NoPaper, true)
			if _, err := p.Print(t.Context(), sheetOf("sans papier")); !errors.Is(err, drivers.ErrNoPaper) {
				t.Fatalf("Print() without paper = %v; want no paper", err)
			}
			u.wire.Set(drivers.NoPaper, false)
		}
		if _, err := p.Print(t.Context(), sheetOf(text)); err != nil {
			t.Fatalf("Print(%s) = %v; want nil", text, err)
		}
		if got := p.Status(t.Context()); got != drivers.Ready {
			t.Fatalf("Status() after %s = %v; want ready", text, got)
		}
		want = append(want, text)
	}
	if got := opens.Load(); got != 1 {
		t.Errorf("the device was opened %d times for 20 jobs; want once", got)
	}
	if got := u.sheets(); !slices.Equal(got, want) {
		t.Errorf("sheets = %q; want %q", got, want)
	}
}

// TestAPrinterThatComesBack: a box may start before its printer, and nobody has to
// do more than put the cable back.
func TestAPrinterThatComesBack(t *testing.T) {
	u := newUSB(t)
	p, opens := counted(t, u.path)
	var want []string
	for i := range 5 {
		if _, err := p.Print(t.Context(), sheetOf("perdu")); !errors.Is(err, drivers.ErrUnplugged) || !strings.Contains(err.Error(), u.path) {
			t.Fatalf("Print() without a cable = %v; want unplugged and its path", err)
		}
		if got := p.Status(t.Context()); got != drivers.Unplugged {
			t.Fatalf("Status() without a cable = %v; want unplugged", got)
		}
		u.plug()
		if i%2 == 0 { // whichever call comes first opens
			if got := p.Status(t.Context()); got != drivers.Ready {
				t.Fatalf("Status() once plugged = %v; want ready", got)
			}
		}
		for j := range 3 {
			text := fmt.Sprintf("Ticket %d.%d", i, j)
			if _, err := p.Print(t.Context(), sheetOf(text)); err != nil {
				t.Fatalf("Print(%s) = %v; want nil", text, err)
			}
			want = append(want, text)
		}
		u.pull()
	}
	if got := opens.Load(); got != 5 {
		t.Errorf("the device was opened %d times; want once for each of 5 cables", got)
	}
	if got := u.sheets(); !slices.Equal(got, want) {
		t.Errorf("sheets = %q; want %q", got, want)
	}
}

// A cable that was pulled and put back between two jobs costs at most one of them.
func TestOpenAfterABlipNobodySaw(t *testing.T) {
	u := newUSB(t)
	u.plug()
	p, opens := counted(t, u.path)
	if _, err := p.Print(t.Context(), sheetOf("un")); err != nil {
		t.Fatal(err)
	}
	u.pull()
	u.plug()
	if _, err := p.Print(t.Context(), sheetOf("deux")); !errors.Is(err, drivers.ErrUnplugged) {
		t.Errorf("Print() on the old cable = %v; want unplugged", err)
	}
	if _, err := p.Print(t.Context(), sheetOf("trois")); err != nil {
		t.Errorf("Print() on the new cable = %v; want nil", err)
	}
	if got := opens.Load(); got != 2 {
		t.Errorf("the device was opened %d times; want 2", got)
	}
}

func TestOpenRefusesWhatIsNoDevice(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lp0")
	if err := os.WriteFile(file, []byte("a copy"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Dir(file), filepath.Join(file, "lp0"), file + "1"} {
		p, err := newPlugged(path, escpos.Generic80())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Print(t.Context(), sheetOf("perdu")); !errors.Is(err, drivers.ErrUnplugged) {
			t.Errorf("Print() to %s = %v; want unplugged", path, err)
		}
		p.Close()
	}
	if got, err := os.ReadFile(file); string(got) != "a copy" {
		t.Errorf("the file holds %q, %v; want it untouched", got, err)
	}
}

// A call left behind in an open that hangs keeps the next from opening too, but no
// longer than it is patient.
func TestOpenHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opens, let := new(atomic.Int32), make(chan struct{})
		wire := sim.NewWire(escpos.Generic80(), 1, sim.Quirks{})
		p, err := newPlugged("/nowhere/lp0", escpos.Generic80())
		if err != nil {
			t.Fatal(err)
		}
		p.open = func() (io.ReadWriteCloser, error) {
			opens.Add(1)
			<-let
			return wire, nil
		}
		left := make(chan error, 1)
		go func() { _, err := p.Print(t.Context(), sheetOf("un")); left <- err }()
		synctest.Wait()
		began := time.Now()
		if got := p.Status(t.Context()); got != drivers.Mute || time.Since(began) > time.Second {
			t.Errorf("Status() behind an open that hangs = %v after %v; want mute within a second", got, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := p.Print(ctx, sheetOf("deux")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Print() behind an open that hangs = %v; want its deadline", err)
		}
		close(let)
		if err := <-left; err != nil {
			t.Errorf("Print() left behind = %v; want nil once opened", err)
		}
		if got := p.Status(t.Context()); got != drivers.Ready || opens.Load() != 1 {
			t.Errorf("Status() = %v after %d opens; want ready after 1", got, opens.Load())
		}
		if err := p.Close(); err != nil {
			t.Errorf("Close() = %v; want nil", err)
		}
		if _, err := p.Print(t.Context(), sheetOf("trois")); !errors.Is(err, drivers.ErrUnplugged) || opens.Load() != 1 {
			t.Errorf("Print() after Close = %v, %d opens; want unplugged and no other", err, opens.Load())
		}
	})
}

// quiet is a device whose reads are as a test says.
type quiet struct {
	io.Writer
	reads []error // nil is one byte
	over  chan struct{}
}

func (q *quiet) Close() error { close(q.over); return nil }

func (q *quiet) Read(b []byte) (int, error) {
	if len(q.reads) == 0 {
		return 0, io.EOF
	}
	err := q.reads[0]
	q.reads = q.reads[1:]
	if err != nil {
		return 0, err
	}
	b[0] = 0x16
	return 1, nil
}

// An empty read of a printer with nothing to say is no pulled cable.
func TestOpenPortReadsOn(t *testing.T) {
	for _, c := range []struct {
		name  string
		reads []error
		there bool
		n     int
		err   error
	}{
		{"an answer", []error{nil}, true, 1, nil},
		{"an answer after empty packets", []error{io.EOF, io.EOF, nil}, true, 1, nil},
		{"a cable pulled", []error{io.EOF, nil}, false, 0, io.EOF},
		{"a device that fails", []error{syscall.ENODEV, nil}, true, 0, syscall.ENODEV},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &port{ReadWriteCloser: &quiet{reads: c.reads}, there: func() bool { return c.there }, closed: make(chan struct{})}
			if n, err := p.Read(make([]byte, 8)); n != c.n || err != c.err {
				t.Errorf("%s: Read() = %d, %v; want %d, %v", c.name, n, err, c.n, c.err)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		p := &port{ReadWriteCloser: &quiet{over: make(chan struct{})}, there: func() bool { return true }, closed: make(chan struct{})}
		done := make(chan error)
		go func() { _, err := p.Read(make([]byte, 8)); done <- err }()
		time.Sleep(time.Minute)
		p.Close()
		if err := <-done; !errors.Is(err, os.ErrClosed) {
			t.Errorf("Read() of a port closed = %v; want %v", err, os.ErrClosed)
		}
	})
}

// TestRunWithoutItsPrinter: the box starts, says at the desk what to do, and goes
// on without paper.
func TestRunWithoutItsPrinter(t *testing.T) {
	file := filepath.Join(t.TempDir(), "site.toml")
	text := siteWith(t, `printer = "sim:"`, `printer = "escpos:/nowhere/lp0"`)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := boxHere(t, t.TempDir(), "-devices", "site", "-site", file)
	type view struct {
		Devices []struct {
			Key  string
			OK   bool
			Text string
		}
	}
	await(r.watch("/ws/desk?desk=1"), "the printer unplugged", func(v view) bool {
		for _, d := range v.Devices {
			if d.Key == "printer" && !d.OK && strings.Contains(d.Text, "débranchée") {
				return true
			}
		}
		return false
	})
	r.desk("open", nil)
	r.post("/api/tickets", fields{"motif": "caf"})
	if code := r.stop(); code != exitOK {
		t.Errorf("stop = %d %s; want 0", code, r.errs)
	}
}
