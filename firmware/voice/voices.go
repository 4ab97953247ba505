package voice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"unicode"

	"jeudi/drivers"
	"jeudi/firmware/words"
)

// Voices is everything the box can say, in every language: clips that were rendered
// once and lie in the program, a site's own recordings, which go before them, and
// a synthesiser at run time for the words that a site wrote itself.
//
// A message is put together from the clips of its pieces. What a language cannot
// say is said in French, and logged once by the first word of its key; words of the
// site that nothing can say are left out.
//
// Voices may be used by several goroutines at once.
type Voices struct {
	words *words.Catalogue
	live  Synthesiser
	log   *slog.Logger
	human *recordings

	languages map[string]status
	packs     map[string]*pack
	reported  *sync.Map // what was logged once
	cache     *cache    // what is unpacked, for the arbiter and the phones
}

// Options are what Load may do without: the zero value is the clips of the program
// alone.
type Options struct {
	Kept  fs.FS        // the rendered clips; nil: those in the program
	Human fs.FS        // a site's recordings, <language>/<FileName>; nil: none
	Live  Synthesiser  // for words that were never rendered, see Espeak; nil: none
	Log   *slog.Logger // nil: nowhere
}

// Load reads the tables of the clips. Only French must have one; a language whose
// table is damaged is logged and has no voice.
func Load(w *words.Catalogue, o Options) (*Voices, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Kept == nil {
		var err error
		if o.Kept, err = fs.Sub(kept, "clips"); err != nil {
			return nil, fmt.Errorf("voice: %w", err)
		}
	}
	v := &Voices{words: w, live: o.Live, log: o.Log, human: readRecordings(o.Human, o.Log),
		packs: map[string]*pack{}, languages: map[string]status{}, reported: new(sync.Map), cache: new(cache)}
	for _, lang := range w.Languages() {
		p, err := readPack(o.Kept, lang)
		switch {
		case err == nil:
			v.packs[lang] = p
		case lang == words.French:
			return nil, err
		case !errors.Is(err, fs.ErrNotExist):
			v.log.Error("voice: the clips of a language are damaged", "file", lang+".txt", "err", err)
		}
	}
	for _, lang := range w.Languages() {
		v.languages[lang] = v.statusOf(lang)
	}
	return v, nil
}

// Spoken reports whether the texts of a key are for visitors, and so are spoken: all
// but those of staff, and those of the poster, which hangs elsewhere.
func Spoken(key string) bool {
	return !words.ForStaff(key) && !strings.HasPrefix(key, "poster.")
}

// chain is where the clip of a language may lie: easy French is French too.
func chain(lang string) []string {
	return slices.DeleteFunc(words.Fallbacks(lang), func(l string) bool { return words.Tag(l) != words.Tag(lang) })
}

// A source is where a clip comes from.
type source uint8

const (
	nowhere source = iota
	human
	rendered
	live
)

// find is where a clip comes from, and in which language it lies. say is what it
// says, "" for words that are the same in every text.
func (v *Voices) find(lang, name, say string, recorded bool) (source, string) {
	for i, l := range chain(lang) {
		span, ok := v.packs[l].span(name)
		same := say == "" || ok && span.hash == hashOf(say)
		if recorded && v.human.has(l, name) && (i == 0 || same) {
			return human, l
		}
		if ok && same {
			return rendered, l
		}
	}
	if e, ok := engineOf(lang); ok && v.live != nil && say != "" && e.speaks(say) {
		return live, lang
	}
	return nowhere, lang
}

