package voice

import (
	"strconv"
	"strings"

	"jeudi/firmware/words"
)

// Numbers are put together from clips, in each language: those below a hundred are
// whole clips, since they do not sound like their parts; hundreds and what follows
// do. Where a hundred is another word when more follows, "100+" is that word. A
// clip whose name ends in a full stop is spoken with a falling voice, for the end.

// numberClips are the clips of a number: as one says it from 0 to 999, digit by
// digit beyond. last says that nothing follows.
func numberClips(lang string, n int, last bool) []string {
	var names []string
	switch {
	case n < 0:
		return nil
	case n > 999:
		names = digitByDigit(strconv.Itoa(n))
	case n < 100:
		names = []string{strconv.Itoa(n)}
	default:
		hundreds := strconv.Itoa(n / 100 * 100)
		names = []string{hundreds}
		if n%100 != 0 {
			if going(lang, n/100*100) != "" {
				names[0] += "+"
			}
			names = append(names, strconv.Itoa(n%100))
		}
	}
	if end := &names[len(names)-1]; last && atMost20(*end) {
		*end += "."
	}
	return names
}

// digitByDigit are the clips of digits said one by one.
func digitByDigit(digits string) []string {
	var names []string
	for i, d := range digits {
		if i > 0 {
			names = append(names, " ")
		}
		names = append(names, string(d))
	}
	return names
}

// atMost20 reports whether a number has a clip with a falling voice.
func atMost20(number string) bool {
	n, err := strconv.Atoi(number)
	return err == nil && n >= 1 && n <= 20
}

// going is how hundreds are said when more follows, "" where that is no other word.
func going(lang string, hundreds int) string {
	switch lang {
	case "en":
		return strconv.Itoa(hundreds) + " and"
	case "es":
		if hundreds == 100 {
			return "ciento"
		}
	case "pt":
		return strings.Fields("cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos")[hundreds/100-1] + " e"
	}
	return ""
}

// numberPieces are the clips of numbers in a language, and what they say. A comma
// keeps the voice up, a full stop lets it fall.
func numberPieces(lang string) []words.Piece {
	var list []words.Piece
	add := func(name, say string, n int) {
		list = append(list, words.Piece{Kind: words.Number, Lang: lang, Clip: name, Say: say, N: n})
	}
	for n := range 100 {
		add(strconv.Itoa(n), strconv.Itoa(n)+",", n)
	}
	for n := 100; n < 1000; n += 100 {
		add(strconv.Itoa(n), strconv.Itoa(n)+",", n)
		if more := going(lang, n); more != "" {
			add(strconv.Itoa(n)+"+", more, n)
		}
	}
	for n := 1; atMost20(strconv.Itoa(n)); n++ {
		add(strconv.Itoa(n)+".", strconv.Itoa(n)+".", n)
	}
	return list
}
