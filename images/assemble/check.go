package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"jeudi/provisioning/card"
	"jeudi/provisioning/update"
)

// A board is a Raspberry Pi that the card starts.
type board struct {
	filter string // of config.txt
	// trees are the device trees that the board's firmware asks for, of which the first that
	// is there is taken, with upstream_kernel=1 (the names are those of mainline Linux).
	trees  []string
	start  []string // what its first stage loads from the boot partition; none where it is in an EEPROM
	kernel string   // which of the two
}

// boards is the list of those that the README promises.
func boards() []board {
	old := []string{"start.elf", "fixup.dat"}
	four := []string{"start4.elf", "fixup4.dat"}
	return []board{
		{"pi3", []string{"bcm2837-rpi-3-b.dtb"}, old, "stable"},
		{"pi3", []string{"bcm2837-rpi-3-b-plus.dtb"}, old, "stable"},
		{"pi3", []string{"bcm2837-rpi-3-a-plus.dtb"}, old, "stable"},
		{"pi4", []string{"bcm2711-rpi-4-b.dtb"}, four, "stable"},
		{"pi4", []string{"bcm2711-rpi-400.dtb"}, four, "stable"},
		{"pi5", []string{"bcm2712-rpi-5-b.dtb"}, nil, "newer"},
		// The second revision of the chip: mainline says d, Raspberry Pi's firmware d0.
		{"pi5", []string{"bcm2712d0-rpi-5-b.dtb"}, nil, "newer"},
	}
}

// checkCommand reads folders with what went into the file systems.
func checkCommand(boot, start, root string) error {
	info, err := os.Stat(root)
	if err != nil {
		return err
	}
	return errors.Join(checkBoot(os.DirFS(boot)), checkStart(os.DirFS(start)), checkRoot(info.Size()))
}

// configFor reads config.txt as a board's firmware does: the lines under [all] and under
// its own filter, of which the last of each word holds. Words without "=" are set to their
// second word: initramfs FILE followkernel.
func configFor(text, filter string) map[string]string {
	set := map[string]string{}
	applies := true
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			name = strings.TrimSuffix(name, "]")
			applies = name == "all" || name == filter
			continue
		}
		if line == "" || !applies {
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok {
			set[key] = value
		} else if f := strings.Fields(line); len(f) > 1 {
			set[f[0]] = f[1]
		}
	}
	return set
}

// checkBoot holds a boot set to what the firmware of each board asks of it. Nothing but a
// Pi runs the firmware: this is what can be known without one.
func checkBoot(boot fs.FS) error {
	var all []error
	wrong := func(format string, args ...any) { all = append(all, fmt.Errorf("boot set: "+format, args...)) }
	config, err := fs.ReadFile(boot, "config.txt")
	if err != nil {
		return err
	}
	cmdline, err := fs.ReadFile(boot, "cmdline.txt")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(config)) {
		// The firmware's own limit; what is beyond is cut.
		if len(strings.TrimRight(line, "\n")) > 98 {
			wrong("config.txt has a line of %d characters; the firmware reads 98", len(line))
		}
	}
	if strings.Count(string(cmdline), "\n") != 1 || !strings.HasSuffix(string(cmdline), "\n") {
		wrong("cmdline.txt is not one line")
	}
	words := strings.Fields(string(cmdline))
	if !slices.Contains(words, update.SlotWords) {
		wrong("cmdline.txt has no %s of its own", update.SlotWords)
	}
	for _, w := range words {
		// The header's serial port may have a printer on it, and a message of the kernel is
		// no ticket.
		if strings.HasPrefix(w, "console=ttyS") || strings.HasPrefix(w, "console=ttyAMA") || strings.HasPrefix(w, "console=serial") {
			wrong("cmdline.txt has %s: the kernel would write to the printer", w)
		}
	}
	for _, b := range boards() {
		set := configFor(string(config), b.filter)
		if set["arm_64bit"] != "1" {
			wrong("[%s] is started with 32 bits", b.filter)
		}
		if set["upstream_kernel"] != "1" {
			wrong("[%s] is given device trees of Raspberry Pi's own kernel", b.filter)
		}
		kernel, err := fs.ReadFile(boot, set["kernel"])
		if set["kernel"] != "vmlinuz-"+b.kernel || err != nil {
			wrong("[%s] starts %q; want vmlinuz-%s", b.filter, set["kernel"], b.kernel)
		} else if !isKernel(kernel) {
			wrong("%s is no kernel that the firmware can start", set["kernel"])
		}
		if _, err := fs.Stat(boot, set["initramfs"]); set["initramfs"] != "initrd-"+b.kernel || err != nil {
			wrong("[%s] has the initramfs %q; want initrd-%s", b.filter, set["initramfs"], b.kernel)
		}
		for _, name := range b.start {
			if _, err := fs.Stat(boot, name); err != nil {
				wrong("[%s] needs %s", b.filter, name)
			}
		}
		if !slices.ContainsFunc(b.trees, func(name string) bool {
			tree, err := fs.ReadFile(boot, name)
			return err == nil && isTree(tree)
		}) {
			wrong("[%s] needs one of %v", b.filter, b.trees)
		}
	}
	return errors.Join(append(all, checkSize(boot, "boot set", card.BootMiB))...)
}