// sound is a clip at 48 kHz, which must not be written to. An error is ErrNoClip
// where there is none, or says why it cannot be unpacked.
func (v *Voices) sound(ctx context.Context, lang, name, say string) ([]int16, error) {
	from, l := v.find(lang, name, say, true)
	if from == human {
		pcm, err := v.unpacked("human "+l+" "+name, func() ([]int16, error) { return v.human.pcm(l, name) })
		if err == nil {
			return pcm, nil
		}
		key := name
		if say == "" {
			key = "numbers" // and what else calls are made of
		}
		v.once("voice: a recording cannot be used: jeudi voices check says which, and why", key)
		from, l = v.find(lang, name, say, false)
	}
	switch from {
	case rendered:
		return v.unpacked("kept "+l+" "+name, func() ([]int16, error) { return v.packs[l].pcm(name) })
	case live:
		return v.synthesised(ctx, lang, say)
	}
	return nil, fmt.Errorf("voice: clip %q: %w", name, ErrNoClip)
}

// unpacked is a clip from the cache, or as unpack makes it.
func (v *Voices) unpacked(key string, unpack func() ([]int16, error)) ([]int16, error) {
	if c, ok := v.cache.get(key); ok {
		return c.pcm, c.err
	}
	pcm, err := unpack() // two who ask at once both do: neither waits for the other's disk
	v.cache.put(key, clip{pcm: pcm, err: err})
	return pcm, err
}

// synthesised is a text spoken at run time. What failed once is not tried again for
// as long as the cache remembers: a visitor must not wait for it on each screen.
func (v *Voices) synthesised(ctx context.Context, lang, say string) ([]int16, error) {
	key := "live " + words.Tag(lang) + " " + say
	if c, ok := v.cache.get(key); ok {
		return c.pcm, c.err
	}
	pcm, from, err := v.live(ctx, lang, say)
	if err == nil && (from < 8000 || from > rate) {
		err = fmt.Errorf("voice: %d samples a second", from)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil {
		pcm = resample(floats(pcm), from, rate)
	}
	v.cache.put(key, clip{pcm: pcm, err: err})
	return pcm, err
}

// longestMessage bounds what one prompt may last, in samples: three minutes.
const longestMessage = 180 * rate

// an utterance is a message as it is said.
type utterance struct {
	pcm  []int16
	lang string // that of the words: French where the message's own has no voice
}

// say is a message in a language, or in French where that cannot say it.
func (v *Voices) say(ctx context.Context, lang, key string, args map[string]any) utterance {
	own := lang
	// Of a language without a voice only its name is said, if it can be: half of a
	// screen in one language and half in another would be no help.
	if !strings.HasPrefix(key, "language.") && !v.languages[lang].usable {
		lang = words.French
	}
	pcm, missing := v.join(ctx, lang, v.words.Pieces(lang, key, args))
	if missing != "" && words.Tag(lang) != words.French {
		if french, missing := v.join(ctx, words.French, v.words.Pieces(words.French, key, args)); missing == "" {
			v.once("voice: a text has no clip in its language and is said in French", key)
			return utterance{french, words.French}
		}
	}
	if missing != "" && ctx.Err() == nil {
		v.once("voice: a text is left out: it has no clip, and nothing speaks it", missing)
	}
	if words.Tag(own) == words.Tag(lang) {
		lang = own
	}
	return utterance{pcm, lang}
}

// join is the sound of a message in pieces, and the key of a text of the catalogue
// that is missing from it, "" if none is.
func (v *Voices) join(ctx context.Context, lang string, pieces []words.Piece) (out []int16, missing string) {
	between := "" // what is written between the words heard last and the next
	add := func(text string, pcm []int16) {
		before, after := edges(text)
		if len(out) > 0 {
			out = append(out, make([]int16, gap(between+before))...)
		}
		out, between = append(out, pcm...), after
	}
	for i, p := range pieces {
		if ctx.Err() != nil || len(out) > longestMessage {
			return out, p.Key
		}
		var pcm []int16
		var err error
		switch p.Kind {
		case words.Fixed:
			if p.Say == "" {
				between += p.Text
				continue
			}
			pcm, err = v.sound(ctx, p.Lang, p.Clip, p.Say)
		case words.Number:
			last := !slices.ContainsFunc(pieces[i+1:], func(p words.Piece) bool { return p.Kind != words.Fixed || p.Say != "" })
			pcm, err = v.number(ctx, p.Lang, p.N, last)
		case words.Verbatim:
			if pcm, err = v.verbatim(ctx, lang, p.Text); err != nil {
				v.once("voice: words of the site are left out: nothing can say them", p.Key)
				continue
			}
		default:
			continue
		}
		if err != nil {
			if missing == "" {
				missing = p.Key
			}
			if !errors.Is(err, ErrNoClip) && ctx.Err() == nil {
				v.once("voice: a text cannot be spoken", p.Key)
			}
			continue
		}
		add(p.Text, pcm)
	}
	return out, missing
}

// edges is what stands before the first letter or digit of a text, and after the last.
func edges(text string) (before, after string) {
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
	if i := strings.IndexFunc(text, word); i >= 0 {
		before = text[:i]
	}
	after = text
	if i := strings.LastIndexFunc(text, word); i >= 0 {
		after = strings.TrimLeftFunc(text[i:], word)
	}
	return before, after
}

// gap is the silence between two clips, in samples, by what is written there.
func gap(between string) int {
	switch {
	case strings.ContainsAny(between, ".!?؟…\n"):
		return rate * 350 / 1000
	case strings.ContainsAny(between, ",;:،؛–—"):
		return rate * 160 / 1000
	}
	return rate * 40 / 1000
}

// number is a number in a language. last says that nothing follows.
func (v *Voices) number(ctx context.Context, lang string, n int, last bool) ([]int16, error) {
	return v.named(ctx, lang, numberClips(lang, n, last))
}

// verbatim is words of the site: a desk's label, a telephone number, or what the
// synthesiser makes of them. Numbers are in the language of the message.
func (v *Voices) verbatim(ctx context.Context, lang, text string) ([]int16, error) {
	if names, ok := frenchLabel(text); ok {
		if pcm, err := v.named(ctx, words.French, names); err == nil {
			return pcm, nil
		}
	}
	if digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-\u00a0\u202f", r) {
			return -1
		}
		return r
	}, text); digits != "" && len(digits) <= 20 && strings.Trim(digits, "0123456789") == "" {
		return v.named(ctx, lang, digitByDigit(digits))
	}
	if text = readable(text); text == "" || v.live == nil {
		return nil, fmt.Errorf("voice: words of the site: %w", ErrNoClip)
	}
	return v.synthesised(ctx, words.French, text)
}

