package escpos

import (
	"strings"
	"testing"

	"jeudi/drivers"
	"unicode"

	"golang.org/x/text/encoding/charmap"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"déjà", "déjà"},
		{"e\u0301", "é"},
		{"a\tb\r\nc\u2028d", "a b\nc\nd"},
		{"a\x00\x1b\x10\x7f\u0085\u00ad\ufeff\u202a\u202e☺\ufe0fb", "a☺b"},
		{"\u200eab\u2068c\u2069\u200d", "\u200eab\u2068c\u2069\u200d"},
		{"\xff", "\ufffd"},
		{"", ""},
	} {
		if got := string(clean(c.given)); got != c.want {
			t.Errorf("clean(%q) = %q; want %q", c.given, got, c.want)
		}
	}
}

// Every printable byte of every page of ours is sent for its own character.
func TestEveryByteOfThePages(t *testing.T) {
	seen := map[string]bool{}
	for _, profile := range profiles() {
		for _, c := range profile.CodePages {
			if seen[c.Name] {
				continue
			}
			seen[c.Name] = true
			p := page{c.Slot, c.charmap()}
			for b := 0x20; b < 0x100; b++ {
				r := c.charmap().DecodeByte(byte(b))
				if unicode.IsControl(r) || r == 0xad || r == nbsp || r == 0xfffd {
					continue
				}
				if got, ok := p.encode(r); !ok || got != byte(b) {
					t.Errorf("%s: encode(%q) = %#x, %v; want %#x", c.Name, r, got, ok, b)
				}
			}
			if got, ok := p.encode(nbsp); !ok || got != ' ' {
				t.Errorf("%s: encode(nbsp) = %#x, %v; want a blank", c.Name, got, ok)
			}
			for _, r := range "\x00\x1b\x10\x7f" {
				if got, ok := p.encode(r); ok {
					t.Errorf("%s: encode(%q) = %#x; want nothing", c.Name, r, got)
				}
			}
		}
	}
}

func TestStrip(t *testing.T) {
	p := page{0, charmap.CodePage437}
	for _, c := range []struct {
		given rune
		want  string
	}{
		{'ş', "s"}, {'Ł', "L"}, {'œ', "oe"}, {'€', "EUR"}, {'ﬁ', "fi"}, {'①', "1"}, {'№', "No"}, {'→', "->"}, {'☐', "[ ]"},
		{'٤', "4"}, {'۴', "4"}, {'’', "'"}, {'ẞ', "SS"}, {'👍', ""}, {'ж', ""}, {'\ufffd', ""},
	} {
		if got := string(p.strip(c.given)); got != c.want {
			t.Errorf("strip(%q) = %q; want %q", c.given, got, c.want)
		}
	}
}

// A plainer dress has no letters: it never spells a word otherwise.
func TestTypographicSpellsNothing(t *testing.T) {
	for r := rune(0); r < 0x3100; r++ {
		s := typographic(r)
		if strings.ContainsFunc(s, unicode.IsLetter) || s != "" && unicode.IsLetter(r) && r != '\u02bc' && r != '\u02b9' && r != '\u02ba' {
			t.Errorf("typographic(%q) = %q; want no letter", r, s)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		given string
		width int
		want  string // lines joined by |
	}{
		{"un deux trois", 20, "un deux trois"},
		{"un deux trois", 7, "un deux|trois"},
		{"un  deux   trois ", 13, "un deux trois"},
		{"anticonstitutionnel", 8, "anticons|titution|nel"},
		{"a anticonstitutionnel b", 8, "a|anticons|titution|nel b"},
		{"9\u00a0h le\u00a0jeudi", 9, "9\u00a0h|le\u00a0jeudi"},
		{"abc", 0, "a|b|c"},
		{"abcdefgh ij", 4, "abcd|efgh|ij"},
		{"", 9, ""},
	} {
		var got []string
		for _, l := range wrap([]rune(c.given), c.width) {
			got = append(got, string(l))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("wrap(%q, %d) = %q; want %q", c.given, c.width, s, c.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("un deux  trois", 5)
	f.Add("   ", 0)
	f.Fuzz(func(t *testing.T, text string, width int) {
		width = min(max(width, 1), 100)
		var out []string
		for _, l := range wrap([]rune(text), width) {
			if len(l) > width {
				t.Fatalf("wrap(%q, %d) has a line of %d", text, width, len(l))
			}
			out = append(out, string(l))
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got, want := bare(strings.Join(out, "")), bare(string([]rune(text))); got != want {
			t.Fatalf("wrap(%q, %d) = %q; want every character once", text, width, out)
		}
	})
}

// Lines of two kinds of letters below each other are hard to read: a language that
// has a letter in no page is drawn as a whole. French is not, for an œ.
func TestALanguageIsWrittenInOneKindOfLetters(t *testing.T) {
	for _, c := range []struct {
		name     string
		lang     string
		texts    []string
		rastered int
	}{
		{"Turkish", "tr", []string{"Saat değişebilir.", "Notlar"}, 2},
		{"Portuguese, which a page has", "pt", []string{"Três conselhos", "Notas"}, 0},
		{"French with a letter that cp858 lacks", "fr", []string{"Le cœur", "Notes"}, 1},
	} {
		p := Generic58()
		p.CodePages = []CodePage{{"cp858", 19}, {"cp860", 3}}
		var doc drivers.Document
		for _, text := range c.texts {
			doc.Blocks = append(doc.Blocks, drivers.Text{Text: text, Lang: c.lang})
		}
		if got := Compose(doc, p).Rastered; got != c.rastered {
			t.Errorf("%s: %d lines drawn; want %d", c.name, got, c.rastered)
		}
	}
}
