package site

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// formats are what this package's files give to fail: the sentences that must exist in
// French, with where they stand.
func formats(t *testing.T) map[string]string {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		note := func(e ast.Expr) {
			lit, ok := e.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				t.Errorf("%v: the sentence is not a literal: it cannot be found in French", fset.Position(e.Pos()))
				return
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[text] = fset.Position(lit.Pos()).String()
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "fail" {
					note(n.Args[2])
				}
			case *ast.ValueSpec:
				if len(n.Names) == 1 && n.Names[0].Name == "format" && len(n.Values) == 1 {
					note(n.Values[0])
				}
			}
			return true
		})
	}
	return found
}

// TestEverySentenceIsFrenchToo: what is found wrong is said in French with the same values
// in its holes, and no sentence is kept that nobody says.
func TestEverySentenceIsFrenchToo(t *testing.T) {
	said, hole := formats(t), verb
	if len(said) < 50 {
		t.Fatalf("only %d sentences found in the source; want them all", len(said))
	}
	for english, where := range said {
		text, ok := french()[english]
		if !ok {
			t.Errorf("%s: %q has no French sentence in french.go", where, english)
			continue
		}
		if a, b := hole.FindAllString(english, -1), hole.FindAllString(text, -1); !slices.Equal(a, b) {
			t.Errorf("%s: %q has the holes %v, and in French %v", where, english, a, b)
		}
	}
	for english := range french() {
		if said[english] == "" {
			t.Errorf("french.go: %q is said by nobody", english)
		}
	}
}

// TestNothingStaysEnglish: on files with every kind of fault, the French sentences hold no
// English.
func TestNothingStaysEnglish(t *testing.T) {
	english := regexp.MustCompile(`(?i)\b(the|this|write|with|must|add|use|of|it|missing|unknown|known|keys?|lines|between|quotes|number|section in)\b`)
	quoted := regexp.MustCompile(`"[^"]*"|need = |key\b|(\[\[?[a-z_]+\]\]?)|[a-z_]+ = `)
	files := []string{
		string(mustRead(t, "testdata/wrong.toml")),
		"languages = 3\nclosed = true\nslot_minutes = \"long\"\nhall_speaks = 1\n[place]\nlatitude = \"x\"\nhours = 3\n[hours]\nday = 1\n[[screen]]\npanel = 7\n[texts]\nrules = \"x\"\n",
		"time_zone = 9:00:00\nhours = [3]\n[place]\nname = 2027-01-01\n[[hours]]\nday = \"jeudi\"\nfrom = 9\nuntil = 10\nuntil = 12\n",
		"[devices]\nprinter = \"laser:\"\npanel = \"gpio:3\"\nspeaker = \"sound\"\n[network]\nvisitors = true\nstaff = \"x\"\n[wifi]\nssid = \"\"\npassphrase = \"é\"\nchannel = 40000\n",
		"a = ", "\xff", "[place]\n[place]\n",
	}
	sentences := 0
	for _, text := range files {
		_, err := Parse("f.toml", []byte(text))
		list, ok := err.(Errors)
		if !ok {
			t.Fatalf("Parse(%.40q) = %v; want what is wrong", text, err)
		}
		for _, e := range list {
			sentences++
			if e.french == "" {
				t.Errorf("%v: not said in French", e)
			}
			if strings.Contains(e.Msg, "not TOML") { // what the library says between ( ) stays
				continue
			}
			if word := english.FindString(quoted.ReplaceAllString(e.French(), "")); word != "" {
				t.Errorf("%v\nis said as %q, with %q in it", e, e.French(), word)
			}
		}
	}
	if sentences < 30 {
		t.Fatalf("only %d sentences were said; want more", sentences)
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestInFrench(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a misspelt key", "langages = [\"fr\"]", `f.toml, ligne 1, langages : réglage inconnu : "langages" ; écrivez plutôt languages`},
		{"a word that is no key", "couleur = 3", `f.toml, ligne 1, couleur : réglage inconnu : "couleur" ; les réglages en haut du fichier ou comme section sont time_zone, `},
		{"what the file says stays as it is", "[[desk]]\nroles = [\"language\"]", `rôle inconnu : "language" ; choisissez parmi accueil`},
		{"capital letters", "Time_Zone = \"Europe/Paris\"", `réglage inconnu : "Time_Zone" ; écrivez time_zone, en minuscules`},
		{"a day in another tongue", "[[hours]]\nday = \"jueves\"", `f.toml, ligne 2, hours.day : jour inconnu : "jueves" ; choisissez parmi lundi, mardi`},
		{"a weekday inside a sentence", "[[hours]]\nday = \"jeudi\"\nfrom = \"9:00\"\nuntil = \"12:00\"\n[[morning]]\ndate = 2027-01-15\ntheme = \"x\"", `2027-01-15 est un vendredi, et [[hours]] n’a rien ce jour-là`},
		{"not TOML", "time_zone = Europe", `f.toml, ligne 1 : cette ligne n’est pas écrite comme il faut (`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("f.toml", []byte(tt.text))
			list, ok := err.(Errors)
			if !ok || !strings.Contains(list.InFrench(), tt.want) {
				t.Errorf("Parse(%q) says\n%s\nwant %q in it", tt.text, list.InFrench(), tt.want)
			}
		})
	}
	if got := (Error{Msg: "as it is"}).French(); got != "as it is" {
		t.Errorf("French() of an error of nobody = %q; want what it says", got)
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"place", "place", 0}, {"adress", "address", 1}, {"idel", "idle", 2}, {"x", "y", 1}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d; want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
