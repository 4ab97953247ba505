package main

import (
	"archive/tar"
	"bufio"
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A component is a thing of others that is on the card.
type component struct {
	Type        string      `json:"type"`
	Name        string      `json:"name"`
	Version     string      `json:"version,omitempty"`
	Description string      `json:"description,omitempty"`
	Hashes      []hashSum   `json:"hashes,omitempty"`
	Licenses    []licence   `json:"licenses,omitempty"`
	Copyright   string      `json:"copyright,omitempty"`
	PURL        string      `json:"purl,omitempty"`
	References  []reference `json:"externalReferences,omitempty"`
}

// A reference is where a component without a package comes from.
type reference struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type hashSum struct {
	Alg     string `json:"alg"`
	Content string `json:"content"`
}

// A licence is named as its package names it: Debian's words are not SPDX's, which alone
// are an ID.
type licence struct {
	License struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	} `json:"license"`
}

// sbomCommand writes a CycloneDX 1.5 document of what is on the card: Debian's packages as
// the root's dpkg status has them, the kernels' packages by their control files, the Go
// modules of the binary as the binary itself says, what of others is in our own tree as the
// list of it says. Beside it goes the same as a list of lines, for people.
func sbomCommand(epoch, version, root, kernels, sums, binary, others, out string) error {
	when, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("the epoch is seconds since 1970: %w", err)
	}
	status, copyrights, err := readRoot(root)
	if err != nil {
		return err
	}
	kernelFields, err := os.ReadFile(kernels)
	if err != nil {
		return err
	}
	sumLines, err := os.ReadFile(sums)
	if err != nil {
		return err
	}
	components := debianComponents(status+"\n\n"+string(kernelFields), string(sumLines), copyrights)
	if len(components) == 0 {
		return fmt.Errorf("%s and %s name no package", root, kernels)
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	components = append(components, goComponents(info)...)
	otherList, err := os.ReadFile(others)
	if err != nil {
		return err
	}
	other, err := parseOthers(string(otherList))
	if err != nil {
		return fmt.Errorf("%s: %w", others, err)
	}
	components = append(components, otherComponents(other)...)
	var list strings.Builder
	for _, c := range components {
		fmt.Fprintln(&list, strings.TrimSpace(c.Name+" "+c.Version))
	}
	if err := os.WriteFile(out+".packages", []byte(list.String()), 0o644); err != nil {
		return err
	}
	text, err := writeSBOM(version, time.Unix(when, 0), components)
	if err != nil {
		return err
	}
	return os.WriteFile(out+".cdx.json", text, 0o644)
}

// readRoot takes from the tar of a root what dpkg knows, and each package's copyright file.
func readRoot(name string) (status string, copyrights map[string]string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	copyrights = map[string]string{}
	r := tar.NewReader(bufio.NewReaderSize(f, 1<<20))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return status, copyrights, nil
		}
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", name, err)
		}
		file := strings.TrimPrefix(h.Name, "./")
		of, isCopyright := strings.CutSuffix(file, "/copyright")
		of, isDoc := strings.CutPrefix(of, "usr/share/doc/")
		if file != "var/lib/dpkg/status" && !(isCopyright && isDoc) {
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", name, err)
		}
		if isDoc {
			copyrights[of] = string(text)
		} else {
			status = string(text)
		}
	}
}

// debianComponents reads paragraphs of control files; of a status file, what is installed.
// sums are lines of sha256sum over the .deb files, copyrights the files of that name by package.
func debianComponents(paragraphs, sums string, copyrights map[string]string) []component {
	hashes := map[string]string{}
	for line := range strings.Lines(sums) {
		if f := strings.Fields(line); len(f) == 2 {
			hashes[f[1][strings.LastIndex(f[1], "/")+1:]] = f[0]
		}
	}
	var all []component
	fields := map[string]string{}
	end := func() {
		name, version, arch := fields["Package"], fields["Version"], fields["Architecture"]
		status, isStatus := fields["Status"]
		if name != "" && version != "" && (!isStatus || strings.HasSuffix(status, " installed")) {
			purl := "pkg:deb/debian/" + url.PathEscape(name) + "@" + url.QueryEscape(version) + "?arch=" + arch + "&distro=debian-13"
			c := component{Type: "library", Name: name, Version: version, PURL: purl}
			// apt writes the colon of an epoch as %3a in the file's name.
			if sum, ok := hashes[name+"_"+strings.ReplaceAll(version, ":", "%3a")+"_"+arch+".deb"]; ok {
				c.Hashes = []hashSum{{"SHA-256", sum}}
			}
			for _, short := range shortLicences(copyrights[name]) {
				var l licence
				l.License.Name = short
				c.Licenses = append(c.Licenses, l)
			}
			all = append(all, c)
		}
		clear(fields)
	}
	for line := range strings.Lines(paragraphs) {
		line = strings.TrimRight(line, "\n")
		if line == "" {
			end()
			continue
		}
		if name, value, ok := strings.Cut(line, ": "); ok && line[0] != ' ' && line[0] != '\t' {
			fields[name] = value
		}
	}
	end()
	slices.SortFunc(all, func(a, b component) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return slices.CompactFunc(all, func(a, b component) bool { return a.PURL == b.PURL })
}

// goComponents lists the modules that a Go binary says it is made of, and Go itself.
func goComponents(info *buildinfo.BuildInfo) []component {
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	all := []component{{Type: "library", Name: "stdlib", Version: goVersion, PURL: "pkg:golang/stdlib@" + goVersion}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, component{Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + url.PathEscape(m.Version)})
	}
	slices.SortFunc(all, func(a, b component) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func writeSBOM(version string, when time.Time, components []component) ([]byte, error) {
	text, err := json.MarshalIndent(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		"metadata": map[string]any{
			"timestamp": when.UTC().Format(time.RFC3339),
			"component": component{Type: "operating-system", Name: "jeudi", Version: version, PURL: "pkg:generic/jeudi@" + url.PathEscape(version)},
		},
		"components": components,
	}, "", "  ")
	return append(text, '\n'), err
}

// shortLicences finds what a Debian copyright file of the machine-readable form says of its
// files: the names after "License:", each once, in their order.
func shortLicences(copyright string) []string {
	var names []string
	for _, m := range licenceLine.FindAllStringSubmatch(copyright, -1) {
		if name := strings.TrimSpace(m[1]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

var licenceLine = regexp.MustCompile(`(?m)^License: *(\S.*)$`)
