package main

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A folder of ours goes into the root at a place of its own, over what Debian has there.
type folder struct {
	files fs.FS
	at    string // from the root, without slashes at its ends; "" is the root itself
}

// rootCommand reads its arguments as in usage.
func rootCommand(args []string, out io.Writer) error {
	epoch, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return fmt.Errorf("the epoch is seconds since 1970: %w", err)
	}
	list, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	debian, err := os.Open(args[2])
	if err != nil {
		return err
	}
	defer debian.Close()
	var folders []folder
	for _, arg := range args[3:] {
		dir, at, ok := strings.Cut(arg, "=/")
		if !ok {
			return fmt.Errorf("%q is not FOLDER=/where", arg)
		}
		folders = append(folders, folder{os.DirFS(dir), strings.Trim(at, "/")})
	}
	return joinRoot(out, bufio.NewReaderSize(debian, 1<<20), parsePrune(string(list)), folders, time.Unix(epoch, 0))
}

// joinRoot writes the tar of a root: Debian's entries in their order, without what is
// pruned and what a folder has too, then the folders' files. Ours come last, so that the
// squashfs made of it differs from its predecessor near its end alone when only ours
// changed. Ours belong to root and are all of
// epoch; the last folder wins.
func joinRoot(out io.Writer, debian io.Reader, prune []pattern, folders []folder, epoch time.Time) error {
	w := tar.NewWriter(out)
	ours, err := listOurs(folders)
	if err != nil {
		return err
	}
	written := map[string]bool{}
	r := tar.NewReader(debian)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("the tar of Debian: %w", err)
		}
		name := strings.Trim(path.Clean("/"+h.Name), "/")
		if name == "" || pruned(prune, name) { // mksquashfs has its own word for the root itself
			continue
		}
		if file, ok := ours[name]; ok && !(file.dir && h.Typeflag == tar.TypeDir) {
			if h.Typeflag == tar.TypeDir {
				return fmt.Errorf("%s is a folder in Debian's root and a file in ours", name)
			}
			continue
		}
		if h.Typeflag == tar.TypeLink && pruned(prune, strings.Trim(path.Clean("/"+h.Linkname), "/")) {
			return fmt.Errorf("%s is a link to %s, which is pruned", name, h.Linkname)
		}
		h.AccessTime, h.ChangeTime = time.Time{}, time.Time{}
		h.Uname, h.Gname = "", ""
		h.Format = tar.FormatUnknown
		delete(h.PAXRecords, "atime")
		delete(h.PAXRecords, "ctime")
		if err := w.WriteHeader(h); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err := io.Copy(w, r); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if h.Typeflag == tar.TypeDir {
			written[name] = true
		}
	}
	for _, name := range sortedNames(ours) {
		if written[name] {
			continue
		}
		if err := ours[name].write(w, name, epoch); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return w.Close()
}

// ourFile is a file of a folder.
type ourFile struct {
	files fs.FS
	from  string
	dir   bool
}

// listOurs finds what the folders bring, by its name in the root.
func listOurs(folders []folder) (map[string]ourFile, error) {
	ours := map[string]ourFile{}
	for _, f := range folders {
		for above := f.at; above != "" && above != "."; above = path.Dir(above) {
			ours[above] = ourFile{dir: true}
		}
		err := fs.WalkDir(f.files, ".", func(from string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if name := strings.Trim(path.Join(f.at, from), "/"); name != "" && name != "." {
				ours[name] = ourFile{f.files, from, d.IsDir()}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return ours, nil
}

func sortedNames(ours map[string]ourFile) []string {
	names := make([]string, 0, len(ours))
	for name := range ours {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// write puts the file into a tar. Only whether it may be executed comes from the folder's
// mode: git keeps nothing else, and a machine's umask is its own.
func (f ourFile) write(w *tar.Writer, name string, epoch time.Time) error {
	h := &tar.Header{Name: "./" + name, ModTime: epoch, Mode: 0o644}
	if f.dir {
		h.Typeflag, h.Mode = tar.TypeDir, 0o755
		h.Name += "/"
		return w.WriteHeader(h)
	}
	info, err := fs.Lstat(f.files, f.from)
	if err != nil {
		return err
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		h.Typeflag, h.Mode = tar.TypeSymlink, 0o777
		if h.Linkname, err = fs.ReadLink(f.files, f.from); err != nil {
			return err
		}
		return w.WriteHeader(h)
	case !info.Mode().IsRegular():
		return errors.New("neither a file nor a link")
	}
	h.Typeflag, h.Size = tar.TypeReg, info.Size()
	if info.Mode()&0o111 != 0 {
		h.Mode = 0o755
	}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	r, err := f.files.Open(f.from)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, r)
	return err
}

// A pattern of the prune list: a path.Match pattern that takes what it names and all below,
// or, with "!", that keeps it although an earlier one takes it.
type pattern struct {
	match string
	keep  bool
}

// parsePrune reads a prune list: a pattern a line, then its reason, which nobody reads.
func parsePrune(list string) []pattern {
	var patterns []pattern
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		match, keep := strings.CutPrefix(fields[0], "!")
		patterns = append(patterns, pattern{strings.Trim(match, "/"), keep})
	}
	return patterns
}

// pruned reports whether a file is left out: the last pattern that names it or a folder
// above it decides.
func pruned(patterns []pattern, name string) bool {
	out := false
	for _, p := range patterns {
		for above := name; above != "." && above != ""; above = path.Dir(above) {
			if ok, _ := path.Match(p.match, above); ok {
				out = !p.keep
				break
			}
		}
	}
	return out
}
