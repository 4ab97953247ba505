package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/gpiopanel"
	"jeudi/drivers/uart"
	"jeudi/firmware/rights"
	"jeudi/firmware/selftest"
	"jeudi/firmware/voice"
	"jeudi/firmware/web"
	"jeudi/firmware/words"
	kioskui "jeudi/kiosk-ui"
	"jeudi/provisioning/card"
	"jeudi/provisioning/flash"
	"jeudi/provisioning/hotspot"
	"jeudi/provisioning/site"
)

// A guide that is wrong is worse than none: what these tests read in the pages is
// compared with what the code does.

const (
	technician = "guide/technicien.html"
	team       = "guide/agent.html"
	writers    = "guide/ecrire.html"
	guardian   = "guide/donnees.html"
	cards      = "guide/carte.html"
	townHall   = "guide/informatique.html"
)

// guides are all of them.
func guides(t *testing.T) map[string]*element {
	t.Helper()
	names, err := fs.Glob(kioskui.Files, "guide/*.html")
	if err != nil || !slices.Contains(names, technician) || !slices.Contains(names, team) || !slices.Contains(names, writers) {
		t.Fatalf("the guides are %v, %v; want those of the technician, the team and the writers", names, err)
	}
	pages := map[string]*element{}
	for _, name := range names {
		pages[name] = readGuide(t, name)
	}
	return pages
}

// element is a part of a page.
type element struct {
	name  string
	attr  map[string]string
	inner []any // *element and string
}

