package hil

import (
	"io"

	"jeudi/drivers/sim"
)

// Join joins an emulated printer to its end of a cable, until the cable is gone.
func Join(conn io.ReadWriter, wire *sim.Wire) {
	go func() {
		b := make([]byte, 512)
		for {
			n, err := wire.Read(b)
			if n > 0 {
				conn.Write(b[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	b := make([]byte, 512)
	for {
		n, err := conn.Read(b)
		if n > 0 {
			wire.Write(b[:n]) // a printer without power hears nothing
		}
		if err != nil {
			return
		}
	}
}
