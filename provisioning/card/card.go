// Package card is the layout of the box's card: who makes it, writes it, starts from it,
// updates it and grows it agree here, and nowhere else.
//
// The table is an MBR, since the firmware of a Pi 3 knows no other; its first four entries
// are the only ones that autoboot.txt can name, so that the two roots and the data are
// logical partitions of the fourth.
//
// What the firmware reads is in Raspberry Pi's documentation of autoboot.txt and config.txt.
package card

// Signature is the disk's own number in its MBR, by which the box knows its card from a
// stick that is plugged in beside it: "JEUD", little-endian.
const Signature = 0x4455454a

// Partitions of the card, by their numbers.
const (
	PartStart = 1 // FAT: autoboot.txt, bootcode.bin, and what people put there: jeudi.toml, RESET
	PartBootA = 2 // FAT: firmware, kernels, initramfs, cmdline.txt of slot A
	PartBootB = 3 // the same of slot B
	PartRootA = 5 // squashfs, read-only
	PartRootB = 6
	PartData  = 7 // ext4; grows to the end of the card on the first start
)

// Sizes of the partitions that do not grow, in MiB. An update must fit in them for years:
// see the README for what they hold today.
const (
	StartMiB = 64
	BootMiB  = 256
	RootMiB  = 768
	DataMiB  = 256 // in the image; then all that is left
)

// A Slot is one of the two systems on the card.
type Slot byte

// The slots, as on the kernel's command line: jeudi.slot=A.
const (
	SlotA Slot = 'A'
	SlotB Slot = 'B'
)

// Other is the slot that does not run.
func (s Slot) Other() Slot {
	if s == SlotA {
		return SlotB
	}
	return SlotA
}

// Boot is the partition of a slot's boot set, the number that autoboot.txt has.
func (s Slot) Boot() int {
	if s == SlotB {
		return PartBootB
	}
	return PartBootA
}

// Root is the partition of a slot's root.
func (s Slot) Root() int {
	if s == SlotB {
		return PartRootB
	}
	return PartRootA
}

// String is the letter, "" for no slot.
func (s Slot) String() string {
	if s == 0 {
		return ""
	}
	return string(rune(s))
}

// Files of the start partition.
const (
	SiteFile  = "jeudi.toml"   // the site, as a technician, `jeudi flash` or Imager wrote it
	ResetFile = "RESET"        // its presence asks for a factory reset at the next start
	AutoBoot  = "autoboot.txt" // which boot partition the firmware starts
	ErrorFile = "ERREUR.txt"   // what was wrong with the site file, for whoever reads the card on a PC
)

// StartFiles are what the image of a card has on the start partition: what the firmware
// looks for, and a note for people. A reset leaves these and nothing else.
var StartFiles = []string{AutoBoot, "bootcode.bin", "config.txt", "LISEZMOI.txt"}

// Where the running box has it all.
const (
	StartDir   = "/boot/card"              // the start partition, read-only but for the moment of a write
	DataDir    = "/data"                   // the data partition
	BoxDir     = "/data/jeudi"             // the -data folder of `jeudi run`, its user's alone
	SiteDir    = "/data/site"              // the site file and the files that it names
	NetworkDir = "/data/network"           // the hotspot's passphrase while a permanence goes on; root's
	UpdateDir  = "/data/update"            // where an update stands
	StewardSoc = "/run/jeudi/steward.sock" // the steward's socket, for the group of jeudi
	StickDir   = "/run/jeudi/stick"        // where the steward mounts a USB stick
)
