// Package sheet is the anonymous sheet: its questions as data, the answers of
// one person, and what they say about autonomy.
//
// A sheet holds no name, no number, no time and no order. It promises that an
// encoded sheet has one size and one form: the same answers give the same
// bytes whatever the order they were given in, every byte of an accepted
// encoding is accounted for, and an answer keeps its meaning when the site
// adds, moves or removes others.
package sheet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is a kind of sheet. Each kind has its own questions and its own total.
type Kind uint8

// KindVisitor is the sheet a visitor fills at the kiosk. The zero Kind is none.
const KindVisitor Kind = 1

// String returns the kind's key, which names its counters on disk.
func (k Kind) String() string {
	if k == KindVisitor {
		return "visitor"
	}
	return fmt.Sprintf("kind%d", uint8(k))
}

// Unset is how counters name the answer nobody gave ("non renseigné"). Every
// question has it without listing it, so all questions have the same total.
const Unset = "unset"

// Question is one question and its answers, as keys in the order shown.
type Question struct {
	Key     string
	Answers []string
	// Multi will mean that several answers may be given. Check refuses it
	// today: a question with two answers breaks the common total.
	Multi bool
}

// Schema is the questions of one kind of sheet, in the order asked.
type Schema struct {
	Kind      Kind
	Questions []Question
}

// Keys of the visitor's questions.
const (
	Internet      = "internet"
	Mail          = "mail"
	Procedure     = "procedure"
	Age           = "age"
	Situation     = "situation"
	Household     = "household"
	Neighbourhood = "neighbourhood"
	FirstVisit    = "first_visit"
)

// Keys of answers that code compares with.
const (
	Yes       = "yes"
	No        = "no"
	Alone     = "alone"
	Helped    = "helped"
	Elsewhere = "elsewhere"
)

// Visitor returns the questions put to a visitor: three on autonomy, then five
// about them. neighbourhoods are the site's keys; Elsewhere is added to them.
//
// The age bands are finer than those of national statistics, which are all
// unions of them, and keep the limits of 62 and 65 years.
func Visitor(neighbourhoods []string) Schema {
	return Schema{Kind: KindVisitor, Questions: []Question{
		{Key: Internet, Answers: []string{Yes, No}},
		{Key: Mail, Answers: []string{Alone, Helped, No}},
		{Key: Procedure, Answers: []string{Alone, Helped, No}},
		{Key: Age, Answers: []string{"0-11", "12-17", "18-24", "25-39", "40-59", "60-61", "62-64", "65-69", "70+"}},
		{Key: Situation, Answers: []string{"salarie", "independant", "demandeur_emploi", "retraite", "au_foyer", "invalidite", "etudiant", "autre"}},
		{Key: Household, Answers: []string{"seul", "mono_mineurs", "couple_mineurs", "couple_sans_enfant", "enfants_majeurs", "autre"}},
		{Key: Neighbourhood, Answers: append(slices.Clone(neighbourhoods), Elsewhere)},
		{Key: FirstVisit, Answers: []string{Yes, No}},
	}}
}

// Check reports the first reason why a schema cannot be used: no kind, more
// than MaxQuestions questions, a question without answers, a key that is
// empty, repeated, longer than 64 bytes, or holds a slash or a control
// character, the answer Unset, or two answers with the same code.
func (s Schema) Check() error {
	if s.Kind == 0 {
		return errors.New("sheet: schema without a kind")
	}
	if n := len(s.Questions); n == 0 || n > MaxQuestions {
		return fmt.Errorf("sheet: %d questions; want 1 to %d", n, MaxQuestions)
	}
	questions := map[string]bool{}
	codes := map[uint32]bool{0: true}
	for _, q := range s.Questions {
		switch {
		case !validKey(q.Key):
			return fmt.Errorf("sheet: bad question key %q", q.Key)
		case questions[q.Key]:
			return fmt.Errorf("sheet: question %q asked twice", q.Key)
		case q.Multi:
			return fmt.Errorf("sheet: question %q: several answers are not supported", q.Key)
		case len(q.Answers) == 0:
			return fmt.Errorf("sheet: question %q has no answer", q.Key)
		}
		questions[q.Key] = true
		for _, a := range q.Answers {
			if !validKey(a) || a == Unset {
				return fmt.Errorf("sheet: question %q: bad answer key %q", q.Key, a)
			}
			c := code(q.Key, a)
			if codes[c] {
				return fmt.Errorf("sheet: question %q: answer %q is listed twice, or its code is taken", q.Key, a)
			}
			codes[c] = true
		}
	}
	return nil
}

func validKey(k string) bool {
	return k != "" && len(k) <= 64 && utf8.ValidString(k) && !strings.ContainsFunc(k, func(r rune) bool {
		return r == '/' || unicode.IsControl(r)
	})
}

// Has reports whether the schema lists this answer to this question.
func (s Schema) Has(question, answer string) bool {
	return slices.ContainsFunc(s.Questions, func(q Question) bool {
		return q.Key == question && slices.Contains(q.Answers, answer)
	})
}

// Sheet is the answers of one person: a value that Set copies, never changes.
// The zero Sheet has no kind and cannot be encoded.
type Sheet struct {
	kind    Kind
	answers map[string]string // nil when empty; never written once shared
}

