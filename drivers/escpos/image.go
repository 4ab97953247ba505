package escpos

import "jeudi/drivers"

// image prints a picture, centred to the byte. One that is wider than the paper
// is skipped: half a plan of a way leads nowhere.
func (c *composer) image(b drivers.Bitmap) {
	stride := (b.Width + 7) / 8
	if b.Width <= 0 || b.Height <= 0 || len(b.Bits) == 0 {
		return
	}
	if !c.profile.Raster || b.Width > c.profile.Dots || stride > c.profile.Dots/8 {
		c.job.Skipped++
		return
	}
	left := (c.profile.Dots/8 - stride) / 2
	height := min(b.Height, (len(b.Bits)+stride-1)/stride) // what is not there is white
	d := newDots(8*(left+stride), height)
	for y := range height {
		row := d.row(y)[left:]
		copy(row, b.Bits[y*stride:])
		if b.Width%8 != 0 {
			row[stride-1] &= 0xff << (8 - b.Width%8)
		}
	}
	c.raster(d)
	if rest := b.Height - height; rest > 0 {
		c.skip(min(rest, mostBlank))
	}
}
