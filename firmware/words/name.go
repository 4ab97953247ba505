package words

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// InFrench is how French calls a language, « arabe » for "ar", so that staff who cannot
// read its own name know it. It is "" for French and its easier forms, and for a code
// that nobody knows.
//
// The names are those of Unicode's CLDR, which x/text carries: a directory of places
// may name any language of the world.
func InFrench(code string) string {
	if Tag(code) == French {
		return ""
	}
	tag, err := language.Parse(code)
	if err != nil {
		return ""
	}
	return display.French.Languages().Name(tag)
}

// Named is a language by its own name and by its French one: « العربية · arabe ». One
// that the catalogue lacks has its French name alone, or its code.
func (c *Catalogue) Named(lang string) string {
	own, french := "", InFrench(lang)
	if c.langs[lang] != nil {
		own = c.Text(lang, "language.name", nil)
	}
	switch {
	case own == "" && french == "":
		return lang
	case own == "":
		return french
	case french == "":
		return own
	}
	return own + " · " + french
}
