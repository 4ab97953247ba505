package counters

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"jeudi/firmware/sheet"
)

// seedOf is a seed of random bytes, the same for the same number.
func seedOf(n byte) (seed [SeedSize]byte) {
	seeded(n).Read(seed[:])
	return seed
}

func ExampleSecret() {
	s := Secret{Kind: sheet.KindVisitor, Batch: 12, Seed: [SeedSize]byte{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}}
	fmt.Println(s)
	typed, err := ParseCode(sheet.KindVisitor, 12, "oo8 j4c t4a nk7 f24 sna xws qfe zw5")
	fmt.Println(typed == s, err)
	fmt.Printf("%#v\n", s)
	// Output:
	// VISITOR.12.008-J4C-T4A-NK7-F24-SNA-XWS-QFE-ZW5
	// true <nil>
	// counters.Secret{visitor 12}
}

func TestASecretIsReadBack(t *testing.T) {
	for n := range byte(200) {
		for _, kind := range []sheet.Kind{sheet.KindVisitor, sheet.KindStaff, sheet.KindExit} {
			want := Secret{Kind: kind, Batch: uint64(n)*977 + 1, Seed: seedOf(n)}
			text, code := want.String(), want.Code()
			if len(code) != codeLength+8 {
				t.Fatalf("Code() = %q; want 27 characters in nine groups", code)
			}
			misread := strings.TrimSuffix(text, code) + strings.NewReplacer("0", "o", "1", "I").Replace(code)
			for _, typed := range []string{
				text, strings.ToLower(text), misread, " " + text + "\n", strings.ReplaceAll(text, "-", ""), strings.ReplaceAll(text, "-", " "),
			} {
				if got, err := ParseSecret(typed); err != nil || got != want {
					t.Fatalf("ParseSecret(%q) = %v, %v; want %v", typed, got, err, want)
				}
			}
			if got, err := ParseCode(kind, want.Batch, code); err != nil || got != want {
				t.Fatalf("ParseCode(%q) = %v, %v; want %v", code, got, err, want)
			}
		}
	}
}

// Every single error and every exchange of two characters, near or far, is noticed.
func TestAMistypedSecretIsRefused(t *testing.T) {
	for n := range byte(20) {
		s := Secret{Kind: sheet.KindStaff, Batch: 3, Seed: seedOf(n)}
		code := []byte(strings.ReplaceAll(s.Code(), "-", ""))
		refused := func(bad []byte) {
			t.Helper()
			if got, err := ParseCode(s.Kind, s.Batch, string(bad)); !errors.Is(err, ErrSecret) {
				t.Fatalf("ParseCode(%s for %s) = %#v, %v; want ErrSecret", bad, code, got, err)
			}
		}
		for i := range code {
			for _, d := range []byte(digits) {
				if bad := bytes.Clone(code); d != code[i] {
					bad[i] = d
					refused(bad)
				}
			}
			for j := range i {
				if bad := bytes.Clone(code); bad[i] != bad[j] {
					bad[i], bad[j] = bad[j], bad[i]
					refused(bad)
				}
			}
			refused(append(bytes.Clone(code[:i]), code[i+1:]...))
		}
		refused(append(bytes.Clone(code), '0'))
	}
	for _, text := range []string{
		"", ".", "..", "visitor.1", "visitor.1.", "visitor.0." + Secret{}.Code(), "visitor.-1." + Secret{}.Code(),
		"other.1." + Secret{}.Code(), "visitor.99999999999999999999." + Secret{}.Code(), "visitor.1.UUU",
		// 26 characters hold 130 bits: the two that are left over are zero.
		"visitor.1.00000000000000000000000001" + string(digits[checksum(append(make([]byte, 25), 1))]),
	} {
		if got, err := ParseSecret(text); !errors.Is(err, ErrSecret) {
			t.Errorf("ParseSecret(%q) = %#v, %v; want ErrSecret", text, got, err)
		}
	}
}

func TestASecretIsNeverInALog(t *testing.T) {
	s := Secret{Kind: sheet.KindExit, Batch: 7, Seed: seedOf(1)}
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("key", "secret", s, "all", []any{"of", s.LogValue()})
	}
	fmt.Fprintf(&out, "%#v", s)
	if got := out.String(); strings.Contains(got, s.Code()) || strings.Contains(got, s.Code()[:7]) || !strings.Contains(got, "exit 7") {
		t.Errorf("log = %s; want the batch and no seed", got)
	}
}

func FuzzParseSecret(f *testing.F) {
	f.Add(Secret{Kind: sheet.KindVisitor, Batch: 1, Seed: seedOf(1)}.String())
	f.Add("staff.18446744073709551615.ooo-lll")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSecret(text)
		if err != nil {
			if s != (Secret{}) {
				t.Errorf("ParseSecret(%q) = %v and an error; want no secret", text, s)
			}
			return
		}
		if again, err := ParseSecret(s.String()); err != nil || again != s {
			t.Errorf("ParseSecret(%q) = %v, %v; want %v", s.String(), again, err, s)
		}
	})
}
