package directory_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"jeudi/firmware/directory"
)

func open(t testing.TB, dir string) *directory.Store {
	t.Helper()
	s, err := directory.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("Open = %v; want no error", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func replace(t testing.TB, s *directory.Store, name, text string) directory.Report {
	t.Helper()
	report, err := s.Replace(t.Context(), strings.NewReader(text), name, noon())
	if err != nil {
		t.Fatalf("Replace(%s) = %v; want no error", name, err)
	}
	return report
}

// all writes a directory on a line: identifiers, and what staff did.
func all(d *directory.Directory) string {
	var out []string
	for p := range d.All() {
		s := p.ID
		switch p.Staff {
		case directory.Corrected:
			s += " corrected"
		case directory.Added:
			s += " added"
		}
		if p.Gone {
			s += " gone"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

const (
	two   = "id,nom,commune,telephone,horaires,date_maj\na,Accueil,Valbrume,+33400000001,Mo 09:00-12:00,2026-01-01\nb,Bureau,Valbrume,,,2026-01-01\n"
	three = "id,nom,commune,telephone,horaires,date_maj\na,Accueil,Valbrume,+33400000009,Tu 09:00-12:00,2026-02-02\nc,Cour,Valbrume,,,2026-02-02\nd,Dépôt,Valbrume,,,2026-02-02\n"
)

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if n := s.Current().Len(); n != 0 {
		t.Errorf("an empty folder has %d places; want none", n)
	}
	if err := s.Restore(); !errors.Is(err, directory.ErrNoBackup) {
		t.Errorf("Restore of nothing = %v; want %v", err, directory.ErrNoBackup)
	}
	replace(t, s, "lieux-1.csv", two)
	before := s.Current()
	if err := s.Restore(); !errors.Is(err, directory.ErrNoBackup) {
		t.Errorf("Restore after one import = %v; want %v", err, directory.ErrNoBackup)
	}
	replace(t, s, "lieux-2.csv", three)

	check := func(what string, s *directory.Store, want, name string) {
		t.Helper()
		if got := all(s.Current()); got != want {
			t.Errorf("%s: %s; want %s", what, got, want)
		}
		if from := s.Current().Origin(); from.Name != name || !from.At.Equal(noon()) {
			t.Errorf("%s: from %+v; want %s, %v", what, from, name, noon())
		}
	}
	check("two imports", s, "a, c, d", "lieux-2.csv")
	if got := all(before); got != "a, b" {
		t.Errorf("a directory that somebody holds became %s; want it as it was", got)
	}
	check("opened again", open(t, dir), "a, c, d", "lieux-2.csv")

	// What is refused changes nothing, on disk or off it.
	for name, text := range map[string]string{"empty": "id,nom,commune\n", "no table": "bonjour"} {
		if _, err := s.Replace(t.Context(), strings.NewReader(text), name, noon()); err == nil {
			t.Errorf("Replace with %s: no error; want one", name)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Replace(gone, strings.NewReader(two), "x", noon()); !errors.Is(err, context.Canceled) {
		t.Errorf("Replace for nobody = %v; want %v", err, context.Canceled)
	}
	check("after refusals", s, "a, c, d", "lieux-2.csv")
	check("after refusals, opened again", open(t, dir), "a, c, d", "lieux-2.csv")

	if err := s.Restore(); err != nil {
		t.Fatal(err)
	}
	check("restored", s, "a, b", "lieux-1.csv")
	check("restored, opened again", open(t, dir), "a, b", "lieux-1.csv")
	if err := s.Restore(); err != nil {
		t.Fatal(err)
	}
	check("restored twice", s, "a, c, d", "lieux-2.csv")

	entries, _ := os.ReadDir(dir)
	var files []string
	for _, e := range entries {
		files = append(files, e.Name())
	}
	if want := []string{"places.json", "places.previous.json"}; !slices.Equal(files, want) {
		t.Errorf("files = %v; want %v", files, want)
	}
}

func TestStaff(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	replace(t, s, "lieux.csv", two)

	// Added.
	added, problems, err := s.Put(directory.Place{Name: " Épicerie  solidaire ", Town: "Bois-Clair", Phone: "04 00 00 00 02", Hours: "mardi", Services: []string{"equipment", "Aide aux démarches administratives"},
		Entitles: "Gratuit pour une personne orientée", Languages: []string{"ar", "arabe"}}, noon())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(added.ID, "staff-") || added.Name != "Épicerie solidaire" || added.Phone != "+33400000002" || added.Updated != "2026-11-25" ||
		strings.Join(added.Services, " ") != "equipment procedures" || strings.Join(added.Languages, " ") != "ar" {
		t.Errorf("Put = %+v; want it mended, with an identifier", added)
	}
	var codes []string
	for _, p := range problems {
		codes = append(codes, string(p.Code)+" "+p.Done.String())
	}
	if want := []string{"language value_left", "phone mended", "hours kept"}; !slices.Equal(codes, want) {
		t.Errorf("problems = %v; want %v", codes, want)
	}

	// Corrected: one field filled, one emptied, one changed.
	a, _ := s.Current().Place("a")
	a.Entitles, a.Hours, a.Phone = "Une heure gratuite", "", "+33400000003"
	if _, _, err := s.Put(a, noon()); err != nil {
		t.Fatal(err)
	}
	if got, want := all(s.Current()), "a corrected, b, "+added.ID+" added"; got != want {
		t.Errorf("places = %s; want %s", got, want)
	}
	if err := s.Remove("b"); err != nil {
		t.Fatal(err)
	}

	// A new import keeps all of it, and brings what staff did not touch.
	report := replace(t, s, "lieux.csv", strings.Replace(three, "Accueil", "Accueil neuf", 1)+"b,Bureau,Valbrume,,,2026-02-02\n")
	for what, s := range map[string]*directory.Store{"imported": s, "opened again": open(t, dir)} {
		if got, want := all(s.Current()), "a corrected, c, d, "+added.ID+" added"; got != want {
			t.Errorf("%s: places = %s; want %s", what, got, want)
		}
		got, _ := s.Current().Place("a")
		want := directory.Place{ID: "a", Name: "Accueil neuf", Town: "Valbrume", Phone: "+33400000003", Entitles: "Une heure gratuite", Updated: "2026-11-25", Staff: directory.Corrected}
		same(t, what+": the corrected place", got, want)
		if removed := s.Removed(); len(removed) != 1 || removed[0].ID != "b" {
			t.Errorf("%s: Removed = %v; want b", what, removed)
		}
	}
	if report.Corrections != 1 || report.Gone != 0 {
		t.Errorf("report = %d corrections, %d gone; want 1, 0", report.Corrections, report.Gone)
	}

	// One that lacks a corrected place does not lose what staff wrote in it.
	report = replace(t, s, "lieux.csv", "id,nom,commune\nz,Zone,Valbrume\n")
	if got, want := all(s.Current()), "a corrected gone, "+added.ID+" added, z"; got != want || report.Gone != 1 {
		t.Errorf("places = %s, %d gone; want %s, 1", got, report.Gone, want)
	}
	if a, _ := s.Current().Place("a"); a.Name != "Accueil" || a.Entitles != "Une heure gratuite" {
		t.Errorf("the place that is gone = %+v; want it as staff saw it last", a)
	}
	a, _ = s.Current().Place("a")
	a.Note = "À rappeler"
	if p, _, err := s.Put(a, noon()); err != nil || p.Note == "" {
		t.Errorf("Put of a place that is gone = %+v, %v; want it kept", p, err)
	}
	if err := s.Remove("a"); err != nil {
		t.Errorf("Remove of a place that is gone = %v; want no error", err)
	}

	// Taken back.
	replace(t, s, "lieux.csv", two)
	if got, want := all(s.Current()), "a, "+added.ID+" added"; got != want {
		t.Errorf("places = %s; want %s", got, want)
	}
	if err := s.Reset("b"); err != nil {
		t.Fatal(err)
	}
	b, _ := s.Current().Place("b")
	b.Town = "Bois-Clair"
	if _, _, err := s.Put(b, noon()); err != nil {
		t.Fatal(err)
	}
	b.Town = "Valbrume"
	if _, _, err := s.Put(b, noon()); err != nil { // as it was imported: no correction any more
		t.Fatal(err)
	}
	added.Town = "Sablonnette"
	if _, _, err := s.Put(added, noon()); err != nil {
		t.Fatal(err)
	}
	if got, want := all(s.Current()), "a, b, "+added.ID+" added"; got != want {
		t.Errorf("places = %s; want %s", got, want)
	}
	if p, _ := s.Current().Place(added.ID); p.Town != "Sablonnette" || p.Phone != "+33400000002" {
		t.Errorf("the place that staff added = %+v; want its new town", p)
	}
	if err := s.Remove(added.ID); err != nil {
		t.Fatal(err)
	}
	if got := all(open(t, dir).Current()); got != "a, b" {
		t.Errorf("places = %s; want a, b", got)
	}
}

func TestStaffRefused(t *testing.T) {
	s := open(t, t.TempDir())
	replace(t, s, "lieux.csv", two)
	for what, c := range map[string]struct {
		err  error
		want error
	}{
		"no name":             {put(s, directory.Place{Town: "Valbrume"}), directory.ErrInvalid},
		"nowhere":             {put(s, directory.Place{Name: "X"}), directory.ErrInvalid},
		"a name of spaces":    {put(s, directory.Place{Name: " \n", Town: "Valbrume"}), directory.ErrInvalid},
		"unknown":             {put(s, directory.Place{ID: "q", Name: "X", Town: "Valbrume"}), directory.ErrNotThere},
		"removing it":         {s.Remove("q"), directory.ErrNotThere},
		"resetting it":        {s.Reset("q"), directory.ErrNoChange},
		"resetting untouched": {s.Reset("a"), directory.ErrNoChange},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v; want %v", what, c.err, c.want)
		}
	}
	_, problems, _ := s.Put(directory.Place{Town: "Valbrume"}, noon())
	if len(problems) == 0 || problems[0].Code != directory.NoName || problems[0].Done != directory.PlaceLeft {
		t.Errorf("problems = %+v; want no name", problems)
	}
	if got := all(s.Current()); got != "a, b" {
		t.Errorf("places = %s; want a, b", got)
	}
}

func put(s *directory.Store, p directory.Place) error {
	_, _, err := s.Put(p, noon())
	return err
}

// A place that was handed out does not change when staff correct it.
func TestHandedOut(t *testing.T) {
	s := open(t, t.TempDir())
	p, _, err := s.Put(directory.Place{Name: "N", Town: "T", Services: []string{"access", "work"}, Point: &directory.Point{Lat: 45, Lon: 5}}, noon())
	if err != nil {
		t.Fatal(err)
	}
	held, _ := s.Current().Place(p.ID)
	changed := held
	changed.Services = []string{"equipment"}
	if err := put(s, changed); err != nil {
		t.Fatal(err)
	}
	if strings.Join(held.Services, " ") != "access work" {
		t.Errorf("the place somebody holds has %v; want access, work", held.Services)
	}
}

// A damaged file is set aside, the one before it stands in, and nothing is lost
// that could be read.
func TestDamaged(t *testing.T) {
	damage := map[string]func([]byte) []byte{
		"cut":       func(b []byte) []byte { return b[:len(b)/2] },
		"empty":     func([]byte) []byte { return nil },
		"a letter":  func(b []byte) []byte { return bytes.Replace(b, []byte("Valbrume"), []byte("Valbrune"), 1) },
		"no JSON":   func([]byte) []byte { return []byte("\x00\x00\x00") },
		"a version": func(b []byte) []byte { return bytes.Replace(b, []byte(`"version":1`), []byte(`"version":9`), 1) },
	}
	for what, harm := range damage {
		for _, name := range []string{"places.json", "changes.json"} {
			dir := t.TempDir()
			s := open(t, dir)
			replace(t, s, "1.csv", two)
			replace(t, s, "2.csv", three)
			p, _, err := s.Put(directory.Place{Name: "Première", Town: "Valbrume"}, noon())
			if err != nil {
				t.Fatal(err)
			}
			if err := put(s, directory.Place{Name: "Zweite", Town: "Valbrume"}); err != nil {
				t.Fatal(err)
			}
			s.Close()
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), harm(data), 0o600); err != nil {
				t.Fatal(err)
			}

			var log bytes.Buffer
			s, err = directory.Open(dir, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatalf("%s of %s: Open = %v; want no error", what, name, err)
			}
			aside := s.Damaged()
			if len(aside) != 1 || aside[0] != name+".damaged-1" || !strings.Contains(log.String(), aside[0]) {
				t.Errorf("%s of %s: Damaged = %v, log %s; want it aside and told", what, name, aside, log.String())
			}
			if kept, err := os.ReadFile(filepath.Join(dir, aside[0])); err != nil || !bytes.Equal(kept, harm(data)) {
				t.Errorf("%s of %s: aside is %q, %v; want what was there", what, name, kept, err)
			}
			// Two of the import before and two of staff's, or three and the one that staff
			// had before their last change.
			const want = 4
			if n := s.Current().Len(); n != want {
				t.Errorf("%s of %s: %d places; want %d", what, name, n, want)
			}
			if _, ok := s.Current().Place(p.ID); !ok {
				t.Errorf("%s of %s: what staff added first is gone", what, name)
			}
			s.Close()

			// The next start finds the same, and the next change keeps it.
			s = open(t, dir)
			if n := s.Current().Len(); n != want || len(s.Damaged()) != 0 {
				t.Errorf("%s of %s: %d places at the next start, damaged %v; want %d, none", what, name, n, s.Damaged(), want)
			}
			if err := put(s, directory.Place{Name: "Troisième", Town: "Valbrume"}); err != nil {
				t.Fatal(err)
			}
			if n := open(t, dir).Current().Len(); n != want+1 {
				t.Errorf("%s of %s: %d places after a change; want %d", what, name, n, want+1)
			}
		}
	}
}

// A file that the disk does not give, or that cannot be set aside, stays as it is: the
// box starts with the one before it, changes nothing, and has everything again once the
// disk gives it. Folders stand in for what fails, for root may read and move everything.
func TestReadOnlyStore(t *testing.T) {
	folder := func(t *testing.T, dir, name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, name, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	unread := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, "whole")); err != nil {
				t.Fatal(err)
			}
			folder(t, dir, name)
		}
	}
	for _, tt := range []struct {
		name    string
		harm    func(t *testing.T, dir string)
		file    string // which the log names
		want    string // places
		damaged int
	}{
		{"the import", unread("places.json"), "places.json", "a corrected, b, N added", 0},
		{"what staff wrote", unread("changes.json"), "changes.json", "a, c, d, N added", 0},
		{"an import that cannot be set aside", func(t *testing.T, dir string) {
			unread("places.json")(t, dir)
			if err := os.RemoveAll(filepath.Join(dir, "places.json")); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "places.json"), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
			for n := 1; n <= 1000; n++ {
				folder(t, dir, fmt.Sprintf("places.json.damaged-%d", n))
			}
		}, "places.json", "a corrected, b, N added", 0},
		{"the import before one that was set aside", func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, "places.json"), filepath.Join(dir, "whole")); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(dir, "places.previous.json")); err != nil {
				t.Fatal(err)
			}
			folder(t, dir, "places.previous.json")
		}, "places.previous.json", "a corrected gone, N added", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			replace(t, s, "1.csv", two)
			replace(t, s, "2.csv", three)
			n, _, err := s.Put(directory.Place{Name: "N", Town: "T"}, noon())
			if err != nil {
				t.Fatal(err)
			}
			if err := put(s, directory.Place{ID: "a", Name: "Accueil libre", Town: "Valbrume"}); err != nil {
				t.Fatal(err)
			}
			named := func(d *directory.Directory) string { return strings.ReplaceAll(all(d), n.ID, "N") }
			before := named(s.Current())
			s.Close()
			tt.harm(t, dir)
			there := files(t, dir)

			var log bytes.Buffer
			s, err = directory.Open(dir, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatalf("Open = %v; want no error", err)
			}
			why := s.ReadOnly()
			if got := named(s.Current()); got != tt.want || why == nil || len(s.Damaged()) != 0 {
				t.Errorf("places = %s, ReadOnly = %v, Damaged = %v; want %s, a reason, nothing", got, why, s.Damaged(), tt.want)
			}
			if !strings.Contains(log.String(), "file="+tt.file+" ") {
				t.Errorf("the log says %q; want %s named", log.String(), tt.file)
			}
			_, imported := s.Replace(t.Context(), strings.NewReader(two), "3.csv", noon())
			for what, err := range map[string]error{
				"Put": put(s, directory.Place{Name: "M", Town: "T"}), "Remove": s.Remove(n.ID), "Restore": s.Restore(), "Replace": imported,
			} {
				if !errors.Is(err, why) {
					t.Errorf("%s = %v; want %v", what, err, why)
				}
			}
			if got := named(s.Current()); got != tt.want {
				t.Errorf("places after refusals = %s; want %s", got, tt.want)
			}
			s.Close()
			if got := files(t, dir); !slices.Equal(got, there) {
				t.Errorf("the folder has %v; want %v, as it was", got, there)
			}

			// The disk gives it again.
			if err := os.RemoveAll(filepath.Join(dir, tt.file)); err != nil {
				t.Fatal(err)
			}
			whole := tt.file
			if tt.file == "places.previous.json" {
				whole = "places.json"
			}
			if err := os.Rename(filepath.Join(dir, "whole"), filepath.Join(dir, whole)); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir)
			if got := named(s.Current()); got != before || s.ReadOnly() != nil {
				t.Errorf("places at the next start = %s, ReadOnly = %v; want %s, nil", got, s.ReadOnly(), before)
			}
			if err := put(s, directory.Place{Name: "M", Town: "T"}); err != nil {
				t.Errorf("Put at the next start = %v; want it kept", err)
			}
		})
	}
}

