package words_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"jeudi/drivers"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/provisioning/site"
)

// Who reads what is under the first word of a key. A new first word must be put
// in one of the two.
func visitorsRead() []string {
	return []string{"format", "language", "motif", "ticket", "question", "answer", "share", "recap", "thanks", "back_at", "closed",
		"result", "places", "practice", "help", "more_time", "erased", "sorry", "kiosk", "control", "text", "hall", "veil", "paper"}
}

func staffRead() []string {
	return []string{"desk", "dock", "report", "refuse", "banner", "device", "undo", "outcome", "reason", "role", "selftest"}
}

func audience(key string) (visitors, known bool) {
	first, _, _ := strings.Cut(key, ".")
	visitors = slices.Contains(visitorsRead(), first)
	return visitors, visitors || slices.Contains(staffRead(), first)
}

// families are the keys that code builds from a beginning and a value.
func families() map[string][]string {
	var (
		motifs, answers, questions, outcomes, reasons, roles, undo, printer, weekdays, months []string
		schema                                                                                = sheet.Visitor(nil)
	)
	for _, m := range site.KnownMotifs() {
		motifs = append(motifs, m, m+".sub", m+".documents")
	}
	for _, q := range schema.Questions {
		questions = append(questions, q.Key)
		for _, a := range q.Answers {
			answers = append(answers, q.Key+"."+a)
		}
	}
	for _, o := range session.Outcomes() {
		outcomes = append(outcomes, string(o))
	}
	for _, r := range slices.Concat(session.HoldReasons(), session.CancelReasons(), session.TurnedAwayReasons(), []session.Reason{session.BackLater}) {
		reasons = append(reasons, string(r))
	}
	for _, r := range session.Roles() {
		roles = append(roles, string(r))
	}
	for _, b := range []session.Body{session.PermanenceOpened{}, session.PermanencePaused{}, session.PermanenceResumed{}, session.TicketTaken{},
		session.TicketCalled{}, session.TicketRecalled{}, session.ServiceStarted{}, session.TeamChanged{}, session.VisitHeld{}, session.SteppedOut{},
		session.Returned{}, session.HandedOver{}, session.MarkedAbsent{}, session.CameBack{}, session.VisitEnded{}, session.PriorityGiven{},
		session.MotifAdded{}, session.PersonTurnedAway{}} {
		undo = append(undo, session.TypeOf(b))
	}
	for s := drivers.Mute; s <= drivers.Unplugged; s++ {
		printer = append(printer, s.String())
	}
	tested := []string{string(selftest.Panel)}
	for _, item := range selftest.Items() {
		tested = append(tested, string(item))
	}
	for i := range drivers.Actions {
		tested = append(tested, string(selftest.OfButton(drivers.Action(i).String())))
	}
	for i := range 7 {
		weekdays = append(weekdays, strconv.Itoa(i))
	}
	for i := range 12 {
		months = append(months, strconv.Itoa(i+1))
	}
	return map[string][]string{
		"motif.":          append(motifs, "none"),
		"question.":       questions,
		"answer.":         answers,
		"recap.":          questions,
		"result.":         {sheet.Remote.String(), sheet.Accompanied.String(), sheet.Autonomous.String()},
		"practice.":       {"house", "phone", "clock"},
		"outcome.":        outcomes,
		"reason.":         reasons,
		"role.":           roles,
		"undo.":           undo,
		"report.total.":   outcomes,
		"device.printer.": printer,
		"ticket.printer.": {"no_paper", "cover_open", "overheated", "cutter_jammed", "unplugged"},
		"banner.":         {"power_cut", "power_cut_planned", "left_open", "report_unprinted", "morning", "test"},
		"format.weekday.": weekdays,
		"selftest.item.":  tested,
		"selftest.note.":  {"stuck", "lost", "not_heard", "corners", "illegible", "wrong_time"},
		"selftest.choice.": {"number", "illegible", "print_again", "go_on", "heard", "not_heard", "play_again", "dark", "no_answer",
			"no_touch", "right_time", "wrong_time", "skip"},
		"selftest.result.": {string(selftest.OK), string(selftest.Warning), string(selftest.Failed), string(selftest.Skipped),
			string(selftest.Unknown)},
		"selftest.verdict.": {string(selftest.Ready), string(selftest.Watch), string(selftest.NotReady), string(selftest.Incomplete)},
		"format.month.":     months,
	}
}

// mention is a key, or the beginning of one, in a file.
type mention struct {
	where, key string
	must       bool // it is said, so it must be in the catalogue
	begins     bool // the rest comes at run time
}