// readGuide reads a page of the interface. The guides are written as XML could read
// them, save for elements that never have an end.
func readGuide(t *testing.T, name string) *element {
	t.Helper()
	data, err := fs.ReadFile(kioskui.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	open := []*element{{}}
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		last := open[len(open)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			e := &element{name: tok.Name.Local, attr: make(map[string]string)}
			for _, a := range tok.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			last.inner = append(last.inner, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			last.inner = append(last.inner, string(tok))
		}
	}
	if len(open) != 1 {
		t.Fatalf("%s: %d elements have no end", name, len(open)-1)
	}
	return open[0]
}

// all yields the elements below e that have an attribute, or a name with a dot
// before its class: "data-state", "pre.toml", "a".
func (e *element) all(what string) (found []*element) {
	name, class, _ := strings.Cut(what, ".")
	for _, in := range e.inner {
		in, ok := in.(*element)
		if !ok {
			continue
		}
		_, has := in.attr[what]
		if has || in.name == name && (class == "" || slices.Contains(strings.Fields(in.attr["class"]), class)) {
			found = append(found, in)
		}
		found = append(found, in.all(what)...)
	}
	return found
}

// raw is the text of e, text the same with single spaces.
func (e *element) raw() string {
	var b strings.Builder
	for _, in := range e.inner {
		switch in := in.(type) {
		case string:
			b.WriteString(in)
		case *element:
			b.WriteString(in.raw())
		}
	}
	return b.String()
}

func (e *element) text() string { return spaced(e.raw()) }

func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// cells are the texts of a row.
func (e *element) cells() (texts []string) {
	for _, in := range e.inner {
		if in, ok := in.(*element); ok {
			texts = append(texts, in.text())
		}
	}
	return texts
}

// rows are those of the body of a table.
func (e *element) rows() (rows []*element) {
	for _, body := range e.all("tbody") {
		rows = append(rows, body.all("tr")...)
	}
	return rows
}

func only(t *testing.T, e *element, what, value string) *element {
	t.Helper()
	found := slices.DeleteFunc(e.all(what), func(e *element) bool { return e.attr[what] != value })
	if len(found) != 1 {
		t.Fatalf("%s=%q is there %d times; want once", what, value, len(found))
	}
	return found[0]
}

func french(t *testing.T) func(key string) string {
	t.Helper()
	w, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	return func(key string) string {
		if !w.Has(words.French, key) {
			t.Errorf("the guide speaks of %q, which the catalogue lacks", key)
		}
		return spaced(w.Text(words.French, key, nil))
	}
}

func TestGuideWiring(t *testing.T) {
	say, doc := french(t), readGuide(t, technician)
	line := func(line string) []string {
		if line == "" {
			return []string{"–", "–"}
		}
		return []string{line, fmt.Sprint(gpiopanel.HeaderPin(line))}
	}
	for _, l := range gpiopanel.Layouts() {
		var want [][]string
		for _, b := range l.Buttons {
			label := strings.TrimPrefix(say("selftest.item.button."+b.Action.String()), "Bouton ")
			want = append(want, slices.Concat([]string{label, b.Action.String()}, line(b.Line), line(b.Lamp)))
		}
		if l.Loop != "" {
			want = append(want, slices.Concat([]string{"Fil témoin", "loop"}, line(l.Loop), line("")))
		}
		var got [][]string
		for _, row := range only(t, doc, "data-layout", l.Name).rows() {
			got = append(got, row.cells())
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("wiring of %s = %v; want %v", l.Name, got, want)
		}
	}
	for _, l := range site.Layouts() {
		if l != site.None {
			only(t, doc, "data-layout", l)
		}
	}

	// Single lines that are spoken of elsewhere.
	for _, e := range doc.all("data-line") {
		pin := fmt.Sprint(gpiopanel.HeaderPin(e.attr["data-line"]))
		if e.name == "tr" && e.cells()[1] != pin || e.name != "tr" && e.text() != pin {
			t.Errorf("pin of %s = %q; want %s", e.attr["data-line"], e.text(), pin)
		}
	}
}

func TestGuideLinesToAvoid(t *testing.T) {
	doc := readGuide(t, technician)
	used := make(map[string]string)
	for _, l := range gpiopanel.Layouts() {
		for _, b := range l.Buttons {
			used[b.Line], used[b.Lamp] = l.Name, l.Name
		}
		used[l.Loop] = l.Name
	}
	delete(used, "")
	ground := strings.FieldsFunc(only(t, doc, "id", "masses").text(), func(c rune) bool { return c < '0' || c > '9' })
	for line, layout := range used {
		if pin := fmt.Sprint(gpiopanel.HeaderPin(line)); slices.Contains(ground, pin) {
			t.Errorf("pin %s is a ground; layout %s has %s there", pin, layout, line)
		}
	}
	for _, row := range only(t, doc, "id", "eviter").rows() {
		cells := row.cells()
		var pins []string
		for line := range strings.SplitSeq(cells[0], ", ") {
			pins = append(pins, fmt.Sprint(gpiopanel.HeaderPin(line)))
			if _, sometimes := row.attr["data-if"]; !sometimes && used[line] != "" {
				t.Errorf("%s is to be avoided; layout %s uses it", line, used[line])
			}
		}
		if got, want := cells[1], strings.Join(pins, ", "); got != want {
			t.Errorf("pins of %s = %s; want %s", cells[0], got, want)
		}
	}
}

func TestGuideProfiles(t *testing.T) {
	doc := readGuide(t, technician)
	var names []string
	for _, row := range doc.all("data-profile") {
		names = append(names, row.attr["data-profile"])
	}
	if !slices.Equal(names, escpos.Profiles()) {
		t.Fatalf("profiles = %v; want %v", names, escpos.Profiles())
	}
	answers := map[escpos.Answers]string{
		escpos.AnswersUnknown: "on le lui demande", escpos.AnswersNothing: "rien", escpos.AnswersRealtime: "son état",
		escpos.AnswersMarker: "quand tout est lu", escpos.AnswersPrinted: "quand c’est imprimé",
	}
	for _, name := range names {
		p, _ := escpos.ProfileNamed(name)
		width := map[int]int{384: 58, 576: 80}[p.Dots]
		cutter := "non, on déchire"
		if p.Cutter {
			cutter = "oui, un pont reste"
		}
		if p.FullCut {
			cutter = "oui, complet"
		}
		if p.Presenter {
			cutter += ", puis tend le ticket"
		}
		want := []string{fmt.Sprintf("%d mm, %d points", width, p.Dots), fmt.Sprintf("%d lettres", p.Columns), cutter, answers[p.Answers]}
		cells := only(t, doc, "data-profile", name).cells()
		if got := cells[2:]; cells[0] != name || !slices.Equal(got, want) {
			t.Errorf("profile %s = %q; want %q", name, cells, want)
		}
	}
}

// The state of a printer, what staff and visitors read of it, and its lamp.
func TestGuideStates(t *testing.T) {
	say, doc := french(t), readGuide(t, technician)
	lights := map[string]string{
		"Off": "éteint", "On": "allumé", "Blink": "clignote", "Breathe": "respire lentement",
		"Wink": "un éclat toutes les 3 secondes", "Double": "deux éclats, une pause",
	}
	lit, otherwise := printerLights(t)
	rows := doc.all("data-state")
	n := 0
	for st := drivers.Mute; st <= drivers.Unplugged; st++ {
		n++
		visitor := map[drivers.Status]string{
			drivers.Ready: "ticket.printed", drivers.PaperLow: "ticket.printed", drivers.Mute: "ticket.unknown",
		}[st]
		visitor = cmp.Or(visitor, "ticket.printer."+st.String())
		light := cmp.Or(lit[strings.ReplaceAll(st.String(), "_", "")], otherwise)
		want := []string{say("device.printer." + st.String()), say(visitor), lights[light]}
		if got := only(t, doc, "data-state", st.String()).cells()[1:4]; !slices.Equal(got, want) || want[2] == "" {
			t.Errorf("state %s = %q; want %q", st, got, want)
		}
	}
	if len(rows) != n {
		t.Errorf("the guide has %d states; want %d", len(rows), n)
	}
}

// printerLights reads the function printerLight, which is nobody else's: the names
// of states, in lower case, with the names of their lights, and the light of the
// others.
func printerLights(t *testing.T) (lights map[string]string, otherwise string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "appliance/panel.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	returned := func(list []ast.Stmt) string {
		if len(list) > 0 {
			if r, ok := list[len(list)-1].(*ast.ReturnStmt); ok && len(r.Results) == 1 {
				if sel, ok := r.Results[0].(*ast.SelectorExpr); ok {
					return sel.Sel.Name
				}
			}
		}
		return ""
	}
	lights = make(map[string]string)
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "printerLight" {
			continue
		}
		otherwise = returned(fn.Body.List)
		ast.Inspect(fn, func(n ast.Node) bool {
			if c, ok := n.(*ast.CaseClause); ok {
				for _, state := range c.List {
					if sel, ok := state.(*ast.SelectorExpr); ok {
						lights[strings.ToLower(sel.Sel.Name)] = returned(c.Body)
					}
				}
			}
			return true
		})
	}
	if len(lights) == 0 || otherwise == "" {
		t.Fatal("printerLight is not in appliance/panel.go, or reads otherwise; change this test")
	}
	return lights, otherwise
}

