package hotspot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Machine is the box itself. It runs as root.
type Machine struct {
	// Folder keeps what must outlive a cut: /data/network.
	Folder string
}

var _ System = Machine{}

// keptFile holds the passphrase; root alone reads it.
const keptFile = "hotspot.json"

// within is the longest that a program may take. Raising an access point takes seconds.
const within = 30 * time.Second

// Manager implements System.
func (m Machine) Manager() Manager {
	return managerOf(os.DirFS("/"))
}

// managerOf says what there is of NetworkManager. It makes the folder of its devices when
// it starts, and itself tells a first start by it; that of the profiles may be ours.
func managerOf(root fs.FS) Manager {
	if _, err := fs.Stat(root, "usr/bin/nmcli"); err != nil {
		return NoManager
	}
	if _, err := fs.Stat(root, "run/NetworkManager/devices"); err != nil {
		return ManagerLate
	}
	return ManagerUp
}

// Ports implements System.
func (m Machine) Ports() ([]Port, error) {
	return PortsOf(os.DirFS("/sys/class/net"), addresses)
}

// Joined implements System.
func (m Machine) Joined(ctx context.Context) ([]string, error) {
	devices, err := m.output(ctx, "nmcli", "--terse", "--escape", "yes", "--fields", "DEVICE,STATE,CONNECTION", "device", "status")
	return JoinedOf(string(devices)), err
}

// addresses are the IPv4 addresses of an interface.
func addresses(name string) []netip.Addr {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return nil
	}
	list, err := i.Addrs()
	if err != nil {
		return nil
	}
	var all []netip.Addr
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			all = append(all, p.Addr())
		}
	}
	return all
}

// Left implements System.
func (m Machine) Left() []string {
	paths, _ := filepath.Glob(filepath.Join(Profiles, profile+"*.nmconnection"))
	for i, p := range paths {
		paths[i] = strings.TrimSuffix(filepath.Base(p), ".nmconnection")
	}
	return paths
}

// Do implements System.
func (m Machine) Do(ctx context.Context, s Step) error {
	switch {
	case s.Write != "":
		return write(s.Write, []byte(s.Data))
	case s.Remove != "":
		if err := os.Remove(s.Remove); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("hotspot: %w", err)
		}
	case s.Run != nil:
		_, err := m.output(ctx, s.Run[0], s.Run[1:]...)
		return err
	}
	return nil
}

// output runs a program. Its error has the program's first line.
func (m Machine) output(ctx context.Context, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		return nil, fmt.Errorf("hotspot: %s: %w: %s", strings.Join(append([]string{name}, args...), " "), err, line)
	}
	return out, nil
}

// Now implements System: a suspended machine would count too.
func (m Machine) Now() Moment {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0
	}
	return Moment(t.Nano())
}

// Load implements System.
func (m Machine) Load() ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(m.Folder, keptFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Keep implements System.
func (m Machine) Keep(data []byte) error {
	return write(filepath.Join(m.Folder, keptFile), data)
}

// write writes a file whole or not at all, for root alone: NetworkManager takes no
// profile that others can read.
func write(path string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("hotspot: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return fmt.Errorf("hotspot: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("hotspot: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("hotspot: %w", err)
	}
	defer dir.Close()
	return dir.Sync()
}
