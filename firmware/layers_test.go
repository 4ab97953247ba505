package main_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A room is what one package may know.
type room struct {
	ours    []string // packages of ours, without the module's name
	modules []string // packages of other modules, with all that is below them
	pure    bool     // no I/O, no clock, no randomness, no goroutine
	embeds  bool     // a pure room whose text lies beside it in files
	seeded  bool     // a pure room that draws, from a generator whose seed is an argument
}

// house is the map of the project: a package that it lacks may not exist, and an
// import that it lacks may not be written. A room may be on the map before it is
// built. A key that ends in /... stands for all packages below.
//
// When work shows that a room is wrong, change the map and say why.
func house() map[string]room {
	const (
		bbolt     = "go.etcd.io/bbolt"
		websocket = "github.com/gorilla/websocket"
		toml      = "github.com/pelletier/go-toml/v2"
		malgo     = "github.com/gen2brain/malgo"
		qr        = "rsc.io/qr"
		text      = "golang.org/x/text"
		sys       = "golang.org/x/sys"
		conn      = "periph.io/x/conn/v3"
		// The rest of periph's host is imported by nobody: its board drivers can panic.
		gpioioctl = "periph.io/x/host/v3/gpioioctl"
		shaping   = "github.com/go-text/typesetting"
		image     = "golang.org/x/image"
		excelize  = "github.com/xuri/excelize/v2"
		schemas   = "github.com/santhosh-tekuri/jsonschema/v6" // tests alone
		vorbis    = "github.com/jfreymuth/oggvorbis"
		ical      = "github.com/arran4/golang-ical"
		rrule     = "github.com/teambition/rrule-go"
		minisign  = "aead.dev/minisign"
		zstd      = "github.com/klauspost/compress/zstd"
		xz        = "github.com/ulikunitz/xz"
		fat       = "github.com/diskfs/go-diskfs"
	)
	provisioning := room{ours: []string{"provisioning/site", "provisioning/card", "provisioning/steward"}, modules: []string{sys}}

	rooms := map[string]room{
		"drivers": {},
		// Glyphs and lines of every language, for paper and for documents alike.
		"drivers/typeset":    {pure: true, embeds: true, modules: []string{text, shaping, image}},
		"drivers/escpos":     {ours: []string{"drivers", "drivers/typeset"}, modules: []string{text, qr, shaping, image, sys}},
		"drivers/uart":       {modules: []string{conn, sys}},
		"drivers/gpiopanel":  {ours: []string{"drivers"}, modules: []string{conn, gpioioctl, sys}},
		"drivers/sound":      {ours: []string{"drivers"}, modules: []string{malgo, sys}},
		"drivers/sim":        {ours: []string{"drivers", "drivers/escpos"}, modules: []string{text, qr, image}},
		"drivers/drivertest": {ours: []string{"drivers"}},

		"firmware/words":    {pure: true, embeds: true, modules: []string{text}},
		"firmware/sheet":    {pure: true},
		"firmware/session":  {pure: true},
		"firmware/selftest": {pure: true, ours: []string{"firmware/session"}},
		// Who receives whom, and which rights may be missed: rules as data, each with its
		// own language, that a site may replace. In sheet they would have buried it.
		"firmware/routing": {pure: true, embeds: true, ours: []string{"firmware/session", "firmware/sheet"}},
		"firmware/rights":  {pure: true, embeds: true},
		// How long people will wait is drawn from the state of the session, many times over.
		"firmware/wait":   {pure: true, seeded: true, ours: []string{"firmware/session"}},
		"firmware/intake": {pure: true, ours: []string{"firmware/session", "firmware/sheet", "firmware/routing", "firmware/rights"}},
		// How well announced waits held is a number of the closing report, and so of its entry.
		"firmware/report": {pure: true, ours: []string{"firmware/session", "firmware/sheet", "firmware/wait", "firmware/words"}},
		"firmware/report/...": {pure: true, ours: []string{"firmware/report",
			"firmware/session", "firmware/sheet", "firmware/wait", "firmware/words"}},
		// Each form of the bilan is a room of its own: a document, a page, a workbook, open data.
		"firmware/report/pdf":      {pure: true, ours: []string{"firmware/report", "drivers/typeset"}, modules: []string{shaping, image}},
		"firmware/report/html":     {pure: true, embeds: true, ours: []string{"firmware/report"}},
		"firmware/report/xlsx":     {pure: true, ours: []string{"firmware/report"}, modules: []string{excelize}},
		"firmware/report/opendata": {pure: true, embeds: true, ours: []string{"firmware/report"}, modules: []string{schemas}},
		// La Coop's field names stand over La Coop's own lists.
		"firmware/report/lacoop": {pure: true, ours: []string{"firmware/report", "firmware/coop", "firmware/sheet"}},
		// What hangs in halls is set as a document, and printed by others.
		"firmware/poster": {pure: true, ours: []string{"firmware/report/pdf", "firmware/words"}},
		"firmware/paper": {pure: true, ours: []string{"firmware/session", "firmware/intake", "firmware/sheet",
			"firmware/report", "firmware/selftest", "firmware/directory", "firmware/directory/hours", "firmware/words", "drivers"}},

		// La Coop's words for what was done, its link and its file, and the sheet that counts them.
		"firmware/coop": {pure: true, ours: []string{"firmware/session", "firmware/sheet"}},

		// Four rooms keep bbolt files on a card that may be damaged: opened in one way, written once.
		"firmware/boltfile": {modules: []string{bbolt, sys}},
		// What a power cut leaves of them, for their tests.
		"firmware/powercut": {},
		"firmware/journal":  {ours: []string{"firmware/boltfile", "firmware/session"}, modules: []string{bbolt, sys}},
		"firmware/counters": {ours: []string{"firmware/boltfile", "firmware/sheet"}, modules: []string{bbolt, sys}},
		// What the release rules keep and give away, measured on the rules themselves.
		"firmware/counters/measure": {ours: []string{"firmware/counters", "firmware/sheet"}},
		"firmware/ledger":           {ours: []string{"firmware/boltfile", "firmware/session", "firmware/selftest", "firmware/report", "firmware/wait"}, modules: []string{bbolt, sys}},
		// The agenda's seats have codes as the ledger's slips, and its own file: a calendar is
		// changed all day, and rewritten when an event is over, which a ledger must not be.
		"firmware/agenda": {ours: []string{"firmware/boltfile", "firmware/coop", "firmware/ledger", "firmware/session"},
			modules: []string{bbolt, ical, rrule}},
		"firmware/directory":       {ours: []string{"firmware/directory/hours"}, modules: []string{text, sys}},
		"firmware/directory/hours": {pure: true},
		"firmware/voice":           {ours: []string{"drivers", "firmware/words"}, modules: []string{vorbis}},
		// Who of the staff is connected, and what stands between the network and the
		// handlers: three rooms, so that each promise is read and tested by itself.
		"firmware/web/pair":  {pure: true, ours: []string{"firmware/session"}},
		"firmware/web/cert":  {},
		"firmware/web/guard": {ours: []string{"firmware/session", "firmware/web/pair"}},
		// It names papers: a slip is asked for in their words, and drawn by the box.
		"firmware/web": {ours: []string{"firmware/web/pair", "firmware/web/cert", "firmware/web/guard", "firmware/agenda", "firmware/appliance", "firmware/coop", "firmware/session", "firmware/intake", "firmware/sheet", "firmware/ledger",
			"firmware/paper", "firmware/report", "firmware/selftest", "firmware/directory", "firmware/directory/hours", "firmware/words", "kiosk-ui"}, modules: []string{websocket, qr}},

		// A new box, before it has a site: its own pages, behind the guards of the others.
		"firmware/setup": {ours: []string{"drivers", "firmware/session", "firmware/web", "firmware/web/guard", "firmware/web/pair", "firmware/words", "provisioning/site"}},

		// What outlives one box: backup, handover to a spare one, report for who helps from afar.
		"firmware/care": {ours: []string{"firmware/journal", "firmware/report", "firmware/session", "provisioning/machine", "provisioning/site"}},

		// All that is ever logged: the other rooms are given a logger, and only main knows
		// what stands behind it.
		"firmware/logbook": {},

		// It speaks to a running box as anyone could, so it knows nothing of its inside.
		"firmware/rehearse": {modules: []string{websocket}},

		// The virtual machine with the kernel's own devices, and what runs inside it.
		"firmware/hil":     {ours: []string{"drivers", "drivers/escpos", "drivers/sim"}, modules: []string{websocket, sys}},
		"firmware/hil/...": {ours: []string{"drivers", "drivers/escpos", "drivers/sim"}, modules: []string{sys}},

		"kiosk-ui":          {},
		"provisioning/site": {modules: []string{toml}},
		// The card's layout, and the one who runs as root: what every other part of provisioning agrees on.
		"provisioning/card":      {modules: []string{sys}},
		"provisioning/steward":   {modules: []string{sys}},
		"provisioning/machine":   {},
		"provisioning/stick":     {ours: []string{"provisioning/card", "provisioning/steward"}, modules: []string{sys}},
		"provisioning/hotspot":   provisioning,
		"provisioning/firstboot": provisioning,
		"provisioning/update": {ours: []string{"provisioning/card", "provisioning/steward"},
			modules: []string{minisign, zstd, sys}},
		// The files of the box's root have tests and no program; the first picture is drawn before
		// there is anything of ours.
		"images":        {},
		"images/splash": {modules: []string{image, sys}},
		// What images/build makes of Debian's packages and our files; it runs on the builder alone.
		"images/assemble": {ours: []string{"provisioning/card", "provisioning/update"}, modules: []string{zstd}},
		// The card in a virtual machine, and what a power cut leaves of it, read by the box's own code.
		"images/proof": {ours: []string{"firmware/agenda", "firmware/hil", "firmware/journal", "firmware/ledger", "firmware/session", "provisioning/card"},
			modules: []string{sys}},
		"images/proof/ask":     {ours: []string{"provisioning/card", "provisioning/steward"}},
		"images/proof/phone":   {modules: []string{websocket, sys}},
		"images/proof/restart": {modules: []string{sys}},
		// A card is written on computers that have neither xz nor a way into a card's file system.
		"provisioning/flash": {ours: []string{"provisioning/card"}, modules: []string{xz, zstd, fat, sys}},
	}

	// The box knows every device and every room of the firmware, and no surface: neither
	// pages nor log.
	var box, all []string
	for name := range rooms {
		all = append(all, name)
		surface := name == "firmware/web" || strings.HasPrefix(name, "firmware/web/") || name == "firmware/rehearse" || name == "firmware/logbook" || name == "firmware/setup"
		if strings.HasPrefix(name, "drivers") || strings.HasPrefix(name, "firmware/") && !surface {
			box = append(box, name)
		}
	}
	rooms["firmware/appliance"] = room{ours: box}
	rooms["firmware"] = room{ours: append(all, "firmware/appliance"), modules: []string{sys}}
	return rooms
}

