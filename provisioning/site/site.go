// Package site is the description of one place: the single TOML file in which a
// centre social, a town hall or a library says its name, its opening hours, its
// desks and what is asked there.
//
// The file is written by hand by people who are not programmers, so reading it
// is strict and patient: a misspelt key is an error and never a silent default,
// and every error found is reported at once, each with its line and one sentence
// that says what to do.
//
// TOML is read by github.com/pelletier/go-toml/v2. It is strict about the
// language (a key given twice, an impossible date, a table reopened are errors)
// and gives the position of every key and value, which the sentences above need;
// decoders that fill a struct stop at the first wrong type and keep no line for
// what only a later check finds wrong. Its syntax tree is marked unstable: it is
// used in tree.go alone, and the version is pinned in go.mod.
//
// What Parse returns is complete and consistent: defaults are filled in, keys are
// unique, every motif has a desk that can serve it, and every themed morning
// falls on a day with a permanence.
package site

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Site is one place. It is never changed after Parse, so that it may be shared.
type Site struct {
	Place          Place
	Zone           *time.Location  // time_zone; all hours and dates are of this zone
	Hours          []Hours         // weekly, by day from Monday and by hour, never overlapping; at least one
	Closed         []Date          // days without a permanence, whatever the hours say
	Slot           time.Duration   // how long one person is expected to be received; 5 to 120 minutes
	TicketsBefore  time.Duration   // how long before opening tickets may be taken; 0 to 120 minutes
	Desks          []Desk          // at least one
	Motifs         []Motif         // why people come, in the order of the screen; at least one, see Screen.MaxMotifs
	Neighbourhoods []Neighbourhood // in the order of the screen; empty: the question is not asked
	Languages      []string        // of the visitor's screen and ticket: "fr" first, see KnownLanguages
	Screen         Screen
	Idle           Idle
	Devices        Devices
	Printer        Printer
	Sound          Sound
	Panel          Panel
	Buttons        []Button // empty: those of the panel's layout
	Texts          Texts
	Stops          []Stop      // where an itinerant box goes, in the order of the file; none: it stays at Place
	Mornings       []Morning   // themed mornings, by date
	Elsewhere      []Elsewhere // other places to send people to, in the order of the file
	Assess         Assess
	Rights         Rights
	Routing        string   // file of the site's own rules of who receives whom, "" for the built-in ones
	Workshops      bool     // the place holds courses, offered before a ticket where they are enough
	HomeVisits     bool     // somebody who cannot come may be visited at home
	Equipment      []string // what the place has or lends, see KnownEquipment; nil: the file does not say
	HallSpeaks     bool     // a hall display chimes and speaks besides the box
	Network        Network
	Wifi           Wifi
	USB            USB
	Coop           Coop
	Statistics     Statistics
	Bilan          Bilan
}

