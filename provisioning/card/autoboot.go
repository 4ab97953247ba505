package card

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// AutoBootText is autoboot.txt while a slot is the one that the box keeps: the firmware
// starts its boot set, and the other one's for the one start that follows `reboot "0
// tryboot"`. The texts of both slots have the same length and differ in two bytes, so that
// a commit is one sector written over another, and nothing of the file system moves.
//
// What the lines mean is in Raspberry Pi's documentation of autoboot.txt.
func AutoBootText(kept Slot) []byte {
	return fmt.Appendf(nil, "[all]\ntryboot_a_b=1\nboot_partition=%d\n[tryboot]\nboot_partition=%d\n",
		kept.Boot(), kept.Other().Boot())
}

// ParseAutoBoot reads autoboot.txt as the firmware does: the partition of a plain start and the
// one of a trial, 0 for one that the file does not name. The firmware reads the first 512
// bytes; a section that it does not know counts for nothing.
func ParseAutoBoot(text []byte) (plain, trial int) {
	text = text[:min(len(text), SectorBytes)]
	if end := bytes.IndexByte(text, 0); end >= 0 {
		text = text[:end]
	}
	section := "all"
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimSuffix(name, "]")
			continue
		}
		value, ok := strings.CutPrefix(line, "boot_partition=")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 1 || n > 4 {
			continue
		}
		switch section {
		case "all":
			plain, trial = n, n
		case "tryboot":
			trial = n
		}
	}
	return plain, trial
}

// SlotOf is the slot whose boot set a partition holds, 0 for none.
func SlotOf(partition int) Slot {
	switch partition {
	case PartBootA:
		return SlotA
	case PartBootB:
		return SlotB
	}
	return 0
}
