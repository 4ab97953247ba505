package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/provisioning/site"
)

func TestPoster(t *testing.T) {
	dir := t.TempDir()
	to := filepath.Join(dir, "new", "folder")
	tuesday := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	bad := filepath.Join(dir, "bad.toml")
	if err := os.WriteFile(bad, []byte("colour = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "-o names the folder"},
		{[]string{"--help"}, exitOK, "usage: jeudi poster"},
		{[]string{"-o", to, "red"}, exitUsage, `unexpected "red"`},
		{[]string{"-o", to, "-dates", "5"}, exitUsage, "from 0 to 4"},
		{[]string{"-o", to, "-day", "demain"}, exitUsage, `not "demain"`},
		{[]string{"-o", to, "-site", bad}, exitFail, "colour"},
		{[]string{"-o", bad}, exitFail, "choose another with -o"},
	} {
		var out, errs bytes.Buffer
		if code := runPoster(tt.args, tuesday, &out, &errs); code != tt.code || !strings.Contains(out.String()+errs.String(), tt.want) {
			t.Errorf("poster %q = %d %s%s; want %d and %q", tt.args, code, &out, &errs, tt.code, tt.want)
		}
		if got := files(t, dir); !slices.Equal(got, []string{"bad.toml"}) {
			t.Fatalf("poster %q left %v; want nothing", tt.args, got)
		}
	}
	two := filepath.Join(dir, "two.toml")
	text := regexp.MustCompile(`(?m)^languages = .*$`).ReplaceAllString(site.SampleText(), `languages = ["fr", "ar"]`)
	if err := os.WriteFile(two, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := runPoster([]string{"-o", to, "-site", two}, tuesday, &out, &errs); code != exitOK {
		t.Fatalf("poster = %d %s; want 0", code, &errs)
	}
	if got, want := files(t, to), []string{"affiche-a3.pdf", "depliant-a5.pdf", "textes-courts.md"}; !slices.Equal(got, want) {
		t.Errorf("poster writes %v; want %v", got, want)
	}
	short, err := os.ReadFile(filepath.Join(to, "textes-courts.md"))
	if err != nil || !strings.Contains(string(short), "4 rue des Tilleuls, Villeneuve-sur-Brève") || !strings.Contains(string(short), "## العربية · arabe") {
		t.Errorf("the short texts are %.200q (%v); want the address of the sample, and Arabic", short, err)
	}
}
