// Package hil is the hardware in the loop: a virtual machine whose GPIO chip, USB
// printer, serial port, sound card and watchdog are a real Linux kernel's, driven
// from outside like the hardware of a box. It runs the very binary of the card.
//
// It promises that a machine never outlives who started it, and that whatever
// waits says what it waited for. images/guest/build makes what Start boots; Launch
// boots anything with the same devices, as images/proof does with the box's card.
//
// The processor is emulated (QEMU's TCG), so that any Linux machine can run it:
// times measured here are upper bounds.
package hil

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The lines of the machine's PL061 GPIO chip, by number. The buttons are low when
// pressed, the lamps high when lit. Line 3 is the machine's power key.
const (
	Previous = iota
	Next
	OK
	Power
	Repeat
	LampPrevious
	LampNext
	LampOK
)

// The buttons of the panel at the way out. The chip has eight lines: a box with
// these buttons has no lamps.
const (
	Good = LampPrevious
	Fair = LampNext
	Bad  = LampOK
)

// LineNames are the names under which the guest's kernel knows the lines.
func LineNames() []string {
	return []string{"BTN_PREVIOUS", "BTN_NEXT", "BTN_OK", "PWR", "BTN_REPEAT", "LED_PREVIOUS", "LED_NEXT", "LED_OK"}
}

// The guest's ports that this machine reaches through Machine.Addr.
const (
	portShell   = 23
	PortBox     = 8080 // jeudi
	portPrinter = 8081 // the printer's end of the USB cable, see the guest command
	portStatus  = 8082 // its port status
	portEar     = 8083 // what the box says
	portJack    = 8084 // a socket for headphones
)

// pl061 is where -M virt has its GPIO chip.
const pl061 = 0x9030000

// Machine is a running virtual machine.
type Machine struct {
	// Serial is the other end of the guest's serial port, /dev/ttyS0, and Second that of
	// /dev/ttyS1, which Start lends to the guest itself.
	Serial, Second net.Conn

	dir     string // of the machine's device tree, removed by Close
	ports   map[int]int
	console console
	qmp     *qmp
	qtest   *qtest
	chip    string // the GPIO chip's path in QEMU

	stop   func()
	exited chan struct{}
	exit   error
}

// A Config is a machine to be. It has the panel's GPIO chip and two serial ports.
type Config struct {
	Kernel, Initrd, Append string
	MemoryMiB              int
	// Tree are changes to the machine's device tree, as arguments of fdtput: "%s" stands
	// for the tree's file.
	Tree [][]string
	// Args are what else QEMU is told: disks, a watchdog.
	Args []string
	// Net are the arguments of the network backend "net", whose forwarded ports are added.
	Net   string
	Ports []int // of the guest, at Guest, that Machine.Addr leads to
	Guest string
	// Ready is what the guest says on its console when it has started, within Within.
	Ready  string
	Within time.Duration
}

// board is what QEMU must be told twice, for the device tree and for the run.
func (c Config) board() []string {
	return []string{"-cpu", "cortex-a72", "-smp", "2", "-m", strconv.Itoa(c.MemoryMiB), "-nodefaults", "-display", "none"}
}

// Start boots what images/guest/build put into dir and returns once the guest
// listens, which takes some seconds. What the guest says on its console goes to
// log too. The machine ends with ctx, with Close, and with this process.
func Start(ctx context.Context, dir string, log io.Writer) (*Machine, error) {
	m, err := Launch(ctx, Config{
		Kernel: filepath.Join(dir, "kernel"), Initrd: filepath.Join(dir, "initrd"), Append: "console=ttyAMA0 quiet panic=-1",
		MemoryMiB: 512, Net: "user,id=net,restrict=on", Guest: "10.0.2.15",
		Ports: []int{portShell, PortBox, portPrinter, portStatus, portEar, portJack},
		// An expired watchdog ends the machine, as it would restart a box.
		Args:  []string{"-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci", "-device", "i6300esb", "-action", "watchdog=poweroff"},
		Ready: "guest: ready", Within: 60 * time.Second,
	}, log)
	if err != nil {
		return nil, err
	}
	go m.lend(m.Second)
	return m, nil
}

// Launch boots a machine and returns once it says that it is ready. A machine that
// restarts itself ends.
func Launch(ctx context.Context, c Config, log io.Writer) (*Machine, error) {
	for try := 1; ; try++ {
		m := &Machine{ports: map[int]int{}, console: console{log: log}, exited: make(chan struct{})}
		err := m.start(ctx, c)
		if err == nil {
			return m, nil
		}
		m.Close()
		// A port that was free a moment ago may be somebody else's now.
		if try == 3 || !strings.Contains(err.Error(), "host forwarding") {
			return nil, fmt.Errorf("hil: starting the guest: %w", err)
		}
	}
}