// pureLibrary is what a pure room may import of the standard library: values and
// text. What is not here does I/O, has a clock or shares memory.
var pureLibrary = []string{
	"archive/zip", "bufio", "bytes", "cmp", "compress/flate", "compress/gzip", "compress/zlib", "container/heap", "container/list", "crypto/sha256",
	"encoding", "encoding/base32", "encoding/base64", "encoding/binary", "encoding/csv", "encoding/hex",
	"encoding/json", "encoding/xml", "errors", "fmt", "hash", "hash/crc32", "hash/fnv", "html", "html/template",
	"image", "image/color", "image/draw", "io", "iter", "maps", "math", "math/big", "math/bits", "regexp",
	"slices", "sort", "strconv", "strings", "text/template", "time", "unicode", "unicode/utf16", "unicode/utf8",
}

// seededLibrary is where a seeded room finds its generator; the rest of the package
// has a seed that nobody knows.
const seededLibrary = "math/rand/v2"

// impure names what those packages hold all the same.
var impure = map[string]string{
	"time.Now": "reads the clock", "time.Since": "reads the clock", "time.Until": "reads the clock",
	"time.Sleep": "waits", "time.After": "waits", "time.AfterFunc": "waits", "time.Tick": "waits",
	"time.NewTimer": "waits", "time.NewTicker": "waits",
	"time.LoadLocation": "reads the disk", "time.Local": "depends on the machine",
	"fmt.Print": "writes to the terminal", "fmt.Printf": "writes to the terminal", "fmt.Println": "writes to the terminal",
	"fmt.Scan": "reads the terminal", "fmt.Scanf": "reads the terminal", "fmt.Scanln": "reads the terminal",
	"template.ParseFiles": "reads the disk", "template.ParseGlob": "reads the disk",
	"zip.OpenReader": "reads the disk",
}

