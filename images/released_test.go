package images

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// made is a release in small: a card of 6 MiB, with all that goes with it.
type made struct {
	dir, card, jeudi, key string
	boot, root            string // of the card
	name                  string // of its files, without their ends
}

// command runs a program in the release's folder and returns what it prints.
func (m made) command(t *testing.T, env []string, name string, args ...string) []byte {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir, c.Env = m.dir, append(os.Environ(), env...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, out, errs.Bytes())
	}
	return out
}

// put writes a file of the release, anew: the copies of a release share what they can.
func (m made) put(t *testing.T, name string, content []byte) {
	t.Helper()
	file := filepath.Join(m.dir, name)
	if err := os.RemoveAll(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o755); err != nil {
		t.Fatal(err)
	}
}

func (m made) read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// seal makes the sums and their signature.
func (m made) seal(t *testing.T) {
	t.Helper()
	m.put(t, "SHA256SUMS", m.command(t, nil, "bash", "-c", "sha256sum $(ls | grep -v SHA256SUMS)"))
	m.command(t, nil, m.jeudi, "update", "sign", "-key", m.key, "SHA256SUMS")
}

// update makes the release's update, signed by a key.
func (m made) update(t *testing.T, key string) {
	t.Helper()
	m.command(t, nil, m.jeudi, "update", "make", "-boot", m.boot, "-root", m.root, "-key", key, m.name+".update")
}

