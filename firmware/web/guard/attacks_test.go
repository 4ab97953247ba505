package guard_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestAttacks: the table of attacks has every number, every test that it names is there, and
// every test that is named after a number is in its row. README says which rows name none,
// and which leave something open.
func TestAttacks(t *testing.T) {
	firmware := filepath.Join("..", "..")
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(firmware, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	rows := map[string]string{} // number → the tests
	var open, without []string
	for line := range strings.Lines(read("ATTACKS.md")) {
		cells := strings.Split(line, "|")
		if _, err := strconv.Atoi(strings.TrimSpace(cells[min(1, len(cells)-1)])); err != nil {
			continue
		}
		if no := strconv.Itoa(len(rows) + 1); len(cells) != 6 || strings.TrimSpace(cells[1]) != no {
			t.Fatalf("row %s of the table is %q; want %s, in four cells", no, line, no)
		} else {
			rows[no] = cells[4]
			if strings.Contains(line, "**Open") {
				open = append(open, no)
			}
		}
	}
	tests := map[string]string{} // package → its tests
	named := regexp.MustCompile("`([a-z/]+)` ((?:`Test[A-Za-z0-9]+`(?:, )?)+)")
	pages := regexp.MustCompile("`([a-z/-]+\\.test\\.mjs)`")
	for n := range len(rows) {
		no := strconv.Itoa(n + 1)
		found := named.FindAllStringSubmatch(rows[no], -1)
		if len(found) == 0 {
			without = append(without, no)
		}
		for _, m := range pages.FindAllStringSubmatch(rows[no], -1) {
			if _, err := os.Stat(filepath.Join(firmware, "..", m[1])); err != nil {
				t.Errorf("attack %s: %v", no, err)
			}
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
	readme := read("../README.md")
	for _, tt := range []struct {
		says string
		want []string
	}{
		{`names its tests(?:, except ([0-9, and]+))?\.`, without},
		{`Open, in part or whole, are rows ([0-9, and]+):`, open},
	} {
		m := regexp.MustCompile(tt.says).FindStringSubmatch(readme)
		if m == nil {
			t.Errorf("README does not say %q", tt.says)
		} else if got := regexp.MustCompile(`\d+`).FindAllString(m[1], -1); !slices.Equal(got, tt.want) {
			t.Errorf("README says %q; in the table it is %v", m[0], tt.want)
		}
	}
	cases := regexp.MustCompile(`func (TestCase(\d+)\w*)\(`)
	for pkg, source := range tests {
		for _, m := range cases.FindAllStringSubmatch(source, -1) {
			if row := rows[strings.TrimLeft(m[2], "0")]; !strings.Contains(row, "`"+pkg+"` `") || !strings.Contains(row, "`"+m[1]+"`") {
				t.Errorf("attack %s is without %s, which is there", m[2], m[1])
			}
		}
	}
}
