package coop

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"jeudi/firmware/sheet"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rsc.io/qr"

	"jeudi/firmware/words"
	"jeudi/provisioning/site"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s =\n%s\n%v; want\n%s", name, got, err, want)
	}
}

func day() time.Time { return time.Date(2026, time.November, 26, 0, 0, 0, 0, time.UTC) }

// visit is the least that a visit is.
func visit() Record {
	return Record{Kind: Individual, Day: day(), Minutes: 30, Themes: []Theme{"Email"}}
}

// full is a visit of which staff said all.
func full() Record {
	return Record{
		Kind: Individual, Day: day(), Minutes: 75, Venue: AtThePlace,
		Themes: []Theme{"SocialSante", "NavigationSurInternet"}, Materials: []Material{"Telephone", "Ordinateur"},
		With: "caf", Blocked: "caf", Manner: "avec", Autonomy: "PartiellementAutonome", Known: No,
		Oriented: Yes, Structure: "AideSociale", Toward: "Maison des solidarités", Accompanied: true, SeeAgain: true, Freins: []Frein{sheet.Peur, sheet.Lire},
		Gender: "Feminin", Age: "SoixanteSoixanteNeuf", Status: "Retraite",
	}
}

func workshop() Record {
	return Record{Kind: Workshop, Day: day(), Minutes: 120, Themes: []Theme{"SecuriteNumerique"}, Materials: []Material{"Tablette"},
		Title: "Reconnaître un faux message", Level: "Debutant", Participants: 3}
}

func theSite() Site {
	return Site{Prefill: true, Place: Place{"Centre social Les Tilleuls", "4 rue des Tilleuls", "Villeneuve-sur-Brève", "99000", "99999"}}
}

