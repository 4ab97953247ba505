package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jeudi/firmware/sheet"
	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

// TestMorning lives through a whole permanence on a fast clock, with the synthetic
// public that ships with jeudi, and looks at what is left of it.
func TestMorning(t *testing.T) {
	if testing.Short() {
		t.Skip("a morning takes twenty seconds")
	}
	r := boxHere(t, t.TempDir(), "-clock", "300x")
	desk := r.watch("/ws/desk?desk=1")
	ids := make(map[string]bool) // of everybody the desk ever saw
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			_, data, err := desk.conn.ReadMessage()
			if err != nil {
				return
			}
			for _, id := range visitID.FindAllSubmatch(data, -1) {
				ids[string(id[1])] = true
			}
		}
	}()
	out, errs := newPage(), newPage()
	args := []string{"rehearse", "-url", r.base, "-visitors", "40", "-seed", "11", "-close"}
	if code := run(t.Context(), args, out, errs); code != exitOK {
		t.Fatalf("run(%q) = %d %s%s; want 0", args, code, out, errs)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var issued, served, noShow, left, cancelled, misrouted, oriented, unresolved, here int
	last := lines[len(lines)-1]
	n, err := fmt.Sscanf(last, "identity ok: issued=%d served=%d no_show=%d left=%d cancelled=%d misrouted=%d oriented=%d unresolved=%d here=%d",
		&issued, &served, &noShow, &left, &cancelled, &misrouted, &oriented, &unresolved, &here)
	if n != 9 || issued != served+noShow+left+cancelled+misrouted+oriented+unresolved || here != 0 {
		t.Errorf("last line = %q (%v); want the identity, with nobody left", last, err)
	}
	if issued < 35 || issued > 40 || served == 0 { // those of the kiosk may go without
		t.Errorf("last line = %q; want nearly forty tickets", last)
	}
	// At this speed the time between two recalls is 67 ms: a busy machine is never too
	// early for it. The clerk's own test holds that rule.
	if !regexp.MustCompile(`rules met: [1-9]\d* absent .*, \d+ early recalls`).MatchString(out.String()) {
		t.Errorf("rehearsal = %s; want the rule of five minutes met on the way", out)
	}
	r.settled()
	desk.conn.Close()
	<-watched
	if len(ids) < 30 {
		t.Errorf("the desk saw %d visits; want most of 40", len(ids))
	}
	secrets := newSecrets(t, site.Sample())
	secrets.visits = slices.Collect(maps.Keys(ids))
	secrets.closed(t, r.data)
	secrets.book(t, r.data)
	secrets.log(t, r.errs.String())
	if code := r.stop(); code != exitOK {
		t.Errorf("stop = %d %s; want 0", code, r.errs)
	}
	secrets.closed(t, r.data)
	secrets.log(t, r.errs.String())
	if code, _, strangers := data(t, "", "show", "-data", r.data); code != exitOK {
		t.Errorf("after a morning data show = %d %s; want every file known", code, strangers)
	}
}

var visitID = regexp.MustCompile(`"id":"([0-9a-f]{32})"`)

// TestNothingOfAPersonOnDisk: while the permanence is open its journal knows
// numbers, motifs and languages, and no other file does; answers are in no file
// but, where the site chose so, the waiting area of the counters, as codes without
// anything that joins them to a ticket. After the closing no file knows anything; the
// ledger counts how long services took, with the same motifs whoever came.
func TestNothingOfAPersonOnDisk(t *testing.T) {
	for _, level := range []string{site.LevelSealed, site.LevelPlain} {
		t.Run(level, func(t *testing.T) { nothingOfAPersonOnDisk(t, level) })
	}
}

