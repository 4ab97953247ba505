// Command splash draws the first picture of a box: that it starts, and that it goes on
// starting. It is what people see from the first second until the kiosk has the screen,
// and again when the kiosk does not come.
//
//	splash [-fb /dev/fb0 | -wayland] [-from /run/jeudi/splash] [-for 300s]
//
// It draws on the kernel's frame buffer, so that it needs no other program, or in a window
// of the compositor, and it writes no more than what changed. Whoever works while people wait leaves one line in the file
// of -from: "Effacement des données : 12 %". Without it, or with an empty one, the words
// are those of a start.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

func main() {
	device := flag.String("fb", "/dev/fb0", "frame buffer `device`")
	from := flag.String("from", "/run/jeudi/splash", "`file` with a line to show instead")
	lasting := flag.Duration("for", 5*time.Minute, "how long to stay at most; 0 draws once and ends")
	inside := flag.Bool("wayland", false, "draw in a window of the compositor of WAYLAND_DISPLAY instead")
	flag.Parse()
	var err error
	if *inside {
		err = showWayland(*from, *lasting)
	} else {
		err = show(*device, *from, *lasting)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "splash:", err)
		os.Exit(1)
	}
}

// beat is how often the picture moves: often enough to be seen as alive, seldom enough to
// leave the processor to those who start.
const beat = 250 * time.Millisecond

func show(device, from string, lasting time.Duration) error {
	screen, err := openScreen(device)
	if err != nil {
		return err
	}
	defer screen.close()
	var drawn *picture
	end := time.Now().Add(lasting)
	for step := 0; ; step++ {
		line := words(os.ReadFile(from))
		if drawn == nil || drawn.line != line {
			if drawn, err = paint(screen.width, screen.height, line); err != nil {
				return err
			}
			if err := screen.put(drawn.image, drawn.image.Bounds()); err != nil {
				return err
			}
		}
		if err := screen.put(drawn.image, drawn.move(step)); err != nil {
			return err
		}
		if !time.Now().Before(end) {
			return nil
		}
		time.Sleep(beat)
	}
}

// starting is what is said when nobody says anything else.
const starting = "Jeudi démarre…"

// words are what the file of -from says: its last line, when there is one that can be shown.
func words(text []byte, err error) string {
	line := strings.TrimSpace(string(text))
	if at := strings.LastIndexByte(line, '\n'); at >= 0 {
		line = strings.TrimSpace(line[at:])
	}
	const longest = 240
	if err != nil || line == "" || !utf8.ValidString(line) || len(line) > longest {
		return starting
	}
	return line
}
