package update

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aead.dev/minisign"
	"github.com/klauspost/compress/zstd"

	"jeudi/provisioning/card"
)

// image is bytes that look like nothing, always the same; a boot set has its line.
func image(size int, seed uint64, boot bool) []byte {
	b := make([]byte, size)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	if boot {
		copy(b[1500:], "quiet "+SlotWords+" ro")
	}
	return b
}

// bundleOf makes a bundle in a folder, under its version's name.
func bundleOf(t testing.TB, dir string, key PrivateKey, base string, b build) []byte {
	t.Helper()
	in := Input{Version: b.version, DataFormat: b.format, Boot: filepath.Join(dir, "boot"), Root: filepath.Join(dir, "root"), Base: base,
		BaseKey: key.Public().(PublicKey), Scratch: dir}
	for name, data := range map[string][]byte{in.Boot: b.boot, in.Root: b.root} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := Make(&out, in, key); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, b.version), out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func startPartition(t testing.TB, name string) []byte {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", name+".fat.zst"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	disk, err := r.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return disk[:2<<20] // the rest is empty
}

func keys(t testing.TB, seed byte) (PublicKey, PrivateKey) {
	t.Helper()
	pub, key, err := minisign.GenerateKey(rand.NewChaCha8([32]byte{seed}))
	if err != nil {
		t.Fatal(err)
	}
	return pub, key
}

// content reads a bundle to its end.
func content(in io.Reader, key PublicKey, bootBase, rootBase []byte) (*Bundle, map[string][]byte, error) {
	b, err := Open(in, key)
	if err != nil {
		return nil, nil, err
	}
	got := map[string][]byte{}
	var bb, rb io.ReaderAt
	if bootBase != nil {
		bb, rb = bytes.NewReader(bootBase), bytes.NewReader(rootBase)
	}
	err = b.Parts(bb, rb, func(name string, p Part, image io.Reader) error {
		data, err := io.ReadAll(image)
		got[name] = data
		if err == nil && sum(data) != p.SHA256 {
			err = ErrDamaged
		}
		return err
	})
	return b, got, err
}

// TestBundle: what is put into a bundle comes out of it, whole or built on another; the
// same input makes the same bytes; a small one is small.
func TestBundle(t *testing.T) {
	dir := t.TempDir()
	pub, key := keys(t, 1)
	old := build{version: "1.0.0", format: 1, boot: image(200_000, 1, true), root: image(900_000, 2, false)}
	whole := bundleOf(t, dir, key, "", old)
	if again := bundleOf(t, t.TempDir(), key, "", old); !bytes.Equal(whole, again) {
		t.Error("the same input makes another bundle")
	}
	b, got, err := content(bytes.NewReader(whole), pub, nil, nil)
	if err != nil || !bytes.Equal(got["boot"], old.boot) || !bytes.Equal(got["root"], old.root) || b.Version != "1.0.0" {
		t.Fatalf("Open(whole) = %+v, %v; want what went in", b, err)
	}
	if want := int64(bytes.IndexByte(old.boot[1500:], '@') + 1500); b.Boot.SlotByte != want {
		t.Errorf("the slot's letter is at %d; want %d", b.Boot.SlotByte, want)
	}

	// A file in the middle of the root grows, which moves all that follows.
	next := build{version: "1.1.0", format: 1, boot: old.boot}
	next.root = append(append(append([]byte{}, old.root[:400_000]...), image(3_001, 3, false)...), old.root[400_123:]...)
	small := bundleOf(t, dir, key, filepath.Join(dir, "1.0.0"), next)
	b, got, err = content(bytes.NewReader(small), pub, old.boot, old.root)
	if err != nil || !bytes.Equal(got["boot"], next.boot) || !bytes.Equal(got["root"], next.root) {
		t.Fatalf("Open(small) = %+v, %v; want what went in", b, err)
	}
	if len(small) > 150_000 {
		t.Errorf("a change of 3 kB makes a bundle of %d bytes", len(small))
	}
	if fresh, all := b.Bytes(); fresh > 140_000 || all != int64(len(next.boot)+len(next.root)) {
		t.Errorf("Bytes() = %d, %d", fresh, all)
	}
	if _, _, err := content(bytes.NewReader(small), pub, nil, nil); !errors.Is(err, ErrBase) {
		t.Errorf("a small bundle without its base: %v; want %v", err, ErrBase)
	}
	if _, _, err := content(bytes.NewReader(small), pub, old.boot, image(900_000, 4, false)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a small bundle on another base: %v; want %v", err, ErrDamaged)
	}
	for _, name := range []string{"1.0.0", "1.1.0"} {
		if m, err := Check(filepath.Join(dir, name), pub); err != nil || m.Version != name {
			t.Errorf("Check(%s) = %v, %v", name, m, err)
		}
	}
}

