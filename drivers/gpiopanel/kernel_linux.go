package gpiopanel

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"
)

// kernel is the machine we run on: its chips as gpioioctl lists them.
type kernel struct {
	chips []chip
	lines [][]*gpioioctl.GPIOLine
}

// openMachine starts periph's drivers, which here are gpioioctl alone, and lists
// the chips. periph does that once in the life of a program.
func openMachine() (*kernel, error) {
	if _, err := driverreg.Init(); err != nil {
		return nil, fmt.Errorf("gpiopanel: %w: %w", ErrNoChip, err)
	}
	if len(gpioioctl.Chips) == 0 {
		return nil, noChip(devices(), func(path string) error {
			f, err := os.Open(path)
			if err == nil {
				f.Close()
			}
			return err
		})
	}
	k := &kernel{}
	for _, c := range gpioioctl.Chips {
		var names []string
		for _, l := range c.Lines() {
			names = append(names, l.Name())
		}
		k.chips = append(k.chips, chip{name: c.Name(), label: c.Label(), path: c.Path(), lines: names})
		k.lines = append(k.lines, c.Lines())
	}
	return k, nil
}

func (k *kernel) pin(line string) (gpio.PinIO, error) {
	c, offset, err := resolve(line, k.chips)
	if err != nil {
		return nil, err
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
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), getLineInfo, uintptr(unsafe.Pointer(&info))); errno != 0 {
		return ""
	}
	return info.holder()
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
	getLineInfo = 0xC100B405 // GPIO_V2_GET_LINEINFO_IOCTL: _IOWR(0xB4, 5, 256 bytes)
	lineUsed    = 1          // GPIO_V2_LINE_FLAG_USED
)

// holder is the name that the line's user gave, or "" if it has none.
func (i *lineInfo) holder() string {
	if i.flags&lineUsed == 0 {
		return ""
	}
	name := i.consumer[:]
	if end := slices.Index(name, 0); end >= 0 {
		name = name[:end]
	}
	if name = bytes.TrimSpace(name); len(name) == 0 {
		return "the kernel, for another function of that pin"
	}
	// gpioioctl calls itself by its program's name and number.
	if bytes.HasSuffix(name, fmt.Appendf(nil, "@%d", os.Getpid())) {
		return "another panel of this program"
	}
	return string(name)
}