func TestCheck(t *testing.T) {
	with := func(r Record, change func(*Record)) Record { change(&r); return r }
	many := strings.Repeat("é", mostText+1)
	tests := []struct {
		name string
		when Record
		want string // field: key, one a line
	}{
		{"the least", visit(), ""},
		{"the most", full(), ""},
		{"a workshop", workshop(), ""},
		{"nothing", Record{}, "kind: unknown_choice day: coop_day minutes: coop_minutes themes: coop_theme"},
		{"no theme", with(visit(), func(r *Record) { r.Themes = nil }), "themes: coop_theme"},
		{"a theme that La Coop lacks", with(visit(), func(r *Record) { r.Themes = append(r.Themes, "Cuisine") }), "themes: unknown_choice"},
		{"a theme without a name", with(visit(), func(r *Record) { r.Themes = append(r.Themes, "") }), "themes: unknown_choice"},
		{"four minutes", with(visit(), func(r *Record) { r.Minutes = 4 }), "minutes: coop_minutes"},
		{"minutes as measured", with(visit(), func(r *Record) { r.Minutes = 37 }), "minutes: coop_minutes"},
		{"a day long", with(visit(), func(r *Record) { r.Minutes = 24 * 60 }), "minutes: coop_minutes"},
		{"the box's first day", with(visit(), func(r *Record) { r.Day = time.Unix(0, 0) }), "day: coop_day"},
		{"no material and a phone", with(visit(), func(r *Record) { r.Materials = []Material{NoMaterial, "Telephone"} }), "materials: coop_material"},
		{"no material", with(visit(), func(r *Record) { r.Materials = []Material{NoMaterial} }), ""},
		{"a place without a yes", with(visit(), func(r *Record) { r.Toward = "CCAS" }), "oriented: coop_oriented"},
		{"a place after a no", with(visit(), func(r *Record) { r.Oriented, r.Structure = No, "Autre" }), "oriented: coop_oriented"},
		{"along to nowhere", with(visit(), func(r *Record) { r.Accompanied = true }), "oriented: coop_oriented"},
		{"oriented without more", with(visit(), func(r *Record) { r.Oriented = Yes }), ""},
		{"a place of two lines", with(full(), func(r *Record) { r.Toward = "CCAS\nMadame X" }), "toward: coop_text"},
		{"a long title", with(workshop(), func(r *Record) { r.Title = many }), "title: coop_text"},
		{"blocked by one that the site lacks", with(visit(), func(r *Record) { r.Blocked = "onu" }), "blocked: unknown_choice"},
		{"nobody at a workshop", with(workshop(), func(r *Record) { r.Participants = 0 }), "participants: coop_participants"},
		{"a crowd at a workshop", with(workshop(), func(r *Record) { r.Participants = 501 }), "participants: coop_participants"},
		{"an age of a workshop", with(workshop(), func(r *Record) { r.Age = "SoixanteDixPlus" }), "kind: coop_kind"},
		{"a difficulty of a workshop", with(workshop(), func(r *Record) { r.Freins = []Frein{sheet.Peur} }), "kind: coop_kind"},
		{"a difficulty that is none", with(visit(), func(r *Record) { r.Freins = []Frein{"faim"} }), "freins: unknown_choice"},
		{"none and one more", with(visit(), func(r *Record) { r.Freins = []Frein{NoFrein, sheet.Peur} }), "freins: unknown_choice"},
		{"somebody to see again of a workshop", with(workshop(), func(r *Record) { r.SeeAgain = true }), "kind: coop_kind"},
		{"participants of a visit", with(visit(), func(r *Record) { r.Participants = 2 }), "kind: coop_kind"},
		{"every list", with(visit(), func(r *Record) {
			r.Venue, r.Manner, r.Autonomy, r.Known, r.Oriented, r.Structure, r.Gender, r.Age, r.Status, r.Level, r.With = "x", "x", "x", "x", "x", "x", "x", "x", "x", "x", "x"
		}), "venue: unknown_choice with: unknown_choice manner: unknown_choice autonomy: unknown_choice known: unknown_choice " +
			"oriented: unknown_choice structure: unknown_choice gender: unknown_choice age: unknown_choice status: unknown_choice " +
			"level: unknown_choice oriented: coop_oriented kind: coop_kind"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range theSite().Check(tt.when) {
				got = append(got, p.Field+": "+strings.TrimPrefix(p.Msg.Key, "refuse."))
			}
			if joined := strings.Join(got, " "); joined != tt.want {
				t.Errorf("Check() = %q; want %q", joined, tt.want)
			}
			_, err := theSite().Link(tt.when)
			if file := theSite().WriteCSV(io.Discard, []Record{tt.when}); errors.Is(err, ErrInvalid) != (tt.want != "") || errors.Is(file, ErrInvalid) != (tt.want != "") {
				t.Errorf("Link() = %v, WriteCSV() = %v; want ErrInvalid: %t", err, file, tt.want != "")
			}
		})
	}
}

// Every problem has words, and a site may have its own organisms.
func TestProblemsHaveWords(t *testing.T) {
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"unknown_choice", "coop_day", "coop_minutes", "coop_theme", "coop_material", "coop_oriented", "coop_text", "coop_participants", "coop_kind"} {
		if text := c.Text(words.French, "refuse."+key, nil); strings.Contains(text, "⟦") {
			t.Errorf("refuse.%s has no words", key)
		}
	}
	s := theSite()
	s.Organisms = []Value[Organism]{{"onu", "ONU"}}
	r := visit()
	if r.Blocked = "onu"; len(s.Check(r)) != 0 {
		t.Errorf("Check(blocked by a site's own) = %v; want nothing", s.Check(r))
	}
	if r.Blocked = "caf"; len(s.Check(r)) != 1 {
		t.Errorf("Check(blocked by one that the site left out) = %v; want a problem", s.Check(r))
	}
}

// The lists are complete, without a code or a label that stands twice, and no label
// would be taken for a formula.
func TestLists(t *testing.T) {
	list(t, "kinds", Kinds(), 2)
	list(t, "venues", Venues(), 4)
	list(t, "materials", Materials(), 5)
	list(t, "autonomies", Autonomies(), 3)
	list(t, "levels", Levels(), 3)
	list(t, "structures", Structures(), 7)
	list(t, "genders", Genders(), 3)
	list(t, "ages", Ages(), 8)
	list(t, "statuses", Statuses(), 5)
	list(t, "themes", Themes(), 19)
	list(t, "procedures", Procedures(), 11)
	list(t, "every theme", everyTheme(), 30)
	list(t, "manners", Manners(), 2)
	list(t, "organisms", Organisms(), 21)
}

