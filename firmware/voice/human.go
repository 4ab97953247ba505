package voice

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"jeudi/firmware/words"
)

// Recordings of a site go before rendered clips: a person's voice says Arabic,
// Persian or any language that no synthesiser speaks well. They lie in a folder, one
// below it for each language, one file for each clip: fr/ticket.title.wav.
//
// Only WAV is taken, PCM of 16 bits. The format is read by 40 lines that believe no
// header; the decoder of Ogg Vorbis, given a file of evil intent, can be made to ask
// for more memory than there is, and a folder of a site may come from anywhere.

const (
	recordingBytes   = 2 << 20
	recordingSeconds = 60
	recordingCount   = 4000 // files of one language
)

// FileName is the name of a clip's recording: letters a to z, digits and . _ - + ~
// as they are, all else as % and two hexadecimal digits a byte, then .wav.
func FileName(clip string) string {
	var b strings.Builder
	for _, c := range []byte(clip) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._-+~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String() + ".wav"
}

// recordings are the files of a site.
type recordings struct {
	dir   fs.FS
	files map[string]map[string]bool // language → file
}

// readRecordings lists the files of a site; they are read when they are needed.
func readRecordings(dir fs.FS, log *slog.Logger) *recordings {
	r := &recordings{dir: dir, files: map[string]map[string]bool{}}
	if dir == nil {
		return r
	}
	folders, err := fs.ReadDir(dir, ".")
	if err != nil {
		log.Warn("voice: recordings", "err", err)
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		files, err := fs.ReadDir(dir, folder.Name())
		if err != nil {
			log.Warn("voice: recordings", "folder", folder.Name(), "err", err)
			continue
		}
		if len(files) > recordingCount {
			log.Warn("voice: too many recordings: the first are used", "folder", folder.Name(), "files", len(files), "used", recordingCount)
			files = files[:recordingCount]
		}
		names := map[string]bool{}
		for _, f := range files {
			if f.Type().IsRegular() { // no link to elsewhere, nothing that is waited for
				names[f.Name()] = true
			}
		}
		r.files[folder.Name()] = names
	}
	return r
}

func (r *recordings) has(lang, clip string) bool { return r.files[lang][FileName(clip)] }

