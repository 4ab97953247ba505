package main

import (
	"image"
	"image/color"
	"image/draw"
	"strings"

	"golang.org/x/image/font"
	// The letters of French in one small file: the interface's fonts are not in an initramfs.
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The colours of the interface's dark corners: readable from across a room, and no glare.
var (
	ground = color.RGBA{0x14, 0x2a, 0x4a, 0xff}
	ink    = color.RGBA{0xff, 0xff, 0xff, 0xff}
	groove = color.RGBA{0x34, 0x4f, 0x77, 0xff}
)

// picture is what is on the screen: the words, and a bar in which a light wanders.
type picture struct {
	image *image.RGBA
	line  string
	bar   image.Rectangle
}

// paint draws the words in the middle of a screen, in lines that fit, and the bar below.
func paint(width, height int, line string) (*picture, error) {
	p := &picture{image: image.NewRGBA(image.Rect(0, 0, width, height)), line: line}
	draw.Draw(p.image, p.image.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	parsed, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		return nil, err
	}
	// A twelfth of the height is 40 px of 480: read at three metres. A long line is set smaller.
	size := float64(min(height/12, width/10))
	var face font.Face
	var lines []string
	for ; ; size *= 0.8 {
		if face, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull}); err != nil {
			return nil, err
		}
		if lines = wrap(face, line, width*9/10); len(lines) <= 4 || size < 12 {
			break
		}
	}
	lead := face.Metrics().Height.Ceil() * 5 / 4
	middle := height / 2
	baseline := middle - (len(lines)-1)*lead
	for _, text := range lines {
		long := font.MeasureString(face, text).Ceil()
		d := font.Drawer{Dst: p.image, Src: image.NewUniform(ink), Face: face, Dot: fixed.P((width-long)/2, baseline)}
		d.DrawString(text)
		baseline += lead
	}
	thick := max(height/60, 4)
	p.bar = image.Rect(width/4, middle+lead, width*3/4, middle+lead+thick)
	return p, nil
}

// move puts the bar's light where it is at a step, and returns what changed.
func (p *picture) move(step int) image.Rectangle {
	const steps = 16
	light := p.bar.Dx() / 5
	at := step % (2 * steps)
	if at > steps {
		at = 2*steps - at
	}
	draw.Draw(p.image, p.bar, image.NewUniform(groove), image.Point{}, draw.Src)
	lit := p.bar
	lit.Min.X += (p.bar.Dx() - light) * at / steps
	lit.Max.X = lit.Min.X + light
	draw.Draw(p.image, lit, image.NewUniform(ink), image.Point{}, draw.Src)
	return p.bar
}

// wrap sets a text in lines no longer than long, in px; a word that is longer stands alone.
func wrap(face font.Face, text string, long int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if longer := line + " " + word; line != "" && font.MeasureString(face, longer).Ceil() <= long {
			line = longer
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = word
	}
	return append(lines, line)
}
