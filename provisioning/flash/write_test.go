package flash

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"jeudi/provisioning/card"
)

// start is a start partition as images/build makes it with mtools.
var start = sync.OnceValue(func() []byte {
	f, err := os.Open(filepath.Join("testdata", "start.fat.zst"))
	if err != nil {
		panic(err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		panic(err)
	}
	defer z.Close()
	raw, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return raw
})

// image is a small card: our table, the start partition, and three MiB of noise after it.
var image = sync.OnceValue(func() []byte {
	p := startPart()
	img := make([]byte, p.Offset()+p.Bytes()+3<<20)
	binary.LittleEndian.PutUint32(img[440:], card.Signature)
	img[446+4] = card.TypeFAT32
	binary.LittleEndian.PutUint32(img[446+8:], p.First)
	binary.LittleEndian.PutUint32(img[446+12:], p.Sectors)
	img[462+4] = card.TypeExtended
	binary.LittleEndian.PutUint32(img[462+8:], p.First+p.Sectors)
	binary.LittleEndian.PutUint32(img[462+12:], 3<<20/card.SectorBytes)
	img[510], img[511] = 0x55, 0xaa
	copy(img[p.Offset():], start())
	noise := rand.NewChaCha8([32]byte{7})
	noise.Read(img[p.Offset()+p.Bytes():])
	return img
})

// small is an image of a table and some noise, for what has nothing to do with partitions.
var small = sync.OnceValue(func() []byte {
	img := make([]byte, 6<<20)
	binary.LittleEndian.PutUint32(img[440:], card.Signature)
	binary.LittleEndian.PutUint32(img[446+8:], 2048)
	binary.LittleEndian.PutUint32(img[446+12:], uint32(len(img)/card.SectorBytes-2048))
	img[510], img[511] = 0x55, 0xaa
	noise := rand.NewChaCha8([32]byte{8})
	noise.Read(img[5<<20:][:2048])
	noise.Read(img[len(img)-2048:])
	return img
})

// file puts bytes in a folder of the test's own.
func file(t *testing.T, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// bmapOf is a block map as images/assemble writes it: of the blocks that are not zero, and
// of what must be zero: the table, and the FATs of the start partition.
func bmapOf(img []byte) []byte {
	const block = 4096
	var ranges strings.Builder
	mapped := 0
	for i := 0; i < len(img); {
		j := i
		for j < len(img) && (j < 8<<20 || !bytes.Equal(img[j:j+block], make([]byte, block))) {
			j += block
		}
		if j > i {
			fmt.Fprintf(&ranges, "<Range chksum=\"%x\"> %d-%d </Range>\n", sha256.Sum256(img[i:j]), i/block, j/block-1)
			mapped += (j - i) / block
		}
		i = j + block
	}
	none := strings.Repeat("0", 64)
	text := fmt.Sprintf("<?xml version=\"1.0\" ?>\n<bmap version=\"2.0\"><ImageSize> %d </ImageSize><BlockSize> 4096 </BlockSize><BlocksCount> %d </BlocksCount>"+
		"<MappedBlocksCount> %d </MappedBlocksCount><ChecksumType> sha256 </ChecksumType><BmapFileChecksum> %s </BmapFileChecksum><BlockMap>\n%s</BlockMap></bmap>\n",
		len(img), len(img)/block, mapped, none, &ranges)
	sum := sha256.Sum256([]byte(text))
	return []byte(strings.Replace(text, none, hex.EncodeToString(sum[:]), 1))
}

// fake is a card in memory that can lie.
type fake struct {
	data    []byte
	says    int64 // how large it claims to be, if that is more than it has
	flip    int64 // a byte that comes back wrong, once the card is read and not the cache
	failAt  int64 // a write from here on fails
	writes  int
	written int64
	synced  bool
	cold    bool // nothing of it is in this computer's memory
	order   []int64
}

var errCard = errors.New("input/output error")

func (c *fake) WriteAt(b []byte, at int64) (int, error) {
	if at%card.SectorBytes != 0 || len(b)%card.SectorBytes != 0 {
		return 0, fmt.Errorf("%d bytes at %d are no sectors", len(b), at)
	}
	if c.failAt > 0 && at >= c.failAt {
		return 0, errCard
	}
	c.writes, c.written, c.synced, c.cold = c.writes+1, c.written+int64(len(b)), false, false
	c.order = append(c.order, at)
	if at >= int64(len(c.data)) && c.says > at { // such cards write over what they had
		at %= int64(len(c.data))
	}
	return copy(c.data[at:], b), nil
}

func (c *fake) ReadAt(b []byte, at int64) (int, error) {
	if at >= int64(len(c.data)) && c.says > at {
		at %= int64(len(c.data))
	}
	n := copy(b, c.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	if c.flip > 0 && c.cold && at <= c.flip && c.flip < at+int64(n) {
		b[c.flip-at] ^= 4
	}
	return n, nil
}

func (c *fake) Sync() error { c.synced = true; return nil }
func (c *fake) Forget() error {
	if !c.synced {
		return errors.New("forgotten before it was written")
	}
	c.cold = true
	return nil
}

// used is a card with somebody's old things on it.
func used(size int) *fake { return &fake{data: bytes.Repeat([]byte{0xa5}, size)} }

const siteText = "# Fiche du lieu\n[place]\nname = \"Centre social Les Tilleuls\"\n"

// siteOf reads a file of the start partition of a card; "" when it is not there.
func siteOf(t *testing.T, c *fake, name string) string {
	t.Helper()
	p := startPart()
	vol, err := openFAT(&memory{data: c.data[p.Offset() : p.Offset()+p.Bytes()]})
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(vol, name)
	if err != nil {
		return ""
	}
	return string(text)
}

func TestWrite(t *testing.T) {
	tests := []struct {
		name   string
		packer func(io.Writer) (io.WriteCloser, error)
		packed []byte // by xz(1): Go's is slow at that
		bmap   bool
		img    []byte
		site   bool
	}{
		{name: "jeudi.img.xz", img: small(), packed: fixture(t, "small.img.xz")},
		{name: "jeudi.img.gz", img: small(), packer: func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }},
		{name: "jeudi.img", img: small()},
		{name: "jeudi.img.zst", img: image(), site: true, bmap: true, packer: func(w io.Writer) (io.WriteCloser, error) {
			return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img, name, packer, mapped := tt.img, tt.name, tt.packer, tt.bmap
			var text []File
			all := 4
			if tt.site {
				text, all = []File{{card.SiteFile, []byte(siteText)}}, 5
			}
			raw := img
			if tt.packed != nil {
				raw = tt.packed
			}
			if packer != nil {
				var b bytes.Buffer
				w, err := packer(&b)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write(img); err != nil {
					t.Fatal(err)
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				raw = b.Bytes()
			}
			path := file(t, name, raw)
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), Sums), fmt.Appendf(nil, "%x  other\n%x *%s\n", sha256.Sum256(nil), sha256.Sum256(raw), name), 0o644); err != nil {
				t.Fatal(err)
			}
			if mapped {
				if err := os.WriteFile(filepath.Join(filepath.Dir(path), "jeudi.img.bmap"), bmapOf(img), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			open, err := OpenImage(path)
			if err != nil {
				t.Fatal(err)
			}
			if !open.Published() || open.Bytes != int64(len(img)) || mapped == (open.Mapped() == open.Bytes) {
				t.Fatalf("OpenImage = %+v; want it published, of %d bytes", open, len(img))
			}
			c := used(len(img) + 8<<20)
			steps := map[Step]int64{}
			err = Write(t.Context(), open, c, Options{Bytes: int64(len(c.data)), Site: text, Say: func(p Progress) {
				if p.Done < steps[p.Step] || p.Done > p.Of {
					t.Errorf("progress %+v after %d", p, steps[p.Step])
				}
				steps[p.Step] = p.Done
			}})
			if err != nil {
				t.Fatal(err)
			}
			if steps[StepWrite] != open.Mapped() || len(steps) != all {
				t.Errorf("steps %v; want them all, and %d bytes written", steps, open.Mapped())
			}
			if last := c.order[len(c.order)-1]; last != 0 {
				t.Errorf("the last write was at %d; want the table last", last)
			}
			if tt.site {
				if got := siteOf(t, c, card.SiteFile); got != siteText {
					t.Errorf("site file %q; want %q", got, siteText)
				}
				if got := siteOf(t, c, card.ErrorFile); got != "" {
					t.Errorf("%s is still there: %q", card.ErrorFile, got)
				}
				if got := siteOf(t, c, card.AutoBoot); !strings.Contains(got, "boot_partition=2") {
					t.Errorf("%s = %q; want it as the image has it", card.AutoBoot, got)
				}
			}
			p := startPart()
			for at := 0; at < len(img); at += sector {
				inStart := tt.site && int64(at) >= p.Offset() && int64(at) < p.Offset()+p.Bytes()
				blank := mapped && at >= 8<<20 && bytes.Equal(img[at:at+sector], make([]byte, sector))
				if !inStart && !blank && !bytes.Equal(c.data[at:at+sector], img[at:at+sector]) {
					t.Fatalf("the card differs at %d", at)
				}
				if blank && !inStart && c.data[at] != 0xa5 {
					t.Fatalf("the card was written at %d, which the bmap does not have", at)
				}
			}
		})
	}
}

// TestWriteRefuses: every way in which a card or an image can be wrong ends with a
// sentence, and with a card that has no table.
func TestWriteRefuses(t *testing.T) {
	img := small()
	changed := bytes.Clone(img)
	changed[len(changed)-5] ^= 1
	var packed bytes.Buffer
	z, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(img); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		raw  []byte
		bmap bool // beside it, of the right image
		sum  bool // beside it, of the right image
		site bool
		card func(*fake)
		want string
	}{
		{name: "another image than was published", raw: changed, sum: true, want: "flash.image_changed"},
		{name: "another image than the bmap's", raw: changed, bmap: true, want: "flash.image_changed"},
		{name: "an image that ends too early", raw: img[:len(img)-4096], want: "flash.image_short"},
		{name: "a packed image that ends too early", raw: packed.Bytes()[:packed.Len()-9], want: "flash.image_short"},
		{name: "a card that gives back other bytes", raw: img, card: func(c *fake) { c.flip = 5<<20 + 77 }, want: "flash.card_differs"},
		{name: "a card whose site file comes back wrong", raw: image(), site: true, card: func(c *fake) { c.flip = startPart().Offset() + 40*512 }, want: "flash.card_differs"},
		{name: "a card with a quarter of what it says", raw: img, card: func(c *fake) { c.says = 4 * int64(len(c.data)) }, want: "flash.card_fake"},
		{name: "a card that fails beyond what it has", raw: img, card: func(c *fake) { c.failAt = int64(len(img)) + 4<<20 }, want: "flash.card_fake"},
		{name: "a card that fails", raw: img, card: func(c *fake) { c.failAt, c.says = 3<<20, -1 }, want: "input/output error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := file(t, "jeudi.img", tt.raw)
			beside := func(name string, raw []byte) {
				if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), raw, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if tt.bmap {
				beside("jeudi.img.bmap", bmapOf(img))
			}
			if tt.sum {
				beside(Sums, fmt.Appendf(nil, "%x  jeudi.img\n", sha256.Sum256(img)))
			}
			open, err := OpenImage(path)
			if err != nil {
				t.Fatal(err)
			}
			c := used(len(tt.raw) + 8<<20)
			o := Options{Bytes: int64(len(c.data))}
			if tt.site {
				o.Site = []File{{card.SiteFile, []byte(siteText)}}
			}
			if tt.card != nil {
				tt.card(c)
			}
			if o.Bytes = max(o.Bytes, c.says); c.says < 0 {
				o.Bytes = 0
			}
			err = Write(t.Context(), open, c, o)
			var refusal *Refusal
			if got := fmt.Sprint(err); errors.As(err, &refusal) && refusal.Key != tt.want || refusal == nil && !strings.Contains(got, tt.want) {
				t.Errorf("Write = %v; want %s", err, tt.want)
			}
			if c.data[510] == 0x55 && c.data[511] == 0xaa {
				t.Error("the card has a table")
			}
		})
	}
}