// pcm is a recording at 48 kHz, trimmed, as loud as all clips.
func (r *recordings) pcm(lang, clip string) ([]int16, error) {
	path := lang + "/" + FileName(clip)
	// It is looked at first: to open a pipe would wait for who writes to it.
	if info, err := fs.Lstat(r.dir, path); err != nil || !info.Mode().IsRegular() {
		return nil, errors.New("voice: recording: not a file")
	}
	file, err := r.dir.Open(path)
	if err != nil {
		return nil, fmt.Errorf("voice: recording: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, recordingBytes+1))
	if err != nil {
		return nil, fmt.Errorf("voice: recording: %w", err)
	}
	if len(b) > recordingBytes {
		return nil, fmt.Errorf("voice: recording: more than %d bytes", recordingBytes)
	}
	pcm, from, err := parseWAV(b, false)
	if err != nil {
		return nil, fmt.Errorf("voice: recording: %w", err)
	}
	if len(pcm) > recordingSeconds*from {
		return nil, fmt.Errorf("voice: recording: longer than %d seconds", recordingSeconds)
	}
	if pcm = trim(pcm, from); len(pcm) == 0 || top(pcm) < 40 {
		return nil, errors.New("voice: recording: silence")
	}
	level(pcm, from)
	return resample(floats(pcm), from, rate), nil
}

// needs are the clips that a language says everything for visitors with: its texts,
// the numbers, and in French what calls are made of. Easy French needs only those
// that differ from French.
func needs(w *words.Catalogue, lang string) []words.Piece {
	list := w.Clips(lang, Spoken)
	if lang != words.French && words.Tag(lang) == words.French {
		french := map[string]string{}
		for _, p := range w.Clips(words.French, Spoken) {
			french[p.Clip] = p.Say
		}
		return slices.DeleteFunc(list, func(p words.Piece) bool { return french[p.Clip] == p.Say })
	}
	list = append(list, numberPieces(lang)...)
	if lang == words.French {
		list = append(list, callPieces()...)
	}
	return list
}

// Why is why a language has no voice.
type Why string

// The reasons.
const (
	NoEngine Why = "no_engine" // no synthesiser speaks it well enough to be understood
	NoClips  Why = "no_clips"  // clips are missing on the way to a ticket
)

// status is what is known of a language's voice.
type status struct {
	usable bool
	why    Why
}

// Usable reports whether a language has a voice that leads to a ticket, and if not,
// why: the button of such a language says so instead of speaking badly.
//
// The rule: every text of the language under language, ticket, kiosk, control, help
// and motif, and each number below a hundred, is a rendered clip or a recording. A
// text that a site changed does not take the voice away; it is said at run time, or
// in French. Persian becomes usable in the same way as any language: by recordings.
func (v *Voices) Usable(lang string) (bool, Why) {
	s, ok := v.languages[lang]
	if !ok {
		return false, NoEngine
	}
	return s.usable, s.why
}

// toTicket reports whether a text is met on the way to a ticket.
func toTicket(key string) bool {
	first, _, _ := strings.Cut(key, ".")
	return slices.Contains([]string{"language", "ticket", "kiosk", "control", "help", "motif"}, first)
}

func (v *Voices) statusOf(lang string) status {
	if lang != words.French && words.Tag(lang) == words.French {
		return v.languages[words.French]
	}
	has := func(name string) bool {
		from, _ := v.find(lang, name, "", true)
		return from == human || from == rendered
	}
	lacks := false
	for _, key := range v.words.Keys() {
		// A motif of the site's own is French in every language.
		if toTicket(key) && !strings.HasPrefix(key, "motif.") && !v.words.Has(lang, key) {
			lacks = true
		}
	}
	for _, p := range slices.Concat(v.words.Clips(lang, toTicket), numberPieces(lang)) {
		if plain := strings.TrimRight(p.Clip, ".+"); !has(p.Clip) && !(p.Kind == words.Number && has(plain)) {
			lacks = true
		}
	}
	if !lacks {
		return status{usable: true}
	}
	if _, ok := engineOf(lang); !ok {
		return status{why: NoEngine}
	}
	return status{why: NoClips}
}

// Coverage is how a language is spoken, clip by clip.
type Coverage struct {
	Lang   string
	Usable bool
	Why    Why
	// How many of its clips are a person's, rendered, or spoken at run time.
	Human, Rendered, Live int
	Missing               []words.Piece     // clips that nothing can say, and what they would
	Refused               map[string]string // recordings that cannot be used, and why
	Unknown               []string          // recordings that no clip is called by
}

// Check goes through every clip of every language, and reads every recording. It
// takes seconds.
func (v *Voices) Check() []Coverage {
	var list []Coverage
	for _, lang := range v.words.Languages() {
		c := Coverage{Lang: lang, Refused: map[string]string{}}
		c.Usable, c.Why = v.Usable(lang)
		known := map[string]bool{}
		for _, p := range needs(v.words, lang) {
			known[FileName(p.Clip)] = true
			from, _ := v.find(lang, p.Clip, p.Say, true)
			if from == human {
				if _, err := v.human.pcm(lang, p.Clip); err != nil {
					c.Refused[FileName(p.Clip)] = err.Error()
					from, _ = v.find(lang, p.Clip, p.Say, false)
				}
			}
			switch from {
			case human:
				c.Human++
			case rendered:
				c.Rendered++
			case live:
				c.Live++
			default:
				c.Missing = append(c.Missing, p)
			}
		}
		for file := range v.human.files[lang] {
			if !known[file] {
				c.Unknown = append(c.Unknown, file)
			}
		}
		slices.Sort(c.Unknown)
		list = append(list, c)
	}
	return list
}
