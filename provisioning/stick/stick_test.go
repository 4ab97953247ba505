package stick

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCase49Names(t *testing.T) {
	for _, tt := range []struct {
		name string
		want bool
	}{
		{"jeudi-1.2.update", true}, {"Réglages de la borne.toml", true}, {"lieux.csv", true},
		{"", false}, {".", false}, {"..", false}, {"../../etc/shadow", false}, {"a/b", false}, {"/etc/shadow", false},
		{`..\..\x.toml`, false}, {"x\n.toml", false}, {"x\x00.toml", false}, {"\xff.toml", false},
		{"\u202egpj.toml", false}, {".hidden.toml", false}, {strings.Repeat("x", 300) + ".toml", false},
	} {
		if got := plain(tt.name); got != tt.want {
			t.Errorf("plain(%q) = %v; want %v", tt.name, got, tt.want)
		}
	}
	for name, want := range map[string]bool{"jeudi-2026-03-12.jeudi": true, "journal.txt": true, "été.txt": false, "a b": false, "../x": false} {
		if got := writable(name); got != want {
			t.Errorf("writable(%q) = %v; want %v", name, got, want)
		}
	}
}

func TestKind(t *testing.T) {
	for name, want := range map[string]string{"x.update": KindUpdate, "JEUDI.TOML": KindSite, "jeudi.toml.txt": KindSite,
		"borne.jeudi": KindBackup, "lieux.CSV": KindPlaces, "x.json.gz": KindPlaces, "photo.jpg": "", "autorun.inf": ""} {
		if got := kind(name); got != want {
			t.Errorf("kind(%q) = %q; want %q", name, got, want)
		}
	}
}

