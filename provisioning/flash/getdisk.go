package flash

import (
	"encoding/json"
	"fmt"
	"strings"
)

// parseGetDisk reads what the script getDisk of disks_windows.go prints.
func parseGetDisk(raw []byte) ([]Disk, error) {
	var got struct {
		Disks []struct {
			Number, Size           loose
			Name, Bus              string
			Boot, System, ReadOnly bool
		}
		Drives []struct {
			Index            loose
			MediaType, Model string
			Size             loose
		}
		Letters []struct {
			Disk   loose
			Letter string
		}
		PageFiles   []string
		SystemDrive string
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(raw), "\ufeff")), &got); err != nil {
		return nil, fmt.Errorf("flash: reading what PowerShell says: %w", err)
	}
	needed := []string{got.SystemDrive}
	for _, file := range got.PageFiles {
		if drive, _, ok := strings.Cut(file, ":"); ok {
			needed = append(needed, drive+":")
		}
	}
	var disks []Disk
	for _, g := range got.Disks {
		d := Disk{Path: fmt.Sprintf(`\\.\PhysicalDrive%d`, g.Number), Name: strings.TrimSpace(g.Name), Bytes: int64(g.Size),
			Bus: strings.ToLower(g.Bus), ReadOnly: g.ReadOnly}
		for _, drive := range got.Drives {
			// In English whatever the language of Windows: "Removable Media", "Fixed hard disk
			// media", "External hard disk media".
			if drive.Index == g.Number {
				d.Removable = strings.HasPrefix(strings.ToLower(drive.MediaType), "removable")
			}
		}
		switch d.Bus {
		case "usb", "sd", "mmc": // what cards and sticks hang from
		default:
			d.Removable = false
		}
		for _, l := range got.Letters {
			if l.Disk != g.Number || l.Letter == "" || l.Letter == "\x00" {
				continue
			}
			at := strings.ToUpper(l.Letter) + ":"
			d.Mounted = append(d.Mounted, at)
			for _, n := range needed {
				if strings.EqualFold(at, n) {
					d.System = at
				}
			}
		}
		if d.System == "" && (g.Boot || g.System) {
			d.System = "Windows"
		}
		disks = append(disks, d)
	}
	return disks, nil
}
