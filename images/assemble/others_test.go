package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const othersFile = "../others"

// licenceFile is the name of a text that comes with a thing of others, foreign one of a file
// that nobody draws or speaks here by hand.
var (
	licenceFile = regexp.MustCompile(`(?i)(^|[-_.])(OFL|LICEN[CS]E|COPYING|NOTICE|COPYRIGHT|AUTHORS)([-_.]|$)`)
	foreign     = regexp.MustCompile(`(?i)\.(ttf|otf|otf\.gz|ttc|woff2?|ogg|wav|mp3)$`)
)

// treeFiles are the files of the repository, from its top.
func treeFiles(t *testing.T, tree fs.FS) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "bin" || name == "data" || d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "shots" || name != "." && d.Name()[0] == '.'):
			return fs.SkipDir
		case !d.IsDir():
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// unnamed are the licences, letters and recordings of a tree that a list says nothing of,
// and what the list names that is not there.
func unnamed(files []string, all []other) (wrong []string) {
	for _, file := range files {
		name := path.Base(file)
		if licenceFile.MatchString(name) && file != "LICENSE" && !slices.ContainsFunc(all, func(o other) bool { return o.Text == file }) {
			wrong = append(wrong, file+" is the Text of no paragraph")
		}
		if foreign.MatchString(name) && !slices.ContainsFunc(all, func(o other) bool { return o.covers(file) }) {
			wrong = append(wrong, file+" is in the Files of no paragraph")
		}
	}
	for _, o := range all {
		if !slices.Contains(files, o.Text) {
			wrong = append(wrong, o.Name+": there is no "+o.Text)
		}
		for _, pattern := range o.Files {
			if !slices.ContainsFunc(files, func(file string) bool { return other{Files: []string{pattern}}.covers(file) }) {
				wrong = append(wrong, o.Name+": there is no "+pattern)
			}
		}
	}
	return wrong
}

// What of others is in the tree is on the card with its terms, and in the list of components.
func TestOthersOfTheTree(t *testing.T) {
	list, err := os.ReadFile(othersFile)
	if err != nil {
		t.Fatal(err)
	}
	all, err := parseOthers(string(list))
	if err != nil {
		t.Fatal(err)
	}
	tree := os.DirFS("../..")
	for _, wrong := range unnamed(treeFiles(t, tree), all) {
		t.Errorf("images/others: %s", wrong)
	}

	to := t.TempDir()
	if err := othersCommand(othersFile, "../..", to); err != nil {
		t.Fatal(err)
	}
	text, err := writeSBOM("1.2", time.Unix(0, 0), otherComponents(all))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Components []component }
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		want, _ := fs.ReadFile(tree, o.Text)
		if got, err := os.ReadFile(filepath.Join(to, o.Text)); err != nil || string(got) != string(want) || len(got) == 0 {
			t.Errorf("the licence of %s on the card: %d bytes, %v; want the %d of %s", o.Name, len(got), err, len(want), o.Text)
		}
		i := slices.IndexFunc(doc.Components, func(c component) bool { return c.Name == o.Name })
		if i < 0 {
			t.Errorf("no component %s", o.Name)
			continue
		}
		c := doc.Components[i]
		if len(c.Licenses) != 1 || c.Licenses[0].License.ID+c.Licenses[0].License.Name != o.Licence || c.Copyright != o.Copyright ||
			len(c.References) != 1 || c.References[0].URL != o.Source || !strings.Contains(c.Description, o.Files[0]) {
			t.Errorf("%+v; want what the list says", c)
		}
	}
	if got, err := os.ReadFile(filepath.Join(to, "others.txt")); err != nil || string(got) != string(list) {
		t.Errorf("the list itself: %v; want it beside the texts", err)
	}
	// The build asks for both with this very list.
	build, err := os.ReadFile("../build")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`tool others "$here/others" "$root" "$out/licences"`, `"$out/bin/jeudi" "$here/others" "$name"`} {
		if !strings.Contains(string(build), line) {
			t.Errorf("images/build has no %s", line)
		}
	}
}

const twoOthers = `# a list

Name: A font
What: letters
Files: a/*.ttf a/b.otf.gz
Source: https://example.org/a
Copyright: 2020 A
Licence: OFL-1.1
Text: a/OFL.txt

# between them
Name: A voice
What: clips
Files: v/fr.ogg
Source: https://example.org/v
Copyright: V
Licence: none of its own
Text: v/LICENSE-v.txt
`

func TestUnnamed(t *testing.T) {
	all, err := parseOthers(twoOthers)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d things, %v; want 2", len(all), err)
	}
	good := []string{"LICENSE", "a/OFL.txt", "a/x.ttf", "a/b.otf.gz", "v/fr.ogg", "v/LICENSE-v.txt", "main.go"}
	for _, tt := range []struct {
		name, gone string
		more       []string
		want       string
	}{
		{name: "all is named"},
		{name: "a licence that nobody named", more: []string{"lib/COPYING.md"}, want: "lib/COPYING.md is the Text of no paragraph"},
		{name: "letters that nobody named", more: []string{"lib/x.woff2"}, want: "lib/x.woff2 is in the Files of no paragraph"},
		{name: "letters deeper than the pattern", more: []string{"a/deep/x.ttf"}, want: "a/deep/x.ttf is in the Files of no paragraph"},
		{name: "a text that is gone", gone: "a/OFL.txt", want: "A font: there is no a/OFL.txt"},
		{name: "a file that is gone", gone: "v/fr.ogg", want: "A voice: there is no v/fr.ogg"},
	} {
		files := append(slices.DeleteFunc(slices.Clone(good), func(f string) bool { return f == tt.gone }), tt.more...)
		var want []string
		if tt.want != "" {
			want = []string{tt.want}
		}
		if got := unnamed(files, all); !slices.Equal(got, want) {
			t.Errorf("%s: %q; want %q", tt.name, got, want)
		}
	}
	if c := otherComponents(all); c[0].Licenses[0].License.ID != "OFL-1.1" || c[1].Licenses[0].License.ID != "" || c[1].Licenses[0].License.Name != "none of its own" {
		t.Errorf("licences %+v, %+v; want an ID for SPDX's name alone", c[0].Licenses, c[1].Licenses)
	}
}

func TestParseOthersRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":         "# only this\n",
		"a field too few": strings.Replace(twoOthers, "Licence: OFL-1.1\n", "", 1),
		"no value":        strings.Replace(twoOthers, "Source: https://example.org/a", "Source:", 1),
		"a field twice":   strings.Replace(twoOthers, "What: letters", "What: letters\nWhat: more", 1),
		"a thing twice":   strings.Replace(twoOthers, "A voice", "A font", 1),
	} {
		if all, err := parseOthers(text); err == nil {
			t.Errorf("%s: %+v; want an error", name, all)
		}
	}
	all, _ := parseOthers(twoOthers)
	if err := copyOthers(fstest.MapFS{}, all, nil, t.TempDir()); err == nil || !strings.Contains(err.Error(), "A font") {
		t.Errorf("copyOthers() without the texts = %v; want which is missing", err)
	}
}