// sysfs makes a /sys/block: where each disk hangs, and what partitions it has.
func sysfs(t *testing.T, disks map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	block := filepath.Join(dir, "block")
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(block, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, at := range disks {
		where, parts, _ := strings.Cut(at, " ")
		disk := filepath.Join(dir, "devices", where, name)
		write(filepath.Join(disk, "size"), "2048\n")
		write(filepath.Join(disk, "device", "model"), "Stick \x01of 16 GB   \n")
		for _, p := range strings.Fields(parts) {
			write(filepath.Join(disk, p, "partition"), "1\n")
			write(filepath.Join(disk, p, "size"), "1024\n")
		}
		if err := os.Symlink(disk, filepath.Join(block, name)); err != nil {
			t.Fatal(err)
		}
	}
	return block
}

// Only what hangs from USB is a stick: neither the card, nor a disk of the machine.
func TestDevices(t *testing.T) {
	sys := sysfs(t, map[string]string{
		"sda":     "platform/soc/usb1/1-1/1-1:1.0/host0 sda1 sda2",
		"sdb":     "platform/soc/usb2/2-1/host1",
		"mmcblk0": "platform/emmc/mmc0 mmcblk0p1",
		"vda":     "pci0000:00/virtio0",
		"sdc":     "pci0000:00/ata1/usbooks/host2",
	})
	var got []string
	for _, d := range devices(sys) {
		got = append(got, fmt.Sprintf("%s of %s, %d, %q", d.id, d.disk, d.bytes, d.model))
	}
	want := []string{`sda1 of sda, 524288, "Stick of 16 GB"`, `sda2 of sda, 524288, "Stick of 16 GB"`, `sdb of sdb, 1048576, "Stick of 16 GB"`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("devices() = %q; want %q", got, want)
	}
}

func TestFileSystem(t *testing.T) {
	sector := func(at int, word string, more ...byte) []byte {
		b := make([]byte, 4096)
		copy(b[at:], word)
		b[510], b[511] = 0x55, 0xaa
		copy(b[1080:], more)
		return b
	}
	for _, tt := range []struct {
		b    []byte
		want string
	}{
		{sector(82, "FAT32   "), "vfat"}, {sector(54, "FAT16   "), "vfat"}, {sector(3, "EXFAT   "), "exfat"},
		{sector(3, "NTFS    "), "ntfs"}, {sector(0, "", 0x53, 0xef), "ext4"}, {make([]byte, 4096), ""}, {nil, ""}, {make([]byte, 100), ""},
	} {
		if got := fileSystem(bytes.NewReader(tt.b)); got != tt.want {
			t.Errorf("fileSystem(%.90q) = %q; want %q", tt.b, got, tt.want)
		}
	}
}

// A folder with links, devices, folders and odd names: only plain files of ours are seen,
// and opened.
func TestCase49Links(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret.toml")
	for name, do := range map[string]func(at string) error{
		"jeudi.toml":    func(at string) error { return os.WriteFile(at, []byte("good"), 0o644) },
		"b.update":      func(at string) error { return os.WriteFile(at, []byte("bundle"), 0o644) },
		"photo.jpg":     func(at string) error { return os.WriteFile(at, nil, 0o644) },
		"link.toml":     func(at string) error { return os.Symlink(secret, at) },
		"up.toml":       func(at string) error { return os.Symlink("../../../../etc/shadow", at) },
		"folder.toml":   func(at string) error { return os.Mkdir(at, 0o755) },
		"\u202edl.toml": func(at string) error { return os.WriteFile(at, nil, 0o644) },
	} {
		if err := do(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	got, err := list(root)
	for i := range got {
		if age := time.Since(got[i].Changed); age < -time.Minute || age > time.Hour {
			t.Errorf("%s was changed %v ago; want a moment ago", got[i].Name, age)
		}
		got[i].Changed = time.Time{}
	}
	if want := "[{b.update 6 update 0001-01-01 00:00:00 +0000 UTC} {jeudi.toml 4 site 0001-01-01 00:00:00 +0000 UTC}]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("list() = %v, %v; want %s", got, err, want)
	}
	for _, name := range []string{"link.toml", "up.toml", "folder.toml", "none.toml", "../" + filepath.Base(dir) + "/jeudi.toml", secret} {
		if f, err := open(root, name); err != errNoFile {
			t.Errorf("open(%q) = %v, %v; want no file", name, f, err)
		}
	}
}

// A folder of very many files is not read to its end.
func TestCase49HugeFolder(t *testing.T) {
	dir := t.TempDir()
	for i := range seen + 200 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.toml", i)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if got, err := list(root); err != nil || len(got) != most {
		t.Errorf("list() = %d files, %v; want %d", len(got), err, most)
	}
}

func TestPut(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, want := range []string{"report.txt", "report-02.txt", "report-03.txt"} {
		as, err := put(root, "report.txt", []byte(want))
		if err != nil || as != want {
			t.Errorf("put() = %q, %v; want %q", as, err, want)
		}
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "report.txt")); string(b) != "report.txt" {
		t.Errorf("the first report became %q", b)
	}
	// Where every name is taken nothing is written over.
	for n := range 200 {
		os.WriteFile(filepath.Join(dir, fmt.Sprintf("report-%02d.txt", n)), []byte("old"), 0o600)
	}
	if as, err := put(root, "report.txt", []byte("new")); err == nil {
		t.Errorf("put() on a full list of names = %q; want an error", as)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "report-99.txt")); string(b) != "old" {
		t.Errorf("the last report became %q", b)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("put left %v", left)
	}
}

// TestIsSite: a new box takes a file of one name alone, as editors of a PC leave it.
func TestIsSite(t *testing.T) {
	for name, want := range map[string]bool{"jeudi.toml": true, "JEUDI.TOML": true, "Jeudi.toml.txt": true, "jeudi.toml.TXT": true,
		"mairie.toml": false, "jeudi-2.toml": false, "jeudi.toml.bak": false, ".jeudi.toml": false, "jeudi.tom": false, "": false} {
		if got := IsSite(name); got != want {
			t.Errorf("IsSite(%q) = %v; want %v", name, got, want)
		}
		if want && kind(name) != KindSite {
			t.Errorf("%q is listed as %q; want %q", name, kind(name), KindSite)
		}
	}
}
