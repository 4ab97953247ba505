package main

import (
	"bytes"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/provisioning/card"
)

// sums are the files of a folder, and what they hold.
func sums(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	all := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(name)
		all[name] = sha256.Sum256(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestReportCommand: the command writes what the desk writes, and changes nothing of what
// it reads.
func TestReportCommand(t *testing.T) {
	s := newSteward(t)
	root := t.TempDir()
	data, siteFile := filepath.Join(root, "jeudi"), filepath.Join(root, "site", card.SiteFile)
	raw, err := os.ReadFile(careSite(t, "Les Tilleuls"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Dir(siteFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(siteFile, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	r := boxHere(t, data, "-steward", s.socket, "-site", siteFile)
	r.desk("open", nil)
	visit := r.post("/api/tickets", fields{"motif": "caf", "lang": "ar"})
	if code, answer := r.care(fields{"do": "report"}); code != 200 {
		t.Fatalf("the desk's report = %d %v", code, answer)
	}
	_, desks := s.file(t, "jeudi-rapport-")

	to := filepath.Join(root, "rapport.txt")
	write := func(args ...string) string {
		t.Helper()
		os.Remove(to)
		var out, errs bytes.Buffer
		if code := run(t.Context(), append([]string{"report", "-data", data, "-o", to}, args...), &out, &errs); code != exitOK || out.String() != to+"\n" || errs.Len() > 0 {
			t.Fatalf("report %q = %d %s%s", args, code, &out, &errs)
		}
		text, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	// While the box runs. The minute, the sizes of files and free disk space may differ.
	lasting := func(text string) (lines []string) {
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "Fait le") && !strings.HasSuffix(strings.TrimSpace(line), "o") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	got := write("-steward", s.socket)
	if a, b := strings.Join(lasting(got), ""), strings.Join(lasting(string(desks)), ""); a != b {
		t.Errorf("the command writes\n%s\nand the desk\n%s", a, b)
	}
	for _, never := range []string{"correct horse", visit["visit"].(string)} {
		if strings.Contains(got, never) {
			t.Errorf("the report has %q", never)
		}
	}
	r.stop()

	// The card in another machine: no steward there, and nothing of it is touched.
	before := sums(t, data)
	none := filepath.Join(root, "no-steward")
	for _, want := range []string{"Lieu : Les Tilleuls", "Inconnu : la borne n’est pas sur sa carte", "journal.db : ", "Aucun test."} {
		if got := write("-steward", none); !strings.Contains(got, want) {
			t.Errorf("without a steward the report lacks %q:\n%s", want, got)
		}
	}
	after := sums(t, data)
	if len(after) != len(before) {
		t.Errorf("the data folder has %d files; want the %d of before", len(after), len(before))
	}
	for name, sum := range before {
		if after[name] != sum {
			t.Errorf("%s was changed", name)
		}
	}

	// What cannot be read is said, and left as it is; a wrong site is told by its line alone.
	if err := os.WriteFile(filepath.Join(data, "ledger.db"), []byte("no ledger"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(siteFile, []byte("[wifi]\npassphrase = correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = write("-steward", none)
	for _, want := range []string{"ledger.db est abîmé", "La fiche du lieu a une erreur, ligne 2", "Lieu : inconnu", "Ce fichier a des erreurs, et n’est pas montré. Lignes : 2."} {
		if !strings.Contains(got, want) {
			t.Errorf("of a damaged box the report lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "horse") {
		t.Errorf("the report quotes the passphrase:\n%s", got)
	}
	if raw, err := os.ReadFile(filepath.Join(data, "ledger.db")); err != nil || string(raw) != "no ledger" {
		t.Errorf("the damaged ledger is %q, %v; want it as it was", raw, err)
	}
}

func TestReportAskedWrongly(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		code int
		say  string
	}{
		{nil, exitUsage, "-o names"},
		{[]string{"-data", filepath.Join(dir, "none"), "-o", "x"}, exitUsage, "-data"},
		{[]string{"-data", dir, "-o", "x", "more"}, exitUsage, "more"},
		{[]string{"-data", dir, "-site", filepath.Join(dir, "none"), "-o", "x"}, exitUsage, "-site"},
		{[]string{"-data", dir, "-o", filepath.Join(dir, "no", "x")}, exitFail, "no such"},
	} {
		if tt.args == nil {
			tt.args = []string{"-data", dir}
		}
		var out, errs bytes.Buffer
		if code := run(t.Context(), append([]string{"report"}, tt.args...), &out, &errs); code != tt.code || !strings.Contains(errs.String(), tt.say) || out.Len() > 0 {
			t.Errorf("report %q = %d %s%s; want %d %q", tt.args, code, &out, &errs, tt.code, tt.say)
		}
	}
}
