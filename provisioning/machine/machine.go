// Package machine reads how the box's own machine is: power, heat, card, memory, clock.
// It is a reading of files that the kernel shows, and rules that make sentences of it:
// both pure, so that every fault can be shown without having it.
package machine

import (
	"bufio"
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Facts are what could be read. A zero is what nobody knows, where nothing else is said.
type Facts struct {
	Model   string  `json:"model,omitempty"`   // "Raspberry Pi 4 Model B Rev 1.4"
	Celsius float64 `json:"celsius,omitempty"` // of the processor
	// Power is whether the supply sagged since the start: "low", "good", "" unknown. The
	// Pi's firmware measures it; the kernel's raspberrypi-hwmon keeps it.
	Power string `json:"power,omitempty"`
	// Worn is how much of an eMMC's life is used, in per cent, as of JEDEC's life_time in
	// steps of ten; SD cards do not say.
	Worn int `json:"worn,omitempty"`
	// Spare is what an eMMC says of its spare blocks: 1 good, 2 low, 3 all but gone.
	Spare     int    `json:"spare,omitempty"`
	Card      string `json:"card,omitempty"`       // its maker's name for it
	Written   int64  `json:"written,omitempty"`    // KiB written into the data partition since it was made
	Errors    int    `json:"errors,omitempty"`     // found by the kernel in the data's file system since it was made
	ReadOnly  bool   `json:"read_only,omitempty"`  // the kernel takes no more writes of the data
	DataBytes int64  `json:"data_bytes,omitempty"` // of the data partition
	DataFree  int64  `json:"data_free,omitempty"`
	Memory    int64  `json:"memory,omitempty"` // KiB
	Available int64  `json:"available,omitempty"`
	Clock     bool   `json:"clock,omitempty"` // it has a clock of its own
	Uptime    int64  `json:"uptime,omitempty"`
	Watchdog  bool   `json:"watchdog,omitempty"` // the hardware's is there
}

// Disk is the data partition, as statfs has it.
type Disk struct {
	Mount       string // "/data"
	Bytes, Free int64
}

// Read reads the facts of a machine whose root is given.
func Read(root fs.FS, data Disk) Facts {
	f := Facts{
		Model: word(root, "proc/device-tree/model"), DataBytes: data.Bytes, DataFree: data.Free,
		Celsius: hottest(root), Power: power(root),
		Clock: len(match(root, "sys/class/rtc/rtc[0-9]*")) > 0, Watchdog: len(match(root, "sys/class/watchdog/watchdog[0-9]*")) > 0,
	}
	f.Memory, f.Available = memory(root)
	if up, _, ok := strings.Cut(word(root, "proc/uptime"), "."); ok {
		f.Uptime, _ = strconv.ParseInt(up, 10, 64)
	}
	device, readOnly := mount(root, data.Mount)
	f.ReadOnly = readOnly
	part := path.Base(device)
	ext4 := path.Join("sys/fs/ext4", part)
	f.Written = number(root, path.Join(ext4, "lifetime_write_kbytes"))
	f.Errors = int(number(root, path.Join(ext4, "errors_count")))
	if disk, _, found := strings.Cut(part, "p"); found && strings.HasPrefix(part, "mmcblk") {
		at := path.Join("sys/block", disk, "device")
		f.Card = word(root, path.Join(at, "name"))
		f.Worn, f.Spare = wear(word(root, path.Join(at, "life_time"))), int(hex(word(root, path.Join(at, "pre_eol_info"))))
	}
	return f
}

// word is a file's text, fit to be shown; "" when there is none.
func word(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(bytes.Trim(b[:min(len(b), 200)], "\x00")))
}

