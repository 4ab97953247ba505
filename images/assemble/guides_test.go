package main

import (
	"archive/zip"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuides: the packed guides lack nothing that one of their pages asks for, and the same
// pages make the same file.
func TestGuides(t *testing.T) {
	var made [2][]byte
	for i := range made {
		name := filepath.Join(t.TempDir(), "guides.zip")
		if err := guidesCommand("1767225600", "../../kiosk-ui", name); err != nil {
			t.Fatal(err)
		}
		var err error
		if made[i], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if string(made[0]) != string(made[1]) {
		t.Error("the guides were packed twice, and differ")
	}
	r, err := zip.NewReader(strings.NewReader(string(made[0])), int64(len(made[0])))
	if err != nil {
		t.Fatal(err)
	}
	asks := regexp.MustCompile(`(?:href|src)="([^"#:]+)["#]|url\("([^":]+)"\)`)
	asked := 0
	for _, f := range r.File {
		if ext := path.Ext(f.Name); ext != ".html" && ext != ".css" {
			continue
		}
		text, err := fs.ReadFile(r, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asks.FindAllStringSubmatch(string(text), -1) {
			asked++
			if name := path.Join(path.Dir(f.Name), m[1]+m[2]); !exists(r, name) {
				t.Errorf("%s asks for %s, which is not packed", f.Name, name)
			}
		}
	}
	if asked < 100 || !exists(r, "guide/index.html") {
		t.Errorf("%d files are asked for; want all the links of all guides", asked)
	}
}

func exists(dir fs.FS, name string) bool {
	_, err := fs.Stat(dir, name)
	return err == nil
}
