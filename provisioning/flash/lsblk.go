package flash

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// lsblkColumns are what lsblk is asked for: those that Debian 11 has too.
const lsblkColumns = "NAME,PATH,TYPE,SIZE,RM,RO,TRAN,VENDOR,MODEL,MOUNTPOINT"

// lsblkNode is a block device of lsblk's tree. Versions differ in how they write numbers
// and yes and no.
type lsblkNode struct {
	Name, Path, Type, Tran, Vendor, Model, MountPoint string
	Size, Rm, Ro                                      loose
	Children                                          []lsblkNode
}

// loose is a number or a yes or no, that older tools write as text: "1", "true".
type loose int64

func (n *loose) UnmarshalJSON(raw []byte) error {
	switch text := strings.Trim(string(raw), `"`); text {
	case "null", "false", "False", "":
		*n = 0
	case "true", "True":
		*n = 1
	default:
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%s is no number", raw)
		}
		*n = loose(i)
	}
	return nil
}

// peopleMounts are where desktops mount what people plug in. What is mounted elsewhere is
// part of the computer.
var peopleMounts = []string{"/media/", "/run/media/", "/mnt"}

// mmcBoot are the parts of a soldered memory that the kernel shows as disks of their own.
var mmcBoot = regexp.MustCompile(`^mmcblk\d+(boot\d|rpmb|gp\d)`)

// parseLsblk reads `lsblk -J -b -o` lsblkColumns. kind is what the kernel says of an
// mmcblk: "SD" for a card in a slot, "MMC" for a memory that is soldered in.
func parseLsblk(raw []byte, kind func(name string) string) ([]Disk, error) {
	var tree struct{ BlockDevices []lsblkNode }
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("flash: reading what lsblk says: %w", err)
	}
	var disks []Disk
	for _, n := range tree.BlockDevices {
		if n.Type != "disk" || mmcBoot.MatchString(n.Name) || strings.HasPrefix(n.Name, "zram") {
			continue
		}
		d := Disk{Path: n.Path, Name: strings.TrimSpace(strings.TrimSpace(n.Vendor) + " " + strings.TrimSpace(n.Model)),
			Bytes: int64(n.Size), Bus: n.Tran, Removable: n.Rm != 0, ReadOnly: n.Ro != 0}
		if d.Path == "" {
			d.Path = "/dev/" + n.Name
		}
		if strings.HasPrefix(n.Name, "mmcblk") {
			// The kernel says of no mmcblk that it is removable.
			d.Bus = strings.ToLower(kind(n.Name))
			d.Removable = d.Bus == "sd"
		}
		n.use(&d)
		disks = append(disks, d)
	}
	return disks, nil
}

// use adds what a device and all that lies on it (partitions, and in them crypt, LVM,
// RAID) are used for.
func (n lsblkNode) use(d *Disk) {
	switch at := n.MountPoint; {
	case at == "":
	case slices.ContainsFunc(peopleMounts, func(p string) bool { return strings.HasPrefix(at, p) }):
		d.Mounted = append(d.Mounted, at)
	case d.System == "" || at == "/":
		d.System = strings.ToLower(strings.Trim(at, "[]")) // [SWAP]
	}
	for _, c := range n.Children {
		c.use(d)
	}
}
