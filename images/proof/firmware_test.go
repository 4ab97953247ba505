package proof

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/provisioning/card"
)

const autoboot = "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n"

func TestAutoBoot(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		try        bool
		want       int // 0 an error
	}{
		{"an ordinary start", autoboot, false, 2},
		{"a trial", autoboot, true, 3},
		{"DOS line ends", strings.ReplaceAll(autoboot, "\n", "\r\n"), true, 3},
		{"the last one counts", "boot_partition=2\nboot_partition=3\n", false, 3},
		{"a filter ends with [all]", "[tryboot]\nboot_partition=3\n[all]\nboot_partition=2\ntryboot_a_b=1\n", true, 2},
		{"comments", "# two\nboot_partition=2\n#boot_partition=3\n", false, 2},
		{"another model's", "boot_partition=2\n[pi5]\nboot_partition=3\n", false, 2},
		{"no line end", "boot_partition=2", false, 2},
		{"empty, as a lost rename leaves it", "", false, 0},
		{"cut off in its name", "[all]\ntryboot_a_b=1\nboot_par", false, 0},
		{"zeros", strings.Repeat("\x00", 60), false, 0},
		{"longer than the firmware reads", autoboot + strings.Repeat("#", 512), false, 0},
		{"a trial that it does not allow", "boot_partition=2\n[tryboot]\nboot_partition=3\n", true, 0},
		{"a logical partition", "boot_partition=5\n", false, 0},
	} {
		got, err := Firmware{"pi4", tt.try}.partition([]byte(tt.text))
		if got != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("%s: partition %d, %v; want %d", tt.name, got, err, tt.want)
		}
	}
}

func TestSettings(t *testing.T) {
	const config = `arm_64bit=1
[pi5]
kernel=new
initramfs new.img followkernel
[pi4]
kernel=old
initramfs old.img followkernel
[none]
kernel=never
[all]
[tryboot]
[pi4]
cmdline=trial.txt
`
	for _, tt := range []struct {
		f                       Firmware
		kernel, initrd, cmdline string
	}{
		{Firmware{"pi5", false}, "new", "new.img", ""},
		{Firmware{"pi4", false}, "old", "old.img", ""},
		{Firmware{"pi4", true}, "old", "old.img", "trial.txt"},
		{Firmware{"pi5", true}, "new", "new.img", ""},
		{Firmware{"pi3", false}, "", "", ""},
	} {
		s := tt.f.settings([]byte(config))
		if s["kernel"] != tt.kernel || s["initramfs"] != tt.initrd || s["cmdline"] != tt.cmdline || s["arm_64bit"] != "1" {
			t.Errorf("%+v: %v; want kernel %q, initramfs %q, cmdline %q", tt.f, s, tt.kernel, tt.initrd, tt.cmdline)
		}
	}
}

// smallCard is a card with its boot partitions alone, of these files: "2/config.txt".
func smallCard(t *testing.T, files map[string]string) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "card")
	parts := card.Layout()
	table, err := card.Table(parts)
	if err != nil {
		t.Fatal(err)
	}
	disk, err := os.Create(image)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	for at, sector := range table {
		if _, err := disk.WriteAt(sector[:], int64(at)*card.SectorBytes); err != nil {
			t.Fatal(err)
		}
	}
	if err := disk.Truncate(card.ImageBytes()); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts[:3] {
		drive := fmt.Sprintf("%s@@%d", image, p.Offset())
		tool(t, "", "mformat", "-i", drive, "-T", fmt.Sprint(p.Sectors), "-h", "64", "-s", "32", "-F", "::")
		for name, text := range files {
			if number, name, _ := strings.Cut(name, "/"); number == fmt.Sprint(p.Number) {
				tool(t, text, "mcopy", "-i", drive, "-", "::"+name)
			}
		}
	}
	return image
}

func tool(t *testing.T, in, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v %s", name, args, err, out)
	}
}

func TestFirmwareStarts(t *testing.T) {
	if _, err := exec.LookPath("mtype"); err != nil {
		t.Skip("NOT RUN: no mtools here; make test installs it")
	}
	const config = "[pi4]\nkernel=vmlinuz\ninitramfs initrd followkernel\n"
	files := map[string]string{"1/autoboot.txt": autoboot}
	for _, slot := range []string{"2", "3"} {
		for name, text := range map[string]string{"start4.elf": "elf", "fixup4.dat": "dat", "config.txt": config,
			"vmlinuz": "kernel " + slot, "initrd": "files " + slot, "cmdline.txt": "jeudi.slot=" + slot + "\nnot read\n"} {
			files[slot+"/"+name] = text
		}
	}
	image := smallCard(t, files)
	for _, tt := range []struct {
		f    Firmware
		slot card.Slot
	}{{Firmware{"pi4", false}, card.SlotA}, {Firmware{"pi4", true}, card.SlotB}} {
		b, err := tt.f.Start(t.Context(), image, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		kernel, _ := os.ReadFile(b.Kernel)
		initrd, _ := os.ReadFile(b.Initrds)
		if n := fmt.Sprint(b.Partition); b.Slot() != tt.slot || string(kernel) != "kernel "+n || string(initrd) != "files "+n || b.Cmdline != "jeudi.slot="+n {
			t.Errorf("%+v starts %+v with kernel %q, initramfs %q; want all of slot %v", tt.f, b, kernel, initrd, tt.slot)
		}
	}
	if _, err := (Firmware{"pi3", false}).Start(t.Context(), image, t.TempDir()); err == nil {
		t.Error("a model that config.txt does not know starts")
	}
	// A slot that is being written is left alone by the ordinary start.
	tool(t, "", "mdel", "-i", fmt.Sprintf("%s@@%d", image, card.Layout()[2].Offset()), "::vmlinuz")
	if b, err := (Firmware{"pi4", false}).Start(t.Context(), image, t.TempDir()); err != nil || b.Slot() != card.SlotA {
		t.Errorf("with half of slot B: %+v, %v; want slot A", b, err)
	}
	if _, err := (Firmware{"pi4", true}).Start(t.Context(), image, t.TempDir()); err == nil || !strings.Contains(err.Error(), "vmlinuz") {
		t.Errorf("a trial of half a slot = %v; want what is missing", err)
	}
	if err := WriteFAT(t.Context(), image, autoBoot, []byte("boot_partition=3\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := (Firmware{"pi4", false}).Start(t.Context(), image, t.TempDir()); err == nil {
		t.Error("half a slot starts as autoboot.txt names it")
	}
}
