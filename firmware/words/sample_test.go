package words_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"jeudi/firmware/words"
)

// A file to begin from is taken as it is, and changes nothing.
func TestSample(t *testing.T) {
	c := load(t)
	for _, lang := range append(c.Languages(), "pl", "cs", "ja", "sw") {
		t.Run(lang, func(t *testing.T) {
			file, err := c.Sample(lang)
			if err != nil {
				t.Fatal(err)
			}
			over, err := c.Over(map[string][]byte{lang: file})
			if err != nil {
				t.Fatalf("Over(Sample(%s)) = %v; want it taken", lang, err)
			}
			var entries map[string]map[string]string
			if err := json.Unmarshal(file, &entries); err != nil {
				t.Fatal(err)
			}
			for key, e := range entries {
				if own := c.Has(lang, key); own && lang != "fr" && !strings.Contains(e["note"], "In French: ") {
					t.Errorf("%s: the note is %q; want the French text in it", key, e["note"])
				}
				if lang != "fr" && words.ForStaff(key) {
					t.Errorf("%s is in it; want what visitors read alone", key)
				}
				// What is not translated is what is said now.
				if got, want := over.Text(lang, key, nil), c.Text(lang, key, nil); got != want {
					t.Errorf("%s says %q; want %q", key, got, want)
				}
			}
			if got := over.Missing(lang); len(got) != 0 {
				t.Errorf("Missing() of what it makes = %v; want nothing", got)
			}
			known := slices.Contains(c.Languages(), lang)
			if changed := over.Changed(c, lang); known && len(changed) != len(entries)-had(c, lang, entries) {
				t.Errorf("Changed() = %v; want what %s had not", changed, lang)
			}
		})
	}
	for _, lang := range []string{"", "polski jezyk", "../fr", "x"} {
		if _, err := c.Sample(lang); err == nil {
			t.Errorf("Sample(%q) = nil; want an error", lang)
		}
	}
}

// had is how many of the keys a language has itself.
func had(c *words.Catalogue, lang string, entries map[string]map[string]string) (n int) {
	for key := range entries {
		if c.Has(lang, key) {
			n++
		}
	}
	return n
}

// What visitors read and a language has not; what a site has changed.
func TestMissingAndChanged(t *testing.T) {
	c := load(t)
	over, err := c.Over(map[string][]byte{
		"fr": []byte(`{"kiosk.finish": {"text": "Partir"}, "motif.title": {"text": ` + quoted(c.Text("fr", "motif.title", nil)) + `}}`),
		"ar": []byte(`{"language.name": {"text": ` + quoted(c.Text("ar", "language.name", nil)) + `, "say": "بَ"}}`),
		"pl": []byte(`{"language.name": {"text": "Polski"}, "language.hello": {"text": "Dzień dobry"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{"fr": {"kiosk.finish"}, "ar": {"language.name"}, "en": nil, "pl": {"language.hello", "language.name"}} {
		if got := over.Changed(c, lang); !slices.Equal(got, want) {
			t.Errorf("Changed(%s) = %v; want %v", lang, got, want)
		}
	}
	missing := over.Missing("pl")
	if slices.Contains(missing, "language.name") || !slices.Contains(missing, "kiosk.finish") || slices.ContainsFunc(missing, words.ForStaff) {
		t.Errorf("Missing(pl) = %v; want visitors' texts but for two", missing)
	}
	if got := over.Missing("fr"); len(got) != 0 {
		t.Errorf("Missing(fr) = %v; want nothing", got)
	}
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}