// named is clips one after the other, or the first that cannot be unpacked. A name
// of spaces is a pause of 50 ms each. What has no clip for the end of a sentence, or
// for a number that goes on, is said as it is in the middle of one.
func (v *Voices) named(ctx context.Context, lang string, names []string) ([]int16, error) {
	var out []int16
	for _, name := range names {
		if strings.Trim(name, " ") == "" {
			out = append(out, make([]int16, len(name)*rate/20)...)
			continue
		}
		pcm, err := v.sound(ctx, lang, name, "")
		if plain := strings.TrimRight(name, ".+"); err != nil && plain != name {
			if other, e := v.sound(ctx, lang, plain, ""); e == nil {
				pcm, err = other, nil
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, pcm...)
	}
	return out, nil
}

// sentences is the silence between two messages of a prompt.
const sentences = rate * 450 / 1000

// sounds are what is heard of a prompt: one for each message, with its text, made when
// it is asked for. Without voices there is nothing to make, and all its words are one
// sound without samples.
func (v *Voices) sounds(ctx context.Context, w *words.Catalogue, p Prompt) iter.Seq[drivers.Sound] {
	return func(yield func(drivers.Sound) bool) {
		s := drivers.Sound{Lang: p.Lang, Volume: p.Volume}
		if p.Rate != 0 {
			s.Rate = min(max(p.Rate, slowest), fastest)
		}
		if v == nil {
			var text []string
			for _, m := range p.Say {
				text = append(text, w.Text(p.Lang, m.Key, m.Args))
			}
			s.Text = strings.Join(text, "\n")
			yield(s)
			return
		}
		room := longestMessage
		for _, m := range p.Say {
			u := v.say(ctx, p.Lang, m.Key, m.Args)
			if ctx.Err() != nil { // nobody waits for it
				return
			}
			s.Lang, s.Text, s.PCM = u.lang, w.Text(u.lang, m.Key, m.Args), nil
			if len(u.pcm) > 0 {
				if room < longestMessage { // something was heard before it
					s.PCM = make([]int16, sentences, sentences+len(u.pcm))
				}
				s.PCM = append(s.PCM, u.pcm...)
				s.PCM = s.PCM[:min(len(s.PCM), room)]
				room -= len(s.PCM)
				s.PCM = stretch(s.PCM, cmp.Or(s.Rate, 100))
			}
			if !yield(s) || room == 0 {
				return
			}
		}
	}
}

// phoneRate is that of what phones are sent, in samples a second.
const phoneRate = 16000

// WAV is a message as a WAV file, 16 kHz mono, 16 bits, for a page on a visitor's
// phone: clips alone, since a synthesiser would work for whoever asks, and nothing
// is logged of what is asked for. An error is ErrNoClip where nothing of it can be
// said, or that of ctx.
func (v *Voices) WAV(ctx context.Context, lang, key string, args map[string]any) ([]byte, error) {
	clips := *v
	clips.live, clips.log, clips.reported = nil, slog.New(slog.DiscardHandler), new(sync.Map)
	u := clips.say(ctx, lang, key, args)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("voice: %q: %w", key, err)
	}
	if len(u.pcm) == 0 {
		return nil, fmt.Errorf("voice: %q: %w", key, ErrNoClip)
	}
	return writeWAV(lower(u.pcm), phoneRate), nil
}

