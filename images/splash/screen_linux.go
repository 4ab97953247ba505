package main

import (
	"fmt"
	"image"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's interface of frame buffers, include/uapi/linux/fb.h.
const (
	getVariable = 0x4600 // FBIOGET_VSCREENINFO
	putVariable = 0x4601 // FBIOPUT_VSCREENINFO
	getFixed    = 0x4602 // FBIOGET_FSCREENINFO
	activateNow = 0x80   // FB_ACTIVATE_FORCE
)

type bitfield struct{ Offset, Length, Right uint32 }

type variable struct {
	Width, Height, VirtualWidth, VirtualHeight, X, Y, Bits, Grey uint32
	Red, Green, Blue, Alpha                                      bitfield
	NonStandard, Activate, Millimetres                           uint32
	rest                                                         [17]uint32
}

type fixedInfo struct {
	ID         [16]byte
	Start      uintptr
	Length     uint32
	Kind       uint32
	KindAux    uint32
	Visual     uint32
	XPan, YPan uint16
	YWrap      uint16
	LineLength uint32
	MMIO       uintptr
	rest       [4]uint32
}

// screen is a frame buffer of 16 or 32 bits a pixel.
type screen struct {
	file          *os.File
	width, height int
	stride        int // bytes from one line to the next
	format        variable
}

func openScreen(device string) (*screen, error) {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	s := &screen{file: f}
	var fixed fixedInfo
	ask := func(what uintptr, into unsafe.Pointer) error {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), what, uintptr(into)); errno != 0 {
			return errno
		}
		return nil
	}
	if err := ask(getVariable, unsafe.Pointer(&s.format)); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is no frame buffer: %w", device, err)
	}
	if err := ask(getFixed, unsafe.Pointer(&fixed)); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is no frame buffer: %w", device, err)
	}
	// No text console has lit the screen, so that this must. Where it is lit, nothing happens.
	now := s.format
	now.Activate |= activateNow
	ask(putVariable, unsafe.Pointer(&now))
	s.width, s.height, s.stride = int(s.format.Width), int(s.format.Height), int(fixed.LineLength)
	if bytes := int(s.format.Bits) / 8; bytes != 2 && bytes != 4 || s.width <= 0 || s.height <= 0 || s.stride < s.width*bytes {
		f.Close()
		return nil, fmt.Errorf("%s has %d × %d pixels of %d bits in lines of %d bytes, which is not supported", device, s.width, s.height, s.format.Bits, s.stride)
	}
	return s, nil
}

func (s *screen) close() { s.file.Close() }

// put writes a part of a picture as large as the screen.
func (s *screen) put(from *image.RGBA, part image.Rectangle) error {
	part = part.Intersect(image.Rect(0, 0, s.width, s.height))
	size := int(s.format.Bits) / 8
	line := make([]byte, part.Dx()*size)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		encode(line, from.Pix[from.PixOffset(part.Min.X, y):], s.format.Red, s.format.Green, s.format.Blue, size)
		if _, err := s.file.WriteAt(line, int64(y)*int64(s.stride)+int64(part.Min.X*size)); err != nil {
			return err
		}
	}
	return nil
}

// encode turns RGBA pixels into those of a screen, little-endian.
func encode(to, from []byte, red, green, blue bitfield, size int) {
	for i := 0; i+size <= len(to); i += size {
		at := i / size * 4
		v := uint32(from[at])>>(8-red.Length)<<red.Offset | uint32(from[at+1])>>(8-green.Length)<<green.Offset | uint32(from[at+2])>>(8-blue.Length)<<blue.Offset
		for b := range size {
			to[i+b] = byte(v >> (8 * b))
		}
	}
}
