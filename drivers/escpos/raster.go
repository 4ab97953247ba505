package escpos

import "bytes"

// dots is a picture as a printer takes it: rows of whole bytes, the leftmost dot
// in the highest bit, 1 is black.
type dots struct {
	stride, height int // bytes of a row, rows
	bits           []byte
}

func newDots(width, height int) dots {
	stride := (width + 7) / 8
	return dots{stride, height, make([]byte, stride*height)}
}

func (d dots) row(y int) []byte { return d.bits[y*d.stride : (y+1)*d.stride] }

// inked is how many bytes of a row there are up to its last black dot.
func inked(row []byte) int { return len(bytes.TrimRight(row, "\x00")) }

// gap is how many blank rows are worth a command of their own.
const gap = 6

// raster prints a picture from the left edge on, in bands: each is cropped at its
// right, and blank rows between them go as bands one byte wide. Those are dearer
// than feeding by LF and ESC 3, and safer: there are printers that swallow an LF
// behind GS v 0, and others that ignore ESC J.
func (c *composer) raster(d dots) {
	if d.height == 0 {
		return
	}
	most := c.profile.bandRows()
	for y := 0; y < d.height; {
		blank := y
		for blank < d.height && inked(d.row(blank)) == 0 {
			blank++
		}
		if n := blank - y; n >= gap || blank == d.height {
			c.blank(n)
			y = blank
			continue
		}
		end, width, empty := y, 1, 0
		for end < d.height && end-y < most {
			n := inked(d.row(end))
			if n == 0 {
				empty++
			} else {
				empty = 0
			}
			if empty == gap {
				break
			}
			width = max(width, n)
			end++
		}
		if end < d.height {
			// The blank rows at its end are those of the gap.
			for end-1 > y && inked(d.row(end-1)) == 0 {
				end--
			}
		}
		c.band(d, y, end, width)
		y = end
	}
	c.dots += d.height
	c.page, c.drawn = nil, true
}

// blank is rows of white paper.
func (c *composer) blank(rows int) {
	for rows > 0 {
		n := min(rows, c.profile.bandRows())
		d := dots{1, n, make([]byte, n)}
		c.band(d, 0, n, 1)
		rows -= n
	}
}

// band sends the rows from y to end, cropped to width bytes.
func (c *composer) band(d dots, y, end, width int) {
	if c.now.align != 0 {
		c.raw(esc, 'a', 0) // printers move a raster as they move text
		c.now.align = 0
	}
	if rows := end - y; rows%48 == 0 {
		// Such bands come out badly on printers of the POS-5890 family.
		c.band(d, y, end-8, width)
		y = end - 8
	}
	start := len(c.out)
	c.raw(gs, 'v', '0', 0, byte(width), byte(width>>8), byte(end-y), 0)
	for ; y < end; y++ {
		c.raw(d.row(y)[:width]...)
	}
	guard(c.out[start:], 8)
}

// guard alters a dot wherever a command's data would read as the start of DLE
// EOT, DLE ENQ or DLE DC4. Printers look for those in every byte they receive,
// those of a picture too, and do what they say at once: answer, drop the job,
// switch themselves off.
func guard(command []byte, header int) {
	for i := 0; i+1 < len(command); i++ {
		if command[i] != dle || !realTime(command[i+1]) {
			continue
		}
		if i >= header {
			command[i] |= 0x08 // widen the lone dot of 10h
		} else {
			command[i+1] |= 0x20 // the first byte of the data
		}
	}
}

// realTime reports whether a DLE before b makes a real-time command.
func realTime(b byte) bool { return b == 0x04 || b == 0x05 || b == 0x14 }
