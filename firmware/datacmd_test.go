package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/boltfile"
	"jeudi/firmware/directory"
	"jeudi/firmware/ledger"
	"jeudi/firmware/logbook"
	"jeudi/firmware/report/reporttest"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/web/cert"
	"jeudi/provisioning/site"
)

// files are the regular files of a folder, from it.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	if err := fs.WalkDir(os.DirFS(dir), ".", func(at string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, at)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

func data(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = runData(args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// A folder with a file under every name that the list knows is shown whole; each file
// with what it holds and until when, and none is a stranger.
func TestDataNamesWhatItKeeps(t *testing.T) {
	dir := t.TempDir()
	names := map[string]bool{}
	for _, k := range everyKept() {
		if k.folder {
			continue
		}
		name := strings.NewReplacer("*", "1", "[1-7]", "3").Replace(k.name)
		if names[name] {
			t.Errorf("%s is listed twice", name)
		}
		names[name] = true
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(k.what), 0o600); err != nil {
			t.Fatal(err)
		}
		if k.what == "" || k.until == "" || k.person == "" {
			t.Errorf("%s = %+v; want what it holds, of whom, and until when", k.name, k)
		}
	}
	code, out, errs := data(t, "", "show", "-data", dir)
	if code != exitOK || errs != "" {
		t.Errorf("data show = %d %q; want 0, and no stranger", code, errs)
	}
	for name := range names {
		if !strings.Contains(out, name+"  (") {
			t.Errorf("data show lacks %s", name)
		}
	}
	if n := strings.Count(out, "jusqu’à quand : "); n != len(names) {
		t.Errorf("data show says of %d files until when; want %d", n, len(names))
	}
}

func TestDataNamesStrangers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"notes.txt", "journal.db.unreadable-1/x", "log/jeudi.9.log", "usagers/pending"} {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "ledger.db")); err != nil {
		t.Fatal(err)
	}
	code, _, errs := data(t, "", "show", "-data", dir)
	if code != exitFail {
		t.Errorf("data show = %d; want 1", code)
	}
	for _, name := range []string{"notes.txt", "journal.db.unreadable-1", "log/jeudi.9.log", "usagers", "usagers/pending", "ledger.db"} {
		if !strings.Contains(errs, "\n"+name+" : inconnu") && !strings.HasPrefix(errs, name+" : inconnu") {
			t.Errorf("data show says %q; want %s named as unknown", errs, name)
		}
	}
	before := files(t, dir)
	if code, out, errs := data(t, "EFFACER\n", "erase", "-data", dir); code != exitOK || !strings.Contains(out, "rien à effacer") {
		t.Errorf("data erase = %d %s%s; want nothing to erase", code, out, errs)
	}
	if got := files(t, dir); !slices.Equal(got, before) {
		t.Errorf("after data erase there is %v; want what is not jeudi's, %v", got, before)
	}
}

// storesOf opens the stores of a place as jeudi run does.
func storesOf(dir string, place *site.Site) (*stores, error) {
	return openStores(dir, schemasOf(place), optionsOf(place), slog.New(slog.DiscardHandler))
}

