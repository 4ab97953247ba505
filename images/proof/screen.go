package proof

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"
)

// graphics is QEMU's name of the graphics device. Its ports are numbered from 0.
const graphics = "graphics"

// cable is the socket of the screen in a port.
func (b *Box) cable(port int) string { return filepath.Join(b.dir, fmt.Sprintf("screen%d", port)) }

// ScreenCable puts a screen of so many points into a port of a box with TwoPorts, or pulls the
// cable, with 0 by 0. The kernel is told as by a real one.
//
// QEMU has no order for it. It takes the wish of somebody who looks on over VNC (RFC 6143, and
// SetDesktopSize of its community's list) for the size of the screen, and 0 by 0 for none.
func (b *Box) ScreenCable(port int, width, height uint16) (err error) {
	conn, err := net.DialTimeout("unix", b.cable(port), 10*time.Second)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, conn.Close()); err != nil {
			err = fmt.Errorf("the screen's cable in port %d: %w", port, err)
		}
	}()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	hear := func(what any) {
		if err == nil {
			err = binary.Read(conn, binary.BigEndian, what)
		}
	}
	say := func(what any) {
		if err == nil {
			err = binary.Write(conn, binary.BigEndian, what)
		}
	}
	var version [12]byte
	hear(&version)
	say(version)
	var ways uint8 // to say who one is
	hear(&ways)
	hear(make([]byte, ways))
	const nobody, shared = 1, 1
	say([]byte{nobody, shared})
	var first struct { // what it answers to both: whether it is content, and its screen
		Result        uint32
		Width, Height uint16
		Format        [16]byte
		Name          uint32 // its length
	}
	hear(&first)
	if err == nil && (first.Result != 0 || first.Name > 1000) {
		return fmt.Errorf("QEMU refuses who looks on: %+v", first)
	}
	hear(make([]byte, first.Name))
	const setDesktopSize, updateRequest = 251, 3
	say(struct {
		Message, _    uint8
		Width, Height uint16
		Screens, _    uint8
		ID            uint32
		X, Y, W, H    uint16
		Flags         uint32
	}{Message: setDesktopSize, Width: width, Height: height, Screens: 1, W: width, H: height})
	// What comes after is answered once what came before was done.
	say(struct {
		Message, Incremental uint8
		X, Y, W, H           uint16
	}{Message: updateRequest, W: 1, H: 1})
	hear(make([]byte, 1))
	return err
}
