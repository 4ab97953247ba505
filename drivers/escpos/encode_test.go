package escpos

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"jeudi/drivers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a ticket of which every printer of ours can print all as text but
// the line with œ, where a page lacks it.
func sample() drivers.Document {
	return drivers.Document{Blocks: []drivers.Block{
		drivers.Number{Text: "42"},
		drivers.Text{Text: "Centre social des Tilleuls", Bold: true, Align: drivers.Center},
		drivers.Text{Text: "2 personnes avant vous", Size: 2, Align: drivers.Center},
		drivers.Rule{},
		drivers.Text{Text: "Apportez votre dernier avis d’imposition, et 12\u202f€ en pièces\u202f: « maïs » et « blé » ne suffisent pas."},
		drivers.Columns{Cells: []string{"Jeudi 3 avril", "9 h 12"}},
		drivers.Feed{Lines: 1},
		drivers.Text{Text: "Prochaine date\u00a0: jeudi 10 avril", Align: drivers.End},
	}}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed; look at it, then go test -update:\n%s", name, got)
	}
}

func TestGolden(t *testing.T) {
	for _, p := range profiles() {
		job := Compose(sample(), p)
		golden(t, p.Name+".hex", []byte(hex.Dump(job.Bytes)))
		if job.Skipped != 0 || job.Lost != 0 || job.Folded < 2 || job.Rastered != 0 {
			t.Errorf("Compose(sample, %s): skipped %d, lost %d, folded %d, rastered %d; want 0, 0, 2 narrow blanks or more, 0", p.Name, job.Skipped, job.Lost, job.Folded, job.Rastered)
		}
		if job.Length < 60 || job.Length > 150 {
			t.Errorf("Compose(sample, %s).Length = %d mm; want that of a ticket", p.Name, job.Length)
		}
		if _, err := read(job.Bytes, p); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

// texts are the lines of a job that went as text, decoded by the page they went
// in; pictures are [dots].
func texts(t *testing.T, job Job, p Profile) []string {
	t.Helper()
	pieces, err := read(job.Bytes, p)
	if err != nil {
		t.Fatalf("%s: %v", p.Name, err)
	}
	var out []string
	for _, k := range pieces {
		switch k.kind {
		case "text":
			table := charmap.CodePage437
			for _, c := range p.CodePages {
				if c.Slot == k.page {
					table = c.charmap()
				}
			}
			s, _ := table.NewDecoder().Bytes(k.text)
			out = append(out, string(s))
		default:
			out = append(out, "["+k.kind+"]")
		}
	}
	return out
}

func blocks(b ...drivers.Block) drivers.Document { return drivers.Document{Blocks: b} }

// Each line goes the cheapest way that is faithful.
func TestTheWayOfALine(t *testing.T) {
	deaf := Generic80() // to GS v 0
	deaf.Raster, deaf.Name = false, "deaf"
	only := CustomPresenter()
	both := CustomPresenter() // œ is in its second page
	both.CodePages, both.Name = append(both.CodePages, CodePage{"cp1252", 16}), "both"
	russian, _ := ProfileNamed("epson-tm-t20")
	for _, c := range []struct {
		name    string
		profile Profile
		given   []drivers.Block
		want    string
		job     Job // its counters
	}{
		{"French in its page", Generic80(), []drivers.Block{drivers.Text{Text: "Où ? œuvre, 12 €, Ÿ"}}, "Où ? œuvre, 12 €, Ÿ", Job{}},
		{"a page without œ: that line is dots", only, []drivers.Block{drivers.Text{Text: "déjà 12 €\ncœur\nà côté"}}, "déjà 12 €|[dots]|à côté", Job{Rastered: 1}},
		{"a second page for one line", both, []drivers.Block{drivers.Text{Text: "déjà"}, drivers.Text{Text: "├"}, drivers.Text{Text: "cœur"}}, "déjà|├|cœur", Job{}},
		{"plainer dress", only, []drivers.Block{drivers.Text{Text: "l’été… “a” – b"}}, `l'été... "a" - b`, Job{Folded: 5}},
		{"narrow blanks", Generic80(), []drivers.Block{drivers.Text{Text: "non\u202f!"}}, "non !", Job{Folded: 1}},
		{"letters with two marks are not stripped", Generic80(), []drivers.Block{drivers.Text{Text: "Işık Łódź"}}, "[dots]", Job{Rastered: 1}},
		{"decomposed by some keyboards", Generic80(), []drivers.Block{drivers.Text{Text: "e\u0301te\u0301"}}, "été", Job{}},
		{"a name in Cyrillic, its line alone", Generic58(), []drivers.Block{drivers.Text{Text: "Le rendez-vous de demain matin est avec Мария au guichet"}}, "Le rendez-vous de demain matin|[dots]", Job{Rastered: 1}},
		{"Russian where the printer has it", russian, []drivers.Block{drivers.Text{Text: "Перед вами 2 человека"}, drivers.Text{Text: "été"}, drivers.Text{Text: "à"}}, "Перед вами 2 человека|été|à", Job{}},
		{"Russian where it has not", Generic80(), []drivers.Block{drivers.Text{Text: "Перед вами 2 человека"}}, "[dots]", Job{Rastered: 1}},
		{"Arabic", Generic80(), []drivers.Block{drivers.Text{Text: "أمامك 2", RTL: true}}, "[dots]", Job{Rastered: 1}},
		{"Arabic within French", Generic80(), []drivers.Block{drivers.Text{Text: "Bonjour شكرا"}}, "[dots]", Job{Rastered: 1}},
		{"French from right to left", Generic80(), []drivers.Block{drivers.Text{Text: "France Travail: 01 23 45", RTL: true}}, "France Travail: 01 23 45", Job{}},
		{"its last mark goes to the left", Generic80(), []drivers.Block{drivers.Text{Text: "Bonjour !", RTL: true}}, "[dots]", Job{Rastered: 1}},
		{"a smiley", Generic80(), []drivers.Block{drivers.Text{Text: "ok 👍"}}, "ok ?", Job{Lost: 1}},
		{"a box to tick", Generic80(), []drivers.Block{drivers.Text{Text: "☐ oui"}}, "[ ] oui", Job{Folded: 1}},
		{"a smiley in Arabic", Generic80(), []drivers.Block{drivers.Text{Text: "شكرا 👍", RTL: true}}, "[dots]", Job{Rastered: 1, Lost: 1}},
		{"what a page has and no font", Generic80(), []drivers.Block{drivers.Text{Text: "شكرا ├ ● ok"}}, "[dots]", Job{Rastered: 1, Folded: 1, Lost: 1}},
		{"no script of ours", Generic80(), []drivers.Block{drivers.Text{Text: "한국어 안내"}}, "", Job{Skipped: 1}},
		{"one letter that is not ours, from right to left", Generic80(), []drivers.Block{drivers.Text{Text: "شكرا جزيلا 한", RTL: true}}, "", Job{Skipped: 1}},
		{"no dots: Arabic", deaf, []drivers.Block{drivers.Text{Text: "أهلا وسهلا", RTL: true}}, "", Job{Skipped: 1}},
		{"no dots: accents go", deaf, []drivers.Block{drivers.Text{Text: "Łódź, ﬁn"}}, "Lódz, fin", Job{Folded: 3}},
		{"no dots: a QR code", deaf, []drivers.Block{drivers.QR{Data: "x"}}, "", Job{Skipped: 1}},
		{"a number in Arabic digits", Generic80(), []drivers.Block{drivers.Number{Text: "٤٢"}}, "42", Job{Folded: 2}},
		{"a number with a letter of nobody", Generic80(), []drivers.Block{drivers.Number{Text: "Ж42"}}, "[dots]", Job{Rastered: 1}},
		{"a QR code", Generic80(), []drivers.Block{drivers.QR{Data: "https://example.org"}}, "[dots]", Job{}},
		{"a QR code that the printer draws", russian, []drivers.Block{drivers.QR{Data: "https://example.org"}}, "|[qr]|", Job{}},
		{"one with a line feed, which it might obey", russian, []drivers.Block{drivers.QR{Data: "a\nb"}}, "[dots]", Job{}},
		{"a QR code as long as a book", Generic80(), []drivers.Block{drivers.QR{Data: strings.Repeat("x", 505)}}, "", Job{Skipped: 1}},
		{"a QR code without data", Generic80(), []drivers.Block{drivers.QR{}}, "", Job{}},
		{"controls", Generic80(), []drivers.Block{drivers.Text{Text: "a\x00b\x1b@c\x10\x04\x01d\x7fe\u0085f\u00ad\u200e\u202eg"}}, "ab@cdefg", Job{}},
		{"no bytes of Unicode", Generic80(), []drivers.Block{drivers.Text{Text: "abc \xff\xfe"}}, "abc ??", Job{Lost: 2}},
		{"a feed behind dots", Generic80(), []drivers.Block{drivers.Text{Text: "Привет"}, drivers.Feed{Lines: 2}, drivers.Text{Text: "a"}}, "[dots]|a", Job{Rastered: 1}},
		{"an image wider than the paper", Generic58(), []drivers.Block{drivers.Image{Dots: drivers.Bitmap{Width: 385, Height: 1, Bits: make([]byte, 49)}}}, "", Job{Skipped: 1}},
		{"an empty image", Generic58(), []drivers.Block{drivers.Image{}}, "", Job{}},
		{"columns in Arabic", Generic80(), []drivers.Block{drivers.Columns{Cells: []string{"أشخاص", "12"}}}, "[dots]", Job{Rastered: 1}},
		{"columns too long in Arabic", Generic58(), []drivers.Block{drivers.Columns{Cells: []string{strings.Repeat("أشخاص ", 8), "12"}}}, "[dots]", Job{Rastered: 4}},
	} {
		c.profile.Cutter, c.profile.FullCut, c.profile.Presenter, c.profile.Blade = false, false, false, 0
		job := Compose(blocks(c.given...), c.profile)
		if got := strings.Join(texts(t, job, c.profile), "|"); got != c.want {
			t.Errorf("%s: printed %q; want %q", c.name, got, c.want)
		}
		if got := (Job{Rastered: job.Rastered, Folded: job.Folded, Lost: job.Lost, Skipped: job.Skipped}); got.Rastered != c.job.Rastered || got.Folded != c.job.Folded || got.Lost != c.job.Lost || got.Skipped != c.job.Skipped {
			t.Errorf("%s: rastered %d, folded %d, lost %d, skipped %d; want %d, %d, %d, %d", c.name,
				got.Rastered, got.Folded, got.Lost, got.Skipped, c.job.Rastered, c.job.Folded, c.job.Lost, c.job.Skipped)
		}
	}
}

// The page that holds most of a document serves for all that it holds.
func TestOnePageForADocument(t *testing.T) {
	p, _ := ProfileNamed("epson-tm-t20")
	for _, c := range []struct {
		name  string
		given []drivers.Block
		want  string // pages in their order
	}{
		{"French", []drivers.Block{drivers.Text{Text: "été"}, drivers.Text{Text: "cœur"}}, "\x10"},
		{"Russian", []drivers.Block{drivers.Text{Text: "Вы"}, drivers.Text{Text: "Мы"}, drivers.Text{Text: "abc"}}, "\x2e"},
		{"more French than Russian", []drivers.Block{drivers.Text{Text: "été"}, drivers.Text{Text: "Вы"}, drivers.Text{Text: "là"}}, "\x10\x2e\x10"},
		{"again behind a picture", []drivers.Block{drivers.Text{Text: "là"}, drivers.Text{Text: "شكرا"}, drivers.Text{Text: "où"}}, "\x10\x10"},
		{"a line of ASCII is of any page", []drivers.Block{drivers.Text{Text: "Вы"}, drivers.Text{Text: "abc"}}, "\x2e"},
	} {
		b := Encode(blocks(c.given...), p)
		var got []byte
		for i := range b {
			if bytes.HasPrefix(b[i:], []byte{esc, 't'}) {
				got = append(got, b[i+2])
			}
		}
		if string(got) != c.want {
			t.Errorf("%s: ESC t % x; want % x", c.name, got, c.want)
		}
	}
}

func TestEveryJobBeginsTheSame(t *testing.T) {
	for _, p := range append(profiles(), Profile{}) {
		want := []byte{esc, '@', fs, '.', esc, 't'}
		if b := Encode(blocks(drivers.Text{Text: "é"}), p); !bytes.HasPrefix(b, want) {
			t.Errorf("%s: begins with % x; want % x", p.Name, b[:8], want)
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
		b := Encode(blocks(drivers.Number{Text: c.text}), c.profile)
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
	p := Generic58()
	p.Blade = 0
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
		if got := texts(t, Compose(blocks(drivers.Columns{Cells: c.cells}), p), p); !slices.Equal(got, c.want) {
			t.Errorf("%s: Columns%q = %q; want %q", c.name, c.cells, got, c.want)
		}
	}
}

func TestARuleGoesWithItsPart(t *testing.T) {
	var (
		rule   = drivers.Rule{}
		korean = drivers.Text{Text: "안녕 CAF"}
		french = drivers.Text{Text: "Bonjour"}
		big    = drivers.Text{Text: "Bonjour", Size: 2, Bold: true}
	)
	korean.Text = strings.Repeat("안", 20)
	for _, c := range []struct {
		name        string
		given, want []drivers.Block
	}{
		{"a part left out at the end", []drivers.Block{french, rule, korean, korean}, []drivers.Block{french}},
		{"a part left out in between", []drivers.Block{big, rule, korean, rule, big}, []drivers.Block{big, rule, big}},
		{"two of them", []drivers.Block{rule, korean, rule, korean}, nil},
		{"half a part", []drivers.Block{rule, korean, french}, []drivers.Block{rule, french}},
		{"the other half", []drivers.Block{rule, french, korean}, []drivers.Block{rule, french}},
		{"a line to sign on", []drivers.Block{korean, french, rule}, []drivers.Block{french, rule}},
		{"an empty part", []drivers.Block{rule, rule}, []drivers.Block{rule, rule}},
		{"before a cut", []drivers.Block{french, rule, korean, drivers.Cut{}, french}, []drivers.Block{french, drivers.Cut{}, french}},
	} {
		got, want := Compose(blocks(c.given...), Generic80()), Compose(blocks(c.want...), Generic80())
		if !bytes.Equal(got.Bytes, want.Bytes) || got.Length != want.Length {
			t.Errorf("%s: %q, %d mm; want %q, %d mm", c.name, got.Bytes, got.Length, want.Bytes, want.Length)
		}
	}
}

func TestCuts(t *testing.T) {
	steps := CustomPresenter()
	steps.PresentSteps = 12
	a, b := drivers.Text{Text: "a"}, drivers.Text{Text: "b"}
	for _, c := range []struct {
		name    string
		profile Profile
		given   []drivers.Block
		want    string
		mm      int
	}{
		{"one sheet", Generic80(), []drivers.Block{a}, "a\n\x1dVB\x00", 19},
		{"two", Generic80(), []drivers.Block{a, drivers.Cut{}, b}, "a\n\x1dVB\x00b\n\x1dVB\x00", 38},
		{"a cut at the end is the cut", Generic80(), []drivers.Block{a, drivers.Cut{}}, "a\n\x1dVB\x00", 19},
		{"no sheet", Generic80(), nil, "\x1dVB\x00", 15},
		{"cuts between nothing", Generic80(), []drivers.Block{drivers.Cut{}, a, drivers.Cut{}, drivers.Cut{}, b}, "a\n\x1dVB\x00b\n\x1dVB\x00", 38},
		{"torn at the bar", Generic58(), []drivers.Block{a}, "a\n\n\n\n\n", 19},
		{"presented", CustomPresenter(), []drivers.Block{a}, "a\n\x1dVA\x00\x1de\x05", 19},
		{"and held", steps, []drivers.Block{a}, "a\n\x1dVA\x00\x1de\x03\x0c", 19},
	} {
		job := Compose(blocks(c.given...), c.profile)
		if got := string(job.Bytes[7:]); got != c.want || job.Length != c.mm {
			t.Errorf("%s: %q, %d mm; want %q, %d mm", c.name, got, job.Length, c.want, c.mm)
		}
	}
}

func TestTheLongestQRCodePrints(t *testing.T) {
	for _, p := range profiles() {
		job := Compose(blocks(drivers.QR{Data: strings.Repeat("x", 504)}), p)
		if job.Skipped != 0 {
			t.Errorf("%s: skipped", p.Name)
		}
	}
}

// A composer remembers glyphs, and nothing of a document.
func TestAComposerStartsAnew(t *testing.T) {
	for _, p := range []Profile{Generic58(), TMT20()} {
		c := NewComposer(p)
		for _, doc := range []drivers.Document{arabicTicket(), frenchTicket(), imageTicket(), arabicTicket()} {
			if got, want := c.Compose(doc), Compose(doc, p); !bytes.Equal(got.Bytes, want.Bytes) || got.Length != want.Length {
				t.Errorf("%s: a used composer makes %d bytes, %d mm; want %d, %d", p.Name, len(got.Bytes), got.Length, len(want.Bytes), want.Length)
			}
		}
	}
}

// dotsOf is the paper that the pieces of a job take.
func dotsOf(pieces []piece, p Profile) (n int) {
	for _, k := range pieces {
		switch k.kind {
		case "text":
			n += max(lineHeight, charHeight*k.size)
		case "dots":
			n += k.rows.height
		case "cut":
			n += p.Blade * dotsPerMM
		}
	}
	return n
}

// Whatever a document holds, the printer gets whole commands that this package
// sends, no line wider than the paper, no more bytes than it declares, nothing
// that it would obey at once, and the length is that of the paper.
func FuzzCompose(f *testing.F) {
	f.Add("42", "Bonjour", "https://example.org", []byte("\x10\x04\x10\x05\x10\x14"), 20, 2, false)
	f.Add("\x1b@", "a\x10\x04\x01\x1dV\x00\n\u202f", "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", bytes.Repeat([]byte{0x10, 0x04}, 500), 384, 8, true)
	f.Add("", "أهلا (CAF) 12 %, 한 œ Łó \u2067x", strings.Repeat("é", 300), bytes.Repeat([]byte{0x14, 0x10, 0x05}, 3000), 576, -3, true)
	f.Add("Ж", "உங்கள் 您的号码 Перед\n\nвами\t☐👍", "0", []byte{}, 0, 1, false)
	composers := map[string]*Composer{}
	for _, p := range profiles() {
		composers[p.Name] = NewComposer(p)
	}
	zero := Profile{Name: "zero", Raster: true}
	composers[zero.Name] = NewComposer(zero)
	f.Fuzz(func(t *testing.T, number, text, data string, picture []byte, width, size int, rtl bool) {
		if len(text) > 300 || len(number) > 40 || len(picture) > 8192 {
			return
		}
		width = min(max(width, 0), 2000)
		height := 0
		if width > 0 {
			height = len(picture)/((width+7)/8) + 1
		}
		doc := blocks(
			drivers.Number{Text: number},
			drivers.Text{Text: text, Size: size, RTL: rtl, Bold: size%2 == 0, Align: drivers.Align(uint(size) % 3)},
			drivers.Image{Dots: drivers.Bitmap{Width: width, Height: height, Bits: picture}},
			drivers.Columns{Cells: []string{text, number}},
			drivers.Cut{},
			drivers.Rule{},
			drivers.QR{Data: data},
			drivers.Feed{Lines: size},
		)
		if job := composers[zero.Name].Compose(doc); len(job.Bytes) == 0 {
			t.Fatal("a profile without values prints nothing at all")
		}
		for _, p := range profiles() {
			job := composers[p.Name].Compose(doc)
			if i := obeyed(job.Bytes); i >= 0 {
				t.Fatalf("%s: a real-time command at %d: % x", p.Name, i, job.Bytes[i:min(i+4, len(job.Bytes))])
			}
			pieces, err := read(job.Bytes, p)
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			last := pieces[len(pieces)-1].kind
			if p.Cutter && !p.Presenter && last != "cut" || p.Presenter && last != "present" {
				t.Fatalf("%s: ends with %s", p.Name, last)
			}
			if want := (dotsOf(pieces, p) + dotsPerMM - 1) / dotsPerMM; p.Cutter && job.Length != want && !p.NativeQR {
				t.Fatalf("%s: %d mm; want %d", p.Name, job.Length, want)
			}
		}
	})
}

// obeyed is where the bytes hold what printers obey at once, or -1.
func obeyed(b []byte) int {
	for i := range b {
		if b[i] == dle && i+1 < len(b) && realTime(b[i+1]) {
			return i
		}
	}
	return -1
}
