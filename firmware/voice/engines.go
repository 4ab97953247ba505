package voice

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unicode"

	"jeudi/firmware/words"
)

// An engine is what speaks a language.
type engine struct {
	Pico string // the voice of SVOX Pico that clips are rendered with, "" for none
	// Espeak is the voice of espeak-ng: that of clips where Pico has none, and that of
	// texts which were never rendered.
	Espeak string
	// Vowels are wanted in what it reads: a text without them is not spoken at all,
	// since half of its words would be others.
	Vowels bool
}

// engineOf is the engine of a language; false where none speaks it well enough to
// be understood. Persian is written without its vowels, and espeak-ng guesses them.
func engineOf(lang string) (engine, bool) {
	switch words.Tag(lang) {
	case words.French:
		return engine{Pico: "fr-FR", Espeak: "fr-fr"}, true
	case "en":
		return engine{Pico: "en-GB", Espeak: "en-gb"}, true
	case "es":
		return engine{Pico: "es-ES", Espeak: "es"}, true
	case "pt":
		return engine{Espeak: "pt"}, true
	case "tr", "ro", "ru", "uk":
		return engine{Espeak: lang}, true
	case "ar":
		return engine{Espeak: "ar", Vowels: true}, true
	}
	return engine{}, false
}

// speaks reports whether the engine may read a text.
func (e engine) speaks(text string) bool { return !e.Vowels || vowelled(text) }

// vowelled reports whether a text in Arabic is written with its vowels: each word of
// three letters or more has marks on two letters out of five. Long vowels carry
// none, nor does the last letter before a pause.
func vowelled(text string) bool {
	all, marked := 0, 0
	for _, word := range strings.Fields(text) {
		letters, marks := 0, 0
		for _, r := range word {
			switch {
			case r >= '\u064b' && r <= '\u0652' || r == '\u0670':
				marks++
			case unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) && r != '\u0640':
				letters++
			}
		}
		if letters > 2 && 5*marks < 2*letters {
			return false
		}
		all, marked = all+letters, marked+marks
	}
	return all == 0 || marked > 0
}

// Synthesiser speaks a text in a language of the catalogue: samples, mono, and how
// many there are a second.
type Synthesiser func(ctx context.Context, lang, text string) (pcm []int16, rate int, err error)

const (
	liveTime  = 4 * time.Second // of a synthesiser, start included
	liveText  = 400             // letters of a text that is spoken at run time
	liveSound = 40              // seconds that come of it
)

// Espeak speaks with the program espeak-ng, or is nil where it is not installed. A
// text of more than 400 letters is refused. The text goes through a pipe: neither
// the list of processes nor a file shows it.
func Espeak() Synthesiser {
	program, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil
	}
	return espeak(program)
}

func espeak(program string) Synthesiser {
	return func(ctx context.Context, lang, text string) ([]int16, int, error) {
		e, ok := engineOf(lang)
		if text = readable(text); !ok || text == "" || len([]rune(text)) > liveText || !e.speaks(text) {
			return nil, 0, fmt.Errorf("voice: espeak-ng: %w", ErrNoClip)
		}
		ctx, cancel := context.WithTimeout(ctx, liveTime)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, "-v", e.Espeak, "-s", espeakSpeed, "-p", espeakPitch, "-b", "1", "--stdin", "--stdout")
		cmd.Stdin = strings.NewReader(pronounced(lang, text) + "\n")
		cmd.WaitDelay = time.Second
		out := &bounded{room: 44 + liveSound*2*rate}
		cmd.Stdout = out
		if err := cmd.Run(); err != nil {
			return nil, 0, fmt.Errorf("voice: espeak-ng: %w", err)
		}
		pcm, rate, err := parseWAV(out.b, true)
		if err != nil {
			return nil, 0, fmt.Errorf("voice: espeak-ng: %w", err)
		}
		pcm = trim(pcm, rate)
		level(pcm, rate)
		return pcm, rate, nil
	}
}

// How espeak-ng speaks: 120 to 125 words a minute with its pauses, see render_test.go.
const (
	espeakSpeed = "125"
	espeakPitch = "45"
)

// pronounced is a text with the words that are not read as they are written. A
// change here wants `render --all`.
func pronounced(lang, text string) string {
	if words.Tag(lang) == words.French {
		return strings.ReplaceAll(text, "CAF", "Caf") // a word, not three letters
	}
	return text
}

// readable is a text without what a synthesiser takes for orders: control
// characters, and phonemes between double brackets.
func readable(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == '[' || r == ']' || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// bounded is a buffer that refuses what is beyond its room; the program that writes
// to it then ends by a broken pipe. It is no bytes.Buffer itself, whose ReadFrom
// would take all there is.
type bounded struct {
	b    []byte
	room int
}

var errTooLong = errors.New("too much sound")

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.b)+len(p) > b.room {
		return 0, errTooLong
	}
	b.b = append(b.b, p...)
	return len(p), nil
}