func (m *Machine) start(ctx context.Context, c Config) error {
	var err error
	if m.dir, err = os.MkdirTemp("", "jeudi-hil"); err != nil {
		return err
	}
	tree, err := deviceTree(ctx, c, m.dir)
	if err != nil {
		return err
	}
	// Every socket is a pair whose other half QEMU inherits: no path, nobody has to
	// wait for a listener.
	var files []*os.File
	closeFiles := func() {
		for _, f := range files {
			f.Close()
		}
	}
	defer closeFiles()
	args := append([]string{"-M", "virt", "-accel", "tcg,thread=multi"}, c.board()...)
	pair := func(id string) (conn net.Conn) {
		if err != nil {
			return nil
		}
		var f *os.File
		if conn, f, err = socketPair(); err == nil {
			files = append(files, f)
			args = append(args, "-chardev", fmt.Sprintf("socket,id=%s,fd=%d", id, 2+len(files)))
		}
		return conn
	}
	consoleConn, serialConn, secondConn, qmpConn, qtestConn := pair("console"), pair("serial"), pair("second"), pair("qmp"), pair("qtest")
	if err != nil {
		return err
	}
	m.Serial, m.Second = serialConn, secondConn
	forward := c.Net
	for _, port := range c.Ports {
		if m.ports[port], err = freePort(); err != nil {
			return err
		}
		forward += fmt.Sprintf(",hostfwd=tcp:127.0.0.1:%d-%s:%d", m.ports[port], c.Guest, port)
	}
	args = append(args,
		"-serial", "chardev:console", "-device", "pci-serial,chardev=serial", "-device", "pci-serial,chardev=second",
		"-qmp", "chardev:qmp", "-qtest", "chardev:qtest", "-qtest-log", "none",
		"-netdev", forward, "-no-reboot",
		"-dtb", tree, "-kernel", c.Kernel, "-initrd", c.Initrd, "-append", c.Append)
	args = append(args, c.Args...)

	running, stop := context.WithCancel(ctx)
	m.stop = stop
	cmd := exec.CommandContext(running, qemu, args...)
	cmd.ExtraFiles = files
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	started := make(chan error)
	go func() {
		// The kernel kills the machine when the thread that started it ends, so that
		// thread must be this goroutine's as long as the machine runs.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		err := cmd.Start()
		started <- err
		if err == nil {
			m.exit = cmd.Wait()
			if text := strings.TrimSpace(said.String()); text != "" {
				m.exit = errors.Join(m.exit, errors.New(text))
			}
		}
		close(m.exited)
	}()
	if err := <-started; err != nil {
		return err
	}
	closeFiles() // or our own halves would hide for ever that QEMU has gone
	go m.console.read(consoleConn)
	if m.qmp, err = newQMP(qmpConn); err != nil {
		return m.died(err)
	}
	if m.chip, err = m.qmp.find("child<pl061>"); err != nil {
		return m.died(err)
	}
	m.qtest = newQTest(qtestConn)
	if err := m.qtest.intercept(m.chip); err != nil {
		return m.died(err)
	}
	// An undriven line reads low, which is a pressed button.
	for _, line := range []int{Previous, Next, OK, Power, Repeat} {
		if _, err := m.Set(line, true); err != nil {
			return m.died(err)
		}
	}
	ready, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	return m.WaitConsole(ready, c.Ready)
}

const qemu = "qemu-system-aarch64"

// died is err, or why the machine is no more.
func (m *Machine) died(err error) error {
	select {
	case <-m.exited:
		return errors.Join(err, m.exit)
	case <-time.After(time.Second):
		return err
	}
}

// deviceTree makes the machine's own device tree with names for the GPIO lines.
func deviceTree(ctx context.Context, c Config, dir string) (string, error) {
	tree := filepath.Join(dir, "tree.dtb")
	cmds := []*exec.Cmd{
		exec.CommandContext(ctx, qemu, append([]string{"-M", "virt,dumpdtb=" + tree}, c.board()...)...),
		exec.CommandContext(ctx, "fdtput", append([]string{"-t", "s", tree,
			fmt.Sprintf("/pl061@%x", pl061), "gpio-line-names"}, LineNames()...)...),
	}
	for _, change := range c.Tree {
		args := slices.Clone(change)
		if i := slices.Index(args, "%s"); i >= 0 {
			args[i] = tree
		}
		cmds = append(cmds, exec.CommandContext(ctx, "fdtput", args...))
	}
	for _, cmd := range cmds {
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w %s", cmd.Args[0], err, out)
		}
	}
	return tree, nil
}

// socketPair is a connection and its other end as a file to be inherited.
func socketPair() (net.Conn, *os.File, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	ours := os.NewFile(uintptr(fds[0]), "ours")
	defer ours.Close()
	conn, err := net.FileConn(ours)
	theirs := os.NewFile(uintptr(fds[1]), "theirs")
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}

