package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

var place = Visitor([]string{"centre", "port", "gare"})

func TestCheckRefuses(t *testing.T) {
	with := func(q ...Question) Schema { return Schema{Kind: KindVisitor, Questions: q} }
	ok := Question{Key: "a", Answers: []string{"x"}}
	many := slices.Repeat([]Question{ok}, MaxQuestions+1)
	for i := range many {
		many[i].Key = fmt.Sprint("q", i)
	}
	var long []string
	for i := range MaxQuestions + 1 {
		long = append(long, fmt.Sprint(i))
	}
	for _, tt := range []struct {
		name   string
		schema Schema
	}{
		{"no kind", Schema{Questions: []Question{ok}}},
		{"no question", with()},
		{"too many questions", with(many...)},
		{"question twice", with(ok, ok)},
		{"no answer", with(Question{Key: "a"})},
		{"too many answers of one question", with(Question{Key: "a", Answers: long, Multi: true})},
		{"sole answer without several", with(Question{Key: "a", Answers: []string{"x"}, Sole: "x"})},
		{"sole answer not listed", with(Question{Key: "a", Answers: []string{"x"}, Multi: true, Sole: "y"})},
		{"several answers, one twice", with(Question{Key: "a", Answers: []string{"x", "x"}, Multi: true})},
		{"several answers, one too long", with(Question{Key: "a", Answers: []string{strings.Repeat("x", 63)}, Multi: true})},
		{"full stop", with(Question{Key: "a.x", Answers: []string{Yes}})},
		{"empty key", with(Question{Answers: []string{"x"}})},
		{"slash", with(Question{Key: "a/b", Answers: []string{"x"}})},
		{"control character", with(Question{Key: "a", Answers: []string{"x\x00y"}})},
		{"long key", with(Question{Key: "a", Answers: []string{strings.Repeat("x", 65)}})},
		{"answer named unset", with(Question{Key: "a", Answers: []string{Unset}})},
		{"answer twice", Visitor([]string{"port", "port"})},
		{"neighbourhood named elsewhere", Visitor([]string{Elsewhere})},
	} {
		if err := tt.schema.Check(); err == nil {
			t.Errorf("%s: Check() = nil; want an error", tt.name)
		}
	}
	for name, schema := range map[string]Schema{
		"as many questions as fit": with(many[1:]...),
		"as many answers as fit":   with(Question{Key: "a", Answers: long[1:], Multi: true, Sole: long[1]}),
	} {
		if err := schema.Check(); err != nil {
			t.Errorf("%s: Check() = %v; want nil", name, err)
		}
	}
}

func TestSetNeverChangesASheet(t *testing.T) {
	empty := New(KindVisitor)
	one := empty.Set(Mail, Alone)
	two := one.Set(Mail, No).Set(Age, "70+")
	if !empty.Empty() || one.Empty() {
		t.Errorf("Empty() = %v, %v; want true, false", empty.Empty(), one.Empty())
	}
	if a, ok := one.Answer(Mail); a != Alone || !ok {
		t.Errorf("Answer(mail) = %q, %v; want alone, true", a, ok)
	}
	if a, ok := two.Answer(Mail); a != No || !ok {
		t.Errorf("Answer(mail) = %q, %v; want no, true", a, ok)
	}
	if a, ok := one.Answer(Age); ok {
		t.Errorf("Answer(age) = %q, true; want none", a)
	}
	for _, back := range []string{"", Unset} {
		if got := one.Set(Mail, back); !got.Equal(empty) || !got.Empty() {
			t.Errorf("Set(mail, %q) keeps the answer; want it taken back", back)
		}
	}
	if got := empty.Set(Mail, ""); !got.Equal(empty) {
		t.Error("taking back an answer never given changed the sheet")
	}
}

func TestSheetSaysNothingInALog(t *testing.T) {
	s := New(KindVisitor).Set(Age, "70+")
	if got := fmt.Sprintf("%v %+v %s", s, s, s); strings.Contains(got, "70") {
		t.Errorf("printed sheet = %q; want no answer", got)
	}
}

