package words

import (
	"strings"
	"testing"
	"time"
)

var isolates = strings.NewReplacer("\u2068", "", "\u2069", "")

// isolated takes out the marks that isolate directions.
func isolated(s string) string { return isolates.Replace(s) }

func joined(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// message is a key with arguments.
type message struct {
	key  string
	args map[string]any
}

func (m message) Message() (string, map[string]any) { return m.key, m.args }

// values are the arguments that a text of the catalogue may meet.
func values(seed int) map[string]any {
	at := time.Date(2026, time.Month(1+seed%12), 1+seed%28, 9+seed%9, (seed*7%12)*5, 0, 0, time.UTC)
	all := []any{seed, "Bureau 2", at, message{"ticket.title", map[string]any{"n": 12}}, time.Duration(seed) * time.Minute,
		"04 00 00 00 00", nil, message{"nowhere.at_all", nil}, -seed, "007", at.Add(time.Hour).Truncate(time.Hour), seed * 1_000_003}
	args := map[string]any{"n": []any{seed, 0, 1, 2, 3, 7, 10, 21, 101, 1_000_000, "5", "cinq"}[seed%12]}
	for i, name := range []string{"of", "desk", "time", "when", "at", "question", "answer", "text", "name", "date", "clock", "h", "mm", "day", "weekday",
		"month", "place", "code", "what", "who"} {
		args[name] = all[(seed+i)%len(all)]
	}
	return args
}

// holed reports whether what a text says depends on what it is given.
func holed(f forms) bool {
	for _, text := range f {
		if strings.Contains(text, "{") {
			return true
		}
	}
	return len(f) > 1
}

// The pieces of a message make its text, in every language, for every key, whatever
// fills the holes.
func TestPiecesMakeTheText(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	written := &Catalogue{langs: map[string]map[string]entry{}, order: c.order}
	for lang, entries := range c.langs {
		written.langs[lang] = map[string]entry{}
		for key, e := range entries {
			written.langs[lang][key] = entry{text: e.text}
		}
	}
	for _, lang := range c.Languages() {
		clips := map[string]string{}
		for _, p := range c.Clips(lang, func(string) bool { return true }) {
			if other, twice := clips[p.Clip]; twice {
				t.Errorf("%s: clip %q is %q and %q", lang, p.Clip, other, p.Say)
			}
			clips[p.Clip] = p.Say
		}
		for i, key := range c.Keys() {
			seeds := 12
			if !c.Has(lang, key) {
				seeds = 1 // French, or easy French: tried there
			} else if e := c.langs[lang][key]; !holed(e.text) && !holed(e.say) {
				seeds = 1 // whatever it is given
			}
			for seed := range seeds {
				args := values(seed + i%7)
				got, want := joined(written.Pieces(lang, key, args)), isolated(written.Text(lang, key, args))
				if got != want {
					t.Errorf("Pieces(%q, %q, %v) make %q; want %q", lang, key, args, got, want)
				}
				for _, p := range c.Pieces(lang, key, args) {
					// What is joined of the language's own words is among its clips.
					if p.Kind == Fixed && p.Lang == lang && p.Say != "" && clips[p.Clip] != p.Say {
						t.Errorf("Pieces(%q, %q) has the clip %q, %q; Clips has %q", lang, key, p.Clip, p.Say, clips[p.Clip])
					}
				}
			}
		}
	}
}

func testCatalogue(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Parse(map[string][]byte{
		"fr": []byte(`{
			"format.clock": {"text": "{h}\u00a0h\u00a0{mm}", "say": "{h} heures {mm}"},
			"format.clock_whole": {"text": "{h}\u00a0h"},
			"format.date": {"text": "{weekday} {day} {month}"},
			"format.first_day": {"text": "1er"},
			"format.moment": {"text": "{date} à {clock}"},
			"format.month.3": {"text": "mars"},
			"format.weekday.0": {"text": "dimanche"},
			"a.plain": {"text": "C’est «\u00a0bien\u00a0»\u00a0!"},
			"a.people": {"one": "{n} personne attend.", "other": "{n} personnes attendent."},
			"a.call": {"text": "Numéro\u00a0{n}, {desk}."},
			"a.back": {"text": "Je reviens à {time}"},
			"a.next": {"text": "Prochain\u00a0: {when}."},
			"a.line": {"text": "{question}\u00a0: {answer}"}
		}`),
		"en":   []byte(`{"a.plain": {"text": "Good"}, "a.people": {"one": "{n} person", "other": "{n} people"}}`),
		"falc": []byte(`{"a.plain": {"text": "Bien."}}`),
		"ru":   []byte(`{"a.people": {"one": "{n} раз", "few": "{n} раза", "many": "{n} раз"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPieces(t *testing.T) {
	c := testCatalogue(t)
	at := time.Date(2026, 3, 1, 14, 5, 0, 0, time.UTC)
	for _, test := range []struct {
		name, lang, key string
		args            map[string]any
		want            string
	}{
		{"a text alone", "fr", "a.plain", nil, `fr a.plain "C'est bien !"`},
		{"in its own language", "en", "a.plain", nil, `en a.plain "Good"`},
		{"in easy French", "images", "a.plain", nil, `falc a.plain "Bien."`},
		{"in French where the language lacks it", "en", "a.back", map[string]any{"time": "14"}, `fr a.back~0 "Je reviens à," | 14`},
		{"a small number is one breath", "fr", "a.people", map[string]any{"n": 1}, `fr a.people~1 "1 personne attend."`},
		{"a larger one is joined", "fr", "a.people", map[string]any{"n": 12}, `12 | fr a.people~other~1 "personnes attendent."`},
		{"by the form of the language", "ru", "a.people", map[string]any{"n": 22}, `22 | ru a.people~few~1 "раза"`},
		{"words of the site", "fr", "a.call", map[string]any{"n": 12, "desk": "Bureau 2"},
			`fr a.call~0 "Numéro," | 12 | fr a.call~1 "" | “Bureau 2” | fr a.call~2 ""`},
		{"a telephone", "fr", "a.call", map[string]any{"n": "0100000000", "desk": ""}, `fr a.call~0 "Numéro," | “0100000000” | fr a.call~1 "" | “” | fr a.call~2 ""`},
		{"nothing for a hole", "fr", "a.back", nil, `fr a.back~0 "Je reviens à," | -{time}`},
		{"no such key", "fr", "a.none", nil, `-⟦a.none⟧`},
		{"a time, as it is spoken", "fr", "a.back", map[string]any{"time": at}, `fr a.back~0 "Je reviens à," | 14 | fr format.clock~1 "heures," | 5`},
		{"a moment", "fr", "a.next", map[string]any{"when": at}, `fr a.next~0 "Prochain :" | fr format.weekday.0 "dimanche" | fr format.date~1 "" | ` +
			`fr format.first_day "1er" | fr format.date~2 "" | fr format.month.3 "mars" | fr format.moment~1 "à," | 14 | fr format.clock~1 "heures," | 5 | fr a.next~1 ""`},
		{"messages within", "en", "a.line", map[string]any{"question": message{"a.plain", nil}, "answer": message{"a.people", map[string]any{"n": 2}}},
			// The text around it is French, and so is what is within.
			`fr a.plain "C'est bien !" | fr a.line~1 "" | fr a.people~2 "2 personnes attendent."`},
	} {
		var got []string
		for _, p := range c.Pieces(test.lang, test.key, test.args) {
			switch p.Kind {
			case Fixed:
				got = append(got, p.Lang+" "+p.Clip+` "`+p.Say+`"`)
			case Number:
				got = append(got, plain(p.N))
			case Verbatim:
				got = append(got, "“"+p.Text+"”")
			default:
				got = append(got, "-"+p.Text)
			}
		}
		if got := strings.Join(got, " | "); got != test.want {
			t.Errorf("%s: Pieces(%q, %q) = %s; want %s", test.name, test.lang, test.key, got, test.want)
		}
	}
}

// A message that holds itself ends.
func TestPiecesEnd(t *testing.T) {
	c := testCatalogue(t)
	args := map[string]any{}
	loop := message{"a.line", args}
	args["question"], args["answer"] = loop, loop
	if got, want := joined(c.Pieces("fr", "a.line", args)), c.Text("fr", "a.line", args); got != want {
		t.Errorf("Pieces() of a message within itself make %q; want %q", got, want)
	}
}

func TestClips(t *testing.T) {
	c := testCatalogue(t)
	list := func(lang string) string {
		var names []string
		for _, p := range c.Clips(lang, func(key string) bool { return strings.HasPrefix(key, "a.") }) {
			names = append(names, p.Clip)
		}
		return strings.Join(names, " ")
	}
	for lang, want := range map[string]string{
		"fr": "a.back~0 a.call~0 a.next~0 a.people~0 a.people~1 a.people~2 a.people~3 a.people~4 a.people~5 a.people~6 a.people~7 a.people~8 a.people~9 " +
			"a.people~other~1 a.plain",
		"falc": "a.plain",
		"ru": "a.people~0 a.people~1 a.people~2 a.people~3 a.people~4 a.people~5 a.people~6 a.people~7 a.people~8 a.people~9 " +
			"a.people~one~1 a.people~few~1 a.people~many~1",
		"fa": "",
	} {
		if got := list(lang); got != want {
			t.Errorf("Clips(%q) = %s; want %s", lang, got, want)
		}
	}
}

func TestSpeech(t *testing.T) {
	for _, c := range []struct {
		text string
		last bool
		want string
	}{
		{"C’est l’heure\u00a0!", true, "C'est l'heure !"},
		{"Votre numéro\u00a0: ", false, "Votre numéro :"},
		{"Choix ", false, "Choix,"},
		{" personnes passent avant vous.", true, "personnes passent avant vous."},
		{", ", false, ""},
		{"\u00a0: ", false, ""},
		{".", true, ""},
		{"", true, ""},
		{"Prenez «\u00a0Wi-Fi\u00a0», puis…", true, "Prenez Wi-Fi, puis."},
		{"Une ligne\nl’autre", true, "Une ligne. l'autre"},
		{"رقمك: ", false, "رقمك:"},
		{"، ", false, ""},
		{"\u2068نعم\u2069؟", true, "نعم؟"},
	} {
		if got := speech(c.text, c.last); got != c.want {
			t.Errorf("speech(%q, %v) = %q; want %q", c.text, c.last, got, c.want)
		}
	}
}
