package logbook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// Kept is how many starts of the box are kept in files, and Most how large one may
// grow, in bytes: what goes beyond is not written, for a box that fails over and over
// would wear its card.
const (
	Kept = 8
	Most = 256 << 10
)

// Book is the log's files: one for each start, the newest without a number.
type Book struct {
	dir string

	mu   sync.Mutex // lines come from every goroutine
	file *os.File
	size int
}

// Open begins a file in a folder of its own, and forgets that of the start before the
// last Kept.
func Open(dir string) (*Book, error) {
	b := &Book{dir: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("logbook: %w", err)
	}
	for n := Kept - 1; n > 0; n-- {
		if err := os.Rename(b.name(n-1), b.name(n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("logbook: %w", err)
		}
	}
	f, err := os.OpenFile(b.name(0), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("logbook: %w", err)
	}
	b.file = f
	return b, nil
}

// name is the file of the n-th start before this one.
func (b *Book) name(n int) string {
	if n == 0 {
		return filepath.Join(b.dir, "jeudi.log")
	}
	return filepath.Join(b.dir, "jeudi."+strconv.Itoa(n)+".log")
}

// Handler writes lines of JSON into the book; it is for New.
func (b *Book) Handler() slog.Handler {
	return slog.NewJSONHandler(b, &slog.HandlerOptions{ReplaceAttr: stamp})
}

// Write writes a line, unless the file is full. It never fails: a log must not stop
// what it tells of.
func (b *Book) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file != nil && b.size+len(line) <= Most {
		if n, err := b.file.Write(line); err == nil {
			b.size += n
		}
	}
	return len(line), nil
}

// Problems are the lines of all kept starts that are warnings or errors, oldest
// first. A line that a cut left half is left out.
func (b *Book) Problems() ([]byte, error) { return Problems(b.dir) }

// Problems are those of a book's folder, for whoever does not write into it.
func Problems(dir string) ([]byte, error) {
	b := &Book{dir: dir}
	var out bytes.Buffer
	for n := Kept - 1; n >= 0; n-- {
		data, err := os.ReadFile(b.name(n))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("logbook: %w", err)
		}
		for line := range bytes.Lines(data) {
			var l struct{ Level slog.Level }
			if json.Unmarshal(line, &l) == nil && l.Level >= slog.LevelWarn {
				out.Write(line)
			}
		}
	}
	return out.Bytes(), nil
}

// Close closes the file; lines that come later are lost.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.file
	b.file = nil
	return f.Close()
}
