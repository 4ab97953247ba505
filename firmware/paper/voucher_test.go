package paper

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"jeudi/firmware/sheet"
)

func TestVoucherText(t *testing.T) {
	result := said()
	all := Result{Level: sheet.Autonomous, Answers: map[string]string{"internet": "yes", "information": "alone", "mail": "alone", "photo": "alone", "fake": "alone", "trouble": "alone", "procedure": "alone"}, Freins: []string{"rien"}}
	for _, c := range []struct {
		name string
		v    Voucher
		want string
	}{
		{"a code", Voucher{Code: "K7M2QF"}, "JEUDI1 K7M2QF"},
		{"with its permanence", Voucher{Code: "K7M2QF", From: "Centre social"}, "JEUDI1 K7M2QF o=Centre social"},
		{"with a result", Voucher{"K7M2QF", "Centre social Les Tilleuls", &result}, "JEUDI1 K7M2QF n=1? d=22100-1 f=pl o=Centre social Les Tilleuls"},
		{"nothing is difficult", Voucher{"K7M2QF", "", &all}, "JEUDI1 K7M2QF n=2 d=2222222 f=0"},
		{"nothing was said", Voucher{"K7M2QF", "Ici", &Result{Answers: map[string]string{}}}, "JEUDI1 K7M2QF n=0 d=------- f=- o=Ici"},
		{"a name like a field", Voucher{"K7M2QF", "Chez n=1 o=x", nil}, "JEUDI1 K7M2QF o=Chez n=1 o=x"},
	} {
		if got := c.v.Encode(); got != c.want {
			t.Errorf("%s: Encode() = %q; want %q", c.name, got, c.want)
		}
		v := c.v
		if v.Result != nil {
			// Freins come back in the order of the format.
			r := *v.Result
			r.Freins = map[bool][]string{true: {"peur", "lire"}, false: r.Freins}[len(r.Freins) == 2]
			v.Result = &r
		}
		if got, err := ParseVoucher(" " + c.want + "\r\n"); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%s: ParseVoucher(%q) = %+v, %v; want %+v", c.name, c.want, got, err, v)
		}
	}
}

// What the format cannot say is not said.
func TestVoucherTextOfStrangeValues(t *testing.T) {
	for _, c := range []struct {
		v    Voucher
		want string
	}{
		{Voucher{"K7M2QF", " La\tMaison \n des\u00a0 gens\x00 ", nil}, "JEUDI1 K7M2QF o=La Maison des gens"},
		{Voucher{"K7M2QF", strings.Repeat("é", 39) + " le reste", nil}, "JEUDI1 K7M2QF o=" + strings.Repeat("é", 39)},
		{Voucher{"K7M2QF", "", &Result{Level: 9, Answers: map[string]string{"internet": "alone", "mail": "yes", "photo": "peut-être", "name": "Léa"}, Freins: []string{"rien", "peur", "autre"}}},
			"JEUDI1 K7M2QF n=2 d=------- f=p"},
	} {
		if got := c.v.Encode(); got != c.want {
			t.Errorf("Encode(%+v) = %q; want %q", c.v, got, c.want)
		}
		if _, err := ParseVoucher(c.want); err != nil {
			t.Errorf("ParseVoucher(%q) = %v; want nil", c.want, err)
		}
	}
}

func TestParseVoucherRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":               "",
		"a later version":       "JEUDI2 K7M2QF",
		"an address":            "https://example.org/K7M2QF",
		"no code":               "JEUDI1",
		"a short code":          "JEUDI1 K7M2Q",
		"a small code":          "JEUDI1 k7m2qf",
		"two blanks":            "JEUDI1  K7M2QF",
		"a level of four":       "JEUDI1 K7M2QF n=3 d=------- f=-",
		"a result cut short":    "JEUDI1 K7M2QF n=1 d=------- f=",
		"no difficulties":       "JEUDI1 K7M2QF n=1 d=-------",
		"six answers":           "JEUDI1 K7M2QF n=1 d=------ f=-",
		"Internet with help":    "JEUDI1 K7M2QF n=1 d=1------ f=-",
		"freins out of order":   "JEUDI1 K7M2QF n=1 d=------- f=lp",
		"nothing and something": "JEUDI1 K7M2QF n=1 d=------- f=p0",
		"an unknown frein":      "JEUDI1 K7M2QF n=1 d=------- f=px",
		"an empty name":         "JEUDI1 K7M2QF o=",
		"a long name":           "JEUDI1 K7M2QF o=" + strings.Repeat("x", 41),
		"a control character":   "JEUDI1 K7M2QF o=a\x00b",
		"another field":         "JEUDI1 K7M2QF t=12 o=Ici",
	} {
		if v, err := ParseVoucher(text); !errors.Is(err, ErrNotVoucher) || !reflect.DeepEqual(v, Voucher{}) {
			t.Errorf("%s: ParseVoucher(%q) = %+v, %v; want ErrNotVoucher", name, text, v, err)
		}
	}
}

