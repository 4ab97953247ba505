package wait

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"jeudi/firmware/session"
)

// The bounds of what is learned.
const (
	// MaxMotifs is of how many motifs something is learned; a site has a dozen.
	MaxMotifs = 64
	// MaxServices is how many services of a motif are remembered. The one that
	// would be too many halves the counts first, so that a place which changes is
	// not held to what it was years ago.
	MaxServices = 1000
	maxKey      = 64 // bytes of a motif's key
	numBins     = Bins
	version     = 1
)

// Bins is how many durations are told apart: steps of two minutes up to twenty, of five
// up to an hour, of ten up to two hours, and all that is longer.
const Bins = 25

// longest is the longest service that is told apart.
const longest = 2 * time.Hour

// bins are the lower edges of the durations that are told apart: steps of two
// minutes up to twenty, of five up to an hour, of ten up to two hours. The last
// bin is all that is longer: mostly services that nobody ended.
func bins() [numBins]time.Duration {
	var edges [numBins]time.Duration
	at := time.Duration(0)
	for i := range edges {
		edges[i] = at
		switch {
		case at < 20*time.Minute:
			at += 2 * time.Minute
		case at < time.Hour:
			at += 5 * time.Minute
		default:
			at += 10 * time.Minute
		}
	}
	return edges
}

func binOf(d time.Duration) int {
	switch {
	case d < 0:
		return 0
	case d < 20*time.Minute:
		return int(d / (2 * time.Minute))
	case d < time.Hour:
		return 10 + int((d-20*time.Minute)/(5*time.Minute))
	case d < longest:
		return 18 + int((d-time.Hour)/(10*time.Minute))
	}
	return numBins - 1
}

// counts are how many services lasted as long as each of the bins.
type counts [numBins]int

func (c counts) total() int { return sum(c[:]) }

// Learned is what services took at a place: for each motif, a histogram. Motifs
// are those that visitors declared, never those that staff found out: only the
// declared one is known of somebody who waits, and a model that learned from
// another label is worse than none as soon as every second visitor errs.
//
// The zero Learned knows nothing. It holds counts alone, and its JSON too: whatever
// somebody came for, all motifs of the place are in it from its first permanence on,
// most of them with zeros, so that a motif's being there says nothing of anybody.
type Learned struct {
	motifs map[string]counts
	served int // all that were counted, by any motif
	missed int // people whose turn came to nothing: gone, or not there when called
}

// Add counts one service: all the time that a visit with this motif ("" for none)
// kept desks busy, from its calls to its end. A motif beyond MaxMotifs counts as "".
func (l *Learned) Add(motif string, took time.Duration) { l.AddBin(motif, binOf(took)) }

// AddBin is Add with what Took tells; a bin that is none is left out.
func (l *Learned) AddBin(motif string, bin int) {
	if bin < 0 || bin >= Bins {
		return
	}
	if _, known := l.motifs[motif]; !known && (len(l.motifs) >= MaxMotifs-1 || len(motif) > maxKey) {
		motif = "" // MaxMotifs counts ""
	}
	var c counts
	c[bin] = 1
	l.add(motif, c)
	l.served++
	l.bound()
}

// Miss counts somebody whose turn came to nothing.
func (l *Learned) Miss() {
	l.missed++
	l.bound()
}

// know makes room for a motif, of which nothing may have been learned.
func (l *Learned) know(motif string) {
	if _, known := l.motifs[motif]; known || motif != "" && len(l.motifs) >= MaxMotifs-1 || len(motif) > maxKey {
		return
	}
	l.add(motif, counts{})
}

func (l *Learned) add(motif string, c counts) {
	all := l.motifs[motif]
	for i, k := range c {
		all[i] += k
	}
	for all.total() > MaxServices {
		for i := range all {
			all[i] /= 2
		}
	}
	if l.motifs == nil {
		l.motifs = map[string]counts{}
	}
	l.motifs[motif] = all
}

// bound keeps the share of those who miss their turn one of recent times.
func (l *Learned) bound() {
	for l.served > MaxServices || l.missed > MaxServices {
		l.served, l.missed = l.served/2, l.missed/2
	}
}

// Took is the bin of how long a visit kept desks busy, where that teaches something:
// it was received, and no power was cut meanwhile.
func Took(v *session.Visit, ended session.Moment) (bin int, ok bool) {
	took, exact := atDesks(v, ended)
	return binOf(took), v.Outcome == session.Served && exact && took > 0
}

