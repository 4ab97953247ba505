package proof

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"jeudi/firmware/hil"
)

// Ports of the box on its second network card.
const (
	portStaff  = 443
	portPublic = 80
)

// lanAddress is what QEMU's DHCP gives to the second card.
const lanAddress = "10.0.2.15"

// Power is how a box is switched on.
type Power struct {
	Firmware Firmware
	Log      string   // where each write to the card is kept, "" nowhere
	Sticks   []string // images of USB sticks
	Disks    []string // images of other disks
	Append   string   // what else the kernel is told
	Clock    string   // of its battery-less clock: "1970-01-01"; "" the real time
	NoKiosk  bool     // without picture, which takes most of the time and changes nothing on the card
	TwoPorts bool     // a second port for a screen, with nothing in it; see ScreenCable
	Late     string   // what else the first files run before systemd, with the root below /newroot
	Network  bool     // the second network card has its cable
	Within   time.Duration
}

// A Box is a card that runs.
type Box struct {
	*hil.Machine
	Boot Boot
	// Shell runs scripts as root in the guest, over a serial port of its own: the box
	// itself has no such door. It is put in on the way up, as whoever holds the card could.
	Shell *Shell

	dir string
}

// late is what the card's first files run before they hand over to systemd, when an archive
// behind them holds it: a shell on the third serial port, and no picture where none is
// wanted. The root below is as it is; this lies in the memory on top of it.
func (p Power) late() string {
	script := `cat >/newroot/etc/systemd/system/proof.service <<'END'
[Unit]
DefaultDependencies=no
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh
StandardInput=tty
StandardOutput=tty
TTYPath=/dev/ttyS1
Restart=always
RestartSec=1s
END
mkdir -p /newroot/etc/systemd/system/sysinit.target.wants
ln -s ../proof.service /newroot/etc/systemd/system/sysinit.target.wants/
`
	if p.NoKiosk {
		script += "ln -sfn /dev/null /newroot/etc/systemd/system/kiosk.service\n"
	}
	return script + p.Late
}

// archive is a cpio archive of one file, in the form that the kernel unpacks.
func archive(name, content string) []byte {
	var b bytes.Buffer
	entry := func(name, content string, mode int) {
		fmt.Fprintf(&b, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\x00",
			0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0, name)
		for b.Len()%4 != 0 {
			b.WriteByte(0)
		}
		b.WriteString(content)
		for b.Len()%4 != 0 {
			b.WriteByte(0)
		}
	}
	entry(name, content, 0o100755)
	entry("TRAILER!!!", "", 0)
	return b.Bytes()
}

// appendTo puts bytes behind a file, at a multiple of four bytes.
func appendTo(name string, more []byte) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for len(data)%4 != 0 {
		data = append(data, 0)
	}
	return os.WriteFile(name, append(data, more...), 0o600)
}

// cardDevice is QEMU's name of the card's drive.
const cardDevice = "sdcard"

// refuse has the card answer every write with an error from now on, as one that is worn out
// or that locked itself. What it has can be read.
func (b *Box) refuse() error {
	var rules []map[string]any
	for _, kind := range []string{"write", "write-zeroes", "discard", "flush"} {
		rules = append(rules, map[string]any{"event": "none", "errno": 5, "iotype": kind})
	}
	return b.Disk(cardDevice, "refuses", map[string]any{"driver": "blkdebug", "image": "file", "inject-error": rules})
}

// pull takes the card out: every request is an error from now on. Its image stays as it is.
func (b *Box) pull(bytes int64) error {
	return b.Disk(cardDevice, "pulled", map[string]any{"driver": "blkdebug",
		"image":        map[string]any{"driver": "null-co", "size": bytes},
		"inject-error": []map[string]any{{"event": "none", "errno": 5}}})
}

// logBytes is how much the card may write in one run: the file is sparse.
const logBytes = 8 << 30

