package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/http/httptest"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"jeudi/drivers"
	"jeudi/drivers/escpos"
	"jeudi/drivers/gpiopanel"
	"jeudi/drivers/uart"
	"jeudi/firmware/selftest"
	"jeudi/firmware/web"
	"jeudi/firmware/words"
	kioskui "jeudi/kiosk-ui"
	"jeudi/provisioning/site"
)

// A guide that is wrong is worse than none: what these tests read in the pages is
// compared with what the code does.

const technician = "guide/technicien.html"

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
	notOffered := strings.Fields(only(t, doc, "id", "not-offered").attr["data-layouts"])
	for _, l := range gpiopanel.Layouts() {
		if slices.Contains(notOffered, l.Name) {
			if slices.Contains(site.Layouts(), l.Name) {
				t.Errorf("the guide says that layout %s is not offered; the site file has it", l.Name)
			}
			continue
		}
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
	for _, e := range doc.all("data-word") {
		if got, want := e.text(), say(e.attr["data-word"]); got != want {
			t.Errorf("%s = %q; want %q", e.attr["data-word"], got, want)
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
	doc := readGuide(t, technician)
	pieces := doc.all("pre.toml")
	if len(pieces) < 10 {
		t.Fatalf("the guide has %d pieces of a site file; want them marked <pre class=\"toml\">", len(pieces))
	}
	for _, e := range pieces {
		if _, err := accepted(e.raw()); err != nil {
			t.Errorf("%s\n= %v; want it accepted", e.raw(), err)
		}
	}
}

func accepted(piece string) (*site.Site, error) {
	s, err := site.Parse("guide", []byte(smallest+piece+"\n"))
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
	for _, e := range readGuide(t, technician).all("pre.shell") {
		for line := range strings.Lines(e.raw()) {
			args := strings.Fields(line)
			if args[0] != "jeudi" {
				continue
			}
			n++
			var out bytes.Buffer
			if code := run(context.Background(), []string{args[1], "--help"}, &out, &out); code != exitOK {
				t.Errorf("jeudi %s --help = %d %s; want 0", args[1], code, &out)
			}
			help := out.String()
			if args[1] == "site" && !strings.Contains(help, "jeudi site "+args[2]) {
				t.Errorf("%q is not in the help of jeudi site", line)
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
	pages := map[string]*element{}
	names, err := fs.Glob(kioskui.Files, "guide/*.html")
	if err != nil || len(names) < 2 {
		t.Fatalf("the guides are %v, %v; want two or more", names, err)
	}
	for _, name := range names {
		pages[name] = readGuide(t, name)
	}
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
	if got := get(server, "/guide/"); got.Code != 200 || !strings.Contains(got.Body.String(), "technicien.html") {
		t.Errorf("GET /guide/ = %d; want the list of guides", got.Code)
	}
}

func get(s *web.Server, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "http://localhost"+path, nil)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
