package proof

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"jeudi/firmware/agenda"
	"jeudi/firmware/journal"
	"jeudi/firmware/ledger"
	"jeudi/firmware/session"
)

// An Ack is a ticket that somebody holds: the box had said yes when its card's log had At
// entries, so that no cut there or later may take it back.
type Ack struct {
	Number int
	At     int
}

// owed are the tickets that a cut must leave.
func owed(acks []Ack, c Cut) (numbers []int) {
	for _, a := range acks {
		if a.At <= c.At {
			numbers = append(numbers, a.Number)
		}
	}
	return numbers
}

// ErrNoMount is why a data partition is not looked at here.
var ErrNoMount = errors.New("NOT RUN: mounting the data partition needs root, ext4 and loop devices")

// CanMount reports whether a data partition can be opened here as the box's kernel does it.
func CanMount() error {
	if os.Getuid() != 0 {
		return fmt.Errorf("%w: this is not root", ErrNoMount)
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		return fmt.Errorf("%w: %w", ErrNoMount, err)
	}
	kinds, err := os.ReadFile("/proc/filesystems")
	if err != nil || !strings.Contains(string(kinds), "\text4\n") {
		return fmt.Errorf("%w: no ext4 in this kernel", ErrNoMount)
	}
	return nil
}

// Mounted opens a data partition in a file as the kernel of a box would after a cut, which
// completes or forgets what its journal had begun; then it is checked whole. look is given
// the folder.
func Mounted(file string, look func(dir string) error) error {
	dir, err := os.MkdirTemp("", "jeudi-data")
	if err != nil {
		return err
	}
	defer os.Remove(dir)
	if out, err := exec.Command("mount", "-t", "ext4", "-o", "loop,noatime", file, dir).CombinedOutput(); err != nil {
		return fmt.Errorf("the data partition does not mount: %w %s", err, out)
	}
	err = look(dir)
	if out, gone := exec.Command("umount", dir).CombinedOutput(); gone != nil {
		return errors.Join(err, fmt.Errorf("umount: %w %s", gone, out))
	}
	if out, bad := exec.Command("e2fsck", "-fn", file).CombinedOutput(); bad != nil {
		err = errors.Join(err, fmt.Errorf("the file system is damaged: %w %s", bad, out))
	}
	return err
}

// A Kept is what the box's own code reads from its folder.
type Kept struct {
	Tickets []int // of the open permanence
	Events  int
	Status  session.Status
	Closed  int      // permanences in the ledger
	Issued  int      // tickets of those
	Aside   []string // files that could not be read
}

// Lost are the tickets of want that are not there.
func (k Kept) Lost(want []int) (lost []int) {
	for _, n := range want {
		if !slices.Contains(k.Tickets, n) {
			lost = append(lost, n)
		}
	}
	return lost
}

// Twice are the numbers that were given to two people.
func (k Kept) Twice() (twice []int) {
	for i, n := range k.Tickets {
		if slices.Contains(k.Tickets[:i], n) {
			twice = append(twice, n)
		}
	}
	return twice
}

// Open opens the stores of a copy of the box's data folder with the box's own code, as its
// start does.
func Open(folder string) (k Kept, err error) {
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return k, nil // a box that never ran
	}
	dir, err := os.MkdirTemp("", "jeudi-stores")
	if err != nil {
		return k, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(filepath.Join(dir, "box"), os.DirFS(folder)); err != nil {
		return k, fmt.Errorf("a file of the data folder cannot be read: %w", err)
	}
	dir = filepath.Join(dir, "box")
	keep := func(file string, err error) error {
		if file != "" {
			k.Aside = append(k.Aside, filepath.Base(file))
		}
		return err
	}
	j, aside, err := journal.Open(dir)
	if err := keep(aside, err); err != nil {
		return k, err
	}
	defer j.Close()
	var state session.State
	j.Replay(func(e session.Event) {
		k.Events++
		state = session.Evolve(state, e)
		if b, ok := e.Body.(session.TicketTaken); ok {
			k.Tickets = append(k.Tickets, int(b.Number))
		}
	})
	k.Status = state.Status
	l, aside, err := ledger.Open(dir)
	if err := keep(aside, err); err != nil {
		return k, err
	}
	defer l.Close()
	entries, err := l.Entries()
	if err != nil {
		return k, err
	}
	k.Closed = len(entries)
	for _, e := range entries {
		k.Issued += e.Totals.Issued
	}
	a, aside, err := agenda.Open(dir)
	if err := keep(aside, err); err != nil {
		return k, err
	}
	return k, a.Close()
}
