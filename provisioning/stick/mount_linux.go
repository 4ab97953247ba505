package stick

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"jeudi/provisioning/card"
	"jeudi/provisioning/steward"
)

// Sticks are those of a machine. The zero value is a box's.
type Sticks struct {
	Sys, Dev, Dir string   // "" for /sys/block, /dev and card.StickDir
	Types         []string // file systems that are mounted; nil for vfat and exfat

	one sync.Mutex // one is mounted at a time, at one place
}

func (s *Sticks) paths() (sys, dev, dir string) {
	sys, dev, dir = "/sys/block", "/dev", card.StickDir
	if s.Sys != "" {
		sys, dev, dir = s.Sys, s.Dev, s.Dir
	}
	return sys, dev, dir
}

// refusal is why a stick cannot be used, and what its file system is when it can.
func (s *Sticks) refusal(d device) (kind, why string) {
	_, dev, _ := s.paths()
	if disk, err := os.Open(filepath.Join(dev, d.disk)); err == nil {
		_, err = card.Read(disk)
		disk.Close()
		if err == nil {
			return "", refusedCard
		}
	}
	f, err := os.Open(filepath.Join(dev, d.id))
	if err != nil {
		return "", refusedRead
	}
	defer f.Close()
	types := s.Types
	if types == nil {
		types = []string{"vfat", "exfat"}
	}
	if kind = fileSystem(f); !slices.Contains(types, kind) {
		return "", refusedKind
	}
	return kind, ""
}

// mounted does something with a stick, "" for the only one, mounted for that time.
func (s *Sticks) mounted(id string, write bool, do func(*os.Root) error) error {
	root, unmount, err := s.mount(id, write)
	if err != nil {
		return err
	}
	return errors.Join(do(root), unmount())
}

// mount mounts a stick, "" for the only one, until unmount is called, and keeps all others
// waiting.
func (s *Sticks) mount(id string, write bool) (root *os.Root, unmount func() error, err error) {
	sys, dev, dir := s.paths()
	var chosen device
	kind := ""
	for _, d := range devices(sys) {
		if id != "" && d.id != id {
			continue
		}
		k, why := s.refusal(d)
		switch {
		case why != "" && id != "":
			return nil, nil, &steward.Refusal{Key: why}
		case why != "":
			continue
		case kind != "":
			return nil, nil, errMany
		}
		chosen, kind = d, k
	}
	if kind == "" && id != "" {
		return nil, nil, errGone
	}
	if kind == "" {
		return nil, nil, errNone
	}
	s.one.Lock()
	defer func() {
		if err != nil {
			s.one.Unlock()
		}
	}()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("stick: %w", err)
	}
	flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOSYMFOLLOW | unix.MS_NOATIME)
	if !write {
		flags |= unix.MS_RDONLY
	}
	options := ""
	if kind != "ext4" {
		options = "umask=0077"
	}
	if err := unix.Mount(filepath.Join(dev, chosen.id), dir, kind, flags, options); err != nil {
		if write && (err == unix.EROFS || err == unix.EACCES) {
			return nil, nil, errWrite // it has a lock
		}
		return nil, nil, errRead
	}
	if root, err = os.OpenRoot(dir); err != nil {
		unix.Unmount(dir, unix.MNT_DETACH)
		return nil, nil, err
	}
	return root, func() error {
		defer s.one.Unlock()
		root.Close()
		// It is on the stick once it is unmounted. One that was pulled meanwhile only lets go.
		if unix.Unmount(dir, 0) == nil {
			return nil
		}
		unix.Unmount(dir, unix.MNT_DETACH)
		if write {
			return errWrite
		}
		return nil
	}, nil
}

// List is the sticks that are plugged in, with what of ours is on them.
func (s *Sticks) List() []Stick {
	sys, _, _ := s.paths()
	found := []Stick{}
	for _, d := range devices(sys) {
		one := Stick{ID: d.id, Model: d.model, Bytes: d.bytes}
		if _, one.Refused = s.refusal(d); one.Refused == "" {
			err := s.mounted(d.id, false, func(root *os.Root) (err error) {
				one.Files, err = list(root)
				return err
			})
			if err != nil {
				one.Refused = refusedRead
			}
		}
		found = append(found, one)
	}
	return found
}

// Read is a whole file of a stick, "" for the only one, of at most so many bytes.
func (s *Sticks) Read(id, name string, most int64) (content []byte, err error) {
	err = s.mounted(id, false, func(root *os.Root) error {
		f, err := open(root, name)
		if err != nil {
			return err
		}
		defer f.Close()
		content, err = io.ReadAll(io.LimitReader(f, most+1))
		switch {
		case err != nil:
			return errRead
		case int64(len(content)) > most:
			return errLarge
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return content, nil
}

// Open opens a file of a stick, "" for the only one, which stays mounted until it is
// closed: for what is too large to be held.
func (s *Sticks) Open(id, name string) (io.ReadCloser, error) {
	root, unmount, err := s.mount(id, false)
	if err != nil {
		return nil, err
	}
	f, err := open(root, name)
	if err != nil {
		return nil, errors.Join(err, unmount())
	}
	return &held{f, sync.OnceValue(func() error { return errors.Join(f.Close(), unmount()) })}, nil
}

// held is a file on a stick that is mounted for it.
type held struct {
	*os.File
	let func() error
}

func (h *held) Close() error { return h.let() }

// Write puts a file on a stick, "" for the only one, and unmounts it. The name is ours; if
// the stick has one of that name already, it becomes name-02.
func (s *Sticks) Write(id, name string, content []byte) (as string, err error) {
	if !writable(name) {
		return "", fmt.Errorf("stick: a name that is not written: %q", name)
	}
	err = s.mounted(id, true, func(root *os.Root) (err error) {
		as, err = put(root, name, content)
		return err
	})
	if err != nil {
		if refusal, meant := errors.AsType[*steward.Refusal](err); meant {
			return "", refusal
		}
		return "", errWrite
	}
	return as, nil
}

// Handlers do the verbs of sticks for the steward.
func (s *Sticks) Handlers() map[string]steward.Handler {
	return map[string]steward.Handler{
		steward.VerbSticks: func(context.Context, json.RawMessage, func(steward.Progress)) (any, error) { return s.List(), nil },
		steward.VerbImport: func(_ context.Context, raw json.RawMessage, _ func(steward.Progress)) (any, error) {
			args, err := steward.Args[ImportArgs](raw)
			if err != nil {
				return nil, err
			}
			content, err := s.Read(args.Stick, args.Name, ByValue)
			if err != nil {
				return nil, err
			}
			return Imported{content}, nil
		},
		steward.VerbExport: func(_ context.Context, raw json.RawMessage, _ func(steward.Progress)) (any, error) {
			args, err := steward.Args[ExportArgs](raw)
			if err != nil {
				return nil, err
			}
			as, err := s.Write(args.Stick, args.Name, args.Content)
			if err != nil {
				return nil, err
			}
			return Exported{as}, nil
		},
	}
}
