package firstboot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
	"jeudi/provisioning/site"
)

// siteMost bounds a site with the files that it names, in bytes: recordings of voices are
// the largest of them.
const siteMost = 64 << 20

// takenFile says which site file of the card was taken last, beside the site: what the
// wizard or the desk has changed since is not undone by the same old file at each start.
const takenFile = ".taken"

// lookFor is a file of a folder by its name, as people on a PC write it: without regard
// to case, and with the ending that their editor has added and hides. "" when there is
// none.
func lookFor(dir fs.FS, name string) string {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return ""
	}
	for _, ending := range []string{"", ".txt"} {
		for _, e := range entries {
			if e.Type().IsRegular() && strings.EqualFold(e.Name(), name+ending) {
				return e.Name()
			}
		}
	}
	return ""
}

// leftovers are files that Raspberry Pi Imager leaves on a start partition for systems
// that are not this one, by the name that they have: doc/os_customisation_formats.md of
// raspberrypi/rpi-imager. Whoever filled in its form believes that the box knows. Not
// rpi-preseed.toml: the wizard proposes what it says of the Wi-Fi.
func leftovers(dir fs.FS) (found []string) {
	for _, name := range []string{"firstrun.sh", "custom.toml", "user-data", "network-config",
		"wpa_supplicant.conf", "userconf.txt", "ssh"} {
		if is := lookFor(dir, name); is != "" {
			found = append(found, is)
		}
	}
	return found
}

// plain is the text of a site file without what editors put before it; false for an empty
// one, or one that has only comments, as a card has that nobody has filled in.
func plain(text []byte) ([]byte, bool) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return text, true
		}
	}
	return text, false
}

// An offer is a site file of a folder that others can write into, with all it names.
type offer struct {
	file string // as it is called there
	text []byte // as Parse takes it
	with []string
	mark string // changes when any of it does
}

// readOffer reads the site file of a folder; nil when it has none.
func readOffer(dir fs.FS) (*offer, error) {
	name := lookFor(dir, card.SiteFile)
	if name == "" {
		return nil, nil
	}
	text, err := readMost(dir, name, 1<<20)
	if err != nil {
		return nil, err
	}
	o := &offer{file: name}
	var filled bool
	if o.text, filled = plain(text); !filled {
		return nil, nil
	}
	sum := sha256.New()
	sum.Write(text)
	if s, err := site.Parse(name, o.text); err == nil {
		o.with = s.Beside()
		err := eachFile(dir, o.with, func(name string, content []byte) error {
			fmt.Fprintf(sum, "%d %s %d ", len(name), name, len(content))
			sum.Write(content)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	o.mark = hex.EncodeToString(sum.Sum(nil))
	return o, nil
}

// eachFile reads the regular files under some names of a folder, in order, as long as all
// of them are not too large. What is not there, or not in this folder, is left out: the site
// says so itself.
func eachFile(dir fs.FS, names []string, do func(name string, content []byte) error) error {
	left := int64(siteMost)
	for _, under := range names {
		err := fs.WalkDir(dir, under, func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
				return nil
			}
			if err != nil {
				return err
			}
			if !d.Type().IsRegular() {
				return nil
			}
			content, err := readMost(dir, name, left)
			if err != nil {
				return err
			}
			left -= int64(len(content))
			return do(name, content)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readMost reads a file of at most so many bytes.
func readMost(dir fs.FS, name string, most int64) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > most {
		return nil, fmt.Errorf("%s is too large", path.Base(name))
	}
	return content, nil
}

// adopt makes the site file of another folder, with all that it names, the site of dir.
// The two change places in one step, so that a cut leaves the one or the other. The file
// that was there is kept as jeudi.previous.toml, without the Wi-Fi's passphrase; the rest
// is overwritten.
//
// own gives each new file and folder to its owner.
func adopt(o *offer, from fs.FS, dir string, own func(path string) error) error {
	fresh := dir + ".new"
	if err := wipe(fresh); err != nil {
		return err
	}
	if err := os.MkdirAll(fresh, 0o700); err != nil {
		return err
	}
	put := func(name string, content []byte) error {
		at := filepath.Join(fresh, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return err
		}
		return card.WriteFile(at, content, 0o644)
	}
	if err := eachFile(from, o.with, put); err != nil {
		return err
	}
	if before, err := os.ReadFile(filepath.Join(dir, card.SiteFile)); err == nil {
		// Of one that is not valid nobody knows what it holds.
		if before, _, err := site.WithoutWifi(before); err == nil {
			if err := put("jeudi.previous.toml", before); err != nil {
				return err
			}
		}
	}
	if err := put(takenFile, []byte(o.mark+"\n")); err != nil {
		return err
	}
	if err := put(card.SiteFile, o.text); err != nil {
		return err
	}
	err := filepath.WalkDir(fresh, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = own(path)
		}
		if err == nil && d.IsDir() {
			err = card.SyncDir(path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := exchange(fresh, dir); err != nil {
		return err
	}
	// The old ones; the next one removes what a cut leaves.
	if err := errors.Join(wipe(fresh), os.RemoveAll(fresh)); err != nil {
		return err
	}
	return card.SyncDir(filepath.Dir(dir))
}

// exchange puts a in the place of b in one step; what was b is a then.
func exchange(a, b string) error {
	if _, err := os.Lstat(b); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(a, b)
	}
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}

// taken is the mark of the site file that was taken last, "" for none.
func taken(dir string) string {
	mark, _ := os.ReadFile(filepath.Join(dir, takenFile))
	return strings.TrimSpace(string(mark))
}

// errorText is what lies beside a site file that was refused. Lines end as on the PCs
// where it is read.
func errorText(wrong []string) []byte {
	var b strings.Builder
	b.WriteString("Le fichier " + card.SiteFile + " n’a pas été pris. La borne garde la fiche d’avant.\n\n")
	for _, line := range wrong {
		b.WriteString("- " + line + "\n")
	}
	b.WriteString("\nCorrigez le fichier, enregistrez-le ici, et redémarrez la borne.\n")
	return []byte("\xef\xbb\xbf" + strings.ReplaceAll(b.String(), "\n", "\r\n"))
}
