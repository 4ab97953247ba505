package words_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"jeudi/firmware/session"
	"jeudi/firmware/words"
)

func load(t testing.TB) *words.Catalogue {
	t.Helper()
	c, err := words.Load()
	if err != nil {
		t.Fatalf("Load() = %v; want the embedded catalogues", err)
	}
	return c
}

func Example() {
	c, err := words.Load()
	if err != nil {
		panic(err)
	}
	opens := time.Date(2026, time.November, 26, 9, 0, 0, 0, time.UTC)
	for _, lang := range []string{"fr", "en", "ar"} {
		fmt.Println(words.Dir(lang), c.Text(lang, "ticket.ahead", map[string]any{"n": 3}))
	}
	fmt.Println(c.Text("en", "closed.next", map[string]any{"when": opens}))
	// Output:
	// ltr 3 personnes passent avant vous.
	// ltr 3 people are before you.
	// rtl 3 أشخاص قبلك.
	// Next opening: Thursday 26 November at 9:00.
}

// endless is a message that holds itself.
type endless struct{}

func (endless) Message() (string, map[string]any) {
	return "recap.line", map[string]any{"question": endless{}, "answer": "x"}
}

func TestText(t *testing.T) {
	half := time.Date(2026, time.November, 26, 10, 5, 0, 0, time.UTC)
	first := time.Date(2027, time.April, 1, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		lang string
		key  string
		args map[string]any
		want string
	}{
		{"a plain text", "en", "kiosk.finish", nil, "Finish"},
		{"an unknown language speaks French", "xx", "kiosk.finish", nil, "Terminer"},
		{"before a choice of language", "", "language.title", nil, "Bonjour · Hello · مرحبا"},
		{"a language without the text speaks French", "ar", "refuse.no_visit", nil, "Ce ticket n’existe pas. Vérifiez le numéro."},
		{"an unknown key is shown", "fr", "no.such_key", nil, "⟦no.such_key⟧"},
		{"French counts none as one", "fr", "ticket.ahead", map[string]any{"n": 0}, "0 personne passe avant vous."},
		{"one", "fr", "ticket.ahead", map[string]any{"n": 1}, "1 personne passe avant vous."},
		{"two", "fr", "ticket.ahead", map[string]any{"n": 2}, "2 personnes passent avant vous."},
		{"English one", "en", "ticket.ahead", map[string]any{"n": 1}, "1 person is before you."},
		{"Arabic none", "ar", "ticket.ahead", map[string]any{"n": 0}, "لا أحد قبلك."},
		{"Arabic dual", "ar", "ticket.ahead", map[string]any{"n": 2}, "شخصان قبلك."},
		{"Arabic few", "ar", "ticket.ahead", map[string]any{"n": 7}, "7 أشخاص قبلك."},
		{"Arabic many", "ar", "ticket.ahead", map[string]any{"n": 11}, "11 شخصًا قبلك."},
		{"Arabic hundred", "ar", "ticket.ahead", map[string]any{"n": 100}, "100 شخص قبلك."},
		{"a number of another type", "en", "ticket.ahead", map[string]any{"n": session.Number(1)}, "1 person is before you."},
		{"a negative number", "en", "ticket.ahead", map[string]any{"n": -1}, "1 person is before you."},
		{"the smallest number", "en", "ticket.ahead", map[string]any{"n": math.MinInt}, "-9223372036854775808 people are before you."},
		{"a hole without an argument", "fr", "ticket.title", nil, "Votre numéro\u00a0: {n}"},
		{"a hole with nothing", "fr", "ticket.title", map[string]any{"n": nil}, "Votre numéro\u00a0: {n}"},
		{"an argument without a hole", "fr", "kiosk.finish", map[string]any{"n": 2}, "Terminer"},
		{"an argument that looks like a hole", "fr", "text.verbatim", map[string]any{"text": "{n} {text}", "n": 1}, "{n} {text}"},
		{"a time named time is a clock", "fr", "thanks.back_text", map[string]any{"time": half}, "Revenez à 10\u00a0h\u00a005. Vous gardez votre tour."},
		{"a clock in English", "en", "thanks.back_text", map[string]any{"time": half}, "Come back at 10:05. You keep your turn."},
		{"another time is a moment", "fr", "closed.next", map[string]any{"when": half}, "Prochain accueil\u00a0: jeudi 26 novembre à 10\u00a0h\u00a005."},
		{"the first of a month", "fr", "closed.next", map[string]any{"when": first}, "Prochain accueil\u00a0: jeudi 1er avril à 9\u00a0h."},
		{"a moment in Arabic", "ar", "closed.next", map[string]any{"when": first}, "الاستقبال القادم: الخميس 1 أبريل على الساعة 9:00."},
		{"a hole may ask for the date", "fr", "banner.left_open", map[string]any{"when": half}, "La permanence du jeudi 26 novembre est restée ouverte. Fermez-la d’abord."},
		{"a hole may ask for the clock", "fr", "banner.power_cut", map[string]any{"from": first, "to": half}, "Le boîtier s’est arrêté entre 9\u00a0h et 10\u00a0h\u00a005. Touchez «\u00a0Reprendre\u00a0» pour continuer."},
		{"a time of another zone", "en", "thanks.back_text", map[string]any{"time": half.In(time.FixedZone("", 3600))}, "Come back at 11:05. You keep your turn."},
		{"a duration is its minutes", "en", "back_at.minutes", map[string]any{"n": 29*time.Minute + 31*time.Second}, "in 30 minutes"},
		{"a duration counts too", "en", "back_at.minutes", map[string]any{"n": time.Minute}, "in 1 minute"},
		{"a message in a message", "en", "recap.line", map[string]any{"question": session.M("recap.age"), "answer": session.M("answer.age.70+")}, "Age: 70 or over"},
		{"a message in French where the language lacks the text", "en", "recap.line", map[string]any{"question": session.M("outcome.left"), "answer": session.M("no.key")}, "Parti: ⟦no.key⟧"},
		{"a message that holds itself ends", "en", "recap.line", endless{}.args(), "⟦recap.line⟧: x: x: x: x: x"},
		{"Arabic isolates what comes from outside", "ar", "text.verbatim", map[string]any{"text": "01 99 00"}, "\u206801 99 00\u2069"},
		{"Arabic needs no isolation of a number", "ar", "ticket.title", map[string]any{"n": 12}, "رقمك: 12"},
	}
	c := load(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.Text(tt.lang, tt.key, tt.args); got != tt.want {
				t.Errorf("Text(%q, %q, %v) = %q; want %q", tt.lang, tt.key, tt.args, got, tt.want)
			}
		})
	}
}