func number(root fs.FS, name string) int64 {
	n, err := strconv.ParseInt(word(root, name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func hex(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(s, "0x"), 16, 16)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func match(root fs.FS, pattern string) []string {
	found, _ := fs.Glob(root, pattern)
	return found
}

// hottest is the warmest zone, in degrees: boards name theirs differently.
func hottest(root fs.FS) float64 {
	var most int64
	for _, zone := range match(root, "sys/class/thermal/thermal_zone[0-9]*/temp") {
		most = max(most, number(root, zone))
	}
	return float64(most) / 1000
}

// power is what the sensor rpi_volt keeps: its alarm is read and so forgotten by nobody
// but us.
func power(root fs.FS) string {
	for _, name := range match(root, "sys/class/hwmon/hwmon[0-9]*/name") {
		if word(root, name) != "rpi_volt" {
			continue
		}
		switch word(root, path.Join(path.Dir(name), "in0_lcrit_alarm")) {
		case "0":
			return "good"
		case "1":
			return "low"
		}
	}
	return ""
}

// wear is the larger of the two estimates of life_time ("0x01 0x02"): n is up to n times
// ten per cent, 11 is over.
func wear(s string) int {
	most := 0
	for _, one := range strings.Fields(s) {
		most = max(most, int(hex(one)))
	}
	if most > 11 {
		return 0 // JEDEC reserves it
	}
	return min(most*10, 110)
}

func memory(root fs.FS) (total, available int64) {
	b, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		n, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			continue
		}
		switch fields[0] {
		case "MemTotal:":
			total = n
		case "MemAvailable:":
			available = n
		}
	}
	return total, available
}

// mount is what is mounted on a folder, and whether it takes no writes.
func mount(root fs.FS, dir string) (device string, readOnly bool) {
	f, err := root.Open("proc/mounts")
	if err != nil {
		return "", false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 3 && fields[1] == dir { // the last one is on top
			// A newer kernel that gives a file system up leaves it "rw" and says so in a word of its own.
			device, readOnly = fields[0], slices.ContainsFunc(strings.Split(fields[3], ","), func(option string) bool {
				return option == "ro" || option == "emergency_ro" || option == "shutdown"
			})
		}
	}
	return device, readOnly
}

// A Finding is something of the machine that staff should know: a key of the catalogue.
type Finding string

// Findings, most urgent first.
const (
	DataReadOnly Finding = "machine.read_only"   // nothing can be kept any more
	CardDying    Finding = "machine.card_dying"  // the card says that it ends, or makes errors
	PowerLow     Finding = "machine.power_low"   // the supply is too weak
	TooHot       Finding = "machine.too_hot"     // it slows itself down
	DataFull     Finding = "machine.data_full"   // little room is left
	CardWorn     Finding = "machine.card_worn"   // most of its life is used
	MemoryLow    Finding = "machine.memory_low"  // the box may be stopped by the kernel
	NoWatchdog   Finding = "machine.no_watchdog" // a machine that hangs stays so
)

// When something is said. A Pi slows down at 80 °C (Raspberry Pi documentation,
// "Frequency management and thermal control"); an eMMC at 90 % of its estimate, or with
// few spare blocks, is at its end (JEDEC JESD84-B51, life time estimation and pre-EOL).
const (
	hotCelsius  = 80
	wornPercent = 80
	endPercent  = 100
	roomBytes   = 200 << 20 // of data, what a year of permanences takes many times over
	roomPart    = 20        // or a twentieth of a small partition
	memoryKiB   = 48 << 10
)

// Find is what is to be said about the facts.
func Find(f Facts) (found []Finding) {
	say := func(when bool, what Finding) {
		if when {
			found = append(found, what)
		}
	}
	dying := f.Errors > 0 || f.Worn >= endPercent || f.Spare >= 2
	say(f.ReadOnly, DataReadOnly)
	say(dying, CardDying)
	say(f.Power == "low", PowerLow)
	say(f.Celsius >= hotCelsius, TooHot)
	say(f.DataBytes > 0 && f.DataFree < min(roomBytes, f.DataBytes/roomPart), DataFull)
	say(!dying && f.Worn >= wornPercent, CardWorn)
	say(f.Memory > 0 && f.Available > 0 && f.Available < memoryKiB, MemoryLow)
	say(!f.Watchdog && strings.HasPrefix(f.Model, "Raspberry Pi"), NoWatchdog)
	return found
}
