package appliance

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"jeudi/firmware/selftest"
)

// Disk is how full a file system is, in bytes.
type Disk struct{ Free, Total uint64 }

// Machine reads what Linux says of the machine, from the root of its file system.
// What is not there, or reads as nothing sensible, stays unknown: a laptop has no
// supply to watch, an SD card tells nothing of its age.
func Machine(root fs.FS, disk Disk, version string) selftest.Facts {
	m := machine{root}
	f := selftest.Facts{Version: version, DiskFree: disk.Free, DiskTotal: disk.Total}
	f.Worn, f.Reserve = m.card()
	f.Undervoltage, f.Throttled = m.power()
	f.Heat = m.heat()
	f.MemoryFree, f.MemoryTotal = m.memory()
	f.Synced = m.synced()
	return f
}

type machine struct{ root fs.FS }

// text is the only line of a file, or "".
func (m machine) text(name string) string {
	b, err := fs.ReadFile(m.root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// files are those that match; sysfs numbers its devices as it finds them.
func (m machine) files(pattern string) []string {
	list, _ := fs.Glob(m.root, pattern) // the only error is a bad pattern
	return list
}

// card is the wear of the eMMC that is worn most: DEVICE_LIFE_TIME_EST_TYP_A and _B,
// 1 to 10 in tenths and 11 beyond the end, and PRE_EOL_INFO (JESD84-B51, 7.4). SD
// cards have neither file.
func (m machine) card() (worn, reserve int) {
	for _, name := range m.files("sys/block/mmcblk*/device/life_time") {
		for part := range strings.FieldsSeq(m.text(name)) {
			if n := hex(part); n >= 1 && n <= 11 {
				worn = max(worn, int(n)*10)
			}
		}
		if n := hex(m.text(path.Dir(name) + "/pre_eol_info")); n >= 1 && n <= 3 {
			reserve = max(reserve, int(n))
		}
	}
	return worn, reserve
}

// Bits of the firmware's word, as Raspberry Pi documents them for vcgencmd get_throttled.
const (
	lowNow, lowSince             = 1 << 0, 1 << 16
	cappedNow, cappedSince       = 1 << 1, 1 << 17
	throttledNow, throttledSince = 1 << 2, 1 << 18
	warmNow, warmSince           = 1 << 3, 1 << 19
)

func (m machine) power() (low, slow selftest.Flag) {
	flag := func(word, now, since uint64) selftest.Flag {
		switch {
		case word&now != 0:
			return selftest.Yes
		case word&since != 0:
			return selftest.Past
		}
		return selftest.No
	}
	if s := m.text("sys/devices/platform/soc/soc:firmware/get_throttled"); s != "" {
		if word, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 32); err == nil {
			return flag(word, lowNow, lowSince), flag(word, cappedNow|throttledNow|warmNow, cappedSince|throttledSince|warmSince)
		}
	}
	// The driver raspberrypi-hwmon knows of the supply alone, and of now.
	for _, name := range m.files("sys/class/hwmon/hwmon*/name") {
		if m.text(name) != "rpi_volt" {
			continue
		}
		switch m.text(path.Dir(name) + "/in0_lcrit_alarm") {
		case "0":
			low = selftest.No
		case "1":
			low = selftest.Yes
		}
	}
	return low, slow
}

// heat is that of the processor of a small board. The first zone of another machine
// may be anything, and its limits are not ours.
func (m machine) heat() int {
	const zone = "sys/class/thermal/thermal_zone0/"
	if kind := m.text(zone + "type"); kind != "cpu-thermal" && kind != "cpu_thermal" {
		return 0
	}
	n, err := strconv.Atoi(m.text(zone + "temp"))
	if err != nil || n < 1_000 || n > 150_000 {
		return 0
	}
	return n
}

func (m machine) memory() (free, total uint64) {
	for line := range strings.Lines(m.text("proc/meminfo")) {
		name, rest, _ := strings.Cut(line, ":")
		n, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 48)
		if err != nil {
			continue
		}
		switch name {
		case "MemAvailable":
			free = n << 10
		case "MemTotal":
			total = n << 10
		}
	}
	if free == 0 {
		return 0, 0 // a kernel that does not estimate it
	}
	return free, total
}

// synced is what systemd-timesyncd says; another time service says nothing here.
func (m machine) synced() selftest.Flag {
	const dir = "run/systemd/timesync"
	if _, err := fs.Stat(m.root, dir+"/synchronized"); err == nil {
		return selftest.Yes
	}
	if _, err := fs.Stat(m.root, dir); err == nil {
		return selftest.No
	}
	return selftest.Untold
}

// hex reads "0x0b"; what is no such number is 0.
func hex(s string) uint64 {
	digits, ok := strings.CutPrefix(s, "0x")
	n, err := strconv.ParseUint(digits, 16, 8)
	if !ok || err != nil {
		return 0
	}
	return n
}