// files are the names and sizes of what lies in a folder.
func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(e.Name(), " ", info.Size()))
	}
	return list
}

// A folder under the name of an unfinished file cannot be removed, and stops nothing.
func TestUnfinishedFileStays(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	replace(t, s, "1.csv", two)
	s.Close()
	if err := os.MkdirAll(filepath.Join(dir, "changes.json.new", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s, err := directory.Open(dir, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatalf("Open = %v; want no error", err)
	}
	defer s.Close()
	if got := all(s.Current()); got != "a, b" || s.ReadOnly() != nil || !strings.Contains(log.String(), "changes.json.new") {
		t.Errorf("places = %s, ReadOnly = %v, log %q; want a, b, nil, the file named", got, s.ReadOnly(), log.String())
	}
}

// A directory that is not there is empty and takes nothing.
func TestNone(t *testing.T) {
	why := errors.New("no folder")
	s := directory.None(why, slog.New(slog.DiscardHandler))
	if n := s.Current().Len(); n != 0 || len(s.Removed()) != 0 || len(s.Damaged()) != 0 || !errors.Is(s.ReadOnly(), why) {
		t.Errorf("None has %d places, ReadOnly = %v; want none, %v", n, s.ReadOnly(), why)
	}
	_, imported := s.Replace(t.Context(), strings.NewReader(two), "1.csv", noon())
	for what, err := range map[string]error{"Put": put(s, directory.Place{Name: "M", Town: "T"}), "Restore": s.Restore(), "Replace": imported} {
		if !errors.Is(err, why) {
			t.Errorf("%s = %v; want %v", what, err, why)
		}
	}
	if err := s.Remove("a"); !errors.Is(err, directory.ErrNotThere) {
		t.Errorf("Remove = %v; want %v", err, directory.ErrNotThere)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v; want nil", err)
	}
}

func TestDamagedBackup(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	replace(t, s, "1.csv", two)
	replace(t, s, "2.csv", three)
	if err := os.WriteFile(filepath.Join(dir, "places.previous.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Restore(); !errors.Is(err, directory.ErrBadBackup) {
		t.Errorf("Restore of a damaged file = %v; want %v", err, directory.ErrBadBackup)
	}
	if got := all(s.Current()); got != "a, c, d" {
		t.Errorf("places = %s; want them as they were", got)
	}
}

// Whatever lies on the disk, the box starts, and what it reads it can write again.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`[{"id":"a","nom":"N","commune":"C","point":{"lat":45,"lon":5}}]`), []byte(`{"b":{"added":{"id":"b","nom":"M"}}}`))
	f.Add([]byte(`[{"id":"a","nom":"N"}]`), []byte(`{"a":{"set":{"nom":"P","note":null},"base":{"id":"a","nom":"N"}},"c":{"removed":true}}`))
	f.Add([]byte(`null`), []byte(`null`))
	f.Fuzz(func(t *testing.T, places, changes []byte) {
		dir := t.TempDir()
		for name, body := range map[string][]byte{"places.json": places, "changes.json": changes} {
			sum := crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))
			data := fmt.Appendf(nil, "{\"version\":1,\"origin\":{},\"sum\":\"%08x\",\"body\":%s}\n", sum, body)
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, dir)
		if err := put(s, directory.Place{Name: "Nouveau", Town: "Valbrume"}); err != nil {
			t.Fatal(err)
		}
		replace(t, s, "lieux.csv", two)
		want := all(s.Current())
		again := open(t, dir)
		if got := all(again.Current()); got != want || slices.Contains(again.Damaged(), "places.json.damaged-1") {
			t.Fatalf("opened again: %s, damaged %v; want %s, none", got, again.Damaged(), want)
		}
	})
}

