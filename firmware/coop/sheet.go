package coop

import (
	"cmp"

	"jeudi/firmware/session"
	"jeudi/firmware/sheet"
)

// Schema is what is counted of every visit that was received: La Coop's lists, beside
// the motifs of the site, as keys, and the queue's own roles and classes. Counts of it
// give La Coop's statistics without a record of anybody.
func Schema(motifs []string) sheet.Schema {
	l := sheet.Lists{
		Motifs: motifs, Classes: []string{string(session.Short), normal, string(session.Long)},
		Themes: codes(everyTheme()), Materials: codes(Materials()), Venues: codes(Venues()),
		Manners: codes(Manners()), Autonomies: codes(Autonomies()), Places: codes(Structures()),
	}
	for _, r := range session.Roles() {
		l.Roles = append(l.Roles, string(r))
	}
	return sheet.Staff(l)
}

// normal is session.Normal where a choice needs a name.
const normal = "normal"

func codes[C ~string](list []Value[C]) (keys []string) {
	for _, v := range list {
		keys = append(keys, string(v.Code))
	}
	return keys
}

// Sheet is what is counted of a visit, besides its day and what is La Coop's alone: the
// ticket's motif, need and class, and what staff said of the work. A motif that the
// schema lacks, as the site has removed it since, is left out; so is whatever was not
// said.
func Sheet(schema sheet.Schema, v *session.Visit, r Record) sheet.Sheet {
	s := sheet.New(sheet.KindStaff)
	set := func(key, answer string) {
		for _, q := range schema.Questions {
			if q.Key == key {
				s = q.Choose(s, answer)
			}
		}
	}
	set(sheet.Motif, cmp.Or(v.Declared, sheet.Undecided))
	set(sheet.Role, cmp.Or(string(v.Need), sheet.Whoever))
	set(sheet.Class, cmp.Or(string(v.Class), normal))
	for _, t := range TidyThemes(r.Themes) {
		set(sheet.Themes, string(t))
	}
	for _, m := range r.Materials {
		set(sheet.Materials, string(m))
	}
	told := len(r.Themes) > 0 // a record that was told has one
	if told {                 // what nobody changed is the place itself
		set(sheet.Venue, cmp.Or(string(r.Venue), string(AtThePlace)))
	}
	if r.Minutes > 0 {
		set(sheet.Duration, sheet.DurationOf(r.Minutes))
	}
	set(sheet.Manner, string(r.Manner))
	set(sheet.Autonomy, string(r.Autonomy))
	oriented := r.Oriented
	switch {
	case v.Outcome == session.Oriented:
		oriented = Yes
	case oriented == "" && told: // the form has a tick, and it was left out
		oriented = No
	}
	set(sheet.Oriented, string(oriented))
	for _, f := range r.Freins {
		set(sheet.Freins, string(f))
	}
	if r.Oriented == Yes {
		set(sheet.Structure, string(r.Structure))
		set(sheet.WentAlong, yes(r.Accompanied))
	}
	if told {
		set(sheet.SeeAgain, yes(r.SeeAgain))
	}
	return s
}

func yes(is bool) string {
	if is {
		return sheet.Yes
	}
	return sheet.No
}
