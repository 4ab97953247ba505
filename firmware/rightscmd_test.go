package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/rights"
)

func TestRightsCommand(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sample := string(rights.DefaultText())
	good := write("good.json", sample)
	off := write("off.json", strings.Replace(sample, `"actif": true`, `"actif": false`, 1))
	bad := write("bad.json", strings.NewReplacer(`"seul"`, `"celibataire"`, `"mdph"`, `"mdpe"`).Replace(sample))
	spring := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	autumn := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

	tests := []struct {
		name      string
		args      []string
		now       time.Time
		code      int
		out, errs []string
		last      string // how what is printed ends
		silent    bool   // nothing to warn of
	}{
		{name: "the rules that come along, in time", args: []string{"check"}, now: spring, silent: true,
			out: []string{"rsa ", "active    version 2026-04-01", "source : Décret 2026-220", "fiche F10027", "jeudi : 14 règles, version 2026-04-01, à relire avant 2027-04-01 : bon"}, last: " : bon\n"},
		{name: "some are past their day", args: []string{"check", good}, now: autumn,
			out: []string{"À RELIRE  version 2025-04-01"}, errs: []string{"attention, 4 règle(s) à relire"}, last: "à relire avant 2027-04-01 : bon, sauf 4 règle(s) à relire\n"},
		{name: "a rule that is off", args: []string{"check", off}, now: spring, silent: true, out: []string{"éteinte"}},
		{name: "faults, all of them", args: []string{"check", bad}, now: spring, code: exitFail,
			errs: []string{"règle « rsa » : la condition « celibataire » est inconnue", "règle « aah » : « verifier »", "règle « asf »", "5 erreur(s)"}},
		{name: "no such file", args: []string{"check", filepath.Join(folder, "none.json")}, code: exitUsage, errs: []string{"is not there"}},
		{name: "an empty name", args: []string{"check", ""}, code: exitUsage, errs: []string{"usage"}},
		{name: "nothing asked", code: exitUsage, errs: []string{"usage"}},
		{name: "too much", args: []string{"check", "a", "b"}, code: exitUsage, errs: []string{"usage"}},
		{name: "help", args: []string{"--help"}, silent: true, out: []string{"usage"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := rightsCommand(tt.args, tt.now, &out, &errs); code != tt.code {
				t.Errorf("rightsCommand(%q) = %d; want %d\n%s", tt.args, code, tt.code, errs.String())
			}
			for _, want := range tt.out {
				if !strings.Contains(out.String(), want) {
					t.Errorf("rightsCommand(%q) said %q; want %q in it", tt.args, out.String(), want)
				}
			}
			for _, want := range tt.errs {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("rightsCommand(%q) warned %q; want %q in it", tt.args, errs.String(), want)
				}
			}
			if !strings.HasSuffix(out.String(), tt.last) {
				t.Errorf("rightsCommand(%q) said %q; want %q at its end", tt.args, out.String(), tt.last)
			}
			if tt.silent && errs.Len() > 0 {
				t.Errorf("rightsCommand(%q) warned %q; want nothing", tt.args, errs.String())
			}
		})
	}
}

func TestRightsSample(t *testing.T) {
	for _, what := range []string{"sample", "schema"} {
		var out, errs bytes.Buffer
		if code := rightsCommand([]string{what}, time.Time{}, &out, &errs); code != exitOK || !json.Valid(out.Bytes()) {
			t.Errorf("rightsCommand(%s) = %d, %.60q; want JSON", what, code, out.String())
		}
	}
}
