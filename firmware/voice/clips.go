package voice

import (
	"bufio"
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	// jfreymuth/oggvorbis is the kept Vorbis decoder that is Go alone; it decodes a
	// call in a few milliseconds and seeks, so that the whole file is never unpacked.
	"github.com/jfreymuth/oggvorbis"
)

//go:embed clips/fr.ogg clips/fr.txt
var kept embed.FS

// rate is that of what is played, in samples a second.
const rate = 48000

// Clips are words in one language, spoken once and kept in a file. A word is
// unpacked when it is first needed. Clips are not for use by several goroutines
// at once: an Arbiter is their only user.
type Clips struct {
	index  map[string]span
	stream *oggvorbis.Reader
	rate   int
	length int64
	pcm    map[string]clip
}

// span is where a clip lies in the stream, in samples.
type span struct{ start, length int64 }

// clip is a word unpacked, or why it cannot be.
type clip struct {
	pcm []int16
	err error
}

// longest is the longest clip, in seconds: an index that asks for more is damaged.
const longest = 20

// ErrNoClip is returned for a word that was never spoken.
var ErrNoClip = errors.New("no such clip")

// French are the words of calls in French, as they are kept in the binary.
func French() (*Clips, error) {
	dir, err := fs.Sub(kept, "clips")
	if err != nil {
		return nil, fmt.Errorf("voice: %w", err)
	}
	return ReadClips(dir, "fr")
}

// ReadClips reads the index <lang>.txt and the head of the stream <lang>.ogg,
// mono Ogg Vorbis. A line of the index is a clip: its name, its first sample, how
// many samples it has.
//
// A file that was damaged is refused, or some of its clips are, since each page has
// a sum. A file made by somebody of evil intent is not for the decoder: a head with
// right sums can ask it for more memory than there is.
func ReadClips(dir fs.FS, lang string) (*Clips, error) {
	table, err := fs.ReadFile(dir, lang+".txt")
	if err != nil {
		return nil, fmt.Errorf("voice: clips: %w", err)
	}
	packed, err := fs.ReadFile(dir, lang+".ogg")
	if err != nil {
		return nil, fmt.Errorf("voice: clips: %w", err)
	}
	c := &Clips{pcm: make(map[string]clip)}
	if c.index, err = parseIndex(table); err != nil {
		return nil, fmt.Errorf("voice: clips: %s.txt: %w", lang, err)
	}
	err = shielded(func() error {
		c.stream, err = oggvorbis.NewReader(bytes.NewReader(packed))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("voice: clips: %s.ogg: %w", lang, err)
	}
	c.rate, c.length = c.stream.SampleRate(), c.stream.Length()
	if c.stream.Channels() != 1 || c.rate < 8000 || c.rate > rate {
		return nil, fmt.Errorf("voice: clips: %s.ogg: %d channels at %d Hz; want 1 at 8000 to %d", lang, c.stream.Channels(), c.rate, rate)
	}
	return c, nil
}

// parseIndex reads the table of clips.
func parseIndex(table []byte) (map[string]span, error) {
	index := make(map[string]span)
	lines := bufio.NewScanner(bytes.NewReader(table))
	for n := 1; lines.Scan(); n++ {
		var name string
		var s span
		if _, err := fmt.Sscanf(lines.Text(), "%s %d %d", &name, &s.start, &s.length); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if _, twice := index[name]; twice || s.start < 0 || s.length <= 0 {
			return nil, fmt.Errorf("line %d: clip %q twice, or nowhere", n, name)
		}
		index[name] = s
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	if len(index) == 0 {
		return nil, errors.New("empty")
	}
	return index, nil
}

// has reports whether there is a clip of that name.
func (c *Clips) has(name string) bool {
	_, ok := c.index[name]
	return ok
}

// PCM is a clip at 48 kHz. It must not be written to.
func (c *Clips) PCM(name string) ([]int16, error) {
	if k, ok := c.pcm[name]; ok {
		return k.pcm, k.err
	}
	s, ok := c.index[name]
	if !ok {
		return nil, fmt.Errorf("voice: clip %q: %w", name, ErrNoClip)
	}
	var k clip
	if k.err = shielded(func() error { return c.unpack(s, &k) }); k.err != nil {
		k = clip{err: fmt.Errorf("voice: clip %q: %w", name, k.err)}
	}
	c.pcm[name] = k
	return k.pcm, k.err
}

func (c *Clips) unpack(s span, k *clip) error {
	if s.length > int64(longest*c.rate) || s.start > c.length-s.length {
		return errors.New("outside its file")
	}
	if err := c.stream.SetPosition(s.start); err != nil {
		return fmt.Errorf("seeking: %w", err)
	}
	raw := make([]float32, s.length)
	for at := 0; at < len(raw); {
		n, err := c.stream.Read(raw[at:])
		if at += n; err == io.EOF && at < len(raw) {
			return io.ErrUnexpectedEOF
		} else if err != nil && err != io.EOF {
			return fmt.Errorf("decoding: %w", err)
		}
	}
	k.pcm = resample(raw, c.rate, rate)
	return nil
}

// shielded calls f and turns a panic into an error: the decoder checks the sum of
// each page, and still a damaged file can lead it outside its slices.
func shielded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged: %v", r)
		}
	}()
	return f()
}

// join is clips one after the other, or the first that cannot be unpacked. A name
// of spaces is a pause of 50 ms each.
func (c *Clips) join(names []string) ([]int16, error) {
	var out []int16
	for _, name := range names {
		if strings.Trim(name, " ") == "" {
			out = append(out, make([]int16, len(name)*rate/20)...)
			continue
		}
		pcm, err := c.PCM(name)
		if err != nil {
			return nil, err
		}
		out = append(out, pcm...)
	}
	return out, nil
}
