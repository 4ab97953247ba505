package logbook

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write firmware/LOG.md")

// logged is what a log call leaves, without its time.
func logged(t *testing.T, do func(*slog.Logger)) string {
	t.Helper()
	var out strings.Builder
	do(slog.New(New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))))
	return strings.TrimSpace(out.String())
}

func TestHandler(t *testing.T) {
	tests := []struct {
		name string
		do   func(*slog.Logger)
		want string
	}{
		{"an event", func(l *slog.Logger) { l.Info("permanence closed", "issued", 12, "test", false) },
			`level=INFO msg="permanence closed" id=permanence/closed issued=12 test=false`},
		{"an attribute that it does not have", func(l *slog.Logger) { l.Warn("not printed", "number", 12, "motif", "caf", "result", "unprinted") },
			`level=WARN msg="not printed" id=printer/failed result=unprinted`},
		{"of another kind", func(l *slog.Logger) { l.Info("permanence closed", "issued", "Mme Dupont", "test", "caf") },
			`level=INFO msg="permanence closed" id=permanence/closed`},
		{"an error that repeats what was typed", func(l *slog.Logger) { l.Error("command failed", "err", errors.New(`parsing "Dupont" as «caf»: no`)) },
			`level=ERROR msg="command failed" id=disk/refused err="parsing … as …: no"`},
		{"a file in a folder", func(l *slog.Logger) {
			l.Error("unreadable file set aside; a fresh one was begun", "file", "/home/dupont/journal.db")
		},
			`level=ERROR msg="unreadable file set aside; a fresh one was begun" id=file/aside file=journal.db`},
		{"attributes of a logger", func(l *slog.Logger) { l.With("output", "loudspeaker", "visit", 7).Info("sound: a card plays") },
			`level=INFO msg="sound: a card plays" id=sound/plays output=loudspeaker`},
		{"a group is none", func(l *slog.Logger) { l.WithGroup("caf").Info("sound: a card plays", "card", "USB") },
			`level=INFO msg="sound: a card plays" id=sound/plays card=USB`},
		{"below the level", func(l *slog.Logger) { l.Debug("permanence closed") }, ""},
	}
	for _, tt := range tests {
		if got := logged(t, tt.do); got != tt.want {
			t.Errorf("%s:\n%s; want\n%s", tt.name, got, tt.want)
		}
	}
	got := logged(t, func(l *slog.Logger) { l.Error("ticket 12 of Mme Dupont", "motif", "caf") })
	if want := regexp.MustCompile(`^level=ERROR msg="a message that the catalogue lacks" source=logbook/logbook_test.go:\d+ id=log/unknown$`); !want.MatchString(got) {
		t.Errorf("an unknown message leaves\n%s; want %s", got, want)
	}
}

func TestLongErrorsAreCut(t *testing.T) {
	if got := clean(strings.Repeat("é", 300)); len(got) > longestFault+len("…") || !strings.HasSuffix(got, "é…") {
		t.Errorf("clean(long) = %d bytes ending in %q; want at most %d, whole letters", len(got), got[len(got)-6:], longestFault)
	}
}

// Every event has a name of its own, and only attributes that mean something.
func TestCatalogue(t *testing.T) {
	ids, messages := map[string]bool{}, map[string]bool{}
	shape := regexp.MustCompile(`^[a-z]+/[a-z_]+$`)
	used := map[string]bool{}
	for _, e := range Catalogue() {
		if ids[e.ID] || messages[e.Message] || !shape.MatchString(e.ID) {
			t.Errorf("%s, %q: twice in the catalogue, or no identifier", e.ID, e.Message)
		}
		ids[e.ID], messages[e.Message] = true, true
		for _, a := range e.Attrs {
			if kinds()[a].kind == 0 {
				t.Errorf("%s: nobody knows what %q is", e.ID, a)
			}
			used[a] = true
		}
	}
	for a := range kinds() {
		if !used[a] {
			t.Errorf("%q is an attribute of no event", a)
		}
	}
}