func nothingOfAPersonOnDisk(t *testing.T, level string) {
	place, file := markedSite(t, "level = \""+site.LevelSealed+"\"", "level = \""+level+"\"")
	r := boxHere(t, t.TempDir(), "-site", file)
	before := readFile(t, filepath.Join(r.data, "counts.db"))
	secrets := newSecrets(t, place)
	secrets.plain = level == site.LevelPlain
	secrets.visits, secrets.answers = people(t, r)

	secrets.open(t, r.data)
	if got := readFile(t, filepath.Join(r.data, "counts.db")); !bytes.Equal(got, before) {
		t.Errorf("counts.db changed with one sheet; want nothing before ten wait")
	}
	area := readFile(t, filepath.Join(r.data, "pending"))
	if secrets.plain && !slices.ContainsFunc(secrets.codes(), func(code []byte) bool { return bytes.Contains(area, code) }) {
		t.Errorf("the waiting area holds none of the answers given; this test looks at the wrong place")
	}
	if journal := readFile(t, filepath.Join(r.data, "journal.db")); !bytes.Contains(journal, []byte(`"motif":"logement"`)) {
		t.Errorf("the journal holds no motif; this test looks at the wrong place")
	}

	// The printer says what became of a ticket when nobody is there any more.
	r.dock("printer?state=no_paper&on=1")
	secrets.visits = append(secrets.visits, r.desk("take", fields{"motif": "titres"})["visit"].(string))
	r.desk("close", fields{"rest": "left"})
	r.settled()
	await(r.watch("/ws/desk?desk=1"), "a printer that says why", func(v deskView) bool {
		return slices.ContainsFunc(v.Devices, func(d struct {
			Key string
			OK  bool
		}) bool {
			return d.Key == "printer" && !d.OK
		})
	})
	r.dock("printer?state=ready&on=1")
	secrets.closed(t, r.data)
	if code := r.stop(); code != exitOK {
		t.Errorf("stop = %d %s; want 0", code, r.errs)
	}
	secrets.closed(t, r.data)
	again := boxHere(t, r.data, "-site", file)
	again.stop()
	secrets.closed(t, r.data)
}