// TestBundleRefused: what is not signed, not whole or not for this box is refused with an
// error of its own, and nothing of it is used.
func TestBundleRefused(t *testing.T) {
	dir := t.TempDir()
	pub, key := keys(t, 1)
	_, stranger := keys(t, 2)
	b := build{version: "1.0.0", format: 1, boot: image(5000, 1, true), root: image(9000, 2, false)}
	good := bundleOf(t, dir, key, "", b)
	head := len(magic) + 8 + int(binary.BigEndian.Uint32(good[len(magic):])) + int(binary.BigEndian.Uint32(good[len(magic)+4:]))
	flipped := func(at int) []byte {
		out := bytes.Clone(good)
		out[at] ^= 1
		return out
	}
	signed := func(manifest string) []byte {
		sig := minisign.Sign(key, []byte(manifest))
		out := binary.BigEndian.AppendUint32([]byte(magic), uint32(len(sig)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(manifest)))
		return append(append(out, sig...), manifest...)
	}
	tests := []struct {
		name   string
		bundle []byte
		want   error
	}{
		{"nothing", nil, ErrNoBundle},
		{"a photograph", []byte("\xff\xd8\xff\xe0 and so on, long enough to be read"), ErrNoBundle},
		{"another's key", bundleOf(t, dir, stranger, "", b), ErrSignature},
		{"a letter of the manifest", flipped(head - 10), ErrSignature},
		{"a letter of the signature", flipped(len(magic) + 8 + 60), ErrSignature},
		{"a longer manifest than there may be", append([]byte(magic), 0, 0, 0, 9, 255, 255, 255, 255), ErrDamaged},
		{"cut in the manifest", good[:head-1], ErrDamaged},
		{"cut at its end", good[:len(good)-1], ErrDamaged},
		{"cut after the manifest", good[:head], ErrDamaged},
		{"a byte too many", append(bytes.Clone(good), 0), ErrDamaged},
		{"another kind of box", signed(`{"compatible":"toaster"}`), ErrOtherBox},
	}
	for at := head; at < len(good); at += 997 {
		tests = append(tests, struct {
			name   string
			bundle []byte
			want   error
		}{"a byte of a part", flipped(at), ErrDamaged})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := content(bytes.NewReader(tt.bundle), pub, nil, nil); !errors.Is(err, tt.want) {
				t.Errorf("%v; want %v", err, tt.want)
			}
		})
	}
	t.Run("a stick that is pulled out", func(t *testing.T) {
		pulled := errors.New("input/output error")
		in := io.MultiReader(bytes.NewReader(good[:head+100]), broken{pulled})
		if _, _, err := content(in, pub, nil, nil); !errors.Is(err, pulled) {
			t.Errorf("%v; want %v", err, pulled)
		}
	})
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// TestManifestStaysInside: a manifest that leads out of an image or a partition, or that
// says more than it should, is refused, signed or not.
func TestManifestStaysInside(t *testing.T) {
	part := func(slotByte int64) Part {
		return Part{Image: Image{Size: 1000, SlotByte: slotByte}, Runs: []Run{{Length: 600}, {Length: 400, From: 1}}, Packed: 10}
	}
	base := &Base{Version: "1.0.0", Boot: Image{Size: 500, SlotByte: 3}, Root: Image{Size: 500}}
	good := func() *Manifest {
		return &Manifest{Compatible: Compatible, Version: "1.2.3", DataFormat: 1, Base: base, Boot: part(7), Root: part(0)}
	}
	tests := map[string]struct {
		change func(*Manifest)
		say    string // "" is good
	}{
		"good":                       {func(*Manifest) {}, ""},
		"no version":                 {func(m *Manifest) { m.Version = "../1.0.0" }, "no version"},
		"a version of two numbers":   {func(m *Manifest) { m.Version = "1.0" }, "no version"},
		"no data format":             {func(m *Manifest) { m.DataFormat = 0 }, "data format"},
		"base without version":       {func(m *Manifest) { m.Base = &Base{Boot: base.Boot, Root: base.Root} }, "no version"},
		"empty root":                 {func(m *Manifest) { m.Root = Part{} }, "0 bytes"},
		"more than the partition":    {func(m *Manifest) { m.Boot.Size = card.BootMiB<<20 + 1 }, "the partition has"},
		"no letter":                  {func(m *Manifest) { m.Boot.SlotByte = 0 }, "no place"},
		"letter outside":             {func(m *Manifest) { m.Boot.SlotByte = 1000 }, "letter"},
		"letter before":              {func(m *Manifest) { m.Boot.SlotByte = -1 }, "letter"},
		"base's letter outside":      {func(m *Manifest) { m.Base = &Base{"1.0.0", Image{Size: 500, SlotByte: 500}, base.Root} }, "base"},
		"runs too short":             {func(m *Manifest) { m.Root.Runs = m.Root.Runs[:1] }, "600 bytes of 1000"},
		"runs too long":              {func(m *Manifest) { m.Root.Runs = append(m.Root.Runs, Run{Length: 1}) }, "run"},
		"a run of nothing":           {func(m *Manifest) { m.Root.Runs = []Run{{Length: 0}, {Length: 1000}} }, "run"},
		"a run that turns round":     {func(m *Manifest) { m.Root.Runs = []Run{{Length: -5}, {Length: 1005}} }, "run"},
		"a run of 2⁶³ bytes":         {func(m *Manifest) { m.Root.Runs = []Run{{Length: 1<<63 - 1}, {Length: 1000}} }, "run"},
		"from after the base":        {func(m *Manifest) { m.Root.Runs[1].From = 102 }, "run"},
		"from before the base":       {func(m *Manifest) { m.Root.Runs[1].From = -4 }, "run"},
		"from a base that is not":    {func(m *Manifest) { m.Base = nil }, "run"},
		"packed more than it can be": {func(m *Manifest) { m.Root.Packed = 1 << 40 }, "packed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := good()
			tt.change(m)
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ParseManifest(text)
			if tt.say == "" && err != nil || tt.say != "" && (err == nil || !strings.Contains(err.Error(), tt.say)) {
				t.Errorf("ParseManifest = %v; want %q", err, tt.say)
			}
		})
	}
	text, _ := json.Marshal(good())
	for name, text := range map[string]string{"unknown field": strings.Replace(string(text), `"version"`, `"run":"rm","version"`, 1), "two": string(text) + "{}", "not JSON": "compatible"} {
		if _, err := ParseManifest([]byte(text)); err == nil {
			t.Errorf("ParseManifest(%s) = nil; want an error", name)
		}
	}
}

