package paper

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"jeudi/drivers"
	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
)

// Voucher is what the QR code of an orientation slip says: an anonymous code and,
// when the person wants it, what they said of themselves. It has no name, no
// number, no time, and no origin but the name of the permanence.
//
// As text it is one line of fields with a blank between them, always in this order:
//
//	JEUDI1 K7M2QF n=1 d=1211020 f=pl o=Centre social Les Tilleuls
//
//	JEUDI1  the format and its version
//	K7M2QF  the code: 6 of the digits 2 to 9 and the letters A to Z
//	n=      the level: 0 remote, 1 accompanied, 2 autonomous; a ? behind it
//	        when answers are missing
//	d=      one character for each of: internet in the last three months,
//	        information, mail, photo, fake message, trouble, procedure.
//	        0 no, 1 yes with help, 2 yes alone; for internet 0 no, 2 yes; - no answer
//	f=      what is difficult, a letter each: p fear of mistakes, m words,
//	        e equipment, f French, l reading, r wants to be reassured;
//	        0 none of these, - no answer
//	o=      the name of the permanence, up to the end, at most 40 characters
//
// n, d and f come together or not at all; o may be missing. Whatever differs from
// this by one character is not read.
type Voucher struct {
	Code   string
	From   string  // the permanence
	Result *Result // nil unless the person wants it
}

// Result is what a person said of themselves in the questions about the Internet.
type Result struct {
	Level      sheet.Level
	Incomplete bool              // the level is a guess, since answers are missing
	Answers    map[string]string // by question: internet is yes or no; the others are alone, helped or no
	Freins     []string          // what is difficult, or "rien"
}

// The questions, as in the sheet, and the letters of their answers.
var (
	domains = [...]string{"internet", "information", "mail", "photo", "fake", "trouble", "procedure"}
	freins  = [...]struct {
		letter byte
		key    string
	}{{'p', "peur"}, {'m', "mots"}, {'e', "materiel"}, {'f', "francais"}, {'l', "lire"}, {'r', "rassure"}, {'0', "rien"}}
)

const (
	voucherFormat = "JEUDI1"
	codeLength    = 6
	mostFrom      = 40 // characters
)

// Encode is the text of the QR code. A name that is too long is cut; answers that
// the format does not know are left out.
func (v Voucher) Encode() string {
	var b strings.Builder
	b.WriteString(voucherFormat + " " + v.Code)
	if r := v.Result; r != nil {
		fmt.Fprintf(&b, " n=%d", min(r.Level, sheet.Autonomous))
		if r.Incomplete {
			b.WriteByte('?')
		}
		b.WriteString(" d=")
		for _, d := range domains {
			b.WriteByte(answerDigit(d, r.Answers[d]))
		}
		b.WriteString(" f=")
		given := ""
		for _, f := range freins {
			// Nothing is difficult, or something is.
			if slices.Contains(r.Freins, f.key) && (f.letter != '0' || given == "") {
				given += string(f.letter)
			}
		}
		if given == "" {
			given = "-"
		}
		b.WriteString(given)
	}
	if from := tidyName(v.From); from != "" {
		b.WriteString(" o=" + from)
	}
	return b.String()
}

func answerDigit(domain, answer string) byte {
	switch {
	case answer == "no":
		return '0'
	case domain == "internet" && answer == "yes", domain != "internet" && answer == "alone":
		return '2'
	case domain != "internet" && answer == "helped":
		return '1'
	}
	return '-'
}

// tidyName is a name of at most mostFrom characters with single blanks.
func tidyName(name string) string {
	name = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(name, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(name); len(runes) > mostFrom {
		name = strings.TrimSpace(string(runes[:mostFrom]))
	}
	return name
}

// ErrNotVoucher is a text that is no voucher, or one of a later version.
var ErrNotVoucher = errors.New("not a voucher")

// ParseVoucher reads what Encode wrote; blanks around it do not matter. Whether
// its code was ever given, the ledger of its permanence knows.
func ParseVoucher(text string) (Voucher, error) {
	text = strings.TrimSpace(text)
	fail := func(why string) (Voucher, error) { return Voucher{}, fmt.Errorf("paper: %w: %s", ErrNotVoucher, why) }
	head, from, named := strings.Cut(text, " o=")
	fields := strings.Split(head, " ")
	if len(fields) < 2 || fields[0] != voucherFormat {
		return fail("another format or version")
	}
	v := Voucher{Code: fields[1]}
	if len(v.Code) != codeLength || strings.Trim(v.Code, "23456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fail("no code")
	}
	if named {
		v.From = from
	}
	switch len(fields) {
	case 2:
	case 5:
		r, ok := parseResult(fields[2], fields[3], fields[4])
		if !ok {
			return fail("no result")
		}
		v.Result = &r
	default:
		return fail("another number of fields")
	}
	// There is one text for each voucher.
	if v.Encode() != text {
		return fail("not as it was written")
	}
	return v, nil
}

func parseResult(n, d, f string) (r Result, ok bool) {
	level, incomplete := strings.CutSuffix(n, "?")
	if len(level) != len("n=0") || level[2] < '0' || level[2] > '2' || len(d) != len("d=")+len(domains) || len(f) < len("f=-") {
		return Result{}, false
	}
	r = Result{Level: sheet.Level(level[2] - '0'), Incomplete: incomplete, Answers: map[string]string{}}
	for i, domain := range domains {
		answer := map[byte]string{'0': "no", '1': "helped", '2': "alone"}[d[len("d=")+i]]
		if domain == "internet" && answer == "alone" {
			answer = "yes"
		}
		if answer != "" {
			r.Answers[domain] = answer
		}
	}
	for _, known := range freins {
		if strings.IndexByte(f[len("f="):], known.letter) >= 0 {
			r.Freins = append(r.Freins, known.key)
		}
	}
	return r, true
}

// spaced is a code as people read it, in two halves that stay on one line.
func spaced(code string) string {
	if utf8.RuneCountInString(code) != codeLength {
		return code
	}
	return code[:codeLength/2] + "\u00a0" + code[codeLength/2:]
}

// result is what the person said, in plain words for those who receive them. The
// level is told as a sentence, never as its name.
func (s speaker) result(r Result) {
	s.block(drivers.Text{Text: s.say("voucher.level."+min(r.Level, sheet.Autonomous).String(), nil)})
	if r.Incomplete {
		s.block(drivers.Text{Text: s.say("voucher.level.incomplete", nil)})
	}
	for _, d := range domains {
		// An answer outside of the lists is none.
		if a := r.Answers[d]; answerDigit(d, a) != '-' {
			s.page.add(drivers.Columns{Cells: []string{s.say("voucher.domain."+d, nil), s.say("voucher.answer."+a, nil)}})
		}
	}
	var difficult []string
	for _, f := range freins {
		if slices.Contains(r.Freins, f.key) && (f.key != "rien" || len(difficult) == 0) {
			difficult = append(difficult, s.say("voucher.frein."+f.key, nil))
		}
	}
	s.list("voucher.freins", difficult)
}

// ResultLines is the same in French, a line each, for a screen.
func ResultLines(w *words.Catalogue, r Result) []string {
	var p page
	p.in(w, words.French).result(r)
	var lines []string
	for _, b := range p.doc.Blocks {
		switch b := b.(type) {
		case drivers.Text:
			lines = append(lines, strings.TrimPrefix(b.Text, "\n"))
		case drivers.Columns:
			lines = append(lines, strings.Join(b.Cells, "\u00a0: "))
		}
	}
	return lines
}