// copied is another folder with the same files.
func (m made) copied(t *testing.T) made {
	t.Helper()
	from := m.dir
	m.dir = filepath.Join(t.TempDir(), "release")
	if out, err := exec.Command("cp", "-al", from, m.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return m
}

// smallRelease makes one.
func smallRelease(t *testing.T) made {
	t.Helper()
	top := t.TempDir()
	m := made{dir: filepath.Join(top, "release"), card: filepath.Join(top, "card.img"), jeudi: filepath.Join(top, "release", "jeudi"), key: filepath.Join(top, "key.key")}
	if err := os.Mkdir(m.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	m.boot, m.root = filepath.Join(top, "boot"), filepath.Join(top, "root")
	module, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	build := func(out, goos, goarch, from string) {
		m.command(t, []string{"CGO_ENABLED=0", "GOOS=" + goos, "GOARCH=" + goarch}, "go", "-C", module, "build", "-buildvcs=false", "-trimpath", "-ldflags=-s", "-o", filepath.Join(m.dir, out), from)
	}
	build("jeudi", "linux", "amd64", "./firmware")
	if runtime.GOARCH != "amd64" {
		m.jeudi = filepath.Join(top, "jeudi")
		build("../jeudi", runtime.GOOS, runtime.GOARCH, "./firmware")
	}
	// What the others can do is tested elsewhere; a small program has the same settings.
	other := filepath.Join(top, "other.go")
	if err := os.WriteFile(other, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	build("jeudi.exe", "windows", "amd64", other)
	build("jeudi-macos", "darwin", "arm64", other)
	m.name = "jeudi-" + strings.TrimSpace(string(m.command(t, nil, m.jeudi, "version")))

	for _, key := range []string{"../key", "../foreign"} {
		m.command(t, nil, m.jeudi, "update", "key", key)
	}
	public, err := os.ReadFile(filepath.Join(top, "key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	m.put(t, "update.pub", public)

	// A card is what begins with a table of ours and ends where its last partition does.
	card := make([]byte, 6<<20)
	copy(card[440:], "JEUD")
	copy(card[446+8:], []byte{0, 8, 0, 0, 0, 0x28, 0, 0}) // sectors 2048 to 12287
	card[510], card[511] = 0x55, 0xaa
	copy(card[5<<20:], "what is on it")
	if err := os.WriteFile(m.card, card, 0o644); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{m.boot: append([]byte("jeudi.slot=@"), make([]byte, 1<<20)...), m.root: bytes.Repeat([]byte("root"), 1<<18)} {
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m.command(t, nil, "zstd", "-q", "-o", m.name+".img.zst", m.card)
	m.put(t, m.name+".img.bmap", wholeBmap(card))
	m.update(t, m.key)
	m.put(t, m.name+".rpi-imager-manifest", m.command(t, nil, m.jeudi, "flash", "-manifest", "-url", "https://jeudi.example/jeudi.img.zst", m.name+".img.zst"))
	m.put(t, m.name+".guides.zip", []byte("PK, and what a zip has besides"))
	others := read(t, "others")
	var list, parts strings.Builder
	for _, name := range regexp.MustCompile(`(?m)^Name: (.*)$`).FindAllStringSubmatch(others, -1) {
		fmt.Fprintln(&list, name[1])
		fmt.Fprintf(&parts, "{\"name\": %q}\n", name[1])
	}
	m.put(t, m.name+".packages", []byte(list.String()))
	m.put(t, m.name+".cdx.json", []byte(parts.String()))
	m.licences(t, "")
	m.seal(t)
	return m
}

// licences packs the texts of the licences, without one.
func (m made) licences(t *testing.T, without string) {
	t.Helper()
	top := t.TempDir()
	names := []string{"LICENSE", "go/LICENSE", "others.txt", "linux-stable/copyright", "linux-newer/copyright", "debian/common-licenses/GPL-2"}
	for _, text := range regexp.MustCompile(`(?m)^Text: (.*)$`).FindAllStringSubmatch(read(t, "others"), -1) {
		names = append(names, text[1])
	}
	for _, name := range names {
		if name == without {
			continue
		}
		file := filepath.Join(top, "licences", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("terms"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m.put(t, m.name+".licences.tar.zst", m.command(t, nil, "bash", "-c", `tar -c -C "$0" licences | zstd -q`, top))
}

// wholeBmap is a block map of all of a card.
func wholeBmap(card []byte) []byte {
	blocks, none := len(card)/4096, strings.Repeat("0", 64)
	text := fmt.Sprintf("<?xml version=\"1.0\" ?>\n<bmap version=\"2.0\"><ImageSize> %d </ImageSize><BlockSize> 4096 </BlockSize><BlocksCount> %d </BlocksCount>"+
		"<MappedBlocksCount> %[2]d </MappedBlocksCount><ChecksumType> sha256 </ChecksumType><BmapFileChecksum> %s </BmapFileChecksum><BlockMap>\n"+
		"<Range chksum=\"%x\"> 0-%d </Range></BlockMap></bmap>\n", len(card), blocks, none, sha256.Sum256(card), blocks-1)
	sum := sha256.Sum256([]byte(text))
	return []byte(strings.Replace(text, none, hex.EncodeToString(sum[:]), 1))
}

// What ends make image finds each way in which a release can be wrong.
func TestReleased(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: it builds the program; make test does")
	}
	for _, tool := range []string{"zstd", "sha256sum", "cmp", "tar"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT RUN: there is no %s here", tool)
		}
	}
	good := smallRelease(t)
	flip := func(m made, name string) {
		content := bytes.Clone(m.read(t, name))
		content[len(content)/2] ^= 1
		m.put(t, name, content)
	}
	foreign := filepath.Join(filepath.Dir(good.key), "foreign.key")
	for _, tt := range []struct {
		name string
		make func(m *made)
		want string // "" is a good one
	}{
		{name: "as it was made", make: func(*made) {}},
		{name: "a damaged card", make: func(m *made) { flip(*m, m.name+".img.zst") }, want: "not what SHA256SUMS says"},
		{name: "a damaged guide", make: func(m *made) { flip(*m, m.name+".guides.zip") }, want: "not what SHA256SUMS says"},
		{name: "a file without a sum", make: func(m *made) { m.put(t, "more", []byte("x")) }, want: "only in the folder: more"},
		{name: "a sum without a file", make: func(m *made) { os.Remove(filepath.Join(m.dir, "jeudi.exe")) }, want: "only in SHA256SUMS: jeudi.exe"},
		{name: "no block map, which the sums know nothing of", make: func(m *made) {
			os.Remove(filepath.Join(m.dir, m.name+".img.bmap"))
			m.seal(t)
		}, want: "there is no " + good.name + ".img.bmap"},
		{name: "no signature", make: func(m *made) { os.Remove(filepath.Join(m.dir, "SHA256SUMS.minisig")) }, want: "there is no SHA256SUMS.minisig"},
		{name: "sums signed by somebody else", make: func(m *made) {
			m.key = foreign
			m.seal(t)
		}, want: "jeudi flash does not write it"},
		{name: "a program for another computer", make: func(m *made) {
			m.put(t, "jeudi.exe", m.read(t, "jeudi-macos"))
			m.seal(t)
		}, want: "jeudi.exe is not for windows"},
		{name: "another card", make: func(m *made) {
			card, err := os.ReadFile(m.card)
			if err != nil {
				t.Fatal(err)
			}
			card[5<<20]++
			m.card = filepath.Join(t.TempDir(), "card.img")
			if err := os.WriteFile(m.card, card, 0o644); err != nil {
				t.Fatal(err)
			}
		}, want: "unpacked is not the card"},
		{name: "a block map of another card", make: func(m *made) {
			m.put(t, m.name+".img.bmap", wholeBmap(make([]byte, 6<<20)))
			m.seal(t)
		}, want: "jeudi flash does not write it"},
		{name: "an update signed by somebody else", make: func(m *made) {
			os.Remove(filepath.Join(m.dir, m.name+".update"))
			m.command(t, nil, m.jeudi, "update", "make", "-boot", m.boot, "-root", m.root, "-key", foreign, m.name+".update")
			m.seal(t)
		}, want: ".update is no update"},
		{name: "an update of another system", make: func(m *made) {
			os.Remove(filepath.Join(m.dir, m.name+".update"))
			m.command(t, nil, m.jeudi, "update", "make", "-boot", m.boot, "-root", m.card, "-key", m.key, m.name+".update")
			m.seal(t)
		}, want: ".update is not of this card: no root"},
		{name: "a manifest without an address", make: func(m *made) {
			os.Remove(filepath.Join(m.dir, m.name+".rpi-imager-manifest"))
			m.put(t, m.name+".rpi-imager-manifest", m.command(t, nil, m.jeudi, "flash", "-manifest", m.name+".img.zst"))
			m.seal(t)
		}, want: "names a file of this machine"},
		{name: "a release that nobody fetches by Imager", make: func(m *made) {
			os.Remove(filepath.Join(m.dir, m.name+".rpi-imager-manifest"))
			m.seal(t)
		}},
		{name: "no licence of a kernel", make: func(m *made) {
			m.licences(t, "linux-newer/copyright")
			m.seal(t)
		}, want: "lacks linux-newer/copyright"},
		{name: "a small update that is damaged", make: func(m *made) {
			m.put(t, m.name+"-small.update", m.read(t, m.name+".update"))
			flip(*m, m.name+"-small.update")
			m.seal(t)
		}, want: "-small.update is no update"},
		{name: "a manifest of another image", make: func(m *made) {
			text := regexp.MustCompile(`"extract_sha256": ".`).ReplaceAll(m.read(t, m.name+".rpi-imager-manifest"), []byte(`"extract_sha256": "x`))
			m.put(t, m.name+".rpi-imager-manifest", text)
			m.seal(t)
		}, want: `does not say "extract_sha256"`},
		{name: "a font without its licence", make: func(m *made) {
			m.licences(t, "drivers/typeset/fonts/OFL.txt")
			m.seal(t)
		}, want: "lacks drivers/typeset/fonts/OFL.txt"},
		{name: "a font that is no component", make: func(m *made) {
			m.put(t, m.name+".cdx.json", bytes.Replace(m.read(t, m.name+".cdx.json"), []byte("Atkinson"), []byte("Another"), 1))
			m.seal(t)
		}, want: "lacks Atkinson Hyperlegible Next"},
	} {
		m := good.copied(t)
		tt.make(&m)
		out, err := exec.Command("./released", m.dir, m.card, m.boot, m.root, m.jeudi).CombinedOutput()
		switch {
		case tt.want == "" && err != nil:
			t.Fatalf("%s: %v\n%s", tt.name, err, out) // nothing that follows would say anything
		case tt.want != "" && (err == nil || !strings.Contains(string(out), tt.want)):
			t.Errorf("%s: %v, %q; want it refused with %q", tt.name, err, out, tt.want)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(m.dir), "released.*")); len(left) > 0 {
			t.Errorf("%s: %q is left behind", tt.name, left)
		}
	}
}
