package report

import (
	"cmp"
	"slices"
)

// AtPlace is what was held at one of the places of an itinerant box.
type AtPlace struct {
	Place    string `json:"place"` // "" for several together, where few people came
	Held     int    `json:"held"`
	Issued   int    `json:"issued"`   // tickets
	Received int    `json:"received"` // people who were received, or sent to another place
}

// Held is what one closed permanence counts at its place; zero for one that does not count.
func (r Report) Held(place string) AtPlace {
	if r.Test || r.Zero {
		return AtPlace{}
	}
	return AtPlace{Place: place, Held: 1, Issued: r.Totals.Issued, Received: received(r.Totals)}
}

// ByPlace adds up what was held at the places of a period, those where most people came
// first. A place where fewer than least took a ticket is not told alone: who was met in a
// village of four could be guessed. It goes together with other such places, and with the
// next larger one when they are too few even so. Where nothing is left to tell apart there
// is no list.
func ByPlace(held []AtPlace, least int) []AtPlace {
	list := addPlaces(nil, held)
	slices.SortStableFunc(list, func(a, b AtPlace) int { return cmp.Or(b.Issued-a.Issued, cmp.Compare(a.Place, b.Place)) })
	var others AtPlace
	for len(list) > 0 {
		last := list[len(list)-1]
		if last.Issued >= least && (others.Held == 0 || others.Issued >= least) {
			break
		}
		others.Held, others.Issued, others.Received = others.Held+last.Held, others.Issued+last.Issued, others.Received+last.Received
		list = list[:len(list)-1]
	}
	if len(list) == 0 || len(list) == 1 && others.Held == 0 {
		return nil
	}
	if others.Held > 0 {
		list = append(list, others)
	}
	return list
}

// addPlaces adds counts of places by their names, in the order met.
func addPlaces(a, b []AtPlace) []AtPlace {
	a = slices.Clone(a)
	for _, p := range b {
		if p.Held == 0 {
			continue
		}
		i := slices.IndexFunc(a, func(o AtPlace) bool { return o.Place == p.Place })
		if i < 0 {
			a = append(a, p)
			continue
		}
		a[i].Held, a[i].Issued, a[i].Received = a[i].Held+p.Held, a[i].Issued+p.Issued, a[i].Received+p.Received
	}
	return a
}

// places is what was held where.
func (w *writer) places(p *Part) {
	list := w.r.Attendance.Places
	if len(list) == 0 {
		return
	}
	t := DataTable{Key: "places", Caption: "Permanences et tickets selon le lieu", How: exact + " Les lieux où peu de personnes sont venues sont réunis.",
		Columns: []Column{{Key: "place", Head: "Lieu"}, {Key: "held", Head: "Permanences", Number: true}, {Key: "issued", Head: "Tickets", Number: true}, {Key: "received", Head: "Personnes accueillies", Number: true}}}
	for _, at := range list {
		name := at.Place
		if name == "" {
			name = "Autres lieux"
		}
		t.Rows = append(t.Rows, []Cell{text(name), count(at.Held), count(at.Issued), count(at.Received)})
	}
	p.Tables = append(p.Tables, t)
}