// A pkg is a package of ours as it was found.
type pkg struct {
	path  string            // without the module's name
	files map[string]string // name → source; *_test.go are its tests
}

// violations compares packages with the map: one sentence for each rule broken.
func violations(rooms map[string]room, pkgs []pkg) []string {
	var modules []string
	for _, r := range rooms {
		modules = append(modules, r.modules...)
	}
	var found []string
	for _, p := range pkgs {
		r, ok := lookup(rooms, p.path)
		if !ok {
			found = append(found, fmt.Sprintf("%s: no such room in the house: add it to the map, or put its work in one that is there", p.path))
			continue
		}
		for name, source := range p.files {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, p.path+"/"+name, source, 0)
			if err != nil {
				found = append(found, err.Error())
				continue
			}
			report := func(n ast.Node, format string, args ...any) {
				found = append(found, fmt.Sprintf("%s: %s %s", fset.Position(n.Pos()), p.path, fmt.Sprintf(format, args...)))
			}
			if strings.HasSuffix(name, "_test.go") {
				// Tests may know more rooms than their package, but no more modules than the house.
				for _, spec := range file.Imports {
					if path := importPath(spec); external(path) && !below(path, modules) {
						report(spec, "imports %s in a test: no room may", path)
					}
				}
				continue
			}
			checkImports(r, file, report)
			checkCode(r, file, report)
		}
	}
	slices.Sort(found)
	return found
}