// On plays the firmware, and starts the box from the image of its card, which is written to.
// It returns once the kernel has begun.
func On(ctx context.Context, image string, p Power, log io.Writer) (_ *Box, err error) {
	b := &Box{}
	if b.dir, err = os.MkdirTemp("", "jeudi-proof"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(b.dir)
		}
	}()
	if b.Boot, err = p.Firmware.Start(ctx, image, b.dir); err != nil {
		return nil, err
	}
	try := "0"
	if b.Boot.Try {
		try = "1"
	}
	args := []string{
		"-device", "virtio-rng-pci",
		// The first card's cable is never in: a box must not wait for it.
		"-netdev", "user,id=dead,restrict=on", "-device", "virtio-net-pci,id=eth0,netdev=dead,romfile=",
		"-device", "virtio-net-pci,id=eth1,netdev=net,romfile=",
		"-device", "qemu-xhci,id=xhci",
		// The guest's flushes are kept in the log; this machine's own disk is not asked.
		"-blockdev", "driver=file,node-name=file,filename=" + image + ",cache.no-flush=on",
	}
	if p.Clock != "" {
		args = append(args, "-rtc", "base="+p.Clock)
	}
	disk := "file"
	if p.Log != "" {
		f, err := os.Create(p.Log)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(f.Truncate(logBytes), f.Close()); err != nil {
			return nil, err
		}
		args = append(args, "-blockdev", "driver=file,node-name=log,filename="+p.Log+",cache.no-flush=on",
			"-blockdev", "driver=blklogwrites,node-name=card,file=file,log=log,log-sector-size=512")
		disk = "card"
	}
	// QEMU 7.2's log goes wrong where zeros are written as such.
	args = append(args, "-device", "virtio-blk-pci,id="+cardDevice+",drive="+disk+",discard=off,write-zeroes=off")
	for i, other := range p.Disks {
		id := fmt.Sprintf("disk%d", i)
		args = append(args, "-blockdev", "driver=file,read-only=on,node-name="+id+",filename="+other, "-device", "virtio-blk-pci,drive="+id)
	}
	for i, stick := range p.Sticks {
		id := fmt.Sprintf("stick%d", i)
		args = append(args, "-blockdev", "driver=file,node-name="+id+",filename="+stick,
			"-device", "usb-storage,bus=xhci.0,removable=on,drive="+id)
	}
	if err := appendTo(b.Boot.Initrds, archive("late", p.late())); err != nil {
		return nil, err
	}
	line := b.Boot.Cmdline + " console=ttyAMA0 loglevel=1 panic=-1 " + p.Append
	memory := 768
	if !p.NoKiosk {
		memory = 2048
		ports := 1
		if p.TwoPorts {
			ports = 2
			for port := range ports {
				args = append(args, "-vnc", fmt.Sprintf("unix:%s,id=screen%d,display=%s,head=%d", b.cable(port), port, graphics, port))
			}
		}
		args = append(args, "-device", fmt.Sprintf("virtio-gpu-pci,id=%s,max_outputs=%d,xres=1280,yres=800", graphics, ports), "-device", "virtio-tablet-pci")
	}
	if len(line) > 2040 {
		return nil, fmt.Errorf("the kernel's command line has %d bytes; arm64 takes 2048", len(line))
	}
	within := p.Within
	if within == 0 {
		within = 2 * time.Minute
	}
	b.Machine, err = hil.Launch(ctx, hil.Config{
		Kernel: b.Boot.Kernel, Initrd: b.Boot.Initrds, Append: line, MemoryMiB: memory,
		Tree: [][]string{
			{"-p", "-c", "%s", "/chosen/bootloader"},
			{"-t", "u", "%s", "/chosen/bootloader", "partition", strconv.Itoa(b.Boot.Partition)},
			{"-t", "u", "%s", "/chosen/bootloader", "tryboot", try},
		},
		Net: "user,id=net,restrict=on", Guest: lanAddress, Ports: []int{portStaff, portPublic},
		Args: args, Ready: "", Within: within,
	}, log)
	if err != nil {
		return nil, err
	}
	for card, in := range map[string]bool{"eth0": false, "eth1": p.Network} {
		if err := b.Cable(card, in); err != nil {
			b.Off()
			return nil, err
		}
	}
	b.Shell = newShell(b.Second)
	return b, nil
}

// Off pulls the plug.
func (b *Box) Off() {
	if b.Machine != nil {
		b.Close()
	}
	os.RemoveAll(b.dir)
}

// Restarted waits until the box restarts itself, and says whether it asked for a trial of
// the other slot: what the Pi's firmware would be told.
func (b *Box) Restarted(ctx context.Context) (try bool, err error) {
	select {
	case <-b.Exited():
	case <-ctx.Done():
		return false, fmt.Errorf("waiting for the box to restart: %w", ctx.Err())
	}
	return restart(b.Said())
}

// restart reads the kernel's last words.
func restart(said string) (try bool, err error) {
	at := strings.LastIndex(said, "reboot: ")
	if at < 0 {
		return false, errors.New("the box went off without the kernel's last word")
	}
	word, _, _ := strings.Cut(said[at:], "\n")
	switch {
	case strings.HasPrefix(word, "reboot: Restarting system with command '"):
		return strings.HasSuffix(strings.TrimSuffix(word, "'"), " tryboot"), nil
	case word == "reboot: Restarting system":
		return false, nil
	}
	return false, fmt.Errorf("the box did not restart: %q", word)
}

