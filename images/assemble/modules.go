package main

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// modulesCommand copies the wanted modules of a kernel from one lib/modules/VERSION, where
// depmod has been, to another, with what they need. It prints the patterns of the list that
// took none.
func modulesCommand(list, from, to string, out io.Writer) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	dep, err := os.ReadFile(filepath.Join(from, "modules.dep"))
	if err != nil {
		return fmt.Errorf("depmod has not been here: %w", err)
	}
	wanted, idle, err := wantedModules(string(text), string(dep))
	if err != nil {
		return err
	}
	if len(wanted) == 0 {
		return fmt.Errorf("%s takes no module of %s", list, from)
	}
	for _, p := range idle {
		fmt.Fprintln(out, p)
	}
	for _, name := range wanted {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	for _, name := range []string{"modules.order", "modules.builtin", "modules.builtin.modinfo"} {
		err := copyFile(filepath.Join(from, name), filepath.Join(to, name))
		if err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

// wantedModules names the modules that a list takes from a modules.dep, with what they
// need; sorted. idle are the patterns that took none: kernels differ in what they build in.
func wantedModules(list, dep string) (wanted, idle []string, err error) {
	needs := map[string][]string{}
	for line := range strings.Lines(dep) {
		name, others, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			return nil, nil, fmt.Errorf("modules.dep has %q", line)
		}
		needs[name] = strings.Fields(others)
	}
	taken := map[string]bool{}
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		match, leave := strings.CutPrefix(line, "!")
		hit := false
		for _, m := range braces(match) {
			for name := range needs {
				bare := strings.TrimPrefix(name, "kernel/")
				bare = bare[:len(bare)-len(path.Ext(bare))]
				if path.Ext(name) == ".ko" {
					bare += ".ko"
				}
				ok, err := path.Match(m, bare)
				if err != nil {
					return nil, nil, fmt.Errorf("%q: %w", line, err)
				}
				if ok {
					taken[name], hit = !leave, true
				}
			}
		}
		if !hit {
			idle = append(idle, match)
		}
	}
	all := map[string]bool{}
	for name, yes := range taken {
		if yes {
			all[name] = true
			for _, other := range needs[name] { // modules.dep says what these need too
				all[other] = true
			}
		}
	}
	for name := range all {
		wanted = append(wanted, name)
	}
	slices.Sort(wanted)
	return wanted, idle, nil
}

// braces takes a{b,c}d apart into abd and acd, as a shell does.
func braces(s string) []string {
	open := strings.IndexByte(s, '{')
	if open < 0 {
		return []string{s}
	}
	shut := strings.IndexByte(s[open:], '}')
	if shut < 0 {
		return []string{s}
	}
	shut += open
	var all []string
	for one := range strings.SplitSeq(s[open+1:shut], ",") {
		all = append(all, braces(s[:open]+one+s[shut+1:])...)
	}
	return all
}