func (endless) args() map[string]any {
	_, args := endless{}.Message()
	return args
}

func TestWith(t *testing.T) {
	c := load(t)
	site := c.With("fr", map[string]string{"motif.bike": "Vélo {élec", "motif.bike.sub": "", "motif.caf": "La CAF"})
	tests := []struct {
		lang, key, want string
	}{
		{"fr", "motif.bike", "Vélo {élec"},
		{"ar", "motif.bike", "Vélo {élec"},
		{"fr", "motif.bike.sub", ""},
		{"fr", "motif.caf", "La CAF"},
		{"en", "motif.caf", "CAF (family benefits)"},
	}
	for _, tt := range tests {
		if got := site.Text(tt.lang, tt.key, nil); got != tt.want {
			t.Errorf("With(fr, …).Text(%q, %q) = %q; want %q", tt.lang, tt.key, got, tt.want)
		}
	}
	if c.Has("fr", "motif.bike") || !site.Has("fr", "motif.bike") || site.Has("en", "motif.bike") {
		t.Error("With(fr, …) changed its catalogue or another language; want a new one with French added")
	}
	if got := c.With("br", map[string]string{"kiosk.finish": "Echuiñ"}).Text("br", "kiosk.finish", nil); got != "Echuiñ" {
		t.Errorf("With(br, …).Text = %q; want the words of a language that the box lacks", got)
	}
}

