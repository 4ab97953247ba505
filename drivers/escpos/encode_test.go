package escpos

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/encoding/charmap"

	"jeudi/drivers"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sample() drivers.Document {
	return drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: "Centre social des Tilleuls", Bold: true, Align: drivers.Center},
		drivers.Text{Text: "2 personnes avant vous", Size: 2, Align: drivers.Center},
		drivers.Rule{},
		drivers.Text{Text: "Apportez votre dernier avis d’imposition, et 12\u202f€ en pièces\u202f: « cœur » et « maïs » ne suffisent pas."},
		drivers.Text{Text: "هذا السطر لا يطبع بعد", Lang: "ar", RTL: true},
		drivers.Columns{Cells: []string{"Jeudi 3 avril", "9 h 12"}},
		drivers.QR{Data: "https://example.org/t/42"},
		drivers.Feed{Lines: 1},
		drivers.Text{Text: "Prochaine date\u00a0: jeudi 10 avril", Align: drivers.End},
	}}
}

func TestGolden(t *testing.T) {
	for _, p := range []Profile{Generic80(), Generic58()} {
		job := Compose(sample(), p)
		got := hex.Dump(job.Bytes)
		name := filepath.Join("testdata", p.Name+".hex")
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("Encode(sample, %s) changed; look at it, then go test -update:\n%s", p.Name, got)
		}
		if job.Skipped != 1 || job.Lost != 0 || job.Folded != 2 {
			t.Errorf("Compose(sample, %s): skipped %d, lost %d, folded %d; want 1, 0, 2 narrow blanks", p.Name, job.Skipped, job.Lost, job.Folded)
		}
		if job.Length < 60 || job.Length > 150 {
			t.Errorf("Compose(sample, %s).Length = %d mm; want that of a ticket", p.Name, job.Length)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		given, want  string // want in Unicode
		folded, lost int
	}{
		{given: "Où êtes-vous né ? À Çà et là, œuvre, Œil, Ÿ, 12 €", want: "Où êtes-vous né ? À Çà et là, œuvre, Œil, Ÿ, 12 €"},
		{given: "‘a’ “b” « c » – — … • ™", want: "‘a’ “b” « c » – — … • ™"},
		{given: "e\u0301te\u0301", want: "été"}, // decomposed by some keyboards
		{given: "non\u202f!", want: "non\u00a0!", folded: 1},
		{given: "Işık Ağa", want: "Isik Aga", folded: 3},
		{given: "Łódź, Đà Nẵng", want: "Lódz, Dà Nang", folded: 4},
		{given: "→ ≤ ≥ ☐ ✓", want: "-> <= >= [ ] x", folded: 5},
		{given: "ﬁn ½ ① № ²", want: "fin ½ 1 No ²", folded: 3},
		{given: "٤٢", want: "42", folded: 2},
		{given: "ok 👍", want: "ok ?", lost: 1},
		{given: "a\x00b\x1b@c\x10\x04\x01d\x7fe\u0085f\u00ad\u200f", want: "ab@cdef"},
		{given: "a\tb\nc", want: "a b\nc"},
		{given: "\xff\xfe", want: "??", lost: 2},
		{given: "привет", want: "??????", lost: 6},
	} {
		got, f := fold(c.given)
		if s, _ := charmap.Windows1252.NewDecoder().Bytes(got); string(s) != c.want || f.folded != c.folded || f.lost != c.lost {
			t.Errorf("fold(%q) = %q, folded %d, lost %d; want %q, %d, %d", c.given, s, f.folded, f.lost, c.want, c.folded, c.lost)
		}
	}
}