var (
	keyLike = regexp.MustCompile(`^[a-z_]+(\.[a-z0-9_+-]+)+$`)
	jsText  = regexp.MustCompile("[\"'`]([a-z_]+\\.[a-z0-9_.+-]+)[\"'`]")
	jsSay   = regexp.MustCompile("\\bsay\\(\\s*[\"'`]([^\"'`]*)")
	htmlSay = regexp.MustCompile(`data-say="([^"]*)"`)
)

// isKey reports whether a string can only be a key: it begins like one, and is
// not the name of a file.
func isKey(s string) bool {
	_, known := audience(s)
	return known && !slices.Contains([]string{".css", ".html", ".js", ".json", ".svg", ".md"}, filepath.Ext(s))
}

// sayers are the functions that take a key of the catalogue.
func sayers() []string {
	return []string{"msg", "M", "Text", "text", "part", "refusal", "choice"}
}

// inGo finds the keys of a Go file.
func inGo(name, source string) ([]mention, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []mention
	note := func(e ast.Expr, must bool) {
		begins := false
		for {
			sum, ok := e.(*ast.BinaryExpr)
			if !ok {
				break
			}
			e, begins = sum.X, true
		}
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		key, err := strconv.Unquote(lit.Value)
		if err != nil || !keyLike.MatchString(strings.TrimSuffix(key, ".")+".x") || !strings.Contains(key, ".") {
			return
		}
		begins = begins || strings.HasSuffix(key, ".")
		found = append(found, mention{fset.Position(lit.Pos()).String(), key, must || isKey(key), begins})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			note(n, false)
		case *ast.CallExpr:
			called := ""
			switch f := n.Fun.(type) {
			case *ast.Ident:
				called = f.Name
			case *ast.SelectorExpr:
				called = f.Sel.Name
			}
			if slices.Contains(sayers(), called) {
				for _, arg := range n.Args {
					note(arg, true)
				}
			}
		}
		return true
	})
	return found, nil
}

// inPage finds the keys of a script or of a page.
func inPage(name, source string) []mention {
	var found []mention
	for _, m := range jsText.FindAllStringSubmatch(source, -1) {
		found = append(found, mention{where: name, key: m[1], must: isKey(m[1])})
	}
	for _, m := range append(jsSay.FindAllStringSubmatch(source, -1), htmlSay.FindAllStringSubmatch(source, -1)...) {
		key, _, begins := strings.Cut(m[1], "${")
		found = append(found, mention{where: name, key: key, must: true, begins: begins})
	}
	return found
}

// unspoken compares what is said with what can be said.
func unspoken(keys []string, families map[string][]string, mentions []mention) (missing, unused []string) {
	used := map[string]bool{}
	for beginning, ends := range families {
		for _, end := range ends {
			used[beginning+end] = true
			if !slices.Contains(keys, beginning+end) {
				missing = append(missing, beginning+end+": of a family, and not in the catalogue")
			}
		}
	}
	for _, m := range mentions {
		used[m.key] = true
		switch {
		case !m.must:
		case m.begins:
			if !slices.ContainsFunc(slices.Collect(maps.Keys(families)), func(f string) bool { return strings.HasPrefix(m.key, f) }) {
				missing = append(missing, m.where+": "+m.key+"…: a beginning that is no family of this test")
			}
		case !slices.Contains(keys, m.key):
			missing = append(missing, m.where+": "+m.key+": not in the catalogue")
		}
	}
	for beginning := range families {
		if !used[beginning] {
			unused = append(unused, beginning+"…")
		}
	}
	for _, key := range keys {
		if !used[key] {
			unused = append(unused, key)
		}
	}
	return missing, unused
}

