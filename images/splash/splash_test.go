package main

import (
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		text string
		err  error
		want string
	}{
		{text: "", want: starting},
		{err: os.ErrNotExist, want: starting},
		{text: "Effacement des données : 12 %\n", want: "Effacement des données : 12 %"},
		{text: "La carte est vérifiée.\nLa carte grandit…\n\n", want: "La carte grandit…"},
		{text: "half a letter \xc3", want: starting},
		{text: strings.Repeat("long ", 100), want: starting},
		{text: "kept", err: errors.New("read half"), want: starting},
	} {
		if got := words([]byte(tt.text), tt.err); got != tt.want {
			t.Errorf("words(%q, %v) = %q; want %q", tt.text, tt.err, got, tt.want)
		}
	}
}

// On every screen that a box may have, the words and the bar are there, whole, and the bar
// moves.
func TestPicture(t *testing.T) {
	for _, size := range []image.Point{{800, 480}, {1280, 800}, {480, 800}, {320, 240}} {
		for _, line := range []string{starting, "L’écran d’accueil ne démarre pas. La borne essaie encore. Les tickets déjà pris sont gardés.", strings.Repeat("Dampfschifffahrtsgesellschaft", 8)} {
			p, err := paint(size.X, size.Y, line)
			if err != nil {
				t.Fatal(err)
			}
			first := p.move(0)
			if !first.In(p.image.Bounds()) || first.Dx() < size.X/3 || first.Dy() < 4 {
				t.Errorf("%v: the bar is at %v", size, first)
			}
			inked := extent(p.image, ink, func(at image.Point) bool { return !at.In(p.bar) })
			if inked.Empty() {
				t.Errorf("%v: %q is not drawn", size, line)
			}
			if line == starting && (inked.Min.X < size.X/20 || inked.Max.X > size.X*19/20 || inked.Max.Y > p.bar.Min.Y || inked.Dy() < min(size.X, size.Y)/16) {
				t.Errorf("%v: %q is drawn in %v, the bar in %v", size, line, inked, p.bar)
			}
			before := extent(p.image, ink, func(at image.Point) bool { return at.In(p.bar) })
			p.move(1)
			if after := extent(p.image, ink, func(at image.Point) bool { return at.In(p.bar) }); after == before || after.Empty() {
				t.Errorf("%v: the bar's light stays at %v", size, after)
			}
			for step := range 100 { // never outside its groove
				p.move(step)
			}
			if got := p.image.RGBAAt(p.bar.Min.X-1, p.bar.Min.Y); got != ground {
				t.Errorf("%v: left of the bar is %v", size, got)
			}
		}
	}
}

// extent is the smallest rectangle with all pixels of a colour that count.
func extent(from *image.RGBA, of color.RGBA, counts func(image.Point) bool) image.Rectangle {
	var found image.Rectangle
	for y := range from.Rect.Dy() {
		for x := range from.Rect.Dx() {
			if p := from.Pix[y*from.Stride+4*x:]; p[0] == of.R && p[1] == of.G && p[2] == of.B && counts(image.Pt(x, y)) {
				found = found.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return found
}

func TestWhatIsNoScreen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fb0")
	if err := show(file, "", 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no device: %v", err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := show(file, "", 0); err == nil || !strings.Contains(err.Error(), "no frame buffer") {
		t.Errorf("a plain file: %v; want that it is no frame buffer", err)
	}
}