// A power cut leaves, of the steps of a write, those before it. Every such folder
// opens with the old directory or with the new one.
func TestCut(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	replace(t, s, "1.csv", two)
	old, err := os.ReadFile(filepath.Join(dir, "places.json"))
	if err != nil {
		t.Fatal(err)
	}
	replace(t, s, "2.csv", three)
	fresh, err := os.ReadFile(filepath.Join(dir, "places.json"))
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"while writing":        {map[string][]byte{"places.json": old, "places.json.new": fresh[:20]}, "a, b"},
		"before the rename":    {map[string][]byte{"places.json": old, "places.json.new": fresh, "places.previous.json": old}, "a, b"},
		"the first of all":     {map[string][]byte{"places.json.new": fresh}, ""},
		"only the one before":  {map[string][]byte{"places.previous.json": old}, "a, b"},
		"after the rename":     {map[string][]byte{"places.json": fresh, "places.previous.json": old}, "a, c, d"},
		"a folder as a file's": {map[string][]byte{"places.json": fresh, "places.previous.json": nil}, "a, c, d"},
	} {
		dir := t.TempDir()
		for name, data := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, dir)
		if got := all(s.Current()); got != c.want {
			t.Errorf("%s: %s; want %s", what, got, c.want)
		}
		if _, err := os.Stat(filepath.Join(dir, "places.json.new")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the unfinished file is still there", what)
		}
		replace(t, s, "3.csv", two)
		if got := all(open(t, dir).Current()); got != "a, b" {
			t.Errorf("%s: after an import %s; want a, b", what, got)
		}
	}
}

