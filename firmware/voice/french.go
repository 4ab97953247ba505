package voice

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A call in French is put together from clips: "numéro", the number, and the
// desk's label where its words were spoken once. Numbers below a hundred are whole
// clips, since they do not sound like their parts; "deux cent" and "trente" do. A
// clip whose name ends in a full stop is spoken with a falling voice, for the end.

// labelWords are the first words of a desk's label that can be said.
var labelWords = []string{"bureau", "guichet", "salle", "poste", "box", "cabine", "table", "porte", "accueil"}

// frenchNumber are the clips of a number: as one says it from 0 to 999, digit by
// digit beyond. last says that nothing follows.
func frenchNumber(n int, last bool) []string {
	var names []string
	switch {
	case n < 0:
		return nil
	case n > 999:
		for i, d := range strconv.Itoa(n) {
			if i > 0 {
				names = append(names, " ")
			}
			names = append(names, string(d))
		}
	case n < 100:
		names = []string{strconv.Itoa(n)}
	default:
		names = []string{strconv.Itoa(n / 100 * 100)}
		if n%100 != 0 {
			names = append(names, strconv.Itoa(n%100))
		}
	}
	if end := &names[len(names)-1]; last && atMost20(*end) {
		*end += "."
	}
	return names
}

// atMost20 reports whether a number has a clip with a falling voice.
func atMost20(number string) bool {
	n, err := strconv.Atoi(number)
	return err == nil && n >= 1 && n <= 20
}

// frenchLabel are the clips of a desk's label: a word, or a word with a number or
// a letter, such as "Bureau 2" and "accueil"; false for any other.
func frenchLabel(label string) ([]string, bool) {
	fields := strings.Fields(strings.ToLower(label))
	var names []string
	if len(fields) > 0 && slices.Contains(labelWords, fields[0]) {
		word := fields[0]
		if word == "accueil" {
			word += "."
		}
		names, fields = []string{word}, fields[1:]
	}
	if len(fields) == 0 {
		return names, len(names) > 0
	}
	if len(fields) > 1 {
		return nil, false
	}
	if len(names) > 0 {
		names = append(names, " ")
	}
	if n, err := strconv.Atoi(fields[0]); err == nil && n >= 0 && n <= 999 && fields[0][0] != '+' {
		return append(names, frenchNumber(n, true)...), true
	}
	if r, size := utf8.DecodeRuneInString(fields[0]); size == len(fields[0]) && r >= 'a' && r <= 'z' {
		return append(names, strings.ToUpper(fields[0])+"."), true
	}
	return nil, false
}
