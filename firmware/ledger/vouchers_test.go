package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.etcd.io/bbolt"
)

// chance is a source of codes that is the same in every run.
func chance(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func month(year int, m time.Month) time.Time { return time.Date(year, m, 19, 10, 12, 13, 0, time.UTC) }

// give gives n codes for a place.
func give(t testing.TB, l *Ledger, place string, at time.Time, n int, random io.Reader) (codes []string) {
	t.Helper()
	for range n {
		code, err := l.NewVoucher(place, at, random)
		if err != nil {
			t.Fatalf("NewVoucher() = %v", err)
		}
		codes = append(codes, code)
	}
	if err := l.Given(codes...); err != nil {
		t.Fatalf("Given() = %v", err)
	}
	return codes
}

func expectCounts(t testing.TB, l *Ledger, want ...VoucherCount) {
	t.Helper()
	if got, err := l.VoucherCounts(); err != nil || !slices.Equal(got, want) {
		t.Errorf("VoucherCounts() = %+v, %v; want %+v", got, err, want)
	}
}

func TestACodeIsItsOwn(t *testing.T) {
	if strings.ContainsAny(codeLetters, "0O1IL") || len(codeLetters) != 23 {
		t.Errorf("the alphabet is %q; want 23 characters, none of 0 O 1 I L", codeLetters)
	}
	random := chance(1)
	for range 500 {
		code, err := drawCode(random)
		if err != nil || len(code) != CodeLength {
			t.Fatalf("drawCode() = %q, %v; want %d characters", code, err, CodeLength)
		}
		for _, typed := range []string{code, strings.ToLower(code), code[:3] + " " + code[3:], " " + code[:3] + "-" + code[3:] + "\n",
			code[:3] + "\u00a0" + code[3:], "JEUDI1 " + code, "jeudi1 " + code + " n=2 o=Centre social"} {
			if got, err := TidyCode(typed); got != code || err != nil {
				t.Errorf("TidyCode(%q) = %q, %v; want %q", typed, got, err, code)
			}
		}
	}
	if _, err := drawCode(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("drawCode() without chance = %v; want its error", err)
	}
}

// One wrong character, two that changed places, one too few or too many: each is
// seen before anybody looks the code up.
func TestATypoIsSeen(t *testing.T) {
	random := chance(2)
	for range 50 {
		code, _ := drawCode(random)
		var wrong []string
		for i := range code {
			for _, r := range codeLetters {
				wrong = append(wrong, code[:i]+string(r)+code[i+1:])
			}
			for j := range i {
				b := []byte(code)
				b[i], b[j] = b[j], b[i]
				wrong = append(wrong, string(b))
			}
			wrong = append(wrong, code[:i], code[:i]+"O"+code[i+1:])
		}
		wrong = append(wrong, "", code+"2", code+code, "JEUDI2 "+code, "é"+code[2:], strings.Repeat(code, 300))
		for _, w := range wrong {
			if w == code {
				continue
			}
			if got, err := TidyCode(w); !errors.Is(err, ErrVoucherTypo) {
				t.Errorf("TidyCode(%q) = %q, %v; the code is %q; want ErrVoucherTypo", w, got, err, code)
			}
		}
	}
}

func TestVouchersAreCounted(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	expectCounts(t, l)
	if err := l.Arrived("222222"); !errors.Is(err, ErrVoucherUnknown) {
		t.Errorf("Arrived() in an empty ledger = %v; want ErrVoucherUnknown", err)
	}
	random := chance(3)
	enter(t, l, entry(0))
	a := give(t, l, "ccas", month(2026, 11), 3, random)
	give(t, l, "caf", month(2026, 11), 1, random)
	give(t, l, "ccas", month(2026, 12), 2, random)
	give(t, l, "ccas", time.Time{}, 1, random)
	for range 3 { // the same code again and again
		if err := l.Arrived(strings.ToLower(a[1])); err != nil {
			t.Errorf("Arrived(%q) = %v; want nil", a[1], err)
		}
	}
	stranger, _ := drawCode(chance(99))
	for code, want := range map[string]error{stranger: ErrVoucherUnknown, "ABCDEF": ErrVoucherTypo, a[0][:5]: ErrVoucherTypo} {
		if err := l.Arrived(code); !errors.Is(err, want) {
			t.Errorf("Arrived(%q) = %v; want %v", code, err, want)
		}
	}
	l.Close()
	l = mustOpen(t, dir)
	expectCounts(t, l, VoucherCount{"caf", "2026-11", 1, 0}, VoucherCount{"ccas", "", 1, 0},
		VoucherCount{"ccas", "2026-11", 3, 1}, VoucherCount{"ccas", "2026-12", 2, 0})
	expect(t, l, entry(0))
	for _, place := range []string{"", "a\x00b", strings.Repeat("x", 501)} {
		if code, err := l.NewVoucher(place, month(2026, 11), random); err == nil {
			t.Errorf("NewVoucher(%.9q) = %q, nil; want an error", place, code)
		}
	}
}

// A code counts as given once its paper may have come out, or once it comes back:
// then it was on paper. Until then it is in no list.
func TestACodeCountsOnceItIsOnPaper(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	random := chance(15)
	var codes []string
	for range 3 {
		code, err := l.NewVoucher("ccas", month(2026, 11), random)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	listed := func(want int) {
		t.Helper()
		if list, err := l.Vouchers(""); err != nil || len(list) != want {
			t.Errorf("Vouchers() = %+v, %v; want %d", list, err, want)
		}
	}
	expectCounts(t, l)
	listed(0)
	for range 2 { // the second time changes nothing; what was never drawn is passed over
		if err := l.Given(codes[0], "222222"); err != nil {
			t.Errorf("Given() = %v; want nil", err)
		}
	}
	expectCounts(t, l, VoucherCount{"ccas", "2026-11", 1, 0})
	listed(1)
	l.Close()
	l = mustOpen(t, dir) // a cut while the paper of the others was printed
	if err := l.Arrived(codes[1]); err != nil {
		t.Errorf("Arrived() of a code whose paper nobody reported = %v; want nil", err)
	}
	expectCounts(t, l, VoucherCount{"ccas", "2026-11", 2, 1})
	listed(2)
	empty := mustOpen(t, t.TempDir())
	if err := empty.Given(codes[0]); err != nil {
		t.Errorf("Given() in an empty ledger = %v; want nil", err)
	}
}

// A code that was drawn before is drawn again.
func TestNoCodeIsGivenTwice(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	first := give(t, l, "ccas", month(2026, 11), 1, chance(4))
	second := give(t, l, "ccas", month(2026, 11), 1, chance(4))
	if first[0] == second[0] {
		t.Errorf("%q was given twice", first[0])
	}
	if code, err := l.NewVoucher("ccas", month(2026, 11), bytes.NewReader(make([]byte, 5*100))); err != nil || l.Given(code) != nil {
		t.Errorf("NewVoucher() = %q, %v; want the code 222222", code, err)
	}
	if _, err := l.NewVoucher("ccas", month(2026, 11), bytes.NewReader(make([]byte, 5*200))); err == nil {
		t.Error("NewVoucher() with a chance that always draws one code = nil; want an error")
	}
	expectCounts(t, l, VoucherCount{"ccas", "2026-11", 3, 0})
}

func TestOldCodesAreForgottenAndTheirCountsStay(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	random := chance(5)
	old := give(t, l, "ccas", month(2026, 11), 2, random)
	if err := l.Arrived(old[0]); err != nil {
		t.Fatal(err)
	}
	unsure := give(t, l, "ccas", time.Time{}, 1, random)
	give(t, l, "caf", month(2027, 11), 1, random) // twelve months later
	if err := l.Arrived(old[1]); err != nil {
		t.Errorf("Arrived() after twelve months = %v; want nil", err)
	}
	give(t, l, "caf", month(2027, 12), 1, random)
	for _, code := range old {
		if err := l.Arrived(code); !errors.Is(err, ErrVoucherUnknown) {
			t.Errorf("Arrived(%q) after thirteen months = %v; want ErrVoucherUnknown", code, err)
		}
	}
	if err := l.Arrived(unsure[0]); err != nil {
		t.Errorf("Arrived() of a code without a month = %v; want nil", err)
	}
	expectCounts(t, l, VoucherCount{"caf", "2027-11", 1, 0}, VoucherCount{"caf", "2027-12", 1, 0},
		VoucherCount{"ccas", "", 1, 1}, VoucherCount{"ccas", "2026-11", 2, 2})
}

// Two ledgers that gave the same codes in another order hold the same list.
func TestTheListDoesNotTellTheOrder(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	given := append(give(t, l, "ccas", month(2026, 11), 20, chance(6)), give(t, l, "caf", month(2026, 11), 5, chance(7))...)
	list, err := l.Vouchers("")
	if err != nil || len(list) != 25 {
		t.Fatalf("Vouchers() = %d codes, %v; want 25", len(list), err)
	}
	sorted := slices.Clone(given)
	slices.Sort(sorted)
	var stored []string
	l.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(vouchers).ForEach(func(k, _ []byte) error { stored = append(stored, string(k)); return nil })
	})
	if !slices.Equal(stored, sorted) || slices.Equal(given, sorted) {
		t.Errorf("codes on disk are %q; want them sorted, and given in another order", stored)
	}
	if list[0].Place != "caf" || list[5].Place != "ccas" {
		t.Errorf("Vouchers() = %+v; want them by place", list)
	}
	if one, _ := l.Vouchers("caf"); !slices.Equal(one, list[:5]) {
		t.Errorf("Vouchers(caf) = %+v; want %+v", one, list[:5])
	}
}