// New returns an empty sheet.
func New(k Kind) Sheet { return Sheet{kind: k} }

// Kind returns the kind of the sheet.
func (s Sheet) Kind() Kind { return s.kind }

// Set returns a copy where question has this answer; "" or Unset takes the
// answer back. Keys are not checked before Encode.
func (s Sheet) Set(question, answer string) Sheet {
	m := maps.Clone(s.answers)
	if answer == "" || answer == Unset {
		delete(m, question)
	} else {
		if m == nil {
			m = map[string]string{}
		}
		m[question] = answer
	}
	if len(m) == 0 {
		m = nil
	}
	return Sheet{kind: s.kind, answers: m}
}

// Answer returns the answer to a question, and whether there is one.
func (s Sheet) Answer(question string) (string, bool) {
	a, ok := s.answers[question]
	return a, ok
}

// Empty reports whether no question is answered.
func (s Sheet) Empty() bool { return len(s.answers) == 0 }

// Equal reports whether two sheets are of one kind and hold the same answers.
func (s Sheet) Equal(o Sheet) bool { return s.kind == o.kind && maps.Equal(s.answers, o.answers) }

// String shows no answer, so that a sheet that strays into a log says nothing.
func (s Sheet) String() string { return s.kind.String() + " sheet" }

// Size is the length of every encoded sheet, in bytes. It is also the size of
// the padded text that is to be sealed.
const Size = 64

// MaxQuestions is how many answers fit in Size bytes.
const MaxQuestions = (Size - head) / 4

const (
	version = 1
	head    = 2 // version, kind
)

// code names an answer on disk by what it is, not by its place in a list: a
// sheet that waits while the site adds a neighbourhood must not move to the
// next one.
func code(question, answer string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(question))
	h.Write([]byte{0})
	h.Write([]byte(answer))
	return h.Sum32()
}

// Encode returns the sheet as version, kind, the codes of its answers in
// ascending order, and zeros. A sheet of another kind, or an answer the schema
// does not list, is an error.
func (s Sheet) Encode(schema Schema) ([Size]byte, error) {
	var b [Size]byte
	if s.kind != schema.Kind {
		return b, fmt.Errorf("sheet: encoding a sheet of kind %d as %d", s.kind, schema.Kind)
	}
	if len(s.answers) > MaxQuestions {
		return b, fmt.Errorf("sheet: encoding: %d answers; want at most %d", len(s.answers), MaxQuestions)
	}
	codes := make([]uint32, 0, MaxQuestions)
	for q, a := range s.answers {
		if !schema.Has(q, a) {
			// The answer itself stays out of the error, which may be logged.
			return b, fmt.Errorf("sheet: encoding: question %q: %w", q, ErrUnknownAnswer)
		}
		codes = append(codes, code(q, a))
	}
	slices.Sort(codes)
	b[0], b[1] = version, byte(s.kind)
	for i, c := range codes {
		binary.BigEndian.PutUint32(b[head+4*i:], c)
	}
	return b, nil
}

// Refusals of Decode.
var (
	ErrEncoding      = errors.New("not an encoded sheet")
	ErrUnknownAnswer = errors.New("answer unknown to the schema")
)

// Decode reads what Encode wrote. Anything else is refused with ErrEncoding:
// another length, version or kind, codes out of order, two answers to one
// question, bytes after the last answer. Codes the schema does not know give
// ErrUnknownAnswer together with the sheet of those it does know.
func Decode(b []byte, schema Schema) (Sheet, error) {
	if len(b) != Size || b[0] != version || Kind(b[1]) != schema.Kind {
		return Sheet{}, fmt.Errorf("sheet: decoding: %w: length, version or kind", ErrEncoding)
	}
	type answer struct{ question, key string }
	known := map[uint32]answer{}
	for _, q := range schema.Questions {
		for _, a := range q.Answers {
			known[code(q.Key, a)] = answer{q.Key, a}
		}
	}
	s := New(schema.Kind)
	unknown := 0
	last, ended := uint32(0), false
	for rest := b[head : head+4*MaxQuestions]; len(rest) > 0; rest = rest[4:] {
		c := binary.BigEndian.Uint32(rest)
		if c == 0 {
			ended = true
			continue
		}
		if ended || c <= last {
			return Sheet{}, fmt.Errorf("sheet: decoding: %w: codes out of order", ErrEncoding)
		}
		last = c
		a, ok := known[c]
		if !ok {
			unknown++
			continue
		}
		if _, twice := s.answers[a.question]; twice {
			return Sheet{}, fmt.Errorf("sheet: decoding: %w: two answers to one question", ErrEncoding)
		}
		s = s.Set(a.question, a.key)
	}
	for _, c := range b[head+4*MaxQuestions:] {
		if c != 0 {
			return Sheet{}, fmt.Errorf("sheet: decoding: %w: bytes after the end", ErrEncoding)
		}
	}
	if unknown > 0 {
		return s, fmt.Errorf("sheet: decoding: %d answers: %w", unknown, ErrUnknownAnswer)
	}
	return s, nil
}