func TestKeys(t *testing.T) {
	var mentions []mention
	for _, top := range []string{"firmware", "kiosk-ui"} {
		root := filepath.Join("..", "..", top)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			name := d.Name()
			switch {
			case err != nil:
				return err
			case d.IsDir() && (name == "node_modules" || name == "test" || name == "testdata" || name == "rehearse"): // the rehearsal reads answers from outside
				return fs.SkipDir
			case d.IsDir() || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".test.js"):
				return nil
			}
			ext := filepath.Ext(name)
			if ext != ".go" && ext != ".js" && ext != ".html" {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if ext == ".go" {
				found, err := inGo(path, string(source))
				mentions = append(mentions, found...)
				return err
			}
			mentions = append(mentions, inPage(path, string(source))...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	missing, unused := unspoken(load(t).Keys(), families(), mentions)
	for _, m := range missing {
		t.Error(m)
	}
	for _, key := range unused {
		t.Errorf("%s: in the catalogue, and nobody says it", key)
	}
}

// TestKeysRules plants each fault and sees it found.
func TestKeysRules(t *testing.T) {
	families := map[string][]string{"fam.": {"a"}}
	tests := []struct {
		name            string
		goFile, page    string
		keys            []string
		missing, unused int
	}{
		{name: "said in Go", goFile: `var x = msg("a.b", "n", 1)`, keys: []string{"a.b"}},
		{name: "said in a page", page: `say("a.b"); <b data-say="a.c">`, keys: []string{"a.b", "a.c"}},
		{name: "in a list of a page", page: `const list = ["a.b"]`, keys: []string{"a.b"}},
		{name: "named in Go", goFile: `var x = other("a.b")`, keys: []string{"a.b"}},
		{name: "missing in Go", goFile: `var x = session.M("a.b")`, missing: 1},
		{name: "missing label", goFile: `var x = choice(k, "a.b", "clock")`, missing: 1},
		{name: "missing in a page", page: "say(`a.b`)", missing: 1},
		{name: "missing in HTML", page: `<b data-say="a.b">`, missing: 1},
		{name: "a family", goFile: `var x = msg("fam." + k + ".sub")`},
		{name: "no family", goFile: `var x = msg("a." + k)`, missing: 1},
		{name: "no family in a page", page: "say(`a.${k}`)", missing: 1},
		{name: "unused", keys: []string{"a.b"}, unused: 1},
		{name: "missing from a variable", goFile: `var x = "kiosk.b"`, missing: 1},
		{name: "missing from a list of a page", page: `const x = ["desk.b"]`, missing: 1},
		{name: "a file name is no key", goFile: `var x = open("a.json", "desk.js")`, page: `import "desk.css"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mentions, err := inGo("x.go", "package x\nvar _ = msg(\"fam.\"+k)\n"+tt.goFile)
			if err != nil {
				t.Fatal(err)
			}
			mentions = append(mentions, inPage("x.js", tt.page)...)
			missing, unused := unspoken(append(tt.keys, "fam.a"), families, mentions)
			if len(missing) != tt.missing || len(unused) != tt.unused {
				t.Errorf("unspoken(%s%s) = %q, %q; want %d missing, %d unused", tt.goFile, tt.page, missing, unused, tt.missing, tt.unused)
			}
		})
	}
	missing, unused := unspoken(nil, families, nil)
	if len(missing) != 1 || len(unused) != 1 {
		t.Errorf("unspoken(a family without text that nobody begins) = %q, %q; want it missing and unused", missing, unused)
	}
}

// texts are all forms of all keys of a language, as written.
func texts(t *testing.T, lang string) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]map[string]string
	if err := json.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for key, e := range entries {
		if lang != "fr" && e["note"] != "" {
			t.Errorf("%s.json: %s has a note; want notes in French alone", lang, key)
		}
		delete(e, "note")
		found[key] = slices.Sorted(maps.Values(e))
	}
	return found
}

func TestAudience(t *testing.T) {
	c := load(t)
	for _, key := range c.Keys() {
		visitors, known := audience(key)
		if !known {
			t.Errorf("%s: want its first word in visitorsRead or staffRead", key)
		}
		for _, lang := range c.Languages()[1:] {
			if has := c.Has(lang, key); has != visitors {
				t.Errorf("Has(%q, %q) = %v; want %v: visitors read every language, staff read French", lang, key, has, visitors)
			}
		}
	}
}

var (
	frenchSpace = regexp.MustCompile(`[ \t][;!?:»]|«[ \t]|[^\x{00a0}]»|«[^\x{00a0}]`)
	hole        = regexp.MustCompile(`\{[a-z_:]+\}`)
	sentenceEnd = regexp.MustCompile(`[.!?;:\n]`)
	capitals    = regexp.MustCompile(`\p{Lu}{4,}`)
)

// maxWords is of « Falc », the European rules for easy reading: short sentences.
const maxWords = 12

func lintFrench(key, text string) (faults []string) {
	if strings.ContainsRune(text, '\u202f') {
		faults = append(faults, "U+202F, which many fonts and printers lack; want U+00A0")
	}
	if strings.Contains(text, "'") {
		faults = append(faults, "a straight apostrophe; want ’")
	}
	if frenchSpace.MatchString(text) {
		faults = append(faults, "a space that breaks the line before ; ! ? : » or after «; want U+00A0")
	}
	visitors, _ := audience(key)
	if !visitors {
		return faults
	}
	for _, s := range sentenceEnd.Split(text, -1) {
		if n := len(strings.Fields(s)); n > maxWords {
			faults = append(faults, strconv.Itoa(n)+" words in a sentence; want at most "+strconv.Itoa(maxWords))
		}
	}
	for _, word := range capitals.FindAllString(text, -1) {
		if word != "ESSAI" { // shouted on purpose: nothing of it counts
			faults = append(faults, word+" in capitals")
		}
	}
	for _, word := range strings.FieldsFunc(hole.ReplaceAllString(text, ""), func(r rune) bool { return !unicode.IsLetter(r) && r != '’' && r != '.' }) {
		switch strings.ToLower(word) {
		case "rdv", "tél.", "tel.", "n°", "svp", "etc.", "tu", "ton", "tes", "toi", "mme", "qques":
			faults = append(faults, word+": want a whole word, and « vous »")
		}
	}
	return faults
}

func TestFrench(t *testing.T) {
	for key, list := range texts(t, "fr") {
		for _, text := range list {
			for _, f := range lintFrench(key, text) {
				t.Errorf("fr.json: %s: %q has %s", key, text, f)
			}
		}
	}
}

func TestFrenchRules(t *testing.T) {
	tests := []struct {
		key, text string
		faults    int
	}{
		{"ticket.x", "Prenez votre ticket.", 0},
		{"ticket.x", "Votre numéro\u00a0: {n}", 0},
		{"ticket.x", "Votre numéro : {n}", 1},
		{"ticket.x", "Votre numéro\u202f: {n}", 1},
		{"desk.x", "Touchez « Suivant »", 1},
		{"desk.x", "L'accueil", 1},
		{"ticket.x", "un deux trois quatre cinq six sept huit neuf dix onze douze treize", 1},
		{"desk.x", "un deux trois quatre cinq six sept huit neuf dix onze douze treize", 0},
		{"ticket.x", "Un deux trois quatre cinq six sept. Huit neuf dix onze douze treize.", 0},
		{"ticket.x", "ATTENTION", 1},
		{"ticket.x", "La CAF", 0},
		{"ticket.x", "Prends ton ticket", 1},
	}
	for _, tt := range tests {
		if got := lintFrench(tt.key, tt.text); len(got) != tt.faults {
			t.Errorf("lintFrench(%q, %q) = %q; want %d faults", tt.key, tt.text, got, tt.faults)
		}
	}
}

// TestNone: French has no form for none but the one for one: « 1 » may not be
// written out where « 0 » would read the same.
func TestNone(t *testing.T) {
	for key, list := range texts(t, "fr") {
		if len(list) < 2 {
			continue
		}
		for _, text := range list {
			if !strings.Contains(text, "{n}") {
				t.Errorf("fr.json: %s: %q does not say {n}, and is said of 0 and of 1", key, text)
			}
		}
	}
}

// TestScripts finds a text that was left in another language.
func TestScripts(t *testing.T) {
	fr := texts(t, "fr")
	for key, list := range texts(t, "ar") {
		for _, text := range list {
			bare := hole.ReplaceAllString(text, "")
			letters := strings.ContainsFunc(bare, unicode.IsLetter)
			if letters && !strings.ContainsFunc(bare, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
				t.Errorf("ar.json: %s: %q has no Arabic letter", key, text)
			}
			if strings.ContainsFunc(bare, func(r rune) bool { return unicode.IsDigit(r) && r > unicode.MaxASCII }) {
				t.Errorf("ar.json: %s: %q has other digits than those on the ticket", key, text)
			}
		}
	}
	// Words that are the same in both languages.
	same := []string{"format.", "language.title", "text.verbatim", "recap.situation", "paper.next_"}
	for key, list := range texts(t, "en") {
		if slices.Equal(list, fr[key]) && !slices.ContainsFunc(same, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("en.json: %s: %q is the French text", key, list)
		}
		for _, text := range list {
			if strings.ContainsAny(text, "\u202f\u00a0") {
				t.Errorf("en.json: %s: %q has a French space", key, text)
			}
		}
	}
}

// TestFixedWords holds what was decided word by word.
func TestFixedWords(t *testing.T) {
	c := load(t)
	for key, want := range map[string]string{
		"ticket.notice":   "Pas de nom. Pour les statistiques. Votre tour ne change pas.",
		"ticket.nobody":   "Personne n’attend, on vient vous chercher.",
		"more_time.title": "Voulez-vous plus de temps\u00a0?",
		"motif.skip":      "Je ne sais pas",
		"kiosk.no_thanks": "Non merci",
		"control.help":    "Demander de l’aide à l’accueil",
	} {
		if got := c.Text("fr", key, nil); got != want {
			t.Errorf("Text(fr, %q) = %q; want %q", key, got, want)
		}
	}
	for _, lang := range c.Languages() {
		if got, want := c.Text(lang, "language.name", nil), map[string]string{"fr": "Français", "en": "English", "ar": "العربية"}[lang]; got != want {
			t.Errorf("Text(%q, language.name) = %q; want %q", lang, got, want)
		}
	}
}