// once logs something that each prompt would say again. Of the key of a text it tells
// the first word: the whole of it, at its hour, would tell somebody's result or
// rights. It tells nothing that a site wrote, and no language that somebody chose.
func (v *Voices) once(msg, key string) {
	first, _, _ := strings.Cut(key, ".")
	if _, again := v.reported.LoadOrStore(msg+" "+first, true); !again {
		v.log.Warn(msg, "key", first)
	}
}

// cacheSize is how much sound is kept unpacked, in samples: 32 MB, some six minutes.
// A Raspberry Pi has 1 GB for everything.
const cacheSize = 16 << 20

// cache is clips unpacked. The one that was used longest ago gives way. It has a mutex
// because each request of a visitor's phone asks beside the arbiter.
type cache struct {
	mu    sync.Mutex
	clips map[string]clip
	size  int // in samples, with some for each entry
	now   uint64
}

// clip is words unpacked, or why they cannot be.
type clip struct {
	pcm  []int16
	err  error
	used uint64
}

// weight is what a clip takes, an error some hundred bytes.
func (c clip) weight() int { return len(c.pcm) + 64 }

func (c *cache) get(key string) (clip, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.clips[key]
	if ok {
		c.now++
		k.used = c.now
		c.clips[key] = k
	}
	return k, ok
}

func (c *cache) put(key string, k clip) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.clips == nil {
		c.clips = map[string]clip{}
	}
	c.now++
	k.used = c.now
	if old, ok := c.clips[key]; ok {
		c.size -= old.weight()
	}
	c.size += k.weight()
	c.clips[key] = k
	for c.size > cacheSize && len(c.clips) > 1 {
		oldest, least := "", uint64(1<<63)
		for name, k := range c.clips {
			if k.used < least {
				oldest, least = name, k.used
			}
		}
		c.size -= c.clips[oldest].weight()
		delete(c.clips, oldest)
	}
}
