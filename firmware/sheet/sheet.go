// Package sheet is the anonymous sheet: its questions as data, the answers of
// one person, and what they say about autonomy.
//
// A sheet holds no name, no number, no time and no order. It promises that an
// encoded sheet has one size and one form: the same answers give the same
// bytes whatever the order they were given in, every byte of an accepted
// encoding is accounted for, an answer keeps its meaning when the site adds,
// moves or removes others, and a sheet that an earlier version encoded is read.
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

// The kinds. The zero Kind is none.
const (
	KindVisitor Kind = 1 // what a visitor answers at the kiosk
	KindStaff   Kind = 2 // what staff note at the end of a visit
	KindExit    Kind = 3 // the opinion of somebody who leaves
)

// Kinds are the kinds, in the order in which staff read of them.
func Kinds() []Kind { return []Kind{KindVisitor, KindStaff, KindExit} }

// String returns the kind's key, which names its counters on disk.
func (k Kind) String() string {
	switch k {
	case KindVisitor:
		return "visitor"
	case KindStaff:
		return "staff"
	case KindExit:
		return "exit"
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
	// Multi says that several answers may be given. Each of them is a question
	// of its own to the counters, KEY.ANSWER with Yes or No: so that every
	// question has the total of the others, and no pair of answers is kept.
	Multi bool
	Sole  string // of a Multi question: the answer that excludes the others, or ""
	// Aside says that the answer is for whoever merges a batch, beside the others of
	// its sheet, and that no counter is made of it.
	Aside bool
}

// Schema is the questions of one kind of sheet, in the order asked.
type Schema struct {
	Kind      Kind
	Questions []Question
}

// Keys of the visitor's questions about themselves.
const (
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

// Counted returns the questions as they are counted: each answer of a Multi
// question is one, with the answers Yes and No; those Aside are none.
func (s Schema) Counted() []Question {
	return slices.DeleteFunc(s.carried(), func(q Question) bool { return q.Aside })
}

// carried returns the questions as they lie in a sheet: the counted ones, and those Aside.
func (s Schema) carried() []Question {
	list := make([]Question, 0, len(s.Questions))
	for _, q := range s.Questions {
		if !q.Multi {
			list = append(list, q)
			continue
		}
		for _, a := range q.Answers {
			list = append(list, Question{Key: q.part(a), Answers: []string{Yes, No}})
		}
	}
	return list
}

// part is the counted question of one answer of a Multi question.
func (q Question) part(answer string) string { return q.Key + "." + answer }

// Check reports the first reason why a schema cannot be used: no kind, more
// than MaxQuestions questions, a question without answers, a key that is
// empty, repeated, longer than 64 bytes, or holds a slash or a control
// character, a full stop in the key of a question, the answer Unset, a Sole
// answer that is not one of several, or two answers with the same code.
func (s Schema) Check() error {
	if s.Kind == 0 {
		return errors.New("sheet: schema without a kind")
	}
	if n := len(s.carried()); n == 0 || n > MaxQuestions {
		return fmt.Errorf("sheet: %d questions; want 1 to %d", n, MaxQuestions)
	}
	questions := map[string]bool{}
	for _, q := range s.Questions {
		switch {
		case !validKey(q.Key) || strings.Contains(q.Key, "."):
			return fmt.Errorf("sheet: bad question key %q", q.Key)
		case questions[q.Key]:
			return fmt.Errorf("sheet: question %q asked twice", q.Key)
		case len(q.Answers) == 0:
			return fmt.Errorf("sheet: question %q has no answer", q.Key)
		case q.Sole != "" && !(q.Multi && slices.Contains(q.Answers, q.Sole)):
			return fmt.Errorf("sheet: question %q: %q is not one of several answers", q.Key, q.Sole)
		}
		questions[q.Key] = true
		for _, a := range q.Answers {
			if !validKey(a) || a == Unset || q.Multi && !validKey(q.part(a)) {
				return fmt.Errorf("sheet: question %q: bad answer key %q", q.Key, a)
			}
		}
	}
	codes := map[uint32]bool{0: true}
	for _, q := range s.carried() {
		for _, a := range q.Answers {
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

// Sheet is the answers of one person: a value that Set and Toggle copy, never
// change. The zero Sheet has no kind and cannot be encoded.
type Sheet struct {
	kind    Kind
	answers map[string]string // by counted question; nil when empty; never written once shared
}

// New returns an empty sheet.
func New(k Kind) Sheet { return Sheet{kind: k} }

// Kind returns the kind of the sheet.
func (s Sheet) Kind() Kind { return s.kind }

// Set returns a copy where question has this answer; "" or Unset takes the
// answer back, or all those of a Multi question. Keys are not checked before
// Encode.
func (s Sheet) Set(question, answer string) Sheet {
	m := maps.Clone(s.answers)
	if answer == "" || answer == Unset {
		maps.DeleteFunc(m, func(q, _ string) bool { return q == question || strings.HasPrefix(q, question+".") })
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

// Toggle returns a copy where one answer of a Multi question is given if it was
// not, or taken back. The Sole answer excludes the others, and they exclude it.
// Without any, the question is passed. Whoever gives one has said No to the
// rest. An answer that is not listed changes nothing.
func (s Sheet) Toggle(q Question, answer string) Sheet {
	if !q.Multi || !slices.Contains(q.Answers, answer) {
		return s
	}
	given := s.Answers(q)
	switch i := slices.Index(given, answer); {
	case i >= 0:
		given = slices.Delete(given, i, i+1)
	case answer == q.Sole:
		given = []string{answer}
	default:
		given = slices.DeleteFunc(append(given, answer), func(a string) bool { return a == q.Sole })
	}
	s = s.Set(q.Key, "")
	if len(given) == 0 {
		return s
	}
	for _, a := range q.Answers {
		is := No
		if slices.Contains(given, a) {
			is = Yes
		}
		s = s.Set(q.part(a), is)
	}
	return s
}

// Choose returns the sheet with an answer given to the question, as one more where there
// may be several; an answer that the question does not list changes nothing.
func (q Question) Choose(s Sheet, answer string) Sheet {
	switch {
	case !slices.Contains(q.Answers, answer):
		return s
	case !q.Multi:
		return s.Set(q.Key, answer)
	case slices.Contains(s.Answers(q), answer):
		return s
	}
	return s.Toggle(q, answer)
}

// Answers returns the answers given to a question, in the order shown: of a
// question that is not Multi, one or none.
func (s Sheet) Answers(q Question) []string {
	var given []string
	for _, a := range q.Answers {
		if q.Multi && s.answers[q.part(a)] == Yes || !q.Multi && s.answers[q.Key] == a {
			given = append(given, a)
		}
	}
	return given
}

// Answer returns the answer to a question as it is counted, and whether there
// is one: of a Multi question, KEY.ANSWER has Yes or No.
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
const Size = 256

// MaxQuestions is how many answers fit in Size bytes.
const MaxQuestions = (Size - head) / 4

const (
	version = 3
	head    = 2 // version, kind
)

// sizeOf is the length of an encoded sheet by version, 0 when there is none:
// sheets of the versions before may wait when a box is updated.
func sizeOf(version byte) int {
	switch version {
	case 1:
		return 64
	case 2:
		return 128
	case 3:
		return Size
	}
	return 0
}

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

// given is an answer to a question as it is counted.
type given struct{ question, answer string }

func (s Schema) codes() map[uint32]given {
	m := map[uint32]given{}
	for _, q := range s.carried() {
		for _, a := range q.Answers {
			m[code(q.Key, a)] = given{q.Key, a}
		}
	}
	return m
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
	known := schema.codes()
	codes := make([]uint32, 0, MaxQuestions)
	for q, a := range s.answers {
		c := code(q, a)
		if known[c] != (given{q, a}) {
			// The answer itself stays out of the error, which may be logged.
			return b, fmt.Errorf("sheet: encoding: question %q: %w", q, ErrUnknownAnswer)
		}
		codes = append(codes, c)
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

// Decode reads what Encode wrote, and what it wrote in versions 1 and 2, which had 64
// and 128 bytes. Anything else is refused with ErrEncoding: another length or kind, codes out of order, two answers to one
// question, bytes after the last answer. Codes the schema does not know give
// ErrUnknownAnswer together with the sheet of those it does know.
func Decode(b []byte, schema Schema) (Sheet, error) {
	if len(b) < head || len(b) != sizeOf(b[0]) || Kind(b[1]) != schema.Kind {
		return Sheet{}, fmt.Errorf("sheet: decoding: %w: length, version or kind", ErrEncoding)
	}
	known := schema.codes()
	s := New(schema.Kind)
	unknown := 0
	last, ended := uint32(0), false
	rest := b[head:]
	for ; len(rest) >= 4; rest = rest[4:] {
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
		s = s.Set(a.question, a.answer)
	}
	for _, c := range rest {
		if c != 0 {
			return Sheet{}, fmt.Errorf("sheet: decoding: %w: bytes after the end", ErrEncoding)
		}
	}
	if unknown > 0 {
		return s, fmt.Errorf("sheet: decoding: %d answers: %w", unknown, ErrUnknownAnswer)
	}
	return s, nil
}
