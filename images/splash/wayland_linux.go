package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// The browser takes seconds to start, and the compositor's screen is black as long as it
// shows nobody. So the splash goes on as the compositor's first client; the browser's
// window comes to lie over it. Six requests of the protocol are enough, and every library
// for it brings a C one along.

// display is the object that every connection begins with.
const display = 1

// wayland is a connection to a compositor, and our objects there by their numbers, which
// must be given out one after the other.
type wayland struct {
	conn   *net.UnixConn
	unread []byte
	last   uint32

	compositor, shm, wmBase, surface, xdgSurface, toplevel, pool, buffer, frame uint32
}

// number is that of the next object of ours.
func (w *wayland) number() uint32 {
	w.last++
	return w.last
}

// event is what the compositor tells.
type event struct {
	object, code uint32
	body         []byte
}

func dialWayland() (*wayland, error) {
	name := os.Getenv("WAYLAND_DISPLAY")
	if name == "" {
		return nil, errors.New("no WAYLAND_DISPLAY")
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), name)
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return nil, err
	}
	return &wayland{conn: conn, last: display}, nil
}

// request is a message: object, length and code, then its arguments, each a uint32 or a string.
func request(object, code uint32, args ...any) []byte {
	var body []byte
	for _, arg := range args {
		switch v := arg.(type) {
		case int:
			body = binary.NativeEndian.AppendUint32(body, uint32(int32(v)))
		case uint32:
			body = binary.NativeEndian.AppendUint32(body, v)
		case string: // with its end, padded to four bytes
			body = binary.NativeEndian.AppendUint32(body, uint32(len(v)+1))
			body = append(body, v...)
			body = append(body, make([]byte, 4-len(v)%4)...)
		}
	}
	head := binary.NativeEndian.AppendUint32(nil, object)
	head = binary.NativeEndian.AppendUint32(head, uint32(8+len(body))<<16|code)
	return append(head, body...)
}

func (w *wayland) send(messages ...[]byte) error {
	var all []byte
	for _, m := range messages {
		all = append(all, m...)
	}
	_, err := w.conn.Write(all)
	return err
}

// next waits for an event until a time.
func (w *wayland) next(until time.Time) (event, error) {
	w.conn.SetReadDeadline(until)
	for {
		if len(w.unread) >= 8 {
			word := binary.NativeEndian.Uint32(w.unread[4:])
			size := int(word >> 16)
			if size < 8 {
				return event{}, errors.New("wayland: a message shorter than its head")
			}
			if len(w.unread) >= size {
				e := event{object: binary.NativeEndian.Uint32(w.unread), code: word & 0xffff, body: w.unread[8:size:size]}
				w.unread = w.unread[size:]
				if e.object == display && e.code == 0 {
					return e, fmt.Errorf("wayland: the compositor refuses: %q", e.body)
				}
				return e, nil
			}
		}
		more := make([]byte, 4096)
		n, err := w.conn.Read(more)
		if err != nil {
			return event{}, err
		}
		w.unread = append(w.unread, more[:n]...)
	}
}

func (e event) word(at int) uint32 {
	if len(e.body) < 4*at+4 {
		return 0
	}
	return binary.NativeEndian.Uint32(e.body[4*at:])
}

// text is the string that begins at a word.
func (e event) text(at int) string {
	long := int(e.word(at))
	if long < 1 || len(e.body) < 4*at+4+long {
		return ""
	}
	return string(e.body[4*at+4 : 4*at+4+long-1])
}

