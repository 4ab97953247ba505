package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The sentences of a bilan are French, and in one place: a council reads it in no other
// language. What is here makes them agree.

// nbsp stands before « : », « ; », « % », « € » and inside quotation marks.
const nbsp = "\u00a0"

// noun is a noun in both numbers. The words that agree with it are feminine where
// Feminine says so.
type noun struct {
	one, many string
	feminine  bool
}

var (
	person     = noun{"personne", "personnes", true}
	permanence = noun{"permanence", "permanences", true}
	visit      = noun{"visite", "visites", true}
	ticket     = noun{"ticket", "tickets", false}
	form       = noun{"fiche", "fiches", true}
	opinion    = noun{"avis", "avis", false}
	minute     = noun{"minute", "minutes", true}
)

// few reports whether a quantity takes the singular: in French 0 and 1 do, and all
// that is below 2.
func few(n float64) bool { return math.Abs(n) < 2 }

// of is a count and its noun: « 1 personne », « 74 personnes », « aucune personne ».
func (w noun) of(n int) string {
	switch {
	case n == 0 && w.feminine:
		return "aucune " + w.one
	case n == 0:
		return "aucun " + w.one
	}
	return number(n) + nbsp + agree(n, w.one, w.many)
}

// agree is the form for a count: one for 0 and 1, else many.
func agree(n int, one, many string) string {
	if few(float64(n)) {
		return one
	}
	return many
}

// number is a whole number with its thousands apart: « 1 250 ».
func number(n int) string {
	text := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, text = "−", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + nbsp + text[i:]
	}
	return sign + text
}

// tenth is a number to one decimal, with a comma, and none where it is whole: « 3,4 ».
func tenth(x float64) string {
	t := int(math.Round(x * 10))
	if t%10 == 0 {
		return number(t / 10)
	}
	sign := ""
	if t < 0 {
		sign, t = "−", -t
	}
	return fmt.Sprintf("%s%s,%d", sign, number(t/10), t%10)
}

// percent is a share in whole per cent: « 40 % ». Shares that are not 0 or 1 are never
// written as if they were.
func percent(share float64) string {
	p := math.Round(share * 100)
	switch {
	case p == 0 && share > 0:
		return "moins de 1" + nbsp + "%"
	case p == 100 && share < 1:
		return "plus de 99" + nbsp + "%"
	}
	return strconv.Itoa(int(p)) + nbsp + "%"
}

// list is « a », « a et b », « a, b et c », or with « ou » before the last.
func list(parts []string, before string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " " + before + " " + parts[last]
}

