package poster

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

var update = flag.Bool("update", false, "write the golden files")

var loaded = sync.OnceValues(words.Load)

func catalogue(t *testing.T) *words.Catalogue {
	t.Helper()
	c, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func clock(h, m int) time.Time { return time.Date(2000, 1, 1, h, m, 0, 0, time.UTC) }

// tilleuls is a place of one morning; busy is one with as much to say as a site can.
func tilleuls() Place {
	return Place{
		Name: "Centre social Les Tilleuls", Address: "4 rue des Tilleuls, Villeneuve-sur-Brève", Phone: "01 99 00 00 00",
		Hours:  []Hours{{time.Thursday, clock(9, 0), clock(12, 0)}},
		Dates:  []time.Time{time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC)},
		Motifs: []string{"caf", "sante", "impots", "retraite", "titres", "logement", "telephone"}, Languages: site.KnownLanguages(),
	}
}

func busy() Place {
	p := tilleuls()
	p.Name = "Centre communal d’action sociale de Saint-Étienne-du-Bois-en-Vallée, salle polyvalente du rez-de-chaussée"
	for day := time.Monday; day <= time.Saturday; day++ {
		p.Hours = append(p.Hours, Hours{day, clock(13, 30+int(day)), clock(17, 30)})
	}
	p.Dates = append(p.Dates, p.Dates...)
	p.Motifs = append(p.Motifs, "emploi", "sejour", "ecole", "materiel_reconditionne")
	return p
}

func TestHours(t *testing.T) {
	c := catalogue(t)
	week := func(h ...Hours) Place { return Place{Hours: h} }
	for _, tt := range []struct {
		name  string
		place Place
		lang  string
		want  []string
	}{
		{"one morning", tilleuls(), "fr", []string{"Jeudi : 9 h – 12 h"}},
		{"in English", tilleuls(), "en", []string{"Thursday: 9:00 to 12:00"}},
		{"two days of the same hours", week(Hours{time.Tuesday, clock(9, 0), clock(12, 0)}, Hours{time.Thursday, clock(9, 0), clock(12, 0)}), "fr",
			[]string{"Mardi, jeudi : 9 h – 12 h"}},
		{"a day of two spans, and the week begins on Monday", week(Hours{time.Sunday, clock(9, 0), clock(10, 0)}, Hours{time.Monday, clock(9, 0), clock(12, 0)},
			Hours{time.Monday, clock(13, 30), clock(17, 0)}), "fr", []string{"Lundi : 9 h – 12 h, 13 h 30 – 17 h", "Dimanche : 9 h – 10 h"}},
		{"none", Place{}, "fr", nil},
	} {
		var got []string
		for _, line := range New(tt.place, c).hours(tt.lang) {
			got = append(got, strings.ReplaceAll(line.line, "\u00a0", " "))
			if words.Dir(tt.lang) != "rtl" && strings.Join(strings.Fields(line.broken), " ") != strings.Join(strings.Fields(line.line), " ") {
				t.Errorf("%s: in a narrow column = %q; want the words of %q", tt.name, line.broken, line.line)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: hours = %q; want %q", tt.name, got, tt.want)
		}
	}
}

func TestShort(t *testing.T) {
	got := New(tilleuls(), catalogue(t)).Short()
	path := filepath.Join("testdata", "short.md")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("Short() = %s; want %s (%v)", got, path, err)
	}
	bare := New(Place{Name: "Ici", Languages: []string{"fr"}}, catalogue(t)).Short()
	if strings.Contains(bare, "Téléphone") || strings.Contains(bare, ", .") {
		t.Errorf("Short() of a place without address and phone = %q; want neither", bare)
	}
}

// However much a place has to say, everything is on its page and legible: in the
// languages with the longest words, and in one that runs to the left.
func TestItFits(t *testing.T) {
	crowded := busy()
	crowded.Languages = []string{"fr", "ar", "uk"}
	for name, place := range map[string]Place{"much to say": crowded, "French alone": {Name: "Ici", Languages: []string{"fr"}}} {
		p := New(place, catalogue(t))
		smallest := func(fits func(scale float64) bool) float64 {
			scale := 1.0
			for scale > least && !fits(scale) {
				scale -= step
			}
			return scale
		}
		if scale := smallest(func(scale float64) bool { _, fits := p.a3(scale); return fits }); scale <= least {
			t.Errorf("A3, %s: it does not fit at %.2f; want it to fit", name, scale)
		}
		for _, lang := range p.place.Languages {
			if scale := smallest(func(scale float64) bool { return p.a5(p.document(), lang, scale) }); scale <= least {
				t.Errorf("A5, %s, %s: it does not fit at %.2f; want it to fit", name, lang, scale)
			}
		}
	}
}

func TestPages(t *testing.T) {
	place := tilleuls()
	place.Languages = []string{"fr", "falc", "images", "ar"}
	p := New(place, catalogue(t))
	pages := regexp.MustCompile(`/Type\s*/Page\b`)
	for name, tt := range map[string]struct {
		file  func() []byte
		pages int
	}{
		"A3": {p.A3, 1},
		"A5": {p.A5, 2}, // the easy language and that of pictures are no languages of a wall
	} {
		file := tt.file()
		if n := len(pages.FindAll(file, -1)); n != tt.pages || !bytes.HasPrefix(file, []byte("%PDF-")) {
			t.Errorf("%s has %d pages; want %d of a PDF", name, n, tt.pages)
		}
		if !bytes.Equal(file, tt.file()) {
			t.Errorf("%s is another file the second time; want the same bytes", name)
		}
	}
}

// The words of a poster are its own in every language, for who reads a wall sees no
// other.
func TestEveryLanguageHasItsPoster(t *testing.T) {
	c := catalogue(t)
	for _, lang := range New(tilleuls(), c).place.Languages {
		for _, key := range c.Keys() {
			if strings.HasPrefix(key, "poster.") && !c.Has(lang, key) {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
	}
}