// isKernel knows an arm64 kernel by its header: as it is, or packed with gzip, which are
// the two forms that the firmware takes.
func isKernel(b []byte) bool {
	return len(b) > 64 && (string(b[56:60]) == "ARM\x64" || b[0] == 0x1f && b[1] == 0x8b)
}

// isTree knows a device tree by its first bytes.
func isTree(b []byte) bool { return len(b) > 40 && string(b[:4]) == "\xd0\x0d\xfe\xed" }

// checkStart holds the first partition to what the firmware asks of it.
func checkStart(start fs.FS) error {
	var all []error
	text, err := fs.ReadFile(start, card.AutoBoot)
	if err != nil {
		return err
	}
	if plain, trial := card.ParseAutoBoot(text); plain != card.PartBootA || trial != card.PartBootB {
		all = append(all, fmt.Errorf("start partition: %s starts %d, and %d as a trial; want %d and %d", card.AutoBoot, plain, trial, card.PartBootA, card.PartBootB))
	}
	if !strings.Contains(string(text), "tryboot_a_b=1\n") {
		all = append(all, fmt.Errorf("start partition: %s has no tryboot_a_b", card.AutoBoot))
	}
	// A Pi 3 has its first stage on the card, and wants a config.txt beside autoboot.txt
	// (as nerves_system_rpi3 has it).
	for _, name := range []string{"bootcode.bin", "config.txt"} {
		if _, err := fs.Stat(start, name); err != nil {
			all = append(all, fmt.Errorf("start partition: needs %s", name))
		}
	}
	// A reset leaves what it knows, and nothing else.
	entries, err := fs.ReadDir(start, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(card.StartFiles, e.Name()) {
			all = append(all, fmt.Errorf("start partition: %s is not in card.StartFiles: a reset would remove it", e.Name()))
		}
	}
	// A partition with start.elf is one that the firmware would start itself.
	if _, err := fs.Stat(start, "start.elf"); err == nil {
		all = append(all, errors.New("start partition: start.elf would be started instead of a slot"))
	}
	return errors.Join(append(all, checkSize(start, "start partition", card.StartMiB))...)
}

// roomFor is how full a partition may be on the day of a release, in percent: the card's
// layout cannot change, and what it holds grows.
const roomFor = 75

func checkRoot(size int64) error {
	if most := int64(card.RootMiB<<20) * roomFor / 100; size > most {
		return fmt.Errorf("root: %d bytes; the partition takes %d and is to stay a quarter empty", size, most)
	}
	return nil
}

func checkSize(files fs.FS, what string, mib int64) error {
	var sum int64
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		if base := path.Base(name); len(base) > 60 {
			return fmt.Errorf("%s: the name %s is too long for a firmware", what, base)
		}
		return err
	})
	if most := mib << 20 * roomFor / 100; err == nil && sum > most {
		return fmt.Errorf("%s: %d bytes; it is to stay under %d", what, sum, most)
	}
	return err
}
