package directory

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"jeudi/firmware/directory/hours"
)

// Directory is places that can be searched. It does not change: many may read it.
// The zero Directory is empty.
type Directory struct {
	places []Place // by name, then by identifier
	byID   map[string]int
	marks  []marks // of each place
	hours  []hours.Schedule
	tokens []string // words of the places, sorted
	posts  [][]post // of each token, by place
	from   Origin
}

// Origin is where the imported places come from. The licence of the national data
// asks that it be shown: whose they are, and of when.
type Origin struct {
	Name string    `json:"name"` // of the file
	At   time.Time `json:"at"`   // when it was imported; zero if nothing was
}

// marks is what filters ask about a place.
type marks struct {
	point                                 Point  // the zero Point if nobody knows
	services, publics, care, fees, access uint16 // bits in the order of the lists
	hours                                 int32  // index of its Schedule, which many places share
}

// post is a place that has a token, and how much it weighs there.
type post struct {
	place  int32
	weight uint8
}

// How much a word weighs by where it stands.
const (
	inName    = 8
	inTown    = 4
	inService = 2
	inText    = 1
)

// New makes a directory of places. Of two with one identifier the first counts.
func New(places []Place, from Origin) *Directory {
	d := &Directory{byID: make(map[string]int, len(places)), from: from}
	// Places are large: their order is found first, then each is copied once.
	type key struct {
		name string
		at   int
	}
	order := make([]key, 0, len(places))
	for i := range places {
		if _, twice := d.byID[places[i].ID]; !twice {
			d.byID[places[i].ID] = i
			order = append(order, key{fold(places[i].Name), i})
		}
	}
	slices.SortFunc(order, func(a, b key) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(places[a.at].ID, places[b.at].ID)
	})
	d.places = make([]Place, len(order))
	for i, k := range order {
		d.places[i] = places[k.at]
	}

	var (
		ids       = map[string]int32{} // of tokens
		posts     [][]post
		schedules = map[string]int32{}
		labels    = map[string][]string{}
	)
	for _, t := range Services() {
		labels[t.Key] = strings.Fields(fold(t.Label))
	}
	d.marks = make([]marks, len(d.places))
	bits := newBits()
	for i := range d.places {
		p := &d.places[i]
		d.byID[p.ID] = i

		put := func(words []string, weight uint8) {
			for _, w := range words {
				id, ok := ids[w]
				if !ok {
					id = int32(len(posts))
					ids[w] = id
					posts = append(posts, nil)
				}
				if n := len(posts[id]); n == 0 || posts[id][n-1].place != int32(i) {
					posts[id] = append(posts[id], post{int32(i), weight})
				} else if posts[id][n-1].weight < weight {
					posts[id][n-1].weight = weight
				}
			}
		}
		put(strings.Fields(order[i].name), inName)
		put(strings.Fields(fold(p.Town)), inTown)
		put(strings.Fields(p.Postcode), inTown)
		for _, key := range p.Services {
			put(labels[key], inService)
		}
		for _, v := range p.Types {
			put(strings.Fields(fold(v)), inService)
		}
		for _, v := range p.Themes {
			put(strings.Fields(fold(v)), inService)
		}
		put(strings.Fields(fold(p.Address)), inText)
		put(strings.Fields(fold(p.Extra)), inText)
		put(strings.Fields(fold(p.Parent)), inText)
		put(strings.Fields(fold(p.Summary)), inText)
		put(strings.Fields(fold(p.Entitles)), inText)

		m := &d.marks[i]
		if p.Point != nil {
			m.point = *p.Point
		}
		m.services, m.publics, m.care = bits.of("services", p.Services), bits.of("publics", p.Publics), bits.of("care", p.Care)
		m.fees, m.access = bits.of("fees", p.Fees), bits.of("access", p.Access)
		n, ok := schedules[p.Hours]
		if !ok {
			n = int32(len(d.hours))
			schedules[p.Hours] = n
			d.hours = append(d.hours, p.Schedule())
		}
		m.hours = n
	}

	d.tokens = make([]string, 0, len(ids))
	for w := range ids {
		d.tokens = append(d.tokens, w)
	}
	slices.Sort(d.tokens)
	d.posts = make([][]post, len(d.tokens))
	for i, w := range d.tokens {
		d.posts[i] = posts[ids[w]]
	}
	return d
}

// bits gives the values of closed lists their places in a mark.
type bits map[string]map[string]uint16

func newBits() bits {
	b := bits{}
	for name, terms := range map[string][]Term{"services": Services(), "publics": Publics(), "care": Care(), "fees": Fees(), "access": Access()} {
		b[name] = map[string]uint16{}
		for i, t := range terms {
			b[name][t.Key] = 1 << i
		}
	}
	return b
}