func TestEveryByteOfThePage(t *testing.T) {
	for b := 0x20; b < 0x100; b++ {
		r := charmap.Windows1252.DecodeByte(byte(b))
		if unicode.IsControl(r) || r == 0xad || r == 0xfffd {
			continue
		}
		if got, ok := encodeRune(r); !ok || got != byte(b) {
			t.Errorf("encodeRune(%q) = %#x, %v; want %#x", r, got, ok, b)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		given string
		width int
		want  string // lines joined by |
	}{
		{"un deux trois", 20, "un deux trois"},
		{"un deux trois", 7, "un deux|trois"},
		{"un  deux   trois ", 13, "un deux trois"},
		{"anticonstitutionnel", 8, "anticons|titution|nel"},
		{"a anticonstitutionnel b", 8, "a|anticons|titution|nel b"},
		{"9\xa0h le\xa0jeudi", 9, "9 h|le jeudi"},
		{"un\n\ndeux", 9, "un||deux"},
		{"abc", 0, "a|b|c"},
		{"", 9, ""},
	} {
		if got := string(bytes.Join(wrap([]byte(c.given), c.width), []byte("|"))); got != c.want {
			t.Errorf("wrap(%q, %d) = %q; want %q", c.given, c.width, got, c.want)
		}
	}
}

func TestNumberIsAsLargeAsThePaperAllows(t *testing.T) {
	for _, c := range []struct {
		profile Profile
		text    string
		want    byte // of GS !
	}{
		{Generic80(), "7", 0x77},
		{Generic80(), "142", 0x77},
		{Generic80(), "T-0142-B", 0x55},
		{Generic58(), "42", 0x77},
		{Generic58(), "T-142", 0x55},
		{Generic58(), strings.Repeat("9", 40), 0x00},
	} {
		b := Encode(drivers.Document{Blocks: []drivers.Block{drivers.Number{Text: c.text}}}, c.profile)
		_, after, ok := bytes.Cut(b, []byte{gs, '!'})
		if !ok && c.want == 0 {
			continue
		}
		if !ok || after[0] != c.want {
			t.Errorf("%s: number %q is printed at % x; want GS ! %02x", c.profile.Name, c.text, b, c.want)
		}
	}
}

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string
		want  []string
	}{
		{"two", []string{"Total", "12"}, []string{"Total" + strings.Repeat(" ", 25) + "12"}},
		{"three", []string{"a", "b", "c"}, []string{"a" + strings.Repeat(" ", 14) + "b" + strings.Repeat(" ", 15) + "c"}},
		{"one", []string{"seule"}, []string{"seule"}},
		{"an exact fit", []string{strings.Repeat("a", 16), strings.Repeat("b", 15)}, []string{strings.Repeat("a", 16) + " " + strings.Repeat("b", 15)}},
		{"too long", []string{"Orientés vers un autre lieu du quartier", "12"}, []string{"Orientés vers un autre lieu du", "quartier", "12"}},
		{"a line feed is a blank", []string{"a\nb", "c"}, []string{"a b" + strings.Repeat(" ", 28) + "c"}},
		{"none", nil, nil},
	} {
		b := Encode(drivers.Document{Blocks: []drivers.Block{drivers.Columns{Cells: c.cells}}}, Generic58())
		var got []string
		for line := range bytes.SplitSeq(b[7:], []byte{lf}) {
			s, _ := charmap.Windows1252.NewDecoder().Bytes(line)
			text := strings.TrimPrefix(strings.TrimPrefix(string(s), "\x1ba\x02"), "\x1ba\x00")
			if text != "" {
				got = append(got, text)
			}
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: Columns%q = %q; want %q", c.name, c.cells, got, c.want)
		}
	}
}

func TestWhatCannotBePrintedIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		name    string
		block   drivers.Block
		skipped int
	}{
		{"Arabic", drivers.Text{Text: "أهلا وسهلا"}, 1},
		{"Cyrillic", drivers.Text{Text: "Добро пожаловать"}, 1},
		{"French with a name in Cyrillic", drivers.Text{Text: "Bienvenue à Мир"}, 0},
		{"a QR code as long as a book", drivers.QR{Data: strings.Repeat("x", 505)}, 1},
		{"a QR code without data", drivers.QR{}, 0},
		{"a number in Arabic digits", drivers.Number{Text: "٤٢"}, 0},
		{"Arabic that is Latin for the most part", drivers.Text{Text: "CAF, France Travail: رقم 0123456", RTL: true}, 1},
		{"the same, from left to right", drivers.Text{Text: "CAF, France Travail: رقم 0123456"}, 0},
		{"Latin from right to left", drivers.Text{Text: "France Travail: 01 23 45", RTL: true}, 0},
		{"Arabic digits and a comma", drivers.Text{Text: "٤٢، ٤٣ %", RTL: true}, 0},
	} {
		if got := Compose(drivers.Document{Blocks: []drivers.Block{c.block}}, Generic80()).Skipped; got != c.skipped {
			t.Errorf("%s: skipped %d; want %d", c.name, got, c.skipped)
		}
	}
}