// Every result that can be made of the answers comes back as it was.
func TestEveryResultThereAndBack(t *testing.T) {
	answers := []string{"", "no", "helped", "alone"}
	for n := range 3 * 4 * 4 * 4 * 4 * 4 * 4 {
		r := Result{Level: sheet.Level(n % 3), Incomplete: n%2 == 0, Answers: map[string]string{}}
		if a := []string{"", "no", "yes"}[n%3]; a != "" {
			r.Answers["internet"] = a
		}
		rest := n / 3
		for _, d := range domains[1:] {
			if a := answers[rest%4]; a != "" {
				r.Answers[d] = a
			}
			rest /= 4
		}
		for i, f := range freins[:6] {
			if n>>i&1 == 1 {
				r.Freins = append(r.Freins, f.key)
			}
		}
		v := Voucher{Code: "222222", Result: &r}
		if got, err := ParseVoucher(v.Encode()); err != nil || !reflect.DeepEqual(got, v) {
			t.Fatalf("ParseVoucher(%q) = %+v, %v; want %+v", v.Encode(), got.Result, err, r)
		}
	}
}

func FuzzParseVoucher(f *testing.F) {
	for _, s := range []string{"", "JEUDI1 K7M2QF", "JEUDI1 K7M2QF n=1? d=22100-1 f=pl o=Centre social Les Tilleuls", "JEUDI1 222222 n=0 d=------- f=0 o=é", "JEUDI1 K7M2QF o=a o=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVoucher(s)
		if err != nil {
			if !errors.Is(err, ErrNotVoucher) {
				t.Errorf("ParseVoucher(%q) = %v; want ErrNotVoucher", s, err)
			}
			return
		}
		if got := v.Encode(); got != strings.TrimSpace(s) {
			t.Errorf("ParseVoucher(%q).Encode() = %q", s, got)
		}
		if len(v.Code) != codeLength || utf8.RuneCountInString(v.From) > mostFrom {
			t.Errorf("ParseVoucher(%q) = %+v; want a code and a short name", s, v)
		}
	})
}

// Whatever is put in, what comes out can be read.
func FuzzEncodeVoucher(f *testing.F) {
	f.Add("Centre social", uint8(1), true, "alone", "peur")
	f.Add(" o=\xff\x00", uint8(200), false, "", "rien")
	f.Fuzz(func(t *testing.T, from string, level uint8, incomplete bool, answer, frein string) {
		r := Result{sheet.Level(level), incomplete, map[string]string{"mail": answer, "internet": answer}, []string{frein}}
		v := Voucher{"K7M2QF", from, &r}
		if _, err := ParseVoucher(v.Encode()); err != nil {
			t.Errorf("ParseVoucher(%q) = %v; want nil", v.Encode(), err)
		}
	})
}

func TestResultLines(t *testing.T) {
	w := catalogue(t)
	lines := ResultLines(w, said())
	for _, want := range []string{w.Text("fr", "voucher.level.accompanied", nil), w.Text("fr", "voucher.level.incomplete", nil),
		w.Text("fr", "voucher.domain.mail", nil) + "\u00a0: " + w.Text("fr", "voucher.answer.helped", nil), "- " + w.Text("fr", "voucher.frein.lire", nil)} {
		found := false
		for _, l := range lines {
			found = found || l == want
		}
		if !found {
			t.Errorf("ResultLines() = %q; want %q among it", lines, want)
		}
	}
	for _, l := range lines {
		if strings.Contains(l, w.Text("fr", "voucher.domain.trouble", nil)) {
			t.Errorf("ResultLines() = %q; want nothing of a question without an answer", lines)
		}
	}
}

// A row that is too long for the narrowest paper would take two lines.
func TestRowsOfAResultFit(t *testing.T) {
	w := catalogue(t)
	for _, d := range domains {
		for _, a := range []string{"alone", "helped", "no", "yes"} {
			label, answer := w.Text("fr", "voucher.domain."+d, nil), w.Text("fr", "voucher.answer."+a, nil)
			if n := utf8.RuneCountInString(label + " " + answer); n > columns {
				t.Errorf("%q takes %d characters; want at most %d", label+" "+answer, n, columns)
			}
		}
	}
}

func ExampleVoucher_Encode() {
	v := Voucher{Code: "K7M2QF", From: "Centre social", Result: &Result{
		Level:   sheet.Accompanied,
		Answers: map[string]string{"internet": "yes", "mail": "helped"},
		Freins:  []string{"peur"},
	}}
	fmt.Println(v.Encode())
	// Output: JEUDI1 K7M2QF n=1 d=2-1---- f=p o=Centre social
}
