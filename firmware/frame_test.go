package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestBootOf(t *testing.T) {
	file := filepath.Join(t.TempDir(), "boot_id")
	if got := bootOf(file); got != "" {
		t.Errorf("bootOf(nothing) = %q; want nothing", got)
	}
	if err := os.WriteFile(file, []byte("5a8b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := bootOf(file); got != "5a8b" {
		t.Errorf("bootOf() = %q; want 5a8b", got)
	}
}

// amounts are the attributes of the log that hold a number: of things, or of time.
var amounts = []string{"by", "commands", "files", "goroutines", "heap_kib", "issued", "left", "places", "problems", "used"}

// book reads every line of the log's files: each is an event of the catalogue, and
// none of its values is an answer, a motif, a language, somebody's identity or the
// number of a ticket.
func (x *secrets) book(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "log", "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatalf("log = %q, %v; want a file", files, err)
	}
	lines := 0
	for _, name := range files {
		data := readFile(t, name)
		x.absent(t, name, data, x.others, x.motifs, x.langs)
		x.nobody(t, name, data)
		x.nocode(t, name, data)
		for line := range bytes.Lines(data) {
			lines++
			x.entry(t, line)
		}
	}
	if lines == 0 {
		t.Errorf("%s is empty; this test looks at the wrong place", dir)
	}
}

// entry reads a line of the log.
func (x *secrets) entry(t *testing.T, line []byte) {
	t.Helper()
	var said map[string]any
	if err := json.Unmarshal(line, &said); err != nil {
		t.Errorf("the log says %s: %v", line, err)
		return
	}
	if id, _ := said["id"].(string); id == "" || id == "log/unknown" {
		t.Errorf("the log says %s; want an event of the catalogue", line)
	}
	for key, value := range said {
		switch value := value.(type) {
		case float64:
			if !slices.Contains(amounts, key) {
				t.Errorf("the log says %s; want no number but a count, not %q", line, key)
			}
		case string:
			if key == "time" || key == "level" || key == "msg" || key == "id" {
				continue
			}
			for _, secret := range slices.Concat(x.motifs, x.others, x.langs) {
				if !strings.Contains(x.place, secret) && strings.EqualFold(value, secret) {
					t.Errorf("the log says %s; want no %q", line, secret)
				}
			}
		}
	}
}