// Shell is root's shell in the guest.
type Shell struct {
	conn    net.Conn
	lines   *bufio.Reader
	asking  sync.Mutex // one script at a time
	greeted bool
}

func newShell(conn net.Conn) *Shell { return &Shell{conn: conn, lines: bufio.NewReader(conn)} }

// Run runs a script and returns what it printed; one that fails is an error. The first one
// waits until there is a shell. After an error that is the context's the shell is lost.
func (s *Shell) Run(ctx context.Context, script string) (string, error) {
	return s.Watch(ctx, script, func(string) {})
}

// Watch is Run that tells each line as it comes.
func (s *Shell) Watch(ctx context.Context, script string, tell func(line string)) (string, error) {
	s.asking.Lock()
	defer s.asking.Unlock()
	defer context.AfterFunc(ctx, func() { s.conn.SetDeadline(time.Unix(1, 0)) })()
	out, err := s.run(script, tell)
	if ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		return out, fmt.Errorf("in the guest, %s: %w", strings.TrimSpace(script), err)
	}
	return out, nil
}

func (s *Shell) run(script string, tell func(string)) (string, error) {
	if !s.greeted {
		if err := s.greet(); err != nil {
			return "", fmt.Errorf("there is no shell: %w", err)
		}
	}
	// The guest's terminal forgets what it is told faster than the shell reads: a piece at a
	// time. The marks are written so that an echo of these lines is not taken for them.
	text := base64.StdEncoding.EncodeToString([]byte(script + "\n"))
	begin := "P=${PROOF:-/run}/proof; : >$P; "
	for len(text) > 0 {
		n := min(len(text), 1500)
		if err := s.ask(begin+"printf %s '"+text[:n]+"' >>$P; printf '%s%s\\n' @got @", "@got@"); err != nil {
			return "", err
		}
		begin, text = "", text[n:]
	}
	if _, err := io.WriteString(s.conn, "base64 -d <$P >$P.sh; bash $P.sh </dev/null 2>&1; printf '\\n%s %d\\n' '@exit' $?\n"); err != nil {
		return "", err
	}
	var out strings.Builder
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			return out.String(), err
		}
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if code, ok := strings.CutPrefix(line, "@exit "); ok {
			text := strings.TrimSuffix(out.String(), "\n")
			if n, err := strconv.Atoi(code); err != nil || n != 0 {
				return text, fmt.Errorf("exit %s: %s", code, strings.TrimSpace(text))
			}
			return text, nil
		}
		tell(line)
		out.WriteString(line + "\n")
	}
}

// Interrupt ends the script of a shell that is lost, for another one to be run. It is ended
// with the shell, which begins anew.
func (s *Shell) Interrupt() error {
	s.asking.Lock()
	defer s.asking.Unlock()
	s.greeted = false
	s.conn.SetDeadline(time.Time{})
	_, err := s.conn.Write([]byte{'\n', 3, '\n'}) // what Ctrl-C sends
	return err
}

// ask sends a line and waits for a mark.
func (s *Shell) ask(line, mark string) error {
	if _, err := io.WriteString(s.conn, line+"\n"); err != nil {
		return err
	}
	for {
		got, err := s.lines.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.Contains(got, mark) {
			return nil
		}
	}
}

// greet asks until there is a shell, and makes it silent.
func (s *Shell) greet() error {
	stop := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for {
			io.WriteString(s.conn, "printf '%s%s\\n' @he re@\n")
			select {
			case <-stop:
				return
			case <-time.After(3 * time.Second): // the guest may have begun to listen in between
			}
		}
	})
	err := s.ask("", "@here@")
	close(stop)
	asking.Wait()
	if err == nil {
		// When this is answered, nothing that was asked before is left.
		err = s.ask("stty -echo -onlcr; PS1=; PS2=; printf '%s%s\\n' @rea dy@", "@ready@")
	}
	s.greeted = err == nil
	return err
}

// CopyCard copies the image of a card, without the holes, and makes it a card of so many
// bytes.
func CopyCard(from, to string, bytes int64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if err := copySparse(out, in); err != nil {
		out.Close()
		return err
	}
	if bytes > 0 {
		err = out.Truncate(bytes)
	}
	return errors.Join(err, out.Close())
}
