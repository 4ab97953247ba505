package directory

import (
	"math"
	bits16 "math/bits"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/directory/hours"
)

// Wish is what a person needs of a place.
type Wish struct {
	Services []string // keys of Services; a place must have one of them, and better all
	Publics  []string // what the person is, as keys of Publics, as far as known
	Care     []string // what the person needs, as keys of Care
	Language string   // the code of a language the person would rather speak; "fr" and "" need nothing
	Free     bool     // paying is no way: places that only cost are left out
	Except   []string // identifiers of places not to propose: this permanence itself
	Postcode string   // where the person is: what is known of the way to a place without a point; "" when not known
}

// What keeps a place from being proposed first, in metres: everything is weighed
// against the way. They are judgements: a person with little money and no car
// walks a kilometre for what is free, and comes back tomorrow for two.
const (
	perHour      = 80     // until it opens, so that a day is two kilometres
	unknownHours = 6000   // about three days: people can call first
	neverOpens   = 40000  // within two weeks
	samePostcode = 5000   // no point, and the town is the person's, or next to it
	sameArea     = 30000  // no point, and in the same département
	unknownWay   = 200000 // no point, and nothing says that it is near: after all others
	onlyPaying   = 8000
	someFee      = 1000 // free on conditions, which a referral may fulfil
	unknownFee   = 500
	lacksCare    = 5000 // for each need that the place does not say it looks after
	lacksWords   = 4000 // nobody is known to speak the language
	lacksService = 2000 // for each wished service but one
	forOthers    = 6000 // for a public that the person is not known to be
	noWalkIn     = 800  // one must write, or book on the web
	tooFar       = 60000
	openingsSeen = 14 // days
)

// Propose returns the places that serve a wish best at a time, so many at the
// most, best first: soon open, near, free, for this person, in their
// language, with what they need. from is where the person is, nil if nobody knows.
// A place without a point is never taken for a near one: its postcode tells how far
// it may be, and one of which nothing is known comes after all others.
// The same arguments give the same places. Places that receive nobody, that are
// for other people, or more than 60 km away, are never among them.
func (d *Directory) Propose(w Wish, at time.Time, from *Point, most int) []Hit {
	if most <= 0 {
		return nil
	}
	b := newBits()
	services, publics, care := b.of("services", w.Services), b.of("publics", w.Publics), b.of("care", w.Care)
	var (
		free, conditional, paying = b.of("fees", []string{"free"}), b.of("fees", []string{"conditional"}), b.of("fees", []string{"paying"})
		closed                    = b.of("access", []string{"no-public"})
		easy                      = b.of("access", []string{"walk-in", "phone"})
		english, others           = b.of("care", []string{"english"}), b.of("care", []string{"languages"})
		women                     = b.of("publics", []string{"women"})
		waits                     = make([]float64, len(d.hours))
		best                      = top{limit: most}
	)
	for i := range waits {
		waits[i] = -1
	}
	for i := range d.places {
		p, m := &d.places[i], &d.marks[i]
		switch {
		case len(w.Services) > 0 && m.services&services == 0,
			m.access == closed,
			m.publics != 0 && len(w.Publics) > 0 && m.publics&publics == 0,
			m.publics == women && publics&women == 0, // nobody is to be sent away at the door
			w.Free && m.fees == paying,
			len(w.Except) > 0 && slices.Contains(w.Except, p.ID):
			continue
		}

		c := found{distance: math.Inf(1), place: i}
		switch {
		case from != nil && m.point != Point{}:
			if c.distance = from.Distance(m.point); c.distance > tooFar {
				continue
			}
			c.rank = c.distance
		case from != nil || w.Postcode != "":
			c.rank = way(w.Postcode, p.Postcode)
		}
		if m.publics != 0 && len(w.Publics) == 0 {
			c.rank += forOthers
		}
		switch {
		case m.fees&free != 0:
		case p.Entitles != "":
		case m.fees&conditional != 0:
			c.rank += someFee
		case m.fees&paying != 0:
			c.rank += onlyPaying
		default:
			c.rank += unknownFee
		}
		c.rank += lacksCare * ones(care&^m.care)
		c.rank += lacksService * ones(services&^m.services)
		if w.Language != "" && w.Language != "fr" && !slices.Contains(p.Languages, w.Language) &&
			(w.Language != "en" && m.care&others == 0 || w.Language == "en" && m.care&english == 0) {
			c.rank += lacksWords
		}
		if m.access != 0 && m.access&easy == 0 {
			c.rank += noWalkIn
		}
		// The hours cost most to know, and can only make it worse.
		if n := len(best.list); n == most && c.rank > best.list[n-1].rank {
			continue
		}
		if waits[m.hours] < 0 {
			waits[m.hours] = wait(d.hours[m.hours], at)
		}
		c.rank += waits[m.hours]
		best.add(c)
	}
	hits := make([]Hit, len(best.list))
	for i, c := range best.list {
		hits[i] = d.hit(c, at)
	}
	return hits
}

// way is what it costs to go from one postcode to another, as far as these tell. A
// place of another département may be across the street, or across the country.
func way(from, to string) float64 {
	switch {
	case area(from) == "" || area(from) != area(to):
		return unknownWay
	case from == to:
		return samePostcode
	}
	return sameArea
}

// area is the département of a postcode: its first two digits, three overseas.
func area(postcode string) string {
	switch {
	case len(postcode) != 5:
		return ""
	case strings.HasPrefix(postcode, "97"), strings.HasPrefix(postcode, "98"):
		return postcode[:3]
	}
	return postcode[:2]
}

// wait is what it costs that a place is not open.
func wait(h hours.Schedule, at time.Time) float64 {
	if !h.Known() {
		return unknownHours
	}
	next, ok := h.OpensWithin(at, openingsSeen)
	switch {
	case ok:
		return min(perHour*next.Sub(at).Hours(), neverOpens)
	case h.StateAt(at) == hours.Unknown:
		return unknownHours
	}
	// It may open at a time that is not sure.
	if state, until := h.At(at); state == hours.Closed && !until.IsZero() && until.Sub(at) < openingsSeen*24*time.Hour {
		return min(unknownHours+perHour*until.Sub(at).Hours(), neverOpens)
	}
	return neverOpens
}

func ones(m uint16) float64 { return float64(bits16.OnesCount16(m)) }
