package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"jeudi/provisioning/card"
)

// autoBoot is the file that the firmware looks for on the first partition.
const autoBoot = "autoboot.txt"

// Firmware is the first stage of a Raspberry Pi, played on this machine: what it reads of
// the card, and what it starts. The rules are those of autoboot.txt, of its conditional
// filters and of config.txt in Raspberry Pi's documentation; what our card has no use of
// (recovery, the network, a fallback to another partition) is an error here, so that a
// card which leans on it does not pass.
type Firmware struct {
	Model string // as in the filters of config.txt: pi3, pi4, pi5
	Try   bool   // it was restarted with "0 tryboot": known for this start alone
}

// A Boot is what the firmware starts.
type Boot struct {
	Partition       int
	Try             bool
	Kernel, Initrds string // files of this machine
	Cmdline         string
}

// Slot is the slot of its partition, 0 where it is none.
func (b Boot) Slot() card.Slot {
	for _, s := range []card.Slot{card.SlotA, card.SlotB} {
		if s.Boot() == b.Partition {
			return s
		}
	}
	return 0
}

// Start reads a card, or the image of one, and copies what it would start to dir.
func (f Firmware) Start(ctx context.Context, image, dir string) (Boot, error) {
	b, err := f.start(ctx, image, dir)
	if err != nil {
		return b, fmt.Errorf("the firmware does not start this card: %w", err)
	}
	return b, nil
}

func (f Firmware) start(ctx context.Context, image, dir string) (Boot, error) {
	disk, err := os.Open(image)
	if err != nil {
		return Boot{}, err
	}
	defer disk.Close()
	first, err := boots(disk, card.PartStart)
	if err != nil {
		return Boot{}, err
	}
	auto, err := readFAT(ctx, image, first, autoBoot)
	if err != nil {
		return Boot{}, err
	}
	part, err := f.partition(auto)
	if err != nil {
		return Boot{}, err
	}
	b := Boot{Partition: part, Try: f.Try}
	at, err := boots(disk, part)
	if err != nil {
		return b, err
	}
	// Without it the partition is not one that the firmware of a Pi 3 or 4 starts from.
	for _, name := range []string{"start4.elf", "fixup4.dat"} {
		if _, err := readFAT(ctx, image, at, name); err != nil {
			return b, err
		}
	}
	text, err := readFAT(ctx, image, at, "config.txt")
	if err != nil {
		return b, err
	}
	config := f.settings(text)
	kernel, initrd, cmdline := config["kernel"], config["initramfs"], "cmdline.txt"
	if c := config["cmdline"]; c != "" {
		cmdline = c
	}
	if kernel == "" || initrd == "" {
		return b, fmt.Errorf("config.txt names the kernel %q and its initramfs %q for a %s", kernel, initrd, f.Model)
	}
	line, err := readFAT(ctx, image, at, config["os_prefix"]+cmdline)
	if err != nil {
		return b, err
	}
	b.Cmdline, _, _ = strings.Cut(string(line), "\n") // what follows its first line is not read
	b.Kernel, b.Initrds = filepath.Join(dir, "kernel"), filepath.Join(dir, "initramfs")
	for to, name := range map[string]string{b.Kernel: kernel, b.Initrds: initrd} {
		data, err := readFAT(ctx, image, at, config["os_prefix"]+name)
		if err != nil {
			return b, err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return b, err
		}
	}
	return b, nil
}

// partition is the one that autoboot.txt has it start from.
func (f Firmware) partition(auto []byte) (int, error) {
	if len(auto) == 0 || len(auto) > 512 {
		return 0, fmt.Errorf("%s has %d bytes; the firmware reads 1 to 512", autoBoot, len(auto))
	}
	s := f.settings(auto)
	if f.Try && s["tryboot_a_b"] != "1" {
		return 0, errors.New("a trial without tryboot_a_b=1 would look for tryboot.txt")
	}
	n, err := strconv.Atoi(s["boot_partition"])
	if err != nil || n < 1 || n > 4 {
		return 0, fmt.Errorf("%s says boot_partition=%q; want one of the MBR's four", autoBoot, s["boot_partition"])
	}
	return n, nil
}

// settings are what a file of the firmware sets for this model and this start; of a name
// that comes twice the last counts.
func (f Firmware) settings(text []byte) map[string]string {
	set := map[string]string{}
	model, try := true, true // filters of the same kind replace each other, of two kinds both must hold
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch name, ok := strings.CutPrefix(line, "["); {
		case line == "" || line[0] == '#':
		case ok && name == "all]":
			model, try = true, true
		case ok && name == "tryboot]":
			try = f.Try
		case ok: // [none], models, and what nobody knows
			model = name == f.Model+"]"
		case !model || !try:
		case strings.HasPrefix(line, "initramfs "):
			// "initramfs FILE followkernel" is the one command without an equals sign.
			set["initramfs"] = strings.Fields(line)[1]
		default:
			if key, value, ok := strings.Cut(line, "="); ok {
				set[strings.TrimSpace(key)] = strings.TrimSpace(value)
			}
		}
	}
	return set
}

// boots is where one of the partitions begins that the firmware reads, in bytes.
func boots(disk io.ReaderAt, number int) (int64, error) {
	p, err := found(disk, number)
	if err != nil {
		return 0, err
	}
	if number > 4 || p.Type != card.TypeFAT32 {
		return 0, fmt.Errorf("the firmware reads no partition %d (type %#x) of this card", number, p.Type)
	}
	return p.Offset(), nil
}

// readFAT reads one file of a FAT partition, with mtools: this machine's kernel may have no
// vfat, and mounting would need root.
func readFAT(ctx context.Context, image string, at int64, name string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "mtype", "-i", fmt.Sprintf("%s@@%d", image, at), "::"+name)
	cmd.Env = append(os.Environ(), "MTOOLS_SKIP_CHECK=1", "MTOOLSRC=/dev/null")
	var said bytes.Buffer
	cmd.Stderr = &said
	data, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w %s", name, err, bytes.TrimSpace(said.Bytes()))
	}
	return data, nil
}

// WriteFAT puts a file on the start partition of a card, as a technician does on a PC.
func WriteFAT(ctx context.Context, image, name string, data []byte) error {
	disk, err := os.Open(image)
	if err != nil {
		return err
	}
	at, err := boots(disk, card.PartStart)
	disk.Close()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "mcopy", "-o", "-i", fmt.Sprintf("%s@@%d", image, at), "-", "::"+name)
	cmd.Env = append(os.Environ(), "MTOOLS_SKIP_CHECK=1", "MTOOLSRC=/dev/null")
	cmd.Stdin = bytes.NewReader(data)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s to the card: %w %s", name, err, out)
	}
	return nil
}