// TestCheck: an image that is not the published one is known before a card is touched.
func TestCheck(t *testing.T) {
	img := small()
	path := file(t, "jeudi.img", img)
	open := func() *Image {
		t.Helper()
		i, err := OpenImage(path)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	if err := open().Check(t.Context(), func(Progress) { t.Error("read; want nothing to compare it with") }); err != nil {
		t.Errorf("Check without a list = %v; want nil", err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), Sums), fmt.Appendf(nil, "%x  jeudi.img\n", sha256.Sum256(img)), 0o644); err != nil {
		t.Fatal(err)
	}
	var last Progress
	if err := open().Check(t.Context(), func(p Progress) { last = p }); err != nil || last != (Progress{StepCheck, int64(len(img)), int64(len(img))}) {
		t.Errorf("Check = %v, at the end %+v; want nil, and all of it read", err, last)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := open().Check(stopped, func(Progress) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("Check stopped = %v; want context.Canceled", err)
	}
	for name, raw := range map[string][]byte{"changed": append(bytes.Clone(img[:len(img)-1]), 1), "cut": img[:len(img)-4096]} {
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		var refusal *Refusal
		if err := open().Check(t.Context(), func(Progress) {}); !errors.As(err, &refusal) || refusal.Key != "flash.image_damaged" || refusal.Args["file"] != "jeudi.img" {
			t.Errorf("Check of an image that is %s = %v; want flash.image_damaged", name, err)
		}
	}
}

// TestWriteStops: whenever it is stopped, it returns, and the card has no table.
func TestWriteStops(t *testing.T) {
	open, err := OpenImage(file(t, "jeudi.img", small()))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []Step{StepProbe, StepWrite, StepVerify} {
		ctx, stop := context.WithCancel(t.Context())
		c := used(len(small()) + 8<<20)
		err := Write(ctx, open, c, Options{Bytes: int64(len(c.data)), Say: func(p Progress) {
			if p.Step == step && p.Done > 0 {
				stop()
			}
		}})
		stop()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at %s: %v; want context.Canceled", step, err)
		}
		if c.data[510] == 0x55 {
			t.Errorf("stopped at %s: the card has a table", step)
		}
	}
}

