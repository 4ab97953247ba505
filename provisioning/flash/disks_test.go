package flash

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// judged is a disk and what is said of it, on one line.
func judged(d Disk, need int64) string {
	key := "good"
	if r := Judge(d, need); r != nil {
		key = strings.TrimPrefix(r.Key, "flash.refuse_")
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %d %s %s %s", d.Path, strings.ReplaceAll(d.Name, " ", "_"), d.Bytes, strings.ReplaceAll(d.Bus, " ", "_"), strings.Join(d.Mounted, ","), key)), " ")
}

func compare(t *testing.T, got []Disk, want []string) {
	t.Helper()
	var lines []string
	for _, d := range got {
		lines = append(lines, judged(d, 2_000_000_000))
	}
	if a, b := strings.Join(lines, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}

func TestLsblk(t *testing.T) {
	kind := func(name string) string {
		return map[string]string{"mmcblk0": "MMC", "mmcblk1": "SD"}[name]
	}
	tests := []struct {
		file string
		want []string
	}{
		{"lsblk.json", []string{
			"/dev/sda WD_My_Passport_2627 4000787030016 usb /media/claire/Sauvegarde fixed",
			"/dev/sdb Generic-_SD/MMC_CRW 31914983424 usb /media/claire/bootfs,/media/claire/rootfs good",
			"/dev/sdc Generic-_MS/MS-Pro 0 usb empty",
			"/dev/sdd Kingston_DataTraveler_3.0 15931539456 usb locked",
			"/dev/sde SanDisk_Ultra_Fit 61530439680 usb system", // somebody's encrypted /home is on that stick
			"/dev/mmcblk0 62537072640 mmc fixed",                // soldered in, though nothing of it is mounted
			"/dev/mmcblk1 128043712512 sd good",
			"/dev/nvme0n1 SAMSUNG_MZVLQ512HBLU-00BH1 512110190592 nvme system",
		}},
		{"lsblk-old.json", []string{ // util-linux before 2.33 wrote everything as text
			"/dev/sda ATA_TOSHIBA_KSG60ZMV256G 256060514304 sata system",
			"/dev/sdb Generic_STORAGE_DEVICE 15931539456 usb good",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			disks, err := parseLsblk(fixture(t, tt.file), kind)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, disks, tt.want)
		})
	}
}

func TestDiskutil(t *testing.T) {
	info := func(disk string) ([]byte, error) {
		return os.ReadFile(filepath.Join("testdata", "diskutil-"+disk+".plist"))
	}
	disks, err := parseDiskutil(fixture(t, "diskutil-list.plist"), info, fixture(t, "diskutil-root.plist"))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, disks, []string{
		"/dev/disk0 APPLE_SSD_AP0512Q 500277792768 apple_fabric system", // / lies in disk3, which is made of disk0s2
		"/dev/disk4 Built_In_SDXC_Reader 31914983424 sd /Volumes/bootfs good",
		"/dev/disk5 Elements_25A2 2000398934016 usb /Volumes/Time Machine fixed",
		"/dev/disk6 STORAGE_DEVICE 128043712512 usb locked",
	})
	if _, err := parseDiskutil(fixture(t, "diskutil-list.plist"), func(string) ([]byte, error) { return nil, errors.New("gone") }, fixture(t, "diskutil-root.plist")); err == nil {
		t.Error("parseDiskutil, of a disk that says nothing: no error; want one")
	}
}

func TestGetDisk(t *testing.T) {
	disks, err := parseGetDisk(append([]byte("\ufeff"), fixture(t, "getdisk.json")...))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, disks, []string{
		`\\.\PhysicalDrive0 SAMSUNG_MZVLB512HBJQ-000L2 512110190592 nvme C: system`,
		`\\.\PhysicalDrive1 Generic-_SD/MMC 31914983424 usb E: good`,
		`\\.\PhysicalDrive2 WD_Elements_25A3 2000365289472 usb F: fixed`,
		`\\.\PhysicalDrive3 Generic-_MS/MS-Pro 0 usb empty`,
		`\\.\PhysicalDrive4 Windows_To_Go 64023257088 usb G: system`, // Windows swaps there
		`\\.\PhysicalDrive5 Msft_Virtual_Disk 34359738368 file_backed_virtual fixed`,
	})
}

func TestJudge(t *testing.T) {
	good := Disk{Path: "/dev/sdb", Bytes: 16e9, Removable: true}
	with := func(change func(*Disk)) Disk { d := good; change(&d); return d }
	tests := []struct {
		name string
		disk Disk
		need int64
		want string
	}{
		{"a card", good, 2e9, ""},
		{"just large enough", good, 16e9, ""},
		{"too small for the image", good, 16e9 + 1, "flash.refuse_small"},
		{"too small for any box", with(func(d *Disk) { d.Bytes = 2e9 }), 0, "flash.refuse_small"},
		{"somebody's backup", with(func(d *Disk) { d.Bytes = 1e12 }), 0, "flash.refuse_large"},
		{"the largest card", with(func(d *Disk) { d.Bytes = 512110190592 }), 0, ""},
		{"in use, whatever else it is", Disk{System: "/"}, 0, "flash.refuse_system"},
		{"locked", with(func(d *Disk) { d.ReadOnly = true }), 0, "flash.refuse_locked"},
		{"nothing is known of it", Disk{Bytes: 16e9}, 0, "flash.refuse_fixed"},
	}
	for _, tt := range tests {
		got := ""
		if r := Judge(tt.disk, tt.need); r != nil {
			got = r.Key
		}
		if got != tt.want {
			t.Errorf("%s: Judge = %q; want %q", tt.name, got, tt.want)
		}
	}
	sorted := Sorted([]Disk{{Path: "a"}, good, {Path: "b"}}, 0)
	if sorted[0].Path != good.Path || sorted[1].Path != "a" || sorted[2].Path != "b" {
		t.Errorf("Sorted = %v; want the card first, and the rest as it was", sorted)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 Ko", 1: "1 Ko", 999_999: "1000 Ko", 1e6: "1 Mo", 21_450_000: "21 Mo", 2_415_919_104: "2,4 Go", 31914983424: "31 Go", 2e12: "2 To"} {
		if got := Size(bytes); got != want {
			t.Errorf("Size(%d) = %q; want %q", bytes, got, want)
		}
	}
}

// FuzzDisks: whatever the system's tools print, nothing panics, and nothing that lacks
// what a card has is good.
func FuzzDisks(f *testing.F) {
	for _, name := range []string{"lsblk.json", "lsblk-old.json", "getdisk.json", "diskutil-list.plist", "diskutil-disk4.plist"} {
		f.Add(fixture(f, name))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, _ := parseLsblk(raw, func(string) string { return "" })
		b, _ := parseGetDisk(raw)
		c, _ := parseDiskutil(raw, func(string) ([]byte, error) { return raw, nil }, raw)
		for _, d := range append(append(a, b...), c...) {
			if Judge(d, 0) == nil && (!d.Removable || d.System != "" || d.Bytes < smallest || d.ReadOnly) {
				t.Errorf("%+v is good; want it refused", d)
			}
		}
	})
}
