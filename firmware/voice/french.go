package voice

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"jeudi/firmware/words"
)

// A call in French is put together from clips: "numéro", the number, and the
// desk's label where its words were spoken once.

// labelWords are the first words of a desk's label that can be said.
var labelWords = []string{"bureau", "guichet", "salle", "poste", "box", "cabine", "table", "porte", "accueil"}

// callPieces are the clips of calls that no text has, and what they say.
func callPieces() []words.Piece {
	list := []words.Piece{{Clip: "numéro", Say: "numéro"}}
	for l := 'A'; l <= 'Z'; l++ {
		list = append(list, words.Piece{Clip: string(l) + ".", Say: string(l) + "."})
	}
	for _, l := range labelWords {
		if l == "accueil" {
			l += "."
		}
		list = append(list, words.Piece{Clip: l, Say: l})
	}
	for i := range list {
		list[i].Lang = words.French
	}
	return list
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
		return append(names, numberClips(words.French, n, true)...), true
	}
	if r, size := utf8.DecodeRuneInString(fields[0]); size == len(fields[0]) && r >= 'a' && r <= 'z' {
		return append(names, strings.ToUpper(fields[0])+"."), true
	}
	return nil, false
}