func TestSeveralAnswers(t *testing.T) {
	freins := place.Questions[7]
	for _, tt := range []struct {
		name    string
		presses []string
		given   []string
		peur    string // as counted
		rien    string
	}{
		{"nothing", nil, nil, "", ""},
		{"one", []string{Peur}, []string{Peur}, Yes, No},
		{"two, in the order shown", []string{Lire, Peur}, []string{Peur, Lire}, Yes, No},
		{"one taken back", []string{Lire, Peur, Lire}, []string{Peur}, Yes, No},
		{"all taken back is a pass", []string{Peur, Peur}, nil, "", ""},
		{"none of these", []string{Rien}, []string{Rien}, No, Yes},
		{"none of these excludes the others", []string{Peur, Mots, Rien}, []string{Rien}, No, Yes},
		{"another excludes none of these", []string{Rien, Mots}, []string{Mots}, No, No},
		{"an unknown answer", []string{Peur, "faim"}, []string{Peur}, Yes, No},
	} {
		s := New(KindVisitor)
		for _, p := range tt.presses {
			before, was := s, s.Answers(freins)
			s = s.Toggle(freins, p)
			if !slices.Equal(before.Answers(freins), was) {
				t.Errorf("%s: Toggle(%s) changed the sheet it was called on", tt.name, p)
			}
		}
		peur, _ := s.Answer("freins.peur")
		rien, _ := s.Answer("freins.rien")
		if got := s.Answers(freins); !slices.Equal(got, tt.given) || peur != tt.peur || rien != tt.rien || s.Empty() != (tt.given == nil) {
			t.Errorf("%s: Answers() = %v, peur %q, rien %q; want %v, %q, %q", tt.name, got, peur, rien, tt.given, tt.peur, tt.rien)
		}
		if got, want := s.Freins(), slices.DeleteFunc(slices.Clone(tt.given), func(a string) bool { return a == Rien }); !slices.Equal(got, want) {
			t.Errorf("%s: Freins() = %v; want %v", tt.name, got, want)
		}
		if !s.Set(Freins, "").Empty() {
			t.Errorf("%s: Set(freins, none) keeps an answer", tt.name)
		}
		if _, ok := s.Answer(Freins); ok {
			t.Errorf("%s: Answer(freins) is given; want only its parts", tt.name)
		}
	}
	one := New(KindVisitor).Set(Mail, Alone)
	if got := one.Toggle(place.Questions[2], No); !got.Equal(one) {
		t.Error("Toggle() of a question with one answer changed the sheet")
	}
	if got := one.Answers(place.Questions[2]); !slices.Equal(got, []string{Alone}) {
		t.Errorf("Answers(mail) = %v; want alone", got)
	}
	if got := one.Answers(place.Questions[0]); got != nil {
		t.Errorf("Answers(internet) = %v; want none", got)
	}
}

func TestEncodeIsCanonical(t *testing.T) {
	a, err := New(KindVisitor).Set(Age, "70+").Set(Mail, No).Set(Internet, Yes).Encode(place)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(KindVisitor).Set(Internet, Yes).Set(Mail, Alone).Set(Age, "70+").Set(Mail, No).Encode(place)
	if err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Errorf("same answers in two orders = %x and %x; want the same bytes", a, b)
	}
}

func TestEveryAnswerRoundTrips(t *testing.T) {
	full := New(KindVisitor)
	if n := len(place.Counted()); n > MaxQuestions {
		t.Fatalf("%d answers; want at most %d", n, MaxQuestions)
	}
	for _, q := range place.Counted() {
		for _, a := range q.Answers {
			one := New(KindVisitor).Set(q.Key, a)
			full = full.Set(q.Key, a)
			for _, s := range []Sheet{one, full} {
				b, err := s.Encode(place)
				if err != nil {
					t.Fatalf("Encode(%s/%s) = %v", q.Key, a, err)
				}
				if got, err := Decode(b[:], place); err != nil || !got.Equal(s) {
					t.Errorf("Decode(Encode(%s/%s)) = %v, %v; want the same sheet", q.Key, a, got.answers, err)
				}
			}
		}
	}
}