func list[C ~string](t *testing.T, name string, l []Value[C], n int) {
	t.Helper()
	codes, labels := map[C]bool{}, map[string]bool{}
	for _, v := range l {
		codes[v.Code], labels[v.Label] = true, true
		if v.Code == "" || v.Label == "" || inert(v.Label) != v.Label || LabelOf(l, v.Code) != v.Label {
			t.Errorf("%s has %+v", name, v)
		}
	}
	if len(l) != n || len(codes) != n || len(labels) != n {
		t.Errorf("%s = %d values, %d codes, %d labels; want %d", name, len(l), len(codes), len(labels), n)
	}
	if got := LabelOf(l, "no such code"); got != "" {
		t.Errorf("LabelOf(%s, no such code) = %q; want nothing", name, got)
	}
}

func TestTidyThemes(t *testing.T) {
	tests := []struct {
		when, want []Theme
	}{
		{nil, nil},
		{[]Theme{"Email", "Email", "DiagnosticNumerique"}, []Theme{"DiagnosticNumerique", "Email"}},
		{[]Theme{"Logement"}, []Theme{Paperwork, "Logement"}},
		{[]Theme{"Logement", Paperwork, "Email"}, []Theme{"Email", Paperwork, "Logement"}},
		{[]Theme{Paperwork}, []Theme{Paperwork}},
		{[]Theme{"", "Cuisine"}, nil},
	}
	for _, tt := range tests {
		if got := TidyThemes(tt.when); !slices.Equal(got, tt.want) {
			t.Errorf("TidyThemes(%q) = %q; want %q", tt.when, got, tt.want)
		}
	}
}

// Every motif that a site can have without naming it suggests something that a
// record accepts as it is.
func TestEveryMotifSuggests(t *testing.T) {
	for _, motif := range site.KnownMotifs() {
		s := Suggest(motif)
		r := visit()
		r.Themes, r.Materials, r.With, r.Blocked = s.Themes, s.Materials, s.With, s.With
		if s.Oriented != "" {
			r.Oriented, r.Structure = Yes, s.Oriented
		}
		if problems := theSite().Check(r); len(problems) != 0 || !slices.Equal(s.Themes, TidyThemes(s.Themes)) {
			t.Errorf("Suggest(%q) = %+v, which has %v", motif, s, problems)
		}
	}
	if s := Suggest("carte_ville"); s.Themes != nil || s.With != "" {
		t.Errorf("Suggest(a site's own) = %+v; want nothing", s)
	}
}

func TestQuarter(t *testing.T) {
	for d, want := range map[time.Duration]int{
		-time.Hour: 15, 0: 15, 7 * time.Minute: 15, 22 * time.Minute: 15, 23 * time.Minute: 30, time.Hour: 60,
		67 * time.Minute: 60, 68 * time.Minute: 75, 40 * time.Hour: 23*60 + 45,
	} {
		r := visit()
		if r.Minutes = Quarter(d); r.Minutes != want || len(theSite().Check(r)) != 0 {
			t.Errorf("Quarter(%v) = %d; want %d, which a record accepts", d, r.Minutes, want)
		}
	}
}

// decode reads a link as La Coop's page does.
func decode(t testing.TB, link string) (page, state string) {
	t.Helper()
	page, v, ok := strings.Cut(link, "?v=")
	raw, err := base64.RawURLEncoding.DecodeString(v)
	if !ok || err != nil {
		t.Fatalf("link %q: %v", link, err)
	}
	z, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var envelope struct{ JSON json.RawMessage }
	if err := json.Unmarshal(plain, &envelope); err != nil {
		t.Fatal(err)
	}
	return page, string(envelope.JSON)
}

