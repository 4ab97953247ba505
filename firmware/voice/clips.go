package voice

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	// jfreymuth/oggvorbis is the kept Vorbis decoder that is Go alone; it decodes a
	// call in a few milliseconds and seeks, so that the whole file is never unpacked.
	"github.com/jfreymuth/oggvorbis"
)

//go:embed clips
var kept embed.FS

// rate is that of what is played, in samples a second.
const rate = 48000

// pack is the clips of one language, as they were rendered once and are kept.
type pack struct {
	index map[string]span
	dir   fs.FS
	lang  string

	// The stream is opened when a clip is first needed: a box speaks few of its
	// languages on a morning. Who unpacks a clip has it alone, a few milliseconds.
	mu     sync.Mutex
	stream *oggvorbis.Reader
	fault  error
	rate   int
	length int64
}

// span is where a clip lies in the stream, in samples, and the hash of the text
// that it says.
type span struct {
	start, length int64
	hash          string
}

// longest is the longest clip, in seconds: an index that asks for more is damaged.
const longest = 40

// ErrNoClip is returned for what was never spoken, and cannot be.
var ErrNoClip = errors.New("no such clip")

// hashOf is the hash of a text to be spoken: a clip of another text is not used.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// readPack reads the index <lang>.txt. A line of it is a clip: its name, its first
// sample, how many samples it has, the hash of what it says. The stream
// <lang>.ogg, mono Ogg Vorbis, is opened later.
//
// A file that was damaged is refused, or some of its clips are, since each page has
// a sum. A file made by somebody of evil intent is not for the decoder: a head with
// right sums can ask it for more memory than there is. So packs lie in the program,
// and what a site records is WAV.
func readPack(dir fs.FS, lang string) (*pack, error) {
	table, err := fs.ReadFile(dir, lang+".txt")
	if err != nil {
		return nil, fmt.Errorf("voice: clips: %w", err)
	}
	p := &pack{dir: dir, lang: lang}
	if p.index, err = parseIndex(table); err != nil {
		return nil, fmt.Errorf("voice: clips: %s.txt: %w", lang, err)
	}
	return p, nil
}

// parseIndex reads the table of clips.
func parseIndex(table []byte) (map[string]span, error) {
	index := make(map[string]span)
	lines := bufio.NewScanner(bytes.NewReader(table))
	for n := 1; lines.Scan(); n++ {
		f := strings.Fields(lines.Text())
		if len(f) != 4 {
			return nil, fmt.Errorf("line %d: want a name, a start, a length and a hash", n)
		}
		start, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		length, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if _, twice := index[f[0]]; twice || start < 0 || length <= 0 {
			return nil, fmt.Errorf("line %d: clip %q twice, or nowhere", n, f[0])
		}
		index[f[0]] = span{start, length, f[3]}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	if len(index) == 0 {
		return nil, errors.New("empty")
	}
	return index, nil
}

// open opens the stream, once, for whoever has mu.
func (p *pack) open() error {
	if p.stream != nil || p.fault != nil {
		return p.fault
	}
	p.fault = func() error {
		file, err := p.dir.Open(p.lang + ".ogg")
		if err != nil {
			return err
		}
		// It stays open: a file of the program is a part of its memory, and is not copied.
		in, ok := file.(io.ReadSeeker)
		if !ok {
			return errors.New("cannot be sought in")
		}
		var stream *oggvorbis.Reader
		if err := shielded(func() error { stream, err = oggvorbis.NewReader(in); return err }); err != nil {
			return err
		}
		if p.rate, p.length = stream.SampleRate(), stream.Length(); stream.Channels() != 1 || p.rate < 8000 || p.rate > rate {
			return fmt.Errorf("%d channels at %d Hz; want 1 at 8000 to %d", stream.Channels(), p.rate, rate)
		}
		p.stream = stream
		return nil
	}()
	if p.fault != nil {
		p.fault = fmt.Errorf("voice: clips: %s.ogg: %w", p.lang, p.fault)
	}
	return p.fault
}

// pcm unpacks a clip: samples at 48 kHz.
func (p *pack) pcm(name string) ([]int16, error) {
	s, ok := p.index[name]
	if !ok {
		return nil, fmt.Errorf("voice: clip %q: %w", name, ErrNoClip)
	}
	raw, err := func() (raw []float32, err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if err := p.open(); err != nil {
			return nil, err
		}
		if err := shielded(func() (err error) { raw, err = p.unpack(s); return err }); err != nil {
			return nil, fmt.Errorf("voice: clip %q: %w", name, err)
		}
		return raw, nil
	}()
	if err != nil {
		return nil, err
	}
	pcm := resample(raw, p.rate, rate)
	soften(pcm, rate)
	return pcm, nil
}

func (p *pack) unpack(s span) ([]float32, error) {
	if s.length > int64(longest*p.rate) || s.start > p.length-s.length {
		return nil, errors.New("outside its file")
	}
	if err := p.stream.SetPosition(s.start); err != nil {
		return nil, fmt.Errorf("seeking: %w", err)
	}
	raw := make([]float32, s.length)
	for at := 0; at < len(raw); {
		n, err := p.stream.Read(raw[at:])
		if at += n; err == io.EOF && at < len(raw) {
			return nil, io.ErrUnexpectedEOF
		} else if err != nil && err != io.EOF {
			return nil, fmt.Errorf("decoding: %w", err)
		}
	}
	return raw, nil
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

// span is where a clip lies, if it does.
func (p *pack) span(name string) (span, bool) {
	if p == nil {
		return span{}, false
	}
	s, ok := p.index[name]
	return s, ok
}
