package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/words"
	"jeudi/provisioning/card"
	"jeudi/provisioning/flash"
	"jeudi/provisioning/site"
	"jeudi/provisioning/update"
)

// smallImage is an image of a table and nothing else, and its bytes.
func smallImage(t *testing.T) (path string, raw []byte) {
	t.Helper()
	raw = make([]byte, 2<<20)
	binary.LittleEndian.PutUint32(raw[440:], card.Signature)
	binary.LittleEndian.PutUint32(raw[446+8:], 2048)
	binary.LittleEndian.PutUint32(raw[446+12:], 2048)
	raw[510], raw[511], raw[len(raw)-1] = 0x55, 0xaa, 7
	path = filepath.Join(t.TempDir(), "jeudi.img")
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return path, raw
}

// TestFlash plays technicians at their terminals: what they type, what they read, and
// whether the card was written.
func TestFlash(t *testing.T) {
	img, raw := smallImage(t)
	wrong := filepath.Join(t.TempDir(), "jeudi.toml")
	if err := os.WriteFile(wrong, []byte(strings.Replace(site.SampleText(), `from = "9:00"`, `from = "neuf"`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	damaged, _ := smallImage(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(damaged), flash.Sums), fmt.Appendf(nil, "%064d  jeudi.img\n", 7), 0o644); err != nil {
		t.Fatal(err)
	}
	aFile := filepath.Join(t.TempDir(), "carte16")
	if err := os.WriteFile(aFile, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	reader := flash.Disk{Path: "/dev/sdb", Name: "Generic SD", Bytes: 32e9, Bus: "usb", Removable: true, Mounted: []string{"/media/bootfs"}}
	system := flash.Disk{Path: "/dev/nvme0n1", Name: "SSD", Bytes: 512e9, Bus: "nvme", System: "/"}
	backup := flash.Disk{Path: "/dev/sda", Name: "My Passport", Bytes: 4e12, Bus: "usb"}
	other := reader
	other.Name = "Clé de Claire"

	tests := []struct {
		name    string
		args    []string
		typed   string
		looks   [][]flash.Disk // what each look at the disks finds, the last again and again
		busy    error
		stuck   bool // it cannot be ejected
		code    int
		written bool
		ejected bool
		out     []string
		errs    []string
		not     string
	}{
		{name: "the usual", args: []string{img}, typed: "1\noui\n", looks: [][]flash.Disk{{system, backup, reader}},
			written: true, ejected: true,
			out: []string{"Cartes\u00a0:", "   1  /dev/sdb   Generic SD   32 Go   usb   /media/bootfs", "Disques refusés", "cet ordinateur l’utilise lui-même (/)",
				"un disque qui reste en place", "Tout ce qui est sur /dev/sdb, Generic SD, 32 Go sera effacé", "Écriture 100\u00a0%, 2 Mo sur 2 Mo", "Relecture 100\u00a0%", "Terminé en", "La carte est éjectée"}},
		{name: "the card is put in after the first look", args: []string{img}, typed: "\n1\nOui\n", looks: [][]flash.Disk{{system}, {system, reader}},
			written: true, ejected: true, out: []string{"Aucune carte. Mettez une carte", "Numéro de la carte"}},
		{name: "a number that is none", args: []string{img}, typed: "2\n1\noui\n", looks: [][]flash.Disk{{system, reader}},
			written: true, ejected: true, out: []string{"«\u00a02\u00a0» n’est pas un numéro de la liste"}},
		{name: "no", args: []string{img}, typed: "1\nnon\n", looks: [][]flash.Disk{{reader}}, code: exitFail, errs: []string{"Arrêté. Rien n’a été écrit."}},
		{name: "only Enter is no yes", args: []string{img}, typed: "1\n\n", looks: [][]flash.Disk{{reader}}, code: exitFail, errs: []string{"Rien n’a été écrit."}},
		{name: "q", args: []string{img}, typed: "q\n", looks: [][]flash.Disk{{reader}}, code: exitFail, errs: []string{"Rien n’a été écrit."}},
		{name: "nobody is there", args: []string{img}, looks: [][]flash.Disk{{reader}}, code: exitFail, errs: []string{"Rien n’a été écrit."}},
		{name: "another card is put in while we ask", args: []string{img}, typed: "1\noui\n", looks: [][]flash.Disk{{reader}, {other}},
			code: exitFail, errs: []string{"/dev/sdb n’est plus le disque qui était dans la liste"}},
		{name: "the system's own disk, by name", args: []string{"-disk", "/dev/nvme0n1", "-yes", img}, looks: [][]flash.Disk{{system}}, code: exitFail, errs: []string{"cet ordinateur l’utilise"}},
		{name: "a backup, by name", args: []string{"-disk", "/dev/sda", "-yes", img}, looks: [][]flash.Disk{{backup}}, code: exitFail, errs: []string{"reste en place"}},
		{name: "a partition, by name", args: []string{"-disk", "/dev/sdb1", "-yes", img}, looks: [][]flash.Disk{{reader}}, code: exitFail, errs: []string{"/dev/sdb1 n’est pas dans la liste"}},
		{name: "without a question", args: []string{"-disk", "/dev/sdb", "-yes", "-keep", img}, looks: [][]flash.Disk{{reader}}, written: true, not: "effacé"},
		{name: "it cannot be ejected", args: []string{"-disk", "/dev/sdb", "-yes", img}, looks: [][]flash.Disk{{reader}}, stuck: true, written: true, out: []string{"Éjectez maintenant la carte"}},
		{name: "a window has a file of it open", args: []string{"-disk", "/dev/sdb", "-yes", img}, looks: [][]flash.Disk{{reader}}, busy: &flash.Refusal{Key: "flash.busy", Args: map[string]any{"at": "/media/bootfs"}},
			code: exitFail, errs: []string{"utilise encore /media/bootfs"}},
		{name: "not the administrator", args: []string{"-disk", "/dev/sdb", "-yes", img}, looks: [][]flash.Disk{{reader}}, busy: &flash.Refusal{Key: "flash.rights_sudo"}, code: exitFail, errs: []string{"sudo"}},
		{name: "the system is silent", args: []string{"-disk", "/dev/sdb", "-yes", img}, looks: [][]flash.Disk{{reader}}, busy: errors.New("no such device"), code: exitFail, errs: []string{"Cela n’a pas marché\u00a0: no such device"}},
		{name: "a wrong site file, before anything else", args: []string{"-site", wrong, img}, looks: nil, code: exitFail, errs: []string{"contient des erreurs", "jeudi.toml, ligne "}},
		{name: "not an image", args: []string{wrong}, looks: nil, code: exitFail, errs: []string{"jeudi.toml n’est pas une image de Jeudi"}},
		{name: "a site file for a card without a system", args: []string{"-only-site", "-site", sampleSite(t), "-disk", "/dev/sdb"}, typed: "oui\n", looks: [][]flash.Disk{{reader}}, code: exitFail,
			out: []string{"La fiche du lieu de /dev/sdb"}, errs: []string{"Cette carte ne contient pas Jeudi"}},
		{name: "-list", args: []string{"-list"}, looks: [][]flash.Disk{{system, reader}}, out: []string{"   1  /dev/sdb", "Disques refusés"}},

		{name: "no image", code: exitUsage, errs: []string{"usage: jeudi flash"}},
		{name: "two images", args: []string{img, img}, code: exitUsage, errs: []string{"est de trop. Les options vont avant l’image"}},
		{name: "a flag after the image", args: []string{img, "-site", "jeudi.toml"}, code: exitUsage, errs: []string{"«\u00a0-site\u00a0» est de trop. Les options vont avant"}},
		{name: "an image to -list", args: []string{"-list", img}, code: exitUsage, errs: []string{"-list et -only-site ne prennent pas d’image"}},
		{name: "a flag without its value", args: []string{"-site"}, code: exitUsage, errs: []string{"Il manque quelque chose après -site."}},
		{name: "an image that is not there", args: []string{"none.img.zst"}, code: exitFail, errs: []string{"L’image none.img.zst n’existe pas ici."}},
		{name: "a manifest of none", args: []string{"-manifest", "none.img.zst"}, code: exitFail, errs: []string{"L’image none.img.zst n’existe pas ici."}},
		{name: "a site file that is not there", args: []string{"-site", "none.toml", img}, code: exitFail,
			errs: []string{"Le fichier none.toml n’existe pas ici. Écrivez-le avec\u00a0: jeudi site new none.toml, ou enlevez -site."}},
		{name: "only a site file, that is not there", args: []string{"-only-site", "-site", "none.toml"}, code: exitFail,
			errs: []string{"Le fichier none.toml n’existe pas ici. Écrivez-le avec\u00a0: jeudi site new none.toml\n"}},
		{name: "a damaged image, before a card is chosen", args: []string{damaged}, code: exitFail, out: []string{"Elle est comparée à SHA256SUMS.", "Vérification de l’image 100\u00a0%"},
			errs: []string{"jeudi.img n’est pas l’image publiée", "Rien n’a été écrit."}},
		{name: "a card that is a file", args: []string{"-disk", aFile, img}, typed: "non\n", code: exitFail, out: []string{"Tout ce qui est sur " + aFile + " sera effacé."}, errs: []string{"Rien n’a été écrit."}},
		{name: "-yes to nothing", args: []string{"-yes", img}, code: exitUsage, errs: []string{"-yes demande aussi -disk"}},
		{name: "-only-site of none", args: []string{"-only-site"}, code: exitUsage, errs: []string{"-only-site demande aussi -site"}},
		{name: "an address for no manifest", args: []string{"-url", "x", img}, code: exitUsage, errs: []string{"-manifest"}},
		{name: "an unknown flag", args: []string{"-fast", img}, code: exitUsage, errs: []string{"L’option -fast n’existe pas.", "usage"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := filepath.Join(t.TempDir(), "card")
			if err := os.WriteFile(at, bytes.Repeat([]byte{0xa5}, 3<<20), 0o644); err != nil {
				t.Fatal(err)
			}
			looks, ejected := tt.looks, false
			var out, errs bytes.Buffer
			f := flashing{
				disks: func(context.Context) ([]flash.Disk, error) {
					if len(looks) == 0 {
						t.Fatal("looked for disks; want it refused before")
					}
					now := looks[0]
					if len(looks) > 1 {
						looks = looks[1:]
					}
					return now, nil
				},
				open: func(context.Context, flash.Disk) (openCard, error) {
					if tt.busy != nil {
						return nil, tt.busy
					}
					c, err := flash.OpenFile(at)
					return unlike{c, map[int64][]byte{}}, err
				},
				eject: func(context.Context, flash.Disk) error {
					if ejected = !tt.stuck; !ejected {
						return errors.New("busy")
					}
					return nil
				},
				now: time.Now, lines: true, in: bufio.NewScanner(strings.NewReader(tt.typed)), out: &out,
			}
			if code := f.run(t.Context(), tt.args, &errs); code != tt.code {
				t.Errorf("code %d; want %d", code, tt.code)
			}
			got, err := os.ReadFile(at)
			if err != nil {
				t.Fatal(err)
			}
			if written := bytes.Equal(got[:len(raw)], raw); written != tt.written {
				t.Errorf("written: %v; want %v", written, tt.written)
			}
			if !tt.written && got[0] != 0xa5 {
				t.Error("the card was touched")
			}
			if ejected != tt.ejected {
				t.Errorf("ejected: %v; want %v", ejected, tt.ejected)
			}
			for _, want := range tt.out {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q", want)
				}
			}
			for _, want := range tt.errs {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("no %q in what it complains of", want)
				}
			}
			if tt.not != "" && strings.Contains(out.String(), tt.not) {
				t.Errorf("%q", tt.not)
			}
			if (tt.code == exitOK) != (errs.Len() == 0) || strings.Contains(out.String()+errs.String(), "{") {
				t.Error("errors, or a hole in a sentence")
			}
			if t.Failed() {
				t.Logf("it printed:\n%s%s", &out, &errs)
			}
		})
	}
}

// unlike is a regular file that goes on beyond its end, as the disk that it stands for
// does, so that the size of the card is found to be what it says.
type unlike struct {
	openCard
	beyond map[int64][]byte
}

func (u unlike) WriteAt(b []byte, at int64) (int, error) {
	if at >= 3<<20 {
		u.beyond[at] = bytes.Clone(b)
		return len(b), nil
	}
	return u.openCard.WriteAt(b, at)
}

func (u unlike) ReadAt(b []byte, at int64) (int, error) {
	if at >= 3<<20 {
		return copy(b, u.beyond[at]), nil
	}
	return u.openCard.ReadAt(b, at)
}

// sampleSite is the sample site as a file.
func sampleSite(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jeudi.toml")
	if err := os.WriteFile(path, []byte(site.SampleText()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFlashTakesWhatASiteNames: the files that a box takes from its card, see TestSiteWithItsFiles
// of firstboot, are those that are written on it, however they are named.
func TestFlashTakesWhatASiteNames(t *testing.T) {
	file := sampleSite(t)
	text := strings.Replace(site.SampleText(), "[texts]", "[texts]\nfolder = \"./textes/\"\nvoices = \"./textes\"", 1)
	dir := filepath.Dir(file)
	for name, text := range map[string]string{"jeudi.toml": text, "textes/fr.json": "{}", "photos.zip": "private"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := site.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	files, err := siteFiles(s, file)
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if err != nil || !slices.Equal(names, []string{"jeudi.toml", "textes/fr.json"}) {
		t.Errorf("siteFiles = %q, %v; want the site file and its text", names, err)
	}
	s.Texts.Folder = "../ailleurs"
	if _, err := siteFiles(s, file); err == nil || !strings.Contains(err.Error(), "../ailleurs") {
		t.Errorf("siteFiles of a folder that a card has not = %v; want it named", err)
	}
}

// TestFlashMeter: the line that changes at a terminal says how fast it goes and how long
// it takes, and is printed a few times a second at most.
func TestFlashMeter(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	texts, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	f := flashing{now: func() time.Time { return now }, out: &out, texts: texts}
	m := meter{f: &f}
	for i := range int64(101) {
		m.say(flash.Progress{Step: flash.StepWrite, Done: i * 5e6, Of: 500e6})
		now = now.Add(100 * time.Millisecond)
	}
	m.end()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\r")[1:]
	if n := len(lines); n < 30 || n > 45 {
		t.Errorf("%d lines in 10 s; want about 35", n)
	}
	if got, want := lines[len(lines)/2], "Écriture 51\u00a0%, 255 Mo sur 500 Mo, 50 Mo/s, reste 5 s\x1b[K"; got != want {
		t.Errorf("half way: %q; want %q", got, want)
	}
	if got, want := lines[len(lines)-1], "Écriture 100\u00a0%, 500 Mo sur 500 Mo, 50 Mo/s\x1b[K"; got != want {
		t.Errorf("the last: %q; want %q", got, want)
	}
	for d, want := range map[time.Duration]string{0: "0 s", 59400 * time.Millisecond: "59 s", 125 * time.Second: "2 min 05 s"} {
		if got := took(d); got != want {
			t.Errorf("took(%v) = %q; want %q", d, got, want)
		}
	}
}

// TestFlashKey: with a key, an image is written only when its list of hashes is signed.
func TestFlashKey(t *testing.T) {
	img, raw := smallImage(t)
	dir := filepath.Dir(img)
	put := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	public, secret, err := update.NewKey("")
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := update.NewKey("")
	if err != nil {
		t.Fatal(err)
	}
	key, err := update.ParseSecretKey(secret, "")
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := put("update.pub", public), put("other.pub", other)
	try := func(keyFile string) (code int, errs string) {
		var out, failed bytes.Buffer
		f := flashing{now: time.Now, lines: true, in: bufio.NewScanner(strings.NewReader("")), out: &out}
		to := put("card", make([]byte, 3<<20))
		code = f.run(t.Context(), []string{"-disk", to, "-yes", "-key", keyFile, img}, &failed)
		if got, err := os.ReadFile(to); err != nil || bytes.Equal(got[:len(raw)], raw) != (code == exitOK) {
			t.Errorf("code %d, and the card is written or not: %v", code, err)
		}
		return code, failed.String()
	}
	list := fmt.Appendf(nil, "%x  jeudi.img\n", sha256.Sum256(raw))
	sign := func(text []byte) {
		signature, err := update.Sign(bytes.NewReader(text), key, "file:SHA256SUMS")
		if err != nil {
			t.Fatal(err)
		}
		put("SHA256SUMS.minisig", signature)
	}
	for _, tt := range []struct {
		name, key string
		before    func()
		code      int
		want      string
	}{
		{name: "no list", key: ours, before: func() {}, code: exitFail, want: "n’est pas signée"},
		{name: "a list without a signature", key: ours, before: func() { put("SHA256SUMS", list) }, code: exitFail, want: "n’est pas signée"},
		{name: "signed", key: ours, before: func() { sign(list) }},
		{name: "by somebody else", key: theirs, before: func() {}, code: exitFail, want: "n’est pas signée"},
		{name: "another list", key: ours, before: func() { put("SHA256SUMS", append(list, "# more\n"...)) }, code: exitFail, want: "n’est pas signée"},
		{name: "a list that does not name it", key: ours, before: func() { put("SHA256SUMS", []byte("x\n")); sign([]byte("x\n")) }, code: exitFail, want: "n’est pas signée"},
		{name: "no key", key: filepath.Join(dir, "none.pub"), before: func() {}, code: exitFail, want: "none.pub n’existe pas ici"},
	} {
		tt.before()
		if code, errs := try(tt.key); code != tt.code || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: %d %q; want %d and %q", tt.name, code, errs, tt.code, tt.want)
		}
	}
}

func TestFlashManifest(t *testing.T) {
	img, _ := smallImage(t)
	var out, errs bytes.Buffer
	f := flashing{out: &out}
	if code := f.run(t.Context(), []string{"-manifest", "-url", "https://example.org/jeudi.img", img}, &errs); code != exitOK {
		t.Fatalf("code %d: %s", code, &errs)
	}
	for _, want := range []string{`"name": "Jeudi ` + version, `"url": "https://example.org/jeudi.img"`, `"extract_size": 2097152`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %s", want, &out)
		}
	}
	// What it does meanwhile is said beside it: Imager opens what is printed.
	if !json.Valid(out.Bytes()) || errs.String() != "Lecture de toute l’image jeudi.img. Attendez…\n" {
		t.Errorf("-manifest prints %s and says %q; want JSON alone, and one line", &out, &errs)
	}
}

// TestFlashStopped: whoever stops it reads one sentence, and not that it went wrong.
func TestFlashStopped(t *testing.T) {
	img, _ := smallImage(t)
	ctx, stop := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	f := flashing{
		disks: func(context.Context) ([]flash.Disk, error) { stop(); return nil, ctx.Err() },
		now:   time.Now, lines: true, in: bufio.NewScanner(strings.NewReader("")), out: &out,
	}
	if code := f.run(ctx, []string{img}, &errs); code != exitFail || errs.String() != "Arrêté avant la fin. Si l’écriture avait commencé, la carte ne démarrera pas\u00a0: recommencez.\n" {
		t.Errorf("stopped: %d %q", code, &errs)
	}
}