func TestLink(t *testing.T) {
	home := full()
	home.Venue, home.Oriented, home.Structure, home.Toward, home.Accompanied, home.Known = AtHome, No, "", "", false, Yes
	var all strings.Builder
	for _, tt := range []struct {
		name string
		when Record
	}{{"the least", visit()}, {"the most", full()}, {"at home, sent nowhere", home}, {"a workshop", workshop()}} {
		link, err := theSite().Link(tt.when)
		if err != nil {
			t.Fatalf("Link(%s) = %v", tt.name, err)
		}
		page, state := decode(t, link)
		all.WriteString(tt.name + "\n" + page + "\n" + state + "\n")
	}
	golden(t, "links.golden", []byte(all.String()))
}

// What staff may write by hand is never in a link, and neither is what a site
// without links asks for.
func TestLinkHoldsNoText(t *testing.T) {
	for _, r := range []Record{full(), workshop()} {
		link, err := theSite().Link(r)
		if err != nil {
			t.Fatal(err)
		}
		_, state := decode(t, link)
		for _, text := range []string{"Maison", "Reconnaître", "Tilleuls"} {
			if strings.Contains(state, text) {
				t.Errorf("Link() holds %q: %s", text, state)
			}
		}
		s := theSite()
		s.Prefill = false
		if link, err := s.Link(r); link != "" || !errors.Is(err, ErrNoLink) {
			t.Errorf("Link(switched off) = %q, %v; want ErrNoLink", link, err)
		}
	}
}

// every is a record with the longest of each list and n themes.
func every(n int) Record {
	r := full()
	for i := range n {
		r.Themes = append(r.Themes, everyTheme()[29-i].Code)
	}
	r.Minutes, r.Structure, r.With = 1435, "AideAuxDemarchesAdministratives", "retraite_complementaire"
	r.Materials = []Material{"Ordinateur", "Telephone", "Tablette", "Autre"}
	return r
}

// Every link scans: a usual one from a code that a receipt could hold, the longest
// from a screen.
func TestLinksScan(t *testing.T) {
	for _, tt := range []struct {
		name string
		when Record
		most int // bytes
	}{{"a usual visit", full(), 600}, {"ten themes", every(8), 700}, {"twenty themes", every(18), MostLink}} {
		link, err := theSite().Link(tt.when)
		if err != nil || len(link) > tt.most {
			t.Fatalf("Link(%s) = %d bytes, %v; want at most %d", tt.name, len(link), err, tt.most)
		}
		code, err := qr.Encode(link, qr.L)
		if err != nil || code.Size > 17+4*20 {
			t.Errorf("Link(%s) is a code of %d modules, %v; want at most %d", tt.name, code.Size, err, 17+4*20)
		}
	}
	s := theSite()
	s.Organisms = []Value[Organism]{{"x", long()}}
	named := full()
	named.With, named.Blocked = "x", ""
	if link, err := s.Link(named); !errors.Is(err, ErrLongLink) || link != "" {
		t.Errorf("Link(a name of 3000 letters) = %d bytes, %v; want ErrLongLink", len(link), err)
	}
	if link, err := theSite().Link(every(30)); !errors.Is(err, ErrLongLink) || link != "" {
		t.Errorf("Link(all thirty themes) = %d bytes, %v; want ErrLongLink", len(link), err)
	}
}

// long is a text that nothing makes shorter.
func long() string {
	letters := make([]byte, 3000)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range letters {
		letters[i] = byte('a' + source.IntN(26))
	}
	return string(letters)
}

