package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel writes these structures: they must have its sizes (fb.h on 64 bits).
func TestSizesOfTheKernel(t *testing.T) {
	if got := unsafe.Sizeof(variable{}); got != 160 {
		t.Errorf("fb_var_screeninfo has %d bytes; want 160", got)
	}
	if got := unsafe.Sizeof(fixedInfo{}); got != 80 {
		t.Errorf("fb_fix_screeninfo has %d bytes; want 80", got)
	}
}

func TestEncode(t *testing.T) {
	from := []byte{0xff, 0x80, 0x10, 0xff, 0, 0, 0xff, 0xff}
	to := make([]byte, 8)
	encode(to, from, bitfield{Offset: 16, Length: 8}, bitfield{Offset: 8, Length: 8}, bitfield{Length: 8}, 4)
	if want := []byte{0x10, 0x80, 0xff, 0, 0xff, 0, 0, 0}; !bytes.Equal(to, want) {
		t.Errorf("32 bits: % x; want % x", to, want)
	}
	to = to[:4]
	encode(to, from, bitfield{Offset: 11, Length: 5}, bitfield{Offset: 5, Length: 6}, bitfield{Length: 5}, 2)
	if want := []byte{0x02, 0xfc, 0x1f, 0}; !bytes.Equal(to, want) {
		t.Errorf("16 bits: % x; want % x", to, want)
	}
}

// A screen with lines longer than its pixels gets each line where it belongs.
func TestPut(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "fb"))
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{file: f, width: 4, height: 3, stride: 24, format: variable{Bits: 32, Red: bitfield{Offset: 16, Length: 8}, Green: bitfield{Offset: 8, Length: 8}, Blue: bitfield{Length: 8}}}
	defer s.close()
	picture := image.NewRGBA(image.Rect(0, 0, 4, 3))
	picture.SetRGBA(1, 1, ink)
	if err := s.put(picture, image.Rect(1, 1, 9, 9)); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, 2*24+16)
	copy(want[24+4:], []byte{0xff, 0xff, 0xff})
	if !bytes.Equal(got, want) {
		t.Errorf("written\n% x; want\n% x", got, want)
	}
}

// A compositor that is as strict as the protocol: objects have the next number, one after
// the other, and what is drawn is in the memory that was handed over.
func TestWayland(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("WAYLAND_DISPLAY", "wayland-0")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "wayland-0"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const width, height = 320, 200
	drawn := make(chan []byte, 1)
	go func() {
		conn, err := l.AcceptUnix()
		if err != nil {
			return
		}
		defer conn.Close()
		c := &strict{t: t, conn: conn, names: map[uint32]string{1: "display"}, width: width, height: height, drawn: drawn}
		c.serve()
	}()
	done := make(chan error, 1)
	go func() { done <- showWayland(filepath.Join(dir, "none"), time.Hour) }()
	select {
	case pixels := <-drawn:
		if got := binary.NativeEndian.Uint32(pixels); got != 0x142a4a {
			t.Errorf("the first pixel is %06x; want the ground's 142a4a", got)
		}
		if !bytes.Contains(pixels, bytes.Repeat([]byte{0xff, 0xff, 0xff, 0}, 4)) {
			t.Error("nothing is written on it")
		}
	case err := <-done:
		t.Fatalf("ended: %v", err)
	}
	// The compositor has gone, and so does the splash.
	if err := <-done; err == nil {
		t.Error("no error when the compositor has gone")
	}
}

// strict is the other end of TestWayland.
type strict struct {
	t             *testing.T
	conn          *net.UnixConn
	names         map[uint32]string
	width, height int
	memory        []byte
	drawn         chan []byte
}

func (c *strict) serve() {
	var in []byte
	file, pinged, ponged, acked, frames := -1, false, false, false, 0
	for {
		buf, oob := make([]byte, 4096), make([]byte, 64)
		n, on, _, _, err := c.conn.ReadMsgUnix(buf, oob)
		if err != nil || n == 0 {
			return
		}
		if messages, err := unix.ParseSocketControlMessage(oob[:on]); err == nil && len(messages) == 1 {
			if files, err := unix.ParseUnixRights(&messages[0]); err == nil {
				file = files[0]
			}
		}
		in = append(in, buf[:n]...)
		for len(in) >= 8 && len(in) >= int(binary.NativeEndian.Uint32(in[4:])>>16) {
			size := binary.NativeEndian.Uint32(in[4:]) >> 16
			e := event{object: binary.NativeEndian.Uint32(in), code: binary.NativeEndian.Uint32(in[4:]) & 0xffff, body: in[8:size:size]}
			in = in[size:]
			what := c.names[e.object]
			switch {
			case what == "display" && e.code == 1:
				c.object(e.word(0), "registry")
				for i, name := range []string{"wl_shm", "wl_seat", "xdg_wm_base", "wl_compositor"} {
					c.conn.Write(request(e.word(0), 0, uint32(i+1), name, uint32(5)))
				}
			case what == "display" && e.code == 0:
				c.object(e.word(0), "callback")
				c.conn.Write(request(e.word(0), 0, uint32(0)))
			case what == "registry":
				name := e.text(1)
				c.object(binary.NativeEndian.Uint32(e.body[len(e.body)-4:]), name)
			case what == "wl_compositor":
				c.object(e.word(0), "surface")
			case what == "xdg_wm_base" && e.code == 2:
				c.object(e.word(0), "xdg_surface")
			case what == "xdg_wm_base" && e.code == 3:
				ponged = true
			case what == "xdg_surface" && e.code == 1:
				c.object(e.word(0), "toplevel")
			case what == "xdg_surface" && e.code == 4:
				acked = true
			case what == "surface" && e.code == 6 && !pinged: // the first commit, without a picture
				pinged = true
				for id, name := range c.names {
					if name == "xdg_wm_base" {
						c.conn.Write(request(id, 0, uint32(7)))
					}
				}
				for id, name := range c.names {
					if name == "toplevel" {
						c.conn.Write(request(id, 0, c.width, c.height, uint32(0)))
					}
				}
				for id, name := range c.names {
					if name == "xdg_surface" {
						c.conn.Write(request(id, 0, uint32(9)))
					}
				}
			case what == "wl_shm":
				c.object(e.word(0), "pool")
				var err error
				if c.memory, err = unix.Mmap(file, 0, int(e.word(1)), unix.PROT_READ, unix.MAP_SHARED); err != nil {
					c.t.Errorf("the memory handed over: %v", err)
					return
				}
			case what == "pool":
				c.object(e.word(0), "buffer")
				if e.word(2) != uint32(c.width) || e.word(3) != uint32(c.height) || e.word(4) != uint32(c.width*4) || e.word(5) != 1 {
					c.t.Errorf("the picture is % x", e.body)
				}
			case what == "surface" && e.code == 3:
				c.object(e.word(0), "frame")
				frames++
				c.conn.Write(request(e.word(0), 0, uint32(0)))
			case what == "surface" && e.code == 6 && frames == 2:
				if !acked || !ponged {
					c.t.Errorf("a picture came; size acknowledged %t, ping answered %t", acked, ponged)
				}
				c.drawn <- bytes.Clone(c.memory)
				return
			}
		}
	}
}

// object is a new one of the client's, whose number must be the next.
func (c *strict) object(id uint32, what string) {
	if id != uint32(len(c.names))+1 {
		c.t.Errorf("%s is object %d; want %d, the next", what, id, len(c.names)+1)
	}
	c.names[id] = what
}