func checkImports(r room, file *ast.File, report func(ast.Node, string, ...any)) {
	for _, spec := range file.Imports {
		path := importPath(spec)
		switch ours, isOurs := strings.CutPrefix(path, "jeudi/"); {
		case isOurs:
			if !slices.Contains(r.ours, ours) && !below(ours, wildcards(r.ours)) {
				report(spec, "may not import %s", ours)
			}
		case external(path):
			if !below(path, r.modules) {
				report(spec, "may not import %s", path)
			}
		case !r.pure || r.embeds && path == "embed" || r.seeded && path == seededLibrary:
		case !slices.Contains(pureLibrary, path):
			report(spec, "is pure and imports %s", path)
		case spec.Name != nil && spec.Name.Name == ".":
			report(spec, "is pure and hides where names come from: import . %q", path)
		}
	}
}

func checkCode(r room, file *ast.File, report func(ast.Node, string, ...any)) {
	names := map[string]string{} // the name a file gives to a package → its own name
	for _, spec := range file.Imports {
		path := importPath(spec)
		own := path[strings.LastIndex(path, "/")+1:]
		if path == seededLibrary {
			own = "rand"
		}
		if names[own] = own; spec.Name != nil {
			delete(names, own)
			names[spec.Name.Name] = own
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				report(n, "has an init: what a package needs is given to it")
			}
		case *ast.GoStmt:
			if r.pure {
				report(n, "is pure and starts a goroutine")
			}
		case *ast.SelectorExpr:
			// A name with an Obj is a variable of the file that looks like a package.
			id, ok := n.X.(*ast.Ident)
			if !r.pure || !ok || id.Obj != nil {
				return true
			}
			called := names[id.Name] + "." + n.Sel.Name
			if why := impure[called]; why != "" {
				report(n, "is pure and uses %s, which %s", called, why)
			}
			if names[id.Name] == "rand" && n.Sel.Name != "PCG" && n.Sel.Name != "NewPCG" {
				report(n, "is pure and uses %s, which has no seed of ours", called)
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && r.pure && id.Obj == nil && (id.Name == "print" || id.Name == "println") {
				report(n, "is pure and uses %s, which writes to the terminal", id.Name)
			}
		}
		return true
	})
}

