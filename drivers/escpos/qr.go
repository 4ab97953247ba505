package escpos

import (
	"strings"

	"rsc.io/qr"

	"jeudi/drivers"
)

const (
	moduleLeast = 4  // dots, which is half a millimetre: phones read it
	moduleMost  = 6  // larger is only more paper
	quiet       = 4  // modules of white around the code, ISO/IEC 18004
	qrVersion   = 17 // the largest that fits on 58 mm at moduleLeast
)

// qrBytes is how many bytes a QR code of version i+1 holds with correction M
// (ISO/IEC 18004, table 7).
var qrBytes = [qrVersion]int{14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504}

// qr prints a code, centred. Only a printer that is confirmed to know how draws
// it by itself: the others print the command as text.
func (c *composer) qr(q drivers.QR) {
	if q.Data == "" {
		return
	}
	control := strings.ContainsFunc(q.Data, func(r rune) bool { return r < 0x20 || r == 0x7f })
	switch {
	case c.profile.NativeQR && !control:
		c.qrNative(q.Data)
	case c.profile.Raster:
		c.qrRaster(q.Data)
	default:
		c.job.Skipped++
	}
}

// module is how many dots a module of a code gets, 0 if it does not fit.
func (c *composer) module(modules int) int {
	n := min(c.profile.Dots/(modules+2*quiet), moduleMost)
	if n < moduleLeast {
		return 0
	}
	return n
}

func (c *composer) qrNative(data string) {
	version := 0
	for version < len(qrBytes) && qrBytes[version] < len(data) {
		version++
	}
	modules := 4*(version+1) + 17
	n := c.module(modules)
	if version == len(qrBytes) || n == 0 {
		c.job.Skipped++
		return
	}
	c.style(style{size: 1, align: 1})
	c.line(nil)                                  // a line is more than the quiet zone
	c.raw(gs, '(', 'k', 4, 0, '1', 'A', '2', 0)  // model 2
	c.raw(gs, '(', 'k', 3, 0, '1', 'C', byte(n)) // dots a module
	c.raw(gs, '(', 'k', 3, 0, '1', 'E', '1')     // correction M
	size := len(data) + 3
	c.raw(gs, '(', 'k', byte(size), byte(size>>8), '1', 'P', '0')
	c.out = append(c.out, data...)
	c.raw(gs, '(', 'k', 3, 0, '1', 'Q', '0') // print it
	c.dots += modules * n
	c.line(nil)
}

func (c *composer) qrRaster(data string) {
	code, err := qr.Encode(data, qr.M)
	if err != nil || code.Size > 4*qrVersion+17 || c.module(code.Size) == 0 {
		c.job.Skipped++
		return
	}
	n := c.module(code.Size)
	left := (c.profile.Dots - n*code.Size) / 2
	d := newDots(left+n*code.Size, n*(code.Size+2*quiet))
	for y := range code.Size {
		first := d.row(n * (quiet + y))
		for x := range n * code.Size {
			if code.Black(x/n, y) {
				first[(left+x)/8] |= 0x80 >> ((left + x) % 8)
			}
		}
		for i := 1; i < n; i++ {
			copy(d.row(n*(quiet+y)+i), first)
		}
	}
	c.raster(d)
}
