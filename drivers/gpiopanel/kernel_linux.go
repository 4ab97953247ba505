package gpiopanel

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"
)

// kernel is the machine we run on: its chips, and their lines as gpioioctl has them.
type kernel struct {
	chips []chip
	lines [][]*gpioioctl.GPIOLine
}

// openMachine starts periph's drivers, which here are gpioioctl alone. periph looks for
// chips once in the life of a program, and a box starts before udev has given them to its
// group, or before a chip behind PCI Express is there at all: so they are looked at first,
// and periph is asked once they have every line that the panel wants.
func openMachine(c Config) (*kernel, error) {
	paths := devices()
	chips, refused := survey(paths)
	if len(chips) == 0 {
		return nil, noChip(paths, tryOpen)
	}
	if err := c.resolved(chips); err != nil {
		return nil, errors.Join(err, refused)
	}
	if _, err := driverreg.Init(); err != nil {
		return nil, fmt.Errorf("gpiopanel: %w: %w", ErrNoChip, err)
	}
	k := &kernel{chips: chips, lines: make([][]*gpioioctl.GPIOLine, len(chips))}
	for _, c := range gpioioctl.Chips {
		if i := slices.IndexFunc(chips, func(s chip) bool { return s.name == c.Name() }); i >= 0 {
			k.lines[i] = c.Lines()
		}
	}
	return k, nil
}

func tryOpen(path string) error {
	f, err := os.Open(path)
	if err == nil {
		f.Close()
	}
	return err
}

// survey asks the kernel for the chips behind these files, in the order in which their
// lines' names are looked for. A chip that cannot be asked is left out, and why is returned.
func survey(paths []string) (chips []chip, refused error) {
	for _, path := range paths {
		c, err := describe(path)
		if err != nil {
			refused = errors.Join(refused, fmt.Errorf("gpiopanel: a GPIO chip that we may not use: %w", err))
			continue
		}
		// A Pi's kernel may give a chip a second file.
		if !slices.ContainsFunc(chips, func(other chip) bool { return other.name == c.name }) {
			chips = append(chips, c)
		}
	}
	// A Pi's header first.
	slices.SortStableFunc(chips, func(a, b chip) int {
		if a.header() != b.header() {
			if a.header() {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.label, b.label)
	})
	return chips, refused
}

func describe(path string) (chip, error) {
	f, err := os.Open(path)
	if err != nil {
		return chip{}, err
	}
	defer f.Close()
	var info chipInfo
	if err := ask(f, getChipInfo, unsafe.Pointer(&info)); err != nil {
		return chip{}, fmt.Errorf("%s: %w", path, err)
	}
	c := chip{name: text(info.name[:]), label: text(info.label[:]), path: path, lines: make([]string, info.lines)}
	for n := range c.lines {
		line := lineInfo{offset: uint32(n)}
		if err := ask(f, getLineInfo, unsafe.Pointer(&line)); err != nil {
			return chip{}, fmt.Errorf("%s, line %d: %w", path, n, err)
		}
		c.lines[n] = text(line.name[:])
	}
	return c, nil
}

func ask(f *os.File, request uintptr, about unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), request, uintptr(about)); errno != 0 {
		return errno
	}
	return nil
}

// text is a string of the kernel, which ends at its first zero.
func text(b []byte) string {
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	return string(b)
}

func (k *kernel) pin(line string) (gpio.PinIO, error) {
	c, offset, err := resolve(line, k.chips)
	if err != nil {
		return nil, err
	}
	if offset >= len(k.lines[c]) {
		return nil, fmt.Errorf("%w: chip %s came after another panel was opened; start this program again", ErrNoChip, k.chips[c].name)
	}
	return k.lines[c][offset], nil
}

// holder asks the kernel who has a line. gpioioctl asked once, when it started,
// and when a request fails it keeps only the text of the reason.
func (k *kernel) holder(line string) string {
	c, offset, err := resolve(line, k.chips)
	if err != nil {
		return ""
	}
	f, err := os.Open(k.chips[c].path)
	if err != nil {
		return "" // whoever uses the line next will hear why
	}
	defer f.Close()
	info := lineInfo{offset: uint32(offset)}
	if err := ask(f, getLineInfo, unsafe.Pointer(&info)); err != nil {
		return ""
	}
	return info.holder()
}

// chipInfo is struct gpiochip_info of linux/gpio.h.
type chipInfo struct {
	name, label [32]byte
	lines       uint32
}

// lineInfo is struct gpio_v2_line_info of linux/gpio.h.
type lineInfo struct {
	name, consumer [32]byte
	offset         uint32
	attrsLen       uint32
	flags          uint64
	attrs          [10][2]uint64
	padding        [4]uint32
}

const (
	getChipInfo = 0x8044B401 // GPIO_GET_CHIPINFO_IOCTL: _IOR(0xB4, 1, 68 bytes)
	getLineInfo = 0xC100B405 // GPIO_V2_GET_LINEINFO_IOCTL: _IOWR(0xB4, 5, 256 bytes)
	lineUsed    = 1          // GPIO_V2_LINE_FLAG_USED
)

// holder is the name that the line's user gave, or "" if it has none.
func (i *lineInfo) holder() string {
	if i.flags&lineUsed == 0 {
		return ""
	}
	name := strings.TrimSpace(text(i.consumer[:]))
	switch {
	case name == "":
		return "the kernel, for another function of that pin"
	case strings.HasSuffix(name, fmt.Sprintf("@%d", os.Getpid())): // gpioioctl calls itself by its program's name and number
		return "another panel of this program"
	}
	return name
}
