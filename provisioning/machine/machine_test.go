package machine

import (
	"fmt"
	"testing"
	"testing/fstest"
)

// pi is a Raspberry Pi 4 that has nothing wrong, as its kernel shows it.
func pi() map[string]string {
	return map[string]string{
		"proc/device-tree/model":                       "Raspberry Pi 4 Model B Rev 1.4\x00",
		"proc/uptime":                                  "3661.42 7000.00\n",
		"proc/meminfo":                                 "MemTotal:        1917444 kB\nMemFree:          100000 kB\nMemAvailable:    1200000 kB\nHugePages_Total:       0\n",
		"proc/mounts":                                  "overlay / overlay rw 0 0\n/dev/mmcblk0p7 /data ext4 rw,nosuid,noatime,errors=remount-ro 0 0\n/dev/mmcblk0p1 /boot/card vfat ro 0 0\n",
		"sys/class/thermal/thermal_zone0/temp":         "48312\n",
		"sys/class/hwmon/hwmon0/name":                  "cpu_thermal\n",
		"sys/class/hwmon/hwmon1/name":                  "rpi_volt\n",
		"sys/class/hwmon/hwmon1/in0_lcrit_alarm":       "0\n",
		"sys/class/watchdog/watchdog0/identity":        "Broadcom BCM2835 Watchdog timer\n",
		"sys/fs/ext4/mmcblk0p7/lifetime_write_kbytes":  "812345\n",
		"sys/fs/ext4/mmcblk0p7/errors_count":           "0\n",
		"sys/block/mmcblk0/device/name":                "SD32G\n",
		"sys/devices/virtual/thermal/nothing/of/ours/": "",
	}
}

func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		if name[len(name)-1] != '/' {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return fsys
}

var disk = Disk{Mount: "/data", Bytes: 28 << 30, Free: 27 << 30}

func TestRead(t *testing.T) {
	got := Read(tree(pi()), disk)
	want := Facts{Model: "Raspberry Pi 4 Model B Rev 1.4", Celsius: 48.312, Power: "good", Card: "SD32G", Written: 812345,
		DataBytes: 28 << 30, DataFree: 27 << 30, Memory: 1917444, Available: 1200000, Uptime: 3661, Watchdog: true}
	if got != want {
		t.Errorf("Read() =\n%+v; want\n%+v", got, want)
	}
	if found := Find(got); len(found) > 0 {
		t.Errorf("Find() = %v of a machine that is well", found)
	}
	// A machine that shows nothing is not ill.
	if found := Find(Read(tree(nil), Disk{Mount: "/data"})); len(found) > 0 {
		t.Errorf("Find(nothing) = %v", found)
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change map[string]string // a file's text, "" to remove it
		disk   Disk
		want   string
	}{
		{"a weak supply", map[string]string{"sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1"}, disk, "[machine.power_low]"},
		{"hot", map[string]string{"sys/class/thermal/thermal_zone1/temp": "80000"}, disk, "[machine.too_hot]"},
		{"warm", map[string]string{"sys/class/thermal/thermal_zone0/temp": "79900"}, disk, "[]"},
		{"below zero", map[string]string{"sys/class/thermal/thermal_zone0/temp": "-4000"}, disk, "[]"},
		{"errors of the file system", map[string]string{"sys/fs/ext4/mmcblk0p7/errors_count": "3"}, disk, "[machine.card_dying]"},
		{"read-only after an error", map[string]string{"proc/mounts": "/dev/mmcblk0p7 /data ext4 ro,nosuid 0 0\n", "sys/fs/ext4/mmcblk0p7/errors_count": "1"}, disk,
			"[machine.read_only machine.card_dying]"},
		{"read-only after an error, as Linux 6.18 has it", map[string]string{"proc/mounts": "/dev/mmcblk0p7 /data ext4 rw,noatime,errors=remount-ro,emergency_ro 0 0\n", "sys/fs/ext4/mmcblk0p7/errors_count": "1"}, disk,
			"[machine.read_only machine.card_dying]"},
		{"mounted twice", map[string]string{"proc/mounts": "/dev/mmcblk0p7 /data ext4 ro 0 0\n/dev/mmcblk0p7 /data ext4 rw 0 0\n"}, disk, "[]"},
		{"an eMMC of four years", map[string]string{"sys/block/mmcblk0/device/life_time": "0x02 0x08", "sys/block/mmcblk0/device/pre_eol_info": "0x01"}, disk, "[machine.card_worn]"},
		{"an eMMC at its end", map[string]string{"sys/block/mmcblk0/device/life_time": "0x0b 0x03"}, disk, "[machine.card_dying]"},
		{"few spare blocks", map[string]string{"sys/block/mmcblk0/device/pre_eol_info": "0x03"}, disk, "[machine.card_dying]"},
		{"a reserved value", map[string]string{"sys/block/mmcblk0/device/life_time": "0xff 0xff"}, disk, "[]"},
		{"what is no number", map[string]string{"sys/block/mmcblk0/device/life_time": "zzz", "sys/class/thermal/thermal_zone0/temp": "hot", "proc/uptime": "x"}, disk, "[]"},
		{"a full card", nil, Disk{"/data", 28 << 30, 150 << 20}, "[machine.data_full]"},
		{"a small partition", nil, Disk{"/data", 256 << 20, 60 << 20}, "[]"},
		{"a small and full one", nil, Disk{"/data", 256 << 20, 10 << 20}, "[machine.data_full]"},
		{"no memory left", map[string]string{"proc/meminfo": "MemTotal: 927444 kB\nMemAvailable: 20000 kB\n"}, disk, "[machine.memory_low]"},
		{"no watchdog", map[string]string{"sys/class/watchdog/watchdog0/identity": ""}, disk, "[machine.no_watchdog]"},
	} {
		files := pi()
		for name, text := range tt.change {
			if files[name] = text; text == "" {
				delete(files, name)
			}
		}
		if got := fmt.Sprint(Find(Read(tree(files), tt.disk))); got != tt.want {
			t.Errorf("%s: Find() = %s; want %s", tt.name, got, tt.want)
		}
	}
}