func TestGuideSelfTest(t *testing.T) {
	say, doc := french(t), readGuide(t, technician)
	for _, item := range append(selftest.Items(), selftest.Panel) {
		if got, want := only(t, doc, "data-item", string(item)).cells()[0], say("selftest.item."+string(item)); got != want {
			t.Errorf("item %s = %q; want %q", item, got, want)
		}
	}
	for _, r := range []selftest.Result{selftest.OK, selftest.Warning, selftest.Failed, selftest.Skipped, selftest.Unknown} {
		if got, want := only(t, doc, "data-result", string(r)).cells()[0], say("selftest.result."+string(r)); got != want {
			t.Errorf("result %s = %q; want %q", r, got, want)
		}
	}
}

// What the guide says that a page, a paper or a log says.
func TestGuideQuotes(t *testing.T) {
	say, doc := french(t), readGuide(t, technician)
	for name, page := range guides(t) {
		for _, e := range page.all("data-word") {
			if got, want := e.text(), say(e.attr["data-word"]); got != want {
				t.Errorf("%s: %s = %q; want %q", name, e.attr["data-word"], got, want)
			}
		}
	}
	errs := map[string]error{"taken": gpiopanel.ErrTaken, "no-line": gpiopanel.ErrNoLine, "no-chip": gpiopanel.ErrNoChip, "twice": gpiopanel.ErrTwice}
	for _, e := range doc.all("data-error") {
		if got, want := e.text(), errs[e.attr["data-error"]]; want == nil || got != want.Error() {
			t.Errorf("error %s = %q; want %q", e.attr["data-error"], got, want)
		}
	}
}

// smallest is a site with one desk, whose key is 1.
const smallest = `time_zone = "Europe/Paris"
[place]
name = "Ici"
[[hours]]
day = "jeudi"
from = "9:00"
until = "12:00"
[[desk]]
key = "1"
label = "Bureau 1"
roles = ["accueil"]
[[motif]]
key = "caf"
`

// Each piece of a site file is accepted together with the smallest site, and by
// those who open the devices.
func TestGuideSite(t *testing.T) {
	for name, least := range map[string]int{technician: 18, writers: 3} {
		pieces := readGuide(t, name).all("pre.toml")
		if len(pieces) < least {
			t.Fatalf("%s has %d pieces of a site file; want them marked <pre class=\"toml\">", name, len(pieces))
		}
		for _, e := range pieces {
			section := ""
			if slices.Contains(strings.Fields(e.attr["class"]), "first") {
				section = top
			}
			_, err := acceptedIn(section, e.raw())
			if e.attr["data-languages"] != "" { // languages of the folder of texts, which the page made before
				_, err = site.Parse("guide", []byte(e.raw()+"\n"+smallest+"[texts]\nfolder = \"textes\"\n"))
			}
			if err != nil {
				t.Errorf("%s: %s\n= %v; want it accepted", name, e.raw(), err)
			}
		}
	}
}

// top is where the settings stand that are of no section.
const top = "en haut"

// accepted is the smallest site with a piece behind it.
func accepted(piece string) (*site.Site, error) { return acceptedIn("", piece) }

