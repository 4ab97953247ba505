package words

import "testing"

func TestInFrench(t *testing.T) {
	for code, want := range map[string]string{
		"ar": "arabe", "en": "anglais", "fa": "persan", "uk": "ukrainien", "ps": "pachto", "ti": "tigrigna", "pt-BR": "portugais brésilien",
		"fr": "", "falc": "", "images": "", "": "", "qqq1": "", "x y": "",
	} {
		if got := InFrench(code); got != want {
			t.Errorf("InFrench(%q) = %q; want %q", code, got, want)
		}
	}
}

func TestNamed(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"ar": "العربية · arabe", "en": "English · anglais", "fr": "Français", "ps": "pachto", "not a language": "not a language",
	} {
		if got := c.Named(lang); got != want {
			t.Errorf("Named(%q) = %q; want %q", lang, got, want)
		}
	}
	seen := map[string]string{}
	for _, lang := range c.Languages() {
		name := c.Named(lang)
		if seen[name] != "" || name == "" || Tag(lang) != French && InFrench(lang) == "" {
			t.Errorf("Named(%q) = %q, as %q; want a name of its own, and a French one", lang, name, seen[name])
		}
		seen[name] = lang
	}
}