// of returns the marks of some values; those that are in no list have none.
func (b bits) of(list string, keys []string) (m uint16) {
	for _, k := range keys {
		m |= b[list][k]
	}
	return m
}

// Schedule returns the place's opening hours, Unknown at all times if there are
// none or if they are not understood.
func (p Place) Schedule() hours.Schedule {
	s, _ := hours.Parse(p.Hours)
	return s
}

// Len returns how many places there are.
func (d *Directory) Len() int { return len(d.places) }

// Origin returns where the imported places come from.
func (d *Directory) Origin() Origin { return d.from }

// All returns the places by name.
func (d *Directory) All() iter.Seq[Place] { return slices.Values(d.places) }

// Place returns the place of an identifier.
func (d *Directory) Place(id string) (Place, bool) {
	i, ok := d.byID[id]
	if !ok {
		return Place{}, false
	}
	return d.places[i], true
}

// Query is what is looked for. Its parts must all hold; an empty one always does.
// Of the values of one list, one is enough.
type Query struct {
	// Words must all begin a word of the name, the town, the address, the services
	// or the summary. Accents and capitals do not count.
	Words    string
	Services []string // keys of Services
	// Publics finds the places for one of these publics, and those for everybody.
	Publics []string
	Care    []string // keys of Care
	Fees    []string // keys of Fees
	// Language finds places where this language is spoken, by its code, or that say
	// they welcome those who speak another.
	Language string

	Near   *Point  // the nearest come first; unknown points last
	Within float64 // metres from Near; 0 is no limit

	// At is the time that opening hours are about. If it is zero, hits say nothing
	// of them, and OpenNow and OpenWithin do nothing.
	At time.Time
	// OpenNow leaves out what is closed at At; OpenWithin what does not open in that
	// time either. What is Unknown is left out by neither: it comes last.
	OpenNow    bool
	OpenWithin time.Duration

	Limit int // of hits; 0 is 50, and 1000 the most
}

// Hit is a place that was found.
type Hit struct {
	Place    Place
	Distance float64 // metres from Query.Near; -1 if unknown

	// The opening hours at Query.At: see hours.Schedule. Opens is the next sure
	// opening, At itself if it is open, zero if there is none.
	Hours hours.Schedule
	State hours.State
	Until time.Time
	Opens time.Time
}

const (
	usualLimit = 50
	mostLimit  = 1000
)

// Search returns what the query finds, the best first: open before unknown if
// that is asked, then by how well the words fit, then by distance, then by name.
func (d *Directory) Search(q Query) []Hit {
	if q.Limit <= 0 {
		q.Limit = usualLimit
	}
	best := top{limit: min(q.Limit, mostLimit)}
	for c := range d.find(q) {
		best.add(c)
	}
	hits := make([]Hit, len(best.list))
	for i, c := range best.list {
		hits[i] = d.hit(c, q.At)
	}
	return hits
}

// Count returns how many places the query finds, whatever its limit.
func (d *Directory) Count(q Query) int {
	n := 0
	for range d.find(q) {
		n++
	}
	return n
}

// found is a place that fits.
type found struct {
	rank     float64 // smaller is better
	score    uint16  // greater is better
	distance float64 // metres; math.Inf if unknown
	place    int
}

// compare is called for every place: hence no cmp.Or, which works out all it is given.
func (a *found) compare(b *found) int {
	switch {
	case a.rank != b.rank:
		return cmp.Compare(a.rank, b.rank)
	case a.score != b.score:
		return cmp.Compare(b.score, a.score)
	case a.distance != b.distance:
		return cmp.Compare(a.distance, b.distance)
	}
	return cmp.Compare(a.place, b.place)
}

// top keeps the best of many.
type top struct {
	limit int
	list  []found
}

func (t *top) add(c found) {
	if len(t.list) == t.limit {
		if c.compare(&t.list[t.limit-1]) >= 0 {
			return
		}
		t.list = t.list[:t.limit-1]
	}
	at := len(t.list)
	t.list = append(t.list, c)
	for ; at > 0 && c.compare(&t.list[at-1]) < 0; at-- {
		t.list[at] = t.list[at-1]
	}
	t.list[at] = c
}

func (d *Directory) hit(c found, at time.Time) Hit {
	h := Hit{Place: d.places[c.place], Distance: -1, Hours: d.hours[d.marks[c.place].hours]}
	if !math.IsInf(c.distance, 1) {
		h.Distance = c.distance
	}
	if !at.IsZero() {
		h.State, h.Until = h.Hours.At(at)
		h.Opens, _ = h.Hours.Opens(at)
	}
	return h
}