// TestBug23NamesInLogs: whatever happens, the log says nothing of a person.
func TestBug23NamesInLogs(t *testing.T) {
	place, file := markedSite(t)
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "journal.db"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := boxHere(t, data, "-site", file)
	r.dock("printer?state=no_paper&on=1") // so that there is something to complain of
	secrets := newSecrets(t, place)
	secrets.visits, secrets.answers = people(t, r)
	await(r.watch("/ws/desk?desk=1"), "a ticket that is not printed", func(v deskView) bool {
		return slices.ContainsFunc(v.Waiting, func(w struct {
			ID, Paper string
			Number    int
		}) bool {
			return w.Paper == "unprinted"
		})
	})
	r.dock("printer?state=ready&on=1")
	for _, body := range []string{`{"id":"` + newID() + `","motif":"dentiste"}`, `{"id":"` + newID() + `","desk":"1","do":"open"}`, "{"} {
		for _, path := range []string{"/api/tickets", "/api/desk", "/api/kiosk"} {
			resp, err := http.Post(r.base+path, "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
	}
	r.desk("close", fields{"rest": "unresolved"})
	r.stop()
	secrets.book(t, r.data)
	log := r.errs.String()
	for _, want := range []string{"set aside", "not printed", "permanence closed"} {
		if !strings.Contains(log, want) {
			t.Errorf("log = %s; want %q in it", log, want)
		}
	}
	secrets.log(t, log)
	for line := range strings.Lines(log) {
		if strings.Contains(line, "dentiste") || strings.Contains(line, "number=") && strings.Contains(line, "reason=") {
			t.Errorf("log says %q; want no motif, and no number beside a reason", line)
		}
	}
}

// markedSite is the sample with a neighbourhood whose name is nowhere else.
func markedSite(t *testing.T, change ...string) (*site.Site, string) {
	t.Helper()
	text := strings.NewReplacer(change...).Replace(site.SampleText())
	text = strings.Replace(text, "key = \"haut-moulin\"\nlabel = \"Le Haut-Moulin\"", "key = \"zebulon-nord\"\nlabel = \"Zébulon-Nord\"", 1)
	file := filepath.Join(t.TempDir(), "site.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if s.Neighbourhoods[1].Key != "zebulon-nord" {
		t.Fatalf("neighbourhoods = %+v; want zebulon-nord", s.Neighbourhoods)
	}
	return s, file
}

// people opens a permanence and has three people come. One answers all questions
// at the kiosk. It returns the identities of the visits and the answers, as
// question and answer.
func people(t *testing.T, r *running) (visits []string, answers map[string]string) {
	t.Helper()
	r.desk("open", nil)
	visits = append(visits, r.post("/api/tickets", fields{"motif": "logement", "lang": "ar"})["visit"].(string))
	r.desk("next", nil)
	r.desk("start", nil)
	r.desk("hold", fields{"reason": "sms_code"})
	visits = append(visits, r.desk("take", fields{"motif": "titres", "for_other": true})["visit"].(string))

	type screen struct {
		ID       string
		Turn     int
		Choices  []struct{ Key string }
		Progress *struct{ At int }
	}
	kiosk := r.watch("/ws/kiosk")
	at := -1
	see := func(what string, wanted func(screen) bool) screen {
		t.Helper()
		s := await(kiosk, what, func(s screen) bool { return s.Turn > at && wanted(s) })
		at = s.Turn
		return s
	}
	press := func(s screen, key string) {
		t.Helper()
		r.post("/api/kiosk", fields{"turn": s.Turn, "key": key})
	}
	press(see("languages", func(s screen) bool { return s.ID == "language" }), "en")
	press(see("motifs", func(s screen) bool { return s.ID == "motif" }), "retraite")
	press(see("a ticket", func(s screen) bool { return s.ID == "ticket" }), "questions")

	answers = map[string]string{
		// No two keys alike one after the other: that would be a trembling finger.
		sheet.Internet: sheet.Yes, sheet.Information: sheet.No, sheet.Mail: sheet.Alone, sheet.Photo: sheet.No, sheet.Fake: sheet.Helped,
		sheet.Trouble: sheet.No, sheet.Procedure: sheet.Helped, sheet.Freins: sheet.Materiel, sheet.Age: "65-69", sheet.Situation: "invalidite",
		sheet.Household: "enfants_majeurs", sheet.Neighbourhood: "zebulon-nord", sheet.FirstVisit: sheet.No,
	}
	questions := sheet.Visitor([]string{"tilleuls", "zebulon-nord", "centre", "gare"}).Questions
	for {
		s := see("the next screen", func(s screen) bool { return s.ID != "ticket" })
		offered := func(key string) bool {
			return slices.ContainsFunc(s.Choices, func(c struct{ Key string }) bool { return c.Key == key })
		}
		switch s.ID {
		case "question":
			switch key := answers[questions[s.Progress.At-1].Key]; {
			case offered("done"): // of several answers, one is enough
				press(s, "done")
			case offered(key):
				press(s, key)
			default:
				press(s, "more")
			}
			continue
		case "result":
			press(s, "go_on")
			continue
		case "share":
			press(s, "yes")
			continue
		case "recap":
			press(s, "send")
			see("thanks, and the answer of the counters", func(s screen) bool { return s.ID == "thanks" })
			at++ // the sheet is kept: one more turn
			press(screen{Turn: at}, "finish")
		default:
			t.Fatalf("kiosk shows %+v; want a question, the result, share or recap", s)
		}
		break
	}
	delete(answers, sheet.Freins)
	answers[sheet.Freins+"."+sheet.Materiel] = sheet.Yes // as it is counted
	v := await(r.watch("/ws/desk?desk=1"), "the third ticket", func(v deskView) bool { return v.Counts["issued"] == 3 })
	for _, w := range v.Waiting {
		visits = append(visits, w.ID)
	}
	slices.Sort(visits)
	return slices.Compact(visits), answers
}

// secrets are what no file and no log may say of somebody.
type secrets struct {
	place   string
	site    []string          // keys of its motifs, and none, sorted
	motifs  []string          // keys and words
	others  []string          // keys and words of answers
	langs   []string          // keys in quotes, and names
	visits  []string          // identities in hexadecimal
	answers map[string]string // that somebody gave
	plain   bool              // they wait unsealed
}

func newSecrets(t *testing.T, s *site.Site) *secrets {
	t.Helper()
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	c = siteWords(c, s)
	x := &secrets{place: s.Place.Name, site: []string{""}}
	for _, m := range s.Motifs {
		x.site = append(x.site, m.Key)
		x.motifs = append(x.motifs, m.Key)
		for _, lang := range c.Languages() {
			x.motifs = append(x.motifs, c.Text(lang, "motif."+m.Key, nil))
		}
	}
	slices.Sort(x.site)
	for _, q := range sheet.Visitor(neighbourhoods(s)).Questions {
		for _, a := range q.Answers {
			if !slices.Contains(x.motifs, a) { // « retraite » is both
				x.others = append(x.others, a)
			}
			for _, lang := range c.Languages() {
				if text := c.Text(lang, "answer."+q.Key+"."+a, nil); !slices.Contains(x.motifs, text) {
					x.others = append(x.others, text)
				}
			}
		}
	}
	for l := sheet.Remote; l <= sheet.Autonomous; l++ {
		x.others = append(x.others, l.String())
	}
	for _, lang := range c.Languages() {
		if lang != words.French { // what everybody speaks who chose nothing
			x.langs = append(x.langs, lang, c.Text(lang, "language.name", nil))
		}
	}
	return x
}

// codes are the answers as they lie in the waiting area.
func (x *secrets) codes() [][]byte {
	var list [][]byte
	for q, a := range x.answers {
		h := fnv.New32a()
		h.Write([]byte(q + "\x00" + a))
		list = append(list, binary.BigEndian.AppendUint32(nil, h.Sum32()))
	}
	return list
}

// forms are the ways in which a file may hold a text. Short keys count in quotes
// only: by themselves they are in other words, and in random bytes.
func forms(text string) [][]byte {
	ascii := strconv.QuoteToASCII(text)
	if len(text) < 6 {
		return [][]byte{[]byte(strconv.Quote(text)), []byte(ascii)}
	}
	quoted, _ := json.Marshal(text)
	return [][]byte{[]byte(text), quoted[1 : len(quoted)-1], []byte(ascii[1 : len(ascii)-1])}
}

// open checks the folder of an open permanence.
func (x *secrets) open(t *testing.T, dir string) {
	t.Helper()
	for name, data := range readFolder(t, dir) {
		if name == "ledger.db" {
			data = x.unlearned(t, data)
		}
		fixed := filepath.Base(name) == "counts.db" // its keys are fixed: all answers that exist, whoever comes
		if !fixed {
			x.absent(t, name, data, x.others)
		}
		if name != "journal.db" && !fixed {
			x.absent(t, name, data, x.motifs, x.langs)
		}
		if name != "journal.db" {
			x.nobody(t, name, data)
		}
		if name != "pending" || !x.plain {
			x.nocode(t, name, data)
		}
	}
}

// closed checks the folder after a closing.
func (x *secrets) closed(t *testing.T, dir string) {
	t.Helper()
	files := readFolder(t, dir)
	known := []string{"agenda.db", "counts.db", "exit/counts.db", "exit/pending", "journal.db", "ledger.db", "pending", "staff/counts.db", "staff/pending"}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(n string) bool { return strings.HasPrefix(n, "log/") })
	if !slices.Equal(names, known) &&
		!slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "unreadable") }) {
		t.Errorf("files = %q; want %q and nothing left over", names, known)
	}
	for name, data := range files {
		if name == "ledger.db" {
			data = x.unlearned(t, data)
		}
		if filepath.Base(name) != "counts.db" {
			x.absent(t, name, data, x.others, x.motifs, x.langs)
		}
		x.nobody(t, name, data)
		if name != "pending" || !x.plain {
			x.nocode(t, name, data)
		}
	}
}

