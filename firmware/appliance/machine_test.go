package appliance_test

import (
	"maps"
	"testing"
	"testing/fstest"

	"jeudi/firmware/appliance"
	"jeudi/firmware/selftest"
)

// root is the root of a file system with some files.
func root(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestMachine(t *testing.T) {
	const (
		throttled = "sys/devices/platform/soc/soc:firmware/get_throttled"
		hwmon     = "sys/class/hwmon/hwmon"
		zone      = "sys/class/thermal/thermal_zone0/"
		card      = "sys/block/mmcblk0/device/"
	)
	tests := []struct {
		name  string
		given map[string]string
		want  selftest.Facts
	}{
		{name: "a machine that says nothing"},
		{name: "a Raspberry Pi that is well", given: map[string]string{
			throttled: "0\n", zone + "type": "cpu-thermal\n", zone + "temp": "48312\n",
			"proc/meminfo":                      "MemTotal:        3884360 kB\nMemFree:          123 kB\nMemAvailable:    3121040 kB\n",
			"run/systemd/timesync/synchronized": "", card + "name": "SC32G\n",
		}, want: selftest.Facts{Undervoltage: selftest.No, Throttled: selftest.No, Heat: 48312,
			MemoryFree: 3121040 << 10, MemoryTotal: 3884360 << 10, Synced: selftest.Yes}},
		{name: "weak power, now", given: map[string]string{throttled: "50005\n"},
			want: selftest.Facts{Undervoltage: selftest.Yes, Throttled: selftest.Yes}},
		{name: "weak power, before", given: map[string]string{throttled: "0x50000\n"},
			want: selftest.Facts{Undervoltage: selftest.Past, Throttled: selftest.Past}},
		{name: "slowed by heat alone", given: map[string]string{throttled: "80008\n"},
			want: selftest.Facts{Undervoltage: selftest.No, Throttled: selftest.Yes}},
		{name: "the kernel's own driver", given: map[string]string{
			hwmon + "0/name": "cpu_thermal\n", hwmon + "0/in0_lcrit_alarm": "1\n", hwmon + "1/name": "rpi_volt\n", hwmon + "1/in0_lcrit_alarm": "0\n"},
			want: selftest.Facts{Undervoltage: selftest.No}},
		{name: "the kernel's own driver, weak power", given: map[string]string{hwmon + "2/name": "rpi_volt\n", hwmon + "2/in0_lcrit_alarm": "1\n"},
			want: selftest.Facts{Undervoltage: selftest.Yes}},
		{name: "a word that is none", given: map[string]string{throttled: "soon\n", hwmon + "1/name": "rpi_volt\n", hwmon + "1/in0_lcrit_alarm": "1\n"},
			want: selftest.Facts{Undervoltage: selftest.Yes}},
		{name: "an eMMC", given: map[string]string{card + "life_time": "0x01 0x02\n", card + "pre_eol_info": "0x01\n"},
			want: selftest.Facts{Worn: 20, Reserve: 1}},
		{name: "two, and the worse counts", given: map[string]string{card + "life_time": "0x01 0x01\n", card + "pre_eol_info": "0x03\n",
			"sys/block/mmcblk1/device/life_time": "0x0b 0x0a\n"}, want: selftest.Facts{Worn: 110, Reserve: 3}},
		{name: "an eMMC that does not tell", given: map[string]string{card + "life_time": "0x00 0x00\n", card + "pre_eol_info": "0x00\n"}},
		{name: "garbage of an eMMC", given: map[string]string{card + "life_time": "0xff 12 x\n", card + "pre_eol_info": "0x09\n"}},
		{name: "a laptop's first zone", given: map[string]string{zone + "type": "acpitz\n", zone + "temp": "91000\n"}},
		{name: "a zone that is off", given: map[string]string{zone + "type": "cpu-thermal\n", zone + "temp": "-273000\n"}},
		{name: "no time server", given: map[string]string{"run/systemd/timesync/x": ""}, want: selftest.Facts{Synced: selftest.No}},
		{name: "a kernel without an estimate", given: map[string]string{"proc/meminfo": "MemTotal: 12 kB\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Version, tt.want.DiskFree, tt.want.DiskTotal = "1.2.3", 5, 9
			if got := appliance.Machine(root(tt.given), appliance.Disk{Free: 5, Total: 9}, "1.2.3"); got != tt.want {
				t.Errorf("Machine(%v) =\n%+v; want\n%+v", maps.Collect(maps.All(tt.given)), got, tt.want)
			}
		})
	}
}

func FuzzMachine(f *testing.F) {
	f.Add("50005", "0x01 0x02", "0x01", "48000", "MemTotal: 1 kB\nMemAvailable: 1 kB")
	f.Fuzz(func(t *testing.T, throttled, life, eol, heat, memory string) {
		got := appliance.Machine(root(map[string]string{
			"sys/devices/platform/soc/soc:firmware/get_throttled": throttled, "sys/class/thermal/thermal_zone0/type": "cpu-thermal",
			"sys/class/thermal/thermal_zone0/temp": heat, "proc/meminfo": memory,
			"sys/block/mmcblk0/device/life_time": life, "sys/block/mmcblk0/device/pre_eol_info": eol,
		}), appliance.Disk{}, "")
		if got.Worn < 0 || got.Worn > 110 || got.Reserve < 0 || got.Reserve > 3 || got.Heat < 0 || got.Heat > 150_000 {
			t.Errorf("Machine() = %+v; out of range", got)
		}
	})
}