// sentence begins with a capital and ends with a full stop.
func sentence(parts ...string) string {
	text := strings.Join(parts, "")
	for i, r := range text {
		text = text[:i] + strings.ToUpper(string(r)) + text[i+len(string(r)):]
		break
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// sprint is a sentence of a format.
func sprint(format string, args ...any) string { return sentence(fmt.Sprintf(format, args...)) }

func months() [12]string {
	return [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
}

// day is « 1er janvier 2026 », without the year where it is not asked for.
func day(d time.Time, year bool) string {
	n := strconv.Itoa(d.Day())
	if d.Day() == 1 {
		n = "1er"
	}
	text := n + nbsp + months()[d.Month()-1]
	if year {
		text += " " + strconv.Itoa(d.Year())
	}
	return text
}

// span is « du 1er janvier au 30 juin 2026 », from a first day up to a day that is not
// of it any more. Of two years, both are said.
func span(from, until time.Time) string {
	last := until.AddDate(0, 0, -1)
	return "du " + day(from, from.Year() != last.Year()) + " au " + day(last, true)
}

// fraction is a share that people say.
type fraction struct {
	share float64
	noun  string // « un tiers », « deux tiers »
	of    string // after « plus » or « moins »: « d’un tiers », « de deux tiers »
}

// fractions are the shares that a sentence may say, in order, the ones in between being
// nearer to one of them than a reader of a council needs.
func fractions() []fraction {
	return []fraction{
		{0.05, "un vingtième", "d’un vingtième"},
		{0.1, "un dixième", "d’un dixième"},
		{0.2, "un cinquième", "d’un cinquième"},
		{0.25, "un quart", "d’un quart"},
		{1.0 / 3, "un tiers", "d’un tiers"},
		{0.4, "deux cinquièmes", "de deux cinquièmes"},
		{0.5, "la moitié", "de la moitié"},
		{0.6, "trois cinquièmes", "de trois cinquièmes"},
		{2.0 / 3, "deux tiers", "de deux tiers"},
		{0.75, "trois quarts", "de trois quarts"},
		{0.8, "quatre cinquièmes", "de quatre cinquièmes"},
		{0.9, "neuf dixièmes", "de neuf dixièmes"},
		{0.95, "dix-neuf vingtièmes", "de dix-neuf vingtièmes"},
	}
}

// nearest is the fraction nearest to a share.
func nearest(share float64) fraction {
	best := fractions()[0]
	for _, f := range fractions()[1:] {
		if math.Abs(f.share-share) < math.Abs(best.share-share) {
			best = f
		}
	}
	return best
}

// part is a share as it was counted: n of of, and how far the true share may be from
// n/of after rounding.
type part struct {
	n, of  int
	margin float64 // from 0 to 1; 0 for an exact count
	top    bool    // « presque tous »
	// lower says that more may have given this answer: it was grouped in one of the
	// tables that were added.
	lower bool
	// scarce says that nearly all gave another answer, and this one was not counted out.
	scarce bool
}

func (p part) share() float64 {
	if p.of <= 0 {
		return 0
	}
	return min(1, float64(p.n)/float64(p.of))
}

// untold says that nothing is known of the share: all that there may be of it is grouped
// with other answers, and « none » would be false.
func (p part) untold() bool { return p.lower && p.n <= 0 }

// words is the share in words: the nearest fraction, « environ » where the counts
// cannot tell it from its neighbours, and « un peu plus » or « un peu moins » where
// they can. It is "" where there is nothing to share.
func (p part) words() string {
	s := p.share()
	f := nearest(s)
	far := s - f.share
	switch {
	case p.of <= 0:
		return ""
	case p.top:
		return "presque la totalité"
	case p.scarce:
		return "moins d’un dixième"
	case p.n <= 0 && p.margin > 0:
		return "une part nulle, ou presque,"
	case p.n <= 0:
		return "une part nulle"
	case p.n >= p.of && p.margin == 0:
		return "la totalité"
	case p.n >= p.of || s > 0.97:
		return "presque la totalité"
	case s < 0.035:
		return "une très petite part"
	case p.lower:
		return "environ " + f.noun + " ou plus"
	case math.Abs(far) < 0.01:
		return f.noun
	case math.Abs(far) <= p.margin:
		return "environ " + f.noun
	case far > 0:
		return "un peu plus " + f.of
	}
	return "un peu moins " + f.of
}

// figures is the count behind the words: « 36 sur 72, 50 % ».
func (p part) figures() string {
	if p.of <= 0 {
		return "non renseigné"
	}
	if p.top || p.scarce {
		return "sur " + number(p.of)
	}
	text := number(p.n) + " sur " + number(p.of)
	// What was rounded is never said to be the whole, or nothing.
	if p.of >= percentFrom && (p.n > 0 && p.n < p.of || p.margin == 0) {
		text += ", " + percent(p.share())
	}
	return text
}

// said is the share as a sentence has it: « la moitié (36 sur 72, 50 %) ».
func (p part) said() string {
	if p.of < fractionFrom {
		return p.figures()
	}
	return p.words() + " (" + p.figures() + ")"
}

// fractionFrom is the least base of a fraction: of fewer, the counts are said alone.
const fractionFrom = 20

// compareFrom is the least base of a share whose change is spoken of.
const compareFrom = 30

// percentFrom is the least base of a percentage: under it one person is more than two
// points, and a percentage says more than was seen.
const percentFrom = 50

// agreeAbout is the form for a quantity that need not be whole.
func agreeAbout(x float64, one, many string) string {
	if few(math.Round(x*10) / 10) {
		return one
	}
	return many
}

func join(parts []string) string { return strings.Join(parts, nbsp+"; ") }

// hours is a number of minutes: « 45 minutes », « 1 h 30 », « 66 h ».
func hours(minutes int) string {
	switch h, m := minutes/60, minutes%60; {
	case h == 0:
		return minute.of(m)
	case m == 0:
		return number(h) + nbsp + "h"
	default:
		return fmt.Sprintf("%s%sh%s%02d", number(h), nbsp, nbsp, m)
	}
}

// lower begins a label in small letters, unless it is a name or an acronym.
func lower(label string) string {
	runes := []rune(label)
	if len(runes) > 1 && 'A' <= runes[1] && runes[1] <= 'Z' {
		return label
	}
	for _, begins := range []string{"Élèves", "Âge", "À "} {
		if len(label) > len(begins) && label[:len(begins)] == begins {
			return map[string]string{"Élèves": "élèves", "Âge": "âge", "À ": "à "}[begins] + label[len(begins):]
		}
	}
	if len(runes) > 0 && 'A' <= runes[0] && runes[0] <= 'Z' {
		return string(runes[0]+'a'-'A') + string(runes[1:])
	}
	return label
}

// hundredth is a number to two decimals, with a comma: « 0,35 ».
func hundredth(x float64) string {
	n := int(math.Round(x * 100))
	if n%10 == 0 {
		return tenth(x)
	}
	return number(n/100) + "," + string(rune('0'+n/10%10)) + string(rune('0'+n%10))
}