// learned is what the ledger keeps of the durations of services, in the file's bytes.
var learned = regexp.MustCompile(`\{"v":1,"motifs":\{[^{}]*\},"served":\d+,"missed":\d+\}`)

// unlearned is a ledger without what was learned of durations, the one place where a
// motif may be named. Its keys are fixed: all motifs of the site, whoever came, and
// nothing else; before the first permanence it is empty.
func (x *secrets) unlearned(t *testing.T, data []byte) []byte {
	t.Helper()
	return learned.ReplaceAllFunc(data, func(text []byte) []byte {
		var l struct{ Motifs map[string][]int }
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("the ledger holds %s: %v", text, err)
		}
		if keys := slices.Sorted(maps.Keys(l.Motifs)); len(keys) > 0 && !slices.Equal(keys, x.site) {
			t.Errorf("durations are learned of %q; want %q whoever came", keys, x.site)
		}
		return nil
	})
}

func (x *secrets) absent(t *testing.T, name string, data []byte, lists ...[]string) {
	t.Helper()
	for _, text := range slices.Concat(lists...) {
		if strings.Contains(x.place, text) { // the sample's place bears the name of its neighbourhood
			continue
		}
		for _, form := range forms(text) {
			if holds(data, form) {
				t.Errorf("%s holds %q", name, form)
			}
		}
	}
}

