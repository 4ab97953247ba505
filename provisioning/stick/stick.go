// Package stick is USB sticks that people plug into a box: to bring an update, a backup, a
// list of places, or to a new box its site file; to take a report or a backup away.
//
// A stick is the one thing that anybody can hand to the box, so nothing on it is trusted:
// it is mounted read-only without programs, devices and links; only plain files of its
// first folder are seen, so many at most; none is executed, and none is written anywhere
// under a name that the stick has chosen. What is written to one is on it when the call
// returns, and it is unmounted again: sticks are pulled.
package stick

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"jeudi/provisioning/card"
	"jeudi/provisioning/steward"
)

// What lists and copies at most.
const (
	seen = 4096 // entries of a first folder that are looked at
	most = 100  // of ours that are listed
	// ByValue is how large a file may be that travels inside an answer, in bytes.
	ByValue = 5 << 20
)

// A Stick is one that is plugged in.
type Stick struct {
	ID    string `json:"id"`              // of its partition: "sda1"
	Model string `json:"model,omitempty"` // as its maker calls it, for people
	Bytes int64  `json:"bytes"`           // its size
	// Refused is why it cannot be used, a key of the catalogue; "" when it can.
	Refused string `json:"refused,omitempty"`
	Files   []File `json:"files,omitempty"` // of ours, by name
}

// A File is one of a stick that the box can use.
type File struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Kind  string `json:"kind"` // see Kinds
	// Changed is when it was last written, as the stick says.
	Changed time.Time `json:"changed"`
}

// ImportArgs are those of the verb import: one file of a stick, "" for the only one.
type ImportArgs struct {
	Stick string `json:"stick,omitempty"`
	Name  string `json:"name"`
}

// Imported is its answer.
type Imported struct {
	Content []byte `json:"content"` // of at most ByValue bytes
}

// ExportArgs are those of the verb export.
type ExportArgs struct {
	Stick   string `json:"stick,omitempty"`
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

// Exported is its answer.
type Exported struct {
	Name string `json:"name"` // under which it lies on the stick
}

// What a file may be, by its ending.
const (
	KindUpdate = "update" // *.update
	KindSite   = "site"   // *.toml; taken is the one that IsSite
	KindBackup = "backup" // *.jeudi
	KindPlaces = "places" // *.csv, *.json, *.json.gz: places to send people to
)

// kind is what a file's name says of it, "" for what is none of ours.
func kind(name string) string {
	name = strings.ToLower(name)
	for _, k := range []struct{ ending, kind string }{
		{".update", KindUpdate}, {".toml", KindSite}, {".toml.txt", KindSite}, {".jeudi", KindBackup},
		{".csv", KindPlaces}, {".json", KindPlaces}, {".json.gz", KindPlaces},
	} {
		if strings.HasSuffix(name, k.ending) {
			return k.kind
		}
	}
	return ""
}

// IsSite reports whether a name is that of the site file which a box without one takes, as
// people on a PC write it: without regard to case, and with the ending that their editor has
// added and hides.
func IsSite(name string) bool {
	return strings.EqualFold(name, card.SiteFile) || strings.EqualFold(name, card.SiteFile+".txt")
}

// plain reports whether a name is one that the box reads: of a file of the first folder,
// that can be shown to people.
func plain(name string) bool {
	return len(name) > 0 && len(name) <= 255 && fs.ValidPath(name) && !strings.Contains(name, "/") && name != "." &&
		!strings.HasPrefix(name, ".") && utf8.ValidString(name) &&
		strings.IndexFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) || r == '\\' }) < 0
}

// Refusals.
var (
	errNone   = &steward.Refusal{Key: "stick.none"}      // none is plugged in
	errMany   = &steward.Refusal{Key: "stick.many"}      // more than one is, and none was chosen
	errGone   = &steward.Refusal{Key: "stick.gone"}      // the one that was chosen is not there any more
	errNoFile = &steward.Refusal{Key: "stick.no_file"}   // it has no such file
	errLarge  = &steward.Refusal{Key: "stick.too_large"} // the file is larger than what is taken
	errRead   = &steward.Refusal{Key: "stick.unreadable"}
	errWrite  = &steward.Refusal{Key: "stick.unwritable"} // full, locked, or pulled too early
)

// Keys of why a stick cannot be used.
const (
	refusedKind = "stick.kind" // its file system is none that the box reads
	refusedCard = "stick.card" // it is a card of a box
	refusedRead = "stick.unreadable"
)

// A device is what the kernel knows of a stick.
type device struct {
	id, disk, model string
	bytes           int64
}