func TestOpenImageRefuses(t *testing.T) {
	foreign := make([]byte, 4096)
	foreign[510], foreign[511] = 0x55, 0xaa // a table, and not ours: any other system's image
	good := small()[:4096]
	tests := []struct {
		name, file string
		raw        []byte
		bmap       string
		want       string
	}{
		{name: "another system", file: "raspios.img", raw: foreign, want: "flash.image_foreign"},
		{name: "a text", file: "jeudi.img", raw: []byte("404 not found"), want: "flash.image_foreign"},
		{name: "empty", file: "jeudi.img", want: "flash.image_foreign"},
		{name: "a zip", file: "jeudi.zip", raw: []byte("PK\x03\x04rest"), want: "flash.image_zip"},
		{name: "an xz that is none", file: "jeudi.img.xz", raw: []byte("\xfd7zXZ\x00\x00\x00nonsense"), want: "unpacking"},
		{name: "a bmap of another image", file: "jeudi.img", raw: good, bmap: string(bmapOf(make([]byte, 8192))), want: "flash.image_bmap"},
		{name: "a bmap that was changed", file: "jeudi.img", raw: good, bmap: strings.Replace(string(bmapOf(small())), " 0-", " 1-", 1), want: "the file has changed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := file(t, tt.file, tt.raw)
			if tt.bmap != "" {
				if err := os.WriteFile(path+".bmap", []byte(tt.bmap), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := OpenImage(path); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("OpenImage = %v; want %s", err, tt.want)
			}
		})
	}
	if _, err := OpenImage(t.TempDir()); err == nil || !strings.Contains(err.Error(), "flash.image_folder") {
		t.Errorf("OpenImage of a folder = %v", err)
	}
	if _, err := OpenImage(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenImage of nothing = %v", err)
	}
}