// holds reports whether data holds a text that is not a part of a longer key.
func holds(data, text []byte) bool {
	part := func(b byte) bool {
		return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
	}
	for from := 0; ; {
		i := bytes.Index(data[from:], text)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(text)
		if (i == 0 || !part(data[i-1])) && (end == len(data) || !part(data[end])) {
			return true
		}
		from = i + 1
	}
}

// nobody checks that no visit can be told from the bytes.
func (x *secrets) nobody(t *testing.T, name string, data []byte) {
	t.Helper()
	for _, id := range x.visits {
		raw, err := hex.DecodeString(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range [][]byte{[]byte(id), []byte(strings.ToUpper(id)), raw} {
			if at := bytes.Index(data, form); at >= 0 {
				t.Errorf("%s holds the visit %s: %q", name, id, data[max(0, at-200):min(at+80, len(data))])
			}
		}
	}
}

func (x *secrets) nocode(t *testing.T, name string, data []byte) {
	t.Helper()
	for _, code := range x.codes() {
		if bytes.Contains(data, code) {
			t.Errorf("%s holds the code %x of an answer", name, code)
		}
	}
}

// log checks what was logged, word by word.
func (x *secrets) log(t *testing.T, text string) {
	t.Helper()
	x.nobody(t, "the log", []byte(text))
	for _, secret := range slices.Concat(x.motifs, x.others, x.langs) {
		if strings.Contains(x.place, secret) {
			continue
		}
		pattern := `(?i)(^|[^\pL\d])` + regexp.QuoteMeta(secret) + `($|[^\pL\d])`
		if len(secret) <= 3 { // « no paper » says nothing; answer=no would
			pattern = `(?i)["=]` + regexp.QuoteMeta(secret) + `($|[^\pL\d])`
		}
		if said, err := regexp.MatchString(pattern, text); err != nil || said {
			t.Errorf("the log says %q (%v): %s", secret, err, text)
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readFolder is every file of a folder and of those in it, by path.
func readFolder(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[name] = readFile(t, filepath.Join(dir, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestUnlearned: the one place where a ledger may name motifs is that one.
func TestUnlearned(t *testing.T) {
	x := secrets{site: []string{"", "caf", "impots"}}
	of := `{"v":1,"motifs":{"":[0,0],"caf":[1,0],"impots":[0,2]},"served":3,"missed":0}`
	for text, want := range map[string]string{
		"a " + of + " b " + of:                      "a  b ",
		`{"v":1,"motifs":{},"served":0,"missed":0}`: "",
		`{"v":1,"motifs":["caf"]} ` + of:            `{"v":1,"motifs":["caf"]} `,
		`{"motif":"caf"}`:                           `{"motif":"caf"}`,
	} {
		if got := string(x.unlearned(t, []byte(text))); got != want {
			t.Errorf("unlearned(%s) = %s; want %s", text, got, want)
		}
	}
}

// TestForms plants a secret in each of its forms and sees it found.
func TestForms(t *testing.T) {
	for _, text := range []string{"caf", "logement", "Carte d’identité, permis", "العربية"} {
		body, err := json.Marshal(map[string]string{"motif": text})
		if err != nil {
			t.Fatal(err)
		}
		for _, written := range []string{string(body), fmt.Sprintf("%q", text), fmt.Sprintf("%+q", text)} {
			if !slices.ContainsFunc(forms(text), func(f []byte) bool { return holds([]byte(written), f) }) {
				t.Errorf("forms(%q) misses %s", text, written)
			}
		}
	}
	for data, want := range map[string]bool{
		"elsewhere": true, `"elsewhere":1`: true, "sent_elsewhere": false, "sent_elsewhere, elsewhere": true, "elsewheres": false, "": false,
	} {
		if got := holds([]byte(data), []byte("elsewhere")); got != want {
			t.Errorf("holds(%q, elsewhere) = %v; want %v", data, got, want)
		}
	}
}
