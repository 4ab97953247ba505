package report

import (
	"strings"
	"unicode"
)

// Note is what a number's text says beyond the number, for machines: « au moins 6 »,
// « presque toutes », « regroupé ». It is empty where the number is the whole truth, or
// where there is nothing to say.
func (c Cell) Note() string {
	if strings.ContainsFunc(c.Text, unicode.IsLetter) {
		return c.Text
	}
	return ""
}