// acceptedIn is the smallest site with a piece in a section, which may be there
// already: "[place]", top for the settings above all sections, "" for a piece with
// sections of its own.
func acceptedIn(section, piece string) (*site.Site, error) {
	text := smallest + section + "\n" + piece + "\n"
	if section == top {
		text = piece + "\n" + smallest
	} else if before, after, there := strings.Cut(smallest, section+"\n"); section != "" && there {
		text = before + section + "\n" + piece + "\n" + after
	}
	s, err := site.Parse("guide", []byte(text))
	if err != nil {
		return nil, err
	}
	if _, err := profileOf(s.Printer); err != nil {
		return nil, err
	}
	if scheme, address, _ := strings.Cut(s.Devices.Printer, ":"); scheme == "escpos" {
		if _, err := opener(address); err != nil {
			return nil, err
		}
	}
	visitor := panelConfig(s, "")
	err = visitor.Check()
	desk := panelConfig(s, "1")
	if len(desk.Buttons) > 0 {
		// The two panels share the lines of one machine.
		visitor.Buttons = append(visitor.Buttons, desk.Buttons...)
		err = errors.Join(err, desk.Check(), visitor.Check())
	}
	return s, err
}

// Each row of the printer's settings changes one of them, and together all.
func TestGuidePrinterSettings(t *testing.T) {
	doc := readGuide(t, technician)
	changed := make(map[string]string)
	for _, row := range only(t, doc, "id", "cles").rows() {
		example := row.cells()[0]
		piece := "[printer]\n" + example
		if strings.HasPrefix(example, "full_cut") || strings.HasPrefix(example, "presenter") {
			piece += "\ncutter = true" // a setting that goes with another
		}
		if strings.HasPrefix(example, "present_steps") {
			piece += "\npresenter = true"
		}
		s, err := accepted(piece)
		if err != nil {
			t.Errorf("%s = %v; want it accepted", example, err)
			continue
		}
		v := reflect.ValueOf(s.Printer)
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				field := v.Type().Field(i).Name
				changed[field] = cmp.Or(changed[field], example)
			}
		}
	}
	for f := range reflect.TypeFor[site.Printer]().Fields() {
		if changed[f.Name] == "" {
			t.Errorf("no row of the guide sets site.Printer.%s", f.Name)
		}
	}
}

// Each row of the settings of a place changes something of the site that no row
// before it changed.
func TestGuidePlaceSettings(t *testing.T) {
	small, err := accepted("")
	if err != nil {
		t.Fatal(err)
	}
	changed := map[string]bool{}
	for _, row := range only(t, readGuide(t, technician), "id", "reglages-lieu").rows() {
		var lines []string
		for _, e := range row.all("code") {
			if text := e.text(); !strings.HasPrefix(text, "[") || strings.Contains(text, "=") {
				lines = append(lines, text)
			}
		}
		section := row.cells()[0]
		s, err := acceptedIn(section, strings.Join(lines, "\n"))
		if err != nil {
			t.Errorf("%s %s = %v; want it accepted", section, lines, err)
			continue
		}
		before := len(changed)
		for field, differs := range differing(*small, *s) {
			if differs {
				changed[field] = true
			}
		}
		if len(changed) == before {
			t.Errorf("%s %s changes nothing that no row before it changed", section, lines)
		}
	}
}

// Whatever a site may set, a guide sets: in a row of settings, or in a piece of a site
// file. What every site must have, the check asks for, with the line to write.
func TestGuideSiteKeys(t *testing.T) {
	told := keysOf(smallest)
	for _, name := range []string{technician, writers} {
		doc := readGuide(t, name)
		for _, e := range doc.all("pre.toml") {
			maps.Copy(told, keysOf(e.raw()))
		}
		for _, table := range doc.all("id") {
			for _, row := range table.rows() {
				section := "[printer]"
				switch table.attr["id"] {
				case "reglages-lieu":
					section = row.cells()[0]
				case "cles":
				default:
					continue
				}
				for _, e := range row.all("code") {
					maps.Copy(told, keysOf(section+"\n"+e.text()))
				}
			}
		}
	}
	known := siteKeys(t)
	for _, key := range known {
		if !told[key] {
			t.Errorf("no guide tells of %s; want a row in #reglages-lieu of %s", key, technician)
		}
	}
	// The sites' keys are read from what the check says, which may change.
	for _, key := range []string{"time_zone", "equipment", "place.postcode", "elsewhere.motifs", "button.line", "printer.short"} {
		if !slices.Contains(known, key) {
			t.Errorf("the keys of a site are %v; want %s among them", known, key)
		}
	}
}

// siteKeys are the keys that a site may have, with their section: "closed",
// "place.name". The check lists them when it finds another one.
func siteKeys(t *testing.T) (keys []string) {
	t.Helper()
	listed := func(header string) []string {
		_, err := site.Parse("guide", []byte(header+"\nno_such_key = 1\n"))
		if err == nil {
			t.Fatalf("%s accepts no_such_key", header)
		}
		for line := range strings.Lines(err.Error()) {
			if _, list, ok := strings.Cut(line, `unknown key "no_such_key"; known keys `); ok {
				_, list, _ = strings.Cut(strings.TrimSpace(list), " are ")
				return strings.Split(list, ", ")
			}
		}
		return nil
	}
	for _, top := range listed("") {
		inner := append(listed("["+top+"]"), listed("[["+top+"]]")...)
		if len(inner) == 0 {
			keys = append(keys, top)
		}
		for _, key := range inner {
			keys = append(keys, top+"."+key)
		}
	}
	return keys
}

