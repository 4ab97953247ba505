package voice

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"jeudi/drivers"
	"jeudi/firmware/words"
)

// french is the clips of French, as they are kept.
func french(t testing.TB) *pack { return packOf(t, "fr") }

func packOf(t testing.TB, lang string) *pack {
	t.Helper()
	p, err := readPack(os.DirFS("clips"), lang)
	if err == nil {
		err = p.open()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func catalogue(t testing.TB) *words.Catalogue {
	t.Helper()
	w, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// loaded is the built-in catalogue, read once: it does not change.
var loaded = sync.OnceValues(words.Load)

// load is voices with options.
func load(t testing.TB, w *words.Catalogue, o Options) *Voices {
	t.Helper()
	v, err := Load(w, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// inOrder are the names of the clips as they lie in the stream.
func inOrder(c *pack) []string {
	return slices.SortedFunc(maps.Keys(c.index), func(a, b string) int { return cmp.Compare(c.index[a].start, c.index[b].start) })
}

// files are the clips as they are kept, to be damaged.
func files(t testing.TB) fstest.MapFS {
	t.Helper()
	dir := make(fstest.MapFS)
	for _, name := range []string{"fr.ogg", "fr.txt"} {
		b, err := kept.ReadFile("clips/" + name)
		if err != nil {
			t.Fatal(err)
		}
		dir[name] = &fstest.MapFile{Data: bytes.Clone(b)}
	}
	return dir
}

func TestNumberClips(t *testing.T) {
	for _, c := range []struct {
		n    int
		last bool
		want string
	}{
		{0, false, "0"}, {1, false, "1"}, {1, true, "1."}, {20, true, "20."}, {21, true, "21"}, {71, false, "71"}, {80, true, "80"},
		{99, true, "99"}, {100, true, "100"}, {101, false, "100 1"}, {101, true, "100 1."}, {118, true, "100 18."}, {171, true, "100 71"},
		{199, false, "100 99"}, {200, true, "200"}, {999, false, "900 99"}, {1000, false, "1   0   0   0"}, {1234, true, "1   2   3   4."},
		{0, true, "0"}, {-1, true, ""},
	} {
		if got := strings.Join(numberClips("fr", c.n, c.last), " "); got != c.want {
			t.Errorf("numberClips(fr, %d, %v) = %q; want %q", c.n, c.last, got, c.want)
		}
	}
}

func TestFrenchLabel(t *testing.T) {
	for _, c := range []struct{ label, want string }{
		{"Bureau 1", "bureau   1."}, {"bureau A", "bureau   A."}, {"BUREAU  b", "bureau   B."}, {"Guichet 12", "guichet   12."},
		{"Salle 101", "salle   100 1."}, {"Accueil", "accueil."}, {"Bureau", "bureau"}, {"A", "A."}, {"3", "3."}, {"Box 21", "box   21"},
		{"bureau 0", "bureau   0"}, {"Bureau 01", "bureau   1."},
		{"", "-"}, {"Bureau de Mme Diallo", "-"}, {"Bureau 1 bis", "-"}, {"Bureau A2", "-"}, {"Bureau é", "-"}, {"Bureau -1", "-"},
		{"Bureau +1", "-"}, {"Bureau 1000", "-"}, {"Médiathèque", "-"}, {"1er étage", "-"}, {"مكتب 1", "-"},
	} {
		names, ok := frenchLabel(c.label)
		got := strings.Join(names, " ")
		if !ok {
			got = "-"
		}
		if got != c.want {
			t.Errorf("frenchLabel(%q) = %q; want %q", c.label, got, c.want)
		}
	}
}

// Every number and every label that the box says it can say has its clips.
func TestEveryCallHasItsClips(t *testing.T) {
	c := french(t)
	need := func(what string, names []string) {
		for _, n := range names {
			if _, ok := c.span(n); strings.TrimSpace(n) != "" && !ok {
				t.Errorf("%s needs clip %q, which is not there", what, n)
			}
		}
	}
	for n := range 1300 {
		need(fmt.Sprint(n), numberClips("fr", n, false))
		need(fmt.Sprint(n), numberClips("fr", n, true))
	}
	labels := slices.Clone(labelWords)
	for r := 'a'; r <= 'z'; r++ {
		labels = append(labels, string(r), "bureau "+string(r))
	}
	for _, l := range labels {
		names, ok := frenchLabel(l)
		if !ok {
			t.Errorf("label %q cannot be said", l)
		}
		need(l, names)
	}
	need("a call", []string{"numéro"})
}

// What numbers are made of is what is rendered for them, in each language.
func TestNumberPieces(t *testing.T) {
	for _, lang := range []string{"fr", "en", "es", "pt", "ru"} {
		there, used := map[string]bool{}, map[string]bool{}
		for _, p := range numberPieces(lang) {
			if there[p.Clip] {
				t.Errorf("numberPieces(%q) has %q twice", lang, p.Clip)
			}
			there[p.Clip] = true
		}
		for n := range 1300 {
			for _, last := range []bool{true, false} {
				for _, name := range numberClips(lang, n, last) {
					if used[name] = true; name != " " && !there[name] {
						t.Errorf("numberClips(%q, %d, %v) wants %q, which is not rendered", lang, n, last, name)
					}
				}
			}
		}
		for name := range there {
			if !used[name] {
				t.Errorf("numberPieces(%q) has %q for nothing", lang, name)
			}
		}
	}
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{{"en", 101, "100+ 1"}, {"en", 100, "100"}, {"es", 101, "100+ 1"}, {"es", 201, "200 1"}, {"pt", 345, "300+ 45"}, {"ru", 345, "300 45"}} {
		if got := strings.Join(numberClips(c.lang, c.n, false), " "); got != c.want {
			t.Errorf("numberClips(%q, %d) = %q; want %q", c.lang, c.n, got, c.want)
		}
	}
}

func rms(pcm []int16) float64 {
	var sum float64
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return 20 * math.Log10(math.Sqrt(sum/float64(len(pcm)))/32768)
}

func peak(pcm []int16) float64 {
	var top float64
	for _, s := range pcm {
		top = max(top, math.Abs(float64(s)))
	}
	return 20 * math.Log10(top/32768)
}

// Each clip unpacks, is as loud as the others, keeps 3 dB free, and is trimmed.
func TestEveryClipIsSound(t *testing.T) {
	packs, err := filepath.Glob("clips/*.txt")
	if err != nil || len(packs) == 0 {
		t.Fatalf("Glob() = %v, %v; want tables", packs, err)
	}
	for _, name := range packs {
		lang := strings.TrimSuffix(filepath.Base(name), ".txt")
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			c := packOf(t, lang)
			for i, name := range inOrder(c) {
				if !*update && i%6 != 0 {
					continue
				}
				pcm, err := c.pcm(name)
				if err != nil {
					t.Errorf("pcm(%q) = %v", name, err)
					continue
				}
				if d := time.Duration(len(pcm)) * time.Second / rate; d < 80*time.Millisecond || d > 30*time.Second {
					t.Errorf("clip %q lasts %v; want 80 ms to 30 s", name, d)
				}
				if p := peak(pcm); p > -3 || p < -20 {
					t.Errorf("clip %q has its peak at %.1f dBFS; want at most -3", name, p)
				}
				// Pauses count here, and a voice of high peaks is held down by them.
				if r := rms(pcm); r > -18 || r < -29 {
					t.Errorf("clip %q has an RMS of %.1f dBFS; want -29 to -18", name, r)
				}
				if first, last := peak(pcm[:24]), peak(pcm[len(pcm)-24:]); first > -28 || last > -28 {
					t.Errorf("clip %q begins at %.0f and ends at %.0f dBFS; want it to click nowhere", name, first, last)
				}
			}
		})
	}
	if _, err := french(t).pcm("licorne"); !errors.Is(err, ErrNoClip) {
		t.Errorf("pcm(licorne) = %v; want %v", err, ErrNoClip)
	}
}

// A clip that is sought is the clip of a stream read from its start.
func TestSeekingIsExact(t *testing.T) {
	c, all := french(t), french(t)
	var whole []float32
	for b := make([]float32, 8192); ; {
		n, err := all.stream.Read(b)
		if whole = append(whole, b[:n]...); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if int64(len(whole)) != c.length {
		t.Fatalf("the stream has %d samples; want %d", len(whole), c.length)
	}
	names := inOrder(c)
	for i := 0; i < 2*len(names); i += 131 { // back and forth, to the last and the first
		name := names[(i*82+len(names)-1)%len(names)]
		s := c.index[name]
		pcm, err := c.pcm(name)
		if err != nil {
			t.Errorf("pcm(%q) = %v", name, err)
		} else if want := resample(whole[s.start:s.start+s.length], c.rate, rate); !slices.Equal(pcm[rate/200:len(pcm)-rate/50], want[rate/200:len(want)-rate/50]) {
			t.Errorf("clip %q differs when it is sought", name)
		}
	}
}

// TestSize: the clips lie in the program, which each update of a box carries.
func TestSize(t *testing.T) {
	var size int64
	err := fs.WalkDir(kept, ".", func(path string, d fs.DirEntry, err error) error {
		if info, e := d.Info(); e == nil && !d.IsDir() {
			if size += info.Size(); info.Size() > 5<<20 {
				t.Errorf("%s takes %d bytes; want at most 5 MB", path, info.Size())
			}
		}
		return err
	})
	if err != nil || size > 40<<20 {
		t.Errorf("the clips take %d bytes (%v); want at most 40 MiB", size, err)
	}
}

// arbiter is one with the clips that lie in dir, or without any.
func arbiter(t testing.TB, dir fs.FS) (*Arbiter, *strings.Builder) {
	t.Helper()
	w, log := catalogue(t), new(strings.Builder)
	logger := slog.New(slog.NewTextHandler(log, nil))
	a := New(nil, w, 1, logger)
	if dir != nil {
		a.Use(load(t, w, Options{Kept: dir, Log: logger}))
	}
	return a, log
}

// Every call lasts less than six seconds, its chime included.
func TestCallsAreShort(t *testing.T) {
	c := french(t)
	length := func(names []string) (d time.Duration) {
		for _, name := range names {
			if strings.TrimSpace(name) == "" {
				d += time.Duration(len(name)) * 50 * time.Millisecond
			} else {
				d += time.Duration(c.index[name].length) * time.Second / time.Duration(c.rate)
			}
		}
		return d
	}
	label, _ := frenchLabel("Guichet 117")
	fixed := drivers.Sound{Chime: true}.Length() + length(append([]string{"numéro", " ", "     "}, label...))
	for n := range 1000 {
		if d := fixed + length(numberClips("fr", n, false)); d > 6*time.Second {
			t.Errorf("a call of %d to Guichet 117 lasts %v; want less than 6 s", n, d)
		}
	}
	a, log := arbiter(t, os.DirFS("clips"))
	for _, n := range []int{1, 42, 199} {
		for _, desk := range []string{"Bureau 1", "guichet b", "Salle 117"} {
			label, _ := frenchLabel(desk)
			want := drivers.Sound{Chime: true}.Length() + length(slices.Concat([]string{"numéro", " "}, numberClips("fr", n, false), []string{"     "}, label))
			if s := a.call(t.Context(), Call{Number: n, Desk: desk, Volume: 90}); !s.Chime || (s.Length()-want).Abs() > time.Millisecond {
				t.Errorf("call of %d to %s: chime %v, %v; want a chime and %v in all", n, desk, s.Chime, s.Length(), want)
			}
		}
	}
	if log.Len() > 0 {
		t.Errorf("something was reported:\n%s", log)
	}
}

func TestWhatCannotBeSaid(t *testing.T) {
	length := func(a *Arbiter, n int, desk string) int {
		return len(a.call(t.Context(), Call{Number: n, Desk: desk}).PCM)
	}

	t.Run("a desk: the number is said, and it is reported once", func(t *testing.T) {
		a, log := arbiter(t, os.DirFS("clips"))
		for range 3 {
			short, long := length(a, 23, "Chez Fatou"), length(a, 23, "Bureau 1")
			if short == 0 || short >= long {
				t.Errorf("%d samples without the desk, %d with one; want fewer, not none", short, long)
			}
		}
		if got := strings.Count(log.String(), "no clip says this desk"); got != 1 {
			t.Errorf("reported %d times; want once:\n%s", got, log)
		}
	})
	t.Run("a number whose clip is missing: never a part of it", func(t *testing.T) {
		dir := files(t)
		dir["fr.txt"].Data = bytes.Replace(dir["fr.txt"].Data, []byte("\n3 "), []byte("\nx "), 1)
		a, log := arbiter(t, dir)
		if got := length(a, 103, "Bureau 1"); got != 0 {
			t.Errorf("%d samples were said of 103; want none: \"cent\" is another number", got)
		}
		length(a, 103, "Bureau 1")
		if length(a, 104, "Bureau 1") == 0 {
			t.Error("the next number is mute")
		}
		if got := strings.Count(log.String(), "chime alone"); got != 1 {
			t.Errorf("reported %d times; want once:\n%s", got, log)
		}
	})
	t.Run("a label whose clip is missing: the number is said", func(t *testing.T) {
		dir := files(t)
		dir["fr.txt"].Data = bytes.Replace(dir["fr.txt"].Data, []byte("\nbureau "), []byte("\nburo "), 1)
		a, log := arbiter(t, dir)
		if length(a, 103, "Bureau 1") == 0 || !strings.Contains(log.String(), "leaves its desk out") {
			t.Errorf("the number is mute, or nothing was reported:\n%s", log)
		}
	})
	t.Run("no clips at all", func(t *testing.T) {
		a, _ := arbiter(t, nil)
		if s := a.call(t.Context(), Call{Number: 4, Desk: "Bureau 1"}); !s.Chime || len(s.PCM) != 0 || s.Text == "" {
			t.Errorf("call = %+v; want the chime and a text", s)
		}
	})
	t.Run("a damaged stream: the rest is said", func(t *testing.T) {
		dir := files(t)
		packed := dir["fr.ogg"].Data
		packed[len(packed)/2] ^= 0x40
		c, err := readPack(dir, "fr")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.open(); err != nil {
			t.Fatal(err)
		}
		var lost, kept int
		middle := c.length / 2
		for i, name := range inOrder(c) {
			if near := (c.index[name].start - middle) / int64(c.rate); near*near > 60*60 && i%24 != 0 {
				continue
			}
			if _, err := c.pcm(name); err != nil {
				lost++
			} else {
				kept++
			}
		}
		if lost == 0 || lost > 12 || kept < 15 {
			t.Errorf("a byte changed: %d clips lost, %d kept; want those around it lost", lost, kept)
		}
	})
}

func TestReadPackRefuses(t *testing.T) {
	for name, damage := range map[string]func(fstest.MapFS){
		"no index":          func(d fstest.MapFS) { delete(d, "fr.txt") },
		"no stream":         func(d fstest.MapFS) { delete(d, "fr.ogg") },
		"empty index":       func(d fstest.MapFS) { d["fr.txt"].Data = nil },
		"a clip twice":      func(d fstest.MapFS) { d["fr.txt"].Data = []byte("a 0 9 x\na 9 9 x\n") },
		"a clip before all": func(d fstest.MapFS) { d["fr.txt"].Data = []byte("a -1 9 x\n") },
		"an endless line":   func(d fstest.MapFS) { d["fr.txt"].Data = bytes.Repeat([]byte("a"), 1<<17) },
		"half a line":       func(d fstest.MapFS) { d["fr.txt"].Data = []byte("a 0 9\n") },
		"empty stream":      func(d fstest.MapFS) { d["fr.ogg"].Data = nil },
		"cut in its head":   func(d fstest.MapFS) { d["fr.ogg"].Data = d["fr.ogg"].Data[:2000] },
		"not Ogg":           func(d fstest.MapFS) { d["fr.ogg"].Data = bytes.Repeat([]byte("RIFF"), 99) },
	} {
		dir := files(t)
		damage(dir)
		c, err := readPack(dir, "fr")
		if err == nil {
			err = c.open()
		}
		if err == nil || !strings.HasPrefix(err.Error(), "voice: ") {
			t.Errorf("readPack() and open() with %s = %v; want an error", name, err)
		}
	}
	dir := files(t)
	dir["fr.txt"].Data = []byte("far 99999999999 9 x\nlong 0 99999999999 x\n")
	c, err := readPack(dir, "fr")
	if err != nil {
		t.Fatal(err)
	}
	for name := range c.index {
		if _, err := c.pcm(name); err == nil {
			t.Errorf("pcm(%q) outside the stream = nil error", name)
		}
	}
}

// Whatever became of the files, there is an error or a clip, never a panic.
func FuzzClips(f *testing.F) {
	dir := files(f)
	f.Add(dir["fr.txt"].Data[:200], 5000, byte(1))
	f.Add([]byte("a 0 10 x\n"), 30, byte(0xff))
	f.Add([]byte("a 720 12812 x\n"), 4000, byte(0x80))
	stream := dir["fr.ogg"].Data[:40000]
	f.Fuzz(func(t *testing.T, table []byte, at int, flip byte) {
		packed := bytes.Clone(stream)
		if at >= 0 {
			packed[at%len(packed)] ^= flip
			// The sums of the pages are made to fit, or no wrong sound would ever be met.
			// A head of evil intent is another matter: see readPack.
			if head := len(headPages(stream)); at%len(packed) >= head {
				resum(packed[head:])
			}
		}
		c, err := readPack(fstest.MapFS{"fr.txt": {Data: table}, "fr.ogg": {Data: packed}}, "fr")
		if err != nil {
			return
		}
		for name, s := range c.index {
			pcm, err := c.pcm(name)
			if err == nil && int64(len(pcm)) != s.length*rate/int64(c.rate) {
				t.Errorf("clip %q has %d samples; want %d at %d Hz", name, len(pcm), s.length, c.rate)
			}
		}
	})
}

// headPages are the pages before the first that has sound.
func headPages(b []byte) []byte {
	at := 0
	for at+27 < len(b) {
		segments := int(b[at+26])
		if binary.LittleEndian.Uint64(b[at+6:]) != 0 {
			break
		}
		at += 27 + segments
		for _, s := range b[at-segments : at] {
			at += int(s)
		}
	}
	return b[:at]
}

// resum writes the sum of each page of an Ogg stream anew. See RFC 3533, section 6.
func resum(b []byte) {
	for len(b) >= 27 && string(b[:4]) == "OggS" {
		segments := int(b[26])
		if len(b) < 27+segments {
			return
		}
		size := 27 + segments
		for _, s := range b[27 : 27+segments] {
			size += int(s)
		}
		if len(b) < size {
			return
		}
		copy(b[22:26], []byte{0, 0, 0, 0})
		var sum uint32
		for _, v := range b[:size] {
			sum ^= uint32(v) << 24
			for range 8 {
				if sum&(1<<31) != 0 {
					sum = sum<<1 ^ 0x04c11db7
				} else {
					sum <<= 1
				}
			}
		}
		b[22], b[23], b[24], b[25] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
		b = b[size:]
	}
}

func TestResample(t *testing.T) {
	// sine is a tone of a pitch at half of full scale.
	sine := func(pitch float64, rate, n int) []float32 {
		out := make([]float32, n)
		for i := range out {
			out[i] = float32(0.5 * math.Sin(2*math.Pi*pitch*float64(i)/float64(rate)))
		}
		return out
	}
	for _, from := range []int{8000, 16000, 22050, 24000, 44100, 48000} {
		for _, part := range []float64{0.01, 0.1, 0.25, 0.4} {
			pitch := part * float64(from)
			got := resample(sine(pitch, from, from), from, rate)
			if len(got) != rate {
				t.Errorf("a second at %d Hz has %d samples; want %d", from, len(got), rate)
			}
			// Away from the edges, where the window reaches beyond the sound.
			var noise, worst float64
			for i := rate / 10; i < rate*9/10; i++ {
				want := 0.5 * 32767 * math.Sin(2*math.Pi*pitch*float64(i)/rate)
				d := float64(got[i]) - want
				noise += d * d
				worst = max(worst, math.Abs(d))
			}
			if noise = 20 * math.Log10(math.Sqrt(noise/float64(rate*8/10))/(0.5*32767/math.Sqrt2)); noise > -50 {
				t.Errorf("%.0f Hz at %d Hz: what is added lies at %.0f dB, worst %.0f; want below -50", pitch, from, noise, worst)
			}
		}
	}
	if got := resample(nil, 24000, 48000); len(got) != 0 {
		t.Errorf("resample of nothing = %d samples", len(got))
	}
	if got := resample([]float32{2, -2}, 48000, 48000); got[0] != 32767 || got[1] != -32768 {
		t.Errorf("resample beyond full scale = %v; want it clamped", got)
	}
}

func TestAlarmTone(t *testing.T) {
	pcm := alarmTone()
	if d := time.Duration(len(pcm)) * time.Second / rate; d > time.Second {
		t.Errorf("an alarm lasts %v; want at most a second", d)
	}
	if p := peak(pcm); p > -9 || p < -14 {
		t.Errorf("its peak lies at %.1f dBFS; want -14 to -9", p)
	}
	for i := 1; i < len(pcm); i++ {
		if step := int(pcm[i]) - int(pcm[i-1]); step > 1300 || step < -1300 {
			t.Fatalf("sample %d clicks by %d", i, step)
		}
	}
}

// A call from its first word to its samples, clips unpacked before or not.
func BenchmarkCall(b *testing.B) {
	b.Run("first", func(b *testing.B) {
		a, _ := arbiter(b, nil)
		w := catalogue(b)
		for b.Loop() {
			a.Use(load(b, w, Options{}))
			a.call(b.Context(), Call{Number: 187, Desk: "Bureau 12"})
		}
	})
	b.Run("again", func(b *testing.B) {
		a, _ := arbiter(b, os.DirFS("clips"))
		for b.Loop() {
			a.call(b.Context(), Call{Number: 187, Desk: "Bureau 12"})
		}
	})
}