func lookup(rooms map[string]room, path string) (room, bool) {
	if r, ok := rooms[path]; ok {
		return r, true
	}
	for name, r := range rooms {
		if below(path, wildcards([]string{name})) {
			return r, true
		}
	}
	return room{}, false
}

// wildcards returns the names that end in /..., without it.
func wildcards(names []string) []string {
	var found []string
	for _, name := range names {
		if parent, ok := strings.CutSuffix(name, "/..."); ok {
			found = append(found, parent)
		}
	}
	return found
}

// below reports whether path is one of the parents or in a folder of one.
func below(path string, parents []string) bool {
	return slices.ContainsFunc(parents, func(parent string) bool {
		return path == parent || strings.HasPrefix(path, parent+"/")
	})
}

// external reports whether path belongs to another module: only those begin with a host.
func external(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func importPath(spec *ast.ImportSpec) string {
	path, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
	return path
}

// tree reads every package of the module, as `go list` names them.
func tree(t *testing.T) []pkg {
	t.Helper()
	// -e: a package that does not build yet has imports all the same.
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-f", "{{.ImportPath}}\t{{.Dir}}", "./...")
	cmd.Dir = ".."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list ./... = %v", err)
	}
	var pkgs []pkg
	for line := range strings.Lines(string(out)) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		p := pkg{path: strings.TrimPrefix(path, "jeudi/"), files: map[string]string{}}
		// Every file, so that none escapes behind a build tag.
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p.files[filepath.Base(name)] = string(source)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs
}

func TestLayers(t *testing.T) {
	pkgs := tree(t)
	if !slices.ContainsFunc(pkgs, func(p pkg) bool { return p.path == "firmware" && len(p.files) > 0 }) {
		t.Fatalf("go list ./... = %d packages without firmware; want the whole module", len(pkgs))
	}
	for _, v := range violations(house(), pkgs) {
		t.Error(v)
	}
}