// keysOf are the keys that a piece of a site file sets, with their section.
func keysOf(piece string) map[string]bool {
	keys := map[string]bool{}
	section := ""
	for line := range strings.Lines(piece) {
		key, _, set := strings.Cut(line, "=")
		switch key = strings.TrimSpace(key); {
		case strings.HasPrefix(key, "["):
			section = strings.Trim(key, "[]") + "."
		case set:
			key, _, _ = strings.Cut(key, ".") // label.fr is a label
			keys[section+key] = true
		}
	}
	return keys
}

// differing compares two sites field by field, and the fields of those that are structs.
func differing(a, b site.Site) map[string]bool {
	differ := map[string]bool{}
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		name, fa, fb := va.Type().Field(i).Name, va.Field(i), vb.Field(i)
		if fa.Kind() != reflect.Struct {
			differ[name] = !reflect.DeepEqual(fa.Interface(), fb.Interface())
			continue
		}
		for j := range fa.NumField() {
			differ[name+"."+fa.Type().Field(j).Name] = !reflect.DeepEqual(fa.Field(j).Interface(), fb.Field(j).Interface())
		}
	}
	return differ
}

// What the guide says of each file of the data folder is what jeudi data show says.
func TestGuideData(t *testing.T) {
	var want [][]string
	for _, k := range everyKept() {
		if !k.folder && !k.setAside && !k.half { // of those the guide has a sentence
			want = append(want, []string{k.name, spaced(k.what), k.person, spaced(k.until)})
		}
	}
	var got [][]string
	for _, row := range readGuide(t, guardian).all("data-kept") {
		got = append(got, row.cells())
		if row.attr["data-kept"] != row.cells()[0] {
			t.Errorf("the row of %s is marked %s", row.cells()[0], row.attr["data-kept"])
		}
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("the guide says of the data folder\n%q; want\n%q", got, want)
	}
}

// What the town's IT service reads is what the firewall lets in, who the system knows, and
// what it does not start.
func TestGuideTownHall(t *testing.T) {
	page := readGuide(t, townHall)
	open := func(rules string) (ports []string) {
		for line := range strings.Lines(rules) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "iifname") || !strings.HasSuffix(line, "accept") || strings.Contains(line, `"lo"`) || strings.Contains(line, "dport 68") {
				continue // ourselves, and the answer to our own DHCP
			}
			kinds := []string{"tcp", "udp"}
			if !strings.Contains(line, "meta l4proto { tcp, udp }") {
				kinds = []string{"tcp"}
				if strings.Contains(line, "udp") {
					kinds = []string{"udp"}
				}
			}
			_, list, _ := strings.Cut(line, "dport ")
			list = strings.Trim(strings.TrimSpace(strings.TrimSuffix(list, "accept")), "{} ")
			for port := range strings.SplitSeq(list, ",") {
				for _, kind := range kinds {
					ports = append(ports, kind+" "+strings.TrimSpace(port))
				}
			}
		}
		slices.Sort(ports)
		return ports
	}
	told := map[int][]string{}
	for _, row := range page.all("data-port") {
		cells := row.cells()
		for column := 1; column <= 2; column++ {
			switch cells[column] {
			case "ouvert":
				told[column] = append(told[column], row.attr["data-port"])
			case "fermé":
			default:
				t.Errorf("%s is %q; want ouvert or fermé", cells[0], cells[column])
			}
		}
		if !strings.EqualFold(cells[0], row.attr["data-port"]) {
			t.Errorf("the row of %s is marked %s", cells[0], row.attr["data-port"])
		}
	}
	slices.Sort(told[1])
	slices.Sort(told[2])
	if want := open(hotspot.FirewallRules("wlan0", nil)); len(want) < 4 || !slices.Equal(told[1], want) {
		t.Errorf("the page says that %q are open on the box's own network; want %q", told[1], want)
	}
	if want := open(hotspot.FirewallRules("", []string{"eth0"})); len(want) < 2 || !slices.Equal(told[2], want) {
		t.Errorf("the page says that %q are open on the place's network; want %q", told[2], want)
	}
	if got := only(t, page, "id", "adresse").text(); got != hotspot.Own.Addr().String() {
		t.Errorf("the box's own address is %s; want %s", got, hotspot.Own.Addr())
	}

	users, err := os.ReadFile("../images/root/usr/lib/sysusers.d/jeudi.conf")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for line := range strings.Lines(string(users)) {
		if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(f[0], "u") {
			want = append(want, f[1])
		}
	}
	for _, row := range page.all("data-account") {
		got = append(got, row.attr["data-account"])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the page says that %q are the accounts; want %q", got, want)
	}
	for _, unit := range []string{"ssh.service", "ssh.socket", "getty@.service", "serial-getty@.service", "systemd-timesyncd.service"} {
		if to, err := os.Readlink("../images/root/etc/systemd/system/" + unit); to != "/dev/null" {
			t.Errorf("the page says that %s never starts: it leads to %q, %v; want /dev/null", unit, to, err)
		}
	}
}

