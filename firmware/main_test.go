package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

// oneSentence reports whether text is one line that holds all of want.
func oneSentence(text string, want ...string) bool {
	for _, w := range want {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return strings.Count(text, "\n") == 1 && strings.HasSuffix(text, "\n")
}

// siteWith is the sample site with one thing changed.
func siteWith(t *testing.T, from, to string) string {
	t.Helper()
	text := site.SampleText()
	if !strings.Contains(text, from) {
		t.Fatalf("the sample site has no %s", from)
	}
	return strings.Replace(text, from, to, 1)
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good.toml", site.SampleText())
	bad := file("bad.toml", strings.Replace(site.SampleText(), `from = "9:00"`, `from = "nine"`, 1)+"\ncolour = \"red\"\n")
	oddPrinter := file("odd.toml", siteWith(t, `printer = "sim:"`, `printer = "laser:"`))
	notFolder := file("plain", "")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	fresh := filepath.Join(dir, "fresh")

	tests := []struct {
		name string
		args []string
		code int
		out  []string // all of them
		errs []string // all of them, and in one line unless out of usage
		many bool     // errs may have several lines
	}{
		{name: "nothing", code: exitUsage, errs: []string{"jeudi run", "jeudi rehearse", "jeudi site check", "jeudi site sample", "jeudi routing sample", "jeudi words", "jeudi version"}, many: true},
		{name: "help", args: []string{"help"}, code: exitOK, out: []string{"jeudi run", "jeudi rehearse", "--help"}},
		{name: "-h", args: []string{"-h"}, code: exitOK, out: []string{"jeudi run"}},
		{name: "--help", args: []string{"--help"}, code: exitOK, out: []string{"jeudi run"}},
		{name: "unknown", args: []string{"dance"}, code: exitUsage, errs: []string{`"dance"`, "jeudi help"}},
		{name: "version", args: []string{"version"}, code: exitOK, out: []string{version}},
		{name: "--version", args: []string{"--version"}, code: exitOK, out: []string{version}},

		{name: "run --help", args: []string{"run", "--help"}, code: exitOK, errs: []string{"-site", "-data", "-listen", "-devices", "-clock"}, many: true},
		{name: "unknown flag", args: []string{"run", "-colour"}, code: exitUsage, errs: []string{"-colour", "usage"}, many: true},
		{name: "stray word", args: []string{"run", "fast"}, code: exitUsage, errs: []string{`"fast"`, "flags"}},
		{name: "unknown devices", args: []string{"run", "-devices", "real"}, code: exitUsage, errs: []string{`"real"`, "sim or site"}},
		{name: "clock of words", args: []string{"run", "-clock", "fast"}, code: exitUsage, errs: []string{`"fast"`, "1x"}},
		{name: "clock too slow", args: []string{"run", "-clock", "0.5x"}, code: exitUsage, errs: []string{"0.5x"}},
		{name: "clock too fast", args: []string{"run", "-clock", "4000x"}, code: exitUsage, errs: []string{"3600x"}},
		{name: "clock that is no number", args: []string{"run", "-clock", "NaN"}, code: exitUsage, errs: []string{"NaN"}},
		{name: "clock on real devices", args: []string{"run", "-clock", "60x", "-devices", "site"}, code: exitUsage, errs: []string{"-clock", "simulated"}},
		{name: "no site file", args: []string{"run", "-site", filepath.Join(dir, "none.toml")}, code: exitFail, errs: []string{"none.toml"}},
		{name: "bad site file", args: []string{"run", "-site", bad}, code: exitFail, errs: []string{"bad.toml, ligne ", "colour"}, many: true},
		{name: "port in use", args: []string{"run", "-data", fresh, "-listen", taken.Addr().String()}, code: exitFail, errs: []string{taken.Addr().String(), "in use", "-listen"}},
		{name: "no such address", args: []string{"run", "-data", fresh, "-listen", "nonsense"}, code: exitFail, errs: []string{"nonsense", "-listen"}},
		{name: "data folder under a file", args: []string{"run", "-data", filepath.Join(notFolder, "data"), "-listen", "127.0.0.1:0"}, code: exitFail, errs: []string{"data folder", "-data"}},
		{name: "real devices that nobody named", args: []string{"run", "-devices", "site"}, code: exitUsage, errs: []string{"-site FILE"}},
		{name: "the wizard of no file", args: []string{"run", "-setup"}, code: exitUsage, errs: []string{"-setup", "-site FILE"}},
		{name: "unknown printer", args: []string{"run", "-data", filepath.Join(dir, "b"), "-listen", "127.0.0.1:0", "-devices", "site", "-site", oddPrinter},
			code: exitFail, errs: []string{"laser:"}, many: true},

		{name: "site", args: []string{"site"}, code: exitUsage, errs: []string{"site check FICHIER"}, many: true},
		{name: "site --help", args: []string{"site", "--help"}, code: exitOK, out: []string{"site check FICHIER", "sample"}},
		{name: "site new over a file", args: []string{"site", "new", good}, code: exitUsage, errs: []string{"good.toml", "déjà là"}},
		{name: "site check nothing", args: []string{"site", "check"}, code: exitUsage, errs: []string{"site check FICHIER"}, many: true},
		{name: "site check good", args: []string{"site", "check", good}, code: exitOK, out: []string{"good.toml", "Centre social Les Tilleuls", "good.toml est juste\u00a0: ", "1 bureau, 7 motifs."}},
		{name: "site check bad", args: []string{"site", "check", bad}, code: exitFail, errs: []string{"bad.toml, ligne ", "colour"}, many: true},
		{name: "site check missing", args: []string{"site", "check", filepath.Join(dir, "none.toml")}, code: exitUsage, errs: []string{"none.toml n’existe pas ici", "jeudi site new "}},
		{name: "site check a folder", args: []string{"site", "check", dir}, code: exitFail, errs: []string{dir}},
		{name: "site sample", args: []string{"site", "sample"}, code: exitOK, out: []string{"[place]", "[[desk]]"}},

		{name: "words", args: []string{"words"}, code: exitOK, out: []string{`"motif.title": {`, `"note": "`, `"desk.`}},
		{name: "words of a language", args: []string{"words", "en"}, code: exitOK, out: []string{`"text": "Under 12"`, "In French: Moins de 12 ans"}},
		{name: "words of a language to come", args: []string{"words", "pl"}, code: exitOK, out: []string{`"text": "Moins de 12 ans"`, `"few": "`, `"many": "`}},
		{name: "words of no language", args: []string{"words", "polski jezyk"}, code: exitUsage, errs: []string{"polski jezyk", "pl"}},
		{name: "words --help", args: []string{"words", "--help"}, code: exitOK, out: []string{"usage: jeudi words [LANG]", "note"}},
		{name: "words with a flag", args: []string{"words", "-x"}, code: exitUsage, errs: []string{"usage"}, many: true},
		{name: "words of two", args: []string{"words", "pl", "en"}, code: exitUsage, errs: []string{"usage"}, many: true},
		{name: "routing sample", args: []string{"routing", "sample"}, code: exitOK, out: []string{`"motifs"`}},
		{name: "routing --help", args: []string{"routing", "--help"}, code: exitOK, out: []string{"usage: jeudi routing sample", "jeudi site check"}},
		{name: "routing", args: []string{"routing"}, code: exitUsage, errs: []string{"usage"}, many: true},
		{name: "voices check -missing", args: []string{"voices", "check", "-missing"}, code: exitOK, out: []string{"fa/ticket.title~0.wav\t", "fa/12.wav\t12,"}},
		{name: "voices check", args: []string{"voices", "check"}, code: exitOK, out: []string{"fa       no_engine", "jeudi voices check -missing"}},
		{name: "voices check --help", args: []string{"voices", "check", "--help"}, code: exitOK, out: []string{"[-missing]"}},
		{name: "voices check two", args: []string{"voices", "check", good, good}, code: exitUsage, errs: []string{"usage"}, many: true},
		{name: "voices check missing", args: []string{"voices", "check", filepath.Join(dir, "none.toml")}, code: exitFail, errs: []string{"none.toml"}},

		{name: "rehearse --help", args: []string{"rehearse", "--help"}, code: exitOK, errs: []string{"-url", "-seed", "-visitors", "-speed", "-close"}, many: true},
		{name: "rehearse nobody", args: []string{"rehearse", "-visitors", "0"}, code: exitUsage, errs: []string{"-visitors"}},
		{name: "rehearse too fast", args: []string{"rehearse", "-speed", "4000"}, code: exitUsage, errs: []string{"-speed"}},
		{name: "rehearse at no speed", args: []string{"rehearse", "-speed", "NaN"}, code: exitUsage, errs: []string{"-speed"}},
		{name: "rehearse a stray word", args: []string{"rehearse", "now"}, code: exitUsage, errs: []string{`"now"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// None of these may start a box; one that does is stopped here.
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			var out, errs bytes.Buffer
			if code := run(ctx, tt.args, &out, &errs); code != tt.code {
				t.Fatalf("run(%q) = %d %s%s; want %d", tt.args, code, &out, &errs, tt.code)
			}
			for _, want := range tt.out {
				if !strings.Contains(out.String(), want) {
					t.Errorf("run(%q) prints %q; want %q in it", tt.args, &out, want)
				}
			}
			for _, want := range tt.errs {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("run(%q) says %q; want %q in it", tt.args, &errs, want)
				}
			}
			if !tt.many && len(tt.errs) > 0 && !oneSentence(errs.String()) {
				t.Errorf("run(%q) says %q; want one line", tt.args, &errs)
			}
			if (len(tt.out) == 0 && out.Len() > 0) || (len(tt.errs) == 0 && errs.Len() > 0) {
				t.Errorf("run(%q) prints %q and says %q; want one of them", tt.args, &out, &errs)
			}
		})
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Errorf("%s was made by a box that could not serve; want nothing left", fresh)
	}
}

// helps are the usages that jeudi prints as they are; the others come with their flags.
func helps() []string {
	return []string{bilanUsage, dataUsage, firstbootUsage, flashUsage, periodUsage, posterUsage, rehearseUsage, reportUsage, rightsUsage, routingUsage, runUsage, selfTestUsage, siteUsage, stewardUsage, updateUsage, versionUsage, voicesUsage, wordsUsage}
}

// TestHelp: every command and each of its subcommands has help, wherever it is asked
// for, and the list of all names what the help of each names.
func TestHelp(t *testing.T) {
	command := regexp.MustCompile(`(?m)^(?:usage:)? +jeudi ((?:[a-z]+ ?)+)`)
	commands := func(text string) (list []string) {
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			list = append(list, strings.TrimSpace(m[1]))
		}
		return list
	}
	var listed []string
	for line := range strings.Lines(usage) {
		if name, _, found := strings.Cut(strings.TrimPrefix(line, "  jeudi "), "  "); found && strings.HasPrefix(line, "  ") {
			listed = append(listed, name)
		}
	}
	var told []string
	for _, text := range helps() {
		head, _, _ := strings.Cut(text, "\n\n")
		told = append(told, commands(head)...)
	}
	slices.Sort(listed)
	slices.Sort(told)
	if !slices.Equal(listed, told) || len(listed) < 12 {
		t.Fatalf("jeudi help lists %q; want %q, that have help", listed, told)
	}
	for _, name := range listed {
		words := strings.Fields(name)
		for _, flag := range []string{"--help", "-help", "-h"} {
			for _, args := range [][]string{append(slices.Clone(words), flag), {words[0], flag}} {
				// None of these may start a box or wait for one.
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				var out, errs bytes.Buffer
				code := run(ctx, args, &out, &errs)
				cancel()
				if all := out.String() + errs.String(); code != exitOK || !strings.Contains(all, "jeudi "+name) || !strings.HasPrefix(all, "usage: jeudi "+words[0]) {
					t.Errorf("run(%q) = %d %q; want 0, and the help of %s", args, code, all, name)
				}
			}
		}
	}
}

// TestNoPracticeAmongRealTickets: a practice does not begin in a permanence that counts,
// and whoever wanted one is told what to do.
func TestNoPracticeAmongRealTickets(t *testing.T) {
	r := boxHere(t, t.TempDir())
	r.desk("open", nil)
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"rehearse", "-url", r.base, "-crowd", "-test", "-visitors", "1"}, &out, &errs)
	if code != exitFail || out.Len() > 0 || !oneSentence(errs.String(), "jeudi rehearse: ", "close it at the desk first", "-url") {
		t.Errorf("rehearse -test = %d %s%s; want %d, and what to do", code, &out, &errs, exitFail)
	}
	if got := r.post("/api/tickets", fields{"motif": "caf", "lang": "fr"})["number"]; got != 1.0 {
		t.Errorf("the next ticket is %v; want 1, as if nobody had practised", got)
	}
}

// TestSiteMeetsTheHouse: what a site says in its words is what the box understands.
func TestSiteMeetsTheHouse(t *testing.T) {
	s := site.Sample()
	p := placeOf(s)
	if len(p.Desks) != len(s.Desks) || len(p.Motifs) != len(s.Motifs) || p.Slots != s.Screen.Choices {
		t.Errorf("placeOf(sample) = %+v; want all of the site", p)
	}
	for i, m := range p.Motifs {
		if s.Motifs[i].Need == site.Any && m.Need != "" || s.Motifs[i].Class == "normal" && m.Class != "" {
			t.Errorf("motif %+v = %+v; want anyone, normal to be empty", s.Motifs[i], m)
		}
		// Where the site says nothing, the catalogue does.
		if own := s.Motifs[i].Documents; len(own) != 0 && (len(p.Documents(m.Key, "fr")) == 0 || len(p.Documents(m.Key, "ar")) == 0) {
			t.Errorf("motif %s asks for no documents; want the sample's", m.Key)
		} else if len(own) == 0 && p.Documents(m.Key, "fr") != nil {
			t.Errorf("motif %s asks for %q; want nothing of the site's own", m.Key, p.Documents(m.Key, "fr"))
		}
	}
	if len(p.Documents("caf", "fr")) == 0 {
		t.Error("motif caf asks for no documents; want the sample's")
	}
	for _, a := range s.Actions() {
		known := false
		for k, on := range p.Buttons {
			known = known || on && string(k) == a
		}
		if !known {
			t.Errorf("button %s of the site is none of the kiosk's", a)
		}
	}
	if got := panelOf(s); got.Width != 1280 || got.Height != 800 || got.Choices != 6 || got.PxMMH <= 0 || got.PxMMV <= 0 {
		t.Errorf("panelOf(sample) = %+v; want that of 10.1 inches", got)
	}
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	s.Motifs[0].Label = map[string]string{"fr": "Prestations"}
	c = siteWords(c, s)
	for key, want := range map[string]string{"motif.caf": "Prestations", "motif.sante": "Santé", "answer.neighbourhood.haut-moulin": "Le Haut-Moulin"} {
		if got := c.Text("fr", key, nil); got != want {
			t.Errorf("Text(fr, %s) = %q; want %q", key, got, want)
		}
	}
}

func TestSpeeds(t *testing.T) {
	tests := []struct {
		text string
		want float64 // 0 when refused
	}{
		{"1x", 1}, {"60x", 60}, {"60", 60}, {"1.5x", 1.5}, {"3600x", 3600},
		{"0x", 0}, {"-1x", 0}, {"3601x", 0}, {"x", 0}, {"", 0}, {"NaNx", 0}, {"+Infx", 0}, {"1e9x", 0}, {"60 x", 0},
	}
	for _, tt := range tests {
		got, err := parseSpeed(tt.text)
		if got != tt.want || (err == nil) != (tt.want != 0) {
			t.Errorf("parseSpeed(%q) = %v, %v; want %v", tt.text, got, err, tt.want)
		}
	}
}