// The bytes of a sheet wait on disk across updates: today's form, and those of
// the versions before, stay readable.
func TestEncodingIsFrozen(t *testing.T) {
	s := New(KindVisitor).Set(Internet, Yes).Set(Neighbourhood, Elsewhere)
	codes := []byte{0x98, 0x4b, 0x7b, 0x3f, 0xf4, 0x18, 0x58, 0xfe}
	b, err := s.Encode(place)
	if err != nil {
		t.Fatal(err)
	}
	padded := func(version byte, size int) []byte {
		return slices.Concat([]byte{version, 1}, codes, make([]byte, size-10))
	}
	want, second, first := padded(3, 256), padded(2, 128), padded(1, 64)
	if !bytes.Equal(b[:], want) {
		t.Errorf("Encode() = %x; want %x", b, want)
	}
	for name, b := range map[string][]byte{"version 3": want, "version 2": second, "version 1": first} {
		if got, err := Decode(b, place); err != nil || !got.Equal(s) {
			t.Errorf("%s: Decode() = %v, %v; want the same sheet", name, got.answers, err)
		}
	}
	for name, b := range map[string][]byte{
		"version 1 as long as 2": padded(1, 128),
		"version 2 as long as 1": padded(2, 64),
		"version 2 as long as 3": padded(2, 256),
		"version 3 as long as 2": padded(3, 128),
		"version 1, bytes after": slices.Concat(first[:63], []byte{1}),
		"version 2, bytes after": slices.Concat(second[:127], []byte{1}),
		"version 4":              padded(4, 256),
	} {
		if _, err := Decode(b, place); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: Decode() = %v; want ErrEncoding", name, err)
		}
	}
	if got := code("freins.peur", Yes); got != 0x800bbf99 {
		t.Errorf("code of a frein = %#x; want it as it was", got)
	}
}

