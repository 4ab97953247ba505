package main

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"jeudi/provisioning/card"
)

// bootSet is a whole one: the project's own texts, and files of the right kind.
func bootSet(t *testing.T) fstest.MapFS {
	t.Helper()
	kernel := make([]byte, 100)
	copy(kernel[56:], "ARM\x64")
	tree := append([]byte("\xd0\x0d\xfe\xed"), make([]byte, 60)...)
	set := fstest.MapFS{"vmlinuz-stable": {Data: kernel}, "vmlinuz-newer": {Data: []byte("\x1f\x8b" + strings.Repeat("x", 90))}}
	for _, name := range []string{"initrd-stable", "initrd-newer", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat"} {
		set[name] = &fstest.MapFile{Data: []byte("x")}
	}
	for _, b := range boards() {
		set[b.trees[0]] = &fstest.MapFile{Data: tree}
	}
	for _, name := range []string{"config.txt", "cmdline.txt"} {
		text, err := os.ReadFile("../boot/" + name)
		if err != nil {
			t.Fatal(err)
		}
		set[name] = &fstest.MapFile{Data: text}
	}
	return set
}

// The texts of images/boot start every board that the README names, as far as can be known
// without one.
func TestBootSet(t *testing.T) {
	if err := checkBoot(bootSet(t)); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		name, file string
		from, to   string
		want       string
	}{
		{"the new kernel on an old board", "config.txt", "[pi3]\nkernel=vmlinuz-stable", "[pi3]\nkernel=vmlinuz-newer", `[pi3] starts "vmlinuz-newer"`},
		{"a Pi 5 without its kernel", "config.txt", "[pi5]", "[pi6]", `[pi5] starts ""`},
		{"32 bits", "config.txt", "arm_64bit=1", "arm_64bit=0", "[pi4] is started with 32 bits"},
		{"a filter that is not ended", "config.txt", "[all]\narm_64bit", "[pi4]\narm_64bit", "[pi3] is started with 32 bits"},
		{"no slot", "cmdline.txt", "jeudi.slot=@", "jeudi.slot=A", "no jeudi.slot=@"},
		{"the kernel on the printer's port", "cmdline.txt", "console=tty3", "console=ttyS1,115200", "would write to the printer"},
		{"two lines", "cmdline.txt", " quiet", "\nquiet", "not one line"},
		{"a kernel that is none", "vmlinuz-stable", "ARM\x64", "MZ\x00\x00", "vmlinuz-stable is no kernel"},
		{"a missing tree", "bcm2711-rpi-4-b.dtb", "\xd0\x0d", "xx", "[pi4] needs one of [bcm2711-rpi-4-b.dtb]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := bootSet(t)
			text := set[c.file].Data
			if !bytes.Contains(text, []byte(c.from)) {
				t.Fatalf("%s has no %q", c.file, c.from)
			}
			set[c.file] = &fstest.MapFile{Data: bytes.Replace(text, []byte(c.from), []byte(c.to), 1)}
			if err := checkBoot(set); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("checkBoot = %v; want %q", err, c.want)
			}
		})
	}
	for _, name := range []string{"start4.elf", "initrd-newer", "bcm2837-rpi-3-b-plus.dtb"} {
		set := bootSet(t)
		delete(set, name)
		if checkBoot(set) == nil {
			t.Errorf("a boot set without %s is taken", name)
		}
	}
}

func TestStartPartition(t *testing.T) {
	start := func() fstest.MapFS {
		return fstest.MapFS{"autoboot.txt": {Data: card.AutoBootText(card.SlotA)}, "bootcode.bin": {}, "config.txt": {}}
	}
	if err := checkStart(start()); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(fstest.MapFS){
		"no first stage for a Pi 3":      func(m fstest.MapFS) { delete(m, "bootcode.bin") },
		"no config.txt for a Pi 3":       func(m fstest.MapFS) { delete(m, "config.txt") },
		"a firmware of its own":          func(m fstest.MapFS) { m["start.elf"] = &fstest.MapFile{} },
		"a file that a reset would take": func(m fstest.MapFS) { m["fixup.dat"] = &fstest.MapFile{} },
		"slot B, which is empty":         func(m fstest.MapFS) { m["autoboot.txt"] = &fstest.MapFile{Data: card.AutoBootText(card.SlotB)} },
		"no autoboot.txt":                func(m fstest.MapFS) { delete(m, "autoboot.txt") },
		"more than leaves room":          func(m fstest.MapFS) { m["big"] = &fstest.MapFile{Data: make([]byte, card.StartMiB<<20*9/10)} },
		"autoboot.txt without tryboot": func(m fstest.MapFS) {
			m["autoboot.txt"] = &fstest.MapFile{Data: []byte("boot_partition=2\n[tryboot]\nboot_partition=3\n")}
		},
	} {
		m := start()
		change(m)
		if checkStart(m) == nil {
			t.Errorf("%s: the start partition is taken", name)
		}
	}
}

func TestRoomInRoot(t *testing.T) {
	if err := checkRoot(card.RootMiB << 20 / 2); err != nil {
		t.Error(err)
	}
	if checkRoot(card.RootMiB<<20*9/10) == nil {
		t.Error("a root that leaves no room for years of updates is taken")
	}
}

func TestConfigFor(t *testing.T) {
	const text = "a=0\n[pi4] \na=4 # reason\ninitramfs four followkernel\n[pi5]\na=5\n[all]\nb=1\n"
	for filter, want := range map[string]string{"pi3": "0", "pi4": "4", "pi5": "5"} {
		set := configFor(text, filter)
		if set["a"] != want || set["b"] != "1" || (filter == "pi4") != (set["initramfs"] == "four") {
			t.Errorf("configFor(%s) = %v; want a=%s", filter, set, want)
		}
	}
}

// The note on the card names the files that the box looks for, in a form that Windows shows.
func TestNoteOnTheCard(t *testing.T) {
	text, err := fs.ReadFile(os.DirFS("../boot"), "LISEZMOI.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{card.SiteFile, card.ResetFile, card.ErrorFile} {
		if !bytes.Contains(text, []byte("«\u00a0"+name+"\u00a0»")) {
			t.Errorf("LISEZMOI.txt does not name %s", name)
		}
	}
	if !bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) || bytes.Count(text, []byte("\n")) != bytes.Count(text, []byte("\r\n")) {
		t.Error("LISEZMOI.txt has to begin with the mark of UTF-8 and to end its lines as Windows does")
	}
}