func TestFallbacks(t *testing.T) {
	c, err := words.Parse(map[string][]byte{
		"fr":     []byte(`{"a": {"text": "plain {m}"}, "b": {"text": "plain"}, "c": {"text": "plain"}}`),
		"falc":   []byte(`{"b": {"text": "easy"}, "c": {"text": "easy"}}`),
		"images": []byte(`{"c": {"text": "picture"}}`),
		"ar":     []byte(`{"b": {"text": "عربي"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ lang, key, want string }{
		{"falc", "c", "easy"}, {"images", "c", "picture"}, {"images", "b", "easy"},
		{"falc", "a", "plain easy"}, {"images", "a", "plain easy"}, {"fr", "a", "plain plain"},
		{"ar", "a", "plain plain"}, // no sentence is of two languages
	}
	for _, tt := range tests {
		if got := c.Text(tt.lang, tt.key, map[string]any{"m": session.M("b")}); got != tt.want {
			t.Errorf("Text(%q, %q) = %q; want %q", tt.lang, tt.key, got, tt.want)
		}
	}
	if got := c.Under("images", ""); !maps.Equal(got, map[string]string{"a": "plain {m}", "b": "easy", "c": "picture"}) {
		t.Errorf("Under(images) = %v; want each text of the nearest language", got)
	}
	for lang, want := range map[string]string{"falc": "fr", "images": "fr", "fr": "fr", "fa": "fa"} {
		if got := words.Tag(lang); got != want {
			t.Errorf("Tag(%q) = %q; want %q", lang, got, want)
		}
	}
}

func TestOver(t *testing.T) {
	c := load(t)
	tests := []struct {
		name, lang, file string
		want             string // of the error; none if empty
	}{
		{"another text", "fr", `{"kiosk.finish": {"text": "Partir"}}`, ""},
		{"a language of the site", "pl", `{"language.name": {"text": "Polski"}, "language.hello": {"text": "Dzień dobry"},
			"ticket.ahead": {"one": "{n} osoba", "few": "{n} osoby", "many": "{n} osób"}}`, ""},
		{"a language without its name", "pl", `{"language.hello": {"text": "Dzień dobry"}}`, "language.name"},
		{"no language", "polski jezyk", `{}`, "no language"},
		{"a key that nobody says", "fr", `{"kiosk.fin": {"text": "Partir"}}`, "not in fr.json"},
		{"a hole too few", "pt", `{"ticket.ahead": {"text": "pessoas"}}`, "holes"},
		{"a plural form that Polish needs", "pl", `{"ticket.ahead": {"one": "{n} osoba", "other": "{n} osoby"}}`, "plural forms"},
		{"not a catalogue", "fr", `[]`, "want an object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			over, err := c.Over(map[string][]byte{tt.lang: []byte(tt.file)})
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.lang+".json") {
					t.Errorf("Over(%s: %s) = %v; want the file and %q", tt.lang, tt.file, err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatalf("Over(%s: %s) = %v; want it to be taken", tt.lang, tt.file, err)
			}
			if !slices.Contains(over.Languages(), tt.lang) || slices.Contains(c.Languages(), "pl") {
				t.Errorf("Over(%s).Languages() = %v, and %v before; want it added to a copy", tt.lang, over.Languages(), c.Languages())
			}
			if tt.lang == "pl" && (over.Text("pl", "ticket.ahead", map[string]any{"n": 5}) != "5 osób" || over.Text("pl", "ticket.ahead", nil) != "{n} osób") {
				t.Errorf("Text(pl, ticket.ahead, 5) = %q; want the plural form of Polish", over.Text("pl", "ticket.ahead", map[string]any{"n": 5}))
			}
			if tt.lang == "fr" && (over.Text("fr", "kiosk.finish", nil) != "Partir" || c.Text("fr", "kiosk.finish", nil) == "Partir") {
				t.Error("Over(fr) did not change the text in a copy")
			}
		})
	}
}

func TestUnder(t *testing.T) {
	c := load(t)
	if got := c.Under("ar", "veil."); got["veil.offline"] != "انقطع الاتصال منذ {n} ثانية" {
		t.Errorf("Under(ar, veil.) = %v; want the Arabic texts with their holes", got)
	}
	got, want := c.Under("ar", "desk."), c.Under("fr", "desk.")
	if !maps.Equal(got, want) {
		t.Errorf("Under(ar, desk.) = %d texts; want the %d French ones", len(got), len(want))
	}
	for key := range got {
		if !strings.HasPrefix(key, "desk.") {
			t.Errorf("Under(ar, desk.) has %q; want keys of the desk alone", key)
		}
	}
}

func TestDir(t *testing.T) {
	for lang, want := range map[string]string{"fr": "ltr", "en": "ltr", "ar": "rtl", "ar-DZ": "rtl", "": "ltr"} {
		if got := words.Dir(lang); got != want {
			t.Errorf("Dir(%q) = %q; want %q", lang, got, want)
		}
	}
	if got, want := load(t).Languages(), []string{"fr", "falc", "images", "ar", "en", "pt", "tr", "es", "ru", "uk", "fa", "ro"}; !slices.Equal(got, want) {
		t.Errorf("Languages() = %v; want %v", got, want)
	}
}

func TestParse(t *testing.T) {
	const fr = `{"a.b": {"one": "{n} pomme", "other": "{n} pommes", "note": "a fruit"}, "a.c": {"text": "Oui"}}`
	tests := []struct {
		name string
		fr   string
		en   string
		want string // of the error; none if empty
	}{
		{"two files", fr, `{"a.b": {"text": "apples: {n}"}}`, ""},
		{"plural forms may be of one language alone", fr, `{"a.b": {"one": "an apple", "other": "{n} apples"}}`, ""},
		{"a key twice", `{"a": {"text": "x"}, "a": {"text": "y"}}`, "{}", `fr.json: "a" is empty or written twice`},
		{"a form twice", `{"a": {"text": "x", "text": "y"}}`, "{}", "written twice"},
		{"an empty key", `{"": {"text": "x"}}`, "{}", "empty"},
		{"a blank text", `{"a": {"text": " "}}`, "{}", "blank"},
		{"no text", `{"a": {"note": "x"}}`, "{}", "want \"text\""},
		{"a text and forms", `{"a": {"text": "x", "one": "y", "other": "z"}}`, "{}", "want \"text\""},
		{"a form that French lacks", `{"a": {"one": "x", "two": "y", "other": "z"}}`, "{}", "[other one]"},
		{"a form missing", `{"a": {"other": "z"}}`, "{}", "plural forms"},
		{"an unknown form", `{"a": {"text": "x", "dual": "y"}}`, "{}", "no plural form"},
		{"not a text", `{"a": {"text": 1}}`, "{}", "not a text"},
		{"not an entry", `{"a": "x"}`, "{}", "want an object"},
		{"an unclosed hole", `{"a": {"text": "{n"}}`, "{}", "hole"},
		{"an unknown format", `{"a": {"text": "{n:roman}"}}`, "{}", "hole"},
		{"another hole than in French", fr, `{"a.b": {"text": "apples: {m}"}}`, "holes"},
		{"a key that French lacks", fr, `{"a.d": {"text": "x"}}`, "not in fr.json"},
		{"something after the end", `{} {}`, "{}", "follows"},
		{"how it is spoken", `{"a": {"text": "M.", "say": "Monsieur"}}`, `{}`, ""},
		{"how each form is spoken", `{"a": {"one": "{n} h", "other": "{n} h", "say_one": "{n} heure", "say_other": "{n} heures"}}`, `{}`, ""},
		{"spoken, and not written", `{"a": {"say": "x"}}`, `{}`, "want \"text\""},
		{"spoken in no form that is written", `{"a": {"text": "x", "say_one": "x"}}`, `{}`, "want \"say\""},
		{"spoken with other holes", `{"a": {"text": "{n}", "say": "x"}}`, `{}`, "spoken with the holes"},
		{"spoken and blank", `{"a": {"text": "x", "say": " "}}`, `{}`, "blank"},
		{"a text and its general form", `{"a": {"text": "x", "other": "x"}}`, "{}", "want \"text\""},
		{"cut short", `{"a": {"text": "x"}`, "{}", "fr.json"},
		{"nothing", ``, "{}", "fr.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := words.Parse(map[string][]byte{"fr": []byte(tt.fr), "en": []byte(tt.en)})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("Parse(%s, %s) = %v; want %q", tt.fr, tt.en, err, tt.want)
			}
		})
	}
	if _, err := words.Parse(map[string][]byte{"en": []byte("{}")}); err == nil {
		t.Error("Parse(English alone) = nil; want an error: French has every text")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"a.b": {"one": "{n} pomme", "other": "{n} pommes"}}`)
	f.Add(`{"a": {"text": "{x:clock}", "note": "n"}}`)
	f.Add(`{"a": {"text": "{`)
	f.Fuzz(func(t *testing.T, file string) {
		c, err := words.Parse(map[string][]byte{"fr": []byte(file)})
		if err != nil {
			return
		}
		for _, key := range c.Keys() {
			if got := c.Text("fr", key, nil); strings.TrimSpace(got) == "" {
				t.Errorf("Parse(%q).Text(%q) = %q; want something", file, key, got)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	c := load(f)
	f.Add("fr", "ticket.ahead", "n", "3", int64(3), uint8(0))
	f.Add("ar", "closed.next", "when", "", int64(1), uint8(4))
	f.Add("en", "text.verbatim", "text", "{text}", int64(-1), uint8(1))
	keys := c.Keys()
	f.Fuzz(func(t *testing.T, lang, key, name, text string, n int64, kind uint8) {
		values := []any{text, n, uint8(n), float64(n) / 3, time.Unix(n, 0).UTC(), time.Duration(n), session.M(key, name, text),
			session.Number(n), nil, []any{text, n}, map[string]any{name: text}, endless{}, error(nil), func() {}}
		args := map[string]any{name: values[int(kind)%len(values)], "n": n}
		valid := utf8.ValidString(text) && utf8.ValidString(key) && utf8.ValidString(name)
		for _, key := range []string{key, keys[uint64(n)%uint64(len(keys))]} {
			got := c.Text(lang, key, args)
			if got == "" {
				t.Errorf("Text(%q, %q, %v) = nothing; want at least the key", lang, key, args)
			}
			if valid && !utf8.ValidString(got) {
				t.Errorf("Text(%q, %q, %v) = %q; want valid UTF-8", lang, key, args, got)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	c := load(b)
	args := map[string]any{"n": 12}
	for b.Loop() {
		c.Text("ar", "ticket.ahead", args)
	}
}