func TestWriteCSV(t *testing.T) {
	var out bytes.Buffer
	home := visit()
	home.Venue = AtHome
	if err := theSite().WriteCSV(&out, []Record{full(), workshop(), home, visit()}); err != nil {
		t.Fatal(err)
	}
	golden(t, "activities.golden.csv", out.Bytes())
	if n := len(Columns()); n != 30 {
		t.Errorf("Columns() = %d; want 30", n)
	}
	if err := theSite().WriteCSV(failing{}, []Record{visit()}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("WriteCSV(a full disk) = %v; want its error", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// Whoever came first, the file is the same.
func TestTheFileDoesNotTellTheOrder(t *testing.T) {
	records := []Record{visit(), full(), workshop()}
	for _, theme := range []Theme{"Email", "Sante", "Bureautique", "Logement", "Email"} {
		r := visit()
		r.Themes = []Theme{theme}
		records = append(records, r)
	}
	big := workshop()
	big.Participants, big.Title = 12, "Le smartphone"
	records = append(records, big)
	var first []byte
	source := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		source.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		var out bytes.Buffer
		if err := theSite().WriteCSV(&out, records); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out.Bytes()
		} else if !bytes.Equal(first, out.Bytes()) {
			t.Fatalf("WriteCSV() in another order =\n%s; want\n%s", out.Bytes(), first)
		}
	}
	if lines := bytes.Count(first, []byte("\r\n")); lines < 1+7+3+12 {
		t.Errorf("WriteCSV() = %d lines; want one for each person", lines)
	}
}

func TestBlocked(t *testing.T) {
	one := visit()
	one.Blocked = "cpam"
	got := theSite().Blocked([]Record{visit(), full(), workshop(), one, full()})
	if want := []Blocked{{"caf", 2}, {"cpam", 1}}; !slices.Equal(got, want) {
		t.Errorf("Blocked() = %v; want %v", got, want)
	}
	if got := theSite().Blocked(nil); got != nil {
		t.Errorf("Blocked(nil) = %v; want nothing", got)
	}
}

// Whatever is typed comes back from the file as it was, is no formula, and does not
// reach the link.
func FuzzEscaping(f *testing.F) {
	for _, text := range []string{"", "CCAS", "=1+1", "@SUM(A1)", "-2", "\"; rm", "a;b,c", "l’été", "𝄞", "\xff", "+33 1", "<&>", "\u2028"} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, toward, label string) {
		s := theSite()
		s.Organisms = []Value[Organism]{{"x", label}}
		s.Place.Name = toward
		r := full()
		r.With, r.Blocked, r.Toward = "x", "", toward
		link, err := s.Link(r)
		if problems := s.Check(r); len(problems) > 0 {
			if !errors.Is(err, ErrInvalid) || link != "" {
				t.Fatalf("Link() = %q, %v; want ErrInvalid: %v", link, err, problems)
			}
			return
		}
		if err == nil {
			if len(link) > MostLink || strings.Trim(link[len(individualForm):], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
				t.Fatalf("Link() = %q; want an address", link)
			}
			_, state := decode(t, link)
			var got struct {
				PrecisionsDemarche string
				Thematiques        []Theme
			}
			if err := json.Unmarshal([]byte(state), &got); err != nil || utf8.ValidString(label) && got.PrecisionsDemarche != label || len(got.Thematiques) != 3 {
				t.Fatalf("Link() decodes to %s, %v; want %q", state, err, label)
			}
		} else if !errors.Is(err, ErrLongLink) {
			t.Fatalf("Link() = %v; want a link, or too long a one", err)
		}

		var out bytes.Buffer
		if err := s.WriteCSV(&out, []Record{r, visit()}); err != nil {
			t.Fatal(err)
		}
		in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out.Bytes(), []byte("\ufeff"))))
		in.Comma = ';'
		lines, err := in.ReadAll()
		if err != nil || len(lines) != 3 {
			t.Fatalf("WriteCSV() reads as %d lines, %v; want 3", len(lines), err)
		}
		for i, line := range lines {
			if len(line) != len(Columns()) {
				t.Fatalf("a line has %d cells; want %d", len(line), len(Columns()))
			}
			for _, cell := range line {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Fatalf("a cell is %q; want no formula", cell)
				}
			}
			if got := strings.TrimPrefix(line[7], "'"); i > 0 && got != strings.TrimPrefix(toward, "'") {
				t.Fatalf("the place is %q; want %q", got, toward)
			}
		}
	})
}
