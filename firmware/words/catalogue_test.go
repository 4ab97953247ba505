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
	"jeudi/firmware/directory"
	"jeudi/firmware/paper"
	"jeudi/firmware/rights"
	"jeudi/firmware/routing"
	"jeudi/firmware/selftest"
	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
	"jeudi/firmware/web/pair"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

// Who reads what is under the first word of a key. A new first word must be put
// in one of the two.
func visitorsRead() []string {
	return []string{"format", "language", "motif", "ticket", "question", "answer", "share", "recap", "thanks", "back_at", "closed",
		"result", "places", "practice", "help", "more_time", "erased", "sorry", "kiosk", "control", "text", "hall", "veil", "paper",
		"settings", "charter", "opinion", "slip", "rights", "phone", "assess", "confirm", "seat", "poster"}
}

func audience(key string) (visitors, known bool) {
	first, _, _ := strings.Cut(key, ".")
	visitors = slices.Contains(visitorsRead(), first)
	return visitors, visitors || words.ForStaff(key)
}

// families are the keys that code builds from a beginning and a value.
func families(t *testing.T) map[string][]string {
	t.Helper()
	var (
		motifs, answers, questions, outcomes, tells, reasons, roles, undo, printer, weekdays, months         []string
		examples, levels, freins, domains, materials, problems, done, things, rightsQuestions, rightsAnswers []string
		schema                                                                                               = sheet.Visitor(nil)
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
	for _, i := range sheet.Instrument() {
		examples = append(examples, i.Key+".example")
		if !i.Multi {
			domains = append(domains, i.Key)
			continue
		}
		freins = append(freins, i.Answers...)
	}
	for l := sheet.Remote; l <= sheet.Autonomous; l++ {
		levels = append(levels, l.String())
	}
	for _, m := range routing.Materials() {
		materials = append(materials, string(m))
	}
	for _, c := range directory.Codes() {
		problems = append(problems, string(c))
	}
	for _, key := range paper.DoneKeys() {
		done = append(done, strings.TrimPrefix(key, "slip.done."))
	}
	for _, key := range paper.BringKeys() {
		things = append(things, strings.TrimPrefix(key, "slip.bring."))
	}
	benefits, err := rights.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range benefits.Questions() {
		rightsQuestions = append(rightsQuestions, q.Wordings()...)
		if q.Key == rights.Income {
			continue // its answers are bands of money
		}
		for _, a := range q.Answers {
			for _, wording := range q.Wordings() {
				rightsAnswers = append(rightsAnswers, wording+"."+a)
			}
		}
	}
	for _, o := range session.Outcomes() {
		outcomes = append(outcomes, string(o))
	}
	for _, tell := range session.Tells() {
		tells = append(tells, string(tell))
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
		session.MotifAdded{}, session.PersonTurnedAway{}, session.PeopleCaughtUp{}} {
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
	staff := []string{string(pair.Solo)}
	for _, r := range pair.Roles() {
		staff = append(staff, string(r))
	}
	return map[string][]string{
		"report.class.": site.Classes(), "desk.stats_close.": site.Periods(),
		"desk.stats_kind.": {sheet.KindVisitor.String(), sheet.KindStaff.String(), sheet.KindExit.String()},
		"motif.":           append(motifs, "none"),
		"update.step.":     {"receive", "check", "write", "verify", "try", "back"},
		"question.":        append(slices.Clone(questions), examples...),
		"answer.":          answers,
		"recap.":           questions,
		"result.":          levels,
		// Whoever would rather be reassured is told so in another way.
		"result.frein.":       slices.DeleteFunc(slices.Clone(freins), func(f string) bool { return f == sheet.Rassure || f == sheet.Rien }),
		"settings.contrast.":  {"normal", "dark", "light", "low"},
		"paper.who.":          roles,
		"slip.who.":           roles,
		"slip.done.":          done,
		"slip.bring.":         things,
		"slip.seat.":          {"atelier", "rendez_vous", "visite"},
		"desk.agenda_kind.":   {"atelier", "rendez_vous", "visite"},
		"voucher.level.":      levels,
		"voucher.domain.":     domains,
		"voucher.answer.":     {sheet.Yes, sheet.No, sheet.Alone, sheet.Helped},
		"voucher.frein.":      freins,
		"rights.question.":    rightsQuestions,
		"rights.answer.":      rightsAnswers,
		"rights.rule.":        rights.Named(),
		"rights.who.":         rights.Bodies(),
		"rights.band.":        {"below", "between", "above"},
		"desk.level.":         levels,
		"device.network.":     {"searching", "cable", "wifi", "own", "none"},
		"drawer.kind.":        {sheet.KindVisitor.String(), sheet.KindStaff.String(), sheet.KindExit.String()},
		"escrow.waiting.":     {sheet.KindVisitor.String(), sheet.KindStaff.String(), sheet.KindExit.String()},
		"desk.material.":      materials,
		"desk.place_problem.": problems,
		"desk.place_done.":    {directory.Kept.String(), directory.Mended.String(), directory.ValueLeft.String(), directory.PlaceLeft.String()},
		"outcome.":            outcomes,
		"reason.":             reasons,
		"role.":               staff,
		"undo.":               undo,
		"report.total.":       outcomes,
		"report.tell.":        tells,
		"device.printer.":     printer,
		"ticket.printer.":     {"no_paper", "cover_open", "overheated", "cutter_jammed", "unplugged"},
		"banner.":             {"power_cut", "power_cut_planned", "left_open", "moved", "report_unprinted", "morning", "test", "rights_due"},
		"practice.":           {"touch.title", "keyboard.title", "password.title", "fake.title", "form.title", "mail.title", "photo.title"},
		"format.weekday.":     weekdays,
		"selftest.item.":      tested,
		"selftest.note.":      {"stuck", "lost", "not_heard", "corners", "illegible", "wrong_time"},
		"selftest.choice.": {"number", "illegible", "print_again", "go_on", "heard", "not_heard", "play_again", "dark", "no_answer",
			"no_touch", "right_time", "wrong_time", "skip"},
		"selftest.result.": {string(selftest.OK), string(selftest.Warning), string(selftest.Failed), string(selftest.Skipped),
			string(selftest.Unknown)},
		"selftest.verdict.": {string(selftest.Ready), string(selftest.Watch), string(selftest.NotReady), string(selftest.Incomplete)},
		"format.month.":     months,
		"setup.language.":   site.KnownLanguages(),
		"setup.button.":     site.Actions(),
		"setup.print.":      append(slices.Clone(printer), "sent"),
		"setup.sound.":      {"ready", "mute", "unplugged"},
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
		// What ends with a full stop and is not said there may only look for keys.
		begins = begins || strings.HasSuffix(key, ".")
		found = append(found, mention{fset.Position(lit.Pos()).String(), key, must || isKey(key) && !begins, begins})
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
			if called == "yesNo" { // says the two answers to a topic
				if topic, ok := n.Args[0].(*ast.BasicLit); ok {
					key, err := strconv.Unquote(topic.Value)
					if err != nil {
						return false
					}
					at := fset.Position(topic.Pos()).String()
					found = append(found, mention{where: at, key: key + ".yes", must: true}, mention{where: at, key: key + ".no", must: true})
					return false
				}
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
	for _, top := range []string{"firmware", "kiosk-ui", "provisioning"} {
		root := filepath.Join("..", "..", top)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			name := d.Name()
			switch {
			case err != nil:
				return err
			case d.IsDir() && (name == "node_modules" || name == "test" || name == "testdata" || name == "rehearse" || name == "site"): // these read words from outside
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
	missing, unused := unspoken(load(t).Keys(), families(t), mentions)
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
		{name: "a question with two answers", goFile: `var x = yesNo("a.b")`, keys: []string{"a.b.yes", "a.b.no"}},
		{name: "an answer is missing", goFile: `var x = yesNo("a")`, keys: []string{"a.yes"}, missing: 1},
		{name: "only looked for", goFile: `var x = strings.HasPrefix(k, "kiosk.")`},
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
		maps.DeleteFunc(e, func(field, _ string) bool { return field == "say" || strings.HasPrefix(field, "say_") })
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
			t.Errorf("%s: want its first word in visitorsRead or words.ForStaff", key)
		}
		for _, lang := range c.Languages() {
			if words.Tag(lang) == words.French {
				continue // easy French says only what it says in another way
			}
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

// hard are words and turns that a person who reads with difficulty does not know,
// with what « Falc » asks for: the plain word, or two sentences.
func hard() []string {
	return []string{"afin d", "le cas échéant", "au fur et à mesure", "dans le cadre de", "dans le cadre d’", "veuillez", "merci de ", "modalité", "dispositif",
		"préalable", "ultérieur", "bénéfici", "procéder", "effectuer", "conformément", "notamment", "néanmoins", "toutefois", "ainsi que",
		"bien que", "quoique", "tandis que", "lequel", "laquelle", "duquel", "dont ", "coup de main", "coup d’œil", "tout de suite après",
		"à jour", "au courant", "prendre en charge", "faire le point", "le pied", "tomber sur", "de a à z", "clé en main", "via "}
}

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
		if strings.Count(s, ",") > 2 {
			faults = append(faults, "three commas in a sentence; want one idea")
		}
	}
	for _, turn := range hard() {
		if strings.Contains(" "+strings.ToLower(text)+" ", turn) {
			faults = append(faults, "« "+strings.TrimSpace(turn)+" »; want plain words")
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
	for _, lang := range []string{"fr", "falc", "images"} {
		for key, list := range texts(t, lang) {
			for _, text := range list {
				for _, f := range lintFrench(key, text) {
					t.Errorf("%s.json: %s: %q has %s", lang, key, text, f)
				}
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
		{"ticket.x", "Veuillez attendre.", 1},
		{"desk.x", "Veuillez attendre.", 0},
		{"ticket.x", "Lisez, écoutez, touchez, attendez.", 1},
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
	scripts := map[string]*unicode.RangeTable{"ar": unicode.Arabic, "fa": unicode.Arabic, "ru": unicode.Cyrillic, "uk": unicode.Cyrillic}
	for lang, script := range scripts {
		for key, list := range texts(t, lang) {
			for _, text := range list {
				bare := hole.ReplaceAllString(text, "")
				letters := strings.ContainsFunc(bare, unicode.IsLetter)
				if letters && !strings.ContainsFunc(bare, func(r rune) bool { return unicode.Is(script, r) }) {
					t.Errorf("%s.json: %s: %q has no letter of its script", lang, key, text)
				}
				if strings.ContainsFunc(bare, func(r rune) bool { return unicode.IsDigit(r) && r > unicode.MaxASCII }) {
					t.Errorf("%s.json: %s: %q has other digits than those on the ticket", lang, key, text)
				}
			}
		}
	}
	// Words that are the same in both languages.
	same := []string{"format.", "language.title", "text.verbatim", "recap.situation", "paper.next_", "places.and", "rights.result.or"}
	for _, lang := range []string{"en", "pt", "tr", "es", "ro"} {
		for key, list := range texts(t, lang) {
			if slices.Equal(list, fr[key]) && !slices.ContainsFunc(same, func(p string) bool { return strings.HasPrefix(key, p) }) {
				t.Errorf("%s.json: %s: %q is the French text", lang, key, list)
			}
			for _, text := range list {
				if strings.ContainsAny(text, "\u202f\u00a0") {
					t.Errorf("%s.json: %s: %q has a French space", lang, key, text)
				}
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
		if got, want := c.Text(lang, "language.name", nil), map[string]string{"fr": "Français", "falc": "Français facile", "images": "Images", "ar": "العربية",
			"en": "English", "pt": "Português", "tr": "Türkçe", "es": "Español", "ru": "Русский", "uk": "Українська", "fa": "فارسی / دری", "ro": "Română"}[lang]; got != want {
			t.Errorf("Text(%q, language.name) = %q; want %q", lang, got, want)
		}
	}
}

// TestREADME holds the table of languages to the catalogue: a language that lacks a
// text for visitors does not have them all.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	c := load(t)
	for _, lang := range c.Languages() {
		row := regexp.MustCompile("(?m)^\\| [^|]+\\(`" + lang + "`\\) \\| ([^|]+) \\| [^|]+ \\| ([^|]+) \\|$").FindStringSubmatch(string(readme))
		if row == nil {
			t.Errorf("README.md has no row for %s in its table of languages", lang)
			continue
		}
		missing := 0
		for _, key := range c.Keys() {
			if visitors, _ := audience(key); visitors && !c.Has(lang, key) {
				missing++
			}
		}
		if (row[1] == "all") != (missing == 0) {
			t.Errorf("README.md says of %s that it has %q of its own; %d texts are missing", lang, row[1], missing)
		}
	}
}
