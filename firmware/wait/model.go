package wait

import (
	"cmp"
	"math"
	"slices"
	"time"

	"jeudi/firmware/session"
)

// The model's constants. They were chosen on the simulation of this package, which
// is synthetic: they say how much to believe few data, not how long anything takes.
const (
	// shrink is after how many services of a motif its own durations weigh as much
	// as those of all motifs, and all of them as much as the prior. From 4 to 8 the
	// mean error moves by less than half a minute, and not at all after ten mornings;
	// 6 makes a frequent motif speak for itself after two mornings, and keeps one
	// strange service of a rare motif at a seventh.
	shrink = 6
	// pace is by how much mornings differ (the deviation of a logarithm) beyond what
	// the spread of learned durations holds of it already; paceShrink is after how many services today's pace is half believed.
	pace       = 0.15
	paceShrink = 4
	// priorSpread is the coefficient of variation of a duration that nobody knows.
	priorSpread = 0.7
	// Enough is from how many services on the durations are the place's own.
	Enough = 20
)

// DefaultSlot is what a person is guaranteed where the site says nothing.
const DefaultSlot = 30 * time.Minute

const (
	// asideFor is how long a person who was asked to wait aside is away, on average;
	// nothing is learned of it yet. It does not depend on how long they were already.
	asideFor = 10 * time.Minute
	// overtime is how long a service still takes that is longer than any known one,
	// on average, and the least that any is expected to.
	overtime = 3 * time.Minute
	// missing is how long a desk calls somebody who does not come.
	missing = session.MaxCalls * session.RecallGap
)

const (
	draws  = 400 // of the whole queue
	points = 256 // of a distribution, equally likely: one byte draws one
)

// table is a distribution as its quantiles in seconds, ascending.
type table [points]int32

func (t *table) mean() float64 {
	sum := 0.0
	for _, q := range t {
		sum += float64(q)
	}
	return sum / points
}

// after draws a duration of which elapsed seconds have passed, at a pace, and
// returns what remains. For one u, the whole never shrinks as time passes.
func (t *table) after(elapsed int32, pace float32, u uint8, over *table) int32 {
	lo := 0
	if elapsed > 0 {
		at := int32(float32(elapsed) / pace)
		lo, _ = slices.BinarySearch(t[:], at+1)
	}
	left := over[u]
	if lo < points {
		i := lo + int(u)*(points-lo)/points
		left = max(left, int32(float32(t[i])*pace)-elapsed)
	}
	return left
}

// exponential is a duration that does not depend on how much of it has passed.
func exponential(mean time.Duration) *table {
	var t table
	for i := range t {
		t[i] = int32(-math.Log(1-(float64(i)+0.5)/points) * mean.Seconds())
	}
	return &t
}

// normal is the quantile of the standard normal distribution.
func normal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

type tableKey struct {
	motif string
	class session.Class
}

// Model is what services will take: learned durations, shrunk to those of all
// motifs, shrunk to the prior. It does not change; a place makes one when a
// permanence begins.
type Model struct {
	tables  map[tableKey]*table
	unknown map[session.Class]*table // motifs that the model was not made for
	over    *table
	aside   *table
	z       [draws]float32 // how each draw's morning differs, in deviations
	missed  uint8          // of 256 whose turn comes, so many are not there
	few     bool           // the durations are mostly the prior
}

// NewModel makes the model of a place from what it learned, the slot that is
// guaranteed to each person (DefaultSlot if it is 0 or less), and its motifs.
func NewModel(l Learned, slot time.Duration, motifs []session.Motif) *Model {
	if slot <= 0 {
		slot = DefaultSlot
	}
	slot = min(slot, longest)
	m := &Model{
		tables: map[tableKey]*table{}, unknown: map[session.Class]*table{},
		over: exponential(overtime), aside: exponential(asideFor),
		missed: uint8(256 * l.missed / (l.served + l.missed + Enough)), // none known of before there are data
		few:    l.All() < Enough,
	}
	for j := range m.z {
		m.z[j] = float32(normal((float64(j) + 0.5) / draws))
	}

	classes := map[string]session.Class{}
	for _, motif := range motifs {
		classes[motif.Key] = motif.Class
	}
	// What all motifs took tells of their classes' mix: a short one of it is shorter.
	var all counts
	mix, n := float64(shrink), float64(shrink)
	for motif, c := range l.motifs {
		for i, k := range c {
			all[i] += k
		}
		mix += float64(c.total()) * stretch(classes[motif])
		n += float64(c.total())
	}
	mix /= n

	for _, class := range []session.Class{session.Normal, session.Short, session.Long} {
		f := stretch(class)
		m.unknown[class] = predict(slot, f, all, f/mix, counts{}, 1)
		for motif, c := range l.motifs {
			m.tables[tableKey{motif, class}] = predict(slot, f, all, f/mix, c, f/stretch(classes[motif]))
		}
	}
	return m
}

func (m *Model) of(motif string, class session.Class) *table {
	if t := m.tables[tableKey{motif, class}]; t != nil {
		return t
	}
	if t := m.unknown[class]; t != nil {
		return t
	}
	return m.unknown[session.Normal]
}

// stretch is how much longer than usual a visit of a class is expected to take.
func stretch(c session.Class) float64 {
	switch c {
	case session.Short:
		return 0.6
	case session.Long:
		return 1.5
	}
	return 1
}

// predict is the duration of the next service: a motif's own counts with as many of
// all motifs as shrink, in which the prior is as many of those.
func predict(slot time.Duration, prior float64, all counts, general float64, own counts, scale float64) *table {
	type atom struct{ at, weight float64 }
	atoms := make([]atom, 0, 2*4*numBins+points/4)

	const spread = 64
	nAll, nOwn := float64(all.total()), float64(own.total())
	priorWeight := shrink / (nAll + shrink)
	if nAll == 0 {
		priorWeight = 1
	}
	sigma := math.Sqrt(math.Log(1 + priorSpread*priorSpread))
	mu := math.Log(slot.Seconds()*prior) - sigma*sigma/2
	for i := range spread {
		z := normal((float64(i) + 0.5) / spread)
		atoms = append(atoms, atom{math.Exp(mu + sigma*z), shrink * priorWeight / spread})
	}
	edges := bins()
	counted := func(c counts, scale, weight float64) {
		for i, k := range c {
			if k == 0 {
				continue
			}
			from, to := edges[i].Seconds(), edges[i].Seconds()
			if i+1 < numBins {
				to = edges[i+1].Seconds()
			}
			for p := range 4 { // spread over the bin
				atoms = append(atoms, atom{(from + (to-from)*(float64(p)+0.5)/4) * scale, weight * float64(k) / 4})
			}
		}
	}
	if nAll > 0 {
		counted(all, general, shrink*(1-priorWeight)/nAll)
	}
	counted(own, scale, 1)

	slices.SortFunc(atoms, func(a, b atom) int { return cmp.Compare(a.at, b.at) })
	total := nOwn + shrink
	var t table
	i, sum := 0, atoms[0].weight
	for q := range t {
		for want := (float64(q) + 0.5) / points * total; sum < want && i+1 < len(atoms); {
			i++
			sum += atoms[i].weight
		}
		t[q] = max(1, int32(atoms[i].at))
	}
	return &t
}
