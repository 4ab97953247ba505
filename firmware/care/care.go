// Package care is what outlives one box: its backup, and what a spare one takes over when
// a box must go to repair in the middle of a morning.
//
// A backup has the site, the directory and the released statistics: nothing of it concerns
// a person, and the site's Wi-Fi is left out, because anybody can read the stick. A handover
// has that Wi-Fi, and the open permanence besides, numbers and hours of people who wait: it
// is sealed with a code that staff carry from one box to the other. What was answered to questions is in neither: those sheets
// are sealed with keys that only the team's phones have, and stay on their card.
//
// What it promises: Unpack returns what Pack was given or an error, and never more than
// MaxBytes of it, whatever lies on the stick.
package care

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/journal"
	"jeudi/firmware/report"
	"jeudi/firmware/session"
)

// Limits of a bundle.
const (
	MaxBytes = 32 << 20 // unpacked
	maxFiles = 500
)

// Errors of a bundle.
var (
	ErrDamaged = errors.New("care: not a whole backup of Jeudi")
	ErrNewer   = errors.New("care: made by a newer version")
	ErrLarge   = errors.New("care: too large")
)

// version of what Pack writes.
const version = 1

// A Bundle is what goes from one box to another.
type Bundle struct {
	Made      time.Time
	Version   string            // of the box that made it
	Place     string            // for people, who have several sticks
	NoWifi    bool              // the Wi-Fi of the place was left out of the site
	Site      map[string][]byte // jeudi.toml and the files that it names, by their names
	Directory map[string][]byte // see directoryFiles
	Releases  []report.Release
	Events    []session.Event // of the open permanence; none in a backup
}

// head is the first file of a bundle.
type head struct {
	Jeudi   int       `json:"jeudi"`
	Made    time.Time `json:"made"`
	Version string    `json:"version"`
	Place   string    `json:"place"`
	NoWifi  bool      `json:"no_wifi,omitempty"`
}

// directoryFiles are the files of the directory that hold what it is now.
func directoryFiles() []string { return []string{"places.json", "changes.json"} }

// Names in a bundle.
const (
	headName     = "sauvegarde.json"
	sitePrefix   = "site/"
	placesPrefix = "lieux/"
	releasesName = "bilan.json"
	eventsName   = "matinee.jsonl"
)

// Pack is a bundle as a file: a zip, which a technician can look into.
func (b Bundle) Pack() ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	size := 0
	put := func(name string, content []byte) error {
		if size += len(content); size > MaxBytes {
			return ErrLarge
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.Made})
		if err == nil {
			_, err = f.Write(content)
		}
		return err
	}
	encode := func(name string, v any) error {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		return put(name, raw)
	}
	err := encode(headName, head{version, b.Made, b.Version, b.Place, b.NoWifi})
	for _, part := range []struct {
		prefix string
		files  map[string][]byte
	}{{sitePrefix, b.Site}, {placesPrefix, b.Directory}} {
		for _, name := range slices.Sorted(maps.Keys(part.files)) {
			if err == nil {
				err = put(part.prefix+name, part.files[name])
			}
		}
	}
	if err == nil && len(b.Releases) > 0 {
		err = encode(releasesName, b.Releases)
	}
	if err == nil && len(b.Events) > 0 {
		var lines bytes.Buffer
		for _, e := range b.Events {
			line, e := journal.Encode(e)
			if e != nil {
				return nil, fmt.Errorf("care: %w", e)
			}
			lines.Write(append(line, '\n'))
		}
		err = put(eventsName, lines.Bytes())
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("care: pack: %w", err)
	}
	return out.Bytes(), nil
}

// Unpack reads a bundle. Whatever Pack does not write is an error, so that nothing of a
// damaged file is taken for all of it.
func Unpack(raw []byte) (Bundle, error) {
	r, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil || len(r.File) == 0 || len(r.File) > maxFiles {
		return Bundle{}, ErrDamaged
	}
	b := Bundle{Site: map[string][]byte{}, Directory: map[string][]byte{}}
	left := int64(MaxBytes)
	known := map[string]bool{}
	for i, f := range r.File {
		if !fs.ValidPath(f.Name) || known[f.Name] || (i == 0) != (f.Name == headName) {
			return Bundle{}, ErrDamaged
		}
		known[f.Name] = true
		content, err := whole(f, left)
		if err != nil {
			return Bundle{}, err
		}
		left -= int64(len(content))
		if err := b.take(f.Name, content); err != nil {
			return Bundle{}, err
		}
	}
	if len(b.Site) > 0 && b.Site["jeudi.toml"] == nil {
		return Bundle{}, ErrDamaged
	}
	return b, nil
}

// whole is a file of a zip, of at most so many bytes, whatever the zip says of its size.
func whole(f *zip.File, most int64) ([]byte, error) {
	in, err := f.Open()
	if err != nil {
		return nil, ErrDamaged
	}
	defer in.Close()
	content, err := io.ReadAll(io.LimitReader(in, most+1))
	switch {
	case err != nil:
		return nil, ErrDamaged
	case int64(len(content)) > most:
		return nil, ErrLarge
	}
	return content, nil
}

func (b *Bundle) take(name string, content []byte) error {
	site, isSite := strings.CutPrefix(name, sitePrefix)
	places, isPlaces := strings.CutPrefix(name, placesPrefix)
	switch {
	case name == headName:
		var h head
		if json.Unmarshal(content, &h) != nil || h.Jeudi < 1 {
			return ErrDamaged
		}
		if h.Jeudi > version {
			return ErrNewer
		}
		b.Made, b.Version, b.Place, b.NoWifi = h.Made, h.Version, h.Place, h.NoWifi
	case isSite:
		b.Site[site] = content
	case isPlaces && slices.Contains(directoryFiles(), places):
		b.Directory[places] = content
	case name == releasesName:
		if json.Unmarshal(content, &b.Releases) != nil {
			return ErrDamaged
		}
	case name == eventsName:
		lines := bufio.NewScanner(bytes.NewReader(content))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			e, err := journal.Decode(lines.Bytes())
			if err != nil || len(b.Events) > 0 && b.Events[len(b.Events)-1].Seq+1 != e.Seq {
				return ErrDamaged
			}
			b.Events = append(b.Events, e)
		}
		if lines.Err() != nil {
			return ErrDamaged
		}
	default:
		return ErrDamaged
	}
	return nil
}