// freePort is a port of this machine that nobody used a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Close ends the machine and waits until it is gone.
func (m *Machine) Close() {
	if m.stop != nil {
		m.stop()
		<-m.exited
	}
	for _, conn := range []net.Conn{m.Serial, m.Second} {
		if conn != nil {
			conn.Close()
		}
	}
	if m.dir != "" {
		os.RemoveAll(m.dir)
	}
}

// Screen writes what a port of the graphics device with that id shows to a file, as PNG.
func (m *Machine) Screen(device string, port int, file string) error {
	return m.qmp.do("screendump", map[string]any{"device": device, "head": port, "filename": file, "format": "png"}, nil)
}

// Cable puts the cable of a network card in, by the id of its device, or pulls it.
func (m *Machine) Cable(device string, in bool) error {
	return m.qmp.do("set_link", map[string]any{"name": device, "up": in}, nil)
}

// Said is what the guest has said on its console.
func (m *Machine) Said() string {
	said, _ := m.console.now()
	return said
}

// Exited is closed once the machine is off.
func (m *Machine) Exited() <-chan struct{} { return m.exited }

// Exit is how QEMU ended, nil where it ended well; to be asked once Exited is closed.
func (m *Machine) Exit() error { return m.exit }

// USB is the printer's end of the USB cable: what the guest prints on /dev/usb/lp0
// is read from it, and what is written to it is the printer's answer. It can be had
// once, and the cable must be in when it is asked for. While the cable is out,
// what is written is lost.
func (m *Machine) USB(ctx context.Context) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.Addr(portPrinter))
	if err != nil {
		return nil, fmt.Errorf("hil: the printer's end of the cable: %w", err)
	}
	defer context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Unix(1, 0)) })()
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		conn.Close()
		return nil, fmt.Errorf("hil: the printer's end of the cable: %w", err)
	}
	return conn, nil
}

// SetPortStatus is what the printer answers when the kernel asks for its port's
// status (LPGETSTATUS): bits 08h no error, 10h selected, 20h no paper.
func (m *Machine) SetPortStatus(ctx context.Context, status byte) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.Addr(portStatus))
	if err != nil {
		return fmt.Errorf("hil: port status: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	b := []byte{status}
	if _, err := conn.Write(b); err != nil {
		return fmt.Errorf("hil: port status: %w", err)
	}
	if _, err = io.ReadFull(conn, b); err != nil {
		return fmt.Errorf("hil: port status: nobody is at the printer's end: %w", err)
	}
	return nil
}

// Listen records what is played on a subdevice of the guest's sound card: signed
// samples of 16 bits, little endian, 48000 a second, one channel, as they are played.
// Closing the connection ends the recording.
func (m *Machine) Listen(ctx context.Context, subdevice byte) (net.Conn, error) {
	conn, err := m.open(ctx, portEar, subdevice)
	if err != nil {
		return nil, fmt.Errorf("hil: recording subdevice %d: %w", subdevice, err)
	}
	return conn, nil
}

// Jack is a socket for headphones that tells the kernel of its plug.
type Jack struct{ conn net.Conn }

// Jack puts such a socket into the guest, with nothing plugged, until it is closed.
func (m *Machine) Jack(ctx context.Context) (*Jack, error) {
	conn, err := m.open(ctx, portJack, 0)
	if err != nil {
		return nil, fmt.Errorf("hil: making a jack: %w", err)
	}
	return &Jack{conn}, nil
}

// Plug puts the plug in or pulls it, and returns once the kernel knows.
func (j *Jack) Plug(in bool) error {
	var b [1]byte
	if in {
		b[0] = 1
	}
	if err := exchange(j.conn, b); err != nil {
		return fmt.Errorf("hil: plugging headphones: %w", err)
	}
	return nil
}

// Close takes the socket away.
func (j *Jack) Close() error { return j.conn.Close() }

// open connects to a port of the guest that begins once it was sent a byte, and
// says so with a byte.
func (m *Machine) open(ctx context.Context, port int, b byte) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.Addr(port))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	err = exchange(conn, [1]byte{b})
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// exchange sends a byte and waits for one.
func exchange(conn net.Conn, b [1]byte) error {
	if _, err := conn.Write(b[:]); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, b[:])
	return err
}

// Addr is where this machine reaches a port of the guest.
func (m *Machine) Addr(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(m.ports[port]))
}

// WaitConsole returns once the guest has said text on its console.
func (m *Machine) WaitConsole(ctx context.Context, text string) error {
	for {
		said, more := m.console.now()
		if strings.Contains(said, text) {
			return nil
		}
		select {
		case <-more:
		case <-m.exited:
			return fmt.Errorf("hil: waiting for %q: the machine is off: %w", text, errors.Join(m.exit, tail(said)))
		case <-ctx.Done():
			return fmt.Errorf("hil: waiting for %q: %w: %w", text, ctx.Err(), tail(said))
		}
	}
}