// devices are the partitions of USB disks, as /sys/block has them: those of a disk
// without a table are the disk itself.
func devices(sys string) (found []device) {
	disks, err := os.ReadDir(sys)
	if err != nil {
		return nil
	}
	for _, d := range disks {
		at := filepath.Join(sys, d.Name())
		path, err := filepath.EvalSymlinks(at)
		if err != nil || !slices.ContainsFunc(strings.Split(path, "/"), func(dir string) bool {
			return len(dir) > 3 && strings.HasPrefix(dir, "usb") && strings.Trim(dir[3:], "0123456789") == ""
		}) {
			continue
		}
		one := device{disk: d.Name(), model: text(filepath.Join(at, "device", "model"))}
		one.id, one.bytes = d.Name(), sectors(filepath.Join(at, "size"))
		parts, _ := filepath.Glob(filepath.Join(at, "*", "partition"))
		for _, p := range parts {
			part := one
			part.id, part.bytes = filepath.Base(filepath.Dir(p)), sectors(filepath.Join(filepath.Dir(p), "size"))
			found = append(found, part)
		}
		if len(parts) == 0 && one.bytes > 0 { // a reader without a card in it has no bytes
			found = append(found, one)
		}
	}
	return found
}

// text is a word that a device says of itself, made fit to be shown.
func text(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	s := strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, string(b))
	return strings.TrimSpace(s[:min(len(s), 40)])
}

func sectors(name string) int64 {
	b, err := os.ReadFile(name)
	if err != nil {
		return 0
	}
	n := int64(0)
	for _, c := range strings.TrimSpace(string(b)) {
		if c < '0' || c > '9' || n > 1<<50 {
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	return n * card.SectorBytes
}

// fileSystem is what lies on a partition, by the words in its first sectors: "" for none
// that is known. The kernel is never asked to guess.
func fileSystem(r io.ReaderAt) string {
	b := make([]byte, 2048)
	if n, err := r.ReadAt(b, 0); err != nil && n < len(b) {
		return ""
	}
	switch {
	case bytes.Equal(b[3:11], []byte("EXFAT   ")):
		return "exfat"
	case bytes.Equal(b[3:11], []byte("NTFS    ")):
		return "ntfs"
	case b[1080] == 0x53 && b[1081] == 0xef:
		return "ext4"
	case b[510] == 0x55 && b[511] == 0xaa && (bytes.Equal(b[82:87], []byte("FAT32")) || bytes.Equal(b[54:57], []byte("FAT"))):
		return "vfat"
	}
	return ""
}

// list is what of ours lies in the first folder of a stick. So many entries are looked at
// and no more: a stick may hold millions.
func list(root *os.Root) ([]File, error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(seen)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var found []File
	for _, e := range entries {
		if !e.Type().IsRegular() || !plain(e.Name()) || kind(e.Name()) == "" || len(found) >= most {
			continue
		}
		if info, err := root.Lstat(e.Name()); err == nil && info.Mode().IsRegular() {
			found = append(found, File{Name: e.Name(), Bytes: info.Size(), Kind: kind(e.Name()), Changed: info.ModTime()})
		}
	}
	slices.SortFunc(found, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// open opens one plain file of the first folder.
func open(root *os.Root, name string) (*os.File, error) {
	if !plain(name) {
		return nil, errNoFile
	}
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.Mode().IsRegular():
		return nil, errNoFile
	case err != nil:
		return nil, errRead
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, errRead
	}
	return f, nil
}

// put writes a file into the first folder, flushed, under a name that is not taken.
func put(root *os.Root, name string, content []byte) (as string, err error) {
	stem, ending := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
	for n := 1; ; n++ {
		if n == 100 {
			return "", errWrite // a stick of that many is for somebody to look at
		}
		if as = name; n > 1 {
			as = fmt.Sprintf("%s-%02d%s", stem, n, ending)
		}
		if _, err := root.Lstat(as); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	unfinished := as + ".part"
	f, err := root.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync())
	if err == nil {
		err = root.Rename(unfinished, as)
	}
	err = errors.Join(err, f.Sync(), f.Close()) // after the rename: see card.WriteFile
	if err == nil {
		var dir *os.File
		if dir, err = root.Open("."); err == nil {
			err = errors.Join(dir.Sync(), dir.Close())
		}
	}
	if err != nil {
		root.Remove(unfinished)
		return "", err
	}
	return as, nil
}

// writable reports whether a name is one that the box writes: ours, of ASCII, which every
// system reads.
func writable(name string) bool {
	return plain(name) && len(name) <= 80 && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
	})
}
