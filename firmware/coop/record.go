package coop

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"jeudi/firmware/session"
)

// Record is what was really done with one person, or in one workshop, as staff
// said it afterwards. It has no number, no hour and no agent.
type Record struct {
	Kind  Kind
	Day   time.Time // its date counts, in its own location
	Venue Venue

	// Minutes is a multiple of 5, from 5 to 1435. Quarter makes it from what was
	// measured: a duration to the minute would lead back to the queue.
	Minutes   int
	Themes    []Theme // at least one, of Themes or Procedures
	Materials []Material
	With      Organism // whose procedure it was
	Blocked   Organism // who blocked it

	// Of one person.
	Manner      Manner
	Autonomy    Autonomy
	Known       Answer // whether the person had been helped before
	Oriented    Answer
	Structure   Structure // with Oriented Yes
	Toward      string    // name of the place in the directory, with Oriented Yes
	Accompanied bool      // somebody went along, or called there; with Oriented Yes
	SeeAgain    bool
	Freins      []Frein // what was hard; it is counted, and goes to no file
	Gender      Gender
	Age         Age
	Status      Status

	// Of a workshop.
	Title        string // of the workshop, as the agenda has it
	Level        Level
	Participants int // from 1 to 500
}

// Site is what a site says once for all its records.
type Site struct {
	// Prefill lets Link make links. The format of La Coop's form is not documented and
	// may change any day, so a site decides; WriteCSV is there in any case.
	Prefill bool
	Place   Place
	// Organisms are the site's own; without any, those of Organisms.
	Organisms []Value[Organism]
}

// Place is where the site is, for the columns of a file.
type Place struct{ Name, Address, Town, Postcode, Insee string }

func (s Site) organisms() []Value[Organism] {
	if len(s.Organisms) == 0 {
		return Organisms()
	}
	return s.Organisms
}

// The bounds of a record.
const (
	step             = 5 // minutes
	mostMinutes      = 24*60 - step
	mostParticipants = 500
	mostText         = 120 // runes, of a title or of the name of a place
)

// Quarter is a measured duration as a Record has it: the nearest quarter of an hour,
// at least one, at most 23 h 45.
func Quarter(d time.Duration) int {
	return min(max(15, int(d.Round(15*time.Minute)/time.Minute)), 23*60+45)
}

// Problem is a field that cannot stay as it is, with words for staff.
type Problem struct {
	Field string // in lower case: "themes"
	Msg   session.Msg
}

// ErrInvalid is a record that Check would not let pass.
var ErrInvalid = errors.New("not a record")

// Check is what is wrong with a record, nothing when it can be written.
func (s Site) Check(r Record) []Problem {
	var found []Problem
	wrong := func(is bool, field, key string) {
		if is {
			found = append(found, Problem{field, session.M(key)})
		}
	}
	wrong(r.Kind == "" || !in(Kinds(), r.Kind), "kind", "refuse.unknown_choice")
	wrong(r.Day.IsZero() || r.Day.Year() < 2000 || r.Day.Year() > 9999, "day", "refuse.coop_day")
	wrong(r.Minutes < step || r.Minutes > mostMinutes || r.Minutes%step != 0, "minutes", "refuse.coop_minutes")
	wrong(len(r.Themes) == 0, "themes", "refuse.coop_theme")
	wrong(slices.ContainsFunc(r.Themes, func(t Theme) bool { return !KnownTheme(t) }), "themes", "refuse.unknown_choice")
	wrong(slices.ContainsFunc(r.Materials, func(m Material) bool { return m == "" || !in(Materials(), m) }), "materials", "refuse.unknown_choice")
	wrong(slices.Contains(r.Materials, NoMaterial) && slices.ContainsFunc(r.Materials, func(m Material) bool { return m != NoMaterial }), "materials", "refuse.coop_material")
	wrong(slices.ContainsFunc(r.Freins, func(f Frein) bool { return f == "" || !in(Freins(), f) }) || slices.Contains(r.Freins, NoFrein) && len(r.Freins) > 1, "freins", "refuse.unknown_choice")
	wrong(!in(Venues(), r.Venue), "venue", "refuse.unknown_choice")
	wrong(!in(s.organisms(), r.With), "with", "refuse.unknown_choice")
	wrong(!in(s.organisms(), r.Blocked), "blocked", "refuse.unknown_choice")
	wrong(!in(Manners(), r.Manner), "manner", "refuse.unknown_choice")
	wrong(!in(Autonomies(), r.Autonomy), "autonomy", "refuse.unknown_choice")
	wrong(!in(answers(), r.Known), "known", "refuse.unknown_choice")
	wrong(!in(answers(), r.Oriented), "oriented", "refuse.unknown_choice")
	wrong(!in(Structures(), r.Structure), "structure", "refuse.unknown_choice")
	wrong(!in(Genders(), r.Gender), "gender", "refuse.unknown_choice")
	wrong(!in(Ages(), r.Age), "age", "refuse.unknown_choice")
	wrong(!in(Statuses(), r.Status), "status", "refuse.unknown_choice")
	wrong(!in(Levels(), r.Level), "level", "refuse.unknown_choice")
	wrong(!plain(r.Toward), "toward", "refuse.coop_text")
	wrong(!plain(r.Title), "title", "refuse.coop_text")
	wrong(r.Oriented != Yes && (r.Structure != "" || r.Toward != "" || r.Accompanied), "oriented", "refuse.coop_oriented")

	group := r.Kind == Workshop
	wrong(group && (r.Participants < 1 || r.Participants > mostParticipants), "participants", "refuse.coop_participants")
	wrong(!group && (r.Participants != 0 || r.Title != "" || r.Level != ""), "kind", "refuse.coop_kind")
	wrong(group && r.ofOne(), "kind", "refuse.coop_kind")
	return found
}

// ofOne reports whether a record says something of one person.
func (r Record) ofOne() bool {
	return r.Manner != "" || r.Autonomy != "" || r.Known != "" || r.Oriented != "" || r.Structure != "" || r.Toward != "" ||
		r.Accompanied || r.SeeAgain || len(r.Freins) > 0 || r.Gender != "" || r.Age != "" || r.Status != ""
}

// plain reports whether a text is short and of one line.
func plain(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= mostText && !strings.ContainsFunc(text, unicode.IsControl)
}

// refuse is the error for a record that is not one, with the fields that are wrong
// and nothing of what they say.
func (s Site) refuse(r Record) error {
	problems := s.Check(r)
	if len(problems) == 0 {
		return nil
	}
	var fields []string
	for _, p := range problems {
		fields = append(fields, p.Field)
	}
	return fmt.Errorf("%w: %s", ErrInvalid, strings.Join(slices.Compact(fields), ", "))
}

// Blocked is how many records an organism blocked, of those that blocked any, in the
// order of the site's list: what the administrations are told. It knows no record.
type Blocked struct {
	By Organism
	N  int
}

// Blocked counts what organisms blocked.
func (s Site) Blocked(records []Record) []Blocked {
	var counts []Blocked
	for _, o := range s.organisms() {
		n := 0
		for _, r := range records {
			if r.Blocked == o.Code {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, Blocked{o.Code, n})
		}
	}
	return counts
}
