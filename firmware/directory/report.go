package directory

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Code is what is wrong with a value or a line. Its words are in the catalogue,
// under desk.place_problem.<code>.
type Code string

// The codes.
const (
	Encoding      Code = "encoding"       // the file is not in UTF-8; read as Windows-1252, or with what is unreadable as �
	NoColumn      Code = "no_column"      // a column that the schema requires is not there; Value is empty
	UnknownColumn Code = "unknown_column" // a column that nobody knows was passed over
	Quotes        Code = "quotes"         // a quote that nobody closes, in a CSV
	Fields        Code = "fields"         // too many or too few fields, in a CSV
	Broken        Code = "broken"         // the file ends, or is no JSON, from here on
	NotARecord    Code = "not_a_record"   // an element of the JSON that is no place
	TooMany       Code = "too_many"       // places over the limit
	NoName        Code = "no_name"        // a place without a name
	NoWhere       Code = "no_where"       // a place without a town, a postcode or a point
	Required      Code = "required"       // a field the schema requires, and that one can do without
	MadeID        Code = "made_id"        // no identifier: one was made
	Duplicate     Code = "duplicate"      // an identifier that an earlier place has
	NoStructure   Code = "no_structure"   // a service whose structure is not in the files
	TooLong       Code = "too_long"       // cut
	Control       Code = "control"        // control characters were taken out
	BadPivot      Code = "pivot"          // no SIRET, RNA or RIDET
	BadPostcode   Code = "postcode"       // not five digits
	BadInsee      Code = "insee"          // no code of a town
	BadPoint      Code = "point"          // no point on Earth
	Swapped       Code = "swapped"        // latitude and longitude were exchanged
	BadPhone      Code = "phone"          // no number of the schema
	BadEmail      Code = "email"          // no address
	BadLink       Code = "link"           // no address of a web site
	BadHours      Code = "hours"          // not understood: shown as they are
	BadDate       Code = "date"           // no day
	BadType       Code = "type"           // no code of a kind of place
	UnknownValue  Code = "unknown_value"  // not in the closed list
	BadLanguage   Code = "language"       // no code of a language
)

// Codes returns all codes, for whoever has words for them.
func Codes() []Code {
	return []Code{Encoding, NoColumn, UnknownColumn, Quotes, Fields, Broken, NotARecord, TooMany, NoName, NoWhere, Required, MadeID, Duplicate, NoStructure, TooLong, Control, BadPivot, BadPostcode, BadInsee, BadPoint, Swapped, BadPhone, BadEmail, BadLink, BadHours, BadDate, BadType, UnknownValue, BadLanguage}
}

// Done is what was done about a problem.
type Done uint8

// What can be done.
const (
	Kept      Done = iota // the value is there as it was
	Mended                // another value stands for it
	ValueLeft             // the value is left out
	PlaceLeft             // the place is left out, or the line
)

// String returns "kept", "mended", "value_left" or "place_left": the words are in
// the catalogue under desk.place_done.<it>.
func (d Done) String() string {
	switch d {
	case Kept:
		return "kept"
	case Mended:
		return "mended"
	case ValueLeft:
		return "value_left"
	case PlaceLeft:
		return "place_left"
	}
	return "done"
}

// Problem is one thing that was not as it should be.
type Problem struct {
	File   string // the name of the file, if several were read
	Line   int    // counted from 1; 0 if it is not about a line
	Column string // its name in the schema, or in the file; may be empty
	Value  string // what stands there, cut to 80 characters
	Code   Code
	Done   Done
}

// Report is what came of reading files.
type Report struct {
	Places   int // places read
	Left     int // lines and places left out
	Problems []Problem
	More     int // problems beyond MaxProblems, counted only
	Counts   map[Code]int
	// NoPoint is how many places have no point: nobody knows how far they are.
	NoPoint int
	// Corrections and Gone are set by the Store: places that staff corrected, and
	// those among them that the new files lack.
	Corrections, Gone int
}

// Codes returns the codes of the problems there are, the most frequent first.
func (r *Report) Codes() []Code {
	return slices.SortedFunc(maps.Keys(r.Counts), func(a, b Code) int {
		if r.Counts[a] != r.Counts[b] {
			return r.Counts[b] - r.Counts[a]
		}
		return strings.Compare(string(a), string(b))
	})
}

func (r *Report) add(p Problem) {
	if r.Counts == nil {
		r.Counts = map[Code]int{}
	}
	r.Counts[p.Code]++
	if p.Done == PlaceLeft {
		r.Left++
	}
	if len(r.Problems) >= MaxProblems {
		r.More++
		return
	}
	p.Value = shorten(p.Value, 80)
	r.Problems = append(r.Problems, p)
}

// shorten cuts a text to so many characters, the last of which says so.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == limit {
			return s[:i] + "…"
		}
	}
	return s
}

// Limits of what is read. They keep a wrong file from filling the box.
const (
	MaxFile     = 64 << 20 // bytes of a file
	MaxPlaces   = 50_000
	MaxRecord   = 256 << 10 // bytes of a line, or of an element of a JSON
	MaxValues   = 40        // values of a list
	MaxProblems = 1000      // problems told one by one

	maxText   = 300   // characters of a field
	maxResume = 280   // of presentation_resume: the schema's
	maxDetail = 10000 // of presentation_detail: that of data·inclusion
	maxNote   = 1000  // of what staff write
)

// Refusal is why a file, a place or a wish of staff is refused: a key of the
// catalogue. Compare with errors.Is.
type Refusal string

// Error is the key, for logs; people get the words.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrTooBig    Refusal = "refuse.place_file_too_big"  // over MaxFile
	ErrFormat    Refusal = "refuse.place_file_format"   // neither CSV nor JSON of places
	ErrNoPlace   Refusal = "refuse.place_file_empty"    // no usable place in it
	ErrNoFile    Refusal = "refuse.place_no_file"       // nothing on the stick that is called lieux…
	ErrNoBackup  Refusal = "refuse.place_no_backup"     // no directory before this one
	ErrBadBackup Refusal = "refuse.place_bad_backup"    // the directory before this one cannot be read
	ErrNotThere  Refusal = "refuse.place_unknown"       // no place of this identifier
	ErrInvalid   Refusal = "refuse.place_invalid"       // the place lacks what it must have: the problems say what
	ErrFull      Refusal = "refuse.place_too_many"      // staff wrote as many places as there can be
	ErrBusy      Refusal = "refuse.place_busy"          // another file is being imported
	ErrNoChange  Refusal = "refuse.place_not_corrected" // nothing of staff to take back
)

// Refusals returns all refusals, for whoever has words for them.
func Refusals() []Refusal {
	return []Refusal{ErrTooBig, ErrFormat, ErrNoPlace, ErrNoFile, ErrNoBackup, ErrBadBackup, ErrNotThere, ErrInvalid, ErrFull, ErrNoChange}
}
