package voice

import (
	"bytes"
	"context"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/firmware/words"
)

var (
	update = flag.Bool("update", false, "render the clips of every language whose texts changed: see render")
	only   = flag.String("lang", "", "this language alone; with -update its texts changed or not")
)

// wanted are the clips of a language that its engine can speak.
func wanted(w *words.Catalogue, lang string) []words.Piece {
	e, ok := engineOf(lang)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(needs(w, lang), func(p words.Piece) bool { return !e.speaks(p.Say) })
}

// stale says of each clip that is not as the catalogue wants it what is wrong.
func stale(p *pack, want []words.Piece) []string {
	var wrong []string
	names := map[string]bool{}
	for _, c := range want {
		names[c.Clip] = true
		if s, ok := p.span(c.Clip); !ok {
			wrong = append(wrong, fmt.Sprintf("%q is missing: %q", c.Clip, c.Say))
		} else if s.hash != hashOf(c.Say) {
			wrong = append(wrong, fmt.Sprintf("%q says another text than %q", c.Clip, c.Say))
		}
	}
	if p != nil {
		for name := range p.index {
			if !names[name] {
				wrong = append(wrong, fmt.Sprintf("%q is there for nothing", name))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// Every text for visitors, of each language that an engine speaks, is a clip that
// says just that, and no clip is there for nothing. With -update the clips of each
// language for which this is not so are rendered.
func TestClipsAndCatalogue(t *testing.T) {
	w := catalogue(t)
	for _, lang := range w.Languages() {
		want := wanted(w, lang)
		if len(want) == 0 {
			continue
		}
		if *only != "" && *only != lang {
			continue
		}
		t.Run(lang, func(t *testing.T) {
			if !*update {
				dir := os.DirFS("clips")
				p, err := readPack(dir, lang)
				if err != nil {
					t.Fatalf("readPack(%q) = %v: run `make voices`", lang, err)
				}
				if wrong := stale(p, want); len(wrong) > 0 {
					t.Errorf("%d of %d clips are not as the catalogue wants them: run `make voices`\n%s", len(wrong), len(want),
						strings.Join(wrong[:min(len(wrong), 8)], "\n"))
				}
				return
			}
			if p, err := readPack(os.DirFS("clips"), lang); err == nil && *only == "" && len(stale(p, want)) == 0 {
				return
			}
			began := time.Now()
			size, length, err := render(t.Context(), t.TempDir(), lang, want)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Printf("%s: %d clips, %v, %d bytes, rendered in %v\n", lang, len(want), length.Round(time.Second), size, time.Since(began).Round(time.Second))
		})
	}
}

// How the clips are rendered. At its own speed Pico says some 160 words a minute
// within a sentence; this is 130, and 120 to 125 with the pauses between sentences,
// as VVSG 2.0, 7.1-K wants it.
const (
	picoSpeed = 82
	quality   = "-1" // of Ogg Vorbis
)

// render speaks the clips of a language into clips/<lang>.ogg and .txt, all in one
// stream: a file of its own would cost each 3.5 kB of headers, more than its sound.
// The same texts give the same bytes.
func render(ctx context.Context, tmp, lang string, want []words.Piece) (size int64, length time.Duration, err error) {
	spoken, from := make([][]int16, len(want)), 0
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		next int
	)
	for worker := range 2 {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := err != nil || i >= len(want)
				mu.Unlock()
				if stop {
					return
				}
				pcm, r, e := synthesise(ctx, fmt.Sprintf("%s/%d.wav", tmp, worker), lang, want[i].Say)
				mu.Lock()
				if from == 0 {
					from = r
				}
				if e == nil && (len(pcm) == 0 || r != from) {
					e = fmt.Errorf("%d samples at %d Hz", len(pcm), r)
				}
				if e != nil && err == nil {
					err = fmt.Errorf("rendering %q of %s: %w", want[i].Clip, lang, e)
				}
				spoken[i] = pcm
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err != nil {
		return 0, 0, err
	}
	// Silence between two clips, so that the codec cannot smear one into the next.
	pad := make([]int16, from*30/1000)
	stream := slices.Clone(pad)
	var table bytes.Buffer
	starts := map[string]int{} // of a text: « Non » is many answers, and one sound
	for i, p := range want {
		start, again := starts[p.Say]
		if !again {
			start = len(stream)
			starts[p.Say] = start
			stream = append(append(stream, spoken[i]...), pad...)
		}
		fmt.Fprintf(&table, "%s %d %d %s\n", p.Clip, start, len(spoken[i]), hashOf(p.Say))
	}
	wav, ogg := filepath.Join(tmp, "all.wav"), filepath.Join(tmp, lang+".ogg")
	if err := os.WriteFile(wav, writeWAV(stream, from), 0o644); err != nil {
		return 0, 0, err
	}
	if out, err := exec.CommandContext(ctx, "oggenc", "-Q", "--serial", "1", "-q", quality, "-o", ogg, wav).CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("oggenc: %w: %s", err, out)
	}
	b, err := os.ReadFile(ogg)
	if err != nil {
		return 0, 0, err
	}
	if err := os.WriteFile("clips/"+lang+".ogg", b, 0o644); err != nil {
		return 0, 0, err
	}
	return int64(len(b)), time.Duration(len(stream)) * time.Second / time.Duration(from), os.WriteFile("clips/"+lang+".txt", table.Bytes(), 0o644)
}

// synthesise speaks a text with the engine of a language.
func synthesise(ctx context.Context, file, lang, text string) (pcm []int16, rate int, err error) {
	e, _ := engineOf(lang)
	if e.Pico == "" {
		if pcm, rate, err = espeak("espeak-ng")(ctx, lang, text); err != nil {
			return nil, 0, err
		}
		return lower(resample(floats(pcm), rate, 48000)), phoneRate, nil // as many samples as Pico's
	}
	var marked bytes.Buffer
	fmt.Fprintf(&marked, `<speed level="%d">`, picoSpeed)
	if err := xml.EscapeText(&marked, []byte(pronounced(lang, text))); err != nil {
		return nil, 0, err
	}
	marked.WriteString("</speed>")
	if out, err := exec.CommandContext(ctx, "pico2wave", "-l", e.Pico, "-w", file, "--", marked.String()).CombinedOutput(); err != nil {
		return nil, 0, fmt.Errorf("pico2wave: %w: %s", err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	if pcm, rate, err = parseWAV(b, false); err != nil {
		return nil, 0, err
	}
	// Now and then Pico ends a sentence in a burst of noise; no word of it is as loud.
	if top(pcm) >= 32767 {
		return nil, 0, fmt.Errorf("pico2wave: a burst of noise in %q: word it otherwise", text)
	}
	pcm = trim(pcm, rate)
	level(pcm, rate)
	return pcm, rate, nil
}
