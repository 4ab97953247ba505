package care

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"jeudi/firmware/report"
	"jeudi/firmware/session"
	"jeudi/provisioning/machine"
	"jeudi/provisioning/site"
)

func bundle() Bundle {
	at := session.Moment{Wall: time.Date(2026, 3, 12, 9, 5, 0, 0, time.UTC)}
	return Bundle{
		Made: time.Date(2026, 3, 12, 10, 0, 0, 0, time.UTC), Version: "0.2.0", Place: "Les Tilleuls", NoWifi: true,
		Site:      map[string][]byte{"jeudi.toml": []byte(site.SampleText()), "textes/fr.json": []byte("{}")},
		Directory: map[string][]byte{"places.json": []byte("[]")},
		Releases:  []report.Release{{Version: 1, ID: "r1", Box: "b1", Place: "Les Tilleuls", From: "2026-01-01", Until: "2026-07-01"}},
		Events: []session.Event{
			{Seq: 1, At: at, Body: session.PermanencePaused{}},
			{Seq: 2, At: at, Body: session.PermanenceResumed{}},
		},
	}
}

func TestPackAndUnpack(t *testing.T) {
	want := bundle()
	raw, err := want.Pack()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unpack(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Events) != 2 || got.Events[1].Seq != 2 || !reflect.DeepEqual(got.Events[0].Body, want.Events[0].Body) {
		t.Errorf("events = %+v; want %+v", got.Events, want.Events)
	}
	got.Events, want.Events = nil, nil
	if !got.Made.Equal(want.Made) {
		t.Errorf("made = %v; want %v", got.Made, want.Made)
	}
	got.Made = want.Made
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Unpack(Pack(b)) =\n%+v; want\n%+v", got, want)
	}
	// The same box makes the same bytes.
	if again, _ := bundle().Pack(); !bytes.Equal(raw, again) {
		t.Error("Pack is not the same twice")
	}
	large := bundle()
	large.Site["voix.ogg"] = make([]byte, MaxBytes)
	if _, err := large.Pack(); !errors.Is(err, ErrLarge) {
		t.Errorf("Pack(too much) = %v", err)
	}
}

// zipped is a zip of names and texts, in order.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(files[i+1]))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestUnpackRefuses(t *testing.T) {
	head := `{"jeudi": 1, "place": "x"}`
	good, _ := bundle().Pack()
	for _, tt := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"nothing", nil, ErrDamaged},
		{"a text", []byte("bonjour"), ErrDamaged},
		{"half of one", good[:len(good)/2], ErrDamaged},
		{"another zip", zipped(t, "photo.jpg", "x"), ErrDamaged},
		{"no head first", zipped(t, "site/jeudi.toml", "", headName, head), ErrDamaged},
		{"a newer one", zipped(t, headName, `{"jeudi": 2}`), ErrNewer},
		{"no version", zipped(t, headName, `{}`), ErrDamaged},
		{"a name that leads out", zipped(t, headName, head, "site/../../etc/shadow", "x"), ErrDamaged},
		{"an absolute name", zipped(t, headName, head, "/etc/shadow", "x"), ErrDamaged},
		{"a file that is none of ours", zipped(t, headName, head, "counts.db", "x"), ErrDamaged},
		{"another file of the directory", zipped(t, headName, head, "lieux/tls.pem", "x"), ErrDamaged},
		{"a site without its file", zipped(t, headName, head, "site/a.json", "x"), ErrDamaged},
		{"twice the same", zipped(t, headName, head, "bilan.json", "[]", "bilan.json", "[]"), ErrDamaged},
		{"events that are none", zipped(t, headName, head, eventsName, "hello\n"), ErrDamaged},
		{"a bomb", zipped(t, headName, head, "site/jeudi.toml", strings.Repeat("\x00", MaxBytes+1)), ErrLarge},
	} {
		if b, err := Unpack(tt.raw); !errors.Is(err, tt.want) {
			t.Errorf("%s: Unpack() = %+v, %v; want %v", tt.name, b, err, tt.want)
		}
	}
	if b, err := Unpack(zipped(t, headName, head)); err != nil || b.Place != "x" {
		t.Errorf("a backup of nothing = %+v, %v", b, err)
	}
	gap := bundle()
	gap.Events[1].Seq = 7
	raw, err := gap.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Unpack(raw); !errors.Is(err, ErrDamaged) {
		t.Errorf("events with a gap = %v", err)
	}
}

