package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeudi/provisioning/site"
)

// What a technician writes about devices is checked before the box is taken there.
func TestSiteCheckOfDevices(t *testing.T) {
	const buttons = `
[[button]]
action = "previous"
line = "GPIO5"
[[button]]
action = "next"
line = "GPIO6"
[[button]]
action = "ok"
line = "GPIO13"
[[button]]
action = "repeat"
line = "GPIO12"
`
	for _, c := range []struct {
		name, add, want string // want is in what it says; "" is good
	}{
		{name: "wires of their own", add: "[devices]\npanel = \"gpio:\"\n" + buttons},
		{name: "a layout", add: "[devices]\npanel = \"gpio:\"\n[panel]\nlayout = \"visitor4\"\nloop = \"none\"\n"},
		{name: "no panel for visitors, and a desk's on its lines",
			add: "[devices]\npanel = \"gpio:\"\n[panel]\nlayout = \"none\"\n[[button]]\naction = \"recall\"\ndesk = \"accueil\"\nline = \"GPIO6\"\n"},
		{name: "a serial printer", add: "[devices]\nprinter = \"escpos:serial:/dev/ttyAMA0?baud=9600\"\n[printer]\nprofile = \"csn-a2\"\n"},
		{name: "a speed that no line has", add: "[devices]\nprinter = \"escpos:serial:/dev/ttyAMA0?baud=1234\"\n", want: "1234"},
		{name: "an unknown profile", add: "[printer]\nprofile = \"laser\"\n", want: "epson-tm-t20"},
		{name: "a profile that makes no sense", add: "[printer]\ndots = 384\ncolumns = 60\n", want: "columns is 60"},
		{name: "a desk's button on a line of the layout", want: "GPIO6",
			add: "[devices]\npanel = \"gpio:\"\n[[button]]\naction = \"recall\"\ndesk = \"accueil\"\nline = \"GPIO6\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := site.SampleText()
			for _, section := range []string{"devices", "printer", "sound", "panel"} {
				text = without(text, section)
			}
			file := filepath.Join(t.TempDir(), "site.toml")
			key := site.Sample().Desks[0].Key
			if err := os.WriteFile(file, []byte(text+strings.ReplaceAll(c.add, `"accueil"`, `"`+key+`"`)), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, errs strings.Builder
			code := run(t.Context(), []string{"site", "check", file}, &out, &errs)
			if c.want == "" && (code != exitOK || errs.Len() > 0) {
				t.Errorf("site check = %d %q; want %d", code, errs.String(), exitOK)
			}
			if c.want != "" && (code != exitFail || !strings.Contains(errs.String(), c.want)) {
				t.Errorf("site check = %d %q; want %d with %q", code, errs.String(), exitFail, c.want)
			}
		})
	}
}

// without is a site's text without one of its sections.
func without(text, section string) string {
	before, after, ok := strings.Cut(text, "\n["+section+"]\n")
	if !ok {
		return text
	}
	if next := strings.Index(after, "\n["); next >= 0 {
		return before + after[next:]
	}
	return before + "\n"
}