// TestLayersRules plants each violation and sees it found.
func TestLayersRules(t *testing.T) {
	rooms := house()
	tests := []struct {
		name string
		path string
		file string // x.go if empty
		code string
		want string // nothing if empty
	}{
		{name: "a pure room with values only", path: "firmware/session",
			code: `import ("errors"; "time"); var ErrX = errors.New("x"); func f(at time.Time) time.Time { return at.Add(time.Hour) }`},
		{name: "words embeds its catalogue", path: "firmware/words", code: `import "embed"; var files embed.FS`},
		{name: "a seeded room draws", path: "firmware/wait", code: `import "math/rand/v2"; var r = func() *rand.PCG { return rand.NewPCG(1, 2) }`},
		{name: "a variable named like a package", path: "firmware/session",
			code: `type c struct{ Now int }; func f(time c) int { return time.Now }`},
		{name: "a room below report", path: "firmware/report/csv", code: `import _ "jeudi/firmware/report"`},
		{name: "the box knows its devices", path: "firmware/appliance", code: `import _ "jeudi/drivers/escpos"`},
		{name: "main knows every room", path: "firmware", code: `import ("jeudi/firmware/report/csv"; "jeudi/firmware/web"); var _, _ = csv.X, web.X`},
		{name: "tests use the house's modules", path: "firmware", file: "x_test.go", code: `import _ "github.com/gorilla/websocket"`},
		{name: "tests may know the clock", path: "firmware/session", file: "x_test.go", code: `import "time"; var _ = time.Now()`},

		{name: "unknown room", path: "firmware/util", want: "firmware/util: no such room"},
		{name: "unknown room below one", path: "firmware/session/deep", want: "no such room"},
		{name: "a node package in the module", path: "kiosk-ui/test/node_modules/x", want: "no such room"},
		{name: "core imports os", path: "firmware/session", code: `import _ "os"`, want: "firmware/session/x.go:1:19: firmware/session is pure and imports os"},
		{name: "core imports io/fs", path: "firmware/intake", code: `import _ "io/fs"`, want: "imports io/fs"},
		{name: "core imports net/http", path: "firmware/paper", code: `import _ "net/http"`, want: "imports net/http"},
		{name: "core imports log/slog", path: "firmware/sheet", code: `import _ "log/slog"`, want: "imports log/slog"},
		{name: "core imports randomness", path: "firmware/session", code: `import _ "math/rand/v2"`, want: "imports math/rand/v2"},
		{name: "a seeded room draws without its seed", path: "firmware/wait", code: `import "math/rand/v2"; var n = rand.IntN(6)`, want: "uses rand.IntN, which has no seed"},
		{name: "a seeded room hides where chance comes from", path: "firmware/wait", code: `import dice "math/rand/v2"; var n = dice.Uint64()`, want: "uses rand.Uint64, which has no seed"},
		{name: "a seeded room has no secrets", path: "firmware/wait", code: `import _ "crypto/rand"`, want: "is pure and imports crypto/rand"},
		{name: "core imports crypto/rand", path: "firmware/session", code: `import _ "crypto/rand"`, want: "imports crypto/rand"},
		{name: "core imports sync", path: "firmware/report", code: `import _ "sync"`, want: "imports sync"},
		{name: "core embeds", path: "firmware/session", code: `import _ "embed"`, want: "imports embed"},
		{name: "a room below report imports os", path: "firmware/report/pdf", code: `import _ "os"`, want: "is pure and imports os"},
		{name: "core reads the clock", path: "firmware/session", code: `import "time"; var t = time.Now()`, want: "uses time.Now, which reads the clock"},
		{name: "core hands the clock on", path: "firmware/session", code: `import "time"; var now = time.Now`, want: "uses time.Now"},
		{name: "core reads the clock by another name", path: "firmware/session", code: `import clock "time"; var d = clock.Since(x)`, want: "uses time.Since"},
		{name: "core hides the clock", path: "firmware/session", code: `import . "time"; var t = Now()`, want: "hides where names come from"},
		{name: "core sleeps", path: "firmware/intake", code: `import "time"; func f() { time.Sleep(1) }`, want: "uses time.Sleep, which waits"},
		{name: "core ticks", path: "firmware/intake", code: `import "time"; var c = time.Tick(1)`, want: "uses time.Tick"},
		{name: "core loads a time zone", path: "firmware/words", code: `import "time"; var z, _ = time.LoadLocation("x")`, want: "which reads the disk"},
		{name: "core prints", path: "firmware/session", code: `import "fmt"; func f() { fmt.Println() }`, want: "which writes to the terminal"},
		{name: "core prints without a package", path: "firmware/session", code: `func f() { println("x") }`, want: "uses println"},
		{name: "core starts a goroutine", path: "firmware/session", code: `func f() { go f() }`, want: "starts a goroutine"},
		{name: "init", path: "firmware/web", code: `func init() {}`, want: "has an init"},
		{name: "session knows the sheet", path: "firmware/session", code: `import _ "jeudi/firmware/sheet"`, want: "may not import firmware/sheet"},
		{name: "journal knows the sheet", path: "firmware/journal", code: `import _ "jeudi/firmware/sheet"`, want: "may not import firmware/sheet"},
		{name: "web knows the drivers", path: "firmware/web", code: `import _ "jeudi/drivers"`, want: "firmware/web may not import drivers"},
		{name: "the box knows a surface", path: "firmware/appliance", code: `import _ "jeudi/firmware/web"`, want: "may not import firmware/web"},
		{name: "the box knows what its log lets through", path: "firmware/appliance", code: `import _ "jeudi/firmware/logbook"`, want: "may not import firmware/logbook"},
		{name: "rehearse knows the box", path: "firmware/rehearse", code: `import _ "jeudi/firmware/session"`, want: "may not import firmware/session"},
		{name: "a real driver knows a twin", path: "drivers/escpos", code: `import _ "jeudi/drivers/sim"`, want: "may not import drivers/sim"},
		{name: "bbolt outside its rooms", path: "firmware/web", code: `import _ "go.etcd.io/bbolt"`, want: "may not import go.etcd.io/bbolt"},
		{name: "websocket outside web", path: "firmware/appliance", code: `import _ "github.com/gorilla/websocket"`, want: "may not import github.com/gorilla/websocket"},
		{name: "the whole of periph's host", path: "drivers/gpiopanel", code: `import _ "periph.io/x/host/v3"`, want: "may not import periph.io/x/host/v3"},
		{name: "a new module", path: "drivers/sim", code: `import _ "example.org/handy"`, want: "may not import example.org/handy"},
		{name: "a new module in a test", path: "firmware/web", file: "x_test.go", code: `import _ "example.org/assert"`, want: "imports example.org/assert in a test"},
		{name: "not Go", path: "firmware/web", code: `func {`, want: "firmware/web/x.go:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.file == "" {
				tt.file = "x.go"
			}
			planted := pkg{path: tt.path, files: map[string]string{tt.file: "package x; " + tt.code}}
			got := violations(rooms, []pkg{{path: "drivers"}, planted})
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("violations(%s: %s) = %q; want none", tt.path, tt.code, got)
			case tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)):
				t.Errorf("violations(%s: %s) = %q; want one with %q", tt.path, tt.code, got, tt.want)
			}
		})
	}
}

