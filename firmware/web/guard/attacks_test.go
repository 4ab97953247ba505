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
	for _, no := range strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 " +
		"23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 51 52 56 57 58 59 60 61 62 63 64") {
		found := named.FindAllStringSubmatch(rows[no], -1)
		if len(found) == 0 {
			t.Errorf("attack %s names no test: %q", no, rows[no])
		}
		for _, m := range found {
			if tests[m[1]] == "" {
				folder := filepath.Join(firmware, m[1])
				switch top, _, _ := strings.Cut(m[1], "/"); top {
				case "firmware":
					folder = firmware
				case "provisioning", "images":
					folder = filepath.Join(firmware, "..", m[1])
				}
				files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
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
	for pkg, source := range tests {
		for _, m := range cases.FindAllStringSubmatch(source, -1) {
			if row := rows[strings.TrimLeft(m[2], "0")]; !strings.Contains(row, "`"+pkg+"` `") || !strings.Contains(row, "`"+m[1]+"`") {
				t.Errorf("attack %s is without %s, which is there", m[2], named)
			}
		}
	}
}
