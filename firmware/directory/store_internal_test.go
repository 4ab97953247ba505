package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A file is read once more before anything is done about it: a card that fails once
// loses nobody's work.
func TestReadTwice(t *testing.T) {
	passing := &fs.PathError{Op: "read", Path: changesName, Err: errors.New("input/output error")}
	damaged := fmt.Errorf("%s: %w: cut off", changesName, errDamaged)
	for _, tt := range []struct {
		name     string
		answers  []error // of the file's readings, the last of all others
		reads    int
		readOnly bool
		aside    []string
	}{
		{"good", []error{nil}, 1, false, nil},
		{"it fails once", []error{passing, nil}, 2, false, nil},
		{"other bytes once", []error{damaged, nil}, 2, false, nil},
		{"it fails", []error{passing}, 2, true, nil},
		{"other bytes", []error{damaged}, 2, false, []string{changesName + ".damaged-1"}},
		{"other bytes, then it fails", []error{damaged, passing}, 2, true, nil},
		{"no file", []error{fs.ErrNotExist}, 1, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := Open(dir, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, _, err := s.Put(Place{Name: "N", Town: "T"}, time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)); err != nil {
				t.Fatal(err)
			}
			reads := 0
			s.load(changesName, changesBack, func(name string) error {
				if name != changesName {
					return fs.ErrNotExist
				}
				reads++
				return tt.answers[min(reads, len(tt.answers))-1]
			})
			if reads != tt.reads || (s.ReadOnly() != nil) != tt.readOnly || !slices.Equal(s.Damaged(), tt.aside) {
				t.Errorf("load: %d readings, ReadOnly %v, Damaged %v; want %d, %v, %v", reads, s.ReadOnly(), s.Damaged(), tt.reads, tt.readOnly, tt.aside)
			}
			data, err := os.ReadFile(filepath.Join(dir, append(tt.aside, changesName)[0]))
			if err != nil || !strings.Contains(string(data), `"nom":"N"`) {
				t.Errorf("what staff wrote = %q, %v; want it on the disk", data, err)
			}
		})
	}
}