func TestAnAnswerKeepsItsMeaningWhenTheSiteChanges(t *testing.T) {
	s := New(KindVisitor).Set(Neighbourhood, Elsewhere).Set(Age, "70+")
	b, err := s.Encode(place)
	if err != nil {
		t.Fatal(err)
	}
	grown := Visitor([]string{"bourg", "centre", "port", "gare", "plage"})
	if got, err := Decode(b[:], grown); err != nil || !got.Equal(s) {
		t.Errorf("Decode() after neighbourhoods were added = %v, %v; want the same sheet", got.answers, err)
	}
	// A neighbourhood that is gone: the rest of the sheet still counts.
	b, err = New(KindVisitor).Set(Neighbourhood, "port").Set(Age, "70+").Encode(place)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b[:], Visitor([]string{"centre"}))
	if want := New(KindVisitor).Set(Age, "70+"); !errors.Is(err, ErrUnknownAnswer) || !got.Equal(want) {
		t.Errorf("Decode() after a neighbourhood was removed = %v, %v; want age only and ErrUnknownAnswer", got.answers, err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, s := range map[string]Sheet{
		"no kind":          {},
		"another kind":     New(KindExit),
		"unknown question": New(KindVisitor).Set("shoe_size", "42"),
		"unknown answer":   New(KindVisitor).Set(Age, "secret"),
		"one of several":   New(KindVisitor).Set(Freins, Peur),
	} {
		_, err := s.Encode(place)
		if err == nil {
			t.Errorf("%s: Encode() = nil; want an error", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: Encode() = %v; want no answer in the error", name, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := New(KindVisitor).Set(Age, "70+").Set(Mail, No).Encode(place)
	if err != nil {
		t.Fatal(err)
	}
	put := func(changes ...byte) []byte {
		b := slices.Clone(good[:])
		for i := 0; i < len(changes); i += 2 {
			b[changes[i]] = changes[i+1]
		}
		return b
	}
	swapped := slices.Concat(good[:2], good[6:10], good[2:6], good[10:])
	twice := slices.Concat(good[:2], good[2:6], good[2:6], good[10:])
	two := New(KindVisitor)
	var codes []uint32
	for _, a := range []string{"0-11", "70+"} {
		codes = append(codes, code(Age, a))
	}
	slices.Sort(codes)
	both, _ := two.Encode(place)
	for i, c := range codes {
		copy(both[head+4*i:], []byte{byte(c >> 24), byte(c >> 16), byte(c >> 8), byte(c)})
	}
	for name, b := range map[string][]byte{
		"nothing":                     nil,
		"short":                       good[:Size-1],
		"long":                        append(slices.Clone(good[:]), 0),
		"version":                     put(0, 9),
		"kind":                        put(1, 2),
		"unknown code":                put(5, good[5]^1),
		"codes out of order":          swapped,
		"code twice":                  twice,
		"two answers to one question": both[:],
		"gap":                         slices.Concat(good[:2], make([]byte, 4), good[2:Size-4]),
		"bytes after the end":         put(Size-1, 1),
	} {
		if s, err := Decode(b, place); err == nil {
			t.Errorf("%s: Decode() = %v, nil; want an error", name, s.answers)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []Sheet{New(KindVisitor), New(KindVisitor).Set(Age, "70+").Set(Mail, No)} {
		b, err := s.Encode(place)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:])
	}
	f.Add(slices.Concat([]byte{1, 1, 0x98, 0x4b, 0x7b, 0x3f, 0xf4, 0x18, 0x58, 0xfe}, make([]byte, 54)))
	f.Add(slices.Concat([]byte{2, 1, 0x98, 0x4b, 0x7b, 0x3f, 0xf4, 0x18, 0x58, 0xfe}, make([]byte, 118)))
	f.Add([]byte("garbage"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b, place)
		if err != nil {
			return
		}
		again, err := s.Encode(place)
		if err == nil && b[0] < version { // a version before: the same, but for its length
			text := b[1 : len(b)-2]
			b = slices.Concat([]byte{version}, text, make([]byte, Size-1-len(text)))
		}
		if err != nil || !bytes.Equal(again[:], b) {
			t.Errorf("Encode(Decode(%x)) = %x, %v; want the same bytes", b, again, err)
		}
	})
}

// FuzzPresses gives one answer per byte and holds the sheet against plain maps.
func FuzzPresses(f *testing.F) {
	f.Add([]byte{0, 17, 34, 3, 250})
	f.Add([]byte{7, 20, 33, 46, 59, 72, 85, 98, 7})
	f.Fuzz(func(t *testing.T, presses []byte) {
		s, want := New(KindVisitor), map[string]map[string]bool{}
		for _, p := range presses {
			q := place.Questions[int(p)%len(place.Questions)]
			i := int(p) / len(place.Questions) % (len(q.Answers) + 1)
			switch given := want[q.Key]; {
			case i == len(q.Answers):
				s = s.Set(q.Key, Unset)
				delete(want, q.Key)
			case !q.Multi:
				s = s.Set(q.Key, q.Answers[i])
				want[q.Key] = map[string]bool{q.Answers[i]: true}
			default:
				a := q.Answers[i]
				s = s.Toggle(q, a)
				if given == nil || a == q.Sole && !given[a] {
					given = map[string]bool{}
				}
				if given[a] {
					delete(given, a)
				} else {
					delete(given, q.Sole)
					given[a] = true
				}
				want[q.Key] = given
			}
		}
		b, err := s.Encode(place)
		if err != nil {
			t.Fatalf("Encode(%v) = %v", s.answers, err)
		}
		got, err := Decode(b[:], place)
		if err != nil || !got.Equal(s) {
			t.Errorf("Decode() = %v, %v; want %v", got.answers, err, s.answers)
		}
		empty := true
		for _, q := range place.Questions {
			given := got.Answers(q)
			for _, a := range q.Answers {
				if slices.Contains(given, a) != want[q.Key][a] {
					t.Errorf("Answers(%s) = %v; want %v", q.Key, given, want[q.Key])
				}
			}
			empty = empty && len(given) == 0
		}
		if got.Empty() != empty {
			t.Errorf("Empty() = %v; want %v", got.Empty(), empty)
		}
	})
}
