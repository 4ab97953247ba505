package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// An other is a thing of others in our own tree, as a paragraph of images/others has it.
type other struct {
	Name, What, Source, Copyright string
	Licence                       string   // SPDX's name, or words where there is none
	Files                         []string // patterns of path.Match, from the top of the tree
	Text                          string   // the file of its licence, from there too
}

// othersCommand copies the texts of a list from the tree into a folder, where each keeps its
// path, with the list itself.
func othersCommand(list, tree, to string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	all, err := parseOthers(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	return copyOthers(os.DirFS(tree), all, text, to)
}

// parseOthers reads paragraphs of "Field: value" with lines of # between them. Each has
// every field.
func parseOthers(text string) ([]other, error) {
	var all []other
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		fields := map[string]string{}
		for line := range strings.Lines(paragraph) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			name, value, ok := strings.Cut(line, ": ")
			if _, twice := fields[name]; !ok || twice {
				return nil, fmt.Errorf("%q is no field of its own", line)
			}
			fields[name] = value
		}
		if len(fields) == 0 {
			continue
		}
		o := other{Name: fields["Name"], What: fields["What"], Source: fields["Source"], Copyright: fields["Copyright"],
			Licence: fields["Licence"], Files: strings.Fields(fields["Files"]), Text: fields["Text"]}
		for _, must := range []string{o.Name, o.What, o.Source, o.Copyright, o.Licence, o.Text} {
			if must == "" || len(o.Files) == 0 || len(fields) != 7 {
				return nil, fmt.Errorf("%q: a paragraph has Name, What, Files, Source, Copyright, Licence and Text", strings.TrimSpace(paragraph))
			}
		}
		if slices.ContainsFunc(all, func(before other) bool { return before.Name == o.Name }) {
			return nil, fmt.Errorf("%s is there twice", o.Name)
		}
		all = append(all, o)
	}
	if len(all) == 0 {
		return nil, errors.New("it names nothing")
	}
	return all, nil
}

// copyOthers writes the texts of all into a folder, and the list as others.txt.
func copyOthers(tree fs.FS, all []other, list []byte, to string) error {
	texts := map[string][]byte{"others.txt": list}
	for _, o := range all {
		text, err := fs.ReadFile(tree, o.Text)
		if err != nil {
			return fmt.Errorf("the licence of %s: %w", o.Name, err)
		}
		texts[o.Text] = text
	}
	for name, text := range texts {
		file := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// otherComponents are the things of a list as the SBOM has them.
func otherComponents(all []other) []component {
	var components []component
	for _, o := range all {
		var l licence
		if spdx.MatchString(o.Licence) {
			l.License.ID = o.Licence
		} else {
			l.License.Name = o.Licence
		}
		components = append(components, component{Type: "data", Name: o.Name, Description: o.What + ": " + strings.Join(o.Files, ", "),
			Copyright: o.Copyright, Licenses: []licence{l}, References: []reference{{"website", o.Source}}})
	}
	return components
}

// spdx is the form of SPDX's names of licences.
var spdx = regexp.MustCompile(`^[A-Za-z0-9.+-]+$`)

// covers reports whether one of the patterns of o is that of a file of the tree.
func (o other) covers(file string) bool {
	return slices.ContainsFunc(o.Files, func(pattern string) bool {
		ok, err := path.Match(pattern, file)
		return err == nil && ok
	})
}