// FuzzParseManifest: whatever a manifest says, what is taken stays inside.
func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(`{"compatible":"jeudi-rpi-arm64-1","version":"1.0.0","dataFormat":1,"boot":{"size":9,"slotByte":2,"sha256":"` + strings.Repeat("0", 64) + `","runs":[{"n":9}],"packed":1},"root":{"size":2,"sha256":"` + strings.Repeat("0", 64) + `","runs":[{"n":2}],"packed":1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseManifest(text)
		if err != nil || m.Compatible != Compatible {
			return
		}
		for _, p := range []struct {
			Part
			room int64
		}{{m.Boot, card.BootMiB << 20}, {m.Root, card.RootMiB << 20}} {
			var n int64
			for _, r := range p.Runs {
				if r.Length <= 0 || r.From < 0 {
					t.Fatalf("run %+v", r)
				}
				n += r.Length
			}
			if n != p.Size || n > p.room || p.SlotByte >= p.Size {
				t.Fatalf("part %+v", p)
			}
		}
	})
}

// TestFindSlotByte: the letter's place is found wherever it lies, and only once.
func TestFindSlotByte(t *testing.T) {
	const block = 1 << 20
	for _, at := range []int{0, 5, block - len(SlotWords), block - 5, block - 1, block, 2*block - 3, 3*block - len(SlotWords)} {
		boot := make([]byte, 3*block)
		copy(boot[at:], SlotWords)
		if got, err := FindSlotByte(bytes.NewReader(boot)); err != nil || got != int64(at+len(SlotWords)-1) {
			t.Errorf("FindSlotByte(at %d) = %d, %v; want %d", at, got, err, at+len(SlotWords)-1)
		}
		copy(boot[block+100:], SlotWords)
		if _, err := FindSlotByte(bytes.NewReader(boot)); err == nil {
			t.Errorf("FindSlotByte(twice) = nil; want an error")
		}
	}
	if _, err := FindSlotByte(bytes.NewReader(make([]byte, 100))); err == nil {
		t.Error("FindSlotByte(none) = nil; want an error")
	}
}
