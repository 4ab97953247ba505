package guard_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAttacks: the table of attacks has every number, every test that it names is
// there, and every test that is named after a number is in its row.
func TestAttacks(t *testing.T) {
	firmware := filepath.Join("..", "..")
	data, err := os.ReadFile(filepath.Join(firmware, "ATTACKS.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 {
			rows[strings.TrimSpace(cells[1])] = cells[4]
		}
	}
	tests := map[string]string{} // package → its tests
	named := regexp.MustCompile("`([a-z/]+)` ((?:`Test[A-Za-z0-9]+`(?:, )?)+)")
	for _, no := range strings.Fields("23 24 25 26 27 28 29 30 31 32 33 34 35 42") {
		found := named.FindAllStringSubmatch(rows[no], -1)
		if len(found) == 0 {
			t.Errorf("attack %s names no test: %q", no, rows[no])
		}
		for _, m := range found {
			if tests[m[1]] == "" {
				files, err := filepath.Glob(filepath.Join(firmware, m[1], "*_test.go"))
				if err != nil {
					t.Fatal(err)
				}
				for _, file := range files {
					source, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					tests[m[1]] += string(source)
				}
			}
			for _, name := range strings.Split(strings.ReplaceAll(m[2], "`", ""), ", ") {
				if name = strings.TrimSpace(name); name != "" && !strings.Contains(tests[m[1]], "func "+name+"(t *testing.T)") {
					t.Errorf("attack %s: %s has no %s", no, m[1], name)
				}
			}
		}
	}
	cases := regexp.MustCompile(`func (TestCase(\d+)\w*)\(`)
	for _, pkg := range []string{"web", "web/guard"} {
		for _, m := range cases.FindAllStringSubmatch(tests[pkg], -1) {
			if named := "`" + pkg + "` `" + m[1] + "`"; !strings.Contains(rows[m[2]], named) {
				t.Errorf("attack %s is without %s, which is there", m[2], named)
			}
		}
	}
}