// find yields what fits, in no order that matters.
func (d *Directory) find(q Query) iter.Seq[found] {
	return func(yield func(found) bool) {
		var (
			b                             = newBits()
			services, publics, care, fees = b.of("services", q.Services), b.of("publics", q.Publics), b.of("care", q.Care), b.of("fees", q.Fees)
			english, others               = b.of("care", []string{"english"}), b.of("care", []string{"languages"})
			open                          = newOpenings(d, q)
			scores, asked                 = d.scores(q.Words)
		)
		for i := range d.places {
			if asked && scores[i] == 0 {
				continue
			}
			m := &d.marks[i]
			if len(q.Services) > 0 && m.services&services == 0 || len(q.Care) > 0 && m.care&care == 0 || len(q.Fees) > 0 && m.fees&fees == 0 ||
				len(q.Publics) > 0 && m.publics != 0 && m.publics&publics == 0 {
				continue
			}
			if q.Language != "" && q.Language != "fr" && !slices.Contains(d.places[i].Languages, q.Language) &&
				(q.Language == "en" && m.care&english == 0 || q.Language != "en" && m.care&others == 0) {
				continue
			}
			c := found{distance: math.Inf(1), place: i}
			if q.Near != nil && m.point != (Point{}) {
				c.distance = q.Near.Distance(m.point)
			}
			if q.Near != nil && q.Within > 0 && c.distance > q.Within {
				continue
			}
			if open.asked {
				switch open.at(m.hours) {
				case hours.Closed:
					continue
				case hours.Unknown:
					c.rank = 1
				}
			}
			if asked {
				c.score = scores[i]
			}
			if !yield(c) {
				return
			}
		}
	}
}

// openings remembers whether each Schedule fits a query: places share them.
type openings struct {
	d     *Directory
	q     Query
	asked bool
	known []hours.State // plus 1; 0 is not asked yet
}

func newOpenings(d *Directory, q Query) *openings {
	o := &openings{d: d, q: q, asked: !q.At.IsZero() && (q.OpenNow || q.OpenWithin > 0)}
	if o.asked {
		o.known = make([]hours.State, len(d.hours))
	}
	return o
}

// at is Open for what is open, or opens soon enough.
func (o *openings) at(schedule int32) hours.State {
	if s := o.known[schedule]; s != 0 {
		return s - 1
	}
	h := &o.d.hours[schedule]
	state := h.StateAt(o.q.At)
	if state != hours.Open && o.q.OpenWithin > 0 && h.Known() {
		last := o.q.At.Add(o.q.OpenWithin)
		if next, ok := h.OpensWithin(o.q.At, int(o.q.OpenWithin/(24*time.Hour))+1); ok && !next.After(last) {
			state = hours.Open
		}
	}
	o.known[schedule] = state + 1
	return state
}

// scores weighs every place against the words of a query; 0 is a place that lacks
// one. Not asked means that there are no words.
func (d *Directory) scores(words string) (scores []uint16, asked bool) {
	var all []string
	for _, w := range strings.Fields(fold(words)) {
		if !small(w) && len(all) < 12 {
			all = append(all, w)
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	scores = make([]uint16, len(d.places))
	best := make([]uint8, len(d.places))
	for n, w := range all {
		clear(best)
		from, _ := slices.BinarySearch(d.tokens, w)
		for t := from; t < len(d.tokens) && strings.HasPrefix(d.tokens[t], w); t++ {
			whole := uint8(0)
			if len(d.tokens[t]) == len(w) {
				whole = 1 // a whole word before the beginning of another
			}
			for _, p := range d.posts[t] {
				best[p.place] = max(best[p.place], 2*p.weight+whole)
			}
		}
		for i, v := range best {
			if v == 0 || n > 0 && scores[i] == 0 {
				scores[i] = 0
			} else {
				scores[i] += uint16(v)
			}
		}
	}
	return scores, true
}

// small is a word that people write and names lack: "maison de la solidarité".
func small(w string) bool {
	switch w {
	case "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "pour", "sur":
		return true
	}
	return false
}

// Spot is a place on a flat map.
type Spot struct {
	ID, Name string
	X, Y     float64 // metres east and north of the centre
}

// Outline returns the places within so many metres of a centre, the nearest
// first, as a map without a ground has them: true to scale and to the directions.
func (d *Directory) Outline(centre Point, radius float64) []Spot {
	var spots []Spot
	for i := range d.places {
		p := &d.places[i]
		if p.Point == nil {
			continue
		}
		if x, y := centre.offset(*p.Point); math.Hypot(x, y) <= radius {
			spots = append(spots, Spot{p.ID, p.Name, x, y})
		}
	}
	slices.SortStableFunc(spots, func(a, b Spot) int { return cmp.Compare(math.Hypot(a.X, a.Y), math.Hypot(b.X, b.Y)) })
	return spots
}