// What is kept of a code must be put here, and thought about.
func TestAVoucherLeadsToNobody(t *testing.T) {
	for typ, want := range map[reflect.Type][]string{
		reflect.TypeFor[voucher]():    {"Place", "Month", "Held", "Arrived"},
		reflect.TypeFor[countValue](): {"Given", "Arrived"},
	} {
		var got []string
		for f := range typ.Fields() {
			got = append(got, f.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("fields of %v = %q; want %q", typ, got, want)
		}
	}
	dir := t.TempDir()
	l := mustOpen(t, dir)
	give(t, l, "ccas", month(2026, 11), 3, chance(8))
	l.Close()
	raw, err := os.ReadFile(filepath.Join(dir, "ledger.db"))
	if err != nil || bytes.Contains(raw, []byte("2026-11-19")) || bytes.Contains(raw, []byte("10:12")) {
		t.Errorf("the file holds a day or an hour, %v", err)
	}
}

func TestAPartnersList(t *testing.T) {
	for _, c := range []struct {
		name, list string // %[1]s to %[3]s are codes that were given
		want       Arrivals
	}{
		{"nothing", "", Arrivals{}},
		{"one a line", "%[1]s\n%[2]s\r\n\n  %[3]s  ", Arrivals{New: 3}},
		{"twice", "%[1]s\n%[1]s\n", Arrivals{New: 1, Already: 1}},
		{"with what partners add", "%[1]s;Mme X;12/11\n%[2]s,oui\n%[3]s\toui", Arrivals{New: 3}},
		{"a head", "Code;Date\n%[1]s;12/11\n", Arrivals{New: 1}},
		{"quoted, with a byte order mark", "\ufeff\"%[1]s\"\n\"%[2]s", Arrivals{New: 2}},
		{"small, with dashes", "%[4]s\n", Arrivals{New: 1}},
		{"ticked", "\ufeffcode;mois;arrivé\r\n%[1]s;2026-11;oui\r\n%[2]s;2026-11;\r\n%[3]s;2026-11\r\n", Arrivals{New: 1, Blank: 2}},
		{"ticked in another order", "code,arrivé,mois\n%[1]s,,2026-11\n%[2]s,x,\n%[3]s,NON,", Arrivals{New: 1, Blank: 2}},
		{"titles above, é of Windows", "CCAS\ncode;mois;arriv\xe9\n%[1]s;2026-11;X\n%[2]s;2026-11;\n", Arrivals{New: 1, Blank: 1, Typos: []int{1}}},
		{"mistakes", "%[1]s\nbonjour\n222222\n%[2]s", Arrivals{New: 2, Unknown: []int{3}, Typos: []int{2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := mustOpen(t, t.TempDir())
			codes := give(t, l, "ccas", month(2026, 11), 4, chance(9))
			small := strings.ToLower(codes[3][:3] + "-" + codes[3][3:])
			list := strings.NewReplacer("%[1]s", codes[0], "%[2]s", codes[1], "%[3]s", codes[2], "%[4]s", small).Replace(c.list)
			got, err := l.ArrivedMany(strings.NewReader(list))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("ArrivedMany(%q) = %+v, %v; want %+v", list, got, err, c.want)
			}
			expectCounts(t, l, VoucherCount{"ccas", "2026-11", 4, c.want.New})
		})
	}
}

func TestAListThatCannotBeReadCountsNothing(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	code := give(t, l, "ccas", month(2026, 11), 1, chance(10))[0]
	for name, r := range map[string]io.Reader{
		"a fault":        io.MultiReader(strings.NewReader(code+"\n"), iotest.ErrReader(io.ErrClosedPipe)),
		"too long":       strings.NewReader(code + "\n" + strings.Repeat("x\n", mostList/2)),
		"too many lines": strings.NewReader(code + "\n" + strings.Repeat("\n", mostLines)),
		"a long line":    strings.NewReader(code + "\n" + strings.Repeat("x", 1<<17)),
	} {
		if got, err := l.ArrivedMany(r); err == nil || !reflect.DeepEqual(got, Arrivals{}) {
			t.Errorf("%s: ArrivedMany() = %+v, %v; want an error", name, got, err)
		}
	}
	expectCounts(t, l, VoucherCount{"ccas", "2026-11", 1, 0})
}

// What is written for a partner comes back as it went out.
func TestAListThereAndBack(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	codes := give(t, l, "ccas", month(2026, 11), 5, chance(11))
	if err := l.Arrived(codes[2]); err != nil {
		t.Fatal(err)
	}
	list, err := l.Vouchers("ccas")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteVouchers(&b, list); err != nil {
		t.Fatal(err)
	}
	ticks := strings.Replace(b.String(), codes[0]+";2026-11;", codes[0]+";2026-11;x", 1)
	if got, err := l.ArrivedMany(strings.NewReader(ticks)); err != nil || !reflect.DeepEqual(got, Arrivals{New: 1, Already: 1, Blank: 3}) {
		t.Errorf("ArrivedMany(%q) = %+v, %v; want one new, one known, three blank", ticks, got, err)
	}
	if err := WriteVouchers(iotest.TruncateWriter(io.Discard, 0), nil); err != nil {
		t.Errorf("WriteVouchers(nil) = %v; want the head alone", err)
	}
}

// Counts of codes are not worth the totals of a year.
func TestAnUnreadableVoucherHarmsNothing(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	enter(t, l, entry(0))
	code := give(t, l, "ccas", month(2026, 11), 1, chance(12))[0]
	err := l.db.Update(func(tx *bbolt.Tx) error {
		return errors.Join(tx.Bucket(vouchers).Put([]byte(code), []byte("{")), tx.Bucket(voucherCounts).Put([]byte("x"), []byte("{")),
			tx.Bucket(voucherCounts).Put([]byte("ccas\x002026-11"), []byte("{")))
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	l = mustOpen(t, dir)
	expect(t, l, entry(0))
	if err := l.Arrived(code); !errors.Is(err, ErrVoucherUnknown) {
		t.Errorf("Arrived() of a damaged code = %v; want ErrVoucherUnknown", err)
	}
	give(t, l, "ccas", month(2026, 11), 1, chance(13))
	expectCounts(t, l, VoucherCount{"ccas", "2026-11", 1, 0})
	if list, err := l.Vouchers(""); err != nil || len(list) != 1 {
		t.Errorf("Vouchers() = %+v, %v; want the good one", list, err)
	}
}

func FuzzTidyCode(f *testing.F) {
	for _, s := range []string{"", "222222", "JEUDI1 222222 n=1", "cdf-ghj", "\ufeff2 2 2 2 2 2", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := TidyCode(s)
		if err != nil {
			return
		}
		if again, err := TidyCode(code); again != code || err != nil || len(code) != CodeLength || strings.Trim(code, codeLetters) != "" {
			t.Errorf("TidyCode(%q) = %q, then %q, %v; want a code", s, code, again, err)
		}
	})
}

func FuzzPartnersList(f *testing.F) {
	f.Add("code;mois;arrivé\n222222;2026-11;oui\n")
	f.Add("\ufeff\"222222\"\n\n;;\n\x01\x00")
	f.Add("222222\n222222,x")
	f.Fuzz(func(t *testing.T, s string) {
		lines, err := readList(strings.NewReader(s))
		if err != nil {
			return
		}
		last := 0
		for _, line := range lines {
			if line.n <= last || strings.ContainsAny(line.code, ";,\t\n\x01") {
				t.Errorf("readList(%q) = %+v; want lines in their order, cut at each separator", s, lines)
			}
			last = line.n
		}
	})
}

func ExampleLedger_NewVoucher() {
	dir, err := os.MkdirTemp("", "jeudi")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	l, _, err := Open(dir)
	if err != nil {
		panic(err)
	}
	defer l.Close()
	code, err := l.NewVoucher("ccas", month(2026, 11), chance(14)) // crypto/rand.Reader on the box
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Given(code)) // its paper came out
	fmt.Println(l.Arrived(code))
	fmt.Println(l.VoucherCounts())
	// Output:
	// <nil>
	// <nil>
	// [{ccas 2026-11 1 1}] <nil>
}
