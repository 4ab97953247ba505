package typeset

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/bidi"
)

// What fribidi 1.0.8 answers to --vtol for the lines of tickets.
func TestVisualOrder(t *testing.T) {
	for _, c := range []struct {
		given string
		rtl   bool
		want  string // places in the text, from left to right
	}{
		{"رقم 12 abc", false, "4 5 3 2 1 0 6 7 8 9"},
		{"رقم 12 abc", true, "7 8 9 6 4 5 3 2 1 0"},
		{"أمامك 2 أشخاص (القاعة 3).", true, "24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0"},
		{"أمامك 2 أشخاص (القاعة 3).", false, "23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0 24"},
		{"14:05 الساعة", false, "0 1 2 3 4 5 11 10 9 8 7 6"},
		{"الهاتف: \u206801 99 00 12 34\u2069", true, "23 9 10 11 12 13 14 15 16 17 18 19 20 21 22 8 7 6 5 4 3 2 1 0"},
		{"الهاتف: 01 99 00 12 34", true, "20 21 19 17 18 16 14 15 13 11 12 10 8 9 7 6 5 4 3 2 1 0"},
		{"CAF أو France Travail معك", true, "24 23 22 21 7 8 9 10 11 12 13 14 15 16 17 18 19 20 6 5 4 3 0 1 2"},
		{"Bonjour, شكرا !", false, "0 1 2 3 4 5 6 7 8 12 11 10 9 13 14"},
		{"12,50 € للبطاقة", true, "14 13 12 11 10 9 8 7 6 5 0 1 2 3 4"},
		{"من 14:00 إلى 17:00", true, "13 14 15 16 17 12 11 10 9 8 3 4 5 6 7 2 1 0"},
		{"٤٢ % من الناس", true, "12 11 10 9 8 7 6 5 4 3 2 0 1"},
		{"(רשימה) 42-43, abc", true, "15 16 17 14 13 8 9 10 11 12 7 6 5 4 3 2 1 0"},
		{"a (ب) c", false, "0 1 2 3 4 5 6"},
		{"\u200eشكرا!", false, "0 4 3 2 1 5"},
		{"Bonjour!", true, "7 0 1 2 3 4 5 6"},
		{"le \u2067رقم 7!\u2069 ok", false, "0 1 2 3 9 8 7 6 5 4 10 11 12 13"},
	} {
		text := []rune(c.given)
		if got := strings.Trim(fmt.Sprint(Visual(Levels(text, c.rtl))), "[]"); got != c.want {
			t.Errorf("order of %q, rtl %v, is %s; want %s", c.given, c.rtl, got, c.want)
		}
	}
}

// Cases of the Unicode consortium.
func TestBidiCharacterTest(t *testing.T) {
	file, err := os.Open(filepath.Join("testdata", "BidiCharacterTest.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cases := 0
	for s := bufio.NewScanner(file); s.Scan(); {
		if s.Text() == "" || s.Text()[0] == '#' {
			continue
		}
		fields := strings.Split(s.Text(), ";") // text; direction; base; levels; order
		var text []rune
		for h := range strings.FieldsSeq(fields[0]) {
			v, err := strconv.ParseUint(h, 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, rune(v))
		}
		base := fields[2] == "1"
		level := Levels(text, base)
		atTheEnd(text, level, base)
		var got, order []string
		var seen []uint8
		var at []int
		for i, want := range strings.Fields(fields[3]) {
			if want == "x" { // not shown at all
				got = append(got, want)
				continue
			}
			got, seen, at = append(got, strconv.Itoa(int(level[i]))), append(seen, level[i]), append(at, i)
		}
		for _, i := range Visual(seen) {
			order = append(order, strconv.Itoa(at[i]))
		}
		if g, o := strings.Join(got, " "), strings.Join(order, " "); g != fields[3] || o != strings.TrimSpace(fields[4]) {
			t.Errorf("Levels(%s, %v) = %s, order %s; want %s, %s", fields[0], base, g, o, fields[3], fields[4])
		}
		cases++
	}
	if cases < 400 {
		t.Errorf("%d cases; want the file", cases)
	}
}

// atTheEnd is rule L1. Lines of ours have no blanks at their ends, so that only
// this test needs it.
func atTheEnd(text []rune, level []uint8, rtl bool) {
	base, end := uint8(0), true
	if rtl {
		base = 1
	}
	for i := len(text) - 1; i >= 0; i-- {
		switch classOf(text[i]) {
		case bidi.S:
			level[i], end = base, true
		case bidi.WS, bidi.LRI, bidi.RLI, bidi.FSI, bidi.PDI:
			if end {
				level[i] = base
			}
		case bidi.BN:
		default:
			end = false
		}
	}
}

// Whatever a text holds, its order is one of all its characters, and nested
// isolates take no time or stack worth speaking of.
func FuzzVisual(f *testing.F) {
	f.Add("رقم 12 abc", true)
	f.Add("a\u2068ב\u2069\u2067(\u2066]", false)
	f.Add(strings.Repeat("\u2067", 300), true)
	f.Fuzz(func(t *testing.T, given string, rtl bool) {
		text := []rune(given)
		if len(text) > 500 {
			return
		}
		seen := make([]bool, len(text))
		for _, i := range Visual(Levels(text, rtl)) {
			if seen[i] {
				t.Fatalf("order of %q has place %d twice", given, i)
			}
			seen[i] = true
		}
		for i, ok := range seen {
			if !ok {
				t.Fatalf("order of %q lacks place %d", given, i)
			}
		}
	})
}
