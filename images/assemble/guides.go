package main

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// guidesCommand packs the guides as a box serves them, for whoever has a card to write and
// no box yet: guide/index.html opens in any browser, from the folder that the zip makes.
func guidesCommand(epoch, kioskUI, out string) error {
	when, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("the epoch is seconds since 1970: %w", err)
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := packGuides(zip.NewWriter(f), os.DirFS(kioskUI), time.Unix(when, 0).UTC()); err != nil {
		return fmt.Errorf("%s: %w", out, err)
	}
	return f.Close()
}

// guideFiles are the guides, and what their pages take from the rest of the interface.
func guideFiles() []string { return []string{"guide", "lib/base.css", "lib/fonts.css", "lib/fonts"} }

func packGuides(w *zip.Writer, from fs.FS, when time.Time) error {
	for _, under := range guideFiles() {
		err := fs.WalkDir(from, under, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			content, err := fs.ReadFile(from, name)
			if err != nil {
				return err
			}
			in, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: when})
			if err == nil {
				_, err = in.Write(content)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return w.Close()
}
