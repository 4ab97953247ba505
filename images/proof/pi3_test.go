package proof

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jeudi/provisioning/card"
)

// The kernel, the first files and the partitions of the card, on the nearest thing to a Pi
// that QEMU has: a Pi 3 with its SD card, its device tree and the mailbox of its firmware.
// It finds its card, lays the memory over the root of its slot, and a restart for a trial
// reaches the firmware, which notes each tag that it does not know.
//
// QEMU has neither picture nor sound nor USB of that board, and no firmware: what the
// mailbox does with the wish, a Pi alone can show.
func TestPi3(t *testing.T) {
	if *cardFile == "" {
		t.Skip("no card: make image builds one, and make image-test proves it")
	}
	dir := t.TempDir()
	image := filepath.Join(dir, "card.img")
	// An SD card is a power of two for QEMU.
	if err := CopyCard(*cardFile, image, 4<<30); err != nil {
		t.Fatal(err)
	}
	boot, err := Firmware{Model: "pi3"}.Start(t.Context(), image, dir)
	if err != nil {
		t.Fatal(err)
	}
	part, ok := card.Part(card.Layout(), boot.Partition)
	if !ok {
		t.Fatalf("it starts from partition %d", boot.Partition)
	}
	tree, err := readFAT(t.Context(), image, part.Offset(), "bcm2837-rpi-3-b.dtb")
	if err != nil {
		t.Fatal(err)
	}
	dtb := filepath.Join(dir, "tree.dtb")
	if err := os.WriteFile(dtb, tree, 0o600); err != nil {
		t.Fatal(err)
	}
	const late = `echo "pi3: $(cat /run/jeudi.disk) $(sed -n s/^ID=//p /newroot/etc/os-release) $(grep -c ^tryboot /proc/modules)" >/dev/kmsg
/restart "0 tryboot"
`
	program := filepath.Join(dir, "restart")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./restart")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]byte{archive("late", late), archive("restart", string(binary))} {
		if err := appendTo(boot.Initrds, more); err != nil {
			t.Fatal(err)
		}
	}
	console, unknown := filepath.Join(dir, "console"), filepath.Join(dir, "unknown")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var said bytes.Buffer
	qemu := exec.CommandContext(ctx, "qemu-system-aarch64", "-M", "raspi3b", "-accel", "tcg,thread=multi", "-display", "none", "-no-reboot",
		"-serial", "null", "-serial", "file:"+console, "-d", "unimp", "-D", unknown, "-dtb", dtb, "-kernel", boot.Kernel, "-initrd", boot.Initrds,
		// What bites in the machine is its watchdog, not a dead box.
		"-append", boot.Cmdline+" console=ttyS1,115200 loglevel=7 ignore_loglevel systemd.watchdog_sec=0",
		"-drive", "file="+image+",format=raw,if=sd")
	qemu.Stdout, qemu.Stderr = &said, &said
	err = qemu.Run()
	text, _ := os.ReadFile(console)
	if err != nil || ctx.Err() != nil {
		t.Fatalf("QEMU: %v\n%s\n%s", errors.Join(err, ctx.Err()), said.Bytes(), text[max(0, len(text)-2000):])
	}
	for _, want := range []string{"pi3: mmcblk0 debian 1", "Restarting system with command '0 tryboot'"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the console does not say %q:\n%s", want, text[max(0, len(text)-2000):])
		}
	}
	tags, _ := os.ReadFile(unknown)
	const (
		tryboot = "unhandled tag 0x00038064" // SET_REBOOT_FLAGS
		restart = "unhandled tag 0x00030048" // NOTIFY_REBOOT: mainline's own
	)
	first, last := strings.Index(string(tags), tryboot), strings.Index(string(tags), restart)
	if first < 0 || last < first {
		t.Errorf("the firmware was told of the trial at %d and of the restart at %d; want one before the other:\n%s", first, last, tags)
	}
}