// Learn counts of a permanence that is over those whose turn came to nothing. All
// motifs of its plan are known from then on. What its services took is learned by
// Took and AddBin, by batches: the motif and the duration of a morning's one visitor
// would else be what two copies of the ledger differ by. Nothing is learned of a
// rehearsal.
func (l *Learned) Learn(s session.State) {
	if s.Test {
		return
	}
	l.know("")
	for _, m := range s.Plan.Motifs {
		l.know(m.Key)
	}
	for v := range s.Visits() {
		switch v.Outcome {
		case session.NoShow, session.Left:
			if len(v.Intervals) > 0 && !received(v) {
				l.Miss()
			}
		}
	}
}

// Merge adds what another box, or another permanence, has learned.
func (l *Learned) Merge(o Learned) {
	for _, motif := range slices.Sorted(maps.Keys(o.motifs)) {
		c := o.motifs[motif]
		if _, known := l.motifs[motif]; !known && motif != "" && len(l.motifs) >= MaxMotifs-1 {
			motif = ""
		}
		l.add(motif, c)
	}
	l.served += o.served
	l.missed += o.missed
	l.bound()
}

// Services is how many services a motif was learned from.
func (l Learned) Services(motif string) int { return l.motifs[motif].total() }

// All is how many services were learned from, of any motif.
func (l Learned) All() int {
	n := 0
	for _, c := range l.motifs {
		n += c.total()
	}
	return n
}

// Clone is a copy that shares nothing.
func (l Learned) Clone() Learned {
	l.motifs = maps.Clone(l.motifs)
	return l
}

type learnedFile struct {
	Version int              `json:"v"`
	Motifs  map[string][]int `json:"motifs"`
	Served  int              `json:"served"`
	Missed  int              `json:"missed"`
}

// MarshalJSON writes the counts.
func (l Learned) MarshalJSON() ([]byte, error) {
	f := learnedFile{Version: version, Motifs: make(map[string][]int, len(l.motifs)), Served: l.served, Missed: l.missed}
	for motif, c := range l.motifs {
		f.Motifs[motif] = c[:]
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads what MarshalJSON writes, and nothing that could not have
// been counted: a card may be damaged. An error leaves l as it was.
func (l *Learned) UnmarshalJSON(data []byte) error {
	var f learnedFile
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("wait: reading durations: %w", err)
	}
	if f.Version != version {
		return fmt.Errorf("wait: reading durations: version %d is not %d: written by a newer box?", f.Version, version)
	}
	if len(f.Motifs) > MaxMotifs {
		return fmt.Errorf("wait: reading durations: %d motifs; at most %d", len(f.Motifs), MaxMotifs)
	}
	if f.Served < 0 || f.Missed < 0 || f.Served > MaxServices || f.Missed > MaxServices {
		return fmt.Errorf("wait: reading durations: %d served and %d missed cannot be", f.Served, f.Missed)
	}
	var read Learned
	for motif, list := range f.Motifs {
		if len(motif) > maxKey || len(list) != numBins {
			return fmt.Errorf("wait: reading durations: a motif of %d bytes with %d counts", len(motif), len(list))
		}
		var c counts
		for i, k := range list {
			if k < 0 || k > MaxServices {
				return fmt.Errorf("wait: reading durations: a count of %d", k)
			}
			c[i] = k
		}
		if n := c.total(); n > MaxServices {
			return fmt.Errorf("wait: reading durations: a motif with %d services", n)
		}
		read.add(motif, c)
	}
	read.served, read.missed = f.Served, f.Missed
	*l = read
	return nil
}

// Waited is how long somebody waited for their first call, without the time spent
// outside. It is not known of somebody who was never called, nor where the power
// was cut in between.
func Waited(v *session.Visit) (wait time.Duration, ok bool) {
	for _, i := range v.Intervals {
		switch {
		case i.State == session.Called, i.State == session.Serving:
			return wait, true
		case i.To == (session.Moment{}):
			return 0, false
		case i.State != session.Waiting:
			continue
		}
		d, exact := i.To.Sub(i.From)
		if !exact || i.Inaccurate {
			return 0, false
		}
		wait += d
	}
	return 0, false
}

// atDesks is how long a visit has kept desks busy until at: from each call, for the
// one who calls receives nobody else. A service whose beginning nobody said began
// with its call, so it is as exact as any.
func atDesks(v *session.Visit, at session.Moment) (total time.Duration, exact bool) {
	exact = true
	for _, i := range v.Intervals {
		if i.State != session.Called && i.State != session.Serving {
			continue
		}
		to := i.To
		if to == (session.Moment{}) {
			to = at
		}
		d, sure := to.Sub(i.From)
		total += d
		exact = exact && sure && !i.Inaccurate
	}
	return total, exact
}

// received reports whether somebody was at a desk, were it to be sent on.
func received(v *session.Visit) bool {
	return slices.ContainsFunc(v.Intervals, func(i session.Interval) bool { return i.State == session.Serving })
}