// halfYearBox fills a data folder as a box does in a half-year: with its own stores, its
// log and its certificate.
func halfYearBox(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	place := site.Sample()
	for range logbook.Kept + 2 { // as many starts
		book, err := logbook.Open(filepath.Join(dir, "log"))
		if err != nil {
			t.Fatal(err)
		}
		book.Close()
	}
	if _, _, err := cert.Open(dir, cert.Names{IPs: []netip.Addr{netip.MustParseAddr("10.3.141.1")}}, cert.Clock{Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	s, err := storesOf(dir, place)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for n := range 2 { // imports, and corrections, so that there is one before
		p := directory.Place{Name: fmt.Sprint("La maison d’à côté ", n), Town: "Villeneuve-sur-Brève", Postcode: "69150", Address: "1 rue du Port"}
		if _, problems, err := s.places.Put(p, time.Now()); err != nil {
			t.Fatal(err, problems)
		}
	}
	now, _, _ := reporttest.Synthetic()
	for _, r := range now {
		if err := s.ledger.ClosePeriod(ledger.Period{Release: r}); err != nil {
			t.Fatal(err)
		}
	}
	for id := range byte(22) { // a sheet of each kind in a morning
		for kind, sh := range map[sheet.Kind]sheet.Sheet{
			sheet.KindVisitor: sheet.New(sheet.KindVisitor).Set(sheet.FirstVisit, sheet.Yes),
			sheet.KindStaff:   sheet.New(sheet.KindStaff).Set(sheet.Oriented, sheet.No),
			sheet.KindExit:    sheet.New(sheet.KindExit).Set(sheet.Satisfied, sheet.Good),
		} {
			if err := s.sheets.Submit([16]byte{byte(kind), id}, sh); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.sheets.Merge(); err != nil {
			t.Fatal(err)
		}
		if err := s.journal.Begin(); err != nil {
			t.Fatal(err)
		}
		if err := s.ledger.Enter(ledger.Entry{ID: session.ID{id}, Place: place.Place.Name, Totals: session.Totals{Issued: 1, Served: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// After a half-year nothing lies in the folder but what data show names; erased, there
// is nothing left, and what stood in the files is nowhere.
func TestDataOfAHalfYear(t *testing.T) {
	dir := halfYearBox(t)
	aside, err := boltfile.SetAside(filepath.Join(dir, "agenda.db"))
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := data(t, "", "show", "-data", dir)
	if code != exitOK || errs != "" {
		t.Errorf("data show = %d %s; want every file named", code, errs)
	}
	all := files(t, dir)
	for _, name := range append(all, "ledger.db", "journal.db", "pending", "counts.db", "staff/pending", "staff/counts.db",
		"exit/pending", "exit/counts.db", "tls.pem", "log/jeudi.7.log", "directory/changes.previous.json") {
		if !strings.Contains(out, name+"  (") {
			t.Errorf("data show lacks %s", name)
		}
	}

	// A link beside keeps the blocks of a file that lost its name.
	links := t.TempDir()
	for i, name := range all {
		if err := os.Link(filepath.Join(dir, name), filepath.Join(links, string(rune('a'+i)))); err != nil {
			t.Fatal(err)
		}
	}
	erased := func(want bool) {
		t.Helper()
		for i, name := range all {
			data, err := os.ReadFile(filepath.Join(links, string(rune('a'+i))))
			if err != nil {
				t.Fatal(err)
			}
			zeros := len(bytes.Trim(data, "\x00")) == 0
			if only := name == filepath.Base(aside); zeros != (want || only) && len(data) > 0 {
				t.Errorf("%s: overwritten = %v; want %v", name, zeros, want || only)
			}
		}
	}
	if code, _, errs := data(t, "effacer\n", "erase", "-data", dir); code != exitFail || !strings.Contains(errs, "nothing was erased") {
		t.Errorf("data erase with another word = %d %q; want nothing erased", code, errs)
	}
	if got := files(t, dir); !slices.Equal(got, all) {
		t.Errorf("after a refusal there is %v; want all of %v", got, all)
	}
	if code, out, errs := data(t, "EFFACER\n", "erase", "-data", dir, "-aside"); code != exitOK || !strings.Contains(out, ": 1 fichiers effacés") {
		t.Errorf("data erase -aside = %d %s%s; want the one file", code, out, errs)
	}
	erased(false)
	if code, out, errs := data(t, "EFFACER\n", "erase", "-data", dir); code != exitOK {
		t.Errorf("data erase = %d %s%s; want 0", code, out, errs)
	}
	erased(true)
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("after data erase there is %v; want nothing", left)
	}
}

// A running box keeps its data.
func TestDataEraseLeavesARunningBox(t *testing.T) {
	dir := t.TempDir()
	s, err := storesOf(dir, site.Sample())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	before := files(t, dir)
	if code, _, errs := data(t, "", "erase", "-data", dir, "-yes"); code != exitFail || !strings.Contains(errs, "stop it first") {
		t.Errorf("data erase of a running box = %d %q; want it refused", code, errs)
	}
	if got := files(t, dir); !slices.Equal(got, before) {
		t.Errorf("after a refusal there is %v; want %v", got, before)
	}
}

func TestDataUsage(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "usage"},
		{[]string{"list"}, exitUsage, "usage"},
		{[]string{"show", "x"}, exitUsage, `unexpected "x"`},
		{[]string{"show", "-aside"}, exitUsage, "-aside"},
		{[]string{"show", "-data", filepath.Join(dir, "none")}, exitUsage, "choose another with -data"},
		{[]string{"erase", "-data", dir}, exitOK, "rien à effacer"},
		{[]string{"show", "-data", dir}, exitOK, "0 fichiers"},
		{[]string{"show", "--help"}, exitOK, "usage: jeudi data show"},
	} {
		if code, out, errs := data(t, "", tt.args...); code != tt.code || !strings.Contains(out+errs, tt.want) {
			t.Errorf("data %q = %d %s%s; want %d and %q", tt.args, code, out, errs, tt.code, tt.want)
		}
	}
}