// tail is the end of what the console said.
func tail(said string) error {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return errors.New("the console ends with\n" + strings.Join(lines[max(0, len(lines)-15):], "\n"))
}

// console keeps what the guest says.
type console struct {
	log io.Writer

	mu   sync.Mutex // readers wait while the console is written
	said strings.Builder
	more chan struct{} // closed when there is more
}

func (c *console) read(from io.Reader) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		fmt.Fprintln(c.log, line)
		c.mu.Lock()
		c.said.WriteString(line + "\n")
		if c.more != nil {
			close(c.more)
			c.more = nil
		}
		c.mu.Unlock()
	}
}

func (c *console) now() (said string, more <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.more == nil {
		c.more = make(chan struct{})
	}
	return c.said.String(), c.more
}

// ExitError is a command of the guest that did not exit with 0.
type ExitError struct {
	Code   int
	Output string
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("exit %d: %s", e.Code, strings.TrimSpace(e.Output))
}

// Run runs a script of the guest's shell and returns what it printed. Whatever it
// leaves running must have its output elsewhere, or Run waits for that too.
func (m *Machine) Run(ctx context.Context, script string) (string, error) {
	out, err := m.run(ctx, script)
	if err != nil {
		return out, fmt.Errorf("hil: running %q in the guest: %w", script, err)
	}
	return out, nil
}

func (m *Machine) run(ctx context.Context, script string) (string, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.Addr(portShell))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	// From a file, so that the script's commands do not read it as their input.
	_, err = fmt.Fprintf(conn, "S=/run/script.$$\ncat >$S <<'@end of script@'\n%s\n@end of script@\n"+
		"sh $S </dev/null 2>&1; printf '\\nexit %%d\\n' $?; rm $S; exit\n", script)
	if err != nil {
		return "", err
	}
	all, err := io.ReadAll(conn)
	if ctx.Err() != nil {
		return string(all), ctx.Err()
	}
	if err != nil {
		return string(all), err
	}
	return outcome(all)
}

// outcome takes apart what a script printed and the line that says how it ended.
func outcome(all []byte) (string, error) {
	end := bytes.LastIndex(all, []byte("\nexit "))
	if end < 0 {
		return string(all), errors.New("the connection ended before the command")
	}
	out := string(all[:end])
	code, err := strconv.Atoi(strings.TrimSpace(string(all[end+len("\nexit "):])))
	if err != nil {
		return out, err
	}
	if code != 0 {
		return out, &ExitError{code, out}
	}
	return out, nil
}

// Set drives an input line of the guest's GPIO chip and returns when it did.
func (m *Machine) Set(line int, high bool) (time.Time, error) {
	level := 0
	if high {
		level = 1
	}
	at := time.Now()
	_, err := m.qtest.do(fmt.Sprintf("set_irq_in %s unnamed-gpio-in %d %d", m.chip, line, level))
	return at, err
}

// lend sets lines for tests that run in the guest: "LINE LEVEL" over its second
// serial port, answered once it is done.
func (m *Machine) lend(hands io.ReadWriter) {
	for {
		var line, level int
		if _, err := fmt.Fscan(hands, &line, &level); err != nil {
			return
		}
		if _, err := m.Set(line, level != 0); err != nil {
			return
		}
		if _, err := hands.Write([]byte{'\n'}); err != nil {
			return
		}
	}
}

// Level reads a line of the guest's GPIO chip, whoever drives it.
func (m *Machine) Level(line int) (bool, error) {
	// The address says which lines are meant.
	got, err := m.qtest.do(fmt.Sprintf("readl %#x", pl061+(1<<line)<<2))
	if err != nil {
		return false, err
	}
	v, err := strconv.ParseUint(strings.TrimPrefix(got, "0x"), 16, 64)
	return v != 0, err
}

// Edge is a change of a line that the guest drives.
type Edge struct {
	Line int
	High bool
	At   time.Time
}

// Edges are the changes of lamps so far.
func (m *Machine) Edges() []Edge {
	edges, _ := m.qtest.now()
	return edges
}

// WaitEdge returns the first change of a line to that level after since.
func (m *Machine) WaitEdge(ctx context.Context, line int, high bool, since time.Time) (Edge, error) {
	for {
		edges, more := m.qtest.now()
		for _, e := range edges {
			if e.Line == line && e.High == high && e.At.After(since) {
				return e, nil
			}
		}
		select {
		case <-more:
		case <-m.exited:
			return Edge{}, fmt.Errorf("hil: waiting for line %d: the machine is off", line)
		case <-ctx.Done():
			return Edge{}, fmt.Errorf("hil: waiting for line %d: %w", line, ctx.Err())
		}
	}
}