func TestMarkdown(t *testing.T) {
	const name = "../LOG.md"
	if *update {
		if err := os.WriteFile(name, Markdown(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, Markdown()) {
		t.Errorf("%s is not what the catalogue says (%v); -update writes it", name, err)
	}
}

// Every message in the sources of the project is in the catalogue, with every
// attribute that it is given; and the catalogue has no other.
func TestEveryMessageIsInTheCatalogue(t *testing.T) {
	known := map[string]Event{}
	for _, e := range Catalogue() {
		known[e.Message] = e
	}
	said := map[string]bool{unknown().Message: true}
	for _, dir := range []string{"../../firmware", "../../drivers", "../../provisioning"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			skip := strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/hil/") || strings.Contains(path, "/logbook/") || !strings.HasSuffix(path, ".go")
			if err != nil || d.IsDir() || skip {
				return err
			}
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				return nil // somebody is writing it; the build says so
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				message, attrs := messageOf(call)
				if message == "" {
					return true
				}
				said[message] = true
				e, ok := known[message]
				if !ok {
					t.Errorf("%s: %q is not in the catalogue", fset.Position(call.Pos()), message)
					return true
				}
				for _, a := range attrs {
					if !slices.Contains(e.Attrs, a) && !slices.Contains(private(), a) {
						t.Errorf("%s: %s does not have the attribute %q, and it is left out", fset.Position(call.Pos()), e.ID, a)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range Catalogue() {
		if !said[e.Message] {
			t.Errorf("%s: nobody says %q any more", e.ID, e.Message)
		}
	}
}

// private are attributes that are given and left out on purpose: the name of a file
// that somebody imported is theirs.
func private() []string { return []string{"file"} }

// messageOf is the message of a call of a logger with the names of its attributes, ""
// when it is no such call. What is said once has its message further on.
func messageOf(call *ast.CallExpr) (message string, attrs []string) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", nil
	}
	text := func(i int) string {
		if i >= len(call.Args) {
			return ""
		}
		lit, ok := call.Args[i].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return ""
		}
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	at := 0
	switch sel.Sel.Name {
	case "Info", "Warn", "Error", "Debug":
		name := ""
		switch x := sel.X.(type) {
		case *ast.Ident:
			name = x.Name
		case *ast.SelectorExpr:
			name = x.Sel.Name
		}
		if !strings.EqualFold(name, "log") && !strings.EqualFold(name, "logger") {
			return "", nil
		}
	case "once":
		if message = text(0); message != "" && len(call.Args) == 2 {
			return message, []string{"key"}
		}
		at = 1
	default:
		return "", nil
	}
	message = text(at)
	for i := at + 1; i < len(call.Args); i += 2 {
		attrs = append(attrs, text(i))
	}
	return message, attrs
}

// The lines of the last starts are kept, and those of the ones before go.
func TestBook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	var b *Book
	for n := range Kept + 2 {
		var err error
		if b, err = Open(dir); err != nil {
			t.Fatal(err)
		}
		log := slog.New(New(b.Handler()))
		log.Info("permanence closed", "issued", n)
		log.Warn("the clock leapt", "by", time.Duration(n))
		if n < Kept+1 {
			b.Close()
		}
	}
	defer b.Close()
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != Kept {
		t.Errorf("%d files, %v; want %d", len(names), err, Kept)
	}
	got, err := b.Problems()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(got)), "\n")
	if len(lines) != Kept || strings.Contains(string(got), "permanence/closed") {
		t.Errorf("Problems() = %s; want the warnings of %d starts alone", got, Kept)
	}
	var last struct {
		ID string
		By int
	}
	if err := json.Unmarshal([]byte(lines[Kept-1]), &last); err != nil || last.ID != "clock/leapt" || last.By != Kept+1 {
		t.Errorf("the last problem = %s, %v; want that of the last start", lines[Kept-1], err)
	}
}

// A box that fails over and over does not wear its card, and a line that a cut left
// half is no problem.
func TestABookIsNeverFull(t *testing.T) {
	dir := t.TempDir()
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(New(b.Handler()))
	for range 4000 {
		log.Error("command failed", "err", "input/output error")
	}
	if info, err := os.Stat(filepath.Join(dir, "jeudi.log")); err != nil || info.Size() > Most || info.Size() < Most/2 {
		t.Errorf("the file has %d bytes, %v; want at most %d", info.Size(), err, Most)
	}
	b.Close()
	log.Error("command failed") // on its way when the box went down
	if err := os.Truncate(filepath.Join(dir, "jeudi.log"), 200); err != nil {
		t.Fatal(err)
	}
	b, err = Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got, err := b.Problems(); err != nil || bytes.Count(got, []byte("\n")) != 1 {
		t.Errorf("Problems() = %s, %v; want the one whole line", got, err)
	}
}