// The card's guide names the files as the card and a release have them, and what it says
// that a screen says stands in the file that says it.
func TestGuideCard(t *testing.T) {
	page := readGuide(t, cards)
	text := page.text()
	for _, name := range []string{card.SiteFile, card.ResetFile, card.ErrorFile} {
		if !strings.Contains(text, name) {
			t.Errorf("the guide does not name %s", name)
		}
	}
	build, err := os.ReadFile("../images/build")
	if err != nil {
		t.Fatal(err)
	}
	rows := only(t, page, "id", "fichiers").rows()
	for _, row := range rows {
		name := row.cells()[0]
		end, versioned := strings.CutPrefix(name, "jeudi-"+version)
		if !versioned {
			end = strings.TrimSuffix(name, ".minisig") // which jeudi update sign adds
		}
		if !bytes.Contains(build, []byte(end)) {
			t.Errorf("the guide has the file %s; images/build makes none that ends in %s", name, end)
		}
	}
	// The smallest card is what the program says when it refuses a smaller one.
	least := only(t, page, "id", "moins").text()
	if r := flash.Judge(flash.Disk{Bytes: 1, Removable: true}, 0); r == nil || r.Args["least"] != least {
		t.Errorf("the guide says %s at least; want what jeudi flash says, %v", least, r)
	}
	// A site file is named to the program after the guide said how to make one.
	commands := page.all("pre.shell")
	made := slices.IndexFunc(commands, func(e *element) bool { return strings.Contains(e.raw(), "jeudi site new ") })
	if first := slices.IndexFunc(commands, func(e *element) bool { return strings.Contains(e.raw(), "-site ") }); made < 0 || first < made {
		t.Errorf("-site is in command %d of the guide, jeudi site new in %d; want it made first", first, made)
	}
	if len(rows) < 8 || !strings.Contains(text, "jeudi-"+version+".img.zst") {
		t.Errorf("the guide names %d files of a release; want all of version %s", len(rows), version)
	}
	said := page.all("data-screen")
	for _, e := range said {
		source, err := os.ReadFile("../" + e.attr["data-screen"])
		if err != nil || !strings.Contains(spaced(string(source)), e.text()) {
			t.Errorf("%s does not say %q: %v", e.attr["data-screen"], e.text(), err)
		}
	}
	if len(said) < 4 {
		t.Errorf("the guide has %d sentences of the screen; want them marked data-screen", len(said))
	}
}

// What the guide turns off is a rule that there is.
func TestGuideRights(t *testing.T) {
	s, err := accepted(only(t, readGuide(t, technician), "id", "droits-off").raw())
	if err != nil {
		t.Fatal(err)
	}
	rules, err := rights.Parse(rights.DefaultText())
	if err != nil {
		t.Fatal(err)
	}
	if _, unknown := rules.Without(s.Rights.Off...); len(s.Rights.Off) == 0 || len(unknown) > 0 {
		t.Errorf("the guide turns off %v, of which %v are no rules; want one that is", s.Rights.Off, unknown)
	}
}

// The languages of the guide are those of the catalogue, in its order, under the
// names of their buttons.
func TestGuideLanguages(t *testing.T) {
	w, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range readGuide(t, technician).all("data-lang") {
		lang, cells := row.attr["data-lang"], row.cells()
		got = append(got, lang)
		if name := spaced(w.Text(lang, "language.name", nil)); cells[0] != lang || cells[1] != name {
			t.Errorf("language %s = %q; want its code and %q", lang, cells[:2], name)
		}
		if tag := row.all("lang"); len(tag) != 1 || tag[0].attr["lang"] != words.Tag(lang) {
			t.Errorf("the name of language %s is marked otherwise; want lang=%q", lang, words.Tag(lang))
		}
	}
	want := slices.Clone(w.Languages())
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the languages of the guide are %v; want %v", got, want)
	}
}