func TestSeal(t *testing.T) {
	code, err := NewCode(rand.Reader)
	if err != nil || len(code) != 19 {
		t.Fatalf("NewCode() = %q, %v", code, err)
	}
	packed, err := bundle().Pack()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := Seal(packed, code)
	if err != nil || !Sealed(sealed) || Sealed(packed) {
		t.Fatalf("Seal() = %v", err)
	}
	if bytes.Contains(sealed, []byte("jeudi.toml")) || bytes.Contains(sealed, []byte("Tilleuls")) {
		t.Error("what is sealed reads")
	}
	for _, typed := range []string{code, strings.ToLower(code), " " + strings.ReplaceAll(code, "-", " ") + " "} {
		if got, err := Unseal(sealed, typed); err != nil || !bytes.Equal(got, packed) {
			t.Errorf("Unseal(%q) = %d bytes, %v", typed, len(got), err)
		}
	}
	other, _ := NewCode(rand.Reader)
	for _, typed := range []string{other, "", code[:18], code + "2", "il était une fois"} {
		if _, err := Unseal(sealed, typed); !errors.Is(err, ErrCode) {
			t.Errorf("Unseal(%q) = %v; want a wrong code", typed, err)
		}
	}
	for i := range sealed {
		if i%97 != 0 {
			continue
		}
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := Unseal(changed, code); err == nil {
			t.Fatalf("byte %d changed, and it opens", i)
		}
	}
	if _, err := NewCode(strings.NewReader("short")); err == nil {
		t.Error("a code out of nothing")
	}
}

// TestRedact: nothing of a secret, however it is written or noted, and the settings.
func TestRedact(t *testing.T) {
	before, _, ok := strings.Cut(site.SampleText(), "\n[wifi]\n")
	if !ok {
		t.Fatal("the sample has no [wifi]")
	}
	for _, wifi := range []string{
		"[wifi]\nssid = \"Salle\"\npassphrase = \"Sesame-2024\"\n",
		"[wifi]\nssid = \"Salle\"\n\"pass\\u0070hrase\" = \"Sesame-2024\"\n",
		"# mot de passe du Wi-Fi de la mairie : Sesame-2024\n[wifi]\nssid = \"Salle\"\n",
		"[wifi]\nssid = \"Salle\" # passphrase = \"Sesame-2024\"\n",
		"[wifi]\nssid = \"Salle\"\npassphrase = \"\"\"\nSesame-2024\"\"\"",
	} {
		text := before + "\n" + wifi
		if _, err := site.Parse("", []byte(text)); err != nil {
			t.Fatal(err)
		}
		got := string(Redact([]byte(text)))
		if strings.Contains(got, "2024") || !strings.Contains(got, "[wifi]\n") || !strings.Contains(got, "Salle") || !strings.Contains(got, "[place]\n") {
			t.Errorf("Redact(… %s) = %s", wifi, got)
		}
	}
	// What the box does not read is not shown: a key that is mistyped, a file that is none.
	for _, text := range []string{"\npasphrase = \"Sesame-2024\"\n", "\npassphrase = \"Sesame-2024\n"} {
		got := string(Redact([]byte(text)))
		if strings.Contains(got, "Sesame") || !strings.Contains(got, "Lignes : ") || !strings.Contains(got, "2") {
			t.Errorf("Redact(%q) = %q; want the lines to correct alone", text, got)
		}
	}
	if got := Redact(nil); len(got) > 0 {
		t.Errorf("Redact(nil) = %q", got)
	}
}

func TestReport(t *testing.T) {
	r := Report{Made: time.Date(2026, 3, 12, 10, 0, 0, 0, time.UTC), Version: "0.2.0", Place: "Les Tilleuls",
		Problems: []string{"L’alimentation est trop faible."}, Machine: machine.Facts{Model: "Raspberry Pi 4", Celsius: 48.3, Power: "low", Written: 4096},
		Site: []byte("[wifi]\npassphrase = \"correct horse\"\n"), Log: []byte("erreur\n")}
	text := string(r.Text())
	for _, want := range []string{"Les Tilleuls", "0.2.0", "- L’alimentation est trop faible.\r\n", "48 °C", "trop faible", "Écrit sur les données depuis leur création : 4 Mo", "erreur", "Aucun test."} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "horse") {
		t.Error("the report has the passphrase")
	}
	if !strings.Contains(string(Report{}.Text()), "n’est pas sur sa carte") {
		t.Error("a report of a laptop says nothing of its machine")
	}
}

func FuzzUnpack(f *testing.F) {
	raw, err := bundle().Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(zipped(f, headName, `{"jeudi": 1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := Unpack(raw)
		if err != nil {
			return
		}
		again, err := b.Pack()
		if err != nil {
			t.Fatal(err)
		}
		c, err := Unpack(again)
		if err != nil || fmt.Sprint(len(c.Site), len(c.Directory), len(c.Releases), len(c.Events)) != fmt.Sprint(len(b.Site), len(b.Directory), len(b.Releases), len(b.Events)) {
			t.Errorf("packed again: %v", err)
		}
	})
}