func TestPutSite(t *testing.T) {
	c := used(len(image()))
	copy(c.data, image())
	for _, text := range []string{siteText, strings.Repeat("# a long one\n", 30_000)} {
		if err := PutSite(t.Context(), c, []File{{card.SiteFile, []byte(text)}, {"textes/fr.json", []byte("{}")}, {"textes/voix/a.wav", []byte(text)}}); err != nil {
			t.Fatal(err)
		}
		if got := siteOf(t, c, card.SiteFile); got != text {
			t.Errorf("site file of %d bytes; want %d", len(got), len(text))
		}
		if got, deep := siteOf(t, c, "textes/fr.json"), siteOf(t, c, "textes/voix/a.wav"); got != "{}" || deep != text {
			t.Errorf("beside it: %q, %d bytes; want both", got, len(deep))
		}
	}
	if rest := startPart().Offset() + startPart().Bytes(); !bytes.Equal(c.data[rest:], image()[rest:]) || !bytes.Equal(c.data[:startPart().Offset()], image()[:startPart().Offset()]) {
		t.Error("PutSite wrote outside the start partition")
	}
	if err := PutSite(t.Context(), c, []File{{"../etc/passwd", nil}}); err == nil {
		t.Error("PutSite outside the partition: no error; want one")
	}
	var refusal *Refusal
	if err := PutSite(t.Context(), c, []File{{card.SiteFile, make([]byte, siteMost+1)}}); !errors.As(err, &refusal) || refusal.Key != "flash.site_large" {
		t.Errorf("PutSite of too much = %v; want flash.site_large", err)
	}
	if err := PutSite(t.Context(), used(1<<20), []File{{card.SiteFile, []byte(siteText)}}); !errors.As(err, &refusal) || refusal.Key != "flash.card_foreign" {
		t.Errorf("PutSite on another card = %v; want flash.card_foreign", err)
	}
}