// The files of texts that the guide shows are taken, and the plural forms that it
// asks for are those of the languages.
func TestGuideTexts(t *testing.T) {
	w, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	doc := readGuide(t, writers)
	examples := doc.all("pre.words")
	for _, e := range examples {
		lang := e.attr["data-lang"]
		over, err := w.Over(map[string][]byte{lang: []byte(e.raw())})
		if err != nil {
			t.Errorf("%s.json: %v; want it taken", lang, err)
			continue
		}
		var keys map[string]any
		if err := json.Unmarshal([]byte(e.raw()), &keys); err != nil {
			t.Fatal(err)
		}
		for key := range keys {
			if w.Has(lang, key) && over.Text(lang, key, map[string]any{"n": 2}) == w.Text(lang, key, map[string]any{"n": 2}) {
				t.Errorf("%s.json: %s is as it was; want an example that changes it", lang, key)
			}
		}
	}
	for _, e := range doc.all("data-languages") {
		for lang := range strings.FieldsSeq(e.attr["data-languages"]) {
			if !slices.ContainsFunc(examples, func(e *element) bool { return e.attr["data-lang"] == lang }) {
				t.Errorf("the guide lists language %s, and shows no file of it", lang)
			}
		}
	}
	rows := doc.all("data-plurals")
	if len(rows) < 4 {
		t.Fatalf("the guide has %d rows of plural forms; want four or more", len(rows))
	}
	for _, row := range rows {
		entry := map[string]string{}
		for _, form := range row.all("code") {
			entry[form.text()] = "{n}"
		}
		for lang := range strings.FieldsSeq(row.attr["data-plurals"]) {
			file, err := json.Marshal(map[string]map[string]string{"ticket.ahead": entry,
				"language.name": {"text": lang}, "language.hello": {"text": lang}})
			if err == nil {
				_, err = w.Over(map[string][]byte{lang: file})
			}
			if err != nil {
				t.Errorf("the plural forms of %s: %v; want them taken", lang, err)
			}
		}
	}
}