// TestLayersMap holds the map to itself: no import of a room that is not on it,
// and no circle, which Go would refuse only once both rooms are built.
func TestLayersMap(t *testing.T) {
	rooms := house()
	for name, r := range rooms {
		for _, ours := range r.ours {
			if _, ok := rooms[ours]; !ok {
				t.Errorf("house()[%q] may import %q, which is not a room", name, ours)
			}
		}
	}
	var walk func(name string, trail []string)
	walk = func(name string, trail []string) {
		if slices.Contains(trail, name) {
			t.Fatalf("house() has a circle: %s", strings.Join(append(trail, name), " → "))
		}
		for _, ours := range rooms[name].ours {
			walk(ours, append(slices.Clone(trail), name))
		}
	}
	for name := range rooms {
		walk(name, nil)
	}
}

// TestLayersTopLevel keeps the first look at the repository short. What lies in a
// clone without being part of it (git ignores it) is let be.
func TestLayersTopLevel(t *testing.T) {
	want := []string{"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
		"drivers", "firmware", "go.mod", "go.sum", "images", "kiosk-ui", "provisioning"}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && name != "bin" && name != "data" {
			got = append(got, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s lies at the top level; want it in a room, or nowhere", name)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s is not at the top level; want it there", name)
		}
	}
}

// TestLayersNodeLock holds the one lock file that is not Go's to what go.sum does:
// what is fetched is proved by its hash, from wherever it is fetched.
func TestLayersNodeLock(t *testing.T) {
	raw, err := os.ReadFile("../kiosk-ui/test/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range lockProblems(raw) {
		t.Error(problem)
	}

	planted := []byte(`{"packages": {"": {}, "node_modules/a": {"integrity": "sha512-x", "resolved": "x"}, "node_modules/b": {}}}`)
	if got := lockProblems(planted); len(got) != 2 {
		t.Errorf("lockProblems(an address, no hash) = %q; want two", got)
	}
	if got := lockProblems([]byte(`{}`)); len(got) != 1 {
		t.Errorf("lockProblems(no package) = %q; want one", got)
	}
}

func lockProblems(raw []byte) []string {
	var lock struct {
		Packages map[string]struct{ Resolved, Integrity string }
	}
	if err := json.Unmarshal(raw, &lock); err != nil {
		return []string{err.Error()}
	}
	if len(lock.Packages) < 2 {
		return []string{"package-lock.json names no package"}
	}
	var found []string
	for name, p := range lock.Packages {
		if p.Resolved != "" {
			found = append(found, fmt.Sprintf("package-lock.json: %s has a download address; run npm install in kiosk-ui/test, whose .npmrc omits them", name))
		}
		if name != "" && !strings.HasPrefix(p.Integrity, "sha512-") {
			found = append(found, fmt.Sprintf("package-lock.json: %s has no sha512 hash", name))
		}
	}
	return found
}