// The disk refuses: the error is told, and everything is as it was.
func TestReadOnly(t *testing.T) {
	if _, err := directory.Open(filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of no folder = %v; want %v", err, fs.ErrNotExist)
	}
	dir := t.TempDir()
	s := open(t, dir)
	replace(t, s, "1.csv", two)
	// A folder under the name of the new file stands in for a disk that is full: root
	// may write where nobody may.
	for _, name := range []string{"places.json.new", "changes.json.new"} {
		if err := os.MkdirAll(filepath.Join(dir, name, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Replace(t.Context(), strings.NewReader(three), "2.csv", noon()); err == nil {
		t.Error("Replace on a full disk: no error; want one")
	}
	if err := put(s, directory.Place{Name: "N", Town: "T"}); err == nil {
		t.Error("Put on a full disk: no error; want one")
	}
	if got := all(s.Current()); got != "a, b" {
		t.Errorf("places = %s; want a, b", got)
	}
}

func TestReplaceFrom(t *testing.T) {
	file := func(text string, hour int) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(text), ModTime: noon().Add(time.Duration(hour) * time.Hour)}
	}
	for what, c := range map[string]struct {
		stick fstest.MapFS
		want  string
		from  string
	}{
		"the newest":            {fstest.MapFS{"lieux.csv": file(two, 1), "Lieux-2026.CSV": file(three, 2), "autres.csv": file(two, 3)}, "a, c, d", "Lieux-2026.CSV"},
		"the last by name":      {fstest.MapFS{"lieux-1.csv": file(two, 1), "lieux-2.csv": file(three, 1)}, "a, c, d", "lieux-2.csv"},
		"in the folder":         {fstest.MapFS{"jeudi/lieux.json": file(`[{"id":"j","nom":"N","commune":"C"}]`, 1), "ailleurs/lieux.csv": file(two, 2)}, "j", "lieux.json"},
		"of a computer's own":   {fstest.MapFS{"lieux.csv": file(two, 1), "._lieux.csv": file("x", 2), "lieux.csv.tmp": file("x", 2)}, "a, b", "lieux.csv"},
		"structures, services":  {fstest.MapFS{"structures-inclusion.json": file(structures, 1), "services-inclusion.json": file(servicesOf, 1)}, "elsewhere--9, carto--2, carto--1", "structures-inclusion.json, services-inclusion.json"},
		"never a folder":        {fstest.MapFS{"lieux.csv/x": file(three, 9), "lieux-2.csv": file(two, 1)}, "a, b", "lieux-2.csv"},
		"never what a link has": {fstest.MapFS{"lieux.csv": {Data: []byte(three), ModTime: noon().Add(time.Hour), Mode: fs.ModeSymlink}, "lieux-2.csv": file(two, 0)}, "a, b", "lieux-2.csv"},
	} {
		s := open(t, t.TempDir())
		if _, err := s.ReplaceFrom(t.Context(), c.stick, noon()); err != nil {
			t.Errorf("%s: ReplaceFrom = %v; want no error", what, err)
		}
		if got := all(s.Current()); got != c.want || s.Current().Origin().Name != c.from {
			t.Errorf("%s: %s from %s; want %s from %s", what, got, s.Current().Origin().Name, c.want, c.from)
		}
	}
	s := open(t, t.TempDir())
	if _, err := s.ReplaceFrom(t.Context(), fstest.MapFS{"photos/lieux.csv": file(two, 1)}, noon()); !errors.Is(err, directory.ErrNoFile) {
		t.Errorf("ReplaceFrom without a file = %v; want %v", err, directory.ErrNoFile)
	}
}

// Readers never wait and never see half a directory, whoever writes.
func TestReaders(t *testing.T) {
	s := open(t, t.TempDir())
	replace(t, s, "1.csv", two)
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				d := s.Current()
				for _, h := range d.Search(directory.Query{Words: "valbrume", At: noon(), OpenNow: true}) {
					if p, ok := d.Place(h.Place.ID); !ok || p.Name != h.Place.Name {
						t.Errorf("Search finds %s, which is not in its directory", h.Place.ID)
						return
					}
				}
			}
		})
	}
	for n := range 2 {
		writers.Go(func() {
			for i := range 5 {
				if err := put(s, directory.Place{Name: fmt.Sprint("N", n, i), Town: "Valbrume"}); err != nil {
					t.Error(err)
				}
				// Of two imports at once, one is refused, and comes again.
				for {
					_, err := s.Replace(t.Context(), strings.NewReader([]string{two, three}[i%2]), "x.csv", noon())
					if err == nil {
						break
					}
					if !errors.Is(err, directory.ErrBusy) {
						t.Errorf("Replace = %v; want nil or %v", err, directory.ErrBusy)
						return
					}
					runtime.Gosched()
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if n := s.Current().Len(); n != 2+10 {
		t.Errorf("%d places in the end; want those of the last import and ten of staff's", n)
	}
}

// BenchmarkOpen is a box that starts with 20,000 places.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir)
	replace(b, s, "lieux.csv", export(b, invented(20_000)))
	s.Close()
	for b.Loop() {
		s, err := directory.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil || s.Current().Len() != 20_000 {
			b.Fatal(err)
		}
		s.Close()
	}
}

// BenchmarkReplace is an import of 20,000 places, from CSV to disk.
func BenchmarkReplace(b *testing.B) {
	text := export(b, invented(20_000))
	b.SetBytes(int64(len(text)))
	s := open(b, b.TempDir())
	for b.Loop() {
		replace(b, s, "lieux.csv", text)
	}
}

func BenchmarkPut(b *testing.B) {
	s := open(b, b.TempDir())
	replace(b, s, "lieux.csv", export(b, invented(20_000)))
	p := directory.Place{Name: "N", Town: "T"}
	for b.Loop() {
		var err error
		if p, _, err = s.Put(p, noon()); err != nil {
			b.Fatal(err)
		}
	}
}
