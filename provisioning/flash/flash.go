// Package flash writes a card: it lists the disks of a technician's computer that can be
// one, writes the image there, proves that the card gives back what was written, and puts
// the site file on it.
//
// What it promises: a disk that this computer needs, that cannot be taken out, or whose
// size is not that of a card is never written, and the reason is said; a card whose
// writing did not end, or whose image is not the one that was published, has no partition
// table and starts nowhere; "written" means that every byte was read back from the card,
// not from this computer's memory.
//
// What a disk is, and whether it may be written, is decided by pure functions of what the
// system's own tools say (lsblk, diskutil, PowerShell), which are tested on every system.
package flash

import (
	"fmt"
	"slices"
)

// A Disk is a whole disk of this computer.
type Disk struct {
	Path      string   // what people type: /dev/sdb, /dev/disk4, \\.\PhysicalDrive2
	Name      string   // maker and model, "" if it says neither
	Bytes     int64    // 0 for a reader without a card
	Bus       string   // usb, sd, mmc, nvme, sata…; "" if it is not known
	Removable bool     // its medium can be taken out
	ReadOnly  bool     // its lock is closed, or the system will not write it
	System    string   // what this computer uses it for: "/", "swap", "C:"; "" for nothing
	Mounted   []string // where people see its files: mount points or drive letters
}

// A Refusal is why a disk, a file or a card is not taken: a key of the catalogue with
// arguments. It leaves the disk as it was, unless its key says otherwise.
type Refusal struct {
	Key  string
	Args map[string]any
}

func (r *Refusal) Error() string {
	if len(r.Args) == 0 {
		return r.Key
	}
	return fmt.Sprintf("%s %v", r.Key, r.Args)
}

func refuse(key string, args map[string]any) *Refusal { return &Refusal{Key: key, Args: args} }

// Limits of a card, in bytes. Above the larger one a disk is more likely somebody's
// backup: a box needs 16 GB, and the largest cards that technicians were seen to buy for
// one have 256 GB.
const (
	smallest = 3_500_000_000 // "4 GB", less what such a card lacks of it
	largest  = 550_000_000_000
)

// Judge says why a disk may not be written, or nil. need is the size of the image, 0 when
// it is not known.
func Judge(d Disk, need int64) *Refusal {
	switch {
	case d.System != "":
		return refuse("flash.refuse_system", map[string]any{"use": d.System})
	case d.Bytes == 0:
		return refuse("flash.refuse_empty", nil)
	case !d.Removable:
		return refuse("flash.refuse_fixed", nil)
	case d.ReadOnly:
		return refuse("flash.refuse_locked", nil)
	case d.Bytes > largest:
		return refuse("flash.refuse_large", map[string]any{"most": Size(largest)})
	case d.Bytes < max(need, smallest):
		return refuse("flash.refuse_small", map[string]any{"least": Size(max(need, smallest))})
	}
	return nil
}

// Sorted are disks in the order in which they are shown: those that can be written first.
func Sorted(disks []Disk, need int64) []Disk {
	list := slices.Clone(disks)
	slices.SortStableFunc(list, func(a, b Disk) int {
		ra, rb := Judge(a, need) != nil, Judge(b, need) != nil
		switch {
		case ra == rb:
			return 0
		case ra:
			return 1
		}
		return -1
	})
	return list
}

// Size is a number of bytes as it is written on cards: in powers of ten, in French.
func Size(bytes int64) string {
	for _, u := range []struct {
		name string
		unit int64
	}{{"To", 1e12}, {"Go", 1e9}, {"Mo", 1e6}} {
		if bytes >= u.unit {
			whole, tenth := bytes/u.unit, bytes%u.unit/(u.unit/10)
			if whole >= 10 || tenth == 0 {
				return fmt.Sprintf("%d %s", whole, u.name)
			}
			return fmt.Sprintf("%d,%d %s", whole, tenth, u.name)
		}
	}
	return fmt.Sprintf("%d Ko", (bytes+999)/1000)
}

// A Step is what is being done to a card.
type Step string

// The steps, in their order. Each is also the end of a key of the catalogue, flash.step_….
const (
	StepCheck  Step = "check"  // is the image file the published one
	StepProbe  Step = "probe"  // is the card as large as it says
	StepWrite  Step = "write"  // the image
	StepVerify Step = "verify" // reading it back
	StepSite   Step = "site"   // the site file
	StepFinish Step = "finish" // the partition table, last of all
)

// Progress is how far a step is, in bytes. Of is 0 when it is not known.
type Progress struct {
	Step     Step
	Done, Of int64
}
