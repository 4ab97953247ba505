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

func TestVisitorQuestions(t *testing.T) {
	keys := []string{"centre", "port"}
	s := Visitor(keys)
	if err := s.Check(); err != nil {
		t.Fatalf("Check() = %v; want nil", err)
	}
	var got []string
	for _, q := range s.Questions {
		got = append(got, fmt.Sprintf("%s:%d", q.Key, len(q.Answers)))
	}
	want := "internet:2 mail:3 procedure:3 age:9 situation:8 household:6 neighbourhood:3 first_visit:2"
	if strings.Join(got, " ") != want {
		t.Errorf("Visitor(2 neighbourhoods) = %s; want %s", got, want)
	}
	keys[0] = "changed"
	if !s.Has(Neighbourhood, "centre") || !s.Has(Neighbourhood, Elsewhere) {
		t.Errorf("neighbourhoods = %v; want a copy with elsewhere", s.Questions[6].Answers)
	}
}

func TestCheckRefuses(t *testing.T) {
	with := func(q ...Question) Schema { return Schema{Kind: KindVisitor, Questions: q} }
	ok := Question{Key: "a", Answers: []string{"x"}}
	many := slices.Repeat([]Question{ok}, MaxQuestions+1)
	for i := range many {
		many[i].Key = fmt.Sprint("q", i)
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
		{"several answers", with(Question{Key: "a", Answers: []string{"x"}, Multi: true})},
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
	if err := with(many[1:]...).Check(); err != nil {
		t.Errorf("Check(%d questions) = %v; want nil", MaxQuestions, err)
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
	for _, q := range place.Questions {
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

// The bytes of a sheet wait on disk across updates: today's form stays readable.
func TestEncodingIsFrozen(t *testing.T) {
	b, err := New(KindVisitor).Set(Internet, Yes).Set(Neighbourhood, Elsewhere).Encode(place)
	if err != nil {
		t.Fatal(err)
	}
	want := append([]byte{1, 1, 0x98, 0x4b, 0x7b, 0x3f, 0xf4, 0x18, 0x58, 0xfe}, make([]byte, Size-10)...)
	if !bytes.Equal(b[:], want) {
		t.Errorf("Encode() = %x; want %x", b, want)
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
		"another kind":     New(2),
		"unknown question": New(KindVisitor).Set("shoe_size", "42"),
		"unknown answer":   New(KindVisitor).Set(Age, "secret"),
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
		"version":                     put(0, 2),
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
	f.Add([]byte("garbage"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b, place)
		if err != nil {
			return
		}
		again, err := s.Encode(place)
		if err != nil || !bytes.Equal(again[:], b) {
			t.Errorf("Encode(Decode(%x)) = %x, %v; want the same bytes", b, again, err)
		}
	})
}

// FuzzSet gives one answer per byte and holds the sheet against a plain map.
func FuzzSet(f *testing.F) {
	f.Add([]byte{0, 17, 34, 3, 250})
	f.Fuzz(func(t *testing.T, presses []byte) {
		s, want := New(KindVisitor), map[string]string{}
		for _, p := range presses {
			q := place.Questions[int(p)%len(place.Questions)]
			if i := int(p) / len(place.Questions) % (len(q.Answers) + 1); i < len(q.Answers) {
				s, want[q.Key] = s.Set(q.Key, q.Answers[i]), q.Answers[i]
			} else {
				s = s.Set(q.Key, Unset)
				delete(want, q.Key)
			}
		}
		b, err := s.Encode(place)
		if err != nil {
			t.Fatalf("Encode(%v) = %v", s.answers, err)
		}
		got, err := Decode(b[:], place)
		if err != nil || !got.Equal(s) || len(got.answers) != len(want) || got.Empty() != (len(want) == 0) {
			t.Errorf("Decode() = %v, %v; want %v", got.answers, err, want)
		}
		for q, a := range want {
			if g, _ := got.Answer(q); g != a {
				t.Errorf("Answer(%s) = %q; want %q", q, g, a)
			}
		}
	})
}
