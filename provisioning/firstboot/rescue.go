package firstboot

import (
	"archive/tar"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"jeudi/provisioning/card"
)

// What was saved of a broken file system waits at the end of its own partition, where the
// new one does not reach until it is restored: a cut in between loses nothing. It is a
// tar, and right before the end of the partition a block that says where and how long.
const (
	rescueMagic = "JEUDI-RESCUE-1\n\x00"
	rescueBlock = 4096
	// rescueMost is how much is saved: a box that has served for years holds some
	// megabytes, and a Pi 3 has 1 GiB of memory to hold them meanwhile.
	rescueMost = 64 << 20
)

var errNothing = errors.New("nothing of it reads")

// reserve is how much of a partition's end a rescue may take, in bytes.
func reserve(size int64) int64 {
	return min(rescueMost+rescueBlock, size/3) / rescueBlock * rescueBlock
}

// putRescue writes a tar to the end of a partition, and only then the block that names it.
func putRescue(d Disk, size int64, archive []byte) error {
	room := reserve(size)
	if int64(len(archive)) > room-rescueBlock {
		return fmt.Errorf("rescue: %d bytes for %d of room", len(archive), room-rescueBlock)
	}
	at := size - room
	if _, err := d.WriteAt(archive, at); err != nil {
		return fmt.Errorf("rescue: %w", err)
	}
	if err := d.Sync(); err != nil {
		return fmt.Errorf("rescue: %w", err)
	}
	sum := sha256.Sum256(archive)
	block := make([]byte, rescueBlock)
	n := copy(block, rescueMagic)
	n += copy(block[n:], binary.LittleEndian.AppendUint64(nil, uint64(len(archive))))
	n += copy(block[n:], sum[:])
	check := sha256.Sum256(block[:n])
	copy(block[n:], check[:])
	if _, err := d.WriteAt(block, size-rescueBlock); err != nil {
		return fmt.Errorf("rescue: %w", err)
	}
	if err := d.Sync(); err != nil {
		return fmt.Errorf("rescue: %w", err)
	}
	return nil
}

// rescued is how long the tar at the end of a partition is; false when there is none.
func rescued(d io.ReaderAt, size int64) (length int64, sum []byte, ok bool) {
	block := make([]byte, rescueBlock)
	if size < 8*rescueBlock {
		return 0, nil, false
	}
	if _, err := d.ReadAt(block, size-rescueBlock); err != nil || !bytes.HasPrefix(block, []byte(rescueMagic)) {
		return 0, nil, false
	}
	n := len(rescueMagic) + 8 + sha256.Size
	if check := sha256.Sum256(block[:n]); !bytes.Equal(check[:], block[n:n+sha256.Size]) {
		return 0, nil, false
	}
	length = int64(binary.LittleEndian.Uint64(block[len(rescueMagic):]))
	if length < 0 || length > reserve(size)-rescueBlock {
		return 0, nil, false
	}
	return length, block[len(rescueMagic)+8 : n], true
}

// takeRescue reads the tar at the end of a partition.
func takeRescue(d io.ReaderAt, size int64) ([]byte, error) {
	length, sum, ok := rescued(d, size)
	if !ok {
		return nil, errors.New("rescue: none")
	}
	archive := make([]byte, length)
	if _, err := d.ReadAt(archive, size-reserve(size)); err != nil {
		return nil, fmt.Errorf("rescue: %w", err)
	}
	if got := sha256.Sum256(archive); !bytes.Equal(got[:], sum) {
		return nil, errors.New("rescue: it is not what was written")
	}
	return archive, nil
}

