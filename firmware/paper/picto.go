package paper

import (
	"math"
	"time"

	"jeudi/drivers"
)

// The pictures of a ticket for people who do not read. They are drawn here, on a
// grid of which 100 units are the height, so that a printer gets its dots without
// a file of pictures, and so that a clock can show the hour that is meant.

// pictoHeight is the height of a picture, in dots: 20 mm. The widest picture is
// twice that, which fits on paper of 58 mm.
const pictoHeight = 160

// shape tells what is within it.
type shape func(x, y float64) bool

// drawing is a picture in the making.
type drawing struct{ drivers.Bitmap }

// draw begins a picture of a width in units.
func draw(width int) drawing {
	w := (width*pictoHeight/100 + 7) &^ 7
	return drawing{drivers.Bitmap{Width: w, Height: pictoHeight, Bits: make([]byte, w/8*pictoHeight)}}
}

// ink blackens each dot whose centre is in one of the shapes.
func (d drawing) ink(shapes ...shape) { d.paint(true, shapes) }

// wipe whitens them.
func (d drawing) wipe(shapes ...shape) { d.paint(false, shapes) }

func (d drawing) paint(black bool, shapes []shape) {
	for y := range d.Height {
		for x := range d.Width {
			ux, uy := (float64(x)+0.5)*100/pictoHeight, (float64(y)+0.5)*100/pictoHeight
			for _, in := range shapes {
				if !in(ux, uy) {
					continue
				}
				bit := byte(0x80) >> (x % 8)
				if i := y*d.Width/8 + x/8; black {
					d.Bits[i] |= bit
				} else {
					d.Bits[i] &^= bit
				}
			}
		}
	}
}

// disc is round, about a centre.
func disc(cx, cy, r float64) shape {
	return func(x, y float64) bool { return math.Hypot(x-cx, y-cy) <= r }
}

// stroke is a line with round ends, as a thick pen draws it.
func stroke(x1, y1, x2, y2, thick float64) shape {
	dx, dy := x2-x1, y2-y1
	length := max(dx*dx+dy*dy, 1e-9)
	return func(x, y float64) bool {
		along := min(max(((x-x1)*dx+(y-y1)*dy)/length, 0), 1)
		return math.Hypot(x-x1-along*dx, y-y1-along*dy) <= thick/2
	}
}

// box is a rectangle from one corner to the other.
func box(x1, y1, x2, y2 float64) shape {
	return func(x, y float64) bool { return x >= x1 && x <= x2 && y >= y1 && y <= y2 }
}

// sitter is somebody on a chair, at x, who looks towards the end of the line, or,
// with turn -1, towards its start.
func (d drawing) sitter(x, turn float64) {
	at := func(dx float64) float64 { return x + turn*dx }
	d.ink(
		disc(at(2), 14, 11),
		stroke(at(0), 37, at(2), 62, 17), // the back
		stroke(at(3), 65, at(26), 65, 13),
		stroke(at(26), 65, at(27), 91, 11),
		stroke(at(27), 94, at(36), 94, 7),   // a foot
		stroke(at(4), 40, at(24), 54, 7),    // an arm
		stroke(at(-14), 36, at(-14), 76, 4), // the chair
		stroke(at(-14), 76, at(18), 76, 4),
		stroke(at(-14), 76, at(-14), 97, 4),
		stroke(at(15), 76, at(15), 97, 4),
	)
}

// waiting is somebody who sits beside a clock. The clock shows the time, or, when
// none is known, a question mark.
func waiting(at time.Time, known bool) drivers.Bitmap {
	d := draw(160)
	d.sitter(22, 1)
	const cx, cy = 112, 48
	d.ink(disc(cx, cy, 46))
	d.wipe(disc(cx, cy, 40))
	if !known {
		// The hook is a ring without its lower left quarter.
		d.ink(disc(cx, cy-9, 16))
		d.wipe(disc(cx, cy-9, 8), box(cx-20, cy-9, cx, cy+10))
		d.ink(stroke(cx, cy+3, cx, cy+13, 8), disc(cx, cy+25, 5.5))
		return d.Bitmap
	}
	for hour := range 12 {
		sin, cos := math.Sincos(float64(hour) * math.Pi / 6)
		thick, from := 2.0, 36.0
		if hour%3 == 0 {
			thick, from = 4, 33
		}
		d.ink(stroke(cx+from*sin, cy-from*cos, cx+37*sin, cy-37*cos, thick))
	}
	hand := func(turn, length, thick float64) {
		sin, cos := math.Sincos(turn * 2 * math.Pi)
		d.ink(stroke(cx, cy, cx+length*sin, cy-length*cos, thick))
	}
	minute := float64(at.Minute()) / 60
	hand((float64(at.Hour()%12)+minute)/12, 19, 7)
	hand(minute, 30, 4)
	d.ink(disc(cx, cy, 5))
	return d.Bitmap
}

// received is two people at a table.
func received() drivers.Bitmap {
	d := draw(160)
	d.sitter(22, 1)
	d.sitter(138, -1)
	d.ink(stroke(54, 53, 106, 53, 6), stroke(80, 53, 80, 95, 6), stroke(68, 96, 92, 96, 5))
	return d.Bitmap
}

// papers is a sheet with lines on it, and another behind.
func papers() drivers.Bitmap {
	d := draw(100)
	sheet := func(x, y float64) {
		d.ink(box(x, y, x+56, y+76))
		d.wipe(box(x+4, y+4, x+52, y+72))
	}
	sheet(34, 3)
	d.wipe(box(9, 17, 73, 101))
	sheet(13, 21)
	for y := 35.0; y < 88; y += 11 {
		d.ink(stroke(23, y, 58, y, 4))
	}
	return d.Bitmap
}

// calendar is a month on the wall with one day marked.
func calendar() drivers.Bitmap {
	d := draw(100)
	d.ink(box(8, 12, 92, 97))
	d.wipe(box(12, 34, 88, 93))
	for _, x := range []float64{30, 70} {
		d.wipe(stroke(x, 8, x, 20, 12))
		d.ink(stroke(x, 6, x, 20, 6))
	}
	for row := range 3 {
		for col := range 4 {
			x, y := 24+float64(col)*17.5, 45+float64(row)*18
			if row == 1 && col == 2 {
				d.ink(disc(x, y, 8.5))
				continue
			}
			d.ink(box(x-4, y-4, x+4, y+4))
		}
	}
	return d.Bitmap
}