// open binds what is needed and asks for the whole screen; it returns its size.
func (w *wayland) open(until time.Time) (width, height int, err error) {
	registry, sync := w.number(), w.number() // which tells that the list is complete
	if err := w.send(request(display, 1, registry), request(display, 0, sync)); err != nil {
		return 0, 0, err
	}
	wanted := map[string]*uint32{"wl_compositor": &w.compositor, "wl_shm": &w.shm, "xdg_wm_base": &w.wmBase}
	for {
		e, err := w.next(until)
		if err != nil {
			return 0, 0, err
		}
		if e.object == sync {
			break
		}
		if e.object != registry || e.code != 0 {
			continue
		}
		name := e.text(1)
		if id := wanted[name]; id != nil {
			delete(wanted, name)
			*id = w.number()
			if err := w.send(request(registry, 0, e.word(0), name, uint32(1), *id)); err != nil {
				return 0, 0, err
			}
		}
	}
	if len(wanted) > 0 {
		return 0, 0, fmt.Errorf("wayland: the compositor lacks %d of what is needed", len(wanted))
	}
	w.surface, w.xdgSurface, w.toplevel = w.number(), w.number(), w.number()
	err = w.send(request(w.compositor, 0, w.surface), request(w.wmBase, 2, w.xdgSurface, w.surface),
		request(w.xdgSurface, 1, w.toplevel), request(w.toplevel, 11, uint32(0)), request(w.surface, 6))
	for err == nil {
		var e event
		if e, err = w.next(until); err != nil {
			break
		}
		switch {
		case e.object == w.toplevel && e.code == 0: // its size
			width, height = int(int32(e.word(0))), int(int32(e.word(1)))
		case e.object == w.xdgSurface && e.code == 0: // that was all
			if width <= 0 || height <= 0 || width > 1<<14 || height > 1<<14 {
				return 0, 0, fmt.Errorf("wayland: a screen of %d × %d", width, height)
			}
			return width, height, w.send(request(w.xdgSurface, 4, e.word(0)))
		default:
			err = w.answer(e)
		}
	}
	return 0, 0, err
}

// answer says that we are alive, and that we heard of a new size, which changes nothing.
func (w *wayland) answer(e event) error {
	switch {
	case e.object == w.wmBase && e.code == 0:
		return w.send(request(w.wmBase, 3, e.word(0)))
	case e.object == w.xdgSurface && e.code == 0:
		return w.send(request(w.xdgSurface, 4, e.word(0)))
	}
	return nil
}

// showWayland is show on the screen of a compositor. A picture that nobody sees costs
// nothing: the compositor asks for the next one only while it is visible.
func showWayland(from string, lasting time.Duration) error {
	end := time.Now().Add(lasting)
	w, err := dialWayland()
	if err != nil {
		return err
	}
	defer w.conn.Close()
	width, height, err := w.open(end)
	if err != nil {
		return err
	}
	size := width * height * 4
	file, err := unix.MemfdCreate("splash", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(file)
	if err := unix.Ftruncate(file, int64(size)); err != nil {
		return err
	}
	memory, err := unix.Mmap(file, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	w.pool, w.buffer = w.number(), w.number()
	if _, _, err := w.conn.WriteMsgUnix(request(w.shm, 0, w.pool, size), unix.UnixRights(file), nil); err != nil {
		return err
	}
	const xrgb = 1
	if err := w.send(request(w.pool, 0, w.buffer, 0, width, height, width*4, uint32(xrgb))); err != nil {
		return err
	}
	var drawn *picture
	put := func(part image.Rectangle) error {
		line := make([]byte, part.Dx()*4)
		for y := part.Min.Y; y < part.Max.Y; y++ {
			encode(line, drawn.image.Pix[drawn.image.PixOffset(part.Min.X, y):], bitfield{Offset: 16, Length: 8}, bitfield{Offset: 8, Length: 8}, bitfield{Length: 8}, 4)
			copy(memory[(y*width+part.Min.X)*4:], line)
		}
		w.frame = w.number() // a callback, used once
		return w.send(request(w.surface, 3, w.frame), request(w.surface, 1, w.buffer, 0, 0),
			request(w.surface, 2, part.Min.X, part.Min.Y, part.Dx(), part.Dy()), request(w.surface, 6))
	}
	for step := 0; ; step++ {
		var changed image.Rectangle
		if line := words(os.ReadFile(from)); drawn == nil || drawn.line != line {
			if drawn, err = paint(width, height, line); err != nil {
				return err
			}
			changed = drawn.image.Bounds()
		}
		if err := put(changed.Union(drawn.move(step))); err != nil {
			return err
		}
		for seen := false; !seen; {
			e, err := w.next(end)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return nil
			}
			if err == nil {
				err = w.answer(e)
			}
			if err != nil {
				return err
			}
			seen = e.object == w.frame
		}
		time.Sleep(beat)
	}
}