// dropRescue takes the rescue off the end of a partition: its name first, then every byte
// of it, since it holds what the box holds.
func dropRescue(d Disk, size int64) error {
	zeros := make([]byte, pass)
	if _, err := d.WriteAt(zeros[:rescueBlock], size-rescueBlock); err != nil {
		return fmt.Errorf("rescue: %w", err)
	}
	if err := d.Sync(); err != nil {
		return fmt.Errorf("rescue: %w", err)
	}
	for at := size - reserve(size); at < size; at += pass {
		if _, err := d.WriteAt(zeros[:min(pass, size-at)], at); err != nil {
			return fmt.Errorf("rescue: %w", err)
		}
	}
	return d.Sync()
}

// pack is a tar of what reads in a folder, the box's own first, of at most so many bytes.
// A file of which a part cannot be read has zeros there: whoever owns it has a check of
// its own. It returns how many files it holds, and how many could not be saved.
func pack(dir string, most int64) (archive []byte, saved, lost int, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, 0, 0, err
	}
	defer root.Close()
	var names []string
	fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			lost++ // a folder that does not read hides what is in it
			if d != nil && d.IsDir() && name != "." {
				return fs.SkipDir
			}
		case name == "lost+found":
			return fs.SkipDir
		case d.IsDir() && name != ".", d.Type().IsRegular():
			names = append(names, name)
		}
		return nil
	})
	rank := func(name string) int {
		switch first, _, _ := strings.Cut(name, "/"); first {
		case "jeudi":
			return 0
		case "site":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range names {
		info, err := root.Lstat(name)
		if err != nil {
			lost++
			continue
		}
		h, err := tar.FileInfoHeader(info, "")
		if err != nil {
			lost++
			continue
		}
		h.Name = name
		if info.IsDir() {
			h.Name += "/"
			if err := w.WriteHeader(h); err != nil {
				return nil, 0, 0, err
			}
			continue
		}
		if int64(out.Len())+h.Size+4096 > most {
			lost++
			continue
		}
		content, whole := readThrough(root, name, h.Size)
		if content == nil {
			lost++
			continue
		}
		if !whole {
			lost++
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, 0, 0, err
		}
		if _, err := w.Write(content); err != nil {
			return nil, 0, 0, err
		}
		saved++
	}
	if err := w.Close(); err != nil {
		return nil, 0, 0, err
	}
	if saved == 0 {
		return nil, 0, lost, errNothing
	}
	return out.Bytes(), saved, lost, nil
}

// readThrough reads size bytes of a file, with zeros where the card does not answer; nil
// when nothing of it reads.
func readThrough(root *os.Root, name string, size int64) (content []byte, whole bool) {
	f, err := root.Open(name)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	content, whole = make([]byte, size), true
	any := size == 0
	const block = 4096
	for at := int64(0); at < size; at += block {
		part := content[at:min(at+block, size)]
		if n, err := f.ReadAt(part, at); err != nil && n < len(part) {
			clear(part)
			whole = false
			continue
		}
		any = true
	}
	if !any {
		return nil, false
	}
	return content, whole
}

// unpack puts a tar back below a folder. It never leaves that folder, and takes files and
// folders alone: what it reads was on a broken disk.
func unpack(archive []byte, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("rescue: %w", err)
		}
		name := path.Clean(h.Name)
		if !filepath.IsLocal(name) || name == "." {
			continue
		}
		switch h.Typeflag {
		case tar.TypeDir:
			if err := root.MkdirAll(name, 0o700); err != nil {
				return fmt.Errorf("rescue: %w", err)
			}
		case tar.TypeReg:
			if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
				return fmt.Errorf("rescue: %w", err)
			}
			f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, h.FileInfo().Mode().Perm())
			if err != nil {
				return fmt.Errorf("rescue: %w", err)
			}
			_, err = io.Copy(f, r)
			err = errors.Join(err, f.Sync(), f.Close())
			if err != nil {
				return fmt.Errorf("rescue: %w", err)
			}
			root.Chtimes(name, h.ModTime, h.ModTime)
		default:
			continue
		}
		root.Lchown(name, h.Uid, h.Gid) // the folders' step gives them to who owns them
	}
	return card.SyncDir(dir)
}