// Beside are the files and folders that a site names next to its own file: what goes with it
// to another folder or card. A name that leads out of the folder is among them, so that
// whoever opens it says so; the folder itself is not, since all that lies there is not the
// site's.
func (s *Site) Beside() (names []string) {
	for _, name := range []string{s.Texts.Folder, s.Texts.Voices, s.Routing, s.Rights.File} {
		if name = path.Clean(name); name != "." && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Place is what visitors read at the top of a ticket.
type Place struct {
	Name    string // required
	Address string // "" when not given
	Phone   string // "" when not given
	// Postcode is five digits, given or found in Address; "" when neither. Places whose
	// point nobody knows are near or far by it.
	Postcode string
	// Where the place is, in degrees (WGS 84), so that near places come first; nil
	// when not given.
	At *Point
}

// Stop is one of the places of an itinerant box, or of one that is carried to people's
// homes. Which of them it is today is asked when the permanence is opened.
type Stop struct {
	Key   string // short and stable, of a–z, 0–9, "-" and "_"
	Place Place
}

// Point is a place on the map: degrees north and east.
type Point struct{ Latitude, Longitude float64 }

// Assess is where the levels of the self-assessment begin, of five domains.
type Assess struct {
	Missing int // domains answered « no » from which a person is far from digital; 3 to 5
	Strong  int // domains answered « alone » that an autonomous person has; 3 to 5
}

// Rights are the hints about rights that may be missed.
type Rights struct {
	AtKiosk bool     // the kiosk stands where nobody looks over the shoulder
	File    string   // the site's own rules, "" for the built-in ones
	Off     []string // ids of the rules that are not asked here
}

// Hours is one weekly permanence.
type Hours struct {
	Day         time.Weekday
	From, Until Clock // From is before Until, both of the same day
}

// Clock is a time of day as a clock on the wall shows it, in minutes after
// midnight: 0 to 1439.
type Clock int

// String is the clock in 24 hours: "9:00", "14:30".
func (c Clock) String() string { return fmt.Sprintf("%d:%02d", int(c)/60, int(c)%60) }

// Desk is a place where staff receive people.
type Desk struct {
	Key   string   // short and stable, of a–z, 0–9 and "-"
	Label string   // what is shown and called: "Bureau 1"
	Roles []string // who receives there, see Roles; at least one
}

// Any is the Need of a motif that every role can serve.
const Any = "any"

// Motif is a reason to come.
type Motif struct {
	Key       string              // one of KnownMotifs, or another of a–z, 0–9 and "_"
	Label     map[string]string   // by language; nil for a known motif that keeps its built-in words
	Documents map[string][]string // what to bring, by language
	Need      string              // the role needed, or Any
	Class     string              // expected duration, see Classes
}

// LabelIn is the motif's own label in a language, its French one when that
// language has none, and "" when the built-in words are to be used.
func (m Motif) LabelIn(lang string) string {
	if text, ok := m.Label[lang]; ok {
		return text
	}
	// A known motif without a French label has built-in words in every language.
	return m.Label[French]
}

// DocumentsIn is what to bring, in a language, or in French when that language has none.
func (m Motif) DocumentsIn(lang string) []string {
	if list, ok := m.Documents[lang]; ok {
		return list
	}
	return m.Documents[French]
}

// Neighbourhood is where a visitor may say that they live.
type Neighbourhood struct {
	Key   string // short and stable, of a–z, 0–9, "-" and "_"
	Label string
	QPV   bool // a « quartier prioritaire de la politique de la ville »
}

// Screen is the visitor's panel. Sizes on it are given in millimetres and
// converted with its own pixels per millimetre, never in CSS pixels.
type Screen struct {
	Panel         string  // "10.1" or "7", the diagonal in inches
	PxPerMMH      float64 // pixels per millimetre across
	PxPerMMV      float64 // pixels per millimetre down; pixels of the 7 inch panel are not square
	Width, Height int     // px
	Choices       int     // most choices that fit one screen
	MaxMotifs     int     // most motifs with which a ticket stays within three presses
}

// screens are the supported panels: 217×136 mm and 154×86 mm of active area.
func screens() []Screen {
	return []Screen{
		{Panel: "10.1", PxPerMMH: 5.90, PxPerMMV: 5.88, Width: 1280, Height: 800, Choices: 6, MaxMotifs: 11},
		{Panel: "7", PxPerMMH: 5.19, PxPerMMV: 5.58, Width: 800, Height: 480, Choices: 4, MaxMotifs: 7},
	}
}

// Idle is when the kiosk asks « Voulez-vous plus de temps ? », and how long it
// then counts down before answers are erased.
type Idle struct {
	After     time.Duration // without a press; 30 to 300 s
	Countdown time.Duration // 20 to 60 s
}

// Texts are the words of the place.
type Texts struct {
	Rules     map[string]string   // a short paragraph by language; nil when not given
	Charter   map[string][]string // five lines by language, instead of the built-in ones; nil when not given
	NextDates []Date              // as written in the file, in order; see Site.NextDates
	Folder    string              // of texts over the built-in ones, a file for each language; "" for none
	Voices    string              // folder of recordings over the built-in voices; "" for none
}

// CharterLines is how many lines the mutual promises have on screen and paper.
const CharterLines = 5

// CharterIn is the site's own promises in a language, in French when that language
// has none, and nil when it has no own ones.
func (t Texts) CharterIn(lang string) []string {
	if lines, ok := t.Charter[lang]; ok {
		return lines
	}
	return t.Charter[French]
}

// RulesIn is the rules of the place in a language, in French when that language
// has none, and "" when there are none.
func (t Texts) RulesIn(lang string) string {
	if text, ok := t.Rules[lang]; ok {
		return text
	}
	return t.Rules[French]
}

// Morning is a permanence with a theme and people who come for it.
type Morning struct {
	Date   Date
	Theme  string
	Guests []string
}

// Elsewhere is another place to send people to.
type Elsewhere struct {
	Name    string
	Address string // Address or Phone is given, or both
	Hours   string // as people say it: « lundi et jeudi matin »
	Phone   string
	// Motifs are what the place is for: to nobody else is it proposed. Empty is all.
	Motifs []string
}

// French is the language that every site has, and the one others fall back to.
const French = "fr"

// KnownLanguages are the languages that the product speaks, French first: "falc" is
// easy French, "images" has no words at all. A site with a folder of texts may add
// others.
func KnownLanguages() []string {
	return []string{French, "falc", "images", "ar", "en", "pt", "tr", "es", "ru", "uk", "fa", "ro"}
}

// Roles are the keys of those who receive people.
func Roles() []string {
	return []string{"accueil", "travailleur_social", "mediateur_numerique", "volontaire"}
}

// KnownEquipment is what a place may have or lend.
func KnownEquipment() []string {
	return []string{"computer", "phone", "tablet", "printer", "scanner", "headphones", "interpreter_sheet"}
}

// Classes are the expected durations of a motif, shortest first.
func Classes() []string { return []string{"short", "normal", "long"} }

// KnownMotifs are the motifs with built-in words: a site needs no label for them.
func KnownMotifs() []string {
	return []string{
		"caf", "titres", "sante", "impots", "retraite", "emploi", "logement", "sejour",
		"mail", "telephone", "ordinateur", "rdv_medical", "banque", "ecole", "msa", "justice",
		"materiel_reconditionne", "recharge", "imprimer", "scanner",
	}
}

//go:embed sample.toml
var sampleTOML string

// SampleText is the commented sample, an invented centre social. It is the file
// to copy and change.
func SampleText() string { return sampleTOML }

// Sample is the sample, parsed anew. It needs a time zone database: a program
// for machines that may have none imports time/tzdata.
func Sample() *Site {
	s, err := Parse("sample.toml", []byte(sampleTOML))
	if err != nil {
		panic(fmt.Sprintf("site: the embedded sample: %v", err)) // the tests prove that it parses
	}
	return s
}

// maxFile bounds what is read: a site of every motif and language is under 20 KiB.
const maxFile = 1 << 20

// Load reads and parses a file. What is wrong in the file comes back as Errors;
// a missing file matches fs.ErrNotExist.
func Load(path string) (*Site, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("site: %s: %w; check the path, or leave -site out: `jeudi run` then starts on the sample", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("site: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("site: %w", err)
	}
	return Parse(path, data)
}

// Error is one thing to mend in the file.
type Error struct {
	File string // as given to Parse
	Line int    // from 1
	Key  string // "desk.roles", or "" when the line as a whole is meant
	Msg  string // a sentence that says what to do

	french string // the same sentence for technicians, see French
	form   string // and for who has answered questions, see Answers.Check
}

// Error reads "site.toml:12: desk.roles: unknown role …".
func (e Error) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
	}
	return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, e.Key, e.Msg)
}

// Errors is everything to mend in the file, by line.
type Errors []Error

// Error has one line for each error.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}