func TestARuleGoesWithItsPart(t *testing.T) {
	var (
		rule   = drivers.Rule{}
		arabic = drivers.Text{Text: "أهلا CAF", RTL: true}
		french = drivers.Text{Text: "Bonjour"}
		big    = drivers.Text{Text: "Bonjour", Size: 2, Bold: true}
	)
	for _, c := range []struct {
		name        string
		given, want []drivers.Block
	}{
		{"a part left out at the end", []drivers.Block{french, rule, arabic, arabic}, []drivers.Block{french}},
		{"a part left out in between", []drivers.Block{big, rule, arabic, rule, big}, []drivers.Block{big, rule, big}},
		{"two of them", []drivers.Block{rule, arabic, rule, arabic}, nil},
		{"half a part", []drivers.Block{rule, arabic, french}, []drivers.Block{rule, french}},
		{"the other half", []drivers.Block{rule, french, arabic}, []drivers.Block{rule, french}},
		{"a line to sign on", []drivers.Block{arabic, french, rule}, []drivers.Block{french, rule}},
		{"an empty part", []drivers.Block{rule, rule}, []drivers.Block{rule, rule}},
	} {
		got, want := Compose(drivers.Document{Blocks: c.given}, Generic80()), Compose(drivers.Document{Blocks: c.want}, Generic80())
		if !bytes.Equal(got.Bytes, want.Bytes) || got.Length != want.Length {
			t.Errorf("%s: %q, %d mm; want %q, %d mm", c.name, got.Bytes, got.Length, want.Bytes, want.Length)
		}
	}
}

func TestTheLongestQRCodePrints(t *testing.T) {
	for _, p := range []Profile{Generic80(), Generic58()} {
		job := Compose(drivers.Document{Blocks: []drivers.Block{drivers.QR{Data: strings.Repeat("x", 504)}}}, p)
		if job.Skipped != 0 {
			t.Errorf("%s: skipped", p.Name)
		}
	}
}

// Whatever a text holds, the printer gets nothing but text from it.
func FuzzEncode(f *testing.F) {
	f.Add("42", "Bonjour", "https://example.org", 2)
	f.Add("\x1b@", "a\x10\x04\x01\x1dV\x00\n\u202f", "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", 8)
	f.Add("", "أهلا", strings.Repeat("é", 300), -3)
	f.Fuzz(func(t *testing.T, number, text, data string, size int) {
		for _, p := range []Profile{Generic80(), Generic58()} {
			b := Encode(drivers.Document{Blocks: []drivers.Block{
				drivers.Number{Text: number},
				drivers.Text{Text: text, Size: size, RTL: size%2 == 0},
				drivers.Columns{Cells: []string{text, number}},
				drivers.QR{Data: data},
			}}, p)
			if i := bytes.IndexByte(b, dle); i >= 0 && i+1 < len(b) && (b[i+1] == 4 || b[i+1] == 5 || b[i+1] == 0x14) {
				t.Fatalf("Encode(%q, %q, %q) holds a real-time command at %d", number, text, data, i)
			}
			if p.Cutter && !bytes.HasSuffix(b, []byte{gs, 'V', 66, 0}) {
				t.Fatalf("Encode ends with % x; want the cut", b[len(b)-4:])
			}
			if n := bytes.Count(b, []byte{gs, 'V'}); p.Cutter && n != 1 {
				t.Fatalf("Encode cuts %d times; want once", n)
			}
		}
	})
}
