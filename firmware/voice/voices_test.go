package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"jeudi/firmware/words"
)

// small is a catalogue of a few texts, with Persian, which no engine speaks.
func small(t testing.TB) *words.Catalogue {
	t.Helper()
	w, err := words.Parse(map[string][]byte{
		"fr": []byte(`{"language.name": {"text": "Français"}, "motif.caf": {"text": "Caf"}, "kiosk.position": {"text": "Choix {n} sur {of}."},
			"ticket.called": {"text": "C’est à vous, au : {desk}."}, "ticket.title": {"text": "Votre numéro : {n}"}}`),
		"falc": []byte(`{"ticket.title": {"text": "Numéro : {n}"}, "motif.caf": {"text": "Caf"}}`),
		"pt":   []byte(`{"language.name": {"text": "Português"}, "motif.caf": {"text": "Caf"}}`),
		"fa": []byte(`{"language.name": {"text": "دری"}, "motif.caf": {"text": "کف"}, "kiosk.position": {"text": "{n} / {of}"},
			"ticket.called": {"text": "نوبت: {desk}"}, "ticket.title": {"text": "شماره {n}"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// spokenAt is a synthesiser that says each text as so many samples of its letters'
// sum, and counts how often it was asked.
type spokenAt struct {
	mu    sync.Mutex
	asked []string
	err   error
}

func (s *spokenAt) speak(_ context.Context, lang, text string) ([]int16, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, lang+" "+text)
	return sine(300, 0.1, 4800), rate, s.err
}

// tone is a recording that can be told by its length.
func tone(samples int) *fstest.MapFile {
	return &fstest.MapFile{Data: writeWAV(sine(400, 0.2, samples), rate)}
}

func logger() (*slog.Logger, *strings.Builder) {
	b := new(strings.Builder)
	return slog.New(slog.NewTextHandler(b, nil)), b
}

func TestVoicesOfTheBox(t *testing.T) {
	w := catalogue(t)
	v := load(t, w, Options{})
	for lang, why := range map[string]Why{"fr": "", "falc": "", "images": "", "fa": NoEngine, "xx": NoEngine} {
		if ok, got := v.Usable(lang); ok != (why == "") || got != why {
			t.Errorf("Usable(%q) = %v, %q; want %v, %q", lang, ok, got, why == "", why)
		}
	}
	// Arabic is not read without its vowels, whatever the machine has installed.
	if _, _, err := espeak("espeak-ng")(t.Context(), "ar", "كم عدد الأشخاص"); !errors.Is(err, ErrNoClip) {
		t.Errorf("Arabic without vowels = %v; want %v", err, ErrNoClip)
	}
}

// A message is its pieces, in order, with pauses as it is written.
func TestMessages(t *testing.T) {
	w := catalogue(t)
	v := load(t, w, Options{})
	length := func(names ...string) (n int) {
		for _, name := range names {
			pcm, err := v.sound(t.Context(), "fr", name, "")
			if err != nil {
				t.Fatal(err)
			}
			n += len(pcm)
		}
		return n
	}
	for _, c := range []struct {
		key  string
		args map[string]any
		want int
	}{
		{"ticket.ahead", map[string]any{"n": 2}, length("ticket.ahead~2")},
		{"ticket.ahead", map[string]any{"n": 14}, length("14", "ticket.ahead~other~1") + gap(" ")},
		{"ticket.title", map[string]any{"n": 12}, length("ticket.title~0", "12.") + gap(":")},
		{"ticket.title", map[string]any{"n": 112}, length("ticket.title~0", "100", "12.") + gap(":")},
		{"ticket.title", map[string]any{"n": 1024}, length("ticket.title~0", "1", "0", "2", "4.") + gap(":") + 3*rate/20},
		{"kiosk.position", map[string]any{"n": 3, "of": 8}, length("kiosk.position~0", "3", "kiosk.position~1", "8.") + 3*gap(" ")},
		{"ticket.called", map[string]any{"desk": "Bureau 2"}, length("ticket.called~0", "bureau", "2.") + gap(":") + rate/20},
	} {
		u := v.say(t.Context(), "fr", c.key, c.args)
		if u.lang != "fr" || len(u.pcm) != c.want {
			t.Errorf("say(%s, %v) has %d samples in %q; want %d in French", c.key, c.args, len(u.pcm), u.lang, c.want)
		}
	}
	// Easy French is said with the clips of French, and is not called a fallback.
	if u := v.say(t.Context(), "falc", "ticket.ahead", map[string]any{"n": 2}); u.lang != "falc" || len(u.pcm) != length("ticket.ahead~2") {
		t.Errorf("say(falc) has %d samples in %q", len(u.pcm), u.lang)
	}
	// A telephone number is said digit by digit, and a street is not said without a synthesiser.
	digits := length("0", "4", "0", "0", "0", "0", "0", "0", "0", "1") + 9*rate/20
	if u := v.say(t.Context(), "fr", "text.verbatim", map[string]any{"text": "04 00 00 00\u00a001"}); len(u.pcm) != digits {
		t.Errorf("a telephone number has %d samples; want %d", len(u.pcm), digits)
	}
	if u := v.say(t.Context(), "fr", "text.verbatim", map[string]any{"text": "12 bis rue de la Gare"}); len(u.pcm) != 0 {
		t.Errorf("a street has %d samples; want none", len(u.pcm))
	}
}

// What a language lacks is said in French; what no language has is left out. Either is
// logged once, by the first word of its key alone: with the hour, more would tell what
// somebody was told.
func TestWhatHasNoClip(t *testing.T) {
	w := catalogue(t)
	log, out := logger()
	v := load(t, w, Options{Log: log})
	for range 3 {
		if u := v.say(t.Context(), "fa", "ticket.ahead", map[string]any{"n": 3}); u.lang != "fr" || len(u.pcm) == 0 {
			t.Errorf("a language without a voice: %d samples in %q; want French", len(u.pcm), u.lang)
		}
	}
	own := w.With("fr", map[string]string{"motif.fatou": "Voir Fatou", "ticket.title": "Ton numéro : {n}"})
	v = load(t, own, Options{Log: log})
	for range 3 {
		if u := v.say(t.Context(), "fr", "motif.fatou", nil); len(u.pcm) != 0 || u.lang != "fr" {
			t.Errorf("a text of the site: %d samples in %q; want none", len(u.pcm), u.lang)
		}
		if u := v.say(t.Context(), "fr", "ticket.title", map[string]any{"n": 7}); len(u.pcm) == 0 {
			t.Error("of a text that the site changed the number is left out too")
		}
		v.say(t.Context(), "fr", "text.verbatim", map[string]any{"text": "Madame Diallo"})
	}
	for _, key := range []string{"motif", "ticket", "text"} {
		if got := strings.Count(out.String(), "key="+key+"\n"); got != 1 {
			t.Errorf("%s is logged %d times; want once:\n%s", key, got, out)
		}
	}
	for _, word := range []string{"fatou", "title", "verbatim", "Fatou", "Voir", "Diallo", "Ton num", "fa "} {
		if strings.Contains(out.String(), word) {
			t.Errorf("the log holds %q:\n%s", word, out)
		}
	}
	// The built-in clip of a text that the site changed says something else: never used.
	if pcm, err := v.sound(t.Context(), "fr", "ticket.title~0", "Ton numéro :"); err == nil {
		t.Errorf("a clip of another text is heard: %d samples", len(pcm))
	}
}

func TestSpokenAtRunTime(t *testing.T) {
	own := catalogue(t).With("fr", map[string]string{"motif.fatou": "Voir Fatou"})
	s := &spokenAt{}
	v := load(t, own, Options{Live: s.speak})
	for range 3 {
		if u := v.say(t.Context(), "fr", "motif.fatou", nil); len(u.pcm) != 4800 || u.lang != "fr" {
			t.Errorf("a text of the site: %d samples in %q; want the synthesiser's", len(u.pcm), u.lang)
		}
		if u := v.say(t.Context(), "fr", "text.verbatim", map[string]any{"text": "Madame\x00 Diallo"}); len(u.pcm) != 4800 {
			t.Errorf("words of staff: %d samples; want the synthesiser's", len(u.pcm))
		}
	}
	if want := []string{"fr Voir Fatou", "fr Madame Diallo"}; !slices.Equal(s.asked, want) {
		t.Errorf("the synthesiser was asked %q; want each once", s.asked)
	}
	t.Run("it fails: not tried on each screen", func(t *testing.T) {
		s := &spokenAt{err: errors.New("crashed")}
		v := load(t, own, Options{Live: s.speak})
		for range 3 {
			if u := v.say(t.Context(), "fr", "motif.fatou", nil); len(u.pcm) != 0 {
				t.Errorf("%d samples", len(u.pcm))
			}
		}
		if len(s.asked) != 1 {
			t.Errorf("asked %d times; want once", len(s.asked))
		}
	})
	t.Run("interrupted: asked again", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &spokenAt{}
		v := load(t, own, Options{Live: func(c context.Context, lang, text string) ([]int16, int, error) {
			cancel()
			s.speak(c, lang, text)
			return nil, 0, c.Err()
		}})
		v.say(ctx, "fr", "motif.fatou", nil)
		v.live = s.speak
		if u := v.say(t.Context(), "fr", "motif.fatou", nil); len(u.pcm) == 0 {
			t.Error("a visitor's touch took a text away")
		}
	})
	t.Run("Arabic without its vowels is not asked for", func(t *testing.T) {
		s := &spokenAt{}
		v := load(t, own.With("ar", map[string]string{"motif.fatou": "فاطمة هنا"}), Options{Live: s.speak})
		if from, _ := v.find("ar", "motif.fatou", "فاطمة هنا", true); from != nowhere {
			t.Errorf("find() = %v; want nowhere", from)
		}
		if from, _ := v.find("ar", "motif.fatou", "فَاطِمَةُ هُنَا", true); from != live {
			t.Errorf("find(with vowels) = %v; want the synthesiser", from)
		}
		if from, _ := v.find("fa", "x", "سلام", true); from != nowhere {
			t.Errorf("find(fa) = %v; want nowhere", from)
		}
	})
}

func TestRecordings(t *testing.T) {
	w := small(t)
	files := fstest.MapFS{}
	for _, p := range slices.Concat(w.Clips("fa", Spoken), numberPieces("fa")) {
		if !strings.HasSuffix(p.Clip, ".") {
			files["fa/"+FileName(p.Clip)] = tone(4800)
		}
	}
	files["fr/"+FileName("motif.caf")] = tone(9600)
	files["fr/"+FileName("numéro")] = tone(9600)
	kept := fstest.MapFS{"fr.txt": &fstest.MapFile{Data: []byte("motif.caf 0 10 " + hashOf("Caf") + "\n")}}
	v := load(t, w, Options{Kept: kept, Human: files})
	if ok, why := v.Usable("fa"); !ok {
		t.Errorf("Usable(fa) = %v, %q; want a person's voice to do", ok, why)
	}
	if u := v.say(t.Context(), "fa", "ticket.title", map[string]any{"n": 12}); u.lang != "fa" || len(u.pcm) < 2*4800 {
		t.Errorf("say(fa) has %d samples in %q; want the recordings", len(u.pcm), u.lang)
	}
	if u := v.say(t.Context(), "fr", "motif.caf", nil); len(u.pcm) < 9600 {
		t.Errorf("a recording goes before a clip: %d samples", len(u.pcm))
	}
	if u := v.say(t.Context(), "falc", "motif.caf", nil); u.lang != "falc" || len(u.pcm) < 9600 {
		t.Errorf("easy French has the same text, and the same recording: %d samples in %q", len(u.pcm), u.lang)
	}
	for _, missing := range []string{"ticket.title~0", "kiosk.position~1", "7", "900", "language.name"} {
		rest := fstest.MapFS{}
		for name, f := range files {
			rest[name] = f
		}
		delete(rest, "fa/"+FileName(missing))
		want := missing == "kiosk.position~1" // a stroke between two numbers is a pause
		if ok, why := load(t, w, Options{Kept: kept, Human: rest}).Usable("fa"); ok != want || !ok && why != NoEngine {
			t.Errorf("Usable(fa) without %s = %v, %q; want %v", missing, ok, why, want)
		}
	}
	if ok, why := v.Usable("pt"); ok || why != NoClips {
		t.Errorf("Usable(pt) = %v, %q; want false, %q", ok, why, NoClips)
	}
}

func TestRecordingsRefused(t *testing.T) {
	w := small(t)
	loud := writeWAV(sine(400, 0.5, rate), rate)
	for name, data := range map[string][]byte{
		"empty": nil, "no WAV": []byte("ID3 this is music"), "Ogg Vorbis": bytes.Repeat([]byte("OggS"), 20), "cut short": loud[:len(loud)-2],
		"silence": writeWAV(make([]int16, rate), rate), "too long": writeWAV(make([]int16, 61*8000), 8000),
		"too large": writeWAV(make([]int16, 1<<20), rate), "float": wavFile(3, 1, rate, 32, loud[44:]),
	} {
		log, out := logger()
		p, _ := readPack(os.DirFS("clips"), "fr")
		kept := files(t)
		s := p.index["1"]
		kept["fr.txt"].Data = fmt.Appendf(nil, "motif.caf %d %d %s\n", s.start, s.length, hashOf("Caf"))
		v := load(t, w, Options{Kept: kept, Log: log, Human: fstest.MapFS{"fr/motif.caf.wav": {Data: data}}})
		for range 2 {
			if u := v.say(t.Context(), "fr", "motif.caf", nil); len(u.pcm) == 0 {
				t.Errorf("%s: nothing is heard; want the rendered clip", name)
			}
		}
		if got := strings.Count(out.String(), "key=motif\n"); got != 1 || strings.Contains(out.String(), "caf") {
			t.Errorf("%s: logged %d times; want once, by the first word of its key:\n%s", name, got, out)
		}
	}
}

func TestCheck(t *testing.T) {
	w := small(t)
	v := load(t, w, Options{Kept: files(t), Live: (&spokenAt{}).speak, Human: fstest.MapFS{
		"fr/motif.caf.wav": tone(4800), "fr/12.wav": {Data: []byte("no")}, "fr/Motif.caf.wav": tone(4800), "fr/notes.txt": {Data: nil},
		"fa/ticket.title~0.wav": tone(4800), "xx/a.wav": tone(10), "README": {Data: nil},
	}})
	for _, c := range v.Check() {
		switch c.Lang {
		case "fr":
			if c.Human != 1 || c.Rendered < 138 || len(c.Missing) != 0 || c.Live != 1 || len(c.Refused) != 1 || c.Refused["12.wav"] == "" ||
				!slices.Equal(c.Unknown, []string{"Motif.caf.wav", "notes.txt"}) {
				t.Errorf("Check() of French = %+v", c)
			}
		case "falc":
			if c.Human+c.Rendered+c.Live+len(c.Missing) != 1 {
				t.Errorf("Check() of easy French = %+v; want the one clip that differs", c)
			}
		case "fa":
			if c.Usable || c.Human != 1 || len(c.Missing) != len(needs(w, "fa"))-1 {
				t.Errorf("Check() of Persian = %+v", c)
			}
			for _, p := range c.Missing {
				if p.Clip == "" || p.Say == "" || p.Kind == words.Fixed && p.Key == "" {
					t.Errorf("Check() of Persian misses %+v; want a key and what is to be read aloud", p)
				}
			}
		}
	}
}

func TestFileName(t *testing.T) {
	for clip, want := range map[string]string{
		"ticket.ahead~other~1": "ticket.ahead~other~1.wav", "12": "12.wav", "12.": "12..wav", "100+": "100+.wav", "numéro": "num%C3%A9ro.wav",
		"A.": "%41..wav", "a/../b": "a%2F..%2Fb.wav", "con": "con.wav", "": ".wav", "%": "%25.wav",
	} {
		if got := FileName(clip); got != want {
			t.Errorf("FileName(%q) = %q; want %q", clip, got, want)
		}
	}
	// No two clips share a file, on a card that does not tell A from a either.
	names := map[string]string{}
	for _, p := range needs(catalogue(t), "fr") {
		file := strings.ToLower(FileName(p.Clip))
		if other, twice := names[file]; twice {
			t.Errorf("%q and %q share the file %q", p.Clip, other, file)
		}
		names[file] = p.Clip
	}
}

func TestVowelled(t *testing.T) {
	for text, want := range map[string]bool{
		"مَرْحَبًا بِكُمْ": true, "مرحبا بكم": false, "مَرْحَبًا بكم": false, "12,": true, "": true, "لا": false, "لَا": true, "فِي الْمَكْتَبِ 2.": true,
		"CAF": true, "نُقْطَة واحدة": false,
	} {
		if got := vowelled(text); got != want {
			t.Errorf("vowelled(%q) = %v; want %v", text, got, want)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	var c cache
	for i := range 100 {
		c.put(fmt.Sprint(i), clip{pcm: make([]int16, cacheSize/10)})
		c.get("0") // in use: never given up
		if c.size > cacheSize {
			t.Fatalf("%d samples are kept; want at most %d", c.size, cacheSize)
		}
	}
	if _, ok := c.get("0"); !ok {
		t.Error("the clip that is used most is given up")
	}
	if _, ok := c.get("50"); ok {
		t.Error("a clip that was used long ago is kept")
	}
	c.put("0", clip{err: ErrNoClip})
	sum := 0
	for _, k := range c.clips {
		sum += k.weight()
	}
	if sum != c.size {
		t.Errorf("size = %d; want %d", c.size, sum)
	}
}

// Phones ask while the kiosk speaks.
func TestWAVForPhones(t *testing.T) {
	w := catalogue(t)
	v := load(t, w, Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				b, err := v.WAV(t.Context(), "fr", "ticket.ahead", map[string]any{"n": (i + j) % 15})
				if err != nil {
					t.Errorf("WAV() = %v", err)
					return
				}
				pcm, r, err := parseWAV(b, false)
				if err != nil || r != phoneRate || len(pcm) < phoneRate/2 {
					t.Errorf("WAV() is %d samples at %d Hz, %v; want more than half a second at %d", len(pcm), r, err, phoneRate)
				}
				if j%2 == i%2 {
					for range v.sounds(t.Context(), w, Prompt{Lang: "fr", Rate: 150, Say: []Message{{Key: "ticket.title", Args: map[string]any{"n": i}}}}) {
					}
				}
			}
		})
	}
	wg.Wait()
	if _, err := v.WAV(t.Context(), "fr", "nowhere.at_all", nil); !errors.Is(err, ErrNoClip) {
		t.Errorf("WAV(no such key) = %v; want %v", err, ErrNoClip)
	}
}

// A phone is given clips: nothing is synthesised for it, logged or made for nobody.
func TestWAVIsClipsAlone(t *testing.T) {
	own := catalogue(t).With("fr", map[string]string{"motif.fatou": "Voir Fatou"})
	s := &spokenAt{}
	log, out := logger()
	v := load(t, own, Options{Live: s.speak, Log: log})
	if _, err := v.WAV(t.Context(), "fr", "motif.fatou", nil); !errors.Is(err, ErrNoClip) || len(s.asked) != 0 || out.Len() != 0 {
		t.Errorf("WAV(a text of the site) = %v, %q synthesised, %q logged; want %v and nothing", err, s.asked, out, ErrNoClip)
	}
	if u := v.say(t.Context(), "fr", "motif.fatou", nil); len(u.pcm) == 0 {
		t.Error("after a phone asked, the kiosk is mute")
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := v.WAV(gone, "fr", "ticket.ahead", map[string]any{"n": 3}); !errors.Is(err, context.Canceled) {
		t.Errorf("WAV() for a phone that left = %v; want %v", err, context.Canceled)
	}
}

// slow is files that are not opened before ready is closed.
type slow struct {
	fs.FS
	asked, ready chan struct{}
}

func (s *slow) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(s.FS, name) }
func (s *slow) Stat(name string) (fs.FileInfo, error)      { return fs.Stat(s.FS, name) }

func (s *slow) Open(name string) (fs.File, error) {
	close(s.asked)
	<-s.ready
	return s.FS.Open(name)
}

// A recording on a disk that is slow holds up nobody else.
func TestASlowRecording(t *testing.T) {
	w := small(t)
	dir := &slow{fstest.MapFS{"fr/motif.caf.wav": tone(9600)}, make(chan struct{}), make(chan struct{})}
	v := load(t, w, Options{Kept: os.DirFS("clips"), Human: dir})
	said := make(chan utterance)
	go func() { said <- v.say(t.Context(), "fr", "motif.caf", nil) }()
	<-dir.asked
	if pcm, err := v.named(t.Context(), "fr", []string{"numéro", "3"}); err != nil || len(pcm) == 0 {
		t.Errorf("while a recording is read: %d samples of a call, %v", len(pcm), err)
	}
	close(dir.ready)
	if u := <-said; len(u.pcm) < 9600 {
		t.Errorf("the recording has %d samples", len(u.pcm))
	}
}

// Files alone are read of a site's folder: a pipe would be waited for, and a link
// leads elsewhere.
func TestRecordingsAreFiles(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(folder+"/fr", 0o755); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir() + "/a.wav"
	for _, name := range []string{elsewhere, folder + "/fr/real.wav", folder + "/fr/later.wav"} {
		if err := os.WriteFile(name, tone(4800).Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pipe := func(name string) error { return syscall.Mkfifo(name, 0o644) }
	if err := errors.Join(pipe(folder+"/fr/pipe.wav"), os.Symlink(elsewhere, folder+"/fr/link.wav")); err != nil {
		t.Fatal(err)
	}
	log, _ := logger()
	r := readRecordings(os.DirFS(folder), log)
	// One becomes a pipe after the folder was listed.
	if err := errors.Join(os.Remove(folder+"/fr/later.wav"), pipe(folder+"/fr/later.wav")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		has, read bool
	}{{"real", true, true}, {"pipe", false, false}, {"link", false, false}, {"later", true, false}} {
		pcm, err := r.pcm("fr", c.name)
		if has := r.has("fr", c.name); has != c.has || (err == nil) != c.read || c.read && len(pcm) == 0 {
			t.Errorf("%s: listed %v, %d samples, %v; want %v, read: %v", c.name, has, len(pcm), err, c.has, c.read)
		}
	}
}

// program writes a program of the shell.
func program(t *testing.T, script string) string {
	t.Helper()
	path := t.TempDir() + "/espeak"
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEspeak(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/a.wav", writeWAV(sine(300, 0.3, 22050), 22050), 0o644); err != nil {
		t.Fatal(err)
	}
	pcm, r, err := espeak(program(t, `cat > `+dir+`/heard; echo "$@" > `+dir+`/args; cat `+dir+`/a.wav`))(t.Context(), "pt", "Olá\x01 [[x]]\n mundo")
	if err != nil || r != 22050 || len(pcm) < 20000 {
		t.Errorf("espeak() = %d samples, %d Hz, %v", len(pcm), r, err)
	}
	heard, _ := os.ReadFile(dir + "/heard")
	args, _ := os.ReadFile(dir + "/args")
	if string(heard) != "Olá x  mundo\n" || strings.Contains(string(args), "mundo") || !strings.HasPrefix(string(args), "-v pt ") {
		t.Errorf("it was given %q, and the arguments %q", heard, args)
	}
	for name, c := range map[string]struct{ script, lang, text string }{
		"an error":             {"exit 1", "pt", "Olá"},
		"no sound":             {"exit 0", "pt", "Olá"},
		"too much":             {"cat /dev/zero", "pt", "Olá"},
		"a language of no one": {"exit 0", "fa", "سلام"},
		"nothing to say":       {"exit 0", "pt", " \x00 "},
		"too long":             {"exit 0", "pt", strings.Repeat("a", liveText+1)},
	} {
		if _, _, err := espeak(program(t, c.script))(t.Context(), c.lang, c.text); err == nil || strings.Contains(err.Error(), "Olá") {
			t.Errorf("espeak() with %s = %v; want an error without the text", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	if _, _, err := espeak(program(t, "exec sleep 60"))(ctx, "pt", "Olá"); err == nil || time.Since(began) > 3*time.Second {
		t.Errorf("espeak() when it is interrupted = %v after %v; want an error at once", err, time.Since(began))
	}
	if live := Espeak(); live != nil {
		if pcm, r, err := live(t.Context(), "pt", "Olá, mundo"); err != nil || len(pcm) < r/2 {
			t.Errorf("the espeak-ng of this machine: %d samples, %v", len(pcm), err)
		}
	}
}

func TestEdgesAndGaps(t *testing.T) {
	for _, c := range []struct{ text, before, after string }{
		{" personnes.", " ", "."}, {"Numéro\u00a0: ", "", "\u00a0: "}, {", ", ", ", ", "}, {"12", "", ""}, {"", "", ""}, {"؟نعم", "؟", ""},
	} {
		before, after := edges(c.text)
		if c.before == c.text && c.text != "" {
			before = c.text // nothing but signs: they count once, before or after
		}
		if before != c.before || after != c.after {
			t.Errorf("edges(%q) = %q, %q; want %q, %q", c.text, before, after, c.before, c.after)
		}
	}
	if !(gap(". ") > gap(", ") && gap("،") > gap(" ") && gap(" ") > 0) {
		t.Errorf("gaps: %d after a sentence, %d after a comma, %d between words", gap(". "), gap(", "), gap(" "))
	}
}

// A screen's prompt, clips unpacked before or not.
func BenchmarkPrompt(b *testing.B) {
	w := catalogue(b)
	p := Prompt{Lang: "fr", Say: []Message{{Key: "motif.title"}, {Key: "kiosk.choices", Args: map[string]any{"n": 6}},
		{Key: "kiosk.position", Args: map[string]any{"n": 1, "of": 6}}, {Key: "ticket.ahead", Args: map[string]any{"n": 12}}}}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			for range load(b, w, Options{}).sounds(b.Context(), w, p) {
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		v := load(b, w, Options{})
		for b.Loop() {
			for range v.sounds(b.Context(), w, p) {
			}
		}
	})
}