func TestManifest(t *testing.T) {
	img, packed := small(), fixture(t, "small.img.xz")
	open, err := OpenImage(file(t, "jeudi image.img.xz", packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := Manifest(t.Context(), open, Release{Version: "0.2.0"})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		List []map[string]any `json:"os_list"`
	}
	if err := json.Unmarshal(text, &got); err != nil || len(got.List) != 1 {
		t.Fatalf("Manifest = %s, %v", text, err)
	}
	e := got.List[0]
	// The required fields of Imager's schema, and those that its questions hang from.
	for _, key := range []string{"name", "description", "icon", "url", "extract_size", "extract_sha256", "image_download_size", "release_date", "init_format", "devices"} {
		if e[key] == nil || e[key] == "" {
			t.Errorf("%s is missing", key)
		}
	}
	if want := fmt.Sprintf("%x", sha256.Sum256(img)); e["extract_sha256"] != want || e["extract_size"] != float64(len(img)) {
		t.Errorf("extract_sha256 = %v, %v; want %s, %d", e["extract_sha256"], e["extract_size"], want, len(img))
	}
	if e["image_download_size"] != float64(len(packed)) || e["init_format"] != "rpi-preseed" {
		t.Errorf("%v, %v; want %d, rpi-preseed", e["image_download_size"], e["init_format"], len(packed))
	}
	if url, _ := e["url"].(string); !strings.HasPrefix(url, "file:///") || !strings.HasSuffix(url, "/jeudi%20image.img.xz") {
		t.Errorf("url = %q; want that of the file", url)
	}
	if text, err = Manifest(t.Context(), open, Release{URL: "https://example.org/jeudi.img.xz"}); err != nil || !bytes.Contains(text, []byte(`"https://example.org/jeudi.img.xz"`)) {
		t.Errorf("Manifest with an address = %s, %v", text, err)
	}
	if got := fileURL(`C:/Users/Zoé/jeudi.img`); got != "file:///C:/Users/Zo%C3%A9/jeudi.img" {
		t.Errorf("fileURL = %q", got)
	}
}

func TestProbePlaces(t *testing.T) {
	for _, tt := range []struct{ from, to int64 }{{0, 1 << 30}, {5000, 64e9}, {8192, 20480}, {100, 100}, {1 << 20, 1 << 20}} {
		places := probePlaces(tt.from, tt.to)
		for i, at := range places {
			if at%sector != 0 || at < tt.from || at+sector > tt.to || i > 0 && at <= places[i-1] {
				t.Errorf("probePlaces(%d, %d)[%d] = %d of %v", tt.from, tt.to, i, at, places)
			}
		}
		if n := len(places); tt.to-tt.from > probes*sector && (n < probes || n > 2*probes || places[n-1] != tt.to/sector*sector-sector) {
			t.Errorf("probePlaces(%d, %d) = %v; want about %d, the last at the end", tt.from, tt.to, places, probes)
		}
	}
}

// FuzzBmap: a block map that is read is one whose runs lie in the image, in order.
func FuzzBmap(f *testing.F) {
	f.Add(bmapOf(small()[:32<<10]), true)
	f.Add([]byte("<bmap version=\"2.0\"/>"), false)
	f.Fuzz(func(t *testing.T, raw []byte, mend bool) {
		if mend { // a checksum that fits, so that more than the checksum is tried
			if i := bytes.Index(raw, []byte("<BmapFileChecksum> ")); i >= 0 && len(raw) >= i+19+64 {
				raw = bytes.Clone(raw)
				own := raw[i+19 : i+19+64]
				copy(own, strings.Repeat("0", 64))
				sum := sha256.Sum256(raw)
				hex.Encode(own, sum[:])
			}
		}
		m, err := parseBmap(raw)
		if err != nil {
			return
		}
		var last int64
		for _, r := range m.runs {
			if r.from < last || r.to <= r.from || r.to > m.size {
				t.Fatalf("run %v after %d of %d", r, last, m.size)
			}
			last = r.to
		}
		if m.mapped() > m.size {
			t.Fatalf("%d mapped of %d", m.mapped(), m.size)
		}
	})
}
