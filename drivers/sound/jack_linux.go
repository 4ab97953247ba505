package sound

import (
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

// inputNodes are the input devices that there are.
func inputNodes() []node {
	paths, _ := filepath.Glob("/dev/input/event*") // the pattern is good
	var nodes []node
	for _, path := range paths {
		var s unix.Stat_t
		if unix.Stat(path, &s) == nil {
			nodes = append(nodes, node{path, s.Ino})
		}
	}
	return nodes
}

// openSwitch opens an input device, and returns nil if it has no headphone switch.
func openSwitch(path string) (inputSwitch, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	bits, err := evdev(fd).bits(0x20 + evSwitch) // EVIOCGBIT(EV_SW): the switches that it has
	if err != nil || !headphones(bits) {
		unix.Close(fd)
		return nil, nil
	}
	return evdev(fd), nil
}

func (d evdev) on() (bool, error) {
	bits, err := d.bits(0x1b) // EVIOCGSW: the switches that are on
	return headphones(bits), err
}

// Close closes the device.
func (d evdev) Close() error { return unix.Close(int(d)) }

// bits asks for a set of switches: _IOC(_IOC_READ, 'E', number, size).
func (d evdev) bits(number uintptr) ([]byte, error) {
	var b [switchBytes]byte
	request := 2<<30 | uintptr(len(b))<<16 | 'E'<<8 | number
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(d), request, uintptr(unsafe.Pointer(&b))); errno != 0 {
		return nil, errno
	}
	return b[:], nil
}