// The names of recordings are those of clips.
func TestGuideRecordings(t *testing.T) {
	w, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	dir := fstest.MapFS{}
	for _, e := range readGuide(t, writers).all("code.clip") {
		dir[e.text()] = &fstest.MapFile{}
	}
	if len(dir) < 4 {
		t.Fatalf("the guide names %d recordings; want them marked <code class=\"clip\">", len(dir))
	}
	v, err := voice.Load(w, voice.Options{Human: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Check() {
		for _, file := range c.Unknown {
			t.Errorf("no clip of %s is recorded as %s", c.Lang, file)
		}
	}
}

func TestGuideSerialSettings(t *testing.T) {
	for _, e := range readGuide(t, technician).all("code.serial") {
		if _, _, err := uart.ParseDSN("/dev/ttyAMA0?" + e.text()); err != nil {
			t.Errorf("%s: %v; want it accepted", e.text(), err)
		}
	}
}

// The commands of the guide are those of the program, with flags that they have.
func TestGuideCommands(t *testing.T) {
	n := 0
	var shells []*element
	for _, name := range []string{technician, writers, guardian, cards} {
		shells = append(shells, readGuide(t, name).all("pre.shell")...)
	}
	for _, e := range shells {
		for line := range strings.Lines(e.raw()) {
			args := strings.Fields(strings.TrimPrefix(line, "sudo "))
			// By its own name on a box, as a file of a folder on the computer that writes cards.
			if !slices.Contains([]string{"jeudi", "./jeudi", `.\jeudi.exe`}, args[0]) {
				continue
			}
			n++
			var out bytes.Buffer
			if code := run(context.Background(), []string{args[1], "--help"}, &out, &out); code != exitOK {
				t.Errorf("jeudi %s --help = %d %s; want 0", args[1], code, &out)
			}
			help := out.String()
			if slices.Contains([]string{"site", "rights", "routing", "voices", "data", "bilan"}, args[1]) && !strings.Contains(help, "jeudi "+args[1]+" "+args[2]) {
				t.Errorf("%q is not in the help of jeudi %s", line, args[1])
			}
			for _, a := range args {
				if strings.HasPrefix(a, "-") && !strings.Contains(help, "\n  "+a) {
					t.Errorf("%q: jeudi %s has no flag %s", line, args[1], a)
				}
			}
		}
	}
	if n == 0 {
		t.Error("the guide has no command; want them marked <pre class=\"shell\">")
	}
}

// Every link leads somewhere, from the box and from a folder, and no script or
// style is in the text, for the box's policy would refuse it.
func TestGuideLinks(t *testing.T) {
	pages := guides(t)
	ids := func(e *element) (list []string) {
		for _, e := range e.all("id") {
			list = append(list, e.attr["id"])
		}
		return list
	}
	server := web.New(web.Config{Files: kioskui.Files})
	defer server.Close()
	for name, doc := range pages {
		if list := ids(doc); len(slices.Compact(slices.Sorted(slices.Values(list)))) != len(list) {
			t.Errorf("%s has an id twice: %v", name, list)
		}
		for _, e := range slices.Concat(doc.all("a"), doc.all("link")) {
			href := e.attr["href"]
			if href == "data:," { // the icon that there is not
				continue
			}
			file, id, _ := strings.Cut(href, "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := fs.Stat(kioskui.Files, target); err != nil || strings.HasPrefix(file, "/") {
				t.Errorf("%s: link to %q leads nowhere: %v", name, href, err)
				continue
			}
			if id != "" && (pages[target] == nil || !slices.Contains(ids(pages[target]), id)) {
				t.Errorf("%s: link to %q: there is no such place", name, href)
			}
			// A folder's index has the folder's address.
			if code := get(server, "/"+strings.TrimSuffix(target, "index.html")).Code; code != 200 {
				t.Errorf("GET /%s = %d; want 200", target, code)
			}
		}
		for _, e := range slices.Concat(doc.all("script"), doc.all("style")) {
			t.Errorf("%s has a %s; want plain HTML", name, e.name)
		}
	}
	if got := get(server, "/guide"); got.Code != 302 || got.Header().Get("Location") != "/guide/" {
		t.Errorf("GET /guide = %d to %q; want 302 to /guide/", got.Code, got.Header().Get("Location"))
	}
	if got := get(server, "/guide/"); got.Code != 200 {
		t.Errorf("GET /guide/ = %d; want the list of guides", got.Code)
	}
	var listed []string
	for _, e := range pages["guide/index.html"].all("a") {
		listed = append(listed, path.Join("guide", e.attr["href"]))
	}
	for name := range pages {
		if name != "guide/index.html" && !slices.Contains(listed, name) {
			t.Errorf("%s is not in the list of guides", name)
		}
	}
}

// The pictures are in the box, small, said in words for those who do not see them,
// and each is shown somewhere.
func TestGuidePictures(t *testing.T) {
	const most, largest = 14, 60_000 // of a page, bytes each: a phone loads them all
	server := web.New(web.Config{Files: kioskui.Files})
	defer server.Close()
	shown := map[string]bool{}
	for name, doc := range guides(t) {
		if n := len(doc.all("img")); n > most {
			t.Errorf("%s has %d pictures; want %d at most", name, n, most)
		}
		for _, e := range doc.all("img") {
			file := path.Join(path.Dir(name), e.attr["src"])
			shown[file] = true
			data, err := fs.ReadFile(kioskui.Files, file)
			if err != nil || len(data) > largest {
				t.Errorf("%s: %s has %d bytes, %v; want %d at most", name, file, len(data), err, largest)
				continue
			}
			if len(strings.Fields(e.attr["alt"])) < 5 {
				t.Errorf("%s: %s is said as %q; want what there is to see", name, file, e.attr["alt"])
			}
			if got, want := e.attr["width"]+" × "+e.attr["height"], webpSize(data); got != want {
				t.Errorf("%s: %s is announced as %s; want %s, or the text jumps while it loads", name, file, got, want)
			}
			if got := get(server, "/"+file); got.Code != 200 || got.Header().Get("Content-Type") != "image/webp" {
				t.Errorf("GET /%s = %d, %s; want a picture", file, got.Code, got.Header().Get("Content-Type"))
			}
		}
	}
	files, err := fs.Glob(kioskui.Files, "guide/*.webp")
	if err != nil {
		t.Error(err)
	}
	for _, file := range files {
		if !shown[file] {
			t.Errorf("no guide shows %s", file)
		}
	}
}

// webpSize is the width and height of a picture, of the specification of WebP:
// 14 bits each in the key frame of a lossy one; in an extended one 24 bits each, one
// less than they are.
func webpSize(data []byte) string {
	if len(data) < 31 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WEBP" {
		return "a WebP picture"
	}
	le24 := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
	switch string(data[12:16]) {
	case "VP8 ":
		return fmt.Sprint(le24(data[26:])&0x3fff, " × ", le24(data[28:31])&0x3fff)
	case "VP8X":
		return fmt.Sprint(le24(data[24:])+1, " × ", le24(data[27:])+1)
	}
	return "a lossy WebP picture"
}

// What teams and writers read is as easy as what visitors read: twelve words a
// sentence, and few commas. Somebody judges the rest; this page says how.
func TestGuideEasy(t *testing.T) {
	const mostWords, mostCommas = 12, 3
	for name, doc := range guides(t) {
		if name == technician {
			continue
		}
		for _, what := range []string{"p", "li", "td", "th", "figcaption", "h2", "h3"} {
			for _, e := range doc.all(what) {
				for sentence := range strings.FieldsFuncSeq(e.text(), func(c rune) bool { return strings.ContainsRune(".!?;:", c) }) {
					n, list := len(strings.Fields(sentence)), what == "td" || what == "th"
					if n > mostWords || strings.Count(sentence, ",") > mostCommas && !list {
						t.Errorf("%s: %q has %d words; want %d at most, and few commas", name, spaced(sentence), n, mostWords)
					}
				}
			}
		}
	}
}

func get(s *web.Server, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "http://localhost"+path, nil)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
